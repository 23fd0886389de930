"""Signing: the queue, one authorisation for many documents, a result for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from docflow.core.errors import Conflict, DocflowError, Forbidden, NotFound
from docflow.core.messages import Message, _l
from docflow.core.permissions import SYSTEM, Actor, Permission
from docflow.core.registry import document_type
from docflow.db import db, unit_of_work
from docflow.models import Document, Signature, SigningSession
from docflow.services import archiving, documents, environment, history, papers, routing
from docflow.services.environment import local_day
from docflow.services.standing import Standing, signer_of
from docflow.signing import authority, pades
from docflow.signing.base import Answer, AtOwnMachine, Challenge, SignatureProvider, Signer, SigningRequest
from docflow.signing.seal import OwnSeal

CHUNK = 25  # documents signed in one commit: one sync of the disk for all of them
SIGNED, REFUSED, FAILED = "signed", "refused", "failed"


@dataclass(frozen=True)
class SignResult:
    """What became of one document of a batch."""

    document_id: int
    title: str
    outcome: str
    message: Message

    def as_json(self) -> dict[str, Any]:
        return {
            "document_id": self.document_id,
            "title": self.title,
            "outcome": self.outcome,
            "message": self.message.as_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SignResult:
        return cls(data["document_id"], data["title"], data["outcome"], Message.from_json(data["message"]))


def queue(*, actor: Actor, limit: int = 500) -> list[Signature]:
    """Signatures that wait for this person and whose turn it is, oldest document first."""
    found = (
        select(Signature)
        .join(Signature.document)
        .options(contains_eager(Signature.document))
        .where(Signature.person_id == actor.person_id, Signature.state == "awaited", ~_earlier_is_awaited())
        .order_by(Signature.document_id)
        .limit(limit)
    )
    return list(db.session.scalars(found).unique())


def queue_length(*, actor: Actor) -> int:
    found = select(func.count(Signature.id)).where(
        Signature.person_id == actor.person_id, Signature.state == "awaited", ~_earlier_is_awaited()
    )
    return db.session.scalar(found) or 0


def _earlier_is_awaited() -> Any:
    earlier = Signature.__table__.alias("earlier")
    return (
        select(earlier.c.id)
        .where(
            earlier.c.revision_id == Signature.revision_id,
            earlier.c.state == "awaited",
            earlier.c.order < Signature.order,
        )
        .exists()
    )


def awaited_from(document: Document, *, actor: Actor) -> Signature | None:
    """The actor's own slot on this document, if it is his turn."""
    return next((each for each in queue_of(document, actor=actor)), None)


def queue_of(document: Document, *, actor: Actor) -> list[Signature]:
    found = select(Signature).where(
        Signature.document_id == document.id,
        Signature.person_id == actor.person_id,
        Signature.state == "awaited",
        ~_earlier_is_awaited(),
    )
    return list(db.session.scalars(found).unique())


def mark_opened(document_id: int, *, actor: Actor, now: datetime) -> None:
    """Remember that the signer has had this paper before his eyes."""
    with unit_of_work():
        document = documents.get(document_id, actor=actor)
        for signature in queue_of(document, actor=actor):
            if signature.opened_at is None:
                signature.opened_at = now


def providers(*, actor: Actor) -> list[SignatureProvider]:
    """The ways to sign that this installation has enabled; the seal where he may have the organisation's set."""
    here = environment.current()
    capacities = here.settings.seal_capacities
    sealing = bool(capacities) and any(each.capacity in capacities for each in queue(actor=actor))
    return [each for each in here.providers.values() if sealing or not isinstance(each, OwnSeal)]


