"""Promises that every registered act keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from docflow.core.regulations import Clause, Regulation, Setting, Text
from docflow.regulations import KNK, KRG, O95, REGULATIONS, WKU, registered
from docflow.regulations.notation import earliest_entry, successive, table

ACTS = pytest.mark.parametrize("act", REGULATIONS.values(), ids=REGULATIONS.keys())
UNITS = {"working_days", "calendar_days", "months", "years"}


def entries(act: Regulation) -> Iterator[tuple[str, Clause, Text]]:
    for kept in (act.thresholds, act.terms, act.annual_dates, act.settings):
        for entry in kept.values():
            yield entry.name, entry.clause, entry.title


@ACTS
def test_clauses_know_their_act_and_number(act: Regulation) -> None:
    for number, clause in act.clauses.items():
        assert (clause.regulation, clause.number, clause.is_appendix) == (act.code, number, False)
    for number, clause in act.appendices.items():
        assert (clause.regulation, clause.number, clause.is_appendix) == (act.code, number, True)


@ACTS
def test_every_clause_is_quoted_in_the_languages_of_the_act_and_in_no_other(act: Regulation) -> None:
    # WKU prints no title on its first appendix.
    untitled = {"WKU app. 1"}
    for clause in (*act.clauses.values(), *act.appendices.values()):
        assert clause.languages == act.languages
        for language in ("kk", "ru"):
            quoted = bool(getattr(clause.quotation, language))
            assert quoted is (language in act.languages and clause.key not in untitled), clause.key


@ACTS
def test_quotations_are_short(act: Regulation) -> None:
    for clause in act.clauses.values():
        assert max(len(clause.quotation.kk), len(clause.quotation.ru)) < 260, clause.key


@ACTS
def test_whatever_decides_has_a_clause_of_its_own_act_and_a_title(act: Regulation) -> None:
    for name, clause, title in entries(act):
        known = act.appendices if clause.is_appendix else act.clauses
        assert known[clause.number] is clause, name
        assert all((title.kk, title.ru, title.en)), name


@ACTS
def test_numbers_are_exact_and_units_known(act: Regulation) -> None:
    for threshold in act.thresholds.values():
        assert isinstance(threshold.value, Fraction if threshold.unit == "share" else int), threshold.name
    assert {term.unit for term in act.terms.values()} <= UNITS


@ACTS
def test_a_setting_has_a_default_it_allows_and_titles_for_its_choices(act: Regulation) -> None:
    for setting in act.settings.values():
        assert setting.allows(setting.default), setting.name
        plain = all(choice.isdigit() for choice in setting.choices)
        assert plain or set(setting.choice_titles) == set(setting.choices), setting.name


@ACTS
def test_wordings_follow_each_other_without_a_gap(act: Regulation) -> None:
    for earlier, later in zip(act.editions, act.editions[1:], strict=False):
        assert earlier.valid_to == later.valid_from - timedelta(days=1)
    # The only act with an end of its own: order No. 153, clause 9.
    assert act.editions[-1].valid_to == (date(2024, 12, 31) if act.code == "KRG" else None)


@ACTS
def test_an_act_is_plain_data(act: Regulation) -> None:
    assert asdict(act)["code"] == act.code


@pytest.mark.parametrize(
    ("act", "day", "edition"),
    [
        (O95, date(2016, 3, 19), None),
        (O95, date(2016, 3, 20), "No. 95"),
        (O95, date(2022, 12, 2), "No. 95"),
        (O95, date(2022, 12, 3), "No. 415"),
        (O95, date(2023, 8, 17), "No. 415"),
        (O95, date(2023, 8, 18), "No. 249"),
        (O95, date(2025, 5, 10), "No. 249"),
        (O95, date(2025, 5, 11), "No. 98"),
        (WKU, date(2025, 12, 1), None),
        (WKU, date(2025, 12, 2), "ДСК. 08. ПД. 81"),
        (WKU, date(2028, 12, 3), "ДСК. 08. ПД. 81"),  # the planned revision does not end it: 9.1
        (KNK, date(2025, 1, 10), None),
        (KNK, date(2025, 1, 11), "2025"),
        (KRG, date(2024, 6, 19), None),
        (KRG, date(2024, 6, 20), "No. 153, No. 354/НҚ"),
        (KRG, date(2024, 12, 31), "No. 153, No. 354/НҚ"),
        (KRG, date(2025, 1, 1), None),
    ],
)
def test_the_wording_in_force_changes_on_the_day(act: Regulation, day: date, edition: str | None) -> None:
    found = act.edition_on(day)
    assert (found.name if found else None) == edition


@pytest.mark.parametrize(
    ("act", "name", "value", "clause"),
    [
        (O95, "attendance_share", Fraction(4, 5), "24(3)"),
        (O95, "test_share", Fraction(1, 2), "24(4)"),
        (O95, "short_course_hours_min", 36, "23(1)"),
        (O95, "short_course_hours_max", 108, "23(1)"),
        (O95, "long_course_hours_over", 108, "23(2)"),
        (O95, "internship_hours_min", 36, "23(3)"),
        (O95, "abroad_short_hours_min", 36, "23 ¶2(1)"),
        (O95, "academic_hour_minutes", 45, "23 ¶3"),
        (O95, "qualified_trainers_share", Fraction(2, 5), "3(1)"),
        (O95, "production_experience_years_min", 3, "21(2)"),
        (O95, "working_group_members_min", 5, "7 ¶2"),
        (O95, "reassessments_per_year_max", 1, "31(1)"),
        (WKU, "short_course_hours_min", 36, "4.9.1"),
        (WKU, "short_course_hours_max", 108, "4.9.1"),
        (WKU, "long_course_hours_over", 108, "4.9.2"),
        (WKU, "internship_hours_min", 36, "4.9.3"),
        (WKU, "academic_hour_minutes", 50, "4.9.4"),
        (WKU, "production_experience_years_min", 3, "5.1.2"),
        (WKU, "reassessments_per_year_max", 1, "7.4.1"),
        (KNK, "group_size_min", 4, "3.11"),
        (KNK, "author_course_hours", 72, "3.13"),
        (KNK, "registry_course_hours", 80, "3.14"),
        (KNK, "culture_experience_years_min", 3, "3.5(5)"),
        (KNK, "chosen_trainer_experience_years_min", 3, "3.12"),
        (KNK, "programme_leaders_max", 3, "3.6"),
        (KNK, "reassessments_per_year_max", 1, "5.7(1)"),
        (KNK, "act_change_share", Fraction(2, 3), "8.1"),
    ],
)
def test_a_threshold_is_the_number_of_its_clause(
    act: Regulation, name: str, value: Fraction | int, clause: str
) -> None:
    assert (act.thresholds[name].value, act.thresholds[name].clause.number) == (value, clause)


@pytest.mark.parametrize(
    ("act", "name", "amount", "unit", "clause"),
    [
        (O95, "certificate_validity", 3, "years", "33"),
        (O95, "nobd_entry", 5, "working_days", "19"),
        (O95, "dossier_handover", 5, "working_days", "8"),
        (O95, "dossier_review", 10, "working_days", "8"),
        (O95, "working_group_mandate", 3, "years", "7"),
        (O95, "lists_before_course", 2, "months", "14"),
        (O95, "abroad_leave_max", 1, "years", "5(3)"),
        (O95, "abroad_long_course_max", 1, "years", "23 ¶2(2)"),
        (O95, "reassessment_period", 1, "years", "31(1)"),
        (O95, "postcourse_support", 1, "years", "36"),
        (O95, "monitoring_period", 3, "years", "38"),
        (WKU, "reassessment_period", 1, "years", "7.4.1"),
        (WKU, "postcourse_support", 1, "years", "8.2"),
        (WKU, "monitoring_period", 3, "years", "8.4.4"),
        (WKU, "act_revision", 3, "years", "p. 2"),
        (KNK, "certificate_validity", 3, "years", "5.5"),
        (KNK, "reassessment_period", 1, "years", "5.7(1)"),
        (KNK, "postcourse_support", 1, "years", "6.6"),
        (KNK, "postcourse_report", 1, "years", "6.7"),
        (KNK, "monitoring_period", 3, "years", "7.9"),
    ],
)
def test_a_term_is_that_of_its_clause(act: Regulation, name: str, amount: int, unit: str, clause: str) -> None:
    term = act.terms[name]
    assert (term.amount, term.unit, term.clause.number) == (amount, unit, clause)


def test_no_threshold_or_term_is_left_out_of_the_tables_above() -> None:
    tables = (test_a_threshold_is_the_number_of_its_clause, test_a_term_is_that_of_its_clause)
    listed = {(row[0].code, row[1]) for test in tables for mark in test.pytestmark for row in mark.args[1]}
    assert listed == {(act.code, name) for act in (O95, WKU, KNK) for name in (*act.thresholds, *act.terms)}


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("course_request", date(2027, 6, 1)),
        ("district_plan", date(2027, 7, 1)),
        ("region_plan", date(2027, 9, 1)),
    ],
)
def test_the_yearly_cascade_has_its_three_days(name: str, last: date) -> None:
    assert O95.annual_dates[name].in_year(2027) == last


def test_a_typo_in_a_clause_names_the_act_and_the_number() -> None:
    with pytest.raises(KeyError, match=r"O95 has no clause '24\(5\)'"):
        O95.clause("24(5)")
    with pytest.raises(KeyError, match="KNK has no appendix 3"):
        KNK.appendix(3)


def test_two_acts_of_one_code_are_an_error() -> None:
    with pytest.raises(ValueError, match="WKU"):
        registered((O95, WKU, replace(KNK, code="WKU")))


def test_one_name_declared_twice_is_an_error() -> None:
    setting = Setting("x", Text("x", "x"), ("yes",), "yes", O95.clause("1"))
    with pytest.raises(ValueError, match="'x' is declared twice"):
        table(setting, setting)


def test_an_order_is_in_force_on_the_day_after_its_days_have_passed() -> None:
    # Published on the 1st, ten calendar days after that day are over with the 11th.
    assert earliest_entry(date(2026, 1, 1), days_after_publication=10) == date(2026, 1, 12)


def test_one_wording_stays_open() -> None:
    assert successive(O95.editions[-1]) == O95.editions[-1:]


def test_free_text_settings_allow_anything_and_decided_ones_one_thing() -> None:
    assert KNK.settings["act_approved_on"].allows("2025-03-01")
    assert KNK.settings["act_approved_on"].is_open
    assert not KNK.settings["issue_order"].is_open
    assert not KNK.settings["issue_order"].allows("no")
