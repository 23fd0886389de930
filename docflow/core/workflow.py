"""Workflow as data: states that grant permissions, transitions with guards and declared effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from docflow.core.messages import Message
from docflow.core.permissions import Permission, Role
from docflow.core.rules import Rule


class Effect(StrEnum):
    """What a transition does besides changing the state; services carry it out in the unit of work."""

    RESERVE_NUMBER = "reserve_number"
    RENDER = "render"  # freeze the revision, make the paper, open the signature slots
    COMMIT_NUMBER = "commit_number"
    VOID_NUMBER = "void_number"
    CANCEL_SIGNATURES = "cancel_signatures"
    ENTER_FORCE = "enter_force"  # set the first day of force and, by the type's validity, the last


class Status(StrEnum):
    """The third axis of verification: is it in force?"""

    NOT_YET = "not_yet"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    ANNULLED = "annulled"
    SUPERSEDED = "superseded"
    REFUSED = "refused"


@dataclass(frozen=True)
class State:
    """A state grants permissions to roles; whoever is not named has none."""

    name: str
    title: Message
    grants: Mapping[Permission, frozenset[Role]] = field(default_factory=dict)
    status: Status = Status.NOT_YET
    is_final: bool = False

    def allows(self, permission: Permission, roles: frozenset[Role]) -> bool:
        return bool(self.grants.get(permission, frozenset()) & roles)


@dataclass(frozen=True)
class Transition:
    """A step from some states to one. ``guards`` are rules of the step itself, asked before the type's."""

    name: str
    title: Message
    sources: tuple[str, ...]
    target: str
    roles: frozenset[Role]
    effects: tuple[Effect, ...] = ()
    guards: tuple[Rule, ...] = ()
    needs_comment: bool = False
    is_danger: bool = False


@dataclass(frozen=True)
class Workflow:
    """States and transitions of one kind of route; checked for dangling names when made."""

    name: str
    initial: str
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]
    # The transition that the last needed signature sets off, and the state in which one may sign.
    when_signed: str | None = None
    signing_state: str | None = None
    refused_by_signer: str | None = None

    def __post_init__(self) -> None:
        for transition in self.transitions.values():
            missing = {*transition.sources, transition.target} - set(self.states)
            if missing:
                raise ValueError(f"workflow {self.name}: {transition.name} names unknown states {sorted(missing)}")
        if self.initial not in self.states:
            raise ValueError(f"workflow {self.name} has no initial state {self.initial!r}")

    def leaving(self, state: str) -> tuple[Transition, ...]:
        """Transitions that start in *state*, in the order of declaration."""
        return tuple(t for t in self.transitions.values() if state in t.sources)

    def reachable(self) -> frozenset[str]:
        """Every state that some path from the initial one leads to."""
        seen, queue = {self.initial}, [self.initial]
        while queue:
            for transition in self.leaving(queue.pop()):
                if transition.target not in seen:
                    seen.add(transition.target)
                    queue.append(transition.target)
        return frozenset(seen)


def workflow(
    name: str,
    *,
    states: tuple[State, ...],
    transitions: tuple[Transition, ...],
    when_signed: str | None = None,
    signing_state: str | None = None,
    refused_by_signer: str | None = None,
) -> Workflow:
    """Make a workflow; its first state is the initial one."""
    return Workflow(
        name,
        states[0].name,
        {state.name: state for state in states},
        {transition.name: transition for transition in transitions},
        when_signed,
        signing_state,
        refused_by_signer,
    )
