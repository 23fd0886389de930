"""Validating a PDF's signatures, each on its own; integrity and identity are told apart."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

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
from pyhanko.sign.validation.status import (
    PdfSignatureStatus,
    SignatureCoverageLevel,
    StandardCMSSignatureStatus,
    TimestampSignatureStatus,
)
from pyhanko_certvalidator import ValidationContext

from docflow.core.checks import Axis
from docflow.core.messages import Message, _l
from docflow.core.places import Place
from docflow.signing import authority, comparison, judgement
from docflow.signing.base import CADES
from docflow.signing.findings import Finding, Severity
from docflow.signing.gost import names, seams
from docflow.signing.gost.streebog import allowance
from docflow.signing.indications import Conclusion, Indication, SubIndication, because
from docflow.signing.integrity import (
    BARE_RSA,
    DETACHED,
    READING_ERRORS,
    TIMESTAMP,
    Verified,
    attributes_in_order,
    contents_of,
    is_hole,
    verify,
    verify_bare_rsa,
)
from docflow.signing.judgement import Judgement, Status
from docflow.signing.naming import Naming
from docflow.signing.places import Pages
from docflow.signing.proofs import are_complete
from docflow.signing.reading import opened
from docflow.signing.report import Certificate, Changes, Integrity, Kind, Level, Report, SignatureReport
from docflow.signing.trust import TrustStore

_Answer = TypeVar("_Answer")
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
_OF_THE_BYTES = {
    SubIndication.FORMAT_FAILURE,
    SubIndication.HASH_FAILURE,
    SubIndication.SIG_CRYPTO_FAILURE,
    SubIndication.SIG_CONSTRAINTS_FAILURE,
    SubIndication.SIGNED_DATA_NOT_FOUND,
    SubIndication.GENERIC,
}
_IDENTITY_CODES = {
    SubIndication.REVOKED: "revoked",
    SubIndication.REVOKED_NO_POE: "revoked",
    SubIndication.REVOKED_CA_NO_POE: "revoked",
    SubIndication.EXPIRED: "expired",
    SubIndication.NOT_YET_VALID: "expired",
    SubIndication.OUT_OF_BOUNDS_NO_POE: "expired",
    SubIndication.OUT_OF_BOUNDS_NOT_REVOKED: "expired",
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE: "algorithm",
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "algorithm",
    SubIndication.TRY_LATER: "revocation",
}

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # what they would log comes back as a finding
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


def validate(pdf: bytes, *, trust: TrustStore, now: datetime, online: bool = False) -> Report:
    """Look at every filled signature field of *pdf*; never raises for what is in the file.

    With *online* the responders that the certificates of trusted issuers name are asked about revocation.
    Files from outside belong into a process of their own: :mod:`docflow.signing.process`.
    """
    sha256 = hashlib.sha256(pdf).hexdigest()
    try:
        reader = opened(pdf)
        fields = list(_filled_fields(reader))
    except READING_ERRORS as error:
        return replace(unreadable(_l("This file cannot be read as a PDF."), detail=repr(error)[:500]), sha256=sha256)
    spelling = comparison.UpdateSpelling(reader, (value for _, value, _ in fields))
    with _Waiting() as waiting, allowance():
        court = judgement.Court.sitting(reader, trust=trust, now=now, online=online)
        file = _File(pdf, reader, spelling, Naming(reader), Pages(reader), trust, court, now, online, waiting)
        looks = [_Look(file, name, value, holder) for name, value, holder in fields]
        signatures = _with_levels(file, looks, [look.report() for look in looks])
    findings = tuple(_file_findings(pdf, looks, signatures))
    integrity = _integrity(signatures, findings)
    return Report(integrity, signatures, findings, sha256=sha256, revisions=reader.xrefs.total_revisions)


def _with_levels(file: _File, looks: list[_Look], signatures: list[SignatureReport]) -> tuple[SignatureReport, ...]:
    """A level is what is there: document time stamps behind a signature count for it, data that is missing does not."""
    stamps = [
        look
        for look, each in zip(looks, signatures, strict=True)
        if each.kind is Kind.TIMESTAMP and each.intact and look.embedded is not None
    ]
    stamps.sort(key=lambda look: look.covered_end)
    return tuple(
        replace(each, level=_level(file, look, [stamp for stamp in stamps if stamp.covered_end > look.covered_end]))
        if each.intact
        else each
        for look, each in zip(looks, signatures, strict=True)
    )


def _level(file: _File, look: _Look, stamps: list[_Look]) -> Level:
    """*stamps* are the document time stamps behind the signature, the earliest first."""
    if not look.is_baseline or look.embedded is None:
        return Level.NONE
    if not look.is_stamped and not stamps:
        return Level.B
    try:
        # Nobody can have said yet what becomes of the last one's authority.
        values = [each.embedded for each in (look, *stamps[:-1]) if each.embedded is not None]
        known = file.court.store.known
        if not (known.known_ocsps or known.known_crls) or not are_complete(values, known, file.trust.roots):
            return Level.T
        at = [each.embedded.signed_revision for each in stamps if each.embedded is not None]
        sealed = any("/DSS" in file.reader.get_historical_root(each) for each in at)
    except READING_ERRORS:
        return Level.T
    return Level.LTA if sealed else Level.LT


def unreadable(message: Message, *, detail: str = "") -> Report:
    finding = Finding("unreadable", Severity.ERROR, Axis.INTEGRITY, message)
    return Report(Integrity.UNREADABLE, findings=(finding,), error=message, detail=detail)


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


@dataclass(frozen=True)
class _File:
    """What the looks at one file share."""

    pdf: bytes
    reader: PdfFileReader
    spelling: comparison.UpdateSpelling
    naming: Naming
    pages: Pages
    trust: TrustStore
    court: judgement.Court
    now: datetime
    online: bool
    waiting: _Waiting


@dataclass(frozen=True)
class _Told:
    """What pyHanko says of who signed, and when; ``problem`` where it could not."""

    status: Status | None = None
    judged: Judgement | None = None
    tried: judgement.Attempt | None = None
    problem: str | None = None

    @property
    def holds(self) -> bool:
        """Whether the digest and the signature value are right."""
        return self.status is not None and self.status.intact and self.status.valid


@dataclass
class _Look:
    """One filled signature field while it is looked at; it collects findings."""

    file: _File
    name: str
    value: generic.PdfObject
    holder: generic.DictionaryObject
    findings: list[Finding] = field(default_factory=list)
    covered_end: int = 0
    is_stamped: bool = False
    is_baseline: bool = False
    embedded: EmbeddedPdfSignature | None = None

    def report(self) -> SignatureReport:
        kind, subfilter = Kind.SIGNATURE, ""
        try:
            dictionary = _dictionary(self.value)
            subfilter = str(dictionary.get("/SubFilter", ""))
            kind = _kind(dictionary, subfilter)
            if subfilter == BARE_RSA:
                return self._bare_rsa(dictionary)
            embedded = EmbeddedPdfSignature(self.file.reader, self.holder, self.name)
        except READING_ERRORS:
            message = _l("This signature cannot be read: it proves nothing about the document.")
            self._tell("unreadable-signature", Severity.ERROR, message)
            return SignatureReport(
                self.name, kind, None, Changes.UNDETERMINED, subfilter=subfilter, findings=tuple(self.findings)
            )
        return self._embedded(embedded, kind, subfilter)

    def _tell(
        self,
        code: str,
        severity: Severity,
        message: Message,
        axis: Axis = Axis.INTEGRITY,
        *,
        pages: tuple[int, ...] = (),
        places: tuple[Place, ...] = (),
    ) -> None:
        self.findings.append(Finding(code, severity, axis, message, pages, places))

    def _embedded(self, embedded: EmbeddedPdfSignature, kind: Kind, subfilter: str) -> SignatureReport:
        self.embedded = embedded
        coverage, in_order = self._coverage(embedded), attributes_in_order(embedded)
        answer = self._asked(embedded, kind) if subfilter in (*DETACHED, TIMESTAMP) else _Told()
        verified = verify(embedded, kind=kind, subfilter=subfilter, in_order=in_order, holds=answer.holds)
        self.findings.extend(verified.findings)
        changes = self._changes(embedded, coverage)
        self._tell_answer(answer)
        status, judged = answer.status, self._judged(embedded, verified, answer)
        self._tell_identity(judged.conclusion)
        signed_at, proven = _signing_time(embedded, status, judged)
        self.is_stamped, self.is_baseline = _is_stamped(status), _is_baseline(embedded, kind, subfilter)
        return SignatureReport(
            field=self.name,
            kind=kind,
            intact=verified.intact,
            changes=changes,
            covers_file=coverage is SignatureCoverageLevel.ENTIRE_FILE,
            trusted=_is_trusted(status, judged),
            signed_at=signed_at,
            time_is_proven=proven,
            subfilter=subfilter,
            findings=tuple(self.findings),
            conclusion=judged.conclusion,
            place=self.file.pages.of_field(self.holder),
            signed_bytes=self.covered_end,
            **_certificate_facts(embedded, status),
            **_signature_facts(embedded),
        )

    def _judged(self, embedded: EmbeddedPdfSignature, verified: Verified, answer: _Told) -> Judgement:
        status = answer.status
        codes = {finding.code for finding in self.findings if _is_doubt(finding)}
        if verified.intact is None:
            return Judgement(because(SubIndication.GENERIC))
        if not verified.intact:
            return Judgement(because(_failure(codes, status)))
        if status is None:
            weak = codes == set()  # adbe.pkcs7.sha1, with nothing else to say against it
            sub = SubIndication.CRYPTO_CONSTRAINTS_FAILURE if weak else SubIndication.SIG_CONSTRAINTS_FAILURE
            return Judgement(because(sub))
        judged = answer.judged or self._judged_in_time(embedded, status, answer.tried)
        if judged.conclusion.indication is Indication.PASSED and codes:
            # The rule of this house: what nobody could explain behind a signature is no pass (5.2.8).
            return replace(judged, conclusion=because(SubIndication.SIG_CONSTRAINTS_FAILURE))
        return judged

    def _judged_in_time(
        self, embedded: EmbeddedPdfSignature, status: Status, tried: judgement.Attempt | None
    ) -> Judgement:
        """With time stamps, archival data and responders only where they can change the answer."""
        basic = judgement.from_status(status)
        if not self.file.trust.roots:
            return basic
        if isinstance(status, TimestampSignatureStatus):
            return self._judged_stamp(embedded, basic)
        if not (status.intact and status.valid):
            return basic
        is_unknown = basic.conclusion.sub is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
        try:
            carries_more = judgement.has_more_to_say(embedded)
            if not carries_more and (is_unknown or not self.file.online):
                return basic
            if not self.file.online and (known := judgement.stamped_and_no_more(embedded, status)) is not None:
                return known
            asks = self.file.online and not is_unknown  # nobody but trusted issuers says whom to ask
            court = replace(self.file.court, online=asks)
            return self.file.waiting.run(judgement.judge(embedded, status, court=court, tried=tried))
        except READING_ERRORS:
            return basic

    def _judged_stamp(self, embedded: EmbeddedPdfSignature, basic: Judgement) -> Judgement:
        try:
            court = replace(self.file.court, online=False)
            return self.file.waiting.run(judgement.judge_time_stamp(embedded, basic, court=court))
        except READING_ERRORS:
            return basic

    def _coverage(self, embedded: EmbeddedPdfSignature) -> SignatureCoverageLevel:
        """How much the ByteRange covers; a hole that is anything but /Contents is a place for other text."""
        try:
            start, length, second, rest = (int(number) for number in embedded.byte_range)
            self.covered_end = second + rest
            plain = start == 0 and min(length, second, rest) >= 0 and self.covered_end <= len(self.file.pdf)
            if plain and is_hole(self.file.pdf[length:second], embedded.pkcs7_content):
                return embedded.evaluate_signature_coverage()
        except READING_ERRORS:
            pass
        message = _l("The signature leaves out more of the file than itself; other text may hide there.")
        self._tell("byte-range", Severity.ERROR, message)
        return SignatureCoverageLevel.UNCLEAR

    def _changes(self, embedded: EmbeddedPdfSignature, coverage: SignatureCoverageLevel) -> Changes:
        changes = self._difference(embedded, coverage)
        if changes in _EXPLAINED and not self.file.spelling.is_plain_after(embedded.signed_revision):
            changes = Changes.OTHER
        if changes in _CHANGE_SENTENCES:
            severity, message = _CHANGE_SENTENCES[changes]
            pages = () if severity is Severity.INFO else self.file.pages.touched_after(embedded.signed_revision)
            places = self.file.pages.notes_after(embedded.signed_revision)
            self._tell(f"changes-{changes.value}", severity, message, pages=pages, places=places)
        return changes

    def _difference(self, embedded: EmbeddedPdfSignature, coverage: SignatureCoverageLevel) -> Changes:
        if coverage is SignatureCoverageLevel.ENTIRE_FILE:
            return Changes.NONE
        if coverage < SignatureCoverageLevel.ENTIRE_REVISION:
            return Changes.UNDETERMINED
        if not self.file.naming.ends_within(embedded.signed_revision, self.covered_end):
            return Changes.OTHER
        if self.file.naming.touched_after(embedded.signed_revision):
            # What this look can explain, pyHanko's analysis of every revision in between cannot make any worse.
            quick = self._compared(embedded, naming=self.file.naming)
            if quick is not None:
                return quick
        try:
            result = DEFAULT_DIFF_POLICY.review_file(
                self.file.reader,
                embedded.signed_revision,
                field_mdp_spec=embedded.fieldmdp,
                doc_mdp=embedded.docmdp_level,
            )
            permitted = embedded.docmdp_level
        except KeyError:  # it stumbles over references to objects that a table does not name: null, for any reader
            return self._compared(embedded) or Changes.UNDETERMINED
        except READING_ERRORS:
            return Changes.UNDETERMINED
        if not isinstance(result, DiffResult):
            return self._compared(embedded) or Changes.OTHER
        if permitted is not None and result.modification_level.value > permitted.value:
            message = _l("What was done after this signature is not what its signer permitted.")
            self._tell("not-permitted", Severity.ERROR, message)
        return _LEVELS[result.modification_level]

    def _compared(self, embedded: EmbeddedPdfSignature, *, naming: Naming | None = None) -> Changes | None:
        """Compare what can be seen before and after the updates; ``None`` where that does not explain them."""
        try:
            locks = embedded.fieldmdp
            permissions = comparison.Permissions(
                certified=embedded.docmdp_level is not None,
                is_locked=locks.is_locked if locks is not None else lambda name: False,
            )
            revision = embedded.signed_revision
            return comparison.compare(self.file.reader, revision=revision, permissions=permissions, naming=naming)
        except (comparison.Unexplained, *READING_ERRORS):
            return None

    def _asked(self, embedded: EmbeddedPdfSignature, kind: Kind) -> _Told:
        """Who signed and when; pyHanko's own answer, with the pinned roots alone."""
        tried = None
        try:
            asks = kind is Kind.SIGNATURE and self.file.trust.roots and not self.file.online
            if asks and judgement.is_worth_an_attempt(embedded):
                tried = self.file.waiting.run(judgement.attempt(embedded, court=self.file.court))
            passed = tried.passed(now=self.file.now) if tried is not None else None
            if passed is not None:
                return _Told(passed[1], passed[0])
        except READING_ERRORS:
            tried = None  # the whole call below says what is wrong
        context = ValidationContext(
            trust_manager=self.file.court.roots,
            allow_fetching=False,
            moment=self.file.now,
            signature_validator=seams.NATIONAL,
        )
        try:
            return _Told(self.file.waiting.run(_pyhanko_status(embedded, kind, context)), tried=tried)
        except READING_ERRORS as error:
            return _Told(problem=str(error)[:200])

    def _tell_answer(self, answer: _Told) -> None:
        if answer.problem is not None:
            message = _l("The signature breaks its standard: %(reason)s", reason=answer.problem)
            self._tell("format", Severity.ERROR, message)
        if isinstance(answer.status, PdfSignatureStatus):
            self._tell_pdf_status(answer.status)

    def _tell_identity(self, conclusion: Conclusion) -> None:
        if conclusion.sub is not None and conclusion.sub not in _OF_THE_BYTES:
            code = _IDENTITY_CODES.get(conclusion.sub, "untrusted")
            severity = Severity.INFO if conclusion.sub is SubIndication.TRY_LATER else Severity.WARNING
            self._tell(code, severity, conclusion.message, Axis.IDENTITY)

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
        covered = self.file.pdf[start : start + length] + self.file.pdf[second : self.covered_end]
        verified = verify_bare_rsa(certificate, contents=contents, covered=covered)
        self.findings.extend(verified.findings)
        whole = (
            start == 0 and is_hole(self.file.pdf[length:second], contents) and self.covered_end == len(self.file.pdf)
        )
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


