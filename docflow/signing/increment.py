"""Adding a signature field to a PDF with a classic cross-reference table, without reading the rest of it.

Our own papers have that shape. Anything else raises :class:`Unsupported`, and pyHanko does it in its thorough way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SPACE = re.compile(rb"(?:[\x00\t\n\f\r ]|%[^\r\n]*)*")
_NAME = re.compile(rb"/[^\x00\t\n\f\r ()<>\[\]{}/%]*")
_REFERENCE = re.compile(rb"(\d+)\s+(\d+)\s+R(?![^\x00\t\n\f\r ()<>\[\]{}/%])")
_WORD = re.compile(rb"[^\x00\t\n\f\r ()<>\[\]{}/%]+")
_STRING_PART = re.compile(rb"[()]|\\.", re.DOTALL)
_SECTION = re.compile(rb"\s*(\d+) (\d+)[ \t]*\r?\n")
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_STREAM = re.compile(rb"[\x00\t\n\f\r ]*stream\r?\n")
_HEADER = re.compile(rb"(\d+) 0 obj\b")
# Almost every entry of a dictionary in one step: a key, and a value in which groups stand two deep at most.
_REGULAR, _BLANK = rb"[^\x00\t\n\f\r ()<>\[\]{}/%]", rb"[\x00\t\n\f\r ]"
_FLAT = rb"[^()<>\[\]%]++ | \([^()\\]*+\) | <[0-9A-Fa-f]*+>"
_ARRAY = rb"\[(?: %b )*+\]" % _FLAT
_GROUP = rb"<<(?: %b | %b )*+>>" % (_FLAT, _ARRAY)
_PLAIN_ENTRY = re.compile(
    rb"""
    (/%(regular)b*+) %(blank)b*+
    ( \d++ \s++ \d++ \s++ R (?!%(regular)b)
    | /?%(regular)b++
    | \([^()\\]*+\) | <[0-9A-Fa-f]*+>
    | %(array)b
    | <<(?: %(flat)b | %(array)b | %(group)b )*+>>
    ) (?: %(blank)b | %%[^\r\n]*+ )*+
    """
    % {b"regular": _REGULAR, b"blank": _BLANK, b"flat": _FLAT, b"array": _ARRAY, b"group": _GROUP},
    re.VERBOSE,
)
_MAX_DEPTH = 40
_MAX_REVISIONS = 500


class Unsupported(Exception):
    """The PDF is not of the plain shape that this module writes."""


def _skip_space(data: bytes, at: int) -> int:
    found = _SPACE.match(data, at)
    return found.end() if found else at


def _end_of(data: bytes, at: int, depth: int = 0) -> int:
    """Where the value that begins at *at* ends."""
    if depth > _MAX_DEPTH:
        raise Unsupported("nested too deeply")
    two, one = data[at : at + 2], data[at : at + 1]
    if two == b"<<":
        return _end_of_group(data, at + 2, b">>", depth)
    if one == b"[":
        return _end_of_group(data, at + 1, b"]", depth)
    if one == b"<":
        return data.index(b">", at) + 1
    if one == b"(":
        return _end_of_string(data, at + 1)
    found = _NAME.match(data, at) or _REFERENCE.match(data, at) or _WORD.match(data, at)
    if found is None or found.end() == at:
        raise Unsupported("no value")
    return found.end()


def _end_of_group(data: bytes, at: int, closing: bytes, depth: int) -> int:
    at = _skip_space(data, at)
    while data[at : at + len(closing)] != closing:
        at = _skip_space(data, _end_of(data, at, depth + 1))
    return at + len(closing)


def _end_of_string(data: bytes, at: int) -> int:
    depth = 1
    for part in _STRING_PART.finditer(data, at):
        depth += {b"(": 1, b")": -1}.get(part.group(), 0)
        if depth == 0:
            return part.end()
    raise Unsupported("string without end")


@dataclass(frozen=True)
class Dictionary:
    """A dictionary whose values stay as they are written, so that one can be put in without reading the others."""

    values: Mapping[bytes, bytes]

    @classmethod
    def parse(cls, data: bytes, at: int = 0) -> Dictionary:
        if data[at : at + 2] != b"<<":
            raise Unsupported("no dictionary")
        values, at = dict[bytes, bytes](), _skip_space(data, at + 2)
        while data[at : at + 2] != b">>":
            plain = _PLAIN_ENTRY.match(data, at)
            if plain is not None:
                values[plain[1]], at = plain[2], plain.end()
                continue
            key = _NAME.match(data, at)
            if key is None:
                raise Unsupported("key expected")
            start = _skip_space(data, key.end())
            end = _end_of(data, start)
            values[key.group()] = data[start:end]
            at = _skip_space(data, end)
        return cls(values)

    @property
    def text(self) -> bytes:
        return b"<<" + b"".join(key + b" " + value + b"\n" for key, value in self.values.items()) + b">>"

    def get(self, key: bytes) -> bytes | None:
        return self.values.get(key)

    def reference(self, key: bytes) -> int | None:
        """The number of the object that *key* points at, ``None`` when there is no such key."""
        value = self.values.get(key)
        return None if value is None else reference_number(value)

    def with_value(self, key: bytes, value: bytes) -> Dictionary:
        return Dictionary({**self.values, key: value})

    def with_item(self, key: bytes, item: bytes) -> Dictionary:
        """Append to the array under *key*, or begin one."""
        array = self.values.get(key, b"[]")
        if not array.startswith(b"["):
            raise Unsupported("an array of its own object")
        return self.with_value(key, array[:-1] + b" " + item + b"]")


def _header_end(data: bytes, offset: int) -> int:
    header = _HEADER.match(data, offset)
    if header is None:
        raise Unsupported("no object where the table says")
    return header.end()


def reference_number(value: bytes) -> int:
    found = _REFERENCE.fullmatch(value)
    if found is None or found.group(2) != b"0":
        raise Unsupported("no plain reference")
    return int(found.group(1))


def references(array: bytes) -> list[int]:
    return [int(number) for number, _ in _REFERENCE.findall(array)]


class Reader:
    """Objects of a PDF by number, the newest first, through its classic cross-reference tables."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._sections: list[tuple[int, int, int]] = []  # first number, how many, where the entries begin
        self._dictionaries: dict[int, Dictionary] = {}
        found = _START.search(data, max(0, len(data) - 64))
        if found is None:
            raise Unsupported("no startxref at the end")
        self.start = int(found.group(1))
        self.trailer = self._read_tables(self.start)
        if self.trailer.get(b"/Encrypt") is not None:
            raise Unsupported("encrypted")

    def _read_tables(self, at: int) -> Dictionary:
        newest, seen = None, set[int]()
        while True:
            if at in seen or len(seen) > _MAX_REVISIONS:
                raise Unsupported("revisions in a circle")
            seen.add(at)
            trailer = self._read_table(at)
            newest = newest or trailer
            previous = trailer.get(b"/Prev")
            if previous is None:
                return newest
            at = int(previous)

    def _read_table(self, at: int) -> Dictionary:
        if self.data[at : at + 4] != b"xref":
            raise Unsupported("no classic cross-reference table")
        at += 4
        while found := _SECTION.match(self.data, at):
            first, count = int(found.group(1)), int(found.group(2))
            self._sections.append((first, count, found.end()))
            at = found.end() + 20 * count
        at = _skip_space(self.data, at)
        if self.data[at : at + 7] != b"trailer":
            raise Unsupported("no trailer")
        trailer = Dictionary.parse(self.data, _skip_space(self.data, at + 7))
        if trailer.get(b"/XRefStm") is not None:
            raise Unsupported("hybrid cross-references")
        return trailer

    def offset(self, number: int) -> int:
        for first, count, entries in self._sections:
            if first <= number < first + count:
                entry = self.data[entries + 20 * (number - first) :][:20]
                if entry[10:18] != b" 00000 n":
                    raise Unsupported("freed object or one with generations")
                return int(entry[:10])
        raise Unsupported("no such object")

    def dictionary(self, number: int) -> Dictionary:
        known = self._dictionaries.get(number)
        if known is None:
            known = self._dictionaries[number] = self._dictionary(number)
        return known

    def _dictionary(self, number: int) -> Dictionary:
        offset = self.offset(number)
        header = _HEADER.match(self.data, offset)
        if header is None or int(header.group(1)) != number:
            raise Unsupported("another object than the table says")
        return Dictionary.parse(self.data, _skip_space(self.data, header.end()))

    def stream(self, number: int) -> bytes:
        """The bytes of a stream that has no filter and says its length itself."""
        dictionary, offset = self.dictionary(number), self.offset(number)
        start = _end_of(self.data, _skip_space(self.data, _header_end(self.data, offset)))
        begun = _STREAM.match(self.data, start)
        if begun is None or dictionary.get(b"/Filter") is not None:
            raise Unsupported("no plain stream")
        return self.data[begun.end() : begun.end() + int(dictionary.values[b"/Length"])]

    @property
    def size(self) -> int:
        return int(self.trailer.values[b"/Size"])

    @property
    def root(self) -> int:
        return reference_number(self.trailer.values[b"/Root"])

    def first_page(self) -> int:
        number = reference_number(self.dictionary(self.root).values[b"/Pages"])
        for _ in range(_MAX_DEPTH):
            node = self.dictionary(number)
            if node.get(b"/Type") == b"/Page":
                return number
            number = references(node.values[b"/Kids"])[0]
        raise Unsupported("page tree too deep")


