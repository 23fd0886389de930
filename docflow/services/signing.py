"""Signing: the queue, one authorisation for many documents, a result for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import contains_eager, lazyload, selectinload

from docflow.core.errors import Conflict, DocflowError, Forbidden, NotFound, ProviderError
from docflow.core.messages import Message, _l
from docflow.core.permissions import SYSTEM, Actor, Permission
from docflow.core.registry import document_type
from docflow.db import db, unit_of_work
from docflow.models import Document, Signature, SigningSession
from docflow.services import archiving, documents, environment, history, levels, manifests, papers, routing
from docflow.services.environment import local_day
from docflow.services.standing import Certificates, Standing, signer_of
from docflow.signing import pades
from docflow.signing.base import Answer, AtOwnMachine, Challenge, SignatureProvider, Signer, SigningRequest
from docflow.signing.seal import OwnSeal

CHUNK = 25  # documents signed in one commit: one sync of the disk for all of them
# What became of a document: "waits" may still be signed in the same session, "moved" has another paper by now.
SIGNED, FAILED, WAITS, MOVED = "signed", "failed", "waits", "moved"
REPEATABLE = ("", "pin")  # what was typed opens the key a second time; a code or a program on his machine does not
CHANGED = _l("This document was changed after you began to sign: read it again, then sign it.")
ROUNDS = 40  # each time another one was faster; a paper has fewer signers


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
    return next(iter(queue_of(document, actor=actor)), None)


def queue_of(document: Document, *, actor: Actor) -> list[Signature]:
    awaited = [each for each in document.signatures if each.state == "awaited"]
    return [
        each
        for each in awaited
        if each.person_id == actor.person_id
        and not any(one.order < each.order and one.revision_id == each.revision_id for one in awaited)
    ]


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
    with _held(document_ids):
        items, results = _prepared_all(document_ids, chosen, actor=actor, now=now, tells=len(document_ids) > 1)
    seen = manifests.opened([item["signature_id"] for item, _ in items])
    items = [(item | {"opened": seen[item["signature_id"]]}, request) for item, request in items]
    if not items:
        raise Conflict(results[0].message if results else _l("Choose at least one document."))
    signature = db.session.get_one(Signature, items[0][0]["signature_id"])
    challenge = chosen.challenge([request for _, request in items], signer=_signer(signature, chosen), now=now)
    kept = [item for item, _ in items]
    with unit_of_work():
        manifest = manifests.seal(kept, provider, actor=actor, now=now)
        session = SigningSession(
            id=challenge.id,
            person_id=signature.person_id,
            provider=provider,
            state="open",
            created_at=now,
            challenge=challenge.as_json(),
            items=[item | {"manifest": manifest} for item in kept],
            results=[result.as_json() for result in results],
        )
        db.session.add(session)
    return session


def _prepared_all(
    document_ids: Sequence[int], provider: SignatureProvider, *, actor: Actor, now: datetime, tells: bool = True
) -> tuple[list[tuple[dict[str, Any], SigningRequest]], list[SignResult]]:
    """What can be signed now, and the results of what cannot; without *tells* the reason is raised."""
    items: list[tuple[dict[str, Any], SigningRequest]] = []
    results: list[SignResult] = []
    key: Signer | None = None
    standing = Standing(local_day(now))
    for document_id in dict.fromkeys(document_ids):
        title = ""
        try:
            # One that was withdrawn while the queue stood on the screen must not stop the others.
            document = documents.get(document_id, actor=actor)
            title = named(document)
            signature = demand_turn(document, actor=actor)
            standing.demand(signature)
            signer = _signer(signature, provider)
            key = key or signer
            if signer != key:
                raise Conflict(_l("This one needs your other key: sign it in a second round."))
            items.append(_prepared(document, signature, provider, now=now))
        except DocflowError as error:
            if not tells:
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
        "reserve": provider.reserve + levels.room(),
        "subfilter": provider.subfilter,
        "label": named(document),
        "code": document.code,
        "slot": signature.slot,
        "certifies": _certifies(signature) and not pades.is_signed(pdf),
    }
    prepared = _prepare(pdf, signature, item)
    request = SigningRequest(
        str(signature.id), document.code, named(document), signature.slot, prepared.digest, prepared.sha256
    )
    return item | {"digest": prepared.digest.hex()}, request


def _prepare(pdf: bytes, signature: Signature, item: dict[str, Any]) -> pades.Prepared:
    """The same every time: what was shown is made again when the signature has come."""
    return pades.prepare(
        pdf,
        field=signature.slot,
        when=datetime.fromisoformat(item["when"]),
        reserve=item["reserve"],
        name=signature.signer_name,
        subfilter=item["subfilter"],
        certifies=item.get("certifies", False),
    )


def _prepared_as_shown(pdf: bytes, signature: Signature, item: dict[str, Any]) -> pades.Prepared:
    prepared = _prepare(pdf, signature, item)
    if prepared.digest.hex() != item.get("digest"):  # which covers every byte but the zeros of the hole
        raise Conflict(_l("The paper is not the one that was shown. Begin signing again."))
    return prepared


def _certifies(signature: Signature) -> bool:
    slot = papers.slot_of(signature)
    return slot is not None and slot.certifies


def demand_turn(document: Document, *, actor: Actor) -> Signature:
    """The actor's awaited slot, or the sentence that says why he cannot sign this document now."""
    workflow = document_type(document.type).workflow
    if document.state != workflow.signing_state:
        refused = next((each for each in papers.signatures_of(document) if each.state == "refused"), None)
        if refused is not None:
            raise Conflict(
                _l(
                    "%(name)s has refused to sign this document, which ended it. The reason: %(reason)s",
                    name=refused.signer_name,
                    reason=refused.reason,
                )
            )
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


