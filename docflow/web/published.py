"""The public page of an attesting body: who was attested. No login, no IIN."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from docflow.services import environment, published
from docflow.services.environment import local_day
from docflow.web.acting import now, slow_down

pages = Blueprint("published", __name__, url_prefix="/published")


@pages.get("/<code>")
def lists(code: str) -> str:
    """The lists of one organisation, by its code and, if asked for, of one year."""
    slow_down("published", limit=environment.current().settings.verify_per_minute, seconds=60)
    found = published.of_organisation(code, year=request.args.get("year", type=int))
    return render_template("pages/published.html", found=found, today=local_day(now()))
