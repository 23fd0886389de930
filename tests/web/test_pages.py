"""Every page for every role: who may, who may not, what a page may contain, and that looking changes nothing."""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from passlib.totp import TOTP
from sqlalchemy import select
from werkzeug.test import TestResponse

from docflow import demo
from docflow.db import db
from docflow.models import Account, Attachment, IssueRun, JournalYear, Person, SigningSession
from tests.web import attestation, instance
from tests.web.conftest import Visitor, visitor

ALL = frozenset(instance.ACCOUNTS)
OWN = ALL - {"stranger"}  # everybody of the organisation
CLERKS = frozenset({"clerk", "stranger"})
STARTERS = CLERKS | {"applicant"}
KEEPERS = frozenset({"inspector", "archivist", "administrator"})
STAFF = frozenset({"clerk"}) | KEEPERS
NOBODY: frozenset[str] = frozenset()

# Endpoints that need no login; everything else sends a stranger to the login page.
PUBLIC = {"verify.ask", "verify.by_code", "published.lists", "security.login", "static", "bootstrap.static"}
# What a library brings and no page of ours leads to, or what needs more than a login.
LEFT_OUT = {
    "invited.ask": "has tests of its own, with a link",
    "invited.dialogue": "belongs to a link; closed without one in a test below",
    "invited.confirm": "has tests of its own, with a link",
    "invited.edit": "has tests of its own, with a link",
    "invited.paper": "has tests of its own, with a link",
    "invited.preview": "has tests of its own, with a link",
    "invited.show": "has tests of its own, with a link",
    "security.static": "the library's own files; no page of ours uses them",
    "static": "files, checked by the pages that name them",
    "bootstrap.static": "files, checked by the pages that name them",
    "security.login": "has tests of its own",
    "security.mf_recovery": "needs a login that waits for its second factor",
    "security.mf_recovery_codes": "needs a fresh password",
    "security.tf_select": "needs a login that waits for its second factor",
    "security.two_factor_rescue": "needs a login that waits for its second factor",
    "security.two_factor_token_validation": "needs a login that waits for its second factor",
    "security.two_factor_setup": "needs a fresh password; set up in a test below",
    "security.verify": "asks for the password again",
}


