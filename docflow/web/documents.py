"""A document: choosing its type, filling its form, its page, its steps and attachments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from docflow.core.errors import Conflict, Forbidden, Refused
from docflow.core.messages import _l
from docflow.core.permissions import Permission, Role
from docflow.core.registry import document_type
from docflow.core.regulations import Profile
from docflow.core.types import DocumentType
from docflow.models import Document
from docflow.services import (
    documents,
    drafting,
    history,
    issuing,
    levels,
    papers,
    people,
    routing,
    sheets,
    signing,
)
from docflow.services.environment import local_day
from docflow.web.acting import actor, now, requires
from docflow.web.filters import edit_address
from docflow.web.pictures import framed
from docflow.web.submitted import is_unreadable, rows_changed, uploaded

pages = Blueprint("documents", __name__, url_prefix="/documents")
STARTERS = (Role.CLERK, Role.APPLICANT)
Drawn = str | tuple[str, int] | AnyResponse


def profile() -> Profile:
    return papers.profile_of(people.organisation_of(actor()))


@pages.get("/new")
@requires(*STARTERS)
def choose() -> str:
    found = documents.draftable(actor=actor())
    started = [kind for kind in found if not kind.derived_from and kind.gathered_from is None]
    derived = [kind for kind in found if kind not in started]
    return render_template("pages/choose.html", started=started, derived=derived, profile=profile())


@pages.get("/new/<type_name>")
@requires(*STARTERS)
def new(type_name: str) -> Drawn:
    kind = documents.demand_draftable(type_name, actor=actor())
    if kind.editor == "session":  # its record begins with the commission and the agenda of a round
        return redirect(url_for("sittings.listing"))
    begun = drafting.begun(kind, actor=actor(), now=now())
    return _new_page(kind, kind.form.bound_to(begun) if begun else kind.form())


@pages.post("/new/<type_name>")
@requires(*STARTERS)
def create(type_name: str) -> Drawn:
    kind = document_type(type_name)
    form = _asked_again(kind, request.form)
    if form is not None:
        return _new_page(kind, form), 422 if form.errors else 200
    document = documents.create_draft(
        kind.name,
        kind.form.submitted(request.form).content(),
        actor=actor(),
        unit_id=_unit_id(),
        language=request.form.get("_language", ""),
        group_id=request.form.get("_group", type=int),
        now=now(),
        allow_incomplete=True,
    )
    return _after_saving(document, key=f"new-{kind.name}")


def _new_page(kind: DocumentType, form: Any) -> str:
    organisation = people.organisation_of(actor())
    mine = [unit for unit in people.units(organisation.id) if unit.id in actor().unit_ids]
    return render_template(
        "pages/form.html",
        kind=kind,
        form=form,
        document=None,
        units=mine or people.units(organisation.id),
        document_languages=kind.languages(profile()),
        clause=kind.clause_for(profile()),
        values=request.values,
    )


def _unit_id() -> int:
    chosen = request.form.get("_unit", type=int)
    if chosen is None:
        raise Forbidden(_l("Choose the unit that the document belongs to."))
    return chosen


def _asked_again(kind: DocumentType, sent: MultiDict[str, str]) -> Any | None:
    """The form to draw once more, if a row was added or removed or a value cannot be read at all."""
    changed = rows_changed(sent)
    if changed is not None:
        return kind.form.submitted(changed)
    form = kind.form.submitted(sent)
    if is_unreadable(form):
        form.validate()
        return form
    return None


def _after_saving(document: Document, *, key: str) -> AnyResponse:
    flash(key, "saved")
    if request.form.get("_then") != "submit":
        flash(_("Saved as a draft."), "success")
        return redirect(url_for(".show", document_id=document.id))
    return _take(document, "submit")


@pages.get("/<int:document_id>/edit")
def edit(document_id: int) -> Drawn:
    """The form of a draft; a session is kept on its own page and nowhere else."""
    document = documents.get(document_id, actor=actor())
    kind = document_type(document.type)
    documents.demand(document, Permission.EDIT, actor=actor())
    if kind.editor == "session":
        return redirect(edit_address(document))
    form = kind.form.bound_to(documents.content(document))
    if "check" in request.args:
        form.validate()
    return _edit_page(document, form)


@pages.post("/<int:document_id>/edit")
def save(document_id: int) -> Drawn:
    document = documents.get(document_id, actor=actor())
    kind = document_type(document.type)
    if kind.editor == "session":
        # Its figures and proposals are worked out; a form would let them be written.
        documents.demand(document, Permission.EDIT, actor=actor())
        return redirect(edit_address(document))
    form = _asked_again(kind, request.form)
    if form is not None:
        return _edit_page(document, form), 422 if form.errors else 200
    form = kind.form.submitted(request.form)
    try:
        version = request.form.get("_version", 0, type=int)
        document = documents.update(document_id, form.content(), actor=actor(), version=version, now=now())
    except Conflict as conflict:
        return _edit_page(documents.get(document_id, actor=actor()), form, conflict=conflict), 409
    return _after_saving(document, key=f"document-{document.id}")


def _edit_page(document: Document, form: Any, *, conflict: Conflict | None = None) -> str:
    asked = request.form if request.method == "POST" and conflict is None else {}
    return render_template(
        "pages/form.html",
        kind=document_type(document.type),
        form=form,
        document=document,
        conflict=conflict,
        version=asked.get("_version", document.version),
        clause=document_type(document.type).clause_for(profile()),
    )


@pages.get("/<int:document_id>")
def show(document_id: int) -> str:
    document = documents.get(document_id, actor=actor())
    return render_template("pages/document.html", **_around(document))


def _around(document: Document) -> Mapping[str, Any]:
    kind = document_type(document.type)
    drafts = issuing.draftable(document, actor=actor(), now=now())
    return {
        "document": document,
        "kind": kind,
        "clause": kind.clause_for(papers.profile_of(document.organisation)),
        "form": kind.form.bound_to(documents.content(document)),
        "permissions": documents.permissions(document, actor=actor()),
        "Permission": Permission,
        "choices": routing.available(document, actor=actor(), now=now()),
        "slots": signing.slots(document),
        "level": levels.shown(document),
        "my_turn": signing.awaited_from(document, actor=actor()),
        "requirements": documents.requirements(document),
        "attachments": documents.attachments(document),
        "relations": documents.relations(document),
        "entries": history.entries(document),
        "is_unbroken": history.is_unbroken(document),
        "derivable": [
            (each, how)
            for each, how in issuing.derivable(document)
            if not how.automatic
            and (how.rows or not how.is_drafted)
            and not (how.follows and (how.state != document.state or issuing.made_from(document, each)))
        ],
        "drafts": drafts,
        "pickers": _pickers(document) if any(derivation.asks for _kind, derivation in drafts) else {},
        "today": local_day(now()),
        "runs": issuing.runs(document),
        "group": documents.group_of(document),
        "verify_url": papers.verify_url(document.code),
        "sees_iin": actor().has(Role.CLERK) or document.created_by_id == actor().account_id,
    }


def _pickers(document: Document) -> dict[str, list[tuple[int, str]]]:
    """People from whom one is chosen when drafting: the commission of the round, those who hold a post."""
    return {
        source: [(chosen.person_id, chosen.label) for chosen in drafting.candidates(document, source, now=now())]
        for source in drafting.SOURCES
    }


@pages.post("/<int:document_id>/drafts/<type_name>")
def draft(document_id: int, type_name: str) -> AnyResponse:
    """Draft one document from this one, and open the page that fills it."""
    found = drafting.draft(document_id, type_name, request.form, actor=actor(), now=now())
    may_edit = Permission.EDIT in documents.permissions(found, actor=actor())
    flash(_("Saved as a draft."), "success")
    return redirect(edit_address(found) if may_edit else url_for(".show", document_id=found.id))


@pages.post("/<int:document_id>/steps/<name>")
def take(document_id: int, name: str) -> AnyResponse:
    return _take(documents.get(document_id, actor=actor()), name)


def _take(document: Document, name: str) -> AnyResponse:
    """Take a step; what refuses it is shown on the document's page, or in its form."""
    version = request.form.get("version", type=int)
    try:
        routing.perform(
            document.id, name, actor=actor(), now=now(), comment=request.form.get("comment", ""), version=version
        )
    except Refused as refused:
        return _refused(document, refused)
    flash(_("Done: %(step)s.", step=document_type(document.type).workflow.transitions[name].title), "success")
    # A signer who has returned a document may not see it any more.
    may_see = Permission.VIEW in documents.permissions(document, actor=actor())
    return redirect(url_for(".show", document_id=document.id) if may_see else url_for("inbox.home"))


