"""Pinned roots as administrators get them: text or DER, by any of the usual names."""

from __future__ import annotations

from pathlib import Path

import pytest
from asn1crypto import pem

from docflow.signing.chains import load_issuers
from docflow.signing.trust import TrustStore
from tests.signing.gost_authority import GostAuthority


@pytest.fixture(scope="module")
def centre() -> GostAuthority:
    made = GostAuthority()
    made.open()
    return made


def test_text_and_der_are_read_in_the_order_of_names(centre: GostAuthority, tmp_path: Path) -> None:
    (tmp_path / "b.pem").write_bytes(
        pem.armor("CERTIFICATE", centre.issuer.certificate) + pem.armor("CERTIFICATE", centre.root.certificate)
    )
    (tmp_path / "a.CRT").write_bytes(centre.root.certificate)
    (tmp_path / "c.cer").write_bytes(pem.armor("CERTIFICATE", centre.tsa.certificate))
    (tmp_path / "readme.txt").write_text("no certificate")
    (tmp_path / "issuers").mkdir()
    found = TrustStore.load(tmp_path).roots
    assert found == (centre.root.certificate, centre.issuer.certificate, centre.tsa.certificate)
    assert len(load_issuers(tmp_path)) == 4
    assert TrustStore.load(tmp_path / "nowhere").roots == ()


@pytest.mark.parametrize("content", [b"", b"-----BEGIN NOTHING-----", b"\x30\x82\x00"])
def test_a_file_that_holds_no_certificate_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.pem").write_bytes(content)
    with pytest.raises(ValueError, match=r"broken\.pem holds no certificate"):
        TrustStore.load(tmp_path)
