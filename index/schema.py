"""The fields of a passage, each with its weight and its reason, and the Whoosh index that holds them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.analysis import Token as WhooshToken
from whoosh.analysis import Tokenizer as WhooshTokenizer
from whoosh.codec.memory import MemoryCodec
from whoosh.fields import TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.formats import Positions
from whoosh.reading import IndexReader

#: Positions of one part end where those of the next begin; no part of the corpus has so many tokens.
PART_GAP = 2_000
#: No field of a passage has so many parts.
MAX_PARTS = 1_000


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


#: How many numbers of parts a passage has.
UNITS = len(FIELDS) * MAX_PARTS
Numbers = NDArray[np.intp]


class Analysed(WhooshTokenizer):
    """Gives Whoosh the terms of a passage's parts, which were analysed before, for the passage's number.

    Whoosh analyses text; here each text is analysed once, for the index and for highlights alike. Parts lie PART_GAP
    positions apart, so that a posting tells its part.
    """

    def __init__(self, terms: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self.terms = terms

    def __getstate__(self) -> dict[str, object]:
        """Whoosh pickles its schema time and again: the terms are no part of that."""
        return {}

    def __call__(self, value: str, **_: object) -> Iterator[WhooshToken]:
        token = WhooshToken(positions=True, boosts=True, boost=1.0)
        for part, terms in enumerate(self.terms[value]):
            for at, term in enumerate(terms):
                token.text, token.pos = term, part * PART_GAP + at
                yield token


class Places(Positions):
    """Positions as plain four-byte numbers. Whoosh pickles each list of them, a third of the time that writing takes."""

    SIZE = array("I").itemsize

    def encode(self, poslist: Sequence[int]) -> bytes:
        return array("I", poslist).tobytes()


class Memory(RamStorage):
    """In memory whole: Whoosh's own keeps its working files in the system's folder, where two processes that start together collide."""

    def temp_storage(self, name: str | None = None) -> RamStorage:
        return RamStorage()


#: A passage as it was analysed: by field the terms of each part, in order.
Analysis = Mapping[str, Sequence[Sequence[str]]]
#: Passages of a segment, which is let go once it is read: the whole index as Whoosh keeps it would take 11 MB.
SEGMENT = 64


class Inverted(NamedTuple):
    """The inverted index as numbers, in the order of `terms`.

    `postings` has a row for each term in each field of a passage: the numbers of the term, the passage and the field, and
    how often it stands there. `units` are the parts that hold a word, as `unit` numbers them, sorted; `parts` has a column
    for each term in each of them: the number of the term, and the place of the part in `units`.
    """

    terms: list[str]
    postings: Numbers
    units: Numbers
    parts: Numbers


def unit(passages: Numbers, fields: Numbers, parts: Numbers) -> Numbers:
    """The numbers of parts, by the numbers of their passages, of their fields and of the parts in those."""
    return passages * UNITS + fields * MAX_PARTS + parts


def build(passages: Iterable[Analysis]) -> Inverted:
    """The inverted index of passages, numbered as they come."""
    coming, first = iter(passages), 0
    known: dict[str, int] = {}
    rows, places = array("q"), bytearray()
    while segment := list(islice(coming, SEGMENT)):
        reader = written(segment)
        # Whoosh gives the terms back as bytes: the texts that are in memory already stand for them.
        same = {term: term for passage in segment for parts in passage.values() for part in parts for term in part}
        for field, name in enumerate(FIELDS):
            for raw in reader.lexicon(name) if name in reader.indexed_field_names() else ():
                term = known.setdefault(same[raw.decode()], len(known))
                matcher = reader.postings(name, raw)
                while matcher.is_active():
                    value = matcher.value()
                    rows.extend((term, first + matcher.id(), field, len(value) // Places.SIZE))
                    places += value
                    matcher.next()
        first += len(segment)
    postings = np.array(rows, dtype=np.intp).reshape(-1, 4)
    term_of, passage_of, field_of = np.repeat(postings[:, :3], postings[:, 3], axis=0).T
    units, at = np.unique(unit(passage_of, field_of, np.frombuffer(places, dtype="I").astype(np.intp) // PART_GAP), return_inverse=True)
    return Inverted(list(known), postings, units, np.stack(np.divmod(np.unique(term_of * len(units) + at), len(units))))


def written(segment: Sequence[Analysis]) -> IndexReader:
    """A reader of a segment of the Whoosh index, in memory, whose documents are numbered as the passages of the segment."""
    by_field = {name: {str(n): passage[name] for n, passage in enumerate(segment) if name in passage} for name in FIELDS}
    schema = Schema(**{name: TEXT(analyzer=Analysed(terms), phrase=True) for name, terms in by_field.items()})
    for _, field in schema.items():
        field.format = Places()
    # Whoosh's codec for memory keeps postings as they are: writing them as for a disk took 0.2 s more, reading 0.1 s.
    codec = MemoryCodec()
    codec.storage = Memory()
    writer = codec.writer(schema)
    writer.schema = schema  # its own copy has lost the terms
    for n, passage in enumerate(segment):
        writer.add_document(**dict.fromkeys(passage, str(n)))
    writer.commit()
    reader = codec.reader(schema)
    del codec.segment  # a circle: with it the postings would stay until the collector comes by
    return reader
