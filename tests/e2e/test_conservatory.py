"""The shorter way in Kazakh: an application to the conservatory, the order, and the question whether it is true."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from docflow import demo, samples
from docflow.rendering import preview
from docflow.services import documents, routing, signing
from docflow.services.environment import local_day
from tests.e2e.conftest import PHONE, Opened, Served
from tests.e2e.test_course import attach_what_is_missing, fill, listed, sign_all, step, table
from tests.web import instance

pytestmark = pytest.mark.e2e

LISTENERS = 4  # as many as the order of the conservatory needs
TOPIC_KK, TOPIC_RU = "Қобыз сыныбында оқытудың жаңа әдістері", "Новые методы обучения в классе кобыза"


def sign_at_the_desk(served: Served, document_id: int) -> list[str]:
    """The musician and the head of his school sign with their own keys; give their names."""
    now = datetime.now(UTC)
    with instance.opened(served.settings) as app, app.app_context():
        clerk = demo.actor_of("clerk@knk.example")
        if documents.load(document_id).state == "draft":
            instance.attach_all(document_id, clerk)
            routing.perform(document_id, "submit", actor=clerk, now=now)
        slots = signing.slots(documents.load(document_id))
        for slot in slots:
            demo.give_key(served.settings, slot.person, now=now - timedelta(days=1))
            demo.sign(demo.actor_for_person(slot.person), [document_id], now)
        preview.stop()
        return [slot.signer_name for slot in slots]


def test_an_order_of_the_conservatory_in_kazakh(person: Opened, served: Served, tmp_path: Path) -> None:
    clerk = person("clerk@knk.example", language="kk")
    first = local_day(datetime.now(UTC))
    period = (first.isoformat(), (first + timedelta(days=12)).isoformat())

    clerk.goto("/groups/new")
    fill(clerk, {
        "code": "ББ-ҚОБЫЗ", "topic_kk": TOPIC_KK, "topic_ru": TOPIC_RU, "hours": "72", "starts_on": period[0],
        "ends_on": period[1], "study_language": "kk", "format": "full_time", "funding": "paid",
        "programme_kind": "author", "max_score": "100", "price": "60000", "modules-0-title_kk": "Қобыз өнері",
        "modules-0-title_ru": "Искусство кобыза", "modules-0-hours": "72",
        "responsible-0-person-surname": "Қоспақов", "responsible-0-person-given_name": "Құрманғазы",
        "responsible-0-person-patronymic": "Сағырбайұлы", "responsible-0-position_kk": "профессор",
        "responsible-0-position_ru": "профессор",
    })  # fmt: skip
    clerk.locator(".bar-actions button").click()
    expect(clerk.locator("h1")).to_have_text(TOPIC_KK)
    group = clerk.url

    rows = samples.musicians(LISTENERS, period=period, filed_on=first)
    clerk.select_option("select[name=type]", "knk_application")
    clerk.set_input_files("input[name=file]", table(tmp_path, "musicians.xlsx", samples.conservatory_spreadsheet(rows)))
    clerk.get_by_role("button", name="Жүктеу", exact=True).click()
    expect(clerk.locator("main table .badge-x.good")).to_have_count(LISTENERS)
    drafts = listed(clerk)
    clerk.goto(f"/documents/{drafts[0]}")
    attach_what_is_missing(clerk, table(tmp_path, "scan.png", demo.picture(240, 150)))
    step(clerk, "Қол қоюға жіберу")
    for draft in drafts:
        signers = sign_at_the_desk(served, draft)
        clerk.goto(f"/documents/{draft}")
        for name in signers:
            expect(clerk.locator("main")).to_contain_text(name)
        step(clerk, "Қабылдау")

    clerk.goto(group)
    clerk.get_by_role("button", name=re.compile("Жасау: .*қабылдау туралы")).click()
    clerk.locator("button[name=_then][value=submit]").click()
    expect(clerk.locator("h1 .number")).to_be_visible()
    order = clerk.url
    assert sign_all(person("rector@knk.example", language="kk")) == 1
    clerk.goto(order)
    code = (clerk.locator("a.code").get_attribute("href") or "").rpartition("/")[2]

    anybody = person(language="kk", viewport=PHONE)
    anybody.goto(f"/v/{code}?lang=kk")
    expect(anybody.locator(".axis.yes")).to_have_count(3)
    expect(anybody.locator("main")).to_contain_text("Жұбанова Ғазиза Ахметқызы")
    expect(anybody.locator("main")).to_contain_text("Құрманғазы атындағы Қазақ ұлттық консерваториясы")
    # An order names many people: anybody learns that it is true, and nobody's name but the signer's.
    expect(anybody.locator("main")).not_to_contain_text(rows[0]["surname"])
