"""Invitations: one person, one document, for a time; and everybody else who tries the link."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import inspect, text

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import Conflict, Forbidden, Invalid, NotFound, ProviderError, Refused
from docflow.core.identifiers import iin_faults
from docflow.core.permissions import Permission
from docflow.db import db
from docflow.models import Document
from docflow.services import documents, history, invitations, papers, people, routing, signing
from docflow.services.invitations import Standing
from docflow.signing.demo import DemoAuthority
from tests.services import internship, world
from tests.services.conftest import Filled

NOW = world.NOW
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def memorandum(installation: Callable[[str, Filled], Settings]) -> Iterator[Document]:
    """A memorandum in draft whose enterprise's head is a name so far."""
    with world.running(installation("memorandum", internship.drafted_memorandum)):
        yield internship.memorandum()


@pytest.fixture
def reference(installation: Callable[[str, Filled], Settings]) -> Iterator[tuple[Settings, Document]]:
    """A reference in the hands of the enterprise's head."""
    settings = installation("reference", internship.reference_in_his_hands)
    with world.running(settings):
        yield settings, world.document_of("internship_reference")


def entered(token: str, iin: str = "", **more: object) -> invitations.Invitation:
    return invitations.enter(token, iin or internship.head_iin(), visitor_id=None, now=NOW, **more)  # type: ignore[arg-type]


# Who is invited


def test_the_iin_makes_the_person_and_stays_out_of_the_content(memorandum: Document) -> None:
    (asked,) = invitations.invitees(memorandum)
    assert (asked.slot.name, asked.person, asked.needs_iin) == ("enterprise_head", None, True)
    made, _ = internship.invite(memorandum)
    content = documents.content(memorandum)
    assert content["enterprise_head_id"] == made.person_id == internship.head().id
    assert internship.head_iin() not in json.dumps(content)
    assert internship.head_iin() not in str([entry.detail for entry in history.entries(memorandum)])
    (known,) = invitations.invitees(memorandum)
    assert not known.needs_iin


@pytest.mark.parametrize("iin", ["", "123", "900101300018", "１２３４５６７８９０１２"])
def test_an_impossible_iin_invites_nobody(memorandum: Document, iin: str) -> None:
    before = memorandum.version
    with pytest.raises(Invalid) as refused:
        invitations.invite(
            memorandum.id, {"iin": iin}, address=internship.ADDRESS, actor=world.WKU.actor("clerk"), now=NOW
        )
    assert list(refused.value.errors) == ["iin"]
    assert (memorandum.version, invitations.of_document(memorandum)) == (before, [])


def test_a_national_test_number_invites_where_the_installation_accepts_it(
    installation: Callable[[str, Filled], Settings],
) -> None:
    """And in no other installation of the same process."""
    settings = installation("memorandum", internship.drafted_memorandum)
    clerk, published = world.WKU.actor, {"iin": "123456789011"}
    with world.running(settings):
        with world.running(replace(settings, national_test_numbers="accepted")):
            memorandum, actor = internship.memorandum(), clerk("clerk")
            made, _ = invitations.invite(memorandum.id, published, address=internship.ADDRESS, actor=actor, now=NOW)
            assert made.person is not None
            assert made.person.iin == published["iin"]
            assert iin_faults("123456789013")
        assert iin_faults(published["iin"])


def test_an_iin_of_somebody_with_another_name_is_refused(memorandum: Document) -> None:
    stranger = world.document_of("wku_application").subject
    assert stranger is not None
    with pytest.raises(Invalid) as refused:
        internship.invite(memorandum, iin=stranger.iin or "")
    assert "another name" in refused.value.message.msgid
    assert documents.content(memorandum)["enterprise_head_id"] is None


def test_a_wrong_iin_is_taken_back_with_the_invitation(memorandum: Document) -> None:
    made, token = internship.invite(memorandum, iin=internship.iin_of(702))
    clerk = world.WKU.actor("clerk")
    invitations.revoke(made.id, actor=clerk, now=NOW)
    assert documents.content(memorandum)["enterprise_head_id"] is None
    with pytest.raises(Refused):
        world.submit(memorandum.id, clerk)
    (asked,) = invitations.invitees(memorandum)
    assert asked.needs_iin
    again, _ = invitations.invite(
        memorandum.id, {"iin": internship.head_iin()}, address=internship.ADDRESS, actor=clerk, now=LATER
    )
    assert documents.content(memorandum)["enterprise_head_id"] == again.person_id != made.person_id


