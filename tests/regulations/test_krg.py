"""The attestation pack: every number, term and open question of joint Order No. 153, No. 354/НҚ."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from docflow.core.regulations import Profile, Text
from docflow.regulations import KRG
from docflow.regulations.citation import cite
from docflow.regulations.krg.act import EXPIRED_MARK
from docflow.regulations.profiles import with_decisions

SEEDS = Path(__file__).parents[3] / "shared" / "domain" / "seeds"
TEACHERS = ("moderator", "expert", "researcher", "master")
HEADS = ("third", "second", "first")

# Inventory, 7.4: by category, lowest first; then the single numbers.
BY_CATEGORY = {
    "observation_mean": (TEACHERS, (61, 71, 81, 91), "app. 8"),
    "feedback_sheets": (TEACHERS, (4, 5, 6, 7), "app. 8"),
    "pd_hours": (TEACHERS, (72, 72, 80, 108), "app. 8"),
    "pd_hours_preschool": (TEACHERS, (36, 36, 72, 80), "app. 8"),
    "pd_hours_head": (HEADS, (72, 80, 108), "app. 11"),
    "pd_hours_preschool_head": (HEADS, (36, 72, 80), "app. 11"),
    "pd_hours_cabinet_head": (("third", "second", "first_over"), (36, 72, 72), "app. 11"),
    "inclusive_share": (HEADS, (Fraction(1, 2), Fraction(3, 5), Fraction(7, 10)), "app. 11"),
    "early_criteria": (TEACHERS[1:], (4, 5, 6), ("42(1)", "42(2)", "42(3)")),
    "early_criteria_listed": (TEACHERS[1:], (8, 7, 7), ("42(1)", "42(2)", "42(3)")),
    "experience_years": (
        ("teacher", *TEACHERS),
        (1, 2, 3, 5, 6),
        ("31(1)", "31(2)", "31(3)", "31(4)", "31(5)"),
    ),
}
SINGLE = {
    "commission_members_min": (7, "17"),
    "commission_quorum": (Fraction(2, 3), "18"),
    "member_experience_years_min": (10, "14"),
    "attestations_per_school_year_max": (1, "app. 4"),
    "essay_words_min": (250, "27 ¶2"),
    "essay_words_max": (300, "27 ¶2"),
    "observation_sheets_min": (5, "app. 8"),
    "observation_points_max": (102, "app. 9"),
    "joint_authors_max": (3, "app. 8"),
    "spread_districts_min": (3, "31(4)"),
    "spread_regions_min": (3, "31(5)"),
    "site_updates_per_month_min": (2, "app. 11"),
    "unt_points_min": (120, "app. 11"),
    "additional_education_years_min": (5, "31(1)"),
    "doctor_years_researcher_min": (3, "42(2)"),
    "doctor_years_master_min": (5, "42(3)"),
    "production_years_moderator_min": (5, "6 ¶2"),
    "production_years_expert_over": (10, "6 ¶3"),
    "special_programme_levels_up": (1, "10 ¶3"),
    "confirmation_levels_down": (1, "30 ¶2"),
}
TERMS = {
    "order_copy": (5, "working_days", "№ 153 (6)"),
    "teacher_category_validity": (5, "years", "3"),
    "deputy_category_validity": (5, "years", "43"),
    "head_category_validity": (3, "years", "43"),
    "session_without_attestation": (5, "working_days", "6 ¶4"),
    "graduate_within": (5, "years", "7 ¶2"),
    "commission_mandate": (1, "years", "16"),
    "protocol_extract": (3, "working_days", "20"),
    "list_publication": (15, "working_days", "20"),
    "application_notice": (1, "working_days", "23 ¶2"),
    "contact_centre_notice": (3, "working_days", "25 ¶2"),
    "complaint_forwarding": (3, "working_days", "26 ¶3"),
    "complaint_provider": (5, "working_days", "26 ¶5"),
    "complaint_quality_body": (15, "working_days", "26 ¶6"),
    "reentry_break_max": (5, "years", "31(1)"),
    "category_retention_max": (2, "years", "34"),
    "child_care_until": (3, "years", "34(2)"),
    "transfer_retention_left": (1, "years", "34(5)"),
    "prepension_under": (4, "years", "35"),
    "quality_dynamics": (3, "years", "app. 8"),
    "early_attestation_after": (2, "years", "42"),
    "head_application_before": (6, "months", "43 ¶2"),
    "head_early_achievement": (2, "years", "47"),
    "head_extract": (3, "working_days", "47 ¶2"),
}
DEFAULTS = {
    "analytical_summary": "optional",
    "continued_by_order": "",
    "portfolio_totals_decide": "yes",
    "portfolio_figures": "printed",
    "observation_level_max": "3",
    "observation_excess": "normalise",
    "observation_mean_rounding": "none",
    "knowledge_pass_mark": "",
    "majority_of": "present",
    "term_first_day": "next_day",
    "retention_from": "decision",
    "category_valid_from": "order",
    "applications_close_counts": "included",
    "language_scores": "minimum",
    "language_tkt": "commission",
    "language_keeps_sequence": "commission",
    "re_attestation": "recommendation",
    "refusal_notice_title": "form",
    "authority": "region",
    "portfolio_result": "mean",
    "region_master_for": "methodists",
    "holder_signs_certificate": "no",
}
ALONE = Profile("krg", Text("№ 153", "№ 153"), (KRG,))


def expected_by_category() -> dict[str, tuple[Fraction | int, str]]:
    found = {}
    for name, (categories, values, clauses) in BY_CATEGORY.items():
        places = (clauses,) * len(values) if isinstance(clauses, str) else clauses
        for category, value, place in zip(categories, values, places, strict=True):
            found[f"{name}_{category}"] = (value, place)
    return found


def place(clause_key: str) -> str:
    return clause_key.removeprefix("KRG ")


def test_the_thresholds_are_those_of_the_order_and_no_others() -> None:
    found = {name: (each.value, place(each.clause.key)) for name, each in KRG.thresholds.items()}
    assert found == {**expected_by_category(), **SINGLE}


def test_the_terms_are_those_of_the_order_and_no_others() -> None:
    found = {name: (each.amount, each.unit, place(each.clause.key)) for name, each in KRG.terms.items()}
    assert found == TERMS


def test_what_the_order_leaves_open_is_open_and_has_its_default() -> None:
    assert {name: each.default for name, each in KRG.settings.items() if each.is_open} == DEFAULTS


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("commission_formed", date(2024, 9, 1)),
        ("applications_open", date(2024, 9, 1)),
        ("applications_close", date(2024, 12, 31)),
    ],
)
def test_the_days_of_the_autumn(name: str, day: date) -> None:
    assert KRG.annual_dates[name].in_year(2024) == day


def test_the_clauses_are_those_of_the_algorithm_and_of_the_order() -> None:
    assert {int(number) for number in KRG.clauses if number.isdigit()} == set(range(1, 50))
    assert set(KRG.appendices) == {str(number) for number in range(1, 14)}
    assert {number for number in KRG.clauses if number.startswith("№")} == {f"№ 153 ({n})" for n in (1, 2, 4, 5, 6, 9)}


def test_the_order_has_ended_and_says_so() -> None:
    (edition,) = KRG.editions
    assert (edition.valid_from, edition.valid_to) == (date(2024, 6, 20), date(2024, 12, 31))
    assert "31 желтоқсанға дейін" in edition.note.kk
    assert "№ 153" in edition.basis.kk
    assert "№ 354/НҚ" in edition.basis.kk


def test_title_basis_note_and_mark_are_verbatim() -> None:
    if not SEEDS.is_dir():
        pytest.skip(f"the texts of the acts are not at {SEEDS}")
    text = next(SEEDS.glob("002_*.txt")).read_text(encoding="utf-8")
    (edition,) = KRG.editions
    for words in (KRG.title.kk, edition.basis.kk, edition.note.kk, EXPIRED_MARK.kk):
        assert words in text


def test_going_on_after_the_end_needs_an_order_that_the_organisation_names() -> None:
    assert ALONE.setting("continued_by_order") == ""
    decided = with_decisions(ALONE, {"continued_by_order": "12.01.2025 № 7-н"})
    assert decided.setting("continued_by_order") == "12.01.2025 № 7-н"


def test_an_organisation_decides_by_whom_the_majority_is_counted() -> None:
    assert with_decisions(ALONE, {"majority_of": "composition"}).setting("majority_of") == "composition"
    with pytest.raises(ValueError, match="may be one of present, composition, not 'all'"):
        with_decisions(ALONE, {"majority_of": "all"})


@pytest.mark.parametrize(
    ("number", "kk", "ru"),
    [
        ("18 ¶2", "18-тармақтың 2-бөлігі, № 153 бұйрықтың Алгоритмі", "ч. 2 п. 18, Алгоритм приказа № 153"),
        ("31(4)", "31-тармақтың 4) тармақшасы, № 153 бұйрықтың Алгоритмі", "пп. 4) п. 31, Алгоритм приказа № 153"),
    ],
)
def test_a_clause_of_the_algorithm_is_cited(number: str, kk: str, ru: str) -> None:
    assert (cite(KRG.clause(number), "kk"), cite(KRG.clause(number), "ru")) == (kk, ru)
