"""The reference of attendance: for those who did not pass, with every reason and its clause."""

from __future__ import annotations

from typing import Any

import pytest

from docflow.core.messages import translated_by
from docflow.core.rules import Refusal
from docflow.forms import attendance_reference as module
from docflow.forms import course_certificate
from tests.forms.assessed import KIM, asked, deciding, from_row, related, row, sheet, step

TYPE = module.TYPE
(DERIVATION,) = TYPE.derived_from


def refusals_of(content: dict[str, Any], number: int = 1, *, profile: str = "wku") -> tuple[Refusal, ...]:
    attempt = step(content, profile=profile).for_row(number, content["listeners"][number - 1])
    return tuple(refusal for rule in DERIVATION.when for refusal in rule.refusals(attempt))


def reference(attended: int = 57, score: int = 49, **changes: Any) -> dict[str, Any]:
    content = sheet(row(attended, score))
    return from_row(DERIVATION, content, refusals=refusals_of(content)) | changes


def test_it_goes_to_the_rows_that_get_no_certificate_for_their_results() -> None:
    assert DERIVATION.otherwise
    assert set(DERIVATION.when) < set(course_certificate.TYPE.derived_from[0].when)
    assert refusals_of(sheet(row(58, 50))) == ()
    assert [refusal.code for refusal in refusals_of(sheet(row(57, 49)))] == ["attended_enough", "scored_enough"]


def test_who_passed_but_has_no_contract_gets_no_reference() -> None:
    # A missing signature is not a failed assessment (O95 31).
    assert refusals_of(sheet(row())) == ()


def test_it_repeats_the_sheet_and_gives_every_reason_with_its_clause() -> None:
    content = reference()
    assert (content["holder"], content["holder_id"], content["attended_hours"], content["score"]) == (KIM, 1, 57, 49)
    assert (content["sheet_number"], content["sheet_date"]) == ("В-7", "2026-02-14")
    assert [reason["clause"] for reason in content["reasons"]] == ["O95 24(3)", "O95 24(4)"]
    assert TYPE.form.validate_content(content) == (content, {})


def test_the_reasons_are_in_the_language_of_the_paper() -> None:
    russian = "Посещено %(attended)s из %(hours)s часов: %(percent)s %%; нужно не менее %(least)s %%."
    with translated_by(lambda sentence: russian if sentence.startswith("Attended") else sentence):
        assert reference()["reasons"][0]["text"] == "Посещено 57 из 72 часов: 79 %; нужно не менее 80 %."


def test_reference_is_provided_for() -> None:
    rule, decided = module.reference_is_provided_for, deciding("wku", failed_reference="no")
    assert asked(rule, step(reference(), profile=decided)) == [("reference_is_provided_for", "O95 31", None)]
    for profile in ("o95", "wku", "knk"):
        assert asked(rule, step(reference(), profile=profile)) == []


@pytest.mark.parametrize(("profile", "clause"), [("wku", "O95 31"), ("knk", "KNK 5.6")])
def test_rests_on_a_failed_assessment(profile: str, clause: str) -> None:
    rule, refusal = module.rests_on_a_failed_assessment, ("rests_on_a_failed_assessment", clause, None)
    failed, passed = related("assessment_sheet", sheet(row(57))), related("assessment_sheet", sheet(row(58)))
    assert asked(rule, step(reference(), profile=profile, basis=failed)) == []
    assert asked(rule, step(reference(), profile=profile, basis=passed)) == [refusal]
    assert asked(rule, step(reference(), profile=profile)) == [refusal]


def test_says_why_there_is_no_certificate() -> None:
    rule = module.says_why_there_is_no_certificate
    refused = asked(rule, step(reference(reasons=[]), profile="knk"))
    assert refused == [("says_why_there_is_no_certificate", "KNK 5.6", None)]
    assert asked(rule, step(reference())) == []


def test_results_are_not_public() -> None:
    assert not set(TYPE.public_fields) & {"score", "attended_hours", "reasons"}
