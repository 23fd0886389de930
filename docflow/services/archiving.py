"""Bytes into the store and out of it; the row that names them is written after they are safe."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from docflow.core.canonical import sha256_hex
from docflow.core.errors import NotFound
from docflow.core.messages import _l
from docflow.db import before_commit, db
from docflow.models import Document, StoredObject
from docflow.services import environment

PDF = "application/pdf"


@dataclass(frozen=True)
class _Kept:
    """Bytes that wait for the commit, and what their row will say."""

    data: bytes
    role: str
    media_type: str
    document: Document | None
    stored_at: datetime

    def row(self, sha256: str) -> dict[str, Any]:
        return {
            "sha256": sha256,
            "size": len(self.data),
            "media_type": self.media_type,
            "role": self.role,
            "document_id": self.document.id if self.document else None,
            "stored_at": self.stored_at,
        }


class _Pending(threading.local):
    def __init__(self) -> None:
        self.objects: dict[str, _Kept] = {}


_pending = _Pending()


def keep(data: bytes, *, role: str, media_type: str, document: Document | None, now: datetime) -> str:
    """Keep *data* with the caller's unit of work and give its SHA-256.

    The bytes of one unit of work are written and synced together, right before its commit, and their rows after
    them: a batch pays for one sync, and no committed row ever names bytes that a crash could lose.
    """
    sha256 = sha256_hex(data)
    if before_commit(_flush):
        _pending.objects = {}  # what an earlier unit of work left when it failed
    _pending.objects.setdefault(sha256, _Kept(data, role, media_type, document, now))
    return sha256


def _flush() -> None:
    objects, _pending.objects = _pending.objects, {}
    environment.current().store.put_many([each.data for each in objects.values()])
    # Two people may attach the same scan at the same moment; that is no conflict.
    make = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[db.engine.dialect.name]
    statement = make(StoredObject).on_conflict_do_nothing(index_elements=["sha256"])  # type: ignore[attr-defined]
    db.session.execute(statement, [each.row(sha256) for sha256, each in objects.items()])


def forget_pending() -> None:
    """Drop what a failed unit of work wanted to keep."""
    _pending.objects = {}


def read(sha256: str) -> bytes:
    """Bytes by their SHA-256, checked while they are read. ``NotFound`` if the store has none."""
    waiting = _pending.objects.get(sha256)
    if waiting is not None:
        return waiting.data
    if not sha256:
        raise NotFound(_l("There is no file for this document yet."))
    return environment.current().store.get(sha256)
