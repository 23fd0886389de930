"""Observation sheet of a lesson in secondary, technical and vocational education: KRG, appendix 9, the first form."""

from __future__ import annotations

from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.forms import _observation as shared
from docflow.forms.base import required_text
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

TYPE = shared.observation_type(
    "observation_lesson",
    index="БПС",
    title=Text(
        O1.title,
        "Лист наблюдения урока (учебного занятия, организованной деятельности, мероприятия) педагога организации "
        "среднего, технического и профессионального образования",
        "Observation sheet of a lesson in secondary, technical and vocational education",
    ),
    brief=Text("Сабақты бақылау парағы", "Лист наблюдения урока", "Lesson observed"),
    form=ObservationLessonForm,
    layout=LAYOUT,
    more=MORE,
    sample={
        "subject": "Математика",
        "grade": "3 «Б» сыныбы",
        "goals": "3.1.2.4 үш таңбалы сандарды бір таңбалы санға көбейту және бөлу алгоритмдерін қолдану",
        "topic": "Үш таңбалы санды бір таңбалы санға бөлу. Бөлу алгоритмін түсіну және есептеулерде қолдану.",
    },
)
