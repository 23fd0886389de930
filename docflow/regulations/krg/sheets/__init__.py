"""The score and observation sheets of the attestation order, and who is judged by which of them."""

from __future__ import annotations

from collections.abc import Mapping

from docflow.core.scoring import Contradiction, ObservationSheet, ScoreSheet, contradictions
from docflow.regulations.krg.sheets.deputies import P5, P6
from docflow.regulations.krg.sheets.heads import P3, P4
from docflow.regulations.krg.sheets.observation import O1, O2, O3
from docflow.regulations.krg.sheets.teachers import P1, P2

PORTFOLIO: Mapping[str, ScoreSheet] = {sheet.code: sheet for sheet in (P1, P2, P3, P4, P5, P6)}

OBSERVATION: Mapping[str, ObservationSheet] = {sheet.code: sheet for sheet in (O1, O2, O3)}

# Two rows of totals in P3 bear no label: nobody is judged by them until the organisation says who.
GROUPS: Mapping[str, ScoreSheet] = {row.key: sheet for sheet in PORTFOLIO.values() for row in sheet.totals if row.label}

# The printed totals that are not the sums of their rows; the setting portfolio_figures chooses.
CONTRADICTIONS: Mapping[str, tuple[Contradiction, ...]] = {
    code: found for code, sheet in PORTFOLIO.items() if (found := contradictions(sheet))
}
