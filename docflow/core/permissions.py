"""Who acts, as what, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Roles of an account, and the local roles that a document gives to the people in it."""

    CLERK = "clerk"
    SIGNATORY = "signatory"
    APPLICANT = "applicant"
    INSPECTOR = "inspector"
    ARCHIVIST = "archivist"
    ADMINISTRATOR = "administrator"
    # Local: true of one actor and one document.
    OWNER = "owner"  # drafted it
    SUBJECT = "subject"  # it is about him: an applicant, a listener, a holder
    SIGNER = "signer"  # holds one of its signature slots
    MEMBER = "member"  # sits on the commission of its round
    SYSTEM = "system"  # a job that carries on what a person has begun


ACCOUNT_ROLES = (
    Role.CLERK,
    Role.SIGNATORY,
    Role.APPLICANT,
    Role.INSPECTOR,
    Role.ARCHIVIST,
    Role.ADMINISTRATOR,
)


class Permission(StrEnum):
    """What a state of a document grants to roles."""

    VIEW = "document:view"
    EDIT = "document:edit"
    ATTACH = "document:attach"
    SIGN = "document:sign"


@dataclass(frozen=True)
class Actor:
    """Who acts. ``organisation_id`` and ``unit_ids`` bound what an account's roles reach."""

    account_id: int | None
    person_id: int | None
    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    organisation_id: int | None = None
    unit_ids: frozenset[int] = field(default_factory=frozenset)

    def has(self, *roles: Role) -> bool:
        return bool(self.roles.intersection(roles))


SYSTEM = Actor(account_id=None, person_id=None, name="docflow", roles=frozenset({Role.SYSTEM}))
