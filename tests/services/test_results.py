"""From a protocol in force to the card: extracts, the order, certificates, the list, and a complaint."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from docflow import samples
from docflow.config import Settings
from docflow.core.canonical import canonical_json, sha256_hex
from docflow.core.errors import NotFound, Refused
from docflow.core.identifiers import new_code
from docflow.db import db, unit_of_work
from docflow.forms import teacher_protocol
from docflow.models import Account, CardEntry, Delivery, Document, IssueRun, Organisation, Person, Revision
from docflow.services import documents, history, issuing, people, published, routing
from tests.services import world

Filled = Callable[[Settings], object]
NOW = world.NOW
HELD_ON = NOW.date() - timedelta(days=2)
NAMES = (("Яковлева", "Анна"), ("Әбдіров", "Ерлан"), ("Ким", "Елена"), ("Қуат", "Самал"), ("Һашимов", "Ұлан"))


def attesting_body(settings: Settings) -> None:
    """Let the demo's university attest by the pilot order, which it goes on with; a protocol is in force."""
    with unit_of_work():
        organisation = db.session.scalars(select(Organisation).where(Organisation.code == "wku")).one()
        organisation.profile, organisation.settings = "krg", {"continued_by_order": "№ 5, 05.01.2025"}
        secretary = db.session.scalars(select(Person).order_by(Person.id.desc())).first()
        assert secretary is not None
        iins = [row["iin"] for row in samples.listeners(600)[-len(NAMES) :]]
        attestees = [
            Person(surname=surname, given_name=name, patronymic="", iin=iin)
            for (surname, name), iin in zip(NAMES, iins, strict=True)
        ]
        db.session.add_all(attestees)
        db.session.flush()
        record_protocol(organisation, secretary, attestees)


