"""The pages. A view parses, calls one service and draws the answer; it never decides.

Do: one blueprint a module; every page behind a login unless it is in ``acting.PUBLIC``; every POST with
a CSRF token. Do not: query, commit, or put a rule here; no script or style inside a page.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFProtect

from docflow.web import (
    accounts,
    acting,
    admin,
    cabinet,
    cards,
    deadlines,
    documents,
    errors,
    filters,
    groups,
    handwritten,
    headers,
    inbox,
    invitations,
    language,
    logs,
    observations,
    published,
    regulations,
    rounds,
    scores,
    search,
    settings,
    signing,
    sittings,
    verify,
)

BLUEPRINTS = (
    inbox.pages, documents.pages, groups.pages, signing.pages, verify.pages, search.pages, regulations.pages,
    admin.pages, language.pages, observations.pages, cards.pages, cabinet.pages,
    invitations.pages, invitations.guests, deadlines.pages, settings.pages, scores.pages, published.pages,
    sittings.pages,
    rounds.pages, handwritten.pages,
)


def install(app: Flask, *, translations: Path) -> None:
    """Give *app* its pages, languages, accounts, headers and error pages."""
    app.config.setdefault("BOOTSTRAP_SERVE_LOCAL", True)
    # The token lives as long as the session: a form may stay open over lunch.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    logs.install(app)
    # Before whatever may answer early: every answer has its own nonce.
    headers.install(app)
    language.install(app, translations=translations)
    Bootstrap5(app)
    CSRFProtect(app)
    accounts.install(app, translations=translations / "security")
    acting.install(app)
    filters.install(app)
    errors.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
