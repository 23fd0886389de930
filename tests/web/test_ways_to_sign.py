"""The pages of signing with one's own key: what they may reach, whom they tell what, and what they send."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy import select

from docflow import ROOT, demo
from docflow.db import db, unit_of_work
from docflow.models import Person, Signature
from docflow.services import documents, environment, papers
from docflow.signer.protocol import respond
from docflow.signing.demo import DemoAuthority, load_key
from tests.services import internship
from tests.signing.ways import agreed
from tests.web import instance
from tests.web.conftest import Visitor, visitor
from tests.web.test_invitations import guest, sent_memorandum, signed

ADDRESS = "wss://127.0.0.1:13579"
ORIGIN = "https://docs.example.kz"
SESSION = re.compile(r"/sign/sessions/[0-9a-f]{32}")


@pytest.fixture
def copied(instance_directory: Path, tmp_path: Path) -> Iterator[Flask]:
    """An instance of one's own where people sign with their own keys too."""
    directory = tmp_path / "copy"
    shutil.copytree(instance_directory, directory)
    with instance.opened(instance.settings_in(directory, signature_providers=("demo", "ncalayer"))) as app:
        yield app


@pytest.fixture
def app(copied: Flask) -> Flask:
    return copied


@pytest.fixture
def waiting(app: Flask) -> int:
    with app.app_context():
        return instance.first("enrolment_order", "to_sign").id


def begun(rector: Visitor, document_id: int, **more: str) -> str:
    """Begin to sign one order with NCALayer; the address of the session's page."""
    answer = rector.post("/sign/", {"document": str(document_id), "provider": "ncalayer", "back": "one", **more})
    assert answer.status_code == 302
    found = SESSION.search(answer.location)
    assert found, answer.location
    return found[0]


def reached(answer: Any) -> str:
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    return policy["connect-src"]


