"""Certificate of a course: O95 29, 33 and appendix 3, WKU 7.3 and appendix 3, KNK 4.3 and 5.2 to 5.5."""

from __future__ import annotations

from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Text
from docflow.core.rules import Content, Refusal, Step, rule
from docflow.core.types import DocumentType, Journal, Validity
from docflow.forms import _assessment as shared
from docflow.forms.base import day, optional_text
from docflow.forms.workflows import issued
from docflow.regulations.knk import KNK
from docflow.regulations.o95 import O95
from docflow.regulations.wku import WKU


class CourseCertificateForm(shared.HolderForm):
    """The lines of appendix 3; marks are kept for the annex, dates for the term of validity."""

    starts_on = day(_l("First day of study"), required=False)
    completed_on = day(_l("Day of completion"))
    blank_series = optional_text(
        _l("Series and number of the blank"), longest=40, hint=_l("Only for a certificate printed on a security blank.")
    )
    order_number = optional_text(_l("Number of the issue order"), longest=80)
    order_date = day(_l("Date of the issue order"), required=False)
    modules = shared.modules_with_marks()


@rule(KNK.clause("4.3"), WKU.clause("7.3"), O95.clause("33"))
def issued_after_completion(step: Step) -> Refusal | None:
    """A certificate is for a completed course: it is issued on the day of completion or later."""
    completed_on = step.content.get("completed_on") or ""
    if completed_on <= step.on.isoformat():
        return None
    ends = shared.in_figures(completed_on)
    message = _l("The course ends on %(day)s: issue the certificate from that day on.", day=ends)
    return Refusal("", message, field="completed_on")


@rule(KNK.clause("5.2"), WKU.clause("7.3"), O95.clause("29"))
def rests_on_a_passed_assessment(step: Step) -> Message | None:
    """Certificates are for listeners who passed the final assessment: a sheet in force says so."""
    sheets = shared.in_force(step.related("basis"), "assessment_sheet")
    found = shared.row_about(step.content.get("holder_id"), sheets)
    if found is not None and shared.passes(*found, step.profile):
        return None
    return _l("No assessment sheet in force shows that this listener passed: issue certificates from the sheet.")


@rule(KNK.clause("5.4"))
def rests_on_the_issue_order(step: Step) -> Message | None:
    """The certificate is issued on the rector's order, which is in force and names the holder."""
    orders = shared.in_force(step.related("group:issue_order"), "issue_order")
    if any(shared.names_in(order.content, "listeners", step.content.get("holder_id")) for order in orders):
        return None
    return _l("No order of the rector in force names this listener: have the order on issuing certificates signed.")


@rule(O95.clause("29 ¶2"))
def is_on_a_security_blank(step: Step) -> Refusal | None:
    """A certificate is a security print: if the organisation requires it, it has a series and a number."""
    if step.profile.setting("security_blank") != "required" or step.content.get("blank_series"):
        return None
    return Refusal("", _l("Enter series and number of the security blank."), field="blank_series")


def from_listener(source: Source) -> dict[str, Any]:
    """Draft the certificate of one row of the sheet, in the language of the certificate."""
    sheet, row = source.document.content, source.row
    topic, modules = shared.course_in(source.language, group=source.group, written=sheet)
    marks = [each.get("mark") or "" for each in row.get("marks") or ()]
    marks += [""] * (len(modules) - len(marks))
    order = (source.group.get("issue_order") or {}) if source.profile.has("KNK") else {}
    return {
        "holder": dict(row["person"]),
        "holder_id": row.get("person_id"),
        "topic": topic,
        "hours": sheet["hours"],
        "starts_on": sheet["starts_on"],
        "completed_on": sheet["completed_on"],
        "blank_series": "",
        "order_number": order.get("number") or "",
        "order_date": order.get("date") or "",
        "modules": [module | {"mark": mark} for module, mark in zip(modules, marks, strict=False)],
    }


def _heading(content: Content) -> str:
    return str(content.get("topic") or "")


SAMPLE = {
    "holder": {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"},
    "holder_id": 5,
    "topic": "Развитие цифровых компетенций педагога в условиях обновлённого содержания образования",
    "hours": 72,
    "starts_on": "2026-02-02",
    "completed_on": "2026-02-14",
    "blank_series": "",
    "order_number": "",
    "order_date": "",
    "modules": [
        {"title": "Нормативные основы обновлённого содержания образования", "hours": 12, "mark": "85"},
        {"title": "Цифровые инструменты в образовательном процессе", "hours": 36, "mark": "92"},
        {"title": "Критериальное оценивание и обратная связь", "hours": 24, "mark": "78"},
    ],
}
SAMPLE_KNK = SAMPLE | {
    "holder": {"surname": "Ким", "given_name": "Виктор", "patronymic": ""},
    "holder_id": 3,
    "topic": "Қобыз орындаушылығының қазіргі әдістемесі",
    "order_number": "ББ-00018/2026",
    "order_date": "2026-02-16",
    "modules": [
        {"title": "Дыбыс шығару әдістемесі", "hours": 40, "mark": "95"},
        {"title": "Ұлттық репертуармен жұмыс", "hours": 32, "mark": "90"},
    ],
}

TYPE = DocumentType(
    name="course_certificate",
    stage="certificates",
    title=Text("Сертификат", "Сертификат", "Course certificate"),
    regulated_by=(KNK.clause("4.3"), WKU.appendix(3), O95.appendix(3)),
    form=CourseCertificateForm,
    workflow=issued,
    template="paper/course_certificate.typ",
    slots=shared.CERTIFYING_HEAD,
    journal=Journal("course_certificate", "{unit}-ПК-{seq:05d}/{year}"),
    derived_from=(
        Derivation("assessment_sheet", from_listener, rows="listeners", when=shared.MAY_BE_CERTIFIED),
    ),
    # O95 33 names two days, completion and issue; the profile says which of them counts.
    validity=Validity("certificate_validity", "completed_on", setting="certificate_validity_from"),
    rules=(
        rests_on_a_passed_assessment,
        rests_on_the_issue_order,
        issued_after_completion,
        is_on_a_security_blank,
    ),
    subjects=("holder_id",),
    heading=_heading,
    public_fields=("holder", "topic", "hours", "completed_on"),
    sample=SAMPLE,
    samples={"knk": SAMPLE_KNK},
)  # fmt: skip
