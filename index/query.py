"""Words that a person sent -> Query: concepts with their options, lookups and facets. Pure: no engine is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from index.japanese import Piece, Token, clean, stem
from index.lookup import Names, age_audience, ages, both_calendars, full_eras, later_era, lookup_numbers
from index.meaning import WEIGHTS, Meanings, Note, Option, Weights
from index.spelling import KANA_ONLY, Cut, Speller
from index.vocabulary import Terms, Vocabulary

MAX_CONCEPTS = 24
HIRAGANA = re.compile(r"[ぁ-ゖー]{2,}")
FIGURE = re.compile(r"\d")
LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*")
#: Words beside a lookup that ask for nothing more.
LIST_WORDS = frozenset(
    "事業 一覧 リスト 全部 全て 関連 所管 担当 課 関わる 関係 係わる 計画 教える 何 件 数 いくつ 重点 取り組み 分野 有る プロジェクト 番 見せる 知る について 受け持つ 名 名前 施策 支援 内容 奴 どれ 中身 概要 個 本 分かれる 載る 大きな 合計 全体 項目 付く 付ける".split()
)
#: する after a noun.
DOING = re.compile(r"し(?:たい|たく|たか|たら|た(?!が)|て|よう|ます|まし|ませ|なが|ない)|する|すれば|せず|できる|できま")
PRIORITY = re.compile(r"重点(?:事業|施策|の|だけ|は|\s|$)")
NEW = re.compile(r"【新規】|新規\s*(?:事業の)?(?:一覧|と付|の印)")
RELATED = re.compile(r"関連|関わ|かかわ|関係|係わ|連携")
#: The table's own column: 課 that a project is related to, not those that lead it.
PARTNERED = re.compile(r"関連(?:所管|の?課|する課|部署)")
#: What ends the sentence that tells the need, in a text of several: 〜たい, 〜ませんか, 〜でしょうか.
WISHING = re.compile(
    r"たい|ほしい|欲しい|か$|かな|[?？]$|教えて|助けて|困って|困る|ください|下さい|くれ(?!た)|もらえ|いただけ|どう[しすな]|悩んで|探して|さがして"
)
#: What a sentence ends with, where another may follow.
STOP = re.compile(r"[。!！?？]")
#: A letter that the kana input left over: さがs.
LEFTOVER = re.compile(r"(?<=[ぁ-ゖ])([bcdfghjkmnpqrstvwxyz]{1,2})(?![A-Za-z])")


class Concept(NamedTuple):
    """One thing that the reader said, and all the terms that would answer it."""

    said: str
    options: tuple[Option, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. `facets` were said in words; `listing` when nothing else was said."""

    text: str
    concepts: tuple[Concept, ...] = ()
    concerns: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    facets: tuple[tuple[str, str], ...] = ()
    related: bool = False
    listing: bool = False
    notes: tuple[Note, ...] = ()

    def told(self, facet: str) -> list[str]:
        """The values of a facet that the words reveal: `audience` of 定年後も働きたい is 高齢者."""
        return [concern.partition(":")[2] for concern in self.concerns if concern.startswith(f"{facet}:")]


