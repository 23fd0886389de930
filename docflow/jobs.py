"""The one module that knows the job engine (DBOS): enqueue in a transaction, run, survive a crash.

Do: enqueue in the unit of work that makes the job necessary; give it an id that names the work ("issue:42"), so that
asking twice does it once; make every job idempotent, because a crash runs it again from its start.
Do not: import dbos anywhere else; launch it in a web process (two live launches under one name run a job twice);
put secrets or full IINs in a payload, which is kept in the database as JSON.

The engine leaves three things to us. A worker has a name of its own and a heartbeat; a worker whose heart stands still
is buried by another, and its jobs go back to the queue. A job that has killed its worker too often is stopped.
Heartbeats are counters that are watched, not times that are compared, so clocks may differ between machines.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    EnqueueOptions,
    StepOptions,
    WorkflowStatus,
)
from dbos import WorkflowSerializationFormat as Format
from dbos import error as engine_errors
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from docflow.core.errors import Forbidden, Invalid, NotFound, Refused
from docflow.core.messages import _l

log = logging.getLogger(__name__)
logging.getLogger("dbos").setLevel(logging.WARNING)

APPLICATION = "docflow"
# Jobs in flight are pinned to this. The default is a hash of source and engine version, which strands them at every
# upgrade; raise it only when payloads of waiting jobs can no longer be understood, and drain the queue first.
APPLICATION_VERSION = "1"
QUEUE = "docflow"
WORKFLOW = "docflow.perform"
POLL_SECONDS = 0.2
BEAT_SECONDS = 0.5
DEAD_AFTER_BEATS = 14  # 7 s of watching; SQLite writers have been seen to wait 3 s for each other
MOST_CRASHES = 20
KEEP_FINISHED = timedelta(days=90)
PURGE_AT_ONCE = 1000
UNFINISHED = ["ENQUEUED", "DELAYED", "PENDING"]

Payload = dict[str, Any]
JobFunction = Callable[[Payload], Payload | None]

metadata = sa.MetaData()
workers = sa.Table(
    "df_worker",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("beat", sa.BigInteger, nullable=False),
    sa.Column("buried_by", sa.String(120)),
)
crashes = sa.Table(
    "df_job_crash",
    metadata,
    sa.Column("job_id", sa.String(255), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
# The migrations must neither create nor drop these and the engine's own tables.
OWN_TABLES = frozenset(metadata.tables)


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


STATES = {
    "ENQUEUED": JobState.WAITING,
    "DELAYED": JobState.WAITING,
    "PENDING": JobState.RUNNING,
    "SUCCESS": JobState.DONE,
}


@dataclass(frozen=True)
class JobStatus:
    """Where a job stands. ``error`` is the last exception's class and sentence, or why the job was stopped."""

    job_id: str
    name: str
    state: JobState
    payload: Payload
    result: Payload | None
    error: str | None
    enqueued_at: datetime


@dataclass(frozen=True)
class Job:
    """A registered function with its patience and its timetable.

    ``daily_at`` is a time of day in UTC; ``every`` counts from 1970-01-01 UTC. A time that passed while no worker was
    alive is made up for once, however many were missed.
    """

    name: str
    function: JobFunction
    attempts: int
    pause: timedelta
    daily_at: time_of_day | None
    every: timedelta | None

    def due(self, now: datetime) -> datetime | None:
        """The latest moment up to *now* at which the timetable asks for this job."""
        if self.daily_at is not None:
            today = datetime.combine(now.date(), self.daily_at, tzinfo=UTC)
            return today if today <= now else today - timedelta(days=1)
        if self.every is not None:
            epoch = datetime.fromtimestamp(0, tz=UTC)
            return now - (now - epoch) % self.every
        return None


JOBS: dict[str, Job] = {}


class WorkerDeclaredDead(RuntimeError):
    """Another worker took this one for dead and has taken over its jobs; end the process and start anew."""


