"""Issuing: who gets what and why not, once each, in both organisations."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, current_app
from pypdf import PdfReader

from docflow import demo, jobs
from docflow.config import Settings
from docflow.core.checks import Axis, Outcome
from docflow.core.errors import NotFound, Refused
from docflow.core.permissions import Actor
from docflow.core.registry import document_type
from docflow.db import db, unit_of_work
from docflow.models import Document, IssueRun
from docflow.services import (
    archiving,
    documents,
    groups,
    history,
    issuing,
    numbering,
    papers,
    people,
    routing,
    verification,
)  # fmt: skip
from tests.services import world
from tests.services.test_drafts import draft
from tests.services.world import KNK, NOW, WKU

Assessed = tuple[Settings, Document]


def plan(sheet: Document, clerk: Actor | None = None) -> issuing.Plan:
    return issuing.plan(sheet.id, actor=clerk or WKU.actor("clerk"), language="ru", now=NOW)


def made(run: IssueRun, type_name: str) -> list[Document]:
    return [documents.load(row.document_id or 0) for row in run.rows if row.type == type_name and row.document_id]


def test_the_plan_says_who_gets_what_and_why_not(assessed: Assessed) -> None:
    _, sheet = assessed
    planned = plan(sheet)
    rows = documents.content(sheet)["listeners"]
    certificates = {row.row: row for row in planned.of_type("course_certificate")}
    references = {row.row: row for row in planned.of_type("attendance_reference")}
    assert len(certificates) == len(references) == len(rows) == 8
    for number, row in enumerate(rows, start=1):
        passes = row["attended_hours"] >= 64 and row["score"] >= 50
        assert certificates[number].is_due is passes
        assert references[number].is_due is not passes
        assert bool(certificates[number].refusals) is not passes
    failed = [row for row in certificates.values() if row.refusals]
    assert [[str(r.clause and r.clause.key) for r in row.refusals] for row in failed] == [["O95 24(3)"]]
    assert failed[0].refusals[0].row == failed[0].row
    assert [row.name for row in failed] == ["Жұмабаев Ерлан Төлегенұлы"]
    at_the_limit = next(row for row in rows if row["person"]["surname"] == "Петренко")
    assert (at_the_limit["attended_hours"], at_the_limit["score"]) == (64, 50)


def test_nothing_is_made_by_looking(assessed: Assessed) -> None:
    plan(assessed[1])
    assert world.ids_of("course_certificate") == []
    with pytest.raises(NotFound):
        plan(assessed[1], KNK.actor("clerk"))
    with pytest.raises(Refused):
        issuing.start(assessed[1].id, [], actor=WKU.actor("inspector"), language="ru", now=NOW)


def test_a_worker_issues_all_and_issuing_again_makes_nothing(assessed: Assessed) -> None:
    _, sheet = assessed
    clerk = WKU.actor("clerk")
    run = issuing.start(sheet.id, [], actor=clerk, language="ru", now=NOW)
    assert (run.state, run.total, jobs.status(db.session, f"issue:{run.id}").state.value) == ("waiting", 8, "waiting")
    jobs.run_until_idle(current_app._get_current_object(), timeout=300)  # type: ignore[attr-defined]
    db.session.expire_all()
    run = issuing.run_of(run.id, actor=clerk)
    assert (run.state, run.done, {row.state for row in run.rows}) == ("done", 8, {"done"})
    certificates, references = made(run, "course_certificate"), made(run, "attendance_reference")
    assert (len(certificates), len(references), len(world.ids_of("certificate_annex"))) == (7, 1, 7)
    assert {each.state for each in (*certificates, *references)} == {"to_sign"}
    for certificate in certificates:
        annex = next(other for kind, way, other in documents.relations(certificate) if (kind, way) == ("annex", "from"))
        assert annex.number == certificate.number
    with pytest.raises(Refused) as told:
        issuing.start(sheet.id, [], actor=clerk, language="ru", now=NOW)
    assert told.value.message.msgid == "There is nothing to issue."
    assert all(row.existing for row in plan(sheet).rows if row.is_due)
    issuing.perform_run({"run_id": run.id})
    assert len(world.ids_of("course_certificate")) == 7


def test_a_withdrawn_certificate_can_be_issued_again_with_a_new_number(assessed: Assessed) -> None:
    _, sheet = assessed
    clerk = WKU.actor("clerk")
    first = made(world.issued(WKU, sheet, ["course_certificate"], NOW), "course_certificate")
    routing.perform(first[2].id, "withdraw", actor=clerk, now=NOW, comment="Аты қате жазылған")
    run = world.issued(WKU, sheet, ["course_certificate"], NOW)
    again = made(run, "course_certificate")
    assert [each.subject_id for each in again] == [first[2].subject_id]
    assert again[0].number != first[2].number
    assert documents.load(first[2].id).state == "withdrawn"


def test_a_row_that_fails_stops_nobody_and_says_why(assessed: Assessed) -> None:
    """The contract of one is annulled between planning and making."""
    _, sheet = assessed
    clerk = WKU.actor("clerk")
    run = issuing.start(sheet.id, ["course_certificate"], actor=clerk, language="ru", now=NOW)
    number = run.rows[0].row
    person = documents.content(sheet)["listeners"][number - 1]["person_id"]
    contract = world.document_of("training_contract", subject_id=person)
    routing.perform(contract.id, "annul", actor=clerk, now=NOW, comment="Шарт бұзылды")
    issuing.perform_run({"run_id": run.id})
    db.session.expire_all()
    run = issuing.run_of(run.id, actor=clerk)
    states = {row.row: row.state for row in run.rows}
    assert states.pop(number) == "refused"
    assert set(states.values()) == {"done"}
    refused = next(row for row in run.rows if row.state == "refused")
    assert refused.refusals[0]["clause"]
    assert run.done == run.total
    numbers = sorted(each.number or "" for each in made(run, "course_certificate"))
    assert numbers == [f"ЦПК-ПК-{n:05d}/2026" for n in range(1, 7)], "the refused row has taken no number"


def test_a_row_of_a_type_that_is_used_no_more_stops_nobody(assessed: Assessed) -> None:
    """The organisation's acts changed between planning and making."""
    _, sheet = assessed
    run = issuing.start(sheet.id, ["course_certificate"], actor=WKU.actor("clerk"), language="ru", now=NOW)
    with unit_of_work():
        run.rows[0].type = "conferring_order"
    issuing.perform_run({"run_id": run.id})
    db.session.expire_all()
    assert [row.state for row in run.rows] == ["refused"] + ["done"] * 6
    assert run.done == run.total


