"""YAML files -> Plan. Every fault of every file is reported at once, with file, line and field, in Japanese."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from corpus import model

HERE = Path(__file__).parent

#: What pydantic finds, in words for an editor. {…} are values of the finding.
MESSAGES = {
    "missing": "この項目がありません。書き足してください。",
    "extra_forbidden": "知らない項目名です。つづりを確かめてください。",
    "string_type": "文字で書いてください（かっこや行頭の - があれば取ります）。",
    "string_too_short": "空です。書くことがなければ項目ごと消してください。",
    "string_too_long": "長すぎます。{max_length} 文字までにしてください。",
    "string_pattern_mismatch": "書き方がちがいます。ほかのファイルの同じ項目を見てください。",
    "tuple_type": "行頭に - をつけた一覧で書いてください。",
    "too_short": "少なすぎます。{min_length} 件以上にしてください。",
    "too_long": "多すぎます。{max_length} 件までにしてください。",
    "int_parsing": "数字で書いてください。",
    "int_type": "数字で書いてください。",
    "greater_than_equal": "{ge} 以上の数字にしてください。",
    "less_than_equal": "{le} 以下の数字にしてください。",
    "literal_error": "使える語は {expected} です。",
    "dict_type": "「項目名: 内容」の形で書いてください。",
    "model_type": "「項目名: 内容」の形で書いてください。",
}


@dataclass(frozen=True, order=True)
class Fault:
    """One fault of the corpus: where it is, and what to do."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file} {self.line}行目 {self.field}: {self.message}" if self.field else f"{self.file} {self.line}行目: {self.message}"


class CorpusError(Exception):
    """The corpus cannot be used. `faults` holds everything found."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in sorted(faults)))
        self.faults = sorted(faults)


Path_ = tuple[str | int, ...]
Lines = dict[Path_, int]
Loaded = TypeVar("Loaded")


class Reader:
    """Reads files into records, collecting faults and the line of every field."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults: list[Fault] = []
        self.lines: dict[str, Lines] = {}
        self.digest = hashlib.sha256()

    def fault(self, file: str, path: Path_, message: str) -> None:
        lines = self.lines.get(file, {})
        known = next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), 1)
        self.faults.append(Fault(file, known, " の ".join(str(p + 1) + "番目" if isinstance(p, int) else p for p in path), message))

    def value(self, file: str) -> Any:
        """The file as dicts, lists and str: nothing is retyped. None when it cannot be read."""
        try:
            text = (self.root / file).read_text(encoding="utf-8")
        except FileNotFoundError:
            self.fault(file, (), "ファイルがありません。")
            return None
        except UnicodeDecodeError:
            self.fault(file, (), "UTF-8 で保存しなおしてください。")
            return None
        self.digest.update(file.encode() + b"\0" + text.encode() + b"\0")
        try:
            node = yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            self.faults.append(Fault(file, mark.line + 1 if mark else 1, "", "YAML として読めません。字下げと、半角の : # - を確かめてください。"))
            return None
        except (yaml.YAMLError, RecursionError):
            self.fault(file, (), "YAML として読めません。使えない文字があるか、入れ子が深すぎます。")
            return None
        self.lines[file] = {}
        return self._plain(file, node, (), frozenset())

    def _plain(self, file: str, node: yaml.Node | None, path: Path_, above: frozenset[int]) -> Any:
        if node is None:
            return None
        self.lines[file][path] = node.start_mark.line + 1
        if id(node) in above or len(path) > 8:
            self.fault(file, path, "別の所を指す書き方（& と *）は使えません。")
            return ""
        above |= {id(node)}
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            for key, value in node.value:
                name = str(key.value)
                if name in found:
                    self.lines[file][(*path, name)] = key.start_mark.line + 1
                    self.fault(file, (*path, name), "同じ項目が二度あります。")
                found[name] = self._plain(file, value, (*path, name), above)
                self.lines[file][(*path, name)] = key.start_mark.line + 1
            return found
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._plain(file, item, (*path, n), above) for n, item in enumerate(node.value))
        return node.value

    def record(self, file: str, kind: type[Loaded], extra: dict[str, Any] | None = None) -> Loaded | None:
        """The file as `kind`, or None with its faults noted."""
        value = self.value(file)
        if value is None:
            return None
        if extra and isinstance(value, dict):
            value = value | extra
        try:
            found: Loaded = adapter(kind).validate_python(value)
            return found
        except ValidationError as error:
            for finding in error.errors():
                message = MESSAGES.get(finding["type"], "書き方がちがいます（" + finding["type"] + "）。")
                self.fault(file, finding["loc"], message.format(**finding.get("ctx", {})))
            return None

    def folder(self, folder: str) -> list[str]:
        return sorted(f"{folder}/{path.name}" for path in (self.root / folder).glob("*.yml"))


_adapters: dict[Any, TypeAdapter[Any]] = {}


def adapter(kind: Any) -> TypeAdapter[Any]:
    """The validator of a type, built once: building costs more than using it."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def read(root: Path = HERE) -> tuple[model.Plan | None, Reader]:
    """Reads every file of `root`. The plan is None when a file has faults; the reader holds them."""
    reader = Reader(root)
    front = reader.record("plan.yml", model.FrontPage)
    everyday = {file[-6:-4]: reader.record(file, model.Everyday) for file in reader.folder("everyday")}
    projects = []
    for file in reader.folder("projects"):
        stem = file[-6:-4]
        projects.append(reader.record(file, model.Project, {"number": stem, "everyday": everyday.get(stem)}))
    programs = [reader.record(file, model.Program, {"slug": file[9:-4]}) for file in reader.folder("programs")]
    notes = reader.record("preface.yml", tuple[model.Note, ...])
    errata = reader.record("errata.yml", tuple[model.Erratum, ...])
    conflicts = reader.record("conflicts.yml", tuple[model.Conflict, ...])
    words = reader.record("words.yml", model.Words)
    outside = reader.record("outside.yml", model.Outside)
    lines = reader.record("lines.yml", dict[str, dict[str, str]])
    pages = reader.record("pages.yml", dict[str, dict[str, str]])
    intents = reader.record("intents.yml", model.Intents)
    furigana = reader.record("furigana.yml", tuple[model.Furigana, ...])
    if reader.faults:
        return None, reader
    plan = model.Plan(
        front=front,
        projects=tuple(projects),
        programs=tuple(programs),
        notes=notes,
        errata=errata,
        conflicts=conflicts,
        words=words,
        outside=outside,
        lines=lines,
        pages=pages,
        intents=intents,
        furigana=furigana,
        version=reader.digest.hexdigest()[:12],
    )
    return plan, reader


def load(root: Path = HERE) -> model.Plan:
    """The plan of `root`, every file well formed. Raises CorpusError; cross-file rules are `corpus.check`'s."""
    plan, reader = read(root)
    if plan is None:
        raise CorpusError(reader.faults)
    return plan
