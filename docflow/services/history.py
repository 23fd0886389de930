"""The history of a document: it only grows, and each entry carries the hash of the one before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from docflow.core.canonical import canonical_json, sha256_hex
from docflow.core.permissions import Actor
from docflow.db import db
from docflow.models import Document, HistoryEntry


def record(document: Document, action: str, *, actor: Actor, now: datetime, **detail: Any) -> None:
    """Add one entry inside the caller's unit of work; the database gets it with the document's next flush."""
    entry = {
        "sequence": document.history_length + 1,
        "at": now,
        "actor_id": actor.account_id,
        "actor_name": actor.name,
        "action": action,
        "detail": detail,
        "previous_sha256": document.history_head,
    }
    entry["sha256"] = document.history_head = _digest(document.code, entry)
    document.history_length += 1
    document.changed_at = now
    _waiting(db.session()).append((document, entry))


def _waiting(session: Session) -> list[tuple[Document, dict[str, Any]]]:
    found: list[tuple[Document, dict[str, Any]]] = session.info.setdefault("history", [])
    return found


@event.listens_for(db.session, "after_flush")
def _write(session: Session, context: Any) -> None:
    """An entry is never changed and never looked at as an object: rows for all of them at once, with no identity."""
    rows = [{"document_id": document.id, **entry} for document, entry in _waiting(session)]
    _waiting(session).clear()
    if rows:
        session.connection().execute(insert(HistoryEntry), rows)


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    _waiting(session).clear()


def _digest(code: str, entry: Mapping[str, Any]) -> str:
    return sha256_hex(
        canonical_json(
            {
                "document": code,
                "sequence": entry["sequence"],
                "at": entry["at"].astimezone(UTC).isoformat(),  # as the database gives it back
                "actor": entry["actor_id"],
                "name": entry["actor_name"],
                "action": entry["action"],
                "detail": entry["detail"],
                "previous": entry["previous_sha256"],
            }
        )
    )


def entries(document: Document) -> list[HistoryEntry]:
    found = select(HistoryEntry).where(HistoryEntry.document_id == document.id).order_by(HistoryEntry.sequence)
    return list(db.session.scalars(found))


def is_unbroken(document: Document) -> bool:
    """Walk the chain: no entry missing, changed, or added behind our back."""
    previous = ""
    chain = entries(document)
    for sequence, entry in enumerate(chain, start=1):
        fits = entry.sequence == sequence and entry.previous_sha256 == previous
        if not fits or entry.sha256 != _digest(document.code, vars(entry)):
            return False
        previous = entry.sha256
    return document.history_head == previous and document.history_length == len(chain)
