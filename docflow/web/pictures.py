"""The pages of a paper as pictures inside one frame: no second request, nothing cached between two accounts."""

from __future__ import annotations

import base64

from flask import render_template

from docflow.core.errors import DocflowError
from docflow.core.permissions import Actor
from docflow.services import previews
from docflow.web.acting import now


def framed(document_id: int, *, actor: Actor) -> str | tuple[str, int]:
    """The frame's page; where the reader's own signature is awaited, its place is marked."""
    try:
        drawn = previews.pages(document_id, actor=actor, now=now())
    except DocflowError as error:
        return render_template("pages/preview.html", sheets=[], problem=error.message), error.status
    place = previews.awaited_place(document_id, actor=actor)
    return render_template("pages/preview.html", sheets=drawn, place=place, encoded=encoded, problem=None)


def encoded(png: bytes) -> str:
    """The picture as an address of its own."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
