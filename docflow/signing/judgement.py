"""Was a signature valid at the time that is proven? EN 319 102-1: basic, with a time stamp, with archival data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from asn1crypto import x509 as asn1_x509
from pyhanko.sign.ades.report import AdESIndeterminate, AdESPassed, AdESStatus, AdESSubIndic
from pyhanko.sign.general import CMSExtractionError, NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.errors import SignatureValidationError
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
from pyhanko.sign.validation.status import PdfSignatureStatus, TimestampSignatureStatus
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager, TrustManager

from docflow.signing.indications import Conclusion, SubIndication, because, named
from docflow.signing.integrity import READING_ERRORS
from docflow.signing.trust import TrustStore

USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})  # either of them
Status = PdfSignatureStatus | TimestampSignatureStatus


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
    if problem is not None:
        return Judgement(named(problem.standard_name))
    if isinstance(status, PdfSignatureStatus) and _may_be_revoked(status):
        return Judgement(because(SubIndication.TRY_LATER))
    return Judgement(named("OK"), status.timestamp if isinstance(status, TimestampSignatureStatus) else None)


def _may_be_revoked(status: PdfSignatureStatus) -> bool:
    """A certificate that names a place to ask for revocation has to be asked about; others cannot be revoked."""
    path = status.validation_path
    certificates = [each for each in path if isinstance(each, asn1_x509.Certificate)] if path is not None else []
    return any(map(_names_a_responder, certificates[1:]))


def _names_a_responder(certificate: asn1_x509.Certificate) -> bool:
    if certificate.ocsp_no_check_value is not None:
        return False
    return bool(certificate.ocsp_urls) or certificate.crl_distribution_points_value is not None


def has_more_to_say(embedded: EmbeddedPdfSignature) -> bool:
    """Whether the file carries time stamps or revocation data, so that more than a basic validation is possible."""
    return _is_stamped(embedded) or "/DSS" in embedded.reader.root or _has_revocation_inside(embedded)


def _is_stamped(embedded: EmbeddedPdfSignature) -> bool:
    return any(True for _ in extract_tst_data_iter(embedded.signer_info, signed=False))


def _has_revocation_inside(embedded: EmbeddedPdfSignature) -> bool:
    try:
        find_unique_cms_attribute(embedded.signer_info["signed_attrs"], "adobe_revocation_info_archival")
    except (NonexistentAttributeError, CMSExtractionError):
        return False
    return True


async def judge(
    embedded: EmbeddedPdfSignature, status: PdfSignatureStatus, *, trust: TrustStore, now: datetime, online: bool
) -> Judgement:
    """Judge by all the file carries; *online* asks the responders that the certificates name, too."""
    case = _Case(embedded, trust, now, online)
    if not _is_stamped(embedded):
        return await case.without_stamp()
    stamp = status.timestamp_validity
    judged = await case.with_stamp(FreshnessReqType.DEFAULT, best=now)
    is_stale = judged.conclusion.sub is SubIndication.TRY_LATER
    if is_stale and stamp is not None and stamp.intact and stamp.valid and stamp.trusted:
        # 5.2.5.4: what was asked after the proven time of signing answers the question, however old it is today.
        return await case.with_stamp(FreshnessReqType.TIME_AFTER_SIGNATURE, best=stamp.timestamp)
    return judged


@dataclass(frozen=True)
class _Case:
    """One signature before the rules."""

    embedded: EmbeddedPdfSignature
    trust: TrustStore
    now: datetime
    online: bool

    async def with_stamp(self, freshness: FreshnessReqType, *, best: datetime) -> Judgement:
        found = await ades.ades_lta_validation(
            self.embedded,
            PdfSignatureValidationSpec(self._rules(freshness), diff_policy=None),  # changes are looked at elsewhere
            timing_info=ValidationTimingInfo(self.now, best, point_in_time_validation=False),
        )
        conclusion = named(found.ades_subindic.standard_name)
        stamp = found.api_status.timestamp_validity if found.api_status is not None else None
        is_proven = found.ades_subindic is AdESPassed.OK or (stamp is not None and stamp.trusted)
        return Judgement(conclusion, found.best_signature_time if is_proven else None)

    async def without_stamp(self) -> Judgement:
        """Document time stamps behind the signature prove its time as well (EN 319 142-1, 5.4.3)."""
        rules = self._rules(FreshnessReqType.DEFAULT)
        rules = replace(rules, local_knowledge=self._carried())
        moment = ValidationTimingInfo(self.now, self.now, point_in_time_validation=False)
        found = await ades.ades_basic_validation(
            self.embedded.signed_data,
            rules,
            timing_info=moment,
            raw_digest=self.embedded.compute_digest(),
        )
        return await self._in_the_past(found.ades_subindic, rules, moment)

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
        store: LocalKnowledge = ades._dss_to_local_knowledge(self.embedded.reader)
        inside = ades._adobe_revinfo_archival_to_local_knowledge(self.embedded)
        return replace(
            store,
            known_ocsps=store.known_ocsps + inside.known_ocsps,
            known_crls=store.known_crls + inside.known_crls,
        )

    def _rules(self, freshness: FreshnessReqType) -> SignatureValidationSpec:
        rule = RevocationCheckingRule.CHECK_IF_DECLARED
        revocation = CertRevTrustPolicy(
            RevocationCheckingPolicy(ee_certificate_rule=rule, intermediate_ca_cert_rule=rule),
            freshness=timedelta() if freshness is FreshnessReqType.TIME_AFTER_SIGNATURE else None,
            freshness_req_type=freshness,
        )
        fetching = RevinfoOnlineFetchingRule
        return SignatureValidationSpec(
            CertValidationPolicySpec(_manager(self.trust.roots), revocation),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                fetching.NO_HISTORICAL_FETCH if self.online else fetching.LOCAL_ONLY,
                certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
            ),
            key_usage_settings=USAGE,
        )


def _manager(roots: Iterable[bytes]) -> TrustManager:
    return SimpleTrustManager.build(trust_roots=[asn1_x509.Certificate.load(root) for root in roots])
