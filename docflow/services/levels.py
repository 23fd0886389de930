"""The level of a document's signatures: a time stamp while signing, everything else later, by a queue.

A signature that was made without a time stamp is one of level B-B and is shown as such; the document waits in the
queue (``raise_at``) until the services answer again.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography import x509
from sqlalchemy import select

from docflow.core.errors import Conflict, DocflowError, ProviderError
from docflow.core.messages import Message, _l
from docflow.core.permissions import SYSTEM
from docflow.db import before_commit, db, unit_of_work, utcnow
from docflow.jobs import Payload, enqueue, job
from docflow.models import Document, Signature
from docflow.services import archiving, environment, history, papers
from docflow.signing import authority, cms, levels, renewal
from docflow.signing.base import Answer
from docflow.signing.levels import Revoked, TrustServices
from docflow.signing.report import Level, form_in_words
from docflow.signing.wire import Unavailable

log = logging.getLogger(__name__)

JOB, REMEMBER = "signatures.raise", "signatures.remember"
AGAIN = timedelta(minutes=5)  # after a service did not answer
RENEW_AGAIN = timedelta(days=1)  # there are months for it
NEVER = timedelta(days=3650)
AT_ONCE = 200  # documents in one run of the job


def _level(name: str) -> Level:
    return Level(f"PAdES-{name}")


def wanted_in_archive() -> Level:
    return _level(environment.current().settings.archive_level)


def _renews_before() -> timedelta:
    return timedelta(days=environment.current().settings.renew_archive_days)


def _is_strict() -> bool:
    return environment.current().settings.without_services == "refuse"


def _stamps_while_signing() -> bool:
    environs = environment.current()
    return environs.services.stamper is not None and _level(environs.settings.signature_level) is Level.T


def room() -> int:
    """Bytes to keep free in a signature's place for its time stamp."""
    stamper = environment.current().services.stamper
    return stamper.room if stamper is not None and _stamps_while_signing() else 0


# While signing


