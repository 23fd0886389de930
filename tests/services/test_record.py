"""What making documents writes and asks: the history with its unit of work, and nothing once a row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from docflow.config import Settings
from docflow.core.errors import Conflict
from docflow.core.messages import Message
from docflow.core.permissions import Actor
from docflow.db import asked_once, db, unit_of_work
from docflow.models import Document, HistoryEntry, StoredObject
from docflow.services import archiving, documents, history, issuing, routing
from tests.services import world
from tests.services.test_drafts import draft
from tests.services.world import NOW, WKU


@contextmanager
def counted_questions() -> Iterator[list[str]]:
    """The SELECT statements that the database is asked meanwhile."""
    asked: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", count)


def questions_of_an_issue(sheet: Document) -> tuple[int, int]:
    """How many rows were issued, and how many questions that took."""
    run_id = issuing.start(sheet.id, ["course_certificate"], actor=WKU.actor("clerk"), language="ru", now=NOW).id
    db.session.remove()
    with counted_questions() as asked:
        told = issuing.perform_run({"run_id": run_id})
    return (told or {})["done"], len(asked)


def test_more_rows_ask_the_database_no_more(assessed: tuple[Settings, Document]) -> None:
    _, sheet = assessed
    rows, questions = questions_of_an_issue(sheet)
    first = world.document_of("course_certificate")
    routing.perform(first.id, "withdraw", actor=WKU.actor("clerk"), now=NOW, comment="Аты қате жазылған")
    row, questions_of_one = questions_of_an_issue(documents.load(sheet.id))
    assert (rows, row) == (7, 1)
    assert questions - questions_of_one < rows - row


def fail_after_looking(document: Document, actor: Actor) -> None:
    with unit_of_work():
        history.record(document, "looked", actor=actor, now=NOW)
        assert [each.action for each in history.entries(document)] == ["created", "looked"]
        history.record(document, "looked_again", actor=actor, now=NOW)
        raise Conflict(Message("Too late."))


def test_an_entry_is_found_at_once_and_forgotten_with_what_failed(app: Flask) -> None:
    actor = WKU.actor("clerk")
    document = draft(actor)
    with pytest.raises(Conflict):
        fail_after_looking(document, actor)
    assert [each.action for each in history.entries(document)] == ["created"]
    with unit_of_work():
        history.record(document, "looked", actor=actor, now=NOW)
    assert db.session.scalars(select(HistoryEntry.action)).all() == ["created", "looked"]
    assert history.is_unbroken(document)


def test_the_same_bytes_kept_twice_have_one_row(app: Flask) -> None:
    with unit_of_work():
        first = archiving.keep(b"scan", role="attachment", media_type="image/png", document=None, now=NOW)
        again = archiving.keep(b"scan", role="attachment", media_type="image/png", document=None, now=NOW)
    with unit_of_work():
        archiving.keep(b"scan", role="attachment", media_type="image/png", document=None, now=NOW)
    assert first == again
    rows = db.session.scalars(select(StoredObject.sha256).where(StoredObject.sha256 == first)).all()
    assert (rows, archiving.read(first)) == ([first], b"scan")


def test_a_question_is_asked_once_in_a_unit_of_work(app: Flask) -> None:
    asked = []

    @asked_once
    def number_of(name: str) -> int:
        asked.append(name)
        return len(asked)

    assert (number_of("a"), number_of("a")) == (1, 2)
    with unit_of_work():
        assert (number_of("a"), number_of("b"), number_of("a")) == (3, 4, 3)
    with unit_of_work():
        assert number_of("a") == 5
