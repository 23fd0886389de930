"""Messages to people about the documents that concern them: promised in a step, sent by a job, told to the clerk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from docflow import mail
from docflow.core.errors import Forbidden, NotFound, ProviderError
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor, Role
from docflow.core.registry import document_type
from docflow.core.types import DocumentType
from docflow.core.workflow import Status
from docflow.db import db, unit_of_work, utcnow
from docflow.jobs import enqueue, job
from docflow.models import Account, Delivery, Document, Person
from docflow.services import documents, environment, papers, routing

IN_FORCE = "in_force"  # the kind of message that tells a person of a document
NO_ADDRESS, BAD_ADDRESS = "no_address", "bad_address"
HOPELESS = (NO_ADDRESS, BAD_ADDRESS)
MOST_ATTEMPTS = 288  # three in each quarter of an hour, for a day: who was not reached by then gets the paper


@dataclass(frozen=True)
class Told:
    """Where a message about a document stands, in words for the clerk."""

    delivery: Delivery
    sentence: Message
    is_problem: bool

    @property
    def may_be_repeated(self) -> bool:
        return self.delivery.state == "failed"


@dataclass(frozen=True)
class Letter:
    """A message ready to be sent: no personal data beyond the name, and never an IIN."""

    address: str
    subject: str
    text: str
    language: str


def announce(document: Document, *, actor: Actor, now: datetime) -> Delivery | None:
    """Promise the person that a document is about to tell him of it; said twice, it is told once.

    Call it in the unit of work of the step. ``None`` for a document that is about nobody in particular.
    """
    if document.subject_id is None:
        return None
    key = f"{document.id}:{document.subject_id}:{IN_FORCE}"
    known = db.session.scalars(select(Delivery).where(Delivery.key == key)).first()
    if known is not None:
        return known
    delivery = _promised(document, document.subject_id, key, now)
    db.session.add(delivery)
    db.session.flush()
    if delivery.state == "waiting":
        enqueue(db.session(), "delivery", {"delivery_id": delivery.id}, job_id=f"delivery:{delivery.id}")
    return delivery


def _promised(document: Document, person_id: int, key: str, now: datetime) -> Delivery:
    address = address_of(db.session.get_one(Person, person_id))
    return Delivery(
        document_id=document.id,
        person_id=person_id,
        kind=IN_FORCE,
        key=key,
        address=address,
        state="waiting" if address else "failed",
        attempts=0,
        created_at=now,
        problem="" if address else NO_ADDRESS,
    )


def address_of(person: Person) -> str:
    """Where he is written to: the address that he gave in his application, else the one that he logs in with."""
    account = _account_of(person)
    return person.email or (account.email if account else "")


def _account_of(person: Person) -> Account | None:
    found = select(Account).where(Account.person_id == person.id, Account.active.is_(True)).order_by(Account.id)
    return db.session.scalars(found).unique().first()


def again(delivery_id: int, *, actor: Actor, now: datetime) -> Delivery:
    """Send once more what failed, to the address that is known now; for a clerk of the document's unit."""
    with unit_of_work():
        delivery = db.session.get(Delivery, delivery_id)
        if delivery is None or delivery.kind != IN_FORCE or delivery.document is None or delivery.person is None:
            raise NotFound(_l("There is no such message."))
        document = documents.get(delivery.document.id, actor=actor)
        if not documents.roles_on(document, actor) & {Role.CLERK, Role.SYSTEM}:
            raise Forbidden(_l("Only a clerk of this unit may do this."))
        if delivery.state == "failed":
            delivery.address = address_of(delivery.person)
            delivery.state = "waiting" if delivery.address else "failed"
            delivery.problem = "" if delivery.address else NO_ADDRESS
        if delivery.state == "waiting":
            job_id = f"delivery:{delivery.id}:{now.isoformat()}"
            enqueue(db.session(), "delivery", {"delivery_id": delivery.id}, job_id=job_id)
        return delivery


def of_document(document: Document) -> list[Told]:
    """Who was told of the document and who could not be, in the order of the messages."""
    found = select(Delivery).where(Delivery.document_id == document.id, Delivery.kind == IN_FORCE)
    return [
        Told(each, _sentence(each), each.state == "failed") for each in db.session.scalars(found.order_by(Delivery.id))
    ]


