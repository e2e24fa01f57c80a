"""The index as a whole: built from passages and words in memory, asked with a query, answering with hits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus.model import Source, Words
from corpus.passage import Passage
from index import schema
from index.japanese import Tokenizer
from index.lines import LOOK, Line, Lines, Look, Sentence, marks, spans
from index.lookup import Names
from index.meaning import WEIGHTS as OPTION_WEIGHTS
from index.meaning import Note, Weights
from index.postings import Answer, Postings
from index.query import Concept, Parser, Query
from index.ranking import RANKING, Ranked, Ranker, Ranking
from index.schema import Numbers
from index.spelling import Speller
from index.suggest import Suggester, Suggestion, suggested
from index.vocabulary import Vocabulary

MAX_LIMIT = 50
FACETS = ("field", "owner", "audience", "need", "kind", "stage", "priority")


class Snippet(NamedTuple):
    """A line of the plan with the stretches that matched, as (start, end) into `text`."""

    text: str
    marks: tuple[tuple[int, int], ...]
    source: Source | None


class Hit(NamedTuple):
    """A passage that was found; `inner` are the passages inside it that were found too: a project's programs."""

    passage: Passage
    score: float
    snippet: Snippet
    matched: tuple[str, ...] = ()
    inner: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """`hits` from `start` on; `docs` are the numbers of all passages found."""

    query: Query
    hits: tuple[Hit, ...]
    docs: Numbers
    start: int = 0

    @property
    def total(self) -> int:
        return len(self.docs)

    @property
    def notes(self) -> tuple[Note, ...]:
        return self.query.notes

    @property
    def suggestion(self) -> str | None:
        """The text with guessed corrections in place, for もしかして."""
        text = self.query.text
        for note in self.query.notes:
            if note.how == "spelling" and note.words:
                text = text.replace(note.said, note.words[0])
        return text if text != self.query.text else None


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground for a hit: `said` was read as `term` (`how`: same, widen, sound …), stands in `fields`, and is worth so much."""

    said: str
    term: str
    how: str
    fields: tuple[str, ...]
    weight: float
    worth: float


class Index:
    """Passages that can be searched. Immutable once built; safe to share between threads."""

    def __init__(
        self, passages: Sequence[Passage], words: Words, folder: Path, weights: Weights = OPTION_WEIGHTS, ranking: Ranking = RANKING
    ) -> None:
        self.passages = tuple(passages)
        #: Where what is expensive to make is kept between starts.
        self.folder = folder
        self._of_kind = {kind: np.array([passage.kind == kind for passage in self.passages]) for kind in ("project", "program", "section", "preface")}
        #: (facet, value) in the order of ties, and which passages have each: one row a passage.
        self._values = sorted({(f, v) for passage in self.passages for f in FACETS for v in passage.facets.get(f, ())})
        self._having = np.array([[v in passage.facets.get(f, ()) for f, v in self._values] for passage in self.passages])
        self.number = {passage.id: n for n, passage in enumerate(self.passages)}
        self.tokenizer = Tokenizer(words, folder)
        self.vocabulary = Vocabulary(words, self.tokenizer)
        self.lines: defaultdict[int, list[Line]] = defaultdict(list)
        sounds: dict[str, str] = {}
        self.postings = Postings(self.passages, schema.build(self._analyse(sounds)), self.vocabulary.groups, ranking.k1, ranking.kanji)
        self.ranker = Ranker(self.passages, self.postings, ranking)
        self.told = Lines([line for doc in sorted(self.lines) for line in self.lines[doc]], self.passages, self.postings)
        #: By passage: term -> its lines that hold the term. Few such rows differ, so one stands for all that are equal.
        self._holding: list[dict[str, tuple[int, ...]]] = []
        rows: dict[tuple[int, ...], tuple[int, ...]] = {}
        for doc in range(len(self.passages)):
            holding: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)
            for at, line in enumerate(self.lines.get(doc, ())):
                for term in line.spans:
                    row = (*holding[term], at)
                    holding[term] = rows.setdefault(row, row)
            self._holding.append(dict(holding))
        self.tokenizer.reopen()
        self.suggester = Suggester(self.passages, sounds)
        self.speller = Speller(self.vocabulary)
        self.parser = Parser(self.vocabulary, self.speller, self._names(), weights)

    def _analyse(self, sounds: dict[str, str]) -> Iterator[schema.Analysis]:
        """Each passage's terms by field and part; what is heard on the way teaches the vocabulary, and goes into `sounds`."""
        places: dict[tuple[int, ...], tuple[int, ...]] = {}
        for doc, passage in enumerate(self.passages):
            by_field: defaultdict[str, list[list[str]]] = defaultdict(list)
            for part in passage.parts:
                pieces = self.tokenizer.pieces(part.text)
                tokens = [token for piece in pieces for token in piece.tokens]
                if suggested(passage, part):
                    sounds[part.text] = "".join([piece.sound for piece in pieces])
                self.vocabulary.hear(tokens)
                parts = by_field[part.name]
                if part.source and part.name in ("title", "text"):
                    self.vocabulary.printed.update(token.term for token in tokens)
                    self.lines[doc].append(Line(doc, part.text, part.source, spans(tokens, places), (part.name, len(parts))))
                parts.append([token.term for token in tokens])
            yield by_field

    def _names(self) -> Names:
        facets: dict[str, dict[str, None]] = {"field": {}, "section": {}, "department": {}}
        for passage in self.passages:
            if passage.kind == "project":
                facets["field"] |= dict.fromkeys(passage.facets["field"])
                facets["section"] |= dict.fromkeys(passage.facets["section"])
                facets["department"] |= dict.fromkeys((*passage.facets["owner"], *passage.facets["partner"]))
        return Names.of(facets)

    def search(
        self,
        query: Query | str,
        limit: int = 10,
        start: int = 0,
        filters: Mapping[str, str] | None = None,
        kind: str | None = None,
        by_number: bool = False,
    ) -> Results:
        """Hits for a query or the text of one, the nearest first or by the numbers of their projects.

        `kind` lists programs, sections or preface alone; otherwise a project's programs stand inside it.
        Raises ValueError when `limit` or `start` is out of bounds.
        """
        if not (1 <= limit <= MAX_LIMIT and 0 <= start <= 1_000):
            raise ValueError("limit")
        if isinstance(query, str):
            query = self.parser.parse(query)
        answers = self.postings.answers(query)
        kept = self._ranked(query, answers)
        if filters:
            kept = kept.kept(np.array([self._passes(self.passages[doc], filters) for doc in kept.docs], dtype=bool))
        programs = self._of_kind["program"][kept.docs]
        shown = kept.kept(self._of_kind[kind][kept.docs] if kind else ~programs)
        if by_number:
            shown = self._numbered(shown)
        page = list(zip(shown.docs[start : start + limit].tolist(), shown.scores[start : start + limit].tolist(), strict=True))
        inside = self._inside(kept.docs[programs].tolist(), page) if kind is None or kind == "project" else {}
        worth = worths(answers)
        marked = worth.keys() | {group for answer in answers for group in answer.groups}
        holders = [(concept.said, answer.holders) for concept, answer in zip(query.concepts, answers, strict=True)]
        hits = tuple(
            Hit(
                self.passages[doc],
                round(score, 3),
                self.snippet(doc, worth, marked),
                tuple([said for said, held in holders if held[doc]]),
                tuple(inside.get(self.passages[doc].home, ())) if self.passages[doc].kind == "project" else (),
            )
            for doc, score in page
        )
        return Results(query, hits, shown.docs, start)

    def _numbered(self, ranked: Ranked) -> Ranked:
        """The same finds in the order of their projects' numbers; what belongs to none comes last."""
        homes = np.array([self.passages[doc].home or len(self.passages) for doc in ranked.docs], dtype=np.intp)
        order = np.argsort(homes, kind="stable")
        return Ranked(ranked.docs[order], ranked.scores[order])

    def _ranked(self, query: Query, answers: Sequence[Answer]) -> Ranked:
        if query.numbers:
            docs = [self.number[f"projects/{n}"] for n in query.numbers if f"projects/{n}" in self.number]
            return Ranked.of(docs, [1000.0 - rank for rank in range(len(docs))])
        if query.listing:
            docs = [n for n, _ in self._listed(query)]
            return Ranked.of(docs, [100.0] * len(docs))
        ranked = self.ranker.score(query, answers)
        if query.facets:
            named = [sum(has(self.passages[doc], f, v, query.related) for f, v in query.facets) for doc in ranked.docs]
            scores = ranked.scores + self.ranker.ranking.named * np.array(named, dtype=np.float64)
            order = np.lexsort((ranked.docs, -scores))
            ranked = Ranked(ranked.docs[order], scores[order])
        return ranked

    def _listed(self, query: Query) -> list[tuple[int, Passage]]:
        """Projects that have every facet named, those that a department leads first."""
        facets = [("department" if f == "partner" and not self._partnered(v) else f, v) for f, v in query.facets]
        found = [(n, p) for n, p in enumerate(self.passages) if p.kind == "project" and all(has(p, f, v, query.related) for f, v in facets)]
        departments = [v for f, v in facets if f == "department"]
        led = [row for row in found if all(v in row[1].facets["owner"] for v in departments)]
        if led and not query.related:
            return led
        return sorted(found, key=lambda row: not all(v in row[1].facets["owner"] for v in departments))

    def _partnered(self, department: str) -> bool:
        """Whether any project is related to a department beside the one that leads it."""
        return any(department in passage.facets.get("partner", ()) for passage in self.passages if passage.kind == "project")

    def _passes(self, passage: Passage, filters: Mapping[str, str]) -> bool:
        return all(has(passage, facet, value, True) for facet, value in filters.items())

    def facets(self, results: Results) -> dict[str, dict[str, int]]:
        """How many of all that was found have each value; the commonest first."""
        counts = self._having[results.docs].sum(axis=0)
        facets: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
        columns = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
        for column, count in zip(columns.tolist(), counts[columns].tolist(), strict=True):
            facet, value = self._values[column]
            facets[facet][value] = count
        return facets

    def _inside(self, programs: Iterable[int], page: Iterable[tuple[int, float]]) -> dict[int | None, list[Passage]]:
        """The best three programs found of each project of a page."""
        inside: dict[int | None, list[Passage]] = {self.passages[doc].home: [] for doc, _ in page}
        for doc in programs:
            passage = self.passages[doc]
            found = inside.get(passage.home)
            if found is not None and len(found) < 3:
                found.append(passage)
        return inside

    def snippet(self, doc: int, worth: Mapping[str, float], marked: Set[str]) -> Snippet:
        """The line of the plan that holds most of what was asked, or the passage's first; matches are marked."""
        lines = self.lines[doc]
        if not lines:
            return Snippet(self.passages[doc].title, (), None)
        best = 0 if len(lines) == 1 else 1
        if len(lines) > 2:
            values = [0.0] * len(lines)
            holding = self._holding[doc]
            for term, value in worth.items():
                if term in holding:
                    for at in holding[term]:
                        values[at] += value
            values[0] = -1.0  # the title, which stands above the snippet already
            best = values.index(max(values))
        return Snippet(lines[best].text, marks(lines[best], marked), lines[best].source)

    def sentences(self, query: Query, look: Look = LOOK, most: int = 3, home: int | None = None) -> list[Sentence]:
        """The lines that answer a question best; with `home`, of one project alone."""
        return self.told.sentences(self.postings.answers(query), look, most, home)

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """What a person may be about to type."""
        return self.suggester.suggest(text, limit)

    def explain(self, hit: Hit, query: Query) -> list[Reason]:
        """Why a passage was found: each word of the query, how it was read, where it stands and what it was worth."""
        doc = self.number[hit.passage.id]
        # Each part is cut once, not once for each word and option: of a query of 300 characters that was 5 s.
        parts = [(part.name, {token.term for token in self.tokenizer.tokens(part.text)}) for part in hit.passage.parts]
        reasons = []
        for concept in query.concepts:
            how = {option.term: option.how for option in concept.options}
            for term, weight in self.postings.options(concept.options):
                if impact := self.postings.impact(term, doc):
                    fields = sorted({name for name, terms in parts if term in terms})
                    reasons.append(Reason(concept.said, term, how.get(term, ""), tuple(fields), weight, round(impact * weight, 3)))
        for concern in query.concerns:
            if impact := self.postings.impact(concern, doc):
                reasons.append(Reason(concern.partition(":")[2], concern, "concern", (), 1.0, round(impact, 3)))
        return sorted(reasons, key=lambda reason: -reason.worth)

    def matched(self, doc: int, query: Query) -> tuple[str, ...]:
        """What the reader said that this passage answers."""
        return tuple(c.said for c in query.concepts if self.postings.answer(c).holders[doc])


def worths(answers: Iterable[Answer]) -> dict[str, float]:
    """The terms that answer concepts, each with what it is worth at most."""
    worth: dict[str, float] = {}
    for answer in answers:
        for term, value in answer.words:
            if value > worth.get(term, 0.0):
                worth[term] = value
    return worth


def has(passage: Passage, facet: str, value: str, related: bool) -> bool:
    """Whether a passage has a facet's value; a department counts as lead, and as partner when `related`."""
    if facet == "department":
        return value in passage.facets.get("owner", ()) or (value in passage.facets.get("partner", ()))
    if facet == "owner" and related:
        return value in passage.facets.get("owner", ())
    return value in passage.facets.get(facet, ())


__all__ = ["Concept", "Hit", "Index", "Line", "Results", "Snippet"]