def program_says(app: Flask, dialogue: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers of the program on the rector's machine."""
    wanted = dialogue["steps"][0]["request"]["args"]["signerParams"]
    with app.app_context():
        place = DemoAuthority(app.config["DOCFLOW"].demo_authority_dir)
    key = load_key(place.key_file(iin=wanted["iin"], bin=wanted.get("bin", "")), pin=demo.PIN)
    answers = []
    for step in dialogue["steps"]:
        text = json.dumps(step["request"])
        said = respond(text, origin=ORIGIN, consent=lambda sheets, origin: agreed(key), now=lambda: instance.NOW)
        answers.append({"ids": step["ids"], "answer": json.loads(said)})
    return answers


def send(rector: Visitor, session: str, data: object) -> Any:
    return rector.client.post(f"{session}/answers", json=data, headers={"X-CSRFToken": rector.token()})


def translated(sentence: str, language: str = "ru") -> str:
    with (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        found = read_po(file).get(sentence)
    return str(found.string) if found and found.string else sentence


def test_only_the_page_of_the_session_may_reach_the_signers_machine(app: Flask, waiting: int) -> None:
    rector = visitor(app, "signatory")
    session = begun(rector, waiting)
    assert reached(rector.get(session)) == f"'self' {ADDRESS}"
    for other in ("/", "/sign/", f"/sign/{waiting}", f"/documents/{waiting}", "/v/"):
        assert reached(rector.get(other)) == "'self'"
    by_pin = rector.post("/sign/", {"document": str(waiting), "provider": "demo"})
    assert reached(rector.get(by_pin.location)) == "'self'"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_has_its_sentences_in_every_language_and_no_iin(app: Flask, waiting: int, language: str) -> None:
    rector = visitor(app, "signatory", language=language)
    session = begun(rector, waiting)
    page, dialogue = rector.get(session).text, rector.get(f"{session}/dialogue").json
    assert dialogue is not None
    wanted = dialogue["steps"][0]["request"]["args"]["signerParams"]
    assert wanted["iin"] not in page, "his own number goes to the program alone"
    assert f"{session}/dialogue" in page
    assert set(dialogue["problems"]) == {"not-running", "closed"}
    digest = re.search(r"<code[^>]*>([0-9a-f]{64})</code>", page)
    assert digest
    assert "NCALayer" in dialogue["problems"]["not-running"]


def test_what_the_program_answers_signs_the_paper_and_goes_on(app: Flask, waiting: int) -> None:
    rector = visitor(app, "signatory")
    session = begun(rector, waiting)
    dialogue = rector.get(f"{session}/dialogue").json
    assert dialogue is not None
    assert dialogue["address"] == ADDRESS
    assert base64.b64decode(dialogue["steps"][0]["request"]["args"]["data"]).startswith(b"%PDF-")
    answer = send(rector, session, {"answers": program_says(app, dialogue), "then": "next"})
    assert answer.json == {"go": "/sign/"}, "nothing else waits for him"
    assert "note success" in rector.get("/sign/").text
    with app.app_context():
        assert instance.documents.load(waiting).state != "to_sign"
    again = send(rector, session, {"answers": program_says(app, dialogue)})
    assert again.json == {"go": session}, "sent twice: the results are shown"
    assert rector.get(f"{session}/dialogue").json == {"problem": translated("This signing session is finished.")}


def _witness_signs(document_id: int) -> None:
    """Somebody else signs the same paper with a key on the server."""
    (own,) = papers.signatures_of(documents.load(document_id))
    witness = db.session.scalars(select(Person).where(Person.iin.is_not(None), Person.id != own.person_id)).first()
    assert witness is not None
    with unit_of_work():
        db.session.add(
            Signature(
                document_id=document_id, revision_id=own.revision_id, slot="witness", order=own.order, state="awaited",
                person_id=witness.id, signer_name=witness.full_name, capacity="member", label="Куәгер",
            )
        )  # fmt: skip
    db.session.expire_all()
    demo.give_key(environment.current().settings, witness, now=instance.NOW)
    demo.sign(demo.actor_for_person(witness), [document_id], instance.NOW)


def test_where_others_were_faster_the_page_goes_on_by_itself(app: Flask, waiting: int) -> None:
    rector = visitor(app, "signatory", language="en")
    session = begun(rector, waiting)
    dialogue = rector.get(f"{session}/dialogue").json
    assert dialogue is not None
    with app.app_context():
        _witness_signs(waiting)
    told = send(rector, session, {"answers": program_says(app, dialogue)}).json
    assert set(told) == {"again"}, "no address to go to: the script asks the key once more"
    assert told["again"].startswith("Others have signed meanwhile.")
    fresh = rector.get(f"{session}/dialogue").json
    assert fresh is not None
    assert fresh["steps"] != dialogue["steps"], "what he signs now has the other signature in it"
    assert send(rector, session, {"answers": program_says(app, fresh)}).json == {"go": session}
    with app.app_context():
        assert [each.state for each in papers.signatures_of(documents.load(waiting))] == ["signed", "signed"]


@pytest.mark.parametrize(
    "data",
    [{}, [], 0, "x", {"answers": []}, {"problem": "not-running"}, {"answers": [{"ids": ["1"], "answer": {}}]}],
)
def test_a_senseless_answer_is_one_sentence_and_signs_nothing(app: Flask, waiting: int, data: object) -> None:
    rector = visitor(app, "signatory")
    session = begun(rector, waiting)
    answer = send(rector, session, data)
    assert answer.status_code == 200
    assert answer.json["problem"]
    with app.app_context():
        assert instance.documents.load(waiting).state == "to_sign"


def test_answers_need_the_token_of_the_page_and_the_signer_himself(app: Flask, waiting: int) -> None:
    rector, clerk = visitor(app, "signatory"), visitor(app, "clerk")
    session = begun(rector, waiting)
    assert rector.client.post(f"{session}/answers", json={}).status_code == 400
    assert clerk.get(session).status_code == 404
    assert clerk.get(f"{session}/dialogue").status_code == 404
    assert send(clerk, session, {}).status_code == 404
    assert visitor(app).get(f"{session}/dialogue").status_code in (302, 401, 403)


def test_a_pin_is_asked_for_only_by_ways_that_want_one(app: Flask, waiting: int, instance_directory: Path) -> None:
    page = visitor(app, "signatory").get(f"/sign/{waiting}").text
    assert re.search(r'<option value="demo" data-asks="pin">', page)
    assert re.search(r'<option value="ncalayer" data-asks="cms">', page)
    settings = instance.settings_in(instance_directory, signature_providers=("ncalayer",))
    with instance.opened(settings) as other:
        page = visitor(other, "signatory").get(f"/sign/{waiting}").text
        assert 'name="pin"' not in page
        assert 'name="provider" value="ncalayer"' in page


def test_every_page_says_where_national_test_numbers_pass(app: Flask, instance_directory: Path) -> None:
    words = "test keys, which belong to nobody"
    assert words not in visitor(app).get("/v/?lang=en").text
    settings = instance.settings_in(instance_directory, national_test_numbers="accepted")
    with instance.opened(settings) as other:
        assert words in visitor(other).get("/v/?lang=en").text
        assert words in visitor(other, "clerk").get("/?lang=en").text


def test_a_guest_signs_with_his_own_key_at_his_own_machine(app: Flask) -> None:
    with app.app_context():
        document_id, _, token = sent_memorandum()
        demo.give_key(app.config["DOCFLOW"], internship.head(), now=instance.NOW - timedelta(days=1))
    one = guest(app, token)
    page = one.post("/i/document/sign", {"provider": "ncalayer"}).location
    assert reached(one.get(page)) == f"'self' {ADDRESS}"
    assert reached(one.get("/i/document")) == "'self'"
    dialogue = one.get(f"{page}/dialogue").json
    assert dialogue is not None
    answer = send(one, page, {"answers": program_says(app, dialogue)})
    assert answer.json == {"go": "/i/document"}
    assert signed(app, document_id) == ["enterprise_head"]
    assert visitor(app, "signatory").get(f"{page}/dialogue").status_code == 403
