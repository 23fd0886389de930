"""Groups of listeners: a course from applications to certificates at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy import update as update_rows

from docflow.core.collation import name_key
from docflow.core.derivation import Gathering
from docflow.core.errors import Conflict, DocflowError, Forbidden, Invalid, NotFound, Refused
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor, Role
from docflow.core.registry import document_type, document_types
from docflow.core.rules import Refusal
from docflow.core.types import DocumentType
from docflow.db import db, unit_of_work
from docflow.models import Document, Group, Organisation, Person, Relation, Unit
from docflow.services import documents, facts, papers, routing, spreadsheets
from docflow.services.environment import local_day
from docflow.services.spreadsheets import ImportReport, RowResult

FORMATS = ("full_time", "distance", "mixed")
FUNDING = ("paid", "budget")
PROGRAMME_KINDS = ("general", "author", "registry", "individual")

# From left to right, by kind of group; a stage without a type in the organisation's acts is left out.
STAGES: Mapping[str, tuple[tuple[str, Message], ...]] = {
    "course": (
        ("applications", _l("Applications")),
        ("enrolment", _l("Enrolment")),
        ("contracts", _l("Contracts")),
        ("internship", _l("Internship")),
        ("assessment", _l("Assessment")),
        ("issue_order", _l("Issue order")),
        ("certificates", _l("Certificates")),
    ),
    "attestation": (
        ("intake", _l("Applications")),
        ("notices", _l("Notices")),
        ("evidence", _l("Evidence")),
        ("decision", _l("Sessions")),
        ("result", _l("Results")),
    ),
}


@dataclass(frozen=True)
class StageCount:
    """How many documents of one type are in each state."""

    kind: DocumentType
    by_state: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_state.values())


@dataclass(frozen=True)
class Stage:
    title: Message
    counts: tuple[StageCount, ...]
    # Types of this stage that can be gathered now from what the group has.
    can_gather: tuple[DocumentType, ...]

    @property
    def total(self) -> int:
        return sum(count.total for count in self.counts)


@dataclass(frozen=True)
class Glance:
    """The whole course on one page."""

    group: Group
    stages: tuple[Stage, ...]
    importable: tuple[DocumentType, ...]


def _demand_clerk(actor: Actor, unit_id: int) -> None:
    if not actor.has(Role.SYSTEM) and not (actor.has(Role.CLERK) and unit_id in actor.unit_ids):
        raise Forbidden(_l("Only a clerk of this unit may do this."))


def create(data: Mapping[str, Any], *, actor: Actor, now: datetime) -> Group:
    """Open a group. *data* has the fields of ``Group``; days as ``date``; ``responsible`` and ``trainer_id`` by person.

    ``Invalid`` names the field.
    """
    _demand_clerk(actor, data["unit_id"])
    _check(data)
    with unit_of_work():
        unit = db.session.get_one(Unit, data["unit_id"])
        taken = select(Group).where(Group.organisation_id == unit.organisation_id, Group.code == data["code"])
        if db.session.scalars(taken).first():
            raise _invalid("code", _l("There is a group with this code already."))
        group = Group(organisation_id=unit.organisation_id, created_at=now, **data)
        db.session.add(group)
        db.session.flush()
        return group


def update(group_id: int, data: Mapping[str, Any], *, actor: Actor) -> Group:
    """Change a group until its enrolment order is out for signature."""
    with unit_of_work():
        group = get(group_id, actor=actor)
        _demand_clerk(actor, group.unit_id)
        if _enrolled(group):
            raise Refused(
                _l("This group cannot be changed any more."),
                [Refusal("enrolled", _l("The enrolment order fixes programme and dates: annul it first."))],
            )
        _check({**{name: getattr(group, name) for name in ("kind", "starts_on", "ends_on", "hours")}, **data})
        for name, value in data.items():
            setattr(group, name, value)
        return group


def _enrolled(group: Group) -> bool:
    found = select(Document.id).where(
        Document.group_id == group.id,
        Document.type == "enrolment_order",
        Document.state.in_(("to_sign", "in_force")),
    )
    return db.session.scalars(found).first() is not None


def _check(data: Mapping[str, Any]) -> None:
    if data["ends_on"] < data["starts_on"]:
        raise _invalid("ends_on", _l("The last day cannot be before the first one."))
    if data["hours"] < 1 and data.get("kind", "course") == "course":
        raise _invalid("hours", _l("A course has at least one academic hour."))


def _invalid(field: str, message: Message) -> Invalid:
    return Invalid(_l("Please correct the marked fields."), {field: [str(message)]})


def get(group_id: int, *, actor: Actor) -> Group:
    group = db.session.get(Group, group_id)
    if group is None or not _may_see(group, actor):
        raise NotFound(_l("There is no such group."))
    return group


def _may_see(group: Group, actor: Actor) -> bool:
    if actor.has(Role.SYSTEM):
        return True
    if group.organisation_id != actor.organisation_id:
        return False
    wide = actor.has(Role.ADMINISTRATOR, Role.ARCHIVIST, Role.INSPECTOR)
    return wide or (actor.has(Role.CLERK) and group.unit_id in actor.unit_ids)


def kinds_in_use(organisation: Organisation) -> tuple[str, ...]:
    """The kinds of groups for which the organisation's acts have documents."""
    profile = papers.profile_of(organisation)
    used = {kind.stage for kind in document_types().values() if kind.clause_for(profile) is not None}
    return tuple(name for name, stages in STAGES.items() if used & {stage for stage, _title in stages})


