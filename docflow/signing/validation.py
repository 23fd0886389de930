"""Validating a PDF's signatures, each on its own; integrity and identity are told apart."""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.diff_analysis.policies import DEFAULT_DIFF_POLICY
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel, TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from docflow.core.checks import Axis
from docflow.core.messages import Message, _l
from docflow.signing import authority, comparison
from docflow.signing.findings import Finding, Severity
from docflow.signing.integrity import (
    BARE_RSA,
    DETACHED,
    READING_ERRORS,
    TIMESTAMP,
    contents_of,
    is_hole,
    verify,
    verify_bare_rsa,
)
from docflow.signing.report import Changes, Integrity, Kind, Report, SignatureReport
from docflow.signing.trust import TrustStore

Status = PdfSignatureStatus | TimestampSignatureStatus

_LEVELS = {
    ModificationLevel.NONE: Changes.NONE,
    ModificationLevel.LTA_UPDATES: Changes.LTA,
    ModificationLevel.FORM_FILLING: Changes.FORM_FILLING,
    ModificationLevel.ANNOTATIONS: Changes.ANNOTATIONS,
    ModificationLevel.OTHER: Changes.OTHER,
}
_CHANGE_SENTENCES = {
    Changes.FORM_FILLING: (
        Severity.INFO,
        _l("After this signature the file was signed again, or fields of a form were filled in."),
    ),
    Changes.ANNOTATIONS: (Severity.WARNING, _l("After this signature notes were put on the pages.")),
    Changes.OTHER: (
        Severity.WARNING,
        _l("After this signature the file was changed in a way that is not known to be harmless."),
    ),
    Changes.UNDETERMINED: (
        Severity.WARNING,
        _l("What was changed after this signature could not be found out."),
    ),
}
_EXPLAINED = (Changes.NONE, Changes.LTA, Changes.FORM_FILLING, Changes.ANNOTATIONS)
_NO_ROOT = _l("Who signed is not proven: the certificate does not lead to a root that is trusted here.")
_WEAK = _l("The algorithms of this signature are not strong enough today.")
_TRUST_SENTENCES: dict[str, tuple[str, Message]] = {
    "REVOKED": ("revoked", _l("The signer's certificate was revoked.")),
    "REVOKED_NO_POE": ("revoked", _l("The signer's certificate was revoked; whether before signing is not proven.")),
    "OUT_OF_BOUNDS_NO_POE": (
        "expired",
        _l("The signer's certificate is out of date, and nothing proves that it was signed before."),
    ),
    "OUT_OF_BOUNDS_NOT_REVOKED": ("expired", _l("The signer's certificate is out of date.")),
    "CRYPTO_CONSTRAINTS_FAILURE": ("algorithm", _WEAK),
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": ("algorithm", _WEAK),
}

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # what they would log comes back as a finding
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


def validate(pdf: bytes, *, trust: TrustStore, now: datetime) -> Report:
    """Look at every filled signature field of *pdf*; never raises for what is in the file.

    Files from outside belong into a process of their own: :mod:`docflow.signing.process`.
    """
    sha256 = hashlib.sha256(pdf).hexdigest()
    try:
        reader = _open(pdf)
        fields = list(_filled_fields(reader))
    except READING_ERRORS as error:
        return replace(unreadable(_l("This file cannot be read as a PDF."), detail=repr(error)[:500]), sha256=sha256)
    spelling = comparison.UpdateSpelling(reader, (value for _, value, _ in fields))
    looks = [_Look(pdf, reader, spelling, name, value, holder, trust, now) for name, value, holder in fields]
    signatures = tuple(look.report() for look in looks)
    findings = tuple(_file_findings(pdf, looks, signatures))
    return Report(_integrity(signatures, findings), signatures, findings, sha256=sha256)


def unreadable(message: Message, *, detail: str = "") -> Report:
    finding = Finding("unreadable", Severity.ERROR, Axis.INTEGRITY, message)
    return Report(Integrity.UNREADABLE, findings=(finding,), error=message, detail=detail)


