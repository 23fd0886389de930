"""Every page of an attesting body as everybody: who opens what, in which words, and that looking changes nothing."""

from __future__ import annotations

import io
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from docflow import demo
from docflow.db import db
from docflow.models import CardEntry, Delivery, Invitation, Person
from docflow.regulations.kazakhstan_calendar import TIME_ZONE
from docflow.regulations.krg.categories import LADDERS, Conclusion
from docflow.regulations.krg.session import PROCEDURE_TITLES
from tests.conftest import Instances
from tests.web import attestation, instance
from tests.web.attestation import ADMINISTRATOR, NOBODY, SECRETARY, Page
from tests.web.conftest import Visitor
from tests.web.test_pages import Markup, database_of, rows

LANGUAGES = ("kk", "ru")
ENDED = {"kk": "Мерзімі біткен", "ru": "Утратил силу"}
# In whose eyes a page is read in the other language: the first of these who may open it.
EYES = ("secretary", "member", "administrator", "writer", "attestee", "authorised", "head")
# Pages that rest on the act, which has ended.
PACK = frozenset({
    "documents.show", "documents.new", "documents.edit", "documents.issue_plan", "groups.listing", "groups.show",
    "rounds.edit", "rounds.new", "sittings.listing", "sittings.show", "scores.sheet", "observations.sheet",
    "signing.one", "regulations.listing", "regulations.act", "verify.by_code", "published.lists", "settings.listing",
})  # fmt: skip
FOLLOWED = ("scores.sheet", "observations.sheet")  # who may only read the sheet is led to the document
PUBLIC = ("verify.by_code", "published.lists")
SHORTEST = 13  # letters of an English sentence that cannot be a name or a code
CATALOGUE = Path(__file__).parents[2] / "translations" / "ru" / "LC_MESSAGES" / "messages.po"


@dataclass(frozen=True)
class Crawl:
    """Every page as everybody in Russian, once more in Kazakh for one of them, and the rows before and after."""

    answers: dict[tuple[str, str, str], TestResponse]  # by language, role and address
    before: dict[str, list[tuple[object, ...]]]
    after: dict[str, list[tuple[object, ...]]]

    def drawn(self, pages: list[Page], language: str) -> Iterator[tuple[str, str, str, TestResponse]]:
        """Endpoint, address, role and answer of every page that was opened and is no file."""
        for endpoint, address, may in pages:
            for role in attestation.ACCOUNTS:
                answer = self.answers.get((language, role, address))
                if role in may and answer is not None and answer.mimetype == "text/html" and answer.status_code == 200:
                    yield endpoint, address, role, answer


