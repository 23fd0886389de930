"""Every threshold of the attestation order that the inventory lists as data (7.4), at its limit and one beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from docflow.core.scoring import Rounding, ScoreSheet, category_reached, mean
from docflow.regulations import KRG
from docflow.regulations.krg.decision import needed_points
from docflow.regulations.krg.portfolio import feedback_column, hours_column
from docflow.regulations.krg.sheets import GROUPS, PORTFOLIO
from docflow.regulations.profiles import PROFILES

PROFILE = PROFILES["krg"]
TEACHERS = ("moderator", "expert", "researcher", "master")
HEADS = ("third", "second", "first")

# Hours of courses by sheet: from how many hours each column is reached. Of two equal columns the higher one is.
HOURS = [
    ("P1", False, {1: 72, 2: 80, 3: 108}),
    ("P1", True, {1: 36, 2: 72, 3: 80}),
    ("P2", False, {1: 72, 2: 80, 3: 108}),
    ("P2", True, {1: 36, 2: 72, 3: 80}),
    ("P3", False, {0: 72, 1: 80, 2: 108}),
    ("P3", True, {0: 36, 1: 72, 2: 80}),
    ("P5", False, {0: 72, 1: 80, 2: 108}),
    ("P5", True, {0: 36, 1: 72, 2: 80}),
    ("P4", False, {0: 36, 1: 72, 2: 73}),  # more than 72
    ("P6", False, {0: 36, 1: 72, 2: 73}),
]
HOUR_LIMITS = [
    (code, preschool, column, hours) for code, preschool, columns in HOURS for column, hours in columns.items()
]


@pytest.mark.parametrize(("code", "preschool", "column", "hours"), HOUR_LIMITS)
def test_hours_of_courses_reach_a_column_and_one_hour_less_does_not(
    code: str, preschool: bool, column: int, hours: int
) -> None:
    sheet = PORTFOLIO[code]
    assert hours_column(sheet, hours, PROFILE, preschool=preschool) == column
    below = hours_column(sheet, hours - 1, PROFILE, preschool=preschool)
    assert below is None or below < column


@pytest.mark.parametrize(("column", "sheets"), [(0, 4), (1, 5), (2, 6), (3, 7)])
def test_feedback_sheets_of_a_methodist(column: int, sheets: int) -> None:
    assert feedback_column(PORTFOLIO["P2"], sheets, PROFILE) == column
    assert feedback_column(PORTFOLIO["P2"], sheets - 1, PROFILE) == (column - 1 if column else None)


@pytest.mark.parametrize(
    ("category", "needed"), [("moderator", 61), ("expert", 71), ("researcher", 81), ("master", 91)]
)
def test_the_mean_of_observations(category: str, needed: int) -> None:
    means = {each: int(PROFILE.threshold(f"observation_mean_{each}").value) for each in TEACHERS}
    assert category_reached(needed, means) == category
    assert category_reached(Fraction(10 * needed - 1, 10), means) != category
    # Half a point below is enough only where the organisation rounds.
    almost = mean([Fraction(2 * needed - 1, 2)] * 5, at_least=5)
    assert category_reached(almost, means) != category
    rounded = mean([Fraction(2 * needed - 1, 2)] * 5, at_least=5, rounding=Rounding.HALF_UP)
    assert category_reached(rounded, means) == category


def test_five_observation_sheets_make_a_mean_and_four_do_not() -> None:
    needed = int(PROFILE.threshold("observation_sheets_min").value)
    assert needed == 5
    assert mean([81] * needed, at_least=needed) == 81
    with pytest.raises(ValueError, match="at least 5"):
        mean([81] * (needed - 1), at_least=needed)


@pytest.mark.parametrize("group", GROUPS)
def test_the_totals_of_every_group_are_read_from_its_sheet(group: str) -> None:
    needed = needed_points(group, PROFILE)
    assert tuple(needed.values()) == GROUPS[group].totals_for(group).points
    for place, (category, points) in enumerate(needed.items()):
        assert category_reached(points, needed) == category
        assert category_reached(points - 1, needed) == (tuple(needed)[place - 1] if place else None)


@pytest.mark.parametrize(("category", "share"), [("third", 50), ("second", 60), ("first", 70)])
def test_the_share_with_a_course_on_inclusion_is_the_printed_one(category: str, share: int) -> None:
    assert PROFILE.threshold(f"inclusive_share_{category}").value == Fraction(share, 100)
    column = HEADS.index(category)
    for code in ("P3", "P5"):
        printed = [
            row.levels[column].asks
            for row in PORTFOLIO[code].indicators.values()
            if [level.asks[:3] for level in row.levels] == ["50%", "60%", "70%"]
        ]
        assert len(printed) == 1
        assert printed[0].startswith(f"{share}%")


@pytest.mark.parametrize(
    ("name", "words", "codes"),
    [
        ("site_updates_per_month_min", "айына", ("P3", "P4", "P5", "P6")),
        ("unt_points_min", "ҰБТ", ("P3",)),
        ("joint_authors_max", "автордан", ("P2", "P6")),
    ],
)
def test_numbers_inside_a_criterion_are_those_of_the_pack(name: str, words: str, codes: tuple[str, ...]) -> None:
    number = str(PROFILE.threshold(name).value)
    for code in codes:
        assert any(words in text and number in text for text in printed_on(PORTFOLIO[code])), code


def printed_on(sheet: ScoreSheet) -> Iterator[str]:
    for section in sheet.sections:
        yield section.evidence
        for row in section.indicators:
            yield " ".join((row.text, row.evidence, *(level.asks for level in row.levels)))
            yield from (f"{line.text} {' '.join(line.asks)}" for line in row.lines)


def test_another_act_may_ask_for_other_hours() -> None:
    hours = KRG.thresholds["pd_hours_master"]
    stricter = replace(KRG, thresholds={**KRG.thresholds, "pd_hours_master": replace(hours, value=120)})
    other = replace(PROFILE, regulations=(stricter,))
    assert hours_column(PORTFOLIO["P1"], 108, PROFILE, preschool=False) == 3
    assert hours_column(PORTFOLIO["P1"], 108, other, preschool=False) == 2
