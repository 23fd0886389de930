"""Rounds of attestation: opening and changing one, and giving the score sheets to the members."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.errors import Forbidden, Invalid, NotFound
from docflow.core.messages import _l
from docflow.core.permissions import Role
from docflow.models import Group
from docflow.services import groups, people, rounds, stages
from docflow.web.acting import actor, now, requires
from docflow.web.forms import RoundForm, filled, show_errors, with_choices
from docflow.web.groups import clause_of
from docflow.web.language import language_code

pages = Blueprint("rounds", __name__, url_prefix="/rounds")
Drawn = str | tuple[str, int] | Response
DAYS = ("starts_on", "ends_on")


def _with_units(form: Any) -> Any:
    organisation = people.organisation_of(actor())
    mine = [unit for unit in people.units(organisation.id) if unit.id in actor().unit_ids]
    titles = [(unit.id, unit.name_kk if language_code() == "kk" else unit.name_ru) for unit in mine]
    return with_choices(form, unit_id=titles)


def _page(form: Any, group: Group | None = None) -> str:
    clause = clause_of(people.organisation_of(actor()))
    return render_template("pages/round_form.html", form=form, group=group, act_clause=clause)


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
    return _save(None)


def _round(group_id: int) -> Group:
    group = groups.get(group_id, actor=actor())
    if group.kind != "attestation":
        raise NotFound(_l("There is no such group."))
    return group


@pages.get("/<int:group_id>/edit")
@requires(Role.CLERK)
def edit(group_id: int) -> str:
    group = _round(group_id)
    stored = {name: getattr(group, name) for name in rounds.STORED}
    stored |= {name: stored[name].isoformat() for name in DAYS}
    return _page(_with_units(filled(RoundForm, stored)), group)


@pages.post("/<int:group_id>/edit")
@requires(Role.CLERK)
def update(group_id: int) -> Drawn:
    return _save(_round(group_id))


def _save(group: Group | None) -> Drawn:
    form = _with_units(RoundForm.submitted(request.form))
    if form.validate():
        try:
            saved = _stored(form, group)
            flash("new-round" if group is None else f"round-{saved.id}", "saved")
            flash(_("Saved."), "success")
            return redirect(url_for("groups.show", group_id=saved.id))
        except Invalid as invalid:
            show_errors(form, invalid)
    return _page(form, group), 422


def _stored(form: Any, group: Group | None) -> Group:
    data = form.content()
    data |= {name: date.fromisoformat(data[name]) for name in DAYS}
    if group is None:
        return rounds.open_round(data, actor=actor(), now=now())
    return groups.update(group.id, data, actor=actor())


@pages.post("/<int:group_id>/sheets")
@requires(Role.CLERK)
def share_out(group_id: int) -> str:
    """Give every accepted application a score sheet in the hands of a member."""
    group, made = rounds.share_out(group_id, actor=actor(), now=now())
    return _made("sheets", group, made)


@pages.post("/<int:group_id>/conclusions")
@requires(Role.CLERK)
def draw_up(group_id: int) -> str:
    """Compose the conclusion of the analytical summary of every applicant and send it to who confirms it."""
    group, made = rounds.draw_up(group_id, actor=actor(), now=now())
    return _made("conclusions", group, made)


@pages.get("/<int:group_id>/stages.<any(csv, json):form>")
@requires(Role.CLERK, Role.ADMINISTRATOR, Role.INSPECTOR)
def progress(group_id: int, form: str) -> Response:
    """The stages of the state service by application, for the monitoring system (KRG 25)."""
    group, found = stages.of_round(_round(group_id).id, actor=actor())
    if form == "json":
        return jsonify(stages.as_json(group, found, language=language_code()))
    name = f"{group.code.replace('/', '-')}.csv"
    return send_file(
        BytesIO(stages.as_csv(found, language=language_code())), "text/csv", as_attachment=True, download_name=name
    )


def _made(what: str, group: Group, made: list[rounds.Made]) -> str:
    clause = clause_of(group.organisation)
    return render_template("pages/round_sheets.html", what=what, group=group, made=made, act_clause=clause)
