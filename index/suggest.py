"""What a person may be about to type: names and こんなときに phrases, by kanji, kana or romaji, from the start or the middle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import jaconv

from corpus.passage import Passage
from index.japanese import Tokenizer, clean, kana_key

FIELDS = ("title", "alias", "phrase")
LEAST_READING = 2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that can be asked, and the passage that it belongs to."""

    text: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class Entry:
    rank: int
    text: str
    plain: str
    reading: str
    passage: Passage


class Suggester:
    """Every name and phrase with its reading, in the order of fields: names before phrases."""

    def __init__(self, passages: Sequence[Passage], tokenizer: Tokenizer) -> None:
        seen: set[str] = set()
        self.entries: list[Entry] = []
        for rank, name in enumerate(FIELDS):
            for passage in passages:
                for part in passage.parts:
                    if part.name == name and part.text not in seen and passage.kind in ("project", "program"):
                        seen.add(part.text)
                        reading = kana_key("".join(sound for _, sound in tokenizer.readings(part.text)))
                        self.entries.append(Entry(rank, part.text, clean(part.text).lower().lstrip("「(・"), reading, passage))

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Up to `limit` suggestions: those that begin with the text, then those that hold it; short before long."""
        asked = clean(text).lower()
        if not asked:
            return []
        kana = {kana_key(asked), *self._romaji(asked)}
        kana = {key for key in kana if len(key) >= LEAST_READING}
        found = [(grade, entry) for entry in self.entries if (grade := self._grade(entry, asked, kana)) is not None]
        found.sort(key=lambda pair: (pair[0], pair[1].rank, len(pair[1].text), pair[1].text))
        return [Suggestion(entry.text, entry.passage) for _, entry in found[:limit]]

    def _romaji(self, asked: str) -> Iterable[str]:
        if asked.isascii() and asked.isalpha():
            yield kana_key(jaconv.alphabet2kana(asked).rstrip("bcdfghjkmnpqrstvwxyz"))

    def _grade(self, entry: Entry, asked: str, kana: set[str]) -> int | None:
        if entry.plain.startswith(asked):
            return 0
        if any(entry.reading.startswith(key) for key in kana):
            return 1
        if asked in entry.plain:
            return 2
        if any(len(key) >= 3 and key in entry.reading for key in kana):
            return 3
        return None
