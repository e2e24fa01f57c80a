"""What a text names outright: numbers of projects, years, ages, and the values of facets."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from index.meaning import Note

#: What follows a figure that counts or dates something: no project's number.
COUNTS = r"(?!\s*(?:年|か月|カ月|ヶ月|月|日|週|時|分|人|名|件|円|万|億|千|百|個|社|店|所(?![管属在])|カ所|か所|ヶ所|箇所|回|台|枚|割|歳|才|代|世帯|団体|棟|階|丁目|番|号|つ|%|\d|[.．]))"
#: What may follow 16番, where it names a project: a particle, an end, or a word that asks.
AFTER_NUMBER = r"(?=\s*(?:$|[のはをがにともでへや、。,.・?？!！]|って|か[?？]|事業|くわしく|詳しく|について|教え|お願い|の事業))"
#: A number is a project's only where nothing else can be meant: 事業16, 第16事業, #16, No.16, project 16, 16番の事業; not 事業3年目, 5番6号, 人気No.1, 1番近い.
NUMBERS = re.compile(
    rf"(?:重点事業|事業(?:番号)?|[#＃№]|(?<![^\s、。・(])No\.?|project)\s*[:.#]?\s*(\d{{1,2}})(?!\d)(?:番(?!地|目|号|街))?{COUNTS}"
    rf"|第(\d{{1,2}})(?:の)?事業"
    rf"|(?<![\d.年,目の])(\d{{1,2}})\s*番目?の事業"
    rf"|(?<![\d.年,目])(?!1番の)(\d{{1,2}})\s*番(?!地|目|号|街){AFTER_NUMBER}"
    r"|^\s*\(?\s*(\d{1,2})\s*\)?\s*$",
    re.IGNORECASE,
)
MORE_NUMBERS = re.compile(rf"(?:と|、|,|・|&|や)\s*(?:事業)?\s*(\d{{1,2}})(?:番)?(?!\d){COUNTS}")
#: Linear in its input: between two numbers stands white space, or one sign with white space around it, and no other way to read either.
BARE_NUMBERS = re.compile(r"^\s*\d{1,2}(?:(?:\s+|\s*[番と、,・]\s*)\d{1,2})*\s*番?\s*$")
WESTERN = re.compile(r"(?<!\d)(19[89]\d|20[0-3]\d)\s*年(度?)")
HEISEI = re.compile(r"平成\s*(\d{1,2})\s*年?(度?)")
#: Eras as they are shortened: H29, R6年度. Not before a letter or inside a word.
SHORT_ERA = re.compile(r"(?<![A-Za-z0-9])([HhRr])\.?\s?(\d{1,2})(?=年|\D|$)(?![A-Za-z])\s*(年度?|)")
REIWA = re.compile(r"令和\s*(\d{1,2}|元)\s*年?(度?)")
#: An age: in figures, in kanji numerals, or はたち.
AGE = re.compile(r"(?<!\d)(\d{2})\s*(歳|才|代)|([一二三四五六七八九]?十[一二三四五六七八九]?)\s*(歳|才|代)|(はたち|ハタチ)")
KANJI_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}


@dataclass
class Names:
    """Facet values that may be said by name: (words, facet, value), the longest words first."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, facets: Mapping[str, Iterable[str]]) -> Names:
        rows: dict[str, tuple[str, str, str]] = {}
        for facet, values in facets.items():
            for value in values:
                for words in spellings(facet, value):
                    rows.setdefault(words, (words, facet, value))
        return cls(sorted(rows.values(), key=lambda row: -len(row[0])))

    def find(self, text: str) -> tuple[list[tuple[str, str]], str]:
        """Facets named in the text, and the text without them."""
        found: list[tuple[str, str]] = []
        for words, facet, value in self.rows:
            if words in text:
                found.append((facet, value))
                text = text.replace(words, " ")
        return found, text


