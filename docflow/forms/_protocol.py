"""The protocols of an attestation commission: one form, one set of rules, two papers (Appendices 2 and 12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from wtforms.validators import Regexp

from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import DAYS_TO_SIGN, Capacity, SignatureSlot
from docflow.forms._attestation import LADDER_TITLES, carried, category_title, category_titles, choices_of
from docflow.forms.base import (
    BooleanField,
    FieldList,
    FormField,
    Length,
    Optional,
    PersonForm,
    RecordForm,
    SelectField,
    StringField,
    TextAreaField,
    day,
    hidden_id,
    optional_text,
    required_text,
)
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import HEAD_CONCLUSIONS, Conclusion
from docflow.regulations.krg.commission import session_quorum
from docflow.regulations.krg.session import (
    CONCLUSION_TITLES,
    PROCEDURE_TITLES,
    commission_of,
    decision_refusals,
    is_on_the_same_test,
    items_of,
    latest_moment,
    member_ids,
    names,
    present_members,
    stays,
    vote_refusals,
)
from docflow.regulations.krg.terms import commission_ends

# ---------------------------------------------------------------- form

CONCLUSIONS = CONCLUSION_TITLES
BALLOTS = [
    ("for", _l("for")), ("against", _l("against")), ("abstained", _l("abstained")), ("recused", _l("recused")),
]  # fmt: skip
NOTHING = ("", Message("–"))  # a sign, the same in every language
OUTCOMES = [NOTHING, ("passed", _l("passed")), ("failed", _l("not passed"))]


def _time(label: Message) -> StringField:
    """A time of day, 09:05; empty where it is not known yet."""
    return StringField(label, [Optional(), Regexp(r"^([01]\d|2[0-3]):[0-5]\d$", message=_l("A time is 09:05."))])


def _category(label: Message) -> SelectField:
    """A key of one of the ladders, said in words; the form of a protocol is read, its session's page is filled in."""
    titles = {**category_titles("teacher"), **category_titles("head")}
    return SelectField(label, choices=[NOTHING, *choices_of(titles)], default="")


class SeatForm(RecordForm):
    person = FormField(PersonForm, _l("Member"))
    person_id = hidden_id()
    is_chair = BooleanField(_l("Chair"))


class StayForm(RecordForm):
    person = FormField(PersonForm, _l("Member"))
    person_id = hidden_id()
    arrived = _time(_l("Came"))
    left = _time(_l("Left"))


class SignerForm(RecordForm):
    person = FormField(PersonForm, _l("Member"))
    person_id = hidden_id()


class BallotForm(RecordForm):
    person_id = hidden_id()
    vote = SelectField(_l("Vote"), choices=BALLOTS)


class ReasoningForm(RecordForm):
    text = required_text(_l("Reasoning"), longest=1000)
    clause = optional_text(_l("Clause"), longest=40)


class ItemForm(RecordForm):
    application_id = hidden_id()
    application_number = optional_text(_l("Number of the application"), longest=80)
    person = FormField(PersonForm, _l("Attestee"))
    person_id = hidden_id()
    position = optional_text(_l("Position"))
    workplace = optional_text(_l("Organisation of education"))
    procedure = SelectField(_l("Procedure"), choices=choices_of(PROCEDURE_TITLES))
    ground = carried(60)
    ladder = SelectField(_l("Whose categories"), choices=choices_of(LADDER_TITLES))
    current = _category(_l("Category held now"))
    current_until = day(_l("It is valid until"), required=False)
    claimed = _category(_l("Claimed category"))
    portfolio_points = optional_text(_l("Portfolio, points"), longest=40)
    portfolio_needed = optional_text(_l("Points needed"), longest=40)
    knowledge = SelectField(_l("Knowledge test"), choices=OUTCOMES, default="")
    knowledge_number = carried(80)
    observation_mean = optional_text(_l("Mean of observations"), longest=40)
    interviewed = BooleanField(_l("Interviewed at the session"))
    proposed_conclusion = SelectField(
        _l("Worked out: conclusion"), choices=[NOTHING, *choices_of(CONCLUSIONS)], default=""
    )
    proposed_category = _category(_l("Worked out: category"))
    proposed_until = day(_l("Worked out: valid until"), required=False)
    reasoning = FieldList(FormField(ReasoningForm), _l("Reasoning"))
    missing = FieldList(FormField(ReasoningForm), _l("Still missing"))
    votes = FieldList(FormField(BallotForm), _l("Votes"))
    chair_casts = BooleanField(_l("The chair's vote decided"))
    voted_at = _time(_l("Voted at"))
    conclusion = SelectField(_l("Conclusion"), choices=choices_of(CONCLUSIONS, none=_l("not decided")), default="")
    category = _category(_l("Category"))
    reason = TextAreaField(_l("Reason"), [Optional(), Length(max=1000)])
    valid_until = day(_l("Valid until"), required=False)


