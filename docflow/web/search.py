"""Finding documents, and keeping searches under a name."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from docflow.core.permissions import Role
from docflow.core.registry import document_types
from docflow.core.workflow import State
from docflow.services import documents, search
from docflow.services.search import SearchQuery
from docflow.web.acting import actor
from docflow.web.documents import STARTERS

pages = Blueprint("search", __name__)
# An IIN never stands in an address: it is searched for by POST and not kept in a saved view.
ASKED = ("text", "type", "state", "date_from", "date_to", "group_id")
MAY_ASK_BY_IIN = (Role.CLERK, Role.ADMINISTRATOR, Role.ARCHIVIST, Role.INSPECTOR)


@pages.get("/documents")
def find() -> str:
    return _page(_query(), request.args.get("page", 1, type=int))


@pages.post("/documents")
def find_by_iin() -> str:
    """Search by a whole IIN, which stays out of the address and the log."""
    return _page(SearchQuery(iin=request.form.get("iin", "").strip()), 1)


def _page(query: SearchQuery, page: int) -> str:
    asked = {name: request.args[name] for name in ASKED if request.args.get(name)}
    found = search.find(query, actor=actor(), page=max(1, page))
    return render_template(
        "pages/search.html", query=query, page=found, asked=asked, asked_text=urlencode(asked),
        kinds=documents.types_in_use(actor=actor()) if actor().organisation_id else list(document_types().values()),
        states=_states(),
        views=search.list_views(actor=actor()), may_ask_by_iin=actor().has(*MAY_ASK_BY_IIN),
        may_start=actor().has(*STARTERS),
    )


def _query() -> SearchQuery:
    given = request.args
    return SearchQuery(
        text=given.get("text", "").strip()[:200], type=given.get("type", ""), state=given.get("state", ""),
        date_from=_day(given.get("date_from")), date_to=_day(given.get("date_to")),
        group_id=given.get("group_id", type=int),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _states() -> list[State]:
    found = {state.name: state for kind in document_types().values() for state in kind.workflow.states.values()}
    return list(found.values())


@pages.post("/documents/views")
def save_view() -> Response:
    name, query = request.form.get("name", "").strip(), request.form.get("query", "")
    if name:
        search.save_view(name, query, actor=actor())
        flash(_("The search is saved as “%(name)s”.", name=name), "success")
    return redirect(f"{url_for('.find')}?{query}")


@pages.post("/documents/views/<int:view_id>/delete")
def delete_view(view_id: int) -> Response:
    search.delete_view(view_id, actor=actor())
    return redirect(url_for(".find"))
