"""How two texts of the plan are compared."""

from __future__ import annotations

import re

#: Markup that the PDF left in plan.txt.
MARKUP = re.compile(r"</?(?:p|ul)\b[^>]*>")


def bare(text: str) -> str:
    """Text without white space and markup."""
    return re.sub(r"\s+", "", MARKUP.sub("", text))
