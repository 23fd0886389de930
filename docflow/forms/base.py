"""What every record form shares: fields to JSON and back, people, dates, identifiers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectChoice,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms import SelectField as PlainSelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from docflow.core.identifiers import iin_faults
from docflow.core.messages import Message, _l

__all__ = [
    "BooleanField", "DateField", "DecimalField", "FieldList", "FormField", "IdentifiedPersonForm", "IntegerField",
    "Length", "NumberRange", "Optional", "PersonForm", "RecordForm", "SelectField", "StringField", "TextAreaField",
    "day", "hidden_id", "optional_text", "required_text", "study_language", "whole_number",
]

_MARK = "_submitted"  # an empty form is still a submitted one
STUDY_LANGUAGES = [("kk", _l("Kazakh")), ("ru", _l("Russian")), ("en", _l("English"))]


class SelectField(PlainSelectField):  # type: ignore[misc]  # WTForms is untyped
    """A choice from pairs of value and label, which WTForms itself no longer takes."""

    def __init__(self, label: Message, *, choices: Sequence[tuple[str, Message]], **options: Any) -> None:
        super().__init__(label, choices=[SelectChoice(value, text) for value, text in choices], **options)


class RecordForm(Form):  # type: ignore[misc]  # WTForms is untyped
    """A form whose data is JSON: strings in NFC, dates as ISO text, decimals as text, no floats."""

    class Meta:
        locales = False  # our own translator speaks; WTForms' sentences pass through it

        def get_translations(self, form: Form) -> Any:
            return _Translations()

    @classmethod
    def validate_content(cls, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """Validate JSON *data*; give the cleaned content and the errors by path (``listeners-3-hours``)."""
        form = cls.bound_to(data)
        form.validate()
        return form.content(), form.errors_by_path()

    @classmethod
    def bound_to(cls, data: Mapping[str, Any]) -> RecordForm:
        """Fill the form from JSON *data* as if a person had sent it."""
        pairs = [(name, value) for name, value in _flattened(data, "")]
        return cls(formdata=MultiDict([*pairs, (_MARK, "1")]))

    @classmethod
    def submitted(cls, formdata: Any) -> RecordForm:
        """Fill the form from a request's fields."""
        return cls(formdata=MultiDict([*formdata.items(multi=True), (_MARK, "1")]))

    def content(self) -> dict[str, Any]:
        """Give the data as JSON; what a person left out is ``""``, ``None``, ``False`` or ``[]``."""
        return {field.short_name: _dumped(field) for field in self}

    def errors_by_path(self) -> dict[str, list[str]]:
        return {field.name: [str(e) for e in errors] for field, errors in _failures(self)}


class _Translations:
    """WTForms asks for its own sentences here; they are translated when they are shown."""

    def gettext(self, text: str) -> str:
        return str(Message(text))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(Message(singular if n == 1 else plural))


def _flattened(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flattened(inner, f"{name}-{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _flattened(inner, f"{name}-{index}")
    elif value is True:
        yield name, "y"
    elif value is not None and value is not False:
        yield name, str(value)


def _dumped(field: Field) -> Any:
    if isinstance(field, FormField):
        return {inner.short_name: _dumped(inner) for inner in field.form}
    if isinstance(field, FieldList):
        return [_dumped(entry) for entry in field.entries]
    value = field.data
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.strip())
    if value is None and isinstance(field, StringField | DateField | DecimalField | SelectField):
        return ""
    return value


def _failures(form: Any) -> Iterator[tuple[Field, list[Any]]]:
    for field in form:
        if isinstance(field, FormField):
            yield from _failures(field.form)
        elif isinstance(field, FieldList):
            yield from _list_failures(field)
        elif field.errors:
            yield field, list(field.errors)


def _list_failures(field: FieldList) -> Iterator[tuple[Field, list[Any]]]:
    own = [error for error in field.errors if not isinstance(error, dict | list | tuple)]
    if own:
        yield field, own
    for entry in field.entries:
        if isinstance(entry, FormField):
            yield from _failures(entry.form)
        elif entry.errors:
            yield entry, list(entry.errors)


def required_text(label: Message, *, longest: int = 300, hint: Message | None = None, **options: Any) -> StringField:
    """A line that must be filled in."""
    return StringField(
        label, [InputRequired(_l("Fill in this field.")), Length(max=longest)], description=hint or "", **options
    )


def optional_text(label: Message, *, longest: int = 300, hint: Message | None = None, **options: Any) -> StringField:
    """A line that may stay empty."""
    return StringField(label, [Optional(), Length(max=longest)], description=hint or "", **options)


def whole_number(label: Message, *, least: int = 0, most: int = 100_000, required: bool = True) -> IntegerField:
    """A whole number between two bounds, both included."""
    first = InputRequired(_l("Fill in this field.")) if required else Optional()
    return IntegerField(label, [first, NumberRange(min=least, max=most)])


def day(label: Message, *, required: bool = True) -> DateField:
    """A calendar day, ISO on the wire."""
    first = InputRequired(_l("Fill in this field.")) if required else Optional()
    return DateField(label, [first])


def hidden_id() -> IntegerField:
    """The id of a person, carried along so that nobody is matched by name; never shown."""
    return IntegerField("", [Optional()], render_kw={"type": "hidden"})


def study_language(label: Message | None = None) -> SelectField:
    return SelectField(label or _l("Language of study"), choices=STUDY_LANGUAGES)


class PersonForm(RecordForm):
    """A name in three parts; the patronymic may be absent everywhere."""

    surname = required_text(_l("Surname"), longest=120)
    given_name = required_text(_l("Given name"), longest=120)
    patronymic = optional_text(_l("Patronymic (if any)"), longest=120)


class IdentifiedPersonForm(PersonForm):
    """A person with an IIN; a failing checksum needs a reason (kazakhstan.md 4.1: real ones fail too)."""

    iin = StringField(_l("IIN"), [InputRequired(_l("Fill in this field."))], render_kw={"inputmode": "numeric"})
    iin_override = optional_text(
        _l("Reason for accepting an IIN that fails its checksum"),
        hint=_l("Leave empty unless the identity document really shows this number."),
    )

    def validate_iin(self, field: StringField) -> None:
        overruled = bool((self.iin_override.data or "").strip())
        for fault in iin_faults((field.data or "").strip()):
            if not (overruled and fault.may_be_overruled):
                raise ValidationError(fault.message)
