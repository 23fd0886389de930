"""Demo data of an attestation: a commission of nine, fourteen attestees, from application to certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from docflow import demo
from docflow.config import Settings
from docflow.core.calendar import add_years
from docflow.core.errors import Refused
from docflow.core.identifiers import check_digit
from docflow.core.permissions import Actor, Role
from docflow.core.rules import Refusal
from docflow.core.scoring import Measure
from docflow.db import db, unit_of_work
from docflow.demo import DemoAccount
from docflow.models import Account, Document, Group, Organisation, Person, Position, Unit
from docflow.regulations.kazakhstan_calendar import TIME_ZONE, kazakhstan_calendar
from docflow.regulations.krg import portfolio
from docflow.regulations.krg.observation import SHEETS
from docflow.services import (
    cards,
    documents,
    drafting,
    groups,
    issuing,
    papers,
    people,
    rounds,
    routing,
    sittings,
)

ORGANISATION: dict[str, Any] = {
    "code": "krg", "profile": "krg", "bin": "020440003513",
    "name_kk": "Қарағанды облысының білім басқармасы",
    "name_ru": "Управление образования Карагандинской области",
    "short_kk": "Қарағанды облысының ББ", "short_ru": "УО Карагандинской области", "city_kk": "Қарағанды",
    "city_ru": "Караганда", "address_kk": "Қарағанды қаласы, демонстрациялық көше, 11",
    "address_ru": "город Караганда, демонстрационная улица, 11", "phone": "+7 7212 00 00 00",
    "email": "office@krg.example", "logo": demo.LOGO,
    # The order has ended; the demo goes on with it by an order of its own, as the setting demands.
    "settings": {"continued_by_order": "Қарағанды облысы білім басқармасының 2025 жылғы 9 қаңтардағы № 12-НҚ бұйрығы"},
}  # fmt: skip
UNIT = "АК"

_MEMBERS = (
    ("Әлімханов", "Серік", "Болатұлы", "№ 1 мамандандырылған мектеп-лицейдің математика мұғалімі"),
    ("Бейсенова", "Гүлмира", "Жақсылыққызы", "«Өрлеу» филиалының әдіскері"),
    ("Ғабитова", "Айнұр", "Қайратқызы", "№ 12 гимназияның қазақ тілі мен әдебиеті мұғалімі"),
    ("Дүйсенбаев", "Ержан", "Өмірзақұлы", "политехникалық колледждің арнайы пәндер оқытушысы"),
    ("Жүнісова", "Мәлике", "Сәкенқызы", "№ 5 мектеп-гимназияның физика мұғалімі"),
    ("Қаратаев", "Нұрлан", "Әбенұлы", "облыстық әдістемелік орталықтың әдіскері"),
    ("Назарова", "Ирина", "Петровна", "№ 23 жалпы білім беретін мектептің орыс тілі мұғалімі"),
    ("Оспанов", "Талғат", "Ғалымұлы", "педагогтер кәсіподағы облыстық ұйымының өкілі"),
    ("Төребекова", "Шолпан", "Ұзаққызы", "№ 3 балабақшаның әдіскері"),
)


def _member(number: int, name: tuple[str, str, str], position: str) -> DemoAccount:
    post = ("commission_member", position, position)
    return DemoAccount(f"member{number}@krg.example", name, "", (Role.SIGNATORY,), "kk", post)


STAFF: tuple[DemoAccount, ...] = (
    DemoAccount("head@krg.example", ("Сүлейменов", "Асқар", "Тілеуқабылұлы"), "", (Role.SIGNATORY,), "kk",
                ("head", "Басқарма басшысы", "Руководитель управления")),
    DemoAccount("authorised@krg.example", ("Мұқанова", "Жанар", "Ерболқызы"), "", (Role.SIGNATORY,), "kk",
                ("authorised", "Педагогтерді аттестаттау бөлімінің басшысы",
                 "Руководитель отдела аттестации педагогов")),
    DemoAccount("secretary@krg.example", ("Үсенова", "Балнұр", "Маратқызы"), "", (Role.CLERK, Role.SIGNATORY), "kk",
                ("secretary", "Комиссия хатшысы", "Секретарь комиссии"), in_centre=True),
    *(_member(place, row[:3], row[3]) for place, row in enumerate(_MEMBERS, start=1)),
    DemoAccount("inspector@krg.example", ("Хамитов", "Дәулет", "Өтеуұлы"), "", (Role.INSPECTOR,), "kk"),
    DemoAccount("admin@krg.example", ("Цой", "Вера", "Алексеевна"), "", (Role.ADMINISTRATOR,), "ru"),
)  # fmt: skip
# The first who is attested, and the first who waits for the session, have accounts: they see their cabinets.
ATTESTEE = "attestee@krg.example"
TEACHER = "teacher@krg.example"


@dataclass(frozen=True)
class Attestee:
    """One who is attested: what he is, what he claims, and how it turns out."""

    name: tuple[str, str, str]
    position: str
    workplace: str
    application: str = "teacher_application"
    ladder: str = "teacher"
    group: str = "teacher"
    current: str = "expert"
    claimed: str = "expert"
    subject: str = "математика"
    observed_by: str = "observation_lesson"
    held_since_years: int = 5  # of the current category, less some months: its term is near
    passes_test: bool = True
    portfolio: str = ""  # the category whose column the sheet reaches; empty: the claimed one
    is_subordinate: bool = True
    outcome: str = "claimed"
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tested(self) -> bool:
        return self.application not in _NEVER_TESTED


_NEVER_TESTED = frozenset({"without_attestation_application", "retention_application", "prepension_application"})
_SCHOOL = "«№ 7 жалпы білім беретін мектебі» КММ, Қарағанды қаласы"
_LYCEUM = "«Дарын» облыстық мамандандырылған мектеп-интернаты» КММ"
_GARDEN = "«Ақбота» балабақшасы» КМҚК, Теміртау қаласы"
_COLLEGE = "«Қарағанды политехникалық колледжі» КМҚК"
_CABINET = "«Қарағанды облыстық әдістемелік орталығы» КММ"

ATTESTEES: tuple[Attestee, ...] = (
    Attestee(("Өмірғалиқызы-Сейітмұхамбетова", "Ғазиза", "Әбдіжәмілқызы"), "математика мұғалімі", _SCHOOL),
    Attestee(("Қуанышбеков", "Әлихан", "Нұрланұлы"), "информатика мұғалімі", _LYCEUM,
             application="early_application", claimed="researcher", subject="информатика", held_since_years=3,
             more={"criteria": [1, 2, 4, 5, 6],
                   "evidence": "Республикалық «Үздік педагог» конкурсының жүлдегері, 2-дәрежелі диплом"}),
    Attestee(("Иванова", "Наталья", "Сергеевна"), "физика мұғалімі", _SCHOOL, subject="физика", passes_test=False,
             outcome="lower_than_current"),
    Attestee(("Жұмабаева", "Ақмарал", "Төлегенқызы"), "биология мұғалімі", _SCHOOL, claimed="researcher",
             subject="биология", portfolio="expert", outcome="current"),
    Attestee(("Ким", "Виктория", ""), "ағылшын тілі мұғалімі", _LYCEUM,
             application="without_attestation_application", current="moderator", subject="ағылшын тілі",
             more={"ground": "delta", "number": "DELTA-0007142", "sheet_group": ""}),
    Attestee(("Сәрсенбаев", "Қайрат", "Мұратұлы"), "директор", _LYCEUM, application="head_application",
             ladder="head", group="head", current="first", claimed="first", is_subordinate=False, held_since_years=3),
    Attestee(("Петренко", "Оксана", "Васильевна"), "директордың оқу ісі жөніндегі орынбасары", _COLLEGE,
             application="head_application", ladder="deputy", group="deputy", current="second", claimed="first",
             is_subordinate=False),
    Attestee(("Төлегенова", "Раушан", "Әліқызы"), "тарих мұғалімі", _SCHOOL, application="prepension_application",
             subject="тарих", outcome="current"),
    Attestee(("Һашимова", "Іңкәр", "Ұланқызы"), "арнайы педагог", _SCHOOL, application="old_category_application",
             group="special_group", current="", claimed="researcher", subject="арнайы педагогика",
             observed_by="observation_special", more={"old_category": "жоғары санат"}),
    Attestee(("Әбілқасымова", "Жансая", ""), "тәрбиеші", _GARDEN, group="special_group",
             subject="мектепке дейінгі оқыту", observed_by="observation_preschool"),
    Attestee(("Досмағамбетов", "Нұржан", "Бекболатұлы"), "әдіскер", _COLLEGE, group="methodist",
             subject="педагогика"),
    Attestee(("Шевченко", "Андрей", "Николаевич"), "әдістемелік орталықтың басшысы", _CABINET,
             application="head_application", ladder="head", group="cabinet_head", current="second",
             claimed="first", is_subordinate=False, held_since_years=3),
    Attestee(("Ысқақова", "Меруерт", "Өмірбекқызы"), "әдістемелік орталық басшысының орынбасары", _CABINET,
             application="head_application", ladder="deputy", group="cabinet_deputy", current="second",
             claimed="first", is_subordinate=False),
    Attestee(("Үмбетова", "Дәрия", "Ғабитқызы"), "география мұғалімі", _SCHOOL,
             application="retention_application", subject="география", outcome="current",
             more={"ground": "34(2)"}),
)  # fmt: skip
REFUSED = Attestee(("Байжанова", "Айгүл", "Сапарқызы"), "химия мұғалімі", _SCHOOL, subject="химия")
LATE = Attestee(("Мюллер", "Ирина", ""), "неміс тілі мұғалімі", _SCHOOL, subject="неміс тілі")
TIED = 9  # the place, from 0, of whom the votes are equal about
# They wait for their session, so that there is one to hold.
WAITING: tuple[Attestee, ...] = (
    Attestee(("Мұхамеджанова", "Әсемгүл", "Сағынтайқызы"), "қазақ тілі мен әдебиеті мұғалімі", _LYCEUM,
             subject="қазақ тілі мен әдебиеті"),
    Attestee(("Рахымжанов", "Бауыржан", "Серікұлы"), "физика мұғалімі", _SCHOOL, claimed="researcher",
             subject="физика"),
    Attestee(("Соколова", "Елена", "Александровна"), "математика мұғалімі", _SCHOOL, passes_test=False),
    Attestee(("Қожахметов", "Арман", "Ілиясұлы"), "директор", _SCHOOL, application="head_application", ladder="head",
             group="head", current="first", claimed="first", is_subordinate=False, held_since_years=3),
)  # fmt: skip

_SENTENCES = (
    "Мен мұғалім мамандығын бала кезімнен таңдадым, өйткені ұстазымның әр сабағы біз үшін ашылу болатын.",
    "Бүгінгі сыныпта білім беру – дайын жауап айту емес, сұрақ қоюға үйрету деп ойлаймын.",
    "Әр оқушының өз қарқыны, өз қиындығы және өз жеңісі бар, соны көре білу маңызды.",
    "Сабақтан кейін мен әрқашан не шықты, не шықпады деп өзімнен сұраймын.",
    "Әріптестеріммен бірге сабақты зерттеу маған өз тәжірибемді сырттан көруге көмектесті.",
)  # fmt: skip


# ---------------------------------------------------------------- dates


@dataclass(frozen=True)
class Calendar:
    """The days of the round: a past autumn, so that everything has happened by now."""

    year: int

    def on(self, month: int, day: int, hour: int = 10) -> datetime:
        worked = kazakhstan_calendar().next_working_day(date(self.year, month, day))
        return datetime.combine(worked, datetime.min.time(), TIME_ZONE).replace(hour=hour).astimezone(UTC)


def autumn_before(now: datetime) -> Calendar:
    """The latest autumn whose round has ended by *now*."""
    return Calendar(now.year if (now.month, now.day) >= (11, 21) else now.year - 1)


def keys_from(now: datetime) -> datetime:
    """When the demo's keys are issued, so that every scenario can sign in its own past."""
    return min(now.replace(year=now.year - 1, day=1), datetime(autumn_before(now).year, 8, 1, tzinfo=UTC))


