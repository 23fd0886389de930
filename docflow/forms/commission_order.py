"""Order on forming the attestation commission and its composition: KRG 13 to 17."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from docflow.core.collation import name_key
from docflow.core.messages import Message, _l
from docflow.core.regulations import Clause, Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import DocumentType, Journal, Validity
from docflow.forms._application import day_of, name_of
from docflow.forms._attestation import APPLICATIONS, KAZAKH_ONLY, category_title, choices_of, names_only
from docflow.forms._conferring import ATTESTING_HEAD, CATEGORIES, category
from docflow.forms.base import (
    BooleanField,
    FieldList,
    FormField,
    PersonForm,
    RecordForm,
    SelectField,
    day,
    hidden_id,
    required_text,
    whole_number,
)
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.card import current_category
from docflow.regulations.krg.categories import COMPETENCES
from docflow.regulations.krg.commission import FAULT_CLAUSES, Fault, Seat, composition_faults
from docflow.regulations.krg.terms import school_year

HEADING = "Педагогтерді аттестаттау жөніндегі комиссияны құру және оның құрамын бекіту туралы"
BASIS = "педагогтерді аттестаттаудан өткізу мақсатында"
COMMISSION = "Педагогтерді аттестаттау жөніндегі комиссия"

# Clause 13, from the school to the ministry: krg.categories.Authority.
AUTHORITIES: Mapping[str, Text] = {
    "organisation": Text("Білім беру ұйымы", "Организация образования", "Organisation of education"),
    "district": Text(
        "Ауданның (облыстық маңызы бар қаланың) білім беруді басқару органы",
        "Орган управления образованием района (города областного значения)",
        "Education department of a district",
    ),
    "region": Text(
        "Облыстың, республикалық маңызы бар қаланың, астананың білім беруді басқару органы",
        "Орган управления образованием области, города республиканского значения, столицы",
        "Education department of a region",
    ),
    "ministry": Text(
        "Білім беру саласындағы уәкілетті орган", "Уполномоченный орган в области образования", "The ministry"
    ),
}
# Clause 14 names four kinds of members; service and category are asked of teachers. Methodists are those of
# cabinets and of organisations of professional development; beside the departments stand their subordinate bodies.
KINDS: Mapping[str, Text] = {
    "teacher": Text("педагог", "педагог", "teacher"),
    "methodist": Text("әдіскер", "методист", "methodist"),
    "public": Text(
        "қоғамдық, кәсіподақ ұйымының өкілі", "представитель общественности, профсоюза", "of the public or a union"
    ),
    "management": Text("басқару органының маманы", "специалист органа управления", "of an education department"),
}
# Whose own category may run out while he sits: clause 15 speaks of «педагогтер», methodists among them.
_ATTESTED = ("teacher", "methodist")

# ---------------------------------------------------------------- form


class MemberForm(RecordForm):
    person = FormField(PersonForm, _l("Member of the commission"))
    person_id = hidden_id()
    position = required_text(_l("Position and place of work"), longest=500)
    kind = SelectField(_l("Whom the member represents"), choices=choices_of(KINDS), default="teacher")
    years = whole_number(_l("Completed years of service"), most=80, required=False)
    category = category(_l("Category"), none=_l("None"))
    category_until = day(_l("Its last day"), required=False)
    is_chair = BooleanField(_l("Chair"))


class SecretaryForm(RecordForm):
    person = FormField(PersonForm, _l("Name"))


class CommissionOrderForm(RecordForm):
    heading = required_text(_l("Heading"), longest=600)
    basis = required_text(_l("Basis"), longest=500)
    commission_name = required_text(
        _l("Full name of the commission"), longest=400, hint=_l("Protocols and extracts print it.")
    )
    authority = SelectField(
        _l("Attesting body"),
        choices=choices_of(AUTHORITIES),
        default="region",
    )
    members = FieldList(FormField(MemberForm), _l("Members of the commission"))
    secretary = FormField(SecretaryForm, _l("Secretary, who is not a member"))
    secretary_id = hidden_id()
    chair_id = hidden_id()

    def content(self) -> dict[str, Any]:
        """The chair is one of the rows: whoever is marked there."""
        found = super().content()
        chairs = [row["person_id"] for row in found["members"] if row["is_chair"]]
        return found | {"chair_id": chairs[0] if len(chairs) == 1 else None}


# ---------------------------------------------------------------- rules


def _rows(step: Step) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(step.content.get("members") or (), start=1)


def _key(row: Mapping[str, Any]) -> str:
    """People are told apart by their id; a row that has none yet, by the name."""
    return str(row.get("person_id") or name_of(row.get("person")))


def _secretary(content: Content) -> str:
    named = (content.get("secretary") or {}).get("person")
    return _key({"person": named, "person_id": content.get("secretary_id")})


def _seat(row: Mapping[str, Any], *, is_teacher: bool) -> Seat:
    until = day_of(row.get("category_until"))
    return Seat(_key(row), is_teacher, int(row.get("years") or 0), str(row.get("category") or ""), until)


def _faults(step: Step, wanted: Fault, *, kinds: tuple[str, ...] = ("teacher",)) -> list[str]:
    """Ask who is at fault, by key; an empty key: the composition as a whole."""
    seats = [_seat(row, is_teacher=row.get("kind") in kinds) for _, row in _rows(step)]
    chairs = [_key(row) for _, row in _rows(step) if row.get("is_chair")]
    found = composition_faults(
        seats, chair=chairs[0] if len(chairs) == 1 else "", secretary=_secretary(step.content), formed=step.on
    )
    return [person for fault, person in found if fault is wanted]


def _of_rows(step: Step, wanted: Fault, message: Message, **more: Any) -> list[Refusal]:
    """One refusal for each row at fault, with the name of the member."""
    guilty = _faults(step, wanted, **more)
    return [
        Refusal("", Message(message.msgid, {**message.params, "name": name_of(row.get("person"))}), field="members",
                row=number)
        for number, row in _rows(step)
        if _key(row) in guilty
    ]  # fmt: skip


def _of_all(step: Step, wanted: Fault, message: Message, *, field: str = "members") -> Refusal | None:
    return Refusal("", message, field=field) if _faults(step, wanted) else None


def _clause(fault: Fault) -> Clause:
    return FAULT_CLAUSES[fault]


@rule(_clause(Fault.TOO_FEW))
def members_are_enough(step: Step) -> Refusal | None:
    """A commission has at least seven members."""
    least = int(step.profile.threshold("commission_members_min").value)
    number = len(step.content.get("members") or ())
    message = _l("The commission has %(number)s members and needs at least %(least)s.", number=number, least=least)
    return _of_all(step, Fault.TOO_FEW, message)


@rule(_clause(Fault.EVEN))
def members_are_odd(step: Step) -> Refusal | None:
    """The number of members is odd."""
    number = len(step.content.get("members") or ())
    message = _l("%(number)s is an even number of members: add one or take one out.", number=number)
    return _of_all(step, Fault.EVEN, message)


@rule(_clause(Fault.TWICE))
def nobody_sits_twice(step: Step) -> list[Refusal]:
    """Every member has one seat."""
    return _of_rows(step, Fault.TWICE, _l("%(name)s is on the list more than once: take the other rows out."))


@rule(_clause(Fault.CHAIR_NOT_A_MEMBER))
def chair_is_one_of_the_members(step: Step) -> Refusal | None:
    """The chair is elected among the members of the commission."""
    return _of_all(step, Fault.CHAIR_NOT_A_MEMBER, _l("Mark one of the members, and only one, as the chair."))


@rule(_clause(Fault.SECRETARY_IS_A_MEMBER))
def secretary_is_no_member(step: Step) -> Refusal | None:
    """The secretary of the commission is not a member of it."""
    message = _l("The secretary is also on the list of members: name somebody else, or take the row out.")
    return _of_all(step, Fault.SECRETARY_IS_A_MEMBER, message, field="secretary")


@rule(_clause(Fault.TOO_LITTLE_SERVICE))
def teachers_have_served(step: Step) -> list[Refusal]:
    """A member who is a teacher has at least ten years of service."""
    least = int(step.profile.threshold("member_experience_years_min").value)
    message = _l("%(name)s has served less than %(least)s years and cannot sit as a teacher.", least=least)
    return _of_rows(step, Fault.TOO_LITTLE_SERVICE, message)


@rule(_clause(Fault.CATEGORY_TOO_LOW))
def teachers_have_a_category(step: Step) -> list[Refusal]:
    """A member who is a teacher has the category of teacher-expert, teacher-researcher or master teacher."""
    message = _l(
        "%(name)s has no category of teacher-expert, teacher-researcher or master teacher and cannot sit as a teacher."
    )
    return _of_rows(step, Fault.CATEGORY_TOO_LOW, message)


@rule(_clause(Fault.DUE_FOR_ATTESTATION))
def nobody_is_due_for_attestation(step: Step) -> list[Refusal]:
    """A teacher who is due for attestation while the commission sits is not a member of it."""
    message = _l("The category of %(name)s ends while the commission sits: he is due for attestation himself.")
    return _of_rows(step, Fault.DUE_FOR_ATTESTATION, message, kinds=_ATTESTED)


@rule(KRG.clause("15"))
def last_day_of_a_category_is_known(step: Step) -> list[Refusal]:
    """Whether a teacher is due for attestation is known only if the last day of the category is."""
    return [
        Refusal(
            "",
            _l("Enter until which day the category of %(name)s is valid.", name=name_of(row.get("person"))),
            field="members",
            row=number,
        )
        for number, row in _rows(step)
        if row.get("kind") in _ATTESTED and row.get("category") and not row.get("category_until")
    ]


@rule(KRG.clause("15"))
def nobody_is_attested_by_himself(step: Step) -> list[Refusal]:
    """Whoever has applied for attestation in the same school year does not sit on the commission."""
    applied = {
        each.subject_id
        for kind in APPLICATIONS
        for each in step.related(f"organisation:{kind}")
        if each.state in ("submitted", "accepted") and _is_of_the_year(each, step.on)
    }
    return [
        Refusal(
            "",
            _l("%(name)s has applied for attestation this year and cannot sit.", name=name_of(row.get("person"))),
            field="members",
            row=number,
        )
        for number, row in _rows(step)
        if row.get("person_id") and row["person_id"] in applied
    ]


def _is_of_the_year(application: RelatedDocument, on: date) -> bool:
    return application.registered_on is not None and school_year(application.registered_on) == school_year(on)


@rule(KRG.clause("13"))
def attesting_body_is_of_its_level(step: Step) -> Refusal | None:
    """Clause 13 gives every level of attesting bodies its categories; the organisation has decided which it is."""
    level = str(step.profile.setting("authority"))
    if step.content.get("authority") == level:
        return None
    message = _l(
        "In the settings the attesting body is “%(level)s”: choose the same here, or change the setting first.",
        level=AUTHORITIES[level],
    )
    return Refusal("", message, field="authority")


# ---------------------------------------------------------------- type


def from_staff(staff: Sequence[Content], on: date) -> dict[str, Any]:
    """Begin with who holds the posts of a member and of the secretary, and what their cards say."""
    secretary = next((row for row in staff if row.get("kind") == "secretary"), None)
    members = [_from_card(row, on) for row in staff if row.get("kind") == "commission_member"]
    return {
        "heading": HEADING,
        "basis": BASIS,
        "commission_name": COMMISSION,
        "authority": "region",
        "members": sorted(members, key=lambda row: name_key(row["person"])),
        "secretary": {"person": names_only(secretary["person"] if secretary else None)},
        "secretary_id": secretary["person_id"] if secretary else None,
        "chair_id": None,
    }


def _from_card(row: Content, on: date) -> dict[str, Any]:
    """One member: whoever has a category of a teacher sits as a teacher, until somebody says otherwise."""
    card = row.get("card") or {}
    held = current_category(card, "teacher", on) or {}
    return {
        "person": names_only(row.get("person")),
        "person_id": row.get("person_id"),
        "position": row.get("position") or "",
        "kind": "teacher" if held else "management",
        "years": int(card.get("teaching_years") or 0),
        "category": held.get("category") or "",
        "category_until": held.get("until") or "",
        "is_chair": False,
    }


# Clause 13 writes these words before the categories for subordinate organisations.
_SUBORDINATE = {
    "region": "ведомстволық бағыныстағы білім беру ұйымдары, әдістемелік кабинеттер (орталықтар) үшін",
    "ministry": "ведомстволық бағыныстағы білім беру ұйымдары, әдістемелік кабинеттер (орталықтар), салалық "
    "мемлекеттік органның ұйымдары үшін",
}
_METHODISTS = " (әдістемелік кабинеттердің (орталықтардың) әдіскерлері үшін)"


def competence_in_words(authority: str, profile: Profile) -> list[str]:
    """Name the categories of clause 13 that a commission of *authority* confers, in its own order of words."""
    own = [row for row in COMPETENCES if row.authority == authority]
    lines = []
    for is_subordinate in (False, True):
        titles = [
            f"«{category_title(row.ladder, key).kk}»{_for_whom(authority, key, profile)}"
            for row in own
            if row.subordinate is is_subordinate
            for key in row.categories
        ]
        if titles:
            before = f"{_SUBORDINATE[authority]}: " if is_subordinate else ""
            lines.append(before + ", ".join(titles))
    return lines


def _for_whom(authority: str, category: str, profile: Profile) -> str:
    """A bracket that the order opens and does not close: the setting says for whom «педагог-шебер» is meant."""
    is_narrow = profile.setting("region_master_for") == "methodists"
    return _METHODISTS if (authority, category) == ("region", "master") and is_narrow else ""


def printed(content: Content, profile: Profile) -> dict[str, Any]:
    """Give what the paper repeats of the order: clause 13, and the words for each member."""
    return {
        "competence": competence_in_words(content["authority"], profile),
        "members": [
            {"kind": KINDS[row["kind"]].kk, "category": CATEGORIES[row["category"]].kk if row["category"] else ""}
            for row in content["members"]
        ],
    }


def _heading(content: Content) -> str:
    return str(content.get("commission_name") or content.get("heading") or "")


def _member(
    number: int, surname: str, given_name: str, patronymic: str, position: str, kind: str = "teacher",
    *, years: int = 0, category: str = "", until: str = "", is_chair: bool = False,
) -> dict[str, Any]:  # fmt: skip
    return {
        "person": {"surname": surname, "given_name": given_name, "patronymic": patronymic}, "person_id": number,
        "position": position, "kind": kind, "years": years, "category": category, "category_until": until,
        "is_chair": is_chair,
    }  # fmt: skip


SAMPLE: dict[str, Any] = {
    "heading": HEADING,
    "basis": BASIS,
    "commission_name": "Қарағанды облысы білім басқармасының педагогтерді аттестаттау жөніндегі комиссиясы",
    "authority": "region",
    "members": [
        _member(21, "Әбдікәрімова", "Гүлнәр", "Төлегенқызы", "Облыстық білім басқармасы басшысының орынбасары",
                "management", years=24, is_chair=True),
        _member(22, "Жүнісов", "Серік", "Қайратұлы", "№ 5 мектеп-лицейдің физика мұғалімі", years=19,
                category="master", until="2028-08-31"),
        _member(23, "Ким", "Елена", "", "№ 12 гимназияның орыс тілі мен әдебиеті мұғалімі", years=27,
                category="researcher", until="2027-05-25"),
        _member(24, "Оспанова", "Айгүл", "Бекболатқызы",
                "Облыстық оқу-әдістемелік орталықтың әдіскері", "methodist", years=15, category="expert",
                until="2027-12-20"),
        _member(25, "Һашимов", "Ұлан", "Іңкәрұлы", "Педагогтердің кәсіподақ ұйымының төрағасы", "public"),
        _member(26, "Смағұлова", "Динара", "Ерланқызы", "Политехникалық колледждің арнайы пәндер оқытушысы",
                years=11, category="expert", until="2028-03-01"),
        _member(27, "Өмірғалиқызы-Сейітмұхамбетова", "Ғазиза", "Әбдіжәмілқызы",
                "«Балапан» бөбекжайының әдіскері", "methodist", years=12, category="expert", until="2028-01-15"),
    ],
    "secretary": {"person": {"surname": "Тоқтарова", "given_name": "Мөлдір", "patronymic": "Асқарқызы"}},
    "secretary_id": 28,
    "chair_id": 21,
}  # fmt: skip

TYPE = DocumentType(
    name="commission_order",
    title=Text(
        "Аттестаттау комиссиясын құру туралы бұйрық",
        "Приказ о создании аттестационной комиссии",
        "Order on forming the attestation commission",
    ),
    brief=Text("Комиссия құру бұйрығы", "Приказ о комиссии", "Order on the commission"),
    regulated_by=(KRG.clause("13"),),
    form=CommissionOrderForm,
    workflow=issued,
    template="paper/commission_order.typ",
    languages=KAZAKH_ONLY,
    stage="commission",
    journal=Journal("commission_orders", "{seq}-АК/{year}"),
    slots=ATTESTING_HEAD,
    # Clause 16: one year from the order on the composition.
    validity=Validity("commission_mandate", counted_from=""),
    rules=(
        members_are_enough,
        members_are_odd,
        nobody_sits_twice,
        chair_is_one_of_the_members,
        secretary_is_no_member,
        teachers_have_served,
        teachers_have_a_category,
        nobody_is_due_for_attestation,
        last_day_of_a_category_is_known,
        nobody_is_attested_by_himself,
        attesting_body_is_of_its_level,
    ),
    starts_with_staff=from_staff,
    heading=_heading,
    printed=printed,
    public_fields=("commission_name",),
    sample=SAMPLE,
)
