"""The index as a whole: built from passages and words in memory, asked with a query, answering with hits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from corpus.model import Source, Words
from corpus.passage import Passage
from index import schema
from index.japanese import Token, Tokenizer
from index.query import WEIGHTS as OPTION_WEIGHTS
from index.query import Concept, Names, Note, Parser, Query, Weights
from index.ranking import RANKING, Postings, Ranking, Scored
from index.spelling import Speller
from index.suggest import Suggester, Suggestion
from index.vocabulary import Vocabulary

MAX_LIMIT = 50
FACETS = ("field", "owner", "audience", "need", "kind", "stage", "priority")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A line of the plan with the stretches that matched, as (start, end) into `text`."""

    text: str
    marks: tuple[tuple[int, int], ...]
    source: Source | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; `inner` are the passages inside it that were found too: a project's programs."""

    passage: Passage
    score: float
    snippet: Snippet
    matched: tuple[str, ...] = ()
    inner: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """`hits` from `start` on; `total` and `facets` count all that was found."""

    query: Query
    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    start: int = 0

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
class Line:
    """A quotable part of a passage, with its tokens for highlights and facts."""

    doc: int
    text: str
    source: Source
    tokens: tuple[Token, ...]
    terms: frozenset[str]


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
        self._values = [[(f, v) for f in FACETS for v in passage.facets.get(f, ())] for passage in self.passages]
        self.number = {passage.id: n for n, passage in enumerate(self.passages)}
        self.tokenizer = Tokenizer(words, folder)
        self.vocabulary = Vocabulary(words, self.tokenizer)
        self.lines: defaultdict[int, list[Line]] = defaultdict(list)
        tokens = self._analyse()
        self.postings = Postings(self.passages, schema.build(tokens), ranking)
        self.postings.join(self.vocabulary.groups)
        self.speller = Speller(self.vocabulary)
        self.parser = Parser(self.vocabulary, self.speller, self._names(), weights)

    def _analyse(self) -> dict[str, dict[str, list[list[Token]]]]:
        """Every part's tokens by field and passage; what is heard on the way teaches the vocabulary."""
        by_field: dict[str, dict[str, list[list[Token]]]] = {name: {} for name in schema.FIELDS}
        for doc, passage in enumerate(self.passages):
            for part in passage.parts:
                tokens = self.tokenizer.tokens(part.text)
                self.vocabulary.hear(tokens)
                by_field[part.name].setdefault(passage.id, []).append(tokens)
                if part.source and part.name in ("title", "text"):
                    self.vocabulary.printed.update(token.term for token in tokens)
                    self.lines[doc].append(Line(doc, part.text, part.source, tuple(tokens), frozenset(t.term for t in tokens)))
        return by_field

    def _names(self) -> Names:
        facets: dict[str, dict[str, None]] = {"field": {}, "section": {}, "department": {}}
        for passage in self.passages:
            if passage.kind == "project":
                facets["field"] |= dict.fromkeys(passage.facets["field"])
                facets["section"] |= dict.fromkeys(passage.facets["section"])
                facets["department"] |= dict.fromkeys((*passage.facets["owner"], *passage.facets["partner"]))
        return Names.of(facets)

    def search(
        self, query: Query | str, limit: int = 10, start: int = 0, filters: Mapping[str, str] | None = None, kind: str | None = None
    ) -> Results:
        """Hits for a query or the text of one. `kind` lists programs, sections or preface alone; otherwise a project's
        programs stand inside it. Raises ValueError when `limit` or `start` is out of bounds."""
        if not (1 <= limit <= MAX_LIMIT and 0 <= start <= 1_000):
            raise ValueError("limit")
        if isinstance(query, str):
            query = self.parser.parse(query)
        ranked = self._ranked(query)
        kept = [s for s in ranked if self._passes(self.passages[s.doc], filters)] if filters else ranked
        if kind in ("program", "section", "preface"):
            shown = [s for s in kept if self.passages[s.doc].kind == kind]
        else:
            shown = [s for s in kept if self.passages[s.doc].kind != "program" and (kind is None or self.passages[s.doc].kind == kind)]
        facets = self._facets(shown)
        page = shown[start : start + limit]
        inside = self._inside(kept) if kind is None or kind == "project" else {}
        worth = self.worth(query)
        hits = tuple(
            self._hit(s, query, worth, inside.get(self.passages[s.doc].home, ()) if self.passages[s.doc].kind == "project" else ()) for s in page
        )
        return Results(query, hits, len(shown), facets, start)

    def _ranked(self, query: Query) -> list[Scored]:
        if query.numbers:
            docs = [self.number[f"projects/{n}"] for n in query.numbers if f"projects/{n}" in self.number]
            first = [Scored(doc, 1000.0 - rank, 1000.0, 0.0) for rank, doc in enumerate(docs)]
            return first
        if query.listing:
            return [Scored(n, 100.0, 100.0, 0.0) for n, p in self._listed(query)]
        ranked = self.postings.score(query)
        if query.facets:
            bonus = self.postings.ranking.named
            ranked = [
                Scored(
                    s.doc,
                    s.score + bonus * sum(has(self.passages[s.doc], f, v, query.related) for f, v in query.facets),
                    s.own,
                    s.lent,
                )
                for s in ranked
            ]
            ranked.sort(key=lambda s: (-s.score, s.doc))
        return ranked

    def _listed(self, query: Query) -> list[tuple[int, Passage]]:
        """Projects that have every facet named, those that a department leads first."""
        found = [(n, p) for n, p in enumerate(self.passages) if p.kind == "project" and all(has(p, f, v, query.related) for f, v in query.facets)]
        departments = [v for f, v in query.facets if f == "department"]
        led = [row for row in found if all(v in row[1].facets["owner"] for v in departments)]
        if led and not query.related:
            return led
        return sorted(found, key=lambda row: not all(v in row[1].facets["owner"] for v in departments))

    def _passes(self, passage: Passage, filters: Mapping[str, str]) -> bool:
        return all(has(passage, facet, value, True) for facet, value in filters.items())

    def _facets(self, shown: Sequence[Scored]) -> dict[str, dict[str, int]]:
        """How many of the hits have each value; the commonest first."""
        counted = Counter(chain.from_iterable([self._values[scored.doc] for scored in shown]))
        facets: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
        for (facet, value), count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])):
            facets[facet][value] = count
        return facets

    def _inside(self, ranked: Sequence[Scored]) -> dict[int | None, tuple[Scored, ...]]:
        inside: defaultdict[int | None, list[Scored]] = defaultdict(list)
        for scored in ranked:
            passage = self.passages[scored.doc]
            if passage.kind == "program" and len(inside[passage.home]) < 3:
                inside[passage.home].append(scored)
        return {home: tuple(found) for home, found in inside.items()}

    def _hit(self, scored: Scored, query: Query, worth: Mapping[str, float], inner: Sequence[Scored] = ()) -> Hit:
        return Hit(
            self.passages[scored.doc],
            round(scored.score, 3),
            self.snippet(scored.doc, query, worth),
            self.matched(scored.doc, query),
            tuple(self.passages[s.doc] for s in inner),
        )

    def worth(self, query: Query) -> dict[str, float]:
        """The terms that answer a query, each with its idf times the weight of its best option."""
        worth: dict[str, float] = {}
        for concept in query.concepts:
            for term, weight in self.postings.options(concept):
                if not term.startswith(("sudachi:", "kanji:")):
                    worth[term] = max(worth.get(term, 0.0), self.postings.idf[term] * weight * concept.weight)
        return worth

    def snippet(self, doc: int, query: Query, worth: Mapping[str, float]) -> Snippet:
        """The line of the plan that holds most of what was asked, or the passage's first; matches are marked."""
        lines = self.lines[doc]
        if not lines:
            return Snippet(self.passages[doc].title, (), None)
        groups = {int(o.term[8:]) for c in query.concepts for o in c.options if o.term.startswith("sudachi:")}
        best, top = lines[1] if len(lines) > 1 else lines[0], 0.0
        asked = worth.keys()
        for line in lines[1:] or lines:
            value = sum([worth[term] for term in line.terms & asked])
            if value > top:
                best, top = line, value
        return Snippet(best.text, marks(best.tokens, worth, groups), best.source)

    @cached_property
    def suggester(self) -> Suggester:
        return Suggester(self.passages, self.tokenizer)

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """What a person may be about to type."""
        return self.suggester.suggest(text, limit)

    def explain(self, hit: Hit, query: Query) -> list[Reason]:
        """Why a passage was found: each word of the query, how it was read, where it stands and what it was worth."""
        doc = self.number[hit.passage.id]
        reasons = []
        for concept in query.concepts:
            how = {option.term: option.how for option in concept.options}
            for term, weight in self.postings.options(concept):
                if impact := self.postings.docs[term].get(doc):
                    fields = sorted({p.name for p in hit.passage.parts if any(t.term == term for t in self.tokenizer.tokens(p.text))})
                    reasons.append(Reason(concept.said, term, how.get(term, ""), tuple(fields), weight, round(impact * weight, 3)))
        for concern in query.concerns:
            if doc in self.postings.docs.get(concern, {}):
                reasons.append(Reason(concern.partition(":")[2], concern, "concern", (), 1.0, round(self.postings.docs[concern][doc], 3)))
        return sorted(reasons, key=lambda reason: -reason.worth)

    def matched(self, doc: int, query: Query) -> tuple[str, ...]:
        """What the reader said that this passage answers."""
        docs = self.postings.docs
        return tuple(c.said for c in query.concepts if any(doc in docs.get(o.term, ()) for o in c.options if not o.term.startswith("sudachi:")))


def marks(tokens: Sequence[Token], worth: Mapping[str, float], groups: set[int]) -> tuple[tuple[int, int], ...]:
    """Stretches of a line whose tokens answer the query, joined where they touch."""
    found: list[list[int]] = []
    for start, end in sorted([(t.start, t.end) for t in tokens if t.term in worth or (t.groups and not groups.isdisjoint(t.groups))]):
        if found and start <= found[-1][1]:
            found[-1][1] = max(end, found[-1][1])
        else:
            found.append([start, end])
    return tuple((start, end) for start, end in found)


def has(passage: Passage, facet: str, value: str, related: bool) -> bool:
    """Whether a passage has a facet's value; a department counts as lead, and as partner when `related`."""
    if facet == "department":
        return value in passage.facets.get("owner", ()) or (value in passage.facets.get("partner", ()))
    if facet == "owner" and related:
        return value in passage.facets.get("owner", ())
    return value in passage.facets.get(facet, ())


__all__ = ["Concept", "Hit", "Index", "Line", "Results", "Snippet"]
