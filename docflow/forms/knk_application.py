"""Application of a musician to the conservatory: appendix 1 of its rules, signed by two people."""

from __future__ import annotations

from wtforms.validators import Email, InputRequired

from docflow.core.messages import _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Answer, Content, Refusal, Step, rule
from docflow.core.types import Capacity, DocumentType, Import, Journal, Requirement, SignatureSlot
from docflow.forms import _application as shared
from docflow.forms.base import (
    BooleanField,
    FormField,
    IdentifiedPersonForm,
    Length,
    RecordForm,
    StringField,
    optional_text,
    required_text,
)
from docflow.forms.workflows import application
from docflow.regulations.knk import KNK

AUTHOR, REGISTRY = "author", "registry"
PROGRAMMES = [
    (AUTHOR, _l("“Author's course”, 72 academic hours")),
    (REGISTRY, _l("Registry course, 80 academic hours")),
]


class KnkApplicationForm(RecordForm):
    """The sixteen fields of the form in its order, then who signs for the employer (4.1(1)).

    ``diploma_surname`` is not printed: it decides whether 4.1(4) asks for a document.
    """

    addressee_person = shared.addressee_person()
    applicant = shared.applicant()
    workplace = required_text(_l("Place of work (name of the institution)"))
    workplace_address = required_text(_l("Address of the place of work"))
    work_phone = optional_text(_l("Phone at work"), longest=60)
    education = required_text(_l("Education"), longest=500)
    position = required_text(_l("Position"))
    degree = optional_text(_l("Academic degree"))
    speciality = required_text(_l("Speciality"))
    subjects_taught = required_text(_l("Subjects taught"), longest=500)
    home_address = required_text(_l("Home address"), longest=500)
    email = StringField(
        _l("E-mail"),
        [InputRequired(_l("Fill in this field.")), Email(_l("This is no e-mail address.")), Length(max=200)],
    )
    mobile = required_text(_l("Mobile phone"), longest=60)
    course_speciality = required_text(_l("Speciality of the course"))
    programme_kind = shared.choice(_l("Programme"), PROGRAMMES)
    period_from = shared.written_day(_l("First day of the course"))
    period_to = shared.written_day(_l("Last day of the course"))
    payment_guarantee = BooleanField(_l("The applicant guarantees payment"), false_values=shared.NO)
    employer_head = FormField(IdentifiedPersonForm, label=_l("Head of the applicant's organisation"))
    employer_head_position = optional_text(_l("Position of the head"))
    diploma_surname = optional_text(
        _l("Surname in the diploma, if it differs"), hint=_l("Then the document on the change of name is attached too.")
    )
    study_language = shared.study_language_choice()
    filed_on = shared.filing_day()


@rule(KNK.appendix(1))
def payment_guaranteed(step: Step) -> Answer:
    """The application states: I guarantee payment."""
    if step.content.get("payment_guarantee"):
        return None
    return _l("The guarantee of payment is missing: the form cannot be filed without it.")


@rule(KNK.appendix(1))
def period_in_order(step: Step) -> Answer:
    """The application names the days from and until which the course is to last."""
    starts, ends = (shared.day_of(step.content.get(name)) for name in ("period_from", "period_to"))
    if starts is None or ends is None or starts <= ends:
        return None
    return _l("The last day of the course is before the first: correct the period.")


@rule(KNK.clause("3.13"), on=("accept",))
def programme_as_asked(step: Step) -> Answer:
    """A listener is taught the programme that he asks for: the author's course, or one of the registry."""
    asked, offered = step.content.get("programme_kind"), step.group.get("programme_kind", "")
    if offered not in (AUTHOR, REGISTRY) or asked == offered:
        return None
    message = _l("The application asks for the other kind of programme: return it, or move it to another group.")
    return Refusal("", message, KNK.clause("3.13" if asked == AUTHOR else "3.14"))


@rule(KNK.clause("4.1(1)"))
def filed_by_then(step: Step) -> Answer:
    """The listener fills in and signs the application himself, and does it no later than he files it."""
    return shared.filed_by_then(step)


def _name_has_changed(content: Content, profile: Profile) -> bool:
    in_diploma = str(content.get("diploma_surname") or "").strip().casefold()
    return in_diploma not in ("", str((content.get("applicant") or {}).get("surname") or "").strip().casefold())


def _kazakh(profile: Profile) -> tuple[str, ...]:
    return ("kk",)