def named(document: Document) -> str:
    """The same and of what kind it is, in its own language: a certificate and its annex bear one number."""
    kind = document_type(document.type).short_title.in_language(document.language)
    return f"{kind} · {label(document)}"


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
    for item in waiting_in(session):
        signature = db.session.get_one(Signature, item["signature_id"])
        prepared = _prepared_as_shown(archiving.read(item["paper"]), signature, item)
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


@dataclass(frozen=True)
class _Round:
    """One authorisation at work: who signs, in which session, and what his key has answered, by signature."""

    session_id: str
    provider: SignatureProvider
    actor: Actor
    now: datetime
    standing: Standing
    answers: dict[int, Answer]
    certificates: Certificates = field(default_factory=Certificates)

    def with_answers(self, answers: Sequence[Answer]) -> _Round:
        return replace(self, answers={int(answer.request.id): answer for answer in answers})


def complete(session_id: str, reply: dict[str, Any], *, actor: Actor, now: datetime) -> list[SignResult]:
    """Take one authorisation, embed every signature, and tell the result of each document.

    A signature covers the bytes before it: where others have signed meanwhile, the paper is prepared anew and the
    key asked again, if the authorisation allows it; else the document ``waits``, as does one for which no signature
    came, and the session stays open for it. A second submission gives the same results and signs nothing twice.
    ``ProviderError`` when the authorisation itself fails (a wrong PIN): nothing was signed.
    """
    session = session_of(session_id, actor=actor)
    items, challenge = waiting_in(session), _requests_in(session)
    provider = environment.current().providers[session.provider]
    turn = _Round(session_id, provider, actor, now, Standing(local_day(now)), {})
    turn = turn.with_answers(_answers(turn, challenge, reply) if items else ())
    left: dict[int, SignResult] = {}  # what waits, by document
    for _ in range(ROUNDS):
        told = _sign_all(items, turn)
        left |= {each.document_id: each for each in told if each.outcome in (WAITS, MOVED)}
        moved = [item for item, result in zip(items, told, strict=True) if result.outcome == MOVED]
        if not moved or challenge.asks not in REPEATABLE:
            break
        left = {each: result for each, result in left.items() if result.outcome != MOVED}
        items, requests = _prepared_again(moved, turn)
        turn = turn.with_answers(_asked_again(turn, replace(challenge, items=tuple(requests)), reply))
    return _keep(turn, left)


def waiting_in(session: SigningSession) -> list[dict[str, Any]]:
    """The items that have no result for good."""
    ended = {each["document_id"] for each in session.results}
    return [item for item in session.items if item["document_id"] not in ended]


def _answers(turn: _Round, challenge: Challenge, reply: dict[str, Any]) -> tuple[Answer, ...]:
    """What the key says, with time stamps; ``ProviderError`` also for one that is revoked."""
    return levels.completed(turn.provider.answer(challenge, reply, now=turn.now))


