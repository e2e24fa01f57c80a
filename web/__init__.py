"""Pages, chat, desk, JSON API and commands. This room does not rank and makes no sentence; only this module reads configuration."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import gzip
import hashlib
import logging
import os
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestURITooLarge, SecurityError
from werkzeug.http import HTTP_STATUS_CODES

from bot.dialogue import Bot
from corpus.check import checked
from corpus.load import CorpusError
from corpus.model import Plan
from corpus.passage import passages
from index.search import Index
from web.furigana import Annotator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: (name in the environment, default, what it is for)
SETTINGS = (
    ("SETAGAYA_VAR", "var", "the only folder that is written to: the built user dictionary, and the questions that staff noted as unanswered"),
    ("SETAGAYA_HOSTS", "127.0.0.1,localhost", "host names that are answered, by commas"),
    ("SETAGAYA_STAFF", "open", "whether /desk, /explain and the list of unanswered questions can be reached: open or closed"),
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
    414: "アドレスが長すぎます。言葉を短くして、もう一度お試しください。",
    500: "申し訳ありません。こちらの不具合でお答えできませんでした。少し待ってから、もう一度お試しください。",
}
WRONG_HOST = "このアドレス（ホスト名）では、お答えしていません。管理の方は、設定 SETAGAYA_HOSTS にこの名前を加えてください。"
HEADINGS = {404: "ページが見つかりません", 400: "読み取れませんでした", 500: "お答えできませんでした"}
PACKED = ("text/html", "text/css", "text/javascript", "image/svg+xml", "application/xml", "application/json")
#: Pages that hold what a person wrote, or what staff see.
PRIVATE = ("/desk", "/explain", "/card", "/chat", "/search", "/api/chat", "/api/search")
#: Of mallopt(3).
M_ARENA_MAX = -8
#: Shorter contents grow by packing.
LEAST_PACKED = 1_000
#: Characters of an address: a state, and a message with nine characters a kanji.
LONGEST_ADDRESS = 10_000


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
    texts = [part.text for passage in index.passages for part in passage.parts]
    return Service(plan, index, bot, Annotator(index.tokenizer, plan.furigana, texts))


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


def staff_is_open() -> bool:
    """Whether the pages for staff can be reached."""
    return setting("SETAGAYA_STAFF") == "open"


def service() -> Service:
    """The service that this request began with: a reload meanwhile does not mix two plans on one page."""
    if "service" not in g:
        g.service = current_app.extensions["setagaya"]
    found: Service = g.service
    return found


def reload(app: Flask) -> list[str]:
    """Puts a new service in place, or leaves the old one and returns the faults of the corpus."""
    try:
        app.extensions["setagaya"] = build()
    except CorpusError as error:
        return [str(fault) for fault in error.faults]
    # The old service is full of circles.
    gc.unfreeze()
    settle()
    return []


def create_app(ready: Service | None = None) -> Flask:
    """The app around a service, which is built when none is given."""
    from web import api, chat, desk, pages

    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=16 * 1024,
        MAX_FORM_MEMORY_SIZE=16 * 1024,
        MAX_FORM_PARTS=20,
        TRUSTED_HOSTS=[host.strip().lower() for host in setting("SETAGAYA_HOSTS").split(",") if host.strip()],
    )
    app.wsgi_app = LowerHost(app.wsgi_app)  # type: ignore[method-assign]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["setagaya"] = ready or build()
    for module in (pages, chat, desk, api):
        app.register_blueprint(module.bp)
    app.before_request(bounded)
    app.register_error_handler(Exception, failed)
    app.after_request(packed)
    app.after_request(annotated)
    app.after_request(guarded)
    app.jinja_env.globals["asset"] = asset
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000
    app.logger.setLevel(logging.WARNING)
    return app


class LowerHost:
    """Hosts are compared in small letters, as names of hosts are."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["HTTP_HOST"] = environ.get("HTTP_HOST", "").lower()
        return self.app(environ, start_response)


@lru_cache
def asset(name: str) -> str:
    """The address of a static file with the digest of its content, so that it can be kept for ever."""
    content = (Path(__file__).parent / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def bounded() -> None:
    """Refuses addresses that no page needs: they would be carried into every link."""
    if len(request.full_path) > LONGEST_ADDRESS:
        raise RequestURITooLarge


def annotated(response: Response) -> Response:
    """A page with readings over its kanji, where the reader asked for them."""
    from web.language import ruby

    if response.mimetype == "text/html" and ruby():
        response.set_data(service().annotator.page(response.get_data(as_text=True)))
    return response


def packed(response: Response) -> Response:
    """Pages and static files with an ETag, answered 304 when known, and compressed where the browser can."""
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or response.mimetype not in PACKED:
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
    """The response with the headers that every one has; what a person wrote is kept by no cache."""
    response.headers.extend(HEADERS)
    if request.path.startswith(PRIVATE):
        response.headers["Cache-Control"] = "no-store"
    return response


def problem(status: int, detail: str | None = None) -> Response:
    """An error as problem+json (RFC 9457)."""
    response = jsonify(
        type="about:blank", title=HTTP_STATUS_CODES.get(status, "Error"), status=status, detail=detail or MESSAGES.get(status, MESSAGES[400])
    )
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def allowed(error: Exception) -> dict[str, str]:
    """The header that names the methods of an address, where another one was used."""
    return {"Allow": ", ".join(sorted(error.valid_methods))} if isinstance(error, MethodNotAllowed) and error.valid_methods else {}


@lru_cache(maxsize=20)
def refused(host: str) -> None:
    """Says once in the log that a host was refused."""
    logging.getLogger("web").warning("host refused: %r is not in SETAGAYA_HOSTS", host)


def where_of(error: BaseException) -> str:
    """The kind of an error and the lines it passed through, without its text."""
    return type(error).__name__ + "\n" + "".join(traceback.format_tb(error.__traceback__))


def failed(error: Exception) -> Response:
    """Every error, as a page or as problem+json, in Japanese and with a next step."""
    from web.arguments import Refused
    from web.language import t

    status = error.code or 500 if isinstance(error, HTTPException) else 500
    if status == 500:
        # The reader's words stand in the exception's text at times: the log names the kind and the place alone.
        current_app.logger.error("failed: %s %s\n%s", request.method, request.url_rule, where_of(error))
    # A host that is not trusted has no address to build links from.
    if isinstance(error, SecurityError):
        refused(request.environ.get("HTTP_HOST", "")[:80])
        return problem(status, WRONG_HOST)
    if request.path == "/api" or request.path.startswith("/api/"):
        answer = problem(status, error.text.format(**error.slots) if isinstance(error, Refused) else None)
        answer.headers.extend(allowed(error))
        return answer
    heading, detail = t(HEADINGS.get(status, HEADINGS[400] if status < 500 else HEADINGS[500])), t(MESSAGES.get(status, MESSAGES[400]))
    if isinstance(error, Refused):
        detail = t(error.text, **error.slots)
    page = render_template("error.html", status=status, heading=heading, detail=detail)
    return Response(page, status, allowed(error), mimetype="text/html")
