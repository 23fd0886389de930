"""Issuing: who gets what and why not, then one job that makes all of it, row by row, resumable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy import update as update_rows

from docflow.core.derivation import Derivation, Source
from docflow.core.errors import Conflict, DocflowError, Forbidden, NotFound, Refused
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Role
from docflow.core.registry import document_type, document_types
from docflow.core.rules import Refusal, Step
from docflow.core.types import DocumentType, value_at
from docflow.core.workflow import Status
from docflow.db import db, unit_of_work, utcnow
from docflow.jobs import enqueue, job
from docflow.models import Account, Document, Group, IssueRow, IssueRun, Relation
from docflow.services import archiving, documents, facts, papers, people, routing
from docflow.services.environment import local_day

CHUNK = 20  # rows made in one commit
TRIES = 5  # at one row, when others write the same tables at the same moment


@dataclass(frozen=True)
class PlanRow:
    """What one row of the source would get. ``refusals`` are the reasons; with ``existing`` it has it already."""

    row: int
    name: str
    type: DocumentType
    derivation: Derivation
    content: Mapping[str, Any]
    is_due: bool
    refusals: tuple[Refusal, ...]
    existing: Document | None


@dataclass(frozen=True)
class Plan:
    source: Document
    language: str
    rows: tuple[PlanRow, ...]

    @property
    def due(self) -> tuple[PlanRow, ...]:
        return tuple(row for row in self.rows if row.is_due and row.existing is None)

    def of_type(self, name: str) -> tuple[PlanRow, ...]:
        return tuple(row for row in self.rows if row.type.name == name)


def derivable(source: Document) -> list[tuple[DocumentType, Derivation]]:
    """Types that are drafted from this document's rows, under the organisation's acts."""
    profile = papers.profile_of(source.organisation)
    return [
        (kind, derivation)
        for kind in document_types().values()
        for derivation in kind.derived_from
        if derivation.source == source.type
        and kind.clause_for(profile) is not None
        and (not derivation.profiles or profile.code in derivation.profiles)
    ]


def plan(document_id: int, *, actor: Actor, language: str, now: datetime) -> Plan:
    """Say for every row who gets what, and who does not and why, before anything is made."""
    source = documents.get(document_id, actor=actor)
    rows: list[PlanRow] = []
    for kind, derivation in derivable(source):
        if derivation.is_drafted and not derivation.rows:
            continue  # one at a time, by whoever goes on with it
        rows += _planned(source, kind, derivation, actor=actor, now=now)
    return Plan(source, language, tuple(sorted(rows, key=lambda each: (each.row, each.type.name))))


def _planned(
    source: Document, kind: DocumentType, derivation: Derivation, *, actor: Actor, now: datetime
) -> list[PlanRow]:
    current = documents.content(source)
    step = routing.step_for(source, "issue", current, actor=actor, now=now)
    made = _already_made(source, kind)
    return [
        _plan_row(source, kind, derivation, step, number, row, made.get(number))
        for number, row in enumerate(_rows(current, derivation), start=1)
    ]


def _plan_row(
    source: Document,
    kind: DocumentType,
    derivation: Derivation,
    step: Step,
    number: int,
    row: Mapping[str, Any],
    existing: Document | None,
) -> PlanRow:
    """What one row would get; *step* is that of the whole source."""
    refusals = _reasons(derivation, routing.row_step(source, step, number, row))
    is_due = bool(refusals) == derivation.otherwise and source.state == derivation.state
    name = _row_name(row, step.content)
    return PlanRow(number, name, kind, derivation, row, is_due, refusals, existing)


def _reasons(derivation: Derivation, asked: Step) -> tuple[Refusal, ...]:
    return tuple(reason for rule in derivation.when for reason in rule.refusals(asked))


def _rows(current: Mapping[str, Any], derivation: Derivation) -> list[Mapping[str, Any]]:
    return list(current.get(derivation.rows, [])) if derivation.rows else [current]


def _row_name(row: Mapping[str, Any], current: Mapping[str, Any]) -> str:
    names = row.get("person") or row.get("holder") or row.get("listener") or row.get("applicant") or {}
    return " ".join(part for part in (names.get("surname"), names.get("given_name"), names.get("patronymic")) if part)


def _already_made(source: Document, kind: DocumentType) -> dict[int, Document]:
    found = select(Relation).where(Relation.target_id == source.id, Relation.key.like(f"{kind.name}:%"))
    return {each.row: each.source for each in db.session.scalars(found).unique() if each.row is not None}


def start(document_id: int, types: list[str], *, actor: Actor, language: str, now: datetime) -> IssueRun:
    """Write down every row that is due and hand the run to a job, all in one unit of work.

    ``Refused`` when nothing is due, with the reasons of every row.
    """
    with unit_of_work():
        planned = plan(document_id, actor=actor, language=language, now=now)
        wanted = [row for row in planned.due if not types or row.type.name in types]
        roles = documents.roles_on(planned.source, actor)
        if not roles & {Role.CLERK, Role.SYSTEM}:
            raise Refused(routing.STEP_REFUSED, [Refusal("role", _l("Only a clerk of this unit may issue documents."))])
        if not wanted:
            raise Refused(_l("There is nothing to issue."), _all_refusals(planned))
        run = IssueRun(
            source_id=planned.source.id,
            account_id=actor.account_id,
            language=language,
            total=len(wanted),
            created_at=now,
            types=types,
            state="waiting",
            done=0,
        )
        run.rows = [
            IssueRow(type=each.type.name, row=each.row, name=each.name, state="waiting", refusals=[]) for each in wanted
        ]
        db.session.add(run)
        db.session.flush()
        enqueue(db.session(), "issue", {"run_id": run.id}, job_id=f"issue:{run.id}")
        return run


def _all_refusals(planned: Plan) -> list[Refusal]:
    return [refusal for row in planned.rows if not row.is_due for refusal in row.refusals]


def run_of(run_id: int, *, actor: Actor) -> IssueRun:
    run = db.session.get(IssueRun, run_id)
    if run is None:
        raise NotFound(_l("There is no such run."))
    documents.get(run.source_id, actor=actor)
    return run


def runs(document: Document) -> list[IssueRun]:
    found = select(IssueRun).where(IssueRun.source_id == document.id).order_by(IssueRun.id.desc())
    return list(db.session.scalars(found))


@job("issue")
def perform_run(payload: dict[str, Any]) -> dict[str, Any]:
    """Make what still waits, a chunk a commit: after a crash the next call goes on where the last commit was."""
    run_id = int(payload["run_id"])
    while waiting := _waiting(run_id):
        _issue_chunk(run_id, waiting[:CHUNK])
    with unit_of_work():
        run = db.session.get_one(IssueRun, run_id)
        if run.state != "done":
            run.state, run.finished_at = "done", utcnow()
        return {"run_id": run_id, "done": run.done, "total": run.total}


def _waiting(run_id: int) -> list[int]:
    found = select(IssueRow.id).where(IssueRow.run_id == run_id, IssueRow.state == "waiting").order_by(IssueRow.id)
    return list(db.session.scalars(found.limit(CHUNK)))


def _issue_chunk(run_id: int, row_ids: list[int]) -> None:
    try:
        with unit_of_work():
            work = _work_of(run_id)
            for row_id in row_ids:
                _issue_row(work, row_id)
        return
    except DocflowError:
        archiving.forget_pending()
    for row_id in row_ids:  # one of them failed and took back the chunk: each on its own
        _issue_alone(run_id, row_id)


def _issue_alone(run_id: int, row_id: int) -> None:
    """Make one row. Who was faster elsewhere is no reason against a row: it is tried again, by the job in the end."""
    for attempt in range(1, TRIES + 1):
        try:
            with unit_of_work():
                _issue_row(_work_of(run_id), row_id)
            return
        except Conflict:
            archiving.forget_pending()
            if attempt == TRIES:
                raise
        except DocflowError as error:
            archiving.forget_pending()
            _refuse_row(run_id, row_id, error)
            return


def _refuse_row(run_id: int, row_id: int, error: DocflowError) -> None:
    with unit_of_work():
        row = db.session.get_one(IssueRow, row_id)
        reasons = error.refusals if isinstance(error, Refused) else [Refusal("failed", error.message)]
        row.state, row.refusals = "refused", [reason.as_json() for reason in reasons]
        db.session.get_one(IssueRun, run_id).done += 1


@dataclass(frozen=True)
class _Work:
    """What the rows of a chunk share; held here, so that the session need not ask for it again."""

    run: IssueRun
    source: Document
    group: Group | None
    actor: Actor


def _work_of(run_id: int) -> _Work:
    run = db.session.get_one(IssueRun, run_id)
    account = db.session.get(Account, run.account_id) if run.account_id else None
    source = documents.load(run.source_id)
    actor = _on_behalf(people.actor_for(account) if account else None)
    return _Work(run, source, documents.group_of(source), actor)


def _issue_row(work: _Work, row_id: int) -> None:
    run, source, actor, row = work.run, work.source, work.actor, db.session.get_one(IssueRow, row_id)
    now = run.created_at  # the day on which the clerk issued, also when a crash delays the making
    kind = document_type(row.type)
    derivation = next(d for k, d in derivable(source) if k.name == kind.name)
    planned = _one_planned(source, kind, derivation, row.row, actor=actor, now=now)
    run.state = "running"
    if planned.existing is None and not planned.is_due:
        raise Refused(routing.STEP_REFUSED, planned.refusals)
    document = planned.existing or make(source, planned, language=run.language, actor=actor, now=now)
    row.state, row.document_id = "done", document.id
    run.done += 1


def _one_planned(
    source: Document, kind: DocumentType, derivation: Derivation, number: int, *, actor: Actor, now: datetime
) -> PlanRow:
    current = documents.content(source)
    row = _rows(current, derivation)[number - 1]
    step = routing.step_for(source, "issue", current, actor=actor, now=now)
    found = select(Relation).where(Relation.target_id == source.id, Relation.key == f"{kind.name}:{number}")
    existing = None if derivation.repeats else db.session.scalars(found).first()
    return _plan_row(source, kind, derivation, step, number, row, existing.source if existing else None)


def _on_behalf(actor: Actor | None) -> Actor:
    """The job acts for the person who began it: his name in the history, the system's permission."""
    if actor is None:
        return Actor(None, None, "docflow", frozenset({Role.SYSTEM}))
    return Actor(
        actor.account_id,
        actor.person_id,
        actor.name,
        actor.roles | {Role.SYSTEM},
        actor.organisation_id,
        actor.unit_ids,
    )


