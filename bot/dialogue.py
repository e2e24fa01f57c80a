"""Bot.reply: one message after one thread gives one reply. The order of the steps in `reply` is the order of precedence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property

from bot.reply import Card, Choice, Reply, Statement, Thread
from corpus.check import fires
from corpus.model import Plan, Project
from corpus.passage import Passage
from index.japanese import clean
from index.query import LIST_WORDS, Concept, Note, Query
from index.search import Hit, Index, Line

CARDS = 4
#: Terms that ask for help without saying with what.
ASKING = frozenset(
    "相談 教える 聞く 質問 助ける 困る 仕方 詳しい もっと 台 出る 掛かる 頼む 目標 数字 現状 番号 年度 一寸 ちょっと 如何 どう".split()
)
NEXT = {"選ぶ_所管", "選ぶ_関連", "選ぶ_目標", "選ぶ_ほか"}
OPENERS = ("問い_起業", "問い_仕事", "問い_経営", "問い_畑", "問い_商店街", "問い_観光")
RANKS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
#: Below this share of the words' worth, a find is only a guess.
SURE = 0.30


class Bot:
    """Answers with lines of lines.yml and text of the corpus. Holds no state of any conversation."""

    def __init__(self, plan: Plan, index: Index) -> None:
        self.plan, self.index = plan, index
        self.match: dict[str, re.Pattern[str]] = {
            name: re.compile(pattern, re.IGNORECASE) for name, pattern in plan.intents.model_dump(exclude={"details"}).items()
        }
        self.details = [(detail.name, re.compile(detail.pattern, re.IGNORECASE)) for detail in plan.intents.details]

    def say(self, name: str, **slots: object) -> Statement:
        """A line of lines.yml with its slots filled."""
        return Statement(self.plan.lines[name]["ja"].format(**slots))

    def label(self, name: str) -> str:
        return self.plan.lines[name]["ja"]

    def reply(self, message: str, thread: Thread | None = None) -> Reply:
        """The reply to any text after any thread. Raises nothing."""
        thread = thread or Thread()
        text = clean(message)
        query = self.index.parser.parse(text)
        steps: Iterable[Callable[[str, Query, Thread], Reply | None]] = (
            self._care,
            self._personal,
            self._outside,
            self._smalltalk,
            self._vague,
            self._detail,
            self._is_priority,
            self._compare,
            self._follow_up,
            self._listing,
            self._figure,
        )
        for step in steps:
            if (found := step(text, query, thread)) is not None:
                return found
        return self._search(text, query, thread)

    def _plain(self, status: str, thread: Thread, *statements: Statement) -> Reply:
        choices = tuple(Choice(self.label(name), self.label(name)) for name in OPENERS[:4])
        return Reply(status, statements, (), choices, thread.after(()))

    def _care(self, text: str, query: Query, thread: Thread) -> Reply | None:
        return self._plain("no_answer", thread, self.say("気がかり")) if any(fires(s, text) for s in self.plan.outside.worries) else None

    def _personal(self, text: str, query: Query, thread: Thread) -> Reply | None:
        return self._plain("no_answer", thread, self.say("個人情報")) if self.match["personal"].search(text) else None

    def _outside(self, text: str, query: Query, thread: Thread) -> Reply | None:
        for subject in self.plan.outside.subjects:
            if fires(subject, text):
                if not subject.office:
                    return self._plain("smalltalk", thread, self.say("言い過ぎ"))
                return self._plain("no_answer", thread, self.say("範囲外", subject=subject.name), self.say("範囲外の窓口", office=subject.office))
        return None

    def _smalltalk(self, text: str, query: Query, thread: Thread) -> Reply | None:
        if not text or self.match["gibberish"].search(text):
            return self._plain("clarify", thread, self.say("聞き返す"))
        for name, line in (("greeting", "あいさつ"), ("thanks", "お礼")):
            if self.match[name].search(text):
                return self._plain("smalltalk", thread, self.say(line))
        return None

    def _vague(self, text: str, query: Query, thread: Thread) -> Reply | None:
        """A wish to talk without a subject is asked back, once; the next message is searched for as it stands."""
        said = self._said(query)
        if self.match["vague"].search(text) and not said and not query.numbers and not query.facets and thread.hand is None:
            return self._plain("clarify", thread, self.say("聞き返す"))
        return None

    def _said(self, query: Query) -> list[Concept]:
        """The concepts that name a matter: not a mere wish to ask, and known to the corpus."""
        known = self.index.postings.docs
        return [c for c in query.concepts if c.options[0].term not in self._empty and any(o.term in known for o in c.options)]

    @cached_property
    def _empty(self) -> frozenset[str]:
        return LIST_WORDS | ASKING

    def _detail(self, text: str, query: Query, thread: Thread) -> Reply | None:
        """A detail that the plan does not give: said plainly, with the project that it would belong to."""
        if self.match["paid"].search(text):
            return self._paid(text, query, thread)
        for name, pattern in self.details:
            if pattern.search(text):
                rest = self.index.parser.parse(pattern.sub(" ", text))
                numbers = self._projects(rest, thread)
                if not numbers:
                    return self._plain("no_answer", thread, self.say("記載なし一般", detail=name))
                project = self.plan.project(numbers[0])
                statements = (
                    self.say("記載なし", detail=name, owner=project.owner),
                    self.say("名指し", number=project.number, title=project.name),
                )
                return self._with("no_answer", statements, numbers[:2], thread, text)
        return None

    def _paid(self, text: str, query: Query, thread: Thread) -> Reply | None:
        """Whether something costs: quoted where the plan says 有料, else 記載なし."""
        numbers = self._projects(query, thread)
        for number in numbers[:3]:
            for label, line in self.plan.project(number).lines():
                if "有料" in line:
                    quote = Statement(line, self.plan.project(number).source(label))
                    return self._with("answered", (self.say("一文", quote=line), quote), (number,), thread, text)
        if numbers:
            owner = self.plan.project(numbers[0]).owner
            return self._with("no_answer", (self.say("記載なし", detail=self.plan.intents.details[1].name, owner=owner),), numbers[:1], thread, text)
        return None

    def _projects(self, query: Query, thread: Thread) -> tuple[int, ...]:
        """Projects that a question is about: those its own words find, else the one in hand."""
        said = self._said(query)
        if query.numbers or query.facets or said:
            found = tuple(h.passage.home for h in self._found(query) if h.passage.home)
            if thread.hand and not query.numbers and not query.facets:
                matched = len(self.index.matched(self.index.number[f"projects/{thread.hand}"], query))
                top = max((len(hit.matched) for hit in self._found(query)[:1]), default=0)
                if matched and matched * 2 >= top:
                    return (thread.hand, *(n for n in found if n != thread.hand))
            return found
        return (thread.hand,) if thread.hand else ()

    def _found(self, query: Query) -> list[Hit]:
        return [hit for hit in self.index.search(query, limit=10, kind="project").hits]

    def _is_priority(self, text: str, query: Query, thread: Thread) -> Reply | None:
        """Whether the project in hand is one of the 15."""
        if not self.match["is_priority"].search(text):
            return None
        numbers = query.numbers or ((thread.hand,) if thread.hand and not self._said(query) else ())
        if not numbers or not 1 <= numbers[0] <= len(self.plan.projects):
            return None
        project = self.plan.project(numbers[0])
        if project.priority:
            face = self.plan.front.faces[project.priority.face - 1].name
            line = self.say("重点に入る", number=project.number, title=project.name, face=face)
        else:
            line = self.say("重点に入らない", number=project.number, title=project.name)
        return self._with("answered", (line,), (project.number,), thread, None)

    def _compare(self, text: str, query: Query, thread: Thread) -> Reply | None:
        """Two or three things named in one question, with the plan's words for each."""
        if not self.match["comparing"].search(text):
            return None
        numbers: list[int] = [n for n in query.numbers if 1 <= n <= len(self.plan.projects)]
        for passage in self._named(text):
            if passage.home and passage.home not in numbers:
                numbers.append(passage.home)
        if len(numbers) < 2:
            return None
        statements = [self.say("比べる")]
        for number in numbers[:3]:
            project = self.plan.project(number)
            statements.append(self.say("名指し", number=number, title=project.name))
            statements += [Statement(line, project.source(label)) for label, line in project.lines() if label == "事業内容"]
            statements += self._owner(project)
        return self._with("answered", tuple(statements), tuple(numbers[:3]), thread, text)

    def _named(self, text: str) -> list[Passage]:
        """Programs and projects whose name stands in the text, in its order; a name inside a longer one does not count."""
        found: list[tuple[int, int, Passage]] = []
        for passage in sorted(self.index.passages, key=lambda p: -len(p.title)):
            at = text.find(passage.title) if passage.kind in ("project", "program") else -1
            if at >= 0 and not any(start <= at < end for start, end, _ in found):
                found.append((at, at + len(passage.title), passage))
        return [passage for _, _, passage in sorted(found, key=lambda row: row[0])]

    def _follow_up(self, text: str, query: Query, thread: Thread) -> Reply | None:
        """The 課, goals or present state of a project named or in hand; another rank of the list; more of it."""
        if thread.shown and (rank := self.match["rank"].search(text)):
            place = RANKS.get(rank[1] or "一") or int(rank[1])
            if place <= len(thread.shown):
                return self._project(thread.shown[place - 1], thread, text, listed=thread.shown)
        if thread.asked and self.match["more"].search(text):
            return self._more(thread)
        parts = (("partners", self._partners), ("owner", self._owner), ("goals", self._goals), ("now", self._now))
        for name, answer in parts:
            if self.match[name].search(text) and not query.listing:
                if name == "goals" and self.match["figure"].search(text) and self._said(query):
                    return None
                rest = self.index.parser.parse(self.match[name].sub(" ", text))
                numbers = self._projects(rest, thread)
                if not numbers:
                    return None
                project = self.plan.project(numbers[0])
                return self._with(
                    "answered", (self.say("名指し", number=project.number, title=project.name), *answer(project)), numbers[:1], thread, None
                )
        if query.numbers:
            return self._project(query.numbers[0], thread, text, listed=query.numbers) if 1 <= query.numbers[0] <= len(self.plan.projects) else None
        if thread.hand and self.match["pointing"].search(text) and self.match["closer"].search(text):
            return self._project(thread.hand, thread, text)
        return None

    def _owner(self, project: Project) -> tuple[Statement, ...]:
        return (self.say("所管", owner=project.owner),)

    def _partners(self, project: Project) -> tuple[Statement, ...]:
        return (self.say("関連", partners="、".join(project.partners)) if project.partners else self.say("関連なし"), *self._owner(project))

    def _goals(self, project: Project) -> tuple[Statement, ...]:
        if project.priority:
            return (self.say("目標", goals="」「".join(project.priority.goals)),)
        return (self.say("目標なし", goals="」「".join(project.steps)),)

    def _now(self, project: Project) -> tuple[Statement, ...]:
        return (self.say("現状", now="」「".join(project.priority.now)) if project.priority else self.say("現状なし"),)

    def _more(self, thread: Thread) -> Reply:
        query = self.index.parser.parse(thread.asked)
        fresh = [hit for hit in self.index.search(query, limit=20, kind="project").hits if hit.passage.home not in thread.seen]
        if not fresh:
            return self._with("answered", (self.say("もうない"),), thread.shown, thread, None)
        cards = tuple(self._card(hit) for hit in fresh[:CARDS])
        statements = (self.say("ほか"), *(self.say("名指し", number=c.project, title=c.title) for c in cards))
        return Reply("answered", statements, cards, self._choices(), thread.after(tuple(c.project for c in cards)))

    def _project(self, number: int, thread: Thread, text: str, listed: tuple[int, ...] = ()) -> Reply:
        project = self.plan.project(number)
        quotes = [Statement(line, project.source(label)) for label, line in project.lines() if label == "事業内容"]
        statements = (self.say("名指し", number=number, title=project.name), *quotes, *self._owner(project), *self._goals(project))
        numbers = (number, *(n for n in listed if n != number and 1 <= n <= len(self.plan.projects)))
        return self._with("answered", (*statements, *self._stage(project)), numbers[:CARDS], thread, text)

    def _stage(self, project: Project) -> tuple[Statement, ...]:
        return (self.say("検討中"),) if project.maturity.stage == "検討" else ()

    def _listing(self, text: str, query: Query, thread: Thread) -> Reply | None:
        """A department, a field or 重点 named alone: all its projects, counted."""
        if thread.asked and self.match["within"].search(text):
            query = self.index.parser.parse(f"{thread.asked} {self.match['within'].sub(' ', text)}")
        if not query.listing:
            return None
        results = self.index.search(query, limit=50)
        numbers = tuple(h.passage.home for h in results.hits if h.passage.home)
        if not numbers:
            return None
        names = "".join(f"「{self.plan.project(n).name}」" for n in numbers)
        return self._with("answered", (self.say("一覧", count=results.total, names=names),), numbers[:15], thread, text)

    def _figure(self, text: str, query: Query, thread: Thread) -> Reply | None:
        """A question for a figure, a date or a meaning: the very sentence that holds it."""
        if not self.match["figure"].search(text) or not query.concepts:
            return None
        lines = self.sentences(query)
        if not lines:
            return None
        statements = tuple(Statement(line.text, line.source) for line in lines)
        homes = [home for line in lines if (home := self.index.passages[line.doc].home)]
        homes += [hit.passage.home for hit in self._found(query)[:2] if hit.passage.home]
        numbers = tuple(dict.fromkeys(homes))[:CARDS]
        if self.index.passages[lines[0].doc].home:
            statements += self._owner(self.plan.project(numbers[0]))
        return self._with("answered", statements, numbers, thread, text)

    def sentences(self, query: Query, most: int = 3) -> list[Line]:
        """Lines of the plan that hold most of the words asked for, the best first.

        A count is asked of a line with a figure; the ward's figures stand in 序章 and the leads, so these come before a
        project's line of equal fit. Those under 0.6 of the best are left out, and so is a text that stands twice.
        """
        worth = self.index.worth(query)
        counted = bool(self.match["counted"].search(query.text))
        found: dict[str, tuple[float, Line]] = {}
        for doc, lines in self.index.lines.items():
            general = 1.0 if self.index.passages[doc].home else 1.3
            for line in lines:
                held = sum([worth[term] for term in line.terms if term in worth])
                if held:
                    figure = (2.0 if counted else 1.35) if re.search(r"\d", line.text) else 1.0
                    value = held**1.5 * figure * general / (1 + 0.004 * len(line.text))
                    if value > found.get(line.text, (0.0, line))[0]:
                        found[line.text] = (value, line)
        ranked = sorted(found.values(), key=lambda pair: -pair[0])
        return [line for value, line in ranked[:most] if value >= 0.6 * ranked[0][0]]

    def _search(self, text: str, query: Query, thread: Thread) -> Reply:
        if self.match["turning"].search(text):
            query = self.index.parser.parse(self.match["turning"].sub(" ", text))
            thread = Thread(turns=thread.turns)
        hits = self._found(query)
        if thread.asked and len(query.concepts) <= 2 and not query.numbers:
            joined = self._found(self.index.parser.parse(f"{text} {thread.asked}"[:300]))
            alone = {h.passage.home for h in hits[:3]}
            hits = hits[:1] + [h for h in joined if h.passage.home in alone or h in joined[:3]] + hits[1:]
            hits = list({h.passage.home: h for h in hits}.values())
        if not hits:
            return self._plain("no_answer", thread, self.say("見つからない"))
        top = hits[0]
        project = self.plan.project(top.passage.home or 1)
        sure = len(top.matched) >= max(1, len(query.concepts)) * SURE
        first = self.say("答え" if sure else "推測", number=project.number, title=project.name)
        quotes = [Statement(top.snippet.text, top.snippet.source)]
        for line in self.sentences(query, 1):
            if line.text != top.snippet.text and self.index.passages[line.doc].home in [h.passage.home for h in hits[:3]]:
                quotes.append(Statement(line.text, line.source))
        for hit in hits[1:3]:
            quotes.append(self.say("名指し", number=hit.passage.home, title=hit.passage.title))
            quotes.append(Statement(hit.snippet.text, hit.snippet.source))
        heard = tuple(self.note(note) for note in query.notes[:2])
        statements = (*heard, first, *quotes[:1], *self._owner(project), *self._stage(project), *quotes[1:], self.say("素案の注意"))
        cards = tuple(self._card(hit) for hit in hits[:CARDS])
        return Reply("answered", statements, cards, self._choices(), thread.after(tuple(c.project for c in cards), text))

    def note(self, note: Note) -> Statement:
        """What was done to a word of the query, said to the reader."""
        line = {"spelling": "もしかして", "year": "年"}.get(note.how, "読み替え")
        return self.say(line, said=note.said, words="」「".join(note.words[:2]))

    def _with(self, status: str, statements: tuple[Statement, ...], numbers: tuple[int, ...], thread: Thread, asked: str | None) -> Reply:
        """A reply about certain projects."""
        cards = tuple(self._card_of(number) for number in numbers)
        return Reply(status, statements, cards, self._choices(), thread.after(tuple(numbers), asked))

    def _choices(self) -> tuple[Choice, ...]:
        return tuple(Choice(self.label(name), self.label(name)) for name in sorted(NEXT))

    def _card(self, hit: Hit) -> Card:
        return self._card_of(hit.passage.home or 1, hit.snippet.text)

    def _card_of(self, number: int, why: str = "") -> Card:
        project = self.plan.project(number)
        return Card(
            number,
            project.id,
            project.name,
            f"/{project.id}",
            project.owner,
            project.maturity.stage,
            why or project.content.splitlines()[0],
        )