# ---------------------------------------------------------------- installation


def install(settings: Settings, *, now: datetime) -> None:
    """Make the attesting body, its commission, accounts and keys; repeating changes nothing."""
    demo.install_organisation(settings, ORGANISATION, STAFF, UNIT, first_iin=1000, now=now)
    with unit_of_work():
        organisation = _organisation()
        if db.session.scalars(select(Account).where(Account.email == ATTESTEE)).first():
            return
        unit = people.units(organisation.id)[0]
        unit.name_kk, unit.name_ru = "Педагогтерді аттестаттау бөлімі", "Отдел аттестации педагогов"
        _qualify_members(organisation, now)
        for email, who in ((ATTESTEE, ATTESTEES[0]), (TEACHER, WAITING[0])):
            demo.open_account(settings, email, _person(who), organisation, (Role.APPLICANT,), "kk", now=now)


def _organisation() -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.code == "krg")).one()


def _person(who: Attestee, born: int = 1985) -> Person:
    """The attestee as a person, with an invented IIN whose day of birth fits."""
    place = [*ATTESTEES, REFUSED, LATE, *WAITING].index(who)
    surname, given_name, patronymic = who.name
    is_male = not (surname.endswith("а") or patronymic.endswith(("қызы", "вна")))
    for serial in range(9000 + place * 10, 9999):
        digits = f"{born % 100:02d}{place % 12 + 1:02d}{1 + place % 28:02d}{3 if is_male else 4}{serial}"
        last = check_digit(digits)
        if last is not None:
            names = {"surname": surname, "given_name": given_name, "patronymic": patronymic}
            person = people.find_or_create(names, f"{digits}{last}")
            person.email = person.email or f"attestee{place + 1}@krg.example"
            return person
    raise RuntimeError("no IIN is left")


