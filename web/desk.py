"""The desk: one screen for staff with a caller on the line, and why results are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request

from bot.reply import Reply
from web import service, setting, staff_is_open, unanswered
from web.api import MOST_EXPLAINED, permalink
from web.language import link, mask, speech

bp = Blueprint("desk", __name__)
ROWS = 3
#: What staff do for a caller in distress, in this order.
CARE = ("職員_気がかり_1", "職員_気がかり_2", "職員_気がかり_3", "職員_気がかり_4")


@bp.before_request
def open_to_staff() -> None:
    """Without a login yet, a setting is what closes these pages."""
    if not staff_is_open():
        abort(404)


@bp.get("/explain")
def explain() -> str:
    """Why each of the first results of ?q= was found, for staff."""
    index, reply = service().index, service().bot.reply(request.args.get("q", ""))
    mask(reply.heard)
    results = index.search(reply.heard, limit=MOST_EXPLAINED)
    rows = [(hit, index.explain(hit, results.query)) for hit in results.hits]
    return render_template("explain.html", results=results, rows=rows, reply=reply)


@bp.get("/desk")
def show() -> str:
    """The first three projects for ?q=, 課 first, with a text to read out; ?part=1 is the results alone, while typing."""
    text = request.args.get("q", "")
    reply = service().bot.reply(text, lang=speech().lang) if text.strip() else None
    if reply:
        mask(reply.heard)
    template = "desk_results.html" if request.args.get("part") == "1" else "desk.html"
    found = rows(reply) if reply else []
    care = [speech().say(name) for name in CARE] if reply and reply.status == "care" else []
    return render_template(
        template,
        reply=reply,
        found=found,
        care=care,
        text=reply.heard if reply else text,
        noted=request.args.get("noted", ""),
        permalink=permalink,
    )


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
        found.append(
            {"project": project, "programs": programs, "script": script, "asks": asks, "unstated": plan.open_points(programs[0]), "quote": card.why}
        )
    return found


@bp.post("/desk/unanswered")
def note() -> Response:
    """Notes the day and a question that could not be answered, personal data masked; from our own pages alone."""
    if not from_here():
        abort(400)
    heard = service().bot.reply(request.form.get("q", "")).heard
    kept = bool(heard) and unanswered.keep(Path(setting("SETAGAYA_VAR")), heard)
    return redirect(link("/desk", noted="1" if kept else "0"), 303)  # type: ignore[return-value]


def from_here() -> bool:
    """Whether a form was sent from a page of ours, by what the browser says of itself.

    Sec-Fetch-Site tells it in browsers of today; older ones send Origin or Referer with every POST. What sends none of the
    three is no browser, and a stranger's page cannot make one leave them out.
    """
    if (site := request.headers.get("Sec-Fetch-Site")) is not None and site not in ("same-origin", "none"):
        return False
    told = [value for name in ("Origin", "Referer") if (value := request.headers.get(name))]
    return all(urlsplit(value).netloc == request.host for value in told)
