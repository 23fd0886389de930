"""Bytes into the store and out of it; the row that names them is written after they are safe."""

from __future__ import annotations

import threading
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


class _Pending(threading.local):
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}


_pending = _Pending()


def keep(data: bytes, *, role: str, media_type: str, document: Document | None, now: datetime) -> str:
    """Keep *data* with the caller's unit of work and give its SHA-256.

    The bytes of one unit of work are written and synced together, right before its commit: a batch
    pays for one sync, and no committed row ever names bytes that a crash could lose.
    """
    sha256 = sha256_hex(data)
    if before_commit(_flush):
        _pending.objects = {}  # what an earlier unit of work left when it failed
    is_pending = sha256 in _pending.objects
    _pending.objects[sha256] = data
    with db.session.no_autoflush:  # what waits to be written is none of this row's business
        is_known = is_pending or db.session.get(StoredObject, sha256) is not None
    if not is_known:
        values = {
            "sha256": sha256,
            "size": len(data),
            "media_type": media_type,
            "role": role,
            "document_id": document.id if document else None,
            "stored_at": now,
        }
        if role == "attachment":
            _add_unless_known(values)
        else:  # a paper carries its own code: nobody else can be storing the same bytes
            db.session.add(StoredObject(**values))
    return sha256


def _add_unless_known(values: dict[str, Any]) -> None:
    """Two people may attach the same scan at the same moment; that is no conflict."""
    make = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[db.engine.dialect.name]
    statement = make(StoredObject).values(values)
    db.session.execute(statement.on_conflict_do_nothing(index_elements=["sha256"]))  # type: ignore[attr-defined]


def _flush() -> None:
    objects, _pending.objects = list(_pending.objects.values()), {}
    environment.current().store.put_many(objects)


def forget_pending() -> None:
    """Drop what a failed unit of work wanted to keep."""
    _pending.objects = {}


def read(sha256: str) -> bytes:
    """Bytes by their SHA-256, checked while they are read. ``NotFound`` if the store has none."""
    waiting = _pending.objects.get(sha256)
    if waiting is not None:
        return waiting
    if not sha256:
        raise NotFound(_l("There is no file for this document yet."))
    return environment.current().store.get(sha256)
