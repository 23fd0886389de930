"""Documents a second: the usual way, docflow's whole issuing, and crypto with disk alone, turn about in one run.

    python -m benchmarks.issue [--count 1000] [--group 100]

(a) the usual way (usual.py), in a process of its own: WeasyPrint, pyHanko, a file, a row. (b) docflow: certificate and
annex of every listener from the assessment sheet, by the issue job, with rules, number, revision, paper, relation,
history and search entry, then signed by the rector in one batch. (c) what no way can save: RSA signature, SHA-256,
file and row on the disk. The three take turns group by group, so that a busy neighbour slows all of them alike.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from flask import Flask
from sqlalchemy import select

from docflow import create_app, demo, samples
from docflow.archive.store import DirectoryStore
from docflow.cli import migrate_database
from docflow.config import Settings
from docflow.core.canonical import canonical_json, sha256_hex
from docflow.core.identifiers import new_code
from docflow.core.permissions import Actor
from docflow.db import db, unit_of_work
from docflow.models import Document, Group, IssueRun, Organisation, Person, Relation, Revision
from docflow.services import archiving, documents, issuing, people, routing
from docflow.signing import authority, pades
from docflow.signing import demo as demo_authority
from docflow.signing.cms import CertifiedKey

NOW = datetime.now(UTC)
USUAL_IN_A_TURN = 10
MILESTONES = (200, 1000, 2000)


@dataclass
class Tally:
    """Documents of one way, and their seconds by the clock and by the processor."""

    documents: int = 0
    seconds: float = 0.0
    busy: float = 0.0

    def add(self, documents: int, seconds: float, busy: float) -> None:
        self.documents += documents
        self.seconds += seconds
        self.busy += busy

    @property
    def ms(self) -> float:
        """Milliseconds of the processor for each document: what a busy neighbour changes least."""
        return self.busy / self.documents * 1000

    @property
    def rate(self) -> float:
        return self.documents / self.seconds


@dataclass
class Measured:
    """Everything that one run measures; memory in MB by number of documents."""

    usual: Tally = field(default_factory=Tally)
    making: Tally = field(default_factory=Tally)
    signing: Tally = field(default_factory=Tally)
    whole: Tally = field(default_factory=Tally)
    certificates: Tally = field(default_factory=Tally)
    alone: Tally = field(default_factory=Tally)
    memory: dict[int, float] = field(default_factory=dict)


def rector_key(settings: Settings, algorithm: str) -> CertifiedKey:
    """Give the rector a new key of this kind, as the organisation's first head, and open it."""
    rector = demo.actor_of("rector@wku.example")
    person = db.session.get_one(Person, rector.person_id)
    organisation = db.session.get_one(Organisation, rector.organisation_id)
    place = demo_authority.DemoAuthority(settings.demo_authority_dir)
    place.key_file(iin=person.iin or "", bin=organisation.bin).unlink(missing_ok=True)
    path = demo_authority.issue_key(
        settings.demo_authority_dir, person=person.full_name, iin=person.iin or "", bin=organisation.bin,
        organisation=organisation.short_ru, roles=(authority.FIRST_HEAD,), pin=demo.PIN, now=NOW - timedelta(days=1),
        algorithm=algorithm,
    )  # fmt: skip
    return demo_authority.load_key(path, pin=demo.PIN)


