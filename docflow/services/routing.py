"""Routing: which steps there are, who may take them, what the rules say, and what a step does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Select, select

from docflow.core.errors import Conflict, Forbidden, NotFound, Refused
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor, Permission, Role
from docflow.core.registry import document_type
from docflow.core.regulations import CONTINUED_BY, Standing
from docflow.core.rules import Refusal, RelatedDocument, Step, collect
from docflow.core.types import DocumentType, SignatureSlot, slots_in, value_at
from docflow.core.workflow import Effect, Status, Transition
from docflow.db import db, unit_of_work
from docflow.models import Document, Group, Person, Relation, Revision, Signature
from docflow.regulations import REGULATIONS
from docflow.regulations.kazakhstan_calendar import TIME_ZONE
from docflow.services import (
    archiving,
    cards,
    casefiles,
    documents,
    environment,
    history,
    numbering,
    papers,
    people,
    search,
)
from docflow.services.environment import local_day
from docflow.services.facts import GroupFacts
from docflow.signing import pades

_ENDED = (Status.ANNULLED, Status.REFUSED)
# The relations by which one document stands on another; an annex goes with its document by itself.
_STANDING_ON = ("basis", "extract")
# What else happens, in the same unit of work, when a document has reached a state.
when_arrived: list[Callable[[Document, Actor, datetime], None]] = []
_NAMED = 5  # as many numbers as a sentence can hold
STEP_REFUSED = _l("This step is refused.")


@dataclass(frozen=True)
class Choice:
    """A step that the actor's roles know, and what stands against it."""

    transition: Transition
    refusals: tuple[Refusal, ...]

    @property
    def is_allowed(self) -> bool:
        return not self.refusals


@dataclass(frozen=True)
class PlannedSigner:
    """Who a slot asks for on a day, as it will be printed."""

    slot: SignatureSlot
    person: Person
    position: str
    is_acting: bool
    basis: str


Planned = PlannedSigner | SignatureSlot


def available(document: Document, *, actor: Actor, now: datetime) -> list[Choice]:
    """Every step out of the current state that fits the actor's roles, with all reasons against it."""
    kind, roles = document_type(document.type), documents.roles_on(document, actor)
    return [
        Choice(transition, refusals_for(document, transition, actor=actor, now=now))
        for transition in kind.workflow.leaving(document.state)
        if transition.roles & roles
    ]


def refusals_for(document: Document, transition: Transition, *, actor: Actor, now: datetime) -> tuple[Refusal, ...]:
    """Ask everything that may say no; nothing changes."""
    kind, revision = document_type(document.type), documents.current_revision(document)
    current = revision.content
    step = step_for(document, transition.name, current, actor=actor, now=now)
    reasons = [*collect(transition.guards, step), *_chain_refusals(document, transition)]
    if Effect.RENDER in transition.effects:
        reasons += _act_refusals(document, kind, step.on)
        if not documents.is_proven(revision):
            reasons += _form_refusals(kind, current)
        if reasons:
            return tuple(reasons)  # rules may rely on a form that is filled in
    reasons += collect(kind.rules, step)
    if Effect.RENDER in transition.effects:
        reasons += _attachment_refusals(document)
        reasons += _slot_refusals(document, kind, current, now=now)
    return tuple(reasons)


def _chain_refusals(document: Document, transition: Transition) -> list[Refusal]:
    """What stands on a document ends before it does, and nothing new is begun on what has been annulled."""
    if document_type(document.type).workflow.states[transition.target].status is Status.ANNULLED:
        return [Refusal("stood_on", _end_first(kind, found)) for kind, found in _standing_on(document).items()]
    if Effect.RENDER not in transition.effects:
        return []
    grounds = [each.target for each in document.grounds if each.kind in _STANDING_ON]
    return [
        Refusal("ground_annulled", _is_annulled(each))
        for each in grounds
        if documents.state_of(each).status is Status.ANNULLED
    ]