def table(app: Flask) -> list[tuple[str, str, frozenset[str]]]:
    """Endpoint, address, and the roles that may open it."""
    finished, under_way, *_others = instance.group_ids()
    certificate = instance.first("course_certificate", "in_force")
    order = instance.first("enrolment_order", "in_force")
    waiting_order = instance.first("enrolment_order", "to_sign")
    waiting = instance.first("wku_application", "to_sign")
    returned = instance.first("wku_application", "draft", group_id=under_way)
    sheet = instance.first("assessment_sheet", "in_force")
    scan = db.session.scalars(select(Attachment).order_by(Attachment.id)).first()
    run = db.session.scalars(select(IssueRun).order_by(IssueRun.id)).first()
    journal = db.session.scalars(select(JournalYear).order_by(JournalYear.id)).first()
    rector, account = (
        db.session.scalars(select(Account).where(Account.email == instance.ACCOUNTS[role])).unique().one()
        for role in ("signatory", "clerk")
    )
    session = db.session.scalars(select(SigningSession).where(SigningSession.person_id == rector.person_id)).first()
    assert None not in (scan, run, journal, session)
    him = instance.listener(0).id
    about_him = STAFF | {"applicant"}  # the first listener, whom the certificates and applications are about
    return [
        ("inbox.home", "/", ALL),
        *(("inbox.waiting", f"/waiting/{name}", ALL) for name in ("to_sign", "to_consider", "returned", "drafts")),
        ("inbox.waiting", "/waiting/nothing", NOBODY),
        ("search.find", "/documents", ALL),
        ("search.find", "/documents?text=Ким&type=wku_application&state=draft&date_from=2020-01-01&page=2", ALL),
        ("search.find", "/documents?group_id=x&date_from=x&page=x&state=x&type=x", ALL),
        ("documents.choose", "/documents/new", STARTERS),
        ("documents.new", "/documents/new/wku_application", STARTERS - {"stranger"}),
        ("documents.new", "/documents/new/enrolment_order", STARTERS - {"applicant"}),
        ("documents.new", "/documents/new/nonsense", NOBODY),
        ("documents.show", f"/documents/{order.id}", STAFF | {"signatory"}),
        ("documents.show", f"/documents/{sheet.id}", STAFF),
        ("documents.show", f"/documents/{waiting_order.id}", STAFF | {"signatory"}),
        ("documents.show", f"/documents/{waiting.id}", about_him),
        ("documents.show", f"/documents/{returned.id}", STAFF),
        ("documents.show", "/documents/99999", NOBODY),
        ("documents.edit", f"/documents/{returned.id}/edit", frozenset({"clerk"})),
        ("documents.edit", f"/documents/{returned.id}/edit?check=1", frozenset({"clerk"})),
        ("documents.edit", f"/documents/{order.id}/edit", NOBODY),
        ("documents.preview", f"/documents/{certificate.id}/preview", STAFF | {"signatory"}),
        ("documents.preview", f"/documents/{returned.id}/preview", STAFF),
        ("documents.paper", f"/documents/{certificate.id}/paper.pdf", STAFF | {"signatory"}),
        ("documents.paper", f"/documents/{certificate.id}/paper.pdf?download=1", STAFF | {"signatory"}),
        ("documents.attachment", f"/documents/attachments/{scan.id}", about_him),
        ("documents.sheet", f"/documents/{sheet.id}/sheet.xlsx", STAFF),
        ("documents.issue_plan", f"/documents/{order.id}/issue", frozenset({"clerk"})),
        ("documents.issue_plan", f"/documents/{sheet.id}/issue?language=kk", frozenset({"clerk"})),
        ("documents.run", f"/documents/runs/{run.id}", STAFF | {"signatory"}),
        ("documents.run", "/documents/runs/99999", NOBODY),
        ("groups.listing", "/groups/", STAFF | {"stranger"}),
        ("groups.show", f"/groups/{finished}", STAFF),
        ("groups.show", f"/groups/{under_way}", STAFF),
        ("groups.show", "/groups/99999", NOBODY),
        ("groups.new", "/groups/new", CLERKS),
        ("groups.edit", f"/groups/{under_way}/edit", frozenset({"clerk"})),
        ("signing.queue", "/sign/", ALL),
        ("signing.one", f"/sign/{waiting_order.id}", frozenset({"signatory"})),
        ("signing.one", f"/sign/{waiting.id}", frozenset({"applicant"})),
        ("signing.one", f"/sign/{order.id}", NOBODY),
        ("signing.session", f"/sign/sessions/{session.id}", frozenset({"signatory"})),
        ("signing.report", f"/sign/sessions/{session.id}/report", frozenset({"signatory"})),
        ("signing.session", "/sign/sessions/nonsense", NOBODY),
        ("signing.dialogue", f"/sign/sessions/{session.id}/dialogue", frozenset({"signatory"})),
        ("regulations.listing", "/regulations/", ALL),
        *(("regulations.act", f"/regulations/{code}", ALL) for code in ("O95", "WKU", "KNK", "KRG")),
        ("regulations.act", "/regulations/XYZ", NOBODY),
        *(("admin." + name, f"/admin/{path}", KEEPERS) for name, path in (
            ("overview", ""), ("units", "units"), ("positions", "positions"), ("journals", "journals"),
            ("files", "files"),
        )),
        ("admin.numbers", f"/admin/journals/{journal.id}", KEEPERS),
        ("admin.new_file", "/admin/files/new", frozenset({"administrator", "archivist"})),
        *(("admin." + name, f"/admin/{path}", frozenset({"administrator"})) for name, path in (
            ("persons", "people"), ("persons", "people?text=Ким"), ("new_person", "people/new"),
            ("new_unit", "units/new"), ("new_position", "positions/new"), ("new_substitution", "substitutions/new"),
            ("accounts", "accounts"), ("new_account", "accounts/new"), ("rights", f"accounts/{account.id}"),
        )),
        ("admin.rights", "/admin/accounts/99999", NOBODY),
        ("verify.ask", "/v/", ALL),
        ("verify.by_code", f"/v/{certificate.code}", ALL),
        ("verify.by_code", f"/v/{order.code}", ALL),
        ("published.lists", "/published/wku", ALL),
        ("cards.find", "/people", CLERKS | {"administrator", "inspector"}),
        ("cards.find", "/people?surname=а", CLERKS | {"administrator", "inspector"}),
        ("cards.show", f"/people/{him}", (STAFF | {"applicant"}) - {"archivist"}),
        ("cards.show", "/people/99999", NOBODY),
        ("cards.new_card", "/people/new", CLERKS | {"administrator"}),
        ("cards.new", f"/people/{him}/new/category", frozenset({"clerk", "administrator"})),
        ("cards.new", f"/people/{him}/new/nonsense", NOBODY),
        ("cabinet.show", "/my", ALL),
        ("security.change_password", "/change", ALL),
    ]  # fmt: skip


@pytest.fixture(scope="session")
def pages(app: Flask) -> list[tuple[str, str, frozenset[str]]]:
    with app.app_context():
        return table(app)


@pytest.fixture(scope="session")
def crawl(
    app: Flask, visitors: dict[str, Visitor], pages: list[tuple[str, str, frozenset[str]]]
) -> dict[tuple[str, str], TestResponse]:
    """Every page as everybody, opened once; the tests look at the answers."""
    return {(role, address): one.get(address) for role, one in visitors.items() for _endpoint, address, _may in pages}


