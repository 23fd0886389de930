"""Types of document: found once, in their modules and in other packages' entry points."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType

from docflow.core.derivation import Derivation
from docflow.core.errors import NotFound
from docflow.core.messages import _l
from docflow.core.types import DocumentType

BUILT_IN = "docflow.forms"
ENTRY_POINT_GROUP = "docflow.types"


def _built_in() -> list[DocumentType]:
    package = importlib.import_module(BUILT_IN)
    modules = (importlib.import_module(f"{BUILT_IN}.{found.name}") for found in pkgutil.iter_modules(package.__path__))
    return [module.TYPE for module in modules if hasattr(module, "TYPE")]


@cache
def document_types() -> Mapping[str, DocumentType]:
    """Every registered type by name, in the order of names; two types of one name are an error."""
    found = _built_in() + [point.load() for point in entry_points(group=ENTRY_POINT_GROUP)]
    types: dict[str, DocumentType] = {}
    for each in sorted(found, key=lambda t: t.name):
        if each.name in types:
            raise ValueError(f"two document types are called {each.name!r}")
        types[each.name] = each
    return MappingProxyType(types)


@cache
def derived_from(source: str) -> tuple[tuple[DocumentType, Derivation], ...]:
    """Every type that is drafted from documents of the type *source*, and how."""
    return tuple(
        (kind, each) for kind in document_types().values() for each in kind.derived_from if each.source == source
    )


def document_type(name: str) -> DocumentType:
    try:
        return document_types()[name]
    except KeyError:
        raise NotFound(_l("There is no type of document called “%(name)s”.", name=name)) from None
