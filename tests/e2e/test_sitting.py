"""A secretary keeps a session in a browser: keys for votes, results at once, two windows, a telephone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from docflow import demo
from docflow.db import db
from docflow.models import Document, Group
from docflow.services import documents, sittings
from tests.conftest import Instances
from tests.e2e.conftest import PHONE, TIMEOUT, WIDE, Served, serving
from tests.e2e.test_look import too_wide, violations
from tests.services import seated
from tests.web import instance
from tests.web.test_session_page import settled

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def body(instances: Instances, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(instances.copy("commission", settled, tmp_path_factory.mktemp("commission") / "copy")) as found:
        yield found


@pytest.fixture
def session_id(body: Served) -> int:
    """A new session of today with eight members in the room."""
    with instance.opened(body.settings) as app, app.app_context():
        for earlier in db.session.query(Document).filter_by(type="teacher_protocol"):
            earlier.state = "withdrawn"
        db.session.commit()
        group = db.session.query(Group).filter_by(code="А-1").one()
        common: dict[str, Any] = {"actor": seated.actor(), "now": instance.NOW}
        made = sittings.open_sitting(group.id, "teacher_protocol", instance.NOW.date(), **common)
        members = seated.member_ids()[:8]
        return sittings.arrive(made.id, members, at="09:00", version=made.version, **common).id


def item(body: Served, session_id: int, place: int = 0) -> dict[str, Any]:
    with instance.opened(body.settings) as app, app.app_context():
        found: dict[str, Any] = documents.content(documents.load(session_id))["items"][place]
        return found


@pytest.fixture
def browser_of(body: Served, chromium: Browser) -> Iterator[Any]:
    contexts = []

    def opened(viewport: dict[str, int] = WIDE, language: str = "kk") -> Page:
        context = chromium.new_context(base_url=body.address, viewport=viewport, reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/login?lang={language}")
        page.fill("input[name=email]", seated.SECRETARY)
        page.fill("input[name=password]", demo.PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield opened
    for context in contexts:
        context.close()


def test_eight_votes_and_a_decision_with_the_keyboard_alone(body: Served, session_id: int, browser_of: Any) -> None:
    page = browser_of()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"/sessions/{session_id}?lang=kk")
    page.locator("[data-ballot] input[type=radio]").first.focus()
    for key in "fffffana"[:7]:
        page.keyboard.press(key)
    # The count follows without reloading; one vote is missing.
    expect(page.locator("#result")).to_contain_text("5")
    expect(page.locator("#result b")).to_contain_text("1")
    page.keyboard.press("f")
    expect(page.locator("#decide")).to_be_focused()
    expect(page.locator("#result")).not_to_contain_text("missing: 1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/sessions/{session_id}?item={item(body, session_id, 1)['application_id']}")
    decided = item(body, session_id)
    votes = [vote["vote"] for vote in decided["votes"]]
    assert votes == ["for"] * 5 + ["against", "abstained", "for"]
    assert decided["voted_at"]
    expect(page.locator("#candidate")).to_be_focused()
    expect(page.locator("#candidate")).to_contain_text(item(body, session_id, 1)["person"]["surname"])
    assert wrong == []


def test_the_keys_are_places_on_the_keyboard_whatever_the_layout(
    body: Served, session_id: int, browser_of: Any
) -> None:
    page = browser_of()
    page.goto(f"/sessions/{session_id}")
    page.locator("[data-ballot] input[type=radio]").first.focus()
    # The key F in the Kazakh and the Russian layout writes а; it is F by its place.
    page.evaluate("""() => document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', {key: 'а', code: 'KeyF', bubbles: true}))""")
    expect(page.locator("[data-ballot] input[value=for]").first).to_be_checked()
    expect(page.locator("#result")).to_contain_text("7")
    assert [vote["vote"] for vote in item(body, session_id)["votes"]] == ["for"]


def test_a_fast_hand_loses_no_vote(body: Served, session_id: int, browser_of: Any) -> None:
    """Votes are entered faster than they are saved; all of them arrive."""
    page = browser_of()
    page.goto(f"/sessions/{session_id}")
    for place in range(8):
        page.locator("[data-ballot]").nth(place).locator("input[type=radio]").nth(place % 2).click()
        page.wait_for_timeout(90)
    page.fill("#reason", "бәрі талқыланды")
    page.locator("h1").click()
    expect(page.locator("#result b")).not_to_contain_text("8")
    found = item(body, session_id)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (len(found["votes"]) == 8 and found["reason"]):
        page.wait_for_timeout(200)
        found = item(body, session_id)
    assert [vote["vote"] for vote in found["votes"]] == ["for", "against"] * 4
    assert found["reason"] == "бәрі талқыланды"


def test_a_second_window_is_told_and_keeps_its_text(body: Served, session_id: int, browser_of: Any) -> None:
    first, second = browser_of(), browser_of()
    for page in (first, second):
        page.goto(f"/sessions/{session_id}")
    first.locator("#all-for").click()
    expect(first.locator("[data-ballot] input[value=for]").last).to_be_checked()
    second.fill("#reason", "екінші терезенің мәтіні")
    second.locator("#save").click()
    expect(second.locator("#errors")).to_be_focused()
    expect(second.locator("#errors")).to_contain_text("Цой")
    expect(second.locator("#reason")).to_have_value("екінші терезенің мәтіні")
    assert item(body, session_id)["reason"] == ""
    second.locator("#save").click()
    expect(second.locator("#errors")).to_have_count(0)
    found = item(body, session_id)
    assert (found["reason"], len(found["votes"])) == ("екінші терезенің мәтіні", 8)


def test_a_quorum_lost_hides_the_votes_until_somebody_is_back(body: Served, session_id: int, browser_of: Any) -> None:
    page = browser_of()
    page.goto(f"/sessions/{session_id}")
    for place in range(5, 8):
        member = item_member(body, session_id, place)
        page.locator(f"#seat-{member}").click()
        expect(page.locator(".seats .there")).to_have_count(12 - place)
    expect(page.locator("[data-ballot]")).to_have_count(0)
    expect(page.locator("#decide")).to_be_disabled()
    page.locator(f"#seat-{item_member(body, session_id, 8)}").click()
    expect(page.locator("[data-ballot]")).to_have_count(6)


def item_member(body: Served, session_id: int, place: int) -> int:
    with instance.opened(body.settings) as app, app.app_context():
        found: int = documents.content(documents.load(session_id))["composition"][place]["person_id"]
        return found


@pytest.mark.parametrize(("viewport", "language"), [(WIDE, "ru"), (PHONE, "kk")])
def test_everybody_can_use_the_page(session_id: int, browser_of: Any, viewport: dict[str, int], language: str) -> None:
    page = browser_of(viewport, language)
    wrong = []
    for address in ("/sessions/", f"/sessions/{session_id}", f"/sessions/{session_id}?check=1"):
        page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        wrong += [f"{address}: {found}" for found in (*too_wide(page), *violations(page))]
    assert wrong == []
