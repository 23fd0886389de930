"""Application of a teacher, head of a department or methodist for a regular attestation: appendix 5 of the order."""

from __future__ import annotations

from datetime import date
from typing import Any

from docflow.core.regulations import Text
from docflow.core.rules import Content
from docflow.core.types import Import
from docflow.forms import _attestation as shared
from docflow.forms import _attestation_intake as intake
from docflow.regulations.krg.act import KRG

TITLES = shared.category_titles("teacher")
CLAIMED = shared.category_titles("teacher", ("teacher", "moderator", "expert", "researcher", "master"))


class TeacherApplicationForm(intake.ApplicationForm):
    """The lines of the form; the claimed category, which has no line in it, is what the protocol asks for."""

    sheet_group = shared.sheet_group(shared.TEACHER_GROUPS)
    claimed = shared.claimed(CLAIMED)
    current = shared.current(TITLES)
    current_until = shared.current_until()
    ladder = shared.fixed("teacher")
    procedure = shared.fixed("regular")


def from_card(card: Content, on: date) -> dict[str, Any]:
    return intake.claiming(intake.from_card(card, on, ladder="teacher"), "teacher", levels=0)


TYPE = intake.application_type(
    "teacher_application",
    index="АӨ",
    form=TeacherApplicationForm,
    title=Text(
        "Педагогті, бөлім басшысын (меңгерушісін), әдістемелік кабинет (орталық) әдіскерін аттестаттау рәсіміне "
        "қатысуға өтініш",
        "Заявление на участие в процедуре аттестации педагога, заведующего отделением, методиста",
        "Application of a teacher or methodist for attestation",
    ),
    brief=Text("Педагогтің өтініші", "Заявление педагога", "Teacher's application"),
    clause=KRG.appendix(5),
    rules=(*intake.FOR_ATTESTATION, *intake.OF_TEACHERS),
    spreadsheet=Import(rows="", key="applicant-iin", columns=shared.COLUMNS),
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