def spellings(facet: str, value: str) -> Iterable[str]:
    """How a value may be said: 人権・男女共同参画担当課 also without 担当課; 地域振興課（各総合支所） without the bracket."""
    yield value
    plain = re.sub(r"[(（].*?[)）]", "", value)
    yield plain
    if facet == "field":
        for part in re.split(r"[・（）()]", value):
            short = re.sub(r"^(?:都市|まちなか|世田谷)", "", part)
            yield from (f"{short}の分野", f"{short}分野") if short else ()
    if facet == "department":
        for ending in ("担当課", "課"):
            short = plain.removesuffix(ending)
            if short != plain and len(short) >= 6:
                yield short


def lookup_numbers(text: str) -> tuple[tuple[int, ...], str]:
    """Project numbers asked for, and the text without them: 事業16 / １６番 / #16 / 16 と 17."""
    if BARE_NUMBERS.match(text):
        return tuple(dict.fromkeys(int(n) for n in re.findall(r"\d{1,2}", text))), ""
    first = NUMBERS.search(text)
    if not first:
        return (), text
    numbers, rest = [], text
    for match in NUMBERS.finditer(text):
        numbers.append(int(next(filter(None, match.groups()))))
        rest = rest.replace(match[0], " ", 1)
    for match in MORE_NUMBERS.finditer(text, first.end() - 1):
        numbers.append(int(match[1]))
        rest = rest.replace(match[0], " ", 1)
    return tuple(dict.fromkeys(numbers)), rest


def full_eras(text: str) -> str:
    """The text with short eras written out: H29 -> 平成29年度, R6年 -> 令和6年. A bare figure is taken for a fiscal year, as the plan counts."""
    names = {"h": "平成", "r": "令和"}
    return SHORT_ERA.sub(lambda match: f"{names[match[1].lower()]}{match[2]}{match[3] or '年度'}", text)


def later_era(text: str) -> tuple[str, list[Note]]:
    """The text without years of 令和, which no plan of 平成 covers, and notes that say so."""
    notes = [Note("later", match[0].strip(), ()) for match in REIWA.finditer(text)]
    return REIWA.sub(" ", text), notes


def both_calendars(text: str, known: Container[str] = ()) -> tuple[str, list[Note]]:
    """The text with each year as the corpus writes it, in 平成 or in 西暦, and notes of what was done: 2015年度 is 平成27年度.

    A year that is `known` as it was written stays beside the other one: the plan writes 2020年.
    """
    notes = []
    for pattern, shift, form in ((WESTERN, -1988, "平成{}年{}"), (HEISEI, 1988, "{}年{}")):
        for match in reversed(list(pattern.finditer(text))):
            year = int(match[1]) + shift
            if not (1 <= year <= 50 or year > 1988):
                continue
            other = form.format(year, match[2])
            notes.append(Note("year", match[0], (other,)))
            if pattern is WESTERN:
                text = text[: match.start()] + (match[0] if match[1] in known else "") + other + text[match.end() :]
            elif str(year) in known:
                text = f"{text} {other}"
    return text, notes


def ages(text: str) -> list[tuple[int, bool]]:
    """Ages named in a text, in years, and whether each is a decade: 63歳 -> (63, False), 二十代 -> (20, True), はたち -> (20, False)."""
    found = []
    for match in AGE.finditer(text):
        if match[1]:
            found.append((int(match[1]), match[2] == "代"))
        elif match[3]:
            tens, _, ones = match[3].partition("十")
            found.append((KANJI_DIGITS.get(tens, 1) * 10 + KANJI_DIGITS.get(ones, 0), match[4] == "代"))
        else:
            found.append((20, False))
    return found


def age_audience(age: int, decade: bool) -> tuple[str, ...]:
    """The audience of an age: the plan's 若者 up to 34 (若年者), 高齢者 from 60."""
    if age >= 60:
        return ("audience:高齢者",)
    if 15 <= age <= 34 or (decade and age <= 30):
        return ("audience:若者",)
    return ()
