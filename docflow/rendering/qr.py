"""The QR code of the verification address, as an SVG for the paper."""

from __future__ import annotations

import re
from functools import lru_cache

import segno

# Choosing the best of eight masks costs five times the drawing of the code; any mask is valid (ISO/IEC 18004, 7.8).
_MASK = 3
_BORDER = 4  # modules: the quiet zone
_DARK = re.compile("1+")


def qr_svg(url: str) -> str:
    """Draw *url* as a black-and-white SVG with the quiet zone of four modules; error correction level M."""
    head, slash, end = url.rpartition("/")
    modules, width = _composed(head + slash, end) if _is_linear(head, end) else _encoded(url)
    rows = f"{modules:0{width * width}b}"
    path = "".join(
        f"M{run.start() + _BORDER} {y + _BORDER}.5h{run.end() - run.start()}"
        for y in range(width)
        for run in _DARK.finditer(rows[y * width : (y + 1) * width])
    )
    size = width + 2 * _BORDER
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {size} {size}">'
        f'<path d="{path}" stroke="#000" fill="none"/></svg>'
    )


def _encoded(text: str) -> tuple[int, int]:
    """The modules of *text* as one number, row by row, and how many there are in a row."""
    matrix = segno.make(text, error="m", mask=_MASK, micro=False, boost_error=False).matrix
    return int("".join("1" if module else "0" for row in matrix for module in row), 2), len(matrix)


def _is_linear(head: str, end: str) -> bool:
    """Whether *end* is written byte by byte: a small letter before it rules out the modes that pack characters."""
    return end.isascii() and any("a" <= letter <= "z" for letter in head)


# With the version and the mask given, the bytes and the check words after them are linear over GF(2) (ISO/IEC 18004,
# 7.5): a letter in its place turns the same modules over, whatever stands beside it. A paper's code is put together so.
def _composed(head: str, end: str) -> tuple[int, int]:
    modules, width = _blank(head, len(end))
    for place, letter in enumerate(end):
        modules ^= _turned(head, len(end), place, letter)
    return modules, width


@lru_cache(maxsize=64)
def _blank(head: str, length: int) -> tuple[int, int]:
    return _encoded(head + "0" * length)


@lru_cache(maxsize=4096)
def _turned(head: str, length: int, place: int, letter: str) -> int:
    text = "0" * place + letter + "0" * (length - place - 1)
    return _encoded(head + text)[0] ^ _blank(head, length)[0]