def _qualify_members(organisation: Organisation, now: datetime) -> None:
    held = select(Position).where(Position.organisation_id == organisation.id, Position.kind == "commission_member")
    for post in db.session.scalars(held):
        _enter(post.person_id, "experience", {"kind": "teaching", "profile": "педагогика"}, now,
               since=add_years(now.date(), -18))  # fmt: skip
        _enter(
            post.person_id,
            "category",
            {"ladder": "teacher", "category": "researcher", "position": post.title_kk, "procedure": "regular"},
            now,
            since=add_years(now.date(), -1),
        )


def _enter(
    person_id: int, kind: str, data: Mapping[str, Any], now: datetime, *, since: date, until: date | None = None
) -> None:
    basis = "жеке іс парағы, № 5 бұйрық"
    cards.add_entry(person_id, kind, data, basis=basis, actor=demo.ROOT, now=now, starts_on=since, ends_on=until)


# ---------------------------------------------------------------- the round


@dataclass
class Round:
    """What the scenario has made, as it goes. ``refusals`` are the steps that the acts refused."""

    settings: Settings
    days: Calendar
    run_jobs: demo.RunJobs
    secretary: Actor
    attestees: Sequence[Attestee] = ATTESTEES
    group: Group | None = None
    made: list[Document] = field(default_factory=list)
    refusals: list[tuple[str, Refusal]] = field(default_factory=list)

    @property
    def members(self) -> list[Actor]:
        return [demo.actor_of(account.email) for account in STAFF if account.email.startswith("member")]

    def head(self, document_ids: Sequence[int], now: datetime) -> None:
        demo.sign(demo.actor_of("head@krg.example"), document_ids, now)

    def authorised(self, document_ids: Sequence[int], now: datetime) -> None:
        demo.sign(demo.actor_of("authorised@krg.example"), document_ids, now)

    def keep(self, *found: Document) -> None:
        self.made += [each for each in found if each not in self.made]


