"""The lines of lines.yml in one of the three registers: plain Japanese, やさしい日本語 and English."""

from __future__ import annotations

from collections.abc import Iterable

from bot.reply import Choice, Statement
from corpus.model import Contact, Detail, Plan, Program, Project, Subject, Term


class Speech:
    """Says lines in one register. `lang` is ja, easy or en."""

    def __init__(self, plan: Plan, lang: str) -> None:
        self.plan, self.lang = plan, lang
        self.terms = {"audience": plan.front.audience, "need": plan.front.needs, "kind": plan.front.kinds}
        self._labels = {(facet, term.id): self._label_of(term) for facet, terms in self.terms.items() for term in terms}
        self._labels |= {("unstated", term.id): {"ja": term.id, "easy": term.easy, "en": term.english}[lang] for term in plan.front.unstated}

    def _label_of(self, term: Term) -> str:
        return {"ja": term.label, "easy": term.easy, "en": term.english}[self.lang]

    def say(self, name: str, /, **slots: object) -> Statement:
        """A line with its slots filled."""
        return Statement(self.label(name, **slots), None, name, tuple((slot, str(value)) for slot, value in slots.items()))

    def label(self, name: str, /, **slots: object) -> str:
        return self.plan.lines[name][self.lang].format(**slots)

    def choice(self, name: str, /, **slots: object) -> Choice:
        """A button that sends what it says."""
        label = self.label(name, **slots)
        return Choice(label, label)

    def join(self, words: Iterable[str]) -> str:
        """Words for one slot, which stands in 「」 or in quotation marks."""
        return ('", "' if self.lang == "en" else "」「").join(words)

    def title(self, thing: Project | Program) -> str:
        """The name; in English with the Japanese name that a counter knows."""
        if self.lang == "en" and (words := thing.everyday if isinstance(thing, Project) else thing):
            return f"{words.english_name} ({thing.name})"
        return thing.name

    def summary(self, thing: Project | Program) -> str:
        """Our own words for a thing; empty where there are none in this register."""
        if isinstance(thing, Program) and self.lang == "ja":
            return thing.summary
        words = thing.everyday if isinstance(thing, Project) else thing
        return {"ja": "", "easy": words.easy, "en": words.english}[self.lang] if words else ""

    def value(self, facet: str, value: str) -> str:
        """The label of a vocabulary's word, or of a stage; the word itself where no vocabulary holds it."""
        if facet == "stage":
            return self.label(f"段階_{value}")
        return self._labels.get((facet, value), value)

    def contact(self, contact: Contact) -> str:
        return {"ja": contact.name, "easy": contact.easy, "en": contact.english}[self.lang]

    def subject(self, subject: Subject) -> str:
        return {"ja": subject.name, "easy": subject.easy, "en": subject.english}[self.lang]

    def detail(self, detail: Detail) -> str:
        return {"ja": detail.name, "easy": detail.easy, "en": detail.english}[self.lang]

    def variants(self, name: str) -> list[str]:
        """The names of a line and of those that say the same in other words."""
        return [name, *(f"{name}_{n}" for n in (2, 3) if f"{name}_{n}" in self.plan.lines)]
