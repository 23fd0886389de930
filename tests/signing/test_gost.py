"""GOST signatures by an authority of our own: digest, curve, chain and a whole PDF.

What could not be tried: signatures, OCSP answers and time stamps of the real national centre.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from docflow.core.errors import ProviderError
from docflow.signing import cms, der, pades
from docflow.signing.base import PKCS7
from docflow.signing.gost import curve, engine, names, signatures
from docflow.signing.gost.streebog import plain, streebog
from docflow.signing.report import Integrity, Report
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from tests.signing.gost_authority import GostAuthority, Holder, Key, certificate, common_name, detached
from tests.signing.pki import NOW, RECTOR

M1 = b"012345678901234567890123456789012345678901234567890123456789012"  # RFC 6986, 10.1


@pytest.fixture(scope="module")
def authority() -> GostAuthority:
    made = GostAuthority()
    made.open()
    return made


def sign(authority: GostAuthority, pdf: bytes, *, holder: Holder | None = None) -> bytes:
    prepared = pades.prepare(pdf, field="head", when=NOW, subfilter=PKCS7)
    return pades.embed(prepared, authority.sign(prepared.signed_bytes(), holder=holder))


@pytest.fixture(scope="module")
def signed(authority: GostAuthority, pdf: bytes) -> bytes:
    return sign(authority, pdf)


def only(report: Report) -> str:
    (found,) = report.signatures
    return found.conclusion.name


@pytest.mark.parametrize("digest", [plain, streebog])
def test_the_digests_of_the_standard(digest: Callable[..., bytes]) -> None:
    """The second is OpenSSL's where its engine is installed."""
    assert digest(M1, size=64).hex() == (
        "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa"
        "00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48"
    )
    assert digest(M1, size=32).hex() == "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500"


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1000])
def test_both_ways_give_the_same_digest(size: int) -> None:
    data = bytes(number * 7 % 256 for number in range(size))
    assert [streebog(data, size=length) for length in (32, 64)] == [plain(data, size=length) for length in (32, 64)]


def test_the_engine_is_believed_by_what_it_says_of_nothing() -> None:
    assert {length: plain(b"", size=length) for length in (32, 64)} == engine.EMPTY


def test_the_curve_is_the_one_of_the_standard() -> None:
    assert curve.is_on_curve(curve.BASE)
    assert curve.times(curve.Q, curve.BASE) is None
    assert curve.times(curve.Q + 1, curve.BASE) == curve.BASE
    assert curve.combined(5, curve.BASE, 7, curve.BASE) == curve.times(12, curve.BASE)
    assert not curve.is_on_curve((3, 3))


def test_a_signature_is_of_one_key_and_one_digest() -> None:
    key, other = Key(), Key()
    digest, value = streebog(b"x"), key.sign(b"x")
    assert curve.is_signed(digest, value, key.point)
    assert not curve.is_signed(streebog(b"y"), value, key.point)
    assert not curve.is_signed(digest, value, other.point)
    assert not curve.is_signed(digest, value[64:] + value[:64], key.point)
    assert not curve.is_signed(digest, bytes(128), key.point)
    assert signatures.public_key(key.info) == key.point


def test_a_paper_signed_by_gost_passes(authority: GostAuthority, signed: bytes) -> None:
    report = validate(signed, trust=authority.trust, now=NOW)
    assert (report.integrity, only(report)) == (Integrity.INTACT, "TOTAL-PASSED")
    (found,) = report.signatures
    chain = ("ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST)", "НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST)")
    assert (found.signer, found.certificate.chain) == (RECTOR.person_name.upper(), chain)
    assert (found.certificate.algorithm, found.digest_algorithm) == (names.LABEL, "streebog512")
    assert found.trusted
    assert Report.from_json(report.as_json()) == report


