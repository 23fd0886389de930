"""Quorum, majority and the chair's vote, for every odd commission from seven to twenty-one."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from itertools import product

import pytest

from docflow.core.voting import (
    MajorityOf,
    Presence,
    Result,
    Vote,
    decide,
    is_composition,
    is_quorate,
    majority,
    present_at,
    quorum,
)

TWO_THIRDS = Fraction(2, 3)
SIZES = range(7, 22, 2)
EACH_SIZE = pytest.mark.parametrize("members", SIZES)


@pytest.mark.parametrize(
    ("members", "needed"), [(7, 5), (9, 6), (11, 8), (13, 9), (15, 10), (17, 12), (19, 13), (21, 14)]
)
def test_a_session_needs_two_thirds_rounded_up(members: int, needed: int) -> None:
    assert quorum(members, share=TWO_THIRDS) == needed
    assert is_quorate(needed, members=members, share=TWO_THIRDS)
    assert not is_quorate(needed - 1, members=members, share=TWO_THIRDS)


@EACH_SIZE
def test_the_quorum_is_the_least_number_that_is_two_thirds(members: int) -> None:
    needed = quorum(members, share=TWO_THIRDS)
    assert 3 * needed >= 2 * members > 3 * (needed - 1)


@pytest.mark.parametrize(("members", "valid"), [(5, False), (6, False), (7, True), (8, False), (9, True)])
def test_a_composition_is_odd_and_not_under_seven(members: int, valid: bool) -> None:
    assert is_composition(members, minimum=7) is valid


@EACH_SIZE
def test_nobody_stands_in_for_a_member(members: int) -> None:
    with pytest.raises(ValueError, match="nobody stands in"):
        is_quorate(members + 1, members=members, share=TWO_THIRDS)


@EACH_SIZE
def test_a_majority_is_more_than_half_and_one_less_is_not(members: int) -> None:
    for voters in range(quorum(members, share=TWO_THIRDS), members + 1):
        assert 2 * majority(voters) > voters >= 2 * (majority(voters) - 1)


@EACH_SIZE
@pytest.mark.parametrize("majority_of", MajorityOf)
def test_whatever_the_votes_the_result_is_that_of_the_majority_or_of_the_chair(
    members: int, majority_of: MajorityOf
) -> None:
    for present in range(quorum(members, share=TWO_THIRDS), members + 1):
        base = present if majority_of is MajorityOf.PRESENT else members
        for votes_for, votes_against in product(range(present + 1), repeat=2):
            if votes_for + votes_against > present:
                continue
            results = {
                chair: decide(
                    Vote(votes_for, votes_against, chair), present=present, members=members, majority_of=majority_of
                )
                for chair in (True, False, None)
            }
            if 2 * votes_for > base:
                assert set(results.values()) == {Result.CARRIED}
            elif 2 * votes_against > base:
                assert set(results.values()) == {Result.REJECTED}
            elif votes_for == votes_against > 0:
                assert results == {True: Result.CARRIED, False: Result.REJECTED, None: Result.UNDECIDED}
            else:
                assert set(results.values()) == {Result.UNDECIDED}


@EACH_SIZE
def test_a_full_commission_that_votes_is_never_tied(members: int) -> None:
    for votes_for in range(members + 1):
        vote = Vote(votes_for, members - votes_for, None)
        assert decide(vote, present=members, members=members) is not Result.UNDECIDED


def test_the_base_of_the_majority_changes_the_result() -> None:
    # Nine members, six present, four of them for: a majority of the six, not of the nine.
    vote = Vote(4, 2, True)
    assert decide(vote, present=6, members=9) is Result.CARRIED
    assert decide(vote, present=6, members=9, majority_of=MajorityOf.COMPOSITION) is Result.UNDECIDED
    assert decide(Vote(5, 1, True), present=6, members=9, majority_of=MajorityOf.COMPOSITION) is Result.CARRIED


def test_more_votes_than_members_present_are_refused() -> None:
    assert decide(Vote(3, 3, True), present=6, members=9) is Result.CARRIED
    with pytest.raises(ValueError, match=r"4 \+ 3 votes of 6"):
        decide(Vote(4, 3, True), present=6, members=9)


def at(minute: int) -> datetime:
    return datetime(2024, 10, 1, 10, minute, tzinfo=UTC)


def test_a_member_counts_from_arrival_until_leaving() -> None:
    stays = (Presence("a", at(0)), Presence("b", at(10), at(20)), Presence("b", at(30)))
    assert present_at(stays, at(0)) == {"a"}
    assert present_at(stays, at(10)) == {"a", "b"}
    assert present_at(stays, at(20)) == {"a"}
    assert present_at(stays, at(30)) == {"a", "b"}


def test_the_quorum_is_lost_when_a_member_goes() -> None:
    stays = (*(Presence(str(n), at(0)) for n in range(4)), Presence("4", at(0), at(15)))
    assert is_quorate(len(present_at(stays, at(14))), members=7, share=TWO_THIRDS)
    assert not is_quorate(len(present_at(stays, at(15))), members=7, share=TWO_THIRDS)
