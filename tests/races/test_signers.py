"""Nine people sign one paper at the same moment: nine valid signatures, none lost. On both databases."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import select

from docflow import demo
from docflow.config import Settings
from docflow.core.permissions import Actor
from docflow.db import db
from docflow.models import Person, Signature
from docflow.services import archiving, documents, environment, history, papers, routing, signing
from docflow.signing.demo import DemoAuthority, load_key
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from tests.races.together import together
from tests.services import world
from tests.services.world import NOW, PIN, WKU
from tests.signing.ways import at_the_machine

ROOT = Path(__file__).parents[2]
NINE = 9
Drafted = tuple[Settings, list[int]]


def app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]


def nine_signers(settings: Settings, document_id: int) -> list[Actor]:
    """Send the application; eight witnesses sign it beside the applicant, each with a key of his own."""
    world.submit(document_id, WKU.actor("clerk"))
    (own,) = papers.signatures_of(documents.load(document_id))
    others = select(Person).where(Person.iin.is_not(None), Person.id != own.person_id).order_by(Person.id).limit(8)
    witnesses = list(db.session.scalars(others).unique())
    db.session.add_all(
        Signature(
            document_id=document_id, revision_id=own.revision_id, slot=f"witness-{number}", order=own.order,
            person_id=person.id, state="awaited", signer_name=person.full_name, capacity="member", label="Куәгер",
        )
        for number, person in enumerate(witnesses, start=1)
    )  # fmt: skip
    db.session.commit()
    signers = [own.person, *witnesses]
    assert len(signers) == NINE
    for person in signers:
        demo.give_key(settings, person, now=world.INSTALLED)
    return [demo.actor_for_person(person) for person in signers]


def demand_nine_valid(settings: Settings, document_id: int, before: bytes) -> None:
    db.session.expire_all()
    document = documents.load(document_id)
    assert document.state == "submitted"
    found = papers.signatures_of(document)
    assert [each.state for each in found] == ["signed"] * NINE
    assert history.is_unbroken(document)
    assert [each.action for each in history.entries(document)].count("signed") == NINE
    pdf = archiving.read(document.paper_sha256 or "")
    assert pdf.startswith(before)
    report = validate(pdf, trust=TrustStore.load(DemoAuthority(settings.demo_authority_dir).trust), now=NOW)
    assert len(report.signatures) == NINE
    assert [each.code for each in report.all_findings() if each.severity == "error"] == []
    assert len(PdfFileReader(BytesIO(pdf)).embedded_signatures) == NINE
    demand_poppler_agrees(pdf, settings.data_dir)


def demand_poppler_agrees(pdf: bytes, directory: Path) -> None:
    program = shutil.which("pdfsig")
    assert program, "poppler-utils is among the programs that ./test installs"
    path = directory / "nine.pdf"
    path.write_bytes(pdf)
    said = subprocess.run([program, "-nocert", str(path)], capture_output=True, text=True, check=True).stdout
    assert said.count("Signature is Valid") == NINE, said


def paper_of(document_id: int) -> bytes:
    return archiving.read(documents.load(document_id).paper_sha256 or "")


def test_nine_threads_sign_one_paper(drafted: Drafted) -> None:
    """All have prepared on the same paper: who comes later signs, by the same PIN, the paper that there is then."""
    settings, (first, _) = drafted
    signers = nine_signers(settings, first)
    before = paper_of(first)
    sessions = [signing.begin([first], "demo", actor=each, now=NOW).id for each in signers]
    pairs = zip(sessions, signers, strict=True)
    told = together(app(), [partial(signing.complete, name, PIN, actor=each, now=NOW) for name, each in pairs])
    answers = [results[0].outcome for results in told if isinstance(results, list)]
    assert answers == ["signed"] * NINE
    demand_nine_valid(settings, first, before)


SIGN = """
import sys
from pathlib import Path
from docflow import demo
from docflow.db import db
from docflow.models import Person
from docflow.services import signing
from tests.services import world
from tests.services.world import NOW, PIN
with world.running(world.settings_for(sys.argv[1], Path(sys.argv[2]))):
    actor = demo.actor_for_person(db.session.get_one(Person, int(sys.argv[4])))
    session = signing.begin([int(sys.argv[3])], "demo", actor=actor, now=NOW)
    print("ready", flush=True)
    sys.stdin.readline()
    print(signing.complete(session.id, PIN, actor=actor, now=NOW)[0].outcome, flush=True)
