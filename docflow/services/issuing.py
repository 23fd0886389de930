"""Issuing: who gets what and why not, then one job that makes all of it, row by row, resumable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy import update as update_rows

from docflow.core.derivation import Derivation, Source
from docflow.core.errors import Conflict, DocflowError, Forbidden, NotFound, Refused
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Role
from docflow.core.registry import derived_from
from docflow.core.rules import Refusal, Step
from docflow.core.types import DocumentType, value_at
from docflow.core.workflow import Status
from docflow.db import db, unit_of_work, utcnow
from docflow.jobs import enqueue, job
from docflow.models import Account, Document, Group, IssueRow, IssueRun, Relation
from docflow.services import archiving, documents, facts, papers, people, routing
from docflow.services.environment import local_day

CHUNK = 50  # rows made in one commit: while it lasts, others wait to write
TRIES = 5  # at one row, when others write the same tables at the same moment


@dataclass(frozen=True)
class PlanRow:
    """What one row of the source would get. ``refusals`` are the reasons; with ``existing`` it has it already."""

    source: Document
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
        for kind, derivation in derived_from(source.type)
        if kind.clause_for(profile) is not None and (not derivation.profiles or profile.code in derivation.profiles)
    ]


def plan(document_id: int, *, actor: Actor, language: str, now: datetime) -> Plan:
    """Say for every row who gets what, and who does not and why, before anything is made."""
    source = documents.get(document_id, actor=actor)
    rows: list[PlanRow] = []
    for kind, derivation in derivable(source):
        if derivation.is_drafted and not derivation.rows:
            continue  # one at a time, by whoever goes on with it
        numbers = range(1, len(_rows(source, derivation)) + 1)
        rows += _planned(source, kind, derivation, numbers, actor=actor, now=now)
    return Plan(source, language, tuple(sorted(rows, key=lambda each: (each.row, each.type.name))))


def _planned(
    source: Document,
    kind: DocumentType,
    derivation: Derivation,
    numbers: Iterable[int],
    *,
    actor: Actor,
    now: datetime,
) -> list[PlanRow]:
    """What the rows with these numbers would get; what they are asked about is looked up once for all of them."""
    all_rows = _rows(source, derivation)
    rows = {number: all_rows[number - 1] for number in numbers}
    step = routing.step_for(source, "issue", documents.content(source), actor=actor, now=now)
    made = {} if derivation.repeats else _already_made(source, kind, rows)
    return [
        _plan_row(source, kind, derivation, asked, made.get(number))
        for number, asked in routing.row_steps(source, step, rows).items()
    ]


def _plan_row(
    source: Document, kind: DocumentType, derivation: Derivation, asked: Step, existing: Document | None
) -> PlanRow:
    row, number = asked.row or {}, asked.row_number or 1
    refusals = _reasons(derivation, asked)
    is_due = bool(refusals) == derivation.otherwise and source.state == derivation.state
    return PlanRow(source, number, _row_name(row), kind, derivation, row, is_due, refusals, existing)


def _reasons(derivation: Derivation, asked: Step) -> tuple[Refusal, ...]:
    return tuple(reason for rule in derivation.when for reason in rule.refusals(asked))


def _rows(source: Document, derivation: Derivation) -> list[Mapping[str, Any]]:
    current = documents.content(source)
    return list(current.get(derivation.rows, [])) if derivation.rows else [current]


def _row_name(row: Mapping[str, Any]) -> str:
    names = row.get("person") or row.get("holder") or row.get("listener") or row.get("applicant") or {}
    return " ".join(part for part in (names.get("surname"), names.get("given_name"), names.get("patronymic")) if part)


def _key(kind: DocumentType, number: int) -> str:
    """What keeps a row of a source from getting the same twice."""
    return f"{kind.name}:{number}"


def _already_made(source: Document, kind: DocumentType, numbers: Iterable[int]) -> dict[int, Document]:
    keys = {_key(kind, number): number for number in numbers}
    found = select(Relation).where(Relation.target_id == source.id, Relation.key.in_(keys))
    return {keys[each.key or ""]: each.source for each in db.session.scalars(found).unique()}


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
        _issue(run_id, row_ids)
        return
    except DocflowError:
        archiving.forget_pending()
    for row_id in row_ids:  # one of them failed and took back the chunk: each on its own
        _issue_alone(run_id, row_id)


def _issue_alone(run_id: int, row_id: int) -> None:
    """Make one row. Who was faster elsewhere is no reason against a row: it is tried again, by the job in the end."""
    for attempt in range(1, TRIES + 1):
        try:
            _issue(run_id, [row_id])
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


def _issue(run_id: int, row_ids: list[int]) -> None:
    """Make these rows of a run in one unit of work; ``Refused`` when one of them is due no more."""
    with unit_of_work():
        run = db.session.get_one(IssueRun, run_id)
        found = select(IssueRow).where(IssueRow.id.in_(row_ids)).order_by(IssueRow.id)
        rows = {(each.type, each.row): each for each in db.session.scalars(found)}
        work = _Work.of(run)
        planned = _planned_again(run, rows, work)
        new = [each for each in planned if each.existing is None]
        if refused := next((each for each in new if not each.is_due), None):
            raise Refused(routing.STEP_REFUSED, refused.refusals)
        known = [(each, each.existing) for each in planned if each.existing is not None]
        for each, document in (*known, *zip(new, _made(new, work), strict=True)):
            row = rows[each.type.name, each.row]
            row.state, row.document_id = "done", document.id
        run.state = "running"
        run.done += len(rows)


def _planned_again(run: IssueRun, rows: Iterable[tuple[str, int]], work: _Work) -> list[PlanRow]:
    """What the rows would get by now: things may have changed since the run began."""
    source = documents.load(run.source_id)
    wanted: dict[str, list[int]] = {}
    for type_name, number in rows:
        wanted.setdefault(type_name, []).append(number)
    planned: list[PlanRow] = []
    for type_name, numbers in wanted.items():
        kind, derivation = _how(source, type_name)
        planned += _planned(source, kind, derivation, numbers, actor=work.actor, now=work.now)
    return planned


def _how(source: Document, type_name: str) -> tuple[DocumentType, Derivation]:
    found = next((each for each in derivable(source) if each[0].name == type_name), None)
    if found is None:
        raise NotFound(_l("This organisation does not use this type of document."))
    return found


@dataclass(frozen=True)
class _Work:
    """On whose behalf, when and in which language documents are made, and what those of one group share."""

    actor: Actor
    now: datetime
    language: str
    choices: Mapping[str, Any] = field(default_factory=dict)
    _facts: dict[tuple[int, str], facts.GroupFacts] = field(default_factory=dict)

    @classmethod
    def of(cls, run: IssueRun) -> _Work:
        """The day is the one on which the clerk issued, also when a crash delays the making."""
        account = db.session.get(Account, run.account_id) if run.account_id else None
        return cls(_on_behalf(people.actor_for(account) if account else None), run.created_at, run.language)

    def facts_of(self, group: Group | None, language: str) -> Mapping[str, Any]:
        if group is None:
            return {}
        return self._facts.setdefault((group.id, language), facts.GroupFacts(group, language))


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


def _made(planned: Sequence[PlanRow], work: _Work) -> list[Document]:
    """Draft what is planned, relate it, send it for signature, and make its own annexes: each step for all of them."""
    made = _drafted(planned, work)
    sent = [each for each, row in zip(made, planned, strict=True) if not row.derivation.is_drafted]
    for document in sent:
        routing.perform(document.id, "submit", actor=work.actor, now=work.now)
    annexes = [annex for document in sent for annex in _annexes(document, work)]
    if annexes:
        _made(annexes, work)
    return made


def _annexes(source: Document, work: _Work) -> list[PlanRow]:
    """Those that go with a document by itself; it is new, and nobody else can have made them."""
    current = documents.content(source)
    step = routing.step_for(source, "issue", current, actor=work.actor, now=work.now).for_row(1, current)
    return [
        _plan_row(source, kind, derivation, step, None)
        for kind, derivation in derivable(source)
        if derivation.automatic
    ]


def _drafted(planned: Sequence[PlanRow], work: _Work) -> list[Document]:
    drafts = [_draft_of(each, work) for each in planned]
    made = documents.create_drafts(drafts, actor=work.actor, now=work.now)
    for document, each in zip(made, planned, strict=True):
        key = None if each.derivation.repeats else _key(each.type, each.row)
        documents.relate(document, each.source, each.derivation.relation, row=each.row, key=key)
    return made


def _draft_of(planned: PlanRow, work: _Work) -> documents.Draft:
    kind, derivation, source = planned.type, planned.derivation, planned.source
    languages = kind.languages(papers.profile_of(source.organisation))
    language = work.language if work.language in languages else languages[0]
    subject = value_at(planned.content, derivation.subject) if derivation.subject else source.subject_id
    return documents.Draft(
        kind.name,
        _filled(planned, language, work),
        unit_id=source.unit_id,
        language=language,
        group_id=source.group_id,
        subject_id=subject if isinstance(subject, int) else None,
        allow_incomplete=derivation.is_drafted,
    )


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
        and (derivation.repeats or not _already_made(source, kind, [1]))
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
        work = _Work(_on_behalf(actor), now, language, choices or {})
        planned = _planned(source, kind, derivation, [1], actor=work.actor, now=now)
        return _drafted(planned, work)[0]


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
    work = _Work(_on_behalf(actor), now, source.language)
    for kind, derivation in derived_from(source.type):
        if not derivation.follows or source.state != derivation.state or (kind, derivation) not in derivable(source):
            continue
        planned = _planned(source, kind, derivation, [1], actor=work.actor, now=now)
        _made([each for each in planned if each.existing is None and each.is_due], work)


routing.when_arrived.append(_follow)


def _filled(planned: PlanRow, language: str, work: _Work) -> dict[str, Any]:
    source = planned.source
    step = routing.step_for(source, "issue", planned.content, actor=work.actor, now=work.now)
    with papers.speaking(language):
        return planned.derivation.fill(
            Source(
                document=routing.as_related(source),
                profile=step.profile,
                group=work.facts_of(source.group, language),
                on=local_day(work.now),
                language=language,
                row=planned.content,
                row_number=planned.row,
                refusals=planned.refusals,
                related=step.related,
                card=step.card,
                choices=work.choices,
            )
        )
