"""The page of a commission's session without scripts: everything on it is a form that saves and comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from docflow import demo
from docflow.cli import migrate_database
from docflow.db import db
from docflow.models import Document, Group
from docflow.rendering import preview
from docflow.services import documents, sittings
from tests.conftest import Instances
from tests.services import seated
from tests.web import instance
from tests.web.conftest import Visitor

NOW = instance.NOW


def settled(directory: Path) -> None:
    """An instance with the attesting body, its round and nothing opened yet."""
    settings = instance.settings_in(directory)
    with instance.opened(settings) as app, app.app_context():
        migrate_database()
        demo.install(settings, now=NOW - timedelta(days=200))
        seated.settle(settings, NOW)
    preview.stop()


@pytest.fixture(scope="module")
def body(instances: Instances, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    directory = instances.copy("commission", settled, tmp_path_factory.mktemp("commission") / "copy")
    with instance.opened(instance.settings_in(directory)) as app:
        yield app


def logged_in(app: Flask, email: str = seated.SECRETARY, language: str = "ru") -> Visitor:
    one = Visitor(app.test_client()).log_in(email)
    with one.client.session_transaction() as session:
        session["language"] = language
    return one


@pytest.fixture(scope="module")
def secretary(body: Flask) -> Visitor:
    return logged_in(body)


def words(answer: TestResponse) -> str:
    """What a reader sees, on one line."""
    text = re.sub(r"<(script|template|head)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


class Session:
    """A session that is open, as the secretary has it before him."""

    def __init__(self, body: Flask, secretary: Visitor, document_id: int) -> None:
        self.body, self.secretary, self.id = body, secretary, document_id

    @property
    def address(self) -> str:
        return f"/sessions/{self.id}"

    def page(self, item: int | None = None, more: str = "") -> TestResponse:
        return self.secretary.get(f"{self.address}?{f'item={item}' if item else ''}{more}")

    def send(self, what: str, item: int | None = None, version: int | None = None, **fields: Any) -> TestResponse:
        page = self.page(item).text
        found = re.search(r'name="version" value="(\d+)"', page)
        assert found
        data = {"version": version or found[1], "item": item or "", **fields}
        return self.secretary.post(f"{self.address}/{what}", data, page=self.address)

    def record(self) -> dict[str, Any]:
        with self.body.app_context():
            return documents.content(documents.load(self.id))

    def item(self, surname: str) -> dict[str, Any]:
        return next(item for item in self.record()["items"] if item["person"]["surname"] == surname)

    def members(self) -> list[int]:
        return [row["person_id"] for row in self.record()["composition"]]

    def come(self, count: int = 8) -> None:
        assert self.send("attendance", act="all", at="09:00", member=self.members()[:count]).status_code == 302

    def votes(self, letters: str) -> dict[str, str]:
        full = {"f": "for", "a": "against", "n": "abstained", "r": "recused"}
        return {f"vote-{who}": full[one] for who, one in zip(self.members(), letters, strict=False)}


@pytest.fixture
def session(body: Flask, secretary: Visitor) -> Session:
    """A new session of today; the one before it is withdrawn."""
    with body.app_context():
        group = db.session.query(Group).filter_by(code="А-1").one()
        for document in db.session.query(Document).filter(Document.type == "teacher_protocol"):
            document.state = "withdrawn"
        db.session.commit()
        document = sittings.open_sitting(group.id, "teacher_protocol", NOW.date(), actor=seated.actor(), now=NOW)
        return Session(body, secretary, document.id)


# ---------------------------------------------------------------- the list


def test_a_session_is_opened_from_the_list_of_rounds(body: Flask, secretary: Visitor) -> None:
    listing = secretary.get("/sessions/")
    assert "Осенняя аттестация" in words(listing)
    assert re.search(r"Открыть: руководители и заместители 1|Open: heads and deputies 1", words(listing))
    with body.app_context():
        group_id = db.session.query(Group).filter_by(code="А-1").one().id
    sent = {"group_id": group_id, "type": "head_protocol", "held_on": NOW.date().isoformat()}
    answer = secretary.post("/sessions/open", sent)
    assert answer.status_code == 302
    page = secretary.get(answer.location)
    assert "Жанібеков" in words(page)
    assert secretary.post("/sessions/open", sent).status_code == 409  # open already
    assert secretary.post("/sessions/open", sent | {"held_on": "вчера"}).status_code == 422
    assert secretary.get(f"/sessions/?group_id={group_id}").status_code == 200


def test_who_does_not_keep_sessions_sees_none(body: Flask, session: Session) -> None:
    member = logged_in(body, seated.MEMBERS[2])
    assert member.get("/sessions/").status_code == 403
    assert member.get(session.address).status_code == 404  # a draft is the secretary's
    stranger = logged_in(body, instance.ACCOUNTS["clerk"])
    assert stranger.get(session.address).status_code == 404
    assert stranger.get("/sessions/").status_code == 200
    assert stranger.post(f"{session.address}/compose", {"version": 1}).status_code == 404


# ---------------------------------------------------------------- one page


def test_the_page_shows_agenda_evidence_and_reasoning_with_clauses(session: Session) -> None:
    page = session.page(session.item("Абаева")["application_id"])
    text = words(page)
    for surname in ("Абаева", "Болатов", "Вагнер", "Ғалиева", "Досов", "Ералиева"):
        assert surname in text
    assert "84 / 84" in text
    assert "75 / 71" in text
    assert "260 / 250–300" in text
    assert "приложение 8" in text
    assert "пп. 1) п. 19" in text
    assert page.text.count("/documents/") > 8  # the evidence can be opened


def test_nobody_votes_before_there_is_a_quorum(session: Session) -> None:
    session.come(5)
    item = session.item("Абаева")["application_id"]
    page = session.page(item)
    assert "vote-" not in page.text
    assert re.search(r'id="decide"[^>]*disabled', page.text)
    refused = session.send(f"items/{item}", item, act="decide", decision="claimed:expert", **session.votes("fffff"))
    assert refused.status_code == 409
    assert "18" in words(refused)
    assert session.item("Абаева")["votes"] == []


def test_votes_and_decision_go_in_one_form_and_the_next_person_follows(session: Session) -> None:
    session.come()
    item, following = (session.item(name)["application_id"] for name in ("Абаева", "Болатов"))
    answer = session.send(
        f"items/{item}", item, act="decide", decision="claimed:expert", reason="", **session.votes("ffffffaa")
    )
    assert (answer.status_code, answer.location) == (302, f"{session.address}?item={following}")
    decided = session.item("Абаева")
    assert (decided["conclusion"], decided["category"], len(decided["votes"])) == ("claimed", "expert", 8)
    assert decided["voted_at"]
    assert "педагог-эксперт" in words(session.page(item))


def test_all_for_fills_the_votes_of_those_present(session: Session) -> None:
    session.come(7)
    item = session.item("Абаева")["application_id"]
    voters = session.members()[:7]
    session.send(f"items/{item}", item, act="all_for", decision="claimed:expert", voter=voters)
    assert [vote["vote"] for vote in session.item("Абаева")["votes"]] == ["for"] * 7
    assert session.item("Абаева")["voted_at"] == ""


def test_what_cannot_be_decided_is_saved_all_the_same(session: Session) -> None:
    session.come()
    item = session.item("Абаева")["application_id"]
    sent = {"act": "decide", "decision": "current:moderator", "reason": ""}
    refused = session.send(f"items/{item}", item, **sent, **session.votes("f" * 8))
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    saved = session.item("Абаева")
    assert (saved["conclusion"], len(saved["votes"]), saved["voted_at"]) == ("current", 8, "")
    done = session.send(
        f"items/{item}", item, act="decide", decision="current:moderator", reason="сабағы төмен",
        **session.votes("f" * 8),
    )  # fmt: skip
    assert done.status_code == 302
    assert session.item("Абаева")["reason"] == "сабағы төмен"


@pytest.mark.parametrize(
    ("what", "sent"),
    [
        ("attendance", {"act": ""}),
        ("attendance", {"act": "leave:nobody"}),
        ("items/{item}", {"act": "save", "vote-nobody": "for"}),
        ("items/{item}", {"act": "save", "decision": "promoted:master"}),
        ("items/{item}", {"act": "save", "vote-{member}": "twice"}),
    ],
)
def test_what_no_page_sends_is_refused_and_changes_nothing(session: Session, what: str, sent: dict[str, str]) -> None:
    session.come()
    before = session.record()
    known = {"item": before["items"][0]["application_id"], "member": session.members()[0]}
    answer = session.send(what.format(**known), **{name.format(**known): value for name, value in sent.items()})
    assert answer.status_code == 404
    assert session.record() == before


def test_a_tie_is_told_and_the_chair_decides(session: Session) -> None:
    session.come()
    item = session.item("Абаева")["application_id"]
    session.send(f"items/{item}", item, act="save", decision="claimed:expert", **session.votes("ffffaaaa"))
    assert re.search("голосом председателя|by the chair's vote", words(session.page(item)))
    session.send(f"items/{item}", item, act="decide", decision="claimed:expert", **session.votes("ffffaaaa"))
    assert session.item("Абаева")["chair_casts"] is True


def test_a_member_leaves_comes_back_and_the_page_counts(session: Session) -> None:
    session.come(6)
    last = session.members()[5]
    assert session.send("attendance", act=f"leave:{last}", at="09:10").status_code == 302
    assert "presence no" in session.page().text
    assert session.send("attendance", act=f"arrive:{last}", at="09:20").status_code == 302
    assert "presence yes" in session.page().text
    stays = [(row["left"]) for row in session.record()["attendance"] if row["person_id"] == last]
    assert stays == ["09:10", ""]
    assert session.send("attendance", act=f"leave:{last}", at="32:10").status_code == 409


def test_a_second_secretary_is_told_and_keeps_what_he_typed(session: Session) -> None:
    session.come()
    item = session.item("Абаева")["application_id"]
    with session.body.app_context():
        seen = documents.load(session.id).version
    session.send("attendance", act=f"leave:{session.members()[7]}", at="09:10")
    late = session.send(
        f"items/{item}", item, version=seen, act="save", decision="current:moderator", reason="менің мәтінім",
        **session.votes("f" * 7),
    )  # fmt: skip
    assert late.status_code == 409
    assert "менің мәтінім" in late.text
    assert re.search(r'id="decision-current-moderator"[^>]*checked', late.text)
    assert session.item("Абаева")["reason"] == ""


def test_the_agenda_lets_go_and_takes_again(session: Session) -> None:
    item = session.item("Ералиева")["application_id"]
    assert session.send(f"items/{item}", item, act="take_off").status_code == 302
    assert f'name="application" value="{item}"' in session.page().text
    session.send("agenda", act="add", application=[item])
    assert session.item("Ералиева")["application_id"] == item
    assert session.send("agenda", act="renew").status_code == 302


def test_a_decision_is_taken_back(session: Session) -> None:
    session.come()
    item = session.item("Абаева")["application_id"]
    session.send(f"items/{item}", item, act="decide", decision="claimed:expert", **session.votes("f" * 8))
    assert session.send(f"items/{item}", item, act="take_back").status_code == 302
    assert session.item("Абаева")["voted_at"] == ""


def test_the_protocol_is_composed_when_nobody_is_left_over(session: Session) -> None:
    session.come()
    refused = session.send("compose")
    assert refused.status_code == 409
    assert words(refused).count("Ералиева") >= 2
    assert "Ералиева" in words(session.page(more="&check=1"))
    for surname in [item["person"]["surname"] for item in session.record()["items"]]:
        one = session.item(surname)
        item = one["application_id"]
        if not one["conclusion"]:
            session.send(f"items/{item}", item, act="take_off")
            continue
        reason = "балл жетпейді" if one["conclusion"] == "not_conforming" else ""
        decision = f"{one['conclusion']}:{one['category']}"
        sent = {"act": "decide", "decision": decision, "reason": reason}
        assert session.send(f"items/{item}", item, **sent, **session.votes("f" * 8)).status_code == 302
    answer = session.send("compose")
    assert (answer.status_code, answer.location) == (302, f"/documents/{session.id}")
    with session.body.app_context():
        assert documents.load(session.id).state == "to_sign"
    # What waits for signatures can be read, by the members too, and not changed.
    assert logged_in(session.body, seated.MEMBERS[2]).get(session.address).status_code == 200
    page = session.page()
    assert '<form method="post" action="/sessions/' not in page.text
    assert "педагог-эксперт" in words(page)


def test_the_page_is_kazakh_first_and_carries_no_iin(body: Flask, session: Session) -> None:
    with body.app_context():
        numbers = {seated.person(seated.email(name)).iin or "-" for name in seated.APPLICANTS}
    kazakh = logged_in(body, language="kk").get(session.address)
    assert 'lang="kk"' in kazakh.text
    assert "педагог-сарапшы" in words(kazakh)
    assert not [number for number in numbers if number in kazakh.text]


def test_looking_at_a_session_changes_nothing(session: Session) -> None:
    with session.body.app_context():
        before = documents.load(session.id).version
    session.page(more="&check=1")
    session.page(session.item("Вагнер")["application_id"])
    with session.body.app_context():
        assert documents.load(session.id).version == before


def test_the_plain_form_neither_shows_nor_takes_a_session(session: Session) -> None:
    form = session.secretary.get(f"/documents/{session.id}/edit")
    assert (form.status_code, form.location) == (302, session.address)
    before = session.record()
    sent = {"_version": "1", "commission_name": "басқа", "items-0-proposed_category": "master"}
    answer = session.secretary.post(f"/documents/{session.id}/edit", sent)
    assert (answer.status_code, answer.location) == (302, session.address)
    assert session.record() == before
