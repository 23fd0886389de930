"""The signer's desk: the queue, one paper at a time, or many with one authorisation."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.errors import Conflict, ProviderError
from docflow.core.registry import document_type
from docflow.services import documents, papers, signing
from docflow.signing.base import Challenge
from docflow.web.acting import actor, now

pages = Blueprint("signing", __name__, url_prefix="/sign")


@pages.get("/")
def queue() -> str:
    found = signing.queue(actor=actor())
    return render_template("pages/queue.html", queue=found, providers=signing.providers(actor=actor()))


@pages.get("/<int:document_id>")
def one(document_id: int) -> str:
    document = documents.get(document_id, actor=actor())
    mine = signing.demand_turn(document, actor=actor())
    kind = document_type(document.type)
    return render_template(
        "pages/sign.html", document=document, mine=mine, queue=signing.queue(actor=actor()), kind=kind,
        providers=signing.providers(actor=actor()), slots=signing.slots(document),
        clause=kind.clause_for(papers.profile_of(document.organisation)),
        form=kind.form.bound_to(documents.content(document)),
    )


@pages.post("/<int:document_id>/opened")
def opened(document_id: int) -> tuple[str, int]:
    """The paper has been on the signer's screen; the page tells it by script."""
    signing.mark_opened(document_id, actor=actor(), now=now())
    return "", 204


@pages.post("/")
def sign() -> Response:
    """Begin, and complete at once when the authorisation came along."""
    chosen = request.form.getlist("document", type=int)
    try:
        session = signing.begin(chosen, request.form.get("provider", ""), actor=actor(), now=now())
    except (Conflict, ProviderError) as error:
        flash(str(error.message), "error")
        return redirect((request.form.get("back") == "one" and chosen and _page_of(chosen[0])) or url_for(".queue"))
    if request.form.get("pin"):
        return _complete(session.id)
    return redirect(url_for(".session", session_id=session.id, then=request.form.get("then")))


def _page_of(document_id: int) -> str:
    return url_for(".one", document_id=document_id)


@pages.get("/sessions/<session_id>")
def session(session_id: str) -> str:
    found = signing.session_of(session_id, actor=actor())
    results = [signing.SignResult.from_json(each) for each in found.results]
    challenge = Challenge.from_json(found.challenge)
    return render_template("pages/session.html", session=found, results=results, challenge=challenge)


@pages.post("/sessions/<session_id>")
def complete(session_id: str) -> Response:
    return _complete(session_id)


def _complete(session_id: str) -> Response:
    then = request.form.get("then", "")
    try:
        results = signing.complete(session_id, {"pin": request.form.get("pin", "")}, actor=actor(), now=now())
    except ProviderError as error:
        flash(str(error.message), "error")
        return redirect(url_for(".session", session_id=session_id, then=then))
    if then == "next" and all(result.outcome == signing.SIGNED for result in results):
        return _go_on(results)
    return redirect(url_for(".session", session_id=session_id))


def _go_on(results: list[signing.SignResult]) -> Response:
    flash(_("Signed: %(title)s.", title=", ".join(result.title for result in results)), "success")
    left = signing.queue(actor=actor(), limit=1)
    return redirect(_page_of(left[0].document_id) if left else url_for(".queue"))


@pages.post("/<int:document_id>/refuse")
def refuse(document_id: int) -> Response:
    document = signing.refuse(document_id, request.form.get("reason", ""), actor=actor(), now=now())
    flash(_("You have refused to sign: %(title)s.", title=signing.label(document)), "success")
    return redirect(url_for(".queue"))
