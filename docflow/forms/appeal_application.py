"""Appeal against the results of the knowledge test, the only one that the order knows: clause 2, 5) and 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from wtforms.validators import InputRequired

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.core.rules import Answer, Content, RelatedDocument, Step, rule
from docflow.core.types import Capacity, DocumentType, Journal, SignatureSlot
from docflow.forms import _application
from docflow.forms import _attestation as shared
from docflow.forms.base import Length, RecordForm, TextAreaField, day, hidden_id, optional_text, whole_number
from docflow.forms.workflows import application
from docflow.regulations.krg.act import KRG

RESULTS = "knowledge_results"


class AppealApplicationForm(RecordForm):
    """Which result, and why it is to be looked at again."""

    person = shared.person()
    person_id = hidden_id()
    position = shared.position()
    results_number = optional_text(_l("Number of the table of results"), longest=80)
    held_on = day(_l("Day of the knowledge test"))
    score = whole_number(_l("Score"), most=10_000, required=False)
    max_score = whole_number(_l("Maximum score"), most=10_000, required=False)
    text = TextAreaField(
        _l("What is wrong with the result, and why"), [InputRequired(_l("Fill in this field.")), Length(max=6000)]
    )
    filed_on = shared.filed_on()


# ---------------------------------------------------------------- rules


@rule(KRG.clause("2(5)"))
def against_a_result_of_the_test(step: Step) -> Answer:
    """An appeal is about the results of the knowledge test: a table in force names the person."""
    tables = (*step.related(f"group:{RESULTS}"), *step.related(f"organisation:{RESULTS}"))
    if _result_of(step.content.get("person_id"), tables) is not None:
        return None
    return _l(
        "No results of the knowledge test in force name this person. Wait until they are signed; "
        "against a decision of the commission or a refusal file a complaint."
    )


@rule(KRG.clause("2(5)"))
def appeal_is_filed_by_then(step: Step) -> Answer:
    """An appeal is not filed before the day that it bears, nor before the test."""
    held = shared.day_of(step.content.get("held_on"))
    filed = shared.day_of(step.content.get("filed_on"))
    if held is not None and filed is not None and filed < held:
        return _l("The appeal bears a day before the test: correct one of the two days.")
    return _application.filed_by_then(step)


@rule(KRG.clause("2(5)"), on=("issue",))
def the_test_has_results(step: Step) -> Answer:
    """An appeal follows the test: until results in force name the applicant there is nothing to appeal against."""
    if _result_of(step.card.get("person_id"), step.related(f"group:{RESULTS}")) is not None:
        return None
    return _l("The results of the knowledge test are not signed yet: appeal when they are.")


def _result_of(person_id: Any, tables: Iterable[RelatedDocument]) -> tuple[RelatedDocument, Mapping[str, Any]] | None:
    """Find the row of a person in the first table in force that names him."""
    for table in tables:
        if table.state != "in_force":
            continue
        for row in table.content.get("rows") or ():
            if person_id is not None and row.get("person_id") == person_id:
                return table, row
    return None


# ---------------------------------------------------------------- drafting


def from_application(source: Source) -> dict[str, Any]:
    """Draft the appeal of an applicant with the result that the round's table shows."""
    begun = shared.about(source) | shared.of_application(source, "position")
    found = _result_of(source.document.subject_id, source.related(f"group:{RESULTS}"))
    table, row = found if found else (None, {})
    return begun | {
        "results_number": table.number if table else "",
        "held_on": str(table.content.get("held_on") or "") if table else source.on.isoformat(),
        "score": row.get("score"),
        "max_score": row.get("max_score"),
        "text": "",
        "filed_on": source.on.isoformat(),
    }


def from_card(card: Content, on: date) -> dict[str, Any]:
    """Begin an appeal with who appeals."""
    post: Mapping[str, Any] = next(iter(card.get("posts") or ()), {})
    return {
        "person": shared.names_only(card.get("person")),
        "person_id": card.get("person_id"),
        "position": str(post.get("title") or ""),
        "filed_on": on.isoformat(),
    }


TYPE = DocumentType(
    name="appeal_application",
    title=Text(
        "Педагогтердің білімін бағалау (ПББ) нәтижелерін қайта қарау туралы апелляцияға өтініш",
        "Заявление на апелляцию о пересмотре результатов оценки знаний педагогов (ОЗП)",
        "Appeal against the results of the knowledge test",
    ),
    brief=Text("ПББ апелляциясы", "Апелляция на ОЗП", "Appeal"),
    regulated_by=(KRG.clause("2(5)"),),
    form=AppealApplicationForm,
    workflow=application,
    template="paper/appeal_application.typ",
    slots=(
        SignatureSlot(
            "applicant", Capacity.APPLICANT, Text("Өтініш беруші", "Заявитель", "Applicant"), person="person_id"
        ),
    ),
    journal=Journal("appeal_application", "{unit}-АП-{seq:05d}/{year}"),
    derived_from=tuple(
        Derivation(
            name,
            from_application,
            when=(the_test_has_results,),
            state="accepted",
            is_drafted=True,
            by_subject=True,
            subject="",
        )
        for name in shared.TESTED
    ),
    rules=(against_a_result_of_the_test, appeal_is_filed_by_then),
    subjects=("person_id",),
    heading=shared.heading,
    languages=shared.KAZAKH_ONLY,
    stage="evidence",
    joins="attestation",
    is_registered_in_working_hours=True,
    starts_with=from_card,
    sample={
        "person": {"surname": "Ғаббасов", "given_name": "Ерлан", "patronymic": "Маратұлы"},
        "person_id": 2,
        "position": "математика пәнінің мұғалімі",
        "results_number": "АТТ-ПББ-00001/2024",
        "held_on": "2024-10-21",
        "score": 33,
        "max_score": 50,
        "text": "17 және 23-тапсырмаларда екі дұрыс жауап бар деп есептеймін: шығару жолын қоса беріп отырмын.\n"
        "41-тапсырманың шарты толық көрсетілмеген.",
        "filed_on": "2024-10-22",
    },
)
