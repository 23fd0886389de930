"""The QR code is a small, standard SVG of the address."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import segno

from docflow.rendering.qr import qr_svg

URL = "https://docflow.example.kz/v/7K2M9QXW4T1B"


def drawn_modules(svg: str) -> set[tuple[int, int]]:
    """Read the path of horizontal strokes back into the set of dark modules."""
    (path,) = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}path")
    x, y, dark = 0, 0, set()
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", path.attrib["d"]):
        values = [float(n) for n in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "M":
            x, y = int(values[0]), int(values[1] - 0.5)
        elif command == "m":
            x, y = x + int(values[0]), y + int(values[1])
        else:
            dark |= {(x + step, y) for step in range(int(values[0]))}
            x += int(values[0])
    return dark


def test_the_drawing_is_the_code_of_the_address_with_its_quiet_zone() -> None:
    matrix = segno.make(URL, error="m", mask=3, micro=False, boost_error=False).matrix
    expected = {(x + 4, y + 4) for y, row in enumerate(matrix) for x, bit in enumerate(row) if bit}
    assert drawn_modules(qr_svg(URL)) == expected


def test_the_same_address_gives_the_same_drawing() -> None:
    assert qr_svg(URL) == qr_svg(URL)
    assert qr_svg(URL) != qr_svg(URL + "X")
