"""Renewing an archive time stamp before its authority's certificate ends (EN 319 142-1, 5.5 and 6.3: B-LTA).

The new stamp covers the old one and what was said about its authority while that could still be asked; and what is
said about the new authority's certificate, which would be asked for otherwise when nobody answers any more. Whoever
misses the day cannot make up for it: nothing proves then that the old stamp was good when the new one was made.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from docflow.core.errors import ProviderError
from docflow.core.messages import _l
from docflow.signing import levels
from docflow.signing.gost.streebog import digest_of
from docflow.signing.levels import Contents, Revoked, Store, TrustServices
from docflow.signing.report import Level
from docflow.signing.timestamps import Stamp
from docflow.signing.wire import Unavailable


def due_at(pdf: bytes, *, before: timedelta) -> datetime | None:
    """When the archive time stamp of *pdf* wants another one: that long *before* its certificate ends.

    ``None`` for a file that has none; :class:`ProviderError` when it cannot be read.
    """
    stamp = _last_stamp(levels.contents_of(pdf))
    return _end_of(stamp) - before if stamp is not None and levels.level_of(pdf) is Level.LTA else None


def renewed(pdf: bytes, services: TrustServices, *, now: datetime, before: timedelta) -> bytes:
    """Append what proves the last time stamp, and another one; the file itself when it is not due.

    :class:`Unavailable` when a trust service does not answer, or still stamps with a certificate that ends no later;
    :class:`Revoked` and :class:`ProviderError` when it is too late. Nothing is left half done.
    """
    due = due_at(pdf, before=before)
    if due is None or now < due:
        return pdf
    if services.stamper is None:
        raise Unavailable(_l("No time-stamping authority is configured."))
    stamp = _last_stamp(levels.contents_of(pdf))
    assert stamp is not None  # it is due
    end = _end_of(stamp)
    if end <= now:
        raise ProviderError(
            _l("The archive time stamp ran out on %(day)s before it was renewed.", day=end.date().isoformat())
        )
    # One stamp to know the certificate with which they are made now.
    trial = services.stamper.stamp(digest_of(services.stamper.algorithm, pdf))
    if _end_of(trial) <= end:
        raise Unavailable(
            _l(
                "The time-stamping authority still stamps with the certificate that ends on %(day)s.",
                day=end.date().isoformat(),
            )
        )
    return levels.add_time_stamp(levels.add_store(pdf, _about(stamp, trial, services, now=now)), services.stamper)


def _last_stamp(found: Contents) -> Stamp | None:
    stamps = [value for value in found.values if value.is_timestamp]
    return stamps[-1].stamp() if stamps else None


def _end_of(stamp: Stamp) -> datetime:
    return stamp.certificate.not_valid_after_utc


def _about(old: Stamp, new: Stamp, services: TrustServices, *, now: datetime) -> Store:
    """Of the signers everything is in the file since it was archived; their responders may be gone."""
    gathering = levels.Gathering(services, now)
    for each in (old, new):
        if gathering.about(each.certificate, each.certificates, since=each.at).is_revoked(now):
            message = _l("The certificate of the time-stamping authority was revoked before its stamp was renewed.")
            raise Revoked(message)
    return gathering.store
