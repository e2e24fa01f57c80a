"""The terms of the index in arrays, with what each is worth in passages and parts, and what answers the concepts of a query."""

from __future__ import annotations

import math
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.passage import Passage
from index.japanese import group_term
from index.meaning import Option
from index.query import Concept, Query
from index.schema import FIELDS, UNITS, Inverted, Numbers, unit

Floats = NDArray[np.float64]
KANJI = re.compile(r"[一-鿿々]")
NOWHERE: Numbers = np.array([], dtype=np.intp)


class Answer(NamedTuple):
    """What a concept is worth at most, and what its best option is worth in each passage and in each part that holds it.

    `places` are numbered as in `Postings.sums`: each passage stands there twice, with its worth and with what of that does not
    pass the worth of the concept. `words` are those that answer it, synonym groups and shared kanji aside, each with its
    idf times its weight; `holders` tells of each passage whether it holds one of them. `groups` are the synonym groups.
    """

    worth: float
    places: Numbers
    values: Floats
    words: list[tuple[str, float]]
    holders: NDArray[np.bool_]
    groups: list[str]

    def weighed(self, weight: float) -> Answer:
        """The answer of a concept that counts for less."""
        words = [(term, value * weight) for term, value in self.words]
        return self._replace(worth=self.worth * weight, values=self.values * weight, words=words)