def _certificate_facts(embedded: EmbeddedPdfSignature, status: Status | None) -> dict[str, Any]:
    try:
        facts = _facts(x509.load_der_x509_certificate(embedded.signer_cert.dump()))
        facts["certificate"] = replace(
            facts["certificate"], chain=_chain(status), algorithm=_algorithm(embedded.signer_cert)
        )
        return facts
    except READING_ERRORS:
        return {}


def _chain(status: Status | None) -> tuple[str, ...]:
    path = status.validation_path if status is not None else None
    if path is None or status is None or not status.trusted:
        return ()
    names = [_name_of(each.dump()) for each in path if isinstance(each, asn1_x509.Certificate)]
    return tuple(reversed(names[:-1]))


@lru_cache(maxsize=256)
def _name_of(certificate: bytes) -> str:
    """Of an authority; few of them stand above many signers."""
    return authority.certificate_name(x509.load_der_x509_certificate(certificate))


def _algorithm(certificate: asn1_x509.Certificate) -> str:
    key = certificate.public_key
    name: str = key.algorithm
    if name == seams.KEY_NAME:
        return names.LABEL
    return f"{name.upper()} {key.bit_size}" if name in ("rsa", "ec") else name  # of others the library knows no size


def _signature_facts(embedded: EmbeddedPdfSignature) -> dict[str, Any]:
    try:
        return {
            "revision": embedded.signed_revision + 1,
            "digest_algorithm": embedded.md_algorithm,
            "signed_digest": embedded.compute_digest().hex(),
            "value": embedded.signer_info["signature"].native.hex(),
        }
    except READING_ERRORS:
        return {}