def test_every_page_is_in_the_table(app: Flask, pages: list[tuple[str, str, frozenset[str]]]) -> None:
    served = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    opened = {endpoint for endpoint, _, _ in pages} | attestation.ENDPOINTS
    assert served - opened - LEFT_OUT.keys() == set()
    assert not opened & LEFT_OUT.keys(), "what is opened needs no excuse"


def test_each_role_opens_what_it_may_and_nothing_else(
    crawl: dict[tuple[str, str], TestResponse], pages: list[tuple[str, str, frozenset[str]]]
) -> None:
    wrong = []
    for endpoint, address, may in pages:
        for role in instance.ACCOUNTS:
            status = crawl[role, address].status_code
            # 409: it is there, and it is not this person's turn to sign it.
            expected = (200,) if role in may else (403, 404, 409) if endpoint == "signing.one" else (403, 404)
            if (role, address) == ("applicant", "/"):
                expected = (302,)  # to his own page
            if status not in expected:
                wrong.append(f"{role} {address}: {status}, expected {expected}")
        status = crawl["anonymous", address].status_code
        if status != (200 if endpoint in PUBLIC else 302):
            wrong.append(f"anonymous {address}: {status}")
    assert not wrong, "\n".join(wrong)


def test_a_login_is_asked_for_and_leads_back(crawl: dict[tuple[str, str], TestResponse]) -> None:
    assert crawl["anonymous", "/groups/"].location == "/login?next=/groups/"


def test_the_first_listener_sees_his_own_certificate_only(app: Flask, visitors: dict[str, Visitor]) -> None:
    with app.app_context():
        mine = instance.listener(0).id
        names = ("course_certificate", "training_contract", "certificate_annex")
        found = {each.id: each.subject_id == mine for name in names for each in instance.everything(name)}
    assert sorted(found.values()) == [False] * 3 + [True] * 3
    for document_id, is_his in found.items():
        status = visitors["applicant"].get(f"/documents/{document_id}").status_code
        assert status == (200 if is_his else 404), document_id


def test_what_a_guest_signs_is_closed_without_a_link(visitors: dict[str, Visitor]) -> None:
    for role, one in visitors.items():
        answer = one.get("/i/document/signing/nonsense/dialogue")
        assert answer.status_code in (403, 404), f"{role}: {answer.status_code}"


class Markup(HTMLParser):
    """Collect what the content security policy would refuse, and every address."""

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self.nonce, self.refused, self.addresses = nonce, [], []  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [given[name] or "" for name in ("href", "src", "action") if name in given]
        self.refused += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("nonce") != self.nonce):
            self.refused.append(tag)

    @classmethod
    def of(cls, answer: TestResponse) -> Markup:
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert nonce
        found = cls(nonce[1])
        found.feed(answer.text)
        return found


def drawn(crawl: dict[tuple[str, str], TestResponse]) -> dict[tuple[str, str], TestResponse]:
    return {key: answer for key, answer in crawl.items() if answer.mimetype == "text/html"}


def test_no_page_carries_a_script_or_style_inside(crawl: dict[tuple[str, str], TestResponse]) -> None:
    refused = {key: Markup.of(answer).refused for key, answer in drawn(crawl).items()}
    assert {key: found for key, found in refused.items() if found} == {}


def test_every_answer_has_the_security_headers(crawl: dict[tuple[str, str], TestResponse]) -> None:
    nonces = set()
    for (role, address), answer in crawl.items():
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self' 'nonce-"), address
        assert "unsafe" not in policy
        nonces.add(policy)
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert answer.headers["Referrer-Policy"] == "same-origin", address
        if role != "anonymous":
            assert answer.headers["Cache-Control"] == "no-store", address
    assert len(nonces) == len(crawl), "a nonce is used once"


def test_pages_name_only_our_own_addresses(crawl: dict[tuple[str, str], TestResponse]) -> None:
    foreign = {
        address
        for answer in drawn(crawl).values()
        for address in Markup.of(answer).addresses
        if re.match(r"(?!data:)[a-z]+:|//", address)
    }
    assert foreign == set()


def test_a_refused_page_says_why_in_the_readers_language(crawl: dict[tuple[str, str], TestResponse]) -> None:
    assert "Эта страница для другой роли" in crawl["applicant", "/groups/new"].text
    missing = crawl["clerk", "/documents/99999"].text
    assert "<h1" in missing
    assert 'lang="ru"' in missing


