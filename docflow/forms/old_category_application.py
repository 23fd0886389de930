"""Application of a teacher who holds an old category, second, first or higher: clause 32 of the order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.core.rules import Content
from docflow.forms import _application
from docflow.forms import _attestation as shared
from docflow.forms import _attestation_intake as intake
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import OLD_TEACHER_CATEGORIES

OLD_TITLES: Mapping[str, Text] = {
    "екінші санат": Text("екінші санат", "вторая категория", "second category"),
    "бірінші санат": Text("бірінші санат", "первая категория", "first category"),
    "жоғары санат": Text("жоғары санат", "высшая категория", "higher category"),
}


class OldCategoryApplicationForm(intake.ApplicationForm):
    """The old category says which new one is sought; the old one itself is none of the ladder."""

    sheet_group = shared.sheet_group(shared.TEACHER_GROUPS)
    old_category = shared.category(_l("Old category"), OLD_TITLES)
    old_until = _application.written_day(_l("It is valid until"), required=False)
    current = shared.carried()
    current_until = shared.carried()
    ladder = shared.fixed("teacher")
    procedure = shared.fixed("old_category")

    def content(self) -> dict[str, Any]:
        found = super().content()
        return found | {"claimed": OLD_TEACHER_CATEGORIES.get(found["old_category"], "")}


def from_card(card: Content, on: date) -> dict[str, Any]:
    """Begin with the newest old category of the card."""
    old: Mapping[str, Any] = next(iter(card.get("old_categories") or ()), {})
    known = {"old_category": str(old.get("name") or "екінші санат"), "old_until": str(old.get("until") or "")}
    return intake.from_card(card, on, ladder="teacher") | {"current": "", "current_until": ""} | known


TYPE = intake.application_type(
    "old_category_application",
    index="БСӨ",
    form=OldCategoryApplicationForm,
    title=Text(
        "Бұрынғы біліктілік санаты бар педагогтің аттестаттау рәсіміне қатысуға өтініші",
        "Заявление педагога, имеющего прежнюю категорию, на участие в процедуре аттестации",
        "Application of a teacher with an old category",
    ),
    brief=Text("Бұрынғы санат бойынша өтініш", "Заявление по прежней категории", "On an old category"),
    clause=KRG.clause("32"),
    rules=(*intake.TO_THE_PORTFOLIO, intake.OLD, *intake.OF_TEACHERS),
    starts_with=from_card,
    sample={
        "applicant": {
            "surname": "Бейсенғазина", "given_name": "Күлшәш", "patronymic": "Жақсылыққызы", "iin": "850314400129",
            "iin_override": "",
        },
        "position": "қазақ тілі мен әдебиеті пәнінің мұғалімі",
        "speciality": "қазақ тілі мен әдебиеті",
        "workplace": "«Қарқаралы ауданының № 2 тірек мектебі» коммуналдық мемлекеттік мекемесі",
        "is_subordinate": True,
        "email": "kulshash@example.kz",
        "phone": "+7 700 000 00 71",
        "sheet_group": "teacher",
        "year": 2025,
        "old_category": "бірінші санат",
        "old_until": "2024-12-25",
        "current": "",
        "current_until": "",
        "ladder": "teacher",
        "procedure": "old_category",
        "consent": True,
        "filed_on": "2024-10-07",
        "claimed": "expert",
    },
)  # fmt: skip
