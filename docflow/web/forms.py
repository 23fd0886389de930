"""The forms that are no documents: a group, and what an administrator fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import PasswordField, SelectChoice, SelectMultipleField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from docflow.core.errors import Invalid
from docflow.core.messages import _l
from docflow.core.permissions import ACCOUNT_ROLES
from docflow.forms.base import (
    FieldList,
    FormField,
    IdentifiedPersonForm,
    PersonForm,
    RecordForm,
    SelectField,
    day,
    hidden_id,
    optional_text,
    required_text,
    study_language,
    whole_number,
)
from docflow.web.filters import ROLES

Choices = Sequence[tuple[Any, str]]
POSITION_KINDS = [
    ("head", _l("Head of the organisation")), ("centre_head", _l("Head of the centre")), ("trainer", _l("Trainer")),
    ("authorised", _l("Authorised person of the service provider")), ("secretary", _l("Secretary of the commission")),
    ("commission_member", _l("Member of the commission")), ("other", _l("Another post")),
]


def show_errors(form: Any, invalid: Invalid) -> Any:
    """Put a service's refusal beside the fields that it names; the rest goes to the first field."""
    for path, sentences in invalid.errors.items():
        field = form._fields.get(path.split("-")[0]) or next(iter(form))
        if isinstance(field.errors, list | tuple):
            field.errors = [*field.errors, *sentences]
    return form


class ModuleForm(RecordForm):
    title_kk = required_text(_l("Module, in Kazakh"))
    title_ru = required_text(_l("Module, in Russian"))
    hours = whole_number(_l("Hours"), least=1, most=2000)


class ResponsibleForm(RecordForm):
    person = FormField(PersonForm, _l("Person"))
    person_id = hidden_id()
    position_kk = required_text(_l("Position, in Kazakh"), longest=200)
    position_ru = required_text(_l("Position, in Russian"), longest=200)


class GroupForm(RecordForm):
    """A course as it is held; everything that its documents take from it."""

    code = required_text(_l("Code of the group"), longest=40)
    unit_id = SelectField(_l("Unit"), coerce=int, choices=[])
    topic_kk = required_text(_l("Topic of the course, in Kazakh"), longest=400)
    topic_ru = required_text(_l("Topic of the course, in Russian"), longest=400)
    hours = whole_number(_l("Hours in all"), least=1, most=2000)
    starts_on = day(_l("First day"))
    ends_on = day(_l("Last day"))
    study_language = study_language()
    format = SelectField(
        _l("Form of study"),
        choices=[("full_time", _l("In person")), ("distance", _l("At a distance")), ("mixed", _l("Mixed"))],
    )
    funding = SelectField(_l("Funding"), choices=[("paid", _l("Paid by contract")), ("budget", _l("Budget"))])
    programme_kind = SelectField(
        _l("Kind of the programme"),
        choices=[
            ("general", _l("General")), ("author", _l("Author's programme")), ("registry", _l("From the registry")),
            ("individual", _l("Individual")),
        ],
    )
    max_score = whole_number(_l("Highest score"), least=1, most=1000)
    price = whole_number(_l("Price for one listener, tenge"), most=100_000_000)
    trainer_id = SelectField(_l("Trainer"), coerce=int, choices=[])
    modules = FieldList(FormField(ModuleForm), _l("Modules"), min_entries=1)
    responsible = FieldList(FormField(ResponsibleForm), _l("Responsible persons"), min_entries=1)


class RoundForm(RecordForm):
    """A round of attestation; its commission comes from the order in force."""

    code = required_text(_l("Code of the round"), longest=40)
    unit_id = SelectField(_l("Unit"), coerce=int, choices=[])
    topic_kk = required_text(_l("Name of the round, in Kazakh"), longest=400)
    topic_ru = required_text(_l("Name of the round, in Russian"), longest=400)
    starts_on = day(_l("First day"))
    ends_on = day(_l("Last day"))


class UnitForm(RecordForm):
    code = required_text(_l("Code"), longest=32, hint=_l("It stands in the numbers of the unit's documents."))
    name_kk = required_text(_l("Name in Kazakh"))
    name_ru = required_text(_l("Name in Russian"))


class NewPersonForm(IdentifiedPersonForm):
    email = optional_text(_l("E-mail"), longest=200)
    phone = optional_text(_l("Telephone"), longest=60)


class PositionForm(RecordForm):
    person_id = hidden_id()
    kind = SelectField(_l("Post"), choices=POSITION_KINDS)
    unit_id = SelectField(_l("Unit"), coerce=int, choices=[])
    title_kk = required_text(_l("Title of the post, in Kazakh"), longest=200)
    title_ru = required_text(_l("Title of the post, in Russian"), longest=200)
    starts_on = day(_l("From"))
    ends_on = day(_l("Until (empty: open)"), required=False)
    basis = optional_text(_l("Order of appointment"))


class SubstitutionForm(RecordForm):
    position_id = hidden_id()
    person_id = SelectField(_l("Who acts"), coerce=int, choices=[])
    starts_on = day(_l("From"))
    ends_on = day(_l("Until, inclusive"))
    basis = required_text(_l("Basis: number and date of the order"))


class Ticks(SelectMultipleField):  # type: ignore[misc]  # WTForms has no types
    """Several choices as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class RightsForm(RecordForm):
    roles = Ticks(_l("Roles"), choices=[SelectChoice(role.value, ROLES[role.value]) for role in ACCOUNT_ROLES])
    units = Ticks(_l("Works in the units"), coerce=int, choices=[])


class AccountForm(RightsForm):
    person_id = hidden_id()
    email = required_text(_l("E-mail, for logging in"), longest=255)
    password = PasswordField(
        _l("First password"), [InputRequired(_l("Fill in this field.")), Length(min=10)],
        description=_l("At least 10 characters. The person changes it after the first login."),
    )
    language = SelectField(_l("Language"), choices=[("kk", _l("Kazakh")), ("ru", _l("Russian")), ("en", _l("English"))])


class CaseFileForm(RecordForm):
    index = required_text(_l("Index of the file"), longest=40)
    year = whole_number(_l("Year"), least=2000, most=2100)
    title_kk = required_text(_l("Title in Kazakh"))
    title_ru = required_text(_l("Title in Russian"))
    types = Ticks(_l("Documents that go into it"), choices=[])
    retention_years = whole_number(_l("Retention, years (empty: set by the nomenclature)"), most=100, required=False)
    retention_basis = optional_text(_l("Article or order that sets the retention"))


def with_choices(form: Any, **choices: Choices) -> Any:
    """Give the pickers of *form* what this organisation has."""
    for name, pairs in choices.items():
        form[name].choices = list(pairs)
    return form


def filled(form_class: type[RecordForm], data: Mapping[str, Any] | None = None) -> Any:
    """An empty form, or one filled from stored data; not yet validated."""
    return form_class.bound_to(data) if data else form_class()
