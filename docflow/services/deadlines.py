"""Terms that run: in working days of Kazakhstan, each with its clause; what was done late stays in the history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, distinct, exists, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from docflow.core.calendar import add_months, add_years
from docflow.core.messages import _l
from docflow.core.permissions import SYSTEM, Actor, Role
from docflow.core.registry import document_type, document_types
from docflow.core.regulations import Clause, Profile, Term, Text
from docflow.core.types import Deadline as Declared
from docflow.core.workflow import Status
from docflow.db import db
from docflow.models import Document, Group, HistoryEntry, Organisation, Relation, Revision
from docflow.regulations import REGULATIONS
from docflow.services import cards, documents, environment, history, issuing, papers, people, routing, search
from docflow.services.environment import local_day

READERS = (Role.CLERK, Role.INSPECTOR, Role.ADMINISTRATOR)
SOON = 2  # working days; the reminder begins here
CATEGORIES_AHEAD_MONTHS = 6
COMMISSION_AHEAD_DAYS = 60
MET_LATE = "met_late"
LATE_SHOWN = 20
# An application of one of these states is on its way: a head has done what clause 43 asks.
_FILED = ("to_sign", "submitted", "accepted")


@dataclass(frozen=True)
class Deadline:
    """The last day of a term, and how it was counted."""

    term: Term
    starts_on: date
    last_day: date

    def is_overdue(self, today: date) -> bool:
        return today > self.last_day


class Urgency(StrEnum):
    """How near the last day is, most urgent first."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True)
class Running:
    """One term that runs: what has to be done, about what, by when, under which clause.

    ``left`` are working days until the last day, and after it those that it is over; ``is_duty`` is false
    where something merely ends, and nobody has to act.
    """

    name: str
    title: Text
    term: Term
    starts_on: date
    last_day: date
    today: date
    left: int
    type: str
    about: str = ""
    document: Document | None = None
    group: Group | None = None
    person_id: int | None = None
    is_duty: bool = True

    @property
    def clause(self) -> Clause:
        return self.term.clause

    @property
    def is_overdue(self) -> bool:
        return self.today > self.last_day

    @property
    def urgency(self) -> Urgency:
        if self.is_overdue:
            return Urgency.OVERDUE
        if self.left == 0:
            return Urgency.TODAY
        return Urgency.SOON if self.left <= SOON else Urgency.LATER

    @property
    def key(self) -> str:
        """Stable name of this one term: whose, and of what."""
        about = self.document.id if self.document else f"{self.type}-{self.person_id or (self.group and self.group.id)}"
        return f"{self.name}:{about}"


# Counting


def last_day(term: Term, starts_on: date, profile: Profile | None = None) -> date:
    """Count *term* from the day after *starts_on*, or from that day where the profile has decided so."""
    calendar = environment.current().calendar
    return calendar.end_of_term(starts_on, term, first_day_counts=_first_day_counts(profile))


def _first_day_counts(profile: Profile | None) -> bool:
    if profile is None:
        return False
    try:
        return bool(profile.setting("term_first_day") == "event_day")
    except KeyError:
        return False


def days_left(today: date, last: date) -> int:
    """Working days after *today* up to *last*; when it is over, those after *last* up to *today*."""
    calendar = environment.current().calendar
    return calendar.count_working_days(today, last) if today <= last else calendar.count_working_days(last, today)


# Everything that runs


def running(*, actor: Actor, now: datetime) -> list[Running]:
    """What runs in the organisation and concerns the actor, the nearest last day first."""
    if actor.organisation_id is None or not actor.has(*READERS):
        return []
    organisation, today = people.organisation_of(actor), local_day(now)
    profile = papers.profile_of(organisation)
    within = and_(search.visible_to(actor), Document.organisation_id == organisation.id)
    found = [
        *_of_documents(within, profile, today),
        *_commissions(within, profile, today),
        *_categories(organisation, profile, today),
        *_courses(actor, organisation, profile, today),
    ]
    return sorted(found, key=lambda each: (each.last_day, each.name, each.about))


