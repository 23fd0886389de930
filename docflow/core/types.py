"""The declaration of one kind of document: everything about it in one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from docflow.core.derivation import Derivation, Gathering
from docflow.core.messages import Message
from docflow.core.regulations import Clause, Profile, Term, Text
from docflow.core.rules import Content, RelatedDocument, Rule
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
    ENTERPRISE_HEAD = "enterprise_head"
    AUTHORISED = "authorised"
    CHAIR = "chair"
    MEMBER = "member"
    SECRETARY = "secretary"
    OBSERVER = "observer"
    ACQUAINTED = "acquainted"


# No act gives a signer a term: this is our own, for the queue and the reminders.
DAYS_TO_SIGN = 3  # working days


@dataclass(frozen=True)
class SignatureSlot:
    """Who must sign, in what capacity and order, and which block of the page it is.

    ``position`` names the kind of position that signs (``head``, ``centre_head``), resolved with
    substitutions on the day; ``person`` names the field of the content that holds the signer;
    ``people`` a table of it: each row's ``person_id`` signs in a slot of his own, ``member-1`` and on.
    Exactly one of them is set. Slots of the same ``order`` may be signed in parallel.
    """

    name: str
    capacity: Capacity
    title: Text
    position: str | None = None
    person: str | None = None
    people: str | None = None
    order: int = 1
    profiles: tuple[str, ...] = ()  # empty: all
    setting: tuple[str, str] | None = None  # asked for only where the profile's setting has this value
    days: int = 0  # working days to sign, from the day it is his turn; 0: no term
    certifies: bool = False  # the first signature certifies: later ones may be added, nothing else (DocMDP 2)

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.position, self.person, self.people)) != 1:
            raise ValueError(f"slot {self.name}: exactly one of position, person and people")

    def numbered(self, number: int) -> SignatureSlot:
        """Give the slot of the *number*-th row of ``people``, counted from 1."""
        path = f"{self.people}.{number - 1}.person_id"
        return replace(self, name=f"{self.name}-{number}", people=None, person=path)


@dataclass(frozen=True)
class Journal:
    """A gap-free register. ``pattern`` takes ``{unit}``, ``{seq}`` and ``{year}``."""

    name: str
    pattern: str


@dataclass(frozen=True)
class Validity:
    """How long a document of this type is in force: the act's term, counted from a field or its date.

    ``counted_from`` maps a profile setting's value to a field, or is the field itself. Where the last
    day depends on who holds the document, ``until`` names the field in which it was worked out.
    """

    term: str
    counted_from: str
    setting: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Deadline:
    """A term that runs for a document, and what ends it.

    It is counted from ``registered_on``, ``in_force`` (the first day of force) or a date field of the
    content, and runs while the document is in one of ``states``. It is met when one of the types
    ``met_by``, derived from the document, is in force; with ``each`` when that is so for every row.
    Without ``met_by`` it is met by leaving the states.
    """

    name: str
    term: Term
    title: Text
    counted_from: str = "registered_on"
    states: tuple[str, ...] = ("in_force",)
    met_by: tuple[str, ...] = ()
    each: str = ""
    when: Callable[[Content], bool] | None = None  # for what contents it runs; None: for all


@dataclass(frozen=True)
class CardEntry:
    """What a document in force writes on a person's card; it rests on the document and ends with it."""

    person_id: int
    kind: str  # category, certificate, …
    data: Mapping[str, Any]
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Requirement:
    """An attachment that a clause requires before a step."""

    kind: str
    title: Text
    clauses: tuple[Clause, ...]
    when: Callable[[Content, Profile], bool] | None = None
    otherwise: Message | None = None  # what the page says where it is not required; None: it is not needed there

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
    brief: Text | None = None  # the title in lists, where the act prints a long one
    spreadsheet: Import | None = None
    public_fields: tuple[str, ...] = ()  # shown to anyone who holds the code
    feeds: Callable[[Content], Mapping[str, Any]] | None = None  # what the person's record takes from it
    retention: str = ""  # index in the organisation's nomenclature, if it has one for this type
    stage: str = ""  # the column of the group's page in which it stands
    editor: str = ""  # the page of its own that fills a draft, where a form is not enough
    assigned_to: str = ""  # path of the person in whose hands a draft is: he may fill and send it
    joins: str = ""  # kind of group that a document without one belongs to
    is_registered_in_working_hours: bool = False
    deadlines: tuple[Deadline, ...] = ()
    card_entries: Callable[[RelatedDocument, Profile], Sequence[CardEntry]] | None = None
    starts_with: Callable[[Content, date], dict[str, Any]] | None = None  # a new form, from the person's card
    starts_with_staff: Callable[[Sequence[Content], date], dict[str, Any]] | None = None  # from who holds which post
    is_sent_to_subject: bool = False
    printed: Callable[[Content, Profile], Mapping[str, Any]] | None = None  # words of the act that the paper repeats
    samples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by profile, where they differ

    @property
    def short_title(self) -> Text:
        return self.brief or self.title

    def clause_for(self, profile: Profile) -> Clause | None:
        """The act that regulates this type for *profile*; ``None``: not used there."""
        return profile.first_clause(self.regulated_by)

    def slots_for(self, profile: Profile) -> tuple[SignatureSlot, ...]:
        return tuple(
            slot
            for slot in self.slots
            if (not slot.profiles or profile.code in slot.profiles)
            and (slot.setting is None or profile.setting(slot.setting[0]) == slot.setting[1])
        )

    @property
    def is_filed_by_applicants(self) -> bool:
        """Whether people outside the staff may draft it, each for himself."""
        return any(slot.capacity == Capacity.APPLICANT for slot in self.slots)

    def sample_for(self, profile: Profile) -> Mapping[str, Any]:
        return self.samples.get(profile.code, self.sample)


def value_at(content: Content, path: str) -> Any:
    """Follow a dotted path through the content (``signers.0.person_id``); ``None`` where it ends early."""
    value: Any = content
    for step in path.split("."):
        if isinstance(value, list):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def slots_in(kind: DocumentType, content: Content, profile: Profile) -> tuple[SignatureSlot, ...]:
    """The slots of one document: those of its type, with one for each row where a table signs."""
    found: list[SignatureSlot] = []
    for slot in kind.slots_for(profile):
        if slot.people is None:
            found.append(slot)
        else:
            rows = value_at(content, slot.people) or ()
            found += [slot.numbered(number) for number in range(1, len(rows) + 1)]
    return tuple(found)
