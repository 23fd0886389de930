"""Pages as pictures: of the paper if there is one, otherwise of the draft as it would be printed today."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from docflow.core.canonical import canonical_json
from docflow.core.errors import DocflowError
from docflow.core.permissions import Actor
from docflow.core.places import Place
from docflow.core.registry import document_type
from docflow.db import db
from docflow.models import Document, HistoryEntry, Revision, Signature
from docflow.rendering.paper import render, signature_places
from docflow.rendering.preview import DPI, preview, preview_paper
from docflow.rendering.qr import qr_svg
from docflow.services import archiving, documents, papers, routing, signing
from docflow.services.environment import local_day


@dataclass(frozen=True)
class Sheet:
    """One page as a PNG picture; its measures in points, as those of a ``Place``."""

    png: bytes
    width: float
    height: float

    @classmethod
    def drawn(cls, png: bytes, *, dpi: int = DPI) -> Sheet:
        width, height = struct.unpack(">II", png[16:24])  # PNG (3rd ed.), 11.2.1: the first chunk is IHDR
        return cls(png, width * 72 / dpi, height * 72 / dpi)


def pages(document_id: int, *, actor: Actor, now: datetime) -> list[Sheet]:
    """One picture a page, made in a limited process; a draft carries a watermark."""
    document = documents.get(document_id, actor=actor)
    drawn = preview(archiving.read(document.paper_sha256)) if document.paper_sha256 else _draft_pages(document, now)
    return [Sheet.drawn(each) for each in drawn]


def awaited_place(document_id: int, *, actor: Actor) -> Place | None:
    """Where the actor's signature will stand; ``None`` where none of his is awaited now."""
    awaited = signing.awaited_from(documents.get(document_id, actor=actor), actor=actor)
    return place_of(awaited) if awaited else None


def place_of(signature: Signature) -> Place | None:
    """Where on the stored paper the block of this signature is printed.

    The paper is made once more: ``None`` where that does not give the same bytes (the organisation or the template
    has changed since), so that nothing is claimed of a paper that looks otherwise.
    """
    document = signature.document
    kind, when = document_type(document.type), _made_at(document)
    revision = db.session.get(Revision, signature.revision_id)
    if not document.paper_sha256 or when is None or revision is None:
        return None
    stored = archiving.read(document.paper_sha256)
    data = papers.paper_data(document, revision.content, papers.signatures_of(document), draft=False)
    data = _with_address(data, stored, document.code)
    attachment = canonical_json(revision.content)
    try:
        if not stored.startswith(render(kind.template, data, attachment=attachment, when=when)):
            return None
        return signature_places(kind.template, data, attachment=attachment).get(signature.slot)
    except DocflowError:  # an old paper may hold what today's template refuses
        return None


def _with_address(data: dict[str, Any], stored: bytes, code: str) -> dict[str, Any]:
    """The data with the address that the paper bears: this installation may have moved to another one since."""
    found = re.search(rb"/URI ?\((https?://[^()\\\\]{1,300}/v/%b)\)" % code.encode(), stored)
    if found is None:
        return data
    address = found[1].decode("ascii", "replace")
    return data | {"document": data["document"] | {"verify_url": address}, "qr": qr_svg(address)}


def _made_at(document: Document) -> datetime | None:
    found = (
        select(HistoryEntry.at)
        .where(HistoryEntry.document_id == document.id, HistoryEntry.action == "rendered")
        .order_by(HistoryEntry.id.desc())
        .limit(1)
    )
    return db.session.scalar(found)


def _draft_pages(document: Document, now: datetime) -> list[bytes]:
    kind, current = document_type(document.type), documents.content(document)
    data = papers.paper_data(document, current, [], draft=True)
    planned = routing.planned_signers(document, kind, current, local_day(now))
    data["slots"] = [_planned_slot(each, document.language) for each in planned]
    return preview_paper(kind.template, data)


def _planned_slot(planned: routing.Planned, language: str) -> dict[str, object]:
    if isinstance(planned, routing.PlannedSigner):
        return {
            "name": planned.slot.name,
            "label": planned.slot.title.in_language(language),
            "position": planned.position,
            "person": planned.person.as_content,
            "capacity": "acting" if planned.is_acting else planned.slot.capacity.value,
            "basis": planned.basis if planned.is_acting else "",
        }
    return {
        "name": planned.name,
        "label": planned.title.in_language(language),
        "position": "",
        "capacity": "",
        "person": {"surname": "", "given_name": "", "patronymic": ""},
        "basis": "",
    }
