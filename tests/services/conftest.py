"""An application on each database: just installed, or with a course whose sheet is in force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from docflow.config import Settings
from docflow.core.permissions import Actor
from docflow.models import Document
from docflow.rendering.preview import stop
from tests.conftest import Databases
from tests.services import world

Filled = Callable[[Settings], object]


# Of the process, not of the fixture: other folders borrow the fixtures, and share the template databases whose rows
# name these objects and keys.
_made: dict[str, Path] = {}


@pytest.fixture(scope="session")
def data_directory(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """One directory of keys and objects for each kind of database: the store only grows, so tests may share it."""

    def directory(kind: str) -> Path:
        if kind not in _made:
            _made[kind] = tmp_path_factory.mktemp(f"data-{kind}")
        return _made[kind]

    return directory


@pytest.fixture(scope="session", autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    stop()


def _filling(directory: Path, fill: Filled) -> Callable[[str], None]:
    def run(url: str) -> None:
        settings = world.settings_for(url, directory)
        with world.running(settings):
            fill(settings)

    return run


@pytest.fixture
def installation(
    databases: Databases, database_kind: str, data_directory: Callable[[str], Path]
) -> Iterator[Callable[[str, Filled], Settings]]:
    """Settings of an instance whose database is a copy of the template *name*."""
    urls = []

    def make(name: str, fill: Filled) -> Settings:
        directory = data_directory(database_kind)
        bare = "bare", _filling(directory, world.install)
        urls.append(databases.filled(database_kind, name, _filling(directory, fill), after=bare))
        return world.settings_for(urls[-1], directory)

    yield make
    for url in urls:
        databases.drop(url)


@pytest.fixture
def settings(installation: Callable[[str, Filled], Settings]) -> Settings:
    return installation("installed", lambda settings: None)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    with world.running(settings) as app:
        yield app


@pytest.fixture
def clerk(app: Flask) -> Actor:
    return world.WKU.actor("clerk")


@pytest.fixture
def rector(app: Flask) -> Actor:
    return world.WKU.actor("rector")


@pytest.fixture
def assessed(installation: Callable[[str, Filled], Settings]) -> Iterator[tuple[Settings, Document]]:
    """The university's course of eight whose sheet is in force: settings and the sheet."""
    settings = installation("assessed", lambda settings: world.assessed_course(settings, world.WKU))
    with world.running(settings):
        yield settings, world.document_of("assessment_sheet")


def _drafted(settings: Settings) -> None:
    group = world.new_group(world.WKU)
    for document_id in world.import_people(world.WKU, group, 2, world.NOW):
        world.attach_required(document_id, world.WKU.actor("clerk"))


def _issued(settings: Settings) -> None:
    sheet = world.assessed_course(settings, world.WKU, 3)
    world.issued(world.WKU, sheet, [], world.NOW)


@pytest.fixture
def drafted(installation: Callable[[str, Filled], Settings]) -> Iterator[tuple[Settings, list[int]]]:
    """Two drafts of the university's application with every attachment, ready to be sent."""
    settings = installation("drafted", _drafted)
    with world.running(settings):
        yield settings, world.ids_of("wku_application")


@pytest.fixture
def awaiting(installation: Callable[[str, Filled], Settings]) -> Iterator[tuple[Settings, list[int]]]:
    """Three certificates that wait for the rector's signature, and their annexes."""
    settings = installation("awaiting", _issued)
    with world.running(settings):
        yield settings, world.ids_of("course_certificate")
