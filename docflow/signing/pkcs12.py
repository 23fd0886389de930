"""The provider ``pkcs12``: the organisation's seal in an encrypted file on the server's disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docflow.core.errors import ProviderError
from docflow.core.messages import Message, _l
from docflow.signing.cms import CertifiedKey
from docflow.signing.demo import WrongPin, load_key
from docflow.signing.gost import keyfile
from docflow.signing.seal import OwnSeal

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def load_private(path: Path, *, password: str) -> CertifiedKey:
    """Open a PKCS#12 file that belongs to us alone; :class:`ProviderError` says why not."""
    try:
        found = path.stat()
    except OSError as error:
        raise ProviderError(_l("The key file of the seal is not there: ask the administrator.")) from error
    if found.st_mode & OTHERS or found.st_uid != os.geteuid():
        raise ProviderError(
            _l("Others can read the key file of the seal: it must belong to the service alone (mode 0600).")
        )
    if not password:
        raise ProviderError(_l("The password of the seal is not set (DOCFLOW_SEAL_PASSWORD): ask the administrator."))
    try:
        return load_key(path, pin=password)
    except (OSError, WrongPin, ValueError) as error:
        raise ProviderError(_why(path, password, error)) from error


def _why(path: Path, password: str, error: Exception) -> Message:
    """The sentence for a key file that the library does not open."""
    if not isinstance(error, OSError) and _holds_gost_key(path, password):
        return _l(
            "The key file of the seal holds a GOST key: here the organisation seals with RSA or ECDSA alone; people "
            "may sign with GOST keys, through NCALayer or docflow signer."
        )
    if isinstance(error, WrongPin):
        return _l("The key file of the seal does not open with its password.")
    return _l("The key file cannot be read: ask the administrator.")


def _holds_gost_key(path: Path, password: str) -> bool:
    try:
        keyfile.read(path.read_bytes(), password=password)
    except (keyfile.NoGostKey, keyfile.WrongPassword):
        return False
    return True


def open_provider(settings: Mapping[str, Any]) -> OwnSeal:
    """*settings*: ``key``, the path of the file, and ``password``, which the environment alone should give."""
    path, password = Path(settings["key"]), str(settings["password"])

    @contextmanager
    def opened() -> Iterator[CertifiedKey]:
        yield load_private(path, password=password)

    return OwnSeal("pkcs12", _l("Seal of the organisation (key file)"), opened)
