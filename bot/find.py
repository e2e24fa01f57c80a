"""The search for a need: the best find with its reasons, what else is close, and at most one question back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot import fact
from bot.answer import Statements
from bot.ask import Question, question
from bot.context import CARDS, STORY, Context, Turn
from bot.reply import Reply, Statement, Trace
from bot.thread import Thread
from index.query import Query
from index.search import Hit

#: What may follow the stem of a verb.
ENDING = r"(?:たい|たく|られる|れる|せたい|る|て|って)(?![ぁ-ん])|(?<=[きしちにひみりぎびえけせてねれべめ])たい"
#: Below this share of the words known, a find is only a guess.
SURE = 0.30
#: Two finds of different fields whose scores lie within this share are asked about.
CLOSE = 0.97
#: Finds above this share of the best score are candidates for a question back; fewer than MANY need none.
CANDIDATE, MANY = 0.55, 5
#: Questions in a row.
ASKS = 3


def search(bot: Context, turn: Turn, again: bool = False) -> Reply:
    if not again:
        turn = turned(bot, turn)
    query, thread = turn.query, turn.thread
    # お金の面の支援は？ goes on with the need, however many words it has.
    going_on = bool(thread.asked and bot.match["going_on"].search(turn.text) and len(query.concepts) < STORY)
    joined = bool(again or (thread.asked and (len(query.concepts) <= 2 or going_on) and not query.numbers))
    thread = thread if again else slots_of(bot, turn, joined)
    query = bot.told(thread, query)
    hits = bot.found(query, 20)
    # うちは小さな飲食店です tells of the person alone; 就職したあとも of a need as well.
    person = joined and not again and thread.slots != turn.thread.slots and not turn.query.told("need")
    if joined and not again:
        more = bot.found(bot.told(thread, bot.parse(f"{turn.text} {thread.asked}"[:300])), 20)
        hits = merged(bot, turn, hits, more, person or going_on)
    for facet in ("kind", "stage"):
        if value := thread.slot(facet):
            hits = [h for h in hits if value in h.passage.facets.get(facet, ())] + [h for h in hits if value not in h.passage.facets.get(facet, ())]
    # What follows up on a need is weighed together with it.
    if bot.weak(query, hits) and not (joined and hits):
        return fact.sentence(bot, turn) or nothing(bot, turn)
    if not again and not person:
        thread = replace(thread.asking(turn.text), page=0)
    carried = again or joined or turn.thread.slots
    told = turn.speech.join(turn.speech.value(facet, value) for facet, value in thread.slots) if carried else ""
    heard = list(dict.fromkeys(bot.note(note, turn.speech.lang) for note in query.notes))[:2]
    if told:
        heard.append(turn.speech.say("伺ったこと", slots=told))
    return found_reply(bot, turn, query, replace(thread, question="", last=""), hits, heard)


def merged(bot: Context, turn: Turn, alone: Sequence[Hit], joined: Sequence[Hit], kept: bool) -> list[Hit]:
    """What a follow-up finds by itself and with the need before it, in one order.

    Words of the person alone leave the need as it was, and so does what goes on with it: both are `kept`. 講座はある？ is asked of the project in hand where it holds the word;
    else the follow-up's own best find comes first, then those that both agree on.
    """
    agreed = {hit.passage.home for hit in alone[:3]}
    rest = [hit for hit in joined if kept or hit.passage.home in agreed or hit in joined[:3]]
    first = [] if kept else list(alone[:1])
    if turn.thread.hand and not kept and bot.match["asking"].search(turn.text):
        first = [hit for hit in joined if hit.passage.home == turn.thread.hand and len(hit.matched) > len(alone[0].matched if alone else ())] + first
    # What both found is quoted as the whole talk found it.
    told = {hit.passage.home: hit for hit in (*alone, *joined)}
    return [told[home] for home in dict.fromkeys(hit.passage.home for hit in (*first, *rest, *alone))]


def turned(bot: Context, turn: Turn) -> Turn:
    """ところで, やっぱり: a new need. ちがう、…: the same need with something put right."""
    for name in ("turning", "correcting"):
        if bot.match[name].search(turn.text):
            text = bot.match[name].sub(" ", turn.text).strip()
            query = bot.parse(text)
            if not bot.said(query) and not query.concerns:
                return turn
            kept = turn.thread if name == "correcting" else replace(turn.thread, asked="", trail=turn.thread.asking("").trail, without=())
            return Turn(text, query, kept.filled("audience", "") if name == "correcting" else kept, turn.speech)
    return turn


def slots_of(bot: Context, turn: Turn, joined: bool) -> Thread:
    """The thread with the person that the words tell of; a new need empties the old one's slots.

    Words of a matter reveal an audience as well (職員, 店): only one alone, told of oneself, is taken to be the person.
    """
    thread = turn.thread
    if not joined:
        for facet in ("need", "kind", "stage"):
            thread = thread.filled(facet, "")
        thread = replace(thread, declined=(), asks=0, without=())
    told = turn.query.told("audience")
    if len(told) == 1 and bot.finder.wider[told[0]] and bot.match["oneself"].search(turn.text):
        return thread.filled("audience", told[0])
    return thread


def nothing(bot: Context, turn: Turn) -> Reply:
    """Nothing found: once the wish for other words, then the 課; always the fields."""
    names = turn.speech.variants("見つからない")
    line, thread = bot.vary(turn, names[1:] if turn.thread.rephrased else names[:1], owners=bot.owners())
    words = turn.speech.join(dict.fromkeys(concept.said for concept in turn.query.concepts))
    later = [bot.note(note, turn.speech.lang) for note in turn.query.notes if note.how == "later"]
    statements = later or ([turn.speech.say("試した言葉", words=words)] if words else [])
    choices = (*bot.fields(), turn.speech.choice("選ぶ_人"))
    return bot.plain(turn, "no_answer", *statements, line, thread=replace(thread, rephrased=True), choices=choices)


def found_reply(bot: Context, turn: Turn, query: Query, thread: Thread, hits: Sequence[Hit], heard: Sequence[Statement]) -> Reply:
    """The best find first, with why, by whom and how real; then what else is close, and at most one question."""
    speech, top = turn.speech, hits[0]
    project = bot.plan.project(top.passage.home or 1)
    program = bot.answers.program_of(top)
    sure = not query.concepts or len(top.matched) >= max(1, len(query.concepts)) * SURE
    statements = [*heard, speech.say("答え" if sure else "推測", number=project.number, title=speech.title(project))]
    statements += [Statement(top.snippet.text, top.snippet.source), *bot.answers.in_short(project, speech)]
    statements += [*bot.answers.owner_of(top, speech), *bot.answers.stage(project, speech), *why(turn, query, top)]
    if bot.match["questioning"].search(turn.text):
        statements += fact.told(bot, turn, project.number, statements)
    for hit in hits[1:2]:
        statements += [bot.answers.name(bot.plan.project(hit.passage.home or 1), speech), Statement(hit.snippet.text, hit.snippet.source)]
    if others := [speech.title(bot.plan.project(hit.passage.home or 1)) for hit in hits[2:4]]:
        statements.append(speech.say("ほかに近い", titles=speech.join(others)))
    statements += [*bot.answers.unstated(program, speech), speech.say("素案の注意")]
    cards = tuple(bot.answers.card_of(hit) for hit in hits[:CARDS])
    status, choices = "answered", bot.next_steps(replace(turn, thread=thread), project.number)
    if not sure:
        statements.append(speech.say("確かめ"))
        choices = (turn.speech.choice("選ぶ_はい"), turn.speech.choice("選ぶ_いいえ"), *choices[:2])
    elif equally_near(query, hits) and not thread.asks:
        status = "clarify"
        titles = [speech.title(bot.plan.project(hit.passage.home or 1)) for hit in hits[:2]]
        statements.append(speech.say("二択", one=titles[0], two=titles[1]))
        choices = (*(turn.speech.choice("選ぶ_事業", number=hit.passage.home) for hit in hits[:2]), *choices[:2])
    elif asked := narrowing(query, thread, hits):
        statements.append(speech.say(f"問い_{asked.facet}", count=asked.remaining))
        thread = replace(thread, question=asked.facet, asks=thread.asks + 1)
        choices = (*bot.options(turn, asked.facet, asked.options[:4]), *choices[:1])
    numbers = tuple(card.project for card in cards)
    trace = Trace(scores=tuple((hit.passage.home or 0, hit.score) for hit in hits[:5]))
    return Reply(status, tuple(statements), cards, choices, thread.after(numbers, listed=True), trace=trace)


def why(turn: Turn, query: Query, top: Hit) -> Statements:
    """The reader's own words that matched, and the person that it is for."""
    words = turn.speech.join(dict.fromkeys(as_written(word, turn.text) for word in top.matched[:4] if not re.fullmatch(r"[ぁ-ん]{1,2}", word)))
    met = [turn.speech.value("audience", one) for one in query.told("audience") if one in top.passage.facets.get("audience", ())]
    return (
        *((turn.speech.say("なぜ", words=words),) if words else ()),
        *((turn.speech.say("なぜ_対象", audience=turn.speech.join(met[:2])),) if met else ()),
    )


def as_written(word: str, text: str) -> str:
    """A word with the ending that the reader gave it: 働き -> 働きたい, 借り -> 借りる."""
    found = re.search(re.escape(word) + ENDING, text)
    return found[0] if found and re.search(r"[ぁ-ん]$", word) else word


def equally_near(query: Query, hits: Sequence[Hit]) -> bool:
    """Whether two readings of a short message stand equally near, in different fields."""
    if len(hits) < 2 or len(query.concepts) > 1 or not query.concepts:
        return False
    one, two = hits[0], hits[1]
    return two.score >= CLOSE * one.score and one.passage.facets["field"] != two.passage.facets["field"]


def narrowing(query: Query, thread: Thread, hits: Sequence[Hit]) -> Question | None:
    """A question back, where a short need leaves many candidates and fewer than three were asked in a row."""
    candidates = [hit.passage for hit in hits if hit.score >= CANDIDATE * hits[0].score]
    if len(query.concepts) > 2 or len(candidates) < MANY or thread.asks >= ASKS:
        return None
    settled = {*thread.declined, *dict(thread.slots), *(concern.partition(":")[0] for concern in query.concerns)}
    return question(candidates, settled, ("audience", "kind"))
