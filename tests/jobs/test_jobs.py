"""Jobs: once, in the caller's transaction, retried, resumed after kill -9, on both databases."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from docflow import jobs
from docflow.core.errors import NotFound
from docflow.db import db
from docflow.jobs import JobState
from tests.jobs.chores import QUICK, effects

ROOT = Path(__file__).parents[2]


def runs_of(key: str) -> int | None:
    return db.session.scalar(sa.select(effects.c.runs).where(effects.c.key == key))


def test_a_committed_job_runs_and_keeps_its_result(app: Flask) -> None:
    jobs.enqueue(db.session, "chores.note", {"key": "Әлия"}, job_id="note:1")
    db.session.commit()
    assert jobs.status(db.session, "note:1").state is JobState.WAITING
    jobs.run_until_idle(app, timeout=120)
    status = jobs.status(db.session, "note:1")
    assert (status.state, status.result, status.name) == (JobState.DONE, {"runs": 1}, "chores.note")
    assert status.payload == {"key": "Әлия"}


def test_a_rolled_back_transaction_asked_for_nothing(app: Flask) -> None:
    jobs.enqueue(db.session, "chores.note", {"key": "gone"}, job_id="note:2")
    db.session.rollback()
    with pytest.raises(NotFound):
        jobs.status(db.session, "note:2")
    jobs.run_until_idle(app, timeout=120)
    assert runs_of("gone") is None


def test_the_same_id_asks_once_also_when_the_job_is_done(app: Flask) -> None:
    for _ in range(2):
        jobs.enqueue(db.session, "chores.note", {"key": "once"}, job_id="note:3")
        db.session.commit()
    jobs.run_until_idle(app, timeout=120)
    jobs.enqueue(db.session, "chores.note", {"key": "once"}, job_id="note:3")
    db.session.commit()
    jobs.run_until_idle(app, timeout=120)
    assert runs_of("once") == 1


def test_a_failing_job_is_tried_again_and_given_up_with_its_error(app: Flask) -> None:
    jobs.enqueue(db.session, "chores.flaky", {"key": "heals", "works_at": 3}, job_id="flaky:1")
    jobs.enqueue(db.session, "chores.flaky", {"key": "never", "works_at": 99}, job_id="flaky:2")
    db.session.commit()
    jobs.run_until_idle(app, timeout=120)
    assert jobs.status(db.session, "flaky:1").result == {"runs": 3}
    given_up = jobs.status(db.session, "flaky:2")
    assert given_up.state is JobState.FAILED
    assert given_up.error == "ProviderError: The trust service is away, run 4."
    assert runs_of("never") == 4
    assert [status.job_id for status in jobs.failed(db.session)] == ["flaky:2"]


def test_a_no_is_not_asked_again(app: Flask) -> None:
    jobs.enqueue(db.session, "chores.forbidden", {"key": "no"}, job_id="no:1")
    db.session.commit()
    jobs.run_until_idle(app, timeout=120)
    assert jobs.status(db.session, "no:1").error == "Forbidden: You may not."
    assert runs_of("no") == 1


def test_an_unknown_job_or_a_payload_that_is_no_json_is_an_error_at_once(app: Flask) -> None:
    with pytest.raises(ValueError, match="no job is called"):
        jobs.enqueue(db.session, "chores.unheard", {}, job_id="x:1")
    with pytest.raises(TypeError):
        jobs.enqueue(db.session, "chores.note", {"key": datetime.now(UTC)}, job_id="x:2")


def test_what_is_left_is_named_when_time_is_up(app: Flask) -> None:
    jobs.enqueue(db.session, "chores.rows", {"key": "slow", "count": 20, "pause": 0.1}, job_id="slow:1")
    db.session.commit()
    with pytest.raises(TimeoutError, match="slow:1"):
        jobs.run_until_idle(app, timeout=0.5)


def start_worker(url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.jobs.chores", url], cwd=ROOT, stderr=subprocess.DEVNULL)


def wait_for_row(key: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while runs_of(key) is None:
        assert time.monotonic() < deadline, f"no worker made {key}"
        db.session.rollback()
        time.sleep(0.05)


def test_kill_9_loses_nothing_and_doubles_nothing(app: Flask, jobs_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "DEAD_AFTER_BEATS", QUICK)
    for number in range(4):
        jobs.enqueue(
            db.session, "chores.rows", {"key": f"r{number}", "count": 40, "pause": 0.02}, job_id=f"rows:{number}"
        )
    db.session.commit()
    for row in ("r0:5", "r0:15"):
        worker = start_worker(jobs_url)
        wait_for_row(row)
        worker.kill()
        worker.wait()
    jobs.run_until_idle(app, timeout=120, threads=4)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(effects)) == 160
    assert all(jobs.status(db.session, f"rows:{number}").state is JobState.DONE for number in range(4))
    assert db.session.execute(sa.select(jobs.workers.c.name)).all() == []


def test_the_dead_are_found_within_ten_seconds() -> None:
    assert jobs.DEAD_AFTER_BEATS * jobs.BEAT_SECONDS + jobs.POLL_SECONDS <= 8


def test_a_worker_ends_on_request_and_leaves_no_name(app: Flask, jobs_url: str) -> None:
    jobs.enqueue(db.session, "chores.note", {"key": "polite"}, job_id="note:9")
    db.session.commit()
    worker = start_worker(jobs_url)
    wait_for_row("polite")
    worker.terminate()
    assert worker.wait(timeout=120) == 0
    assert db.session.execute(sa.select(jobs.workers.c.name)).all() == []


def test_a_job_that_kills_its_workers_is_stopped(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.enqueue(db.session, "chores.killer", {}, job_id="killer:1")
    db.session.commit()
    # The job has crashed as often as it may: one dead worker more is the end of it.
    dead = jobs.Worker(app, db.engine)
    dead.announce()
    db.session.execute(jobs.crashes.insert().values(job_id="killer:1", count=jobs.MOST_CRASHES))
    db.session.execute(
        sa.text(
            f"UPDATE {'dbos.' if db.engine.name == 'postgresql' else ''}workflow_status "
            "SET status = 'PENDING', executor_id = :name"
        ),
        {"name": dead.name},
    )
    db.session.commit()
    monkeypatch.setattr(jobs, "DEAD_AFTER_BEATS", 2)
    jobs.run_until_idle(app, timeout=120)
    stopped = jobs.status(db.session, "killer:1")
    assert (stopped.state, stopped.error) == (JobState.FAILED, "stopped after it ended its worker 21 times")


def test_a_worker_that_was_buried_alive_notices(app: Flask) -> None:
    worker = jobs.Worker(app, db.engine)
    worker.announce()
    db.session.execute(jobs.workers.update().values(buried_by="another"))
    db.session.commit()
    with pytest.raises(jobs.WorkerDeclaredDead):
        worker.turn(with_timetable=False)


def test_a_timetabled_job_is_due_once_whichever_worker_asks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    nightly = jobs.Job("chores.note", jobs.JOBS["chores.note"].function, 1, timedelta(0), time_of_day(22, 0), None)
    now = datetime(2026, 11, 20, 21, 59, tzinfo=UTC)
    assert nightly.due(now) == datetime(2026, 11, 19, 22, 0, tzinfo=UTC)
    assert nightly.due(now + timedelta(minutes=1)) == datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
    monkeypatch.setattr(jobs, "JOBS", {"chores.note": nightly})
    for _ in range(2):
        jobs.Worker(app, db.engine)._enqueue_due(now)
    assert jobs.unfinished(db.session) == 1
    assert jobs.status(db.session, "chores.note@2026-11-19T22:00:00+00:00").state is JobState.WAITING
