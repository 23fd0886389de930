"""People from outside: the clerk's invitations, and the pages behind a link, which reach one document only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response as AnyResponse

from docflow.core.errors import Conflict, Forbidden, Invalid, NotFound, ProviderError, Refused
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Permission
from docflow.core.registry import document_type
from docflow.models import Document, Invitation
from docflow.services import documents, environment, invitations, routing, signing
from docflow.services.invitations import Invitee, Standing
from docflow.web.acting import actor, now, slow_down
from docflow.web.documents import sent_file
from docflow.web.pictures import framed
from docflow.web.signing import (
    authorised_already,
    dialogue_of,
    others_were_faster,
    said_again,
    shown_challenge,
    take_answers,
    typed,
)
from docflow.web.submitted import is_unreadable, rows_changed

pages = Blueprint("invitations", __name__, url_prefix="/invitations")
guests = Blueprint("invited", __name__, url_prefix="/i")
Drawn = str | tuple[str, int] | AnyResponse
HELD = "invitation"  # the key of the session
WITHIN_SECONDS = 300
GUARD = {
    # The origin is told, as the check of our own forms needs it; the path, which is the secret, never is.
    "Referrer-Policy": "strict-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}


# The clerk


@dataclass(frozen=True)
class Asked:
    """What the document's page shows of its invitations, to whoever may invite."""

    document: Document
    invitees: list[Invitee]
    made: list[tuple[Invitation, Standing]]

    def alike(self, invitee: Invitee) -> int:
        """How many more documents wait for him without a link."""
        return len(invitations.alike(self.document, invitee.person, now=now())) if invitee.person else 0

    def is_invited(self, invitee: Invitee) -> bool:
        """Whether he has had a link already: then it is renewed, not made anew."""
        return invitee.person is not None and any(each.person_id == invitee.person.id for each, _ in self.made)


def asked_of(document: Document) -> Asked | None:
    """The invitations of a document for its page; ``None`` where there is nothing to show or nobody to show it to."""
    if not invitations.may_invite(document, actor=actor()):
        return None
    made = [(each, invitations.standing(each, now=now())) for each in invitations.of_document(document)]
    found = Asked(document, invitations.invitees(document), made)
    return found if found.invitees or found.made else None


@pages.app_context_processor
def _for_the_document() -> dict[str, Any]:
    return {"asked_of": asked_of}


@pages.post("/of/<int:document_id>")
def invite(document_id: int) -> AnyResponse:
    person = {name: request.form.get(name, "") for name in ("iin", "iin_override")}
    slot, address = request.form.get("slot", ""), request.form.get("address", "")
    try:
        made = _invite(document_id, person, address=address, slot=slot, actor=actor(), now=now())
    except (Invalid, Conflict) as error:
        flash(str(error.message), "error")
    else:
        name = made[0].person.full_name
        flash(_("Invited: %(name)s. Documents: %(count)s.", name=name, count=len(made)), "success")
    return _back_to(document_id)


def _invite(document_id: int, person: dict[str, str], **more: Any) -> list[Invitation]:
    if "all" in request.form:
        return invitations.invite_to_all(document_id, person, **more)
    return [invitations.invite(document_id, person, **more)[0]]


def _back_to(document_id: int) -> AnyResponse:
    return redirect(url_for("documents.show", document_id=document_id, _anchor="invitations"))


@pages.post("/<int:invitation_id>/revoke")
def revoke(invitation_id: int) -> AnyResponse:
    ended = invitations.revoke(invitation_id, actor=actor(), now=now())
    flash(_("The link of %(name)s opens nothing any more.", name=ended.person.full_name), "success")
    return _back_to(ended.document_id)


@pages.post("/<int:invitation_id>/renew")
def renew(invitation_id: int) -> AnyResponse:
    made, _token = invitations.renew(invitation_id, actor=actor(), now=now())
    name = made.person.full_name
    flash(_("A new link for %(name)s is made; the old one opens nothing any more.", name=name), "success")
    return _back_to(made.document_id)


@pages.get("/<int:invitation_id>/link")
def link(invitation_id: int) -> str:
    """The address in full, for somebody whom the letter did not reach."""
    found, address = invitations.link_for_clerk(invitation_id, actor=actor(), now=now())
    return render_template("pages/invitation_link.html", invitation=found, link=address)


# The guest


