"""Reference of having attended a course, for those who did not pass: O95 31, KNK 5.6; free form."""

from __future__ import annotations

from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Text
from docflow.core.rules import Content, Refusal, Step, rule
from docflow.core.types import DocumentType, Journal
from docflow.forms import _assessment as shared
from docflow.forms.base import FieldList, FormField, RecordForm, day, optional_text, required_text, whole_number
from docflow.forms.workflows import issued
from docflow.regulations.knk import KNK
from docflow.regulations.o95 import O95


class ReasonForm(RecordForm):
    clause = required_text(_l("Clause"), longest=60)
    text = required_text(_l("Reason"), longest=600)


class AttendanceReferenceForm(shared.HolderForm):
    starts_on = day(_l("First day of study"))
    completed_on = day(_l("Day of completion"))
    attended_hours = whole_number(_l("Hours attended"), most=5000)
    score = whole_number(_l("Score"), most=10_000)
    max_score = whole_number(_l("Maximum score of the final assessment"), least=1, most=10_000)
    sheet_number = optional_text(_l("Number of the assessment sheet"), longest=80)
    sheet_date = day(_l("Date of the assessment sheet"), required=False)
    reasons = FieldList(FormField(ReasonForm), _l("Why no certificate is issued"))


@rule(KNK.clause("5.6"), O95.clause("31"))
def reference_is_provided_for(step: Step) -> Refusal | None:
    """Listeners who did not pass get a reference; where the local act is silent, the organisation decides."""
    if step.profile.setting("failed_reference") == "yes":
        return None
    return Refusal("", _l("The organisation's settings say that no reference is issued to those who did not pass."))


@rule(KNK.clause("5.6"), O95.clause("31"))
def rests_on_a_failed_assessment(step: Step) -> Message | None:
    """The reference is for a listener who did not pass the final assessment: a sheet in force says so."""
    sheets = shared.in_force(step.related("basis"), "assessment_sheet")
    found = shared.row_about(step.content.get("holder_id"), sheets)
    if found is not None and not shared.passes(*found, step.profile):
        return None
    return _l("No assessment sheet in force shows that this listener did not pass: issue references from the sheet.")


@rule(KNK.clause("5.6"), O95.clause("31"))
def says_why_there_is_no_certificate(step: Step) -> Refusal | None:
    """The reference says why its holder has no certificate."""
    if step.content.get("reasons"):
        return None
    message = _l("Enter the reason why no certificate is issued.")
    return Refusal("", message, field="reasons")


def from_listener(source: Source) -> dict[str, Any]:
    """Draft the reference of one row of the sheet that did not pass, with every reason."""
    sheet, row = source.document.content, source.row
    topic, _ = shared.course_in(source.language, group=source.group, written=sheet)
    registered_on = source.document.registered_on
    return {
        "holder": dict(row["person"]),
        "holder_id": row.get("person_id"),
        "topic": topic,
        "hours": sheet["hours"],
        "starts_on": sheet["starts_on"],
        "completed_on": sheet["completed_on"],
        "attended_hours": row.get("attended_hours") or 0,
        "score": row.get("score") or 0,
        "max_score": sheet["max_score"],
        "sheet_number": source.document.number,
        "sheet_date": registered_on.isoformat() if registered_on else "",
        "reasons": [
            {"clause": refusal.clause.key if refusal.clause else "", "text": str(refusal.message)}
            for refusal in source.refusals
        ],
    }


def _heading(content: Content) -> str:
    return str(content.get("topic") or "")


SAMPLE = {
    "holder": {"surname": "Ғаббасов", "given_name": "Ерлан", "patronymic": "Маратұлы"},
    "holder_id": 2,
    "topic": "Развитие цифровых компетенций педагога в условиях обновлённого содержания образования",
    "hours": 72,
    "starts_on": "2026-02-02",
    "completed_on": "2026-02-14",
    "attended_hours": 57,
    "score": 49,
    "max_score": 100,
    "sheet_number": "ЦПК-В-00002/2026",
    "sheet_date": "2026-02-14",
    "reasons": [
        {"clause": "O95 24(3)", "text": "Посещено часов: 57 из 72, то есть 79 %; требуется не менее 80 %."},
        {"clause": "O95 24(4)", "text": "Балл итогового оценивания: 49 из 100, то есть 49 %; требуется не менее 50 %."},
    ],
}
SAMPLE_KNK = SAMPLE | {
    "topic": "Қобыз орындаушылығының қазіргі әдістемесі",
    "sheet_number": "БЖ-В-00002/2026",
    "reasons": [
        {"clause": "O95 24(3)", "text": "Қатысқан сағаты – 57, барлығы 72: 79 %; кемінде 80 % қажет."},
        {"clause": "O95 24(4)", "text": "Қорытынды бағалау балы – 49, ең жоғары балл – 100: 49 %; кемінде 50 % қажет."},
    ],
}

TYPE = DocumentType(
    name="attendance_reference",
    stage="certificates",
    title=Text(
        "Курсты тыңдағаны туралы анықтама", "Справка о прослушивании курса", "Reference of having attended a course"
    ),
    # The statute of the university is silent (WKU 7.4): there O95 31 stands behind it.
    regulated_by=(KNK.clause("5.6"), O95.clause("31")),
    form=AttendanceReferenceForm,
    workflow=issued,
    template="paper/attendance_reference.typ",
    slots=shared.CERTIFYING_HEAD,
    journal=Journal("attendance_reference", "{unit}-С-{seq:05d}/{year}"),
    derived_from=(
        Derivation("assessment_sheet", from_listener, rows="listeners", when=shared.PASSED, otherwise=True),
    ),
    rules=(reference_is_provided_for, rests_on_a_failed_assessment, says_why_there_is_no_certificate),
    subjects=("holder_id",),
    heading=_heading,
    # Results are the listener's own affair: who scans the code learns what it is, not how he scored.
    public_fields=("holder", "topic", "hours"),
    sample=SAMPLE,
    samples={"knk": SAMPLE_KNK},
)  # fmt: skip
