"""A session by itself: who is in the room, how votes are counted, and that nothing is decided without a quorum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docflow.core.errors import NotFound, Refused
from docflow.core.regulations import Profile, Text
from docflow.core.voting import Result
from docflow.regulations.krg import minutes
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import LADDERS, Conclusion
from docflow.regulations.krg.commission import session_quorum
from docflow.regulations.krg.decision import Case, propose
from docflow.regulations.krg.session import (
    FAMILIES,
    Ballot,
    categories_of,
    conclusions_of,
    decision_refusals,
    is_decided,
    name_of,
    present_members,
    tally,
    vote_refusals,
)

PROFILE = Profile("krg", Text("", ""), (KRG,))
OF_ALL = replace(PROFILE, overrides={"majority_of": "composition"})
FAMILY = "teacher_protocol"
FIRST = 1  # the chair
ITEM: Mapping[str, Any] = {
    "application_id": 7, "person": {"surname": "Ким", "given_name": "Ян", "patronymic": ""}, "person_id": 70,
    "procedure": "regular", "ladder": "teacher", "current": "moderator", "claimed": "expert", "interviewed": False,
    "proposed_conclusion": "claimed", "proposed_category": "expert", "proposed_until": "", "votes": [],
    "chair_casts": False, "voted_at": "", "conclusion": "claimed", "category": "expert", "reason": "",
    "valid_until": "",
}  # fmt: skip


def seat(person_id: int) -> dict[str, Any]:
    return {"person": {"surname": f"М{person_id}", "given_name": "А", "patronymic": ""}, "person_id": person_id,
            "is_chair": person_id == FIRST}  # fmt: skip


def session(members: int = 9, *, items: tuple[Mapping[str, Any], ...] = (ITEM,)) -> dict[str, Any]:
    return {
        "held_on": "2024-11-20", "chair_id": FIRST, "secretary_id": 99,
        "composition": [seat(number) for number in range(FIRST, FIRST + members)],
        "attendance": [], "signers": [], "items": [dict(item) for item in items],
    }  # fmt: skip


def come(record: Mapping[str, Any], count: int, *, at: str = "10:00") -> dict[str, Any]:
    return minutes.arrive(record, range(FIRST, FIRST + count), at=at)


def voted(record: Mapping[str, Any], ballots: str, *, at: str = "10:30", item: int = 7) -> dict[str, Any]:
    """One letter for each member from the chair on: f, a, n (abstained), r (recused)."""
    letters = {"f": "for", "a": "against", "n": "abstained", "r": "recused"}
    return minutes.vote(record, item, {FIRST + n: letters[one] for n, one in enumerate(ballots)}, at=at)


def decided(record: Mapping[str, Any], *, at: str = "10:30", profile: Profile = PROFILE) -> dict[str, Any]:
    return minutes.decide(record, 7, at=at, family=FAMILY, profile=profile)


def codes(raised: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(each.code, each.clause.key if each.clause else "") for each in raised.value.refusals]


# ---------------------------------------------------------------- attendance and quorum


@pytest.mark.parametrize(("members", "needed"), [(7, 5), (9, 6), (11, 8), (13, 9), (15, 10), (21, 14)])
def test_nobody_votes_one_short_of_the_quorum(members: int, needed: int) -> None:
    short = come(session(members), needed - 1)
    with pytest.raises(Refused) as raised:
        voted(short, "f")
    assert codes(raised) == [("quorum", "KRG 18")]
    found = raised.value.refusals[0].message.params
    assert (found["present"], found["members"], found["needed"]) == (needed - 1, members, needed)
    assert voted(come(short, needed), "f")["items"][0]["votes"] == [{"person_id": 1, "vote": "for"}]


def test_a_lost_quorum_stops_the_vote_and_it_goes_on_when_a_member_is_back() -> None:
    record = voted(come(session(), 6), "ffffff")
    gone = minutes.leave(record, 6, at="10:20")
    with pytest.raises(Refused) as raised:
        decided(gone)
    assert codes(raised) == [("quorum", "KRG 18")]
    back = voted(minutes.arrive(gone, [6], at="10:25"), "ffffff")
    assert decided(back)["items"][0]["voted_at"] == "10:30"


def test_who_leaves_takes_his_open_votes_along_and_leaves_the_recorded_ones() -> None:
    items = (ITEM, ITEM | {"application_id": 8})
    record = decided(voted(come(session(items=items), 8), "f" * 8))
    record = voted(record, "f" * 8, item=8, at="10:31")
    record = minutes.leave(record, 8, at="10:30")
    assert [len(item["votes"]) for item in record["items"]] == [8, 7]
    assert record["attendance"][7]["left"] == "10:31"  # just after the vote of 10:30
    assert 8 in present_members(record, "10:30")
    assert 8 not in present_members(record, "10:31")


def test_nobody_comes_or_goes_before_a_recorded_vote() -> None:
    record = decided(voted(come(session(), 8), "f" * 8))
    for late in (lambda: minutes.leave(record, 8, at="10:29"), lambda: minutes.arrive(record, [9], at="10:29")):
        with pytest.raises(Refused) as raised:
            late()
        assert codes(raised) == [("before_a_vote", "KRG 18")]
    assert minutes.leave(record, 8, at="10:31")["attendance"][7]["left"] == "10:31"


def test_after_a_vote_in_the_last_minute_nobody_comes_any_more() -> None:
    record = decided(voted(come(session(), 8), "f" * 8, at="23:59"), at="23:59")
    with pytest.raises(Refused):
        minutes.leave(record, 8, at="23:59")


def test_only_members_attend_and_twice_present_is_once() -> None:
    with pytest.raises(Refused) as raised:
        minutes.arrive(session(), [99], at="10:00")
    assert codes(raised) == [("not_a_member", "KRG 17")]
    assert len(come(come(session(), 6), 6)["attendance"]) == 6
    with pytest.raises(Refused):
        minutes.leave(session(), 3, at="10:00")
    assert minutes.leave(come(session(), 6), 3, at="10:00")["attendance"][2]["person_id"] == 4


def test_the_clock_of_a_session_never_runs_backwards() -> None:
    record = come(session(), 6, at="10:00")
    assert minutes.clock(record, "09:50") == "10:00"
    assert minutes.clock(record, "10:05") == "10:05"
    assert minutes.clock(session(), "") == ""
    assert (minutes.next_minute("10:59"), minutes.next_minute("23:59")) == ("11:00", "23:59")
    assert [minutes.is_time(text) for text in ("09:05", "24:00", "9:05", "23:59")] == [True, False, False, True]


# ---------------------------------------------------------------- counting


@pytest.mark.parametrize(
    ("ballots", "result", "casts"),
    [
        ("fffffaaa", Result.CARRIED, False),
        ("ffffaaaa", Result.CARRIED, True),  # the chair is for it
        ("aaaaffff", Result.REJECTED, True),
        ("fffaaaaa", Result.REJECTED, False),
        ("ffffaaan", Result.UNDECIDED, False),  # four of eight are no majority
        ("nfffaaan", Result.UNDECIDED, False),  # a tie, and the chair abstains
        ("rffffaaa", Result.CARRIED, False),  # seven voters, four are a majority
        ("nnnnnnnn", Result.UNDECIDED, False),
    ],
)
def test_votes_of_eight_members(ballots: str, result: Result, casts: bool) -> None:
    record = voted(come(session(), 8), ballots)
    found = tally(record, record["items"][0], at="10:30", profile=PROFILE)
    assert (found.result, found.chair_casts) == (result, casts)
    assert sum(found.counts.values()) == 8


def test_a_majority_of_the_composition_needs_more_than_of_those_present() -> None:
    record = voted(come(session(), 7), "ffffaaa")
    item = record["items"][0]
    of_present, of_all = (tally(record, item, at="10:30", profile=profile) for profile in (PROFILE, OF_ALL))
    assert (of_present.result, of_present.majority) == (Result.CARRIED, 4)
    assert (of_all.result, of_all.majority) == (Result.UNDECIDED, 5)


def test_without_every_vote_there_is_no_result_and_the_missing_are_named() -> None:
    record = voted(come(session(), 8), "fffffff")
    found = tally(record, record["items"][0], at="10:30", profile=PROFILE)
    assert (found.result, found.missing) == (None, frozenset({8}))
    refusals = vote_refusals(record, record["items"][0], at="10:30", profile=PROFILE)
    assert [(each.code, each.message.params) for each in refusals] == [("vote_missing", {"name": "М8 А"})]


def test_a_vote_of_the_absent_the_secretary_or_a_guest_is_refused() -> None:
    record = come(session(), 8)
    for person_id in (9, 99, 1000):
        with pytest.raises(Refused) as raised:
            minutes.vote(record, 7, {person_id: "for"}, at="10:30")
        assert codes(raised) == [("vote_of_absent", "KRG 17")]
    assert name_of(record, 1000) == "1000"


@pytest.mark.parametrize(("own", "expected"), [("f", ["vote_on_himself"]), ("n", ["vote_on_himself"]), ("r", [])])
def test_nobody_votes_on_himself(own: str, expected: list[str]) -> None:
    record = voted(come(session(), 8), f"{own}fffffff")
    item = record["items"][0]
    item["person_id"] = record["composition"][0]["person_id"]
    refusals = vote_refusals(record, item, at="10:30", profile=PROFILE)
    assert [each.code for each in refusals] == expected
    assert all(str(each.clause) == str(KRG.clause("15")) for each in refusals)


def test_what_was_voted_down_cannot_be_recorded_and_another_decision_starts_without_votes() -> None:
    record = voted(come(session(), 8), "aaaaafff")
    with pytest.raises(Refused) as raised:
        decided(record)
    assert codes(raised) == [("majority", "KRG 18 ¶2")]
    other = minutes.put(record, 7, conclusion="current", category="moderator", reason="портфолио")
    assert other["items"][0]["votes"] == []
    same = minutes.put(record, 7, conclusion="claimed", category="expert", reason="")
    assert len(same["items"][0]["votes"]) == 8


def test_what_is_decided_stays_until_it_is_taken_back() -> None:
    record = decided(voted(come(session(), 8), "f" * 8))
    assert record["signers"] == [{"person": seat(n)["person"], "person_id": n} for n in range(2, 9)]
    for change in (
        lambda: voted(record, "a"), lambda: minutes.take_off(record, 7), lambda: decided(record),
        lambda: minutes.hold_interview(record, 7, held=True),
        lambda: minutes.put(record, 7, conclusion="current", category="moderator", reason="x"),
    ):  # fmt: skip
        with pytest.raises(Refused) as raised:
            change()
        assert codes(raised) == [("decided", "KRG 19")]
    again = minutes.take_back(record, 7)
    assert (again["items"][0]["votes"], again["signers"], is_decided(again["items"][0])) == ([], [], False)


# ---------------------------------------------------------------- decisions


def asked(family: str = FAMILY, **changes: Any) -> list[tuple[str, str]]:
    found = decision_refusals(dict(ITEM) | changes, family)
    return [(each.code, each.clause.key if each.clause else "") for each in found]


def test_a_decision_that_differs_needs_a_reason_and_so_does_a_refusal() -> None:
    assert asked() == []
    assert asked(conclusion="current", category="moderator") == [("reason", "KRG 19")]
    assert asked(conclusion="current", category="moderator", reason="портфолио") == []
    refused = {"procedure": "early", "conclusion": "not_conforming", "category": ""}
    proposed = {"proposed_conclusion": "not_conforming", "proposed_category": ""}
    assert asked(**refused, **proposed) == [("reason", "KRG app. 2")]
    assert asked(**refused, **proposed, reason="ПББ") == []
    assert asked(proposed_conclusion="", proposed_category="") == [("reason", "KRG 5")]


def test_the_category_goes_with_the_conclusion() -> None:
    assert asked(category="master", reason="x") == [("category", "KRG 19")]
    assert asked(conclusion="lower_than_current", category="moderator", reason="x") == [("category", "KRG 19")]
    assert asked(conclusion="lower_than_current", category="teacher", reason="x") == []
    assert asked(conclusion="lower_than_claimed", category="moderator", reason="x") == [("conclusion", "KRG 19")]
    assert asked(conclusion="not_conforming", category="", reason="x") == [("conclusion", "KRG 19")]
    assert asked(conclusion="", category="") == [("undecided", "KRG 19")]


def test_heads_are_interviewed_unless_they_only_keep_their_category() -> None:
    head = {"ladder": "head", "current": "third", "claimed": "second", "category": "second",
            "proposed_category": "second"}  # fmt: skip
    assert asked("head_protocol", **head) == [("interview", "KRG 5 ¶2")]
    assert asked("head_protocol", **head, interviewed=True) == []
    kept = {"procedure": "retention", "claimed": "third", "conclusion": "current", "category": "third",
            "proposed_conclusion": "current", "proposed_category": "third"}  # fmt: skip
    assert asked("head_protocol", **(head | kept)) == []


def test_which_conclusions_are_open_to_whom() -> None:
    def of(family: str = FAMILY, **changes: Any) -> list[str]:
        return [one.value for one in conclusions_of(dict(ITEM) | changes, family)]

    assert of() == ["claimed", "current", "lower_than_current"]
    assert of(current="expert") == ["claimed", "lower_than_current"]
    assert of(procedure="early") == ["claimed", "current", "lower_than_current", "not_conforming"]
    assert of(current="") == ["claimed", "not_conforming"]
    assert of(procedure="old_category", current="") == ["claimed", "lower_than_current", "not_conforming"]
    assert of(procedure="prepension", current="expert")[:2] == ["claimed", "current"]
    head = {"ladder": "head", "current": "third", "claimed": "second"}
    assert of("head_protocol", **head) == ["claimed", "current", "lower_than_claimed", "not_conforming"]
    lower = categories_of(dict(ITEM) | {"current": "researcher"}, Conclusion.LOWER_THAN_CURRENT, FAMILY)
    assert lower == ("expert", "moderator", "teacher", "trainee")


def test_a_category_that_is_only_kept_ends_by_the_decision() -> None:
    kept = ITEM | {"procedure": "prepension", "current": "expert", "conclusion": "current", "category": "expert",
                   "proposed_conclusion": "current", "proposed_until": "2027-05-14"}  # fmt: skip
    record = decided(voted(come(session(items=(kept,)), 8), "f" * 8))
    assert record["items"][0]["valid_until"] == "2027-05-14"
    assert minutes.take_back(record, 7)["items"][0]["valid_until"] == ""


# ---------------------------------------------------------------- agenda


def test_an_agenda_takes_an_application_once_and_lets_it_go() -> None:
    record = minutes.add_items(session(), [ITEM, ITEM | {"application_id": 8}])
    assert [item["application_id"] for item in record["items"]] == [7, 8]
    assert [item["application_id"] for item in minutes.take_off(record, 7)["items"]] == [8]
    with pytest.raises(NotFound):
        minutes.take_off(record, 1000)


def test_new_evidence_keeps_what_was_voted_if_the_proposal_is_the_same() -> None:
    record = minutes.hold_interview(voted(come(session(), 8), "f" * 8), 7, held=True)
    same = minutes.renew(record, ITEM | {"portfolio_points": "99"})["items"][0]
    assert (len(same["votes"]), same["portfolio_points"], same["interviewed"]) == (8, "99", True)
    other = minutes.renew(record, ITEM | {"proposed_category": "moderator", "category": "moderator"})["items"][0]
    assert (other["votes"], other["category"], other["interviewed"]) == ([], "moderator", True)


# ---------------------------------------------------------------- anything may happen

BALLOTS = st.sampled_from([*(each.value for each in Ballot), ""])
ACTS = st.one_of(
    st.tuples(st.just("arrive"), st.integers(1, 22)),
    st.tuples(st.just("all_arrive")),
    st.tuples(st.just("leave"), st.integers(1, 22)),
    st.tuples(st.just("wait"), st.integers(0, 7)),
    st.tuples(st.just("vote"), st.integers(0, 2), st.dictionaries(st.integers(1, 22), BALLOTS, max_size=22)),
    st.tuples(st.just("vote_all"), st.integers(0, 2), BALLOTS),
    st.tuples(st.just("decide"), st.integers(0, 2)),
    st.tuples(st.just("carry"), st.integers(0, 2)),
    st.tuples(st.just("take_back"), st.integers(0, 2)),
)


def later(at: str, by: int) -> str:
    for _ in range(by):
        at = minutes.next_minute(at)
    return at


def happen(record: dict[str, Any], act: tuple[Any, ...], wall: str, profile: Profile) -> tuple[dict[str, Any], str]:
    at = minutes.clock(record, wall)
    match act:
        case ("arrive", who):
            return minutes.arrive(record, [who], at=at), wall
        case ("all_arrive",):
            return minutes.arrive(record, [seat["person_id"] for seat in record["composition"]], at=at), wall
        case ("leave", who):
            return minutes.leave(record, who, at=at), wall
        case ("wait", by):
            return record, later(wall, by)
        case ("vote", item, ballots):
            return minutes.vote(record, item, ballots, at=at), wall
        case ("vote_all", item, ballot):
            return minutes.vote(record, item, dict.fromkeys(present_members(record, at), ballot), at=at), wall
        case ("carry", item):
            record = minutes.vote(record, item, dict.fromkeys(present_members(record, at), "for"), at=at)
            return minutes.decide(record, item, at=at, family=FAMILY, profile=profile), wall
        case ("decide", item):
            return minutes.decide(record, item, at=at, family=FAMILY, profile=profile), wall
        case ("take_back", item):
            return minutes.take_back(record, item), wall
    raise AssertionError(act)


@settings(max_examples=300, deadline=None)
@given(
    members=st.sampled_from(range(7, 22, 2)), acts=st.lists(ACTS, max_size=40),
    profile=st.sampled_from([PROFILE, OF_ALL]),
)  # fmt: skip
def test_whatever_happens_no_decision_is_recorded_without_quorum_and_majority(
    members: int, acts: list[tuple[Any, ...]], profile: Profile
) -> None:
    items = tuple(ITEM | {"application_id": number} for number in range(3))
    record = come(session(members, items=items), session_quorum(members))
    wall = "10:00"
    for act in acts:
        try:
            record, wall = happen(record, act, wall, profile)
        except Refused:
            continue  # refused: nothing has changed
        for item in record["items"]:
            if is_decided(item):
                found = tally(record, item, at=item["voted_at"], profile=profile)
                assert len(found.present) >= session_quorum(members)
                assert found.result is Result.CARRIED
                assert {vote["person_id"] for vote in item["votes"]} == found.present
                assert found.counts[Ballot.FOR] >= found.majority or found.chair_casts
                assert found.chair_casts is item["chair_casts"]
        signers = {row["person_id"] for row in record["signers"]}
        there = [present_members(record, item["voted_at"]) for item in record["items"] if is_decided(item)]
        assert signers == set().union(*there) - {FIRST}


# ---------------------------------------------------------------- what is proposed can be decided

GROUPS = {"teacher": "teacher", "head": "head", "deputy": "deputy"}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    ladder = draw(st.sampled_from(["teacher", "head", "deputy"]))
    procedures = ["regular", "early", "retention", "prepension", *(["old_category"] if ladder == "teacher" else [])]
    steps = LADDERS[ladder].categories
    claimed = draw(st.sampled_from(steps[2:] if ladder == "teacher" else steps))
    kept = [step for step in steps if steps.index(step) <= steps.index(claimed)]
    procedure = draw(st.sampled_from(procedures))
    current = draw(st.sampled_from(["", *kept])) if procedure in ("regular", "old_category") else claimed
    return Case(
        ladder=ladder, procedure=procedure, claimed=claimed, current=current, on=date(2024, 11, 20),
        sheet_group=GROUPS[ladder], portfolio_points=draw(st.integers(0, 150)),
        knowledge_passed=draw(st.booleans()), knowledge_category=draw(st.sampled_from(["", *kept])),
        observation_mean=draw(st.integers(0, 102)), observation_sheets=5, essay_words=270, interviewed=True,
        early_met=draw(st.integers(0, 8)), pension_on=date(2026, 5, 1),
    )  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(case=cases())
def test_whatever_the_clauses_propose_the_commission_may_decide(case: Case) -> None:
    proposal = propose(case, PROFILE)
    family = next(name for name, ladders in FAMILIES.items() if case.ladder in ladders)
    item = dict(ITEM) | {
        "ladder": case.ladder, "procedure": case.procedure, "current": case.current, "claimed": case.claimed,
        "proposed_conclusion": proposal.conclusion.value, "proposed_category": proposal.category,
        "conclusion": proposal.conclusion.value, "category": proposal.category, "interviewed": True, "reason": "х",
    }  # fmt: skip
    assert [each.code for each in decision_refusals(item, family)] == []
    assert proposal.conclusion in conclusions_of(item, family)
