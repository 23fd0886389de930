"""Was a signature valid at the time that is proven? EN 319 102-1: basic, with a time stamp, with archival data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from asn1crypto import x509 as asn1_x509
from asn1crypto.crl import CertificateList
from asn1crypto.ocsp import OCSPResponse
from asn1crypto.pdf import RevocationInfoArchival
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate, AdESPassed, AdESStatus, AdESSubIndic
from pyhanko.sign.general import CMSExtractionError, NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError, SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import (
    SignatureCoverageLevel,
    SignatureStatus,
    StandardCMSSignatureStatus,
    TimestampSignatureStatus,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager, TrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from docflow.signing.gost import seams
from docflow.signing.indications import Conclusion, SubIndication, because, named
from docflow.signing.integrity import READING_ERRORS
from docflow.signing.trust import TrustStore

USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})  # either of them
_EVER = timedelta(days=365 * 50)
Status = StandardCMSSignatureStatus | TimestampSignatureStatus


@dataclass(frozen=True)
class Court:
    """What every signature of one file is judged by; *online* asks the responders that the certificates name, too."""

    roots: TrustManager
    now: datetime
    online: bool

    store: _Store

    @classmethod
    def sitting(cls, reader: PdfFileReader, *, trust: TrustStore, now: datetime, online: bool) -> Court:
        roots = [_loaded(root) for root in trust.roots]
        return cls(SimpleTrustManager.build(trust_roots=roots), now, online, _Store(reader))


class _Store:
    """The document security store of a file (EN 319 142-1, 5.4.2), read once for all its signatures."""

    def __init__(self, reader: PdfFileReader) -> None:
        self._reader = reader

    @cached_property
    def known(self) -> LocalKnowledge:
        try:
            store = DocumentSecurityStore.read_dss(self._reader)
        except NoDSSFoundError:
            return LocalKnowledge()
        answers = [OCSPResponse.load(_data(each, DecodePurpose.OCSP_RESPONSE)) for each in store.ocsps]
        lists = [CertificateList.load(_data(each, DecodePurpose.CRL)) for each in store.crls]
        return LocalKnowledge(
            known_ocsps=[each for answer in answers for each in OCSPContainer.load_multi(answer)],
            known_crls=[CRLContainer(each) for each in lists],
            known_certs=[_loaded(_data(each, DecodePurpose.CERTIFICATE)) for each in store.certs.values()],
        )


def _data(reference: generic.IndirectObject, purpose: DecodePurpose) -> bytes:
    stream: generic.StreamObject = reference.get_object()  # type: ignore[no-untyped-call]
    return stream.read_data(purpose)


@dataclass(frozen=True)
class Judgement:
    """A conclusion, and the earliest time at which the signature is proven to have existed."""

    conclusion: Conclusion
    proven_at: datetime | None = None


def from_status(status: Status) -> Judgement:
    """Basic validation, with nothing but what the signature carries and with no word about revocation."""
    if not status.intact:
        return Judgement(because(SubIndication.HASH_FAILURE))
    if not status.valid:
        return Judgement(because(SubIndication.SIG_CRYPTO_FAILURE))
    problem = status.trust_problem_indic
    if problem is AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE and _vouches_for_itself(status):
        return Judgement(because(SubIndication.NO_CERTIFICATE_CHAIN_FOUND))
    if problem is not None:
        return Judgement(named(problem.standard_name))
    if isinstance(status, TimestampSignatureStatus):
        return Judgement(named("OK"), status.timestamp)
    return Judgement(because(SubIndication.TRY_LATER) if _may_be_revoked(status) else named("OK"))


def _vouches_for_itself(status: Status) -> bool:
    """Self-signed, and no pinned root: pyHanko calls that another breach of the chain's rules (EN 319 102-1, 5.2.6)."""
    return status.validation_path is None and status.signing_cert.self_signed in ("yes", "maybe")


def _may_be_revoked(status: StandardCMSSignatureStatus) -> bool:
    """A certificate that names a place to ask for revocation has to be asked about; others cannot be revoked."""
    path = status.validation_path
    certificates = [each for each in path if isinstance(each, asn1_x509.Certificate)] if path is not None else []
    return any(map(names_a_responder, certificates[1:]))


def names_a_responder(certificate: asn1_x509.Certificate) -> bool:
    if certificate.ocsp_no_check_value is not None:
        return False
    return bool(certificate.ocsp_urls) or certificate.crl_distribution_points_value is not None


def has_more_to_say(embedded: EmbeddedPdfSignature) -> bool:
    """Whether the file carries time stamps or revocation data, so that more than a basic validation is possible."""
    return _is_stamped(embedded) or carries_revocation(embedded)


