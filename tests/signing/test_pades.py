"""Signing a paper, and the check right after it."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from docflow.core.errors import ProviderError
from docflow.signing import authority, cms, der, increment, pades
from docflow.signing.base import Signer
from docflow.signing.demo import load_key
from docflow.signing.report import Changes, Integrity
from docflow.signing.validation import validate
from tests.signing.pki import LISTENER, NOW, PIN, RECTOR, TRAINER, Pki, request, sign

ALL = [(RECTOR, "head"), (TRAINER, "trainer"), (LISTENER, "listener")]


def judge(program: str, *arguments: str | Path) -> str:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not asked: it is not installed")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def signed_by_three(pki: Pki, pdf: bytes) -> bytes:
    for signer, field in ALL:
        pdf = sign(pki, pdf, signer=signer, field=field)
    return pdf


@pytest.mark.parametrize("signer", [RECTOR, TRAINER], ids=["P-256", "RSA-2048"])
def test_one_signature_covers_the_file_and_is_trusted(pki: Pki, pdf: bytes, signer: Signer) -> None:
    report = validate(sign(pki, pdf, signer=signer), trust=pki.trust, now=NOW)
    (only,) = report.signatures
    assert report.integrity is Integrity.INTACT
    assert (only.intact, only.changes, only.covers_file, only.trusted) == (True, Changes.NONE, True, True)
    assert only.signer == signer.person_name
    assert only.signed_at == NOW
    assert not report.all_findings()


def test_three_signers_one_after_another_stay_valid(pki: Pki, signed_by_three: bytes) -> None:
    report = validate(signed_by_three, trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.INTACT
    assert [each.field for each in report.signatures] == [field for _, field in ALL]
    assert all(each.intact and each.trusted for each in report.signatures)
    assert [each.changes for each in report.signatures] == [Changes.FORM_FILLING, Changes.FORM_FILLING, Changes.NONE]


def test_a_signature_has_no_signing_time_and_names_its_certificate(pki: Pki, pdf: bytes) -> None:
    info = pades.check_embedded(sign(pki, pdf), previous=pdf, field="head")
    kinds = {next(each.children()).raw for each in der.read(info.attributes).children()}
    assert kinds == {cms.CONTENT_TYPE, cms.MESSAGE_DIGEST, cms.SIGNING_CERTIFICATE_V2}
    assert authority.certificate_iin(info.certificate) == RECTOR.iin


def test_preparing_twice_gives_the_same_bytes(pdf: bytes) -> None:
    first = pades.prepare(pdf, field="head", when=NOW, name="Құрманғазы Ә.")
    second = pades.prepare(pdf, field="head", when=NOW, name="Құрманғазы Ә.")
    assert first == second
    assert pades.Prepared.from_json(first.as_json(), pdf=first.pdf) == first
    with pytest.raises(ValueError, match="changed"):
        pades.Prepared.from_json(first.as_json(), pdf=pdf)


def test_metadata_and_standards_stay_as_they_were(pki: Pki, pdf: bytes, tmp_path: Path) -> None:
    signed = sign(pki, pdf)
    assert signed.startswith(pdf)
    assert b"stream" not in signed[len(pdf) :]  # neither XMP nor anything else is written again
    (tmp_path / "signed.pdf").write_bytes(signed)
    reader = pypdf.PdfReader(tmp_path / "signed.pdf")
    widget = reader.pages[0]["/Annots"][0].get_object()
    assert widget["/F"] == 132
    left, bottom, right, top = (float(number) for number in widget["/Rect"])
    assert (right - left, top - bottom) == (0, 0)


@pytest.mark.interop
def test_pdfsig_accepts_every_signature(signed_by_three: bytes, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed_by_three)
    said = judge("pdfsig", "-nocert", path)
    assert said.count("Signature is Valid") == 3
    assert said.count("ETSI.CAdES.detached") == 3


@pytest.mark.interop
def test_qpdf_finds_nothing_to_complain_about(signed_by_three: bytes, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed_by_three)
    said = judge("qpdf", "--check", path)
    assert "No syntax or stream encoding errors found" in said
    assert "WARNING" not in said


@pytest.mark.interop
@pytest.mark.parametrize("signer", [RECTOR, TRAINER], ids=["P-256", "RSA-2048"])
def test_openssl_verifies_the_cms(pki: Pki, pdf: bytes, tmp_path: Path, signer: Signer) -> None:
    prepared = pades.prepare(pdf, field="head", when=NOW)
    challenge = pki.provider.challenge([request(prepared)], signer=signer, now=NOW)
    (answer,) = pki.provider.answer(challenge, {"pin": PIN}, now=NOW)
    assert answer.cms is not None
    (tmp_path / "cms").write_bytes(answer.cms)
    (tmp_path / "content").write_bytes(prepared.signed_bytes())
    said = judge(
        "openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", tmp_path / "cms", "-content",
        tmp_path / "content", "-binary", "-CAfile", pki.authority.root, "-purpose", "any", "-out", tmp_path / "out",
        "-attime", str(int(NOW.timestamp())),
    )  # fmt: skip
    assert "CAdES Verification successful" in said or "Verification successful" in said


def test_what_the_fast_way_does_not_know_goes_the_thorough_way(pki: Pki, pdf: bytes, tmp_path: Path) -> None:
    plain, compressed = tmp_path / "plain.pdf", tmp_path / "compressed.pdf"
    plain.write_bytes(pdf)
    judge("qpdf", "--object-streams=generate", plain, compressed)
    pdf = compressed.read_bytes()
    with pytest.raises(increment.Unsupported):
        increment.add_signature(pdf, field="head", entries={}, reserve=10)
    report = validate(sign(pki, sign(pki, pdf), signer=TRAINER, field="trainer"), trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.INTACT
    assert [each.intact for each in report.signatures] == [True, True]


def test_the_fast_way_knows_our_papers(pki: Pki, pdf: bytes) -> None:
    for field in ("first", "second"):
        assert increment.add_signature(pdf, field=field, entries={}, reserve=10).pdf.startswith(pdf)
        pdf = sign(pki, pdf, field=field)


def test_an_empty_field_that_is_there_is_used(pki: Pki, pdf: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    append_signature_field(writer, SigFieldSpec("head"))
    output = io.BytesIO()
    writer.write(output)
    report = validate(sign(pki, output.getvalue()), trust=pki.trust, now=NOW)
    assert [each.field for each in report.signatures] == ["head"]


def test_a_field_cannot_be_signed_twice(pki: Pki, pdf: bytes) -> None:
    with pytest.raises(ProviderError, match="cannot take a signature"):
        pades.prepare(sign(pki, pdf), field="head", when=NOW)


def test_a_file_that_is_no_pdf_cannot_be_signed() -> None:
    with pytest.raises(ProviderError, match="cannot take a signature"):
        pades.prepare(b"no PDF at all", field="head", when=NOW)


def test_an_encrypted_or_damaged_pdf_is_refused_in_words(pdf: bytes) -> None:
    for damaged in (pdf[:-40], pdf[: len(pdf) // 2], b""):
        with pytest.raises(ProviderError, match="cannot take a signature"):
            pades.prepare(damaged, field="head", when=NOW)


def test_a_field_has_a_plain_name(pdf: bytes) -> None:
    with pytest.raises(ValueError, match="signature field"):
        pades.prepare(pdf, field="head) /V 1 0 R (", when=NOW)


def test_a_signature_must_fit_its_hole(pki: Pki, pdf: bytes) -> None:
    prepared = pades.prepare(pdf, field="head", when=NOW, reserve=100)
    with pytest.raises(ProviderError, match="too large"):
        pades.embed(prepared, b"\x30" * 101)
    assert len(pades.embed(prepared, b"\x30" * 100)) == len(prepared.pdf)


# -- the check right after embedding


def test_the_check_refuses_a_changed_byte_anywhere(pki: Pki, pdf: bytes) -> None:
    signed = sign(pki, pdf)
    for place in (10, len(pdf) // 2, len(pdf) + 5, signed.index(b"/Contents<") + 400, len(signed) - 20):
        changed = bytearray(signed)
        changed[place] ^= 1
        with pytest.raises(ProviderError):
            pades.check_embedded(bytes(changed), previous=pdf, field="head")


def test_the_check_refuses_bytes_behind_the_end(pki: Pki, pdf: bytes) -> None:
    with pytest.raises(ProviderError, match="not what was prepared"):
        pades.check_embedded(sign(pki, pdf) + b"\n", previous=pdf, field="head")


def test_the_check_refuses_the_signature_of_another_document(pki: Pki, pdf: bytes) -> None:
    other = pades.prepare(pdf, field="head", when=NOW + timedelta(seconds=1), reserve=pki.provider.reserve)
    challenge = pki.provider.challenge([request(other)], signer=RECTOR, now=NOW)
    (answer,) = pki.provider.answer(challenge, {"pin": PIN}, now=NOW)
    assert answer.cms is not None
    prepared = pades.prepare(pdf, field="head", when=NOW, reserve=pki.provider.reserve)
    with pytest.raises(ProviderError, match="another document"):
        pades.check_embedded(pades.embed(prepared, answer.cms), previous=pdf, field="head")


def test_the_check_refuses_another_certificate(pki: Pki, pdf: bytes) -> None:
    """The signature of one person under the certificate of another."""
    rector = load_key(pki.authority.key_file(iin=RECTOR.iin, bin=RECTOR.bin), pin=PIN)
    listener = load_key(pki.authority.key_file(iin=LISTENER.iin), pin=PIN)
    prepared = pades.prepare(pdf, field="head", when=NOW)
    forged = cms.CertifiedKey(listener.private_key, rector.certificate, rector.chain).sign(prepared.digest)
    with pytest.raises(ProviderError, match="does not fit the certificate"):
        pades.check_embedded(pades.embed(prepared, forged), previous=pdf, field="head")
    attributes = pades.signed_attributes(prepared.digest, listener.certificate)
    signature = listener.raw_signature(attributes)
    swapped = pades.build_cms(attributes, signature, certificate=rector.certificate, chain=rector.chain)
    with pytest.raises(ProviderError, match="another certificate"):
        pades.check_embedded(pades.embed(prepared, swapped), previous=pdf, field="head")


def test_the_check_refuses_another_field_and_another_original(pki: Pki, pdf: bytes) -> None:
    signed = sign(pki, pdf)
    with pytest.raises(ProviderError):
        pades.check_embedded(signed, previous=pdf, field="trainer")
    with pytest.raises(ProviderError):
        pades.check_embedded(signed, previous=b"%PDF-1.7 another", field="head")


def test_the_check_refuses_anything_but_zeros_behind_the_cms(pki: Pki, pdf: bytes) -> None:
    signed = bytearray(sign(pki, pdf))
    signed[signed.index(b">>\nendobj", signed.index(b"/Contents<")) - 2] = ord("7")
    with pytest.raises(ProviderError, match="not what was prepared"):
        pades.check_embedded(bytes(signed), previous=pdf, field="head")


@pytest.mark.parametrize("spelt", [b"  ", b"\n0", b"zz", b"\xc3\xa9"])
def test_the_check_refuses_anything_but_digits_in_the_hole(pki: Pki, pdf: bytes, spelt: bytes) -> None:
    """Blanks between digits mean nothing to Python, and a place to hide something to a reader of PDF."""
    signed = bytearray(sign(pki, pdf))
    end = signed.index(b">>\nendobj", signed.index(b"/Contents<"))
    signed[end - 3 : end - 1] = spelt
    with pytest.raises(ProviderError, match="not what was prepared"):
        pades.check_embedded(bytes(signed), previous=pdf, field="head")


def test_the_check_refuses_what_is_no_cms(pki: Pki, pdf: bytes) -> None:
    prepared = pades.prepare(pdf, field="head", when=NOW)
    for rubbish in (b"", b"\x30\x00", b"\x30\x03\x02\x01\x01", b"\x04\x02ab"):
        with pytest.raises(ProviderError):
            pades.check_embedded(pades.embed(prepared, rubbish), previous=pdf, field="head")
