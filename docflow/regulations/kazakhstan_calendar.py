"""The working calendar of Kazakhstan: public holidays, and the days that the government has transferred."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta, timezone
from functools import cache

import holidays

from docflow.core.calendar import Transfer, WorkCalendar

# One time zone for the whole country since 1 March 2024. Fixed, because a machine without a tz
# database knows no Asia/Almaty, and one with an old database says UTC+6.
TIME_ZONE = timezone(timedelta(hours=5), "UTC+5")

YEARS = range(2016, 2051)

# Days that ``holidays`` does not know, or knows otherwise: each year's resolution goes here, or into
# the organisation's own table. A day off that falls on a weekend moves by law and is in ``holidays``.
TRANSFERS: tuple[Transfer, ...] = (
    Transfer(date(2024, 5, 4), is_working=True, act="8 May 2024 is free instead"),
    Transfer(date(2024, 5, 8), is_working=False, act="4 May 2024 is worked instead"),
    Transfer(date(2025, 1, 3), is_working=False, act="5 January 2025 is worked instead"),
    Transfer(date(2025, 1, 5), is_working=True, act="3 January 2025 is free instead"),
)


@cache
def _public_holidays() -> holidays.HolidayBase:
    # All years at once: the library fills a year when it is first asked, which two threads must not
    # do together. Kurban Ait is "estimated" in years to come; the announced date goes into the table.
    return holidays.country_holidays("KZ", years=YEARS)


def kazakhstan_calendar(transfers: Iterable[Transfer] = ()) -> WorkCalendar:
    """Build the five-day calendar; *transfers* of the organisation come before the built-in ones."""
    known = _public_holidays()
    worked_weekends = (Transfer(day, is_working=True) for day in known.weekend_workdays)
    table = {transfer.day: transfer for transfer in (*worked_weekends, *TRANSFERS, *transfers)}
    return WorkCalendar(holidays=frozenset(known), transfers=table)
