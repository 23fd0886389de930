"""Signature slots as they are filled, and signing sessions between challenge and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from docflow.db import Model, UTCDateTime
from docflow.models.documents import Document
from docflow.models.people import Person


class Signature(Model):
    """One slot of one frozen revision: awaited, signed, refused or cancelled.

    Names and positions are kept as they were printed on the paper that day.
    """

    __tablename__ = "df_signature"
    __table_args__ = (
        UniqueConstraint("revision_id", "slot"),
        CheckConstraint("state IN ('awaited', 'signed', 'refused', 'cancelled')", name="known_state"),
        CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name="signed_with_a_time"),
        Index("ix_df_signature_queue", "person_id", "state", "document_id"),
        Index("ix_df_signature_document", "document_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("df_document.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("df_revision.id"))
    slot: Mapped[str] = mapped_column(String(40))
    order: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(12), default="awaited")
    person_id: Mapped[int] = mapped_column(ForeignKey("df_person.id"))
    signer_name: Mapped[str] = mapped_column(String(360))
    capacity: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(200))
    position: Mapped[str] = mapped_column(String(300), default="")
    is_acting: Mapped[bool] = mapped_column(default=False)
    basis: Mapped[str] = mapped_column(String(300), default="")
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    certificate: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(String(1000), default="")  # of a refusal
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    document: Mapped[Document] = relationship(back_populates="signatures")
    person: Mapped[Person] = relationship(lazy="joined")


class SigningSession(Model):
    """What lies between a challenge and its answer: data only, no key, no PIN."""

    __tablename__ = "df_signing_session"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("df_person.id"))
    provider: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), default="open")  # open | done
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    challenge: Mapped[dict[str, Any]] = mapped_column(JSON)
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
