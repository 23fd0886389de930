"""Demo data: two organisations, their people and keys, and the whole main job of a course."""

from __future__ import annotations

import secrets
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask_security.utils import hash_password
from sqlalchemy import select

from docflow import samples
from docflow.config import Settings, refuse_demo
from docflow.core.permissions import Actor, Role
from docflow.core.rules import Refusal
from docflow.db import db, unit_of_work
from docflow.models import Account, Document, Group, IssueRun, Organisation, Person, Position, Unit
from docflow.services import (
    casefiles,
    documents,
    groups,
    issuing,
    papers,
    people,
    routing,
    sheets,
    signing,
    verification,
)
from docflow.signing import authority, demo

PASSWORD = "docflow-demo"  # noqa: S105 - printed on the screen; production refuses demo accounts
PIN = "2026"
PROVIDER = "demo"
CENTRE = "ЦПК"

TOPIC_RU = "Развитие цифровых компетенций педагога в условиях обновлённого содержания образования"
TOPIC_KK = "Білім берудің жаңартылған мазмұны жағдайында педагогтің цифрлық құзыреттерін дамыту"
MODULES = [
    (
        "Жаңартылған білім мазмұнының нормативтік негіздері",
        "Нормативные основы обновлённого содержания образования",
        16,
    ),
    ("Білім беру үдерісіндегі цифрлық құралдар", "Цифровые инструменты в образовательном процессе", 32),
    ("Критериалды бағалау және кері байланыс", "Критериальное оценивание и обратная связь", 20),
    ("Деректер қауіпсіздігі және академиялық адалдық", "Безопасность данных и академическая честность", 12),
]
HOURS = sum(hours for _, _, hours in MODULES)


@dataclass(frozen=True)
class DemoAccount:
    """One person of the demo, with the post and the roles that he has."""

    email: str
    name: tuple[str, str, str]
    iin: str
    roles: tuple[Role, ...]
    language: str = "ru"
    post: tuple[str, str, str] | None = None  # kind, title in kk, title in ru
    in_centre: bool = False


