"""Holes are read at once, and as pyHanko reads them."""

from __future__ import annotations

import io
import random

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from docflow.signing import reading

ODD = [
    b"<>", b"<3>", b"<41 42>", b"<4\n1>", b"<fe ff 04 35>", b"<FEFF0435>", b"<zz>", b"<41", b"<", b"<4<2>", b"<41\0>",
    b"<41%a\n42>", b"<>>", b"<" + b"0" * 40_000 + b">", b"<" + b"0" * 40_001 + b">", b"<" + b"0" * 16_384 + b">x",
    b"<" + b"0" * 16_384 + b" >", b"<" + b"a" * 16_383 + b">",
]  # fmt: skip


def outcome(read: object, text: bytes) -> tuple[object, ...]:
    stream = io.BytesIO(b"before" + text + b" after")
    stream.seek(6)
    try:
        found = read(stream)  # type: ignore[operator]
    except (PdfError, ValueError) as error:
        return type(error), str(error)
    return type(found), found.original_bytes, stream.tell()


@pytest.mark.parametrize("text", ODD, ids=lambda text: repr(text[:12]) + str(len(text)))
def test_a_string_is_read_as_pyhanko_reads_it(text: bytes) -> None:
    assert outcome(reading.read_hexadecimal, text) == outcome(reading._one_by_one, text)


def test_any_string_is_read_as_pyhanko_reads_it() -> None:
    chance = random.Random(20)
    for _ in range(300):
        text = b"<" + bytes(chance.choices(b"0123456789abcdefABCDEF \n>", k=chance.randrange(40))) + b">"
        assert outcome(reading.read_hexadecimal, text) == outcome(reading._one_by_one, text)


def test_pyhanko_reads_holes_at_once() -> None:
    """It looks its own function up by this name; a new version of it may not."""
    assert generic.read_hex_string_from_stream is reading.read_hexadecimal
    with io.BytesIO(b"<0041>") as stream:
        found = generic.read_object(stream, generic.TrailerReference(None))  # type: ignore[no-untyped-call]
    assert found.original_bytes == b"\0A"
