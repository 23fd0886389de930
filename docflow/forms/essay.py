"""Essay of a teacher, added to the portfolio: KRG, clause 27; the order prints no form."""

from __future__ import annotations

from typing import Any

from wtforms.validators import InputRequired

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, Step, rule
from docflow.core.types import Capacity, DocumentType, Journal, SignatureSlot
from docflow.forms import _attestation as shared
from docflow.forms.base import (
    BooleanField,
    Length,
    RecordForm,
    TextAreaField,
    hidden_id,
    required_text,
)
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.essay import word_count
from docflow.regulations.krg.terms import school_year

# Portfolios with an essay; whoever keeps a category shows none.
APPLICATIONS = (
    "teacher_application", "head_application", "early_application", "without_attestation_application",
    "old_category_application",
)  # fmt: skip
_LEAST, _MOST = (KRG.thresholds[f"essay_words_{end}"].value for end in ("min", "max"))


class EssayForm(RecordForm):
    person = shared.person()
    person_id = hidden_id()
    school_year = required_text(_l("School year"), longest=9)
    topic = required_text(
        _l("Topic of the essay"),
        longest=500,
        hint=_l("One of the topics that the authorised body has set for the year."),
    )
    text = TextAreaField(
        _l("Text of the essay"),
        [InputRequired(_l("Fill in this field.")), Length(max=8000)],
        description=_l(
            "%(least)s to %(most)s words. A word with a hyphen counts as one, so does a number.",
            least=_LEAST, most=_MOST,
        ),
        render_kw={
            "rows": 18, "data-words-least": str(_LEAST), "data-words-most": str(_MOST),
            "data-words-label": _l("Words so far: {count}"),
        },
    )  # fmt: skip
    is_own_work = BooleanField(
        _l("I have written the essay myself and keep to academic honesty"),
        description=_l("Clause 27 of the order; without it the essay cannot be signed."),
    )


@rule(KRG.clause("27 ¶2"))
def essay_has_its_length(step: Step) -> Refusal | None:
    """An essay has from 250 to 300 words."""
    words = word_count(step.content["text"])
    least, most = (step.profile.threshold(f"essay_words_{end}").value for end in ("min", "max"))
    if least <= words <= most:
        return None
    message = _l("The essay has %(words)s words; from %(least)s to %(most)s are asked for.",
                 words=words, least=least, most=most)  # fmt: skip
    return Refusal("", message, field="text")


@rule(KRG.clause("27 ¶3"))
def essay_is_ones_own(step: Step) -> Refusal | None:
    """The author declares that the principle of academic honesty is kept."""
    if step.content.get("is_own_work"):
        return None
    return Refusal("", _l("Declare that you have written the essay yourself."), field="is_own_work")


def from_application(source: Source) -> dict[str, Any]:
    """Begin the essay of an applicant: everything but what he has to write."""
    year = school_year(source.on)
    return {
        **shared.about(source),
        "school_year": f"{year}/{year + 1}",
        "topic": "",
        "text": "",
        "is_own_work": False,
    }


def _printed(content: Content, profile: Profile) -> dict[str, Any]:
    return {"words": word_count(str(content.get("text") or ""))}


_SENTENCES = (
    "Мен үшін мұғалім болу – бала жүрегіне жол табу деген сөз.",
    "Әр сабақ оқушының бойындағы қызығушылықты оятып, оны ізденіске жетелеуі керек деп ойлаймын.",
    "Сондықтан күнделікті жұмысымда дайын жауап бергеннен гөрі сұрақ қоюға, бірге іздеуге көбірек мән беремін.",
    "Қазіргі бала ақпаратты көп алады, бірақ оны сұрыптап, сын көзімен қарауға үйрету – біздің міндетіміз.",
)

TYPE = DocumentType(
    name="essay",
    title=Text("Педагогтің эссесі", "Эссе педагога", "Essay of a teacher"),
    regulated_by=(KRG.clause("27"),),
    form=EssayForm,
    workflow=issued,
    template="paper/essay.typ",
    slots=(
        SignatureSlot("author", Capacity.APPLICANT, Text("Эссенің авторы", "Автор эссе", "Author"), person="person_id"),
    ),
    journal=Journal("essay", "{unit}-Э-{seq:05d}/{year}"),
    derived_from=tuple(
        Derivation(each, from_application, state="accepted", is_drafted=True, by_subject=True, subject="")
        for each in APPLICATIONS
    ),
    rules=(essay_has_its_length, essay_is_ones_own),
    subjects=("person_id",),
    heading=shared.heading,
    languages=shared.KAZAKH_ONLY,
    stage="evidence",
    printed=_printed,
    sample={
        "person": {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"},
        "person_id": 1,
        "school_year": "2024/2025",
        "topic": "Мұғалім – оқушы бойындағы қабілетті ашатын адам",
        "text": "\n\n".join(" ".join(_SENTENCES) for _ in range(5)),
        "is_own_work": True,
    },
)
