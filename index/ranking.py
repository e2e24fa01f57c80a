"""Scores passages for a query: BM25F over one weighted field, the likeliest single part, and what programs lend their project.

Postings are read once from the Whoosh index into arrays; every figure that decides an order is in `Ranking`.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.passage import Passage
from index.japanese import group_term
from index.query import Concept, Option, Query
from index.schema import FIELDS, UNITS, Inverted, Numbers, unit

Floats = NDArray[np.float64]
KANJI = re.compile(r"[一-鿿々]")
NOWHERE: tuple[Numbers, Floats] = np.array([], dtype=np.intp), np.array([])


@dataclass(frozen=True)
class Ranking:
    """Every weight of the order, chosen together by cross-validation over two judged sets (DECISIONS.md)."""

    k1: float = 1.29  # how soon repeating a word stops counting
    part: float = 1.5  # the one part that fits best, beside the whole passage: a phrase that says just this
    part_query: float = 0.43  # how much of the query that part must hold
    part_length: float = 0.8  # how little else it may hold
    coverage: float = 0.53  # how much of the query's words the passage must hold
    program: float = 0.62  # what its best program lends a project
    programs: float = 0.27  # what the next two lend
    audience: float = 0.44  # the person in the query is whom it is for; times the mean idf
    need: float = 0.67  # the need in the query is what it serves
    kanji: float = 0.05  # a shared kanji (就職, 就労): weaker than any synonym
    section: float = 0.43  # leads and preface speak of everything: below projects of equal fit
    preface: float = 0.34
    considered: float = 0.99  # 検討 stands just below a usable project of equal fit
    least: float = 0.08  # what holds under this share of the best score is no answer: it is neither shown nor counted
    named: float = 1.0  # the department or field that was named together with other words


RANKING = Ranking()


class Ranked(NamedTuple):
    """Passages from the best on: their numbers and scores, arrays of one length."""

    docs: Numbers
    scores: Floats

    @classmethod
    def of(cls, docs: Sequence[int], scores: Sequence[float]) -> Ranked:
        return cls(np.array(docs, dtype=np.intp), np.array(scores, dtype=np.float64))

    def kept(self, mask: NDArray[np.bool_]) -> Ranked:
        """Those for which the mask holds."""
        return Ranked(self.docs[mask], self.scores[mask])


class Answer(NamedTuple):
    """What a concept is worth at most, and what its best option is worth in each passage and in each part that holds it.

    `held` is `impacts` up to the worth of the concept. `words` are those that answer it, synonym groups and shared kanji
    aside, each with its idf times its weight; `holders` tells of each passage whether it holds one of them.
    """

    worth: float
    docs: Numbers
    impacts: Floats
    held: Floats
    units: Numbers
    values: Floats
    words: list[tuple[str, float]]
    holders: NDArray[np.bool_]

    def weighed(self, weight: float) -> Answer:
        """The answer of a concept that counts for less."""
        words = [(term, value * weight) for term, value in self.words]
        return Answer(
            self.worth * weight, self.docs, self.impacts * weight, self.held * weight, self.units, self.values * weight, words, self.holders
        )


class Postings:
    """Terms of the index in memory, with what each is worth in each passage."""

    def __init__(self, passages: Sequence[Passage], inverted: Inverted, ranking: Ranking = RANKING) -> None:
        self.passages, self.ranking = passages, ranking
        #: Words recur from one query to the next, so what answers them is kept (1,024 of them, some 4 MB).
        self._kept = lru_cache(maxsize=1024)(self._answer)
        #: Term -> passages that hold it, with its impact there; term -> parts that hold it.
        term_of, docs, frequency = self._weigh(inverted.postings)
        self.docs = {term: (docs[at], frequency[at]) for term, at in _stretches(inverted.terms, term_of)}
        self.in_units = {term: inverted.parts[1, at] for term, at in _stretches(inverted.terms, inverted.parts[0])}
        self.idf: dict[str, float] = {}
        self._parts = inverted.units
        #: Of each part its passage.
        self.units = inverted.units // UNITS
        projects = {p.home: n for n, p in enumerate(passages) if p.kind == "project"}
        lenders: defaultdict[int, list[int]] = defaultdict(list)
        for n, passage in enumerate(passages):
            if passage.kind == "program" and passage.home in projects:
                lenders[projects[passage.home]].append(n)
        #: Projects, and a row for each of the programs that lend to it, filled up with a number past the last passage.
        widest = max(3, *map(len, lenders.values())) if lenders else 3
        self._homes = np.array(list(lenders), dtype=np.intp)
        rows = [row + [len(passages)] * (widest - len(row)) for row in lenders.values()]
        self._lenders = np.array(rows, dtype=np.intp).reshape(len(rows), widest)
        by_kind = {"section": ranking.section, "preface": ranking.preface}
        self._factor = np.array([by_kind.get(p.kind, 1.0) * (ranking.considered if p.stage == "検討" else 1.0) for p in passages])

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

    def join(self, groups: Mapping[int, Iterable[str]]) -> None:
        """Adds what no text holds: Sudachi's synonym groups, shared kanji, audiences and needs; then idf and part lengths."""
        for group, members in groups.items():
            self._merge(group_term(group), members, in_parts=True)
        by_kanji: defaultdict[str, list[str]] = defaultdict(list)
        for term in self.docs:
            for character in set(KANJI.findall(term)):
                by_kanji[character].append(term)
        for character, members in by_kanji.items():
            self._merge(f"kanji:{character}", members)
        facets: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for doc, passage in enumerate(self.passages):
            for facet in ("audience", "need"):
                for rank, value in enumerate(passage.facets.get(facet, ())):
                    facets[f"{facet}:{value}"][doc] = 1.0 if rank < 3 else 0.6
        self.docs |= {facet: _arrays(by_doc) for facet, by_doc in facets.items()}
        total, k1 = len(self.passages), self.ranking.k1
        for term, (docs, frequency) in self.docs.items():
            self.idf[term] = idf = math.log(1 + (total - len(docs) + 0.5) / (len(docs) + 0.5))
            frequency[:] = idf * frequency * (k1 + 1) / (frequency + k1)
        self._load = np.zeros(len(self.units))
        for term, units in self.in_units.items():
            if ":" not in term:
                self._load[units] += self.idf[term]

    def _merge(self, name: str, members: Iterable[str], in_parts: bool = False) -> None:
        """A term that stands wherever one of its members does."""
        known = [member for member in members if member in self.docs]
        if not known:
            return
        frequency = np.zeros(len(self.passages))
        for member in known:
            docs, values = self.docs[member]
            frequency[docs] = np.maximum(frequency[docs], values)
        docs = np.flatnonzero(frequency)
        self.docs[name] = docs, frequency[docs]
        if in_parts:
            self.in_units[name] = np.unique(np.concatenate([self.in_units[member] for member in known]))

    def impact(self, term: str, doc: int) -> float:
        """What a term is worth in one passage; nothing where it does not stand."""
        docs, impacts = self.docs.get(term, NOWHERE)
        return float(impacts[docs == doc].sum())

    def options(self, options: Sequence[Option]) -> Iterable[tuple[str, float]]:
        """The terms of a concept's options that the index holds; kanji of a word stand in as the weakest."""
        for option in options:
            if option.term in self.docs:
                yield option.term, option.weight
        for option in options[:1]:
            for character in set(KANJI.findall(option.term)):
                if f"kanji:{character}" in self.docs:
                    yield f"kanji:{character}", self.ranking.kanji

    def answer(self, concept: Concept) -> Answer:
        """What answers a concept."""
        answer = self._kept(concept.options)
        return answer if concept.weight == 1.0 else answer.weighed(concept.weight)

    def _answer(self, said: tuple[Option, ...]) -> Answer:
        impacts, values = np.zeros(len(self.passages)), np.zeros(len(self.units))
        options = [(self.idf[term] * weight, weight, term) for term, weight in self.options(said)]
        # The least first: in a part, the best that stands there is written last.
        for value, weight, term in sorted(options):
            docs, impact = self.docs[term]
            impacts[docs] = np.maximum(impacts[docs], impact * weight)
            if (units := self.in_units.get(term)) is not None:
                values[units] = value
        # Of booleans, what is not zero is found four times as fast.
        docs, units = (impacts > 0.0).nonzero()[0], (values > 0.0).nonzero()[0]
        worth, impacts = max(options)[0] if options else 0.0, impacts[docs]
        words = [(term, value) for value, _, term in options if ":" not in term]
        holders = np.zeros(len(self.passages), dtype=bool)
        for term, _ in words:
            holders[self.docs[term][0]] = True
        return Answer(worth, docs, impacts, np.minimum(impacts, worth), units, values[units], words, holders)

    def number(self, parts: Sequence[tuple[int, str, int]]) -> Numbers:
        """Of parts by passage, field and number in it, where each stands in `units`; -1 where it holds no word."""
        names = list(FIELDS)
        keys = unit(*np.array([(doc, names.index(name), part) for doc, name, part in parts], dtype=np.intp).T)
        at = np.searchsorted(self._parts, keys).clip(max=len(self._parts) - 1)
        return np.where(self._parts[at] == keys, at, -1)

    def parts(self, answer: Answer, units: Numbers) -> Floats:
        """What a concept is worth in each of some parts; -1 stands for a part without a word."""
        values = np.zeros(len(self.units) + 1)
        values[answer.units] = answer.values
        return values[units]

    def whole(self, answer: Answer, docs: Numbers) -> Floats:
        """What a concept is worth in each of some passages, up to its worth."""
        values = np.zeros(len(self.passages))
        values[answer.docs] = answer.held
        return values[docs]

    def answers(self, query: Query) -> list[Answer]:
        """What answers each concept of a query."""
        return [self.answer(concept) for concept in query.concepts]

    def score(self, query: Query, answers: Sequence[Answer]) -> Ranked:
        """Every passage that holds a word of the query, the best first; equal ones in the plan's order."""
        weights = self.ranking
        own, held, in_part = np.zeros(len(self.passages)), np.zeros(len(self.passages)), np.zeros(len(self.units))
        asked = 0.0
        for answer in answers:
            asked += answer.worth
            own[answer.docs] += answer.impacts
            held[answer.docs] += answer.held
            in_part[answer.units] += answer.values
        scores = own
        if asked:
            scores = own * (held / asked) ** weights.coverage + weights.part * self._best_units(in_part, asked)
        self._concern(query, scores)
        return self._lend(scores)

    def _best_units(self, in_part: Floats, asked: float) -> Floats:
        """The part of each passage that fits best: it holds much of the query, and little else."""
        best = np.zeros(len(self.passages))
        # A part that holds under a fifth of the best one's words cannot win by being short: it is not weighed.
        units = (in_part > in_part.max(initial=0.0) * 0.2).nonzero()[0]
        value, load = in_part[units], self._load[units]
        fit = value * (value / asked) ** self.ranking.part_query
        short = value < load
        fit[short] *= (value[short] / load[short]) ** self.ranking.part_length
        np.maximum.at(best, self.units[units], fit)
        return best

    def _concern(self, query: Query, scores: Floats) -> None:
        """Raises passages for whom and for what the query's words speak; adds none that holds no word of it, unless all lack one."""
        strength = {"audience": self.ranking.audience, "need": self.ranking.need}
        found = scores > 0.0
        if not found.any():
            found[:] = True
        for concern in query.concerns:
            if concern in self.docs:
                docs, values = self.docs[concern]
                scores[docs] += np.where(found[docs], strength[concern.partition(":")[0]] * values, 0.0)

    def _lend(self, scores: Floats) -> Ranked:
        """What a project's best three programs lend it, then all that holds enough of the best score, from the best on."""
        weights = self.ranking
        best = np.append(scores, 0.0)[self._lenders]
        best.sort(axis=1)
        lent = np.zeros(len(scores))
        lent[self._homes] = weights.program * best[:, -1] + weights.programs * (best[:, -2] + best[:, -3])
        whole = (scores + lent) * self._factor
        docs = (whole >= max(whole.max(initial=0.0) * weights.least, 1e-12)).nonzero()[0]
        docs = docs[np.argsort(-whole[docs], kind="stable")]
        return Ranked(docs, whole[docs])


def _stretches(terms: Sequence[str], numbers: Numbers) -> Iterable[tuple[str, slice]]:
    """Each term with the stretch of a sorted array where its number stands."""
    bounds = np.searchsorted(numbers, np.arange(len(terms) + 1)).tolist()
    return ((term, slice(start, end)) for term, start, end in zip(terms, bounds, bounds[1:], strict=False))


def _arrays(by_doc: Mapping[int, float]) -> tuple[Numbers, Floats]:
    return np.fromiter(by_doc, np.intp, len(by_doc)), np.fromiter(by_doc.values(), np.float64, len(by_doc))
