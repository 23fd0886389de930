"""The evidence of an attestation: essay, results of the knowledge test, observation sheets."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docflow.core.derivation import Source
from docflow.core.permissions import SYSTEM
from docflow.core.regulations import Profile
from docflow.core.rules import RelatedDocument, Step, collect
from docflow.core.scoring import ObservationSheet
from docflow.core.types import DocumentType
from docflow.forms import essay, knowledge_results, observation_lesson, observation_preschool, observation_special
from docflow.forms._observation import (
    every_descriptor_has_a_level,
    levels_are_on_the_scale,
    nobody_observes_himself,
    observed_in_the_last_school_year,
)
from docflow.regulations.krg.essay import word_count
from docflow.regulations.krg.observation import SHEETS, as_written, figures, first_counted_day, parts
from docflow.regulations.krg.sheets.observation import O1, O2, O3
from docflow.regulations.profiles import PROFILES

DAY = date(2024, 10, 21)
SHEET_TYPES = (observation_lesson.TYPE, observation_preschool.TYPE, observation_special.TYPE)
EACH_SHEET = pytest.mark.parametrize("kind", SHEET_TYPES, ids=lambda kind: kind.name)
OBSERVED: Mapping[str, ObservationSheet] = SHEETS


def deciding(**settings: str) -> Profile:
    found = PROFILES["krg"]
    return replace(found, overrides={**found.overrides, **settings})


def changed(kind: DocumentType, **changes: Any) -> dict[str, Any]:
    return deepcopy(dict(kind.sample)) | changes


def refusals(kind: DocumentType, content: Mapping[str, Any], *, profile: Profile | None = None, on: date = DAY) -> list[
    tuple[str, str | None, str | None, int | None]
]:  # fmt: skip
    """Give code, clause, field and row of everything that stands against sending *content*."""
    step = Step(
        type=kind.name, transition="submit", content=content, profile=profile or PROFILES["krg"], actor=SYSTEM, on=on
    )
    found = collect(kind.rules, step)
    assert all(str(each.message) for each in found)
    return [(each.code, each.clause.key if each.clause else None, each.field, each.row) for each in found]


# ---------------------------------------------------------------- essay


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("Ұстаз – бала жанының бағбаны.", 4),  # a dash between spaces is no word
        ("ата-ана, оқушы мен мұғалім", 4),  # a hyphen inside a word does not divide it
        ("ата‐ана ата‑ана", 2),  # nor do the other hyphens of Unicode
        ("д'Артаньян д’Артаньян Сағдиʼ", 3),
        ("2024 жылы 2,5 пайыз, 1.1.", 5),  # numbers count; a comma or a point between digits does not divide
        ("бір,екі", 2),
        ("* – — … !", 0),
        ("бір\n\nекі\tүш", 3),
        ("\u0438\u0306од бала", 2),  # й of two characters, as some keyboards make it
        ("e-mail электрондық_пошта", 3),
        ("қызметі/лауазымы", 2),
    ],
)
def test_words_are_counted_by_one_rule(text: str, words: int) -> None:
    assert word_count(text) == words


def of_words(count: int) -> str:
    return " ".join(["сөз"] * count)


@pytest.mark.parametrize(("count", "is_enough"), [(249, False), (250, True), (300, True), (301, False)])
def test_an_essay_has_250_to_300_words(count: int, is_enough: bool) -> None:
    found = refusals(essay.TYPE, changed(essay.TYPE, text=of_words(count)))
    assert found == ([] if is_enough else [("essay_has_its_length", "KRG 27 ¶2", "text", None)])


def test_the_refusal_says_how_many_words_there_are() -> None:
    step = Step("essay", "submit", changed(essay.TYPE, text=of_words(249)), PROFILES["krg"], SYSTEM, DAY)
    (refusal,) = collect((essay.essay_has_its_length,), step)
    assert "249" in str(refusal.message)


def test_an_essay_that_is_not_ones_own_cannot_be_sent() -> None:
    found = refusals(essay.TYPE, changed(essay.TYPE, is_own_work=False))
    assert found == [(essay.essay_is_ones_own.name, "KRG 27 ¶3", "is_own_work", None)]


APPLICATION = {
    "applicant": {
        "surname": "Ким", "given_name": "Виктор", "patronymic": "", "iin": "850314400129", "iin_override": "",
    },
    "position": "мұғалім", "workplace": "№ 7 мектеп", "ladder": "teacher", "current": "moderator", "claimed": "expert",
    "procedure": "regular",
}  # fmt: skip


def application(person_id: int = 5, **changes: Any) -> RelatedDocument:
    return RelatedDocument("teacher_application", "Ө-1", "accepted", {**APPLICATION, **changes}, DAY, person_id)


def source(**choices: Any) -> Source:
    document = application()
    return Source(document, PROFILES["krg"], {}, DAY, "kk", document.content, 1, choices=choices)


def test_an_essay_begins_with_its_author_and_the_school_year() -> None:
    content = essay.from_application(source())
    assert (content["person"]["surname"], content["person_id"]) == ("Ким", 5)
    assert content["school_year"] == "2024/2025"
    assert "iin" not in str(content)
    assert {derivation.source for derivation in essay.TYPE.derived_from} == set(essay.APPLICATIONS)


# ---------------------------------------------------------------- results of the knowledge test


def row(person_id: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "person": {"surname": "Ким", "given_name": "Виктор", "patronymic": ""}, "person_id": person_id,
        "position": "мұғалім", "ladder": "teacher", "claimed": "expert", "score": None, "max_score": None,
        "outcome": "passed", "category": "",
    } | changes  # fmt: skip


def results(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"held_on": "2024-10-21", "rows": list(rows), **changes}


def test_whoever_passes_the_test_is_listed_and_whoever_is_exempt_is_not() -> None:
    applications = [
        application(1),
        application(2, procedure="early"),
        *(application(3 + place, procedure=name) for place, name in enumerate(sorted(knowledge_results.EXEMPT))),
    ]
    content = knowledge_results.from_applications(applications, {}, PROFILES["krg"], DAY, "kk")
    assert [entry["person_id"] for entry in content["rows"]] == [1, 2]
    assert (content["rows"][0]["claimed"], content["rows"][0]["outcome"]) == ("expert", "")
    assert "iin" not in str(content)


def test_an_empty_table_cannot_be_sent() -> None:
    found = refusals(knowledge_results.TYPE, results())
    assert found == [(knowledge_results.somebody_was_tested.name, "KRG 4", "rows", None)]


def test_nobody_has_two_results() -> None:
    found = refusals(knowledge_results.TYPE, results(row(1), row(2), row(1)))
    assert [(code, number) for code, _, _, number in found] == [
        (knowledge_results.everybody_was_tested_once.name, 1), ("everybody_was_tested_once", 3),
    ]  # fmt: skip


def test_results_are_not_signed_before_the_test() -> None:
    assert refusals(knowledge_results.TYPE, results(row(), held_on="2024-10-21")) == []
    found = refusals(knowledge_results.TYPE, results(row(), held_on="2024-10-22"))
    assert found == [(knowledge_results.the_test_was_held.name, "KRG 4", "held_on", None)]


@pytest.mark.parametrize(
    ("score", "best", "is_possible"),
    [(50, 50, True), (51, 50, False), (0, 50, True), (1, None, False), (1, 0, False), (0, 0, False)],
)
def test_a_score_is_within_its_maximum(score: int, best: int | None, is_possible: bool) -> None:
    found = refusals(knowledge_results.TYPE, results(row(score=score, max_score=best)))
    expected = (knowledge_results.score_is_within_the_maximum.name, "KRG 4", "rows-0-score", 1)
    assert found == ([] if is_possible else [expected])


def test_without_a_pass_mark_the_commission_enters_the_outcome() -> None:
    found = refusals(knowledge_results.TYPE, results(row(score=40, max_score=50, outcome="")))
    assert found == [(knowledge_results.outcome_is_known.name, "KRG 30", "rows-0-outcome", 1)]
    for outcome in ("passed", "failed"):
        assert refusals(knowledge_results.TYPE, results(row(outcome=outcome))) == []


@pytest.mark.parametrize(("score", "passed"), [(29, False), (30, True), (31, True)])
def test_with_a_pass_mark_the_score_decides(score: int, passed: bool) -> None:
    profile = deciding(knowledge_pass_mark="60")
    decided = row(score=score, max_score=50, outcome="")
    assert refusals(knowledge_results.TYPE, results(decided), profile=profile) == []
    assert knowledge_results.outcome_of(decided, profile) is passed
    for outcome in ("passed", "failed"):
        found = refusals(knowledge_results.TYPE, results({**decided, "outcome": outcome}), profile=profile)
        expected = (knowledge_results.outcome_agrees_with_the_pass_mark.name, "KRG 30", "rows-0-outcome", 1)
        assert found == ([] if (outcome == "passed") is passed else [expected])


def test_with_a_pass_mark_a_score_is_needed() -> None:
    found = refusals(knowledge_results.TYPE, results(row(outcome="")), profile=deciding(knowledge_pass_mark="50 %"))
    assert found == [("outcome_is_known", "KRG 30", "rows-0-outcome", 1)]


def test_a_spreadsheet_may_write_the_outcome_in_words() -> None:
    written = results(row(outcome="Шекті деңгейге жетпеді", category="педагог-модератор"))
    content, errors = knowledge_results.KnowledgeResultsForm.validate_content(written)
    assert errors == {}
    assert (content["rows"][0]["outcome"], content["rows"][0]["category"]) == ("failed", "moderator")


# ---------------------------------------------------------------- observation sheets


@EACH_SHEET
def test_a_whole_sheet_passes_every_rule(kind: DocumentType) -> None:
    assert refusals(kind, kind.sample) == []


@EACH_SHEET
def test_a_sheet_is_kept_with_gaps_and_not_sent(kind: DocumentType) -> None:
    content = changed(kind)
    content["levels"][1] = content["levels"][7] = None
    cleaned, errors = kind.form.validate_content(content)
    assert errors == {}
    assert cleaned["levels"] == content["levels"]
    assert refusals(kind, cleaned) == [(every_descriptor_has_a_level.name, "KRG app. 9", "levels-1", None)]


@EACH_SHEET
def test_an_empty_sheet_has_a_place_for_each_descriptor(kind: DocumentType) -> None:
    cleaned, _ = kind.form.validate_content({})
    assert cleaned["levels"] == [None] * len(OBSERVED[kind.name].descriptors)
    assert len(cleaned["levels"]) == {"observation_special": 36}.get(kind.name, 34)


@pytest.mark.parametrize(("highest", "level", "is_on_it"), [("3", 3, True), ("3", 4, False), ("4", 4, True),
                                                           ("4", 5, False), ("5", 5, True)])  # fmt: skip
def test_levels_are_on_the_scale_of_the_organisation(highest: str, level: int, is_on_it: bool) -> None:
    kind = observation_lesson.TYPE
    content = changed(kind)
    content["levels"][10] = level
    found = refusals(kind, content, profile=deciding(observation_level_max=highest))
    assert found == ([] if is_on_it else [(levels_are_on_the_scale.name, "KRG app. 9", "levels-10", None)])


def test_a_level_that_no_scale_has_is_no_level() -> None:
    for level in (-1, 6):
        content = changed(observation_lesson.TYPE)
        content["levels"][0] = level
        assert "levels-0" in observation_lesson.ObservationLessonForm.validate_content(content)[1]


def test_nobody_observes_himself() -> None:
    kind = observation_lesson.TYPE
    assert refusals(kind, changed(kind, person_id=1, observer_id=2)) == []
    found = refusals(kind, changed(kind, person_id=1, observer_id=1))
    assert found == [(nobody_observes_himself.name, "KRG app. 8", "observer", None)]


@pytest.mark.parametrize(
    ("observed_on", "counts"),
    [("2023-08-31", False), ("2023-09-01", True), ("2024-05-24", True), ("2024-10-21", True), ("2024-10-22", False)],
)
def test_a_sheet_of_the_last_school_year_counts(observed_on: str, counts: bool) -> None:
    kind = observation_preschool.TYPE
    found = refusals(kind, changed(kind, observed_on=observed_on))
    assert found == ([] if counts else [(observed_in_the_last_school_year.name, "KRG app. 8", "observed_on", None)])


def test_the_last_school_year_begins_in_september() -> None:
    assert first_counted_day(date(2024, 9, 1)) == date(2023, 9, 1)
    assert first_counted_day(date(2024, 8, 31)) == date(2022, 9, 1)


@EACH_SHEET
def test_a_sheet_is_drafted_for_the_chosen_observer(kind: DocumentType) -> None:
    chosen = {"surname": "Қуанышбекова", "given_name": "Әсел", "patronymic": "Нұрланқызы"}
    given = source(observer_id=9, observer=chosen, observer_position="орынбасар", observed_on="2024-10-07")
    content = kind.derived_from[0].fill(given)
    assert (content["person"]["surname"], content["person_id"]) == ("Ким", 5)
    assert (content["category"], content["organisation"]) == ("педагог-модератор", "№ 7 мектеп")
    assert (content["observer"], content["observer_id"]) == (chosen, 9)
    assert content["observed_on"] == "2024-10-07"
    assert set(content["levels"]) == {None}
    assert content.keys() == kind.sample.keys()
    assert kind.assigned_to == "observer_id"
    assert {derivation.repeats for derivation in kind.derived_from} == {True}


# ---------------------------------------------------------------- what a sheet comes to


@pytest.mark.parametrize(("sheet", "lines"), [(O1, 34), (O2, 34), (O3, 36)], ids=["O1", "O2", "O3"])
def test_sums_while_a_sheet_is_being_filled(sheet: ObservationSheet, lines: int) -> None:
    profile = PROFILES["krg"]
    begun = figures(sheet, [3, None, 2, *[None] * (lines - 3)], profile)
    assert (begun.given, begun.lines, begun.total, begun.points) == (2, lines, 5, None)
    assert figures(sheet, [3] * lines, profile).points == 102
    assert figures(sheet, [0] * lines, profile).points == 0
    assert figures(sheet, [4, *[0] * (lines - 1)], profile).points is None
    assert figures(sheet, [*[3] * lines, None], profile).points is None


@given(st.data())
def test_points_follow_the_levels_whatever_they_are(data: st.DataObject) -> None:
    sheet = data.draw(st.sampled_from([O1, O2, O3]))
    highest = data.draw(st.sampled_from([3, 4, 5]))
    lines = len(sheet.descriptors)
    levels = data.draw(st.lists(st.integers(0, highest), min_size=lines, max_size=lines))
    place = data.draw(st.integers(0, lines - 1))
    normalised = deciding(observation_level_max=str(highest))
    capped = deciding(observation_level_max=str(highest), observation_excess="cap")
    found = figures(sheet, levels, normalised)
    assert found.points == Fraction(sum(levels) * 102, lines * highest)
    assert figures(sheet, levels, capped).points == min(sum(levels), 102)
    higher = [*levels[:place], highest, *levels[place + 1 :]]
    more = figures(sheet, higher, normalised).points
    assert more is not None
    assert found.points is not None
    assert found.points <= more <= 102
    gap = figures(sheet, [*levels[:place], None, *levels[place + 1 :]], normalised)
    assert (gap.points, gap.total) == (None, sum(levels) - levels[place])


@EACH_SHEET
@given(st.data())
def test_a_level_keeps_its_place_through_the_form(kind: DocumentType, data: st.DataObject) -> None:
    lines = len(OBSERVED[kind.name].descriptors)
    levels = data.draw(st.lists(st.none() | st.integers(0, 5), min_size=lines, max_size=lines))
    assert kind.form.validate_content(changed(kind, levels=levels))[0]["levels"] == levels


def test_the_third_sheet_is_brought_to_the_printed_maximum_or_capped() -> None:
    levels = [3] * 35 + [2]
    assert figures(O3, levels, PROFILES["krg"]).points == Fraction(107 * 102, 108)
    assert figures(O3, levels, deciding(observation_excess="cap")).points == 102
    assert figures(O3, [2] * 36, deciding(observation_excess="cap")).points == 72


@pytest.mark.parametrize(
    ("number", "written"),
    [(None, ""), (102, "102"), (Fraction(102), "102"), (Fraction(748, 9), "83,11"), (Fraction(1, 200), "0,01"),
     (Fraction(161, 2), "80,50")],
)  # fmt: skip
def test_numbers_are_written_as_people_do(number: Any, written: str) -> None:
    assert as_written(number) == written


@EACH_SHEET
def test_the_paper_gets_every_printed_word_in_order(kind: DocumentType) -> None:
    assert kind.printed is not None
    sheet, printed = OBSERVED[kind.name], kind.printed(kind.sample, PROFILES["krg"])
    assert tuple(each["label"] for row in printed["header"] for each in row) == sheet.header
    assert {each["field"] for row in printed["header"] for each in row} <= kind.sample.keys()
    lines = [line for part in printed["parts"] for block in part["blocks"] for line in block["lines"]]
    assert tuple(line["text"] for line in lines) == sheet.descriptors
    assert [line["place"] for line in lines] == list(range(len(lines)))
    assert [line["number"] for line in lines if line["number"]] == ["4.1", "4.2"]
    assert printed["maximum"] == 102
    assert printed["total"] == str(sum(kind.sample["levels"]))


def test_sections_keep_their_numbers() -> None:
    assert [part["number"] for part in parts(O1)] == ["I", "II", "III", "IV"]
    assert [block["number"] for part in parts(O1) for block in part["blocks"]][-2:] == ["3.1", ""]
