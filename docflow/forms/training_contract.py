"""Training contract between organisation and listener: O95 24 and 25, WKU 6.3 to 6.7, KNK 4.1(5) and (6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import _l
from docflow.core.regulations import Clause, Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import Capacity, DocumentType, Journal, SignatureSlot
from docflow.forms._application import name_of
from docflow.forms._assessment import HEAD, whole_percent
from docflow.forms.base import (
    FieldList,
    FormField,
    PersonForm,
    RecordForm,
    SelectField,
    TextAreaField,
    day,
    hidden_id,
    optional_text,
    required_text,
    study_language,
    whole_number,
)
from docflow.forms.enrolment_order import FORMATS
from docflow.forms.enrolment_order import SAMPLE as ORDER_SAMPLE
from docflow.forms.enrolment_order import SAMPLE_KNK as ORDER_SAMPLE_KNK
from docflow.forms.workflows import issued
from docflow.regulations.knk import KNK
from docflow.regulations.o95 import O95
from docflow.regulations.profiles import PROFILES
from docflow.regulations.wku import WKU

FUNDINGS = [("paid", _l("Paid by the listener or the employer")), ("budget", _l("Paid from the budget"))]
PARTIES = [("listener", _l("The listener")), ("organisation", _l("The organisation")), ("both", _l("Both parties"))]


# ---------------------------------------------------------------- conditions of the acts


_AS_QUOTED = Text("", "")
_SHARE = re.compile(r"\d+(?=\s?%)")


@dataclass(frozen=True)
class Condition:
    """What a contract has to say by a clause, and who is bound by it.

    ``wording`` is set where the pack quotes the clause shortly, or the act lacks one of the languages:
    then it is a translation. A ``threshold`` gives the share that the sentence names.
    """

    clause: Clause
    party: str
    wording: Text = _AS_QUOTED
    threshold: str = ""
    only_paid: bool = False

    def binds(self, profile: Profile, *, funding: str) -> bool:
        return profile.has(self.clause.regulation) and (funding == "paid" or not self.only_paid)

    def share(self, profile: Profile) -> int | None:
        """Give the threshold of the profile in whole per cent; ``None`` where there is none."""
        return whole_percent(profile.threshold(self.threshold).value) if self.threshold else None

    def text(self, profile: Profile, language: str) -> str:
        """Word the condition in *language*; the number is the profile's, never the quotation's own."""
        sentence = getattr(self.wording, language, "") or self.clause.quotation.in_language(language)
        share = self.share(profile)
        return sentence if share is None else _SHARE.sub(str(share), sentence)


CONDITIONS = (
    Condition(O95.clause("24(1)"), "listener"),
    Condition(
        O95.clause("24(2)"),
        "listener",
        Text(
            kk="оқу тәртібін және мінез-құлық нормаларын сақтауға, оның ішінде профессорлық-оқытушылар құрамына және "
            "басқа да білім алушыларға құрмет көрсетуге, олардың ар-намысы мен қадір-қасиетіне қол сұқпауға",
            ru="соблюдать учебную дисциплину и нормы поведения, в том числе проявлять уважение к "
            "профессорско-преподавательскому составу и другим обучающимся, не посягать на их честь и достоинство",
        ),
    ),
    Condition(O95.clause("24(3)"), "listener", threshold="attendance_share"),
    Condition(O95.clause("24(4)"), "listener", threshold="test_share"),
    Condition(
        WKU.clause("6.4"),
        "listener",
        Text(
            kk="оқу құнын уақтылы төлеуге және Қайта даярлау, біліктілікті арттыру және қосымша білім беру орталығына "
            "төлем құжатының көшірмесін (төлемнің нөмірін, күнін, сомасын, тыңдаушының Т.А.Ә. және курстың атауын "
            "көрсете отырып) ұсынуға",
            ru="своевременно оплачивать стоимость обучения и представлять в Центр переподготовки, повышения "
            "квалификации и дополнительного образования копию платёжного документа (с указанием номера, даты, суммы "
            "платежа, Ф.И.О. слушателя и наименования курса)",
        ),
        only_paid=True,
    ),
    Condition(
        WKU.clause("6.5"),
        "listener",
        Text(
            kk="жеке оқу жоспарын белгіленген мерзімде орындауға",
            ru="выполнять индивидуальный учебный план в установленные сроки",
        ),
    ),
    Condition(
        WKU.clause("6.6"),
        "listener",
        Text(
            kk="білім беру бағдарламасында көзделген ағымдағы бақылау нысандарынан өтуге",
            ru="проходить текущие формы контроля, предусмотренные образовательной программой",
        ),
    ),
    Condition(
        WKU.clause("6.7"),
        "listener",
        Text(
            kk="ішкі еңбек тәртібі қағидаларын сақтауға және университет Жарғысында көзделген талаптарды орындауға",
            ru="соблюдать правила внутреннего трудового распорядка и выполнять требования, предусмотренные Уставом "
            "университета",
        ),
    ),
    Condition(
        O95.clause("24 ¶2"),
        "organisation",
        Text(
            kk="тыңдаушылардың дербес деректерін «Ұлттық білім беру деректер қоры» ақпараттық жүйесінен жинауды жүзеге "
            "асырады және тыңдаушы шартта (келісімде) белгіленген талаптарды бұзған жағдайда жұмыс берушіні және "
            "(немесе) білім беру органдарын хабардар етеді",
            ru="осуществляет сбор персональных данных Слушателей с информационной системы «Национальная "
            "образовательная база данных», а также уведомляет Работодателя и (или) органы образования при нарушении "
            "Слушателем установленных договором (соглашением) условий",
        ),
    ),
    Condition(
        KNK.clause("4.1(6)"),
        "both",
        Text(
            kk="Келісімшартқа негізделе отырып, тапсырыс беруші мен Консерватория арасында оқу кестесі әзірленеді",
            ru="на основании настоящего договора заказчик и Консерватория разрабатывают график обучения",
        ),
    ),
    Condition(
        O95.clause("25"),
        "both",
        Text(
            kk="шарт (келісім) курстардан өтуді ұйымдастыру бойынша барлық шығындарды төлеуге байланысты бюджеттен "
            "тыс қаражатты аудару үшін негіз болып табылады",
            ru="договор (соглашение) является основанием для перечисления внебюджетных средств, связанных с оплатой "
            "всех расходов по организации прохождения Курсов",
        ),
        only_paid=True,
    ),
)


def conditions_for(profile: Profile, *, funding: str) -> tuple[Condition, ...]:
    """The conditions that a contract of this organisation has to state."""
    return tuple(each for each in CONDITIONS if each.binds(profile, funding=funding))


# ---------------------------------------------------------------- form


class ConditionForm(RecordForm):
    clause = optional_text(_l("Clause"), longest=40)
    party = SelectField(_l("Who is bound"), choices=PARTIES)
    text = TextAreaField(_l("Condition"))


class TrainingContractForm(RecordForm):
    listener = FormField(PersonForm, _l("Listener"))
    listener_id = hidden_id()
    listener_workplace = optional_text(_l("Place of work"), longest=500)
    listener_position = optional_text(_l("Position"))
    topic = required_text(_l("Topic of the course"), longest=500)
    hours = whole_number(_l("Academic hours"), least=1, most=5000)
    academic_hour_minutes = whole_number(_l("Minutes in an academic hour"), least=1, most=120)
    starts_on = day(_l("First day of study"))
    ends_on = day(_l("Last day of study"))
    study_language = study_language()
    format = optional_text(_l("Form of study"))
    funding = SelectField(_l("Who pays"), choices=FUNDINGS)
    price = whole_number(_l("Price, tenge"), least=0, most=1_000_000_000, required=False)
    order_number = optional_text(_l("Number of the order on enrolment"), longest=60)
    order_date = day(_l("Date of the order on enrolment"), required=False)
    conditions = FieldList(FormField(ConditionForm), _l("Conditions"))


# ---------------------------------------------------------------- rules


def _stated(content: Content) -> Mapping[str, str]:
    return {row.get("clause") or "": (row.get("text") or "").strip() for row in content.get("conditions") or ()}


def _required(step: Step) -> Iterable[Condition]:
    return conditions_for(step.profile, funding=step.content.get("funding") or "paid")


@rule(O95.clause("24"), WKU.clause("6.3"), KNK.clause("4.1(5)"))
def states_every_condition(step: Step) -> Any:
    """The listener signs a contract that states the conditions of the course, each of them."""
    stated = _stated(step.content)
    return [
        Refusal(
            "",
            _l("The contract lacks the condition of clause %(clause)s: put it back.", clause=each.clause.key),
            clause=each.clause,
            field="conditions",
        )
        for each in _required(step)
        if not stated.get(each.clause.key)
    ]


@rule(O95.clause("24"))
def states_the_shares(step: Step) -> Any:
    """The conditions on attendance and on the final test name the shares that the act requires."""
    stated = _stated(step.content)
    return [
        Refusal(
            "",
            _l(
                "The condition of clause %(clause)s has to name %(share)s per cent.",
                clause=each.clause.key,
                share=each.share(step.profile),
            ),
            clause=each.clause,
            field="conditions",
        )
        for each in _required(step)
        if stated.get(each.clause.key) and not _names_share(stated[each.clause.key], each.share(step.profile))
    ]


def _names_share(text: str, share: int | None) -> bool:
    return share is None or str(share) in _SHARE.findall(text)


@rule(O95.clause("25"), WKU.clause("6.4"), KNK.clause("4.1(5)"))
def paid_contract_names_the_price(step: Step) -> Any:
    """The contract is the ground on which money is transferred, so it says how much."""
    if step.content.get("funding") == "paid" and not (step.content.get("price") or 0) > 0:
        return Refusal("", _l("Name the price: the listener or the employer pays for this course."), field="price")
    return None


@rule(O95.clause("24(1)"), WKU.clause("4.3"), KNK.clause("4.2"))
def dates_are_in_order(step: Step) -> Any:
    """The contract is for a time of study that begins before it ends."""
    starts_on, ends_on = step.content.get("starts_on"), step.content.get("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        return Refusal("", _l("The last day of study is before the first: correct the dates."), field="ends_on")
    return None


# ---------------------------------------------------------------- derivation


def from_order(source: Source) -> dict[str, Any]:
    """Draft the contract with one listener of the order, in the language of the contract."""
    order, group, row = source.document.content, source.group, source.row
    language, profile = source.language, source.profile
    funding = "budget" if order.get("budget") else "paid"
    form_of_study = FORMATS.get(group.get("format") or "")
    registered_on = source.document.registered_on
    return {
        "listener": {part: row["person"].get(part) or "" for part in ("surname", "given_name", "patronymic")},
        "listener_id": row.get("person_id"),
        "listener_workplace": row.get("workplace") or "",
        "listener_position": row.get("position") or "",
        "topic": group.get(f"topic_{language}") or order["programme"],
        "hours": order["hours"],
        "academic_hour_minutes": profile.threshold("academic_hour_minutes").value,
        "starts_on": order["starts_on"],
        "ends_on": order["ends_on"],
        "study_language": order.get("study_language") or language,
        "format": form_of_study.in_language(language) if form_of_study else order.get("format") or "",
        "funding": funding,
        "price": (group.get("price") or 0) if funding == "paid" else 0,
        "order_number": source.document.number,
        "order_date": registered_on.isoformat() if registered_on else "",
        "conditions": _conditions(profile, funding=funding, language=language),
    }


def _conditions(profile: Profile, *, funding: str, language: str) -> list[dict[str, str]]:
    return [
        {"clause": each.clause.key, "party": each.party, "text": each.text(profile, language)}
        for each in conditions_for(profile, funding=funding)
    ]


def _heading(content: Content) -> str:
    return name_of(content.get("listener"))


# ---------------------------------------------------------------- samples


def _sample(profile: Profile, order: Mapping[str, Any], *, language: str, row: int, price: int) -> dict[str, Any]:
    return from_order(
        Source(
            document=RelatedDocument("enrolment_order", "18-ПК/2026", "in_force", order, date(2026, 1, 30)),
            profile=profile,
            group={"price": price},
            on=date(2026, 1, 30),
            language=language,
            row=order["listeners"][row],
            row_number=row + 1,
        )
    )


SAMPLES = {
    "o95": _sample(PROFILES["o95"], ORDER_SAMPLE | {"budget": True}, language="ru", row=0, price=0),
    "wku": _sample(PROFILES["wku"], ORDER_SAMPLE, language="ru", row=-1, price=45_000),
    "knk": _sample(PROFILES["knk"], ORDER_SAMPLE_KNK, language="kk", row=1, price=120_000),
}

TYPE = DocumentType(
    name="training_contract",
    stage="contracts",
    title=Text(kk="Оқу шарты (келісімі)", ru="Договор (соглашение) на обучение", en="Training contract"),
    regulated_by=(WKU.clause("6.3"), KNK.clause("4.1(5)"), O95.clause("24")),
    form=TrainingContractForm,
    workflow=issued,
    template="paper/training_contract.typ",
    journal=Journal("training_contracts", "{unit}-Ш-{seq:05d}/{year}"),
    # Neither party waits for the other: both sign in any order.
    slots=(
        *HEAD,
        SignatureSlot(
            "listener", Capacity.LISTENER, Text(kk="Тыңдаушы", ru="Слушатель", en="Listener"), person="listener_id"
        ),
    ),
    derived_from=(Derivation(source="enrolment_order", fill=from_order, rows="listeners", relation="basis"),),
    rules=(states_every_condition, states_the_shares, paid_contract_names_the_price, dates_are_in_order),
    subjects=("listener_id",),
    heading=_heading,
    public_fields=("topic", "hours", "starts_on", "ends_on"),
    sample=SAMPLES["wku"],
    samples=SAMPLES,
)
