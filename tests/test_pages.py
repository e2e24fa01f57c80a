"""What pages say and carry: three languages, head matter, weight, the desk, and templates that hold no words of their own."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import segno
from flask.testing import FlaskClient

from corpus.model import Plan
from web.pages import addresses

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "web/templates").glob("*"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(template: Path, plan: Plan) -> None:
    """Every word goes through t() and stands in pages.yml; what is left are marks and names."""
    text = template.read_text(encoding="utf-8")
    said = [one or two for one, two in re.findall(r"""\bt\(\s*(?:"([^"]*)"|'([^']*)')""", text)]
    assert [word for word in said if word not in plan.pages] == []
    outside = re.sub(r"\{[#%{].*?[#%}]\}", "", text, flags=re.DOTALL)
    assert re.findall(r"[ぁ-んァ-ヶ一-龥]+", outside) == []


def test_every_word_of_the_pages_is_used(plan: Plan) -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in [*TEMPLATES, *(ROOT / "web").glob("*.py")])
    assert [text for text in plan.pages if text not in sources] == []


def test_every_address_of_the_sitemap_answers(client: FlaskClient) -> None:
    with client.application.test_request_context("/"):
        found = addresses()
    assert len(found) == len(set(found)) > 400
    for address in found[:: max(1, len(found) // 60)]:
        assert client.get(address).status_code == 200, address
    assert client.get("/sitemap.xml").text.count("<loc>") == len(found)


@pytest.mark.parametrize("path", ["/", "/projects/16", "/search?q=仕事", "/chat?q=仕事", "/finder?audience=高齢者", "/desk?q=AED"])
def test_english_pages_are_english(client: FlaskClient, path: str) -> None:
    """What is left of Japanese on an English page is marked so, or stands in a form for the server."""
    page = client.get(path + ("&" if "?" in path else "?") + "lang=en").text
    assert '<html lang="en">' in page
    body = re.sub(r"<(script|select|option|title).*?</\1>|<input[^>]*>", "", page.partition("<body")[2], flags=re.DOTALL)
    marked = re.sub(r'<(\w+)[^>]*lang="ja"[^>]*>.*?</\1>', "", body, flags=re.DOTALL)
    left = re.findall(r"[ぁ-ん]{4,}", re.sub(r"<[^>]+>", " ", marked))
    assert len(left) <= 6, left


def test_language_and_readings_are_carried_on(client: FlaskClient) -> None:
    page = client.get("/?lang=easy&ruby=1").text
    assert "/chat?lang=easy&amp;ruby=1" in page and 'name="lang" value="easy"' in page
    assert "lang=" not in re.sub(r'hreflang|<html lang|<a href="[^"]*" lang', "", client.get("/").text).split("</ul>")[1]


def test_readings_are_off_at_first(client: FlaskClient) -> None:
    assert "<ruby>" not in client.get("/projects/16").text
    page = client.get("/projects/16?ruby=1").text
    assert "<ruby>三軒茶屋" in page and "<ruby>" not in page.partition("<title>")[2].partition("</title>")[0]


def test_head_matter(client: FlaskClient) -> None:
    page = client.get("/projects/16").text
    for part in ('rel="canonical"', 'rel="icon"', 'rel="manifest"', 'rel="search"', "og:title", "og:description", 'name="description"'):
        assert part in page
    facts = json.loads(page.partition('application/ld+json">')[2].partition("</script>")[0])
    assert [one["@type"] for one in facts["@graph"]] == ["GovernmentService", "BreadcrumbList"]
    assert json.loads(client.get("/manifest.webmanifest").text)["icons"]
    assert "{searchTerms}" in client.get("/opensearch.xml").text and "Sitemap: " in client.get("/robots.txt").text


def test_static_files_are_named_by_content_and_pages_are_packed(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip" and len(page.data) < 20_000
    text = gzip.decompress(page.data).decode()
    style = re.search(r"/static/style\.css\?v=\w{10}", text)
    assert style and "31536000" in client.get(style[0]).headers["Cache-Control"]
    assert client.get("/", headers={"If-None-Match": client.get("/").headers["ETag"]}).status_code == 304


def test_a_search_can_be_sorted_and_its_filters_removed(client: FlaskClient) -> None:
    page = client.get("/search?q=支援&owner=都市農業課&order=number").text
    numbers = [int(n) for n in re.findall(r'<span class="number">事業(\d+)</span>', page)]
    assert numbers == sorted(numbers) and len(numbers) >= 8
    assert "すべて解除" in page and re.search(r'class="chip remove" href="/search\?q=[^"]*order=number"', page)


def test_an_empty_search_shows_what_was_tried(client: FlaskClient) -> None:
    page = client.get("/search?q=畑&stage=試行&owner=商業課").text
    assert "探した言葉" in page and "「畑」" in page and "商業課" in page and "選んでさがす" in page


def test_the_counter_card_holds_what_to_ask_and_nothing_personal(client: FlaskClient) -> None:
    page = client.get("/card?q=山田太郎と申します。空き店舗を借りたい").text
    assert "山田" not in page and "■■■" in page and "商業課" in page and "窓口で聞くこと" in page and "<svg" in page


def test_the_code_of_a_long_story_leads_to_a_whole_address(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = segno.make
    monkeypatch.setattr(segno, "make", lambda address, **how: made.append(address) or make(address, **how))
    story = "商店会の役員をしています。空き店舗が増えて困っているので、若い人に貸したいと考えています。" * 6
    assert client.get("/card", query_string={"q": story}).status_code == 200
    assert len(made[0]) <= 1_000
    asked = parse_qs(urlsplit(made[0]).query, errors="strict")["q"][0]
    assert story.startswith(asked)


def test_the_desk_gives_a_text_to_read_out(client: FlaskClient) -> None:
    page = client.get("/desk?q=商店街のAED").text
    script = page.partition("data-script>")[2].partition("</div>")[0]
    assert "商業課が担当です" in script and 60 <= len(re.sub("<[^>]+>|\\s", "", script)) <= 220


def test_unanswered_questions_are_noted_without_personal_data(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SETAGAYA_VAR", str(tmp_path))
    assert client.post("/desk/unanswered", data={"q": "090-1234-5678 に電話して"}).status_code == 303
    noted = (tmp_path / "unanswered.tsv").read_text(encoding="utf-8")
    assert "■■■" in noted and "090" not in noted
    assert client.post("/desk/unanswered", data={"q": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("住民票がほしい", "この産業振興計画にはありません"),
        ("死にたい", "話してください"),
        ("ロケット打ち上げ", "よく合う事業は"),
        ("畑を借りたい", ""),
    ],
)
def test_a_search_says_first_what_is_not_of_the_plan(client: FlaskClient, text: str, says: str) -> None:
    page = client.get("/search", query_string={"q": text}).text
    before = page.partition("<ol")[0]
    assert says in before and (says or "note" not in before.partition("<h1>")[2])
