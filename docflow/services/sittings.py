"""Sessions of an attestation commission: the draft of the protocol is the record of the session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy import update as update_rows

from docflow.core.errors import Conflict, NotFound, Refused
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor
from docflow.core.registry import document_type
from docflow.core.rules import Content, Refusal
from docflow.db import db, unit_of_work
from docflow.models import Document, Group, Relation
from docflow.regulations.kazakhstan_calendar import TIME_ZONE
from docflow.regulations.krg import minutes
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.decision import Case
from docflow.regulations.krg.session import FAMILIES, Commission, commission_of, is_decided, items_of
from docflow.regulations.krg.terms import commission_ends
from docflow.services import agenda, documents, groups, papers, rounds, routing
from docflow.services.environment import local_day

NOT_OPENED = _l("The session is not opened.")
Change = Callable[[Content], minutes.Record]


def get(document_id: int, *, actor: Actor) -> Document:
    """A session by its protocol; ``NotFound`` also for a document that is no protocol."""
    document = documents.get(document_id, actor=actor)
    if document.type not in FAMILIES:
        raise NotFound(_l("This document is not the protocol of a session."))
    return document


def case_of(application: Document, *, on: date, interviewed: bool = False) -> Case:
    """Gather the evidence about one applicant as it is now: what the clauses judge."""
    return agenda.case_of(application, on=on, interviewed=interviewed)


# ---------------------------------------------------------------- opening


def open_sitting(group_id: int, type_name: str, held_on: date, *, actor: Actor, now: datetime) -> Document:
    """Open a session: composition from the order in force on its day, agenda from what is accepted and undecided.

    ``Refused`` outside of the commission's year (clause 16), ``Conflict`` if this session is open already.
    """
    if type_name not in FAMILIES:
        raise NotFound(_l("There is no such kind of session."))
    with unit_of_work():
        group = groups.get(group_id, actor=actor)
        _refuse_a_second_session(group, type_name, held_on)
        order = _order_on(group, held_on)
        profile = papers.profile_of(group.organisation)
        applications = agenda.undecided(group, type_name)
        with papers.speaking("kk"):  # the protocol exists in Kazakh only
            items = agenda.lines(applications, group, profile, on=held_on)
        document = documents.create_draft(
            type_name,
            _opened(order, held_on, items),
            actor=actor,
            unit_id=group.unit_id,
            language="kk",
            now=now,
            group_id=group.id,
            allow_incomplete=True,
        )
        documents.relate(document, order, "basis")
        _relate_agenda(document, items)
        return document


def _refuse_a_second_session(group: Group, type_name: str, held_on: date) -> None:
    # Writing the row makes a double click wait for its first half, in both databases.
    db.session.execute(update_rows(Group).where(Group.id == group.id).values(code=Group.code))
    for document in agenda.sessions_of(group):
        is_open = (document.type, document.state) == (type_name, "draft")
        if is_open and documents.content(document).get("held_on") == held_on.isoformat():
            raise Conflict(_l("The session of this day is open already: go on with that one."))


def _order_on(group: Group, held_on: date) -> Document:
    """The order whose commission is in office on the day; that of the round's own members before others."""
    orders = [each for each in rounds.commission_orders(group.organisation_id) if rounds.is_in_office(each, held_on)]
    if not orders:
        raise Refused(NOT_OPENED, [Refusal("commission", _no_commission(group, held_on), KRG.clause("16"))])
    seated = {member.get("person_id") for member in group.responsible}
    own = [order for order in orders if set(_commission(order).member_ids) == seated]
    return (own or orders)[0]


def _no_commission(group: Group, held_on: date) -> Message:
    orders = rounds.commission_orders(group.organisation_id)
    formed = [order.registered_on for order in orders if order.registered_on]
    day = held_on.strftime("%d.%m.%Y")
    if not formed:
        return _l("There is no order on the commission in force on %(day)s: have it signed first.", day=day)
    return _l(
        "No commission is in office on %(day)s: the last order is of %(formed)s and counts for one year, until "
        "%(ends)s.",
        day=day, formed=max(formed).strftime("%d.%m.%Y"), ends=commission_ends(max(formed)).strftime("%d.%m.%Y"),
    )  # fmt: skip


def _commission(order: Document) -> Commission:
    return commission_of(documents.content(order))


def _opened(order: Document, held_on: date, items: Sequence[Content]) -> dict[str, Any]:
    named = _commission(order)
    chair_id = named.chair_id
    chair: Content = next((each["person"] for each in named.members if each.get("person_id") == chair_id), {})
    return {
        "held_on": held_on.isoformat(),
        "commission_name": named.name,
        "order_number": order.number or "",
        "order_date": order.registered_on.isoformat() if order.registered_on else "",
        "composition": [
            {
                "person": dict(row["person"]),
                "person_id": row["person_id"],
                "is_chair": row["person_id"] == named.chair_id,
            }
            for row in named.members
        ],
        "chair": dict(chair),
        "chair_id": chair_id,
        "secretary": dict(named.secretary),
        "secretary_id": named.secretary_id,
        "attendance": [],
        "signers": [],
        "items": [dict(item) for item in items],
    }


