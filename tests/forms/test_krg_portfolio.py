"""The six portfolio sheets: what a member's points have to keep to, and what a sheet comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docflow.core.derivation import Source
from docflow.core.permissions import SYSTEM
from docflow.core.registry import document_type
from docflow.core.regulations import Profile
from docflow.core.rules import RelatedDocument, Rule, Step, collect
from docflow.core.scoring import Figures, Measure
from docflow.forms import _portfolio as module
from docflow.regulations.krg import portfolio
from docflow.regulations.krg.sheets import GROUPS, PORTFOLIO
from docflow.regulations.krg.sheets.observation import O1
from docflow.regulations.profiles import PROFILES

KRG = PROFILES["krg"]
DAY = date(2024, 10, 7)
PERSON, MEMBER = 17, 5
COMMISSION = {"responsible": [{"person": {"surname": "Қуанышбекова", "given_name": "Әсел"}, "person_id": MEMBER}]}
NAMES = sorted(portfolio.TYPES)
EACH = pytest.mark.parametrize("name", NAMES)


def deciding(**settings: str) -> Profile:
    return replace(KRG, overrides={**KRG.overrides, **settings})


def sample(name: str = "portfolio_teacher", **changes: Any) -> dict[str, Any]:
    return deepcopy(dict(document_type(name).sample)) | changes


def blank(name: str = "portfolio_teacher", *lines: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A sheet with these lines only, each with evidence."""
    rows = [module.empty_line(str(line["number"])) | {"evidence": f"дәлел {place}"} | dict(line)
            for place, line in enumerate(lines)]  # fmt: skip
    return sample(name, rows=rows, **changes)


def observation(level: int, *, lines: int = len(O1.descriptors), on: str = "2024-10-01") -> RelatedDocument:
    content = {"observed_on": on, "levels": [level] * lines}
    return RelatedDocument("observation_lesson", "БП-1", "in_force", content, DAY, PERSON)


def step(
    content: Mapping[str, Any],
    *,
    profile: Profile = KRG,
    attachments: frozenset[str] = frozenset({"evidence-1.2"}),
    group: Mapping[str, Any] = COMMISSION,
    kind: str = "",
    **documents: list[RelatedDocument],
) -> Step:
    """An attempt to submit; *documents* are what is related, by type."""
    return Step(
        type=kind, transition="submit", content=content, profile=profile, actor=SYSTEM, on=DAY,
        attachments=attachments, group=group,
        related=lambda wanted: tuple(documents.get(wanted.partition(":")[2], ())),
    )  # fmt: skip


def refused(rule: Rule, attempt: Step) -> list[tuple[str | None, int | None]]:
    """Field and row of every refusal; each has a sentence and a clause of the order."""
    found = collect((rule,), attempt)
    assert all(str(each.message) and each.clause is not None and each.clause.regulation == "KRG" for each in found)
    return [(each.field, each.row) for each in found]


@EACH
def test_a_filled_sheet_passes_every_rule(name: str) -> None:
    found = collect(document_type(name).rules, step(sample(name), kind=name))
    assert [(each.code, str(each.message)) for each in found] == []


# ---------------------------------------------------------------- the lines


def test_the_group_is_known() -> None:
    rule = module.the_group_is_known
    assert refused(rule, step(sample("portfolio_head"), kind="portfolio_head")) == []
    for group in ("", "unlabelled_a", "unlabelled_b", "teacher"):
        attempt = step(sample("portfolio_head", sheet_group=group), kind="portfolio_head")
        assert refused(rule, attempt) == [("sheet_group", None)], group


def test_the_rows_without_a_label_are_for_nobody() -> None:
    assert {"unlabelled_a", "unlabelled_b"}.isdisjoint(GROUPS)
    assert [row.key for row in portfolio.groups_of(PORTFOLIO["P3"])] == ["head", "tve_head", "preschool_head"]
    _, errors = document_type("portfolio_head").form.validate_content(
        sample("portfolio_head", sheet_group="unlabelled_a")
    )
    assert set(errors) == {"sheet_group"}


def test_every_line_is_on_the_sheet() -> None:
    rule = module.every_line_is_on_the_sheet
    assert refused(rule, step(blank("portfolio_teacher", {"number": "4.1"}))) == []
    assert refused(rule, step(blank("portfolio_teacher", {"number": "4.1"}, {"number": "5.1"}))) == [
        ("rows-1-number", 2)
    ]


