"""What the index knows of words: which it holds, how they sound, and which mean the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from corpus.model import Words
from index.japanese import Token, Tokenizer, kana_key, stem

Terms = tuple[str, ...]
#: Characters of a spelling that may be misspelt: shorter ones are too much alike.
SPELT = range(3, 11)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of words.yml as the query sees it: found by its terms in a row, it also looks for `targets`."""

    word: str
    targets: tuple[tuple[str, Terms], ...]
    kind: str


class Vocabulary:
    """Terms of the index with their readings, and words.yml cut into the same terms."""

    def __init__(self, words: Words, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.readings: defaultdict[str, set[str]] = defaultdict(set)
        self._heard: set[tuple[str, str, str]] = set()
        #: Spellings that may be misspelt, of a word and of two in a row.
        self.surfaces: dict[str, Terms] = {}
        #: How two words in a row sound, where the second begins, and both: しょうてんかい is 商店 and, after 5 kana, 会.
        self.pairs: dict[str, tuple[int, str, str]] = {}
        self.frequency: defaultdict[str, int] = defaultdict(int)
        self.printed: set[str] = set()
        self.verbal: set[str] = set()
        self.groups: defaultdict[int, set[str]] = defaultdict(set)
        self.entries: defaultdict[Terms, list[Entry]] = defaultdict(list)
        self.english: dict[str, list[tuple[str, Terms]]] = {}
        self.concerns: defaultdict[Terms, set[str]] = defaultdict(set)
        self.ignored = {self.terms(word) for word in words.ignored} - {()}
        self._learn(words)

    def terms(self, text: str) -> Terms:
        return tuple(token.term for token in self.tokenizer.tokens(text) if not token.part)

    def _learn(self, words: Words) -> None:
        for group in words.same:
            cut = [(word, self.terms(word)) for word in group.words]
            for word, terms in cut:
                others = tuple((other, found) for other, found in cut if found and found != terms)
                self._enter(word, terms, others, "same")
        for entry in words.widen:
            self._enter(entry.word, self.terms(entry.word), tuple((to, self.terms(to)) for to in entry.to), "widen")
        for entry in words.english:
            key = " ".join(stem(word) for word in entry.word.split())
            self.english[key] = [(to, self.terms(to)) for to in entry.to]
        for facet, table in (("audience", words.audience), ("need", words.needs)):
            for value, said in table.items():
                for word in said:
                    if terms := self.terms(word):
                        self.concerns[terms].add(f"{facet}:{value}")

    def _enter(self, word: str, terms: Terms, targets: tuple[tuple[str, Terms], ...], kind: str) -> None:
        if terms and targets:
            self.entries[terms].append(Entry(word, targets, kind))

    def hear(self, tokens: Iterable[Token]) -> None:
        """Learns how terms sound and which Sudachi joins; a run of two tokens is also one compound, for misspellings."""
        before: Token | None = None
        for token in tokens:
            self.frequency[token.term] += 1
            if (word := (token.term, token.surface, token.reading)) not in self._heard:
                self._heard.add(word)
                self._learn_word(token)
            if before and before.end == token.start and not token.part:
                pair = before.surface + token.surface
                if len(pair) >= 3:
                    if len(pair) in SPELT:
                        self.surfaces.setdefault(pair, (before.term, token.term))
                    self.pairs.setdefault(before.reading + token.reading, (len(before.reading), before.term, token.term))
            if not token.part:
                before = token

    def _learn_word(self, token: Token) -> None:
        if token.verbal:
            self.verbal.add(token.term)
        self.readings[token.reading].add(token.term)
        self.readings[kana_key(token.term)].add(token.term)
        for group in token.groups:
            self.groups[group].add(token.term)
        if len(token.surface) in SPELT:
            self.surfaces.setdefault(token.surface, (token.term,))

    def forget(self) -> None:
        """Gives back what only building needs, once everything was heard, scored and sorted by its sound (5 MB)."""
        self.readings.clear()
        self._heard.clear()
        self.groups.clear()

    def __contains__(self, term: object) -> bool:
        return term in self.frequency

    @cached_property
    def reach(self) -> dict[str, int]:
        """Of each first term, how many terms the longest entry has that begins with it."""
        reach: dict[str, int] = {}
        for terms in (*self.entries, *self.concerns, *self.ignored):
            reach[terms[0]] = max(reach.get(terms[0], 1), len(terms))
        return reach
