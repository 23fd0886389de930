"""Questionnaire of the listener: appendix 2 of the university's statute; it feeds the person's record."""

from __future__ import annotations

from typing import Any

from wtforms.validators import Email, InputRequired

from docflow.core.identifiers import birth_date, iin_faults
from docflow.core.messages import _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Answer, Content, Step, rule
from docflow.core.types import DocumentType, Import, Journal
from docflow.forms import _application as shared
from docflow.forms.base import (
    BooleanField,
    Length,
    RecordForm,
    StringField,
    TextAreaField,
    optional_text,
    required_text,
    whole_number,
)
from docflow.forms.workflows import application
from docflow.regulations.wku import WKU


class QuestionnaireForm(RecordForm):
    """The fourteen fields of the form in its order; three of them are kept in two parts.

    The consent is not printed in the act: Law No. 94-V on personal data asks for it, article 7.
    """

    applicant = shared.applicant()
    birth_date = shared.written_day(_l("Date of birth"))
    position = required_text(_l("Position"))
    education = required_text(_l("Education"), longest=500)
    category = optional_text(_l("Qualification category"))
    category_valid_until = shared.written_day(_l("The category is valid until"), required=False)
    workplace = required_text(_l("Place of work (full name of the organisation)"))
    region = required_text(_l("Region of the place of work"))
    total_experience = whole_number(_l("Total work experience, years"), most=80)
    teaching_experience = whole_number(_l("Teaching experience, years"), most=80)
    study_language = shared.study_language_choice()
    address = required_text(_l("Home address"), longest=500)
    phone = required_text(_l("Contact phone"), longest=60)
    email = StringField(
        _l("E-mail"),
        [InputRequired(_l("Fill in this field.")), Email(_l("This is no e-mail address.")), Length(max=200)],
    )
    extra = TextAreaField(_l("Additional information"), [Length(max=2000)])
    consent = BooleanField(
        _l("The applicant agrees to the collection and processing of these personal data"), false_values=shared.NO
    )
    filed_on = shared.filing_day()


@rule(WKU.clause("6.2.4"))
def consent_given(step: Step) -> Answer:
    """Personal data are collected in a questionnaire that the candidate files himself, and so agrees to."""
    if step.content.get("consent") or step.profile.setting("questionnaire_consent") == "no":
        return None
    return _l("Consent to the processing of personal data is missing: without it the questionnaire cannot be filed.")


@rule(WKU.appendix(2))
def birth_date_matches_iin(step: Step) -> Answer:
    """The date of birth in the questionnaire is the one that the IIN begins with."""
    person = step.content.get("applicant") or {}
    iin, born = str(person.get("iin") or ""), shared.day_of(step.content.get("birth_date"))
    if born is None or person.get("iin_override") or iin_faults(iin) or birth_date(iin) in (None, born):
        return None
    return _l("The date of birth and the IIN do not agree: compare both with the identity document.")


@rule(WKU.appendix(2))
def teaching_within_total(step: Step) -> Answer:
    """Teaching experience is a part of the total work experience."""
    total, teaching = step.content.get("total_experience"), step.content.get("teaching_experience")
    if total is None or teaching is None or teaching <= total:
        return None
    return _l("Teaching experience is longer than total experience: correct one of them.")


@rule(WKU.appendix(2))
def filed_by_then(step: Step) -> Answer:
    """A questionnaire is not filed before the day that it bears."""
    return shared.filed_by_then(step)


def person_details(content: Content) -> dict[str, Any]:
    """Give what the record of the person takes from a questionnaire; name and IIN are known already."""
    return {key: content.get(key) for key in _DETAILS}


_DETAILS = (
    "birth_date", "position", "education", "category", "category_valid_until", "workplace", "region",
    "total_experience", "teaching_experience", "study_language", "address", "phone", "email", "extra",
)  # fmt: skip


def _russian(profile: Profile) -> tuple[str, ...]:
    return ("ru",)


TYPE = DocumentType(
    name="questionnaire",
    stage="applications",
    title=Text(
        "Біліктілікті арттыру курстары тыңдаушысының сауалнамасы",
        "Анкета слушателя курсов повышения квалификации",
        "Questionnaire of a listener of courses of professional development",
    ),
    brief=Text("Тыңдаушы сауалнамасы", "Анкета слушателя", "Questionnaire"),
    regulated_by=(WKU.appendix(2),),
    form=QuestionnaireForm,
    workflow=application,
    template="paper/questionnaire.typ",
    slots=(shared.APPLICANT,),
    journal=Journal("questionnaire", "{unit}-А-{seq:05d}/{year}"),
    rules=(consent_given, birth_date_matches_iin, teaching_within_total, filed_by_then),
    subjects=("applicant",),
    feeds=person_details,
    heading=shared.heading,
    languages=_russian,
    spreadsheet=Import(
        rows="",
        key="applicant-iin",
        columns={
            **shared.PERSON_COLUMNS,
            "birth_date": ("Дата рождения", "Туған күні", "Date of birth"),
            "position": shared.POSITION_COLUMN,
            "education": ("Образование", "Білімі", "Education"),
            "category": ("Квалификационная категория", "Біліктілік санаты", "Qualification category"),
            "category_valid_until": ("Срок действия категории", "Санаттың жарамдылық мерзімі", "Category valid until"),
            "workplace": shared.WORKPLACE_COLUMN,
            "region": ("Регион", "Өңір", "Region"),
            "total_experience": ("Общий стаж работы", "Жалпы еңбек өтілі", "Total experience"),
            "teaching_experience": ("Педагогический стаж", "Педагогикалық өтілі", "Teaching experience"),
            "study_language": shared.STUDY_LANGUAGE_COLUMN,
            "address": ("Адрес проживания", "Тұрғылықты мекенжайы", "Home address"),
            "phone": ("Контактный телефон", "Байланыс телефоны", "Phone"),
            "email": ("Электронная почта", "Электрондық пошта", "E-mail"),
            "extra": ("Дополнительная информация", "Қосымша ақпарат", "Additional information"),
            "consent": ("Согласие на обработку персональных данных", "Дербес деректерді өңдеуге келісім", "Consent"),
            "filed_on": shared.FILED_ON_COLUMN,
        },
    ),
    sample={
        "applicant": {
            "surname": "Өмірғалиқызы-Сейітмұхамбетова",
            "given_name": "Ғазиза",
            "patronymic": "Әбдіжәмілқызы",
            "iin": "850314400129",
            "iin_override": "",
        },
        "birth_date": "1985-03-14",
        "position": "учитель начальных классов",
        "education": "высшее, Западно-Казахстанский университет имени М. Утемисова, 2007 год, педагогика и методика "
        "начального обучения",
        "category": "педагог-исследователь",
        "category_valid_until": "2028-08-31",
        "workplace": "КГУ «Средняя общеобразовательная школа № 7»",
        "region": "Западно-Казахстанская область, город Уральск",
        "total_experience": 18,
        "teaching_experience": 17,
        "study_language": "kk",
        "address": "город Уральск, улица Курмангазы, дом 100, квартира 12",
        "phone": "+7 700 000 00 12",
        "email": "gaziza@example.kz",
        "extra": "",
        "consent": True,
        "filed_on": "2026-01-20",
    },
)
