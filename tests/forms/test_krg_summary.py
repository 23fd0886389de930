"""The conclusion of the analytical summary: composed from what is in force, confirmed by members."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from docflow.core.derivation import Source
from docflow.core.permissions import SYSTEM
from docflow.core.rules import RelatedDocument, Step, collect
from docflow.forms import analytical_summary as summary
from docflow.forms import knowledge_results
from docflow.forms.essay import TYPE as ESSAY
from docflow.regulations.krg.sheets.observation import O1
from docflow.regulations.profiles import PROFILES

PROFILE = PROFILES["krg"]
DAY = date(2024, 10, 29)
PERSON, MEMBER, OTHER = 70, 101, 102
NAMES = {"surname": "Ким", "given_name": "Виктор", "patronymic": ""}
SEATED = [{"person_id": each, "person": {**NAMES, "surname": f"Мүше{each}"}} for each in (MEMBER, OTHER)]


def paper(kind: str, number: int, content: Mapping[str, Any], state: str = "in_force") -> RelatedDocument:
    return RelatedDocument(kind, f"№ {number}", state, content, date(2024, 10, 20), PERSON, id=number)


def sheet(points: int, member: int = MEMBER, number: int = 1) -> RelatedDocument:
    content = {
        "member_id": member, "member": {**NAMES, "surname": f"Мүше{member}"}, "sheet_group": "teacher",
        "claimed": "expert", "rows": [{"number": "1.2", "points": points}], "recommendation": "claimed",
    }  # fmt: skip
    return paper("portfolio_teacher", number, content)


OBSERVATIONS = tuple(
    paper(
        "observation_lesson", 10 + place,
        {"levels": [2] * len(O1.descriptors), "observed_on": "2024-10-07", "observer": NAMES},
    )
    for place in range(5)
)  # fmt: skip
LESSONS = tuple(
    replace(each, content={**each.content, "levels": [3] * 7 + [2] * 27}) for each in OBSERVATIONS
)  # 75 points each, where an expert needs 71
ESSAY_PAPER = paper("essay", 20, ESSAY.sample)
RESULTS = replace(
    paper("knowledge_results", 21, {"rows": [{"person_id": PERSON, "outcome": "failed", "category": "moderator"}]}),
    subject_id=None,
)
APPLICATION = RelatedDocument(
    "teacher_application", "7-АӨ", "accepted",
    {
        "applicant": {**NAMES, "iin": "900101300123"}, "position": "мұғалім", "workplace": "мектеп",
        "ladder": "teacher", "procedure": "regular", "claimed": "expert", "current": "moderator",
        "current_until": "2025-01-10",
        "sheet_group": "teacher",
    },
    date(2024, 10, 7), PERSON, id=7,
)  # fmt: skip
WHOLE = (sheet(88), *LESSONS, ESSAY_PAPER, RESULTS)


def knowing(found: Sequence[RelatedDocument]) -> Callable[[str], tuple[RelatedDocument, ...]]:
    def related(kind: str) -> tuple[RelatedDocument, ...]:
        if kind == "basis":
            return tuple(each for each in found if each.type.endswith("_application"))
        return tuple(each for each in found if f"group:{each.type}" == kind)

    return related


def drafted(found: Sequence[RelatedDocument] = WHOLE, **changes: Any) -> dict[str, Any]:
    source = Source(APPLICATION, PROFILE, {}, DAY, "kk", APPLICATION.content, 1, related=knowing(found))
    return summary.from_application(source) | changes


def refused(content: Mapping[str, Any], found: Sequence[RelatedDocument] = (APPLICATION, *WHOLE)) -> list[str]:
    group = {"responsible": SEATED}
    step = Step("analytical_summary", "submit", content, PROFILE, SYSTEM, DAY, group=group, related=knowing(found))
    return [each.code for each in collect(summary.TYPE.rules, step)]


def test_it_is_composed_from_everything_in_force_and_can_be_sent_at_once() -> None:
    content = drafted()
    assert [row["shows"] for row in content["materials"]] == [
        "88 балл; мәлімделген біліктілік санатына сәйкес келеді", *["75 балл"] * 5,
        "250 сөз", "шекті деңгейге жетпеді",
    ]  # fmt: skip
    assert (content["portfolio_points"], content["portfolio_needed"], content["observation_mean"]) == ("88", "84", "75")
    assert (content["conclusion"], content["category"]) == ("conforms", "expert")
    assert [each["clause"] for each in content["reasoning"]] == ["KRG app. 8", "KRG app. 8"]
    assert [each["person_id"] for each in content["signers"]] == [MEMBER]
    assert "900101300123" not in str(content)
    assert refused(content) == []


def test_the_knowledge_test_is_listed_and_decides_nothing() -> None:
    without = drafted((sheet(88), *LESSONS, ESSAY_PAPER))
    assert (without["conclusion"], without["category"]) == ("conforms", "expert")
    assert refused(without, (APPLICATION, sheet(88), *LESSONS, ESSAY_PAPER)) == []


def test_materials_that_are_too_few_points_show_a_lower_category() -> None:
    found = (sheet(83), *LESSONS, ESSAY_PAPER)
    content = drafted(found)
    assert (content["conclusion"], content["category"]) == ("not", "moderator")
    assert refused(content, (APPLICATION, *found)) == []


@pytest.mark.parametrize(
    "left_out", [("portfolio_teacher",), ("observation_lesson",), ("essay",)], ids=lambda names: names[0]
)
def test_what_is_missing_is_said_before_anybody_signs(left_out: tuple[str, ...]) -> None:
    found = tuple(each for each in WHOLE if each.type not in left_out)
    assert summary.materials_are_complete.name in refused(drafted(found), (APPLICATION, *found))


def test_four_observations_are_one_too_few() -> None:
    found = (sheet(88), *LESSONS[:4], ESSAY_PAPER)
    assert summary.materials_are_complete.name in refused(drafted(found), (APPLICATION, *found))


def test_a_sheet_signed_meanwhile_makes_it_another_conclusion() -> None:
    later = (APPLICATION, *WHOLE, sheet(90, OTHER, 2))
    assert refused(drafted(), later) == [
        summary.figures_are_those_of_the_materials.name, summary.compilers_confirm.name,
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["portfolio_points", "portfolio_needed", "observation_mean"])
def test_no_figure_is_typed_over(field: str) -> None:
    assert refused(drafted(**{field: "101"})) == [summary.figures_are_those_of_the_materials.name]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"conclusion": "not", "category": "moderator"}, [summary.conclusion_follows_or_says_why.name]),
        ({"conclusion": "not", "category": "moderator", "reason": "Дәлелдер 2019 жылғы"}, []),
        ({"conclusion": "not", "category": "", "reason": " "}, [summary.conclusion_follows_or_says_why.name]),
        ({"conclusion": "not", "category": "expert", "reason": "x"}, [summary.conclusion_follows_or_says_why.name]),
        ({"category": ""}, []),  # conforming, the category is the claimed one
    ],
)
def test_who_concludes_otherwise_says_why(changes: Mapping[str, str], codes: list[str]) -> None:
    assert refused(drafted(**changes)) == codes


@pytest.mark.parametrize(
    ("signers", "codes"),
    [
        ([MEMBER, OTHER], []),
        ([OTHER], [summary.compilers_confirm.name]),
        ([], [summary.compilers_confirm.name]),
        ([MEMBER, MEMBER], [summary.compilers_confirm.name]),
        ([MEMBER, 500], [summary.compilers_confirm.name]),
        ([MEMBER, PERSON], [summary.compilers_confirm.name, summary.nobody_confirms_his_own.name]),
    ],
)
def test_members_confirm_and_nobody_else(signers: list[int], codes: list[str]) -> None:
    rows = [{"person": NAMES, "person_id": each} for each in signers]
    assert refused(drafted(signers=rows)) == codes


def test_a_conclusion_belongs_to_an_accepted_application() -> None:
    assert refused(drafted(), (replace(APPLICATION, state="refused"), *WHOLE)) == [
        summary.rests_on_its_application.name
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "found", "codes"),
    [
        ({}, (), []),
        ({"procedure": "prepension"}, (), [summary.materials_are_judged.name]),
        ({"procedure": "without_attestation", "ground": "delta"}, (), [summary.materials_are_judged.name]),
        ({"procedure": "without_attestation", "ground": "language"}, (), []),
        ({}, (paper("analytical_summary", 30, {}, "to_sign"),), [summary.one_conclusion_at_a_time.name]),
        ({}, (paper("analytical_summary", 30, {}, "withdrawn"),), []),
    ],
)
def test_it_is_offered_once_where_materials_are_judged(
    changes: Mapping[str, str], found: Sequence[RelatedDocument], codes: list[str]
) -> None:
    content = {**APPLICATION.content, **changes}
    step = Step("teacher_application", "issue", content, PROFILE, SYSTEM, DAY, related=knowing(found))
    assert [each.code for each in collect(summary.TYPE.derived_from[0].when, step)] == codes


def test_an_accepted_appeal_begins_a_table_of_one_row() -> None:
    appeal = replace(paper("appeal_application", 40, {}, "accepted"), number="АП-1")
    rows = [{"person_id": PERSON, "person": NAMES, "score": 33, "outcome": "failed"}, {"person_id": 71}]
    table = replace(RESULTS, content={"rows": rows})
    source = Source(appeal, PROFILE, {}, DAY, "kk", {}, 1, related=knowing([table]))
    begun = knowledge_results.after_appeal(source)
    assert (begun["appeal_number"], len(begun["rows"])) == ("АП-1", 1)
    assert (begun["rows"][0]["person_id"], begun["rows"][0]["score"], begun["rows"][0]["outcome"]) == (PERSON, None, "")
