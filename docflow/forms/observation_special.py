"""Observation sheet of a lesson of a special teacher: KRG, appendix 9, the third form."""

from __future__ import annotations

from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.forms import _observation as shared
from docflow.forms.base import optional_text, required_text
from docflow.regulations.krg.sheets.observation import O3


class ObservationSpecialForm(shared.ObservedForm):
    subject = required_text(_l("Lesson (organised activity)"))
    work_form = optional_text(_l("Form of work (individual, small group, group)"), longest=120)
    age = optional_text(_l("Age"), longest=60)
    grade = required_text(_l("Learner (child, group)"), longest=200)
    goals = shared.long_text(_l("Content by the correctional component of the model curricula"))
    topic = shared.long_text(_l("Goals (tasks) of the lesson"))
    levels = shared.LevelList(O3)
    recommendations = shared.long_text(_l("Recommendations"))


LAYOUT = shared.Layout(
    O3,
    header=(
        ("person", "observer"), ("position", "observer_position"), ("subject",), ("work_form", "age"),
        ("organisation", "observed_on"), ("grade",), ("goals",), ("topic",),
    ),
    criteria="Бағалау өлшемшарттары",
    total="Барлығы",
)  # fmt: skip
MORE = {"subject": "", "work_form": "", "age": "", "grade": "", "goals": "", "topic": ""}

TYPE = shared.observation_type(
    "observation_special",
    index="БПА",
    title=Text(
        O3.title,
        "Лист наблюдения занятия (организованной деятельности, мероприятия) специального педагога организации "
        "образования",
        "Observation sheet of a lesson of a special teacher",
    ),
    brief=Text("Бақылау парағы (арнайы педагог)", "Лист наблюдения (специальный)", "Special lesson observed"),
    form=ObservationSpecialForm,
    layout=LAYOUT,
    more=MORE,
    sample={
        "position": "мұғалім-логопед",
        "subject": "Дыбыс айтуды түзету",
        "work_form": "кіші топтық",
        "age": "6–7 жас",
        "grade": "1 «А» сыныбының үш білім алушысы",
        "goals": "Фонематикалық естуді дамыту, [р] және [л] дыбыстарын ажырату",
        "topic": "[Р] дыбысын буындарда және сөздерде бекіту",
    },
)