def count_overdue(*, actor: Actor, now: datetime) -> int:
    """How many answers, extracts, lists and the like are late: the number beside the worklists."""
    if actor.organisation_id is None or not actor.has(*READERS):
        return 0
    organisation = people.organisation_of(actor)
    within = and_(search.visible_to(actor), Document.organisation_id == organisation.id)
    return sum(each.is_overdue for each in _of_documents(within, papers.profile_of(organisation), local_day(now)))


def ended_acts(found: Iterable[Running]) -> list[tuple[Text, Clause]]:
    """Each act that is no longer in force, with a clause: a page says so once, not in every line."""
    ended = {}
    for each in found:
        act = REGULATIONS[each.clause.regulation]
        if act.has_ended(each.today):
            ended[act.code] = (act.short_title, each.clause)
    return list(ended.values())


def of_document(document: Document, *, now: datetime) -> list[Running]:
    """What runs for one document, the nearest last day first."""
    profile = papers.profile_of(document.organisation)
    found = _of_documents(Document.id == document.id, profile, local_day(now), type_name=document.type)
    return sorted(found, key=lambda each: each.last_day)


def of_group(group: Group) -> list[Deadline]:
    """What runs from the end of a course: the entry into the national database, post-course support."""
    profile = papers.profile_of(group.organisation)
    found = []
    for name in ("nobd_entry", "postcourse_support"):
        try:
            term = profile.term(name)
        except KeyError:
            continue
        found.append(Deadline(term, group.ends_on, last_day(term, group.ends_on, profile)))
    return found


# Terms of documents


@dataclass(frozen=True)
class _Candidate:
    """A document for which a term may run: nothing as a whole answers it, and so many of its rows are answered."""

    declared: Declared
    document: Document
    answered: int


def _of_documents(
    within: ColumnElement[bool], profile: Profile, today: date, *, type_name: str = ""
) -> Iterator[Running]:
    """One query for all documents, one for what is written in those whose term asks for it."""
    candidates = _candidates(within, profile, type_name)
    contents = _contents({each.document.id for each in candidates if _asks_content(each.declared)})
    for each in candidates:
        written = contents.get(each.document.id, {})
        if each.declared.when is not None and not each.declared.when(written):
            continue
        found = _running(each.declared, each.document, written, profile, today)
        if found is not None and not _is_answered_row_by_row(each, written):
            yield found


def _candidates(within: ColumnElement[bool], profile: Profile, type_name: str) -> list[_Candidate]:
    every = [(each, names) for each, names in _declared(profile).items() if not type_name or type_name in names]
    if not every:
        return []
    conditions = [
        and_(Document.type.in_(names), Document.state.in_(each.states), _is_unanswered(each)) for each, names in every
    ]
    flags = [case((each, 1), else_=0) for each in conditions]
    answered = [_answered_rows(each) for each, _ in every]
    rows = db.session.execute(select(Document, *flags, *answered).where(within, or_(*conditions))).unique()
    number = len(every)
    return [
        _Candidate(declared, document, count)
        for document, *found in rows
        for (declared, _), is_running, count in zip(every, found[:number], found[number:], strict=True)
        if is_running
    ]


def _declared(profile: Profile) -> Mapping[Declared, list[str]]:
    """The deadlines of the types that the profile uses: applications share one, and are asked for at once."""
    found: dict[Declared, list[str]] = {}
    for kind in document_types().values():
        if kind.deadlines and kind.clause_for(profile) is not None:
            for declared in kind.deadlines:
                found.setdefault(declared, []).append(kind.name)
    return found


def _is_unanswered(declared: Declared) -> ColumnElement[bool]:
    """Nothing in force answers the document; where each row is answered by itself, the rows are counted later."""
    if not declared.met_by or declared.each:
        return true()
    answer = aliased(Document)
    answered = select(Relation.id).join(answer, Relation.source_id == answer.id)
    return ~exists(answered.where(Relation.target_id == Document.id, _is_in_force(answer, declared.met_by)))


