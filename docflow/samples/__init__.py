"""Made-up groups of teachers and the spreadsheets in which a clerk would get them.

Do: give the same people for the same count, with IINs that pass every check and belong to nobody we know.
Do not: put files here, or anything that could be a real person's number, telephone or address.
"""

from __future__ import annotations

from docflow.samples.listeners import FAILING, LISTENERS, listeners
from docflow.samples.musicians import musicians
from docflow.samples.spreadsheets import assessment_spreadsheet, conservatory_spreadsheet, spreadsheet

__all__ = [
    "FAILING", "LISTENERS", "assessment_spreadsheet", "conservatory_spreadsheet", "listeners", "musicians",
    "spreadsheet",
]
