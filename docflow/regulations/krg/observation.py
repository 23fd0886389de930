"""What an observation sheet comes to: its points while it is being filled, and its printed parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from docflow.core.regulations import Profile
from docflow.core.scoring import Excess, Number, ObservationSheet, observed
from docflow.regulations.krg.sheets.observation import O1, O2, O3
from docflow.regulations.krg.terms import SCHOOL_YEAR_MONTH, school_year

# By the type of the document that is the filled sheet.
SHEETS: Mapping[str, ObservationSheet] = {
    "observation_lesson": O1, "observation_preschool": O2, "observation_special": O3,
}  # fmt: skip
# No scale is printed; the setting observation_level_max chooses this one at most (inventory 4.6).
HIGHEST_LEVEL = 5


@dataclass(frozen=True)
class Figures:
    """The plain sum of the levels given so far, and the points on the printed scale once all are given."""

    given: int
    lines: int
    total: int
    most: int  # what the lines make with every level at its highest
    points: Number | None


def scale(profile: Profile) -> int:
    """Give the highest level of a descriptor, as the organisation has decided."""
    return int(profile.setting("observation_level_max"))


def excess(profile: Profile) -> Excess:
    """Say what is done where the lines do not make the printed maximum."""
    return Excess(profile.setting("observation_excess"))


def figures(sheet: ObservationSheet, levels: Sequence[int | None], profile: Profile) -> Figures:
    """Count a sheet that may be filled in part."""
    given = [level for level in levels if level is not None]
    lines, highest = len(sheet.descriptors), scale(profile)
    is_whole = len(levels) == len(given) == lines and all(0 <= level <= highest for level in given)
    points = observed(sheet, given, level_max=highest, excess=excess(profile)) if is_whole else None
    return Figures(len(given), lines, sum(given), lines * highest, points)


def first_counted_day(on: date) -> date:
    """Give the day from which observations count (appendix 8): «соңғы оқу жылы» is the one that has ended.

    Attestation begins in autumn, with the school year that runs; what is observed in it counts as well.
    """
    return date(school_year(on) - 1, SCHOOL_YEAR_MONTH, 1)


def as_written(number: Number | None) -> str:
    """Write an exact number as people do: 94, or 94,44 rounded half up."""
    if number is None:
        return ""
    exact = Fraction(number)
    if exact.denominator == 1:
        return str(exact.numerator)
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return str(value.quantize(Decimal("0.01"), ROUND_HALF_UP)).replace(".", ",")


def parts(sheet: ObservationSheet) -> list[dict[str, Any]]:
    """Give the sections of a sheet as data, with each descriptor's place in the list of levels."""
    places = iter(range(len(sheet.descriptors)))
    return [
        {
            "number": part.number,
            "title": part.title,
            "blocks": [
                {
                    # «4.1–4.2» stands for two numbers, each beside its own line.
                    "number": "" if "–" in block.number else block.number,
                    "title": block.title,
                    "lines": [
                        {"number": number, "text": text, "place": next(places)}
                        for number, text in zip(
                            _numbers(block.number, block.descriptors), block.descriptors, strict=True
                        )
                    ],
                }
                for block in part.blocks
            ],
        }
        for part in sheet.parts
    ]


def _numbers(block: str, descriptors: Sequence[str]) -> Sequence[str]:
    return block.split("–") if "–" in block else [""] * len(descriptors)