@guests.after_request
def _guard(response: Response) -> Response:
    for name, value in GUARD.items():
        response.headers[name] = value
    return response


def _guest() -> tuple[Invitation, Actor]:
    """By whose invitation this visitor has entered; asked anew at every page, whoever else is logged in here."""
    invitation = invitations.held(session.get(HELD), now=now())
    return invitation, invitations.actor_of(invitation)


@guests.get("/<token>")
def ask(token: str) -> Drawn:
    """Say who invites to what, and ask for the IIN."""
    slow_down("invitation", limit=environment.current().settings.verify_per_minute, seconds=60)
    found = invitations.announced(token, now=now())
    if found is None:
        return render_template("pages/invitation_unknown.html", message=invitations.NOT_YOURS), 404
    kind = document_type(found.document.type)
    return render_template("pages/invitation.html", organisation=found.document.organisation, kind=kind)


@guests.post("/<token>")
def enter(token: str) -> Drawn:
    slow_down("invitation-iin", limit=environment.current().settings.login_attempts, seconds=WITHIN_SECONDS)
    visitor_id = current_user.person_id if current_user.is_authenticated else None
    try:
        found = invitations.enter(token, request.form.get("iin", ""), visitor_id=visitor_id, now=now())
    except Forbidden as error:
        return render_template("pages/invitation_unknown.html", message=error.message, again=True), 403
    session[HELD] = found.id
    session.permanent = True
    return redirect(url_for(".show"))


@guests.post("/leave")
def leave() -> str:
    session.pop(HELD, None)
    return render_template("pages/invitation_left.html")


@guests.get("/document")
def show() -> str:
    invitation, guest = _guest()
    document = invitation.document
    granted = documents.permissions(document, actor=guest)
    mine = signing.awaited_from(document, actor=guest) if Permission.SIGN in granted else None
    return render_template(
        "pages/invitation_document.html",
        invitation=invitation,
        document=document,
        kind=document_type(document.type),
        granted=granted,
        Permission=Permission,
        mine=mine,
        providers=signing.providers(actor=guest),
        slots=signing.slots(document) if Permission.VIEW in granted else [],
        submit=_choice(document, guest, "submit"),
        withdraw=_choice(document, guest, "withdraw"),
    )


def _choice(document: Document, guest: Actor, name: str) -> routing.Choice | None:
    """A step that he may take with a draft in his hands."""
    if Permission.EDIT not in documents.permissions(document, actor=guest):
        return None
    found = routing.available(document, actor=guest, now=now())
    return next((each for each in found if each.transition.name == name), None)


@guests.get("/document/preview")
def preview() -> Drawn:
    invitation, guest = _guest()
    return framed(invitation.document_id, actor=guest)


@guests.get("/document/paper.pdf")
def paper() -> Response:
    invitation, guest = _guest()
    name, pdf = documents.paper(invitation.document_id, actor=guest)
    return sent_file(pdf, name, "application/pdf", inline="download" not in request.args)


@guests.get("/document/form")
def edit() -> str:
    invitation, guest = _guest()
    documents.demand(invitation.document, Permission.EDIT, actor=guest)
    form = document_type(invitation.document.type).form.bound_to(documents.content(invitation.document))
    if "check" in request.args:
        form.validate()
    return _form_page(invitation, form)


@guests.post("/document/form")
def save() -> Drawn:
    invitation, guest = _guest()
    documents.demand(invitation.document, Permission.EDIT, actor=guest)
    kind = document_type(invitation.document.type)
    form = kind.form.submitted(rows_changed(request.form) or request.form)
    if rows_changed(request.form) is not None:
        return _form_page(invitation, form)
    if is_unreadable(form):
        form.validate()
        return _form_page(invitation, form), 422
    try:
        version = request.form.get("_version", 0, type=int)
        document = invitations.fill(invitation, form.content(), version=version, now=now())
    except Conflict as conflict:
        return _form_page(invitation, form, conflict=conflict), 409
    return _after_saving(document, guest)


def _form_page(invitation: Invitation, form: Any, *, conflict: Conflict | None = None) -> str:
    """The form without what he may not change: that is on the paper beside it."""
    fixed = invitations.fixed_fields(form)
    asked = request.form if request.method == "POST" and conflict is None else {}
    return render_template(
        "pages/invitation_form.html",
        form=[field for field in form if field.short_name not in fixed],
        whole=form,
        invitation=invitation,
        document=invitation.document,
        conflict=conflict,
        kind=document_type(invitation.document.type),
        version=asked.get("_version", invitation.document.version),
    )