def test_another_name_means_another_person(memorandum: Document) -> None:
    made, _ = internship.invite(memorandum)
    clerk = world.WKU.actor("clerk")
    other = {"surname": "Қожахметов", "given_name": "Арман", "patronymic": ""}
    changed = documents.content(memorandum) | {"enterprise_head": other}
    documents.update(memorandum.id, changed, actor=clerk, version=memorandum.version, now=NOW)
    (asked,) = invitations.invitees(memorandum)
    assert (asked.needs_iin, asked.names["surname"]) == (True, "Қожахметов")
    new, _ = invitations.invite(
        memorandum.id, {"iin": internship.iin_of(703)}, address=internship.ADDRESS, actor=clerk, now=LATER
    )
    assert documents.content(memorandum)["enterprise_head_id"] == new.person_id != made.person_id


def test_an_ended_link_to_what_is_sent_leaves_its_signer(memorandum: Document) -> None:
    made, _ = internship.invite(memorandum)
    clerk = world.WKU.actor("clerk")
    world.submit(memorandum.id, clerk)
    invitations.revoke(made.id, actor=clerk, now=NOW)
    assert documents.content(memorandum)["enterprise_head_id"] == made.person_id


@pytest.mark.parametrize("address", ["", "nobody", "a b@c.kz", "a@b.kz, c@d.kz", "a@b.kz\nBcc: c@d.kz"])
def test_the_link_goes_to_one_proper_address(memorandum: Document, address: str) -> None:
    with pytest.raises(Invalid) as refused:
        internship.invite(memorandum, address=address)
    assert list(refused.value.errors) == ["address"]
    assert invitations.of_document(memorandum) == []


def test_only_a_clerk_of_the_unit_invites_revokes_and_sees_the_link(memorandum: Document) -> None:
    made, _ = internship.invite(memorandum)
    for actor, error in (
        (world.KNK.actor("clerk"), NotFound),
        (world.WKU.actor("inspector"), Forbidden),
        (invitations.actor_of(made), NotFound),
    ):
        with pytest.raises(error):
            invitations.invite(memorandum.id, {}, address=internship.ADDRESS, actor=actor, now=NOW)
        with pytest.raises(error):
            invitations.revoke(made.id, actor=actor, now=NOW)
        with pytest.raises(error):
            invitations.renew(made.id, actor=actor, now=NOW)
        with pytest.raises(error):
            invitations.link_for_clerk(made.id, actor=actor, now=NOW)


def test_an_applicant_is_invited_without_telling_his_iin_again(drafted: tuple[Settings, list[int]]) -> None:
    application = documents.load(drafted[1][1])
    (asked,) = invitations.invitees(application)
    assert not asked.needs_iin
    clerk = world.WKU.actor("clerk")
    made, token = invitations.invite(application.id, {}, address="a@b.kz", actor=clerk, now=NOW)
    assert made.person_id == application.subject_id
    assert entered(token, application.subject.iin or "").id == made.id  # type: ignore[union-attr]


def test_who_has_an_account_is_not_invited(drafted: tuple[Settings, list[int]]) -> None:
    assert invitations.invitees(documents.load(drafted[1][0])) == []


# The token


def test_the_database_holds_no_token(memorandum: Document) -> None:
    _, token = internship.invite(memorandum)
    with_jobs = {schema for schema in inspect(db.engine).get_schema_names() if not schema.startswith(("pg_", "info"))}
    tables = [(schema, name) for schema in with_jobs for name in inspect(db.engine).get_table_names(schema=schema)]
    held = [row for schema, name in tables for row in db.session.execute(text(f'SELECT * FROM "{schema}"."{name}"'))]
    assert any("invitations.send" in str(row) for row in held)
    assert not any(token in str(row) for row in held)


def test_the_link_is_the_one_that_was_given(memorandum: Document) -> None:
    made, token = internship.invite(memorandum)
    again, address = invitations.link_for_clerk(made.id, actor=world.WKU.actor("clerk"), now=NOW)
    assert again is made
    assert address.endswith(f"/i/{token}")
    assert len(token) == 43