def completed(answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """What a key has answered, each signature with a time stamp, after a look whether the key is revoked.

    Asks trust services: call it outside of any unit of work. ``ProviderError`` when the certificate leads to no pinned
    root or is revoked, or when services are down and the settings refuse to sign without: then nothing was signed. A
    service that fails in the middle of a batch leaves the rest without a stamp, or without a signature where the
    settings are strict.
    """
    certificates = _certificates(answers)
    _demand_known_issuer(certificates)
    _demand_not_revoked(certificates)
    if not _stamps_while_signing():
        if _is_strict() and environment.current().services.stamper is None:
            raise ProviderError(_l("No time-stamping authority is configured, and this organisation signs with one."))
        return tuple(answers)
    stamped = tuple(map(_stamped, answers))
    told = [each.problem for each in stamped if each.problem is not None]
    if told and _is_strict() and not any(each.cms for each in stamped):
        raise ProviderError(told[0])
    return stamped


def _demand_known_issuer(certificates: Mapping[x509.Certificate, cms.SignerInfo]) -> None:
    """Anybody can make himself a certificate with a name and an IIN in it."""
    services = environment.current().services
    for certificate, info in certificates.items():
        try:
            services.chain(certificate, info.certificates)
        except Unavailable as error:
            raise ProviderError(
                _l(
                    "This key was issued by “%(issuer)s”, which leads to no root that is trusted here: nothing was "
                    "signed. Choose another key, or ask the administrator to pin that root.",
                    issuer=authority.issuer_name(certificate),
                )
            ) from error


def _demand_not_revoked(certificates: Mapping[x509.Certificate, cms.SignerInfo]) -> None:
    services = environment.current().services
    for certificate, info in certificates.items():
        try:
            revoked_at = _revoked_at(services, certificate, info.certificates)
        except Unavailable as error:
            if _is_strict():
                raise ProviderError(_refusal(error)) from error
            log.info("whether a signer's certificate is revoked could not be asked: %s", error)
            continue
        if revoked_at is not None:
            raise ProviderError(
                _l(
                    "This key was revoked on %(day)s and signs nothing any more: nothing was signed. Get a new key.",
                    day=revoked_at.date().isoformat(),
                )
            )


def _certificates(answers: Sequence[Answer]) -> dict[x509.Certificate, cms.SignerInfo]:
    """What has signed, each once; an answer that is no signature is refused where it is embedded."""
    seen: dict[x509.Certificate, cms.SignerInfo] = {}
    for answer in answers:
        with suppress(ProviderError):
            info = cms.read_cms(answer.cms or b"")
            seen[info.certificate] = info
    return seen


def _revoked_at(
    services: TrustServices, certificate: x509.Certificate, pool: Sequence[x509.Certificate]
) -> datetime | None:
    chain = services.chain(certificate, pool)
    return services.revocation.ask(chain[0], chain[1], now=services.clock()).revoked_at if len(chain) > 1 else None


def _refusal(error: DocflowError) -> Message:
    return _l(
        "Nothing was signed: this organisation signs only while its trust services answer. %(reason)s",
        reason=error.message,
    )


def _stamped(answer: Answer) -> Answer:
    stamper = environment.current().services.stamper
    if answer.cms is None or stamper is None:
        return answer
    try:
        stamped, _ = levels.stamped(answer.cms, stamper)
    except ProviderError:
        return answer
    except Unavailable as error:
        log.warning("a signature stays without a time stamp: %s", error)
        return Answer(answer.request, None, _refusal(error)) if _is_strict() else answer
    return replace(answer, cms=stamped)


def fitting(signature: bytes, *, reserve: int) -> bytes:
    """The signature, without its time stamp if that is larger than foreseen: the queue adds another way."""
    return signature if len(signature) <= reserve else cms.without_unsigned_attributes(signature)


def note(document: Document, signature: Signature, signed_cms: bytes, *, now: datetime) -> None:
    """Keep the level that this signature has, with the caller's unit of work; queue the document if it needs more."""
    level = Level.B if levels.stamp_in(signed_cms) is None else Level.T
    signature.certificate = {**signature.certificate, "level": level.value}
    slots = papers.signatures_of(document)
    document.signature_level = _weakest(slots).value
    document.level_problem = None
    if any(each.state == "awaited" for each in slots):
        return
    if environment.current().services.stamper is not None and levels.is_below(
        Level(document.signature_level), wanted_in_archive()
    ):
        document.raise_at = now
        before_commit(_ask_for_raising)


def _weakest(slots: Sequence[Signature]) -> Level:
    found = [Level(each.certificate["level"]) for each in slots if each.certificate.get("level")]
    return min(found, key=levels.ORDER.index, default=Level.NONE)


def _ask_for_raising() -> None:
    """One job for the whole unit of work."""
    enqueue(db.session(), JOB, {}, job_id=f"{JOB}:{secrets.token_hex(8)}")


# Later


@job(JOB, every=AGAIN, attempts=2)
def raise_due(payload: Payload) -> Payload:
    """Raise what is due to the level that the archive wants; what cannot be raised now waits for the next turn."""
    done = {"raised": 0, "waiting": 0}
    for document_id in _due(utcnow()):
        done["raised" if raise_document(document_id, now=utcnow()) else "waiting"] += 1
    return done


def _due(now: datetime) -> list[int]:
    found = select(Document.id).where(Document.raise_at <= now).order_by(Document.raise_at, Document.id)
    return list(db.session.scalars(found.limit(AT_ONCE)))


def waiting() -> int:
    """How many documents wait for a higher level, for metrics and the administrator."""
    found = select(Document.id).where(Document.raise_at.is_not(None), Document.signature_level != Level.LTA)
    return len(db.session.scalars(found).all())


@job(REMEMBER, every=timedelta(days=1), attempts=2)
def remember_renewals(payload: Payload) -> Payload:
    """Give archived documents the day on which their time stamp wants another one, if they have none yet."""
    archived = select(Document.id).where(Document.signature_level == Level.LTA, Document.raise_at.is_(None))
    found = list(db.session.scalars(archived.order_by(Document.id).limit(AT_ONCE)))
    for document_id in found:
        paper = db.session.scalar(select(Document.paper_sha256).where(Document.id == document_id)) or ""
        due = _renewal_of(archiving.read(paper))
        db.session.rollback()  # no transaction stays open while a file is read
        with unit_of_work():
            document = _held(document_id)
            if document.paper_sha256 == paper and document.raise_at is None:
                document.raise_at = due or utcnow() + NEVER
    return {"remembered": len(found)}


def _renewal_of(pdf: bytes) -> datetime | None:
    if wanted_in_archive() is not Level.LTA:
        return None
    try:
        return renewal.due_at(pdf, before=_renews_before())
    except ProviderError:  # it was archived, so that it could be read; nobody is helped by asking every day
        log.exception("an archived paper cannot be read")
        return None


@dataclass(frozen=True)
class _Raised:
    """What came of one attempt, outside of any transaction."""

    pdf: bytes
    problem: Message | None = None
    again: timedelta | None = None  # from now, when it did not come off
    action: str = "raised"


def raise_document(document_id: int, *, now: datetime) -> bool:
    """Raise one document's paper as far as it goes now; tells whether it has arrived.

    A paper that changed meanwhile stays in the queue. Repeating changes nothing.
    """
    paper = db.session.scalar(select(Document.paper_sha256).where(Document.id == document_id)) or ""
    before = archiving.read(paper)
    db.session.rollback()  # no transaction stays open while services are asked
    made = _raised(before, now)
    try:
        with unit_of_work():
            document = _held(document_id)
            if document.paper_sha256 != paper:
                return False
            _keep(document, before, made, now)
    except Conflict:
        archiving.forget_pending()
        return False
    return made.problem is None


def _raised(pdf: bytes, now: datetime) -> _Raised:
    services, target, action = environment.current().services, wanted_in_archive(), "raised"
    try:
        if target is Level.LTA and levels.level_of(pdf) is Level.LTA:
            action = "renewed"
            return _Raised(renewal.renewed(pdf, services, now=now, before=_renews_before()), action=action)
        return _Raised(levels.raised(pdf, target, services, now=now))
    except Unavailable as error:
        return _Raised(pdf, error.message, again=RENEW_AGAIN if action == "renewed" else AGAIN)
    except (Revoked, ProviderError) as error:
        log.warning("a paper stays at its level: %s", error)
        return _Raised(pdf, error.message, action=action)


def _next(made: _Raised, now: datetime) -> datetime | None:
    """When the paper will want something again: never, where nothing can be done about a problem any more."""
    if made.problem is not None:
        return now + NEVER if made.action == "renewed" else None
    return _renewal_of(made.pdf)


def _held(document_id: int) -> Document:
    found = select(Document).where(Document.id == document_id).with_for_update(of=Document)
    return db.session.scalars(found.execution_options(populate_existing=True)).unique().one()


def _keep(document: Document, before: bytes, made: _Raised, now: datetime) -> None:
    document.raise_at = now + made.again if made.again else _next(made, now)
    document.level_problem = made.problem.as_json() if made.problem is not None else None
    if made.pdf == before:
        return
    previous, document.signature_level = document.paper_sha256, levels.level_of(made.pdf).value
    document.paper_sha256 = archiving.keep(
        made.pdf, role="signed", media_type=archiving.PDF, document=document, now=now
    )
    history.record(
        document,
        made.action,
        actor=SYSTEM,
        now=now,
        level=document.signature_level,
        paper=document.paper_sha256,
        previous=previous,
    )


def was_complete(document: Document, sha256: str) -> bool:
    """Whether all had signed the file of this name, and only its level was raised after."""
    raised = (entry.detail for entry in history.entries(document) if entry.action in ("raised", "renewed"))
    return sha256 in {detail["previous"] for detail in raised}


# For pages


@dataclass(frozen=True)
class Shown:
    """What a page says of a document's signatures: the level there is, and what is to come."""

    name: str  # PAdES-B-T, or empty when there is no electronic signature of that kind
    form: Message | None  # what a signature is instead
    sentence: Message
    waits: bool
    problem: Message | None


_SENTENCES = {
    Level.B: _l("Signed; nothing outside proves when."),
    Level.T: _l("Signed, and a time stamp proves when."),
    Level.LT: _l("Signed, with a time stamp and the proofs that its certificates were valid then."),
    Level.LTA: _l("Signed for the archive: everything that proves it is inside, under a time stamp."),
}


def shown(document: Document) -> Shown | None:
    """``None`` for a document that nobody has signed with a key."""
    level = Level(document.signature_level)
    if level is Level.NONE:
        return None
    forms = {each.certificate.get("form") for each in papers.signatures_of(document) if each.certificate.get("level")}
    problem = Message.from_json(document.level_problem) if document.level_problem else None
    others = [form for form in sorted(filter(None, forms)) if form != "ETSI.CAdES.detached"]
    name = level.value if forms == {"ETSI.CAdES.detached"} else ""
    form = form_in_words(others[0]) if others else None
    waits = document.raise_at is not None and levels.is_below(level, Level.LTA)
    return Shown(name, form, _SENTENCES[level], waits, problem)
