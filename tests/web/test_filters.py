"""What the pages make of values."""

from __future__ import annotations

from datetime import UTC, date, datetime

from docflow.web.filters import short_day


def test_a_day_on_a_page_is_the_day_in_kazakhstan() -> None:
    # Four in the morning of the next day in Almaty, five hours ahead.
    assert short_day(datetime(2026, 11, 20, 23, 0, tzinfo=UTC)) == "21.11.2026"
    assert short_day(date(2026, 11, 20)) == "20.11.2026"