def _failure(codes: set[str], status: Status | None) -> SubIndication:
    if status is not None and not status.intact:
        return SubIndication.HASH_FAILURE
    if (status is not None and not status.valid) or "not-intact" in codes:
        return SubIndication.SIG_CRYPTO_FAILURE
    return SubIndication.FORMAT_FAILURE


def _is_stamped(status: Status | None) -> bool:
    stamp = status.timestamp_validity if isinstance(status, StandardCMSSignatureStatus) else None
    return stamp is not None and stamp.intact and stamp.valid


def _is_baseline(embedded: EmbeddedPdfSignature, kind: Kind, subfilter: str) -> bool:
    """EN 319 142-1, table 1: signing-certificate-v2 in the signature, the time beside it (/M), and no signing-time."""
    if kind is Kind.TIMESTAMP or subfilter != CADES or "/M" not in embedded.sig_object:
        return False
    attributes = {each["type"].native for each in embedded.signer_info["signed_attrs"]}
    return "signing_certificate_v2" in attributes and "signing_time" not in attributes


def _is_trusted(status: Status | None, judged: Judgement) -> bool | None:
    """Trusted at the proven time is trusted, even where the certificate has run out since."""
    if judged.conclusion.indication is Indication.PASSED:
        return True
    refused = judged.conclusion.sub in (SubIndication.REVOKED_NO_POE, SubIndication.REVOKED_CA_NO_POE)
    return bool(status.trusted and not refused) if status is not None else None