STAFF = (
    DemoAccount("rector@wku.example", ("Шәкенов", "Бақыт", "Тұрарұлы"), "", (Role.SIGNATORY,), "kk",
                ("head", "Ректор", "Ректор")),
    DemoAccount("vice@wku.example", ("Тасмағамбетова", "Айжан", "Серікқызы"), "", (Role.SIGNATORY,), "kk",
                ("vice_rector", "Ғылыми жұмыс және халықаралық байланыстар жөніндегі проректор",
                 "Проректор по научной работе и международным связям")),
    DemoAccount("centre@wku.example", ("Бекмұратова", "Әлия", "Нұрланқызы"), "", (Role.SIGNATORY,), "ru",
                ("centre_head", "Қайта даярлау, біліктілікті арттыру және қосымша білім беру орталығының басшысы",
                 "Руководитель Центра переподготовки, повышения квалификации и дополнительного образования")),
    DemoAccount("trainer@wku.example", ("Ғабдуллин", "Ерлан", "Маратұлы"), "", (Role.SIGNATORY,), "ru",
                ("trainer", "қауымдастырылған профессор", "ассоциированный профессор")),
    DemoAccount("clerk@wku.example", ("Сидорова", "Ольга", "Викторовна"), "", (Role.CLERK,), "ru",
                ("clerk", "Орталық маманы", "специалист Центра"), in_centre=True),
    DemoAccount("inspector@wku.example", ("Қасымова", "Гүлнар", "Әбілқызы"), "", (Role.INSPECTOR,), "kk"),
    DemoAccount("archivist@wku.example", ("Ким", "Лариса", ""), "", (Role.ARCHIVIST,), "ru"),
    DemoAccount("admin@wku.example", ("Өтегенов", "Дәурен", "Қанатұлы"), "", (Role.ADMINISTRATOR,), "ru"),
)  # fmt: skip
# The first listener of the sample group has an account: he files and signs for himself.
LISTENER = "listener@wku.example"
CONSERVATORY = (
    DemoAccount("rector@knk.example", ("Жұбанова", "Ғазиза", "Ахметқызы"), "", (Role.SIGNATORY,), "kk",
                ("head", "Ректор", "Ректор")),
    DemoAccount("centre@knk.example", ("Тілендиев", "Нұрғиса", "Атабайұлы"), "", (Role.SIGNATORY,), "kk",
                ("centre_head", "Кәсіби қайта даярлау және біліктілікті арттыру бөлімінің басшысы",
                 "Руководитель отдела профессиональной переподготовки и повышения квалификации")),
    DemoAccount("trainer@knk.example", ("Қоспақов", "Құрманғазы", "Сағырбайұлы"), "", (Role.SIGNATORY,), "kk",
                ("trainer", "профессор", "профессор")),
    DemoAccount("clerk@knk.example", ("Мұратбекқызы", "Әсем", ""), "", (Role.CLERK,), "kk",
                ("clerk", "бөлім маманы", "специалист отдела"), in_centre=True),
)  # fmt: skip

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" r="30" fill="none" '
    'stroke="#0b5563" stroke-width="2.5"/><path d="M14 40 L32 18 L50 40 M20 46 h24 M32 18 v22" fill="none" '
    'stroke="#0b5563" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>'
    '<circle cx="32" cy="12" r="3" fill="#c9963b"/></svg>'
)
WKU_ORGANISATION: dict[str, Any] = {
    "code": "wku", "profile": "wku", "bin": "010940000165",
    "name_kk": "Батыс Қазақстан инновациялық-технологиялық университеті",
    "name_ru": "Западно-Казахстанский инновационно-технологический университет",
    "short_kk": "БҚИТУ", "short_ru": "ЗКИТУ", "city_kk": "Орал", "city_ru": "Уральск",
    "address_kk": "Орал қаласы, демонстрациялық көше, 1", "address_ru": "город Уральск, демонстрационная улица, 1",
    "phone": "+7 711 200 00 00", "email": "office@wku.example", "logo": LOGO,
}  # fmt: skip
KNK_ORGANISATION: dict[str, Any] = {
    "code": "knk", "profile": "knk", "bin": "010940000175",
    "name_kk": "Құрманғазы атындағы Қазақ ұлттық консерваториясы",
    "name_ru": "Казахская национальная консерватория имени Курмангазы",
    "short_kk": "Құрманғазы атындағы ҚҰК", "short_ru": "КНК имени Курмангазы", "city_kk": "Алматы",
    "city_ru": "Алматы", "address_kk": "Алматы қаласы, демонстрациялық даңғыл, 86",
    "address_ru": "город Алматы, демонстрационный проспект, 86", "phone": "+7 727 200 00 00",
    "email": "office@knk.example", "logo": LOGO,
}  # fmt: skip


def install(settings: Settings, *, now: datetime) -> None:
    """Make the demo authority, both organisations, their people, accounts and keys; repeating changes nothing."""
    refuse_demo(settings, "demo data")
    demo.create(settings.demo_authority_dir, now=now, address=settings.trust_services_address)
    install_organisation(settings, WKU_ORGANISATION, STAFF, CENTRE, first_iin=900, now=now)
    install_organisation(settings, KNK_ORGANISATION, CONSERVATORY, "ББ", first_iin=950, now=now)
    _install_listener(settings, now=now)


def _install_listener(settings: Settings, *, now: datetime) -> None:
    row = samples.listeners(1)[0]
    with unit_of_work():
        if db.session.scalars(select(Account).where(Account.email == LISTENER)).first():
            return
        organisation = db.session.scalars(select(Organisation).where(Organisation.code == "wku")).one()
        person = people.find_or_create(row, row["iin"])
        open_account(settings, LISTENER, person, organisation, (Role.APPLICANT,), "ru", now=now)


def open_account(
    settings: Settings,
    email: str,
    person: Person,
    organisation: Organisation,
    roles: tuple[Role, ...],
    language: str,
    *,
    now: datetime,
) -> None:
    """Give a person an account of the demo and a key of his own."""
    people.create_account(
        email,
        hash_password(PASSWORD),
        roles,
        person_id=person.id,
        organisation_id=organisation.id,
        language=language,
        uniquifier=secrets.token_hex(16),
        is_demo=True,
        actor=ROOT,
    )
    give_key(settings, person, now=now)


