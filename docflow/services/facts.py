"""What rules and fillings may know of a group, in the document's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from docflow.db import db
from docflow.models import Document, Group, Person
from docflow.services import people


def group_facts(group: Group, language: str) -> dict[str, Any]:
    """The group as plain data: dates in ISO, people as name and ``person_id``, titles in *language*."""
    is_kk = language == "kk"
    return {
        "code": group.code,
        "topic": group.topic_kk if is_kk else group.topic_ru,
        "topic_kk": group.topic_kk,
        "topic_ru": group.topic_ru,
        "hours": group.hours,
        "study_language": group.study_language,
        "format": group.format,
        "funding": group.funding,
        "programme_kind": group.programme_kind,
        "individual": group.programme_kind == "individual",
        "starts_on": group.starts_on.isoformat(),
        "ends_on": group.ends_on.isoformat(),
        "max_score": group.max_score,
        "price": group.price,
        "modules": [
            {**module, "title": module["title_kk"] if is_kk else module["title_ru"]} for module in group.modules
        ],
        "responsible": [_in_charge(entry, is_kk) for entry in group.responsible],
        "trainer": _trainer(group, is_kk),
        "issue_order": _issue_order(group),
    }


class GroupFacts(Mapping[str, Any]):
    """The same facts, gathered when the first of them is asked for: most rules ask for none."""

    def __init__(self, group: Group, language: str) -> None:
        self._group, self._language = group, language
        self._gathered: dict[str, Any] | None = None

    @property
    def _facts(self) -> dict[str, Any]:
        # Not cached_property: up to Python 3.11 its lock is shared by all threads, and a thread that waits here
        # for SQLite's writer would keep that writer waiting (bpo-43468).
        if self._gathered is None:
            self._gathered = group_facts(self._group, self._language)
        return self._gathered

    def __getitem__(self, name: str) -> Any:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def _issue_order(group: Group) -> dict[str, str]:
    """Number and date of the order on issuing certificates, where one is in force."""
    order = db.session.scalars(
        select(Document)
        .where(Document.group_id == group.id, Document.type == "issue_order", Document.state == "in_force")
        .order_by(Document.id.desc())
    ).first()
    if order is None or order.registered_on is None:
        return {"number": "", "date": ""}
    return {"number": order.number or "", "date": order.registered_on.isoformat()}


def _in_charge(entry: dict[str, Any], is_kk: bool) -> dict[str, Any]:
    return {
        "person": entry["person"],
        "person_id": entry.get("person_id"),
        "position": entry.get("position_kk" if is_kk else "position_ru", ""),
    }


def _trainer(group: Group, is_kk: bool) -> dict[str, Any]:
    person = db.session.get(Person, group.trainer_id) if group.trainer_id else None
    if person is None:
        return {"person": {"surname": "", "given_name": "", "patronymic": ""}, "person_id": None, "position": ""}
    post = people.position_of(person.id, group.organisation_id, group.ends_on)
    title = (post.title_kk if is_kk else post.title_ru) if post else ""
    return {"person": person.as_content, "person_id": person.id, "position": title}
