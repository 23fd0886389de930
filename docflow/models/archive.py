"""What the store holds: one row for each object, written after its bytes are safe."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from docflow.db import Model, UTCDateTime


class StoredObject(Model):
    """Bytes in the store. ``role`` says what they were: ``paper``, ``signed``, ``attachment``, ``logo``."""

    __tablename__ = "df_object"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column()
    media_type: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("df_document.id"), index=True)
    stored_at: Mapped[datetime] = mapped_column(UTCDateTime)