def run(settings: Settings, *, now: datetime, run_jobs: demo.RunJobs) -> Round:
    """Take the round from the order on the commission to certificates, list and complaint, through the services."""
    days = autumn_before(now)
    this = Round(settings, days, run_jobs, demo.actor_of("secretary@krg.example"))
    _form_commission(this, days.on(8, 26))
    applications = _take_in(this, "")
    _refuse_one(this, days.on(10, 5))
    _refuse_a_late_one(this, days)
    this.authorised([each.id for each in _of(this, "acceptance_notice", "refusal_notice")], days.on(10, 6))
    _gather_evidence(this, applications, days)
    _conclude(this, days.on(10, 30))
    protocols = [_hold(this, name, days) for name in ("teacher_protocol", "head_protocol")]
    for protocol in protocols:
        _carry_out(this, protocol, days)
    _complain(this, days.on(11, 16))
    return _finish(this)


def fill(settings: Settings, *, now: datetime, run_jobs: demo.RunJobs) -> None:
    """Give the demo a finished round, and one whose session can be held now."""
    secretary = demo.actor_of("secretary@krg.example")
    if groups.listing(actor=secretary):
        return
    days = run(settings, now=now, run_jobs=run_jobs).days
    prepare(settings, days, run_jobs=run_jobs)


def prepare(settings: Settings, days: Calendar, *, run_jobs: demo.RunJobs) -> Round:
    """A small round with all its evidence, before its session."""
    this = Round(settings, days, run_jobs, demo.actor_of("secretary@krg.example"), WAITING)
    if rounds.commission_on(_organisation().id, days.on(8, 28).date()) is None:
        _form_commission(this, days.on(8, 26))
    applications = _take_in(this, "-2")
    this.authorised([each.id for each in _of(this, "acceptance_notice")], days.on(10, 6))
    _gather_evidence(this, applications, days)
    return this


