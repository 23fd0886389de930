"""Gap-free registers of numbers, and the files of the nomenclature."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from docflow.db import Model, UTCDateTime
from docflow.models.documents import Document


class JournalYear(Model):
    """One journal of a unit in a year; ``last`` is the last number given out."""

    __tablename__ = "df_journal"
    __table_args__ = (UniqueConstraint("name", "unit_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    unit_id: Mapped[int] = mapped_column(ForeignKey("df_unit.id"))
    year: Mapped[int] = mapped_column()
    last: Mapped[int] = mapped_column(default=0)

    numbers: Mapped[list[RegisteredNumber]] = relationship(back_populates="journal")


class RegisteredNumber(Model):
    """One number: reserved for a document, committed, or void with its reason."""

    __tablename__ = "df_number"
    __table_args__ = (
        UniqueConstraint("journal_id", "sequence"),
        UniqueConstraint("document_id"),
        CheckConstraint("state IN ('reserved', 'committed', 'void')", name="known_state"),
        CheckConstraint("(state = 'void') = (void_reason <> '')", name="void_with_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("df_journal.id"))
    sequence: Mapped[int] = mapped_column()
    text: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12), default="reserved")
    void_reason: Mapped[str] = mapped_column(String(500), default="")
    document_id: Mapped[int] = mapped_column(ForeignKey("df_document.id"))
    reserved_at: Mapped[datetime] = mapped_column(UTCDateTime)

    journal: Mapped[JournalYear] = relationship(back_populates="numbers")
    document: Mapped[Document] = relationship(back_populates="registered")


class CaseFile(Model):
    """A file of the nomenclature: index, title, year. The organisation sets the retention, not we."""

    __tablename__ = "df_case_file"
    __table_args__ = (UniqueConstraint("organisation_id", "index", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("df_organisation.id"))
    index: Mapped[str] = mapped_column(String(40))
    year: Mapped[int] = mapped_column()
    title_kk: Mapped[str] = mapped_column(String(300))
    title_ru: Mapped[str] = mapped_column(String(300))
    types: Mapped[str] = mapped_column(String(500), default="")  # names of types, separated by spaces
    retention_years: Mapped[int | None] = mapped_column()  # empty: set by the organisation's nomenclature
    retention_basis: Mapped[str] = mapped_column(String(300), default="")
    is_closed: Mapped[bool] = mapped_column(default=False)
