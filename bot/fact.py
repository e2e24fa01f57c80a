"""Questions for a fact: a figure, a date, a name, a count. The plan's very sentence answers them, or what can be counted in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.answer import Statements
from bot.context import CARDS, Context, Turn
from bot.reply import Reply, Statement
from corpus.text import bare
from index.japanese import clean
from index.lines import FIGURE, Line, Look, Sentence
from index.lookup import both_calendars
from index.query import Concept, Query

#: A sentence that holds less of a question than TOLD does not answer it; from ALL on, one with any figure does, or where no project fits.
TOLD, ALL = 0.4, 0.62
#: The weight of a word that tells the kind of answer beside those of its subject.
KIND = 0.5
#: A sentence of the project found is quoted too where it holds this share of what the project's title does not say.
INSIDE = 0.15
#: A word that names something: 空き店舗, not 残って.
NOUN = re.compile(r"(?!平成|西暦)[一-鿿々ァ-ヺーA-Za-z・]+(?:[一-鿿々ァ-ヺーA-Za-z・]|[ぁ-ゖ]{1,2}[一-鿿々]+)")
YEAR = re.compile(r"(?:平成\s?)?(?<!\d)(?:[12]\d|20[0-3]\d)年度?(?!間|以内|後|前|おき|ごと|で)")
COUNTED = re.compile(r"\d\s?(?![\d\s年月日時～~().])[^\W\d_]|\d\s?%")
INTERROGATIVE = re.compile(r"何|なん|いく|いつ|どこ|どの|どれ|どっち|どちら|how|when", re.IGNORECASE)
#: What stands beside a part (課, 目標) holds this share of the rest of the question.
BESIDE = 0.5


def look(bot: Context, text: str) -> Look:
    """How the answer to a question looks: 何校 asks for a figure with 校, いつ for a year, 目標 for the column of the goals."""
    kinds = [(kind, match) for kind, pattern in bot.asked if (match := pattern.search(text))]
    # 人口は何番目 asks for a rank, though 人口 alone would ask for a number of people.
    kinds = [(kind, match) for kind, match in kinds if INTERROGATIVE.search(match[0])] or kinds
    patterns = [re.compile(kind.given.replace("{counter}", re.escape(match.groupdict().get("counter") or ""))) for kind, match in kinds]
    label = next((label for name, label in (("by_then", "29年度"), ("now", "現状")) if bot.match[name].search(text)), "")
    return Look(
        tuple(patterns),
        any(r"\d" in kind.given for kind, _ in kinds),
        label,
        bool(bot.match["wide"].search(text)),
        bool(bot.match["ahead"].search(text)),
    )


def asks(bot: Context, text: str) -> bool:
    """Whether a message asks for a fact of a known kind."""
    return any(pattern.search(text) for _, pattern in bot.asked)


def totals(bot: Context, turn: Turn) -> Reply | None:
    """How many fields, projects and programs the plan has in all, counted."""
    rest = bot.match["total_words"].sub(" ", bot.match["totals"].sub(" ", turn.text))
    if not bot.match["totals"].search(turn.text) or turn.query.facets or bot.parse(rest).concepts or not turn.query.concepts:
        return None
    counts = {
        "fields": len(bot.plan.front.areas),
        "projects": len(bot.plan.projects),
        "priority": sum(project.priority is not None for project in bot.plan.projects),
        "programs": len(bot.plan.programs),
    }
    return bot.plain(turn, "answered", turn.speech.say("総数", **counts), choices=bot.fields())


def figure(bot: Context, turn: Turn) -> Reply | None:
    """A question for a fact of a known kind: the sentences that hold it."""
    if not asks(bot, turn.text):
        return None
    # 29年度は何人 names the column, and no thing.
    bare_question = bot.without("asking_words", bot.match["by_then"].sub(" ", bot.match["now"].sub(" ", turn.text)))
    if turn.thread.hand and not bot.said(bare_question):
        return of_hand(bot, turn, turn.thread.hand)
    lines = figures(bot, turn, TOLD)
    if not lines:
        return None
    unsaid = []
    if subject := named(bot, turn):
        lines.sort(key=lambda line: not says(bot, line, subject))
        if not says(bot, lines[0], subject):
            unsaid = [subject.said]
    reply = quoted(bot, turn, lines)
    unsaid += [year for year in years(bot, turn.text) if not any(dated(line, year) for line in lines)]
    if not unsaid:
        return reply
    return replace(reply, statements=(turn.speech.say("出てこない", words=turn.speech.join(unsaid)), *reply.statements))


def years(bot: Context, text: str) -> list[str]:
    """The years of a question as the plan writes them: 平成27年度 of 2015年度は何人."""
    return [match[0] for match in YEAR.finditer(both_calendars(text, bot.index.vocabulary)[0])]


def dated(line: Line, year: str) -> bool:
    """Whether a line, or the column that it stands in, names a year: 平成27年度, 27年度 and H27 are one."""
    digits = re.findall(r"\d+", year)[0]
    return bool(re.search(rf"(?<!\d){digits}(?!\d)", f"{plain(line)} {line.source.label}"))


def of_hand(bot: Context, turn: Turn, number: int) -> Reply:
    """A question that names nothing asks about the project in hand: それは何か所, after スタンドパイプの計画は."""
    like = look(bot, turn.text)
    found = [one.line for one in bot.index.sentences(bot.parse(turn.thread.asked), like, home=number)]
    every = [line for line in bot.index.told.lines if bot.index.passages[line.doc].home == number]
    lines = (
        [line for line in found if fits(line, like)]
        or [line for line in found if like.figure and COUNTED.search(plain(line))]
        or [line for line in every if fits(line, like)]
        # 何人 of 99経営体: before it is said that the plan has no figure, any that counts something is read.
        or [line for line in every if COUNTED.search(plain(line)) and like.label in line.source.label]
    )
    project = bot.plan.project(number)
    name = bot.answers.name(project, turn.speech)
    if not lines:
        return bot.reply(turn, "no_answer", (turn.speech.say("数の記載なし", owner=project.owner), name), (number,))
    return bot.reply(turn, "answered", (name, *fresh(lines, ())), (number,))


def named(bot: Context, turn: Turn) -> Concept | None:
    """The thing that a question asks about, where the title of a project or program names it: 空き店舗 of 空き店舗はいくつ."""
    query = bot.without("asking_words", turn.text)
    found = [
        (answer.worth, concept)
        for concept, answer in zip(query.concepts, bot.index.postings.answers(query), strict=True)
        if NOUN.fullmatch(concept.said) and not asks(bot, concept.said)
    ]
    worth, concept = max(found, key=lambda pair: pair[0], default=(0.0, None))
    return concept if concept and concept.options[0].term in bot.titled else None


def says(bot: Context, line: Line, concept: Concept) -> bool:
    """Whether a line says something in one of its words, or the title of what it belongs to; a part of the word is not enough."""
    terms = {option.term for n, option in enumerate(concept.options) if n == 0 or option.how}
    return any(not terms.isdisjoint(one.spans) for one in (line, bot.index.lines[line.doc][0]))


def figures(bot: Context, turn: Turn, least: float) -> list[Line]:
    """The sentences that hold `least` of a question and look like the answer to it."""
    like = look(bot, turn.text)
    # 平方キロメートル only says what kind of figure is asked for; 何人住んでいる means something as it stands.
    for query in (bot.without("asking_words", turn.text), turn.query):
        lines = []
        for found in bot.index.sentences(lighter(bot, query), like):
            figured = like.figure and FIGURE.search(plain(found.line))
            if found.share >= (least if fits(found.line, like) else ALL if figured else 1.1):
                lines.append(found.line)
        if lines:
            return lines
    return []


def fits(line: Line, like: Look) -> bool:
    """Whether a line looks like the answer that is asked for."""
    return any(pattern.search(plain(line)) for pattern in like.patterns)


def plain(line: Line) -> str:
    """The text of a line as questions are written, to be looked through."""
    return clean(line.text, 2_000)


def sentence(bot: Context, turn: Turn) -> Reply | None:
    """A question that no project answers, but a sentence that holds nearly all of it: 懇話会の提言は何という題か."""
    query = bot.without("asking_words", turn.text)
    if not bot.match["questioning"].search(turn.text) or len(query.concepts) < 2:
        return None
    found = [told.line for told in bot.index.sentences(query, look(bot, turn.text), 2) if told.share >= ALL]
    return quoted(bot, turn, found) if found else None


def quoted(bot: Context, turn: Turn, lines: Sequence[Line]) -> Reply:
    """The lines with the projects that they belong to, and those that the question's words find."""
    statements: Statements = tuple(Statement(line.text, line.source) for line in lines)
    homes = [home for line in lines if (home := bot.index.passages[line.doc].home)]
    homes += [hit.passage.home for hit in bot.found(turn.query)[:2] if hit.passage.home]
    numbers = tuple(dict.fromkeys(homes))[:CARDS]
    if bot.index.passages[lines[0].doc].home:
        statements += bot.answers.owner(bot.plan.project(numbers[0]), turn.speech)
    return bot.reply(turn, "answered", statements, numbers, thread=turn.thread.asking(turn.text), listed=True)


