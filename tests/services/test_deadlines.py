"""Terms that run: counted in working days, met by what answers, kept in the record when late, and reminded of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from docflow import jobs
from docflow.config import Settings
from docflow.core.permissions import SYSTEM
from docflow.core.regulations import Term
from docflow.db import db, unit_of_work
from docflow.models import CardEntry, Delivery, Document
from docflow.regulations import KRG
from docflow.regulations.profiles import PROFILES, with_decisions
from docflow.services import deadlines, documents, history, reminders, routing
from docflow.services.deadlines import Running, Urgency
from tests.services import attesting, world
from tests.services.attesting import Body

FRIDAY, MONDAY = date(2026, 3, 13), date(2026, 3, 16)


def at(day: date) -> datetime:
    return datetime.combine(day, time(6, 0), UTC)


@pytest.fixture
def body(app: Flask) -> Body:
    return attesting.establish()


def found(body: Body, name: str, on: date = MONDAY) -> list[Running]:
    return [each for each in deadlines.running(actor=body.clerk, now=at(on)) if each.name == name]


def one(body: Body, name: str, on: date = MONDAY) -> Running:
    (running,) = found(body, name, on)
    return running


@pytest.mark.parametrize(
    ("today", "urgency", "left"),
    [
        (FRIDAY, Urgency.SOON, 1),
        (date(2026, 3, 14), Urgency.SOON, 1),  # a Saturday: Monday is still ahead
        (MONDAY, Urgency.TODAY, 0),
        (date(2026, 3, 17), Urgency.OVERDUE, 1),
        (date(2026, 3, 26), Urgency.OVERDUE, 5),  # 21 to 25 March are free: the weekend and Nauryz
    ],
)
def test_an_application_is_answered_within_one_working_day(
    body: Body, today: date, urgency: Urgency, left: int
) -> None:
    body.filed("teacher_application", "submitted", FRIDAY)
    running = one(body, "application_notice", today)
    assert (running.last_day, running.urgency) == (MONDAY, urgency)
    assert running.left == left
    assert running.clause == KRG.terms["application_notice"].clause
    assert running.about == body.applicant.full_name


def test_free_days_are_not_counted(body: Body) -> None:
    assert deadlines.days_left(date(2026, 3, 20), date(2026, 3, 26)) == 1  # 21 to 25 March: weekend and Nauryz
    assert deadlines.days_left(date(2026, 3, 26), date(2026, 3, 20)) == 1


def test_the_day_of_the_event_counts_where_the_organisation_says_so(body: Body) -> None:
    term, profile = KRG.terms["protocol_extract"], PROFILES["krg"]
    assert deadlines.last_day(term, MONDAY, profile) == date(2026, 3, 19)
    assert deadlines.last_day(term, MONDAY, with_decisions(profile, {"term_first_day": "event_day"})) == date(
        2026, 3, 18
    )


@pytest.mark.parametrize(
    ("unit", "amount", "last"),
    [("working_days", 3, date(2026, 3, 19)), ("months", 6, date(2026, 9, 16)), ("years", 1, date(2027, 3, 16))],
)
def test_every_unit_of_a_term_is_counted(body: Body, unit: str, amount: int, last: date) -> None:
    assert deadlines.last_day(Term("x", amount, unit, KRG.clause("20")), MONDAY) == last


def test_a_notice_in_force_meets_the_term_and_a_draft_does_not(body: Body) -> None:
    application = body.filed("teacher_application", "accepted", FRIDAY)
    notice = body.filed("acceptance_notice", "to_sign", MONDAY)
    with unit_of_work():
        documents.relate(notice, application, "notice")
    assert found(body, "application_notice")
    with unit_of_work():
        notice.state = "in_force"
    assert not found(body, "application_notice")


def test_a_state_in_which_a_term_does_not_run_is_left_out(body: Body) -> None:
    for state in ("draft", "to_sign", "withdrawn"):
        body.filed("teacher_application", state, FRIDAY)
    assert not found(body, "application_notice")


def item(body: Body, **changes: object) -> dict[str, object]:
    return {
        "person": attesting.NAMES,
        "person_id": body.applicant.id,
        "voted_at": "10:00",
        "conclusion": "claimed",
        "category": "expert",
        **changes,
    }


def test_every_row_that_is_decided_needs_its_extract(body: Body) -> None:
    seats = {"secretary_id": body.applicant.id, "chair_id": body.applicant.id}
    items = [item(body), item(body), item(body, voted_at="", conclusion="")]  # the third was put off
    with unit_of_work():
        protocol = body.filed("teacher_protocol", "in_force", MONDAY, held_on=MONDAY.isoformat(), **seats)
        documents.current_revision(protocol).content = {**documents.content(protocol), "items": items}
    assert one(body, "extracts").last_day == date(2026, 3, 19)
    assert one(body, "list_publication").last_day == date(2026, 4, 9)
    for row in (1, 2):
        assert found(body, "extracts")
        extract = body.filed("teacher_extract", "in_force", MONDAY)
        with unit_of_work():
            documents.relate(extract, protocol, "extract", row=row, key=f"teacher_extract:{row}")
    assert not found(body, "extracts")
    assert found(body, "list_publication")


@pytest.mark.parametrize(
    ("addressed_to", "state", "name", "last"),
    [
        ("quality_body", "submitted", "complaint_forwarding", date(2026, 3, 19)),
        ("provider", "submitted", "complaint_provider", date(2026, 3, 26)),
        ("quality_body", "forwarded", "complaint_quality_body", date(2026, 4, 9)),
    ],
)
def test_a_complaint_has_the_terms_of_clause_26(
    body: Body, addressed_to: str, state: str, name: str, last: date
) -> None:
    body.filed("complaint", state, MONDAY, addressed_to=addressed_to)
    assert one(body, name).last_day == last


def test_a_term_runs_only_for_the_contents_that_start_it(body: Body) -> None:
    body.filed("complaint", "submitted", MONDAY, addressed_to="quality_body")
    assert not found(body, "complaint_provider")
    for ground in ("language", "celta"):
        body.filed("without_attestation_application", "submitted", MONDAY, ground=ground)
    assert not found(body, "session_without_attestation")
    body.filed("without_attestation_application", "submitted", MONDAY, ground="production_expert")
    assert one(body, "session_without_attestation").last_day == date(2026, 3, 26)


@pytest.mark.parametrize(("on", "late"), [(date(2026, 3, 19), []), (date(2026, 3, 20), ["complaint_forwarding"])])
def test_what_is_met_by_a_step_is_late_when_the_step_is(body: Body, on: date, late: list[str]) -> None:
    complaint = body.filed("complaint", "submitted", MONDAY, addressed_to="quality_body")
    routing.perform(complaint.id, "forward", actor=body.clerk, now=at(on), comment="Іс материалдарымен")
    noted = [each.detail["term"] for each in history.entries(complaint) if each.action == deadlines.MET_LATE]
    assert noted == late


def test_a_commission_ends_after_its_year_and_a_later_order_takes_its_place(body: Body) -> None:
    order = body.filed("commission_order", "in_force", date(2025, 4, 1))
    with unit_of_work():
        order.valid_from, order.valid_until = date(2025, 4, 1), date(2026, 4, 1)
    assert one(body, "commission_mandate").last_day == date(2026, 4, 1)
    assert not found(body, "commission_mandate", date(2026, 1, 30))
    later = body.filed("commission_order", "in_force", MONDAY)
    with unit_of_work():
        later.valid_from, later.valid_until = MONDAY, date(2027, 3, 16)
    assert not found(body, "commission_mandate")


def holds(body: Body, ladder: str, category: str, until: date) -> None:
    with unit_of_work():
        db.session.add(
            CardEntry(
                person_id=body.applicant.id, organisation_id=body.organisation.id, kind="category",
                data={"ladder": ladder, "category": category}, starts_on=date(2023, 1, 1), ends_on=until,
                basis="Бұйрық", created_at=world.NOW,
            )
        )  # fmt: skip


@pytest.mark.parametrize(("until", "is_shown"), [(date(2026, 9, 16), True), (date(2026, 9, 17), False)])
def test_categories_that_end_within_six_months_are_shown(body: Body, until: date, is_shown: bool) -> None:
    holds(body, "teacher", "expert", until)
    assert bool(found(body, "category_ends")) is is_shown


def test_a_head_has_to_apply_six_months_before_his_category_ends(body: Body) -> None:
    holds(body, "head", "second", date(2026, 9, 13))
    running = one(body, "head_application_before")
    assert (running.last_day, running.urgency) == (FRIDAY, Urgency.OVERDUE)
    body.filed("head_application", "submitted", FRIDAY)
    assert not found(body, "head_application_before")


def test_only_what_a_person_may_see_runs_for_him(body: Body) -> None:
    body.filed("teacher_application", "submitted", FRIDAY)
    now = at(date(2026, 3, 18))
    assert deadlines.count_overdue(actor=body.clerk, now=now) == 1
    assert deadlines.count_overdue(actor=body.inspector, now=now) == 1
    assert deadlines.count_overdue(actor=body.administrator, now=now) == 1
    elsewhere = replace(body.clerk, unit_ids=frozenset({10**6}), account_id=10**6, person_id=10**6)
    assert deadlines.running(actor=elsewhere, now=now) == []
    assert deadlines.count_overdue(actor=world.WKU.actor("clerk"), now=now) == 0
    assert deadlines.running(actor=world.WKU.actor("rector"), now=now) == []


def test_a_document_knows_its_own_terms(body: Body) -> None:
    mine = body.filed("teacher_application", "submitted", FRIDAY)
    body.filed("teacher_application", "submitted", FRIDAY)
    (running,) = deadlines.of_document(mine, now=at(MONDAY))
    assert running.document is not None
    assert running.document.id == mine.id


def answered(body: Body, settings: Settings, on: date) -> Document:
    """An application whose notice was signed *on* a day, by the authorised person's own key."""
    application = body.filed("teacher_application", "accepted", FRIDAY)
    notice = documents.create_draft(
        "acceptance_notice",
        {"person": attesting.NAMES, "person_id": body.applicant.id, "application_number": application.number,
         "application_date": FRIDAY.isoformat(), "sent_on": on.isoformat()},
        actor=SYSTEM, unit_id=body.unit.id, language="kk", now=at(on), subject_id=body.applicant.id,
    )  # fmt: skip
    with unit_of_work():
        documents.relate(notice, application, "notice")
    routing.perform(notice.id, "submit", actor=SYSTEM, now=at(on))
    world.sign_all(settings, notice.id, at(on))
    return application


