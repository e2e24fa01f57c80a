"""Rules that no single file can show: verbatim text, references, vocabulary, words that trip over each other."""

from __future__ import annotations

import re
import string
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from pathlib import Path

from corpus import claims, importer, model
from corpus.load import CALM, HERE, Fault, Reader, read
from corpus.patterns import too_slow
from corpus.text import bare
from corpus.triggers import fires

REGISTERS = ("ja", "easy", "en")


def check(root: Path = HERE) -> list[Fault]:
    """Every fault of the corpus under `root`; empty when it may be published."""
    return checked(root)[1]


def checked(root: Path = HERE) -> tuple[model.Plan | None, list[Fault]]:
    """The plan of `root` with every fault, its files read once; no plan where there is a fault.

    A rule is tried wherever the files that it needs could be read: one faulty file hides no fault of another.
    """
    plan, reader = read(root)
    if "plan.txt" not in unread(reader) and "errata.yml" not in unread(reader):
        raw = (root / "plan.txt").read_text(encoding="utf-8")
        plain = bare(importer.corrected(raw, [erratum.model_dump(by_alias=True) for erratum in plan.errata]))
        missing = unread(reader)
        for rule, needed in RULES:
            if missing.isdisjoint(needed):
                rule(plan, reader, plain)
    faults = sorted(set(reader.faults))
    return (None if faults else plan), faults


def unread(reader: Reader) -> set[str]:
    """The shared files that have faults."""
    return {fault.file for fault in reader.faults if "/" not in fault.file or fault.file == CALM}


def file_of(project: model.Project) -> str:
    return f"projects/{project.number:02}.yml"


def verbatim(plan: model.Plan, reader: Reader, source: str) -> None:
    """Every text of projects/, plan.yml's 前文, preface.yml and conflicts.yml stands in plan.txt after errata."""

    def must_stand(text: str, file: str, path: tuple[str | int, ...]) -> None:
        for line in text.splitlines():
            if bare(line) not in source:
                reader.fault(file, path, f"計画の本文にありません：{line[:40]}")

    for project in plan.projects:
        texts = {"事業名": project.name, "事業内容": project.content, "計画所管課": project.owner}
        for key, text in texts.items():
            must_stand(text, file_of(project), (key,))
        for key, many in {"新規": project.new, "事業計画": project.steps, "具体例": project.examples, "関連所管課": project.partners}.items():
            for n, text in enumerate(many):
                must_stand(text, file_of(project), (key, n))
        if project.priority:
            must_stand(project.priority.content, file_of(project), ("重点", "事業内容"))
            for key, many in {"現状": project.priority.now, "29年度": project.priority.goals, "具体例": project.priority.examples}.items():
                for n, text in enumerate(many):
                    must_stand(text, file_of(project), ("重点", key, n))
    for a, area in enumerate(plan.front.areas):
        for s, section in enumerate(area.sections):
            for key, text in {"名称": section.name, "副題": section.subtitle, "前文": section.lead}.items():
                must_stand(text, "plan.yml", ("分野", a, "中分類", s, key))
    for f, face in enumerate(plan.front.faces):
        must_stand(face.lead, "plan.yml", ("重点の面", f, "前文"))
    for n, note in enumerate(plan.notes):
        must_stand(note.text, "preface.yml", (n, "本文"))
    for n, conflict in enumerate(plan.conflicts):
        for chapter, text in conflict.readings.items():
            must_stand(text, "conflicts.yml", (n, "表記", chapter))
    raw = (reader.root / "plan.txt").read_text(encoding="utf-8")
    for n, erratum in enumerate(plan.errata):
        if erratum.printed not in raw:
            reader.fault("errata.yml", (n, "原文"), "計画の本文にない原文です。")


def numbering(plan: model.Plan, reader: Reader, source: str) -> None:
    """Projects are numbered from 1 without gaps; each names a section that exists."""
    numbers = {int(file[9:11]) for file in reader.lines if file.startswith("projects/")}
    for number in sorted(set(range(1, max(numbers, default=0) + 1)) - numbers):
        reader.fault(f"projects/{number:02}.yml", (), "事業番号が抜けています。")
    named = {name for area in plan.front.areas for name in (area.name, *(s.name for s in area.sections))} | {face.name for face in plan.front.faces}
    for name in sorted(named ^ set(plan.front.headings)):
        reader.fault("plan.yml", ("英語の見出し", name), "分野、中分類、重点の面の名称と、ひとつずつ対にしてください。")
    for project in plan.projects:
        if project.section not in plan.sections:
            reader.fault(file_of(project), ("中分類",), f"plan.yml にない中分類です：{project.section}")


