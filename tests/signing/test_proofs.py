"""B-LT is what a file holds: word about every certificate, and not about some of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from docflow.signing import levels
from docflow.signing.levels import Store
from docflow.signing.report import Level
from docflow.signing.validation import validate
from tests.signing.pki import NOW
from tests.signing.stamped import Town, town

LATER = NOW + timedelta(minutes=1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as made:
        yield made


def level(pdf: bytes, place: Town) -> Level:
    return validate(pdf, trust=place.trust, now=LATER).signatures[0].level


def gathered(pdf: bytes, place: Town) -> Store:
    return levels.gather(levels.contents_of(pdf), place.services, now=NOW)


def test_a_file_with_every_word_is_at_b_lt(place: Town, pdf: bytes) -> None:
    stamped = place.sign(pdf, Level.T)
    assert level(levels.add_store(stamped, gathered(stamped, place)), place) is Level.LT


@pytest.mark.parametrize("left_out", ["ocsps", "crls"])
def test_a_file_without_a_word_about_one_certificate_stays_at_b_t(place: Town, pdf: bytes, left_out: str) -> None:
    stamped = place.sign(pdf, Level.T)
    store = gathered(stamped, place)
    answers = getattr(store, left_out)
    assert answers
    for at in range(len(answers)):
        less = replace(store, **{left_out: answers[:at] + answers[at + 1 :]})
        assert level(levels.add_store(stamped, less), place) is Level.T
