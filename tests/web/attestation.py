"""An attesting body for the tests of pages: a finished round, one before its session, and somebody of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
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
from docflow.models import Attachment, Document, Group, IssueRun, Organisation, Person, Signature
from docflow.rendering import preview
from docflow.services import cards, documents, handwritten, invitations, issuing, people, routing, sittings
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
            jobs.run_until_idle(app, timeout=300)

        migrate_database()
        demo.install(settings, now=scenario.keys_from(NOW))
        scenario.install(settings, now=scenario.keys_from(NOW))
        days = scenario.run(settings, now=NOW, run_jobs=run_jobs).days
        before = scenario.prepare(settings, days, run_jobs=run_jobs)
        _appoint_spare(settings)
        _stop_half_way(before)
        run_jobs()


def make_in(directory: Path) -> None:
    """The same, to be copied: no process of it lives on."""
    make(instance.settings_in(directory))
    preview.stop()


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
    languages = {"examination": "IELTS", "level": "B2", "score": "6,5", "number": "IELTS-0031"}
    cards.add_entry(
        writer.id, "language", languages, basis="сертификат көшірмесі", actor=this.secretary, now=days.on(10, 13),
        starts_on=days.on(9, 1).date(),
    )  # fmt: skip
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
        protocol = sittings.arrive(protocol.id, present, at="10:00", actor=secretary, version=protocol.version, now=now)
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


def begun_by(role: str) -> Document:
    """The draft that the person of a role has begun himself."""
    query = select(Document).where(
        Document.state == "draft", Document.created_by_id == demo.actor_of(ACCOUNTS[role]).account_id
    )
    return db.session.scalars(query.order_by(Document.id)).unique().one()


# ---------------------------------------------------------------- the table of pages

ALL = frozenset(ACCOUNTS)
NOBODY: frozenset[str] = frozenset()
SECRETARY = frozenset({"secretary"})
ATTESTEES = frozenset({"attestee", "writer"})
READERS = frozenset({"secretary", "inspector", "administrator"})  # of everything in the organisation
CLERKS = frozenset({"secretary", "stranger"})
KEEPERS = frozenset({"inspector", "administrator"})
ADMINISTRATOR = frozenset({"administrator"})
Page = tuple[str, str, frozenset[str]]
# Every endpoint that the table opens: what may be asked without making an instance.
ENDPOINTS = frozenset({
    "inbox.home", "inbox.waiting", "search.find", "documents.choose", "documents.new", "documents.show",
    "documents.edit", "documents.preview", "documents.paper", "documents.attachment", "documents.sheet",
    "documents.issue_plan", "documents.run", "groups.listing", "groups.show", "groups.edit", "rounds.new",
    "rounds.edit", "rounds.progress", "sittings.listing", "sittings.show", "scores.sheet", "observations.sheet",
    "signing.queue", "signing.one",
    "regulations.listing", "regulations.act", "cards.find", "cards.show", "cards.new", "cabinet.show",
    "deadlines.listing", "settings.listing", "invitations.link", "published.lists", "verify.by_code",
    "admin.overview", "admin.journals", "admin.files", "admin.positions",
})  # fmt: skip


def readers(document: Document) -> frozenset[str]:
    """Its readers by office, whoever is in it, and the commission once it is no draft."""
    found = set(READERS)
    for role in ("head", "authorised", "member", "spare", "attestee", "writer"):
        actor = demo.actor_of(ACCOUNTS[role])
        is_his = actor.person_id == document.assignee_id or actor.account_id == document.created_by_id
        is_told = document.state not in ("draft", "to_sign") and document.subject_id == actor.person_id
        is_judge = role == "member" and document.group_id is not None and document.state != "draft"
        if is_his or is_told or is_judge or actor.person_id in _signers(document):
            found.add(role)
    return frozenset(found)


def _signers(document: Document) -> set[int | None]:
    query = select(Signature.person_id).where(Signature.document_id == document.id, Signature.state != "cancelled")
    return set(db.session.scalars(query))


def table() -> list[Page]:
    """Endpoint, address, and the roles that may open it."""
    return [*_everyday(), *_of_documents(), *_of_rounds(), *_of_people(), *_of_office()]


def _everyday() -> list[Page]:
    filed = ("teacher_application", "head_application", "without_attestation_application", "early_application",
             "retention_application", "prepension_application", "old_category_application")  # fmt: skip
    own = SECRETARY | ATTESTEES
    certificate = one_of_each()["category_certificate", "in_force"]
    return [
        ("inbox.home", "/", ALL),
        *(("inbox.waiting", f"/waiting/{name}", ALL) for name in ("to_sign", "to_consider", "returned", "drafts")),
        ("search.find", "/documents", ALL),
        ("search.find", "/documents?type=teacher_application&state=accepted", ALL),
        ("documents.choose", "/documents/new", own | {"stranger"}),
        *(("documents.new", f"/documents/new/{name}", own) for name in filed),
        ("documents.new", "/documents/new/commission_order", SECRETARY),
        ("documents.new", "/documents/new/teacher_protocol", NOBODY),
        ("signing.queue", "/sign/", ALL),
        ("regulations.listing", "/regulations/", ALL),
        ("regulations.act", "/regulations/KRG", ALL),
        ("verify.by_code", f"/v/{certificate.code}", ALL),
        ("published.lists", "/published/krg", ALL),
        ("published.lists", "/published/krg?year=1999", ALL),
        ("published.lists", "/published/nobody", NOBODY),
        ("cabinet.show", "/my", ALL),
    ]


def _of_documents() -> list[Page]:
    found = one_of_each()
    protocol, results = found["teacher_protocol", "in_force"], found["knowledge_results", "in_force"]
    scan = db.session.scalars(select(Attachment).order_by(Attachment.id)).first()
    run = db.session.scalars(select(IssueRun).order_by(IssueRun.id)).first()
    assert scan is not None
    assert run is not None
    scanned = documents.load(scan.document_id)
    begun, essay = begun_by("attestee"), begun_by("writer")
    heads = found["head_protocol", "to_sign"]
    acquainted = found["observation_lesson", "to_sign"]
    return [
        *(("documents.show", f"/documents/{each.id}", readers(each)) for each in found.values()),
        *(("documents.show", f"/documents/{each.id}", readers(each)) for each in _about_attestees()),
        *(
            ("documents.paper", f"/documents/{each.id}/paper.pdf", readers(each))
            for each in found.values() if each.paper_sha256
        ),
        ("documents.show", f"/documents/{begun.id}", readers(begun)),
        ("documents.edit", f"/documents/{begun.id}/edit", SECRETARY | {"attestee"}),
        ("documents.edit", f"/documents/{essay.id}/edit", SECRETARY | {"writer"}),
        ("documents.edit", f"/documents/{protocol.id}/edit", NOBODY),
        ("documents.preview", f"/documents/{essay.id}/preview", READERS | {"writer"}),
        ("documents.attachment", f"/documents/attachments/{scan.id}", readers(scanned)),
        ("documents.sheet", f"/documents/{results.id}/sheet.xlsx", readers(results)),
        ("documents.issue_plan", f"/documents/{protocol.id}/issue", SECRETARY),
        ("documents.run", f"/documents/runs/{run.id}", readers(documents.load(run.source_id))),
        ("signing.one", f"/sign/{heads.id}", frozenset({"member", "secretary"})),
        ("signing.one", f"/sign/{acquainted.id}", frozenset({"writer"})),
        ("signing.one", f"/sign/{found['acceptance_notice', 'to_sign'].id}", frozenset({"authorised"})),
        ("invitations.link", "/invitations/1/link", SECRETARY),
        ("invitations.link", "/invitations/99999/link", NOBODY),
    ]  # fmt: skip


def _about_attestees() -> list[Document]:
    """The whole way of the two who have accounts."""
    ids = [person(role).id for role in ("attestee", "writer")]
    found = select(Document).where(Document.subject_id.in_(ids)).order_by(Document.id)
    shown = {each.id for each in one_of_each().values()}
    kinds: dict[tuple[str, str, int | None], Document] = {}
    for each in db.session.scalars(found).unique():
        kinds.setdefault((each.type, each.state, each.subject_id), each)
    return [each for each in kinds.values() if each.id not in shown]


def _of_rounds() -> list[Page]:
    finished, under_way = rounds()
    found = one_of_each()
    score, observed = found["portfolio_teacher", "draft"], found["observation_lesson", "draft"]
    closed, waiting, going_on = (
        found["teacher_protocol", "in_force"], found["head_protocol", "to_sign"], found["teacher_protocol", "draft"],
    )  # fmt: skip
    item = documents.content(going_on)["items"][0]["application_id"]
    return [
        ("groups.listing", "/groups/", READERS | {"stranger"}),
        ("groups.show", f"/groups/{finished.id}", READERS),
        ("groups.show", f"/groups/{under_way.id}", READERS),
        ("rounds.edit", f"/rounds/{under_way.id}/edit", SECRETARY),
        ("rounds.progress", f"/rounds/{finished.id}/stages.csv", READERS - {"member"}),
        ("rounds.progress", f"/rounds/{finished.id}/stages.json", READERS - {"member"}),
        ("rounds.new", "/rounds/new", SECRETARY),
        ("groups.edit", f"/groups/{under_way.id}/edit", NOBODY),  # a course has more fields than a round
        ("sittings.listing", "/sessions/", READERS | {"stranger"}),
        ("sittings.listing", f"/sessions/?group_id={under_way.id}", READERS | {"stranger"}),
        ("sittings.show", f"/sessions/{going_on.id}", READERS),
        ("sittings.show", f"/sessions/{going_on.id}?item={item}", READERS),
        ("sittings.show", f"/sessions/{going_on.id}?check=1", READERS),
        ("sittings.show", f"/sessions/{waiting.id}", READERS | {"member"}),
        ("sittings.show", f"/sessions/{closed.id}", READERS | {"member"}),
        ("sittings.show", f"/sessions/{score.id}", NOBODY),
        ("sittings.show", "/sessions/99999", NOBODY),
        ("scores.sheet", f"/scores/{score.id}", READERS | {"member"}),
        ("scores.sheet", f"/scores/{score.id}?check=1", READERS | {"member"}),
        ("scores.sheet", f"/scores/{observed.id}", NOBODY),
        ("observations.sheet", f"/observations/{observed.id}", READERS | {"member"}),
        ("observations.sheet", f"/observations/{observed.id}?check=1", READERS | {"member"}),
        ("observations.sheet", f"/observations/{score.id}", NOBODY),
    ]


def _of_people() -> list[Page]:
    kinds = ("category", "education", "experience", "post", "certificate", "achievement", "language", "pension")
    him, writer, member = (person(role).id for role in ("attestee", "writer", "member"))
    searchers = CLERKS | KEEPERS
    return [
        ("cards.find", "/people", searchers),
        ("cards.find", "/people?surname=Т", searchers),
        ("cards.show", f"/people/{him}", READERS | {"attestee"}),
        ("cards.show", f"/people/{writer}", READERS | {"writer"}),
        ("cards.show", f"/people/{member}", READERS | {"member"}),
        *(("cards.new", f"/people/{him}/new/{kind}", SECRETARY | ADMINISTRATOR) for kind in kinds),
        ("cards.new", f"/people/{him}/new/nonsense", NOBODY),
    ]


def _of_office() -> list[Page]:
    return [
        ("deadlines.listing", "/deadlines", READERS | {"stranger"}),
        ("deadlines.listing", "/deadlines?type=complaint", READERS | {"stranger"}),
        ("deadlines.listing", "/deadlines?type=category", READERS | {"stranger"}),
        ("settings.listing", "/admin/settings/", KEEPERS),
        ("admin.overview", "/admin/", KEEPERS),
        ("admin.journals", "/admin/journals", KEEPERS),
        ("admin.files", "/admin/files", KEEPERS),
        ("admin.positions", "/admin/positions", KEEPERS),
    ]
