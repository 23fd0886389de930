"""A filled portfolio sheet: which points its lines allow, its sums, and what the claimed category needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from docflow.core.regulations import Clause, Profile
from docflow.core.rules import Content
from docflow.core.scoring import (
    Figures,
    Indicator,
    Measure,
    Number,
    Rounding,
    ScoreSheet,
    Totals,
    Work,
    category_reached,
    mean,
    points_of,
    required,
    sum_of,
)
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.observation import SHEETS as OBSERVED
from docflow.regulations.krg.observation import figures, first_counted_day
from docflow.regulations.krg.sheets import CONTRADICTIONS, GROUPS, PORTFOLIO

# Which type of document each sheet is.
TYPES: Mapping[str, ScoreSheet] = {
    "portfolio_teacher": PORTFOLIO["P1"],
    "portfolio_methodist": PORTFOLIO["P2"],
    "portfolio_head": PORTFOLIO["P3"],
    "portfolio_cabinet_head": PORTFOLIO["P4"],
    "portfolio_deputy": PORTFOLIO["P5"],
    "portfolio_cabinet_deputy": PORTFOLIO["P6"],
}

# What a member may recommend, in the order in which each sheet prints it.
TEACHERS_RECOMMENDATIONS = ("claimed", "not", "lower")
HEADS_RECOMMENDATIONS = ("claimed", "lower", "re_attestation")

# The lines that docflow can count itself, by sheet.
HOURS_LINES: Mapping[str, str] = {"P1": "4.1", "P2": "4.1", "P3": "5.1", "P4": "4.1", "P5": "5.1", "P6": "3.1"}
MEAN_LINES: Mapping[str, str] = {"P1": "1.2"}
FEEDBACK_LINES: Mapping[str, str] = {"P2": "1.1"}

# Under which line an achievement of the card stands, by what it is.
ACHIEVEMENT_LINES: Mapping[str, Mapping[str, str]] = {
    "P1": {
        "pupils_contest": "2.1", "own_contest": "2.2", "spreading": "3.1", "talk": "3.2", "publication": "3.3",
        "group": "3.4", "materials": "3.5",
    },
    "P2": {
        "research": "2.1", "own_contest": "2.2", "spreading": "3.1", "talk": "3.2", "publication": "3.3",
        "group": "3.4", "materials": "3.5",
    },
    "P3": {"pupils_contest": "2.4", "materials": "4.1", "research": "4.2", "group": "4.3"},
    "P4": {"materials": "3.1", "research": "3.2", "group": "3.3"},
    "P5": {
        "pupils_contest": "2.3", "own_contest": "3.5", "materials": "4.1", "talk": "4.2", "publication": "4.3",
        "research": "4.4", "group": "4.5",
    },
    "P6": {"materials": "2.1", "talk": "2.2", "publication": "2.3", "research": "2.4", "group": "2.5"},
}  # fmt: skip
# The columns are levels, lowest first: teachers' begin with the organisation, heads' with the district.
ACHIEVEMENT_LEVELS = ("organisation", "district", "region", "republic")

_PRESCHOOL_GROUPS = frozenset({"preschool_head", "preschool_deputy", "cabinet_methodist"})
_HOURS_BY_SHEET = {"P1": "pd_hours", "P2": "pd_hours", "P3": "pd_hours_head", "P5": "pd_hours_head",
                   "P4": "pd_hours_cabinet_head", "P6": "pd_hours_cabinet_head"}  # fmt: skip


def clause_of(sheet: ScoreSheet) -> Clause:
    return KRG.appendix(sheet.appendix)


def recommendations_of(sheet: ScoreSheet) -> tuple[str, ...]:
    return HEADS_RECOMMENDATIONS if sheet.appendix == 11 else TEACHERS_RECOMMENDATIONS


def totals_of(content: Content) -> Totals | None:
    """The row of totals by which the person is judged; ``None``: not chosen, or one that bears no label."""
    key = str(content.get("sheet_group") or "")
    sheet = GROUPS.get(key)
    return sheet.totals_for(key) if sheet is not None else None


def groups_of(sheet: ScoreSheet) -> tuple[Totals, ...]:
    return tuple(row for row in sheet.totals if GROUPS.get(row.key) is sheet)


# ---------------------------------------------------------------- lines


def lines_of(content: Content, number: str) -> list[tuple[int, Mapping[str, Any]]]:
    """The lines of one indicator with their places, from 1: several where several works are shown."""
    rows = enumerate(content.get("rows") or (), start=1)
    return [(place, row) for place, row in rows if row.get("number") == number]


def work_in(indicator: Indicator, row: Mapping[str, Any]) -> Work | None:
    """The work of a line; ``None`` where no column is chosen, or one that the sheet does not print."""
    level = row.get("level")
    if not isinstance(level, int) or not 0 <= level < len(indicator.levels):
        return None
    name = " ".join(str(row.get("evidence") or "").split()).casefold()
    return Work(name, level, bool(row.get("won")), bool(row.get("joint")), row.get("pieces"))


def most_for(indicator: Indicator, row: Mapping[str, Any]) -> int:
    """The points that a line can have at most: by its column, as a mean up to the printed maximum."""
    if indicator.measure is Measure.MEAN:
        last = indicator.levels[-1]
        return last.maximum or last.points or 0
    work = work_in(indicator, row)
    return points_of(indicator, [work]) if work else 0


def most_for_all(indicator: Indicator, rows: Iterable[Mapping[str, Any]]) -> int:
    """The points of all works of an indicator together: one name once, the bonus once a level."""
    return points_of(indicator, [work for row in rows if (work := work_in(indicator, row))])


def column_of(indicator: Indicator, points: Number) -> int | None:
    """The highest column whose points are reached, where the points decide: a mean of observations."""
    reached = [place for place, level in enumerate(indicator.levels) if points >= (level.points or 0)]
    return max(reached, default=None)


# ---------------------------------------------------------------- sums


def given(sheet: ScoreSheet, content: Content) -> dict[str, int]:
    """The points of each indicator that is on the sheet; what is not filled in yet is left out."""
    points: dict[str, int] = {}
    for row in content.get("rows") or ():
        number = row.get("number")
        if number in sheet.indicators and isinstance(row.get("points"), int):
            points[number] = points.get(number, 0) + max(row["points"], 0)
    return points


def total_of(content: Content) -> int:
    """The total of a sheet, without the lines that are not asked of the person's group."""
    totals = totals_of(content)
    if totals is None:
        return 0
    sheet = GROUPS[totals.key]
    return int(sum_of(sheet, given(sheet, content), left_out=totals.left_out or ()))


