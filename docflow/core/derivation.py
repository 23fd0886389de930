"""How documents of one type are drafted from others, so that nobody types anything twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from docflow.core.regulations import Profile
from docflow.core.rules import Content, Refusal, RelatedDocument, Rule, nothing_related


@dataclass(frozen=True)
class Source:
    """What a filling function sees: the source document, its row, the group, and why the row failed.

    ``card`` is of the person that the source is about; ``choices`` is what the drafting person chose.
    """

    document: RelatedDocument
    profile: Profile
    group: Content
    on: date
    language: str
    row: Content
    row_number: int
    refusals: tuple[Refusal, ...] = ()
    related: Callable[[str], tuple[RelatedDocument, ...]] = nothing_related
    card: Content = field(default_factory=dict)
    choices: Content = field(default_factory=dict)


@dataclass(frozen=True)
class Derivation:
    """One document of this type for each row of ``rows`` in the source (``""``: for the source itself).

    ``when`` are the rules that a row must satisfy; with ``otherwise`` the document goes to the rows
    that fail them instead. ``state`` is the state that the source must have reached.
    ``automatic`` derivations are carried out together with the source's own issuing; those that
    ``follows`` at the moment in which the source reaches the state. ``is_drafted``: it stays a draft
    for somebody to go on with, ``by_subject``: also drafted by the person himself, ``repeats``: any
    number of times. ``asks`` names choices and from what: ``commission``, ``staff`` or ``date``.
    Rows name people by ``person_id``, never by IIN: content travels inside the paper.
    """

    source: str
    fill: Callable[[Source], dict[str, Any]]
    rows: str = ""
    when: tuple[Rule, ...] = ()
    otherwise: bool = False
    relation: str = "basis"
    state: str = "in_force"
    profiles: tuple[str, ...] = ()  # empty: all
    automatic: bool = False
    follows: bool = False
    is_drafted: bool = False
    by_subject: bool = False
    repeats: bool = False
    asks: tuple[tuple[str, str], ...] = ()  # what the drafting person chooses: ("member_id", "commission")
    # Where the row keeps the id of the person that the document is about; "": whom the source is about.
    subject: str = "person_id"


@dataclass(frozen=True)
class Gathering:
    """One document of this type from many sources of a group, each linked by ``relation``.

    ``repeats``: again for sources that have come since; each source is in one of the group's documents then.
    """

    sources: tuple[str, ...]
    state: str
    fill: Callable[[Sequence[RelatedDocument], Mapping[str, Any], Profile, date, str], dict[str, Any]]
    relation: str = "basis"
    repeats: bool = False