def test_no_iin_in_addresses_public_pages_or_the_log(
    app: Flask,
    crawl: dict[tuple[str, str], TestResponse],
    visitors: dict[str, Visitor],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with app.app_context():
        numbers = {iin for iin in db.session.scalars(select(Person.iin)) if iin}
    known = re.compile("|".join(sorted(numbers)))
    assert len(numbers) > 10
    for (_role, address), answer in drawn(crawl).items():
        assert not known.search(" ".join(Markup.of(answer).addresses)), address
        if address.startswith("/v/"):
            assert not re.search(r"\b\d{12}\b", answer.text), address
    with caplog.at_level(logging.DEBUG):
        found = visitors["clerk"].post("/documents", {"iin": min(numbers)})
        visitors["clerk"].get(f"/documents?text={min(numbers)}")
    assert found.status_code == 200
    assert caplog.records
    assert not known.search(caplog.text)


def test_who_may_not_see_an_iin_sees_its_end_only(app: Flask, visitors: dict[str, Visitor]) -> None:
    with app.app_context():
        document = instance.first("wku_application", "accepted")
        address, iin = f"/documents/{document.id}", document.subject.iin if document.subject else None
    assert iin
    assert iin in visitors["clerk"].get(address).text
    assert iin not in visitors["inspector"].get(address).text


def database_of(app: Flask) -> Path:
    with app.app_context():
        return Path(db.engine.url.database or "")


def rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, but what counts requests and logins."""
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in tables if name not in ("df_throttle", "df_account")]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in kept}


def test_looking_changes_nothing(
    app: Flask, visitors: dict[str, Visitor], pages: list[tuple[str, str, frozenset[str]]]
) -> None:
    database = database_of(app)
    before = rows(database)
    assert len(before["df_document"]) > 20
    for one in visitors.values():
        for _endpoint, address, _may in pages:
            if "/preview" not in address:
                one.get(address)
    after = rows(database)
    assert {name for name in before if before[name] != after[name]} == set()


def _posts(app: Flask) -> list[str]:
    """An address for every rule that takes a POST."""
    with app.app_context():
        order = instance.first("enrolment_order", "to_sign")
    values = {"type_name": "wku_application", "name": "submit", "session_id": "x", "code": order.code, "token": "x"}
    found = []
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if "POST" in (rule.methods or ()):
                given = {name: values.get(name, order.id if name == "document_id" else 1) for name in rule.arguments}
                found.append(adapter.build(rule.endpoint, given, method="POST"))
    return found


def test_nothing_can_be_sent_without_a_token(app: Flask, visitors: dict[str, Visitor]) -> None:
    addresses = _posts(app)
    assert len(addresses) > 30
    before = rows(database_of(app))
    for role, one in visitors.items():
        for address in addresses:
            answer = one.client.post(address, data={"comment": "x", "iin": "x"})
            assert answer.status_code == 400, f"{role} {address}"
            assert "<h1" in answer.text
            assert "Ничего" in answer.text or "ничего" in answer.text, f"{role} {address}: {answer.text}"
    assert rows(database_of(app)) == before


# The library's own form still speaks to WTForms in the old way.
@pytest.mark.filterwarnings("ignore:Passing SelectField choices as tuples:DeprecationWarning")
def test_a_second_factor_is_set_up_and_asked_for(copied: Flask) -> None:
    """The set-up asks for a fresh password, shows a key, and from then on the password alone opens nothing."""
    one = visitor(copied, "inspector")
    begun = one.get("/tf-setup", follow_redirects=True)
    if "/verify" in begun.request.path:
        one.post(begun.request.full_path, {"password": demo.PASSWORD}, page=begun.request.full_path)
    shown = one.post("/tf-setup", {"setup": "authenticator"}, page="/tf-setup")
    key = re.search(r'class="code">([A-Z2-7 -]+)<', shown.text)
    address = re.search(r'action="(/tf-setup/[^"]+)"', shown.text)
    assert key, shown.text
    assert address, shown.text
    app_on_the_telephone = TOTP(key[1].replace("-", "").replace(" ", ""))
    done = one.client.post(address[1], data={"csrf_token": one.token(), "code": app_on_the_telephone.generate().token})
    assert done.status_code == 302, done.text

    other = Visitor(copied.test_client())
    login = {"email": instance.ACCOUNTS["inspector"], "password": demo.PASSWORD}
    asked = other.post("/login", login, page="/login")
    assert "tf-validate" in asked.location or "tf-select" in asked.location, asked.location
    assert other.get("/").status_code == 302, "the password alone opens nothing"
    page = asked.location
    assert other.post(page, {"code": "000000"}, page=page).status_code == 200
    assert other.get("/").status_code == 302
    later = app_on_the_telephone.generate(time.time() + app_on_the_telephone.period)  # a code is taken once
    other.post(page, {"code": later.token}, page=page)
    assert other.get("/").status_code == 200