def vocabulary(plan: model.Plan, reader: Reader, source: str) -> None:
    """対象 (with 立場), 困りごと and 種別 come from plan.yml alone."""
    known = {
        "対象": {t.id for t in plan.front.audience},
        "困りごと": {t.id for t in plan.front.needs},
        "種別": {t.id for t in plan.front.kinds},
    }

    def must_be_known(key: str, values: Iterable[str], file: str, path: tuple[str | int, ...]) -> None:
        for value in values:
            if value not in known[key]:
                reader.fault(file, path, f"plan.yml の「{key}」にない語です：{value}")

    for project in plan.projects:
        file = f"everyday/{project.number:02}.yml"
        if project.everyday:
            must_be_known("対象", project.everyday.audience, file, ("対象",))
            must_be_known("困りごと", project.everyday.needs, file, ("困りごと",))
    for program in plan.programs:
        file = f"programs/{program.slug}.yml"
        must_be_known("対象", program.audience, file, ("対象",))
        must_be_known("困りごと", program.needs, file, ("困りごと",))
        must_be_known("種別", [program.kind], file, ("種別",))
    must_be_known("対象", plan.words.audience, "words.yml", ("対象のことば",))
    must_be_known("困りごと", plan.words.needs, "words.yml", ("困りごとのことば",))


def phrases(plan: model.Plan, reader: Reader, source: str) -> None:
    """No こんなときに stands in two files, and no program's phrase merely repeats its name."""
    seen: dict[str, str] = {}
    owners: list[tuple[str, tuple[str, ...]]] = [
        (f"everyday/{p.number:02}.yml", (*p.everyday.phrases, *p.everyday.wordings)) for p in plan.projects if p.everyday
    ]
    owners += [(f"programs/{p.slug}.yml", p.phrases) for p in plan.programs]
    for file, said in owners:
        for n, phrase in enumerate(said):
            first = seen.setdefault(bare(phrase), file)
            if first != file:
                reader.fault(file, ("こんなときに", n), f"同じ文が {first} にもあります：{phrase}")
    for program in plan.programs:
        for n, phrase in enumerate(program.phrases):
            if bare(phrase) == bare(program.name):
                reader.fault(f"programs/{program.slug}.yml", ("こんなときに", n), "名称をくり返しています。")


def synonyms(plan: model.Plan, reader: Reader, source: str) -> None:
    """A word belongs to one group; so no group swallows another."""
    group_of: dict[str, int] = {}
    for n, group in enumerate(plan.words.same):
        for word in group.words:
            if group_of.setdefault(word, n) != n:
                reader.fault("words.yml", ("同じ意味", n, "語"), f"「{word}」は {group_of[word] + 1}番目の組にもあります。")
    for key, entries in {"広げる": plan.words.widen, "英語": plan.words.english}.items():
        seen: set[str] = set()
        for n, entry in enumerate(entries):
            if entry.word in seen:
                reader.fault("words.yml", (key, n, "語"), f"「{entry.word}」が二度あります。")
            seen.add(entry.word)


def triggers(plan: model.Plan, reader: Reader, source: str) -> None:
    """No trigger of outside.yml or care/ hits the name of a program or a project, nor what people in need of one say."""
    names = [(program.name, f"プログラム「{program.name}」") for program in plan.programs]
    names += [(project.name, f"事業{project.number}「{project.name}」") for project in plan.projects]
    names += [(said, f"プログラム「{program.name}」のよび名「{said}」") for program in plan.programs for said in program.aliases]
    for project in plan.projects:
        names += [
            (said, f"事業{project.number}の「{said}」")
            for said in ((*project.everyday.phrases, *project.everyday.wordings) if project.everyday else ())
        ]
    names += [(said, f"プログラム「{program.name}」の「{said}」") for program in plan.programs for said in program.phrases]
    # Nearly all words stand nowhere: looking through all names at once, and only for words all of whose pairs of characters
    # stand somewhere, spares 0.7 s at the start.
    lowered = [name.lower() for name, _ in names]
    together = "\n".join(lowered)
    pairs = {together[at : at + 2] for at in range(len(together))}
    starts = list(accumulate((len(name) + 1 for name in lowered), initial=0))
    industry = plan.outside.industry
    found: list[tuple[str, tuple[str | int, ...], model.Trigger, tuple[str, ...], str]] = [
        ("outside.yml", ("範囲外", n, "ことば"), subject, industry, subject.name) for n, subject in enumerate(plan.outside.subjects)
    ]
    found += [(f"care/{worry.slug}.yml", ("ことば",), worry, (), worry.name) for worry in plan.care.worries]
    for file, path, trigger, beside, topic in found:
        longest = {*trigger.words, *(max(words, key=len) for words in trigger.together)}
        likely = [word for word in longest if all(word[at : at + 2] in pairs for at in range(len(word) - 1))]
        near = {bisect_right(starts, at) - 1 for word in likely for at in places(word, together)}
        for name, label in (names[at] for at in sorted(near)):
            if fires(trigger, name, beside):
                reader.fault(file, path, f"「{topic}」のことばが{label}に当たります。「のぞく」を足してください。")


