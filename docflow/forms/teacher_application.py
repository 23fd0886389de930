"""Application of a teacher, head of a department or methodist for a regular attestation: appendix 5 of the order."""

from __future__ import annotations

from datetime import date
from typing import Any

from docflow.core.regulations import Text
from docflow.core.rules import Content
from docflow.core.types import DocumentType, Import, Journal
from docflow.forms import _attestation as shared
from docflow.forms import _attestation_intake as intake
from docflow.forms.base import RecordForm
from docflow.forms.workflows import application
from docflow.regulations.krg.act import KRG

TITLES = shared.category_titles("teacher")
CLAIMED = shared.category_titles("teacher", ("teacher", "moderator", "expert", "researcher", "master"))


class TeacherApplicationForm(RecordForm):
    """The lines of the form; the claimed category, which has no line in it, is what the protocol asks for."""

    applicant = shared.applicant()
    position = shared.position()
    speciality = shared.speciality()
    workplace = shared.workplace()
    is_subordinate = shared.is_subordinate()
    email = shared.email()
    phone = shared.phone()
    sheet_group = shared.sheet_group(shared.TEACHER_GROUPS)
    year = shared.year()
    claimed = shared.claimed(CLAIMED)
    current = shared.current(TITLES)
    current_until = shared.current_until()
    ladder = shared.fixed("teacher")
    procedure = shared.fixed("regular")
    consent = shared.consent()
    filed_on = shared.filed_on()


def from_card(card: Content, on: date) -> dict[str, Any]:
    return intake.claiming(intake.from_card(card, on, ladder="teacher"), "teacher", levels=0)


TYPE = DocumentType(
    name="teacher_application",
    title=Text(
        "Педагогті, бөлім басшысын (меңгерушісін), әдістемелік кабинет (орталық) әдіскерін аттестаттау рәсіміне "
        "қатысуға өтініш",
        "Заявление на участие в процедуре аттестации педагога, заведующего отделением, методиста",
        "Application of a teacher or methodist for attestation",
    ),
    brief=Text("Педагогтің өтініші", "Заявление педагога", "Teacher's application"),
    regulated_by=(KRG.appendix(5),),
    form=TeacherApplicationForm,
    workflow=application,
    template="paper/teacher_application.typ",
    slots=(shared.APPLICANT,),
    journal=Journal("teacher_application", "{unit}-АӨ-{seq:05d}/{year}"),
    rules=(*intake.FOR_ATTESTATION, *intake.OF_TEACHERS),
    subjects=("applicant",),
    heading=shared.heading,
    feeds=shared.contact,
    attachments=intake.DOCUMENTS,
    languages=shared.KAZAKH_ONLY,
    spreadsheet=Import(rows="", key="applicant-iin", columns=shared.COLUMNS),
    stage="intake",
    joins="attestation",
    is_registered_in_working_hours=True,
    deadlines=(intake.ANSWERED,),
    starts_with=from_card,
    sample={
        "applicant": {
            "surname": "Өмірғалиқызы-Сейітмұхамбетова",
            "given_name": "Ғазиза",
            "patronymic": "Әбдіжәмілқызы",
            "iin": "850314400129",
            "iin_override": "",
        },
        "position": "бастауыш сынып мұғалімі",
        "speciality": "бастауыш білім беру педагогикасы мен әдістемесі",
        "workplace": "Қарағанды облысы білім басқармасының Қарағанды қаласы білім бөлімінің «№ 7 жалпы білім беретін "
        "мектебі» коммуналдық мемлекеттік мекемесі",
        "is_subordinate": True,
        "email": "gaziza@example.kz",
        "phone": "+7 700 000 00 12",
        "sheet_group": "teacher",
        "year": 2025,
        "claimed": "expert",
        "current": "moderator",
        "current_until": "2025-05-30",
        "ladder": "teacher",
        "procedure": "regular",
        "consent": True,
        "filed_on": "2024-10-07",
    },
)
