"""kill -9 in the middle of telling a hundred people: everybody is told, and nobody reads it twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import func, select

from docflow import samples
from docflow.config import Settings
from docflow.core.canonical import canonical_json, sha256_hex
from docflow.core.identifiers import new_code
from docflow.db import db, unit_of_work
from docflow.models import Delivery, Document, Group, Person, Revision
from docflow.services import deliveries, people
from tests.services import world
from tests.services.world import NOW, WKU

ROOT = Path(__file__).parents[2]
PEOPLE = 100


def _contract(group: Group, listener: Person) -> Document:
    """Something in force that is about the listener; how it came about is not what is tested here."""
    document = Document(
        type="training_contract", organisation=group.organisation, unit_id=group.unit_id, group_id=group.id,
        state="in_force", language="ru", code=new_code(), subject_id=listener.id, subject_name=listener.full_name,
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    content = {"listener": listener.as_content}
    digest = sha256_hex(canonical_json(content))
    document.revisions = [Revision(sequence=1, content=content, sha256=digest, created_at=NOW)]
    return document


def _many(settings: Settings) -> None:
    group, clerk = world.new_group(WKU), WKU.actor("clerk")
    with unit_of_work():
        for number, row in enumerate(samples.listeners(PEOPLE)):
            listener = people.find_or_create(row, row["iin"])
            listener.email = f"listener{number}@example.kz"
            document = _contract(group, listener)
            db.session.add(document)
            db.session.flush()
            deliveries.announce(document, actor=clerk, now=NOW)


@pytest.fixture
def promised(installation: Callable[..., Settings]) -> Iterator[Settings]:
    settings = installation("promised", _many)
    with world.running(settings):
        yield settings


def _worker(settings: Settings) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ, "DOCFLOW_DATA_DIR": str(settings.data_dir), "DOCFLOW_DATABASE_URL": settings.database_url,
        "DOCFLOW_MODE": "demo",
    }  # fmt: skip
    environment.pop("DOCFLOW_CONFIG", None)
    command = [sys.executable, "-m", "docflow.cli", "worker"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def _sent() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Delivery.state == "sent")) or 0


def _until(wanted: int, process: subprocess.Popen[bytes], *, seconds: float = 250) -> int:
    deadline = time.monotonic() + seconds
    while (sent := _sent()) < wanted:
        assert process.poll() is None
        assert time.monotonic() < deadline, f"{sent} of {wanted} after {seconds:g} s"
        time.sleep(0.02)
    return sent


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)


def test_a_killed_worker_tells_everybody_once(promised: Settings) -> None:
    for old in promised.outbox_dir.glob("*.eml"):
        old.unlink()
    process = _worker(promised)
    try:
        before = _until(10, process)
        _kill(process)
        assert before < PEOPLE, "the worker was too fast to be killed in the middle"
        process = _worker(promised)
        _until(PEOPLE, process)
        process.terminate()
        process.wait(timeout=60)
    finally:
        if process.poll() is None:
            _kill(process)
    _demand_one_message_each(promised.outbox_dir)


def _demand_one_message_each(outbox: Path) -> None:
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in outbox.glob("*.eml")]
    told = Counter(mail["Message-ID"] for mail in mails)
    assert len(told) == PEOPLE
    assert {mail["To"] for mail in mails} == {f"listener{number}@example.kz" for number in range(PEOPLE)}
    # What two threads had just handed over when they were killed went out again, under its old Message-ID.
    assert len(mails) <= PEOPLE + 2
