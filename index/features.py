"""What a classifier sees of a text: its characters and words in short runs, and what its words are about.

Runs of one to four characters hold spelling, kana and endings; runs of up to three words hold negation and word order; the
mean word vector holds meaning where the words themselves were never seen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.japanese import Tokenizer
from index.vectors import SIZE, WordVectors

#: Columns that runs are hashed into, for characters and for words each. A power of two; halving it costs 0.01 of recall.
BUCKETS = 1 << 17
LONGEST_RUN = 4
#: The weight of the mean word vector beside the runs, whose length is one each.
MEANING = 2.0


class Features(NamedTuple):
    """A text as numbers: columns of runs with how often each stands there, for characters and for words, and its mean word vector."""

    characters: NDArray[np.int64]
    character_counts: NDArray[np.float32]
    words: NDArray[np.int64]
    word_counts: NDArray[np.float32]
    meaning: NDArray[np.float32]


class Extractor:
    """Text -> Features, with one tokenizer and one set of word vectors. Any text is safe."""

    size = 2 * BUCKETS + SIZE

    def __init__(self, tokenizer: Tokenizer, vectors: WordVectors) -> None:
        self.tokenizer, self.vectors = tokenizer, vectors

    def features(self, text: str) -> Features:
        """The features of a text, in any width and case."""
        text = unicodedata.normalize("NFKC", text).lower()
        forms = self.tokenizer.forms(text)
        characters, character_counts = counted(character_runs(text), 0)
        words, word_counts = counted(word_runs([form.normal for form in forms]), BUCKETS)
        meaning = self.vectors.mean((form.surface, form.plain, form.normal) for form in forms if form.content)
        return Features(characters, character_counts, words, word_counts, meaning)


def character_runs(text: str) -> Iterable[str]:
    """Every run of one to LONGEST_RUN characters: 畑を -> 畑, を, 畑を."""
    for length in range(1, LONGEST_RUN + 1):
        for at in range(len(text) - length + 1):
            yield text[at : at + length]


def word_runs(words: Sequence[str]) -> Iterable[str]:
    """Words, pairs in a row, and pairs with one word between: 食べる 物 無い -> …, 食べる 物, 食べる _ 無い."""
    yield from words
    for one, two in zip(words, words[1:], strict=False):
        yield f"{one} {two}"
    for one, two in zip(words, words[2:], strict=False):
        yield f"{one} _ {two}"


def counted(runs: Iterable[str], offset: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Columns of runs, sorted, and how often each stands there; `offset` is where the columns begin."""
    hashed = np.fromiter((crc32(run.encode()) for run in runs), dtype=np.int64) % BUCKETS
    columns, counts = np.unique(hashed, return_counts=True)
    return columns + offset, counts.astype(np.float32)
