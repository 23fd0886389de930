"""A commission of nine in office and a round whose applicants have their evidence, for tests of its sessions."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from docflow import demo
from docflow.config import Settings
from docflow.core.permissions import Actor, Role
from docflow.core.registry import document_type
from docflow.db import db, unit_of_work
from docflow.models import Document, Group, Organisation, Person
from docflow.services import documents

NOW = datetime(2026, 11, 17, 5, 0, tzinfo=UTC)  # ten in the morning in Kazakhstan
DOMAIN = "attest.example"
SECRETARY, HEAD = f"secretary@{DOMAIN}", f"chief@{DOMAIN}"
MEMBERS = tuple(f"member{number}@{DOMAIN}" for number in range(1, 10))
_MEMBER_NAMES = (
    ("Әбдірахманова", "Гүлнар", "Серікқызы"), ("Ғаббасов", "Ерлан", "Маратұлы"), ("Ким", "Виктор", ""),
    ("Қуанышбекова", "Әсел", "Нұрланқызы"), ("Өмірғалиева", "Ғазиза", "Әбдіжәмілқызы"),
    ("Һашимов", "Ұлан", "Іңкәрұлы"), ("Тілеубергенова", "Айнұр", "Қайратқызы"), ("Шәріпов", "Дархан", "Болатұлы"),
    ("Ыбыраева", "Мөлдір", "Асқарқызы"),
)  # fmt: skip
# What each applicant asks for and what the evidence says; without "points" there is no evidence yet.
APPLICANTS: Mapping[str, Mapping[str, Any]] = {
    "raised": {"claimed": "expert", "current": "moderator", "points": (84, 84), "level": 75, "test": ("passed", "")},
    "early": {"type": "early_application", "claimed": "researcher", "current": "expert", "criteria": [1, 2, 3, 4, 5],
              "points": (113,), "level": 85, "test": ("passed", "")},
    "kept": {"claimed": "researcher", "current": "expert", "points": (113,), "level": 85, "test": ("failed", "expert")},
    "lowered": {"claimed": "researcher", "current": "researcher", "points": (120,), "level": 85,
                "test": ("failed", "")},
    "refused": {"type": "early_application", "claimed": "expert", "current": "moderator", "criteria": [1, 2, 3, 4],
                "points": (83,), "level": 75, "test": ("passed", "")},
    "unready": {"claimed": "expert", "current": "moderator"},
    "head": {"type": "head_application", "ladder": "head", "sheet_group": "head", "claimed": "second",
             "current": "third", "points": (49,), "test": ("passed", "")},
}  # fmt: skip
_SURNAMES = ("Абаева", "Болатов", "Вагнер", "Ғалиева", "Досов", "Ералиева", "Жанібеков")


def email(name: str) -> str:
    return f"{name}@{DOMAIN}"


def staff() -> tuple[demo.DemoAccount, ...]:
    teacher = ("other", "мұғалім", "учитель")
    return (
        demo.DemoAccount(HEAD, ("Нұрпейісов", "Бауыржан", "Жеңісұлы"), "", (Role.SIGNATORY,), "kk",
                         ("head", "Басқарма басшысы", "Руководитель управления")),
        demo.DemoAccount(SECRETARY, ("Цой", "Марина", "Юрьевна"), "", (Role.CLERK, Role.SIGNATORY), "kk",
                         ("secretary", "Бас маман", "Главный специалист"), in_centre=True),
        *(demo.DemoAccount(address, name, "", (Role.SIGNATORY,), "kk", teacher)
          for address, name in zip(MEMBERS, _MEMBER_NAMES, strict=True)),
        *(demo.DemoAccount(email(name), (surname, "Айгүл", "Маратқызы"), "", (Role.APPLICANT,), "kk")
          for name, surname in zip(APPLICANTS, _SURNAMES, strict=True)),
    )  # fmt: skip


def actor(address: str = SECRETARY) -> Actor:
    return demo.actor_of(address)


def person(address: str) -> Person:
    return db.session.get_one(Person, actor(address).person_id)


def member_ids() -> list[int]:
    return [person(address).id for address in MEMBERS]


def settle(settings: Settings, now: datetime = NOW) -> int:
    """Make the attesting body, its commission in office, a round and what every applicant brings; give the round."""
    data = {**demo.WKU_ORGANISATION, "code": "attest", "profile": "krg", "bin": "990440000385"}
    demo.install_organisation(settings, data, staff(), "АК", first_iin=760, now=now - timedelta(days=120))
    with unit_of_work():
        organisation = organisation_here()
        # The pilot order is over; the body goes on with it by an order of its own.
        organisation.settings = {"continued_by_order": "№ 5, 06.01.2025"}
    group_id = _round(now)
    in_office(group_id, now=now - timedelta(days=80))
    rows = [_applies(group_id, name, wanted, now=now) for name, wanted in APPLICANTS.items()]
    results = {"held_on": now.date().isoformat(), "rows": [row for row in rows if row]}
    put("knowledge_results", results, group_id, now=now)
    return group_id


def organisation_here() -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.code == "attest")).unique().one()


def _round(now: datetime) -> int:
    with unit_of_work():
        group = Group(
            organisation_id=organisation_here().id, unit_id=next(iter(actor().unit_ids)), code="А-1",
            kind="attestation", topic_kk="Күзгі аттестаттау", topic_ru="Осенняя аттестация", hours=0, created_at=now,
            starts_on=now.date() - timedelta(days=60), ends_on=now.date() + timedelta(days=40),
            responsible=[
                {"person": person(one).as_content, "person_id": person(one).id, "position_kk": "мұғалім",
                 "position_ru": "учитель"} for one in MEMBERS
            ],
        )  # fmt: skip
        db.session.add(group)
        db.session.flush()
        return group.id


def in_office(group_id: int, *, now: datetime, number: str = "41-АК") -> Document:
    """An order on the commission, signed on the day of *now*."""
    content = {
        "heading": "Комиссия құру туралы", "basis": "Алгоритмнің 13-тармағы", "authority": "region",
        "commission_name": "Облыстық білім басқармасы жанындағы аттестаттау комиссиясы",
        "members": [
            {"person": person(one).as_content, "person_id": person(one).id, "position": "мұғалім", "kind": "teacher",
             "years": 20, "category": "master", "category_until": "", "is_chair": one == MEMBERS[0]} for one in MEMBERS
        ],
        "secretary": {"person": person(SECRETARY).as_content}, "secretary_id": person(SECRETARY).id,
        "chair_id": person(MEMBERS[0]).id,
    }  # fmt: skip
    return put("commission_order", content, group_id, now=now, number=number)


def put(
    type_name: str, content: Mapping[str, Any], group_id: int, *, now: datetime, state: str = "in_force",
    number: str = "", subject: str = "",
) -> Document:  # fmt: skip
    """Put a document on record as it is when everybody has signed: how it got there is told by other tests."""
    clerk = actor()
    document = documents.create_draft(
        type_name, content, actor=clerk, unit_id=next(iter(clerk.unit_ids)), language="kk", now=now,
        group_id=group_id, allow_incomplete=True, subject_id=person(subject).id if subject else None,
    )  # fmt: skip
    with unit_of_work():
        document.state, document.registered_on = state, now.date()
        document.number = number or f"{document.id}-А"
    return document


def _applies(group_id: int, name: str, wanted: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    about, address = person(email(name)), email(name)
    type_name = wanted.get("type", "teacher_application")
    changes = {key: value for key, value in wanted.items() if key not in ("type", "points", "level", "test")}
    content = {**deepcopy(dict(document_type(type_name).sample)), **changes}
    content["applicant"] = {**about.as_content, "iin": about.iin, "iin_override": ""}
    put(type_name, content, group_id, now=now, state="accepted", subject=address)
    if "points" not in wanted:
        return {}
    bring(group_id, address, wanted, now=now)
    outcome, category = wanted["test"]
    return {"person": about.as_content, "person_id": about.id, "position": "мұғалім", "claimed": wanted["claimed"],
            "ladder": wanted.get("ladder", "teacher"), "score": 60, "max_score": 100, "outcome": outcome,
            "category": category}  # fmt: skip


def bring(group_id: int, address: str, wanted: Mapping[str, Any], *, now: datetime) -> None:
    """Sign the sheets of members and observers, and the essay."""
    about = {"person": person(address).as_content, "person_id": person(address).id}
    kind, number = ("portfolio_head", "1.1") if wanted.get("ladder") == "head" else ("portfolio_teacher", "1.2")
    for place, points in enumerate(wanted["points"], start=1):
        line = {"number": number, "level": 0, "points": points, "won": False, "joint": False, "authors": None,
                "pieces": None, "evidence": "дәлел"}  # fmt: skip
        member = person(MEMBERS[place])
        content = about | {
            "position": "мұғалім", "ladder": wanted.get("ladder", "teacher"), "claimed": wanted["claimed"],
            "sheet_group": wanted.get("sheet_group", "teacher"), "member": member.as_content, "member_id": member.id,
            "rows": [line], "recommendation": "claimed", "recommended_category": wanted["claimed"],
            "filled_on": now.date().isoformat(),
        }  # fmt: skip
        put(kind, content, group_id, now=now, subject=address)
    if "level" in wanted:
        _observe(group_id, address, wanted["level"], now=now)
        essay = about | {"school_year": "2026", "topic": "Т", "text": "сөз " * 260, "is_own_work": True}
        put("essay", essay, group_id, now=now, subject=address)


def _observe(group_id: int, address: str, points: int, *, now: datetime) -> None:
    sample = dict(document_type("observation_lesson").sample)
    lines = len(sample["levels"])
    highest = points - 2 * lines  # so many lines of level three, the others of level two
    for _ in range(5):
        content = sample | {
            "person": person(address).as_content, "person_id": person(address).id,
            "observer": person(MEMBERS[1]).as_content, "observer_id": person(MEMBERS[1]).id,
            "observed_on": (now - timedelta(days=10)).date().isoformat(),
            "levels": [3] * highest + [2] * (lines - highest),
        }  # fmt: skip
        put("observation_lesson", content, group_id, now=now, subject=address)


def application_of(name: str) -> Document:
    """The application of one of ``APPLICANTS``."""
    found = select(Document).where(Document.subject_id == person(email(name)).id, Document.state == "accepted")
    return db.session.scalars(found).unique().one()
