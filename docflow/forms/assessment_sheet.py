"""Assessment sheet of a course, with attendance, scores and marks: O95 28, WKU 7.1, KNK 4.1(8) and 5.1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from docflow.core.collation import name_key
from docflow.core.derivation import Gathering
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import Capacity, DocumentType, Import, Journal, SignatureSlot
from docflow.forms import _assessment as shared
from docflow.forms.base import (
    FieldList,
    FormField,
    IntegerField,
    NumberRange,
    Optional,
    PersonForm,
    RecordForm,
    day,
    hidden_id,
    optional_text,
    required_text,
    whole_number,
)
from docflow.forms.workflows import issued
from docflow.regulations.knk import KNK
from docflow.regulations.o95 import O95
from docflow.regulations.wku import WKU

FILLING = (KNK.clause("5.1"), WKU.clause("7.1"), O95.clause("28"))

# ---------------------------------------------------------------- form


class TrainerForm(RecordForm):
    person = FormField(PersonForm, _l("Name"))
    person_id = hidden_id()
    position = optional_text(_l("Position"))


class MarkForm(RecordForm):
    mark = optional_text(_l("Mark"), longest=20)


class ResultForm(RecordForm):
    """One listener's row. Everything but the name is empty until the results are in."""

    person = FormField(PersonForm, _l("Listener"))
    person_id = hidden_id()
    attended_hours = whole_number(_l("Hours attended"), most=5000, required=False)
    score = whole_number(_l("Score"), most=10_000, required=False)
    marks = FieldList(FormField(MarkForm), _l("Marks by module"))
    remark = optional_text(_l("Remark"))


def _hidden_percent() -> IntegerField:
    return IntegerField("", [Optional(), NumberRange(min=0, max=100)], render_kw={"type": "hidden"})


class AssessmentSheetForm(RecordForm):
    topic = required_text(_l("Topic of the course"), longest=500)
    hours = whole_number(_l("Academic hours"), least=1, most=5000)
    starts_on = day(_l("First day of study"))
    completed_on = day(_l("Day of completion"))
    max_score = whole_number(_l("Maximum score of the final assessment"), least=1, most=10_000)
    order_number = optional_text(_l("Number of the enrolment order"), longest=80)
    order_date = day(_l("Date of the enrolment order"), required=False)
    trainer = FormField(TrainerForm, _l("Trainer"))
    modules = FieldList(FormField(shared.ModuleForm), _l("Modules of the programme"))
    # What the paper prints beside each result: the act's own figures, never typed by anyone.
    attendance_least = _hidden_percent()
    score_least = _hidden_percent()
    listeners = FieldList(FormField(ResultForm), _l("Listeners"))


# ---------------------------------------------------------------- rules


@rule(*FILLING)
def somebody_is_assessed(step: Step) -> Refusal | None:
    """A final assessment assesses somebody: the sheet has at least one row."""
    if step.content.get("listeners"):
        return None
    return Refusal("", _l("The sheet is empty: gather it from the enrolment order."), field="listeners")


@rule(*FILLING)
def everybody_is_listed_once(step: Step) -> list[Refusal]:
    """Every listener is assessed once: one person, one row."""
    times = Counter(row.get("person_id") for _, row in _rows(step) if row.get("person_id"))
    return [
        _at(number, "person", _l("%(name)s stands in the sheet twice: take one row out.", name=_name_of(row)))
        for number, row in _rows(step)
        if times[row.get("person_id")] > 1
    ]


@rule(O95.clause("24(3)"))
def attendance_is_filled_in(step: Step) -> list[Refusal]:
    """Attendance of the classes is known for every listener; whoever never came has 0."""
    return [
        _at(number, "attended_hours", _l("%(name)s: enter the hours attended; 0 if none.", name=_name_of(row)))
        for number, row in _rows(step)
        if row.get("attended_hours") is None
    ]


