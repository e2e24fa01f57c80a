"""The chat: one form that carries the whole transcript, so that it works by POST alone."""

from __future__ import annotations

import json

from flask import Blueprint, render_template, request

from bot.thread import Thread
from index.japanese import MAX_LENGTH, clean
from web import service

bp = Blueprint("chat", __name__)
TURNS = 8


@bp.get("/chat")
def start() -> str:
    """An empty chat, or the answer to ?q= after ?state=: the permalink of a reply."""
    return page(request.args.get("q", ""), request.args.get("state", ""), [], request.args.get("lang"))


@bp.post("/chat")
def turn() -> str:
    """The next turn; a button's message comes as `choice`."""
    form = request.form
    return page(form.get("choice") or form.get("message", ""), form.get("state", ""), said(form.get("said", "")), form.get("lang"))


def said(text: str) -> list[str]:
    """The reader's earlier messages, from the form; anything else gives none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [clean(line) for line in found[-TURNS:] if isinstance(line, str)] if isinstance(found, list) else []


def page(message: str, state: str, earlier: list[str], lang: str | None) -> str:
    """The page with the last turns answered again: same messages, same replies. `state` is what the first of them was said after."""
    bot, thread, turns = service().bot, Thread.load(state), []
    for line in [*earlier, *([clean(message)] if clean(message) else [])]:
        reply = bot.reply(line, thread, lang)
        turns.append((reply, thread.dump()))
        thread = reply.thread
    turns = turns[-TURNS:]
    heard = json.dumps([reply.heard for reply, _ in turns], ensure_ascii=False)
    return render_template("chat.html", turns=turns, said=heard, state=turns[0][1] if turns else "", lang=lang, limit=MAX_LENGTH)
