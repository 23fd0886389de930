"""Annex to the certificate, with modules, hours and marks: O95 29 and appendix 4, WKU 7.3 and appendix 4."""

from __future__ import annotations

from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.core.rules import Content, Refusal, Step, rule
from docflow.core.types import DocumentType
from docflow.forms import _assessment as shared
from docflow.forms.base import required_text
from docflow.forms.workflows import issued
from docflow.regulations.o95 import O95
from docflow.regulations.wku import WKU


class CertificateAnnexForm(shared.HolderForm):
    certificate_number = required_text(_l("Number of the certificate"), longest=80)
    modules = shared.modules_with_marks()


@rule(WKU.appendix(4), O95.appendix(4))
def lists_modules_with_marks(step: Step) -> list[Refusal] | Refusal | None:
    """The annex lists the modules that the listener has mastered, each with its mark."""
    modules = step.content.get("modules") or ()
    if not modules:
        return Refusal("", _l("Enter the modules of the programme with their marks."), field="modules")
    return [
        Refusal("", _l("The mark for the module “%(title)s” is missing.", title=module["title"]), None,
                f"modules-{number - 1}-mark", number)
        for number, module in enumerate(modules, start=1)
        if not module.get("mark")
    ]  # fmt: skip


@rule(WKU.appendix(4), O95.appendix(4))
def belongs_to_its_certificate(step: Step) -> Refusal | None:
    """The annex carries the registration number of the certificate to which it is annexed."""
    certificates = [each.number for each in step.related("annex") if each.type == "course_certificate"]
    if step.content.get("certificate_number") in certificates:
        return None
    message = _l("The annex must have the number of its certificate: issue it together with the certificate.")
    return Refusal("", message, field="certificate_number")


def from_certificate(source: Source) -> dict[str, Any]:
    """Draft the annex of a certificate; number and date are the certificate's own."""
    certificate = source.document.content
    return {
        "holder": dict(certificate["holder"]),
        "holder_id": certificate.get("holder_id"),
        "topic": certificate["topic"],
        "hours": certificate["hours"],
        "certificate_number": source.document.number,
        "modules": [dict(module) for module in certificate["modules"]],
    }


def _heading(content: Content) -> str:
    return str(content.get("topic") or "")


TYPE = DocumentType(
    name="certificate_annex",
    stage="certificates",
    title=Text("Сертификатқа қосымша", "Приложение к сертификату", "Annex to the certificate"),
    regulated_by=(WKU.appendix(4), O95.appendix(4)),
    form=CertificateAnnexForm,
    workflow=issued,
    template="paper/certificate_annex.typ",
    slots=shared.CERTIFYING_HEAD,
    number_from="annex",
    derived_from=(
        # Certificate and annex are signed in one act, so the annex is drafted as soon as the certificate
        # has its number. The conservatory's certificate has no annex (KNK 5.3).
        Derivation(
            "course_certificate", from_certificate, relation="annex", state="to_sign", profiles=("o95", "wku"),
            automatic=True, subject="holder_id",
        ),
    ),
    rules=(lists_modules_with_marks, belongs_to_its_certificate),
    subjects=("holder_id",),
    heading=_heading,
    public_fields=("holder", "topic", "hours"),
    sample={
        "holder": {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"},
        "holder_id": 5,
        "topic": "Развитие цифровых компетенций педагога в условиях обновлённого содержания образования",
        "hours": 72,
        "certificate_number": "ЦПК-ПК-00017/2026",
        "modules": [
            {"title": "Нормативные основы обновлённого содержания образования", "hours": 12, "mark": "85"},
            {"title": "Цифровые инструменты в образовательном процессе", "hours": 36, "mark": "92"},
            {"title": "Критериальное оценивание и обратная связь", "hours": 24, "mark": "78"},
        ],
    },
)  # fmt: skip
