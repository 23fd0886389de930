"""Pages as pictures: of the paper if there is one, otherwise of the draft as it would be printed today."""

from __future__ import annotations

from datetime import datetime

from docflow.core.permissions import Actor
from docflow.core.registry import document_type
from docflow.models import Document
from docflow.rendering.preview import preview, preview_paper
from docflow.services import archiving, documents, papers, routing
from docflow.services.environment import local_day


def pages(document_id: int, *, actor: Actor, now: datetime) -> list[bytes]:
    """PNG bytes, a page each, made in a limited process; a draft carries a watermark."""
    document = documents.get(document_id, actor=actor)
    if document.paper_sha256:
        return preview(archiving.read(document.paper_sha256))
    return _draft_pages(document, now)


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
