"""Invitations: a link by which one person from outside fills in and signs one document, and reaches nothing else.

The link is worth nothing without the IIN of the person it was made for, and no signature without his key.
"""

from __future__ import annotations

import base64
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from docflow import mail
from docflow.core.canonical import sha256_hex
from docflow.core.errors import Conflict, Forbidden, Invalid, NotFound, ProviderError
from docflow.core.identifiers import LENGTH, iin_faults
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor, Permission, Role
from docflow.core.registry import document_type
from docflow.core.types import SignatureSlot, value_at
from docflow.db import db, unit_of_work, utcnow
from docflow.jobs import enqueue, job
from docflow.models import Account, Document, Invitation, Person, Relation
from docflow.services import documents, environment, history, papers, people, routing, signing, throttle
from docflow.services.environment import local_day

log = logging.getLogger(__name__)

VALID_FOR = timedelta(days=14)
# Whoever has found a link and guesses at its IIN: twelve digits of which six are a birthday.
TRIES_A_DAY = 10
DAY_SECONDS = 24 * 3600
OPEN_STATES = ("draft", "to_sign")
# One sentence for every reason: it tells nobody whether the link or the number was the right one.
NOT_YOURS = _l("This link and this IIN do not belong together, or the invitation has ended. Ask who sent it to you.")


class Standing(StrEnum):
    """Where an invitation stands."""

    WAITING = "waiting"  # its letter goes out when it is the person's turn
    SENT = "sent"
    OPENED = "opened"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Invitee:
    """Somebody from outside who has to sign; ``person`` is known once his IIN is."""

    slot: SignatureSlot
    names: Mapping[str, str]
    person: Person | None

    @property
    def needs_iin(self) -> bool:
        return self.person is None or not self.person.iin


# Who may be invited


def invitees(document: Document) -> list[Invitee]:
    """Who has to sign this document and has no account; nobody once it needs no signature any more."""
    if document.state not in OPEN_STATES:
        return []
    current = documents.content(document)
    slots = document_type(document.type).slots_for(papers.profile_of(document.organisation))
    found = [_invitee(slot, current) for slot in slots if slot.person is not None]
    return [each for each in found if each.names["surname"] and not _works_here(each.person)]


def _invitee(slot: SignatureSlot, current: Mapping[str, Any]) -> Invitee:
    path = slot.person or ""
    value = value_at(current, path)
    if isinstance(value, Mapping):
        person = people.by_iin(str(value["iin"])) if value.get("iin") else None
        return Invitee(slot, _names(value), person)
    person = db.session.get(Person, value) if isinstance(value, int) else None
    names = _names(value_at(current, path.removesuffix("_id")))
    if person is not None and names["surname"] and not _is_called(person, names):
        person = None  # the name was changed since: somebody else is meant now
    return Invitee(slot, person.as_content if person else names, person)


def _names(value: Any) -> dict[str, str]:
    told = value if isinstance(value, Mapping) else {}
    return {part: str(told.get(part) or "") for part in ("surname", "given_name", "patronymic")}


def _is_called(person: Person, names: Mapping[str, str]) -> bool:
    told = (person.surname.casefold(), person.given_name.casefold())
    return told == (names["surname"].casefold(), names["given_name"].casefold())


def _works_here(person: Person | None) -> bool:
    if person is None:
        return False
    account = select(Account.id).where(Account.person_id == person.id, Account.active.is_(True))
    return db.session.scalars(account.limit(1)).first() is not None


def may_invite(document: Document, *, actor: Actor) -> bool:
    return bool(documents.roles_on(document, actor) & {Role.CLERK, Role.SYSTEM})


# Inviting


def invite(
    document_id: int, person: Mapping[str, Any], *, address: str, actor: Actor, now: datetime, slot: str = ""
) -> tuple[Invitation, str]:
    """Give a person from outside a link to one document; the letter goes out when it is his turn.

    *person* holds the names and the ``iin`` (with ``iin_override``), which is needed only where the document does not
    know him yet; the IIN stays out of the content. An earlier link of his to the same document ends. Gives the
    invitation and the token, which is kept nowhere. ``Invalid`` names what is wrong with *person* or *address*.
    """
    with unit_of_work():
        document = documents.get(document_id, actor=actor)
        _demand_clerk(document, actor)
        invitee = _chosen(document, slot)
        known = _identified(invitee, person)
        _refuse_bad_address(address)
        _bind(document, invitee.slot, known, actor=actor, now=now)
        return _made(document, known, address.strip(), actor=actor, now=now)


def invite_to_all(
    document_id: int, person: Mapping[str, Any], *, address: str, actor: Actor, now: datetime, slot: str = ""
) -> list[Invitation]:
    """Invite him to this document and to all that are like it and wait for him: a link each, in one letter."""
    with unit_of_work():
        first, _ = invite(document_id, person, address=address, actor=actor, now=now, slot=slot)
        others = alike(first.document, first.person, now=now)
        return [first, *(_made(each, first.person, first.address, actor=actor, now=now)[0] for each in others)]


