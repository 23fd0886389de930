"""The fold on a document's page where a clerk registers what was signed on paper."""

from __future__ import annotations

import io

from flask import Flask

from docflow import demo
from docflow.services import documents
from tests.web import instance
from tests.web.conftest import Visitor, visitor


def waiting(app: Flask) -> int:
    with app.app_context():
        return instance.first("wku_application", "to_sign").id


def send(one: Visitor, document_id: int, *, scan: bytes, day: str = "2026-01-15") -> str:
    data: dict[str, object] = {"slot": "applicant", "signed_on": day, "file": (io.BytesIO(scan), "скан.png")}
    answer = one.post(f"/documents/{document_id}/by-hand", data, page=f"/documents/{document_id}")
    return one.get(answer.location).text


def state_of(app: Flask, document_id: int) -> str:
    with app.app_context():
        return documents.load(document_id).state


def test_a_clerk_registers_a_scan_and_the_page_says_how_it_was_signed(copied: Flask) -> None:
    document_id = waiting(copied)
    one = visitor(copied, "clerk", language="en")
    assert f'action="/documents/{document_id}/by-hand"' in one.get(f"/documents/{document_id}").text
    assert (
        "Choose a file first."
        in one.get(
            one.post(
                f"/documents/{document_id}/by-hand", {"slot": "applicant"}, page=f"/documents/{document_id}"
            ).location
        ).text
    )
    assert "neither a PDF" in send(one, document_id, scan=b"nonsense")
    assert state_of(copied, document_id) == "to_sign"
    assert "still to come" in send(one, document_id, scan=demo.picture(30, 20), day="2999-01-01")
    assert "still to come" in send(one, document_id, scan=demo.picture(30, 20), day="")
    page = send(one, document_id, scan=demo.picture(30, 20))
    assert state_of(copied, document_id) == "submitted"
    assert "by hand, on paper, dated" in page
    assert f'action="/documents/{document_id}/by-hand"' not in page


def test_others_are_not_offered_it_and_cannot_send_it(copied: Flask) -> None:
    document_id = waiting(copied)
    for role in ("applicant", "inspector", "administrator", "stranger"):
        one = visitor(copied, role)
        assert "/by-hand" not in one.get(f"/documents/{document_id}").text
        data: dict[str, object] = {
            "slot": "applicant", "signed_on": "2026-01-15", "file": (io.BytesIO(demo.picture(30, 20)), "a.png"),
        }  # fmt: skip
        one.post(f"/documents/{document_id}/by-hand", data)
        assert state_of(copied, document_id) == "to_sign", role
