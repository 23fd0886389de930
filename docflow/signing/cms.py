"""CMS signatures of the CAdES baseline: built from precomputed DER, and checked with the signer's own certificate."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from docflow.core.errors import ProviderError
from docflow.core.messages import Message, _l
from docflow.signing import der
from docflow.signing.gost import curve, names, signatures
from docflow.signing.gost.streebog import Streebog, digest_of

DATA = der.oid("1.2.840.113549.1.7.1")
SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
SIGNING_TIME = der.oid("1.2.840.113549.1.9.5")
SIGNING_CERTIFICATE_V2 = der.oid("1.2.840.113549.1.9.16.2.47")

# RFC 5754: digest identifiers stand without parameters, sha256WithRSAEncryption has NULL, ecdsa-with-SHA256 none.
SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
RSA_SHA256 = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.NULL)
ECDSA_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
STREEBOG = der.sequence(der.oid(names.STREEBOG_512))
GOST_STREEBOG = der.sequence(der.oid(names.SIGNED_512))

DIGESTS: dict[bytes, hashes.HashAlgorithm] = {
    der.oid("2.16.840.1.101.3.4.2.1"): hashes.SHA256(),
    der.oid("2.16.840.1.101.3.4.2.2"): hashes.SHA384(),
    der.oid("2.16.840.1.101.3.4.2.3"): hashes.SHA512(),
    der.oid(names.STREEBOG_256): Streebog(32),
    der.oid(names.STREEBOG_512): Streebog(64),
}
SIGNATURES: dict[bytes, tuple[str, hashes.HashAlgorithm | None]] = {
    der.oid("1.2.840.113549.1.1.1"): ("rsa", None),
    der.oid("1.2.840.113549.1.1.11"): ("rsa", hashes.SHA256()),
    der.oid("1.2.840.113549.1.1.12"): ("rsa", hashes.SHA384()),
    der.oid("1.2.840.113549.1.1.13"): ("rsa", hashes.SHA512()),
    der.oid("1.2.840.10045.4.3.2"): ("ecdsa", hashes.SHA256()),
    der.oid("1.2.840.10045.4.3.3"): ("ecdsa", hashes.SHA384()),
    der.oid("1.2.840.10045.4.3.4"): ("ecdsa", hashes.SHA512()),
    der.oid(names.SIGNED_512): ("gost", Streebog(64)),
    der.oid(names.KEY): ("gost", None),
}

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def _certificate_der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.sequence(kind, der.set_of(value))


def signing_certificate_v2(certificate: bytes) -> bytes:
    """RFC 5035: the hash algorithm is left out because SHA-256 is its default."""
    cert_id = der.sequence(der.tlv(der.OCTET_STRING, hashlib.sha256(certificate).digest()))
    return _attribute(SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(cert_id)))


def signed_attributes(digest: bytes, certificate: x509.Certificate) -> bytes:
    """Encode the attributes to be signed over a *digest* of the content, as the SET OF whose bytes the key signs.

    There is no signing time: EN 319 142-1, table 1, forbids it, /M of the signature dictionary tells it.
    """
    return _attributes(digest, signing_certificate_v2(_certificate_der(certificate)))


def _attributes(digest: bytes, certificate_attribute: bytes) -> bytes:
    message_digest = _attribute(MESSAGE_DIGEST, der.tlv(der.OCTET_STRING, digest))
    return der.set_of(_attribute(CONTENT_TYPE, DATA), message_digest, certificate_attribute)


def digest_algorithm_for(certificate: x509.Certificate) -> hashes.HashAlgorithm:
    """By which a document is digested that the key of *certificate* signs."""
    return Streebog(curve.SIZE) if signatures.is_key_of(certificate) else hashes.SHA256()


def _algorithms(certificate: x509.Certificate) -> tuple[bytes, bytes]:
    """Of the digest and of the signature."""
    if signatures.is_key_of(certificate):
        return STREEBOG, GOST_STREEBOG
    is_rsa = isinstance(certificate.public_key(), rsa.RSAPublicKey)
    return SHA256, RSA_SHA256 if is_rsa else ECDSA_SHA256


def build_cms(
    attributes: bytes, signature: bytes, *, certificate: x509.Certificate, chain: Sequence[x509.Certificate] = ()
) -> bytes:
    """Put together a detached SignedData of one signer; *attributes* as ``signed_attributes`` gives them."""
    return _Frame.of(certificate, chain).fill(attributes, signature)


@dataclass(frozen=True)
class _Frame:
    """Everything of a SignedData that depends on the certificate alone."""

    before: bytes  # version, digest algorithms, content type, certificates
    signer: bytes  # version, issuer and serial number, digest algorithm
    algorithm: bytes

    @classmethod
    def of(cls, certificate: x509.Certificate, chain: Sequence[x509.Certificate]) -> _Frame:
        certificates = b"".join(_certificate_der(each) for each in (certificate, *chain))
        issuer = der.sequence(certificate.issuer.public_bytes(), der.integer(certificate.serial_number))
        digest, signature = _algorithms(certificate)
        return cls(
            before=der.integer(1) + der.set_of(digest) + der.sequence(DATA) + der.tlv(der.CONTEXT, certificates),
            signer=der.integer(1) + issuer + digest,
            algorithm=signature,
        )

    def fill(self, attributes: bytes, signature: bytes) -> bytes:
        # RFC 5652, 5.4: signed as SET OF, embedded as [0] IMPLICIT; only the tag differs.
        signed = bytes((der.CONTEXT,)) + attributes[1:]
        info = der.sequence(self.signer, signed, self.algorithm, der.tlv(der.OCTET_STRING, signature))
        signed_data = der.sequence(self.before, der.tlv(der.SET, info))
        return der.sequence(SIGNED_DATA, der.tlv(der.CONTEXT, signed_data))


@dataclass(frozen=True)
class CertifiedKey:
    """A private key that the server may use, with its certificate and the chain without the root."""

    private_key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @cached_property
    def _frame(self) -> _Frame:
        return _Frame.of(self.certificate, self.chain)

    @cached_property
    def _certificate_attribute(self) -> bytes:
        return signing_certificate_v2(_certificate_der(self.certificate))

    def sign(self, digest: bytes) -> bytes:
        """Return the CMS over a SHA-256 *digest*."""
        attributes = _attributes(digest, self._certificate_attribute)
        return self._frame.fill(attributes, self.raw_signature(attributes))

    def raw_signature(self, data: bytes) -> bytes:
        """The bare signature over SHA-256 of *data*: PKCS#1 v1.5, or ECDSA as DER."""
        if isinstance(self.private_key, rsa.RSAPrivateKey):
            return self.private_key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.private_key.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class SignerInfo:
    """What a detached CMS of one signer says, not yet believed."""

    certificate: x509.Certificate
    certificates: tuple[x509.Certificate, ...]
    attributes: bytes  # as SET OF
    message_digest: bytes
    digest_algorithm: hashes.HashAlgorithm
    signature_algorithm: bytes
    signature: bytes
    certificate_hash: tuple[hashes.HashAlgorithm, bytes] | None
    tells_time: bool  # signing-time is among the attributes, which PAdES forbids


