"""The JSON API: DESIGN's contract, errors as problem+json."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from bot.reply import Reply, Statement
from bot.thread import LANGUAGES, MAX_STATE, Thread
from corpus.model import Program, Project, Source
from index.japanese import clean
from index.search import Hit, Results
from web import arguments, problem, service, staff_is_open
from web.language import language, t
from web.pages import PAGE, notes

bp = Blueprint("api", __name__)
KINDS = ("project", "program", "section", "preface")
#: Hits whose reasons are told at once.
MOST_EXPLAINED = 5


@bp.get("/api/search")
def search() -> Response:
    """Hits of ?q=, with facets, notes on the words, a suggestion, and what the page says before its results."""
    arguments.only("q", "limit", "start", "explain", "lang", *arguments.FILTERS)
    text, limit, start = arguments.page(PAGE)
    index, bot, explain = service().index, service().bot, request.args.get("explain") == "1"
    if explain and (not staff_is_open() or limit > MOST_EXPLAINED):
        raise arguments.Refused("explain は、limit を{most}までにしたときだけ使えます。", most=MOST_EXPLAINED)
    passages = request.args.get("kind") if request.args.get("kind") in KINDS else None
    filters = arguments.filters(name for name in arguments.FILTERS if name != "kind" or not passages)
    began = time.perf_counter()
    heard, _ = bot.context.masked(clean(text))
    beside = bot.beside(heard, language())
    results = index.search(heard, limit=limit, start=start, filters=filters, kind=passages)
    status, message = standing(results, beside)
    hits, total, facets = (results.hits, results.total, index.facets(results)) if status != "care" else ((), 0, {})
    return jsonify(
        query=results.query.text,
        total=total,
        took_ms=round((time.perf_counter() - began) * 1000, 2),
        hits=[hit_json(hit) | (why_json(hit, results) if explain else {}) for hit in hits],
        facets=facets,
        notes=notes(results) if status != "care" else [],
        suggestion=results.suggestion if status != "care" else None,
        status=status,
        message=message,
    )


def standing(results: Results, beside: Reply | None) -> tuple[str, str | None]:
    """What a search amounts to (answered, weak, outside or care), and what is said of it before its results."""
    if beside:
        return "care" if beside.status == "care" else "outside", beside.text
    if service().bot.faint(results.query, [hit for hit in results.hits if hit.passage.home]):
        return "weak", t("この言葉によく合う事業は、計画に見つかりませんでした。言葉の一部が合う事業をお見せします。")
    return "answered", None


def hit_json(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    one = {facet: (passage.facets.get(facet) or (None,))[0] for facet in ("owner", "field")}
    return {
        "id": passage.id,
        "kind": passage.kind,
        "project": passage.home,
        "title": passage.title,
        "url": f"/{passage.id}",
        "snippet": hit.snippet.text,
        **one,
        "priority": bool(passage.facets.get("priority")),
        "score": hit.score,
        "programs": [{"id": inner.id, "title": inner.title, "url": f"/{inner.id}"} for inner in hit.inner],
    }


def why_json(hit: Hit, results: Results) -> dict[str, Any]:
    return {"why": [asdict(reason) for reason in service().index.explain(hit, results.query)]}


@bp.get("/api/suggest")
def suggest() -> Response:
    """What a person may be about to type, for ?q=."""
    found = service().index.suggest(request.args.get("q", ""))
    return jsonify(suggestions=[{"text": s.text, "title": s.passage.title, "kind": s.passage.kind, "url": f"/{s.passage.id}"} for s in found])


@bp.post("/api/chat")
def chat() -> Response:
    """One turn. The body is {"message", "state", "lang"}; anything else is 400 with what to do."""
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict) or set(body) - {"message", "state", "lang"}:
        return problem(400, "JSON の形がちがいます。message、state、lang だけを送ってください。")
    message, state = body.get("message"), body.get("state")
    if not isinstance(message, str) or not (state is None or isinstance(state, str)) or len(state or "") > MAX_STATE:
        return problem(400, "message は文字で、state は前の返事のものをそのまま送ってください。")
    lang = body.get("lang")
    if lang not in (None, *LANGUAGES):
        return problem(400, "lang は ja、easy、en のどれかにしてください。")
    thread = Thread.load(state)
    return jsonify(reply_json(service().bot.reply(message, thread, lang), None if thread.lost else state))


def source_json(source: Source | None) -> dict[str, str] | None:
    return {"id": source.id, "label": source.label, "url": source.url} if source else None


def statement_json(statement: Statement) -> dict[str, Any]:
    return {"text": statement.text, "source": source_json(statement.source)}


def permalink(reply: Reply, state: str | None, path: str = "/chat") -> str:
    """The address that gives this reply again: the message, with the state it was said after where there was one."""
    return f"{path}?" + urlencode({"q": reply.heard, "lang": reply.lang} | ({"state": state} if state else {}))


def reply_json(reply: Reply, state: str | None = None, explain: bool = False) -> dict[str, Any]:
    """A reply as DESIGN's contract has it, with the slots told, things compared and a receipt; `explain` adds how it came about."""
    fields = ("project", "id", "title", "url", "owner", "maturity", "why")
    return {
        "reply": reply.text,
        "status": reply.status,
        "lang": reply.lang,
        "message": reply.heard,
        "statements": [statement_json(s) for s in reply.statements],
        "cards": [{name: getattr(card, name) for name in fields} for card in reply.cards],
        "choices": [{"label": c.label, "message": c.message} for c in reply.choices],
        "slots": [asdict(slot) for slot in reply.slots],
        "columns": [
            {"title": c.title, "url": c.url, "rows": [{"label": label, "statements": [statement_json(s) for s in told]} for label, told in c.rows]}
            for c in reply.columns
        ],
        "receipt": {"corpus": reply.corpus, "url": permalink(reply, state)},
        "state": reply.thread.dump(),
    } | ({"trace": asdict(reply.trace)} if explain else {})