@pytest.mark.parametrize(("on", "days"), [(MONDAY, []), (date(2026, 3, 17), [1]), (date(2026, 3, 18), [2])])
def test_what_was_done_late_stays_in_the_history(body: Body, settings: Settings, on: date, days: list[int]) -> None:
    application = answered(body, settings, on)
    entries = [each for each in history.entries(application) if each.action == deadlines.MET_LATE]
    assert [each.detail["days"] for each in entries] == days
    assert [each.document.id for each in deadlines.done_late(actor=body.clerk)] == [application.id] * len(days)
    assert history.is_unbroken(application)
    assert not found(body, "application_notice", on)


# The reminder

OVERDUE_DAY = date(2026, 3, 18)


def mails(settings: Settings) -> list[EmailMessage]:
    read = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in settings.outbox_dir.glob("*.eml")]
    return [each for each in read if isinstance(each, EmailMessage) and "clerk@krg.example" in str(each["To"])]


def reminded(app: Flask, on: date) -> None:
    with time_machine.travel(at(on), tick=True):
        reminders.look({"due": at(on).isoformat()})
        jobs.run_until_idle(app, timeout=300)


@pytest.fixture
def outbox(settings: Settings) -> Settings:
    for old in settings.outbox_dir.glob("*.eml"):
        old.unlink()
    return settings


