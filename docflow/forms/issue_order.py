"""Order on issuing certificates: KNK 5.4, where the certificate rests on the rector's order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from docflow.core.collation import name_key
from docflow.core.derivation import Gathering
from docflow.core.messages import _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import DocumentType, Journal
from docflow.forms._application import name_of
from docflow.forms._assessment import HEAD, in_force, passes
from docflow.forms.assessment_sheet import SAMPLE_KNK as SHEET_SAMPLE
from docflow.forms.base import (
    FieldList,
    FormField,
    PersonForm,
    RecordForm,
    day,
    hidden_id,
    optional_text,
    required_text,
    whole_number,
)
from docflow.forms.workflows import issued
from docflow.regulations.knk import KNK
from docflow.regulations.profiles import PROFILES

SHEET = "assessment_sheet"

HEADING = Text(
    kk="«{topic}» біліктілікті арттыру курсын аяқтаған тыңдаушыларға сертификат беру туралы",
    ru="О выдаче сертификатов слушателям, завершившим курс повышения квалификации «{topic}»",
)
BASIS = Text(kk="қорытынды бағалау ведомосы", ru="ведомость итогового оценивания")


# ---------------------------------------------------------------- form


class CertifiedForm(RecordForm):
    person = FormField(PersonForm, _l("Listener"))
    person_id = hidden_id()


class IssueOrderForm(RecordForm):
    heading = required_text(_l("Heading"), longest=600)
    basis = required_text(_l("Basis"), longest=500, hint=_l("What the order rests on: the assessment sheet."))
    topic = required_text(_l("Topic of the course"), longest=500)
    hours = whole_number(_l("Academic hours"), least=1, most=5000)
    completed_on = day(_l("Day of completion"))
    sheet_number = optional_text(_l("Number of the assessment sheet"), longest=200)
    sheet_date = day(_l("Date of the assessment sheet"), required=False)
    listeners = FieldList(FormField(CertifiedForm), _l("Listeners who receive a certificate"))


# ---------------------------------------------------------------- rules


@rule(KNK.clause("5.4"))
def names_a_listener(step: Step) -> Any:
    """Certificates are issued on the rector's order, which names at least one listener."""
    if not step.content.get("listeners"):
        return Refusal("", _l("The list is empty: add at least one listener."), field="listeners")
    return None


@rule(KNK.clause("5.2"))
def everybody_has_passed(step: Step) -> Any:
    """Only listeners who passed the final assessment by a sheet in force receive the document."""
    passed = {
        row["person_id"] for each in in_force(step.related("basis"), SHEET) for row in _passing(each, step.profile)
    }
    return [
        Refusal(
            "",
            _l(
                "%(name)s has not passed the final assessment by the sheet: take the row out of the list.",
                name=name_of(row.get("person")),
            ),
            field="listeners",
            row=number,
        )
        for number, row in _rows(step)
        if row.get("person_id") not in passed
    ]


@rule(KNK.clause("5.4"))
def nobody_is_listed_twice(step: Step) -> Any:
    """The order grants each listener one certificate."""
    times = Counter(row["person_id"] for _, row in _rows(step) if row.get("person_id"))
    return [
        Refusal(
            "",
            _l("%(name)s is on the list more than once: take the other rows out.", name=name_of(row.get("person"))),
            field="listeners",
            row=number,
        )
        for number, row in _rows(step)
        if times[row.get("person_id")] > 1
    ]


def _rows(step: Step) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(step.content.get("listeners") or (), start=1)


def _passing(sheet: RelatedDocument, profile: Profile) -> list[Mapping[str, Any]]:
    rows = sheet.content.get("listeners") or ()
    return [row for row in rows if row.get("person_id") and passes(row, sheet.content, profile)]


# ---------------------------------------------------------------- gathering


def from_sheets(
    sheets: Sequence[RelatedDocument], group: Mapping[str, Any], profile: Profile, on: date, language: str
) -> dict[str, Any]:
    """Draft the order from the assessment sheets of a group: those who passed, in the order of the alphabet."""
    sheet = sheets[0]
    topic = group.get(f"topic_{language}") or sheet.content["topic"]
    passed = {row["person_id"]: row for each in sheets for row in _passing(each, profile)}
    return {
        "heading": HEADING.in_language(language).format(topic=topic),
        "basis": BASIS.in_language(language),
        "topic": topic,
        "hours": sheet.content["hours"],
        "completed_on": sheet.content["completed_on"],
        "sheet_number": ", ".join(each.number for each in sheets if each.number),
        "sheet_date": sheet.registered_on.isoformat() if sheet.registered_on else "",
        "listeners": sorted((_listener(row) for row in passed.values()), key=lambda row: name_key(row["person"])),
    }


def _listener(row: Mapping[str, Any]) -> dict[str, Any]:
    person = row["person"]
    names = {part: person.get(part) or "" for part in ("surname", "given_name", "patronymic")}
    return {"person": names, "person_id": row["person_id"]}


def _heading(content: Content) -> str:
    return str(content.get("heading") or "")


_SAMPLE_SHEET = RelatedDocument(SHEET, "ПКБ-В-00004/2026", "in_force", SHEET_SAMPLE, date(2026, 2, 14))
SAMPLE = from_sheets([_SAMPLE_SHEET], {}, PROFILES["knk"], date(2026, 2, 14), "kk")

TYPE = DocumentType(
    name="issue_order",
    stage="issue_order",
    title=Text(
        kk="Сертификат беру туралы бұйрық", ru="Приказ о выдаче сертификатов", en="Order on issuing certificates"
    ),
    regulated_by=(KNK.clause("5.4"),),
    form=IssueOrderForm,
    workflow=issued,
    template="paper/issue_order.typ",
    journal=Journal("issue_orders", "{seq}-С/{year}"),
    slots=HEAD,
    gathered_from=Gathering(sources=(SHEET,), state="in_force", fill=from_sheets),
    rules=(names_a_listener, everybody_has_passed, nobody_is_listed_twice),
    heading=_heading,
    public_fields=("topic", "hours", "completed_on"),
    sample=SAMPLE,
)
