"""The order of the Kazakh alphabet, which is not the order of code points: Ә after А, Ұ after У, І after Ы."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

# The 42 letters in the order of the Kazakh Cyrillic alphabet; Russian names sort right by it too.
ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_PLACE = {letter: place for place, letter in enumerate(ALPHABET)}

Key = tuple[tuple[int, int], ...]


def kazakh_key(text: str) -> Key:
    """Give the key by which *text* sorts: spaces and signs first, Cyrillic by the alphabet, then the rest.

    Case does not matter; ``ё`` is a letter of its own, as in the Kazakh alphabet.
    """
    return tuple(_rank(letter) for letter in unicodedata.normalize("NFC", text.strip()).casefold())


def _rank(letter: str) -> tuple[int, int]:
    if letter in _PLACE:
        return (1, _PLACE[letter])
    return (2, ord(letter)) if letter.isalpha() else (0, ord(letter))


def name_key(person: Mapping[str, Any]) -> tuple[Key, Key, Key]:
    """Give the key of a list of people: surname, then given name, then patronymic."""
    surname, given_name, patronymic = (
        kazakh_key(str(person.get(part) or "")) for part in ("surname", "given_name", "patronymic")
    )
    return (surname, given_name, patronymic)
