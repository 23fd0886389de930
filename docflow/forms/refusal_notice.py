"""Notice that an application for attestation is refused, with the documents that are missing: appendix 7."""

from __future__ import annotations

from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Answer, Content, Refusal, Step, rule
from docflow.core.types import DocumentType, Journal
from docflow.forms import _attestation as shared
from docflow.forms._attestation_intake import answers_its_application
from docflow.forms.acceptance_notice import AcceptanceNoticeForm, from_application
from docflow.forms.base import FieldList, FormField, RecordForm, required_text
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG

# The form names it one way, clause 23 another: the setting refusal_notice_title.
NAMES = {
    "form": "Аттестаттаудан өтуге өтінішті қабылдаудан бас тарту туралы хабарлама",
    "clause": "Өтінішті одан әрі қараудан бас тарту туралы хабарлама",
}


class MissingForm(RecordForm):
    title = required_text(_l("Document that is missing or does not conform"), longest=600)


class RefusalNoticeForm(AcceptanceNoticeForm):
    """What the notice of acceptance says, and the list of documents."""

    documents = FieldList(FormField(MissingForm), _l("Documents that are missing or do not conform"))


@rule(KRG.appendix(7))
def names_what_is_missing(step: Step) -> Answer:
    """A refusal names each document that is missing or does not conform."""
    if step.content.get("documents"):
        return None
    return Refusal("", _l("Name at least one document that is missing or does not conform."), field="documents")


def from_refusal(source: Source) -> dict[str, Any]:
    """Answer an application that was refused: each line of the reason is one document."""
    lines = [line.strip(" \t;–-") for line in source.document.comment.splitlines()]
    reasons = [line for line in lines if line]
    return from_application(source) | {"documents": [{"title": reason[:600]} for reason in reasons]}


def printed(content: Content, profile: Profile) -> dict[str, Any]:
    """Give the name that the organisation has chosen for it."""
    return {"name": NAMES[profile.setting("refusal_notice_title")]}


TYPE = DocumentType(
    name="refusal_notice",
    title=Text(
        "Аттестаттаудан өтуге өтінішті қабылдаудан бас тарту туралы хабарлама",
        "Уведомление об отказе в приеме заявления на прохождение аттестации",
        "Notice that an application is refused",
    ),
    brief=Text("Бас тарту хабарламасы", "Уведомление об отказе", "Notice of refusal"),
    regulated_by=(KRG.appendix(7),),
    form=RefusalNoticeForm,
    workflow=issued,
    template="paper/refusal_notice.typ",
    slots=(shared.AUTHORISED,),
    journal=Journal("refusal_notice", "{unit}-БТХ-{seq:05d}/{year}"),
    derived_from=tuple(
        Derivation(name, from_refusal, state="refused", relation="notice", follows=True, subject="")
        for name in shared.APPLICATIONS
    ),
    rules=(answers_its_application, names_what_is_missing),
    subjects=("person_id",),
    heading=shared.heading,
    languages=shared.KAZAKH_ONLY,
    stage="notices",
    joins="attestation",
    is_sent_to_subject=True,
    printed=printed,
    sample={
        "person": {"surname": "Тәжібаева", "given_name": "Меруерт", "patronymic": "Һамитқызы"},
        "person_id": 1,
        "application_number": "АТТ-АӨ-00023/2024",
        "application_date": "2024-10-07",
        "sent_on": "2024-10-08",
        "documents": [
            {"title": "білім алушылардың жетістіктерін растайтын құжаттар"},
            {
                "title": "білім беру саласындағы уәкілетті органмен келісілген білім беру бағдарламалары бойынша "
                "біліктілікті арттыру курстарынан өткені туралы сертификат"
            },
            {"title": "еңбек қызметі туралы құжат: соңғы жұмыс орны көрсетілмеген"},
        ],
    },
)
