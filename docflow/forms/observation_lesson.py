"""Observation sheet of a lesson in secondary, technical and vocational education: KRG, appendix 9, the first form."""

from __future__ import annotations

from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.core.types import DocumentType, Journal
from docflow.forms import _observation as shared
from docflow.forms._attestation import KAZAKH_ONLY, heading
from docflow.forms.base import required_text
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.sheets.observation import O1


class ObservationLessonForm(shared.ObservedForm):
    subject = required_text(_l("Subject (organised activity)"))
    grade = required_text(_l("Class (group, individual teaching)"), longest=120)
    goals = shared.long_text(_l("Goals of teaching by the curriculum"))
    topic = shared.long_text(_l("Topic and goals of the lesson"))
    levels = shared.LevelList(O1)
    recommendations = shared.long_text(_l("Recommendations"))


LAYOUT = shared.Layout(
    O1,
    header=(
        ("person", "observer"), ("position", "observer_position"), ("subject",), ("organisation", "observed_on"),
        ("grade",), ("goals",), ("topic",),
    ),
    criteria="Бағалау критерийлері",
    total="барлығы",
)  # fmt: skip
MORE = {"subject": "", "grade": "", "goals": "", "topic": ""}

TYPE = DocumentType(
    name="observation_lesson",
    title=Text(
        O1.title,
        "Лист наблюдения урока (учебного занятия, организованной деятельности, мероприятия) педагога организации "
        "среднего, технического и профессионального образования",
        "Observation sheet of a lesson in secondary, technical and vocational education",
    ),
    brief=Text("Сабақты бақылау парағы", "Лист наблюдения урока", "Lesson observed"),
    regulated_by=(KRG.appendix(9),),
    form=ObservationLessonForm,
    workflow=issued,
    template="paper/observation_lesson.typ",
    slots=shared.SLOTS,
    journal=Journal("observation_lesson", "{unit}-БПС-{seq:05d}/{year}"),
    derived_from=shared.drafted_from(more=MORE, lines=len(O1.descriptors)),
    rules=shared.RULES,
    subjects=("person_id",),
    heading=heading,
    languages=KAZAKH_ONLY,
    stage="evidence",
    editor="observation_sheet",
    assigned_to="observer_id",
    printed=shared.printed_by(LAYOUT),
    sample=shared.sample_of(
        O1,
        more=MORE,
        subject="Математика",
        grade="3 «Б» сыныбы",
        goals="3.1.2.4 үш таңбалы сандарды бір таңбалы санға көбейту және бөлу алгоритмдерін қолдану",
        topic="Үш таңбалы санды бір таңбалы санға бөлу. Бөлу алгоритмін түсіну және есептеулерде қолдану.",
    ),
)
