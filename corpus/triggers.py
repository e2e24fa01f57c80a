"""Whether the words of a subject stand in a text: how officials say what a message is about, without patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable

from corpus.model import Subject, Trigger


def fires(subject: Trigger, text: str, industry: Iterable[str] = ()) -> bool:
    """Whether a subject's words, which are kept in small letters, stand in a text (in one spelling), in capitals or not.

    Words of `industry` beside them say that the message is about a shop, a company or work after all (床屋の組合),
    unless the subject is none of the plan's even so (許可, ほかの自治体).
    """
    text = text.lower()
    said = any(stands(word, text) for word in subject.words) or any(all(stands(word, text) for word in words) for words in subject.together)
    return said and not any(stands(word, text) for word in (*subject.unless, *(() if isinstance(subject, Subject) and subject.always else industry)))


def stands(word: str, text: str) -> bool:
    """Whether a word stands in a text, both in small letters; one in Latin letters must begin there: DV is not in advice."""
    if word not in text:
        return False
    return not word.isascii() or re.search(rf"(?<![a-z0-9]){re.escape(word)}", text) is not None
