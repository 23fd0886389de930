"""Working days, working hours and the ends of terms, with a small made-up calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docflow.core.calendar import Transfer, WorkCalendar, add_months, add_years
from docflow.core.regulations import Clause, Term

ALMATY = timezone(timedelta(hours=5))
# January 2026: 1 is a Thursday.
FREE_MONDAY = date(2026, 1, 12)
WORKED_SATURDAY = date(2026, 1, 17)
CALENDAR = WorkCalendar(
    holidays={date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 7)},
    transfers={
        FREE_MONDAY: Transfer(FREE_MONDAY, is_working=False, act="No. 1"),
        WORKED_SATURDAY: Transfer(WORKED_SATURDAY, is_working=True, act="No. 1"),
    },
)
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 1, 3), False),
        (date(2026, 1, 5), True),
        (date(2026, 1, 7), False),
        (FREE_MONDAY, False),
        (WORKED_SATURDAY, True),
        (date(2026, 1, 18), False),
    ],
)
def test_transfers_come_before_the_weekend_and_the_weekend_before_holidays(day: date, worked: bool) -> None:
    assert CALENDAR.is_working_day(day) is worked


def test_a_transfer_can_make_a_holiday_working() -> None:
    day = date(2026, 1, 7)
    calendar = WorkCalendar(holidays={day}, transfers={day: Transfer(day, is_working=True)})
    assert calendar.is_working_day(day)


def test_holidays_may_be_a_function() -> None:
    calendar = WorkCalendar(holidays=lambda day: day.month == 8)
    assert not calendar.is_working_day(date(2026, 8, 3))
    assert calendar.is_working_day(date(2026, 9, 1))


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        (date(2026, 1, 5), 1, date(2026, 1, 6)),
        (date(2026, 1, 6), 1, date(2026, 1, 8)),
        (date(2026, 1, 5), 5, date(2026, 1, 14)),
        (date(2026, 1, 16), 1, WORKED_SATURDAY),
        (date(2026, 1, 3), 1, date(2026, 1, 5)),
        (date(2026, 1, 8), -1, date(2026, 1, 6)),
        (date(2026, 1, 8), 0, date(2026, 1, 8)),
    ],
)
def test_the_day_after_the_event_is_the_first_that_counts(start: date, number: int, end: date) -> None:
    assert CALENDAR.add_working_days(start, number) == end


def test_the_day_of_the_event_may_count_too() -> None:
    assert CALENDAR.add_working_days(date(2026, 1, 5), 1, first_day_counts=True) == date(2026, 1, 5)
    assert CALENDAR.add_working_days(date(2026, 1, 3), 1, first_day_counts=True) == date(2026, 1, 5)


@given(days, st.integers(-120, 120), st.booleans())
def test_counting_undoes_adding(day: date, number: int, first_day_counts: bool) -> None:
    end = CALENDAR.add_working_days(day, number, first_day_counts=first_day_counts)
    if number and (end != day or number > 0):
        assert CALENDAR.count_working_days(day, end, first_day_counts=first_day_counts) == number


@given(days, st.integers(1, 60))
def test_the_end_of_a_term_in_working_days_is_worked(day: date, number: int) -> None:
    end = CALENDAR.add_working_days(day, number)
    assert CALENDAR.is_working_day(end)
    assert end > day


@given(days)
def test_the_next_working_day_is_the_first_one(day: date) -> None:
    found = CALENDAR.next_working_day(day)
    assert CALENDAR.is_working_day(found)
    assert not any(CALENDAR.is_working_day(day + timedelta(days=n)) for n in range((found - day).days))


@pytest.mark.parametrize(
    ("moment", "placed"),
    [
        (datetime(2026, 1, 5, 8, 59), datetime(2026, 1, 5, 9, 0)),
        (datetime(2026, 1, 5, 9, 0), datetime(2026, 1, 5, 9, 0)),
        (datetime(2026, 1, 5, 17, 59), datetime(2026, 1, 5, 17, 59)),
        (datetime(2026, 1, 5, 18, 0), datetime(2026, 1, 6, 9, 0)),
        (datetime(2026, 1, 6, 18, 0), datetime(2026, 1, 8, 9, 0)),
        (datetime(2026, 1, 10, 12, 0), datetime(2026, 1, 13, 9, 0)),
    ],
)
def test_what_arrives_out_of_hours_arrives_at_the_next_opening(moment: datetime, placed: datetime) -> None:
    answer = CALENDAR.next_working_moment(moment.replace(tzinfo=ALMATY), ALMATY)
    assert answer == placed.replace(tzinfo=ALMATY)


def test_a_moment_in_utc_is_placed_by_the_local_day() -> None:
    # 14:00 UTC is 19:00 in Almaty: too late for Monday, in time for Tuesday.
    answer = CALENDAR.next_working_moment(datetime(2026, 1, 5, 14, 0, tzinfo=UTC), ALMATY)
    assert answer == datetime(2026, 1, 6, 9, 0, tzinfo=ALMATY)


def test_a_moment_without_a_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.next_working_moment(datetime(2026, 1, 5, 12, 0), ALMATY)


@pytest.mark.parametrize(
    ("day", "years", "end"),
    [
        (date(2025, 12, 2), 3, date(2028, 12, 2)),
        (date(2028, 2, 29), 3, date(2031, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
        (date(2027, 2, 28), 1, date(2028, 2, 28)),
        (date(2028, 2, 29), -1, date(2027, 2, 28)),
    ],
)
def test_years_keep_the_day_and_the_29th_of_february_falls_back(day: date, years: int, end: date) -> None:
    assert add_years(day, years) == end


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 15), -2, date(2025, 11, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_months_end_on_the_last_day_where_the_month_is_short(day: date, months: int, end: date) -> None:
    assert add_months(day, months) == end


@pytest.mark.parametrize(
    ("amount", "unit", "end"),
    [
        (5, "working_days", date(2026, 1, 14)),
        (5, "calendar_days", date(2026, 1, 10)),
        (2, "months", date(2026, 3, 5)),
        (3, "years", date(2029, 1, 5)),
    ],
)
def test_a_term_ends_by_its_own_unit(amount: int, unit: str, end: date) -> None:
    term = Term("sample", amount, unit, Clause("X", "1"))
    assert CALENDAR.end_of_term(date(2026, 1, 5), term) == end


def test_a_term_in_an_unknown_unit_is_an_error() -> None:
    with pytest.raises(ValueError, match="fortnights"):
        CALENDAR.end_of_term(date(2026, 1, 5), Term("sample", 1, "fortnights", Clause("X", "1")))
