"""Which objects of a file name which: what an update can reach is known without walking through the whole file."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from docflow.signing.integrity import READING_ERRORS

Number = tuple[int, int]  # of an object, and its generation


@dataclass
class _Contents:
    """What every object names, whether or not anything leads to it, and how far the objects of a revision reach."""

    named: dict[int, set[Number]] = field(default_factory=dict)
    reach: list[int] = field(default_factory=list)  # of each revision, where its last object ends
    are_readable: bool = True


class Naming:
    """The references of one file as it is now, read once and only if somebody asks.

    Objects count by their number, whatever the generation: a number that an update gives away in any way is one that
    it has touched.
    """

    def __init__(self, reader: PdfFileReader) -> None:
        self._reader = reader

    @cached_property
    def _written(self) -> list[set[int]]:
        """The numbers that each revision writes or sets free."""
        tables = self._reader.xrefs
        return [{each.idnum for each in tables.explicit_refs_in_revision(at)} for at in range(tables.total_revisions)]

    @cached_property
    def _last(self) -> dict[int, int]:
        return {idnum: revision for revision, written in enumerate(self._written) for idnum in written}

    @cached_property
    def _contents(self) -> _Contents:
        tables, found = self._reader.xrefs, _Contents()
        for revision in range(tables.total_revisions):
            found.reach.append(0)
            for reference in tables.explicit_refs_in_revision(revision):
                self._read(reference, revision, found)
        return found

    def _read(self, reference: generic.Reference, revision: int, found: _Contents) -> None:
        try:
            content = self._reader.get_object(reference, revision, never_decrypt=True)  # type: ignore[no-untyped-call]
        except READING_ERRORS:
            found.are_readable = False
            return
        if isinstance(self._reader.xrefs.get_historical_ref(reference, revision), int):
            found.reach[revision] = max(found.reach[revision], self._reader.stream.tell())
        if self._last[reference.idnum] == revision:
            found.named.setdefault(reference.idnum, set()).update(_references(content))

    def ends_within(self, revision: int, end: int) -> bool:
        """Whether every object that the tables up to *revision* name stands in the first *end* bytes.

        A table may name a place where nothing stands yet. No difference between two revisions is to be seen there, but
        what a reader shows changes when somebody appends the object.
        """
        return max(self._contents.reach[: revision + 1], default=0) <= end

    @cached_property
    def has_endless_structure(self) -> bool:
        """Whether an element of the structure tree is among its own descendants: no reader gets through that."""
        root = self._reader.root
        if "/StructTreeRoot" not in root:
            return False
        done, above = set[int](), list[tuple[int, Iterator[int]]]()
        above.append((0, iter(_elements(root.raw_get("/StructTreeRoot")))))
        while above:
            each = next(above[-1][1], None)
            if each is None:
                done.add(above.pop()[0])
            elif any(each == idnum for idnum, _ in above):
                return True
            elif each not in done:
                reference = generic.Reference(each, 0, self._reader)
                element = self._reader.get_object(reference)  # type: ignore[no-untyped-call]
                above.append((each, iter(_elements(element))))
        return False

    def touched_after(self, revision: int) -> set[int]:
        return set[int]().union(*self._written[revision + 1 :])

    def keeps_its_streams(self, revision: int) -> bool:
        """Whether no later update replaces a stream of which an object of *revision* is a part."""
        tables, touched = self._reader.xrefs, self.touched_after(revision)
        streams = (tables.object_streams_used_in(at) for at in range(revision + 1))  # type: ignore[no-untyped-call]
        return not any(each.idnum in touched for used in streams for each in used)

    def named_from_before(self, revision: int, *, but: Collection[int]) -> set[Number]:
        """What objects name that nobody has touched since *revision*; those of the numbers *but* are left out."""
        if not self._contents.are_readable:
            raise ValueError("an object cannot be read, and nobody knows what it names")
        last, found = self._last, self._contents.named
        before = (named for idnum, named in found.items() if last[idnum] <= revision and idnum not in but)
        return set[Number]().union(*before)


def _references(content: generic.PdfObject) -> Iterator[Number]:
    waiting = [content]
    while waiting:
        each = waiting.pop()
        if isinstance(each, generic.IndirectObject):
            yield each.idnum, each.generation
        elif isinstance(each, generic.DictionaryObject):
            waiting.extend(dict.values(each))
        elif isinstance(each, generic.ArrayObject):
            waiting.extend(list.__iter__(each))


def _elements(node: generic.PdfObject) -> list[int]:
    """The objects that hang below *node* in the structure tree (ISO 32000-1, 14.7.2), through arrays and /K alone."""
    found, waiting = list[int](), [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, generic.IndirectObject):
            found.append(each.idnum)
        elif isinstance(each, generic.ArrayObject):
            waiting.extend(list.__iter__(each))
        elif isinstance(each, generic.DictionaryObject) and "/K" in each:
            waiting.append(each.raw_get("/K"))
    return found
