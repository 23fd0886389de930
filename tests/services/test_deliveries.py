"""Whoever a document is about is told of it once, in his language, without a word too much; or the clerk is."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from docflow import demo, jobs
from docflow.config import Settings
from docflow.core.errors import Forbidden, NotFound, ProviderError
from docflow.core.permissions import Actor
from docflow.db import db, unit_of_work
from docflow.models import Account, Delivery, Document
from docflow.services import deliveries, documents
from tests.services import world


@pytest.fixture
def certified(awaiting: tuple[Settings, list[int]]) -> Document:
    settings, ids = awaiting
    world.sign_all(settings, ids[0], world.NOW)
    document = documents.load(ids[0])
    assert document.subject is not None
    with unit_of_work():
        document.subject.email = "reader@example.kz"
    return document


@pytest.fixture
def outbox(awaiting: tuple[Settings, list[int]]) -> Path:
    directory = awaiting[0].outbox_dir
    for old in directory.glob("*.eml"):
        old.unlink()
    return directory


def clerk_of(document: Document) -> Actor:
    return world.WKU.actor("clerk")


def announced(document: Document) -> Delivery:
    with unit_of_work():
        delivery = deliveries.announce(document, actor=clerk_of(document), now=world.NOW)
    assert delivery is not None
    return delivery


def mails(outbox: Path) -> list[EmailMessage]:
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(outbox.glob("*.eml"))]
    return [each for each in found if isinstance(each, EmailMessage)]


def delivered(delivery: Delivery) -> Delivery:
    deliveries.deliver({"delivery_id": delivery.id})
    db.session.expire_all()
    return db.session.get_one(Delivery, delivery.id)


def test_a_person_is_told_once(certified: Document, outbox: Path) -> None:
    first, second = announced(certified), announced(certified)
    assert first.id == second.id
    assert (delivered(first).state, delivered(first).attempts) == ("sent", 1)
    (mail,) = mails(outbox)
    assert mail["To"] == "reader@example.kz"
    assert mail["Message-ID"].startswith(f"<delivery-{first.id}@")


def test_the_job_is_asked_for_in_the_same_transaction(certified: Document, outbox: Path) -> None:
    delivery = announced(certified)
    waiting = jobs.status(db.session(), f"delivery:{delivery.id}")
    assert (waiting.state, waiting.payload) == (jobs.JobState.WAITING, {"delivery_id": delivery.id})
    with pytest.raises(ZeroDivisionError):
        _announced_in_vain(certified)
    with pytest.raises(NotFound):
        jobs.status(db.session(), f"delivery:{delivery.id + 1}")


def _announced_in_vain(document: Document) -> None:
    with unit_of_work():
        document.subject_id = world.WKU.actor("rector").person_id
        assert deliveries.announce(document, actor=clerk_of(document), now=world.NOW) is not None
        raise ZeroDivisionError


def test_the_message_says_no_more_than_it_must(certified: Document, outbox: Path) -> None:
    delivered(announced(certified))
    (mail,) = mails(outbox)
    text, person = mail.get_content(), certified.subject
    assert person is not None
    assert person.iin is not None
    assert person.full_name in text
    assert f"/v/{certified.code}" in text
    assert str(certified.number) in mail["Subject"]
    assert person.iin not in text + str(mail)
    assert documents.content(certified)["topic"] not in text


@pytest.mark.parametrize(("language", "name"), [("kk", "Батыс Қазақстан"), ("ru", "Западно-Казахстанский")])
def test_the_message_speaks_the_language_of_its_reader(
    certified: Document, outbox: Path, language: str, name: str
) -> None:
    account = db.session.scalars(select(Account).where(Account.email == demo.LISTENER)).unique().one()
    with unit_of_work():
        account.person_id, account.language = certified.subject_id, language
    delivered(announced(certified))
    (mail,) = mails(outbox)
    assert mail["Content-Language"] == language
    assert name in mail.get_content()
    assert f"/documents/{certified.id}" in mail.get_content()


def test_without_an_address_the_clerk_is_told(certified: Document, outbox: Path) -> None:
    assert certified.subject is not None
    with unit_of_work():
        certified.subject.email = ""
    delivery = announced(certified)
    (told,) = deliveries.of_document(certified)
    assert told.is_problem
    assert "hand the paper over" in told.sentence.msgid
    assert delivered(delivery).attempts == 0
    assert mails(outbox) == []
    with unit_of_work():
        certified.subject.email = "found@example.kz"
    deliveries.again(delivery.id, actor=clerk_of(certified), now=world.NOW)
    assert delivered(delivery).state == "sent"
    assert [mail["To"] for mail in mails(outbox)] == ["found@example.kz"]
    assert not deliveries.of_document(certified)[0].is_problem


def test_what_is_no_address_is_not_tried_again(certified: Document, outbox: Path) -> None:
    assert certified.subject is not None
    with unit_of_work():
        certified.subject.email = "not an address"
    failed = delivered(announced(certified))
    assert (failed.state, failed.problem) == ("failed", deliveries.BAD_ADDRESS)
    assert deliveries.deliver_again({"due": world.NOW.isoformat()}) == {"asked": 0}


def test_what_the_server_did_not_take_is_tried_again(certified: Document, outbox: Path) -> None:
    delivery = announced(certified)
    outbox.mkdir(parents=True, exist_ok=True)
    aside = outbox.rename(outbox.with_name("aside"))
    outbox.write_text("a file where the directory should be")
    with pytest.raises(ProviderError):
        deliveries.deliver({"delivery_id": delivery.id})
    db.session.expire_all()
    assert (delivery.state, delivery.problem, delivery.attempts) == ("failed", "FileExistsError", 1)
    assert deliveries.of_document(certified)[0].is_problem
    outbox.unlink()
    aside.rename(outbox)
    due = world.NOW + timedelta(minutes=15)
    assert deliveries.deliver_again({"due": due.isoformat()}) == {"asked": 1}
    assert jobs.status(db.session(), f"delivery:{delivery.id}:{due.isoformat()}").state is jobs.JobState.WAITING
    assert delivered(delivery).state == "sent"
    assert deliveries.deliver_again({"due": due.isoformat()}) == {"asked": 0}


def test_only_a_clerk_of_the_unit_sends_again(certified: Document, outbox: Path) -> None:
    delivery = announced(certified)
    with pytest.raises(Forbidden):
        deliveries.again(delivery.id, actor=world.WKU.actor("rector"), now=world.NOW)
    with pytest.raises(NotFound):
        deliveries.again(delivery.id, actor=world.KNK.actor("clerk"), now=world.NOW)
