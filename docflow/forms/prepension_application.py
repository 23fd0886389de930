"""Application to keep the category until the pension age: clause 35 of the order."""

from __future__ import annotations

from datetime import date
from typing import Any

from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.core.rules import Content
from docflow.core.types import DocumentType, Journal
from docflow.forms import _application
from docflow.forms import _attestation as shared
from docflow.forms import _attestation_intake as intake
from docflow.forms.base import RecordForm, SelectField
from docflow.forms.workflows import application
from docflow.regulations.krg.act import KRG


class PrepensionApplicationForm(RecordForm):
    """The category that is held, and the day of the pension age."""

    applicant = shared.applicant()
    ladder = shared.ladder()
    position = shared.position()
    speciality = shared.speciality()
    workplace = shared.workplace()
    email = shared.email()
    phone = shared.phone()
    current = shared.current(shared.ANY_CATEGORY)
    current_until = shared.current_until()
    pension_on = _application.written_day(_l("Day on which the pension age is reached"))
    year = shared.year()
    is_subordinate = shared.is_subordinate()
    sheet_group = shared.carried()
    procedure = shared.fixed("prepension")
    consent = shared.consent()
    filed_on = shared.filed_on()

    def validate_current(self, field: SelectField) -> None:
        shared.demand_ladder(field, self.ladder.data)

    def content(self) -> dict[str, Any]:
        found = super().content()
        return found | {"claimed": found["current"]}


def from_card(card: Content, on: date) -> dict[str, Any]:
    return intake.from_card(card, on, ladder="teacher") | {"pension_on": str(card.get("pension_on") or "")}


TYPE = DocumentType(
    name="prepension_application",
    title=Text(
        "Біліктілік санатын зейнеткерлік жасқа толғанға дейін сақтау туралы өтініш",
        "Заявление о сохранении квалификационной категории до пенсионного возраста",
        "Application to keep the category until the pension age",
    ),
    brief=Text("Зейнетке дейін сақтау өтініші", "Сохранение до пенсии", "Kept until pension"),
    regulated_by=(KRG.clause("35"),),
    form=PrepensionApplicationForm,
    workflow=application,
    template="paper/prepension_application.typ",
    slots=(shared.APPLICANT,),
    journal=Journal("prepension_application", "{unit}-ЗӨ-{seq:05d}/{year}"),
    rules=(*intake.AT_FILING, *intake.CATEGORY_HELD, intake.KEEPS, intake.PENSION),
    subjects=("applicant",),
    heading=shared.heading,
    feeds=shared.contact,
    attachments=(intake.IDENTITY, intake.CATEGORY_CERTIFICATE, intake.PENSION_DOCUMENT),
    languages=shared.KAZAKH_ONLY,
    stage="intake",
    joins="attestation",
    is_registered_in_working_hours=True,
    deadlines=(intake.ANSWERED,),
    starts_with=from_card,
    sample={
        "applicant": {
            "surname": "Сәрсенғалиев", "given_name": "Қайырбек", "patronymic": "Бөкенбайұлы", "iin": "640305301237",
            "iin_override": "",
        },
        "ladder": "teacher",
        "position": "өндірістік оқыту шебері",
        "speciality": "тау-кен электромеханикасы",
        "workplace": "«Қарағанды тау-кен индустриялық колледжі» коммуналдық мемлекеттік қазыналық кәсіпорны",
        "email": "qaiyrbek@example.kz",
        "phone": "+7 700 000 00 61",
        "current": "researcher",
        "current_until": "2025-05-20",
        "pension_on": "2027-03-05",
        "year": 2025,
        "is_subordinate": False,
        "sheet_group": "",
        "procedure": "prepension",
        "consent": True,
        "filed_on": "2024-10-07",
        "claimed": "researcher",
    },
)  # fmt: skip
