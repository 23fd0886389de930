"""Levels of signatures: stamped while signing, raised for the archive, and honest when services are down."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from docflow import demo, jobs
from docflow.config import Settings
from docflow.core.checks import Outcome
from docflow.core.errors import ProviderError
from docflow.core.messages import translated_by
from docflow.db import db, unit_of_work
from docflow.models import Document, HistoryEntry, Person, Signature
from docflow.services import archiving, documents, environment, history, levels, papers, signing, verification
from docflow.signing.demo import DemoAuthority, load_key
from docflow.signing.levels import level_of
from docflow.signing.report import Level
from docflow.signing.responders import RunningServices
from docflow.signing.timestamps import TimeStamper
from docflow.signing.wire import Client
from tests.conftest import Databases
from tests.services import world
from tests.services.world import NOW, PIN, WKU
from tests.signing.short_lived import replace_stamper

SOON = NOW + timedelta(minutes=1)


class Clock:
    """The time of the services; the worlds of these tests live in the past."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Place:
    """An installation whose demo authority tells the time, with three certificates that wait for the rector."""

    settings: Settings
    running: RunningServices
    clock: Clock
    app: Flask

    @property
    def waiting(self) -> list[int]:
        return world.ids_of("course_certificate")

    def sign(self, ids: list[int], *, now: datetime = NOW) -> list[signing.SignResult]:
        session = signing.begin(ids, "demo", actor=WKU.actor("rector"), now=now)
        return signing.complete(session.id, PIN, actor=WKU.actor("rector"), now=now)

    def certificate_of_rector(self) -> Any:
        person = db.session.get_one(Person, WKU.actor("rector").person_id)
        organisation = documents.load(self.waiting[0]).organisation
        place = DemoAuthority(self.settings.demo_authority_dir)
        return load_key(place.key_file(iin=person.iin or "", bin=organisation.bin), pin=demo.PIN).certificate


