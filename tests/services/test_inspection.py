"""Findings are pointed at on the page: what was changed, what was laid over it, where the signatures stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docflow.core.places import Place
from docflow.rendering.preview import stop
from docflow.services import inspection
from docflow.services.inspection import Mark, Shown
from docflow.signing.findings import Finding, Severity
from docflow.signing.increment import Reader
from docflow.signing.report import Changes, Report
from docflow.signing.validation import validate
from tests.rendering.test_difference import page
from tests.signing.pki import NOW, Pki, mint, sign
from tests.signing.test_comparison import update

NOTE = b"<</Type/Annot/Subtype/FreeText/Rect[40 20 140 60]/Contents(Paid)/F 4>>"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    yield mint(tmp_path_factory.mktemp("pki"))
    stop()


@pytest.fixture(scope="module")
def signed(pki: Pki) -> bytes:
    return sign(pki, page(b"Hours: 72"))


def judged(pki: Pki, pdf: bytes) -> Report:
    return Report.from_json(validate(pdf, trust=pki.trust, now=NOW).as_json())


def shown(pki: Pki, pdf: bytes, *, most: int = 3) -> list[Shown]:
    return inspection.shown(judged(pki, pdf), pdf, most=most)


def retold(signed: bytes, text: bytes) -> bytes:
    """The page's text replaced in an update, as forgers do."""
    content = b"BT /F 20 Tf 40 120 Td (%b) Tj ET" % text
    return update(signed, {4: b"<</Length %d>>stream\n%b\nendstream" % (len(content), content)})


def noted(signed: bytes, note: bytes = NOTE) -> bytes:
    """The same with a note on the first page, as any program for PDF puts it there."""
    reader = Reader(signed)
    written = reader.dictionary(reader.first_page()).with_item(b"/Annots", b"%d 0 R" % reader.size).text
    return update(signed, {reader.first_page(): written, reader.size: note})


def test_a_good_file_without_a_visible_signature_has_nothing_to_point_at(pki: Pki, signed: bytes) -> None:
    assert shown(pki, signed) == []


def test_a_changed_number_is_shown_beside_what_was_signed(pki: Pki, signed: bytes) -> None:
    (found,) = shown(pki, retold(signed, b"Hours: 80"))
    assert found.is_doubt
    assert found.before is not None
    assert found.before.png != found.sheet.png
    (frame,) = found.differences
    assert 90 < frame.place.left < frame.place.right < 140
    assert frame.caption.msgid == "Looks otherwise than when it was signed"


def test_a_note_that_was_added_is_framed_though_the_picture_leaves_it_out(pki: Pki, signed: bytes) -> None:
    (found,) = shown(pki, noted(signed))
    assert found.before is None
    assert [(each.place, each.kind) for each in found.frames] == [(Place(1, 40, 140, 140, 180), Mark.ADDED)]


@pytest.mark.parametrize(
    ("turned", "expected"),
    [(90, Place(1, 20, 40, 60, 140)), (180, Place(1, 160, 20, 260, 60)), (270, Place(1, 140, 160, 180, 260))],
)
def test_a_frame_turns_with_the_page(pki: Pki, turned: int, expected: Place) -> None:
    (found,) = shown(pki, noted(sign(pki, page(b"Hours: 72", turned=turned))))
    assert [each.place for each in found.frames] == [expected]
    assert (found.sheet.width < found.sheet.height) == (turned != 180)


@pytest.mark.parametrize(
    "unseen", [b"/Subtype/Link/Rect[40 20 140 60]", b"/Rect[400 300 500 350]", b"/Rect[9 9 9 9]", b"/Rect(no)"]
)
def test_what_cannot_be_seen_has_no_place(pki: Pki, signed: bytes, unseen: bytes) -> None:
    assert shown(pki, noted(signed, b"<</Type/Annot/P 3 0 R%b>>" % unseen)) == []


def test_a_signature_that_can_be_seen_has_its_place_and_is_no_doubt(pki: Pki, signed: bytes) -> None:
    report = judged(pki, signed)
    seen = replace(report.signatures[0], place=Place(1, 40, 100, 140, 130))
    (found,) = inspection.shown(replace(report, signatures=(seen,)), signed, most=1)
    assert [(each.kind, each.caption.params["name"]) for each in found.frames] == [(Mark.SIGNATURE, seen.signer)]
    assert not found.is_doubt


def test_a_field_that_was_filled_in_is_framed_and_is_no_doubt(pki: Pki, signed: bytes) -> None:
    report = judged(pki, noted(signed))
    (found,) = report.signatures[0].findings
    filled = replace(report.signatures[0], changes=Changes.FORM_FILLING, findings=(as_told(found),))
    (page_of,) = inspection.shown(replace(report, signatures=(filled,)), noted(signed), most=1)
    assert [each.kind for each in page_of.frames] == [Mark.FILLED]
    assert not page_of.is_doubt


def as_told(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.INFO, pages=())


def test_a_file_that_cannot_be_drawn_is_left_to_the_words(pki: Pki, signed: bytes) -> None:
    report = judged(pki, noted(signed))
    assert inspection.shown(report, b"%PDF rubbish", most=3) == []
    assert inspection.shown(report, noted(signed), most=0) == []


def test_the_places_travel_with_the_report(pki: Pki, signed: bytes, tmp_path: Path) -> None:
    report = validate(noted(signed), trust=pki.trust, now=NOW)
    places = [place for finding in report.all_findings() for place in finding.places]
    assert places == [Place(1, 40, 140, 140, 180)]
    again = Report.from_json(report.as_json())
    assert [place for finding in again.all_findings() for place in finding.places] == places
    assert again.signatures[0].signed_bytes == len(signed)
