"""Conversations, and the promise: every statement is a line of lines.yml or text of the corpus."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from bot.dialogue import Bot
from bot.reply import Reply, Thread
from corpus.check import bare
from corpus.model import Plan

DIALOGUES = yaml.safe_load((Path(__file__).parent / "dialogues.yml").read_text(encoding="utf-8"))
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
]


@pytest.fixture(scope="module")
def grounds(plan: Plan) -> tuple[list[re.Pattern[str]], set[str]]:
    lines = [re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(line["ja"])), re.DOTALL) for line in plan.lines.values()]
    texts = {bare(line) for project in plan.projects for _, line in project.lines()}
    return lines, texts


def check_promise(reply: Reply, plan: Plan, grounds: tuple[list[re.Pattern[str]], set[str]]) -> None:
    lines, texts = grounds
    whole = bare(
        "".join([s.lead + s.subtitle + s.name for s in plan.sections.values()] + [n.text for n in plan.notes] + [f.lead for f in plan.front.faces])
    )
    for statement in reply.statements:
        if statement.source:
            assert bare(statement.text) in texts or bare(statement.text) in whole
        else:
            assert any(line.fullmatch(statement.text) for line in lines), statement.text
    assert len(reply.choices) >= 2
    assert Thread.load(reply.thread.dump()) == reply.thread
    json.dumps(reply.thread.dump())


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda d: d[0]["言"])
def test_dialogue(bot: Bot, plan: Plan, grounds: tuple[list[re.Pattern[str]], set[str]], dialogue: list[dict[str, object]]) -> None:
    thread = Thread()
    for turn in dialogue:
        reply = bot.reply(str(turn["言"]), thread)
        thread = reply.thread
        check_promise(reply, plan, grounds)
        if "上位" in turn:
            assert set(turn["上位"]) & {card.project for card in reply.cards[:5]}  # type: ignore[call-overload]
        assert str(turn.get("含む", "")) in reply.text
        assert turn.get("状態", reply.status) == reply.status


def test_promise_holds_for_anything_after_anything(bot: Bot, plan: Plan, grounds: tuple[list[re.Pattern[str]], set[str]]) -> None:
    for first in [*MESSAGES[:8], *ODD]:
        thread = bot.reply(first, Thread()).thread
        for second in [*MESSAGES, *ODD]:
            reply = bot.reply(second, thread)
            check_promise(reply, plan, grounds)
            assert reply == bot.reply(second, thread)


@pytest.mark.parametrize("state", [None, "", "x", "W10=", "bm90IGpzb24=", "あ", "A" * 9000, Thread(shown=(99,)).dump(), Thread(hand=0).dump()])
def test_a_damaged_thread_starts_afresh(state: str | None) -> None:
    assert Thread.load(state) == Thread()


def test_every_sentence_of_every_reply_is_read_aloud(bot: Bot) -> None:
    reply = bot.reply("商店街にAEDを置きたい")
    assert reply.text == "\n".join(statement.text for statement in reply.statements)
    assert "商業課" in reply.text
