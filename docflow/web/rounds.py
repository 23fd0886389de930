"""Rounds of attestation: opening one, and giving the score sheets to the members."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.errors import Forbidden, Invalid
from docflow.core.messages import _l
from docflow.core.permissions import Role
from docflow.services import groups, people, rounds
from docflow.web.acting import actor, now, requires
from docflow.web.forms import RoundForm, show_errors, with_choices
from docflow.web.groups import clause_of
from docflow.web.language import language_code

pages = Blueprint("rounds", __name__, url_prefix="/rounds")
Drawn = str | tuple[str, int] | Response


def _with_units(form: Any) -> Any:
    organisation = people.organisation_of(actor())
    mine = [unit for unit in people.units(organisation.id) if unit.id in actor().unit_ids]
    titles = [(unit.id, unit.name_kk if language_code() == "kk" else unit.name_ru) for unit in mine]
    return with_choices(form, unit_id=titles)


def _page(form: Any) -> str:
    return render_template("pages/round_form.html", form=form, act_clause=clause_of(people.organisation_of(actor())))


def _demand_attesting() -> None:
    """Whoever attests nobody opens no rounds."""
    if "attestation" not in groups.kinds_in_use(people.organisation_of(actor())):
        raise Forbidden(_l("Your organisation attests nobody: no act that binds it knows rounds of attestation."))


@pages.get("/new")
@requires(Role.CLERK)
def new() -> str:
    _demand_attesting()
    return _page(_with_units(RoundForm()))


@pages.post("/new")
@requires(Role.CLERK)
def create() -> Drawn:
    _demand_attesting()
    form = _with_units(RoundForm.submitted(request.form))
    if form.validate():
        data = form.content()
        data |= {name: date.fromisoformat(data[name]) for name in ("starts_on", "ends_on")}
        try:
            group = rounds.open_round(data, actor=actor(), now=now())
            flash(_("Saved."), "success")
            return redirect(url_for("groups.show", group_id=group.id))
        except Invalid as invalid:
            show_errors(form, invalid)
    return _page(form), 422


@pages.post("/<int:group_id>/sheets")
@requires(Role.CLERK)
def share_out(group_id: int) -> str:
    """Give every accepted application a score sheet in the hands of a member."""
    group, given = rounds.share_out(group_id, actor=actor(), now=now())
    clause = clause_of(group.organisation)
    return render_template("pages/round_sheets.html", group=group, given=given, act_clause=clause)
