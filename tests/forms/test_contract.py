"""The contract of a listener: what it states, and what it may not leave out."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from docflow.core.derivation import Source
from docflow.core.permissions import SYSTEM
from docflow.core.regulations import Profile, Threshold
from docflow.core.rules import RelatedDocument, Step, collect
from docflow.core.types import Capacity
from docflow.forms import enrolment_order, training_contract
from docflow.regulations.o95 import O95
from docflow.regulations.profiles import PROFILES

DAY = date(2026, 1, 30)
TYPE = training_contract.TYPE


def contract(
    profile: Profile, *, language: str = "ru", budget: bool = False, price: int = 45_000, **facts: Any
) -> dict[str, Any]:
    order = enrolment_order.SAMPLE | {"budget": budget}
    return training_contract.from_order(
        Source(
            document=RelatedDocument("enrolment_order", "18-ПК/2026", "in_force", order, DAY),
            profile=profile, group={"price": price} | facts, on=DAY, language=language, row=order["listeners"][0],
            row_number=1,
        )
    )  # fmt: skip


def asked(content: Mapping[str, Any], profile: Profile) -> list[tuple[str, str | None]]:
    step = Step(type=TYPE.name, transition="submit", content=content, profile=profile, actor=SYSTEM, on=DAY)
    return [(each.code, each.clause.key if each.clause else None) for each in collect(TYPE.rules, step)]


def without(content: Mapping[str, Any], clause: str) -> dict[str, Any]:
    return {**content, "conditions": [row for row in content["conditions"] if row["clause"] != clause]}


def reworded(content: Mapping[str, Any], clause: str, text: str) -> dict[str, Any]:
    rows = [row | {"text": text} if row["clause"] == clause else row for row in content["conditions"]]
    return {**content, "conditions": rows}


@pytest.mark.parametrize("code", ["o95", "wku", "knk"])
@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("budget", [False, True])
def test_a_derived_contract_is_valid_and_passes_every_rule(code: str, language: str, budget: bool) -> None:
    derived = contract(PROFILES[code], language=language, budget=budget)
    content, errors = TYPE.form.validate_content(derived)
    assert errors == {}
    assert content == derived
    assert asked(content, PROFILES[code]) == []


def test_a_contract_names_its_listener_and_order() -> None:
    content = contract(PROFILES["wku"])
    first = enrolment_order.SAMPLE["listeners"][0]
    assert content["listener"] == first["person"]
    assert content["listener_id"] == first["person_id"]
    assert (content["order_number"], content["order_date"]) == ("18-ПК/2026", "2026-01-30")


def test_a_contract_speaks_its_own_language_whatever_the_orders() -> None:
    content = contract(PROFILES["wku"], language="kk", topic_kk="Цифрлық құзыреттер", format="mixed")
    assert content["topic"] == "Цифрлық құзыреттер"
    assert content["format"] == "аралас"
    texts = {row["clause"]: row["text"] for row in content["conditions"]}
    assert "80%-на қатысуға" in texts["O95 24(3)"]
    assert texts["WKU 6.5"] == "жеке оқу жоспарын белгіленген мерзімде орындауға"


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_condition_has_words_in_both_languages(language: str) -> None:
    for condition in training_contract.CONDITIONS:
        assert getattr(condition.wording, language) or getattr(condition.clause.quotation, language)


def test_the_shares_come_from_the_profile() -> None:
    clause = O95.clause("24(3)")
    stricter = replace(
        O95, thresholds={**O95.thresholds, "attendance_share": Threshold("attendance_share", Fraction(9, 10), clause)}
    )
    profile = replace(PROFILES["o95"], regulations=(stricter,))
    texts = {row["clause"]: row["text"] for row in contract(profile)["conditions"]}
    assert texts["O95 24(3)"].startswith("посещать не менее 90% ")
    assert "50%" in texts["O95 24(4)"]
    assert asked(contract(profile), profile) == []
    assert asked(contract(PROFILES["o95"]), profile) == [("states_the_shares", "O95 24(3)")]


def test_the_academic_hour_is_the_organisations_own() -> None:
    assert contract(PROFILES["wku"])["academic_hour_minutes"] == 50
    assert contract(PROFILES["knk"])["academic_hour_minutes"] == 45


@pytest.mark.parametrize("clause", ["O95 24(1)", "O95 24(2)", "O95 24(3)", "O95 24(4)", "WKU 6.4", "WKU 6.7"])
def test_a_contract_that_lacks_a_condition_is_refused(clause: str) -> None:
    content = without(contract(PROFILES["wku"]), clause)
    assert asked(content, PROFILES["wku"]) == [("states_every_condition", clause)]


def test_an_emptied_condition_is_a_missing_one() -> None:
    content = reworded(contract(PROFILES["o95"]), "O95 24(2)", "  ")
    assert asked(content, PROFILES["o95"]) == [("states_every_condition", "O95 24(2)")]


@pytest.mark.parametrize(("share", "refused"), [("79", True), ("80", False), ("8", True), ("180", True)])
def test_the_condition_on_attendance_names_the_share_of_the_act(share: str, refused: bool) -> None:
    content = reworded(contract(PROFILES["o95"]), "O95 24(3)", f"посещать не менее {share} % занятий")
    assert asked(content, PROFILES["o95"]) == ([("states_the_shares", "O95 24(3)")] if refused else [])


def test_the_conservatory_is_not_bound_by_the_universitys_statute() -> None:
    clauses = {row["clause"] for row in contract(PROFILES["knk"])["conditions"]}
    assert "KNK 4.1(6)" in clauses
    assert not any(clause.startswith("WKU") for clause in clauses)


@pytest.mark.parametrize(("price", "refused"), [(0, True), (1, False)])
def test_a_paid_contract_names_the_price(price: int, refused: bool) -> None:
    content = contract(PROFILES["wku"], price=price)
    assert asked(content, PROFILES["wku"]) == ([("paid_contract_names_the_price", "WKU 6.4")] if refused else [])


def test_a_budget_contract_has_no_price_and_no_duty_to_pay() -> None:
    content = contract(PROFILES["wku"], budget=True)
    assert content["price"] == 0
    assert {"WKU 6.4", "O95 25"}.isdisjoint({row["clause"] for row in content["conditions"]})


@pytest.mark.parametrize(("ends_on", "refused"), [("2026-02-01", True), ("2026-02-02", False)])
def test_study_does_not_end_before_it_begins(ends_on: str, refused: bool) -> None:
    content = deepcopy(contract(PROFILES["o95"])) | {"starts_on": "2026-02-02", "ends_on": ends_on}
    assert bool(asked(content, PROFILES["o95"])) is refused


@pytest.mark.parametrize("code", ["o95", "wku", "knk"])
def test_both_parties_sign_side_by_side(code: str) -> None:
    slots = TYPE.slots_for(PROFILES[code])
    assert [slot.capacity for slot in slots] == [Capacity.HEAD_OR_ACTING, Capacity.LISTENER]
    assert {slot.order for slot in slots} == {1}
