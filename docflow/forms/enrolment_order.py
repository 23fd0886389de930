"""Order on enrolment of listeners: O95 18, WKU 4.3 and 6.8, KNK 4.1(7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from docflow.core.collation import name_key
from docflow.core.derivation import Gathering
from docflow.core.messages import _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import DocumentType, Journal, Requirement
from docflow.forms._application import name_of
from docflow.forms._assessment import HEAD
from docflow.forms.base import (
    BooleanField,
    FieldList,
    FormField,
    PersonForm,
    RecordForm,
    SelectField,
    day,
    hidden_id,
    optional_text,
    required_text,
    study_language,
    whole_number,
)
from docflow.forms.workflows import issued
from docflow.regulations.knk import KNK
from docflow.regulations.o95 import O95
from docflow.regulations.wku import WKU

APPLICATIONS = ("o95_application", "o95_application_abroad", "wku_application", "knk_application")

DURATION_KINDS = [("short", _l("Short course")), ("long", _l("Long course"))]
PROGRAMME_KINDS = [
    ("general", _l("General programme")),
    ("author", _l("Author's course")),
    ("registry", _l("Course of the registry")),
]

# ---------------------------------------------------------------- words of the paper

HEADING = Text(
    kk="«{topic}» біліктілікті арттыру курсына тыңдаушыларды қабылдау туралы",
    ru="О зачислении слушателей на курс повышения квалификации «{topic}»",
)
APPLICATIONS_AS_BASIS = Text(
    kk="тыңдаушылардың қабылданған өтініштері",
    ru="принятые заявления слушателей",
)
# O95 18 and WKU 6.8: the letters of the education departments come first.
LETTERS_AS_BASIS = Text(
    kk="білім басқармаларының тыңдаушылар тізімдері қоса берілген хаттары және тыңдаушылардың қабылданған өтініштері",
    ru="письма управлений образования с приложенными списками слушателей, принятые заявления слушателей",
)
FORMATS = {
    "full_time": Text(kk="күндізгі", ru="очная"),
    "distance": Text(kk="қашықтан", ru="дистанционная"),
    "mixed": Text(kk="аралас", ru="смешанная"),
}

# ---------------------------------------------------------------- form


class LeaderForm(RecordForm):
    person = FormField(PersonForm, _l("Name"))
    person_id = hidden_id()
    position = optional_text(_l("Position"))


class EnrolledForm(RecordForm):
    person = FormField(PersonForm, _l("Listener"))
    person_id = hidden_id()
    workplace = optional_text(_l("Place of work"), longest=500)
    position = optional_text(_l("Position"))
    application_number = optional_text(_l("Number of the application"), longest=60)
    application_date = day(_l("Date of the application"), required=False)


class EnrolmentOrderForm(RecordForm):
    heading = required_text(_l("Heading"), longest=600)
    basis = required_text(
        _l("Basis"), longest=1000, hint=_l("What the order rests on: applications, letters with lists of listeners.")
    )
    programme = required_text(_l("Educational programme"), longest=500)
    programme_kind = SelectField(_l("Kind of programme"), choices=PROGRAMME_KINDS, default="general")
    hours = whole_number(_l("Academic hours"), least=1, most=5000)
    duration_kind = SelectField(_l("Duration"), choices=DURATION_KINDS)
    starts_on = day(_l("First day of study"))
    ends_on = day(_l("Last day of study"))
    study_language = study_language()
    format = optional_text(_l("Form of study"))
    individual = BooleanField(_l("Individual course"))
    budget = BooleanField(_l("At the expense of the budget"))
    responsible = FieldList(FormField(LeaderForm), _l("Responsible leaders of the programme"))
    listeners = FieldList(FormField(EnrolledForm), _l("Listeners"))


# ---------------------------------------------------------------- rules


@rule(O95.clause("18"), WKU.clause("4.3"), KNK.clause("4.1(7)"))
def names_a_listener(step: Step) -> Any:
    """An order on enrolment rests on a list of listeners: at least one."""
    if not step.content.get("listeners"):
        return Refusal("", _l("The list is empty: add at least one listener."), field="listeners")
    return None


@rule(KNK.clause("3.11"))
def group_is_complete(step: Step) -> Any:
    """A group course needs at least four accepted requests; an individual course is for one person."""
    count = len(step.content.get("listeners") or ())
    if step.content.get("individual"):
        if count > 1:
            return Refusal(
                "",
                _l("An individual course is for one listener; the list has %(count)s. Make it a group.", count=count),
                field="individual",
            )
        return None
    least = step.profile.threshold("group_size_min")
    if count < least.value:
        return Refusal(
            "",
            _l(
                "The group has %(count)s listeners and needs at least %(least)s: add listeners, or mark the course "
                "as individual.",
                count=count,
                least=least.value,
            ),
            field="listeners",
        )
    return None


@rule(O95.clause("23(1)"), WKU.clause("4.9.1"))
def hours_make_a_course(step: Step) -> Any:
    """A course has no fewer academic hours than the shortest of short courses."""
    hours, least = step.content.get("hours") or 0, step.profile.threshold("short_course_hours_min")
    if hours < least.value:
        return Refusal(
            "",
            _l("%(hours)s academic hours are no course: it takes at least %(least)s.", hours=hours, least=least.value),
            field="hours",
        )
    return None


@rule(O95.clause("23(1)"), WKU.clause("4.9.1"))
def short_course_is_short(step: Step) -> Any:
    """A short course ends with the upper limit of hours; whatever is longer is a long course."""
    hours, most = step.content.get("hours") or 0, step.profile.threshold("short_course_hours_max")
    if step.content.get("duration_kind") == "short" and hours > most.value:
        return Refusal(
            "",
            _l(
                "A short course has at most %(most)s academic hours, this one %(hours)s: choose a long course.",
                most=most.value,
                hours=hours,
            ),
            field="duration_kind",
        )
    return None


@rule(O95.clause("23(2)"), WKU.clause("4.9.2"))
def long_course_is_long(step: Step) -> Any:
    """A long course has more academic hours than the upper limit of short courses."""
    hours, over = step.content.get("hours") or 0, step.profile.threshold("long_course_hours_over")
    if step.content.get("duration_kind") == "long" and hours <= over.value:
        return Refusal(
            "",
            _l(
                "A long course has more than %(over)s academic hours, this one %(hours)s: choose a short course.",
                over=over.value,
                hours=hours,
            ),
            field="duration_kind",
        )
    return None


@rule(KNK.clause("3.13"))
def authors_course_has_its_hours(step: Step) -> Any:
    """An author's course, individual or in a group, has exactly 72 academic hours."""
    return _exact_hours(step, "author", "author_course_hours")


