"""GOST keys in files, ``docflow signer`` signing with them, and what the server accepts of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from asn1crypto import pem
from cryptography import x509

from docflow.core.errors import ProviderError
from docflow.signer import keys
from docflow.signing import authority as rules
from docflow.signing import der, pades, pkcs12
from docflow.signing.base import Signer
from docflow.signing.cms import check_cms
from docflow.signing.demo import WrongPin
from docflow.signing.gost import curve, keyfile, names
from docflow.signing.gost.keyfile import GostKey
from docflow.signing.ncalayer import NcaLayer
from tests.signing.gost_authority import GostAuthority, Holder, Key, key_file, private_key_info, sealed
from tests.signing.pki import LISTENER, NOW, PIN, RECTOR, Pki, request
from tests.signing.ways import at_the_machine

PASSWORD = "Құпия-сөз-7Q"
PROVIDER = NcaLayer("wss://127.0.0.1:13579")


@pytest.fixture(scope="module")
def authority() -> GostAuthority:
    made = GostAuthority()
    made.open()
    return made


def opened(authority: GostAuthority, holder: Holder) -> GostKey:
    chain = [authority.issuer.certificate]
    return keyfile.read(key_file(holder, chain, password=PASSWORD), password=PASSWORD)


def test_a_pkcs12_opens_with_its_password_alone(authority: GostAuthority, tmp_path: Path) -> None:
    path = tmp_path / "GOST512.p12"
    path.write_bytes(key_file(authority.person, [authority.issuer.certificate], password=PASSWORD))
    key = keys.read_file(path, PASSWORD)
    assert isinstance(key, GostKey)
    assert key.secret == authority.person.key.secret
    assert rules.certificate_iin(key.certificate) == RECTOR.iin
    assert [rules.certificate_name(each) for each in key.chain] == ["ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST)"]
    with pytest.raises(WrongPin):
        keys.read_file(path, "another")


def _as_written(secret: int) -> bytes:
    return secret.to_bytes(curve.SIZE, "little")


@pytest.mark.parametrize(
    "spelled",
    [
        _as_written,
        lambda secret: der.tlv(der.OCTET_STRING, _as_written(secret)),
        lambda secret: der.integer(secret),
        lambda secret: der.sequence(der.integer(1), der.tlv(der.OCTET_STRING, secret.to_bytes(curve.SIZE, "big"))),
    ],
    ids=["bare", "octets", "integer", "ECPrivateKey"],
)
def test_every_spelling_of_the_number_is_read(authority: GostAuthority, spelled: Callable[[int], bytes]) -> None:
    info = der.sequence(
        der.integer(0),
        next(der.read(authority.person.key.info).children()).raw,
        der.tlv(der.OCTET_STRING, spelled(authority.person.key.secret)),
    )
    text = pem.armor("PRIVATE KEY", info) + pem.armor("CERTIFICATE", authority.person.certificate)
    assert keyfile.read(text, password="").secret == authority.person.key.secret


def test_a_sealed_pem_opens_and_a_strangers_certificate_does_not_fit(authority: GostAuthority) -> None:
    algorithm, made = sealed(private_key_info(authority.person.key), PASSWORD)
    text = pem.armor("ENCRYPTED PRIVATE KEY", der.sequence(algorithm, der.tlv(der.OCTET_STRING, made)))
    own = text + pem.armor("CERTIFICATE", authority.person.certificate)
    assert keyfile.read(own, password=PASSWORD).secret == authority.person.key.secret
    with pytest.raises(keyfile.NoGostKey, match="belong"):
        keyfile.read(text + pem.armor("CERTIFICATE", authority.tsa.certificate), password=PASSWORD)
    with pytest.raises(keyfile.NoGostKey):
        keyfile.read(text, password=PASSWORD)


def test_keys_of_other_kinds_are_left_to_the_library(pki: Pki, tmp_path: Path) -> None:
    path = pki.authority.key_file(iin=RECTOR.iin, bin=RECTOR.bin)
    with pytest.raises(keyfile.NoGostKey):
        keyfile.read(path.read_bytes(), password=PIN)
    assert not isinstance(keys.read_file(path, PIN), GostKey)
    with pytest.raises(WrongPin):
        keys.read_file(path, "another")
    for damaged in (b"", b"no key file", path.read_bytes()[:200]):
        with pytest.raises(keyfile.NoGostKey):
            keyfile.read(damaged, password=PIN)


def test_a_seal_by_gost_is_refused_with_the_reason(authority: GostAuthority, tmp_path: Path) -> None:
    """The seal signs digests by SHA-256 that are made beforehand; a GOST key wants the document."""
    path = tmp_path / "seal.p12"
    path.write_bytes(key_file(authority.person, [], password=PASSWORD))
    path.chmod(0o600)
    with pytest.raises(ProviderError, match="GOST key"):
        pkcs12.load_private(path, password=PASSWORD)
    with pytest.raises(ProviderError, match="does not open"):
        pkcs12.load_private(path, password="another")


def test_the_older_way_of_pkcs12_makes_the_keys_that_openssl_makes() -> None:
    """``openssl kdf -kdfopt digest:SHA1 … PKCS12KDF`` (OpenSSL 3.0.19)."""
    text = "Құпия-7Q".encode("utf-16-be") + b"\0\0"
    made = [
        keyfile.pkcs12_kdf(text, bytes(range(21)), 1000, purpose=purpose, length=length).hex()
        for purpose, length in ((1, 24), (2, 8))
    ]
    assert made == ["f5c710fa9ed2da971a7815437f42b70f402ceb302a0d6cc6", "c2d748467fe4b6e0"]


@pytest.mark.parametrize("when", [None, NOW], ids=["for PAdES", "with the time"])
def test_it_signs_what_the_server_verifies(authority: GostAuthority, when: object) -> None:
    made = keys.make_cms(opened(authority, authority.person), b"paper", when=NOW if when else None)
    info = check_cms(made, content=[b"paper"])
    assert (info.signature_algorithm, info.tells_time) == (der.oid(names.SIGNED_512), when is not None)
    with pytest.raises(ProviderError, match="another document"):
        check_cms(made, content=[b"other"])


def answered(authority: GostAuthority, pdf: bytes, key: GostKey, *, signer: Signer = RECTOR) -> bytes:
    """The whole way through NCALayer's protocol; :class:`ProviderError` with what the server says against it."""
    prepared = pades.prepare(pdf, field="head", when=NOW, reserve=PROVIDER.reserve, subfilter=PROVIDER.subfilter)
    challenge = PROVIDER.challenge([request(prepared)], signer=signer, now=NOW)
    careless = replace(challenge, signer=Signer("", rules.certificate_iin(key.certificate)))
    reply = at_the_machine(PROVIDER, key)(careless, {"1": prepared.signed_bytes()})
    (answer,) = PROVIDER.answer(challenge, reply, now=NOW)
    assert answer.cms is not None
    signed = pades.embed(prepared, answer.cms)
    pades.check_embedded(signed, previous=pdf, field="head")
    return signed


