"""What holds for every sheet and every commission: sums that only grow, and one result for every way of voting."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docflow.core.scoring import Indicator, Measure, ScoreSheet, Work, category_reached, points_of, required, sum_of
from docflow.core.voting import MajorityOf, Result, Vote, decide, majority
from docflow.regulations import KRG
from docflow.regulations.krg.commission import session_quorum
from docflow.regulations.krg.sheets import GROUPS, PORTFOLIO

ODD_SIZES = range(7, 22, 2)
EACH_SIZE = pytest.mark.parametrize("members", ODD_SIZES)
SHEETS = st.sampled_from(sorted(PORTFOLIO.values(), key=lambda sheet: sheet.code))
WORKED = [row for sheet in PORTFOLIO.values() for row in sheet.indicators.values() if row.measure is Measure.WORKS]


@st.composite
def filled(draw: st.DrawFn) -> tuple[ScoreSheet, dict[str, int]]:
    """A sheet filled wholly, in part, or not at all."""
    sheet = draw(SHEETS)
    numbers = draw(st.sets(st.sampled_from(sorted(sheet.indicators))))
    return sheet, {number: draw(st.integers(0, 102)) for number in sorted(numbers)}


@st.composite
def works(draw: st.DrawFn) -> tuple[Indicator, list[Work]]:
    indicator = draw(st.sampled_from(WORKED))
    levels = st.integers(0, len(indicator.levels) - 1)
    shown = st.builds(
        Work, name=st.sampled_from("абвг"), level=levels, won=st.booleans(), joint=st.booleans(),
        pieces=st.none() | st.integers(1, 5),
    )  # fmt: skip
    return indicator, draw(st.lists(shown, max_size=6))


@given(filled())
def test_a_partly_filled_sheet_has_the_sum_of_what_is_filled(given_sheet: tuple[ScoreSheet, dict[str, int]]) -> None:
    sheet, points = given_sheet
    assert sum_of(sheet, points) == sum(points.values())
    for number in points:
        rest = {other: value for other, value in points.items() if other != number}
        assert sum_of(sheet, rest) == sum_of(sheet, points) - points[number]


@given(filled(), st.data())
def test_a_sum_only_grows_with_more_points(given_sheet: tuple[ScoreSheet, dict[str, int]], data: st.DataObject) -> None:
    sheet, points = given_sheet
    number = data.draw(st.sampled_from(sorted(sheet.indicators)))
    more = {**points, number: points.get(number, 0) + data.draw(st.integers(0, 10))}
    assert sum_of(sheet, more) >= sum_of(sheet, points)


@given(filled())
def test_lines_that_are_not_asked_are_not_counted(given_sheet: tuple[ScoreSheet, dict[str, int]]) -> None:
    sheet, points = given_sheet
    for row in sheet.totals:
        left_out = row.left_out or ()
        expected = sum(value for number, value in points.items() if number not in left_out)
        assert sum_of(sheet, points, left_out=left_out) == expected


@given(st.sampled_from(sorted(GROUPS)), st.integers(0, 150), st.integers(0, 30))
def test_more_points_never_reach_a_lower_category(group: str, points: int, more: int) -> None:
    needed = required(GROUPS[group], group)
    order = [None, *needed]
    assert order.index(category_reached(points + more, needed)) >= order.index(category_reached(points, needed))


@given(works(), st.data())
def test_one_more_work_never_takes_points_away(shown: tuple[Indicator, list[Work]], data: st.DataObject) -> None:
    indicator, several = shown
    another = Work(data.draw(st.sampled_from("абвгд")), data.draw(st.integers(0, len(indicator.levels) - 1)))
    assert points_of(indicator, [*several, another]) >= points_of(indicator, several)


@given(works())
def test_the_order_of_works_does_not_matter(shown: tuple[Indicator, list[Work]]) -> None:
    indicator, several = shown
    assert points_of(indicator, list(reversed(several))) == points_of(indicator, several)


@given(works(), st.integers(2, 5))
def test_a_work_shown_again_counts_once(shown: tuple[Indicator, list[Work]], times: int) -> None:
    indicator, several = shown
    assert points_of(indicator, several * times) == points_of(indicator, several)


@pytest.mark.parametrize("indicator", WORKED, ids=lambda row: row.number)
def test_the_bonus_is_once_a_level_however_many_have_won(indicator: Indicator) -> None:
    for level in range(len(indicator.levels)):
        one = points_of(indicator, [Work("first", level, won=True), Work("second", level)])
        both = points_of(indicator, [Work("first", level, won=True), Work("second", level, won=True)])
        assert both == one
        none = points_of(indicator, [Work("first", level), Work("second", level)])
        assert one - none == indicator.bonus_at(level)


@EACH_SIZE
def test_the_quorum_is_the_least_number_that_is_two_thirds(members: int) -> None:
    share = Fraction(KRG.thresholds["commission_quorum"].value)
    needed = session_quorum(members)
    assert Fraction(needed, members) >= share > Fraction(needed - 1, members)


@EACH_SIZE
@pytest.mark.parametrize("majority_of", MajorityOf)
def test_every_split_of_votes_has_the_result_of_the_clause(members: int, majority_of: MajorityOf) -> None:
    """Every attendance from the quorum up, every number for and against, the rest abstaining, every vote of the chair.

    A chair who votes is in one of the two numbers, so his side is never empty.
    """
    for present in range(session_quorum(members), members + 1):
        whole = present if majority_of is MajorityOf.PRESENT else members
        for votes_for, votes_against in product(range(present + 1), repeat=2):
            if votes_for + votes_against > present:
                continue
            for chair in (None, *([True] if votes_for else []), *([False] if votes_against else [])):
                vote = Vote(votes_for, votes_against, chair)
                result = decide(vote, present=present, members=members, majority_of=majority_of)
                assert result is expected(votes_for, votes_against, chair, whole)


def expected(votes_for: int, votes_against: int, chair: bool | None, whole: int) -> Result:
    """Say clause 18 in other words: more than half, else equal votes with the chair's among them, else nothing."""
    for votes, result in ((votes_for, Result.CARRIED), (votes_against, Result.REJECTED)):
        if 2 * votes > whole:
            return result
    if votes_for and votes_for == votes_against and chair is not None:
        return Result.CARRIED if chair else Result.REJECTED
    return Result.UNDECIDED


