"""Analysis as a table, query building without an engine, search on the real index."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
import yaml

from index.japanese import clean, stem
from index.lines import Look
from index.lookup import ages, full_eras, later_era, lookup_numbers
from index.search import Index

TABLE = yaml.safe_load((Path(__file__).parent / "analysis.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["入"])
def test_analysis(index: Index, row: dict[str, object]) -> None:
    assert set(row["語"]) <= {token.term for token in index.tokenizer.tokens(str(row["入"]))}  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("text", "out"),
    [("ＡＥＤ", "AED"), ("a\x00b", "ab"), ("\ud800x", "x"), ("\u202eabc", "abc"), ("㍿" * 300, "株式会社" * 75), (" 畑\n", "畑")],
)
def test_clean(text: str, out: str) -> None:
    assert clean(text) == out


@pytest.mark.parametrize(
    ("word", "other"), [("Jobs", "job"), ("farming", "farm"), ("companies", "company"), ("bus", "bus"), ("classes", "class"), ("promoted", "promote")]
)
def test_stem(word: str, other: str) -> None:
    assert stem(word) == stem(other)


def test_abbreviations_keep_their_letters() -> None:
    assert [stem(word) for word in ("AED", "SNS", "ICT")] == ["aed", "sns", "ict"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("事業16", (16,)),
        ("16番", (16,)),
        ("#16", (16,)),
        ("16 と 17", (16, 17)),
        ("事業16と17", (16, 17)),
        ("平成26年度", ()),
        ("31イベント", ()),
        ("33%", ()),
        ("事業番号34 内容", (34,)),
        ("16番の申込方法は", (16,)),
        ("33番って何", (33,)),
        ("事業48 所管", (48,)),
        ("第16事業", (16,)),
        ("(16)", (16,)),
        ("16番目の事業", (16,)),
        ("project 16", (16,)),
        ("No.16の事業", (16,)),
        ("事業1、2、3", (1, 2, 3)),
        ("1番", (1,)),
        # Where a figure counts, dates or ranks something, it is no project's.
        ("事業3年目で資金繰りが苦しい", ()),
        ("用賀4丁目5番6号の空き店舗", ()),
        ("用賀4丁目5番の空き店舗", ()),
        ("5番街のカフェ", ()),
        ("人気No.1の農産物", ()),
        ("1番近い農園", ()),
        ("1番の人気は", ()),
        ("3番人気", ()),
        ("事業3つを教えて", ()),
        ("重点事業15件", ()),
        ("事業は5年", ()),
        ("2番目をくわしく", ()),
    ],
)
def test_lookup_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert lookup_numbers(text)[0] == numbers


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("事業16", [16]),
        ("１６番", [16]),
        ("16 と 17", [16, 17]),
        ("環境計画課 関連所管", [23, 46, 47]),
        ("都市農業", list(range(51, 63))),
        ("労働・雇用の充実", list(range(16, 23))),
        ("あきてんぽ", [30]),
        ("区民農園", [55]),
        ("農業塾", [53]),
        ("スタンドパイプ", [33]),
        ("関連所管が商業課の事業", [1, 4, 10, 13, 15, 28]),
        ("商業課 関わる 事業 重点", [2, 8, 9, 30, 65, 67]),
        ("地域振興課（各総合支所） 関連所管", [63, 64, 67]),
        ("重点 まちなか観光", [65, 67]),
        ("農業の分野", list(range(51, 63))),
        ("カンコウボランティアガイド", [64]),
        ("ねっとで しなものを うりたい", [41]),
        ("しょうてんかいに はいってくれる おみせを ふやしたい", [39]),
    ],
)
def test_search(index: Index, text: str, first: list[int]) -> None:
    found = [hit.passage.home for hit in index.search(text, limit=50).hits]
    assert found[: len(first)] == first


def test_synonyms_are_told(index: Index) -> None:
    notes = index.search("監視カメラ").notes
    assert any(note.said == "監視カメラ" and "防犯カメラ" in note.words for note in notes)


def test_a_wrong_conversion_is_corrected_and_named(index: Index) -> None:
    results = index.search("感光マップ")
    assert results.suggestion and "観光" in results.suggestion


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("くみんのうえんをかりたい", ["区民農園", "借りる"]),
        ("あいている おみせをかりて", ["店", "借りる"]),
        ("おかねがない まだわかいのにしごともない", ["金", "若い", "仕事"]),
        ("しごとさがs", ["仕事探し"]),
        ("街あるきマッブ", ["マップ"]),
        ("じしんが きたら", ["地震"]),
        ("どうしたらいいんだろう", []),
    ],
)
def test_kana(index: Index, text: str, said: list[str]) -> None:
    terms = {option.term for concept in index.parser.parse(text).concepts for option in concept.options}
    assert set(said) <= terms if said else not terms


def test_a_story_weighs_the_sentence_that_wishes(index: Index) -> None:
    """父の話 is told on the way; the need is a helping hand."""
    weights = {
        c.said: c.weight for c in index.parser.parse("父が先月トラクターから落ちました。畑を手伝ってくれる人を紹介してもらえませんか。").concepts
    }
    assert weights["トラクター"] < weights["畑"] == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "父が入院し、退院後は私が世話をするので、勤め先の働き方を変えてもらう後押しがほしいです",
        "ラーメンのでっかい祭り",
        "観光大使",
    ],
)
def test_known_words_stay(index: Index, text: str) -> None:
    assert not [note for note in index.parser.parse(text).notes if note.how == "spelling"]


def test_nothing_is_told_twice(index: Index) -> None:
    """散歩 stands among words of one meaning and among those that widen, both times for まちあるき."""
    assert [note.said for note in index.parser.parse("若い人の散歩コースの地図").notes] == ["若い", "散歩", "地図"]


@pytest.mark.parametrize(
    ("text", "line"),
    [("世田谷区の人口", "860,749人"), ("農地 面積 ha", "106.6ha"), ("2012年 従業員数", "約24万1千人"), ("みどり率 目標", "33%")],
)
def test_sentences(index: Index, text: str, line: str) -> None:
    assert any(line in told.line.text for told in index.sentences(index.parser.parse(text), Look(figure=True)))


def test_highlights_follow_inflection(index: Index) -> None:
    snippet = index.search("取組 環境に配慮").hits[0].snippet
    assert any("取り組み" in snippet.text[start:end] for start, end in snippet.marks)


def test_filters_and_facets(index: Index) -> None:
    results = index.search("支援", limit=50, filters={"owner": "都市農業課"})
    assert results.hits and all("都市農業課" in hit.passage.facets["owner"] for hit in results.hits if hit.passage.kind == "project")
    assert set(index.facets(results)["owner"]) == {"都市農業課"}


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "業 ANDNOT " * 40, "(" * 300, "*:*", "a" * 1_000_000, "🙂", "ん", "「」", "'\"<script>"])
def test_odd_input_is_answered(index: Index, text: str) -> None:
    assert index.search(text).total >= 0


@pytest.mark.parametrize(("limit", "start"), [(0, 0), (51, 0), (10, -1), (10, 10**9)])
def test_bounds(index: Index, limit: int, start: int) -> None:
    with pytest.raises(ValueError):
        index.search("畑", limit=limit, start=start)


def test_threads_get_the_same_answers(index: Index) -> None:
    texts = ["畑を借りたい", "空き店舗", "しごとさがし", "観光マップ"]
    right = {text: [hit.passage.id for hit in index.search(text).hits] for text in texts}
    wrong: list[str] = []

    def run() -> None:
        for text in texts * 10:
            if [hit.passage.id for hit in index.search(text).hits] != right[text]:
                wrong.append(text)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("空き店", "起業・創業等による商店街の空き店舗活用"),
        ("くみんの", "区民農園"),
        ("kuminn", "区民農園"),
        ("直売所マップ", "農産物直売所マップ"),
        ("", None),
        ("zzzz", None),
    ],
)
def test_suggestions(index: Index, text: str, has: str | None) -> None:
    found = [suggestion.text for suggestion in index.suggest(text)]
    assert (has in found and len(found) <= 8) if has else not found


def test_reasons_name_word_and_field(index: Index) -> None:
    results = index.search("監視カメラ")
    reasons = index.explain(results.hits[0], results.query)
    assert any(reason.how == "same" and "text" in reason.fields for reason in reasons)


@pytest.mark.parametrize(("text", "other"), [("2015年度の計画", "平成27年度"), ("平成25年の人口", "2013年")])
def test_years_in_both_calendars(index: Index, text: str, other: str) -> None:
    assert any(note.how == "year" and other in note.words for note in index.search(text).notes)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("63歳", [(63, False)]),
        ("六十三歳です", [(63, False)]),
        ("十八歳", [(18, False)]),
        ("二十歳 就職", [(20, False)]),
        ("はたちで起業", [(20, False)]),
        ("四十代の女性", [(40, True)]),
        ("20代", [(20, True)]),
        ("163歳", []),
        ("三十分", []),
    ],
)
def test_ages_in_figures_and_in_words(text: str, found: list[tuple[int, bool]]) -> None:
    assert ages(text) == found


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("H29", "平成29年度"),
        ("H29年度の目標", "平成29年度の目標"),
        ("h26年から", "平成26年から"),
        ("R6年度", "令和6年度"),
        ("HP29", "HP29"),
        ("BH12号", "BH12号"),
    ],
)
def test_short_eras_are_written_out(text: str, full: str) -> None:
    assert full_eras(text) == full


def test_years_of_reiwa_are_told_and_not_looked_for(index: Index) -> None:
    assert later_era("令和6年度の予定は")[0] == " の予定は"
    query = index.parser.parse("令和6年度の予定は")
    assert [(note.how, note.said) for note in query.notes] == [("later", "令和6年度")]
    assert not {"令", "和", "令和"} & {concept.said for concept in query.concepts}


@pytest.mark.parametrize("age", range(40, 100))
def test_a_figure_is_never_put_right(index: Index, age: int) -> None:
    """63歳 is no misspelt 65歳, whatever ages the plan names."""
    for text in (f"{age}歳 仕事", f"{age}歳でも働ける", f"平成{age}年度"):
        assert not [note for note in index.parser.parse(text).notes if note.how == "spelling"], text
