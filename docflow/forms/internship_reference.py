"""Reference on a teacher's internship at an enterprise: O95 30 and appendix 5; its head fills and signs it."""

from __future__ import annotations

from datetime import date
from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import DocumentType, Journal
from docflow.forms import _internship as shared
from docflow.forms._assessment import in_figures
from docflow.forms.base import (
    FormField,
    PersonForm,
    RecordForm,
    TextAreaField,
    day,
    hidden_id,
    optional_text,
    whole_number,
)
from docflow.forms.internship_memorandum import SAMPLES as MEMORANDA
from docflow.forms.workflows import issued
from docflow.regulations.o95 import O95
from docflow.regulations.profiles import PROFILES


class InternshipReferenceForm(RecordForm):
    """The lines of appendix 5; who, where and on what ground comes from the memorandum."""

    person = FormField(PersonForm, _l("Teacher"))
    person_id = hidden_id()
    enterprise = shared.repeated(_l("Enterprise (organisation)"), longest=400)
    enterprise_head = shared.enterprise_head()
    enterprise_head_id = hidden_id()
    topic = shared.repeated(_l("Topic of the course"), longest=500)
    memorandum_number = shared.repeated(_l("Number of the memorandum"), longest=80)
    memorandum_date = shared.repeated_day(_l("Date of the memorandum"))
    starts_on = day(_l("First day of the internship"))
    ends_on = day(_l("Last day of the internship"))
    speciality = optional_text(_l("Speciality and qualification"), longest=200)
    hours = whole_number(_l("Academic hours of the internship"), least=1, most=2000)
    function = optional_text(
        _l("Position whose functions the teacher fulfilled"), hint=_l("As in the staff list of the enterprise.")
    )
    skills = TextAreaField(_l("Professional skills that the teacher acquired"))


# ---------------------------------------------------------------- rules


@rule(O95.clause("30 ¶2"))
def rests_on_the_memorandum(step: Step) -> Message | list[Refusal] | None:
    """An internship is done on the ground of a memorandum in force, by the teachers and with the head it names."""
    memorandum = shared.in_force_of(step.related("basis"), "internship_memorandum")
    if memorandum is None:
        return _l("There is no memorandum with the enterprise in force: have it signed by both parties first.")
    return list(_departures(step.content, memorandum))


def _departures(content: Content, memorandum: RelatedDocument) -> list[Refusal]:
    """Where the reference says something else than the memorandum on which it rests."""
    agreed = memorandum.content
    row = next((row for _, row in shared.rows_of(agreed) if row.get("person_id") == content.get("person_id")), None)
    if row is None or shared.names(row.get("person")) != shared.names(content.get("person")):
        return [Refusal("", _l("The memorandum does not name this teacher."), field="person")]
    head = (content.get("enterprise_head_id"), shared.names(content.get("enterprise_head")))
    if head != (agreed.get("enterprise_head_id"), shared.names(agreed.get("enterprise_head"))):
        return [Refusal("", _l("The memorandum names another head of the enterprise."), field="enterprise_head")]
    if (content.get("enterprise"), content.get("memorandum_number")) != (agreed.get("enterprise"), memorandum.number):
        return [Refusal("", _l("The memorandum is with another enterprise."), field="enterprise")]
    return []


@rule(O95.clause("30 ¶2"))
def is_inside_the_memorandum(step: Step) -> Refusal | None:
    """The internship lies within the time for which the memorandum was made."""
    memorandum = shared.in_force_of(step.related("basis"), "internship_memorandum")
    if memorandum is None:
        return None
    first, last = memorandum.content["starts_on"], memorandum.content["ends_on"]
    if first <= (step.content.get("starts_on") or "") and (step.content.get("ends_on") or "") <= last:
        return None
    message = _l(
        "The memorandum is for an internship from %(first)s to %(last)s: correct the dates.",
        first=in_figures(first),
        last=in_figures(last),
    )
    return Refusal("", message, field="starts_on")


@rule(O95.clause("30 ¶4"))
def internship_is_over(step: Step) -> Refusal | None:
    """The reference says that an internship has been done: it is signed on its last day or later."""
    ends_on = step.content.get("ends_on") or ""
    if ends_on <= step.on.isoformat():
        return None
    message = _l("The internship ends on %(day)s: sign the reference from that day on.", day=in_figures(ends_on))
    return Refusal("", message, field="ends_on")


