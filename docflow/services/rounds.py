"""Rounds of attestation: a commission, those whom it attests, and everything that is written meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import cycle
from typing import Any

from sqlalchemy import select

from docflow.core.errors import DocflowError, Refused
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor
from docflow.core.rules import Refusal
from docflow.core.types import DocumentType
from docflow.db import db, unit_of_work
from docflow.models import Document, Group, Unit
from docflow.regulations.krg.evidence import SUMMARY
from docflow.regulations.krg.terms import commission_ends
from docflow.services import archiving, documents, groups, issuing, routing
from docflow.services.environment import local_day

COMMISSION_ORDER = "commission_order"
STORED = ("code", "unit_id", "topic_kk", "topic_ru", "starts_on", "ends_on")


def open_round(data: Mapping[str, Any], *, actor: Actor, now: datetime) -> Group:
    """Open a round with the fields of ``STORED``; its members are those of the order in force.

    ``Invalid`` names the field. Without an order in force the members come when one is signed.
    """
    unit = db.session.get(Unit, data["unit_id"])
    order = commission_on(unit.organisation_id, data["starts_on"]) if unit else None
    whole = {
        **{name: data[name] for name in STORED},
        "kind": "attestation",
        "hours": 0,
        "modules": [],
        "study_language": "kk",
        "responsible": _members(order) if order else [],
    }
    return groups.create(whole, actor=actor, now=now)


def commission_on(organisation_id: int, day: date) -> Document | None:
    """The order by which a commission works on *day*: the newest in force."""
    return next((order for order in commission_orders(organisation_id) if is_in_office(order, day)), None)


def commission_orders(organisation_id: int) -> list[Document]:
    """The orders in force that form a commission, the newest first."""
    found = select(Document).where(
        Document.organisation_id == organisation_id, Document.type == COMMISSION_ORDER, Document.state == "in_force"
    )
    return list(db.session.scalars(found.order_by(Document.registered_on.desc(), Document.id.desc())).unique())


def is_in_office(order: Document, day: date) -> bool:
    """Say whether the commission of *order* is in office on *day*: one year from the order (KRG 16)."""
    return order.registered_on is not None and order.registered_on <= day <= commission_ends(order.registered_on)


def _members(order: Document) -> list[dict[str, Any]]:
    return [
        {
            "person": dict(row["person"]),
            "person_id": row.get("person_id"),
            "position_kk": row.get("position") or "",
            "position_ru": row.get("position") or "",
        }
        for row in documents.content(order).get("members") or ()
    ]


def _seat(document: Document, actor: Actor, now: datetime) -> None:
    """A new order in force gives the open rounds of its organisation their members."""
    if document.type != COMMISSION_ORDER or document.state != "in_force":
        return
    found = select(Group).where(
        Group.organisation_id == document.organisation_id,
        Group.kind == "attestation",
        Group.is_closed.is_(False),
        Group.ends_on >= local_day(now),
    )
    for group in db.session.scalars(found):
        group.responsible = _members(document)


routing.when_arrived.append(_seat)


@dataclass(frozen=True)
class Made:
    """One paper that was drafted for members to fill in or to sign, or why it was not."""

    application: Document
    kind: DocumentType
    member: str
    problems: tuple[Message, ...] = ()


def share_out(group_id: int, *, actor: Actor, now: datetime) -> tuple[Group, list[Made]]:
    """Draft one score sheet for each accepted application that has none, the members taking turns.

    Nobody gets a sheet about himself; what cannot be drafted says why and stops nobody else.
    """
    group, members = _with_members(group_id, actor=actor)
    turns, given = cycle(members), []
    for application in groups.documents_of(group):
        for kind, derivation in issuing.draftable(application, actor=actor, now=now):
            if ("member_id", "commission") in derivation.asks and not issuing.made_from(application, kind):
                member = next(each for each in turns if each["person_id"] != application.subject_id)
                given.append(_give(application, kind, member, actor=actor, now=now))
    return group, given


def _with_members(group_id: int, *, actor: Actor) -> tuple[Group, list[dict[str, Any]]]:
    group = groups.get(group_id, actor=actor)
    members = [each for each in group.responsible if each.get("person_id")]
    if not members:
        message = _l("The round has no commission yet: have the order that forms it signed.")
        raise Refused(routing.STEP_REFUSED, [Refusal("no_commission", message)])
    return group, members


def _named(people: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(" ".join(part for part in each["person"].values() if part) for each in people)


def _give(application: Document, kind: DocumentType, member: Mapping[str, Any], *, actor: Actor, now: datetime) -> Made:
    name = _named([member])
    choices = {
        "member_id": member["person_id"],
        "member": dict(member["person"]),
        "member_position": member["position_kk"],
    }
    try:
        with unit_of_work():
            issuing.draft(application.id, kind.name, actor=actor, now=now, choices=choices)
        return Made(application, kind, name)
    except DocflowError as error:
        archiving.forget_pending()
        return Made(application, kind, name, tuple(_reasons(error)))


def _reasons(error: DocflowError) -> Iterator[Message]:
    if isinstance(error, Refused):
        yield from (each.message for each in error.refusals)
    else:
        yield error.message


def draw_up(group_id: int, *, actor: Actor, now: datetime) -> tuple[Group, list[Made]]:
    """Compose the conclusion of the summary for each application that has none, and send it to who confirms it.

    Where materials are missing nothing is left behind, and the line says what is missing (KRG 27-29).
    """
    group, _members = _with_members(group_id, actor=actor)
    made = [
        _conclude(application, kind, actor=actor, now=now)
        for application in groups.documents_of(group)
        for kind, _derivation in issuing.draftable(application, actor=actor, now=now)
        if kind.name == SUMMARY
    ]
    return group, made


def _conclude(application: Document, kind: DocumentType, *, actor: Actor, now: datetime) -> Made:
    try:
        with unit_of_work():
            document = issuing.draft(application.id, kind.name, actor=actor, now=now)
            routing.perform(document.id, "submit", actor=actor, now=now)
        return Made(application, kind, _named(documents.content(document)["signers"]))
    except DocflowError as error:
        archiving.forget_pending()
        return Made(application, kind, "", tuple(_reasons(error)))
