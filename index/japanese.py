"""Text -> tokens: Sudachi with our own words, one tokenizer a thread.

起業したい            -> 起業
空き店舗を借りて      -> 空き店舗 店舗 借りる
取組 / 取り組み       -> 取り組み
農産物直売所          -> 農産物直売所 農産物 直売所
Job fairs            -> job fair
９９経営体            -> 99 経営 体
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import jaconv
import sudachidict_small
from sudachipy import Config, Dictionary, Morpheme, SplitMode, sudachipy
from whoosh.lang.snowball.english import EnglishStemmer

from corpus.model import Words
from index.artifacts import kept

MAX_LENGTH = 300
#: Sudachi's smallest: the words that matter here and that it cuts are in words.yml (DECISIONS 37).
DICTIONARY = "small"
#: One call of Sudachi takes 49,149 bytes; a line of the plan has at most 1,400.
MAX_BYTES = 16_000
#: Words whose parts and readings are kept at most; the corpus has some 7,000.
MAX_WORDS = 16_384
#: Left out of every text. Suffixes stay: 農業者 and 農業 differ in them.
FUNCTION = frozenset({"助詞", "助動詞", "補助記号", "空白", "代名詞", "連体詞", "接続詞", "感動詞", "記号"})
USER_DICTIONARY = "user.dic"
SIGNS = frozenset({"補助記号", "空白", "記号"})
JOINING = frozenset({"助詞", "助動詞"})
#: How Sudachi marks a noun that takes する.
VERBAL = "サ変可能"
#: Verbs that carry no matter, in Sudachi's normalised form.
LIGHT = frozenset(
    "為る 有る 居る 出来る 成る 呉れる 貰う 下さる 頂く 遣る 見る 行く 来る 言う 思う 付く 依る 御座る 致す 置く 仕舞う 様 等 的 為 事 物 所 者 化 御 さん 方 時 無い 良い 欲しい 達 人 こと もの ところ とき よう ため わけ 一寸 如何 どう みたい そう らしい ".split()
)
DROPPED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
ENGLISH = EnglishStemmer()


def clean(text: str, limit: int = MAX_LENGTH) -> str:
    """What a person sent, made safe: controls, lone surrogates and bidi marks dropped, NFKC, capped before and after."""
    text = DROPPED.sub("", text[: limit * 4].replace("\n", " ").replace("\t", " "))
    return unicodedata.normalize("NFKC", text)[:limit].strip()


@lru_cache(maxsize=2_048)
def kana_key(reading: str) -> str:
    """A reading as it is compared: hiragana, long vowels dropped, ぢ and づ as they sound."""
    return jaconv.kata2hira(reading).replace("ー", "").replace("ぢ", "じ").replace("づ", "ず")


@lru_cache(maxsize=8_192)
def group_term(group: int) -> str:
    """The term that stands for one of Sudachi's synonym groups; one text, however often it stands."""
    return f"sudachi:{group}"


@lru_cache(maxsize=4_096)
def stem(word: str) -> str:
    """An English word without its ending (Snowball's English stemmer, as Whoosh has it): `jobs` -> `job`, `promoted` -> `promot`.

    Words of up to three letters are left alone: AED is an abbreviation, not a past tense.
    """
    word = word.lower().replace("’", "'").removesuffix("'s")
    return word if len(word) <= 3 else str(ENGLISH.stem(word))


class Token(NamedTuple):
    """One content word: `term` is what the index holds; `start` and `end` point into the text as it was given.

    `verbal` nouns become verbs with する: 起業, not 企業.
    """

    term: str
    surface: str
    start: int
    end: int
    reading: str
    groups: tuple[int, ...] = ()
    known: bool = True
    part: bool = False
    verbal: bool = False


class Piece(NamedTuple):
    """A stretch of a text that Sudachi takes for one word, how it sounds, and its tokens: a particle or an auxiliary has none."""

    start: int
    end: int
    sound: str
    tokens: tuple[Token, ...] = ()

    @property
    def token(self) -> Token | None:
        return self.tokens[0] if self.tokens else None


