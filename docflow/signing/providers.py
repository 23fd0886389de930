"""Which signature providers this installation uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from docflow.signing import csc, demo_keys, ncalayer, pkcs11, pkcs12
from docflow.signing.base import ProviderOpener, SignatureProvider, find_openers

BUILT_IN: dict[str, ProviderOpener] = {
    "demo": demo_keys.open_provider,
    "ncalayer": ncalayer.open_provider,
    "pkcs12": pkcs12.open_provider,
    "pkcs11": pkcs11.open_provider,
    "csc": csc.open_provider,
}


def enabled_providers(names: Iterable[str], *, settings: Mapping[str, Any]) -> dict[str, SignatureProvider]:
    """Open the providers that the settings name, in that order; an unknown name is a ``ValueError``.

    *settings* maps a provider's name to its own settings: ``{"demo": {"directory": Path(...)}}``.
    """
    installed = find_openers()
    opened: dict[str, SignatureProvider] = {}
    for name in names:
        if name in BUILT_IN:  # nobody replaces a built-in one by installing a package
            opener = BUILT_IN[name]
        elif name in installed:
            opener = installed[name]()
        else:
            known = ", ".join(sorted({*installed, *BUILT_IN}))
            raise ValueError(f"there is no signature provider {name!r}; there are: {known}")
        opened[name] = opener(settings.get(name, {}))
    return opened
