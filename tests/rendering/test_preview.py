"""Previews: images from a process that cannot take the server with it."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from docflow.rendering import preview as previews
from docflow.rendering.paper import MissingGlyph, PaperError, render
from docflow.rendering.preview import PreviewError, preview, preview_paper
from tests.rendering.samples import WHEN, attachment, sample

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module", autouse=True)
def drawing_process() -> Iterator[None]:
    yield
    previews.stop()


def size(image: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", image[16:24])
    return width, height


@pytest.fixture(scope="module")
def order() -> bytes:
    data = sample("enrolment_order", "kk")
    return render("paper/enrolment_order.typ", data, attachment=attachment(data), when=WHEN)


def test_every_page_of_a_pdf_becomes_an_image(order: bytes) -> None:
    images = preview(order, dpi=72)
    assert len(images) == 3
    assert all(image.startswith(PNG) and size(image) == (595, 842) for image in images)


def test_one_page_is_drawn_at_the_asked_density(order: bytes) -> None:
    (image,) = preview(order, page=2, dpi=144)
    assert size(image) == pytest.approx((1190, 1684), abs=1)
    assert image == preview(order, page=2, dpi=144)[0]


@pytest.mark.parametrize("garbage", [b"", b"%PDF-1.7\nnothing", b"\x00" * 1000, PNG])
def test_what_is_no_pdf_is_said_to_be_none(garbage: bytes) -> None:
    with pytest.raises(PreviewError, match="cannot be shown"):
        preview(garbage)


def test_a_page_that_is_not_there_is_refused(order: bytes) -> None:
    for page in (0, 4, -1):
        with pytest.raises(PreviewError):
            preview(order, page=page)


def test_a_truncated_pdf_never_takes_the_caller_down(order: bytes) -> None:
    for part in (10, 1000, len(order) // 2, len(order) - 20):
        try:
            images = preview(order[:part])
        except PreviewError:
            continue
        assert all(image.startswith(PNG) for image in images)


def test_too_slow_a_drawing_is_killed_and_the_next_one_works(order: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    previews.stop()
    monkeypatch.setattr(previews._own, "timeout", 0.001)
    with pytest.raises(PreviewError, match="too long"):
        preview(order)
    monkeypatch.undo()
    assert len(preview(order, page=1)) == 1


def test_too_much_memory_ends_the_process_and_not_the_caller() -> None:
    # A page of 200 by 200 inches: at 200 dpi an image of 6.4 GB.
    box = b"0 0 14400 14400"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[" + box + b"]/Resources<<>>>>",
    ]
    body = b"%PDF-1.7\n" + b"".join(b"%d 0 obj%s endobj\n" % (n + 1, item) for n, item in enumerate(objects))
    with pytest.raises(PreviewError):
        preview(body + b"trailer<</Root 1 0 R/Size 4>>\n%%EOF", dpi=200)


def test_a_paper_is_drawn_as_it_would_be_printed() -> None:
    data = sample("course_certificate", "kk")
    (image,) = preview_paper("paper/course_certificate.typ", data, attachment=attachment(data), dpi=72)
    assert size(image) == (842, 595)
    data["document"]["draft"] = True
    (draft,) = preview_paper("paper/course_certificate.typ", data, attachment=attachment(data), dpi=72)
    assert draft != image


def test_errors_of_a_paper_come_back_from_the_process() -> None:
    with pytest.raises(MissingGlyph) as caught:
        preview_paper("paper/course_certificate.typ", sample("course_certificate", "ru", topic="漢"))
    assert (caught.value.character, caught.value.field) == ("漢", "topic")
    with pytest.raises(PaperError):
        preview_paper("paper/none.typ", sample("course_certificate", "ru"))


def test_the_drawing_process_is_given_no_secret(order: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    previews.stop()
    monkeypatch.setenv("DOCFLOW_SECRET_KEY", "not for the drawing process")
    assert preview(order, page=1)
    assert previews._own.draughtsman is not None
    environment = Path(f"/proc/{previews._own.draughtsman.process.pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"DOCFLOW_SECRET_KEY" not in environment


def test_a_drawing_process_leaves_no_file_behind(order: bytes) -> None:
    assert preview(order, page=1)
    assert preview_paper("paper/course_certificate.typ", sample("course_certificate", "ru"))
    assert previews._own.draughtsman is not None
    folder = previews._own.draughtsman.scratch.path
    assert [path.name.split("-")[0] for path in folder.iterdir()] == ["docflow"]
    previews.stop()
    assert not folder.exists()


def test_drawing_goes_on_where_its_folder_was_cleared_away(order: bytes) -> None:
    assert preview(order, page=1)
    assert previews._own.draughtsman is not None
    shutil.rmtree(previews._own.draughtsman.scratch.path)
    assert preview(order, page=1)


def test_a_file_beyond_the_limit_is_not_even_sent() -> None:
    with pytest.raises(PreviewError, match="too large"):
        preview(b"%PDF" + bytes(previews.MAX_BYTES))
