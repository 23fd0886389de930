"""Complaint about the state service or the commission's decision, and its way: KRG 26."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms.validators import InputRequired

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.permissions import Role
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, Step, rule
from docflow.core.types import Capacity, Deadline, DocumentType, Journal, SignatureSlot
from docflow.core.workflow import State, Status, Transition, Workflow, workflow
from docflow.forms._application import filed_by_then, name_of
from docflow.forms._attestation import KAZAKH_ONLY, choices_of, names_only
from docflow.forms.base import (
    FormField,
    Length,
    PersonForm,
    RecordForm,
    SelectField,
    TextAreaField,
    day,
    hidden_id,
    optional_text,
)
from docflow.forms.workflows import application, draft, submitted, to_sign, withdrawn
from docflow.regulations.krg.act import KRG

# Clause 26: to the provider itself, or to the body that assesses the quality of state services.
ADDRESSEES: Mapping[str, Text] = {
    "provider": Text("Көрсетілетін қызметті берушіге", "Услугодателю", "To the provider of the service"),
    "quality_body": Text(
        "Мемлекеттік қызметтер көрсету сапасын бағалау және бақылау жөніндегі уәкілетті органға",
        "В уполномоченный орган по оценке и контролю за качеством оказания государственных услуг",
        "To the body that assesses the quality of state services",
    ),
}
SUBJECTS: Mapping[str, Text] = {
    "decision": Text("аттестаттау комиссиясының шешімі", "решение аттестационной комиссии", "the decision"),
    "refusal": Text("өтінішті қабылдаудан бас тарту", "отказ в приеме заявления", "refusal of the application"),
    "action": Text("әрекет (әрекетсіздік)", "действие (бездействие)", "an act, or a failure to act"),
}

# ---------------------------------------------------------------- route

_filed = application.transitions
_CLERK = frozenset({Role.CLERK})
_seen = submitted.grants

forwarded = State("forwarded", _l("Forwarded to the reviewing body"), _seen)
satisfied = State("satisfied", _l("Satisfied"), _seen, Status.IN_FORCE, is_final=True)
answered = State("answered", _l("Answered"), _seen, Status.IN_FORCE, is_final=True)


@rule(KRG.clause("26 ¶5"), on=("answer",))
def provider_answers_what_is_addressed_to_it(step: Step) -> Message | None:
    """The provider itself considers only a complaint that is addressed to it; any other it forwards or satisfies."""
    if step.content.get("addressed_to") == "provider":
        return None
    return _l("This complaint is addressed to the reviewing body: forward it with the case, or satisfy it in full.")


complained: Workflow = workflow(
    "complaint",
    states=(draft, to_sign, submitted, forwarded, satisfied, answered, withdrawn),
    transitions=(
        _filed["submit"],
        _filed["sign"],
        Transition("satisfy", _l("Satisfy in full"), ("submitted",), "satisfied", _CLERK, needs_comment=True),
        Transition("forward", _l("Forward with the case"), ("submitted",), "forwarded", _CLERK, needs_comment=True),
        Transition(
            "answer", _l("Answer with reasons"), ("submitted",), "answered", _CLERK, needs_comment=True,
            guards=(provider_answers_what_is_addressed_to_it,),
        ),
        Transition(
            "conclude", _l("Enter the answer of the reviewing body"), ("forwarded",), "answered", _CLERK,
            needs_comment=True,
        ),
        _filed["withdraw"],
        _filed["decline"],
    ),
    when_signed=application.when_signed,
    signing_state=application.signing_state,
    refused_by_signer=application.refused_by_signer,
)  # fmt: skip

DEADLINES = (
    Deadline(
        "complaint_forwarding",
        KRG.terms["complaint_forwarding"],
        Text("Шағымды қанағаттандыру немесе жіберу", "Удовлетворить или направить жалобу", "Satisfy or forward"),
        states=("submitted",),
        # A complaint to the provider itself has five days, and nobody to be forwarded to.
        when=lambda content: content.get("addressed_to") != "provider",
    ),
    Deadline(
        "complaint_provider",
        KRG.terms["complaint_provider"],
        Text("Шағымды қарау", "Рассмотреть жалобу", "Consider the complaint"),
        states=("submitted",),
        when=lambda content: content.get("addressed_to") == "provider",
    ),
    Deadline(
        "complaint_quality_body",
        KRG.terms["complaint_quality_body"],
        Text("Уәкілетті органның шағымды қарауы", "Рассмотрение уполномоченным органом", "The reviewing body's answer"),
        states=("forwarded",),
    ),
)

# ---------------------------------------------------------------- form


class ComplaintForm(RecordForm):
    applicant = FormField(PersonForm, _l("Complainant"))
    applicant_id = hidden_id()
    addressed_to = SelectField(_l("To whom"), choices=choices_of(ADDRESSEES), default="provider")
    against = SelectField(_l("What the complaint is about"), choices=choices_of(SUBJECTS), default="decision")
    against_number = optional_text(_l("Number of the document"), longest=80)
    against_date = day(_l("Date of the document"), required=False)
    text = TextAreaField(
        _l("What happened, and why it is wrong"),
        [InputRequired(_l("Fill in this field.")), Length(max=6000)],
    )
    request = TextAreaField(
        _l("What you ask for"),
        [InputRequired(_l("Fill in this field.")), Length(max=2000)],
    )
    filed_on = day(_l("Day on which it is filed"))


def _about(source: Source, *, what: str) -> dict[str, Any]:
    content, document = source.document.content, source.document
    return {
        "applicant": names_only(content.get("person")),
        "applicant_id": document.subject_id or content.get("person_id"),
        "addressed_to": "provider",
        "against": what,
        "against_number": document.number,
        "against_date": document.registered_on.isoformat() if document.registered_on else "",
        "text": "",
        "request": "",
        "filed_on": source.on.isoformat(),
    }


def against_decision(source: Source) -> dict[str, Any]:
    """Draft the complaint of whom the commission's extract is about."""
    return _about(source, what="decision")


