"""Every page as everybody in both languages: accessible, inside the window, and all by keyboard."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.e2e.conftest import PHONE, WIDE, Served, log_in
from tests.web import instance
from tests.web.test_pages import NOBODY, table

pytestmark = pytest.mark.e2e

# A directory to keep a picture of every page in; not set in ordinary runs.
SHOTS = os.environ.get("DOCFLOW_TEST_SHOTS", "")
FILES = ("paper.pdf", "/attachments/", ".xlsx", "/stages.", "/dialogue")  # a browser downloads these
# Whose pages are drawn: each page once, for the first of these who may open it; error pages for the first of all.
ROLES = ("clerk", "signatory", "applicant", "administrator", "inspector")
# Each language at one width: a rule that is broken in both is found in either.
AXE_AT = {"ru": WIDE, "kk": PHONE}
TOO_WIDE = """() => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return [];
  return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > edge + 1)
    .map(e => `${e.tagName.toLowerCase()}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`).slice(0, 5);
}"""


@pytest.fixture(scope="module")
def addresses(served: Served) -> dict[str, list[str]]:
    """Which pages each role draws; ``""`` is nobody in particular."""
    with instance.opened(served.settings) as app, app.app_context():
        pages = table(app)
        code = instance.first("course_certificate", "in_force").code
    found: dict[str, list[str]] = {role: [] for role in ("", *ROLES)}
    found[""] = ["/login", "/v/", f"/v/{code}", "/v/7K2M9QXR04TD", "/no/such/page"]
    for _endpoint, address, may in pages:
        if address.startswith("/v/") or any(part in address for part in FILES):
            continue
        role = next((role for role in ROLES if role in may), "clerk" if may == NOBODY else None)
        if role:
            found[role].append(address)
    for role in ROLES:
        found[role] = list(dict.fromkeys(["/", *found[role]]))
    found["inspector"] += ["/sign/", "/groups/new"]  # an empty queue, and a page for another role
    return found


@pytest.fixture(scope="module")
def pages(served: Served, chromium: Browser) -> Iterator[dict[str, Page]]:
    contexts = {
        # Without motion: a focus ring that fades in is not there yet when it is looked for.
        role: chromium.new_context(base_url=served.address, viewport=WIDE, reduced_motion="reduce")  # type: ignore[arg-type]
        for role in ("", *ROLES)
    }
    opened = {role: context.new_page() for role, context in contexts.items()}
    for role in ROLES:
        log_in(opened[role], instance.ACCOUNTS[role])
    yield opened
    for context in contexts.values():
        context.close()


def shot(page: Page, role: str, address: str, language: str, width: int) -> None:
    if SHOTS:
        name = re.sub(r"\W+", "_", address).strip("_") or "home"
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}_{role or 'anybody'}_{language}_{width}.png", full_page=True)


def too_wide(page: Page) -> list[str]:
    """What sticks out; asked again for a while, because a new window size takes effect at the next frame."""
    found: list[str] = page.evaluate(TOO_WIDE)
    for _ in range(20):
        if not found:
            break
        page.wait_for_timeout(500)
        found = page.evaluate(TOO_WIDE)
    return found


def looked_at(page: Page, role: str, address: str, language: str) -> list[str]:
    """What is wrong with one page, at both widths."""
    wrong = []
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    answer = page.goto(address + ("&" if "?" in address else "?") + f"lang={language}", wait_until="load")
    where = f"{role or 'anybody'} {address} {language}"
    if answer is None or answer.status >= 500:
        wrong.append(f"{where}: fails")
    if page.locator("html").get_attribute("lang") != language:
        wrong.append(f"{where}: speaks another language")
    for viewport in (WIDE, PHONE):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        shot(page, role, address, language, viewport["width"])
        for found in too_wide(page):
            wrong.append(f"{where}: wider than {viewport['width']}: {found}")
        if viewport == AXE_AT[language]:
            wrong += [f"{where} at {viewport['width']}: {each}" for each in violations(page)]
    return wrong


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {'; '.join(node['html'][:160] for node in each['nodes'][:3])}" for each in found]


def _complaint(message: ConsoleMessage) -> list[str]:
    """What the browser itself holds against a page; refused pages are meant to be refused."""
    if message.type != "error" or "status of 4" in message.text:
        return []
    return [f"{message.location.get('url')}: {message.text}"]


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize("role", ["", *ROLES])
def test_every_page_can_be_used_by_everybody(
    addresses: dict[str, list[str]], pages: dict[str, Page], role: str, language: str
) -> None:
    assert addresses[role]
    said: list[str] = []
    pages[role].on("console", lambda message: said.extend(_complaint(message)))
    pages[role].on("pageerror", lambda error: said.append(str(error)))
    wrong = [line for address in addresses[role] for line in looked_at(pages[role], role, address, language)]
    assert not wrong + said, "\n".join(wrong + said)


# What has the focus, and whether that can be seen.
FOCUSED = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
  const name = one.tagName === 'BODY' ? '' : one.outerHTML.slice(0, 120);
  one.dataset.visited = 'yes';
  return [name.replace(/ data-visited="yes"/, ''), seen];
}"""
UNREACHED = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, iframe')]
  .filter(e => e.tabIndex >= 0 && !e.disabled && e.dataset.visited !== 'yes' && e.checkVisibility())
  .map(e => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("", "/login"), ("", "/v/"), ("clerk", "/"), ("clerk", "/groups/new"), ("clerk", "/documents"),
        ("signatory", "/sign/"),
    ],
)
def test_everything_is_reached_by_the_tab_key_and_shows_it(pages: dict[str, Page], role: str, address: str) -> None:
    page = pages[role]
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto(f"{address}?lang=ru")
    seen: dict[str, bool] = {}
    rounds = 0
    # Twice round, because a page may begin in the middle. A date has several stops, and one ring is enough.
    while rounds < 2 and len(seen) < 300:
        page.keyboard.press("Tab")
        element, is_seen = page.evaluate(FOCUSED)
        rounds += not element
        seen[element] = is_seen or seen.get(element, False)
    assert page.evaluate(UNREACHED) == []
    assert [element for element, is_seen in seen.items() if element and not is_seen] == []
