"""Verification for anyone: by code from paper, by file; three axes, each with its own answer."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from docflow.archive.store import Damaged
from docflow.core.canonical import sha256_hex
from docflow.core.checks import Axis, Check, Outcome, Verdict
from docflow.core.errors import NotFound
from docflow.core.messages import Message, _l
from docflow.core.registry import document_type
from docflow.core.regulations import Clause, Text
from docflow.core.types import value_at
from docflow.core.workflow import Status
from docflow.db import db
from docflow.models import Document, Signature, StoredObject
from docflow.services import archiving, documents, environment, handwritten, levels, papers
from docflow.services.environment import local_day
from docflow.signing import etsi
from docflow.signing.findings import Severity
from docflow.signing.indications import Indication
from docflow.signing.process import validate_in_process
from docflow.signing.report import Integrity, Kind, Report, SignatureReport

log = logging.getLogger(__name__)

# What a page needs of a file's report without knowing how files are read.
FileReport = Report
ETSI_MEDIA_TYPE = etsi.MIME

_NO_TEXT = Text("", "")
_MOST_STATES = 20  # of one file that are looked for in the archive


@dataclass(frozen=True)
class PublicSigner:
    """Who signed, in what capacity and when; never an IIN."""

    name: str
    label: str
    position: str
    is_acting: bool
    basis: str
    signed_at: datetime | None


@dataclass(frozen=True)
class PublicReport:
    """What anybody may know of a document. ``holder`` is empty for types that are nobody's business."""

    found: bool
    verdict: Verdict
    code: str = ""
    type_title: Text = _NO_TEXT
    number: str = ""
    registered_on: date | None = None
    holder: str = ""
    facts: tuple[tuple[str, Any], ...] = ()
    organisation: Text = _NO_TEXT
    valid_from: date | None = None
    valid_until: date | None = None
    status: Status = Status.NOT_YET
    signers: tuple[PublicSigner, ...] = ()
    clause: Clause | None = None
    file_matches: bool | None = None
    file_sha256: str = ""
    file: Report | None = None

    @property
    def answer(self) -> Check:
        """Of an uploaded file, in a sentence that needs no knowledge of signatures."""
        return _answer(self.file, is_ours=self.file_matches)


def by_code(code: str, *, now: datetime) -> PublicReport:
    """Answer for the code on a paper; a draft is nothing that anybody else may know of."""
    document = db.session.scalars(select(Document).where(Document.code == code)).unique().first()
    if document is None or not _is_public(document):
        return PublicReport(False, Verdict((), now))
    return _report(document, now, (_kept_bytes_check(document), *_signature_checks(document)))


def _is_public(document: Document) -> bool:
    """A paper with a number and a QR code has gone out; a draft without one has not."""
    return document.number is not None and document.registered_on is not None and document.state != "draft"


def compare(code: str | None, pdf: bytes, *, now: datetime) -> PublicReport:
    """Compare a file with the record: byte for byte, and by its own signatures."""
    digest = sha256_hex(pdf)
    here = environment.current()
    report = validate_in_process(pdf, trust=here.trust, now=now, online=here.settings.verify_online)
    if code:
        document = db.session.scalars(select(Document).where(Document.code == code)).unique().first()
    else:
        document = _document_of(digest) or _document_before(pdf, report)
    if document is None or not _is_public(document):
        return PublicReport(False, Verdict(_file_checks(report), now), file_sha256=digest, file=report)
    checks = (_comparison(document, digest, pdf), *_file_checks(report))
    return replace(_report(document, now, checks, file_sha256=digest), file=report)


def _document_of(sha256: str) -> Document | None:
    """The document of which this is, or was, the paper; what is attached to a document is not it."""
    stored = db.session.get(StoredObject, sha256)
    if stored is None or stored.document_id is None or stored.role not in ("paper", "signed"):
        return None
    return db.session.get(Document, stored.document_id)


def _document_before(pdf: bytes, report: Report) -> Document | None:
    """The document from whose file this one was made: what somebody signed in it is, byte for byte, in the archive."""
    ends = sorted({each.signed_bytes for each in report.signatures if 0 < each.signed_bytes < len(pdf)}, reverse=True)
    found = (_document_of(sha256_hex(pdf[:end])) for end in ends[:_MOST_STATES])
    return next((each for each in found if each is not None), None)


def etsi_report(report: Report, *, now: datetime) -> bytes:
    """The report of ETSI TS 119 102-2; empty for a file without signatures."""
    return etsi.xml(report, now=now) if report.signatures else b""


