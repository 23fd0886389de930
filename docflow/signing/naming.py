"""Which objects of a file name which: what an update can reach is known without walking through the whole file."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

Number = tuple[int, int]  # of an object, and its generation


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
    def _named(self) -> dict[int, set[Number]]:
        """What every object names; objects that nothing leads to count as well."""
        tables, found = self._reader.xrefs, dict[int, set[Number]]()
        for revision in range(tables.total_revisions):
            for reference in tables.explicit_refs_in_revision(revision):
                if self._last[reference.idnum] == revision:
                    content = self._reader.get_object(reference)  # type: ignore[no-untyped-call]
                    found.setdefault(reference.idnum, set()).update(_references(content))
        return found

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
        last = self._last
        before = (named for idnum, named in self._named.items() if last[idnum] <= revision and idnum not in but)
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
