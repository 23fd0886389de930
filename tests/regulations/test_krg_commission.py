"""Who may sit on an attestation commission: each rule with one that passes and one that does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from docflow.regulations.krg.commission import FAULT_CLAUSES, Fault, Seat, composition_faults, session_quorum

FORMED = date(2024, 8, 30)
SOUND = Seat("", years_of_service=10, category="expert", due_on=date(2025, 8, 31))


def seats(number: int) -> list[Seat]:
    return [replace(SOUND, person=f"member {n}") for n in range(number)]


def faults(members: list[Seat], *, chair: str = "member 0", secretary: str = "secretary") -> set[tuple[Fault, str]]:
    return set(composition_faults(members, chair=chair, secretary=secretary, formed=FORMED))


@pytest.mark.parametrize("number", range(7, 22, 2))
def test_an_odd_number_from_seven_is_a_commission(number: int) -> None:
    assert faults(seats(number)) == set()


@pytest.mark.parametrize(
    ("number", "found"),
    [
        (5, {(Fault.TOO_FEW, "")}),
        (6, {(Fault.TOO_FEW, ""), (Fault.EVEN, "")}),
        (7, set()),
        (8, {(Fault.EVEN, "")}),
    ],
)
def test_the_number_of_members_at_its_limit(number: int, found: set[tuple[Fault, str]]) -> None:
    assert faults(seats(number)) == found


def test_the_chair_is_a_member_and_the_secretary_is_not() -> None:
    assert faults(seats(7), chair="guest") == {(Fault.CHAIR_NOT_A_MEMBER, "guest")}
    assert faults(seats(7), secretary="member 3") == {(Fault.SECRETARY_IS_A_MEMBER, "member 3")}


def test_a_member_is_named_once() -> None:
    assert faults([*seats(6), seats(1)[0]]) == {(Fault.TWICE, "member 0")}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"years_of_service": 10}, None),
        ({"years_of_service": 9}, Fault.TOO_LITTLE_SERVICE),
        ({"category": "researcher"}, None),
        ({"category": "master"}, None),
        ({"category": "moderator"}, Fault.CATEGORY_TOO_LOW),
        ({"due_on": date(2025, 8, 31)}, None),
        ({"due_on": date(2025, 8, 30)}, Fault.DUE_FOR_ATTESTATION),  # the last day of the commission's year
        ({"due_on": None}, None),
    ],
)
def test_a_teacher_on_the_commission_at_each_limit(change: dict[str, object], found: Fault | None) -> None:
    members = seats(7)
    members[2] = replace(members[2], **change)  # type: ignore[arg-type]
    assert faults(members) == ({(found, "member 2")} if found else set())


def test_a_specialist_who_does_not_teach_needs_no_category() -> None:
    assert faults([*seats(6), Seat("union", is_teacher=False)]) == set()


def test_all_faults_are_found_at_once_and_each_has_its_clause() -> None:
    found = faults([Seat("a"), Seat("a")], chair="b", secretary="a")
    assert {fault for fault, _ in found} == set(Fault) - {Fault.DUE_FOR_ATTESTATION}
    assert set(FAULT_CLAUSES) == set(Fault)


@pytest.mark.parametrize(
    ("members", "needed"), [(7, 5), (9, 6), (11, 8), (13, 9), (15, 10), (17, 12), (19, 13), (21, 14)]
)
def test_a_session_needs_two_thirds_of_the_composition(members: int, needed: int) -> None:
    assert session_quorum(members) == needed
