"""The working calendar of Kazakhstan at the days where it is easy to be wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from docflow.core.calendar import Transfer, add_months
from docflow.regulations.kazakhstan_calendar import TIME_ZONE, TRANSFERS, kazakhstan_calendar
from docflow.regulations.o95 import O95

CALENDAR = kazakhstan_calendar()


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2024, 5, 4), True),  # a Saturday, worked for 8 May
        (date(2024, 5, 8), False),
        (date(2024, 3, 25), False),  # Nauryz of Saturday 23 moves
        (date(2024, 6, 17), True),  # Kurban Ait of Sunday 16 does not move
        (date(2025, 1, 3), False),
        (date(2025, 1, 5), True),  # a Sunday, worked for 3 January
        (date(2025, 9, 1), False),  # Constitution Day of Saturday 30 August moves
        (date(2026, 3, 9), False),
        (date(2026, 5, 27), False),  # Kurban Ait
        (date(2026, 8, 31), True),  # Constitution Day has left 30 August
        (date(2026, 10, 26), False),
        (date(2026, 12, 16), False),
        (date(2027, 3, 15), False),  # the new Constitution Day
        (date(2026, 11, 20), True),
    ],
)
def test_a_day_is_worked_or_free_as_the_state_says(day: date, worked: bool) -> None:
    assert CALENDAR.is_working_day(day) is worked


@pytest.mark.parametrize(("year", "number"), [(2024, 249), (2025, 246), (2026, 247), (2027, 247)])
def test_a_year_has_the_published_number_of_working_days(year: int, number: int) -> None:
    assert CALENDAR.count_working_days(date(year - 1, 12, 31), date(year, 12, 31)) == number


def test_the_built_in_table_is_what_makes_a_transferred_saturday_worked() -> None:
    assert {transfer.day for transfer in TRANSFERS if transfer.is_working} == {date(2024, 5, 4), date(2025, 1, 5)}


def test_the_organisation_may_override_any_day() -> None:
    monday, saturday = date(2026, 11, 23), date(2026, 11, 28)
    calendar = kazakhstan_calendar(
        [Transfer(monday, is_working=False, act="No. 1"), Transfer(saturday, is_working=True, act="No. 1")]
    )
    assert not calendar.is_working_day(monday)
    assert calendar.is_working_day(saturday)
    assert CALENDAR.is_working_day(monday)


@pytest.mark.parametrize(
    ("completed", "due"),
    [
        (date(2026, 11, 20), date(2026, 11, 27)),  # Friday to Friday
        (date(2026, 12, 11), date(2026, 12, 21)),  # Independence Day between
        (date(2026, 3, 18), date(2026, 3, 30)),  # all of Nauryz between
        (date(2024, 4, 30), date(2024, 5, 10)),  # Saturday 4 May worked, 1 and 7 to 9 May free
    ],
)
def test_data_are_due_in_the_national_database_in_five_working_days(completed: date, due: date) -> None:
    assert CALENDAR.end_of_term(completed, O95.terms["nobd_entry"]) == due


@pytest.mark.parametrize(
    ("name", "event", "last"),
    [
        ("certificate_validity", date(2025, 12, 2), date(2028, 12, 2)),
        ("certificate_validity", date(2028, 2, 29), date(2031, 2, 28)),
        ("dossier_handover", date(2026, 11, 20), date(2026, 11, 27)),
        ("dossier_review", date(2026, 11, 20), date(2026, 12, 4)),
        ("working_group_mandate", date(2026, 1, 15), date(2029, 1, 15)),
        ("postcourse_support", date(2026, 11, 20), date(2027, 11, 20)),
        ("reassessment_period", date(2026, 11, 20), date(2027, 11, 20)),
        ("monitoring_period", date(2026, 11, 20), date(2029, 11, 20)),
    ],
)
def test_a_term_of_order_95_ends_on_its_last_day(name: str, event: date, last: date) -> None:
    assert CALENDAR.end_of_term(event, O95.terms[name]) == last


def test_lists_are_made_two_months_before_the_course() -> None:
    assert add_months(date(2027, 4, 30), -O95.terms["lists_before_course"].amount) == date(2027, 2, 28)


def test_the_whole_country_is_five_hours_ahead() -> None:
    assert datetime(2026, 1, 1, 20, 0, tzinfo=UTC).astimezone(TIME_ZONE) == datetime(2026, 1, 2, 1, 0, tzinfo=TIME_ZONE)
    assert datetime(2026, 7, 1, tzinfo=TIME_ZONE).utcoffset() == timedelta(hours=5)
