"""The comprehensive analytical summary: what materials show before the commission sits (clauses 27-29)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from docflow.core.regulations import Profile
from docflow.regulations.krg.decision import Case, Reason, materials, missing_materials


@dataclass(frozen=True)
class Summary:
    """Whether the materials conform to the claimed category, and which one they show; empty: none.

    ``missing`` is what has to be there first. The knowledge test is no part of it: clause 30 sets the two side by side.
    """

    conforms: bool
    category: str
    reasons: tuple[Reason, ...]
    missing: tuple[Reason, ...]


def summarise(case: Case, profile: Profile) -> Summary:
    """Work out the summary of a case from its figures, whatever members have confirmed before."""
    unconfirmed = replace(case, confirmed=None, confirmed_by="")
    shown, reasons = materials(unconfirmed, profile)
    return Summary(shown == case.claimed, shown or "", reasons, tuple(missing_materials(unconfirmed, profile)))
