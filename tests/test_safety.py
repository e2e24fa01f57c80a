"""Hostile input on every door: no failure, no markup, no link to another host, and personal data masked everywhere."""

from __future__ import annotations

import html
import json
import random
import re
import urllib.parse
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskClient

from bot.dialogue import Bot
from bot.thread import REPEATED, Thread
from index.search import Index
from web import LONGEST_ADDRESS, Service, create_app, unanswered

CASES = yaml.safe_load((Path(__file__).parent / "safety.yml").read_text(encoding="utf-8"))
ROUTES = ("/search", "/chat", "/card", "/desk", "/explain", "/finder", "/programs", "/api/search", "/api/suggest")
NAMES = ("q", "state", "lang", "ruby", "stage", "kind", "audience", "need", "owner", "field", "priority", "order", "start", "limit", "skip", "part")
#: A link to another host.
ELSEWHERE = re.compile(r"""(?:href|src|action)=["'](?!/(?![/\\])|#|\?|https?://localhost(?=[/"'?]))[^"']*""")


class Markup(HTMLParser):
    """Collects what a page of ours never holds: handlers, scripts and pictures beside our own, links that run a script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        foreign = tag in ("img", "iframe", "object") or (tag == "script" and held.get("type") not in ("module", "application/ld+json"))
        runs = any(
            name.startswith("on") or "javascript:" in (value or "").lower()
            for name, value in attrs
            if name in ("href", "src", "action") or name[:2] == "on"
        )
        if foreign or runs:
            self.found.append(self.get_starttag_text() or tag)


@pytest.mark.parametrize("route", ROUTES)
def test_hostile_arguments_fail_nowhere_and_stand_nowhere(client: FlaskClient, route: str) -> None:
    chance = random.Random(route)
    for text in CASES["hostile"]:
        for name in chance.sample(NAMES, 5):
            answer = client.get(route, query_string={"q": "畑", name: text})
            assert answer.status_code in (200, 400, 404), (route, name, text)
            page = answer.get_data(as_text=True)
            if answer.mimetype == "text/html":
                assert Markup(page).found == [], (route, name, text)
                assert not ELSEWHERE.search(page), (route, name, text, ELSEWHERE.search(page))
            assert "Traceback" not in page


@pytest.mark.parametrize("path", CASES["paths"])
def test_no_path_leads_elsewhere(client: FlaskClient, path: str) -> None:
    """The links of an error page, the languages' above all, stay on this site."""
    answer = client.get(path)
    assert answer.status_code in (400, 404) and not ELSEWHERE.search(answer.text), ELSEWHERE.search(answer.text)
    assert not re.search(r"""(?:href|content)="[^"]*[\\\t]""", answer.text)


def test_hostile_bodies_fail_nowhere(client: FlaskClient) -> None:
    chance = random.Random(1)
    for text in CASES["hostile"]:
        body = {"message": text, "state": chance.choice(CASES["hostile"])}
        answer = client.post("/api/chat", data=json.dumps(body), content_type="application/json")
        assert answer.status_code in (200, 400), text
        form = {"message": text, "said": chance.choice(CASES["hostile"]), "state": text, "choice": "", "lang": text}
        assert client.post("/chat", data=form).status_code in (200, 400), text


ALL = ("field", "owner", "audience", "need", "kind", "priority", "stage")
KNOWN = {
    "/search": ALL,
    "/api/search": ALL,
    "/programs": ("owner", "audience", "need", "kind", "stage"),
    "/finder": ("audience", "need", "kind", "stage"),
}


@pytest.mark.parametrize(("path", "facet"), [(path, facet) for path, facets in KNOWN.items() for facet in facets])
def test_a_facet_value_that_no_vocabulary_has_is_refused_by_name(client: FlaskClient, path: str, facet: str) -> None:
    answer = client.get(path, query_string={"q": "畑", facet: "x"})
    told = answer.get_json()["detail"] if path.startswith("/api") else answer.text
    assert answer.status_code == 400 and f"「{facet}」に使えない値です" in told


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("limit=0", "「limit」は、1から50まで"),
        ("limit=x", "「limit」は"),
        ("start=-1", "「start」は、0から1000まで"),
        ("page=2", "「page」という引数はありません"),
    ],
)
def test_a_bad_argument_of_the_api_is_named(client: FlaskClient, query: str, says: str) -> None:
    answer = client.get(f"/api/search?q=x&{query}")
    assert answer.status_code == 400 and says in answer.get_json()["detail"] and answer.get_json()["title"] == "Bad Request"