def test_the_letter_goes_out_when_it_is_his_turn(memorandum: Document) -> None:
    address = "turn@plant.example"
    made, token = internship.invite(memorandum, address=address)
    assert invitations.send_letters(now=NOW) == 0
    assert invitations.standing(made, now=NOW) is Standing.WAITING
    world.submit(memorandum.id, world.WKU.actor("clerk"))
    assert invitations.send_letters(now=NOW) == 1
    assert invitations.send_letters(now=NOW) == 0
    (letter,) = internship.letters(address)
    assert f"/i/{token}" in letter
    assert internship.head_iin() not in letter
    assert invitations.standing(made, now=NOW) is Standing.SENT


def test_many_documents_go_in_one_letter_with_a_link_each(reference: tuple[Settings, Document]) -> None:
    _, document = reference
    address, clerk = "many@plant.example", world.WKU.actor("clerk")
    other = next(each for each in invitations.alike(document, internship.head(), now=NOW))
    assert (other.type, other.id != document.id) == (document.type, True)
    made = invitations.invite_to_all(document.id, {}, address=address, actor=clerk, now=NOW)
    assert [each.document_id for each in made] == [document.id, other.id]
    assert invitations.alike(document, internship.head(), now=NOW) == []
    assert invitations.send_letters(now=NOW) == 1
    (letter,) = internship.letters(address)
    for each in made:
        _, link = invitations.link_for_clerk(each.id, actor=clerk, now=NOW)
        assert link in letter
        assert invitations.standing(each, now=NOW) is Standing.SENT
        name = each.document.subject_name.split()[0]
        assert name not in letter


# Attacks


def test_the_right_person_enters(memorandum: Document) -> None:
    made, token = internship.invite(memorandum)
    iin = internship.head_iin()
    assert entered(token, f" {iin[:6]} {iin[6:]} ").id == made.id
    assert invitations.standing(made, now=NOW) is Standing.OPENED
    assert invitations.held(made.id, now=NOW) is made


@pytest.mark.parametrize("iin", ["", "900101300017", "x" * 12, "１２３４５６７８９０１２", "null", "0" * 4000])
def test_another_iin_does_not_enter(memorandum: Document, iin: str) -> None:
    made, token = internship.invite(memorandum)
    with pytest.raises(Forbidden) as refused:
        invitations.enter(token, iin, visitor_id=None, now=NOW)
    assert refused.value.message == invitations.NOT_YOURS
    assert made.opened_at is None


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.swapcase(), lambda t: "", lambda t: "' OR 1=1 --"]
)
def test_a_guessed_token_is_answered_in_the_same_words(memorandum: Document, change: Callable[[str], str]) -> None:
    _, token = internship.invite(memorandum)
    with pytest.raises(Forbidden) as refused:
        entered(change(token))
    assert refused.value.message == invitations.NOT_YOURS
    assert invitations.announced(change(token), now=NOW) is None


def test_the_link_is_not_the_digest_that_the_database_holds(memorandum: Document) -> None:
    made, _ = internship.invite(memorandum)
    with pytest.raises(Forbidden):
        entered(made.token_sha256)


def test_after_its_days_the_link_opens_nothing(memorandum: Document) -> None:
    made, token = internship.invite(memorandum)
    last = made.expires_at - timedelta(seconds=1)
    assert invitations.enter(token, internship.head_iin(), visitor_id=None, now=last) is made
    for moment in (made.expires_at, made.expires_at + timedelta(days=400)):
        with pytest.raises(Forbidden):
            invitations.enter(token, internship.head_iin(), visitor_id=None, now=moment)
        with pytest.raises(Forbidden):
            invitations.held(made.id, now=moment)
        assert invitations.announced(token, now=moment) is None


def test_a_revoked_link_throws_out_who_is_in(memorandum: Document) -> None:
    made, token = internship.invite(memorandum)
    entered(token)
    invitations.revoke(made.id, actor=world.WKU.actor("clerk"), now=NOW)
    with pytest.raises(Forbidden):
        invitations.held(made.id, now=NOW)
    with pytest.raises(Forbidden):
        entered(token)
    with pytest.raises(Conflict):
        invitations.link_for_clerk(made.id, actor=world.WKU.actor("clerk"), now=NOW)


def test_a_new_link_ends_the_old_one(memorandum: Document) -> None:
    old, first = internship.invite(memorandum)
    new, second = invitations.renew(old.id, actor=world.WKU.actor("clerk"), now=LATER)
    assert first != second
    assert (old.revoked_at, new.address, new.person_id) == (LATER, old.address, old.person_id)
    with pytest.raises(Forbidden):
        entered(first)
    assert invitations.enter(second, internship.head_iin(), visitor_id=None, now=LATER) is new