def _open(pdf: bytes) -> PdfFileReader:
    # Strict reading refuses real files, such as the hybrid cross-references of Word and Acrobat.
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    if reader.encrypted:
        reader.decrypt("")  # signatures stand outside the encryption; most files open without a password
    return reader


def _filled_fields(reader: PdfFileReader) -> Iterator[tuple[str, generic.PdfObject, generic.DictionaryObject]]:
    """Every filled field, a value that hangs in several fields only once."""
    seen = set[tuple[int, int]]()
    for name, value, holder in enumerate_sig_fields(reader, filled_status=True):
        if isinstance(value, generic.IndirectObject):
            key = (value.idnum, value.generation)
            if key in seen:
                continue
            seen.add(key)
        yield name or "", value, holder.get_object()


def _integrity(signatures: tuple[SignatureReport, ...], findings: tuple[Finding, ...]) -> Integrity:
    if not signatures:
        return Integrity.UNSIGNED
    if any(each.intact is False for each in signatures):
        return Integrity.BROKEN
    everything = [*findings, *(finding for each in signatures for finding in each.findings)]
    if any(each.intact is None for each in signatures) or any(map(_is_doubt, everything)):
        return Integrity.UNDETERMINED
    return Integrity.INTACT


def _is_doubt(finding: Finding) -> bool:
    return finding.axis is Axis.INTEGRITY and finding.severity is not Severity.INFO


def _file_findings(pdf: bytes, looks: list[_Look], signatures: tuple[SignatureReport, ...]) -> Iterator[Finding]:
    """Nothing may stand behind the last signature but what the difference analysis has seen."""
    covered = max((look.covered_end for look in looks), default=0)
    last_is_untouched = any(
        each.changes is Changes.NONE and look.covered_end == covered
        for look, each in zip(looks, signatures, strict=True)
    )
    # An update with an empty table, or bytes behind the end, change nothing for one reader; another may show them.
    if last_is_untouched and pdf[covered:].strip(b"\0\t\n\f\r "):
        message = _l("Something was appended after the last signature, and no table of the file names it.")
        yield Finding("appended-bytes", Severity.WARNING, Axis.INTEGRITY, message)


