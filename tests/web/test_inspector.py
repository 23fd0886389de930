"""The inspector's page: what a person reads of files that he brings, and where it points at."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage

from docflow.rendering.preview import stop
from docflow.services import archiving
from docflow.signing.increment import Reader
from tests.rendering.test_difference import page
from tests.services.test_inspection import noted, retold
from tests.signing.ladder import ladder
from tests.signing.pki import Pki, mint, paper, sign
from tests.signing.test_comparison import update
from tests.web import instance
from tests.web.conftest import Visitor, visitor
from tests.web.test_signing_pages import text_of

STYLE = re.compile(r"<[^>]+ style=")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    yield mint(tmp_path_factory.mktemp("pki"))
    stop()


def inspected(one: Visitor, files: dict[str, bytes]) -> str:
    """The answer to an upload of these files."""
    chosen = [FileStorage(io.BytesIO(pdf), f"{name}.pdf", name="pdf") for name, pdf in files.items()]
    answer = one.post("/v/?lang=en", {"pdf": chosen})
    assert answer.status_code == 200
    return answer.text


def test_a_forged_file_is_explained_on_a_picture_of_its_page(app: Flask, pki: Pki) -> None:
    signed = sign(pki, page(b"Hours: 72"))
    answer = inspected(visitor(app), {"forged": retold(signed, b"Hours: 80")})
    assert "the file was changed in a way that is not known to be harmless" in text_of(answer)
    words = text_of(answer)
    assert words.index("what was changed after signing") < words.index("For specialists"), "the answer comes first"
    assert "Looks otherwise than when it was signed" in words
    assert 'href="#sheet-1-1"' in answer
    assert 'id="sheet-1-1"' in answer
    assert answer.count('href="data:image/png;base64,') == 2, "as it was, and as it is"
    assert STYLE.search(answer) is None, "the policy forbids styles in a page"


def test_a_forgery_of_our_own_paper_is_known_by_what_was_signed(app: Flask) -> None:
    with app.app_context():
        certificate = instance.first("course_certificate", "in_force")
        own, code, number = archiving.read(certificate.paper_sha256 or ""), certificate.code, certificate.number
    forged = update(own, {Reader(own).size: b"(something behind the signature)"})
    for address in ("/v/?lang=en", f"/v/{code}?lang=en"):
        answer = visitor(app).post(address, {"pdf": FileStorage(io.BytesIO(forged), "forged.pdf", name="pdf")}).text
        words = text_of(answer)
        assert f"№ {number}" in words
        assert "this file is not the one in the archive" in words
        assert "The file is not the one in the archive: it was changed" in words


def test_among_several_files_a_changed_paper_of_ours_is_refused(app: Flask) -> None:
    with app.app_context():
        own = archiving.read(instance.first("course_certificate", "in_force").paper_sha256 or "")
    longer = update(own, {Reader(own).size: b"(something behind the signature)"})
    files = inspected(visitor(app), {"own": own, "forged": noted(own), "longer": longer}).split("data-file")
    told = [
        "This file is, byte for byte, the one in the archive, and it is signed.",
        "The file was made from a document of this archive and changed after it was signed.",
        "Every signature in the file is genuine, but it is not, byte for byte, the file in the archive.",
    ]
    assert [sentence in text_of(each) for sentence, each in zip(told, files[1:], strict=True)] == [True] * 3
    assert [re.findall(r'class="axis (\w+)" $', each) for each in files[:3]] == [["yes"], ["no"], ["yes"]]


def test_each_of_several_files_points_at_its_own_page(app: Flask, pki: Pki) -> None:
    signed = sign(pki, page(b"Hours: 72"))
    files = {"good": signed, "forged": retold(signed, b"Hours: 80"), "noted": noted(signed)}
    answer = inspected(visitor(app), files)
    assert re.findall(r'<figure class="seen" id="([^"]+)"', answer) == ["sheet-2-1", "sheet-3-1"]
    assert set(re.findall(r'href="#(sheet-[^"]+)"', answer)) == {"sheet-2-1", "sheet-3-1"}
    assert len(set(re.findall(r' id="([^"]+)"', answer))) == len(re.findall(r' id="([^"]+)"', answer))


def test_the_inspector_reads_the_level_of_each_file(app: Flask, tmp_path: Path) -> None:
    with ladder(tmp_path) as place:
        rungs = place.rungs(paper())
    answer = inspected(visitor(app), {level.name: pdf for level, pdf in rungs.items()})
    files = answer.split("data-file")[1:]
    told = [re.findall(r"<dt>Level</dt><dd>([^<]+)</dd>", each)[0] for each in files]
    assert told == [level.value for level in rungs]
