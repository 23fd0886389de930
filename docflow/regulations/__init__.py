"""The acts as data: a module or a package per act, profiles of organisations, and the working calendar.

Do: quote shortly and verbatim; give every number its clause; keep a contradiction as a setting with
a reason beside its default; add an act as a module, or by the entry point ``docflow.regulations``.
Do not: put behaviour of documents here (that is ``docflow.forms``); invent a wording in a language
that an act does not have; import anything above ``docflow.core``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points

from docflow.core.regulations import Regulation
from docflow.regulations.knk import KNK
from docflow.regulations.krg.act import KRG
from docflow.regulations.o95 import O95
from docflow.regulations.profiles import PROFILES, Difference, differences
from docflow.regulations.wku import WKU

__all__ = [
    "ENTRY_POINT_GROUP",
    "KNK",
    "KRG",
    "O95",
    "PROFILES",
    "REGULATIONS",
    "WKU",
    "Difference",
    "differences",
    "registered",
]

ENTRY_POINT_GROUP = "docflow.regulations"


def registered(acts: Iterable[Regulation]) -> Mapping[str, Regulation]:
    """Index acts by code; two acts of one code are an error."""
    by_code: dict[str, Regulation] = {}
    for act in acts:
        if act.code in by_code:
            raise ValueError(f"two regulations have the code {act.code!r}")
        by_code[act.code] = act
    return by_code


REGULATIONS: Mapping[str, Regulation] = registered(
    (O95, WKU, KNK, KRG, *(point.load() for point in entry_points(group=ENTRY_POINT_GROUP)))
)
