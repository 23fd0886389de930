"""One signature on every rung of the levels, from trust services of our own whose clock a test sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from docflow.signing import demo, pades
from docflow.signing.demo import DemoAuthority
from docflow.signing.levels import TrustServices, raised, stamped
from docflow.signing.report import Level
from docflow.signing.responders import RunningServices
from docflow.signing.revocation import RevocationSource
from docflow.signing.timestamps import TimeStamper
from docflow.signing.trust import TrustStore
from docflow.signing.wire import Client
from tests.signing.pki import NOW, PIN, RECTOR

RESERVE = 20_000


@dataclass
class Ladder:
    """An authority that answers; ``clock`` is what time it is for it."""

    place: DemoAuthority
    running: RunningServices
    services: TrustServices
    clock: list[datetime]
    key_file: Path

    @property
    def trust(self) -> TrustStore:
        return self.services.trust()

    def sign(self, pdf: bytes, *, with_stamp: bool, field: str = "head") -> bytes:
        prepared = pades.prepare(pdf, field=field, when=self.clock[0], reserve=RESERVE)
        cms = demo.load_key(self.key_file, pin=PIN).sign(prepared.digest)
        if with_stamp:
            assert self.services.stamper is not None
            cms, _stamp = stamped(cms, self.services.stamper)
        return pades.embed(prepared, cms)

    def raise_to(self, level: Level, pdf: bytes) -> bytes:
        return raised(pdf, level, self.services, now=self.clock[0])

    def rungs(self, pdf: bytes) -> dict[Level, bytes]:
        """The same paper at every level, signed now and raised a minute later."""
        made = {Level.B: self.sign(pdf, with_stamp=False), Level.T: self.sign(pdf, with_stamp=True)}
        before = self.clock[0]
        self.clock[0] = before + timedelta(minutes=1)
        made |= {level: self.raise_to(level, made[Level.T]) for level in (Level.LT, Level.LTA)}
        self.clock[0] = before
        return made

    def revoke(self, *, at: datetime) -> None:
        certificate: x509.Certificate = demo.load_key(self.key_file, pin=PIN).certificate
        self.place.revoke(certificate.serial_number, at=at)


@contextmanager
def ladder(directory: Path) -> Iterator[Ladder]:
    clock = [NOW]
    place = DemoAuthority(directory / "authority")
    with RunningServices(place, clock=lambda: clock[0]) as running:
        demo.create(place.directory, now=NOW, address=running.address)
        key_file = demo.issue_key(
            place.directory, person=RECTOR.person_name, iin=RECTOR.iin, bin=RECTOR.bin,
            organisation="Батыс университеті", roles=RECTOR.roles, pin=PIN, now=NOW,
        )  # fmt: skip
        trust, client = TrustStore.load(place.trust), Client()
        issuer = x509.load_pem_x509_certificate(place.issuer.read_bytes())
        stamper = TimeStamper(f"{running.address}/tsa", client=client, trust=lambda: trust, issuers=(issuer,))
        services = TrustServices(client, RevocationSource(client=client), lambda: trust, stamper, (issuer,))
        yield Ladder(place, running, services, clock, key_file)
