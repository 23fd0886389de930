"""Extract of a teacher's or methodist's decision from the protocol: KRG 20 and appendix 3."""

from __future__ import annotations

from docflow.core.regulations import Text
from docflow.core.types import DocumentType, Journal
from docflow.forms import _conferring as shared
from docflow.forms._attestation import KAZAKH_ONLY, heading
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG

SAMPLE = shared.EXTRACT_SAMPLE

TYPE = DocumentType(
    name="teacher_extract",
    title=Text(
        "Аттестаттау комиссиясы отырысының хаттамасынан үзінді",
        "Выписка из протокола заседания аттестационной комиссии",
        "Extract from the protocol of the attestation commission",
    ),
    brief=Text("Хаттамадан үзінді", "Выписка из протокола", "Extract"),
    regulated_by=(KRG.appendix(3),),
    form=shared.ExtractForm,
    workflow=issued,
    template="paper/teacher_extract.typ",
    languages=KAZAKH_ONLY,
    stage="result",
    journal=Journal("teacher_extracts", "Ү-{seq:05d}/{year}"),
    slots=(shared.SECRETARY,),
    derived_from=shared.from_protocol_row("teacher_protocol"),
    rules=(shared.agrees_with_the_protocol,),
    subjects=("person_id",),
    is_sent_to_subject=True,
    heading=heading,
    printed=shared.printed_extract,
    public_fields=("protocol_number", "protocol_date"),
    sample=SAMPLE,
)