def test_a_failed_one_gets_the_reference_with_the_reason(assessed: Assessed) -> None:
    _, sheet = assessed
    reference = made(world.issued(WKU, sheet, ["attendance_reference"], NOW), "attendance_reference")[0]
    content = documents.content(reference)
    assert content["reasons"]
    assert content["attended_hours"] == 63
    demo.sign(WKU.actor("rector"), [reference.id], NOW)
    assert documents.load(reference.id).state == "in_force"


def test_the_group_at_a_glance(assessed: Assessed) -> None:
    _, sheet = assessed
    clerk = WKU.actor("clerk")
    world.issued(WKU, sheet, [], NOW)
    group = documents.group_of(sheet)
    assert group is not None
    seen = groups.glance(group, actor=clerk)
    totals = {count.kind.name: count.total for stage in seen.stages for count in stage.counts if count.total}
    assert totals == {
        "wku_application": 8, "questionnaire": 8, "enrolment_order": 1, "training_contract": 8, "assessment_sheet": 1,
        "course_certificate": 7, "certificate_annex": 7, "attendance_reference": 1,
    }  # fmt: skip
    assert len(groups.people_in(group)) == 8
    with pytest.raises(NotFound):
        groups.glance(group, actor=KNK.actor("clerk"))
    with pytest.raises(Refused):
        groups.update(group.id, {"hours": 100}, actor=clerk)


# The conservatory


def conservatory(settings: Settings, count: int = 8) -> Document:
    return world.assessed_course(settings, KNK, count)


def pages(document: Document) -> str:
    reader = PdfReader(BytesIO(archiving.read(document.paper_sha256 or "")))
    return " ".join(page.extract_text() for page in reader.pages)


