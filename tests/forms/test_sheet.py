"""The assessment sheet: gathered from the order, filled in, and what stops it from being signed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from docflow.core.rules import RelatedDocument
from docflow.core.types import Import
from docflow.forms import assessment_sheet as module
from docflow.forms import enrolment_order
from docflow.forms._assessment import passes, percent, whole_percent
from docflow.regulations.profiles import PROFILES
from tests.forms.assessed import DAY, asked, row, sheet, step

TYPE = module.TYPE
GROUP: dict[str, Any] = {
    "topic": "Цифрлық құзыреттер", "topic_kk": "Цифрлық құзыреттер", "topic_ru": "Цифровые компетенции",
    "max_score": 60,
    "modules": [{"title": "Кіріспе", "title_kk": "Кіріспе", "title_ru": "Введение", "hours": 72}],
    "trainer": {"person": {"surname": "Һашимов", "given_name": "Ұлан", "patronymic": ""}, "person_id": 77,
                "position": "доцент"},
}  # fmt: skip


def order(number: str = "Б-3", **changes: Any) -> RelatedDocument:
    content = dict(enrolment_order.TYPE.sample) | changes
    return RelatedDocument("enrolment_order", number, "in_force", content, date(2026, 1, 30))


def gathered(*orders: RelatedDocument, group: dict[str, Any] | None = None) -> dict[str, Any]:
    profile = PROFILES["wku"]
    return module.from_enrolment(orders or (order(),), GROUP if group is None else group, profile, DAY, "kk")


def test_the_sheet_lists_everybody_enrolled_with_results_still_empty() -> None:
    content = gathered()
    assert len(content["listeners"]) == 25
    assert {entry["attended_hours"] for entry in content["listeners"]} == {None}
    assert {len(entry["marks"]) for entry in content["listeners"]} == {1}
    assert (content["order_number"], content["order_date"]) == ("Б-3", "2026-01-30")
    assert (content["completed_on"], content["hours"], content["max_score"]) == ("2026-02-14", 72, 60)
    assert content["trainer"]["person_id"] == 77


def test_a_gathered_sheet_is_valid_though_it_cannot_be_signed_yet() -> None:
    content, errors = module.AssessmentSheetForm.validate_content(gathered())
    assert errors == {}
    assert content == gathered()
    found = asked(TYPE.rules, step(content))
    assert {code for code, _, _ in found} == {"attendance_is_filled_in", "score_is_filled_in"}
    assert [number for code, _, number in found if code == "score_is_filled_in"] == list(range(1, 26))


def test_two_orders_of_a_group_make_one_sheet_in_the_order_of_the_kazakh_alphabet() -> None:
    def enrolled(person_id: int, surname: str) -> dict[str, Any]:
        return {"person": {"surname": surname, "given_name": "А", "patronymic": ""}, "person_id": person_id}

    second = order("Б-4", listeners=[enrolled(2, "Әбдіров"), enrolled(3, "Ким")])
    content = gathered(order(listeners=[enrolled(1, "Яковлев")]), second)
    assert [entry["person_id"] for entry in content["listeners"]] == [2, 3, 1]


def test_without_a_trainer_the_first_responsible_leader_stands_in() -> None:
    assert gathered(group={})["trainer"]["person_id"] == 100


def test_the_sheet_prints_the_figures_of_the_act() -> None:
    assert (gathered()["attendance_least"], gathered()["score_least"]) == (80, 50)
    assert (whole_percent(Fraction(4, 5)), whole_percent(Fraction(2, 3))) == (80, None)


def test_a_full_sheet_passes_every_rule_under_every_profile() -> None:
    for profile in PROFILES:
        assert asked(TYPE.rules, step(sheet(row(), row(person_id=2)), profile=profile)) == []


def test_the_samples_pass_every_rule() -> None:
    for code, profile in PROFILES.items():
        assert asked(TYPE.rules, step(TYPE.sample_for(profile), profile=code)) == []


def test_somebody_is_assessed() -> None:
    assert asked(module.somebody_is_assessed, step(sheet(listeners=[]))) == [("somebody_is_assessed", "WKU 7.1", None)]
    assert asked(module.somebody_is_assessed, step(sheet(row()))) == []


def test_everybody_is_listed_once() -> None:
    rows = [row(person_id=1), row(person_id=2), row(person_id=1)]
    code = "everybody_is_listed_once"
    assert asked(module.everybody_is_listed_once, step(sheet(*rows))) == [(code, "WKU 7.1", 1), (code, "WKU 7.1", 3)]
    assert asked(module.everybody_is_listed_once, step(sheet(*rows[:2]))) == []
    # Two people whom nobody has matched yet are not the same person.
    assert asked(module.everybody_is_listed_once, step(sheet(row(person_id=None), row(person_id=None)))) == []


def test_attendance_is_filled_in() -> None:
    refused = asked(module.attendance_is_filled_in, step(sheet(row(), row(None))))
    assert refused == [("attendance_is_filled_in", "O95 24(3)", 2)]
    assert asked(module.attendance_is_filled_in, step(sheet(row(0)))) == []


def test_score_is_filled_in() -> None:
    refused = asked(module.score_is_filled_in, step(sheet(row(score=None)), profile="knk"))
    assert refused == [("score_is_filled_in", "KNK 5.1", 1)]
    assert asked(module.score_is_filled_in, step(sheet(row(score=0)))) == []


def test_nobody_attended_more_than_all() -> None:
    refused = asked(module.nobody_attended_more_than_all, step(sheet(row(72), row(73))))
    assert refused == [("nobody_attended_more_than_all", "O95 24(3)", 2)]
    assert asked(module.nobody_attended_more_than_all, step(sheet(row(72)))) == []


def test_nobody_scored_more_than_the_maximum() -> None:
    refused = asked(module.nobody_scored_more_than_the_maximum, step(sheet(row(score=101))))
    assert refused == [("nobody_scored_more_than_the_maximum", "O95 24(4)", 1)]
    assert asked(module.nobody_scored_more_than_the_maximum, step(sheet(row(score=100)))) == []


def test_every_module_has_its_mark() -> None:
    incomplete = sheet(row(marks=[{"mark": "90"}, {"mark": ""}]), row(marks=[{"mark": "90"}]), row())
    code = "every_module_has_its_mark"
    assert asked(module.every_module_has_its_mark, step(incomplete)) == [(code, "WKU 7.3", 1), (code, "WKU 7.3", 2)]
    assert asked(module.every_module_has_its_mark, step(sheet(row()))) == []


def test_who_did_not_pass_needs_no_marks() -> None:
    assert asked(module.every_module_has_its_mark, step(sheet(row(57, marks=[])))) == []


def test_modules_are_named() -> None:
    without = sheet(row(marks=[]), modules=[])
    assert asked(module.modules_are_named, step(without)) == [("modules_are_named", "WKU app. 4", None)]
    assert asked(module.modules_are_named, step(without, profile="o95")) == [("modules_are_named", "O95 app. 4", None)]
    assert asked(module.modules_are_named, step(sheet(row()))) == []
    # The conservatory's certificate has no annex that would list them.
    assert asked(module.modules_are_named, step(without, profile="knk")) == []


def test_completion_follows_the_beginning() -> None:
    backwards = sheet(starts_on="2026-02-02", completed_on="2026-02-01")
    refused = asked(module.completion_follows_the_beginning, step(backwards))
    assert refused == [("completion_follows_the_beginning", "WKU 4.4", None)]
    one_day = sheet(starts_on="2026-02-02", completed_on="2026-02-02")
    assert asked(module.completion_follows_the_beginning, step(one_day)) == []


def test_the_course_is_over() -> None:
    refused = asked(module.the_course_is_over, step(sheet(), on=date(2026, 2, 13), profile="o95"))
    assert refused == [("the_course_is_over", "O95 28", None)]
    assert asked(module.the_course_is_over, step(sheet(), on=date(2026, 2, 14))) == []


def test_the_figures_are_the_acts() -> None:
    lenient = sheet(row(), attendance_least=60)
    assert asked(module.the_figures_are_the_acts, step(lenient)) == [("the_figures_are_the_acts", "O95 24(3)", None)]
    assert asked(module.the_figures_are_the_acts, step(sheet(row()))) == []
    # A sheet typed by hand prints no figures, and then none can be wrong.
    assert asked(module.the_figures_are_the_acts, step(sheet(row(), attendance_least=None, score_least=None))) == []


@pytest.mark.parametrize(
    ("attended", "hours", "score", "best", "expected"),
    [
        (72, 90, 50, 100, True),  # 80 % and 50 %: exactly the least
        (71, 90, 50, 100, False),
        (72, 90, 49, 100, False),
        (58, 72, 1, 2, True),  # 58/72 is the first share of 72 above 80 %
        (57, 72, 1, 2, False),
        (4, 5, 333, 667, False),  # 49.9 %
        (4, 5, 334, 667, True),
        (0, 72, 0, 100, False),
    ],
)
def test_boundaries_are_exact(attended: int, hours: int, score: int, best: int, expected: bool) -> None:
    content = sheet(hours=hours, max_score=best)
    assert passes(row(attended, score), content, PROFILES["o95"]) is expected


def test_a_share_below_the_least_never_reads_as_the_least() -> None:
    assert percent(Fraction(7999, 10000)) == 79
    assert percent(Fraction(80, 100)) == 80


def test_a_spreadsheet_fills_the_rows_by_the_listeners_iin() -> None:
    found = TYPE.spreadsheet
    assert isinstance(found, Import)
    assert (found.rows, found.key) == ("listeners", "iin")
    columns = set(found.columns) - {"iin", "marks-{n}"}
    assert columns < set(module.ResultForm().content())
    assert all(len(titles) >= 3 for titles in found.columns.values())


def test_wrong_figures_name_the_row_and_the_field() -> None:
    content = sheet(row(), row(attended_hours=-1))
    _, errors = module.AssessmentSheetForm.validate_content(content)
    assert list(errors) == ["listeners-1-attended_hours"]
