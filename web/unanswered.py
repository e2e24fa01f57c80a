"""The list of questions that staff noted as unanswered: one line each, a day and a text with personal data masked."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

FILE = "unanswered.tsv"
#: The list stops growing here.
MOST_BYTES = 1_000_000
#: What some reader takes for the end of a line or of a cell.
BREAKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
#: What a spreadsheet takes for the beginning of a formula, behind quotes too.
FORMULA = re.compile(r"^[\s\"']*[=+\-@]")
TOKYO = ZoneInfo("Asia/Tokyo")


def cell(text: str) -> str:
    """A text as one cell that forges no line and starts no formula."""
    text = BREAKS.sub(" ", text)
    return f"'{text}" if FORMULA.match(text) else text


def keep(folder: Path, text: str) -> bool:
    """Whether a text could be noted, whole: not where the list is full, the disk is, or the file is a link to elsewhere."""
    line = f"{datetime.now(TOKYO).date().isoformat()}\t{cell(text)}\n".encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return False
    with os.fdopen(handle, "wb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        if size + len(line) > MOST_BYTES:
            return False
        try:
            if file.write(line) == len(line):
                return True
        except OSError:
            pass
        # A torn line would be taken for a whole one.
        os.truncate(file.fileno(), size)
        return False
