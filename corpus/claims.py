"""Rules on what programs claim: a quote's source, the stage, the kind, the name and what the plan leaves open.

Each keeps out one kind of untruth that the corpus once held; `corpus.check` runs them all.
"""

from __future__ import annotations

import re
import unicodedata

from corpus import model
from corpus.load import Reader
from corpus.text import bare

#: Words by which the plan says that a thing has yet to be made.
NEW = re.compile(r"創設|構築|立ち上げ|新設|【新規】")
#: The plan considers before it does: 支援策の検討、実施.
CONSIDERED = re.compile(r"検討[、・]")
ONLY_CONSIDERED = re.compile(r"検討|協議(?!会)")
#: Words without which a quote promises no money.
MONEY = re.compile(r"補助|助成|経費|費用")
#: やさしい日本語 has no 〔物〕を助ける, and parts て from the verb that follows.
UNEASY = re.compile(r"(?:お金|商品|イベント|物|しくみ|AED)を 助け|[てで](?:い[るたまな]|もら|くれ)")


def file_of(program: model.Program) -> str:
    return f"programs/{program.slug}.yml"


def sources(plan: model.Plan, reader: Reader, source: str) -> None:
    """Each 引用 stands in the very text that it names: a project's own, a section's lead or a face's. Each 根拠 stands in the plan."""
    texts: dict[tuple[str, int | str], str] = {}
    texts |= {("事業", p.number): bare("".join(line for _, line in p.lines())) for p in plan.projects}
    texts |= {("中分類", s.id): bare(s.lead + s.subtitle + s.name) for s in plan.sections.values()}
    texts |= {("面", face.number): bare(face.lead) for face in plan.front.faces}
    for program in plan.programs:
        for n, claim in enumerate(program.claims):
            key, place = claim.place
            if bare(claim.quote) not in source:
                advice = widths(claim.quote, source)
                message = f"計画の本文にありません：{claim.quote[:40]}{advice}"
                reader.fault(file_of(program), ("できること", n, "引用"), message)
            elif claim.project and reader.faulty(f"projects/{claim.project:02}.yml"):
                continue
            elif claim.place not in texts:
                reader.fault(file_of(program), ("できること", n, key), f"計画にない{key}です：{place}")
            elif bare(claim.quote) not in texts[claim.place]:
                message = f"この引用は{key}{place}のところにありません：{claim.quote[:40]}"
                reader.fault(file_of(program), ("できること", n, key), message)
        if bare(program.maturity.phrase) not in source:
            advice = widths(program.maturity.phrase, source)
            reader.fault(file_of(program), ("段階", "根拠"), f"計画の本文にありません：{program.maturity.phrase[:40]}{advice}")


def widths(text: str, source: str) -> str:
    """A hint where a text differs from the plan by the width of its signs alone: ( ) for （ ）."""
    same = unicodedata.normalize("NFKC", bare(text)) in unicodedata.normalize("NFKC", source)
    return "（かっこや数字の全角と半角が、計画とちがいます）" if same else ""


def stages(plan: model.Plan, reader: Reader, source: str) -> None:
    """What the plan has yet to make is not 実施・拡充; what it considers first (検討、実施) is 検討."""
    for program in plan.programs:
        stage, phrase = program.maturity.stage, program.maturity.phrase
        if stage in ("実施・拡充", "これから始める") and CONSIDERED.search(phrase):
            reader.fault(file_of(program), ("段階", "区分"), f"根拠に「検討」が先にあります。検討 にしてください：{phrase[:40]}")
            continue
        if stage == "実施・拡充" and (NEW.search(phrase) or ONLY_CONSIDERED.search(phrase)):
            reader.fault(
                file_of(program),
                ("段階", "区分"),
                f"根拠の言葉では、まだ行われていません。これから始める か 検討 にしてください：{phrase[:40]}",
            )


def kinds(plan: model.Plan, reader: Reader, source: str) -> None:
    """補助・助成 needs a quote that speaks of money."""
    for program in plan.programs:
        if program.kind == "補助・助成" and not any(MONEY.search(claim.quote) for claim in program.claims):
            reader.fault(file_of(program), ("種別",), "引用に、補助、助成、経費、費用のどれもありません。支援 などにしてください。")


def names(plan: model.Plan, reader: Reader, source: str) -> None:
    """A name that the plan does not use is marked as ours, and only such a one."""
    printed = unicodedata.normalize("NFKC", source)
    for program in plan.programs:
        stands = unicodedata.normalize("NFKC", bare(program.name)) in printed
        if not stands and not program.ours:
            reader.fault(file_of(program), ("名称",), "計画にない名前です。計画の言葉にするか、次の行に「通称: はい」と書いてください。")
        if stands and program.ours:
            reader.fault(file_of(program), ("通称",), "計画にある名前です。この行を消してください。")


def open_points(plan: model.Plan, reader: Reader, source: str) -> None:
    """計画にないこと holds words of plan.yml alone, none that a quote of the program does give, none that is told of everything anyway."""
    terms = {term.id: term for term in plan.front.unstated}
    for program in plan.programs:
        quoted = unicodedata.normalize("NFKC", "".join(claim.quote for claim in program.claims))
        for n, word in enumerate(program.unstated):
            path = ("計画にないこと", n)
            if word not in terms:
                reader.fault(file_of(program), path, f"plan.yml の「計画にないこと」にない語です：{word}")
            elif terms[word].always:
                reader.fault(file_of(program), path, f"「{word}」はどの支援でもお伝えします。ここには書きません。")
            elif given := next((said for said in terms[word].given if said in quoted), ""):
                reader.fault(file_of(program), path, f"引用に「{given}」とあります。「{word}」は計画にあります。")


def easy(plan: model.Plan, reader: Reader, source: str) -> None:
    """やさしい日本語 is Japanese: no thing is 助けられる, and て stands apart from いる, もらう, くれる."""
    rows = [(file_of(program), program.easy) for program in plan.programs]
    rows += [(f"everyday/{p.number:02}.yml", p.everyday.easy) for p in plan.projects if p.everyday]
    for file, text in rows:
        if found := UNEASY.search(text):
            reader.fault(file, ("やさしい日本語",), f"「{found[0]}」を書きなおしてください（「手伝います」「て います」など）。")


RULES = (sources, stages, kinds, names, open_points, easy)
