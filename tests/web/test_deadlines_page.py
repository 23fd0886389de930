"""Pages of deadlines and of settings: who may open them, what is marked, what is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask_security import hash_password

from docflow import demo
from docflow.db import db, unit_of_work, utcnow
from docflow.models import Account, Organisation
from docflow.services.environment import local_day
from tests.services import attesting
from tests.web.conftest import Visitor, visitor


@pytest.fixture
def attested(copied: Flask) -> Flask:
    """The instance with a body that attests, whose accounts can log in."""
    with copied.test_request_context():
        body = attesting.establish()
        with unit_of_work():
            for account in db.session.query(Account).filter(Account.organisation_id == body.organisation.id):
                account.password = hash_password(demo.PASSWORD)
        today = local_day(utcnow())
        body.filed("teacher_application", "submitted", today - timedelta(days=10))
        body.filed("complaint", "forwarded", today)
        db.session.remove()
    return copied


def logged_in(app: Flask, role: str, language: str = "ru") -> Visitor:
    one = visitor(app, language=language)
    one.log_in(f"{role}@krg.example")
    with one.client.session_transaction() as session:
        session["language"] = language
    return one


@pytest.mark.parametrize("role", ["signatory", "applicant", "archivist"])
def test_deadlines_are_for_those_who_keep_them(visitors: dict[str, Visitor], role: str) -> None:
    assert visitors[role].get("/deadlines").status_code == 403
    assert visitors["clerk"].get("/deadlines").status_code == 200


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_what_is_overdue_says_so_in_words_and_stands_first(attested: Flask, language: str) -> None:
    page = logged_in(attested, "clerk", language).get("/deadlines").text
    assert page.count('<tbody id="') == 2
    assert page.index('<tbody id="overdue">') < page.index('<tbody id="later">')
    assert {"kk": "Өтінішті қабылдау не бас тарту", "ru": "Уведомление о приеме"}[language] in page
    assert 'badge-x bad">' in page[page.index('<tbody id="overdue">') :]


def test_the_list_is_narrowed_to_a_type(attested: Flask) -> None:
    page = logged_in(attested, "inspector").get("/deadlines?type=complaint").text
    assert '<tbody id="overdue">' not in page
    assert page.count('<tbody id="') == 1
    assert '<option value="complaint" selected>' in page


def test_another_organisation_sees_nothing_of_it(attested: Flask) -> None:
    page = visitor(attested, "clerk").get("/deadlines").text
    assert "Қуанышбекова" not in page


def settings_of(app: Flask) -> dict[str, str]:
    with app.app_context():
        return dict(db.session.query(Organisation).filter(Organisation.code == "krg").one().settings)


def test_an_administrator_decides_and_the_page_says_who_did(attested: Flask) -> None:
    one = logged_in(attested, "administrator")
    address = "/admin/settings/majority_of"
    answer = one.post(address, {"value": "composition"}, page="/admin/settings/")
    assert (answer.status_code, answer.location) == (302, "/admin/settings/#majority_of")
    assert settings_of(attested)["majority_of"] == "composition"
    page = one.get("/admin/settings/").text
    assert page.count("от всего состава комиссии") == 2  # the choice, and the log
    assert one.post(address, {"withdraw": "1"}, page="/admin/settings/").status_code == 302
    assert "majority_of" not in settings_of(attested)


def test_a_wrong_answer_is_marked_and_not_kept(attested: Flask) -> None:
    one = logged_in(attested, "administrator")
    answer = one.post("/admin/settings/continued_by_order", {"value": "иә"}, page="/admin/settings/")
    assert answer.status_code == 422
    assert 'aria-describedby="w-continued_by_order"' in answer.text
    assert 'value="иә"' in answer.text
    assert settings_of(attested) == attesting.GOES_ON


def test_both_figures_of_a_contradiction_are_on_the_page(attested: Flask) -> None:
    page = logged_in(attested, "administrator", "kk").get("/admin/settings/").text
    row = page[page.index("P5 · Қорытынды · екінші санаттағы") :]
    assert row.index(">47<") < row.index(">48<")


def test_an_inspector_reads_and_does_not_decide(attested: Flask) -> None:
    one = logged_in(attested, "inspector")
    page = one.get("/admin/settings/").text
    assert 'name="value"' not in page
    assert attesting.GOES_ON["continued_by_order"] in page
    assert one.post("/admin/settings/majority_of", {"value": "composition"}).status_code == 403
    assert settings_of(attested) == attesting.GOES_ON


def test_a_clerk_does_not_see_the_settings_of_the_administration(visitors: dict[str, Visitor]) -> None:
    assert visitors["clerk"].get("/admin/settings/").status_code == 403
    assert visitors["administrator"].get("/admin/settings/").status_code == 200
