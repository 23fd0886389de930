"""What the sheet, the certificate, its annex and the reference share: who passes, and who signs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, RelatedDocument, Step, rule
from docflow.core.types import DAYS_TO_SIGN, Capacity, SignatureSlot
from docflow.forms.base import (
    FieldList,
    FormField,
    PersonForm,
    RecordForm,
    hidden_id,
    optional_text,
    required_text,
    whole_number,
)
from docflow.regulations.knk import KNK
from docflow.regulations.o95 import O95
from docflow.regulations.wku import WKU

HEAD = (
    SignatureSlot(
        "head", Capacity.HEAD_OR_ACTING, Text("Ұйым басшысы", "Руководитель организации", "Head of the organisation"),
        position="head", profiles=("o95",), days=DAYS_TO_SIGN,
    ),
    SignatureSlot(
        "head", Capacity.HEAD_OR_ACTING, Text("Ректор", "Ректор", "Rector"), position="head",
        profiles=("wku", "knk"), days=DAYS_TO_SIGN,
    ),
)  # fmt: skip
# What the organisation alone answers for: nothing but signatures may follow its own.
CERTIFYING_HEAD = tuple(replace(slot, certifies=True) for slot in HEAD)


class ModuleForm(RecordForm):
    """A module of the programme and its hours."""

    title = required_text(_l("Title of the module"), longest=400)
    hours = whole_number(_l("Academic hours"), least=1, most=2000)


class MarkedModuleForm(ModuleForm):
    """A module with the mark that the listener earned."""

    mark = optional_text(_l("Mark"), longest=20)


def modules_with_marks() -> FieldList:
    return FieldList(FormField(MarkedModuleForm), label=_l("Modules with marks"))


class HolderForm(RecordForm):
    """Whom the document is about, and which course."""

    holder = FormField(PersonForm, label=_l("Holder"))
    holder_id = hidden_id()
    topic = required_text(_l("Topic of the course"), longest=500)
    hours = whole_number(_l("Academic hours"), least=1, most=2000)


def share(part: int | None, whole: int) -> Fraction:
    """What is left empty counts as nothing; a whole of nothing is no share."""
    return Fraction(part or 0, whole) if whole else Fraction(0)


def percent(value: Fraction) -> int:
    """Round down: what falls short of 80 % must not read as 80 %."""
    return int(value * 100)


def whole_percent(value: Fraction | int) -> int | None:
    """Give a threshold as a whole number of percent; ``None`` where it is none."""
    hundredfold = Fraction(value) * 100
    return int(hundredfold) if hundredfold.denominator == 1 else None


def in_figures(iso: str) -> str:
    """14.02.2026, as both languages write it."""
    return f"{iso[8:10]}.{iso[5:7]}.{iso[:4]}"


def in_force(documents: Iterable[RelatedDocument], type_name: str) -> tuple[RelatedDocument, ...]:
    return tuple(each for each in documents if each.type == type_name and each.state == "in_force")


def names_in(content: Content, field: str, person_id: int | None) -> bool:
    """Say whether the rows of *field* name this person."""
    return person_id is not None and any(row.get("person_id") == person_id for row in content.get(field, ()))


def row_about(person_id: int | None, sheets: Iterable[RelatedDocument]) -> tuple[Content, Content] | None:
    """Find the row about this person in the sheets, with its sheet; ``None`` if no sheet names him."""
    for sheet in sheets:
        for row in sheet.content["listeners"] if person_id is not None else ():
            if row.get("person_id") == person_id:
                return row, sheet.content
    return None


def course_in(language: str, *, group: Content, written: Content) -> tuple[str, list[dict[str, Any]]]:
    """Give topic and modules in *language*, from the group; what the group does not have, as *written*."""
    topic = group.get(f"topic_{language}") or written["topic"]
    modules = [dict(module) for module in written["modules"]]
    known = group.get("modules") or []
    if len(known) == len(modules):
        for module, named in zip(modules, known, strict=True):
            module["title"] = named.get(f"title_{language}") or module["title"]
    return topic, modules


def attendance_refusal(row: Content, sheet: Content, profile: Profile) -> Message | None:
    """Say why the attendance of *row* is not enough; exactly the least share is enough."""
    attended, hours = row.get("attended_hours") or 0, sheet["hours"]
    least, reached = Fraction(profile.threshold("attendance_share").value), share(attended, hours)
    if reached >= least:
        return None
    return _l(
        "Attended %(attended)s of %(hours)s hours: %(percent)s %%; at least %(least)s %% is needed.",
        attended=attended, hours=hours, percent=percent(reached), least=percent(least),
    )  # fmt: skip


def score_refusal(row: Content, sheet: Content, profile: Profile) -> Message | None:
    """Say why the score of *row* is not enough; exactly the least share is enough."""
    score, best = row.get("score") or 0, sheet["max_score"]
    least, reached = Fraction(profile.threshold("test_share").value), share(score, best)
    if reached >= least:
        return None
    return _l(
        "Scored %(score)s of %(best)s in the final assessment: %(percent)s %%; at least %(least)s %% is needed.",
        score=score, best=best, percent=percent(reached), least=percent(least),
    )  # fmt: skip


def passes(row: Content, sheet: Content, profile: Profile) -> bool:
    """Whether a row of the sheet passed the final assessment; for whoever gathers those who did."""
    return attendance_refusal(row, sheet, profile) is None and score_refusal(row, sheet, profile) is None


def _row(step: Step) -> Mapping[str, Any]:
    return step.row or {}


@rule(O95.clause("24(3)"), on=())
def attended_enough(step: Step) -> Message | None:
    """The listener attended no less than the required share of all classes of the timetable."""
    return attendance_refusal(_row(step), step.content, step.profile)


@rule(O95.clause("24(4)"), on=())
def scored_enough(step: Step) -> Message | None:
    """The listener reached no less than the required share of the maximum score in the final test."""
    return score_refusal(_row(step), step.content, step.profile)


@rule(KNK.clause("4.1(5)"), WKU.clause("6.3"), O95.clause("24"), on=())
def contract_in_force(step: Step) -> Message | None:
    """The listener has signed a training contract with the organisation, and it is in force."""
    person_id = _row(step).get("person_id")
    contracts = in_force(step.related("contracts"), "training_contract")
    if person_id is not None and any(each.content.get("listener_id") == person_id for each in contracts):
        return None
    return _l("There is no training contract with this listener in force: have it signed by both parties first.")


@rule(KNK.clause("5.4"), on=())
def issue_ordered(step: Step) -> Message | None:
    """The certificate is issued on the rector's order, which names the listener."""
    orders = in_force(step.related("group:issue_order"), "issue_order")
    if not orders:
        return _l("The rector's order on issuing the certificates is not in force yet: have it signed first.")
    if any(names_in(order.content, "listeners", _row(step).get("person_id")) for order in orders):
        return None
    return _l("The rector's order on issuing the certificates does not name this listener.")


# Who passed the final assessment gets a certificate; who did not, a reference (O95 29 and 31).
PASSED = (attended_enough, scored_enough)
MAY_BE_CERTIFIED = (*PASSED, contract_in_force, issue_ordered)