@dataclass(frozen=True)
class Hole:
    """The updated PDF, and what of it a signature covers."""

    pdf: bytes
    byte_range: tuple[int, int, int, int]
    digest: bytes


def text_string(text: str) -> bytes:
    """A PDF text string: plain where it can be, UTF-16 otherwise (ISO 32000-1, 7.9.2.2)."""
    if text.isascii() and text.isprintable():
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return b"(" + escaped.encode() + b")"
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"


def add_signature(data: bytes, *, field: str, entries: dict[str, bytes], reserve: int, certifies: bool = False) -> Hole:
    """Append a revision with a signature in *field* and a hole of *reserve* bytes.

    A field of this name that was prepared, and is empty, is filled; else it is added, invisible. *entries* go into
    the signature dictionary as they are. With *certifies* the catalog names the signature as the one that certifies
    the document (ISO 32000-1, 12.8.2.2). :class:`Unsupported` when the PDF is of another shape.
    """
    try:
        reader = Reader(data)
        signature = reader.size
        changed = _filled(reader, field, signature) or _added(reader, [field], signature + 1, signature=signature)
        if certifies:
            changed[reader.root] = _certified(reader, changed, signature)
        return _write(reader, changed, signature, entries=entries, reserve=reserve)
    except (KeyError, IndexError, ValueError) as error:
        raise Unsupported(str(error)) from error


