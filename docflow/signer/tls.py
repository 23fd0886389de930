"""The self-made certificate of the socket: for this machine's own loopback address, kept in a private directory."""

from __future__ import annotations

import os
import ssl
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=800)  # browsers refuse more than 825
CERTIFICATE, KEY = "certificate.pem", "key.pem"


def context(directory: Path, *, now: datetime) -> ssl.SSLContext:
    """The context of the server; a certificate is made on first use, and again before it expires."""
    if not _is_current(directory / CERTIFICATE, now):
        _make(directory, now)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(directory / CERTIFICATE, directory / KEY)
    return made


def fingerprint(directory: Path) -> str:
    """SHA-256 of the certificate, as browsers show it."""
    certificate = x509.load_pem_x509_certificate((directory / CERTIFICATE).read_bytes())
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _is_current(path: Path, now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    return now + timedelta(days=1) < certificate.not_valid_after_utc


def _make(directory: Path, now: datetime) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "docflow signer (127.0.0.1)")])
    loopback = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(loopback), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor = os.open(directory / KEY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(private)
    (directory / CERTIFICATE).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
