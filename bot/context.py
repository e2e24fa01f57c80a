"""What all intents share: what a message is understood as, and how a reply is put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.answer import Answers
from bot.ask import Finder
from bot.care import CareReader
from bot.reply import Choice, Reply, Slot, Statement
from bot.speech import Speech
from bot.thread import LANGUAGES, Thread
from corpus.model import Detail, Pattern, Plan
from corpus.passage import Passage
from index.japanese import clean, stem
from index.meaning import Note
from index.query import LIST_WORDS, Concept, Query
from index.search import Hit, Index, has

#: Terms that ask for help without saying with what.
ASKING = frozenset(
    "相談 教える 聞く 質問 助ける 困る 仕方 詳しい もっと 台 出る 掛かる 頼む 目標 数字 現状 番号 年度 一寸 ちょっと 如何 どう".split()
)
OPENERS = ("問い_起業", "問い_仕事", "問い_経営", "問い_畑", "問い_商店街", "問い_観光")
CARDS = 4
#: Things said in a message that tells a story, and the score of a find that its subject must reach (judged stories: 28 to 61).
STORY, STRONG = 8, 26.0
#: Finds below LEAST are none; those below LOW must hold more than HALF of what was asked, an unknown word counting UNKNOWN (a rare one's worth).
LEAST, LOW, HALF, UNKNOWN = 9.0, 11.0, 0.58, 4.0
#: The score of a find that a question for a detail may be about: its one word says less than a need does.
NAMED = 5.0
MASK = "■■■"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as it was understood."""

    text: str
    query: Query
    thread: Thread
    speech: Speech


