"""What was meant by kana without kanji, by romaji, and by a wrong character or conversion."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import jaconv
from rapidfuzz.distance import DamerauLevenshtein

from index.japanese import Token, kana_key
from index.vocabulary import Terms, Vocabulary

#: Characters of the longest stretch that is taken for one misspelt word.
LONGEST = 9
KANA_ONLY = re.compile(r"[ぁ-ゖァ-ヺー]{2,}")
KANJI_ONLY = re.compile(r"[一-鿿々]{2,}")
#: What may stand between words of a kana sentence without being one.
PARTICLES = frozenset(
    "を は が に の で と も や へ か から まで より など ね よ な だ です ます たい ない て た し して した する できる ある いる ください ほしい ん けど ので どこ なに".split()
)


@dataclass(frozen=True, slots=True)
class Guess:
    """`said` was read as one of `terms`; `meant` is how the corpus writes it."""

    said: str
    meant: tuple[str, ...]
    terms: tuple[Terms, ...]
    start: int
    end: int


class Speller:
    """Reads kana, romaji and misspellings against the vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    @cached_property
    def sounds(self) -> dict[str, tuple[str, ...]]:
        """Readings of two kana or more, with the terms that sound so, the more frequent first."""
        frequency = self.vocabulary.frequency
        return {
            reading: tuple(sorted(terms, key=lambda t: (-frequency[t], t)))
            for reading, terms in self.vocabulary.readings.items()
            if len(reading) >= 2 and KANA_ONLY.fullmatch(reading) and reading not in PARTICLES
        }

    @cached_property
    def longest(self) -> int:
        return max(map(len, self.sounds), default=2)

    def kana(self, text: str, offset: int = 0) -> list[Guess]:
        """The words in a run of kana: the division that leaves least of it unread, then has fewest words.

        はたけかりたい -> 畑 借りる        あきてんぽしえん -> 空き店舗 支援
        """
        key = kana_key(text)
        if len(key) != len(text):
            text = key
        best: list[tuple[float, list[tuple[int, int]]]] = [(0.0, [])]
        for end in range(1, len(key) + 1):
            options = [(best[end - 1][0] + 1.0, best[end - 1][1])]
            for start in range(max(0, end - self.longest), end):
                piece = key[start:end]
                if piece in self.sounds:
                    cost = 0.55 if len(piece) == 2 else 0.3 if len(piece) == 3 else 0.2
                    options.append((best[start][0] + cost, [*best[start][1], (start, end)]))
                elif piece in PARTICLES:
                    options.append((best[start][0] + 0.35, best[start][1]))
            best.append(min(options, key=lambda option: (option[0], len(option[1]))))
        return [
            Guess(text[a:b], self.sounds[key[a:b]][:4], tuple((term,) for term in self.sounds[key[a:b]][:4]), offset + a, offset + b)
            for a, b in best[-1][1]
        ]

    def romaji(self, word: str, offset: int = 0) -> list[Guess]:
        """`sougyou` as そうぎょう, when every letter can be read and the corpus knows the sound."""
        kana = jaconv.alphabet2kana(word.lower())
        if not KANA_ONLY.fullmatch(kana):
            return []
        guesses = self.kana(kana)
        covered = sum(guess.end - guess.start for guess in guesses)
        return [Guess(word, g.meant, g.terms, offset, offset + len(word)) for g in guesses] if covered * 4 >= len(kana) * 3 else []

    def verbal(self, token: Token) -> Guess | None:
        """The homophone that takes する, of a noun that does not: 企業したい is 起業したい."""
        if token.verbal or not KANJI_ONLY.fullmatch(token.surface):
            return None
        same = tuple(t for t in self.sounds.get(token.reading, ()) if t != token.term and t in self.vocabulary.verbal)[:2]
        return Guess(token.surface, same, tuple((t,) for t in same), token.start, token.end) if same else None

    def correct(self, text: str, tokens: list[Token], at: int) -> Guess | None:
        """What a token that the corpus lacks was meant to be: a homophone, or a word one character away.

        感光 -> 観光        創 行 セミナー -> 創業        商店 階 -> 商店街
        """
        token = tokens[at]
        for first in range(max(0, at - 2), at + 1):
            for last in range(min(len(tokens) - 1, at + 2), at - 1, -1):
                window = text[tokens[first].start : tokens[last].end]
                if not 2 <= len(window) <= LONGEST or " " in window:
                    continue
                reading = "".join(t.reading for t in tokens[first : last + 1])
                if first != last and (heard := self.sounds.get(reading)):
                    return Guess(window, heard[:2], tuple((t,) for t in heard[:2]), tokens[first].start, tokens[last].end)
                if len(window) >= 3 and (found := self.near(window)):
                    return Guess(window, (found,), (self.vocabulary.surfaces[found],), tokens[first].start, tokens[last].end)
        if len(token.surface) >= 2 and (same := [t for t in self.sounds.get(token.reading, ()) if t != token.term]):
            return Guess(token.surface, tuple(same[:2]), tuple((t,) for t in same[:2]), token.start, token.end)
        return None

    @cached_property
    def _nearby(self) -> dict[str, list[str]]:
        """The corpus's spellings of three characters or more, each under itself and under itself less any one character.

        Two words one edit apart share such a key, so only these need to be compared (as SymSpell does).
        """
        found: dict[str, list[str]] = {}
        for surface in self.vocabulary.surfaces:
            if 3 <= len(surface) <= LONGEST + 1:
                for key in keys(surface):
                    found.setdefault(key, []).append(surface)
        return found

    def near(self, word: str) -> str | None:
        """The most frequent word of the corpus one edit away; the first character weighs, so ties go to an equal one."""
        choices = {surface for key in keys(word) for surface in self._nearby.get(key, ())}
        frequency, surfaces = self.vocabulary.frequency, self.vocabulary.surfaces
        matches = [(choice, distance) for choice in choices if (distance := DamerauLevenshtein.distance(word, choice)) <= 1]
        ranked = sorted(matches, key=lambda m: (m[0][0] != word[0], -min(frequency[t] for t in surfaces[m[0]]), m[0]))
        return ranked[0][0] if ranked and ranked[0][1] else None


def keys(word: str) -> set[str]:
    """A word, and it less any one character."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
