"""An application that was signed on paper: the clerk registers its scan on the document's page."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.errors import Conflict, Forbidden, Invalid
from docflow.core.permissions import Role
from docflow.models import Document, Signature
from docflow.services import handwritten
from docflow.web.acting import actor, now, requires
from docflow.web.submitted import uploaded

pages = Blueprint("handwritten", __name__, url_prefix="/documents")


def by_hand_of(document: Document) -> list[Signature]:
    """What may be registered from paper, for the document's page."""
    return handwritten.registrable(document, actor=actor())


@pages.app_context_processor
def _for_the_document() -> dict[str, Any]:
    return {"by_hand_of": by_hand_of}


@pages.post("/<int:document_id>/by-hand")
@requires(Role.CLERK)
def register(document_id: int) -> Response:
    try:
        name, scan = uploaded()
        signed_on = request.form.get("signed_on", type=date.fromisoformat) or date.max
        handwritten.register(
            document_id, request.form.getlist("slot"), name, scan, signed_on=signed_on, actor=actor(), now=now()
        )
    except (Invalid, Conflict, Forbidden) as error:
        flash(str(error.message), "error")
    else:
        flash(_("The signature on paper is registered."), "success")
    return redirect(url_for("documents.show", document_id=document_id))
