"""Readings over kanji: sentences word by word, every word of the corpus against the reviewed list, and pages left otherwise alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from corpus.model import Plan
from web import Service
from web.furigana import Annotator, aligned

REVIEWED = yaml.load((Path(__file__).parent / "readings.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@pytest.fixture(scope="module")
def annotator(service: Service) -> Annotator:
    return service.annotator


def texts(plan: Plan) -> Iterator[str]:
    """Everything in Japanese that pages show."""
    for project in plan.projects:
        yield from (line for _, line in project.lines())
        yield from (project.owner, *project.partners)
        if project.everyday:
            yield from (*project.everyday.phrases, project.everyday.easy)
    for program in plan.programs:
        yield from (program.name, program.summary, program.easy, program.maturity.phrase, *program.unstated, *program.phrases)
        yield from (text for claim in program.claims for text in (claim.plain, claim.quote))
    for section in plan.sections.values():
        yield from (section.name, section.subtitle, *section.lead.splitlines())
    for face in plan.front.faces:
        yield from (face.name, *face.lead.splitlines())
    for note in plan.notes:
        yield from (*note.headings, *note.text.splitlines())
    for line in plan.lines.values():
        yield from (re.sub(r"\{\w+\}", "○", line[register]) for register in ("ja", "easy"))
    for text, entry in plan.pages.items():
        yield from (text, entry["easy"])
    for term in (*plan.front.audience, *plan.front.needs, *plan.front.kinds):
        yield from (term.label, term.easy)
    yield from (area.name for area in plan.front.areas)
    yield from (text for subject in plan.outside.subjects for text in (subject.name, subject.office))


def test_every_word_of_the_corpus_is_read_as_reviewed(annotator: Annotator, plan: Plan) -> None:
    unknown = {(word, reading) for text in texts(plan) for word, reading in annotator.pairs(text) if reading not in REVIEWED.get(word, ())}
    assert not unknown, (
        f"読みを確かめて、合っていれば tests/readings.yml に足し、ちがえば corpus/furigana.yml で直してください：{sorted(unknown)[:20]}"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("空き店舗を借りたい", "空(あ)き店舗(てんぽ)を借(か)りたい"),
        ("取り組み", "取(と)り組(く)み"),
        ("平成26年度～29年度", "平成(へいせい)26年度(ねんど)～29年度(ねんど)"),
        ("三軒茶屋", "三軒茶屋(さんげんぢゃや)"),
        ("1人、20人、三人", "1人(ひとり)、20人(にん)、三(さん)人(にん)"),
        ("4月1日と10月3日", "4月(がつ)1日(ついたち)と10月(がつ)3日(か)"),
        ("世田谷の方へ、年配の方に、作り方", "世田谷(せたがや)の方(ほう)へ、年配(ねんぱい)の方(かた)に、作(つく)り方(かた)"),
        ("何をする、何件、何か月", "何(なに)をする、何(なん)件(けん)、何(なん)か月(げつ)"),
        ("その他の事業、他の区", "その他(た)の事業(じぎょう)、他(ほか)の区(く)"),
        ("人を育てる、区民3人", "人(ひと)を育(そだ)てる、区民(くみん)3人(にん)"),
        ("市場の動き", "市場(しじょう)の動(うご)き"),
        ("町工場と工場", "町工場(まちこうば)と工場(こうじょう)"),
        ("2万4千社、約100万円", "2万(まん)4千(せん)社(しゃ)、約(やく)100万(まん)円(えん)"),
        ("砧総合支所、烏山、喜多見", "砧総合支所(きぬたそうごうししょ)、烏山(からすやま)、喜多見(きたみ)"),
        ("産業振興公社と都市農業課", "産業振興公社(さんぎょうしんこうこうしゃ)と都市(とし)農業(のうぎょう)課(か)"),
        ("私は日本で働く", "私(わたし)は日本(にほん)で働(はたら)く"),
        ("年をとる、3か年、年1回", "年(とし)をとる、3か年(ねん)、年(ねん)1回(かい)"),
        ("公園の中、子育て中、中小企業", "公園(こうえん)の中(なか)、子育(こそだ)て中(ちゅう)、中小企業(ちゅうしょうきぎょう)"),
        ("行って来る、行っている", "行(い)って来(く)る、行(おこな)っている"),
        ("身近な所、案内所", "身近(みぢか)な所(ところ)、案内(あんない)所(しょ)"),
    ],
)
def test_sentences(annotator: Annotator, text: str, expected: str) -> None:
    plain = re.sub(r"<ruby>(.*?)<rp>（</rp><rt>(.*?)</rt><rp>）</rp></ruby>", r"\1(\2)", annotator.text(text))
    assert plain == expected


@pytest.mark.parametrize(
    ("surface", "reading", "parts"),
    [
        ("取り組み", "とりくみ", [("取", "と"), ("り", ""), ("組", "く"), ("み", "")]),
        ("お金", "おかね", [("お", ""), ("金", "かね")]),
        ("謎", "", [("謎", "")]),
    ],
)
def test_okurigana_is_cut_off(surface: str, reading: str, parts: list[tuple[str, str]]) -> None:
    assert aligned(surface, reading) == parts


@pytest.mark.parametrize(
    "html",
    [
        "<title>区民</title><textarea>区民</textarea><select><option>区民</option></select><button>区民</button>",
        '<p lang="en">区民 <b>区民</b></p><a data-plain href="/?q=区民">区民</a><!doctype html>',
        "<ruby>区民<rt>くみん</rt></ruby><svg><text>区民</text></svg>",
        "<p>&lt;b&gt; &amp; &#39; ABC</p><br><img alt='区民' src=x>",
    ],
)
def test_fields_titles_and_english_stay_as_they_are(annotator: Annotator, html: str) -> None:
    assert annotator.page(html) == html


def test_marks_hold_whole_rubies(annotator: Annotator) -> None:
    page = annotator.page("<p><mark>区民</mark>農園<input value='区民'></p>")
    assert page.startswith("<p><mark><ruby>区民") and "</ruby></mark><ruby>農園" in page and "<input value='区民'>" in page