@dataclass
class _Look:
    """One filled signature field while it is looked at; it collects findings."""

    pdf: bytes
    reader: PdfFileReader
    spelling: comparison.UpdateSpelling
    name: str
    value: generic.PdfObject
    holder: generic.DictionaryObject
    trust: TrustStore
    now: datetime
    findings: list[Finding] = field(default_factory=list)
    covered_end: int = 0

    def report(self) -> SignatureReport:
        kind, subfilter = Kind.SIGNATURE, ""
        try:
            dictionary = _dictionary(self.value)
            subfilter = str(dictionary.get("/SubFilter", ""))
            kind = _kind(dictionary, subfilter)
            if subfilter == BARE_RSA:
                return self._bare_rsa(dictionary)
            embedded = EmbeddedPdfSignature(self.reader, self.holder, self.name)
        except READING_ERRORS:
            message = _l("This signature cannot be read: it proves nothing about the document.")
            self._tell("unreadable-signature", Severity.ERROR, message)
            return SignatureReport(
                self.name, kind, None, Changes.UNDETERMINED, subfilter=subfilter, findings=tuple(self.findings)
            )
        return self._embedded(embedded, kind, subfilter)

    def _tell(self, code: str, severity: Severity, message: Message, axis: Axis = Axis.INTEGRITY) -> None:
        self.findings.append(Finding(code, severity, axis, message))

    def _embedded(self, embedded: EmbeddedPdfSignature, kind: Kind, subfilter: str) -> SignatureReport:
        coverage = self._coverage(embedded)
        verified = verify(embedded, kind=kind, subfilter=subfilter)
        self.findings.extend(verified.findings)
        changes = self._changes(embedded, coverage)
        status = self._status(embedded, kind) if subfilter in (*DETACHED, TIMESTAMP) else None
        signed_at, proven = _signing_time(embedded, status)
        return SignatureReport(
            field=self.name,
            kind=kind,
            intact=verified.intact,
            changes=changes,
            covers_file=coverage is SignatureCoverageLevel.ENTIRE_FILE,
            trusted=bool(status.trusted) if status is not None else None,
            signed_at=signed_at,
            time_is_proven=proven,
            subfilter=subfilter,
            findings=tuple(self.findings),
            **_certificate_facts(embedded),
        )

    def _coverage(self, embedded: EmbeddedPdfSignature) -> SignatureCoverageLevel:
        """How much the ByteRange covers; a hole that is anything but /Contents is a place for other text."""
        try:
            start, length, second, rest = (int(number) for number in embedded.byte_range)
            self.covered_end = second + rest
            plain = start == 0 and min(length, second, rest) >= 0 and self.covered_end <= len(self.pdf)
            if plain and is_hole(self.pdf[length:second], embedded.pkcs7_content):
                return embedded.evaluate_signature_coverage()
        except READING_ERRORS:
            pass
        message = _l("The signature leaves out more of the file than itself; other text may hide there.")
        self._tell("byte-range", Severity.ERROR, message)
        return SignatureCoverageLevel.UNCLEAR

    def _changes(self, embedded: EmbeddedPdfSignature, coverage: SignatureCoverageLevel) -> Changes:
        changes = self._difference(embedded, coverage)
        if changes in _EXPLAINED and not self.spelling.is_plain_after(embedded.signed_revision):
            changes = Changes.OTHER
        if changes in _CHANGE_SENTENCES:
            severity, message = _CHANGE_SENTENCES[changes]
            self._tell(f"changes-{changes.value}", severity, message)
        return changes

    def _difference(self, embedded: EmbeddedPdfSignature, coverage: SignatureCoverageLevel) -> Changes:
        if coverage is SignatureCoverageLevel.ENTIRE_FILE:
            return Changes.NONE
        if coverage < SignatureCoverageLevel.ENTIRE_REVISION:
            return Changes.UNDETERMINED
        try:
            result = DEFAULT_DIFF_POLICY.review_file(
                self.reader,
                embedded.signed_revision,
                field_mdp_spec=embedded.fieldmdp,
                doc_mdp=embedded.docmdp_level,
            )
            permitted = embedded.docmdp_level
        except KeyError:  # it stumbles over references to objects that a table does not name: null, for any reader
            return self._second_look(embedded, otherwise=Changes.UNDETERMINED)
        except READING_ERRORS:
            return Changes.UNDETERMINED
        if not isinstance(result, DiffResult):
            return self._second_look(embedded, otherwise=Changes.OTHER)
        if permitted is not None and result.modification_level.value > permitted.value:
            message = _l("What was done after this signature is not what its signer permitted.")
            self._tell("not-permitted", Severity.ERROR, message)
        return _LEVELS[result.modification_level]

    def _second_look(self, embedded: EmbeddedPdfSignature, *, otherwise: Changes) -> Changes:
        """pyHanko could not explain an update: compare what can be seen before and after it."""
        try:
            locks = embedded.fieldmdp
            permissions = comparison.Permissions(
                certified=embedded.docmdp_level is not None,
                is_locked=locks.is_locked if locks is not None else lambda name: False,
            )
            return comparison.compare(self.reader, revision=embedded.signed_revision, permissions=permissions)
        except (comparison.Unexplained, *READING_ERRORS):
            return otherwise

    def _status(self, embedded: EmbeddedPdfSignature, kind: Kind) -> Status | None:
        """Who signed and when; pyHanko's own answer, with the pinned roots alone."""
        context = ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(root) for root in self.trust.roots],
            allow_fetching=False,
            moment=self.now,
        )
        try:
            status = _finished(_pyhanko_status(embedded, kind, context))
        except READING_ERRORS as error:
            reason = str(error)[:200]
            self._tell("format", Severity.ERROR, _l("The signature breaks its standard: %(reason)s", reason=reason))
            return None
        self._tell_trust(status)
        if isinstance(status, PdfSignatureStatus):
            self._tell_pdf_status(status)
        return status

    def _tell_trust(self, status: Status) -> None:
        problem = status.trust_problem_indic
        if problem is not None and not status.trusted:
            code, message = _TRUST_SENTENCES.get(problem.standard_name, ("untrusted", _NO_ROOT))
            self._tell(code, Severity.WARNING, message, Axis.IDENTITY)

    def _tell_pdf_status(self, status: PdfSignatureStatus) -> None:
        if not status.seed_value_ok:
            message = _l("The signature does not keep the conditions that its field sets.")
            self._tell("seed-values", Severity.INFO, message)
        stamps = (status.timestamp_validity, status.content_timestamp_validity)
        if any(stamp is not None and not (stamp.intact and stamp.valid) for stamp in stamps):
            message = _l("The time stamp in this signature does not belong to it, or is damaged.")
            self._tell("time-stamp", Severity.ERROR, message)

    def _bare_rsa(self, dictionary: generic.DictionaryObject) -> SignatureReport:
        start, length, second, rest = (int(number) for number in dictionary["/ByteRange"])
        certificates = dictionary["/Cert"]
        first = certificates[0] if isinstance(certificates, generic.ArrayObject) else certificates
        certificate = x509.load_der_x509_certificate(first.original_bytes)
        contents, self.covered_end = contents_of(dictionary), second + rest
        covered = self.pdf[start : start + length] + self.pdf[second : self.covered_end]
        verified = verify_bare_rsa(certificate, contents=contents, covered=covered)
        self.findings.extend(verified.findings)
        whole = start == 0 and is_hole(self.pdf[length:second], contents) and self.covered_end == len(self.pdf)
        changes = Changes.NONE if whole else Changes.UNDETERMINED
        if not whole:
            severity, message = _CHANGE_SENTENCES[changes]
            self._tell(f"changes-{changes.value}", severity, message)
        report = SignatureReport(self.name, Kind.SIGNATURE, verified.intact, changes, covers_file=whole)
        return replace(report, subfilter=BARE_RSA, findings=tuple(self.findings), **_facts(certificate))


