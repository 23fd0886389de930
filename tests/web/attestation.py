"""An attesting body for the tests of pages: a finished round, one before its session, and somebody of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from docflow import demo, jobs, samples
from docflow import demo_attestation as scenario
from docflow.cli import migrate_database
from docflow.config import Settings
from docflow.core.permissions import Role
from docflow.db import db, unit_of_work
from docflow.demo import DemoAccount
from docflow.demo_attestation import Attestee, Round
from docflow.models import Document, Group, Organisation, Person
from docflow.services import documents, handwritten, invitations, issuing, people, routing, sittings
from tests.web import instance

NOW = instance.NOW
# He holds the post of a member, and was appointed after the order: he sits in no round.
SPARE = DemoAccount(
    "spare@krg.example", ("Ермекова", "Сәуле", "Қанатқызы"), "", (Role.SIGNATORY,), "kk",
    ("commission_member", "№ 9 гимназияның химия мұғалімі", "учитель химии гимназии № 9"),
)  # fmt: skip
ACCOUNTS = {
    "head": "head@krg.example",
    "authorised": "authorised@krg.example",
    "secretary": "secretary@krg.example",
    "member": "member2@krg.example",
    "spare": SPARE.email,
    "attestee": scenario.ATTESTEE,
    "writer": "writer@krg.example",  # another attestee, in the middle of his evidence
    "inspector": "inspector@krg.example",
    "administrator": "admin@krg.example",
    "stranger": instance.ACCOUNTS["clerk"],  # of another organisation
}
# Whom the scenario does not know; each stands at one point of the way.
_SCHOOL = "«№ 31 жалпы білім беретін мектебі» КММ, Қарағанды қаласы"
NEWCOMERS: Mapping[str, tuple[str, str, str]] = {
    "writer": ("Тілеубергенова", "Аяулым", "Маратқызы"),
    "considered": ("Әміров", "Дидар", "Серікұлы"),
    "signing": ("Лаврентьева", "Светлана", "Юрьевна"),
    "by_hand": ("Нығметжанов", "Хамит", "Оразұлы"),
}


def make(settings: Settings) -> None:
    """Fill an empty instance through the services, as people would."""
    with instance.opened(settings) as app, app.app_context():

        def run_jobs() -> None:
            jobs.run_until_idle(app, timeout=120)

        migrate_database()
        demo.install(settings, now=scenario.keys_from(NOW))
        scenario.install(settings, now=scenario.keys_from(NOW))
        days = scenario.run(settings, now=NOW, run_jobs=run_jobs).days
        before = scenario.prepare(settings, days, run_jobs=run_jobs)
        _appoint_spare(settings)
        _stop_half_way(before)
        run_jobs()


def _appoint_spare(settings: Settings) -> None:
    with unit_of_work():
        body = organisation()
        iin = samples.listeners(1100)[1099]["iin"]
        demo._install_person(settings, body, people.units(body.id)[0], SPARE, iin, now=scenario.keys_from(NOW))


def _stop_half_way(this: Round) -> None:
    """What people have in their hands: drafts, what waits for a signature, an open session."""
    days = this.days
    writer, application = _applied(this, "writer")
    routing.perform(application.id, "accept", actor=this.secretary, now=days.on(10, 13))
    with unit_of_work():
        demo.open_account(
            this.settings, ACCOUNTS["writer"], writer, organisation(), (Role.APPLICANT,), "kk", now=days.on(9, 1)
        )
    issuing.draft(application.id, "essay", actor=demo.actor_of(ACCOUNTS["writer"]), now=days.on(10, 14))
    _hand_out_sheets(this, application)
    _applied(this, "considered")
    _wait_for_applicants(this)
    _own_draft(this)
    _open_sessions(this)


def _newcomer(this: Round, key: str) -> tuple[Attestee, Person]:
    place = list(NEWCOMERS).index(key)
    who = Attestee(NEWCOMERS[key], "математика мұғалімі", _SCHOOL)
    surname, given_name, patronymic = who.name
    with unit_of_work():
        names = {"surname": surname, "given_name": given_name, "patronymic": patronymic}
        person = people.find_or_create(names, samples.listeners(1110)[1100 + place]["iin"])
        person.email = f"{key}@krg.example"
    scenario._fill_card(who, person, this.days.on(10, 12))
    return who, person


def _applied(this: Round, key: str) -> tuple[Person, Document]:
    """Filed and signed: it waits for the clerk's decision."""
    who, person = _newcomer(this, key)
    return person, scenario._file(this, who, person, this.days.on(10, 12))