def read_cms(cms: bytes, *, content_type: bytes = DATA) -> SignerInfo:
    """Take apart a CMS that a provider returned; :class:`ProviderError` with a sentence when it is not what we need."""
    try:
        return _read_cms(cms, content_type)
    except (der.NotDer, StopIteration, KeyError, IndexError, ValueError) as error:
        raise ProviderError(
            _l("What came back is not a signature in the expected form (CMS, DER). Please sign again.")
        ) from error


def _read_cms(cms: bytes, content_type: bytes) -> SignerInfo:
    content_info = list(der.read(cms).children())
    if content_info[0].raw != SIGNED_DATA:
        raise der.NotDer("no SignedData")
    parts = list(next(content_info[1].children()).children())
    certificates = tuple(
        _certificate(each.raw)
        for part in parts
        if part.tag == der.CONTEXT
        for each in part.children()
        if each.tag == der.SEQUENCE
    )
    (info,) = parts[-1].children()
    fields = list(info.children())
    attributes = {kind.raw: values for kind, values in map(der.Element.children, fields[3].children())}
    if fields[3].tag != der.CONTEXT or attributes[CONTENT_TYPE].content != content_type:
        raise der.NotDer("no signed attributes over data")
    return SignerInfo(
        certificate=_signer_of(fields[1], certificates),
        certificates=certificates,
        attributes=bytes((der.SET,)) + fields[3].raw[1:],
        message_digest=next(attributes[MESSAGE_DIGEST].children()).content,
        digest_algorithm=DIGESTS[next(fields[2].children()).raw],
        signature_algorithm=next(fields[4].children()).raw,
        signature=fields[5].content,
        certificate_hash=_certificate_hash(attributes.get(SIGNING_CERTIFICATE_V2)),
        tells_time=SIGNING_TIME in attributes,
    )


