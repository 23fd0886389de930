"""The session of a commission: one page from the agenda to the protocol, and the list of sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.errors import Conflict, Invalid, NotFound, Refused
from docflow.core.messages import _l
from docflow.core.permissions import Role
from docflow.models import Document
from docflow.services import documents, sitting_page, sittings
from docflow.services.environment import local_day
from docflow.web.acting import actor, now, requires

pages = Blueprint("sittings", __name__, url_prefix="/sessions")
READERS = (Role.CLERK, Role.ADMINISTRATOR, Role.ARCHIVIST, Role.INSPECTOR)
Drawn = str | tuple[str, int] | Response


@pages.get("/")
@requires(*READERS)
def listing() -> str:
    rounds = sitting_page.rounds(actor=actor(), group_id=request.args.get("group_id", type=int))
    return render_template("pages/sittings.html", rounds=rounds, today=local_day(now()), clause=sitting_page.QUORUM)


@pages.post("/open")
@requires(Role.CLERK)
def begin() -> Response:
    """Open a session of a round and go to its page."""
    document = sittings.open_sitting(
        request.form.get("group_id", 0, type=int), request.form.get("type", ""), _day(), actor=actor(), now=now()
    )
    return redirect(url_for(".show", document_id=document.id))


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("held_on", ""))
    except ValueError:
        message = _l("Enter the day of the session.")
        raise Invalid(message, {"held_on": [str(message)]}) from None


@pages.get("/<int:document_id>")
def show(document_id: int) -> str:
    return _drawn(document_id, application_id=request.args.get("item", type=int))


def _drawn(document_id: int, *, application_id: int | None = None, typed: Any = None, error: Any = None) -> str:
    page = sitting_page.view(document_id, actor=actor(), now=now(), application_id=application_id, typed=typed)
    asked = "check" in request.args and page.may_edit
    return render_template(
        "pages/sitting.html",
        page=page,
        error=error,
        against=sittings.refusals(page.document, actor=actor(), now=now()) if asked else None,
    )


def _changed(
    document_id: int, change: Callable[[dict[str, Any]], Document], *, item: int | None = None, typed: Any = None
) -> Drawn:
    """Make one change and show the page again; what stands against it is shown on the page, with what was typed."""
    common = {"actor": actor(), "version": request.form.get("version", 0, type=int), "now": now()}
    try:
        change(common)
    except (Refused, Conflict) as error:
        return _drawn(document_id, application_id=item, typed=typed, error=error), error.status
    return redirect(url_for(".show", document_id=document_id, item=item))


def _here() -> int | None:
    """Whom the page was showing when something else on it was pressed."""
    return request.form.get("item", type=int)


@pages.post("/<int:document_id>/attendance")
def attendance(document_id: int) -> Drawn:
    """Members come and go: one, or all who are not there yet."""
    act, _sep, who = request.form.get("act", "").partition(":")
    at = request.form.get("at", "").strip()

    def change(common: dict[str, Any]) -> Document:
        if act == "leave":
            return sittings.leave(document_id, _number(who), at=at, **common)
        people = request.form.getlist("member", type=int) if act == "all" else [_number(who)]
        return sittings.arrive(document_id, people, at=at, **common)

    return _changed(document_id, change, item=_here())


@pages.post("/<int:document_id>/items/<int:application_id>")
def item(document_id: int, application_id: int) -> Drawn:
    """Everything about one person: save, decide, take back, or take off the agenda."""
    act = request.form.get("act", "save")
    if act == "take_back":
        return _changed(
            document_id, lambda common: sittings.take_back(document_id, application_id, **common), item=application_id
        )
    if act == "take_off":
        return _changed(document_id, lambda common: sittings.take_off(document_id, application_id, **common))
    sent = _sent(act)
    saved = _changed(
        document_id, lambda common: sittings.fill(document_id, application_id, sent, **common),
        item=application_id, typed=sent,
    )  # fmt: skip
    # What was entered is saved even if nothing can be decided yet.
    return _decided(document_id, application_id) if act == "decide" and isinstance(saved, Response) else saved


def _number(text: str) -> int:
    """Read the number of a person that a name of the form carries; the page itself never sends anything else."""
    if not text.isdecimal():
        raise NotFound(_l("There is no such member of the commission."))
    return int(text)


def _sent(act: str) -> dict[str, Any]:
    conclusion, _sep, category = request.form.get("decision", "").partition(":")
    ballots = {_number(name[5:]): vote for name, vote in request.form.items() if name.startswith("vote-")}
    if act == "all_for":
        ballots = dict.fromkeys(request.form.getlist("voter", type=int), "for")
    return {
        "conclusion": conclusion, "category": category, "reason": request.form.get("reason", "").strip(),
        "interviewed": "interviewed" in request.form, "ballots": ballots,
    }  # fmt: skip


def _decided(document_id: int, application_id: int) -> Drawn:
    """Record the decision and go on to the next person."""
    document = sittings.get(document_id, actor=actor())
    try:
        sittings.decide(document_id, application_id, actor=actor(), version=document.version, now=now())
    except (Refused, Conflict) as error:
        return _drawn(document_id, application_id=application_id, error=error), error.status
    page = sitting_page.view(document_id, actor=actor(), now=now(), application_id=application_id)
    flash(_("The decision is recorded."), "success")
    following = page.following.application_id if page.following else application_id
    return redirect(url_for(".show", document_id=document_id, item=following))


@pages.post("/<int:document_id>/agenda")
def agenda(document_id: int) -> Drawn:
    """Take further applications on the agenda, or read the evidence again."""
    chosen = request.form.getlist("application", type=int)

    def change(common: dict[str, Any]) -> Document:
        if request.form.get("act") == "add":
            return sittings.add_items(document_id, chosen, **common)
        return sittings.renew(document_id, **common)

    return _changed(document_id, change, item=_here())


@pages.post("/<int:document_id>/compose")
def compose(document_id: int) -> Drawn:
    """Close the session: the protocol goes to everybody who signs it."""
    answer = _changed(document_id, lambda common: sittings.compose(document_id, **common), item=_here())
    if not isinstance(answer, Response):
        return answer
    flash(_("The protocol is composed and waits for its signatures."), "success")
    return redirect(url_for("documents.show", document_id=documents.get(document_id, actor=actor()).id))