def _standing_on(document: Document) -> dict[str, list[Document]]:
    """By type, what has been issued or is being signed on the ground of a document; a complaint against it is not."""
    found: dict[str, list[Document]] = {}
    for kind, direction, other in documents.relations(document):
        workflow = document_type(other.type).workflow
        is_issued = other.state == workflow.signing_state or documents.state_of(other).status is Status.IN_FORCE
        if direction == "from" and kind in _STANDING_ON and is_issued and "annul" in workflow.transitions:
            found.setdefault(other.type, []).append(other)
    return found


def _end_first(type_name: str, found: Sequence[Document]) -> Message:
    numbers = [f"№ {each.number}" for each in found if each.number]
    shown = ", ".join(numbers[:_NAMED]) + (" …" if len(numbers) > _NAMED else "")
    return _l(
        "On this document stands what was issued on its ground: %(title)s %(numbers)s (%(count)s). Annul or withdraw "
        "that first.",
        title=document_type(type_name).title,
        numbers=shown,
        count=len(found),
    )


def _is_annulled(ground: Document) -> Message:
    return _l(
        "The document on which this one stands has been annulled: %(title)s № %(number)s. Withdraw this one.",
        title=document_type(ground.type).title,
        number=ground.number or "–",
    )


def _form_refusals(kind: DocumentType, current: Mapping[str, Any]) -> list[Refusal]:
    _, errors = kind.form.validate_content(current)
    return [Refusal("form", Message(text), field=path) for path, found in errors.items() for text in found]


def _act_refusals(document: Document, kind: DocumentType, day: date) -> list[Refusal]:
    """Nothing is drafted for signature under an act that has ended, unless an own order goes on with it."""
    profile = papers.profile_of(document.organisation)
    clause = kind.clause_for(profile)
    act = REGULATIONS[clause.regulation] if clause else None
    if act is None or act.ends_on is None or profile.standing(act, day) is not Standing.EXPIRED:
        return []
    left_open = act.settings.get(CONTINUED_BY)
    message = _l(
        "%(act)s is no longer in force: its last day was %(day)s. Whoever goes on with it names an order of his own: "
        "Administration, Settings.",
        act=act.short_title,
        day=act.ends_on.strftime("%d.%m.%Y"),
    )
    return [Refusal("act_has_ended", message, left_open.clause if left_open else clause)]


def _attachment_refusals(document: Document) -> list[Refusal]:
    profile = papers.profile_of(document.organisation)
    return [
        Refusal(
            f"attachment_{requirement.kind}",
            _l("Attach: %(title)s.", title=requirement.title),
            profile.first_clause(requirement.clauses),
        )
        for requirement, required, attached in documents.requirements(document)
        if required and not attached
    ]


def step_for(document: Document, transition: str, current: Mapping[str, Any], *, actor: Actor, now: datetime) -> Step:
    """Put together what guards and rules look at."""
    group = documents.group_of(document)
    return Step(
        type=document.type,
        transition=transition,
        content=current,
        profile=papers.profile_of(document.organisation),
        actor=actor,
        on=document.registered_on or local_day(now),
        attachments=_attached(document),
        group=GroupFacts(group, document.language) if group else {},
        card=_card_of(document, local_day(now)),
        related=partial(_Related(document, frozenset({document.subject_id})).about, document.subject_id),
    )


def _card_of(document: Document, day: date) -> Mapping[str, Any]:
    """The card of whom the document is about, gathered when a rule first asks for it."""
    return cards.CardFacts(document.subject_id, on=document.registered_on or day) if document.subject_id else {}


def _attached(document: Document) -> frozenset[str]:
    """The kinds of attachments; no rule of a type that declares none, and has no page of its own, asks for one."""
    kind = document_type(document.type)
    return documents.attached_kinds(document) if kind.attachments or kind.editor else frozenset()