def _take_in(this: Round, suffix: str) -> list[Document]:
    this.group = _open(this, this.days.on(8, 28), suffix)
    return [_apply(this, who, this.days.on(10, 5)) for who in this.attestees]


def _of(this: Round, *types: str, state: str = "to_sign") -> list[Document]:
    found = select(Document).where(
        Document.organisation_id == this.secretary.organisation_id, Document.type.in_(types), Document.state == state
    )
    return list(db.session.scalars(found.order_by(Document.id)).unique())


def _form_commission(this: Round, now: datetime) -> None:
    kind = documents.demand_draftable("commission_order", actor=this.secretary)
    content = drafting.begun(kind, actor=this.secretary, now=now)
    content["members"][0]["is_chair"] = True
    order = documents.create_draft(
        kind.name, content, actor=this.secretary, unit_id=_unit(this).id, language="kk", now=now
    )
    routing.perform(order.id, "submit", actor=this.secretary, now=now)
    this.head([order.id], now)
    this.keep(order)


def _unit(this: Round) -> Unit:
    return db.session.get_one(Unit, next(iter(this.secretary.unit_ids)))


def _open(this: Round, now: datetime, suffix: str) -> Group:
    year = this.days.year
    return rounds.open_round(
        {
            "code": f"{UNIT}-{year}/{year + 1}{suffix}", "unit_id": _unit(this).id,
            "topic_kk": f"{year}/{year + 1} оқу жылындағы аттестаттау", "starts_on": now.date(),
            "topic_ru": f"Аттестация {year}/{year + 1} учебного года", "ends_on": date(year + 1, 8, 25),
        },
        actor=this.secretary, now=now,
    )  # fmt: skip


# Intake


def _apply(this: Round, who: Attestee, now: datetime) -> Document:
    """Fill the card, file the application as its applicant would, sign it with his key, and accept it."""
    person = _person(who, _born(who, now))
    _fill_card(who, person, now)
    document = _file(this, who, person, now)
    routing.perform(document.id, "accept", actor=this.secretary, now=now)
    this.keep(document)
    return document


def _born(who: Attestee, now: datetime) -> int:
    return now.year - 61 if who.application == "prepension_application" else 1985


def _fill_card(who: Attestee, person: Person, now: datetime) -> None:
    today = now.date()
    education = {"level": "higher", "kind": "pedagogical", "speciality": who.subject, "year": 2008,
                 "institution": "Е. А. Бөкетов атындағы университет", "document": "ЖБ № 0123456"}  # fmt: skip
    _enter(person.id, "education", education, now, since=date(2008, 6, 30))
    _enter(person.id, "experience", {"kind": "teaching", "profile": who.subject}, now, since=date(2008, 9, 1))
    post = {"title": who.position, "organisation": who.workplace, "ladder": who.ladder}
    _enter(person.id, "post", post, now, since=date(2015, 9, 1))
    if who.current:
        held = {"ladder": who.ladder, "category": who.current, "position": who.position, "procedure": "regular"}
        _enter(person.id, "category", held, now, since=_held_since(who, today))
    _enter(person.id, "certificate", {"title": "Оқытудың заманауи әдістері", "hours": 120, "organisation": "«Өрлеу»",
                                      "number": "ПК-00417"}, now, since=add_years(today, -1))  # fmt: skip
    if who.application == "without_attestation_application":
        language = {"examination": "DELTA", "level": "Pass", "number": "DELTA-0007142", "score": ""}
        _enter(person.id, "language", language, now, since=add_years(today, -1))


def _held_since(who: Attestee, today: date) -> date:
    """Long enough ago that the term is near, and a head still has his six months."""
    days = 150 if who.ladder == "teacher" else 210
    return add_years(today, -who.held_since_years) + timedelta(days=days)


def _content(who: Attestee, person: Person, now: datetime) -> dict[str, Any]:
    """What an applicant enters; the card has filled in the rest of his form."""
    current = cards.card_of(person.id, on=now.date())["categories"]
    ends = current[0]["until"] if current else ""
    today = now.date()
    return {
        "applicant": {**person.as_content, "iin": person.iin, "iin_override": ""},
        "position": who.position, "speciality": who.subject, "workplace": who.workplace,
        "is_subordinate": who.is_subordinate, "email": person.email, "phone": "+7 701 000 00 00",
        "ladder": who.ladder, "sheet_group": who.group, "year": today.year, "current": who.current,
        "current_until": ends, "claimed": who.claimed, "consent": True,
        "filed_on": today.isoformat(), "since": today.isoformat(), "until": add_years(today, 2).isoformat(),
        "pension_on": add_years(today, 2).isoformat(), "is_structural_unit": False, **who.more,
    }  # fmt: skip