def _wait_for_applicants(this: Round) -> None:
    """One is invited by a link to sign, the other signed on paper."""
    for key in ("signing", "by_hand"):
        who, person = _newcomer(this, key)
        document = scenario._draft_of(this, who, person, this.days.on(10, 12))
        routing.perform(document.id, "submit", actor=this.secretary, now=this.days.on(10, 12))
        if key == "signing":
            invitations.invite(document.id, {}, address=person.email or "", actor=this.secretary, now=NOW)
            continue
        (slot,) = handwritten.registrable(document, actor=this.secretary)
        signed_on = this.days.on(10, 12).date()
        handwritten.register(
            document.id, [slot.slot], "scan.png", demo.picture(240, 150), signed_on=signed_on, actor=this.secretary,
            now=this.days.on(10, 12, 12),
        )  # fmt: skip


def _hand_out_sheets(this: Round, application: Document) -> None:
    """A score sheet and an observation sheet in a member's hands; one observation waits for the teacher's signature."""
    day = this.days.on(10, 15)
    member = demo.actor_of(ACCOUNTS["member"])
    observer = scenario._chosen("observer", member, day.date())
    scenario._drafted(this, application, "observation_lesson", day, **observer, observed_on=day.date().isoformat())
    scenario._drafted(this, application, "portfolio_teacher", day, **scenario._chosen("member", member, day.date()))
    colleague = this.members[4]
    chosen = scenario._chosen("observer", colleague, day.date())
    sheet = scenario._drafted(
        this, application, "observation_lesson", day, **chosen, observed_on=day.date().isoformat()
    )
    scenario._send(this, sheet, _observed(documents.content(sheet)), day)
    demo.sign(colleague, [sheet.id], day)


def _observed(content: Mapping[str, Any]) -> dict[str, Any]:
    filled = {name: "оқу бағдарламасы бойынша" if value == "" else value for name, value in content.items()}
    return filled | {"levels": [2 for _each in filled["levels"]]}


def _own_draft(this: Round) -> None:
    """The attestee has begun an application of his own."""
    documents.create_draft(
        "teacher_application", {}, actor=demo.actor_of(scenario.ATTESTEE), unit_id=scenario._unit(this).id,
        language="kk", now=NOW, allow_incomplete=True,
    )  # fmt: skip


def _open_sessions(this: Round) -> None:
    """The heads' session waits for its signatures; the teachers' is going on."""
    now, secretary, group = this.days.on(11, 16), this.secretary, this.group
    assert group is not None
    present = [actor.person_id or 0 for actor in this.members[:8]]
    for name in ("head_protocol", "teacher_protocol"):
        protocol = sittings.open_sitting(group.id, name, now.date(), actor=secretary, now=now)
        protocol = sittings.arrive(
            protocol.id, present, at="10:00", actor=secretary, version=protocol.version, now=now
        )
        if name == "head_protocol":
            for item in list(documents.content(protocol)["items"]):
                protocol = scenario._decide(this, protocol, item, present, now)
            routing.perform(protocol.id, "submit", actor=secretary, now=now)


# ---------------------------------------------------------------- finding what was made


def organisation() -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.code == "krg")).one()


def rounds() -> list[Group]:
    """The finished round, then the one that is under way."""
    return list(db.session.scalars(select(Group).where(Group.kind == "attestation").order_by(Group.id)))


def person(role: str) -> Person:
    return db.session.get_one(Person, demo.actor_of(ACCOUNTS[role]).person_id)


def one_of_each() -> dict[tuple[str, str], Document]:
    """The first document of each type in each of its states."""
    found: dict[tuple[str, str], Document] = {}
    of_body = select(Document).where(Document.organisation_id == organisation().id).order_by(Document.id)
    for document in db.session.scalars(of_body).unique():
        found.setdefault((document.type, document.state), document)
    return found


def about(role: str, type_name: str, state: str) -> Document:
    """The document of a type in a state that is about the person of a role."""
    query = select(Document).where(
        Document.type == type_name, Document.state == state, Document.subject_id == person(role).id
    )
    return db.session.scalars(query.order_by(Document.id)).unique().one()
