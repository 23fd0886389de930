"""DER as we write and read it."""

from __future__ import annotations

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from docflow.signing import der


@given(st.integers(min_value=0, max_value=1 << 160))
def test_integers_are_written_as_the_library_writes_them(number: int) -> None:
    assert der.integer(number) == core.Integer(number).dump()


@given(st.binary(max_size=70000))
def test_any_content_comes_back(content: bytes) -> None:
    element = der.read(der.tlv(der.OCTET_STRING, content))
    assert element.content == content
    assert element.raw == core.OctetString(content).dump()


@pytest.mark.parametrize("dotted", ["1.2.398.3.3.4.1.2.1", "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.9.16.2.47"])
def test_identifiers_are_written_as_the_library_writes_them(dotted: str) -> None:
    assert der.oid(dotted) == core.ObjectIdentifier(dotted).dump()


def test_a_set_is_in_order() -> None:
    assert der.set_of(b"\x02\x01\x05", b"\x02\x01\x01") == b"\x31\x06\x02\x01\x01\x02\x01\x05"


@pytest.mark.parametrize("rubbish", [b"", b"\x30", b"\x30\x80\x00\x00", b"\x30\x05\x00", b"\x1f\x01\x00"])
def test_what_is_not_der_is_refused(rubbish: bytes) -> None:
    with pytest.raises(der.NotDer):
        der.read(rubbish)


@given(st.binary(max_size=60))
def test_reading_rubbish_raises_nothing_else(data: bytes) -> None:
    try:
        for child in der.read(data).children():
            assert child.end <= len(data)
    except der.NotDer:
        return
