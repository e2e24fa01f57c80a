"""The chat: one form that carries the whole transcript, so that it works by POST alone."""

from __future__ import annotations

import json
from dataclasses import replace

import segno
from flask import Blueprint, render_template, request
from markupsafe import Markup

from bot.thread import Thread
from index.japanese import MAX_LENGTH, clean
from web import service
from web.api import permalink
from web.language import mask, speech

bp = Blueprint("chat", __name__)
TURNS = 8
#: Characters of an address that a code of 3 cm can hold and an old phone can read.
QR_LIMIT = 1_000
#: Characters of the need alone, where the whole is too long: nine characters of an address each.
QR_NEED = 90


@bp.get("/chat")
def start() -> str:
    """An empty chat, or the answer to ?q= after ?state=: the permalink of a reply."""
    return page(request.args.get("q", ""), request.args.get("state", ""), [], request.args.get("lang"))


@bp.get("/card")
def card() -> str:
    """The counter card of a reply: what was asked, candidates, 課, what to ask there, what the plan leaves open, on one sheet."""
    text, state, lang = request.args.get("q", ""), request.args.get("state", ""), request.args.get("lang")
    bot = service().bot
    reply = bot.reply(text, Thread.load(state), lang)
    mask(reply.heard)
    address = request.url_root.rstrip("/") + permalink(reply, state)
    if len(address) > QR_LIMIT:
        need = (reply.thread.asked or reply.heard)[:QR_NEED]
        address = request.url_root.rstrip("/") + permalink(replace(reply, heard=need), None)
    code = Markup(segno.make(address, error="m", boost_error=False).svg_inline(scale=3, border=2, omitsize=True, svgclass="qr", lineclass=None))
    return render_template("card.html", reply=reply, asks=bot.counter(reply), code=code)


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
    if turns:
        mask(turns[-1][0].heard)
    heard = json.dumps([reply.heard for reply, _ in turns], ensure_ascii=False)
    return render_template(
        "chat.html",
        turns=turns,
        openers=bot.context.openers(speech()),
        said=heard,
        state=turns[0][1] if turns else "",
        limit=MAX_LENGTH,
        permalink=permalink,
    )
