"""The roots that an administrator has pinned; nothing else makes a signer known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

# As authorities publish them: text with any number in a file, or DER with one; the national centre does both.
_SUFFIXES = (".pem", ".crt", ".cer")


def certificates_in(directory: Path) -> Iterator[x509.Certificate]:
    """Every certificate of *directory*, none where it does not exist; ``ValueError`` names a file that holds none."""
    for path in sorted(each for each in directory.glob("*") if each.suffix.lower() in _SUFFIXES):
        data = path.read_bytes()
        try:
            found = (
                x509.load_pem_x509_certificates(data)
                if b"-----BEGIN" in data
                else [x509.load_der_x509_certificate(data)]
            )
        except ValueError as error:
            raise ValueError(f"{path} holds no certificate, as PEM or DER") from error
        yield from found


@dataclass(frozen=True)
class TrustStore:
    """Pinned root certificates, as DER; a file that is checked never adds one."""

    roots: tuple[bytes, ...] = ()

    @classmethod
    def load(cls, *directories: Path) -> TrustStore:
        """Read the certificates in *directories*, in the order of names; ``ValueError`` names a file that is none."""
        found = (each for directory in directories for each in certificates_in(directory))
        return cls(tuple(dict.fromkeys(each.public_bytes(serialization.Encoding.DER) for each in found)))

    def __contains__(self, certificate: x509.Certificate) -> bool:
        return certificate.public_bytes(serialization.Encoding.DER) in self.roots