class Form(NamedTuple):
    """A word of any kind, as it stands, as a dictionary lists it, and in Sudachi's one spelling; particles and auxiliaries are no `content`."""

    surface: str
    plain: str
    normal: str
    content: bool


class Tokenizer:
    """Sudachi with the words that must stay whole. Safe to share between threads: each gets a tokenizer of its own."""

    def __init__(self, words: Words, folder: Path) -> None:
        whole = {entry.word: entry.reading for entry in (*words.whole, *words.readings)}
        self._config = Config(system=DICTIONARY, user=[str(user_dictionary(whole, folder))])
        self.reopen()
        #: A query is cut once for its words and once for the person and the need that they reveal.
        self.pieces = lru_cache(maxsize=32)(self._pieces)
        #: What Sudachi says of a word, by its number and spelling: asking it anew costs more than cutting the text.
        self._words: dict[tuple[int, str], tuple[str, tuple[Token, ...]]] = {}
        self._inner = self._insides(words)

    def reopen(self) -> None:
        """Maps the dictionary anew: cutting a whole corpus touches nearly all of it, queries less."""
        self._dictionary = Dictionary(config=self._config)
        self._local = threading.local()

    def _insides(self, words: Words) -> dict[str, tuple[tuple[str, str, int, str, tuple[int, ...]], ...]]:
        """What a word kept whole is made of: other such words, and Sudachi's; so 農園 finds 区民農園 as well.

        エコ農産物               -> 農産物 エコ 農産 物
        三軒茶屋就労支援センター -> 三軒茶屋 就労 支援 センター
        """
        plain = Dictionary(dict=DICTIONARY).tokenizer(mode=SplitMode.A)
        names = [(entry.word, kana_key(entry.reading)) for entry in (*words.whole, *words.readings)]
        undivided = [entry.word for entry in words.readings]
        insides: dict[str, tuple[tuple[str, str, int, str, tuple[int, ...]], ...]] = {}
        for entry in words.whole:
            found: list[tuple[str, str, int, str, tuple[int, ...]]] = [
                (name, name, entry.word.index(name), sound, ()) for name, sound in names if name in entry.word and name != entry.word
            ]
            closed = [(at, at + len(name)) for name, _, at, _, _ in found if name in undivided]
            for m in plain.tokenize(entry.word):
                normal, surface, at = m.normalized_form(), m.surface(), m.begin()
                if surface == entry.word or m.part_of_speech()[0] in FUNCTION or normal in LIGHT or any(a <= at < b for a, b in closed):
                    continue
                found.append((normal, surface, at, kana_key(m.reading_form()), tuple(m.synonym_group_ids())))
            insides[entry.word] = tuple(dict.fromkeys(found))
        return insides

    def _morphemes(self, text: str) -> Iterable[Morpheme]:
        if not hasattr(self._local, "tokenizer"):
            self._local.tokenizer = self._dictionary.tokenizer(mode=SplitMode.C)
        morphemes: Iterable[Morpheme] = self._local.tokenizer.tokenize(text[: MAX_BYTES // 4])
        return morphemes

    def _pieces(self, text: str) -> tuple[Piece, ...]:
        """Every morpheme with where it stands. `text` may hold at most 16,000 bytes in UTF-8."""
        found: list[Piece] = []
        # 120,000 words of the corpus go through here: what stands in a loop over them counts (0.2 s of the start).
        words, new, at = self._words, tuple.__new__, 0
        for m in self._morphemes(text):
            surface = m.surface()
            word = words.get(key := (m.word_id(), surface))
            if word is None:
                word = kana_key(m.reading_form()), self._word(m, surface)
                # Numerals and unknown words have no number of their own: they sound as the words beside them ask (一つ, 三日).
                if not m.is_oov():
                    if len(words) >= MAX_WORDS:
                        words.clear()
                    words[key] = word
            end = at + len(surface)
            sound, tokens = word
            if tokens:
                tokens = tuple([new(Token, (t[0], t[1], at + t[2], at + t[3], *t[4:])) for t in tokens])
            found.append(new(Piece, (at, end, sound, tokens)))
            at = end
        return tuple(found)

    def tokens(self, text: str) -> list[Token]:
        """Content words in order; a compound is followed by its parts."""
        return [token for piece in self.pieces(text) for token in piece.tokens]

    def _word(self, m: Morpheme, surface: str) -> tuple[Token, ...]:
        """A content word and its parts as if a text began with it; empty for any other word."""
        term = m.normalized_form()
        if m.part_of_speech()[0] in FUNCTION:
            return ()
        if WORD.fullmatch(surface):
            return (Token(stem(surface), surface, 0, len(surface), surface.lower()),)
        if term in LIGHT:
            return ()
        found = [
            Token(
                surface if surface == term else term,  # one text for both: 0.4 MB less
                surface,
                0,
                len(surface),
                kana_key(m.reading_form()),
                tuple(m.synonym_group_ids()),
                not m.is_oov(),
                False,
                m.part_of_speech()[2] == VERBAL,
            )
        ]
        for part in m.split(SplitMode.A, add_single=False):
            normal, at = part.normalized_form(), part.begin() - m.begin()
            if normal not in LIGHT and part.part_of_speech()[0] not in FUNCTION:
                groups = tuple(part.synonym_group_ids())
                found.append(Token(normal, part.surface(), at, at + len(part.surface()), kana_key(part.reading_form()), groups, True, True))
        for normal, inside, at, sound, ids in self._inner.get(term, ()):
            found.append(Token(normal, inside, at, at + len(inside), sound, ids, True, True))
        return tuple(found)

    def forms(self, text: str) -> list[Form]:
        """Every word of a text, particles and auxiliaries too, signs and blanks aside: 食べる物がない -> 食べる, 物, が, 無い."""
        found = []
        for m in self._morphemes(text):
            kind = m.part_of_speech()[0]
            if kind not in SIGNS:
                found.append(Form(m.surface(), m.dictionary_form(), m.normalized_form(), kind not in JOINING))
        return found

    def people(self, text: str) -> list[tuple[int, int]]:
        """Where full names of people stand, a family name and a given one: 山田太郎, 山田 太郎; not 田中 alone."""
        words = [(m.begin(), m.end(), m.part_of_speech()) for m in self._morphemes(text) if m.surface().strip()]
        return [
            (start, end) for (start, _, family), (_, end, given) in pairwise(words) if family[2:4] == ("人名", "姓") and given[2:4] == ("人名", "名")
        ]

    def hiragana(self, text: str) -> str:
        """A text as it is read, in hiragana."""
        return str(jaconv.kata2hira("".join(reading or surface for surface, reading in self.readings(text))))

    def readings(self, text: str) -> list[tuple[str, str]]:
        """Every morpheme as (surface, reading in katakana): the ground for furigana."""
        return [(m.surface(), m.reading_form()) for m in self._morphemes(text)]


def user_dictionary(whole: dict[str, str], folder: Path) -> Path:
    """The user dictionary of `whole`, built once into `folder` (3.6 s) and named after all that it depends on."""
    rows = [f"{word},4786,4786,-20000,{word},名詞,固有名詞,一般,*,*,*,{reading},{word},*,*,*,*,*\n" for word, reading in sorted(whole.items())]
    made_of = "".join(rows) + version("sudachipy") + DICTIONARY + version(f"sudachidict_{DICTIONARY}")
    name = f"user-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"
    return kept(folder, name, lambda made: build_dictionary(rows, made)) / USER_DICTIONARY


def build_dictionary(rows: Iterable[str], made: Path) -> None:
    """Builds the user dictionary of some lexicon rows into a folder. Raises OSError."""
    system = Path(sudachidict_small.__file__).parent / "resources" / "system.dic"
    with tempfile.TemporaryDirectory() as work:
        lexicon = Path(work) / "words.csv"
        lexicon.write_text("".join(rows), encoding="utf-8")
        sudachipy.build_user_dic(system, [lexicon], made / USER_DICTIONARY, "words.yml")
