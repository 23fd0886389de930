"""A member of the commission fills a score sheet by keyboard alone, and signs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from docflow import demo
from docflow.cli import migrate_database
from docflow.rendering import preview
from docflow.services import documents
from tests.e2e.conftest import PHONE, TIMEOUT, WIDE, Served, log_in, serving
from tests.e2e.test_look import too_wide, violations
from tests.services import scored
from tests.services.scored import MEMBER
from tests.web import instance

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def round_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("round")
    settings = instance.settings_in(directory)
    with instance.opened(settings) as app, app.app_context():
        migrate_database()
        demo.install(settings, now=scored.INSTALLED)
        at = scored.settle(settings)
        scored.observe(at.group_id, 5)
        scored.write_on_card(
            "certificate", starts_on=date(2024, 3, 1), title="Бағалау", hours="80", organisation="«Өрлеу»", number="17"
        )
        demo.give_key(settings, scored.person(MEMBER), now=scored.INSTALLED)
    preview.stop()
    with serving(directory) as found:
        yield found


@pytest.fixture
def sheet(round_: Served) -> int:
    with instance.opened(round_.settings) as app, app.app_context():
        return scored.sheet(scored.found()).id


@pytest.fixture
def member(round_: Served, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(base_url=round_.address, viewport=WIDE, locale="kk")  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    log_in(page, MEMBER, language="kk")
    yield page
    context.close()


def stored(round_: Served, document_id: int) -> dict[str, dict[str, object]]:
    with instance.opened(round_.settings) as app, app.app_context():
        rows = documents.content(documents.load(document_id))["rows"]
        return {row["number"]: row for row in rows}


def total(page: Page) -> str:
    return page.locator("[data-total]").inner_text()


def keep(page: Page) -> None:
    said = page.locator("#score-sheet").get_attribute("data-kept")
    assert said
    expect(page.locator("[data-state]")).to_have_text(said)


def begin(page: Page, document_id: int) -> None:
    page.goto(f"/scores/{document_id}")
    page.locator("tr.line input[type=radio]").first.focus()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_columns_winners_and_pieces_are_chosen_by_keys_and_the_sums_follow(
    round_: Served, member: Page, sheet: int
) -> None:
    begin(member, sheet)
    press(member, "3")  # 1.1: three points
    assert total(member) == "3"
    press(member, "e")
    member.keyboard.type("Мониторинг № 14")
    press(member, "Escape", "ArrowDown", "8", "5", "Enter")  # 1.2: a mean, whose column is found
    assert total(member) == "88"
    expect(member.locator('tr[data-number="1.2"] input[value="2"]')).to_be_checked()
    press(member, "3", "w")  # 2.1: three and one for the winner
    assert total(member) == "92"
    press(member, "ArrowDown", "4", "0")  # 2.2: taken back
    assert total(member) == "92"
    press(member, "ArrowDown", "3", "n", "2")  # 3.1: two points for each of two
    assert total(member) == "96"
    assert member.locator('[data-sum="3"]').inner_text() == "4"
    expect(member.locator(".score-needed .is-reached")).to_have_count(2)
    keep(member)
    rows = stored(round_, sheet)
    assert [rows[number]["points"] for number in ("1.1", "1.2", "2.1", "2.2", "3.1")] == [3, 85, 4, 0, 4]
    assert rows["1.1"]["evidence"] == "Мониторинг № 14"
    assert (rows["2.1"]["won"], rows["1.2"]["level"], rows["3.1"]["pieces"]) == (True, 2, 2)


def test_joint_authors_have_the_points_printed_for_them(member: Page, sheet: int) -> None:
    member.goto(f"/scores/{sheet}")
    member.locator('tr[data-number="3.3"] input[type=radio]').first.focus()
    press(member, "4")
    assert total(member) == "6"
    press(member, "j")
    assert total(member) == "2"
    press(member, "1")  # a dash: nothing happens
    assert total(member) == "2"


def test_a_sheet_left_half_filled_is_there_again(member: Page, sheet: int) -> None:
    begin(member, sheet)
    press(member, "2", "e")
    member.keyboard.type("талдау")
    keep(member)
    member.goto("/")
    member.goto(f"/scores/{sheet}")
    assert total(member) == "2"
    expect(member.locator("[name=rows-0-evidence]")).to_have_value("талдау")


def test_another_tab_is_told_and_keeps_nothing_over_the_first(round_: Served, member: Page, sheet: int) -> None:
    context: BrowserContext = member.context
    begin(member, sheet)
    other = context.new_page()
    begin(other, sheet)
    press(member, "4")
    keep(member)
    press(other, "1")
    expect(other.locator("[role=alert]")).to_contain_text("өзгертті")
    assert stored(round_, sheet)["1.1"]["points"] == 4


def test_from_what_is_known_to_the_signature(round_: Served, member: Page, sheet: int) -> None:
    member.goto(f"/scores/{sheet}")
    member.locator("button[value=collect]").click()
    expect(member.locator("[data-total]")).to_have_text("71")
    member.select_option("[name=recommendation]", "lower")
    member.select_option("[name=recommended_category]", "moderator")
    member.locator("button[value=submit]").click()
    member.wait_for_url(f"**/sign/{sheet}")
    member.fill("[name=pin]", demo.PIN)
    with member.expect_navigation():
        member.press("[name=pin]", "Enter")
    with instance.opened(round_.settings) as app, app.app_context():
        assert documents.load(sheet).state == "in_force"


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_is_open_to_everybody(
    round_: Served, chromium: Browser, sheet: int, viewport: dict[str, int], language: str
) -> None:
    context = chromium.new_context(base_url=round_.address, viewport=viewport, locale=language)  # type: ignore[arg-type]
    page = context.new_page()
    log_in(page, MEMBER, language=language)
    page.goto(f"/scores/{sheet}")
    assert violations(page) == []
    assert too_wide(page) == []
    context.close()
