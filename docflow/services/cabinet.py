"""What a person sees of his own matters: what waits for him, his applications in plain words, what he was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from docflow.core.derivation import Derivation
from docflow.core.errors import NotFound
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor, Role
from docflow.core.registry import document_type
from docflow.core.rules import Refusal
from docflow.core.types import DocumentType
from docflow.db import db
from docflow.models import Document
from docflow.regulations.krg.act import KRG
from docflow.services import cards, deadlines, deliveries, documents, issuing, papers, people, routing, search, signing
from docflow.services.deadlines import Running
from docflow.services.environment import local_day

EVIDENCE = "evidence"  # the stage of what the commission considers
MOST = 200  # documents of one person that a page shows


@dataclass(frozen=True)
class Matter:
    """One application: where it stands in plain words, what comes next and by when, and what is still missing."""

    document: Document
    standing: Message
    next_step: Message | None
    terms: tuple[Running, ...]
    missing: tuple[Refusal, ...]
    drafts: tuple[tuple[DocumentType, Derivation], ...]

    @property
    def answer(self) -> str:
        """What the organisation has written to him; what he is to correct is said in words already."""
        return "" if self.document.state == "draft" else self.document.comment


@dataclass(frozen=True)
class Paper:
    """Something that he was given: a notice, an extract, a certificate, and what he may do about it."""

    document: Document
    drafts: tuple[tuple[DocumentType, Derivation], ...]


@dataclass(frozen=True)
class Cabinet:
    """One person's page."""

    card: cards.CardPage
    to_sign: tuple[Document, ...]
    to_fill: tuple[Document, ...]
    matters: tuple[Matter, ...]
    papers: tuple[Paper, ...]
    materials: tuple[Paper, ...]  # his essay, and what others have written about his work
    may_file: tuple[DocumentType, ...]
    lacking: tuple[Message, ...]
    address: str  # where messages are sent to
    today: date

    @property
    def is_waited_for(self) -> bool:
        return bool(self.to_sign or self.to_fill)


def of_person(*, actor: Actor, now: datetime, language: str) -> Cabinet:
    """Gather the cabinet of the person behind the account; ``NotFound`` for an account without one."""
    if actor.person_id is None:
        raise NotFound(_l("No person stands behind this account: ask the administrator."))
    own = _own(actor)
    applications = [each for each in own if _is_application(each)]
    given = [Paper(each, _drafts(each, actor=actor, now=now)) for each in own if _is_given(each)]
    card = cards.page(actor.person_id, actor=actor, now=now, language=language)
    return Cabinet(
        card=card,
        to_sign=tuple(each.document for each in signing.queue(actor=actor, limit=50)),
        to_fill=tuple(each for each in own if each.state == "draft" and not _is_application(each)),
        matters=tuple(_matter(each, own, actor=actor, now=now) for each in applications),
        papers=tuple(each for each in given if document_type(each.document.type).stage != EVIDENCE),
        materials=tuple(each for each in given if document_type(each.document.type).stage == EVIDENCE),
        may_file=_fileable(actor),
        lacking=_lacking(card) if _is_attested_here(actor) else (),
        address=deliveries.address_of(card.person),
        today=local_day(now),
    )


def _own(actor: Actor) -> list[Document]:
    """What is about him, what he has drafted, and what was put into his hands; the newest first."""
    mine = or_(
        Document.subject_id == actor.person_id,
        (Document.created_by_id == actor.account_id) & (Document.state == "draft"),
        (Document.assignee_id == actor.person_id) & (Document.state == "draft"),
    )
    found = select(Document).where(mine, search.visible_to(actor)).order_by(Document.id.desc()).limit(MOST)
    return list(db.session.scalars(found).unique())


def _is_application(document: Document) -> bool:
    """Filed by people outside the staff, and considered by it."""
    kind = document_type(document.type)
    return kind.is_filed_by_applicants and _is_considered(kind)


def _is_considered(kind: DocumentType) -> bool:
    """Somebody answers it; an essay is simply handed in."""
    return "submitted" in kind.workflow.states


def _is_given(document: Document) -> bool:
    return document.paper_sha256 is not None and not _is_application(document) and document.state != "to_sign"


def _fileable(actor: Actor) -> tuple[DocumentType, ...]:
    if actor.organisation_id is None or not actor.has(Role.APPLICANT, Role.CLERK):
        return ()
    found = documents.draftable(actor=actor)
    return tuple(kind for kind in found if kind.is_filed_by_applicants and (not kind.derived_from or kind.starts_with))


