"""A demo authority whose services answer on loopback, and signatures of every level by its keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from docflow.signing import demo, levels, pades
from docflow.signing.cms import CertifiedKey
from docflow.signing.demo import DemoAuthority
from docflow.signing.levels import TrustServices
from docflow.signing.report import Level
from docflow.signing.responders import RunningServices
from docflow.signing.revocation import RevocationSource
from docflow.signing.timestamps import TimeStamper
from docflow.signing.trust import TrustStore
from docflow.signing.wire import Client
from tests.signing.pki import NOW, PIN, RECTOR, TRAINER

ROOM = 4096


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Town:
    """An authority, its services, two people with keys of it, and those who ask."""

    authority: DemoAuthority
    running: RunningServices
    rector: CertifiedKey
    trainer: CertifiedKey
    trust: TrustStore
    clock: Clock
    services: TrustServices = field(init=False)

    def __post_init__(self) -> None:
        self.services = self.asking()

    def asking(self) -> TrustServices:
        """Somebody who has asked nothing yet."""
        client = Client(timeout=60)
        stamper = TimeStamper(f"{self.running.address}/tsa", client=client, trust=lambda: self.trust)
        return TrustServices(client, RevocationSource(client=client), lambda: self.trust, stamper)

    def sign(self, pdf: bytes, level: Level, *, key: CertifiedKey | None = None, slot: str = "head") -> bytes:
        """Sign at B-B or B-T; what is above comes by raising."""
        key = key or self.rector
        prepared = pades.prepare(pdf, field=slot, when=self.clock(), reserve=2 * ROOM)
        cms = key.sign(prepared.digest)
        assert self.services.stamper is not None
        if level is not Level.B:
            cms, _ = levels.stamped(cms, self.services.stamper)
        signed = pades.embed(prepared, cms)
        pades.check_embedded(signed, previous=pdf, field=slot)
        return levels.raised(signed, level, self.services, now=self.clock())


@contextmanager
def town(directory: Path, *, algorithm: str = "P-256", now: datetime = NOW) -> Iterator[Town]:
    clock, authority = Clock(now), DemoAuthority(directory / "authority")
    with RunningServices(authority, clock=clock) as running:
        demo.create(authority.directory, now=now, algorithm=algorithm, address=running.address)
        keys = [
            demo.load_key(
                demo.issue_key(
                    authority.directory,
                    person=each.person_name,
                    iin=each.iin,
                    bin=each.bin,
                    roles=each.roles,
                    pin=PIN,
                    now=now,
                    algorithm=algorithm,
                ),
                pin=PIN,
            )
            for each in (RECTOR, TRAINER)
        ]
        yield Town(authority, running, keys[0], keys[1], TrustStore.load(authority.trust), clock)
