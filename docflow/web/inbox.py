"""The first page: what waits for me, with counts."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from docflow.core.permissions import Role
from docflow.services import deadlines, worklists
from docflow.web.acting import actor, now

pages = Blueprint("inbox", __name__)
Drawn = str | Response


@pages.get("/")
def home() -> Drawn:
    """What waits, most urgent first; whoever only files for himself begins in his cabinet."""
    if actor().roles == {Role.APPLICANT}:
        return redirect(url_for("cabinet.show", lang=request.args.get("lang")))
    counts = worklists.counts(actor=actor())
    first = next((name for name, count in counts.items() if count), next(iter(counts), ""))
    return _page(first, counts)


@pages.get("/waiting/<name>")
def waiting(name: str) -> str:
    return _page(name, worklists.counts(actor=actor()))


def _page(name: str, counts: dict[str, int]) -> str:
    page = worklists.waiting(name, actor=actor(), page=request.args.get("page", 1, type=int)) if name else None
    overdue = deadlines.count_overdue(actor=actor(), now=now()) if actor().has(Role.CLERK) else None
    return render_template("pages/home.html", counts=counts, name=name, page=page, overdue=overdue)