def make(source: Document, planned: PlanRow, *, language: str, actor: Actor, now: datetime) -> Document:
    """Draft one derived document, relate it, send it for signature, and make its own annexes."""
    document = _drafted(source, planned, language=language, actor=actor, now=now)
    if planned.derivation.is_drafted:
        return document
    routing.perform(document.id, "submit", actor=actor, now=now)
    _make_annexes(document, language=language, actor=actor, now=now)
    return document


def _drafted(
    source: Document,
    planned: PlanRow,
    *,
    language: str,
    actor: Actor,
    now: datetime,
    choices: Mapping[str, Any] | None = None,
) -> Document:
    kind, derivation = planned.type, planned.derivation
    languages = kind.languages(papers.profile_of(source.organisation))
    language = language if language in languages else languages[0]
    subject = value_at(planned.content, derivation.subject) if derivation.subject else source.subject_id
    document = documents.create_draft(
        kind.name,
        _filled(source, planned, language=language, now=now, actor=actor, choices=choices or {}),
        actor=actor,
        unit_id=source.unit_id,
        language=language,
        now=now,
        group_id=source.group_id,
        subject_id=subject if isinstance(subject, int) else None,
        allow_incomplete=derivation.is_drafted,
    )
    key = None if derivation.repeats else f"{kind.name}:{planned.row}"
    documents.relate(document, source, derivation.relation, row=planned.row, key=key)
    return document


