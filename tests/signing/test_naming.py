"""The quick look at an update: what nobody has touched is alike, and what names something touched is looked into."""

from __future__ import annotations

import io

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from docflow.signing.comparison import Permissions, Unexplained, compare
from docflow.signing.increment import Dictionary, Reader
from docflow.signing.naming import Naming
from docflow.signing.report import Changes
from docflow.signing.validation import validate
from tests.signing.pki import NOW, TRAINER, Pki, sign
from tests.signing.test_comparison import FORGED, HARMLESS, STREAM, page, update

ANYTHING = Permissions(certified=False, is_locked=lambda name: False)


@pytest.fixture(scope="module")
def signed(pki: Pki, pdf: bytes) -> bytes:
    return sign(pki, pdf)


def quick(pdf: bytes) -> Changes:
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    return compare(reader, revision=1, permissions=ANYTHING, naming=Naming(reader))


def whole(pdf: bytes) -> Changes:
    return compare(PdfFileReader(io.BytesIO(pdf), strict=False), revision=1, permissions=ANYTHING)


@pytest.mark.parametrize("name", [name for name in HARMLESS if name != "an object set free"])
def test_the_quick_look_says_what_the_whole_comparison_says(name: str, signed: bytes) -> None:
    changed = update(signed, HARMLESS[name](Reader(signed)))
    assert quick(changed) is whole(changed) is Changes.LTA


@pytest.mark.parametrize("name", FORGED)
def test_the_quick_look_explains_no_forgery(name: str, signed: bytes) -> None:
    changed = update(signed, FORGED[name](Reader(signed)))
    with pytest.raises((Unexplained, KeyError)):
        quick(changed)


def test_the_quick_look_explains_a_second_signature(pki: Pki, signed: bytes) -> None:
    assert quick(sign(pki, signed, signer=TRAINER, field="trainer")) is Changes.FORM_FILLING


def test_an_object_behind_the_signed_bytes_may_not_appear(pki: Pki, pdf: bytes) -> None:
    """The signed table names a place behind the end, where nothing stands until the signature is made."""
    reader = Reader(pdf)
    content, missing = reader.dictionary(reader.first_page()).values[b"/Contents"], reader.size + 1
    objects = {**page(reader, Contents=b"[%b %d 0 R]" % (content, missing)), missing: b"null"}
    prepared = update(pdf, objects)
    at = prepared.rindex(b"%d 0 obj\nnull" % missing)
    place = len(prepared) + 200_000
    prepared = prepared.replace(b"%010d 00000 n" % at, b"%010d 00000 n" % place)
    first = sign(pki, prepared)
    padded = first + b"\n" * (place - len(first)) + b"%d 0 obj\n%b\nendobj\n" % (missing, STREAM)
    padded += b"startxref\n%d\n%%%%EOF\n" % Reader(first).start
    changed = update(padded, {Reader(first).size: Dictionary({b"/Type": b"/Nothing"}).text})
    (only,) = validate(changed, trust=pki.trust, now=NOW).signatures
    assert only.changes in (Changes.OTHER, Changes.UNDETERMINED)
