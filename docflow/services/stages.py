"""How far the state service has come with each application of a round, by the history: what the monitoring asks for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from docflow.core.permissions import Actor
from docflow.core.registry import document_type
from docflow.core.regulations import Text
from docflow.db import db
from docflow.models import Document, Group, HistoryEntry, Relation
from docflow.regulations.kazakhstan_calendar import TIME_ZONE
from docflow.regulations.krg.evidence import is_decided_by_commission
from docflow.regulations.krg.service import REPORTED_BY as REPORTED_BY
from docflow.regulations.krg.service import STAGES, Stage
from docflow.regulations.krg.session import FAMILIES, items_of
from docflow.services import documents, groups

NOTICES = STAGES["notified"].reached_by
# What about the applicant enters force after the application; the notices answer one application each.
_LATER = {kind for name in ("summarised", "extract", "certificate") for kind in STAGES[name].reached_by}
COLUMNS: Mapping[str, Text] = {
    "application": Text("Өтініш №", "Заявление №", "Application №"),
    "kind": Text("Өтініш түрі", "Вид заявления", "Kind of application"),
    "registered_on": Text("Тіркелген күні", "Дата регистрации", "Registered on"),
    "applicant": Text("Көрсетілетін қызметті алушы", "Услугополучатель", "Applicant"),
    "stage": Text("Қызмет көрсету сатысы", "Стадия оказания услуги", "Stage of the service"),
    "at": Text("Күні мен уақыты", "Дата и время", "Date and time"),
    "document": Text("Құжат №", "Документ №", "Document №"),
    "clause": Text("Тармақ", "Пункт", "Clause"),
}


@dataclass(frozen=True)
class Reached:
    """A stage that an application has reached: when, and by which document."""

    name: str
    stage: Stage
    at: datetime
    document: Document


@dataclass(frozen=True)
class Progress:
    """One application with its stages, in the order of time."""

    application: Document
    stages: tuple[Reached, ...]


def of_round(group_id: int, *, actor: Actor) -> tuple[Group, list[Progress]]:
    """Every application of a round that has been filed, with the stages of the service that it has reached."""
    group = groups.get(group_id, actor=actor)
    every = groups.documents_of(group)
    steps = _steps(group)
    applications = [each for each in every if each.number and _is_application(each)]
    answered, decided = _answered(every), _decided(every)
    return group, [
        Progress(each, tuple(sorted(_reached(each, every, steps, answered, decided), key=lambda found: found.at)))
        for each in applications
    ]


def _is_application(document: Document) -> bool:
    return document_type(document.type).stage == "intake" and is_decided_by_commission(documents.content(document))


def _steps(group: Group) -> dict[tuple[int, str], datetime]:
    """When each document of the group last took each step."""
    found = (
        select(HistoryEntry.document_id, HistoryEntry.action, HistoryEntry.at)
        .join(Document, Document.id == HistoryEntry.document_id)
        .where(Document.group_id == group.id, HistoryEntry.action.in_({"sign", *_own_steps()}))
        .order_by(HistoryEntry.id)
    )
    return {(document_id, action): at for document_id, action, at in db.session.execute(found)}


def _own_steps() -> set[str]:
    return {step for stage in STAGES.values() for step in stage.reached_by}


def _answered(every: list[Document]) -> dict[int, int]:
    """Which application each notice answers."""
    notices = [each.id for each in every if each.type in NOTICES]
    found = select(Relation.source_id, Relation.target_id).where(Relation.source_id.in_(notices))
    return {row.source_id: row.target_id for row in db.session.execute(found)}


def _decided(every: list[Document]) -> dict[int, list[Document]]:
    """The protocols in force in which each application was decided."""
    found: dict[int, list[Document]] = {}
    for protocol in every:
        if protocol.type in FAMILIES and protocol.state == "in_force":
            for item in items_of(documents.content(protocol)):
                found.setdefault(item["application_id"], []).append(protocol)
    return found


def _reached(
    application: Document,
    every: list[Document],
    steps: Mapping[tuple[int, str], datetime],
    answered: Mapping[int, int],
    decided: Mapping[int, list[Document]],
) -> Iterator[Reached]:
    for name, stage in STAGES.items():
        for step in stage.reached_by:
            if (application.id, step) in steps:
                yield Reached(name, stage, steps[application.id, step], application)
    about = [each for each in every if answered.get(each.id) == application.id]
    if application.state == "accepted":
        about += [each for each in every if each.type in _LATER and each.subject_id == application.subject_id]
        about += decided.get(application.id, [])
    for document in about:
        name = next(name for name, stage in STAGES.items() if document.type in stage.reached_by)
        if document.state == "in_force" and (document.id, "sign") in steps:
            yield Reached(name, STAGES[name], steps[document.id, "sign"], document)


# ---------------------------------------------------------------- what is handed on


def as_json(group: Group, progress: list[Progress], *, language: str) -> dict[str, Any]:
    """The round as data: each application with its stages. No IIN: the number of the application finds it."""
    return {
        "round": group.code,
        "clause": REPORTED_BY.key,
        "applications": [
            _head(each, language) | {"stages": [_told(found, language) for found in each.stages]} for each in progress
        ],
    }


def _head(progress: Progress, language: str) -> dict[str, str]:
    application = progress.application
    return {
        "application": application.number or "",
        "kind": document_type(application.type).short_title.in_language(language),
        "registered_on": application.registered_on.isoformat() if application.registered_on else "",
        "applicant": application.subject_name,
    }


def _told(found: Reached, language: str) -> dict[str, str]:
    return {
        "name": found.name,
        "stage": found.stage.title.in_language(language),
        "at": found.at.astimezone(TIME_ZONE).isoformat(timespec="minutes"),
        "document": found.document.number or "",
        "clause": found.stage.clause.key,
    }


def as_csv(progress: list[Progress], *, language: str) -> bytes:
    """One row for each stage: UTF-8 with its mark, semicolons, no cell that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(titles.in_language(language) for titles in COLUMNS.values())
    for each in progress:
        for found in each.stages:
            row = _head(each, language) | _told(found, language)
            writer.writerow(_harmless(row[name]) for name in COLUMNS)
    return ("\ufeff" + text.getvalue()).encode()


def _harmless(value: str) -> str:
    # A spreadsheet takes what begins like this for a formula.
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t")) else value
