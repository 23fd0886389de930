"""Opening a PDF that came from outside, and reading the holes of its signatures at once.

pyHanko reads a hexadecimal string one digit at a time, and half of what a validation costs is the 16,000 digits of
/Contents, nearly all of them zeros. pyHanko 0.38 has no seam for that, and so its function is replaced by one that
gives the same answers; whatever is spelt unusually goes on to it.
"""

from __future__ import annotations

import io
import re

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

_CHUNK = 1 << 14
_DIGITS = re.compile(rb"[0-9A-Fa-f]*")
_one_by_one = generic.read_hex_string_from_stream


def opened(pdf: bytes) -> PdfFileReader:
    # Strict reading refuses real files, such as the hybrid cross-references of Word and Acrobat.
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    if reader.encrypted:
        reader.decrypt("")  # signatures stand outside the encryption; most files open without a password
    return reader


def read_hexadecimal(stream: io.BytesIO) -> generic.ByteStringObject | generic.TextStringObject:
    """The string that begins with the ``<`` at the position of *stream*, which is left behind its ``>``."""
    start, parts = stream.tell(), list[bytes]()
    stream.seek(start + 1)
    while chunk := stream.read(_CHUNK):
        digits = _DIGITS.match(chunk)
        assert digits is not None  # it matches nothing, too
        parts.append(digits[0])
        if digits.end() < len(chunk):
            text = b"".join(parts)
            if chunk[digits.end() : digits.end() + 1] != b">" or len(text) % 2:
                break
            stream.seek(start + 1 + len(text) + 1)
            return generic.pdf_string(bytes.fromhex(text.decode("ascii")))
    stream.seek(start)
    return _one_by_one(stream)


generic.read_hex_string_from_stream = read_hexadecimal