@rule(KNK.clause("3.14"))
def registry_course_has_its_hours(step: Step) -> Any:
    """A course entered in the registry has exactly 80 academic hours."""
    return _exact_hours(step, "registry", "registry_course_hours")


def _exact_hours(step: Step, kind: str, threshold: str) -> Refusal | None:
    hours, exact = step.content.get("hours"), step.profile.threshold(threshold)
    if step.content.get("programme_kind") != kind or hours == exact.value:
        return None
    return Refusal(
        "",
        _l(
            "A course of this kind of programme has exactly %(exact)s academic hours, not %(hours)s.",
            exact=exact.value,
            hours=hours,
        ),
        field="hours",
    )


@rule(O95.clause("17"), WKU.clause("4.3"), KNK.clause("4.1(6)"))
def dates_are_in_order(step: Step) -> Any:
    """The terms of study begin before they end; a course of one day begins and ends on it."""
    starts_on, ends_on = step.content.get("starts_on"), step.content.get("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        return Refusal("", _l("The last day of study is before the first: correct the dates."), field="ends_on")
    return None


@rule(WKU.clause("4.3"))
def responsible_leaders_are_named(step: Step) -> Any:
    """The rector's order names the responsible leaders of the educational programme."""
    if not step.content.get("responsible"):
        return Refusal("", _l("Name at least one responsible leader of the programme."), field="responsible")
    return None


@rule(KNK.clause("3.6"))
def leaders_are_not_too_many(step: Step) -> Any:
    """A programme may be carried out by two or three leaders, not by more."""
    count, most = len(step.content.get("responsible") or ()), step.profile.threshold("programme_leaders_max")
    if count > most.value:
        return Refusal(
            "",
            _l("A programme has at most %(most)s leaders, this one %(count)s.", most=most.value, count=count),
            field="responsible",
        )
    return None


@rule(O95.clause("18"), WKU.clause("6.2.1"), KNK.clause("3.11"))
def applications_are_accepted(step: Step) -> Any:
    """Every listener on the list stands there by an application that has been accepted."""
    accepted = {found.number for found in step.related("basis") if found.state == "accepted"}
    return [
        Refusal(
            "",
            _l(
                "%(name)s has no accepted application: accept it first, or take the row out of the list.",
                name=name_of(row.get("person")),
            ),
            field="listeners",
            row=number,
        )
        for number, row in _rows(step)
        if row.get("application_number") not in accepted
    ]


@rule(O95.clause("18"), WKU.clause("4.3"), KNK.clause("4.1(7)"))
def nobody_is_listed_twice(step: Step) -> Any:
    """A list of listeners names each person once."""
    times = Counter(row["person_id"] for _, row in _rows(step) if row.get("person_id"))
    return [
        Refusal(
            "",
            _l("%(name)s is on the list more than once: take the other rows out.", name=name_of(row.get("person"))),
            field="listeners",
            row=number,
        )
        for number, row in _rows(step)
        if times[row.get("person_id")] > 1
    ]


def _rows(step: Step) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(step.content.get("listeners") or (), start=1)


# ---------------------------------------------------------------- gathering


def from_applications(
    applications: Sequence[RelatedDocument], group: Mapping[str, Any], profile: Profile, on: date, language: str
) -> dict[str, Any]:
    """Draft the order from the accepted applications of a group, in the language of the order."""
    budget = group.get("funding") == "budget"
    basis = LETTERS_AS_BASIS if budget else APPLICATIONS_AS_BASIS
    topic, kind = group.get("topic") or "", group.get("programme_kind")
    hours = group.get("hours") or 0
    form_of_study = FORMATS.get(group.get("format") or "")
    listeners = sorted((_listener(each) for each in applications), key=lambda row: name_key(row["person"]))
    return {
        "heading": HEADING.in_language(language).format(topic=topic),
        "basis": basis.in_language(language),
        "programme": topic,
        "programme_kind": kind if kind in dict(PROGRAMME_KINDS) else "general",
        "hours": hours,
        "duration_kind": "short" if hours <= profile.threshold("short_course_hours_max").value else "long",
        "starts_on": group.get("starts_on") or "",
        "ends_on": group.get("ends_on") or "",
        "study_language": group.get("study_language") or language,
        "format": form_of_study.in_language(language) if form_of_study else "",
        "individual": bool(group.get("individual")),
        "budget": budget,
        "responsible": [_leader(each) for each in group.get("responsible") or ()],
        "listeners": listeners,
    }


def _listener(application: RelatedDocument) -> dict[str, Any]:
    applicant = application.content.get("applicant") or {}
    return {
        "person": _names(applicant),
        "person_id": application.subject_id,
        "workplace": application.content.get("workplace") or "",
        "position": application.content.get("position") or "",
        "application_number": application.number,
        "application_date": application.registered_on.isoformat() if application.registered_on else "",
    }


def _leader(leader: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "person": _names(leader.get("person") or {}),
        "person_id": leader.get("person_id"),
        "position": leader.get("position") or "",
    }


def _names(person: Mapping[str, Any]) -> dict[str, str]:
    # The names alone: an IIN never enters a list that travels inside the paper.
    return {part: str(person.get(part) or "") for part in ("surname", "given_name", "patronymic")}


def _is_budget(content: Content, profile: Profile) -> bool:
    return bool(content.get("budget"))


def _heading(content: Content) -> str:
    return str(content.get("heading") or "")


# ---------------------------------------------------------------- samples

_PEOPLE = (
    ("Әбдірахманова", "Гүлнар", "Серікқызы"),
    ("Ғаббасов", "Ерлан", "Маратұлы"),
    ("Ким", "Виктор", ""),
    ("Қуанышбекова", "Әсел", "Нұрланқызы"),
    ("Өмірғалиқызы-Сейітмұхамбетова", "Ғазиза", "Әбдіжәмілқызы"),
    ("Һашимов", "Ұлан", "Іңкәрұлы"),
)
_LEADER = {"surname": "Жұмабаева", "given_name": "Айгүл", "patronymic": "Қайратқызы"}


def _sample_row(index: int, workplace: str, position: str) -> dict[str, Any]:
    surname, given_name, patronymic = _PEOPLE[index % len(_PEOPLE)]
    return {
        "person": {"surname": surname, "given_name": given_name, "patronymic": patronymic},
        "person_id": index + 1,
        "workplace": workplace,
        "position": position,
        "application_number": f"{index + 1}-Ө/2026",
        "application_date": "2026-01-20",
    }


def _sample_rows(count: int, workplace: str, position: str) -> list[dict[str, Any]]:
    rows = [_sample_row(index, workplace, position) for index in range(count)]
    return sorted(rows, key=lambda row: name_key(row["person"]))


_TOPIC_RU = "Развитие цифровых компетенций педагога в условиях обновлённого содержания образования"
_TOPIC_KK = "Қобыз орындаушылығының қазіргі әдістемесі"
SAMPLE = {
    "heading": HEADING.ru.format(topic=_TOPIC_RU),
    "basis": APPLICATIONS_AS_BASIS.ru,
    "programme": _TOPIC_RU,
    "programme_kind": "general",
    "hours": 72,
    "duration_kind": "short",
    "starts_on": "2026-02-02",
    "ends_on": "2026-02-14",
    "study_language": "ru",
    "format": FORMATS["mixed"].ru,
    "individual": False,
    "budget": False,
    "responsible": [{"person": _LEADER, "person_id": 100, "position": "ассоциированный профессор"}],
    "listeners": _sample_rows(25, "КГУ «Средняя общеобразовательная школа № 7», город Уральск", "учитель информатики"),
}
SAMPLE_KNK = SAMPLE | {
    "heading": HEADING.kk.format(topic=_TOPIC_KK),
    "basis": APPLICATIONS_AS_BASIS.kk,
    "programme": _TOPIC_KK,
    "programme_kind": "author",
    "study_language": "kk",
    "format": FORMATS["full_time"].kk,
    "responsible": [{"person": _LEADER, "person_id": 100, "position": "доцент"}],
    "listeners": _sample_rows(4, "Абай атындағы балалар музыка мектебі, Талдықорған қаласы", "қобыз сыныбы оқытушысы"),
}

TYPE = DocumentType(
    name="enrolment_order",
    stage="enrolment",
    title=Text(
        kk="Тыңдаушыларды қабылдау туралы бұйрық", ru="Приказ о зачислении слушателей", en="Order on enrolment"
    ),
    regulated_by=(WKU.clause("4.3"), KNK.clause("4.1(7)"), O95.clause("18")),
    form=EnrolmentOrderForm,
    workflow=issued,
    template="paper/enrolment_order.typ",
    journal=Journal("enrolment_orders", "{seq}-ПК/{year}"),
    slots=HEAD,
    gathered_from=Gathering(sources=APPLICATIONS, state="accepted", fill=from_applications),
    attachments=(
        Requirement(
            "authority_letter",
            Text(
                kk="Білім басқармасының тыңдаушылар тізімі қоса берілген хаты",
                ru="Письмо управления образования с приложенным списком слушателей",
                en="Letter of the education department with the list of listeners",
            ),
            (O95.clause("18"), WKU.clause("6.8")),
            when=_is_budget,
        ),
    ),
    rules=(
        names_a_listener,
        group_is_complete,
        hours_make_a_course,
        short_course_is_short,
        long_course_is_long,
        authors_course_has_its_hours,
        registry_course_has_its_hours,
        dates_are_in_order,
        responsible_leaders_are_named,
        leaders_are_not_too_many,
        applications_are_accepted,
        nobody_is_listed_twice,
    ),
    heading=_heading,
    public_fields=("programme", "hours", "starts_on", "ends_on"),
    sample=SAMPLE,
    samples={"knk": SAMPLE_KNK},
)
