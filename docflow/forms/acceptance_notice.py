"""Notice that an application for attestation is accepted: appendix 6 of the order, within one working day."""

from __future__ import annotations

from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.core.types import DocumentType, Journal
from docflow.forms import _attestation as shared
from docflow.forms._attestation_intake import answers_its_application
from docflow.forms.base import RecordForm, day, hidden_id, required_text
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG


class AcceptanceNoticeForm(RecordForm):
    """Whom it goes to, which application it answers, and the day on which it is sent."""

    person = shared.person()
    person_id = hidden_id()
    application_number = required_text(_l("Number of the application"), longest=80)
    application_date = day(_l("Day of the application"))
    sent_on = day(_l("Day of sending"))


def from_application(source: Source) -> dict[str, Any]:
    """Answer an application that was accepted."""
    registered = source.document.registered_on
    return shared.about(source) | {
        "application_number": source.document.number,
        "application_date": registered.isoformat() if registered else "",
        "sent_on": source.on.isoformat(),
    }


TYPE = DocumentType(
    name="acceptance_notice",
    title=Text(
        "Аттестаттаудан өтуге өтінішті қабылдау туралы хабарлама",
        "Уведомление о приеме заявления на прохождение аттестации",
        "Notice that an application is accepted",
    ),
    brief=Text("Қабылдау хабарламасы", "Уведомление о приёме", "Notice of acceptance"),
    regulated_by=(KRG.appendix(6),),
    form=AcceptanceNoticeForm,
    workflow=issued,
    template="paper/acceptance_notice.typ",
    slots=(shared.AUTHORISED,),
    journal=Journal("acceptance_notice", "{unit}-ҚХ-{seq:05d}/{year}"),
    derived_from=tuple(
        Derivation(name, from_application, state="accepted", relation="notice", follows=True, subject="")
        for name in shared.APPLICATIONS
    ),
    rules=(answers_its_application,),
    subjects=("person_id",),
    heading=shared.heading,
    languages=shared.KAZAKH_ONLY,
    stage="notices",
    joins="attestation",
    is_sent_to_subject=True,
    sample={
        "person": {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"},
        "person_id": 1,
        "application_number": "АТТ-АӨ-00017/2024",
        "application_date": "2024-10-07",
        "sent_on": "2024-10-08",
    },
)
