"""An application for attestation on its way: filed for oneself, registered, accepted or refused, answered in a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import Forbidden, Refused
from docflow.core.permissions import Actor, Role
from docflow.core.registry import document_type
from docflow.db import db, unit_of_work
from docflow.models import Document, Group, Organisation
from docflow.services import cards, documents, drafting, groups, issuing, routing
from tests.services import world

NOW = datetime(2025, 10, 7, 5, 0, tzinfo=UTC)  # a Tuesday morning in Kazakhstan
FRIDAY_EVENING = datetime(2025, 10, 10, 17, 30, tzinfo=UTC)
CLERK, CHIEF, TEACHER = (f"{name}@krg-intake.example" for name in ("clerk", "chief", "teacher"))
STAFF = (
    demo.DemoAccount(CLERK, ("Ахметова", "Динара", "Болатқызы"), "", (Role.CLERK,), "kk",
                     ("clerk", "хатшы", "секретарь"), in_centre=True),
    demo.DemoAccount(CHIEF, ("Бөкенов", "Серік", "Ғалымұлы"), "", (Role.SIGNATORY,), "kk",
                     ("authorised", "бөлім басшысы", "руководитель отдела")),
    demo.DemoAccount(TEACHER, ("Өмірғалиева", "Ғазиза", "Әбдіжәмілқызы"), "", (Role.APPLICANT,), "kk"),
)  # fmt: skip


def settle(settings: Settings) -> None:
    """An organisation of the region that goes on with the order, its open round, and a teacher with a card."""
    data = {**demo.WKU_ORGANISATION, "code": "krg-intake", "profile": "krg", "bin": "990440000385"}
    demo.install_organisation(settings, data, STAFF, "АТТ", first_iin=740, now=world.INSTALLED)
    with unit_of_work():
        organisation = db.session.query(Organisation).filter_by(code="krg-intake").one()
        organisation.settings = {"continued_by_order": "№ 5, 06.01.2025"}
        db.session.add(
            Group(
                organisation_id=organisation.id, unit_id=next(iter(clerk().unit_ids)), code="А-25", kind="attestation",
                topic_kk="Күзгі аттестаттау", topic_ru="Осенняя аттестация", hours=0, created_at=NOW,
                starts_on=date(2025, 9, 1), ends_on=date(2025, 12, 31), responsible=[],
            )
        )  # fmt: skip
    write_card()


def write_card() -> None:
    # An administrator begins the card of one who is new.
    keeper = replace(clerk(), roles=frozenset({Role.ADMINISTRATOR}))

    def write(entry: str, starts_on: date | None, ends_on: date | None = None, **data: Any) -> None:
        cards.add_entry(
            int(teacher().person_id or 0), entry, data, basis="түпнұсқа", actor=keeper, now=NOW, starts_on=starts_on,
            ends_on=ends_on,
        )  # fmt: skip

    write("post", date(2015, 9, 1), title="химия мұғалімі", organisation="№ 5 мектеп", ladder="teacher")
    write("education", None, level="higher", kind="pedagogical", speciality="химия", institution="ҚарУ", year=2015,
          document="ЖБ № 1")  # fmt: skip
    write("experience", date(2015, 9, 1), kind="teaching", profile="химия")
    write("category", date(2021, 5, 30), date(2026, 5, 30), ladder="teacher", category="expert", procedure="regular",
          position="")  # fmt: skip
    write("certificate", date(2025, 3, 1), title="Химия сабағы", hours=80, organisation="Өрлеу", number="1")


def clerk() -> Actor:
    return demo.actor_of(CLERK)


def teacher() -> Actor:
    return demo.actor_of(TEACHER)


@pytest.fixture
def settings(installation: Callable[[str, Callable[[Settings], object]], Settings]) -> Iterator[Settings]:
    found = installation("krg-intake", settle)
    with world.running(found):
        yield found


def drafted(now: datetime = NOW, **changes: Any) -> Document:
    """The teacher's own application, begun with his card, with every document attached."""
    kind, himself = document_type("teacher_application"), teacher()
    content = {**deepcopy(dict(kind.sample)), **drafting.begun(kind, actor=himself, now=now)}
    content |= {"email": "gaziza@example.kz", "phone": "+7 700 000 00 12", "claimed": "researcher"}
    content |= {"is_subordinate": False, **changes}
    unit = next(iter(clerk().unit_ids))
    made = documents.create_draft(kind.name, content, actor=himself, unit_id=unit, language="kk", now=now)
    world.attach_required(made.id, himself, now)
    if content["current"] != "expert":  # the card holds no other category
        documents.attach(made.id, "category_certificate", "scan.png", world.SCAN, actor=himself, now=now)
    return made


