"""List of those attested, published on the site of the attesting body: KRG 20."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, Step, rule
from docflow.core.types import DocumentType, Journal
from docflow.forms import _conferring as shared
from docflow.forms._application import name_of
from docflow.forms._attestation import KAZAKH_ONLY, category_title, names_only
from docflow.forms.base import FieldList, FormField, PersonForm, RecordForm, day, hidden_id, required_text
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG

HEADING = "Аттестаттаудан өткен педагогтердің тізімі"


class AttestedForm(RecordForm):
    person = FormField(PersonForm, _l("Person"))
    person_id = hidden_id()
    position = required_text(_l("Position"))
    ladder = shared.ladder()
    category = shared.category(_l("Category"))


class AttestedListForm(RecordForm):
    heading = required_text(_l("Heading"), longest=600)
    commission_name = required_text(_l("Full name of the commission"), longest=400)
    protocol_number = required_text(_l("Number of the protocol"), longest=80)
    decided_on = day(_l("Day of the decision"))
    people = FieldList(FormField(AttestedForm), _l("Those attested"))


def from_protocol(source: Source) -> dict[str, Any]:
    """Draft the list from a protocol: who was attested and in what category; no IIN, no reasons."""
    protocol = source.document
    return {
        "heading": HEADING,
        "commission_name": protocol.content["commission_name"],
        "protocol_number": protocol.number,
        "decided_on": protocol.content["held_on"],
        "people": rows_of(protocol.content),
    }


def rows_of(protocol: Content) -> list[dict[str, Any]]:
    """Give those who were attested: whose category is only kept was released from it (clauses 34, 35)."""
    return [
        {
            "person": names_only(item["person"]),
            "person_id": item.get("person_id"),
            "position": item.get("position") or "",
            "ladder": item["ladder"],
            "category": outcome.category,
        }
        for item, outcome in shared.decided(protocol)
        if outcome.how != "kept"
    ]


@rule(KRG.clause("20"), on=())
def somebody_was_attested(step: Step) -> Message | None:
    """A list is published of a protocol by which somebody was attested."""
    return None if rows_of(step.content) else _l("By this protocol nobody was attested.")


@rule(KRG.clause("20"))
def lists_somebody(step: Step) -> Refusal | None:
    """The list names at least one person who was attested."""
    if step.content.get("people"):
        return None
    return Refusal("", _l("The list is empty: nobody was attested by this protocol."), field="people")


def _result(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row.get("person_id"), row.get("ladder"), row.get("category"))


@rule(KRG.clause("20"))
def lists_what_was_decided(step: Step) -> list[Refusal]:
    """What is published is what the commission has decided: each person once, with the category of the protocol."""
    protocols = [
        each for each in step.related("basis") if each.type in shared.PROTOCOLS and each.state == "in_force"
    ]
    open_results = [_result(row) for each in protocols for row in rows_of(each.content)]
    found = []
    for number, row in enumerate(step.content.get("people") or (), start=1):
        if _result(row) in open_results:
            open_results.remove(_result(row))
            continue
        message = _l(
            "The protocol does not say this about %(name)s: restore the category, or take the row out.",
            name=name_of(row.get("person")),
        )
        found.append(Refusal("", message, field="people", row=number))
    return found


def printed(content: Content, profile: Profile) -> dict[str, Any]:
    return {"categories": [category_title(row["ladder"], row["category"]).kk for row in content["people"]]}


def _heading(content: Content) -> str:
    return str(content.get("heading") or "")


def _person(
    number: int, surname: str, given_name: str, patronymic: str, position: str, category: str
) -> dict[str, Any]:
    return {
        "person": {"surname": surname, "given_name": given_name, "patronymic": patronymic}, "person_id": number,
        "position": position, "ladder": "teacher", "category": category,
    }  # fmt: skip


SAMPLE: dict[str, Any] = {
    "heading": HEADING,
    "commission_name": "Қарағанды облысы білім басқармасының педагогтерді аттестаттау жөніндегі комиссиясы",
    "protocol_number": "4-Х/2024",
    "decided_on": "2024-11-12",
    "people": [
        _person(2, "Әбдіров", "Ерлан", "Маратұлы", "физика мұғалімі", "expert"),
        _person(3, "Ким", "Елена", "", "орыс тілі мен әдебиеті мұғалімі", "researcher"),
        _person(5, "Өмірғалиқызы-Сейітмұхамбетова", "Ғазиза", "Әбдіжәмілқызы", "бастауыш сынып мұғалімі",
                "researcher"),
    ],
}  # fmt: skip

TYPE = DocumentType(
    name="attested_list",
    title=Text(
        "Аттестаттаудан өткен педагогтердің тізімі",
        "Список педагогов, прошедших аттестацию",
        "List of those attested",
    ),
    brief=Text("Аттестатталғандар тізімі", "Список аттестованных", "List of attested"),
    regulated_by=(KRG.clause("20"),),
    form=AttestedListForm,
    workflow=issued,
    template="paper/attested_list.typ",
    languages=KAZAKH_ONLY,
    stage="result",
    journal=Journal("attested_lists", "{seq}-Т/{year}"),
    slots=shared.ATTESTING_HEAD,
    derived_from=tuple(
        Derivation(source, from_protocol, when=(somebody_was_attested,), subject="") for source in shared.PROTOCOLS
    ),
    rules=(lists_somebody, lists_what_was_decided),
    heading=_heading,
    printed=printed,
    public_fields=("commission_name", "protocol_number", "decided_on"),
    sample=SAMPLE,
)