def add_fields(data: bytes, fields: Sequence[str]) -> bytes:
    """Append a revision with empty, invisible signature fields, for people who will sign one after another."""
    try:
        reader = Reader(data)
        if any(_filled(reader, field, 0) for field in fields):
            raise Unsupported("a field of this name is there")
        return append(reader, _added(reader, fields, reader.size))
    except (KeyError, IndexError, ValueError) as error:
        raise Unsupported(str(error)) from error


def _certified(reader: Reader, changed: Mapping[int, bytes], signature: int) -> bytes:
    catalog = Dictionary.parse(changed[reader.root]) if reader.root in changed else reader.dictionary(reader.root)
    if catalog.get(b"/Perms") is not None:
        raise Unsupported("certified already")
    return catalog.with_value(b"/Perms", b"<</DocMDP %d 0 R>>" % signature).text


def _added(reader: Reader, fields: Sequence[str], first: int, *, signature: int | None = None) -> dict[int, bytes]:
    """The catalog or form, the page and the new fields, numbered from *first*, as they are after the update."""
    catalog = reader.dictionary(reader.root)
    form_number = catalog.reference(b"/AcroForm")
    form = reader.dictionary(form_number) if form_number is not None else Dictionary({b"/SigFlags": b"3"})
    page_number, new_form = reader.first_page(), first + len(fields)
    page, changed = reader.dictionary(page_number), dict[int, bytes]()
    for widget, field in enumerate(fields, start=first):
        page = page.with_item(b"/Annots", b"%d 0 R" % widget)
        form = form.with_item(b"/Fields", b"%d 0 R" % widget)
        changed[widget] = _widget(field, page_number, signature)
    changed[page_number] = page.text
    if form_number is None:
        changed[reader.root] = catalog.with_value(b"/AcroForm", b"%d 0 R" % new_form).text
    changed[form_number or new_form] = form.with_value(b"/SigFlags", b"3").text
    return changed