def _draft_of(this: Round, who: Attestee, person: Person, now: datetime) -> Document:
    kind = documents.demand_draftable(who.application, actor=this.secretary)
    content = {"procedure": kind.sample["procedure"], **_content(who, person, now)}
    document = documents.create_draft(
        kind.name, content, actor=this.secretary, unit_id=_unit(this).id, language="kk", now=now
    )
    scan = demo.picture(240, 150)
    for requirement, required, attached in documents.requirements(document):
        if required and not attached:
            documents.attach(
                document.id, requirement.kind, f"{requirement.kind}.png", scan, actor=this.secretary, now=now
            )
    return document


def _file(this: Round, who: Attestee, person: Person, now: datetime) -> Document:
    document = _draft_of(this, who, person, now)
    routing.perform(document.id, "submit", actor=this.secretary, now=now)
    demo.give_key(this.settings, person, now=keys_from(now))
    demo.sign(demo.actor_for_person(person), [document.id], now)
    return document


def _refuse_one(this: Round, now: datetime) -> None:
    """Papers are missing: the application is refused, and the notice names them."""
    person = _person(REFUSED)
    _fill_card(REFUSED, person, now)
    document = _file(this, REFUSED, person, now)
    missing = "Біліктілікті арттыру курсының сертификаты\nЕңбек қызметін растайтын құжат"
    routing.perform(document.id, "refuse", actor=this.secretary, now=now, comment=missing)
    this.keep(document)


def _refuse_a_late_one(this: Round, days: Calendar) -> None:
    """Filed after 31 December: it is not even sent for signature."""
    now = Calendar(days.year).on(1, 12)
    person = _person(LATE)
    _fill_card(LATE, person, now)
    document = _draft_of(this, LATE, person, now)
    try:
        routing.perform(document.id, "submit", actor=this.secretary, now=now)
    except Refused as refused:
        this.refusals += [(document.type, refusal) for refusal in refused.refusals]
        return
    raise RuntimeError("a late application was taken")


# Evidence


def _gather_evidence(this: Round, applications: Sequence[Document], days: Calendar) -> None:
    for place, application in enumerate(applications):
        who = this.attestees[place]
        if who.ladder == "teacher" and who.tested and who.group not in ("methodist",):
            for number in range(5):
                _observe(this, who, application, days.on(10, 7 + 2 * number), number)
        if _offers(this, application, "essay", days.on(10, 14)):
            _write_essay(this, application, days.on(10, 14))
    _enter_results(this, days.on(10, 22))
    _appeal(this, applications, days.on(10, 23))
    _score(this, days)


def _offers(this: Round, application: Document, name: str, now: datetime) -> bool:
    found = issuing.draftable(application, actor=this.secretary, now=now)
    return any(kind.name == name for kind, _derivation in found)


def _drafted(this: Round, source: Document, name: str, now: datetime, **choices: Any) -> Document:
    return issuing.draft(source.id, name, actor=this.secretary, now=now, choices=choices)


def _send(this: Round, document: Document, content: Mapping[str, Any], now: datetime) -> Document:
    documents.update(
        document.id, content, actor=this.secretary, version=document.version, now=now, allow_incomplete=False
    )
    routing.perform(document.id, "submit", actor=this.secretary, now=now)
    this.keep(document)
    return document


def _chosen(name: str, actor: Actor, day: date) -> dict[str, Any]:
    person = db.session.get_one(Person, actor.person_id)
    post = people.position_of(person.id, actor.organisation_id or 0, day)
    return {f"{name}_id": person.id, name: person.as_content, f"{name}_position": post.title_kk if post else ""}


def _observe(this: Round, who: Attestee, application: Document, now: datetime, number: int) -> None:
    observer = this.members[number]
    chosen = _chosen("observer", observer, now.date())
    sheet = _drafted(this, application, who.observed_by, now, **chosen, observed_on=now.date().isoformat())
    level = {"expert": 2, "researcher": 3, "moderator": 2}[who.claimed]
    lines = len(SHEETS[who.observed_by].descriptors)
    content = {
        **{name: "оқу бағдарламасы бойынша" for name, value in documents.content(sheet).items() if value == ""},
        **{name: value for name, value in documents.content(sheet).items() if value != ""},
        "levels": [3 if (place + number) % 5 == 0 else level for place in range(lines)],
        "recommendations": "Саралау тапсырмаларын көбейту; кері байланысқа уақыт қалдыру.",
    }
    _send(this, sheet, content, now)
    demo.sign(observer, [sheet.id], now)
    demo.sign(_own(application), [sheet.id], now)