def filed(settings: Settings, now: datetime = NOW, **changes: Any) -> Document:
    made = drafted(now, **changes)
    routing.perform(made.id, "submit", actor=teacher(), now=now)
    world.sign_all(settings, made.id, now)
    return documents.load(made.id)


def refusals_of(found: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.code for each in found.value.refusals]


def test_a_teacher_files_with_what_the_card_knows(settings: Settings) -> None:
    made = filed(settings)
    content = documents.content(made)
    assert (content["position"], content["speciality"]) == ("химия мұғалімі", "химия")
    assert (content["current"], content["current_until"]) == ("expert", "2026-05-30")
    assert content["applicant"]["iin"]
    assert (made.state, made.registered_on) == ("submitted", date(2025, 10, 7))
    assert made.group is not None
    assert made.group.code == "А-25"


def test_what_comes_after_hours_is_registered_on_the_next_working_day(settings: Settings) -> None:
    made = filed(settings, FRIDAY_EVENING)
    assert made.registered_on == date(2025, 10, 13)


def test_an_accepted_application_is_answered_by_itself(settings: Settings) -> None:
    made = filed(settings)
    routing.perform(made.id, "accept", actor=clerk(), now=NOW)
    notice = world.document_of("acceptance_notice")
    assert (notice.state, notice.subject_id, notice.group_id) == ("to_sign", made.subject_id, made.group_id)
    assert documents.content(notice)["application_number"] == made.number
    world.sign_all(settings, notice.id, NOW)
    assert documents.load(notice.id).state == "in_force"
    assert documents.get(notice.id, actor=teacher())


def test_a_refusal_names_the_documents_line_by_line(settings: Settings) -> None:
    made = filed(settings)
    comment = "білімі туралы құжат\nеңбек қызметі туралы құжат"
    routing.perform(made.id, "refuse", actor=clerk(), now=NOW, comment=comment)
    notice = world.document_of("refusal_notice")
    assert [row["title"] for row in documents.content(notice)["documents"]] == comment.split("\n")
    world.sign_all(settings, notice.id, NOW)
    assert documents.load(notice.id).state == "in_force"


def test_a_second_application_of_the_school_year_is_refused(settings: Settings) -> None:
    filed(settings)
    again = drafted(NOW + timedelta(days=1))
    with pytest.raises(Refused) as found:
        routing.perform(again.id, "submit", actor=teacher(), now=NOW + timedelta(days=1))
    assert refusals_of(found) == ["once_a_school_year"]


def test_a_refused_application_may_be_filed_again(settings: Settings) -> None:
    made = filed(settings)
    routing.perform(made.id, "refuse", actor=clerk(), now=NOW, comment="еңбек қызметі туралы құжат")
    assert filed(settings, NOW + timedelta(days=1)).state == "submitted"


def test_a_late_application_is_refused_whatever_day_it_bears(settings: Settings) -> None:
    late = datetime(2026, 1, 5, 5, 0, tzinfo=UTC)
    made = drafted(late, filed_on="2025-12-31")
    with pytest.raises(Refused) as found:
        routing.perform(made.id, "submit", actor=teacher(), now=late)
    assert refusals_of(found) == ["window"]


