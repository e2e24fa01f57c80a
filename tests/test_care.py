"""Distress is met with care on every door, and what only sounds like it is answered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from flask.testing import FlaskClient

from bot.care import CALM, DISTRESS, LEAST, LEAST_OF_STORY, CareReader, pairs_of, train_distress
from bot.classifier import Classifier, scaled, train
from bot.dialogue import Bot
from corpus.model import Contact, Plan
from corpus.triggers import fires
from index.features import BUCKETS, Extractor, character_runs, word_runs
from index.japanese import Tokenizer
from index.vectors import SIZE, WordVectors, murmur
from web.commands import main

HERE = Path(__file__).parent
JUDGED = yaml.load((HERE / "care.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
QUESTIONS = yaml.load((HERE / "questions.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@pytest.fixture
def reader(bot: Bot) -> CareReader:
    return bot.context.care


@pytest.mark.parametrize("row", [row for row in JUDGED if "まだ" not in row], ids=lambda row: row["文"][:20])
def test_each_judged_message_is_read_rightly(bot: Bot, row: dict[str, str]) -> None:
    reply = bot.reply(row["文"])
    assert (reply.status == "care") == (row["care"] == "はい")
    assert row["care"] == "いいえ" or not reply.cards


def test_what_is_not_read_rightly_yet_is_known(bot: Bot) -> None:
    """A row that is read rightly by now leaves the list."""
    wrong = {row["文"] for row in JUDGED if (bot.reply(row["文"]).status == "care") != (row["care"] == "はい")}
    assert wrong == {row["文"] for row in JUDGED if "まだ" in row} and len(wrong) <= 0.05 * len(JUDGED)


def test_ordinary_needs_are_not_met_with_care(bot: Bot) -> None:
    """Of 907 judged needs; the bound is what is reached, half a percent of long stories and misspelt kana."""
    met = [row["問"] for row in QUESTIONS if bot.reply(row["問"]).status == "care"]
    assert len(met) <= 7, met


# Words


def test_the_words_of_a_kind_always_tell_it(reader: CareReader, plan: Plan) -> None:
    for worry in plan.care.worries:
        for word in worry.words:
            found = reader.read(f"融資の相談です。{word}。返済の期間を教えてください。")
            assert found and found.confidence == 1.0, word


def test_a_word_in_latin_letters_begins_a_word(plan: Plan) -> None:
    life = next(worry for worry in plan.care.worries if worry.name == "命")
    assert fires(life, "I want to die") and not fires(life, "xwant to die")


@pytest.mark.parametrize(
    "text",
    [
        "先月、会社で首を切られました。次の仕事を探したい",
        "昼は店が死んでいる",
        "うちの帳簿は火の車です",
        "商店街にAEDを置きたい",
        "社員にメンタルヘルス研修を受けさせたい",
        "虐待防止の研修はありますか",
        "暴力団に店を貸さないための講座",
        "DVDの店を開きたい",
        "元請けに単価を叩かれています",
        "困っています",
        "さっきから同じことばかり",
        "I don't know",
        "夫が亡くなり、店を一人で続けられるか",
        "離婚したばかりで働かなければ",
    ],
)
def test_business_and_past_hardship_are_answered(bot: Bot, text: str) -> None:
    assert bot.reply(text).status != "care"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("命を絶ちたい", "命"),
        ("しにたい", "命"),
        ("首を吊りたい", "命"),
        ("リストカットがやめられない", "命"),
        ("もう疲れた。店もだめだし生きてる意味ない", "命"),
        ("I want to kill myself", "命"),
        ("夫に叩かれます", "暴力・虐待"),
        ("my husband hits me", "暴力・虐待"),
        ("子どもをたたいてしまう", "暴力・虐待"),
        ("今日食べるものがない", "食べ物と住まい"),
        ("お金がなくて明日の食べ物もない", "食べ物と住まい"),
        ("I have nothing to eat", "食べ物と住まい"),
        ("今夜泊まる所がない", "食べ物と住まい"),
        ("電気を止められました", "水道・電気・ガス"),
        ("過労で倒れそうです", "過労"),
        ("店が火事です", "緊急"),
        ("人が倒れています", "緊急"),
    ],
)
def test_the_kind_of_distress_is_told(reader: CareReader, text: str, kind: str) -> None:
    found = reader.read(text)
    assert found and found.worry.name == kind


# What is said


@pytest.mark.parametrize("lang", ["ja", "easy", "en"])
def test_help_comes_first_with_the_emergency_numbers(bot: Bot, plan: Plan, lang: str) -> None:
    for worry in plan.care.worries:
        reply = bot.reply(worry.examples[0] if not worry.words else worry.words[0], lang=lang)
        assert reply.status == "care" and not reply.cards and len(reply.choices) >= 2
        first = plan.lines[f"気がかり_{worry.name}"][lang]
        assert "119" in first and ("110" in first or worry.name in ("水道・電気・ガス", "過労"))
        assert reply.statements[0].line.startswith("気がかり_")
    urgent = plan.lines["気がかり_緊急"][lang]
    assert urgent.index("119") < 40


def test_what_the_ward_entered_is_told_after_the_numbers(bot: Bot, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    contact = Contact(名前="相談の電話", 英語="Helpline", やさしい日本語="そうだんの 電話", 電話="00-0000", 受付="24時間")
    worries = tuple(worry.model_copy(update={"contacts": (contact,)}) for worry in plan.care.worries)
    monkeypatch.setattr(bot.context.care, "worries", worries)
    for lang, name in (("ja", "相談の電話"), ("easy", "そうだんの 電話"), ("en", "Helpline")):
        told = bot.reply("死にたい", lang=lang).statements
        assert [s.line for s in told[:2]] == ["気がかり_命", "連絡先の案内"] and name in told[1].text and "00-0000" in told[1].text


# Every door


@pytest.mark.parametrize("text", ["死にたい", "今日食べるものがない", "夫に殴られています", "my husband hits me"])
def test_every_door_meets_distress_with_care(client: FlaskClient, text: str) -> None:
    chat = client.post("/api/chat", json={"message": text}).get_json()
    assert chat["status"] == "care" and chat["cards"] == [] and "119" in chat["reply"]
    search = client.get("/api/search", query_string={"q": text}).get_json()
    assert (search["status"], search["hits"], search["total"], search["facets"]) == ("care", [], 0, {})
    assert "119" in search["message"] and search["suggestion"] is None and search["notes"] == []
    for path in ("/search", "/chat", "/card", "/desk"):
        page = client.get(path, query_string={"q": text}).text.partition("<main")[2].partition("</main")[0]
        assert "119" in page and "/projects/" not in page and "件見つかりました" not in page, path
    desk = client.get("/desk", query_string={"q": text}).text
    assert "つらい状況の方への対応" in desk and "電話を切らず" in desk and desk.index("電話を切らず") < desk.index("読み上げる文")


@pytest.mark.parametrize("command", ["ask", "search"])
def test_the_commands_meet_distress_with_care(command: str) -> None:
    result = CliRunner().invoke(main, [command, "死にたい"])
    assert result.exit_code == 0 and "119" in result.output and "projects/" not in result.output


@pytest.mark.parametrize(("text", "status"), [("畑を借りたい", "answered"), ("住民票がほしい", "outside"), ("ロケット打ち上げ", "weak")])
def test_a_search_says_what_it_amounts_to(client: FlaskClient, text: str, status: str) -> None:
    answer = client.get("/api/search", query_string={"q": text}).get_json()
    assert answer["status"] == status and bool(answer["message"]) == (status != "answered")


# The reading, on made-up data


class Flat:
    """Word vectors of nothing."""

    def mean(self, words: object) -> np.ndarray:
        return np.zeros(SIZE, dtype=np.float32)


@pytest.fixture(scope="module")
def extractor(service: object) -> Extractor:
    tokenizer: Tokenizer = service.index.tokenizer  # type: ignore[attr-defined]
    return Extractor(tokenizer, Flat())  # type: ignore[arg-type]


def test_runs_are_exact() -> None:
    assert list(character_runs("畑を")) == ["畑", "を", "畑を"]
    assert list(character_runs("abcde"))[-2:] == ["abcd", "bcde"]
    assert list(word_runs(["食べる", "物", "無い"])) == ["食べる", "物", "無い", "食べる 物", "物 無い", "食べる _ 無い"]


def test_features_are_the_same_in_any_width_and_case(extractor: Extractor) -> None:
    one, two = extractor.features("ＡＥＤを置く"), extractor.features("aedを置く")
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert (one.characters < BUCKETS).all() and (one.words >= BUCKETS).all()
    assert one.character_counts.sum() == 6 + 5 + 4 + 3


def test_a_value_is_damped_weighed_by_rarity_and_of_length_one() -> None:
    rarity = np.array([1, 2, 0], dtype=np.float32)
    _, values = scaled(np.array([0, 1, 2]), np.array([1, np.e, 1], dtype=np.float32), rarity)
    assert values == pytest.approx(np.array([1, 4, 0]) / np.sqrt(17))


def test_a_classifier_learns_is_deterministic_and_is_kept_as_it_is(extractor: Extractor, tmp_path: Path) -> None:
    texts = ["畑を借りたい", "畑で野菜を作る", "野菜の畑", "店を借りたい", "店で物を売る", "売る店"]
    labels = ["畑", "畑", "畑", "店", "店", "店"]
    read = [extractor.features(text) for text in texts]
    one, two = train(read, labels), train(read, labels)
    assert np.array_equal(one.weights, two.weights) and one.labels == ("店", "畑")
    likely = one.probabilities(extractor.features("畑がほしい"))
    assert likely["畑"] > 0.6 and sum(likely.values()) == pytest.approx(1)
    one.save(tmp_path / "x.npz")
    assert Classifier.load(tmp_path / "x.npz").probabilities(extractor.features("畑がほしい")) == likely


def test_pairs_are_read_of_more_than_two_sentences() -> None:
    assert pairs_of("一。二。") == [] and pairs_of("一") == []
    assert pairs_of("一。二！三？") == ["一。二！", "二！三？"]


def test_of_a_story_of_distress_the_telling_pair_is_learnt_for_itself(extractor: Extractor) -> None:
    story = "店の相談です。食べるものがありません。場所は駅前です。"
    model = train_distress(["食べるものがありません。もう三日です。", story], ["店の相談です。場所は駅前です。", "駅前の店の相談"], extractor)
    likely = model.probabilities(extractor.features("食べるものがありません。場所は駅前です。"))[DISTRESS]
    assert likely > 0.5 > model.probabilities(extractor.features("店の相談です。場所は駅前です。"))[DISTRESS]
    assert set(model.labels) == {CALM, DISTRESS}


@pytest.mark.parametrize(
    ("whole", "pair", "text", "told"),
    [
        (LEAST, 0.0, "一", True),
        (LEAST - 0.01, 0.0, "一", False),
        (LEAST_OF_STORY, 0.0, "一。二。三。", True),
        (LEAST_OF_STORY - 0.01, LEAST_OF_STORY - 0.01, "一。二。三。", False),
        (LEAST_OF_STORY - 0.2, LEAST_OF_STORY + 0.2, "一。二。三。", True),
        (LEAST_OF_STORY - 0.2, LEAST_OF_STORY + 0.19, "一。二。三。", False),
    ],
)
def test_the_bounds_of_short_and_long_messages(
    reader: CareReader, monkeypatch: pytest.MonkeyPatch, whole: float, pair: float, text: str, told: bool
) -> None:
    monkeypatch.setattr(CareReader, "likely", lambda self, said: whole if said == text else pair)
    assert reader.telling(text) is told


@pytest.mark.parametrize(
    ("word", "key"), [("野菜", 6604994679156983161), ("a", 11901859001352538922), ("三軒茶屋就労支援センター", 2584109639222502536)]
)
def test_keys_of_words_are_those_of_the_wheel(word: str, key: int) -> None:
    assert murmur(word) == key


def test_vectors_know_what_words_are_about(bot: Bot) -> None:
    vectors: WordVectors = bot.context.care.extractor.vectors
    farm, vegetable, bank = (vectors.mean([[word]]) for word in ("畑", "野菜", "銀行"))
    assert farm @ vegetable > farm @ bank + 0.1 and np.linalg.norm(farm) == pytest.approx(1, abs=0.01)
    assert not vectors.mean([["ぬるぽがっ"]]).any() and np.array_equal(vectors.mean([["ぬるぽがっ", "畑"]]), farm)