def job(
    name: str,
    *,
    attempts: int = 6,
    pause: timedelta = timedelta(seconds=1),
    daily_at: time_of_day | None = None,
    every: timedelta | None = None,
) -> Callable[[JobFunction], JobFunction]:
    """Register a function of one JSON object as a job.

    It runs in an application context of the worker's app. When it raises, it is tried again after *pause*, twice the
    pause and so on, *attempts* times in all; a "no" (``Refused``, ``Forbidden``, ``NotFound``, ``Invalid``) stays a no.
    A timetabled job gets ``{"due": "2026-11-20T22:00:00+00:00"}``.
    """

    def register(function: JobFunction) -> JobFunction:
        if name in JOBS and JOBS[name].function.__qualname__ != function.__qualname__:
            raise ValueError(f"two jobs are called {name!r}")
        JOBS[name] = Job(name, function, attempts, pause, daily_at, every)
        return function

    return register


def prepare(engine: sa.Engine) -> None:
    """Create or migrate the engine's tables and ours; call it with the migrations, before any web node starts."""
    DBOS.migrate(engine.url.render_as_string(hide_password=False))
    metadata.create_all(engine)


def enqueue(session: Session, name: str, payload: Mapping[str, Any], *, job_id: str) -> None:
    """Ask for a job in the caller's transaction: a rollback forgets it, and the same *job_id* asks only once, ever."""
    if name not in JOBS:
        raise ValueError(f"no job is called {name!r}")
    json.dumps(payload)  # A date or a Decimal must fail here, not come back as text in the worker.
    options = EnqueueOptions(
        workflow_name=WORKFLOW,
        queue_name=QUEUE,
        workflow_id=job_id,
        app_version=APPLICATION_VERSION,
        serialization_type=Format.PORTABLE,
    )
    connection = session.connection()
    _client(connection.engine).enqueue_in_transaction(connection, options, name, dict(payload))


def status(session: Session, job_id: str) -> JobStatus:
    """Tell where a committed job stands; ``NotFound`` if there is none, or it was purged."""
    engine = session.get_bind().engine
    found = _client(engine).list_workflows(workflow_ids=[job_id])
    if not found:
        raise NotFound(_l("There is no job %(job_id)s.", job_id=job_id))
    return _as_status(engine, found[0])


def failed(session: Session, *, limit: int = 100) -> list[JobStatus]:
    """The latest jobs that were given up, for the administrator's page."""
    engine = session.get_bind().engine
    stopped = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
    found = _client(engine).list_workflows(status=stopped, limit=limit, sort_desc=True)
    return [_as_status(engine, workflow) for workflow in found]


def unfinished(session: Session) -> int:
    """How many jobs wait or run, for health checks and metrics."""
    found = _client(session.get_bind().engine).list_workflows(status=UNFINISHED, load_input=False, load_output=False)
    return len(found)


def run_worker(app: Flask, *, stop_event: threading.Event | None = None, threads: int = 2) -> None:
    """Run jobs until *stop_event* is set; *threads* at a time. Raises ``WorkerDeclaredDead``.

    After it returns, a job that outlived the period of grace may still hold a thread; it is taken over by another
    worker once this process has ended.
    """
    stop = stop_event or threading.Event()
    with _launched(app, threads) as worker:
        while not stop.wait(BEAT_SECONDS):
            worker.turn(with_timetable=True)


def run_until_idle(app: Flask, *, timeout: float = 60, threads: int = 2) -> None:
    """Run everything that is enqueued, also what jobs enqueue, then stop; ``TimeoutError`` names what is left."""
    deadline = time.monotonic() + timeout
    if not Worker(app, _engine(app)).unfinished():
        return
    with _launched(app, threads) as worker:
        while left := worker.unfinished():
            if time.monotonic() > deadline:
                raise TimeoutError(f"jobs not finished after {timeout:g} s: {', '.join(left)}")
            time.sleep(POLL_SECONDS / 4)
            worker.turn(with_timetable=False)


@job("jobs.purge", daily_at=time_of_day(21, 30))
def purge(payload: Payload) -> Payload:
    """Forget jobs that ended long ago; their ids may then be used again."""
    client = _running().client
    before = (datetime.now(UTC) - KEEP_FINISHED).isoformat()
    purged = 0
    while old := client.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"],
        completed_before=before,
        limit=PURGE_AT_ONCE,
        load_input=False,
        load_output=False,
    ):
        client.delete_workflows([workflow.workflow_id for workflow in old])
        purged += len(old)
    return {"purged": purged}


