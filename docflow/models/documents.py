"""The record: documents, revisions, relations, attachments, and a history that only grows."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from docflow.db import Model, UTCDateTime
from docflow.models.groups import Group
from docflow.models.people import Organisation, Person, Unit

if TYPE_CHECKING:
    from docflow.models.journals import RegisteredNumber
    from docflow.models.signatures import Signature


class Document(Model):
    """A record with a number and a state. Its content is in its revisions.

    ``title``, ``subject_name`` are projections of the current content, for lists; ``code`` is the
    address of its public verification; ``version`` guards against two editors at once.
    """

    __tablename__ = "df_document"
    __table_args__ = (
        UniqueConstraint("organisation_id", "type", "number", name="uq_df_document_number"),
        # A number and a date of registration come together.
        CheckConstraint("(number IS NULL) = (registered_on IS NULL)", name="number_with_date"),
        CheckConstraint("valid_until IS NULL OR valid_from IS NOT NULL", name="validity_has_a_start"),
        Index("ix_df_document_list", "organisation_id", "type", "state", "id"),
        Index("ix_df_document_state", "organisation_id", "state", "id"),
        Index("ix_df_document_recent", "organisation_id", "id"),
        Index("ix_df_document_group", "group_id", "type", "state"),
        Index("ix_df_document_subject", "subject_id"),
        Index("ix_df_document_owner", "created_by_id", "state"),
        Index("ix_df_document_assignee", "assignee_id", "state"),
        Index("ix_df_document_registered", "organisation_id", "registered_on"),
        Index("ix_df_document_raise", "raise_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("df_organisation.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("df_unit.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("df_group.id"))
    case_file_id: Mapped[int | None] = mapped_column(ForeignKey("df_case_file.id"))
    state: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(5))
    code: Mapped[str] = mapped_column(String(12), unique=True)
    number: Mapped[str | None] = mapped_column(String(80))
    registered_on: Mapped[date | None] = mapped_column()
    title: Mapped[str] = mapped_column(String(500), default="")
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("df_person.id"))
    subject_name: Mapped[str] = mapped_column(String(360), default="")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("df_person.id"))  # in whose hands a draft is
    valid_from: Mapped[date | None] = mapped_column()
    valid_until: Mapped[date | None] = mapped_column()
    comment: Mapped[str] = mapped_column(Text, default="")  # of its last step: why it was returned or refused
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("df_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # The paper as it stands: unsigned, or with every signature so far. An address in the store.
    paper_sha256: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    history_head: Mapped[str] = mapped_column(String(64), default="")
    history_length: Mapped[int] = mapped_column(default=0)
    # What the weakest of its electronic signatures has (PAdES-B-B … PAdES-B-LTA); when that is to be raised, and what
    # was in the way the last time.
    signature_level: Mapped[str] = mapped_column(String(12), default="")
    raise_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    level_problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    unit: Mapped[Unit] = relationship()
    group: Mapped[Group | None] = relationship()
    subject: Mapped[Person | None] = relationship(foreign_keys=[subject_id])
    revisions: Mapped[list[Revision]] = relationship(back_populates="document", order_by="Revision.sequence")
    # What it rests on: told when it is drafted.
    grounds: Mapped[list[Relation]] = relationship(
        back_populates="source", foreign_keys="Relation.source_id", order_by="Relation.id"
    )
    # Of every revision that was ever sent for signature, the cancelled ones too.
    signatures: Mapped[list[Signature]] = relationship(
        back_populates="document", order_by="(Signature.order, Signature.id)", cascade="all, delete-orphan"
    )
    registered: Mapped[RegisteredNumber | None] = relationship(back_populates="document")

    __mapper_args__ = {"version_id_col": version}


class Revision(Model):
    """One immutable content. ``sha256`` is over its canonical JSON; ``frozen_at`` when a paper was made of it."""

    __tablename__ = "df_revision"
    __table_args__ = (UniqueConstraint("document_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("df_document.id"))
    sequence: Mapped[int] = mapped_column()
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("df_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    document: Mapped[Document] = relationship(back_populates="revisions")


class Relation(Model):
    """The legal chain as data: *source* is derived from, annexed to, answers *target*.

    ``key`` makes a derived document unique: the derivation and the row it came from.
    """

    __tablename__ = "df_relation"
    __table_args__ = (
        UniqueConstraint("source_id", "target_id", "kind"),
        UniqueConstraint("target_id", "key", name="uq_df_relation_derived_once"),
        Index("ix_df_relation_target", "target_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("df_document.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("df_document.id"))
    kind: Mapped[str] = mapped_column(String(30))
    row: Mapped[int | None] = mapped_column()
    key: Mapped[str | None] = mapped_column(String(120))

    source: Mapped[Document] = relationship(foreign_keys=[source_id], lazy="joined", back_populates="grounds")
    target: Mapped[Document] = relationship(foreign_keys=[target_id], lazy="joined")


class HistoryEntry(Model):
    """What happened, by whom, when. ``sha256`` covers the entry and the one before it."""

    __tablename__ = "df_history"
    __table_args__ = (UniqueConstraint("document_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("df_document.id"))
    sequence: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("df_account.id"))
    actor_name: Mapped[str] = mapped_column(String(360))
    action: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    previous_sha256: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))

    document: Mapped[Document] = relationship()


class Attachment(Model):
    """A file that belongs to a document, in the store under its SHA-256. Removed ones stay, marked."""

    __tablename__ = "df_attachment"
    __table_args__ = (CheckConstraint("size > 0", name="not_empty"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("df_document.id"))
    kind: Mapped[str] = mapped_column(String(40))
    filename: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(String(64))
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("df_account.id"))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    document: Mapped[Document] = relationship()


class SearchEntry(Model):
    """The words by which a document is found, folded; the trigram index is made by the migration."""

    __tablename__ = "df_search_entry"

    document_id: Mapped[int] = mapped_column(ForeignKey("df_document.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("df_organisation.id"))
    norm: Mapped[str] = mapped_column(Text)
    # Keyed digest of the IIN: found by the whole number only, by those allowed, and never read back.
    iin_digest: Mapped[str | None] = mapped_column(String(64), index=True)