def _own(document: Document) -> Actor:
    if document.subject is None:
        raise RuntimeError(f"{document.type} is about nobody")
    return replace(demo.actor_for_person(document.subject), organisation_id=document.organisation_id)


def _write_essay(this: Round, application: Document, now: datetime) -> None:
    essay = issuing.draft(application.id, "essay", actor=_own(application), now=now)
    text = "\n\n".join([*[" ".join(_SENTENCES)] * 4, " ".join(_SENTENCES[:2])])
    content = documents.content(essay) | {
        "topic": "Заманауи мұғалім – өзгерістер бастаушысы", "text": text, "is_own_work": True,
    }  # fmt: skip
    _send(this, essay, content, now)
    demo.sign(_own(application), [essay.id], now)


def _enter_results(this: Round, now: datetime) -> None:
    """The results of the knowledge test, as the national centre's spreadsheet gives them."""
    group_id = this.group.id if this.group else 0
    sheet = groups.gather(group_id, "knowledge_results", actor=this.secretary, now=now, language="kk")
    failed = {who.name[0] for who in this.attestees if not who.passes_test}
    content = documents.content(sheet)
    rows = [
        row | {
            "score": 34 if row["person"]["surname"] in failed else 82, "max_score": 100,
            "outcome": "failed" if row["person"]["surname"] in failed else "passed",
            "category": "" if row["person"]["surname"] in failed else row["claimed"],
        }
        for row in content["rows"]
    ]  # fmt: skip
    _send(this, sheet, content | {"held_on": now.date().isoformat(), "rows": rows}, now)
    this.authorised([sheet.id], now)


def _appeal(this: Round, applications: Sequence[Document], now: datetime) -> None:
    place = next(number for number, who in enumerate(this.attestees) if not who.passes_test)
    application = applications[place]
    appeal = issuing.draft(application.id, "appeal_application", actor=_own(application), now=now)
    text = "Екі тапсырманың дұрыс жауабы есепке алынбаған деп ойлаймын, нәтижені қайта қарауды сұраймын."
    _send(this, appeal, documents.content(appeal) | {"text": text}, now)
    demo.sign(_own(application), [appeal.id], now)


def _score(this: Round, days: Calendar) -> None:
    """Each accepted application gets a score sheet; its member fills it and signs."""
    now = days.on(10, 28)
    _group, given = rounds.share_out(this.group.id if this.group else 0, actor=this.secretary, now=now)
    problems = [str(problem) for each in given for problem in each.problems]
    if problems:
        raise RuntimeError(f"score sheets: {problems}")
    by_person = {who.name[0]: who for who in this.attestees}
    for sheet in _of(this, *portfolio.TYPES, state="draft"):
        content = documents.content(sheet)
        who = by_person[content["person"]["surname"]]
        if who.application in _NEVER_TESTED:
            routing.perform(sheet.id, "withdraw", actor=this.secretary, now=now, comment="Портфолио қажет емес")
            continue
        member = next(each for each in this.members if each.person_id == content["member_id"])
        _send(this, sheet, _scored(sheet, content, who), now)
        demo.sign(member, [sheet.id], now)


def _conclude(this: Round, now: datetime) -> None:
    """The conclusion of the summary for everybody whose materials are judged, confirmed by who scored them."""
    _group, made = rounds.draw_up(this.group.id if this.group else 0, actor=this.secretary, now=now)
    problems = [str(problem) for each in made for problem in each.problems]
    if problems:
        raise RuntimeError(f"conclusions: {problems}")
    for conclusion in _of(this, "analytical_summary"):
        signers = {row["person_id"] for row in documents.content(conclusion)["signers"]}
        for member in this.members:
            if member.person_id in signers:
                demo.sign(member, [conclusion.id], now)
        this.keep(conclusion)


def _scored(sheet: Document, content: Mapping[str, Any], who: Attestee) -> dict[str, Any]:
    """Points in the column of the category that this attestee reaches, each with its evidence."""
    printed = portfolio.TYPES[sheet.type]
    column = printed.categories.index(who.portfolio or who.claimed)
    rows = [dict(row) | _line(printed.indicators[row["number"]], column) for row in content["rows"]]
    filled = dict(content) | {"rows": rows, "unscored": column if printed.unscored else None}
    profile = papers.profile_of(sheet.organisation)
    found = portfolio.outcome_of(filled, profile)
    if found is not None:
        filled |= {"recommendation": found.recommendation, "recommended_category": found.category}
    return filled


