"""A person's card: found by surname, read, and kept entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.errors import Invalid, NotFound
from docflow.core.messages import Message, _l
from docflow.forms import _cards as forms
from docflow.services import cards, deliveries
from docflow.services.environment import local_day
from docflow.web.acting import actor, now, requires
from docflow.web.forms import show_errors
from docflow.web.language import language_code

pages = Blueprint("cards", __name__)
Drawn = str | tuple[str, int] | Response

# What an entry is called in a heading and on the button that adds one.
TITLES: Mapping[str, Message] = {
    "category": _l("Category"),
    "education": _l("Education"),
    "experience": _l("Experience"),
    "post": _l("Post"),
    "certificate": _l("Course certificate"),
    "achievement": _l("Achievement"),
    "language": _l("Language certificate"),
    "pension": _l("Pension age"),
}
WORDS: Mapping[str, Mapping[str, Message]] = {
    "education_level": forms.EDUCATION_LEVELS,
    "education_kind": forms.EDUCATION_KINDS,
    "experience": forms.EXPERIENCE_KINDS,
    "achievement": forms.ACHIEVEMENT_KINDS,
    "level": forms.ACHIEVEMENT_LEVELS,
    "result": forms.RESULTS,
    "procedure": forms.PROCEDURES,
}


def around_card() -> dict[str, Any]:
    """What the parts of a card need to name what stands in it."""
    return {"words": WORDS, "titles": TITLES, "category_title": cards.category_title, "today": local_day(now())}


@pages.app_context_processor
def _for_documents() -> dict[str, Any]:
    """The document's page says who was told of it."""
    return {"told_of": deliveries.of_document}


@pages.get("/people")
@requires(*cards.READERS)
def find() -> str:
    surname = request.args.get("surname", "").strip()[:120]
    found = cards.find(surname, actor=actor())
    return render_template("pages/card_find.html", surname=surname, found=found, by_iin=False)


@pages.post("/people")
@requires(*cards.READERS)
def find_by_iin() -> Drawn:
    """Find by a whole IIN, which stays out of the address and the log."""
    person = cards.by_iin(request.form.get("iin", ""), actor=actor())
    if person is not None:
        return redirect(url_for(".show", person_id=person.id))
    return render_template("pages/card_find.html", surname="", found=[], by_iin=True)


@pages.get("/people/new")
@requires(*cards.WRITERS)
def new_card() -> str:
    return _begin(forms.NewCard())


@pages.post("/people/new")
@requires(*cards.WRITERS)
def begin() -> Drawn:
    form = forms.NewCard.submitted(request.form)
    if not form.validate():
        return _begin(form), 422
    content = form.content()
    entry = cards.begin(
        content, content["iin"], {name: content[name] for name in ("title", "organisation", "ladder")},
        basis=content["basis"], starts_on=_day(content["starts_on"]), override=content["iin_override"],
        actor=actor(), now=now(),
    )  # fmt: skip
    flash("new-card", "saved")
    flash(_("The card is begun: add education, experience and categories."), "success")
    return redirect(url_for(".show", person_id=entry.person_id))


def _begin(form: Any) -> str:
    return render_template("pages/card_form.html", person=None, kind="new", title=_("New card"), form=form)


@pages.get("/people/<int:person_id>")
def show(person_id: int) -> str:
    page = cards.page(person_id, actor=actor(), now=now(), language=language_code())
    return render_template("pages/card.html", page=page, kinds=tuple(forms.FORMS), **around_card())


@pages.get("/people/<int:person_id>/new/<kind>")
@requires(*cards.WRITERS)
def new(person_id: int, kind: str) -> str:
    person = cards.demand_reading(person_id, actor=actor())
    return _form(person, kind, _form_of(kind)())


@pages.post("/people/<int:person_id>/new/<kind>")
@requires(*cards.WRITERS)
def add(person_id: int, kind: str) -> Drawn:
    person = cards.demand_reading(person_id, actor=actor())
    form = _form_of(kind).submitted(request.form)
    if form.validate():
        try:
            entry = _written(person_id, kind, form.content())
        except Invalid as invalid:
            show_errors(form, invalid)
        else:
            flash(f"card-{person_id}-{kind}", "saved")
            flash(_("The entry is on the card."), "success")
            return redirect(url_for(".show", person_id=person_id, _anchor=_anchor(entry)))
    return _form(person, kind, form), 422


def _form_of(kind: str) -> Any:
    if kind not in forms.FORMS:
        raise NotFound(_l("The card has no entries of this kind."))
    return forms.FORMS[kind]


def _form(person: Any, kind: str, form: Any) -> str:
    return render_template("pages/card_form.html", person=person, kind=kind, title=TITLES[kind], form=form)


def _written(person_id: int, kind: str, content: Mapping[str, Any]) -> Any:
    written, data, basis = forms.entry_of(kind, content)
    starts_on, ends_on = (_day(content.get(name)) for name in ("starts_on", "ends_on"))
    return cards.add_entry(
        person_id, written, data, basis=basis, starts_on=starts_on, ends_on=ends_on, actor=actor(), now=now()
    )


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def _anchor(entry: Any) -> str:
    return "category" if entry.kind == "old_category" else str(entry.kind)


@pages.post("/people/entries/<int:entry_id>/remove")
@requires(*cards.WRITERS)
def remove(entry_id: int) -> Response:
    entry = cards.remove_entry(entry_id, reason=request.form.get("reason", ""), actor=actor(), now=now())
    flash(_("The entry is removed; the card keeps it among what was removed."), "success")
    return redirect(url_for(".show", person_id=entry.person_id, _anchor=_anchor(entry)))


@pages.post("/deliveries/<int:delivery_id>/again")
def send_again(delivery_id: int) -> Response:
    delivery = deliveries.again(delivery_id, actor=actor(), now=now())
    flash(_("The message will be sent again."), "success")
    return redirect(url_for("documents.show", document_id=delivery.document_id))