def alike(document: Document, person: Person, *, now: datetime) -> list[Document]:
    """Documents of the same type that rest on the same one, wait for the same person, and have no link yet."""
    basis = select(Relation.target_id).where(Relation.source_id == document.id)
    found = (
        select(Document)
        .join(Relation, Relation.source_id == Document.id)
        .where(Relation.target_id.in_(basis), Document.type == document.type, Document.id != document.id)
        .where(Document.state.in_(OPEN_STATES), Document.unit_id == document.unit_id)
        .order_by(Document.id)
    )
    return [each for each in db.session.scalars(found).unique() if _waits_uninvited(each, person, now)]


def _waits_uninvited(document: Document, person: Person, now: datetime) -> bool:
    waits = any(each.person is not None and each.person.id == person.id for each in invitees(document))
    return waits and not any(each.person_id == person.id and is_live(each, now=now) for each in of_document(document))


def _demand_clerk(document: Document, actor: Actor) -> None:
    if not may_invite(document, actor=actor):
        raise Forbidden(_l("Only a clerk of this unit may invite somebody to sign."))


def _chosen(document: Document, slot: str) -> Invitee:
    found = [each for each in invitees(document) if not slot or each.slot.name == slot]
    if not found:
        raise Conflict(_l("Nobody from outside has to sign this document: enter his name in it first."))
    return found[0]


def _identified(invitee: Invitee, told: Mapping[str, Any]) -> Person:
    """The person behind the name on the document; his IIN is taken once and kept with the person alone."""
    if invitee.person is not None and invitee.person.iin:
        return invitee.person
    iin, override = str(told.get("iin") or "").strip(), str(told.get("iin_override") or "").strip()
    faults = [fault for fault in iin_faults(iin) if not (override and fault.may_be_overruled)]
    if faults:
        raise _invalid("iin", faults[0].message)
    known = people.by_iin(iin)
    if known is not None:
        return _same_person(invitee, known)
    if invitee.person is not None:
        invitee.person.iin, invitee.person.iin_override = iin, override
        return invitee.person
    return people.find_or_create(invitee.names, iin, override=override)


def _same_person(invitee: Invitee, known: Person) -> Person:
    if invitee.person is not None or not _is_called(known, invitee.names):
        raise _invalid("iin", _l("This IIN belongs to somebody of another name: compare it with his document."))
    return known