def section_totals(sheet: ScoreSheet, content: Content) -> dict[str, int]:
    """The sums by section, of the lines that count for the person's group."""
    points, totals = given(sheet, content), totals_of(content)
    left_out = (totals.left_out if totals else None) or ()
    return {
        section.number: sum(points.get(row.number, 0) for row in section.indicators if row.number not in left_out)
        for section in sheet.sections
    }


def figures_of(profile: Profile) -> Figures:
    return Figures(profile.setting("portfolio_figures"))


def needed_by(content: Content, figures: Figures) -> Mapping[str, int]:
    """What each category needs in the person's group; empty where the group is not known."""
    totals = totals_of(content)
    return required(GROUPS[totals.key], totals.key, figures=figures) if totals else {}


def needed_for(content: Content, profile: Profile) -> int | None:
    """What the claimed category needs; ``None`` where the sheet has no column for it."""
    return needed_by(content, figures_of(profile)).get(str(content.get("claimed") or ""))


def contradicting(content: Content) -> tuple[tuple[str, int, int], ...]:
    """Category, printed and summed figure of each contradiction in the person's row of totals."""
    totals = totals_of(content)
    if totals is None:
        return ()
    found = CONTRADICTIONS.get(GROUPS[totals.key].code, ())
    return tuple((each.category, each.printed, each.summed) for each in found if each.totals == totals.key)


