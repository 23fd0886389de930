"""A person's own page: what waits for him, his applications in plain words, what he was given, his card."""

from __future__ import annotations

from flask import Blueprint, render_template

from docflow.services import cabinet
from docflow.web.acting import actor, now
from docflow.web.cards import around_card
from docflow.web.language import language_code

pages = Blueprint("cabinet", __name__)


@pages.get("/my")
def show() -> str:
    found = cabinet.of_person(actor=actor(), now=now(), language=language_code())
    return render_template("pages/cabinet.html", cabinet=found, page=found.card, **around_card())
