"""What the four printed applications share: their heads, their fields, the step of being filed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms.validators import InputRequired

from docflow.core.messages import Message, _l
from docflow.core.regulations import Text
from docflow.core.rules import Answer, Content, Step
from docflow.core.types import Capacity, Requirement, SignatureSlot
from docflow.forms.base import (
    STUDY_LANGUAGES,
    DateField,
    FormField,
    IdentifiedPersonForm,
    Optional,
    RecordForm,
    SelectField,
    optional_text,
)
from docflow.regulations.o95 import O95

__all__ = [
    "APPLICANT", "FILED_ON_COLUMN", "FUNDING", "IDENTITY_DOCUMENT", "NO", "PERSON_COLUMNS", "POSITION_COLUMN",
    "STUDY_LANGUAGE_COLUMN", "WORKPLACE_COLUMN", "OptionalPersonForm", "addressee_person", "applicant", "choice",
    "day_of", "filed_by_then", "filing_day", "heading", "name_of", "refuse_unless_budget", "study_language_choice",
    "written", "written_day",
]

APPLICANT = SignatureSlot("applicant", Capacity.APPLICANT, Text("Өтініш беруші", "Заявитель"), person="applicant")

FUNDING = [("paid", _l("Paid by the listener or the employer")), ("budget", _l("Paid from the budget"))]

# How people write these choices in a spreadsheet.
_WRITTEN = {
    "казахский": "kk", "қазақ": "kk", "қазақша": "kk", "русский": "ru", "орыс": "ru", "орысша": "ru",
    "английский": "en", "ағылшын": "en", "ағылшынша": "en",
    "до 3 месяцев": "up_to_3_months", "3 айға дейін": "up_to_3_months",
    "до 1 года": "up_to_1_year", "1 жылға дейін": "up_to_1_year",
    "авторский курс": "author", "авторлық курс": "author", "курс из реестра": "registry", "реестр": "registry",
    "реестрге енгізілген курс": "registry",
    "бюджет": "budget", "бюджетное": "budget", "бюджеттік": "budget", "платное": "paid", "ақылы": "paid",
}  # fmt: skip

# Titles of columns: Russian, Kazakh, English, then other spellings that people use.
PERSON_COLUMNS = {
    "applicant-surname": ("Фамилия", "Тегі", "Surname"),
    "applicant-given_name": ("Имя", "Аты", "Given name"),
    "applicant-patronymic": ("Отчество (при его наличии)", "Әкесінің аты (бар болған жағдайда)", "Patronymic",
                             "Отчество", "Әкесінің аты"),
    "applicant-iin": ("ИИН", "ЖСН", "IIN"),
}  # fmt: skip
POSITION_COLUMN = ("Должность", "Лауазымы", "Position", "Қызметі")
WORKPLACE_COLUMN = ("Место работы", "Жұмыс орны", "Place of work")
STUDY_LANGUAGE_COLUMN = ("Язык обучения", "Оқыту тілі", "Language of study")
FILED_ON_COLUMN = ("Дата подачи заявления", "Өтініш берілген күні", "Day of filing")


# What an unchecked box and a spreadsheet send for "no".
NO = (False, "false", "", "нет", "Нет", "жоқ", "Жоқ", "no", "No", "0")

IDENTITY_DOCUMENT = Requirement(
    "identity_document",
    Text(
        "Жеке басын куәландыратын құжаттың көшірмесі",
        "Копия документа, удостоверяющего личность",
        "Copy of the identity document",
    ),
    (O95.clause("18 ¶2"),),
)


class OptionalPersonForm(RecordForm):
    """A name that the printed form leaves room for and nobody has to know."""

    surname = optional_text(_l("Surname"), longest=120)
    given_name = optional_text(_l("Given name"), longest=120)
    patronymic = optional_text(_l("Patronymic (if any)"), longest=120)


def written(value: Any) -> Any:
    """Take the word of a spreadsheet (``қазақ``, ``бюджет``) for the value of a choice."""
    return _WRITTEN.get(value.strip().casefold(), value.strip()) if isinstance(value, str) else value


def choice(label: Message, choices: list[tuple[str, Message]], *, default: str | None = None) -> SelectField:
    """A choice that also understands how people write it in a spreadsheet."""
    return SelectField(label, choices=choices, filters=[written], default=default or choices[0][0])


def study_language_choice() -> SelectField:
    return choice(_l("Language of study"), STUDY_LANGUAGES)


def applicant() -> FormField:
    return FormField(IdentifiedPersonForm, label=_l("Applicant"))


def addressee_person() -> FormField:
    return FormField(OptionalPersonForm, label=_l("Name of the addressee"))


def written_day(label: Message, *, required: bool = True) -> DateField:
    """A day that a spreadsheet may also hold as 20.01.2026, or with an hour."""
    first = InputRequired(_l("Fill in this field.")) if required else Optional()
    return DateField(label, [first], format=["%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S"])


def filing_day() -> DateField:
    return written_day(_l("Day of filing"))


def name_of(person: Mapping[str, Any] | None) -> str:
    """Surname, given name and, if there is one, patronymic."""
    parts = (str((person or {}).get(part) or "") for part in ("surname", "given_name", "patronymic"))
    return " ".join(part for part in parts if part)


def heading(content: Content) -> str:
    """Applications are told apart by who applies."""
    return name_of(content.get("applicant"))


def day_of(value: Any) -> date | None:
    """Read an ISO date of the content; ``None`` where it is empty or no date."""
    try:
        return date.fromisoformat(str(value or ""))
    except ValueError:
        return None


def filed_by_then(step: Step) -> Answer:
    """The day of filing on the form is not after the day on which it is filed."""
    filed = day_of(step.content.get("filed_on"))
    if filed is None or filed <= step.on:
        return None
    return _l("The day of filing is still to come: enter the day on which the application is really filed.")


def refuse_unless_budget(step: Step) -> Answer:
    """Refuse where the group's course is one that nobody pays from the budget; without a group nothing is known."""
    if step.group.get("funding", "budget") == "budget":
        return None
    return _l("This form is for courses paid from the budget, and this course is not: use the organisation's own form.")
