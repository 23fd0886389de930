"""Numbers without gaps or doubles: reserved in the registering transaction, committed, or void with a reason."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from docflow.core.types import Journal
from docflow.db import asked_once, db
from docflow.models import Document, JournalYear, RegisteredNumber, Unit
from docflow.services.environment import local_day


def reserve(document: Document, journal: Journal, *, now: datetime, day: date | None = None) -> str:
    """Take the next number for *document*, which keeps it for good; asking again gives the same one.

    *day* is the day of registration, where it is not today.
    """
    if document.number is not None and (taken := of(document)) is not None:
        return taken.text
    day = day or local_day(now)
    book = _taken_in_hand(journal.name, _home(document, journal), day.year)
    book.last += 1
    text = journal.pattern.format(unit=document.unit.code, seq=book.last, year=day.year)
    db.session.add(
        RegisteredNumber(journal_id=book.id, sequence=book.last, text=text, document=document, reserved_at=now)
    )
    document.number, document.registered_on = text, day
    return text


def _home(document: Document, journal: Journal) -> int:
    """The unit that keeps the journal: a number that does not name the unit is counted by the first one for all."""
    if "{unit}" in journal.pattern:
        return document.unit_id
    return _first_unit(document.organisation_id)


@asked_once
def _first_unit(organisation_id: int) -> int:
    first = select(Unit.id).where(Unit.organisation_id == organisation_id).order_by(Unit.id).limit(1)
    return db.session.scalars(first).one()


@asked_once
def _taken_in_hand(name: str, unit_id: int, year: int) -> JournalYear:
    """The journal as it stands, and nobody else's until the commit: a rollback leaves no gap, and no number twice."""
    # Writing the row takes its lock, in both databases.
    statement = (
        update(JournalYear)
        .where(JournalYear.name == name, JournalYear.unit_id == unit_id, JournalYear.year == year)
        .values(last=JournalYear.last)
        .returning(JournalYear)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    found = db.session.scalars(statement).first()
    if found is None:
        _open_journal(name, unit_id, year)
        found = db.session.scalars(statement).one()
    return found


def _open_journal(name: str, unit_id: int, year: int) -> None:
    dialect = db.engine.dialect.name
    make = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}.get(dialect, insert)
    statement = make(JournalYear).values(name=name, unit_id=unit_id, year=year, last=0)
    # Two first documents of a year may come at once; both then take their turn at the UPDATE.
    db.session.execute(statement.on_conflict_do_nothing(index_elements=["name", "unit_id", "year"]))  # type: ignore[attr-defined]


def of(document: Document) -> RegisteredNumber | None:
    return document.registered


def commit(document: Document) -> None:
    number = of(document)
    if number is not None:
        number.state = "committed"


def void(document: Document, *, reason: str) -> None:
    """Mark an unused number as void; it stays in the journal with its reason."""
    number = of(document)
    if number is not None:
        number.state, number.void_reason = "void", reason[:500]


def journals(organisation_id: int) -> list[tuple[JournalYear, Unit]]:
    found = (
        select(JournalYear, Unit)
        .join(Unit, Unit.id == JournalYear.unit_id)
        .where(Unit.organisation_id == organisation_id)
        .order_by(JournalYear.year.desc(), JournalYear.name)
    )
    return [(journal, unit) for journal, unit in db.session.execute(found)]


def numbers(journal_id: int, *, page: int = 1, size: int = 100) -> list[RegisteredNumber]:
    found = (
        select(RegisteredNumber)
        .where(RegisteredNumber.journal_id == journal_id)
        .order_by(RegisteredNumber.sequence.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(db.session.scalars(found))
