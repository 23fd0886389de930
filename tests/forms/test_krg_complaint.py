"""The complaint of a recipient of the service: its way, its terms, and who may answer it (KRG 26)."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from docflow.core.canonical import canonical_json
from docflow.core.derivation import Source
from docflow.core.permissions import SYSTEM, Permission, Role
from docflow.core.rules import RelatedDocument, Step, collect
from docflow.core.workflow import Status
from docflow.forms import _conferring, complaint
from docflow.regulations.profiles import PROFILES
from docflow.rendering.paper import render
from tests.rendering.samples import WHEN, whole

KRG = PROFILES["krg"]
TODAY = date(2024, 11, 18)
WORKFLOW = complaint.TYPE.workflow


def refused(content: Mapping[str, Any], transition: str = "submit") -> list[tuple[str, str, str | None]]:
    step = Step("complaint", transition, content, KRG, SYSTEM, TODAY)
    guards = WORKFLOW.transitions[transition].guards
    found = collect((*guards, *complaint.TYPE.rules), step)
    assert all(str(each.message) for each in found)
    return [(each.code, each.clause.key if each.clause else "", each.field) for each in found]


def written(**changes: Any) -> dict[str, Any]:
    return complaint.SAMPLE | changes


def against(document: RelatedDocument) -> dict[str, Any]:
    (derivation,) = [each for each in complaint.TYPE.derived_from if each.source == document.type]
    assert derivation.is_drafted
    assert derivation.by_subject
    return derivation.fill(Source(document, KRG, {}, TODAY, "kk", document.content, 1))


# ---------------------------------------------------------------- drafting


@pytest.mark.parametrize("kind", ["teacher_extract", "head_extract"])
def test_a_person_complains_of_the_decision_that_his_extract_tells(kind: str) -> None:
    extract = RelatedDocument(kind, "Ү-00004/2024", "in_force", _conferring.EXTRACT_SAMPLE, date(2024, 11, 14), 5)
    content = against(extract)
    assert content["applicant"] == _conferring.EXTRACT_SAMPLE["person"]
    assert (content["applicant_id"], content["against"]) == (5, "decision")
    assert (content["against_number"], content["against_date"]) == ("Ү-00004/2024", "2024-11-14")


def test_a_person_complains_of_the_refusal_of_his_application() -> None:
    person = {"surname": "Ким", "given_name": "Елена", "patronymic": ""}
    notice = RelatedDocument(
        "refusal_notice", "Х-7", "in_force", {"person": person, "person_id": 8}, date(2024, 10, 2), 8
    )
    content = against(notice)
    assert (content["applicant"], content["applicant_id"], content["against"]) == (person, 8, "refusal")


def test_what_is_left_to_write_is_the_complaint_itself() -> None:
    notice = RelatedDocument("refusal_notice", "Х-7", "in_force", complaint.SAMPLE | {
        "person": complaint.SAMPLE["applicant"]}, date(2024, 10, 2), 8)  # fmt: skip
    content = against(notice)
    cleaned, errors = complaint.ComplaintForm.validate_content(content)
    assert cleaned == content
    assert set(errors) == {"text", "request"}


def test_a_complaint_about_no_document_starts_from_the_card() -> None:
    card = {"person_id": 5, "person": {"surname": "Ким", "given_name": "Елена", "patronymic": ""}}
    content, errors = complaint.ComplaintForm.validate_content(complaint.from_card(card, TODAY))
    assert (content["applicant_id"], content["against"], content["filed_on"]) == (5, "action", "2024-11-18")
    assert set(errors) == {"text", "request"}


# ---------------------------------------------------------------- rules


def test_the_sample_is_sent_without_a_word() -> None:
    assert refused(written()) == []


@pytest.mark.parametrize(("filed_on", "is_refused"), [("2024-11-18", False), ("2024-11-19", True)])
def test_a_complaint_is_filed_on_its_day_or_later(filed_on: str, is_refused: bool) -> None:
    expected = [("is_filed_by_then", "KRG 26 ¶2", None)] if is_refused else []
    assert refused(written(filed_on=filed_on)) == expected


def test_nobody_complains_for_somebody_else() -> None:
    expected = [("is_filed_by_the_person_himself", "KRG 26 ¶2", "applicant")]
    assert refused(written(applicant_id=None)) == expected


@pytest.mark.parametrize(("what", "number", "day", "is_refused"), [
    ("decision", "", "2024-11-14", True),
    ("decision", "Ү-4", "", True),
    ("refusal", "", "", True),
    ("refusal", "Х-7", "2024-10-02", False),
    ("action", "", "", False),
])  # fmt: skip
def test_a_decision_complained_of_is_named(what: str, number: str, day: str, is_refused: bool) -> None:
    expected = [("names_what_it_is_against", "KRG 26 ¶2", "against_number")] if is_refused else []
    assert refused(written(against=what, against_number=number, against_date=day)) == expected


@pytest.mark.parametrize(("addressed_to", "is_refused"), [("provider", False), ("quality_body", True)])
def test_the_provider_answers_only_what_is_addressed_to_it(addressed_to: str, is_refused: bool) -> None:
    expected = [("provider_answers_what_is_addressed_to_it", "KRG 26 ¶5", None)] if is_refused else []
    assert refused(written(addressed_to=addressed_to), "answer") == expected


@pytest.mark.parametrize("transition", ["satisfy", "forward", "conclude"])
@pytest.mark.parametrize("addressed_to", list(complaint.ADDRESSEES))
def test_any_complaint_may_be_satisfied_or_forwarded(transition: str, addressed_to: str) -> None:
    assert refused(written(addressed_to=addressed_to), transition) == []


# ---------------------------------------------------------------- route and terms


@pytest.mark.parametrize(("name", "source", "target"), [
    ("satisfy", "submitted", "satisfied"),
    ("forward", "submitted", "forwarded"),
    ("answer", "submitted", "answered"),
    ("conclude", "forwarded", "answered"),
])  # fmt: skip
def test_every_decision_is_the_clerks_and_has_its_reason(name: str, source: str, target: str) -> None:
    transition = WORKFLOW.transitions[name]
    assert (transition.sources, transition.target) == ((source,), target)
    assert transition.needs_comment
    assert transition.roles == {Role.CLERK}


def test_the_complainant_reads_what_became_of_it() -> None:
    for name in ("submitted", "forwarded", "satisfied", "answered"):
        assert WORKFLOW.states[name].allows(Permission.VIEW, frozenset({Role.SUBJECT}))
    assert {name for name, state in WORKFLOW.states.items() if state.is_final} == {"satisfied", "answered", "withdrawn"}
    assert WORKFLOW.states["answered"].status is Status.IN_FORCE


@pytest.mark.parametrize(("name", "days", "state"), [
    ("complaint_forwarding", 3, "submitted"),
    ("complaint_provider", 5, "submitted"),
    ("complaint_quality_body", 15, "forwarded"),
])  # fmt: skip
def test_three_five_and_fifteen_working_days_run(name: str, days: int, state: str) -> None:
    (deadline,) = [each for each in complaint.TYPE.deadlines if each.name == name]
    assert (deadline.term.amount, deadline.term.unit) == (days, "working_days")
    assert (deadline.counted_from, deadline.states, deadline.met_by) == ("registered_on", (state,), ())


def test_the_paper_tells_where_to_go_next() -> None:
    data = whole("complaint", "kk", complaint.SAMPLE) | {"printed": complaint.printed(complaint.SAMPLE, KRG)}
    pdf = render(complaint.TYPE.template, data, attachment=canonical_json(complaint.SAMPLE), when=WHEN)
    text = re.sub(r"[\s\u00ad-]+", "", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))
    for expected in ("ШАҒЫМ", "5(бес)жұмыскүні", "15(онбес)жұмыскүні", "сотқажүгінугежолберіледі", "Ү00004/2024"):
        assert expected in text