class Parser:
    """Builds queries against one vocabulary."""

    def __init__(self, vocabulary: Vocabulary, speller: Speller, names: Names, weights: Weights = WEIGHTS) -> None:
        self.vocabulary, self.speller, self.names, self.weights = vocabulary, speller, names, weights
        self.meanings = Meanings(vocabulary, speller, weights)
        #: したいのですが and its like recur from one query to the next.
        self._heard = lru_cache(maxsize=1024)(self._hear)
        #: One message is read several times over on its way through a conversation.
        self.parse = lru_cache(maxsize=32)(self._parse)

    def _parse(self, text: str) -> Query:
        """The query of a text; any text is safe, and none raises."""
        text = clean(text)
        figures = FIGURE.search(text)
        numbers, rest = lookup_numbers(full_eras(text)) if figures else ((), text)
        rest, notes = self._finished(rest)
        facets, rest = self.names.find(rest)
        if PARTNERED.search(rest):
            facets = [("partner" if facet == "department" else facet, value) for facet, value in facets]
        if PRIORITY.search(rest):
            facets.append(("priority", "重点"))
            rest = re.sub(r"重点(?:事業|施策)?", " ", rest)
        if NEW.search(text):
            facets.append(("new", "新規"))
            rest = re.sub(r"【?新規】?", " ", rest)
        rest, later = later_era(rest)
        rest, years = both_calendars(rest, self.vocabulary) if figures else (rest, [])
        concepts, told = self.concepts(rest)
        notes += told + later + years
        listing = bool(facets) and not numbers and all(self._only_lists(concept) for concept in concepts)
        concerns = self.concerns(text)
        if facets and not listing:
            named, more = self.concepts(" ".join(value for _, value in facets))
            concepts, notes = concepts + [Concept(c.said, c.options, 0.5) for c in named], notes + more
        return Query(
            text,
            tuple(concepts[:MAX_CONCEPTS]),
            concerns,
            numbers,
            tuple(dict.fromkeys(facets)),
            bool(RELATED.search(rest)),
            listing,
            tuple(dict.fromkeys(notes)),
        )

    def _finished(self, text: str) -> tuple[str, list[Note]]:
        """The text with words finished that kana input broke off: しごとさがs -> しごとさがし."""
        notes = []
        for match in reversed(list(LEFTOVER.finditer(text))):
            begun = re.findall(r"[ぁ-ゖー]+$", text[: match.start()])[0]
            word, end = self.speller.finish(begun, match[1])
            if word:
                notes.append(Note("spelling", word[: len(word) - len(end)] + match[1], (word,)))
            text = text[: match.start()] + end + text[match.end() :]
        return text, notes

    def _only_lists(self, concept: Concept) -> bool:
        return concept.options[0].term in LIST_WORDS

    def concepts(self, text: str) -> tuple[list[Concept], list[Note]]:
        """Concepts in the order of the text, with what was done to its words."""
        found: list[tuple[int, Concept]] = []
        notes: list[Note] = []
        for at, length, concept, note in self._latin(text):
            found.append((at, concept))
            notes += note
            text = text[:at] + " " * length + text[at + length :]
        tokens = self.vocabulary.tokenizer.tokens(text)
        covered: list[tuple[int, int]] = []
        for run in KANA_ONLY.finditer(text):
            if heard := self._kana(text, run):
                covered.append(heard[0])
                for at, concept, note in heard[1]:
                    found.append((at, concept))
                    notes += note
        if covered:
            tokens = [t for t in tokens if not any(a < t.end and t.start < b for a, b in covered)]
        for at, concept, note in self._tokens(text, tokens):
            found.append((at, concept))
            notes += note
        asides = self._asides(text)
        merged: dict[tuple[Option, ...], Concept] = {}
        for at, concept in sorted(found, key=lambda pair: pair[0]):
            if asides and any(a <= at < b for a, b in asides):
                concept = concept._replace(weight=self.weights.aside)
            kept = merged.setdefault(concept.options, concept)
            if kept.weight < concept.weight:
                merged[concept.options] = concept
        return list(merged.values()), notes

    def core(self, text: str) -> str:
        """A story without the sentences that wish for nothing; the text itself where less than two things would be left."""
        kept = text
        for start, end in reversed(self._asides(text)):
            kept = kept[:start] + kept[end:]
        return kept if len(self.parse(kept).concepts) >= 2 else text

    def _asides(self, text: str) -> list[tuple[int, int]]:
        """The sentences of a story that wish for nothing, where another does: うちは畑です。孫に見せたい。 -> the first."""
        if not STOP.search(text, 0, len(text) - 1):
            return []
        sentences = [
            (m.start(), m.end(), bool(WISHING.search(m[0].rstrip("。!！ ")))) for m in re.finditer(r"[^。!！?？]+[。!！?？]*", text) if m[0].strip()
        ]
        wishing = [(start, end) for start, end, wishes in sentences if wishes]
        return [(start, end) for start, end, wishes in sentences if not wishes] if wishing else []

    def concerns(self, text: str) -> tuple[str, ...]:
        """The audiences and needs that the words reveal, as `audience:高齢者`, `need:仕事さがし`."""
        terms = self.vocabulary.terms(text)
        found: dict[str, None] = {}
        for start, first in enumerate(terms):
            for end in range(start + 1, min(len(terms), start + self.vocabulary.reach.get(first, 0)) + 1):
                found |= dict.fromkeys(sorted(self.vocabulary.concerns.get(terms[start:end], ())))
        for age, decade in ages(text)[:1]:
            found |= dict.fromkeys(age_audience(age, decade))
        return tuple(found)

    def _latin(self, text: str) -> Iterable[tuple[int, int, Concept, list[Note]]]:
        """Words in Latin letters: an abbreviation that the corpus holds, English, else romaji."""
        words = [(m.start(), m[0]) for m in LATIN.finditer(text)]
        skip = 0
        for n, (at, word) in enumerate(words):
            if skip:
                skip -= 1
                continue
            for length in (3, 2, 1):
                # Hello Work is a name, though hello asks for nothing.
                if length == 1 and (stem(word),) in self.vocabulary.ignored:
                    break
                run = words[n : n + length]
                key = " ".join(stem(w) for _, w in run)
                if len(run) == length and key in self.vocabulary.english:
                    targets = self.vocabulary.english[key]
                    options = [Option(stem(word), 1.0)] if length == 1 else [Option(stem(w), 0.7) for _, w in run]
                    options += self.meanings.targets(targets, self.weights.english, "english")
                    said = " ".join(w for _, w in run)
                    skip = length - 1
                    shown = tuple(to for to, _ in targets)
                    note = [Note("english", said, shown)] if stem(word) not in self.vocabulary or length > 1 else []
                    yield at, run[-1][0] + len(run[-1][1]) - at, Concept(said, tuple(options)), note
                    break
            else:
                if stem(word) in self.vocabulary or (stem(word),) in self.vocabulary.entries:
                    known, told = self.meanings.options((stem(word),), word)
                    yield at, len(word), Concept(word, known), list(told)
                elif word.islower() and len(word) >= 4 and (guesses := self.speller.romaji(word, at)):
                    for guess in guesses:
                        yield (
                            at,
                            len(word),
                            Concept(guess.said, self.meanings.guessed(guess, self.weights.sound, "sound")),
                            [Note("sound", word, guess.meant[:2])],
                        )
                elif len(word) >= 3:
                    yield at, len(word), Concept(word, (Option(stem(word), 1.0),)), []

    def _kana(self, text: str, run: re.Match[str]) -> tuple[tuple[int, int], list[tuple[int, Concept, list[Note]]]] | None:
        """A run of kana, where the corpus's words explain more of it than Sudachi's do: what it covers, and its concepts."""
        start, end = run.span()
        if end - start < 3:
            return None
        inside: list[Piece] = []
        for piece in self.vocabulary.tokenizer.pieces(text):
            if piece.start >= run.end():
                break
            # 借りてはたけを: what belongs to a word with kanji is no part of the run.
            if piece.end > run.start():
                if piece.start < run.start():
                    start = piece.end
                elif piece.end > run.end():
                    end = piece.start
                else:
                    inside.append(piece)
        if end - start < 3:
            return None
        cuts = tuple(
            [
                Cut(p.start - start, p.end - start, p.tokens[0].term, p.tokens[0].known) if p.tokens else Cut(p.start - start, p.end - start)
                for p in inside
            ]
        )
        heard = self._heard(text[start:end], cuts)
        return None if heard is None else ((start, end), [(at + start, concept, notes) for at, concept, notes in heard])

    def _hear(self, text: str, cuts: tuple[Cut, ...]) -> list[tuple[int, Concept, list[Note]]] | None:
        """The concepts of a run of kana that Sudachi cuts so, by their places in it; none where Sudachi's words serve."""
        guesses = self.speller.kana(text, cuts)
        # どうしたらいいですか holds no word; a short one that sounds like one is chance.
        words = (cut.term and (cut.term,) not in self.vocabulary.ignored and cut.term not in LIST_WORDS for cut in cuts)
        if not any(len(guess.said) >= 3 for guess in guesses) and not any(words):
            return None
        heard = {(cut.start, cut.end) for cut in cuts if cut.term}
        if all((guess.start, guess.end) in heard for guess in guesses):
            return None
        mended = self.speller.mend(text, guesses, cuts)
        read = sum(guess.end - guess.start for guess in (*guesses, *mended)) + sum(cut.end - cut.start for cut in cuts if not cut.term)
        if read * 4 < len(text) * 3:
            return None
        found = []
        for guess in guesses:
            if any(terms in self.vocabulary.ignored for terms in guess.terms):
                continue
            several = len({term for terms in guess.terms for term in terms}) > 1
            note = [Note("sound", guess.said, guess.meant)] if several and len(guess.said) >= 3 else []
            found.append((guess.start, Concept(guess.said, self.meanings.guessed(guess, self.weights.sound, "sound")), note))
        return found + [
            (g.start, Concept(g.said, self.meanings.guessed(g, self.weights.spelling, "spelling")), [Note("spelling", g.said, g.meant)])
            for g in mended
        ]

    def _tokens(self, text: str, tokens: list[Token]) -> Iterable[tuple[int, Concept, list[Note]]]:
        """Concepts of Japanese tokens: the longest entry of words.yml first, then each word."""
        heads: list[Token] = []
        parts: list[list[tuple[str, str]]] = []
        for token in tokens:
            if not token.part:
                heads.append(token)
                parts.append([])
            elif heads and token.end <= heads[-1].end:
                parts[-1].append((token.term, token.surface))
        at = 0
        while at < len(heads):
            for length in range(min(self.vocabulary.reach.get(heads[at].term, 1), len(heads) - at), 0, -1):
                terms = tuple([token.term for token in heads[at : at + length]])
                if terms in self.vocabulary.ignored or (length == 1 and self._sounds_empty(heads[at])):
                    break
                if length == 1 or terms in self.vocabulary.entries:
                    yield self._said(text, heads, at, terms, tuple([part for inner in parts[at : at + length] for part in inner]))
                    break
            at += length

    def _sounds_empty(self, token: Token) -> bool:
        """Whether a word in kana sounds as one that asks for nothing: ほうほう is 方法."""
        return bool(HIRAGANA.fullmatch(token.term)) and any(
            (term,) in self.vocabulary.ignored for term in self.speller.alike(token.term, token.reading)
        )

    def _said(self, text: str, heads: list[Token], at: int, terms: Terms, parts: tuple[tuple[str, str], ...]) -> tuple[int, Concept, list[Note]]:
        """The concept of the words from `at` on that have these `terms`: a word, or an entry of words.yml."""
        run = heads[at : at + len(terms)]
        token, alone = run[0], len(run) == 1
        said = text[token.start : run[-1].end]
        sound = token.reading if alone and HIRAGANA.fullmatch(token.surface) else ""
        options, notes, known = self.meanings.word(said, terms, parts, tuple([group for one in run for group in one.groups]), sound)
        if alone and DOING.match(text, token.end) and (guess := self.speller.verbal(token)):
            # 企業したい: only the other word can be meant, the one that was written hardly.
            meant = self.meanings.guessed(guess, self.weights.sound, "spelling")
            options = tuple(dict.fromkeys((*meant, *(option._replace(weight=option.weight * self.weights.widen) for option in options))))
        elif not known and (guess := self.speller.correct(text, heads, at)):
            options = tuple(dict.fromkeys((*options, *self.meanings.guessed(guess, self.weights.spelling, "spelling"))))
        else:
            return token.start, Concept(said, options), list(notes)
        return token.start, Concept(said, options), [*notes, Note("spelling", guess.said, guess.meant)]
