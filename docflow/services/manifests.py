"""What was laid before a signer: which papers, by their hashes, and whether he has had each before his eyes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from docflow.core.canonical import canonical_json
from docflow.core.permissions import Actor
from docflow.db import db
from docflow.models import Signature
from docflow.services import archiving

# Whether he has opened the paper; "changed": he has opened one that was replaced by this.
OPENED, UNOPENED, CHANGED = "opened", "unopened", "changed"


_earlier = aliased(Signature)
_opened_before = exists().where(
    _earlier.document_id == Signature.document_id,
    _earlier.person_id == Signature.person_id,
    _earlier.id != Signature.id,
    _earlier.revision_id != Signature.revision_id,
    _earlier.opened_at.is_not(None),
)
_OPENINGS = select(Signature.id, Signature.opened_at, _opened_before)


def opened(signature_ids: Sequence[int]) -> dict[int, str]:
    """Say for each awaited signature whether its paper was opened."""
    rows = db.session.execute(_OPENINGS.where(Signature.id.in_(signature_ids)))
    return {row[0]: OPENED if row[1] else CHANGED if row[2] else UNOPENED for row in rows}


def seal(items: Sequence[Mapping[str, Any]], provider: str, *, actor: Actor, now: datetime) -> str:
    """Keep the manifest of one authorisation, with the caller's unit of work; its SHA-256 goes into each history."""
    lines = [
        {
            "document": each["code"],
            "title": each["label"],
            "slot": each["slot"],
            "paper": each["paper"],
            "opened": each["opened"],
        }
        for each in items
    ]
    manifest = {
        "signer": actor.name,
        "provider": provider,
        "shown_at": now.astimezone(UTC).isoformat(),
        "documents": lines,
    }
    data = canonical_json(manifest)
    return archiving.keep(data, role="manifest", media_type="application/json", document=None, now=now)


def read(sha256: str) -> dict[str, Any]:
    """Give a manifest back, as it was sealed."""
    found: dict[str, Any] = json.loads(archiving.read(sha256))
    return found
