"""Whether a certificate is revoked: asking its authority by OCSP, else reading its list; answers are kept a while."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from docflow.core.messages import _l
from docflow.signing.chains import is_authority, is_issued_by
from docflow.signing.gost import signatures
from docflow.signing.gost.streebog import TooSlow
from docflow.signing.wire import Client, Unavailable

DER = serialization.Encoding.DER
CLOCKS_DIFFER = timedelta(minutes=5)
# A batch asks once; a certificate that is revoked now must be known soon, whatever the answer's own term.
KEPT = timedelta(minutes=5)


@dataclass(frozen=True)
class Evidence:
    """What an authority said of one certificate at ``this_update``, and the bytes that prove it."""

    this_update: datetime
    revoked_at: datetime | None = None
    reason: str = ""
    ocsp: bytes = b""
    crl: bytes = b""
    responder: tuple[x509.Certificate, ...] = ()

    def is_revoked(self, at: datetime) -> bool:
        return self.revoked_at is not None and self.revoked_at <= at


class RevocationSource:
    """Asks for certificates whose chain leads to a pinned root: nobody else's addresses are visited.

    *ocsp_url* is asked about people's certificates instead of what they name; an authority's names who answers for it.
    """

    def __init__(self, *, client: Client, ocsp_url: str = "") -> None:
        self._client, self._ocsp_url = client, ocsp_url
        self._answers: dict[tuple[bytes, int], tuple[datetime, Evidence]] = {}
        self._lists: dict[str, tuple[datetime, x509.CertificateRevocationList]] = {}
        self._lock = threading.Lock()

    def ask(
        self, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime, since: datetime | None = None
    ) -> Evidence:
        """An answer that is not older than *since*; :class:`Unavailable` when there is none."""
        key = (issuer.fingerprint(hashes.SHA256()), certificate.serial_number)
        with self._lock:
            asked, kept = self._answers.get(key, (None, None))
        if asked is not None and kept is not None and _still_good(asked, kept.this_update, now=now, since=since):
            return kept
        found = self._ask(certificate, issuer, now=now, since=since)
        with self._lock:
            self._answers[key] = (now, found)
        return found

    def _ask(
        self, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime, since: datetime | None
    ) -> Evidence:
        url = "" if is_authority(certificate) else self._ocsp_url
        url = url or ocsp_address(certificate)
        address = crl_address(certificate)
        if not url and not address:
            raise Unavailable(_l("A certificate names no service that would say whether it is revoked."))
        try:
            if url:
                return self._by_ocsp(url, certificate, issuer, now=now)
        except Unavailable:
            if not address:
                raise
        return self._by_list(address, certificate, issuer, now=now, since=since)

    def _by_ocsp(self, url: str, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime) -> Evidence:
        nonce = secrets.token_bytes(16)
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
        request = builder.add_extension(x509.OCSPNonce(nonce), critical=False).build()
        answer = self._client.post(url, request.public_bytes(DER), content_type="application/ocsp-request")
        return read_ocsp(answer, certificate, issuer, now=now, nonce=nonce)

    def _by_list(
        self,
        url: str,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
        *,
        now: datetime,
        since: datetime | None,
    ) -> Evidence:
        with self._lock:
            asked, found = self._lists.get(url, (None, None))
        if asked is None or found is None or not _still_good(asked, found.last_update_utc, now=now, since=since):
            found = _read_list(self._client.get(url), issuer, now=now)
            with self._lock:
                self._lists[url] = (now, found)
        return evidence_of_list(found, certificate)


def _still_good(asked: datetime, this_update: datetime, *, now: datetime, since: datetime | None) -> bool:
    is_recent = timedelta() <= now - asked < KEPT
    return is_recent and (since is None or this_update >= since.replace(microsecond=0))


def ocsp_address(certificate: x509.Certificate) -> str:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    found = (each.access_location.value for each in access if each.access_method == AuthorityInformationAccessOID.OCSP)
    return next((str(url) for url in found if str(url).startswith(("http://", "https://"))), "")


def crl_address(certificate: x509.Certificate) -> str:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    urls = (str(name.value) for point in points for name in point.full_name or ())
    return next((url for url in urls if url.startswith(("http://", "https://"))), "")


def has_no_check(certificate: x509.Certificate) -> bool:
    """RFC 6960, 4.2.2.2.1: a responder whose own revocation is not asked for."""
    try:
        certificate.extensions.get_extension_for_class(x509.OCSPNoCheck)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return True


_UNUSABLE = _l("What the authority answered about a certificate cannot be used.")


def read_ocsp(
    answer: bytes, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime, nonce: bytes = b""
) -> Evidence:
    """Check an answer: about this certificate, fresh, signed by its issuer or by whom the issuer delegated."""
    try:
        response = ocsp.load_der_ocsp_response(answer)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise Unavailable(_l("The authority does not say whether a certificate is revoked; ask again later."))
        single = next(each for each in response.responses if each.serial_number == certificate.serial_number)
        signer = _responder(response, issuer, now)
        _verify(signer, response)
        _demand_nonce(response, nonce)
        _demand_fresh(single.this_update_utc, single.next_update_utc, now)
        _demand_issuer(single, issuer)
    except (ValueError, StopIteration, InvalidSignature, UnsupportedAlgorithm) as error:
        raise Unavailable(_UNUSABLE) from error
    if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise Unavailable(_l("The authority does not know this certificate."))
    return Evidence(
        single.this_update_utc,
        single.revocation_time_utc,
        single.revocation_reason.value if single.revocation_reason else "",
        ocsp=answer,
        responder=(signer,) if signer != issuer else (),
    )


def _responder(response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> x509.Certificate:
    for each in response.certificates:
        if each == issuer:
            return issuer
        usage = each.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        is_current = each.not_valid_before_utc <= now + CLOCKS_DIFFER and now <= each.not_valid_after_utc
        if ExtendedKeyUsageOID.OCSP_SIGNING in usage and is_issued_by(each, issuer) and is_current:
            return each
    return issuer


def _verify(signer: x509.Certificate, response: ocsp.OCSPResponse) -> None:
    signature, data = response.signature, response.tbs_response_bytes
    if signatures.is_by_gost(response.signature_algorithm_oid):
        signatures.verify(signatures.info_of(signer), signature, data)
        return
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    if algorithm is not None and isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), algorithm)
    elif algorithm is not None and isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(algorithm))
    else:
        raise UnsupportedAlgorithm("a responder's key of another kind")


def _demand_nonce(response: ocsp.OCSPResponse, nonce: bytes) -> None:
    """A responder may leave it out (RFC 9654); one that echoes another answers somebody else."""
    try:
        echoed = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return
    if nonce and echoed != nonce:
        raise ValueError("another nonce")


def _demand_fresh(this_update: datetime, next_update: datetime | None, now: datetime) -> None:
    if this_update > now + CLOCKS_DIFFER or (next_update is not None and next_update < now - CLOCKS_DIFFER):
        raise ValueError("not of now")


def _demand_issuer(single: ocsp.OCSPSingleResponse, issuer: x509.Certificate) -> None:
    digest = hashes.Hash(single.hash_algorithm)
    digest.update(issuer.subject.public_bytes())
    if digest.finalize() != single.issuer_name_hash:
        raise ValueError("another issuer")


def _read_list(data: bytes, issuer: x509.Certificate, *, now: datetime) -> x509.CertificateRevocationList:
    try:
        found = x509.load_der_x509_crl(data)
        genuine = _is_genuine(found, issuer)
        _demand_fresh(found.last_update_utc, found.next_update_utc, now)
    except TooSlow as error:  # the national list has some megabytes
        raise Unavailable(error.message) from error
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise Unavailable(_UNUSABLE) from error
    if not genuine or found.issuer != issuer.subject:
        raise Unavailable(_UNUSABLE)
    return found


def _is_genuine(found: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    if signatures.is_by_gost(found.signature_algorithm_oid):
        signatures.verify(signatures.info_of(issuer), found.signature, found.tbs_certlist_bytes)
        return True
    key = issuer.public_key()
    return isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) and found.is_signature_valid(key)


def evidence_of_list(found: x509.CertificateRevocationList, certificate: x509.Certificate) -> Evidence:
    entry = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
    data = found.public_bytes(DER)
    if entry is None:
        return Evidence(found.last_update_utc, crl=data)
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        reason = ""
    return Evidence(found.last_update_utc, entry.revocation_date_utc, reason, crl=data)
