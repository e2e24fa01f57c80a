"""The chat: one form that carries the whole transcript, so that it works by POST alone."""

from __future__ import annotations

import json
from dataclasses import replace

import segno
from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from bot.thread import Thread
from index.japanese import MAX_LENGTH, clean
from web import service
from web.api import permalink
from web.language import mask, speech, t

bp = Blueprint("chat", __name__)
TURNS = 8
#: Characters of a message whose length is told; what is longer counts as this long.
LONGEST = 4_000
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
    bot, thread = service().bot, Thread.load(state)
    reply = bot.reply(text, thread, lang)
    mask(reply.heard)
    address = request.url_root.rstrip("/") + permalink(reply, None if thread.lost else state)
    if len(address) > QR_LIMIT:
        need = (reply.thread.asked or reply.heard)[:QR_NEED]
        address = request.url_root.rstrip("/") + permalink(replace(reply, heard=need), None)
    code = Markup(segno.make(address, error="m", boost_error=False).svg_inline(scale=3, border=2, omitsize=True, svgclass="qr", lineclass=None))
    return render_template("card.html", reply=reply, asks=bot.counter(reply), code=code)


@bp.post("/chat")
def turn() -> Response:
    """The next turn. A button's message comes as `choice`: it goes before what was typed, which stays in its field.

    `restore` asks for the talk so far, as another register or a reload shows it.
    """
    form = request.form
    typed, earlier, lang = form.get("message", ""), said(form.get("said", "")), form.get("lang")
    message = form.get("choice") or typed
    trouble = "" if form.get("restore") else trouble_of(message)
    draft = typed if trouble or form.get("choice") or form.get("restore") else ""
    shown = page("" if trouble or form.get("restore") else message, form.get("state", ""), earlier, lang, draft, trouble)
    return Response(shown, 400 if trouble else 200, mimetype="text/html")


def trouble_of(message: str) -> str:
    """Why a message cannot be answered, for the person who sent it; empty where it can."""
    whole = clean(message, LONGEST)
    if not whole:
        return t("お困りごとを書いてください。")
    if len(whole) > MAX_LENGTH:
        return t("{limit}文字までにしてください。いまは{count}文字です。", limit=MAX_LENGTH, count=len(whole))
    return ""


def said(text: str) -> list[str]:
    """The reader's earlier messages, from the form; anything else gives none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [clean(line) for line in found[-TURNS:] if isinstance(line, str)] if isinstance(found, list) else []


def page(message: str, state: str, earlier: list[str], lang: str | None, draft: str = "", trouble: str = "") -> str:
    """The page with the last turns answered again: same messages, same replies. `state` is what the first of them was said after.

    `draft` is what stays in the field, `trouble` why the last message was not answered.
    """
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
        draft=draft,
        trouble=trouble,
        permalink=permalink,
    )