@EACH_SIZE
def test_every_single_ballot_in_a_small_room_counts(members: int) -> None:
    """Each voter for or against one by one, for as many as a quorum of seven to nine has; the chair is the first."""
    present = min(session_quorum(members), 9)
    for ballots in product((True, False), repeat=present):
        vote = Vote(sum(ballots), present - sum(ballots), chair_for=ballots[0])
        result = decide(vote, present=present, members=members)
        if 2 * sum(ballots) == present:
            assert result is (Result.CARRIED if ballots[0] else Result.REJECTED)
        else:
            assert result is (Result.CARRIED if 2 * sum(ballots) > present else Result.REJECTED)


@settings(max_examples=300)
@given(st.sampled_from(ODD_SIZES), st.data())
def test_one_more_vote_for_never_undoes_what_was_carried(members: int, data: st.DataObject) -> None:
    present = data.draw(st.integers(session_quorum(members), members))
    votes_for = data.draw(st.integers(0, present - 1))
    votes_against = data.draw(st.integers(0, present - 1 - votes_for))
    majority_of = data.draw(st.sampled_from(MajorityOf))
    before, after = (
        decide(Vote(votes, votes_against), present=present, members=members, majority_of=majority_of)
        for votes in (votes_for, votes_for + 1)
    )
    assert before is not Result.CARRIED or after is Result.CARRIED
    assert after is not Result.REJECTED or before is Result.REJECTED


@given(st.integers(1, 21))
def test_no_two_sides_can_both_have_the_majority(voters: int) -> None:
    assert 2 * majority(voters) > voters
    assert majority(voters) <= voters


@EACH_SIZE
def test_a_full_commission_without_abstentions_always_decides(members: int) -> None:
    """The number is odd: votes can be equal only when somebody is away, abstains or is recused."""
    for votes_for in range(members + 1):
        assert decide(Vote(votes_for, members - votes_for), present=members, members=members) is not Result.UNDECIDED
