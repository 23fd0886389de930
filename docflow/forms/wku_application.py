"""Application to be taught at the university: appendix 1 of its statute on courses."""

from __future__ import annotations

from docflow.core.messages import _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Answer, Content, Step, rule
from docflow.core.types import DocumentType, Import, Journal, Requirement
from docflow.forms import _application as shared
from docflow.forms.base import RecordForm, optional_text, required_text
from docflow.forms.workflows import application
from docflow.regulations.wku import WKU


class WkuApplicationForm(RecordForm):
    """The lines of the form; workplace and funding stand in the record, not on the paper."""

    addressee_organisation = optional_text(
        _l("Addressed to the head of"), hint=_l("Leave empty to address the organisation that holds the course.")
    )
    addressee_person = shared.addressee_person()
    addressee_position = optional_text(_l("Position of the addressee"))
    applicant = shared.applicant()
    position = required_text(_l("Position of the applicant"))
    workplace = required_text(_l("Place of work"))
    study_language = shared.study_language_choice()
    programme = required_text(_l("Programme of the course"), longest=500)
    funding = shared.choice(_l("Who pays"), shared.FUNDING)
    filed_on = shared.filing_day()


@rule(WKU.clause("6.2.1"))
def filed_by_then(step: Step) -> Answer:
    """An application is filed in the form of appendix 1, with the day on which it is filed."""
    return shared.filed_by_then(step)


@rule(WKU.clause("6.2.4"), on=("accept",))
def questionnaire_filed(step: Step) -> Answer:
    """Together with the application, the candidate files a questionnaire with personal data."""
    if step.related("group:questionnaire"):
        return None
    return _l("The questionnaire of this applicant is missing: have it filed and signed before you accept.")


@rule(WKU.clause("6.2.5"), on=("accept",))
def referral_for_budget_places(step: Step) -> Answer:
    """For a place paid from the budget, the candidate files his organisation's order of referral."""
    if step.group.get("funding") != "budget" or step.content.get("funding") == "budget":
        return None
    return _l(
        "This course is paid from the budget: return the application, choose budget funding and attach the "
        "organisation's order of referral."
    )


def _from_the_budget(content: Content, profile: Profile) -> bool:
    return content.get("funding") == "budget"


def _russian(profile: Profile) -> tuple[str, ...]:
    return ("ru",)


TYPE = DocumentType(
    name="wku_application",
    stage="applications",
    title=Text(
        "Біліктілікті арттыру курсына қабылдау туралы өтініш (ДСК. 08. ПД. 81, 1-қосымша)",
        "Заявление на обучение на курсах повышения квалификации (ДСК. 08. ПД. 81, приложение 1)",
        "Application for a course of professional development (ДСК. 08. ПД. 81, appendix 1)",
    ),
    brief=Text("Курсқа өтініш", "Заявление на курс", "Application"),
    regulated_by=(WKU.appendix(1),),
    form=WkuApplicationForm,
    workflow=application,
    template="paper/wku_application.typ",
    slots=(shared.APPLICANT,),
    journal=Journal("wku_application", "{unit}-З-{seq:05d}/{year}"),
    rules=(filed_by_then, questionnaire_filed, referral_for_budget_places),
    subjects=("applicant",),
    heading=shared.heading,
    attachments=(
        Requirement(
            "identity_document",
            Text("Жеке куәліктің көшірмесі", "Копия удостоверения личности", "Copy of the identity document"),
            (WKU.clause("6.2.2"),),
        ),
        Requirement(
            "diploma",
            Text(
                "Техникалық және кәсіптік немесе жоғары білім туралы дипломның көшірмесі",
                "Копия диплома о профессионально-техническом или высшем образовании",
                "Copy of the diploma of vocational or higher education",
            ),
            (WKU.clause("6.2.3"),),
        ),
        Requirement(
            "referral_order",
            Text(
                "Білім беру ұйымының жіберу туралы бұйрығы",
                "Приказ организации образования о направлении",
                "Order of referral of the educational organisation",
            ),
            (WKU.clause("6.2.5"),),
            when=_from_the_budget,
        ),
    ),
    languages=_russian,
    spreadsheet=Import(
        rows="",
        key="applicant-iin",
        columns={
            **shared.PERSON_COLUMNS,
            "position": shared.POSITION_COLUMN,
            "workplace": shared.WORKPLACE_COLUMN,
            "study_language": shared.STUDY_LANGUAGE_COLUMN,
            "programme": ("Программа курса", "Курс бағдарламасы", "Programme"),
            "funding": ("Финансирование", "Қаржыландыру", "Funding"),
            "filed_on": shared.FILED_ON_COLUMN,
        },
    ),
    sample={
        "addressee_organisation": "Западно-Казахстанский инновационно-технологический университет",
        "addressee_person": {"surname": "Шакешев", "given_name": "Бактияр", "patronymic": "Турганович"},
        "addressee_position": "",
        "applicant": {
            "surname": "Өмірғалиқызы-Сейітмұхамбетова",
            "given_name": "Ғазиза",
            "patronymic": "Әбдіжәмілқызы",
            "iin": "850314400129",
            "iin_override": "",
        },
        "position": "учитель начальных классов",
        "workplace": "КГУ «Средняя общеобразовательная школа № 7», город Уральск, Западно-Казахстанская область",
        "study_language": "kk",
        "programme": "Развитие цифровых компетенций педагога в условиях обновлённого содержания образования",
        "funding": "paid",
        "filed_on": "2026-01-20",
    },
)