class ProtocolForm(RecordForm):
    held_on = day(_l("Day of the session"))
    commission_name = required_text(_l("Full name of the commission"), longest=600)
    order_number = required_text(_l("Number of the order on the commission"), longest=80)
    order_date = day(_l("Date of the order on the commission"))
    composition = FieldList(FormField(SeatForm), _l("Members of the commission"))
    chair = FormField(PersonForm, _l("Chair"))
    chair_id = hidden_id()
    secretary = FormField(PersonForm, _l("Secretary"))
    secretary_id = hidden_id()
    attendance = FieldList(FormField(StayForm), _l("Attendance"))
    signers = FieldList(FormField(SignerForm), _l("Members who sign"))
    items = FieldList(FormField(ItemForm), _l("Agenda"))


# ---------------------------------------------------------------- rules


@rule(KRG.clause("17"))
def composition_is_the_orders(step: Step) -> Refusal | None:
    """Only the members whom the order names sit on the commission, its chair presides, its secretary keeps the minutes.

    Nobody stands in for a member.
    """
    order = _order(step)
    if order is None:
        text = _l("There is no order on the commission in force with the number and the date of this protocol.")
        return Refusal("", text, field="order_number")
    named = commission_of(order.content)
    ours = (sorted(member_ids(step.content)), step.content.get("chair_id"), step.content.get("secretary_id"))
    if ours == (sorted(named.member_ids), named.chair_id, named.secretary_id):
        return None
    text = _l("The commission here is not the one of the order No. %(number)s: open the session anew from the order.",
              number=order.number)  # fmt: skip
    return Refusal("", text, field="composition")


def _order(step: Step) -> RelatedDocument | None:
    for order in step.related("organisation:commission_order"):
        registered = order.registered_on.isoformat() if order.registered_on else ""
        wanted = (step.content.get("order_number"), step.content.get("order_date"))
        if order.state == "in_force" and (order.number, registered) == wanted:
            return order
    return None


@rule(KRG.clause("16"))
def commission_is_in_office(step: Step) -> Refusal | None:
    """A commission sits within one year from the day of the order that formed it."""
    formed, held = _date(step, "order_date"), _date(step, "held_on")
    if formed is None or held is None or formed <= held <= commission_ends(formed):
        return None
    text = _l(
        "The commission is in office from %(first)s until %(last)s; the session of %(held)s is outside of it.",
        first=_figures(formed), last=_figures(commission_ends(formed)), held=_figures(held),
    )  # fmt: skip
    return Refusal("", text, field="held_on")


@rule(KRG.clause("20"))
def session_has_taken_place(step: Step) -> Refusal | None:
    """A protocol records the decisions of a session that has been held."""
    held = _date(step, "held_on")
    if held is None or held <= step.on:
        return None
    text = _l("The session is on %(day)s: its protocol is signed from that day on.", day=_figures(held))
    return Refusal("", text, field="held_on")


@rule(KRG.clause("17"))
def attendance_is_of_members(step: Step) -> Iterator[Refusal]:
    """Members attend in person: every stay in the attendance is a member's, and ends after it began."""
    members = set(member_ids(step.content))
    for number, row in enumerate(step.content.get("attendance") or (), start=1):
        if row.get("person_id") not in members:
            text = _l("%(name)s is not a member of the commission: take the row out.", name=names(row))
            yield Refusal("", text, field="attendance", row=number)
        elif not row.get("arrived") or (row.get("left") and row["left"] <= row["arrived"]):
            text = _l("%(name)s: correct the times of coming and leaving.", name=names(row))
            yield Refusal("", text, field="attendance", row=number)


@rule(KRG.clause("17"))
def chair_was_there(step: Step) -> Refusal | None:
    """The chair is one of the members, takes part in person and signs: he was there at a vote of the session."""
    chair = step.content.get("chair_id")
    votes = list(_decided(step))
    if not votes or any(chair in present_members(step.content, item["voted_at"]) for _, item in votes):
        return None
    text = _l("The chair was at none of the votes and cannot sign this protocol: vote in his presence.")
    return Refusal("", text, field="attendance")