def row_steps(document: Document, step: Step, rows: Mapping[int, Mapping[str, Any]]) -> dict[int, Step]:
    """The same step, asked about each of these rows; what is related is then what concerns the row's person."""
    people = {number: row.get("person_id") or document.subject_id for number, row in rows.items()}
    related = _Related(document, frozenset(people.values()))
    return {
        number: replace(step.for_row(number, row), related=partial(related.about, people[number]))
        for number, row in rows.items()
    }


# What rules call the documents of a group, and the types behind it.
_IN_GROUP = {"contracts": "training_contract", "issue_orders": "issue_order"}


def related_documents(document: Document, kind: str) -> tuple[RelatedDocument, ...]:
    """What rules may ask about: a relation's kind, or ``contracts``, ``issue_orders`` and one of these prefixes.

    ``group:TYPE`` are the group's; of types about one person, those about the row's person or the
    document's own. ``person:TYPE`` are about that person in the whole organisation, ``organisation:TYPE``
    all of it, newest first; ``from:TYPE`` rest on this document.
    """
    return _Related(document, frozenset({document.subject_id})).about(document.subject_id, kind)


@dataclass(frozen=True)
class _Related:
    """What is related to a document and to these people, each kind looked up once for all of them."""

    document: Document
    people: frozenset[int | None]
    _known: dict[str, list[Document]] = field(default_factory=dict)

    def about(self, person_id: int | None, kind: str) -> tuple[RelatedDocument, ...]:
        wanted = _IN_GROUP.get(kind)
        scope, _, type_name = ("group", "", wanted) if wanted else kind.partition(":")
        if not type_name:
            return tuple(as_related(each.target) for each in self.document.grounds if each.kind == kind)
        if kind not in self._known:
            self._known[kind] = _found(_SCOPES[scope](self.document, type_name, self.people))
        concerns = _CONCERNS.get(scope)
        return tuple(as_related(each) for each in self._known[kind] if concerns is None or concerns(each, person_id))


def _found(wanted: Select[Document] | None) -> list[Document]:
    found = list(db.session.scalars(wanted).unique()) if wanted is not None else []
    documents.load_revisions(found)
    return found


def _in_group(document: Document, type_name: str, people: frozenset[int | None]) -> Select[Document] | None:
    if document.group_id is None:
        return None
    found = select(Document).where(Document.group_id == document.group_id, Document.type == type_name)
    if None not in people:
        found = found.where(Document.subject_id.in_(people) | Document.subject_id.is_(None))
    return found


def _about_person(document: Document, type_name: str, people: frozenset[int | None]) -> Select[Document] | None:
    return _in_organisation(document, type_name, people).where(Document.subject_id.in_(people - {None}))


def _in_organisation(document: Document, type_name: str, people: frozenset[int | None]) -> Select[Document]:
    found = select(Document).where(
        Document.organisation_id == document.organisation_id, Document.type == type_name, Document.id != document.id
    )
    return found.order_by(Document.id.desc())


def _resting_on(document: Document, type_name: str, people: frozenset[int | None]) -> Select[Document]:
    sources = select(Relation.source_id).where(Relation.target_id == document.id)
    return select(Document).where(Document.id.in_(sources), Document.type == type_name).order_by(Document.id)


_SCOPES: Mapping[str, Callable[[Document, str, frozenset[int | None]], Select[Document] | None]] = {
    "group": _in_group,
    "person": _about_person,
    "organisation": _in_organisation,
    "from": _resting_on,
}
# Which of what was found concerns one person; where nothing is said, all of it does.
_CONCERNS: Mapping[str, Callable[[Document, int | None], bool]] = {
    # What is about nobody in particular, an order or a sheet, is about everybody of the group.
    "group": lambda found, person_id: person_id is None or found.subject_id in (person_id, None),
    "person": lambda found, person_id: person_id is not None and found.subject_id == person_id,
}


