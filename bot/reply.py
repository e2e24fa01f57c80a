"""What a reply is made of, and the thread that a conversation carries."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace

from corpus.model import Source

VERSION = 1
MAX_STATE = 2_000


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence: a line of lines.yml (no source), or text of the corpus with its source."""

    text: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A project that was found. `why` is a quote from the plan."""

    project: int
    id: str
    title: str
    url: str
    owner: str
    maturity: str
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A next step: what the button says, and the message it sends."""

    label: str
    message: str


@dataclass(frozen=True, slots=True)
class Thread:
    """What the conversation carries: projects shown last, the one in hand, all shown, and what was asked."""

    shown: tuple[int, ...] = ()
    hand: int | None = None
    seen: tuple[int, ...] = ()
    asked: str = ""
    turns: int = 0

    def dump(self) -> str:
        """The thread as an opaque string."""
        value = [VERSION, list(self.shown), self.hand, list(self.seen), self.asked, self.turns]
        return base64.urlsafe_b64encode(json.dumps(value, ensure_ascii=False).encode()).decode()

    @classmethod
    def load(cls, state: str | None) -> Thread:
        """The thread of a string; a new one when it is missing, old or tampered with."""
        if not state or len(state) > MAX_STATE:
            return cls()
        try:
            version, shown, hand, seen, asked, turns = json.loads(base64.urlsafe_b64decode(state.encode("ascii", "strict")))
            numbers = [*shown, *seen, *([] if hand is None else [hand])]
            valid = version == VERSION and isinstance(asked, str) and len(asked) <= 300 and type(turns) is int and 0 <= turns < 10_000
            if not valid or not all(type(n) is int and 1 <= n <= 68 for n in numbers):
                return cls()
            return cls(tuple(shown), hand, tuple(seen), asked, turns)
        except (ValueError, TypeError, RecursionError):
            return cls()

    def after(self, shown: tuple[int, ...], asked: str | None = None) -> Thread:
        """The thread once `shown` was listed."""
        seen = tuple(dict.fromkeys((*self.seen, *shown)))[-40:]
        hand = shown[0] if shown else self.hand
        return replace(self, shown=shown or self.shown, hand=hand, seen=seen, asked=self.asked if asked is None else asked, turns=self.turns + 1)


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` is answered, clarify, no_answer or smalltalk."""

    status: str
    statements: tuple[Statement, ...]
    cards: tuple[Card, ...]
    choices: tuple[Choice, ...]
    thread: Thread

    @property
    def text(self) -> str:
        """The whole text that a person reads."""
        return "\n".join(statement.text for statement in self.statements)
