"""Whether one signature verifies over the bytes that it covers; who signed is another question."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass

from asn1crypto import core
from asn1crypto.algos import SignedDigestAlgorithm
from asn1crypto.keys import PublicKeyInfo
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import errors as path_errors
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    SignatureValidationContext,
    SignatureValidator,
)

from docflow.core.checks import Axis
from docflow.core.messages import Message, _l
from docflow.signing import der
from docflow.signing.findings import Finding, Severity
from docflow.signing.gost import seams
from docflow.signing.gost.streebog import TooSlow, streebog
from docflow.signing.report import Kind

# What pyHanko, asn1crypto and the standard library raise on files from outside; see the corpus of broken files.
# NotImplementedError is pyHanko's answer to what it does not read: here it is caught, as any other, and the
# signature is told to be undetermined.
READING_ERRORS = (
    PdfError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    OSError,
    EOFError,
    RecursionError,
    NotImplementedError,
    struct.error,
    zlib.error,
    InvalidSignature,
    UnsupportedAlgorithm,
    path_errors.PathError,
    path_errors.ValidationError,
    path_errors.CRLValidationError,
    path_errors.OCSPValidationError,
)
DETACHED = ("/adbe.pkcs7.detached", "/ETSI.CAdES.detached", "/PBAD.PAdES")
PKCS7_SHA1 = "/adbe.pkcs7.sha1"
BARE_RSA = "/adbe.x509.rsa_sha1"
TIMESTAMP = "/ETSI.RFC3161"

# BSI TR-03111, 5.2.1.1: ECDSA whose two numbers stand side by side instead of in a SEQUENCE.
_PLAIN_ECDSA: dict[str, hashes.HashAlgorithm] = {
    "0.4.0.127.0.7.1.1.4.1.2": hashes.SHA224(),
    "0.4.0.127.0.7.1.1.4.1.3": hashes.SHA256(),
    "0.4.0.127.0.7.1.1.4.1.4": hashes.SHA384(),
    "0.4.0.127.0.7.1.1.4.1.5": hashes.SHA512(),
}
# NIST, Computer Security Objects Register: PKCS#1 v1.5 with SHA-3.
_RSA_SHA3: dict[str, hashes.HashAlgorithm] = {
    "2.16.840.1.101.3.4.3.13": hashes.SHA3_224(),
    "2.16.840.1.101.3.4.3.14": hashes.SHA3_256(),
    "2.16.840.1.101.3.4.3.15": hashes.SHA3_384(),
    "2.16.840.1.101.3.4.3.16": hashes.SHA3_512(),
}
_EDWARDS_DIGESTS = {"ed25519": ("sha512",), "ed448": ("shake256", "shake256_len")}


@dataclass(frozen=True)
class Verified:
    """``intact`` is ``None`` when it could not be found out; then, and when it is false, a finding says why."""

    intact: bool | None
    findings: tuple[Finding, ...] = ()


def _failed(code: str, message: Message, *, intact: bool | None = False) -> Verified:
    return Verified(intact, (Finding(code, Severity.ERROR, Axis.INTEGRITY, message),))


_NOT_VERIFIABLE = _l("Whether the signature is genuine could not be found out: parts are missing or unknown.")
_NOT_INTACT = _l("The signed bytes are not those that were signed, or the signature is forged.")


def is_hole(hole: bytes, contents: bytes) -> bool:
    """ISO 32000-1, 12.8.1: the hole is the hexadecimal string of /Contents with its two brackets, and nothing else."""
    if hole[:1] != b"<" or hole[-1:] != b">":
        return False
    try:
        return bytes.fromhex(hole[1:-1].decode("ascii")) == contents
    except ValueError:
        return False


def verify(
    embedded: EmbeddedPdfSignature, *, kind: Kind, subfilter: str, in_order: bool, holds: bool = False
) -> Verified:
    """Check digest and signature value with the certificate that the signature carries.

    *in_order* is what :func:`attributes_in_order` said before anybody else had looked at the signature. *holds* when
    pyHanko has just said so of digest and value: then only what it does not look at is checked here.
    """
    if subfilter not in (*DETACHED, PKCS7_SHA1, TIMESTAMP):
        return _failed(
            "subfilter",
            _l("This kind of signature (%(kind)s) is not supported.", kind=subfilter or "–"),
            intact=None,
        )
    try:
        return _verify_cms(embedded, kind, subfilter, in_order=in_order, holds=holds)
    except TooSlow as problem:
        return _failed("gost-engine", problem.message, intact=None)
    except READING_ERRORS:
        return _failed("not-verifiable", _NOT_VERIFIABLE)


def _verify_cms(embedded: EmbeddedPdfSignature, kind: Kind, subfilter: str, *, in_order: bool, holds: bool) -> Verified:
    encapsulated = embedded.signed_data["encap_content_info"]
    content_type = encapsulated["content_type"].native
    if (kind is Kind.TIMESTAMP) != (content_type == "tst_info"):
        return _failed("content-type", _l("The field and what stands in it are of different kinds."))
    digest = embedded.compute_digest()
    if encapsulated["content"] is not core.VOID and encapsulated["content"].native is not None:
        attached = bytes(encapsulated["content"])
        if not _attached_content_fits(embedded, attached, digest, subfilter):
            return _failed("attached-content", _l("What the signature carries inside does not belong to this file."))
        digest = _digest(embedded.md_algorithm, attached)
    if not in_order:
        return _failed("attributes-order", _l("The signed attributes are not in the order that the standard demands."))
    if holds:
        return _with_algorithms(embedded)
    kept, valid = validate_sig_integrity(
        embedded.signer_info,
        embedded.signer_cert,
        expected_content_type=content_type,
        actual_digest=digest,
        sig_validator=_further_algorithm(embedded),
    )
    return _with_algorithms(embedded) if kept and valid else _failed("not-intact", _NOT_INTACT)


class _FurtherAlgorithm(SignatureValidator):
    """What cryptography can verify and pyHanko has no name for; pyHanko still checks the attributes around it."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: PublicKeyInfo,
        signature_algorithm: SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Raise ``InvalidSignature`` unless the signature is that of the certificate's key."""
        name = signature_algorithm["algorithm"].dotted
        digest = (_PLAIN_ECDSA.get(name) or _RSA_SHA3[name]).name.replace("-", "_")
        if context.contextual_md_algorithm != digest:
            raise InvalidSignature  # the digest of the attributes and that of the signature are one (RFC 5652, 5.4)
        key = serialization.load_der_public_key(public_key_info.dump())
        if name in _PLAIN_ECDSA and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(_two_numbers(signature, key), signed_data, ec.ECDSA(_hashed(_PLAIN_ECDSA[name], context)))
        elif name in _RSA_SHA3 and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed_data, padding.PKCS1v15(), _hashed(_RSA_SHA3[name], context))
        else:
            raise InvalidSignature


