"""A sheet with its surroundings, for the tests of what is drafted from it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.permissions import SYSTEM
from docflow.core.regulations import Profile
from docflow.core.rules import Refusal, RelatedDocument, Rule, Step, collect
from docflow.forms import assessment_sheet
from docflow.regulations.profiles import PROFILES

DAY = date(2026, 2, 14)
KIM = {"surname": "Ким", "given_name": "Виктор", "patronymic": ""}


def deciding(profile: str, **settings: str) -> Profile:
    """The profile of an organisation that has decided some settings itself."""
    found = PROFILES[profile]
    return replace(found, overrides={**found.overrides, **settings})


def row(
    attended: int | None = 72, score: int | None = 100, *, person_id: int | None = 1, **changes: Any
) -> dict[str, Any]:
    return {
        "person": dict(KIM), "person_id": person_id, "attended_hours": attended, "score": score,
        "marks": [{"mark": "90"}, {"mark": "85"}], "remark": "",
    } | changes  # fmt: skip


def sheet(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A sheet of 72 hours and 100 points that passes every rule, with these rows."""
    content = deepcopy(dict(assessment_sheet.TYPE.sample))
    content["modules"] = [{"title": "Бірінші модуль", "hours": 36}, {"title": "Екінші модуль", "hours": 36}]
    content["listeners"] = list(rows) or [row()]
    return content | changes


def related(kind: str, content: Mapping[str, Any], *, state: str = "in_force", number: str = "В-7") -> RelatedDocument:
    return RelatedDocument(kind, number, state, content, registered_on=DAY)


def step(
    content: Mapping[str, Any], *, profile: str | Profile = "wku", on: date = DAY, **documents: RelatedDocument
) -> Step:
    """An attempt to submit; *documents* are what is related, by kind (``group_issue_order`` for ``group:…``)."""
    return Step(
        type="", transition="submit", content=content, actor=SYSTEM, on=on,
        profile=PROFILES[profile] if isinstance(profile, str) else profile,
        related=lambda kind: tuple(
            each for name, each in documents.items() if name == kind.replace("group:", "group_")
        ),
    )  # fmt: skip


def asked(rules: Rule | tuple[Rule, ...], attempt: Step) -> list[tuple[str, str | None, int | None]]:
    """Give code, clause and row of every refusal."""
    found = collect(rules if isinstance(rules, tuple) else (rules,), attempt)
    assert all(str(each.message) for each in found)
    return [(each.code, each.clause.key if each.clause else None, each.row) for each in found]


def from_row(
    derivation: Derivation, content: Mapping[str, Any], number: int = 1, *, profile: str = "wku", language: str = "ru",
    group: Mapping[str, Any] | None = None, refusals: tuple[Refusal, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    """Fill a document from a row of the sheet *content*."""
    rows = content[derivation.rows] if derivation.rows else [content]
    return derivation.fill(
        Source(
            related(derivation.source, content), PROFILES[profile], group or {}, DAY, language, rows[number - 1],
            number, refusals,
        )
    )
