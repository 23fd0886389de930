"""What the services need of their surroundings: settings, the store, providers, the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from docflow.archive.store import Store
from docflow.config import Settings
from docflow.core.calendar import WorkCalendar
from docflow.db import db
from docflow.regulations.kazakhstan_calendar import TIME_ZONE, kazakhstan_calendar
from docflow.signing.base import SignatureProvider
from docflow.signing.trust import TrustStore


@dataclass(frozen=True)
class Environment:
    """One installation. ``providers`` are the enabled ways to sign, by name."""

    settings: Settings
    store: Store
    providers: Mapping[str, SignatureProvider]
    trust: TrustStore
    calendar: WorkCalendar


# The engine stands for the installation: services know no application object.
_by_engine: WeakKeyDictionary[Engine, Environment] = WeakKeyDictionary()


def install(engine: Engine, environment: Environment) -> None:
    _by_engine[engine] = environment


def current() -> Environment:
    return _by_engine[db.engine]


def local_day(now: datetime) -> date:
    """The calendar day in Kazakhstan at *now*: what a paper's date is."""
    return now.astimezone(TIME_ZONE).date()


def standard_calendar() -> WorkCalendar:
    return kazakhstan_calendar()
