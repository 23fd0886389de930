"""Just enough DER: writing what we sign, reading what a signer returns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

INTEGER = 0x02
OCTET_STRING = 0x04
NULL = b"\x05\x00"
OBJECT_IDENTIFIER = 0x06
SEQUENCE = 0x30
SET = 0x31
CONTEXT = 0xA0  # plus the number: [0] constructed


def tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """X.690, 11.6: the encodings of a SET OF stand in ascending order."""
    return tlv(SET, b"".join(sorted(parts)))


def integer(value: int) -> bytes:
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(OBJECT_IDENTIFIER, b"".join(_base128(arc) for arc in (first * 40 + second, *rest)))


def _base128(number: int) -> bytes:
    out = [number & 0x7F]
    while number := number >> 7:
        out.append(0x80 | (number & 0x7F))
    return bytes(reversed(out))


class NotDer(ValueError):
    """The bytes are no definite-length encoding, or they end too early."""


class Element(NamedTuple):
    """One tag-length-value inside ``data``, from ``start`` to ``end``, its content from ``body``."""

    data: bytes
    tag: int
    start: int
    body: int
    end: int

    @property
    def raw(self) -> bytes:
        return self.data[self.start : self.end]

    @property
    def content(self) -> bytes:
        return self.data[self.body : self.end]

    def children(self) -> Iterator[Element]:
        at = self.body
        while at < self.end:
            child = read(self.data, at, self.end)
            yield child
            at = child.end


def read(data: bytes, at: int = 0, end: int | None = None) -> Element:
    """Read one element that lies wholly before *end*; high tag numbers and indefinite lengths are refused."""
    limit = len(data) if end is None else end
    if at + 2 > limit or data[at] & 0x1F == 0x1F:
        raise NotDer("no element here")
    length, body = data[at + 1], at + 2
    if length >= 0x80:
        size = length & 0x7F
        body += size
        if not 1 <= size <= 4 or body > limit:
            raise NotDer("no definite length")
        length = int.from_bytes(data[at + 2 : body], "big")
    if body + length > limit:
        raise NotDer("ends too early")
    return Element(data, data[at], at, body, body + length)
