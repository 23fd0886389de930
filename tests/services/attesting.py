"""A body that attests: an organisation under KRG with a clerk, an administrator, an inspector, an authorised person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from docflow.core.identifiers import iin_faults
from docflow.core.permissions import SYSTEM, Actor, Role
from docflow.core.registry import document_type
from docflow.db import db, unit_of_work
from docflow.models import Account, Document, Organisation, Person, Unit
from docflow.services import documents, people
from tests.services import world

GOES_ON = {"continued_by_order": "№ 12-н, 05.01.2026"}
# Whoever signs is known by his IIN: 9 May 1980, a woman; the twelfth digit is the check digit.
SIGNERS_IIN = next(iin for digit in range(10) if not iin_faults(iin := f"80050945012{digit}"))
NAMES = {"surname": "Қуанышбекова", "given_name": "Әсел", "patronymic": "Нұрланқызы"}


@dataclass(frozen=True)
class Body:
    organisation: Organisation
    unit: Unit
    clerk: Actor
    administrator: Actor
    inspector: Actor
    applicant: Person
    authorised: Person

    def filed(self, type_name: str, state: str, on: date, **content: Any) -> Document:
        """A document as it stands in *state*: drafted by its type's own sample, registered *on* a day."""
        sample = {**document_type(type_name).sample, **content}
        document = documents.create_draft(
            type_name, sample, actor=SYSTEM, unit_id=self.unit.id, language="kk", now=world.NOW, allow_incomplete=True
        )
        with unit_of_work():
            document.state, document.number, document.registered_on = state, f"{document.id}", on
            document.subject_id, document.subject_name = self.applicant.id, self.applicant.full_name
        return document


def establish(settings: dict[str, str] | None = None) -> Body:
    """Install the body in the database of the test, which the demo has been installed into."""
    organisation = people.create_organisation(
        {
            "code": "krg", "profile": "krg", "name_kk": "Білім басқармасы", "name_ru": "Управление образования",
            "settings": GOES_ON if settings is None else settings,
        }
    )  # fmt: skip
    unit = people.add_unit(organisation.id, "АТТ", name_kk="Аттестаттау", name_ru="Аттестация", actor=SYSTEM)
    signer = _person("Ахметова", iin=SIGNERS_IIN)
    people.add_position(
        organisation.id, signer.id, "authorised", title_kk="Уәкілетті тұлға", title_ru="Уполномоченное лицо",
        starts_on=date(2024, 1, 1), actor=SYSTEM,
    )  # fmt: skip
    return Body(
        organisation, unit,
        *(people.actor_for(_account(role, organisation, unit)) for role in (
            Role.CLERK, Role.ADMINISTRATOR, Role.INSPECTOR,
        )),
        _person("Қуанышбекова"), signer,
    )  # fmt: skip


def _person(surname: str, *, iin: str | None = None) -> Person:
    with unit_of_work():
        person = Person(**{**NAMES, "surname": surname}, iin=iin)
        db.session.add(person)
        db.session.flush()
        return person


def _account(role: Role, organisation: Organisation, unit: Unit) -> Account:
    units = (unit.id,) if role is Role.CLERK else ()
    return people.create_account(
        f"{role.value}@krg.example", "x", (role,), person_id=_person(role.value).id, organisation_id=organisation.id,
        unit_ids=units, language="kk", uniquifier=f"krg-{role.value}", actor=SYSTEM,
    )  # fmt: skip