def as_related(document: Document) -> RelatedDocument:
    return RelatedDocument(
        document.type,
        document.number or "",
        document.state,
        documents.content(document),
        document.registered_on,
        document.subject_id,
        id=document.id,
        code=document.code,
        valid_until=document.valid_until,
        comment=document.comment,
        attachments=_attached(document),
    )


def planned_signers(document: Document, kind: DocumentType, current: Mapping[str, Any], day: date) -> list[Planned]:
    """Who signs in each slot on *day*; a slot for which nobody is found comes back as itself."""
    profile = papers.profile_of(document.organisation)
    return [_planned(document, slot, current, day) or slot for slot in slots_in(kind, current, profile)]


def _planned(document: Document, slot: SignatureSlot, current: Mapping[str, Any], day: date) -> PlannedSigner | None:
    if slot.position is not None:
        found = people.signatory_on(document.organisation_id, slot.position, day)
        if found is None:
            return None
        return PlannedSigner(slot, found.person, found.title(document.language), found.is_acting, found.basis)
    person = _person_at(current, slot.person or "")
    if person is None:
        return None
    post = people.position_of(person.id, document.organisation_id, day)
    title = (post.title_kk if document.language == "kk" else post.title_ru) if post else ""
    return PlannedSigner(slot, person, title, False, "")


def _person_at(current: Mapping[str, Any], path: str) -> Person | None:
    value = value_at(current, path)
    if isinstance(value, Mapping):
        return people.told_in(value)
    return db.session.get(Person, value) if isinstance(value, int) else None


def _slot_refusals(
    document: Document, kind: DocumentType, current: Mapping[str, Any], *, now: datetime
) -> list[Refusal]:
    planned = planned_signers(document, kind, current, local_day(now))
    clause = kind.clause_for(papers.profile_of(document.organisation))
    return [
        Refusal(f"signer_{slot.name}", _nobody_signs(slot), clause)
        for slot in planned
        if isinstance(slot, SignatureSlot)
    ] + [
        Refusal(f"signer_{each.slot.name}", _somebody_else_signs(each), clause)
        for each in planned
        if isinstance(each, PlannedSigner) and _is_called_otherwise(each, current)
    ]


def _is_called_otherwise(planned: PlannedSigner, current: Mapping[str, Any]) -> bool:
    """Whether the document names somebody else beside the id of the signer: a name was typed over."""
    path = planned.slot.person or ""
    named = value_at(current, path.removesuffix("_id")) if path.endswith("_id") else None
    surname = str(named.get("surname") or "") if isinstance(named, Mapping) else ""
    return bool(surname) and surname.casefold() != planned.person.surname.casefold()


def _somebody_else_signs(planned: PlannedSigner) -> Message:
    return _l(
        "As “%(slot)s” %(name)s signs, but the document names another surname: correct the name, or choose the "
        "person anew.",
        slot=planned.slot.title,
        name=planned.person.full_name,
    )


def _nobody_signs(slot: SignatureSlot) -> Message:
    if slot.position is None:
        return _l(
            "It is not known yet who signs as “%(slot)s”: enter him in the document, or invite him by a link.",
            slot=slot.title,
        )
    return _l(
        "Nobody can sign as “%(slot)s” today: name the holder of the post under Administration, Positions.",
        slot=slot.title,
    )


def perform(
    document_id: int,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    comment: str = "",
    version: int | None = None,
) -> Document:
    """Take the step *name*.

    ``NotFound`` for an unseen document, ``Conflict`` when it has moved on, ``Forbidden`` by role,
    ``Refused`` with every reason. The order of these questions never varies.
    """
    with unit_of_work():
        document = documents.load(document_id)
        roles = documents.roles_on(document, actor)
        if not documents.state_of(document).allows(Permission.VIEW, roles):
            raise NotFound(_l("There is no such document, or you may not see it."))
        documents.check_version(document, version)
        transition = _transition(document, name)
        if not transition.roles & roles:
            raise Forbidden(_l("Your roles do not allow this step."))
        if transition.needs_comment and not comment.strip():
            raise Refused(STEP_REFUSED, [Refusal("comment", _l("Say why: others will read it."), field="comment")])
        refusals = refusals_for(document, transition, actor=actor, now=now)
        if refusals:
            raise Refused(STEP_REFUSED, refusals)
        apply(document, transition, actor=actor, now=now, comment=comment.strip())
        for follow in when_arrived:
            follow(document, actor, now)
        _carry_to_annexes(document, actor=actor, now=now, comment=comment.strip())
        return document


