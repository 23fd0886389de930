"""Days and years of the attestation order: its own end, windows, and how long a category holds."""

from __future__ import annotations

from datetime import date, timedelta

from docflow.core.calendar import add_months, add_years
from docflow.regulations.krg.act import KRG

# Appendix 4, row 10: for the attestation of 2024 applications were taken from June to August.
SUMMER_OF_2024 = (date(2024, 6, 1), date(2024, 8, 31))
SCHOOL_YEAR_MONTH = 9


def _years(term: str) -> int:
    return KRG.terms[term].amount


def category_valid_until(ladder: str, start: date) -> date:
    """Give the last day of a category (clauses 3, 43): five years, for a first head three."""
    return add_years(start, _years(f"{ladder}_category_validity"))


def commission_ends(formed: date) -> date:
    """Give the last day of a commission that an order of *formed* has formed: clause 16."""
    return add_years(formed, _years("commission_mandate"))


def is_open_for_applications(on: date, *, last_day_counts: bool = True) -> bool:
    """Say whether applications are taken: 1 September to 31 December, and in the summer of 2024."""
    opens = KRG.annual_dates["applications_open"].in_year(on.year)
    closes = KRG.annual_dates["applications_close"].in_year(on.year)
    if not last_day_counts:
        closes -= timedelta(days=1)
    return opens <= on <= closes or SUMMER_OF_2024[0] <= on <= SUMMER_OF_2024[1]


def school_year(on: date) -> int:
    """Name the school year by the year in which it began; attestation is held once in it."""
    return on.year if on.month >= SCHOOL_YEAR_MONTH else on.year - 1


def may_be_early(last_regular: date, on: date) -> bool:
    """Say whether two years have passed since the regular attestation: clause 42."""
    return on >= add_years(last_regular, _years("early_attestation_after"))


def head_applies_by(valid_until: date) -> date:
    """Give the last day on which a head applies, six months before the category ends: clause 43."""
    return add_months(valid_until, -KRG.terms["head_application_before"].amount)


def retained_until(start: date) -> date:
    """Give the last day to which a category may be kept: clause 34; the setting retention_from gives *start*."""
    return add_years(start, _years("category_retention_max"))


def is_retained_on_transfer(valid_until: date, on: date) -> bool:
    """Say whether at most a year is left when a teacher moves to another organisation: clause 34, 5)."""
    return on <= valid_until <= add_years(on, _years("transfer_retention_left"))


def is_before_pension(pension_day: date, on: date) -> bool:
    """Say whether less than four years are left to *pension_day*: clause 35."""
    return on < pension_day < add_years(on, _years("prepension_under"))


def is_recent_graduate(graduated: date, on: date) -> bool:
    """Say whether not more than five years have passed since graduation: clause 7."""
    return on <= add_years(graduated, _years("graduate_within"))


def is_short_break(left: date, returned: date) -> bool:
    """Say whether a teacher was away for not more than five years: clause 31, 1)."""
    return returned <= add_years(left, _years("reentry_break_max"))
