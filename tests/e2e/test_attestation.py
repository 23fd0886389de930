"""The secretary's whole round in Kazakh: a session, nine signatures, extracts, certificates, and who checks them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from docflow import demo, jobs
from docflow import demo_attestation as attestation
from docflow.cli import migrate_database
from docflow.config import Settings
from docflow.core.collation import name_key
from docflow.db import db
from docflow.models import Document, Group
from docflow.rendering import preview
from docflow.services import documents
from tests.e2e.conftest import PHONE, TIMEOUT, WIDE, Opened, Served, log_in, serving
from tests.e2e.test_course import listed, sign_all
from tests.web import instance

pytestmark = pytest.mark.e2e

SECRETARY, HEAD = "secretary@krg.example", "head@krg.example"
TEACHERS = [who for who in attestation.WAITING if who.ladder == "teacher"]


def prepared(settings: Settings) -> None:
    """The attesting body with one round whose evidence is complete."""
    now = datetime.now(UTC)
    since = attestation.keys_from(now)
    with instance.opened(settings) as app, app.app_context():
        migrate_database()
        demo.install(settings, now=since)
        attestation.install(settings, now=since)
        attestation.prepare(
            settings, attestation.autumn_before(now), run_jobs=lambda: jobs.run_until_idle(app, timeout=300)
        )
    preview.stop()


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("attesting")
    prepared(instance.settings_in(directory))
    with serving(directory) as found:
        yield found


@pytest.fixture
def somebody(body: Served, chromium: Browser) -> Iterator[Opened]:
    contexts: list[BrowserContext] = []

    def open_one(email: str = "", *, language: str = "kk", viewport: dict[str, int] = WIDE) -> Page:
        context = chromium.new_context(base_url=body.address, viewport=viewport, locale="kk")  # type: ignore[arg-type]
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        if email:
            log_in(page, email, language=language)
        return page

    yield open_one
    for context in contexts:
        context.close()


def of_type(body: Served, name: str) -> list[Document]:
    with instance.opened(body.settings) as app, app.app_context():
        found = select(Document).where(Document.type == name).order_by(Document.id)
        return list(db.session.scalars(found).unique())


def test_from_the_session_to_the_verified_certificate(body: Served, somebody: Opened, tmp_path: Path) -> None:
    secretary = somebody(SECRETARY)
    hold(body, secretary)
    everybody_signs(body, somebody)
    (protocol,) = of_type(body, "teacher_protocol")
    assert protocol.state == "in_force"

    # Extracts, the order and the list in one go; the secretary signs the extracts, the head the rest.
    issue(secretary, protocol.id, expected=len(TEACHERS) + 2)
    assert sign_all(secretary) == len(TEACHERS)
    head = somebody(HEAD)
    assert sign_all(head) == 2
    (order,) = of_type(body, "conferring_order")
    issue(secretary, order.id, expected=len(TEACHERS))
    assert sign_all(head) == len(TEACHERS)

    reads_the_extract(body, somebody)
    checks_the_certificate(body, somebody, tmp_path)


def hold(body: Served, page: Page) -> None:
    """Open the session of today, let all nine come, decide everybody by the keyboard, compose the protocol."""
    with instance.opened(body.settings) as app, app.app_context():
        group = db.session.scalars(select(Group).where(Group.kind == "attestation")).one()
        group_id = group.id
    page.goto(f"/groups/{group_id}")
    page.get_by_role("link", name="Комиссия отырыстары").click()
    page.locator("button[value=teacher_protocol]").click()
    page.locator("#all-came").click()
    expect(page.locator("#presence + *")).to_contain_text("9")
    for number, who in enumerate(sorted(TEACHERS, key=lambda each: name_key({"surname": each.name[0]})), start=1):
        # A recorded decision leads to the next candidate by itself.
        expect(page.locator("#candidate")).to_contain_text(who.name[0])
        page.locator("#all-for").click()
        expect(page.locator("#result")).to_contain_text("9")
        page.locator("#decide").click()
        expect(page.locator("#agenda")).to_contain_text(re.compile(rf"{number}\s*/\s*{len(TEACHERS)}"))
    page.locator("form[action$='/compose'] button").first.click()
    expect(page.locator(".number").first).to_be_visible()
    (protocol,) = of_type(body, "teacher_protocol")
    assert protocol.state == "to_sign"


def everybody_signs(body: Served, somebody: Opened) -> None:
    """Eight members and the secretary in any order, the chair last; nine sign with nine keys, and the secretary."""
    for account in attestation.STAFF[4:12]:
        assert account.email.startswith("member")
        assert sign_all(somebody(account.email)) == 1
    assert sign_all(somebody(SECRETARY)) == 1
    chair = somebody("member1@krg.example")
    assert sign_all(chair) == 1


def issue(page: Page, document_id: int, *, expected: int) -> None:
    page.goto(f"/documents/{document_id}/issue")
    expect(page.locator("main table .badge-x.good")).to_have_count(expected)
    page.locator("form.card-x button.btn-primary").click()
    expect(page.locator("h1")).to_contain_text(re.compile(rf"{expected}.*{expected}"))
    assert len(listed(page)) == expected


def reads_the_extract(body: Served, somebody: Opened) -> None:
    """The attestee finds the extract and the certificate in his cabinet, and nobody else's."""
    teacher = somebody(attestation.TEACHER)
    expect(teacher).to_have_url(re.compile("/my$"))
    mine = TEACHERS[0].name[0]
    extract = next(each for each in of_type(body, "teacher_extract") if each.subject_name.startswith(mine))
    teacher.get_by_role("link", name=extract.number or "").first.click()
    expect(teacher.locator("h1")).to_contain_text(extract.number or "")
    expect(teacher.locator("main")).to_contain_text("Мерзімі біткен")
    other = next(each for each in of_type(body, "teacher_extract") if not each.subject_name.startswith(mine))
    answer = teacher.goto(f"/documents/{other.id}")
    assert answer is not None
    assert answer.status == 404


def checks_the_certificate(body: Served, somebody: Opened, tmp_path: Path) -> None:
    """An inspector with the paper asks by its code on a telephone, then compares the file."""
    mine = TEACHERS[0].name[0]
    certificate = next(each for each in of_type(body, "category_certificate") if each.subject_name.startswith(mine))
    anybody = somebody(viewport=PHONE)
    anybody.goto(f"/v/{certificate.code}?lang=kk")
    expect(anybody.locator(".axis.yes")).to_have_count(3)
    expect(anybody.locator("main")).to_contain_text("педагог-сарапшы")
    expect(anybody.locator("main")).to_contain_text("Мерзімі біткен")
    assert anybody.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with instance.opened(body.settings) as app, app.app_context():
        _name, pdf = documents.paper(certificate.id, actor=demo.actor_of(SECRETARY))
    file = tmp_path / "certificate.pdf"
    file.write_bytes(pdf)
    anybody.set_input_files("#pdf", str(file))
    anybody.locator("form.drop button").click()
    expect(anybody.locator(".note.good")).to_be_visible()
