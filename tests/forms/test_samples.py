"""The sample spreadsheets are what the imports read, and the sample people pass every check."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import pytest
from openpyxl import load_workbook

from docflow.core.identifiers import birth_date, iin_faults
from docflow.core.types import DocumentType
from docflow.forms import assessment_sheet, knk_application, questionnaire, wku_application
from docflow.samples import (
    FAILING,
    assessment_spreadsheet,
    conservatory_spreadsheet,
    listeners,
    musicians,
    spreadsheet,
)


def table(data: bytes) -> list[tuple[Any, ...]]:
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def imported(document_type: DocumentType, data: bytes) -> list[tuple[dict[str, Any], dict[str, list[str]]]]:
    assert document_type.spreadsheet is not None
    paths = {title: path for path, titles in document_type.spreadsheet.columns.items() for title in titles}
    header, *rows = table(data)
    named = [{paths[title]: cell for title, cell in zip(header, row, strict=True) if title in paths} for row in rows]
    return [document_type.form.validate_content(row) for row in named]


def test_sample_people_are_many_different_and_possible() -> None:
    people = listeners(1000)
    assert people == listeners(1000)
    assert len({person["iin"] for person in people}) == 1000
    assert not [person for person in people if iin_faults(person["iin"])]
    assert all(birth_date(person["iin"]).isoformat() == person["birth_date"] for person in people)  # type: ignore[union-attr]
    assert any(not person["patronymic"] for person in people[:25])
    assert max(len(person["surname"]) for person in people[:25]) > 25


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize("document_type", [wku_application.TYPE, questionnaire.TYPE], ids=lambda t: t.name)
def test_one_spreadsheet_fills_application_and_questionnaire(document_type: DocumentType, language: str) -> None:
    people = listeners(25, language=language)
    found = imported(document_type, spreadsheet(people, language=language))
    assert [errors for _, errors in found if errors] == []
    assert [content["applicant"]["iin"] for content, _ in found] == [person["iin"] for person in people]
    assert {content["study_language"] for content, _ in found} == {language}


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_the_conservatory_has_its_own_spreadsheet(language: str) -> None:
    found = imported(knk_application.TYPE, conservatory_spreadsheet(musicians(6), language=language))
    assert len(found) == 6
    for content, errors in found:
        assert errors == {}
        assert content["payment_guarantee"] is True
        assert content["employer_head"]["iin"] != content["applicant"]["iin"]


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_three_of_the_group_fail_and_one_passes_at_the_limit(language: str) -> None:
    header, *rows = table(assessment_spreadsheet(listeners(25), hours=80, language=language))
    columns = assessment_sheet.TYPE.spreadsheet
    assert columns is not None
    hours, score = (
        next(header.index(title) for title in columns.columns[path] if title in header)
        for path in ("attended_hours", "score")
    )
    results = [(Fraction(row[hours], 80), Fraction(row[score], 100)) for row in rows]
    assert all(attended <= 1 and points <= 1 for attended, points in results)
    limits = (Fraction(4, 5), Fraction(1, 2))
    failed = {place for place, pair in enumerate(results) if pair[0] < limits[0] or pair[1] < limits[1]}
    assert failed == FAILING
    assert limits in results
