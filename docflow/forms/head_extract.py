"""Extract of a head's or deputy head's decision from the protocol: KRG 47 and appendix 13."""

from __future__ import annotations

from docflow.core.regulations import Text
from docflow.core.types import DocumentType, Journal
from docflow.forms import _conferring as shared
from docflow.forms._attestation import KAZAKH_ONLY, heading
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG

SAMPLE = shared.EXTRACT_SAMPLE | {
    "person": {"surname": "Қуанышбеков", "given_name": "Нұрлан", "patronymic": ""},
    "person_id": 6,
    "position": "№ 7 жалпы білім беретін мектептің басшысы",
    "ladder": "head",
    "protocol_number": "1-БХ/2024",
    "claimed": "first",
    "conclusion": "lower_than_claimed",
    "category": "second",
    "reason": "материалдар (портфолио) екінші санаттың талаптарына сәйкес келеді",
}

TYPE = DocumentType(
    name="head_extract",
    title=Text(
        "Басшыны (басшы орынбасарын) аттестаттау комиссиясы отырысының хаттамасынан үзінді",
        "Выписка из протокола аттестации руководителя (заместителя руководителя)",
        "Extract from the protocol on a head or deputy head",
    ),
    brief=Text("Хаттамадан үзінді (басшы)", "Выписка (руководитель)", "Extract (head)"),
    regulated_by=(KRG.appendix(13),),
    form=shared.ExtractForm,
    workflow=issued,
    template="paper/head_extract.typ",
    languages=KAZAKH_ONLY,
    stage="result",
    journal=Journal("head_extracts", "БҮ-{seq:05d}/{year}"),
    slots=(shared.SECRETARY,),
    derived_from=shared.from_protocol_row("head_protocol"),
    rules=(shared.agrees_with_the_protocol,),
    subjects=("person_id",),
    is_sent_to_subject=True,
    heading=heading,
    printed=shared.printed_extract,
    public_fields=("protocol_number", "protocol_date"),
    sample=SAMPLE,
)
