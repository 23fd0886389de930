"""Signing: one authorisation for many, a result for each, nothing twice, and a signed revision for good."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import event, select

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import Conflict, Forbidden, Invalid, NotFound, ProviderError
from docflow.db import db
from docflow.models import HistoryEntry, Organisation, Person, Position, Revision, Signature, SigningSession
from docflow.services import archiving, documents, groups, history, papers, people, routing, signing, verification
from docflow.signing.demo import DemoAuthority
from tests.services import world
from tests.services.world import KNK, NOW, PIN, WKU

Awaiting = tuple[Settings, list[int]]


def outcomes(results: list[signing.SignResult]) -> list[str]:
    return [result.outcome for result in results]


def test_one_authorisation_signs_certificates_and_annexes(awaiting: Awaiting) -> None:
    _, certificates = awaiting
    rector = WKU.actor("rector")
    waiting = [each.document_id for each in signing.queue(actor=rector)]
    assert set(certificates) < set(waiting)
    assert signing.queue_length(actor=rector) == len(waiting)
    session = signing.begin(waiting, "demo", actor=rector, now=NOW)
    assert outcomes(signing.complete(session.id, PIN, actor=rector, now=NOW)) == ["signed"] * len(waiting)
    assert {documents.load(each).state for each in waiting} == {"in_force"}
    assert signing.queue(actor=rector) == []


def test_a_larger_batch_asks_hardly_more_of_the_database(awaiting: Awaiting) -> None:
    """What the documents share is asked once, and what they need each comes for all of them at once."""
    rector, asked = WKU.actor("rector"), list[str]()
    waiting = [each.document_id for each in signing.queue(actor=rector)]

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    def statements(chosen: list[int]) -> int:
        asked.clear()
        session = signing.begin(chosen, "demo", actor=rector, now=NOW)
        assert outcomes(signing.complete(session.id, PIN, actor=rector, now=NOW)) == ["signed"] * len(chosen)
        return len(asked)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        few, many = statements(waiting[:1]), statements(waiting[1:])
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    added = len(waiting) - 2
    assert added >= 3
    assert many - few <= 3 * added, "a document writes its own row, whose version is looked at; little else"


def test_a_wrong_pin_signs_nothing_and_may_be_repeated(awaiting: Awaiting) -> None:
    _, (first, *_) = awaiting
    rector = WKU.actor("rector")
    before = documents.load(first).paper_sha256
    session = signing.begin([first], "demo", actor=rector, now=NOW)
    with pytest.raises(ProviderError):
        signing.complete(session.id, {"pin": "0000"}, actor=rector, now=NOW)
    document = documents.load(first)
    assert (document.state, document.paper_sha256) == ("to_sign", before)
    assert outcomes(signing.complete(session.id, PIN, actor=rector, now=NOW)) == ["signed"]


def test_a_double_submission_signs_once(awaiting: Awaiting) -> None:
    _, certificates = awaiting
    rector = WKU.actor("rector")
    session = signing.begin(certificates, "demo", actor=rector, now=NOW)
    one = signing.complete(session.id, PIN, actor=rector, now=NOW)
    paper = documents.load(certificates[0]).paper_sha256
    two = signing.complete(session.id, PIN, actor=rector, now=NOW + timedelta(seconds=5))
    assert [r.as_json() for r in one] == [r.as_json() for r in two]
    assert documents.load(certificates[0]).paper_sha256 == paper
    signed = select(HistoryEntry).where(HistoryEntry.document_id == certificates[0], HistoryEntry.action == "signed")
    assert len(db.session.scalars(signed).all()) == 1
    with pytest.raises(Conflict):
        signing.begin(certificates, "demo", actor=rector, now=NOW)


def test_a_signed_paper_is_never_changed(awaiting: Awaiting) -> None:
    _, (first, *_) = awaiting
    rector, clerk = WKU.actor("rector"), WKU.actor("clerk")
    before = archiving.read(documents.load(first).paper_sha256 or "")
    revision = documents.current_revision(documents.load(first))
    demo.sign(rector, [first], NOW)
    document = documents.load(first)
    after = archiving.read(document.paper_sha256 or "")
    assert after.startswith(before), "signing appends; the bytes that were shown stay as they were"
    for step in ("return", "withdraw", "submit"):
        with pytest.raises(Conflict):
            routing.perform(first, step, actor=clerk, now=NOW, comment="кеш")
    with pytest.raises(Forbidden):
        documents.update(first, {}, actor=clerk, version=document.version, now=NOW)
    assert documents.current_revision(document).sha256 == revision.sha256
    assert len(db.session.scalars(select(Revision).where(Revision.document_id == first)).all()) == 1


def test_a_batch_tells_what_was_withdrawn_meanwhile(awaiting: Awaiting) -> None:
    _, certificates = awaiting
    rector, clerk = WKU.actor("rector"), WKU.actor("clerk")
    session = signing.begin(certificates, "demo", actor=rector, now=NOW)
    routing.perform(certificates[1], "withdraw", actor=clerk, now=NOW, comment="Қате аты")
    results = signing.complete(session.id, PIN, actor=rector, now=NOW)
    assert outcomes(results) == ["signed", "failed", "signed"]
    assert results[1].message.params["state"].msgid == "Withdrawn"
    assert [documents.load(each).state for each in certificates] == ["in_force", "withdrawn", "in_force"]


def test_a_batch_begins_without_what_was_withdrawn_before(awaiting: Awaiting) -> None:
    """The queue was on the screen for a while: one that is gone does not stop the others."""
    _, certificates = awaiting
    rector, clerk = WKU.actor("rector"), WKU.actor("clerk")
    routing.perform(certificates[1], "withdraw", actor=clerk, now=NOW, comment="Қате аты")
    session = signing.begin([*certificates, 999_999], "demo", actor=rector, now=NOW)
    results = {r.document_id: r.outcome for r in signing.complete(session.id, PIN, actor=rector, now=NOW)}
    assert results == {
        certificates[0]: "signed", certificates[1]: "failed", certificates[2]: "signed", 999_999: "failed",
    }  # fmt: skip


def test_nobody_signs_for_another(awaiting: Awaiting) -> None:
    _, (first, *_) = awaiting
    rector = WKU.actor("rector")
    session = signing.begin([first], "demo", actor=rector, now=NOW)
    for stranger in (KNK.actor("rector"), WKU.actor("vice"), WKU.actor("clerk")):
        with pytest.raises((Forbidden, NotFound)):
            signing.begin([first], "demo", actor=stranger, now=NOW)
        with pytest.raises(NotFound):
            signing.complete(session.id, PIN, actor=stranger, now=NOW)
    with pytest.raises(NotFound):
        signing.begin([first], "no such provider", actor=rector, now=NOW)


def test_a_session_keeps_no_secret(awaiting: Awaiting) -> None:
    _, (first, *_) = awaiting
    rector = WKU.actor("rector")
    session = signing.begin([first], "demo", actor=rector, now=NOW)
    signing.complete(session.id, PIN, actor=rector, now=NOW)
    kept = db.session.get_one(SigningSession, session.id)
    everything = f"{kept.challenge} {kept.items} {kept.results}"
    words = re.findall(r"\w+", everything.replace("2026-", "").replace("/2026", ""))
    assert demo.PIN not in words  # a digest may have the same digits within
    assert kept.state == "done"


def test_a_key_that_has_expired_signs_nothing(awaiting: Awaiting) -> None:
    _, (first, *_) = awaiting
    rector, late = WKU.actor("rector"), NOW + timedelta(days=900)
    try:
        session = signing.begin([first], "demo", actor=rector, now=late)
        results = signing.complete(session.id, PIN, actor=rector, now=late)
        assert outcomes(results) == ["failed"]
    except (ProviderError, Conflict):
        pass
    assert documents.load(first).state == "to_sign"


def test_signers_come_in_their_order(assessed: tuple[Settings, object]) -> None:
    clerk = WKU.actor("clerk")
    sheet = world.document_of("assessment_sheet")
    routing.perform(sheet.id, "annul", actor=clerk, now=NOW, comment="Қайта бағалау")
    again = groups.gather(sheet.group_id or 0, "assessment_sheet", actor=clerk, now=NOW, language="ru")
    filled = {**documents.content(sheet)}
    documents.update(again.id, filled, actor=clerk, version=again.version, now=NOW)
    world.submit(again.id, clerk)
    trainer, centre = WKU.actor("trainer"), WKU.actor("centre")
    assert [signing.queue_length(actor=each) for each in (trainer, centre)] == [1, 0]
    with pytest.raises(Conflict):
        signing.begin([again.id], "demo", actor=centre, now=NOW)
    signing.mark_opened(again.id, actor=trainer, now=NOW)
    demo.sign(trainer, [again.id], NOW)
    assert documents.load(again.id).state == "to_sign"
    assert [signing.queue_length(actor=each) for each in (trainer, centre)] == [0, 1]
    demo.sign(centre, [again.id], NOW)
    opened = {s.slot: s.opened_at for s in papers.signatures_of(documents.load(again.id))}
    assert opened == {"trainer": NOW, "centre_head": None}
    assert documents.load(again.id).state == "in_force"


BASIS = "№ 118-ж бұйрық, 13.03.2026"


def substituted(settings: Settings, *, first: date, last: date) -> Person:
    admin, vice = WKU.actor("admin"), WKU.actor("vice")
    organisation = people.organisation_of(admin)
    head = db.session.scalars(
        select(Position).where(Position.kind == "head", Position.organisation_id == organisation.id)
    ).one()
    people.add_substitution(head.id, vice.person_id or 0, starts_on=first, ends_on=last, basis=BASIS, actor=admin)
    return db.session.get_one(Person, vice.person_id)


def test_who_acts_for_the_rector_is_on_the_paper_and_on_the_public_page(
    assessed: tuple[Settings, object],
) -> None:
    settings, _ = assessed
    today = NOW.date()
    vice = substituted(settings, first=today, last=today + timedelta(days=4))
    run = world.issued(WKU, world.document_of("assessment_sheet"), ["course_certificate"], NOW)
    made = [row.document_id or 0 for row in run.rows]
    assert signing.queue_length(actor=WKU.actor("rector")) == 0
    signature = papers.signatures_of(documents.load(made[0]))[0]
    assert (signature.person_id, signature.is_acting, signature.basis) == (vice.id, True, BASIS)
    demo.sign(WKU.actor("vice"), [made[0]], NOW)
    document = documents.load(made[0])
    pages = PdfReader(BytesIO(archiving.read(document.paper_sha256 or ""))).pages
    text = " ".join(page.extract_text() for page in pages)
    assert "Тасмағамбетова" in text
    assert "118-ж" in text
    assert "Шәкенов" not in text
    report = verification.by_code(document.code, now=NOW)
    assert [(s.name, s.is_acting, s.basis) for s in report.signers] == [(vice.full_name, True, BASIS)]
    entry = next(each for each in history.entries(document) if each.action == "signed")
    assert (entry.detail["acting"], entry.detail["basis"]) == (True, BASIS)


@pytest.mark.parametrize(("offset", "is_acting"), [(-1, False), (0, True), (4, True), (5, False)])
def test_a_substitution_counts_on_its_first_and_last_day(
    settings: Settings, app: object, offset: int, is_acting: bool
) -> None:
    today = NOW.date()
    substituted(settings, first=today, last=today + timedelta(days=4))
    organisation = people.organisation_of(WKU.actor("admin"))
    found = people.signatory_on(organisation.id, "head", today + timedelta(days=offset))
    assert found is not None
    assert found.is_acting is is_acting


def test_a_substitution_needs_a_basis_and_days_in_order(settings: Settings, app: object) -> None:
    admin = WKU.actor("admin")
    with pytest.raises(Invalid) as told:
        people.add_substitution(
            1, 1, starts_on=NOW.date(), ends_on=NOW.date() - timedelta(days=1), basis=" ", actor=admin
        )
    assert set(told.value.errors) == {"basis", "ends_on"}


def test_the_organisations_key_is_needed_for_the_organisations_signature(awaiting: Awaiting) -> None:
    """A head who has no key of the organisation cannot sign for it with his own."""
    settings, (first, *_) = awaiting
    rector = WKU.actor("rector")
    person = db.session.get_one(Person, rector.person_id)
    organisation = db.session.scalars(select(Organisation).where(Organisation.code == "wku")).one()
    key = DemoAuthority(settings.demo_authority_dir).key_file(iin=person.iin or "", bin=organisation.bin)
    hidden = key.rename(key.with_suffix(".away"))
    try:
        with pytest.raises(ProviderError):
            signing.begin([first], "demo", actor=rector, now=NOW)
        assert documents.load(first).state == "to_sign"
    finally:
        hidden.rename(key)


def test_who_signed_is_kept_as_printed(awaiting: Awaiting) -> None:
    _, (first, *_) = awaiting
    rector = WKU.actor("rector")
    demo.sign(rector, [first], NOW)
    kept = db.session.scalars(select(Signature).where(Signature.document_id == first)).one()
    assert kept.signed_at == NOW
    assert kept.certificate["serial"]
    assert kept.signer_name == rector.name
