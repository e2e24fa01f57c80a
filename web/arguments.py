"""What addresses may carry: known arguments, checked against the vocabularies. Anything else is refused with what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from flask import request
from werkzeug.exceptions import BadRequest

from bot.thread import FACETS
from corpus.model import Plan
from index.search import MAX_LIMIT
from web import service

FILTERS = ("field", "owner", "audience", "need", "kind", "priority", "stage")
MAX_START = 1_000
#: Arguments that links carry on from the present address, each with its longest value in characters.
CARRIED_ON = {
    **dict.fromkeys((*FILTERS, "lang", "ruby", "order", "start", "limit", "part"), 60),
    "skip": 120,
    "q": 1_200,
    "state": 6_000,
}


class Refused(BadRequest):
    """Bad input, with a text of pages.yml that says what to do and its slots."""

    def __init__(self, text: str, **slots: object) -> None:
        super().__init__()
        self.text, self.slots = text, slots


def allowed(plan: Plan, facet: str) -> Collection[str]:
    """The values that a facet may have."""
    if facet == "field":
        return [area.name for area in plan.front.areas]
    if facet == "owner":
        return [name for name, department in plan.departments.items() if department.leads]
    if facet == "priority":
        return ["重点"]
    return service().bot.context.finder.order[facet]


def filters(names: Iterable[str] = FILTERS) -> dict[str, str]:
    """The facets that the address asks for. Raises Refused for a value that none has."""
    found = {name: value for name in names if (value := request.args.get(name))}
    for name, value in found.items():
        if value not in allowed(service().plan, name):
            raise Refused("「{name}」に使えない値です。しぼりこみを外して、選びなおしてください。", name=name)
    return found


def number(name: str, default: int, least: int, most: int) -> int:
    """A number of the address. Raises Refused where it is none, or out of bounds."""
    given = request.args.get(name, str(default))
    if not (given.isascii() and given.isdigit() and len(given) <= 6 and least <= int(given) <= most):
        raise Refused("「{name}」は、{least}から{most}までの数字にしてください。", name=name, least=least, most=most)
    return int(given)


def page(size: int) -> tuple[str, int, int]:
    """q, limit and start of the address. Raises Refused."""
    return request.args.get("q", ""), number("limit", size, 1, MAX_LIMIT), number("start", 0, 0, MAX_START)


def only(*names: str) -> None:
    """Raises Refused where the address has an argument that is not known here."""
    for name in request.args:
        if name not in names:
            raise Refused("「{name}」という引数はありません。使えるのは {names} です。", name=name[:40], names="、".join(names))


def skipped() -> list[str]:
    """The questions of the finder that were passed over. Raises Refused."""
    found = [name for name in request.args.get("skip", "").split(",") if name]
    if set(found) - set(FACETS):
        raise Refused("「{name}」に使えない値です。しぼりこみを外して、選びなおしてください。", name="skip")
    return found
