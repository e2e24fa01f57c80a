"""What there is to say of a project or a program: the plan's own words with their source, framed by lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.reply import Card, Column, Statement
from bot.speech import Speech
from corpus.model import Detail, Plan, Program, Project
from corpus.passage import Passage
from index.search import Hit, Index

YEAR = re.compile(r"平成\d+|H\d+|\d+\s?年度|\d+年")
Statements = tuple[Statement, ...]


class Answers:
    """Statements about projects and programs. Every method is a pure function of the plan."""

    def __init__(self, plan: Plan, index: Index) -> None:
        self.plan, self.index = plan, index
        self.parts: dict[str, Callable[[Project, Speech], Statements]] = {
            "partners": self.partners,
            "owner": self.owner,
            "goals": self.goals,
            "now": self.now,
            "audience": self.audience,
            "when": self.when,
            "steps": self.steps,
        }

    def name(self, project: Project, speech: Speech) -> Statement:
        return speech.say("名指し", number=project.number, title=speech.title(project))

    def owner(self, project: Project, speech: Speech) -> Statements:
        return (speech.say("所管", owner=project.owner),)

    def no_owner(self, program: Program, speech: Speech) -> Statements:
        """Of what the plan speaks of in a lead alone: where, that it names no 課, and the closest project by our classification."""
        near, where = self.plan.project(program.near[0]), self.plan.source(program.claims[0]).label
        return (speech.say("担当なし", title=speech.title(program), where=where, number=near.number, near=speech.title(near)),)

    def owner_of(self, hit: Hit, speech: Speech) -> Statements:
        """The 課 of a find; that there is none where what fits best stands in a lead alone."""
        program, source = self.program_of(hit), hit.snippet.source
        if program and not program.stated and source and not source.id.startswith("projects/"):
            return self.no_owner(program, speech)
        return self.owner(self.plan.project(hit.passage.home or 1), speech)

    def partners(self, project: Project, speech: Speech) -> Statements:
        named = speech.say("関連", partners="、".join(project.partners)) if project.partners else speech.say("関連なし")
        return (named, *self.owner(project, speech))

    def goals(self, project: Project, speech: Speech) -> Statements:
        if project.priority:
            return (speech.say("目標", goals=speech.join(project.priority.goals)),)
        return (speech.say("目標なし", goals=speech.join(project.steps)),)

    def now(self, project: Project, speech: Speech) -> Statements:
        return (speech.say("現状", now=speech.join(project.priority.now)) if project.priority else speech.say("現状なし"),)

    def steps(self, project: Project, speech: Speech) -> Statements:
        return (speech.say("予定", steps=speech.join(project.steps)),)

    def audience(self, project: Project, speech: Speech) -> Statements:
        """Whom it is for, by our classification, beside the plan's own description."""
        words = self.index.passages[self.index.number[project.id]].facets.get("audience", ())
        return (speech.say("対象", audience=speech.join(speech.value("audience", word) for word in words[:6])), *self.content(project))

    def when(self, project: Project, speech: Speech) -> Statements:
        """Lines that name a year; said plainly when there is none."""
        dated = [Statement(line, project.source(label)) for label, line in project.lines() if YEAR.search(line)]
        return tuple(dated[:3]) or (speech.say("時期なし", owner=project.owner),)

    def content(self, project: Project) -> Statements:
        return tuple(Statement(line, project.source("事業内容")) for line in project.content.splitlines())

    def stage(self, project: Project, speech: Speech) -> Statements:
        """What must be said of a thing that is not running: that it is under 検討, or yet to be started."""
        line = {"検討": "検討中", "これから始める": "これから"}.get(project.maturity.stage)
        return (speech.say(line),) if line else ()

    def in_short(self, thing: Project | Program, speech: Speech) -> Statements:
        """Our own words in やさしい日本語 or English; they always stand beside a quote."""
        summary = speech.summary(thing) if speech.lang != "ja" else ""
        return (speech.say("ひとこと", summary=summary),) if summary else ()

    def whole(self, project: Project, speech: Speech) -> Statements:
        """A project told in full: what it is, who runs it, what is to be reached, and how real it is."""
        return (
            self.name(project, speech),
            *self.in_short(project, speech),
            *self.content(project),
            *self.owner(project, speech),
            *self.goals(project, speech),
            *self.stage(project, speech),
        )

    def unstated(self, program: Program | None, speech: Speech) -> Statements:
        """What the plan leaves open about a program: the first of its list, in this register's words."""
        if not program:
            return ()
        details = [speech.value("unstated", detail) for detail in self.plan.open_points(program)[:4]]
        return (speech.say("計画にない", details=speech.join(details)),)

    def given(self, numbers: Sequence[int], detail: Detail) -> tuple[int, Statement] | None:
        """The first line of those projects that does give a detail, with its project."""
        for number in numbers:
            project = self.plan.project(number)
            for label, line in project.lines():
                if detail.given and re.search(detail.given, line):
                    return number, Statement(line, project.source(label))
        return None

    def program_of(self, hit: Hit) -> Program | None:
        """The program inside a hit that fits best."""
        return self.plan.program(hit.inner[0].id) if hit.inner else None

    def card(self, number: int, why: str = "", program: Program | None = None) -> Card:
        """A project's card; without a quote of its own it carries the first line of 事業内容."""
        project = self.plan.project(number)
        return Card(
            number,
            project.id,
            project.name,
            f"/{project.id}",
            project.owner,
            project.maturity.stage,
            why or project.content.splitlines()[0],
            program.slug if program else "",
        )

    def card_of(self, hit: Hit) -> Card:
        return self.card(hit.passage.home or 1, hit.snippet.text, self.program_of(hit))

    def column(self, passage: Passage, speech: Speech) -> Column:
        """One of the things compared: its words, who runs it, how real it is and what the plan leaves open."""
        project = self.plan.project(passage.home or 1)
        program = self.plan.program(passage.id)
        quotes = [Statement(part.text, part.source) for part in passage.parts if part.source and part.name == "text"][:3]
        thing = program or project
        rows = [
            ("表_言葉", tuple(quotes)),
            ("表_所管", self.owner(project, speech)),
            ("表_段階", (speech.say("段階", stage=speech.value("stage", thing.maturity.stage)),)),
            ("表_計画にない", self.unstated(program, speech)),
        ]
        return Column(speech.title(thing), f"/{passage.id}", tuple((speech.label(label), statements) for label, statements in rows))
