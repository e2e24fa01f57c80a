"""corpus <- index <- bot <- web: nothing is imported the other way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_NOT = {
    "corpus": {"index", "bot", "web", "whoosh", "sudachipy", "flask"},
    "index": {"bot", "web", "flask"},
    "bot": {"web", "flask", "whoosh"},
    "web": {"whoosh", "sudachipy"},
}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", [p for room in MAY_NOT for p in sorted((ROOT / room).glob("*.py"))], ids=lambda p: f"{p.parent.name}/{p.name}")
def test_imports(path: Path) -> None:
    assert not imported(path) & MAY_NOT[path.parent.name]


@pytest.mark.parametrize("path", sorted((ROOT / "bot").glob("*.py")), ids=lambda p: p.name)
def test_bot_holds_no_japanese_sentence(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {
        id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(n.body[0], ast.Expr)
    }
    said = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in documented]
    assert [text for text in said if re.search(r"(です|ます|ください|ません)", text)] == []


@pytest.mark.parametrize("room", MAY_NOT)
def test_room_says_what_it_is(room: str) -> None:
    assert ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8")))