def install_organisation(
    settings: Settings,
    data: dict[str, Any],
    staff: Sequence[DemoAccount],
    centre: str,
    *,
    first_iin: int,
    now: datetime,
) -> None:
    with unit_of_work():
        if db.session.scalars(select(Organisation).where(Organisation.code == data["code"])).first():
            return
        organisation = people.create_organisation(data)
        unit = people.add_unit(
            organisation.id,
            centre,
            actor=ROOT,
            name_kk="Қайта даярлау, біліктілікті арттыру және қосымша білім беру орталығы",
            name_ru="Центр переподготовки, повышения квалификации и дополнительного образования",
        )
        numbers = samples.listeners(first_iin + len(staff))[first_iin:]
        for account, number in zip(staff, numbers, strict=True):
            _install_person(settings, organisation, unit, account, number["iin"], now=now)
        _install_files(organisation, now)


ROOT = Actor(None, None, "docflow", frozenset({Role.SYSTEM, Role.ADMINISTRATOR}))


def _install_person(
    settings: Settings, organisation: Organisation, unit: Unit, account: DemoAccount, iin: str, *, now: datetime
) -> None:
    surname, given_name, patronymic = account.name
    person = people.find_or_create({"surname": surname, "given_name": given_name, "patronymic": patronymic}, iin)
    if account.post is not None:
        kind, title_kk, title_ru = account.post
        people.add_position(
            organisation.id,
            person.id,
            kind,
            title_kk=title_kk,
            title_ru=title_ru,
            starts_on=date(2024, 9, 2),
            unit_id=unit.id if kind in ("centre_head", "trainer", "clerk", "secretary") else None,
            actor=ROOT,
        )
    people.create_account(
        account.email,
        hash_password(PASSWORD),
        account.roles,
        person_id=person.id,
        organisation_id=organisation.id,
        unit_ids=(unit.id,) if account.in_centre else (),
        language=account.language,
        uniquifier=secrets.token_hex(16),
        is_demo=True,
        actor=ROOT,
    )
    give_key(settings, person, now=now)
    if account.post and account.post[0] in ("head", "vice_rector", "centre_head", "authorised"):
        role = authority.FIRST_HEAD if account.post[0] == "head" else authority.RIGHT_TO_SIGN
        give_key(settings, person, organisation=organisation, roles=(role,), now=now)


def give_key(
    settings: Settings,
    person: Person,
    *,
    now: datetime,
    organisation: Organisation | None = None,
    roles: tuple[str, ...] = (),
) -> None:
    """Issue a demo key, of the person himself or of the organisation's employee."""
    demo.issue_key(
        settings.demo_authority_dir,
        person=person.full_name,
        iin=person.iin or "",
        pin=PIN,
        now=now,
        roles=roles,
        bin=organisation.bin if organisation else "",
        organisation=organisation.short_ru if organisation else "",
    )


def _install_files(organisation: Organisation, now: datetime) -> None:
    files = (
        ("04-01", "Тыңдаушыларды қабылдау туралы бұйрықтар", "Приказы о зачислении слушателей",
         ("enrolment_order", "issue_order")),
        ("04-02", "Курс тыңдаушыларының өтініштері", "Заявления и анкеты слушателей",
         ("wku_application", "knk_application", "questionnaire")),
        ("04-03", "Оқу шарттары", "Договоры на обучение", ("training_contract",)),
        ("04-04", "Берілген сертификаттар", "Выданные сертификаты",
         ("course_certificate", "certificate_annex", "attendance_reference", "assessment_sheet")),
    )  # fmt: skip
    for index, title_kk, title_ru, types in files:
        casefiles.open_file(
            organisation.id, index, now.year, title_kk=title_kk, title_ru=title_ru, types=types, actor=ROOT
        )


# The main job


@dataclass
class Course:
    """What a run of the main job has made, as it goes."""

    group: Group
    clerk: Actor
    made: list[Document] = field(default_factory=list)
    refusals: list[tuple[str, Refusal]] = field(default_factory=list)


def actor_of(email: str) -> Actor:
    return people.actor_for(db.session.scalars(select(Account).where(Account.email == email)).unique().one())


def actor_for_person(person: Person) -> Actor:
    """A listener without an account, at the desk where he signs with his own key."""
    return Actor(None, person.id, person.full_name, frozenset({Role.APPLICANT}))


RunJobs = Callable[[], None]