@rule(KRG.clause("20"))
def there_is_something_to_decide(step: Step) -> Refusal | None:
    """A protocol draws up decisions: at least one person stands on its agenda."""
    if items_of(step.content):
        return None
    return Refusal("", _l("The agenda is empty: take an application on it."), field="items")


@rule(KRG.clause("19"), KRG.clause("46"))
def every_item_is_decided(step: Step) -> Iterator[Refusal]:
    """The commission concludes on every person of the agenda, or takes the person off it."""
    for number, item in _items(step):
        if not (item.get("voted_at") and item.get("conclusion")):
            text = _l("%(name)s: vote, or take the application off the agenda.", name=names(item))
            yield Refusal("", text, field="items", row=number)


@rule(KRG.clause("19"), KRG.clause("46"))
def decision_is_one_of_the_acts(step: Step) -> list[Refusal]:
    """The conclusion is one that the order gives for this person, and the category is the one that goes with it."""
    return _of_decisions(step, "conclusion", "category")


@rule(KRG.clause("19"), KRG.clause("46"))
def difference_has_its_reason(step: Step) -> list[Refusal]:
    """A decision that differs from what the evidence gives says why; so does a refusal, in its column of the form."""
    return _of_decisions(step, "reason")


@rule(KRG.clause("5 ¶2"))
def heads_are_interviewed(step: Step) -> list[Refusal]:
    """Heads and deputies present their results and are interviewed at the session of the commission."""
    return _of_decisions(step, "interview")


@rule(KRG.clause("18"))
def vote_has_a_quorum(step: Step) -> list[Refusal]:
    """Every vote was taken with at least two thirds of the composition in the room."""
    return _of_votes(step, "quorum")


@rule(KRG.clause("18 ¶2"), KRG.clause("17"))
def members_present_vote(step: Step) -> list[Refusal]:
    """Whoever is present votes, abstains or is recused; nobody votes who is not in the room."""
    return _of_votes(step, "vote_missing", "vote_of_absent")


@rule(KRG.clause("15"))
def nobody_votes_on_himself(step: Step) -> list[Refusal]:
    """A member who is attested himself is recused from his own case."""
    return _of_votes(step, "vote_on_himself")


@rule(KRG.clause("18 ¶2"))
def majority_decides(step: Step) -> list[Refusal]:
    """A decision is taken by the majority of the members' votes; where they are equal, the chair's vote decides."""
    return _of_votes(step, "majority")


@rule(KRG.clause("23 ¶5"), KRG.clause("17"))
def signers_are_the_present(step: Step) -> Refusal | None:
    """The protocol is signed by each member who was there at a vote, and by nobody who was not."""
    there = {who for _, item in _decided(step) for who in present_members(step.content, item["voted_at"])}
    signers = [row.get("person_id") for row in step.content.get("signers") or ()]
    if sorted(map(str, signers)) == sorted(str(who) for who in there - {step.content.get("chair_id")}):
        return None
    text = _l("Those who sign are not the members who were there: save the session once more.")
    return Refusal("", text, field="signers")


@rule(KRG.clause("21 ¶2"))
def applications_are_accepted(step: Step) -> Iterator[Refusal]:
    """The commission decides on applications that have been accepted."""
    accepted = {found.id for found in step.related("basis") if found.state == "accepted"}
    for number, item in _items(step):
        if item.get("application_id") not in accepted:
            text = _l("%(name)s has no accepted application here: take the row off the agenda.", name=names(item))
            yield Refusal("", text, field="items", row=number)


@rule(KRG.clause("21 ¶2"))
def rows_are_of_their_applications(step: Step) -> Iterator[Refusal]:
    """A row of the agenda is about the person who filed the application, and about the category claimed in it."""
    filed = {found.id: found for found in step.related("basis")}
    for number, item in _items(step):
        found = filed.get(item.get("application_id"))
        if found is not None and not _is_of(item, found):
            text = _l(
                "%(name)s: the row is not what application № %(number)s says; take it off the agenda and on again.",
                name=names(item),
                number=found.number,
            )
            yield Refusal("", text, field="items", row=number)


def _is_of(item: Mapping[str, Any], filed: RelatedDocument) -> bool:
    claimed = filed.content.get("claimed") or item.get("claimed")
    return (filed.subject_id, claimed) == (item.get("person_id"), item.get("claimed"))


