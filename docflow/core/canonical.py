"""One byte form for a revision's data, so that its SHA-256 means something."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any


class _Fault(Exception):
    """What JSON cannot hold exactly; the path is told on the way out, when it is needed."""

    def __init__(self, error: type[TypeError | ValueError], sentence: str, path: str = "") -> None:
        super().__init__(sentence)
        self.error, self.sentence, self.path = error, sentence, path

    def under(self, step: str) -> _Fault:
        return _Fault(self.error, self.sentence, step + self.path)


def canonical_json(data: Any) -> bytes:
    """Write *data* as UTF-8 JSON: sorted keys, no spaces, strings in NFC.

    ``TypeError`` names the path of anything that JSON cannot hold exactly (floats, dates, sets, keys
    that are no strings); ``ValueError`` that of two keys which NFC makes equal, or of a broken
    surrogate. Keys are sorted by code point (RFC 8785 sorts by UTF-16 unit; they differ only
    above U+FFFF).
    """
    try:
        plain = _plain(data)
    except _Fault as fault:
        raise fault.error(f"${fault.path}: {fault.sentence}") from None
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")


def sha256_hex(content: bytes) -> str:
    """Digest *content* as 64 lowercase hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, list | tuple):
        return _array(value)
    # A float has no single decimal form; hours and marks are integers or strings of digits.
    raise _Fault(TypeError, f"{type(value).__name__} has no canonical form in JSON")


def _array(value: Sequence[Any]) -> list[Any]:
    plain: list[Any] = []
    try:
        for item in value:
            plain.append(_plain(item))
    except _Fault as fault:
        raise fault.under(f"[{len(plain)}]") from None
    return plain


def _object(value: Mapping[Any, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise _Fault(TypeError, f"the key {key!r} is not a string")
        name = _text(key)
        if name in plain:
            raise _Fault(ValueError, f"two keys are both {name!r} in NFC")
        try:
            plain[name] = _plain(item)
        except _Fault as fault:
            raise fault.under(f".{name}") from None
    return plain


def _text(value: str) -> str:
    # str() drops the class of a StrEnum, which json would otherwise keep.
    if value.isascii():
        return str(value)
    text = unicodedata.normalize("NFC", str(value))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _Fault(ValueError, "a lone surrogate is not text") from None
    return text