def test_somebody_who_is_logged_in_does_not_enter_as_another(memorandum: Document) -> None:
    made, token = internship.invite(memorandum)
    clerk = world.WKU.actor("clerk")
    with pytest.raises(Forbidden) as refused:
        invitations.enter(token, internship.head_iin(), visitor_id=clerk.person_id, now=NOW)
    assert refused.value.message == invitations.NOT_YOURS
    assert invitations.enter(token, internship.head_iin(), visitor_id=made.person_id, now=NOW) is made


def test_whoever_guesses_at_the_iin_is_stopped_for_the_day(memorandum: Document) -> None:
    _, token = internship.invite(memorandum)
    for _ in range(invitations.TRIES_A_DAY):
        with pytest.raises(Forbidden):
            entered(token, "900101300017")
    with pytest.raises(Forbidden):
        entered(token)  # even with the right one
    assert invitations.enter(token, internship.head_iin(), visitor_id=None, now=NOW + timedelta(days=1))


# What the guest may do


def test_a_draft_that_is_not_in_his_hands_stays_closed(memorandum: Document) -> None:
    made, _ = internship.invite(memorandum)
    guest = invitations.actor_of(made)
    assert documents.permissions(memorandum, actor=guest) == frozenset()
    assert not invitations.is_his_turn(made)
    with pytest.raises(NotFound):
        documents.get(memorandum.id, actor=guest)


def test_the_guest_sees_no_other_document(memorandum: Document) -> None:
    made, _ = internship.invite(memorandum)
    world.submit(memorandum.id, world.WKU.actor("clerk"))
    guest = invitations.actor_of(made)
    for type_name in ("wku_application", "enrolment_order", "questionnaire"):
        for document_id in world.ids_of(type_name):
            with pytest.raises(NotFound):
                documents.get(document_id, actor=guest)
    with pytest.raises(Forbidden):
        documents.create_draft(
            "wku_application", {}, actor=guest, unit_id=memorandum.unit_id, language="ru", now=NOW,
            allow_incomplete=True,
        )  # fmt: skip


def test_both_parties_sign_and_then_the_guest_only_reads(reference: tuple[Settings, Document]) -> None:
    settings, _ = reference
    memorandum = internship.memorandum()
    made = invitations.of_document(memorandum)[0]
    guest = invitations.actor_of(made)
    assert memorandum.state == "in_force"
    assert documents.permissions(memorandum, actor=guest) == frozenset({Permission.VIEW})
    assert documents.paper(memorandum.id, actor=guest)[1].startswith(b"%PDF")
    with pytest.raises(Conflict):
        signing.begin([memorandum.id], demo.PROVIDER, actor=guest, now=LATER)
    with pytest.raises(Conflict):
        signing.refuse(memorandum.id, "Передумал", actor=guest, now=LATER)
    assert routing.available(memorandum, actor=guest, now=LATER) == []


def test_only_his_own_key_signs(reference: tuple[Settings, Document]) -> None:
    """A key of another person, put where the provider looks for his, makes no signature."""
    settings, document = reference
    made = filled_and_sent(document)
    other = people.by_iin(internship.iin_of(701)) or people.find_or_create(internship.HEAD, internship.iin_of(701))
    demo.give_key(settings, other, now=world.INSTALLED)
    keys = DemoAuthority(settings.demo_authority_dir)
    his = keys.key_file(iin=internship.head_iin())
    kept = his.read_bytes() if his.exists() else None
    his.write_bytes(keys.key_file(iin=internship.iin_of(701)).read_bytes())
    try:
        with pytest.raises(ProviderError) as refused:
            demo.sign(invitations.actor_of(made), [document.id], LATER)
        assert "belongs to another person" in refused.value.message.msgid
    finally:
        his.unlink() if kept is None else his.write_bytes(kept)
    assert [each.state for each in papers.signatures_of(document)] == ["awaited"]
    with pytest.raises(NotFound):
        signing.begin([document.id], demo.PROVIDER, actor=demo.actor_for_person(other), now=LATER)


def filled_and_sent(document: Document) -> invitations.Invitation:
    """Fill the reference in and send it, as its guest."""
    made, _ = internship.invite(document)
    data = documents.content(document) | {"function": "токарь", "skills": "работы на станках"}
    invitations.fill(made, data, version=document.version, now=NOW)
    routing.perform(document.id, "submit", actor=invitations.actor_of(made), now=NOW)
    return made


