"""What comes in as a file: attachments by their content, spreadsheets row by row, a clear sentence for the rest."""

from __future__ import annotations

import io
import random
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook

from docflow import samples
from docflow.config import Settings
from docflow.core.errors import Conflict, DocflowError, Forbidden, Invalid, NotFound
from docflow.core.registry import document_type
from docflow.db import db
from docflow.models import Document, StoredObject
from docflow.services import documents, environment, groups, routing, sheets, spreadsheets, uploads
from tests.services import world
from tests.services.world import KNK, NOW, WKU

Drafted = tuple[Settings, list[int]]
Assessed = tuple[Settings, Document]
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\x00" * 2000


# Attachments


@pytest.mark.parametrize(
    ("filename", "data"),
    [
        ("diploma.pdf", EXE), ("diploma.pdf", b""), ("diploma.pdf", b"\x7fELF" + b"\x00" * 99),
        ("scan.png", b"<script>alert(1)</script>"), ("scan.jpg", b"GIF89a" + b"\x00" * 50), ("a.svg", b"<svg/>"),
        ("table.xlsx", b"PK\x03\x04 but not a zip"),
    ],
)  # fmt: skip
def test_a_file_is_told_by_its_content(drafted: Drafted, filename: str, data: bytes) -> None:
    _, (first, _) = drafted
    clerk, before = WKU.actor("clerk"), len(documents.attachments(documents.load(first)))
    with pytest.raises(Invalid) as told:
        documents.attach(first, "other", filename, data, actor=clerk, now=NOW)
    assert told.value.errors["file"]
    assert len(documents.attachments(documents.load(first))) == before


def test_a_plain_zip_is_no_office_file(drafted: Drafted) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("virus.exe", EXE)
    with pytest.raises(Invalid):
        documents.attach(drafted[1][0], "other", "a.docx", file.getvalue(), actor=WKU.actor("clerk"), now=NOW)


def test_a_file_that_is_too_large_is_refused_with_the_limit(drafted: Drafted) -> None:
    most = environment.current().settings.upload_max_mb
    with pytest.raises(Invalid) as told:
        documents.attach(
            drafted[1][0], "other", "a.pdf", PDF + b" " * (most * 1024 * 1024), actor=WKU.actor("clerk"), now=NOW
        )
    assert str(most) in told.value.errors["file"][0]


def test_an_attachment_comes_back_byte_for_byte_to_those_who_may(drafted: Drafted) -> None:
    _, (first, _) = drafted
    clerk = WKU.actor("clerk")
    added = documents.attach(first, "other", "..\\..\\Диплом\x00<1>.pdf", PDF, actor=clerk, now=NOW)
    assert added.filename == "Диплом1.pdf"
    assert added.media_type == "application/pdf"
    assert documents.attachment(added.id, actor=clerk)[1] == PDF
    with pytest.raises(NotFound):
        documents.attachment(added.id, actor=KNK.actor("clerk"))
    documents.remove_attachment(added.id, actor=clerk, now=NOW)
    assert "other" not in documents.attached_kinds(documents.load(first))
    with pytest.raises(NotFound):
        documents.remove_attachment(added.id, actor=clerk, now=NOW)
    assert db.session.get(StoredObject, added.sha256) is not None


def test_nothing_is_attached_to_what_was_sent(drafted: Drafted) -> None:
    _, (first, _) = drafted
    clerk = WKU.actor("clerk")
    world.submit(first, clerk)
    held = documents.attachments(documents.load(first))[0]
    with pytest.raises(Forbidden):
        documents.attach(first, "other", "a.pdf", PDF, actor=clerk, now=NOW)
    with pytest.raises(Forbidden):
        documents.remove_attachment(held.id, actor=clerk, now=NOW)