def draftable(source: Document, *, actor: Actor, now: datetime) -> list[tuple[DocumentType, Derivation]]:
    """What this actor may draft now from the document, one at a time, and go on with."""
    roles = documents.roles_on(source, actor)
    current = documents.content(source)
    step = routing.step_for(source, "issue", current, actor=actor, now=now)
    return [
        (kind, derivation)
        for kind, derivation in derivable(source)
        if derivation.is_drafted
        and not derivation.rows
        and source.state == derivation.state
        and (roles & {Role.CLERK, Role.SYSTEM} or (derivation.by_subject and Role.SUBJECT in roles))
        and (derivation.repeats or 1 not in _already_made(source, kind))
        and bool(_reasons(derivation, step.for_row(1, current))) == derivation.otherwise
    ]


def made_from(source: Document, kind: DocumentType) -> list[Document]:
    """What of this type rests on the document and has not come to nothing."""
    found = select(Document).join(Relation, Relation.source_id == Document.id)
    found = found.where(Relation.target_id == source.id, Document.type == kind.name)
    ended = (Status.REFUSED, Status.ANNULLED)
    return [each for each in db.session.scalars(found).unique() if documents.state_of(each).status not in ended]


def draft(
    document_id: int,
    type_name: str,
    *,
    actor: Actor,
    now: datetime,
    language: str = "",
    choices: Mapping[str, Any] | None = None,
) -> Document:
    """Draft one document from another for somebody to go on with: a score sheet, an essay, a complaint.

    ``Forbidden`` for whom neither the derivation nor a role allows it, where the derivation's rules
    refuse, and when it has been drafted already.
    """
    with unit_of_work():
        source = documents.get(document_id, actor=actor)
        found = [(kind, each) for kind, each in draftable(source, actor=actor, now=now) if kind.name == type_name]
        if not found:
            raise Forbidden(_l("You cannot draft this from the document now: it may have been drafted already."))
        kind, derivation = found[0]
        # Writing the row makes a double click wait for its first half, in both databases.
        db.session.execute(update_rows(Document).where(Document.id == source.id).values(code=Document.code))
        if derivation.repeats and (untouched := _untouched(source, kind, choices or {})):
            return untouched
        actor = _on_behalf(actor)
        planned = _one_planned(source, kind, derivation, 1, actor=actor, now=now)
        return _drafted(source, planned, language=language, actor=actor, now=now, choices=choices)


