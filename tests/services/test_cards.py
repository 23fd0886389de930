"""The card: what it gathers, how service is counted, who may read and write it, and what documents write on it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from docflow.config import Settings
from docflow.core.errors import Forbidden, Invalid, NotFound
from docflow.core.identifiers import iin_faults
from docflow.core.permissions import Actor, Role
from docflow.core.types import CardEntry as Told
from docflow.db import db, unit_of_work
from docflow.models import CardEntry, Document, Person
from docflow.services import cards, documents, people
from tests.services import world

TODAY = world.NOW.date()
NAMES = {"surname": "Сәрсенова", "given_name": "Ақбота", "patronymic": "Ерланқызы"}
# 7 May 1990, a woman; the twelfth digit is the check digit.
FIRST_ELEVEN = "90050745012"


@pytest.fixture
def administrator(app: object) -> Actor:
    return world.WKU.actor("admin")


@pytest.fixture
def teacher(app: object) -> Person:
    digit = next(n for n in range(10) if iin_faults(f"{FIRST_ELEVEN}{n}") == ())
    return people.find_or_create(NAMES, f"{FIRST_ELEVEN}{digit}")


def entered(person: Person, kind: str, actor: Actor, since: date | None = None, /, **data: Any) -> CardEntry:
    until = data.pop("until", None)
    return cards.add_entry(
        person.id, kind, data, basis="Еңбек кітапшасы", actor=actor, now=world.NOW, starts_on=since, ends_on=until
    )


def test_an_empty_card_has_every_part(teacher: Person) -> None:
    card = cards.card_of(teacher.id, on=TODAY)
    assert card["person"] == NAMES
    assert (card["born_on"], card["gender"]) == ("1990-05-07", "f")
    assert (card["teaching_years"], card["production_years"], card["pension_on"]) == (0, 0, "")
    lists = ("posts", "education", "experience", "categories", "certificates", "achievements", "languages")
    assert all(card[name] == [] for name in lists)


def test_nobody_has_no_card(app: object) -> None:
    with pytest.raises(NotFound):
        cards.card_of(10**6, on=TODAY)


@pytest.mark.parametrize(
    ("periods", "on", "years"),
    [
        ([("2023-03-16", "")], "2026-03-15", 2),
        ([("2023-03-16", "")], "2026-03-16", 3),
        ([("2020-01-01", "2022-12-31")], "2026-03-16", 3),
        ([("2020-01-01", "2022-12-30")], "2026-03-16", 2),
        # Half of the second lies in the first.
        ([("2020-01-01", "2021-12-31"), ("2021-01-01", "2022-12-31")], "2026-03-16", 3),
        ([("2020-01-01", "2020-06-30"), ("2021-07-01", "2021-12-31")], "2026-03-16", 1),
        ([("2020-02-29", "")], "2021-02-28", 1),
        ([("2027-01-01", "")], "2026-03-16", 0),
        ([], "2026-03-16", 0),
    ],
)
def test_years_are_completed_and_counted_once(periods: list[tuple[str, str]], on: str, years: int) -> None:
    assert cards.completed_years(periods, date.fromisoformat(on)) == years


def test_service_is_counted_by_its_kind(teacher: Person, administrator: Actor) -> None:
    entered(teacher, "experience", administrator, date(2010, 9, 1), until=date(2015, 8, 31), kind="production")
    entered(teacher, "experience", administrator, date(2015, 9, 1), kind="teaching", profile="Физика")
    card = cards.card_of(teacher.id, on=TODAY)
    assert (card["teaching_years"], card["production_years"]) == (10, 5)
    assert card["experience"][0] == {"kind": "teaching", "profile": "Физика", "since": "2015-09-01", "until": ""}


def test_a_category_holds_as_long_as_the_act_says(teacher: Person, administrator: Actor) -> None:
    entered(teacher, "category", administrator, date(2024, 1, 10), ladder="teacher", category="expert")
    entered(teacher, "category", administrator, date(2025, 1, 10), ladder="head", category="second")
    newest, older = cards.card_of(teacher.id, on=TODAY)["categories"]
    assert (newest["category"], newest["until"]) == ("second", "2028-01-10")
    assert (older["category"], older["until"], older["basis"]) == ("expert", "2029-01-10", "Еңбек кітапшасы")


def test_an_old_name_of_a_head_is_the_category_that_it_equals(teacher: Person, administrator: Actor) -> None:
    entered(teacher, "category", administrator, date(2024, 1, 10), old_name="басшы-менеджер")
    (said,) = cards.card_of(teacher.id, on=TODAY)["categories"]
    assert (said["ladder"], said["category"], said["old_name"]) == ("head", "second", "басшы-менеджер")


def test_an_old_category_of_a_teacher_says_where_it_leads(teacher: Person, administrator: Actor) -> None:
    entered(teacher, "old_category", administrator, date(2019, 1, 10), name="бірінші санат")
    card = cards.card_of(teacher.id, on=TODAY)
    assert card["old_categories"][0]["leads_to"] == "expert"
    assert card["categories"] == []


def test_a_standing_says_what_follows_and_what_it_is_worth_on_a_transfer(teacher: Person, administrator: Actor) -> None:
    until = TODAY + timedelta(days=30)
    entered(teacher, "category", administrator, date(2024, 1, 10), until=until, ladder="head", category="third")
    (standing,) = cards.standings(cards.card_of(teacher.id, on=TODAY), on=TODAY)
    assert standing.is_held
    assert standing.ends_soon
    assert standing.next_title is not None
    assert standing.next_title.kk == "екінші санаттағы басшы"
    assert standing.on_transfer is not None
    assert standing.on_transfer.kk == "үшінші санаттағы басшының орынбасары"
    (later,) = cards.standings(cards.card_of(teacher.id, on=until + timedelta(days=1)), on=until + timedelta(days=1))
    assert not later.is_held


@pytest.mark.parametrize(
    ("kind", "since", "until", "data", "field"),
    [
        ("category", date(2024, 1, 1), None, {"ladder": "teacher", "category": "second"}, "category"),
        ("category", date(2024, 1, 1), None, {"ladder": "priest", "category": "second"}, "ladder"),
        ("category", date(2024, 1, 1), date(2023, 1, 1), {"ladder": "head", "category": "second"}, "ends_on"),
        ("category", None, None, {"ladder": "head", "category": "second"}, "starts_on"),
        ("certificate", date(2024, 1, 1), None, {"title": "Курс"}, "hours"),
        ("pension", None, None, {}, "starts_on"),
        ("tattoo", date(2024, 1, 1), None, {}, "kind"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(
    teacher: Person, administrator: Actor, kind: str, since: date | None, until: date | None, data: Any, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        entered(teacher, kind, administrator, since, until=until, **data)
    assert list(refused.value.errors) == [field]
    assert db.session.scalars(select(CardEntry)).first() is None


def test_an_entry_needs_a_basis(teacher: Person, administrator: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        cards.add_entry(
            teacher.id, "pension", {}, basis=" ", actor=administrator, now=world.NOW, starts_on=date(2030, 5, 7)
        )
    assert list(refused.value.errors) == ["basis"]


def test_a_removed_entry_stays_with_who_when_and_why(teacher: Person, administrator: Actor) -> None:
    entry = entered(teacher, "pension", administrator, date(2053, 5, 7))
    with pytest.raises(Invalid):
        cards.remove_entry(entry.id, reason="", actor=administrator, now=world.NOW)
    cards.remove_entry(entry.id, reason="Қате енгізілген", actor=administrator, now=world.NOW)
    kept = db.session.get_one(CardEntry, entry.id)
    assert kept.removed_at == world.NOW
    assert (kept.removed_by_id, kept.removed_because) == (administrator.account_id, "Қате енгізілген")
    assert cards.card_of(teacher.id, on=TODAY)["pension_on"] == ""
    page = cards.page(teacher.id, actor=administrator, now=world.NOW, language="kk")
    assert [fact.entry for fact in page.removed] == [kept]
    with pytest.raises(NotFound):
        cards.remove_entry(entry.id, reason="Тағы", actor=administrator, now=world.NOW)


# Who may read and write


def test_a_stranger_is_not_found(teacher: Person, clerk: Actor) -> None:
    with pytest.raises(NotFound):
        cards.page(teacher.id, actor=clerk, now=world.NOW, language="kk")
    assert cards.find("Сәрсен", actor=clerk) == []
    with pytest.raises(NotFound):
        entered(teacher, "pension", clerk, date(2053, 5, 7))


def test_an_administrator_begins_a_card_and_the_clerk_goes_on(
    teacher: Person, administrator: Actor, clerk: Actor
) -> None:
    entered(teacher, "pension", administrator, date(2053, 5, 7))
    assert cards.find("сәрсен", actor=clerk) == [teacher]
    entered(teacher, "experience", clerk, date(2015, 9, 1), kind="teaching")
    assert cards.page(teacher.id, actor=clerk, now=world.NOW, language="kk").may_write


def test_what_one_organisation_enters_another_does_not_read(teacher: Person, administrator: Actor) -> None:
    conservatory = Actor(None, None, "docflow", frozenset({Role.ADMINISTRATOR}), organisation_id=_conservatory())
    entered(teacher, "experience", administrator, date(2015, 9, 1), kind="teaching")
    entered(teacher, "pension", conservatory, date(2053, 5, 7))
    page = cards.page(teacher.id, actor=conservatory, now=world.NOW, language="kk")
    assert not page.is_whole
    assert page.card["experience"] == []
    assert page.card["pension_on"] == "2053-05-07"


def test_a_post_opens_the_whole_card(teacher: Person, administrator: Actor) -> None:
    entered(teacher, "experience", administrator, date(2015, 9, 1), kind="teaching")
    conservatory = Actor(None, None, "docflow", frozenset({Role.ADMINISTRATOR}), organisation_id=_conservatory())
    people.add_position(
        conservatory.organisation_id or 0, teacher.id, "teacher", title_kk="мұғалім", title_ru="учитель",
        starts_on=TODAY, actor=conservatory,
    )  # fmt: skip
    page = cards.page(teacher.id, actor=conservatory, now=world.NOW, language="ru")
    assert page.is_whole
    assert page.card["experience"]
    assert (page.card["posts"][0]["title"], page.card["posts"][0]["ladder"]) == ("учитель", "teacher")


def _conservatory() -> int:
    found = world.KNK.actor("clerk").organisation_id
    assert found is not None
    return found


def test_a_draft_by_a_clerk_does_not_open_what_others_know(teacher: Person, administrator: Actor) -> None:
    entered(teacher, "experience", administrator, date(2015, 9, 1), kind="teaching")
    clerk = world.KNK.actor("clerk")
    content = {"applicant": {**NAMES, "iin": teacher.iin}}
    documents.create_draft(
        world.KNK.application, content, actor=clerk, unit_id=world.unit_of(clerk).id, language="kk", now=world.NOW,
        allow_incomplete=True,
    )  # fmt: skip
    page = cards.page(teacher.id, actor=clerk, now=world.NOW, language="kk")
    assert not page.is_whole
    assert page.card["experience"] == []


def test_a_person_reads_his_own_card_and_writes_nothing(teacher: Person, administrator: Actor) -> None:
    entered(teacher, "experience", administrator, date(2015, 9, 1), kind="teaching")
    himself = Actor(None, teacher.id, teacher.full_name, frozenset({Role.APPLICANT}))
    page = cards.page(teacher.id, actor=himself, now=world.NOW, language="kk")
    assert page.is_whole
    assert not page.may_write
    with pytest.raises(Forbidden):
        entered(teacher, "pension", himself, date(2053, 5, 7))
    with pytest.raises(Forbidden):
        cards.find("Сәрсен", actor=himself)


def test_another_organisation_removes_nothing(teacher: Person, administrator: Actor) -> None:
    entry = entered(teacher, "pension", administrator, date(2053, 5, 7))
    conservatory = Actor(None, None, "docflow", frozenset({Role.ADMINISTRATOR}), organisation_id=_conservatory())
    with pytest.raises(Forbidden):
        cards.remove_entry(entry.id, reason="Қате", actor=conservatory, now=world.NOW)


# What documents write


@pytest.fixture
def certified(awaiting: tuple[Settings, list[int]]) -> Document:
    """A certificate that the rector has just signed."""
    settings, ids = awaiting
    world.sign_all(settings, ids[0], world.NOW)
    return documents.load(ids[0])


def test_a_certificate_of_ours_stands_on_the_card(certified: Document) -> None:
    assert certified.subject_id is not None
    (said,) = cards.card_of(certified.subject_id, on=TODAY)["certificates"]
    assert (said["hours"], said["number"], said["code"]) == (80, certified.number, certified.code)
    assert certified.valid_until is not None
    later = cards.card_of(certified.subject_id, on=certified.valid_until + timedelta(days=1))
    assert later["certificates"] == []


def test_hours_of_courses_are_added(certified: Document) -> None:
    clerk = world.WKU.actor("clerk")
    assert certified.subject is not None
    entered(certified.subject, "certificate", clerk, date(2025, 5, 5), title="Инклюзия", hours=36)
    page = cards.page(certified.subject.id, actor=clerk, now=world.NOW, language="ru")
    assert page.hours == 116
    assert page.documents[0][0] == "certificate_annex"


def _category(document: Document, **other: Any) -> Told:
    data = {"ladder": "teacher", "category": "expert", "position": "мұғалім", "procedure": "regular"}
    days = {"starts_on": TODAY, "ends_on": date(2031, 3, 16), **other}
    return Told(document.subject_id or 0, "category", data, **days)


def test_a_document_writes_once_and_takes_back_what_it_wrote(certified: Document) -> None:
    clerk = world.WKU.actor("clerk")
    for _time in range(2):
        with unit_of_work():
            cards.write_entries(certified, [_category(certified)], actor=clerk, now=world.NOW)
    (said,) = cards.card_of(certified.subject_id or 0, on=TODAY)["categories"]
    assert said["category"] == "expert"
    assert str(certified.number) in said["basis"]
    entry = db.session.scalars(select(CardEntry)).one()
    with pytest.raises(Forbidden):
        cards.remove_entry(entry.id, reason="Қате", actor=clerk, now=world.NOW)
    with unit_of_work():
        cards.end_entries(certified, actor=clerk, now=world.NOW, reason="Құжат күші жойылды")
    assert cards.card_of(certified.subject_id or 0, on=TODAY)["categories"] == []


def test_categories_that_end_are_told_once_and_not_when_renewed(certified: Document) -> None:
    clerk = world.WKU.actor("clerk")
    organisation_id, person = clerk.organisation_id or 0, certified.subject
    assert person is not None
    soon = TODAY + timedelta(days=60)
    with unit_of_work():
        cards.write_entries(certified, [_category(certified, ends_on=soon)], actor=clerk, now=world.NOW)
    (ending,) = cards.ending_categories(organisation_id, before=soon)
    assert (ending.person, ending.until, ending.apply_by) == (person, soon, None)
    assert cards.ending_categories(organisation_id, before=soon - timedelta(days=1)) == []
    assert cards.ending_categories(_conservatory(), before=soon) == []
    entered(person, "category", clerk, TODAY, ladder="teacher", category="expert", until=date(2031, 3, 16))
    assert cards.ending_categories(organisation_id, before=soon) == []


def test_a_head_applies_half_a_year_before(certified: Document) -> None:
    clerk = world.WKU.actor("clerk")
    assert certified.subject is not None
    entered(certified.subject, "category", clerk, date(2023, 9, 1), ladder="head", category="second")
    (ending,) = cards.ending_categories(clerk.organisation_id or 0, before=date(2026, 9, 1))
    assert (ending.until, ending.apply_by) == (date(2026, 9, 1), date(2026, 3, 1))
