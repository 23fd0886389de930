"""Applications and the questionnaire: each rule once refusing and once at its limit."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from docflow.core.permissions import SYSTEM
from docflow.core.rules import RelatedDocument, Rule, Step
from docflow.core.types import DocumentType
from docflow.forms import (
    knk_application,
    o95_application,
    o95_application_abroad,
    questionnaire,
    wku_application,
)
from docflow.regulations.profiles import PROFILES

DAY = date(2026, 1, 20)
TYPES = (
    o95_application.TYPE, o95_application_abroad.TYPE, wku_application.TYPE, knk_application.TYPE, questionnaire.TYPE,
)  # fmt: skip


def filled(document_type: DocumentType, **changes: Any) -> dict[str, Any]:
    return deepcopy(dict(document_type.sample)) | changes


def refused(
    rule: Rule,
    content: Mapping[str, Any],
    *,
    profile: str = "wku",
    on: date = DAY,
    group: Mapping[str, Any] | None = None,
    related: Mapping[str, tuple[RelatedDocument, ...]] | None = None,
) -> list[str | None]:
    """Give the clauses of the refusals."""
    step = Step(
        type="", transition=rule.transitions[0], content=content, profile=PROFILES[profile], actor=SYSTEM, on=on,
        group=group or {}, related=lambda kind: (related or {}).get(kind, ()),
    )  # fmt: skip
    found = rule.refusals(step)
    assert all(str(each.message) for each in found)
    return [each.clause.key if each.clause else None for each in found]


def required(document_type: DocumentType, content: Mapping[str, Any], profile: str) -> set[str]:
    return {each.kind for each in document_type.attachments if each.is_required(content, PROFILES[profile])}


# ------------------------------------------------------------------ what all of them share


@pytest.mark.parametrize("document_type", TYPES, ids=lambda t: t.name)
def test_a_patronymic_may_be_absent(document_type: DocumentType) -> None:
    person = {"surname": "Ким", "given_name": "Ли", "patronymic": "", "iin": "850314400129", "iin_override": ""}
    content, errors = document_type.form.validate_content(filled(document_type, applicant=person))
    assert errors == {}
    assert document_type.heading is not None
    assert document_type.heading(content) == "Ким Ли"


@pytest.mark.parametrize("document_type", TYPES, ids=lambda t: t.name)
def test_an_iin_with_a_wrong_check_digit_needs_a_reason(document_type: DocumentType) -> None:
    person = document_type.sample["applicant"] | {"iin": "850314400128"}
    _, errors = document_type.form.validate_content(filled(document_type, applicant=person))
    assert list(errors) == ["applicant-iin"]
    _, errors = document_type.form.validate_content(
        filled(document_type, applicant=person | {"iin_override": "так в удостоверении"})
    )
    assert errors == {}


@pytest.mark.parametrize("document_type", TYPES, ids=lambda t: t.name)
def test_nothing_personal_is_public(document_type: DocumentType) -> None:
    assert document_type.public_fields == ()


@pytest.mark.parametrize("document_type", TYPES, ids=lambda t: t.name)
def test_no_application_is_filed_before_its_day(document_type: DocumentType) -> None:
    (rule,) = (each for each in document_type.rules if each.name == "filed_by_then")
    profile = "knk" if document_type is knk_application.TYPE else "wku"
    assert refused(rule, filled(document_type, filed_on="2026-01-21"), profile=profile) == [rule.clauses[0].key]
    assert refused(rule, filled(document_type, filed_on="2026-01-20"), profile=profile) == []


def test_the_languages_are_those_of_the_act() -> None:
    spoken = {each.name: each.languages(PROFILES["wku"]) for each in TYPES}
    assert spoken == {
        "o95_application": ("kk", "ru"), "o95_application_abroad": ("kk", "ru"), "wku_application": ("ru",),
        "knk_application": ("kk",), "questionnaire": ("ru",),
    }  # fmt: skip


@pytest.mark.parametrize(("written", "kept"), [("Қазақ", "kk"), (" русский ", "ru"), ("en", "en")])
def test_a_language_may_be_written_in_words(written: str, kept: str) -> None:
    content, errors = wku_application.TYPE.form.validate_content(filled(wku_application.TYPE, study_language=written))
    assert (content["study_language"], errors) == (kept, {})


def test_a_day_may_be_written_as_people_write_it() -> None:
    content, errors = wku_application.TYPE.form.validate_content(filled(wku_application.TYPE, filed_on="20.01.2026"))
    assert (content["filed_on"], errors) == ("2026-01-20", {})


# ------------------------------------------------------------------ Order No. 95


@pytest.mark.parametrize("module", [o95_application, o95_application_abroad])
def test_the_forms_of_the_order_are_for_budget_places(module: Any) -> None:
    content = filled(module.TYPE)
    assert refused(module.only_for_budget_places, content, group={"funding": "paid"}) == ["O95 10"]
    assert refused(module.only_for_budget_places, content, group={"funding": "budget"}) == []
    assert refused(module.only_for_budget_places, content) == []  # no group yet


@pytest.mark.parametrize(("ends_on", "clauses"), [("2027-02-03", ["O95 5(3)"]), ("2027-02-02", [])])
def test_a_course_abroad_lasts_a_year_at_most(ends_on: str, clauses: list[str]) -> None:
    group = {"starts_on": "2026-02-02", "ends_on": ends_on}
    content = filled(o95_application_abroad.TYPE, duration_class="up_to_1_year")
    assert refused(o95_application_abroad.at_most_a_year, content, group=group) == clauses


@pytest.mark.parametrize(("ends_on", "clauses"), [("2026-05-03", ["O95 app. 2"]), ("2026-05-02", [])])
def test_three_months_abroad_are_three_months(ends_on: str, clauses: list[str]) -> None:
    group = {"starts_on": "2026-02-02", "ends_on": ends_on}
    rule = o95_application_abroad.as_long_as_asked
    assert refused(rule, filled(o95_application_abroad.TYPE), group=group) == clauses
    assert refused(rule, filled(o95_application_abroad.TYPE, duration_class="up_to_1_year"), group=group) == []


@pytest.mark.parametrize(("hours", "clauses"), [(35, ["O95 23 ¶2(1)"]), (36, [])])
def test_a_course_abroad_has_36_hours_at_least(hours: int, clauses: list[str]) -> None:
    content = filled(o95_application_abroad.TYPE)
    assert refused(o95_application_abroad.enough_hours_abroad, content, group={"hours": hours}) == clauses


def test_an_identity_document_goes_with_the_forms_of_the_order() -> None:
    assert required(o95_application.TYPE, filled(o95_application.TYPE), "wku") == {"identity_document"}
    assert required(o95_application_abroad.TYPE, filled(o95_application_abroad.TYPE), "knk") == {"identity_document"}


# ------------------------------------------------------------------ the university


def test_an_application_waits_for_its_questionnaire() -> None:
    content, rule = filled(wku_application.TYPE), wku_application.questionnaire_filed
    filed = RelatedDocument("questionnaire", "А-00001/2026", "accepted", {})
    assert refused(rule, content) == ["WKU 6.2.4"]
    assert refused(rule, content, related={"group:questionnaire": (filed,)}) == []


def test_a_budget_place_needs_the_order_of_referral() -> None:
    rule, paid = wku_application.referral_for_budget_places, filled(wku_application.TYPE)
    budget = filled(wku_application.TYPE, funding="budget")
    assert refused(rule, paid, group={"funding": "budget"}) == ["WKU 6.2.5"]
    assert refused(rule, budget, group={"funding": "budget"}) == []
    assert refused(rule, paid, group={"funding": "paid"}) == []
    assert required(wku_application.TYPE, paid, "wku") == {"identity_document", "diploma"}
    assert required(wku_application.TYPE, budget, "wku") == {"identity_document", "diploma", "referral_order"}


def test_the_questionnaire_keeps_the_order_of_the_form() -> None:
    printed = [field.short_name for field in questionnaire.QuestionnaireForm()]
    assert printed == [
        "applicant", "birth_date", "position", "education", "category", "category_valid_until", "workplace", "region",
        "total_experience", "teaching_experience", "study_language", "address", "phone", "email", "extra", "consent",
        "filed_on",
    ]  # fmt: skip


@pytest.mark.parametrize("no", ["нет", "жоқ", "", False])
def test_a_questionnaire_needs_consent(no: Any) -> None:
    content, errors = questionnaire.TYPE.form.validate_content(filled(questionnaire.TYPE, consent=no))
    assert errors == {}
    assert refused(questionnaire.consent_given, content) == ["WKU 6.2.4"]
    assert refused(questionnaire.consent_given, filled(questionnaire.TYPE)) == []


def test_the_date_of_birth_is_the_one_of_the_iin() -> None:
    rule = questionnaire.birth_date_matches_iin
    other = filled(questionnaire.TYPE, birth_date="1985-03-15")
    assert refused(rule, other) == ["WKU app. 2"]
    assert refused(rule, filled(questionnaire.TYPE)) == []
    other["applicant"]["iin_override"] = "так в удостоверении"
    assert refused(rule, other) == []


def test_teaching_experience_is_within_the_total() -> None:
    rule = questionnaire.teaching_within_total
    assert refused(rule, filled(questionnaire.TYPE, total_experience=16)) == ["WKU app. 2"]
    assert refused(rule, filled(questionnaire.TYPE, total_experience=17)) == []


def test_a_questionnaire_feeds_the_record_without_name_and_iin() -> None:
    details = questionnaire.person_details(questionnaire.TYPE.sample)
    assert details["birth_date"] == "1985-03-14"
    assert details["email"] == "gaziza@example.kz"
    assert not {"applicant", "iin", "consent", "filed_on"} & set(details)


# ------------------------------------------------------------------ the conservatory


def test_payment_is_guaranteed() -> None:
    rule = knk_application.payment_guaranteed
    assert refused(rule, filled(knk_application.TYPE, payment_guarantee=False), profile="knk") == ["KNK app. 1"]
    assert refused(rule, filled(knk_application.TYPE), profile="knk") == []


def test_the_period_of_the_course_runs_forward() -> None:
    rule = knk_application.period_in_order
    assert refused(rule, filled(knk_application.TYPE, period_to="2026-02-01"), profile="knk") == ["KNK app. 1"]
    assert refused(rule, filled(knk_application.TYPE, period_to="2026-02-02"), profile="knk") == []


@pytest.mark.parametrize(
    ("asked", "offered", "clauses"),
    [
        ("author", "registry", ["KNK 3.13"]),
        ("registry", "author", ["KNK 3.14"]),
        ("author", "author", []),
        ("registry", "registry", []),
        ("author", "", []),
    ],
)
def test_the_programme_is_the_one_asked_for(asked: str, offered: str, clauses: list[str]) -> None:
    content = filled(knk_application.TYPE, programme_kind=asked)
    group = {"programme_kind": offered}
    assert refused(knk_application.programme_as_asked, content, profile="knk", group=group) == clauses


def test_a_changed_surname_needs_its_document() -> None:
    usual = {"diploma", "identity_document"}
    same = filled(knk_application.TYPE, diploma_surname="өмірғалиқызы-сейітмұхамбетова")
    assert required(knk_application.TYPE, filled(knk_application.TYPE), "knk") == usual
    assert required(knk_application.TYPE, same, "knk") == usual
    changed = filled(knk_application.TYPE, diploma_surname="Өмірғалиқызы")
    assert required(knk_application.TYPE, changed, "knk") == {*usual, "name_change"}


def test_the_head_of_the_employer_signs_after_the_applicant() -> None:
    slots = [(slot.name, slot.person, slot.order) for slot in knk_application.TYPE.slots]
    assert slots == [("applicant", "applicant", 1), ("employer_head", "employer_head", 2)]
