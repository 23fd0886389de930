"""Which signature providers this installation uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from docflow.signing import demo_keys
from docflow.signing.base import ProviderOpener, SignatureProvider, find_openers

BUILT_IN: dict[str, ProviderOpener] = {"demo": demo_keys.open_provider}


def enabled_providers(names: Iterable[str], *, settings: Mapping[str, Any]) -> dict[str, SignatureProvider]:
    """Open the providers that the settings name, in that order; an unknown name is a ``ValueError``.

    *settings* maps a provider's name to its own settings: ``{"demo": {"directory": Path(...)}}``.
    """
    openers = {**find_openers(), **BUILT_IN}  # nobody replaces a built-in one by installing a package
    opened: dict[str, SignatureProvider] = {}
    for name in names:
        if name not in openers:
            raise ValueError(f"there is no signature provider {name!r}; there are: {', '.join(sorted(openers))}")
        opened[name] = openers[name](settings.get(name, {}))
    return opened
