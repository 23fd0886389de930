"""One instance for the session, a browser without a browser for each role, and copies for tests that change things."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from docflow import demo
from docflow.rendering import preview
from tests.conftest import Instances
from tests.web import instance

TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


@dataclass
class Visitor:
    """A person at a browser: follows the pages' own forms, tokens and all."""

    client: FlaskClient

    def get(self, address: str, **more: object) -> TestResponse:
        return self.client.get(address, **more)  # type: ignore[arg-type]

    def token(self, address: str = "/v/") -> str:
        found = TOKEN.search(self.client.get(address).text)
        assert found, f"{address} has no form"
        return found[1]

    def post(self, address: str, data: dict[str, object] | None = None, *, page: str = "/v/") -> TestResponse:
        """Send a form with the token of *page*."""
        return self.client.post(address, data={"csrf_token": self.token(page), **(data or {})})

    def log_in(self, email: str) -> Visitor:
        answer = self.post("/login", {"email": email, "password": demo.PASSWORD}, page="/login")
        assert answer.status_code == 302, answer.text
        return self


def visitor(app: Flask, role: str = "", *, language: str = "ru") -> Visitor:
    """A visitor who has chosen *language*; without a *role* nobody in particular."""
    one = Visitor(app.test_client())
    if role:
        one.log_in(instance.ACCOUNTS[role])
    with one.client.session_transaction() as session:
        session["language"] = language
    return one


@pytest.fixture(scope="session")
def instance_directory(instances: Instances, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield instances.copy("instance", instance.make_in, tmp_path_factory.mktemp("web") / "instance")
    preview.stop()


@pytest.fixture(scope="session")
def app(instance_directory: Path) -> Iterator[Flask]:
    """For tests that only look: nothing of it may change."""
    with instance.opened(
        instance.settings_in(instance_directory, verify_per_minute=1000, verify_files_per_minute=100)
    ) as app:
        yield app


@pytest.fixture(scope="session")
def visitors(app: Flask) -> dict[str, Visitor]:
    """Somebody of every role, and nobody in particular."""
    return {"anonymous": visitor(app)} | {role: visitor(app, role) for role in instance.ACCOUNTS}


@pytest.fixture
def copied(instance_directory: Path, tmp_path: Path) -> Iterator[Flask]:
    """An instance of one's own, to change."""
    directory = tmp_path / "copy"
    shutil.copytree(instance_directory, directory)
    with instance.opened(instance.settings_in(directory)) as app:
        yield app
