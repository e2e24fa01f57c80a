"""Figures of the plan, verbatim text, faults that `check` must find, and the importer."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from corpus import importer
from corpus.check import check
from corpus.load import HERE, CorpusError, load
from corpus.model import Plan


def test_no_faults() -> None:
    assert [str(fault) for fault in check()] == []


def test_figures(plan: Plan) -> None:
    assert len(plan.projects) == 68
    assert sum(1 for p in plan.projects if p.priority) == 15
    assert [len(area.sections) for area in plan.front.areas] == [2, 2, 2, 2, 2, 3]
    assert Counter(p.owner for p in plan.projects) == {"工業・雇用促進課": 27, "商業課": 27, "都市農業課": 14}
    assert all(p.priority.now and p.priority.goals for p in plan.projects if p.priority)
    assert len(plan.front.faces) == 4


@pytest.mark.parametrize(
    ("number", "stage"), [(1, "実施・拡充"), (15, "検討"), (30, "検討"), (31, "試行"), (38, "検討"), (53, "期間限定"), (55, "実施・拡充")]
)
def test_maturity(plan: Plan, number: int, stage: str) -> None:
    assert plan.project(number).maturity.stage == stage


def test_every_maturity_rests_on_the_projects_own_words(plan: Plan) -> None:
    for project in plan.projects:
        assert any(project.maturity.phrase in line for _, line in project.lines())


def test_programs_are_many_and_every_project_has_one(plan: Plan) -> None:
    assert len(plan.programs) >= 190
    assert [p.number for p in plan.projects if not plan.programs_of[p.number]] == []


def test_no_two_programs_share_most_of_their_phrases(plan: Plan) -> None:
    said = [phrase for program in plan.programs for phrase in program.phrases]
    assert len(said) == len(set(said)) and all(8 <= len(p.phrases) <= 20 for p in plan.programs)


def test_every_project_has_everyday_words(plan: Plan) -> None:
    assert [p.number for p in plan.projects if not p.everyday or len(p.everyday.phrases) < 5] == []


def test_outside_is_a_directory(plan: Plan) -> None:
    assert len(plan.outside.subjects) >= 60


def test_conflicts_are_kept(plan: Plan) -> None:
    said = {(c.project, text) for c in plan.conflicts for text in c.readings.values()}
    assert (50, "工業・区内事業所データバンクの活用") in said and (50, "工業・区内事業所データベースの活用") in said


def test_departments(plan: Plan) -> None:
    assert plan.departments["商業課"].leads[0] == 2
    assert plan.departments["高齢福祉課"].related == (16, 17, 19, 23, 25, 43)
    assert "砧総合支所街づくり課" in plan.departments


def test_importer_reproduces_the_corpus(tmp_path: Path) -> None:
    for path in importer.run(tmp_path):
        assert path.read_text(encoding="utf-8") == (HERE / path.relative_to(tmp_path)).read_text(encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HERE, tmp_path / "corpus", ignore=shutil.ignore_patterns("*.py", "__pycache__")))


def broken(copy: Path, file: str, old: str, new: str) -> list[str]:
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [str(fault) for fault in check(copy)]


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "projects/16.yml",
            "事業名: 三軒茶屋就労支援センターの運営、充実",
            "事業名: 三茶の窓口",
            "projects/16.yml 1行目 事業名: 計画の本文にありません",
        ),
        ("projects/16.yml", "計画所管課:", "所管課:", "知らない項目名"),
        ("projects/16.yml", "計画所管課:", "事業名: x\n計画所管課:", "同じ項目が二度"),
        ("projects/16.yml", "中分類: 2-1", "中分類: 2-3", "plan.yml にない中分類"),
        ("projects/16.yml", "事業計画:", "事業計画: [", "YAML として読めません"),
        ("programs/bcp-kihon-koza.yml", "種別: ", "種別: お", "「種別」にない語"),
        ("programs/bcp-kihon-koza.yml", "引用: ", "引用: お", "計画の本文にありません"),
        ("programs/bcp-kihon-koza.yml", "事業: 7", "事業: 8", "のところにありません"),
        ("programs/kumin-noen.yml", "- 区が貸す畑の順番を待っている", "- 区民農園", "名称をくり返しています"),
        ("programs/kumin-noen.yml", "- 区が貸す畑の順番を待っている", "- 草取りや収穫で農家の力になりたい", "同じ文が"),
        ("everyday/55.yml", "対象:\n", "対象:\n- 宇宙人\n", "「対象」にない語"),
        ("words.yml", "- 語: [起業, 創業", "- 語: [補助, 起業, 創業", "番目の組にもあります"),
        ("outside.yml", "ことば: [住民票", "ことば: [BCP, 住民票", "に当たります"),
        ("lines.yml", "en: 'What else?'", "en: '{x}'", "ja にあるものだけに"),
    ],
)
def test_faults_are_found(copy: Path, file: str, old: str, new: str, says: str) -> None:
    assert any(says in fault and file in fault for fault in broken(copy, file, old, new))


def test_faults_come_all_at_once(copy: Path) -> None:
    (copy / "projects/01.yml").write_text("事業名: x\n", encoding="utf-8")
    (copy / "preface.yml").unlink()
    with pytest.raises(CorpusError) as error:
        load(copy)
    assert {fault.file for fault in error.value.faults} >= {"projects/01.yml", "preface.yml"}


def test_every_line_is_said_somewhere(plan: Plan) -> None:
    """A line that no code and no template names is dead; 〜_2 and the like are named by what they vary."""
    root = Path(__file__).parent.parent
    sources = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("bot", "web")
        for path in sorted((root / folder).rglob("*.*"))
        if path.suffix in (".py", ".html")
    )
    worries = {f"気がかり_{subject.name}" for subject in plan.outside.worries}
    stems = ("問い_", "段階_", "合い_", "見つからない_", "聞き返す_", "範囲外_", "言い過ぎ_", "お礼_")
    assert [name for name in plan.lines if name not in sources and name not in worries and not name.startswith(stems)] == []
