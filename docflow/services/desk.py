"""The signer's desk: what waits for him, until when, what he has read of it, and what he began and did not end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from docflow.core.permissions import Actor
from docflow.db import db
from docflow.models import Document, HistoryEntry, Signature, SigningSession
from docflow.services import deadlines, environment, manifests, papers, signing
from docflow.services.environment import local_day
from docflow.services.signing import SignResult

REMEMBERED = timedelta(days=7)  # how long a session that was broken off is offered again


@dataclass(frozen=True)
class Waiting:
    """One document on the desk. ``last_day`` is ``None`` where the type gives its signers no term."""

    signature: Signature
    opened: str
    since: date
    last_day: date | None
    today: date

    @property
    def document(self) -> Document:
        return self.signature.document

    @property
    def is_overdue(self) -> bool:
        return self.last_day is not None and self.today > self.last_day

    @property
    def left(self) -> int:
        """Working days until the last day; when it is over, those that have passed since."""
        return deadlines.days_left(self.today, self.last_day) if self.last_day else 0


def waiting(*, actor: Actor, now: datetime) -> list[Waiting]:
    """The queue, what is due first in front; without terms the oldest document first."""
    found = described(signing.queue(actor=actor), today=local_day(now))
    return sorted(found, key=lambda each: (each.last_day or date.max, each.document.id))


def described(signatures: Sequence[Signature], *, today: date) -> list[Waiting]:
    """Add to awaited signatures what was opened, and the terms that run; two questions for however many."""
    opened = manifests.opened([each.id for each in signatures])
    began = turns(signatures)
    return [
        Waiting(each, opened[each.id], began[each.id], last_day(each, began[each.id]), today) for each in signatures
    ]


def turns(signatures: Iterable[Signature]) -> dict[int, date]:
    """On which day it became the turn of each: when the paper was made, or the last one before him had signed."""
    wanted = {each.id: each.document for each in signatures}
    rendered = (
        select(HistoryEntry.document_id, func.max(HistoryEntry.at))
        .where(HistoryEntry.document_id.in_({each.id for each in wanted.values()}), HistoryEntry.action == "rendered")
        .group_by(HistoryEntry.document_id)
    )
    made = {row[0]: row[1] for row in db.session.execute(rendered)}
    mine, earlier = aliased(Signature), aliased(Signature)
    signed = (
        select(mine.id, func.max(earlier.signed_at))
        .join(earlier, (earlier.revision_id == mine.revision_id) & (earlier.order < mine.order))
        .where(mine.id.in_(wanted))
        .group_by(mine.id)
    )
    before = {row[0]: row[1] for row in db.session.execute(signed)}
    return {
        name: local_day(before.get(name) or made.get(document.id, document.created_at))
        for name, document in wanted.items()
    }


def last_day(signature: Signature, began: date) -> date | None:
    """The last working day of this slot's term, if it has one; the day on which it began does not count."""
    slot = papers.slot_of(signature)
    if slot is None or not slot.days:
        return None
    return environment.current().calendar.add_working_days(began, slot.days)


@dataclass(frozen=True)
class Unfinished:
    """A session that was broken off: a browser closed, a token drawn out, a server gone."""

    session: SigningSession
    signed: int
    left: int


def unfinished(*, actor: Actor, now: datetime) -> list[Unfinished]:
    """Sessions of the last days in which some documents were signed and others still wait for him."""
    found = select(SigningSession).where(
        SigningSession.person_id == actor.person_id,
        SigningSession.state == "open",
        SigningSession.created_at > now - REMEMBERED,
    )
    mine = {each.id for each in signing.queue(actor=actor)}
    broken_off = []
    for session in db.session.scalars(found.order_by(SigningSession.created_at.desc())):
        left = sum(item["signature_id"] in mine for item in signing.waiting_in(session))
        signed = sum(each["outcome"] == signing.SIGNED for each in session.results)
        if left and signed:
            broken_off.append(Unfinished(session, signed, left))
    return broken_off


@dataclass(frozen=True)
class Line:
    """One document of a session: as it was laid before the signer, and what became of it; ``None``: it waits."""

    item: Mapping[str, Any]
    result: SignResult | None
    signature: Signature | None

    @property
    def is_signed(self) -> bool:
        return self.result is not None and self.result.outcome == signing.SIGNED


def report(session: SigningSession) -> list[Line]:
    """Every document of the session with its result, those that could not even be prepared last."""
    results = {each["document_id"]: SignResult.from_json(each) for each in session.results}
    signatures = select(Signature).where(Signature.id.in_([item["signature_id"] for item in session.items]))
    rows = {each.id: each for each in db.session.scalars(signatures).unique()}
    lines = [
        Line(item, results.pop(item["document_id"], None), rows.get(item["signature_id"])) for item in session.items
    ]
    return lines + [Line({"document_id": key, "label": each.title}, each, None) for key, each in results.items()]
