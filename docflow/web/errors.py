"""What a person reads when something is not possible: one sentence, the reasons, what to do next."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from docflow.core.errors import DocflowError, Invalid, Refused
from docflow.db import db

log = logging.getLogger("docflow.web")
LONGEST_FIELD = 20_000
MOST_FIELDS = 3_000
NEVER_REPEATED = ("csrf_token", "pin", "password")


def install(app: Flask) -> None:
    app.register_error_handler(DocflowError, explain)
    app.register_error_handler(CSRFError, offer_again)
    app.register_error_handler(HTTPException, explain_http)
    app.register_error_handler(500, apologise)


def explain(error: DocflowError) -> tuple[str, int]:
    """Our own "no": its sentence, every refusal with its clause, every field that is wrong."""
    refusals = error.refusals if isinstance(error, Refused) else ()
    fields = error.errors if isinstance(error, Invalid) else {}
    if error.status >= 500:
        log.error("%s", error, exc_info=error)
    page = render_template("pages/error.html", message=error.message, refusals=refusals, fields=fields)
    return page, error.status


def explain_http(error: HTTPException) -> tuple[str, int, list[tuple[str, str]]]:
    """The protocol's errors, in words."""
    status = error.code or 500
    headers = [pair for pair in error.get_headers() if pair[0] in ("Retry-After", "Allow")]
    return render_template("pages/error.html", message=_sentence(status), status=status), status, headers


def _sentence(status: int) -> str:
    largest = (current_app.config.get("MAX_CONTENT_LENGTH") or 0) // (1024 * 1024)
    sentences = {
        400: _("The browser sent something that this page does not understand. Go back and try again."),
        403: _("Your roles do not allow this. Ask the administrator if you need it."),
        404: _("There is no such page, or it is not open to you."),
        405: _("This address cannot be opened like that. Go back and use the button on the page."),
        413: _("The file is too large: at most %(size)d MB are accepted. Nothing was saved.", size=largest),
        415: _("This kind of file is not accepted."),
        429: _("Too many attempts from your address. Wait a few minutes and try again."),
    }
    return str(sentences.get(status, _("The request could not be carried out. Nothing was changed.")))


def offer_again(error: CSRFError) -> tuple[str, int]:
    """Show what was typed once more, with a fresh token, so that an expired login loses nothing."""
    # A login is typed again: neither passwords nor codes are ever written back into a page.
    kept = _typed() if _came_from_here() and request.blueprint != "security" else []
    files = [name for name, upload in request.files.items() if upload.filename] if kept else []
    page = render_template(
        "pages/again.html", fields=kept, files=files, action=request.full_path.rstrip("?"),
        logged_in=current_user.is_authenticated, reason=error.description,
    )
    return page, 400


def _came_from_here() -> bool:
    """A foreign page must not get its own data shown and confirmed under our name."""
    origin = urlsplit(request.headers.get("Origin") or request.referrer or "")
    return bool(origin.netloc) and origin.netloc == request.host


def _typed() -> list[tuple[str, str]]:
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_REPEATED]
    return [(name, value[:LONGEST_FIELD]) for name, value in pairs[:MOST_FIELDS]]


def apologise(error: Exception) -> tuple[str, int]:
    """Nothing of the error itself is shown: only the number under which the log holds it."""
    db.session.rollback()
    return render_template("pages/error.html", message=_(
        "Something went wrong on our side. Nothing was saved. If it happens again, tell the administrator the "
        "number %(number)s.", number=g.get("request_id", "–"),
    ), status=500), 500
