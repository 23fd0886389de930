"""Fields prepared before the first signature, and a signature that certifies: as four programs see them."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from docflow.core.errors import ProviderError
from docflow.signing import pades
from docflow.signing.demo import load_key
from docflow.signing.report import Changes
from docflow.signing.validation import validate
from tests.signing.pki import LISTENER, NOW, PIN, RECTOR, TRAINER, Pki
from tests.signing.test_pades import judge

FIELDS = ("head", "trainer", "listener")
SIGNERS = dict(zip(FIELDS, (RECTOR, TRAINER, LISTENER), strict=True))


def signed(pki: Pki, pdf: bytes, field: str, *, certifies: bool = False) -> bytes:
    signer = SIGNERS[field]
    prepared = pades.prepare(pdf, field=field, when=NOW, certifies=certifies)
    key = load_key(pki.authority.key_file(iin=signer.iin, bin=signer.bin), pin=PIN)
    made = pades.embed(prepared, key.sign(prepared.digest))
    pades.check_embedded(made, previous=pdf, field=field)
    return made


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "certified"])
def by_three(request: pytest.FixtureRequest, pki: Pki, pdf: bytes) -> tuple[bytes, bool]:
    made = pades.with_fields(pdf, FIELDS)
    for field in FIELDS:
        made = signed(pki, made, field, certifies=request.param and field == "head")
    return made, request.param


def test_who_signs_later_only_fills(pki: Pki, pdf: bytes) -> None:
    prepared = pades.with_fields(pdf, FIELDS)
    assert prepared.startswith(pdf)
    fields = pypdf.PdfReader(io.BytesIO(prepared)).get_fields() or {}
    assert set(fields) == set(FIELDS)
    one = signed(pki, prepared, "trainer")
    tail = one[len(prepared) :]
    assert b"/Type/Page" not in tail.replace(b" ", b""), "the page and the form were touched by nobody"
    assert tail.count(b" 0 obj") == 2, "the field and the signature, nothing else"


def test_every_signature_is_valid_to_all(pki: Pki, by_three: tuple[bytes, bool], tmp_path: Path) -> None:
    made, certified = by_three
    report = validate(made, trust=pki.trust, now=NOW)
    assert [each.field for each in report.signatures] == list(FIELDS)
    assert not [each.code for each in report.all_findings() if each.severity != "info"]
    levels = [each.docmdp_level for each in PdfFileReader(io.BytesIO(made)).embedded_signatures]
    assert [each.value if each else None for each in levels] == [2 if certified else None, None, None]
    path = tmp_path / "three.pdf"
    path.write_bytes(made)
    assert judge("pdfsig", "-nocert", path).count("Signature is Valid") == len(FIELDS)
    assert "No syntax or stream encoding errors" in judge("qpdf", "--check", path)


def test_a_note_added_to_a_certified_paper_is_flagged(pki: Pki, pdf: bytes) -> None:
    made = signed(pki, pdf, "head", certifies=True)
    writer = IncrementalPdfFileWriter(io.BytesIO(made))
    page = writer.root["/Pages"]["/Kids"][0]
    note = writer.add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/FreeText"),
                NameObject("/Rect"): ArrayObject(map(NumberObject, (100, 100, 300, 140))),
                NameObject("/Contents"): TextStringObject("Жарамды"),
                NameObject("/DA"): TextStringObject("/Helv 12 Tf"),
            }
        )
    )
    page.setdefault(NameObject("/Annots"), ArrayObject()).append(note)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    report = validate(out.getvalue(), trust=pki.trust, now=NOW)
    assert report.signatures[0].changes in (Changes.ANNOTATIONS, Changes.OTHER)
    assert report.all_findings()


def test_only_the_first_signature_certifies(pki: Pki, pdf: bytes) -> None:
    made = signed(pki, pdf, "head", certifies=True)
    assert pades.is_signed(made)
    assert not pades.is_signed(pdf)
    with pytest.raises(ProviderError, match="certified already"):
        pades.prepare(made, field="trainer", when=NOW, certifies=True)


def test_a_prepared_field_takes_one_signature(pki: Pki, pdf: bytes) -> None:
    made = signed(pki, pades.with_fields(pdf, FIELDS), "head")
    with pytest.raises(ProviderError):
        pades.prepare(made, field="head", when=NOW)
