"""The observation sheet as a page of its own: every level by one key, sums at once, nothing lost."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from docflow.core.errors import Conflict, Refused
from docflow.core.messages import _l
from docflow.core.permissions import Permission
from docflow.core.registry import document_type
from docflow.core.rules import Refusal
from docflow.models import Document
from docflow.services import documents, observations, papers, routing, signing
from docflow.web.acting import actor, now
from docflow.web.submitted import is_unreadable

pages = Blueprint("observations", __name__, url_prefix="/observations")
Drawn = str | tuple[Any, int] | AnyResponse
# Who they are was decided when the sheet was drafted; the page never changes it.
FIXED = ("person_id", "observer_id")


@pages.get("/<int:document_id>")
def sheet(document_id: int) -> Drawn:
    document = observations.get(document_id, actor=actor())
    if Permission.EDIT not in documents.permissions(document, actor=actor()):
        return redirect(url_for("documents.show", document_id=document.id))
    form = document_type(document.type).form.bound_to(documents.content(document))
    if "check" in request.args:
        form.validate()
    return _page(document, form, reasons=_reasons(document) if "check" in request.args else ())


@pages.post("/<int:document_id>")
def save(document_id: int) -> Drawn:
    document = observations.get(document_id, actor=actor())
    form = _sent(document)
    if is_unreadable(form):
        form.validate()
        return _problem(document, form, _l("Please correct the marked fields."), status=422)
    version = request.form.get("_version", 0, type=int)
    try:
        document = documents.update(document_id, form.content(), actor=actor(), version=version, now=now())
    except Conflict as conflict:
        return _problem(documents.get(document_id, actor=actor()), form, conflict.message, status=409)
    if _wants_json():
        return {"version": document.version}, 200
    return _after_saving(document)


def _sent(document: Document) -> Any:
    """The form as it was sent, about the same people as before."""
    current = documents.content(document)
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name not in FIXED]
    fixed = [(name, str(current[name])) for name in FIXED if current.get(name) is not None]
    return document_type(document.type).form.submitted(MultiDict([*pairs, *fixed]))


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _problem(document: Document, form: Any, message: Any, *, status: int) -> Drawn:
    """What stands against saving, for the script or on the page; what was typed stays in the form."""
    if _wants_json():
        return {"message": str(message)}, status
    return _page(document, form, problem=message), status


def _after_saving(document: Document) -> AnyResponse:
    flash(f"document-{document.id}", "saved")
    if request.form.get("_then") != "submit":
        flash(_("Saved. The sheet can be filled in further at any time."), "success")
        return redirect(url_for(".sheet", document_id=document.id))
    try:
        routing.perform(document.id, "submit", actor=actor(), now=now(), version=document.version)
    except Refused:
        flash(_("Saved, and not sent yet: see what is missing."), "error")
        return redirect(url_for(".sheet", document_id=document.id, check=1))
    if signing.awaited_from(document, actor=actor()):
        return redirect(url_for("signing.one", document_id=document.id))
    flash(_("The sheet waits for the signatures."), "success")
    return redirect(url_for("documents.show", document_id=document.id))


def _reasons(document: Document) -> tuple[Refusal, ...]:
    """What the rules have against sending it; what the form itself refuses stands beside its fields."""
    choices = routing.available(document, actor=actor(), now=now())
    return tuple(
        refusal
        for choice in choices
        if choice.transition.name == "submit"
        for refusal in choice.refusals
        if refusal.code != "form"
    )


def _page(document: Document, form: Any, *, reasons: tuple[Refusal, ...] = (), problem: Any = None) -> str:
    kind, profile = document_type(document.type), papers.profile_of(document.organisation)
    return render_template(
        "pages/observation_sheet.html", document=document, kind=kind, form=form, clause=kind.clause_for(profile),
        reasons=reasons, problem=problem, version=document.version, levels=form.levels.data,
        parts=observations.printed_parts(document),
        sums=observations.sums(document, form.levels.data, actor=actor(), now=now()),
        header=[field for field in form if field.short_name not in ("levels", "recommendations")],
    )  # fmt: skip
