"""Verification in three answers: integrity, identity, status; never added up to one tick."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from docflow.core.messages import Message


class Axis(StrEnum):
    INTEGRITY = "integrity"  # are these the bytes that were signed?
    IDENTITY = "identity"  # who signed, with what authority that day?
    STATUS = "status"  # is it in force?


class Outcome(StrEnum):
    """Each axis answers in three values."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """One finding of a verification."""

    axis: Axis
    outcome: Outcome
    code: str
    message: Message


@dataclass(frozen=True)
class Verdict:
    """The sum of the checks, an axis at a time, as of a moment (UTC)."""

    checks: tuple[Check, ...]
    as_of: datetime

    def on(self, axis: Axis) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.axis == axis)

    def outcome(self, axis: Axis) -> Outcome:
        """One "no" decides; without any "no", one "unknown"; an axis without checks is unknown."""
        return worst(check.outcome for check in self.on(axis))


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    found = set(outcomes)
    if Outcome.NO in found:
        return Outcome.NO
    return Outcome.YES if found == {Outcome.YES} else Outcome.UNKNOWN
