"""What the corpus holds, as frozen types. The aliases are the YAML keys: this file is the schema."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Texts = tuple[Text, ...]
#: Words that are looked for in capitals or not.
Lowered = tuple[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, to_lower=True)], ...]
Stage = Literal["実施・拡充", "これから始める", "試行", "検討", "期間限定"]
Number = Annotated[int, Field(ge=1, le=68)]

#: Words of a step that only prepares: the plan promises no service there yet.
PREPARING = re.compile(r"検討|協議(?!会)|現況調査|把握$")
TRYING = re.compile(r"試行|実証実験")
LIMITED = re.compile(r"[（(]～平成\d+年度|H\d+～")
#: A line that gives a figure: 認定・認証農業者 71経営体.
COUNTED = re.compile(r"\d")


class Record(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Source(Record):
    """Where a text stands: `id` is the URL path of its page, `label` what a person reads."""

    id: str
    label: str

    @property
    def url(self) -> str:
        return "/" + self.id


class Maturity(Record):
    """How real a thing is, and the plan's phrase that says so."""

    stage: Stage = Field(alias="区分")
    phrase: Text = Field(alias="根拠")


class Priority(Record):
    """What chapter 2 adds to one of the 15 重点事業. `content` only where its wording departs from chapter 3.

    `examples` stand under 具体例 in the column of the goals: they are no goals.
    """

    face: int = Field(alias="面", ge=1, le=4)
    content: str = Field(default="", alias="事業内容")
    now: Texts = Field(alias="現状")
    goals: Texts = Field(alias="29年度")
    examples: Texts = Field(default=(), alias="具体例")


class Everyday(Record):
    """Our own words for a project, so that it is found in everyday speech. Never shown as the plan's text."""

    audience: Texts = Field(alias="対象")
    needs: Texts = Field(alias="困りごと")
    aliases: Texts = Field(alias="よび名")
    phrases: Texts = Field(alias="こんなときに")
    wordings: Texts = Field(default=(), alias="さがす言葉")
    english_name: Text = Field(alias="英語名")
    english: Text = Field(alias="英語")
    easy: Text = Field(alias="やさしい日本語")


class Project(Record):
    """One of the 68 事業, in the words of chapter 3. `examples` stand under 具体例 in the column of the steps: they are no steps."""

    number: Number
    name: Text = Field(alias="事業名")
    section: Text = Field(alias="中分類", pattern=r"^[1-6]-[1-3]$")
    content: Text = Field(alias="事業内容")
    new: Texts = Field(default=(), alias="新規")
    steps: Texts = Field(alias="事業計画")
    examples: Texts = Field(default=(), alias="具体例")
    owner: Text = Field(alias="計画所管課")
    partners: Texts = Field(default=(), alias="関連所管課")
    priority: Priority | None = Field(default=None, alias="重点")
    everyday: Everyday | None = None

    @property
    def id(self) -> str:
        return f"projects/{self.number}"

    @property
    def field(self) -> int:
        return int(self.section[0])

    def source(self, part: str) -> Source:
        return Source(id=self.id, label=f"事業{self.number} {part}")

    @cached_property
    def maturity(self) -> Maturity:
        """The stage of the furthest step, with that step as its ground.

        A step that only 検討, 協議 or 現況調査 prepares; a project of such steps alone is 検討, or 試行 where its text
        speaks of 試行 or 実証実験; one whose every other step carries a term of years is 期間限定. What is to be done,
        but by its own 現状 (figures aside) is still under 検討, is これから始める.
        """
        ready = [step for step in self.steps if not PREPARING.search(step)]
        lasting = [step for step in ready if not LIMITED.search(step) and not TRYING.search(step)]
        if lasting:
            today = [line for line in self.priority.now if not COUNTED.search(line)] if self.priority else []
            if today and all(PREPARING.search(line) and "実施" not in line for line in today):
                return Maturity(区分="これから始める", 根拠=today[0])
            return Maturity(区分="実施・拡充", 根拠=lasting[0])
        for step in ready:
            return Maturity(区分="試行" if TRYING.search(step) else "期間限定", 根拠=step)
        for sentence in re.split(r"(?<=。)|\n", self.content):
            if TRYING.search(sentence):
                return Maturity(区分="試行", 根拠=sentence)
        return Maturity(区分="検討", 根拠=next(step for step in reversed(self.steps) if PREPARING.search(step)))

    def lines(self) -> Iterable[tuple[str, str]]:
        """Every line of the project with the plan's label of the part it stands in."""
        yield "事業名", self.name
        for line in self.content.splitlines():
            yield "事業内容", line
        for line in self.new:
            yield "事業内容【新規】", line
        for line in self.steps:
            yield "事業計画（4か年の取り組み）", line
        for line in self.examples:
            yield "事業計画（4か年の取り組み）の具体例", line
        if self.priority:
            for line in self.priority.content.splitlines():
                yield "第2章 事業内容", line
            for line in self.priority.now:
                yield "第2章 計画目標 現状", line
            for line in self.priority.goals:
                yield "第2章 計画目標 29年度", line
            for line in self.priority.examples:
                yield "第2章 計画目標の具体例", line


