"""The whole main job in a browser: from a table of teachers to certificates that anybody can verify."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from docflow import demo, samples
from docflow.rendering import preview
from docflow.services import documents, routing
from docflow.services.environment import local_day
from tests.e2e.conftest import PHONE, Opened, Served
from tests.web import instance

pytestmark = pytest.mark.e2e

LISTENERS = 5  # the fifth fails by attendance
CODE = "ЦПК-ПУТЬ"


def table(tmp_path: Path, name: str, data: bytes) -> str:
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


def fill(page: Page, values: dict[str, str]) -> None:
    for name, value in values.items():
        field = page.locator(f"[name='{name}']")
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def new_group(page: Page) -> str:
    """Open a group, with two modules and one responsible person; give the address of its page."""
    page.goto("/groups/")
    page.get_by_role("link", name="Новая группа").click()
    page.get_by_role("button", name="Добавить строку").first.click()
    today = local_day(datetime.now(UTC)).isoformat()
    fill(page, {
        "code": CODE, "topic_kk": demo.TOPIC_KK, "topic_ru": demo.TOPIC_RU, "hours": "80", "starts_on": today,
        "ends_on": today, "study_language": "ru", "format": "mixed", "funding": "paid", "programme_kind": "general",
        "max_score": "100", "price": "45000",
        "modules-0-title_kk": "Бірінші модуль", "modules-0-title_ru": "Первый модуль", "modules-0-hours": "48",
        "modules-1-title_kk": "Екінші модуль", "modules-1-title_ru": "Второй модуль", "modules-1-hours": "32",
        "responsible-0-person-surname": "Ғабдуллин", "responsible-0-person-given_name": "Ерлан",
        "responsible-0-person-patronymic": "Маратұлы", "responsible-0-position_kk": "профессор",
        "responsible-0-position_ru": "профессор",
    })  # fmt: skip
    page.select_option("[name=trainer_id]", label="Ғабдуллин Ерлан Маратұлы")
    page.locator(".bar-actions button").click()
    expect(page.locator("h1")).to_have_text(demo.TOPIC_RU)
    return page.url


def upload_applications(page: Page, group: str, type_name: str, path: str) -> list[str]:
    """Upload one table; give the addresses of the drafts, in the order of its rows."""
    page.goto(group)
    page.select_option("select[name=type]", type_name)
    page.set_input_files("input[name=file]", path)
    page.get_by_role("button", name="Загрузить").click()
    expect(page.locator("h1")).to_contain_text(f"{LISTENERS} из {LISTENERS}")
    links = page.locator("main table a[href^='/documents/']")
    return [links.nth(row).get_attribute("href") or "" for row in range(LISTENERS)]


def attach_what_is_missing(page: Page, scan: str) -> None:
    """The page itself proposes what is missing, one after another."""
    while page.locator("#attachments .badge-x.bad").count():
        page.set_input_files("#attachments input[type=file]", scan)
        page.locator("#attachments form[enctype] button").click()
        expect(page.locator("#messages .note.success")).to_be_visible()


def step(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#messages .note.success")).to_be_visible()


def sign_all(page: Page) -> int:
    """Choose everything in the queue, look through the list, and sign with one PIN."""
    page.goto("/sign/")
    waiting = page.locator("input[name=document]").count()
    page.locator("#all").check()
    page.locator("#batch .many button").click()
    page.fill("#pin", demo.PIN)
    page.locator("main form button.btn-primary").click()
    expect(page.locator("main table .badge-x.good")).to_have_count(waiting)
    expect(page.locator("main table .badge-x.bad")).to_have_count(0)
    return waiting


def sign_the_rest(served: Served, ids: list[int]) -> None:
    """Listeners without an account sign with their own keys at the desk; here through the services."""
    now = datetime.now(UTC)
    with instance.opened(served.settings) as app, app.app_context():
        clerk = demo.actor_of("clerk@wku.example")
        for document_id in ids:
            document = documents.load(document_id)
            instance.attach_all(document_id, clerk)
            if document.state == "draft":
                routing.perform(document_id, "submit", actor=clerk, now=now)
            assert document.subject is not None
            demo.give_key(served.settings, document.subject, now=now)
            demo.sign(demo.actor_for_person(document.subject), [document_id], now)
    preview.stop()


def number_of(address: str) -> int:
    found = re.search(r"/(\d+)", address)
    assert found
    return int(found[1])


def test_a_course_from_the_table_to_the_verified_certificate(
    person: Opened, served: Served, tmp_path: Path
) -> None:
    clerk, rector = person("clerk@wku.example"), person("rector@wku.example")
    rows = samples.listeners(LISTENERS, filed_on=local_day(datetime.now(UTC)))
    listeners = table(tmp_path, "listeners.xlsx", samples.spreadsheet(rows))
    scan = table(tmp_path, "scan.png", demo.picture(240, 150))
    sign_all(rector)  # what waits from the other course

    # The clerk opens a group and takes the applications from two tables.
    group = new_group(clerk)
    drafts = [
        address
        for type_name in ("questionnaire", "wku_application")
        for address in upload_applications(clerk, group, type_name, listeners)
    ]
    own = [drafts[0], drafts[LISTENERS]]
    for address in own:
        clerk.goto(address)
        attach_what_is_missing(clerk, scan)
        step(clerk, "Отправить на подпись")

    # The first listener signs for himself; the others at the desk.
    listener = person(demo.LISTENER)
    sign_all(listener)
    sign_the_rest(served, [number_of(each) for each in drafts if each not in own])
    for address in drafts:
        clerk.goto(address)
        step(clerk, "Принять")

    # The order.
    clerk.goto(group)
    clerk.get_by_role("button", name=re.compile("Составить: Приказ о зачислении")).click()
    clerk.get_by_role("button", name="Сохранить и отправить на подпись").click()
    expect(clerk.locator("h1 .number")).to_be_visible()
    assert sign_all(rector) == 1

    # Contracts.
    clerk.reload()
    issue(clerk, expected=LISTENERS)
    contracts = listed(clerk)
    sign_all(listener)
    sign_the_rest(served, [each for each in contracts if not _is_of_first_listener(served, each)])
    assert sign_all(rector) == LISTENERS

    # The sheet with the results.
    clerk.goto(group)
    with clerk.expect_navigation():
        clerk.get_by_role("button", name=re.compile("Составить: .*ведомость", re.IGNORECASE)).click()
    sheet = clerk.url.removesuffix("/edit")
    clerk.goto(sheet)
    results = samples.assessment_spreadsheet(rows, hours=80, modules=2)
    clerk.set_input_files("#sheet", table(tmp_path, "results.xlsx", results))
    clerk.get_by_role("button", name="Прочитать таблицу").click()
    expect(clerk.locator("h1")).to_contain_text(f"{LISTENERS} из {LISTENERS}")
    clerk.goto(sheet)
    step(clerk, "Отправить на подпись")
    for signer in ("trainer@wku.example", "centre@wku.example"):
        assert sign_all(person(signer)) == 1

    # Who gets what, and why not; then the certificates.
    clerk.goto(sheet)
    clerk.get_by_role("link", name="Кому что выдаётся и почему нет").click()
    refused = clerk.locator("tr", has=clerk.locator(".badge-x.bad"))
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text(rows[4]["surname"])
    expect(refused.locator(".refusals")).to_contain_text("80")
    clerk.get_by_role("button", name="Оформить и отправить на подпись").click()
    expect(clerk.locator("h1")).to_contain_text(re.compile(r"(\d+) из \1"))
    assert sign_all(rector) == 2 * (LISTENERS - 1) + 1  # certificates with annexes, and one reference

    verify(person, served, listed(clerk), tmp_path)


def issue(page: Page, *, expected: int) -> None:
    """From the page of a document to the finished run."""
    page.get_by_role("link", name="Кому что выдаётся и почему нет").click()
    expect(page.locator(".badge-x.good")).to_have_count(expected)
    page.get_by_role("button", name="Оформить и отправить на подпись").click()
    expect(page.locator("h1")).to_contain_text(f"{expected} из {expected}")


def listed(page: Page) -> list[int]:
    links = page.locator("main table a[href^='/documents/']")
    return [number_of(links.nth(row).get_attribute("href") or "") for row in range(links.count())]


def _is_of_first_listener(served: Served, document_id: int) -> bool:
    with instance.opened(served.settings) as app, app.app_context():
        return documents.load(document_id).subject_id == instance.listener(0).id


def verify(person: Opened, served: Served, made: list[int], tmp_path: Path) -> None:
    """Anybody with a telephone: by the code, with the file, with a file that somebody changed."""
    with instance.opened(served.settings) as app, app.app_context():
        certificate = next(each for each in map(documents.load, made) if each.type == "course_certificate")
        code, holder = certificate.code, certificate.subject_name
        _name, pdf = documents.paper(certificate.id, actor=demo.actor_of("clerk@wku.example"))
    anybody = person(viewport=PHONE)
    anybody.goto("/v/?lang=ru")
    anybody.fill("#code", f"{code[:4]} {code[4:8]} {code[8:]}".lower())
    anybody.keyboard.press("Enter")
    expect(anybody.locator(".axis.yes")).to_have_count(3)
    expect(anybody.locator("main")).to_contain_text(holder)
    assert anybody.evaluate("document.documentElement.scrollWidth <= innerWidth")

    anybody.set_input_files("#pdf", table(tmp_path, "certificate.pdf", pdf))
    anybody.locator("form.drop button").click()
    expect(anybody.locator(".note.good")).to_contain_text("байт в байт")

    changed = pdf.replace(b"%PDF-1.7", b"%PDF-1.6", 1) if b"%PDF-1.7" in pdf else pdf + b"\n"
    assert changed != pdf
    anybody.set_input_files("#pdf", table(tmp_path, "changed.pdf", changed))
    anybody.locator("form.drop button").click()
    expect(anybody.locator(".note.wait")).to_contain_text("не тот")
    expect(anybody.locator(".axis.no").first).to_be_visible()
