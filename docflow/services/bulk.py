"""One step for many documents of a group: each is asked on its own and gets its own answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from docflow.core.errors import DocflowError, NotFound, Refused
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Role
from docflow.core.registry import document_type
from docflow.core.rules import Refusal
from docflow.core.types import DocumentType
from docflow.core.workflow import Transition
from docflow.models import Document, Group
from docflow.services import archiving, documents, groups, routing
from docflow.services.groups import Glance


@dataclass(frozen=True)
class Offer:
    """A step that waits to be taken for all documents of one type in one state."""

    kind: DocumentType
    state: str
    transition: Transition
    count: int


@dataclass(frozen=True)
class StepResult:
    """What became of one document; no refusals means that the step was taken."""

    document: Document
    refusals: tuple[Refusal, ...]


def offers(glance: Glance, *, actor: Actor) -> list[Offer]:
    """Steps without a comment that a clerk may take for a whole stage."""
    if not actor.has(Role.CLERK) or glance.group.unit_id not in actor.unit_ids:
        return []
    return [
        Offer(count.kind, state, transition, number)
        for stage in glance.stages
        for count in stage.counts
        for state, number in count.by_state.items()
        for transition in count.kind.workflow.leaving(state)
        if Role.CLERK in transition.roles and not transition.needs_comment
    ]


def perform_all(
    group_id: int, type_name: str, state: str, step: str, *, actor: Actor, now: datetime
) -> tuple[Group, list[StepResult]]:
    """Take *step* for every document of the type that is in *state*; a "no" stops nobody else."""
    group = groups.get(group_id, actor=actor)
    transition = document_type(type_name).workflow.transitions.get(step)
    if transition is None or transition.needs_comment or state not in transition.sources:
        raise NotFound(_l("There is no step “%(name)s”.", name=step))
    waiting = [each for each in groups.documents_of(group, [type_name]) if each.state == state]
    return group, [_one(each, step, actor=actor, now=now) for each in waiting]


def _one(document: Document, step: str, *, actor: Actor, now: datetime) -> StepResult:
    document_id = document.id
    try:
        return StepResult(routing.perform(document_id, step, actor=actor, now=now), ())
    except Refused as error:
        reasons = error.refusals
    except DocflowError as error:
        archiving.forget_pending()
        reasons = (Refusal("failed", error.message),)
    return StepResult(documents.load(document_id), reasons)