class Claim(Record):
    """What a program offers: our plain wording beside the plan's own words.

    The quote stands in a project's text, in the lead of a section (中分類) or in the lead of a face (面): one of the three is named.
    """

    plain: Text = Field(alias="説明")
    quote: Text = Field(alias="引用")
    project: Number | None = Field(default=None, alias="事業")
    section: str = Field(default="", alias="中分類")
    face: int | None = Field(default=None, alias="面")

    @property
    def place(self) -> tuple[str, int | str]:
        """The kind of text that the quote stands in, as the YAML names it, and which: ("事業", 16), ("中分類", "5-1") or ("面", 2)."""
        if self.section:
            return "中分類", self.section
        return ("面", self.face) if self.face is not None else ("事業", self.project or 0)

    @model_validator(mode="after")
    def _names_one_source(self) -> Claim:
        if sum((self.project is not None, self.section != "", self.face is not None)) != 1:
            raise PydanticCustomError("one_source", "one of 事業, 中分類 and 面")
        return self


class Program(Record):
    """One concrete thing that a person can use, join, receive, visit or read.

    `ours` says that the name is our own and not the plan's. Where no claim rests on a project (the plan speaks of the thing
    in a lead alone), `near` names the projects that are closest by our own classification, and there is no 課.
    """

    slug: str
    name: Text = Field(alias="名称")
    ours: Literal["", "はい"] = Field(default="", alias="通称")
    kind: Text = Field(alias="種別")
    audience: Texts = Field(alias="対象")
    needs: Texts = Field(alias="困りごと")
    summary: Text = Field(alias="ひとこと", max_length=60)
    claims: tuple[Claim, ...] = Field(alias="できること", min_length=1)
    near: tuple[Number, ...] = Field(default=(), alias="近い事業")
    maturity: Maturity = Field(alias="段階")
    unstated: Texts = Field(alias="計画にないこと")
    aliases: Texts = Field(alias="よび名")
    phrases: Texts = Field(alias="こんなときに", min_length=5, max_length=20)
    english_name: Text = Field(alias="英語名")
    english: Text = Field(alias="英語")
    easy: Text = Field(alias="やさしい日本語")

    @property
    def id(self) -> str:
        return f"programs/{self.slug}"

    @cached_property
    def stated(self) -> tuple[int, ...]:
        """The projects whose own text speaks of the program, in the order of the claims."""
        return tuple(dict.fromkeys(claim.project for claim in self.claims if claim.project))

    @cached_property
    def projects(self) -> tuple[int, ...]:
        """The projects under which the program is listed; the first is its home."""
        return self.stated or self.near

    @model_validator(mode="after")
    def _has_a_home(self) -> Program:
        if bool(self.stated) == bool(self.near):
            raise PydanticCustomError("one_home", "近い事業 where no claim names a project, and only there")
        return self


class Section(Record):
    """One of the 13 中分類, with the text that opens it in chapter 3."""

    id: Text = Field(alias="番号", pattern=r"^[1-6]-[1-3]$")
    name: Text = Field(alias="名称")
    subtitle: str = Field(default="", alias="副題")
    lead: Text = Field(alias="前文")

    @property
    def field(self) -> int:
        return int(self.id[0])

    @property
    def source(self) -> Source:
        return Source(id=f"sections/{self.id}", label=f"第3章 {self.id[0]}（{self.id[2]}）{self.name} 前文")


class Area(Record):
    """One of the 6 大分類 (分野)."""

    number: int = Field(alias="番号", ge=1, le=6)
    name: Text = Field(alias="名称")
    sections: tuple[Section, ...] = Field(alias="中分類")


class Face(Record):
    """One of the 4 面 of chapter 2."""

    number: int = Field(alias="番号", ge=1, le=4)
    name: Text = Field(alias="名称")
    lead: Text = Field(alias="前文")

    @property
    def source(self) -> Source:
        return Source(id=f"faces/{self.number}", label=f"第2章 {self.number}．{self.name}")


