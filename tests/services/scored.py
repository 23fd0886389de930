"""A round of attestation whose applicants have their score sheets in the hands of a member of the commission."""

from __future__ import annotations

import os
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from docflow import demo
from docflow.core.permissions import Actor, Role
from docflow.core.registry import document_type
from docflow.db import db, unit_of_work
from docflow.models import Document, Group, Organisation, Person, Signature
from docflow.services import cards, documents, issuing
from tests.conftest import BEGAN

NOW = datetime.fromisoformat(os.environ[BEGAN])
INSTALLED = NOW - timedelta(days=40)
CLERK, MEMBER, TEACHER, OUTSIDER = (
    f"{name}@krg.example" for name in ("clerk", "member", "teacher", "outsider")
)  # fmt: skip
STAFF = (
    demo.DemoAccount(CLERK, ("Ахметова", "Динара", "Болатқызы"), "", (Role.CLERK,), "kk",
                     ("clerk", "хатшы", "секретарь"), in_centre=True),
    demo.DemoAccount(MEMBER, ("Қуанышбекова", "Әсел", "Нұрланқызы"), "", (Role.SIGNATORY,), "kk",
                     ("other", "директордың орынбасары", "заместитель директора")),
    demo.DemoAccount(TEACHER, ("Өмірғалиева", "Ғазиза", "Әбдіжәмілқызы"), "", (Role.APPLICANT,), "kk"),
    demo.DemoAccount(OUTSIDER, ("Ким", "Виктор", ""), "", (Role.APPLICANT,), "kk"),
)  # fmt: skip


@dataclass(frozen=True)
class Round:
    group_id: int
    application_id: int


def actor(email: str) -> Actor:
    return demo.actor_of(email)


def person(email: str) -> Person:
    return db.session.get_one(Person, actor(email).person_id)


def settle(settings: Any) -> Round:
    """Make the organisation, its round and one accepted application."""
    data = {**demo.WKU_ORGANISATION, "code": "krg", "profile": "krg", "bin": "990440000385"}
    demo.install_organisation(settings, data, STAFF, "АК", first_iin=700, now=INSTALLED)
    with unit_of_work():
        db.session.query(Organisation).filter_by(code="krg").one().settings = {"continued_by_order": "№ 5, 06.01.2025"}
    group_id = _round()
    return Round(group_id, application(group_id))


def found() -> Round:
    """The round of an instance that has been settled before."""
    made = db.session.query(Document).filter_by(type="teacher_application").order_by(Document.id).first()
    assert made is not None
    assert made.group_id is not None
    return Round(made.group_id, made.id)


def _round() -> int:
    clerk, member = actor(CLERK), person(MEMBER)
    with unit_of_work():
        organisation = db.session.query(Organisation).filter_by(code="krg").one()
        group = Group(
            organisation_id=organisation.id, unit_id=next(iter(clerk.unit_ids)), code="А-1", kind="attestation",
            topic_kk="Күзгі аттестаттау", topic_ru="Осенняя аттестация", hours=0, created_at=INSTALLED,
            starts_on=date(NOW.year, 9, 1), ends_on=date(NOW.year, 12, 31),
            responsible=[{
                "person": member.as_content, "person_id": member.id, "position_kk": "директордың орынбасары",
                "position_ru": "заместитель директора",
            }],
        )  # fmt: skip
        db.session.add(group)
        db.session.flush()
        return group.id


def application(group_id: int, type_name: str = "teacher_application", **changes: Any) -> int:
    """An accepted application of the teacher: how it got there is told by the tests of the intake."""
    teacher = person(TEACHER)
    content = deepcopy(dict(document_type(type_name).sample))
    content["applicant"] = {**teacher.as_content, "iin": teacher.iin, "iin_override": ""}
    content |= {"claimed": "researcher", **changes}
    document = documents.create_draft(
        type_name, content, actor=actor(CLERK), unit_id=next(iter(actor(CLERK).unit_ids)), language="kk",
        now=NOW, group_id=group_id, allow_incomplete=True,
    )  # fmt: skip
    signed_by(document, teacher)
    return in_state(document, "accepted", "АӨ-1").id


def signed_by(document: Document, person: Person) -> None:
    """As if he had signed it: with it he lays open what docflow holds about him."""
    with unit_of_work():
        signature = Signature(
            document_id=document.id, revision_id=documents.current_revision(document).id, slot="applicant",
            state="signed", person_id=person.id, signer_name=person.full_name, capacity="applicant",
            label="Өтініш беруші", signed_at=NOW,
        )  # fmt: skip
        db.session.add(signature)


def in_state(document: Document, state: str, number: str) -> Document:
    with unit_of_work():
        document.state, document.number, document.registered_on = state, number, NOW.date()
    return document


def sheet(at: Round, *, type_name: str = "portfolio_teacher", member: str = MEMBER) -> Document:
    """Draft a sheet as the secretary does: about the applicant, in the hands of a member."""
    chosen = person(member)
    choices = {"member_id": chosen.id, "member": chosen.as_content, "member_position": ""}
    return issuing.draft(at.application_id, type_name, actor=actor(CLERK), now=NOW, choices=choices)


def observe(group_id: int, count: int, *, level: int = 2, observer: str = MEMBER) -> None:
    """Observation sheets of the teacher, signed by both."""
    sample = document_type("observation_lesson").sample
    teacher, watching, clerk = person(TEACHER), person(observer), actor(CLERK)
    for number in range(1, count + 1):
        levels = [level] * len(sample["levels"])
        content = {
            **sample, "person": teacher.as_content, "person_id": teacher.id, "observer": watching.as_content,
            "observer_id": watching.id, "observed_on": NOW.date().isoformat(), "levels": levels,
        }  # fmt: skip
        made = documents.create_draft(
            "observation_lesson", content, actor=clerk, unit_id=next(iter(clerk.unit_ids)), language="kk", now=NOW,
            group_id=group_id, allow_incomplete=True,
        )  # fmt: skip
        in_state(made, "in_force", f"БП-{number}")


def write_on_card(entry: str, *, starts_on: date, **data: Any) -> None:
    """One entry of the teacher's card, by hand of the clerk."""
    clerk, about = actor(CLERK), person(TEACHER).id
    cards.add_entry(about, entry, data, basis="түпнұсқа", actor=clerk, now=NOW, starts_on=starts_on)
