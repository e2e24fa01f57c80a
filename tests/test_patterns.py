"""Every regular expression, of code and corpus, is quick on any message: one text must not stop the service."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.model import Pattern, Plan
from corpus.patterns import LIMIT, too_slow

ROOT = Path(__file__).parent.parent


def of_code() -> dict[str, str]:
    """Each pattern written in the rooms, by its place; those made of others are found compiled in their modules."""
    found = {}
    for path in sorted(p for room in ("bot", "corpus", "index", "web") for p in (ROOT / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and node.func.attr != "escape":  # type: ignore[attr-defined]
                    found[f"{path.parent.name}/{path.name}:{node.lineno}"] = first.value
    return found


CODE = of_code()


@pytest.mark.parametrize("place", CODE)
def test_patterns_of_the_code(place: str) -> None:
    assert not too_slow(re.compile(CODE[place], re.IGNORECASE))


def test_patterns_made_of_others() -> None:
    from index import lookup

    for pattern in (lookup.NUMBERS, lookup.MORE_NUMBERS, lookup.BARE_NUMBERS):
        assert not too_slow(pattern)


def test_patterns_of_the_corpus(plan: Plan) -> None:
    rows = [getattr(plan.intents, name) for name in type(plan.intents).model_fields]
    patterns = [one for row in rows for one in ((row,) if isinstance(row, Pattern) else row)]
    texts = [text.replace("{counter}", "人") for one in patterns for text in (one.pattern, getattr(one, "given", "")) if text]
    assert [text for text in texts if too_slow(re.compile(text, re.IGNORECASE))] == []


@pytest.mark.parametrize("pattern", [r"^\s*\d(?:\s*(?:x|\s)\s*\d)*$", r"(a+)+$", r"^(\d+)*x", r"(?:あ|ああ)+$", r"[\d.]+[\d.万]*[\d.]*万"])
def test_a_slow_pattern_is_found_before_it_never_ends(pattern: str) -> None:
    assert too_slow(re.compile(pattern)) and LIMIT == 20


@pytest.mark.parametrize("pattern", ["事業", r"\d{1,2}", "(?:電話|連絡)先"])
def test_a_quick_pattern_is_left_alone(pattern: str) -> None:
    assert not too_slow(re.compile(pattern))


def test_the_message_that_once_stopped_the_service_is_answered() -> None:
    """In a process of its own, which is ended where it does not answer."""
    code = 'from index.lookup import lookup_numbers; print(lookup_numbers("1  " * 99 + "x")[0])'
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, cwd=ROOT, check=True)
    assert done.stdout == "()\n"
