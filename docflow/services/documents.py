"""Drafting and changing documents, their attachments and papers; who may see what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import aliased

from docflow.core.canonical import canonical_json, sha256_hex
from docflow.core.errors import Conflict, Forbidden, Invalid, NotFound
from docflow.core.identifiers import new_code
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Permission, Role
from docflow.core.registry import document_type, document_types
from docflow.core.types import DocumentType, Requirement, value_at
from docflow.core.workflow import State
from docflow.db import db, unit_of_work
from docflow.models import Attachment, Document, Group, Person, Relation, Revision, Unit
from docflow.services import archiving, history, papers, people, search, uploads

# Roles of an account that reach a document only inside its own organisation.
_ORGANISATION_WIDE = frozenset({Role.ADMINISTRATOR, Role.ARCHIVIST, Role.INSPECTOR})
_CONTROLS = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]")  # Unicode's category Cc but tab and line ends
_STARTERS = frozenset({Role.CLERK, Role.SYSTEM, Role.APPLICANT})


def roles_on(document: Document, actor: Actor) -> frozenset[Role]:
    """The roles that *actor* has on this document: of the account, where it reaches, and the local ones."""
    roles: set[Role] = set(actor.roles & {Role.SYSTEM})
    if document.organisation_id == actor.organisation_id:
        roles |= actor.roles & _ORGANISATION_WIDE
        if Role.CLERK in actor.roles and document.unit_id in actor.unit_ids:
            roles.add(Role.CLERK)
    if actor.account_id is not None and document.created_by_id == actor.account_id:
        roles.add(Role.OWNER)
    if actor.person_id is not None:
        if document.subject_id == actor.person_id:
            roles.add(Role.SUBJECT)
        if document.assignee_id == actor.person_id:
            roles.add(Role.OWNER)
        if _sits_on_the_commission(document, actor.person_id):
            roles.add(Role.MEMBER)
        if _is_signer(document, actor.person_id):
            roles.add(Role.SIGNER)
    return frozenset(roles)


def _is_signer(document: Document, person_id: int) -> bool:
    return any(each.person_id == person_id for each in papers.signatures_of(document))


def _sits_on_the_commission(document: Document, person_id: int) -> bool:
    group = document.group
    if group is None or group.kind != "attestation":
        return False
    return any(member.get("person_id") == person_id for member in group.responsible)


def state_of(document: Document) -> State:
    return document_type(document.type).workflow.states[document.state]


def permissions(document: Document, *, actor: Actor) -> frozenset[Permission]:
    state, roles = state_of(document), roles_on(document, actor)
    return frozenset(each for each in Permission if state.allows(each, roles))


def demand(document: Document, permission: Permission, *, actor: Actor) -> None:
    granted = permissions(document, actor=actor)
    if Permission.VIEW not in granted:
        raise NotFound(_l("There is no such document, or you may not see it."))
    if permission not in granted:
        raise Forbidden(_l("In the state “%(state)s” you may not do this.", state=state_of(document).title))


def load(document_id: int) -> Document:
    found = db.session.get(Document, document_id)
    if found is None:
        raise NotFound(_l("There is no such document, or you may not see it."))
    return found


def get(document_id: int, *, actor: Actor) -> Document:
    """The document, if the actor may see it; otherwise ``NotFound``, so that nobody learns it exists."""
    document = load(document_id)
    demand(document, Permission.VIEW, actor=actor)
    return document


def current_revision(document: Document) -> Revision:
    """The newest revision; every rule and step asks for it, the database is asked once a session."""
    known = _newest().get(document)
    if known is not None and known in db.session and not inspect(known).expired:
        return known
    found = select(Revision).where(Revision.document_id == document.id).order_by(Revision.sequence.desc()).limit(1)
    _newest()[document] = newest = db.session.scalars(found).one()
    return newest


def is_proven(revision: Revision) -> bool:
    """Whether the form has agreed to this content in this session."""
    return revision in _proven()


def _proven() -> WeakSet[Revision]:
    found: WeakSet[Revision] = db.session.info.setdefault("proven", WeakSet())
    return found


def _newest() -> WeakKeyDictionary[Document, Revision]:
    found: WeakKeyDictionary[Document, Revision] = db.session.info.setdefault("newest", WeakKeyDictionary())
    return found


def load_revisions(found: Sequence[Document]) -> None:
    """Fetch the current revisions of all these documents at once, for whoever reads them one by one."""
    unread = [each for each in found if each not in _newest()]
    if len(unread) < 2:
        return
    of_document = aliased(Revision)
    last = select(func.max(of_document.sequence)).where(of_document.document_id == Revision.document_id)
    wanted = select(Revision).where(
        Revision.document_id.in_([each.id for each in unread]), Revision.sequence == last.scalar_subquery()
    )
    by_document = {each.document_id: each for each in db.session.scalars(wanted)}
    for each in unread:
        _newest()[each] = by_document[each.id]


def content(document: Document) -> dict[str, Any]:
    return current_revision(document).content


@dataclass(frozen=True)
class Draft:
    """What one document is drafted from."""

    type: str
    data: Mapping[str, Any]
    unit_id: int
    language: str
    group_id: int | None = None
    subject_id: int | None = None
    allow_incomplete: bool = False


def create_draft(
    type_name: str,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    unit_id: int,
    language: str,
    now: datetime,
    group_id: int | None = None,
    subject_id: int | None = None,
    allow_incomplete: bool = False,
) -> Document:
    """Draft a document from *data*.

    ``Invalid`` names every field that the form refuses, unless *allow_incomplete*: then it is kept
    as it is, and submitting asks again.
    """
    draft = Draft(type_name, data, unit_id, language, group_id, subject_id, allow_incomplete)
    return create_drafts([draft], actor=actor, now=now)[0]


def create_drafts(drafts: Sequence[Draft], *, actor: Actor, now: datetime) -> list[Document]:
    """Draft them all, or none, and write them together."""
    with unit_of_work():
        subjects = _subjects(drafts)  # held until their documents hold them
        made = [_drafted(each, actor=actor, now=now) for each in drafts]
        del subjects
        db.session.flush()  # from here on they have their ids
        return made


def _subjects(drafts: Sequence[Draft]) -> list[Person]:
    """The people that these are about, where it says their id, fetched at once."""
    found = [papers.subject_of(document_type(each.type), each.data) for each in drafts]
    return people.known([each for each in found if isinstance(each, int)])


def _drafted(draft: Draft, *, actor: Actor, now: datetime) -> Document:
    kind = document_type(draft.type)
    unit = _unit_of(draft)
    _demand_drafting(kind, unit, actor)
    group = _group_of(draft, kind)
    _check_language(kind, unit, draft.language)
    cleaned = _validated(kind, draft.data, allow_incomplete=draft.allow_incomplete)
    document = Document(
        type=kind.name,
        organisation_id=unit.organisation_id,
        organisation=unit.organisation,
        unit_id=unit.id,
        unit=unit,
        group_id=group.id if group else None,
        group=group,
        state=kind.workflow.initial,
        language=draft.language,
        code=new_code(),
        created_by_id=actor.account_id,
        created_at=now,
        changed_at=now,
        version=1,
        history_head="",
        history_length=0,
        comment="",
        subject_id=draft.subject_id,
        grounds=[],  # said, so that nobody asks the database for what a new one cannot have
        signatures=[],
        registered=None,
    )
    _project(document, cleaned)
    _refuse_a_stranger(document, actor)
    db.session.add(document)
    history.record(document, "created", actor=actor, now=now, type=kind.name, language=draft.language)
    revision = _add_revision(document, 1, cleaned, actor=actor, now=now)
    if not draft.allow_incomplete:
        _proven().add(revision)
    return document


def _unit_of(draft: Draft) -> Unit:
    unit = db.session.get(Unit, draft.unit_id)
    if unit is None:
        raise NotFound(_l("There is no such unit."))
    return unit


def _group_of(draft: Draft, kind: DocumentType) -> Group | None:
    if draft.group_id is None:
        return _open_round(draft.unit_id, kind.joins) if kind.joins else None
    group = db.session.get_one(Group, draft.group_id)
    if group.unit_id != draft.unit_id:
        raise NotFound(_l("There is no such group."))
    return group


def _open_round(unit_id: int, kind: str) -> Group | None:
    """The unit's newest open group of this kind, to which what is filed now belongs."""
    found = select(Group).where(Group.unit_id == unit_id, Group.kind == kind, Group.is_closed.is_(False))
    return db.session.scalars(found.order_by(Group.starts_on.desc(), Group.id.desc()).limit(1)).first()


