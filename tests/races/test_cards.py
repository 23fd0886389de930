"""A line of a card that is sent twice stands on it once: years and hours are counted from these lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from docflow.config import Settings
from docflow.core.permissions import Actor
from docflow.db import db
from docflow.models import CardEntry, Person
from docflow.services import cards
from tests.races.together import together
from tests.services import world


@pytest.fixture
def clerk(installation: Callable[[str, Callable[[Settings], object]], Settings]) -> Iterator[Actor]:
    with world.running(installation("installed", lambda settings: None)):
        yield world.WKU.actor("clerk")


def app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]


def test_a_line_that_is_sent_three_times_stands_on_the_card_once(clerk: Actor) -> None:
    person = db.session.scalars(select(Person).where(Person.iin.is_not(None)).order_by(Person.id)).first()
    assert person is not None
    person_id = person.id

    def enter(hours: int = 72) -> int:
        data = {"title": "Курс", "hours": hours, "organisation": "Өрлеу", "number": "1", "code": ""}
        day = date(2026, 3, 1)
        return cards.add_entry(
            person_id, "certificate", data, basis="Сертификат", actor=clerk, now=world.NOW, starts_on=day
        ).id

    answers = together(app(), [enter] * 3)
    assert len(set(answers)) == 1
    assert isinstance(enter(80), int)
    assert db.session.query(CardEntry).filter_by(person_id=person_id, kind="certificate").count() == 2
