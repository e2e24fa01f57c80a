"""Scores passages for a query: BM25F over one weighted field, the likeliest single part, and what programs lend their project.

Postings are read once from the Whoosh index into memory (0.1 s); every figure that decides an order is in `Ranking`.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from whoosh.index import Index as WhooshIndex

from corpus.passage import Passage
from index.query import Concept, Query
from index.schema import FIELDS, PART_GAP

KANJI = re.compile(r"[一-鿿々]")


@dataclass(frozen=True)
class Ranking:
    """Every weight of the order, chosen together by cross-validation over two judged sets (DECISIONS.md)."""

    k1: float = 1.2  # how soon repeating a word stops counting
    part: float = 1.0  # the one part that fits best, beside the whole passage: a phrase that says just this
    part_query: float = 0.43  # how much of the query that part must hold
    part_length: float = 0.8  # how little else it may hold
    coverage: float = 0.22  # how much of the query's words the passage must hold
    program: float = 0.62  # what its best program lends a project
    programs: float = 0.27  # what the next two lend
    audience: float = 0.41  # the person in the query is whom it is for; times the mean idf
    need: float = 0.46  # the need in the query is what it serves
    kanji: float = 0.05  # a shared kanji (就職, 就労): weaker than any synonym
    section: float = 0.55  # leads and preface speak of everything: below projects of equal fit
    preface: float = 0.5
    considered: float = 0.99  # 検討 stands just below a usable project of equal fit
    least: float = 0.08  # what holds under this share of the best score is no answer: it is neither shown nor counted
    named: float = 1.0  # the department or field that was named together with other words


RANKING = Ranking()


class Scored(NamedTuple):
    """A passage's score, with what of it is its own and what programs lent."""

    doc: int
    score: float
    own: float
    lent: float


