"""Reads plan.txt once and writes the YAML that is the truth from then on.

Run again it writes the same files: `setagaya import` shows an editor what the source says where a file was changed.
Kept as they are: the vocabularies of plan.yml, and conflicts that a person found inside one table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from corpus.text import MARKUP

HERE = Path(__file__).parent

#: Japanese needs no space: one beside a kanji or kana is left from the PDF.
STRAY_SPACE = re.compile(r"(?<=[^\x00-\x7f]) +(?=[\x21-\x7e])|(?<=[\x21-\x7e]) +(?=[^\x00-\x7f])")
WIDE_DIGITS = str.maketrans("０１２３４５６７８９．（）", "0123456789.()")
#: A piece that opens with a figure or a bracketed remark belongs to the item before it.
CONTINUES = re.compile(r"[0-9]|[(（](?!仮)|第[0-9]")
ROW = re.compile(r"^(\d{1,2}) ([^\t]+?)\t*(【重点】)?\s*$")
#: The heading of what follows chapter 3; in the draft it is still being written.
APPENDIX = re.compile(r"^資 ?料 ?編")
PRIORITY_ROW = re.compile(r"^重点事業\t+(\d{1,2}) (.+?) ?[(（]([^()（）]+|まちなか観光)[)）]\t*$")


def corrected(text: str, errata: list[dict[str, str]]) -> str:
    """plan.txt as it should be read."""
    for erratum in errata:
        text = text.replace(erratum["原文"], erratum["読み替え"])
    return text


def tidy(text: str) -> str:
    return STRAY_SPACE.sub("", re.sub(r"[ 　]+", " ", MARKUP.sub(" ", text)).strip())


def paragraphs(cell: str) -> list[str]:
    """The lines of a 事業内容 cell: a paragraph, a 【heading】 or a ・bullet each."""
    parts = re.split(r"</p>|<p>|\t", cell)
    return [
        line
        for part in parts
        for line in (tidy(piece) for piece in re.split(r"(?<=。) +|(?<=】) +| +(?=・|【)", MARKUP.sub(" ", part).strip()))
        if line
    ]


def items(cell: str) -> list[str]:
    """The items of a 事業計画, 現状 or 29年度 cell."""
    found: list[str] = []
    for piece in MARKUP.sub(" ", cell).split():
        bracket_open = found and found[-1].count("(") > found[-1].count(")")
        if found and (CONTINUES.match(piece) or found[-1][-1].isdigit() or bracket_open):
            found[-1] += ("" if found[-1][-1].isdigit() else " ") + piece
        else:
            found.append(piece)
    return found


def split_examples(found: list[str]) -> tuple[list[str], list[str]]:
    """Parts the items of a cell at 具体例: what stands below it are examples, without their bullets."""
    if "具体例" not in found:
        return found, []
    at = found.index("具体例")
    return found[:at], [example.removeprefix("・") for example in found[at + 1 :]]


def split_new(lines: list[str]) -> tuple[list[str], list[str]]:
    """Parts a 事業内容 at 【新規】."""
    if "【新規】" not in lines:
        return lines, []
    at = lines.index("【新規】")
    return lines[:at], lines[at + 1 :]


def offices(line: str) -> tuple[str, list[str]]:
    """The 計画所管課 and the 関連所管課 of a table's last row."""
    owner, rest = re.split(r"関連所管課[(（]部[)）]", MARKUP.sub(" ", line.removeprefix("計画所管課")))
    return owner.strip(), rest.split()


