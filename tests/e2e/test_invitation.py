"""The head of an enterprise, who has no account: from the letter to his signature, in a browser of his own."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import Browser, Page, expect

from docflow import demo
from docflow.services import documents, issuing
from tests.e2e.conftest import PHONE, WIDE, Served, log_in
from tests.e2e.test_look import too_wide, violations
from tests.services import internship
from tests.web import instance

pytestmark = pytest.mark.e2e
ADDRESS = "head@plant.example"


@pytest.fixture(scope="module")
def office(served: Served) -> Served:
    """A course gets an internship here."""
    return served


@pytest.fixture
def pages(office: Served, chromium: Browser) -> Iterator[list[Page]]:
    """Two people at two browsers: the clerk, and somebody who is nobody here."""
    contexts = [chromium.new_context(base_url=office.address, viewport=WIDE, locale="ru") for _ in range(2)]  # type: ignore[arg-type]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def link_from_letter(office: Served, number: int) -> str:
    """The link in the *number*-th letter that the worker has written to him."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        files = sorted(office.settings.outbox_dir.glob("*.eml"))
        read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        mine = [each for each in read if each["To"] == ADDRESS]
        if len(mine) >= number:
            found = re.search(r"http\S+/i/\S+", mine[number - 1].get_body().get_content())  # type: ignore[union-attr]
            assert found
            return found[0]
        time.sleep(0.2)
    pytest.fail("no letter came")


def sound(page: Page) -> None:
    assert violations(page) == []
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert too_wide(page) == []


def test_an_internship_from_the_order_to_the_references_signature(office: Served, pages: list[Page]) -> None:
    clerk, guest = pages
    log_in(clerk, instance.ACCOUNTS["clerk"])
    memorandum_id = _draft_memorandum(office, clerk)
    clerk.fill("#invitations input[name=iin]", internship.head_iin())
    clerk.fill("#invitations input[name=address]", ADDRESS)
    clerk.click("#invitations form button")
    expect(clerk.locator("#invitations")).to_contain_text(ADDRESS)
    clerk.click("form[action$='/steps/submit'] button")
    _enter(guest, link_from_letter(office, 1))
    _sign(office, guest)
    expect(guest.locator("main")).to_contain_text("подписано")
    reference_id = _reference(office, memorandum_id)
    clerk.goto(f"/documents/{reference_id}")
    clerk.fill("#invitations input[name=address]", ADDRESS)
    clerk.click("#invitations form button")
    _enter(guest, link_from_letter(office, 2))
    sound(guest)
    guest.click("a[href='/i/document/form']")
    sound(guest)
    guest.fill("[name=function]", "оператор станков")
    guest.fill("[name=skills]", "наладки станков")
    guest.click("button[value=submit]")
    _sign(office, guest)
    expect(guest.locator("h1 ~ .lead-line")).to_contain_text("Действует")
    sound(guest)
    assert guest.goto("/documents").url.startswith(f"{office.address}/login")  # type: ignore[union-attr]


def _draft_memorandum(office: Served, clerk: Page) -> int:
    """As the clerk does it: from the group's page, then the form."""
    with instance.opened(office.settings) as app, app.app_context():
        group_id = instance.first("enrolment_order", "in_force").group_id
    clerk.goto(f"/groups/{group_id}")
    with clerk.expect_navigation():
        clerk.click("form[action$='/gather/internship_memorandum'] button")
    if "/edit" not in clerk.url:
        clerk.click("a[href$='/edit']")
    head = internship.HEAD
    for name, value in {
        "enterprise": "ТОО «Завод»", "enterprise_bin": "990140000017", "enterprise_head-surname": head["surname"],
        "enterprise_head-given_name": head["given_name"], "enterprise_head-patronymic": head["patronymic"],
        "enterprise_head_position": "директор", "starts_on": "2026-01-12", "ends_on": "2026-01-23",
    }.items():  # fmt: skip
        clerk.fill(f"[name={name}]", value)
    for row in range(clerk.locator("tr[data-row]").count()):
        for name in ("speciality", "workplace", "supervisor"):
            clerk.fill(f"[name=teachers-{row}-{name}]", "цех № 3")
    clerk.locator(".bar-actions button:not([value=submit])").click()
    clerk.wait_for_url(re.compile(r"/documents/\d+$"))
    return int(clerk.url.rsplit("/", 1)[1])


def _enter(guest: Page, link: str) -> None:
    guest.goto(link)
    sound(guest)
    guest.fill("[name=iin]", "900101300017")
    guest.press("[name=iin]", "Enter")
    sound(guest)
    guest.goto(link)
    guest.fill("[name=iin]", internship.head_iin())
    guest.press("[name=iin]", "Enter")
    guest.wait_for_url(re.compile(r"/i/document$"))


def _sign(office: Served, guest: Page) -> None:
    with instance.opened(office.settings) as app, app.app_context():
        demo.give_key(office.settings, internship.head(), now=instance.NOW - timedelta(days=1))
    expect(guest.frame_locator("iframe#paper").locator("img").first).to_be_visible()
    guest.fill("[name=pin]", demo.PIN)
    guest.click("form[action='/i/document/sign'] button")


def _reference(office: Served, memorandum_id: int) -> int:
    """The rector signs too, and the references are drafted."""
    with instance.opened(office.settings) as app, app.app_context():
        clerk = demo.actor_of(instance.ACCOUNTS["clerk"])
        demo.sign(demo.actor_of(instance.ACCOUNTS["signatory"]), [memorandum_id], instance.NOW)
        assert documents.load(memorandum_id).state == "in_force"
        run = issuing.start(memorandum_id, ["internship_reference"], actor=clerk, language="ru", now=instance.NOW)
        issuing.perform_run({"run_id": run.id})
        return instance.first("internship_reference", "draft").id
