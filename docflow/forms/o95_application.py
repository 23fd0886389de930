"""Application for a course in Kazakhstan at the budget's cost: appendix 1 of Order No. 95."""

from __future__ import annotations

from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.core.rules import Answer, Step, rule
from docflow.core.types import DocumentType, Import, Journal
from docflow.forms import _application as shared
from docflow.forms.base import RecordForm, required_text
from docflow.forms.workflows import application
from docflow.regulations.o95 import O95


class O95ApplicationForm(RecordForm):
    """The lines of the form. It goes to the head of the applicant's own organisation of education (clause 10)."""

    workplace = required_text(_l("Place of work, to whose head the application goes"))
    addressee_person = shared.addressee_person()
    applicant = shared.applicant()
    position = required_text(_l("Position of the applicant"))
    study_language = shared.study_language_choice()
    filed_on = shared.filing_day()


@rule(O95.clause("10"), on=("submit", "accept"))
def only_for_budget_places(step: Step) -> Answer:
    """The application of appendix 1 or 2 is for courses that are paid from the budget."""
    return shared.refuse_unless_budget(step)


@rule(O95.appendix(1))
def filed_by_then(step: Step) -> Answer:
    """An application is not filed before the day that it bears."""
    return shared.filed_by_then(step)


TYPE = DocumentType(
    name="o95_application",
    stage="applications",
    title=Text(
        "Біліктілікті арттыру курсында бюджет есебінен оқуға өтініш (№ 95 бұйрық, 1-қосымша)",
        "Заявление на обучение на курсах за счёт бюджета (приказ № 95, приложение 1)",
        "Application for a course at the budget's cost (Order No. 95, appendix 1)",
    ),
    brief=Text("Өтініш (№ 95, 1-қосымша)", "Заявление (№ 95, прил. 1)", "Application (app. 1)"),
    regulated_by=(O95.appendix(1),),
    form=O95ApplicationForm,
    workflow=application,
    template="paper/o95_application.typ",
    slots=(shared.APPLICANT,),
    journal=Journal("o95_application", "{unit}-ЗБ-{seq:05d}/{year}"),
    rules=(only_for_budget_places, filed_by_then),
    subjects=("applicant",),
    heading=shared.heading,
    attachments=(shared.IDENTITY_DOCUMENT,),
    spreadsheet=Import(
        rows="",
        key="applicant-iin",
        columns={
            **shared.PERSON_COLUMNS,
            "position": shared.POSITION_COLUMN,
            "workplace": shared.WORKPLACE_COLUMN,
            "study_language": shared.STUDY_LANGUAGE_COLUMN,
            "filed_on": shared.FILED_ON_COLUMN,
        },
    ),
    sample={
        "workplace": "«№ 7 жалпы орта білім беретін мектеп» коммуналдық мемлекеттік мекемесі, Орал қаласы",
        "addressee_person": {"surname": "Жұмағалиев", "given_name": "Сәкен", "patronymic": "Құрманғалиұлы"},
        "applicant": {
            "surname": "Өмірғалиқызы-Сейітмұхамбетова",
            "given_name": "Ғазиза",
            "patronymic": "Әбдіжәмілқызы",
            "iin": "850314400129",
            "iin_override": "",
        },
        "position": "бастауыш сынып мұғалімі",
        "study_language": "kk",
        "filed_on": "2026-01-20",
    },
)
