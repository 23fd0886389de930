"""Signatures by hand: what an applicant has signed on paper is registered from its scan, and said to be that.

Such a signature proves nothing by itself: who registered it, and the scan, stand in the record beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from docflow.core.canonical import canonical_json
from docflow.core.errors import Conflict, Forbidden, Invalid
from docflow.core.messages import Message, _l
from docflow.core.permissions import SYSTEM, Actor, Role
from docflow.core.registry import document_type
from docflow.core.types import Capacity
from docflow.db import db, unit_of_work
from docflow.models import Attachment, Document, Signature
from docflow.rendering.paper import render
from docflow.services import archiving, documents, history, papers, routing, uploads
from docflow.services.environment import local_day

KIND = "signed_by_hand"  # of the attachment that is the scan
SCANS = ("application/pdf", "image/jpeg", "image/png")
# People from outside; whoever signs for the organisation signs with a key.
PRIVATE = (Capacity.APPLICANT, Capacity.EMPLOYER_HEAD)
# On the paper in place of the words about an electronic signature.
NOTE = {
    "kk": "қағаз нұсқаға өз қолымен қойылған, сканері қоса берілген",
    "ru": "подписано собственноручно на бумаге, скан приложен",
}


def is_by_hand(signature: Signature) -> bool:
    return bool(signature.certificate.get("by_hand"))


def registrable(document: Document, *, actor: Actor) -> list[Signature]:
    """The signatures of an application that a clerk may register from paper now, in their order."""
    kind = document_type(document.type)
    if document.state != kind.workflow.signing_state or not kind.is_filed_by_applicants:
        return []
    if not documents.roles_on(document, actor) & {Role.CLERK, Role.SYSTEM}:
        return []
    return [each for each in papers.signatures_of(document) if each.state == "awaited" and each.capacity in PRIVATE]


def register(
    document_id: int,
    slots: Sequence[str],
    filename: str,
    scan: bytes,
    *,
    signed_on: date,
    actor: Actor,
    now: datetime,
) -> Document:
    """Register that these slots were signed by hand on the day *signed_on*, and keep the *scan* that shows it.

    ``Forbidden`` for anybody but a clerk and for slots that are signed with a key only, ``Invalid`` for what is no
    scan or a day to come, ``Conflict`` when somebody before them has not signed.
    """
    media_type = _scan_type(filename, scan)
    if signed_on > local_day(now):
        raise _invalid(
            "signed_on", _l("The day of the signature is still to come: enter the day that is on the paper.")
        )
    with unit_of_work():
        document = documents.get(document_id, actor=actor)
        chosen = _chosen(document, slots, actor)
        sha256 = _keep_scan(document, filename, scan, media_type, actor=actor, now=now)
        for signature in chosen:
            _sign(signature, sha256, signed_on, actor=actor, now=now)
        names = ", ".join(each.signer_name for each in chosen)
        history.record(
            document, KIND, actor=actor, now=now, slots=[each.slot for each in chosen], scan=sha256,
            signed_on=signed_on.isoformat(), comment=names,
        )  # fmt: skip
        _say_so_on_the_paper(document, now)
        _finish_if_signed_by_all(document, now)
        return document


def _scan_type(filename: str, scan: bytes) -> str:
    media_type = uploads.accept(filename, scan)
    if media_type not in SCANS:
        raise _invalid("file", _l("A scan is a PDF, a JPEG or a PNG."))
    return media_type


def _invalid(field: str, message: Message) -> Invalid:
    return Invalid(message, {field: [str(message)]})


def _chosen(document: Document, slots: Sequence[str], actor: Actor) -> list[Signature]:
    may = registrable(document, actor=actor)
    chosen = [each for each in may if each.slot in slots]
    if not chosen or len(chosen) != len(set(slots)):
        raise Forbidden(_l("This signature cannot be registered from paper: it is given with a key, or given already."))
    waiting = [each for each in papers.signatures_of(document) if each.state == "awaited" and each not in chosen]
    if any(each.order < signature.order for each in waiting for signature in chosen):
        raise Conflict(_l("Somebody else has to sign before."))
    return chosen


def _keep_scan(document: Document, filename: str, scan: bytes, media_type: str, *, actor: Actor, now: datetime) -> str:
    sha256 = archiving.keep(scan, role="attachment", media_type=media_type, document=document, now=now)
    db.session.add(
        Attachment(
            document_id=document.id,
            kind=KIND,
            filename=uploads.clean_name(filename),
            media_type=media_type,
            size=len(scan),
            sha256=sha256,
            added_by_id=actor.account_id,
            added_at=now,
        )
    )
    return sha256


def _sign(signature: Signature, scan: str, signed_on: date, *, actor: Actor, now: datetime) -> None:
    signature.state, signature.signed_at = "signed", now
    signature.certificate = {
        "by_hand": True,
        "scan": scan,
        "signed_on": signed_on.isoformat(),
        "registered_by": actor.name,
        "registered_by_id": actor.account_id,
    }


def _say_so_on_the_paper(document: Document, now: datetime) -> None:
    """Print the paper anew where all signed by hand; a signature of a key holds the bytes that it was given to."""
    signatures = papers.signatures_of(document)
    if not all(is_by_hand(each) for each in signatures):
        return
    current = documents.content(document)
    data = papers.paper_data(document, current, signatures, draft=False) | {"signature_note": NOTE}
    pdf = render(document_type(document.type).template, data, attachment=canonical_json(current), when=now)
    document.paper_sha256 = archiving.keep(pdf, role="paper", media_type=archiving.PDF, document=document, now=now)


def _finish_if_signed_by_all(document: Document, now: datetime) -> None:
    if any(each.state == "awaited" for each in papers.signatures_of(document)):
        return
    step = document_type(document.type).workflow.when_signed
    if step is not None:
        routing.perform(document.id, step, actor=SYSTEM, now=now)
