"""The guided finder and what is said of whom a support is for: our classification raises what fits and counts nobody out."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from bot.ask import FITS, Finder
from bot.dialogue import Bot
from bot.speech import Speech
from corpus.model import Plan
from corpus.passage import Passage


@pytest.fixture
def finder(bot: Bot) -> Finder:
    return bot.context.finder


@pytest.fixture
def speech(bot: Bot) -> Speech:
    return bot.context.speeches["ja"]


def passage(slug: str, audience: tuple[str, ...], stage: str = "実施・拡充", need: str = "起業・創業") -> Passage:
    facets = {"audience": audience, "need": (need,), "kind": ("相談",), "stage": (stage,)}
    return Passage(f"programs/{slug}", "program", slug, (), facets, 1, stage)


@pytest.fixture
def small(plan: Plan) -> Finder:
    """Five supports: for anyone who runs a business, for women, for residents, under consideration, and for another need."""
    return Finder(
        plan,
        [
            passage("firms", ("事業者",)),
            passage("women", ("女性", "起業希望者")),
            passage("residents", ("区民",)),
            passage("idea", ("女性",), "検討"),
            passage("later", ("女性",), "これから始める"),
            passage("jobs", ("求職者",), need="仕事さがし"),
        ],
    )


def fits(finder: Finder, speech: Speech, **slots: str) -> list[tuple[str, str, str]]:
    """Each support with how it fits and the line that says why."""
    found = finder.candidates(slots, speech)
    return [(one.passage.title, one.fit, one.reasons[0].line if one.reasons else "") for one in found]


def test_who_one_is_raises_and_counts_nobody_out(small: Finder, speech: Speech) -> None:
    assert fits(small, speech, audience="女性", need="起業・創業") == [
        ("women", "likely", "合う理由_met"),
        ("firms", "likely", "合う理由_open"),
        ("residents", "likely", "合う理由_wide"),
        ("idea", "check", "合う理由_met"),
        ("later", "check", "合う理由_met"),
    ]


def test_what_one_does_may_call_for_asking_and_counts_nobody_out(small: Finder, speech: Speech) -> None:
    assert fits(small, speech, audience="起業希望者", need="起業・創業") == [
        ("women", "likely", "合う理由_met"),
        ("firms", "likely", "合う理由_wide"),
        ("residents", "check", "合う理由_role"),
        ("idea", "check", "合う理由_role"),
        ("later", "check", "合う理由_role"),
    ]


@pytest.mark.parametrize(("slug", "line"), [("idea", "合う理由_stage"), ("later", "合う理由_later")])
def test_what_cannot_be_had_yet_is_to_be_checked_and_says_so(small: Finder, speech: Speech, slug: str, line: str) -> None:
    found = next(one for one in small.candidates({}, speech) if one.passage.title == slug)
    assert found.fit == "check" and [reason.line for reason in found.reasons] == [line]


def test_only_need_kind_and_stage_narrow(small: Finder) -> None:
    assert small.remaining({}) == 6 and small.remaining({"audience": "障害者"}) == 6
    assert small.remaining({"audience": "障害者", "need": "起業・創業"}) == 5
    assert small.remaining({"need": "起業・創業", "stage": "検討"}) == 1 and small.remaining({"kind": "融資"}) == 0


def test_a_role_is_offered_the_needs_near_it_with_true_counts(small: Finder) -> None:
    asked = small.next_question({"audience": "障害者"})
    assert asked and asked.options == (("起業・創業", 5), ("仕事さがし", 1))


def test_a_disabled_person_who_wants_to_start_a_business_sees_every_support(bot: Bot, client: FlaskClient, plan: Plan) -> None:
    """Once "0件", with all of them under 対象がちがいそう."""
    whole = [p for p in plan.programs if "起業・創業" in p.needs]
    page = client.get("/finder", query_string={"audience": "障害者", "need": "起業・創業"}).text
    assert len(whole) >= 15 and all(f"/programs/{p.slug}" in page for p in whole)
    assert "0件" not in page.replace("20件", "").replace("10件", "") and "対象がちがいそう" not in page


@pytest.mark.parametrize("lang", ["ja", "easy", "en"])
def test_nobody_is_told_that_the_plan_leaves_them_out(bot: Bot, finder: Finder, plan: Plan, lang: str) -> None:
    """For each who and each need: every support is listed, those that name the audience first of their group, our classification said as ours."""
    speech = bot.context.speeches[lang]
    ours = {"ja": "このサービスの分類", "easy": "わたしたちの 分け方", "en": "our own classification"}[lang]
    for term in plan.front.who:
        for need in plan.front.needs:
            found = finder.candidates({"audience": term.id, "need": need.id}, speech)
            assert len(found) == sum(need.id in p.needs for p in plan.programs) == finder.remaining({"audience": term.id, "need": need.id})
            assert {one.fit for one in found} <= set(FITS)
            named = [finder.named(one.passage, term.id) for one in found if one.fit == "likely"]
            assert named == sorted(named, reverse=True)
            for one in found:
                told = [reason.text for reason in one.reasons if reason.line in ("合う理由_met", "合う理由_wide", "合う理由_role")]
                assert all(ours in text for text in told), told
                assert not re.search("計画に記載がありません|the plan does not", " ".join(reason.text for reason in one.reasons))


# Programs that stand in a lead alone


def test_a_program_of_a_lead_has_no_section_in_charge(bot: Bot, client: FlaskClient, plan: Plan) -> None:
    program = plan.by_slug["seisan-ryokuchi"]
    assert not program.stated and program.near == (57,) and plan.owner(program) == ""
    page = client.get("/programs/seisan-ryokuchi").text
    assert "担当の課：計画に記載がありません" in page and "第3章 5（1）" in page and "近い事業（このサービスの分類）" in page
    assert "/departments/" not in page.partition("<main")[2].partition("</main")[0]
    answer = client.get("/api/programs/seisan-ryokuchi").get_json()
    assert answer["owner"] is None and answer["claims"][0]["project"] is None
    assert answer["claims"][0]["source"] == {
        "id": "sections/5-1",
        "label": "第3章 5（1）世田谷らしい都市農業の推進 前文",
        "url": "/sections/5-1",
    }
    reply = bot.reply(f"{program.name}の担当は")
    assert "担当の課は計画に記載がありません" in reply.text and "都市農業課" not in reply.text and reply.status == "no_answer"


def test_every_claim_is_cited_where_it_stands(client: FlaskClient, plan: Plan) -> None:
    """The page that a quote links to holds the quote."""
    for program in plan.programs:
        for claim in program.claims:
            if claim.project is None:
                page = re.sub(r"<[^>]+>|\s", "", client.get(plan.source(claim).url).text)
                assert re.sub(r"\s", "", claim.quote) in page, (program.slug, claim.quote)


# Stages


@pytest.mark.parametrize("number", [2, 3, 4, 8, 51])
def test_what_the_plan_still_considers_is_not_told_as_running(bot: Bot, plan: Plan, number: int) -> None:
    project = plan.project(number)
    assert project.maturity.stage == "これから始める" and project.maturity.phrase in (project.priority.now if project.priority else ())
    reply = bot.reply(f"事業{number}をくわしく")
    assert plan.lines["これから"]["ja"] in reply.text


@pytest.mark.parametrize("number", [2, 9, 30])
def test_examples_are_no_goals_and_no_steps(bot: Bot, client: FlaskClient, plan: Plan, number: int) -> None:
    project = plan.project(number)
    examples = {*project.examples, *(project.priority.examples if project.priority else ())}
    assert examples and not any(text.startswith("・") or text == "具体例" for text in (*project.steps, *examples))
    reply = bot.reply(f"事業{number}の29年度の目標は")
    assert "具体例" not in reply.text and "「・" not in reply.text
    record = client.get(f"/api/projects/{number}").get_json()
    assert record["examples"] == list(project.examples) and "具体例" not in record["steps"]
    assert "具体例（計画が例として挙げるもの）" in client.get(f"/projects/{number}").text


def test_the_appendix_is_no_text_of_the_last_section(client: FlaskClient, plan: Plan) -> None:
    assert "資" not in plan.sections["6-3"].lead[-12:]
    assert "資料編(調整中)" in client.get("/preface/9").text


def test_conflicts_without_a_project_stand_on_their_page(client: FlaskClient) -> None:
    assert "17大学" in client.get("/preface/0-5-1-2").text and "事業継承" in client.get("/sections/2-2").text
