"""Administration: units, people, posts, substitutions, accounts, journals, case files."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import hash_password
from werkzeug.wrappers import Response

from docflow.core.errors import Invalid, NotFound
from docflow.core.messages import _l
from docflow.core.permissions import Role
from docflow.models import Account
from docflow.services import casefiles, documents, numbering, people
from docflow.services.environment import local_day
from docflow.web.acting import actor, now, requires
from docflow.web.filters import t
from docflow.web.forms import (
    AccountForm,
    CaseFileForm,
    NewPersonForm,
    PositionForm,
    RightsForm,
    SubstitutionForm,
    UnitForm,
    filled,
    show_errors,
    with_choices,
)
from docflow.web.language import language_code

pages = Blueprint("admin", __name__, url_prefix="/admin")
READERS = (Role.ADMINISTRATOR, Role.ARCHIVIST, Role.INSPECTOR)
Drawn = str | tuple[str, int] | Response


def _here() -> int:
    return people.organisation_of(actor()).id


def _named(row: Any) -> str:
    """The name of a unit in the language of the page."""
    return str(row.name_kk if language_code() == "kk" else row.name_ru)


def _unit_choices() -> list[tuple[int, str]]:
    return [(unit.id, _named(unit)) for unit in people.units(_here())]


def _answer(form: Any, save: Callable[[dict[str, Any]], Any], back: str, *, title: str) -> Drawn:
    """Save and go back, or show the form again with what is wrong beside its fields."""
    if form.validate():
        try:
            save(form.content())
            flash(_("Saved."), "success")
            return redirect(back)
        except Invalid as invalid:
            show_errors(form, invalid)
    return _form(form, back, title), 422


def _form(form: Any, back: str, title: str) -> str:
    return render_template("pages/admin_form.html", form=form, back=back, title=title)


@pages.get("/")
@requires(*READERS)
def overview() -> str:
    return render_template("pages/admin.html", organisation=people.organisation_of(actor()))


# Units


@pages.get("/units")
@requires(*READERS)
def units() -> str:
    return render_template("pages/admin_units.html", units=people.units(_here()))


@pages.get("/units/new")
@requires(Role.ADMINISTRATOR)
def new_unit() -> str:
    return _form(UnitForm(), url_for(".units"), _("New unit"))


@pages.post("/units/new")
@requires(Role.ADMINISTRATOR)
def add_unit() -> Drawn:
    def save(data: dict[str, Any]) -> None:
        people.add_unit(_here(), data["code"], name_kk=data["name_kk"], name_ru=data["name_ru"], actor=actor())

    return _answer(UnitForm.submitted(request.form), save, url_for(".units"), title=_("New unit"))


# People


@pages.get("/people")
@requires(Role.ADMINISTRATOR)
def persons() -> str:
    text = request.args.get("text", "").strip()
    return render_template("pages/admin_people.html", text=text, found=people.people_like(text) if text else [])


@pages.get("/people/new")
@requires(Role.ADMINISTRATOR)
def new_person() -> str:
    return _form(NewPersonForm(), url_for(".persons"), _("New person"))


@pages.post("/people/new")
@requires(Role.ADMINISTRATOR)
def add_person() -> Drawn:
    form = NewPersonForm.submitted(request.form)
    back = url_for(".persons", text=request.form.get("surname", ""))
    return _answer(form, lambda data: people.add_person(data, actor=actor()), back, title=_("New person"))


# Posts and substitutions


@pages.get("/positions")
@requires(*READERS)
def positions() -> str:
    return render_template(
        "pages/admin_positions.html", positions=people.positions(_here()), today=local_day(now()),
        substitutions=people.substitutions(_here()),
    )


def _position_form(form: PositionForm) -> Any:
    return with_choices(form, unit_id=[(0, _("The whole organisation")), *_unit_choices()])


@pages.get("/positions/new")
@requires(Role.ADMINISTRATOR)
def new_position() -> str:
    data = {"person_id": request.args.get("person_id", type=int), "starts_on": local_day(now()).isoformat()}
    return _form(_position_form(filled(PositionForm, data)), url_for(".positions"), _("New post"))


@pages.post("/positions/new")
@requires(Role.ADMINISTRATOR)
def add_position() -> Drawn:
    def save(data: dict[str, Any]) -> None:
        people.add_position(
            _here(), data["person_id"], data["kind"], title_kk=data["title_kk"], title_ru=data["title_ru"],
            starts_on=date.fromisoformat(data["starts_on"]), ends_on=_day(data["ends_on"]), basis=data["basis"],
            unit_id=data["unit_id"] or None, actor=actor(),
        )

    form = _position_form(PositionForm.submitted(request.form))
    return _answer(form, save, url_for(".positions"), title=_("New post"))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@pages.post("/positions/<int:position_id>/end")
@requires(Role.ADMINISTRATOR)
def end_position(position_id: int) -> Response:
    last_day = request.form.get("ends_on", type=date.fromisoformat) or local_day(now())
    people.end_position(position_id, last_day=last_day, actor=actor())
    flash(_("Saved."), "success")
    return redirect(url_for(".positions"))


def _substitution_form(form: SubstitutionForm) -> Any:
    known = {each.person_id: each.person for each in people.positions(_here())}
    known |= {each.person_id: each.person for each in people.accounts(_here()) if each.person_id and each.person}
    names = sorted((person.full_name, person_id) for person_id, person in known.items())
    return with_choices(form, person_id=[(person_id, name) for name, person_id in names])


@pages.get("/substitutions/new")
@requires(Role.ADMINISTRATOR)
def new_substitution() -> str:
    data = {"position_id": request.args.get("position_id", type=int), "starts_on": local_day(now()).isoformat()}
    return _form(_substitution_form(filled(SubstitutionForm, data)), url_for(".positions"), _("New substitution"))


@pages.post("/substitutions/new")
@requires(Role.ADMINISTRATOR)
def add_substitution() -> Drawn:
    def save(data: dict[str, Any]) -> None:
        people.add_substitution(
            data["position_id"], data["person_id"], starts_on=date.fromisoformat(data["starts_on"]),
            ends_on=date.fromisoformat(data["ends_on"]), basis=data["basis"], actor=actor(),
        )

    form = _substitution_form(SubstitutionForm.submitted(request.form))
    return _answer(form, save, url_for(".positions"), title=_("New substitution"))


# Accounts


@pages.get("/accounts")
@requires(Role.ADMINISTRATOR)
def accounts() -> str:
    return render_template("pages/admin_accounts.html", accounts=people.accounts(_here()), named=_named)


@pages.get("/accounts/new")
@requires(Role.ADMINISTRATOR)
def new_account() -> str:
    data = {"person_id": request.args.get("person_id", type=int), "language": language_code()}
    form = with_choices(filled(AccountForm, data), units=_unit_choices())
    return _form(form, url_for(".accounts"), _("New account"))


@pages.post("/accounts/new")
@requires(Role.ADMINISTRATOR)
def add_account() -> Drawn:
    def save(data: dict[str, Any]) -> None:
        people.create_account(
            data["email"], hash_password(data["password"]), _roles(data), person_id=data["person_id"],
            organisation_id=_here(), unit_ids=tuple(data["units"] or ()), language=data["language"],
            uniquifier=secrets.token_hex(32), actor=actor(),
        )

    form = with_choices(AccountForm.submitted(request.form), units=_unit_choices())
    return _answer(form, save, url_for(".accounts"), title=_("New account"))


def _roles(data: dict[str, Any]) -> tuple[Role, ...]:
    return tuple(Role(name) for name in data["roles"] or ())


def _account(account_id: int) -> Account:
    found = next((each for each in people.accounts(_here()) if each.id == account_id), None)
    if found is None:
        raise NotFound(_l("There is no such account."))
    return found


@pages.get("/accounts/<int:account_id>")
@requires(Role.ADMINISTRATOR)
def rights(account_id: int) -> str:
    account = _account(account_id)
    held = {"roles": [r.name for r in account.roles], "units": [m.unit_id for m in account.memberships]}
    form = RightsForm(data=held)
    return _form(with_choices(form, units=_unit_choices()), url_for(".accounts"), account.email)


@pages.post("/accounts/<int:account_id>")
@requires(Role.ADMINISTRATOR)
def set_rights(account_id: int) -> Drawn:
    def save(data: dict[str, Any]) -> None:
        people.set_roles(account_id, _roles(data), tuple(data["units"] or ()), actor=actor())

    form = with_choices(RightsForm.submitted(request.form), units=_unit_choices())
    return _answer(form, save, url_for(".accounts"), title=_account(account_id).email)


@pages.post("/accounts/<int:account_id>/active")
@requires(Role.ADMINISTRATOR)
def set_active(account_id: int) -> Response:
    people.set_active(account_id, request.form.get("active") == "yes", actor=actor())
    flash(_("Saved."), "success")
    return redirect(url_for(".accounts"))


# Journals and files


@pages.get("/journals")
@requires(*READERS)
def journals() -> str:
    return render_template("pages/admin_journals.html", journals=numbering.journals(_here()), named=_named)


@pages.get("/journals/<int:journal_id>")
@requires(*READERS)
def numbers(journal_id: int) -> str:
    journal, unit = next((pair for pair in numbering.journals(_here()) if pair[0].id == journal_id), (None, None))
    page = max(1, request.args.get("page", 1, type=int))
    found = numbering.numbers(journal_id, page=page) if journal else []
    return render_template(
        "pages/admin_numbers.html", journal=journal, unit=unit, numbers=found, page=page, named=_named
    )


@pages.get("/files")
@requires(*READERS)
def files() -> str:
    return render_template("pages/admin_files.html", files=casefiles.listing(_here()))


def _file_form(form: Any) -> Any:
    return with_choices(form, types=[(kind.name, t(kind.title)) for kind in documents.types_in_use(actor=actor())])


@pages.get("/files/new")
@requires(Role.ADMINISTRATOR, Role.ARCHIVIST)
def new_file() -> str:
    form = _file_form(CaseFileForm(data={"year": local_day(now()).year}))
    return _form(form, url_for(".files"), _("New file"))


@pages.post("/files/new")
@requires(Role.ADMINISTRATOR, Role.ARCHIVIST)
def add_file() -> Drawn:
    def save(data: dict[str, Any]) -> None:
        casefiles.open_file(
            _here(), data["index"], data["year"], title_kk=data["title_kk"], title_ru=data["title_ru"],
            types=tuple(data["types"] or ()), retention_years=data["retention_years"],
            retention_basis=data["retention_basis"], actor=actor(),
        )

    return _answer(_file_form(CaseFileForm.submitted(request.form)), save, url_for(".files"), title=_("New file"))
