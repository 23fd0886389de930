"""The order on forming an attestation commission: KRG 13 to 17, every fault at the limit and one beside it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from docflow.core.permissions import SYSTEM
from docflow.core.rules import RelatedDocument, Step, collect
from docflow.forms import commission_order
from docflow.regulations.krg.categories import COMPETENCES, Authority
from docflow.regulations.profiles import PROFILES

DAY = date(2024, 8, 30)
KRG = PROFILES["krg"]


def member(number: int, **changes: Any) -> dict[str, Any]:
    """A teacher at every limit: ten years, the lowest category, attested the day after the commission ends."""
    return {
        "person": {"surname": f"Мүше{number:02d}", "given_name": "Әсел", "patronymic": ""}, "person_id": 100 + number,
        "position": "мұғалім", "kind": "teacher", "years": 10, "category": "expert", "category_until": "2025-08-31",
        "is_chair": number == 1,
    } | changes  # fmt: skip


def order(count: int = 7, **changes: Any) -> dict[str, Any]:
    return {
        "heading": commission_order.HEADING, "basis": commission_order.BASIS,
        "commission_name": commission_order.COMMISSION, "authority": "region",
        "members": [member(number) for number in range(1, count + 1)],
        "secretary": {"person": {"surname": "Хатшы", "given_name": "Мөлдір", "patronymic": ""}},
        "secretary_id": 99, "chair_id": 101,
    } | changes  # fmt: skip


def with_member(row: int, **changes: Any) -> dict[str, Any]:
    content = deepcopy(order())
    content["members"][row - 1] |= changes
    return content


def refused(
    content: Mapping[str, Any], *, profile: Any = KRG, **related: list[RelatedDocument]
) -> list[tuple[str, str, int | None]]:
    """Give code, clause and row of every refusal when the order is sent for signature."""
    step = Step(
        type="commission_order", transition="submit", content=content, profile=profile, actor=SYSTEM, on=DAY,
        related=lambda kind: tuple(related.get(kind.replace("organisation:", ""), ())),
    )  # fmt: skip
    found = collect(commission_order.TYPE.rules, step)
    assert all(str(each.message) for each in found)
    assert all(each.field for each in found)
    return [(each.code, each.clause.key if each.clause else "", each.row) for each in found]


def test_a_commission_at_every_limit_is_lawful() -> None:
    content, errors = commission_order.CommissionOrderForm.validate_content(order())
    assert errors == {}
    assert content == order()
    assert refused(content) == []


@pytest.mark.parametrize("count", range(7, 22, 2))
def test_any_odd_number_from_seven_is_a_commission(count: int) -> None:
    assert refused(order(count)) == []


@pytest.mark.parametrize(("count", "codes"), [
    (5, ["members_are_enough"]),
    (6, ["members_are_enough", "members_are_odd"]),
    (7, []),
    (8, ["members_are_odd"]),
    (9, []),
])  # fmt: skip
def test_a_commission_has_seven_members_or_more_and_an_odd_number(count: int, codes: list[str]) -> None:
    assert refused(order(count)) == [(code, "KRG 17", None) for code in codes]


def test_nobody_sits_twice() -> None:
    content = with_member(5, person_id=102)
    assert refused(content) == [("nobody_sits_twice", "KRG 17", 2), ("nobody_sits_twice", "KRG 17", 5)]


def test_people_without_an_id_are_told_apart_by_name() -> None:
    content = with_member(5, person_id=None)
    assert refused(content) == []
    content["members"][5] |= {"person_id": None, "person": content["members"][4]["person"]}
    assert [row for _, _, row in refused(content)] == [5, 6]


def test_one_of_the_members_and_only_one_is_the_chair() -> None:
    expected = [("chair_is_one_of_the_members", "KRG 17", None)]
    assert refused(with_member(1, is_chair=False)) == expected
    assert refused(with_member(2, is_chair=True)) == expected


@pytest.mark.parametrize(("row", "chair_id"), [(1, 101), (7, 107)])
def test_the_chair_is_whoever_is_marked(row: int, chair_id: int) -> None:
    members = [member(number, is_chair=number == row) for number in range(1, 8)]
    content, _ = commission_order.CommissionOrderForm.validate_content(order(members=members, chair_id=None))
    assert content["chair_id"] == chair_id


def test_nobody_is_the_chair_while_two_are_marked() -> None:
    content, _ = commission_order.CommissionOrderForm.validate_content(with_member(2, is_chair=True))
    assert content["chair_id"] is None


def test_the_secretary_is_no_member() -> None:
    assert refused(order(secretary_id=103)) == [("secretary_is_no_member", "KRG 17", None)]


@pytest.mark.parametrize(("years", "is_refused"), [(9, True), (10, False)])
def test_a_teacher_has_served_ten_years(years: int, is_refused: bool) -> None:
    assert refused(with_member(3, years=years)) == ([("teachers_have_served", "KRG 14", 3)] if is_refused else [])


@pytest.mark.parametrize(
    ("category", "is_refused"), [("moderator", True), ("expert", False), ("researcher", False), ("master", False)]
)
def test_a_teacher_has_at_least_the_category_of_an_expert(category: str, is_refused: bool) -> None:
    expected = [("teachers_have_a_category", "KRG 14", 3)] if is_refused else []
    assert refused(with_member(3, category=category)) == expected


@pytest.mark.parametrize("kind", ["methodist", "public", "management"])
def test_whoever_is_no_teacher_needs_neither_service_nor_a_category(kind: str) -> None:
    assert refused(with_member(3, kind=kind, years=0, category="", category_until="")) == []


@pytest.mark.parametrize(("until", "is_refused"), [("2025-08-30", True), ("2025-08-31", False)])
@pytest.mark.parametrize("kind", ["teacher", "methodist"])
def test_nobody_sits_who_is_due_within_the_year(kind: str, until: str, is_refused: bool) -> None:
    expected = [("nobody_is_due_for_attestation", "KRG 15", 3)] if is_refused else []
    assert refused(with_member(3, kind=kind, category_until=until)) == expected


def test_the_last_day_of_a_members_category_is_asked_for() -> None:
    assert refused(with_member(3, category_until="")) == [("last_day_of_a_category_is_known", "KRG 15", 3)]


def application(person_id: int, *, state: str = "accepted", registered_on: date = DAY) -> RelatedDocument:
    return RelatedDocument("teacher_application", "Ө-1", state, {}, registered_on, person_id)


@pytest.mark.parametrize(("state", "day", "is_refused"), [
    ("accepted", DAY, True),
    ("submitted", DAY, True),
    ("refused", DAY, False),
    ("accepted", date(2023, 8, 31), False),
    ("accepted", date(2023, 9, 1), True),
])  # fmt: skip
def test_whoever_has_applied_this_school_year_does_not_sit(state: str, day: date, is_refused: bool) -> None:
    applied = [application(104, state=state, registered_on=day), application(900)]
    expected = [("nobody_is_attested_by_himself", "KRG 15", 4)] if is_refused else []
    assert refused(order(), teacher_application=applied) == expected


def test_the_level_of_the_attesting_body_is_the_one_of_the_settings() -> None:
    district = replace(KRG, overrides={**KRG.overrides, "authority": "district"})
    assert refused(order(), profile=district) == [("attesting_body_is_of_its_level", "KRG 13", None)]
    assert refused(order(authority="district"), profile=district) == []


def test_every_reason_is_given_at_once() -> None:
    content = with_member(2, years=1, category="", category_until="")
    codes = {code for code, _, _ in refused(content | {"members": content["members"][:6], "secretary_id": 104})}
    assert codes == {
        "members_are_enough", "members_are_odd", "secretary_is_no_member", "teachers_have_served",
        "teachers_have_a_category",
    }  # fmt: skip


@pytest.mark.parametrize("authority", list(Authority))
def test_the_paper_names_every_category_of_clause_13(authority: Authority) -> None:
    lines = commission_order.competence_in_words(authority, KRG)
    expected = sum(len(row.categories) for row in COMPETENCES if row.authority == authority)
    assert "".join(lines).count("«") == expected
    assert [line.startswith("ведомстволық") for line in lines] == [False, True][: len(lines)]


def test_the_open_bracket_of_clause_13_is_a_setting() -> None:
    def masters(profile: Any) -> str:
        own, _ = commission_order.competence_in_words("region", profile)
        return own.partition("«педагог-шебер»")[2]

    assert masters(KRG).startswith(" (әдістемелік кабинеттердің")
    assert masters(replace(KRG, overrides={"region_master_for": "all"})).startswith(", «бірінші")


STAFF = [
    {"kind": "head", "person": {"surname": "Басшы"}, "person_id": 1, "position": "басшы", "card": {}},
    {
        "kind": "commission_member", "person": {"surname": "Ким", "given_name": "Елена", "patronymic": ""},
        "person_id": 2, "position": "мұғалім",
        "card": {"teaching_years": 27, "categories": [
            {"ladder": "teacher", "category": "master", "since": "2022-09-01", "until": "2027-09-01"}]},
    },
    {"kind": "commission_member", "person": {"surname": "Қуат"}, "person_id": 3, "position": "маман", "card": {}},
    {"kind": "commission_member", "person": {"surname": "Әбіш"}, "person_id": 5, "position": "маман", "card": {}},
    {"kind": "secretary", "person": {"surname": "Тоқтарова"}, "person_id": 4, "position": "хатшы", "card": {}},
]  # fmt: skip


def test_a_new_order_starts_from_the_posts_of_the_organisation() -> None:
    content = commission_order.from_staff(STAFF, DAY)
    assert [row["person_id"] for row in content["members"]] == [5, 2, 3]  # Әбіш, Ким, Қуат
    assert content["secretary_id"] == 4
    assert content["secretary"]["person"]["surname"] == "Тоқтарова"
    manager, teacher, _ = content["members"]
    assert (teacher["kind"], teacher["years"], teacher["category"]) == ("teacher", 27, "master")
    assert teacher["category_until"] == "2027-09-01"
    assert (manager["kind"], manager["category"]) == ("management", "")
    assert commission_order.CommissionOrderForm.validate_content(content)[0] == content


def test_a_new_order_without_any_posts_is_still_a_form() -> None:
    content = commission_order.from_staff([], DAY)
    assert commission_order.CommissionOrderForm.validate_content(content)[0] == content
