"""How often somebody may ask, counted in the database so that every node counts together."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import case, delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from docflow.db import db, unit_of_work
from docflow.models import Throttle


def allow(kind: str, address: str, *, limit: int, seconds: int, now: datetime) -> bool:
    """Count one request; ``False`` once more than *limit* came within *seconds* from one address.

    The address is kept as a digest only.
    """
    key = f"{kind}:{hashlib.sha256(address.encode()).hexdigest()[:32]}"
    start = now - timedelta(seconds=now.timestamp() % seconds)
    make = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}.get(db.engine.dialect.name, insert)
    statement = make(Throttle).values(key=key, window=start, count=1)
    same = Throttle.window == start
    with unit_of_work():
        counted = db.session.scalar(
            statement.on_conflict_do_update(  # type: ignore[attr-defined]
                index_elements=["key"],
                set_={"count": case((same, Throttle.count + 1), else_=1), "window": start},
            ).returning(Throttle.count)
        )
    return int(counted or 0) <= limit


def forget(*, before: datetime) -> None:
    """Drop counters of windows that have passed."""
    with unit_of_work():
        db.session.execute(delete(Throttle).where(Throttle.window < before))
