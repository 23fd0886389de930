"""Administration, settings: what the acts leave open, and how it is decided here."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.errors import Invalid
from docflow.core.permissions import Role
from docflow.services import people, settings
from docflow.services.environment import local_day
from docflow.web.acting import actor, now, requires

pages = Blueprint("settings", __name__, url_prefix="/admin/settings")
READERS = (Role.ADMINISTRATOR, Role.ARCHIVIST, Role.INSPECTOR)
Drawn = str | tuple[str, int] | Response


@pages.get("/")
@requires(*READERS)
def listing() -> str:
    return _page()


@pages.post("/<name>")
@requires(Role.ADMINISTRATOR)
def decide(name: str) -> Drawn:
    value = None if "withdraw" in request.form else request.form.get("value", "")
    try:
        settings.decide(name, value, actor=actor(), now=now())
    except Invalid as invalid:
        return _page(wrong=invalid.errors, entered={name: value or ""}), 422
    flash(_("Saved."), "success")
    return redirect(url_for(".listing", _anchor=name))


def _page(*, wrong: object = None, entered: dict[str, str] | None = None) -> str:
    organisation = people.organisation_of(actor())
    found = settings.open_settings(organisation)
    acts = list({each.act.code: each.act for each in found}.values())
    return render_template(
        "pages/settings.html", acts=[(act, [each for each in found if each.act is act]) for act in acts],
        changes=settings.changes(organisation), wrong=wrong or {}, entered=entered or {}, today=local_day(now()),
        may_decide=actor().has(Role.ADMINISTRATOR),
    )  # fmt: skip
