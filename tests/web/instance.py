"""A whole instance for the tests of pages: a finished course, a course under way, and an account of every role."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from docflow import create_app, demo, jobs, samples
from docflow.cli import migrate_database
from docflow.config import Settings
from docflow.core.permissions import Actor
from docflow.db import db
from docflow.models import Document, Group, Person
from docflow.rendering import preview
from docflow.services import documents, groups, people, routing
from tests.conftest import BEGAN

LISTENERS = 2
# One account for each role; the second organisation's clerk must see nothing of the first.
ACCOUNTS = {
    "clerk": "clerk@wku.example",
    "signatory": "rector@wku.example",
    "applicant": demo.LISTENER,
    "inspector": "inspector@wku.example",
    "archivist": "archivist@wku.example",
    "administrator": "admin@wku.example",
    "stranger": "clerk@knk.example",
}
NOW = datetime.fromisoformat(os.environ[BEGAN])


def settings_in(directory: Path, **more: object) -> Settings:
    """A demo instance that lives in *directory* and nowhere else; many log in from one address."""
    return Settings.of({"mode": "demo", "data_dir": directory, "login_attempts": 1000, **more}, directory=directory)


@contextmanager
def opened(settings: Settings) -> Iterator[Flask]:
    """The application; its connections are closed in the end.

    No context is left open around requests: Flask would share ``g``, and with it the actor, between them.
    """
    app = create_app(settings)
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def make(settings: Settings) -> None:
    """Fill an empty instance through the services, as people would."""
    with opened(settings) as app, app.app_context():
        migrate_database()
        demo.install(settings, now=NOW.replace(year=NOW.year - 1, day=1))
        demo.run_course(settings, count=LISTENERS, now=NOW, run_jobs=lambda: jobs.run_until_idle(app, timeout=300))
        _course_under_way(settings)


def make_in(directory: Path) -> None:
    """The same, to be copied: no process of it lives on."""
    make(settings_in(directory))
    preview.stop()


def listener(place: int) -> Person:
    """The person of one row of the sample table."""
    found = people.by_iin(samples.listeners(place + 1)[place]["iin"])
    assert found is not None, f"row {place} of the samples was not imported"
    return found


def _course_under_way(settings: Settings) -> None:
    """Applications in every state, one order that waits for the rector, one draft of the applicant himself."""
    clerk = demo.actor_of(ACCOUNTS["clerk"])
    group = demo._new_group(clerk, NOW)
    rows = samples.listeners(5, filed_on=NOW.date())
    made: dict[str, list[int]] = {}
    for name in ("questionnaire", "wku_application"):
        report = groups.import_applications(
            group.id, name, "listeners.xlsx", samples.spreadsheet(rows), actor=clerk, now=NOW
        )
        made[name] = [row.document_id or 0 for row in report.rows]
    _bring_forward(settings, clerk, made["wku_application"])
    order = groups.gather(group.id, "enrolment_order", actor=clerk, now=NOW, language="kk")
    routing.perform(order.id, "submit", actor=clerk, now=NOW)
    documents.create_draft(
        "wku_application", {}, actor=demo.actor_of(demo.LISTENER), unit_id=group.unit_id, language="ru",
        group_id=group.id, now=NOW, allow_incomplete=True,
    )  # fmt: skip


def _bring_forward(settings: Settings, clerk: Actor, ids: list[int]) -> None:
    """First: waits for the applicant; second: under consideration; third: accepted; fourth: returned; fifth: draft."""
    for each in ids[:4]:
        attach_all(each, clerk)
        routing.perform(each, "submit", actor=clerk, now=NOW)
    for each in ids[1:3]:
        person = documents.load(each).subject
        assert person is not None
        if person.id != listener(1).id:
            demo.give_key(settings, person, now=NOW - timedelta(days=1))
        demo.sign(demo.actor_for_person(person), [each], NOW)
    routing.perform(ids[2], "accept", actor=clerk, now=NOW)
    routing.perform(ids[3], "return", actor=clerk, now=NOW, comment="Исправьте место работы.")


def attach_all(document_id: int, clerk: Actor) -> None:
    """Attach a plain picture for every document that is required and missing."""
    document = documents.load(document_id)
    for requirement, required, attached in documents.requirements(document):
        if required and not attached:
            scan = demo.picture(240, 150)
            documents.attach(document_id, requirement.kind, f"{requirement.kind}.png", scan, actor=clerk, now=NOW)


def first(type_name: str, state: str, *, group_id: int | None = None) -> Document:
    """The first document of a type in a state."""
    query = select(Document).where(Document.type == type_name, Document.state == state).order_by(Document.id)
    if group_id is not None:
        query = query.where(Document.group_id == group_id)
    found = db.session.scalars(query).first()
    assert found is not None, f"no {type_name} in {state}"
    return found


def group_ids() -> list[int]:
    return list(db.session.scalars(select(Group.id).order_by(Group.id)))


def everything(type_name: str) -> list[Document]:
    return list(db.session.scalars(select(Document).where(Document.type == type_name)).unique())
