"""The page of a score sheet: one row for each indicator, filled by keyboard, kept while it is being filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.errors import Conflict, Invalid, Refused
from docflow.core.permissions import Permission
from docflow.core.registry import document_type
from docflow.core.rules import Refusal
from docflow.models import Document
from docflow.services import documents, portfolios, routing, signing
from docflow.web.acting import actor, now
from docflow.web.filters import shown

pages = Blueprint("scores", __name__, url_prefix="/scores")
Drawn = str | tuple[str, int] | Response | tuple[dict[str, Any], int]

# What a member fills in; whom the sheet is about, and who fills it, is not changed here.
FIELDS = (
    "rows", "unscored", "is_preschool", "sheet_group", "recommendation", "recommended_category", "reason", "filled_on",
)  # fmt: skip


@pages.get("/<int:document_id>")
def sheet(document_id: int) -> Drawn:
    document = documents.get(document_id, actor=actor())
    portfolios.sheet_of(document)
    if Permission.EDIT not in documents.permissions(document, actor=actor()):
        return redirect(url_for("documents.show", document_id=document.id))
    return _page(document)


def _page(document: Document, content: Mapping[str, Any] | None = None, *, conflict: Conflict | None = None) -> str:
    kind, view = document_type(document.type), portfolios.page(document, content)
    return render_template(
        "pages/score_sheet.html", document=document, kind=kind, view=view, conflict=conflict,
        form=kind.form.bound_to(view.content), refusals=_refusals(document) if "check" in request.args else (),
        known=portfolios.known_for(document, actor=actor(), now=now()), autofocus=request.args.get("line", ""),
        version=document.version,
    )  # fmt: skip


def _refusals(document: Document) -> tuple[Refusal, ...]:
    """What stands against sending it, each beside its line."""
    choices = routing.available(document, actor=actor(), now=now())
    return next((choice.refusals for choice in choices if choice.transition.name == "submit"), ())


@pages.post("/<int:document_id>")
def save(document_id: int) -> Drawn:
    """Keep what was typed, then do what the button says. A script that keeps it meanwhile asks for JSON."""
    document = documents.get(document_id, actor=actor())
    documents.demand(document, Permission.EDIT, actor=actor())
    content, version = _typed(document), request.form.get("_version", 0, type=int)
    try:
        document = documents.update(document_id, content, actor=actor(), version=version, now=now())
    except Conflict as conflict:
        if _wants_json():
            return {"message": str(conflict.message)}, 409
        return _page(documents.get(document_id, actor=actor()), content, conflict=conflict), 409
    if _wants_json():
        return _told(document), 200
    flash(f"document-{document.id}", "saved")
    _attach_all(document)
    return _go_on(document)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _typed(document: Document) -> dict[str, Any]:
    """What is saved, with what the page has sent; points follow their columns unless a script has set them."""
    saved = documents.content(document)
    sent = document_type(document.type).form.submitted(request.form).content()
    content = {**saved, **{name: sent[name] for name in FIELDS}}
    content = portfolios.completed(document, content, before=None if "_counted" in request.form else saved)
    act, _colon, value = request.form.get("_row", "").partition(":")
    changes: Mapping[str, Callable[[], dict[str, Any]]] = {
        "add": lambda: portfolios.with_line(content, value),
        "remove": lambda: portfolios.without_line(content, int(value) if value.isdigit() else -1),
    }
    return changes[act]() if act in changes else content


def _told(document: Document) -> dict[str, Any]:
    view = portfolios.page(document)
    field = document_type(document.type).form.bound_to({"recommendation": view.outcome and view.outcome.recommendation})
    outcome = shown(field.recommendation) if view.outcome else ""
    return {"version": document.version, "total": view.total, "outcome": outcome}


def _attach_all(document: Document) -> None:
    for name, upload in request.files.items():
        number = name.removeprefix("file-")
        if name == number or not upload.filename or number not in portfolios.sheet_of(document).indicators:
            continue
        try:
            documents.attach(
                document.id, portfolios.FILE + number, upload.filename, upload.read(), actor=actor(), now=now()
            )
        except Invalid as invalid:
            flash(str(invalid.message), "error")


def _go_on(document: Document) -> Response:
    then, _colon, value = request.form.get("_then", "").partition(":")
    row = request.form.get("_row", "").removeprefix("add:")
    if then == "submit":
        return _send(document)
    if then == "collect":
        current = documents.get(document.id, actor=actor())
        _saved, count = portfolios.collect(document.id, actor=actor(), version=current.version, now=now())
        flash(
            _("Lines filled from what docflow holds: %(count)s. Look at them before you send.", count=count), "success"
        )
    elif then == "detach" and value.isdigit():
        documents.remove_attachment(int(value), actor=actor(), now=now())
    elif not request.form.get("_row"):
        flash(_("Saved as a draft."), "success")
    line = row if row in portfolios.sheet_of(document).indicators else value if then == "detach" else None
    return redirect(url_for(".sheet", document_id=document.id, line=line or None))


def _send(document: Document) -> Response:
    """Send it for signature; whoever fills it is the one who signs."""
    try:
        routing.perform(document.id, "submit", actor=actor(), now=now())
    except Refused as refused:
        flash(str(refused.message), "error")
        return redirect(url_for(".sheet", document_id=document.id, check=1))
    current = documents.get(document.id, actor=actor())
    page = "signing.one" if signing.awaited_from(current, actor=actor()) else "documents.show"
    return redirect(url_for(page, document_id=document.id))
