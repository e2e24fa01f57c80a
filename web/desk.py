"""The desk: one screen for staff with a caller on the line, and why results are found."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request

from bot.reply import Reply
from web import service, setting
from web.api import permalink
from web.language import link, mask, speech

bp = Blueprint("desk", __name__)
ROWS = 3
#: The list of questions without an answer stops growing here.
MOST_BYTES = 1_000_000


@bp.get("/explain")
def explain() -> str:
    """Why each result of ?q= was found, for staff."""
    text, index = request.args.get("q", ""), service().index
    results = index.search(text)
    rows = [(hit, index.explain(hit, results.query)) for hit in results.hits]
    return render_template("explain.html", results=results, rows=rows, reply=service().bot.reply(text))


@bp.get("/desk")
def show() -> str:
    """The first three projects for ?q=, 課 first, with a text to read out; ?part=1 is the results alone, while typing."""
    text = request.args.get("q", "")
    reply = service().bot.reply(text, lang=speech().lang) if text.strip() else None
    if reply:
        mask(reply.heard)
    template = "desk_results.html" if request.args.get("part") == "1" else "desk.html"
    found = rows(reply) if reply else []
    return render_template(template, reply=reply, found=found, text=text, permalink=permalink)


def rows(reply: Reply) -> list[dict[str, Any]]:
    """What staff need of each project found: a text of some 20 seconds, what to ask back, what the plan leaves open."""
    plan, bot, lines = service().plan, service().bot, speech()
    found = []
    for card in reply.cards[:ROWS]:
        project = plan.project(card.project)
        programs = [plan.by_slug[card.program]] if card.program else list(plan.programs_of[card.project][:1])
        script = (
            lines.say("電話_所管", owner=project.owner),
            lines.say("電話_計画", number=project.number, title=lines.title(project), quote=card.why),
            *bot.context.answers.stage(project, lines),
        )
        others = [lines.title(plan.project(other.project)) for other in reply.cards[:ROWS] if other.project != card.project]
        which = [lines.say("二択", one=lines.title(project), two=others[0])] if others else []
        asks = (*which, lines.say("電話_対象"), lines.say("電話_急ぎ"))
        found.append({"project": project, "programs": programs, "script": script, "asks": asks, "unstated": programs[0].unstated, "quote": card.why})
    return found


@bp.post("/desk/unanswered")
def unanswered() -> Response:
    """Notes the day and a question that could not be answered, personal data masked, in var/unanswered.tsv; from our own pages alone."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(400)
    heard = service().bot.reply(request.form.get("q", "")).heard
    path = Path(setting("SETAGAYA_VAR")) / "unanswered.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    if heard and (not path.exists() or path.stat().st_size < MOST_BYTES):
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{date.today().isoformat()}\t{heard}\n")
    return redirect(link("/desk"), 303)  # type: ignore[return-value]
