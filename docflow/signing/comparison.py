"""A second look at an update: what can a reader of the file see or do that the signer did not sign?

pyHanko's difference analysis asks whether every entry of a cross-reference table is explained, and so it refuses
updates that change nothing (objects set free, validation data written anew). This look compares the signed revision
with the file as it is now, object by object from the trailer on; what nothing leads to, nobody sees. Do: name each
thing that may differ, and why. Do not: let anything else pass, or guess.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import skip_over_whitespace
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.pdf_utils.xref import read_object_header

from docflow.signing.integrity import READING_ERRORS
from docflow.signing.naming import Naming, Number
from docflow.signing.report import Changes

_MOST_PAIRS = 400_000  # an update may pair every old object with many new ones; then the answer is "not explained"
_MOST_HOPS = 20
_EMPTY = generic.DictionaryObject()  # type: ignore[no-untyped-call]
_STRINGS = (generic.TextStringObject, generic.ByteStringObject)

# ISO 32000-1, 7.5.5 and 7.5.8.2: where the file's own tables stand; every update has its own.
_TABLES = {"/Prev", "/Size", "/XRefStm", "/ID", "/Type", "/W", "/Index", "/Filter", "/DecodeParms", "/Length"}
# The tool and the hour of the last update; every signing program writes them. The title and the author stay.
_TOOL = {"/Producer", "/ModDate"}
# What ISO 32000-1, 12.7.4.5 and 12.5.6.19 give a signature field and its widget; no actions, no kids, no layers.
_FIELD_KEYS = {
    *("/Type", "/Subtype", "/FT", "/T", "/TU", "/F", "/Ff", "/Rect", "/P", "/V", "/AP", "/MK", "/BS", "/Border", "/H"),
    *("/Lock", "/SV", "/DA", "/DR", "/M", "/NM", "/StructParent", "/Q", "/C"),
}
_FILLING_KEYS = {"/V", "/AP", "/M"}
# ISO 32000-1, table 252.
_SIGNATURE_KEYS = {
    *("/Type", "/Filter", "/SubFilter", "/Contents", "/Cert", "/ByteRange", "/Reference", "/Changes", "/Name", "/M"),
    *("/Location", "/Reason", "/ContactInfo", "/R", "/V", "/Prop_Build", "/Prop_AuthTime", "/Prop_AuthType"),
}
_STORE_KEYS = {"/Certs", "/OCSPs", "/CRLs"}
_RELATED_KEYS = {"/Cert", "/OCSP", "/CRL"}
_RELATED_NAME = re.compile(r"/[0-9A-Fa-f]{40}")  # the SHA-1 of a signature's /Contents
_ELEMENT_KEYS = {"/Type", "/S", "/P", "/K", "/Pg"}

_Rule = Callable[[generic.PdfObject, generic.PdfObject], None]
_Key = Number | None


class Unexplained(Exception):
    """Something differs that no rule knows to be harmless."""


@dataclass(frozen=True)
class Permissions:
    """What the signer of the compared revision allowed."""

    certified: bool  # DocMDP is set: pyHanko knows how much of a form may be filled in then, this look does not
    is_locked: Callable[[str], bool]


def compare(reader: PdfFileReader, *, revision: int, permissions: Permissions, naming: Naming | None = None) -> Changes:
    """``LTA`` or ``FORM_FILLING`` when every difference is known to be harmless, otherwise :class:`Unexplained`.

    Revisions in between do not matter: nobody is shown them, and a signature made on one is compared on its own.
    With *naming* only what updates have touched is compared, wherever it is named from: that is quick, and refuses
    some updates that the whole comparison can explain.
    """
    last = reader.xrefs.total_revisions - 1
    # Of a hybrid file some readers take one table and some the other (ISO 32000-1, 7.5.8.4): there are two answers.
    if any(reader.xrefs.get_xref_data(each).hybrid is not None for each in range(revision + 1, last + 1)):
        raise Unexplained("an update with two tables")
    if naming is not None and (reader.encrypted or not naming.keeps_its_streams(revision)):
        raise Unexplained("objects may differ that no table names")
    if naming is not None and naming.has_endless_structure:
        raise Unexplained("a structure without an end")
    old, new = reader.get_historical_resolver(revision), reader.get_historical_resolver(last)
    return _Comparison(old, new, permissions, naming).run()


class UpdateSpelling:
    """Whether updates are spelt so that every reader takes them alike; each is read once, when it is first asked.

    Of a key that stands twice in a dictionary pyHanko takes the first value, and most viewers take the last: an update
    could name the signed pages for the one and other pages for the others (ISO 32000-1, 7.3.7: "undefined"). Reading
    strictly refuses that; what else it refuses in an update is nothing that a signing tool writes. The dictionary of a
    signature is left out, because it has a verdict of its own and shows nothing, and because it is long.
    """

    def __init__(self, reader: PdfFileReader, signatures: Iterable[generic.PdfObject]) -> None:
        self._reader = reader
        self._signatures = {_key(each) for each in signatures} - {None}
        self._plain = dict[int, bool]()

    def is_plain_after(self, revision: int) -> bool:
        return all(self._is_plain(each) for each in range(revision + 1, self._reader.xrefs.total_revisions))

    def _is_plain(self, revision: int) -> bool:
        if revision not in self._plain:
            self._plain[revision] = self._reads_strictly(revision)
        return self._plain[revision]

    def _reads_strictly(self, revision: int) -> bool:
        tables = self._reader.xrefs
        self._reader.strict = True
        try:
            for reference in tables.explicit_refs_in_revision(revision) - tables.refs_freed_in_revision(revision):
                if self._is_signature(reference, revision):
                    continue
                # With a revision, an object is read anew, past all caches.
                self._reader.get_object(reference, revision, never_decrypt=True)  # type: ignore[no-untyped-call]
            self._read_trailer(revision)
        except (Unexplained, *READING_ERRORS):
            return False
        finally:
            self._reader.strict = False
        return True

    def _is_signature(self, reference: generic.Reference, revision: int) -> bool:
        """With no key of anything else: an object that is a signature and a catalog at once is read like any other."""
        if (reference.idnum, reference.generation) not in self._signatures:
            return False
        if self._reader.xrefs.get_last_change(reference) != revision:
            return False
        found = self._reader.get_object(reference)  # type: ignore[no-untyped-call]
        return set(_as_dictionary(found)) <= _SIGNATURE_KEYS

    def _read_trailer(self, revision: int) -> None:
        table, stream = self._reader.xrefs.get_xref_container_info(revision), self._reader.stream
        stream.seek(table.start_location)
        if table.stream_ref is not None:
            read_object_header(stream, strict=True)  # type: ignore[no-untyped-call]
        else:
            stream.seek(table.end_location)
            skip_over_whitespace(stream)
            if stream.read(7) != b"trailer":
                stream.seek(-7, io.SEEK_CUR)
            skip_over_whitespace(stream)
        container = generic.TrailerReference(self._reader)  # type: ignore[no-untyped-call]
        _as_dictionary(generic.read_object(stream, container))


class _Comparison:
    """Pairs of an old and a new object that still have to be compared."""

    def __init__(
        self,
        old: HistoricalResolver,
        new: HistoricalResolver,
        permissions: Permissions,
        naming: Naming | None,
    ) -> None:
        self._old, self._new, self._permissions, self._naming = old, new, permissions, naming
        self._touched = naming.touched_after(old.revision) if naming is not None else None
        self._waiting: list[tuple[generic.PdfObject, generic.PdfObject, _Rule | None]] = []
        self._seen = set[tuple[_Key, _Key, str]]()
        self._places: dict[_Key, _Rule] = {}  # objects of one place in a file, from wherever they are reached
        self._added = dict[_Key, bool]()  # new signature fields: is it filled with a time stamp?
        self._values = set[_Key]()  # new signatures, each in one field
        self._level = Changes.LTA

    def run(self) -> Changes:
        old, new = self._old.trailer_view, self._new.trailer_view
        old_root, new_root = old.raw_get("/Root"), new.raw_get("/Root")
        catalog, form = self._dictionary(self._old, old_root), self._form(self._old, old_root)
        self._places[_key(old_root)] = self._catalog
        self._places[_key(catalog.raw_get("/AcroForm"))] = self._acroform
        if "/StructTreeRoot" in catalog:
            self._places[_key(catalog.raw_get("/StructTreeRoot"))] = self._structure
        self._places.pop(None, None)  # what is no object of its own has no number
        self._added = dict(self._new_fields(form, self._form(self._new, new_root)))
        self._trailer(old, new)
        self._named_from_before()
        while self._waiting:
            self._pair(*self._waiting.pop())
            if len(self._seen) > _MOST_PAIRS:
                raise Unexplained("too much to compare")
        return self._level

    def _named_from_before(self) -> None:
        """What the trailer leads to only through untouched objects, which are alike without a look into them.

        The objects of one place are looked into, with all that they name, and so they are left out here.
        """
        if self._naming is None or self._touched is None:
            return
        places = {key[0] for key in self._places if key is not None}
        for idnum, generation in self._naming.named_from_before(self._old.revision, but=places):
            if idnum in self._touched:
                named = generic.IndirectObject(idnum, generation, None)  # type: ignore[no-untyped-call]
                self._waiting.append((named, named, None))

    # -- one pair

    def _is_untouched(self, old: generic.PdfObject, new: generic.PdfObject, rule: _Rule | None) -> bool:
        """One and the same object, which no update has written again, and for which there is no rule of its own."""
        key = _key(old)
        if self._touched is None or rule is not None or key is None or key != _key(new):
            return False
        return key[0] not in self._touched and key not in self._places

    def _pair(self, old_value: generic.PdfObject, new_value: generic.PdfObject, rule: _Rule | None) -> None:
        if self._is_untouched(old_value, new_value, rule):
            return
        old_key, old = self._follow(self._old, old_value)
        new_key, new = self._follow(self._new, new_value)
        rule = rule or self._places.get(old_key)
        # An object with two uses is judged by the rule of each: what a form may gain, a page may not.
        pair = (old_key, new_key, getattr(rule, "__name__", ""))
        if old_key is not None and new_key is not None:
            if pair in self._seen:
                return
            self._seen.add(pair)
        (rule or self._alike)(old, new)

    def _alike(self, old: generic.PdfObject, new: generic.PdfObject) -> None:
        if isinstance(old, generic.DictionaryObject) and isinstance(new, generic.DictionaryObject):
            self._streams(old, new)
            self._by_type(old)(old, new)
        elif isinstance(old, generic.ArrayObject) and isinstance(new, generic.ArrayObject):
            if self._grown(old, new):
                raise Unexplained("a list grew")
        elif isinstance(old, _STRINGS) and isinstance(new, _STRINGS):
            if old.original_bytes != new.original_bytes:
                raise Unexplained("a string")
        elif type(old) is not type(new) or old != new:
            raise Unexplained("a value")

    def _by_type(self, old: generic.DictionaryObject) -> Callable[..., None]:
        """What the signed revision says an object is decides what may be done to it."""
        if old.get("/Type") == "/Page":
            return self._page
        if old.get("/Type") == "/Pages":
            return self._pages
        if old.get("/FT") == "/Sig" and "/V" not in old:
            return self._empty_field
        if "/S" in old and "/P" in old and isinstance(old.get("/K"), generic.ArrayObject):
            return self._element
        return self._keys

    def _streams(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> None:
        """Streams are alike when their bytes are, and then their filters, which are keys like any other."""
        if isinstance(old, generic.StreamObject) != isinstance(new, generic.StreamObject):
            raise Unexplained("a stream")
        if isinstance(old, generic.StreamObject) and old.encoded_data != cast("generic.StreamObject", new).encoded_data:
            raise Unexplained("the content of a stream")

    def _keys(
        self, old: generic.DictionaryObject, new: generic.DictionaryObject, *, without: set[str] | None = None
    ) -> None:
        """Every key, but those of which a rule has taken care."""
        taken = (without or set()) | ({"/Length"} if isinstance(old, generic.StreamObject) else set())
        keys = set(old) - taken
        if keys != set(new) - taken:
            raise Unexplained(f"keys: {sorted(keys ^ (set(new) - taken))}"[:200])
        for key in keys:
            self._waiting.append((old.raw_get(key), new.raw_get(key), None))

    def _grown(self, old: generic.ArrayObject, new: generic.ArrayObject) -> list[generic.PdfObject]:
        """What was put behind the old items, which have to be there still, in their order."""
        if len(new) < len(old):
            raise Unexplained("a list shrank")
        for at in range(len(old)):
            self._waiting.append((old.raw_get(at), new.raw_get(at), None))
        return [new.raw_get(at) for at in range(len(old), len(new))]

    # -- places in a file

    def _trailer(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> None:
        self._keys(old, new, without={*_TABLES, "/Root", "/Info", "/AdditionalStreams"})
        self._waiting.append((old.raw_get("/Root"), new.raw_get("/Root"), self._catalog))
        if "/Info" in old or "/Info" in new:
            pair = (_raw(old, "/Info") or _EMPTY, _raw(new, "/Info") or generic.NullObject())
            self._waiting.append((*pair, self._information))
        if "/AdditionalStreams" in old or "/AdditionalStreams" in new:
            pair = (_raw(old, "/AdditionalStreams") or generic.NullObject(), new.raw_get("/AdditionalStreams"))
            self._waiting.append((*pair, self._additional_streams))

    def _information(self, old: generic.PdfObject, new: generic.PdfObject) -> None:
        old_entries, new_entries = _as_dictionary(old), _as_dictionary(new)
        for key in _TOOL & set(new_entries):
            if not isinstance(self._follow(self._new, new_entries.raw_get(key))[1], _STRINGS):
                raise Unexplained("the tool's name is no string")
        self._keys(old_entries, new_entries, without=_TOOL)

    def _additional_streams(self, old: generic.PdfObject, new: generic.PdfObject) -> None:
        """LibreOffice names a stream here that it forgets to write, and other tools give its number away.

        It is the only program that looks here, for a document in a stream; what is none, it does not open.
        """
        if not isinstance(old, generic.ArrayObject) or not isinstance(new, generic.ArrayObject) or len(old) != len(new):
            raise Unexplained("additional streams")
        for at in range(len(old)):
            old_item, new_item = old.raw_get(at), new.raw_get(at)
            opened = self._follow(self._new, new_item)[1]
            is_reference = _key(old_item) is not None and _key(new_item) is not None
            if not is_reference or isinstance(opened, generic.StreamObject):
                self._waiting.append((old_item, new_item, None))

    def _catalog(self, old: generic.PdfObject, new: generic.PdfObject) -> None:
        """Validation data, extensions and XMP may come and be written anew: no page shows them."""
        old_root, new_root = _as_dictionary(old), _as_dictionary(new)
        for key, check in (("/DSS", self._validation_data), ("/Extensions", self._extensions)):
            if key in old_root and key not in new_root:
                raise Unexplained(f"{key} was taken away")
            if key in new_root:
                check(self._dictionary(self._new, new_root.raw_get(key)))
        self._metadata(new_root, removed="/Metadata" in old_root and "/Metadata" not in new_root)
        self._keys(old_root, new_root, without={"/DSS", "/Extensions", "/Metadata", "/AcroForm", "/StructTreeRoot"})
        for key, rule in (("/AcroForm", self._acroform), ("/StructTreeRoot", self._structure)):
            if key in old_root or key in new_root:
                self._waiting.append((old_root.raw_get(key), new_root.raw_get(key), rule))

    def _validation_data(self, store: generic.DictionaryObject) -> None:
        """ETSI EN 319 142-1, 5.4: certificates and revocation data, for programs that validate and for nothing else.

        Some tools drop what a later time stamp no longer needs. Whatever else uses one of these objects is compared
        where it is used; and what has another shape is no validation data.
        """
        if not set(store) <= {*_STORE_KEYS, "/Type", "/VRI"}:
            raise Unexplained("validation data of another shape")
        self._only_streams(store, _STORE_KEYS)
        if "/VRI" not in store:
            return
        related = self._dictionary(self._new, store.raw_get("/VRI"))
        for name in set(related) - {"/Type"}:  # an old library of the EU names the type here, where none is meant
            entry = self._dictionary(self._new, related.raw_get(name))
            if not set(entry) <= {*_RELATED_KEYS, "/Type", "/TU", "/TS"} or not _RELATED_NAME.fullmatch(name):
                raise Unexplained("validation data of another shape")
            self._only_streams(entry, _RELATED_KEYS)

    def _only_streams(self, holder: generic.DictionaryObject, keys: set[str]) -> None:
        for key in keys & set(holder):
            items = _as_array(self._follow(self._new, holder.raw_get(key))[1])
            if not all(
                isinstance(self._follow(self._new, items.raw_get(at))[1], generic.StreamObject)
                for at in range(len(items))
            ):
                raise Unexplained("validation data of another shape")

    def _extensions(self, extensions: generic.DictionaryObject) -> None:
        """ISO 32000-1, 7.12: which extensions of which standard a file uses, in names and numbers."""
        for name in set(extensions) - {"/Type"}:
            entry = self._dictionary(self._new, extensions.raw_get(name))
            if not set(entry) <= {"/Type", "/BaseVersion", "/ExtensionLevel", "/ExtensionRevision", "/URL"}:
                raise Unexplained("an extension of another shape")

    def _metadata(self, root: generic.DictionaryObject, *, removed: bool) -> None:
        """ISO 32000-1, 14.3.2: XMP describes the file; the tool of every update writes itself and its hour there."""
        if removed:
            raise Unexplained("the metadata were taken away")
        if "/Metadata" in root:
            stream = self._follow(self._new, root.raw_get("/Metadata"))[1]
            if not isinstance(stream, generic.StreamObject) or stream.get("/Subtype") != "/XML":
                raise Unexplained("metadata that are no XMP")

    def _acroform(self, old: generic.PdfObject, new: generic.PdfObject) -> None:
        old_form, new_form = _as_dictionary(old), _as_dictionary(new)
        self._fields(old_form, new_form)
        self._sig_flags(old_form, new_form)
        taken = {"/Fields", "/SigFlags"}
        # ISO 32000-1, 12.7.3.3: these serve fields without an appearance of their own, and those that a reader has to
        # draw anew; where the form asks for that, they stay what they were.
        if not old_form.get("/NeedAppearances", False) and not new_form.get("/NeedAppearances", False):
            taken |= self._default_appearance(old_form, new_form)
        self._keys(old_form, new_form, without=taken)

    def _default_appearance(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> set[str]:
        taken = {key for key in ("/DA", "/DR") if key not in old and key in new}
        if "/DR" in old and "/DR" in new:
            taken.add("/DR")
            self._waiting.append((old.raw_get("/DR"), new.raw_get("/DR"), self._resources))
        return taken

    def _resources(self, old: generic.PdfObject, new: generic.PdfObject) -> None:
        """A new kind of resources, or a new name among them; what had a name keeps it and its meaning."""
        old_kinds, new_kinds = _as_dictionary(old), _as_dictionary(new)
        if isinstance(old, generic.StreamObject) or not set(old_kinds) <= set(new_kinds):
            raise Unexplained("resources were taken away")
        for key in old_kinds:
            pair = (old_kinds.raw_get(key), new_kinds.raw_get(key))
            is_group = isinstance(self._follow(self._old, pair[0])[1], generic.DictionaryObject)
            self._waiting.append((*pair, self._named_resources if is_group else None))

    def _named_resources(self, old: generic.PdfObject, new: generic.PdfObject) -> None:
        old_names, new_names = _as_dictionary(old), _as_dictionary(new)
        self._keys(old_names, new_names, without=set(new_names) - set(old_names))

    def _fields(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> None:
        """Old fields first; what is behind them was looked at in :meth:`_new_fields`."""
        self._grown(
            _as_array(self._follow(self._old, old.raw_get("/Fields"))[1]),
            _as_array(self._follow(self._new, new.raw_get("/Fields"))[1]),
        )

    def _sig_flags(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> None:
        """ISO 32000-1, table 219: "has signatures" and "only append"; a signer may set them, nobody clear them."""
        before, after = old.get("/SigFlags", 0), new.get("/SigFlags", 0)
        if not isinstance(after, int) or not isinstance(before, int) or before & ~after or after & ~3 & ~before:
            raise Unexplained("/SigFlags")

    def _page(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> None:
        """A page may get the widgets of new signature fields, and nothing else."""
        taken = {"/Annots"}
        # ISO 32000-1, table 30: the order in which the tabulator key goes through the annotations. PDF/UA-1, 7.18.3
        # demands /S, so that a tool sets it where it finds none; what a page shows is not touched.
        if "/Tabs" not in old and new.get("/Tabs") == "/S":
            taken.add("/Tabs")
        if "/Annots" in old or "/Annots" in new:
            before = self._follow(self._old, _raw(old, "/Annots") or generic.ArrayObject())[1]
            after = self._follow(self._new, _raw(new, "/Annots") or generic.NullObject())[1]
            for item in self._grown(_as_array(before), _as_array(after)):
                if _key(item) not in self._added:
                    raise Unexplained("an annotation")
        self._keys(old, new, without=taken)

    def _pages(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> None:
        """iText writes its version into the page tree, under a name of its own that no reader knows."""
        mark = _raw(new, "/ITXT")
        self._keys(old, new, without={"/ITXT"} if "/ITXT" not in old and isinstance(mark, _STRINGS) else None)

    # -- signature fields

    def _form(self, revision: HistoricalResolver, root: generic.PdfObject) -> generic.DictionaryObject:
        return self._dictionary(revision, self._dictionary(revision, root).raw_get("/AcroForm"))

    def _new_fields(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> Iterator[tuple[_Key, bool]]:
        before = _as_array(self._follow(self._old, old.raw_get("/Fields"))[1])
        after = _as_array(self._follow(self._new, new.raw_get("/Fields"))[1])
        names = {self._name(self._dictionary(self._old, before.raw_get(at))) for at in range(len(before))}
        for at in range(len(before), len(after)):
            item = after.raw_get(at)
            field = self._dictionary(self._new, item)
            name = self._name(field)
            if _key(item) is None or not name or "." in name or name in names:
                raise Unexplained("a new field with no name of its own")  # fields of one name share their value
            names.add(name)
            yield _key(item), self._signature_field(field, name)

    def _name(self, field: generic.DictionaryObject) -> str:
        return str(field.get("/T", ""))

    def _signature_field(self, field: generic.DictionaryObject, name: str) -> bool:
        """A field that is filled with a signature gets a verdict of its own; an empty one must not be seen."""
        if field.get("/FT") != "/Sig" or not set(field) <= _FIELD_KEYS:
            raise Unexplained("a new field that is not of a signature")
        if "/V" not in field:
            if _shows(field):
                raise Unexplained("a new field that shows something, and nobody has signed")
            self._fill(name, timestamp=False)
            return False
        timestamp = self._new_signature(field.raw_get("/V"))
        self._fill(name, timestamp=timestamp and not _shows(field))
        return timestamp

    def _new_signature(self, value: generic.PdfObject) -> bool:
        """One that is not in the signed revision and in no other field: borrowed ones get no verdict of their own."""
        key = _key(value)
        if key is None or key in self._values or not isinstance(self._follow(self._old, value)[1], generic.NullObject):
            raise Unexplained("a signature that is not new")
        self._values.add(key)
        return bool(self._dictionary(self._new, value).get("/SubFilter") == "/ETSI.RFC3161")

    def _fill(self, name: str, *, timestamp: bool) -> None:
        """An invisible time stamp is validation data (ETSI EN 319 142-1, 5.5); any other signature fills the form."""
        if timestamp:
            return
        if self._permissions.certified or self._permissions.is_locked(name):
            raise Unexplained("a signature that its signer may not have permitted")
        self._level = Changes.FORM_FILLING

    def _empty_field(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> None:
        """A field that waited for its signature may be filled, and show it where it was going to."""
        if "/V" in new:
            self._new_signature(new.raw_get("/V"))
            self._fill(self._name(old), timestamp=False)
            self._keys(old, new, without=_FILLING_KEYS)
        else:
            self._keys(old, new)

    # -- the structure of a tagged file, which must name the widgets of new fields

    def _structure(self, old: generic.PdfObject, new: generic.PdfObject) -> None:
        old_root, new_root = _as_dictionary(old), _as_dictionary(new)
        before, after = old_root.get("/ParentTreeNextKey"), new_root.get("/ParentTreeNextKey")
        taken = {"/ParentTree"}
        if isinstance(before, int) and isinstance(after, int) and after >= before:
            taken.add("/ParentTreeNextKey")  # ISO 32000-1, table 322: a counter
        if "/ParentTree" in old_root or "/ParentTree" in new_root:
            pair = (old_root.raw_get("/ParentTree"), new_root.raw_get("/ParentTree"))
            self._waiting.append((*pair, self._parent_tree))
        self._keys(old_root, new_root, without=taken)

    def _parent_tree(self, old: generic.PdfObject, new: generic.PdfObject) -> None:
        old_tree, new_tree = _as_dictionary(old), _as_dictionary(new)
        if "/Nums" not in old_tree:
            self._alike(old, new)
            return
        before = _as_array(self._follow(self._old, old_tree.raw_get("/Nums"))[1])
        after = _as_array(self._follow(self._new, new_tree.raw_get("/Nums"))[1])
        added = self._grown(before, after)
        known = {before[at] for at in range(0, len(before), 2)}
        for number, element in zip(added[::2], added[1::2], strict=True):
            if not isinstance(number, int) or number in known:
                raise Unexplained("an entry of the parent tree")
            self._new_element(element)
        self._keys(old_tree, new_tree, without={"/Nums"})

    def _element(self, old: generic.DictionaryObject, new: generic.DictionaryObject) -> None:
        before = _as_array(self._follow(self._old, old.raw_get("/K"))[1])
        after = _as_array(self._follow(self._new, _raw(new, "/K") or generic.NullObject())[1])
        for item in self._grown(before, after):
            self._new_element(item)
        self._keys(old, new, without={"/K"})

    def _new_element(self, value: generic.PdfObject) -> None:
        """An element for the widget of a new signature field, with no words of its own that could be read aloud."""
        element = self._dictionary(self._new, value)
        if not set(element) <= _ELEMENT_KEYS or element.get("/S") not in ("/Form", "/Annot"):
            raise Unexplained("an element of the structure")
        kid = self._follow(self._new, element.raw_get("/K"))[1]
        items = [kid.raw_get(at) for at in range(len(kid))] if isinstance(kid, generic.ArrayObject) else [kid]
        for item in items:
            reference = self._dictionary(self._new, item)
            if reference.get("/Type") != "/OBJR" or _key(reference.raw_get("/Obj")) not in self._added:
                raise Unexplained("an element of the structure")

    # -- reading

    def _dictionary(self, revision: HistoricalResolver, value: generic.PdfObject) -> generic.DictionaryObject:
        return _as_dictionary(self._follow(revision, value)[1])

    def _follow(self, revision: HistoricalResolver, value: generic.PdfObject) -> tuple[_Key, generic.PdfObject]:
        """The object that is meant, in that revision, and its number where it has one."""
        key: _Key = None
        for _ in range(_MOST_HOPS):
            if not isinstance(value, generic.IndirectObject):
                return key, value
            key = _key(value)
            value = cast(
                "generic.PdfObject",
                revision(generic.Reference(value.idnum, value.generation)),
            )
        raise Unexplained("references without an end")


def _key(value: generic.PdfObject) -> _Key:
    return (value.idnum, value.generation) if isinstance(value, generic.IndirectObject) else None


def _raw(dictionary: generic.DictionaryObject, key: str) -> generic.PdfObject | None:
    return cast("generic.PdfObject", dictionary.raw_get(key)) if key in dictionary else None


def _as_dictionary(value: generic.PdfObject) -> generic.DictionaryObject:
    if not isinstance(value, generic.DictionaryObject):
        raise Unexplained("no dictionary")
    return value


def _as_array(value: generic.PdfObject) -> generic.ArrayObject:
    if not isinstance(value, generic.ArrayObject):
        raise Unexplained("no array")
    return value


def _shows(field: generic.DictionaryObject) -> bool:
    """A widget is seen when its rectangle has a width and a height (ISO 32000-1, 12.7.4.5)."""
    rectangle = field.get("/Rect")
    return isinstance(rectangle, generic.ArrayObject) and (
        rectangle[0] != rectangle[2] and rectangle[1] != rectangle[3]
    )
