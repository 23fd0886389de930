"""Spreadsheets as an organisation would send them: one row a person, titles in Russian or Kazakh."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from docflow.core.types import DocumentType
from docflow.forms import assessment_sheet, knk_application, questionnaire, wku_application
from docflow.samples.listeners import AT_THE_LIMIT, BY_ATTENDANCE, BY_BOTH, BY_SCORE, LANGUAGES

_DATES = ("birth_date", "category_valid_until", "filed_on", "period_from", "period_to")
# People write words where the form keeps a code.
_WORDS: Mapping[str, Mapping[Any, tuple[str, str]]] = {
    "study_language": {"kk": ("казахский", "қазақ"), "ru": ("русский", "орыс"), "en": ("английский", "ағылшын")},
    "funding": {"paid": ("платное", "ақылы"), "budget": ("бюджет", "бюджет")},
    "consent": {True: ("да", "иә"), False: ("нет", "жоқ")},
    "payment_guarantee": {True: ("да", "иә"), False: ("нет", "жоқ")},
    "programme_kind": {
        "author": ("авторский курс", "авторлық курс"),
        "registry": ("курс из реестра", "реестрге енгізілген курс"),
    },
}
_NAME = ("Фамилия, имя, отчество (при его наличии)", "Тегі, аты, әкесінің аты (бар болған жағдайда)")


def spreadsheet(rows: Sequence[Mapping[str, Any]], *, language: str = "ru") -> bytes:
    """Give an XLSX that the imports of the university's application and of its questionnaire both read."""
    columns = {**_import_of(wku_application.TYPE), **_import_of(questionnaire.TYPE)}
    return _table_of_people(rows, columns, language)


def conservatory_spreadsheet(rows: Sequence[Mapping[str, Any]], *, language: str = "kk") -> bytes:
    """Give an XLSX that the import of the conservatory's application reads."""
    return _table_of_people(rows, _import_of(knk_application.TYPE), language)


def _table_of_people(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, tuple[str, ...]], language: str
) -> bytes:
    header = [titles[LANGUAGES.index(language)] for titles in columns.values()]
    names = [path.removeprefix("applicant-") for path in columns]
    lines = [[_cell(name, row.get(name, ""), language) for name in names] for row in rows]
    return _workbook("Слушатели" if language == "ru" else "Тыңдаушылар", header, lines)


def assessment_spreadsheet(
    rows: Sequence[Mapping[str, Any]],
    *,
    hours: int = 80,
    max_score: int = 100,
    modules: int = 4,
    language: str = "ru",
) -> bytes:
    """Give an XLSX with attendance, score and marks: three of the group fail, one passes at the limit.

    Of *hours* that are not divisible by 5 nobody attends exactly 80 %; the nearest whole hours are taken.
    """
    header = _assessment_header(modules, LANGUAGES.index(language))
    lines = [_result(place, row, hours, max_score, modules) for place, row in enumerate(rows)]
    return _workbook("Итоги" if language == "ru" else "Қорытынды", header, lines)


def _assessment_header(modules: int, column: int) -> list[str]:
    titles = {path: of[column] for path, of in _import_of(assessment_sheet.TYPE).items()}
    marks = [titles["marks-{n}"].format(n=number) for number in range(1, modules + 1)]
    return [titles["iin"], _NAME[column], titles["attended_hours"], titles["score"], *marks, titles["remark"]]


def _import_of(document_type: DocumentType) -> Mapping[str, tuple[str, ...]]:
    if document_type.spreadsheet is None:
        raise LookupError(f"{document_type.name} takes no spreadsheet")
    return document_type.spreadsheet.columns


def _cell(name: str, value: Any, language: str) -> Any:
    if name in _WORDS:
        return _WORDS[name][value][LANGUAGES.index(language)]
    if name in _DATES and value:
        return date.fromisoformat(value)
    return value if value != "" else None


def _result(place: int, row: Mapping[str, Any], hours: int, max_score: int, modules: int) -> list[Any]:
    attended, score = results(place, hours=hours, max_score=max_score)
    marks = [str(max(0, min(max_score, score - 3 + (place + number) % 7))) for number in range(modules)]
    name = " ".join(part for part in (row["surname"], row["given_name"], row["patronymic"]) if part)
    return [row["iin"], name, attended, score, *marks, None]


def results(place: int, *, hours: int, max_score: int) -> tuple[int, int]:
    """The attended hours and the score of one listener; 80 % and 50 % are the limits of O95 24(3), (4)."""
    enough_hours, enough_score = -(-4 * hours // 5), -(-max_score // 2)
    good = (hours - place % 5 * (hours // 40), max_score - 2 - (place * 7) % (max_score * 3 // 10 + 1))
    special = {
        BY_ATTENDANCE: (enough_hours - 1, good[1]),
        BY_SCORE: (good[0], enough_score - 1),
        BY_BOTH: (enough_hours - 1, enough_score - 1),
        AT_THE_LIMIT: (enough_hours, enough_score),
    }
    return special.get(place, good)


def _workbook(title: str, header: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # a new workbook has one sheet
    sheet.title = title
    sheet.append(list(header))
    for line in lines:
        sheet.append(list(line))
    _dress(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _dress(sheet: Any) -> None:
    for number, cell in enumerate(sheet[1], start=1):
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(number)].width = min(40, max(12, len(str(cell.value))))
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            if isinstance(cell.value, date):
                cell.number_format = "DD.MM.YYYY"
            elif isinstance(cell.value, str) and cell.value.isdigit():
                cell.number_format = "@"  # a number would lose the zeros that an IIN may begin with
    sheet.freeze_panes = "A2"
