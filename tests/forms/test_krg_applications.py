"""Applications for attestation: each rule of the order at its limit and one beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from docflow.core.canonical import canonical_json
from docflow.core.messages import translated_by
from docflow.core.permissions import SYSTEM, Actor, Role
from docflow.core.rules import RelatedDocument, Step
from docflow.core.types import DocumentType
from docflow.forms import (
    _attestation,
    _attestation_intake,
    appeal_application,
    early_application,
    head_application,
    old_category_application,
    prepension_application,
    retention_application,
    teacher_application,
    without_attestation_application,
)
from docflow.regulations.krg.categories import EARLY_RULES, GROUNDS, LADDERS, OLD_HEAD_CATEGORIES
from docflow.regulations.krg.session import PROCEDURE_TITLES
from docflow.regulations.krg.sheets import GROUPS
from docflow.regulations.profiles import PROFILES, with_decisions
from docflow.rendering.paper import render
from docflow.services import spreadsheets
from tests.rendering.samples import WHEN, whole

KRG = PROFILES["krg"]
TEACHER, HEAD, EARLY = teacher_application.TYPE, head_application.TYPE, early_application.TYPE
WITHOUT, RETENTION = without_attestation_application.TYPE, retention_application.TYPE
PREPENSION, OLD, APPEAL = prepension_application.TYPE, old_category_application.TYPE, appeal_application.TYPE
APPLICATIONS = (TEACHER, HEAD, WITHOUT, EARLY, RETENTION, PREPENSION, OLD)
EACH = pytest.mark.parametrize("kind", APPLICATIONS, ids=lambda kind: kind.name)
HIMSELF = Actor(1, 1, "Ғазиза", frozenset({Role.APPLICANT}))
DIPLOMA = {"level": "higher", "kind": "pedagogical", "speciality": ""}


def filled(kind: DocumentType, **changes: Any) -> dict[str, Any]:
    return deepcopy(dict(kind.sample)) | changes


def a_category(category: str, *, ladder: str = "teacher", until: str = "2025-05-30", **more: Any) -> dict[str, Any]:
    row = {"ladder": ladder, "category": category, "since": "2020-05-30", "until": until, "procedure": "regular"}
    return row | more


def refused(
    kind: DocumentType,
    name: str,
    content: Mapping[str, Any],
    *,
    on: str = "",
    actor: Actor = SYSTEM,
    card: Mapping[str, Any] | None = None,
    related: Mapping[str, tuple[RelatedDocument, ...]] | None = None,
    attached: tuple[str, ...] = (),
    **decisions: str,
) -> list[str | None]:
    """Ask one rule of a type, and give the clauses of its refusals."""
    (rule,) = (each for each in kind.rules if each.name == name)
    day = date.fromisoformat(on or str(content["filed_on"]))
    profile = with_decisions(KRG, decisions)
    step = Step(kind.name, rule.transitions[0], content, profile, actor, day, frozenset(attached))
    step = replace(step, card=card or {}, related=lambda asked: (related or {}).get(asked, ()))
    found = rule.refusals(step)
    assert all(str(each.message) for each in found)
    return [each.clause.key if each.clause else None for each in found]


def required(kind: DocumentType, content: Mapping[str, Any]) -> set[str]:
    return {each.kind for each in kind.attachments if each.is_required(content, KRG)}


# ------------------------------------------------------------------ what all of them share


def test_the_round_knows_its_applications() -> None:
    assert tuple(kind.name for kind in APPLICATIONS) == _attestation.APPLICATIONS
    assert APPEAL.name not in _attestation.APPLICATIONS


@EACH
def test_an_application_says_what_a_round_needs_of_it(kind: DocumentType) -> None:
    content, errors = kind.form.validate_content(filled(kind))
    assert errors == {}
    asked = {"applicant", "position", "workplace", "email", "phone", "ladder", "sheet_group", "procedure", "current"}
    asked |= {"current_until", "claimed", "speciality", "year", "is_subordinate", "consent", "filed_on"}
    assert asked <= set(content)
    assert content["claimed"] in LADDERS[content["ladder"]].titles
    assert content["sheet_group"] in {"", *GROUPS}
    assert content["procedure"] in PROCEDURE_TITLES


@EACH
def test_an_application_is_taken_in_working_hours_and_answered_in_a_day(kind: DocumentType) -> None:
    assert kind.is_registered_in_working_hours
    assert kind.joins == "attestation"
    answered = kind.deadlines[0]
    assert (answered.term.amount, answered.term.unit) == (1, "working_days")
    assert answered.met_by == ("acceptance_notice", "refusal_notice")
    assert kind.languages(KRG) == ("kk",)
    assert kind.public_fields == ()


@EACH
def test_the_applicant_is_told_where_he_says(kind: DocumentType) -> None:
    assert kind.feeds is not None
    assert kind.feeds(kind.sample) == {"email": kind.sample["email"], "phone": kind.sample["phone"]}


@EACH
def test_what_the_type_decides_cannot_be_sent(kind: DocumentType) -> None:
    if kind is HEAD:
        return  # a head chooses between the regular and the early attestation
    _, errors = kind.form.validate_content(filled(kind, procedure="nothing"))
    assert list(errors) == ["procedure"]


@EACH
def test_an_application_needs_consent(kind: DocumentType) -> None:
    assert refused(kind, "personal_data_agreed", filled(kind, consent=False)) == ["KRG app. 4"]
    assert refused(kind, "personal_data_agreed", filled(kind)) == []


@EACH
def test_an_application_is_not_filed_before_its_day(kind: DocumentType) -> None:
    content = filled(kind)
    assert refused(kind, "not_filed_before_its_day", content, on="2024-10-06") == ["KRG app. 4"]
    assert refused(kind, "not_filed_before_its_day", content, on="2024-10-07") == []


# ------------------------------------------------------------------ the days (appendix 4, row 10; clause 43)


@pytest.mark.parametrize(
    ("filed_on", "clauses"),
    [
        ("2024-08-31", []), ("2024-09-01", []), ("2024-12-31", []),
        ("2025-01-01", ["KRG app. 4"]), ("2025-08-31", ["KRG app. 4"]), ("2025-09-01", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [TEACHER, HEAD, EARLY, OLD], ids=lambda kind: kind.name)
def test_the_window_is_from_september_to_december(kind: DocumentType, filed_on: str, clauses: list[str]) -> None:
    assert refused(kind, "window", filled(kind, filed_on=filed_on)) == clauses


def test_the_organisation_says_whether_the_last_day_counts() -> None:
    content = filled(TEACHER, filed_on="2024-12-31")
    assert refused(TEACHER, "window", content, applications_close_counts="excluded") == ["KRG app. 4"]


def test_an_applicant_files_on_the_day_on_which_he_sends() -> None:
    content = filled(TEACHER, filed_on="2024-12-31")
    assert refused(TEACHER, "window", content, on="2025-01-02", actor=HIMSELF) == ["KRG app. 4"]
    assert refused(TEACHER, "window", content, on="2024-12-31", actor=HIMSELF) == []
    # A clerk enters a paper that was brought in time.
    clerk = replace(HIMSELF, roles=frozenset({Role.CLERK}))
    assert refused(TEACHER, "window", content, on="2025-01-02", actor=clerk) == []


@pytest.mark.parametrize("kind", [WITHOUT, RETENTION, PREPENSION], ids=lambda kind: kind.name)
def test_what_is_no_attestation_has_no_window(kind: DocumentType) -> None:
    assert {"window", "once_a_school_year"}.isdisjoint(rule.name for rule in kind.rules)


@pytest.mark.parametrize(
    ("state", "filed_on", "clauses"),
    [
        ("submitted", "2024-09-01", ["KRG app. 4"]), ("accepted", "2024-09-01", ["KRG app. 4"]),
        ("to_sign", "2024-09-01", ["KRG app. 4"]), ("accepted", "2024-08-31", []),
        ("refused", "2024-09-01", []), ("withdrawn", "2024-09-01", []), ("draft", "2024-09-01", []),
    ],
)  # fmt: skip
def test_attestation_is_once_a_school_year(state: str, filed_on: str, clauses: list[str]) -> None:
    other = RelatedDocument(EARLY.name, "АТТ-АМӨ-00001/2024", state, filled(EARLY, filed_on=filed_on))
    related = {"person:early_application": (other,)}
    assert refused(TEACHER, "once_a_school_year", filled(TEACHER), related=related) == clauses


def test_an_attestation_on_the_card_counts_too() -> None:
    held = {"categories": [a_category("moderator", since="2024-09-02")]}
    assert refused(TEACHER, "once_a_school_year", filled(TEACHER), card=held) == ["KRG app. 4"]


@pytest.mark.parametrize(("filed_on", "clauses"), [("2024-12-20", []), ("2024-12-21", ["KRG 43 ¶2"])])
def test_heads_apply_six_months_before_the_end(filed_on: str, clauses: list[str]) -> None:
    content = filled(HEAD, filed_on=filed_on, current_until="2025-06-20")
    assert refused(HEAD, "heads_six_months", content) == clauses
    deputy = content | {"sheet_group": "deputy", "ladder": "deputy"}
    assert refused(HEAD, "heads_six_months", deputy) == clauses
    assert refused(HEAD, "heads_six_months", content | {"procedure": "early"}) == []
    assert refused(HEAD, "heads_six_months", content | {"current": "", "current_until": ""}) == []


# ------------------------------------------------------------------ the category that is held


def test_a_category_is_held_until_a_day() -> None:
    rule = "says_until_when_its_category_holds"
    assert refused(TEACHER, rule, filled(TEACHER, current_until="")) == ["KRG app. 4"]
    assert refused(TEACHER, rule, filled(TEACHER)) == []
    assert refused(TEACHER, rule, filled(TEACHER, current="teacher", current_until="")) == []
    assert refused(TEACHER, rule, filled(TEACHER, current="", current_until="")) == []


@pytest.mark.parametrize(("until", "clauses"), [("2024-10-06", ["KRG app. 4"]), ("2024-10-07", [])])
def test_a_category_that_ended_is_not_held(until: str, clauses: list[str]) -> None:
    assert refused(TEACHER, "category_has_not_ended", filled(TEACHER, current_until=until)) == clauses
    assert refused(PREPENSION, "category_has_not_ended", filled(PREPENSION, current_until=until)) == clauses


def test_a_category_is_shown_or_on_the_card() -> None:
    rule, content = "shows_its_category", filled(TEACHER)
    assert refused(TEACHER, rule, content) == ["KRG app. 4"]
    assert refused(TEACHER, rule, content, attached=("category_certificate",)) == []
    assert refused(TEACHER, rule, content, card={"categories": [a_category("moderator")]}) == []
    assert refused(TEACHER, rule, content, card={"categories": [a_category("expert")]}) == ["KRG app. 4"]
    assert refused(TEACHER, rule, filled(TEACHER, current="teacher")) == []


def test_a_certificate_of_courses_is_shown_or_on_the_card() -> None:
    rule, content = "shows_its_courses", filled(TEACHER)
    assert refused(TEACHER, rule, content) == ["KRG app. 4"]
    assert refused(TEACHER, rule, content, attached=("course_certificate",)) == []
    assert refused(TEACHER, rule, content, card={"certificates": [{"hours": 80}]}) == []


def test_the_category_is_the_one_of_the_card() -> None:
    rule, content = "current_is_the_cards", filled(TEACHER)
    held = {"categories": [a_category("moderator")]}
    assert refused(TEACHER, rule, content, card=held) == []
    assert refused(TEACHER, rule, filled(TEACHER, current="expert"), card=held) == ["KRG app. 4"]
    assert refused(TEACHER, rule, filled(TEACHER, current_until="2025-05-31"), card=held) == ["KRG app. 4"]
    assert refused(TEACHER, rule, filled(TEACHER, current="", current_until=""), card=held) == ["KRG app. 4"]
    assert refused(TEACHER, rule, content, card={"teaching_years": 5}) == ["KRG app. 4"]
    assert refused(TEACHER, rule, filled(TEACHER, current="", current_until=""), card={"teaching_years": 5}) == []
    assert refused(TEACHER, rule, content) == []  # nobody has a card of this person


def test_a_category_that_ended_may_be_kept() -> None:
    content = filled(RETENTION, current_until="2024-06-01")
    held = {"categories": [a_category("moderator", until="2024-06-01")]}
    assert refused(RETENTION, "current_is_the_cards", content, card=held) == []
    assert "category_has_not_ended" not in {rule.name for rule in RETENTION.rules}


# ------------------------------------------------------------------ sequence, experience, education, authority


@pytest.mark.parametrize(
    ("current", "claimed", "clauses"),
    [
        ("moderator", "moderator", []), ("moderator", "expert", []), ("moderator", "researcher", ["KRG 31"]),
        ("expert", "moderator", ["KRG 31"]), ("teacher", "moderator", []), ("researcher", "master", []),
    ],
)  # fmt: skip
def test_categories_follow_each_other(current: str, claimed: str, clauses: list[str]) -> None:
    content = filled(TEACHER, current=current, claimed=claimed)
    assert refused(TEACHER, "sequence", content) == clauses


def test_heads_claim_any_category_at_their_first_attestation() -> None:
    content = filled(HEAD, claimed="first", current="", current_until="")
    assert refused(HEAD, "sequence", content) == []
    again = {"categories": [a_category("third", ladder="head", until="2025-06-20")]}
    assert refused(HEAD, "sequence", content, card=again) == ["KRG 44"]


@pytest.mark.parametrize(
    ("claimed", "clause", "years"),
    [("teacher", "31(1)", 1), ("moderator", "31(2)", 2), ("expert", "31(3)", 3), ("researcher", "31(4)", 5),
     ("master", "31(5)", 6)],
)  # fmt: skip
def test_each_category_needs_years_of_teaching(claimed: str, clause: str, years: int) -> None:
    content = filled(TEACHER, claimed=claimed)
    card = {"education": [DIPLOMA]}
    assert refused(TEACHER, "experience", content, card=card | {"teaching_years": years - 1}) == [f"KRG {clause}"]
    assert refused(TEACHER, "experience", content, card=card | {"teaching_years": years}) == []


@pytest.mark.parametrize(
    ("claimed", "level", "kind", "clauses"),
    [
        ("expert", "vocational", "professional", []), ("researcher", "vocational", "pedagogical", ["KRG 31(4)"]),
        ("researcher", "higher", "professional", []), ("master", "higher", "professional", ["KRG 31(5)"]),
        ("master", "postgraduate", "pedagogical", []),
    ],
)  # fmt: skip
def test_higher_categories_need_higher_education(claimed: str, level: str, kind: str, clauses: list[str]) -> None:
    card = {"education": [{"level": level, "kind": kind}], "teaching_years": 20}
    assert refused(TEACHER, "education", filled(TEACHER, claimed=claimed), card=card) == clauses


def test_the_speciality_is_one_that_was_learnt() -> None:
    content, learnt = filled(TEACHER), {"education": [DIPLOMA | {"speciality": "Тарих"}]}
    assert refused(TEACHER, "speciality", content, card=learnt) == ["KRG 36"]
    assert refused(TEACHER, "speciality", content | {"speciality": "тарих"}, card=learnt) == []


@pytest.mark.parametrize(
    ("authority", "claimed", "is_subordinate", "clauses"),
    [
        ("organisation", "moderator", False, []), ("organisation", "expert", False, ["KRG 13"]),
        ("district", "expert", False, []), ("district", "moderator", False, ["KRG 13"]),
        ("region", "researcher", False, []), ("region", "expert", False, ["KRG 13"]), ("region", "expert", True, []),
        ("ministry", "master", False, []), ("ministry", "researcher", False, ["KRG 13"]),
        ("ministry", "researcher", True, []), ("organisation", "teacher", False, []),
    ],
)  # fmt: skip
def test_each_authority_attests_its_categories(
    authority: str, claimed: str, is_subordinate: bool, clauses: list[str]
) -> None:
    content = filled(TEACHER, claimed=claimed, is_subordinate=is_subordinate)
    assert refused(TEACHER, "competent_authority", content, authority=authority) == clauses


def test_a_sheet_is_one_of_the_position() -> None:
    assert refused(HEAD, "right_sheet", filled(HEAD, sheet_group="methodist")) == ["KRG app. 11"]
    assert refused(TEACHER, "right_sheet", filled(TEACHER, sheet_group="cabinet_head")) == ["KRG app. 8"]
    assert refused(HEAD, "right_sheet", filled(HEAD)) == []


def test_heads_of_a_cabinet_without_legal_entity_are_methodists() -> None:
    content, errors = head_application.HeadApplicationForm.validate_content(filled(HEAD, is_structural_unit=True))
    assert errors == {}
    assert refused(HEAD, "cabinet_without_legal_entity", content) == ["KRG 5 ¶3"]
    assert refused(HEAD, "cabinet_without_legal_entity", filled(HEAD)) == []


# ------------------------------------------------------------------ before the term (clauses 42, 47)


@pytest.mark.parametrize(("since", "clauses"), [("2022-10-07", []), ("2022-10-08", ["KRG 42"])])
def test_an_early_attestation_is_two_years_after_the_regular_one(since: str, clauses: list[str]) -> None:
    card = {"categories": [a_category("moderator", since=since, until="2027-06-10")]}
    assert refused(EARLY, "early_after_two_years", filled(EARLY), card=card) == clauses
    card = {"categories": [a_category("third", ladder="head", since=since, until="2025-10-10")]}
    early = filled(HEAD, procedure="early")
    assert refused(HEAD, "early_after_two_years", early, card=card) == [key.replace("42", "47") for key in clauses]


@pytest.mark.parametrize("claimed", EARLY_RULES)
def test_an_early_category_needs_so_many_requirements(claimed: str) -> None:
    found = EARLY_RULES[claimed]
    enough = list(range(1, found.at_least + 1))
    assert refused(EARLY, "early_criteria", filled(EARLY, claimed=claimed, criteria=enough)) == []
    few = filled(EARLY, claimed=claimed, criteria=enough[:-1])
    assert refused(EARLY, "early_criteria", few) == [found.clause.key]


@pytest.mark.parametrize(("claimed", "number", "years"), [("researcher", 7, 3), ("master", 6, 5)])
def test_a_degree_counts_with_years_of_teaching(claimed: str, number: int, years: int) -> None:
    content = filled(EARLY, claimed=claimed, criteria=[number])
    few, enough = ({"teaching_years": each, "education": [DIPLOMA]} for each in (years - 1, years))
    assert refused(EARLY, "degree_needs_service", content, card=few) == [EARLY_RULES[claimed].clause.key]
    assert refused(EARLY, "degree_needs_service", content, card=enough) == []


def test_requirements_are_ticked_by_category() -> None:
    data = {**filled(EARLY), "claimed": "researcher", "criteria": [7, 3]}
    content, errors = EARLY.form.validate_content(data)
    assert (content["criteria"], errors) == ([3, 7], {})
    sent = early_application.EarlyApplicationForm.submitted(
        MultiDict([("claimed", "expert"), ("criteria_expert", "1"), ("criteria_expert", "8"), ("criteria_master", "2")])
    )
    assert sent.content()["criteria"] == [1, 8]


def test_a_requirement_that_is_not_listed_is_refused() -> None:
    _, errors = EARLY.form.validate_content(filled(EARLY, criteria=[9]))
    assert list(errors) == ["criteria_expert"]


def test_the_paper_names_the_requirements_in_the_words_of_the_order() -> None:
    printed = early_application.printed(filled(EARLY), KRG)
    assert [number for number, _ in printed["criteria"]] == [1, 2, 4, 5]
    assert printed["listed"] == 8
    assert printed["criteria"][3][1] == EARLY_RULES["expert"].criteria[4]


# ------------------------------------------------------------------ without attestation (clauses 6 to 11)


def test_every_ground_of_the_order_can_be_chosen() -> None:
    assert set(without_attestation_application.GROUND_TITLES) == {*GROUNDS, "language"}


@pytest.mark.parametrize("key", GROUNDS)
def test_a_ground_gives_its_category(key: str) -> None:
    ground = GROUNDS[key]
    given = ground.category or "researcher"
    data = filled(WITHOUT, ground=key, claimed=given, current="expert" if not ground.category else "")
    content, errors = WITHOUT.form.validate_content(data)
    assert (errors, content["ladder"]) == ({}, ground.ladder)
    assert refused(WITHOUT, "ground", content) == []
    other = "master" if ground.ladder == "teacher" else "researcher"
    assert refused(WITHOUT, "ground", content | {"claimed": other}) == [ground.clause.key]


def test_the_special_programme_raises_experts_and_researchers() -> None:
    content = filled(WITHOUT, ground="special_programme", current="moderator", claimed="expert")
    assert refused(WITHOUT, "ground", content) == ["KRG 10 ¶3"]


@pytest.mark.parametrize(
    ("examination", "score", "level", "claimed", "clauses"),
    [
        ("IELTS", "6,5", "", "moderator", []), ("IELTS", "6", "", "moderator", ["KRG 8"]),
        ("IELTS", "6.5", "", "expert", []), ("IELTS", "6,5", "", "researcher", ["KRG 8"]),
        ("IELTS", "7", "", "researcher", []), ("IELTS", "7,5", "", "master", []),
        ("TOEFL iBT", "78", "", "moderator", ["KRG 8"]), ("TOEFL iBT", "79", "", "moderator", []),
        ("TOEFL iBT", "84", "", "expert", ["KRG 8"]), ("TOEFL iBT", "85", "", "expert", []),
        ("TOEFL iBT", "93", "", "researcher", ["KRG 8"]), ("TOEFL iBT", "94", "", "researcher", []),
        ("TOEFL iBT", "101", "", "master", ["KRG 8"]), ("TOEFL iBT", "102", "", "master", []),
        ("DELF", "", "B2", "expert", []), ("DELF", "", "B2", "researcher", ["KRG 8"]),
        ("Goethe-Zertifikat", "", "C1", "master", []),
        ("other", "", "B2", "moderator", []), ("other", "", "B2", "expert", ["KRG 9"]),
        ("other", "", "C2", "expert", []), ("other", "", "C2", "researcher", ["KRG 9"]),
    ],
)  # fmt: skip
def test_a_language_certificate_opens_its_categories(
    examination: str, score: str, level: str, claimed: str, clauses: list[str]
) -> None:
    content = filled(WITHOUT, examination=examination, score=score, level=level, claimed=claimed)
    assert refused(WITHOUT, "language_category", content) == clauses


@pytest.mark.parametrize(("until", "clauses"), [("2024-10-06", ["KRG 8"]), ("2024-10-07", []), ("", [])])
def test_a_certificate_is_one_in_force(until: str, clauses: list[str]) -> None:
    assert refused(WITHOUT, "certificate_in_force", filled(WITHOUT, until=until)) == clauses


def test_a_certificate_is_named() -> None:
    assert refused(WITHOUT, "names_its_certificate", filled(WITHOUT, number="")) == ["KRG 8"]
    assert refused(WITHOUT, "names_its_certificate", filled(WITHOUT)) == []
    reserve = filled(WITHOUT, number="", ground="presidential_reserve")
    assert refused(WITHOUT, "names_its_certificate", reserve) == []


def test_a_language_certificate_needs_a_portfolio() -> None:
    assert refused(WITHOUT, "summary_needs_a_sheet", filled(WITHOUT, sheet_group="")) == ["KRG 8"]
    assert refused(WITHOUT, "summary_needs_a_sheet", filled(WITHOUT)) == []
    assert refused(WITHOUT, "summary_needs_a_sheet", filled(WITHOUT, sheet_group="", ground="celta")) == []


@pytest.mark.parametrize(
    ("graduated_on", "clauses"), [("2019-10-07", []), ("2019-10-06", ["KRG 7 ¶2"]), ("", ["KRG 7 ¶2"])]
)
def test_a_graduate_is_one_of_the_last_five_years(graduated_on: str, clauses: list[str]) -> None:
    content = filled(WITHOUT, ground="nazarbayev_or_bolashak_graduate", graduated_on=graduated_on)
    assert refused(WITHOUT, "recent_graduate", content) == clauses


@pytest.mark.parametrize(
    ("ground", "since", "clauses"),
    [
        ("production_moderator", "2019-10-07", []), ("production_moderator", "2019-10-08", ["KRG 6 ¶2"]),
        ("production_expert", "2014-10-06", []), ("production_expert", "2014-10-07", ["KRG 6 ¶3"]),
    ],
)  # fmt: skip
def test_production_needs_its_years(ground: str, since: str, clauses: list[str]) -> None:
    card = {"experience": [{"kind": "production", "since": since, "until": ""}]}
    assert refused(WITHOUT, "production_service", filled(WITHOUT, ground=ground), card=card) == clauses


# ------------------------------------------------------------------ categories kept, old categories


@pytest.mark.parametrize("kind", [RETENTION, PREPENSION], ids=lambda kind: kind.name)
def test_only_what_is_held_is_kept(kind: DocumentType) -> None:
    place = "KRG 34" if kind is RETENTION else "KRG 35"
    assert refused(kind, "keeps_what_is_held", filled(kind)) == []
    assert refused(kind, "keeps_what_is_held", filled(kind, current="", claimed="")) == [place]
    content, _ = kind.form.validate_content(filled(kind, current="expert", claimed="master"))
    assert content["claimed"] == "expert"


@pytest.mark.parametrize("kind", [RETENTION, PREPENSION], ids=lambda kind: kind.name)
def test_a_category_is_one_of_its_ladder(kind: DocumentType) -> None:
    _, errors = kind.form.validate_content(filled(kind, ladder="head"))
    assert list(errors) == ["current"]
    content, errors = kind.form.validate_content(filled(kind, ladder="deputy", current="third"))
    assert (content["claimed"], errors) == ("third", {})


@pytest.mark.parametrize(
    ("until", "clauses"),
    [("2025-10-07", []), ("2025-10-08", ["KRG 34(5)"]), ("2024-10-07", [])],
)
def test_on_a_transfer_a_year_is_left(until: str, clauses: list[str]) -> None:
    content = filled(RETENTION, ground="34(5)", current_until=until)
    assert refused(RETENTION, "retention_ground", content) == clauses


@pytest.mark.parametrize(("until", "clauses"), [("2022-10-07", []), ("2022-10-06", ["KRG 34"])])
def test_a_category_is_kept_for_two_years(until: str, clauses: list[str]) -> None:
    assert refused(RETENTION, "retention_ground", filled(RETENTION, current_until=until)) == clauses


@pytest.mark.parametrize(
    ("pension_on", "clauses"),
    [("2028-10-06", []), ("2028-10-07", ["KRG 35"]), ("2024-10-08", []), ("2024-10-07", ["KRG 35 ¶2"])],
)
def test_less_than_four_years_are_left_to_the_pension(pension_on: str, clauses: list[str]) -> None:
    assert refused(PREPENSION, "before_pension", filled(PREPENSION, pension_on=pension_on)) == clauses


@pytest.mark.parametrize(
    ("old", "claimed"), [("екінші санат", "moderator"), ("бірінші санат", "expert"), ("жоғары санат", "researcher")]
)
def test_an_old_category_says_which_new_one_is_sought(old: str, claimed: str) -> None:
    content, errors = OLD.form.validate_content(filled(OLD, old_category=old))
    assert (content["claimed"], errors) == (claimed, {})
    assert refused(OLD, "old_category", content) == []
    assert refused(OLD, "old_category", content | {"claimed": "master"}) == ["KRG 32"]


# ------------------------------------------------------------------ attachments (appendix 4, row 8)


def test_what_is_attached_depends_on_who_applies() -> None:
    documents = {"education_document", "labour_document"}
    assert required(TEACHER, filled(TEACHER)) == documents | {"students_achievements"}
    assert required(TEACHER, filled(TEACHER, sheet_group="special_group")) == documents
    assert required(HEAD, filled(HEAD)) == documents
    assert required(RETENTION, filled(RETENTION)) == {"ground_document"}
    assert required(PREPENSION, filled(PREPENSION)) == {"pension_document"}


@pytest.mark.parametrize(
    ("ground", "kinds"),
    [
        ("language", {"language_certificate"}), ("celta", {"language_certificate"}),
        ("presidential_reserve", {"ground_document"}),
        ("production_expert", {"ground_document", "organisation_request"}),
    ],
)  # fmt: skip
def test_a_ground_is_proved(ground: str, kinds: set[str]) -> None:
    common = {"education_document", "labour_document"}
    assert required(WITHOUT, filled(WITHOUT, ground=ground)) == common | kinds


@pytest.mark.parametrize(
    ("ground", "runs"), [("production_moderator", True), ("production_expert", True), ("language", False)]
)
def test_only_service_in_production_has_a_session_in_five_days(ground: str, runs: bool) -> None:
    (session,) = (each for each in WITHOUT.deadlines if each.name == "session_without_attestation")
    assert session.when is not None
    assert session.when(filled(WITHOUT, ground=ground)) is runs
    assert (session.term.amount, session.term.clause.key) == (5, "KRG 6 ¶4")


def test_the_ground_of_a_category_kept_is_one_of_five() -> None:
    assert list(retention_application.GROUND_TITLES) == [f"34({number})" for number in range(1, 6)]
    _, errors = RETENTION.form.validate_content(filled(RETENTION, ground="34(6)"))
    assert list(errors) == ["ground"]


# ------------------------------------------------------------------ the card and the spreadsheet

CARD = {
    "person_id": 7,
    "person": {"surname": "Ким", "given_name": "Ли", "patronymic": ""},
    "posts": [
        {"title": "директор", "organisation": "№ 4 мектеп", "ladder": "head", "since": "2015", "until": "2019-08-31"},
        {"title": "химия мұғалімі", "organisation": "№ 5 мектеп", "ladder": "teacher", "since": "2019", "until": ""},
    ],
    "education": [DIPLOMA | {"speciality": "химия"}],
    "categories": [a_category("expert", until="2026-01-10")],
    "old_categories": [{"name": "жоғары санат", "until": "2024-11-01"}],
    "languages": [{"examination": "IELTS", "score": "7,0", "number": "X1", "until": "2025-01-01", "level": ""}],
    "pension_on": "2027-01-01",
}


@EACH
def test_a_new_form_begins_with_the_card(kind: DocumentType) -> None:
    assert kind.starts_with is not None
    begun = kind.starts_with(CARD, date(2024, 10, 7))
    assert begun["applicant"] == CARD["person"]
    assert (begun["year"], begun["filed_on"]) == (2025, "2024-10-07")
    bound = kind.form.bound_to(filled(kind) | begun).content()
    assert bound["applicant"]["surname"] == "Ким"
    assert kind.starts_with({}, date(2024, 10, 7))["position"] == ""


def test_a_teacher_begins_with_post_and_category() -> None:
    begun = teacher_application.from_card(CARD, date(2024, 10, 7))
    assert (begun["position"], begun["workplace"], begun["speciality"]) == ("химия мұғалімі", "№ 5 мектеп", "химия")
    assert (begun["current"], begun["current_until"]) == ("expert", "2026-01-10")
    assert prepension_application.from_card(CARD, date(2024, 10, 7))["pension_on"] == "2027-01-01"
    old = old_category_application.from_card(CARD, date(2024, 10, 7))
    assert (old["old_category"], old["old_until"], old["current"]) == ("жоғары санат", "2024-11-01", "")
    language = without_attestation_application.from_card(CARD, date(2024, 10, 7))
    assert (language["examination"], language["score"], language["number"]) == ("IELTS", "7,0", "X1")


def test_a_claim_begins_with_what_is_held() -> None:
    """The first category of the list would be a claim far below the one that is held."""
    assert teacher_application.from_card(CARD, date(2024, 10, 7))["claimed"] == "expert"
    assert early_application.from_card(CARD, date(2024, 10, 7))["claimed"] == "researcher"
    assert "claimed" not in teacher_application.from_card({}, date(2024, 10, 7))


def test_a_deputy_begins_as_a_deputy() -> None:
    card = CARD | {"posts": [{"title": "орынбасар", "organisation": "А", "ladder": "deputy", "until": ""}]}
    assert head_application.from_card(card, date(2024, 10, 7))["sheet_group"] == "deputy"
    assert head_application.from_card(CARD, date(2024, 10, 7))["sheet_group"] == "head"


def test_fifty_applicants_come_from_one_table() -> None:
    assert TEACHER.spreadsheet is not None
    titles = (
        "Тегі",
        "Аты",
        "ЖСН",
        "Лауазымы",
        "Мәлімделетін санаты",
        "Қолданыстағы санаты",
        "Бағалау парағы",
        "Келісім",
    )
    row = ("Ким", "Ли", "850314400129", "мұғалім", "Педагог-сарапшы", "педагог-модератор", "Педагог", "иә")
    sheet = spreadsheets.Sheet(titles, tuple((number, row) for number in range(1, 51)))
    rows, unknown = spreadsheets.mapped(sheet, TEACHER.spreadsheet)
    assert (len(rows), unknown) == (50, ())
    content = TEACHER.form.bound_to(
        spreadsheets.nested({path.replace("-", "."): value for path, value in rows[0][1].items()})
    ).content()
    assert (content["claimed"], content["current"], content["sheet_group"]) == ("expert", "moderator", "teacher")
    assert (content["consent"], content["ladder"], content["procedure"]) == (True, "teacher", "regular")


def test_a_table_of_heads_says_whether_a_deputy_applies() -> None:
    data = filled(HEAD, sheet_group="Білім беру ұйымы басшысының орынбасары", claimed="екінші санат")
    content, errors = HEAD.form.validate_content(data)
    assert (errors, content["ladder"], content["claimed"]) == ({}, "deputy", "second")


@pytest.mark.parametrize(("old", "key"), OLD_HEAD_CATEGORIES.items())
def test_an_old_category_of_a_head_equals_a_new_one(old: str, key: str) -> None:
    content, errors = HEAD.form.validate_content(filled(HEAD, current=old))
    assert (content["current"], errors) == (key, {})


def test_groups_belong_to_the_ladders_of_the_sheets() -> None:
    assert set(_attestation.GROUP_TITLES) == set(GROUPS)
    assert {group: _attestation.ladder_of(group) for group in ("teacher", "cabinet_head", "preschool_deputy")} == {
        "teacher": "teacher", "cabinet_head": "head", "preschool_deputy": "deputy",
    }  # fmt: skip


# ------------------------------------------------------------------ the appeal (clause 2, 5)


def test_an_appeal_is_against_results_in_force() -> None:
    rule, content = "against_a_result_of_the_test", filled(APPEAL)
    rows = [{"person_id": 2, "score": 33}]
    table = RelatedDocument("knowledge_results", "АТТ-ПББ-00001/2024", "in_force", {"rows": rows})
    assert refused(APPEAL, rule, content) == ["KRG 2(5)"]
    assert refused(APPEAL, rule, content, related={"group:knowledge_results": (table,)}) == []
    assert refused(APPEAL, rule, content, related={"organisation:knowledge_results": (table,)}) == []
    unsigned = replace(table, state="to_sign")
    assert refused(APPEAL, rule, content, related={"group:knowledge_results": (unsigned,)}) == ["KRG 2(5)"]
    other = filled(APPEAL, person_id=3)
    assert refused(APPEAL, rule, other, related={"group:knowledge_results": (table,)}) == ["KRG 2(5)"]


def test_an_appeal_comes_after_the_test() -> None:
    rule = "appeal_is_filed_by_then"
    assert refused(APPEAL, rule, filled(APPEAL, filed_on="2024-10-20")) == ["KRG 2(5)"]
    assert refused(APPEAL, rule, filled(APPEAL, filed_on="2024-10-21")) == []
    assert refused(APPEAL, rule, filled(APPEAL), on="2024-10-21") == ["KRG 2(5)"]


# ------------------------------------------------------------------ papers


@pytest.mark.parametrize("kind", [*APPLICATIONS, APPEAL], ids=lambda kind: kind.name)
def test_a_form_that_was_hardly_begun_has_a_paper(kind: DocumentType) -> None:
    content, errors = kind.form.validate_content({})
    assert errors
    data = whole(kind.name, "kk", content, profile="krg")
    data["document"] |= {"number": "", "date": "", "code": "", "verify_url": "", "draft": True}
    data["printed"] = dict(kind.printed(content, KRG)) if kind.printed else {}
    assert render(kind.template, data, attachment=canonical_json(content), when=WHEN).startswith(b"%PDF")


# ------------------------------------------------------------------ words


def test_papers_and_pages_name_the_categories_alike() -> None:
    library = Path(_attestation.__file__).parents[2] / "templates/paper/lib/attestation.typ"
    written = dict(re.findall(r'(\w+): "([^"]+)"', library.read_text(encoding="utf-8")))
    for key, title in LADDERS["teacher"].titles.items():
        assert written[key] == title.kk
    text = library.read_text(encoding="utf-8")
    for ladder in ("head", "deputy"):
        assert all(f'{key}: "{title.kk}"' in text for key, title in LADDERS[ladder].titles.items())
    assert all(written[key] == title.kk for key, title in PROCEDURE_TITLES.items())


def test_words_of_the_act_are_said_in_the_language_of_the_page() -> None:
    label = _attestation.words(LADDERS["teacher"].titles["expert"])
    with translated_by(lambda sentence: sentence, language="ru"):
        assert str(label) == "педагог-эксперт"
    with translated_by(lambda sentence: sentence, language="kk"):
        assert str(label) == "педагог-сарапшы"
    assert _attestation.category_title("teacher", "").kk == ""


def test_the_clerks_rules_wait_for_the_card() -> None:
    asked = {rule.name: rule.transitions for rule in TEACHER.rules}
    assert asked["current_is_the_cards"] == asked["experience"] == asked["sequence"] == ("accept",)
    assert asked["window"] == ("submit",)
    assert _attestation_intake.SESSION_IN_FIVE_DAYS.term.amount == 5


def test_nobody_appeals_before_there_are_results() -> None:
    rule = appeal_application.the_test_has_results
    results = RelatedDocument("knowledge_results", "АК-ПББ-1", "in_force", {"rows": [{"person_id": 1}]})

    def asked(person_id: int, *tables: RelatedDocument) -> Step:
        return Step(
            "teacher_application", "issue", {}, KRG, SYSTEM, date(2024, 10, 23), card={"person_id": person_id},
            related=lambda kind: tables if kind == "group:knowledge_results" else (),
        )  # fmt: skip

    assert rule.refusals(asked(1, results)) == ()
    for step in (asked(2, results), asked(1), asked(1, replace(results, state="to_sign"))):
        (refusal,) = rule.refusals(step)
        assert str(refusal.clause) == "KRG 2(5)"


# ------------------------------------------------------------------ clause 10 ¶4: a move after the special programme


def moved(ground: str = "special_programme", *, to: str = "№ 9 мектеп") -> dict[str, Any]:
    """A card with a category of clause 10, given at school № 7; since September the post is at *to*."""
    posts = [
        {"title": "мұғалім", "organisation": "№ 7  мектеп", "ladder": "teacher", "since": "2019-09-01",
         "until": "2024-08-31"},
        {"title": "мұғалім", "organisation": to, "ladder": "teacher", "since": "2024-09-01", "until": ""},
    ]  # fmt: skip
    held = a_category("researcher", procedure="without_attestation", ground=ground)
    return {"categories": [held], "posts": posts}


@pytest.mark.parametrize(
    ("kind", "card", "changes", "clauses"),
    [
        (TEACHER, moved(), {"claimed": "master"}, ["KRG 10 ¶4"]),
        (TEACHER, moved("special_programme_graduate"), {"claimed": "master"}, ["KRG 10 ¶4"]),
        (TEACHER, moved(), {"claimed": "researcher"}, []),
        (TEACHER, moved(to="№ 7 МЕКТЕП"), {"claimed": "master"}, []),
        (TEACHER, moved(""), {"claimed": "master"}, []),
        (TEACHER, {**moved(), "posts": []}, {"claimed": "master"}, []),  # nobody has entered where he worked
        (EARLY, moved(), {"claimed": "master"}, ["KRG 10 ¶4"]),
    ],
)
def test_a_category_of_the_special_programme_is_confirmed_after_a_move(
    kind: DocumentType, card: Mapping[str, Any], changes: Mapping[str, str], clauses: list[str]
) -> None:
    content = filled(kind, filed_on="2024-10-07", **changes)
    assert refused(kind, "confirms_after_a_move", content, card=card) == clauses


# ------------------------------------------------------------------ clause 47: a head before the term


@pytest.mark.parametrize(
    ("changes", "clauses"),
    [
        ({"achieved_since": "2022-10-07"}, []),
        ({"achieved_since": "2022-10-08"}, ["KRG 47"]),
        ({"achieved_since": ""}, ["KRG 47"]),
        ({"achieved_since": "", "procedure": "regular"}, []),
    ],
)
def test_a_head_before_the_term_shows_two_unbroken_years(changes: Mapping[str, str], clauses: list[str]) -> None:
    content = filled(HEAD, **{"procedure": "early", "filed_on": "2024-10-07", **changes})
    assert refused(HEAD, "early_heads_results", content) == clauses


def test_only_a_head_before_the_term_attaches_the_results_of_two_years() -> None:
    assert "results_of_two_years" in required(HEAD, filled(HEAD, procedure="early"))
    assert "results_of_two_years" not in required(HEAD, filled(HEAD))
