"""The daily reminder: what ends within two working days and what is overdue, to the clerk or signer whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from sqlalchemy import select

from docflow import mail
from docflow.core.errors import ProviderError
from docflow.core.messages import Message, _l
from docflow.core.permissions import Role
from docflow.core.registry import document_type
from docflow.db import db, unit_of_work, utcnow
from docflow.jobs import enqueue, job
from docflow.models import Account, AccountRole, Delivery, Signature
from docflow.regulations.citation import cite
from docflow.regulations.kazakhstan_calendar import TIME_ZONE
from docflow.services import deadlines, desk, environment, papers, people, signing
from docflow.services.deadlines import SOON, Running
from docflow.services.desk import Waiting
from docflow.services.environment import local_day

KIND = "deadlines"
LOOKS_AT = time_of_day(3, 0)  # UTC: before the day's work, once a day


def local_time(day: date) -> time_of_day:
    """Say when the reminder goes out, by the clocks of Kazakhstan on *day*: the zone was changed by law before."""
    return datetime.combine(day, LOOKS_AT, UTC).astimezone(TIME_ZONE).time()


@job("deadlines.look", daily_at=LOOKS_AT)
def look(payload: dict[str, Any]) -> dict[str, Any]:
    """Ask for one reminder for each clerk and each signer, on working days; a missed look is made up for with what
    runs now."""
    today = local_day(utcnow())
    if not environment.current().calendar.is_working_day(today):
        return {"asked": 0}
    day = today.isoformat()
    with unit_of_work():
        found = [account.id for account in (*_clerks(), *_signers())]
        for account_id in dict.fromkeys(found):
            asked = {"account_id": account_id, "day": day}
            enqueue(db.session(), "deadlines.remind", asked, job_id=f"deadlines:{account_id}:{day}")
    return {"asked": len(set(found))}


def _clerks() -> Sequence[Account]:
    clerks = (
        select(Account)
        .where(Account.active.is_(True), Account.organisation_id.is_not(None))
        .where(Account.roles.any(AccountRole.name == Role.CLERK.value))
    )
    return db.session.scalars(clerks.order_by(Account.id)).unique().all()


def _signers() -> Sequence[Account]:
    """Whoever has an account and a paper before him."""
    awaited = select(Signature.person_id).where(Signature.state == "awaited")
    signers = select(Account).where(Account.active.is_(True), Account.person_id.in_(awaited))
    return db.session.scalars(signers.order_by(Account.id)).unique().all()


@job("deadlines.remind", attempts=5, pause=timedelta(seconds=30))
def remind(payload: dict[str, Any]) -> dict[str, Any]:
    """Send one person his list of the day, if there is anything on it; what was sent is not sent again."""
    now = utcnow()
    with unit_of_work():
        account = db.session.get_one(Account, int(payload["account_id"]))
        pressing, to_sign = pressing_for(account, now=now), to_sign_soon(account, now=now)
        delivery = _promised(account, str(payload["day"]), now) if pressing or to_sign else None
        is_due = delivery is not None and delivery.state != "sent"
        letter = _words(account, pressing, to_sign, local_day(now)) if is_due else None
    if delivery is None or letter is None:
        return {"sent": 0}
    try:
        mail.send(
            environment.current().settings, account.email, *letter,
            message_id=f"{KIND}-{account.id}-{payload['day']}", language=account.language,
        )  # fmt: skip
    except ProviderError as error:
        _note(delivery.id, problem=str(error.message.params.get("reason", "bad_address")))
        raise
    _note(delivery.id, problem="")
    return {"sent": len(pressing) + len(to_sign)}


def pressing_for(account: Account, *, now: datetime) -> list[Running]:
    """What is overdue or ends within two working days; what merely ends is no reason to write."""
    running = deadlines.running(actor=people.actor_for(account), now=now)
    return [each for each in running if each.is_duty and (each.is_overdue or each.left <= SOON)]


def to_sign_soon(account: Account, *, now: datetime) -> list[Waiting]:
    """What he should have signed by now, or has to within two working days."""
    waiting = desk.waiting(actor=people.actor_for(account), now=now)
    return [each for each in waiting if each.last_day and (each.is_overdue or each.left <= SOON)]


def _promised(account: Account, day: str, now: datetime) -> Delivery:
    """One message a day to one clerk, whatever happens in between."""
    key = f"{KIND}:{account.id}:{day}"
    known = db.session.scalars(select(Delivery).where(Delivery.key == key)).first()
    if known is not None:
        return known
    delivery = Delivery(
        document_id=None, person_id=account.person_id, kind=KIND, key=key, address=account.email, state="waiting",
        attempts=0, created_at=now, problem="",
    )  # fmt: skip
    db.session.add(delivery)
    db.session.flush()
    return delivery


def _note(delivery_id: int, *, problem: str) -> None:
    with unit_of_work():
        delivery = db.session.get_one(Delivery, delivery_id)
        delivery.attempts += 1
        delivery.state, delivery.problem = ("failed", problem) if problem else ("sent", "")
        delivery.sent_at = None if problem else utcnow()


# What it says


def _words(
    account: Account, pressing: Sequence[Running], to_sign: Sequence[Waiting], today: date
) -> tuple[str, str]:
    with papers.speaking(account.language):
        overdue = sum(each.is_overdue for each in pressing) + sum(each.is_overdue for each in to_sign)
        subject = _l("Deadlines on %(day)s: overdue %(overdue)s, of %(all)s", day=f"{today:%d.%m.%Y}", overdue=overdue,
                     all=len(pressing) + len(to_sign))  # fmt: skip
        site = environment.current().settings.public_url.rstrip("/")
        parts: list[object] = []
        if to_sign:
            parts += [
                _l("What waits for your signature:"),
                "\n".join(_line_to_sign(each, account.language) for each in to_sign),
                _l("Everything that you have to sign: %(address)s", address=f"{site}/sign/"),
            ]
        if pressing:
            parts += [
                _l("What is overdue or ends within two working days:"),
                "\n".join(_line(each, account.language) for each in pressing),
                _l("Everything that runs: %(address)s", address=f"{site}/deadlines"),
            ]
        parts.append(_l("This message was sent by a program. Please do not answer it."))
        return str(subject), "\n\n".join(str(part) for part in parts) + "\n"


def _line_to_sign(each: Waiting, language: str) -> str:
    title = document_type(each.document.type).short_title.in_language(language)
    assert each.last_day is not None  # chosen by it
    return f"– {each.last_day:%d.%m.%Y} ({_left(each)}): {title}. {signing.label(each.document)}"


def _line(each: Running, language: str) -> str:
    about = ", ".join(part for part in (_document(each, language), each.about) if part)
    title = each.title.in_language(language)
    return f"– {each.last_day:%d.%m.%Y} ({_left(each)}): {title}. {about}. {cite(each.clause, language)}"


def _document(each: Running, language: str) -> str:
    if each.document is None:
        return ""
    title = document_type(each.document.type).short_title.in_language(language)
    return f"{title} № {each.document.number}" if each.document.number else title


def _left(each: Running | Waiting) -> Message:
    if each.is_overdue:
        return _l("overdue, working days over: %(days)s", days=each.left)
    return _l("working days: %(days)s", days=each.left) if each.left else _l("today")
