"""Figures of the plan, verbatim text, faults that `check` must find, and the importer."""

from __future__ import annotations

import shutil
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from corpus import importer
from corpus.check import check, contacts
from corpus.load import HERE, CorpusError, load
from corpus.model import Contact, Plan


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
    assert len(said) == len(set(said)) and all(5 <= len(p.phrases) <= 20 for p in plan.programs)


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
        ("programs/kumin-noen.yml", "- マンション暮らしで土のある場所がほしい", "- 区民農園", "名称をくり返しています"),
        ("programs/kumin-noen.yml", "- マンション暮らしで土のある場所がほしい", "- 草取りや収穫で農家の力になりたい", "同じ文が"),
        ("everyday/55.yml", "対象:\n", "対象:\n- 宇宙人\n", "「対象」にない語"),
        ("words.yml", "- 語: [起業, 創業", "- 語: [補助, 起業, 創業", "番目の組にもあります"),
        ("outside.yml", "ことば: [住民票", "ことば: [BCP, 住民票", "に当たります"),
        ("outside.yml", "窓口: 医療機関", "窓口: 窓口はないため、計画のこと", "窓口の名前だけを"),
        ("care/life.yml", "ことば:\n", "ことば:\n  - BCP\n", "に当たります"),
        # A claim names the text that its quote stands in, and one only.
        ("programs/bcp-kihon-koza.yml", "事業: 7", "中分類: 1-1", "この引用は中分類1-1のところにありません"),
        ("programs/bcp-kihon-koza.yml", "事業: 7", "中分類: 9-9", "計画にない中分類です：9-9"),
        ("programs/bcp-kihon-koza.yml", "事業: 7", "面: 2", "この引用は面2のところにありません"),
        ("programs/bcp-kihon-koza.yml", "事業: 7", "事業: 7\n    面: 2", "事業、中分類、面のどれかひとつ"),
        ("programs/bcp-kihon-koza.yml", "段階:", "近い事業: [7]\n段階:", "できることに事業がひとつもないときにだけ"),
        ("programs/seisan-ryokuchi.yml", "近い事業:", "近い:", "知らない項目名"),
        # What it claims of its stage, kind and name.
        ("programs/sangiken-hojo-seido.yml", "区分: これから始める", "区分: 実施・拡充", "まだ行われていません"),
        ("programs/bcp-sakutei-shien.yml", "種別: 支援", "種別: 補助・助成", "補助、助成、経費、費用のどれもありません"),
        ("programs/aed-secchi.yml", "通称: はい\n", "", "計画にない名前です"),
        ("programs/kumin-noen.yml", "名称: 区民農園", "名称: 区民農園\n通称: はい", "計画にある名前です"),
        ("programs/bcp-kihon-koza.yml", "計画にないこと: [", "計画にないこと: [占い, ", "「計画にないこと」にない語です：占い"),
        ("programs/bcp-kihon-koza.yml", "計画にないこと: [", "計画にないこと: [電話番号, ", "どの支援でもお伝えします"),
        ("programs/fukushi-kenshu.yml", "計画にないこと:\n", "計画にないこと:\n- 会場\n", "引用に「にて」とあります"),
        ("programs/bcp-kihon-koza.yml", "やさしい日本語: ", "やさしい日本語: 商品を 助けます。", "「商品を 助け」を書きなおして"),
        ("everyday/16.yml", "やさしい日本語: ", "やさしい日本語: 考えています。", "「ていま」を書きなおして"),
        # What an editor's keyboard leaves behind.
        ("programs/bcp-kihon-koza.yml", "種別: ", "種別：", "「：」が全角です"),
        ("programs/bcp-kihon-koza.yml", "種別: ", "種別:", "半角の空白を入れて"),
        ("programs/bcp-kihon-koza.yml", "  引用: ", "\t引用: ", "タブがあります"),
        ("programs/bcp-kihon-koza.yml", "  引用: ", "　　引用: ", "全角の空白があります"),
        (
            "programs/kumin-noen.yml",
            "- マンション暮らしで土のある場所がほしい",
            "- 朝: マンション暮らしで土のある場所がほしい",
            "' ' で囲んでください",
        ),
        ("programs/bcp-kihon-koza.yml", "区分: 実施・拡充", "区分: 実施中", "実施・拡充、これから始める、試行、検討、期間限定"),
        ("lines.yml", "en: 'What else?'", "en: '{x}'", "ja にあるものだけに"),
    ],
)
def test_faults_are_found(copy: Path, file: str, old: str, new: str, says: str) -> None:
    assert any(says in fault and file in fault for fault in broken(copy, file, old, new))


