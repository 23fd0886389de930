"""The seal on disk: whose file it must be, and what is said when it does not open."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
    load_pem_private_key,
    pkcs12,
)
from pyhanko.pdf_utils.reader import PdfFileReader

from docflow.core.errors import ProviderError
from docflow.signing import authority, pades
from docflow.signing.base import CADES, Signer
from docflow.signing.cms import PrivateKey
from docflow.signing.pkcs12 import load_private, open_provider
from docflow.signing.seal import OwnSeal
from docflow.signing.validation import validate
from tests.signing.pki import BIN, NOW, RECTOR, Pki, request
from tests.signing.ways import ORGANISATION, SECRET, seal_certificate, seal_file


@pytest.fixture
def path(pki: Pki, tmp_path: Path) -> Path:
    return seal_file(pki, tmp_path / "seal.p12")


def provider(path: Path, password: str = SECRET) -> OwnSeal:
    return open_provider({"key": path, "password": password})


def refusal(made: OwnSeal, signer: Signer = ORGANISATION) -> str:
    with pytest.raises(ProviderError) as refused:
        made.challenge([], signer=signer, now=NOW)
    return str(refused.value)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048), id="RSA-2048"),
        pytest.param(lambda: ec.generate_private_key(ec.SECP256R1()), id="P-256"),
        pytest.param(lambda: ec.generate_private_key(ec.SECP384R1()), id="P-384"),
    ],
)
def test_every_kind_of_key_seals_a_paper_that_a_stranger_finds_valid(
    pki: Pki, pdf: bytes, tmp_path: Path, key: object
) -> None:
    assert callable(key)
    made: PrivateKey = key()
    seal = provider(seal_file(pki, tmp_path / "own.p12", key=made))
    paper = pades.prepare(pdf, field="seal", when=NOW, reserve=seal.reserve, subfilter=seal.subfilter)
    challenge = seal.challenge([request(paper)], signer=ORGANISATION, now=NOW)
    (answer,) = seal.answer(challenge, {}, now=NOW)
    assert answer.cms is not None
    sealed = pades.embed(paper, answer.cms)
    info = pades.check_embedded(sealed, previous=pdf, field="seal")
    assert authority.certificate_bin(info.certificate) == BIN
    (signature,) = validate(sealed, trust=pki.trust, now=NOW).signatures
    assert [each.code for each in signature.findings if each.severity == "error"] == []
    assert PdfFileReader(io.BytesIO(sealed)).embedded_signatures[0].sig_object["/SubFilter"] == CADES


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_file_that_others_can_touch_is_not_used(path: Path, mode: int) -> None:
    path.chmod(mode)
    assert "Others can read the key file" in refusal(provider(path))
    path.chmod(0o400)
    assert load_private(path, password=SECRET).certificate


def test_a_file_of_another_owner_is_not_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert "Others can read the key file" in refusal(provider(path))


def test_what_does_not_open_has_its_sentence_and_names_no_password(path: Path, tmp_path: Path) -> None:
    assert "does not open with its password" in refusal(provider(path, "wrong"))
    assert "password of the seal is not set" in refusal(provider(path, ""))
    assert "is not there" in refusal(provider(tmp_path / "absent.p12"))
    path.write_bytes(b"rubbish")
    told = refusal(provider(path))
    assert "does not open" in told
    assert SECRET not in told


def test_a_key_without_encryption_does_not_count_as_a_seal(pki: Pki, path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"seal", key, seal_certificate(pki, key), None, NoEncryption())
    )
    assert "does not open with its password" in refusal(provider(path))


def test_the_seal_never_signs_for_a_person(path: Path) -> None:
    assert "does not sign for a person" in refusal(provider(path), RECTOR)
    assert "does not sign for a person" in refusal(provider(path), Signer("Ректор", "", BIN))


def test_the_seal_of_another_organisation_is_refused(pki: Pki, tmp_path: Path) -> None:
    """A seal is known by its BIN: the key of another organisation is refused before anything is signed."""
    other = seal_file(pki, tmp_path / "other.p12", bin="110440001122")
    assert "not issued for the organisation" in refusal(provider(other))
    nobody = Signer("Ұйым", "", "", is_organisation=True)
    assert "not issued for the organisation" in refusal(provider(other), nobody)


def test_a_file_with_the_wrong_things_in_it_has_its_sentence(pki: Pki, path: Path) -> None:
    issuer = load_pem_private_key((pki.authority.directory / "issuer.key").read_bytes(), None)
    assert isinstance(issuer, ec.EllipticCurvePrivateKey)
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"k", issuer, None, None, BestAvailableEncryption(SECRET.encode()))
    )
    assert "cannot be read" in refusal(provider(path))
