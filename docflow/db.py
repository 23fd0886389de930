"""The database: engine settings, the unit of work, and a column of aware UTC times."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, TypeDecorator, event
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.exc import StaleDataError

from docflow.core.errors import Conflict
from docflow.core.messages import _l

P = ParamSpec("P")
T = TypeVar("T")

# Names that never change with the database, so that migrations can name a constraint.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """Every table of docflow begins with ``df_``: the job engine shares the database."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Model, session_options={"expire_on_commit": False})


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time, also where the database knows none; a naive one is an error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a time zone does not enter the database")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: Any) -> None:
    if "sqlite" not in type(connection).__module__:
        return
    # IMMEDIATE: a writer waits its turn at BEGIN instead of failing in the middle. FULL: these are
    # legal acts, and a power failure must not take back the last commit.
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class _Depth(threading.local):
    level = 0
    doomed = False
    before: dict[tuple[Callable[..., None], tuple[Any, ...]], None]  # in order, each once
    after: list[Callable[[], None]]
    answers: dict[Any, Any]

    def __init__(self) -> None:
        self.before = {}
        self.after = []
        self.answers = {}


_depth = _Depth()


def before_commit(act: Callable[..., None], *about: Any) -> bool:
    """Do *act*, once for each *about*, right before the outermost commit; forget it if the unit fails.

    Tells whether this unit of work is asked for the first time.
    """
    is_new = (act, about) not in _depth.before
    _depth.before[act, about] = None
    return is_new


def after_commit(act: Callable[[], None]) -> None:
    """Do *act* once the outermost unit of work is safe; forget it if the unit fails."""
    _depth.after.append(act)


def asked_once(question: Callable[P, T]) -> Callable[P, T]:
    """Let *question* be answered once in a unit of work, which changes nothing of what it asks; outside, every time."""

    @wraps(question)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        if _depth.level == 0:
            return question(*args, **kwargs)
        about = (question, args, tuple(kwargs.items()))
        if about not in _depth.answers:
            _depth.answers[about] = question(*args, **kwargs)
        found: T = _depth.answers[about]
        return found

    return answer


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit once, at the outermost level; a failure inside dooms the whole, even if swallowed.

    Raises ``Conflict`` when another transaction was faster.
    """
    _depth.level += 1
    try:
        yield
        if _depth.level == 1 and not _depth.doomed:
            _commit()
    except (StaleDataError, IntegrityError) as error:
        _depth.doomed = True
        raise Conflict(_l("Somebody else changed this at the same moment. Look at it again and repeat.")) from error
    except OperationalError as error:
        _depth.doomed = True
        if any(word in str(error) for word in ("locked", "deadlock", "could not serialize")):
            raise Conflict(_l("The database was busy. Nothing was changed; please repeat.")) from error
        raise
    except BaseException:
        _depth.doomed = True
        raise
    finally:
        _depth.level -= 1
        if _depth.level == 0:
            _finish()


def _commit() -> None:
    db.session.flush()
    for act, about in _depth.before:
        act(*about)
    db.session.commit()


def _finish() -> None:
    doomed, after = _depth.doomed, _depth.after
    _depth.doomed, _depth.before, _depth.after, _depth.answers = False, {}, [], {}
    if doomed:
        db.session.rollback()
        return
    for act in after:
        act()


def utcnow() -> datetime:
    """The current moment, aware, UTC. Services take ``now`` as an argument; the web calls this."""
    return datetime.now(UTC)
