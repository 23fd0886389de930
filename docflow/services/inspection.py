"""What of a file's findings can be pointed at: pictures of pages with frames, made for one answer, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from docflow.core.messages import Message, _l
from docflow.core.places import Place
from docflow.rendering.preview import PreviewError, change, page_from_outside
from docflow.services.previews import Sheet
from docflow.signing.findings import Severity
from docflow.signing.report import Changes, Kind, Report, SignatureReport

_STAMP = _l("Time stamp of the document")
_NEAR, _SLACK = 2.0, 3.0  # points: what is one place, and what a picture may be smaller than its page


class Mark(StrEnum):
    """What a frame is about; a change can be seen in two pictures, what was added or filled in lies on the page."""

    CHANGED = "changed"
    ADDED = "added"
    FILLED = "filled"
    SIGNATURE = "signature"


_WORDS = {
    Mark.CHANGED: _l("Looks otherwise than when it was signed"),
    Mark.ADDED: _l("Put there, or changed, after signing"),
    Mark.FILLED: _l("Filled in after signing"),
}


@dataclass(frozen=True)
class Frame:
    """One place with its words."""

    place: Place
    kind: Mark
    caption: Message


@dataclass(frozen=True)
class Shown:
    """One page with its frames; ``before`` is the page as it was signed, where it looked otherwise."""

    page: int
    sheet: Sheet
    frames: tuple[Frame, ...]
    before: Sheet | None = None

    @property
    def is_doubt(self) -> bool:
        return any(each.kind in (Mark.CHANGED, Mark.ADDED) for each in self.frames)

    @property
    def differences(self) -> list[Frame]:
        return [each for each in self.frames if each.kind is Mark.CHANGED]


@dataclass(frozen=True)
class _Plan:
    """What is to be drawn of one page: frames that are known, and the state to compare it with, in bytes."""

    page: int
    frames: tuple[Frame, ...] = ()
    signed_bytes: int = 0

    @property
    def is_doubt(self) -> bool:
        return self.signed_bytes > 0

    @property
    def was_added_to(self) -> bool:
        return any(each.kind is Mark.ADDED for each in self.frames)


def shown(report: Report, pdf: bytes, *, most: int) -> list[Shown]:
    """At most *most* pages on which a finding or a signature has a place, those with a doubt first.

    What cannot be drawn in the limits is left out: the findings have been told in words.
    """
    plans = sorted(_plans(report).values(), key=lambda each: (not each.was_added_to, not each.is_doubt, each.page))
    drawn = [each for each in (_drawn(plan, pdf) for plan in plans[: 2 * most]) if each is not None]
    return sorted(drawn, key=lambda each: (not each.is_doubt, each.page))[:most]


def _plans(report: Report) -> dict[int, _Plan]:
    plans = dict[int, _Plan]()
    for signature in report.signatures:
        for page, frame in _frames(signature):
            plan = plans.setdefault(page, _Plan(page))
            if frame not in plan.frames:
                plans[page] = replace(plan, frames=(*plan.frames, frame))
        for page in _doubtful_pages(signature):
            plan = plans.setdefault(page, _Plan(page))
            # The earliest of the states that somebody signed: everything since is shown.
            signed = min(filter(None, (plan.signed_bytes, signature.signed_bytes)), default=0)
            plans[page] = replace(plan, signed_bytes=signed)
    return plans


def _frames(signature: SignatureReport) -> Iterator[tuple[int, Frame]]:
    if signature.place is not None:
        name = signature.signer or signature.field
        who = _STAMP if signature.kind is Kind.TIMESTAMP else _l("Signature of %(name)s.", name=name)
        yield signature.place.page, Frame(signature.place, Mark.SIGNATURE, who)
    for finding in signature.findings:
        kind = Mark.FILLED if signature.changes is Changes.FORM_FILLING else Mark.ADDED
        yield from ((place.page, Frame(place, kind, _WORDS[kind])) for place in finding.places)


def _doubtful_pages(signature: SignatureReport) -> Iterator[int]:
    for finding in signature.findings:
        if finding.severity is not Severity.INFO:
            yield from finding.pages
            yield from (place.page for place in finding.places)


def _drawn(plan: _Plan, pdf: bytes) -> Shown | None:
    try:
        found = _compared(plan, pdf) if plan.is_doubt else None
        if found is None and plan.frames:
            found = Shown(plan.page, Sheet.drawn(page_from_outside(pdf, page=plan.page)), plan.frames)
    except PreviewError:
        return None
    return _fitting(found) if found is not None else None


def _compared(plan: _Plan, pdf: bytes) -> Shown | None:
    """The page beside what it was; ``None`` where that looked the same, or cannot be drawn."""
    try:
        found = change(pdf[: plan.signed_bytes], pdf, page=plan.page)
    except PreviewError:
        return None
    if not found.boxes:
        return None
    seen = tuple(Frame(Place(plan.page, *box), Mark.CHANGED, _WORDS[Mark.CHANGED]) for box in found.boxes)
    return Shown(plan.page, Sheet.drawn(found.after), (*seen, *plan.frames), Sheet.drawn(found.before))


def _fitting(page: Shown) -> Shown | None:
    """Without frames that lie outside the picture, as on pages that are drawn in another size than they say."""
    inside = [each for each in page.frames if _lies_on(each.place, page.sheet)]
    inside.sort(key=lambda each: list(Mark).index(each.kind))
    return replace(page, frames=tuple(_distinct(inside))) if inside else None


def _lies_on(place: Place, sheet: Sheet) -> bool:
    return place.right <= sheet.width + _SLACK and place.bottom <= sheet.height + _SLACK


def _distinct(frames: Sequence[Frame]) -> Iterator[Frame]:
    """The first of those that stand at one place: two signatures tell of the same note."""
    kept = list[Place]()
    for each in frames:
        if not any(_is_near(each.place, other) for other in kept):
            kept.append(each.place)
            yield each


def _is_near(one: Place, other: Place) -> bool:
    sides = ((one.left, other.left), (one.top, other.top), (one.right, other.right), (one.bottom, other.bottom))
    return all(abs(a - b) < _NEAR for a, b in sides)
