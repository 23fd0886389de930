"""Rules of the attestation order about categories: each at its limit, and one beside it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from docflow.regulations.krg.categories import (
    COMPETENCES,
    DEPUTIES,
    EARLY_RULES,
    ENTRIES,
    GROUNDS,
    HEAD_CONCLUSIONS,
    HEADS,
    LADDERS,
    LANGUAGE_SCORES,
    OLD_HEAD_CATEGORIES,
    OLD_TEACHER_CATEGORIES,
    OTHER_LANGUAGES,
    REFUSAL_GROUNDS,
    RETENTION_GROUNDS,
    TEACHER_CONCLUSIONS,
    TEACHERS,
    Authority,
    Ladder,
    categories_by_score,
    competence,
    lowered_by_knowledge_test,
    may_claim,
)

SEEDS = Path(__file__).parents[3] / "shared" / "domain" / "seeds"


def test_the_ladders_are_those_of_the_order() -> None:
    assert TEACHERS.categories == ("trainee", "teacher", "moderator", "expert", "researcher", "master")
    assert HEADS.categories == DEPUTIES.categories == ("third", "second", "first")
    assert set(OLD_TEACHER_CATEGORIES.values()) < set(TEACHERS.categories)
    assert tuple(OLD_HEAD_CATEGORIES.values()) == HEADS.categories


@pytest.mark.parametrize(
    ("ladder", "current", "claimed", "first", "allowed"),
    [
        (TEACHERS, "moderator", "moderator", False, True),
        (TEACHERS, "moderator", "expert", False, True),
        (TEACHERS, "moderator", "researcher", False, False),
        (TEACHERS, "expert", "moderator", False, False),
        (TEACHERS, "teacher", "master", True, False),  # clause 44 speaks of heads and deputies
        (HEADS, "third", "second", False, True),
        (HEADS, "third", "first", False, False),
        (HEADS, "third", "first", True, True),
        (DEPUTIES, "third", "first", True, True),
    ],
)
def test_categories_follow_each_other(ladder: Ladder, current: str, claimed: str, first: bool, allowed: bool) -> None:
    assert may_claim(ladder, claimed, current=current, is_first_attestation=first) is allowed


@pytest.mark.parametrize(
    ("claimed", "current", "knowledge", "given"),
    [
        ("researcher", "researcher", "expert", "expert"),  # confirming: one level lower
        ("researcher", "researcher", "teacher", "expert"),  # and not more than one
        ("moderator", "moderator", "teacher", "teacher"),
        ("researcher", "expert", "expert", "expert"),  # assigning: what the test shows
        ("researcher", "expert", "moderator", "moderator"),
        ("expert", "moderator", "researcher", "expert"),  # never more than was claimed
    ],
)
def test_who_fails_the_knowledge_test_is_lowered(claimed: str, current: str, knowledge: str, given: str) -> None:
    assert lowered_by_knowledge_test(TEACHERS, claimed, current=current, knowledge=knowledge) == given


def test_the_ends_of_a_ladder_hold() -> None:
    assert (HEADS.moved("third", -1), HEADS.moved("first", 1), HEADS.moved("third", 1)) == ("third", "first", "second")


@pytest.mark.parametrize(
    ("authority", "ladder", "category", "subordinate", "clause"),
    [
        (Authority.ORGANISATION, "teacher", "moderator", False, "13(1)"),
        (Authority.ORGANISATION, "teacher", "expert", False, None),
        (Authority.DISTRICT, "teacher", "expert", False, "13(2)"),
        (Authority.DISTRICT, "teacher", "researcher", False, None),
        (Authority.DISTRICT, "head", "second", False, "13(2)"),
        (Authority.DISTRICT, "head", "first", False, None),
        (Authority.DISTRICT, "deputy", "third", False, "13(2)"),
        (Authority.REGION, "teacher", "researcher", False, "13(3)"),
        (Authority.REGION, "teacher", "master", False, "13(3)"),
        (Authority.REGION, "teacher", "expert", False, None),
        (Authority.REGION, "teacher", "expert", True, "13(3)"),
        (Authority.REGION, "head", "first", False, "13(3)"),
        (Authority.REGION, "head", "first", True, "13(3)"),
        (Authority.REGION, "deputy", "second", True, "13(3)"),
        (Authority.MINISTRY, "teacher", "master", False, "13(4)"),
        (Authority.MINISTRY, "teacher", "researcher", False, None),
        (Authority.MINISTRY, "teacher", "researcher", True, "13(4)"),
        (Authority.MINISTRY, "head", "first", True, "13(4)"),
    ],
)
def test_a_commission_confers_what_its_level_may(
    authority: Authority, ladder: str, category: str, subordinate: bool, clause: str | None
) -> None:
    found = competence(authority, ladder, category, subordinate=subordinate)
    assert (found.clause.number if found else None) == clause


def test_competences_name_categories_of_their_ladder() -> None:
    for row in COMPETENCES:
        assert set(row.categories) <= set(LADDERS[row.ladder].categories)


def test_teachers_and_heads_have_their_own_third_conclusion() -> None:
    assert [clause.number for clause in TEACHER_CONCLUSIONS.values()] == ["19(1)", "19(2)", "19(3)", "42 ¶2"]
    assert [clause.number for clause in HEAD_CONCLUSIONS.values()] == ["46 ¶2", "46 ¶3", "46 ¶4", "46 ¶5"]
    assert {each.value for each in set(TEACHER_CONCLUSIONS) ^ set(HEAD_CONCLUSIONS)} == {
        "lower_than_current",
        "lower_than_claimed",
    }


@pytest.mark.parametrize(("category", "at_least", "listed"), [("expert", 4, 8), ("researcher", 5, 7), ("master", 6, 7)])
def test_so_many_criteria_are_needed_before_the_term(category: str, at_least: int, listed: int) -> None:
    rule = EARLY_RULES[category]
    assert (rule.at_least, len(rule.criteria)) == (at_least, listed)
    assert rule.is_met(at_least)
    assert not rule.is_met(at_least - 1)


@pytest.mark.parametrize(
    ("category", "years"), [("teacher", 1), ("moderator", 2), ("expert", 3), ("researcher", 5), ("master", 6)]
)
def test_so_many_years_of_teaching_are_needed(category: str, years: int) -> None:
    assert ENTRIES[category].has_experience(years)
    assert not ENTRIES[category].has_experience(years - 1)


@pytest.mark.parametrize(
    ("examination", "score", "as_minimum", "as_range"),
    [
        ("IELTS", 6, (), ()),
        ("IELTS", Fraction(13, 2), ("moderator", "expert"), ("moderator", "expert")),
        ("IELTS", 7, ("moderator", "expert", "researcher"), ("moderator", "expert", "researcher")),
        ("TOEFL iBT", 78, (), ()),
        ("TOEFL iBT", 79, ("moderator",), ("moderator",)),
        ("TOEFL iBT", 84, ("moderator",), ("moderator",)),
        ("TOEFL iBT", 85, ("moderator", "expert"), ("expert",)),
        ("TOEFL iBT", 93, ("moderator", "expert"), ("expert",)),
        ("TOEFL iBT", 94, ("moderator", "expert", "researcher"), ("researcher",)),
        ("TOEFL iBT", 101, ("moderator", "expert", "researcher"), ("researcher",)),
        ("TOEFL iBT", 102, ("moderator", "expert", "researcher", "master"), ("master",)),
        ("TOEFL iBT", 109, ("moderator", "expert", "researcher", "master"), ("master",)),
        ("TOEFL iBT", 110, ("moderator", "expert", "researcher", "master"), ()),
    ],
)
def test_a_language_score_opens_categories(
    examination: str, score: int | Fraction, as_minimum: tuple[str, ...], as_range: tuple[str, ...]
) -> None:
    assert categories_by_score(examination, score) == as_minimum
    assert categories_by_score(examination, score, is_minimum=False) == as_range


def test_levels_of_french_and_german() -> None:
    levels = {(row.category, row.lowest) for row in LANGUAGE_SCORES if row.examination in ("DELF", "Goethe-Zertifikat")}
    assert levels == {("moderator", "B2"), ("expert", "B2"), ("researcher", "C1"), ("master", "C1")}
    assert OTHER_LANGUAGES == {"B2": "moderator", "C1": "expert", "C2": "expert"}


def test_grounds_without_attestation_give_a_category_of_their_ladder() -> None:
    assert {(ground.key, ground.category, ground.clause.number) for ground in GROUNDS.values()} == {
        ("production_moderator", "moderator", "6 ¶2"),
        ("production_expert", "expert", "6 ¶3"),
        ("presidential_reserve", "moderator", "7 ¶2"),
        ("nazarbayev_or_bolashak_graduate", "moderator", "7 ¶2"),
        ("celta", "moderator", "7 ¶2"),
        ("delta", "expert", "7 ¶3"),
        ("special_programme_graduate", "moderator", "10 ¶2"),
        ("special_programme", "", "10 ¶3"),
        ("leaders_of_change", "first", "11"),
    }
    assert all(not each.category or each.category in LADDERS[each.ladder].categories for each in GROUNDS.values())


def test_a_category_is_kept_on_five_grounds() -> None:
    assert [clause.number for clause in RETENTION_GROUNDS] == [f"34({number})" for number in range(1, 6)]


def test_criteria_education_and_grounds_are_verbatim() -> None:
    if not SEEDS.is_dir():
        pytest.skip(f"the texts of the acts are not at {SEEDS}")
    text = " ".join(next(SEEDS.glob("002_*.txt")).read_text(encoding="utf-8").split())
    criteria = [words for rule in EARLY_RULES.values() for words in rule.criteria]
    for words in (*criteria, *REFUSAL_GROUNDS, *(entry.education for entry in ENTRIES.values())):
        assert words in text, words