def types_in_use(*, actor: Actor) -> list[DocumentType]:
    """The types that an act of the actor's organisation regulates."""
    profile = papers.profile_of(people.organisation_of(actor))
    return [kind for kind in document_types().values() if kind.clause_for(profile) is not None]


def draftable(*, actor: Actor) -> list[DocumentType]:
    """Of the types in use, those that the actor may draft: people outside the staff file for themselves."""
    is_staff = actor.has(Role.CLERK, Role.SYSTEM)
    return [kind for kind in types_in_use(actor=actor) if is_staff or kind.is_filed_by_applicants]


def demand_draftable(type_name: str, *, actor: Actor) -> DocumentType:
    kind = document_type(type_name)
    if kind not in draftable(actor=actor):
        raise Forbidden(_l("Documents of this type are drafted by the organisation."))
    return kind


def _demand_drafting(kind: DocumentType, unit: Unit, actor: Actor) -> None:
    if not actor.has(*_STARTERS):
        raise Forbidden(_l("Your roles do not allow you to draft documents."))
    if actor.has(Role.SYSTEM):
        return
    if actor.has(Role.CLERK) and unit.id in actor.unit_ids:
        return
    if actor.has(Role.APPLICANT) and unit.organisation_id == actor.organisation_id:
        if kind.is_filed_by_applicants:
            return
        raise Forbidden(_l("Documents of this type are drafted by the organisation."))
    raise Forbidden(_l("You do not work in this unit."))


