"""The QR code is a small, standard SVG of the address."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET

import pytest
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


def modules_of(url: str) -> set[tuple[int, int]]:
    matrix = segno.make(url, error="m", mask=3, micro=False, boost_error=False).matrix
    return {(x + 4, y + 4) for y, row in enumerate(matrix) for x, bit in enumerate(row) if bit}


def test_the_drawing_is_the_code_of_the_address_with_its_quiet_zone() -> None:
    assert drawn_modules(qr_svg(URL)) == modules_of(URL)


def test_the_code_of_any_paper_is_the_one_that_the_encoder_makes() -> None:
    letters = random.Random(18004)
    for _ in range(40):
        url = URL[:-12] + "".join(letters.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=12))
        assert drawn_modules(qr_svg(url)) == modules_of(url)


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://DOCFLOW.EXAMPLE.KZ/V/7K2M9QXW4T1B",
        "HTTPS://1.2.3.4/v/7K2M9QXW4T1B",
        "https://құжат.қаз/v/7K2M9QXW4T1B",
        "https://docflow.example.kz/v/Ә",
        "https://docflow.example.kz/v/",
        "https://docflow.example.kz/" + "v" * 200 + "/1",
        "7",
    ],
)
def test_an_unusual_address_is_drawn_as_truly(url: str) -> None:
    assert drawn_modules(qr_svg(url)) == modules_of(url)


def test_the_same_address_gives_the_same_drawing() -> None:
    assert qr_svg(URL) == qr_svg(URL)
    assert qr_svg(URL) != qr_svg(URL + "X")
