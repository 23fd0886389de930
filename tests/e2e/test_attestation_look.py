"""Every page of an attesting body at the width of a telephone, in Kazakh: accessible, and inside the window."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Instances
from tests.e2e.conftest import PHONE, WIDE, Served, log_in, serving
from tests.e2e.test_look import FILES, shot, too_wide, violations
from tests.web import attestation, instance

pytestmark = pytest.mark.e2e

# Each page once, for the first of these who may open it: who fills something in comes before who reads it.
ROLES = ("attestee", "writer", "member", "secretary", "administrator", "authorised", "head")
# So many documents of each role are examined whole; the page is the same for all, and only content can stick out.
WHOLE = 5
# Pages that courses have as well are drawn with them.
ELSEWHERE = frozenset({"regulations.listing", "admin.overview", "admin.journals", "admin.files", "admin.positions"})


@pytest.fixture(scope="module")
def body(instances: Instances, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The attesting body of tests/web, served."""
    with serving(instances.copy("attestation", attestation.make_in, tmp_path_factory.mktemp("body") / "copy")) as found:
        yield found


@pytest.fixture(scope="module")
def addresses(body: Served) -> dict[str, list[str]]:
    with instance.opened(body.settings) as app, app.app_context():
        pages = attestation.table()
    found: dict[str, list[str]] = {role: ["/"] for role in ROLES}
    for endpoint, address, may in pages:
        role = next((role for role in ROLES if role in may), None)
        if role and address != "/" and endpoint not in ELSEWHERE and not any(part in address for part in FILES):
            found[role].append(address)
    return found


@pytest.fixture(scope="module")
def opened(body: Served, chromium: Browser) -> Iterator[dict[str, Page]]:
    contexts = {
        role: chromium.new_context(base_url=body.address, viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
        for role in ROLES
    }
    pages = {role: context.new_page() for role, context in contexts.items()}
    for role, page in pages.items():
        log_in(page, attestation.ACCOUNTS[role], language="kk")
    yield pages
    for context in contexts.values():
        context.close()


def looked_at(page: Page, role: str, address: str, *, whole: bool) -> list[str]:
    """What is wrong with one page on a telephone; a wide window is looked at for what sticks out only."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    answer = page.goto(address, wait_until="load")
    where = f"{role} {address}"
    wrong = [] if answer is not None and answer.ok else [f"{where}: {answer and answer.status}"]
    shot(page, role, address, "kk", PHONE["width"])
    wrong += [f"{where}: wider than {PHONE['width']}: {each}" for each in too_wide(page)]
    wrong += [f"{where}: {each}" for each in (violations(page) if whole else [])]
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    shot(page, role, address, "kk", WIDE["width"])
    return wrong + [f"{where}: wider than {WIDE['width']}: {each}" for each in too_wide(page)]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_attestation_can_be_used_on_a_telephone(
    addresses: dict[str, list[str]], opened: dict[str, Page], role: str
) -> None:
    documents = [address for address in addresses[role] if re.fullmatch(r"/documents/\d+", address)]
    wrong = [
        line
        for address in addresses[role]
        for line in looked_at(opened[role], role, address, whole=address not in documents[WHOLE:])
    ]
    assert not wrong, "\n".join(wrong)
