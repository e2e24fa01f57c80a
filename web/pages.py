"""Pages that are read: home, search, projects, programs, sections, departments, preface."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flask import Blueprint, abort, render_template, request
from markupsafe import Markup, escape

from corpus.model import Program
from index.search import Results, Snippet
from web import service

bp = Blueprint("pages", __name__)
PAGE = 10
FILTERS = ("field", "owner", "audience", "kind", "priority", "stage")


@bp.app_template_filter()
def marked(snippet: Snippet) -> Markup:
    """A snippet with its matches in <mark>, each part escaped on its own."""
    out, at = Markup(""), 0
    for start, end in snippet.marks:
        out += escape(snippet.text[at:start]) + Markup("<mark>") + escape(snippet.text[start:end]) + Markup("</mark>")
        at = end
    return out + escape(snippet.text[at:])


@bp.app_context_processor
def shared() -> dict[str, object]:
    plan = service().plan
    terms = {term.id: term.label for term in (*plan.front.audience, *plan.front.needs, *plan.front.kinds)}
    return {"plan": plan, "labels": terms}


def arguments() -> tuple[str, int, int, dict[str, str]]:
    """q, limit, start and filters of the address. Aborts with 400 when a number is none or out of bounds."""
    try:
        limit, start = int(request.args.get("limit", PAGE)), int(request.args.get("start", 0))
    except ValueError:
        abort(400)
    if not (1 <= limit <= 50 and 0 <= start <= 1000):
        abort(400)
    return request.args.get("q", ""), limit, start, {name: request.args[name] for name in FILTERS if request.args.get(name)}


def find() -> Results:
    """The results of the address's arguments."""
    text, limit, start, filters = arguments()
    return service().index.search(text, limit=limit, start=start, filters=filters)


def notes(results: Results) -> list[str]:
    """What was done to the words, as lines of lines.yml."""
    return [service().bot.context.note(note).text for note in results.notes]


@bp.get("/")
def home() -> str:
    return render_template("home.html")


@bp.get("/search")
def search() -> str:
    results = find()
    filters = arguments()[3]
    return render_template("search.html", results=results, facets=service().index.facets(results), notes=notes(results), filters=filters, page=PAGE)


@bp.get("/projects/<int:number>")
def project(number: int) -> str:
    plan = service().plan
    if not 1 <= number <= len(plan.projects):
        abort(404)
    found = plan.project(number)
    return render_template("project.html", project=found, programs=plan.programs_of[number], conflicts=plan.conflicts_of[number])


@bp.get("/programs/<slug>")
def program(slug: str) -> str:
    found = service().plan.by_slug.get(slug)
    return render_template("program.html", program=found) if found else abort(404)


#: How /programs may be narrowed: name in the address, label, and a program's values.
NARROWED: tuple[tuple[str, str, Callable[[Program], tuple[str, ...]]], ...] = (
    ("audience", "対象", lambda p: p.audience),
    ("need", "困りごと", lambda p: p.needs),
    ("kind", "種別", lambda p: (p.kind,)),
    ("owner", "計画所管課", lambda p: (service().plan.project(p.projects[0]).owner,)),
    ("stage", "段階", lambda p: (p.maturity.stage,)),
)


@bp.get("/programs")
def programs() -> str:
    """All programs, or those that have every value asked for, with what each value would leave."""
    asked = {name: request.args[name] for name, _, _ in NARROWED if request.args.get(name)}
    found = [p for p in service().plan.programs if all(asked[name] in values(p) for name, _, values in NARROWED if name in asked)]
    counts = [(name, label, Counter(value for p in found for value in values(p))) for name, label, values in NARROWED]
    return render_template("programs.html", programs=found, asked=asked, counts=counts)


@bp.get("/sections/<number>")
def section(number: str) -> str:
    plan = service().plan
    found = plan.sections.get(number)
    if not found:
        abort(404)
    return render_template("section.html", section=found, projects=[p for p in plan.projects if p.section == number])


@bp.get("/faces/<int:number>")
def face(number: int) -> str:
    faces = service().plan.front.faces
    if not 1 <= number <= len(faces):
        abort(404)
    projects = [p for p in service().plan.projects if p.priority and p.priority.face == number]
    return render_template("text.html", title=faces[number - 1].name, source=faces[number - 1].source, text=faces[number - 1].lead, projects=projects)


@bp.get("/preface/<number>")
def preface(number: str) -> str:
    for note in service().plan.notes:
        if note.id == number:
            return render_template("text.html", title=note.title, source=note.source, text=note.text, projects=[])
    abort(404)


@bp.get("/departments/<path:name>")
def department(name: str) -> str:
    found = service().plan.departments.get(name)
    return render_template("department.html", department=found) if found else abort(404)


@bp.get("/departments")
def departments() -> str:
    return render_template("departments.html")
