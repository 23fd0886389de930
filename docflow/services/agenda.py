"""What a session of an attestation commission has before it: applications of a round and the evidence about each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from docflow.core.collation import name_key
from docflow.core.regulations import Profile
from docflow.core.rules import Content, RelatedDocument
from docflow.db import db
from docflow.models import Document, Group, Revision
from docflow.regulations.krg.decision import Case
from docflow.regulations.krg.evidence import (
    APPEAL,
    RESULTS,
    SUMMARY,
    Evidence,
    gathered,
    is_decided_by_commission,
    item_of,
)
from docflow.regulations.krg.evidence import case_of as case_from
from docflow.regulations.krg.session import FAMILIES, is_decided, items_of
from docflow.services import documents, groups, papers

EvidenceOf = Callable[[int | None], Evidence]


def sessions_of(group: Group) -> list[Document]:
    """The sessions of a round, newest first."""
    return sorted(groups.documents_of(group, tuple(FAMILIES)), key=lambda each: each.id, reverse=True)


def undecided(group: Group, type_name: str) -> list[Document]:
    """Accepted applications of the round that this kind of session decides on and none has decided yet.

    An appeal against the knowledge test that was accepted brings a case back until it is decided on the new result.
    """
    taken = _decided_in(group)
    appealed = _appealed_in(group) if taken else set()
    evidence = _evidence_in(group) if appealed else None
    found = select(Document).where(Document.group_id == group.id, Document.state == "accepted")
    return [
        document
        for document in db.session.scalars(found.order_by(Document.id)).unique()
        if _belongs(documents.content(document), type_name)
        and (document.id not in taken or _is_reopened(document, taken[document.id], appealed, evidence))
    ]


def _appealed_in(group: Group) -> set[int]:
    """Whose appeals against the knowledge test were accepted."""
    found = select(Document.subject_id).where(
        Document.group_id == group.id, Document.type == APPEAL, Document.state == "accepted"
    )
    return {person_id for person_id in db.session.scalars(found) if person_id is not None}


def _is_reopened(application: Document, item: Content, appealed: set[int], evidence: EvidenceOf | None) -> bool:
    if application.subject_id not in appealed or evidence is None:
        return False
    found = evidence(application.subject_id)
    decided_on = item.get("knowledge_number")
    return found.appeal_state != "answered" or (found.table is not None and decided_on != found.table.number)


def _belongs(application: Content, type_name: str) -> bool:
    return is_decided_by_commission(application) and application["ladder"] in FAMILIES[type_name]


def _decided_in(group: Group) -> dict[int, Content]:
    """Applications on which a session has voted, or whose protocol is on its way, with the newest line of each."""
    fixed = ("to_sign", "in_force")
    return {
        item["application_id"]: item
        for document in reversed(sessions_of(group))
        if document.state in (*fixed, "draft")
        for item in items_of(documents.content(document))
        if document.state in fixed or is_decided(item)
    }


def lines(applications: Iterable[Document], group: Group, profile: Profile, *, on: date) -> list[dict[str, Any]]:
    """Lines of the agenda: those for whom everything is there first, then by name."""
    evidence = _evidence_in(group)
    items = [_item(each, evidence, profile=profile, on=on) for each in applications]
    return sorted(items, key=lambda item: (bool(item["missing"]), name_key(item["person"])))


def _item(application: Document, evidence: EvidenceOf, *, profile: Profile, on: date) -> dict[str, Any]:
    return item_of(
        documents.content(application),
        evidence(application.subject_id),
        application_id=application.id,
        number=application.number or "",
        person_id=application.subject_id,
        profile=profile,
        on=on,
    )


def _evidence_in(group: Group, person_id: int | None = None) -> EvidenceOf:
    """Read what is in force in the round once; then ask for one person after another."""
    found = evidence_documents(group, person_id=person_id)

    related = [_as_related(document, content) for document, content in found]
    return lambda person_id: gathered(related, person_id)


def _as_related(document: Document, content: Content) -> RelatedDocument:
    return RelatedDocument(
        document.type, document.number or "", document.state, content, document.registered_on, document.subject_id,
        id=document.id,
    )  # fmt: skip


def evidence_documents(group: Group, *, person_id: int | None = None) -> list[tuple[Document, Content]]:
    """Everything in the round by which people are judged, with its content; of one person if named.

    All of it is in force, but for appeals against the knowledge test.
    """
    every = aliased(Revision)
    newest = select(func.max(every.sequence)).where(every.document_id == Document.id).scalar_subquery()
    found = (
        select(Document, Revision)
        .join(Revision, (Revision.document_id == Document.id) & (Revision.sequence == newest))
        .where(Document.group_id == group.id, _is_evidence())
        .order_by(Document.id)
    )
    if person_id is not None:
        found = found.where((Document.subject_id == person_id) | (Document.type == RESULTS))
    return [(document, revision.content) for document, revision in db.session.execute(found).unique()]


def _is_evidence() -> ColumnElement[bool]:
    in_force = Document.state == "in_force"
    return (
        (Document.type.in_(("essay", RESULTS, SUMMARY)) & in_force)
        | (Document.type.startswith("portfolio_", autoescape=True) & in_force)
        | (Document.type.startswith("observation_", autoescape=True) & in_force)
        | ((Document.type == APPEAL) & Document.state.in_(("submitted", "accepted", "refused")))
    )


def case_of(application: Document, *, on: date, interviewed: bool = False) -> Case:
    """Gather the evidence about one applicant as it is now: what the clauses judge."""
    group = documents.group_of(application)
    evidence = _evidence_in(group, application.subject_id)(application.subject_id) if group else Evidence()
    profile = papers.profile_of(application.organisation)
    return case_from(documents.content(application), evidence, interviewed=interviewed, profile=profile, on=on)