def _after_saving(document: Document, guest: Actor) -> AnyResponse:
    if request.form.get("_then") != "submit":
        flash(_("Saved. You can go on later: the link stays open."), "success")
        return redirect(url_for(".show"))
    try:
        routing.perform(document.id, "submit", actor=guest, now=now())
    except Refused as refused:
        if any(refusal.code == "form" for refusal in refused.refusals):
            return redirect(url_for(".edit", check=1))
        flash(_("%(message)s %(reasons)s", message=refused.message, reasons=_reasons(refused)), "error")
        return redirect(url_for(".show"))
    flash(_("Saved. Read the paper and sign it."), "success")
    return redirect(url_for(".show"))


def _reasons(refused: Refused) -> str:
    return " ".join(str(refusal.message) for refusal in refused.refusals)


@guests.post("/document/opened")
def opened() -> tuple[str, int]:
    invitation, guest = _guest()
    signing.mark_opened(invitation.document_id, actor=guest, now=now())
    return "", 204


@guests.post("/document/sign")
def sign() -> AnyResponse:
    """Begin, and complete at once when the authorisation came along."""
    invitation, guest = _guest()
    try:
        begun = signing.begin([invitation.document_id], request.form.get("provider", ""), actor=guest, now=now())
    except (Conflict, ProviderError) as error:
        flash(str(error.message), "error")
        return redirect(url_for(".show"))
    if authorised_already(begun.challenge["asks"]):
        return _complete(begun.id, guest)
    return redirect(url_for(".confirm", session_id=begun.id))


@guests.get("/document/signing/<session_id>")
def confirm(session_id: str) -> str:
    invitation, guest = _guest()
    found = _session_of(session_id, invitation, guest)
    challenge = shown_challenge(found)
    return render_template("pages/invitation_sign.html", session=found, challenge=challenge, invitation=invitation)


@guests.get("/document/signing/<session_id>/dialogue")
def dialogue(session_id: str) -> dict[str, Any]:
    """What the page says to the program on his machine, for his own key; asked for by script."""
    invitation, guest = _guest()
    _session_of(session_id, invitation, guest)
    return dialogue_of(session_id, guest)


@guests.post("/document/signing/<session_id>/answers")
def answers(session_id: str) -> dict[str, str]:
    """What that program has answered."""
    invitation, guest = _guest()
    _session_of(session_id, invitation, guest)
    told = take_answers(session_id, guest)
    if isinstance(told, str):
        return {"problem": told}
    if others_were_faster(told):
        return {"again": said_again()}
    _tell(told)
    return {"go": url_for(".show")}


@guests.post("/document/signing/<session_id>")
def complete(session_id: str) -> AnyResponse:
    invitation, guest = _guest()
    _session_of(session_id, invitation, guest)
    return _complete(session_id, guest)


def _session_of(session_id: str, invitation: Invitation, guest: Actor) -> Any:
    """His signing session, if it is about this document alone: he may have others where he has an account."""
    found = signing.session_of(session_id, actor=guest)
    if {item["document_id"] for item in found.items} != {invitation.document_id}:
        raise NotFound(_l("There is no such signing session; begin again."))
    return found


def _complete(session_id: str, guest: Actor) -> AnyResponse:
    try:
        _tell(signing.complete(session_id, typed(), actor=guest, now=now()))
    except ProviderError as error:
        flash(str(error.message), "error")
    return redirect(url_for(".show"))


def _tell(results: list[signing.SignResult]) -> None:
    for result in results:
        flash(str(result.message), "success" if result.outcome == signing.SIGNED else "error")


@guests.post("/document/refuse")
def refuse() -> AnyResponse:
    """Refuse to sign, or to fill in what was put into his hands; the reason goes to the clerk."""
    invitation, guest = _guest()
    document, reason = invitation.document, request.form.get("reason", "")
    if Permission.EDIT in documents.permissions(document, actor=guest):
        routing.perform(document.id, "withdraw", actor=guest, now=now(), comment=reason)
    else:
        signing.refuse(document.id, reason, actor=guest, now=now())
    flash(_("You have refused; the organisation will read why."), "success")
    return redirect(url_for(".show"))