def test_something_is_judged() -> None:
    rule = module.something_is_judged
    assert refused(rule, step(blank("portfolio_teacher", {"number": "1.1"}))) == [("rows", None)]
    assert refused(rule, step(blank("portfolio_teacher", {"number": "1.1", "level": 0}))) == []


def test_every_point_has_its_evidence() -> None:
    rule = module.every_point_has_its_evidence
    line = {"number": "1.1", "level": 2, "points": 3, "evidence": ""}
    assert refused(rule, step(blank("portfolio_teacher", line))) == [("rows-0-evidence", 1)]
    assert refused(rule, step(blank("portfolio_teacher", line), attachments=frozenset({"evidence-1.1"}))) == []
    assert refused(rule, step(blank("portfolio_teacher", line), attachments=frozenset({"evidence-1.2"})))
    assert refused(rule, step(blank("portfolio_teacher", line | {"evidence": "мониторинг"}))) == []
    assert refused(rule, step(blank("portfolio_teacher", line | {"points": 0}))) == []


def columns() -> Iterator[tuple[str, str, int, int, dict[str, Any]]]:
    """Every printed column: type, line, column, its points, and what else the line says."""
    for name, sheet in portfolio.TYPES.items():
        for number, indicator in sheet.indicators.items():
            for place, level in enumerate(indicator.levels):
                if level.points is None or indicator.measure is Measure.MEAN:
                    continue
                yield name, number, place, level.points, {"pieces": 3} if level.each else {}
                if level.joint is not None:
                    yield name, number, place, level.joint, {"joint": True}
                if indicator.bonus_at(place):
                    yield name, number, place, level.points + indicator.bonus_at(place), {"won": True}


@pytest.mark.parametrize(("name", "number", "place", "points", "more"), list(columns()))
def test_points_fit_the_level(name: str, number: str, place: int, points: int, more: dict[str, Any]) -> None:
    rule = module.points_fit_the_level
    line = {"number": number, "level": place, **more}
    for fits in (0, points - 1, points):
        assert refused(rule, step(blank(name, line | {"points": fits}), kind=name)) == []
    assert refused(rule, step(blank(name, line | {"points": points + 1}), kind=name)) == [("rows-0-points", 1)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"number": "3.1", "level": 0, "points": 1}, "dash"),  # «–» is printed
        ({"number": "3.3", "level": 1, "points": 1}, "dash"),
        ({"number": "1.1", "level": None, "points": 1}, "column"),
        ({"number": "1.2", "level": None, "points": 102}, ""),  # the mean finds its column itself
        ({"number": "1.2", "level": 3, "points": 103}, "102"),
        ({"number": "3.1", "level": 2, "points": 5, "pieces": 2}, "4"),  # 2 points for each of two
    ],
)
def test_what_is_not_printed_is_not_given(line: dict[str, Any], expected: str) -> None:
    found = collect((module.points_fit_the_level,), step(blank("portfolio_teacher", line)))
    assert len(found) == bool(expected)
    assert all(expected in str(each.message) for each in found)


@pytest.mark.parametrize(
    ("changes", "is_enough"),
    [
        ({}, False), ({"authors": 2}, True), ({"authors": 3}, True), ({"authors": 4}, False),
        ({"authors": 4, "points": 0}, True), ({"joint": False}, True), ({"authors": 1}, False),
    ],
)  # fmt: skip
def test_a_joint_work_has_three_authors_at_most(changes: Mapping[str, Any], is_enough: bool) -> None:
    line = {"number": "3.3", "level": 3, "points": 2, "joint": True, **changes}
    found = refused(module.joint_authors_are_few, step(blank("portfolio_teacher", line)))
    assert found == ([] if is_enough else [("rows-0-authors", 1)])


def test_pieces_are_counted() -> None:
    rule = module.pieces_are_counted
    line = {"number": "3.1", "level": 3, "points": 3}
    assert refused(rule, step(blank("portfolio_teacher", line))) == [("rows-0-pieces", 1)]
    assert refused(rule, step(blank("portfolio_teacher", line | {"pieces": 1}))) == []
    assert refused(rule, step(blank("portfolio_teacher", {"number": "3.2", "level": 3, "points": 4}))) == []


def test_one_work_counts_once() -> None:
    rule = module.one_work_counts_once
    district = {"number": "3.2", "level": 1, "points": 2, "evidence": "Қазіргі сабақ"}
    region = {"number": "3.2", "level": 2, "points": 3, "evidence": "қазіргі  сабақ"}
    assert refused(rule, step(blank("portfolio_teacher", district, region))) == [("rows-1-points", 2)]
    assert refused(rule, step(blank("portfolio_teacher", district | {"points": 0}, region))) == []
    assert refused(rule, step(blank("portfolio_teacher", district, region | {"evidence": "Басқа семинар"}))) == []


