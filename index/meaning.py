"""What words may mean: the terms that would answer them, each with how much it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from index.japanese import group_term
from index.spelling import KANA_ONLY, Guess, Speller
from index.vocabulary import Terms, Vocabulary


class Option(NamedTuple):
    """A term that answers a concept. `how` is same, widen, sound, spelling or english; `word` the corpus's spelling."""

    term: str
    weight: float
    how: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What was done to a word that a reader should know: `how` it was read as `words`; `later` is a year that no plan covers."""

    how: str
    said: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Weights:
    """How much an option counts beside the word itself (1.0). Chosen by cross-validation: see DECISIONS.md."""

    same: float = 0.7
    widen: float = 0.46
    sudachi: float = 0.38
    sound: float = 1.0
    spelling: float = 0.72
    english: float = 0.75
    part: float = 0.92
    homophone: float = 1.04
    aside: float = 0.72


WEIGHTS = Weights()


class Meanings:
    """What words mean against one vocabulary. `options` are a word's own terms, then what words.yml joins to them; `word` is all of it."""

    def __init__(self, vocabulary: Vocabulary, speller: Speller, weights: Weights = WEIGHTS) -> None:
        self.vocabulary, self.speller, self.weights = vocabulary, speller, weights
        #: Words recur from one query to the next.
        self.options = lru_cache(maxsize=4096)(self._options)
        self.word = lru_cache(maxsize=2048)(self._word)

    def _word(
        self, said: str, terms: Terms, parts: tuple[tuple[str, str], ...], groups: tuple[int, ...], sound: str
    ) -> tuple[tuple[Option, ...], tuple[Note, ...], bool]:
        """What words may mean, with what a reader should know, and whether the corpus holds any of it.

        `parts` are the terms and spellings inside a compound, `groups` Sudachi's synonyms, `sound` the reading of a word in kana.
        """
        expanded, notes = self.options(terms, said)
        options = list(expanded)
        options += self._inside(parts)
        options += [Option(group_term(group), self.weights.sudachi) for group in groups]
        if sound:
            # はたけ that Sudachi leaves in kana says no more than its sound.
            weight = self.weights.sound if KANA_ONLY.fullmatch(terms[0]) else self.weights.homophone
            for term in self.speller.alike(terms[0], sound):
                options += [Option(o.term, o.weight * weight, "sound", term) for o in self.options((term,), term)[0]]
        return tuple(dict.fromkeys(options)), notes, any(option.term in self.vocabulary for option in options)

    def _inside(self, parts: Iterable[tuple[str, str]]) -> list[Option]:
        """What the parts of a compound may mean, by term and spelling."""
        return [o._replace(weight=o.weight * self.weights.part) for term, surface in parts for o in self.options((term,), surface)[0]]

    def _options(self, terms: Terms, said: str) -> tuple[tuple[Option, ...], tuple[Note, ...]]:
        """A word's own terms, then what words.yml joins to them."""
        options = [Option(term, 1.0) for term in terms]
        notes: list[Note] = []
        for entry in self.vocabulary.entries.get(terms, ()):
            options += self.targets(entry.targets, self.weights.same if entry.kind == "same" else self.weights.widen, entry.kind)
            known = tuple(word for word, found in entry.targets if self.vocabulary.printed.issuperset(found))
            told = {word for note in notes for word in note.words}
            if not told.issuperset(known) and not self.vocabulary.printed.issuperset(terms):
                notes.append(Note(entry.kind, said, known[:3]))
        return tuple(options), tuple(notes)

    def targets(self, targets: Iterable[tuple[str, Terms]], weight: float, how: str) -> list[Option]:
        """The terms of words of the corpus, those of several terms for less."""
        return [Option(term, weight if len(terms) == 1 else weight * 0.6, how, word) for word, terms in targets for term in terms]

    def guessed(self, guess: Guess, weight: float, how: str) -> tuple[Option, ...]:
        """What a guess may mean: its own terms, then what those may mean for `weight`; by `how` it was made, sound or spelling."""
        options: list[Option] = []
        for word, terms in zip(guess.meant, guess.terms, strict=True):
            options += [Option(term, 1.0 if how == "sound" else weight, how, word) for term in terms]
            more = [*self.options(terms, word)[0]]
            more += self._inside((token.term, token.surface) for token in self.vocabulary.tokenizer.tokens(word) if token.part)
            options += [Option(option.term, option.weight * weight, option.how, option.word) for option in more if option.term not in terms]
        return tuple(dict.fromkeys(options))
