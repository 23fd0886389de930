"""What the browser may do with our pages: nothing but our own files, a nonce for the rest."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request
from flask_security import current_user

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'{connect}; frame-src 'self'; form-action 'self'; frame-ancestors 'self'; "
    "base-uri 'none'"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def install(app: Flask) -> None:
    app.before_request(_choose_nonce)
    app.after_request(_add)


def _choose_nonce() -> None:
    g.csp_nonce = secrets.token_urlsafe(16)


def allow_connection(address: str) -> None:
    """Let this one page reach *address*: a socket of the reader's own machine."""
    g.csp_connect = f" {address}"


def _policy() -> str:
    return POLICY.format(nonce=g.get("csp_nonce", ""), connect=g.get("csp_connect", ""))


def _add(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _policy())
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static" and current_user.is_authenticated:
        # A page of personal data does not stay in the cache of a shared computer.
        response.headers["Cache-Control"] = "no-store"
    return response
