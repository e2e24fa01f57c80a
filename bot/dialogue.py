"""Bot.reply: one message after one thread gives one reply. The order of STEPS is the order of precedence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot import edge, fact, follow, told
from bot.care import CareReader
from bot.context import Context, Turn
from bot.find import search
from bot.reply import Reply, Statement
from bot.thread import LANGUAGES, Thread
from corpus.model import Plan
from index.features import Extractor
from index.japanese import clean
from index.query import Query
from index.search import Hit, Index
from index.vectors import WordVectors

STEPS: tuple[tuple[str, Callable[[Context, Turn], Reply | None]], ...] = (
    ("care", edge.care),
    ("complaint", edge.asked_for_a_person),
    ("outside", edge.outside),
    ("restart", edge.restart),
    ("back", edge.back),
    ("smalltalk", edge.smalltalk),
    ("drop", told.drop),
    ("slot", told.answer),
    ("confirm", follow.confirm),
    ("vague", edge.vague),
    ("without", follow.without),
    ("detail", follow.detail),
    ("priority", follow.is_priority),
    ("compare", follow.compare),
    ("list", follow.next_page),
    ("part", follow.follow_up),
    ("suppose", told.suppose),
    ("list", follow.listing),
    ("totals", fact.totals),
    ("figure", fact.figure),
)


class Bot:
    """Answers with lines of lines.yml and text of the corpus. Holds no state of any conversation."""

    def __init__(self, plan: Plan, index: Index) -> None:
        """Word vectors and the trained reading of distress are kept in the folder of the index."""
        care = CareReader.of(plan, Extractor(index.tokenizer, WordVectors.of(index.folder)), index.folder)
        self.context = Context(plan, index, care)

    def beside(self, text: str, lang: str) -> Reply | None:
        """What must be said before any result of a search, or in place of it: a reply of care, or that a matter is not of this plan."""
        heard, _ = self.context.masked(clean(text))
        turn = Turn(heard, self.context.parse(heard), Thread(lang=lang), self.context.speeches[lang])
        return edge.care(self.context, turn) or edge.outside(self.context, turn)

    def faint(self, query: Query, hits: Sequence[Hit]) -> bool:
        """Whether what a search found shares little more than common words with what was asked."""
        return bool(hits) and self.context.weak(query, hits)

    def counter(self, reply: Reply) -> tuple[Statement, ...]:
        """What to ask at the counter about a reply: whether it is the right 課, who may use it, whether it still stands, and what the plan leaves open."""
        speech = self.context.speeches[reply.lang]
        program = next((self.context.plan.by_slug[card.program] for card in reply.cards if card.program), None)
        details = self.context.plan.open_points(program) if program else ()
        return (
            *(speech.say(name) for name in ("窓口_担当", "窓口_対象", "窓口_今")),
            *(speech.say("窓口_細目", detail=speech.value("unstated", detail)) for detail in details),
        )

    def reply(self, message: str, thread: Thread | None = None, lang: str | None = None) -> Reply:
        """The reply to any text after any thread; `lang` sets the register, else the message's own language does. Raises nothing."""
        thread = self.context.checked(thread or Thread())
        text, kinds = self.context.masked(clean(message))
        lang = lang if lang in LANGUAGES else self.context.language(text, thread)
        turn = Turn(text, self.context.parse(text), replace(thread, lang=lang, lost=False), self.context.speeches[lang])
        if kinds and not self.context.said(turn.query):
            name, reply = "personal", self.context.plain(turn, "no_answer")
        else:
            found = next(((name, found) for name, step in STEPS if (found := step(self.context, turn)) is not None), None)
            name, reply = found or ("search", search(self.context, turn))
        before = [turn.speech.say("読めない")] if thread.lost else []
        if kinds:
            before.append(turn.speech.say("個人情報", kinds=turn.speech.join(turn.speech.detail(kind) for kind in kinds)))
        slots = tuple(self.context.chip(turn, facet, value) for facet, value in reply.thread.slots)
        understood = (*(f"{slot.facet}:{slot.value}" for slot in slots), *turn.query.concerns, *(c.said for c in turn.query.concepts))
        trace = replace(reply.trace, intent=name, understood=tuple(dict.fromkeys(understood)))
        return replace(
            reply, statements=(*before, *reply.statements), heard=text, lang=lang, corpus=self.context.plan.version, slots=slots, trace=trace
        )
