"""What comes before any search: care, the edge of the plan, small talk, and the course of the conversation itself."""

from __future__ import annotations

from dataclasses import replace

from bot.context import OPENERS, Context, Turn
from bot.find import ASKS, search
from bot.reply import Reply
from bot.thread import Thread, repeated
from corpus.triggers import fires


def care(bot: Context, turn: Turn) -> Reply | None:
    """Distress is met with help before anything else, and with no project."""
    distress = bot.care.read(turn.text)
    if not distress:
        return None
    worry, speech = distress.worry, turn.speech
    statements = [speech.say(f"気がかり_{worry.name}")]
    statements += [speech.say("連絡先の案内", name=speech.contact(contact), phone=contact.phone, hours=contact.hours) for contact in worry.contacts]
    statements.append(speech.say("気がかり_ここでは"))
    choices = tuple(speech.choice(name) for name in ("選ぶ_人", "問い_仕事", "問い_経営", "選ぶ_最初から"))
    return bot.plain(turn, "care", *statements, choices=choices)


def outside(bot: Context, turn: Turn) -> Reply | None:
    """A matter that the plan does not cover is named, with whom to ask; anger at the service is met with an apology."""
    core, speech = bot.index.parser.core(turn.text), turn.speech
    for subject in bot.plan.outside.subjects:
        if fires(subject, core, bot.plan.outside.industry) and (subject.always or not bot.story(turn.query)):
            if subject.apology:
                line, thread = bot.vary(turn, speech.variants("言い過ぎ"))
                return bot.plain(turn, "smalltalk", line, thread=thread)
            line, thread = bot.vary(turn, speech.variants("範囲外"), subject=speech.subject(subject))
            office = [speech.say("範囲外の窓口", office=subject.office)] if subject.office else []
            return bot.plain(turn, "no_answer", line, *office, thread=thread)
    return None


def restart(bot: Context, turn: Turn) -> Reply | None:
    if not bot.only("restart", turn.text):
        return None
    return bot.plain(turn, "smalltalk", turn.speech.say("最初から"), thread=Thread(lang=turn.thread.lang, rephrased=turn.thread.rephrased))


def back(bot: Context, turn: Turn) -> Reply | None:
    if not bot.match["back"].search(turn.text):
        return None
    if not turn.thread.trail:
        return bot.plain(turn, "smalltalk", turn.speech.say("もどれない"))
    said, thread = turn.thread.trail[-1], replace(turn.thread, trail=turn.thread.trail[:-1], asked="", slots=(), without=(), page=0)
    reply = search(bot, Turn(said, bot.parse(said), thread, turn.speech))
    return replace(reply, statements=(turn.speech.say("もどる", said=repeated(said)), *reply.statements))


def smalltalk(bot: Context, turn: Turn) -> Reply | None:
    if not turn.text or bot.match["gibberish"].search(turn.text):
        return ask_back(bot, turn)
    for name, line in (("greeting", "あいさつ"), ("thanks", "お礼")):
        if bot.match[name].search(turn.text):
            statement, thread = bot.vary(turn, turn.speech.variants(line))
            return bot.plain(turn, "smalltalk", statement, thread=thread)
    if bot.match["abilities"].search(turn.text) and not bot.said(turn.query):
        return bot.plain(turn, "smalltalk", turn.speech.say("できること"))
    return None


def asked_for_a_person(bot: Context, turn: Turn) -> Reply | None:
    """A complaint, a wish to talk to a person, or for the counter card: the 課 and the card, and never the same question again."""
    name = next((name for name in ("complaint", "human", "counter") if bot.match[name].search(turn.text)), "")
    return human(bot, turn, name) if name and bot.only(name, turn.text) else None


def human(bot: Context, turn: Turn, name: str) -> Reply:
    """The 課 to talk to and the counter card."""
    hand = turn.thread.hand
    owners = bot.plan.project(hand).owner if hand else bot.owners()
    statements = [turn.speech.say("苦情")] if name == "complaint" else []
    if hand:
        statements.append(bot.answers.name(bot.plan.project(hand), turn.speech))
    choices = tuple(
        turn.speech.choice(name) for name in (("選ぶ_くわしく", "選ぶ_ほか", "選ぶ_最初から") if hand else ("選ぶ_最初から", *OPENERS[:3]))
    )
    statements.append(turn.speech.say("人へ", owners=owners))
    return bot.reply(turn, "answered" if hand else "smalltalk", statements, (hand,) if hand else (), choices)


def ask_back(bot: Context, turn: Turn) -> Reply:
    """The question that opens a conversation: what it is about, with its commonest answers as buttons."""
    if turn.thread.asks >= ASKS:
        return bot.hand_over(turn)
    line, thread = bot.vary(turn, turn.speech.variants("聞き返す"))
    choices = (*bot.openers(turn.speech), turn.speech.choice("選ぶ_どれでもない"), turn.speech.choice("選ぶ_わからない"))
    return bot.reply(turn, "clarify", (line,), choices=choices, thread=replace(thread, question="need", asks=thread.asks + 1))


def vague(bot: Context, turn: Turn) -> Reply | None:
    """A wish to talk without a subject is asked back; the next message is searched for as it stands."""
    said = bot.said(turn.query) and bot.said(bot.without("vague", turn.text))
    if turn.thread.hand is None and not said and not turn.query.numbers and not turn.query.facets:
        if bot.match["vague"].search(turn.text) or bot.match["unsure"].search(turn.text):
            return ask_back(bot, turn)
    return None
