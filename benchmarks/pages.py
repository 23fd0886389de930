"""Milliseconds a page in an instance with 100,000 documents, on SQLite and, where it is installed, PostgreSQL.

    python -m benchmarks.pages [--count 100000] [--database sqlite|postgresql|both]

One course is taken through the services, from application to certificate; its rows are then copied, with other people,
numbers and codes, until there are enough. The pages are asked for through Flask's test client by people who are logged
in. Each page is asked once unmeasured.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, column, func, insert, select, table, text, update
from sqlalchemy import Table as SqlTable

from docflow import create_app, demo, jobs, samples
from docflow.cli import migrate_database
from docflow.config import Settings
from docflow.core.identifiers import new_code
from docflow.db import db
from docflow.models import (
    Document,
    Group,
    HistoryEntry,
    Person,
    RegisteredNumber,
    Relation,
    Revision,
    SearchEntry,
    Signature,
)
from docflow.rendering.preview import stop as stop_previews
from docflow.services import people
from docflow.services.search import folded

NOW = datetime.now(UTC)
LISTENERS = 10
WAITING = 300  # certificates that wait for the rector, and applications that wait for the clerk, at most
TAKEN = 1000  # rows of the samples that the demo takes for its own people
AT_ONCE = 40  # copies of the course in one batch of inserts
COPIED = (Document, Revision, Signature, Relation, HistoryEntry, RegisteredNumber, SearchEntry)
Row = dict[str, Any]


# Filling


def fill(app: Flask, settings: Settings, count: int) -> None:
    with app.app_context():
        migrate_database()
        demo.install(settings, now=NOW.replace(year=NOW.year - 1, day=1))
        demo.run_course(
            settings, count=LISTENERS, now=NOW, run_jobs=lambda: jobs.run_until_idle(app, timeout=120)
        )
        with db.engine.begin() as connection:
            pattern = Pattern(connection)
            copies = -(-count // len(pattern.rows[Document])) - 1
            pattern.named = samples.listeners(TAKEN + (copies + 1) * LISTENERS)[TAKEN:]
            for first in range(1, copies + 1, AT_ONCE):
                pattern.copy(range(first, min(first + AT_ONCE, copies + 1)))
        with db.engine.begin() as connection:
            leave_some_waiting(connection)
            settle(connection)
        db.session.remove()


class Pattern:
    """The rows of one finished course, and how to make more of them."""

    named: list[Row]  # who the copies are about

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.rows: dict[type, list[Row]] = {
            model: [dict(row) for row in connection.execute(select(_table(model))).mappings()] for model in COPIED
        }
        subjects = {row["subject_id"] for row in self.rows[Document]} - {None}
        listeners = select(_table(Person)).where(Person.id.in_(subjects)).order_by(Person.id)
        self._people = [dict(row) for row in connection.execute(listeners).mappings()]
        self._group = dict(connection.execute(select(_table(Group))).mappings().one())
        self._step = {model: self._largest(model) for model in (*COPIED[:-1], Person, Group)}

    def _largest(self, model: type) -> int:
        key = _table(model).c.id
        return self._connection.execute(select(func.max(key))).scalar_one()

    def copy(self, copies: range) -> None:
        """Insert these copies, table by table."""
        listeners = [row for copy in copies for row in self._other_people(copy)]
        self._insert(Person, listeners)
        digests = {row["id"]: (row["surname"], row["given_name"], people.iin_digest(row["iin"])) for row in listeners}
        self._insert(Group, [self._moved(Group, self._group, copy) for copy in copies])
        for model in COPIED[:-1]:
            rows = [self._moved(model, row, copy) for copy in copies for row in self.rows[model]]
            for row in rows:
                self._rename(model, row, digests)
            self._insert(model, rows)
            if model is Document:
                self._index(rows, digests)

    def _other_people(self, copy: int) -> list[Row]:
        others = self.named[copy * LISTENERS : (copy + 1) * LISTENERS]
        return [
            row | {name: other[name] for name in ("surname", "given_name", "patronymic", "iin")}
            | {"id": row["id"] + copy * self._step[Person]}
            for row, other in zip(self._people, others, strict=True)
        ]  # fmt: skip

    def _moved(self, model: type, row: Row, copy: int) -> Row:
        moved = row | {"id": row["id"] + copy * self._step[model]}
        for name, target in (
            ("document_id", Document), ("source_id", Document), ("target_id", Document), ("revision_id", Revision),
            ("group_id", Group),
        ):  # fmt: skip
            if row.get(name) is not None:
                moved[name] = row[name] + copy * self._step[target]
        if any(row.get("subject_id") == person["id"] for person in self._people):
            moved["subject_id"] = row["subject_id"] + copy * self._step[Person]
        if model is Group:
            moved["code"] = f"{row['code']}-{copy}"
        if row.get("number"):
            moved["number"] = row["number"].replace("/", f"-{copy}/")
        if model is RegisteredNumber:
            moved |= {"sequence": row["sequence"] + copy * 1000, "text": row["text"].replace("/", f"-{copy}/")}
        return moved

    def _rename(self, model: type, row: Row, people_: dict[int, tuple[str, str, str]]) -> None:
        if model is Document:
            row["code"] = new_code()
            if row["subject_id"] in people_:
                row["subject_name"] = " ".join(people_[row["subject_id"]][:2])

    def _index(self, rows: list[Row], people_: dict[int, tuple[str, str, str]]) -> None:
        entries = [
            {
                "document_id": row["id"],
                "organisation_id": row["organisation_id"],
                "norm": folded(f"{row['number']} {row['code']} {row['subject_name']} {row['title']}"),
                "iin_digest": people_.get(row["subject_id"], ("", "", None))[2],
            }
            for row in rows
        ]
        self._insert(SearchEntry, entries)
        if self._connection.dialect.name == "sqlite":
            trigrams = table("df_search_trigram", column("rowid"), column("norm"))
            words = [{"rowid": entry["document_id"], "norm": entry["norm"]} for entry in entries]
            self._connection.execute(insert(trigrams), words)

    def _insert(self, model: type, rows: list[Row]) -> None:
        self._connection.execute(insert(_table(model)), rows)


def _table(model: Any) -> SqlTable:
    found: SqlTable = model.__table__
    return found


def leave_some_waiting(connection: Connection) -> None:
    """The newest certificates wait for the rector, the newest applications for the clerk."""
    made = select(Document.id).order_by(Document.id.desc()).limit(WAITING)
    ids = list(connection.scalars(made.where(Document.type == "course_certificate")))
    waiting = {"state": "to_sign", "valid_from": None, "valid_until": None}
    connection.execute(update(Document).where(Document.id.in_(ids)).values(**waiting))
    unsigned = {"state": "awaited", "signed_at": None}
    connection.execute(update(Signature).where(Signature.document_id.in_(ids)).values(**unsigned))
    to_consider = list(connection.scalars(made.where(Document.type == "wku_application")))
    connection.execute(update(Document).where(Document.id.in_(to_consider)).values(state="submitted"))


def settle(connection: Connection) -> None:
    """What a database does by itself in time: statistics, and sequences behind the copied keys."""
    if connection.dialect.name == "postgresql":
        for model in (*COPIED[:-1], Person, Group):
            name = _table(model).name
            connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))
    connection.execute(text("ANALYZE"))


# Asking


@dataclass(frozen=True)
class Known:
    """What there is to ask for."""

    count: int
    surname: str
    number: str
    code: str
    iin: str
    certificate: int
    group: int

    @classmethod
    def look(cls) -> Known:
        made = select(Document).where(Document.type == "course_certificate", Document.state == "in_force")
        middle = db.session.scalars(made.order_by(Document.id).offset(20).limit(1)).unique().one()
        assert middle.subject is not None
        return cls(
            db.session.scalar(select(func.count(Document.id))) or 0, middle.subject.surname, middle.number or "",
            middle.code, middle.subject.iin or "", middle.id, middle.group_id or 0,
        )  # fmt: skip


def pages(known: Known) -> list[tuple[str, str, Callable[[FlaskClient], Any]]]:
    """The name of each page, who asks for it, and how."""

    def get(address: str, **query: str) -> Callable[[FlaskClient], Any]:
        return lambda client: client.get(address, query_string=query)

    return [
        ("home, clerk", "clerk", get("/")),
        ("home, rector", "rector", get("/")),
        ("search by surname", "clerk", get("/documents", text=known.surname)),
        ("search by surname, rector", "rector", get("/documents", text=known.surname)),
        ("search by number", "inspector", get("/documents", text=known.number)),
        ("search by IIN", "inspector", lambda client: client.post("/documents", data={"iin": known.iin})),
        ("list by type and state", "inspector", get("/documents", type="course_certificate", state="in_force")),
        ("list, last page", "clerk", get("/documents", type="training_contract", page="20")),
        ("document", "clerk", get(f"/documents/{known.certificate}")),
        ("group", "clerk", get(f"/groups/{known.group}")),
        ("groups", "clerk", get("/groups/")),
        ("sign queue", "rector", get("/sign/")),
        ("/v/CODE", "", get(f"/v/{known.code}")),
    ]


def client_of(app: Flask, who: str) -> FlaskClient:
    client = app.test_client()
    if who:
        answer = client.post("/login", data={"email": f"{who}@wku.example", "password": demo.PASSWORD})
        assert answer.status_code == 302, answer.status_code
    return client


def measure(app: Flask, times: int) -> None:
    with app.app_context():
        known = Known.look()
    print(f"{known.count} documents in {app.config['SQLALCHEMY_DATABASE_URI'].split(':')[0]}")
    clients = {who: client_of(app, who) for who in ("clerk", "rector", "inspector", "")}
    for name, who, ask in pages(known):
        one(clients[who], ask)
        answers = [one(clients[who], ask) for _ in range(times)]
        taken = sorted(clock for clock, _ in answers)
        busy = statistics.median(processor for _, processor in answers)
        print(
            f"  {name:28} median {statistics.median(taken):7.1f} ms   p95 {taken[int(times * 0.95) - 1]:7.1f} ms   "
            f"processor {busy:6.1f} ms"
        )


def one(client: FlaskClient, ask: Callable[[FlaskClient], Any]) -> tuple[float, float]:
    """Milliseconds of the clock and of this process's processor time, which a busy neighbour changes least."""
    began, busy = time.perf_counter(), time.process_time()
    answer = ask(client)
    assert answer.status_code == 200, (answer.status_code, answer.request.path)
    return (time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000


# Databases


@contextmanager
def private_postgresql() -> Iterator[str]:
    """A cluster of our own behind a socket; gone afterwards."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[4]))[-1]
    directory = Path(tempfile.mkdtemp(prefix="docflow-pg-"))
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        identity = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(directory, "postgres", "postgres")
    data = directory / "data"
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=directory, **identity)
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", directory, "-c", "listen_addresses="], cwd=directory,
        stderr=subprocess.DEVNULL, **identity,
    )  # fmt: skip
    try:
        while not _answers(directory):
            time.sleep(0.1)
        yield f"postgresql+psycopg://postgres@/postgres?host={directory}"
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(directory, ignore_errors=True)


def _answers(directory: Path) -> bool:
    try:
        psycopg.connect(host=str(directory), user="postgres", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def run(kind: str, count: int, times: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="docflow-bench-") as folder,
        private_postgresql() if kind == "postgresql" else nullcontext("") as url,
    ):
        settings = Settings.of(
            {"mode": "demo", "data_dir": Path(folder) / "instance", "database_url": url, "verify_per_minute": 100_000},
            directory=Path(folder),
        )
        app = create_app(settings)
        app.config["WTF_CSRF_ENABLED"] = False
        began = time.monotonic()
        fill(app, settings, count)
        print(f"filled in {time.monotonic() - began:.0f} s")
        measure(app, times)
        with app.app_context():
            db.engine.dispose()
    stop_previews()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000, help="documents")
    parser.add_argument("--times", type=int, default=30, help="how often each page is asked for")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    options = parser.parse_args()
    for kind in ("sqlite", "postgresql"):
        if options.database in (kind, "both"):
            run(kind, options.count, options.times)


if __name__ == "__main__":
    main()
