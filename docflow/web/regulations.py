"""The acts: what binds the organisation, word for word, and where acts differ."""

from __future__ import annotations

from flask import Blueprint, render_template

from docflow.core.errors import NotFound
from docflow.core.messages import _l
from docflow.core.registry import document_types
from docflow.regulations import PROFILES, REGULATIONS, differences
from docflow.services import papers, people
from docflow.services.environment import local_day
from docflow.web.acting import actor, now

pages = Blueprint("regulations", __name__, url_prefix="/regulations")


@pages.get("/")
def listing() -> str:
    bound = papers.profile_of(people.organisation_of(actor())) if actor().organisation_id else None
    profiles = [bound] if bound else list(PROFILES.values())
    return render_template(
        "pages/regulations.html", acts=list(REGULATIONS.values()), bound=bound, today=local_day(now()),
        differing=[(profile, differences(profile)) for profile in profiles],
    )


@pages.get("/<code>")
def act(code: str) -> str:
    found = REGULATIONS.get(code)
    if found is None:
        raise NotFound(_l("There is no such act."))
    kinds = [kind for kind in document_types().values() if any(c.regulation == code for c in kind.regulated_by)]
    return render_template("pages/act.html", act=found, today=local_day(now()), kinds=kinds)
