"""Keys on the signer's machine, and the CMS that they make: like NCALayer's, with the time of signing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509

from docflow.core.messages import Message
from docflow.signing import authority, der
from docflow.signing.cms import SIGNING_TIME, build_cms, digest_algorithm_for, signed_attributes
from docflow.signing.demo import WrongPin, load_key
from docflow.signing.gost import keyfile
from docflow.signing.gost.streebog import digest_of

UTC_TIME, GENERALIZED_TIME = 0x17, 0x18


class CannotSign(Exception):
    """No key is to be had; ``code`` tells the page, ``message`` the person at the machine."""

    def __init__(self, code: str, message: Message) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Key(Protocol):
    """An open key, on disk or on a token."""

    @property
    def certificate(self) -> x509.Certificate: ...

    @property
    def chain(self) -> tuple[x509.Certificate, ...]: ...

    def raw_signature(self, data: bytes) -> bytes:
        """PKCS#1 v1.5, or ECDSA as DER, over SHA-256 of *data*; a GOST key's own over Streebog-512."""
        ...


# Opens the key with a password, and closes it afterwards; :class:`docflow.signing.demo.WrongPin` when it does not fit.
OpenKey = Callable[[str], AbstractContextManager[Key]]


def read_file(path: Path, password: str) -> Key:
    """A PKCS#12 file: RSA, or EC on any curve that the library knows; PKCS#12 or PEM with a national GOST key.

    :class:`~docflow.signing.demo.WrongPin` when it does not open, ``ValueError`` when it holds no key that can sign.
    """
    try:
        return keyfile.read(path.read_bytes(), password=password)
    except keyfile.WrongPassword as error:
        raise WrongPin from error
    except keyfile.NoGostKey:
        return load_key(path, pin=password)


def fits(key: Key, *, iin: str = "", bin: str = "", usages: tuple[str, ...] = ()) -> bool:
    """Whether the certificate is the one that a page asks for; what it does not ask for is not looked at."""
    certificate = key.certificate
    return (
        (not iin or authority.certificate_iin(certificate) == iin)
        and (not bin or authority.certificate_bin(certificate) == bin)
        and set(usages) <= authority.certificate_roles(certificate)
    )


def make_cms(key: Key, content: bytes, *, when: datetime | None) -> bytes:
    """Sign *content*; without *when* the CMS fits PAdES, which forbids signing-time."""
    digest = digest_of(digest_algorithm_for(key.certificate), content)
    attributes = signed_attributes(digest, key.certificate)
    if when is not None:
        known = [each.raw for each in der.read(attributes).children()]
        attributes = der.set_of(*known, der.sequence(SIGNING_TIME, der.set_of(_time(when))))
    return build_cms(attributes, key.raw_signature(attributes), certificate=key.certificate, chain=key.chain)


def _time(when: datetime) -> bytes:
    """RFC 5652, 11.3: UTCTime up to 2049."""
    utc = when.astimezone(UTC)
    if utc.year < 2050:
        return der.tlv(UTC_TIME, utc.strftime("%y%m%d%H%M%SZ").encode())
    return der.tlv(GENERALIZED_TIME, utc.strftime("%Y%m%d%H%M%SZ").encode())
