"""What docflow knows for a portfolio sheet, and how a sheet is filled from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from docflow.config import Settings
from docflow.core.errors import Conflict, Forbidden, NotFound, Refused
from docflow.core.permissions import Permission
from docflow.db import db, unit_of_work
from docflow.models import CardEntry, Document, Organisation, Signature
from docflow.regulations.krg.sheets import PORTFOLIO
from docflow.regulations.profiles import PROFILES
from docflow.services import documents, portfolios, routing
from docflow.services.portfolios import Collected, Known
from tests.services import scored, world
from tests.services.conftest import Filled
from tests.services.scored import MEMBER, NOW, OUTSIDER, TEACHER, actor, person

KRG = PROFILES["krg"]


def _fill(settings: Settings) -> None:
    at = scored.settle(settings)
    scored.observe(at.group_id, 5)
    scored.write_on_card(
        "certificate", starts_on=date(2024, 3, 1), title="Бағалау", hours="40", organisation="«Өрлеу»", number="0017"
    )
    scored.write_on_card(
        "certificate", starts_on=date(2024, 5, 1), title="Цифрлық құралдар", hours="40", organisation="ҰБА", number="9"
    )
    scored.write_on_card(
        "achievement", starts_on=date(2024, 4, 1), kind="own_contest", level="region", title="«Үздік педагог»",
        result="winner", document="№ 118 диплом",
    )  # fmt: skip


@pytest.fixture
def at(installation: Callable[[str, Filled], Settings]) -> Iterator[scored.Round]:
    settings = installation("scored", _fill)
    with world.running(settings):
        yield scored.found()


def sheet(at: scored.Round) -> Document:
    return scored.sheet(at)


def known(at: scored.Round, email: str = MEMBER) -> Collected:
    return portfolios.collected(person(TEACHER).id, actor=actor(email), on=NOW.date(), profile=KRG)


def line(document: Document, number: str) -> dict[str, Any]:
    rows = [row for row in documents.content(document)["rows"] if row["number"] == number]
    assert len(rows) == 1
    return dict(rows[0])


# ---------------------------------------------------------------- what is collected


def test_it_collects_courses_observations_and_achievements(at: scored.Round) -> None:
    sheet(at)
    found = known(at)
    assert found.hours == 80
    assert (len(found.observations), found.points, found.mean) == (5, (68,) * 5, 68)
    assert [each.kind for each in found.achievements] == ["own_contest"]
    assert found.certificates[0].named.startswith(("Бағалау, № 0017, 01.03.2024, «Өрлеу», 40 сағат", "Цифрлық"))
    assert [title.msgid for title, _ in found.lists] == [
        "Certificates of courses",
        "Observation sheets",
        "Achievements",
    ]


def test_the_observer_has_his_sheets_as_feedback(at: scored.Round) -> None:
    found = portfolios.collected(person(MEMBER).id, actor=actor(MEMBER), on=NOW.date(), profile=KRG)
    assert (len(found.feedback), found.observations) == (5, ())


def test_only_who_holds_a_sheet_or_may_read_the_card_sees_it(at: scored.Round) -> None:
    with pytest.raises(NotFound):
        known(at, MEMBER)
    sheet(at)
    assert known(at, MEMBER).hours == known(at, TEACHER).hours == known(at, scored.CLERK).hours == 80
    with pytest.raises(NotFound):
        known(at, OUTSIDER)


def test_of_whoever_never_applied_here_only_what_is_known_here_is_told(at: scored.Round) -> None:
    sheet(at)
    whole = known(at, scored.CLERK)
    with unit_of_work():
        db.session.query(Signature).filter_by(person_id=person(TEACHER).id).delete()
        db.session.query(CardEntry).filter_by(kind="achievement").one().organisation_id = at_another()
        for each in db.session.query(Document).filter_by(type="observation_lesson").limit(2):
            each.organisation_id = at_another()
    clerks, members = known(at, scored.CLERK), known(at, MEMBER)
    assert (len(whole.achievements), len(clerks.achievements), len(members.achievements)) == (1, 0, 0)
    assert (whole.hours, clerks.hours, members.hours) == (80, 80, 0)
    assert (len(whole.points), len(clerks.points), len(members.points)) == (5, 3, 3)
    assert known(at, TEACHER) == whole


def at_another() -> int:
    return db.session.query(Organisation).filter_by(code="knk").one().id


def test_observations_count_when_there_are_five_of_this_school_year_or_the_last(at: scored.Round) -> None:
    teacher, member = person(TEACHER).id, actor(MEMBER)
    sheet(at)
    later = portfolios.collected(teacher, actor=member, on=NOW.date() + timedelta(days=800), profile=KRG)
    assert (len(later.observations), later.points, later.mean) == (5, (), None)


# ---------------------------------------------------------------- what is suggested


def suggested(code: str = "P1", group: str = "teacher", **held: Any) -> dict[str, dict[str, Any]]:
    found = portfolios.suggest(PORTFOLIO[code], Collected(**held), group, profile=KRG)
    return {row["number"]: row for row in found}


def test_nothing_is_suggested_of_nothing() -> None:
    assert [suggested(code, "head") for code in PORTFOLIO] == [{}] * 6


def test_hours_of_several_courses_are_summed() -> None:
    courses = (Known("А", "1", hours=36), Known("Б", "2", hours=36))
    row = suggested(certificates=courses)["4.1"]
    assert (row["level"], row["points"]) == (1, 1)
    assert row["evidence"] == "Барлығы 72 сағат: А, № 1, 36 сағат; Б, № 2, 36 сағат"
    assert suggested(certificates=courses[:1]) == {}
    assert suggested("P2", "cabinet_methodist", certificates=courses)["4.1"]["level"] == 2


def test_the_mean_gives_its_whole_part_and_tells_the_rest() -> None:
    held = {"mean": portfolios.rules.mean([88, 88, 88, 89, 89], at_least=5), "points": (88, 88, 88, 89, 89)}
    row = suggested(**held, observations=tuple(Known("парақ", f"БП-{n}") for n in range(1, 6)))["1.2"]
    assert (row["level"], row["points"]) == (2, 88)
    assert row["evidence"] == "Бақылау парақтары: 5 (БП-1, БП-2, БП-3, БП-4, БП-5), орташа арифметикалық мәні 88,40"
    assert suggested("P2", "methodist", **held) == {}


def test_sheets_that_a_methodist_has_filled_in_are_counted() -> None:
    sheets = tuple(Known("парақ", f"БП-{n}") for n in range(1, 7))
    assert suggested("P2", "methodist", feedback=sheets)["1.1"] | {"evidence": ""} == {
        "number": "1.1", "level": 2, "points": 6, "evidence": "", "won": False, "joint": False, "authors": None,
        "pieces": None,
    }  # fmt: skip
    assert suggested("P2", "methodist", feedback=sheets[:3]) == {}


def test_achievements_that_add_up_are_all_suggested_others_by_the_highest() -> None:
    talks = (Known("А", kind="talk", level="district"), Known("Б", kind="talk", level="region"))
    found = portfolios.suggest(PORTFOLIO["P1"], Collected(achievements=talks), "teacher", profile=KRG)
    assert [(row["number"], row["level"], row["points"]) for row in found] == [("3.2", 2, 3), ("3.2", 1, 2)]
    found = portfolios.suggest(PORTFOLIO["P5"], Collected(achievements=talks), "deputy", profile=KRG)
    assert [(row["number"], row["level"], row["points"]) for row in found] == [("4.2", 1, 3)]


def test_a_winner_brings_his_point_where_the_sheet_has_one() -> None:
    won = Known("А", kind="own_contest", level="region", won=True)
    assert suggested(achievements=(won,))["2.2"]["points"] == 4
    materials = Known("Б", kind="materials", level="region", won=True)
    assert (suggested(achievements=(materials,))["3.5"]["won"], suggested(achievements=(materials,))["3.5"]["points"]) \
        == (False, 3)  # fmt: skip


# ---------------------------------------------------------------- filling in


def test_collecting_fills_empty_lines_with_their_evidence(at: scored.Round) -> None:
    document = sheet(at)
    document, count = portfolios.collect(document.id, actor=actor(MEMBER), version=document.version, now=NOW)
    assert count == 3
    assert line(document, "1.2")["points"] == 68
    assert (line(document, "4.1")["level"], line(document, "4.1")["points"]) == (2, 3)
    assert (line(document, "2.2")["won"], line(document, "2.2")["points"]) == (True, 4)
    assert portfolios.page(document).total == 75


def test_collecting_never_overwrites_what_a_member_entered(at: scored.Round) -> None:
    document = sheet(at)
    content = documents.content(document)
    for row in content["rows"]:
        if row["number"] == "4.1":
            row["evidence"] = "сертификаты жоқ"
    document = documents.update(document.id, content, actor=actor(MEMBER), version=document.version, now=NOW)
    document, count = portfolios.collect(document.id, actor=actor(MEMBER), version=document.version, now=NOW)
    assert count == 2
    assert (line(document, "4.1")["points"], line(document, "4.1")["evidence"]) == (0, "сертификаты жоқ")
    again, count = portfolios.collect(document.id, actor=actor(MEMBER), version=document.version, now=NOW)
    assert (count, documents.content(again)) == (0, documents.content(document))


def test_a_second_tab_learns_that_the_sheet_has_changed(at: scored.Round) -> None:
    document = sheet(at)
    before = document.version
    portfolios.collect(document.id, actor=actor(MEMBER), version=before, now=NOW)
    with pytest.raises(Conflict):
        portfolios.collect(document.id, actor=actor(MEMBER), version=before, now=NOW)


def test_winners_of_one_level_bring_their_point_once() -> None:
    content = {"rows": [portfolios._line("2.2", None, 0, "")]}
    won = [portfolios._line("2.2", 2, 4, name, won=True) for name in ("а", "б")]
    filled = portfolios.filled_in(content, won)["rows"]
    assert [(row["points"], row["won"]) for row in filled] == [(4, True), (3, False)]


def test_the_sheet_is_in_the_hands_of_its_member(at: scored.Round) -> None:
    document = sheet(at)
    assert Permission.EDIT in documents.permissions(document, actor=actor(MEMBER))
    for email in (TEACHER, OUTSIDER):
        with pytest.raises((NotFound, Forbidden)):
            portfolios.collect(document.id, actor=actor(email), version=document.version, now=NOW)


def test_another_document_is_no_score_sheet(at: scored.Round) -> None:
    with pytest.raises(NotFound):
        portfolios.sheet_of(documents.load(at.application_id))


# ---------------------------------------------------------------- points that follow their columns


@pytest.mark.parametrize(
    ("before", "after", "points"),
    [
        ({"level": None, "points": 0}, {"level": 2, "points": None}, 3),
        ({"level": None, "points": 0}, {"level": 2, "points": 0}, 3),  # left as they stood
        ({"level": 2, "points": 3}, {"level": 3, "points": 3}, 4),
        ({"level": 2, "points": 3}, {"level": 2, "points": 1}, 1),  # fewer, on purpose
        ({"level": 2, "points": 3}, {"level": 2, "points": 3, "won": True}, 4),
        ({"level": 2, "points": 3}, {"level": 1, "points": 2}, 2),
    ],
)
def test_points_follow_a_changed_column(
    at: scored.Round, before: dict[str, Any], after: dict[str, Any], points: int
) -> None:
    document = sheet(at)
    empty = portfolios._line("2.1", None, 0, "")
    content, saved = {"rows": [empty | after]}, {"rows": [empty | before]}
    assert portfolios.completed(document, content, before=saved)["rows"][0]["points"] == points


def test_a_mean_finds_its_own_column(at: scored.Round) -> None:
    row = portfolios._line("1.2", None, 72, "")
    assert portfolios.completed(sheet(at), {"rows": [row]})["rows"][0]["level"] == 1


def test_works_are_added_and_taken_out() -> None:
    content = {"rows": [portfolios._line(number, None, 0, "") for number in ("3.2", "3.3")]}
    more = portfolios.with_line(content, "3.2")
    assert [row["number"] for row in more["rows"]] == ["3.2", "3.2", "3.3"]
    assert [row["number"] for row in portfolios.without_line(more, 1)["rows"]] == ["3.2", "3.3"]
    filled = {"rows": [portfolios._line("3.2", 2, 3, "семинар")]}
    assert portfolios.without_line(filled, 0)["rows"] == [portfolios._line("3.2", None, 0, "")]
    assert portfolios.without_line(filled, 7) == filled


# ---------------------------------------------------------------- sending


def test_a_sheet_filled_from_what_is_known_is_sent_and_signed(
    installation: Callable[[str, Filled], Settings],
) -> None:
    settings = installation("scored", _fill)
    with world.running(settings):
        document = scored.sheet(scored.found())
        document, _ = portfolios.collect(document.id, actor=actor(MEMBER), version=document.version, now=NOW)
        with pytest.raises(Refused) as refused:
            routing.perform(document.id, "submit", actor=actor(MEMBER), now=NOW)
        assert {each.code for each in refused.value.refusals} == {"the_recommendation_is_given"}
        content = documents.content(document) | {"recommendation": "lower", "recommended_category": "moderator"}
        documents.update(document.id, content, actor=actor(MEMBER), version=document.version, now=NOW)
        routing.perform(document.id, "submit", actor=actor(MEMBER), now=NOW)
        world.sign_all(settings, document.id, NOW)
        assert documents.load(document.id).state == "in_force"