"""


def _process(settings: Settings, document_id: int, person_id: int) -> subprocess.Popen[str]:
    arguments = [settings.database_url, str(settings.data_dir), str(document_id), str(person_id)]
    return subprocess.Popen(
        [sys.executable, "-c", SIGN, *arguments], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_nine_processes_sign_one_paper(drafted: Drafted) -> None:
    settings, (first, _) = drafted
    signers = nine_signers(settings, first)
    before = paper_of(first)
    running = [_process(settings, first, each.person_id or 0) for each in signers]
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in running:  # all have prepared: now let them go
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate(timeout=300)[0].split() for process in running] == [["signed"]] * NINE
    demand_nine_valid(settings, first, before)


def test_keys_at_nine_machines_are_asked_again_by_the_page(drafted: Drafted) -> None:
    """The server cannot ask a key that is elsewhere: the session stays open on the new paper, for the page to go on."""
    settings, (first, _) = drafted
    signers = nine_signers(settings, first)
    before = paper_of(first)
    with world.running(replace(settings, signature_providers=("demo", "ncalayer"))):
        waiting = [(signing.begin([first], "ncalayer", actor=each, now=NOW).id, each) for each in signers]
        replies = {session_id: _reply(settings, session_id, actor) for session_id, actor in waiting}
        for turn in range(NINE):
            told = [(s, a, signing.complete(s, replies[s], actor=a, now=NOW)[0].outcome) for s, a in waiting]
            assert [outcome for *_, outcome in told] == ["signed", *["moved"] * (NINE - turn - 1)]
            waiting = [(session_id, actor) for session_id, actor, outcome in told if outcome == "moved"]
            replies = {session_id: _reply(settings, session_id, actor) for session_id, actor in waiting}
        demand_nine_valid(settings, first, before)


def _reply(settings: Settings, session_id: str, actor: Actor) -> dict[str, Any]:
    challenge, contents = signing.contents(session_id, actor=actor)
    signer = challenge.signer
    path = DemoAuthority(settings.demo_authority_dir).key_file(iin=signer.iin, bin=signer.bin)
    provider: Any = environment.current().providers["ncalayer"]
    return at_the_machine(provider, load_key(path, pin=demo.PIN))(challenge, contents)


def test_what_was_changed_meanwhile_is_not_signed_unseen(drafted: Drafted) -> None:
    """Another paper, not the same with more signatures on it: the signer has never seen that one."""
    settings, (first, _) = drafted
    clerk = WKU.actor("clerk")
    world.submit(first, clerk)
    (own,) = papers.signatures_of(documents.load(first))
    demo.give_key(settings, own.person, now=world.INSTALLED)
    actor = demo.actor_for_person(own.person)
    session = signing.begin([first], "demo", actor=actor, now=NOW)
    _sent_again(first, clerk)
    (result,) = signing.complete(session.id, PIN, actor=actor, now=NOW)
    assert (result.outcome, str(result.message.msgid)[:25]) == ("failed", "This document was changed")
    assert documents.load(first).state == "to_sign"


def _sent_again(document_id: int, clerk: Actor) -> None:
    routing.perform(document_id, "return", actor=clerk, now=NOW, comment="Қай пән екенін жазыңыз")
    document = documents.load(document_id)
    changed = {**documents.content(document), "position": "физика мұғалімі"}
    documents.update(document_id, changed, actor=clerk, version=document.version, now=NOW)
    world.submit(document_id, clerk)