def test_a_state_is_judged_once_whatever_it_is_called() -> None:
    rule = module.one_work_counts_once
    first, second = ({"number": "1.1", "level": 2, "points": 3, "evidence": name} for name in ("а", "б"))
    assert refused(rule, step(blank("portfolio_teacher", first, second))) == [("rows-1-points", 2)]


def test_the_bonus_is_given_once_a_level() -> None:
    rule = module.the_bonus_is_given_once_a_level
    first = {"number": "2.1", "level": 2, "points": 4, "won": True, "evidence": "олимпиада"}
    second = first | {"evidence": "байқау"}
    assert refused(rule, step(blank("portfolio_teacher", first, second))) == [("rows-1-points", 2)]
    assert refused(rule, step(blank("portfolio_teacher", first, second | {"points": 3}))) == []
    other_level = second | {"level": 3, "points": 5}
    assert refused(rule, step(blank("portfolio_teacher", first, other_level))) == []


@pytest.mark.parametrize(
    ("levels", "points", "attached", "fields"),
    [
        ([2] * 5, 68, False, []),  # 34 descriptors of 2
        ([2] * 5, 67, False, []),
        ([2] * 5, 69, False, ["rows-0-points"]),
        ([2] * 4, 68, False, ["rows-0-evidence"]),  # five are the least
        ([2] * 4, 68, True, []),  # the fifth is on paper
        ([3] * 5, 102, False, []),
        ([2, 2, 2, 2, 3], 74, False, []),  # the mean is 74,8
        ([2, 2, 2, 2, 3], 75, False, ["rows-0-points"]),
        ([], 0, False, []),
    ],
)
def test_the_mean_is_of_five_observations(levels: list[int], points: int, attached: bool, fields: list[str]) -> None:
    sheets = [observation(level) for level in levels]
    attempt = step(
        blank("portfolio_teacher", {"number": "1.2", "points": points}), observation_lesson=sheets,
        attachments=frozenset({"evidence-1.2"} if attached else ()),
    )  # fmt: skip
    assert [field for field, _ in refused(module.the_mean_is_of_five_observations, attempt)] == fields


def test_a_sheet_without_a_line_for_the_mean_asks_for_none() -> None:
    attempt = step(sample("portfolio_head"), kind="portfolio_head", attachments=frozenset())
    assert refused(module.the_mean_is_of_five_observations, attempt) == []


@pytest.mark.parametrize(
    ("sheet", "counts"),
    [
        (observation(2, on="2023-09-01"), True),  # the first day of the last school year
        (observation(2, on="2023-08-31"), False),
        (observation(2, on="2024-10-07"), True),
        (observation(2, on="2024-10-08"), False),
        (observation(2, lines=33), False),
        (observation(4), False),  # not on the scale of 0 to 3
    ],
)
def test_which_observations_count(sheet: RelatedDocument, counts: bool) -> None:
    points, mean = portfolio.observation_points([(sheet.type, sheet.content)] * 5, KRG, on=DAY)
    assert (len(points), mean is not None) == ((5, True) if counts else (0, False))


# ---------------------------------------------------------------- the recommendation


def test_the_recommendation_is_given() -> None:
    rule = module.the_recommendation_is_given
    assert refused(rule, step(sample(recommendation=""))) == [("recommendation", None)]
    assert refused(rule, step(sample(recommendation="lower"))) == [("recommended_category", None)]
    assert refused(rule, step(sample(recommendation="lower", recommended_category="expert"))) == []
    assert refused(rule, step(sample(recommendation="not"))) == []


LIMITS = [
    (name, totals.key, category)
    for name, sheet in portfolio.TYPES.items()
    for totals in portfolio.groups_of(sheet)
    for category in sheet.categories
]


def reaching(name: str, group: str, category: str, points: int, **changes: Any) -> dict[str, Any]:
    """A sheet whose total is *points*: how they come about is no matter of this rule."""
    number = next(iter(portfolio.TYPES[name].indicators))
    return blank(name, {"number": number, "level": 0, "points": points}, sheet_group=group, claimed=category, **changes)


