"""A linear classifier over a closed set of labels, trained from examples of the corpus and kept as plain arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.features import BUCKETS, MEANING, Features
from index.vectors import SIZE

#: How far weights may grow (scikit-learn's C). 3 and 30 each cost 0.01 of what is caught.
STRENGTH = 10.0
ROUNDS = 400


class Example(NamedTuple):
    """A text with its label."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Classifier:
    """Probabilities of labels for a text.

    `rarity` (2 * BUCKETS) weighs each run by how few examples hold it; `weights` is (columns, labels), the last row the bias.
    """

    labels: tuple[str, ...]
    rarity: NDArray[np.float32]
    weights: NDArray[np.float32]

    def probabilities(self, features: Features) -> dict[str, float]:
        """How likely each label is, from 0 to 1; together 1."""
        total = self.weights[-1].copy()
        for columns, values in (
            scaled(features.characters, features.character_counts, self.rarity),
            scaled(features.words, features.word_counts, self.rarity),
        ):
            total += values @ self.weights[columns]
        total += (features.meaning * MEANING) @ self.weights[2 * BUCKETS : 2 * BUCKETS + SIZE]
        worths = np.exp(total - total.max())
        return dict(zip(self.labels, (worths / worths.sum()).tolist(), strict=True))

    def save(self, path: Path) -> None:
        """Writes the classifier as plain arrays. Raises OSError."""
        np.savez(path, labels=np.array(self.labels), rarity=self.rarity, weights=self.weights)

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """The classifier of a file that `save` wrote. Raises OSError."""
        with np.load(path, allow_pickle=False) as held:
            return cls(tuple(held["labels"].tolist()), held["rarity"], held["weights"])


def scaled(columns: NDArray[np.int64], counts: NDArray[np.float32], rarity: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Columns with their values: damped counts times rarity, of length one together."""
    values = (1 + np.log(counts)) * rarity[columns]
    return columns, values / (float(np.linalg.norm(values)) or 1.0)


def train(read: Sequence[Features], labels: Sequence[str]) -> Classifier:
    """The classifier of examples that were read, with their labels: logistic regression over all labels at once. Deterministic; takes seconds."""
    # Only training needs them: they cost a second and 100 MB.
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    rarity = rarities(read)
    columns, values, ends = [], [], [0]
    for features in read:
        runs = scaled(features.characters, features.character_counts, rarity)
        words = scaled(features.words, features.word_counts, rarity)
        columns += [runs[0], words[0], np.arange(2 * BUCKETS, 2 * BUCKETS + SIZE)]
        values += [runs[1], words[1], features.meaning * MEANING]
        ends.append(ends[-1] + len(runs[0]) + len(words[0]) + SIZE)
    shape = (len(read), 2 * BUCKETS + SIZE)
    matrix = csr_matrix((np.concatenate(values), np.concatenate(columns), np.array(ends)), shape=shape)
    model = LogisticRegression(C=STRENGTH, max_iter=ROUNDS).fit(matrix, list(labels))
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    table = np.vstack([weights.T, bias[None, :]]).astype(np.float32)
    return Classifier(tuple(map(str, model.classes_)), rarity, table)


def rarities(read: Sequence[Features]) -> NDArray[np.float32]:
    """How much each run counts: more, the fewer texts hold it; nothing where only one does."""
    held = np.zeros(2 * BUCKETS, dtype=np.float32)
    for features in read:
        held[features.characters] += 1
        held[features.words] += 1
    return np.where(held < 2, 0, np.log((1 + len(read)) / (1 + held)) + 1).astype(np.float32)


def digest(examples: Sequence[Example], versions: Sequence[str]) -> str:
    """What a classifier depends on: its examples, and the versions of what trains and reads them."""
    text = "\n".join([*(f"{label}\t{text}" for text, label in examples), *versions, str((BUCKETS, MEANING, STRENGTH))])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
