"""Where in a PDF something stands: the page of a field, the pages that an update has touched."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from docflow.signing.integrity import READING_ERRORS

_MOST_PAGES = 2000
_MOST_PARTS = 5000  # of one page; a page with more is a trap


class Pages:
    """The pages of one file, read once and only if somebody asks."""

    def __init__(self, reader: PdfFileReader) -> None:
        self._reader = reader

    def of_field(self, holder: generic.DictionaryObject) -> int | None:
        """The number of the page on which *holder*'s widget can be seen, from 1; ``None`` for an invisible one."""
        try:
            left, bottom, right, top = (float(each) for each in holder["/Rect"])
            if left == right or bottom == top:
                return None
            return self._numbers.get(_number(holder.raw_get("/P")))
        except READING_ERRORS:
            return None

    def touched_after(self, revision: int) -> tuple[int, ...]:
        """The pages of which any part was written again after *revision*."""
        try:
            tables = self._reader.xrefs
            later = range(revision + 1, tables.total_revisions)
            written = {each.idnum for number in later for each in tables.explicit_refs_in_revision(number)}
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
