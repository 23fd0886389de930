"""Observation sheet of an organised activity in a preschool organisation or class: KRG, appendix 9, the second form."""

from __future__ import annotations

from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.forms import _observation as shared
from docflow.forms.base import required_text
from docflow.regulations.krg.sheets.observation import O2


class ObservationPreschoolForm(shared.ObservedForm):
    subject = required_text(_l("Organised activity"))
    grade = required_text(_l("Group of children"), longest=120)
    goals = shared.long_text(_l("Content by the model curriculum of preschool education"))
    topic = shared.long_text(_l("Goals of the organised activity"))
    levels = shared.LevelList(O2)
    recommendations = shared.long_text(_l("Recommendations"))


LAYOUT = shared.Layout(
    O2,
    header=(
        ("person", "observer"), ("position", "observer_position"), ("subject",), ("organisation", "observed_on"),
        ("grade",), ("goals",), ("topic",),
    ),
    criteria="Бағалау критерийлері",
    total="Барлығы",
)  # fmt: skip
MORE = {"subject": "", "grade": "", "goals": "", "topic": ""}

TYPE = shared.observation_type(
    "observation_preschool",
    index="БПМ",
    title=Text(
        O2.title,
        "Лист наблюдения организованной деятельности педагога дошкольной организации и предшкольных классов "
        "общеобразовательной школы, лицея и гимназии",
        "Observation sheet of an organised activity in preschool education",
    ),
    brief=Text("Бақылау парағы (мектепке дейінгі)", "Лист наблюдения (дошкольный)", "Preschool observed"),
    form=ObservationPreschoolForm,
    layout=LAYOUT,
    more=MORE,
    sample={
        "position": "тәрбиеші",
        "organisation": "«Балдәурен» бөбекжайы КМҚК, Қарағанды қаласы",
        "subject": "Қоршаған ортамен таныстыру",
        "grade": "«Күншуақ» ересек тобы",
        "goals": "Өлі және тірі табиғат құбылыстарын бақылау, себеп-салдарлық байланыстарды анықтау",
        "topic": "Балалардың күз мезгілінің белгілері туралы түсінігін кеңейту",
    },
)
