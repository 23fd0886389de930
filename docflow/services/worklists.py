"""Worklists: what waits for whom, with counts that honour local roles."""

from __future__ import annotations

from sqlalchemy import Select, false, func, select

from docflow.core.errors import NotFound
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor, Role
from docflow.db import db
from docflow.models import Document
from docflow.services import search, signing
from docflow.services.search import Page

TITLES: dict[str, Message] = {
    "to_sign": _l("To sign"),
    "to_consider": _l("To consider"),
    "returned": _l("Returned to me"),
    "drafts": _l("My drafts"),
    "out_for_signature": _l("Out for signature"),
}
COUNT_MOST = 999


def names(actor: Actor) -> tuple[str, ...]:
    """The worklists that this actor has, most urgent first."""
    found = ["to_sign"] if actor.person_id else []
    if actor.has(Role.CLERK):
        found.append("to_consider")
    if actor.has(Role.CLERK, Role.APPLICANT) or _has_drafts_in_hand(actor):
        found += ["returned", "drafts"]
    if actor.has(Role.CLERK):
        found.append("out_for_signature")
    return tuple(found)


def _has_drafts_in_hand(actor: Actor) -> bool:
    """Whether somebody has given this person a sheet to fill, who drafts nothing by himself."""
    if actor.person_id is None:
        return False
    found = select(Document.id).where(Document.assignee_id == actor.person_id, Document.state == "draft").limit(1)
    return db.session.scalars(found).first() is not None


def _query(name: str, actor: Actor) -> Select[Document]:
    documents = select(Document)
    mine = (Document.created_by_id == actor.account_id) | (
        (Document.assignee_id == actor.person_id) if actor.person_id is not None else false()
    )
    if name == "to_consider":
        return documents.where(search.visible_to(actor), Document.state == "submitted")
    if name == "returned":
        return documents.where(mine, Document.state == "draft", Document.comment != "")
    if name == "drafts":
        return documents.where(mine, Document.state == "draft", Document.comment == "")
    if name == "out_for_signature":
        return documents.where(search.visible_to(actor), Document.state == "to_sign")
    raise NotFound(_l("There is no such worklist."))


def count(name: str, *, actor: Actor) -> int:
    """How many wait, counted up to ``COUNT_MOST``."""
    if name == "to_sign":
        return signing.queue_length(actor=actor)
    limited = _query(name, actor).with_only_columns(Document.id).limit(COUNT_MOST).subquery()
    return db.session.scalar(select(func.count()).select_from(limited)) or 0


def counts(*, actor: Actor) -> dict[str, int]:
    return {name: count(name, actor=actor) for name in names(actor)}


def waiting(name: str, *, actor: Actor, page: int = 1, size: int = 50) -> Page:
    """One page of a worklist, oldest first: what has waited longest comes first."""
    if name == "to_sign":
        found = [each.document for each in signing.queue(actor=actor, limit=COUNT_MOST)]
        return Page(found[(page - 1) * size : page * size], len(found), page, size)
    rows = db.session.scalars(_query(name, actor).order_by(Document.id).limit(size).offset((page - 1) * size)).unique()
    return Page(list(rows), count(name, actor=actor), page, size)
