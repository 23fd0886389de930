"""Where in a PDF something stands: a field, a note, the pages that an update has touched."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from docflow.core.places import Place
from docflow.signing.integrity import READING_ERRORS

_MOST_PAGES = 2000
_MOST_PARTS = 5000  # of one page; a page with more is a trap
_MOST_LEVELS = 50
_MOST_NOTES = 500  # of one page
_MOST_PLACES = 50  # of one finding
_UNSEEN = {"/Link", "/Popup"}  # notes that show nothing by themselves


class Pages:
    """The pages of one file, read once and only if somebody asks."""

    def __init__(self, reader: PdfFileReader) -> None:
        self._reader = reader

    def of_field(self, holder: generic.DictionaryObject) -> Place | None:
        """Where *holder*'s widget can be seen; ``None`` for an invisible one."""
        try:
            page = holder.raw_get("/P")
            at = self._numbers.get(_number(page))
            return _place(at, page.get_object(), holder) if at is not None else None
        except READING_ERRORS:
            return None

    def notes_after(self, revision: int) -> tuple[Place, ...]:
        """Where notes and filled fields can be seen that were put there, or changed, after *revision*."""
        try:
            written = self._written_after(revision)
            old = self._reader.get_historical_resolver(revision)
            changed = (each for each in self._notes if not written.isdisjoint(each.parts) and self._differs(each, old))
            return tuple(each.place for each in islice(changed, _MOST_PLACES))
        except READING_ERRORS:
            return ()

    def _differs(self, note: _Note, old: HistoricalResolver) -> bool:
        """Whether there was none in that state of the file, or one that reads otherwise or looks otherwise."""
        return any(_bytes(old, each) != _bytes(self._reader, each) for each in (note.reference, note.looks) if each)

    @cached_property
    def _notes(self) -> list[_Note]:
        """What lies on the pages and can be seen there; a signature is told of by itself."""
        found = list[_Note]()
        for idnum, at in self._numbers.items():
            page = self._reader.get_object(generic.Reference(idnum, 0, self._reader))  # type: ignore[no-untyped-call]
            for each in list(page.get("/Annots", ()))[:_MOST_NOTES]:
                if isinstance(each, generic.IndirectObject) and (note := _note(at, page, each)) is not None:
                    found.append(note)
        return found

    def _written_after(self, revision: int) -> set[int]:
        tables = self._reader.xrefs
        later = range(revision + 1, tables.total_revisions)
        return {each.idnum for number in later for each in tables.explicit_refs_in_revision(number)}

    def touched_after(self, revision: int) -> tuple[int, ...]:
        """The pages of which any part was written again after *revision*."""
        try:
            written = self._written_after(revision)
            return tuple(at for idnum, at in self._numbers.items() if not written.isdisjoint(self._parts(idnum)))
        except READING_ERRORS:
            return ()

    @cached_property
    def _numbers(self) -> dict[int, int]:
        """Page numbers by object number, in the order of reading."""
        found, waiting, seen = list[int](), [self._reader.root.raw_get("/Pages")], set[int]()
        while waiting and len(found) < _MOST_PAGES:
            node, idnum = waiting.pop(), -1
            if isinstance(node, generic.IndirectObject):
                idnum = node.idnum
                node = node.get_object()  # type: ignore[no-untyped-call]
            if idnum in seen or not isinstance(node, generic.DictionaryObject):
                continue
            seen.add(idnum)
            if "/Kids" in node:
                waiting.extend(reversed(list(generic.ArrayObject(node["/Kids"]))))
            else:
                found.append(idnum)
        return {idnum: at for at, idnum in enumerate(found, start=1)}

    def _parts(self, page: int) -> set[int]:
        """The objects that make a page: itself, contents, resources, notes and their looks; not what it links to."""
        found = {page}
        reference = generic.Reference(page, 0, self._reader)
        content = self._reader.get_object(reference)  # type: ignore[no-untyped-call]
        waiting = [content]
        while waiting and len(found) < _MOST_PARTS:
            for each in _values(waiting.pop()):
                if isinstance(each, generic.IndirectObject):
                    if each.idnum in found:
                        continue
                    found.add(each.idnum)
                    each = each.get_object()  # type: ignore[no-untyped-call]
                waiting.append(each)
        return found