# ---------------------------------------------------------------- what happens at a session


def wall_clock(document: Document, now: datetime) -> str:
    """The time of day in Kazakhstan on the day of the session; empty on any other day."""
    local = now.astimezone(TIME_ZONE)
    is_today = documents.content(document).get("held_on") == local.date().isoformat()
    return local.strftime("%H:%M") if is_today else ""


def moment(document: Document, *, now: datetime, at: str = "") -> str:
    """When something happens: as entered, else by the clock; a session recorded on another day goes on where it was."""
    return at or minutes.clock(documents.content(document), wall_clock(document, now)) or "09:00"


def arrive(
    document_id: int, person_ids: Iterable[int], *, at: str = "", actor: Actor, version: int, now: datetime
) -> Document:
    """Members come into the room at *at* (09:05), else now."""

    def come(record: Content) -> minutes.Record:
        return minutes.arrive(record, person_ids, at=_entered(document, at, now))

    document = get(document_id, actor=actor)
    return _record(document, come, actor=actor, version=version, now=now)


def leave(document_id: int, person_id: int, *, at: str = "", actor: Actor, version: int, now: datetime) -> Document:
    """A member goes out of the room at *at*, else now."""

    def go(record: Content) -> minutes.Record:
        return minutes.leave(record, person_id, at=_entered(document, at, now))

    document = get(document_id, actor=actor)
    return _record(document, go, actor=actor, version=version, now=now)


def _entered(document: Document, at: str, now: datetime) -> str:
    if at and not minutes.is_time(at):
        text = _l("“%(at)s” is no time of day; enter it like 09:05.", at=at)
        raise Refused(minutes.NOT_RECORDED, [Refusal("time", text, KRG.clause("18"), field="at")])
    return moment(document, now=now, at=at)


def put(
    document_id: int,
    application_id: int,
    *,
    conclusion: str,
    category: str,
    reason: str = "",
    actor: Actor,
    version: int,
    now: datetime,
) -> Document:
    """Put a decision on one person to the vote."""

    def change(record: Content) -> minutes.Record:
        return minutes.put(record, application_id, conclusion=conclusion, category=category, reason=reason)

    return _record(get(document_id, actor=actor), change, actor=actor, version=version, now=now)


def vote(
    document_id: int,
    application_id: int,
    ballots: Mapping[int, str],
    *,
    actor: Actor,
    version: int,
    now: datetime,
) -> Document:
    """Write down votes of members; an empty one takes it back. ``Refused`` without a quorum, or of the absent."""
    document = get(document_id, actor=actor)

    def change(record: Content) -> minutes.Record:
        return minutes.vote(record, application_id, ballots, at=moment(document, now=now))

    return _record(document, change, actor=actor, version=version, now=now)


def decide(document_id: int, application_id: int, *, actor: Actor, version: int, now: datetime) -> Document:
    """Record the decision that was put and voted on; everything that stands against it comes at once."""
    document = get(document_id, actor=actor)
    _refuse_before_its_day(document, now)
    profile = papers.profile_of(document.organisation)

    def change(record: Content) -> minutes.Record:
        at = moment(document, now=now)
        return minutes.decide(record, application_id, at=at, family=document.type, profile=profile)

    return _record(document, change, actor=actor, version=version, now=now)


def _refuse_before_its_day(document: Document, now: datetime) -> None:
    held_on = date.fromisoformat(documents.content(document)["held_on"])
    if local_day(now) < held_on:
        text = _l("The session is on %(day)s: nothing is decided before.", day=held_on.strftime("%d.%m.%Y"))
        raise Refused(minutes.NOT_RECORDED, [Refusal("before_the_day", text, KRG.clause("18"))])


def take_back(document_id: int, application_id: int, *, actor: Actor, version: int, now: datetime) -> Document:
    def change(record: Content) -> minutes.Record:
        return minutes.take_back(record, application_id)

    return _record(get(document_id, actor=actor), change, actor=actor, version=version, now=now)


def hold_interview(
    document_id: int, application_id: int, *, held: bool, actor: Actor, version: int, now: datetime
) -> Document:
    """Mark that a head or a deputy has been interviewed at the session (clause 5)."""

    def change(record: Content) -> minutes.Record:
        return minutes.hold_interview(record, application_id, held=held)

    return _record(get(document_id, actor=actor), change, actor=actor, version=version, now=now)


