"""Who acts: every page needs a login but the public ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, request, session
from flask_security import current_user
from werkzeug.exceptions import TooManyRequests

from docflow.core.errors import Forbidden
from docflow.core.identifiers import accepts_test_numbers
from docflow.core.messages import _l
from docflow.core.permissions import Actor, Role
from docflow.db import utcnow
from docflow.services import groups, people, throttle, worklists

PUBLIC = ("static", "bootstrap.static", "language.choose", "verify.", "invited.", "published.", "security.")
View = TypeVar("View", bound=Callable[..., Any])


def install(app: Flask) -> None:
    app.before_request(_require_login)
    app.context_processor(_for_templates)
    app.jinja_env.globals.update(accepts_test_numbers=accepts_test_numbers)


def actor() -> Actor:
    """The logged-in account as an actor, once a request."""
    if "actor" not in g:
        g.actor = people.actor_for(current_user)
    found: Actor = g.actor
    return found


def now() -> datetime:
    return utcnow()


def requires(*roles: Role) -> Callable[[View], View]:
    """Open a page to these roles only; the services ask again, of each document."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not actor().has(*roles):
                raise Forbidden(_l("This page belongs to another role than yours."))
            return view(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def slow_down(kind: str, *, limit: int, seconds: int) -> None:
    """Answer 429 to an address that asks too often."""
    if not throttle.allow(kind, request.remote_addr or "", limit=limit, seconds=seconds, now=now()):
        raise TooManyRequests


def _require_login() -> Any:
    endpoint = request.endpoint or ""
    if current_user.is_authenticated and not session.permanent:
        session.permanent = True  # so that it ends after session_hours, not with the browser
    if not endpoint or endpoint.startswith(PUBLIC) or current_user.is_authenticated:
        return None
    return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]


def _for_templates() -> dict[str, Any]:
    """What every page's frame shows: the actor, his organisation, what waits for him."""
    if not current_user or not current_user.is_authenticated:
        return {"actor": None, "waiting": {}, "Role": Role}
    return {"actor": actor(), "waiting": _waiting, "group_kinds": _group_kinds, "Role": Role}


def _group_kinds() -> tuple[str, ...]:
    return groups.kinds_in_use(people.organisation_of(actor())) if actor().organisation_id else ()


def _waiting() -> dict[str, int]:
    if "waiting" not in g:
        g.waiting = worklists.counts(actor=actor())
    found: dict[str, int] = g.waiting
    return found
