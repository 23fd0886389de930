"""Signing with everything recorded: one authorisation for fifty documents, and seven people on one paper.

Each way is measured as two requests do it, in contexts of their own: what is to be signed is prepared and shown, then
the PIN opens the key, and each document gets its signature, the check of it, its standing, slot, level, history, stored
paper, result in the session, and the state that follows. The manifest of the batch is sealed before.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from benchmarks.issue import NOW, _now, assessed_group, check_all, made_by, rector_key
from docflow import create_app, demo, samples
from docflow.cli import migrate_database
from docflow.config import Settings
from docflow.db import db, unit_of_work
from docflow.models import Person, Signature
from docflow.services import documents, issuing, papers, signing
from docflow.signing import demo as demo_authority
from docflow.signing.demo import DemoAuthority

FIFTY, SEVEN = 50, 7
ROUNDS = 4  # batches of fifty; the first is not counted
RECTOR, CLERK = "rector@wku.example", "clerk@wku.example"


@dataclass(frozen=True)
class Spent:
    """Seconds of the clock and of the processor, for preparing and for signing."""

    wall: float
    preparing: float
    signing: float

    @property
    def busy(self) -> float:
        return self.preparing + self.signing


@contextmanager
def installed(algorithm: str) -> Iterator[tuple[Flask, Settings]]:
    """A demo instance whose authority and whose rector have keys of this kind."""
    with tempfile.TemporaryDirectory(prefix="docflow-bench-") as folder:
        settings = Settings.of({"mode": "demo", "data_dir": Path(folder) / "instance"}, directory=Path(folder))
        app = create_app(settings)
        with app.app_context():
            migrate_database()
            began = NOW - timedelta(days=400)
            demo_authority.create(settings.demo_authority_dir, now=began, algorithm=algorithm)
            demo.install(settings, now=NOW - timedelta(days=30))
            rector_key(settings, algorithm)
        yield app, settings


def waiting(app: Flask) -> list[int]:
    """Certificates and annexes that wait for the rector, enough for every batch."""
    with app.app_context():
        clerk = demo.actor_of(CLERK)
        sheet = assessed_group(samples.listeners(FIFTY * ROUNDS // 2), clerk)
        run_id = issuing.start(sheet.id, ["course_certificate"], actor=clerk, language="ru", now=NOW).id
    with app.app_context():
        issuing.perform_run({"run_id": run_id})
    with app.app_context():
        return made_by(run_id)


def signed(app: Flask, person_id: int, chosen: Sequence[int]) -> Spent:
    """Who acts is found before: every page asks that."""
    with app.app_context():
        actor = demo.actor_for_person(db.session.get_one(Person, person_id))
        began = _now()
        session_id = signing.begin(chosen, demo.PROVIDER, actor=actor, now=NOW).id
        prepared = _now()
    with app.app_context():
        actor = demo.actor_for_person(db.session.get_one(Person, person_id))
        asked = _now()
        results = signing.complete(session_id, {"pin": demo.PIN}, actor=actor, now=NOW)
        ended = _now()
    assert [each.outcome for each in results] == [signing.SIGNED] * len(chosen), results
    wall = prepared[0] - began[0] + ended[0] - asked[0]
    return Spent(wall, prepared[1] - began[1], ended[1] - asked[1])


def tell_batches(algorithm: str) -> None:
    with installed(algorithm) as (app, _):
        ids = waiting(app)
        with app.app_context():
            rector = demo.actor_of(RECTOR).person_id
        assert rector is not None
        batches = [ids[start : start + FIFTY] for start in range(0, len(ids), FIFTY)]
        spent = [signed(app, rector, batch) for batch in batches][1:]
        with app.app_context():
            check_all(ids)
    wall = statistics.median(each.wall for each in spent)
    busy, preparing = (
        statistics.median(each.busy for each in spent),
        statistics.median(each.preparing for each in spent),
    )
    print(f"{algorithm:9} {FIFTY} documents in one batch: {wall:.2f} s by the clock, {busy:.2f} s of the processor")
    each_ms, least = busy / FIFTY * 1000, min(each.busy for each in spent) / FIFTY * 1000
    print(f"{algorithm:9}   each {wall / FIFTY * 1000:.2f} ms by the clock, {each_ms:.2f} ms of the processor")
    print(f"{algorithm:9}   of it {preparing / FIFTY * 1000:.2f} ms preparing; {least:.2f} ms in the best batch")


def tell_seven(algorithm: str) -> None:
    """The rector and six more on one paper, one after the other, each by an authorisation of his own."""
    with installed(algorithm) as (app, settings):
        ids = waiting(app)[:ROUNDS]
        spent, keys = [], []
        for document_id in ids:
            with app.app_context():
                signers = _seven_signers(settings, document_id, algorithm)
            each = [signed(app, person_id, [document_id]) for person_id in signers]
            spent.append([one.busy * 1000 for one in each])
            keys.append(_opening(settings, algorithm))
        with app.app_context():
            check_all(ids)
    flat = sorted(one for row in spent[1:] for one in row)
    each_ms, key_ms = statistics.median(flat), statistics.median(keys)
    print(f"{algorithm:9} {SEVEN} signers on one paper, everything recorded: {each_ms:.2f} ms each of the processor")
    print(f"{algorithm:9}   from {flat[0]:.2f} to {flat[-1]:.2f}; of it {key_ms:.2f} ms to open a key and sign with it")


def _seven_signers(settings: Settings, document_id: int, algorithm: str) -> list[int]:
    (own,) = papers.signatures_of(documents.load(document_id))
    others = select(Person).where(Person.iin.is_not(None), Person.id != own.person_id).order_by(Person.id)
    witnesses = list(db.session.scalars(others.limit(SEVEN - 1)).unique())
    with unit_of_work():
        db.session.add_all(
            Signature(
                document_id=document_id, revision_id=own.revision_id, slot=f"member-{number}", order=own.order,
                person_id=person.id, state="awaited", signer_name=person.full_name, capacity="member", label="Мүше",
            )
            for number, person in enumerate(witnesses, start=1)
        )  # fmt: skip
    for person in witnesses:
        DemoAuthority(settings.demo_authority_dir).key_file(iin=person.iin or "").unlink(missing_ok=True)
        demo_authority.issue_key(
            settings.demo_authority_dir, person=person.full_name, iin=person.iin or "", pin=demo.PIN,
            now=NOW - timedelta(days=1), algorithm=algorithm,
        )  # fmt: skip
    return [own.person_id, *(person.id for person in witnesses)]


def _opening(settings: Settings, algorithm: str) -> float:
    """Milliseconds to open a member's key file with its PIN and to sign once."""
    path = max(DemoAuthority(settings.demo_authority_dir).keys.glob("*.p12"), key=lambda each: each.stat().st_mtime)
    began = time.process_time()
    demo_authority.load_key(path, pin=demo.PIN).sign(b"\0" * 32)
    return (time.process_time() - began) * 1000


def tell() -> None:
    for algorithm in ("P-256", "RSA-2048"):
        tell_batches(algorithm)
        tell_seven(algorithm)


if __name__ == "__main__":
    tell()
