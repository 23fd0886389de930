"""The declaration of one kind of document: everything about it in one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from docflow.core.derivation import Derivation, Gathering
from docflow.core.regulations import Clause, Profile, Text
from docflow.core.rules import Content, Rule
from docflow.core.workflow import Workflow


class Form(Protocol):
    """What the services need of a form class: from raw data to validated JSON content."""

    @classmethod
    def validate_content(cls, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """Give the cleaned content and the errors by field path (``listeners-3-person-iin``)."""

    @classmethod
    def bound_to(cls, data: Mapping[str, Any]) -> Any:
        """Give a form, filled from JSON content, that a page can draw."""

    @classmethod
    def submitted(cls, formdata: Any) -> Any:
        """Give a form filled from the fields of a request."""


class Capacity(StrEnum):
    """In what capacity a person signs."""

    HEAD_OR_ACTING = "head_or_acting"
    CENTRE_HEAD = "centre_head"
    TRAINER = "trainer"
    APPLICANT = "applicant"
    LISTENER = "listener"
    EMPLOYER_HEAD = "employer_head"


@dataclass(frozen=True)
class SignatureSlot:
    """Who must sign, in what capacity and order, and which block of the page it is.

    ``position`` names the kind of position that signs (``head``, ``centre_head``), resolved with
    substitutions on the day; ``person`` names the field of the content that holds the signer.
    Exactly one of them is set. Slots of the same ``order`` may be signed in parallel.
    """

    name: str
    capacity: Capacity
    title: Text
    position: str | None = None
    person: str | None = None
    order: int = 1
    profiles: tuple[str, ...] = ()  # empty: all

    def __post_init__(self) -> None:
        if (self.position is None) == (self.person is None):
            raise ValueError(f"slot {self.name}: exactly one of position and person")


@dataclass(frozen=True)
class Journal:
    """A gap-free register. ``pattern`` takes ``{unit}``, ``{seq}`` and ``{year}``."""

    name: str
    pattern: str


@dataclass(frozen=True)
class Validity:
    """How long a document of this type is in force: the act's term, counted from a field or its date.

    ``counted_from`` maps a profile setting's value to a field, or is the field itself.
    """

    term: str
    counted_from: str
    setting: str | None = None


@dataclass(frozen=True)
class Requirement:
    """An attachment that a clause requires before a step."""

    kind: str
    title: Text
    clauses: tuple[Clause, ...]
    when: Callable[[Content, Profile], bool] | None = None

    def is_required(self, content: Content, profile: Profile) -> bool:
        binds = profile.first_clause(self.clauses) is not None
        return binds and (self.when is None or self.when(content, profile))


@dataclass(frozen=True)
class Import:
    """How a spreadsheet fills a table of the form: column titles (any of the given) to field paths."""

    rows: str
    key: str  # the field by which a row is found again (an IIN)
    columns: Mapping[str, tuple[str, ...]]


def _all_languages(profile: Profile) -> tuple[str, ...]:
    return ("kk", "ru")


@dataclass(frozen=True)
class DocumentType:
    """One kind of regulated artefact. A frozen constant ``TYPE`` of a module in ``docflow/forms``."""

    name: str
    title: Text
    regulated_by: tuple[Clause, ...]
    form: type[Form]
    workflow: Workflow
    template: str
    slots: tuple[SignatureSlot, ...]
    sample: Mapping[str, Any]
    journal: Journal | None = None
    number_from: str | None = None  # take the number of the document related in this way
    derived_from: tuple[Derivation, ...] = ()
    gathered_from: Gathering | None = None
    validity: Validity | None = None
    rules: tuple[Rule, ...] = ()
    subjects: tuple[str, ...] = ()
    heading: Callable[[Content], str] | None = None
    attachments: tuple[Requirement, ...] = ()
    languages: Callable[[Profile], tuple[str, ...]] = _all_languages
    spreadsheet: Import | None = None
    public_fields: tuple[str, ...] = ()  # shown to anyone who holds the code
    feeds: Callable[[Content], Mapping[str, Any]] | None = None  # what the person's record takes from it
    retention: str = ""  # index in the organisation's nomenclature, if it has one for this type
    samples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by profile, where they differ

    def clause_for(self, profile: Profile) -> Clause | None:
        """The act that regulates this type for *profile*; ``None``: not used there."""
        return profile.first_clause(self.regulated_by)

    def slots_for(self, profile: Profile) -> tuple[SignatureSlot, ...]:
        return tuple(slot for slot in self.slots if not slot.profiles or profile.code in slot.profiles)

    @property
    def is_filed_by_applicants(self) -> bool:
        """Whether people outside the staff may draft it, each for himself."""
        return any(slot.capacity == Capacity.APPLICANT for slot in self.slots)

    def sample_for(self, profile: Profile) -> Mapping[str, Any]:
        return self.samples.get(profile.code, self.sample)


def value_at(content: Content, path: str) -> Any:
    """Follow a dotted path through the content; ``None`` where it ends early."""
    value: Any = content
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
