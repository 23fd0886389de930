"""Keys and signatures of the national profile as they stand in certificates, CMS, OCSP answers and lists."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from docflow.signing import der
from docflow.signing.gost import curve, names
from docflow.signing.gost.curve import SIZE, Point
from docflow.signing.gost.streebog import streebog


class Unreadable(ValueError, UnsupportedAlgorithm):
    """No key of the national profile, or one on a curve that is not known here."""


def key_info(point: Point) -> bytes:
    """The SubjectPublicKeyInfo: an OCTET STRING of x and y in its BIT STRING."""
    value = b"".join(each.to_bytes(SIZE, "little") for each in point)
    parameters = der.sequence(der.oid(names.CURVE), der.oid(names.STREEBOG_512))
    algorithm = der.sequence(der.oid(names.KEY), parameters)
    return der.sequence(algorithm, der.tlv(0x03, b"\0" + der.tlv(der.OCTET_STRING, value)))


def public_key(info: bytes) -> Point:
    """The point in a SubjectPublicKeyInfo; :class:`Unreadable` when it is another kind's."""
    try:
        algorithm, bits = der.read(info).children()
        name, parameters = algorithm.children()
        chosen = next(parameters.children()).raw
        value = der.read(bits.content[1:]).content
    except (ValueError, StopIteration) as error:
        raise Unreadable("no public key of the national profile") from error
    if name.raw != der.oid(names.KEY) or chosen != der.oid(names.CURVE) or len(value) != 2 * SIZE:
        raise Unreadable("not a key on the curve that is known here")
    return int.from_bytes(value[:SIZE], "little"), int.from_bytes(value[SIZE:], "little")


def info_of(certificate: x509.Certificate) -> bytes:
    """The SubjectPublicKeyInfo as it stands in the certificate; the library loads no key that it does not know."""
    fields = list(der.read(certificate.tbs_certificate_bytes).children())
    has_version = fields[0].tag == der.CONTEXT
    return fields[6 if has_version else 5].raw


def verify(info: bytes, signature: bytes, data: bytes) -> None:
    """``InvalidSignature`` unless the key in *info* (SubjectPublicKeyInfo) has signed *data*, by Streebog-512."""
    if not curve.is_signed(streebog(data), signature, public_key(info)):
        raise InvalidSignature


def is_key_of(certificate: x509.Certificate) -> bool:
    return names.is_key(certificate.public_key_algorithm_oid.dotted_string)


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """By name and by signature; whether the issuer may issue is asked elsewhere."""
    if certificate.issuer != issuer.subject or not is_by_gost(certificate.signature_algorithm_oid):
        return False
    try:
        verify(info_of(issuer), certificate.signature, certificate.tbs_certificate_bytes)
    except (ValueError, InvalidSignature):  # ValueError: somebody of that name with a key of another kind
        return False
    return True


def is_by_gost(algorithm: x509.ObjectIdentifier) -> bool:
    """Whether a certificate, an OCSP answer or a list names this *algorithm* for its signature."""
    return names.is_signature(algorithm.dotted_string)
