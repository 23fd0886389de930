"""Application for a course abroad: appendix 2 of Order No. 95."""

from __future__ import annotations

from docflow.core.calendar import add_months, add_years
from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.core.rules import Answer, Step, rule
from docflow.core.types import DocumentType, Import, Journal
from docflow.forms import _application as shared
from docflow.forms.base import RecordForm, required_text
from docflow.forms.workflows import application
from docflow.regulations.o95 import O95

MONTHS, YEAR = "up_to_3_months", "up_to_1_year"  # the two classes that the form prints
DURATIONS = [(MONTHS, _l("Up to 3 months")), (YEAR, _l("Up to 1 year"))]


class O95ApplicationAbroadForm(RecordForm):
    """The lines of the form: those of appendix 1, how long, and in which country."""

    workplace = required_text(_l("Place of work, to whose head the application goes"))
    addressee_person = shared.addressee_person()
    applicant = shared.applicant()
    position = required_text(_l("Position of the applicant"))
    duration_class = shared.choice(_l("Length of the course"), DURATIONS)
    country = required_text(_l("Country of study"), longest=120)
    study_language = shared.study_language_choice()
    filed_on = shared.filing_day()


@rule(O95.clause("10"), on=("submit", "accept"))
def only_for_budget_places(step: Step) -> Answer:
    """The application of appendix 1 or 2 is for courses that are paid from the budget."""
    return shared.refuse_unless_budget(step)


@rule(O95.clause("5(3)"), on=("submit", "accept"))
def at_most_a_year(step: Step) -> Answer:
    """Courses abroad take the teacher from work for at most one year."""
    starts, ends = shared.day_of(step.group.get("starts_on")), shared.day_of(step.group.get("ends_on"))
    if starts is None or ends is None or ends <= add_years(starts, 1):
        return None
    return _l("This course abroad lasts longer than a year: teachers cannot be sent to it.")


@rule(O95.appendix(2), on=("submit", "accept"))
def as_long_as_asked(step: Step) -> Answer:
    """The application names the length of the course: up to three months, or up to a year."""
    starts, ends = shared.day_of(step.group.get("starts_on")), shared.day_of(step.group.get("ends_on"))
    if step.content.get("duration_class") != MONTHS or starts is None or ends is None:
        return None
    if ends <= add_months(starts, 3):
        return None
    return _l("The application is for up to 3 months and this course is longer: choose “up to 1 year”.")


@rule(O95.clause("23 ¶2(1)"), on=("submit", "accept"))
def enough_hours_abroad(step: Step) -> Answer:
    """A course abroad has no fewer academic hours than the shortest that the clause allows."""
    hours, least = step.group.get("hours"), step.profile.threshold("abroad_short_hours_min").value
    if hours is None or hours >= least:
        return None
    return _l(
        "A course abroad has at least %(least)s academic hours; this one has %(hours)s.", least=least, hours=hours
    )


@rule(O95.appendix(2))
def filed_by_then(step: Step) -> Answer:
    """An application is not filed before the day that it bears."""
    return shared.filed_by_then(step)


TYPE = DocumentType(
    name="o95_application_abroad",
    stage="applications",
    title=Text(
        "Шетелдегі біліктілікті арттыру курсында оқуға өтініш (№ 95 бұйрық, 2-қосымша)",
        "Заявление на обучение на курсах за рубежом (приказ № 95, приложение 2)",
        "Application for a course abroad (Order No. 95, appendix 2)",
    ),
    brief=Text("Өтініш (№ 95, 2-қосымша)", "Заявление (№ 95, прил. 2)", "Application (app. 2)"),
    regulated_by=(O95.appendix(2),),
    form=O95ApplicationAbroadForm,
    workflow=application,
    template="paper/o95_application_abroad.typ",
    slots=(shared.APPLICANT,),
    journal=Journal("o95_application_abroad", "{unit}-ЗЗ-{seq:05d}/{year}"),
    rules=(only_for_budget_places, at_most_a_year, as_long_as_asked, enough_hours_abroad, filed_by_then),
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
            "duration_class": ("Продолжительность курса", "Курстың ұзақтығы", "Length of the course"),
            "country": ("Страна обучения", "Оқитын ел", "Country of study"),
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
        "position": "ағылшын тілі мұғалімі",
        "duration_class": MONTHS,
        "country": "Финляндия",
        "study_language": "en",
        "filed_on": "2026-01-20",
    },
)
