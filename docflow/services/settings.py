"""What the acts leave open, and how an organisation has decided it: by whom, when, and what it was before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from docflow.core.errors import Invalid, NotFound
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor
from docflow.core.regulations import CONTINUED_BY, Regulation, Setting, Text
from docflow.db import db, unit_of_work
from docflow.models import Organisation
from docflow.regulations.krg.categories import LADDERS
from docflow.regulations.krg.intake import LADDER_OF_GROUP, number_of
from docflow.regulations.krg.sheets import CONTRADICTIONS, OBSERVATION, PORTFOLIO
from docflow.regulations.profiles import PROFILES, with_decisions
from docflow.services import papers, people
from docflow.services.environment import local_day

LONGEST = 300
_DATED = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}\s*(?:ж|г)")


@dataclass(frozen=True)
class Change:
    """One line of the log: who decided what, and what it was before; an empty value: as proposed."""

    on: date
    by: str
    name: str
    title: Text
    old: Text
    new: Text


@dataclass(frozen=True)
class Figures:
    """Two numbers of an act that contradict each other; both are on the page."""

    what: Text
    printed: int
    counted: int


@dataclass(frozen=True)
class Open:
    """One open setting: what is in force, whether the organisation or its profile has decided it, since when."""

    act: Regulation
    setting: Setting
    value: str
    is_decided: bool
    is_of_profile: bool
    decided: Change | None
    figures: tuple[Figures, ...]

    @property
    def reads(self) -> Text:
        return _reads(self.setting, self.value)

    @property
    def suggested(self) -> Text:
        return _reads(self.setting, self.setting.default)


def _reads(setting: Setting, value: str) -> Text:
    return setting.choice_titles.get(value, Text(value, value, value))


def open_settings(organisation: Organisation) -> list[Open]:
    """Every setting that the acts of the organisation's profile leave open, in the order of the acts."""
    profile, log = PROFILES[organisation.profile], changes(organisation)
    in_force = papers.profile_of(organisation)
    return [
        Open(
            act=act,
            setting=setting,
            value=str(in_force.setting(setting.name)),
            is_decided=setting.name in organisation.settings,
            is_of_profile=setting.name in profile.overrides,
            decided=next((each for each in log if each.name == setting.name), None),
            figures=_figures(setting.name),
        )
        for act in profile.regulations
        for setting in act.settings.values()
        if setting.is_open and _setting(organisation, setting.name) == (act, setting)
    ]


def changes(organisation: Organisation) -> list[Change]:
    """The log, newest first; a setting that no act knows any more is left out."""
    found = []
    for entry in reversed(organisation.settings_log or []):
        known = _known(organisation, str(entry["name"]))
        if known is not None:
            setting = known[1]
            old, new = (_reads(setting, str(entry[name] or "")) for name in ("old", "new"))
            found.append(
                Change(
                    local_day(datetime.fromisoformat(entry["at"])), entry["by"], setting.name, setting.title, old, new
                )
            )
    return found


def decide(name: str, value: str | None, *, actor: Actor, now: datetime) -> Organisation:
    """Decide a setting, or with ``None`` go back to what is proposed; the change is written into the log.

    ``NotFound`` for a setting that no act of the profile leaves open, ``Invalid`` for a value that it does not allow.
    """
    people.administer(actor)
    with unit_of_work():
        organisation = _locked(actor)
        setting = _setting(organisation, name)[1]
        old = organisation.settings.get(name)
        new = value.strip() if value is not None else None
        if new is not None:
            _check(organisation, setting, new)
        if new != old:
            kept = {key: each for key, each in organisation.settings.items() if key != name}
            organisation.settings = kept if new is None else {**kept, name: new}
            organisation.settings_log = [*(organisation.settings_log or []), _entry(name, old, new, actor, now)]
        return organisation


def _locked(actor: Actor) -> Organisation:
    """The row for this transaction alone: two administrators add to the log one after the other."""
    here = people.organisation_of(actor).id
    locked = select(Organisation).where(Organisation.id == here).with_for_update()
    return db.session.scalars(locked.execution_options(populate_existing=True)).unique().one()


def _entry(name: str, old: str | None, new: str | None, actor: Actor, now: datetime) -> dict[str, Any]:
    return {"at": now.isoformat(), "by": actor.name, "name": name, "old": old, "new": new}


def _known(organisation: Organisation, name: str) -> tuple[Regulation, Setting] | None:
    for act in PROFILES[organisation.profile].regulations:
        if name in act.settings:
            return act, act.settings[name]
    return None


def _setting(organisation: Organisation, name: str) -> tuple[Regulation, Setting]:
    """The setting of the first act that knows it: what a general act leaves open a local one may have decided."""
    found = _known(organisation, name)
    if found is None or not found[1].is_open:
        raise NotFound(_l("No act of the organisation leaves this open."))
    return found


def _check(organisation: Organisation, setting: Setting, value: str) -> None:
    wrong = None
    try:
        with_decisions(PROFILES[organisation.profile], {setting.name: value})
    except ValueError:
        wrong = _l("Choose one of the answers.")
    if wrong is None and not setting.choices:
        wrong = _wrong_words(setting.name, value)
    if wrong is not None:
        raise Invalid(_l("Please correct the marked fields."), {setting.name: [str(wrong)]})


def _wrong_words(name: str, value: str) -> Message | None:
    """What is wrong with an answer in free words."""
    if not value:
        return _l("Fill in this field, or take the decision back.")
    if len(value) > LONGEST:
        return _l("At most %(count)s characters.", count=LONGEST)
    check = _WORDS.get(name)
    return check(value) if check else None


def _is_an_order(value: str) -> Message | None:
    if "№" in value and _DATED.search(value):
        return None
    return _l("Name the organisation's own order with its number and date: “№ 12-н, 05.01.2025”.")


def _is_a_share(value: str) -> Message | None:
    share = number_of(value.replace("%", ""))
    if share is not None and 0 < share <= 100:
        return None
    return _l("Enter per cent of the greatest score, from 1 to 100.")


_WORDS: Mapping[str, Callable[[str], Message | None]] = {
    CONTINUED_BY: _is_an_order,
    "knowledge_pass_mark": _is_a_share,
}


# Both figures, where an act contradicts itself


def _figures(name: str) -> tuple[Figures, ...]:
    made: Mapping[str, Callable[[], Sequence[Figures]]] = {
        "portfolio_figures": _of_portfolios,
        "observation_excess": _of_observations,
    }
    return tuple(made[name]()) if name in made else ()


def _of_portfolios() -> list[Figures]:
    """Totals of the portfolio sheets that are not the sums of their rows."""
    found = []
    for code, several in CONTRADICTIONS.items():
        for each in several:
            label = PORTFOLIO[code].totals_for(each.totals).label
            titles = LADDERS[LADDER_OF_GROUP[each.totals]].titles
            column = titles.get(each.category, Text("ең көп балл", "наибольший балл", "maximum"))
            what = Text(*(f"{code} · {label} · {column.in_language(each)}" for each in ("kk", "ru", "en")))
            found.append(Figures(what, each.printed, each.summed))
    return found


def _of_observations() -> list[Figures]:
    """Observation sheets whose lines, each at the level 3, do not make the printed maximum."""
    found = []
    for code, sheet in OBSERVATION.items():
        lines = len(sheet.descriptors)
        if lines * 3 != sheet.maximum:
            what = Text(f"{code} · {lines} жол × 3", f"{code} · {lines} строк × 3", f"{code} · {lines} lines × 3")
            found.append(Figures(what, sheet.maximum, lines * 3))
    return found
