"""An archive time stamp is followed by another one before its authority's certificate ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from docflow.core.errors import ProviderError
from docflow.signing import levels, renewal
from docflow.signing.indications import Indication
from docflow.signing.levels import Revoked
from docflow.signing.report import Changes, Level
from docflow.signing.wire import Unavailable
from tests.signing.short_lived import AFTERWARDS, BEGIN, END, IN_TIME, MONTHS, MUCH_LATER, Archive, archived


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, pdf: bytes) -> Iterator[Archive]:
    with archived(tmp_path_factory.mktemp("town"), pdf) as made:
        yield made


@pytest.fixture(autouse=True)
def _in_time(archive: Archive) -> Iterator[None]:
    archive.place.clock.now = IN_TIME
    yield
    (archive.place.authority.directory / "revoked.json").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def renewed(archive: Archive) -> bytes:
    return archive.renewed()


def test_it_is_due_before_the_certificate_ends(archive: Archive, pdf: bytes) -> None:
    assert renewal.due_at(archive.paper, before=MONTHS) == END - MONTHS
    assert renewal.due_at(pdf, before=MONTHS) is None
    early = END - MONTHS - timedelta(seconds=1)
    assert renewal.renewed(archive.paper, archive.services, now=early, before=MONTHS) == archive.paper


def test_a_renewed_archive_outlives_the_certificates(archive: Archive, renewed: bytes) -> None:
    assert renewed.startswith(archive.paper)
    assert levels.level_of(renewed) is Level.LTA
    for moment in (IN_TIME + timedelta(minutes=1), AFTERWARDS, MUCH_LATER):
        first = archive.first(renewed, moment)
        assert (first.conclusion.indication, first.level, first.changes) == (
            Indication.PASSED, Level.LTA, Changes.LTA,
        )  # fmt: skip
        assert first.signed_at == BEGIN


def test_an_archive_that_nobody_renewed_is_open_afterwards(archive: Archive) -> None:
    assert archive.first(archive.paper, IN_TIME).conclusion.indication is Indication.PASSED
    assert archive.first(archive.paper, AFTERWARDS).conclusion.indication is Indication.INDETERMINATE


def test_the_next_one_is_due_by_the_new_certificate(renewed: bytes) -> None:
    assert renewal.due_at(renewed, before=MONTHS) == BEGIN + timedelta(days=3500) - MONTHS


def test_a_stamp_that_ends_no_later_is_no_renewal(archive: Archive) -> None:
    with pytest.raises(Unavailable, match="still stamps"):
        renewal.renewed(archive.paper, archive.place.services, now=IN_TIME, before=MONTHS)


def test_nothing_makes_up_for_a_day_that_was_missed(archive: Archive) -> None:
    archive.place.clock.now = AFTERWARDS
    with pytest.raises(ProviderError, match="ran out"):
        renewal.renewed(archive.paper, archive.services, now=AFTERWARDS, before=MONTHS)


def test_a_revoked_authority_is_not_covered_up(archive: Archive) -> None:
    stamp = levels.contents_of(archive.paper).values[-1].stamp()
    assert stamp is not None
    archive.place.authority.revoke(stamp.certificate.serial_number, at=IN_TIME - timedelta(days=2))
    anew = replace(archive.place.asking(), stamper=archive.services.stamper)
    with pytest.raises(Revoked):
        renewal.renewed(archive.paper, anew, now=IN_TIME, before=MONTHS)


def test_without_an_authority_it_waits(archive: Archive) -> None:
    with pytest.raises(Unavailable):
        renewal.renewed(archive.paper, replace(archive.services, stamper=None), now=IN_TIME, before=MONTHS)
