"""Scores passages for a query: BM25F over one weighted field, the likeliest single part, and what programs lend their project.

Every figure that decides an order is in `Ranking`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.passage import Passage
from index.postings import Answer, Floats, Postings
from index.query import Query
from index.schema import Numbers


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


class Ranker:
    """Puts the passages of an index in order."""

    def __init__(self, passages: Sequence[Passage], postings: Postings, ranking: Ranking = RANKING) -> None:
        self.postings, self.ranking = postings, ranking
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

    def score(self, query: Query, answers: Sequence[Answer]) -> Ranked:
        """Every passage that holds a word of the query, the best first; equal ones in the plan's order."""
        weights, total = self.ranking, len(self._factor)
        sums, asked = self.postings.sums(answers), sum([answer.worth for answer in answers])
        scores = sums[:total]
        if asked:
            scores = scores * (sums[total : 2 * total] / asked) ** weights.coverage + weights.part * self._best_units(sums[2 * total :], asked)
        self._concern(query, scores)
        return self._lend(scores)

    def _best_units(self, in_part: Floats, asked: float) -> Floats:
        """The part of each passage that fits best: it holds much of the query, and little else."""
        best = np.zeros(len(self._factor))
        # A part that holds under a fifth of the best one's words cannot win by being short: it is not weighed.
        units = (in_part > in_part.max(initial=0.0) * 0.2).nonzero()[0]
        value = in_part[units]
        short = value / np.maximum(value, self.postings.load[units])
        fit = value * (value / asked) ** self.ranking.part_query * short**self.ranking.part_length
        np.maximum.at(best, self.postings.units[units], fit)
        return best

    def _concern(self, query: Query, scores: Floats) -> None:
        """Raises passages for whom and for what the query's words speak; adds none that holds no word of it, unless all lack one."""
        if not query.concerns:
            return
        strength = {"audience": self.ranking.audience, "need": self.ranking.need}
        found = scores > 0.0
        if not found.any():
            found[:] = True
        for concern in query.concerns:
            if concern in self.postings:
                docs, values = self.postings.standing(concern)
                scores[docs] += found[docs] * strength[concern.partition(":")[0]] * values

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
