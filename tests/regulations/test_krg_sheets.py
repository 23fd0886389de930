"""The sheets of the attestation order: thresholds at the limit and beside it, and words as printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import pytest

from docflow.core.scoring import Figures, Measure, category_reached, mean, observed, required, sum_of
from docflow.regulations import KRG
from docflow.regulations.krg.sheets import CONTRADICTIONS, GROUPS, OBSERVATION, PORTFOLIO

SEEDS = Path(__file__).parents[3] / "shared" / "domain" / "seeds"
TEACHERS = ("moderator", "expert", "researcher", "master")
HEADS = ("third", "second", "first")

# Inventory, 7.4: what is printed under each sheet.
PRINTED = [
    ("P1", "teacher", TEACHERS, (68, 84, 113, 134), 148),
    ("P1", "special_group", TEACHERS, (67, 82, 110, 130), 144),
    ("P2", "methodist", TEACHERS, (10, 15, 35, 48), 51),
    ("P2", "cabinet_methodist", TEACHERS, (9, 13, 32, 44), 46),
    ("P3", "head", HEADS, (38, 49, 62), 65),
    ("P3", "tve_head", HEADS, (36, 46, 58), 61),
    ("P3", "preschool_head", HEADS, (34, 43, 54), 57),
    ("P3", "unlabelled_a", HEADS, (32, 40, 50), 53),
    ("P3", "unlabelled_b", HEADS, (30, 37, 46), 49),
    ("P4", "cabinet_head", HEADS, (18, 24, 30), 31),
    ("P5", "deputy", HEADS, (30, 47, 62), 67),
    ("P5", "preschool_deputy", HEADS, (28, 44, 58), 67),
    ("P6", "cabinet_deputy", HEADS, (14, 25, 32), 35),
]
# By sheet: the row of totals, the category (empty: the maximum), what is printed and what the rows make.
DIFFERING = {
    "P1": [("teacher", "", 148, 149)],
    "P3": [("head", "", 65, 66), ("tve_head", "", 61, 62), ("preschool_head", "", 57, 58)],
    "P4": [("cabinet_head", "", 31, 32)],
    "P5": [
        ("deputy", "second", 47, 48),
        ("deputy", "first", 62, 64),
        ("deputy", "", 67, 70),
        ("preschool_deputy", "second", 44, 45),
        ("preschool_deputy", "first", 58, 60),
        ("preschool_deputy", "", 67, 66),
    ],
}
LIMITS = [
    (sheet, group, categories, column, minimum)
    for sheet, group, categories, points, _ in PRINTED
    for column, minimum in enumerate(points)
]


@pytest.mark.parametrize(("sheet", "group", "categories", "points", "maximum"), PRINTED)
def test_a_sheet_has_the_printed_totals(
    sheet: str, group: str, categories: tuple[str, ...], points: tuple[int, ...], maximum: int
) -> None:
    row = PORTFOLIO[sheet].totals_for(group)
    assert (PORTFOLIO[sheet].categories, row.points, row.maximum) == (categories, points, maximum)
    assert (group in GROUPS) is bool(row.label)


def test_no_row_of_totals_is_left_out_of_the_table_above() -> None:
    assert {(sheet, group) for sheet, group, *_ in PRINTED} == {
        (sheet.code, row.key) for sheet in PORTFOLIO.values() for row in sheet.totals
    }


@pytest.mark.parametrize(("sheet", "group", "categories", "column", "minimum"), LIMITS)
def test_a_category_is_reached_at_its_limit_and_not_one_point_below(
    sheet: str, group: str, categories: tuple[str, ...], column: int, minimum: int
) -> None:
    needed = required(PORTFOLIO[sheet], group)
    assert category_reached(minimum, needed) == categories[column]
    below = categories[column - 1] if column else None
    assert category_reached(minimum - 1, needed) == below
    assert category_reached(Fraction(10 * minimum - 1, 10), needed) == below


def test_printed_totals_that_are_not_the_sums_are_known_with_both_figures() -> None:
    found = {
        sheet: [(each.totals, each.category, each.printed, each.summed) for each in each_found]
        for sheet, each_found in CONTRADICTIONS.items()
    }
    assert found == DIFFERING


def test_the_sums_decide_only_when_the_organisation_says_so() -> None:
    deputy = PORTFOLIO["P5"]
    assert category_reached(63, required(deputy, "deputy")) == "first"
    assert category_reached(63, required(deputy, "deputy", figures=Figures.SUMMED)) == "second"
    assert category_reached(64, required(deputy, "deputy", figures=Figures.SUMMED)) == "first"


@pytest.mark.parametrize("code", PORTFOLIO)
def test_the_points_of_one_column_reach_its_category(code: str) -> None:
    sheet = PORTFOLIO[code]
    for column, category in enumerate(sheet.categories):
        given = {number: row.levels[column].points or 0 for number, row in sheet.indicators.items()}
        for row in sheet.totals:
            if row.left_out is not None:
                points = sum_of(sheet, given, left_out=row.left_out)
                assert category_reached(points, required(sheet, row.key)) == category


@pytest.mark.parametrize("code", PORTFOLIO)
def test_every_indicator_has_a_column_for_every_category_and_a_unique_number(code: str) -> None:
    sheet = PORTFOLIO[code]
    rows = [row for section in sheet.sections for row in section.indicators]
    assert len({row.number for row in rows}) == len(rows)
    assert len(sheet.column_titles) == len(sheet.categories)
    for row in rows:
        assert len(row.levels) == len(sheet.categories), row.number
        assert all(len(line.asks) == len(sheet.categories) for line in row.lines), row.number
    assert KRG.appendix(sheet.appendix)
    assert asdict(sheet)["code"] == code


def test_teaching_is_the_mean_of_five_observations() -> None:
    row = PORTFOLIO["P1"].indicators["1.2"]
    assert row.measure is Measure.MEAN
    names = [f"observation_mean_{category}" for category in PORTFOLIO["P1"].categories]
    assert [level.points for level in row.levels] == [KRG.thresholds[name].value for name in names]
    assert row.levels[-1].maximum == KRG.thresholds["observation_points_max"].value


@pytest.mark.parametrize(("minimum", "category"), list(zip((61, 71, 81, 91), TEACHERS, strict=True)))
def test_a_mean_of_observations_at_its_limit_and_beside_it(minimum: int, category: str) -> None:
    needed = {each: int(KRG.thresholds[f"observation_mean_{each}"].value) for each in TEACHERS}
    at_least = int(KRG.thresholds["observation_sheets_min"].value)
    assert category_reached(mean([minimum] * 5, at_least=at_least), needed) == category
    just_below = mean([minimum] * 4 + [minimum - 1], at_least=at_least)
    assert category_reached(just_below, needed) != category


@pytest.mark.parametrize(("code", "name"), [("P1", "pd_hours"), ("P2", "pd_hours"), ("P3", "pd_hours_head")])
def test_the_hours_of_courses_are_those_of_the_pack(code: str, name: str) -> None:
    sheet = PORTFOLIO[code]
    row = sheet.sections[-1].indicators[-1]
    printed = [int(re.match(r"\d+", level.asks)[0]) for level in row.levels]
    assert printed == [KRG.thresholds[f"{name}_{category}"].value for category in sheet.categories]


@pytest.mark.parametrize(("code", "lines"), [("O1", 34), ("O2", 34), ("O3", 36)])
def test_an_observation_sheet_has_its_descriptors_and_is_never_above_102(code: str, lines: int) -> None:
    sheet = OBSERVATION[code]
    assert len(sheet.descriptors) == lines
    assert observed(sheet, [3] * lines, level_max=3) == 102 == sheet.maximum
    assert observed(sheet, [3] * (lines - 1) + [2], level_max=3) < 102


def printed_words() -> Iterator[str]:
    for sheet in PORTFOLIO.values():
        yield from (sheet.title, *sheet.column_titles, *sheet.recommendations, *(row.label for row in sheet.totals))
        lines = [*sheet.unscored]
        for section in sheet.sections:
            yield from (section.title, section.evidence)
            for row in section.indicators:
                yield from (row.text, row.evidence, *(level.asks for level in row.levels))
                lines += row.lines
        for line in lines:
            yield from (line.text, *line.asks)
    for seen in OBSERVATION.values():
        yield from (seen.title, *seen.header, *seen.descriptors)
        for part in seen.parts:
            yield from (part.title, *(block.title for block in part.blocks))


def unspaced(text: str) -> str:
    """Drop marks and spaces: the columns of the printed tables space words as they need."""
    return re.sub(r"<[^>]+>|\s+", "", text)


def torn(words: str, text: str) -> int:
    """Count the pieces in which *words* stand in *text*; a table cell is torn where a page ends."""
    rest, pieces = unspaced(words), 0
    while rest:
        length = next((n for n in range(len(rest), 0, -1) if rest[:n] in text), 0)
        if not length:
            return len(words)
        rest, pieces = rest[length:], pieces + 1
    return pieces


def test_the_words_of_the_sheets_are_verbatim() -> None:
    if not SEEDS.is_dir():
        pytest.skip(f"the texts of the acts are not at {SEEDS}")
    text = unspaced(next(SEEDS.glob("002_*.txt")).read_text(encoding="utf-8"))
    for words in set(printed_words()):
        assert torn(words, text) <= 2, words
