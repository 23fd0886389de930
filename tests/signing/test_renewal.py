"""An archive time stamp is followed by another one before its authority's certificate ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from docflow.core.errors import ProviderError
from docflow.signing import levels, renewal
from docflow.signing.indications import Indication
from docflow.signing.levels import Revoked, TrustServices
from docflow.signing.report import Changes, Level, SignatureReport
from docflow.signing.responders import RunningServices
from docflow.signing.timestamps import TimeStamper
from docflow.signing.validation import validate
from docflow.signing.wire import Client, Unavailable
from tests.signing.pki import NOW
from tests.signing.short_lived import replace_stamper
from tests.signing.stamped import Town, town

MONTHS = timedelta(days=90)
# pyHanko judges the past by the clock of the machine (0.38): all of this has to be over.
BEGIN = NOW - timedelta(days=5 * 365)
END = BEGIN + timedelta(days=200)
IN_TIME, AFTERWARDS = END - timedelta(days=30), END + timedelta(days=30)
MUCH_LATER = BEGIN + timedelta(days=1200)  # the signer's certificate has run out as well


@dataclass
class Archive:
    """A paper that was archived under a stamp which ends soon, and the services with the certificate that follows."""

    place: Town
    paper: bytes
    services: TrustServices
    running: RunningServices

    def first(self, pdf: bytes, at: datetime) -> SignatureReport:
        return validate(pdf, trust=self.place.trust, now=at).signatures[0]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, pdf: bytes) -> Iterator[Archive]:
    with town(tmp_path_factory.mktemp("town"), now=BEGIN) as place:
        replace_stamper(place.authority, begins=BEGIN - timedelta(days=1), ends=END)
        paper = place.sign(pdf, Level.LTA)
        replace_stamper(place.authority, begins=IN_TIME - timedelta(days=1), ends=BEGIN + timedelta(days=3500))
        with RunningServices(place.authority, clock=place.clock) as running:
            client = Client(timeout=60)
            stamper = TimeStamper(f"{running.address}/tsa", client=client, trust=lambda: place.trust)
            yield Archive(place, paper, replace(place.services, client=client, stamper=stamper), running)


@pytest.fixture(autouse=True)
def _in_time(archive: Archive) -> Iterator[None]:
    archive.place.clock.now = IN_TIME
    yield
    (archive.place.authority.directory / "revoked.json").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def renewed(archive: Archive) -> bytes:
    archive.place.clock.now = IN_TIME
    return renewal.renewed(archive.paper, archive.services, now=IN_TIME, before=MONTHS)


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
