"""Pages that are read: home, search, finder, projects, programs, sections, departments, preface, and what machines read of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from markupsafe import Markup, escape

from bot.ask import FITS, ORDER
from corpus.model import Program, Project
from index.japanese import clean
from index.search import Results, Snippet
from web import arguments, service
from web.language import language, link, mask, register, speech, t

bp = Blueprint("pages", __name__)
bp.app_context_processor(register)
PAGE = 10


@bp.app_template_filter()
def marked(snippet: Snippet) -> Markup:
    """A snippet with its matches in <mark>, each part escaped on its own."""
    out, at = Markup(""), 0
    for start, end in snippet.marks:
        out += escape(snippet.text[at:start]) + Markup("<mark>") + escape(snippet.text[start:end]) + Markup("</mark>")
        at = end
    return out + escape(snippet.text[at:])


@bp.app_template_filter()
def project_of(number: int) -> Project:
    return service().plan.project(number)


def notes(results: Results, lang: str = "ja") -> list[str]:
    """What was done to the words, as lines of lines.yml."""
    return [service().bot.context.note(note, lang).text for note in results.notes]


@bp.get("/")
def home() -> str:
    return render_template("home.html")


@bp.get("/search")
def search() -> str:
    """Results of ?q= narrowed by filters, the nearest first or by number; an empty page shows what was tried and where to go."""
    text, _, start = arguments.page(PAGE)
    filters = arguments.filters()
    by_number = request.args.get("order") == "number"
    index, bot = service().index, service().bot
    heard, _ = bot.context.masked(clean(text))
    mask(heard)
    beside = bot.beside(heard, language())
    care = bool(beside and beside.status == "care")
    results = index.search(heard, limit=PAGE, start=start, filters=filters, by_number=by_number)
    return render_template(
        "search.html",
        results=results,
        heard=heard,
        beside=beside.statements if beside else (),
        faint=bot.faint(results.query, [hit for hit in results.hits if hit.passage.home]),
        hits=() if care else results.hits,
        care=care,
        start=start,
        facets=index.facets(results),
        notes=() if care else notes(results, language()),
        filters=filters,
        order="number" if by_number else "",
        size=PAGE,
    )


@bp.get("/finder")
def finder() -> str:
    """The guided finder: one question at a time as links, and how each support fits what was told so far."""
    found = service().bot.context.finder
    slots = arguments.filters(ORDER)
    skipped = arguments.skipped()
    asked = found.next_question(slots, skipped)
    candidates = found.candidates(slots, speech()) if slots else []
    groups = [(fit, [one for one in candidates if one.fit == fit]) for fit in FITS]
    count = found.remaining(slots)
    return render_template("finder.html", slots=slots, skipped=skipped, asked=asked, groups=groups, count=count, order=ORDER)


@bp.get("/projects/<int:number>")
def project(number: int) -> str:
    plan = service().plan
    if not 1 <= number <= len(plan.projects):
        abort(404)
    found = plan.project(number)
    programs = plan.programs_of[number]
    unstated = list(dict.fromkeys(detail for one in programs for detail in plan.open_points(one)))[:10]
    facts = service_facts(found.name, found.content.splitlines()[0], found.owner, found.id, plan.sections[found.section].name)
    return render_template("project.html", project=found, programs=programs, conflicts=plan.conflicts_of[number], unstated=unstated, facts=facts)


@bp.get("/programs/<slug>")
def program(slug: str) -> str:
    plan = service().plan
    found = plan.by_slug.get(slug)
    if not found:
        abort(404)
    home = plan.project(found.projects[0])
    facts = service_facts(found.name, found.claims[0].quote, plan.owner(found), found.id, plan.sections[home.section].name)
    return render_template("program.html", program=found, facts=facts)


def service_facts(name: str, description: str, owner: str, path: str, section: str) -> dict[str, object]:
    """A page's service and the way to it, as schema.org has them."""
    root = request.url_root
    crumbs = [(root, t("世田谷 産業支援ナビ")), (f"{root}search?q={section}", section), (root + path, name)]
    ward: dict[str, object] = {"@type": "GovernmentOrganization", "name": "世田谷区"}
    ward |= {"department": {"@type": "GovernmentOrganization", "name": owner}} if owner else {}
    return {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "GovernmentService", "name": name, "description": description, "url": root + path, "provider": ward, "areaServed": "世田谷区"},
            {
                "@type": "BreadcrumbList",
                "itemListElement": [{"@type": "ListItem", "position": n, "name": label, "item": item} for n, (item, label) in enumerate(crumbs, 1)],
            },
        ],
    }


