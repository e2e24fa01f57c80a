"""Every route, the contract of the API, the safety rules, and the commands."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from corpus.load import HERE, CorpusError, Fault
from corpus.model import Plan
from corpus.text import bare
from web import HEADERS, Service, create_app, reload
from web.commands import main

PAGES = [
    "/",
    "/search",
    "/search?q=畑",
    "/search?q=zzzz",
    "/projects/1",
    "/projects/50",
    "/projects/68",
    "/sections/2-1",
    "/departments",
    "/departments/商業課",
]
PAGES += ["/departments/地域振興課（各総合支所）".replace("（", "(").replace("）", ")"), "/chat", "/chat?q=畑", "/desk", "/desk?q=AED", "/programs"]
PAGES += ["/programs/bcp-kihon-koza", "/preface/0-5-1-2", "/faces/1", "/explain?q=空き店舗"]
API = [
    "/api/search?q=畑",
    "/api/projects",
    "/api/projects/16",
    "/api/programs",
    "/api/programs/bcp-kihon-koza",
    "/healthz",
    "/api/suggest?q=あき",
    "/api/search?q=空き店舗&explain=1&limit=5",
]


@pytest.mark.parametrize("path", PAGES + API)
def test_route(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    for name, value in HEADERS.items():
        assert answer.headers[name] == value


@pytest.mark.parametrize("path", ["/nope", "/projects/0", "/projects/69", "/programs/x", "/sections/9-9", "/departments/x", "/faces/5", "/preface/x"])
def test_missing_pages_say_what_to_do(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 and "見つかりませんでした" in answer.text and 'role="search"' in answer.text


def test_every_source_and_link_leads_somewhere(client: FlaskClient) -> None:
    for path in PAGES:
        for link in set(re.findall(r'href="(/[^"#]*)', client.get(path).text)):
            with client.get(link.replace("&amp;", "&")) as answer:
                assert answer.status_code == 200, (path, link)


def test_all_projects_come_back_whole_and_verbatim(client: FlaskClient, plan: Plan) -> None:
    source = bare((HERE / "plan.txt").read_text(encoding="utf-8"))
    for erratum in plan.errata:
        source = source.replace(erratum.printed, erratum.read)
    for number in range(1, 69):
        record = client.get(f"/api/projects/{number}").get_json()
        priority = record["priority"] or {"now": [], "goals": []}
        lines = [
            record["name"],
            *record["content"].splitlines(),
            *record["steps"],
            record["owner"],
            *record["partners"],
            *priority["now"],
            *priority["goals"],
        ]
        assert record["number"] == number and all(bare(line) in source for line in lines)


def test_programs_are_narrowed(client: FlaskClient, plan: Plan) -> None:
    page = client.get("/programs", query_string={"owner": "都市農業課", "stage": "期間限定"}).text
    right = [p for p in plan.programs if plan.project(p.projects[0]).owner == "都市農業課" and p.maturity.stage == "期間限定"]
    assert right and f"{len(right)}件あります" in page and all(f"/programs/{p.slug}" in page for p in right)
    assert "当てはまる支援はありません" in client.get("/programs", query_string={"kind": "融資", "need": "観光・まちあるき"}).text


def test_search_contract(client: FlaskClient) -> None:
    answer = client.get("/api/search?q=監視カメラ&limit=3").get_json()
    assert set(answer) == {"query", "total", "took_ms", "hits", "facets", "notes", "suggestion", "status", "message"}
    assert answer["hits"][0]["project"] == 33 and len(answer["hits"]) <= 3
    assert set(answer["hits"][0]) >= {"id", "kind", "project", "title", "url", "snippet", "owner", "field", "priority", "score"}
    assert any("防犯カメラ" in note for note in answer["notes"])


def test_chat_contract(client: FlaskClient) -> None:
    first = client.post("/api/chat", json={"message": "区民農園を借りたい", "state": None}).get_json()
    assert set(first) >= {"reply", "status", "statements", "cards", "choices", "state", "lang", "slots", "columns", "receipt"}
    assert first["cards"][0]["project"] == 55
    second = client.post("/api/chat", json={"message": "担当課は？", "state": first["state"]}).get_json()
    assert "都市農業課" in second["reply"]
    assert second["receipt"]["corpus"] == client.get("/healthz").get_json()["corpus"]


def test_the_permalink_gives_the_same_reply_again(client: FlaskClient) -> None:
    first = client.post("/api/chat", json={"message": "区民農園を借りたい"}).get_json()
    second = client.post("/api/chat", json={"message": "担当課は？", "state": first["state"]}).get_json()
    again = client.get(second["receipt"]["url"]).get_data(as_text=True)
    assert all(line in again for line in second["reply"].splitlines())


@pytest.mark.parametrize(("lang", "word"), [("ja", "計画所管課は"), ("easy", "担当は"), ("en", "in charge")])
def test_chat_speaks_the_language_asked_for(client: FlaskClient, lang: str, word: str) -> None:
    answer = client.post("/api/chat", json={"message": "区民農園を借りたい", "lang": lang}).get_json()
    assert answer["lang"] == lang and word in answer["reply"]


BODIES = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"1",
    b'{"message": null}',
    b'{"message": 1}',
    b'{"message": "x", "state": 1}',
    b'{"message": "x", "more": 1}',
    b'{"message": "x", "lang": "fr"}',
    b"{",
    b"\xff",
]
BODIES += [b"[" * 5000, b'{"message": "x", "state": "' + b"a" * 7000 + b'"}', b'{"message": NaN}', b'{"message": {"a": 1}}']


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_bad_bodies_are_400_with_what_to_do(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/chat", data=body, content_type="application/json")
    assert answer.status_code == 400 and answer.content_type == "application/problem+json"
    assert re.search("[ぁ-ん]", answer.get_json()["detail"])


def test_lone_surrogates_and_controls_are_answered(client: FlaskClient) -> None:
    assert client.post("/api/chat", data=b'{"message": "\\ud800\\u0000"}', content_type="application/json").status_code == 200
    assert client.get("/api/search?q=%ED%A0%80%00").status_code == 200
    assert client.get("/search?q=" + "x" * 3000).status_code == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "limit=x", "start=-1", "start=99999"])
def test_bad_numbers_are_400(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/search?q=x&{query}").status_code == 400
    assert client.get(f"/search?q=x&{query}").status_code == 400


def test_large_bodies_and_foreign_hosts_are_refused(client: FlaskClient) -> None:
    assert client.post("/api/chat", data=b"x" * 20_000, content_type="application/json").status_code == 413
    assert client.post("/chat", data={"message": "x" * 20_000}).status_code == 413
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/api/chat").status_code == 405


def test_input_is_escaped(client: FlaskClient) -> None:
    for path in ("/search", "/desk", "/chat"):
        assert "<script>alert" not in client.get(path, query_string={"q": "<script>alert(1)</script>"}).text
    assert "style=" not in client.get("/").text and "onclick" not in client.get("/").text


def test_chat_works_by_post_alone(client: FlaskClient) -> None:
    page = client.post("/chat", data={"message": "空き店舗を借りたい", "said": "[]"}).text
    assert "事業30" in page
    said = json.dumps(["空き店舗を借りたい"], ensure_ascii=False)
    page = client.post("/chat", data={"choice": "担当の課は？", "said": said}).text
    assert page.count('class="turn"') == 2 and "商業課" in page
    assert client.post("/chat", data={"message": "x", "said": "{bad"}).status_code == 200


def test_a_faulty_corpus_leaves_the_old_one(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Service:
        raise CorpusError([Fault("x", 1, "", "y")])

    app = create_app(service)
    monkeypatch.setattr("web.build", fail)
    assert reload(app) == ["x 1行目: y"] and app.extensions["setagaya"] is service


def test_failures_tell_nothing_of_the_inside(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(service.index), "search", lambda *a, **k: 1 / 0)
    answer = create_app(service).test_client().get("/api/search?q=x")
    assert answer.status_code == 500 and "division" not in answer.text and "申し訳ありません" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["check"], 0, "誤りはありません"),
        (["check", "--json"], 0, "[]"),
        (["import"], 0, "ちがいはありません"),
        (["search", "区民農園"], 0, "projects/55"),
        (["search", "区民農園", "--json"], 0, '"project": 55'),
        (["ask", "区民農園を借りたい"], 0, "都市農業課"),
        (["ask", "区民農園を借りたい", "--json"], 0, '"status": "answered"'),
        (["reload"], 1, "見つかりません"),
    ],
)
def test_command(args: list[str], code: int, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    if args == ["reload"]:
        monkeypatch.setenv("SETAGAYA_VAR", str(tmp_path))
    result = CliRunner().invoke(main, args)
    assert result.exit_code == code and says in result.output


def test_serve_refuses_a_bad_port(monkeypatch: pytest.MonkeyPatch, service: Service) -> None:
    monkeypatch.setattr("web.commands.ready", lambda: service)
    monkeypatch.setenv("PORT", "http")
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 1 and "PORT" in result.output