class Worker:
    """One launched process: its name, its heartbeat, and what it has seen of the others."""

    def __init__(self, app: Flask, engine: sa.Engine) -> None:
        self.app = app
        self.engine = engine
        self.client = _client(engine)
        self.name = f"{socket.gethostname()[:80]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._seen: dict[str, tuple[int, int]] = {}
        self._timetabled: dict[str, datetime] = {}
        self._next_turn = 0.0

    def announce(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(workers.insert().values(name=self.name, started_at=datetime.now(UTC), beat=0))

    def turn(self, *, with_timetable: bool) -> None:
        """Beat, look after the others, enqueue what is due; a busy database is waited out."""
        if time.monotonic() < self._next_turn:
            return
        self._next_turn = time.monotonic() + BEAT_SECONDS * 0.9
        try:
            self._beat()
            self._bury_the_dead()
            if with_timetable:
                self._enqueue_due(datetime.now(UTC))
        except OperationalError as error:
            log.warning("worker %s: the database did not answer in time: %s", self.name, error.orig)

    def unfinished(self) -> list[str]:
        found = self.client.list_workflows(status=UNFINISHED, limit=20, load_input=False, load_output=False)
        return [workflow.workflow_id for workflow in found]

    def running(self) -> list[str]:
        return self._running_under(self.name)

    def retire(self) -> None:
        """Leave no trace, unless a job still runs here: then the next worker must find our name to take it over."""
        if not self.running():
            with self.engine.begin() as connection:
                connection.execute(workers.delete().where(workers.c.name == self.name))

    def _running_under(self, name: str) -> list[str]:
        found = self.client.list_workflows(
            status="PENDING", executor_id=name, limit=500, load_input=False, load_output=False
        )
        return [workflow.workflow_id for workflow in found]

    def _beat(self) -> None:
        mine = workers.c.name == self.name
        with self.engine.begin() as connection:
            beaten = connection.execute(
                workers.update().where(mine, workers.c.buried_by.is_(None)).values(beat=workers.c.beat + 1)
            )
        if beaten.rowcount == 0:
            raise WorkerDeclaredDead(f"worker {self.name} did not beat for too long and was replaced")

    def _bury_the_dead(self) -> None:
        with self.engine.connect() as connection:
            others = connection.execute(
                sa.select(workers.c.name, workers.c.beat).where(workers.c.name != self.name)
            ).all()
        watched: dict[str, tuple[int, int]] = {}
        for name, beat in others:
            seen, turns = self._seen.get(name, (beat, 0))
            watched[name] = (beat, turns + 1 if seen == beat else 0)
        self._seen = watched
        for name, (beat, turns) in watched.items():
            if turns >= DEAD_AFTER_BEATS and self._claim(name, beat):
                self._take_over(name)

    def _claim(self, name: str, beat: int) -> bool:
        """Only one may bury; who was buried himself meanwhile has lost the claim."""
        alive = sa.select(workers.c.name)
        free = sa.or_(
            workers.c.buried_by.is_(None), workers.c.buried_by.not_in(alive), workers.c.buried_by == self.name
        )
        with self.engine.begin() as connection:
            claimed = connection.execute(
                workers.update().where(workers.c.name == name, workers.c.beat == beat, free).values(buried_by=self.name)
            )
        return claimed.rowcount == 1

    def _take_over(self, name: str) -> None:
        # Until the list is empty: a job that was being dequeued while we looked would else stay behind for ever.
        while left := self._running_under(name):
            log.warning("worker %s is dead; %d of its jobs go back to the queue", name, len(left))
            resumable = [job_id for job_id in left if self._count_crash(job_id) <= MOST_CRASHES]
            for job_id in set(left) - set(resumable):
                self.client.cancel_workflow(job_id)
            if resumable:
                self.client.resume_workflows(resumable, queue_name=QUEUE)
        with self.engine.begin() as connection:
            connection.execute(workers.delete().where(workers.c.name == name))

    def _count_crash(self, job_id: str) -> int:
        mine = crashes.c.job_id == job_id
        with self.engine.begin() as connection:
            connection.execute(crashes.update().where(mine).values(count=crashes.c.count + 1))
            count: int | None = connection.scalar(sa.select(crashes.c.count).where(mine))
            if count is None:
                connection.execute(crashes.insert().values(job_id=job_id, count=1))
        return count or 1

    def _enqueue_due(self, now: datetime) -> None:
        for name, declared in JOBS.items():
            due = declared.due(now)
            if due is None or self._timetabled.get(name) == due:
                continue
            with Session(self.engine) as session, session.begin():
                enqueue(session, name, {"due": due.isoformat()}, job_id=f"{name}@{due.isoformat()}")
            self._timetabled[name] = due


_clients: dict[sa.Engine, DBOSClient] = {}
_worker: list[Worker] = []  # DBOS is one per process, and so is this.
GRACE_SECONDS = 20


def _client(engine: sa.Engine) -> DBOSClient:
    if engine not in _clients:
        _clients[engine] = DBOSClient(
            system_database_engine=engine,
            serializer=DBOSPortableJSONSerializer(),  # The default is pickle: who can write a row could run code.
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,  # A page must say that the database is away, not wait for it.
        )
    return _clients[engine]


@sa.event.listens_for(sa.Engine, "engine_disposed")
def _forget_client(engine: sa.Engine) -> None:
    _clients.pop(engine, None)


def _running() -> Worker:
    return _worker[0]


def _engine(app: Flask) -> sa.Engine:
    with app.app_context():
        engine: sa.Engine = app.extensions["sqlalchemy"].engine
    return engine


@contextmanager
def _launched(app: Flask, threads: int) -> Iterator[Worker]:
    worker = Worker(app, _engine(app))
    worker.client.register_queue(QUEUE, worker_concurrency=threads, polling_interval_sec=POLL_SECONDS)
    worker.announce()
    DBOS(config=_config(worker))
    _worker.append(worker)
    try:
        DBOS.launch()
        yield worker
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=GRACE_SECONDS if worker.running() else 0)
        _worker.remove(worker)
        worker.retire()