def _answered_rows(declared: Declared) -> ColumnElement[int]:
    if not declared.each:
        return literal(0)
    answer = aliased(Document)
    count = select(func.count(distinct(Relation.row))).join(answer, Relation.source_id == answer.id)
    found = count.where(Relation.target_id == Document.id, _is_in_force(answer, declared.met_by))
    return found.correlate(Document).scalar_subquery()


def _is_in_force(answer: Any, type_names: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(and_(answer.type == name, answer.state.in_(_states_in_force(name))) for name in type_names))


def _states_in_force(type_name: str) -> list[str]:
    states = document_type(type_name).workflow.states.values()
    return [state.name for state in states if state.status is Status.IN_FORCE]


def _asks_content(declared: Declared) -> bool:
    is_written = declared.counted_from not in ("registered_on", "in_force")
    return bool(is_written or declared.each or declared.when)


def _contents(document_ids: set[int]) -> dict[int, Mapping[str, Any]]:
    """What is written in these documents now."""
    if not document_ids:
        return {}
    newest = select(func.max(Revision.sequence)).where(Revision.document_id == Document.id).correlate(Document)
    found = (
        select(Document.id, Revision.content)
        .join(Revision, (Revision.document_id == Document.id) & (Revision.sequence == newest.scalar_subquery()))
        .where(Document.id.in_(document_ids))
    )
    return {row.id: row.content for row in db.session.execute(found)}


def _is_answered_row_by_row(candidate: _Candidate, written: Mapping[str, Any]) -> bool:
    """Whether every row that is due an answer has one in force; a document without rows waits for nothing."""
    if not candidate.declared.each:
        return False
    if candidate.answered >= len(written.get(candidate.declared.each) or []):
        return True
    return _is_every_row_answered(candidate.declared, candidate.document, written)


def _is_every_row_answered(declared: Declared, document: Document, written: Mapping[str, Any]) -> bool:
    answered = _answered_numbers(declared, document)
    return all(row in answered for row in _due_rows(declared, document, written))


def _answered_numbers(declared: Declared, document: Document) -> set[int]:
    answer = aliased(Document)
    rows = select(Relation.row).join(answer, Relation.source_id == answer.id)
    found = rows.where(Relation.target_id == document.id, _is_in_force(answer, declared.met_by))
    return {row for row in db.session.scalars(found) if row is not None}


def _due_rows(declared: Declared, document: Document, written: Mapping[str, Any]) -> Iterator[int]:
    """The rows to which the derivation's own rules give an answer: one that was put off has none yet."""
    step = routing.step_for(document, "issue", written, actor=SYSTEM, now=document.changed_at)
    for kind, derivation in issuing.derivable(document):
        if kind.name in declared.met_by and derivation.rows == declared.each:
            rows = dict(enumerate(written.get(declared.each) or [], start=1))
            for number, asked in routing.row_steps(document, step, rows).items():
                if any(each.refusals(asked) for each in derivation.when) == derivation.otherwise:
                    yield number


def _running(
    declared: Declared, document: Document, written: Mapping[str, Any], profile: Profile, today: date
) -> Running | None:
    starts_on = _start_of(declared, document, written)
    if starts_on is None:
        return None
    last = last_day(declared.term, starts_on, profile)
    return Running(
        name=declared.name,
        title=declared.title,
        term=declared.term,
        starts_on=starts_on,
        last_day=last,
        today=today,
        left=days_left(today, last),
        type=document.type,
        about=document.subject_name or document.title,
        document=document,
    )


def _start_of(declared: Declared, document: Document, written: Mapping[str, Any]) -> date | None:
    if declared.counted_from == "registered_on":
        return document.registered_on
    if declared.counted_from == "in_force":
        return document.valid_from
    day = written.get(declared.counted_from)
    return date.fromisoformat(day) if isinstance(day, str) and day else None