@rule(KRG.appendix(4))
def nobody_is_decided_twice(step: Step) -> Iterator[Refusal]:
    """One application is decided once in a school year, in one protocol; again only where an appeal was accepted."""
    times = Counter(item.get("application_id") for _, item in _items(step))
    elsewhere = [
        item
        for other in step.related(f"group:{step.type}")
        if other.state in ("to_sign", "in_force")
        for item in items_of(other.content)
    ]
    appealed = {each.subject_id for each in step.related("group:appeal_application") if each.state == "accepted"}
    for number, item in _items(step):
        decided = [each for each in elsewhere if each.get("application_id") == item.get("application_id")]
        is_again = item.get("person_id") in appealed and not any(is_on_the_same_test(each, item) for each in decided)
        if times[item.get("application_id")] > 1 or (decided and not is_again):
            text = _l("%(name)s is decided already: take the row off the agenda.", name=names(item))
            yield Refusal("", text, field="items", row=number)


def _items(step: Step) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(items_of(step.content), start=1)


def _decided(step: Step) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return ((number, item) for number, item in _items(step) if item.get("voted_at") and item.get("conclusion"))


def _of_decisions(step: Step, *codes: str) -> list[Refusal]:
    return [
        Refusal("", found.message, found.clause, field="items", row=number)
        for number, item in _decided(step)
        for found in decision_refusals(item, step.type)
        if found.code in codes
    ]


def _of_votes(step: Step, *codes: str) -> list[Refusal]:
    return [
        Refusal("", _l("%(name)s: %(reason)s", name=names(item), reason=found.message), found.clause, "items", number)
        for number, item in _decided(step)
        for found in vote_refusals(step.content, item, at=item["voted_at"], profile=step.profile)
        if found.code in codes
    ]


def _date(step: Step, field: str) -> date | None:
    value = step.content.get(field)
    return date.fromisoformat(value) if value else None


def _figures(on: date) -> str:
    return on.strftime("%d.%m.%Y")


RULES = (
    composition_is_the_orders,
    commission_is_in_office,
    session_has_taken_place,
    attendance_is_of_members,
    there_is_something_to_decide,
    applications_are_accepted,
    rows_are_of_their_applications,
    nobody_is_decided_twice,
    every_item_is_decided,
    decision_is_one_of_the_acts,
    difference_has_its_reason,
    heads_are_interviewed,
    vote_has_a_quorum,
    members_present_vote,
    nobody_votes_on_himself,
    majority_decides,
    chair_was_there,
    signers_are_the_present,
)

SLOTS = (
    SignatureSlot(
        "member", Capacity.MEMBER, Text("Комиссия мүшесі", "Член комиссии", "Member of the commission"),
        people="signers", days=DAYS_TO_SIGN,
    ),
    SignatureSlot(
        "secretary", Capacity.SECRETARY, Text("Хатшы", "Секретарь", "Secretary"), person="secretary_id",
        days=DAYS_TO_SIGN,
    ),
    # The chair answers for the protocol as a whole, with every signature already on it.
    SignatureSlot(
        "chair", Capacity.CHAIR, Text("Комиссия төрағасы", "Председатель комиссии", "Chair of the commission"),
        person="chair_id", order=2, days=DAYS_TO_SIGN,
    ),
)  # fmt: skip


# ---------------------------------------------------------------- papers

TEACHER_TABLES = (
    (Conclusion.CLAIMED, "Мәлімделген біліктілік санатына сәйкес келеді"),
    (Conclusion.NOT_CONFORMING, "Мәлімделген біліктілік санатына сәйкес келмейді"),
    (Conclusion.CURRENT, "Қолданыстағы біліктілік санатына сәйкес келеді"),
    (Conclusion.LOWER_THAN_CURRENT, "Қолданыстағы біліктілік санатынан төмен санатқа сәйкес келеді"),
)
# Clause 46 in the words of its own lines.
HEAD_DECISIONS = {one: clause.quotation.kk for one, clause in HEAD_CONCLUSIONS.items()}


def printed(content: Content, profile: Profile) -> dict[str, Any]:
    """The words that a paper prints for the keys of the content, and who was there."""
    moments = [item["voted_at"] for item in items_of(content) if item.get("voted_at")] or [latest_moment(content)]
    present = [len(present_members(content, at)) for at in moments]
    return {
        "members": len(member_ids(content)),
        "attended": len({stay.member for stay in stays(content)}),
        "present": [min(present), max(present)],
        "quorum": session_quorum(len(member_ids(content))),
        "items": [_printed_item(item) for item in items_of(content)],
        "tables": [{"conclusion": one.value, "heading": heading} for one, heading in TEACHER_TABLES],
    }