class Term(Record):
    """A word of a closed vocabulary (対象, 立場, 困りごと, 種別), with labels that a resident understands."""

    id: Text = Field(alias="語")
    label: Text = Field(alias="表示")
    english: Text = Field(alias="英語")
    easy: Text = Field(alias="やさしい日本語")
    wider: str = Field(default="", alias="広い語")


class Unstated(Record):
    """A word of 計画にないこと. A quote that holds one of `given` gives that very thing; `always` marks what the plan gives nowhere."""

    id: Text = Field(alias="語")
    english: Text = Field(alias="英語")
    easy: Text = Field(alias="やさしい日本語")
    given: Texts = Field(default=(), alias="計画の言葉")
    always: Literal["", "はい"] = Field(default="", alias="いつも")


class Note(Record):
    """One passage of 序章 or of the lead of chapter 2, under its headings."""

    id: Text = Field(alias="番号", pattern=r"^[0-9]+(-[0-9]+)*$")
    headings: Texts = Field(alias="見出し")
    text: Text = Field(alias="本文")

    @property
    def title(self) -> str:
        return self.headings[-1]

    @property
    def source(self) -> Source:
        return Source(id=f"preface/{self.id}", label=" ".join(self.headings))


class Erratum(Record):
    """A reading that departs from plan.txt."""

    printed: Text = Field(alias="原文")
    read: Text = Field(alias="読み替え")
    reason: Text = Field(alias="理由")


class Conflict(Record):
    """Two places of the plan that say the same thing in other words. Both are kept and shown, on a project's page or on another `page`."""

    project: Number | None = Field(default=None, alias="事業")
    page: str = Field(default="", alias="ページ")
    part: Text = Field(alias="箇所")
    readings: dict[str, Text] = Field(alias="表記")

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Conflict:
        if (self.project is None) == (self.page == ""):
            raise PydanticCustomError("one_page", "事業 or ページ")
        return self


class Group(Record):
    """Words that mean the same for search, both ways."""

    words: Texts = Field(alias="語", min_length=2)
    reason: str = Field(default="", alias="理由")


class Widening(Record):
    """A word that, asked for, also looks for the plan's words; never the other way."""

    word: Text = Field(alias="語")
    to: Texts = Field(alias="へ", min_length=1)
    reason: str = Field(default="", alias="理由")


class Whole(Record):
    """A word that the tokenizer must not split, with its reading in katakana."""

    word: Text = Field(alias="語")
    reading: Text = Field(alias="よみ", pattern=r"^[ァ-ヴー]+$")


class Words(Record):
    """The vocabulary that joins everyday speech to the plan."""

    same: tuple[Group, ...] = Field(alias="同じ意味")
    widen: tuple[Widening, ...] = Field(alias="広げる")
    whole: tuple[Whole, ...] = Field(alias="ひとつの語")
    readings: tuple[Whole, ...] = Field(alias="読み")
    audience: dict[str, Texts] = Field(alias="対象のことば")
    needs: dict[str, Texts] = Field(alias="困りごとのことば")
    ignored: Texts = Field(alias="聞きながす")
    english: tuple[Widening, ...] = Field(alias="英語")


class Trigger(Record):
    """Words that tell what a message is about: one of `words`, or all of one of `together`, and none of `unless`."""

    words: Lowered = Field(default=(), alias="ことば")
    together: tuple[Lowered, ...] = Field(default=(), alias="ほかの語と")
    unless: Lowered = Field(default=(), alias="のぞく")


class Contact(Record):
    """Someone to turn to in distress, as the ward entered it: a name in three registers, a phone number, hours."""

    name: Text = Field(alias="名前")
    english: Text = Field(alias="英語")
    easy: Text = Field(alias="やさしい日本語")
    phone: Text = Field(alias="電話")
    hours: Text = Field(alias="受付")


class Worry(Trigger):
    """A kind of distress: words that always call for care, messages of people in it, and whom to turn to."""

    slug: str
    name: Text = Field(alias="種類")
    contacts: tuple[Contact, ...] = Field(default=(), alias="連絡先")
    examples: Texts = Field(alias="例", min_length=40)


class Calm(Record):
    """Messages that sound like distress and are none."""

    examples: Texts = Field(alias="ちがう例", min_length=60)


class Care(Record):
    """What care is read from: kinds of distress, the graver first, and what only looks like it."""

    worries: tuple[Worry, ...]
    calm: Calm


