"""Regulated documents of education in Kazakhstan.

A pure core, thin services, leaves that plug in. ``create_app`` puts them together; nothing else
knows all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from docflow.db import db

if TYPE_CHECKING:
    from docflow.config import Settings

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application; without *settings* they come from the TOML file and the environment."""
    from docflow import web
    from docflow.config import Settings, flask_config
    from docflow.services import environment

    settings = settings or Settings.load()
    app = Flask(
        "docflow", static_folder=str(ROOT / "docflow" / "web" / "static"), template_folder=str(ROOT / "templates")
    )
    app.config.update(flask_config(settings))
    app.config["DOCFLOW"] = settings
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, include_name=_is_ours)
    environment.install(app, settings)
    web.install(app, translations=ROOT / "translations")
    return app


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Leave alone what other libraries keep in the same database: Alembic would propose to drop it."""
    return kind != "table" or name in db.metadata.tables
