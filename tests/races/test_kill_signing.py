"""kill -9 while a batch is being signed: what is signed stays signed, and the session goes on with the rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from docflow.config import Settings
from docflow.db import db
from docflow.models import HistoryEntry
from docflow.services import archiving, desk, documents, history, signing
from docflow.signing.demo import DemoAuthority
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from tests.services.world import NOW, PIN, WKU

ROOT = Path(__file__).parents[2]
Awaiting = tuple[Settings, list[int]]

# One document a commit; it tells after each, and is killed while it waits to be let on.
SIGN = """
import sys
from pathlib import Path
from docflow.services import signing
from tests.services import world
from tests.services.world import NOW, PIN, WKU
signing.CHUNK = 1
sign_one = signing._sign_one
def slowly(item, turn):
    print("next", flush=True)
    sys.stdin.readline()
    result = sign_one(item, turn)
    print("embedded", flush=True)
    sys.stdin.readline()
    return result
signing._sign_one = slowly
with world.running(world.settings_for(sys.argv[1], Path(sys.argv[2]))):
    signing.complete(sys.argv[3], PIN, actor=WKU.actor("rector"), now=NOW)
"""


def killed_in_the_middle(settings: Settings, session_id: str, *, after: int) -> None:
    """Let *after* documents be committed, and kill it when the next is embedded and not committed yet."""
    process = subprocess.Popen(
        [sys.executable, "-c", SIGN, settings.database_url, str(settings.data_dir), session_id], cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    for _ in range(2 * after + 1):
        assert process.stdout.readline()
        process.stdin.write("\n")
        process.stdin.flush()
    assert process.stdout.readline() == "embedded\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


def signed_times(document_id: int) -> int:
    found = select(HistoryEntry.id).where(HistoryEntry.document_id == document_id, HistoryEntry.action == "signed")
    return len(db.session.scalars(found).all())


def test_a_killed_server_loses_no_signature_and_signs_nothing_twice(awaiting: Awaiting) -> None:
    settings, _ = awaiting
    rector = WKU.actor("rector")
    waiting = [each.document_id for each in signing.queue(actor=rector)]
    session_id = signing.begin(waiting, "demo", actor=rector, now=NOW).id
    killed_in_the_middle(settings, session_id, after=2)
    db.session.rollback()
    db.session.expire_all()
    assert [documents.load(each).state for each in waiting[:3]] == ["in_force", "in_force", "to_sign"]
    (left,) = desk.unfinished(actor=rector, now=NOW)
    assert (left.session.id, left.signed, left.left) == (session_id, 2, len(waiting) - 2)
    results = signing.complete(session_id, PIN, actor=rector, now=NOW)
    assert [each.outcome for each in results] == ["signed"] * len(waiting)
    db.session.expire_all()
    trust = TrustStore.load(DemoAuthority(settings.demo_authority_dir).trust)
    for document_id in waiting:
        document = documents.load(document_id)
        assert (document.state, signed_times(document_id)) == ("in_force", 1)
        assert history.is_unbroken(document)
        report = validate(archiving.read(document.paper_sha256 or ""), trust=trust, now=NOW)
        assert len(report.signatures) == 1
        assert [each.code for each in report.all_findings() if each.severity == "error"] == []
    assert desk.unfinished(actor=rector, now=NOW) == []