class Postings:
    """Terms of the index in memory, with what each is worth in each passage and in each of its parts.

    `groups` are Sudachi's synonyms: by group its terms. `k1` and `kanji` are weights of `Ranking`.
    """

    def __init__(self, passages: Sequence[Passage], inverted: Inverted, groups: Mapping[int, Iterable[str]], k1: float, kanji: float) -> None:
        self.passages, self.k1, self.kanji = passages, k1, kanji
        #: Words recur from one query to the next, so what answers them is kept (1,024 of them, some 5 MB).
        self._kept = lru_cache(maxsize=1024)(self._answer)
        self._parts = inverted.units
        #: Of each part its passage.
        self.units = inverted.units // UNITS
        #: Places of sums: of each passage its worth, then what of it counts for coverage, then of each part its worth.
        self._size = 2 * len(passages) + len(self.units)
        self._value(*self._joined(inverted, groups))

    def _weigh(self, postings: Numbers) -> tuple[Numbers, Numbers, Floats]:
        """Each term's frequency in a passage, summed over its fields with their weights and lengths: terms, passages, frequencies."""
        term, doc, field, times = postings.T
        size, total = np.zeros((len(FIELDS), len(self.passages))), len(self.passages)
        np.add.at(size, (field, doc), times)
        mean = size.sum(axis=1) / np.maximum((size > 0).sum(axis=1), 1)
        weight, norm = (np.array(figures)[field] for figures in zip(*((f.weight, f.norm) for f in FIELDS.values()), strict=True))
        weighed = times * (weight / (1 - norm + norm * size[field, doc] / mean[field]))
        places, at = np.unique(term * total + doc, return_inverse=True)
        return places // total, places % total, np.bincount(at, weights=weighed).astype(np.float64)

    def _joined(self, inverted: Inverted, groups: Mapping[int, Iterable[str]]) -> tuple[dict[str, tuple[Numbers, Floats]], dict[str, Numbers]]:
        """The passages of each term with its frequency there, and the parts that hold it.

        Among them is what no text holds: Sudachi's synonym groups, shared kanji, audiences and needs.
        """
        term_of, numbers, frequency = self._weigh(inverted.postings)
        docs = {term: (numbers[at], frequency[at]) for term, at in _stretches(inverted.terms, term_of)}
        parts = {term: inverted.parts[1, at] for term, at in _stretches(inverted.terms, inverted.parts[0])}
        for group, members in groups.items():
            known = [member for member in members if member in docs]
            if known:
                docs[group_term(group)] = self._merged([docs[member] for member in known])
                parts[group_term(group)] = np.unique(np.concatenate([parts[member] for member in known]))
        by_kanji: defaultdict[str, list[tuple[Numbers, Floats]]] = defaultdict(list)
        for term, standing in docs.items():
            for character in set(KANJI.findall(term)):
                by_kanji[character].append(standing)
        docs |= {f"kanji:{character}": self._merged(members) for character, members in by_kanji.items()}
        facets: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for doc, passage in enumerate(self.passages):
            for facet in ("audience", "need"):
                for rank, value in enumerate(passage.facets.get(facet, ())):
                    facets[f"{facet}:{value}"][doc] = 1.0 if rank < 3 else 0.6
        docs |= {facet: (np.array(list(by_doc), dtype=np.intp), np.array(list(by_doc.values()))) for facet, by_doc in facets.items()}
        return docs, parts

    def _merged(self, members: Iterable[tuple[Numbers, Floats]]) -> tuple[Numbers, Floats]:
        """What stands wherever one of its members does."""
        frequency = np.zeros(len(self.passages))
        for docs, values in members:
            frequency[docs] = np.maximum(frequency[docs], values)
        docs = np.flatnonzero(frequency)
        return docs, frequency[docs]

    def _value(self, docs: Mapping[str, tuple[Numbers, Floats]], parts: Mapping[str, Numbers]) -> None:
        """What each term is worth where it stands, and how many words each part has, by their idf."""
        total, k1, terms = len(self.passages), self.k1, list(docs)
        held, stood = [len(docs[term][0]) for term in terms], [len(parts.get(term, ())) for term in terms]
        idf = np.array([math.log(1 + (total - count + 0.5) / (count + 0.5)) for count in held])
        #: Of each term its number, and by that its idf.
        self._number, self._idf = {term: number for number, term in enumerate(terms)}, array("d", idf)
        frequency, units = np.concatenate([docs[term][1] for term in terms]), np.concatenate([parts.get(term, NOWHERE) for term in terms])
        in_passage = np.repeat(idf, held) * frequency * (k1 + 1) / (frequency + k1)
        words = np.array([":" not in term for term in terms])
        #: Of each part what all its words are worth.
        self.load = np.bincount(units, weights=np.repeat(idf * words, stood), minlength=len(self.units))
        term_of = np.concatenate([np.repeat(np.arange(len(terms)), held), np.repeat(np.arange(len(terms)), stood)])
        order = np.argsort(term_of, kind="stable")
        #: Where all terms stand, in passages by their numbers and then in parts, what they are worth there, and where each term's
        #: stretch begins. As arrays of their own the stretches would take 4 MB more.
        self._places = np.concatenate([*(docs[term][0] for term in terms), units + total])[order]
        self._worth = np.concatenate([in_passage, np.repeat(idf, stood)])[order]
        self._begins = array("q", np.searchsorted(term_of[order], np.arange(len(terms) + 1)))

    def __contains__(self, term: object) -> bool:
        return term in self._number

    def standing(self, term: str) -> tuple[Numbers, Floats]:
        """Where a term of the index stands, in passages and in parts, and what it is worth there."""
        number = self._number[term]
        at = slice(self._begins[number], self._begins[number + 1])
        return self._places[at], self._worth[at]

    def impact(self, term: str, doc: int) -> float:
        """What a term is worth in one passage; nothing where it does not stand."""
        if term not in self:
            return 0.0
        places, worth = self.standing(term)
        return float(worth[places == doc].sum())

    def options(self, options: Sequence[Option]) -> Iterable[tuple[str, float]]:
        """The terms of a concept's options that the index holds; kanji of a word stand in as the weakest."""
        for option in options:
            if option.term in self._number:
                yield option.term, option.weight
        for option in options[:1]:
            for character in set(KANJI.findall(option.term)):
                if f"kanji:{character}" in self._number:
                    yield f"kanji:{character}", self.kanji

    def answer(self, concept: Concept) -> Answer:
        """What answers a concept."""
        answer = self._kept(concept.options)
        return answer if concept.weight == 1.0 else answer.weighed(concept.weight)

    def _answer(self, said: tuple[Option, ...]) -> Answer:
        total = len(self.passages)
        best, worth, words, groups = np.zeros(total + len(self.units)), 0.0, [], []
        holders = np.zeros(total, dtype=bool)
        for term, weight in self.options(said):
            places, values = self.standing(term)
            best[places] = np.maximum(best[places], values * weight) if worth else values * weight
            value = self._idf[self._number[term]] * weight
            worth = max(worth, value)
            if ":" not in term:
                words.append((term, value))
                holders[places[: places.searchsorted(total)]] = True
            elif term.startswith("sudachi:"):
                groups.append(term)
        # Of booleans, what is not zero is found four times as fast.
        places = (best > 0.0).nonzero()[0]
        values, docs = best[places], places.searchsorted(total)
        places = np.concatenate((places[:docs], places + total))
        return Answer(worth, places, np.concatenate((values[:docs], np.minimum(values[:docs], worth), values[docs:])), words, holders, groups)

    def sums(self, answers: Sequence[Answer]) -> Floats:
        """What some concepts are worth together, by passage, by passage up to the worth of each, and by part."""
        if not answers:
            return np.zeros(self._size)
        found = np.bincount(np.concatenate([a.places for a in answers]), np.concatenate([a.values for a in answers]), self._size)
        return found.astype(np.float64, copy=False)

    def covered(self, docs: Numbers) -> Numbers:
        """Where `sums` tells how far passages cover what was asked."""
        return docs + len(self.passages)

    def places(self, parts: Sequence[tuple[int, str, int]]) -> Numbers:
        """Where `sums` has parts, by passage, field and number in it; the place past its end stands for one that holds no word."""
        names = list(FIELDS)
        keys = unit(*np.array([(doc, names.index(name), part) for doc, name, part in parts], dtype=np.intp).T)
        at = np.searchsorted(self._parts, keys).clip(max=len(self._parts) - 1)
        return np.where(self._parts[at] == keys, 2 * len(self.passages) + at, self._size)

    def answers(self, query: Query) -> list[Answer]:
        """What answers each concept of a query."""
        return [self.answer(concept) for concept in query.concepts]


def _stretches(terms: Sequence[str], numbers: Numbers) -> Iterable[tuple[str, slice]]:
    """Each term with the stretch of a sorted array where its number stands."""
    bounds = np.searchsorted(numbers, np.arange(len(terms) + 1)).tolist()
    return ((term, slice(start, end)) for term, start, end in zip(terms, bounds, bounds[1:], strict=False))
