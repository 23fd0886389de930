"""A time-stamping authority whose certificate ends soon, and the one that follows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from docflow.signing import renewal
from docflow.signing.demo import DemoAuthority
from docflow.signing.levels import TrustServices
from docflow.signing.report import Level, SignatureReport
from docflow.signing.responders import RunningServices
from docflow.signing.timestamps import TimeStamper
from docflow.signing.validation import validate
from docflow.signing.wire import Client
from tests.signing.pki import NOW
from tests.signing.stamped import Town, town

MONTHS = timedelta(days=90)
# pyHanko judges the past by the clock of the machine (0.38): all of this has to be over.
BEGIN = NOW - timedelta(days=5 * 365)
END = BEGIN + timedelta(days=200)
IN_TIME, AFTERWARDS = END - timedelta(days=30), END + timedelta(days=30)
MUCH_LATER = BEGIN + timedelta(days=1200)  # the signer's certificate has run out as well


def replace_stamper(place: DemoAuthority, *, begins: datetime, ends: datetime) -> None:
    """Give the authority another key and certificate for stamping time; services that run already keep theirs."""
    issuer, issuer_key = place.open_issuer()
    key = ec.generate_private_key(ec.SECP256R1())
    where = x509.UniformResourceIdentifier(f"{place.address}/ocsp")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"TSA {ends:%Y-%m-%d}")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where)]),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (place.directory / "tsa.key").write_bytes(secret)
    (place.directory / "tsa.pem").write_bytes(certificate.public_bytes(pem))


@dataclass
class Archive:
    """A paper that was archived under a stamp which ends soon, and the services with the certificate that follows."""

    place: Town
    paper: bytes
    services: TrustServices
    running: RunningServices

    def first(self, pdf: bytes, at: datetime) -> SignatureReport:
        return validate(pdf, trust=self.place.trust, now=at).signatures[0]

    def renewed(self) -> bytes:
        self.place.clock.now = IN_TIME
        return renewal.renewed(self.paper, self.services, now=IN_TIME, before=MONTHS)


@contextmanager
def archived(directory: Path, pdf: bytes) -> Iterator[Archive]:
    with town(directory, now=BEGIN) as place:
        replace_stamper(place.authority, begins=BEGIN - timedelta(days=1), ends=END)
        paper = place.sign(pdf, Level.LTA)
        replace_stamper(place.authority, begins=IN_TIME - timedelta(days=1), ends=BEGIN + timedelta(days=3500))
        with RunningServices(place.authority, clock=place.clock) as running:
            client = Client(timeout=60)
            stamper = TimeStamper(f"{running.address}/tsa", client=client, trust=lambda: place.trust)
            yield Archive(place, paper, replace(place.services, client=client, stamper=stamper), running)
