"""Applications signed on paper: registered from a scan by a clerk, and never taken for a signature with a key."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from docflow import demo
from docflow.config import Settings
from docflow.core.checks import Axis, Outcome
from docflow.core.errors import Conflict, Forbidden, Invalid, NotFound
from docflow.core.permissions import Actor
from docflow.models import Document
from docflow.services import archiving, documents, handwritten, history, papers, routing, signing, verification
from tests.services import world

NOW = world.NOW
DAY = date(2026, 3, 15)
SCAN = demo.picture(30, 20)


@pytest.fixture
def application(drafted: tuple[Settings, list[int]]) -> Document:
    """The university's application of somebody without an account, sent for signature."""
    return world.submit(drafted[1][1], world.WKU.actor("clerk"))


def register(document: Document, *, slots: tuple[str, ...] = ("applicant",), **more: object) -> Document:
    given: dict[str, object] = {"signed_on": DAY, "actor": world.WKU.actor("clerk"), "now": NOW}
    scan = more.pop("scan", SCAN)
    return handwritten.register(document.id, slots, "scan.png", scan, **(given | more))  # type: ignore[arg-type]


def test_the_clerk_registers_it_and_the_record_says_what_it_is(application: Document) -> None:
    register(application)
    (signature,) = papers.signatures_of(application)
    assert (application.state, signature.state) == ("submitted", "signed")
    assert signature.certificate["signed_on"] == "2026-03-15"
    assert signature.certificate["registered_by"] == world.WKU.actor("clerk").name
    (scan,) = [each for each in documents.attachments(application) if each.kind == handwritten.KIND]
    assert archiving.read(scan.sha256) == SCAN
    entry = next(each for each in history.entries(application) if each.action == handwritten.KIND)
    assert entry.detail["scan"] == scan.sha256
    assert history.is_unbroken(application)


def test_the_paper_speaks_of_no_electronic_signature(application: Document) -> None:
    before = archiving.read(application.paper_sha256 or "")
    assert "электронная" in text_of(before)
    register(application)
    after = text_of(archiving.read(application.paper_sha256 or ""))
    assert "электронная" not in after
    assert "собственноручно" in after


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_verification_does_not_take_it_for_a_key(application: Document) -> None:
    register(application)
    report = verification.by_code(application.code, now=NOW)
    assert report.verdict.outcome(Axis.IDENTITY) is Outcome.UNKNOWN
    assert [check.code for check in report.verdict.on(Axis.IDENTITY)] == ["by_hand"]


def test_it_is_considered_as_one_signed_with_a_key(drafted: tuple[Settings, list[int]], application: Document) -> None:
    clerk = world.WKU.actor("clerk")
    with_key = world.submit(drafted[1][0], clerk)
    world.sign_all(drafted[0], with_key.id, NOW)
    register(application)
    assert choices(application, clerk) == choices(with_key, clerk)
    assert application.case_file_id == with_key.case_file_id
    assert application.valid_from == with_key.valid_from


def choices(document: Document, actor: Actor) -> list[tuple[str, list[str]]]:
    found = routing.available(document, actor=actor, now=NOW)
    return [(each.transition.name, [refusal.code for refusal in each.refusals]) for each in found]


@pytest.mark.parametrize("name", ["rector", "inspector", "admin"])
def test_nobody_but_a_clerk_registers_it(application: Document, name: str) -> None:
    assert handwritten.registrable(application, actor=world.WKU.actor(name)) == []
    with pytest.raises((Forbidden, NotFound)):
        register(application, actor=world.WKU.actor(name))


def test_neither_the_applicant_himself_nor_another_organisation(application: Document) -> None:
    for actor in (applicant_of(application), world.KNK.actor("clerk")):
        with pytest.raises((Forbidden, NotFound)):
            register(application, actor=actor)
    assert application.state == "to_sign"


def applicant_of(document: Document) -> Actor:
    assert document.subject is not None
    return demo.actor_for_person(document.subject)


def test_who_signs_for_the_organisation_signs_with_a_key(awaiting: tuple[Settings, list[int]]) -> None:
    certificate = documents.load(awaiting[1][0])
    assert handwritten.registrable(certificate, actor=world.WKU.actor("clerk")) == []
    with pytest.raises(Forbidden):
        register(certificate, slots=("head",))


@pytest.mark.parametrize("slots", [(), ("nobody",), ("applicant", "head")])
def test_only_what_waits_is_registered(application: Document, slots: tuple[str, ...]) -> None:
    with pytest.raises(Forbidden):
        register(application, slots=slots)


def test_a_day_to_come_is_refused_and_today_is_not(application: Document) -> None:
    with pytest.raises(Invalid) as refused:
        register(application, signed_on=NOW.date() + timedelta(days=1))
    assert list(refused.value.errors) == ["signed_on"]
    assert register(application, signed_on=NOW.date()).state == "submitted"


@pytest.mark.parametrize("scan", [b"", b"not a scan", b"PK\x03\x04" + b"\x00" * 40])
def test_something_else_than_a_scan_is_refused(application: Document, scan: bytes) -> None:
    with pytest.raises(Invalid):
        register(application, scan=scan)
    assert application.state == "to_sign"


def test_it_is_registered_once(application: Document) -> None:
    register(application)
    with pytest.raises(Forbidden):
        register(application)
    with pytest.raises(Conflict):
        signing.begin([application.id], demo.PROVIDER, actor=applicant_of(application), now=NOW)


def test_what_was_signed_with_a_key_is_not_registered_from_paper(
    drafted: tuple[Settings, list[int]], application: Document
) -> None:
    world.sign_all(drafted[0], application.id, NOW)
    paper = application.paper_sha256
    with pytest.raises(Forbidden):
        register(application)
    assert application.paper_sha256 == paper


def test_returned_for_correction_it_has_to_be_signed_anew(application: Document) -> None:
    register(application)
    clerk = world.WKU.actor("clerk")
    routing.perform(application.id, "return", actor=clerk, now=NOW, comment="Исправьте место работы.")
    assert papers.signatures_of(application) == []
    world.submit(application.id, clerk)
    assert [each.state for each in papers.signatures_of(application)] == ["awaited"]
    assert len(handwritten.registrable(application, actor=clerk)) == 1
