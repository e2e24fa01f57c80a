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

Fit = Literal["likely", "check"]
FITS: tuple[Fit, ...] = ("likely", "check")
#: Stages at which a support cannot be had yet, and the line that says so.
LATER = {"検討": "合う理由_stage", "これから始める": "合う理由_later"}
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
    """対象 -> 困りごと -> 種別 -> 段階 over all programs.

    Whom a program is for is our own classification: it raises what fits and counts nobody out. Who one is (女性, 障害者) leaves
    every program likely; what one does (事業者, 求職者) may call for asking at the counter.
    """

    def __init__(self, plan: Plan, passages: Iterable[Passage]) -> None:
        self.programs = [passage for passage in passages if passage.kind == "program"]
        self.wider = {term.id: term.wider for term in plan.front.audience}
        self.who = frozenset(term.id for term in plan.front.who)
        self.order = {
            "audience": [term.id for term in plan.front.audience],
            "need": [term.id for term in plan.front.needs],
            "kind": [term.id for term in plan.front.kinds],
            "stage": ["実施・拡充", "これから始める", "試行", "期間限定", "検討"],
        }

    def valid(self, facet: str, value: str) -> bool:
        return value in self.order.get(facet, ())

    def candidates(self, slots: Mapping[str, str], speech: Speech) -> list[Candidate]:
        """All programs for the need, kind and stage told, in the order of `FITS`; those that name the audience first, equal ones in the corpus's order."""
        asked = slots.get("audience", "")
        chosen = sorted((p for p in self.programs if _has(p, slots)), key=lambda passage: not self.named(passage, asked))
        return sorted((self._candidate(passage, slots, speech) for passage in chosen), key=lambda candidate: FITS.index(candidate.fit))

    def named(self, passage: Passage, audience: str) -> bool:
        """Whether a program is classified for an audience itself."""
        return audience in passage.facets.get("audience", ())

    def near(self, passage: Passage, audience: str) -> bool:
        """Whether a program is classified for an audience, or for a wider or narrower one."""
        held = passage.facets.get("audience", ())
        return audience in held or self.wider.get(audience, "") in held or any(self.wider.get(one) == audience for one in held)

    def _candidate(self, passage: Passage, slots: Mapping[str, str], speech: Speech) -> Candidate:
        fit: Fit = "likely"
        reasons: list[Statement] = []
        if asked := slots.get("audience"):
            fit, reason = self._audience(passage, asked, speech)
            reasons.append(reason)
        for facet in ("need", "kind"):
            if value := slots.get(facet):
                reasons.append(speech.say("合う理由_met", value=speech.value(facet, value)))
        if passage.stage in LATER:
            fit = "check"
            reasons.append(speech.say(LATER[passage.stage]))
        return Candidate(passage, fit, tuple(reasons))

    def _audience(self, passage: Passage, asked: str, speech: Speech) -> tuple[Fit, Statement]:
        """How a program fits an audience by our classification, and how that is said."""
        said, held = speech.value("audience", asked), passage.facets.get("audience", ())
        if asked in held:
            return "likely", speech.say("合う理由_met", value=said)
        if (wide := self.wider.get(asked, "")) and wide in held:
            return "likely", speech.say("合う理由_wide", wide=speech.value("audience", wide))
        if asked in self.who:
            return "likely", speech.say("合う理由_open", value=said)
        names = speech.join(speech.value("audience", one) for one in held[:3])
        return "check", speech.say("合う理由_role", value=said, audience=names)

    def next_question(self, slots: Mapping[str, str], skipped: Collection[str] = ()) -> Question | None:
        """The next facet in the finder's order with how many programs each value would leave; None when all are settled.

        Of what one does, only values that some program near it has are offered.
        """
        left = [passage for passage in self.programs if _has(passage, slots)]
        role = slots.get("audience", "") if slots.get("audience", "") not in self.who else ""
        fitting = [passage for passage in left if not role or self.near(passage, role)]
        for facet in ORDER:
            if slots.get(facet) or facet in skipped:
                continue
            offered = {value for passage in fitting for value in passage.facets.get(facet, ())}
            counts = Counter(value for passage in left for value in passage.facets.get(facet, ()))
            options = tuple((value, counts[value]) for value in self.order[facet] if value in offered)
            if len(options) >= 2:
                return Question(facet, options, len(left))
        return None

    def remaining(self, slots: Mapping[str, str]) -> int:
        return sum(_has(passage, slots) for passage in self.programs)


def _has(passage: Passage, slots: Mapping[str, str]) -> bool:
    """Whether a program is for the need, of the kind and at the stage told; whom it is for counts nothing out."""
    return all(slots[facet] in passage.facets.get(facet, ()) for facet in ("need", "kind", "stage") if slots.get(facet))
