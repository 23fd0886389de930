"""Kinds of signatures that cryptography can verify and pyHanko cannot name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from docflow.signing import cms, demo, der, pades
from docflow.signing.report import Integrity, Report
from docflow.signing.validation import validate
from tests.signing.pki import NOW, PIN, RECTOR, TRAINER, Pki

PLAIN_ECDSA_SHA256 = der.sequence(der.oid("0.4.0.127.0.7.1.1.4.1.3"))
RSA_SHA3_256 = der.sequence(der.oid("2.16.840.1.101.3.4.3.14"))
SHA3_256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.8"))


def plain(key: cms.CertifiedKey, attributes: bytes, *, half: int = 32) -> bytes:
    assert isinstance(key.private_key, ec.EllipticCurvePrivateKey)
    numbers = decode_dss_signature(key.private_key.sign(attributes, ec.ECDSA(hashes.SHA256())))
    return b"".join(number.to_bytes(half, "big") for number in numbers)


def by_rsa(key: cms.CertifiedKey, attributes: bytes) -> bytes:
    assert isinstance(key.private_key, rsa.RSAPrivateKey)
    return key.private_key.sign(attributes, padding.PKCS1v15(), hashes.SHA3_256())


def signed_plainly(pki: Pki, pdf: bytes, signature: Callable[[cms.CertifiedKey, bytes], bytes]) -> Report:
    key = demo.load_key(pki.authority.key_file(iin=RECTOR.iin, bin=RECTOR.bin), pin=PIN)
    prepared = pades.prepare(pdf, field="head", when=NOW)
    attributes = cms.signed_attributes(prepared.digest, key.certificate)
    frame = replace(cms._Frame.of(key.certificate, key.chain), algorithm=PLAIN_ECDSA_SHA256)
    made = frame.fill(attributes, signature(key, attributes))
    return validate(pades.embed(prepared, made), trust=pki.trust, now=NOW)


def signed_with_sha3(pki: Pki, pdf: bytes, *, algorithm: bytes, forge: bool = False) -> Report:
    key = demo.load_key(pki.authority.key_file(iin=TRAINER.iin, bin=TRAINER.bin), pin=PIN)
    prepared = pades.prepare(pdf, field="head", when=NOW)
    content = prepared.signed_bytes()
    digest = hashlib.sha3_256(content).digest() if algorithm == SHA3_256 else hashlib.sha256(content).digest()
    attributes = cms.signed_attributes(digest, key.certificate)
    frame = cms._Frame.of(key.certificate, key.chain)
    frame = replace(
        frame,
        before=frame.before.replace(cms.SHA256, algorithm),
        signer=frame.signer.replace(cms.SHA256, algorithm),
        algorithm=RSA_SHA3_256,
    )
    signature = by_rsa(key, attributes + b"other" if forge else attributes)
    return validate(pades.embed(prepared, frame.fill(attributes, signature)), trust=pki.trust, now=NOW)


def test_ecdsa_with_its_two_numbers_side_by_side_verifies(pki: Pki, pdf: bytes) -> None:
    report = signed_plainly(pki, pdf, plain)
    assert [each.intact for each in report.signatures] == [True]
    assert report.integrity is Integrity.INTACT


@pytest.mark.parametrize(
    "forgery",
    [
        lambda key, attributes: plain(key, attributes + b"other"),
        lambda key, attributes: plain(key, attributes, half=33),
        lambda key, attributes: key.raw_signature(attributes),
        lambda key, attributes: bytes(64),
    ],
    ids=["of other bytes", "too long", "as a sequence", "zeros"],
)
def test_another_plain_signature_does_not(
    pki: Pki, pdf: bytes, forgery: Callable[[cms.CertifiedKey, bytes], bytes]
) -> None:
    report = signed_plainly(pki, pdf, forgery)
    assert report.integrity is Integrity.BROKEN
    assert "not-intact" in {finding.code for finding in report.all_findings()}


def test_rsa_with_sha3_verifies(pki: Pki, pdf: bytes) -> None:
    assert signed_with_sha3(pki, pdf, algorithm=SHA3_256).integrity is Integrity.INTACT


def test_rsa_with_sha3_over_other_bytes_does_not(pki: Pki, pdf: bytes) -> None:
    assert signed_with_sha3(pki, pdf, algorithm=SHA3_256, forge=True).integrity is Integrity.BROKEN


def test_a_digest_of_another_family_than_the_signature_does_not(pki: Pki, pdf: bytes) -> None:
    assert signed_with_sha3(pki, pdf, algorithm=cms.SHA256).integrity is Integrity.BROKEN