def listing(*, actor: Actor) -> list[Group]:
    """Groups that the actor may see, newest first."""
    found = select(Group).where(Group.organisation_id == actor.organisation_id).order_by(Group.id.desc())
    if not actor.has(Role.ADMINISTRATOR, Role.ARCHIVIST, Role.INSPECTOR):
        found = found.where(Group.unit_id.in_(actor.unit_ids))
        if not actor.has(Role.CLERK):
            return []
    return list(db.session.scalars(found.limit(200)))


def glance(group: Group, *, actor: Actor) -> Glance:
    """Every stage with its counts, and what can be gathered next."""
    get(group.id, actor=actor)
    profile = papers.profile_of(group.organisation)
    counts = _counts(group)
    types = {name: kind for name, kind in document_types().items() if kind.clause_for(profile) is not None}
    stages = []
    for stage, title in STAGES[group.kind]:
        used = [kind for kind in types.values() if kind.stage == stage]
        shown = tuple(StageCount(kind, counts.get(kind.name, {})) for kind in used)
        if shown:
            ready = tuple(kind for kind in used if _can_gather(group, kind, counts))
            stages.append(Stage(title, shown, ready))
    importable = tuple(kind for kind in types.values() if kind.spreadsheet and not kind.spreadsheet.rows)
    return Glance(group, tuple(stages), importable)


def _counts(group: Group) -> dict[str, dict[str, int]]:
    found = (
        select(Document.type, Document.state, func.count(Document.id))
        .where(Document.group_id == group.id)
        .group_by(Document.type, Document.state)
    )
    counts: dict[str, dict[str, int]] = {}
    for type_name, state, number in db.session.execute(found):
        counts.setdefault(type_name, {})[state] = number
    return counts


def _can_gather(group: Group, kind: DocumentType, counts: Mapping[str, Mapping[str, int]]) -> bool:
    gathering = kind.gathered_from
    if gathering is None or not any(counts.get(name, {}).get(gathering.state) for name in gathering.sources):
        return False
    made = {state for state, number in counts.get(kind.name, {}).items() if number} & set(_STANDING)
    if gathering.repeats and "draft" not in made:
        return not made or bool(_not_gathered(group, gathering, kind))
    return not made


_STANDING = ("draft", "to_sign", "in_force")


def _not_gathered(group: Group, gathering: Gathering, kind: DocumentType) -> list[Document]:
    """The sources on which no document of the kind rests yet."""
    resting = (
        select(Relation.target_id)
        .join(Document, Document.id == Relation.source_id)
        .where(Document.group_id == group.id, Document.type == kind.name, Document.state.in_(_STANDING))
    )
    known = set(db.session.scalars(resting))
    found = routing.group_documents(group, gathering.sources, gathering.state)
    return [each for each in found if each.id not in known]


def people_in(group: Group) -> list[tuple[Person, list[Document]]]:
    """Each person of the group with everything that is about him, by surname."""
    found = select(Document).where(Document.group_id == group.id, Document.subject_id.is_not(None))
    by_person: dict[int, list[Document]] = {}
    for document in db.session.scalars(found.order_by(Document.id)).unique():
        by_person.setdefault(document.subject_id or 0, []).append(document)
    people = db.session.scalars(select(Person).where(Person.id.in_(by_person)))
    return sorted(((person, by_person[person.id]) for person in people), key=lambda each: name_key(each[0].as_content))


def documents_of(group: Group, type_names: Sequence[str] = ()) -> list[Document]:
    found = select(Document).where(Document.group_id == group.id)
    if type_names:
        found = found.where(Document.type.in_(type_names))
    return list(db.session.scalars(found.order_by(Document.id)).unique())


def gather(group_id: int, type_name: str, *, actor: Actor, now: datetime, language: str) -> Document:
    """Draft one document from what the group has: the order from applications, the sheet from the order."""
    kind = document_type(type_name)
    gathering = kind.gathered_from
    if gathering is None:
        raise NotFound(_l("This type is not gathered from other documents."))
    with unit_of_work():
        group = get(group_id, actor=actor)
        _demand_clerk(actor, group.unit_id)
        _refuse_a_second_gathering(group, kind)
        sources = _sources(group, gathering, kind, again=gathering.repeats)
        content = _filled(group, gathering, sources, language=language, on=local_day(now))
        document = documents.create_draft(
            type_name,
            content,
            actor=actor,
            unit_id=group.unit_id,
            language=language,
            now=now,
            group_id=group.id,
            allow_incomplete=True,
        )
        for source in sources:
            documents.relate(document, source, gathering.relation)
        return document