def told(bot: Context, turn: Turn, number: int, said: Iterable[Statement]) -> list[Statement]:
    """The sentences that a question may be answered by, beside the project found: of the project itself, and one of all that holds most of it."""
    query, like = bot.without("asking_words", turn.text), look(bot, turn.text)
    elsewhere = bot.index.sentences(query, like, 1) if query.concepts else []
    lines = [one.line for one in elsewhere if one.share >= ALL]
    lines += [one.line for one in inside(bot, number, query, like, 2) if one.share >= INSIDE]
    return fresh(lines, said)


def beside(bot: Context, turn: Turn, number: int, part: str, said: Iterable[Statement]) -> list[Statement]:
    """The sentence that answers what a question for a part (課, 目標) asks besides: 事務局はどこが担当."""
    query = bot.parse(bot.match["asking_words"].sub(" ", bot.match[part].sub(" ", turn.text)))
    if len(query.concepts) < 2:
        return []
    like = look(bot, turn.text)
    found = [*inside(bot, number, query, like, 1), *bot.index.sentences(query, like, 1)]
    return fresh([one.line for one in found if one.share >= BESIDE], said)[:1]


def inside(bot: Context, number: int, query: Query, like: Look, most: int) -> list[Sentence]:
    """The sentences of one project that hold most of what its title does not say: 女性 of ソーシャルビジネス支援で女性向けには."""
    title = bot.index.lines[bot.index.number[f"projects/{number}"]][0]
    rest = tuple(c for c in query.concepts if not any(o.term in title.spans for o in c.options))
    return bot.index.sentences(replace(query, concepts=rest), like, most, number) if rest else []


def fresh(lines: Iterable[Line], said: Iterable[Statement]) -> list[Statement]:
    """Two lines at most, none that was said before."""
    known = {bare(statement.text) for statement in said}
    found: dict[str, Statement] = {}
    for line in lines:
        if (key := bare(plain(line))) not in found and bare(line.text) not in known:
            found[key] = Statement(line.text, line.source)
    return list(found.values())[:2]


def lighter(bot: Context, query: Query) -> Query:
    """A question with less weight on what only says the kind of its answer: 割合 of 宅地の割合."""
    kinds = {c.said for c in query.concepts if asks(bot, c.said)}
    if len(kinds) == len(query.concepts):
        return query
    return replace(query, concepts=tuple(c._replace(weight=KIND) if c.said in kinds else c for c in query.concepts))
