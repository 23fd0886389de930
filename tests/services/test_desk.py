"""The signer's desk: terms that run from the day it is his turn, reminders, and what was changed since he read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import Conflict
from docflow.db import db
from docflow.models import Account
from docflow.services import desk, documents, papers, reminders, routing, signing
from docflow.services.manifests import CHANGED, OPENED, UNOPENED
from tests.services import world
from tests.services.world import NOW, PIN, WKU

Awaiting = tuple[Settings, list[int]]
MONDAY = NOW.date()  # 16 March 2026; Nauryz, 21 to 23 March, moves to Tuesday and Wednesday


def test_the_term_runs_in_working_days_from_the_day_of_the_paper(awaiting: Awaiting) -> None:
    rector = WKU.actor("rector")
    first = desk.waiting(actor=rector, now=NOW)[0]
    assert (first.since, first.last_day, first.left, first.is_overdue) == (MONDAY, date(2026, 3, 19), 3, False)
    late = desk.waiting(actor=rector, now=NOW + timedelta(days=4))[0]
    assert (late.is_overdue, late.left) == (True, 1)


def test_the_term_of_who_signs_later_runs_from_the_signature_before(assessed: tuple[Settings, object]) -> None:
    clerk = WKU.actor("clerk")
    sheet = world.document_of("assessment_sheet")
    slots = papers.signatures_of(sheet)
    began = desk.turns(slots)
    by_name = {each.slot: began[each.id] for each in slots}
    trainer = next(each for each in slots if each.slot == "trainer")
    assert trainer.signed_at
    trainer.signed_at += timedelta(days=5)
    db.session.flush()
    later = {each.slot: desk.turns(slots)[each.id] for each in slots}
    assert later["centre_head"] == by_name["centre_head"] + timedelta(days=5)
    assert later["trainer"] == by_name["trainer"], clerk


def test_signers_are_reminded_two_working_days_before(awaiting: Awaiting) -> None:
    account = db.session.scalars(select(Account).where(Account.email == "rector@wku.example")).unique().one()
    waiting = signing.queue_length(actor=WKU.actor("rector"))
    counts = [len(reminders.to_sign_soon(account, now=NOW + timedelta(days=days))) for days in (0, 1, 4)]
    assert counts == [0, waiting, waiting]
    assert account.id in {each.id for each in reminders._signers()}
    late = NOW + timedelta(days=4)
    subject, text = reminders._words(account, [], reminders.to_sign_soon(account, now=late), late.date())
    assert text.count("19.03.2026") == waiting
    assert "/sign/" in text
    assert str(waiting) in subject


def test_what_was_changed_since_he_read_it_is_told(drafted: Awaiting) -> None:
    settings, (first, _) = drafted
    clerk = WKU.actor("clerk")
    world.submit(first, clerk)
    (own,) = papers.signatures_of(documents.load(first))
    actor = demo.actor_for_person(own.person)

    def opened() -> str:
        return desk.waiting(actor=actor, now=NOW)[0].opened

    assert opened() == UNOPENED
    signing.mark_opened(first, actor=actor, now=NOW)
    assert opened() == OPENED
    routing.perform(first, "return", actor=clerk, now=NOW, comment="Пәнін жазыңыз")
    document = documents.load(first)
    changed = {**documents.content(document), "position": "физика мұғалімі"}
    documents.update(first, changed, actor=clerk, version=document.version, now=NOW)
    world.submit(first, clerk)
    assert opened() == CHANGED


def test_a_refusal_ends_the_open_sessions_of_others_with_its_reason(awaiting: Awaiting) -> None:
    _, (first, second, _) = awaiting
    rector = WKU.actor("rector")
    session = signing.begin([first, second], "demo", actor=rector, now=NOW)
    signing.refuse(first, "Тақырыбы қате", actor=rector, now=NOW)
    one, two = signing.complete(session.id, PIN, actor=rector, now=NOW)
    assert (one.outcome, one.message.params["reason"], two.outcome) == ("failed", "Тақырыбы қате", "signed")
    with pytest.raises(Conflict, match="Тақырыбы қате"):
        signing.begin([first], "demo", actor=rector, now=NOW)


def test_a_session_that_was_broken_off_is_offered_again(awaiting: Awaiting) -> None:
    settings, certificates = awaiting
    rector = WKU.actor("rector")
    session = signing.begin(certificates, "demo", actor=rector, now=NOW)
    assert desk.unfinished(actor=rector, now=NOW) == []
    provider = signing.environment.current().providers["demo"]
    challenge = signing._requests_in(session)
    answers = provider.answer(replace(challenge, items=challenge.items[:1]), PIN, now=NOW)
    turn = signing._Round(session.id, provider, rector, NOW, signing.Standing(MONDAY), {}).with_answers(answers)
    signing._sign_all(session.items[:1], turn)  # and here the server was gone
    db.session.expire_all()
    (left,) = desk.unfinished(actor=rector, now=NOW)
    assert (left.session.id, left.signed, left.left) == (session.id, 1, 2)
    later = NOW + timedelta(days=1)
    signing.renew(session.id, actor=rector, now=later)
    results = signing.complete(session.id, PIN, actor=rector, now=later)
    assert [each.outcome for each in results] == ["signed"] * 3
    assert [line.is_signed for line in desk.report(left.session)] == [True] * 3
    assert desk.unfinished(actor=rector, now=later) == []