def _signer_of(identifier: der.Element, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    issuer, serial = identifier.children()
    number = int.from_bytes(serial.content, "big", signed=True)
    return next(c for c in certificates if c.serial_number == number and c.issuer.public_bytes() == issuer.raw)


def with_unsigned_attribute(cms: bytes, kind: bytes, value: bytes) -> bytes:
    """Add an attribute to the one signer of *cms*; what is signed stays as it is, byte for byte."""
    outer = list(der.read(cms).children())
    (signed_data,) = outer[1].children()
    *before, infos = signed_data.children()
    (info,) = infos.children()
    fields = list(info.children())
    known = [each.raw for each in fields[6].children()] if len(fields) > 6 else []
    unsigned = der.tlv(der.CONTEXT + 1, b"".join(sorted([*known, _attribute(kind, value)])))
    new_info = der.sequence(*(each.raw for each in fields[:6]), unsigned)
    new_data = der.sequence(*(each.raw for each in before), der.tlv(der.SET, new_info))
    return der.sequence(outer[0].raw, der.tlv(der.CONTEXT, new_data))


def without_unsigned_attributes(cms: bytes) -> bytes:
    outer = list(der.read(cms).children())
    (signed_data,) = outer[1].children()
    *before, infos = signed_data.children()
    (info,) = infos.children()
    new_info = der.sequence(*(each.raw for each in list(info.children())[:6]))
    new_data = der.sequence(*(each.raw for each in before), der.tlv(der.SET, new_info))
    return der.sequence(outer[0].raw, der.tlv(der.CONTEXT, new_data))


def unsigned_attribute(cms: bytes, kind: bytes) -> bytes | None:
    """The first value of an unsigned attribute of the one signer, or ``None``; *cms* may have zeros behind it."""
    signed_data = next(list(der.read(cms).children())[1].children())
    (info,) = list(signed_data.children())[-1].children()
    for group in list(info.children())[6:]:
        for attribute in group.children():
            parts = list(attribute.children())
            if parts[0].raw == kind:
                return next(parts[1].children()).raw
    return None


@lru_cache(maxsize=64)
def _certificate(encoded: bytes) -> x509.Certificate:
    """The same certificates come with every signature of a batch; each keeps what was once read of it."""
    return x509.load_der_x509_certificate(encoded)


def _certificate_hash(attribute: der.Element | None) -> tuple[hashes.HashAlgorithm, bytes] | None:
    """The hash in ESSCertIDv2 and its algorithm, which is left out where it is SHA-256 (RFC 5035)."""
    if attribute is None:
        return None
    signing_certificate = next(attribute.children())
    first, *rest = next(next(signing_certificate.children()).children()).children()
    if first.tag == der.OCTET_STRING:
        return hashes.SHA256(), first.content
    return DIGESTS[next(first.children()).raw], rest[0].content


def check_cms(cms: bytes, *, content: Sequence[bytes]) -> SignerInfo:
    """Make sure that *cms* signs *content* with the key of the certificate in it; trust is another question.

    Raises :class:`ProviderError` with one sentence for the person who signed.
    """
    info = read_cms(cms)
    check_signed(info, digest=digest_of(info.digest_algorithm, *content))
    return info


def check_signed(info: SignerInfo, *, digest: bytes) -> None:
    """The same where *digest* of the content is known, by the algorithm that *info* names."""
    if not hmac.compare_digest(digest, info.message_digest):
        raise ProviderError(_l("The signature belongs to another document. Please sign again."))
    if info.certificate_hash is None:
        raise ProviderError(_l("The signature does not name its certificate (signing-certificate-v2 is missing)."))
    algorithm, named = info.certificate_hash
    if not hmac.compare_digest(digest_of(algorithm, _certificate_der(info.certificate)), named):
        raise ProviderError(_l("The signature names another certificate than the one that came with it."))
    problem = signature_problem(info)
    if problem is not None:
        raise ProviderError(problem)


def signature_problem(info: SignerInfo) -> Message | None:
    """Why the signature does not verify over its attributes with its own certificate, if it does not."""
    kind, digest = SIGNATURES.get(info.signature_algorithm, ("", None))
    digest = digest or info.digest_algorithm
    try:
        if kind == "gost" and digest.digest_size == curve.SIZE and signatures.is_key_of(info.certificate):
            signatures.verify(signatures.info_of(info.certificate), info.signature, info.attributes)
            return None
        key = info.certificate.public_key()
        if kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(info.signature, info.attributes, padding.PKCS1v15(), digest)
        elif kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(info.signature, info.attributes, ec.ECDSA(digest))
        else:
            return _l("This kind of key is not supported for signing: use RSA or ECDSA with SHA-2.")
    except UnsupportedAlgorithm:
        return _l("This kind of key is not supported for signing: use RSA or ECDSA with SHA-2.")
    except InvalidSignature:
        return _l("The signature does not fit the certificate that came with it. Please sign again.")
    return None
