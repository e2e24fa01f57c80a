"""What was meant by kana without kanji, by romaji, and by a wrong character or conversion."""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import jaconv
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import DamerauLevenshtein

from index.japanese import Token, kana_key
from index.vocabulary import SPELT, Terms, Vocabulary

#: Characters of the longest stretch that is taken for one misspelt word.
LONGEST = SPELT[-1] - 1
#: Words of a text that is taken to be written with care: in it, no known word is put right.
FLUENT = 8
KANA_ONLY = re.compile(r"[ぁ-ゖァ-ヺー]{2,}")
#: Kana of two words in a row that are taken for one sound.
PAIR = 5
#: What it costs a sound that a word of Sudachi's begins: かりて is 借りて, not 借り手.
SWALLOWED = 0.3
ONE_SCRIPT = re.compile(r"[ぁ-ゖー]+|[ァ-ヺー]+")
FIGURES = re.compile(r"\d+|[一二三四五六七八九十百]+(?=[歳才代年人名円月日])")
KANJI_ONLY = re.compile(r"[一-鿿々]{2,}")
#: What may stand between words of a kana sentence without being one.
PARTICLES = frozenset(
    "を は が に の で と も や へ か から まで より など ね よ な だ です ます たい ない て た し して した する できる ある いる ください ほしい ん けど ので どこ なに".split()
)


class Guess(NamedTuple):
    """`said` was read as one of `terms`; `meant` is how the corpus writes it."""

    said: str
    meant: tuple[str, ...]
    terms: tuple[Terms, ...]
    start: int
    end: int


class Cut(NamedTuple):
    """A word that Sudachi found in a run of kana, by its place in the run; `term` is empty for a particle."""

    start: int
    end: int
    term: str = ""
    known: bool = True


#: A word in a run of kana: where it starts and ends, and the terms that sound so.
Heard = tuple[int, int, tuple[Terms, ...]]
#: A stretch of one that can be read: where it starts, what it costs, and its words.
Stretch = tuple[int, float, tuple[Heard, ...]]