def _asked_again(turn: _Round, challenge: Challenge, reply: dict[str, Any]) -> tuple[Answer, ...]:
    if not challenge.items:
        return ()
    try:
        return _answers(turn, challenge, reply)
    except ProviderError as error:  # a token was drawn out since
        return tuple(Answer(each, None, error.message) for each in challenge.items)


def _prepared_again(items: Sequence[dict[str, Any]], turn: _Round) -> tuple[list[dict[str, Any]], list[SigningRequest]]:
    """The same documents on the papers that there are now; what can no longer be signed gets its result."""
    known = {item["document_id"]: item for item in items}
    with _held(list(known)):
        pairs, results = _prepared_all(list(known), turn.provider, actor=turn.actor, now=turn.now)
    same = [(item, request) for item, request in pairs if _goes_on(known[item["document_id"]], item)]
    changed = [item for item, request in pairs if (item, request) not in same]
    results += [SignResult(each["document_id"], each["label"], FAILED, CHANGED) for each in changed]
    with unit_of_work():
        _add_results(turn.session_id, results)
    return [known[item["document_id"]] | item for item, _ in same], [request for _, request in same]


def _goes_on(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether it is the same slot of the same paper, to which others have added: what he has agreed to sign."""
    if before["signature_id"] != after["signature_id"]:
        return False
    return before["paper"] == after["paper"] or archiving.read(after["paper"]).startswith(
        archiving.read(before["paper"])
    )


def _keep(turn: _Round, left: dict[int, SignResult]) -> list[SignResult]:
    """Prepare the session anew for what waits; give every result that there is."""
    session = session_of(turn.session_id, actor=turn.actor)
    if session.state != "done":
        db.session.refresh(session)  # it may have ended in another tab
    if session.state != "done":
        session = _renewed(session, turn)
    results = [SignResult.from_json(each) for each in session.results]
    ended = {each.document_id for each in results}
    return results + [each for each in left.values() if each.document_id not in ended]


def renew(session_id: str, *, actor: Actor, now: datetime) -> SigningSession:
    """Prepare what waits in an open session on the papers that there are now, and ask for its authorisation anew.

    ``ProviderError`` when this person cannot sign this way now; the session is as it was then.
    """
    session = session_of(session_id, actor=actor)
    if session.state == "done":
        return session
    provider = environment.current().providers[session.provider]
    return _renewed(session, _Round(session_id, provider, actor, now, Standing(local_day(now)), {}))


def _renewed(session: SigningSession, turn: _Round) -> SigningSession:
    again, requests = _prepared_again(waiting_in(session), turn)
    signer, fresh = _requests_in(session).signer, {item["document_id"]: item for item in again}
    challenge = turn.provider.challenge(requests, signer=signer, now=turn.now) if requests else None
    with unit_of_work():
        session = _held_session(turn.session_id)
        if challenge is None:
            session.state = "done"
        else:
            session.challenge = replace(challenge, id=session.id).as_json()
            session.items = [fresh.get(item["document_id"], item) for item in session.items]
    return session


def _held_session(session_id: str) -> SigningSession:
    """The session as it is now, and nobody else's until the commit."""
    found = select(SigningSession).where(SigningSession.id == session_id).with_for_update()
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def _add_results(session_id: str, results: Sequence[SignResult]) -> None:
    """Keep what has an end, with the caller's unit of work; with the last of them the session is done."""
    ended = [each for each in results if each.outcome in (SIGNED, FAILED)]
    if not ended:
        return
    session = _held_session(session_id)
    known = {each["document_id"] for each in session.results}
    session.results = [*session.results, *(each.as_json() for each in ended if each.document_id not in known)]
    if not waiting_in(session):
        session.state = "done"


def _sign_all(items: Sequence[dict[str, Any]], turn: _Round) -> list[SignResult]:
    chunks = (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
    return [result for chunk in chunks for result in _sign_chunk(chunk, turn)]


def _sign_chunk(items: Sequence[dict[str, Any]], turn: _Round) -> list[SignResult]:
    """Sign these in one commit; where one of them fails, each in its own."""
    try:
        with unit_of_work(), _held([item["document_id"] for item in items], lock=True):
            results = [_sign_one(item, turn) for item in items]
            _add_results(turn.session_id, results)
            return results
    except DocflowError as error:
        archiving.forget_pending()
        if len(items) > 1:
            return [result for item in items for result in _sign_chunk([item], turn)]
        failed = [SignResult(items[0]["document_id"], items[0]["label"], FAILED, error.message)]
    with unit_of_work():
        _add_results(turn.session_id, failed)
    return failed


# Who the others are is not asked; the organisation and the signer himself are the same for all.
_SLOTS = (
    lazyload(Document.organisation),
    selectinload(Document.signatures),
    selectinload(Document.signatures).lazyload(Signature.person),
)


@contextmanager
def _held(document_ids: Sequence[int], *, lock: bool = False) -> Iterator[None]:
    """Load these documents with all that signing asks, as they are now, and keep them: the session holds weakly.

    With *lock* nobody else embeds anything in their papers until the unit of work ends.
    """
    found = select(Document).where(Document.id.in_(document_ids)).order_by(Document.id)
    if lock:
        found = found.with_for_update(of=Document)
        if db.engine.dialect.name == "sqlite":  # it has no locks of rows: the first to write has the database
            db.session.execute(
                update(Document.__table__)  # type: ignore[arg-type]
                .where(Document.__table__.c.id.in_(document_ids))
                .values(version=Document.__table__.c.version)
            )
    found = found.options(*_SLOTS)
    if lock:  # the last of them to sign puts the document in force
        found = found.options(selectinload(Document.registered))
    rows = db.session.scalars(found.execution_options(populate_existing=True)).all()
    if lock:
        documents.load_revisions(rows)
    yield
    del rows


def _sign_one(item: dict[str, Any], turn: _Round) -> SignResult:
    def result(outcome: str, message: Message) -> SignResult:
        return SignResult(item["document_id"], item["label"], outcome, message)

    document = documents.load(item["document_id"])
    signature = db.session.get(Signature, item["signature_id"])
    if signature and signature.state == "signed" and signature.certificate.get("session") == turn.session_id:
        return result(SIGNED, _l("Signed."))
    try:
        awaited = demand_turn(document, actor=turn.actor)
        turn.standing.demand(awaited)
    except DocflowError as error:
        return result(FAILED, error.message)
    if signature is not awaited:
        return result(FAILED, CHANGED)
    if document.paper_sha256 != item["paper"]:
        return result(MOVED, _l("Others have signed this paper meanwhile: it needs your signature once more."))
    answer = turn.answers.get(signature.id)
    if answer is None or answer.cms is None:
        problem = answer.problem if answer and answer.problem else _l("The signature service gave no signature.")
        return result(WAITS, problem)
    _embed(document, signature, item, answer.cms, turn)
    return result(SIGNED, _l("Signed."))


def _embed(document: Document, signature: Signature, item: dict[str, Any], cms: bytes, turn: _Round) -> None:
    previous = archiving.read(item["paper"])
    when = datetime.fromisoformat(item["when"])
    prepared = _prepared_as_shown(previous, signature, item)
    cms = levels.fitting(cms, reserve=item["reserve"])
    signed = pades.embed(prepared, cms)
    info = pades.check_embedded(signed, previous=previous, field=signature.slot)
    signer = _signer(signature, environment.current().providers[item["provider"]])
    certificate = turn.certificates.demand(info.certificate, signer, at=when)
    signature.state, signature.signed_at = "signed", when
    signature.certificate = certificate | {"form": item["subfilter"].removeprefix("/"), "session": turn.session_id}
    levels.note(document, signature, cms, now=turn.now)
    document.paper_sha256 = archiving.keep(
        signed, role="signed", media_type=archiving.PDF, document=document, now=turn.now
    )
    history.record(
        document,
        "signed",
        actor=turn.actor,
        now=turn.now,
        slot=signature.slot,
        paper=document.paper_sha256,
        certificate=signature.certificate["serial"],
        acting=signature.is_acting,
        basis=signature.basis,
        manifest=item.get("manifest", ""),
        read=item.get("opened", ""),
    )
    with db.session.no_autoflush:  # the step flushes once, at its end
        _finish_if_signed_by_all(document, now=turn.now)


def _finish_if_signed_by_all(document: Document, *, now: datetime) -> None:
    if any(each.state == "awaited" for each in papers.signatures_of(document)):
        return
    workflow = document_type(document.type).workflow
    if workflow.when_signed is not None:
        routing.perform(document.id, workflow.when_signed, actor=SYSTEM, now=now)


def refuse(document_id: int, reason: str, *, actor: Actor, now: datetime) -> Document:
    """Refuse to sign, with a reason; the document's workflow says what becomes of it."""
    with unit_of_work(), _held([document_id], lock=True):
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