def _refuse_a_second_gathering(group: Group, kind: DocumentType) -> None:
    # Writing the row makes a double click wait for its first half, in both databases.
    db.session.execute(update_rows(Group).where(Group.id == group.id).values(code=Group.code))
    repeats = kind.gathered_from is not None and kind.gathered_from.repeats
    found = select(Document).where(
        Document.group_id == group.id,
        Document.type == kind.name,
        Document.state.in_(("draft",) if repeats else _STANDING),
    )
    existing = db.session.scalars(found).unique().first()
    if existing is not None:
        raise Conflict(
            _l(
                "The group has this document already, in the state “%(state)s”: go on with that one.",
                state=documents.state_of(existing).title,
            )
        )


def _sources(group: Group, gathering: Gathering, kind: DocumentType, *, again: bool = False) -> list[Document]:
    if again:
        sources = _not_gathered(group, gathering, kind)
    else:
        sources = routing.group_documents(group, gathering.sources, gathering.state)
    if not sources:
        reason = _l("There is nothing in the group yet from which this document could be drafted.")
        clause = kind.clause_for(papers.profile_of(group.organisation))
        raise Refused(routing.STEP_REFUSED, [Refusal("no_source", reason, clause)])
    return sources


def _filled(
    group: Group, gathering: Gathering, sources: Sequence[Document], *, language: str, on: date
) -> dict[str, Any]:
    with papers.speaking(language):
        return gathering.fill(
            [routing.as_related(each) for each in sources],
            facts.group_facts(group, language),
            papers.profile_of(group.organisation),
            on,
            language,
        )


def regather(document_id: int, *, actor: Actor, version: int, now: datetime) -> Document:
    """Fill a draft again from its sources, when they have changed."""
    document = documents.get(document_id, actor=actor)
    kind, group = document_type(document.type), documents.group_of(document)
    if kind.gathered_from is None or group is None:
        raise NotFound(_l("This type is not gathered from other documents."))
    sources = _sources(group, kind.gathered_from, kind)
    content = _filled(group, kind.gathered_from, sources, language=document.language, on=local_day(now))
    with unit_of_work():
        known = {other.id for _, direction, other in documents.relations(document) if direction == "to"}
        for source in sources:
            if source.id not in known:
                documents.relate(document, source, kind.gathered_from.relation)
        return documents.update(document.id, content, actor=actor, version=version, now=now)


def import_applications(
    group_id: int,
    type_name: str,
    filename: str,
    data: bytes,
    *,
    actor: Actor,
    now: datetime,
    language: str | None = None,
) -> ImportReport:
    """Draft one document of the type for each row; a bad row says why and stops nobody else.

    A person who already has such a document in the group is told, not doubled.
    """
    group = get(group_id, actor=actor)
    _demand_clerk(actor, group.unit_id)
    kind = document_type(type_name)
    if kind.spreadsheet is None or kind.spreadsheet.rows:
        raise NotFound(_l("This type is not filled from a spreadsheet."))
    rows, unknown = spreadsheets.mapped(spreadsheets.read(filename, data), kind.spreadsheet)
    language = language or kind.languages(papers.profile_of(group.organisation))[-1]
    results = [_import_row(group, kind, number, flat, actor=actor, now=now, language=language) for number, flat in rows]
    return ImportReport(tuple(results), unknown)


def _import_row(
    group: Group,
    kind: DocumentType,
    number: int,
    flat: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
    language: str,
) -> RowResult:
    content = spreadsheets.nested({path.replace("-", "."): value for path, value in flat.items()})
    person = content.get("applicant", {})
    name = " ".join(
        part for part in (person.get("surname"), person.get("given_name"), person.get("patronymic")) if part
    )
    try:
        with unit_of_work():
            _refuse_a_second_one(group, kind, person.get("iin", ""))
            document = documents.create_draft(
                kind.name, content, actor=actor, unit_id=group.unit_id, language=language, now=now, group_id=group.id
            )
        return RowResult(number, name, document.id)
    except Invalid as error:
        errors = tuple((field, sentence) for field, found in error.errors.items() for sentence in found)
        return RowResult(number, name, errors=errors)
    except DocflowError as error:
        return RowResult(number, name, errors=(("", str(error)),))


def _refuse_a_second_one(group: Group, kind: DocumentType, iin: str) -> None:
    found = (
        select(Document.id)
        .join(Person, Person.id == Document.subject_id)
        .where(
            Document.group_id == group.id,
            Document.type == kind.name,
            Person.iin == iin,
            Document.state.not_in(("withdrawn", "refused")),
        )
    )
    if iin and db.session.scalars(found).first() is not None:
        raise Invalid(
            _l("Please correct the marked fields."),
            {"applicant-iin": [str(_l("This person has such a document in this group already."))]},
        )


def organisation_groups(organisation: Organisation) -> int:
    return db.session.scalar(select(func.count(Group.id)).where(Group.organisation_id == organisation.id)) or 0
