"""A small application with one table of effects, and databases that are ready for jobs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine

from docflow import jobs
from tests.conftest import Databases
from tests.jobs import chores


def _fill(url: str) -> None:
    engine = create_engine(url)
    jobs.prepare(engine)
    chores.metadata.create_all(engine)
    engine.dispose()


@pytest.fixture
def jobs_url(databases: Databases, database_kind: str) -> Iterator[str]:
    url = databases.filled(database_kind, "jobs", _fill)
    yield url
    databases.drop(url)


@pytest.fixture
def app(jobs_url: str) -> Iterator[Flask]:
    app = chores.create_app(jobs_url)
    with app.app_context():
        yield app
        chores.db.session.remove()
        chores.db.engine.dispose()
