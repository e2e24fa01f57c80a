"""YAML files -> Plan. Every fault of every file is reported at once, with file, line and field, in Japanese."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from corpus import model

HERE = Path(__file__).parent
#: The files of the corpus, each with what it holds.
FILES: dict[str, Any] = {
    "plan.yml": model.FrontPage,
    "preface.yml": tuple[model.Note, ...],
    "errata.yml": tuple[model.Erratum, ...],
    "conflicts.yml": tuple[model.Conflict, ...],
    "words.yml": model.Words,
    "outside.yml": model.Outside,
    "lines.yml": dict[str, dict[str, str]],
    "pages.yml": dict[str, dict[str, str]],
    "intents.yml": model.Intents,
    "furigana.yml": tuple[model.Furigana, ...],
}
CALM = "care/calm.yml"
#: The folders of the corpus, each with how its files are named, and how that is said.
FOLDERS = {
    "projects": (re.compile(r"\d{2}\.yml"), "01.yml のような、2桁の事業番号"),
    "everyday": (re.compile(r"\d{2}\.yml"), "01.yml のような、2桁の事業番号"),
    "programs": (re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.yml"), "kumin-noen.yml のような、半角の小文字とハイフン"),
    "care": (re.compile(r"[a-z]+\.yml"), "life.yml のような、半角の小文字"),
}
#: A name of an item with the full-width colon that YAML does not know, or with no blank after the half-width one.
WIDE_COLON = re.compile(r"^\s*(?:- )?([^\s:：'\"「」、。]{1,12})：")
NO_BLANK = re.compile(r"^\s*(?:- )?([^\s:：'\"「」、。]{1,12}):(?=[^\s/])")

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
    "one_source": "引用がどこの文かを、事業、中分類、面のどれかひとつで書いてください。",
    "one_page": "どこに示すかを、事業 か ページ のどちらかひとつで書いてください。",
    "one_home": "近い事業は、できることに事業がひとつもないときにだけ書いてください（そのときは要ります）。",
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

    def faulty(self, file: str) -> bool:
        """Whether a file has a fault so far."""
        return any(fault.file == file for fault in self.faults)

    def _looks(self, file: str, text: str) -> bool:
        """Whether the lines of a file look like YAML; what an editor's keyboard puts there instead is named."""
        before = len(self.faults)
        for number, line in enumerate(text.splitlines(), 1):
            indent = line[: len(line) - len(line.lstrip())]
            if "\t" in indent:
                self.faults.append(Fault(file, number, "", "行のはじめにタブがあります。半角の空白にしてください。"))
            elif "\u3000" in indent:
                self.faults.append(Fault(file, number, "", "行のはじめに全角の空白があります。半角の空白にしてください。"))
            for pattern, advice in (
                (WIDE_COLON, "項目名の後の「：」が全角です。半角の「: 」（後ろに空白）にしてください。"),
                (NO_BLANK, "項目名の後の「:」に続けて、半角の空白を入れてください。"),
            ):
                if (found := pattern.match(line)) and unicodedata.normalize("NFC", found[1]) in NAMES:
                    self.faults.append(Fault(file, number, found[1], advice))
        return len(self.faults) == before

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
        except OSError as error:
            self.fault(file, (), f"ファイルを読めません（{error.strerror}）。")
            return None
        if not self._looks(file, text):
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
                if name != unicodedata.normalize("NFC", name):
                    name = unicodedata.normalize("NFC", name)
                    self.lines[file][(*path, name)] = key.start_mark.line + 1
                    self.fault(file, (*path, name), "項目名の濁点や半濁点が、別の字に分かれています。打ちなおしてください。")
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
            findings = error.errors()
            for finding in findings:
                place = finding["loc"]
                below = any(other["loc"][: len(place)] == place for other in findings if other is not finding)
                # A list is too short only by the items that are faulty themselves.
                if not (finding["type"] == "too_short" and below):
                    self.fault(file, place, message_of(finding["type"], finding.get("ctx", {}), finding["input"]))
            return None

    def folder(self, folder: str) -> list[str]:
        """The files of a folder that are named as they should be; every other one is a fault."""
        pattern, rule = FOLDERS[folder]
        found = []
        for path in sorted((self.root / folder).iterdir()) if (self.root / folder).is_dir() else []:
            file = f"{folder}/{path.name}"
            if path.is_file() and pattern.fullmatch(path.name):
                found.append(file)
            elif not path.name.startswith((".", "__")):
                self.fault(file, (), f"使われないファイルです。名前は{rule}にしてください。")
        return found

    def strays(self) -> None:
        """Files beside those of the corpus that an editor may take for part of it."""
        for path in sorted(self.root.iterdir()):
            if path.is_file() and path.name not in FILES and re.search(r"\.ya?ml", path.name):
                self.fault(path.name, (), "使われないファイルです。README.md の表にある名前にしてください。")


