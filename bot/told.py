"""What was told of the person and the need, by an answer to a question or by 〜だと？, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.ask import question
from bot.context import Context, Turn
from bot.find import ASKS, search
from bot.reply import Reply, Statement
from bot.thread import Thread


def drop(bot: Context, turn: Turn) -> Reply | None:
    if not (found := bot.match["dropping"].search(turn.text)):
        return None
    told = next(filter(None, found.groups()), "")
    value = bot.valued(told)
    if value is None or value not in turn.thread.slots:
        return None
    line = turn.speech.say("はずした", slot=turn.speech.value(*value))
    return again(bot, turn, turn.thread.filled(value[0], ""), line)


def answer(bot: Context, turn: Turn) -> Reply | None:
    """The answer to the question just asked: a value, none of them, or not known."""
    asked = turn.thread.question
    if not asked:
        return None
    if value := bot.valued(turn.text, asked):
        return again(bot, turn, turn.thread.filled(*value))
    if bot.match["none_of_them"].search(turn.text) or bot.match["unsure"].search(turn.text):
        declined = tuple(dict.fromkeys((*turn.thread.declined, asked)))
        return again(bot, turn, replace(turn.thread, declined=declined))
    return None


def suppose(bot: Context, turn: Turn) -> Reply | None:
    """高齢者だと？: the same need for another person."""
    audiences = turn.query.told("audience")
    if audiences and turn.thread.asked and bot.match["supposing"].search(turn.text):
        return again(bot, turn, turn.thread.filled("audience", audiences[0]))
    return None


def again(bot: Context, turn: Turn, thread: Thread, *before: Statement) -> Reply:
    """The need as it stands, searched for with the slots as they are now."""
    thread = replace(thread, question="")
    if not thread.asked and not thread.slots:
        return question_only(bot, turn, thread, before)
    reply = search(bot, Turn(thread.asked, bot.parse(thread.asked), thread, turn.speech), again=True)
    return replace(reply, statements=(*before, *reply.statements))


def question_only(bot: Context, turn: Turn, thread: Thread, before: Sequence[Statement]) -> Reply:
    """Nothing is known yet: one more question, or a person once three were asked or all were declined."""
    found = question(bot.finder.programs, thread.declined, ("audience", "need")) if thread.asks < ASKS else None
    if not found:
        return bot.hand_over(turn, *before, thread=thread)
    line = turn.speech.say(f"問い_{found.facet}", count=found.remaining)
    thread = replace(thread, question=found.facet, asks=thread.asks + 1)
    return bot.reply(turn, "clarify", (*before, line), choices=bot.options(turn, found.facet, found.options), thread=thread)
