"""The desk: one dense screen for staff on the phone."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web import service

bp = Blueprint("desk", __name__)


@bp.get("/explain")
def explain() -> str:
    """Why each result of ?q= was found, for staff."""
    text, index = request.args.get("q", ""), service().index
    results = index.search(text)
    rows = [(hit, index.explain(hit, results.query)) for hit in results.hits]
    return render_template("explain.html", results=results, rows=rows)


@bp.get("/desk")
def show() -> str:
    """The first three projects for ?q=, with 課, the sentence to read out and its source."""
    text = request.args.get("q", "")
    results = service().index.search(text, limit=3, kind="project") if text.strip() else None
    reply = service().bot.reply(text) if text.strip() else None
    return render_template("desk.html", results=results, reply=reply, text=text)
