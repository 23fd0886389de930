"""Orders of the chain: on enrolment, and on issuing certificates."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from docflow.core.permissions import SYSTEM
from docflow.core.rules import RelatedDocument, Rule, Step, collect
from docflow.forms import enrolment_order, issue_order
from docflow.regulations.profiles import PROFILES

DAY = date(2026, 2, 2)


def application(index: int, *, surname: str, state: str = "accepted", kind: str = "wku_application") -> RelatedDocument:
    return RelatedDocument(
        type=kind,
        number=f"З-{index:05d}/2026",
        state=state,
        content={
            "applicant": {
                "surname": surname, "given_name": "Әсел", "patronymic": "", "iin": "850314400129",
                "iin_override": "",
            },
            "workplace": "№ 7 мектеп",
            "position": "мұғалім",
        },
        registered_on=date(2026, 1, 20),
        subject_id=index,
    )  # fmt: skip


def applications(count: int, **changes: Any) -> list[RelatedDocument]:
    return [application(index, surname=f"Тыңдаушы{index:02d}", **changes) for index in range(1, count + 1)]


def group(**changes: Any) -> dict[str, Any]:
    return {
        "code": "26-01", "topic": "Цифрлық құзыреттер", "hours": 72, "study_language": "kk", "format": "mixed",
        "funding": "paid", "programme_kind": "general", "starts_on": "2026-02-02", "ends_on": "2026-02-14",
        "individual": False,
        "responsible": [{"person": {"surname": "Ким", "given_name": "Ян", "patronymic": ""}, "person_id": 9,
                         "position": "доцент"}],
    } | changes  # fmt: skip


def drafted(
    sources: list[RelatedDocument], *, profile: str = "wku", language: str = "kk", **facts: Any
) -> dict[str, Any]:
    return enrolment_order.from_applications(sources, group(**facts), PROFILES[profile], DAY, language)


def asked(
    rules: Rule | tuple[Rule, ...],
    content: Mapping[str, Any],
    *,
    profile: str = "wku",
    **related: list[RelatedDocument],
) -> list[tuple[str, str | None, int | None]]:
    """Give code, clause and row of every refusal."""
    step = Step(
        type="enrolment_order", transition="submit", content=content, profile=PROFILES[profile], actor=SYSTEM, on=DAY,
        related=lambda kind: tuple(related.get(kind, ())),
    )  # fmt: skip
    found = collect(rules if isinstance(rules, tuple) else (rules,), step)
    assert all(str(each.message) for each in found)
    return [(each.code, each.clause.key if each.clause else None, each.row) for each in found]


def test_an_order_is_drafted_from_applications_sorted_by_the_kazakh_alphabet() -> None:
    sources = [application(1, surname="Яковлев"), application(2, surname="Әбдіров"), application(3, surname="Ким")]
    content = drafted(sources)
    assert [row["person"]["surname"] for row in content["listeners"]] == ["Әбдіров", "Ким", "Яковлев"]
    assert [row["person_id"] for row in content["listeners"]] == [2, 3, 1]
    assert content["listeners"][0]["application_number"] == "З-00002/2026"
    assert content["listeners"][0]["application_date"] == "2026-01-20"


def test_a_drafted_order_names_the_course_in_its_own_language() -> None:
    kazakh, russian = (drafted(applications(1), language=language) for language in ("kk", "ru"))
    assert kazakh["heading"] == "«Цифрлық құзыреттер» біліктілікті арттыру курсына тыңдаушыларды қабылдау туралы"
    assert russian["heading"].startswith("О зачислении слушателей на курс")
    assert (kazakh["format"], russian["format"]) == ("аралас", "смешанная")


def test_no_iin_enters_the_list() -> None:
    assert "850314400129" not in str(drafted(applications(4)))


def test_a_drafted_order_is_valid_and_passes_every_rule() -> None:
    sources = applications(4)
    content, errors = enrolment_order.EnrolmentOrderForm.validate_content(drafted(sources))
    assert errors == {}
    assert content == drafted(sources)
    assert asked(enrolment_order.TYPE.rules, content, basis=sources) == []


@pytest.mark.parametrize(("hours", "kind"), [(36, "short"), (108, "short"), (109, "long")])
def test_the_duration_follows_from_the_hours(hours: int, kind: str) -> None:
    assert drafted(applications(1), hours=hours)["duration_kind"] == kind


def test_budget_places_rest_on_letters_with_lists() -> None:
    content = drafted(applications(1), funding="budget", language="ru")
    assert content["budget"] is True
    assert "письма управлений образования" in content["basis"]
    (letter,) = enrolment_order.TYPE.attachments
    assert letter.is_required(content, PROFILES["wku"])
    assert not letter.is_required(drafted(applications(1)), PROFILES["wku"])


def test_an_empty_list_is_refused() -> None:
    content = drafted([])
    assert asked(enrolment_order.names_a_listener, content) == [("names_a_listener", "WKU 4.3", None)]
    assert asked(enrolment_order.names_a_listener, drafted(applications(1))) == []


@pytest.mark.parametrize(
    ("count", "individual", "refused"), [(3, False, True), (4, False, False), (1, True, False), (2, True, True)]
)
def test_a_group_of_the_conservatory_has_four_or_is_individual(count: int, individual: bool, refused: bool) -> None:
    content = drafted(applications(count), profile="knk", individual=individual)
    expected = [("group_is_complete", "KNK 3.11", None)] if refused else []
    assert asked(enrolment_order.group_is_complete, content, profile="knk") == expected


def test_other_organisations_have_no_least_group() -> None:
    assert asked(enrolment_order.group_is_complete, drafted(applications(1))) == []


@pytest.mark.parametrize(("hours", "refused"), [(35, True), (36, False)])
def test_less_than_36_hours_is_no_course(hours: int, refused: bool) -> None:
    content = drafted(applications(1), hours=hours)
    expected = [("hours_make_a_course", "WKU 4.9.1", None)] if refused else []
    assert asked(enrolment_order.hours_make_a_course, content) == expected


@pytest.mark.parametrize(
    ("hours", "kind", "rule", "refused"),
    [
        (108, "short", enrolment_order.short_course_is_short, False),
        (109, "short", enrolment_order.short_course_is_short, True),
        (109, "long", enrolment_order.long_course_is_long, False),
        (108, "long", enrolment_order.long_course_is_long, True),
    ],
)
def test_short_and_long_part_at_108_hours(hours: int, kind: str, rule: Rule, refused: bool) -> None:
    content = drafted(applications(1), hours=hours) | {"duration_kind": kind}
    assert bool(asked(rule, content, profile="o95")) is refused


@pytest.mark.parametrize(
    ("kind", "hours", "refusals"),
    [
        ("author", 72, []),
        ("author", 71, [("authors_course_has_its_hours", "KNK 3.13", None)]),
        ("author", 80, [("authors_course_has_its_hours", "KNK 3.13", None)]),
        ("registry", 80, []),
        ("registry", 72, [("registry_course_has_its_hours", "KNK 3.14", None)]),
        ("general", 40, []),
    ],
)
def test_courses_of_the_conservatory_have_exact_hours(kind: str, hours: int, refusals: list[Any]) -> None:
    content = drafted(applications(4), profile="knk", programme_kind=kind, hours=hours)
    rules = (enrolment_order.authors_course_has_its_hours, enrolment_order.registry_course_has_its_hours)
    assert asked(rules, content, profile="knk") == refusals


def test_an_authors_course_elsewhere_is_not_bound_to_72_hours() -> None:
    content = drafted(applications(1), programme_kind="author", hours=36)
    assert asked(enrolment_order.authors_course_has_its_hours, content) == []


@pytest.mark.parametrize(("ends_on", "refused"), [("2026-02-01", True), ("2026-02-02", False)])
def test_study_does_not_end_before_it_begins(ends_on: str, refused: bool) -> None:
    content = drafted(applications(1), starts_on="2026-02-02", ends_on=ends_on)
    assert bool(asked(enrolment_order.dates_are_in_order, content)) is refused


def test_the_university_names_a_responsible_leader() -> None:
    content = drafted(applications(1), responsible=[])
    rule = enrolment_order.responsible_leaders_are_named
    assert asked(rule, content) == [("responsible_leaders_are_named", "WKU 4.3", None)]
    assert asked(rule, content, profile="knk") == []
    assert asked(rule, drafted(applications(1))) == []


@pytest.mark.parametrize(("count", "refused"), [(3, False), (4, True)])
def test_a_programme_of_the_conservatory_has_three_leaders_at_most(count: int, refused: bool) -> None:
    content = drafted(applications(4), profile="knk", responsible=group()["responsible"] * count)
    expected = [("leaders_are_not_too_many", "KNK 3.6", None)] if refused else []
    assert asked(enrolment_order.leaders_are_not_too_many, content, profile="knk") == expected


def test_a_kind_of_group_that_is_no_kind_of_programme_is_general() -> None:
    assert drafted(applications(1), programme_kind="individual", individual=True)["programme_kind"] == "general"


def test_a_listener_without_an_accepted_application_is_named_by_row() -> None:
    sources = applications(3)
    later = [sources[0], application(2, surname="Тыңдаушы02", state="submitted"), sources[2]]
    content = drafted(sources)
    rule = enrolment_order.applications_are_accepted
    assert asked(rule, content, basis=later) == [("applications_are_accepted", "WKU 6.2.1", 2)]
    assert asked(rule, content, basis=sources) == []


def test_nobody_is_enrolled_twice() -> None:
    content = deepcopy(drafted(applications(2)))
    content["listeners"].append(content["listeners"][0])
    assert asked(enrolment_order.nobody_is_listed_twice, content) == [
        ("nobody_is_listed_twice", "WKU 4.3", 1),
        ("nobody_is_listed_twice", "WKU 4.3", 3),
    ]
    assert asked(enrolment_order.nobody_is_listed_twice, drafted(applications(2))) == []


# ---------------------------------------------------------------- order on issuing certificates


def sheet(*results: tuple[str, int, int], state: str = "in_force") -> RelatedDocument:
    """A sheet of 100 hours and 100 points: surname, attended hours and score of each listener."""
    rows = [
        {
            "person": {"surname": surname, "given_name": "Әсел", "patronymic": ""},
            "person_id": index, "attended_hours": attended, "score": score, "marks": [], "remark": "",
        }
        for index, (surname, attended, score) in enumerate(results, start=1)
    ]  # fmt: skip
    content = {
        "topic": "Қобыз", "hours": 100, "max_score": 100, "completed_on": "2026-02-14", "listeners": rows,
    }  # fmt: skip
    return RelatedDocument("assessment_sheet", "В-00004/2026", state, content, date(2026, 2, 14))


def issued_from(*sheets: RelatedDocument, language: str = "kk") -> dict[str, Any]:
    return issue_order.from_sheets(sheets, {"topic_ru": "Кобыз"}, PROFILES["knk"], DAY, language)


def surnames(content: Mapping[str, Any]) -> list[str]:
    return [row["person"]["surname"] for row in content["listeners"]]


def test_those_who_pass_at_the_limit_receive_a_certificate() -> None:
    found = issued_from(sheet(("Яковлев", 80, 50), ("Әбдіров", 100, 100), ("Ким", 79, 100), ("Қуат", 100, 49)))
    assert surnames(found) == ["Әбдіров", "Яковлев"]


def test_the_order_speaks_its_own_language() -> None:
    one = sheet(("Ким", 100, 100))
    assert issued_from(one, language="kk")["heading"].startswith("«Қобыз» біліктілікті арттыру курсын")
    assert issued_from(one, language="ru")["heading"].endswith("«Кобыз»")


def test_an_order_on_certificates_is_valid_and_passes_every_rule() -> None:
    one = sheet(("Ким", 80, 50), ("Әбдіров", 100, 100))
    content, errors = issue_order.TYPE.form.validate_content(issued_from(one))
    assert errors == {}
    assert content == issued_from(one)
    assert asked(issue_order.TYPE.rules, content, profile="knk", basis=[one]) == []


def test_an_order_without_anybody_who_passed_is_refused() -> None:
    one = sheet(("Ким", 10, 10))
    expected = [("names_a_listener", "KNK 5.4", None)]
    assert asked(issue_order.TYPE.rules, issued_from(one), profile="knk", basis=[one]) == expected


@pytest.mark.parametrize(("score", "refused"), [(49, True), (50, False)])
def test_whoever_has_not_passed_is_named_by_row(score: int, refused: bool) -> None:
    content = issued_from(sheet(("Әбдіров", 100, 100), ("Ким", 80, 50)))
    now = sheet(("Әбдіров", 100, 100), ("Ким", 80, score))
    expected = [("everybody_has_passed", "KNK 5.2", 2)] if refused else []
    assert asked(issue_order.everybody_has_passed, content, profile="knk", basis=[now]) == expected


def test_a_sheet_that_is_no_longer_in_force_carries_no_order() -> None:
    content = issued_from(sheet(("Ким", 100, 100)))
    annulled = sheet(("Ким", 100, 100), state="annulled")
    assert asked(issue_order.everybody_has_passed, content, profile="knk", basis=[annulled])


def test_nobody_receives_two_certificates() -> None:
    one = sheet(("Ким", 100, 100))
    content = issued_from(one)
    assert asked(issue_order.nobody_is_listed_twice, content, profile="knk") == []
    content["listeners"] *= 2
    assert [row for _, _, row in asked(issue_order.nobody_is_listed_twice, content, profile="knk")] == [1, 2]


@pytest.mark.parametrize(("code", "used"), [("knk", True), ("wku", False), ("o95", False)])
def test_only_the_conservatory_orders_its_certificates(code: str, used: bool) -> None:
    assert (issue_order.TYPE.clause_for(PROFILES[code]) is not None) is used