class Usual:
    """The other process, which works the usual way with the same key."""

    def __init__(self, directory: Path, key: CertifiedKey) -> None:
        directory.mkdir()
        der = serialization.Encoding.DER
        private = key.private_key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (directory / "key.der").write_bytes(private)
        for number, certificate in enumerate((key.certificate, *key.chain)):
            (directory / f"{number}.der").write_bytes(certificate.public_bytes(der))
        command = [sys.executable, "-m", "benchmarks.usual", str(directory)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def issue(self, names: list[str]) -> tuple[float, float]:
        """Make a document for each name; the seconds that it took there, of the clock and of the processor."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(names), file=self._process.stdin, flush=True)
        seconds, busy = self._process.stdout.readline().split()
        return float(seconds), float(busy)

    def close(self) -> None:
        self._process.communicate()


# What is there before the certificates: people with contracts, and a signed sheet. Not measured.


def assessed_group(rows: list[dict[str, Any]], clerk: Actor) -> Document:
    """A group with these listeners, their contracts in force, and its assessment sheet in force."""
    group = demo._new_group(clerk, NOW)
    with unit_of_work():
        listeners = [people.find_or_create(row, row["iin"]) for row in rows]
        for listener in listeners:
            contract(group, listener)
    sheet = documents.create_draft(
        "assessment_sheet", sheet_content(group, listeners), actor=clerk, unit_id=group.unit_id, language="ru",
        now=NOW, group_id=group.id,
    )  # fmt: skip
    routing.perform(sheet.id, "submit", actor=clerk, now=NOW)
    demo.sign(demo.actor_of("trainer@wku.example"), [sheet.id], NOW)
    demo.sign(demo.actor_of("centre@wku.example"), [sheet.id], NOW)
    return sheet


def contract(group: Group, listener: Person) -> None:
    content = {"listener": listener.as_content, "listener_id": listener.id, "topic": group.topic_ru}
    document = Document(
        type="training_contract", organisation=group.organisation, unit_id=group.unit_id, group_id=group.id,
        state="in_force", language="ru", code=new_code(), subject_id=listener.id, subject_name=listener.full_name,
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    sha256 = sha256_hex(canonical_json(content))
    document.revisions = [Revision(sequence=1, content=content, sha256=sha256, created_at=NOW)]
    db.session.add(document)


def sheet_content(group: Group, listeners: list[Person]) -> dict[str, Any]:
    trainer = group.responsible[0]
    modules = [{"title": each["title_ru"], "hours": each["hours"]} for each in group.modules]
    return {
        "topic": group.topic_ru, "hours": group.hours, "starts_on": group.starts_on.isoformat(),
        "completed_on": group.ends_on.isoformat(), "max_score": 100, "order_number": "ЦПК-З-00001/2026",
        "order_date": (group.starts_on - timedelta(days=3)).isoformat(), "modules": modules,
        "trainer": {key: trainer[key] for key in ("person", "person_id")} | {"position": trainer["position_ru"]},
        "attendance_least": 80, "score_least": 50,
        "listeners": [
            {
                "person": each.as_content, "person_id": each.id, "attended_hours": group.hours, "score": 92,
                "marks": [{"mark": str(80 + number)} for number in range(len(modules))], "remark": "",
            }
            for each in listeners
        ],
    }  # fmt: skip


# The three ways


def issue_and_sign(app: Flask, sheet_id: int, measured: Measured) -> None:
    """Certificates with annexes for a whole sheet, made and signed, each in a context of its own as in production."""
    began = _now()
    with app.app_context():
        clerk = demo.actor_of("clerk@wku.example")
        run = issuing.start(sheet_id, ["course_certificate"], actor=clerk, language="ru", now=NOW)
        run_id = run.id
    with app.app_context():
        issuing.perform_run({"run_id": run_id})
    making = _since(began)
    with app.app_context():
        ids = made_by(run_id)
    began = _now()
    with app.app_context():
        demo.sign(demo.actor_of("rector@wku.example"), ids, NOW)
    signing = _since(began)
    measured.making.add(len(ids), *making)
    measured.signing.add(len(ids), *signing)
    measured.whole.add(len(ids), making[0] + signing[0], making[1] + signing[1])
    measured.certificates.add(len(ids) // 2, making[0] + signing[0], making[1] + signing[1])
    with app.app_context():
        check_all(ids)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(began: tuple[float, float]) -> tuple[float, float]:
    return time.perf_counter() - began[0], time.process_time() - began[1]


def made_by(run_id: int) -> list[int]:
    run = db.session.get_one(IssueRun, run_id)
    certificates = [row.document_id for row in run.rows if row.document_id]
    assert len(certificates) == run.total, [row.refusals for row in run.rows if row.refusals][:1]
    annexed = select(Relation.source_id).where(Relation.target_id.in_(certificates), Relation.kind == "annex")
    annexes = list(db.session.scalars(annexed.order_by(Relation.source_id)))
    assert len(annexes) == len(certificates)
    return certificates + annexes


def check_all(ids: list[int]) -> None:
    """Not measured: every document is in force, has a number and a signed paper."""
    rows = db.session.execute(select(Document.state, Document.number).where(Document.id.in_(ids))).all()
    assert len(rows) == len(ids)
    assert all(state == "in_force" and number for state, number in rows)


class Alone:
    """The key, the hash and the disk, with docflow's own store and as many documents a commit."""

    def __init__(self, directory: Path, key: CertifiedKey) -> None:
        self._key, self.pdf = key, b""
        self._attributes = pades.signed_attributes(b"\0" * 32, key.certificate)
        self._store = DirectoryStore(directory / "objects")
        self._database = sqlite3.connect(directory / "alone.sqlite3")
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute("CREATE TABLE document (sha256 TEXT PRIMARY KEY)")
        self._made = 0

    def turn(self, count: int, *, chunk: int) -> tuple[float, float]:
        began = _now()
        for _ in range(count // chunk):
            files = [self._signed() for _ in range(chunk)]
            names = self._store.put_many(files)
            self._database.executemany("INSERT INTO document VALUES (?)", [(name,) for name in names])
            self._database.commit()
        return _since(began)

    def _signed(self) -> bytes:
        self._made += 1
        return self.pdf + self._key.raw_signature(self._attributes + str(self._made).encode())


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def measure(count: int, size: int) -> None:
    rows = samples.listeners(count + 2 * size)
    with tempfile.TemporaryDirectory(prefix="docflow-bench-") as folder:
        settings = Settings.of({"mode": "demo", "data_dir": Path(folder) / "instance"}, directory=Path(folder))
        app = create_app(settings)
        with app.app_context():
            migrate_database()
            demo_authority.create(settings.demo_authority_dir, now=NOW - timedelta(days=400), algorithm="RSA-2048")
            demo.install(settings, now=NOW - timedelta(days=30))
            key = rector_key(settings, "RSA-2048")
        with closing(Usual(Path(folder) / "usual", key)) as other:
            alone = Alone(Path(folder), key)
            warm_up(app, other, alone, rows[:size])
            measured = run_turns(app, other, alone, rows[size : size + count], size)
        second = Measured()
        with app.app_context():
            rector_key(settings, "P-256")
            sheet_id = assessed_group(rows[-size:], demo.actor_of("clerk@wku.example")).id
        issue_and_sign(app, sheet_id, second)
        tell(measured, second)


def name_of(row: dict[str, Any]) -> str:
    return f"{row['surname']} {row['given_name']} {row['patronymic']}".strip()


def warm_up(app: Flask, other: Usual, alone: Alone, rows: list[dict[str, Any]]) -> None:
    other.issue([name_of(row) for row in rows[:2]])
    alone.pdf = one_turn(app, rows, Measured())


def run_turns(app: Flask, other: Usual, alone: Alone, rows: list[dict[str, Any]], size: int) -> Measured:
    measured = Measured()
    for start in range(0, len(rows), size):
        some = [name_of(row) for row in rows[start : start + USUAL_IN_A_TURN]]
        measured.usual.add(len(some), *other.issue(some))
        measured.alone.add(100, *alone.turn(100, chunk=25))
        one_turn(app, rows[start : start + size], measured)
        if measured.whole.documents in MILESTONES:
            measured.memory[measured.whole.documents] = resident_mb()
    return measured


def one_turn(app: Flask, rows: list[dict[str, Any]], measured: Measured) -> bytes:
    with app.app_context():
        sheet_id = assessed_group(rows, demo.actor_of("clerk@wku.example")).id
    issue_and_sign(app, sheet_id, measured)
    with app.app_context():
        last = db.session.scalars(select(Document).order_by(Document.id.desc()).limit(1)).one()
        return archiving.read(last.paper_sha256 or "")


def tell(measured: Measured, second: Measured) -> None:
    a, b, c = measured.usual, measured.whole, measured.alone
    print(f"b / a: docflow issues {b.rate / a.rate:.1f} times as many documents a second as the usual way")
    print(f"       and takes the processor {a.ms / b.ms:.1f} times less for each")
    print(f"b / c: {b.rate / c.rate:.2f} of what signature, hash and disk alone allow")
    print()
    for name, tally in (
        ("(a) the usual way, RSA-2048", a),
        ("(b) docflow, RSA-2048", b),
        ("      making alone", measured.making),
        ("      signing alone", measured.signing),
        ("      certificates, each with its annex", measured.certificates),
        ("(b) docflow, P-256", second.whole),
        ("(c) signature, hash, disk alone", c),
    ):
        print(f"{name:40} {tally.rate:8.1f} a second   {tally.ms:6.1f} ms of the processor   ({tally.documents})")
    print()
    for number, megabytes in measured.memory.items():
        print(f"memory after {number:5} documents {megabytes:6.0f} MB")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"memory at its peak          {peak:6.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="certificates; as many annexes come with them")
    parser.add_argument("--group", type=int, default=100, help="listeners of one sheet")
    options = parser.parse_args()
    measure(options.count, options.group)


if __name__ == "__main__":
    main()