class Subject(Trigger):
    """A neighbouring subject that the plan does not cover: its name in three registers, and whom to ask, if anyone.

    `apology` marks what is no subject but anger at the service.
    """

    name: Text = Field(alias="話題")
    english: Text = Field(alias="英語")
    easy: Text = Field(alias="やさしい日本語")
    office: str = Field(default="", alias="窓口")
    apology: Literal["", "はい"] = Field(default="", alias="おわび")
    always: Literal["", "はい"] = Field(default="", alias="産業でも")


class Outside(Record):
    """The directory of what this service does not answer. `industry` are words that make a message one of industry after all."""

    industry: Lowered = Field(alias="産業の言葉")

    subjects: tuple[Subject, ...] = Field(alias="範囲外")


class Pattern(Record):
    """How something is said: a regular expression, messages that it must find and messages that it must not."""

    pattern: Text = Field(alias="型")
    examples: Texts = Field(alias="例", min_length=1)
    unlike: Texts = Field(default=(), alias="ちがう例")


class Asked(Pattern):
    """A kind of answer that a question asks for (人数, 時, 順位): how it is asked, and how a sentence looks that gives it.

    In `given`, {counter} stands for what the question counts: 何校 asks for a figure with 校.
    """

    name: Text = Field(alias="話題")
    given: Text = Field(alias="答えの型")


class Detail(Pattern):
    """Something with a name that is told by its words: a detail that people ask for, or personal data that they send."""

    name: Text = Field(alias="話題")
    english: Text = Field(alias="英語")
    easy: Text = Field(alias="やさしい日本語")
    given: str = Field(default="", alias="記載の型")


class Intents(Record):
    """intents.yml: patterns of what is asked, over text in one spelling (NFKC)."""

    details: tuple[Detail, ...] = Field(alias="細目")
    personal: tuple[Detail, ...] = Field(alias="個人")
    more: Pattern = Field(alias="ほか")
    next_page: Pattern = Field(alias="つづき")
    owner: Pattern = Field(alias="所管")
    partners: Pattern = Field(alias="関連")
    goals: Pattern = Field(alias="目標")
    now: Pattern = Field(alias="現状")
    audience: Pattern = Field(alias="対象")
    when: Pattern = Field(alias="時期")
    steps: Pattern = Field(alias="予定")
    pointing: Pattern = Field(alias="指示語")
    closer: Pattern = Field(alias="詳しく")
    is_priority: Pattern = Field(alias="重点か")
    within: Pattern = Field(alias="絞る")
    without: Pattern = Field(alias="のぞく")
    supposing: Pattern = Field(alias="なら")
    dropping: Pattern = Field(alias="はずす")
    back: Pattern = Field(alias="もどる")
    restart: Pattern = Field(alias="最初から")
    none_of_them: Pattern = Field(alias="どれでもない")
    unsure: Pattern = Field(alias="わからない")
    yes: Pattern = Field(alias="はい")
    no: Pattern = Field(alias="いいえ")
    turning: Pattern = Field(alias="切替")
    correcting: Pattern = Field(alias="訂正")
    comparing: Pattern = Field(alias="比べる")
    rank: Pattern = Field(alias="順番")
    going_on: Pattern = Field(alias="話のつづき")
    asking: Pattern = Field(alias="尋ね")
    wish: Pattern = Field(alias="願い")
    oneself: Pattern = Field(alias="本人")
    greeting: Pattern = Field(alias="あいさつ")
    thanks: Pattern = Field(alias="お礼")
    abilities: Pattern = Field(alias="できること")
    vague: Pattern = Field(alias="あいまい")
    human: Pattern = Field(alias="人と話す")
    complaint: Pattern = Field(alias="苦情")
    counter: Pattern = Field(alias="カード")
    paid: Pattern = Field(alias="有料")
    asked: tuple[Asked, ...] = Field(alias="答え")
    asking_words: Pattern = Field(alias="疑問詞")
    by_then: Pattern = Field(alias="目標の年")
    wide: Pattern = Field(alias="全体の数")
    ahead: Pattern = Field(alias="先のこと")
    questioning: Pattern = Field(alias="問い")
    total_words: Pattern = Field(alias="総数の語")
    totals: Pattern = Field(alias="総数")
    gibberish: Pattern = Field(alias="がらくた")


class Furigana(Record):
    """A reading that the tokenizer does not give by itself: a word (a regular expression) and how it is read."""

    word: Text = Field(alias="語")
    reading: Text = Field(alias="よみ", pattern=r"^[ぁ-ゖー]+$")


