"""Steps of a document: who may, in which order it is asked, what returning and withdrawing leave behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from docflow.core.permissions import SYSTEM, Actor
from docflow.db import db
from docflow.models import Document, Person, Position, RegisteredNumber, Signature
from docflow.services import archiving, documents, groups, history, numbering, papers, people, routing, signing
from tests.services import world
from tests.services.world import KNK, NOW, PIN, WKU

Drafted = tuple[Settings, list[int]]


def own(document: Document) -> Actor:
    assert document.subject is not None
    return demo.actor_for_person(document.subject)


def test_all_reasons_come_at_once_each_with_its_clause(app: Flask) -> None:
    clerk = WKU.actor("clerk")
    first = world.import_people(WKU, world.new_group(WKU), 1, NOW)[0]
    with pytest.raises(Refused) as refused:
        routing.perform(first, "submit", actor=clerk, now=NOW)
    asked = documents.requirements(documents.load(first))
    required = {f"attachment_{requirement.kind}" for requirement, is_required, _ in asked if is_required}
    assert len(required) >= 2
    assert {reason.code for reason in refused.value.refusals} == required
    assert all(reason.clause is not None for reason in refused.value.refusals)
    assert documents.load(first).number is None


def test_the_order_of_questions_never_varies(drafted: Drafted) -> None:
    _, (first, _) = drafted
    clerk, inspector, version = WKU.actor("clerk"), WKU.actor("inspector"), documents.load(first).version
    with pytest.raises(NotFound):
        routing.perform(999_999, "submit", actor=clerk, now=NOW)
    with pytest.raises(NotFound):
        routing.perform(first, "accept", actor=KNK.actor("clerk"), now=NOW, version=version + 1)
    with pytest.raises(Conflict):  # moved on, before anything is said of roles
        routing.perform(first, "submit", actor=inspector, now=NOW, version=version + 1)
    with pytest.raises(NotFound):
        routing.perform(first, "no such step", actor=clerk, now=NOW)
    with pytest.raises(Conflict):  # not from this state
        routing.perform(first, "accept", actor=inspector, now=NOW)
    with pytest.raises(Forbidden):  # the role, before the comment is missed
        routing.perform(first, "withdraw", actor=inspector, now=NOW)
    with pytest.raises(Refused) as told:
        routing.perform(first, "withdraw", actor=clerk, now=NOW)
    assert [reason.field for reason in told.value.refusals] == ["comment"]


def test_nobody_takes_the_step_of_the_system(drafted: Drafted) -> None:
    _, (first, _) = drafted
    clerk = WKU.actor("clerk")
    world.submit(first, clerk)
    with pytest.raises(Forbidden):
        routing.perform(first, "sign", actor=clerk, now=NOW)
    assert "sign" not in {c.transition.name for c in routing.available(documents.load(first), actor=clerk, now=NOW)}


def test_sending_numbers_and_renders_and_asks_for_the_signature(drafted: Drafted) -> None:
    _, (first, second) = drafted
    clerk = WKU.actor("clerk")
    for document_id in (first, second):
        world.submit(document_id, clerk)
    one, two = documents.load(first), documents.load(second)
    assert (one.number, two.number) == ("ЦПК-З-00001/2026", "ЦПК-З-00002/2026")
    assert one.registered_on == NOW.date()
    name, pdf = documents.paper(first, actor=clerk)
    assert pdf.startswith(b"%PDF-")
    assert name.endswith(".pdf")
    assert [(s.state, s.person_id) for s in papers.signatures_of(one)] == [("awaited", one.subject_id)]
    with pytest.raises(Forbidden):
        documents.update(first, {}, actor=clerk, version=one.version, now=NOW)


def test_a_returned_document_keeps_its_number_and_is_rendered_again(drafted: Drafted) -> None:
    settings, (first, second) = drafted
    clerk = WKU.actor("clerk")
    world.submit(first, clerk)
    number, paper = documents.load(first).number, documents.load(first).paper_sha256
    with pytest.raises(Refused):
        routing.perform(first, "return", actor=clerk, now=NOW, comment="  ")
    routing.perform(first, "return", actor=clerk, now=NOW, comment="Қай пән екенін жазыңыз")
    document = documents.load(first)
    assert (document.state, document.comment) == ("draft", "Қай пән екенін жазыңыз")
    assert signing.queue_length(actor=own(document)) == 0
    changed = {**documents.content(document), "position": "физика мұғалімі"}
    documents.update(first, changed, actor=clerk, version=document.version, now=NOW)
    world.submit(second, clerk)
    later = NOW + timedelta(days=3)
    world.submit(first, clerk, later)
    document = documents.load(first)
    assert (document.number, document.registered_on, document.comment) == (number, NOW.date(), "")
    assert documents.load(second).number != number
    assert document.paper_sha256 != paper
    assert paper is not None
    assert archiving.read(paper).startswith(b"%PDF-"), "what was shown once stays in the archive"
    world.sign_all(settings, first, later)
    assert documents.load(first).state == "submitted"


def test_returned_and_sent_again_without_a_change(drafted: Drafted) -> None:
    settings, (first, _) = drafted
    clerk = WKU.actor("clerk")
    for turn in range(2):
        world.submit(first, clerk, NOW + timedelta(hours=turn))
        routing.perform(first, "return", actor=clerk, now=NOW + timedelta(hours=turn), comment="Қайта қараңыз")
    world.submit(first, clerk, NOW + timedelta(hours=2))
    world.sign_all(settings, first, NOW + timedelta(hours=2))
    document = documents.load(first)
    assert (document.state, len(papers.signatures_of(document))) == ("submitted", 1)
    assert documents.current_revision(document).sequence == 1
    assert history.is_unbroken(document)


def test_a_signed_application_that_is_returned_must_be_signed_again(drafted: Drafted) -> None:
    settings, (first, _) = drafted
    clerk = WKU.actor("clerk")
    world.submit(first, clerk)
    world.sign_all(settings, first, NOW)
    routing.perform(first, "return", actor=clerk, now=NOW, comment="Мекенжайы жоқ")
    document = documents.load(first)
    assert (document.state, document.paper_sha256, document.valid_from) == ("draft", None, None)
    world.submit(first, clerk, NOW + timedelta(hours=1))
    assert [s.state for s in papers.signatures_of(documents.load(first))] == ["awaited"]
    world.sign_all(settings, first, NOW + timedelta(hours=1))
    assert documents.load(first).state == "submitted"


def test_withdrawing_voids_the_number_with_its_reason(drafted: Drafted) -> None:
    _, (first, second) = drafted
    clerk = WKU.actor("clerk")
    world.submit(first, clerk)
    routing.perform(first, "withdraw", actor=clerk, now=NOW, comment="Тыңдаушы бас тартты")
    world.submit(second, clerk)
    document = documents.load(first)
    number = numbering.of(document)
    assert number is not None
    assert (document.state, number.state, number.void_reason) == ("withdrawn", "void", "Тыңдаушы бас тартты")
    listed = numbering.numbers(number.journal_id)
    assert [(each.sequence, each.state) for each in listed] == [(2, "reserved"), (1, "void")]
    with pytest.raises(Conflict):
        routing.perform(first, "submit", actor=clerk, now=NOW)


def test_withdrawing_a_draft_takes_no_number(drafted: Drafted) -> None:
    _, (first, _) = drafted
    routing.perform(first, "withdraw", actor=WKU.actor("clerk"), now=NOW, comment="Қате")
    assert numbering.of(documents.load(first)) is None
    assert db.session.scalars(select(RegisteredNumber)).all() == []


def test_a_signer_who_refuses_ends_it(awaiting: Drafted) -> None:
    _, (first, *_) = awaiting
    rector = WKU.actor("rector")
    with pytest.raises(Refused):
        signing.refuse(first, " ", actor=rector, now=NOW)
    session = signing.begin([first], "demo", actor=rector, now=NOW)
    signing.refuse(first, "Тақырыбы қате", actor=rector, now=NOW)
    document = documents.load(first)
    number = numbering.of(document)
    assert number is not None
    assert (document.state, number.state, number.void_reason) == ("refused", "void", "Тақырыбы қате")
    assert [(s.state, s.reason) for s in papers.signatures_of(document)] == [("refused", "Тақырыбы қате")]
    with pytest.raises(Conflict):
        signing.begin([first], "demo", actor=rector, now=NOW)
    results = signing.complete(session.id, PIN, actor=rector, now=NOW)
    assert [result.outcome for result in results] == ["failed"]
    assert documents.load(first).paper_sha256 is None


def test_an_applicant_or_his_employer_may_refuse_too(app: Flask, settings: Settings) -> None:
    clerk = KNK.actor("clerk")
    first, second = world.import_people(KNK, world.new_group(KNK), 2, NOW)
    for document_id in (first, second):
        world.attach_required(document_id, clerk)
        world.submit(document_id, clerk)
    signing.refuse(first, "Өзім қаламаймын", actor=own(documents.load(first)), now=NOW)
    assert documents.load(first).state == "withdrawn"
    world.person_signs(settings, documents.load(second).subject, [second], NOW)  # type: ignore[arg-type]
    head = db.session.scalars(select(Signature).where(Signature.document_id == second, Signature.order == 2)).one()
    employer = Actor(None, head.person_id, head.signer_name)
    with pytest.raises(Conflict):  # the applicant has signed and has no turn any more
        signing.refuse(second, "Жоқ", actor=own(documents.load(second)), now=NOW)
    signing.refuse(second, "Жұмыстан босатпаймыз", actor=employer, now=NOW)
    document = documents.load(second)
    assert document.state == "withdrawn"
    assert {s.slot: s.state for s in db.session.scalars(select(Signature).where(Signature.document_id == second))} == {
        "applicant": "cancelled", "employer_head": "refused",
    }  # fmt: skip


def test_a_post_without_a_holder_is_named(app: Flask, settings: Settings) -> None:
    group = world.new_group(WKU)
    before = NOW - timedelta(days=42)
    world.accepted_applications(settings, WKU, group, 2, before)
    admin, clerk = WKU.actor("admin"), WKU.actor("clerk")
    head = db.session.scalars(
        select(Position).where(Position.kind == "head", Position.organisation_id == group.organisation_id)
    ).one()
    people.end_position(head.id, last_day=before.date(), actor=admin)
    order = groups.gather(group.id, "enrolment_order", actor=clerk, now=NOW, language="ru")
    with pytest.raises(Refused) as told:
        world.submit(order.id, clerk)
    reason = next(each for each in told.value.refusals if each.code == "signer_head")
    assert reason.clause is not None
    assert "Ректор" in str(reason.message) or "Бірінші басшы" in str(reason.message)
    with pytest.raises(Forbidden):
        people.end_position(head.id, last_day=NOW.date(), actor=clerk)
    with pytest.raises(Invalid):
        people.end_position(head.id, last_day=head.starts_on - timedelta(days=1), actor=admin)


def test_one_post_of_a_head_has_one_holder(app: Flask) -> None:
    admin, rector = WKU.actor("admin"), WKU.actor("rector")
    other = db.session.scalars(select(Person.id).where(Person.id != rector.person_id)).first()
    with pytest.raises(Invalid) as told:
        people.add_position(
            admin.organisation_id or 0, other or 0, "head", title_kk="Ректор", title_ru="Ректор",
            starts_on=NOW.date(), actor=admin,
        )  # fmt: skip
    assert rector.name in str(told.value.errors["starts_on"])


def test_the_system_may_not_be_mistaken_for_a_clerk(drafted: Drafted) -> None:
    """What a job carries on has the system's roles, and only where a transition names them."""
    _, (first, _) = drafted
    routing.perform(first, "submit", actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict):
        routing.perform(first, "refuse", actor=SYSTEM, now=NOW, comment="жоқ")
