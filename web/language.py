"""The words of the pages in three registers, and addresses that keep the register and the furigana that were chosen."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote, urlencode

from flask import g, request
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from bot.speech import Speech
from bot.thread import LANGUAGES
from web import service, staff_is_open
from web.arguments import CARRIED_ON
from web.unanswered import TOKYO

#: What an address carries on to the next page.
CARRIED = ("lang", "ruby")
#: What an address need not say.
KNOWN = {"lang": ("easy", "en"), "ruby": ("1",)}
UNSAID = {"lang": "ja", "ruby": "0"}


def asked(name: str) -> str:
    """A value of the address, or of the form that was sent; nothing when the form is too large to be read."""
    if name in request.args or request.method != "POST":
        return request.args.get(name, "")
    try:
        return request.form.get(name, "")
    except HTTPException:
        return ""


def language() -> str:
    """The register of this page: ja, easy or en."""
    return found if (found := asked("lang")) in LANGUAGES else "ja"


def ruby() -> bool:
    """Whether readings are shown above kanji; not on English pages."""
    return asked("ruby") == "1" and language() != "en"


def speech() -> Speech:
    """The lines of lines.yml in this page's register."""
    found: Speech = service().bot.context.speeches[language()]
    return found


def t(text: str, /, **slots: object) -> str:
    """A page's words in its register; the Japanese text is the key (pages.yml). Values in slots are escaped by the template."""
    entry = service().plan.pages[text]
    chosen = text if language() == "ja" else entry[language()]
    return chosen.format(**slots) if slots else chosen


def carried() -> dict[str, str]:
    """The register and the furigana, where they are not as at first."""
    if "carried" not in g:
        g.carried = {name: value for name in CARRIED if (value := asked(name)) in KNOWN[name]}
    return dict(g.carried)


def link(path: str, /, **values: object) -> str:
    """An address on this site with its arguments; empty ones are left out. `lang` and `ruby` are carried on unless given."""
    given = {**carried(), **values}
    kept = {name: value for name, value in given.items() if value not in (None, "") and UNSAID.get(name) != value}
    path, _, anchor = path.partition("#")
    return path + ("?" + urlencode(kept) if kept else "") + (f"#{anchor}" if anchor else "")


def here(**values: object) -> str:
    """This page's address with some arguments changed; an empty one is dropped. What was masked stays masked.

    Only known arguments of a sane length are carried on. What is no page of this site leads to the home page: its path
    may be //another.site.
    """
    path = quote(request.path) if request.url_rule else "/"
    held = {name: value for name, value in request.args.items() if len(value) <= CARRIED_ON.get(name, -1)}
    return link(path, **({**held, **g.get("masked", {})} if request.url_rule else {}) | values)


def canonical() -> str:
    """The address that this page stands for, without arguments; the home page's where there is no such page."""
    return request.host_url.rstrip("/") + (quote(request.path) if request.url_rule else "/")


def mask(heard: str) -> None:
    """Lets this page's own links carry the message as it was heard: with personal data masked."""
    if "q" in request.args:
        g.masked = {"q": heard}


def ja(text: str) -> Markup:
    """Text of the plan: marked as Japanese on an English page."""
    return Markup('<span lang="ja">{}</span>').format(text) if language() == "en" else Markup(escape(text))


def register() -> dict[str, object]:
    """What every template can say."""
    plan = service().plan
    return {
        "t": t,
        "link": link,
        "here": here,
        "canonical": canonical,
        "ja": ja,
        "lang": language(),
        "html_lang": "en" if language() == "en" else "ja",
        "ruby": ruby(),
        "carried": carried(),
        "plan": plan,
        "speech": speech(),
        "today": datetime.now(TOKYO).date().isoformat(),
        "staff": staff_is_open(),
    }