@pytest.fixture(scope="session")
def body_directory(instances: Instances, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return instances.copy("attestation", attestation.make_in, tmp_path_factory.mktemp("body") / "copy")


@pytest.fixture(scope="session")
def body(body_directory: Path) -> Iterator[Flask]:
    """For tests that only look: nothing of it may change."""
    with instance.opened(instance.settings_in(body_directory, verify_per_minute=10_000)) as app:
        yield app


def visitors_of(app: Flask, language: str = "ru") -> dict[str, Visitor]:
    found = {"anonymous": Visitor(app.test_client())}
    found |= {role: Visitor(app.test_client()).log_in(email) for role, email in attestation.ACCOUNTS.items()}
    for one in found.values():
        speak(one, language)
    return found


def speak(one: Visitor, language: str) -> None:
    with one.client.session_transaction() as session:
        session["language"] = language


@pytest.fixture(scope="session")
def everybody(body: Flask) -> dict[str, Visitor]:
    return visitors_of(body)


@pytest.fixture(scope="session")
def pages(body: Flask) -> list[Page]:
    with body.app_context():
        return attestation.table()


@pytest.fixture(scope="session")
def crawl(body: Flask, everybody: dict[str, Visitor], pages: list[Page]) -> Crawl:
    database, answers = database_of(body), {}
    before = rows(database)
    for endpoint, address, may in pages:
        for role, one in everybody.items():
            is_led = role in may and endpoint in FOLLOWED
            answers["ru", role, address] = one.get(address, follow_redirects=is_led)
        reader = next((role for role in EYES if role in may), None)
        if reader is not None:
            speak(everybody[reader], "kk")
            answers["kk", reader, address] = everybody[reader].get(address, follow_redirects=endpoint in FOLLOWED)
            speak(everybody[reader], "ru")
    return Crawl(answers, before, rows(database))


def test_the_table_opens_the_endpoints_that_it_names(pages: list[Page]) -> None:
    assert {endpoint for endpoint, _address, _may in pages} == attestation.ENDPOINTS


def test_each_role_opens_what_it_may_and_nothing_else(crawl: Crawl, pages: list[Page]) -> None:
    wrong = []
    for endpoint, address, may in pages:
        for role in attestation.ACCOUNTS:
            status = crawl.answers["ru", role, address].status_code
            refused = (403, 404, 409) if endpoint == "signing.one" else (403, 404)
            if address == "/" and role in attestation.ATTESTEES:
                expected: tuple[int, ...] = (302,)  # to his own page
            elif address == "/documents/new/teacher_protocol" and role == "secretary":
                expected = (302,)  # to the page of sessions
            else:
                expected = (200,) if role in may else refused
            if status not in expected:
                wrong.append(f"{role} {address}: {status}, expected {expected}")
        status = crawl.answers["ru", "anonymous", address].status_code
        known = (200, 404) if endpoint in PUBLIC else (302,)
        if status not in known:
            wrong.append(f"anonymous {address}: {status}, expected {known}")
    assert not wrong, "\n".join(wrong)


def test_an_attestee_is_led_to_his_own_page_and_a_protocol_to_its_session(crawl: Crawl) -> None:
    assert crawl.answers["ru", "attestee", "/"].location == "/my"
    assert crawl.answers["ru", "secretary", "/documents/new/teacher_protocol"].location == "/sessions/"


def test_looking_changes_nothing(crawl: Crawl) -> None:
    assert len(crawl.before["df_document"]) > 150
    assert {name for name in crawl.before if crawl.before[name] != crawl.after[name]} == set()


def test_a_sheet_is_filled_by_whom_it_was_given_to(crawl: Crawl, pages: list[Page]) -> None:
    """Whoever else may see it reads it, and finds nothing to fill in."""
    for endpoint, address, role, answer in crawl.drawn(pages, "ru"):
        if endpoint in FOLLOWED:
            assert ('name="_version"' in answer.text) == (role in ("member", "secretary")), f"{role} {address}"


def test_the_session_is_kept_by_its_secretary_only(crawl: Crawl, pages: list[Page]) -> None:
    with_forms = {
        (role, address)
        for endpoint, address, role, answer in crawl.drawn(pages, "ru")
        if endpoint == "sittings.show" and re.search(r'action="/sessions/\d+/', answer.text)
    }
    assert {role for role, _address in with_forms} == {"secretary"}


def test_every_answer_is_guarded(crawl: Crawl) -> None:
    for (_language, role, address), answer in crawl.answers.items():
        assert "unsafe" not in answer.headers["Content-Security-Policy"], address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        if role != "anonymous":
            assert answer.headers["Cache-Control"] == "no-store", f"{role} {address}"


def test_no_page_carries_a_script_or_style_or_names_a_foreign_address(crawl: Crawl, pages: list[Page]) -> None:
    for _endpoint, address, role, answer in crawl.drawn(pages, "ru"):
        found = Markup.of(answer)
        assert found.refused == [], f"{role} {address}"
        assert [each for each in found.addresses if re.match(r"(?!data:)[a-z]+:|//", each)] == [], f"{role} {address}"


# ---------------------------------------------------------------- IIN


def test_an_iin_is_shown_to_the_clerk_and_to_its_owner(body: Flask, crawl: Crawl) -> None:
    with body.app_context():
        numbers = {iin for iin in db.session.scalars(select(Person.iin)) if iin}
        own = {role: attestation.person(role).iin for role in attestation.ATTESTEES}
    known, shown = re.compile("|".join(sorted(numbers))), defaultdict(set)
    assert len(numbers) > 40
    for (_language, role, address), answer in crawl.answers.items():
        if answer.mimetype == "text/html":
            shown[role] |= {(iin, address) for iin in known.findall(answer.text)}
    assert len({iin for iin, _address in shown.pop("secretary")}) > 10, "on applications, which he considers"
    for role in attestation.ATTESTEES:
        assert {iin for iin, _address in shown.pop(role)} == {own[role]}, role
    assert {role: found for role, found in shown.items() if found} == {}


def test_no_iin_stands_in_an_address(body: Flask, crawl: Crawl, pages: list[Page]) -> None:
    with body.app_context():
        known = re.compile("|".join(iin for iin in db.session.scalars(select(Person.iin)) if iin))
    for _endpoint, address, _role, answer in crawl.drawn(pages, "ru"):
        assert not known.search(" ".join(Markup.of(answer).addresses)), address


# ---------------------------------------------------------------- words


def visible(answer: TestResponse) -> str:
    """What a reader sees or hears: the text and what names pictures and fields, on one line."""
    page = re.sub(r"<(script|template|style)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    named = " ".join(re.findall(r'\b(?:title|alt|aria-label|placeholder)="([^"]*)"', page))
    return " ".join(unescape(f"{re.sub(r'<[^>]+>', ' ', page)} {named}").split())


def english() -> re.Pattern[str]:
    """The longer pieces of the sentences that the program itself is written in."""
    with CATALOGUE.open("rb") as source:
        sentences = [str(message.id) for message in read_po(source) if message.id]
    pieces = {
        " ".join(piece.split()).strip(" .,:;–()“”")
        for sentence in sentences
        for piece in re.split(r"%\(\w+\)[sd]|%%|<[^>]+>", sentence)
    }
    long = sorted((piece for piece in pieces if len(piece) >= SHORTEST), key=len, reverse=True)
    assert len(long) > 900
    return re.compile("|".join(re.escape(piece) for piece in long))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_speaks_english(crawl: Crawl, pages: list[Page], language: str) -> None:
    sentences, found = english(), defaultdict(list)
    for _endpoint, address, role, answer in crawl.drawn(pages, language):
        assert f'<html lang="{language}"' in answer.text, f"{role} {address}"
        for piece in set(sentences.findall(visible(answer))):
            found[piece].append(f"{role} {address}")
    assert not found, "\n".join(f"{piece}: {where[:3]}" for piece, where in found.items())


def keys() -> re.Pattern[str]:
    """What the contents hold in place of words of the act."""
    found = {key for ladder in LADDERS.values() for key in ladder.titles} | set(Conclusion) | set(PROCEDURE_TITLES)
    found |= {"passed", "failed", "for", "against", "abstained", *(f"{name}_application" for name in PROCEDURE_TITLES)}
    return re.compile(rf"(?<![\w@./-])(?:{'|'.join(sorted(found, key=len, reverse=True))})(?![\w@./-])")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_shows_a_key_for_its_words(crawl: Crawl, pages: list[Page], language: str) -> None:
    pattern, found = keys(), defaultdict(list)
    for _endpoint, address, role, answer in crawl.drawn(pages, language):
        for key in set(pattern.findall(visible(answer))):
            found[key].append(f"{role} {address}")
    assert not found, "\n".join(f"{key}: {where[:3]}" for key, where in found.items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_pack_says_that_its_act_has_ended(crawl: Crawl, pages: list[Page], language: str) -> None:
    silent = [
        f"{role} {address}"
        for endpoint, address, role, answer in crawl.drawn(pages, language)
        if endpoint in PACK and role != "stranger" and ENDED[language] not in main_of(answer)
    ]
    # An organisation without lists has nothing that rests on the act.
    assert [each for each in silent if "/published/krg?year=1999" not in each] == []


def main_of(answer: TestResponse) -> str:
    return answer.text.partition("<main")[2]


def test_every_page_has_one_heading_and_a_title_of_its_own(crawl: Crawl, pages: list[Page]) -> None:
    """What is narrowed by a question after the address is the same page."""
    titles: dict[tuple[str, str], set[str]] = defaultdict(set)
    for endpoint, address, role, answer in crawl.drawn(pages, "ru"):
        if answer.status_code != 200 or endpoint == "documents.preview":
            continue
        assert len(re.findall(r"<h1[ >]", answer.text)) == 1, f"{role} {address}"
        title = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL)
        assert title, address
        is_document = endpoint in FOLLOWED and role not in ("member", "secretary")
        if not is_document:
            titles[role, " ".join(title[1].split())].add(address.partition("?")[0])
    assert {key: found for key, found in titles.items() if len(found) > 1} == {}


def test_no_page_gives_one_id_twice(crawl: Crawl, pages: list[Page]) -> None:
    for _endpoint, address, role, answer in crawl.drawn(pages, "ru"):
        ids = re.findall(r'\sid="([^"]+)"', answer.text)
        assert len(ids) == len(set(ids)), f"{role} {address}: {sorted({each for each in ids if ids.count(each) > 1})}"


# ---------------------------------------------------------------- what is sent


SCAN = "scan.png"
Sent = tuple[str, dict[str, object], frozenset[str]]
KEPT_BY = frozenset({"member", "secretary"})
CARD_KEEPERS = SECRETARY | ADMINISTRATOR


def sent() -> list[Sent]:
    """Address, form, and the roles whose form is heard."""
    found = attestation.one_of_each()
    finished, under_way = attestation.rounds()
    opened, score = found["teacher_protocol", "draft"], found["portfolio_teacher", "draft"]
    observed, considered = found["observation_lesson", "draft"], found["teacher_application", "submitted"]
    waiting, essay = found["teacher_application", "to_sign"], attestation.begun_by("writer")
    protocol, results = found["teacher_protocol", "in_force"], found["knowledge_results", "in_force"]
    application = attestation.about("writer", "teacher_application", "accepted")
    him, today = attestation.person("attestee"), attestation.NOW.astimezone(TIME_ZONE).date().isoformat()
    own = CardEntry.organisation_id == attestation.organisation().id, CardEntry.document_id.is_(None)
    entry = db.session.scalars(select(CardEntry).where(*own)).one()
    told = db.session.scalars(select(Delivery).order_by(Delivery.id)).first()
    invited = db.session.scalars(select(Invitation)).one()
    assert told is not None
    session, days = f"/sessions/{opened.id}", {"starts_on": today, "ends_on": today}
    named = {"code": "АК-Ж", "topic_kk": "ж", "topic_ru": "ж", "unit_id": under_way.unit_id}
    return [
        ("/rounds/new", named | days, SECRETARY),
        (f"/rounds/{under_way.id}/sheets", {}, SECRETARY),
        (f"/rounds/{finished.id}/edit", named | days, SECRETARY),
        (f"/groups/{under_way.id}/gather/knowledge_results", {"language": "kk"}, SECRETARY),
        ("/sessions/open", {"group_id": under_way.id, "type": "teacher_protocol", "held_on": today}, SECRETARY),
        (f"{session}/attendance", {"act": "all", "at": "10:00", "version": opened.version}, SECRETARY),
        (f"{session}/items/{application.id}", {"act": "save", "version": opened.version}, SECRETARY),
        (f"{session}/agenda", {"act": "renew", "version": opened.version}, SECRETARY),
        (f"{session}/compose", {"version": opened.version}, SECRETARY),
        (f"/scores/{score.id}", {"_version": score.version, "reason": "x"}, KEPT_BY),
        (f"/observations/{observed.id}", {"_version": observed.version, "recommendations": "x"}, KEPT_BY),
        (f"/documents/{essay.id}/edit", {"_version": essay.version, "text": "x"}, SECRETARY | {"writer"}),
        (f"/documents/{considered.id}/steps/accept", {}, SECRETARY),
        (f"/documents/{considered.id}/steps/refuse", {"comment": "x"}, SECRETARY),
        (f"/documents/{protocol.id}/steps/annul", {"comment": "x"}, SECRETARY),
        (f"/documents/{application.id}/drafts/portfolio_teacher", {"member_id": him.id}, SECRETARY),
        (f"/documents/{protocol.id}/issue", {"type": "teacher_extract", "language": "kk"}, SECRETARY),
        (f"/documents/{results.id}/sheet", {"file": SCAN}, NOBODY),  # it is in force
        (f"/documents/{waiting.id}/by-hand", {"slot": "applicant", "signed_on": today, "file": SCAN}, SECRETARY),
        (f"/invitations/of/{waiting.id}", {"address": "x@krg.example"}, SECRETARY),
        (f"/invitations/{invited.id}/renew", {}, SECRETARY),
        (f"/invitations/{invited.id}/revoke", {}, SECRETARY),
        (f"/people/{him.id}/new/pension", {"starts_on": today, "basis": "x"}, CARD_KEEPERS),
        (f"/people/entries/{entry.id}/remove", {"reason": "x"}, CARD_KEEPERS),
        (f"/deliveries/{told.id}/again", {}, SECRETARY),
        ("/admin/settings/portfolio_result", {"value": "mean"}, ADMINISTRATOR),
    ]


def with_file(form: dict[str, object]) -> dict[str, object]:
    """The form as it is sent: a file can be read once only."""
    scan = {name: (io.BytesIO(demo.picture(24, 16)), value) for name, value in form.items() if value == SCAN}
    return form | scan


@pytest.fixture(scope="session")
def posts(body: Flask) -> list[Sent]:
    with body.app_context():
        return sent()


def test_nothing_is_sent_without_a_token(body: Flask, everybody: dict[str, Visitor], posts: list[Sent]) -> None:
    before = rows(database_of(body))
    for role, one in everybody.items():
        for address, form, _may in posts:
            assert one.client.post(address, data=with_file(form)).status_code == 400, f"{role} {address}"
    assert rows(database_of(body)) == before


def test_what_a_wrong_role_sends_is_refused_and_changes_nothing(
    body: Flask, everybody: dict[str, Visitor], posts: list[Sent]
) -> None:
    before, wrong = rows(database_of(body)), []
    for role, one in everybody.items():
        token = one.token()
        for address, form, may in posts:
            if role in may:
                continue
            answer = one.client.post(address, data={"csrf_token": token, **with_file(form)})
            refused = (302,) if role == "anonymous" else (403, 404)
            if answer.status_code not in refused or (role == "anonymous" and "/login" not in answer.location):
                wrong.append(f"{role} {address}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    after = rows(database_of(body))
    assert {name for name in before if before[name] != after[name]} == set()


def test_what_the_right_role_sends_is_heard(body_directory: Path, tmp_path: Path, posts: list[Sent]) -> None:
    """The same forms: some are accepted, some lack something, and none is turned away at the door."""
    shutil.copytree(body_directory, tmp_path / "copy")
    with instance.opened(instance.settings_in(tmp_path / "copy")) as app:
        everybody = visitors_of(app)
        heard = {
            address: everybody[sorted(may)[-1]].post(address, with_file(form)).status_code
            for address, form, may in posts
            if may
        }
    assert {address: status for address, status in heard.items() if status in (400, 403, 404, 405, 500)} == {}


def test_a_round_is_renamed_and_keeps_its_commission(body_directory: Path, tmp_path: Path) -> None:
    shutil.copytree(body_directory, tmp_path / "copy")
    with instance.opened(instance.settings_in(tmp_path / "copy")) as app:
        secretary = visitors_of(app)["secretary"]
        with app.app_context():
            group = attestation.rounds()[1]
            address, before = f"/rounds/{group.id}/edit", list(group.responsible)
            form: dict[str, object] = {name: getattr(group, name) for name in ("code", "unit_id", "topic_kk")}
            form |= {"starts_on": group.starts_on.isoformat(), "ends_on": group.ends_on.isoformat()}
        assert secretary.post(address, form | {"topic_ru": ""}, page=address).status_code == 422
        answer = secretary.post(address, form | {"topic_ru": "Весенний тур"}, page=address)
        assert answer.status_code == 302
        assert "Весенний тур" in secretary.get(answer.location).text
        with app.app_context():
            assert (attestation.rounds()[1].topic_ru, attestation.rounds()[1].responsible) == ("Весенний тур", before)
