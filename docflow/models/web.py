"""What the pages remember: saved views, and how often somebody has asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from docflow.db import Model, UTCDateTime


class SavedView(Model):
    """A search that somebody wants to find again."""

    __tablename__ = "df_saved_view"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("df_account.id"))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(String(500))


class Throttle(Model):
    """How many requests of one kind came from one address in one window. In the database: many nodes."""

    __tablename__ = "df_throttle"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    window: Mapped[datetime] = mapped_column(UTCDateTime)
    count: Mapped[int] = mapped_column(default=0)