def message_of(kind: str, values: dict[str, Any], given: Any) -> str:
    """What pydantic finds, said to an editor."""
    if kind == "string_type" and isinstance(given, dict):
        return "値の中に半角の「: 」があります。値を ' ' で囲んでください。"
    if kind == "literal_error":
        values = {"expected": str(values["expected"]).replace(" or ", ", ").replace(", ", "、").replace("'", "")}
    return MESSAGES.get(kind, f"書き方がちがいます（{kind}）。").format(**values)


def names_of(kind: Any) -> Iterator[str]:
    """The names of all items of a record, and of the records in it."""
    for inner in getattr(kind, "__args__", ()):
        yield from names_of(inner)
    for name, field in getattr(kind, "model_fields", {}).items():
        yield field.alias or name
        yield from names_of(field.annotation)


NAMES = frozenset(
    name for kind in (*FILES.values(), model.Project, model.Everyday, model.Program, model.Worry, model.Calm) for name in names_of(kind)
)


_adapters: dict[Any, TypeAdapter[Any]] = {}


def adapter(kind: Any) -> TypeAdapter[Any]:
    """The validator of a type, built once: building costs more than using it."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def read(root: Path = HERE) -> tuple[model.Plan, Reader]:
    """Reads every file of `root`. What has faults is left out of the plan, so that the rest can be checked; the reader holds the faults."""
    reader = Reader(root)
    reader.strays()
    if not (root / "plan.txt").is_file():
        reader.fault("plan.txt", (), "ファイルがありません。")
    shared: dict[str, Any] = {file: reader.record(file, kind) for file, kind in FILES.items()}
    everyday = {stem(file): reader.record(file, model.Everyday) for file in reader.folder("everyday")}
    numbered = reader.folder("projects")
    projects = [reader.record(file, model.Project, {"number": stem(file), "everyday": everyday.get(stem(file))}) for file in numbered]
    for number in sorted(everyday.keys() ^ {stem(file) for file in numbered}):
        missing = "projects" if number in everyday else "everyday"
        reader.fault(f"{missing}/{number}.yml", (), "ファイルがありません。projects/ と everyday/ には、同じ番号のファイルが要ります。")
    programs = [reader.record(file, model.Program, {"slug": stem(file)}) for file in reader.folder("programs")]
    calm: Any = reader.record(CALM, model.Calm)
    worries = [reader.record(file, model.Worry, {"slug": stem(file)}) for file in reader.folder("care") if file != CALM]
    plan = model.Plan.model_construct(
        front=shared["plan.yml"],
        projects=held(projects),
        programs=held(programs),
        notes=shared["preface.yml"] or (),
        errata=shared["errata.yml"] or (),
        conflicts=shared["conflicts.yml"] or (),
        words=shared["words.yml"],
        outside=shared["outside.yml"],
        care=model.Care.model_construct(worries=held(worries), calm=calm),
        lines=shared["lines.yml"] or {},
        pages=shared["pages.yml"] or {},
        intents=shared["intents.yml"],
        furigana=shared["furigana.yml"] or (),
        version=reader.digest.hexdigest()[:12],
    )
    return plan, reader


def stem(file: str) -> str:
    """The name of a file without its folder and ending."""
    return file.rpartition("/")[2].removesuffix(".yml")


def held(records: Iterable[Loaded | None]) -> tuple[Loaded, ...]:
    """The records that could be read."""
    return tuple(record for record in records if record is not None)


def load(root: Path = HERE) -> model.Plan:
    """The plan of `root`, every file well formed. Raises CorpusError; cross-file rules are `corpus.check`'s."""
    plan, reader = read(root)
    if reader.faults:
        raise CorpusError(reader.faults)
    return plan