def test_a_failed_unit_of_work_does_not_lose_the_bytes_of_the_next(drafted: Drafted) -> None:
    """Bytes wait for the commit; what a failed one left behind must not keep later ones from the store."""
    _, (first, second) = drafted
    clerk, data = WKU.actor("clerk"), PDF + b"% later"
    db.session.execute(documents.select(Document).where(Document.id == first))
    stale = documents.load(first)
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE df_document SET version = version + 1 WHERE id = {first}")
    with pytest.raises(Conflict):
        documents.attach(stale.id, "other", "a.pdf", PDF + b"% lost", actor=clerk, now=NOW)
    added = documents.attach(second, "other", "b.pdf", data, actor=clerk, now=NOW)
    assert environment.current().store.get(added.sha256) == data


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\a\\b.pdf", "b.pdf"), ("../../etc/passwd", "passwd"), ("", "file"), ("...", "file"), ("a/", "file"),
        ("Өтініш ғ.pdf", "Өтініш ғ.pdf"), ("x" * 300 + ".pdf", "x" * 196 + ".pdf"), ("a\nb\r.pdf", "ab.pdf"),
    ],
)  # fmt: skip
def test_a_name_is_made_harmless(given: str, kept: str) -> None:
    assert uploads.clean_name(given) == kept


# Spreadsheets of applications


