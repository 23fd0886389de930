"""Every running term on one page: what is late first, each with its clause and the way to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request

from docflow.core.messages import Message, _l
from docflow.services import deadlines, reminders
from docflow.services.deadlines import Running, Urgency
from docflow.services.environment import local_day
from docflow.web.acting import actor, now, requires
from docflow.web.filters import type_brief

pages = Blueprint("deadlines", __name__)

TITLES: dict[Urgency, Message] = {
    Urgency.OVERDUE: _l("Overdue"),
    Urgency.TODAY: _l("The last day is today"),
    Urgency.SOON: _l("Two working days or less"),
    Urgency.LATER: _l("Later"),
}
TONES = {Urgency.OVERDUE: "bad", Urgency.TODAY: "warn", Urgency.SOON: "wait", Urgency.LATER: "plain"}
# What runs for no document of its own.
KINDS: dict[str, Message] = {"category": _l("Categories of people"), "course": _l("Courses")}


@pages.app_context_processor
def _for_documents() -> dict[str, Any]:
    """The page of a document says what runs for it."""
    return {"terms_of": lambda document: deadlines.of_document(document, now=now())}


@pages.get("/deadlines")
@requires(*deadlines.READERS)
def listing() -> str:
    running = deadlines.running(actor=actor(), now=now())
    wanted = request.args.get("type", "")
    shown = [each for each in running if wanted in ("", each.type)]
    return render_template(
        "pages/deadlines.html", groups=_by_urgency(shown), counts=_counts(running), kinds=_kinds(running),
        wanted=wanted, late=deadlines.done_late(actor=actor()), today=local_day(now()), tones=TONES, titles=TITLES,
        ended_acts=deadlines.ended_acts(shown), reminded_at=reminders.local_time(local_day(now())),
    )  # fmt: skip


def _by_urgency(found: Sequence[Running]) -> list[tuple[Urgency, list[Running]]]:
    groups = [(urgency, [each for each in found if each.urgency is urgency]) for urgency in Urgency]
    return [(urgency, rows) for urgency, rows in groups if rows]


def _counts(found: Sequence[Running]) -> dict[Urgency, int]:
    return {urgency: sum(each.urgency is urgency for each in found) for urgency in Urgency}


def _kinds(found: Sequence[Running]) -> list[tuple[str, str]]:
    names = dict.fromkeys(each.type for each in found)
    return sorted(((name, str(KINDS.get(name) or type_brief(name))) for name in names), key=lambda pair: pair[1])