def _answer(report: Report | None, *, is_ours: bool | None) -> Check:
    if report is None or report.integrity in (Integrity.UNSIGNED, Integrity.UNREADABLE):
        outcome, message = _INTEGRITY[report.integrity.value if report else Integrity.UNREADABLE.value]
        return Check(Axis.INTEGRITY, outcome, "no_signature", message)
    if is_ours:
        message = _l("This file is, byte for byte, the one in the archive, and it is signed.")
        return Check(Axis.INTEGRITY, Outcome.YES, "ours", message)
    worst = min((each.conclusion for each in report.signatures), key=lambda each: _ORDER[each.indication])
    if worst.sub is not None and worst.indication is Indication.FAILED:
        return Check(Axis.INTEGRITY, Outcome.NO, worst.sub.value, worst.message)
    if report.integrity is not Integrity.INTACT:
        if is_ours is False:
            message = _l("The file was made from a document of this archive and changed after it was signed.")
            return Check(Axis.INTEGRITY, Outcome.NO, "forged", message)
        # What was done to the file comes before the doubt who signed it.
        return _integrity_check(report, report.integrity.value)
    if worst.sub is not None:
        return Check(Axis.INTEGRITY, Outcome.UNKNOWN, worst.sub.value, worst.message)
    message = _l("Every signature in the file is genuine, and nothing was changed after signing.")
    if is_ours is False:
        message = _l("Every signature in the file is genuine, but it is not, byte for byte, the file in the archive.")
    return Check(Axis.INTEGRITY, Outcome.YES, "passed", message)


def _integrity_check(report: Report, code: str) -> Check:
    """Whether the bytes are those that were signed; where there is a doubt, the first one in its own words."""
    outcome, message = _INTEGRITY[report.integrity.value]
    if report.integrity is Integrity.UNDETERMINED:
        doubts = (each for each in report.all_findings() if each.severity is not Severity.INFO)
        message = next((each.message for each in doubts if each.axis is Axis.INTEGRITY), message)
    return Check(Axis.INTEGRITY, outcome, code, message)


_ORDER = {Indication.FAILED: 0, Indication.INDETERMINATE: 1, Indication.PASSED: 2}


def _comparison(document: Document, digest: str, pdf: bytes) -> Check:
    if digest == document.paper_sha256:
        return Check(
            Axis.INTEGRITY, Outcome.YES, "same_bytes", _l("The file is, byte for byte, the one in the archive.")
        )
    known = db.session.get(StoredObject, digest)
    if known is not None and known.document_id == document.id:
        if levels.was_complete(document, digest) and archiving.read(document.paper_sha256 or "").startswith(pdf):
            return Check(
                Axis.INTEGRITY,
                Outcome.YES,
                "before_raising",
                _l("The file is the one in the archive, before proofs for the archive were added behind it."),
            )
        return Check(
            Axis.INTEGRITY,
            Outcome.UNKNOWN,
            "earlier_file",
            _l("The file is an earlier state of this document, before all had signed."),
        )
    return Check(
        Axis.INTEGRITY,
        Outcome.NO,
        "other_bytes",
        _l("The file is not the one in the archive: it was changed, or it belongs to another document."),
    )


_INTEGRITY = {
    "intact": (Outcome.YES, _l("The signatures in the file fit its bytes.")),
    "broken": (Outcome.NO, _l("The file was changed after it was signed.")),
    "undetermined": (Outcome.UNKNOWN, _l("Whether the file was changed could not be found out.")),
    "unsigned": (Outcome.UNKNOWN, _l("The file has no signatures.")),
    "unreadable": (Outcome.UNKNOWN, _l("The file cannot be read as a PDF.")),
}


def _of(signature: SignatureReport) -> Message:
    name = signature.signer or "?"
    if signature.kind is Kind.TIMESTAMP:
        return _l("Time stamp: %(name)s.", name=name)
    return _l("Signature of %(name)s.", name=name)


def _file_checks(report: Report) -> tuple[Check, ...]:
    identity = tuple(
        Check(
            Axis.IDENTITY,
            Outcome.YES if each.trusted and each.intact else Outcome.UNKNOWN,
            "signature",
            _of(each),
        )
        for each in report.signatures
    )
    return (_integrity_check(report, f"file_{report.integrity.value}"), *identity)


