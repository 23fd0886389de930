"""The days of the attestation order: the last day that is in time, and the one after it."""

from __future__ import annotations

from datetime import date

import pytest

from docflow.core.calendar import WorkCalendar
from docflow.core.regulations import Standing
from docflow.regulations import KRG, O95
from docflow.regulations.kazakhstan_calendar import kazakhstan_calendar
from docflow.regulations.krg.terms import (
    category_valid_until,
    commission_ends,
    head_applies_by,
    is_before_pension,
    is_open_for_applications,
    is_recent_graduate,
    is_retained_on_transfer,
    is_short_break,
    may_be_early,
    retained_until,
    school_year,
)


@pytest.fixture(scope="module")
def worked() -> WorkCalendar:
    return kazakhstan_calendar(())


@pytest.mark.parametrize(
    ("on", "continued_by", "found"),
    [
        (date(2024, 6, 19), "", Standing.NOT_YET),
        (date(2024, 6, 19), "№ 7-н", Standing.NOT_YET),
        (date(2024, 6, 20), "", Standing.IN_FORCE),
        (date(2024, 12, 31), "", Standing.IN_FORCE),
        (date(2025, 1, 1), "", Standing.EXPIRED),
        (date(2025, 1, 1), "  ", Standing.EXPIRED),
        (date(2025, 1, 1), "№ 7-н", Standing.CONTINUED),
    ],
)
def test_the_order_is_over_unless_the_organisation_goes_on(on: date, continued_by: str, found: Standing) -> None:
    assert KRG.standing(on, continued_by=continued_by) is found


def test_an_act_without_an_end_stays_in_force() -> None:
    assert O95.standing(date(2030, 1, 1)) is Standing.IN_FORCE


@pytest.mark.parametrize(("ladder", "until"), [("teacher", 2029), ("deputy", 2029), ("head", 2027)])
def test_a_category_holds_five_years_and_a_heads_three(ladder: str, until: int) -> None:
    assert category_valid_until(ladder, date(2024, 10, 1)) == date(until, 10, 1)


def test_a_category_of_a_leap_day_ends_on_the_last_of_february() -> None:
    assert category_valid_until("head", date(2024, 2, 29)) == date(2027, 2, 28)


def test_a_commission_sits_for_one_year() -> None:
    assert commission_ends(date(2024, 8, 30)) == date(2025, 8, 30)


@pytest.mark.parametrize(
    ("on", "is_open"),
    [
        (date(2024, 5, 31), False),
        (date(2024, 6, 1), True),
        (date(2024, 8, 31), True),
        (date(2025, 8, 31), False),
        (date(2025, 9, 1), True),
        (date(2025, 12, 31), True),
        (date(2026, 1, 1), False),
        (date(2025, 6, 15), False),  # the summer was that of 2024 only
    ],
)
def test_applications_are_taken_in_their_window(on: date, is_open: bool) -> None:
    assert is_open_for_applications(on) is is_open


def test_the_organisation_decides_whether_the_last_day_is_in_the_window() -> None:
    assert not is_open_for_applications(date(2025, 12, 31), last_day_counts=False)
    assert is_open_for_applications(date(2025, 12, 30), last_day_counts=False)


def test_a_school_year_begins_in_september() -> None:
    assert [school_year(day) for day in (date(2024, 8, 31), date(2024, 9, 1), date(2025, 8, 31))] == [2023, 2024, 2024]


@pytest.mark.parametrize(("on", "may"), [(date(2024, 10, 14), False), (date(2024, 10, 15), True)])
def test_early_is_two_years_after_the_regular_attestation(on: date, may: bool) -> None:
    assert may_be_early(date(2022, 10, 15), on) is may


def test_a_head_applies_six_months_before_the_end() -> None:
    assert head_applies_by(date(2025, 3, 31)) == date(2024, 9, 30)


def test_a_category_is_kept_for_two_years_at_most() -> None:
    assert retained_until(date(2024, 10, 1)) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("valid_until", "kept"),
    [
        (date(2025, 10, 1), True),
        (date(2025, 10, 2), False),
        (date(2024, 10, 1), True),
        (date(2024, 9, 30), False),
    ],
)
def test_on_transfer_a_category_with_a_year_left_is_kept(valid_until: date, kept: bool) -> None:
    assert is_retained_on_transfer(valid_until, date(2024, 10, 1)) is kept


@pytest.mark.parametrize(
    ("pension_day", "exempt"),
    [
        (date(2028, 9, 30), True),
        (date(2028, 10, 1), False),  # four years are not less than four
        (date(2024, 10, 1), False),  # the day itself has come
        (date(2024, 10, 2), True),
    ],
)
def test_less_than_four_years_to_the_pension_age_exempt(pension_day: date, exempt: bool) -> None:
    assert is_before_pension(pension_day, date(2024, 10, 1)) is exempt


@pytest.mark.parametrize(("on", "inside"), [(date(2024, 7, 1), True), (date(2024, 7, 2), False)])
def test_five_years_after_graduation_or_away_from_work(on: date, inside: bool) -> None:
    assert is_recent_graduate(date(2019, 7, 1), on) is inside
    assert is_short_break(date(2019, 7, 1), on) is inside


# Friday 25 October 2024 is the Day of the Republic: no working day.
@pytest.mark.parametrize(
    ("term", "last"),
    [
        ("application_notice", date(2024, 10, 24)),
        ("protocol_extract", date(2024, 10, 29)),
        ("head_extract", date(2024, 10, 29)),
        ("complaint_forwarding", date(2024, 10, 29)),
        ("complaint_provider", date(2024, 10, 31)),
        ("session_without_attestation", date(2024, 10, 31)),
        ("list_publication", date(2024, 11, 14)),
        ("complaint_quality_body", date(2024, 11, 14)),
    ],
)
def test_terms_in_working_days_pass_over_the_holiday(worked: WorkCalendar, term: str, last: date) -> None:
    assert worked.end_of_term(date(2024, 10, 23), KRG.terms[term]) == last
