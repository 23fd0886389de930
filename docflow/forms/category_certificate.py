"""Certificate of a category: KRG 12, 23 and appendix 1, issued on the order of the attesting body."""

from __future__ import annotations

from datetime import date
from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, RelatedDocument, Step, rule
from docflow.core.types import DAYS_TO_SIGN, Capacity, CardEntry, DocumentType, Journal, SignatureSlot, Validity
from docflow.forms import _conferring as shared
from docflow.forms._application import name_of
from docflow.forms._attestation import KAZAKH_ONLY, carried, category_title, choices_of, names_only
from docflow.forms.base import FormField, PersonForm, RecordForm, SelectField, day, hidden_id, required_text
from docflow.forms.conferring_order import end_of
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.session import PROCEDURE_TITLES

ORDER = "conferring_order"

HEAD = SignatureSlot(
    "head",
    Capacity.HEAD_OR_ACTING,
    Text(
        "Білім беру ұйымының/ білім беруді басқару органының басшысы",
        "Руководитель организации образования/ органа управления образованием",
        "Head of the organisation or department of education",
    ),
    position="head",
    days=DAYS_TO_SIGN,
    certifies=True,
)
# «(Т.А.Ә. (болған жағдайда), қолы)»: by the print the holder signs too, which may be a slip.
HOLDER = SignatureSlot(
    "holder",
    Capacity.ACQUAINTED,
    Text("Куәлік иесі", "Владелец удостоверения", "Holder"),
    person="holder_id",
    order=2,
    setting=("holder_signs_certificate", "yes"),
)


class CategoryCertificateForm(RecordForm):
    """The lines of appendix 1, and the order that they come from."""

    holder = FormField(PersonForm, label=_l("Holder"))
    holder_id = hidden_id()
    position = required_text(_l("Position"))
    ladder = shared.ladder()
    category = shared.category(_l("Category"))
    how = SelectField(_l("What is done"), choices=choices_of(shared.HOW), default="conferred")
    procedure = SelectField(_l("Procedure"), choices=choices_of(PROCEDURE_TITLES), default="regular")
    ground = carried(60)
    decided_on = day(_l("Day of the decision"))
    order_number = required_text(_l("Number of the order"), longest=80)
    order_date = day(_l("Date of the order"))
    valid_until = day(_l("Valid until"))


def from_row(source: Source) -> dict[str, Any]:
    """Draft the certificate of one row of the order."""
    order, row = source.document, source.row
    ordered_on = order.registered_on or source.on
    return {
        "holder": names_only(row["person"]),
        "holder_id": row.get("person_id"),
        "position": row["position"],
        "ladder": row["ladder"],
        "category": row["category"],
        "how": row["how"],
        "procedure": row["procedure"],
        "ground": str(row.get("ground") or ""),
        "decided_on": row["decided_on"],
        "order_number": order.number,
        "order_date": ordered_on.isoformat(),
        "valid_until": end_of(row, ordered_on).isoformat(),
    }


@rule(KRG.clause("12"))
def says_what_the_order_says(step: Step) -> Message | None:
    """The certificate is issued on the order in force, and says of its holder what the order says."""
    orders = [each for each in step.related("basis") if each.type == ORDER and each.state == "in_force"]
    if any(_is_in(order, step.content) for order in orders):
        return None
    return _l("No order in force gives this person this category until this day: issue certificates from the order.")


def _is_in(order: RelatedDocument, certificate: Content) -> bool:
    said = (certificate.get("holder_id"), certificate.get("ladder"), certificate.get("category"))
    until = certificate.get("valid_until")
    return any(
        (row["person_id"], row["ladder"], row["category"]) == said
        and order.registered_on is not None
        and end_of(row, order.registered_on).isoformat() == until
        for row in order.content["people"]
    )


def category_on_card(document: RelatedDocument, profile: Profile) -> list[CardEntry]:
    """Write the category on the holder's card: it holds from the order or from the decision, as the profile says."""
    content = document.content
    start = content["order_date"] if profile.setting("category_valid_from") == "order" else content["decided_on"]
    data = {name: content.get(name) or "" for name in ("ladder", "category", "position", "procedure", "ground")}
    first, last = date.fromisoformat(start), date.fromisoformat(content["valid_until"])
    return [CardEntry(content["holder_id"], "category", data, first, last)]


def printed(content: Content, profile: Profile) -> dict[str, str]:
    return {
        "category": category_title(content["ladder"], content["category"]).kk,
        "how": shared.HOW[content["how"]].kk,
    }


def _heading(content: Content) -> str:
    return name_of(content.get("holder"))


SAMPLE: dict[str, Any] = {
    "holder": {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"},
    "holder_id": 5,
    "position": "бастауыш сынып мұғалімі",
    "ladder": "teacher",
    "category": "researcher",
    "how": "conferred",
    "procedure": "early",
    "ground": "",
    "decided_on": "2024-11-12",
    "order_number": "12-БС/2024",
    "order_date": "2024-11-20",
    "valid_until": "2029-11-20",
}

TYPE = DocumentType(
    name="category_certificate",
    title=Text(
        "Біліктілік санатын беру (растау) туралы куәлік",
        "Удостоверение о присвоении (подтверждении) квалификационной категории",
        "Certificate of a category",
    ),
    brief=Text("Санат туралы куәлік", "Удостоверение о категории", "Category certificate"),
    regulated_by=(KRG.appendix(1),),
    form=CategoryCertificateForm,
    workflow=issued,
    template="paper/category_certificate.typ",
    languages=KAZAKH_ONLY,
    stage="result",
    journal=Journal("category_certificates", "{unit}-БС-{seq:05d}/{year}"),
    slots=(HEAD, HOLDER),
    derived_from=(Derivation(ORDER, from_row, rows="people"),),
    validity=Validity("teacher_category_validity", counted_from="order_date", until="valid_until"),
    rules=(says_what_the_order_says,),
    subjects=("holder_id",),
    is_sent_to_subject=True,
    card_entries=category_on_card,
    heading=_heading,
    printed=printed,
    public_fields=("holder", "category", "position", "decided_on", "order_number"),
    sample=SAMPLE,
)