@rule(O95.clause("24(4)"), KNK.clause("5.1"), WKU.clause("7.1"))
def score_is_filled_in(step: Step) -> list[Refusal]:
    """The final assessment gives every listener a score; whoever did not take it has 0."""
    return [
        _at(number, "score", _l("%(name)s: enter the score; 0 for somebody who was absent.", name=_name_of(row)))
        for number, row in _rows(step)
        if row.get("score") is None
    ]


@rule(O95.clause("24(3)"))
def nobody_attended_more_than_all(step: Step) -> list[Refusal]:
    """Attendance is counted from all classes of the timetable: nobody attends more of them than there are."""
    hours = step.content.get("hours") or 0
    return [
        _at(
            number, "attended_hours",
            _l("%(name)s: %(attended)s hours attended of %(hours)s there are; correct the number.",
               name=_name_of(row), attended=row["attended_hours"], hours=hours),
        )
        for number, row in _rows(step)
        if (row.get("attended_hours") or 0) > hours
    ]  # fmt: skip


@rule(O95.clause("24(4)"))
def nobody_scored_more_than_the_maximum(step: Step) -> list[Refusal]:
    """A score is a part of the maximum score, and no more than it."""
    best = step.content.get("max_score") or 0
    return [
        _at(
            number, "score",
            _l("%(name)s: a score of %(score)s where %(best)s is the maximum; correct the number.",
               name=_name_of(row), score=row["score"], best=best),
        )
        for number, row in _rows(step)
        if (row.get("score") or 0) > best
    ]  # fmt: skip


@rule(KNK.clause("4.1(8)"), WKU.clause("7.3"), O95.clause("2(8)"))
def every_module_has_its_mark(step: Step) -> Iterator[Refusal]:
    """Every listener who passed has a mark for every module of the programme; the annex prints them."""
    modules = len(step.content.get("modules") or ())
    for number, row in _rows(step):
        given = [mark for mark in row.get("marks") or () if mark.get("mark")]
        if len(given) != modules and _passed(row, step):
            text = _l(
                "%(name)s: %(given)s marks for %(modules)s modules; enter one for each.",
                name=_name_of(row), given=len(given), modules=modules,
            )  # fmt: skip
            yield _at(number, "marks", text)


@rule(WKU.appendix(4), O95.appendix(4))
def modules_are_named(step: Step) -> Refusal | None:
    """The annex to the certificate lists the modules of the programme: the sheet names at least one."""
    if step.content.get("modules") or step.profile.setting("certificate_annex") != "yes":
        return None
    message = _l("Enter the modules of the programme: the annex to the certificate lists them.")
    return Refusal("", message, field="modules")


@rule(O95.clause("17"), WKU.clause("4.4"), KNK.clause("4.1(6)"))
def completion_follows_the_beginning(step: Step) -> Refusal | None:
    """A course is completed on its first day or later, as the timetable has it."""
    starts_on, completed_on = step.content.get("starts_on"), step.content.get("completed_on")
    if starts_on and completed_on and completed_on < starts_on:
        message = _l("The course is completed before it begins: correct the dates.")
        return Refusal("", message, field="completed_on")
    return None


@rule(*FILLING)
def the_course_is_over(step: Step) -> Refusal | None:
    """The final assessment is held when the course is completed, not before."""
    completed_on = step.content.get("completed_on") or ""
    if completed_on <= step.on.isoformat():
        return None
    day = shared.in_figures(completed_on)
    message = _l("The course ends on %(day)s: the sheet can be signed from that day on.", day=day)
    return Refusal("", message, field="completed_on")


@rule(O95.clause("24(3)"))
def the_figures_are_the_acts(step: Step) -> Message | None:
    """The shares that the sheet prints are those of the act."""
    if _least(step.profile) == {name: step.content.get(name) for name in _least(step.profile)}:
        return None
    if step.content.get("attendance_least") is None and step.content.get("score_least") is None:
        return None
    return _l("The required shares differ from the regulation: gather the sheet from the enrolment order again.")