def chapters(text: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """Lines of 序章 and chapters 1 to 3. The first hit of a heading is in the table of contents."""
    lines = text.splitlines()
    starts = [max(n for n, line in enumerate(lines) if line.startswith(head)) for head in ("序章", "第1章", "第2章", "第3章")]
    bounds = [*starts, len(lines)]
    preface, one, two, three = (lines[bounds[n] : bounds[n + 1]] for n in range(4))
    return preface, one, two, three


def first_chapter_names(lines: list[str]) -> dict[int, str]:
    """Project names in the table of chapter 1, which has lost the row of 23."""
    cells = (line.split("\t")[-1].strip() for line in lines)
    rows = (re.match(r"^(\d{1,2}) (.+?)(【重点】)?$", cell) for cell in cells)
    return {int(row[1]): tidy(row[2]) for row in rows if row}


def numbered_heading(line: str) -> tuple[str, str] | None:
    """`3. 商業` -> ("area", "商業"); `(1) 労働` -> ("section", "労働")."""
    if found := re.match(r"^(\d) ?[.．] ?(\S.*)$", line):
        return "area", found[2]
    if found := re.match(r"^[(（](\d)[)）] ?(\S.*)$", line):
        return "section", found[2]
    return None


def areas_and_projects(lines: list[str]) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]]]:
    """Chapter 3: the six fields with their sections, and the 68 tables."""
    areas: list[dict[str, Any]] = []
    projects: dict[int, dict[str, Any]] = {}
    rows = iter([line for line in lines[1:] if line.strip()])
    for line in rows:
        if (row := ROW.match(line)) and int(row[1]) == len(projects) + 1:
            content, new = split_new(paragraphs(next(rows).removeprefix("事業内容")))
            steps = re.sub(r"^事業計画 ?[(（]4か年の 取り組み[)）]", "", next(rows))
            owner, partners = offices(next(rows))
            section = areas[-1]["中分類"][-1]["番号"]
            project: dict[str, Any] = {"事業名": tidy(row[2]), "中分類": section, "事業内容": "\n".join(content)}
            planned, examples = split_examples(items(steps))
            project |= ({"新規": new} if new else {}) | {"事業計画": planned} | ({"具体例": examples} if examples else {})
            project |= {"計画所管課": owner}
            projects[int(row[1])] = project | ({"関連所管課": partners} if partners else {})
        elif APPENDIX.match(line):
            break
        elif heading := numbered_heading(line):
            if heading[0] == "area":
                areas.append({"番号": len(areas) + 1, "名称": heading[1], "中分類": []})
            else:
                sections = areas[-1]["中分類"]
                sections.append({"番号": f"{areas[-1]['番号']}-{len(sections) + 1}", "名称": heading[1], "副題": "", "前文": ""})
        else:
            section = areas[-1]["中分類"][-1]
            subtitle_open = section["副題"] and not section["副題"].endswith("～")
            if line.startswith("～") or subtitle_open:
                section["副題"] += tidy(line)
            else:
                section["前文"] = "\n".join(filter(None, [section["前文"], tidy(line)]))
    return areas, projects


def faces_and_priorities(lines: list[str]) -> tuple[str, list[dict[str, Any]], dict[int, dict[str, Any]]]:
    """Chapter 2: its lead, the four faces, and the 15 重点 tables."""
    lead: list[str] = []
    faces: list[dict[str, Any]] = []
    priorities: dict[int, dict[str, Any]] = {}
    rows = iter(lines[1:])
    for line in rows:
        if row := PRIORITY_ROW.match(line):
            content = paragraphs(next(rows).removeprefix("事業内容"))
            now = items(re.sub(r"^計画目標\t現状", "", next(rows)))
            goals, examples = split_examples(items(re.sub(r"^\t29年度", "", next(rows))))
            offices(next(rows))
            record = {"名称": tidy(row[2]), "面": len(faces), "事業内容": content, "現状": now, "29年度": goals}
            priorities[int(row[1])] = record | ({"具体例": examples} if examples else {})
        elif heading := numbered_heading(line):
            faces.append({"番号": len(faces) + 1, "名称": heading[1], "前文": ""})
        elif line.strip():
            if faces:
                faces[-1]["前文"] = "\n".join(filter(None, [faces[-1]["前文"], tidy(line)]))
            else:
                lead.append(tidy(line))
    return "\n".join(lead), faces, priorities


def notes(preface: list[str], lead: str, appendix: str) -> Iterator[dict[str, Any]]:
    """序章 cut at its headings, then the lead of chapter 2 and what stands for the appendix."""
    chapter, section, numbers = "序章", "", [0, 0, 0]
    trail: list[str] = []
    body: list[str] = []

    def note() -> Iterator[dict[str, Any]]:
        if body:
            parts = [str(n) for n in numbers if n]
            yield {"番号": "-".join(["0", *parts]), "見出し": [chapter, *trail], "本文": "\n".join(body)}
            body.clear()

    for line in preface[1:]:
        text = tidy(line)
        heading = numbered_heading(text)
        if not text or text.startswith("【計画の体系図】"):
            continue
        if heading and heading[0] == "area":
            yield from note()
            numbers, section = [numbers[0] + 1, 0, 0], f"{numbers[0] + 1}．{heading[1]}"
            trail = [section]
        elif heading:
            yield from note()
            numbers, trail = [numbers[0], numbers[1] + 1, 0], [section, f"（{numbers[1] + 1}）{heading[1]}"]
        elif numbers[0] == 5 and len(text) <= 20 and not text.endswith(("。", "）", ")")) and not re.match(r"^\d", text):
            yield from note()
            numbers, trail = [numbers[0], numbers[1], numbers[2] + 1], [*trail[:2], text]
        elif body and not body[-1].endswith(("。", "）", ")", "」")):
            body[-1] += text
        else:
            body.append(text)
    yield from note()
    yield {"番号": "2", "見出し": ["第2章", "重点事業"], "本文": lead}
    yield {"番号": "9", "見出し": ["資料編"], "本文": re.sub(r"\s", "", appendix)}


