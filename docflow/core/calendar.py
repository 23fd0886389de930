"""Working days, working hours and the ends of terms."""

from __future__ import annotations

import calendar as month_table
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from docflow.core.regulations import Term

SATURDAY, SUNDAY = 5, 6
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Transfer:
    """A day that an act makes working or free, against the week and the holidays."""

    day: date
    is_working: bool
    act: str = ""


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: transfers decide first, then the weekend, then the holidays.

    ``holidays`` is anything that ``in`` can ask for a date; or a function that answers the same.
    """

    holidays: Container[date] | Callable[[date], bool] = frozenset()
    transfers: Mapping[date, Transfer] = field(default_factory=dict)
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    opens: time = time(9, 0)
    closes: time = time(18, 0)

    def is_working_day(self, day: date) -> bool:
        transfer = self.transfers.get(day)
        if transfer is not None:
            return transfer.is_working
        return day.weekday() not in self.weekend and not self._is_holiday(day)

    def next_working_day(self, day: date) -> date:
        """Give *day* itself when it is worked, else the first worked day after it."""
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def add_working_days(self, day: date, number: int, *, first_day_counts: bool = False) -> date:
        """Find the *number*-th working day after *day*; a negative number looks back.

        The event's own day does not count unless *first_day_counts*: the acts do not say, and the
        day after the event is the general rule of terms. 0 gives *day* back.
        """
        step = ONE_DAY if number >= 0 else -ONE_DAY
        left = abs(number)
        if first_day_counts and left:
            day -= step
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def count_working_days(self, start: date, end: date, *, first_day_counts: bool = False) -> int:
        """Count the working days after *start* up to and including *end*; negative if *end* is earlier.

        The inverse of :meth:`add_working_days` for the same *first_day_counts*.
        """
        if end < start:
            return -self._count_back(start, end, first_day_counts=first_day_counts)
        day = start if first_day_counts else start + ONE_DAY
        return sum(self.is_working_day(day + ONE_DAY * offset) for offset in range((end - day).days + 1))

    def next_working_moment(self, moment: datetime, zone: tzinfo) -> datetime:
        """Move an aware *moment* into working hours of *zone*: what comes at night arrives in the morning.

        ``ValueError`` when *moment* is naive.
        """
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be placed in working hours")
        local = moment.astimezone(zone)
        day = local.date()
        if self.is_working_day(day) and local.time() < self.closes:
            return local if local.time() >= self.opens else datetime.combine(day, self.opens, zone)
        return datetime.combine(self.next_working_day(day + ONE_DAY), self.opens, zone)

    def end_of_term(self, start: date, term: Term, *, first_day_counts: bool = False) -> date:
        """Find the last day of *term* that begins with an event on *start*; that day is still in time.

        Terms in working days end on one. Terms in calendar days, months and years end where the
        calendar says, also on a Sunday: move them with :meth:`next_working_day` where an act allows it.
        """
        match term.unit:
            case "working_days":
                return self.add_working_days(start, term.amount, first_day_counts=first_day_counts)
            case "calendar_days":
                return start + ONE_DAY * (term.amount - first_day_counts)
            case "months":
                return add_months(start, term.amount)
            case "years":
                return add_years(start, term.amount)
        raise ValueError(f"the term {term.name!r} has the unknown unit {term.unit!r}")

    def _is_holiday(self, day: date) -> bool:
        return self.holidays(day) if callable(self.holidays) else day in self.holidays

    def _count_back(self, start: date, end: date, *, first_day_counts: bool) -> int:
        day = start if first_day_counts else start - ONE_DAY
        return sum(self.is_working_day(day - ONE_DAY * offset) for offset in range((day - end).days + 1))


def add_months(day: date, number: int) -> date:
    """Find the same day *number* months later, or the last day of a month that is too short.

    Law No. 107-II "On administrative procedures", art. 12-1(2) and (3), and civil law alike: a term of
    months or years ends on the day of the same number; where the month has none, on its last day.
    """
    months = day.year * 12 + day.month - 1 + number
    year, month = divmod(months, 12)
    last = month_table.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def add_years(day: date, number: int) -> date:
    """Find the same day *number* years later; 29 February becomes 28 February in a common year.

    A certificate of 29.02.2028 for three years is valid to 28.02.2031 inclusive.
    """
    return add_months(day, number * 12)
