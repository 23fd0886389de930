"""Order on conferring and confirming categories, on the basis of the commission's protocol: KRG 12."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import DocumentType, Journal
from docflow.forms import _conferring as shared
from docflow.forms._application import day_of, name_of
from docflow.forms._attestation import KAZAKH_ONLY, carried, category_title, choices_of, names_only
from docflow.forms.base import (
    FieldList,
    FormField,
    PersonForm,
    RecordForm,
    SelectField,
    day,
    hidden_id,
    optional_text,
    required_text,
)
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.decision import known_at_decision
from docflow.regulations.krg.session import PROCEDURE_TITLES
from docflow.regulations.krg.terms import category_valid_until

HEADING = "Педагогтерге біліктілік санаттарын беру (растау) туралы"
BASIS = "аттестаттау комиссиясы отырысының хаттамасы"

# ---------------------------------------------------------------- form


class ConferredForm(RecordForm):
    person = FormField(PersonForm, _l("Person"))
    person_id = hidden_id()
    position = required_text(_l("Position"))
    organisation = optional_text(_l("Place of work"), longest=500)
    ladder = shared.ladder()
    procedure = SelectField(_l("Procedure"), choices=choices_of(PROCEDURE_TITLES), default="regular")
    ground = carried(60)
    category = shared.category(_l("Category"))
    how = SelectField(_l("What is done"), choices=choices_of(shared.HOW), default="conferred")
    decided_on = day(_l("Day of the decision"))
    valid_until = day(_l("Valid until"), required=False)


class ConferringOrderForm(RecordForm):
    heading = required_text(_l("Heading"), longest=600)
    basis = required_text(_l("Basis"), longest=500)
    commission_name = required_text(_l("Full name of the commission"), longest=400)
    protocol_number = required_text(_l("Number of the protocol"), longest=80)
    protocol_date = day(_l("Day of the session"))
    people = FieldList(FormField(ConferredForm), _l("Whose category is conferred or confirmed"))


# ---------------------------------------------------------------- from the protocol


def from_protocol(source: Source) -> dict[str, Any]:
    """Draft the order from a protocol: everybody to whom the commission has given a category."""
    protocol = source.document
    return {
        "heading": HEADING,
        "basis": BASIS,
        "commission_name": protocol.content["commission_name"],
        "protocol_number": protocol.number,
        "protocol_date": protocol.content["held_on"],
        "people": rows_of(protocol, source.profile),
    }


def rows_of(protocol: RelatedDocument, profile: Profile) -> list[dict[str, Any]]:
    return [_row(protocol.content, item, outcome, profile) for item, outcome in shared.decided(protocol.content)]


def _row(protocol: Content, item: Content, outcome: shared.Outcome, profile: Profile) -> dict[str, Any]:
    return {
        "person": names_only(item["person"]),
        "person_id": item.get("person_id"),
        "position": item.get("position") or "",
        "organisation": item.get("workplace") or "",
        "ladder": item["ladder"],
        "procedure": item["procedure"],
        "ground": str(item.get("ground") or ""),
        "category": outcome.category,
        "how": outcome.how,
        "decided_on": protocol["held_on"],
        "valid_until": _known_end(protocol, item, outcome, profile),
    }


def _known_end(protocol: Content, item: Content, outcome: shared.Outcome, profile: Profile) -> str:
    """The last day, where it does not hang on the day of the order itself."""
    if outcome.how == "kept":
        return str(item.get("valid_until") or "")
    until = known_at_decision(item["ladder"], date.fromisoformat(protocol["held_on"]), profile)
    return until.isoformat() if until else ""


def end_of(row: Content, ordered_on: date) -> date:
    """Give the last day of a category of the order: as the row says, or counted from the order (clauses 3, 43)."""
    return day_of(row.get("valid_until")) or category_valid_until(row["ladder"], ordered_on)


def printed(content: Content, profile: Profile) -> dict[str, Any]:
    """Give, row by row, how the order names the category, what is done, and for how many years."""
    return {
        "people": [
            {
                "category": category_title(row["ladder"], row["category"]).kk,
                "how": shared.HOW[row["how"]].kk,
                "procedure": PROCEDURE_TITLES[row["procedure"]].kk,
                "years": profile.term(f"{row['ladder']}_category_validity").amount,
            }
            for row in content["people"]
        ]
    }


# ---------------------------------------------------------------- rules


def _rows(step: Step) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(step.content.get("people") or (), start=1)


def _protocols(step: Step) -> list[RelatedDocument]:
    return [each for each in step.related("basis") if each.type in shared.PROTOCOLS and each.state == "in_force"]


@rule(KRG.clause("12"), on=())
def somebody_is_given_a_category(step: Step) -> Message | None:
    """An order is issued on a protocol by which somebody is given a category, or keeps one."""
    if any(shared.decided(step.content)):
        return None
    return _l("By this protocol the commission has given nobody a category.")


@rule(KRG.clause("12"))
def names_somebody(step: Step) -> Refusal | None:
    """The order confers or confirms the category of at least one person."""
    if step.content.get("people"):
        return None
    return Refusal("", _l("The list is empty: the commission has given nobody a category."), field="people")


@rule(KRG.clause("12"))
def rests_on_a_protocol(step: Step) -> Message | None:
    """The order is issued on the basis of the commission's protocol, signed and in force."""
    if _protocols(step):
        return None
    return _l("No protocol of the commission in force is the basis: draft the order from the protocol.")


