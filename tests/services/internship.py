"""An internship taken through the services up to where somebody from outside is asked to act."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

from sqlalchemy import select

from docflow import demo, samples
from docflow.config import Settings
from docflow.db import db
from docflow.models import Document, Invitation, Person
from docflow.services import documents, groups, invitations, people, routing
from docflow.services.environment import current as environment
from tests.services import world

HEAD = {"surname": "Досмағамбетов", "given_name": "Нұржан", "patronymic": "Бекболатұлы"}
ADDRESS = "head@plant.example"
TEACHERS = 2


def iin_of(place: int) -> str:
    """The IIN of an invented person of whom nothing is known yet."""
    return str(samples.listeners(place + 1)[place]["iin"])


def head_iin() -> str:
    return iin_of(700)


def drafted_memorandum(settings: Settings) -> Document:
    """A memorandum that names its head by name only, drafted from the order on enrolment of a group."""
    group = world.new_group(world.WKU)
    world.accepted_applications(settings, world.WKU, group, TEACHERS, world.NOW - timedelta(days=42))
    world.gathered(settings, world.WKU, group, "enrolment_order", world.NOW - timedelta(days=36))
    clerk = world.WKU.actor("clerk")
    made = groups.gather(group.id, "internship_memorandum", actor=clerk, now=world.NOW, language="ru")
    content = completed(documents.content(made))
    return documents.update(made.id, content, actor=clerk, version=made.version, now=world.NOW)


def completed(content: dict[str, Any]) -> dict[str, Any]:
    rows = [
        row | {"speciality": "Технология машиностроения", "workplace": "цех № 3", "supervisor": "Петренко О. В."}
        for row in content["teachers"]
    ]
    return content | {
        "enterprise": "ТОО «Завод»", "enterprise_bin": "990140000017", "enterprise_head": HEAD,
        "enterprise_head_position": "директор", "teachers": rows,
    }  # fmt: skip


def memorandum() -> Document:
    return world.document_of("internship_memorandum")


def invite(document: Document, *, iin: str = "", address: str = ADDRESS) -> tuple[Invitation, str]:
    clerk = world.WKU.actor("clerk")
    person = {"iin": iin or head_iin()}
    return invitations.invite(document.id, person, address=address, actor=clerk, now=world.NOW)


def signed_memorandum(settings: Settings) -> Document:
    """The same, signed by both parties: the head of the enterprise came by a link."""
    made = drafted_memorandum(settings)
    invite(made)
    world.submit(made.id, world.WKU.actor("clerk"))
    world.sign_all(settings, made.id, world.NOW)
    return documents.load(made.id)


def reference_in_his_hands(settings: Settings) -> Document:
    """A reference for the first teacher of the memorandum, in the hands of the enterprise's head."""
    source = signed_memorandum(settings)
    world.issued(world.WKU, source, ["internship_reference"], world.NOW)
    return world.document_of("internship_reference")


def head() -> Person:
    found = people.by_iin(head_iin())
    assert found is not None
    return found


def key_for_head(settings: Settings) -> None:
    demo.give_key(settings, head(), now=world.INSTALLED)


def letters(to: str = ADDRESS) -> list[str]:
    """Every letter to one address in the outbox, decoded, oldest first; the outbox is shared by many tests."""
    found = sorted(environment().settings.outbox_dir.glob("*.eml"))
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in found]
    return [each.get_body().get_content() for each in read if each["To"] == to]  # type: ignore[union-attr]


def newest_invitation() -> Invitation:
    return db.session.scalars(select(Invitation).order_by(Invitation.id.desc())).first()  # type: ignore[return-value]


def perform(document: Document, step: str, **more: Any) -> Document:
    return routing.perform(document.id, step, actor=world.WKU.actor("clerk"), now=world.NOW, **more)
