"""Application of a teacher for a category before the term: clause 42 of the order; heads use appendix 10."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import SelectChoice

from docflow.core.messages import _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content
from docflow.forms import _attestation as shared
from docflow.forms import _attestation_intake as intake
from docflow.forms.base import Length, RecordForm, TextAreaField
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import EARLY_RULES

TITLES = shared.category_titles("teacher")
CLAIMED = shared.category_titles("teacher", EARLY_RULES)


def criteria_of(category: str) -> shared.Ticks:
    """Offer the requirements of one category, numbered as clause 42 lists them."""
    found = EARLY_RULES[category]
    label = _l(
        "%(category)s: at least %(needed)s of %(listed)s requirements",
        category=CLAIMED[category], needed=found.at_least, listed=len(found.criteria),
    )  # fmt: skip
    choices = [
        SelectChoice(number, shared.words(Text(f"{number}) {text}", "")))
        for number, text in enumerate(found.criteria, start=1)
    ]
    return shared.Ticks(label, coerce=int, choices=choices)


class EarlyApplicationForm(intake.ApplicationForm):
    """Which requirements are met, and by what. In the content only those of the claimed category stand."""

    sheet_group = shared.sheet_group(shared.TEACHER_GROUPS)
    current = shared.current(TITLES)
    current_until = shared.current_until()
    claimed = shared.claimed(CLAIMED)
    criteria_expert = criteria_of("expert")
    criteria_researcher = criteria_of("researcher")
    criteria_master = criteria_of("master")
    evidence = TextAreaField(
        _l("What proves it"),
        [Length(max=4000)],
        description=_l("One line for each requirement met; attach the documents."),
    )
    ladder = shared.fixed("teacher")
    procedure = shared.fixed("early")

    @classmethod
    def bound_to(cls, data: Mapping[str, Any]) -> RecordForm:
        criteria = {f"criteria_{data.get('claimed')}": data.get("criteria") or []}
        return super().bound_to({**data, **criteria})

    def content(self) -> dict[str, Any]:
        found = super().content()
        ticked = {category: found.pop(f"criteria_{category}") for category in EARLY_RULES}
        return found | {"criteria": sorted(ticked.get(found["claimed"]) or [])}


def from_card(card: Content, on: date) -> dict[str, Any]:
    return intake.claiming(intake.from_card(card, on, ladder="teacher"), "teacher", levels=1)


def printed(content: Content, profile: Profile) -> Mapping[str, Any]:
    """Give the requirements that are met, in the words of the order."""
    found = EARLY_RULES.get(str(content.get("claimed")))
    listed = found.criteria if found else ()
    numbers = [number for number in content.get("criteria") or () if 0 < number <= len(listed)]
    return {"criteria": [[number, listed[number - 1]] for number in numbers], "listed": len(listed)}


TYPE = intake.application_type(
    "early_application",
    index="АМӨ",
    form=EarlyApplicationForm,
    title=Text(
        "Біліктілік санатын мерзімінен бұрын беру үшін аттестаттау рәсіміне қатысуға өтініш",
        "Заявление на досрочное присвоение квалификационной категории",
        "Application for a category before the term",
    ),
    brief=Text("Мерзімінен бұрын өтініш", "Досрочное заявление", "Early application"),
    clause=KRG.clause("42"),
    rules=(
        *intake.FOR_ATTESTATION, *intake.OF_TEACHERS, intake.CRITERIA, intake.EARLY_AFTER,
        intake.DEGREE,
    ),
    starts_with=from_card,
    printed=printed,
    sample={
        "applicant": {
            "surname": "Жүнісбек", "given_name": "Ерсұлтан", "patronymic": "Қайратұлы", "iin": "790512301232",
            "iin_override": "",
        },
        "position": "физика пәнінің мұғалімі",
        "speciality": "физика",
        "workplace": "«Абай атындағы № 10 мектеп-лицей» коммуналдық мемлекеттік мекемесі, Жезқазған қаласы",
        "is_subordinate": True,
        "email": "ersultan@example.kz",
        "phone": "+7 700 000 00 41",
        "sheet_group": "teacher",
        "year": 2025,
        "current": "moderator",
        "current_until": "2027-06-10",
        "claimed": "expert",
        "evidence": "1) облыстық «Үздік педагог» конкурсының І дәрежелі дипломы, 2023 жыл\n"
        "2) облыстық пән олимпиадасының екі жүлдегері, 2023, 2024 жылдар\n"
        "4) «Физикадағы зерттеу әдістері» тәжірибесі облыстық оқу-әдістемелік кеңесте мақұлданды, 2024 жылғы № 3 "
        "хаттама\n"
        "5) облыстық шеберлік сыныбы, 2024 жылғы 15 ақпан",
        "ladder": "teacher",
        "procedure": "early",
        "consent": True,
        "filed_on": "2024-10-07",
        "criteria": [1, 2, 4, 5],
    },
)  # fmt: skip
