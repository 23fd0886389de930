"""Filling the table of a document from a spreadsheet, and handing out the spreadsheet to fill."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from docflow.core.errors import NotFound
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Permission
from docflow.core.registry import document_type
from docflow.core.types import Import
from docflow.db import db, unit_of_work
from docflow.models import Document, Person
from docflow.services import documents, people, spreadsheets, uploads
from docflow.services.spreadsheets import ImportReport, RowResult

XLSX = uploads.XLSX
# Names stand in the table for the eye; people are found by IIN.
NAME_TITLES = {"kk": "Т.А.Ә.", "ru": "Фамилия, имя, отчество"}
_NAMES = (*NAME_TITLES.values(), "Тегі, аты")
_MARK = re.compile(r"^(?P<list>[a-z_]+)-(?P<number>\d+)$")


def _table_of(document: Document) -> Import:
    declared = document_type(document.type).spreadsheet
    if declared is None or not declared.rows:
        raise NotFound(_l("This type is not filled from a spreadsheet."))
    return declared


def import_rows(
    document_id: int, filename: str, data: bytes, *, actor: Actor, version: int, now: datetime
) -> ImportReport:
    """Fill the rows of a draft; people are found by IIN, a row of a stranger is told and left out.

    The good rows are saved even if others are bad; nothing else of the document changes.
    """
    document = documents.get(document_id, actor=actor)
    documents.demand(document, Permission.EDIT, actor=actor)
    declared = _table_of(document)
    rows, unknown = spreadsheets.mapped(spreadsheets.read(filename, data), declared)
    current = documents.content(document)
    table = [dict(row) for row in current[declared.rows]]
    by_person = {row.get("person_id"): row for row in table}
    seen: set[int] = set()
    results = [_fill(number, flat, by_person, seen) for number, flat in rows]
    with unit_of_work():
        documents.update(document_id, {**current, declared.rows: table}, actor=actor, version=version, now=now)
    return ImportReport(tuple(results), tuple(title for title in unknown if not title.startswith(_NAMES)))


def _fill(number: int, flat: Mapping[str, str], by_person: Mapping[Any, dict[str, Any]], seen: set[int]) -> RowResult:
    person = people.by_iin(flat["iin"]) if flat.get("iin") else None
    row = by_person.get(person.id) if person else None
    name = person.full_name if person else ""
    if person is None or row is None:
        return RowResult(number, name, errors=(("iin", str(_l("Nobody with this IIN is in the list."))),))
    if person.id in seen:
        return RowResult(number, name, errors=(("iin", str(_l("This person stands in the table twice."))),))
    seen.add(person.id)
    errors = tuple(error for path, value in flat.items() if path != "iin" and (error := _set(row, path, value)))
    return RowResult(number, name, errors=errors)


def _set(row: dict[str, Any], path: str, value: str) -> tuple[str, str] | None:
    numbered = _MARK.match(path)
    if numbered:
        entries, index = row.get(numbered["list"], []), int(numbered["number"]) - 1
        if index >= len(entries):
            return (path, str(_l("There is no module with this number."))) if value else None
        entries[index] = {**entries[index], "mark": value}
        return None
    if path in row and isinstance(row[path], int | None) and not isinstance(row[path], bool):
        return _set_number(row, path, value)
    row[path] = value
    return None


def _set_number(row: dict[str, Any], path: str, value: str) -> tuple[str, str] | None:
    if value and not value.isdigit():
        return path, str(_l("“%(value)s” is no whole number.", value=value[:20]))
    row[path] = int(value) if value else None
    return None


def template(document_id: int, *, actor: Actor) -> tuple[str, bytes]:
    """The spreadsheet to fill, with the people of the document in it: file name and bytes."""
    document = documents.get(document_id, actor=actor)
    declared, current = _table_of(document), documents.content(document)
    place = 1 if document.language == "kk" else 0
    columns = _columns(declared, current, place)
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # a new workbook has one sheet
    name_title = NAME_TITLES["kk" if document.language == "kk" else "ru"]
    sheet.append([title for _, title in columns[:1]] + [name_title] + [title for _, title in columns[1:]])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in current[declared.rows]:
        sheet.append(_cells(row, columns))
    sheet.freeze_panes = "C2"
    sheet.column_dimensions["A"].width = 16
    sheet.column_dimensions["B"].width = 42
    file = io.BytesIO()
    book.save(file)
    return f"{document.type}_{document.id}.xlsx", file.getvalue()


def _columns(declared: Import, current: Mapping[str, Any], place: int) -> list[tuple[str, str]]:
    columns: list[tuple[str, str]] = []
    for path, titles in declared.columns.items():
        title = titles[min(place, len(titles) - 1)]
        if "{n}" in path:
            count = len(current.get("modules", []))
            columns += [(path.replace("{n}", str(n)), title.replace("{n}", str(n))) for n in range(1, count + 1)]
        else:
            columns.append((path, title))
    return columns


def _cells(row: Mapping[str, Any], columns: list[tuple[str, str]]) -> list[Any]:
    person = db.session.get(Person, row.get("person_id")) if row.get("person_id") else None
    names = row.get("person", {})
    full = " ".join(p for p in (names.get("surname"), names.get("given_name"), names.get("patronymic")) if p)
    return [person.iin if person else "", full, *(_cell(row, path) for path, _ in columns[1:])]


def _cell(row: Mapping[str, Any], path: str) -> Any:
    numbered = _MARK.match(path)
    if numbered:
        entries, index = row.get(numbered["list"], []), int(numbered["number"]) - 1
        return entries[index].get("mark", "") if index < len(entries) else ""
    return row.get(path)
