"""What an update has changed to the eye: pictures compared, and two states of a file drawn beside each other."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from random import Random

import pytest

from docflow.rendering.difference import Box, Picture, differences, read_png
from docflow.rendering.preview import PreviewError, change, page_from_outside, stop

WHITE = bytes([255, 255, 255, 255])


@pytest.fixture(scope="module", autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    stop()


def page(text: bytes, *, turned: int = 0) -> bytes:
    """A page of 300 by 200 points with one line of text in a font that every reader has."""
    content = b"BT /F 20 Tf 40 120 Td (%b) Tj ET" % text
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Rotate %d/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
        % turned,
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, offsets = b"%PDF-1.7\n", list[int]()
    for number, each in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    lines = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 6\n0000000000 65535 f \n" + lines
    return body + table + b"trailer<</Root 1 0 R/Size 6>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def png(rows: list[bytes], *, channels: int = 4, filters: list[int] | None = None) -> bytes:
    """Write a picture with the filters of PNG, row by row, by the formulas of the standard."""
    size, above, data = len(rows[0]), bytes(len(rows[0])), b""
    for kind, row in zip(filters or [0] * len(rows), rows, strict=True):
        line = bytearray()
        for at in range(size):
            left = row[at - channels] if at >= channels else 0
            corner = above[at - channels] if at >= channels else 0
            line.append((row[at] - foretold(kind, left, above[at], corner)) % 256)
        data += bytes([kind]) + bytes(line)
        above = row
    header = struct.pack(">IIBBBBB", size // channels, len(rows), 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    chunks = b"".join(struct.pack(">I", len(body)) + kind + body + bytes(4) for kind, body in parts)
    return b"\x89PNG\r\n\x1a\n" + chunks


def foretold(kind: int, left: int, up: int, corner: int) -> int:
    nearest = min((left, up, corner), key=lambda each: abs(left + up - corner - each))
    return (0, left, up, (left + up) // 2, nearest)[kind]


def test_every_filter_of_png_is_read() -> None:
    random = Random(1)
    rows = [random.randbytes(40) for _ in range(10)]
    assert read_png(png(rows, filters=[0, 1, 2, 3, 4] * 2)).rows == tuple(rows)


@pytest.mark.parametrize("rubbish", [b"", b"GIF89a", png([WHITE])[:20]])
def test_what_is_no_picture_is_said_to_be_none(rubbish: bytes) -> None:
    with pytest.raises((ValueError, struct.error)):
        read_png(rubbish)


def test_changes_that_stand_apart_have_boxes_of_their_own() -> None:
    rows = [WHITE * 30] * 40
    before = Picture(30, 40, 4, tuple(rows))
    ink = bytes([0, 0, 0, 255])
    rows[3] = WHITE * 5 + ink + WHITE * 24
    rows[6] = WHITE * 9 + ink * 2 + WHITE * 19
    rows[30] = WHITE * 29 + ink
    after = Picture(30, 40, 4, tuple(rows))
    assert differences(before, after) == [Box(5, 3, 11, 7), Box(29, 30, 30, 31)]
    assert differences(before, before) == []
    assert differences(before, Picture(30, 39, 4, after.rows[:39])) == [Box(0, 0, 30, 39)]


def test_a_word_that_was_changed_is_framed() -> None:
    found = change(page(b"Hours: 72"), page(b"Hours: 80"), page=1)
    ((left, top, right, bottom),) = found.boxes
    assert 90 < left < right < 140, "the number, not the word before it"
    assert 55 < top < bottom < 90
    assert found.before != found.after
    assert change(page(b"Hours: 72"), page(b"Hours: 72"), page=1).boxes == ()


def test_one_page_of_a_file_from_outside_is_drawn_as_it_lies() -> None:
    width, height = struct.unpack(">II", page_from_outside(page(b"A", turned=90), page=1, dpi=72)[16:24])
    assert (width, height) == (200, 300)
    with pytest.raises(PreviewError):
        page_from_outside(b"%PDF rubbish", page=1)
    with pytest.raises(PreviewError):
        change(page(b"A"), page(b"A"), page=2)
