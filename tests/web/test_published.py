"""The public page of those attested: what stands there, for whom, and what must not."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from docflow.core.canonical import canonical_json, sha256_hex
from docflow.core.identifiers import new_code
from docflow.db import db, unit_of_work
from docflow.forms import attested_list
from docflow.models import Document, Organisation, Revision, Unit
from tests.web.conftest import visitor

MADE = datetime(2024, 11, 20, 9, 0, tzinfo=UTC)


def publish(number: str, *, state: str = "in_force", when: datetime = MADE, **changes: Any) -> str:
    """Put a list of the university on record as the services would leave it; give its code."""
    content = deepcopy(attested_list.SAMPLE) | changes
    organisation = db.session.scalars(select(Organisation).where(Organisation.code == "wku")).one()
    unit = db.session.scalars(select(Unit).where(Unit.organisation_id == organisation.id)).first()
    assert unit is not None
    with unit_of_work():
        document = Document(
            type="attested_list", organisation_id=organisation.id, unit_id=unit.id, state=state, language="kk",
            code=new_code(), number=number, registered_on=when.date(), title=content["heading"], valid_from=when.date(),
            created_at=when, changed_at=when,
        )  # fmt: skip
        document.revisions.append(
            Revision(sequence=1, content=content, sha256=sha256_hex(canonical_json(content)), created_at=when)
        )
        db.session.add(document)
    return document.code


@pytest.fixture
def lists(copied: Flask) -> Flask:
    """A list in force, one of the year before, and two that nobody may see yet or any more."""
    with copied.app_context():
        publish("1-Т/2024")
        publish("9-Т/2023", when=MADE.replace(year=2023), commission_name="Былтырғы комиссия")
        publish("2-Т/2024", state="to_sign", commission_name="Қол қойылмаған")
        publish("3-Т/2024", state="annulled", commission_name="Күші жойылған")
    return copied


def shown(app: Flask, address: str) -> str:
    answer = visitor(app).get(address)
    assert answer.status_code == 200
    return answer.text


def test_anybody_reads_who_was_attested(lists: Flask) -> None:
    page = shown(lists, "/published/wku?lang=kk")
    for row in attested_list.SAMPLE["people"]:
        assert f"{row['person']['surname']} {row['person']['given_name']}" in page
        assert row["position"] in page
    assert "педагог-зерттеуші" in page
    assert "1-Т/2024" in page
    assert "2024 ж. 12 қараша" in page


@pytest.mark.parametrize(("language", "category"), [
    ("kk", "педагог-сарапшы"), ("ru", "педагог-эксперт"), ("en", "teacher-expert"),
])  # fmt: skip
def test_the_page_speaks_the_language_of_the_reader(lists: Flask, language: str, category: str) -> None:
    page = shown(lists, f"/published/wku?lang={language}")
    assert f'<html lang="{language}">' in page
    assert category in page


def test_what_is_not_in_force_is_not_published(lists: Flask) -> None:
    page = shown(lists, "/published/wku")
    assert "Қол қойылмаған" not in page
    assert "Күші жойылған" not in page


def test_the_newest_year_comes_first_and_others_are_a_step_away(lists: Flask) -> None:
    newest, earlier = shown(lists, "/published/wku?lang=kk"), shown(lists, "/published/wku?lang=kk&year=2023")
    assert "Былтырғы комиссия" not in newest
    assert "/published/wku?year=2023" in newest.replace("&amp;", "&")
    assert "Былтырғы комиссия" in earlier
    assert "1-Т/2024" not in earlier


@pytest.mark.parametrize("year", ["1999", "x", "-1", "99999999999"])
def test_a_year_without_lists_shows_the_newest(lists: Flask, year: str) -> None:
    assert "1-Т/2024" in shown(lists, f"/published/wku?year={year}")


def test_no_number_of_a_person_is_on_the_page(lists: Flask) -> None:
    page = shown(lists, "/published/wku")
    assert not re.search(r"\b\d{12}\b", page)
    assert "person_id" not in page


def test_every_list_leads_to_the_proof_of_its_paper(lists: Flask) -> None:
    page = shown(lists, "/published/wku?lang=ru")
    (address,) = re.findall(r'href="(/v/[0-9A-Z]{12}[^"]*)"', page)
    assert visitor(lists).get(address.replace("&amp;", "&")).status_code == 200


def test_an_organisation_that_has_published_nothing_says_so(lists: Flask) -> None:
    assert "class=\"note wait\"" in shown(lists, "/published/knk")


def test_an_unknown_organisation_is_not_found(lists: Flask) -> None:
    assert visitor(lists).get("/published/nobody").status_code == 404


def test_the_page_says_that_its_act_has_ended(lists: Flask) -> None:
    assert re.search(r'badge-x bad">[^<]+</span> <span class="small">[^<]*2024', shown(lists, "/published/wku?lang=ru"))
