"""An observation sheet while it is being filled: what it comes to, beside what the categories ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from docflow.core.errors import NotFound
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Permission
from docflow.core.regulations import Profile, Text
from docflow.core.scoring import Excess, Number, Rounding, mean
from docflow.models import Document
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.observation import SHEETS, Figures, as_written, excess, figures, parts, scale
from docflow.regulations.krg.portfolio import observation_points
from docflow.regulations.krg.vocabulary import TEACHER_CATEGORIES
from docflow.services import documents, papers, routing
from docflow.services.environment import local_day

# What the order leaves open about these sheets.
SETTINGS = ("observation_level_max", "observation_excess", "observation_mean_rounding")
CATEGORIES = ("moderator", "expert", "researcher", "master")


@dataclass(frozen=True)
class Threshold:
    """The mean that a category asks for (appendix 8, row 1.2); of fewer sheets than asked for none is reached."""

    title: Text
    least: int
    is_reached: bool


@dataclass(frozen=True)
class Sums:
    """The figures of a sheet and of the teacher's other sheets, and all by which a page goes on counting."""

    figures: Figures
    points: str
    maximum: int
    highest: int
    others: tuple[Number, ...]
    mean: str
    at_least: int
    thresholds: tuple[Threshold, ...]
    is_normalised: bool
    rounding: Rounding
    settings: tuple[tuple[Text, Text], ...]

    @property
    def sheets(self) -> int:
        return len(self.others) + (self.figures.points is not None)


def get(document_id: int, *, actor: Actor) -> Document:
    """The sheet, if the actor may see it; ``NotFound`` also for a document of another type."""
    document = documents.get(document_id, actor=actor)
    if document.type not in SHEETS:
        raise NotFound(_l("There is no such document, or you may not see it."))
    return document


def printed_parts(document: Document) -> list[dict[str, Any]]:
    """The sections of the sheet as the order prints them, each descriptor with its place among the levels."""
    return parts(SHEETS[document.type])


def sums(document: Document, levels: Sequence[int | None], *, actor: Actor, now: datetime) -> Sums:
    """Count *levels*, which may have gaps; the mean takes those of the teacher's other sheets that the actor sees."""
    sheet, profile = SHEETS[document.type], papers.profile_of(document.organisation)
    found, rounding = figures(sheet, levels, profile), Rounding(profile.setting("observation_mean_rounding"))
    others = _others(document, profile, actor=actor, now=now)
    points = [*others, *([] if found.points is None else [found.points])]
    at_least = int(profile.threshold("observation_sheets_min").value)
    average = Fraction(mean(points, at_least=1, rounding=rounding)) if points else None
    return Sums(
        figures=found,
        points=as_written(found.points),
        maximum=sheet.maximum,
        highest=scale(profile),
        others=others,
        mean=as_written(average),
        at_least=at_least,
        thresholds=_thresholds(profile, average if len(points) >= at_least else None),
        is_normalised=excess(profile) is Excess.NORMALISE,
        rounding=rounding,
        settings=tuple(_decided(profile, name) for name in SETTINGS),
    )


def _others(document: Document, profile: Profile, *, actor: Actor, now: datetime) -> tuple[Number, ...]:
    related = [each for name in SHEETS for each in routing.related_documents(document, f"group:{name}")]
    seen = [
        (each.type, each.content)
        for each in related
        if each.id != document.id and each.state == "in_force" and _may_see(each.id, actor)
    ]
    return tuple(observation_points(seen, profile, on=local_day(now))[0])


def _may_see(document_id: int | None, actor: Actor) -> bool:
    return document_id is not None and Permission.VIEW in documents.permissions(
        documents.load(document_id), actor=actor
    )


def _thresholds(profile: Profile, average: Fraction | None) -> tuple[Threshold, ...]:
    leasts = {name: int(profile.threshold(f"observation_mean_{name}").value) for name in CATEGORIES}
    return tuple(
        Threshold(TEACHER_CATEGORIES[name], least, average is not None and average >= least)
        for name, least in leasts.items()
    )


def _decided(profile: Profile, name: str) -> tuple[Text, Text]:
    """How a setting and its value are called; a scale is its own name."""
    value = str(profile.setting(name))
    return KRG.settings[name].title, KRG.settings[name].choice_titles.get(value, Text(value, value, value))
