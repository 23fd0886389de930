"""Certificate of an internship, issued on the enterprise's reference: O95 30, 23(3) and appendix 6."""

from __future__ import annotations

from datetime import date
from typing import Any

from docflow.core.calendar import add_years
from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import DocumentType, Journal, Validity
from docflow.forms import _internship as shared
from docflow.forms._assessment import CERTIFYING_HEAD, HolderForm, in_figures
from docflow.forms.base import day
from docflow.forms.internship_reference import SAMPLES as REFERENCES
from docflow.forms.workflows import issued
from docflow.regulations.o95 import O95
from docflow.regulations.profiles import PROFILES


class InternshipCertificateForm(HolderForm):
    """The lines of appendix 6, and on what reference it rests."""

    enterprise = shared.repeated(_l("Enterprise (organisation)"), longest=400)
    starts_on = day(_l("First day of the internship"))
    ends_on = day(_l("Last day of the internship"))
    reference_number = shared.repeated(_l("Number of the enterprise's reference"), longest=80)
    reference_date = shared.repeated_day(_l("Date of the enterprise's reference"))
    valid_until = shared.repeated_day(_l("In force until"))


# ---------------------------------------------------------------- rules


@rule(O95.clause("30 ¶4"))
def rests_on_the_reference(step: Step) -> Message | Refusal | None:
    """The certificate is issued on the reference that the head of the enterprise has signed, and repeats it."""
    reference = shared.in_force_of(step.related("basis"), "internship_reference")
    if reference is None:
        return _l("The enterprise's reference is not in force: its head has to sign it first.")
    said = reference.content
    if (said.get("person_id"), shared.names(said.get("person"))) != (
        step.content.get("holder_id"), shared.names(step.content.get("holder")),
    ):  # fmt: skip
        return Refusal("", _l("The enterprise's reference is about another teacher."), field="holder")
    if said.get("hours") != step.content.get("hours"):
        message = _l("The enterprise's reference is about %(hours)s academic hours.", hours=said.get("hours"))
        return Refusal("", message, field="hours")
    return None


@rule(O95.clause("30 ¶4"))
def is_issued_after_the_internship(step: Step) -> Refusal | None:
    """The certificate is for an internship that has been done: it is issued on its last day or later."""
    ends_on = step.content.get("ends_on") or ""
    if ends_on <= step.on.isoformat():
        return None
    message = _l("The internship ends on %(day)s: issue the certificate from that day on.", day=in_figures(ends_on))
    return Refusal("", message, field="ends_on")


# ---------------------------------------------------------------- derivation


def from_reference(source: Source) -> dict[str, Any]:
    """Draft the certificate of the teacher whom the reference is about."""
    reference = source.document.content
    registered_on = source.document.registered_on
    return {
        "holder": shared.names(reference.get("person")),
        "holder_id": reference.get("person_id"),
        "topic": source.group.get(f"topic_{source.language}") or reference.get("topic") or "",
        "hours": reference["hours"],
        "enterprise": reference.get("enterprise") or "",
        "starts_on": reference["starts_on"],
        "ends_on": reference["ends_on"],
        "reference_number": source.document.number,
        "reference_date": registered_on.isoformat() if registered_on else "",
        "valid_until": _last_day(source.profile, reference["ends_on"]),
    }


def _last_day(profile: Profile, ends_on: str) -> str:
    """O95 33 says "certificate" without saying which: the profile decides whether its term binds this one too."""
    if profile.setting("internship_certificate_validity") != "as_certificate":
        return ""
    years = profile.term("certificate_validity").amount
    return add_years(date.fromisoformat(ends_on), years).isoformat()


def _heading(content: Content) -> str:
    return str(content.get("topic") or "")


# ---------------------------------------------------------------- samples


def _sample(profile: Profile, *, language: str) -> dict[str, Any]:
    reference = REFERENCES[profile.code]
    related = RelatedDocument("internship_reference", "ЦПК-ТА-0003/2026", "in_force", reference, date(2026, 2, 13))
    source = Source(related, profile, {}, date(2026, 2, 14), language, reference, 1)
    # As where the organisation has decided that the term of certificates binds this one too.
    return from_reference(source) | {"valid_until": "2029-02-13"}


SAMPLES = {
    "o95": _sample(PROFILES["o95"], language="ru"),
    "wku": _sample(PROFILES["wku"], language="ru"),
    "knk": _sample(PROFILES["knk"], language="kk"),
}

TYPE = DocumentType(
    name="internship_certificate",
    title=Text(
        kk="Тағылымдамадан өткені туралы сертификат",
        ru="Сертификат о прохождении стажировки",
        en="Certificate of internship",
    ),
    regulated_by=(O95.appendix(6),),
    form=InternshipCertificateForm,
    workflow=issued,
    template="paper/internship_certificate.typ",
    journal=Journal("internship_certificates", "{unit}-СТ-{seq:05d}/{year}"),
    slots=CERTIFYING_HEAD,
    derived_from=(Derivation(source="internship_reference", fill=from_reference),),
    validity=Validity("certificate_validity", "ends_on", until="valid_until"),
    rules=(rests_on_the_reference, is_issued_after_the_internship, shared.internship_is_long_enough),
    subjects=("holder_id",),
    heading=_heading,
    public_fields=("topic", "hours", "enterprise"),
    stage="internship",
    sample=SAMPLES["wku"],
    samples=SAMPLES,
)
