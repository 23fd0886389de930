"""An observer fills a sheet by keyboard alone; an essay counts its words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from docflow import demo
from docflow.regulations.krg.essay import word_count
from docflow.services import documents
from tests.conftest import Instances
from tests.e2e.conftest import PHONE, WIDE, Served, serving
from tests.e2e.test_look import too_wide, violations
from tests.web import instance
from tests.web.test_observation_sheet import OBSERVER, draft, settled

pytestmark = pytest.mark.e2e
TEXTS = ["Ұстаз – бала жанының бағбаны.", "ата-ана 2,5 д’Артаньян", "e-mail a_b", "", "й ½ ⅷ 1.1.1, 2,5-тен, ͏а"]


@pytest.fixture(scope="module")
def school(instances: Instances, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(instances.copy("school", settled, tmp_path_factory.mktemp("school") / "copy")) as found:
        yield found


def drafted(school: Served, type_name: str = "observation_lesson") -> int:
    with instance.opened(school.settings) as app, app.app_context():
        return draft(type_name)


def levels(school: Served, document_id: int) -> list[int | None]:
    with instance.opened(school.settings) as app, app.app_context():
        found: list[int | None] = documents.content(documents.load(document_id))["levels"]
        return found


@pytest.fixture
def observer(school: Served, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(base_url=school.address, viewport=WIDE, locale="kk")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/login?lang=kk")
    page.fill("input[name=email]", OBSERVER)
    page.fill("input[name=password]", demo.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    yield page
    context.close()


def said(page: Page, words: str) -> str:
    """A sentence of the page, in its language."""
    found = page.locator("#sheet").get_attribute(f"data-words-{words}")
    assert found
    return found


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.name")
    return found


def test_levels_are_given_by_keys_alone(school: Served, observer: Page) -> None:
    document_id = drafted(school)
    observer.goto(f"/observations/{document_id}")
    observer.locator("[data-line='0'] input").first.focus()
    for level in "3210" * 8 + "3":
        observer.keyboard.press(level)
    assert focused(observer) == "levels-33"
    expect(observer.locator("[data-line='33']")).to_be_in_viewport()
    expect(observer.locator("#given")).to_have_text("33")
    expect(observer.locator("#total")).to_have_text("51")
    expect(observer.locator("#points")).to_have_text("–")
    observer.keyboard.press("9")  # no such level: nothing moves
    assert focused(observer) == "levels-33"
    observer.keyboard.press("2")
    assert focused(observer) == "recommendations"
    expect(observer.locator("#points")).to_have_text("53")
    observer.keyboard.type("Саралау тапсырмаларын жоспарлау.")
    expect(observer.locator("#saving")).to_have_text(said(observer, "saved"))
    assert levels(school, document_id) == [3, 2, 1, 0] * 8 + [3, 2]


def test_arrows_move_and_a_level_is_taken_back(school: Served, observer: Page) -> None:
    document_id = drafted(school)
    observer.goto(f"/observations/{document_id}")
    observer.locator("[data-line='0'] input").first.focus()
    for key in ("3", "3", "ArrowUp", "ArrowUp", "ArrowUp", "Backspace", "ArrowDown", "ArrowDown", "1"):
        observer.keyboard.press(key)
    expect(observer.locator("#given")).to_have_text("2")
    expect(observer.locator("#saving")).to_have_text(said(observer, "saved"))
    assert levels(school, document_id)[:4] == [None, 3, 1, None]
    observer.locator("#next-empty").click()
    assert focused(observer) == "levels-0"


def test_a_second_window_is_told_and_loses_nothing(school: Served, observer: Page) -> None:
    document_id = drafted(school)
    observer.goto(f"/observations/{document_id}")
    other = observer.context.new_page()
    other.goto(f"/observations/{document_id}")
    for page, level in ((observer, "1"), (other, "2")):
        page.bring_to_front()
        page.locator("[data-line='0'] input").first.focus()
        page.keyboard.press(level)
        if page is observer:
            expect(page.locator("#saving")).to_have_text(said(page, "saved"))
    expect(other.locator("#saving")).to_contain_text("Қуанышбекова")
    assert levels(school, document_id)[0] == 1
    other.locator(".bar-actions button:not([name])").click()
    expect(other.locator(".note.bad")).to_be_visible()
    expect(other.locator("[data-line='0'] input[value='2']")).to_be_checked()
    with other.expect_navigation():
        other.locator(".bar-actions button:not([name])").click()
    assert levels(school, document_id)[0] == 2


def test_without_a_connection_nothing_is_lost(school: Served, observer: Page) -> None:
    document_id = drafted(school)
    observer.goto(f"/observations/{document_id}")
    observer.context.set_offline(True)
    observer.locator("[data-line='0'] input").first.focus()
    observer.keyboard.press("3")
    expect(observer.locator("#saving")).to_have_text(said(observer, "offline"))
    observer.context.set_offline(False)
    observer.keyboard.press("2")
    expect(observer.locator("#saving")).to_have_text(said(observer, "saved"))
    assert levels(school, document_id)[:2] == [3, 2]


def test_a_sheet_is_sent_and_signed_next(school: Served, observer: Page) -> None:
    document_id = drafted(school, "observation_special")
    observer.goto(f"/observations/{document_id}")
    observer.locator("[data-line='0'] input").first.focus()
    for _ in range(36):
        observer.keyboard.press("3")
    expect(observer.locator("#total")).to_have_text("108")
    expect(observer.locator("#points")).to_have_text("102")
    observer.locator("button[value=submit]").click()
    observer.wait_for_url(f"**/sign/{document_id}")


@pytest.mark.parametrize(("language", "viewport"), [("kk", PHONE), ("ru", WIDE)])
def test_the_page_can_be_used_by_everybody(
    school: Served, observer: Page, language: str, viewport: dict[str, int]
) -> None:
    document_id = drafted(school, "observation_special")
    observer.set_viewport_size(viewport)  # type: ignore[arg-type]
    observer.goto(f"/observations/{document_id}?lang={language}")
    observer.locator("details.card-x summary").click()
    assert too_wide(observer) == []
    assert violations(observer) == []


def test_the_page_counts_words_as_the_rule_does(school: Served, chromium: Browser) -> None:
    page = chromium.new_page(base_url=school.address)
    page.goto("/login")
    counted = page.evaluate(
        "async (texts) => { const words = await import('/static/js/words.js'); return texts.map(words.wordCount); }",
        TEXTS,
    )
    assert counted == [word_count(text) for text in TEXTS]
    page.close()
