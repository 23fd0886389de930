"""Reports on files that were checked a moment ago: the same bytes under the same roots get the same answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from docflow.signing.report import Report
from docflow.signing.trust import TrustStore

_Key = tuple[str, tuple[bytes, ...], bool]


class RecentReports:
    """The last reports by SHA-256 and policy: the pinned roots, and whether responders were asked; for threads.

    A certificate may expire while a report is kept, so that none is kept for long.
    """

    def __init__(self, *, most: int = 256, lifetime: timedelta = timedelta(minutes=10)) -> None:
        self._most, self._lifetime = most, lifetime
        self._kept: OrderedDict[_Key, tuple[datetime, Report]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, sha256: str, *, trust: TrustStore, now: datetime, online: bool = False) -> Report | None:
        key = (sha256, trust.roots, online)
        with self._lock:
            made, report = self._kept.get(key, (None, None))
            # Somebody may ask how things stood at another time; that is another question.
            if made is None or not timedelta() <= now - made < self._lifetime:
                return None
            self._kept.move_to_end(key)
            return report

    def keep(self, report: Report, *, trust: TrustStore, now: datetime, online: bool = False) -> None:
        """Only what says something about the file: one that was not read in time may be read the next time."""
        if report.error is not None:
            return
        key = (report.sha256, trust.roots, online)
        with self._lock:
            self._kept[key] = (now, report)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
