"""Application of a head or deputy head, also before the term (clause 47): appendix 10 of the order."""

from __future__ import annotations

from datetime import date
from typing import Any

from docflow.core.messages import _l
from docflow.core.regulations import Text
from docflow.core.rules import Content
from docflow.core.types import Import
from docflow.forms import _application
from docflow.forms import _attestation as shared
from docflow.forms import _attestation_intake as intake
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import OLD_HEAD_CATEGORIES
from docflow.regulations.krg.session import PROCEDURE_TITLES

GROUPS = {**shared.HEAD_GROUPS, **shared.DEPUTY_GROUPS}
TITLES = shared.category_titles("head")
PROCEDURES = {key: PROCEDURE_TITLES[key] for key in ("regular", "early")}
# Clause 48.
OLD_NAMES = Text(
    "«басшы-ұйымдастырушы» – үшінші, «басшы-менеджер» – екінші, «басшы-көшбасшы» – бірінші санатқа теңестіріледі.",
    "«Руководитель-организатор» приравнивается к третьей категории, «руководитель-менеджер» – ко второй, "
    "«руководитель-лидер» – к первой.",
    "“Head organiser” equals the third category, “head manager” the second, “head leader” the first.",
)


class HeadApplicationForm(intake.ApplicationForm):
    """The lines of the form. Whose score sheet it is says whether a head applies or a deputy."""

    is_structural_unit = shared.is_structural_unit()
    sheet_group = shared.sheet_group(GROUPS)
    procedure = shared.category(_l("Attestation"), PROCEDURES)
    achieved_since = _application.written_day(
        _l("Before the term: results of the claimed category since"), required=False
    )
    claimed = shared.claimed(TITLES)
    current = shared.current(TITLES, hint=shared.words(OLD_NAMES), also=OLD_HEAD_CATEGORIES)
    current_until = shared.current_until()

    def content(self) -> dict[str, Any]:
        found = super().content()
        return found | {
            "ladder": shared.ladder_of(found["sheet_group"]),
            "is_legal_entity": not found["is_structural_unit"],
        }


def from_card(card: Content, on: date) -> dict[str, Any]:
    """Begin with the post that the card shows: a deputy's where there is no head's."""
    ladders = {post.get("ladder") for post in card.get("posts") or ()}
    ladder = "deputy" if "deputy" in ladders and "head" not in ladders else "head"
    begun = intake.from_card(card, on, ladder=ladder) | {"sheet_group": ladder}
    return intake.claiming(begun, ladder, levels=0)


TYPE = intake.application_type(
    "head_application",
    index="АБӨ",
    form=HeadApplicationForm,
    title=Text(
        "Білім беру ұйымдары басшыларының, басшы орынбасарларының, әдістемелік кабинеттердің (орталықтардың) "
        "басшыларының, басшы орынбасарларының аттестаттау рәсіміне қатысуға өтініш",
        "Заявление на участие в процедуре аттестации руководителей, заместителей руководителей организаций "
        "образования, методических кабинетов (центров)",
        "Application of a head or deputy head for attestation",
    ),
    brief=Text("Басшының (орынбасардың) өтініші", "Заявление руководителя (заместителя)", "Head's application"),
    clause=KRG.appendix(10),
    rules=(*intake.FOR_ATTESTATION, intake.CABINET, intake.SIX_MONTHS, intake.EARLY_AFTER, intake.EARLY_RESULTS),
    attachments=(*intake.DOCUMENTS, intake.RESULTS_OF_TWO_YEARS),
    spreadsheet=Import(
        rows="",
        key="applicant-iin",
        columns={
            **shared.COLUMNS,
            "procedure": ("Аттестация", "Аттестаттау", "Attestation"),
            "achieved_since": ("Результаты с", "Нәтижелер басталған күн", "Results of the claimed category since"),
        },
    ),
    starts_with=from_card,
    sample={
        "applicant": {
            "surname": "Һашимов",
            "given_name": "Ұлан",
            "patronymic": "Іңкәрұлы",
            "iin": "790512301232",
            "iin_override": "",
        },
        "position": "директор",
        "speciality": "химия және биология",
        "workplace": "«Балқаш қаласының жалпы білім беретін № 4 мектебі» коммуналдық мемлекеттік мекемесі",
        "is_subordinate": True,
        "is_structural_unit": False,
        "email": "ulan@example.kz",
        "phone": "+7 700 000 00 21",
        "sheet_group": "head",
        "procedure": "regular",
        "achieved_since": "",
        "year": 2025,
        "claimed": "second",
        "current": "third",
        "current_until": "2025-06-20",
        "consent": True,
        "filed_on": "2024-10-07",
        "ladder": "head",
        "is_legal_entity": True,
    },
)
