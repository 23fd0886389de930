"""Time stamps (RFC 3161): asking for one, and checking that it is what was asked for."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from docflow.core.errors import ProviderError
from docflow.core.messages import Message, _l
from docflow.signing import cms, der
from docflow.signing.chains import chain_of
from docflow.signing.gost import names
from docflow.signing.gost.streebog import Streebog, digest_of
from docflow.signing.trust import TrustStore
from docflow.signing.wire import Client, Unavailable

TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
TIME_STAMP_TOKEN = der.oid("1.2.840.113549.1.9.16.2.14")
BOOLEAN_TRUE = b"\x01\x01\xff"
_GRANTED = (0, 1)
_ROOM_BEFORE_THE_FIRST = 8192
_SLACK = 256  # serial numbers and ECDSA signatures differ by some bytes


@dataclass(frozen=True)
class Stamp:
    """A token that has been checked against itself; whom it comes from is a question of its chain."""

    token: bytes
    at: datetime
    algorithm: hashes.HashAlgorithm
    imprint: bytes
    nonce: int | None
    certificate: x509.Certificate
    certificates: tuple[x509.Certificate, ...]

    def is_over(self, data: bytes) -> bool:
        return hmac.compare_digest(digest_of(self.algorithm, data), self.imprint)


def read_stamp(token: bytes) -> Stamp:
    """Take apart a token and verify its signature; :class:`ProviderError` when it is none or is damaged."""
    info = cms.read_cms(token, content_type=TST_INFO)
    try:
        content = _content(token)
        stamp = _read_content(content, token, info)
    except (der.NotDer, StopIteration, LookupError, ValueError) as error:
        raise ProviderError(_DAMAGED) from error
    digest = digest_of(info.digest_algorithm, content)
    if not hmac.compare_digest(digest, info.message_digest) or cms.signature_problem(info) is not None:
        raise ProviderError(_DAMAGED)
    if not _stamps_time(info.certificate):
        raise ProviderError(_l("The time stamp was made with a certificate that is not for stamping time."))
    return stamp


_DAMAGED = _l("The time stamp is damaged or of an unknown kind.")


def _content(token: bytes) -> bytes:
    """The DER of the TSTInfo inside the SignedData."""
    signed_data = next(list(der.read(token).children())[1].children())
    _, encapsulated = list(signed_data.children())[2].children()
    return next(encapsulated.children()).content


def _read_content(content: bytes, token: bytes, info: cms.SignerInfo) -> Stamp:
    fields = list(der.read(content).children())
    algorithm, imprint = fields[2].children()
    nonces = [each for each in fields[5:] if each.tag == der.INTEGER]
    return Stamp(
        token=token,
        at=parse_time(fields[4].content),
        algorithm=cms.DIGESTS[next(algorithm.children()).raw],
        imprint=imprint.content,
        nonce=int.from_bytes(nonces[0].content, "big", signed=True) if nonces else None,
        certificate=info.certificate,
        certificates=info.certificates,
    )


def parse_time(text: bytes) -> datetime:
    """GeneralizedTime in UTC, with or without a fraction of a second."""
    whole, _, fraction = text.decode("ascii").rstrip("Z").partition(".")
    found = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return found.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else found


def _stamps_time(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage


class TimeStamper:
    """One time-stamping authority. Its tokens are believed when their chain leads to a pinned root.

    It is asked for a stamp over a digest by ``algorithm``: SHA-256, but Streebog under the national policy for it.
    """

    def __init__(
        self,
        url: str,
        *,
        client: Client,
        trust: Callable[[], TrustStore],
        issuers: Sequence[x509.Certificate] = (),
        policy: str = "",
    ) -> None:
        self.url = url
        self._client, self._trust, self._issuers = client, trust, tuple(issuers)
        self._policy = der.oid(policy) if policy else b""
        self.algorithm: hashes.HashAlgorithm = Streebog(64) if policy == names.STAMPED else hashes.SHA256()
        self._largest = 0

    @property
    def room(self) -> int:
        """How many bytes a token will need; after the first one it is known."""
        return self._largest + _SLACK if self._largest else _ROOM_BEFORE_THE_FIRST

    def stamp(self, digest: bytes) -> Stamp:
        """A token over a *digest* by ``algorithm``; :class:`Unavailable` when there is none that can be believed."""
        nonce = secrets.randbits(63)
        answer = self._client.post(self.url, self._request(digest, nonce), content_type="application/timestamp-query")
        try:
            stamp = read_stamp(_token(answer))
        except (ProviderError, der.NotDer, StopIteration, IndexError, ValueError) as error:
            message = error.message if isinstance(error, ProviderError) else _REFUSED
            raise Unavailable(message) from error
        self._demand_ours(stamp, digest, nonce)
        self._largest = max(self._largest, len(stamp.token))
        return stamp

    def _request(self, digest: bytes, nonce: int) -> bytes:
        is_national = isinstance(self.algorithm, Streebog)
        algorithm = der.sequence(der.oid(names.STREEBOG_512)) if is_national else cms.SHA256
        imprint = der.sequence(algorithm, der.tlv(der.OCTET_STRING, digest))
        return der.sequence(der.integer(1), imprint, self._policy, der.integer(nonce), BOOLEAN_TRUE)

    def _demand_ours(self, stamp: Stamp, digest: bytes, nonce: int) -> None:
        if not hmac.compare_digest(stamp.imprint, digest) or stamp.nonce != nonce:
            raise Unavailable(_l("The time stamp that came back belongs to something else."))
        if not chain_of(stamp.certificate, pool=(*stamp.certificates, *self._issuers), trust=self._trust()):
            raise Unavailable(_l("The time-stamping authority does not lead to a root that is trusted here."))


_REFUSED: Message = _l("The time-stamping authority refuses to stamp, or its answer cannot be read.")


def _token(answer: bytes) -> bytes:
    status, *rest = der.read(answer).children()
    if int.from_bytes(next(status.children()).content, "big") not in _GRANTED or not rest:
        raise ProviderError(_REFUSED)
    return rest[0].raw
