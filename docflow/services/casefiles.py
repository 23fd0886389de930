"""Files of the nomenclature: the organisation names them and their retention; documents are filed by type."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from docflow.core.errors import Invalid
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Role
from docflow.db import asked_once, db, unit_of_work
from docflow.models import CaseFile, Document
from docflow.services import people


def listing(organisation_id: int) -> list[CaseFile]:
    found = select(CaseFile).where(CaseFile.organisation_id == organisation_id)
    return list(db.session.scalars(found.order_by(CaseFile.year.desc(), CaseFile.index)))


def open_file(
    organisation_id: int,
    index: str,
    year: int,
    *,
    title_kk: str,
    title_ru: str,
    types: tuple[str, ...] = (),
    retention_years: int | None = None,
    retention_basis: str = "",
    actor: Actor,
) -> CaseFile:
    """Open a file for a year. Without a retention it stays "set by the organisation's nomenclature"."""
    if not actor.has(Role.ARCHIVIST):
        people.administer(actor)
    if retention_years is not None and not retention_basis.strip():
        raise Invalid(
            _l("Please correct the marked fields."),
            {"retention_basis": [str(_l("Name the article or the order that sets this retention."))]},
        )
    with unit_of_work():
        taken = select(CaseFile).where(
            CaseFile.organisation_id == organisation_id, CaseFile.index == index, CaseFile.year == year
        )
        if db.session.scalars(taken).first():
            raise Invalid(
                _l("Please correct the marked fields."),
                {"index": [str(_l("There is a file with this index in this year already."))]},
            )
        case_file = CaseFile(
            organisation_id=organisation_id,
            index=index,
            year=year,
            title_kk=title_kk,
            title_ru=title_ru,
            types=" ".join(types),
            retention_years=retention_years,
            retention_basis=retention_basis,
        )
        db.session.add(case_file)
        db.session.flush()
        return case_file


def file_for(document: Document, day: date) -> CaseFile | None:
    """The open file of the year into which documents of this type go."""
    files = _open_in(document.organisation_id, day.year)
    return next((each for each in files if document.type in each.types.split()), None)


@asked_once
def _open_in(organisation_id: int, year: int) -> list[CaseFile]:
    found = select(CaseFile).where(
        CaseFile.organisation_id == organisation_id, CaseFile.year == year, CaseFile.is_closed.is_(False)
    )
    return list(db.session.scalars(found))
