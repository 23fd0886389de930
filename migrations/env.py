"""Alembic's entry: migrate the database of the current application."""

from __future__ import annotations

from alembic import context
from flask import current_app

target = current_app.extensions["migrate"].db


def _skip_empty(context_, revision, directives) -> None:
    """Write no revision when nothing has changed."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def migrate() -> None:
    options = dict(current_app.extensions["migrate"].configure_args)
    with target.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target.metadata,
            process_revision_directives=_skip_empty,
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()


migrate()
