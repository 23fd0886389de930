"""A real server and worker on a free port, and a real browser; both end with the file of tests."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from docflow import demo
from docflow.config import Settings
from tests.conftest import Instances
from tests.web import instance

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
TIMEOUT = 60_000  # milliseconds; a page takes a tenth of a second, a busy machine a hundred times as long


@dataclass(frozen=True)
class Served:
    """An instance that answers at ``address``; ``settings`` open the same data in the test's own process."""

    address: str
    settings: Settings


def free_port() -> int:
    """A port for a program that takes it in some seconds, outside the range from which systems give ports away."""
    for port in random.SystemRandom().sample(range(12_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports are taken")


def _until_it_answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{address}/v/", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the server does not answer:\n{log.read_text()}")


def _until_it_has_ended(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=60)
    finally:
        process.kill()
        process.wait()


@contextmanager
def serving(directory: Path) -> Iterator[Served]:
    """Run ``docflow serve`` and ``docflow worker`` over the instance in *directory*."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    given = {
        "DOCFLOW_MODE": "demo", "DOCFLOW_DATA_DIR": str(directory), "DOCFLOW_PORT": str(port),
        "DOCFLOW_PUBLIC_URL": address, "DOCFLOW_LOGIN_ATTEMPTS": "1000", "DOCFLOW_VERIFY_PER_MINUTE": "1000",
        "DOCFLOW_VERIFY_FILES_PER_MINUTE": "40",
    }  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOCFLOW_")}
    log = directory / "server.log"
    with log.open("wb") as out:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "docflow.cli", command], env=kept | given, cwd=directory, stdout=out, stderr=out
            )
            for command in ("serve", "worker")
        ]
        try:
            _until_it_answers(address, processes[0], log)
            yield Served(address, instance.settings_in(directory, public_url=address))
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                _until_it_has_ended(process)


@pytest.fixture(scope="module")
def served(instances: Instances, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The instance of tests/web, with a finished course and one under way; each file changes its own."""
    with serving(instances.copy("instance", instance.make_in, tmp_path_factory.mktemp("served") / "copy")) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a file. Playwright's event loop runs as long as it does, and other tests need one of their own."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


Opened = Callable[..., Page]


@pytest.fixture
def person(served: Served, chromium: Browser) -> Iterator[Opened]:
    """A browser of one's own for each person: ``person("clerk@wku.example", language="ru")`` is logged in."""
    contexts: list[BrowserContext] = []

    def open_one(email: str = "", *, language: str = "ru", viewport: dict[str, int] = WIDE) -> Page:
        context = chromium.new_context(base_url=served.address, viewport=viewport, locale=language)  # type: ignore[arg-type]
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        if email:
            log_in(page, email, language=language)
        return page

    yield open_one
    for context in contexts:
        context.close()


def log_in(page: Page, email: str, *, language: str = "ru") -> None:
    """Through the page, as people do; then choose the language with the switch."""
    page.goto("/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", demo.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    with page.expect_navigation():
        page.click(f"form.speak button[value={language}]")
    page.wait_for_selector(f"html[lang={language}]")
