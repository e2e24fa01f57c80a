"""The fields of a passage, each with its weight and its reason, and the Whoosh index that holds them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from whoosh.analysis import Token as WhooshToken
from whoosh.analysis import Tokenizer as WhooshTokenizer
from whoosh.codec.memory import MemoryCodec
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.formats import Positions
from whoosh.reading import IndexReader

from index.japanese import Token

#: Positions of one part end where those of the next begin; no part of the corpus has so many tokens.
PART_GAP = 2_000


class Field(NamedTuple):
    """`weight` multiplies term frequency in the one weighted field (BM25F); `norm` is how much length counts against it."""

    weight: float
    norm: float
    reason: str


FIELDS: dict[str, Field] = {
    "title": Field(3.0, 0.3, "a name that was asked for is what is meant"),
    "alias": Field(1.91, 0.47, "names that people use instead of the plan's"),
    "phrase": Field(1.45, 0.67, "what people in need say: the widest vocabulary, of our own making"),
    "text": Field(1.89, 0.34, "the plan's own words: what may be quoted"),
    "summary": Field(1.39, 0.43, "plain wording beside the quotes"),
    "easy": Field(0.64, 0.4, "やさしい日本語: for queries in the same register"),
    "english": Field(2.22, 0.35, "English name and sentence: the only English in the corpus"),
    "area": Field(1.12, 0.3, "分野 and 中分類: a hint, shared by many projects"),
    "office": Field(1.16, 0.3, "課: asked for by staff together with a subject"),
}


class Analysed(WhooshTokenizer):
    """Gives Whoosh the tokens of a passage's parts, which were analysed before, for the passage's id.

    Whoosh analyses text; here each text is analysed once, for the index and for highlights alike. Parts lie PART_GAP
    positions apart, so that a posting tells its part.
    """

    def __init__(self, tokens: Mapping[str, Sequence[Sequence[Token]]]) -> None:
        self.tokens = tokens

    def __getstate__(self) -> dict[str, object]:
        """Whoosh pickles its schema time and again: the tokens are no part of that."""
        return {}

    def __call__(self, value: str, **_: object) -> Iterator[WhooshToken]:
        token = WhooshToken(positions=True, boosts=True, boost=1.0)
        for part, tokens in enumerate(self.tokens[value]):
            for at, found in enumerate(tokens):
                token.text, token.pos = found.term, part * PART_GAP + at
                yield token


class Places(Positions):
    """Positions as plain four-byte numbers. Whoosh pickles each list of them, a third of the time that writing takes."""

    def encode(self, poslist: Sequence[int]) -> bytes:
        return array("I", poslist).tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        return array("I", valuestring).tolist()

    def decode_frequency(self, valuestring: bytes) -> int:
        return len(valuestring) // array("I").itemsize


class Memory(RamStorage):
    """In memory whole: Whoosh's own keeps its working files in the system's folder, where two processes that start together collide."""

    def temp_storage(self, name: str | None = None) -> RamStorage:
        return RamStorage()


def build(tokens: Mapping[str, Mapping[str, Sequence[Sequence[Token]]]]) -> IndexReader:
    """A reader of an index in memory. `tokens` holds, by field and by passage id, the tokens of each part."""
    fields = {name: TEXT(analyzer=Analysed(by_id), phrase=True) for name, by_id in tokens.items()}
    for field in fields.values():
        field.format = Places()
    schema = Schema(id=ID(stored=True, unique=True), **fields)
    # Whoosh's codec for memory keeps postings as they are: writing them as for a disk took 0.2 s more, reading 0.1 s.
    codec = MemoryCodec()
    codec.storage = Memory()
    writer = codec.writer(schema)
    writer.schema = schema  # its own copy has lost the tokens
    ids = dict.fromkeys(passage for by_id in tokens.values() for passage in by_id)
    for passage in ids:
        writer.add_document(id=passage, **{name: passage for name, by_id in tokens.items() if passage in by_id})
    writer.commit()
    return codec.reader(schema)