def _report(document: Document, now: datetime, checks: tuple[Check, ...], *, file_sha256: str = "") -> PublicReport:
    kind = document_type(document.type)
    organisation = document.organisation
    status = status_on(document, local_day(now))
    current = documents.content(document)
    is_open = bool(kind.public_fields)
    return PublicReport(
        found=True,
        verdict=Verdict((*checks, _status_check(document, status)), now),
        code=document.code,
        type_title=kind.title,
        number=document.number or "",
        registered_on=document.registered_on,
        holder=document.subject_name if is_open else "",
        facts=_public_facts(document, current),
        organisation=Text(organisation.name_kk, organisation.name_ru),
        valid_from=document.valid_from,
        valid_until=document.valid_until,
        status=status,
        signers=tuple(
            _public_signer(each) for each in papers.signatures_of(document) if is_open or each.capacity not in _PRIVATE
        ),
        clause=kind.clause_for(papers.profile_of(organisation)),
        file_matches=file_sha256 == document.paper_sha256 if file_sha256 else None,
        file_sha256=file_sha256,
    )


# Private people who sign their own application or contract are not shown to the public.
_PRIVATE = frozenset({"applicant", "listener", "employer_head", "acquainted"})


def _public_facts(document: Document, current: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    kind = document_type(document.type)
    # A key of the content reads as on the paper.
    words = kind.printed(current, papers.profile_of(document.organisation)) if kind.printed else {}
    simple = ((path, words.get(path, value_at(current, path))) for path in kind.public_fields)
    return tuple((path, value) for path, value in simple if isinstance(value, str | int) and value != "")


def _public_signer(signature: Signature) -> PublicSigner:
    return PublicSigner(
        signature.signer_name,
        signature.label,
        signature.position,
        signature.is_acting,
        signature.basis if signature.is_acting else "",
        signature.signed_at,
    )


def _kept_bytes_check(document: Document) -> Check:
    """Read the archived file again: its name is its SHA-256."""
    if not document.paper_sha256:
        return Check(Axis.INTEGRITY, Outcome.UNKNOWN, "no_file", _l("There is no signed file in the archive."))
    try:
        archiving.read(document.paper_sha256)
    except (Damaged, NotFound):
        log.exception("the archived file of document %s cannot be read", document.id)
        return Check(
            Axis.INTEGRITY,
            Outcome.NO,
            "archive_damaged",
            _l("The copy in the archive is missing or damaged. Tell the organisation; rely on its answer only."),
        )
    return Check(
        Axis.INTEGRITY,
        Outcome.YES,
        "archived",
        _l("The archive holds this document unchanged. Compare what you hold with what stands here."),
    )


def _signature_checks(document: Document) -> tuple[Check, ...]:
    signatures = papers.signatures_of(document)
    if not signatures:
        return (Check(Axis.IDENTITY, Outcome.UNKNOWN, "unsigned", _l("Nobody has signed this document.")),)
    if any(each.state == "refused" for each in signatures):
        return (Check(Axis.IDENTITY, Outcome.NO, "refused", _l("A signer has refused to sign.")),)
    missing = sum(1 for each in signatures if each.state == "awaited")
    if missing:
        return (
            Check(
                Axis.IDENTITY,
                Outcome.UNKNOWN,
                "incomplete",
                _l("Signatures are still missing: %(missing)s of %(all)s.", missing=missing, all=len(signatures)),
            ),
        )
    if any(handwritten.is_by_hand(each) for each in signatures):
        return (
            Check(
                Axis.IDENTITY,
                Outcome.UNKNOWN,
                "by_hand",
                _l("Signed by hand, on paper: the organisation keeps the scan; no key proves who signed."),
            ),
        )
    return (
        Check(
            Axis.IDENTITY,
            Outcome.YES,
            "signed",
            _l("Signed by all who had to sign; their authority was checked on the day of signing."),
        ),
    )


def status_on(document: Document, day: date) -> Status:
    """Is it in force on *day*? The state decides, then the term."""
    status = documents.state_of(document).status
    if status == Status.IN_FORCE and document.valid_until is not None and day > document.valid_until:
        return Status.EXPIRED
    return status


_STATUS: dict[Status, tuple[Outcome, Message]] = {
    Status.NOT_YET: (Outcome.UNKNOWN, _l("It is not in force yet: the signing is not finished.")),
    Status.IN_FORCE: (Outcome.YES, _l("It is in force.")),
    Status.EXPIRED: (Outcome.NO, _l("It was genuine, but its term has ended.")),
    Status.SUSPENDED: (Outcome.NO, _l("It is suspended.")),
    Status.ANNULLED: (Outcome.NO, _l("It was annulled: do not rely on it.")),
    Status.SUPERSEDED: (Outcome.NO, _l("It was replaced by a newer document.")),
    Status.REFUSED: (Outcome.NO, _l("It never came into force.")),
}


def _status_check(document: Document, status: Status) -> Check:
    outcome, message = _STATUS[status]
    return Check(Axis.STATUS, outcome, status.value, message)
