"""How long a pattern takes on hostile texts: an editor's regular expression must not stop the service."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

#: Milliseconds that a pattern may take on LONGEST characters, the longest message.
LIMIT, LONGEST = 20.0, 300
#: Small steps: a pattern that doubles its time with each character passes LIMIT before it would never end.
LENGTHS = (12, 16, 20, 24, 28, 32, 36, 48, 72, 120, LONGEST)
#: What texts are made of beside a pattern's own characters.
COMMON = " 1あ一a"
META = set("\\^$.|?*+()[]{}<>=!:,")


def too_slow(pattern: re.Pattern[str]) -> bool:
    """Whether a pattern takes over LIMIT on one of its hostile texts."""
    return any(milliseconds(pattern, unit) > LIMIT for unit in units(pattern.pattern))


def units(source: str) -> Iterator[str]:
    """What is repeated to make texts: single characters, pairs of them, and one before two blanks."""
    own = [char for char in dict.fromkeys(source) if char not in META]
    singles = list(dict.fromkeys([*COMMON, *own[:6]]))
    yield from singles
    yield from (f"{one}{two}" for one in ("1", *own[:3]) for two in (" ", "1", *own[:3]) if one != two)
    yield from (f"{one}  " for one in ("1", *own[:2]))


def milliseconds(pattern: re.Pattern[str], unit: str) -> float:
    """What the dearest of ever longer texts takes, until one is too dear; each ends in what no pattern finds."""
    dearest = 0.0
    for length in LENGTHS:
        text = (unit * length)[: length - 1] + "\ue000"
        took = timed(pattern, text)
        # Once more: a pause of the machine is no fault of the pattern.
        dearest = max(dearest, min(took, timed(pattern, text)) if took > LIMIT else took)
        if dearest > LIMIT:
            break
    return dearest


def timed(pattern: re.Pattern[str], text: str) -> float:
    began = time.thread_time()
    pattern.search(text)
    return (time.thread_time() - began) * 1_000
