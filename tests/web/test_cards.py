"""Cards of people: found by those who may, read with a masked IIN, kept entry by entry with what is wrong beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from docflow import demo, samples
from docflow.db import db, unit_of_work
from docflow.models import CardEntry, Delivery, Document
from docflow.services import deliveries
from tests.web import instance
from tests.web.conftest import Visitor, visitor

CATEGORY = {
    "category": "teacher:expert", "position": "математика мұғалімі", "procedure": "regular", "starts_on": "2022-01-20",
    "ends_on": "", "basis": "№ 45-Ж, 20.01.2022",
}  # fmt: skip


@pytest.fixture
def person_id(copied: Flask) -> int:
    with copied.app_context():
        return instance.listener(0).id


@pytest.fixture
def clerk(copied: Flask) -> Visitor:
    return visitor(copied, "clerk", language="kk")


@pytest.fixture
def entries(copied: Flask) -> Iterator[type[CardEntry]]:
    with copied.app_context():
        yield CardEntry


def add(one: Visitor, person_id: int, kind: str, /, **data: str) -> int:
    address = f"/people/{person_id}/new/{kind}"
    return one.post(address, dict(data), page=address).status_code


def test_a_surname_finds_people_of_the_organisation_only(app: Flask, visitors: dict[str, Visitor]) -> None:
    with app.app_context():
        person = instance.listener(0)
        surname, full_name, iin = person.surname, person.full_name, str(person.iin)
    found = visitors["clerk"].get(f"/people?surname={surname[:4].upper()}").text
    assert full_name in found
    assert iin not in found
    assert full_name not in visitors["stranger"].get(f"/people?surname={surname[:4]}").text


def test_a_card_masks_the_iin_and_lists_documents(app: Flask, visitors: dict[str, Visitor]) -> None:
    with app.app_context():
        person = instance.listener(0)
        address, iin = f"/people/{person.id}", str(person.iin)
        held = [each for each in instance.everything("course_certificate") if each.subject_id == person.id]
        number = str(held[0].number)
    for role in ("clerk", "inspector", "administrator"):
        page = visitors[role].get(address).text
        assert iin not in page
        assert f"{iin[:4]}••••••{iin[-2:]}" in page
        assert number in page
    assert "/new/category" in visitors["clerk"].get(address).text
    assert "/new/category" not in visitors["inspector"].get(address).text


def test_an_empty_card_says_so(app: Flask, visitors: dict[str, Visitor]) -> None:
    with app.app_context():
        rector = demo.actor_of(instance.ACCOUNTS["signatory"]).person_id
    page = visitors["clerk"].get(f"/people/{rector}").text
    assert page.count('<p class="muted mb-0">') >= 6


def test_a_category_goes_onto_the_card(clerk: Visitor, person_id: int, entries: type[CardEntry]) -> None:
    assert add(clerk, person_id, "category", **CATEGORY) == 302
    entry = db.session.scalars(select(entries)).one()
    assert (entry.data["ladder"], entry.data["category"], str(entry.ends_on)) == ("teacher", "expert", "2027-01-20")
    page = clerk.get(f"/people/{person_id}").text
    assert "педагог-сарапшы" in page
    assert "математика мұғалімі" in page


@pytest.mark.parametrize(
    ("chosen", "kind", "data"),
    [
        ("old-head:басшы-менеджер", "category", {"ladder": "head", "category": "second"}),
        ("old-teacher:бірінші санат", "old_category", {"name": "бірінші санат"}),
    ],
)
def test_old_names_are_understood(
    clerk: Visitor, person_id: int, entries: type[CardEntry], chosen: str, kind: str, data: dict[str, str]
) -> None:
    assert add(clerk, person_id, "category", **{**CATEGORY, "category": chosen}) == 302
    entry = db.session.scalars(select(entries)).one()
    assert entry.kind == kind
    assert data.items() <= entry.data.items()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("education", {
            "level": "higher", "kind": "pedagogical", "speciality": "Математика", "institution": "БҚУ", "year": "2012",
            "document": "ЖБ-Б № 0123456",
        }),
        ("experience", {
            "kind": "teaching", "profile": "Математика", "starts_on": "2012-09-01", "ends_on": "", "basis": "Кітапша",
        }),
        ("post", {
            "title": "мұғалім", "organisation": "№ 5 мектеп", "ladder": "teacher", "starts_on": "2012-09-01",
            "ends_on": "", "basis": "№ 12",
        }),
        ("certificate", {
            "title": "Инклюзия", "hours": "80", "starts_on": "2025-03-14", "organisation": "Өрлеу", "number": "Ө-412",
        }),
        ("achievement", {
            "kind": "own_contest", "level": "region", "title": "Үздік сабақ", "result": "winner",
            "starts_on": "2025-04-18", "document": "Диплом № 118",
        }),
        ("language", {
            "examination": "IELTS", "other": "", "score": "6.5", "level": "B2", "starts_on": "2025-02-10",
            "ends_on": "2027-02-10", "number": "24KZ004512",
        }),
        ("pension", {"starts_on": "2050-03-14", "basis": "Жеке куәлік"}),
    ],
)  # fmt: skip
def test_each_kind_has_its_form(
    clerk: Visitor, person_id: int, entries: type[CardEntry], kind: str, data: dict[str, str]
) -> None:
    assert add(clerk, person_id, kind, **data) == 302
    entry = db.session.scalars(select(entries)).one()
    assert entry.kind == kind
    assert entry.basis
    page = clerk.get(f"/people/{person_id}").text
    shown = [value for name, value in data.items() if name in ("title", "speciality", "profile", "number", "basis")]
    assert all(value in page for value in shown)


def test_what_is_wrong_stands_beside_its_field(clerk: Visitor, person_id: int, entries: type[CardEntry]) -> None:
    address = f"/people/{person_id}/new/category"
    wrong = {**CATEGORY, "starts_on": "2022-01-20", "ends_on": "2021-01-20"}
    answer = clerk.post(address, dict(wrong), page=address)
    assert answer.status_code == 422
    assert 'id="ends_on-errors"' in answer.text
    assert "математика мұғалімі" in answer.text, "what was typed is kept"
    nothing = clerk.post(address, {**CATEGORY, "category": "", "basis": ""}, page=address)
    assert 'id="category-errors"' in nothing.text
    assert 'id="basis-errors"' in nothing.text
    assert db.session.scalars(select(entries)).first() is None


def test_another_language_examination_needs_its_name(clerk: Visitor, person_id: int, entries: type[CardEntry]) -> None:
    data = {"examination": "other", "other": "", "score": "5", "level": "", "starts_on": "2025-02-10", "number": "7"}
    assert add(clerk, person_id, "language", **data) == 422
    assert add(clerk, person_id, "language", **{**data, "other": "HSK"}) == 302
    assert db.session.scalars(select(entries)).one().data["examination"] == "HSK"


def test_a_removed_entry_stays_among_the_removed(clerk: Visitor, person_id: int, entries: type[CardEntry]) -> None:
    add(clerk, person_id, "pension", starts_on="2050-03-14", basis="Жеке куәлік")
    entry = db.session.scalars(select(entries)).one()
    page = f"/people/{person_id}"
    assert clerk.post(f"/people/entries/{entry.id}/remove", {"reason": ""}, page=page).status_code == 422
    assert clerk.post(f"/people/entries/{entry.id}/remove", {"reason": "Жылы қате"}, page=page).status_code == 302
    assert "«Жылы қате»" in clerk.get(page).text


def test_who_may_not_keep_cards_is_refused(copied: Flask, person_id: int) -> None:
    for role in ("inspector", "archivist", "applicant", "signatory"):
        answer = visitor(copied, role).post(f"/people/{person_id}/new/category", dict(CATEGORY))
        assert answer.status_code == 403, role
    assert visitor(copied, "stranger").post(f"/people/{person_id}/new/category", dict(CATEGORY)).status_code == 404


def test_a_clerk_sends_a_message_again(copied: Flask, clerk: Visitor) -> None:
    with copied.app_context():
        document, delivery_id = _untold()
        document_id = document.id
    page = clerk.get(f"/documents/{document_id}").text
    assert f"/deliveries/{delivery_id}/again" in page
    answer = clerk.post(f"/deliveries/{delivery_id}/again", page=f"/documents/{document_id}")
    assert answer.status_code == 302
    with copied.app_context():
        assert db.session.get_one(Delivery, delivery_id).state == "waiting"
    assert visitor(copied, "stranger").post(f"/deliveries/{delivery_id}/again").status_code == 404


def _untold() -> tuple[Document, int]:
    """A certificate whose holder had no address when it came into force, and has one now."""
    document = instance.first("course_certificate", "in_force")
    assert document.subject is not None
    with unit_of_work():
        document.subject.email = ""
        delivery = deliveries.announce(document, actor=demo.actor_of(instance.ACCOUNTS["clerk"]), now=instance.NOW)
        assert delivery is not None
        delivery.state, delivery.problem, delivery.address = "failed", deliveries.NO_ADDRESS, ""
        document.subject.email = "reader@example.kz"
    return document, delivery.id


NEW = {
    "surname": "Сәрсенова", "given_name": "Ақбота", "patronymic": "Ерланқызы", "iin_override": "", "title": "мұғалім",
    "organisation": "№ 5 мектеп", "ladder": "teacher", "starts_on": "2015-09-01", "basis": "№ 12, 01.09.2015",
}  # fmt: skip


def test_a_clerk_begins_the_card_of_somebody_new(copied: Flask, clerk: Visitor) -> None:
    iin = samples.listeners(400)[399]["iin"]
    answer = clerk.post("/people/new", {**NEW, "iin": iin}, page="/people/new")
    assert answer.status_code == 302
    page = clerk.get(answer.location).text
    assert "Сәрсенова Ақбота Ерланқызы" in page
    assert "№ 5 мектеп" in page
    found = clerk.post("/people", {"iin": iin}, page="/people")
    assert (found.status_code, found.location) == (302, answer.location)
    assert iin not in found.location
    stranger = visitor(copied, "stranger")
    assert stranger.post("/people", {"iin": iin}, page="/people").status_code == 200, "not known there"
    assert stranger.get(answer.location).status_code == 404


def test_a_new_card_needs_a_possible_iin(clerk: Visitor, entries: type[CardEntry]) -> None:
    answer = clerk.post("/people/new", {**NEW, "iin": "850314400128", "basis": ""}, page="/people/new")
    assert answer.status_code == 422
    assert 'id="iin-errors"' in answer.text
    assert 'id="basis-errors"' in answer.text
    assert db.session.scalars(select(entries)).first() is None
