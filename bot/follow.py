"""Questions about what was found: details, parts, ranks, lists, comparisons and figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot import fact
from bot.answer import Statements
from bot.context import CARDS, STORY, Context, Turn
from bot.edge import ask_back, human
from bot.reply import Reply, Statement
from bot.thread import Thread, repeated
from corpus.model import Program
from index.query import Query
from index.search import Hit

#: Characters of a long message that are looked at for a detail.
ENDS = 18
#: Names of a list told at a time.
PAGE = 15
RANKS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}


def confirm(bot: Context, turn: Turn) -> Reply | None:
    """Yes or no to a guess, none of a list, or a word of assent to what is in hand."""
    hand = turn.thread.hand
    if hand and bot.match["yes"].search(turn.text):
        return bot.reply(turn, "answered", bot.answers.whole(bot.plan.project(hand), turn.speech), (hand,), done="whole")
    if bot.match["unsure"].search(turn.text):
        return human(bot, turn, "unsure") if hand else ask_back(bot, turn)
    if bot.match["no"].search(turn.text) or bot.match["none_of_them"].search(turn.text):
        return more(bot, turn) if turn.thread.asked else ask_back(bot, turn)
    return None


def without(bot: Context, turn: Turn) -> Reply | None:
    """〜はのぞいて: the list as it was, without what is named."""
    found = bot.match["without"].search(turn.text)
    if not found or not turn.thread.asked:
        return None
    told = next(filter(None, found.groups()), "").strip()
    named = bot.parse(told)
    if not named.facets and not bot.said(named) and not named.concerns:
        return None
    words = tuple(dict.fromkeys((*turn.thread.without, told)))[-6:]
    thread = replace(turn.thread, without=words)
    kept = [hit for hit in bot.found(bot.parse(thread.asked), 50) if not bot.left_out(hit, words)]
    shown = turn.speech.join(map(repeated, words))
    if not kept:
        return bot.reply(turn, "answered", (turn.speech.say("のぞいて残らない", words=shown),), turn.thread.shown[:1], thread=thread)
    return listed(bot, turn, turn.speech.say("のぞく", words=shown), kept[:CARDS], thread)


def listed(bot: Context, turn: Turn, line: Statement, hits: Sequence[Hit], thread: Thread) -> Reply:
    """A few projects named after a line, as the list that ranks point into."""
    numbers = tuple(hit.passage.home for hit in hits if hit.passage.home)
    names = (bot.answers.name(bot.plan.project(number), turn.speech) for number in numbers)
    reply = bot.reply(turn, "answered", (line, *names), numbers, thread=thread, listed=True)
    return replace(reply, cards=tuple(bot.answers.card_of(hit) for hit in hits))


def detail(bot: Context, turn: Turn) -> Reply | None:
    """A detail that people ask for: quoted where the plan gives it, else said to be missing, with the project that it would belong to.

    A wish (会費だけでは続けられない) asks for help with its matter, not for the detail.
    """
    if bot.match["wish"].search(turn.text) or (fact.asks(bot, turn.text) and fact.figures(bot, turn, fact.ALL)):
        return None
    # A long message asks for what it ends in; what stands before is a story.
    text = turn.text if len(turn.query.concepts) < STORY else turn.text[-ENDS:]
    paid = bot.match["paid"].search(text)
    for detail, pattern in bot.details:
        if not pattern.search(text) and not (paid and detail.given and detail is bot.price):
            continue
        rest = bot.parse(bot.match["paid"].sub(" ", pattern.sub(" ", turn.text)))
        numbers = bot.projects(turn, rest)
        name = turn.speech.detail(detail)
        if not numbers:
            return bot.plain(turn, "no_answer", turn.speech.say("記載なし一般", detail=name))
        asks_whether = paid or detail is not bot.price
        if asks_whether and (given := bot.answers.given(numbers[:3], detail)):
            number, quote = given
            statements: Statements = (turn.speech.say("一文", quote=quote.text), quote, bot.answers.name(bot.plan.project(number), turn.speech))
            return bot.reply(turn, "answered", statements, (number,), thread=replace(turn.thread, asked=turn.text))
        project = bot.plan.project(numbers[0])
        statements = (turn.speech.say("記載なし", detail=name, owner=project.owner), bot.answers.name(project, turn.speech))
        thread = turn.thread if numbers == (turn.thread.hand,) else turn.thread.asking(turn.text)
        return bot.reply(turn, "no_answer", statements, numbers[:2], thread=thread, listed=len(numbers) > 1)
    return None


def is_priority(bot: Context, turn: Turn) -> Reply | None:
    """Whether the project in hand is one of the 15."""
    if not bot.match["is_priority"].search(turn.text):
        return None
    numbers = turn.query.numbers or ((turn.thread.hand,) if turn.thread.hand and not bot.said(turn.query) else ())
    if not numbers or not 1 <= numbers[0] <= len(bot.plan.projects):
        return None
    project = bot.plan.project(numbers[0])
    named = {"number": project.number, "title": turn.speech.title(project)}
    if project.priority:
        line = turn.speech.say("重点に入る", face=bot.plan.front.faces[project.priority.face - 1].name, **named)
    else:
        line = turn.speech.say("重点に入らない", **named)
    return bot.reply(turn, "answered", (line,), (project.number,))


def compare(bot: Context, turn: Turn) -> Reply | None:
    """Two or three things named in one question, or the first of the list: the plan's words for each, side by side."""
    if not bot.match["comparing"].search(turn.text):
        return None
    found = [bot.passage(n) for n in turn.query.numbers if 1 <= n <= len(bot.plan.projects)]
    found += [passage for passage in bot.named(turn.text) if passage not in found]
    if len(found) < 2:
        rest = bot.match["comparing"].sub(" ", turn.text)
        for chunk in re.split(r"と|や|、|,|\band\b|\bvs\b|の\s", rest):
            query = bot.parse(chunk)
            hits = bot.index.search(query, limit=1, kind="program").hits if bot.said(query) else ()
            found += [hit.passage for hit in hits if hit.passage not in found and not bot.weak(query, hits)]
    if len(found) < 2 and len(turn.thread.shown) >= 2 and bot.only("comparing", turn.text):
        found = [bot.passage(number) for number in turn.thread.shown[:3]]
    if len(found) < 2:
        return None
    columns = tuple(bot.answers.column(passage, turn.speech) for passage in found[:3])
    statements = [turn.speech.say("比べる")]
    for column in columns:
        statements += [turn.speech.say("比べる_名", title=column.title), *(one for _, told in column.rows[:2] for one in told)]
    numbers = tuple(dict.fromkeys(passage.home or 1 for passage in found[:3]))
    reply = bot.reply(turn, "answered", statements, numbers, thread=turn.thread.asking(turn.text), listed=True)
    return replace(reply, columns=columns)


