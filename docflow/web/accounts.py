"""Logins: Flask-Security with our table of accounts, argon2id and an optional second factor."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import Security, SQLAlchemyUserDatastore
from werkzeug.wrappers import Response

from docflow.db import db, utcnow
from docflow.models import Account, AccountRole
from docflow.services import environment
from docflow.web.acting import slow_down

SETTINGS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    # argon2 salts by itself; a second, keyed hash would tie every password to one more secret.
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    "SECURITY_PASSWORD_LENGTH_MIN": 10,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_TRACKABLE": True,
    "SECURITY_DATETIME_FACTORY": utcnow,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TOTP_ISSUER": "docflow",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
    "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
}
WITHIN_SECONDS = 300
GUARDED = ("security.login", "security.two_factor_token_validation", "security.mf_recovery", "security.verify")


def install(app: Flask, *, translations: Path) -> None:
    for name, value in SETTINGS.items():
        app.config.setdefault(name, value)
    app.config.setdefault("SECURITY_I18N_DIRNAME", ["builtin", str(translations)])
    security = Security(app, SQLAlchemyUserDatastore(db, Account, AccountRole))
    security.unauthn_handler(_ask_for_login)
    app.login_manager.unauthorized_handler(_ask_for_login)  # type: ignore[attr-defined]
    app.before_request(_slow_down_guessing)


def _slow_down_guessing() -> None:
    if request.method == "POST" and request.endpoint in GUARDED:
        slow_down("login", limit=environment.current().settings.login_attempts, seconds=WITHIN_SECONDS)


def _ask_for_login(*_args: Any, **_kwargs: Any) -> Response:
    """Go to the login page and come back; a page that was sent is asked for again, not sent again."""
    if request.path != "/":
        flash(_("Log in to go on."), "info")
    return redirect(url_for("security.login", next=_way_back()))


def _way_back() -> str:
    if request.method == "GET":
        return request.full_path.rstrip("?")
    referrer = urlsplit(request.referrer or "")
    return referrer.path if referrer.netloc == request.host else "/"