def _check_language(kind: DocumentType, unit: Unit, language: str) -> None:
    profile = papers.profile_of(unit.organisation)
    if kind.clause_for(profile) is None:
        raise Invalid(
            _l("This organisation does not use this type of document."),
            {"type": [str(_l("None of the acts that bind the organisation regulates it."))]},
        )
    if language not in kind.languages(profile):
        raise Invalid(
            _l("The act does not have this form in the chosen language."),
            {"language": [str(_l("Choose one of: %(languages)s.", languages=", ".join(kind.languages(profile))))]},
        )


def _validated(kind: DocumentType, data: Mapping[str, Any], *, allow_incomplete: bool) -> dict[str, Any]:
    cleaned, errors = kind.form.validate_content(_printable(data))
    if errors and not allow_incomplete:
        raise Invalid(_l("Please correct the marked fields."), errors)
    return cleaned


def _printable(value: Any) -> Any:
    """Without control characters: PostgreSQL takes no zero, and no font has a picture for the others."""
    if isinstance(value, str):
        return _CONTROLS.sub("", value)
    if isinstance(value, Mapping):
        return {key: _printable(each) for key, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, list | tuple) else value


def _add_revision(
    document: Document, sequence: int, cleaned: dict[str, Any], *, actor: Actor, now: datetime
) -> Revision:
    revision = Revision(
        document=document,
        sequence=sequence,
        content=cleaned,
        sha256=sha256_hex(canonical_json(cleaned)),
        author_id=actor.account_id,
        created_at=now,
    )
    db.session.add(revision)
    _newest()[document] = revision
    search.index(document)
    return revision


def _project(document: Document, cleaned: Mapping[str, Any]) -> None:
    """Copy what lists and searches show from the content to the document's row."""
    kind = document_type(document.type)
    document.title = (kind.heading(cleaned) if kind.heading else "")[:500]
    about = papers.subject_of(kind, cleaned)
    person: Person | None = None
    if isinstance(about, int):
        person = db.session.get(Person, about)
    elif about is not None:
        person = people.told_in(about)
        if person is not None:
            people.mend_name(person, about)
    if person is not None:
        document.subject_id, document.subject = person.id, person
    elif document.subject_id is not None:
        person = db.session.get(Person, document.subject_id)
    document.subject_name = person.full_name if person else ""
    if kind.assigned_to:
        assignee = value_at(cleaned, kind.assigned_to)
        document.assignee_id = assignee if isinstance(assignee, int) else None


def _refuse_a_stranger(document: Document, actor: Actor) -> None:
    """An applicant files for himself: otherwise any IIN would tell him a name."""
    may_write_of_others = actor.has(Role.CLERK, Role.SYSTEM) or (
        actor.person_id is not None and document.assignee_id == actor.person_id
    )
    if not may_write_of_others and document.subject_id is not None and document.subject_id != actor.person_id:
        message = _l("You can file this for yourself only: enter your own IIN.")
        raise Invalid(message, {"applicant-iin": [str(message)]})


def update(
    document_id: int,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    version: int,
    now: datetime,
    allow_incomplete: bool = True,
) -> Document:
    """Save a new revision of a draft. ``Conflict`` tells the second editor that somebody was faster."""
    with unit_of_work():
        document = get(document_id, actor=actor)
        demand(document, Permission.EDIT, actor=actor)
        check_version(document, version)
        cleaned = _validated(document_type(document.type), data, allow_incomplete=allow_incomplete)
        before = current_revision(document)
        if before.sha256 != sha256_hex(canonical_json(cleaned)):
            _project(document, cleaned)
            _refuse_a_stranger(document, actor)
            revision = _add_revision(document, before.sequence + 1, cleaned, actor=actor, now=now)
            history.record(document, "edited", actor=actor, now=now, revision=revision.sequence)
        return document