@dataclass(frozen=True)
class Started:
    directory: Path
    running: RunningServices
    clock: Clock


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Sentences as the source has them, whatever language another test has spoken."""
    with translated_by(str):
        yield


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """One authority a session: its certificates name the port on which its services answer."""
    directory, clock = tmp_path_factory.mktemp("stamped"), Clock()
    place = DemoAuthority(directory / "keys" / "demo-authority")
    with RunningServices(place, clock=clock) as running:
        yield Started(directory, running, clock)


def set_clock(clock: Clock) -> None:
    here = environment.current()
    environment._by_engine[db.engine] = replace(here, services=replace(here.services, clock=clock))


@pytest.fixture
def place(started: Started, databases: Databases, database_kind: str) -> Iterator[Place]:
    def settings_of(url: str) -> Settings:
        settings = world.settings_for(url, started.directory)
        return Settings.of(
            {"mode": "demo", "data_dir": settings.data_dir, "database_url": url,
             "trust_services_port": started.running.port},
            directory=started.directory,
        )  # fmt: skip

    def fill(url: str) -> None:
        settings = settings_of(url)
        with world.running(settings):
            set_clock(started.clock)
            world.install(settings)
            sheet = world.assessed_course(settings, WKU, 3)
            world.issued(WKU, sheet, [], NOW)

    started.clock.now = NOW
    url = databases.filled(database_kind, "stamped", fill)
    settings = settings_of(url)
    with world.running(settings) as app:
        set_clock(started.clock)
        yield Place(settings, started.running, started.clock, app)
    databases.drop(url)


@pytest.fixture
def archived(place: Place) -> tuple[Document, datetime]:
    """A certificate in the archive, and the day on which its time stamp wants another one."""
    first = place.waiting[0]
    place.sign([first])
    place.clock.now = SOON
    assert levels.raise_document(first, now=SOON)
    document = documents.load(first)
    assert document.raise_at is not None
    return document, document.raise_at


def test_an_archive_time_stamp_is_renewed_in_time(
    place: Place, archived: tuple[Document, datetime], tmp_path: Path
) -> None:
    """The authority has a new certificate by then; what was archived stays as it was, and the history tells it."""
    document, due = archived
    shown = levels.shown(document)
    assert shown is not None
    assert not shown.waits
    before, old = document.paper_sha256 or "", archiving.read(document.paper_sha256 or "")
    successor = DemoAuthority(shutil.copytree(place.settings.demo_authority_dir, tmp_path / "successor"))
    replace_stamper(successor, begins=due - timedelta(days=1), ends=due + timedelta(days=2000))
    place.clock.now = due
    here = environment.current()
    with RunningServices(successor, clock=place.clock) as running:
        stamper = TimeStamper(
            f"{running.address}/tsa", client=Client(timeout=60), trust=lambda: here.trust,
            issuers=here.services.issuers,
        )  # fmt: skip
        environment._by_engine[db.engine] = replace(here, services=replace(here.services, stamper=stamper))
        assert levels.raise_document(document.id, now=due)
    db.session.expire_all()
    document = documents.load(document.id)
    renewed = archiving.read(document.paper_sha256 or "")
    assert renewed.startswith(old)
    assert len(renewed) > len(old)
    assert document.signature_level == level_of(renewed) == Level.LTA
    assert document.raise_at == due + timedelta(days=2000 - here.settings.renew_archive_days)
    assert levels.was_complete(document, before)
    assert [entry.action for entry in history.entries(document)].count("renewed") == 1


def test_an_archive_waits_for_another_certificate_of_the_authority(
    place: Place, archived: tuple[Document, datetime]
) -> None:
    document, due = archived
    before = document.paper_sha256
    place.clock.now = due
    assert not levels.raise_document(document.id, now=due)
    db.session.expire_all()
    document = documents.load(document.id)
    assert (document.raise_at, document.paper_sha256) == (due + levels.RENEW_AGAIN, before)
    shown = levels.shown(document)
    assert shown is not None
    assert "still stamps" in str(shown.problem)


def test_what_was_archived_earlier_is_renewed_as_well(archived: tuple[Document, datetime]) -> None:
    document, due = archived
    waiting = levels.waiting()
    with unit_of_work():
        documents.load(document.id).raise_at = None
    assert levels.waiting() == waiting, "who is in the archive waits for nothing"
    assert levels.remember_renewals({}) == {"remembered": 1}
    assert levels.remember_renewals({}) == {"remembered": 0}
    db.session.expire_all()
    assert documents.load(document.id).raise_at == due


def test_a_signature_is_stamped_and_the_document_says_so(place: Place) -> None:
    first = place.waiting[0]
    asked = place.running.asked()
    assert [each.outcome for each in place.sign([first])] == ["signed"]
    document = documents.load(first)
    assert document.signature_level == Level.T
    assert level_of(archiving.read(document.paper_sha256 or "")) is Level.T
    assert place.running.asked()["/tsa"] - asked["/tsa"] == 1
    shown = levels.shown(document)
    assert shown is not None
    assert (shown.name, shown.waits, shown.problem) == ("PAdES-B-T", True, None)


def test_the_archive_gets_everything_that_proves_it(place: Place) -> None:
    """The job that is asked for with the last signature raises to B-LTA, once, with a line in the history."""
    ids = place.waiting
    place.sign(ids)
    stamped = {each: archiving.read(documents.load(each).paper_sha256 or "") for each in ids}
    place.clock.now = SOON
    with time_machine.travel(SOON, tick=True):  # a job has no other time than the clock's
        jobs.run_until_idle(place.app, timeout=300)
    db.session.expire_all()
    for each in ids:
        document = documents.load(each)
        raised = archiving.read(document.paper_sha256 or "")
        assert raised.startswith(stamped[each]), "raising appends; what was signed stays as it was"
        assert (document.signature_level, level_of(raised)) == (Level.LTA, Level.LTA)
        assert document.level_problem is None
        assert document.raise_at is not None
        assert document.raise_at > SOON + timedelta(days=3000), "then the time stamp wants another one"
        actions = [entry.action for entry in history.entries(document)]
        assert actions.count("raised") == 1
        assert history.is_unbroken(document)
        shown = levels.shown(document)
        assert shown is not None
        assert (shown.name, shown.waits) == ("PAdES-B-LTA", False)
    assert levels.waiting() == 0
    told = verification.compare(None, archiving.read(documents.load(ids[0]).paper_sha256 or ""), now=SOON)
    signers = [each.message.msgid for each in told.verdict.checks if each.code == "signature"]
    assert signers == ["Signature of %(name)s.", "Time stamp: %(name)s."], "a stamp is nobody's signature"


def raise_all(place: Place, now: datetime) -> list[bool]:
    place.clock.now = now
    return [levels.raise_document(each, now=now) for each in place.waiting]


def test_a_certificate_is_asked_about_once_in_a_batch(place: Place) -> None:
    before = place.running.asked()
    place.sign(place.waiting)
    while_signing = place.running.asked() - before
    assert raise_all(place, SOON) == [True, True, True]
    while_raising = place.running.asked() - before - while_signing
    assert while_signing == {"/ocsp": 1, "/tsa": 3}
    # About who stamps and about the issuing centre; what was said of the rector is as new as his stamps.
    assert while_raising == {"/ocsp": 1, "/root.crl": 1, "/tsa": 3}


def test_raising_twice_changes_nothing(place: Place) -> None:
    first = place.waiting[0]
    place.sign([first])
    place.clock.now = SOON
    assert levels.raise_document(first, now=SOON)
    paper = documents.load(first).paper_sha256
    assert levels.raise_document(first, now=SOON + timedelta(minutes=1))
    assert documents.load(first).paper_sha256 == paper


def test_who_has_the_stamped_file_has_the_document(place: Place) -> None:
    """A paper that was downloaded before it was raised is no stranger to the public page."""
    first = place.waiting[0]
    place.sign([first])
    document = documents.load(first)
    downloaded = archiving.read(document.paper_sha256 or "")
    place.clock.now = SOON
    levels.raise_document(first, now=SOON)
    report = verification.compare(document.code, downloaded, now=SOON)
    codes = {check.code: check.outcome for check in report.verdict.checks}
    assert codes["before_raising"] is Outcome.YES


class Outage:
    """The services of a place that can be stopped and begin again on the same port."""

    def __init__(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        self._place, self._patch = place, monkeypatch

    def begins(self, *, after_stamps: int = 0) -> None:
        """From now on, or after so many stamps, nobody answers."""
        stamper = environment.current().services.stamper
        assert stamper is not None
        real, left = stamper.stamp, [after_stamps]

        def stamp(digest: bytes) -> Any:
            if left[0] == 0:
                self._place.running.pause()
            left[0] -= 1
            return real(digest)

        self._patch.setattr(stamper, "stamp", stamp)

    def ends(self) -> None:
        self._patch.undo()
        self._place.running.resume()
        environment.current().services.client.forget_outages()


@pytest.fixture
def outage(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outage]:
    made = Outage(place, monkeypatch)
    yield made
    made.ends()


def test_a_service_that_stops_in_a_batch_stops_nobody(place: Place, outage: Outage) -> None:
    ids = place.waiting
    outage.begins(after_stamps=1)
    assert [each.outcome for each in place.sign(ids)] == ["signed"] * len(ids)
    found = [documents.load(each) for each in ids]
    assert [each.signature_level for each in found] == [Level.T, Level.B, Level.B]
    assert [level_of(archiving.read(each.paper_sha256 or "")) for each in found] == [Level.T, Level.B, Level.B]
    assert raise_all(place, SOON) == [False] * len(ids)
    waiting = documents.load(ids[1])
    shown = levels.shown(waiting)
    assert shown is not None
    assert (waiting.signature_level, shown.name, shown.waits) == (Level.B, "PAdES-B-B", True)
    assert "does not answer" in str(shown.problem)
    assert waiting.raise_at is not None
    assert waiting.raise_at > SOON
    outage.ends()
    assert raise_all(place, SOON + timedelta(minutes=6)) == [True] * len(ids)
    assert {documents.load(each).signature_level for each in ids} == {Level.LTA}
    assert {level_of(archiving.read(documents.load(each).paper_sha256 or "")) for each in ids} == {Level.LTA}


def strictly(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = replace(environment.current().settings, without_services="refuse")
    monkeypatch.setitem(environment._by_engine, db.engine, replace(environment.current(), settings=strict))


def test_a_strict_organisation_signs_nothing_without_services(place: Place, outage: Outage) -> None:
    with pytest.MonkeyPatch.context() as patch:
        strictly(place, patch)
        outage.begins()
        place.running.pause()
        with pytest.raises(ProviderError, match="signs only while its trust services answer"):
            place.sign(place.waiting)
        assert {documents.load(each).state for each in place.waiting} == {"to_sign"}
        outage.ends()
        assert [each.outcome for each in place.sign(place.waiting, now=SOON)] == ["signed"] * 3


def test_a_strict_batch_waits_where_the_service_stopped(place: Place, outage: Outage) -> None:
    with pytest.MonkeyPatch.context() as patch:
        strictly(place, patch)
        outage.begins(after_stamps=1)
        assert [each.outcome for each in place.sign(place.waiting)] == ["signed", "waits", "waits"]
        assert [documents.load(each).state for each in place.waiting] == ["in_force", "to_sign", "to_sign"]


@pytest.fixture
def revoked(place: Place) -> Iterator[Place]:
    authority = DemoAuthority(place.settings.demo_authority_dir)
    authority.revoke(place.certificate_of_rector().serial_number, at=NOW - timedelta(hours=1))
    yield place
    (authority.directory / "revoked.json").unlink()


def test_a_revoked_key_signs_nothing(revoked: Place) -> None:
    with pytest.raises(ProviderError, match=r"revoked on 2026-03-16"):
        revoked.sign(revoked.waiting)
    assert {documents.load(each).state for each in revoked.waiting} == {"to_sign"}
    of_them = select(Signature.state).where(Signature.document_id.in_(revoked.waiting))
    assert set(db.session.scalars(of_them)) == {"awaited"}


def test_what_was_signed_with_a_revoked_key_is_never_raised(place: Place, outage: Outage) -> None:
    """While nobody answered, nobody could know; the level stays, and the page says why."""
    first = place.waiting[0]
    outage.begins()
    place.running.pause()
    assert [each.outcome for each in place.sign([first])] == ["signed"]
    outage.ends()
    authority = DemoAuthority(place.settings.demo_authority_dir)
    authority.revoke(place.certificate_of_rector().serial_number, at=NOW - timedelta(hours=1))
    place.clock.now = SOON
    try:
        assert not levels.raise_document(first, now=SOON)
    finally:
        (authority.directory / "revoked.json").unlink()
    document = documents.load(first)
    shown = levels.shown(document)
    assert shown is not None
    assert (document.signature_level, shown.waits) == (Level.B, False)
    assert "revoked" in str(shown.problem)


def test_without_services_everything_is_as_it_was(awaiting: tuple[Settings, list[int]]) -> None:
    _, (first, *_) = awaiting
    demo.sign(WKU.actor("rector"), [first], NOW)
    document = documents.load(first)
    assert (document.signature_level, document.raise_at) == (Level.B, None)
    assert db.session.scalars(select(HistoryEntry).where(HistoryEntry.action == "raised")).all() == []
    assert papers.signatures_of(document)[0].certificate["level"] == Level.B
    assert isinstance(document, Document)
