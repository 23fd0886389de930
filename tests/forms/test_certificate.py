"""Certificate and annex: only for those who passed, and drafted without typing anything again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from docflow.core.rules import RelatedDocument
from docflow.forms import _assessment as shared
from docflow.forms import certificate_annex, course_certificate
from docflow.regulations.profiles import PROFILES
from tests.forms.assessed import DAY, KIM, asked, deciding, from_row, related, row, sheet, step

CERTIFICATE, ANNEX = course_certificate.TYPE, certificate_annex.TYPE
(FROM_SHEET,), (FROM_CERTIFICATE,) = CERTIFICATE.derived_from, ANNEX.derived_from
CONTRACT = related("training_contract", {"listener_id": 1})
ISSUE_ORDER = related("issue_order", {"listeners": [{"person": KIM, "person_id": 1}]})


def of_row(content: dict[str, Any], *, profile: str = "wku", **documents: RelatedDocument) -> list[Any]:
    attempt = step(content, profile=profile, **documents).for_row(1, content["listeners"][0])
    return asked(FROM_SHEET.when, attempt)


def certificate(**changes: Any) -> dict[str, Any]:
    return from_row(FROM_SHEET, sheet(row())) | changes


# ---------------------------------------------------------------- who gets one


def test_who_passed_and_has_a_contract_gets_a_certificate() -> None:
    assert of_row(sheet(row()), contracts=CONTRACT) == []
    assert of_row(sheet(row()), profile="knk", contracts=CONTRACT, group_issue_order=ISSUE_ORDER) == []


def test_attended_enough() -> None:
    at_the_limit, below = sheet(row(72), hours=90), sheet(row(71), hours=90)
    assert of_row(at_the_limit, contracts=CONTRACT) == []
    assert of_row(below, contracts=CONTRACT) == [("attended_enough", "O95 24(3)", 1)]


def test_scored_enough() -> None:
    assert of_row(sheet(row(score=50)), contracts=CONTRACT) == []
    assert of_row(sheet(row(score=49)), contracts=CONTRACT) == [("scored_enough", "O95 24(4)", 1)]


def test_a_refusal_shows_the_figures() -> None:
    content = sheet(row(57, 49))
    attempt = step(content).for_row(1, content["listeners"][0])
    sentences = [str(each.message) for rule in shared.PASSED for each in rule.refusals(attempt)]
    assert sentences == [
        "Attended 57 of 72 hours: 79 %; at least 80 % is needed.",
        "Scored 49 of 100 in the final assessment: 49 %; at least 50 % is needed.",
    ]


def test_what_is_left_empty_counts_as_nothing() -> None:
    refused = of_row(sheet(row(None, None)), contracts=CONTRACT)
    assert [code for code, _, _ in refused] == ["attended_enough", "scored_enough"]


@pytest.mark.parametrize(("profile", "clause"), [("o95", "O95 24"), ("wku", "WKU 6.3")])
def test_contract_in_force(profile: str, clause: str) -> None:
    refusal = [("contract_in_force", clause, 1)]
    unsigned = related("training_contract", {"listener_id": 1}, state="to_sign")
    someone_elses = related("training_contract", {"listener_id": 2})
    for documents in ({}, {"contracts": unsigned}, {"contracts": someone_elses}):
        assert of_row(sheet(row()), profile=profile, **documents) == refusal
    assert of_row(sheet(row()), profile=profile, contracts=CONTRACT) == []


def test_issue_ordered() -> None:
    refusal = [("issue_ordered", "KNK 5.4", 1)]
    names_another = related("issue_order", {"listeners": [{"person": KIM, "person_id": 2}]})
    unsigned = related("issue_order", ISSUE_ORDER.content, state="to_sign")
    assert of_row(sheet(row()), profile="knk", contracts=CONTRACT) == refusal
    for order in (names_another, unsigned):
        assert of_row(sheet(row()), profile="knk", contracts=CONTRACT, group_issue_order=order) == refusal
    # Order No. 95 and the university's statute know no such order.
    assert of_row(sheet(row()), profile="wku", contracts=CONTRACT) == []


def test_all_reasons_are_given_at_once() -> None:
    refused = of_row(sheet(row(57, 49)), profile="knk")
    assert [code for code, _, _ in refused] == [rule.name for rule in FROM_SHEET.when]


# ---------------------------------------------------------------- what is drafted


def test_the_certificate_repeats_the_sheet() -> None:
    content = certificate()
    assert (content["holder"], content["holder_id"]) == (KIM, 1)
    assert (content["hours"], content["starts_on"], content["completed_on"]) == (72, "2026-02-02", "2026-02-14")
    assert content["modules"] == [
        {"title": "Бірінші модуль", "hours": 36, "mark": "90"},
        {"title": "Екінші модуль", "hours": 36, "mark": "85"},
    ]
    assert CERTIFICATE.form.validate_content(content) == (content, {})


def test_a_certificate_in_another_language_than_the_sheet_names_the_course_in_its_own() -> None:
    modules = [{"title_kk": f"Модуль {n} (kk)", "title_ru": f"Модуль {n} (ru)", "hours": 36} for n in (1, 2)]
    group = {"topic_kk": "Тақырып", "topic_ru": "Тема", "modules": modules}
    content = from_row(FROM_SHEET, sheet(row()), language="kk", group=group)
    assert content["topic"] == "Тақырып"
    assert [module["title"] for module in content["modules"]] == ["Модуль 1 (kk)", "Модуль 2 (kk)"]


def test_modules_that_the_clerk_changed_on_the_sheet_stay_as_they_are() -> None:
    group = {"modules": [{"title_ru": "Другой", "hours": 72}]}
    assert from_row(FROM_SHEET, sheet(row()), group=group)["modules"][0]["title"] == "Бірінші модуль"


def test_the_conservatory_prints_its_issue_order_and_others_none() -> None:
    group = {"issue_order": {"number": "ББ-18", "date": "2026-02-16"}}
    assert from_row(FROM_SHEET, sheet(row()), profile="knk", group=group)["order_number"] == "ББ-18"
    assert from_row(FROM_SHEET, sheet(row()), profile="wku", group=group)["order_number"] == ""


def test_the_annex_has_number_and_marks_of_its_certificate() -> None:
    content = from_row(FROM_CERTIFICATE, certificate())
    assert content["certificate_number"] == "В-7"
    assert [module["mark"] for module in content["modules"]] == ["90", "85"]
    assert ANNEX.form.validate_content(content) == (content, {})
    assert ANNEX.number_from == FROM_CERTIFICATE.relation == "annex"


def test_the_conservatory_issues_no_annex() -> None:
    assert "knk" not in FROM_CERTIFICATE.profiles
    assert PROFILES["knk"].setting("certificate_annex") == "no"


# ---------------------------------------------------------------- validity (inventory 8.2)


def test_the_validity_is_the_acts_term_from_the_day_that_the_profile_names() -> None:
    declared = CERTIFICATE.validity
    assert declared is not None
    assert declared.counted_from in certificate()
    assert declared.setting is not None
    for profile in (each for each in PROFILES.values() if CERTIFICATE.clause_for(each)):
        term = profile.term(declared.term)
        assert (term.amount, term.unit) == (3, "years")
        assert profile.setting(declared.setting) == "completion"
    assert deciding("o95", certificate_validity_from="issue").setting(declared.setting) == "issue"


# ---------------------------------------------------------------- rules of the certificate itself


def test_rests_on_a_passed_assessment() -> None:
    rule, refusal = course_certificate.rests_on_a_passed_assessment, ("rests_on_a_passed_assessment", "WKU 7.3", None)
    passed, failed = related("assessment_sheet", sheet(row())), related("assessment_sheet", sheet(row(57)))
    unsigned = related("assessment_sheet", sheet(row()), state="to_sign")
    without = related("assessment_sheet", sheet(row(person_id=2)))
    assert asked(rule, step(certificate(), basis=passed)) == []
    for basis in (failed, unsigned, without):
        assert asked(rule, step(certificate(), basis=basis)) == [refusal]
    assert asked(rule, step(certificate())) == [refusal]
    # Who is matched to nobody is no one on any sheet.
    anonymous = related("assessment_sheet", sheet(row(person_id=None)))
    assert asked(rule, step(certificate(holder_id=None), basis=anonymous)) == [refusal]


def test_rests_on_the_issue_order() -> None:
    rule = course_certificate.rests_on_the_issue_order
    assert asked(rule, step(certificate(), profile="knk")) == [("rests_on_the_issue_order", "KNK 5.4", None)]
    assert asked(rule, step(certificate(), profile="knk", group_issue_order=ISSUE_ORDER)) == []
    assert asked(rule, step(certificate(), profile="wku")) == []


def test_issued_after_completion() -> None:
    rule = course_certificate.issued_after_completion
    early = step(certificate(), on=date(2026, 2, 13), profile="o95")
    assert asked(rule, early) == [("issued_after_completion", "O95 33", None)]
    assert "14.02.2026" in str(rule.refusals(early)[0].message)
    assert asked(rule, step(certificate(), on=DAY)) == []


def test_is_on_a_security_blank() -> None:
    rule, required = course_certificate.is_on_a_security_blank, deciding("wku", security_blank="required")
    assert asked(rule, step(certificate(), profile=required)) == [("is_on_a_security_blank", "O95 29 ¶2", None)]
    assert asked(rule, step(certificate(blank_series="АА 0012345"), profile=required)) == []
    assert asked(rule, step(certificate())) == []


# ---------------------------------------------------------------- rules of the annex


def annex(**changes: Any) -> dict[str, Any]:
    return from_row(FROM_CERTIFICATE, certificate()) | changes


def test_lists_modules_with_marks() -> None:
    rule, code = certificate_annex.lists_modules_with_marks, "lists_modules_with_marks"
    unmarked = [{"title": "А", "hours": 36, "mark": "90"}, {"title": "Б", "hours": 36, "mark": ""}]
    assert asked(rule, step(annex(modules=unmarked))) == [(code, "WKU app. 4", 2)]
    assert asked(rule, step(annex(modules=[]), profile="o95")) == [(code, "O95 app. 4", None)]
    assert asked(rule, step(annex())) == []


def test_belongs_to_its_certificate() -> None:
    rule, code = certificate_annex.belongs_to_its_certificate, "belongs_to_its_certificate"
    own = related("course_certificate", certificate(), state="to_sign")
    other = related("course_certificate", certificate(), number="В-8")
    assert asked(rule, step(annex(), annex=own)) == []
    assert asked(rule, step(annex(), annex=other)) == [(code, "WKU app. 4", None)]
    assert asked(rule, step(annex())) == [(code, "WKU app. 4", None)]


def test_nobody_reads_marks_or_ids_by_the_public_code() -> None:
    for kind in (CERTIFICATE, ANNEX):
        assert set(kind.public_fields) <= {"holder", "topic", "hours", "completed_on"}
