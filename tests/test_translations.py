"""Every sentence that docflow says is there in Kazakh and in Russian, and says the same."""

from __future__ import annotations

import re
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
UPDATE: dict[str, Any] = runpy.run_path(str(ROOT / "translations" / "update.py"))
LANGUAGES = UPDATE["LANGUAGES"]
CATALOGUES = sorted((ROOT / "translations").glob("**/*.po"))
IDS = [str(path.relative_to(ROOT / "translations")) for path in CATALOGUES]

# A bare "%" too: the formatter would choke on it, or on its absence.
PLACES = re.compile(r"%\(\w+\)[sd]|%+")
TAGS = re.compile(r"<[^>]+>")
CYRILLIC = "А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі"
# A word of both alphabets is a slip of the keyboard: Latin "i" for Kazakh "і", "o" for "о", "h" for "һ".
MIXED = re.compile(rf"\b(?=\w*[{CYRILLIC}])(?=\w*[A-Za-z])\w+\b")
# ASCII quotes and the English ones, where both languages write «...».
FOREIGN_QUOTES = re.compile('["“”]')
ENDINGS = ".:?"


@cache
def catalogue(path: Path) -> Catalog:
    with path.open(encoding="utf-8") as source:
        return read_po(source)


@cache
def spoken() -> frozenset[str]:
    return frozenset(message for _, message in UPDATE["sentences"]())


def sentences(path: Path) -> list[tuple[str, str]]:
    return [(str(message.id), str(message.string)) for message in catalogue(path) if message.id]


def ending(text: str) -> str:
    return text[-1] if text.endswith(tuple(ENDINGS)) else ""


def without_places(text: str) -> str:
    return TAGS.sub(" ", PLACES.sub(" ", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_in_the_catalogue(language: str) -> None:
    known = {msgid for msgid, _ in sentences(UPDATE["catalogue_path"](language))}
    assert not spoken() - known, "run translations/update.py and translate what it adds"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_outlives_its_use(language: str) -> None:
    known = {msgid for msgid, _ in sentences(UPDATE["catalogue_path"](language))}
    assert not known - spoken(), "run translations/update.py"


@pytest.mark.parametrize("path", CATALOGUES, ids=IDS)
def test_nothing_is_empty_or_guessed(path: Path) -> None:
    assert [message.id for message in catalogue(path) if message.id and (not message.string or message.fuzzy)] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=IDS)
def test_a_translation_has_the_same_places(path: Path) -> None:
    wrong = [msgid for msgid, text in sentences(path) if sorted(PLACES.findall(msgid)) != sorted(PLACES.findall(text))]
    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=IDS)
def test_no_word_mixes_two_alphabets(path: Path) -> None:
    found = {word for _, text in sentences(path) for word in MIXED.findall(without_places(text))}
    assert found == set()


@pytest.mark.parametrize("path", CATALOGUES, ids=IDS)
def test_quotes_are_those_of_the_language(path: Path) -> None:
    assert [text for _, text in sentences(path) if FOREIGN_QUOTES.search(without_places(text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_ends_as_in_english(language: str) -> None:
    # A full stop may be more: "ч." is no end of a sentence.
    wrong = [
        text
        for msgid, text in sentences(UPDATE["catalogue_path"](language))
        if ending(msgid) != ending(text) and (ending(msgid) or ending(text) != ".")
    ]
    assert wrong == []


def test_kazakh_is_not_russian() -> None:
    kazakh, russian = (dict(sentences(UPDATE["catalogue_path"](language))) for language in ("kk", "ru"))
    letters = re.compile(f"[{CYRILLIC}]{{3}}")
    same = {text for msgid, text in kazakh.items() if text == russian[msgid] and letters.search(without_places(text))}
    # One word may be common to both: тренер, журнал, бюджет. A sentence is not.
    assert {text for text in same if len(text.split()) > 1} == set()
