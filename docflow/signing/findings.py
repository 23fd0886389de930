"""What a check of a signature or a certificate found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from docflow.core.checks import Axis
from docflow.core.messages import Message
from docflow.core.places import Place


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """One observation, on one axis; an error says "no", a warning "look at it", an info only tells.

    ``pages`` are the numbers of the pages that it is about, where that is known, ``places`` what stands on them.
    """

    code: str
    severity: Severity
    axis: Axis
    message: Message
    pages: tuple[int, ...] = ()
    places: tuple[Place, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The sentence in the current language, and as data, so that a kept report can be shown in another."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "axis": self.axis.value,
            "message": str(self.message),
            "pages": list(self.pages),
            "places": [each.as_json() for each in self.places],
            "sentence": self.message.as_json(),
        }


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)