def _further_algorithm(embedded: EmbeddedPdfSignature) -> SignatureValidator:
    name = embedded.signer_info["signature_algorithm"]["algorithm"].dotted
    return _FurtherAlgorithm() if name in _PLAIN_ECDSA or name in _RSA_SHA3 else seams.NATIONAL


def _hashed(algorithm: hashes.HashAlgorithm, context: SignatureValidationContext) -> hashes.HashAlgorithm | Prehashed:
    return Prehashed(algorithm) if context.prehashed else algorithm


def _two_numbers(signature: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """BSI TR-03111: each number has exactly the length of the curve's order; other lengths are another signature."""
    half = (key.key_size + 7) // 8
    if len(signature) != 2 * half:
        raise InvalidSignature
    return encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))


def _attached_content_fits(embedded: EmbeddedPdfSignature, attached: bytes, digest: bytes, subfilter: str) -> bool:
    """A time-stamp token and adbe.pkcs7.sha1 carry the file's digest inside; a detached signature carries nothing."""
    if subfilter == TIMESTAMP:
        token = embedded.signed_data["encap_content_info"]["content"].parsed
        return bool(token["message_imprint"]["hashed_message"].native == digest)
    return subfilter == PKCS7_SHA1 and attached == embedded.compute_digest("sha1")


def _digest(algorithm: str, content: bytes) -> bytes:
    if algorithm in seams.DIGESTS:
        return streebog(content, size=seams.DIGESTS[algorithm])
    return hashlib.new(algorithm.replace("_", ""), content, usedforsecurity=False).digest()


def attributes_in_order(embedded: EmbeddedPdfSignature) -> bool:
    """X.690, 11.6, which RFC 5652, 5.3 demands: two readings of one signature would differ otherwise.

    To be asked first: asn1crypto writes a set in order that somebody has looked into. What cannot be read is not
    out of order; it is told otherwise.
    """
    try:
        attributes = embedded.signer_info["signed_attrs"]
        if attributes is core.VOID:
            return True
        parts = [part.raw for part in der.read(attributes.dump()).children()]
    except READING_ERRORS:
        return True
    return parts == sorted(parts)


def _with_algorithms(embedded: EmbeddedPdfSignature) -> Verified:
    """RFC 8419, 2.3 and 3.1: Ed25519 goes with SHA-512 and Ed448 with SHAKE256, anything else is no signature of it."""
    signature = embedded.signer_info["signature_algorithm"]["algorithm"].native
    digest = embedded.signer_info["digest_algorithm"]["algorithm"].native
    if digest in _EDWARDS_DIGESTS.get(signature, (digest,)):
        return Verified(True)
    message = _l("The signature names algorithms that do not fit each other.")
    return Verified(True, (Finding("algorithm-mismatch", Severity.WARNING, Axis.INTEGRITY, message),))


def verify_bare_rsa(certificate: x509.Certificate, *, contents: bytes, covered: bytes) -> Verified:
    """adbe.x509.rsa_sha1 (ISO 32000-1, 12.8.3.2): a PKCS#1 signature in an OCTET STRING, without CMS."""
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return _failed("not-verifiable", _NOT_VERIFIABLE)
    weak = _l("SHA-1 is no longer strong enough to prove who signed.")
    try:
        # The format knows no other digest; the finding says what that is worth.
        key.verify(der.read(contents).content, covered, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    except InvalidSignature:
        return _failed("not-intact", _NOT_INTACT)
    return Verified(True, (Finding("algorithm", Severity.WARNING, Axis.IDENTITY, weak),))


def contents_of(dictionary: generic.DictionaryObject) -> bytes:
    """/Contents is never encrypted (ISO 32000-1, 7.6.1)."""
    value: generic.ByteStringObject = dictionary.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    return bytes(value.original_bytes)