# The commission's year


def _commissions(within: ColumnElement[bool], profile: Profile, today: date) -> Iterator[Running]:
    """Commissions whose year ends soon or has ended, while no later order has formed another."""
    name = "commission_order"
    if name not in document_types() or document_type(name).clause_for(profile) is None:
        return
    in_force = select(Document).where(
        within, Document.type == name, Document.state.in_(_states_in_force(name)), Document.valid_until.is_not(None)
    )
    newest = db.session.scalars(in_force.order_by(Document.valid_until.desc(), Document.id.desc()).limit(1)).first()
    if newest is None or newest.valid_until is None or newest.valid_from is None:
        return
    if newest.valid_until <= today + timedelta(days=COMMISSION_AHEAD_DAYS):
        term = profile.term("commission_mandate")
        yield Running(
            name=term.name, title=term.title, term=term, starts_on=newest.valid_from, last_day=newest.valid_until,
            today=today, left=days_left(today, newest.valid_until), type=name, about=newest.title, document=newest,
        )  # fmt: skip


# Categories


def _categories(organisation: Organisation, profile: Profile, today: date) -> Iterator[Running]:
    """Categories that end within six months, and heads who have to apply before theirs do."""
    if not profile.has("KRG"):
        return
    ahead = add_months(today, CATEGORIES_AHEAD_MONTHS + 2)
    for ending in cards.ending_categories(organisation.id, before=ahead, since=today):
        if ending.until <= add_months(today, CATEGORIES_AHEAD_MONTHS):
            yield _category_ends(ending, profile, today)
        if ending.apply_by is not None and not _has_applied(ending, organisation):
            yield _head_applies(ending, ending.apply_by, profile, today)


def _category_ends(ending: cards.Ending, profile: Profile, today: date) -> Running:
    term = profile.term(f"{ending.ladder}_category_validity")
    return _of_person(ending, term, _ends(ending), ending.until, today, name="category_ends", is_duty=False)


def _ends(ending: cards.Ending) -> Text:
    named = cards.category_title(ending.ladder, ending.category)
    return Text(
        f"Санат мерзімінің аяқталуы: {named.kk}",
        f"Окончание срока категории: {named.ru}",
        f"Category ends: {named.in_language('en')}",
    )


def _head_applies(ending: cards.Ending, apply_by: date, profile: Profile, today: date) -> Running:
    term = profile.term("head_application_before")
    return _of_person(ending, term, term.title, apply_by, today, name=term.name, is_duty=True)


def _of_person(
    ending: cards.Ending, term: Term, title: Text, last: date, today: date, *, name: str, is_duty: bool
) -> Running:
    return Running(
        name=name, title=title, term=term, starts_on=ending.until, last_day=last, today=today,
        left=days_left(today, last), type="category", about=ending.person.full_name, person_id=ending.person.id,
        is_duty=is_duty,
    )  # fmt: skip


def _has_applied(ending: cards.Ending, organisation: Organisation) -> bool:
    """Whether an application of the last year stands; one refused or withdrawn does not."""
    filed = select(Document.id).where(
        Document.organisation_id == organisation.id,
        Document.subject_id == ending.person.id,
        Document.type.in_(("head_application", "early_application", "prepension_application")),
        Document.state.in_(_FILED),
        Document.registered_on >= add_years(ending.until, -1),
    )
    return db.session.scalars(filed.limit(1)).first() is not None


# Courses


def _courses(actor: Actor, organisation: Organisation, profile: Profile, today: date) -> Iterator[Running]:
    """What runs from the end of courses. Nothing tells docflow that it was done, so what is over is left out."""
    ended = select(Group).where(
        Group.organisation_id == organisation.id, Group.kind == "course", Group.ends_on < today,
        Group.ends_on >= add_years(today, -1),
    )  # fmt: skip
    if actor.has(Role.CLERK) and not actor.has(Role.INSPECTOR, Role.ADMINISTRATOR):
        ended = ended.where(Group.unit_id.in_(actor.unit_ids))
    for group in db.session.scalars(ended):
        for each in of_group(group):
            if not each.is_overdue(today):
                yield Running(
                    name=each.term.name, title=each.term.title, term=each.term, starts_on=each.starts_on,
                    last_day=each.last_day, today=today, left=days_left(today, each.last_day), type="course",
                    about=f"{group.code}", group=group, is_duty=False,
                )  # fmt: skip


