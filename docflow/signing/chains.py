"""From a certificate to a pinned root: the chain that a responder, a time stamp or a signer stands on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from docflow.signing.gost import signatures
from docflow.signing.trust import TrustStore, certificates_in

LONGEST = 8


@lru_cache(maxsize=4096)
def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the name and the signature say so; the answer never changes, so it is kept."""
    if signatures.is_by_gost(certificate.signature_algorithm_oid):
        return signatures.is_issued_by(certificate, issuer)
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def is_self_issued(certificate: x509.Certificate) -> bool:
    return certificate.issuer == certificate.subject


@lru_cache(maxsize=64)
def _loaded(root: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(root)


def roots_of(trust: TrustStore) -> list[x509.Certificate]:
    return [_loaded(root) for root in trust.roots]


def chain_of(
    certificate: x509.Certificate, *, pool: Iterable[x509.Certificate], trust: TrustStore
) -> tuple[x509.Certificate, ...]:
    """The certificate first, a pinned root last; empty when no chain of authorities leads to one."""
    candidates, roots, chain = list(pool), roots_of(trust), [certificate]
    while len(chain) < LONGEST:
        last = chain[-1]
        if last in roots:
            return tuple(chain)
        issuer = _issuer_of(last, [each for each in (*roots, *candidates) if each not in chain])
        if issuer is None:
            return ()
        chain.append(issuer)
    return ()


def _issuer_of(certificate: x509.Certificate, candidates: Iterable[x509.Certificate]) -> x509.Certificate | None:
    return next((each for each in candidates if is_authority(each) and is_issued_by(certificate, each)), None)


def load_issuers(directory: Path) -> tuple[x509.Certificate, ...]:
    """Intermediate authorities that an administrator put beside the roots; they help to find a way, no more."""
    return tuple(certificates_in(directory))
