"""Rules: a check in plain words, tied to a clause, that returns nothing or the sentence that refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from docflow.core.messages import Message
from docflow.core.permissions import Actor
from docflow.core.regulations import Clause, Profile

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Refusal:
    """One reason for "no". ``row`` counts from 1, as a person counts the rows of a table."""

    code: str
    message: Message
    clause: Clause | None = None
    field: str | None = None
    row: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": self.message.as_json(),
            "clause": self.clause.key if self.clause else None,
            "field": self.field,
            "row": self.row,
        }


@dataclass(frozen=True)
class RelatedDocument:
    """What a rule may know of another document in the chain."""

    type: str
    number: str
    state: str
    content: Content
    registered_on: date | None = None
    subject_id: int | None = None  # the person that it is about
    id: int | None = None
    code: str = ""
    valid_until: date | None = None
    comment: str = ""  # of its last step: the reason of a refusal
    attachments: frozenset[str] = frozenset()  # kinds


def nothing_related(kind: str) -> tuple[RelatedDocument, ...]:
    return ()


@dataclass(frozen=True)
class Step:
    """One attempt at a transition, or at issuing from one row: what guards and rules look at.

    ``on`` is the day by which the edition in force is chosen. ``row`` is set only while a
    derivation asks about a single row of a table.
    """

    type: str
    transition: str
    content: Content
    profile: Profile
    actor: Actor
    on: date
    attachments: frozenset[str] = frozenset()
    group: Content = field(default_factory=dict)
    card: Content = field(default_factory=dict)  # of the person that the document is about
    related: Callable[[str], tuple[RelatedDocument, ...]] = nothing_related
    row: Content | None = None
    row_number: int | None = None

    def for_row(self, number: int, row: Content) -> Step:
        return replace(self, row=row, row_number=number)


Answer = Message | Refusal | Iterable[Message | Refusal] | None
Check = Callable[[Step], Answer]


@dataclass(frozen=True)
class Rule:
    """A check with its clauses. It binds where the organisation's profile holds one of the acts."""

    name: str
    clauses: tuple[Clause, ...]
    transitions: tuple[str, ...]
    check: Check
    sentence: str

    def clause_for(self, profile: Profile) -> Clause | None:
        return profile.first_clause(self.clauses)

    def refusals(self, step: Step) -> tuple[Refusal, ...]:
        """Ask the rule; empty when it agrees, or when none of its acts binds."""
        clause = self.clause_for(step.profile)
        if clause is None:
            return ()
        answer = self.check(step)
        if answer is None:
            return ()
        found = [answer] if isinstance(answer, Message | Refusal) else list(answer)
        return tuple(self._complete(reason, clause, step) for reason in found)

    def _complete(self, reason: Message | Refusal, clause: Clause, step: Step) -> Refusal:
        if isinstance(reason, Message):
            return Refusal(self.name, reason, clause, row=step.row_number)
        return replace(
            reason, code=reason.code or self.name, clause=reason.clause or clause, row=reason.row or step.row_number
        )


def rule(*clauses: Clause, on: Sequence[str] = ("submit",)) -> Callable[[Check], Rule]:
    """Make a check a rule: which clauses it enforces and at which transitions it is asked.

    The docstring of the check is the clause in plain words; it is what ``docflow types`` prints.
    """

    def declare(check: Check) -> Rule:
        sentence = (check.__doc__ or "").strip()
        if not sentence or not clauses:
            raise TypeError(f"rule {check.__name__} needs a docstring and a clause")
        return Rule(check.__name__, tuple(clauses), tuple(on), check, sentence)

    return declare


def collect(rules: Iterable[Rule], step: Step) -> tuple[Refusal, ...]:
    """Ask every rule that belongs to the step's transition, and give all reasons at once."""
    return tuple(
        refusal
        for each in rules
        if not each.transitions or step.transition in each.transitions
        for refusal in each.refusals(step)
    )
