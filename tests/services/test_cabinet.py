"""A teacher's cabinet in every state of his application: what it says, what it asks for, what he may do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import NotFound
from docflow.db import db
from docflow.models import Delivery, Document
from docflow.services import cabinet, documents, issuing, routing
from tests.services import test_intake as intake
from tests.services import world

NOW = intake.NOW


@pytest.fixture
def settings(installation: Callable[[str, Callable[[Settings], object]], Settings]) -> Iterator[Settings]:
    found = installation("krg-intake", intake.settle)
    with world.running(found):
        yield found


def opened() -> cabinet.Cabinet:
    return cabinet.of_person(actor=intake.teacher(), now=NOW, language="kk")


def accepted(settings: Settings) -> Document:
    made = intake.filed(settings)
    routing.perform(made.id, "accept", actor=intake.clerk(), now=NOW)
    world.sign_all(settings, world.document_of("acceptance_notice").id, NOW)
    return documents.load(made.id)


def test_before_anything_it_offers_the_applications_and_shows_the_card(settings: Settings) -> None:
    found = opened()
    assert (found.matters, found.papers, found.to_sign, found.to_fill) == ((), (), (), ())
    assert {"teacher_application", "complaint"} <= {kind.name for kind in found.may_file}
    assert found.lacking == ()
    assert found.card.standings[0].category == "expert"
    assert not found.card.may_write


def test_who_files_nothing_is_neither_asked_nor_offered_anything(settings: Settings) -> None:
    found = cabinet.of_person(actor=demo.actor_of(intake.CHIEF), now=NOW, language="kk")
    assert (found.may_file, found.lacking) == ((), ())
    assert not found.card.is_empty, "his post is on the card"


def test_an_account_without_a_person_has_none(settings: Settings) -> None:
    with pytest.raises(NotFound):
        cabinet.of_person(actor=replace(intake.teacher(), person_id=None), now=NOW, language="kk")


def test_a_draft_says_what_is_missing(settings: Settings) -> None:
    made = intake.drafted()
    (matter,) = opened().matters
    assert matter.standing.msgid == "Not sent yet."
    assert matter.missing == ()
    for attachment in documents.attachments(made):
        documents.remove_attachment(attachment.id, actor=intake.teacher(), now=NOW)
    (matter,) = opened().matters
    assert {"attachment_education_document", "attachment_labour_document"} <= {each.code for each in matter.missing}


def test_what_waits_for_his_signature_stands_first(settings: Settings) -> None:
    made = intake.drafted()
    routing.perform(made.id, "submit", actor=intake.teacher(), now=NOW)
    found = opened()
    assert [each.id for each in found.to_sign] == [made.id]
    assert found.is_waited_for
    assert found.matters[0].standing.msgid == "Waits for a signature."


def test_an_application_under_way_says_who_answers_by_when(settings: Settings) -> None:
    intake.filed(settings)
    (matter,) = opened().matters
    assert matter.standing.msgid == "The organisation is considering it."
    assert [term.last_day for term in matter.terms] == [date(2025, 10, 8)]
    assert not matter.terms[0].is_overdue
    (late,) = cabinet.of_person(actor=intake.teacher(), now=NOW + timedelta(days=2), language="kk").matters
    assert late.terms[0].is_overdue


def test_a_refusal_is_told_with_its_reasons_and_may_be_complained_of(settings: Settings) -> None:
    made = intake.filed(settings)
    routing.perform(made.id, "refuse", actor=intake.clerk(), now=NOW, comment="білімі туралы құжат")
    world.sign_all(settings, world.document_of("refusal_notice").id, NOW)
    found = opened()
    assert found.matters[0].answer == "білімі туралы құжат"
    (notice,) = found.papers
    assert notice.document.type == "refusal_notice"
    assert [kind.name for kind, _derivation in notice.drafts] == ["complaint"]


def test_an_accepted_application_leads_to_the_essay(settings: Settings) -> None:
    made = accepted(settings)
    found = opened()
    assert [each.document.type for each in found.papers] == ["acceptance_notice"]
    assert found.matters[0].drafts[0][0].name == "essay"
    assert found.matters[0].next_step is not None
    assert found.matters[0].next_step.msgid == "The commission waits for what you have to write."
    essay = issuing.draft(made.id, "essay", actor=intake.teacher(), now=NOW)
    found = opened()
    assert [each.id for each in found.to_fill] == [essay.id]
    assert "essay" not in [kind.name for kind, _derivation in found.matters[0].drafts]


def test_the_notice_is_sent_to_the_address_of_the_application(settings: Settings) -> None:
    accepted(settings)
    notice = world.document_of("acceptance_notice")
    delivery = db.session.scalars(select(Delivery).where(Delivery.document_id == notice.id)).one()
    assert (delivery.state, delivery.person_id) == ("waiting", intake.teacher().person_id)
    assert delivery.address == opened().address == "gaziza@example.kz"


def test_a_draft_notice_of_the_organisation_is_not_his_yet(settings: Settings) -> None:
    made = intake.filed(settings)
    routing.perform(made.id, "accept", actor=intake.clerk(), now=NOW)
    assert world.document_of("acceptance_notice").state == "to_sign"
    assert opened().papers == ()
    assert db.session.scalars(select(Delivery)).first() is None
