"""The roots that an administrator has pinned; nothing else makes a signer known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization


@dataclass(frozen=True)
class TrustStore:
    """Pinned root certificates, as DER; a file that is checked never adds one."""

    roots: tuple[bytes, ...] = ()

    @classmethod
    def load(cls, *directories: Path) -> TrustStore:
        """Read every ``*.pem`` in *directories*, in the order of names; ``ValueError`` names a file that is none."""
        roots: dict[bytes, None] = {}
        for path in (path for directory in directories for path in sorted(directory.glob("*.pem"))):
            try:
                found = x509.load_pem_x509_certificates(path.read_bytes())
            except ValueError as error:
                raise ValueError(f"{path} holds no PEM certificate") from error
            roots.update((each.public_bytes(serialization.Encoding.DER), None) for each in found)
        return cls(tuple(roots))

    def __contains__(self, certificate: x509.Certificate) -> bool:
        return certificate.public_bytes(serialization.Encoding.DER) in self.roots
