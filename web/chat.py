"""The chat: one form that carries the whole transcript, so that it works by POST alone."""

from __future__ import annotations

import json

from flask import Blueprint, render_template, request

from bot.reply import Thread
from index.japanese import MAX_LENGTH, clean
from web import service

bp = Blueprint("chat", __name__)
TURNS = 8


@bp.get("/chat")
def start() -> str:
    """An empty chat, or the answer to ?q=."""
    return page(request.args.get("q", ""), "", [])


@bp.post("/chat")
def turn() -> str:
    """The next turn; a button's message comes as `choice`."""
    return page(request.form.get("choice") or request.form.get("message", ""), request.form.get("state", ""), said(request.form.get("said", "")))


def said(text: str) -> list[str]:
    """The reader's earlier messages, from the form; anything else gives none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [clean(line) for line in found[-TURNS:] if isinstance(line, str)] if isinstance(found, list) else []


def page(message: str, state: str, earlier: list[str]) -> str:
    """The page with every turn answered again: same messages, same replies."""
    bot, thread, turns = service().bot, Thread(), []
    for line in earlier:
        reply = bot.reply(line, thread)
        thread = reply.thread
        turns.append((line, reply))
    if line := clean(message):
        turns.append((line, bot.reply(line, thread if earlier else Thread.load(state))))
    return render_template("chat.html", turns=turns, said=json.dumps([line for line, _ in turns], ensure_ascii=False), limit=MAX_LENGTH)