# What was done late stays in the record


@dataclass(frozen=True)
class Late:
    """An entry of the history: what was done after its term."""

    document: Document
    entry: HistoryEntry


def done_late(*, actor: Actor) -> list[Late]:
    """The newest entries about what was done after its term."""
    if actor.organisation_id is None or not actor.has(*READERS):
        return []
    names = [kind.name for kind in document_types().values() if kind.deadlines]
    found = (
        select(HistoryEntry, Document)
        .join(Document, HistoryEntry.document_id == Document.id)
        .where(HistoryEntry.action == MET_LATE, Document.type.in_(names), search.visible_to(actor))
        .where(Document.organisation_id == actor.organisation_id)
        .order_by(HistoryEntry.id.desc())
        .limit(LATE_SHOWN)
    )
    return [Late(document, entry) for entry, document in db.session.execute(found).unique()]


@cache
def _answering(type_name: str) -> tuple[Declared, ...]:
    """The deadlines that a document of this type meets."""
    declared = (each for kind in document_types().values() for each in kind.deadlines)
    return tuple(each for each in dict.fromkeys(declared) if type_name in each.met_by)


def _follow(document: Document, actor: Actor, now: datetime) -> None:
    """Write into the history by how much a term was missed, at the moment in which it is met at last."""
    if documents.state_of(document).status is Status.IN_FORCE and (met := _answering(document.type)):
        for target in _targets(document):
            _note(target, [each for each in document_type(target.type).deadlines if each in met], actor, now)
    own = [each for each in document_type(document.type).deadlines if not each.met_by]
    left = _state_left(document) if own else ""
    if left and documents.state_of(document).name != "withdrawn":
        _note(document, [each for each in own if left in each.states and document.state not in each.states], actor, now)


def _targets(document: Document) -> Sequence[Document]:
    return [each.target for each in document.grounds]


def _state_left(document: Document) -> str:
    """The state before the step that was just recorded."""
    last = select(HistoryEntry).where(HistoryEntry.document_id == document.id).order_by(HistoryEntry.sequence.desc())
    for entry in db.session.scalars(last.limit(5)):
        if entry.detail.get("to") == document.state:
            return str(entry.detail.get("from", ""))
    return ""


def _note(document: Document, declared: Iterable[Declared], actor: Actor, now: datetime) -> None:
    profile, today = papers.profile_of(document.organisation), local_day(now)
    for each in declared:
        found = _running(each, document, documents.content(document), profile, today)
        if found is None or not found.is_overdue or not _is_met(each, document) or _is_noted(document, each):
            continue
        message = _l(
            "%(what)s: the last day was %(last)s, working days late: %(days)s.",
            what=each.title,
            last=f"{found.last_day:%d.%m.%Y}",
            days=found.left,
        )
        history.record(
            document, MET_LATE, actor=actor, now=now, term=each.name, days=found.left, message=message.as_json()
        )


def _is_met(declared: Declared, document: Document) -> bool:
    """Whether nothing more is awaited, and whether the term ran at all."""
    written = documents.content(document)
    if declared.when is not None and not declared.when(written):
        return False
    return not declared.each or _is_every_row_answered(declared, document, written)


def _is_noted(document: Document, declared: Declared) -> bool:
    noted = select(HistoryEntry).where(HistoryEntry.document_id == document.id, HistoryEntry.action == MET_LATE)
    return any(entry.detail.get("term") == declared.name for entry in db.session.scalars(noted))


routing.when_arrived.append(_follow)