@dataclass(frozen=True)
class Outcome:
    """What the total says: a recommendation, and the category where it is a lower one."""

    recommendation: str
    category: str = ""


def outcome_of(content: Content, profile: Profile) -> Outcome | None:
    """What the total comes to; ``None`` where totals do not decide, or the sheet has no such column."""
    needed = needed_by(content, figures_of(profile))
    claimed = str(content.get("claimed") or "")
    if profile.setting("portfolio_totals_decide") != "yes" or claimed not in needed:
        return None
    total = total_of(content)
    if total >= needed[claimed]:
        return Outcome("claimed", claimed)
    lower = category_reached(total, needed)
    if lower is not None and _is_lower(lower, claimed, needed):
        return Outcome("lower", lower)
    sheet = GROUPS[str(content["sheet_group"])]
    return Outcome("re_attestation" if "re_attestation" in recommendations_of(sheet) else "not")


def _is_lower(category: str, claimed: str, needed: Mapping[str, int]) -> bool:
    order = list(needed)
    return order.index(category) < order.index(claimed)


# ---------------------------------------------------------------- what can be counted


def observation_points(
    sheets: Sequence[tuple[str, Content]], profile: Profile, *, on: date
) -> tuple[list[Number], Number | None]:
    """The points of the observation sheets that count on a day, and their mean if they are enough.

    *sheets* are type and content; a sheet with a line still empty does not count.
    """
    points = [found for kind, content in sheets if (found := _observed(kind, content, profile, on)) is not None]
    at_least = int(profile.threshold("observation_sheets_min").value)
    if len(points) < at_least:
        return points, None
    rounding = Rounding(profile.setting("observation_mean_rounding"))
    return points, mean(points, at_least=at_least, rounding=rounding)


def _observed(kind: str, content: Content, profile: Profile, on: date) -> Number | None:
    sheet, observed_on = OBSERVED.get(kind), str(content.get("observed_on") or "")
    if sheet is None or not first_counted_day(on).isoformat() <= observed_on <= on.isoformat():
        return None
    return figures(sheet, content.get("levels") or (), profile).points


def is_preschool(content: Content) -> bool:
    """Whether the smaller number of hours is asked: preschools, methodists of methodical cabinets."""
    return str(content.get("sheet_group") or "") in _PRESCHOOL_GROUPS or bool(content.get("is_preschool"))


def hours_column(sheet: ScoreSheet, hours: int, profile: Profile, *, preschool: bool) -> int | None:
    """The highest column that so many hours of courses reach; ``None``: not even the lowest."""
    prefix = _HOURS_BY_SHEET[sheet.code]
    if preschool and prefix != "pd_hours_cabinet_head":
        prefix = prefix.replace("pd_hours", "pd_hours_preschool")
    reached = [
        place for place, category in enumerate(sheet.categories) if _has_hours(f"{prefix}_{category}", hours, profile)
    ]
    return max(reached, default=None)


def _has_hours(name: str, hours: int, profile: Profile) -> bool:
    # «72 сағаттан астам» of the cabinets' first category is more than 72, all others «from».
    if name == "pd_hours_cabinet_head_first":
        return hours > profile.threshold("pd_hours_cabinet_head_first_over").value
    return hours >= profile.threshold(name).value


def achievement_column(sheet: ScoreSheet, number: str, level: str) -> int | None:
    """The column of an achievement of this level; ``None`` where the line has a dash, or no such column."""
    level = "republic" if level == "international" else level
    levels = ACHIEVEMENT_LEVELS[-len(sheet.categories) :]
    if level not in levels or sheet.indicators[number].levels[levels.index(level)].points is None:
        return None
    return levels.index(level)


def feedback_column(sheet: ScoreSheet, sheets: int, profile: Profile) -> int | None:
    """The highest column that so many observation sheets filled by the methodist reach."""
    reached = [
        place
        for place, category in enumerate(sheet.categories)
        if sheets >= profile.threshold(f"feedback_sheets_{category}").value
    ]
    return max(reached, default=None)
