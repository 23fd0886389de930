"""What the services need of their surroundings: settings, the store, providers, the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from docflow.archive.store import Store, open_store
from docflow.config import Settings
from docflow.core import identifiers
from docflow.core.calendar import WorkCalendar
from docflow.db import db
from docflow.regulations.kazakhstan_calendar import TIME_ZONE, kazakhstan_calendar
from docflow.signing.base import SignatureProvider
from docflow.signing.chains import load_issuers
from docflow.signing.demo import DemoAuthority
from docflow.signing.levels import TrustServices
from docflow.signing.providers import enabled_providers
from docflow.signing.revocation import RevocationSource
from docflow.signing.timestamps import TimeStamper
from docflow.signing.trust import TrustStore
from docflow.signing.wire import Client


class Application(Protocol):
    """What is needed of the web framework's application: a context in which the database knows itself."""

    def app_context(self) -> AbstractContextManager[Any]: ...


@dataclass(frozen=True)
class Environment:
    """One installation. ``providers`` are the enabled ways to sign, by name."""

    settings: Settings
    store: Store
    providers: Mapping[str, SignatureProvider]
    calendar: WorkCalendar
    services: TrustServices

    @property
    def trust(self) -> TrustStore:
        return _trust(self.settings)


def _trust(settings: Settings) -> TrustStore:
    """The pinned roots as they are now: an administrator may add one while we run."""
    directories = [settings.trust_dir]
    if "demo" in settings.signature_providers:
        directories.append(DemoAuthority(settings.demo_authority_dir).trust)
    return TrustStore.load(*directories)


def _trust_services(settings: Settings) -> TrustServices:
    """Whom to ask about time and revocation; ``trust_dir/issuers`` may hold authorities between root and people."""
    client = Client()
    trust = partial(_trust, settings)
    issuers = load_issuers(settings.trust_dir / "issuers")
    stamper = TimeStamper(
        settings.timestamp_url, client=client, trust=trust, issuers=issuers, policy=settings.timestamp_policy
    )
    return TrustServices(
        client,
        RevocationSource(client=client, ocsp_url=settings.ocsp_url),
        trust,
        stamper if settings.timestamp_url else None,
        issuers,
    )


# The engine stands for the installation: services know no application object.
_by_engine: WeakKeyDictionary[Engine, Environment] = WeakKeyDictionary()


def install(app: Application, settings: Settings) -> Environment:
    """Make the surroundings that *settings* describe, for whatever runs in the contexts of *app*."""
    environment = Environment(
        settings,
        open_store(settings.store_url),
        enabled_providers(settings.signature_providers, settings=_of_providers(settings)),
        kazakhstan_calendar(),
        _trust_services(settings),
    )
    with app.app_context():
        _by_engine[db.engine] = environment
    identifiers.install_test_numbers(_accepts_test_numbers)
    return environment


def _accepts_test_numbers() -> bool:
    """Asked of whatever installation is at work; where none is, a number is judged as everywhere else."""
    try:
        found = _by_engine.get(db.engine)
    except RuntimeError:  # outside of any application
        return False
    return found is not None and found.settings.national_test_numbers == "accepted"


def _of_providers(settings: Settings) -> dict[str, dict[str, Any]]:
    """What each way to sign is told; those of other packages get what ``provider_settings`` says."""
    built_in: dict[str, dict[str, Any]] = {
        "demo": {"directory": settings.demo_authority_dir},
        "ncalayer": {
            "address": settings.ncalayer_address,
            "form": settings.ncalayer_form,
            "any_authority": settings.is_demo,
        },
        "pkcs12": {"key": settings.seal_key, "password": settings.seal_password},
        "pkcs11": {
            "module": settings.seal_module,
            "token": settings.seal_token,
            "label": settings.seal_label,
            "pin": settings.seal_password,
        },
        "csc": {"url": settings.csc_url, "client": settings.csc_client, "secret": settings.csc_secret},
    }
    return {name: built_in.get(name, settings.of_provider(name)) for name in settings.signature_providers}


def current() -> Environment:
    return _by_engine[db.engine]


def local_day(now: datetime) -> date:
    """The calendar day in Kazakhstan at *now*: what a paper's date is."""
    return now.astimezone(TIME_ZONE).date()
