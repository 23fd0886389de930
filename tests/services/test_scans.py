"""Many scans at once: whose and what is in the name."""

from __future__ import annotations

from docflow.config import Settings
from docflow.db import db
from docflow.models import Document
from docflow.services import documents, papers, scans
from tests.services import world


def _person(ids: list[int], place: int) -> tuple[Document, str]:
    document = db.session.get_one(Document, ids[place])
    assert document.subject is not None
    assert document.subject.iin
    return document, document.subject.iin


def _bare_drafts() -> tuple[int, list[int]]:
    group = world.new_group(world.WKU)
    return group.id, world.import_people(world.WKU, group, 2, world.NOW)


def test_each_file_finds_its_person_and_its_place(app: object) -> None:
    group_id, ids = _bare_drafts()
    (first, iin), (second, other) = _person(ids, 0), _person(ids, 1)
    files = [
        (f"{iin} диплом.png", world.SCAN),
        (f"scan_{iin}_удостоверение.png", world.SCAN),
        (f"{other} жеке куәлік.png", world.SCAN),
        (f"{other}_diploma.png", world.SCAN),
    ]

    _, results = scans.attach_all(group_id, files, actor=world.WKU.actor("clerk"), now=world.NOW)

    assert [each.problem for each in results] == [None] * 4
    assert documents.attached_kinds(first) == documents.attached_kinds(second) == {"identity_document", "diploma"}
    assert all(iin not in each.filename and other not in each.filename for each in results)
    assert all(iin not in each.filename for each in documents.attachments(first))


def test_a_file_that_nobody_can_place_is_told_and_kept_from_nobody(app: object) -> None:
    group_id, ids = _bare_drafts()
    _, iin = _person(ids, 0)
    files = [
        ("diploma.png", world.SCAN),  # whose?
        (f"{iin}.png", world.SCAN),  # what?
        ("900101300017 diploma.png", world.SCAN),  # nobody here
        (f"{iin} diploma.exe", b"MZ" + b"\x00" * 100),  # no scan
        (f"{iin} diploma.png", world.SCAN),
    ]

    _, results = scans.attach_all(group_id, files, actor=world.WKU.actor("clerk"), now=world.NOW)

    assert [each.problem is None for each in results] == [False, False, False, False, True]
    with papers.speaking("ru"):
        assert "Копия удостоверения личности, Копия диплома" in str(results[1].problem)


def test_a_signed_application_takes_no_more_files(drafted: tuple[Settings, list[int]]) -> None:
    _, ids = drafted
    clerk = world.WKU.actor("clerk")
    document, iin = _person(ids, 0)
    world.submit(document.id, clerk)

    _, results = scans.attach_all(
        document.group_id or 0, [(f"{iin} diploma.png", world.SCAN)], actor=clerk, now=world.NOW
    )

    assert results[0].problem is not None