class Postings:
    """Terms of the index in memory, with what each is worth in each passage."""

    def __init__(self, passages: Sequence[Passage], index: WhooshIndex, ranking: Ranking = RANKING) -> None:
        self.passages, self.ranking = passages, ranking
        #: Words recur from one query to the next, so what answers them is kept (512 concepts, some 10 MB at most).
        self.answers = lru_cache(maxsize=512)(self._answers)
        self.units: list[int] = []
        self.docs: dict[str, dict[int, float]] = {}
        self.in_units: dict[str, tuple[int, ...]] = {}
        self.idf: dict[str, float] = {}
        self._read(index)
        projects = {p.home: n for n, p in enumerate(passages) if p.kind == "project"}
        #: For a program, the passage of the project that it lends to.
        self._program_home = [projects.get(p.home) if p.kind == "program" else None for p in passages]
        by_kind = {"section": ranking.section, "preface": ranking.preface}
        self._factor = [by_kind.get(p.kind, 1.0) * (ranking.considered if p.stage == "検討" else 1.0) for p in passages]

    def _read(self, index: WhooshIndex) -> None:
        numbers = {passage.id: n for n, passage in enumerate(self.passages)}
        unit_of: dict[tuple[int, str, int], int] = {}
        frequency: defaultdict[str, defaultdict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        in_units: defaultdict[str, set[int]] = defaultdict(set)
        length: defaultdict[str, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
        with index.reader() as reader:
            doc_of = {n: numbers[reader.stored_fields(n)["id"]] for n in range(reader.doc_count_all())}
            for name in FIELDS:
                if name not in index.schema:
                    continue
                for raw in reader.lexicon(name):
                    term = raw.decode()
                    matcher = reader.postings(name, raw)
                    while matcher.is_active():
                        doc, positions = doc_of[matcher.id()], matcher.value_as("positions")
                        frequency[term][doc][name] = len(positions)
                        length[name][doc] += len(positions)
                        for part in {position // PART_GAP for position in positions}:
                            unit = unit_of.setdefault((doc, name, part), len(unit_of))
                            in_units[term].add(unit)
                        matcher.next()
        self.units = [doc for doc, _, _ in unit_of]
        self._weigh(frequency, length)
        for term, units in in_units.items():
            self.in_units[term] = tuple(units)

    def _weigh(self, frequency: Mapping[str, Mapping[int, Mapping[str, int]]], length: Mapping[str, Mapping[int, int]]) -> None:
        mean = {name: sum(by_doc.values()) / len(by_doc) for name, by_doc in length.items()}
        pace = {
            (name, doc): FIELDS[name].weight / (1 - FIELDS[name].norm + FIELDS[name].norm * size / mean[name])
            for name, by_doc in length.items()
            for doc, size in by_doc.items()
        }
        for term, by_doc in frequency.items():
            self.docs[term] = {doc: sum(tf * pace[name, doc] for name, tf in tfs.items()) for doc, tfs in by_doc.items()}

    def join(self, groups: Mapping[int, Iterable[str]]) -> None:
        """Adds what no text holds: Sudachi's synonym groups, shared kanji, audiences and needs; then idf and part lengths."""
        for group, members in groups.items():
            self._merge(f"sudachi:{group}", members, in_parts=True)
        by_kanji: defaultdict[str, list[str]] = defaultdict(list)
        for term in list(self.docs):
            for character in set(KANJI.findall(term)):
                by_kanji[character].append(term)
        for character, members in by_kanji.items():
            self._merge(f"kanji:{character}", members)
        facets: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for doc, passage in enumerate(self.passages):
            for facet in ("audience", "need"):
                for rank, value in enumerate(passage.facets.get(facet, ())):
                    facets[f"{facet}:{value}"][doc] = 1.0 if rank < 3 else 0.6
        self.docs |= facets
        total = len(self.passages)
        self.idf = {term: math.log(1 + (total - len(by_doc) + 0.5) / (len(by_doc) + 0.5)) for term, by_doc in self.docs.items()}
        k1 = self.ranking.k1
        self.docs = {term: {doc: self.idf[term] * tf * (k1 + 1) / (tf + k1) for doc, tf in by_doc.items()} for term, by_doc in self.docs.items()}
        load = [0.0] * len(self.units)
        for term, units in self.in_units.items():
            if ":" not in term:
                for unit in units:
                    load[unit] += self.idf[term]
        self.unit_load = load

    def _merge(self, name: str, members: Iterable[str], in_parts: bool = False) -> None:
        """A term that stands wherever one of its members does."""
        docs: dict[int, float] = {}
        units: set[int] = set()
        for member in members:
            for doc, tf in self.docs.get(member, {}).items():
                docs[doc] = max(docs.get(doc, 0.0), tf)
            if in_parts:
                units.update(self.in_units.get(member, ()))
        if docs:
            self.docs[name] = docs
            if in_parts:
                self.in_units[name] = tuple(units)

    def options(self, concept: Concept) -> Iterable[tuple[str, float]]:
        """The terms of a concept that the index holds; kanji of a word stand in as the weakest."""
        for option in concept.options:
            if option.term in self.docs:
                yield option.term, option.weight
        for option in concept.options[:1]:
            for character in set(KANJI.findall(option.term)):
                if f"kanji:{character}" in self.docs:
                    yield f"kanji:{character}", self.ranking.kanji

    def _answers(self, concept: Concept) -> tuple[float, list[tuple[int, float]], list[tuple[int, float]]]:
        """What a concept is worth at most, and what its best option is worth in each passage and in each part."""
        best: dict[int, float] = {}
        best_part: dict[int, float] = {}
        worth = 0.0
        for term, weight in self.options(concept):
            weight *= concept.weight
            value = self.idf[term] * weight
            worth = max(worth, value)
            for doc, impact in self.docs[term].items():
                impact *= weight
                if impact > best.get(doc, 0.0):
                    best[doc] = impact
            for unit in self.in_units.get(term, ()):
                if value > best_part.get(unit, 0.0):
                    best_part[unit] = value
        return worth, list(best.items()), list(best_part.items())

    def score(self, query: Query) -> list[Scored]:
        """Every passage that holds a word of the query, the best first; equal ones in the plan's order."""
        weights = self.ranking
        own: dict[int, float] = {}
        held: dict[int, float] = {}
        in_part: dict[int, float] = {}
        asked = 0.0
        for concept in query.concepts:
            worth, best, best_part = self.answers(concept)
            asked += worth
            for doc, impact in best:
                own[doc] = own.get(doc, 0.0) + impact
                held[doc] = held.get(doc, 0.0) + (impact if impact < worth else worth)
            for unit, value in best_part:
                in_part[unit] = in_part.get(unit, 0.0) + value
        fit = self._best_units(in_part, asked)
        scores = {doc: value * (held[doc] / asked) ** weights.coverage + weights.part * fit.get(doc, 0.0) for doc, value in own.items()}
        self._concern(query, scores)
        return self._lend(scores)

    def _best_units(self, in_part: Mapping[int, float], asked: float) -> dict[int, float]:
        """The part of each passage that fits best: it holds much of the query, and little else."""
        power, length, units, load = self.ranking.part_query, self.ranking.part_length, self.units, self.unit_load
        best: dict[int, float] = {}
        # A part that holds under a third of the best one's words cannot win by being short: it is not weighed.
        least = max(in_part.values(), default=0.0) * 0.2
        for unit, value in in_part.items():
            if value > least:
                fit = value * (value / asked) ** power
                if value < load[unit]:
                    fit *= (value / load[unit]) ** length
                doc = units[unit]
                if fit > best.get(doc, 0.0):
                    best[doc] = fit
        return best

    def _concern(self, query: Query, scores: dict[int, float]) -> None:
        """Raises passages for whom and for what the query's words speak; adds none that holds no word of it, unless all lack one."""
        strength = {"audience": self.ranking.audience, "need": self.ranking.need}
        alone = not scores
        for concern in query.concerns:
            for doc, value in self.docs.get(concern, {}).items():
                if alone or doc in scores:
                    scores[doc] = scores.get(doc, 0.0) + strength[concern.partition(":")[0]] * value

    def _lend(self, scores: Mapping[int, float]) -> list[Scored]:
        weights = self.ranking
        of_home: dict[int, list[float]] = {}
        for doc, value in scores.items():
            if (home := self._program_home[doc]) is not None:
                of_home.setdefault(home, []).append(value)
        lent = {}
        for doc, values in of_home.items():
            values.sort(reverse=True)
            lent[doc] = weights.program * values[0] + weights.programs * sum(values[1:3])
        factor = self._factor
        whole = {doc: (scores.get(doc, 0.0) + lent.get(doc, 0.0)) * factor[doc] for doc in scores.keys() | lent.keys()}
        least = max(whole.values(), default=0.0) * weights.least
        ranked = sorted([(-score, doc) for doc, score in whole.items() if score >= least])
        return [Scored(doc, -score, scores.get(doc, 0.0), lent.get(doc, 0.0)) for score, doc in ranked]
