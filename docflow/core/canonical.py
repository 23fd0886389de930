"""One byte form for a revision's data, so that its SHA-256 means something."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any


def canonical_json(data: Any) -> bytes:
    """Write *data* as UTF-8 JSON: sorted keys, no spaces, strings in NFC.

    ``TypeError`` names the path of anything that JSON cannot hold exactly (floats, dates, sets, keys
    that are no strings); ``ValueError`` that of two keys which NFC makes equal, or of a broken
    surrogate. Keys are sorted by code point (RFC 8785 sorts by UTF-16 unit; they differ only
    above U+FFFF).
    """
    plain = _plain(data, path="$")
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")


def sha256_hex(content: bytes) -> str:
    """Digest *content* as 64 lowercase hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _plain(value: Any, *, path: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, path=path)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return _object(value, path=path)
    if isinstance(value, list | tuple):
        return [_plain(item, path=f"{path}[{index}]") for index, item in enumerate(value)]
    # A float has no single decimal form; hours and marks are integers or strings of digits.
    raise TypeError(f"{path}: {type(value).__name__} has no canonical form in JSON")


def _object(value: Mapping[Any, Any], *, path: str) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise TypeError(f"{path}: the key {key!r} is not a string")
        name = _text(key, path=path)
        if name in plain:
            raise ValueError(f"{path}: two keys are both {name!r} in NFC")
        plain[name] = _plain(item, path=f"{path}.{name}")
    return plain


def _text(value: str, *, path: str) -> str:
    # str() drops the class of a StrEnum, which json would otherwise keep.
    text = unicodedata.normalize("NFC", str(value))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"{path}: a lone surrogate is not text") from None
    return text
