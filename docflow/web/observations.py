"""The observation sheet as a page of its own: every level by one key, sums at once, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from docflow.core.errors import Conflict, NotFound, Refused
from docflow.core.messages import _l
from docflow.core.permissions import Permission
from docflow.core.registry import document_type
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Refusal
from docflow.core.scoring import Excess, Number, Rounding, mean
from docflow.models import Document
from docflow.regulations.krg import KRG
from docflow.regulations.krg_observed import SHEETS, Figures, as_written, excess, figures, parts, scale
from docflow.regulations.krg_portfolio import observation_points
from docflow.regulations.krg_vocabulary import TEACHER_CATEGORIES
from docflow.services import documents, papers, routing, signing
from docflow.services.environment import local_day
from docflow.web.acting import actor, now
from docflow.web.submitted import is_unreadable

pages = Blueprint("observations", __name__, url_prefix="/observations")
Drawn = str | tuple[Any, int] | AnyResponse
# Who they are was decided when the sheet was drafted; the page never changes it.
FIXED = ("person_id", "observer_id")
THRESHOLDS = ("moderator", "expert", "researcher", "master")


@dataclass(frozen=True)
class Threshold:
    """The mean that a category asks for (appendix 8, row 1.2)."""

    title: Text
    least: int


@pages.get("/<int:document_id>")
def sheet(document_id: int) -> Drawn:
    document = _found(document_id)
    if Permission.EDIT not in documents.permissions(document, actor=actor()):
        return redirect(url_for("documents.show", document_id=document.id))
    form = document_type(document.type).form.bound_to(documents.content(document))
    if "check" in request.args:
        form.validate()
    return _page(document, form, reasons=_reasons(document) if "check" in request.args else ())


@pages.post("/<int:document_id>")
def save(document_id: int) -> Drawn:
    document = _found(document_id)
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


def _found(document_id: int) -> Document:
    document = documents.get(document_id, actor=actor())
    if document.type not in SHEETS:
        raise NotFound(_l("There is no such document, or you may not see it."))
    return document


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
        reasons=reasons, problem=problem, version=document.version, parts=parts(SHEETS[document.type]),
        header=[field for field in form if field.short_name not in ("levels", "recommendations")],
        **_sums(document, form.levels.data, profile),
    )  # fmt: skip


def _sums(document: Document, levels: list[int | None], profile: Profile) -> dict[str, Any]:
    """What the sheet comes to so far, beside what the categories ask for; the script goes on from here."""
    observed = SHEETS[document.type]
    found, others = figures(observed, levels, profile), _others(document, profile)
    average = _mean(found, others, profile)
    return {
        "sheet": observed,
        "levels": levels,
        "highest": scale(profile),
        "found": found,
        "points": as_written(found.points),
        "others": [str(float(each)) for each in others],
        "mean": average,
        "mean_written": as_written(average),
        "thresholds": _thresholds(profile),
        "settings": _settings(profile),
        "at_least": profile.threshold("observation_sheets_min").value,
        "is_normalised": excess(profile) is Excess.NORMALISE,
        "rounding": profile.setting("observation_mean_rounding"),
    }


def _others(document: Document, profile: Profile) -> list[Number]:
    """The points of the other sheets about this teacher in his round, of those that the actor may see."""
    related = [each for name in SHEETS for each in routing.related_documents(document, f"group:{name}")]
    seen = [
        (each.type, each.content)
        for each in related
        if each.id != document.id and each.state == "in_force" and _may_see(each.id)
    ]
    return observation_points(seen, profile, on=local_day(now()))[0]


def _may_see(document_id: int | None) -> bool:
    return document_id is not None and Permission.VIEW in documents.permissions(
        documents.load(document_id), actor=actor()
    )


def _mean(found: Figures, others: list[Number], profile: Profile) -> Fraction | None:
    points = [*others, *([] if found.points is None else [found.points])]
    rounding = Rounding(profile.setting("observation_mean_rounding"))
    return Fraction(mean(points, at_least=1, rounding=rounding)) if points else None


def _thresholds(profile: Profile) -> list[Threshold]:
    return [
        Threshold(TEACHER_CATEGORIES[name], int(profile.threshold(f"observation_mean_{name}").value))
        for name in THRESHOLDS
    ]


def _settings(profile: Profile) -> list[tuple[Text, Any]]:
    """What the order leaves open and the organisation has decided: the scale, and what is done with other sums."""
    found = []
    for name in ("observation_level_max", "observation_excess", "observation_mean_rounding"):
        value = str(profile.setting(name))
        found.append((KRG.settings[name].title, KRG.settings[name].choice_titles.get(value, value)))
    return found
