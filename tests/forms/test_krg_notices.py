"""The two answers to an application for attestation: accepted, or refused with the documents that are missing."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from docflow.core.derivation import Source
from docflow.core.permissions import SYSTEM
from docflow.core.registry import document_type
from docflow.core.rules import RelatedDocument, Step
from docflow.core.types import DocumentType
from docflow.forms import acceptance_notice, refusal_notice, teacher_application
from docflow.forms._attestation import APPLICATIONS
from docflow.regulations.profiles import PROFILES, with_decisions

KRG = PROFILES["krg"]
ACCEPTED, REFUSED = acceptance_notice.TYPE, refusal_notice.TYPE
BOTH = pytest.mark.parametrize(("kind", "state"), [(ACCEPTED, "accepted"), (REFUSED, "refused")])
COMMENT = "білімі туралы құжат;\n\n – еңбек қызметі туралы құжат\n"


def an_answer_to(name: str, state: str, *, comment: str = "") -> Source:
    application = RelatedDocument(
        name, "АТТ-АӨ-00017/2024", state, document_type(name).sample, date(2024, 10, 7), 5, comment=comment
    )
    return Source(application, KRG, {}, date(2024, 10, 8), "kk", application.content, 1)


def refused(kind: DocumentType, name: str, content: dict[str, Any], *related: RelatedDocument) -> list[str | None]:
    (rule,) = (each for each in kind.rules if each.name == name)
    step = Step(kind.name, "submit", content, KRG, SYSTEM, date(2024, 10, 8))
    step = replace(step, related=lambda asked: related if asked == "notice" else ())
    return [each.clause.key if each.clause else None for each in rule.refusals(step)]


@BOTH
def test_every_application_is_answered_by_itself(kind: DocumentType, state: str) -> None:
    assert [each.source for each in kind.derived_from] == list(APPLICATIONS)
    assert {(each.state, each.follows, each.rows) for each in kind.derived_from} == {(state, True, "")}
    assert [slot.position for slot in kind.slots] == ["authorised"]
    assert kind.is_sent_to_subject
    assert kind.languages(KRG) == ("kk",)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_acceptance_names_the_application_and_no_iin(name: str) -> None:
    filled = acceptance_notice.from_application(an_answer_to(name, "accepted"))
    assert (filled["application_number"], filled["application_date"]) == ("АТТ-АӨ-00017/2024", "2024-10-07")
    assert (filled["person_id"], filled["sent_on"]) == (5, "2024-10-08")
    assert "iin" not in filled["person"]
    assert ACCEPTED.form.validate_content(filled) == (filled, {})


def test_a_refusal_lists_the_lines_of_its_reason() -> None:
    filled = refusal_notice.from_refusal(an_answer_to("teacher_application", "refused", comment=COMMENT))
    assert filled["documents"] == [{"title": "білімі туралы құжат"}, {"title": "еңбек қызметі туралы құжат"}]
    assert REFUSED.form.validate_content(filled) == (filled, {})


def test_a_refusal_names_what_is_missing() -> None:
    content = deepcopy(dict(REFUSED.sample))
    assert refused(REFUSED, "names_what_is_missing", content) == []
    assert refused(REFUSED, "names_what_is_missing", content | {"documents": []}) == ["KRG app. 7"]


@BOTH
def test_a_notice_answers_an_application_of_its_state(kind: DocumentType, state: str) -> None:
    content = deepcopy(dict(kind.sample))
    application = an_answer_to(teacher_application.TYPE.name, state).document
    assert refused(kind, "answers_its_application", content, application) == []
    assert refused(kind, "answers_its_application", content) == ["KRG 23 ¶2"]
    assert refused(kind, "answers_its_application", content, replace(application, state="submitted")) == ["KRG 23 ¶2"]


def test_the_organisation_chooses_how_a_refusal_is_called() -> None:
    content = REFUSED.sample
    assert refusal_notice.printed(content, KRG)["name"] == REFUSED.title.kk
    by_clause = with_decisions(KRG, {"refusal_notice_title": "clause"})
    assert "одан әрі қараудан" in refusal_notice.printed(content, by_clause)["name"]
