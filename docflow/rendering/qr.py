"""The QR code of the verification address, as an SVG for the paper."""

from __future__ import annotations

import io

import segno

# Choosing the best of eight masks costs five times the drawing of the code; any mask is valid (ISO/IEC 18004, 7.8).
_MASK = 3


def qr_svg(url: str) -> str:
    """Draw *url* as a black-and-white SVG with the quiet zone of four modules; error correction level M."""
    code = segno.make(url, error="m", mask=_MASK, micro=False, boost_error=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=4, xmldecl=False, svgclass=None, lineclass=None, nl=False)
    return out.getvalue().decode("ascii")
