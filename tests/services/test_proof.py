"""What proves a document: its history, its number, and the three answers of the public page."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from docflow import demo
from docflow.config import Settings
from docflow.core.checks import Axis, Outcome
from docflow.core.workflow import Status
from docflow.db import db
from docflow.models import JournalYear
from docflow.services import archiving, documents, environment, history, numbering, routing, verification
from tests.services import world
from tests.services.test_drafts import draft
from tests.services.world import NOW, WKU
from tests.signing.pki import paper

Awaiting = tuple[Settings, list[int]]


@pytest.fixture
def signed(awaiting: Awaiting) -> int:
    demo.sign(WKU.actor("rector"), awaiting[1], NOW)
    return awaiting[1][0]


def answers(report: verification.PublicReport) -> tuple[Outcome, Outcome, Outcome]:
    integrity, identity, status = (report.verdict.outcome(axis) for axis in Axis)
    return integrity, identity, status


def codes(report: verification.PublicReport) -> set[str]:
    return {check.code for check in report.verdict.checks}


# History


def test_every_step_is_in_the_history_and_the_chain_holds(signed: int) -> None:
    document = documents.load(signed)
    assert [entry.action for entry in history.entries(document)] == [
        "created",
        "submit",
        "rendered",
        "signed",
        "sign",
    ] or [entry.action for entry in history.entries(document)] == ["created", "rendered", "submit", "signed", "sign"]
    assert history.is_unbroken(document)


@pytest.mark.parametrize(
    "behind_our_back",
    [
        "UPDATE df_history SET actor_name = 'Басқа біреу' WHERE document_id = :id AND sequence = 2",
        "UPDATE df_history SET detail = '{\"x\": 1}' WHERE document_id = :id AND sequence = 1",
        "DELETE FROM df_history WHERE document_id = :id AND sequence = 2",
        "DELETE FROM df_history WHERE document_id = :id AND sequence = 5",
        "UPDATE df_history SET sha256 = previous_sha256 WHERE document_id = :id AND sequence = 3",
        "UPDATE df_history SET at = '2026-03-15 09:00:00' WHERE document_id = :id AND sequence = 4",
    ],
)
def test_tampering_is_noticed(signed: int, behind_our_back: str) -> None:
    assert history.is_unbroken(documents.load(signed))
    db.session.execute(text(behind_our_back), {"id": signed})
    db.session.commit()
    db.session.expire_all()
    assert not history.is_unbroken(documents.load(signed))


def test_an_entry_added_behind_our_back_is_noticed(signed: int) -> None:
    db.session.execute(
        text(
            "INSERT INTO df_history (document_id, sequence, at, actor_name, action, detail, previous_sha256, sha256) "
            "SELECT document_id, 6, at, actor_name, 'annul', '{}', sha256, sha256 FROM df_history "
            "WHERE document_id = :id AND sequence = 5"
        ),
        {"id": signed},
    )
    db.session.commit()
    db.session.expire_all()
    assert not history.is_unbroken(documents.load(signed))


def test_the_chain_holds_whatever_clock_the_caller_has(app: Flask) -> None:
    """The database gives times back in UTC; the hash must not depend on the zone in which they came."""
    clerk = WKU.actor("clerk")
    made = draft(clerk)
    west = datetime(2026, 3, 16, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5)))
    documents.attach(made.id, "diploma", "scan.png", world.SCAN, actor=clerk, now=west)
    db.session.expire_all()
    assert history.is_unbroken(documents.load(made.id))
    assert history.entries(documents.load(made.id))[-1].at == west.astimezone(UTC)


# Journals


def test_a_journal_has_no_gap_also_after_withdrawing(awaiting: Awaiting) -> None:
    _, certificates = awaiting
    routing.perform(certificates[1], "withdraw", actor=WKU.actor("clerk"), now=NOW, comment="Аты қате")
    demo.sign(WKU.actor("rector"), [certificates[0], certificates[2]], NOW)
    journal = db.session.scalars(select(JournalYear).where(JournalYear.name == "course_certificate")).one()
    listed = [(n.sequence, n.state, n.void_reason) for n in reversed(numbering.numbers(journal.id))]
    assert listed == [(1, "committed", ""), (2, "void", "Аты қате"), (3, "committed", "")]
    assert journal.last == 3
    organisation = documents.load(certificates[0]).organisation_id
    assert "course_certificate" in {each.name for each, _ in numbering.journals(organisation)}


def test_a_new_year_begins_with_one(awaiting: Awaiting) -> None:
    sheet = world.document_of("assessment_sheet")
    clerk = WKU.actor("clerk")
    content = documents.content(world.document_of("wku_application"))
    later = NOW.replace(year=2027)
    again = documents.create_draft(
        "wku_application", content, actor=clerk, unit_id=sheet.unit_id, language="ru", now=later
    )
    world.attach_required(again.id, clerk, later)
    assert world.submit(again.id, clerk, later).number == "ЦПК-З-00001/2027"


def test_the_date_of_a_number_is_the_day_in_kazakhstan(drafted: Awaiting) -> None:
    _, (first, _) = drafted
    evening = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)  # it is already 2027 in Uralsk
    document = world.submit(first, WKU.actor("clerk"), evening)
    assert (document.number, document.registered_on) == ("ЦПК-З-00001/2027", date(2027, 1, 1))


# The public page


def test_a_certificate_in_force(signed: int) -> None:
    document = documents.load(signed)
    report = verification.by_code(document.code, now=NOW)
    assert report.found
    assert answers(report) == (Outcome.YES, Outcome.YES, Outcome.YES)
    assert (report.number, report.registered_on) == (document.number, NOW.date())
    assert report.holder == document.subject_name
    assert [signer.position for signer in report.signers] == ["Ректор"]
    assert document.subject is not None
    assert (document.subject.iin or "?") not in repr(report)


def test_it_lasts_three_years_and_then_says_so(signed: int) -> None:
    document = documents.load(signed)
    completed = date.fromisoformat(documents.content(document)["completed_on"])
    assert document.valid_until == completed.replace(year=completed.year + 3)
    noon = datetime(2029, completed.month, completed.day, 7, 0, tzinfo=UTC)
    assert verification.by_code(document.code, now=noon).status is Status.IN_FORCE
    expired = verification.by_code(document.code, now=noon + timedelta(days=1))
    assert expired.status is Status.EXPIRED
    assert answers(expired) == (Outcome.YES, Outcome.YES, Outcome.NO)


def test_an_annulled_one_says_so(signed: int) -> None:
    routing.perform(signed, "annul", actor=WKU.actor("clerk"), now=NOW, comment="Қате берілді")
    report = verification.by_code(documents.load(signed).code, now=NOW)
    assert report.status is Status.ANNULLED
    assert report.verdict.outcome(Axis.STATUS) is Outcome.NO


def test_one_that_waits_is_not_in_force(awaiting: Awaiting) -> None:
    report = verification.by_code(documents.load(awaiting[1][0]).code, now=NOW)
    assert report.status is Status.NOT_YET
    assert report.verdict.outcome(Axis.STATUS) is Outcome.UNKNOWN


def test_drafts_and_unknown_codes_are_the_same(drafted: Awaiting) -> None:
    _, (first, _) = drafted
    draft_code = documents.load(first).code
    assert not verification.by_code(draft_code, now=NOW).found
    assert not verification.by_code("000000000000", now=NOW).found
    clerk = WKU.actor("clerk")
    world.submit(first, clerk)
    routing.perform(first, "return", actor=clerk, now=NOW, comment="Қайта")
    assert not verification.by_code(draft_code, now=NOW).found


def test_the_same_bytes(signed: int) -> None:
    document = documents.load(signed)
    pdf = archiving.read(document.paper_sha256 or "")
    for code in (document.code, None):
        report = verification.compare(code, pdf, now=NOW)
        assert (report.found, report.file_matches) == (True, True)
        assert answers(report) == (Outcome.YES, Outcome.YES, Outcome.YES)
        assert {"same_bytes", "file_intact"} <= codes(report)


def test_the_file_of_before_the_signature(awaiting: Awaiting) -> None:
    _, certificates = awaiting
    before = archiving.read(documents.load(certificates[0]).paper_sha256 or "")
    demo.sign(WKU.actor("rector"), certificates, NOW)
    report = verification.compare(documents.load(certificates[0]).code, before, now=NOW)
    assert report.file_matches is False
    assert "earlier_file" in codes(report)
    assert report.verdict.outcome(Axis.INTEGRITY) is not Outcome.YES


def test_one_changed_byte(signed: int) -> None:
    document = documents.load(signed)
    pdf = bytearray(archiving.read(document.paper_sha256 or ""))
    place = pdf.index(b"stream") + 40
    pdf[place] ^= 1
    report = verification.compare(document.code, bytes(pdf), now=NOW)
    assert {"other_bytes"} <= codes(report)
    assert report.verdict.outcome(Axis.INTEGRITY) is Outcome.NO
    assert not verification.compare(None, bytes(pdf), now=NOW).found


def test_the_certificate_of_another(signed: int, awaiting: Awaiting) -> None:
    other = archiving.read(documents.load(awaiting[1][1]).paper_sha256 or "")
    report = verification.compare(documents.load(signed).code, other, now=NOW)
    assert "other_bytes" in codes(report)
    assert report.verdict.outcome(Axis.INTEGRITY) is Outcome.NO


@pytest.mark.parametrize("data", [b"", b"not a PDF at all", b"%PDF-1.7 but then nothing", b"\x00" * 5000])
def test_what_is_no_pdf(signed: int, data: bytes) -> None:
    report = verification.compare(documents.load(signed).code, data, now=NOW)
    assert (report.found, report.file_matches) == (True, False)
    assert report.verdict.outcome(Axis.INTEGRITY) is Outcome.NO
    assert not verification.compare(None, data, now=NOW).found


def test_a_foreign_pdf(signed: int) -> None:
    report = verification.compare(None, paper(), now=NOW)
    assert not report.found
    assert report.file_sha256
    report = verification.compare(documents.load(signed).code, paper(), now=NOW)
    assert report.verdict.outcome(Axis.INTEGRITY) is Outcome.NO


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_damaged_archive_says_no_and_does_not_fall_over(signed: int, tmp_path: Path, harm: str) -> None:
    document = documents.load(signed)
    installed = environment.current()
    name = document.paper_sha256 or ""
    found = [path for path in installed.settings.data_dir.rglob(f"*{name[4:]}*") if path.is_file()]
    assert len(found) == 1
    kept = tmp_path / "kept"
    shutil.copy2(found[0], kept)
    mode = found[0].stat().st_mode
    try:
        found[0].unlink()
        if harm == "changed":
            found[0].write_bytes(kept.read_bytes()[:-1] + b"?")
        report = verification.by_code(document.code, now=NOW)
        assert report.found
        assert report.verdict.outcome(Axis.INTEGRITY) is Outcome.NO
    finally:
        shutil.copy2(kept, found[0])
        found[0].chmod(mode)