def _at(number: int, field: str, message: Message) -> Refusal:
    return Refusal("", message, field=f"listeners-{number - 1}-{field}", row=number)


def _rows(step: Step) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(step.content.get("listeners") or (), start=1)


def _passed(row: Content, step: Step) -> bool:
    return bool(step.content.get("hours") and step.content.get("max_score")) and shared.passes(
        row, step.content, step.profile
    )


def _name_of(row: Mapping[str, Any]) -> str:
    person = row.get("person") or {}
    return " ".join(part for part in (person.get("surname"), person.get("given_name")) if part)


# ---------------------------------------------------------------- gathering


def from_enrolment(
    orders: Sequence[RelatedDocument], group: Mapping[str, Any], profile: Profile, on: date, language: str
) -> dict[str, Any]:
    """Draft the sheet from the enrolment orders of a group: everybody enrolled, results still empty."""
    order = orders[0]
    modules = [{"title": each["title"], "hours": each["hours"]} for each in group.get("modules") or ()]
    rows = [_empty_row(row, len(modules)) for each in orders for row in each.content["listeners"]]
    return {
        "topic": group.get("topic") or order.content["programme"],
        "hours": order.content["hours"],
        "starts_on": order.content["starts_on"],
        "completed_on": order.content["ends_on"],
        "max_score": group.get("max_score") or 100,
        "order_number": order.number,
        "order_date": order.registered_on.isoformat() if order.registered_on else "",
        "trainer": _trainer(group, order.content),
        "modules": modules,
        **_least(profile),
        "listeners": sorted(rows, key=lambda row: name_key(row["person"])),
    }


def _least(profile: Profile) -> dict[str, int | None]:
    return {
        "attendance_least": shared.whole_percent(profile.threshold("attendance_share").value),
        "score_least": shared.whole_percent(profile.threshold("test_share").value),
    }


def _empty_row(row: Content, modules: int) -> dict[str, Any]:
    return {
        "person": dict(row["person"]),
        "person_id": row.get("person_id"),
        "attended_hours": None,
        "score": None,
        "marks": [{"mark": ""} for _ in range(modules)],
        "remark": "",
    }


def _trainer(group: Mapping[str, Any], order: Content) -> dict[str, Any]:
    """The group's trainer; where it names none, the first responsible leader of the order."""
    named = group.get("trainer") or next(iter(order.get("responsible") or ()), None) or {}
    person = named.get("person") or {}
    return {
        "person": {part: person.get(part) or "" for part in ("surname", "given_name", "patronymic")},
        "person_id": named.get("person_id"),
        "position": named.get("position") or "",
    }


def _heading(content: Content) -> str:
    return str(content.get("topic") or "")


# ---------------------------------------------------------------- samples

_PEOPLE = (
    ("Әбдірахманова", "Гүлнар", "Серікқызы"),
    ("Ғаббасов", "Ерлан", "Маратұлы"),
    ("Ким", "Виктор", ""),
    ("Қуанышбекова", "Әсел", "Нұрланқызы"),
    ("Өмірғалиқызы-Сейітмұхамбетова", "Ғазиза", "Әбдіжәмілқызы"),
)


def _sample_row(index: int, modules: int) -> dict[str, Any]:
    surname, given_name, patronymic = _PEOPLE[index % len(_PEOPLE)]
    attended, score = ((72, 96), (57, 88), (60, 50), (58, 49), (66, 74))[index % 5]
    return {
        "person": {"surname": surname, "given_name": given_name, "patronymic": patronymic},
        "person_id": index + 1,
        "attended_hours": attended,
        "score": score,
        "marks": [{"mark": str(70 + (index * 7 + module * 5) % 30)} for module in range(modules)],
        "remark": "",
    }


