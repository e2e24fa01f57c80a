"""Flattens the plan into passages: the only documents that the index knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from corpus.model import Everyday, Plan, Program, Project, Source


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a passage. `name` is its field in the index; only parts that quote the plan have a source."""

    name: str
    text: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A page that can be found. `id` is its URL path; `home` the project it belongs to, if any."""

    id: str
    kind: str
    title: str
    parts: tuple[Part, ...]
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    home: int | None = None
    stage: str = ""


def passages(plan: Plan) -> list[Passage]:
    """Projects, programs, sections, faces and preface, in this order."""
    found = [project_passage(plan, project) for project in plan.projects]
    found += [program_passage(plan, program) for program in plan.programs]
    for area in plan.front.areas:
        for section in area.sections:
            parts = [Part("title", section.name, section.source), Part("area", area.name)]
            parts += [Part("text", line, section.source) for line in [section.subtitle, *sentences(section.lead)] if line]
            facets: dict[str, tuple[str, ...]] = {"field": (area.name,), "section": (section.name,)}
            found.append(Passage(section.source.id, "section", section.name, tuple(parts), facets))
    for face in plan.front.faces:
        parts = [Part("title", face.name, face.source), *(Part("text", line, face.source) for line in sentences(face.lead))]
        found.append(Passage(face.source.id, "section", face.name, tuple(parts)))
    for note in plan.notes:
        parts = [Part("title", note.title, note.source), *(Part("text", line, note.source) for line in sentences(note.text))]
        found.append(Passage(note.source.id, "preface", note.title, tuple(parts)))
    return found


def project_facets(plan: Plan, project: Project) -> dict[str, tuple[str, ...]]:
    return {
        "field": (plan.front.areas[project.field - 1].name,),
        "section": (plan.sections[project.section].name,),
        "owner": (project.owner,),
        "partner": tuple(unicodedata.normalize("NFKC", name) for name in project.partners),
        "priority": ("重点",) if project.priority else (),
        "stage": (project.maturity.stage,),
        "new": ("新規",) if project.new else (),
    }


def project_passage(plan: Plan, project: Project) -> Passage:
    words = project.everyday
    programs = plan.programs_of[project.number]
    facets = project_facets(plan, project) | {
        "audience": merged(words.audience if words else (), *(p.audience for p in programs)),
        "need": merged(words.needs if words else (), *(p.needs for p in programs)),
        "kind": merged(*((p.kind,) for p in programs)),
    }
    area, section = facets["field"][0], facets["section"][0]
    parts = [Part("title" if label == "事業名" else "text", text, project.source(label)) for label, text in project.lines()]
    parts += [Part("area", area), Part("area", section)]
    parts += [Part("office", project.owner, project.source("計画所管課"))]
    parts += [Part("office", name, project.source("関連所管課")) for name in project.partners]
    if words:
        parts += everyday_parts(words)
        parts += [Part("phrase", wording) for wording in words.wordings]
    return Passage(project.id, "project", project.name, tuple(parts), facets, project.number, project.maturity.stage)


def program_passage(plan: Plan, program: Program) -> Passage:
    home = plan.project(program.projects[0])
    facets = project_facets(plan, home) | ({} if program.stated else {"owner": (), "partner": (), "priority": (), "new": ()})
    facets |= {
        "audience": program.audience,
        "need": program.needs,
        "kind": (program.kind,),
        "stage": (program.maturity.stage,),
    }
    parts = [Part("title", program.name), Part("summary", program.summary)]
    for claim in program.claims:
        parts += [Part("text", claim.quote, plan.source(claim)), Part("summary", claim.plain)]
    parts += everyday_parts(program)
    return Passage(program.id, "program", program.name, tuple(parts), facets, home.number, program.maturity.stage)


def everyday_parts(words: Everyday | Program) -> Iterable[Part]:
    """The parts in our own words that projects and programs share."""
    for name in words.aliases:
        yield Part("alias", name)
    for phrase in words.phrases:
        yield Part("phrase", phrase)
    yield Part("english", words.english_name)
    yield Part("english", words.english)
    yield Part("easy", words.easy)


def sentences(text: str) -> list[str]:
    """A text cut after each 。, so that a figure is quoted with its own sentence alone; a 。 inside brackets cuts nothing."""
    return [piece for line in text.splitlines() for piece in re.split(r"(?<=。)(?![)）」])", line) if piece]


def merged(*lists: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for values in lists for value in values))