def test_the_guest_fills_sends_and_signs_what_is_in_his_hands(reference: tuple[Settings, Document]) -> None:
    settings, document = reference
    made = filled_and_sent(document)
    assert document.state == "to_sign"
    internship.key_for_head(settings)
    demo.sign(invitations.actor_of(made), [document.id], LATER)
    assert document.state == "in_force"
    assert [entry.actor_name for entry in history.entries(document)][-2] == internship.head().full_name
    assert history.is_unbroken(document)
    (signature,) = papers.signatures_of(document)
    assert (signature.state, signature.capacity) == ("signed", "enterprise_head")


def test_the_guest_cannot_change_whom_it_is_about(reference: tuple[Settings, Document]) -> None:
    _, document = reference
    made, _ = internship.invite(document)
    before = documents.content(document)
    other = {"surname": "Басқа", "given_name": "Біреу", "patronymic": ""}
    forged = {
        **before, "person": other, "person_id": 1, "enterprise_head": other, "enterprise_head_id": 1,
        "enterprise": "ТОО «Другое»", "memorandum_number": "1", "state": "in_force", "hours": 72,
    }  # fmt: skip
    invitations.fill(made, forged, version=document.version, now=NOW)
    assert documents.content(document) == before | {"hours": 72}
    assert (document.subject_id, document.assignee_id) == (before["person_id"], before["enterprise_head_id"])


def test_in_two_tabs_the_second_one_is_told(reference: tuple[Settings, Document]) -> None:
    _, document = reference
    made, _ = internship.invite(document)
    seen = document.version
    content = documents.content(document)
    invitations.fill(made, content | {"function": "токарь"}, version=seen, now=NOW)
    with pytest.raises(Conflict):
        invitations.fill(made, content | {"function": "слесарь"}, version=seen, now=NOW)
    assert documents.content(document)["function"] == "токарь"


def test_what_is_sent_is_not_filled_any_more(reference: tuple[Settings, Document]) -> None:
    _, document = reference
    made = filled_and_sent(document)
    with pytest.raises(Forbidden):
        invitations.fill(made, documents.content(document), version=document.version, now=NOW)


def test_a_signature_is_not_given_twice(reference: tuple[Settings, Document]) -> None:
    settings, document = reference
    made = filled_and_sent(document)
    internship.key_for_head(settings)
    guest = invitations.actor_of(made)
    first = signing.begin([document.id], demo.PROVIDER, actor=guest, now=LATER)
    second = signing.begin([document.id], demo.PROVIDER, actor=guest, now=LATER + timedelta(seconds=1))
    assert signing.complete(first.id, world.PIN, actor=guest, now=LATER)[0].outcome == signing.SIGNED
    assert signing.complete(second.id, world.PIN, actor=guest, now=LATER)[0].outcome != signing.SIGNED
    paper = document.paper_sha256
    assert signing.complete(first.id, world.PIN, actor=guest, now=LATER)[0].outcome == signing.SIGNED
    assert document.paper_sha256 == paper


def test_the_guest_may_refuse_with_a_reason(reference: tuple[Settings, Document]) -> None:
    _, document = reference
    made, _ = internship.invite(document)
    guest = invitations.actor_of(made)
    with pytest.raises(Refused):
        routing.perform(document.id, "withdraw", actor=guest, now=NOW, comment=" ")
    routing.perform(document.id, "withdraw", actor=guest, now=NOW, comment="Педагог не приходил.")
    assert document.state == "withdrawn"
    assert history.entries(document)[-1].detail["comment"] == "Педагог не приходил."


def test_the_certificate_follows_from_the_signed_reference_only(reference: tuple[Settings, Document]) -> None:
    settings, document = reference
    with pytest.raises(Refused):
        world.issued(world.WKU, document, ["internship_certificate"], NOW)
    made = filled_and_sent(document)
    internship.key_for_head(settings)
    demo.sign(invitations.actor_of(made), [document.id], LATER)
    run = world.issued(world.WKU, document, ["internship_certificate"], LATER)
    assert [row.state for row in run.rows] == ["done"]
    certificate = world.document_of("internship_certificate")
    world.sign_all(settings, certificate.id, LATER)
    assert (certificate.state, certificate.subject_id) == ("in_force", document.subject_id)
