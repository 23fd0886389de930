"""Dictionaries of a PDF: read in one step where they are plain, and just the same where they are not."""

from __future__ import annotations

import pytest

from docflow.signing.increment import Dictionary, Unsupported


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"<</Type/Page/Parent 2 0 R/Rotate 90>>", {b"/Type": b"/Page", b"/Parent": b"2 0 R", b"/Rotate": b"90"}),
        (b"<< /A 1 /B -2.5 /C true >>", {b"/A": b"1", b"/B": b"-2.5", b"/C": b"true"}),
        (b"<</A[1 0 R 2 0 R]/B[(x) <0F> /N]>>", {b"/A": b"[1 0 R 2 0 R]", b"/B": b"[(x) <0F> /N]"}),
        (b"<</A<</B<</C 1>>>>/D 2>>", {b"/A": b"<</B<</C 1>>>>", b"/D": b"2"}),
        (b"<</A<</B<</C<</D 1>>>>>>/E 2>>", {b"/A": b"<</B<</C<</D 1>>>>>>", b"/E": b"2"}),
        (b"<</A[[1 2][3[4]]]/B[<</C[1]>>]>>", {b"/A": b"[[1 2][3[4]]]", b"/B": b"[<</C[1]>>]"}),
        (rb"<</A(a \) ( b) >> /X)/B 1>>", {b"/A": rb"(a \) ( b) >> /X)", b"/B": b"1"}),
        (b"<</A(>>)/B<3E3E>/C 1>>", {b"/A": b"(>>)", b"/B": b"<3E3E>", b"/C": b"1"}),
        (b"<</A % >> /X 9\n 1 % b\n/B 2>>", {b"/A": b"1", b"/B": b"2"}),
        (b"<</A[1 % ]\n 2]/B<</C 1 % >>\n>>>>", {b"/A": b"[1 % ]\n 2]", b"/B": b"<</C 1 % >>\n>>"}),
        (b"<</A 12  0\nR/B 3>>", {b"/A": b"12  0\nR", b"/B": b"3"}),
        (b"<</A 1/A 2>>", {b"/A": b"2"}),
        (b"<<>>", {}),
    ],
)
def test_a_dictionary_is_read_whole(text: bytes, values: dict[bytes, bytes]) -> None:
    assert Dictionary.parse(b"7 0 obj\n" + text + b"\nendobj", 8).values == values


@pytest.mark.parametrize(
    "text", [b"", b"[1 2]", b"<</A 1", b"<</A>>", b"<</A 1 2>>", b"<</A(1>>", b"<</A[1>>", b"<</A 1 0 Rx>>", b"<<1>>"]
)
def test_what_is_no_dictionary_is_refused(text: bytes) -> None:
    with pytest.raises((Unsupported, ValueError)):
        Dictionary.parse(text)


def test_a_value_that_never_ends_does_not_take_for_ever() -> None:
    with pytest.raises(Unsupported):
        Dictionary.parse(b"<</A" + b"<<" * 100_000)
    with pytest.raises(Unsupported):
        Dictionary.parse(b"<</A(" + b"\\(" * 100_000)
