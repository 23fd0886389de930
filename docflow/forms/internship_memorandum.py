"""Memorandum of cooperation on whose ground teachers do an internship at an enterprise: O95 30; no printed form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import StringField, ValidationError
from wtforms.validators import Optional

from docflow.core.derivation import Gathering
from docflow.core.identifiers import bin_faults
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import DocumentType, Journal
from docflow.forms import _internship as shared
from docflow.forms._application import name_of
from docflow.forms._assessment import HEAD
from docflow.forms.base import FieldList, FormField, PersonForm, RecordForm, day, hidden_id, optional_text, whole_number
from docflow.forms.workflows import issued
from docflow.regulations.o95 import O95


class TraineeForm(RecordForm):
    """A teacher who does the internship, where, and who of the enterprise looks after him."""

    person = FormField(PersonForm, _l("Teacher"))
    person_id = hidden_id()
    speciality = optional_text(_l("Speciality and qualification"), longest=200)
    workplace = optional_text(_l("Workplace at the enterprise"), longest=200)
    supervisor = optional_text(_l("Responsible employee of the enterprise: name and position"))


class InternshipMemorandumForm(RecordForm):
    enterprise = optional_text(_l("Enterprise (organisation)"), longest=400)
    enterprise_bin = StringField(_l("BIN of the enterprise"), [Optional()], render_kw={"inputmode": "numeric"})
    enterprise_address = optional_text(_l("Address of the enterprise"))
    enterprise_head = shared.enterprise_head()
    enterprise_head_id = hidden_id()  # known once he is invited by his IIN, which stays out of the content
    enterprise_head_position = optional_text(_l("Position of the head of the enterprise"), longest=200)
    enterprise_head_basis = optional_text(
        _l("On what basis he acts"), longest=200, hint=_l("The charter, or number and date of a power of attorney.")
    )
    topic = optional_text(_l("Topic of the course"), longest=500)
    hours = whole_number(_l("Academic hours of the internship"), least=1, most=2000)
    starts_on = day(_l("First day of the internship"))
    ends_on = day(_l("Last day of the internship"))
    teachers = FieldList(FormField(TraineeForm), _l("Teachers who do the internship"))

    def validate_enterprise_bin(self, field: StringField) -> None:
        for fault in bin_faults((field.data or "").strip()):
            raise ValidationError(fault.message)


# ---------------------------------------------------------------- rules


@rule(O95.clause("30 ¶2"))
def names_the_enterprise(step: Step) -> list[Refusal]:
    """The memorandum is between the organisation and an enterprise: its name, its BIN and its head stand in it."""
    wanted = {
        "enterprise": _l("Name the enterprise."),
        "enterprise_bin": _l("Enter the BIN of the enterprise."),
        "enterprise_head_position": _l("Enter the position of the enterprise's head."),
    }
    found = shared.refuse_empty(step.content, wanted)
    if not shared.named(step.content.get("enterprise_head")):
        found.append(Refusal("", _l("Enter surname and given name of the enterprise's head."), field="enterprise_head"))
    return found


@rule(O95.clause("30"))
def names_a_teacher(step: Step) -> Refusal | None:
    """The internship is of teachers: at least one stands in the memorandum."""
    if step.content.get("teachers"):
        return None
    return Refusal("", _l("The list is empty: add at least one teacher."), field="teachers")


@rule(O95.clause("30"))
def no_teacher_is_named_twice(step: Step) -> list[Refusal]:
    """A teacher stands in the list once, with one workplace."""
    times = Counter(row["person_id"] for _, row in shared.rows_of(step.content) if row.get("person_id"))
    return [
        Refusal(
            "",
            _l("%(name)s is on the list more than once: take the other rows out.", name=name_of(row["person"])),
            field="teachers",
            row=number,
        )
        for number, row in shared.rows_of(step.content)
        if times[row.get("person_id")] > 1
    ]


@rule(O95.clause("30 ¶3"))
def every_teacher_has_a_workplace(step: Step) -> list[Refusal]:
    """The head of the enterprise determines a workplace and makes one of his employees responsible for the teacher."""
    return [
        Refusal("", message, field="teachers", row=number)
        for number, row in shared.rows_of(step.content)
        for message in _missing(row)
    ]


def _missing(row: Mapping[str, Any]) -> list[Message]:
    name = name_of(row.get("person"))
    sentences = {
        "speciality": _l("Enter the speciality of %(name)s.", name=name),
        "workplace": _l("Enter the workplace of %(name)s at the enterprise.", name=name),
        "supervisor": _l("Name the employee of the enterprise who is responsible for %(name)s.", name=name),
    }
    return [sentence for field, sentence in sentences.items() if not row.get(field)]


# ---------------------------------------------------------------- gathering


def from_orders(
    orders: Sequence[RelatedDocument], group: Mapping[str, Any], profile: Profile, on: date, language: str
) -> dict[str, Any]:
    """Draft the memorandum with the listeners of the group; what the enterprise has to say stays empty."""
    order = orders[-1].content
    return {
        "enterprise": "",
        "enterprise_bin": "",
        "enterprise_address": "",
        "enterprise_head": shared.names(None),
        "enterprise_head_id": None,
        "enterprise_head_position": "",
        "enterprise_head_basis": "",
        "topic": group.get(f"topic_{language}") or order.get("programme") or "",
        "hours": profile.threshold("internship_hours_min").value,
        "starts_on": group.get("starts_on") or order.get("starts_on") or "",
        "ends_on": group.get("ends_on") or order.get("ends_on") or "",
        "teachers": [_teacher(row) for row in order.get("listeners") or ()],
    }


def _teacher(row: Mapping[str, Any]) -> dict[str, Any]:
    empty = {"speciality": "", "workplace": "", "supervisor": ""}
    return {"person": shared.names(row.get("person")), "person_id": row.get("person_id")} | empty


def _heading(content: Content) -> str:
    return str(content.get("enterprise") or content.get("topic") or "")


# ---------------------------------------------------------------- samples

_RU = {
    "enterprise": "ТОО «Уральский приборостроительный завод»",
    "enterprise_bin": "990140000017",
    "enterprise_address": "Западно-Казахстанская область, город Уральск, улица Заводская, 12",
    "enterprise_head": {"surname": "Досмағамбетов", "given_name": "Нұржан", "patronymic": "Бекболатұлы"},
    "enterprise_head_id": 40,
    "enterprise_head_position": "генеральный директор",
    "enterprise_head_basis": "устав",
    "topic": "Современные технологии машиностроения в подготовке специалистов",
    "hours": 72,
    "starts_on": "2026-02-02",
    "ends_on": "2026-02-13",
    "teachers": [
        {
            "person": {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": ""},
            "person_id": 5,
            "speciality": "07150100 Технология машиностроения, техник-механик",
            "workplace": "цех № 3, участок станков с числовым программным управлением",
            "supervisor": "Петренко О. В., начальник цеха № 3",
        },
        {
            "person": {"surname": "Ким", "given_name": "Виктор", "patronymic": ""},
            "person_id": 6,
            "speciality": "07161300 Техническое обслуживание автомобильного транспорта",
            "workplace": "ремонтный участок",
            "supervisor": "Һашимов Ұ. І., главный механик",
        },
    ],
}
_KK = _RU | {
    "enterprise": "«Алматы музыкалық аспаптар зауыты» ЖШС",
    "enterprise_address": "Алматы қаласы, Сейфуллин даңғылы, 120",
    "enterprise_head_position": "бас директор",
    "enterprise_head_basis": "жарғы",
    "topic": "Дәстүрлі музыкалық аспаптарды жасаудың заманауи технологиялары",
    "teachers": [
        {
            "person": {"surname": "Қуанышбекова", "given_name": "Әсел", "patronymic": "Нұрланқызы"},
            "person_id": 5,
            "speciality": "02150600 Музыкалық аспаптарды жөндеу, шебер",
            "workplace": "қобыз бен домбыра жасау шеберханасы",
            "supervisor": "Төлегенов М. Ә., аға шебер",
        }
    ],
}
SAMPLES: Mapping[str, Mapping[str, Any]] = {"o95": _RU, "wku": _RU, "knk": _KK}

TYPE = DocumentType(
    name="internship_memorandum",
    title=Text(
        kk="Ынтымақтастық туралы меморандум (тағылымдама)",
        ru="Меморандум о сотрудничестве (стажировка)",
        en="Memorandum of cooperation (internship)",
    ),
    regulated_by=(O95.clause("30"),),
    form=InternshipMemorandumForm,
    workflow=issued,
    template="paper/internship_memorandum.typ",
    journal=Journal("internship_memoranda", "{unit}-М-{seq:04d}/{year}"),
    slots=(*HEAD, shared.ENTERPRISE_HEAD),
    gathered_from=Gathering(sources=("enrolment_order",), state="in_force", fill=from_orders),
    rules=(
        names_the_enterprise,
        names_a_teacher,
        no_teacher_is_named_twice,
        every_teacher_has_a_workplace,
        shared.internship_is_long_enough,
        shared.dates_are_in_order,
    ),
    heading=_heading,
    public_fields=("enterprise", "topic", "hours"),
    stage="internship",
    sample=_RU,
    samples=SAMPLES,
)
