"""How a commission is composed, may sit and decides: quorum, majority, the chair's casting vote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction


class MajorityOf(StrEnum):
    """Of what the majority is counted, where an act does not say."""

    PRESENT = "present"
    COMPOSITION = "composition"


class Result(StrEnum):
    CARRIED = "carried"
    REJECTED = "rejected"
    UNDECIDED = "undecided"  # no majority and no casting vote: the proposal is put again


@dataclass(frozen=True)
class Vote:
    """How members voted on one proposal; who is recused or abstains is in neither number.

    ``chair_for`` is the chair's own vote, counted in the numbers already; ``None``: the chair did not vote.
    """

    votes_for: int
    votes_against: int
    chair_for: bool | None = None


@dataclass(frozen=True)
class Presence:
    """One stay of a member at a session; ``left`` is ``None`` until the member goes."""

    member: str
    arrived: datetime
    left: datetime | None = None

    def is_on(self, moment: datetime) -> bool:
        return self.arrived <= moment and (self.left is None or moment < self.left)


def is_composition(members: int, *, minimum: int) -> bool:
    """Say whether *members* is an odd number of at least *minimum*."""
    return members >= minimum and members % 2 == 1


def quorum(members: int, *, share: Fraction) -> int:
    """Give the least number of members with whom a session is valid: *share* of them, rounded up."""
    needed = share * members
    return -(-needed.numerator // needed.denominator)


def is_quorate(present: int, *, members: int, share: Fraction) -> bool:
    if not 0 <= present <= members:
        raise ValueError(f"{present} of {members} members cannot be present: nobody stands in for a member")
    return present >= quorum(members, share=share)


def majority(voters: int) -> int:
    """Give the least number of votes that is more than half of *voters*."""
    return voters // 2 + 1


def present_at(stays: Iterable[Presence], moment: datetime) -> frozenset[str]:
    """Name who is in the room at *moment*; a second arrival of one member counts once."""
    return frozenset(stay.member for stay in stays if stay.is_on(moment))


def decide(vote: Vote, *, present: int, members: int, majority_of: MajorityOf = MajorityOf.PRESENT) -> Result:
    """Give the result of *vote*; where votes are equal, the chair's vote decides.

    *present* counts those who could vote: without the recused. ``ValueError``: more votes than voters.
    """
    if min(vote.votes_for, vote.votes_against) < 0 or vote.votes_for + vote.votes_against > present:
        raise ValueError(f"{vote.votes_for} + {vote.votes_against} votes of {present} members present")
    needed = majority(present if majority_of is MajorityOf.PRESENT else members)
    if vote.votes_for >= needed:
        return Result.CARRIED
    if vote.votes_against >= needed:
        return Result.REJECTED
    return _casting(vote)


def _casting(vote: Vote) -> Result:
    if vote.chair_for is None or vote.votes_for != vote.votes_against or vote.votes_for == 0:
        return Result.UNDECIDED
    return Result.CARRIED if vote.chair_for else Result.REJECTED