def flat(text: str) -> str:
    """Text without white space, and with the brackets that chapters write in two widths made one."""
    return re.sub(r"\s+", "", text).translate(WIDE_DIGITS)


def conflicts(first: dict[int, str], second: dict[int, dict[str, Any]], third: dict[int, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Where chapters name or describe a project in other words, white space and width of brackets aside."""
    for number, project in third.items():
        names = {"第1章": first.get(number), "第2章": second.get(number, {}).get("名称"), "第3章": project["事業名"]}
        said = {chapter: name for chapter, name in names.items() if name}
        if len({flat(name) for name in said.values()}) > 1:
            yield {"事業": number, "箇所": "事業名", "表記": said}
        if number in second:
            ours = [*project["事業内容"].splitlines(), *project.get("新規", [])]
            theirs = [line for line in second[number]["事業内容"] if line != "【新規】"]
            for one, other in zip(theirs, ours, strict=True):
                if flat(one) != flat(other):
                    yield {"事業": number, "箇所": "事業内容", "表記": {"第2章": one, "第3章": other}}


class Dumper(yaml.SafeDumper):
    """Block style, keys in the plan's order, a text of several lines as `|`."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None))


def write(path: Path, value: Any, comment: str = "") -> None:
    text = yaml.dump(value, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=10_000)
    path.write_text((f"# {comment}\n" if comment else "") + text, encoding="utf-8")


def run(target: Path = HERE) -> list[Path]:
    """Writes projects/, the plan's part of plan.yml, preface.yml and conflicts.yml into `target`. Returns what it wrote."""
    errata = yaml.load((HERE / "errata.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    preface, one, two, three = chapters(corrected((HERE / "plan.txt").read_text(encoding="utf-8"), errata))
    areas, projects = areas_and_projects(three)
    lead, faces, priorities = faces_and_priorities(two)
    appendix = next(line for line in reversed(three) if APPENDIX.match(line))
    written = []
    (target / "projects").mkdir(parents=True, exist_ok=True)
    for number, project in projects.items():
        if priority := priorities.get(number):
            record: dict[str, Any] = {"面": priority["面"]}
            ours = [*project["事業内容"].splitlines(), *(["【新規】", *project["新規"]] if "新規" in project else [])]
            if flat("".join(priority["事業内容"])) != flat("".join(ours)):
                record["事業内容"] = "\n".join(priority["事業内容"])
            project["重点"] = record | {key: priority[key] for key in ("現状", "29年度", "具体例") if key in priority}
        written.append(target / "projects" / f"{number:02}.yml")
        write(written[-1], project)
    vocabulary, seen = (yaml.load((HERE / name).read_text(encoding="utf-8"), yaml.BaseLoader) for name in ("plan.yml", "conflicts.yml"))
    front = {
        "計画名": "世田谷区産業振興計画（平成26年度～29年度）",
        "版": "素案（平成25年11月）",
        "分野": areas,
        "重点の見出し": two[0],
        "重点の面": faces,
    }
    front |= {key: vocabulary[key] for key in ("対象", "立場", "困りごと", "種別", "計画にないこと", "英語の見出し")}
    found = list(conflicts(first_chapter_names(one), priorities, projects))
    by_hand = [conflict for conflict in seen if conflict["箇所"] not in ("事業名", "事業内容")]
    outputs = {"plan.yml": front, "preface.yml": list(notes(preface, lead, appendix)), "conflicts.yml": found + by_hand}
    for name, value in outputs.items():
        written.append(target / name)
        write(written[-1], value)
    return written