def _line(indicator: Any, column: int) -> dict[str, Any]:
    level = indicator.levels[column]
    if level.points is None:
        return {}
    points = level.points
    if indicator.measure is Measure.MEAN:
        return {"points": points, "level": column, "evidence": "сабақты бақылау парақтарының орташа балы"}
    pieces = -(-points // level.each) if level.each else None
    evidence = f"{indicator.number}: растайтын құжат, портфолио"
    return {"points": points, "level": column, "pieces": pieces, "evidence": evidence}


# Decision


def _hold(this: Round, name: str, days: Calendar) -> Document:
    """A session: eight of nine come, everybody is decided, once the votes are equal."""
    now, secretary = days.on(11, 9), this.secretary
    protocol = sittings.open_sitting(this.group.id if this.group else 0, name, now.date(), actor=secretary, now=now)
    present = [actor.person_id or 0 for actor in this.members[:8]]
    protocol = sittings.arrive(protocol.id, present, at="10:00", actor=secretary, version=protocol.version, now=now)
    for item in list(documents.content(protocol)["items"]):
        protocol = _decide(this, protocol, item, present, now)
    routing.perform(protocol.id, "submit", actor=secretary, now=now)
    for member in this.members[1:8]:
        demo.sign(member, [protocol.id], now)
    demo.sign(secretary, [protocol.id], now)
    demo.sign(this.members[0], [protocol.id], now)
    this.keep(protocol)
    return protocol


def _decide(
    this: Round, protocol: Document, item: Mapping[str, Any], present: Sequence[int], now: datetime
) -> Document:
    person = item["person"]["surname"]
    is_tied = person == ATTESTEES[TIED].name[0]
    ballots = {who: "against" if is_tied and place >= 4 else "for" for place, who in enumerate(present)}
    sent = {
        "conclusion": item["proposed_conclusion"], "category": item["proposed_category"], "reason": "",
        "interviewed": item["ladder"] != "teacher", "ballots": ballots, "decide": True,
    }  # fmt: skip
    return sittings.fill(
        protocol.id, item["application_id"], sent, actor=this.secretary, version=protocol.version, now=now
    )


# Results


def _carry_out(this: Round, protocol: Document, days: Calendar) -> None:
    """Extracts, the order, certificates and the list, each within its term."""
    kind = "teacher_extract" if protocol.type == "teacher_protocol" else "head_extract"
    extracts = _issue(this, protocol, [kind], days.on(11, 10))
    demo.sign(this.secretary, [each.id for each in extracts], days.on(11, 10))
    (order,) = _issue(this, protocol, ["conferring_order"], days.on(11, 11))
    this.head([order.id], days.on(11, 11))
    certificates = _issue(this, order, ["category_certificate"], days.on(11, 12))
    this.head([each.id for each in certificates], days.on(11, 12))
    (published,) = _issue(this, protocol, ["attested_list"], days.on(11, 12))
    this.head([published.id], days.on(11, 12))


def _issue(this: Round, source: Document, types: list[str], now: datetime) -> list[Document]:
    course = demo.Course(this.group, this.secretary)  # type: ignore[arg-type]
    made = demo.issue(course, documents.load(source.id), types, now, this.run_jobs, "kk")
    this.keep(*made)
    return made


def _complain(this: Round, now: datetime) -> None:
    """Whoever was refused by the portfolio complains about the decision."""
    surname = next(who.name[0] for who in ATTESTEES if who.portfolio)
    extracts = _of(this, "teacher_extract", state="in_force")
    extract = next(each for each in extracts if each.subject_name.startswith(surname))
    complaint = issuing.draft(extract.id, "complaint", actor=_own(extract), now=now)
    content = documents.content(complaint) | {
        "text": "Портфолиомдағы республикалық конкурс дипломы бағаланбаған.",
        "request": "Комиссия шешімін қайта қарауды сұраймын.",
    }
    _send(this, complaint, content, now)
    demo.sign(_own(extract), [complaint.id], now)


def _finish(this: Round) -> Round:
    this.keep(*_of(this, "acceptance_notice", "refusal_notice", state="in_force"))
    this.made = sorted((documents.load(each.id) for each in this.made), key=lambda each: each.id)
    return this