def _carry_to_annexes(document: Document, *, actor: Actor, now: datetime, comment: str) -> None:
    """An annex does not outlive what it is annexed to."""
    if documents.state_of(document).status not in _ENDED:
        return
    for kind, direction, annex in documents.relations(document):
        if (kind, direction) == ("annex", "from"):
            workflow = document_type(annex.type).workflow
            ending = [
                step
                for step in workflow.leaving(annex.state)
                if workflow.states[step.target].status in _ENDED and Role.CLERK in step.roles
            ]
            # The same end if it has one: a certificate in force is annulled, an annex still unsigned withdrawn.
            for step in sorted(ending, key=lambda each: each.target != document.state)[:1]:
                apply(annex, step, actor=actor, now=now, comment=comment)


def _transition(document: Document, name: str) -> Transition:
    transition = document_type(document.type).workflow.transitions.get(name)
    if transition is None:
        raise NotFound(_l("There is no step “%(name)s”.", name=name))
    if document.state not in transition.sources:
        raise Conflict(
            _l("The document is already in the state “%(state)s”.", state=documents.state_of(document).title)
        )
    return transition


def apply(document: Document, transition: Transition, *, actor: Actor, now: datetime, comment: str = "") -> None:
    """Carry out the effects and record the step; the caller has asked permission and rules."""
    for effect in transition.effects:
        _EFFECTS[effect](document, actor, now, comment)
    before, document.state = document.state, transition.target
    document.comment = comment
    detail = {"from": before, "to": transition.target}
    if comment:
        detail["comment"] = comment
    history.record(document, transition.name, actor=actor, now=now, **detail)
    if documents.state_of(document).status in (Status.REFUSED, Status.ANNULLED):
        _free_its_row(document)
    if documents.state_of(document).status is Status.ANNULLED:
        cards.end_entries(document, actor=actor, now=now, reason=comment)


def _free_its_row(document: Document) -> None:
    """What never came into force, or is no more, may be issued again from the same row; the relation stays."""
    for relation in document.grounds:
        relation.key = None


def _reserve_number(document: Document, actor: Actor, now: datetime, comment: str) -> None:
    kind = document_type(document.type)
    if kind.journal is not None:
        numbering.reserve(document, kind.journal, now=now, day=_day_of_registration(kind, now))
    elif kind.number_from is not None:
        source = next((each.target for each in document.grounds if each.kind == kind.number_from), None)
        if source is None:
            raise NotFound(_l("The document from which the number comes is missing."))
        document.number, document.registered_on = source.number, source.registered_on
    search.index(document)


def _day_of_registration(kind: DocumentType, now: datetime) -> date:
    """What arrives after hours or on a free day is registered on the next working one, where the act says so."""
    if not kind.is_registered_in_working_hours:
        return local_day(now)
    return environment.current().calendar.next_working_moment(now, TIME_ZONE).date()


def _render(document: Document, actor: Actor, now: datetime, comment: str) -> None:
    kind, revision = document_type(document.type), documents.current_revision(document)
    signatures = _open_slots(document, kind, revision, local_day(now))
    pdf = papers.make_paper(document, revision.content, signatures, now=now)
    if len(signatures) > 1:  # whoever signs later only fills in
        pdf = pades.with_fields(pdf, [each.slot for each in signatures])
    document.paper_sha256 = archiving.keep(pdf, role="paper", media_type=archiving.PDF, document=document, now=now)
    history.record(
        document,
        "rendered",
        actor=actor,
        now=now,
        revision=revision.sequence,
        content=revision.sha256,
        paper=document.paper_sha256,
    )


