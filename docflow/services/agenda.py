"""What a session of an attestation commission has before it: applications of a round and the evidence about each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from docflow.core.collation import name_key
from docflow.core.regulations import Profile
from docflow.core.rules import Content
from docflow.db import db
from docflow.models import Document, Group, Revision
from docflow.regulations.krg.decision import Case
from docflow.regulations.krg.evidence import Evidence, is_decided_by_commission, item_of
from docflow.regulations.krg.evidence import case_of as case_from
from docflow.regulations.krg.session import FAMILIES, is_decided, items_of
from docflow.services import documents, groups, papers

EvidenceOf = Callable[[int | None], Evidence]


def sessions_of(group: Group) -> list[Document]:
    """The sessions of a round, newest first."""
    return sorted(groups.documents_of(group, tuple(FAMILIES)), key=lambda each: each.id, reverse=True)


def undecided(group: Group, type_name: str) -> list[Document]:
    """Accepted applications of the round that this kind of session decides on and none has decided yet."""
    taken = _decided_in(group)
    found = select(Document).where(Document.group_id == group.id, Document.state == "accepted")
    return [
        document
        for document in db.session.scalars(found.order_by(Document.id)).unique()
        if document.id not in taken and _belongs(documents.content(document), type_name)
    ]


def _belongs(application: Content, type_name: str) -> bool:
    return is_decided_by_commission(application) and application["ladder"] in FAMILIES[type_name]


def _decided_in(group: Group) -> set[int]:
    """Applications on which a session of the round has voted, or whose protocol is on its way."""
    fixed = ("to_sign", "in_force")
    return {
        item["application_id"]
        for document in sessions_of(group)
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

    def of(person_id: int | None) -> Evidence:
        mine = [(document, content) for document, content in found if document.subject_id == person_id]
        essays = [content for document, content in mine if document.type == "essay"]
        return Evidence(
            sheets=tuple(content for document, content in mine if document.type.startswith("portfolio_")),
            observations=tuple(
                (document.type, content) for document, content in mine if document.type.startswith("observation_")
            ),
            essay=essays[-1] if essays else None,
            result=_result(found, person_id),
        )

    return of


def _result(found: Iterable[tuple[Document, Content]], person_id: int | None) -> Content | None:
    """The person's row of the newest results of the knowledge test."""
    tables = [content for document, content in found if document.type == "knowledge_results"]
    rows = [row for content in tables for row in content.get("rows") or () if row.get("person_id") == person_id]
    return rows[-1] if rows and person_id is not None else None


def evidence_documents(group: Group, *, person_id: int | None = None) -> list[tuple[Document, Content]]:
    """Everything in force in the round by which people are judged, with its content; of one person if named."""
    every = aliased(Revision)
    newest = select(func.max(every.sequence)).where(every.document_id == Document.id).scalar_subquery()
    found = (
        select(Document, Revision)
        .join(Revision, (Revision.document_id == Document.id) & (Revision.sequence == newest))
        .where(Document.group_id == group.id, Document.state == "in_force", _is_evidence())
        .order_by(Document.id)
    )
    if person_id is not None:
        found = found.where((Document.subject_id == person_id) | (Document.type == "knowledge_results"))
    return [(document, revision.content) for document, revision in db.session.execute(found).unique()]


def _is_evidence() -> ColumnElement[bool]:
    return (
        Document.type.in_(("essay", "knowledge_results"))
        | Document.type.startswith("portfolio_", autoescape=True)
        | Document.type.startswith("observation_", autoescape=True)
    )


def case_of(application: Document, *, on: date, interviewed: bool = False) -> Case:
    """Gather the evidence about one applicant as it is now: what the clauses judge."""
    group = documents.group_of(application)
    evidence = _evidence_in(group, application.subject_id)(application.subject_id) if group else Evidence()
    profile = papers.profile_of(application.organisation)
    return case_from(documents.content(application), evidence, interviewed=interviewed, profile=profile, on=on)
