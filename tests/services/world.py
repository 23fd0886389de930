"""Small courses, taken through the services step by step, for tests that begin where a step has ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from docflow import create_app, demo, samples
from docflow.cli import migrate_database
from docflow.config import Settings
from docflow.core.permissions import Actor
from docflow.db import db
from docflow.models import Document, Group, IssueRun, Person, Position, Unit
from docflow.services import documents, groups, issuing, papers, routing, sheets
from docflow.signing import authority

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
INSTALLED = datetime(2025, 9, 1, 9, 0, tzinfo=UTC)
LISTENERS = 8  # the fifth fails by attendance, the eighth passes at the limit
SCAN = demo.picture(24, 16)
PIN = {"pin": demo.PIN}


def settings_for(url: str, directory: Path) -> Settings:
    return Settings.of({"mode": "demo", "data_dir": directory, "database_url": url}, directory=directory)


@contextmanager
def running(settings: Settings) -> Iterator[Flask]:
    """The application with its context; its connections are closed in the end."""
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def install(settings: Settings) -> None:
    migrate_database()
    demo.install(settings, now=INSTALLED)


@dataclass(frozen=True)
class Organisation:
    """What differs between the two organisations of the demo."""

    code: str
    application: str
    language: str
    hours: int
    programme_kind: str

    def actor(self, name: str) -> Actor:
        return demo.actor_of(f"{name}@{self.code}.example")


WKU = Organisation("wku", "wku_application", "ru", 80, "general")
KNK = Organisation("knk", "knk_application", "kk", 72, "author")


def unit_of(clerk: Actor) -> Unit:
    return db.session.get_one(Unit, next(iter(clerk.unit_ids)))


def new_group(at: Organisation, *, code: str = "26-01", now: datetime = NOW, **other: Any) -> Group:
    clerk = at.actor("clerk")
    unit = unit_of(clerk)
    trainer = db.session.scalars(
        select(Position).where(Position.kind == "trainer", Position.organisation_id == unit.organisation_id)
    ).one()
    data: dict[str, Any] = {
        "unit_id": unit.id, "code": code, "topic_kk": demo.TOPIC_KK, "topic_ru": demo.TOPIC_RU, "hours": at.hours,
        "study_language": at.language, "format": "mixed", "funding": "paid", "programme_kind": at.programme_kind,
        "starts_on": now.date() - timedelta(days=30), "ends_on": now.date() - timedelta(days=2), "max_score": 100,
        "price": 45000, "trainer_id": trainer.person_id,
        "modules": [
            {"title_kk": "Цифрлық құралдар", "title_ru": "Цифровые инструменты", "hours": at.hours - 32},
            {"title_kk": "Қорытынды жоба", "title_ru": "Итоговый проект", "hours": 32},
        ],
        "responsible": [
            {
                "person": trainer.person.as_content, "person_id": trainer.person_id,
                "position_kk": trainer.title_kk, "position_ru": trainer.title_ru,
            }
        ],
    }  # fmt: skip
    return groups.create({**data, **other}, actor=clerk, now=now)


def people_table(at: Organisation, count: int, filed_on: date) -> bytes:
    if at is WKU:
        return samples.spreadsheet(samples.listeners(count, filed_on=filed_on))
    return samples.conservatory_spreadsheet(samples.musicians(count, filed_on=filed_on))


def import_people(at: Organisation, group: Group, count: int, now: datetime, type_name: str = "") -> list[int]:
    table = people_table(at, count, now.date())
    report = groups.import_applications(
        group.id, type_name or at.application, "listeners.xlsx", table, actor=at.actor("clerk"), now=now
    )
    assert not report.failed
    return [row.document_id or 0 for row in report.rows]


def attach_required(document_id: int, clerk: Actor, now: datetime = NOW) -> None:
    for requirement, required, attached in documents.requirements(documents.load(document_id)):
        if required and not attached:
            documents.attach(document_id, requirement.kind, "scan.png", SCAN, actor=clerk, now=now)


def submit(document_id: int, clerk: Actor, now: datetime = NOW) -> Document:
    return routing.perform(document_id, "submit", actor=clerk, now=now)


def person_signs(settings: Settings, person: Person, document_ids: Sequence[int], now: datetime) -> None:
    demo.give_key(settings, person, now=INSTALLED)
    for document_id in document_ids:
        _give_the_organisations_key(settings, person, documents.load(document_id))
    demo.sign(demo.actor_for_person(person), document_ids, now)


def _give_the_organisations_key(settings: Settings, person: Person, document: Document) -> None:
    """Who signs for the organisation holds a key that names it and says so."""
    for slot in papers.signatures_of(document):
        if slot.person_id == person.id and slot.capacity in ("head_or_acting", "authorised"):
            role = authority.FIRST_HEAD if slot.capacity == "head_or_acting" else authority.RIGHT_TO_SIGN
            demo.give_key(settings, person, now=INSTALLED, organisation=document.organisation, roles=(role,))


def sign_all(settings: Settings, document_id: int, now: datetime) -> None:
    """Let everybody sign whose signature is awaited, in their order."""
    for signature in papers.signatures_of(documents.load(document_id)):
        person_signs(settings, signature.person, [document_id], now)


def accepted_applications(settings: Settings, at: Organisation, group: Group, count: int, now: datetime) -> list[int]:
    """Questionnaires first, where the organisation has them: an application is not accepted without."""
    if at is WKU:
        accept_all(settings, at, import_people(at, group, count, now, "questionnaire"), now)
    made = import_people(at, group, count, now)
    accept_all(settings, at, made, now)
    return made


def accept_all(settings: Settings, at: Organisation, made: Sequence[int], now: datetime) -> None:
    clerk = at.actor("clerk")
    for document_id in made:
        attach_required(document_id, clerk, now)
        submit(document_id, clerk, now)
        sign_all(settings, document_id, now)
        routing.perform(document_id, "accept", actor=clerk, now=now)


def gathered(settings: Settings, at: Organisation, group: Group, type_name: str, now: datetime) -> Document:
    """Gather, send and sign by all: a document in force."""
    order = groups.gather(group.id, type_name, actor=at.actor("clerk"), now=now, language=at.language)
    submit(order.id, at.actor("clerk"), now)
    sign_all(settings, order.id, now)
    return documents.load(order.id)


def filled_sheet(at: Organisation, group: Group, count: int, now: datetime) -> Document:
    clerk = at.actor("clerk")
    sheet = groups.gather(group.id, "assessment_sheet", actor=clerk, now=now, language=at.language)
    people = samples.listeners(count, language=at.language)
    table = samples.assessment_spreadsheet(people, hours=at.hours, modules=2, language=at.language)
    report = sheets.import_rows(sheet.id, "results.xlsx", table, actor=clerk, version=sheet.version, now=now)
    assert not report.failed
    return documents.load(sheet.id)


def issued(at: Organisation, source: Document, types: list[str], now: datetime) -> IssueRun:
    """Issue at once, by the job's own function."""
    run = issuing.start(source.id, types, actor=at.actor("clerk"), language=at.language, now=now)
    issuing.perform_run({"run_id": run.id})
    db.session.expire_all()
    return db.session.get_one(IssueRun, run.id)


