"""The signer's desk in a browser: what he has read, the list before the PIN, the report after it, and going on."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from docflow import demo
from docflow.config import Settings
from docflow.core.messages import _l
from docflow.db import db, unit_of_work, utcnow
from docflow.models import Document, HistoryEntry, SigningSession
from docflow.services import manifests, signing
from docflow.signing.report import Level
from tests.services import conftest as services
from tests.services.conftest import data_directory, installation
from tests.services.world import NOW, WKU
from tests.web import instance
from tests.web.conftest import Visitor, visitor
from tests.web.test_ways_to_sign import program_says, send

__all__ = ["data_directory", "installation"]  # fixtures are found by their names
SESSION = re.compile(r"/sign/sessions/[0-9a-f]{32}")


@pytest.fixture
def app(installation: Callable[..., Settings]) -> Iterator[Flask]:
    """Three certificates and their annexes wait for the rector; the installation has moved since they were printed."""
    settings = installation("awaiting", services._issued)
    moved = replace(settings, signature_providers=("demo", "ncalayer"), public_url="http://moved.example")
    # The keys of this installation are valid for two years, whatever the calendar says when the tests are run.
    with time_machine.travel(NOW, tick=True), instance.opened(moved) as app:
        yield app


@pytest.fixture
def waiting(app: Flask) -> list[int]:
    with app.app_context():
        return [each.document_id for each in signing.queue(actor=WKU.actor("rector"))]


def begun(rector: Visitor, chosen: list[int], provider: str) -> str:
    token = rector.token()
    answer = rector.client.post("/sign/", data={"csrf_token": token, "document": chosen, "provider": provider})
    found = SESSION.search(answer.location)
    assert found, answer.location
    return found[0]


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_list_stands_before_the_pin_and_is_sealed_into_each_history(app: Flask, waiting: list[int]) -> None:
    rector = visitor(app, "signatory", language="en")
    assert rector.post(f"/sign/{waiting[0]}/opened").status_code == 204
    queue = rector.get("/sign/").text
    assert queue.count("not opened") == len(waiting) - 1
    assert 'name="pin"' not in queue, "the list comes first"
    session = begun(rector, waiting, "demo")
    page = rector.get(session).text
    with app.app_context():
        papers = {d.id: (d.code, d.paper_sha256) for d in db.session.scalars(select(Document)) if d.id in waiting}
        manifest = db.session.get_one(SigningSession, session.rpartition("/")[2]).items[0]["manifest"]
        sealed = manifests.read(manifest)
    assert manifest in page
    for code, sha256 in papers.values():
        assert code in page
        assert str(sha256) in page
    assert {each["document"]: each["opened"] for each in sealed["documents"]} == {
        papers[each][0]: "opened" if each == waiting[0] else "unopened" for each in waiting
    }
    done = rector.post(session, {"pin": demo.PIN})
    assert done.location == session
    with app.app_context():
        signed = db.session.scalars(select(HistoryEntry).where(HistoryEntry.action == "signed"))
        entries = {e.document_id: e.detail for e in signed if e.document_id in waiting}
    assert {key: (each["manifest"], each["read"]) for key, each in entries.items()} == {
        each: (manifest, "opened" if each == waiting[0] else "unopened") for each in waiting
    }
    report = text_of(rector.get(f"{session}/report").text)
    assert f"Signed: {len(waiting)} of {len(waiting)}" in report
    assert all(str(sha256) in report for _, sha256 in papers.values())
    assert "Nothing waits for your signature." in rector.get("/sign/").text


def test_a_token_drawn_out_in_the_middle_loses_nothing(app: Flask, waiting: list[int]) -> None:
    rector = visitor(app, "signatory", language="en")
    session = begun(rector, waiting, "ncalayer")
    dialogue = rector.get(f"{session}/dialogue").json
    assert dialogue is not None
    (whole,) = program_says(app, dialogue)
    signatures = whole["answer"]["body"]["result"]
    two = [
        {"ids": [name], "answer": {"status": True, "body": {"result": [each]}}}
        for name, each in zip(whole["ids"][:2], signatures, strict=False)
    ]
    paused = send(rector, session, {"answers": two}).json["go"]
    assert paused == f"{session}?paused=1"
    page = text_of(rector.get(paused).text)
    assert f"Signed: 2 of {len(waiting)}" in page
    assert "Go on signing" in page
    assert f"Signed: 2, still waiting: {len(waiting) - 2}." in text_of(rector.get("/sign/").text)
    rector.post(f"{session}/renew")
    rest = rector.get(f"{session}/dialogue").json
    assert rest is not None
    assert len(rest["steps"][0]["ids"]) == len(waiting) - 2, "only what is left is asked for"
    assert send(rector, session, {"answers": program_says(app, rest)}).json == {"go": session}
    assert f"Signed: {len(waiting)} of {len(waiting)}" in text_of(rector.get(session).text)
    queue = text_of(rector.get("/sign/").text)
    assert "still waiting" not in queue


def test_a_session_is_nobody_elses(app: Flask, waiting: list[int]) -> None:
    session = begun(visitor(app, "signatory"), waiting[:1], "demo")
    clerk = visitor(app, "clerk")
    assert clerk.get(f"{session}/report").status_code == 404
    assert clerk.post(f"{session}/renew").status_code == 404


def test_the_signer_sees_where_his_signature_will_stand(app: Flask, waiting: list[int]) -> None:
    rector = visitor(app, "signatory", language="en")
    assert f"/documents/{waiting[0]}/preview" in rector.get(f"/sign/{waiting[0]}").text
    shown = rector.get(f"/documents/{waiting[0]}/preview").text
    assert "Here stands your signature" in shown
    frame = re.search(r'id="place" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', shown)
    assert frame
    left, top, width, height = map(float, frame.groups())
    assert 150 < left < left + width < 560, "the middle of a landscape page, between the QR code and the number"
    assert 300 < top < top + height < 560, "its lower half"
    others = visitor(app, "clerk", language="en").get(f"/documents/{waiting[0]}/preview").text
    assert "<img" in others
    assert 'id="place"' not in others


def test_nothing_is_marked_on_a_paper_that_would_look_otherwise_today(app: Flask, waiting: list[int]) -> None:
    with app.app_context(), unit_of_work():
        db.session.get_one(Document, waiting[0]).organisation.name_ru = "Университет с другим названием"
    shown = visitor(app, "signatory", language="en").get(f"/documents/{waiting[0]}/preview").text
    assert "<img" in shown
    assert 'id="place"' not in shown


def test_a_document_says_which_level_it_has_and_what_is_to_come(app: Flask, waiting: list[int]) -> None:
    rector, at = visitor(app, "signatory", language="en"), waiting[0]
    assert "nothing outside proves" not in rector.get(f"/documents/{at}").text, "nobody has signed it"
    rector.post(begun(rector, [at], "demo"), {"pin": demo.PIN})
    assert told(rector, at) == ("Signed; nothing outside proves when.", "PAdES-B-B", False, False)
    sentences = {
        Level.T: "Signed, and a time stamp proves when.",
        Level.LT: "Signed, with a time stamp and the proofs that its certificates were valid then.",
        Level.LTA: "Signed for the archive: everything that proves it is inside, under a time stamp.",
    }
    for level, sentence in sentences.items():
        with app.app_context(), unit_of_work():
            document = db.session.get_one(Document, at)
            document.signature_level = level.value
            document.raise_at = None if level is Level.LTA else utcnow()
            document.level_problem = _l("The authority is away.").as_json() if level is Level.LT else None
        assert told(rector, at) == (sentence, level.value, level is not Level.LTA, level is Level.LT)


def told(one: Visitor, document_id: int) -> tuple[str, str, bool, bool]:
    """Sentence and level on the document's page, whether it waits, and whether there is a problem."""
    shown = html.unescape(one.get(f"/documents/{document_id}").text)
    found = re.search(r'<p class="small mt-2 mb-0">(.+?) <span class="badge-x">(PAdES-[^<]+)</span></p>', shown)
    assert found
    return found[1], found[2], "as soon as the trust services answer" in shown, "The authority is away." in shown