class Context:
    """The plan, its index and its patterns, and the ways in which every intent reads a message and builds a reply."""

    def __init__(self, plan: Plan, index: Index, care: CareReader) -> None:
        self.plan, self.index, self.care = plan, index, care
        self.answers, self.finder = Answers(plan, index), Finder(plan, index.passages)
        self.speeches = {lang: Speech(plan, lang) for lang in LANGUAGES}
        self.match = {
            name: re.compile(pattern.pattern, re.IGNORECASE)
            for name in type(plan.intents).model_fields
            if isinstance(pattern := getattr(plan.intents, name), Pattern)
        }
        self.details = [(detail, re.compile(detail.pattern, re.IGNORECASE)) for detail in plan.intents.details]
        self.asked = [(kind, re.compile(kind.pattern, re.IGNORECASE)) for kind in plan.intents.asked]
        self.personal = [(detail, re.compile(detail.pattern, re.IGNORECASE)) for detail in plan.intents.personal]

    def parse(self, text: str) -> Query:
        return self.index.parser.parse(text)

    def without(self, name: str, text: str) -> Query:
        """The query of a text without the words that a pattern finds."""
        return self.parse(self.match[name].sub(" ", text))

    def only(self, name: str, text: str) -> bool:
        """Whether a text says what a pattern finds, and names no matter beside it."""
        return bool(self.match[name].search(text)) and not self.said(self.without(name, text))

    def checked(self, thread: Thread) -> Thread:
        """The thread with personal data masked, or a new one when a slot holds what no vocabulary knows."""
        known = all(self.finder.valid(facet, value) for facet, value in thread.slots) and (not thread.last or thread.last in self.plan.lines)
        return thread.with_texts(lambda text: self.masked(text)[0]) if known else Thread(lost=True)

    def masked(self, text: str) -> tuple[str, list[Detail]]:
        """The text with personal data masked, and which kinds there were. Full names are known by Sudachi, the rest by patterns."""
        kinds = []
        for kind, pattern in self.personal:
            if pattern.search(text):
                text = pattern.sub(MASK, text)
                kinds.append(kind)
        for start, end in reversed(self.index.tokenizer.people(text)):
            text = text[:start] + MASK + text[end:]
            kinds += [self.personal_name] if self.personal_name not in kinds else []
        return text, kinds

    def language(self, text: str, thread: Thread) -> str:
        """English for words of English; plain Japanese for Japanese; what was spoken before for neither."""
        words = re.findall(r"[A-Za-z']+", text)
        if re.search(r"[぀-ヿ一-鿿]", text):
            return "ja" if thread.lang == "en" else thread.lang
        vocabulary = self.index.vocabulary
        known = any(stem(word) in vocabulary.english or (stem(word),) in vocabulary.ignored for word in words)
        return "en" if known or (len(words) >= 2 and not text.isupper()) else thread.lang

    def said(self, query: Query) -> list[Concept]:
        """The concepts that name a matter: not a mere wish to ask, and known to the corpus."""
        known = self.index.postings
        return [c for c in query.concepts if c.options[0].term not in self.empty and any(o.term in known for o in c.options)]

    @cached_property
    def titled(self) -> frozenset[str]:
        """The terms of the titles of projects and programs, those of LIST_WORDS aside."""
        titles = (lines[0] for doc, lines in self.index.lines.items() if lines and self.index.passages[doc].kind in ("project", "program"))
        return frozenset(term for line in titles for term in line.spans) - LIST_WORDS

    @cached_property
    def empty(self) -> frozenset[str]:
        return LIST_WORDS | ASKING

    @cached_property
    def values(self) -> dict[str, list[tuple[str, str]]]:
        """Each label of each register -> the facets and values that it names."""
        found: dict[str, list[tuple[str, str]]] = {}
        for facet, values in self.finder.order.items():
            for value in values:
                for label in (value, *(speech.value(facet, value) for speech in self.speeches.values())):
                    found.setdefault(clean(label).lower(), []).append((facet, value))
        return found

    def valued(self, text: str, facet: str = "") -> tuple[str, str] | None:
        """The facet and value that a text names; `facet` is preferred where a label names two."""
        rows = self.values.get(re.sub(r"[。.!！「」\"“”]|\s*\(\d+\)$", "", text).strip().lower(), [])
        return next((row for row in rows if row[0] == facet), rows[0] if rows else None)

    def projects(self, turn: Turn, query: Query) -> tuple[int, ...]:
        """Projects that a question is about: those its own words find, else the one in hand."""
        hand = turn.thread.hand
        if query.numbers or query.facets or self.said(query):
            hits = self.found(query)
            found = tuple(h.passage.home for h in hits if h.passage.home)
            if hand and not query.numbers and not query.facets:
                matched = len(self.index.matched(self.index.number[f"projects/{hand}"], query))
                top = max((len(hit.matched) for hit in hits[:1]), default=0)
                if matched and matched * 2 >= top:
                    return (hand, *(n for n in found if n != hand))
            return found if hits and hits[0].score >= NAMED or query.numbers or query.facets else ()
        return (hand,) if hand else ()

    def weak(self, query: Query, hits: Sequence[Hit]) -> bool:
        """Whether the best find is too weak to be an answer: it shares little more than common words with the question.

        Of 971 judged needs 6 lie below these bounds; of 55 questions about other matters that outside.yml does not name, 38 do.
        """
        if query.numbers or query.facets or not hits or query.text in self.called:
            return not hits
        top = hits[0]
        places = [self.index.number[passage.id] for passage in (top.passage, *top.inner)]
        held = self.share(query, lambda concept: bool(self.index.postings.answer(concept).holders[places].any()))
        if all(c.options[0].term in self.index.vocabulary.printed for c in query.concepts):
            return held < HALF and top.score < LOW
        # A story holds much that no project does.
        return top.score < LEAST or (top.score < LOW and held < HALF and len(query.concepts) < STORY)

    def story(self, query: Query) -> bool:
        """Whether a message is a long story that the plan answers well: what it mentions on the way is not its subject."""
        if len(query.concepts) < STORY:
            return False
        hits = self.found(query, 1)
        return bool(hits) and hits[0].score >= STRONG

    def share(self, query: Query, holds: Callable[[Concept], bool]) -> float:
        """How much of what was asked is held, from 0 to 1: rare words weigh more, unknown ones as much as a rare one."""
        worths = [(max((value for _, value in self.index.postings.answer(c).words), default=UNKNOWN), holds(c)) for c in query.concepts]
        return sum(worth for worth, held in worths if held) / (sum(worth for worth, _ in worths) or 1.0)

    def found(self, query: Query, limit: int = 10) -> list[Hit]:
        return [hit for hit in self.index.search(query, limit=limit, kind="project").hits]

    def reply(
        self,
        turn: Turn,
        status: str,
        statements: Iterable[Statement],
        numbers: Sequence[int] = (),
        choices: Sequence[Choice] = (),
        thread: Thread | None = None,
        listed: bool = False,
        done: str = "",
    ) -> Reply:
        """A reply about certain projects; `done` is the part just told, which is not offered again."""
        cards = tuple(self.answers.card(number) for number in numbers)
        thread = (thread or turn.thread).after(tuple(numbers), listed)
        if thread == turn.thread:
            thread = replace(thread, question="")
        choices = choices or (self.next_steps(turn, numbers[0], done) if numbers else self.openers(turn.speech))
        return Reply(status, tuple(statements), cards, tuple(choices), thread)

    def plain(self, turn: Turn, status: str, *statements: Statement, thread: Thread | None = None, choices: Sequence[Choice] = ()) -> Reply:
        return self.reply(turn, status, statements, choices=choices, thread=replace(thread or turn.thread, question=""))

    def vary(self, turn: Turn, names: Sequence[str], **slots: object) -> tuple[Statement, Thread]:
        """The one of some lines that follows the one said just before, else the first; and the thread that remembers it."""
        place = names.index(turn.thread.last) + 1 if turn.thread.last in names else 0
        chosen = names[place % len(names)]
        return turn.speech.say(chosen, **slots), replace(turn.thread, last=chosen)

    def openers(self, speech: Speech) -> tuple[Choice, ...]:
        """What a conversation may begin with, as buttons."""
        return tuple(speech.choice(name) for name in OPENERS)

    def hand_over(self, turn: Turn, *before: Statement, thread: Thread | None = None) -> Reply:
        """No more questions: the 課 to talk to, and the six fields."""
        return self.plain(turn, "clarify", *before, turn.speech.say("人へ", owners=self.owners()), thread=thread, choices=self.fields())

    def next_steps(self, turn: Turn, number: int, done: str = "") -> tuple[Choice, ...]:
        """Two to four next steps for a project in hand."""
        steps = [("whole", "選ぶ_くわしく"), ("owner", "選ぶ_所管"), ("partners", "選ぶ_関連")]
        steps += [("goals", "選ぶ_目標")] if self.plan.project(number).priority else []
        offered = [name for part, name in steps if part != done][:3]
        return tuple(turn.speech.choice(name) for name in (*offered, "選ぶ_ほか" if turn.thread.asked else "選ぶ_人"))

    def chip(self, turn: Turn, facet: str, value: str) -> Slot:
        label = turn.speech.value(facet, value)
        return Slot(facet, value, label, turn.speech.label("選ぶ_はずす", slot=label))

    def owners(self) -> str:
        return "、".join(dict.fromkeys(project.owner for project in self.plan.projects))

    def options(self, turn: Turn, facet: str, options: Iterable[tuple[str, int]]) -> tuple[Choice, ...]:
        shown = [(turn.speech.value(facet, value), count) for value, count in options]
        rest = (turn.speech.choice("選ぶ_どれでもない"), turn.speech.choice("選ぶ_わからない"))
        return (*(Choice(f"{label} ({count})", label) for label, count in shown), *rest)

    def fields(self) -> tuple[Choice, ...]:
        """The six fields, each listing its projects."""
        return tuple(Choice(area.name, area.name) for area in self.plan.front.areas)

    def passage(self, number: int) -> Passage:
        return self.index.passages[self.index.number[f"projects/{number}"]]

    def left_out(self, hit: Hit, words: Iterable[str]) -> bool:
        """Whether a hit is of what was named: by 課 or field, by whom or what it is for, or by its name."""
        facets = {value for values in hit.passage.facets.values() for value in values}
        for word in words:
            query = self.parse(word)
            if any(has(hit.passage, facet, value, False) for facet, value in query.facets):
                return True
            if any(concern.partition(":")[2] in facets for concern in query.concerns) or word in hit.passage.title or word in facets:
                return True
            if any(word in inner.title or word in inner.facets.get("kind", ()) for inner in hit.inner):
                return True
        return False

    def told(self, thread: Thread, query: Query) -> Query:
        """The query with what the slots tell and its own words do not."""
        said = {concern.partition(":")[0] for concern in query.concerns}
        more = tuple(f"{facet}:{value}" for facet, value in thread.slots if facet in ("audience", "need") and facet not in said)
        return replace(query, concerns=(*query.concerns, *more)) if more else query

    def note(self, note: Note, lang: str = "ja") -> Statement:
        """What was done to a word of the query, said to the reader."""
        if note.how == "later":
            return self.speeches[lang].say("令和", said=note.said)
        line = {"spelling": "もしかして", "year": "年"}.get(note.how, "読み替え")
        return self.speeches[lang].say(line, said=note.said, words=self.speeches[lang].join(note.words[:2]))

    @cached_property
    def personal_name(self) -> Detail:
        return next(detail for detail, _ in self.personal if detail.english == "name")

    @cached_property
    def price(self) -> Detail:
        return next(detail for detail in self.plan.intents.details if detail.english == "price")

    @cached_property
    def called(self) -> frozenset[str]:
        """All that programs and projects are called: whoever says just that means it."""
        programs = (name for program in self.plan.programs for name in (program.name, *program.aliases))
        projects = (name for project in self.plan.projects for name in (project.name, *(project.everyday.aliases if project.everyday else ())))
        return frozenset(map(clean, (*programs, *projects)))

    @cached_property
    def names(self) -> list[tuple[str, Passage]]:
        """Names of programs and projects, the longest first."""
        return sorted(((p.title, p) for p in self.index.passages if p.kind in ("project", "program")), key=lambda row: -len(row[0]))

    def named(self, text: str) -> list[Passage]:
        """Programs and projects whose name stands in the text, in its order; a name inside a longer one does not count."""
        found: list[tuple[int, int, Passage]] = []
        for name, passage in self.names:
            at = text.find(name)
            if at >= 0 and not any(start <= at < end for start, end, _ in found):
                found.append((at, at + len(name), passage))
        return [passage for _, _, passage in sorted(found, key=lambda row: row[0])]
