"""Who may sit on an attestation commission: clauses 14 to 18 of the order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from docflow.core.regulations import Clause
from docflow.core.voting import quorum
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.terms import commission_ends

MEMBER_CATEGORIES = ("expert", "researcher", "master")


class Fault(StrEnum):
    """Why a composition is not one."""

    TOO_FEW = "too_few"
    EVEN = "even"
    TWICE = "twice"
    CHAIR_NOT_A_MEMBER = "chair_not_a_member"
    SECRETARY_IS_A_MEMBER = "secretary_is_a_member"
    TOO_LITTLE_SERVICE = "too_little_service"
    CATEGORY_TOO_LOW = "category_too_low"
    DUE_FOR_ATTESTATION = "due_for_attestation"


FAULT_CLAUSES: Mapping[Fault, Clause] = {
    Fault.TOO_FEW: KRG.clause("17"),
    Fault.EVEN: KRG.clause("17"),
    Fault.TWICE: KRG.clause("17"),
    Fault.CHAIR_NOT_A_MEMBER: KRG.clause("17"),
    Fault.SECRETARY_IS_A_MEMBER: KRG.clause("17"),
    Fault.TOO_LITTLE_SERVICE: KRG.clause("14"),
    Fault.CATEGORY_TOO_LOW: KRG.clause("14"),
    Fault.DUE_FOR_ATTESTATION: KRG.clause("15"),
}


@dataclass(frozen=True)
class Seat:
    """A member: teachers need service and a category, whoever else clause 14 names does not.

    ``due_on`` is the day on which the member's own category ends; ``None``: not attested.
    """

    person: str
    is_teacher: bool = True
    years_of_service: int = 0
    category: str = ""
    due_on: date | None = None


def composition_faults(
    seats: Sequence[Seat], *, chair: str, secretary: str, formed: date
) -> tuple[tuple[Fault, str], ...]:
    """List every fault with the person whom it concerns; an empty name: the composition as a whole."""
    people = [seat.person for seat in seats]
    return (*_of_the_whole(people, chair=chair, secretary=secretary), *_of_the_seats(seats, formed=formed))


def _of_the_whole(people: Sequence[str], *, chair: str, secretary: str) -> Iterator[tuple[Fault, str]]:
    if len(people) < KRG.thresholds["commission_members_min"].value:
        yield Fault.TOO_FEW, ""
    if len(people) % 2 == 0:
        yield Fault.EVEN, ""
    for person in sorted({person for person in people if people.count(person) > 1}):
        yield Fault.TWICE, person
    if chair not in people:
        yield Fault.CHAIR_NOT_A_MEMBER, chair
    if secretary in people:
        yield Fault.SECRETARY_IS_A_MEMBER, secretary


def _of_the_seats(seats: Iterable[Seat], *, formed: date) -> Iterator[tuple[Fault, str]]:
    ends = commission_ends(formed)
    for seat in seats:
        if seat.is_teacher and seat.years_of_service < KRG.thresholds["member_experience_years_min"].value:
            yield Fault.TOO_LITTLE_SERVICE, seat.person
        if seat.is_teacher and seat.category not in MEMBER_CATEGORIES:
            yield Fault.CATEGORY_TOO_LOW, seat.person
        if seat.is_teacher and seat.due_on is not None and seat.due_on <= ends:
            yield Fault.DUE_FOR_ATTESTATION, seat.person


def session_quorum(members: int) -> int:
    """Give the least number of members with whom a session is valid: clause 18."""
    return quorum(members, share=Fraction(KRG.thresholds["commission_quorum"].value))