def test_the_conservatory_from_application_to_certificate(app: Flask, settings: Settings) -> None:
    sheet = conservatory(settings)
    clerk = KNK.actor("clerk")
    before = issuing.plan(sheet.id, actor=clerk, language="kk", now=NOW)
    assert not any(row.is_due for row in before.of_type("course_certificate"))
    reasons = {r.clause.key for row in before.of_type("course_certificate") for r in row.refusals if r.clause}
    assert "KNK 5.4" in reasons, "certificates need the rector's order"
    with pytest.raises(Refused) as told:
        issuing.start(sheet.id, ["course_certificate"], actor=clerk, language="kk", now=NOW)
    assert any(reason.clause and reason.clause.key == "KNK 5.4" for reason in told.value.refusals)
    order = world.gathered(settings, KNK, documents.group_of(sheet), "issue_order", NOW)  # type: ignore[arg-type]
    assert (order.state, len(documents.content(order)["listeners"])) == ("in_force", 7)
    run = world.issued(KNK, sheet, [], NOW)
    certificates, references = made(run, "course_certificate"), made(run, "attendance_reference")
    assert (len(certificates), len(references)) == (7, 1)
    assert world.ids_of("certificate_annex") == [], "the conservatory's act has no annex"
    demo.sign(KNK.actor("rector"), [each.id for each in (*certificates, *references)], NOW)
    for document in (*certificates, *references):
        checked(documents.load(document.id))
    assert documents.content(certificates[0])["order_number"] == order.number
    text = pages(documents.load(certificates[0].id))
    assert "Жұбанова" in text
    assert certificates[0].number is not None
    assert certificates[0].number in text


def checked(document: Document) -> None:
    report: Any = verification.by_code(document.code, now=NOW)
    assert document.state == "in_force"
    assert [report.verdict.outcome(axis) for axis in Axis] == [Outcome.YES] * 3
    assert (document.language, history.is_unbroken(document)) == ("kk", True)
    assert {each.state for each in papers.signatures_of(document)} == {"signed"}


def test_a_group_of_the_conservatory_has_four_or_more(app: Flask, settings: Settings) -> None:
    group = world.new_group(KNK)
    world.accepted_applications(settings, KNK, group, 3, NOW)
    order = groups.gather(group.id, "enrolment_order", actor=KNK.actor("clerk"), now=NOW, language="kk")
    with pytest.raises(Refused) as told:
        world.submit(order.id, KNK.actor("clerk"))
    assert "KNK 3.11" in {reason.clause.key for reason in told.value.refusals if reason.clause}


def test_two_units_of_one_organisation_number_their_orders(app: Flask, settings: Settings) -> None:
    """An order's number does not name the unit: both units then count in one journal."""
    admin, clerk = WKU.actor("admin"), WKU.actor("clerk")
    unit = people.add_unit(admin.organisation_id or 0, "ФПО", name_kk="Факультет", name_ru="Факультет", actor=admin)
    second = replace(clerk, unit_ids=frozenset({unit.id}))
    journal = document_type("enrolment_order").journal
    assert journal is not None
    numbers = []
    for actor in (clerk, second, clerk):
        document = draft(actor)
        numbers.append(numbering.reserve(document, journal, now=NOW))
        db.session.commit()
    assert len(set(numbers)) == 3


def test_an_annex_does_not_outlive_its_certificate(assessed: tuple[Settings, Document]) -> None:
    _, sheet = assessed
    clerk, rector = WKU.actor("clerk"), WKU.actor("rector")
    world.issued(WKU, sheet, ["course_certificate"], NOW)
    first, second = (documents.load(each) for each in world.ids_of("course_certificate")[:2])
    annexes = [
        next(other for kind, way, other in documents.relations(each) if (kind, way) == ("annex", "from"))
        for each in (first, second)
    ]
    demo.sign(rector, [first.id, annexes[0].id, second.id], NOW)  # the second annex stays unsigned

    for each in (first, second):
        routing.perform(each.id, "annul", actor=clerk, now=NOW, comment="Қате берілген")

    assert [each.state for each in annexes] == ["annulled", "withdrawn"]
