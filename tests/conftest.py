"""Shared fixtures: a private PostgreSQL cluster, and fresh databases and instances copied from templates."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, make_url, text

from docflow.web import accounts

Fill = Callable[[str], None]

# Every process of a run lives at the same moment: what one of them has made is not of the future for another.
BEGAN = "TESTS_BEGAN"
os.environ.setdefault(BEGAN, datetime.now(UTC).replace(microsecond=0).isoformat())

# The same algorithm, as cheap as it can be: everybody here has the same password, and it is no secret.
accounts.SETTINGS["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = {
    "argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1,
}  # fmt: skip

# No example is an error because the machine was busy, and every run tries the same ones.
settings.register_profile("docflow", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("docflow")

# With several processes the longest files come first, so that none of them is left alone with one in the end.
LONGEST = (
    "tests/e2e/", "tests/web/test_attestation_pages", "tests/interop/", "tests/races/", "tests/signing/test_corpus",
    "tests/services/", "tests/web/", "tests/jobs/", "tests/signer/",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: next((n for n, each in enumerate(LONGEST) if item.nodeid.startswith(each)), 99))


# Nothing here outlives the session, so nothing needs to survive a power failure.
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "150",
}


def _postgres_programs() -> Path | None:
    """Debian keeps the server's programs out of PATH, one directory a version; take the newest."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


def _unprivileged() -> dict[str, str | list[str]]:
    """PostgreSQL refuses to run as root; the Debian package brings a user of its own."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


@dataclass(frozen=True)
class Cluster:
    """A running server of our own, reached through a socket that nobody else may open."""

    directory: Path
    user: str

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{self.user}@/{database}?host={self.directory}"

    def run(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.directory), user=self.user, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def is_ready(self) -> bool:
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs on this machine (Debian: apt-get install postgresql)")
    identity = _unprivileged()
    user = "postgres" if identity else pwd.getpwuid(os.geteuid()).pw_name
    # Not pytest's own directory: its parents are closed to the unprivileged user, and a socket's path is short.
    directory = Path(tempfile.mkdtemp(prefix="docflow-pg-"))
    if identity:
        shutil.chown(directory, "postgres", "postgres")
    data = directory / "data"
    initdb = [programs / "initdb", "-D", data, "-U", user, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=directory, **identity)  # type: ignore[call-overload]
    settings = [part for name, value in POSTGRES_SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(  # type: ignore[call-overload]
            [programs / "postgres", "-D", data, "-k", directory, *settings],
            stdout=log,
            stderr=log,
            cwd=directory,
            **identity,
        )
    cluster = Cluster(directory, user)
    try:
        deadline = time.monotonic() + 120
        while not cluster.is_ready():
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail((directory / "log").read_text())
            time.sleep(0.05)
        yield cluster
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
        shutil.rmtree(directory, ignore_errors=True)


@dataclass
class Databases:
    """Make fresh databases; what fills one is run once a session and copied after that."""

    request: pytest.FixtureRequest
    directory: Path
    _numbers: Iterator[int] = field(default_factory=count)
    _templates: dict[tuple[str, str], str] = field(default_factory=dict)

    def empty(self, kind: str) -> str:
        name = f"t{next(self._numbers)}"
        if kind == "sqlite":
            return f"sqlite:///{self.directory / name}.sqlite3"
        cluster = self._cluster()
        cluster.run(f"CREATE DATABASE {name}")
        return cluster.url(name)

    def filled(self, kind: str, name: str, fill: Fill, *, after: tuple[str, Fill] | None = None) -> str:
        """Give a copy of the database that *fill(url)* makes, of an empty one or of the one that is filled *after*.

        What fills must close its connections.
        """
        if (kind, name) not in self._templates:
            url = self.filled(kind, *after) if after else self.empty(kind)
            fill(url)
            if kind == "sqlite":
                _settle(url)
            self._templates[kind, name] = url
        return self._copy(kind, self._templates[kind, name])

    def drop(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            self._cluster().run(f"DROP DATABASE IF EXISTS {parsed.database} WITH (FORCE)")

    def _copy(self, kind: str, template: str) -> str:
        if kind == "sqlite":
            url = self.empty(kind)
            shutil.copyfile(make_url(template).database or "", make_url(url).database or "")
            return url
        name = f"t{next(self._numbers)}"
        self._cluster().run(f"CREATE DATABASE {name} TEMPLATE {make_url(template).database}")
        return self._cluster().url(name)

    def _cluster(self) -> Cluster:
        cluster: Cluster = self.request.getfixturevalue("postgres")
        return cluster


def _settle(url: str) -> None:
    """Bring everything from the write-ahead log into the one file that is copied."""
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases(request, tmp_path_factory.mktemp("databases"))


@dataclass(frozen=True)
class Instances:
    """Instances that take long to make: one of each name a run, whichever process needs it first, to be copied."""

    directory: Path

    def copy(self, name: str, make: Callable[[Path], None], target: Path) -> Path:
        """Copy to *target*, which must not exist, what *make(directory)* leaves behind; no process of it may live."""
        made = self.directory / f"made-{name}"
        with (self.directory / f"made-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                unfinished = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.directory))
                make(unfinished)
                unfinished.rename(made)
        shutil.copytree(made, target)
        return target


@pytest.fixture(scope="session")
def instances(tmp_path_factory: pytest.TempPathFactory) -> Instances:
    directory = tmp_path_factory.getbasetemp()
    return Instances(directory.parent if "PYTEST_XDIST_WORKER" in os.environ else directory)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(databases: Databases, database_kind: str) -> Iterator[str]:
    """The address of a fresh, empty database; the test runs once on each kind."""
    url = databases.empty(database_kind)
    yield url
    databases.drop(url)
