"""The seal in an HSM: SoftHSM stands for one, with its raw ECDSA and its single state in a process."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from docflow.core.errors import ProviderError
from docflow.signing import pkcs11
from docflow.signing.cms import check_cms
from docflow.signing.demo import WrongPin
from tests.signing import softhsm
from tests.signing.pki import NOW, Pki
from tests.signing.softhsm import PIN, TOKEN, SoftHsm, new_key
from tests.signing.ways import ORGANISATION, issuer_of, seal_certificate

KINDS = ["RSA-2048", "P-256", "P-384"]


@given(st.integers(1, 2**384 - 1), st.integers(1, 2**384 - 1), st.sampled_from([48, 66]))
def test_side_by_side_becomes_der_and_says_the_same(r: int, s: int, size: int) -> None:
    plain = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    assert decode_dss_signature(pkcs11.ecdsa_as_der(plain)) == (r, s)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_signs_on_the_token(hsm: SoftHsm, pki: Pki, tmp_path: Path, kind: str) -> None:
    key = new_key(kind)
    certificate = seal_certificate(pki, key)
    place = hsm.put(f"seal-{kind}", key, certificate, issuer_of(pki), directory=tmp_path)
    with pkcs11.open_key(place, pin=PIN) as opened:
        assert opened.certificate == certificate
        assert opened.chain == (issuer_of(pki),)
        for number in range(20):  # an r or s that begins with a zero comes along now and then
            content = f"paper {number}".encode()
            info = check_cms(opened.sign(_digest(content)), content=[content])
            assert info.certificate == certificate
            assert not info.tells_time


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def test_threads_take_turns_at_the_token(hsm: SoftHsm, pki: Pki, tmp_path: Path) -> None:
    key = new_key("P-256")
    place = hsm.put("shared", key, seal_certificate(pki, key), directory=tmp_path)

    def sign(number: int) -> bytes:
        with pkcs11.open_key(place, pin=PIN) as opened:
            return opened.sign(_digest(b"paper"))

    with ThreadPoolExecutor(6) as pool:
        for cms in pool.map(sign, range(30)):
            check_cms(cms, content=[b"paper"])


def test_a_wrong_pin_a_wrong_token_and_a_missing_key_have_their_words(
    hsm: SoftHsm, pki: Pki, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = new_key("P-256")
    place = hsm.put("lonely", key, seal_certificate(pki, key), directory=tmp_path)
    with pytest.raises(WrongPin), pkcs11.open_key(place, pin="000000"):
        raise AssertionError("it must not open")
    settings = {"module": hsm.module, "token": TOKEN, "label": "lonely", "pin": "000000"}
    for changed, says in (
        ({}, "refuses its PIN"),
        ({"pin": ""}, "PIN of the seal is not set"),
        ({"pin": PIN, "label": "nobody"}, "one certificate labelled “nobody”"),
        ({"pin": PIN, "token": "absent"}, "“absent” cannot be used: NoSuchToken"),
        ({"pin": PIN, "module": "/nowhere/lib.so"}, "cannot be used"),
    ):
        provider = pkcs11.open_provider({**settings, **changed})
        with pytest.raises(ProviderError, match=says) as refused:
            provider.challenge([], signer=ORGANISATION, now=NOW)
        assert PIN not in str(refused.value) + caplog.text


def test_without_the_package_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pkcs11, "pkcs11", None)
    provider = pkcs11.open_provider({"module": "x", "token": "y", "label": "z", "pin": "1"})
    with pytest.raises(ProviderError, match="python-pkcs11"):
        provider.challenge([], signer=ORGANISATION, now=NOW)


def test_softhsm_is_found_where_it_is_installed() -> None:
    assert not softhsm.library() or Path(softhsm.library()).is_file()