def test_faults_come_all_at_once(copy: Path) -> None:
    """One unreadable file hides neither another nor a fault between files."""
    (copy / "projects/01.yml").write_text("事業名: x\n", encoding="utf-8")
    (copy / "preface.yml").unlink()
    (copy / "programs/kumin-noen.yml").write_text("[", encoding="utf-8")
    path = copy / "programs/bcp-kihon-koza.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("引用: ", "引用: お"), encoding="utf-8")
    said = [str(fault) for fault in check(copy)]
    assert {fault.partition(" ")[0] for fault in said} >= {"projects/01.yml", "preface.yml", "programs/kumin-noen.yml"}
    assert any(fault.startswith("programs/bcp-kihon-koza.yml") and "計画の本文にありません" in fault for fault in said)
    with pytest.raises(CorpusError):
        load(copy)


def test_a_quote_of_a_faulty_project_is_no_fault_of_its_own(copy: Path) -> None:
    (copy / "projects/07.yml").write_text("事業名: x\n", encoding="utf-8")
    assert not [fault for fault in check(copy) if fault.file == "programs/bcp-kihon-koza.yml"]


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("projects/64.yml", "projects/64.yml 1行目: ファイルがありません。projects/ と everyday/ には"),
        ("everyday/64.yml", "everyday/64.yml 1行目: ファイルがありません。projects/ と everyday/ には"),
        ("plan.txt", "plan.txt 1行目: ファイルがありません"),
        ("plan.yml", "plan.yml 1行目: ファイルがありません"),
        ("words.yml", "words.yml 1行目: ファイルがありません"),
        ("care/calm.yml", "care/calm.yml 1行目: ファイルがありません"),
    ],
)
def test_a_missing_file_is_a_fault_and_no_failure(copy: Path, file: str, says: str) -> None:
    (copy / file).unlink()
    assert any(str(fault).startswith(says) for fault in check(copy))


@pytest.mark.parametrize(
    "file",
    [
        "everyday/164.yml",
        "everyday/x.yml",
        "programs/x.yaml",
        "programs/standpipe.yml.txt",
        "programs/Kumin.yml",
        "programs/区民.yml",
        "words2.yml",
        "plan.yaml",
    ],
)
def test_stray_and_wrongly_named_files_are_faults(copy: Path, file: str) -> None:
    shutil.copy(copy / "programs/kumin-noen.yml", copy / file)
    assert any(fault.file == file and "使われないファイル" in fault.message for fault in check(copy))


def test_a_name_of_an_item_in_the_form_of_a_mac_is_named_at_its_line(copy: Path) -> None:
    said = broken(copy, "programs/bcp-kihon-koza.yml", "できること:", unicodedata.normalize("NFD", "できること:"))
    at = next(n for n, line in enumerate((copy / "programs/bcp-kihon-koza.yml").read_text(encoding="utf-8").splitlines(), 1) if line.startswith("て"))
    assert any(fault.startswith(f"programs/bcp-kihon-koza.yml {at}行目 できること: ") and "濁点" in fault for fault in said)


def test_brackets_of_another_width_are_named(copy: Path) -> None:
    path = copy / "programs/fukushi-kenshu.yml"
    quote = next(line for line in path.read_text(encoding="utf-8").splitlines() if "引用:" in line)
    path.write_text(path.read_text(encoding="utf-8").replace(quote, quote.replace("・", "･")), encoding="utf-8")
    assert any("全角と半角が、計画とちがいます" in str(fault) for fault in check(copy))


def test_kinds_of_distress_without_contacts_are_told(plan: Plan) -> None:
    assert contacts(plan) == [worry.name for worry in plan.care.worries if not worry.contacts]
    worry = plan.care.worries[0].model_copy(update={"contacts": (Contact(名前="x", 英語="x", やさしい日本語="x", 電話="x", 受付="x"),)})
    entered = plan.model_copy(update={"care": plan.care.model_copy(update={"worries": (worry, *plan.care.worries[1:])})})
    assert worry.name not in contacts(entered)


def test_every_line_is_said_somewhere(plan: Plan) -> None:
    """A line that no code and no template names is dead; 〜_2 and the like are named by what they vary."""
    root = Path(__file__).parent.parent
    sources = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("bot", "web")
        for path in sorted((root / folder).rglob("*.*"))
        if path.suffix in (".py", ".html")
    )
    worries = {f"気がかり_{worry.name}" for worry in plan.care.worries}
    stems = ("問い_", "段階_", "合い_", "見つからない_", "聞き返す_", "範囲外_", "言い過ぎ_", "お礼_")
    assert [name for name in plan.lines if name not in sources and name not in worries and not name.startswith(stems)] == []
