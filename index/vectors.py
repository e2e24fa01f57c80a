"""Word vectors: what a word is about, as 300 numbers.

They are chiVe's (Apache-2.0), as the wheel of ja-ginza carries them: 20,000 vectors for 480,000 words. The wheel is read as
data alone (spaCy is not needed) and brought once into a folder as arrays that every process maps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import msgpack
import numpy as np
from numpy.typing import NDArray

from index.artifacts import kept

SIZE = 300
PACKAGE = "ja_ginza"
#: Of MurmurHash64A, with the seed that spaCy hashes its words by.
MULTIPLIER, SHIFT, SEED, MASK = 0xC6A4A7935BD1E995, 47, 1, (1 << 64) - 1


class VectorsMissingError(Exception):
    """The wheel that carries the vectors is not installed."""


def murmur(word: str) -> int:
    """The key of a word in the wheel's table: MurmurHash64A of its UTF-8."""
    data = word.encode()
    found = (SEED ^ (len(data) * MULTIPLIER)) & MASK
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        block = int.from_bytes(data[at : at + 8], "little") * MULTIPLIER & MASK
        block = (block ^ (block >> SHIFT)) * MULTIPLIER & MASK
        found = (found ^ block) * MULTIPLIER & MASK
    if rest := data[whole:]:
        found = (found ^ int.from_bytes(rest, "little")) * MULTIPLIER & MASK
    found = (found ^ (found >> SHIFT)) * MULTIPLIER & MASK
    return found ^ (found >> SHIFT)


class WordVectors:
    """Vectors of unit length by word. `keys` are sorted hashes, `rows` the row of each, `table` (rows, SIZE) in half precision."""

    def __init__(self, keys: NDArray[np.uint64], rows: NDArray[np.int32], table: NDArray[np.float16]) -> None:
        self.keys, self.rows, self.table = keys, rows, table
        #: Words recur: finding one anew costs five microseconds.
        self.row = lru_cache(maxsize=8_192)(self._row)

    @classmethod
    def of(cls, folder: Path) -> WordVectors:
        """The vectors, mapped from `folder`, where they are written at the first call. Raises VectorsMissingError."""
        made = kept(folder, f"vectors-{digest()}", convert)
        keys, rows, table = (np.load(made / f"{name}.npy", mmap_mode="r") for name in ("keys", "rows", "table"))
        return cls(keys, rows, table)

    def _row(self, word: str) -> int:
        """The row of a word; -1 where it has none."""
        key = np.uint64(murmur(word))
        at = int(np.searchsorted(self.keys, key))
        return int(self.rows[at]) if at < len(self.keys) and self.keys[at] == key else -1

    def mean(self, words: Iterable[Iterable[str]]) -> NDArray[np.float32]:
        """The mean direction of words, each given by the forms that it may be known by, the best one first. Zeros where none is known."""
        rows = [row for forms in words if (row := next((r for form in forms if (r := self.row(form)) >= 0), -1)) >= 0]
        if not rows:
            return np.zeros(SIZE, dtype=np.float32)
        total: NDArray[np.float32] = self.table[rows].astype(np.float32).sum(axis=0)
        return total / (float(np.linalg.norm(total)) or 1.0)


def source() -> Path:
    """The folder of the wheel that holds the vectors. Raises VectorsMissingError."""
    spec = find_spec(PACKAGE)
    found = [path for root in (spec.submodule_search_locations or () if spec else ()) for path in Path(root).glob("*/vocab")]
    if not found:
        raise VectorsMissingError("単語ベクトルが入っていません。pip install --no-deps ja-ginza としてください。")
    return found[0]


def digest() -> str:
    """What the arrays depend on. Raises VectorsMissingError where the wheel is missing."""
    source()
    return hashlib.sha256(f"{version('ja-ginza')} {SIZE} float16".encode()).hexdigest()[:16]


def convert(made: Path) -> None:
    """Writes the wheel's vectors into a folder as three arrays. Raises VectorsMissingError and OSError."""
    vocabulary = source()
    table = np.load(vocabulary / "vectors")
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    table = (table / np.where(lengths == 0, 1, lengths)).astype(np.float16)
    known = msgpack.unpackb((vocabulary / "key2row").read_bytes(), strict_map_key=False)
    keys = np.fromiter(known.keys(), dtype=np.uint64, count=len(known))
    rows = np.fromiter(known.values(), dtype=np.int32, count=len(known))
    order = np.argsort(keys)
    for name, array in (("keys", keys[order]), ("rows", rows[order]), ("table", table)):
        np.save(made / f"{name}.npy", array)