def _untouched(source: Document, kind: DocumentType, choices: Mapping[str, Any]) -> Document | None:
    """The draft that the same choices have made already and that nobody has written in: a button pressed twice."""
    for each in made_from(source, kind):
        first = documents.content(each)
        is_same = all(first.get(name, value) == value for name, value in choices.items())
        if is_same and each.state == "draft" and len(each.revisions) == 1:
            return each
    return None


def _follow(source: Document, actor: Actor, now: datetime) -> None:
    """Make at once what follows from the state that a document has reached: a notice of what was decided."""
    for kind, derivation in derivable(source):
        if not derivation.follows or source.state != derivation.state:
            continue
        planned = _one_planned(source, kind, derivation, 1, actor=_on_behalf(actor), now=now)
        if planned.existing is None and planned.is_due:
            make(source, planned, language=source.language, actor=_on_behalf(actor), now=now)


routing.when_arrived.append(_follow)


def _make_annexes(source: Document, *, language: str, actor: Actor, now: datetime) -> None:
    for kind, derivation in derivable(source):
        if derivation.automatic:
            planned = _one_planned(source, kind, derivation, 1, actor=actor, now=now)
            if planned.existing is None:
                make(source, planned, language=language, actor=actor, now=now)


def _filled(
    source: Document,
    planned: PlanRow,
    *,
    language: str,
    now: datetime,
    actor: Actor,
    choices: Mapping[str, Any],
) -> dict[str, Any]:
    group = documents.group_of(source)
    step = routing.step_for(source, "issue", planned.content, actor=actor, now=now)
    with papers.speaking(language):
        return planned.derivation.fill(
            Source(
                document=routing.as_related(source),
                profile=papers.profile_of(source.organisation),
                group=facts.GroupFacts(group, language) if group else {},
                on=local_day(now),
                language=language,
                row=planned.content,
                row_number=planned.row,
                refusals=planned.refusals,
                related=step.related,
                card=step.card,
                choices=choices,
            )
        )
