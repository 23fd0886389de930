"""Where two pictures of a page differ: plain arithmetic on PNG, for files of which nothing is believed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # PNG (3rd ed.), table 11.1; without palettes
_TOLERANCE = 24  # of 255: what the drawing program rounds is no change
_GAP = 8  # pixels; what stands nearer belongs together


@dataclass(frozen=True)
class Picture:
    """Rows of samples of 8 bits, *channels* a pixel."""

    width: int
    height: int
    channels: int
    rows: tuple[bytes, ...]


@dataclass(frozen=True)
class Box:
    """Pixels from the upper left corner; right and lower edge are the first pixels outside."""

    left: int
    top: int
    right: int
    bottom: int


def read_png(png: bytes) -> Picture:
    """Read a picture of 8 bits a sample without interlacing; ``ValueError`` for any other."""
    if not png.startswith(_SIGNATURE):
        raise ValueError("no PNG")
    header, data = b"", b""
    for kind, content in _chunks(png):
        header = content if kind == b"IHDR" else header
        data += content if kind == b"IDAT" else b""
    width, height, depth, colours, _compression, _filter, interlaced = struct.unpack(">IIBBBBB", header)
    if depth != 8 or colours not in _CHANNELS or interlaced:
        raise ValueError("a PNG of another kind")
    channels = _CHANNELS[colours]
    return Picture(width, height, channels, tuple(_rows(zlib.decompress(data), width * channels, channels, height)))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += length + 12


def _rows(data: bytes, size: int, step: int, height: int) -> Iterator[bytes]:
    above = bytes(size)
    for start in range(0, height * (size + 1), size + 1):
        above = _unfiltered(data[start], data[start + 1 : start + 1 + size], above, step)
        yield above


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    """PNG (3rd ed.), 9.2: each byte was written as the difference from what its neighbours foretell."""
    if kind == 0:
        return line
    if kind == 2:
        return bytes([(a + b) & 255 for a, b in zip(line, above, strict=True)])
    done = bytearray(step) + bytearray(line)
    for at, value in enumerate(line):
        left, up = done[at], above[at]
        corner = above[at - step] if at >= step else 0
        done[at + step] = (value + _foretold(kind, left, up, corner)) & 255
    return bytes(done[step:])


def _foretold(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    guess = left + up - corner  # Paeth
    a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
    return left if a <= b and a <= c else up if b <= c else corner


def differences(before: Picture, after: Picture) -> list[Box]:
    """The boxes round what looks different, from above; the whole picture when its measures changed."""
    if (before.width, before.height, before.channels) != (after.width, after.height, after.channels):
        return [Box(0, 0, after.width, after.height)]
    spans = {row: span for row in range(after.height) if (span := _span(before, after, row))}
    return [
        Box(min(spans[row][0] for row in band), band[0], max(spans[row][1] for row in band), band[-1] + 1)
        for band in _bands(sorted(spans))
    ]


def _span(before: Picture, after: Picture, row: int) -> tuple[int, int] | None:
    """From which pixel to which one row has changed."""
    old, new = before.rows[row], after.rows[row]
    if old == new:
        return None
    changed = [at for at, pair in enumerate(zip(old, new, strict=True)) if abs(pair[0] - pair[1]) > _TOLERANCE]
    return (changed[0] // after.channels, changed[-1] // after.channels + 1) if changed else None


def _bands(rows: list[int]) -> Iterator[list[int]]:
    """Rows that stand near each other."""
    ends = [row for row, following in pairwise(rows) if following - row > _GAP]
    for _band, found in groupby(rows, key=lambda row: sum(row > end for end in ends)):
        yield list(found)
