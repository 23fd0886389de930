"""Profiles: the local act before the general one, and where they differ."""

from __future__ import annotations

import pytest

from docflow.core.regulations import Clause, Profile
from docflow.regulations import KNK, KRG, O95, PROFILES, WKU, differences
from docflow.regulations.citation import cite
from docflow.regulations.profiles import Kind, with_decisions

ALL = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())


@ALL
def test_an_override_names_an_open_setting_and_one_of_its_choices(profile: Profile) -> None:
    for name, value in profile.overrides.items():
        declared = next(act.settings[name] for act in profile.regulations if name in act.settings)
        assert declared.is_open, name
        assert declared.allows(value), name


def test_order_95_stands_behind_every_act_on_courses_and_attestation_by_itself() -> None:
    assert {code: profile.regulations[-1].code for code, profile in PROFILES.items()} == {
        "o95": "O95", "wku": "O95", "knk": "O95", "krg": "KRG",
    }  # fmt: skip
    assert PROFILES["krg"].regulations == (KRG,)


@ALL
def test_every_name_of_every_act_is_answered(profile: Profile) -> None:
    for act in profile.regulations:
        for name in act.thresholds:
            assert profile.threshold(name).clause
        for name in act.terms:
            assert profile.term(name).clause
        for name in act.settings:
            assert isinstance(profile.setting(name), str)
        for name in act.annual_dates:
            assert profile.annual_date(name).clause


@pytest.mark.parametrize(
    ("profile", "name", "clause"),
    [
        ("o95", "academic_hour_minutes", "O95 23 ¶3"),
        ("wku", "academic_hour_minutes", "WKU 4.9.4"),
        ("knk", "academic_hour_minutes", "O95 23 ¶3"),  # KNK is silent
        ("wku", "attendance_share", "O95 24(3)"),
        ("knk", "group_size_min", "KNK 3.11"),
    ],
)
def test_the_local_act_speaks_first_and_the_general_one_where_it_is_silent(
    profile: str, name: str, clause: str
) -> None:
    assert PROFILES[profile].threshold(name).clause.key == clause


@pytest.mark.parametrize(("profile", "clause"), [("o95", "O95 33"), ("wku", "O95 33"), ("knk", "KNK 5.5")])
def test_the_validity_of_a_certificate_comes_from_the_act_that_states_it(profile: str, clause: str) -> None:
    assert PROFILES[profile].term("certificate_validity").clause.key == clause


def test_the_acts_differ_where_the_inventory_says_so() -> None:
    found = {(code, each.name) for code, profile in PROFILES.items() for each in differences(profile)}
    assert found == {
        ("wku", "academic_hour_minutes"),
        ("wku", "application_addressee"),
        ("wku", "enrolment_order_for"),
        ("wku", "expulsion_needs_commission"),
        ("wku", "employer_notice_form"),
        ("wku", "postcourse_support_by"),
        ("wku", "seal"),
        ("knk", "application_addressee"),
        ("knk", "enrolment_order_for"),
        ("knk", "issue_order"),
        ("knk", "certificate_annex"),
        ("knk", "expulsion_needs_commission"),
        ("knk", "name_order"),
    }


def test_a_difference_shows_both_values_and_both_clauses() -> None:
    (hour,) = (each for each in differences(PROFILES["wku"]) if each.kind == Kind.THRESHOLD)
    assert (hour.local.value, hour.local.clause.key, hour.local.regulation.code) == (50, "WKU 4.9.4", "WKU")
    assert (hour.general.value, hour.general.clause.key, hour.general.regulation.code) == (45, "O95 23 ¶3", "O95")
    assert hour.title.in_language("ru") == "Академический час"


def test_a_decision_of_the_organisation_ends_or_makes_a_difference() -> None:
    with_annex = with_decisions(PROFILES["knk"], {"certificate_annex": "yes"})
    assert "certificate_annex" not in {each.name for each in differences(with_annex)}
    without_reference = with_decisions(PROFILES["wku"], {"failed_reference": "no"})
    (found,) = (each for each in differences(without_reference) if each.name == "failed_reference")
    assert (found.local.value, found.general.value) == ("no", "yes")


@pytest.mark.parametrize(
    ("profile", "name", "value", "sentence"),
    [
        ("knk", "issue_order", "no", "no act of profile knk leaves 'issue_order' open"),
        ("knk", "certificate_validity_from", "issue", "leaves 'certificate_validity_from' open"),
        ("o95", "unit_name", "retraining", "leaves 'unit_name' open"),
        ("o95", "abroad_short_hours_max", "90", "may be one of 80, 108, not '90'"),
    ],
)
def test_an_organisation_cannot_decide_what_an_act_has_decided(
    profile: str, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        with_decisions(PROFILES[profile], {name: value})


def test_a_decision_leaves_the_registered_profile_as_it_was() -> None:
    decided = with_decisions(PROFILES["o95"], {"certificate_validity_from": "issue"})
    assert decided.setting("certificate_validity_from") == "issue"
    assert PROFILES["o95"].setting("certificate_validity_from") == "completion"


def test_an_unknown_name_is_an_error_that_names_the_profile() -> None:
    with pytest.raises(KeyError, match="profile wku has no threshold 'group_size_min'"):
        PROFILES["wku"].threshold("group_size_min")


@pytest.mark.parametrize(
    ("clause", "kk", "ru", "en"),
    [
        (O95.clause("24"), "24-тармақ, № 95 бұйрық", "п. 24, Приказ № 95", "Order No. 95, clause 24"),
        (
            O95.clause("24(3)"),
            "24-тармақтың 3) тармақшасы, № 95 бұйрық",
            "пп. 3) п. 24, Приказ № 95",
            "Order No. 95, clause 24(3)",
        ),
        (
            O95.clause("23 ¶3"),
            "23-тармақтың 3-бөлігі, № 95 бұйрық",
            "ч. 3 п. 23, Приказ № 95",
            "Order No. 95, clause 23, part 3",
        ),
        (
            O95.clause("23 ¶2(1)"),
            "23-тармақтың 2-бөлігінің 1) тармақшасы, № 95 бұйрық",
            "пп. 1) ч. 2 п. 23, Приказ № 95",
            "Order No. 95, clause 23, part 2(1)",
        ),
        (
            WKU.clause("7.4.1"),
            "7.4.1-тармақ, ДСК. 08. ПД. 81 ережесі",
            "п. 7.4.1, Положение ДСК. 08. ПД. 81",
            "Statute ДСК. 08. ПД. 81, clause 7.4.1",
        ),
        (
            WKU.clause("p. 2"),
            "2-бет, ДСК. 08. ПД. 81 ережесі",
            "с. 2, Положение ДСК. 08. ПД. 81",
            "Statute ДСК. 08. ПД. 81, page 2",
        ),
        (
            KNK.appendix(1),
            "1-қосымша, Консерватория ережесі",
            "приложение 1, Положение консерватории",
            "Rules of the Conservatory, Appendix 1",
        ),
        (Clause("XYZ", "annex B"), "annex B, XYZ", "annex B, XYZ", "XYZ, annex B"),
    ],
)
def test_a_clause_is_cited_as_people_cite_it(clause: Clause, kk: str, ru: str, en: str) -> None:
    assert (cite(clause, "kk"), cite(clause, "ru"), cite(clause, "en")) == (kk, ru, en)
