"""Essay, results of the knowledge test and observation sheets on their way: who drafts, who fills, who may see."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import Conflict, Forbidden, NotFound, Refused
from docflow.db import unit_of_work
from docflow.models import Document
from docflow.services import agenda, documents, drafting, groups, issuing, observations, routing, sheets
from tests.services import scored, world
from tests.services.conftest import Filled
from tests.services.scored import CLERK, MEMBER, NOW, OUTSIDER, TEACHER, actor, person


@pytest.fixture
def at(installation: Callable[[str, Filled], Settings]) -> Iterator[scored.Round]:
    settings = installation("evidence", scored.settle)
    with world.running(settings):
        yield scored.found()


def refusals(document: Document, *, by: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        routing.perform(document.id, "submit", actor=actor(by), now=NOW)
    return [f"{each.code}: {each.message}" for each in refused.value.refusals]


def changed(document: Document, *, by: str, **changes: Any) -> Document:
    content = {**documents.content(document), **changes}
    return documents.update(document.id, content, actor=actor(by), version=document.version, now=NOW)


# ---------------------------------------------------------------- essay


def test_an_applicant_begins_his_essay_himself_and_signs_it(at: scored.Round) -> None:
    essay = issuing.draft(at.application_id, "essay", actor=actor(TEACHER), now=NOW)
    assert (essay.state, essay.subject_id, essay.group_id) == ("draft", person(TEACHER).id, at.group_id)
    changed(essay, by=TEACHER, topic="Мұғалім", text=" ".join(["сөз"] * 249), is_own_work=True)
    assert [each.split(":")[0] for each in refusals(essay, by=TEACHER)] == ["essay_has_its_length"]
    assert "249" in refusals(essay, by=TEACHER)[0]
    changed(essay, by=TEACHER, text=" ".join(["сөз"] * 250))
    routing.perform(essay.id, "submit", actor=actor(TEACHER), now=NOW)
    demo.sign(actor(TEACHER), [essay.id], NOW + timedelta(minutes=1))
    assert essay.state == "in_force"
    assert "essay" not in {kind.name for kind, _ in issuing.draftable(_application(at), actor=actor(TEACHER), now=NOW)}


def test_nobody_writes_the_essay_of_another(at: scored.Round) -> None:
    with pytest.raises(NotFound):
        issuing.draft(at.application_id, "essay", actor=actor(OUTSIDER), now=NOW)
    with pytest.raises((Forbidden, NotFound)):
        issuing.draft(at.application_id, "essay", actor=actor(MEMBER), now=NOW)


def _application(at: scored.Round) -> Document:
    return documents.load(at.application_id)


# ---------------------------------------------------------------- results of the knowledge test


def table(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in (("ЖСН", "Балы", "Ең жоғары балл", "Шекті деңгей", "Нәтиже бойынша санат"), *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def gathered(at: scored.Round) -> Document:
    return groups.gather(at.group_id, "knowledge_results", actor=actor(CLERK), now=NOW, language="kk")


def filled(document: Document, *rows: tuple[Any, ...]) -> list[tuple[tuple[str, str], ...]]:
    report = sheets.import_rows(
        document.id, "pbb.xlsx", table(*rows), actor=actor(CLERK), version=document.version, now=NOW
    )
    assert report.unknown_columns == ()
    return [row.errors for row in report.rows]


def test_results_come_from_a_spreadsheet(at: scored.Round) -> None:
    document = gathered(at)
    assert [row["person_id"] for row in documents.content(document)["rows"]] == [person(TEACHER).id]
    iin = person(TEACHER).iin
    errors = filled(
        document, (iin, 31, 50, "шекті деңгейге жетпеді", "педагог-модератор"), ("850314400129", 40, 50, "", "")
    )
    assert errors[0] == ()
    assert [field for field, _ in errors[1]] == ["iin"]
    (row,) = documents.content(document)["rows"]
    assert (row["score"], row["max_score"], row["outcome"], row["category"]) == (31, 50, "failed", "moderator")


def test_the_spreadsheet_to_fill_has_the_names_in_it(at: scored.Round) -> None:
    name, data = sheets.template(gathered(at).id, actor=actor(CLERK))
    book = load_workbook(io.BytesIO(data))
    assert name.endswith(".xlsx")
    assert book.active is not None
    header, row = list(book.active.iter_rows(values_only=True))
    assert header[:4] == ("ЖСН", "Т.А.Ә.", "Балы", "Ең жоғары балл")
    assert row[:2] == (person(TEACHER).iin, person(TEACHER).full_name)


def test_who_applies_later_gets_a_table_of_the_later_ones(at: scored.Round) -> None:
    first = gathered(at)
    with pytest.raises(Conflict):
        gathered(at)  # a draft is open: go on with that one
    scored.in_state(first, "in_force", "ПББ-1")
    with pytest.raises(Refused):
        gathered(at)  # nobody is left
    later = scored.application(at.group_id, "old_category_application")
    second = gathered(at)
    assert [row["position"] for row in documents.content(second)["rows"]] == [
        documents.content(documents.load(later))["position"]
    ]
    assert [each.id for _, direction, each in documents.relations(second) if direction == "to"] == [later]


def test_an_accepted_appeal_leads_to_a_result_of_its_own(at: scored.Round) -> None:
    table = gathered(at)
    filled(table, (person(TEACHER).iin, 20, 50, "шекті деңгейге жетпеді", ""))
    scored.in_state(table, "in_force", "ПББ-1")
    appeal = issuing.draft(at.application_id, "appeal_application", actor=actor(TEACHER), now=NOW)
    scored.in_state(appeal, "accepted", "АП-1")
    again = issuing.draft(appeal.id, "knowledge_results", actor=actor(CLERK), now=NOW)
    content = documents.content(again)
    assert (content["appeal_number"], [row["score"] for row in content["rows"]]) == ("АП-1", [None])
    assert filled(again, (person(TEACHER).iin, 40, 50, "шекті деңгейге жетті", "")) == [()]
    case = agenda.case_of(_application(at), on=NOW.date())
    assert (case.appeal, case.knowledge_passed) == ("accepted", False)
    scored.in_state(again, "in_force", "ПББ-2")
    case = agenda.case_of(_application(at), on=NOW.date())
    assert (case.appeal, case.knowledge_passed) == ("answered", True)


def test_a_score_above_the_maximum_and_an_unknown_outcome_are_refused(at: scored.Round) -> None:
    document = gathered(at)
    filled(document, (person(TEACHER).iin, 51, 50, "", ""))
    codes = {each.split(":")[0] for each in refusals(document, by=CLERK)}
    assert {"score_is_within_the_maximum", "outcome_is_known"} <= codes


# ---------------------------------------------------------------- observation sheets


def drafted(at: scored.Round, *, observer: str = MEMBER) -> Document:
    chosen = {"observer_id": str(person(observer).id), "observed_on": NOW.date().isoformat()}
    return drafting.draft(at.application_id, "observation_lesson", chosen, actor=actor(CLERK), now=NOW)


def test_a_clerk_chooses_an_observer_who_fills_the_sheet(at: scored.Round) -> None:
    first = drafted(at)
    assert drafted(at).id == first.id  # a button pressed twice
    content = documents.content(first)
    assert (content["observer"]["surname"], content["observer_position"]) == ("Қуанышбекова", "директордың орынбасары")
    assert content["levels"] == [None] * 34
    changed(first, by=MEMBER, levels=[3, *[None] * 33])
    assert drafted(at).id != first.id  # another lesson of the same day
    for email in (TEACHER, OUTSIDER):
        with pytest.raises(NotFound):
            documents.get(first.id, actor=actor(email))


def test_the_mean_takes_the_other_sheets_that_one_may_see(at: scored.Round) -> None:
    document = drafted(at)
    scored.observe(at.group_id, 4, level=2)  # 68 points each
    levels: list[int | None] = [3] * 34
    by_member = observations.sums(document, levels, actor=actor(MEMBER), now=NOW)
    assert (by_member.points, by_member.sheets, by_member.mean) == ("102", 5, "74,80")
    assert [each.is_reached for each in by_member.thresholds] == [True, True, False, False]
    alone = observations.sums(document, levels, actor=actor(OUTSIDER), now=NOW)
    assert (alone.sheets, alone.mean) == (1, "102")
    begun = observations.sums(document, [None, *levels[1:]], actor=actor(OUTSIDER), now=NOW)
    assert (begun.sheets, begun.mean, begun.points, begun.figures.total) == (0, "", "", 99)


def test_the_mean_is_rounded_as_the_organisation_has_decided(at: scored.Round) -> None:
    document = drafted(at)
    scored.observe(at.group_id, 1, level=2)
    with unit_of_work():
        document.organisation.settings = {**document.organisation.settings, "observation_mean_rounding": "half_up"}
    found = observations.sums(document, [3] * 33 + [2], actor=actor(MEMBER), now=NOW)
    assert (found.points, found.mean) == ("101", "85")