def record_protocol(organisation: Organisation, secretary: Person, attestees: list[Person]) -> None:
    """Put a protocol on record as the services leave it when all have signed."""
    content = deepcopy(dict(teacher_protocol.TYPE.sample)) | {
        "held_on": HELD_ON.isoformat(), "secretary": secretary.as_content, "secretary_id": secretary.id,
    }  # fmt: skip
    for item, person in zip(content["items"], attestees, strict=True):
        item |= {"person": person.as_content, "person_id": person.id}
    document = Document(
        type="teacher_protocol", organisation_id=organisation.id, unit_id=organisation.units[0].id, state="in_force",
        language="kk", code=new_code(), number="1-ПХ/2026", registered_on=HELD_ON, valid_from=HELD_ON,
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    document.revisions.append(
        Revision(sequence=1, content=content, sha256=sha256_hex(canonical_json(content)), created_at=NOW)
    )
    db.session.add(document)


@pytest.fixture
def body(installation: Callable[[str, Filled], Settings]) -> Any:
    settings = installation("attesting", attesting_body)
    with world.running(settings):
        yield settings


def issued(source: Document, *types: str, language: str = "kk") -> None:
    """Issue at once, and see that no row was refused."""
    run = issuing.start(source.id, list(types), actor=world.WKU.actor("clerk"), language=language, now=NOW)
    issuing.perform_run({"run_id": run.id})
    db.session.expire_all()
    assert [row.refusals for row in db.session.get_one(IssueRun, run.id).rows if row.refusals] == []


def protocol() -> Document:
    return world.document_of("teacher_protocol")


def signed(settings: Settings, *types: str) -> list[Document]:
    """Issue these types from the protocol, and have all of them signed."""
    issued(protocol(), *types)
    found = [documents.load(each) for name in types for each in world.ids_of(name)]
    for each in found:
        world.sign_all(settings, each.id, NOW)
    return found


def by_person(found: list[Document]) -> dict[str, Document]:
    return {each.subject_name.split()[0]: each for each in found}


def test_everybody_decided_on_has_an_extract_signed_by_the_secretary(body: Settings) -> None:
    extracts = signed(body, "teacher_extract")
    decided = [item for item in documents.content(protocol())["items"] if item["conclusion"]]
    assert len(extracts) == len(decided) == len(NAMES)
    assert {each.state for each in extracts} == {"in_force"}
    assert set(by_person(extracts)) == {surname for surname, _ in NAMES}


def test_papers_are_in_kazakh_whatever_language_the_clerk_asks_for(body: Settings) -> None:
    issued(protocol(), language="ru")
    for name in ("teacher_extract", "conferring_order", "attested_list"):
        made = [documents.load(each) for each in world.ids_of(name)]
        assert made
        assert {each.language for each in made} == {"kk"}


def test_the_way_from_protocol_to_the_card(body: Settings) -> None:
    (order,) = signed(body, "conferring_order")
    assert order.state == "in_force"
    people_in_order = documents.content(order)["people"]
    issued(order, "category_certificate")
    certificates = [documents.load(each) for each in world.ids_of("category_certificate")]
    assert len(certificates) == len(people_in_order)
    for each in certificates:
        world.sign_all(body, each.id, NOW)
        content = documents.content(each)
        assert (each.state, each.valid_until) == ("in_force", date.fromisoformat(content["valid_until"]))
        (entry,) = db.session.scalars(select(CardEntry).where(CardEntry.document_id == each.id)).all()
        assert (entry.person_id, entry.kind) == (each.subject_id, "category")
        assert (entry.data["category"], entry.ends_on) == (content["category"], each.valid_until)


def test_what_stands_on_a_document_ends_before_it(body: Settings) -> None:
    clerk, protocol_id = world.WKU.actor("clerk"), protocol().id
    order, *extracts = signed(body, "conferring_order", "teacher_extract")

    def annul(document_id: int) -> Document:
        return routing.perform(document_id, "annul", actor=clerk, now=NOW, comment="Қате шешім")

    with pytest.raises(Refused) as refusal:
        annul(protocol_id)
    assert [each.code for each in refusal.value.refusals] == ["stood_on", "stood_on"]
    assert order.number in str(refusal.value.refusals[0].message)
    assert protocol().state == "in_force"
    for each in (order, *extracts):
        annul(each.id)
    assert annul(protocol_id).state == "annulled"


def test_nothing_is_sent_for_signature_on_what_was_annulled(body: Settings) -> None:
    clerk, protocol_id = world.WKU.actor("clerk"), protocol().id
    issued(protocol(), "conferring_order")
    (order_id,) = world.ids_of("conferring_order")
    routing.perform(order_id, "return", actor=clerk, now=NOW, comment="Тексеру")
    routing.perform(protocol_id, "annul", actor=clerk, now=NOW, comment="Қате шешім")
    with pytest.raises(Refused) as refusal:
        routing.perform(order_id, "submit", actor=clerk, now=NOW)
    assert "ground_annulled" in {each.code for each in refusal.value.refusals}


def test_who_was_refused_is_in_no_order_and_has_no_certificate(body: Settings) -> None:
    (order,) = signed(body, "conferring_order")
    refused = [
        item["person_id"] for item in documents.content(protocol())["items"] if item["conclusion"] == "not_conforming"
    ]
    assert refused
    assert not set(refused) & {row["person_id"] for row in documents.content(order)["people"]}


def test_an_order_changed_by_hand_is_refused_with_the_row(body: Settings) -> None:
    protocol_id = protocol().id
    clerk = world.WKU.actor("clerk")
    planned = issuing.plan(protocol_id, actor=clerk, language="kk", now=NOW).of_type("conferring_order")
    assert [row.is_due for row in planned] == [True]
    issued(protocol(), "conferring_order")
    order = world.document_of("conferring_order")
    routing.perform(order.id, "return", actor=clerk, now=NOW, comment="Тексеру керек.")
    content = deepcopy(documents.content(order))
    content["people"][0]["category"] = "master"
    documents.update(order.id, content, actor=clerk, version=order.version, now=NOW)
    with pytest.raises(Refused) as refusal:
        routing.perform(order.id, "submit", actor=clerk, now=NOW)
    assert ("decisions_are_the_commissions", 1) in [(each.code, each.row) for each in refusal.value.refusals]


def test_the_list_is_public_once_it_is_signed(body: Settings) -> None:
    issued(protocol(), "attested_list")
    assert published.of_organisation("wku").lists == ()
    made = world.document_of("attested_list")
    world.sign_all(body, made.id, NOW)
    (found,) = published.of_organisation("wku").lists
    assert (found.decided_on, found.protocol_number) == (HELD_ON, "1-ПХ/2026")
    assert [each.name for each in found.people] == sorted(
        (each.name for each in found.people), key=[f"{surname} {name}" for surname, name in (
            NAMES[1], NAMES[2], NAMES[3], NAMES[4], NAMES[0])].index
    )  # fmt: skip


def account_of(person: Person) -> None:
    with unit_of_work():
        organisation = db.session.scalars(select(Organisation).where(Organisation.code == "wku")).one()
        db.session.add(
            Account(person_id=person.id, organisation_id=organisation.id, email=f"p{person.id}@wku.example",
                    active=True, fs_uniquifier=f"p{person.id}")
        )  # fmt: skip


def complained(settings: Settings) -> Document:
    """The person of one extract writes, sends and signs a complaint."""
    extract = by_person(signed(settings, "teacher_extract"))["Ким"]
    assert extract.subject is not None
    account_of(extract.subject)
    account = db.session.scalars(select(Account).where(Account.person_id == extract.subject_id)).one()
    himself = people.actor_for(account)
    made = issuing.draft(extract.id, "complaint", actor=himself, now=NOW)
    assert made.state == "draft"
    content = documents.content(made) | {"text": "Портфолио балы дұрыс есептелмеген.", "request": "Қайта қарау."}
    made = documents.update(made.id, content, actor=himself, version=made.version, now=NOW)
    routing.perform(made.id, "submit", actor=himself, now=NOW)
    world.sign_all(settings, made.id, NOW)
    return documents.load(made.id)


def test_a_person_complains_of_his_own_extract(body: Settings) -> None:
    made = complained(body)
    content = documents.content(made)
    assert (made.state, made.subject_name.split()[0]) == ("submitted", "Ким")
    assert content["against_number"] == by_person([documents.load(i) for i in world.ids_of("teacher_extract")])[
        "Ким"
    ].number


def test_nobody_complains_of_somebody_elses_extract(body: Settings) -> None:
    found = by_person(signed(body, "teacher_extract"))
    person = found["Ким"].subject
    assert person is not None
    account_of(person)
    account = db.session.scalars(select(Account).where(Account.person_id == person.id)).one()
    with pytest.raises(NotFound):
        issuing.draft(found["Қуат"].id, "complaint", actor=people.actor_for(account), now=NOW)


@pytest.mark.parametrize(("steps", "state"), [
    (["satisfy"], "satisfied"), (["answer"], "answered"), (["forward", "conclude"], "answered"),
])  # fmt: skip
def test_a_complaint_ends_with_a_decision_and_its_reason(body: Settings, steps: list[str], state: str) -> None:
    made = complained(body)
    clerk = world.WKU.actor("clerk")
    with pytest.raises(Refused):
        routing.perform(made.id, steps[0], actor=clerk, now=NOW)
    for step in steps:
        made = routing.perform(made.id, step, actor=clerk, now=NOW, comment="Дәлелді шешім.")
    assert made.state == state
    told = db.session.scalars(select(Delivery).where(Delivery.document_id == made.id)).all()
    assert [each.person_id for each in told] == [made.subject_id]
    assert any(entry.detail.get("comment") == "Дәлелді шешім." for entry in history.entries(made))