def carries_revocation(embedded: EmbeddedPdfSignature) -> bool:
    return "/DSS" in embedded.reader.root or _revocation_inside(embedded) is not None


def stamped_and_no_more(embedded: EmbeddedPdfSignature, status: StandardCMSSignatureStatus) -> Judgement | None:
    """The answer for a signature at B-T whose certificate may be revoked, where nobody is asked about that.

    It is what 5.5 and 5.6 would come to: their first step fails for want of revocation data, whatever follows.
    """
    proven = _proven_by_stamp(status)
    basic = from_status(status)
    if basic.conclusion.sub is not SubIndication.TRY_LATER or proven is None or carries_revocation(embedded):
        return None
    return replace(basic, proven_at=proven)


def _is_stamped(embedded: EmbeddedPdfSignature) -> bool:
    return any(True for _ in extract_tst_data_iter(embedded.signer_info, signed=False))


def _revocation_inside(embedded: EmbeddedPdfSignature) -> RevocationInfoArchival | None:
    """Adobe's attribute (ISO 32000-1, 12.8.3.3.2), which is older than the store."""
    try:
        return find_unique_cms_attribute(embedded.signer_info["signed_attrs"], "adobe_revocation_info_archival")
    except (NonexistentAttributeError, CMSExtractionError):
        return None


@dataclass(frozen=True)
class Attempt:
    """Validation with time (5.5) as of today, before anything else; where it passes, nothing else has to be asked."""

    found: ades.AdESWithTimeValidationResult

    def passed(self, *, now: datetime) -> tuple[Judgement, StandardCMSSignatureStatus] | None:
        status = self.found.api_status
        if self.found.ades_subindic is not AdESPassed.OK or not isinstance(status, StandardCMSSignatureStatus):
            return None
        proven = _proven_by_stamp(status)
        if proven is None or status.signing_cert.not_valid_after < now or _revoked_by(status, proven) is not None:
            return None
        return Judgement(named("OK"), proven), status


def is_worth_an_attempt(embedded: EmbeddedPdfSignature) -> bool:
    """Whether the signature has one time stamp of its own, and the file says something about revocation.

    The conditions of a field and a time stamp over the content are pyHanko's whole call to look at.
    """
    if embedded.sig_object_type != "/Sig" or "/SV" in embedded.sig_field or not carries_revocation(embedded):
        return False
    stamps = sum(1 for _ in extract_tst_data_iter(embedded.signer_info, signed=False))
    return stamps == 1 and not any(True for _ in extract_tst_data_iter(embedded.signer_info, signed=True))


async def attempt(embedded: EmbeddedPdfSignature, *, court: Court) -> Attempt:
    return Attempt(await _Case(embedded, court).with_time(FreshnessReqType.DEFAULT, court.now))


def _proven_by_stamp(status: StandardCMSSignatureStatus) -> datetime | None:
    stamp = status.timestamp_validity
    return stamp.timestamp if stamp is not None and stamp.intact and stamp.valid and stamp.trusted else None


async def judge(
    embedded: EmbeddedPdfSignature, status: StandardCMSSignatureStatus, *, court: Court, tried: Attempt | None = None
) -> Judgement:
    """Judge by all the file carries; what was *tried* already is not tried again."""
    judged = await _judged(_Case(embedded, court), status, tried)
    if judged.conclusion.sub in _OPEN_FOR_LACK_OF_TIME:
        for moment in await _archived_at(embedded, court):
            then = await _judged(_Case(embedded, replace(court, now=moment)), status, None)
            if then.conclusion.sub is None:
                return then
    return judged


async def judge_time_stamp(embedded: EmbeddedPdfSignature, basic: Judgement, *, court: Court) -> Judgement:
    """A document time stamp whose certificate has run out stands if a later one was made before that."""
    if basic.conclusion.sub is SubIndication.OUT_OF_BOUNDS_NO_POE:
        for moment in await _archived_at(embedded, court):
            told = await _Case(embedded, replace(court, now=moment)).time_stamp()
            if told.ades_subindic is AdESPassed.OK and isinstance(told.api_status, TimestampSignatureStatus):
                return Judgement(named("OK"), told.api_status.timestamp)
    return basic


_OPEN_FOR_LACK_OF_TIME = {
    SubIndication.NO_POE,
    SubIndication.OUT_OF_BOUNDS_NO_POE,
    SubIndication.OUT_OF_BOUNDS_NOT_REVOKED,
    SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE,
    SubIndication.TRY_LATER,
}


