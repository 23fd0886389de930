"""Protocol of a session on teachers, heads of departments and methodists: KRG Appendix 2."""

from __future__ import annotations

from docflow.core.regulations import Text
from docflow.core.types import DocumentType, Journal
from docflow.forms import _protocol as shared
from docflow.forms._attestation import KAZAKH_ONLY
from docflow.forms._conferring import TEACHER_DEADLINES
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG

_RAISED_LATER = {
    "procedure": "early", "current": "expert", "claimed": "researcher", "position": "физика мұғалімі",
    "portfolio_points": "104", "portfolio_needed": "113", "proposed_conclusion": "not_conforming",
    "proposed_category": "", "conclusion": "not_conforming", "category": "",
    "reason": "портфолио бойынша 104 балл жиналды, «педагог-зерттеуші» санатына 113 балл қажет",
}  # fmt: skip
_KEPT = {
    "current": "expert", "claimed": "researcher", "position": "орыс тілі мен әдебиеті мұғалімі", "knowledge": "failed",
    "portfolio_points": "115", "portfolio_needed": "113", "proposed_conclusion": "current",
    "proposed_category": "expert", "conclusion": "current", "category": "expert",
}  # fmt: skip
_LOWERED = {
    "current": "researcher", "claimed": "researcher", "position": "тарих мұғалімі", "knowledge": "failed",
    "portfolio_points": "113", "portfolio_needed": "113", "proposed_conclusion": "lower_than_current",
    "proposed_category": "expert", "conclusion": "lower_than_current", "category": "expert",
    "votes": shared.ballots("for", "against", "against", "for", "against", "for", "against", "for"),
    "chair_casts": True,
}  # fmt: skip
_BEFORE_PENSION = {
    "procedure": "prepension", "current": "expert", "claimed": "expert", "position": "бастауыш сынып мұғалімі",
    "portfolio_points": "", "portfolio_needed": "", "knowledge": "", "observation_mean": "",
    "proposed_conclusion": "current", "conclusion": "current", "proposed_until": "2027-05-14",
    "valid_until": "2027-05-14",
}  # fmt: skip

TYPE = DocumentType(
    name="teacher_protocol",
    title=Text(
        kk=KRG.appendix(2).quotation.kk,
        ru=(
            "Протокол заседания Комиссии на присвоение (подтверждение) квалификационной категории педагога, "
            "заведующего отделением, методиста методического кабинета (центра)"
        ),
        en="Minutes of the commission on the categories of teachers, heads of departments and methodists",
    ),
    brief=Text("Хаттама (педагогтер)", "Протокол (педагоги)", "Protocol (teachers)"),
    regulated_by=(KRG.appendix(2),),
    form=shared.ProtocolForm,
    workflow=issued,
    template="paper/teacher_protocol.typ",
    slots=shared.SLOTS,
    journal=Journal("teacher_protocols", "{seq}-ПХ/{year}"),
    rules=shared.RULES,
    heading=shared.heading,
    languages=KAZAKH_ONLY,
    stage="decision",
    editor="session",
    deadlines=TEACHER_DEADLINES,
    assigned_to="secretary_id",
    printed=shared.printed,
    sample=shared.sample([
        shared.sample_item(1),
        shared.sample_item(2, **_RAISED_LATER),
        shared.sample_item(3, **_KEPT),
        shared.sample_item(4, **_LOWERED),
        shared.sample_item(5, **_BEFORE_PENSION),
    ]),
)  # fmt: skip
