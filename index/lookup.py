"""What a text names outright: numbers of projects, years, ages, and the values of facets."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from index.meaning import Note

NUMBERS = re.compile(
    r"(?:事業(?:番号)?|重点事業|[#＃]|No\.?|№)\s*[:.]?\s*(\d{1,2})(?!\d)|(?<![\d.年,])(\d{1,2})\s*番(?!地|目)|^\s*(\d{1,2})\s*$", re.IGNORECASE
)
MORE_NUMBERS = re.compile(r"(?:と|、|,|・|&|や)\s*(?:事業)?\s*(\d{1,2})(?:番)?(?![\d年月人件])")
#: Linear in its input: between two numbers stands white space, or one sign with white space around it, and no other way to read either.
BARE_NUMBERS = re.compile(r"^\s*\d{1,2}(?:(?:\s+|\s*[番と、,・]\s*)\d{1,2})*\s*番?\s*$")
WESTERN = re.compile(r"(?<!\d)(19[89]\d|20[0-3]\d)\s*年(度?)")
HEISEI = re.compile(r"(?:平成|[Hh])\s*(\d{1,2})\s*年?(度?)")


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


def age_audience(age: int, decade: bool) -> tuple[str, ...]:
    """The audience of an age: the plan's 若者 up to 34 (若年者), 高齢者 from 60."""
    if age >= 60:
        return ("audience:高齢者",)
    if 15 <= age <= 34 or (decade and age <= 30):
        return ("audience:若者",)
    return ()
