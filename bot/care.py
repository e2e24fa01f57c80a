"""Care: whether a message is one of distress, and of which kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from bot.classifier import Classifier, Example, digest, train
from corpus.model import Pattern, Plan, Worry
from corpus.triggers import fires
from index.artifacts import kept
from index.features import Extractor

DISTRESS, CALM = "distress", "calm"
#: How likely distress must be before a message is met with care. Recall counts most: a false alarm costs a look at a number.
LEAST = 0.4
#: The same for a message of several sentences: a long story mentions much.
LEAST_OF_STORY = 0.5
#: Sentences of a message that is read as a whole; a longer one is read by pairs of sentences too.
WHOLE = 2
SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?\n]*")
KANJI = re.compile(r"[一-鿿]")
#: Characters of an example that is learnt in kana too, and of how many calm ones every one is.
KANA_LENGTH, KANA_SHARE = 60, 3


class Distress(NamedTuple):
    """A kind of distress that was read in a message, and how sure the reading is, from 0 to 1; 1 where a word alone tells it."""

    worry: Worry
    confidence: float


class CareReader:
    """Reads distress: words of care/ always tell it; a classifier trained from its examples tells the rest, another its kind."""

    def __init__(self, plan: Plan, distress: Classifier, kinds: Classifier, extractor: Extractor) -> None:
        self.worries, self.distress, self.kinds, self.extractor = plan.care.worries, distress, kinds, extractor

    @classmethod
    def of(cls, plan: Plan, extractor: Extractor, folder: Path) -> CareReader:
        """The reader of a plan; its classifiers are trained once into `folder`, and named after all that they depend on."""
        told = [Example(text, worry.name) for worry in plan.care.worries for text in worry.examples]
        calm = calm_texts(plan)
        name = digest([*told, *(Example(text, CALM) for text in calm)], versions())

        def make(made: Path) -> None:
            train_distress([example.text for example in told], calm, extractor).save(made / "distress.npz")
            read = [extractor.features(example.text) for example in told]
            train(read, [example.label for example in told]).save(made / "kinds.npz")

        made = kept(folder, f"care-{name}", make)
        return cls(plan, Classifier.load(made / "distress.npz"), Classifier.load(made / "kinds.npz"), extractor)

    def read(self, text: str) -> Distress | None:
        """The distress in a message, in one spelling (NFKC), or None."""
        spoken = [worry for worry in self.worries if fires(worry, text)]
        if not spoken and not self.telling(text):
            return None
        features = self.extractor.features(text)
        likely = self.kinds.probabilities(features)
        confidence = 1.0 if spoken else self.distress.probabilities(features)[DISTRESS]
        return Distress(max(spoken or self.worries, key=lambda worry: likely[worry.name]), confidence)

    def telling(self, text: str) -> bool:
        """Whether a message reads as distress: as a whole, or, a long one, together with its most telling pair of sentences."""
        whole = self.likely(text)
        pairs = pairs_of(text)
        if not pairs:
            return whole >= LEAST
        return max(whole, (whole + max(map(self.likely, pairs))) / 2) >= LEAST_OF_STORY

    def likely(self, text: str) -> float:
        return self.distress.probabilities(self.extractor.features(text))[DISTRESS]


def pairs_of(text: str) -> list[str]:
    """Each two sentences in a row of a text of more than WHOLE; none of a shorter one."""
    sentences = [found[0] for found in SENTENCE.finditer(text) if found[0].strip()]
    return [one + two for one, two in pairwise(sentences)] if len(sentences) > WHOLE else []


def train_distress(told: Sequence[str], calm: Sequence[str], extractor: Extractor) -> Classifier:
    """The classifier of distress, from messages of people in it and of others.

    Messages in kana are learnt beside those with kanji. Of a calm story every pair of sentences is calm too; of a story of distress,
    the pair that a first classifier finds most telling is learnt for itself.
    """
    distress = [*told, *in_kana(told, extractor)]
    others = [*calm, *in_kana(calm[::KANA_SHARE], extractor)]
    others = list(dict.fromkeys([*others, *(pair for text in others for pair in pairs_of(text))]))
    read = [extractor.features(text) for text in (*distress, *others)]
    labels = [DISTRESS] * len(distress) + [CALM] * len(others)
    first = train(read, labels)
    for text in distress:
        if pairs := [extractor.features(pair) for pair in pairs_of(text)]:
            read.append(max(pairs, key=lambda pair: first.probabilities(pair)[DISTRESS]))
            labels.append(DISTRESS)
    return train(read, labels)


def in_kana(texts: Iterable[str], extractor: Extractor) -> list[str]:
    """The short texts among some that have kanji, as they are read."""
    return [extractor.tokenizer.hiragana(text) for text in texts if len(text) <= KANA_LENGTH and KANJI.search(text)]


def calm_texts(plan: Plan) -> list[str]:
    """Messages of no distress: what only sounds like it, what is said of the talk itself, and what people in need of a project or a program say."""
    ordinary = [phrase for program in plan.programs for phrase in program.phrases]
    ordinary += [text for p in plan.projects if p.everyday for text in (*p.everyday.phrases, *p.everyday.wordings)]
    buttons = [line["ja"] for name, line in plan.lines.items() if name.startswith(("選ぶ_", "問い_"))]
    patterns = [found for name in type(plan.intents).model_fields for found in listed(getattr(plan.intents, name))]
    talk = [text for pattern in patterns for text in (*pattern.examples, *pattern.unlike)]
    return [*plan.care.calm.examples, *buttons, *talk, *ordinary]


def listed(found: Pattern | tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    return (found,) if isinstance(found, Pattern) else found


def versions() -> tuple[str, ...]:
    """The versions of the libraries that train and read."""
    return tuple(version(name) for name in ("scikit-learn", "sudachipy", "sudachidict_small", "ja-ginza"))
