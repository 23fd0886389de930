"""Application to keep the category until the pension age: clause 35 of the order."""

from __future__ import annotations

from datetime import date
from typing import Any

from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.core.rules import Content
from docflow.forms import _application
from docflow.forms import _attestation as shared
from docflow.forms import _attestation_intake as intake
from docflow.forms.base import SelectField
from docflow.regulations.krg.act import KRG


class PrepensionApplicationForm(intake.ApplicationForm):
    """The category that is held, and the day of the pension age."""

    ladder = shared.ladder()
    current = shared.current(shared.ANY_CATEGORY)
    current_until = shared.current_until()
    pension_on = _application.written_day(_l("Day on which the pension age is reached"))
    sheet_group = shared.carried()
    procedure = shared.fixed("prepension")

    def validate_current(self, field: SelectField) -> None:
        shared.demand_ladder(field, self.ladder.data)

    def content(self) -> dict[str, Any]:
        found = super().content()
        return found | {"claimed": found["current"]}


def from_card(card: Content, on: date) -> dict[str, Any]:
    return intake.from_card(card, on, ladder="teacher") | {"pension_on": str(card.get("pension_on") or "")}


TYPE = intake.application_type(
    "prepension_application",
    index="ЗӨ",
    form=PrepensionApplicationForm,
    title=Text(
        "Біліктілік санатын зейнеткерлік жасқа толғанға дейін сақтау туралы өтініш",
        "Заявление о сохранении квалификационной категории до пенсионного возраста",
        "Application to keep the category until the pension age",
    ),
    brief=Text("Зейнетке дейін сақтау өтініші", "Сохранение до пенсии", "Kept until pension"),
    clause=KRG.clause("35"),
    rules=(*intake.AT_FILING, *intake.CATEGORY_HELD, intake.KEEPS, intake.PENSION),
    attachments=(intake.IDENTITY, intake.CATEGORY_CERTIFICATE, intake.PENSION_DOCUMENT),
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