def test_a_changed_byte_a_forged_value_and_a_stranger_are_told_apart(
    authority: GostAuthority, signed: bytes, pdf: bytes
) -> None:
    changed = bytearray(signed)
    changed[pdf.index(b"/Lang") + 7] ^= 1
    broken = validate(bytes(changed), trust=authority.trust, now=NOW)
    assert (broken.integrity, only(broken)) == (Integrity.BROKEN, "TOTAL-FAILED (HASH_FAILURE)")
    thief = Holder(authority.person.name, Key(), authority.person.certificate)
    forged = validate(sign(authority, pdf, holder=thief), trust=authority.trust, now=NOW)
    assert (forged.integrity, only(forged)) == (Integrity.BROKEN, "TOTAL-FAILED (SIG_CRYPTO_FAILURE)")
    stranger = validate(signed, trust=GostAuthority().trust, now=NOW)
    assert (stranger.integrity, stranger.signatures[0].trusted) == (Integrity.INTACT, False)
    assert only(stranger) == "INDETERMINATE (CERTIFICATE_CHAIN_GENERAL_FAILURE)"  # a root of the same name
    unknown = validate(signed, trust=TrustStore(), now=NOW)
    assert only(unknown) == "INDETERMINATE (NO_CERTIFICATE_CHAIN_FOUND)"


def test_a_link_of_the_chain_that_is_forged_leads_nowhere(authority: GostAuthority, pdf: bytes) -> None:
    """The names fit, the centre's signature over the certificate does not."""
    key = Key()
    made = certificate(authority.person.name, key, authority.issuer.name, Key())
    forged = sign(authority, pdf, holder=Holder(authority.person.name, key, made))
    report = validate(forged, trust=authority.trust, now=NOW)
    assert report.integrity is Integrity.INTACT
    assert not report.signatures[0].trusted
    assert only(report).startswith("INDETERMINATE")


def test_a_certificate_out_of_date_or_of_another_use_fails(authority: GostAuthority, signed: bytes, pdf: bytes) -> None:
    late = validate(signed, trust=authority.trust, now=NOW + timedelta(days=200))
    assert only(late) == "TOTAL-PASSED"
    short = sign(authority, pdf, holder=authority.issue(RECTOR, days=10))
    late = validate(short, trust=authority.trust, now=NOW + timedelta(days=200))
    assert only(late) == "INDETERMINATE (OUT_OF_BOUNDS_NO_POE)"
    agrees = authority.issue(RECTOR, usage=b"\x03\x08")  # keyAgreement alone
    other = validate(sign(authority, pdf, holder=agrees), trust=authority.trust, now=NOW)
    assert only(other) == "INDETERMINATE (CHAIN_CONSTRAINTS_FAILURE)"


def test_a_signer_is_no_authority(authority: GostAuthority, pdf: bytes) -> None:
    """A certificate that a signer has issued himself leads nowhere."""
    key, name = Key(), common_name("ӨТІРІК")
    own = Holder(name, key, certificate(name, key, authority.person.name, authority.person.key))
    prepared = pades.prepare(pdf, field="head", when=NOW, subfilter=PKCS7)
    chain = [authority.person.certificate, authority.issuer.certificate]
    made = pades.embed(prepared, detached(own, chain, prepared.signed_bytes()))
    found = validate(made, trust=authority.trust, now=NOW)
    assert not found.signatures[0].trusted
    assert only(found).startswith("INDETERMINATE")


def test_a_cms_that_is_not_whole_is_no_crash(authority: GostAuthority, pdf: bytes) -> None:
    """A key of another kind, and a CMS without its attributes."""
    prepared = pades.prepare(pdf, field="head", when=NOW, subfilter=PKCS7)
    whole = authority.sign(prepared.signed_bytes())
    for damaged in (
        whole.replace(der.oid(names.KEY), der.oid("1.2.398.3.10.1.1.2.9")),
        whole.replace(der.oid(names.CURVE), der.oid("1.2.398.3.10.1.1.2.2.9")),
        whole.replace(cms.MESSAGE_DIGEST, der.oid("1.2.840.113549.1.9.9")),
    ):
        found = validate(pades.embed(prepared, damaged), trust=authority.trust, now=NOW)
        assert found.integrity is not Integrity.INTACT
        assert "PASSED" not in only(found)
        with pytest.raises(ProviderError):
            cms.check_cms(damaged, content=[prepared.signed_bytes()])


def test_what_comes_back_is_checked_before_it_is_taken(authority: GostAuthority, signed: bytes, pdf: bytes) -> None:
    info = pades.check_embedded(signed, previous=pdf, field="head")
    assert signatures.is_key_of(info.certificate)
    with pytest.raises(ProviderError, match="another document"):
        cms.check_cms(authority.sign(b"one"), content=[b"other"])
    thief = Holder(authority.person.name, Key(), authority.person.certificate)
    with pytest.raises(ProviderError, match="does not fit the certificate"):
        cms.check_cms(authority.sign(b"one", holder=thief), content=[b"one"])