def run_course(settings: Settings, *, count: int, now: datetime, run_jobs: RunJobs, language: str = "ru") -> Course:
    """Take *count* teachers from application to certificate, through the services and nothing else.

    Every step is dated as it would have been: applications six weeks ago, certificates today.
    """
    clerk = actor_of("clerk@wku.example")
    course = Course(_new_group(clerk, now), clerk)
    filed = now - timedelta(days=42)
    _take_applications(settings, course, samples.listeners(count, filed_on=filed.date()), filed)
    order = _draft_order(course, now - timedelta(days=36), language)
    sign(actor_of("rector@wku.example"), [order.id], now - timedelta(days=36))
    _sign_contracts(course, now - timedelta(days=35), run_jobs, language)
    sheet = _assess(course, count, now - timedelta(days=1), language)
    _issue(course, sheet, now, run_jobs, language)
    return course


def fill(settings: Settings, *, now: datetime, run_jobs: RunJobs) -> None:
    """Give the demo something to look at: a finished course, one that waits for the rector, one to consider."""
    clerk = actor_of("clerk@wku.example")
    if groups.listing(actor=clerk):
        return
    run_course(settings, count=12, now=now, run_jobs=run_jobs)
    rows = samples.listeners(24, filed_on=now.date())
    waiting = Course(_new_group(clerk, now + timedelta(days=60)), clerk)
    _take_applications(settings, waiting, rows[12:18], now)
    _draft_order(waiting, now, "kk")
    coming = Course(_new_group(clerk, now + timedelta(days=90)), clerk)
    _take_applications(settings, coming, rows[18:], now, accept=False)


def _new_group(clerk: Actor, now: datetime) -> Group:
    centre = db.session.get_one(Unit, next(iter(clerk.unit_ids)))
    trainer = db.session.scalars(
        select(Position).where(Position.kind == "trainer", Position.organisation_id == centre.organisation_id)
    ).one()
    today = now.date()
    number = groups.organisation_groups(centre.organisation) + 1
    return groups.create(
        {
            "unit_id": centre.id, "code": f"{CENTRE}-{today.year}-{number:02d}",
            "topic_kk": TOPIC_KK, "topic_ru": TOPIC_RU,
            "hours": HOURS, "study_language": "ru", "format": "mixed", "funding": "paid",
            "programme_kind": "general", "starts_on": today - timedelta(days=30), "ends_on": today - timedelta(days=2),
            "max_score": 100, "price": 45000, "trainer_id": trainer.person_id,
            "modules": [{"title_kk": kk, "title_ru": ru, "hours": hours} for kk, ru, hours in MODULES],
            "responsible": [
                {
                    "person": trainer.person.as_content, "person_id": trainer.person_id,
                    "position_kk": trainer.title_kk, "position_ru": trainer.title_ru,
                }
            ],
        },
        actor=clerk, now=now,
    )  # fmt: skip


def _take_applications(
    settings: Settings, course: Course, rows: list[dict[str, Any]], now: datetime, *, accept: bool = True
) -> None:
    table = samples.spreadsheet(rows)
    scan = picture(240, 150)
    for type_name in ("questionnaire", "wku_application"):
        report = groups.import_applications(
            course.group.id, type_name, "listeners.xlsx", table, actor=course.clerk, now=now
        )
        if report.failed:
            raise RuntimeError(f"row {report.failed[0].row}: {report.failed[0].errors}")
        for row in report.rows:
            document = _file_one(settings, course, row.document_id or 0, scan, now)
            if accept or type_name == "questionnaire":
                routing.perform(document.id, "accept", actor=course.clerk, now=now)
            course.made.append(documents.load(document.id))


def _file_one(settings: Settings, course: Course, document_id: int, scan: bytes, now: datetime) -> Document:
    document = documents.load(document_id)
    for requirement, required, attached in documents.requirements(document):
        if required and not attached:
            documents.attach(
                document_id, requirement.kind, f"{requirement.kind}.png", scan, actor=course.clerk, now=now
            )
    routing.perform(document_id, "submit", actor=course.clerk, now=now)
    listener = document.subject
    if listener is None:
        raise RuntimeError("an application has no applicant")
    give_key(settings, listener, now=now - timedelta(days=1))
    sign(actor_for_person(listener), [document_id], now)
    return document


def sign(actor: Actor, document_ids: Sequence[int], now: datetime) -> None:
    """One authorisation for many documents; every one of them must come back signed."""
    session = signing.begin(document_ids, PROVIDER, actor=actor, now=now)
    for result in signing.complete(session.id, {"pin": PIN}, actor=actor, now=now):
        if result.outcome != signing.SIGNED:
            raise RuntimeError(f"{result.title}: {result.message}")


