"""Conversations, and the promise: every statement is a line of lines.yml, with slots from the corpus or the reader, or text of the corpus."""

from __future__ import annotations

import json
import os
import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.dialogue import Bot
from bot.reply import Reply, Statement
from bot.thread import LANGUAGES, Thread
from corpus.model import Plan
from corpus.text import bare
from index.search import Index

HERE = Path(__file__).parent
DIALOGUES = yaml.load((HERE / "dialogues.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
MESSAGES = [turn["言"] for dialogue in DIALOGUES for turn in dialogue]
ODD = [
    "",
    "\x00",
    "あ" * 5000,
    "<b>x</b>",
    "{owner}",
    "090-1234-5678",
    "事業99",
    "0番",
    "99999",
    "ほかには",
    "その3番目",
    "ｱ",
    "not in plan at all zzzz",
    "はい",
    "いいえ",
    "もどる",
    "最初から",
    "つづき",
    "どれでもない",
    "わからない",
    "商業課はのぞいて",
    "高齢者だと？",
    "比べて",
    "くわしく",
    "無料？",
]
#: Conversations made by chance; set to 10000 for the full round (about ten minutes).
GENERATED = int(os.environ.get("CONVERSATIONS", "150"))

Promise = Callable[[Reply, str], None]


@pytest.fixture(scope="module")
def promise(plan: Plan, index: Index) -> Promise:
    """Checks a reply against the promise; the second value is all that the reader has said."""
    texts = {bare(line) for project in plan.projects for _, line in project.lines()}
    leads = [s.lead + s.subtitle + s.name for s in plan.sections.values()] + [text for n in plan.notes for text in (n.text, *n.headings)]
    leads += [text for f in plan.front.faces for text in (f.lead, f.name)]
    whole = bare("".join(leads))
    programs = [(p.name, p.summary, p.easy, p.english, p.english_name, *p.unstated) for p in plan.programs]
    words = [(w.easy, w.english, w.english_name) for p in plan.projects if (w := p.everyday)]
    terms = [(t.id, t.label, t.easy, t.english) for group in (plan.front.audience, plan.front.needs, plan.front.kinds) for t in group]
    details = [(d.name, d.easy, d.english) for d in (*plan.intents.details, *plan.intents.personal)]
    subjects = [(s.name, s.english, s.easy, s.office) for s in plan.outside.subjects]
    known = {bare(text) for row in (*programs, *words, *terms, *details, *subjects) for text in row}
    known |= {bare(text) for line in plan.lines.values() for text in line.values()}
    known |= {bare(text) for term in plan.front.unstated for text in (term.id, term.english, term.easy)}
    known |= {bare(text) for worry in plan.care.worries for one in worry.contacts for text in (one.name, one.english, one.easy, one.phone, one.hours)}
    known |= {bare(name) for name in plan.departments} | {bare(f.name) for f in plan.front.faces} | texts
    known |= {bare(word) for entry in (*plan.words.widen, *plan.words.english) for word in (entry.word, *entry.to)}
    known |= {bare(word) for group in plan.words.same for word in group.words}

    known |= set(index.vocabulary.frequency) | set(index.vocabulary.surfaces)
    joined = "\n".join(texts)

    def holds(piece: str, said: str) -> bool:
        plain = bare(piece).removesuffix("…")
        piece = piece.removesuffix("…")
        if piece.isdigit() or plain in known or plain in joined or plain in whole or bare(unicodedata.normalize("NFKC", piece)) in said:
            return True
        titles = [(piece[: at.start()], piece[at.end() : -1]) for at in re.finditer(r" \(", piece)]
        return any(bare(one) in known and bare(two) in known for one, two in titles) or bool(re.fullmatch(r"(平成)?\d+年度?", piece))

    def grounded(value: str, said: str) -> bool:
        """A slot's value: a count, the reader's own words, or what the corpus holds, one by one."""
        if not value or holds(value, said):
            return True
        for parts in (re.split(r"」「|\", \"", value.removeprefix("「").removesuffix("」")), value.split("、")):
            if len(parts) > 1 and all(grounded(part, said) for part in parts):
                return True
        return value[:1] == "「" and value[-1:] == "」" and grounded(value[1:-1], said)

    def stands(statement: Statement, lang: str, said: str) -> None:
        if statement.source:
            assert bare(statement.text) in joined or bare(statement.text) in whole, statement.text
            return
        slots = dict(statement.slots)
        assert statement.text == plan.lines[statement.line][lang].format(**slots)
        for value in slots.values():
            assert grounded(value, said), (statement.line, value)

    def check(reply: Reply, said: str) -> None:
        said = bare(unicodedata.normalize("NFKC", said))
        assert reply.statements
        for statement in (*reply.statements, *(one for c in reply.columns for _, told in c.rows for one in told)):
            stands(statement, reply.lang, said)
        assert len({choice.label for choice in reply.choices}) >= 2
        state = reply.thread.dump()
        assert Thread.load(state) == reply.thread
        json.dumps(state)
        if reply.status in ("smalltalk",):
            assert not reply.cards

    return check


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda d: d[0]["言"])
def test_dialogue(bot: Bot, promise: Promise, dialogue: list[dict[str, object]]) -> None:
    thread, said, shown = Thread(), "", []
    for turn in dialogue:
        reply = bot.reply(str(turn["言"]), thread)
        said += str(turn["言"]) + reply.heard
        thread, cards = reply.thread, [card.project for card in reply.cards]
        promise(reply, said)
        text, told = bare(reply.text), str(turn["言"])
        if "上位" in turn:
            assert set(turn["上位"]) & set(cards[:5]), (told, cards)  # type: ignore[call-overload]
        if wanted := _list(turn.get("含む")):
            assert any(bare(word) in text for word in wanted), (told, reply.text)
        for word in _list(turn.get("含まない")):
            assert bare(word) not in text, (told, reply.text)
        if statuses := _list(turn.get("状態")):
            assert reply.status in statuses, (told, reply.status)
        if turn.get("新しい"):
            assert set(cards) - set(shown[-1]), told
        if "指す" in turn:
            at, rank = turn["指す"]  # type: ignore[misc]
            assert cards[0] == shown[at - 1][rank - 1], told
        assert turn.get("ことば", reply.lang) == reply.lang
        shown.append(cards)


def _list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [] if value is None else [str(value)]


def test_promise_holds_for_anything_after_anything(bot: Bot, promise: Promise) -> None:
    for first in [*MESSAGES[:6], *ODD]:
        thread = bot.reply(first, Thread()).thread
        for second in [*MESSAGES[:40], *ODD]:
            reply = bot.reply(second, thread)
            promise(reply, first + second)
            assert reply == bot.reply(second, thread)


def test_promise_holds_in_made_up_conversations(bot: Bot, plan: Plan, promise: Promise) -> None:
    """Conversations of needs, follow-ups, odd words and the buttons that the replies themselves offer, in three registers."""
    chance = random.Random(68)
    needs = [phrase for program in plan.programs for phrase in program.phrases]
    asked = [example for pattern in plan.intents.__dict__.values() for example in getattr(pattern, "examples", ())]
    for number in range(GENERATED):
        thread, said, lang = Thread(), "", chance.choice([None, *LANGUAGES])
        before: Reply | None = None
        for _ in range(chance.randint(2, 6)):
            pressed = [choice.message for choice in before.choices] if before else []
            message = chance.choice(chance.choice([needs, asked, ODD, MESSAGES, pressed or needs]))
            reply = bot.reply(message, thread, lang)
            said += message + reply.heard
            promise(reply, said)
            if before and before.statements[-1].line in ("見つからない", "聞き返す", "範囲外", "言い過ぎ"):
                assert reply.statements[-1].line != before.statements[-1].line, (number, message)
            thread, before = reply.thread, reply


@pytest.mark.parametrize(
    "state", ["x", "W10=", "bm90IGpzb24=", "あ", "A" * 9000, Thread(shown=(99,)).dump(), Thread(hand=0).dump(), Thread(slots=(("age", "9"),)).dump()]
)
def test_a_damaged_thread_starts_afresh_and_says_so(bot: Bot, plan: Plan, state: str) -> None:
    thread = Thread.load(state)
    assert thread == Thread(lost=True)
    assert bot.reply("畑を借りたい", thread).statements[0].text == plan.lines["読めない"]["ja"]


@pytest.mark.parametrize("state", [None, ""])
def test_no_thread_is_a_new_one(state: str | None) -> None:
    assert Thread.load(state) == Thread()


def test_a_slot_that_no_vocabulary_holds_is_refused(bot: Bot, plan: Plan) -> None:
    thread = Thread.load(Thread(slots=(("audience", "火星人"),)).dump())
    assert plan.lines["読めない"]["ja"] in bot.reply("仕事", thread).text


def test_every_sentence_of_every_reply_is_read_aloud(bot: Bot) -> None:
    reply = bot.reply("商店街にAEDを置きたい")
    assert reply.text == "\n".join(statement.text for statement in reply.statements)
    assert "商業課" in reply.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_button_of_every_register_is_understood(bot: Bot, lang: str) -> None:
    """Each next step of an answer leads to an answer about the same project, or onwards."""
    first = bot.reply("仕事を探している", lang=lang)
    for choice in first.choices:
        assert bot.reply(choice.message, first.thread, lang).trace.intent in ("part", "slot", "complaint", "list"), choice.label
    opening = bot.reply("相談したい", lang=lang)
    for choice in opening.choices:
        assert bot.reply(choice.message, opening.thread, lang).trace.intent in ("search", "slot", "figure"), choice.label


@pytest.mark.parametrize(
    ("message", "kind", "kept"),
    [
        ("090-1234-5678 に電話ください", "電話番号", "に電話ください"),
        ("taro@example.jp です。畑を借りたい", "メールアドレス", "畑を借りたい"),
        ("4111-1111-1111-1111 で払えますか", "カードの番号", "で払えますか"),
        ("マイナンバーは 1234 5678 9012 です", "個人番号", "マイナンバーは"),
        ("太子堂2-16-7 に住んでいます。仕事を探しています", "住所", "仕事を探しています"),
        ("山田太郎と申します。起業したい", "名前", "起業したい"),
    ],
)
def test_personal_data_is_masked_in_what_is_shown_and_carried(bot: Bot, message: str, kind: str, kept: str) -> None:
    reply = bot.reply(message)
    assert "■■■" in reply.heard and kept in reply.heard
    assert f"「{kind}" in reply.statements[0].text or kind in reply.statements[0].text
    number = re.search(r"[\d@-]{8,}|太郎", message)
    carried = reply.text + reply.heard + reply.thread.asked + "".join(reply.thread.trail)
    assert not number or number[0] not in carried


@pytest.mark.parametrize("message", ["2番目をくわしく", "平成27年度の目標は", "448,179世帯", "29年度", "99経営体", "2015年4月1日"])
def test_figures_are_not_taken_for_personal_data(bot: Bot, message: str) -> None:
    assert bot.reply(message).heard == message


@pytest.mark.parametrize(
    ("message", "lang"),
    [("I want to start a business", "en"), ("job for elderly", "en"), ("AED", "ja"), ("sougyou", "ja"), ("空き店舗", "ja"), ("BCP とは", "ja")],
)
def test_the_language_of_the_message_is_answered(bot: Bot, message: str, lang: str) -> None:
    assert bot.reply(message).lang == lang


def test_english_and_easy_replies_keep_the_quote_beside(bot: Bot) -> None:
    for lang in ("en", "easy"):
        reply = bot.reply("空き店舗を借りたい", lang=lang)
        assert any(s.source for s in reply.statements) and any(s.line == "ひとこと" for s in reply.statements)


def test_at_most_one_wish_for_other_words(bot: Bot, plan: Plan) -> None:
    thread, lines = Thread(), []
    for message in ("ぬるぽがっ", "zzzzqqq xxx", "ほげほげふが", "むにゃらごん"):
        reply = bot.reply(message, thread, "ja")
        thread = reply.thread
        lines += [s.line for s in reply.statements if s.line.startswith("見つからない")]
    assert lines.count("見つからない") <= 1
    assert all(one != two for one, two in zip(lines, lines[1:], strict=False))


def test_at_most_three_questions_in_a_row(bot: Bot) -> None:
    thread, asked = bot.reply("相談したい").thread, 1
    for _ in range(6):
        reply = bot.reply("わからない", thread)
        asked += bool(reply.thread.question)
        thread = reply.thread
    assert asked <= 3 and not thread.question


def test_the_finder_drops_no_one(bot: Bot, plan: Plan) -> None:
    finder, speech = bot.context.finder, bot.context.speeches["ja"]
    for audience in finder.order["audience"]:
        found = finder.candidates({"audience": audience}, speech)
        assert len(found) == len(plan.programs) and {c.fit for c in found} <= {"likely", "check", "other"}
        assert all(candidate.reasons for candidate in found)
        asked = finder.next_question({"audience": audience})
        assert asked and asked.facet == "need" and asked.remaining == finder.remaining({"audience": audience})


OUTSIDE = yaml.load((HERE / "outside.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def test_other_matters_are_declined_without_a_card(bot: Bot, capsys: pytest.CaptureFixture[str]) -> None:
    """245 everyday questions that the plan does not answer; the floor is a little under what is reached (0.955)."""
    missed = [text for text in OUTSIDE if (reply := bot.reply(text)).cards or reply.status == "answered"]
    with capsys.disabled():
        print(f"\nother matters: {1 - len(missed) / len(OUTSIDE):.3f} declined of {len(OUTSIDE)}; not {missed}")
    assert len(missed) <= 0.06 * len(OUTSIDE)


def test_needs_are_not_declined(bot: Bot) -> None:
    """Of the judged needs at most one in a hundred is taken for another matter."""
    needs = yaml.load((HERE / "questions.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    declined = [row["問"] for row in needs if bot.reply(row["問"]).status in ("no_answer", "smalltalk")]
    assert len(declined) <= 0.01 * len(needs), declined