def _facts(certificate: x509.Certificate) -> dict[str, Any]:
    return {
        "signer": authority.certificate_name(certificate),
        "organisation": authority.certificate_organisation(certificate),
        "bin": authority.certificate_bin(certificate),
        "issuer": authority.issuer_name(certificate),
        "certificate_sha256": certificate.fingerprint(hashes.SHA256()).hex(),
        "certificate": Certificate(
            valid_from=certificate.not_valid_before_utc,
            valid_until=certificate.not_valid_after_utc,
            serial=f"{certificate.serial_number:x}",
        ),
    }


class _Waiting:
    """Runs what must be awaited: in one event loop a file, or in another thread where this one runs a loop already."""

    def __enter__(self) -> _Waiting:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._runner: asyncio.Runner | None = asyncio.Runner()
        else:
            self._runner = None
        return self

    def __exit__(self, *_: object) -> None:
        if self._runner is not None:
            self._runner.close()

    def run(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        if self._runner is not None:
            return self._runner.run(work)
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(copy_context().run, asyncio.run, work).result()


async def _pyhanko_status(embedded: EmbeddedPdfSignature, kind: Kind, context: ValidationContext) -> Status:
    if kind is Kind.TIMESTAMP:
        facts = await validate_tst_signed_data(embedded.signed_data, context, embedded.compute_digest)
        return TimestampSignatureStatus(**facts)
    return await async_validate_pdf_signature(embedded, context, key_usage_settings=judgement.USAGE, skip_diff=True)


def _signing_time(
    embedded: EmbeddedPdfSignature, status: Status | None, judged: Judgement
) -> tuple[datetime | None, bool]:
    if judged.proven_at is not None:
        return judged.proven_at, True
    if isinstance(status, TimestampSignatureStatus):
        return status.timestamp, bool(status.trusted)
    stamp = status.timestamp_validity if status is not None else None
    if stamp is not None and stamp.intact and stamp.valid and stamp.trusted:
        return stamp.timestamp, True
    try:
        return embedded.self_reported_timestamp, False
    except READING_ERRORS:
        return None, False
