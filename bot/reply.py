"""What a reply is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.thread import Thread
from corpus.model import Source


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence: a line of lines.yml with its slots (no source), or text of the corpus with its source."""

    text: str
    source: Source | None = None
    line: str = ""
    slots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A project that was found. `why` is a quote from the plan; `program` the slug of the program that fits best, if any."""

    project: int
    id: str
    title: str
    url: str
    owner: str
    maturity: str
    why: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A next step: what the button says, and the message it sends."""

    label: str
    message: str


@dataclass(frozen=True, slots=True)
class Slot:
    """What was told of the person or the need: facet, value, the label to show and the message that drops it."""

    facet: str
    value: str
    label: str
    drop: str


@dataclass(frozen=True, slots=True)
class Column:
    """One of the things compared: rows of (label, statements), the same labels in each column."""

    title: str
    url: str
    rows: tuple[tuple[str, tuple[Statement, ...]], ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """How a reply came about, for staff: the intent, what was understood, the scores of the first hits."""

    intent: str = ""
    understood: tuple[str, ...] = ()
    scores: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` is answered, clarify, no_answer, smalltalk or care; `heard` the message with personal data masked; `corpus` the version of the corpus."""

    status: str
    statements: tuple[Statement, ...]
    cards: tuple[Card, ...]
    choices: tuple[Choice, ...]
    thread: Thread
    heard: str = ""
    lang: str = "ja"
    corpus: str = ""
    slots: tuple[Slot, ...] = ()
    columns: tuple[Column, ...] = ()
    trace: Trace = field(default_factory=Trace)

    @property
    def text(self) -> str:
        """The whole text that a person reads."""
        return "\n".join(statement.text for statement in self.statements)
