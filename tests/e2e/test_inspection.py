"""An inspector chooses files: an answer for people first, what specialists ask for behind it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from docflow import demo
from docflow.services import documents
from docflow.signing import etsi
from tests.e2e.conftest import PHONE, Opened, Served
from tests.e2e.test_look import shot, too_wide, violations
from tests.services.test_inspection import noted
from tests.web import instance

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def files(served: Served, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A certificate of ours, with a byte changed, with something behind it, rubbish, and with a note put on it."""
    with instance.opened(served.settings) as app, app.app_context():
        certificate = instance.first("course_certificate", "in_force")
        _name, pdf = documents.paper(certificate.id, actor=demo.actor_of("clerk@wku.example"))
    changed = bytearray(pdf)
    changed[pdf.index(b"/Lang") + 7] ^= 1
    made = {"own": pdf, "changed": bytes(changed), "longer": pdf + b"\n1 0 obj\n<<>>\nendobj\n", "rubbish": b"rubbish"}
    made["noted"] = noted(pdf)
    folder = tmp_path_factory.mktemp("inspected")
    for name, content in made.items():
        (folder / f"{name}.pdf").write_bytes(content)
    return [str(folder / f"{name}.pdf") for name in made]


def choose(page: Page, files: list[str], language: str) -> None:
    page.goto(f"/v/?lang={language}")
    page.set_input_files("#pdf", files)
    with page.expect_navigation():
        page.locator("form.drop button").click()


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_several_files_have_an_answer_each(person: Opened, files: list[str], language: str) -> None:
    page = person(language=language, viewport=PHONE)
    choose(page, files, language)
    shot(page, "", "inspected", language, 360)
    outcomes = [each.get_attribute("class") for each in page.locator("[data-file]").all()]
    assert outcomes == ["axis yes", "axis no", "axis no", "axis unknown", "axis no"]
    frame = page.locator("#sheet-5-1 .added rect")
    expect(frame).to_have_count(1)
    expect(page.locator("[data-file] dl.facts").first).to_be_hidden()
    for each in page.locator("[data-file] summary").all():
        each.click()
    expect(page.locator("[data-file]").first).to_contain_text("TOTAL-PASSED")
    expect(page.locator("[data-file]").nth(1)).to_contain_text("HASH_FAILURE")
    page.locator("[data-file]").nth(4).locator(".findings a").click()
    expect(frame).to_be_in_viewport()
    shot(page, "", "inspected_open", language, 360)
    assert too_wide(page) == []
    assert violations(page) == []


def test_one_file_from_elsewhere_is_explained(person: Opened, files: list[str], tmp_path: Path) -> None:
    page = person(viewport=PHONE)
    choose(page, files[1:2], "ru")
    expect(page.locator(".axis.no")).to_contain_text("изменён после подписания")
    page.locator("summary").last.click()
    with page.expect_download() as download:
        page.locator("a[download]").click()
    download.value.save_as(tmp_path / "report.xml")
    report = ElementTree.parse(tmp_path / "report.xml").getroot()
    indications = [each.text for each in report.iter(f"{{{etsi.VR}}}MainIndication")]
    assert set(indications) == {"urn:etsi:019102:mainindication:total-failed"}
    assert download.value.suggested_filename == "changed.xml"
    assert violations(page) == []


def test_too_many_files_at_once_are_refused_with_the_number(person: Opened, files: list[str]) -> None:
    page = person()
    choose(page, files[3:4] * 41, "ru")
    expect(page.locator("main")).to_contain_text("не больше 40")
