"""What a conversation carries from one turn to the next, as a small opaque string that no server keeps."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from index.japanese import clean

VERSION = 3
MAX_STATE = 6_000
FACETS = ("audience", "need", "kind", "stage")
LANGUAGES = ("ja", "easy", "en")
TRAIL = 4
#: Characters of an earlier need that are carried on, and of one that is repeated to the reader: a thread comes from
#: outside, and a link must not put sentences into the ward's mouth.
KEPT, REPEATED = 120, 40


@dataclass(frozen=True, slots=True)
class Thread:
    """The state of a conversation.

    `shown` are the projects listed last, `hand` the one spoken of, `seen` all shown; `asked` is the need as it stands and
    `trail` the needs before it; `slots` what is known of person and need (facet, value) and `declined` the facets not to
    ask about again; `question` the facet just asked about and `asks` the questions in a row; `without` words to leave out;
    `page` how many of a list were told; `last` the line that declined last.
    """

    shown: tuple[int, ...] = ()
    hand: int | None = None
    seen: tuple[int, ...] = ()
    asked: str = ""
    trail: tuple[str, ...] = ()
    slots: tuple[tuple[str, str], ...] = ()
    declined: tuple[str, ...] = ()
    question: str = ""
    asks: int = 0
    without: tuple[str, ...] = ()
    page: int = 0
    rephrased: bool = False
    last: str = ""
    lang: str = "ja"
    lost: bool = False

    def dump(self) -> str:
        """The thread as an opaque string: only what differs from a new one."""
        new = asdict(Thread())
        value = {name: kept for name, kept in asdict(self).items() if kept != new[name]}
        text = json.dumps([VERSION, value], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def load(cls, state: str | None, projects: int = 68) -> Thread:
        """The thread of a string. A missing one is new; one that is old, too long or tampered with is new and `lost`."""
        if not state:
            return cls()
        try:
            if len(state) > MAX_STATE:
                raise ValueError
            version, value = json.loads(base64.urlsafe_b64decode(state.encode("ascii") + b"=" * (-len(state) % 4)))
            names = {field.name for field in fields(cls)}
            if version != VERSION or not isinstance(value, dict) or set(value) - names:
                raise ValueError
            thread = cls(**{name: _tuples(kept) for name, kept in value.items()})
            thread._validate(projects)
            thread = thread.with_texts(clean)
        except (ValueError, TypeError, AttributeError, RecursionError):
            return cls(lost=True)
        return thread

    def _validate(self, projects: int) -> None:
        """Raises ValueError or TypeError when a value is not of its kind."""
        numbers = (*self.shown, *self.seen, *(() if self.hand is None else (self.hand,)))
        texts = (self.asked, *self.trail, *self.without, *self.declined, self.question, self.last, *(text for pair in self.slots for text in pair))
        held = (
            all(type(n) is int and 1 <= n <= projects for n in numbers),
            len(self.shown) <= 68 and len(self.seen) <= 68 and len(self.trail) <= TRAIL and len(self.slots) <= len(FACETS) and len(self.without) <= 6,
            all(isinstance(text, str) and len(text) <= 300 for text in texts),
            all(len(pair) == 2 and pair[0] in FACETS for pair in self.slots),
            set(self.declined) <= set(FACETS) and self.question in ("", *FACETS),
            all(type(n) is int and 0 <= n <= 1_000 for n in (self.asks, self.page)),
            all(type(flag) is bool for flag in (self.rephrased, self.lost)),
            self.lang in LANGUAGES,
        )
        if not all(held):
            raise ValueError

    def with_texts(self, change: Callable[[str], str]) -> Thread:
        """The thread with each text that a reader wrote changed: it comes from outside, as a message does."""
        trail, without = tuple(map(change, self.trail)), tuple(map(change, self.without))
        return replace(self, asked=change(self.asked), trail=trail, without=without)

    def slot(self, facet: str) -> str:
        """The value of a slot, or an empty text."""
        return dict(self.slots).get(facet, "")

    def filled(self, facet: str, value: str) -> Thread:
        """The thread with a slot filled; with an empty value, emptied."""
        slots = {**dict(self.slots), facet: value}
        return replace(self, slots=tuple((name, slots[name]) for name in FACETS if slots.get(name)))

    def after(self, numbers: tuple[int, ...], listed: bool) -> Thread:
        """The thread once projects were shown; `listed` when they are the new list that ranks point into."""
        seen = tuple(dict.fromkeys((*self.seen, *numbers)))[-68:]
        return replace(self, shown=numbers if listed and numbers else self.shown, hand=numbers[0] if numbers else self.hand, seen=seen)

    def asking(self, text: str) -> Thread:
        """The thread with a new need; the one before it goes to the trail."""
        trail = (*self.trail, self.asked[:KEPT])[-TRAIL:] if self.asked and self.asked != text else self.trail
        return replace(self, asked=text, trail=trail)


def repeated(text: str) -> str:
    """What the thread holds of an earlier message, as a reply may repeat it."""
    return text if len(text) <= REPEATED else text[: REPEATED - 1] + "…"


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