def _refused(document: Document, refused: Refused) -> AnyResponse:
    if any(refusal.code == "form" for refusal in refused.refusals):
        flash(_("Not sent yet: correct the marked fields."), "error")
        return redirect(url_for(".edit", document_id=document.id, check=1))
    reasons = " ".join(str(refusal.message) for refusal in refused.refusals)
    flash(_("%(message)s %(reasons)s", message=refused.message, reasons=reasons), "error")
    return redirect(url_for(".show", document_id=document.id))


@pages.get("/<int:document_id>/preview")
def preview(document_id: int) -> Drawn:
    return framed(document_id, actor=actor())


@pages.get("/<int:document_id>/paper.pdf")
def paper(document_id: int) -> Response:
    name, pdf = documents.paper(document_id, actor=actor())
    return sent_file(pdf, name, "application/pdf", inline="download" not in request.args)


@pages.post("/<int:document_id>/attachments")
def attach(document_id: int) -> AnyResponse:
    name, data = uploaded()
    documents.attach(document_id, request.form.get("kind", "other"), name, data, actor=actor(), now=now())
    flash(_("The file is attached."), "success")
    return redirect(url_for(".show", document_id=document_id, _anchor="attachments"))


@pages.get("/attachments/<int:attachment_id>")
def attachment(attachment_id: int) -> Response:
    found, data = documents.attachment(attachment_id, actor=actor())
    return sent_file(data, found.filename, found.media_type, inline=False)


