"""The provider ``pkcs12``: the organisation's seal in an encrypted file on the server's disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docflow.core.errors import ProviderError
from docflow.core.messages import _l
from docflow.signing.cms import CertifiedKey
from docflow.signing.demo import WrongPin, load_key
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
    except WrongPin as error:
        raise ProviderError(_l("The key file of the seal does not open with its password.")) from error
    except (OSError, ValueError) as error:
        raise ProviderError(_l("The key file cannot be read: ask the administrator.")) from error


def open_provider(settings: Mapping[str, Any]) -> OwnSeal:
    """*settings*: ``key``, the path of the file, and ``password``, which the environment alone should give."""
    path, password = Path(settings["key"]), str(settings["password"])

    @contextmanager
    def opened() -> Iterator[CertifiedKey]:
        yield load_private(path, password=password)

    return OwnSeal("pkcs12", _l("Seal of the organisation (key file)"), opened)