@pytest.mark.parametrize(("name", "group", "category"), LIMITS)
def test_the_recommendation_agrees_with_the_total(name: str, group: str, category: str) -> None:
    rule = module.the_recommendation_agrees_with_the_total
    needed = dict(zip(GROUPS[group].categories, GROUPS[group].totals_for(group).points, strict=True))[category]
    enough, too_few = reaching(name, group, category, needed), reaching(name, group, category, needed - 1)
    assert refused(rule, step(enough, kind=name)) == []
    assert refused(rule, step(too_few, kind=name)) == [("recommendation", None)]
    assert refused(rule, step(too_few | {"reason": "Комиссия шешімі"}, kind=name)) == []
    outcome = portfolio.outcome_of(too_few, KRG)
    assert outcome is not None
    agreeing = {"recommendation": outcome.recommendation, "recommended_category": outcome.category}
    assert refused(rule, step(too_few | agreeing, kind=name)) == []


@pytest.mark.parametrize(
    ("name", "group", "claimed", "total", "outcome"),
    [
        ("portfolio_teacher", "teacher", "researcher", 113, ("claimed", "researcher")),
        ("portfolio_teacher", "teacher", "researcher", 134, ("claimed", "researcher")),
        ("portfolio_teacher", "teacher", "researcher", 112, ("lower", "expert")),
        ("portfolio_teacher", "teacher", "researcher", 83, ("lower", "moderator")),
        ("portfolio_teacher", "teacher", "researcher", 67, ("not", "")),
        ("portfolio_teacher", "special_group", "researcher", 110, ("claimed", "researcher")),
        ("portfolio_head", "head", "first", 61, ("lower", "second")),
        ("portfolio_head", "head", "third", 37, ("re_attestation", "")),
        ("portfolio_head", "preschool_head", "third", 34, ("claimed", "third")),
        ("portfolio_cabinet_deputy", "cabinet_deputy", "first", 32, ("claimed", "first")),
    ],
)
def test_what_a_total_comes_to(name: str, group: str, claimed: str, total: int, outcome: tuple[str, str]) -> None:
    found = portfolio.outcome_of(reaching(name, group, claimed, total), KRG)
    assert found == portfolio.Outcome(*outcome)


def test_totals_decide_only_where_the_organisation_says_so() -> None:
    content = reaching("portfolio_teacher", "teacher", "researcher", 10)
    assert portfolio.outcome_of(content, deciding(portfolio_totals_decide="no")) is None
    attempt = step(content, profile=deciding(portfolio_totals_decide="no"))
    assert refused(module.the_recommendation_agrees_with_the_total, attempt) == []


@pytest.mark.parametrize(("figures", "needed"), [("printed", 47), ("summed", 48)])
def test_the_setting_chooses_between_the_printed_total_and_the_sum(figures: str, needed: int) -> None:
    profile = deciding(portfolio_figures=figures)
    content = reaching("portfolio_deputy", "deputy", "second", 47)
    assert portfolio.needed_for(content, profile) == needed
    assert portfolio.contradicting(content) == (("second", 47, 48), ("first", 62, 64), ("", 67, 70))
    outcome = portfolio.outcome_of(content, profile)
    assert outcome is not None
    assert outcome.recommendation == ("claimed" if figures == "printed" else "lower")


# ---------------------------------------------------------------- the member


def test_the_member_sits_on_the_commission() -> None:
    rule = module.the_member_sits_on_the_commission
    assert refused(rule, step(sample())) == []
    assert refused(rule, step(sample(member_id=6))) == [("member-surname", None)]
    assert refused(rule, step(sample(member_id=None), group={})) == [("member-surname", None)]


@pytest.mark.parametrize(("state", "is_member"), [("in_force", True), ("annulled", False), ("draft", False)])
def test_the_order_on_the_commission_names_members_too(state: str, is_member: bool) -> None:
    order = RelatedDocument("commission_order", "К-1", state, {"members": [{"person_id": 6}]}, DAY)
    attempt = step(sample(member_id=6), commission_order=[order])
    assert (refused(module.the_member_sits_on_the_commission, attempt) == []) is is_member


def test_nobody_scores_himself() -> None:
    rule = module.nobody_scores_himself
    assert refused(rule, step(sample(person_id=PERSON, member_id=PERSON))) == [("member-surname", None)]
    assert refused(rule, step(sample(person_id=PERSON, member_id=MEMBER))) == []


# ---------------------------------------------------------------- sums


