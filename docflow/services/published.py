"""What an attesting body publishes for everybody: the lists of those attested, KRG 20. No IIN leaves from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import extract, select

from docflow.core.errors import NotFound
from docflow.core.messages import _l
from docflow.core.regulations import Regulation, Text
from docflow.db import db
from docflow.models import Document, Organisation
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import LADDERS
from docflow.services import documents

LIST = "attested_list"


@dataclass(frozen=True)
class Attested:
    """One line of a list: nothing but what clause 20 makes public."""

    name: str
    position: str
    category: Text


@dataclass(frozen=True)
class PublishedList:
    """One list in force. ``code`` leads to the page that checks its paper."""

    heading: str
    number: str
    published_on: date
    commission: str
    protocol_number: str
    decided_on: date
    code: str
    people: tuple[Attested, ...]


@dataclass(frozen=True)
class Publications:
    """What one organisation has published in one year, newest first, in which years it has, and under which act."""

    act: Regulation
    code: str
    organisation: Text
    years: tuple[int, ...]
    year: int | None
    lists: tuple[PublishedList, ...]


def of_organisation(code: str, *, year: int | None = None) -> Publications:
    """Give the lists in force; without a year the newest one that has any. ``NotFound`` for an unknown *code*."""
    organisation = db.session.scalars(select(Organisation).where(Organisation.code == code)).first()
    if organisation is None:
        raise NotFound(_l("There is no such organisation here."))
    years = _years(organisation)
    shown = year if year in years else next(iter(years), None)
    lists = _lists(organisation, shown) if shown is not None else ()
    return Publications(KRG, code, Text(organisation.name_kk, organisation.name_ru), years, shown, lists)


def _years(organisation: Organisation) -> tuple[int, ...]:
    """The years of registration that have a list in force, newest first."""
    year = extract("year", Document.registered_on)
    found = select(year).where(*_in_force(organisation)).distinct().order_by(year.desc())
    return tuple(int(each) for each in db.session.scalars(found))


def _lists(organisation: Organisation, year: int) -> tuple[PublishedList, ...]:
    found = (
        select(Document)
        .where(*_in_force(organisation), Document.registered_on.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(Document.registered_on.desc(), Document.id.desc())
    )
    return tuple(_published(each) for each in db.session.scalars(found).unique())


def _in_force(organisation: Organisation) -> tuple[Any, ...]:
    return (
        Document.organisation_id == organisation.id,
        Document.type == LIST,
        Document.state == "in_force",
        Document.registered_on.is_not(None),
    )


def _published(document: Document) -> PublishedList:
    content = documents.content(document)
    assert document.registered_on is not None
    return PublishedList(
        heading=content["heading"],
        number=document.number or "",
        published_on=document.registered_on,
        commission=content["commission_name"],
        protocol_number=content["protocol_number"],
        decided_on=date.fromisoformat(content["decided_on"]),
        code=document.code,
        people=tuple(_line(row) for row in content["people"]),
    )


def _line(row: Mapping[str, Any]) -> Attested:
    """Pick what is published, whatever else the row may carry."""
    person = row["person"]
    parts = (person.get(part) for part in ("surname", "given_name", "patronymic"))
    titles = LADDERS[row["ladder"]].titles
    return Attested(" ".join(part for part in parts if part), row["position"], titles[row["category"]])
