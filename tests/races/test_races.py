"""Two people act at once: one is told, nothing is lost, nothing happens twice. On both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import Conflict
from docflow.db import db
from docflow.models import Document, HistoryEntry, IssueRun, JournalYear, RegisteredNumber, Relation
from docflow.services import documents, history, issuing, papers, routing, signing
from tests.races.together import together
from tests.services import world
from tests.services.world import NOW, PIN, WKU

ROOT = Path(__file__).parents[2]
Drafted = tuple[Settings, list[int]]


def app() -> object:
    return current_app._get_current_object()  # type: ignore[attr-defined]


def journal(name: str) -> list[int]:
    """The numbers that a journal has given out, in order; it must say itself how many there are."""
    found = db.session.scalars(select(JournalYear).where(JournalYear.name == name)).one()
    numbers = select(RegisteredNumber.sequence).where(RegisteredNumber.journal_id == found.id)
    given = sorted(db.session.scalars(numbers))
    assert found.last == len(given)
    return given


def test_two_clerks_send_the_same_draft(drafted: Drafted) -> None:
    _, (first, _) = drafted
    clerk = WKU.actor("clerk")
    answers = together(app(), [lambda: world.submit(first, clerk).id] * 3)  # type: ignore[arg-type]
    assert Counter(type(each).__name__ for each in answers) == {"int": 1, "Conflict": 2}
    db.session.expire_all()
    assert journal("wku_application") == [1]
    document = documents.load(first)
    assert len(papers.signatures_of(document)) == 1
    assert [e.action for e in history.entries(document)].count("submit") == 1
    assert history.is_unbroken(document)


def test_two_clerks_save_the_same_draft(drafted: Drafted) -> None:
    _, (first, _) = drafted
    clerk, document = WKU.actor("clerk"), documents.load(first)
    before, version = documents.content(document), document.version

    def save(workplace: str) -> int:
        return documents.update(first, {**before, "workplace": workplace}, actor=clerk, version=version, now=NOW).id

    answers = together(app(), [lambda: save("Абай мектебі"), lambda: save("Лицей")])  # type: ignore[arg-type]
    assert Counter(isinstance(each, Conflict) for each in answers) == {True: 1, False: 1}
    db.session.expire_all()
    assert documents.current_revision(documents.load(first)).sequence == 2
    assert history.is_unbroken(documents.load(first))


def test_one_sends_while_another_withdraws(drafted: Drafted) -> None:
    _, (first, _) = drafted
    clerk = WKU.actor("clerk")
    together(
        app(),  # type: ignore[arg-type]
        [
            lambda: world.submit(first, clerk),
            lambda: routing.perform(first, "withdraw", actor=clerk, now=NOW, comment="Қате"),
        ],
    )
    db.session.expire_all()
    document = documents.load(first)
    assert document.state in ("to_sign", "withdrawn")
    states = {n.state for n in db.session.scalars(select(RegisteredNumber))}
    assert states <= ({"reserved"} if document.state == "to_sign" else {"void"})
    assert history.is_unbroken(document)


def test_the_same_scan_is_attached_by_two_at_once(drafted: Drafted) -> None:
    _, made = drafted
    clerk, scan = WKU.actor("clerk"), demo.picture(31, 17)
    attach = [
        lambda document_id=document_id: (
            documents.attach(document_id, "other", "scan.png", scan, actor=clerk, now=NOW).sha256
        )
        for document_id in made
    ]
    answers = together(app(), attach)  # type: ignore[arg-type]
    assert len(set(map(str, answers))) == 1, answers
    assert all(isinstance(each, str) for each in answers)


def test_a_double_click_signs_once(awaiting: Drafted) -> None:
    _, certificates = awaiting
    rector = WKU.actor("rector")
    session = signing.begin(certificates, "demo", actor=rector, now=NOW)
    answers = together(
        app(),
        [lambda: signing.complete(session.id, PIN, actor=rector, now=NOW)] * 3,  # type: ignore[arg-type]
    )
    for results in answers:
        assert isinstance(results, list), results
        assert [each.outcome for each in results] == ["signed"] * 3
    db.session.expire_all()
    for document_id in certificates:
        document = documents.load(document_id)
        assert document.state == "in_force"
        assert [e.action for e in history.entries(document)].count("signed") == 1
        assert history.is_unbroken(document)


def test_two_sessions_of_one_signer(awaiting: Drafted) -> None:
    """The queue is open in two windows: each document is signed in one of them."""
    _, certificates = awaiting
    rector = WKU.actor("rector")
    moments = (NOW, NOW + timedelta(seconds=2))
    sessions = [signing.begin(certificates, "demo", actor=rector, now=moment).id for moment in moments]
    together(
        app(),
        [lambda s=s: signing.complete(s, PIN, actor=rector, now=NOW) for s in sessions],  # type: ignore[arg-type]
    )
    db.session.expire_all()
    for document_id in certificates:
        document = documents.load(document_id)
        actions = [e.action for e in history.entries(document)]
        assert (document.state, actions.count("signed"), actions.count("sign")) == ("in_force", 1, 1)


def test_two_runs_for_one_sheet_at_once(assessed: tuple[Settings, Document]) -> None:
    _, sheet = assessed
    clerk = WKU.actor("clerk")
    source = sheet.id

    def issue() -> int:
        run = issuing.start(source, [], actor=clerk, language="ru", now=NOW)
        issuing.perform_run({"run_id": run.id})
        return run.id

    answers = together(app(), [issue] * 2)  # type: ignore[arg-type]
    db.session.expire_all()
    runs = db.session.scalars(select(IssueRun).where(IssueRun.source_id == source).order_by(IssueRun.id)).all()
    assert all(isinstance(each, int) or "nothing to issue" in str(each.args[0].msgid) for each in answers), answers
    for run in runs:
        assert run.state == "done"
        assert [row.refusals for row in run.rows if row.state != "done"] == []
        assert run.done == run.total
    keys = db.session.scalars(select(Relation.key).where(Relation.target_id == source, Relation.key.is_not(None)))
    assert max(Counter(keys).values()) == 1
    certificates, references = world.ids_of("course_certificate"), world.ids_of("attendance_reference")
    assert (len(certificates), len(references)) == (7, 1)
    assert journal("course_certificate") == list(range(1, 8))
    assert len(world.ids_of("certificate_annex")) == 7


PROCESSES, EACH = 4, 6

COPY_AND_SEND = """
import sys
from pathlib import Path
from docflow.services import documents
from tests.services import world
from tests.services.world import NOW, WKU
with world.running(world.settings_for(sys.argv[1], Path(sys.argv[2]))):
    clerk = WKU.actor("clerk")
    content = documents.content(documents.load(int(sys.argv[3])))
    for turn in range(int(sys.argv[4])):
        made = documents.create_draft(
            "wku_application", content, actor=clerk, unit_id=world.unit_of(clerk).id, language="ru", now=NOW)
        world.attach_required(made.id, clerk)
        for attempt in range(20):
            try:
                world.submit(made.id, clerk)
                break
            except documents.Conflict:
                pass
        print(documents.load(made.id).number)
"""


def test_many_processes_take_numbers_without_gap_or_double(drafted: Drafted) -> None:
    settings, (first, _) = drafted
    arguments = [settings.database_url, str(settings.data_dir), str(first), str(EACH)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", COPY_AND_SEND, *arguments], cwd=ROOT, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(PROCESSES)
    ]  # fmt: skip
    said = [process.communicate(timeout=300) for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, said
    numbers = [line for out, _ in said for line in out.split()]
    assert sorted(numbers) == [f"ЦПК-З-{n:05d}/2026" for n in range(1, PROCESSES * EACH + 1)]
    assert journal("wku_application") == list(range(1, PROCESSES * EACH + 1))
    assert db.session.scalars(select(HistoryEntry.action).where(HistoryEntry.action == "submit")).all()