async def _archived_at(embedded: EmbeddedPdfSignature, court: Court) -> list[datetime]:
    """The times of the document time stamps behind *embedded*, the latest first, as far as each proves the one before.

    EN 319 102-1, 5.6.3: a time stamp of an archive has to hold at the time of the next one, and the last one today. To
    what it covers applies what could be said then. pyHanko judges the whole chain with one freshness of revocation
    data, under which either the last stamp fails or the first.
    """
    stamps = [
        each
        for each in embedded.reader.embedded_timestamp_signatures
        if each.signed_revision > embedded.signed_revision
        and each.evaluate_signature_coverage() >= SignatureCoverageLevel.ENTIRE_REVISION
    ]
    found, moment = list[datetime](), court.now
    for each in sorted(stamps, key=lambda stamp: stamp.signed_revision, reverse=True):
        told = await _Case(each, replace(court, now=moment)).time_stamp()
        if told.ades_subindic is not AdESPassed.OK or not isinstance(told.api_status, TimestampSignatureStatus):
            break
        moment = told.api_status.timestamp
        found.append(moment)
    return found


async def _judged(case: _Case, status: StandardCMSSignatureStatus, tried: Attempt | None) -> Judgement:
    judged = await (case.with_stamp(status, tried) if _is_stamped(case.embedded) else case.without_stamp())
    if judged.conclusion.sub is SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE:
        # So pyHanko names an answer about revocation that is missing, too; what is known without it says more.
        known = from_status(status).conclusion
        return replace(judged, conclusion=because(SubIndication.TRY_LATER) if known.sub is None else known)
    return judged


def _revoked_by(status: SignatureStatus | None, proven_at: datetime) -> Conclusion | None:
    """A revocation at or before the proven time decides; pyHanko's past validation does not always look again."""
    details = status.revocation_details if status is not None else None
    if details is None or proven_at < details.revocation_date:
        return None
    return because(SubIndication.REVOKED_CA_NO_POE if details.ca_revoked else SubIndication.REVOKED_NO_POE)


