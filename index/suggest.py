"""What a person may be about to type: names and こんなときに phrases, by kanji, kana or romaji, from the start or the middle."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import jaconv

from corpus.passage import Part, Passage
from index.japanese import clean, kana_key

FIELDS = ("title", "alias", "phrase")
LEAST_READING = 2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that can be asked, and the passage that it belongs to."""

    text: str
    passage: Passage


class Suggester:
    """Every name and phrase with its spelling and its reading, one a line in the order to show them: names first, short before long.

    Looking through two long texts costs less than looking at each of 4,300 entries (0.1 ms against 3.9). `sounds` tells
    how each text that is `suggested` sounds: to ask for it anew would take 0.15 s.
    """

    def __init__(self, passages: Sequence[Passage], sounds: Mapping[str, str]) -> None:
        found: dict[str, tuple[int, Passage]] = {}
        for rank, name in enumerate(FIELDS):
            for passage in passages:
                for part in passage.parts:
                    if part.name == name and suggested(passage, part):
                        found.setdefault(part.text, (rank, passage))
        ordered = sorted(found.items(), key=lambda row: (row[1][0], len(row[0]), row[0]))
        self.entries = [Suggestion(text, passage) for text, (_, passage) in ordered]
        self.spelled = Lines(clean(text).lower().lstrip("「(・") for text, _ in ordered)
        self.sounded = Lines(sounds[text] for text, _ in ordered)

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Up to `limit` suggestions: those that begin with the text, as spelled or as it sounds, then those that hold it."""
        asked = clean(text).lower()
        if not asked:
            return []
        kana = [key for key in dict.fromkeys((kana_key(asked), *self._romaji(asked))) if len(key) >= LEAST_READING]
        found: dict[int, None] = {}
        for numbers in (
            self.spelled.beginning(asked),
            *(self.sounded.beginning(key) for key in kana),
            self.spelled.holding(asked),
            *(self.sounded.holding(key) for key in kana if len(key) >= 3),
        ):
            for number in numbers:
                found[number] = None
                if len(found) == limit:
                    return [self.entries[number] for number in found]
        return [self.entries[number] for number in found]

    def _romaji(self, asked: str) -> Iterable[str]:
        if asked.isascii() and asked.isalpha():
            yield kana_key(jaconv.alphabet2kana(asked).rstrip("bcdfghjkmnpqrstvwxyz"))


def suggested(passage: Passage, part: Part) -> bool:
    """Whether a part is offered while typing."""
    return passage.kind in ("project", "program") and part.name in FIELDS


class Lines:
    """Many short texts as one long one, to be searched as a whole; texts are named by their number."""

    def __init__(self, texts: Iterable[str]) -> None:
        kept = list(texts)
        self.whole = "\n" + "\n".join(kept) + "\n"
        self.starts = array("I", accumulate((len(text) + 1 for text in kept), initial=1))

    def beginning(self, key: str) -> Iterator[int]:
        """Texts that begin with the key, in their order."""
        return self._places("\n" + key, 1)

    def holding(self, key: str) -> Iterator[int]:
        """Texts that hold the key anywhere, in their order."""
        return self._places(key, 0)

    def _places(self, key: str, offset: int) -> Iterator[int]:
        at = self.whole.find(key)
        while at >= 0:
            yield bisect_right(self.starts, at + offset) - 1
            at = self.whole.find(key, at + 1)
