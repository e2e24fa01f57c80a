"""Scores passages for a query: BM25F over one weighted field, the likeliest single part, and what programs lend their project.

Postings are read once from the Whoosh index into memory (0.1 s); every figure that decides an order is in `Ranking`.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
    part_query: float = 1.0  # how much of the query that part must hold
    part_length: float = 0.35  # how little else it may hold
    coverage: float = 0.6  # how much of the query's words the passage must hold
    program: float = 0.6  # what its best program lends a project
    programs: float = 0.1  # what the next two lend
    audience: float = 0.5  # the person in the query is whom it is for; times the mean idf
    need: float = 0.5  # the need in the query is what it serves
    kanji: float = 0.12  # a shared kanji (就職, 就労): weaker than any synonym
    section: float = 0.55  # leads and preface speak of everything: below projects of equal fit
    preface: float = 0.5
    considered: float = 0.97  # 検討 stands just below a usable project of equal fit
    named: float = 3.0  # the department or field that was named together with other words


RANKING = Ranking()


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage's score with its parts: `own` of its words, `part` the best unit, `lent` by programs."""

    doc: int
    score: float
    own: float
    lent: float
    best: int


class Postings:
    """Terms of the index in memory, with what each is worth in each passage."""

    def __init__(self, passages: Sequence[Passage], index: WhooshIndex, ranking: Ranking = RANKING) -> None:
        self.passages, self.ranking = passages, ranking
        self.units: list[tuple[int, str, int]] = []
        self.docs: dict[str, dict[int, float]] = {}
        self.in_units: dict[str, dict[int, float]] = {}
        self.idf: dict[str, float] = {}
        self._read(index)
        self._of_home: defaultdict[int, list[int]] = defaultdict(list)
        self.home_doc = {p.home: n for n, p in enumerate(passages) if p.kind == "project"}
        for n, passage in enumerate(passages):
            if passage.kind == "program" and passage.home is not None:
                self._of_home[passage.home].append(n)

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
        self.units = list(unit_of)
        self._weigh(frequency, length)
        for term, units in in_units.items():
            self.in_units[term] = dict.fromkeys(units, 1.0)

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
            self._merge(f"sudachi:{group}", members)
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

    def _merge(self, name: str, members: Iterable[str]) -> None:
        docs: dict[int, float] = {}
        units: dict[int, float] = {}
        for member in members:
            for doc, tf in self.docs.get(member, {}).items():
                docs[doc] = max(docs.get(doc, 0.0), tf)
            units |= self.in_units.get(member, {})
        if docs:
            self.docs[name], self.in_units[name] = docs, units

    def options(self, concept: Concept) -> Iterable[tuple[str, float]]:
        """The terms of a concept that the index holds; kanji of a word stand in as the weakest."""
        found = False
        for option in concept.options:
            if option.term in self.docs:
                found = found or not option.term.startswith("sudachi:")
                yield option.term, option.weight
        for option in concept.options[:1]:
            for character in set(KANJI.findall(option.term)):
                if f"kanji:{character}" in self.docs:
                    yield f"kanji:{character}", self.ranking.kanji

    def score(self, query: Query) -> list[Scored]:
        """Every passage that holds a word of the query, the best first; equal ones in the plan's order."""
        weights = self.ranking
        own: defaultdict[int, float] = defaultdict(float)
        held: defaultdict[int, float] = defaultdict(float)
        in_part: defaultdict[int, float] = defaultdict(float)
        asked = 0.0
        for concept in query.concepts:
            best: dict[int, float] = {}
            best_part: dict[int, float] = {}
            worth = 0.0
            for term, weight in self.options(concept):
                idf = self.idf[term]
                worth = max(worth, idf * weight)
                for doc, impact in self.docs[term].items():
                    value = impact * weight
                    if value > best.get(doc, 0.0):
                        best[doc] = value
                value = idf * weight
                for unit in self.in_units[term]:
                    if value > best_part.get(unit, 0.0):
                        best_part[unit] = value
            worth *= concept.weight
            asked += worth
            for doc, value in best.items():
                own[doc] += value * concept.weight
                held[doc] += min(value * concept.weight, worth)
            for unit, value in best_part.items():
                in_part[unit] += value * concept.weight
        best_unit: dict[int, tuple[float, int]] = {}
        for unit, value in in_part.items():
            fit = value * (value / asked) ** weights.part_query * (value / max(value, self.unit_load[unit])) ** weights.part_length
            doc = self.units[unit][0]
            if fit > best_unit.get(doc, (0.0, 0))[0]:
                best_unit[doc] = (fit, unit)
        scores: dict[int, float] = {}
        for doc, value in own.items():
            scores[doc] = value * (held[doc] / asked) ** weights.coverage + weights.part * best_unit.get(doc, (0.0, 0))[0]
        self._concern(query, scores, asked)
        return self._lend(scores, best_unit)

    def _concern(self, query: Query, scores: dict[int, float], asked: float) -> None:
        """Raises passages for whom and for what the query's words speak; adds none that holds no word of it, unless all lack one."""
        strength = {"audience": self.ranking.audience, "need": self.ranking.need}
        alone = not scores
        for concern in query.concerns:
            for doc, value in self.docs.get(concern, {}).items():
                if alone or doc in scores:
                    scores[doc] = scores.get(doc, 0.0) + strength[concern.partition(":")[0]] * value

    def _lend(self, scores: Mapping[int, float], best_unit: Mapping[int, tuple[float, int]]) -> list[Scored]:
        weights = self.ranking
        found = []
        for doc, passage in enumerate(self.passages):
            value, lent = scores.get(doc, 0.0), 0.0
            if passage.kind == "project" and passage.home is not None:
                programs = sorted((scores.get(n, 0.0) for n in self._of_home[passage.home]), reverse=True)
                if programs:
                    lent = weights.program * programs[0] + weights.programs * sum(programs[1:3])
            factor = {"section": weights.section, "preface": weights.preface}.get(passage.kind, 1.0)
            if passage.stage == "検討":
                factor *= weights.considered
            if value or lent:
                found.append(Scored(doc, (value + lent) * factor, value, lent, best_unit.get(doc, (0.0, -1))[1]))
        return sorted(found, key=lambda scored: (-scored.score, scored.doc))