#: How /programs may be narrowed: name in the address, label, and a program's values.
NARROWED: tuple[tuple[str, str, Callable[[Program], tuple[str, ...]]], ...] = (
    ("audience", "対象", lambda p: p.audience),
    ("need", "困りごと", lambda p: p.needs),
    ("kind", "種別", lambda p: (p.kind,)),
    ("owner", "計画所管課", lambda p: tuple(filter(None, (service().plan.owner(p),)))),
    ("stage", "段階", lambda p: (p.maturity.stage,)),
)


@bp.get("/programs")
def programs() -> str:
    """All programs, or those that have every value asked for, with what each value would leave."""
    asked = arguments.filters(name for name, _, _ in NARROWED)
    found = [p for p in service().plan.programs if all(asked[name] in values(p) for name, _, values in NARROWED if name in asked)]
    counts = [(name, label, Counter(value for p in found for value in values(p))) for name, label, values in NARROWED]
    return render_template("programs.html", programs=found, asked=asked, counts=counts)


@bp.get("/audiences/<name>")
def audience(name: str) -> str:
    """What there is for one audience, by what it is needed for."""
    terms = {term.id: term for term in service().plan.front.audience}
    if name not in terms:
        abort(404)
    found = [p for p in service().plan.programs if name in p.audience]
    needs = [(term.id, [p for p in found if term.id in p.needs[:1]]) for term in service().plan.front.needs]
    return render_template("audience.html", term=terms[name], programs=found, needs=[row for row in needs if row[1]])


@bp.get("/overview")
def overview() -> str:
    """The whole plan as one picture that is also a list: 6 fields, 13 sections, 68 projects."""
    return render_template("overview.html")


@bp.get("/accessibility")
def accessibility() -> str:
    return render_template("accessibility.html")


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


# What machines read


def addresses() -> list[str]:
    """Every page that stands for itself."""
    plan = service().plan
    found = ["/", "/search", "/finder", "/chat", "/programs", "/departments", "/overview", "/accessibility"]
    found += [f"/{p.id}" for p in plan.projects] + [f"/{p.id}" for p in plan.programs] + [f"/sections/{number}" for number in plan.sections]
    found += [f"/{face.source.id}" for face in plan.front.faces] + [f"/{note.source.id}" for note in plan.notes]
    return found + [f"/audiences/{term.id}" for term in plan.front.audience] + [f"/{d.id}" for d in plan.departments.values()]


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    return Response(render_template("sitemap.xml", addresses=addresses(), root=request.url_root.rstrip("/")), mimetype="application/xml")


@bp.get("/robots.txt")
def robots() -> Response:
    lines = (
        "User-agent: *",
        "Disallow: /api/",
        "Disallow: /desk",
        "Disallow: /explain",
        "Disallow: /card",
        f"Sitemap: {request.url_root}sitemap.xml",
    )
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@bp.get("/opensearch.xml")
def opensearch() -> Response:
    page = render_template("opensearch.xml", root=request.url_root.rstrip("/"))
    return Response(page, mimetype="application/opensearchdescription+xml")


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    icon = {"src": url_for("static", filename="icon.svg"), "sizes": "any", "type": "image/svg+xml"}
    answer = jsonify(name=t("世田谷 産業支援ナビ"), short_name=t("産業支援ナビ"), start_url=link("/"), display="browser", lang="ja", icons=[icon])
    answer.mimetype = "application/manifest+json"
    return answer
