"""Acts, their editions and clauses, and which of them bind an organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Text:
    """The same words in Kazakh and Russian, as an act prints them; English is for readers abroad."""

    kk: str
    ru: str
    en: str = ""

    def in_language(self, language: str) -> str:
        """Give the wording in *language* (``kk``, ``ru`` or ``en``), or the other official one."""
        return getattr(self, language, "") or self.ru or self.kk


@dataclass(frozen=True)
class Clause:
    """A place in an act: ``O95.clause("24(3)")`` or ``O95.appendix(3)``.

    ``quotation`` is short and verbatim; it is empty in a language that the act does not have.
    """

    regulation: str
    number: str
    quotation: Text = Text("", "")
    is_appendix: bool = False
    languages: tuple[str, ...] = ("kk", "ru")

    @property
    def key(self) -> str:
        """Stable name for logs, JSON and tests: ``O95 24(3)``, ``WKU app. 3``."""
        return f"{self.regulation} {'app. ' if self.is_appendix else ''}{self.number}"

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True)
class Edition:
    """A wording of the act in force from one day to another, both included; ``None`` is open.

    ``note`` is the act's own sentence about entry into force. Where it counts from a publication
    whose day is not known, ``valid_from`` is the earliest possible day and says so.
    """

    name: str
    valid_from: date
    valid_to: date | None = None
    basis: Text = Text("", "")
    note: Text = Text("", "")
    valid_from_is_earliest: bool = False

    def is_in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class Threshold:
    """A number that decides, with its clause; exact (``Fraction`` or ``int``), never a float."""

    name: str
    value: Fraction | int
    clause: Clause
    unit: str = ""
    title: Text = Text("", "")


@dataclass(frozen=True)
class Term:
    """A length of time that an act gives: ``Term(5, "working_days", clause)``."""

    name: str
    amount: int
    unit: str  # working_days | calendar_days | months | years
    clause: Clause
    title: Text = Text("", "")


@dataclass(frozen=True)
class AnnualDate:
    """A day of every year by which something is due: "annually before 1 June"."""

    name: str
    month: int
    day: int
    clause: Clause
    title: Text = Text("", "")

    def in_year(self, year: int) -> date:
        return date(year, self.month, self.day)


@dataclass(frozen=True)
class Setting:
    """What an act leaves open: the choices, the default, and the clause that leaves it open.

    One choice only: the act has decided, and other acts may have decided otherwise. No choices:
    free text. ``choice_titles`` is how a page names each choice.
    """

    name: str
    title: Text
    choices: tuple[str, ...]
    default: str
    clause: Clause
    choice_titles: Mapping[str, Text] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return len(self.choices) != 1

    def allows(self, value: str) -> bool:
        return not self.choices or value in self.choices


@dataclass(frozen=True)
class Regulation:
    """An act as data: passport, editions, clauses, thresholds, terms, open settings."""

    code: str
    title: Text
    short_title: Text
    languages: tuple[str, ...]
    editions: tuple[Edition, ...]
    clauses: Mapping[str, Clause]
    appendices: Mapping[str, Clause]
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    annual_dates: Mapping[str, AnnualDate] = field(default_factory=dict)
    source: str = ""
    # Papers that the act names and somebody else writes: what, by which clause, who.
    papers_of_others: tuple[tuple[Text, Clause, Text], ...] = ()

    def clause(self, number: str) -> Clause:
        """Find a clause; ``KeyError`` names the act and the number, so that a typo fails at import."""
        try:
            return self.clauses[number]
        except KeyError:
            raise KeyError(f"{self.code} has no clause {number!r} in its pack") from None

    def appendix(self, number: int | str) -> Clause:
        try:
            return self.appendices[str(number)]
        except KeyError:
            raise KeyError(f"{self.code} has no appendix {number!r} in its pack") from None

    def edition_on(self, day: date) -> Edition | None:
        """The wording in force on *day*, or ``None``: not yet, or no longer."""
        return next((edition for edition in self.editions if edition.is_in_force(day)), None)

    @property
    def ends_on(self) -> date | None:
        """The last day of the last wording; ``None``: no end is set."""
        return self.editions[-1].valid_to

    def has_ended(self, on: date) -> bool:
        """Say whether the last wording is no longer in force *on* a day."""
        return self.ends_on is not None and self.ends_on < on

    def standing(self, on: date, *, continued_by: str = "") -> Standing:
        """Say how the act stands *on* a day; *continued_by* names the order that goes on with it."""
        if self.edition_on(on) is not None:
            return Standing.IN_FORCE
        if on < self.editions[0].valid_from:
            return Standing.NOT_YET
        return Standing.CONTINUED if continued_by.strip() else Standing.EXPIRED


class Standing(StrEnum):
    """How an act stands on a day."""

    NOT_YET = "not_yet"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    CONTINUED = "continued"  # expired, and an order of the organisation itself goes on with it


# The setting in which an organisation names the order by which it goes on with an act that has ended.
CONTINUED_BY = "continued_by_order"


@dataclass(frozen=True)
class Profile:
    """Which acts bind an organisation: the local one first, the general one behind it.

    ``overrides`` holds the settings that the organisation has decided; anything else takes the
    default of the act that leaves it open.
    """

    code: str
    title: Text
    regulations: tuple[Regulation, ...]
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def has(self, regulation: str) -> bool:
        return any(act.code == regulation for act in self.regulations)

    def _first(self, table: str, name: str) -> Any:
        for act in self.regulations:
            found = getattr(act, table).get(name)
            if found is not None:
                return found
        raise KeyError(f"profile {self.code} has no {table[:-1]} {name!r}")

    def threshold(self, name: str) -> Threshold:
        """The number of the local act, or of the general one where the local act is silent."""
        found: Threshold = self._first("thresholds", name)
        return found

    def term(self, name: str) -> Term:
        found: Term = self._first("terms", name)
        return found

    def annual_date(self, name: str) -> AnnualDate:
        found: AnnualDate = self._first("annual_dates", name)
        return found

    def setting(self, name: str) -> Any:
        declared: Setting = self._first("settings", name)
        return self.overrides.get(name, declared.default)

    def standing(self, act: Regulation, on: date) -> Standing:
        """Say how *act* stands on a day for this organisation, with what it has decided itself."""
        return act.standing(on, continued_by=str(self.overrides.get(CONTINUED_BY) or ""))

    def first_clause(self, clauses: tuple[Clause, ...]) -> Clause | None:
        """Of *clauses*, the one whose act stands first in this profile; ``None`` if none binds."""
        for act in self.regulations:
            for clause in clauses:
                if clause.regulation == act.code:
                    return clause
        return None