class Department(Record):
    """A 課 named in the plan, with the projects it leads and those it is related to."""

    name: str
    leads: tuple[int, ...]
    related: tuple[int, ...]

    @property
    def id(self) -> str:
        return f"departments/{self.name}"


class FrontPage(Record):
    """plan.yml: what all records share."""

    title: Text = Field(alias="計画名")
    edition: Text = Field(alias="版")
    areas: tuple[Area, ...] = Field(alias="分野")
    faces: tuple[Face, ...] = Field(alias="重点の面")
    faces_heading: Text = Field(alias="重点の見出し")
    who: tuple[Term, ...] = Field(alias="対象")
    roles: tuple[Term, ...] = Field(alias="立場")
    needs: tuple[Term, ...] = Field(alias="困りごと")
    kinds: tuple[Term, ...] = Field(alias="種別")
    unstated: tuple[Unstated, ...] = Field(alias="計画にないこと")
    headings: dict[str, Text] = Field(alias="英語の見出し")

    @cached_property
    def audience(self) -> tuple[Term, ...]:
        """Who one is (対象) and what one does or is about to do (立場), in one list: programs name both under 対象."""
        return (*self.who, *self.roles)


class Plan(Record):
    """The whole corpus, loaded and linked."""

    front: FrontPage
    projects: tuple[Project, ...]
    programs: tuple[Program, ...]
    notes: tuple[Note, ...]
    errata: tuple[Erratum, ...]
    conflicts: tuple[Conflict, ...]
    words: Words
    outside: Outside
    care: Care
    lines: dict[str, dict[str, str]]
    pages: dict[str, dict[str, str]]
    intents: Intents
    furigana: tuple[Furigana, ...]
    version: str

    @cached_property
    def sections(self) -> dict[str, Section]:
        return {section.id: section for area in self.front.areas for section in area.sections}

    @cached_property
    def departments(self) -> dict[str, Department]:
        names = dict.fromkeys(project.owner for project in self.projects)
        names |= dict.fromkeys(name for project in self.projects for name in project.partners)
        return {
            name: Department(
                name=name,
                leads=tuple(p.number for p in self.projects if p.owner == name),
                related=tuple(p.number for p in self.projects if name in p.partners),
            )
            for name in names
        }

    @cached_property
    def by_number(self) -> dict[int, Project]:
        return {project.number: project for project in self.projects}

    @cached_property
    def by_slug(self) -> dict[str, Program]:
        return {program.slug: program for program in self.programs}

    @cached_property
    def programs_of(self) -> dict[int, tuple[Program, ...]]:
        """Programs by project number: those at home there first."""
        return {
            project.number: tuple(sorted((p for p in self.programs if project.number in p.projects), key=lambda p: p.projects.index(project.number)))
            for project in self.projects
        }

    @cached_property
    def conflicts_of(self) -> dict[int, tuple[Conflict, ...]]:
        return {p.number: tuple(c for c in self.conflicts if c.project == p.number) for p in self.projects}

    def conflicts_at(self, page: str) -> tuple[Conflict, ...]:
        """The conflicts that are shown on the page of a section, a face or the preface, by its path."""
        return tuple(conflict for conflict in self.conflicts if conflict.page == page)

    def source(self, claim: Claim) -> Source:
        """Where a claim's quote really stands: a project's text, a section's lead or a face's."""
        if claim.section:
            return self.sections[claim.section].source
        if claim.face is not None:
            return self.front.faces[claim.face - 1].source
        project = self.project(claim.project or 0)
        return project.source(next((part for part, line in project.lines() if claim.quote in line), ""))

    def owner(self, program: Program) -> str:
        """The 計画所管課 of a program; empty where the plan speaks of it in a lead alone and so names none."""
        return self.project(program.stated[0]).owner if program.stated else ""

    def open_points(self, program: Program) -> tuple[str, ...]:
        """What the plan does not state about a program: its own list, then what the plan states nowhere."""
        return tuple(dict.fromkeys((*program.unstated, *(term.id for term in self.front.unstated if term.always))))

    def program(self, path: str) -> Program | None:
        """The program of a path such as programs/akitenpo-shien; None for the path of anything else."""
        return self.by_slug.get(path.removeprefix("programs/"))

    def project(self, number: int) -> Project:
        """The project of that 事業番号. Raises KeyError for a number that no project has."""
        return self.by_number[number]