def check_version(document: Document, version: int | None) -> None:
    if version is not None and version != document.version:
        last = history.entries(document)[-1]
        raise Conflict(
            _l(
                "%(name)s has changed this document meanwhile. Your text is still in the form: compare, then save "
                "again.",
                name=last.actor_name,
            )
        )


def paper(document_id: int, *, actor: Actor) -> tuple[str, bytes]:
    """File name and bytes of the newest paper, with every signature so far."""
    document = get(document_id, actor=actor)
    if not document.paper_sha256:
        raise NotFound(_l("This document has no paper yet: send it for signature first."))
    return paper_name(document), archiving.read(document.paper_sha256)


def paper_name(document: Document) -> str:
    number = "".join(c if c.isalnum() else "-" for c in document.number or document.code)
    return f"{document.type}_{number}_{document.code}.pdf"


# Attachments


def requirements(document: Document) -> list[tuple[Requirement, bool, bool]]:
    """Each kind of attachment that the acts know for this type: required here? attached?"""
    kind, profile = document_type(document.type), papers.profile_of(document.organisation)
    if not kind.attachments:
        return []
    current, held = content(document), attached_kinds(document)
    facts = {**current, "group_funding": document.group.funding if document.group else ""}
    return [
        (each, each.is_required(facts, profile), each.kind in held)
        for each in kind.attachments
        if profile.first_clause(each.clauses) is not None
    ]


def attached_kinds(document: Document) -> frozenset[str]:
    return frozenset(each.kind for each in attachments(document))


def attachments(document: Document) -> list[Attachment]:
    found = select(Attachment).where(Attachment.document_id == document.id, Attachment.removed_at.is_(None))
    return list(db.session.scalars(found.order_by(Attachment.id)))


def attach(document_id: int, kind: str, filename: str, data: bytes, *, actor: Actor, now: datetime) -> Attachment:
    """Attach a file; what it is, is told by its bytes, not by its name."""
    media_type = uploads.accept(filename, data)
    with unit_of_work():
        document = get(document_id, actor=actor)
        demand(document, Permission.ATTACH, actor=actor)
        sha256 = archiving.keep(data, role="attachment", media_type=media_type, document=document, now=now)
        attachment = Attachment(
            document_id=document.id,
            kind=kind[:40],
            filename=uploads.clean_name(filename),
            media_type=media_type,
            size=len(data),
            sha256=sha256,
            added_by_id=actor.account_id,
            added_at=now,
        )
        db.session.add(attachment)
        history.record(document, "attached", actor=actor, now=now, kind=kind, sha256=sha256)
        return attachment


def remove_attachment(attachment_id: int, *, actor: Actor, now: datetime) -> Document:
    """Take an attachment off a draft; its bytes and its row stay."""
    with unit_of_work():
        attachment = db.session.get(Attachment, attachment_id)
        if attachment is None or attachment.removed_at is not None:
            raise NotFound(_l("There is no such attachment."))
        document = get(attachment.document_id, actor=actor)
        demand(document, Permission.ATTACH, actor=actor)
        attachment.removed_at = now
        history.record(document, "detached", actor=actor, now=now, kind=attachment.kind, sha256=attachment.sha256)
        return document


def attachment(attachment_id: int, *, actor: Actor) -> tuple[Attachment, bytes]:
    found = db.session.get(Attachment, attachment_id)
    if found is None:
        raise NotFound(_l("There is no such attachment."))
    get(found.document_id, actor=actor)
    return found, archiving.read(found.sha256)


# Relations


def relate(source: Document, target: Document, kind: str, *, row: int | None = None, key: str | None = None) -> None:
    db.session.add(Relation(source=source, target=target, kind=kind, row=row, key=key))


def relations(document: Document) -> list[tuple[str, str, Document]]:
    """The chain around a document: kind, ``to`` (what it rests on) or ``from`` (what rests on it), the other."""
    back = select(Relation).where(Relation.target_id == document.id).order_by(Relation.id)
    return [(each.kind, "to", each.target) for each in document.grounds] + [
        (each.kind, "from", each.source) for each in db.session.scalars(back)
    ]


def group_of(document: Document) -> Group | None:
    return document.group