TYPE = DocumentType(
    name="knk_application",
    stage="applications",
    title=Text(
        "Біліктілігін арттыруға өтінім", "Заявка на повышение квалификации", "Application for professional development"
    ),
    regulated_by=(KNK.appendix(1),),
    form=KnkApplicationForm,
    workflow=application,
    template="paper/knk_application.typ",
    slots=(
        shared.APPLICANT,
        SignatureSlot(
            "employer_head",
            Capacity.EMPLOYER_HEAD,
            Text("Тыңдаушы ұйымының басшысы", "Руководитель организации слушателя"),
            person="employer_head",
            order=2,
        ),
    ),
    journal=Journal("knk_application", "{unit}-Ө-{seq:05d}/{year}"),
    rules=(payment_guaranteed, period_in_order, programme_as_asked, filed_by_then),
    subjects=("applicant",),
    heading=shared.heading,
    attachments=(
        Requirement(
            "diploma",
            Text(
                "Дипломның көшірмесі, қосымшаларымен бірге", "Копия диплома с приложениями",
                "Copy of the diploma with its annexes",
            ),
            (KNK.clause("4.1(2)"),),
        ),
        Requirement(
            "identity_document",
            Text("Жеке куәлік (екі жағы)", "Удостоверение личности (обе стороны)", "Identity document, both sides"),
            (KNK.clause("4.1(3)"),),
        ),
        Requirement(
            "name_change",
            Text(
                "Жеке куәлік пен дипломдағы тегінің айырмашылығы туралы құжат",
                "Документ о расхождении фамилии в удостоверении и дипломе",
                "Document on the difference of surnames in identity document and diploma",
            ),
            (KNK.clause("4.1(4)"),),
            when=_name_has_changed,
        ),
    ),
    languages=_kazakh,
    spreadsheet=Import(
        rows="",
        key="applicant-iin",
        columns={
            **shared.PERSON_COLUMNS,
            "workplace": shared.WORKPLACE_COLUMN,
            "workplace_address": ("Адрес места работы", "Жұмыс орнының мекенжайы", "Address of the place of work"),
            "work_phone": ("Рабочий телефон", "Жұмыс телефоны", "Phone at work"),
            "education": ("Образование", "Білімі", "Education"),
            "position": shared.POSITION_COLUMN,
            "degree": ("Учёная степень", "Ғылыми дәрежесі", "Academic degree"),
            "speciality": ("Специальность", "Мамандығы", "Speciality"),
            "subjects_taught": ("Преподаваемые предметы", "Оқытылатын пәндер", "Subjects taught"),
            "home_address": ("Адрес проживания", "Тұрғылықты мекенжайы", "Home address", "Тұрғылықты мекен-жай"),
            "email": ("Электронная почта", "Электрондық пошта", "E-mail"),
            "mobile": ("Мобильный телефон", "Ұялы телефон", "Mobile phone", "Сот. телефон"),
            "course_speciality": ("Специальность курса", "Курс мамандығы", "Speciality of the course"),
            "programme_kind": ("Вид программы", "Бағдарлама түрі", "Kind of programme"),
            "period_from": ("Начало курса", "Курстың басталуы", "First day of the course"),
            "period_to": ("Окончание курса", "Курстың аяқталуы", "Last day of the course"),
            "payment_guarantee": ("Оплату гарантирую", "Төлеуге кепілдік беремін", "Payment guaranteed"),
            "employer_head-surname": ("Фамилия руководителя", "Басшының тегі", "Surname of the head"),
            "employer_head-given_name": ("Имя руководителя", "Басшының аты", "Given name of the head"),
            "employer_head-patronymic": ("Отчество руководителя", "Басшының әкесінің аты", "Patronymic of the head"),
            "employer_head-iin": ("ИИН руководителя", "Басшының ЖСН", "IIN of the head"),
            "employer_head_position": ("Должность руководителя", "Басшының лауазымы", "Position of the head"),
            "diploma_surname": ("Фамилия в дипломе", "Дипломдағы тегі", "Surname in the diploma"),
            "study_language": shared.STUDY_LANGUAGE_COLUMN,
            "filed_on": shared.FILED_ON_COLUMN,
        },
    ),
    sample={
        "addressee_person": {"surname": "", "given_name": "", "patronymic": ""},
        "applicant": {
            "surname": "Өмірғалиқызы-Сейітмұхамбетова",
            "given_name": "Ғазиза",
            "patronymic": "Әбдіжәмілқызы",
            "iin": "850314400129",
            "iin_override": "",
        },
        "workplace": "«Күләш Байсейітова атындағы дарынды балаларға арналған республикалық мамандандырылған музыкалық "
        "мектеп-интернаты» РММ",
        "workplace_address": "Алматы қ., Достық даңғылы, 00",
        "work_phone": "+7 727 000 00 00",
        "education": "жоғары, Құрманғазы атындағы Қазақ ұлттық консерваториясы, 2008 жыл",
        "position": "қобыз сыныбының оқытушысы",
        "degree": "",
        "speciality": "Дәстүрлі музыка өнері: қобыз",
        "subjects_taught": "мамандық, ансамбль, аспапты меңгеру әдістемесі",
        "home_address": "Алматы қ., Құрманғазы к-сі, 100-үй, 12-пәтер",
        "email": "gaziza@example.kz",
        "mobile": "+7 700 000 00 12",
        "course_speciality": "Дәстүрлі музыка өнері",
        "programme_kind": AUTHOR,
        "period_from": "2026-02-02",
        "period_to": "2026-02-14",
        "payment_guarantee": True,
        "employer_head": {
            "surname": "Һашимов",
            "given_name": "Ұлан",
            "patronymic": "Іңкәрұлы",
            "iin": "790512301232",
            "iin_override": "",
        },
        "employer_head_position": "мектеп-интернат директоры",
        "diploma_surname": "",
        "study_language": "kk",
        "filed_on": "2026-01-20",
    },
)