def _dictionary(value: generic.PdfObject) -> generic.DictionaryObject:
    found = value.get_object() if isinstance(value, generic.IndirectObject) else value  # type: ignore[no-untyped-call]
    if not isinstance(found, generic.DictionaryObject):
        raise TypeError("the value of a signature field is no dictionary")
    return found


def _kind(dictionary: generic.DictionaryObject, subfilter: str) -> Kind:
    """Some writers forget the /Type of a document time stamp; its SubFilter tells it as well."""
    is_timestamp = subfilter == TIMESTAMP or dictionary.get("/Type") == "/DocTimeStamp"
    return Kind.TIMESTAMP if is_timestamp else Kind.SIGNATURE


def _certificate_facts(embedded: EmbeddedPdfSignature) -> dict[str, Any]:
    try:
        return _facts(x509.load_der_x509_certificate(embedded.signer_cert.dump()))
    except READING_ERRORS:
        return {}


def _facts(certificate: x509.Certificate) -> dict[str, Any]:
    return {
        "signer": authority.certificate_name(certificate),
        "organisation": authority.certificate_organisation(certificate),
        "bin": authority.certificate_bin(certificate),
        "issuer": authority.issuer_name(certificate),
        "certificate_sha256": certificate.fingerprint(hashes.SHA256()).hex(),
    }


def _finished(work: Coroutine[Any, Any, Status]) -> Status:
    """Run *work* to its end, also for a caller whose thread already runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _pyhanko_status(embedded: EmbeddedPdfSignature, kind: Kind, context: ValidationContext) -> Status:
    if kind is Kind.TIMESTAMP:
        facts = await validate_tst_signed_data(embedded.signed_data, context, embedded.compute_digest)
        return TimestampSignatureStatus(**facts)
    usage = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})  # either of them
    return await async_validate_pdf_signature(embedded, context, key_usage_settings=usage, skip_diff=True)


def _signing_time(embedded: EmbeddedPdfSignature, status: Status | None) -> tuple[datetime | None, bool]:
    if isinstance(status, TimestampSignatureStatus):
        return status.timestamp, bool(status.trusted)
    stamp = status.timestamp_validity if status is not None else None
    if stamp is not None and stamp.intact and stamp.valid and stamp.trusted:
        return stamp.timestamp, True
    try:
        return embedded.self_reported_timestamp, False
    except READING_ERRORS:
        return None, False
