"""Protocol of a session on heads of organisations and their deputies: KRG Appendix 12."""

from __future__ import annotations

from docflow.core.regulations import Text
from docflow.core.types import DocumentType, Journal
from docflow.forms import _protocol as shared
from docflow.forms._attestation import KAZAKH_ONLY
from docflow.forms._conferring import HEAD_DEADLINES
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG

_HEAD = {
    "ladder": "head", "position": "«№ 7 жалпы білім беретін мектеп» КММ директоры", "current": "third",
    "claimed": "second", "category": "second", "proposed_category": "second", "portfolio_points": "52",
    "portfolio_needed": "49", "observation_mean": "", "interviewed": True,
}  # fmt: skip
_LOWER = _HEAD | {
    "ladder": "deputy", "position": "директордың оқу ісі жөніндегі орынбасары", "current": "", "claimed": "first",
    "portfolio_points": "51", "portfolio_needed": "62", "proposed_conclusion": "lower_than_claimed",
    "conclusion": "lower_than_claimed",
}  # fmt: skip
_REFUSED = _HEAD | {
    "current": "", "claimed": "third", "portfolio_points": "31", "portfolio_needed": "38", "category": "",
    "proposed_conclusion": "not_conforming", "proposed_category": "", "conclusion": "not_conforming",
    "reason": "портфолио бойынша 31 балл жиналды, 38 балл қажет",
}  # fmt: skip

TYPE = DocumentType(
    name="head_protocol",
    title=Text(
        kk=KRG.appendix(12).quotation.kk,
        ru=(
            "Протокол заседания аттестационной комиссии на присвоение (подтверждение) квалификационной категории "
            "руководителя (заместителя руководителя) организации образования (методического кабинета (центра))"
        ),
        en="Minutes of the commission on the categories of heads of organisations and their deputies",
    ),
    brief=Text("Хаттама (басшылар)", "Протокол (руководители)", "Protocol (heads)"),
    regulated_by=(KRG.appendix(12),),
    form=shared.ProtocolForm,
    workflow=issued,
    template="paper/head_protocol.typ",
    slots=shared.SLOTS,
    journal=Journal("head_protocols", "{seq}-БХ/{year}"),
    rules=shared.RULES,
    heading=shared.heading,
    languages=KAZAKH_ONLY,
    stage="decision",
    editor="session",
    deadlines=HEAD_DEADLINES,
    assigned_to="secretary_id",
    printed=shared.printed,
    sample=shared.sample([
        shared.sample_item(1, **_HEAD),
        shared.sample_item(2, **_LOWER),
        shared.sample_item(3, **_REFUSED),
    ]),
)  # fmt: skip