def _filled(reader: Reader, field: str, signature: int) -> dict[int, bytes]:
    """The prepared field of this name with its signature; nothing when there is none of this name."""
    number = reader.dictionary(reader.root).reference(b"/AcroForm")
    form = reader.dictionary(number) if number is not None else Dictionary({})
    for known in references(form.get(b"/Fields") or b"[]"):
        widget = reader.dictionary(known)
        name = widget.get(b"/T")
        if name is None or not name.startswith(b"("):
            raise Unsupported("a field whose name is spelt unusually")
        if name == text_string(field):
            if widget.get(b"/V") is not None or widget.get(b"/FT") != b"/Sig" or form.get(b"/SigFlags") != b"3":
                raise Unsupported("a field of this name that is no empty signature")
            return {known: widget.with_value(b"/V", b"%d 0 R" % signature).text}
    return {}


def _widget(field: str, page: int, signature: int | None) -> bytes:
    # No size and outside the page, printable, locked: see INVISIBLE in pades.py.
    name, value = text_string(field), b"" if signature is None else b"/V %d 0 R" % signature
    return b"<</Type/Annot/Subtype/Widget/FT/Sig/F 132/Rect[-9999 -9999 -9999 -9999]/T%b/TU%b/P %d 0 R%b>>" % (
        name,
        name,
        page,
        value,
    )


def append(reader: Reader, changed: Mapping[int, bytes]) -> bytes:
    """The file with one more revision that holds the objects of *changed*, by number; nothing else changes."""
    data = reader.data
    separator = b"" if data.endswith((b"\n", b"\r")) else b"\n"
    parts, offsets, at = [data, separator], dict[int, int](), len(data) + len(separator)
    for number, text in sorted(changed.items()):
        offsets[number] = at
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, text))
        at += len(parts[-1])
    return b"".join((*parts, _tables(reader, offsets, at=at)))


def _write(
    reader: Reader, changed: dict[int, bytes], signature: int, *, entries: dict[str, bytes], reserve: int
) -> Hole:
    data = reader.data
    separator = b"" if data.endswith((b"\n", b"\r")) else b"\n"
    parts, offsets, at = [data, separator], dict[int, int](), len(data) + len(separator)
    for number, text in sorted(changed.items()):
        offsets[number] = at
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, text))
        at += len(parts[-1])
    offsets[signature] = at
    head, hole, tail = _signature_object(signature, entries, reserve)
    hole_start = at + len(head) + _BYTE_RANGE_WIDTH + len(b"/Contents")
    hole_end = hole_start + len(hole)
    tables = _tables(reader, offsets, at=hole_end + len(tail))
    byte_range = (0, hole_start, hole_end, len(tail) + len(tables))
    spelt = b"/ByteRange[%d %d %d %d]" % byte_range
    parts += [head, spelt.ljust(_BYTE_RANGE_WIDTH), b"/Contents"]
    before, after = b"".join(parts), tail + tables
    digest = hashlib.sha256(before)
    digest.update(after)
    return Hole(b"".join((before, hole, after)), byte_range, digest.digest())


_BYTE_RANGE_WIDTH = len(b"/ByteRange[0 4294967295 4294967295 4294967295]")


def _signature_object(number: int, entries: dict[str, bytes], reserve: int) -> tuple[bytes, bytes, bytes]:
    spelt = b"".join(key.encode() + b" " + value for key, value in entries.items())
    return b"%d 0 obj\n<<%b" % (number, spelt), b"<" + b"0" * (2 * reserve) + b">", b">>\nendobj\n"


def _tables(reader: Reader, offsets: dict[int, int], *, at: int) -> bytes:
    """The cross-reference sections of the changed objects and the trailer."""
    lines, numbers = [b"xref\n"], sorted(offsets)
    for run in _runs(numbers):
        lines.append(b"%d %d\n" % (run[0], len(run)))
        lines.extend(b"%010d 00000 n \n" % offsets[number] for number in run)
    trailer = reader.trailer.with_value(b"/Size", b"%d" % max(reader.size, numbers[-1] + 1))
    trailer = trailer.with_value(b"/Prev", b"%d" % reader.start)
    identifier = trailer.get(b"/ID")
    if identifier is not None:
        trailer = trailer.with_value(b"/ID", _next_id(identifier, lines))
    return b"".join((*lines, b"trailer\n", trailer.text, b"\nstartxref\n%d\n%%%%EOF\n" % at))


def _runs(numbers: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _next_id(identifier: bytes, lines: list[bytes]) -> bytes:
    """ISO 32000-1, 14.4: the first half stays for good, the second changes with every revision."""
    first_end = _end_of(identifier, _skip_space(identifier, 1))
    second = hashlib.sha256(identifier + b"".join(lines)).hexdigest()[:32].encode()
    return identifier[:first_end] + b"<" + second + b">]"