def _open_slots(document: Document, kind: DocumentType, revision: Revision, day: date) -> list[Signature]:
    with db.session.no_autoflush:  # what waits to be written is none of these questions' business
        planned = planned_signers(document, kind, revision.content, day)
        replaced = [each for each in document.signatures if each.revision_id == revision.id]
    for signature in replaced:
        # Returned and sent again without a change: the old slots make room for today's.
        document.signatures.remove(signature)
    if replaced:
        db.session.flush()
    signatures = [_slot_row(document, revision, each) for each in planned if isinstance(each, PlannedSigner)]
    db.session.add_all(signatures)
    return signatures


def _slot_row(document: Document, revision: Revision, planned: PlannedSigner) -> Signature:
    slot = planned.slot
    return Signature(
        document=document,
        revision_id=revision.id,
        slot=slot.name,
        order=slot.order,
        person=planned.person,
        state="awaited",
        signer_name=planned.person.full_name,
        capacity=slot.capacity.value,
        label=slot.title.in_language(document.language),
        position=planned.position,
        is_acting=planned.is_acting,
        basis=planned.basis,
        certificate={},
        reason="",
    )


def _cancel_signatures(document: Document, actor: Actor, now: datetime, comment: str) -> None:
    for signature in papers.signatures_of(document):
        if signature.state == "awaited":
            signature.state = "cancelled"
    signed = [s for s in papers.signatures_of(document) if s.state == "signed"]
    for signature in signed:
        signature.state, signature.signed_at = "cancelled", None
    # The paper with the cancelled signatures stays in the store and in the history.
    document.paper_sha256 = None
    document.valid_from = document.valid_until = None


def _commit_number(document: Document, actor: Actor, now: datetime, comment: str) -> None:
    numbering.commit(document)


def _void_number(document: Document, actor: Actor, now: datetime, comment: str) -> None:
    numbering.void(document, reason=comment or "withdrawn")


def _feed_person(document: Document, kind: DocumentType) -> None:
    """Copy what the person himself has signed into his record, with where it comes from."""
    if kind.feeds is None or document.subject is None:
        return
    found = dict(kind.feeds(documents.content(document)))
    document.subject.details = {**document.subject.details, **found, "source": document.code}
    document.subject.email = found.get("email") or document.subject.email
    document.subject.phone = found.get("phone") or document.subject.phone


def _enter_force(document: Document, actor: Actor, now: datetime, comment: str) -> None:
    kind = document_type(document.type)
    _feed_person(document, kind)
    profile = papers.profile_of(document.organisation)
    day = document.registered_on or local_day(now)
    document.valid_from, document.valid_until = papers.validity(
        kind.validity, documents.content(document), profile, day
    )
    if kind.card_entries is not None:
        cards.write_entries(document, kind.card_entries(as_related(document), profile), actor=actor, now=now)
    with db.session.no_autoflush:
        case_file = casefiles.file_for(document, day)
    document.case_file_id = case_file.id if case_file else None


_EFFECTS = {
    Effect.RESERVE_NUMBER: _reserve_number,
    Effect.RENDER: _render,
    Effect.COMMIT_NUMBER: _commit_number,
    Effect.VOID_NUMBER: _void_number,
    Effect.CANCEL_SIGNATURES: _cancel_signatures,
    Effect.ENTER_FORCE: _enter_force,
}


def group_documents(group: Group, type_names: Sequence[str], state: str) -> list[Document]:
    """Documents of a group by type and state, in the order of their making."""
    found = select(Document).where(
        Document.group_id == group.id, Document.type.in_(type_names), Document.state == state
    )
    return list(db.session.scalars(found.order_by(Document.id)).unique())