def begin(document_ids: Sequence[int], provider: str, *, actor: Actor, now: datetime) -> SigningSession:
    """Prepare every document and say what must be authorised.

    Documents that cannot be signed now are left out and told in the session's ``results``.
    ``ProviderError`` when this person cannot sign this way; nothing has changed then.
    """
    chosen = environment.current().providers.get(provider)
    if chosen is None:
        raise NotFound(_l("This way to sign is not enabled here."))
    with _held(Document, document_ids):
        items, results = _prepared_all(document_ids, chosen, actor=actor, now=now)
    if not items:
        raise Conflict(results[0].message if results else _l("Choose at least one document."))
    signature = db.session.get_one(Signature, items[0][0]["signature_id"])
    challenge = chosen.challenge([request for _, request in items], signer=_signer(signature, chosen), now=now)
    with unit_of_work():
        session = SigningSession(
            id=challenge.id,
            person_id=signature.person_id,
            provider=provider,
            state="open",
            created_at=now,
            challenge=challenge.as_json(),
            items=[item for item, _ in items],
            results=[result.as_json() for result in results],
        )
        db.session.add(session)
    return session


def _prepared_all(
    document_ids: Sequence[int], provider: SignatureProvider, *, actor: Actor, now: datetime
) -> tuple[list[tuple[dict[str, Any], SigningRequest]], list[SignResult]]:
    items: list[tuple[dict[str, Any], SigningRequest]] = []
    results: list[SignResult] = []
    key: Signer | None = None
    standing = Standing(local_day(now))
    for document_id in dict.fromkeys(document_ids):
        title = ""
        try:
            # One that was withdrawn while the queue stood on the screen must not stop the others.
            document = documents.get(document_id, actor=actor)
            title = label(document)
            signature = demand_turn(document, actor=actor)
            standing.demand(signature)
            key = key or _signer(signature, provider)
            if _signer(signature, provider) != key:
                raise Conflict(_l("This one needs your other key: sign it in a second round."))
            items.append(_prepared(document, signature, provider, now=now))
        except DocflowError as error:
            if len(document_ids) == 1:
                raise
            results.append(SignResult(document_id, title, FAILED, error.message))
    return items, results


def _prepared(
    document: Document, signature: Signature, provider: SignatureProvider, *, now: datetime
) -> tuple[dict[str, Any], SigningRequest]:
    pdf = archiving.read(document.paper_sha256 or "")
    item = {
        "signature_id": signature.id,
        "document_id": document.id,
        "paper": document.paper_sha256,
        "when": now.isoformat(),
        "provider": provider.name,
        "reserve": provider.reserve,
        "subfilter": provider.subfilter,
        "label": label(document),
    }
    prepared = _prepare(pdf, signature, item)
    request = SigningRequest(
        str(signature.id), document.code, label(document), signature.slot, prepared.digest, prepared.sha256
    )
    return item | {"prepared": prepared.sha256}, request


def _prepare(pdf: bytes, signature: Signature, item: dict[str, Any]) -> pades.Prepared:
    """The same every time: what was shown is made again when the signature has come."""
    return pades.prepare(
        pdf,
        field=signature.slot,
        when=datetime.fromisoformat(item["when"]),
        reserve=item["reserve"],
        name=signature.signer_name,
        subfilter=item["subfilter"],
    )


def demand_turn(document: Document, *, actor: Actor) -> Signature:
    """The actor's awaited slot, or the sentence that says why he cannot sign this document now."""
    workflow = document_type(document.type).workflow
    if document.state != workflow.signing_state:
        raise Conflict(
            _l(
                "This document no longer waits for signatures: it is “%(state)s”.",
                state=documents.state_of(document).title,
            )
        )
    documents.demand(document, Permission.SIGN, actor=actor)
    signature = awaited_from(document, actor=actor)
    if signature is None:
        raise Conflict(_l("You have signed this already, or it is not your turn yet."))
    return signature


def label(document: Document) -> str:
    """How a document is named in a queue: number, and whom or what it is about."""
    return " · ".join(part for part in (document.number, document.subject_name or document.title) if part)


def _signer(signature: Signature, provider: SignatureProvider) -> Signer:
    capacities = environment.current().settings.seal_capacities
    return signer_of(signature, with_seal=isinstance(provider, OwnSeal) and signature.capacity in capacities)


