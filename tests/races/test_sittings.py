"""Two secretaries at one session: one is told, and no vote, decision or session is lost or doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app

from docflow.config import Settings
from docflow.db import db
from docflow.models import Document, Group
from docflow.services import documents, history, sittings
from tests.races.together import together
from tests.services import seated, world

Filled = Callable[[Settings], object]
NOW, TODAY = seated.NOW, seated.NOW.date()


@pytest.fixture
def group_id(installation: Callable[[str, Filled], Settings]) -> Iterator[int]:
    settings = installation("seated", lambda settings: seated.settle(settings))
    with world.running(settings):
        yield db.session.query(Group).filter_by(code="А-1").one().id


def app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]


def kinds(answers: list[object]) -> Counter[str]:
    return Counter(type(each).__name__ for each in answers)


def opened(group_id: int) -> Document:
    return sittings.open_sitting(group_id, "teacher_protocol", TODAY, actor=seated.actor(), now=NOW)


def test_two_secretaries_open_one_session(group_id: int) -> None:
    answers = together(app(), [lambda: opened(group_id).id] * 3)
    assert kinds(answers) == {"int": 1, "Conflict": 2}
    assert db.session.query(Document).filter_by(type="teacher_protocol").count() == 1


def test_two_secretaries_write_down_votes_at_once(group_id: int) -> None:
    secretary, members = seated.actor(), seated.member_ids()
    document = opened(group_id)
    document = sittings.arrive(document.id, members[:8], actor=secretary, version=document.version, now=NOW)
    item, version = documents.content(document)["items"][0]["application_id"], document.version

    def vote(who: int, ballot: str) -> int:
        return sittings.vote(document.id, item, {who: ballot}, actor=secretary, version=version, now=NOW).id

    answers = together(app(), [lambda: vote(members[0], "for"), lambda: vote(members[1], "against")])
    assert kinds(answers) == {"int": 1, "Conflict": 1}
    db.session.expire_all()
    saved = documents.load(document.id)
    assert len(documents.content(saved)["items"][0]["votes"]) == 1
    assert documents.current_revision(saved).sequence == 3
    assert history.is_unbroken(saved)


def test_a_member_leaves_while_the_decision_is_being_recorded(group_id: int) -> None:
    """Six members are the quorum: whoever is faster, nothing is decided by five."""
    secretary, members = seated.actor(), seated.member_ids()
    document = opened(group_id)
    document = sittings.arrive(document.id, members[:6], actor=secretary, version=document.version, now=NOW)
    item = documents.content(document)["items"][0]["application_id"]
    ballots = dict.fromkeys(members[:6], "for")
    document = sittings.vote(document.id, item, ballots, actor=secretary, version=document.version, now=NOW)
    common: dict[str, Any] = {
        "actor": secretary, "version": document.version, "now": NOW + timedelta(minutes=5),
    }  # fmt: skip
    answers = together(
        app(),
        [
            lambda: sittings.decide(document.id, item, **common).id,
            lambda: sittings.leave(document.id, members[5], **common).id,
        ],
    )
    # Who is late is told that somebody was faster, or already that the quorum is gone.
    assert kinds(answers) in ({"int": 1, "Conflict": 1}, {"int": 1, "Refused": 1})
    db.session.expire_all()
    record = documents.content(documents.load(document.id))
    left = [row["person_id"] for row in record["attendance"] if row["left"]]
    assert bool(record["items"][0]["voted_at"]) is not bool(left)