def _drafts(document: Document, *, actor: Actor, now: datetime) -> tuple[tuple[DocumentType, Derivation], ...]:
    """What he himself may draft from it: an essay, an appeal, a complaint; what the commission waits for first."""
    if not any(each.by_subject for _kind, each in issuing.derivable(document)):
        return ()  # rules would be asked for nothing
    found = [(kind, each) for kind, each in issuing.draftable(document, actor=actor, now=now) if each.by_subject]
    return tuple(sorted(found, key=lambda pair: _is_considered(pair[0])))


# Applications in plain words


def _matter(document: Document, own: Sequence[Document], *, actor: Actor, now: datetime) -> Matter:
    drafts = _drafts(document, actor=actor, now=now)
    standing, next_step = _plain(document, own)
    if any(not _is_considered(kind) for kind, _derivation in drafts):
        next_step = _l("The commission waits for what you have to write.")
    return Matter(
        document, standing, next_step, _terms(document, now), _missing(document, actor=actor, now=now), drafts
    )


_PLAIN: Mapping[str, tuple[Message, Message | None]] = {
    "draft": (_l("Not sent yet."), _l("Fill it in, attach what is missing, and send it for signature.")),
    "to_sign": (_l("Waits for a signature."), _l("Read and sign it: only then does the organisation receive it.")),
    "submitted": (_l("The organisation is considering it."), _l("You are told of the decision by a notice.")),
    "accepted": (_l("Accepted."), _l("The commission considers your materials; you are told of its decision.")),
    "refused": (_l("Refused."), _l("Read why. You may file it again with what was missing, or complain.")),
    "withdrawn": (_l("Withdrawn."), None),
}


# What closes an application, the last word first.
_OUTCOMES: tuple[tuple[tuple[str, ...], Message], ...] = (
    (("category_certificate",), _l("Your certificate is below.")),
    (("teacher_extract", "head_extract"), _l("The commission has decided: read the extract below.")),
)


def _plain(document: Document, own: Sequence[Document]) -> tuple[Message, Message | None]:
    if document.state == "draft" and document.comment:
        return _l("Returned to you: %(comment)s", comment=document.comment), _l("Correct it and send it again.")
    standing, next_step = _PLAIN.get(document.state, (documents.state_of(document).title, None))
    return standing, _after_acceptance(document, own) if document.state == "accepted" else next_step


def _after_acceptance(document: Document, own: Sequence[Document]) -> Message | None:
    """What the round has made of it; a course tells of itself by its own papers."""
    if document.group is None or document.group.kind != "attestation":
        return None
    given = {each.type for each in own if each.group_id == document.group_id and _is_given(each)}
    outcome = next((sentence for types, sentence in _OUTCOMES if given.intersection(types)), None)
    return outcome or _PLAIN["accepted"][1]


def _terms(document: Document, now: datetime) -> tuple[Running, ...]:
    """The days by which somebody has to answer him."""
    return tuple(deadlines.of_document(document, now=now)) if document.registered_on else ()


def _missing(document: Document, *, actor: Actor, now: datetime) -> tuple[Refusal, ...]:
    """Why a draft cannot be sent yet, fields aside: the form shows those itself."""
    if document.state != "draft":
        return ()
    choices: Sequence[routing.Choice] = routing.available(document, actor=actor, now=now)
    found = [refusal for choice in choices if choice.transition.target == "to_sign" for refusal in choice.refusals]
    return tuple(refusal for refusal in found if refusal.code != "form")


# The card


_LACKING: Mapping[str, Message] = {
    "education": _l("Education: the diploma decides for which speciality a category is given."),
    "experience": _l("Experience: a category needs completed years of work."),
    "categories": _l("Category: the one that you hold, with the order."),
    "certificates": _l("Course certificates: their hours are counted."),
}


def _is_attested_here(actor: Actor) -> bool:
    if actor.organisation_id is None or not actor.has(Role.APPLICANT):
        return False
    return papers.profile_of(people.organisation_of(actor)).has(KRG.code)


def _lacking(page: cards.CardPage) -> tuple[Message, ...]:
    """Parts of the card that an attestation asks for and that are empty."""
    return tuple(sentence for section, sentence in _LACKING.items() if not page.card[section])