def _sample(topic: str, modules: list[dict[str, Any]], position: str, listeners: int) -> dict[str, Any]:
    rows = [_sample_row(index, len(modules)) for index in range(listeners)]
    return {
        "topic": topic,
        "hours": 72,
        "starts_on": "2026-02-02",
        "completed_on": "2026-02-14",
        "max_score": 100,
        "order_number": "ЦПК-00003/2026",
        "order_date": "2026-01-30",
        "trainer": {
            "person": {"surname": "Жұмабаева", "given_name": "Айгүл", "patronymic": "Қайратқызы"},
            "person_id": 100,
            "position": position,
        },
        "modules": modules,
        "attendance_least": 80,
        "score_least": 50,
        "listeners": sorted(rows, key=lambda row: name_key(row["person"])),
    }


SAMPLE = _sample(
    "Развитие цифровых компетенций педагога в условиях обновлённого содержания образования",
    [
        {"title": "Нормативные основы обновлённого содержания образования", "hours": 12},
        {"title": "Цифровые инструменты в образовательном процессе", "hours": 36},
        {"title": "Критериальное оценивание и обратная связь", "hours": 24},
    ],
    "ассоциированный профессор",
    25,
)
SAMPLE_KNK = _sample(
    "Қобыз орындаушылығының қазіргі әдістемесі",
    [{"title": "Дыбыс шығару әдістемесі", "hours": 40}, {"title": "Ұлттық репертуармен жұмыс", "hours": 32}],
    "доцент",
    5,
)

TYPE = DocumentType(
    name="assessment_sheet",
    stage="assessment",
    title=Text("Қорытынды бағалау ведомосы", "Ведомость итогового оценивания", "Assessment sheet"),
    regulated_by=(KNK.clause("4.1(8)"), WKU.clause("7.1"), O95.clause("28")),
    form=AssessmentSheetForm,
    workflow=issued,
    template="paper/assessment_sheet.typ",
    slots=(
        SignatureSlot("trainer", Capacity.TRAINER, Text("Тренер", "Тренер", "Trainer"), person="trainer.person_id"),
        SignatureSlot(
            "centre_head", Capacity.CENTRE_HEAD,
            Text("Орталық басшысы", "Руководитель Центра", "Head of the centre"), position="centre_head",
            order=2, profiles=("o95", "wku"),
        ),
        # KNK 1.4: what the others call a centre is a department there.
        SignatureSlot(
            "centre_head", Capacity.CENTRE_HEAD,
            Text("Бөлім басшысы", "Руководитель отдела", "Head of the department"), position="centre_head",
            order=2, profiles=("knk",),
        ),
    ),
    journal=Journal("assessment_sheet", "{unit}-В-{seq:05d}/{year}"),
    gathered_from=Gathering(sources=("enrolment_order",), state="in_force", fill=from_enrolment),
    rules=(
        somebody_is_assessed,
        everybody_is_listed_once,
        attendance_is_filled_in,
        score_is_filled_in,
        nobody_attended_more_than_all,
        nobody_scored_more_than_the_maximum,
        every_module_has_its_mark,
        modules_are_named,
        completion_follows_the_beginning,
        the_course_is_over,
        the_figures_are_the_acts,
    ),
    heading=_heading,
    spreadsheet=Import(
        rows="listeners",
        key="iin",
        columns={
            "iin": ("ИИН", "ЖСН", "IIN"),
            "attended_hours": ("Посещено часов", "Қатысқан сағаты", "Hours attended"),
            "score": ("Балл", "Балы", "Score"),
            # {n} counts the modules from 1; М is written in Cyrillic or in Latin.
            "marks-{n}": ("Модуль {n}", "{n}-модуль", "М{n}", "M{n}", "Module {n}"),
            "remark": ("Примечание", "Ескерту", "Remark"),
        },
    ),
    sample=SAMPLE,
    samples={"knk": SAMPLE_KNK},
)  # fmt: skip
