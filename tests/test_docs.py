"""Documentation names every command, route, setting and YAML key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from corpus import model
from web import SETTINGS, Service, create_app
from web.commands import main

ROOT = Path(__file__).parent.parent
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
JAPANESE = (ROOT / "README.ja.md").read_text(encoding="utf-8")
EDITORS = (ROOT / "corpus/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_commands(name: str) -> None:
    assert f"setagaya {name}" in ENGLISH and f"setagaya {name}" in JAPANESE


@pytest.mark.parametrize("name", [name for name, _, _ in SETTINGS])
def test_settings(name: str) -> None:
    assert f"`{name}`" in ENGLISH and f"`{name}`" in JAPANESE


def test_routes(service: Service) -> None:
    for rule in create_app(service).url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        assert re.sub(r"<.*", "", rule.rule) in ENGLISH, rule.rule


def test_yaml_keys() -> None:
    records = [kind for kind in vars(model).values() if isinstance(kind, type) and issubclass(kind, BaseModel)]
    keys = {field.alias for kind in records for field in kind.model_fields.values() if field.alias}
    assert sorted(key for key in keys if key not in EDITORS) == []


def test_make_targets() -> None:
    for text in (ENGLISH, JAPANESE):
        assert "make serve" in text and "make test" in text