def _requests_in(session: SigningSession) -> Challenge:
    return Challenge.from_json(session.challenge)


def session_of(session_id: str, *, actor: Actor) -> SigningSession:
    session = db.session.get(SigningSession, session_id)
    if session is None or session.person_id != actor.person_id:
        raise NotFound(_l("There is no such signing session; begin again."))
    return session


def contents(session_id: str, *, actor: Actor) -> tuple[Challenge, dict[str, bytes]]:
    """What a signer's own machine must hash and sign, by the name of the request; never kept, made again."""
    session = session_of(session_id, actor=actor)
    if session.state == "done":
        raise Conflict(_l("This signing session is finished."))
    found: dict[str, bytes] = {}
    for item in session.items:
        signature = db.session.get_one(Signature, item["signature_id"])
        prepared = _prepare(archiving.read(item["paper"]), signature, item)
        if prepared.sha256 != item["prepared"]:
            raise Conflict(_l("The paper is not the one that was shown. Begin signing again."))
        found[str(signature.id)] = prepared.signed_bytes()
    return _requests_in(session), found


def dialogue(session_id: str, *, actor: Actor, locale: str) -> dict[str, Any]:
    """What the signer's page and a program on his machine say to each other: address, steps, and what may go wrong."""
    challenge, found = contents(session_id, actor=actor)
    provider = environment.current().providers[challenge.provider]
    if not isinstance(provider, AtOwnMachine):
        raise NotFound(_l("This way to sign is not enabled here."))
    return {
        "address": provider.address,
        "steps": provider.dialogue(challenge, found, locale=locale),
        "problems": {name: str(message) for name, message in provider.problems.items()},
    }


def complete(session_id: str, reply: dict[str, Any], *, actor: Actor, now: datetime) -> list[SignResult]:
    """Take one authorisation, embed every signature, and tell the result of each document.

    A second submission gives the same results and signs nothing twice. ``ProviderError`` when the
    authorisation itself fails (a wrong PIN): nothing was signed, the session stays open.
    """
    session = session_of(session_id, actor=actor)
    if session.state == "done":
        return [SignResult.from_json(each) for each in session.results]
    challenge = _requests_in(session)
    answers = environment.current().providers[session.provider].answer(challenge, reply, now=now)
    by_signature = {int(answer.request.id): answer for answer in answers}
    standing = Standing(local_day(now))
    results = [SignResult.from_json(each) for each in session.results]
    for start in range(0, len(session.items), CHUNK):
        chunk = session.items[start : start + CHUNK]
        results += _sign_chunk(chunk, by_signature, session_id, standing=standing, actor=actor, now=now)
    with unit_of_work():
        session = session_of(session_id, actor=actor)
        session.state = "done"
        session.results = [result.as_json() for result in results]
    return results


def _sign_chunk(
    items: list[dict[str, Any]],
    answers: dict[int, Answer],
    session_id: str,
    *,
    standing: Standing,
    actor: Actor,
    now: datetime,
) -> list[SignResult]:
    try:
        with (
            unit_of_work(),
            _held(Document, [item["document_id"] for item in items]),
            _held(Signature, [item["signature_id"] for item in items]),
        ):
            return [_sign_one(each, answers, session_id, standing=standing, actor=actor, now=now) for each in items]
    except DocflowError:
        archiving.forget_pending()
    # One of them failed and took back the whole commit: each on its own, then.
    return [_sign_alone(each, answers, session_id, standing=standing, actor=actor, now=now) for each in items]


@contextmanager
def _held(model: type[Document] | type[Signature], ids: Sequence[int]) -> Iterator[None]:
    """Load these rows with one question and keep them meanwhile: the session itself holds them weakly."""
    rows = db.session.scalars(select(model).where(model.id.in_(ids))).unique().all()
    yield
    del rows


