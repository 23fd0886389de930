"""GOST signatures by an authority of our own: digest, curve, chain and a whole PDF.

What could not be tried: signatures, OCSP answers and time stamps of the real national centre.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest

from docflow.signing import der, gost, pades
from docflow.signing.base import PKCS7
from docflow.signing.report import Integrity, Report
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from tests.signing.pki import NOW

M1 = b"012345678901234567890123456789012345678901234567890123456789012"  # RFC 6986, 10.1
DATA, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
NULL = b"\x05\x00"


def explicit(number: int, content: bytes) -> bytes:
    return der.tlv(0xA0 + number, content)


def name(common: str) -> bytes:
    value = der.tlv(0x0C, common.encode())
    return der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3"), value)))


def time(moment: datetime) -> bytes:
    return der.tlv(0x17, moment.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode())


def extension(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.tlv(0x01, b"\xff"), der.tlv(0x04, value))


class Key:
    """A key of the national profile; signs as a token does."""

    def __init__(self) -> None:
        self._secret = 1 + secrets.randbelow(gost.Q - 1)
        point = gost.times(self._secret, gost.BASE)
        assert point is not None
        self.point = point

    def info(self) -> bytes:
        point = b"".join(each.to_bytes(64, "little") for each in self.point)
        parameters = der.sequence(der.oid(gost.CURVE), der.oid(gost.STREEBOG_512))
        algorithm = der.sequence(der.oid(gost.KEY), parameters)
        return der.sequence(algorithm, der.tlv(0x03, b"\0" + der.tlv(0x04, point)))

    def sign(self, data: bytes) -> bytes:
        number = gost.number_of(gost.streebog(data))
        while True:
            once = 1 + secrets.randbelow(gost.Q - 1)
            point = gost.times(once, gost.BASE)
            assert point is not None
            r = point[0] % gost.Q
            s = (r * self._secret + once * number) % gost.Q
            if r and s:
                return r.to_bytes(64, "little") + s.to_bytes(64, "little")


def certificate(
    subject: str,
    key: Key,
    issuer: str,
    issuer_key: Key,
    *,
    ca: bool,
    starts: datetime = NOW,
    usage: bytes = b"\x06\xc0",
) -> bytes:
    algorithm = der.sequence(der.oid(gost.SIGNED_512))
    constraints = der.sequence(der.tlv(0x01, b"\xff")) if ca else der.sequence()
    bits = b"\x01\x06" if ca else usage
    extensions = der.sequence(
        extension("2.5.29.19", constraints),
        extension("2.5.29.15", der.tlv(0x03, bits)),
    )
    validity = der.sequence(time(NOW - timedelta(days=1)), time(NOW + timedelta(days=300)))
    serial = der.integer(secrets.randbits(60) + 1)
    body = der.sequence(
        explicit(0, der.integer(2)), serial, algorithm, name(issuer), validity, name(subject), key.info(),
        explicit(3, extensions),
    )  # fmt: skip
    return der.sequence(body, algorithm, der.tlv(0x03, b"\0" + issuer_key.sign(body)))


def attribute(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.set_of(value))


def cms(key: Key, own: bytes, chain: list[bytes], covered: bytes, *, digest: bytes | None = None) -> bytes:
    digest = digest or gost.streebog(covered)
    signed = sorted(
        [
            attribute("1.2.840.113549.1.9.3", der.oid(DATA)),
            attribute("1.2.840.113549.1.9.4", der.tlv(0x04, digest)),
            attribute("1.2.840.113549.1.9.5", time(NOW)),
        ]
    )
    body = list(next(der.read(own).children()).children())
    serial, issuer = body[1].raw, body[3].raw
    streebog = der.sequence(der.oid(gost.STREEBOG_512), NULL)
    signer = der.sequence(
        der.integer(1), der.sequence(issuer, serial), streebog, explicit(0, b"".join(signed)),
        der.sequence(der.oid(gost.SIGNED_512), NULL), der.tlv(0x04, key.sign(der.set_of(*signed))),
    )  # fmt: skip
    content = der.sequence(
        der.integer(1), der.set_of(streebog), der.sequence(der.oid(DATA)), explicit(0, b"".join([own, *chain])),
        der.set_of(signer),
    )  # fmt: skip
    return der.sequence(der.oid(SIGNED_DATA), explicit(0, content))


class Authority:
    """A root, an issuing centre and one signer."""

    def __init__(self) -> None:
        self.root_key, self.issuer_key, self.key = Key(), Key(), Key()
        self.root = certificate("ROOT GOST", self.root_key, "ROOT GOST", self.root_key, ca=True)
        self.issuer = certificate("NCA GOST", self.issuer_key, "ROOT GOST", self.root_key, ca=True)
        self.own = certificate("ҚҰРМАНҒАЗЫ ӘЛИЯ", self.key, "NCA GOST", self.issuer_key, ca=False)

    @property
    def trust(self) -> TrustStore:
        return TrustStore((self.root,))

    def sign(self, pdf: bytes, *, own: bytes = b"", key: Key | None = None, field: str = "head") -> bytes:
        prepared = pades.prepare(pdf, field=field, when=NOW, subfilter=PKCS7)
        signed = cms(key or self.key, own or self.own, [self.issuer], prepared.signed_bytes())
        return pades.embed(prepared, signed)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def signed(authority: Authority, pdf: bytes) -> bytes:
    return authority.sign(pdf)


def only(report: Report) -> str:
    (found,) = report.signatures
    return found.conclusion.name


def test_the_digests_of_the_standard() -> None:
    assert gost.streebog(M1).hex() == (
        "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa"
        "00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48"
    )
    assert gost.streebog(M1, size=32).hex() == "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500"


def test_the_curve_is_the_one_of_the_standard() -> None:
    assert gost.is_on_curve(gost.BASE)
    assert gost.times(gost.Q, gost.BASE) is None
    assert not gost.is_on_curve((3, 3))


def test_a_signature_is_of_one_key_and_one_digest() -> None:
    key, other = Key(), Key()
    digest, value = gost.streebog(b"x"), key.sign(b"x")
    assert gost.is_signed(digest, value, key.point)
    assert not gost.is_signed(gost.streebog(b"y"), value, key.point)
    assert not gost.is_signed(digest, value, other.point)
    assert not gost.is_signed(digest, value[64:] + value[:64], key.point)
    assert not gost.is_signed(digest, bytes(128), key.point)
    assert gost.public_key(key.info()) == key.point


def test_a_paper_signed_by_gost_passes(authority: Authority, signed: bytes) -> None:
    report = validate(signed, trust=authority.trust, now=NOW)
    assert (report.integrity, only(report)) == (Integrity.INTACT, "TOTAL-PASSED")
    (found,) = report.signatures
    assert (found.signer, found.certificate.chain) == ("ҚҰРМАНҒАЗЫ ӘЛИЯ", ("NCA GOST", "ROOT GOST"))
    assert found.trusted
    assert Report.from_json(report.as_json()) == report


def test_a_changed_byte_a_forged_value_and_a_stranger_are_told_apart(
    authority: Authority, signed: bytes, pdf: bytes
) -> None:
    changed = bytearray(signed)
    changed[pdf.index(b"/Lang") + 7] ^= 1
    broken = validate(bytes(changed), trust=authority.trust, now=NOW)
    assert (broken.integrity, only(broken)) == (Integrity.BROKEN, "TOTAL-FAILED (HASH_FAILURE)")
    forged = validate(authority.sign(pdf, key=Key()), trust=authority.trust, now=NOW)
    assert (forged.integrity, only(forged)) == (Integrity.BROKEN, "TOTAL-FAILED (SIG_CRYPTO_FAILURE)")
    stranger = validate(signed, trust=Authority().trust, now=NOW)
    assert (stranger.integrity, only(stranger)) == (Integrity.INTACT, "INDETERMINATE (NO_CERTIFICATE_CHAIN_FOUND)")


def test_a_certificate_out_of_date_or_of_another_use_fails(authority: Authority, signed: bytes, pdf: bytes) -> None:
    late = validate(signed, trust=authority.trust, now=NOW + timedelta(days=400))
    assert only(late) == "INDETERMINATE (OUT_OF_BOUNDS_NO_POE)"
    own = certificate("ҚҰРМАНҒАЗЫ ӘЛИЯ", authority.key, "NCA GOST", authority.issuer_key, ca=False, usage=b"\x05\x20")
    other = validate(authority.sign(pdf, own=own), trust=authority.trust, now=NOW)
    assert only(other) == "INDETERMINATE (CHAIN_CONSTRAINTS_FAILURE)"


def test_a_signer_is_no_authority(authority: Authority, pdf: bytes) -> None:
    """A certificate that a signer has issued himself leads nowhere."""
    key = Key()
    own = certificate("ӨТІРІК", key, "ҚҰРМАНҒАЗЫ ӘЛИЯ", authority.key, ca=False)
    prepared = pades.prepare(pdf, field="head", when=NOW, subfilter=PKCS7)
    made = pades.embed(prepared, cms(key, own, [authority.own, authority.issuer], prepared.signed_bytes()))
    assert only(validate(made, trust=authority.trust, now=NOW)) == "INDETERMINATE (NO_CERTIFICATE_CHAIN_FOUND)"


def test_a_cms_that_is_not_whole_is_no_crash(authority: Authority, pdf: bytes) -> None:
    """A key of another kind, and a CMS without its attributes."""
    prepared = pades.prepare(pdf, field="head", when=NOW, subfilter=PKCS7)
    whole = cms(authority.key, authority.own, [authority.issuer], prepared.signed_bytes())
    for damaged in (
        whole.replace(der.oid(gost.KEY), der.oid("1.2.398.3.10.1.1.2.9")),
        whole.replace(der.oid("1.2.840.113549.1.9.4"), der.oid("1.2.840.113549.1.9.9")),
    ):
        found = validate(pades.embed(prepared, damaged), trust=authority.trust, now=NOW)
        assert found.integrity is Integrity.BROKEN
        assert only(found).startswith("TOTAL-FAILED")
