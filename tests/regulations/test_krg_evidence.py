"""From applications and sheets to the case that is judged and the line of the agenda."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from docflow.core.rules import RelatedDocument
from docflow.regulations.krg.decision import Case, propose
from docflow.regulations.krg.evidence import (
    Evidence,
    case_of,
    gathered,
    is_decided_by_commission,
    item_of,
    points_needed,
)
from docflow.regulations.krg.session import is_on_the_same_test
from docflow.regulations.krg.summary import summarise
from docflow.regulations.profiles import PROFILES

PROFILE = PROFILES["krg"]
DAY = date(2024, 11, 20)
APPLICATION: Mapping[str, Any] = {
    "applicant": {"surname": "Ким", "given_name": "Ян", "patronymic": "", "iin": "900101300123", "iin_override": ""},
    "position": "мұғалім", "workplace": "мектеп", "procedure": "regular", "ladder": "teacher", "claimed": "expert",
    "current": "moderator", "current_until": "2025-01-10", "sheet_group": "teacher",
}  # fmt: skip


def sheet(points: int, recommendation: str = "claimed", category: str = "") -> dict[str, Any]:
    return {"sheet_group": "teacher", "claimed": "expert", "rows": [{"number": "1.2", "points": points}],
            "recommendation": recommendation, "recommended_category": category}  # fmt: skip


def paper(kind: str, content: Mapping[str, Any], number: int = 1, **more: Any) -> RelatedDocument:
    """A document in force about the applicant; *more* replaces what a related document says of itself."""
    stands = {"state": "in_force", "subject_id": 70, "id": number, **more}
    return RelatedDocument(kind, f"№ {number}", content=content, **stands)


def sheets(*contents: Mapping[str, Any]) -> tuple[RelatedDocument, ...]:
    return tuple(paper("portfolio_teacher", each, number) for number, each in enumerate(contents, start=1))


def deciding(**settings: str) -> Any:
    return replace(PROFILE, overrides={**PROFILE.overrides, **settings})


def judged(evidence: Evidence = Evidence(), profile: Any = PROFILE, **changes: Any) -> Case:
    return case_of({**APPLICATION, **changes}, evidence, interviewed=False, profile=profile, on=DAY)


def line(evidence: Evidence, **changes: Any) -> dict[str, Any]:
    return item_of(
        {**APPLICATION, **changes}, evidence, application_id=7, number="7-АӨ", person_id=70, profile=PROFILE, on=DAY
    )


WHOLE = Evidence(
    sheets=sheets(sheet(84)), essay=paper("essay", {"text": "сөз " * 260}), result={"outcome": "passed"},
    observations=tuple(
        paper("observation_lesson", {"levels": [3] * 6 + [2] * 28, "observed_on": "2024-10-01"}) for _ in range(5)
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "is_one"),
    [
        ({}, True), ({"procedure": "prepension"}, True), ({"ladder": "deputy"}, True),
        ({"procedure": ""}, False), ({"procedure": "appeal"}, False), ({"ladder": ""}, False),
    ],
)  # fmt: skip
def test_a_commission_decides_on_some_applications_only(changes: Mapping[str, str], is_one: bool) -> None:
    assert is_decided_by_commission({**APPLICATION, **changes}) is is_one


def test_sheets_of_several_members_become_one_result_by_the_setting() -> None:
    evidence = Evidence(sheets=sheets(sheet(84), sheet(83), sheet(90)))
    assert judged(evidence).portfolio_points == Fraction(257, 3)
    assert judged(evidence, deciding(portfolio_result="lowest")).portfolio_points == 83
    assert line(evidence)["portfolio_points"] == "85,67"
    assert judged().portfolio_points is None


@pytest.mark.parametrize(
    ("said", "recommended", "category"),
    [
        ([], "", ""), ([("claimed", "expert")], "claimed", "expert"),
        ([("lower", "moderator"), ("lower", "moderator")], "lower", "moderator"),
        ([("lower", "moderator"), ("lower", "teacher")], "lower", ""),
        ([("claimed", "expert"), ("lower", "moderator")], "", ""),
    ],
)  # fmt: skip
def test_members_recommend_together_or_not_at_all(said: list[tuple[str, str]], recommended: str, category: str) -> None:
    case = judged(Evidence(sheets=sheets(*(sheet(80, one, other) for one, other in said))))
    assert (case.recommended, case.recommended_category) == (recommended, category)


def test_the_knowledge_test_is_passed_as_entered_or_by_the_pass_mark() -> None:
    scored = Evidence(result={"score": 50, "max_score": 100, "outcome": "", "category": "moderator"})
    assert judged(scored).knowledge_passed is None
    assert judged(scored, deciding(knowledge_pass_mark="50")).knowledge_passed is True
    assert judged(scored, deciding(knowledge_pass_mark="51")).knowledge_passed is False
    assert judged(scored).knowledge_category == "moderator"
    assert judged(Evidence(result={"outcome": "failed"})).knowledge_passed is False


def test_what_an_application_says_goes_into_its_case() -> None:
    early = judged(procedure="early", criteria=[1, 2, 5, 8])
    assert (early.early_met, early.procedure, early.current_until) == (4, "early", date(2025, 1, 10))
    kept = judged(procedure="retention", ground="34(2)", claimed="")
    assert (kept.ground, kept.claimed) == ("34(2)", "moderator")
    assert judged(procedure="prepension", pension_on="2027-05-14").pension_on == date(2027, 5, 14)


def test_a_whole_line_of_the_agenda() -> None:
    item = line(WHOLE)
    assert (item["proposed_conclusion"], item["proposed_category"]) == ("claimed", "expert")
    assert (item["conclusion"], item["category"], item["reason"], item["missing"]) == ("claimed", "expert", "", [])
    assert (item["portfolio_points"], item["portfolio_needed"]) == ("84", "84")
    assert (item["observation_mean"], item["knowledge"]) == ("74", "passed")
    assert "900101300123" not in str(item)


def test_a_refusal_begins_with_its_figures_and_not_with_itself() -> None:
    item = line(replace(WHOLE, sheets=sheets(sheet(83))), procedure="early", criteria=[1, 2, 3, 4])
    assert item["conclusion"] == "not_conforming"
    assert "83" in item["reason"]
    told = [each["text"] for each in item["reasoning"] if each["clause"] in ("KRG 42 ¶2", "KRG app. 2")]
    assert told
    assert not [text for text in told if text in item["reason"]]


def test_while_evidence_is_missing_nothing_is_proposed() -> None:
    item = line(replace(WHOLE, result=None))
    assert (item["proposed_conclusion"], item["proposed_category"], item["conclusion"]) == ("", "", "")
    assert [each["clause"] for each in item["missing"]] == ["KRG 4"]
    assert not [each for each in item["reasoning"] if each["clause"].startswith("KRG 19")]


def test_a_head_waits_for_no_interview_before_the_session() -> None:
    head = {"ladder": "head", "sheet_group": "head", "claimed": "second", "current": "third"}
    evidence = Evidence(
        sheets=sheets({"sheet_group": "head", "rows": [{"number": "1.1", "points": 49}], "recommendation": "claimed"}),
        result={"outcome": "passed"},
    )
    item = line(evidence, **head)
    assert (item["missing"], item["proposed_category"]) == ([], "second")


def test_who_shows_no_portfolio_needs_no_points() -> None:
    assert points_needed(judged(), PROFILE) == 84
    assert points_needed(judged(procedure="prepension"), PROFILE) is None
    assert points_needed(judged(sheet_group=""), PROFILE) is None
    kept = line(Evidence(), procedure="prepension", pension_on="2027-05-14", claimed="moderator")
    assert (kept["proposed_conclusion"], kept["proposed_until"]) == ("current", "2027-05-14")
    assert (kept["portfolio_needed"], kept["knowledge"]) == ("", "")


# ---------------------------------------------------------------- the members' conclusion and appeals


def concluded(conclusion: str = "conforms", category: str = "expert", **figures: str) -> RelatedDocument:
    counted = {"portfolio_points": "84", "portfolio_needed": "84", "observation_mean": "74", **figures}
    return paper("analytical_summary", {"conclusion": conclusion, "category": category, **counted}, 9)


def test_what_the_members_confirmed_goes_over_the_figures() -> None:
    item = line(replace(WHOLE, summary=concluded("not", "moderator")))
    assert (item["proposed_conclusion"], item["proposed_category"]) == ("current", "moderator")
    assert "KRG 29" in [each["clause"] for each in item["reasoning"]]
    assert line(replace(WHOLE, summary=concluded()))["proposed_category"] == "expert"


def test_a_conclusion_on_other_figures_counts_for_nothing_and_is_named() -> None:
    case = judged(replace(WHOLE, summary=concluded("not", "moderator", portfolio_points="83")))
    assert (case.confirmed, case.confirmed_by) == (None, "№ 9")
    item = line(replace(WHOLE, summary=concluded("not", "moderator", portfolio_points="83")))
    assert item["proposed_category"] == "expert"
    assert [each for each in item["reasoning"] if each["clause"] == "KRG 29" and "other figures" in each["text"]]


@pytest.mark.parametrize(
    ("setting", "summary", "missing"),
    [
        ("optional", None, []), ("required", None, ["29"]), ("required", concluded(), []),
        ("required", concluded(observation_mean="73"), ["29"]),
    ],
)  # fmt: skip
def test_where_it_is_required_the_case_waits_for_the_conclusion(
    setting: str, summary: RelatedDocument | None, missing: list[str]
) -> None:
    profile = deciding(analytical_summary=setting)
    proposal = propose(judged(replace(WHOLE, summary=summary), profile), profile)
    assert [each.clause.number for each in proposal.missing] == missing


def test_a_summary_says_what_the_materials_show_and_nothing_of_the_test() -> None:
    whole = judged(replace(WHOLE, result={"outcome": "failed"}, summary=concluded("not", "")))
    found = summarise(whole, PROFILE)
    assert (found.conforms, found.category, found.missing) == (True, "expert", ())
    below = summarise(judged(replace(WHOLE, sheets=sheets(sheet(83)))), PROFILE)
    assert (below.conforms, below.category) == (False, "moderator")
    empty = summarise(judged(), PROFILE)
    assert {each.clause.key for each in empty.missing} == {"KRG app. 8", "KRG 27 ¶2"}


def table(number: int, outcome: str, **more: Any) -> RelatedDocument:
    row = {"person_id": 70, "outcome": outcome, "category": ""}
    return paper("knowledge_results", {"rows": [row]}, number, **{"subject_id": None, **more})


def appeal(state: str, number: int = 5) -> RelatedDocument:
    return paper("appeal_application", {}, number, state=state, registered_on=date(2024, 10, 23))


@pytest.mark.parametrize(
    ("papers", "state", "outcome"),
    [
        ([table(4, "failed")], "", "failed"),
        ([table(4, "failed"), appeal("submitted")], "submitted", "failed"),
        ([table(4, "failed"), appeal("refused")], "refused", "failed"),
        ([table(4, "failed"), appeal("withdrawn")], "", "failed"),
        ([table(4, "failed"), appeal("accepted")], "accepted", "failed"),
        ([table(6, "passed"), appeal("accepted"), table(4, "failed")], "answered", "passed"),
        ([table(4, "failed"), appeal("accepted"), table(6, "passed", state="draft")], "accepted", "failed"),
    ],
)
def test_an_appeal_is_answered_by_a_newer_table(papers: list[RelatedDocument], state: str, outcome: str) -> None:
    evidence = gathered(papers, 70)
    assert (evidence.appeal_state, (evidence.result or {})["outcome"]) == (state, outcome)
    assert gathered(papers, 71) == gathered(papers, None) == Evidence()


@pytest.mark.parametrize(
    ("state", "missing", "said"),
    [
        ("submitted", [], ["KRG 2(5)"]), ("refused", [], ["KRG 2(6)"]), ("accepted", ["KRG 2(6)"], []),
        ("withdrawn", [], []),
    ],
)  # fmt: skip
def test_the_agenda_says_how_the_appeal_stands(state: str, missing: list[str], said: list[str]) -> None:
    item = line(replace(WHOLE, appeal=appeal(state), table=table(4, "passed")))
    assert [each["clause"] for each in item["missing"]] == missing
    assert [each["clause"] for each in item["reasoning"] if each["clause"].startswith("KRG 2(")] == said
    assert item["knowledge_number"] == "№ 4"


def test_two_decisions_on_one_test_are_one_too_many() -> None:
    first, second = {"knowledge_number": "№ 4"}, {"knowledge_number": "№ 6"}
    assert is_on_the_same_test(first, first)
    assert is_on_the_same_test({}, {"knowledge_number": ""})
    assert not is_on_the_same_test(first, second)