def test_the_clerk_compares_with_the_card(settings: Settings) -> None:
    made = filed(settings, current="moderator", current_until="2026-05-30", claimed="expert", is_subordinate=True)
    with pytest.raises(Refused) as found:
        routing.perform(made.id, "accept", actor=clerk(), now=NOW)
    assert refusals_of(found) == ["current_is_the_cards"]


def test_everybody_of_a_table_gets_a_draft_of_the_round(settings: Settings) -> None:
    titles = (
        "Тегі", "Аты", "ЖСН", "Лауазымы", "Мамандығы", "Жұмыс орны", "Электрондық пошта", "Телефон", "Бағалау парағы",
        "Аттестаттау жылы", "Мәлімделетін санаты", "Келісім", "Өтініш берілген күні",
    )  # fmt: skip
    rows = [
        ("Ким", "Ли", iin, "мұғалім", "химия", "№ 5 мектеп", "kim@example.kz", "+7 700 000 00 00", "Педагог", "2026",
         "педагог-зерттеуші", "иә", "07.10.2025")
        for iin in ("850314400129", "790512301232")
    ]  # fmt: skip
    table = "\n".join(";".join(row) for row in (titles, *rows))
    group = db.session.query(Group).filter_by(code="А-25").one()
    report = groups.import_applications(
        group.id, "teacher_application", "round.csv", table.encode(), actor=clerk(), now=NOW
    )
    assert not report.failed
    made = [documents.load(row.document_id or 0) for row in report.rows]
    assert [documents.content(each)["claimed"] for each in made] == ["researcher", "researcher"]
    assert {each.group_id for each in made} == {group.id}


def results_in_force(about: Document) -> Document:
    """The table of the round's knowledge test, in which the applicant stands."""
    assert about.subject is not None
    row = {
        "person": about.subject.as_content, "person_id": about.subject_id, "position": "", "ladder": "teacher",
        "claimed": "researcher", "score": 33, "max_score": 50, "outcome": "failed", "category": "expert",
    }  # fmt: skip
    made = documents.create_draft(
        "knowledge_results", {"held_on": "2025-10-07", "rows": [row]}, actor=clerk(), unit_id=about.unit_id,
        language="kk", now=NOW, group_id=about.group_id,
    )  # fmt: skip
    with unit_of_work():
        made.state, made.number, made.registered_on = "in_force", "АТТ-ПББ-00001/2025", NOW.date()
    return made


def test_an_applicant_appeals_against_his_result(settings: Settings) -> None:
    made = filed(settings)
    routing.perform(made.id, "accept", actor=clerk(), now=NOW)
    with pytest.raises(Forbidden):
        issuing.draft(made.id, "appeal_application", actor=teacher(), now=NOW)
    results = results_in_force(made)
    appeal = issuing.draft(made.id, "appeal_application", actor=teacher(), now=NOW)
    change(appeal, text="17-тапсырма")
    with unit_of_work():
        results.state = "annulled"
    with pytest.raises(Refused) as found:
        routing.perform(appeal.id, "submit", actor=teacher(), now=NOW)
    assert refusals_of(found) == ["against_a_result_of_the_test"]
    with unit_of_work():
        results.state = "in_force"
    routing.perform(appeal.id, "submit", actor=teacher(), now=NOW)
    world.sign_all(settings, appeal.id, NOW)
    assert documents.load(appeal.id).state == "submitted"


def test_an_appeal_begins_with_the_result(settings: Settings) -> None:
    made = filed(settings)
    routing.perform(made.id, "accept", actor=clerk(), now=NOW)
    results_in_force(made)
    appeal = issuing.draft(made.id, "appeal_application", actor=teacher(), now=NOW)
    content = documents.content(appeal)
    assert (content["score"], content["max_score"]) == (33, 50)
    assert (content["results_number"], content["held_on"]) == ("АТТ-ПББ-00001/2025", "2025-10-07")
    assert appeal.subject_id == made.subject_id


def change(document: Document, **changes: Any) -> None:
    content = {**documents.content(document), **changes}
    documents.update(document.id, content, actor=teacher(), version=document.version, now=NOW)