def offices(plan: model.Plan, reader: Reader, source: str) -> None:
    """窓口 of outside.yml is what one may ask, and no sentence: it stands before におたずねください."""
    for n, subject in enumerate(plan.outside.subjects):
        if found := re.search(r"ため|ください|です|ます|。", subject.office):
            reader.fault(
                "outside.yml", ("範囲外", n, "窓口"), f"文ではなく、窓口の名前だけを書いてください：「{found[0]}」。なければ項目ごと消してください。"
            )


def contacts(plan: model.Plan) -> list[str]:
    """Kinds of distress for which the ward has entered nobody to turn to. No fault: the emergency numbers stand in the lines."""
    return [worry.name for worry in plan.care.worries if not worry.contacts]


def places(word: str, text: str) -> Iterable[int]:
    """Where a word stands in a text."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def registers(plan: model.Plan, reader: Reader, source: str) -> None:
    """Every line of lines.yml and pages.yml stands in the three registers, with slots that the Japanese has too."""
    for name, line in plan.lines.items():
        if tuple(line) != REGISTERS:
            reader.fault("lines.yml", (name,), "ja、easy、en の三つを、この順に書いてください。")
            continue
        if (slots(line["easy"]) | slots(line["en"])) - slots(line["ja"]):
            reader.fault("lines.yml", (name,), "easy と en の { } の中の名前は、ja にあるものだけにしてください。")
    for text, entry in plan.pages.items():
        if tuple(entry) != REGISTERS[1:]:
            reader.fault("pages.yml", (text,), "easy、en の二つを、この順に書いてください。")
            continue
        for register, other in entry.items():
            if slots(other) - slots(text):
                reader.fault("pages.yml", (text, register), "{ } の中の名前は、日本語の文にあるものだけにしてください。")


def slots(text: str) -> set[str]:
    """The names in { } of a text."""
    return {slot for _, slot, _, _ in string.Formatter().parse(text) if slot}


SLOW = "この型は、長い文で時間がかかりすぎます。くり返しの中のくり返しを減らしてください。"


def readings(plan: model.Plan, reader: Reader, source: str) -> None:
    """Each word of furigana.yml can be read as a regular expression, and quickly."""
    for n, entry in enumerate(plan.furigana):
        try:
            pattern = re.compile(entry.word)
        except re.error:
            reader.fault("furigana.yml", (n, "語"), "正規表現として読めません。かっこの数を確かめてください。")
            continue
        if too_slow(pattern):
            reader.fault("furigana.yml", (n, "語"), SLOW)


def patterns(plan: model.Plan, reader: Reader, source: str) -> None:
    """Each pattern of intents.yml can be read, finds its examples and leaves the others alone."""
    rows: list[tuple[tuple[str | int, ...], model.Pattern]] = []
    for name, field in model.Intents.model_fields.items():
        found = getattr(plan.intents, name)
        key = field.alias or name
        rows += [((key,), found)] if isinstance(found, model.Pattern) else [((key, n), one) for n, one in enumerate(found)]
    for path, row in rows:
        try:
            pattern = re.compile(row.pattern, re.IGNORECASE)
        except re.error:
            reader.fault("intents.yml", (*path, "型"), "正規表現として読めません。かっこの数を確かめてください。")
            continue
        if too_slow(pattern):
            reader.fault("intents.yml", (*path, "型"), SLOW)
            continue
        for key, examples, wanted in (("例", row.examples, True), ("ちがう例", row.unlike, False)):
            for n, example in enumerate(examples):
                if bool(pattern.search(unicodedata.normalize("NFKC", example))) != wanted:
                    reader.fault("intents.yml", (*path, key, n), f"型に{'当たりません' if wanted else '当たってしまいます'}：{example}")


Rule = Callable[[model.Plan, Reader, str], None]
#: Each rule with the shared files that it needs.
RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (verbatim, ("plan.yml", "preface.yml", "conflicts.yml")),
    (numbering, ("plan.yml",)),
    (vocabulary, ("plan.yml", "words.yml")),
    *((rule, ("plan.yml",)) for rule in claims.RULES),
    (phrases, ()),
    (synonyms, ("words.yml",)),
    (triggers, ("outside.yml",)),
    (offices, ("outside.yml",)),
    (registers, ("lines.yml", "pages.yml")),
    (patterns, ("intents.yml",)),
    (readings, ("furigana.yml",)),
)