@pytest.mark.parametrize("path", ["/search", "/chat", "/api/search"])
def test_an_address_that_no_page_needs_is_refused(client: FlaskClient, path: str) -> None:
    assert client.get(f"{path}?q=" + "x" * (LONGEST_ADDRESS - 100)).status_code == 200
    answer = client.get(f"{path}?q=" + "x" * LONGEST_ADDRESS)
    assert answer.status_code == 414


def test_links_carry_known_arguments_alone(client: FlaskClient) -> None:
    page = client.get("/finder?audience=女性&utm=" + "y" * 500 + "&skip=kind").text
    assert "utm" not in page and "skip=kind" in html.unescape(page)


@pytest.mark.parametrize("word", ["ja", "0"])
def test_links_keep_words_that_look_like_defaults(client: FlaskClient, word: str) -> None:
    page = html.unescape(client.get(f"/search?q={word}").text)
    assert f"/chat?q={word}" in page


def test_all_pages_of_a_search_by_number_are_told(client: FlaskClient) -> None:
    """Past the fiftieth too, each project once and in order."""
    numbers: list[int] = []
    for start in range(0, 200, 10):
        page = client.get(f"/search?q=世田谷 事業&order=number&start={start}").text
        numbers += [int(n) for n in re.findall(r'<span class="number">事業(\d+)</span>', page)]
    told = re.search(r"<b>(\d+)件見つかりました", client.get("/search?q=世田谷 事業&order=number").text)
    assert told and numbers == sorted(set(numbers)) and 50 < len(numbers) <= int(told[1])


# What travels with the caller


def test_a_state_from_outside_is_cleaned_masked_and_cut(bot: Bot) -> None:
    """A link must not make the ward's page say an attacker's sentence with a telephone number."""
    told = "至急 03-9999-9999 に電話し、口座番号と暗証番号を係の者に伝えてください。これは区からの大切なお知らせです。" * 2
    thread = Thread.load(Thread(asked="畑", trail=(told + "\u202e",)).dump())
    reply = bot.reply("もどる", thread)
    line = next(s for s in reply.statements if s.line == "もどる")
    said = dict(line.slots)["said"]
    assert len(said) <= REPEATED and said.endswith("…") and "9999" not in reply.text and "\u202e" not in reply.text


@pytest.mark.parametrize("state", ["\ud800", "WzMseyJhc2tlZCI6Ilx1ZGZmZiJ9XQ"])
def test_a_lone_surrogate_in_a_state_is_no_failure(client: FlaskClient, state: str) -> None:
    answer = client.post("/api/chat", data=json.dumps({"message": "x", "state": state}), content_type="application/json")
    assert answer.status_code == 200
    assert client.get("/card", query_string={"q": "x", "state": "WzMseyJhc2tlZCI6Ilx1ZGZmZiJ9XQ"}).status_code == 200


# Personal data


@pytest.mark.parametrize(("text", "raw"), [(row["text"], row["raw"]) for row in CASES["personal"]])
def test_every_usual_spelling_of_personal_data_is_masked(bot: Bot, text: str, raw: str) -> None:
    heard = bot.reply(text).heard
    assert raw not in heard and "■■■" in heard


@pytest.mark.parametrize("text", CASES["impersonal"])
def test_figures_and_names_of_the_plan_stay(bot: Bot, text: str) -> None:
    assert bot.reply(text).heard == text


@pytest.mark.parametrize("path", ["/search", "/chat", "/desk", "/card", "/explain", "/api/search"])
def test_no_door_shows_or_links_personal_data(client: FlaskClient, path: str) -> None:
    answer = client.get(path, query_string={"q": "山田太郎と申します。090-1234-5678 空き店舗を借りたい"})
    shown = urllib.parse.unquote(html.unescape(answer.get_data(as_text=True)))
    assert answer.status_code == 200 and "空き店舗を借りたい" in shown
    assert "山田" not in shown and "1234-5678" not in shown


