"""Bytes into the store and out of it; the row that names them is written after they are safe."""

from __future__ import annotations

import threading
from datetime import datetime

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
    before_commit(_flush)
    _pending.objects[sha256] = data
    if db.session.get(StoredObject, sha256) is None:
        db.session.add(
            StoredObject(
                sha256=sha256,
                size=len(data),
                media_type=media_type,
                role=role,
                document_id=document.id if document else None,
                stored_at=now,
            )
        )
    return sha256


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
