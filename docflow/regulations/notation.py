"""The notation in which the packs are written: tables that a lawyer can read beside the act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Protocol, TypeVar

from docflow.core.regulations import AnnualDate, Clause, Edition, Setting, Term, Text, Threshold
from docflow.regulations.vocabulary import CHOICES, NAMES, YES_NO


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Entry = TypeVar("Entry", bound=_Named)


def book(
    code: str, quotations: Mapping[str, Text], *, languages: tuple[str, ...] = ("kk", "ru")
) -> Mapping[str, Clause]:
    """Make the clauses of an act from its numbers and quotations.

    ``24(3)`` is sub-item 3) of clause 24; ``23 ¶2(1)`` sub-item 1) of the second part of clause 23;
    ``…`` stands for words that were left out.
    """
    return {number: Clause(code, number, text, languages=languages) for number, text in quotations.items()}


def appendices(
    code: str, titles: Mapping[str, Text], *, languages: tuple[str, ...] = ("kk", "ru")
) -> Mapping[str, Clause]:
    """Make the appendices of an act from their numbers and printed titles."""
    return {
        number: Clause(code, number, text, is_appendix=True, languages=languages) for number, text in titles.items()
    }


def table(*entries: Entry) -> Mapping[str, Entry]:
    """Index thresholds, terms or settings by name; the same name twice is an error."""
    named: dict[str, Entry] = {}
    for entry in entries:
        if entry.name in named:
            raise ValueError(f"{entry.name!r} is declared twice")
        named[entry.name] = entry
    return named


def threshold(name: str, value: Fraction | int, unit: str, clause: Clause) -> Threshold:
    return Threshold(name, value, clause, unit, NAMES[name])


def term(name: str, amount: int, unit: str, clause: Clause) -> Term:
    return Term(name, amount, unit, clause, NAMES[name])


def annual(name: str, day: int, month: int, clause: Clause) -> AnnualDate:
    return AnnualDate(name, month, day, clause, NAMES[name])


def left_open(name: str, choices: tuple[str, ...], default: str, clause: Clause) -> Setting:
    """Declare what the act leaves to the organisation; no choices means free text."""
    known = CHOICES.get(name, YES_NO)
    return Setting(name, NAMES[name], choices, default, clause, {c: known[c] for c in choices if c in known})


def decided(name: str, value: str, clause: Clause) -> Setting:
    """Declare what the act has decided, so that it can be compared with what another act says."""
    return left_open(name, (value,), value, clause)


def successive(*editions: Edition) -> tuple[Edition, ...]:
    """End each wording on the day before the next one begins."""
    ended = [replace(earlier, valid_to=later.valid_from - timedelta(days=1)) for earlier, later in pairwise(editions)]
    return (*ended, *editions[-1:])


def earliest_entry(signed: date, *, days_after_publication: int) -> date:
    """Give the first day on which an order can be in force "upon expiry of N days after publication".

    The day of publication is not printed in the acts; it is not before the day of signing.
    """
    return signed + timedelta(days=days_after_publication + 1)
