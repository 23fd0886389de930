"""Everybody's own page: what waits, applications in plain words, papers to download, the card read-only."""

from __future__ import annotations

import re

from flask import Flask

from tests.web import instance
from tests.web.conftest import Visitor, visitor


def test_an_applicant_sees_his_own_and_nobody_elses(app: Flask, visitors: dict[str, Visitor]) -> None:
    with app.app_context():
        him, iin = instance.listener(0), str(instance.listener(0).iin)
        certificates = {each.id: each.subject_id == him.id for each in instance.everything("course_certificate")}
    page = visitors["applicant"].get("/my").text
    assert sorted(certificates.values()) == [False, True]
    for document_id, is_his in certificates.items():
        assert (f"/documents/{document_id}/paper.pdf?download=1" in page) == is_his
    assert iin not in page
    assert f"{iin[:4]}••••••{iin[-2:]}" in page


def test_what_waits_for_him_leads_to_signing(app: Flask, visitors: dict[str, Visitor]) -> None:
    with app.app_context():
        waiting = instance.first("wku_application", "to_sign").id
    page = visitors["applicant"].get("/my").text
    assert f'href="/sign/{waiting}"' in page


def test_his_card_is_read_only(copied: Flask) -> None:
    page = visitor(copied, "applicant").get("/my").text
    assert "/people/entries/" not in page
    assert "/new/category" not in page


def test_every_account_with_a_person_has_a_cabinet(visitors: dict[str, Visitor]) -> None:
    for role in instance.ACCOUNTS:
        answer = visitors[role].get("/my")
        assert answer.status_code == 200, role
        assert len(re.findall("<h1", answer.text)) == 1
    assert visitors["anonymous"].get("/my").status_code == 302


def test_a_file_is_downloaded_from_the_cabinet(app: Flask, visitors: dict[str, Visitor]) -> None:
    page = visitors["applicant"].get("/my").text
    address = re.search(r'href="(/documents/\d+/paper\.pdf\?download=1)"', page)
    assert address
    answer = visitors["applicant"].get(address[1])
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment")
