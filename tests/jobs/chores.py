"""Jobs for the tests; ``python -m tests.jobs.chores URL`` is a worker that can be killed."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from docflow import jobs
from docflow.core.errors import Forbidden, ProviderError
from docflow.core.messages import _l
from docflow.db import db
from docflow.jobs import job, run_worker

# Nobody is slow here, so the dead need not be watched for as long as in earnest.
QUICK = 4
metadata = sa.MetaData()
effects = sa.Table(
    "chore_effect",
    metadata,
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("runs", sa.Integer, nullable=False, default=1),
)


def create_app(url: str) -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    return app


def count_run(key: str) -> int:
    """Note one more run of *key*, in a transaction of its own."""
    updated = db.session.execute(effects.update().where(effects.c.key == key).values(runs=effects.c.runs + 1))
    if updated.rowcount == 0:  # type: ignore[attr-defined]
        db.session.execute(effects.insert().values(key=key))
    db.session.commit()
    return db.session.scalar(sa.select(effects.c.runs).where(effects.c.key == key)) or 0


@job("chores.note")
def note(payload: dict[str, Any]) -> dict[str, Any]:
    return {"runs": count_run(payload["key"])}


@job("chores.rows")
def rows(payload: dict[str, Any]) -> dict[str, Any]:
    """Insert many rows, one transaction each, slowly; a row that is there already is work done before a crash."""
    made = 0
    for number in range(payload["count"]):
        try:
            db.session.execute(effects.insert().values(key=f"{payload['key']}:{number}"))
            db.session.commit()
            made += 1
        except IntegrityError:
            db.session.rollback()
        time.sleep(payload["pause"])
    return {"made": made}


@job("chores.flaky", attempts=4, pause=timedelta(milliseconds=10))
def flaky(payload: dict[str, Any]) -> dict[str, Any]:
    runs = count_run(payload["key"])
    if runs < payload["works_at"]:
        raise ProviderError(_l("The trust service is away, run %(runs)s.", runs=runs))
    return {"runs": runs}


@job("chores.forbidden")
def forbidden(payload: dict[str, Any]) -> None:
    count_run(payload["key"])
    raise Forbidden(_l("You may not."))


@job("chores.killer")
def killer(payload: dict[str, Any]) -> None:
    signal.raise_signal(signal.SIGKILL)


def main(url: str) -> None:
    logging.basicConfig(level=logging.INFO)
    jobs.DEAD_AFTER_BEATS = QUICK
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    run_worker(create_app(url), stop_event=stop)


if __name__ == "__main__":
    main(sys.argv[1])
