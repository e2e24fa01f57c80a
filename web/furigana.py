"""Readings over kanji: text nodes of a page of ours become <ruby>, and nothing else of it changes.

空き店舗      -> 空(あ)き店舗(てんぽ)
29年度        -> 29年度(ねんど)
３人、1人     -> ３人(にん)、1人(ひとり)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html.parser import HTMLParser

import jaconv

from corpus.model import Furigana
from index.japanese import Tokenizer

KANJI = re.compile(r"[一-鿿々〆ヶ]*[一-鿿々〆][一-鿿々〆ヶ]*")
RUN = re.compile(r"([一-鿿々〆ヶ\d１-９0-9]*[一-鿿々〆][一-鿿々〆ヶ]*)")
#: 2万4千: digits need no reading, their units do.
NUMBER = re.compile(r"(?=[\d.,．，])[\d.,．，百千万億兆]+(?<=[百千万億兆])")
UNITS = {"百": "ひゃく", "千": "せん", "万": "まん", "億": "おく", "兆": "ちょう"}
#: Elements whose text stays as it is: form fields take no markup, and readers of English no readings.
#: Characters of a text that is kept whoever wrote it.
SHORT = 60
PLAIN = frozenset("head title script style textarea select option button svg ruby rt kbd".split())
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


class Annotator:
    """Annotates pages with the readings of one tokenizer, corrected by furigana.yml. `texts` are those of the corpus."""

    def __init__(self, tokenizer: Tokenizer, corrections: tuple[Furigana, ...], texts: Iterable[str] = ()) -> None:
        self.tokenizer = tokenizer
        self._long = frozenset(text for text in texts if len(text) > SHORT)
        self._corrected = re.compile("|".join(f"(?P<n{n}>{entry.word})" for n, entry in enumerate(corrections)) or "(?!)")
        self._readings = [entry.reading for entry in corrections]
        #: Names and labels recur from page to page (some 4 MB).
        self._kept = lru_cache(maxsize=8_192)(self._text)

    def text(self, text: str) -> str:
        """A text with readings over its kanji. What is long and not of the corpus is a reader's: it is not kept."""
        return self._kept(text) if len(text) <= SHORT or text in self._long else self._text(text)

    def page(self, html: str) -> str:
        """A whole page with readings over its kanji."""
        found = _Page(self)
        found.feed(html)
        found.close()
        return "".join(found.out)

    def pairs(self, text: str) -> list[tuple[str, str]]:
        """The stretches of kanji of a text with their readings in hiragana; an empty reading where none is known."""
        return [(surface, reading) for surface, reading in self._pieces(text) if KANJI.search(surface)]

    def _text(self, text: str) -> str:
        return "".join(
            f"<ruby>{surface}<rp>（</rp><rt>{reading}</rt><rp>）</rp></ruby>" if reading else surface for surface, reading in self._pieces(text)
        )

    def _pieces(self, text: str) -> Iterator[tuple[str, str]]:
        """The text in pieces, each with its reading where it is kanji: corrections first, then the tokenizer's."""
        at = 0
        for match in self._corrected.finditer(text):
            yield from self._read(text[at : match.start()])
            yield from aligned(match[0], self._readings[int((match.lastgroup or "n0")[1:])])
            at = match.end()
        yield from self._read(text[at:])

    def _read(self, text: str) -> Iterator[tuple[str, str]]:
        if not KANJI.search(text):
            yield text, ""
            return
        for surface, reading in self.tokenizer.readings(text):
            if NUMBER.fullmatch(surface):
                yield from ((part, UNITS.get(part, "")) for part in re.split(r"([百千万億兆])", surface) if part)
            elif KANJI.search(surface):
                yield from aligned(surface, jaconv.kata2hira(reading))
            else:
                yield surface, ""


def aligned(surface: str, reading: str) -> list[tuple[str, str]]:
    """A word cut where its kana are: 取り組み, とりくみ -> 取(と) り 組(く) み. A word that cannot be cut is read whole."""
    parts = [part for part in RUN.split(surface) if part]
    pattern = "".join("(.+?)" if KANJI.search(part) else re.escape(jaconv.kata2hira(part)) for part in parts)
    match = re.fullmatch(pattern, reading)
    if not match:
        return [(surface, reading)]
    sounds = iter(match.groups())
    return [(part, next(sounds) if KANJI.search(part) else "") for part in parts]


class _Page(HTMLParser):
    """Passes a page through as it is written, text outside PLAIN elements annotated."""

    def __init__(self, annotator: Annotator) -> None:
        super().__init__(convert_charrefs=False)
        self.annotator = annotator
        self.out: list[str] = []
        self.plain: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(self.get_starttag_text() or "")
        if tag not in VOID and (self.plain or tag in PLAIN or ("lang", "en") in attrs and tag != "html" or "data-plain" in dict(attrs)):
            self.plain.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self.out.append(f"</{tag}>")
        if self.plain:
            self.plain.pop()

    def handle_data(self, data: str) -> None:
        self.out.append(data if self.plain or not KANJI.search(data) else self.annotator.text(data))

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")
