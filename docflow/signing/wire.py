"""Asking trust services over HTTP: connections are kept, answers are limited, an outage is remembered."""

from __future__ import annotations

import http.client
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import SplitResult, urlsplit

from docflow.core.errors import DocflowError
from docflow.core.messages import Message, _l

LARGEST = 32 << 20  # a national list of revoked certificates has some megabytes


def utc_now() -> datetime:
    return datetime.now(UTC)


class Unavailable(DocflowError):
    """A trust service gave no answer, or none that can be used; ``message`` says which."""


class Client:
    """Keeps a connection to each service and takes another for a second thread.

    A service that did not answer is left alone for *pause* seconds: a batch must not wait for it again and again.
    """

    def __init__(self, *, timeout: float = 5.0, pause: float = 20.0) -> None:
        self._timeout, self._pause = timeout, pause
        self._idle: dict[str, list[http.client.HTTPConnection]] = defaultdict(list)
        self._down_until: dict[str, float] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _close, self._idle)  # nobody ends an application in a way that we would hear of

    def post(self, url: str, body: bytes, *, content_type: str) -> bytes:
        return self._ask("POST", url, body, {"Content-Type": content_type})

    def get(self, url: str) -> bytes:
        return self._ask("GET", url, None, {})

    def forget_outages(self) -> None:
        """Ask everybody again at once."""
        self._down_until.clear()

    def _ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unavailable(_l("The address of a trust service is none: %(url)s", url=url))
        place = f"{parts.scheme}://{parts.netloc}"
        if time.monotonic() < self._down_until.get(place, 0.0):
            raise _silent(parts)
        try:
            return self._exchange(place, parts, method, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self._down_until[place] = time.monotonic() + self._pause
            raise _silent(parts) from error

    def _exchange(
        self, place: str, parts: SplitResult, method: str, body: bytes | None, headers: Mapping[str, str]
    ) -> bytes:
        kept = self._take(place)
        if kept is not None:
            try:
                return self._once(place, kept, parts, method, body, headers)
            except (OSError, http.client.HTTPException):
                kept.close()  # the other side had closed it; that says nothing about a new one
        connection = self._new(parts)
        try:
            return self._once(place, connection, parts, method, body, headers)
        except (OSError, http.client.HTTPException):
            connection.close()
            raise

    def _take(self, place: str) -> http.client.HTTPConnection | None:
        with self._lock:
            return self._idle[place].pop() if self._idle[place] else None

    def _new(self, parts: SplitResult) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=self._timeout)

    def _once(
        self,
        place: str,
        connection: http.client.HTTPConnection,
        parts: SplitResult,
        method: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> bytes:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = response.read(LARGEST + 1)
        if len(answer) > LARGEST or response.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle[place].append(connection)
        if response.status != http.client.OK or len(answer) > LARGEST:
            raise Unavailable(_refusal(parts, response.status))
        return answer


def _close(idle: Mapping[str, list[http.client.HTTPConnection]]) -> None:
    for connection in (each for kept in idle.values() for each in kept):
        connection.close()


def _silent(parts: SplitResult) -> Unavailable:
    return Unavailable(_l("The trust service at %(host)s does not answer.", host=parts.netloc))


def _refusal(parts: SplitResult, status: int) -> Message:
    return _l("The trust service at %(host)s refuses (HTTP %(status)s).", host=parts.netloc, status=status)
