"""What can go wrong, in words for the person who has to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from docflow.core.messages import Message

if TYPE_CHECKING:
    from docflow.core.rules import Refusal


class DocflowError(Exception):
    """The root of our own errors; carries one translatable sentence that says what to do next."""

    status = 500

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotFound(DocflowError):
    """There is no such thing, or this actor may not know that there is."""

    status = 404


class Forbidden(DocflowError):
    """The actor's roles do not allow it, whatever the document says."""

    status = 403


class Refused(DocflowError):
    """The rules say no; ``refusals`` holds every reason, each with its clause. Nothing has changed."""

    status = 409

    def __init__(self, message: Message, refusals: Sequence[Refusal]) -> None:
        super().__init__(message)
        self.refusals = tuple(refusals)


class Conflict(DocflowError):
    """Somebody was faster; look at the newer version and try again."""

    status = 409


class Invalid(DocflowError):
    """Input that the form does not accept; ``errors`` maps a field's path to its sentences."""

    status = 422

    def __init__(self, message: Message, errors: dict[str, list[str]]) -> None:
        super().__init__(message)
        self.errors = errors


class ProviderError(DocflowError):
    """A trust service or a signature provider failed; safe to try again."""

    status = 502
