"""kill -9 in the middle of issuing two hundred certificates: nothing is lost, nothing is made twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from docflow import demo, samples
from docflow.config import Settings
from docflow.core.canonical import canonical_json, sha256_hex
from docflow.core.identifiers import new_code
from docflow.db import db, unit_of_work
from docflow.models import (
    Document,
    Group,
    IssueRow,
    IssueRun,
    JournalYear,
    Person,
    RegisteredNumber,
    Relation,
    Revision,
)
from docflow.services import archiving, documents, history, issuing, people
from tests.services import world
from tests.services.world import NOW, WKU

ROOT = Path(__file__).parents[2]
ROWS = 200


def _contract(group: Group, listener: Person) -> Document:
    """A contract as issuing looks for it; making two hundred by all their steps is not what is tested here."""
    content = {"listener": listener.as_content, "listener_id": listener.id, "topic": group.topic_ru}
    document = Document(
        type="training_contract", organisation=group.organisation, unit_id=group.unit_id, group_id=group.id,
        state="in_force", language="ru", code=new_code(), subject_id=listener.id, subject_name=listener.full_name,
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    digest = sha256_hex(canonical_json(content))
    document.revisions = [Revision(sequence=1, content=content, sha256=digest, created_at=NOW)]
    return document


def _sheet(group: Group, listeners: list[Person]) -> dict[str, Any]:
    trainer = group.responsible[0]
    return {
        "topic": group.topic_ru, "hours": group.hours, "starts_on": group.starts_on.isoformat(),
        "completed_on": group.ends_on.isoformat(), "max_score": 100, "order_number": "1-ПК/2026",
        "order_date": group.starts_on.isoformat(), "attendance_least": 80, "score_least": 50,
        "modules": [{"title": each["title_ru"], "hours": each["hours"]} for each in group.modules],
        "trainer": {key: trainer[key] for key in ("person", "person_id")} | {"position": trainer["position_ru"]},
        "listeners": [
            {
                "person": each.as_content, "person_id": each.id, "attended_hours": group.hours, "score": 92,
                "marks": [{"mark": "90"}, {"mark": "94"}], "remark": "",
            }
            for each in listeners
        ],
    }  # fmt: skip


def _large_group(settings: Settings) -> None:
    clerk, group = WKU.actor("clerk"), world.new_group(WKU)
    with unit_of_work():
        listeners = [people.find_or_create(row, row["iin"]) for row in samples.listeners(ROWS)]
        db.session.add_all(_contract(group, listener) for listener in listeners)
    sheet = documents.create_draft(
        "assessment_sheet", _sheet(group, listeners), actor=clerk, unit_id=group.unit_id, language="ru", now=NOW,
        group_id=group.id,
    )  # fmt: skip
    world.submit(sheet.id, clerk)
    for signer in ("trainer", "centre"):
        demo.sign(WKU.actor(signer), [sheet.id], NOW)


@pytest.fixture
def large(installation: Callable[..., Settings]) -> Iterator[tuple[Settings, int]]:
    settings = installation("large", _large_group)
    with world.running(settings):
        yield settings, world.document_of("assessment_sheet").id


def _worker(settings: Settings) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ, "DOCFLOW_DATA_DIR": str(settings.data_dir), "DOCFLOW_DATABASE_URL": settings.database_url,
        "DOCFLOW_MODE": "demo", "DOCFLOW_WORKER_THREADS": "1",
    }  # fmt: skip
    environment.pop("DOCFLOW_CONFIG", None)
    command = [sys.executable, "-m", "docflow.cli", "worker"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)


def _done(run_id: int) -> int:
    """What is asked next in this transaction sees the same: a database may still be ending what was killed."""
    db.session.rollback()
    if db.engine.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    found = select(IssueRow.id).where(IssueRow.run_id == run_id, IssueRow.state == "done")
    return len(db.session.scalars(found).all())


def _until(run_id: int, wanted: int, process: subprocess.Popen[bytes], *, seconds: float = 250) -> int:
    deadline = time.monotonic() + seconds
    while (done := _done(run_id)) < wanted:
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < deadline, f"{done} of {wanted} after {seconds:g} s"
        time.sleep(0.05)
    return done


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


def _demand_no_gap(name: str) -> int:
    journal = db.session.scalars(select(JournalYear).where(JournalYear.name == name)).one()
    db.session.refresh(journal)
    numbers = select(RegisteredNumber.sequence).where(RegisteredNumber.journal_id == journal.id)
    assert sorted(db.session.scalars(numbers)) == list(range(1, journal.last + 1))
    return journal.last


def test_a_killed_worker_loses_no_number_and_makes_nothing_twice(large: tuple[Settings, int]) -> None:
    settings, sheet = large
    run = issuing.start(sheet, ["course_certificate"], actor=WKU.actor("clerk"), language="ru", now=NOW)
    run_id = run.id
    assert run.total == ROWS
    process = _worker(settings)
    try:
        before = _until(run_id, 40, process)
        _kill(process)
        assert before < ROWS, "the worker was too fast to be killed in the middle"
        kept = _done(run_id)
        assert kept >= before
        assert _demand_no_gap("course_certificate") == kept
        process = _worker(settings)
        _until(run_id, ROWS, process)
        process.terminate()
        process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            _kill(process)
    db.session.expire_all()
    _demand_everything(run_id, sheet)


def _demand_everything(run_id: int, sheet: int) -> None:
    run = db.session.get_one(IssueRun, run_id)
    assert (run.done, run.total, {row.state for row in run.rows}) == (ROWS, ROWS, {"done"})
    certificates, annexes = world.ids_of("course_certificate"), world.ids_of("certificate_annex")
    assert (len(certificates), len(annexes)) == (ROWS, ROWS)
    assert _demand_no_gap("course_certificate") == ROWS
    keys = db.session.scalars(select(Relation.key).where(Relation.target_id == sheet, Relation.key.is_not(None)))
    assert Counter(keys) == {f"course_certificate:{row}": 1 for row in range(1, ROWS + 1)}
    for document_id in (*certificates[::20], *annexes[::20]):
        document = documents.load(document_id)
        assert history.is_unbroken(document)
        assert archiving.read(document.paper_sha256 or "").startswith(b"%PDF-")
