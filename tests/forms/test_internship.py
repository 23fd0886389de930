"""The internship of O95 30: memorandum with an enterprise, the reference of its head, the certificate on it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from docflow.core.derivation import Source
from docflow.core.rules import RelatedDocument
from docflow.core.types import Capacity
from docflow.forms import _internship as shared
from docflow.forms import enrolment_order
from docflow.forms import internship_certificate as certificates
from docflow.forms import internship_memorandum as memoranda
from docflow.forms import internship_reference as references
from docflow.regulations.profiles import PROFILES
from tests.forms.assessed import asked, deciding, from_row, related, step

LAST_DAY = date(2026, 2, 13)
NUMBER = "ЦПК-М-0003/2026"


def memorandum(**changes: Any) -> dict[str, Any]:
    return deepcopy(dict(memoranda.SAMPLES["wku"])) | changes


def reference(**changes: Any) -> dict[str, Any]:
    return dict(references.SAMPLES["wku"]) | changes


def certificate(**changes: Any) -> dict[str, Any]:
    return dict(certificates.SAMPLES["wku"]) | changes


def signed_memorandum(**changes: Any) -> RelatedDocument:
    return related("internship_memorandum", memorandum(**changes), number=NUMBER)


def with_row(**changes: Any) -> dict[str, Any]:
    """The memorandum with its first row changed."""
    content = memorandum()
    content["teachers"][0] |= changes
    return content


# ---------------------------------------------------------------- memorandum


def test_a_memorandum_is_drafted_with_the_listeners_of_the_order() -> None:
    order = related("enrolment_order", enrolment_order.SAMPLE)
    group = {"topic_kk": "Тақырып", "starts_on": "2026-03-02", "ends_on": "2026-03-12"}
    filled = memoranda.from_orders([order], group, PROFILES["o95"], LAST_DAY, "kk")
    assert (filled["topic"], filled["hours"], filled["starts_on"]) == ("Тақырып", 36, "2026-03-02")
    wanted = [(row["person"], row["person_id"]) for row in enrolment_order.SAMPLE["listeners"]]  # type: ignore[attr-defined]
    assert [(row["person"], row["person_id"]) for row in filled["teachers"]] == wanted
    assert memoranda.TYPE.form.validate_content(filled) == (filled, {})


def test_both_parties_sign_the_memorandum_and_the_enterprise_for_itself() -> None:
    head, enterprise = memoranda.TYPE.slots_for(PROFILES["wku"])
    assert (head.position, head.capacity) == ("head", Capacity.HEAD_OR_ACTING)
    assert (enterprise.person, enterprise.capacity) == ("enterprise_head_id", Capacity.ENTERPRISE_HEAD)
    assert head.order == enterprise.order  # neither waits for the other


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"enterprise": ""}, ["enterprise"]),
        ({"enterprise_bin": ""}, ["enterprise_bin"]),
        ({"enterprise_head_position": ""}, ["enterprise_head_position"]),
        ({"enterprise_head": {"surname": "Ким", "given_name": "", "patronymic": ""}}, ["enterprise_head"]),
    ],
)
def test_names_the_enterprise(changes: dict[str, Any], fields: list[str]) -> None:
    found = memoranda.names_the_enterprise.refusals(step(memorandum(**changes)))
    assert [each.field for each in found] == fields
    assert {each.clause.key for each in found if each.clause} <= {"O95 30 ¶2"}


def test_a_bin_has_to_be_possible() -> None:
    _, errors = memoranda.TYPE.form.validate_content(memorandum(enterprise_bin="990140000013"))
    assert list(errors) == ["enterprise_bin"]


def test_names_a_teacher() -> None:
    assert asked(memoranda.names_a_teacher, step(memorandum(teachers=[]))) == [("names_a_teacher", "O95 30", None)]
    assert asked(memoranda.names_a_teacher, step(memorandum())) == []


def test_no_teacher_is_named_twice() -> None:
    rule, rows = memoranda.no_teacher_is_named_twice, memorandum()["teachers"]
    found = asked(rule, step(memorandum(teachers=[*rows, rows[0]])))
    assert found == [("no_teacher_is_named_twice", "O95 30", 1), ("no_teacher_is_named_twice", "O95 30", 3)]
    assert asked(rule, step(memorandum())) == []


@pytest.mark.parametrize("field", ["speciality", "workplace", "supervisor"])
def test_every_teacher_has_a_workplace(field: str) -> None:
    rule = memoranda.every_teacher_has_a_workplace
    assert asked(rule, step(with_row(**{field: ""}))) == [("every_teacher_has_a_workplace", "O95 30 ¶3", 1)]
    assert asked(rule, step(memorandum())) == []


# ---------------------------------------------------------------- hours and dates


@pytest.mark.parametrize(("profile", "clause"), [("o95", "O95 23(3)"), ("wku", "WKU 4.9.3"), ("knk", "O95 23(3)")])
@pytest.mark.parametrize("content", [memorandum(), reference(), certificate()])
def test_internship_is_long_enough(profile: str, clause: str, content: dict[str, Any]) -> None:
    rule = shared.internship_is_long_enough
    assert asked(rule, step(content | {"hours": 36}, profile=profile)) == []
    refused = asked(rule, step(content | {"hours": 35}, profile=profile))
    assert refused == [("internship_is_long_enough", clause, None)]


@pytest.mark.parametrize("kind", [memoranda.TYPE, references.TYPE, certificates.TYPE])
def test_the_least_hours_bind_each_of_the_three(kind: Any) -> None:
    assert shared.internship_is_long_enough in kind.rules


def test_dates_are_in_order() -> None:
    rule = shared.dates_are_in_order
    assert asked(rule, step(memorandum(ends_on="2026-02-02"))) == []
    assert asked(rule, step(memorandum(ends_on="2026-02-01"))) == [("dates_are_in_order", "O95 30", None)]


# ---------------------------------------------------------------- reference


def test_a_reference_is_drafted_for_every_teacher_and_put_into_the_enterprises_hands() -> None:
    (derivation,) = references.TYPE.derived_from
    filled = from_row(derivation, memorandum(), 2, language="ru")
    assert derivation.is_drafted
    assert (filled["person_id"], filled["person"]["surname"], filled["enterprise_head_id"]) == (6, "Ким", 40)
    assert (filled["function"], filled["skills"]) == ("", "")
    assert references.TYPE.assigned_to == "enterprise_head_id"
    assert [slot.person for slot in references.TYPE.slots] == ["enterprise_head_id"]


def test_rests_on_the_memorandum() -> None:
    rule, refusal = references.rests_on_the_memorandum, ("rests_on_the_memorandum", "O95 30 ¶2", None)
    assert asked(rule, step(reference(), basis=signed_memorandum())) == []
    assert asked(rule, step(reference())) == [refusal]
    annulled = replace(signed_memorandum(), state="annulled")
    assert asked(rule, step(reference(), basis=annulled)) == [refusal]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"person_id": 77}, "person"),
        ({"person": {"surname": "Басқа", "given_name": "Біреу", "patronymic": ""}}, "person"),
        ({"enterprise_head_id": 41}, "enterprise_head"),
        ({"enterprise_head": {"surname": "Басқа", "given_name": "Біреу", "patronymic": ""}}, "enterprise_head"),
        ({"enterprise": "ТОО «Другое»"}, "enterprise"),
        ({"memorandum_number": "1"}, "enterprise"),
    ],
)
def test_who_fills_it_cannot_change_whom_and_what_it_is_about(changes: dict[str, Any], field: str) -> None:
    found = references.rests_on_the_memorandum.refusals(step(reference(**changes), basis=signed_memorandum()))
    assert [each.field for each in found] == [field]


@pytest.mark.parametrize(
    ("dates", "refused"),
    [
        (("2026-02-02", "2026-02-13"), False),
        (("2026-02-03", "2026-02-12"), False),
        (("2026-02-01", "2026-02-13"), True),
        (("2026-02-02", "2026-02-14"), True),
    ],
)
def test_is_inside_the_memorandum(dates: tuple[str, str], refused: bool) -> None:
    content = reference(starts_on=dates[0], ends_on=dates[1])
    found = asked(references.is_inside_the_memorandum, step(content, basis=signed_memorandum()))
    assert found == ([("is_inside_the_memorandum", "O95 30 ¶2", None)] if refused else [])


@pytest.mark.parametrize(("day", "refused"), [(date(2026, 2, 12), True), (LAST_DAY, False)])
def test_internship_is_over(day: date, refused: bool) -> None:
    found = asked(references.internship_is_over, step(reference(), on=day))
    assert found == ([("internship_is_over", "O95 30 ¶4", None)] if refused else [])


def test_says_what_was_done() -> None:
    empty = reference(speciality="", function="", skills="")
    found = references.says_what_was_done.refusals(step(empty))
    assert [each.field for each in found] == ["speciality", "function", "skills"]
    assert asked(references.says_what_was_done, step(reference())) == []


# ---------------------------------------------------------------- certificate


def signed_reference(**changes: Any) -> RelatedDocument:
    return related("internship_reference", reference(**changes))


def test_rests_on_the_reference() -> None:
    rule, refusal = certificates.rests_on_the_reference, ("rests_on_the_reference", "O95 30 ¶4", None)
    assert asked(rule, step(certificate(), basis=signed_reference())) == []
    assert asked(rule, step(certificate())) == [refusal]
    for other in ({"person_id": 6}, {"person": {"surname": "А", "given_name": "Б", "patronymic": ""}}, {"hours": 71}):
        assert asked(rule, step(certificate(), basis=signed_reference(**other))) == [refusal]


def test_a_reference_that_is_not_in_force_is_none() -> None:
    waiting = replace(signed_reference(), state="to_sign")
    assert len(asked(certificates.rests_on_the_reference, step(certificate(), basis=waiting))) == 1


@pytest.mark.parametrize(("day", "refused"), [(date(2026, 2, 12), True), (LAST_DAY, False)])
def test_is_issued_after_the_internship(day: date, refused: bool) -> None:
    found = asked(certificates.is_issued_after_the_internship, step(certificate(), on=day))
    assert found == ([("is_issued_after_the_internship", "O95 30 ¶4", None)] if refused else [])


def test_the_certificate_repeats_the_reference_in_the_topic_of_its_language() -> None:
    (derivation,) = certificates.TYPE.derived_from
    document = related("internship_reference", reference())
    source = Source(document, PROFILES["wku"], {"topic_kk": "Тақырып"}, LAST_DAY, "kk", reference(), 1)
    filled = derivation.fill(source)
    assert (filled["topic"], filled["hours"], filled["holder_id"]) == ("Тақырып", 72, 5)
    assert (filled["reference_number"], filled["reference_date"]) == ("В-7", "2026-02-14")


@pytest.mark.parametrize(("decided", "until"), [("unlimited", ""), ("as_certificate", "2029-02-13")])
def test_its_term_is_what_the_organisation_has_decided(decided: str, until: str) -> None:
    (derivation,) = certificates.TYPE.derived_from
    profile = deciding("wku", internship_certificate_validity=decided)
    document = related("internship_reference", reference())
    assert derivation.fill(Source(document, profile, {}, LAST_DAY, "ru", reference(), 1))["valid_until"] == until
