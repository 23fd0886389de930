"""The signer's desk: the queue, one paper at a time, or many with one authorisation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.errors import Conflict, ProviderError
from docflow.core.permissions import Actor
from docflow.core.registry import document_type
from docflow.models import SigningSession
from docflow.services import desk, documents, papers, signing
from docflow.services.environment import local_day
from docflow.signing.base import Challenge
from docflow.web.acting import actor, now
from docflow.web.headers import allow_connection
from docflow.web.language import language_code

pages = Blueprint("signing", __name__, url_prefix="/sign")


@pages.get("/")
def queue() -> str:
    return render_template(
        "pages/queue.html",
        queue=desk.waiting(actor=actor(), now=now()),
        providers=signing.providers(actor=actor()),
        unfinished=desk.unfinished(actor=actor(), now=now()),
    )


@pages.get("/<int:document_id>")
def one(document_id: int) -> str:
    document = documents.get(document_id, actor=actor())
    mine = signing.demand_turn(document, actor=actor())
    kind = document_type(document.type)
    return render_template(
        "pages/sign.html",
        document=document,
        mine=mine,
        waits=desk.described([mine], today=local_day(now()))[0],
        queue=desk.waiting(actor=actor(), now=now()),
        kind=kind,
        providers=signing.providers(actor=actor()),
        slots=signing.slots(document),
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
    if authorised_already(session.challenge["asks"]):
        return _complete(session.id)
    return redirect(url_for(".session", session_id=session.id, then=request.form.get("then")))


def authorised_already(asks: str) -> bool:
    """Whether the form that began the signing holds all that the way to sign asks for."""
    return not asks or (asks == "pin" and bool(request.form.get("pin")))


def _page_of(document_id: int) -> str:
    return url_for(".one", document_id=document_id)


@pages.get("/sessions/<session_id>")
def session(session_id: str) -> str:
    found = signing.session_of(session_id, actor=actor())
    challenge, lines = shown_challenge(found), desk.report(found)
    # After a break nothing asks for a key by itself: the signer says when his token is back.
    is_paused = found.state != "done" and ("paused" in request.args or now() > challenge.expires_at)
    return render_template("pages/session.html", session=found, lines=lines, challenge=challenge, is_paused=is_paused)


@pages.post("/sessions/<session_id>/renew")
def renew(session_id: str) -> Response:
    """Go on with what waits in a session that was broken off."""
    try:
        signing.renew(session_id, actor=actor(), now=now())
    except (Conflict, ProviderError) as error:
        flash(str(error.message), "error")
        return redirect(url_for(".session", session_id=session_id, paused=1))
    return redirect(url_for(".session", session_id=session_id, now=1))


@pages.get("/sessions/<session_id>/report")
def report(session_id: str) -> str:
    """What was laid before the signer and what became of it, to print and to file."""
    found = signing.session_of(session_id, actor=actor())
    return render_template("pages/signing_report.html", session=found, lines=desk.report(found))


def shown_challenge(session: SigningSession) -> Challenge:
    """What the page of this session asks; it may reach the program on the signer's machine, if it is to."""
    challenge = Challenge.from_json(session.challenge)
    if challenge.asks == "cms" and session.state != "done":
        allow_connection(str(challenge.extra["address"]))
    return challenge


@pages.post("/sessions/<session_id>")
def complete(session_id: str) -> Response:
    return _complete(session_id)


@pages.get("/sessions/<session_id>/dialogue")
def dialogue(session_id: str) -> dict[str, Any]:
    """What the page says to the program on the signer's machine; asked for by script."""
    return dialogue_of(session_id, actor())


def dialogue_of(session_id: str, signer: Actor) -> dict[str, Any]:
    """The same for a signer who came by an invitation."""
    try:
        return signing.dialogue(session_id, actor=signer, locale=language_code())
    except Conflict as error:
        return {"problem": str(error.message)}


@pages.post("/sessions/<session_id>/answers")
def answers(session_id: str) -> dict[str, str]:
    """What that program has answered: where to go, that it is to be asked again, or what is wrong."""
    told = take_answers(session_id, actor())
    if isinstance(told, str):
        return {"problem": told}
    if others_were_faster(told):
        return {"again": said_again()}
    return {"go": _after(session_id, told, then=str(_brought().get("then", "")))}


def take_answers(session_id: str, signer: Actor) -> list[signing.SignResult] | str:
    """Embed what came: the results, or the sentence that says why nothing was signed."""
    try:
        return signing.complete(session_id, _brought(), actor=signer, now=now())
    except (Conflict, ProviderError) as error:
        return str(error.message)


def others_were_faster(results: list[signing.SignResult]) -> bool:
    """Whether all that is left is to sign below what others have added meanwhile: no decision, so nobody is asked."""
    outcomes = {result.outcome for result in results}
    return signing.MOVED in outcomes and signing.WAITS not in outcomes


def said_again() -> str:
    return str(_("Others have signed meanwhile. Your signature goes below theirs: it is asked for once more."))


def _brought() -> dict[str, Any]:
    given = request.get_json()
    return given if isinstance(given, dict) else {}


def typed() -> dict[str, str]:
    """What a form holds of the things that a way to sign may ask for."""
    return {name: request.form.get(name, "") for name in ("pin", "otp")}


def _complete(session_id: str) -> Response:
    then = request.form.get("then", "")
    try:
        results = signing.complete(session_id, typed(), actor=actor(), now=now())
    except ProviderError as error:
        flash(str(error.message), "error")
        return redirect(url_for(".session", session_id=session_id, then=then))
    return redirect(_after(session_id, results, then=then))


def _after(session_id: str, results: list[signing.SignResult], *, then: str) -> str:
    """Where to go with the results: to the next document when all went well and the signer wants to go on."""
    outcomes = {result.outcome for result in results}
    if signing.WAITS in outcomes:
        return url_for(".session", session_id=session_id, paused=1)
    if others_were_faster(results):
        flash(said_again(), "warning")
        return url_for(".session", session_id=session_id, then=then or None)
    if then != "next" or outcomes != {signing.SIGNED}:
        return url_for(".session", session_id=session_id)
    flash(_("Signed: %(title)s.", title=", ".join(result.title for result in results)), "success")
    left = desk.waiting(actor=actor(), now=now())
    return _page_of(left[0].document.id) if left else url_for(".queue")


@pages.post("/<int:document_id>/refuse")
def refuse(document_id: int) -> Response:
    document = signing.refuse(document_id, request.form.get("reason", ""), actor=actor(), now=now())
    flash(_("You have refused to sign: %(title)s.", title=signing.named(document)), "success")
    return redirect(url_for(".queue"))