def signed_contracts(settings: Settings, at: Organisation, order: Document, now: datetime) -> None:
    made = [row.document_id or 0 for row in issued(at, order, ["training_contract"], now).rows]
    for document_id in made:
        subject = documents.load(document_id).subject
        assert subject is not None
        person_signs(settings, subject, [document_id], now)
    demo.sign(at.actor("rector"), made, now)


def assessed_course(settings: Settings, at: Organisation, count: int = LISTENERS) -> Document:
    """A course up to its assessment sheet in force, dated as it would have been."""
    group = new_group(at)
    accepted_applications(settings, at, group, count, NOW - timedelta(days=42))
    order = gathered(settings, at, group, "enrolment_order", NOW - timedelta(days=36))
    signed_contracts(settings, at, order, NOW - timedelta(days=35))
    sheet = filled_sheet(at, group, count, NOW - timedelta(days=1))
    submit(sheet.id, at.actor("clerk"), NOW - timedelta(days=1))
    sign_all(settings, sheet.id, NOW - timedelta(days=1))
    return documents.load(sheet.id)


def document_of(type_name: str, **wanted: Any) -> Document:
    found = select(Document).where(Document.type == type_name).order_by(Document.id)
    for name, value in wanted.items():
        found = found.where(getattr(Document, name) == value)
    return db.session.scalars(found).unique().first()  # type: ignore[return-value]


def ids_of(type_name: str) -> list[int]:
    return list(db.session.scalars(select(Document.id).where(Document.type == type_name).order_by(Document.id)))