def next_page(bot: Context, turn: Turn) -> Reply | None:
    """つづき: the next page of a list, or more finds."""
    if not bot.match["next_page"].search(turn.text) or not turn.thread.asked:
        return None
    if not turn.thread.page:
        return more(bot, turn)
    query = bot.parse(turn.thread.asked)
    return list_page(bot, turn, query, turn.thread, start=turn.thread.page)


def follow_up(bot: Context, turn: Turn) -> Reply | None:
    """The 課, goals or another part of a project named or in hand; another rank of the list; more of it."""
    thread = turn.thread
    if thread.shown and (rank := bot.match["rank"].search(turn.text)):
        told = next(filter(None, rank.groups()), "").lower()
        place = RANKS.get(told) or (int(told) if told.isdigit() else 1)
        if place <= len(thread.shown):
            return whole_or_part(bot, turn, thread.shown[place - 1], told=rank[0])
    if thread.asked and bot.only("more", turn.text):
        return more(bot, turn)
    for name in bot.answers.parts:
        if bot.match[name].search(turn.text) and not turn.query.listing:
            if name in ("goals", "when", "now") and fact.asks(bot, turn.text) and bot.said(turn.query):
                return None
            if name in ("owner", "partners") and (program := ownerless(bot, turn.text)):
                return bot.reply(turn, "no_answer", bot.answers.no_owner(program, turn.speech), program.near[:1])
            rest = bot.without(name, turn.text)
            numbers = bot.projects(turn, rest)
            if not numbers or (name == "audience" and numbers[0] != thread.hand and not rest.numbers):
                return None
            return tell_part(bot, turn, numbers[0], name)
    if turn.query.numbers and 1 <= turn.query.numbers[0] <= len(bot.plan.projects):
        numbers = tuple(n for n in turn.query.numbers if 1 <= n <= len(bot.plan.projects))
        statements = bot.answers.whole(bot.plan.project(numbers[0]), turn.speech)
        return bot.reply(turn, "answered", statements, numbers[:CARDS], done="whole", thread=turn.thread.asking(turn.text), listed=len(numbers) > 1)
    if thread.hand and bot.match["pointing"].search(turn.text) and bot.match["closer"].search(turn.text):
        return whole_or_part(bot, turn, thread.hand)
    return None