@given(data=st.data())
def test_the_total_is_the_sum_of_the_sections(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    sheet = portfolio.TYPES[name]
    group = data.draw(st.sampled_from([row.key for row in portfolio.groups_of(sheet)]))
    points = {number: data.draw(st.integers(0, 200)) for number in sheet.indicators}
    lines = [{"number": number, "points": given} for number, given in points.items()]
    extra = data.draw(st.sampled_from(sorted(points)))
    content = blank(name, *lines, {"number": extra, "points": 3}, sheet_group=group)
    left_out = sheet.totals_for(group).left_out or ()
    expected = sum(given for number, given in points.items() if number not in left_out)
    assert portfolio.total_of(content) == expected + (0 if extra in left_out else 3)
    assert sum(portfolio.section_totals(sheet, content).values()) == portfolio.total_of(content)


def test_a_partly_filled_sheet_has_its_sum() -> None:
    content = blank("portfolio_teacher", {"number": "1.1", "points": None}, {"number": "4.1", "points": 3})
    assert portfolio.total_of(content) == 3
    assert portfolio.total_of({}) == 0
    assert portfolio.needed_by({}, Figures.PRINTED) == {}


# ---------------------------------------------------------------- hours and sheets

HOURS = [
    ("P1", False, [(71, None), (72, 1), (79, 1), (80, 2), (107, 2), (108, 3)]),
    ("P1", True, [(35, None), (36, 1), (71, 1), (72, 2), (79, 2), (80, 3)]),
    ("P2", False, [(71, None), (72, 1), (80, 2), (108, 3)]),
    ("P2", True, [(35, None), (36, 1), (72, 2), (80, 3)]),
    ("P3", False, [(71, None), (72, 0), (79, 0), (80, 1), (107, 1), (108, 2)]),
    ("P3", True, [(35, None), (36, 0), (71, 0), (72, 1), (79, 1), (80, 2)]),
    ("P4", False, [(35, None), (36, 0), (71, 0), (72, 1), (73, 2)]),  # «72 сағаттан астам»
    ("P5", False, [(71, None), (72, 0), (80, 1), (108, 2)]),
    ("P5", True, [(35, None), (36, 0), (72, 1), (80, 2)]),
    ("P6", False, [(35, None), (36, 0), (72, 1), (73, 2)]),
    ("P6", True, [(35, None), (36, 0), (72, 1), (73, 2)]),
]


@pytest.mark.parametrize(
    ("code", "preschool", "hours", "column"),
    [(code, preschool, hours, column) for code, preschool, limits in HOURS for hours, column in limits],
)
def test_hours_reach_their_column(code: str, preschool: bool, hours: int, column: int | None) -> None:
    assert portfolio.hours_column(PORTFOLIO[code], hours, KRG, preschool=preschool) == column


@pytest.mark.parametrize(("sheets", "column"), [(0, None), (3, None), (4, 0), (5, 1), (6, 2), (7, 3), (20, 3)])
def test_feedback_sheets_reach_their_column(sheets: int, column: int | None) -> None:
    assert portfolio.feedback_column(PORTFOLIO["P2"], sheets, KRG) == column


@pytest.mark.parametrize(
    ("points", "column"), [(60, None), (61, 0), (70, 0), (71, 1), (80, 1), (81, 2), (90, 2), (91, 3), (102, 3)]
)
def test_a_mean_finds_its_column(points: int, column: int | None) -> None:
    assert portfolio.column_of(PORTFOLIO["P1"].indicators["1.2"], points) == column


def test_achievements_find_lines_that_are_printed() -> None:
    for code, lines in portfolio.ACHIEVEMENT_LINES.items():
        assert set(lines.values()) <= set(PORTFOLIO[code].indicators)
    teachers, heads = PORTFOLIO["P1"], PORTFOLIO["P3"]
    assert portfolio.achievement_column(teachers, "2.1", "organisation") == 0
    assert portfolio.achievement_column(teachers, "2.1", "international") == 3
    assert portfolio.achievement_column(teachers, "3.3", "district") is None  # a dash
    assert portfolio.achievement_column(heads, "2.4", "organisation") is None
    assert portfolio.achievement_column(heads, "2.4", "district") == 0


# ---------------------------------------------------------------- drafting


def drafted(name: str, group: str, **choices: Any) -> dict[str, Any]:
    source = "teacher_application" if portfolio.TYPES[name].appendix == 8 else "head_application"
    content = dict(document_type(source).sample) | {"sheet_group": group}
    related = RelatedDocument(source, "АӨ-1", "accepted", content, DAY, PERSON)
    derivation = next(each for each in document_type(name).derived_from if each.source == source)
    return derivation.fill(Source(related, KRG, COMMISSION, DAY, "kk", content, 1, choices=choices))


@EACH
def test_a_sheet_is_drafted_with_every_line_still_empty(name: str) -> None:
    sheet = portfolio.TYPES[name]
    content = drafted(name, portfolio.groups_of(sheet)[-1].key, member_id=MEMBER)
    assert document_type(name).form.validate_content(content) == (content, {})
    assert [row["number"] for row in content["rows"]] == list(sheet.indicators)
    assert {row["level"] for row in content["rows"]} == {None}
    assert (content["person_id"], content["member_id"]) == (PERSON, MEMBER)
    assert content["member"]["surname"] == "Қуанышбекова"
    assert content["sheet_group"] == portfolio.groups_of(sheet)[-1].key


def test_a_category_without_a_column_is_judged_without_a_total() -> None:
    content = sample(claimed="teacher")
    assert document_type("portfolio_teacher").form.validate_content(content) == (content, {})
    assert (portfolio.needed_for(content, KRG), portfolio.outcome_of(content, KRG)) == (None, None)
    assert collect(module.RULES, step(content)) == ()
    assert words("portfolio_teacher", content)["claimed"] is None


def test_who_is_chosen_need_not_stand_in_the_round_yet() -> None:
    names = {"surname": "Ким", "given_name": "Виктор", "patronymic": ""}
    content = drafted("portfolio_teacher", "teacher", member_id=8, member=names)
    assert (content["member_id"], content["member"]) == (8, names)


def test_the_application_asks_for_this_sheet() -> None:
    for name, group, fits in (
        ("portfolio_teacher", "special_group", True), ("portfolio_teacher", "methodist", False),
        ("portfolio_methodist", "cabinet_methodist", True), ("portfolio_head", "deputy", False),
        ("portfolio_deputy", "preschool_deputy", True), ("portfolio_teacher", "", False),
    ):  # fmt: skip
        (rule,) = document_type(name).derived_from[0].when
        assert rule.name == "the_application_asks_for_this_sheet"
        attempt = replace(step({"sheet_group": group}), transition="issue")
        assert (refused(rule, attempt) == []) is fits, (name, group)


# ---------------------------------------------------------------- what is printed


def words(name: str, content: Mapping[str, Any], profile: Profile = KRG) -> dict[str, Any]:
    printed = document_type(name).printed
    assert printed is not None
    return dict(printed(content, profile))


def test_the_paper_repeats_the_printed_table() -> None:
    found = words("portfolio_teacher", sample())
    lines = {each["number"]: each for section in found["sections"] for each in section["indicators"]}
    assert lines["2.1"]["levels"] == ["1", "2", "3", "4 (5)"]
    assert lines["3.1"]["levels"] == ["–", "–", "6 (1 үшін 2 ұпай)", "9 (1 үшін 3 ұпай)"]
    assert found["totals"][0]["points"] == ["68", "84", "113", "134 (148)"]
    assert [each["number"] for each in (*found["totals"], *found["unscored"])] == ["", "4.2", "4.4"]
    assert (found["total"], found["needed"]) == (120, 113)
    assert (lines["3.4"]["points"], lines["3.4"]["chosen"]) == (5, [1, 2])


def test_the_recommendations_are_the_printed_ones() -> None:
    teachers = words("portfolio_teacher", sample(recommendation="lower", recommended_category="expert"))
    assert [each["text"] for each in teachers["recommendations"]] == [
        "Мәлімделген біліктілік санатына сәйкес келеді",
        "Мәлімделген біліктілік санатына сәйкес келмейді",
        "Біліктілік санатына сәйкес келеді",
    ]
    assert [each["is_chosen"] for each in teachers["recommendations"]] == [False, False, True]
    assert teachers["recommendations"][2]["category"] == "педагог-сарапшы"
    heads = words("portfolio_head", sample("portfolio_head"))
    assert [each["text"] for each in heads["recommendations"]] == list(PORTFOLIO["P3"].recommendations)


def test_both_figures_are_printed_where_they_differ() -> None:
    content = sample("portfolio_deputy", claimed="second")
    assert words("portfolio_deputy", content)["both"] == {"printed": 47, "summed": 48, "is_printed": True}
    assert words("portfolio_deputy", content, deciding(portfolio_figures="summed"))["needed"] == 48
    assert words("portfolio_deputy", sample("portfolio_deputy", claimed="third"))["both"] is None