def against_refusal(source: Source) -> dict[str, Any]:
    """Draft the complaint of whose application was refused."""
    return _about(source, what="refusal")


def from_card(card: Content, on: date) -> dict[str, Any]:
    """Begin a complaint that is about no document, with who complains."""
    return {
        "applicant": names_only(card.get("person")),
        "applicant_id": card.get("person_id"),
        "addressed_to": "provider",
        "against": "action",
        "filed_on": on.isoformat(),
    }


# ---------------------------------------------------------------- rules


@rule(KRG.clause("26 ¶2"))
def is_filed_by_then(step: Step) -> Any:
    """A complaint is filed on the day that it names, or later."""
    return filed_by_then(step)


@rule(KRG.clause("26 ¶2"))
def is_filed_by_the_person_himself(step: Step) -> Refusal | None:
    """A complaint is filed by the recipient of the service himself, from his own cabinet."""
    if step.content.get("applicant_id"):
        return None
    message = _l("A complaint is filed by the person himself: he begins it in his own cabinet, and signs it there.")
    return Refusal("", message, field="applicant")


@rule(KRG.clause("26 ¶2"))
def names_what_it_is_against(step: Step) -> Refusal | None:
    """A complaint about a decision or a refusal names the document by number and date."""
    content = step.content
    if content.get("against") == "action" or (content.get("against_number") and content.get("against_date")):
        return None
    message = _l("Enter number and date of the document, or choose that the complaint is about an act.")
    return Refusal("", message, field="against_number")


# ---------------------------------------------------------------- type


def printed(content: Content, profile: Profile) -> dict[str, str]:
    return {"addressee": ADDRESSEES[content["addressed_to"]].kk, "against": SUBJECTS[content["against"]].kk}


def _heading(content: Content) -> str:
    return name_of(content.get("applicant"))


def _derived(source: str, fill: Any) -> Derivation:
    return Derivation(source, fill, is_drafted=True, by_subject=True, subject="")


SAMPLE: dict[str, Any] = {
    "applicant": {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"},
    "applicant_id": 5,
    "addressed_to": "quality_body",
    "against": "decision",
    "against_number": "Ү-00004/2024",
    "against_date": "2024-11-14",
    "text": "Комиссия портфолионың 3.1-көрсеткіші бойынша облыстық оқу-әдістемелік кеңестің хаттамасын есепке "
    "алмады, ал хаттама өтінішке қоса берілген болатын.",
    "request": "Портфолио балдарын қайта есептеуді және Комиссия шешімін қайта қарауды сұраймын.",
    "filed_on": "2024-11-18",
}

TYPE = DocumentType(
    name="complaint",
    title=Text("Шағым", "Жалоба", "Complaint"),
    regulated_by=(KRG.clause("26"),),
    form=ComplaintForm,
    workflow=complained,
    template="paper/complaint.typ",
    languages=KAZAKH_ONLY,
    stage="result",
    journal=Journal("complaints", "Ш-{seq:05d}/{year}"),
    slots=(
        SignatureSlot(
            "applicant", Capacity.APPLICANT, Text("Шағым беруші", "Заявитель", "Complainant"), person="applicant_id"
        ),
    ),
    derived_from=(
        _derived("teacher_extract", against_decision),
        _derived("head_extract", against_decision),
        _derived("refusal_notice", against_refusal),
    ),
    rules=(is_filed_by_then, is_filed_by_the_person_himself, names_what_it_is_against),
    subjects=("applicant_id",),
    joins="attestation",
    is_registered_in_working_hours=True,
    deadlines=DEADLINES,
    starts_with=from_card,
    is_sent_to_subject=True,
    heading=_heading,
    printed=printed,
    sample=SAMPLE,
)