def table(rows: list[list[object]]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells() -> list[list[object]]:
    book = load_workbook(io.BytesIO(samples.spreadsheet(samples.listeners(3, filed_on=NOW.date()))))
    assert book.active is not None
    return [list(row) for row in book.active.iter_rows(values_only=True)]


@pytest.fixture
def group(app: Flask) -> int:
    return world.new_group(WKU).id


def bring(group: int, data: bytes, name: str = "table.xlsx") -> spreadsheets.ImportReport:
    return groups.import_applications(group, "wku_application", name, data, actor=WKU.actor("clerk"), now=NOW)


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\x20" * (80 * 1024 * 1024))
    return file.getvalue()


def test_files_that_are_no_table_are_refused_as_a_whole(group: int) -> None:
    wrong = {
        "empty": b"", "an exe": EXE, "a PDF with zeros": PDF + b"\x00" * 10, "a bomb": bomb(), "text": b"hello",
        "a broken zip": b"PK\x03\x04" + b"x" * 300, "only titles": table(cells()[:1]),
        "no rows": table([]), "too many rows": table([cells()[0], *([["Ким", "Ян"]] * 2001)]),
        "no key": table([row[1:] if row[0] else row for row in [["Фамилия"], ["Ким"]]] + [["a"], ["b"]]),
        "another table": table([["Товар", "Цена"], ["Стол", 100]]),
        "UTF-16": "Фамилия;ИИН\nКим;1\n".encode("utf-16"),
    }  # fmt: skip
    for name, data in wrong.items():
        with pytest.raises(Invalid) as told:
            bring(group, data)
        assert told.value.errors["file"], name
    assert world.ids_of("wku_application") == []


def test_a_table_that_was_cut_or_scratched_never_ends_in_a_traceback(group: int) -> None:
    whole, dice = samples.spreadsheet(samples.listeners(2, filed_on=NOW.date())), random.Random(95)
    for _ in range(60):
        data = bytearray(whole[: dice.randrange(60, len(whole))] if dice.random() < 0.3 else whole)
        for _ in range(dice.randrange(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            spreadsheets.mapped(spreadsheets.read("a.xlsx", bytes(data)), document_type("wku_application").spreadsheet)  # type: ignore[arg-type]
        except Invalid as told:
            assert told.errors["file"]


def test_each_row_is_reported_and_a_bad_one_stops_nobody(group: int) -> None:
    titles, *rows = cells()
    place = titles.index("ИИН")
    bad = [*rows[1]]
    bad[place] = "850314400120"
    nobody = [*rows[2]]
    nobody[titles.index("Фамилия")] = None
    report = bring(group, table([[*titles, "Любимый цвет"], [*rows[0], "көк"], bad, nobody, [None] * 3, rows[0]]))
    assert [(row.row, row.is_good) for row in report.rows] == [(1, True), (2, False), (3, False), (5, False)]
    assert [row.errors[0][0] for row in report.failed] == ["applicant-iin", "applicant-surname", "applicant-iin"]
    assert report.unknown_columns
    assert report.created == 1
    assert [documents.load(each).subject_name for each in world.ids_of("wku_application")] == [report.rows[0].name]
    again = bring(group, table([titles, rows[0]]))
    assert not again.rows[0].is_good, "a second import of the same person is told, not doubled"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_as_offices_save_it(group: int, encoding: str, delimiter: str) -> None:
    titles, *rows = cells()
    row = rows[2]  # a name that cp1251 can write: it has no Kazakh letters
    words = ["" if cell is None else str(cell).replace("ә", "а") for cell in row]
    text = "\r\n".join(delimiter.join(f'"{word}"' for word in line) for line in ([str(t) for t in titles], words))
    report = bring(group, text.encode(encoding, errors="ignore"), "table.csv")
    assert [each.errors for each in report.rows] == [()]
    assert report.rows[0].name == "Ким Виктор"


def test_zeros_that_excel_dropped_come_back(group: int) -> None:
    sheet = spreadsheets.Sheet(("ИИН",), ((1, (50314400129.0,)), (2, ("50314400129",))))
    declared = replace(document_type("wku_application").spreadsheet, columns={"applicant-iin": ("ИИН",)})  # type: ignore[type-var]
    rows, _ = spreadsheets.mapped(sheet, declared)
    assert [flat["applicant-iin"] for _, flat in rows] == ["050314400129"] * 2


# Spreadsheets of results


def fresh_sheet(sheet: Document) -> Document:
    """The group has one sheet at a time: the one in force goes before another is drafted."""
    clerk = WKU.actor("clerk")
    routing.perform(sheet.id, "annul", actor=clerk, now=NOW, comment="Қате балл")
    return groups.gather(sheet.group_id or 0, "assessment_sheet", actor=clerk, now=NOW, language="ru")


def test_results_are_filled_by_iin_and_strangers_are_told(assessed: Assessed) -> None:
    draft = fresh_sheet(assessed[1])
    people = samples.listeners(9)  # the ninth is not in the group
    good = samples.assessment_spreadsheet([*people, people[0]], hours=80, modules=2)
    report = sheets.import_rows(draft.id, "a.xlsx", good, actor=WKU.actor("clerk"), version=draft.version, now=NOW)
    assert [(row.row, row.errors[0][0]) for row in report.failed] == [(9, "iin"), (10, "iin")]
    rows = documents.content(documents.load(draft.id))["listeners"]
    assert len(rows) == 8
    assert all(row["score"] is not None and row["attended_hours"] is not None for row in rows)
    assert all(mark["mark"] for row in rows for mark in row["marks"])


def test_results_of_a_stale_page_change_nothing(assessed: Assessed) -> None:
    draft, clerk = fresh_sheet(assessed[1]), WKU.actor("clerk")
    data = samples.assessment_spreadsheet(samples.listeners(8), hours=80, modules=2)
    with pytest.raises(Conflict):
        sheets.import_rows(draft.id, "a.xlsx", data, actor=clerk, version=draft.version + 1, now=NOW)
    rows = documents.content(documents.load(draft.id))["listeners"]
    assert {row["score"] for row in rows} == {None}
    assert {mark["mark"] for row in rows for mark in row["marks"]} == {""}


def test_a_cell_that_is_no_number_is_told(assessed: Assessed) -> None:
    draft, iin = fresh_sheet(assessed[1]), samples.listeners(1)[0]["iin"]
    data = table([["ИИН", "Посещено часов", "Балл", "Модуль 9"], [iin, "восемьдесят", "92,5", "5"]])
    report = sheets.import_rows(draft.id, "a.xlsx", data, actor=WKU.actor("clerk"), version=draft.version, now=NOW)
    assert {path for path, _ in report.rows[0].errors} == {"attended_hours", "score", "marks-9"}


def test_the_table_that_is_handed_out_comes_back_as_it_is(assessed: Assessed) -> None:
    draft, clerk = fresh_sheet(assessed[1]), WKU.actor("clerk")
    name, data = sheets.template(draft.id, actor=clerk)
    assert name.endswith(".xlsx")
    before = documents.content(draft)
    report = sheets.import_rows(draft.id, name, data, actor=clerk, version=draft.version, now=NOW + timedelta(hours=1))
    assert report.failed == ()
    assert documents.content(documents.load(draft.id)) == before
    with pytest.raises(DocflowError):
        sheets.template(draft.id, actor=KNK.actor("clerk"))
    with pytest.raises(Forbidden):
        sheets.import_rows(assessed[1].id, name, data, actor=clerk, version=assessed[1].version, now=NOW)