@dataclass(frozen=True)
class _Case:
    """One signature before the rules."""

    embedded: EmbeddedPdfSignature
    court: Court

    @property
    def now(self) -> datetime:
        return self.court.now

    async def with_stamp(self, status: StandardCMSSignatureStatus, tried: Attempt | None) -> Judgement:
        """5.5, and 5.6 where the answer of today is not the last word."""
        proven = _proven_by_stamp(status)
        tries = [(FreshnessReqType.DEFAULT, self.now)]
        if proven is not None:
            # 5.2.5.4: what was asked after the proven time answers the question, however old it is today.
            tries.append((FreshnessReqType.TIME_AFTER_SIGNATURE, proven))
        for freshness, best in tries:
            if tried is not None and freshness is FreshnessReqType.DEFAULT:
                today = tried.found
            else:
                today = await self.with_time(freshness, best)
            if (revoked := _revoked_by(today.api_status, proven or self.now)) is not None:
                return Judgement(revoked, proven)
            # 5.5.4: a time stamp alone does not tell whether a certificate was revoked before it ran out.
            if today.ades_subindic is AdESPassed.OK and not self._has_run_out():
                return Judgement(named("OK"), proven)
        return await self._with_archive(proven)

    async def with_time(self, freshness: FreshnessReqType, best: datetime) -> ades.AdESWithTimeValidationResult:
        return await ades.ades_with_time_validation(
            self.embedded.signed_data,
            replace(self._rules(freshness), local_knowledge=self._carried()),
            timing_info=ValidationTimingInfo(self.now, best, point_in_time_validation=False),
            raw_digest=self.embedded.compute_digest(),
        )

    async def time_stamp(self) -> ades.AdESBasicValidationResult[TimestampSignatureStatus]:
        """5.4, of a document time stamp."""
        return await ades.ades_timestamp_validation(
            self.embedded.signed_data,
            replace(self._rules(FreshnessReqType.DEFAULT), local_knowledge=self._carried()),
            self.embedded.compute_digest,
            timing_info=ValidationTimingInfo(self.now, self.now, point_in_time_validation=False),
        )

    async def _with_archive(self, stamped_at: datetime | None) -> Judgement:
        found = await ades.ades_lta_validation(
            self.embedded,
            PdfSignatureValidationSpec(self._rules(FreshnessReqType.DEFAULT), diff_policy=None),  # looked at elsewhere
            timing_info=ValidationTimingInfo(self.now, self.now, point_in_time_validation=False),
        )
        stamp = found.api_status.timestamp_validity if found.api_status is not None else None
        passed = found.ades_subindic is AdESPassed.OK
        times = [stamped_at, found.oldest_evidence_record_timestamp, stamp.timestamp if stamp and passed else None]
        proven = min((each for each in times if each is not None), default=None)
        conclusion = _revoked_by(found.api_status, proven or self.now) or named(found.ades_subindic.standard_name)
        if conclusion.sub is SubIndication.NO_POE and self._has_run_out():
            conclusion = because(SubIndication.OUT_OF_BOUNDS_NO_POE)  # the same, said so that one knows of what
        return Judgement(conclusion, proven)

    def _has_run_out(self) -> bool:
        return bool(self.embedded.signer_cert.not_valid_after < self.now)

    async def without_stamp(self) -> Judgement:
        """Document time stamps behind the signature prove its time as well (EN 319 142-1, 5.4.3)."""
        rules = replace(self._rules(FreshnessReqType.DEFAULT), local_knowledge=self._carried())
        moment = ValidationTimingInfo(self.now, self.now, point_in_time_validation=False)
        async with _with_one_backend(rules) as opened:
            found = await ades.ades_basic_validation(
                self.embedded.signed_data, opened, timing_info=moment, raw_digest=self.embedded.compute_digest()
            )
            judged = await self._in_the_past(found.ades_subindic, opened, moment)
        revoked = _revoked_by(found.api_status, judged.proven_at or self.now)
        return judged if revoked is None else replace(judged, conclusion=revoked)

    async def _in_the_past(
        self, current: AdESSubIndic, rules: SignatureValidationSpec, moment: ValidationTimingInfo
    ) -> Judgement:
        conclusion = named(current.standard_name)
        try:
            # pyHanko offers this block for signatures with a time stamp inside alone, but it is the same block.
            stamps = ades._build_prima_facie_poe_index_from_pdf_timestamps(
                self.embedded.reader, include_content_ts=False, diff_policy=None
            )
            stamps = [each for each in stamps if each.pdf_revision > self.embedded.signed_revision]
            if not stamps:
                return Judgement(conclusion)
            proofs = await ades._validate_prima_facie_poe(stamps, rules, moment)
        except (SignatureValidationError, *READING_ERRORS):
            return Judgement(conclusion)
        proven = proofs[self.embedded.signer_info["signature"].native]
        if current.status is AdESStatus.PASSED or not isinstance(current, AdESIndeterminate):
            return Judgement(conclusion, proven if current.status is AdESStatus.PASSED else None)
        past = await ades.ades_past_signature_validation(
            self.embedded.signed_data, rules, proofs, current, init_control_time=self.now
        )
        return Judgement(named(past.standard_name), proven)

    def _carried(self) -> LocalKnowledge:
        store, inside = self.court.store.known, _revocation_inside(self.embedded)
        if inside is None:
            return store
        return replace(
            store,
            known_ocsps=store.known_ocsps + [OCSPContainer(each) for each in inside["ocsp"]],
            known_crls=store.known_crls + [CRLContainer(each) for each in inside["crl"]],
        )

    def _rules(self, freshness: FreshnessReqType) -> SignatureValidationSpec:
        after_signing = freshness is FreshnessReqType.TIME_AFTER_SIGNATURE
        fetching = RevinfoOnlineFetchingRule
        return SignatureValidationSpec(
            self._certificates(freshness, timedelta() if after_signing else None),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                fetching.NO_HISTORICAL_FETCH if self.court.online else fetching.LOCAL_ONLY,
                certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
            ),
            # The last time stamp of an archive cannot hold what was said later about its own authority: until its
            # certificate runs out, what the file holds is enough (as EU DSS has it by default).
            ts_cert_validation_policy=self._certificates(FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION, _EVER),
            key_usage_settings=USAGE,
        )

    def _certificates(self, freshness: FreshnessReqType, interval: timedelta | None) -> CertValidationPolicySpec:
        rule = RevocationCheckingRule.CHECK_IF_DECLARED
        return CertValidationPolicySpec(
            self.court.roots,
            CertRevTrustPolicy(
                RevocationCheckingPolicy(ee_certificate_rule=rule, intermediate_ca_cert_rule=rule),
                freshness=interval,
                freshness_req_type=freshness,
            ),
            signature_validator=seams.NATIONAL,
        )


@asynccontextmanager
async def _with_one_backend(rules: SignatureValidationSpec) -> AsyncIterator[SignatureValidationSpec]:
    """The same connections for every step of one validation, closed at its end."""
    backend = AIOHttpFetcherBackend()
    try:
        yield replace(rules, revinfo_gathering_policy=replace(rules.revinfo_gathering_policy, fetcher_backend=backend))
    finally:
        await backend.close()  # type: ignore[no-untyped-call]


@lru_cache(maxsize=64)
def _loaded(root: bytes) -> asn1_x509.Certificate:
    """Parsed once: what a path is built by, the names made comparable, costs half a millisecond a certificate."""
    return asn1_x509.Certificate.load(root)