def project_json(project: Project) -> dict[str, Any]:
    plan, priority = service().plan, project.priority
    new = "\n".join(["【新規】", *project.new]) if project.new else ""
    return {
        "number": project.number,
        "name": project.name,
        "section": project.section,
        "field": plan.front.areas[project.field - 1].name,
        "content": "\n".join(filter(None, [project.content, new])),
        "steps": project.steps,
        "examples": project.examples,
        "owner": project.owner,
        "partners": project.partners,
        "maturity": project.maturity.stage,
        "priority": {"face": priority.face, "now": priority.now, "goals": priority.goals} if priority else None,
        "programs": [program.slug for program in plan.programs_of[project.number]],
        "url": f"/{project.id}",
    }


def program_json(program: Program) -> dict[str, Any]:
    plan = service().plan
    return {
        "slug": program.slug,
        "name": program.name,
        "name_is_ours": bool(program.ours),
        "kind": program.kind,
        "audience": program.audience,
        "projects": program.projects,
        "maturity": program.maturity.stage,
        "summary": program.summary,
        "owner": plan.owner(program) or None,
        "claims": [{"plain": c.plain, "quote": c.quote, "project": c.project, "source": source_json(plan.source(c))} for c in program.claims],
        "unstated": plan.open_points(program),
        "aliases": program.aliases,
        "url": f"/{program.id}",
    }


@bp.get("/api/projects")
def projects() -> Response:
    return jsonify(projects=[project_json(p) for p in service().plan.projects])


@bp.get("/api/projects/<int:number>")
def project(number: int) -> Response:
    plan = service().plan
    if not 1 <= number <= len(plan.projects):
        return problem(404, "その番号の事業はありません。1 から 68 までの番号にしてください。")
    return jsonify(project_json(plan.project(number)))


@bp.get("/api/programs")
def programs() -> Response:
    return jsonify(programs=[program_json(p) for p in service().plan.programs])


@bp.get("/api/programs/<slug>")
def program(slug: str) -> Response:
    found = service().plan.by_slug.get(slug)
    return jsonify(program_json(found)) if found else problem(404, "その名前の支援はありません。/api/programs の一覧からお選びください。")


@bp.get("/healthz")
def health() -> Response:
    return jsonify(status="ok", corpus=service().plan.version)