@rule(O95.appendix(5))
def says_what_was_done(step: Step) -> list[Refusal]:
    """The reference names the speciality, the position whose functions were fulfilled and the skills acquired."""
    wanted = {
        "speciality": _l("Enter the speciality."),
        "function": _l("Enter the position whose functions the teacher fulfilled."),
        "skills": _l("Enter the professional skills that the teacher acquired."),
    }
    return shared.refuse_empty(step.content, wanted)


# ---------------------------------------------------------------- derivation


def from_teacher(source: Source) -> dict[str, Any]:
    """Draft the reference of one teacher of the memorandum; what he did there is for the enterprise to say."""
    memorandum, row = source.document.content, source.row
    registered_on = source.document.registered_on
    return {
        "person": shared.names(row.get("person")),
        "person_id": row.get("person_id"),
        "enterprise": memorandum.get("enterprise") or "",
        "enterprise_head": shared.names(memorandum.get("enterprise_head")),
        "enterprise_head_id": memorandum.get("enterprise_head_id"),
        "topic": source.group.get(f"topic_{source.language}") or memorandum.get("topic") or "",
        "memorandum_number": source.document.number,
        "memorandum_date": registered_on.isoformat() if registered_on else "",
        "starts_on": memorandum["starts_on"],
        "ends_on": memorandum["ends_on"],
        "speciality": row.get("speciality") or "",
        "hours": memorandum["hours"],
        "function": "",
        "skills": "",
    }


def _heading(content: Content) -> str:
    return str(content.get("enterprise") or "")


# ---------------------------------------------------------------- samples


def _sample(profile: Profile, *, language: str, function: str, skills: str) -> dict[str, Any]:
    memorandum = MEMORANDA[profile.code]
    source = Source(
        document=RelatedDocument("internship_memorandum", "ЦПК-М-0003/2026", "in_force", memorandum, date(2026, 1, 30)),
        profile=profile,
        group={},
        on=date(2026, 2, 13),
        language=language,
        row=memorandum["teachers"][0],
        row_number=1,
    )
    return from_teacher(source) | {"function": function, "skills": skills}


_WKU = _sample(
    PROFILES["wku"],
    language="ru",
    function="оператор станков с числовым программным управлением",
    skills="наладки и программирования станков с числовым программным управлением, контроля качества деталей "
    "координатно-измерительной машиной",
)
SAMPLES = {
    "o95": _WKU,
    "wku": _WKU,
    "knk": _sample(
        PROFILES["knk"],
        language="kk",
        function="музыкалық аспаптар шебері",
        skills="қобыз бен домбыраның шанағын шабу, ішек тағу және үнін келтіру",
    ),
}

TYPE = DocumentType(
    name="internship_reference",
    title=Text(
        kk="Педагогтің кәсіпорын (ұйым) базасында тағылымдамадан өткені туралы анықтама",
        ru="Справка о прохождении педагогом стажировки на базе предприятия (организации)",
        en="Reference on a teacher's internship at an enterprise",
    ),
    brief=Text("Тағылымдама анықтамасы", "Справка о стажировке", "Internship reference"),
    regulated_by=(O95.appendix(5),),
    form=InternshipReferenceForm,
    workflow=issued,
    template="paper/internship_reference.typ",
    journal=Journal("internship_references", "{unit}-ТА-{seq:04d}/{year}"),
    slots=(shared.ENTERPRISE_HEAD,),
    derived_from=(
        Derivation(source="internship_memorandum", fill=from_teacher, rows="teachers", is_drafted=True),
    ),
    rules=(
        rests_on_the_memorandum,
        is_inside_the_memorandum,
        shared.dates_are_in_order,
        internship_is_over,
        shared.internship_is_long_enough,
        says_what_was_done,
    ),
    subjects=("person_id",),
    heading=_heading,
    public_fields=("enterprise", "topic", "hours"),
    stage="internship",
    assigned_to="enterprise_head_id",
    sample=_WKU,
    samples=SAMPLES,
)  # fmt: skip
