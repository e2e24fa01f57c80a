"""Pages, chat, desk, JSON API and commands. This room does not rank and makes no sentence; only this module reads configuration."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import gzip
import hashlib
import logging
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError

from bot.dialogue import Bot
from corpus.check import checked
from corpus.load import CorpusError
from corpus.model import Plan
from corpus.passage import passages
from index.search import Index
from web.furigana import Annotator

#: (name in the environment, default, what it is for)
SETTINGS = (
    ("SETAGAYA_VAR", "var", "the only folder that is written to: the built user dictionary, and the questions that staff noted as unanswered"),
    ("SETAGAYA_HOSTS", "127.0.0.1,localhost", "host names that are answered, by commas"),
    ("HOST", "127.0.0.1", "the address that the server listens on"),
    ("PORT", "8000", "the port that the server listens on"),
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
MESSAGES = {
    400: "送られた内容を読み取れませんでした。入力を確かめて、もう一度お試しください。",
    404: "お探しのページは見つかりませんでした。検索するか、トップページからお探しください。",
    405: "この操作はできません。トップページからやり直してください。",
    413: "送られた内容が大きすぎます。300文字までにしてください。",
    500: "申し訳ありません。こちらの不具合でお答えできませんでした。少し待ってから、もう一度お試しください。",
}
HEADINGS = {404: "ページが見つかりません", 400: "読み取れませんでした", 500: "お答えできませんでした"}
PACKED = ("text/html", "text/css", "text/javascript", "image/svg+xml", "application/xml")
#: Of mallopt(3).
M_ARENA_MAX = -8
#: Shorter contents grow by packing.
LEAST_PACKED = 1_000


def setting(name: str) -> str:
    """A setting from the environment, or its default."""
    return os.environ.get(name) or next(default for key, default, _ in SETTINGS if key == name)


@dataclass(frozen=True)
class Service:
    """What answers: swapped as one object, so that no request sees half of a new corpus."""

    plan: Plan
    index: Index
    bot: Bot
    annotator: Annotator


def build() -> Service:
    """A whole new service from the files of the corpus. Raises CorpusError with every fault."""
    # Nothing of what is built is garbage: collecting meanwhile costs a third of the time.
    gc.disable()
    try:
        plan, faults = checked()
        if plan is None or faults:
            raise CorpusError(faults)
        index = Index(passages(plan), plan.words, Path(setting("SETAGAYA_VAR")))
        bot = Bot(plan, index)
    finally:
        gc.enable()
    settle()
    return Service(plan, index, bot, Annotator(index.tokenizer, plan.furigana))


def settle() -> None:
    """Collects what building left over, once, and lets replies do without.

    What was freed goes back to the system, where the C library can (11 MB with glibc), and all threads share one arena (3 MB).
    """
    gc.collect()
    gc.freeze()
    # A reply leaves no circles behind: looking for them after every 700 objects costs 5 % of a search, 12 % of the slowest.
    gc.set_threshold(20_000, 20, 20)
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.malloc_trim(0)
        library.mallopt(M_ARENA_MAX, 1)


def service() -> Service:
    """The service of the running app."""
    found: Service = current_app.extensions["setagaya"]
    return found


def reload(app: Flask) -> bool:
    """Puts a new service in place; a faulty corpus leaves the old one and is logged."""
    try:
        app.extensions["setagaya"] = build()
    except CorpusError as error:
        app.logger.error("corpus not reloaded:\n%s", error)
        return False
    # The old service is full of circles.
    gc.unfreeze()
    settle()
    return True


def create_app(ready: Service | None = None) -> Flask:
    """The app around a service, which is built when none is given."""
    from web import api, chat, desk, pages

    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=16 * 1024,
        MAX_FORM_MEMORY_SIZE=16 * 1024,
        MAX_FORM_PARTS=20,
        TRUSTED_HOSTS=setting("SETAGAYA_HOSTS").split(","),
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["setagaya"] = ready or build()
    for module in (pages, chat, desk, api):
        app.register_blueprint(module.bp)
    app.register_error_handler(Exception, failed)
    app.after_request(packed)
    app.after_request(annotated)
    app.after_request(guarded)
    app.jinja_env.globals["asset"] = asset
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000
    app.logger.setLevel(logging.WARNING)
    return app


@lru_cache
def asset(name: str) -> str:
    """The address of a static file with the digest of its content, so that it can be kept for ever."""
    content = (Path(__file__).parent / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def annotated(response: Response) -> Response:
    """A page with readings over its kanji, where the reader asked for them."""
    from web.language import ruby

    if response.mimetype == "text/html" and ruby():
        response.set_data(service().annotator.page(response.get_data(as_text=True)))
    return response


def packed(response: Response) -> Response:
    """Pages and static files with an ETag, answered 304 when known, and compressed where the browser can."""
    if request.method != "GET" or response.status_code != 200 or response.mimetype not in PACKED:
        return response
    if response.direct_passthrough:
        content = b"".join(response.iter_encoded())
        response.close()
        response.direct_passthrough = False
        response.set_data(content)
    response.add_etag()
    response.vary.add("Accept-Encoding")
    response.make_conditional(request)
    if response.status_code == 200 and "gzip" in request.headers.get("Accept-Encoding", ""):
        content = response.get_data()
        if len(content) > LEAST_PACKED:
            response.set_data(gzip.compress(content, 5, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
    return response


def guarded(response: Response) -> Response:
    response.headers.extend(HEADERS)
    return response


def problem(status: int, detail: str | None = None) -> Response:
    """An error as problem+json (RFC 9457)."""
    response = jsonify(type="about:blank", title="error", status=status, detail=detail or MESSAGES.get(status, MESSAGES[400]))
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def failed(error: Exception) -> Response:
    """Every error, as a page or as problem+json, in Japanese and with a next step."""
    status = error.code or 500 if isinstance(error, HTTPException) else 500
    if status == 500:
        current_app.logger.exception("failed")
    # A host that is not trusted has no address to build links from.
    if isinstance(error, SecurityError) or request.path.startswith("/api/"):
        return problem(status)
    page = render_template("error.html", status=status, heading=HEADINGS.get(status, HEADINGS[500]), detail=MESSAGES.get(status, MESSAGES[400]))
    return Response(page, status, mimetype="text/html")
