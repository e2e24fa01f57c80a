"""What to ask back, and the guided finder: how each support fits the person and the need that were told."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.reply import Statement
from bot.speech import Speech
from corpus.model import Plan
from corpus.passage import Passage

Fit = Literal["likely", "check", "other"]
FITS: tuple[Fit, ...] = ("likely", "check", "other")
#: The order in which the finder asks.
ORDER = ("audience", "need", "kind", "stage")
OPTIONS = 5
#: A person knows who they are before they know what kind of support they want.
EASE = {"audience": 1.3}
#: 支援 is the kind of what has no other kind: no answer to a question.
VAGUE = {"支援"}


@dataclass(frozen=True, slots=True)
class Question:
    """A facet to ask about, its commonest values with how many candidates have each, and how many candidates remain."""

    facet: str
    options: tuple[tuple[str, int], ...]
    remaining: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A support with how it fits, and why."""

    passage: Passage
    fit: Fit
    reasons: tuple[Statement, ...]


def splits(counts: Mapping[str, int], total: int) -> float:
    """How evenly a facet's values divide the candidates, in bits; values that all share divide nothing."""
    shares = [count / total for count in counts.values() if 0 < count < total]
    return -sum(share * math.log2(share) for share in shares)


def question(candidates: Sequence[Passage], settled: Collection[str], facets: Iterable[str] = ORDER, most: int = OPTIONS) -> Question | None:
    """The question that divides the candidates best, of those not settled; None when nothing divides them."""
    best: tuple[float, Question] | None = None
    for facet in facets:
        if facet in settled:
            continue
        counts = Counter(value for passage in candidates for value in passage.facets.get(facet, ()) if value not in VAGUE)
        options = tuple((value, count) for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if count < len(candidates))
        worth = EASE.get(facet, 1.0) * splits(dict(options[:most]), len(candidates)) if candidates else 0.0
        if len(options) >= 2 and (best is None or worth > best[0]):
            best = (worth, Question(facet, options[:most], len(candidates)))
    return best[1] if best else None


class Finder:
    """対象 -> 困りごと -> 種別 -> 段階 over all programs. Nobody is told 対象外: a different audience is said to need checking."""

    def __init__(self, plan: Plan, passages: Iterable[Passage]) -> None:
        self.programs = [passage for passage in passages if passage.kind == "program"]
        self.wider = {term.id: term.wider for term in plan.front.audience}
        self.order = {
            "audience": [term.id for term in plan.front.audience],
            "need": [term.id for term in plan.front.needs],
            "kind": [term.id for term in plan.front.kinds],
            "stage": ["実施・拡充", "試行", "期間限定", "検討"],
        }

    def valid(self, facet: str, value: str) -> bool:
        return value in self.order.get(facet, ())

    def candidates(self, slots: Mapping[str, str], speech: Speech) -> list[Candidate]:
        """Programs for the need, kind and stage told, those for the audience first; equal ones in the corpus's order."""
        chosen = [p for p in self.programs if all(slots[f] in p.facets.get(f, ()) for f in ("need", "kind", "stage") if slots.get(f))]
        found = [self._candidate(passage, slots, speech) for passage in chosen]
        return sorted(found, key=lambda candidate: FITS.index(candidate.fit))

    def _candidate(self, passage: Passage, slots: Mapping[str, str], speech: Speech) -> Candidate:
        fit: Fit = "likely"
        reasons: list[Statement] = []
        if asked := slots.get("audience"):
            named = passage.facets.get("audience", ())
            wide = self.wider.get(asked, "")
            said = speech.value("audience", asked)
            if asked in named:
                reasons.append(speech.say("合う理由_met", value=said))
            elif wide in named:
                fit = "check"
                reasons.append(speech.say("合う理由_wide", value=said, wide=speech.value("audience", wide)))
            elif narrower := [one for one in named if self.wider.get(one) == asked]:
                fit = "check"
                reasons.append(speech.say("合う理由_narrow", audience=speech.join(speech.value("audience", one) for one in narrower[:3])))
            else:
                fit = "other"
                names = speech.join(speech.value("audience", one) for one in named[:3])
                reasons.append(speech.say("合う理由_other", value=said, audience=names))
        for facet in ("need", "kind"):
            if value := slots.get(facet):
                reasons.append(speech.say("合う理由_met", value=speech.value(facet, value)))
        if passage.stage == "検討":
            fit = "check" if fit == "likely" else fit
            reasons.append(speech.say("合う理由_stage"))
        return Candidate(passage, fit, tuple(reasons))

    def next_question(self, slots: Mapping[str, str], skipped: Collection[str] = ()) -> Question | None:
        """The next facet in the finder's order with the counts that each value would leave; None when all are settled."""
        left = [passage for passage in self.programs if self._remains(passage, slots)]
        for facet in ORDER:
            if slots.get(facet) or facet in skipped:
                continue
            counts = Counter(value for passage in left for value in passage.facets.get(facet, ()))
            options = tuple((value, counts[value]) for value in self.order[facet] if counts[value])
            if len(options) >= 2:
                return Question(facet, options, len(left))
        return None

    def _remains(self, passage: Passage, slots: Mapping[str, str]) -> bool:
        """Whether a support is left once the slots are told: an audience counts also by a wider or narrower word for it."""
        for facet, value in slots.items():
            named = passage.facets.get(facet, ())
            kin = facet == "audience" and (self.wider.get(value, "") in named or any(self.wider.get(one) == value for one in named))
            if value and value not in named and not kin:
                return False
        return True

    def remaining(self, slots: Mapping[str, str]) -> int:
        return sum(self._remains(passage, slots) for passage in self.programs)