def test_a_national_key_is_taken_from_ncalayer(authority: GostAuthority, pdf: bytes) -> None:
    assert answered(authority, pdf, opened(authority, authority.person)).startswith(pdf)


def test_a_national_key_of_somebody_else_or_without_the_role_is_refused(authority: GostAuthority, pdf: bytes) -> None:
    """Name, organisation, role and use of a GOST certificate are read as those of any other."""
    with pytest.raises(ProviderError, match="another person"):
        answered(authority, pdf, opened(authority, authority.issue(LISTENER)))
    private = authority.issue(replace(RECTOR, bin="", roles=()))
    with pytest.raises(ProviderError, match="not issued for the organisation"):
        answered(authority, pdf, opened(authority, private))
    employee = authority.issue(replace(RECTOR, roles=(rules.EMPLOYEE,)))
    with pytest.raises(ProviderError, match="does not give the role"):
        answered(authority, pdf, opened(authority, employee))
    agreeing = authority.issue(RECTOR, usage=b"\x03\x08")
    with pytest.raises(ProviderError, match="not for signing"):
        answered(authority, pdf, opened(authority, agreeing))


def test_a_forged_gost_signature_is_refused_before_it_is_embedded(authority: GostAuthority, pdf: bytes) -> None:
    own = x509.load_der_x509_certificate(authority.person.certificate)
    with pytest.raises(ProviderError, match="does not fit the certificate"):
        answered(authority, pdf, GostKey(Key().secret, own))


def test_the_older_generation_of_gost_is_named(authority: GostAuthority, pdf: bytes) -> None:
    """GOST 34.310-2004 with its digest 34.311-95, which nothing free computes."""
    prepared = pades.prepare(pdf, field="head", when=NOW, subfilter=PROVIDER.subfilter)
    challenge = PROVIDER.challenge([request(prepared)], signer=RECTOR, now=NOW)
    reply = at_the_machine(PROVIDER, opened(authority, authority.person))(challenge, {"1": prepared.signed_bytes()})
    made = pem.unarmor(reply["answers"][0]["answer"]["body"]["result"].encode())[2]
    older = made.replace(der.oid(names.STREEBOG_512), der.oid("1.2.398.3.10.1.3.1"))
    text = pem.armor("CMS", older).decode()
    with pytest.raises(ProviderError, match="older kind"):
        PROVIDER.answer(
            challenge, {"answers": [{"ids": ["1"], "answer": {"status": True, "body": {"result": text}}}]}, now=NOW
        )