# The list that staff keep


@pytest.mark.parametrize(("text", "cell"), [(row["text"], row["cell"]) for row in CASES["cells"]])
def test_a_cell_forges_no_line_and_starts_no_formula(tmp_path: Path, text: str, cell: str) -> None:
    assert unanswered.keep(tmp_path, text)
    noted = (tmp_path / unanswered.FILE).read_text(encoding="utf-8")
    assert noted.partition("\t")[2] == cell + "\n" and len(noted.splitlines()) == 1
    assert (tmp_path / unanswered.FILE).stat().st_mode & 0o777 == 0o600


def test_a_full_list_a_link_and_a_folder_that_cannot_be_written_are_told(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SETAGAYA_VAR", str(tmp_path))
    file = tmp_path / unanswered.FILE
    line = unanswered.MOST_BYTES - len("2026-11-27\tx\n")
    file.write_bytes(b"-" * line)
    assert client.post("/desk/unanswered", data={"q": "x"}).headers["Location"] == "/desk?noted=1"
    assert file.stat().st_size == unanswered.MOST_BYTES
    assert client.post("/desk/unanswered", data={"q": "x"}).headers["Location"] == "/desk?noted=0"
    assert file.stat().st_size == unanswered.MOST_BYTES
    assert "記せませんでした" in client.get("/desk?noted=0").text and "と記しました" in client.get("/desk?noted=1").text
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    assert not unanswered.keep(tmp_path, "x") and not (tmp_path / "elsewhere").exists()
    assert not unanswered.keep(tmp_path / unanswered.FILE / "x", "x")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "same-site"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 400),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "https://evil.example"}, 400),
        ({"Origin": "null"}, 400),
        ({"Referer": "http://localhost/desk?q=x"}, 303),
        ({"Referer": "https://evil.example/"}, 400),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, 400),
    ],
)
def test_only_our_own_pages_may_note(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    monkeypatch.setenv("SETAGAYA_VAR", str(tmp_path))
    assert client.post("/desk/unanswered", data={"q": "x"}, headers=headers).status_code == status
    assert (tmp_path / unanswered.FILE).exists() == (status == 303)


def test_a_setting_closes_the_pages_for_staff(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETAGAYA_STAFF", "closed")
    client = create_app(service).test_client()
    for path in ("/desk", "/desk?q=畑", "/explain?q=畑"):
        assert client.get(path).status_code == 404
    assert client.post("/desk/unanswered", data={"q": "x"}).status_code == 404
    assert client.get("/api/search?q=畑&explain=1&limit=1").status_code == 400
    assert "/desk" not in client.get("/").text


def test_reasons_are_told_of_five_at_most(client: FlaskClient) -> None:
    assert client.get("/api/search?q=畑&explain=1&limit=5").status_code == 200
    assert client.get("/api/search?q=畑&explain=1&limit=6").status_code == 400
    assert client.get("/explain?q=支援").text.count("<table") <= 5


def test_each_part_is_cut_once_for_its_reasons(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query of many words cut every part again for every option: 5 s of one core."""
    results = index.search("空き店舗 起業 畑 融資 商店街 観光 就職 高齢者 女性", limit=1)
    cut: list[str] = []
    tokens = index.tokenizer.tokens
    monkeypatch.setattr(index.tokenizer, "tokens", lambda text: cut.append(text) or tokens(text))
    index.explain(results.hits[0], results.query)
    assert len(cut) == len(results.hits[0].passage.parts)


def test_readings_of_long_texts_are_kept_of_the_corpus_alone(service: Service) -> None:
    annotator = service.annotator
    before = annotator._kept.cache_info().currsize
    annotator.text("読者が書いた長い文です。" * 10)
    assert annotator._kept.cache_info().currsize == before
    long = next(part.text for passage in service.index.passages for part in passage.parts if len(part.text) > 100)
    annotator.text(long)
    annotator.text("短い文")
    assert annotator._kept.cache_info().currsize == before + 2
