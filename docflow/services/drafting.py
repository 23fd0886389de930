"""Beginning a document: a form that is not empty, and drafts from other documents with what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from docflow.core.errors import Invalid
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Role
from docflow.core.types import DocumentType
from docflow.db import db
from docflow.models import Document, Person, Position
from docflow.services import cards, documents, issuing
from docflow.services.environment import local_day

SOURCES = ("commission", "staff")


@dataclass(frozen=True)
class Candidate:
    """Somebody who can be chosen, with the post in which he is."""

    person_id: int
    person: Mapping[str, Any]
    position: str

    @property
    def label(self) -> str:
        names = " ".join(part for part in self.person.values() if part)
        return f"{names}, {self.position}" if self.position else names


def candidates(document: Document, source: str, *, now: datetime) -> list[Candidate]:
    """The members of the round's commission, or everybody who holds a post in the organisation today."""
    is_kk = document.language == "kk"
    if source == "commission":
        members = document.group.responsible if document.group else []
        return [
            Candidate(each["person_id"], each["person"], each.get("position_kk" if is_kk else "position_ru") or "")
            for each in members
            if each.get("person_id")
        ]
    held = _held_posts(document.organisation_id, local_day(now))
    return [
        Candidate(post.person_id, post.person.as_content, post.title_kk if is_kk else post.title_ru) for post in held
    ]


def _held_posts(organisation_id: int, day: date) -> list[Position]:
    found = select(Position).where(
        Position.organisation_id == organisation_id,
        Position.starts_on <= day,
        (Position.ends_on.is_(None)) | (Position.ends_on >= day),
    )
    return sorted(db.session.scalars(found).unique(), key=lambda post: post.person.full_name)


def draft(document_id: int, type_name: str, sent: Mapping[str, Any], *, actor: Actor, now: datetime) -> Document:
    """Draft one document of *type_name* from another; *sent* holds what the derivation asks for.

    ``Invalid`` names a choice that is missing or that nobody may choose.
    """
    source = documents.get(document_id, actor=actor)
    asks = dict(next((d.asks for k, d in issuing.draftable(source, actor=actor, now=now) if k.name == type_name), ()))
    choices: dict[str, Any] = {}
    for name, of in asks.items():
        choices |= _chosen_day(name, sent) if of == "date" else _chosen_person(source, name, of, sent, now=now)
    return issuing.draft(document_id, type_name, actor=actor, now=now, choices=choices)


def _chosen_day(name: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {name: date.fromisoformat(str(sent.get(name) or "")).isoformat()}
    except ValueError:
        raise Invalid(_l("Please correct the marked fields."), {name: [str(_l("Choose a day."))]}) from None


def _chosen_person(source: Document, name: str, of: str, sent: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    wanted = str(sent.get(name) or "")
    for each in candidates(source, of, now=now):
        if str(each.person_id) == wanted:
            bare = name.removesuffix("_id")
            return {name: each.person_id, bare: dict(each.person), f"{bare}_position": each.position}
    raise Invalid(_l("Please correct the marked fields."), {name: [str(_l("Choose somebody from the list."))]})


def begun(kind: DocumentType, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """What a new form begins with: the applicant's own card, or who holds which post; else nothing."""
    day = local_day(now)
    if kind.starts_with_staff is not None and actor.organisation_id is not None:
        return kind.starts_with_staff(_staff(actor.organisation_id, day), day)
    if kind.starts_with is None:
        return {}
    person = db.session.get(Person, actor.person_id) if actor.person_id and not actor.has(Role.CLERK) else None
    filled = kind.starts_with(cards.CardFacts(person.id, on=day) if person else {}, day)
    if person is not None:
        filled["applicant"] = {**person.as_content, "iin": person.iin or "", "iin_override": person.iin_override}
        filled |= {name: getattr(person, name) for name in ("email", "phone") if name in filled}
    return filled


def _staff(organisation_id: int, day: date) -> list[dict[str, Any]]:
    return [
        {
            "kind": post.kind,
            "person": post.person.as_content,
            "person_id": post.person_id,
            "position": post.title_kk,
            "card": cards.CardFacts(post.person_id, on=day),
        }
        for post in _held_posts(organisation_id, day)
    ]