def _draft_order(course: Course, now: datetime, language: str) -> Document:
    order = groups.gather(course.group.id, "enrolment_order", actor=course.clerk, now=now, language=language)
    routing.perform(order.id, "submit", actor=course.clerk, now=now)
    course.made.append(order)
    return order


def _sign_contracts(course: Course, now: datetime, run_jobs: RunJobs, language: str) -> None:
    order = next(each for each in course.made if each.type == "enrolment_order")
    contracts = issue(course, order, ["training_contract"], now, run_jobs, language)
    for contract in contracts:
        if contract.subject is not None:
            sign(actor_for_person(contract.subject), [contract.id], now)
    sign(actor_of("rector@wku.example"), [contract.id for contract in contracts], now)
    course.made += contracts


def issue(
    course: Course, source: Document, types: list[str], now: datetime, run_jobs: RunJobs, language: str
) -> list[Document]:
    """Issue what derives from *source* by the job, and give what was made."""
    run = issuing.start(source.id, types, actor=course.clerk, language=language, now=now)
    run_jobs()
    db.session.expire_all()
    run = db.session.get_one(IssueRun, run.id)
    failed = [row for row in run.rows if row.state != "done"]
    if run.state != "done" or failed:
        raise RuntimeError(f"run {run.id} is {run.state}: {[(row.row, row.refusals) for row in failed]}")
    made = [documents.load(row.document_id) for row in run.rows if row.document_id]
    annexes = [
        other
        for each in made
        for kind, direction, other in documents.relations(each)
        if (kind, direction) == ("annex", "from")
    ]
    return made + annexes


def _assess(course: Course, count: int, now: datetime, language: str) -> Document:
    sheet = groups.gather(course.group.id, "assessment_sheet", actor=course.clerk, now=now, language=language)
    table = samples.assessment_spreadsheet(samples.listeners(count), hours=HOURS, modules=len(MODULES))
    report = sheets.import_rows(sheet.id, "results.xlsx", table, actor=course.clerk, version=sheet.version, now=now)
    if report.failed:
        raise RuntimeError(f"row {report.failed[0].row}: {report.failed[0].errors}")
    routing.perform(sheet.id, "submit", actor=course.clerk, now=now)
    sign(actor_of("trainer@wku.example"), [sheet.id], now)
    sign(actor_of("centre@wku.example"), [sheet.id], now)
    course.made.append(documents.load(sheet.id))
    return documents.load(sheet.id)


def _issue(course: Course, sheet: Document, now: datetime, run_jobs: RunJobs, language: str) -> None:
    planned = issuing.plan(sheet.id, actor=course.clerk, language=language, now=now)
    for row in planned.of_type("course_certificate"):
        course.refusals += [("course_certificate", refusal) for refusal in row.refusals]
    made = issue(course, sheet, [], now, run_jobs, language)
    sign(actor_of("rector@wku.example"), [each.id for each in made], now)
    course.made += [documents.load(each.id) for each in made]


def listing(document: Document, pdf_path: str) -> dict[str, Any]:
    """One document as ``docflow demo --json`` prints it."""
    signatures = papers.signatures_of(document)
    return {
        "type": document.type,
        "number": document.number,
        "state": document.state,
        "language": document.language,
        "code": document.code,
        "verify_url": papers.verify_url(document.code),
        "pdf": pdf_path,
        "sha256": document.paper_sha256,
        "signatures": [
            {"slot": each.slot, "signer": each.signer_name, "state": each.state, "acting": each.is_acting}
            for each in signatures
        ],
        "relations": [
            {"kind": kind, "number": other.number} for kind, way, other in documents.relations(document) if way == "to"
        ],
    }


def check(made: Sequence[Document], *, now: datetime) -> list[str]:
    """What does not hold of a finished scenario; empty when every document is signed by all and can be verified."""
    problems = []
    for document in made:
        report = verification.by_code(document.code, now=now)
        if not report.found or document.state in ("draft", "to_sign", "withdrawn"):
            problems.append(f"{document.type} {document.number}: {document.state}, found: {report.found}")
    return problems


def picture(width: int, height: int) -> bytes:
    """A plain PNG that stands for a scan."""
    row = b"\x00" + b"\xe8\xee\xf0" * width
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * height)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
