"""Terms that run: in working days of Kazakhstan, each with its clause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from docflow.core.calendar import add_months, add_years
from docflow.core.regulations import Term
from docflow.models import Group
from docflow.services import environment, papers


@dataclass(frozen=True)
class Deadline:
    """The last day of a term, and how it was counted."""

    term: Term
    starts_on: date
    last_day: date

    def is_overdue(self, today: date) -> bool:
        return today > self.last_day


def last_day(term: Term, starts_on: date) -> date:
    """Count *term* from the day after *starts_on*; a term in working days follows the calendar."""
    if term.unit == "working_days":
        return environment.current().calendar.add_working_days(starts_on, term.amount)
    if term.unit == "months":
        return add_months(starts_on, term.amount)
    return add_years(starts_on, term.amount)


def of_group(group: Group) -> list[Deadline]:
    """What runs from the end of a course: the entry into the national database, post-course support."""
    profile = papers.profile_of(group.organisation)
    found = []
    for name in ("nobd_entry", "postcourse_support"):
        try:
            term = profile.term(name)
        except KeyError:
            continue
        found.append(Deadline(term, group.ends_on, last_day(term, group.ends_on)))
    return found
