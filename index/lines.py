"""The plan's lines: where words stand in each, and which of them answers a question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corpus.model import Source
from corpus.passage import Passage
from index.japanese import Token, group_term
from index.postings import Answer, Postings

#: No line has so many characters.
SPAN = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A quotable part of a passage. `spans` tells where each of its terms and synonym groups stands.

    A place is one number, start * SPAN + end: pairs would take 4 MB more.
    """

    doc: int
    text: str
    source: Source
    spans: Mapping[str, tuple[int, ...]]
    part: tuple[str, int] = ("text", 0)


class Look(NamedTuple):
    """How an answer looks: `patterns` of which one is asked for (a figure with 人, a year), or at least a `figure`.

    `label` is part of the label of its place (29年度 asks for goals); `wide` asks for the whole ward: 商店街はいくつある;
    `ahead` asks what will be: 将来の人口は.
    """

    patterns: tuple[re.Pattern[str], ...] = ()
    figure: bool = False
    label: str = ""
    wide: bool = False
    ahead: bool = False


LOOK = Look()


class Sentence(NamedTuple):
    """A line that may answer a question: how well (no unit), and how much of the question it and its surroundings hold, from 0 to 1."""

    line: Line
    value: float
    share: float


@dataclass(frozen=True, slots=True)
class Telling:
    """What makes a sentence answer a question, chosen by cross-validation over judged questions (DECISIONS.md)."""

    near: float = 0.7  # a word that stands in the line before
    around: float = 0.5  # or elsewhere in the passage: its title, its other lines
    share: float = 0.4  # how much of the question it must hold
    asked: float = 3.0  # it looks as the answer does that is asked for: a figure with 人, a year
    figure: float = 1.8  # or it holds some figure, where one is asked for
    label: float = 1.6  # it stands where the question asks: 現状, 29年度
    general: float = 1.3  # 序章 and the leads, where the ward's figures stand, beside a project's line
    wide: float = 2.2  # the same, where the question is for all that there is
    forecast: float = 0.7  # it says what is expected, where the question asks for what is
    length: float = 0.003  # what each character costs
    unknown: float = 6.0  # the worth of a word that the corpus lacks


TELLING = Telling()
FIGURE = re.compile(r"\d")
FORECAST = re.compile(r"と(?:推計|推測|予測)され|見通し")
#: Lines under this share of the best, before it is known how they look, are not weighed any further.
LIKELY = 0.12


class Lines:
    """All quotable lines in the plan's order."""

    def __init__(self, lines: Sequence[Line], passages: Sequence[Passage], postings: Postings) -> None:
        self.lines, self.passages, self.postings, self.telling = lines, passages, postings, TELLING
        self._units = postings.places([(line.doc, *line.part) for line in lines])
        self._homes = np.array([passages[line.doc].home or 0 for line in lines], dtype=np.intp)
        docs = np.array([line.doc for line in lines], dtype=np.intp)
        self._covered = postings.covered(docs)
        #: Whether a line goes on with the passage of the line before.
        self._goes_on = np.append(False, docs[1:] == docs[:-1])

    def sentences(self, answers: Iterable[Answer], look: Look = LOOK, most: int = 3, home: int | None = None) -> list[Sentence]:
        """The lines that answer a question best: they hold its words, or stand among them, and look as asked for.

        Those under 0.6 of the best are left out, and so is a text that stands twice; with `home`, all but one project's.
        """
        held, telling = np.zeros(len(self.lines)), self.telling
        asked = 0.0
        for answer in answers:
            asked += answer.worth if answer.words else telling.unknown
            sums = np.append(self.postings.sums([answer]), 0.0)
            own = sums[self._units]
            near = np.where(self._goes_on, np.append(0.0, own[:-1]), 0.0) * telling.near
            held += np.maximum(own, np.maximum(near, sums[self._covered] * telling.around))
        if home is not None:
            held[self._homes != home] = 0.0
        if not held.any():
            return []
        share = np.minimum(held / asked, 1.0)
        value = held * share**telling.share
        found: dict[str, Sentence] = {}
        for at in (value > LIKELY * value.max()).nonzero()[0].tolist():
            line = self.lines[at]
            plain = unicodedata.normalize("NFKC", line.text)
            worth = float(value[at]) * self._looks(line, plain, look) / (1 + telling.length * len(plain))
            known = found.get(key := re.sub(r"\s", "", plain))
            if known is None or worth > known.value:
                found[key] = Sentence(line, worth, float(share[at]))
        ranked = sorted(found.values(), key=lambda sentence: -sentence.value)
        return [sentence for sentence in ranked[:most] if sentence.value >= 0.6 * ranked[0].value]

    def _looks(self, line: Line, plain: str, look: Look) -> float:
        """By how much a line gains from how it looks and where it stands."""
        telling, gain = self.telling, 1.0
        if any(pattern.search(plain) for pattern in look.patterns):
            gain = telling.asked
        elif look.figure and FIGURE.search(plain):
            gain = telling.figure
        if look.label and look.label in line.source.label:
            gain *= telling.label
        if not look.ahead and FORECAST.search(plain):
            gain *= telling.forecast
        if self.passages[line.doc].home is None:
            gain *= telling.wide if look.wide else telling.general
        return gain


def spans(tokens: Iterable[Token], known: dict[tuple[int, ...], tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Where each term and each synonym group of a text stands. Of places that are equal, `known` keeps one for all (2 MB less)."""
    found: dict[str, tuple[int, ...]] = {}
    for token in tokens:
        place = token.start * SPAN + token.end
        for key in (token.term, *map(group_term, token.groups)):
            places = (*found.get(key, ()), place)
            found[key] = known.setdefault(places, places)
    return found


def marks(line: Line, marked: Set[str]) -> tuple[tuple[int, int], ...]:
    """Stretches of a line that answer the query, joined where they touch."""
    places = sorted([place for key in marked & line.spans.keys() for place in line.spans[key]])
    if not places:
        return ()
    found: list[tuple[int, int]] = []
    start, end = divmod(places[0], SPAN)
    for place in places:
        first, last = divmod(place, SPAN)
        if first > end:
            found.append((start, end))
            start, end = first, last
        elif last > end:
            end = last
    return (*found, (start, end))