def fill(
    document_id: int, application_id: int, sent: Mapping[str, Any], *, actor: Actor, version: int, now: datetime
) -> Document:
    """Save everything that one page says of one person at once, as one version.

    *sent* has ``conclusion``, ``category``, ``reason``, ``interviewed`` and ``ballots``; with ``decide`` the
    decision is recorded too. Votes that were given on another decision are not carried over.
    """
    document = get(document_id, actor=actor)
    profile = papers.profile_of(document.organisation)
    if sent.get("decide"):
        _refuse_before_its_day(document, now)

    def change(record: Content) -> minutes.Record:
        at = moment(document, now=now)
        changed = minutes.hold_interview(record, application_id, held=bool(sent["interviewed"]))
        motion = {name: sent[name] for name in ("conclusion", "category", "reason")}
        changed = minutes.put(changed, application_id, **motion)
        changed = minutes.vote(changed, application_id, _new_ballots(record, changed, application_id, sent), at=at)
        if sent.get("decide"):
            changed = minutes.decide(changed, application_id, at=at, family=document.type, profile=profile)
        return changed

    return _record(document, change, actor=actor, version=version, now=now)


def _new_ballots(before: Content, after: Content, application_id: int, sent: Mapping[str, Any]) -> Mapping[int, str]:
    """What the page says of the votes, unless they are the old ones and the decision has become another."""
    old, new = (_ballots_on(record, application_id) for record in (before, after))
    ballots: Mapping[int, str] = sent["ballots"]
    is_void = bool(old) and not new
    return {} if is_void and {who: each for who, each in ballots.items() if each} == old else ballots


def _ballots_on(record: Content, application_id: int) -> dict[int, str]:
    for item in items_of(record):
        if item["application_id"] == application_id:
            return {each["person_id"]: each["vote"] for each in item.get("votes") or ()}
    return {}


def _record(document: Document, change: Change, *, actor: Actor, version: int, now: datetime) -> Document:
    """Save one change of the record; ``Conflict`` if somebody else has changed it since *version*."""
    with unit_of_work():
        documents.check_version(document, version)
        changed = change(documents.content(document))
        return documents.update(document.id, changed, actor=actor, version=version, now=now)


# ---------------------------------------------------------------- the agenda of an open session


def add_items(
    document_id: int, application_ids: Iterable[int], *, actor: Actor, version: int, now: datetime
) -> Document:
    """Take further accepted applications of the round on the agenda."""
    with unit_of_work():
        document = get(document_id, actor=actor)
        group = _round(document)
        wanted = set(application_ids)
        chosen = [each for each in agenda.undecided(group, document.type) if each.id in wanted]
        items = _renewed(document, chosen)
        saved = _record(
            document, lambda record: minutes.add_items(record, items), actor=actor, version=version, now=now
        )
        _relate_agenda(saved, items)
        return saved


def take_off(document_id: int, application_id: int, *, actor: Actor, version: int, now: datetime) -> Document:
    """Take an application off the agenda; it waits for another session."""
    with unit_of_work():
        saved = _record(
            get(document_id, actor=actor),
            lambda record: minutes.take_off(record, application_id),
            actor=actor, version=version, now=now,
        )  # fmt: skip
        for relation in [each for each in saved.grounds if (each.kind, each.target_id) == ("basis", application_id)]:
            saved.grounds.remove(relation)
            db.session.delete(relation)
        return saved


def renew(document_id: int, *, actor: Actor, version: int, now: datetime) -> Document:
    """Read the evidence of everybody on whom nothing is decided once more: sheets are signed up to the last hour."""
    document = get(document_id, actor=actor)
    open_ids = {item["application_id"] for item in items_of(documents.content(document)) if not is_decided(item)}
    found = select(Document).where(Document.id.in_(open_ids))
    items = _renewed(document, db.session.scalars(found).unique())

    def change(record: Content) -> minutes.Record:
        for item in items:
            record = minutes.renew(record, item)
        return dict(record)

    return _record(document, change, actor=actor, version=version, now=now)


def _renewed(document: Document, applications: Iterable[Document]) -> list[dict[str, Any]]:
    held_on = date.fromisoformat(documents.content(document)["held_on"])
    with papers.speaking(document.language):
        return agenda.lines(applications, _round(document), papers.profile_of(document.organisation), on=held_on)


def _round(document: Document) -> Group:
    group = documents.group_of(document)
    if group is None:
        raise NotFound(_l("This session belongs to no round of attestation."))
    return group


def _relate_agenda(document: Document, items: Iterable[Content]) -> None:
    """The protocol rests on each application of its agenda."""
    known = select(Relation.target_id).where(Relation.source_id == document.id, Relation.kind == "basis")
    related = set(db.session.scalars(known))
    for item in items:
        if item["application_id"] not in related:
            documents.relate(document, documents.load(item["application_id"]), "basis")


def compose(document_id: int, *, actor: Actor, version: int, now: datetime) -> Document:
    """Close the session: the protocol is numbered, drawn up and sent to everybody who signs it."""
    document = get(document_id, actor=actor)
    return routing.perform(document.id, "submit", actor=actor, now=now, version=version)


def refusals(document: Document, *, actor: Actor, now: datetime) -> tuple[Refusal, ...]:
    """What stands against composing the protocol now."""
    submit = document_type(document.type).workflow.transitions["submit"]
    return routing.refusals_for(document, submit, actor=actor, now=now)
