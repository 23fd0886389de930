"""People, their accounts, positions and substitutions; who acts, and who signs in what capacity."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select

from docflow.core.errors import Forbidden, Invalid, NotFound
from docflow.core.identifiers import iin_faults
from docflow.core.messages import Message, _l
from docflow.core.permissions import ACCOUNT_ROLES, Actor, Role
from docflow.db import asked_once, db, unit_of_work
from docflow.models import (
    Account,
    AccountRole,
    Document,
    Membership,
    Organisation,
    Person,
    Position,
    Signature,
    Substitution,
    Unit,
)
from docflow.services import environment

T = TypeVar("T")

UNLIKELY_TO_BE_TWO = ("head", "centre_head")


@dataclass(frozen=True)
class Signatory:
    """Who signs for a post on a day: its holder, or somebody who acts for him on a basis."""

    person: Person
    title_kk: str
    title_ru: str
    is_acting: bool
    basis: str

    def title(self, language: str) -> str:
        return self.title_kk if language == "kk" else self.title_ru


def actor_for(account: Account) -> Actor:
    """See an account as an actor; a role that we do not know is ignored."""
    known = {role.value for role in ACCOUNT_ROLES}
    return Actor(
        account_id=account.id,
        person_id=account.person_id,
        name=account.person.full_name if account.person else account.email,
        roles=frozenset(Role(role.name) for role in account.roles if role.name in known),
        organisation_id=account.organisation_id,
        unit_ids=frozenset(membership.unit_id for membership in account.memberships),
    )


def administer(actor: Actor) -> None:
    if not actor.has(Role.ADMINISTRATOR, Role.SYSTEM):
        raise Forbidden(_l("Only an administrator may do this."))


@asked_once
def signatory_on(organisation_id: int, kind: str, day: date) -> Signatory | None:
    """Find who signs as *kind* on *day*; ``None`` when nobody holds the post and nobody acts."""
    acts = (Substitution.position_id == Position.id) & (Substitution.starts_on <= day) & (Substitution.ends_on >= day)
    found = db.session.execute(
        select(Position, Substitution)
        .outerjoin(Substitution, acts)
        .where(
            Position.organisation_id == organisation_id,
            Position.kind == kind,
            Position.starts_on <= day,
            (Position.ends_on.is_(None)) | (Position.ends_on >= day),
        )
        .order_by(Position.starts_on.desc(), Position.id.desc(), Substitution.starts_on.desc(), Substitution.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    post: Position = found[0]
    acting: Substitution | None = found[1]
    if acting is not None:
        return Signatory(acting.person, post.title_kk, post.title_ru, True, acting.basis)
    return Signatory(post.person, post.title_kk, post.title_ru, False, post.basis)


@asked_once
def position_of(person_id: int, organisation_id: int, day: date) -> Position | None:
    """A post that the person holds on *day*, the latest one first."""
    return db.session.scalars(
        select(Position)
        .where(
            Position.person_id == person_id,
            Position.organisation_id == organisation_id,
            Position.starts_on <= day,
            (Position.ends_on.is_(None)) | (Position.ends_on >= day),
        )
        .order_by(Position.starts_on.desc(), Position.id.desc())
    ).first()


def by_iin(iin: str) -> Person | None:
    return db.session.scalars(select(Person).where(Person.iin == iin)).first()


def known(ids: Collection[int]) -> list[Person]:
    return list(db.session.scalars(select(Person).where(Person.id.in_(ids)))) if ids else []


def find_or_create(names: Mapping[str, Any], iin: str, *, override: str = "") -> Person:
    """Find the person with this IIN, or make one; the stored name of a known person is not changed."""
    with unit_of_work():
        known = by_iin(iin)
        if known is not None:
            return known
        person = Person(
            surname=names["surname"],
            given_name=names["given_name"],
            patronymic=names.get("patronymic") or "",
            iin=iin,
            iin_override=override,
        )
        db.session.add(person)
        db.session.flush()
        return person


def told_in(names: Mapping[str, Any]) -> Person | None:
    """The person that a content names; ``None`` until surname, given name and a possible IIN are there.

    A draft is no register of people: what is half typed makes nobody.
    """
    iin, override = str(names.get("iin") or ""), str(names.get("iin_override") or "")
    if not names.get("surname") or not names.get("given_name") or not iin:
        return None
    if any(not (fault.may_be_overruled and override) for fault in iin_faults(iin)):
        return None
    return find_or_create(names, iin, override=override)


def mend_name(person: Person, names: Mapping[str, Any]) -> None:
    """Take over a corrected spelling while the person stands in drafts only: no paper names him yet."""
    wanted = {part: str(names.get(part) or "") for part in ("surname", "given_name", "patronymic")}
    if wanted == person.as_content or _is_on_record(person):
        return
    person.surname, person.given_name, person.patronymic = wanted.values()


def _is_on_record(person: Person) -> bool:
    marks = (
        select(Account.id).where(Account.person_id == person.id),
        select(Position.id).where(Position.person_id == person.id),
        select(Document.id).where(Document.subject_id == person.id, Document.state != "draft"),
        select(Signature.id).where(Signature.person_id == person.id, Signature.state.in_(("awaited", "signed"))),
    )
    return any(db.session.scalars(mark.limit(1)).first() is not None for mark in marks)


def iin_digest(iin: str) -> str:
    """A keyed digest for searching: it tells nothing to a reader of the database without the key."""
    key = environment.current().settings.secret_key.encode()
    return hmac.new(key, iin.encode(), "sha256").hexdigest()


# Administration


def create_organisation(data: Mapping[str, Any]) -> Organisation:
    with unit_of_work():
        organisation = Organisation(**data)
        db.session.add(organisation)
        db.session.flush()
        return organisation


def add_unit(organisation_id: int, code: str, *, name_kk: str, name_ru: str, actor: Actor) -> Unit:
    administer(actor)
    with unit_of_work():
        unit = Unit(organisation_id=organisation_id, code=code, name_kk=name_kk, name_ru=name_ru)
        db.session.add(unit)
        db.session.flush()
        return unit


def add_person(data: Mapping[str, Any], *, actor: Actor) -> Person:
    """Add a person by hand; the IIN must pass its checksum or carry a reason."""
    administer(actor)
    faults = iin_faults(data["iin"]) if data.get("iin") else ()
    if any(not (fault.may_be_overruled and data.get("iin_override")) for fault in faults):
        raise _invalid({"iin": [fault.message for fault in faults]})
    with unit_of_work():
        person = Person(
            surname=data["surname"],
            given_name=data["given_name"],
            patronymic=data.get("patronymic") or "",
            iin=data.get("iin") or None,
            iin_override=data.get("iin_override") or "",
            email=data.get("email") or "",
            phone=data.get("phone") or "",
        )
        db.session.add(person)
        db.session.flush()
        return person


def add_position(
    organisation_id: int,
    person_id: int,
    kind: str,
    *,
    title_kk: str,
    title_ru: str,
    starts_on: date,
    ends_on: date | None = None,
    basis: str = "",
    unit_id: int | None = None,
    actor: Actor,
) -> Position:
    """Give a person a post. A post of a head is held by one person at a time."""
    administer(actor)
    if ends_on is not None and ends_on < starts_on:
        raise _invalid({"ends_on": [_l("The last day cannot be before the first one.")]})
    with unit_of_work():
        if kind in UNLIKELY_TO_BE_TWO:
            _refuse_a_second_holder(organisation_id, kind, starts_on, ends_on)
        position = Position(
            organisation_id=organisation_id,
            unit_id=unit_id,
            person_id=person_id,
            kind=kind,
            title_kk=title_kk,
            title_ru=title_ru,
            starts_on=starts_on,
            ends_on=ends_on,
            basis=basis,
        )
        db.session.add(position)
        db.session.flush()
        return position


def _refuse_a_second_holder(organisation_id: int, kind: str, starts_on: date, ends_on: date | None) -> None:
    overlapping = select(Position).where(
        Position.organisation_id == organisation_id,
        Position.kind == kind,
        (Position.ends_on.is_(None)) | (Position.ends_on >= starts_on),
    )
    if ends_on is not None:
        overlapping = overlapping.where(Position.starts_on <= ends_on)
    holder = db.session.scalars(overlapping).first()
    if holder is not None:
        raise _invalid(
            {"starts_on": [_l("%(name)s holds this post then. End that first.", name=holder.person.full_name)]}
        )


def end_position(position_id: int, *, last_day: date, actor: Actor) -> Position:
    administer(actor)
    with unit_of_work():
        position = _found(db.session.get(Position, position_id))
        if last_day < position.starts_on:
            raise _invalid({"ends_on": [_l("The last day cannot be before the first one.")]})
        position.ends_on = last_day
        return position


def add_substitution(
    position_id: int, person_id: int, *, starts_on: date, ends_on: date, basis: str, actor: Actor
) -> Substitution:
    """Let a person act for the holder of a post between two days; the basis is printed on the paper."""
    administer(actor)
    errors: dict[str, list[Message]] = {}
    if ends_on < starts_on:
        errors["ends_on"] = [_l("The last day cannot be before the first one.")]
    if not basis.strip():
        errors["basis"] = [_l("Name the order on which the substitution rests.")]
    if errors:
        raise _invalid(errors)
    with unit_of_work():
        position = _found(db.session.get(Position, position_id))
        substitution = Substitution(
            position=position, person_id=person_id, starts_on=starts_on, ends_on=ends_on, basis=basis.strip()
        )
        db.session.add(substitution)
        db.session.flush()
        return substitution


def create_account(
    email: str,
    password_hash: str,
    roles: tuple[Role, ...],
    *,
    person_id: int | None,
    organisation_id: int | None,
    unit_ids: tuple[int, ...] = (),
    language: str = "ru",
    uniquifier: str,
    is_demo: bool = False,
    actor: Actor,
) -> Account:
    """Open an account; *password_hash* is already hashed by the login library."""
    administer(actor)
    with unit_of_work():
        if db.session.scalars(select(Account).where(Account.email == email.lower())).first():
            raise _invalid({"email": [_l("There is an account with this address already.")]})
        account = Account(
            email=email.lower(),
            password=password_hash,
            person_id=person_id,
            organisation_id=organisation_id,
            language=language,
            fs_uniquifier=uniquifier,
            is_demo=is_demo,
            active=True,
        )
        account.roles = [role_row(role) for role in roles]
        account.memberships = [Membership(unit_id=unit_id) for unit_id in unit_ids]
        db.session.add(account)
        db.session.flush()
        return account


def role_row(role: Role) -> AccountRole:
    """The row of a role, made when it is first needed."""
    known = db.session.scalars(select(AccountRole).where(AccountRole.name == role.value)).first()
    if known is None:
        known = AccountRole(name=role.value)
        db.session.add(known)
        db.session.flush()
    return known


def set_roles(account_id: int, roles: tuple[Role, ...], unit_ids: tuple[int, ...], *, actor: Actor) -> Account:
    administer(actor)
    with unit_of_work():
        account = _found(db.session.get(Account, account_id))
        if account.id == actor.account_id and Role.ADMINISTRATOR not in roles:
            raise _invalid({"roles": [_l("You cannot take the administrator's role from yourself.")]})
        account.roles = [role_row(role) for role in roles]
        for membership in list(account.memberships):
            if membership.unit_id not in unit_ids:
                account.memberships.remove(membership)
                db.session.delete(membership)
        held = {membership.unit_id for membership in account.memberships}
        account.memberships.extend(Membership(unit_id=unit_id) for unit_id in unit_ids if unit_id not in held)
        return account


def set_active(account_id: int, active: bool, *, actor: Actor) -> Account:
    administer(actor)
    with unit_of_work():
        account = _found(db.session.get(Account, account_id))
        if account.id == actor.account_id and not active:
            raise _invalid({"active": [_l("You cannot close your own account.")]})
        account.active = active
        return account


def set_language(account_id: int, language: str) -> None:
    with unit_of_work():
        account = _found(db.session.get(Account, account_id))
        account.language = language


def organisation_of(actor: Actor) -> Organisation:
    """The organisation that the actor works in; ``NotFound`` for one who works in none."""
    found = db.session.get(Organisation, actor.organisation_id) if actor.organisation_id else None
    return _found(found)


def units(organisation_id: int) -> list[Unit]:
    return list(db.session.scalars(select(Unit).where(Unit.organisation_id == organisation_id).order_by(Unit.code)))


def positions(organisation_id: int) -> list[Position]:
    found = select(Position).where(Position.organisation_id == organisation_id).order_by(Position.starts_on.desc())
    return list(db.session.scalars(found))


def substitutions(organisation_id: int) -> list[Substitution]:
    found = (
        select(Substitution)
        .join(Position, Position.id == Substitution.position_id)
        .where(Position.organisation_id == organisation_id)
        .order_by(Substitution.starts_on.desc())
    )
    return list(db.session.scalars(found))


def accounts(organisation_id: int) -> list[Account]:
    found = select(Account).where(Account.organisation_id == organisation_id).order_by(Account.email)
    return list(db.session.scalars(found))


def demo_accounts() -> list[Account]:
    """Accounts of the demo that are still open; production must have none."""
    return list(db.session.scalars(select(Account).where(Account.is_demo.is_(True), Account.active.is_(True))).unique())


def people_like(text: str, *, limit: int = 20) -> list[Person]:
    """People whose surname begins with *text*, for pickers."""
    pattern = text.strip().replace("%", "").replace("_", "") + "%"
    return list(db.session.scalars(select(Person).where(Person.surname.like(pattern)).limit(limit)))


def _found(row: T | None) -> T:
    if row is None:
        raise NotFound(_l("There is no such record."))
    return row


def _invalid(errors: Mapping[str, list[Message]]) -> Invalid:
    return Invalid(
        _l("Please correct the marked fields."), {field: [str(m) for m in found] for field, found in errors.items()}
    )
