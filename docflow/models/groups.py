"""A group of listeners that takes a course together, and the runs that issue its documents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from docflow.db import Model, UTCDateTime
from docflow.models.people import Organisation, Unit


class Group(Model):
    """A course as it is held, or a round of attestation: programme, hours, dates, modules, who is responsible.

    ``kind`` is ``course`` or ``attestation``; the members of a round's commission are its ``responsible``.

    ``modules`` is a list of ``{"title_kk", "title_ru", "hours"}``; ``responsible`` of
    ``{"person": {...}, "position_kk", "position_ru", "person_id"}``.
    """

    __tablename__ = "df_group"
    __table_args__ = (
        UniqueConstraint("organisation_id", "code"),
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("hours > 0 OR kind <> 'course'", name="has_hours"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("df_organisation.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("df_unit.id"))
    code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20), default="course")
    topic_kk: Mapped[str] = mapped_column(String(400))
    topic_ru: Mapped[str] = mapped_column(String(400))
    hours: Mapped[int] = mapped_column()
    study_language: Mapped[str] = mapped_column(String(5), default="ru")
    format: Mapped[str] = mapped_column(String(20), default="full_time")
    funding: Mapped[str] = mapped_column(String(20), default="paid")  # budget | paid
    programme_kind: Mapped[str] = mapped_column(String(20), default="general")  # KNK: author | registry
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date] = mapped_column()
    max_score: Mapped[int] = mapped_column(default=100)
    price: Mapped[int] = mapped_column(default=0)  # whole tenge
    modules: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    responsible: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("df_person.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    is_closed: Mapped[bool] = mapped_column(default=False)

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    unit: Mapped[Unit] = relationship(lazy="joined")


class IssueRun(Model):
    """One order to issue everything that derives from a document, row by row, resumable."""

    __tablename__ = "df_issue_run"
    __table_args__ = (Index("ix_df_issue_run_source", "source_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("df_document.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("df_account.id"))
    language: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(20), default="waiting")  # waiting | running | done | failed
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    types: Mapped[list[str]] = mapped_column(JSON, default=list)

    rows: Mapped[list[IssueRow]] = relationship(back_populates="run", order_by="IssueRow.id")


class IssueRow(Model):
    """What one row led to: a document, or the reasons against it."""

    __tablename__ = "df_issue_row"
    __table_args__ = (UniqueConstraint("run_id", "type", "row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("df_issue_run.id"))
    type: Mapped[str] = mapped_column(String(60))
    row: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(String(360), default="")
    state: Mapped[str] = mapped_column(String(20), default="waiting")  # waiting | done | refused
    document_id: Mapped[int | None] = mapped_column(ForeignKey("df_document.id"))
    refusals: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    run: Mapped[IssueRun] = relationship(back_populates="rows")