def _sentence(delivery: Delivery) -> Message:
    name = delivery.person.full_name if delivery.person else ""
    if delivery.state == "sent":
        return _l("%(name)s was told by e-mail at %(address)s.", name=name, address=delivery.address)
    if delivery.state == "waiting":
        return _l("An e-mail to %(name)s at %(address)s is on its way.", name=name, address=delivery.address)
    if delivery.problem == NO_ADDRESS:
        return _l("No e-mail address of %(name)s is known: hand the paper over.", name=name)
    if delivery.problem == BAD_ADDRESS:
        return _l("“%(address)s” is no e-mail address: hand the paper over.", address=delivery.address)
    if delivery.attempts >= MOST_ATTEMPTS:
        return _l("The e-mail to %(address)s could not be sent: hand the paper over.", address=delivery.address)
    return _l(
        "The e-mail to %(address)s could not be sent yet (%(reason)s). It will be tried again.",
        address=delivery.address,
        reason=delivery.problem,
    )


# Sending


@job("delivery", attempts=3, pause=timedelta(seconds=2))
def deliver(payload: dict[str, Any]) -> dict[str, Any]:
    """Send one message. What was sent is not sent again; after a crash in between it goes out under the same
    ``Message-ID``, so that the reader's program shows it once.
    """
    delivery_id = int(payload["delivery_id"])
    with unit_of_work():
        delivery = db.session.get_one(Delivery, delivery_id)
        letter = _letter(delivery) if delivery.state != "sent" and delivery.address else None
    if letter is None:
        return {"delivery_id": delivery_id, "state": delivery.state}
    try:
        _send(letter, delivery_id)
    except ProviderError as error:
        _note(delivery_id, problem=_reason(error))
        if _reason(error) in HOPELESS:
            return {"delivery_id": delivery_id, "state": "failed"}
        raise
    _note(delivery_id, problem="")
    return {"delivery_id": delivery_id, "state": "sent"}


def _send(letter: Letter, delivery_id: int) -> None:
    mail.send(
        environment.current().settings,
        letter.address,
        letter.subject,
        letter.text,
        message_id=f"delivery-{delivery_id}",
        language=letter.language,
    )


def _reason(error: ProviderError) -> str:
    """The name of what went wrong, for the page; without one the address itself is no address."""
    return str(error.message.params.get("reason", BAD_ADDRESS))


def _note(delivery_id: int, *, problem: str) -> None:
    with unit_of_work():
        delivery = db.session.get_one(Delivery, delivery_id)
        delivery.attempts += 1
        delivery.state, delivery.problem = ("failed", problem) if problem else ("sent", "")
        delivery.sent_at = None if problem else utcnow()


@job("deliveries", every=timedelta(minutes=15))
def deliver_again(payload: dict[str, Any]) -> dict[str, Any]:
    """Ask for another attempt at whatever the mail server did not take; each is a job of its own."""
    with unit_of_work():
        failed = select(Delivery.id).where(
            Delivery.kind == IN_FORCE,
            Delivery.state == "failed",
            Delivery.problem.not_in(HOPELESS),
            Delivery.attempts < MOST_ATTEMPTS,
        )
        found = list(db.session.scalars(failed.order_by(Delivery.id).limit(500)))
        for delivery_id in found:
            job_id = f"delivery:{delivery_id}:{payload['due']}"
            enqueue(db.session(), "delivery", {"delivery_id": delivery_id}, job_id=job_id)
    return {"asked": len(found)}


# What it says


def _letter(delivery: Delivery) -> Letter | None:
    person, document = delivery.person, delivery.document
    if person is None or document is None:
        return None
    account = _account_of(person)
    language = account.language if account else document.language
    with papers.speaking(language):
        return Letter(delivery.address, *_words(document, person, language, has_account=account is not None), language)


def _words(document: Document, person: Person, language: str, *, has_account: bool) -> tuple[str, str]:
    kind, organisation = document_type(document.type), document.organisation
    title = _title(document, kind, language)
    site = environment.current().settings.public_url
    parts = [
        _l("Dear %(name)s,", name=person.full_name),
        _l(
            "%(organisation)s has a document for you: %(title)s.",
            organisation=organisation.name_kk if language == "kk" else organisation.name_ru,
            title=title,
        ),
    ]
    if has_account:
        address = f"{site}/documents/{document.id}"
        parts.append(_l("Log in to read and to download it: %(address)s", address=address))
    parts += [
        _l("Anyone who holds it can verify it here: %(address)s", address=papers.verify_url(document.code)),
        _l("This message was sent by a program. Please do not answer it."),
    ]
    return title, "\n\n".join(str(part) for part in parts) + "\n"


def _title(document: Document, kind: DocumentType, language: str) -> str:
    title = kind.title.in_language(language)
    if document.number and document.registered_on:
        return f"{title} № {document.number}, {document.registered_on:%d.%m.%Y}"
    return title


# When


def _follow(document: Document, actor: Actor, now: datetime) -> None:
    is_told = document_type(document.type).is_sent_to_subject
    if is_told and documents.state_of(document).status is Status.IN_FORCE:
        announce(document, actor=actor, now=now)


routing.when_arrived.append(_follow)