def _printed_item(item: Content) -> dict[str, str]:
    def title(field: str) -> str:
        return category_title(item["ladder"], item.get(field) or "").kk

    conclusion = item.get("conclusion") or ""
    return {
        "procedure": PROCEDURE_TITLES[item["procedure"]].kk,
        "current": title("current"),
        "claimed": title("claimed"),
        "category": title("category"),
        "decision": HEAD_DECISIONS.get(Conclusion(conclusion), "") if conclusion else "",
    }


def heading(content: Content) -> str:
    return str(content.get("commission_name") or "")


# ---------------------------------------------------------------- samples

_NAMES = (
    ("Әбдірахманова", "Гүлнар", "Серікқызы"), ("Ғаббасов", "Ерлан", "Маратұлы"), ("Ким", "Виктор", ""),
    ("Қуанышбекова", "Әсел", "Нұрланқызы"), ("Өмірғалиқызы-Сейітмұхамбетова", "Ғазиза", "Әбдіжәмілқызы"),
    ("Һашимов", "Ұлан", "Іңкәрұлы"), ("Тілеубергенова", "Айнұр", "Қайратқызы"), ("Шәріпов", "Дархан", "Болатұлы"),
    ("Ыбыраева", "Мөлдір", "Асқарқызы"), ("Нұрпейісов", "Бауыржан", "Жеңісұлы"), ("Цой", "Марина", "Юрьевна"),
)  # fmt: skip
CHAIR, SECRETARY = 101, 120
MEMBERS = range(CHAIR, CHAIR + 9)


def a_person(index: int) -> dict[str, str]:
    surname, given_name, patronymic = _NAMES[index % len(_NAMES)]
    return {"surname": surname, "given_name": given_name, "patronymic": patronymic}


def seat(person_id: int) -> dict[str, Any]:
    return {"person": a_person(person_id - CHAIR), "person_id": person_id, "is_chair": person_id == CHAIR}


def stay(person_id: int, arrived: str = "10:00", left: str = "") -> dict[str, Any]:
    return {"person": a_person(person_id - CHAIR), "person_id": person_id, "arrived": arrived, "left": left}


def ballots(*votes: str, first: int = CHAIR) -> list[dict[str, Any]]:
    return [{"person_id": first + place, "vote": vote} for place, vote in enumerate(votes)]


def sample_item(number: int, **changes: Any) -> dict[str, Any]:
    """A decided item that passes every rule; *changes* replace its fields."""
    item: dict[str, Any] = {
        "application_id": number, "application_number": f"{number}-АӨ/2024", "person": a_person(number + 4),
        "person_id": 200 + number, "position": "математика мұғалімі",
        "workplace": "«Бұқар жырау ауданының № 7 жалпы білім беретін мектебі» КММ", "procedure": "regular",
        "ground": "", "ladder": "teacher", "current": "moderator", "current_until": "2024-12-20", "claimed": "expert",
        "portfolio_points": "88", "portfolio_needed": "84", "knowledge": "passed", "knowledge_number": "",
        "observation_mean": "74,4",
        "interviewed": False, "proposed_conclusion": "claimed", "proposed_category": "expert", "proposed_until": "",
        "reasoning": [
            {"text": "Портфолио: 88 балл, «педагог-сарапшы» санатына 84 балл қажет.", "clause": "KRG app. 8"},
            {"text": "ПББ: шекті деңгейден өтті.", "clause": "KRG 30"},
        ],
        "missing": [], "votes": ballots(*["for"] * 8), "chair_casts": False, "voted_at": f"10:{10 + number:02}",
        "conclusion": "claimed", "category": "expert", "reason": "", "valid_until": "",
    }  # fmt: skip
    return item | changes


def sample(items: list[dict[str, Any]]) -> dict[str, Any]:
    """A session of nine members of whom eight were there."""
    there = [stay(person_id) for person_id in MEMBERS[:8]]
    return {
        "held_on": "2024-11-20",
        "commission_name": "Қарағанды облысы Бұқар жырау ауданының білім бөлімі жанындағы аттестаттау комиссиясы",
        "order_number": "41-АК/2024", "order_date": "2024-08-26",
        "composition": [seat(person_id) for person_id in MEMBERS],
        "chair": a_person(0), "chair_id": CHAIR, "secretary": a_person(10), "secretary_id": SECRETARY,
        "attendance": there,
        "signers": [{"person": row["person"], "person_id": row["person_id"]} for row in there[1:]],
        "items": items,
    }  # fmt: skip
