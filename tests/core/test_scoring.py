"""The arithmetic of sheets: sums, the bonus, levels of one name, the category reached, the mean."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from docflow.core.scoring import (
    Block,
    Contradiction,
    Excess,
    Figures,
    Indicator,
    Level,
    Measure,
    ObservationSheet,
    Part,
    Rounding,
    ScoreSheet,
    Section,
    Totals,
    Work,
    category_reached,
    contradictions,
    mean,
    observed,
    points_of,
    required,
    sum_of,
    summed,
)

CONTEST = Indicator("1.1", "x", (Level(1), Level(2), Level(3), Level(4, maximum=5)), measure=Measure.WORKS, bonus=1)
TALK = Indicator("1.2", "x", (Level(1), Level(2), Level(3), Level(4, maximum=5)), measure=Measure.WORKS)
SPREAD = Indicator("2.1", "x", (Level(None), Level(None), Level(6, each=2), Level(9, each=3)), measure=Measure.WORKS)
PRINT = Indicator("2.2", "x", (Level(None), Level(None), Level(5, joint=2), Level(6, joint=2)), measure=Measure.WORKS)
HOURS = Indicator("3.1", "x", (Level(1), Level(1), Level(3), Level(4)))
SHEET = ScoreSheet(
    "S",
    "x",
    8,
    ("a", "b", "c", "d"),
    ("A", "B", "C", "D"),
    (Section("1", "x", (CONTEST, TALK)), Section("2", "x", (SPREAD, PRINT)), Section("3", "x", (HOURS,))),
    (
        Totals("all", "x", (3, 5, 20, 28), 30),
        Totals("some", "x", (2, 3, 16, 23), 24, left_out=("1.1",)),
        Totals("unnamed", "", (1, 2, 3, 4), 5, left_out=None),
    ),
    (),
)


@pytest.mark.parametrize(
    ("indicator", "works", "points"),
    [
        (CONTEST, (), 0),
        (CONTEST, (Work("olympiad", 0),), 1),
        (CONTEST, (Work("olympiad", 0), Work("olympiad", 2)), 3),  # one name: the highest level only
        (CONTEST, (Work("olympiad", 3), Work("contest", 3)), 8),  # different names add up
        (CONTEST, (Work("olympiad", 3, won=True),), 5),
        (CONTEST, (Work("olympiad", 3, won=True), Work("contest", 3, won=True)), 9),  # once for one level
        (CONTEST, (Work("olympiad", 3, won=True), Work("contest", 2, won=True)), 9),  # once for each level
        (CONTEST, (Work("olympiad", 1, won=True), Work("olympiad", 2)), 4),  # the win of the lower stage stays
        (CONTEST, (Work("olympiad", 1, won=True), Work("olympiad", 2, won=True)), 4),  # and is not a second one
        (TALK, (Work("talk", 3, won=True),), 5),  # no note: the number in brackets
        (TALK, (Work("talk", 2, won=True),), 3),  # and nothing where no brackets stand
        (SPREAD, (Work("programme", 2, pieces=1),), 2),
        (SPREAD, (Work("programme", 2, pieces=2),), 4),
        (SPREAD, (Work("programme", 2, pieces=3),), 6),
        (SPREAD, (Work("programme", 2, pieces=4),), 6),  # never more than the column prints
        (SPREAD, (Work("programme", 3, pieces=3),), 9),
        (SPREAD, (Work("programme", 1),), 0),  # a dash
        (PRINT, (Work("article", 3),), 6),
        (PRINT, (Work("article", 3, joint=True),), 2),
        (HOURS, (Work("80 hours", 2), Work("36 hours", 0)), 3),  # a state is one, it does not add up
    ],
)
def test_works_are_counted_as_the_note_says(indicator: Indicator, works: tuple[Work, ...], points: int) -> None:
    assert points_of(indicator, works) == points


def test_the_bonus_does_not_grow_with_the_number_of_winners() -> None:
    for winners in range(1, 6):
        works = [Work(f"contest {n}", 3, won=True) for n in range(winners)]
        assert points_of(CONTEST, works) == 4 * winners + 1


def test_the_order_in_which_works_are_shown_does_not_matter() -> None:
    shown = [Work("a", 1, won=True), Work("a", 3), Work("b", 2, won=True), Work("c", 0)]
    assert points_of(CONTEST, shown) == points_of(CONTEST, reversed(shown)) == 4 + 3 + 1 + 2


def test_a_sum_is_the_sum_of_what_is_filled_whatever_is_filled() -> None:
    numbers = tuple(SHEET.indicators)
    for given in product((None, 0, 3, Fraction(7, 2)), repeat=len(numbers)):
        points = {number: value for number, value in zip(numbers, given, strict=True) if value is not None}
        assert sum_of(SHEET, points) == sum(points.values())
        assert sum_of(SHEET, points, left_out=("1.1",)) == sum_of(SHEET, points) - points.get("1.1", 0)


def test_points_that_no_indicator_has_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sheet S has no indicator 9\.9"):
        sum_of(SHEET, {"9.9": 1})
    with pytest.raises(ValueError, match=r"points of 1\.1 are below nought"):
        sum_of(SHEET, {"1.1": -1})


def test_printed_and_summed_totals_are_both_kept() -> None:
    assert summed(SHEET, SHEET.totals[0]) == Totals("all", "x", (3, 5, 20, 27), 29)
    assert summed(SHEET, SHEET.totals[1]) == Totals("some", "x", (2, 3, 17, 23), 24, left_out=("1.1",))
    assert summed(SHEET, SHEET.totals[2]) is None
    assert contradictions(SHEET) == (
        Contradiction("all", "d", 28, 27),
        Contradiction("all", "", 30, 29),
        Contradiction("some", "c", 16, 17),
    )


def test_the_organisation_chooses_which_figures_decide() -> None:
    assert required(SHEET, "all") == {"a": 3, "b": 5, "c": 20, "d": 28}
    assert required(SHEET, "all", figures=Figures.SUMMED) == {"a": 3, "b": 5, "c": 20, "d": 27}
    assert required(SHEET, "unnamed", figures=Figures.SUMMED) == {"a": 1, "b": 2, "c": 3, "d": 4}


@pytest.mark.parametrize(
    ("points", "category"),
    [(0, None), (2, None), (3, "a"), (4, "a"), (5, "b"), (Fraction(39, 2), "b"), (20, "c"), (28, "d"), (99, "d")],
)
def test_the_category_is_the_highest_whose_points_are_reached(points: int | Fraction, category: str | None) -> None:
    assert category_reached(points, required(SHEET, "all")) == category


def observation(lines: int) -> ObservationSheet:
    block = Block("1.1", "x", tuple(str(n) for n in range(lines)))
    return ObservationSheet("O", "x", 9, (), (Part("1", "x", (block,)),), 102)


@pytest.mark.parametrize(
    ("lines", "level", "level_max", "excess", "points"),
    [
        (34, 3, 3, Excess.NORMALISE, 102),
        (34, 2, 3, Excess.NORMALISE, 68),
        (34, 0, 3, Excess.NORMALISE, 0),
        (36, 3, 3, Excess.NORMALISE, 102),
        (36, 3, 3, Excess.CAP, 102),
        (36, 2, 3, Excess.NORMALISE, 68),
        (36, 2, 3, Excess.CAP, 72),
        (33, 3, 3, Excess.NORMALISE, 102),
        (33, 3, 3, Excess.CAP, 99),
        (34, 4, 4, Excess.NORMALISE, 102),
    ],
)
def test_an_observation_is_on_the_scale_of_its_maximum(
    lines: int, level: int, level_max: int, excess: Excess, points: int
) -> None:
    assert observed(observation(lines), [level] * lines, level_max=level_max, excess=excess) == points


def test_a_level_is_given_for_every_descriptor_and_within_the_scale() -> None:
    with pytest.raises(ValueError, match="has 34 descriptors, 33 have a level"):
        observed(observation(34), [3] * 33, level_max=3)
    with pytest.raises(ValueError, match="from 0 to 3"):
        observed(observation(34), [4, *[3] * 33], level_max=3)


def test_the_mean_is_exact_unless_the_organisation_rounds() -> None:
    assert mean([80, 81, 81, 81, 81], at_least=5) == Fraction(404, 5)
    assert mean([80, 81, 81, 81, 81], at_least=5, rounding=Rounding.HALF_UP) == 81
    assert mean([80, 80, 81, 81, 80, 81], at_least=5, rounding=Rounding.HALF_UP) == 81
    assert mean([80, 80, 80, 81, 81], at_least=5, rounding=Rounding.HALF_UP) == 80


def test_four_observations_are_too_few() -> None:
    with pytest.raises(ValueError, match="4 observation sheets, at least 5"):
        mean([90] * 4, at_least=5)
    assert mean([90] * 5, at_least=5) == 90