# What leads away from the page: to its siblings, to the structure tree, to forms and targets elsewhere.
_AWAY = {"/Parent", "/P", "/Dest", "/A", "/AA", "/Popup", "/IRT", "/StructParents", "/V", "/B", "/Metadata"}


def _values(node: generic.PdfObject) -> Iterator[generic.PdfObject]:
    if isinstance(node, generic.DictionaryObject):
        for key in node:
            if key not in _AWAY:
                yield node.raw_get(key)
    elif isinstance(node, generic.ArrayObject):
        yield from node


def _number(node: generic.PdfObject) -> int:
    return int(node.idnum) if isinstance(node, generic.IndirectObject) else -1


@dataclass(frozen=True)
class _Note:
    """An annotation, and the objects of which its look is made."""

    reference: generic.IndirectObject
    place: Place
    parts: frozenset[int]
    looks: generic.IndirectObject | None


def _note(at: int, page: generic.DictionaryObject, reference: generic.IndirectObject) -> _Note | None:
    try:
        holder = reference.get_object()  # type: ignore[no-untyped-call]
        if holder.get("/Subtype") in _UNSEEN or holder.get("/FT") == "/Sig":
            return None
        place, looks = _place(at, page, holder), _looks(holder)
    except READING_ERRORS:
        return None
    parts = frozenset(each.idnum for each in (reference, looks) if each is not None)
    return _Note(reference, place, parts, looks) if place is not None else None


def _looks(holder: generic.DictionaryObject) -> generic.IndirectObject | None:
    appearances = holder.get("/AP")
    normal = appearances.raw_get("/N") if isinstance(appearances, generic.DictionaryObject) else None
    return normal if isinstance(normal, generic.IndirectObject) else None


def _bytes(source: HistoricalResolver | PdfFileReader, reference: generic.IndirectObject) -> bytes | None:
    try:
        found = source.get_object(generic.Reference(reference.idnum, reference.generation, source))
    except READING_ERRORS:
        return None
    written = io.BytesIO()
    found.write_to_stream(written)
    return written.getvalue()


def _place(at: int, page: generic.DictionaryObject, holder: generic.DictionaryObject) -> Place | None:
    """The rectangle as it lies on the page that is shown: inside its crop box, turned as the page is turned."""
    box, turned = _inherited(page, "/CropBox") or _inherited(page, "/MediaBox"), _inherited(page, "/Rotate")
    (x0, y0, x1, y1), (left, bottom, right, top) = _corners(box), _corners(holder["/Rect"])
    if left >= right or bottom >= top or right <= x0 or left >= x1 or top <= y0 or bottom >= y1:
        return None
    width, height = x1 - x0, y1 - y0
    left, bottom, right, top = max(left - x0, 0), max(bottom - y0, 0), min(right - x0, width), min(top - y0, height)
    match int(turned) % 360 if isinstance(turned, generic.NumberObject) else 0:
        case 90:
            return Place(at, bottom, left, top, right)
        case 180:
            return Place(at, width - right, bottom, width - left, top)
        case 270:
            return Place(at, height - top, width - right, height - bottom, width - left)
        case _:
            return Place(at, left, height - top, right, height - bottom)


def _corners(box: generic.PdfObject | None) -> tuple[float, float, float, float]:
    if not isinstance(box, generic.ArrayObject):
        raise ValueError("no rectangle")
    x0, y0, x1, y1 = (float(box[at]) for at in range(4))
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _inherited(page: generic.DictionaryObject, key: str) -> generic.PdfObject | None:
    """ISO 32000-1, 7.7.3.4: what a page does not say itself, the nodes above it say."""
    node: generic.PdfObject | None = page
    for _ in range(_MOST_LEVELS):
        if not isinstance(node, generic.DictionaryObject):
            return None
        if key in node:
            found: generic.PdfObject = node[key]
            return found
        node = node.get("/Parent")
    return None