def _sign_alone(
    item: dict[str, Any],
    answers: dict[int, Answer],
    session_id: str,
    *,
    standing: Standing,
    actor: Actor,
    now: datetime,
) -> SignResult:
    try:
        with unit_of_work():
            return _sign_one(item, answers, session_id, standing=standing, actor=actor, now=now)
    except DocflowError as error:
        archiving.forget_pending()
        return SignResult(item["document_id"], item["label"], FAILED, error.message)


def _sign_one(
    item: dict[str, Any],
    answers: dict[int, Answer],
    session_id: str,
    *,
    standing: Standing,
    actor: Actor,
    now: datetime,
) -> SignResult:
    document = documents.load(item["document_id"])
    done = SignResult(document.id, item["label"], SIGNED, _l("Signed."))
    signature = db.session.get_one(Signature, item["signature_id"])
    if signature.state == "signed" and signature.certificate.get("session") == session_id:
        return done
    demand_turn(document, actor=actor)
    standing.demand(signature)
    if document.paper_sha256 != item["paper"]:
        raise Conflict(_l("Somebody else has just signed this paper. Sign it again: your signature is still needed."))
    answer = answers.get(signature.id)
    if answer is None or answer.cms is None:
        problem = answer.problem if answer and answer.problem else _l("The signature service gave no signature.")
        raise Conflict(problem)
    _embed(document, signature, item, answer.cms, session_id, actor=actor, now=now)
    return done


def _embed(
    document: Document,
    signature: Signature,
    item: dict[str, Any],
    cms: bytes,
    session_id: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    previous = archiving.read(item["paper"])
    when = datetime.fromisoformat(item["when"])
    prepared = _prepare(previous, signature, item)
    if prepared.sha256 != item["prepared"]:
        raise Conflict(_l("The paper is not the one that was shown. Begin signing again."))
    signed = pades.embed(prepared, cms)
    info = pades.check_embedded(signed, previous=previous, field=signature.slot)
    signer = _signer(signature, environment.current().providers[item["provider"]])
    for finding in authority.check(info.certificate, signer=signer, at=when):
        raise Conflict(finding.message)
    signature.state, signature.signed_at = "signed", when
    signature.certificate = {
        "subject": authority.certificate_name(info.certificate),
        "issuer": info.certificate.issuer.rfc4514_string(),
        "serial": f"{info.certificate.serial_number:x}",
        "not_after": info.certificate.not_valid_after_utc.isoformat(),
        "form": item["subfilter"].removeprefix("/"),
        "session": session_id,
    }
    document.paper_sha256 = archiving.keep(signed, role="signed", media_type=archiving.PDF, document=document, now=now)
    history.record(
        document,
        "signed",
        actor=actor,
        now=now,
        slot=signature.slot,
        paper=document.paper_sha256,
        certificate=signature.certificate["serial"],
        acting=signature.is_acting,
        basis=signature.basis,
    )
    with db.session.no_autoflush:  # the step flushes once, at its end
        _finish_if_signed_by_all(document, now=now)


def _finish_if_signed_by_all(document: Document, *, now: datetime) -> None:
    if any(each.state == "awaited" for each in papers.signatures_of(document)):
        return
    workflow = document_type(document.type).workflow
    if workflow.when_signed is not None:
        routing.perform(document.id, workflow.when_signed, actor=SYSTEM, now=now)


def refuse(document_id: int, reason: str, *, actor: Actor, now: datetime) -> Document:
    """Refuse to sign, with a reason; the document's workflow says what becomes of it."""
    with unit_of_work():
        document = documents.get(document_id, actor=actor)
        signature = demand_turn(document, actor=actor)
        step = document_type(document.type).workflow.refused_by_signer
        if step is None:
            raise Forbidden(_l("This document cannot be refused by a signer; return it instead."))
        signature.state, signature.reason = "refused", reason.strip()[:1000]
        return routing.perform(document_id, step, actor=actor, now=now, comment=reason)


def slots(document: Document) -> list[Signature]:
    """All signatures of the newest paper, for the document page."""
    return papers.signatures_of(document)
