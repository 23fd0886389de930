"""Spreadsheets in: XLSX or CSV to rows, with a report for every row."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from docflow.core.errors import Invalid
from docflow.core.messages import Message, _l
from docflow.core.types import Import
from docflow.services import uploads

# What zipfile and openpyxl raise over damaged or encrypted files; an XML ParseError is a SyntaxError.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, LookupError, ValueError, TypeError, AttributeError, OSError,
    EOFError, SyntaxError, RuntimeError,
)  # fmt: skip
MOST_ROWS = 2000
MOST_COLUMNS = 200
MOST_INFLATED = 64 * 1024 * 1024


@dataclass(frozen=True)
class RowResult:
    """What became of one row, counted from 1 below the heading, as the clerk sees it."""

    row: int
    name: str
    document_id: int | None = None
    errors: tuple[tuple[str, str], ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.errors


@dataclass(frozen=True)
class ImportReport:
    rows: tuple[RowResult, ...]
    unknown_columns: tuple[str, ...] = ()

    @property
    def created(self) -> int:
        return sum(1 for row in self.rows if row.is_good)

    @property
    def failed(self) -> tuple[RowResult, ...]:
        return tuple(row for row in self.rows if not row.is_good)


@dataclass(frozen=True)
class Sheet:
    """The first sheet of a file: titles, and the rows below with their numbers."""

    titles: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]
    unknown: tuple[str, ...] = field(default=())


def read(filename: str, data: bytes) -> Sheet:
    """Read XLSX or CSV. ``Invalid`` says what is wrong with the file as a whole."""
    uploads.refuse_size(data)
    if data[:4] == b"PK\x03\x04":
        table = _xlsx(data)
    elif _looks_like_text(data):
        table = _csv(data)
    else:
        raise _refused(_l("This is neither an XLSX nor a CSV file. Save the table as XLSX and choose it again."))
    return _sheet(table)


def _looks_like_text(data: bytes) -> bool:
    return b"\x00" not in data[:4096]


def _xlsx(data: bytes) -> list[tuple[Any, ...]]:
    damaged = _l("The XLSX file is damaged. Save it again and choose it once more.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        if sum(entry.file_size for entry in archive.infolist()) > MOST_INFLATED:
            raise _refused(_l("The table is too large inside. Split it into files of at most 2000 rows."))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
        return [tuple(row) for row in rows]
    except UNREADABLE as error:
        raise _refused(damaged) from error


def _csv(data: bytes) -> list[tuple[Any, ...]]:
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _refused(_l("The CSV file is in an unknown encoding. Save it as UTF-8."))
    delimiter = max(";,\t", key=text.split("\n", 1)[0].count)
    try:
        return [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)][: MOST_ROWS + 2]
    except csv.Error as error:
        raise _refused(_l("The CSV file cannot be read as a table. Save it again as XLSX.")) from error


def _sheet(table: Sequence[tuple[Any, ...]]) -> Sheet:
    filled = [(number, row) for number, row in enumerate(table, start=1) if any(_text(cell) for cell in row)]
    if len(filled) < 2:
        raise _refused(_l("The table is empty: it needs a row of titles and at least one row below."))
    if len(table) > MOST_ROWS + 1:
        raise _refused(_l("The table has more than 2000 rows. Split it."))
    (first, titles), *rest = filled
    return Sheet(tuple(_text(cell) for cell in titles), tuple((number - first, row) for number, row in rest))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return unicodedata.normalize("NFC", str(cell)).strip()


_DAY = re.compile(r"^(\d{1,2})[./](\d{1,2})[./](\d{4})$")


def _value(path: str, cell: Any) -> str:
    """A cell as the form takes it: days in ISO, an IIN with the zeros that Excel dropped."""
    text = _text(cell)
    written = _DAY.match(text)
    if written:
        return f"{written[3]}-{int(written[2]):02d}-{int(written[1]):02d}"
    if path.endswith("iin") and text.isdigit() and 0 < len(text) < 12:
        return text.zfill(12)
    return text


def mapped(sheet: Sheet, declared: Import) -> tuple[list[tuple[int, dict[str, str]]], tuple[str, ...]]:
    """Rows by field path, and the columns that nobody asked for.

    ``Invalid`` names every column that is missing and cannot do without.
    """
    places = {index: path for index, title in enumerate(sheet.titles) if (path := _path_of(title, declared))}
    if declared.key not in places.values():
        raise _refused(
            _l(
                "The table has no column “%(title)s”: without it nobody can be found.",
                title=declared.columns[declared.key][0],
            )
        )
    rows = [
        (number, {path: _value(path, row[index] if index < len(row) else None) for index, path in places.items()})
        for number, row in sheet.rows
    ]
    unknown = tuple(title for index, title in enumerate(sheet.titles) if title and index not in places)
    return rows, unknown


def _folded(title: str) -> str:
    return " ".join(title.casefold().replace("ё", "е").split())


def _path_of(title: str, declared: Import) -> str | None:
    wanted = _folded(title)
    for path, titles in declared.columns.items():
        for known in titles:
            if "{n}" in known:
                found = re.fullmatch(re.escape(_folded(known)).replace(r"\{n\}", r"(\d+)"), wanted)
                if found:
                    return path.replace("{n}", found[1])
            elif _folded(known) == wanted:
                return path
    return None


def nested(flat: Mapping[str, str]) -> dict[str, Any]:
    """Dotted paths to nested content."""
    content: dict[str, Any] = {}
    for path, value in flat.items():
        *parents, last = path.split(".")
        place = content
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return content


def _refused(message: Message) -> Invalid:
    return Invalid(message, {"file": [str(message)]})