def _config(worker: Worker) -> DBOSConfig:
    return DBOSConfig(
        name=APPLICATION,
        system_database_engine=worker.engine,
        executor_id=worker.name,
        application_version=APPLICATION_VERSION,
        serializer=DBOSPortableJSONSerializer(),
        run_migrations=False,
        log_level="WARNING",
    )


def _is_worth_another_try(error: BaseException) -> bool:
    return not isinstance(error, Refused | Forbidden | NotFound | Invalid)


def _attempt(name: str, payload: Payload) -> Payload | None:
    started = time.monotonic()
    with _running().app.app_context():
        result = JOBS[name].function(payload)
    log.info("job %s done in %.3f s", name, time.monotonic() - started)
    return result


# max_recovery_attempts counts what our taking over resets; crashes are counted in _count_crash instead.
@DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
def _perform(name: str, payload: Payload) -> Payload | None:
    declared = JOBS[name]
    options = StepOptions(
        name=name,
        retries_allowed=declared.attempts > 1,
        max_attempts=declared.attempts,
        interval_seconds=declared.pause.total_seconds(),
        backoff_rate=2.0,
        should_retry=_is_worth_another_try,
    )
    try:
        return DBOS.run_step(options, _attempt, name, payload)
    except engine_errors.DBOSMaxStepRetriesExceeded as exhausted:
        raise exhausted.errors[-1] from exhausted


def _as_status(engine: sa.Engine, workflow: WorkflowStatus) -> JobStatus:
    args = workflow.input["args"] if workflow.input else ("", {})
    state = STATES.get(workflow.status, JobState.FAILED)
    return JobStatus(
        job_id=workflow.workflow_id,
        name=args[0],
        state=state,
        payload=args[1],
        result=workflow.output if state is JobState.DONE else None,
        error=_reason(engine, workflow) if state is JobState.FAILED else None,
        enqueued_at=datetime.fromtimestamp((workflow.created_at or 0) / 1000, tz=UTC),
    )


def _reason(engine: sa.Engine, workflow: WorkflowStatus) -> str:
    if workflow.error is not None:
        return f"{getattr(workflow.error, 'name', type(workflow.error).__name__)}: {workflow.error}"
    with engine.connect() as connection:
        count = connection.scalar(sa.select(crashes.c.count).where(crashes.c.job_id == workflow.workflow_id))
    return f"stopped after it ended its worker {count} times" if count else "stopped"
