"""Score and observation sheets as data, and their arithmetic: exact numbers in, exact numbers out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

Number = int | Fraction


class Measure(StrEnum):
    """How the points of an indicator come about."""

    STATE = "state"  # one level is reached: a dynamic, a number of hours, what a building has
    WORKS = "works"  # works are shown, those of different names add up
    MEAN = "mean"  # the mean of observation sheets itself


class Figures(StrEnum):
    """Which total counts where the printed one is not the sum of the rows."""

    PRINTED = "printed"
    SUMMED = "summed"


class Excess(StrEnum):
    """What is done where the lines of an observation sheet do not make its printed maximum."""

    NORMALISE = "normalise"
    CAP = "cap"


class Rounding(StrEnum):
    NONE = "none"
    HALF_UP = "half_up"


@dataclass(frozen=True)
class Level:
    """One column of an indicator: what it asks, and its points; ``None`` where a dash is printed.

    ``maximum`` is the number printed in brackets; ``each`` the points of one piece, «1 үшін 2 ұпай»;
    ``joint`` the points of a work with joint authors.
    """

    points: int | None
    asks: str = ""
    maximum: int | None = None
    each: int | None = None
    joint: int | None = None


@dataclass(frozen=True)
class Line:
    """A further printed line: for whom or by whom, and what it asks by column."""

    text: str
    asks: tuple[str, ...]


@dataclass(frozen=True)
class Indicator:
    """A numbered row. ``bonus`` is what a note adds for a winner, whatever the number of winners."""

    number: str
    text: str
    levels: tuple[Level, ...]
    evidence: str = ""
    lines: tuple[Line, ...] = ()
    measure: Measure = Measure.STATE
    bonus: int = 0

    def bonus_at(self, level: int) -> int:
        """Give the bonus of a column: by the note, or by the number in brackets where no note stands."""
        column = self.levels[level]
        return self.bonus or (column.maximum or column.points or 0) - (column.points or 0)


@dataclass(frozen=True)
class Section:
    number: str
    title: str
    indicators: tuple[Indicator, ...]
    evidence: str = ""


@dataclass(frozen=True)
class Totals:
    """A printed row of totals: by category, lowest first, and the maximum in brackets.

    ``left_out`` are the indicators not asked of these people; ``None``: the sheet does not say which.
    """

    key: str
    label: str
    points: tuple[int, ...]
    maximum: int
    left_out: tuple[str, ...] | None = ()


@dataclass(frozen=True)
class ScoreSheet:
    """A portfolio sheet: one member of the commission fills it for one person."""

    code: str
    title: str
    appendix: int
    categories: tuple[str, ...]
    column_titles: tuple[str, ...]
    sections: tuple[Section, ...]
    totals: tuple[Totals, ...]
    recommendations: tuple[str, ...]
    unscored: tuple[Line, ...] = ()  # printed with levels and without points

    @property
    def indicators(self) -> Mapping[str, Indicator]:
        return {row.number: row for section in self.sections for row in section.indicators}

    def totals_for(self, key: str) -> Totals:
        return next(row for row in self.totals if row.key == key)


@dataclass(frozen=True)
class Work:
    """What is shown under an indicator: its name, the column it reached, whether it won, with whom.

    ``pieces`` counts where the points are printed for one piece.
    """

    name: str
    level: int
    won: bool = False
    joint: bool = False
    pieces: int | None = None


@dataclass(frozen=True)
class Contradiction:
    """A printed number that is not the sum of the rows; both are shown."""

    totals: str
    category: str  # empty: the maximum in brackets
    printed: int
    summed: int


def points_of(indicator: Indicator, works: Iterable[Work]) -> int:
    """Count *works*: of one name the highest, of different names all, the bonus once a level."""
    shown = tuple(works)
    best: dict[str, int] = {}
    won: dict[str, int] = {}
    for work in shown:
        best[work.name] = max(best.get(work.name, 0), _points(indicator.levels[work.level], work))
        if work.won:
            won[work.name] = max(won.get(work.name, 0), work.level)
    counted = sum(best.values()) if indicator.measure is Measure.WORKS else max(best.values(), default=0)
    return counted + sum(indicator.bonus_at(level) for level in set(won.values()))


def _points(level: Level, work: Work) -> int:
    points = level.points or 0
    if work.joint and level.joint is not None:
        return level.joint
    if level.each is not None and work.pieces is not None:
        return min(points, level.each * work.pieces)
    return points


def sum_of(sheet: ScoreSheet, points: Mapping[str, Number], *, left_out: Sequence[str] = ()) -> Number:
    """Add the points given for the indicators of *sheet*; a partly filled sheet has its sum too.

    ``ValueError`` names an indicator that the sheet does not have, or points below nought.
    """
    unknown = set(points) - set(sheet.indicators)
    if unknown:
        raise ValueError(f"sheet {sheet.code} has no indicator {', '.join(sorted(unknown))}")
    negative = sorted(number for number, given in points.items() if given < 0)
    if negative:
        raise ValueError(f"points of {', '.join(negative)} are below nought")
    return sum((given for number, given in points.items() if number not in left_out), start=0)


def summed(sheet: ScoreSheet, totals: Totals) -> Totals | None:
    """Give the totals that the rows of *sheet* make; ``None`` where it is not said which rows count."""
    left_out = totals.left_out
    if left_out is None:
        return None
    rows = [row for row in sheet.indicators.values() if row.number not in left_out]
    points = tuple(sum(row.levels[column].points or 0 for row in rows) for column in range(len(sheet.categories)))
    return Totals(totals.key, totals.label, points, sum(_most(row) for row in rows), left_out)


def _most(row: Indicator) -> int:
    last = row.levels[-1]
    return (last.points or 0) + row.bonus_at(len(row.levels) - 1)


def contradictions(sheet: ScoreSheet) -> tuple[Contradiction, ...]:
    """List where the printed totals of *sheet* are not the sums of its rows."""
    found = []
    for row in sheet.totals:
        own = summed(sheet, row)
        if own is None:
            continue
        for category, printed, counted in zip(
            (*sheet.categories, ""), (*row.points, row.maximum), (*own.points, own.maximum), strict=True
        ):
            if printed != counted:
                found.append(Contradiction(row.key, category, printed, counted))
    return tuple(found)


def required(sheet: ScoreSheet, key: str, *, figures: Figures = Figures.PRINTED) -> Mapping[str, int]:
    """Give the points that each category needs, lowest category first; what cannot be summed is as printed."""
    printed = sheet.totals_for(key)
    counted = printed if figures is Figures.PRINTED else summed(sheet, printed) or printed
    return dict(zip(sheet.categories, counted.points, strict=True))


def category_reached(points: Number, needed: Mapping[str, int]) -> str | None:
    """Name the highest category whose points are reached; ``None``: not even the lowest."""
    reached = None
    for category, minimum in needed.items():
        if points >= minimum:
            reached = category
    return reached


@dataclass(frozen=True)
class Block:
    """A numbered criterion of an observation sheet and its descriptors, each given a level."""

    number: str
    title: str
    descriptors: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    number: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class ObservationSheet:
    """A sheet that an observer fills and signs, and that the teacher acknowledges."""

    code: str
    title: str
    appendix: int
    header: tuple[str, ...]
    parts: tuple[Part, ...]
    maximum: int

    @property
    def descriptors(self) -> tuple[str, ...]:
        return tuple(line for part in self.parts for block in part.blocks for line in block.descriptors)


def observed(
    sheet: ObservationSheet, levels: Sequence[int], *, level_max: int, excess: Excess = Excess.NORMALISE
) -> Number:
    """Give the points of a filled observation sheet, on the scale of its printed maximum.

    ``ValueError``: not one level for each descriptor, or a level outside nought to *level_max*.
    """
    lines = len(sheet.descriptors)
    if len(levels) != lines:
        raise ValueError(f"sheet {sheet.code} has {lines} descriptors, {len(levels)} have a level")
    if not all(0 <= level <= level_max for level in levels):
        raise ValueError(f"a level is from 0 to {level_max}")
    given, most = sum(levels), lines * level_max
    if most != sheet.maximum and excess is Excess.NORMALISE:
        return Fraction(given * sheet.maximum, most)
    return min(given, sheet.maximum)


def mean(points: Sequence[Number], *, at_least: int, rounding: Rounding = Rounding.NONE) -> Number:
    """Give the arithmetic mean of *points*; ``ValueError`` if there are fewer sheets than *at_least*."""
    if len(points) < max(at_least, 1):
        raise ValueError(f"{len(points)} observation sheets, at least {at_least} are needed")
    exact = Fraction(sum(points, start=Fraction(0)), len(points))
    return (exact + Fraction(1, 2)).__floor__() if rounding is Rounding.HALF_UP else exact
