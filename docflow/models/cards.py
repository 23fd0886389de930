"""What is known of a person's work, and what was sent to him."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from docflow.db import Model, UTCDateTime
from docflow.models.documents import Document
from docflow.models.people import Person


class CardEntry(Model):
    """One line of a person's card: a post, education, experience, a category, an achievement, a language.

    It rests on a document of ours or on a basis in words. Removed ones stay, marked.
    """

    __tablename__ = "df_card_entry"
    __table_args__ = (
        CheckConstraint("document_id IS NOT NULL OR basis <> ''", name="rests_on_something"),
        Index("ix_df_card_entry_person", "person_id", "kind"),
        Index("ix_df_card_entry_ending", "kind", "ends_on"),
        Index("ix_df_card_entry_document", "document_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("df_person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("df_organisation.id"))
    kind: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    starts_on: Mapped[date | None] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    document_id: Mapped[int | None] = mapped_column(ForeignKey("df_document.id"))
    basis: Mapped[str] = mapped_column(String(300), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("df_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("df_account.id"))
    removed_because: Mapped[str] = mapped_column(String(300), default="")

    person: Mapped[Person] = relationship()
    document: Mapped[Document | None] = relationship()


class Delivery(Model):
    """One message to one person about a document, from the moment in which it was promised."""

    __tablename__ = "df_delivery"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="known_state"),
        Index("ix_df_delivery_document", "document_id"),
        Index("ix_df_delivery_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("df_document.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("df_person.id"))
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str | None] = mapped_column(String(120), unique=True)  # what must not be sent twice
    address: Mapped[str] = mapped_column(String(255), default="")
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    problem: Mapped[str] = mapped_column(String(500), default="")

    person: Mapped[Person | None] = relationship()
    document: Mapped[Document | None] = relationship()


class Invitation(Model):
    """A link by which one person from outside fills and signs one document; only its digest is kept."""

    __tablename__ = "df_invitation"
    __table_args__ = (Index("ix_df_invitation_document", "document_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("df_document.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("df_person.id"))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    address: Mapped[str] = mapped_column(String(255), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("df_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    document: Mapped[Document] = relationship()
    person: Mapped[Person] = relationship()