class Speller:
    """Reads kana, romaji and misspellings against the vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        frequency = vocabulary.frequency
        #: Readings of two kana or more, with the terms that sound so, the more frequent first.
        self.sounds = {
            reading: tuple(sorted(terms, key=lambda t: (-frequency[t], t)))
            for reading, terms in vocabulary.readings.items()
            if len(reading) >= 2 and KANA_ONLY.fullmatch(reading) and not reading.endswith("っ") and reading not in PARTICLES
        }
        vocabulary.forget()

    @cached_property
    def _reach(self) -> dict[str, int]:
        """Of the first three kana of what may be read, how many the longest has that begins so."""
        longest = max(map(len, self.sounds), default=2)
        reach: dict[str, int] = {}
        for sound in (*self.sounds, *PARTICLES, *(pair for pair in self.vocabulary.pairs if len(pair) >= PAIR)):
            reach[sound[:3]] = max(reach.get(sound[:3], 2), min(longest, len(sound)))
        return reach

    def kana(self, text: str, cuts: tuple[Cut, ...] = ()) -> list[Guess]:
        """The words in a run of kana: the division that leaves least of it unread, then has fewest words.

        A word is one that the corpus holds, as it sounds, or one of `cuts`, which Sudachi found in the run.

        はたけかりたい -> 畑 借りる        あきてんぽしえん -> 空き店舗 支援        カンコウガイド -> 観光 ガイド
        """
        places = [at for at, character in enumerate(text) if character != "ー"]
        key = kana_key(text)
        if len(key) != len(places):
            key, places = text, list(range(len(text)))
        places.append(len(text))
        known: list[tuple[int, Stretch]] = []
        word_end: dict[int, int] = {}
        for cut in cuts:
            start, end = bisect_left(places, cut.start), bisect_left(places, cut.end)
            if start < end and cut.known and ONE_SCRIPT.fullmatch(text, cut.start, cut.end):
                known.append((end, (start, self._cost(cut), ((start, end, ((cut.term,),)),) if cut.term else ())))
                if end - start >= 2 and not key[:end].endswith("っ") and (not cut.term or cut.term in self.vocabulary):
                    word_end.setdefault(start, end)
        #: What can be read, by its end.
        read: list[list[Stretch]] = [[] for _ in places]
        for start, bound in enumerate(self._bounds(text, places)):
            for end in range(start + 1, min(bound, start + self._reach.get(key[start : start + 3], 2)) + 1):
                piece = key[start:end]
                if same := self.sounds.get(piece):
                    cost = 0.55 if end - start == 2 else 0.3 if end - start == 3 else 0.2
                    if end - start < 5 and word_end.get(start, end) < end:
                        cost += SWALLOWED
                    read[end].append((start, cost, ((start, end, tuple([(term,) for term in same[:4]])),)))
                elif pair := self.vocabulary.pairs.get(piece) if end - start >= PAIR else None:
                    middle, first, second = start + pair[0], ((pair[1],),), ((pair[2],),)
                    read[end].append((start, 0.3, ((start, middle, first), (middle, end, second))))
                elif piece in PARTICLES:
                    read[end].append((start, 0.35, ()))
        for end, stretch in known:
            read[end].append(stretch)
        return [Guess(text[places[a] : places[b]], tuple([t for (t,) in terms]), terms, places[a], places[b]) for a, b, terms in _divided(read)]

    def _bounds(self, text: str, places: Sequence[int]) -> list[int]:
        """For each kana of a run, how far a word may go: none goes from hiragana into katakana, マッ of きマッ is not 決まる."""
        size = len(places) - 1
        if ONE_SCRIPT.fullmatch(text):
            return [size] * size
        bounds = [size] * size
        for at in range(size - 2, -1, -1):
            same = unicodedata.name(text[places[at]])[0] == unicodedata.name(text[places[at + 1]])[0]
            bounds[at] = bounds[at + 1] if same else at + 1
        return bounds

    def mend(self, text: str, guesses: Sequence[Guess], cuts: Sequence[Cut]) -> list[Guess]:
        """The words one character away from what nobody could read in a run of kana: マッブ -> マップ."""
        left = list(text)
        for start, end in [(cut.start, cut.end) for cut in cuts if cut.known] + [(guess.start, guess.end) for guess in guesses]:
            left[start:end] = "\n" * (end - start)
        found = [(m.start(), m[0], near) for m in re.finditer(r".{3,}", "".join(left)) if (near := self.near(m[0]))]
        return [Guess(said, (near,), (self.vocabulary.surfaces[near],), at, at + len(said)) for at, said, near in found]

    def _cost(self, cut: Cut) -> float:
        """What a word of Sudachi's costs in a run of kana: a particle, a lone kana taken for a word, a word of the corpus, any other."""
        length = cut.end - cut.start
        if not cut.term:
            return 0.1 if length >= 2 else 0.25
        if length == 1:
            return 0.9
        return 0.3 if cut.term in self.vocabulary else 0.5

    def romaji(self, word: str, offset: int = 0) -> list[Guess]:
        """`sougyou` as そうぎょう, when every letter can be read and the corpus knows the sound."""
        kana = jaconv.alphabet2kana(word.lower())
        if not KANA_ONLY.fullmatch(kana):
            return []
        guesses = self.kana(kana)
        covered = sum(guess.end - guess.start for guess in guesses)
        return [Guess(word, g.meant, g.terms, offset, offset + len(word)) for g in guesses] if covered * 4 >= len(kana) * 3 else []

    def finish(self, begun: str, letters: str) -> tuple[str, str]:
        """The word of the corpus that kana and the letters left after it begin, and what stands for the letters; both empty when none does."""
        ends = [kana for vowel in "aiueo" if re.fullmatch("[ぁ-ゖ]+", kana := jaconv.alphabet2kana(letters + vowel))]
        for start in range(len(begun)):
            known = [(begun[start:] + end, end) for end in ends if kana_key(begun[start:] + end) in self.sounds]
            if known:
                return max(known, key=lambda pair: max(self.vocabulary.frequency[term] for term in self.sounds[kana_key(pair[0])]))
        return "", ""

    def alike(self, term: str, reading: str) -> tuple[str, ...]:
        """Other words of the corpus that sound as a word in kana does (じしん is 地震 too), rare ones aside (かり is 借りる, not 狩り)."""
        frequency = self.vocabulary.frequency
        least = frequency.get(term, 0) / 3
        return tuple(other for other in self.sounds.get(reading, ()) if other != term and frequency[other] >= least)[:3]

    def verbal(self, token: Token) -> Guess | None:
        """The homophone that takes する, of a noun that does not: 企業したい is 起業したい."""
        if token.verbal or not noun(token.surface):
            return None
        same = tuple(t for t in self.sounds.get(token.reading, ()) if t != token.term and t in self.vocabulary.verbal)[:2]
        return Guess(token.surface, same, tuple((t,) for t in same), token.start, token.end) if same else None

    def correct(self, text: str, tokens: list[Token], at: int) -> Guess | None:
        """What a token that the corpus lacks was meant to be: a homophone, or a word one character away.

        感光 -> 観光        創 行 セミナー -> 創業        商店 階 -> 商店街
        """
        token = tokens[at]
        # In a fluent text 退院 is no misspelt 退職, nor やっと a もっと.
        if token.known and len(token.surface) >= 2 and len(tokens) >= FLUENT:
            return None
        for first in range(max(0, at - 2), at + 1):
            for last in range(min(len(tokens) - 1, at + 2), at - 1, -1):
                window = text[tokens[first].start : tokens[last].end]
                if not 2 <= len(window) <= LONGEST or len(window) != sum(len(t.surface) for t in tokens[first : last + 1]):
                    continue
                reading = "".join(t.reading for t in tokens[first : last + 1])
                if first != last and (heard := self.sounds.get(reading)):
                    return Guess(window, heard[:2], tuple((t,) for t in heard[:2]), tokens[first].start, tokens[last].end)
                # でっかい and 働きかけ are words: a slip of one character seldom makes one.
                whole = first == last and token.known
                if len(window) >= 3 and not whole and (found := self.near(window)):
                    return Guess(window, (found,), (self.vocabulary.surfaces[found],), tokens[first].start, tokens[last].end)
        if len(token.surface) >= 2 and (
            same := [t for t in self.sounds.get(token.reading, ()) if t != token.term and (noun(t) or not noun(token.surface))]
        ):
            return Guess(token.surface, tuple(same[:2]), tuple((t,) for t in same[:2]), token.start, token.end)
        return None

    @cached_property
    def _nearby(self) -> tuple[list[str], NDArray[np.int64], NDArray[np.intp]]:
        """The corpus's spellings, the sorted hashes of their keys, and whose key each is.

        Two words one edit apart share a key, so only these need to be compared (as SymSpell does). As a dictionary of
        texts the 36,000 keys would take 7 MB, so 0.6; those that share a hash by chance fail the comparison.
        """
        surfaces = list(self.vocabulary.surfaces)
        found, counts = array("q"), array("q")
        for surface in surfaces:
            found.extend(map(hash, own := keys(surface)))
            counts.append(len(own))
        hashes = np.array(found, dtype=np.int64)
        order = np.argsort(hashes)
        return surfaces, hashes[order], np.repeat(np.arange(len(surfaces)), counts)[order]

    def near(self, word: str) -> str | None:
        """The most frequent word of the corpus one edit away; the first character weighs, so ties go to an equal one.

        63歳 is no misspelt 65歳, nor 86歳 a 86万: a figure is what it says.
        """
        if FIGURES.search(word):
            return None
        spellings, hashes, owners = self._nearby
        sought = np.array([hash(key) for key in keys(word)], dtype=np.int64)
        bounds = zip(np.searchsorted(hashes, sought).tolist(), np.searchsorted(hashes, sought, "right").tolist(), strict=True)
        choices = {spellings[owner] for start, end in bounds for owner in owners[start:end].tolist()}
        frequency, surfaces = self.vocabulary.frequency, self.vocabulary.surfaces
        if len(word) == 3 and KANA_ONLY.fullmatch(word):
            # さっき is no めっき: three kana with another beginning are another word.
            choices = {choice for choice in choices if choice[0] == word[0]}
        matches = [(choice, distance) for choice in choices if (distance := DamerauLevenshtein.distance(word, choice)) <= 1]
        ranked = sorted(matches, key=lambda m: (m[0][0] != word[0], -min(frequency[t] for t in surfaces[m[0]]), m[0]))
        return ranked[0][0] if ranked and ranked[0][1] else None


def _divided(read: Sequence[Sequence[Stretch]]) -> list[Heard]:
    """The words of the cheapest division of a run, of equal ones that with the fewest; `read` holds what can be read, by its end."""
    costs, sizes = [0.0], [0]
    last: list[Stretch] = [(0, 0.0, ())]
    for end in range(1, len(read)):
        least, fewest = costs[end - 1] + 1.0, sizes[end - 1]
        best: Stretch = (end - 1, 1.0, ())
        for stretch in read[end]:
            cost, size = costs[stretch[0]] + stretch[1], sizes[stretch[0]] + len(stretch[2])
            if cost < least or (cost == least and size < fewest):
                least, fewest, best = cost, size, stretch
        costs.append(least)
        sizes.append(fewest)
        last.append(best)
    found: list[Heard] = []
    end = len(read) - 1
    while end:
        end, _, words = last[end]
        found[:0] = words
    return found


def noun(word: str) -> bool:
    """Whether a word is written as a noun: 大使, not 対する."""
    return bool(KANJI_ONLY.fullmatch(word))


def keys(word: str) -> set[str]:
    """A word, and it less any one character."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