@pages.post("/attachments/<int:attachment_id>/remove")
def detach(attachment_id: int) -> AnyResponse:
    document = documents.remove_attachment(attachment_id, actor=actor(), now=now())
    flash(_("The file is removed; the history keeps it."), "success")
    return redirect(url_for(".show", document_id=document.id, _anchor="attachments"))


def sent_file(data: bytes, name: str, media_type: str, *, inline: bool) -> Response:
    response = Response(data, mimetype=media_type)
    response.headers.set("Content-Disposition", "inline" if inline else "attachment", filename=name)
    return response


# Tables from a spreadsheet


@pages.get("/<int:document_id>/sheet.xlsx")
def sheet(document_id: int) -> Response:
    name, data = sheets.template(document_id, actor=actor())
    return sent_file(data, name, sheets.XLSX, inline=False)


@pages.post("/<int:document_id>/sheet")
def fill_from_sheet(document_id: int) -> Drawn:
    name, data = uploaded()
    version = request.form.get("version", 0, type=int)
    report = sheets.import_rows(document_id, name, data, actor=actor(), version=version, now=now())
    document = documents.get(document_id, actor=actor())
    return render_template("pages/report.html", report=report, document=document, group=None)


# Issuing what derives from a document


@pages.get("/<int:document_id>/issue")
@requires(Role.CLERK)
def issue_plan(document_id: int) -> str:
    document = documents.get(document_id, actor=actor())
    language = request.args.get("language", document.language)
    plan = issuing.plan(document_id, actor=actor(), language=language, now=now())
    bound = papers.profile_of(document.organisation)
    offered = sorted({code for row in plan.due for code in row.type.languages(bound)}) or [document.language]
    return render_template(
        "pages/plan.html", plan=plan, document=document, group=documents.group_of(document), offered=offered,
        clause=document_type(document.type).clause_for(bound),
    )  # fmt: skip


@pages.post("/<int:document_id>/issue")
@requires(Role.CLERK)
def issue(document_id: int) -> AnyResponse:
    language = request.form.get("language", "")
    run = issuing.start(document_id, request.form.getlist("type"), actor=actor(), language=language, now=now())
    return redirect(url_for(".run", run_id=run.id))


@pages.get("/runs/<int:run_id>")
def run(run_id: int) -> Any:
    found = issuing.run_of(run_id, actor=actor())
    if request.accept_mimetypes.best == "application/json":
        return {"state": found.state, "done": found.done, "total": found.total}
    document = documents.get(found.source_id, actor=actor())
    return render_template("pages/run.html", run=found, document=document)