def ownerless(bot: Context, text: str) -> Program | None:
    """The program that a text names by its name, where the plan gives no 課 for it."""
    programs = (bot.plan.program(passage.id) for passage in bot.named(text))
    return next((program for program in programs if program and not program.stated), None)


def whole_or_part(bot: Context, turn: Turn, number: int, told: str = "") -> Reply:
    """A project in full, or the part of it that was asked for in the same breath."""
    part = next((name for name in bot.answers.parts if bot.match[name].search(turn.text)), "")
    if part:
        return tell_part(bot, turn, number, part)
    project = bot.plan.project(number)
    statements = bot.answers.whole(project, turn.speech)
    if told:
        statements = (turn.speech.say("指している", said=told, number=number, title=turn.speech.title(project)), *statements[1:])
    return bot.reply(turn, "answered", statements, (number,), done="whole")


def tell_part(bot: Context, turn: Turn, number: int, part: str) -> Reply:
    project = bot.plan.project(number)
    pointed = bot.match["pointing"].search(turn.text) if number in turn.thread.shown else None
    named = {"number": number, "title": turn.speech.title(project)}
    line = turn.speech.say("指している", said=pointed[0], **named) if pointed else bot.answers.name(project, turn.speech)
    statements = (line, *bot.answers.parts[part](project, turn.speech))
    return bot.reply(turn, "answered", (*statements, *fact.beside(bot, turn, number, part, statements)), (number,), done=part)


def more(bot: Context, turn: Turn) -> Reply:
    hits = bot.found(bot.told(turn.thread, bot.parse(turn.thread.asked)), 50)
    fresh = [hit for hit in hits if hit.passage.home not in turn.thread.seen and not bot.left_out(hit, turn.thread.without)]
    if not fresh:
        return bot.reply(
            turn,
            "answered",
            (turn.speech.say("もうない"),),
            turn.thread.shown[:CARDS],
            choices=(*bot.openers(turn.speech)[:3], turn.speech.choice("選ぶ_人")),
        )
    return listed(bot, turn, turn.speech.say("ほか"), fresh[:CARDS], turn.thread)


def listing(bot: Context, turn: Turn) -> Reply | None:
    """A department, a field or 重点 named alone: all its projects, counted."""
    query, thread = turn.query, turn.thread.asking(turn.text)
    if turn.thread.asked and bot.match["within"].search(turn.text):
        within = f"{turn.thread.asked} {bot.match['within'].sub(' ', turn.text)}"[:300]
        query, thread = bot.parse(within), turn.thread.asking(within)
    return list_page(bot, turn, query, thread) if query.listing else None


def list_page(bot: Context, turn: Turn, query: Query, thread: Thread, start: int = 0) -> Reply | None:
    results = bot.index.search(query, limit=PAGE, start=start)
    numbers = tuple(h.passage.home for h in results.hits if h.passage.home)
    if not numbers:
        return bot.plain(turn, "answered", turn.speech.say("一覧_終わり"), thread=replace(thread, page=0)) if start else None
    names = "".join(f"「{turn.speech.title(bot.plan.project(n))}」" for n in numbers)
    left = results.total - start - len(numbers)
    line = turn.speech.say("一覧_つづき", names=names) if start else turn.speech.say("一覧", count=results.total, names=names)
    end = [turn.speech.say("一覧_残り", left=left)] if left else []
    steps = [turn.speech.choice("選ぶ_つづき")] if left else []
    choices = (*steps, *(turn.speech.choice("選ぶ_事業", number=n) for n in numbers[:2]), turn.speech.choice("選ぶ_最初から"))
    thread = replace(thread, page=start + len(numbers) if left else 0)
    return bot.reply(turn, "answered", (line, *end), numbers, choices, thread, listed=True)
