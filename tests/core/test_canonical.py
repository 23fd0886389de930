"""Canonical JSON: one value, one sequence of bytes."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docflow.core.canonical import canonical_json, sha256_hex

words = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner) | st.dictionaries(words, inner),
    max_leaves=20,
)


class Colour(StrEnum):
    RED = "red"


def test_keys_are_sorted_and_nothing_is_spaced() -> None:
    assert canonical_json({"b": [1, 2], "a": {"я": None, "z": True}}) == '{"a":{"z":true,"я":null},"b":[1,2]}'.encode()


def test_kazakh_letters_are_written_as_themselves() -> None:
    assert canonical_json("Әбілқайыр Ғұмаров") == '"Әбілқайыр Ғұмаров"'.encode()


def test_composed_and_decomposed_letters_give_the_same_bytes() -> None:
    # й typed as one code point, and as и with a breve above.
    assert canonical_json({"\u0419": "\u0439"}) == canonical_json({"\u0418\u0306": "\u0438\u0306"})


def test_tuples_and_enumerations_are_lists_and_strings() -> None:
    assert canonical_json({"rows": (Colour.RED, 1)}) == b'{"rows":["red",1]}'


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (0.5, r"\$: float"),
        ({"rows": [{"mark": 1}, {"mark": 4.5}]}, r"\$\.rows\[1\]\.mark: float"),
        ({"when": date(2026, 1, 1)}, r"\$\.when: date"),
        ({"set": {1, 2}}, r"\$\.set: set"),
        ({"raw": b"x"}, r"\$\.raw: bytes"),
        ({"outer": {1: "x"}}, r"\$\.outer: the key 1"),
    ],
)
def test_what_json_cannot_hold_exactly_is_refused_with_its_path(data: Any, path: str) -> None:
    with pytest.raises(TypeError, match=path):
        canonical_json(data)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"a": {"\u0439": 1, "\u0438\u0306": 2}}, r"\$\.a: two keys"),
        ({"a": ["\ud800"]}, r"\$\.a\[0\]: a lone surrogate"),
    ],
)
def test_ambiguous_text_is_refused_with_its_path(data: Any, path: str) -> None:
    with pytest.raises(ValueError, match=path):
        canonical_json(data)


@given(plain)
def test_reading_and_writing_again_changes_no_byte(data: Any) -> None:
    try:
        written = canonical_json(data)
    except ValueError as error:
        assert "two keys" in str(error)
        return
    assert canonical_json(json.loads(written)) == written


def test_sha256_is_the_published_one() -> None:
    # FIPS 180-2, appendix B.1.
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
