"""Organisations, units, people, their accounts, positions and substitutions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from docflow.db import Model, UTCDateTime


class Organisation(Model):
    """One that issues documents. ``profile`` names the acts that bind it."""

    __tablename__ = "df_organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    profile: Mapped[str] = mapped_column(String(32))
    bin: Mapped[str] = mapped_column(String(12), default="")
    name_kk: Mapped[str] = mapped_column(String(400))
    name_ru: Mapped[str] = mapped_column(String(400))
    short_kk: Mapped[str] = mapped_column(String(120), default="")
    short_ru: Mapped[str] = mapped_column(String(120), default="")
    city_kk: Mapped[str] = mapped_column(String(80), default="")
    city_ru: Mapped[str] = mapped_column(String(80), default="")
    address_kk: Mapped[str] = mapped_column(String(300), default="")
    address_ru: Mapped[str] = mapped_column(String(300), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    logo: Mapped[str] = mapped_column(Text, default="")  # SVG
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Who decided which setting, when, and what it was before: ``{"at", "by", "name", "old", "new"}``.
    settings_log: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")

    units: Mapped[list[Unit]] = relationship(back_populates="organisation", order_by="Unit.id")


class Unit(Model):
    __tablename__ = "df_unit"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("df_organisation.id"))
    code: Mapped[str] = mapped_column(String(32))
    name_kk: Mapped[str] = mapped_column(String(300))
    name_ru: Mapped[str] = mapped_column(String(300))

    organisation: Mapped[Organisation] = relationship(back_populates="units")


class Person(Model):
    """A person, known once. ``iin`` is never shown whole outside the pages of those who need it."""

    __tablename__ = "df_person"
    __table_args__ = (Index("ix_df_person_surname", "surname"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    surname: Mapped[str] = mapped_column(String(120))
    given_name: Mapped[str] = mapped_column(String(120))
    patronymic: Mapped[str] = mapped_column(String(120), default="")
    iin: Mapped[str | None] = mapped_column(String(12), unique=True)
    iin_override: Mapped[str] = mapped_column(String(300), default="")  # why a failing checksum was accepted
    email: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)

    @property
    def as_content(self) -> dict[str, str]:
        """The three parts of the name, as papers take them."""
        return {"surname": self.surname, "given_name": self.given_name, "patronymic": self.patronymic}


class AccountRole(Model, RoleMixin):
    __tablename__ = "df_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    description: Mapped[str] = mapped_column(String(200), default="")


class AccountHasRole(Model):
    __tablename__ = "df_account_role"

    account_id: Mapped[int] = mapped_column(ForeignKey("df_account.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("df_role.id"), primary_key=True)


class Account(Model, UserMixin):
    """A login. What it may do comes from its roles, its memberships and its person's positions."""

    __tablename__ = "df_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("df_person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("df_organisation.id"))
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(5), default="ru")
    # The library declares its columns narrower than it fills them.
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # type: ignore[assignment]
    current_login_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # type: ignore[assignment]
    last_login_ip: Mapped[str | None] = mapped_column(String(64))
    current_login_ip: Mapped[str | None] = mapped_column(String(64))
    login_count: Mapped[int | None] = mapped_column()  # type: ignore[assignment]
    # Two-factor and recovery, as Flask-Security names them.
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(JSON))

    person: Mapped[Person | None] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    roles: Mapped[list[AccountRole]] = relationship(secondary="df_account_role", lazy="selectin")  # type: ignore[assignment]
    memberships: Mapped[list[Membership]] = relationship(back_populates="account", lazy="selectin")


class Membership(Model):
    """An account works in a unit."""

    __tablename__ = "df_membership"
    __table_args__ = (UniqueConstraint("account_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("df_account.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("df_unit.id"))

    account: Mapped[Account] = relationship(back_populates="memberships")
    unit: Mapped[Unit] = relationship(lazy="joined")


class Position(Model):
    """A person holds a post from one day to another. ``kind`` is what slots ask for: ``head``, ``centre_head``."""

    __tablename__ = "df_position"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates_in_order"),
        Index("ix_df_position_kind", "organisation_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("df_organisation.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("df_unit.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("df_person.id"))
    kind: Mapped[str] = mapped_column(String(40))
    title_kk: Mapped[str] = mapped_column(String(200))
    title_ru: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    basis: Mapped[str] = mapped_column(String(300), default="")

    person: Mapped[Person] = relationship(lazy="joined")
    unit: Mapped[Unit | None] = relationship(lazy="joined")


class Substitution(Model):
    """Somebody acts for the holder of a post, between two days, on a basis that is printed on the paper."""

    __tablename__ = "df_substitution"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("basis <> ''", name="has_a_basis"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("df_position.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("df_person.id"))
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date] = mapped_column()
    basis: Mapped[str] = mapped_column(String(300))

    position: Mapped[Position] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")
