"""Numbers without gaps or doubles: reserved in the registering transaction, committed, or void with a reason."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from docflow.core.types import Journal
from docflow.db import db
from docflow.models import Document, JournalYear, RegisteredNumber, Unit
from docflow.services.environment import local_day


def reserve(document: Document, journal: Journal, *, now: datetime, day: date | None = None) -> str:
    """Take the next number for *document*, which keeps it for good; asking again gives the same one.

    *day* is the day of registration, where it is not today.
    """
    taken = of(document)
    if taken is not None:
        return taken.text
    day = day or local_day(now)
    journal_id, sequence = _next(journal.name, _home(document, journal), day.year)
    unit = db.session.get_one(Unit, document.unit_id)
    text = journal.pattern.format(unit=unit.code, seq=sequence, year=day.year)
    db.session.add(
        RegisteredNumber(journal_id=journal_id, sequence=sequence, text=text, document_id=document.id, reserved_at=now)
    )
    document.number, document.registered_on = text, day
    return text


def _home(document: Document, journal: Journal) -> int:
    """The unit that keeps the journal: a number that does not name the unit is counted by the first one for all."""
    if "{unit}" in journal.pattern:
        return document.unit_id
    first = select(Unit.id).where(Unit.organisation_id == document.organisation_id).order_by(Unit.id).limit(1)
    return db.session.scalars(first).one()


def _next(name: str, unit_id: int, year: int) -> tuple[int, int]:
    # One atomic statement: the row's lock is held until the commit, so a rollback leaves no gap.
    statement = (
        update(JournalYear)
        .where(JournalYear.name == name, JournalYear.unit_id == unit_id, JournalYear.year == year)
        .values(last=JournalYear.last + 1)
        .returning(JournalYear.id, JournalYear.last)
        .execution_options(synchronize_session=False)
    )
    row = db.session.execute(statement).first()
    if row is None:
        _open_journal(name, unit_id, year)
        row = db.session.execute(statement).one()
    return row[0], row[1]


def _open_journal(name: str, unit_id: int, year: int) -> None:
    dialect = db.engine.dialect.name
    make = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}.get(dialect, insert)
    statement = make(JournalYear).values(name=name, unit_id=unit_id, year=year, last=0)
    # Two first documents of a year may come at once; both then take their turn at the UPDATE.
    db.session.execute(statement.on_conflict_do_nothing(index_elements=["name", "unit_id", "year"]))  # type: ignore[attr-defined]


def of(document: Document) -> RegisteredNumber | None:
    found = select(RegisteredNumber).where(RegisteredNumber.document_id == document.id)
    return db.session.scalars(found).first()


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