def _refuse_bad_address(address: str) -> None:
    try:
        validate_email(address.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise _invalid("address", _l("Enter the e-mail address to which the link is to be sent.")) from error


def _invalid(field: str, message: Message) -> Invalid:
    return Invalid(message, {field: [str(message)]})


def _bind(document: Document, slot: SignatureSlot, person: Person, *, actor: Actor, now: datetime) -> None:
    """Write into a draft who its signer is, where it names him only."""
    current, path = documents.content(document), slot.person or ""
    if isinstance(value_at(current, path), Mapping) or value_at(current, path) == person.id:
        return
    documents.update(document.id, _with(current, path, person.id), actor=actor, version=document.version, now=now)


def _unbind(invitation: Invitation, *, actor: Actor, now: datetime) -> None:
    """Take the person out of a draft again: his IIN may have been somebody else's."""
    document = invitation.document
    kind, current = document_type(document.type), documents.content(document)
    if Permission.EDIT not in documents.permissions(document, actor=actor):
        return
    for slot in kind.slots:
        path = slot.person or ""
        if path and path != kind.assigned_to and value_at(current, path) == invitation.person_id:
            current = _with(current, path, None)
    documents.update(document.id, current, actor=actor, version=document.version, now=now)


def _with(content: Mapping[str, Any], path: str, value: int | None) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    return {**content, first: _with(content[first], rest, value) if rest else value}


def _made(document: Document, person: Person, address: str, *, actor: Actor, now: datetime) -> tuple[Invitation, str]:
    for earlier in of_document(document):
        if earlier.person_id == person.id and earlier.revoked_at is None:
            earlier.revoked_at = now
    token = _token(document.id, person.id, now)
    invitation = Invitation(
        document=document,
        person=person,
        token_sha256=sha256_hex(token.encode()),
        address=address,
        created_by_id=actor.account_id,
        created_at=now,
        expires_at=now + VALID_FOR,
    )
    db.session.add(invitation)
    history.record(document, "invited", actor=actor, now=now, name=person.full_name)
    db.session.flush()
    enqueue(db.session(), "invitations.send", {}, job_id=f"invitation:{invitation.id}")
    return invitation, token


def _token(document_id: int, person_id: int, created_at: datetime) -> str:
    """256 bits that need the installation's secret: neither the database nor a job holds what opens the link."""
    key = environment.current().settings.secret_key.encode()
    about = f"invitation:{document_id}:{person_id}:{created_at.astimezone(UTC).isoformat()}"
    return base64.urlsafe_b64encode(hmac.digest(key, about.encode(), "sha256")).rstrip(b"=").decode("ascii")


def of_document(document: Document) -> list[Invitation]:
    """Every invitation to this document, the newest first."""
    found = select(Invitation).where(Invitation.document_id == document.id).options(joinedload(Invitation.person))
    return list(db.session.scalars(found.order_by(Invitation.id.desc())))


def standing(invitation: Invitation, *, now: datetime) -> Standing:
    if invitation.revoked_at is not None:
        return Standing.REVOKED
    if invitation.expires_at <= now:
        return Standing.EXPIRED
    if invitation.opened_at is not None:
        return Standing.OPENED
    return Standing.SENT if invitation.sent_at is not None else Standing.WAITING


def is_live(invitation: Invitation, *, now: datetime) -> bool:
    return standing(invitation, now=now) not in (Standing.REVOKED, Standing.EXPIRED)


def _for_clerk(invitation_id: int, actor: Actor) -> Invitation:
    found = db.session.get(Invitation, invitation_id)
    if found is None:
        raise NotFound(_l("There is no such invitation."))
    documents.get(found.document_id, actor=actor)
    _demand_clerk(found.document, actor)
    return found


def revoke(invitation_id: int, *, actor: Actor, now: datetime) -> Invitation:
    """End a link; who has it open loses the document with his next step.

    A draft that was given its signer by the invitation asks for him anew.
    """
    with unit_of_work():
        invitation = _for_clerk(invitation_id, actor)
        if invitation.revoked_at is None:
            invitation.revoked_at = now
            name = invitation.person.full_name
            history.record(invitation.document, "invitation_revoked", actor=actor, now=now, name=name)
            _unbind(invitation, actor=actor, now=now)
        return invitation


def renew(invitation_id: int, *, actor: Actor, now: datetime, address: str = "") -> tuple[Invitation, str]:
    """End a link and make a new one for the same person, to the same address unless another is given."""
    with unit_of_work():
        old = _for_clerk(invitation_id, actor)
        if address:
            _refuse_bad_address(address)
        return _made(old.document, old.person, address.strip() or old.address, actor=actor, now=now)


def link_for_clerk(invitation_id: int, *, actor: Actor, now: datetime) -> tuple[Invitation, str]:
    """The address itself, for somebody whom no letter reaches; ``Conflict`` once it opens nothing any more."""
    invitation = _for_clerk(invitation_id, actor)
    link = _link(invitation)
    if link is None or not is_live(invitation, now=now):
        raise Conflict(_l("This invitation has ended: renew it."))
    return invitation, link


def _link(invitation: Invitation) -> str | None:
    """``None`` when the installation's secret has changed since: the link opens nothing any more."""
    token = _token(invitation.document_id, invitation.person_id, invitation.created_at)
    if not hmac.compare_digest(sha256_hex(token.encode()), invitation.token_sha256):
        return None
    return f"{environment.current().settings.public_url}/i/{token}"


# The letter


@job("invitations.send", every=timedelta(minutes=5))
def send_waiting(payload: dict[str, Any]) -> dict[str, Any]:
    return {"sent": send_letters(now=utcnow())}


def _hurry(document: Document, actor: Actor, now: datetime) -> None:
    """Ask for the letters at once when a document has moved on: it may be the turn of somebody invited."""
    if not any(slot.person for slot in document_type(document.type).slots):
        return
    waiting = select(Invitation.id).where(
        Invitation.document_id == document.id, Invitation.sent_at.is_(None), Invitation.revoked_at.is_(None)
    )
    if db.session.scalars(waiting.limit(1)).first() is not None:
        job_id = f"invitations:{document.id}:{document.history_length}"
        enqueue(db.session(), "invitations.send", {}, job_id=job_id)


routing.when_arrived.append(_hurry)


def send_letters(*, now: datetime) -> int:
    """Write to everybody whose turn it is by now, one letter a person; one that fails is tried again next round."""
    waiting = select(Invitation).where(
        Invitation.sent_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now
    )
    due: dict[tuple[Any, ...], list[Invitation]] = {}
    for each in db.session.scalars(waiting.order_by(Invitation.id)).all():
        if _link(each) is not None and is_his_turn(each):
            document = each.document
            together = (each.person_id, each.address, document.organisation_id, document.type, document.language)
            due.setdefault(together, []).append(each)
    return sum(_send(together, now) for together in due.values())


def _send(together: list[Invitation], now: datetime) -> bool:
    first = together[0]
    subject, text = _letter(together)
    settings, language = environment.current().settings, first.document.language
    message_id = f"invitation-{first.id}"
    try:
        mail.send(settings, first.address, subject, text, now=now, message_id=message_id, language=language)
    except ProviderError as error:
        log.warning("the letter of invitation %d was not sent: %s", first.id, type(error.__cause__).__name__)
        return False
    with unit_of_work():
        for each in together:
            each.sent_at = now
    return True


def _letter(together: list[Invitation]) -> tuple[str, str]:
    """Subject and text; of the documents it tells the type alone."""
    document = together[0].document
    language = document.language
    with papers.speaking(language):
        name = document.organisation.name_kk if language == "kk" else document.organisation.name_ru
        title = document_type(document.type).title.in_language(language)
        until = min(each.expires_at for each in together)
        lines = (
            _l("%(organisation)s asks you to sign: %(title)s.", organisation=name, title=title),
            _l("Open the address; it will ask for your IIN. You sign with your own key."),
            *(_link(each) for each in together),
            _l(
                "The address is for you alone: do not pass it on. It works until %(day)s.",
                day=f"{local_day(until):%d.%m.%Y}",
            ),
        )
        return str(_l("To sign: %(title)s", title=title)), "\n\n".join(str(line) for line in lines) + "\n"


# The guest


def actor_of(invitation: Invitation) -> Actor:
    """The invited person: no account, no organisation, nothing but what the document itself gives him."""
    return Actor(None, invitation.person_id, invitation.person.full_name, frozenset({Role.APPLICANT}))


def is_his_turn(invitation: Invitation) -> bool:
    """Whether there is something for him to fill in or to sign now."""
    actor, document = actor_of(invitation), invitation.document
    granted = documents.permissions(document, actor=actor)
    if Permission.EDIT in granted:
        return True
    return Permission.SIGN in granted and signing.awaited_from(document, actor=actor) is not None


def announced(token: str, *, now: datetime) -> Invitation | None:
    """Whose invitation this link is, while it opens something; the page tells who invites to what, no more."""
    found = _by_token(token)
    return found if found is not None and is_live(found, now=now) else None


def _by_token(token: str) -> Invitation | None:
    found = select(Invitation).where(Invitation.token_sha256 == sha256_hex(token.encode()))
    return db.session.scalars(found.options(joinedload(Invitation.person), joinedload(Invitation.document))).first()


def enter(token: str, iin: str, *, visitor_id: int | None, now: datetime) -> Invitation:
    """Open the document to whoever has both the link and its IIN; ``Forbidden``, always in the same words, otherwise.

    *visitor_id* is the person of the account that is logged in there, if any: nobody enters as somebody else.
    """
    is_calm = throttle.allow("invitation", token, limit=TRIES_A_DAY, seconds=DAY_SECONDS, now=now)
    found = _by_token(token)
    expected = (found.person.iin if found else None) or "x" * LENGTH
    given = "".join(iin.split())
    is_same = hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
    if not (is_calm and is_same and found is not None and is_live(found, now=now)):
        raise Forbidden(NOT_YOURS)
    if visitor_id is not None and visitor_id != found.person_id:
        raise Forbidden(NOT_YOURS)
    with unit_of_work():
        if found.opened_at is None:
            found.opened_at = now
            history.record(found.document, "invitation_opened", actor=actor_of(found), now=now)
    return found


def held(invitation_id: int | None, *, now: datetime) -> Invitation:
    """The invitation that a visitor has entered by, asked anew with each of his steps."""
    found = db.session.get(Invitation, invitation_id) if invitation_id is not None else None
    if found is None or not is_live(found, now=now):
        raise Forbidden(_l("Open the link from the letter once more; if it has ended, ask who sent it to you."))
    return found


def fill(invitation: Invitation, data: Mapping[str, Any], *, version: int, now: datetime) -> Document:
    """Save what the invited person has filled in; whom and what the document is about stays as it was."""
    document = invitation.document
    actor = actor_of(invitation)
    documents.demand(document, Permission.EDIT, actor=actor)
    current = documents.content(document)
    fixed = fixed_fields(document_type(document.type).form.bound_to(current))
    filled = {name: value for name, value in data.items() if name in current and name not in fixed}
    return documents.update(document.id, {**current, **filled}, actor=actor, version=version, now=now)


def fixed_fields(form: Any) -> frozenset[str]:
    """The fields that are not for an invited person to change: ids, whom they name, and what is shown only."""
    hidden = {each.short_name for each in form if (each.render_kw or {}).get("type") == "hidden"}
    shown_only = {each.short_name for each in form if (each.render_kw or {}).get("readonly")}
    return frozenset(hidden | shown_only | {name.removesuffix("_id") for name in hidden})
