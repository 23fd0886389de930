"""The computed proposal: every threshold at its limit and one beside it, every outcome, every setting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product

import pytest

from docflow.core.regulations import Profile
from docflow.core.scoring import Number
from docflow.regulations.krg.categories import (
    HEAD_CONCLUSIONS,
    LADDERS,
    OLD_TEACHER_CATEGORIES,
    TEACHER_CONCLUSIONS,
    Conclusion,
    Ladder,
)
from docflow.regulations.krg.decision import (
    Case,
    Proposal,
    knowledge_outcome,
    needed_points,
    observation_result,
    portfolio_result,
    propose,
    shown,
)
from docflow.regulations.krg.intake import LADDER_OF_GROUP
from docflow.regulations.krg.session import PROCEDURE_TITLES, categories_of
from docflow.regulations.krg.sheets import GROUPS
from docflow.regulations.profiles import PROFILES, with_decisions

PROFILE = PROFILES["krg"]
ON = date(2024, 10, 15)
MEANS = {"moderator": 61, "expert": 71, "researcher": 81, "master": 91}

TEACHER = Case(
    "teacher", "regular", "researcher", ON, current="expert", current_until=date(2025, 3, 1), sheet_group="teacher",
    portfolio_points=113, knowledge_passed=True, observation_mean=81, observation_sheets=5, essay_words=250,
)  # fmt: skip
HEAD = Case(
    "head", "regular", "second", ON, current="third", sheet_group="head", portfolio_points=49, knowledge_passed=True,
    interviewed=True,
)  # fmt: skip
DEPUTY = replace(HEAD, ladder="deputy", sheet_group="deputy", portfolio_points=47)


def under(**settings: str) -> Profile:
    return with_decisions(PROFILE, settings)


def found(case: Case, profile: Profile = PROFILE) -> tuple[str, str]:
    proposal = propose(case, profile)
    return proposal.conclusion.value, proposal.category


def clauses(proposal: Proposal) -> list[str]:
    return [reason.clause.number for reason in proposal.reasons]


LIMITS = [(group, category, points) for group in GROUPS for category, points in needed_points(group, PROFILE).items()]


@pytest.mark.parametrize(("group", "category", "points"), LIMITS)
def test_a_portfolio_is_enough_at_its_limit_and_not_one_point_below(group: str, category: str, points: int) -> None:
    ladder = LADDER_OF_GROUP[group]
    mean = MEANS.get(category) if group in ("teacher", "special_group") else None
    case = replace(
        TEACHER, ladder=ladder, claimed=category, current=category, sheet_group=group, portfolio_points=points,
        observation_mean=mean, interviewed=True,
    )  # fmt: skip
    assert found(case) == ("claimed", category)
    for below in (points - 1, Fraction(10 * points - 1, 10)):
        conclusion, given = found(replace(case, portfolio_points=below))
        assert conclusion != "claimed"
        assert given != category


@pytest.mark.parametrize("category", MEANS)
def test_a_mean_of_observations_is_enough_at_its_limit_and_not_below(category: str) -> None:
    case = replace(TEACHER, claimed=category, current=category, portfolio_points=148, observation_mean=MEANS[category])
    assert found(case) == ("claimed", category)
    below = replace(case, observation_mean=Fraction(10 * MEANS[category] - 1, 10))
    assert found(below) == ("lower_than_current", LADDERS["teacher"].moved(category, -1))


def test_methodists_and_heads_are_not_observed() -> None:
    methodist = replace(
        TEACHER, sheet_group="methodist", portfolio_points=35, observation_mean=None, observation_sheets=0
    )
    assert propose(methodist, PROFILE).is_ready
    assert propose(HEAD, PROFILE).is_ready
    assert not propose(replace(TEACHER, observation_sheets=4), PROFILE).is_ready


@pytest.mark.parametrize(
    ("current", "claimed", "test_shows", "expected"),
    [
        ("researcher", "researcher", "", ("lower_than_current", "expert")),  # confirming: one level lower
        ("moderator", "moderator", "", ("lower_than_current", "teacher")),
        ("expert", "researcher", "expert", ("current", "expert")),  # assigning: what the test shows
        ("expert", "researcher", "moderator", ("lower_than_current", "moderator")),
        ("expert", "researcher", "teacher", ("lower_than_current", "teacher")),
    ],
)
def test_a_teacher_who_fails_the_knowledge_test(
    current: str, claimed: str, test_shows: str, expected: tuple[str, str]
) -> None:
    case = replace(TEACHER, current=current, claimed=claimed, knowledge_passed=False, knowledge_category=test_shows)
    assert found(case) == expected
    assert any(number.startswith("30 ") for number in clauses(propose(case, PROFILE)))


@pytest.mark.parametrize(
    ("current", "claimed", "test_shows", "expected"),
    [
        ("second", "second", "", ("lower_than_claimed", "third")),
        ("third", "third", "", ("not_conforming", "")),  # there is no level below
        ("third", "second", "third", ("current", "third")),
        ("", "first", "second", ("lower_than_claimed", "second")),  # the first attestation
    ],
)
def test_a_head_who_fails_the_knowledge_test(
    current: str, claimed: str, test_shows: str, expected: tuple[str, str]
) -> None:
    case = replace(
        HEAD, current=current, claimed=claimed, portfolio_points=65, knowledge_passed=False,
        knowledge_category=test_shows,
    )  # fmt: skip
    assert found(case) == expected


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (49, ("claimed", "second")),
        (48, ("current", "third")),
        (38, ("current", "third")),
        (37, ("not_conforming", "")),
    ],
)
def test_heads_have_the_conclusions_of_clause_46(points: int, expected: tuple[str, str]) -> None:
    assert found(replace(HEAD, portfolio_points=points)) == expected


def test_a_teacher_whom_no_category_fits_is_in_the_table_of_those_who_do_not_conform() -> None:
    newcomer = replace(TEACHER, claimed="teacher", current="", knowledge_passed=False, knowledge_category="trainee")
    proposal = propose(newcomer, PROFILE)
    assert (proposal.conclusion, proposal.category, proposal.kept) == (Conclusion.NOT_CONFORMING, "", "")
    assert clauses(proposal)[-1] == "2"  # Appendix 2


def test_who_stays_a_teacher_conforms_to_what_he_is() -> None:
    case = replace(TEACHER, current="teacher", claimed="moderator", portfolio_points=67)
    assert found(case) == ("current", "teacher")


@pytest.mark.parametrize(("met", "expected"), [(5, ("claimed", "researcher")), (4, ("not_conforming", ""))])
def test_before_the_term_it_is_yes_or_no(met: int, expected: tuple[str, str]) -> None:
    assert found(replace(TEACHER, procedure="early", early_met=met)) == expected


@pytest.mark.parametrize("change", [{"portfolio_points": 112}, {"knowledge_passed": False}, {"early_met": 4}])
def test_refused_before_the_term_one_keeps_the_category_to_its_end(change: dict[str, int | bool]) -> None:
    proposal = propose(replace(TEACHER, **{"procedure": "early", "early_met": 5, **change}), PROFILE)
    assert (proposal.conclusion, proposal.kept, proposal.valid_until) == (
        Conclusion.NOT_CONFORMING, "expert", date(2025, 3, 1),
    )  # fmt: skip
    assert clauses(proposal)[-1] == "42 ¶2"


def test_a_head_refused_before_the_term_keeps_his_by_clause_47() -> None:
    proposal = propose(replace(HEAD, procedure="early", portfolio_points=48), PROFILE)
    assert (proposal.conclusion, proposal.kept, clauses(proposal)[-1]) == (Conclusion.NOT_CONFORMING, "third", "47 ¶2")


@pytest.mark.parametrize(
    ("ground", "ladder", "current", "category"),
    [
        ("production_moderator", "teacher", "", "moderator"),
        ("production_expert", "teacher", "", "expert"),
        ("presidential_reserve", "teacher", "", "moderator"),
        ("nazarbayev_or_bolashak_graduate", "teacher", "", "moderator"),
        ("celta", "teacher", "", "moderator"),
        ("delta", "teacher", "", "expert"),
        ("special_programme_graduate", "teacher", "", "moderator"),
        ("special_programme", "teacher", "expert", "researcher"),
        ("special_programme", "teacher", "researcher", "master"),
        ("leaders_of_change", "head", "", "first"),
    ],
)
def test_a_ground_gives_its_category_without_evidence(ground: str, ladder: str, current: str, category: str) -> None:
    proposal = propose(Case(ladder, "without_attestation", category, ON, current=current, ground=ground), PROFILE)
    assert (proposal.conclusion, proposal.category, proposal.missing) == (Conclusion.CLAIMED, category, ())
    assert clauses(proposal)[0].split(" ")[0] in ("6", "7", "10", "11")


def test_a_language_certificate_spares_the_test_and_not_the_summary() -> None:
    case = replace(TEACHER, procedure="without_attestation", ground="language", knowledge_passed=None)
    assert found(case) == ("claimed", "researcher")
    assert propose(case, PROFILE).is_ready
    assert not propose(replace(case, portfolio_points=None), PROFILE).is_ready
    assert found(replace(case, portfolio_points=112)) == ("current", "expert")


@pytest.mark.parametrize(
    ("passed", "test_shows", "points", "expected"),
    [
        (True, "", 113, ("claimed", "researcher")),
        (False, "expert", 113, ("lower_than_current", "expert")),
        (False, "", 113, ("lower_than_current", "teacher")),
        (True, "expert", 112, ("lower_than_current", "expert")),
    ],
)
def test_with_an_old_category_the_test_decides_for_who_does_not_pass(
    passed: bool, test_shows: str, points: int, expected: tuple[str, str]
) -> None:
    case = replace(
        TEACHER, procedure="old_category", current="", knowledge_passed=passed, knowledge_category=test_shows,
        portfolio_points=points,
    )  # fmt: skip
    assert found(case) == expected


# Settings


def test_totals_decide_nothing_where_the_organisation_says_so() -> None:
    profile = under(portfolio_totals_decide="no")
    few = replace(TEACHER, portfolio_points=1)
    assert found(replace(few, recommended="claimed"), profile) == ("claimed", "researcher")
    assert found(replace(few, recommended="lower"), profile) == ("current", "expert")
    assert found(replace(few, recommended="not"), profile) == ("lower_than_current", "teacher")
    assert not propose(few, profile).is_ready
    assert found(replace(few, recommended="claimed")) == ("lower_than_current", "teacher")


@pytest.mark.parametrize(("points", "printed", "summed"), [(47, "claimed", "current"), (48, "claimed", "claimed")])
def test_where_figures_contradict_the_setting_chooses_and_both_are_shown(
    points: int, printed: str, summed: str
) -> None:
    case = replace(DEPUTY, portfolio_points=points)
    assert found(case)[0] == printed
    assert found(case, under(portfolio_figures="summed"))[0] == summed
    told = " ".join(str(reason.message) for reason in propose(case, PROFILE).reasons)
    assert "prints 47 and its rows make 48" in told


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("recommendation", ("claimed", "second")), ("not_conforming", ("not_conforming", ""))],
)
def test_what_re_attestation_means_is_a_setting(choice: str, expected: tuple[str, str]) -> None:
    case = replace(HEAD, recommended="re_attestation")
    assert found(case, under(re_attestation=choice)) == expected


def test_retention_is_counted_from_the_decision_or_from_the_end() -> None:
    case = replace(TEACHER, procedure="retention", claimed="expert", ground="34(2)")
    assert propose(case, PROFILE).valid_until == date(2026, 10, 15)
    assert propose(case, under(retention_from="expiry")).valid_until == date(2027, 3, 1)
    assert clauses(propose(case, PROFILE)) == ["34(2)"]


def test_the_end_of_a_category_is_known_at_the_session_when_it_counts_from_the_decision() -> None:
    assert propose(TEACHER, PROFILE).valid_until is None
    assert propose(TEACHER, under(category_valid_from="decision")).valid_until == date(2029, 10, 15)
    assert propose(HEAD, under(category_valid_from="decision")).valid_until == date(2027, 10, 15)


@pytest.mark.parametrize(
    ("points", "mean", "lowest"),
    [((113, 112), Fraction(225, 2), 112), ((113, 113), 113, 113), ((110, 113, 116), 113, 110), ((), None, None)],
)
def test_several_members_sheets_make_one_result(
    points: tuple[int, ...], mean: Number | None, lowest: Number | None
) -> None:
    assert portfolio_result(points, PROFILE) == mean
    assert portfolio_result(points, under(portfolio_result="lowest")) == lowest


def test_the_mean_of_observations_is_rounded_only_if_the_organisation_says_so() -> None:
    points = (80, 80, 81, 81, Fraction(161, 2))
    assert observation_result(points, PROFILE) == Fraction(161, 2)
    assert observation_result(points, under(observation_mean_rounding="half_up")) == 81
    assert observation_result((), PROFILE) is None


@pytest.mark.parametrize(
    ("score", "mark", "outcome", "passed"),
    [
        (50, "50", "", True),
        ("49,5", "50 %", "", False),
        (50, "", "", None),
        (50, "", "failed", False),
        (10, "50", "passed", True),  # what the commission has entered goes first
        ("", "50", "", None),
    ],
)
def test_the_outcome_of_the_test_is_entered_or_follows_from_the_pass_mark(
    score: object, mark: str, outcome: str, passed: bool | None
) -> None:
    profile = under(knowledge_pass_mark=mark)
    assert knowledge_outcome(score=score, max_score=100, outcome=outcome, profile=profile) is passed


# What holds for every case


@pytest.mark.parametrize("base", [TEACHER, HEAD, DEPUTY])
@pytest.mark.parametrize("procedure", ["regular", "early", "old_category"])
@pytest.mark.parametrize("passed", [True, False, None])
def test_every_conclusion_is_one_of_the_clause_and_never_above_the_claim(
    base: Case, procedure: str, passed: bool | None
) -> None:
    ladder = LADDERS[base.ladder]
    known = TEACHER_CONCLUSIONS if base.is_teacher else HEAD_CONCLUSIONS
    for points in range(0, 149, 7):
        for current in ("", *ladder.categories):
            case = replace(base, procedure=procedure, current=current, knowledge_passed=passed, portfolio_points=points)
            if current and ladder.rank(current) > ladder.rank(case.claimed):
                continue
            proposal = propose(case, PROFILE)
            assert proposal.conclusion in known
            assert (proposal.category == "") is (proposal.conclusion is Conclusion.NOT_CONFORMING)
            if proposal.category:
                assert ladder.rank(proposal.category) <= ladder.rank(case.claimed)
            assert proposal.reasons


def steps(ladder: Ladder, procedure: str) -> Iterator[tuple[str, str]]:
    """Every claimed and current category that an application of this procedure may bear."""
    for claimed in (each for each in ladder.categories if each != "trainee"):  # nobody applies for it
        lower = ladder.moved(claimed, -1)
        match procedure:
            case "retention" | "prepension":
                yield claimed, claimed
            case "early":
                yield from [(claimed, lower)] if lower != claimed else []
            case "old_category":
                yield from [(claimed, "")] if claimed in OLD_TEACHER_CATEGORIES.values() else []
            case _:
                yield from {(claimed, claimed), (claimed, lower)}


@pytest.mark.parametrize("base", [TEACHER, HEAD, DEPUTY])
@pytest.mark.parametrize("procedure", PROCEDURE_TITLES)
def test_whatever_is_proposed_a_commission_may_conclude(base: Case, procedure: str) -> None:
    ladder = LADDERS[base.ladder]
    family = "teacher_protocol" if base.is_teacher else "head_protocol"
    for claimed, current in steps(ladder, procedure):
        for passed, test_shows, points in product((True, False), ladder.categories, range(0, 149, 20)):
            case = replace(
                base, procedure=procedure, claimed=claimed, current=current, knowledge_passed=passed,
                knowledge_category="" if passed else test_shows, portfolio_points=points, ground="language",
                pension_on=date(2027, 1, 1),
            )  # fmt: skip
            proposal = propose(case, PROFILE)
            item = {"ladder": case.ladder, "procedure": procedure, "claimed": claimed, "current": current}
            assert proposal.category in (categories_of(item, proposal.conclusion, family) or ()), case


def test_more_points_never_make_a_worse_proposal() -> None:
    order = ("lower_than_current", "current", "claimed")
    ranks = [order.index(found(replace(TEACHER, portfolio_points=points))[0]) for points in range(149)]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(("number", "words"), [(113, "113"), (Fraction(225, 2), "112,5"), (Fraction(250, 3), "83,33")])
def test_numbers_are_shown_as_people_write_them(number: Number, words: str) -> None:
    assert shown(number).kk == words