_DECIDED = ("person_id", "ladder", "procedure", "category", "how", "decided_on", "valid_until")


def _decision(row: Content) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in _DECIDED)


@rule(KRG.clause("12"))
def decisions_are_the_commissions(step: Step) -> list[Refusal]:
    """Every row says what the commission has decided, about whom and until when."""
    decided = {_decision(row) for each in _protocols(step) for row in rows_of(each, step.profile)}
    return [
        Refusal(
            "",
            _l(
                "The protocol does not say this about %(name)s: restore the category and the day, or take the row out.",
                name=name_of(row.get("person")),
            ),
            field="people",
            row=number,
        )
        for number, row in _rows(step)
        if _decision(row) not in decided
    ]


@rule(KRG.clause("12"))
def nobody_is_left_out(step: Step) -> Refusal | None:
    """Whoever the commission has given a category is in the order."""
    listed = {row.get("person_id") for _, row in _rows(step)}
    missing = [
        name_of(row["person"])
        for each in _protocols(step)
        for row in rows_of(each, step.profile)
        if row["person_id"] not in listed
    ]
    if not missing:
        return None
    message = _l("By the protocol these people belong into the order too: %(names)s.", names=", ".join(missing))
    return Refusal("", message, field="people")


@rule(KRG.clause("12"))
def nobody_is_conferred_twice(step: Step) -> list[Refusal]:
    """The order names everybody once."""
    times = Counter(row["person_id"] for _, row in _rows(step) if row.get("person_id"))
    return [
        Refusal(
            "",
            _l("%(name)s is on the list more than once: take the other rows out.", name=name_of(row.get("person"))),
            field="people",
            row=number,
        )
        for number, row in _rows(step)
        if times[row.get("person_id")] > 1
    ]


@rule(KRG.clause("34"), KRG.clause("35"))
def what_is_kept_has_an_end(step: Step) -> list[Refusal]:
    """A category is kept for a time: for not more than two years, or until the pension age."""
    return [
        Refusal(
            "",
            _l("Until when the category of %(name)s is kept is missing in the protocol.", name=name_of(row["person"])),
            field="people",
            row=number,
        )
        for number, row in _rows(step)
        if row.get("how") == "kept" and not row.get("valid_until")
    ]


# ---------------------------------------------------------------- type


def _heading(content: Content) -> str:
    return str(content.get("heading") or "")


def _person(
    number: int, surname: str, given_name: str, patronymic: str, position: str, organisation: str, category: str,
    *, ladder: str = "teacher", procedure: str = "regular", how: str = "conferred", until: str = "",
) -> dict[str, Any]:  # fmt: skip
    return {
        "person": {"surname": surname, "given_name": given_name, "patronymic": patronymic}, "person_id": number,
        "position": position, "organisation": organisation, "ladder": ladder, "procedure": procedure, "ground": "",
        "category": category, "how": how, "decided_on": "2024-11-12", "valid_until": until,
    }  # fmt: skip


SAMPLE: dict[str, Any] = {
    "heading": HEADING,
    "basis": BASIS,
    "commission_name": "Қарағанды облысы білім басқармасының педагогтерді аттестаттау жөніндегі комиссиясы",
    "protocol_number": "4-Х/2024",
    "protocol_date": "2024-11-12",
    "people": [
        _person(2, "Әбдіров", "Ерлан", "Маратұлы", "физика мұғалімі", "№ 5 мектеп-лицей", "expert"),
        _person(3, "Ким", "Елена", "", "орыс тілі мен әдебиеті мұғалімі", "№ 12 гимназия", "researcher",
                how="confirmed"),
        _person(4, "Қуанышбекова", "Әсел", "Нұрланқызы", "математика мұғалімі", "№ 7 мектеп", "moderator",
                procedure="prepension", how="kept", until="2027-03-14"),
        _person(5, "Өмірғалиқызы-Сейітмұхамбетова", "Ғазиза", "Әбдіжәмілқызы", "бастауыш сынып мұғалімі",
                "«Абай атындағы № 3 жалпы білім беретін мектебі» КММ, Қарағанды қаласы", "researcher",
                procedure="early"),
    ],
}  # fmt: skip

TYPE = DocumentType(
    name="conferring_order",
    title=Text(
        "Біліктілік санатын беру (растау) туралы бұйрық",
        "Приказ о присвоении (подтверждении) квалификационной категории",
        "Order on conferring (confirming) categories",
    ),
    brief=Text("Санат беру туралы бұйрық", "Приказ о присвоении", "Conferring order"),
    regulated_by=(KRG.clause("12"),),
    form=ConferringOrderForm,
    workflow=issued,
    template="paper/conferring_order.typ",
    languages=KAZAKH_ONLY,
    stage="result",
    journal=Journal("conferring_orders", "{seq}-БС/{year}"),
    slots=shared.ATTESTING_HEAD,
    derived_from=tuple(
        Derivation(source, from_protocol, when=(somebody_is_given_a_category,), subject="")
        for source in shared.PROTOCOLS
    ),
    rules=(
        names_somebody,
        rests_on_a_protocol,
        decisions_are_the_commissions,
        nobody_is_left_out,
        nobody_is_conferred_twice,
        what_is_kept_has_an_end,
    ),
    heading=_heading,
    printed=printed,
    public_fields=("commission_name", "protocol_number", "protocol_date"),
    sample=SAMPLE,
)