def test_a_clerk_is_reminded_once_a_day_of_what_presses(app: Flask, body: Body, outbox: Settings) -> None:
    body.filed("teacher_application", "submitted", FRIDAY)
    body.filed("complaint", "forwarded", MONDAY)  # fifteen days: it does not press yet
    reminded(app, OVERDUE_DAY)
    reminded(app, OVERDUE_DAY)
    (mail,) = mails(outbox)
    text = mail.get_content()
    assert text.count("16.03.2026") == 1
    assert "/deadlines" in text
    assert not any(len(word) == 12 and word.isdigit() for word in text.split())
    reminded(app, OVERDUE_DAY + timedelta(days=1))
    assert len(mails(outbox)) == 2
    kept = db.session.scalars(select(Delivery).where(Delivery.kind == reminders.KIND)).all()
    assert [(each.state, each.document_id) for each in kept] == [("sent", None)] * 2


def test_nobody_is_written_to_without_a_reason_or_on_a_free_day(app: Flask, body: Body, outbox: Settings) -> None:
    reminded(app, OVERDUE_DAY)
    body.filed("teacher_application", "submitted", FRIDAY)
    reminded(app, date(2026, 3, 21))  # a Saturday
    assert mails(outbox) == []


def test_the_reminder_goes_out_in_the_morning_of_kazakhstan() -> None:
    assert reminders.local_time(MONDAY) == time(8, 0)
    assert jobs.JOBS["deadlines.look"].daily_at == reminders.LOOKS_AT


def test_a_history_entry_says_it_in_words(body: Body, settings: Settings) -> None:
    application = answered(body, settings, OVERDUE_DAY)
    (entry,) = [each for each in history.entries(application) if each.action == deadlines.MET_LATE]
    params = entry.detail["message"]["params"]
    assert (params["last"], params["days"]) == ("16.03.2026", 2)
    assert params["what"]["ru"] == "Уведомление о приеме заявления или об отказе"
