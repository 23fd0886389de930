"""The second look at an update: each thing that may differ, and beside it a forgery of the same kind that may not."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from docflow.signing import comparison
from docflow.signing.comparison import Permissions, Unexplained, compare
from docflow.signing.increment import Dictionary, Reader
from docflow.signing.report import Changes, Integrity, Report
from docflow.signing.validation import validate
from tests.signing.pki import NOW, TRAINER, Pki, sign

Update = Callable[[Reader], Mapping[int, bytes]]

STREAM = b"<</Length 4>>\nstream\nDER!\nendstream"
INVISIBLE = b"/Rect [0 0 0 0]"


def update(
    pdf: bytes,
    objects: Mapping[int, bytes],
    *,
    freed: tuple[int, ...] = (),
    entries: Mapping[bytes, bytes] | None = None,
) -> bytes:
    """Append a revision as any tool would: objects, a table that names them, a trailer."""
    reader = Reader(pdf)
    body, table = bytearray(), bytearray()
    for number in freed:
        table += b"%d 1\n%010d 00001 f \n" % (number, 0)
    for number, content in objects.items():
        table += b"%d 1\n%010d 00000 n \n" % (number, len(pdf) + len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    size = max(reader.size, *(number + 1 for number in (*objects, *freed, 0)))
    values = {**reader.trailer.values, **(entries or {}), b"/Prev": b"%d" % reader.start, b"/Size": b"%d" % size}
    trailer = Dictionary(values).text
    start = len(pdf) + len(body)
    return bytes(pdf + body + b"xref\n" + table + b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (trailer, start))


def root(reader: Reader, key: bytes, value: bytes) -> dict[int, bytes]:
    return {reader.root: reader.dictionary(reader.root).with_value(key, value).text}


def page(reader: Reader, **entries: bytes) -> dict[int, bytes]:
    number = reader.first_page()
    values = {**reader.dictionary(number).values, **{f"/{key}".encode(): value for key, value in entries.items()}}
    return {number: Dictionary(values).text}


def form(reader: Reader) -> tuple[int, Dictionary]:
    number = reader.dictionary(reader.root).reference(b"/AcroForm")
    assert number is not None
    return number, reader.dictionary(number)


def new_field(reader: Reader, text: bytes, *, on_page: bool = True) -> dict[int, bytes]:
    """Put *text* as one more field into the form, and as an annotation on the first page."""
    number, old = form(reader)
    added = b"%d 0 R" % reader.size
    objects = {number: old.with_item(b"/Fields", added).text, reader.size: text}
    if on_page:
        first = reader.first_page()
        objects[first] = reader.dictionary(first).with_item(b"/Annots", added).text
    return objects


@pytest.fixture(scope="module")
def ground(pdf: bytes) -> tuple[bytes, int]:
    """A paper with an object that nothing leads to, and a page that leaves the order of its annotations open."""
    reader = Reader(pdf)
    first, unused = reader.first_page(), reader.size
    values = {key: value for key, value in reader.dictionary(first).values.items() if key != b"/Tabs"}
    return update(pdf, {first: Dictionary(values).text, unused: b"(nothing leads here)"}), unused


@pytest.fixture(scope="module")
def signed(pki: Pki, ground: tuple[bytes, int]) -> bytes:
    return sign(pki, ground[0])


@pytest.fixture
def verdict(pki: Pki, signed: bytes, ground: tuple[bytes, int]) -> Callable[[Update], Report]:
    """The report on the signed paper after an update that also frees an object, which pyHanko never explains."""

    def after(change: Update) -> Report:
        changed = update(signed, change(Reader(signed)), freed=(ground[1],))
        return validate(changed, trust=pki.trust, now=NOW)

    return after


def info(reader: Reader, key: bytes, value: bytes) -> dict[int, bytes]:
    number = reader.trailer.reference(b"/Info")
    assert number is not None
    return {number: reader.dictionary(number).with_value(key, value).text}


def page_tree(reader: Reader, key: bytes, value: bytes) -> dict[int, bytes]:
    number = reader.dictionary(reader.root).reference(b"/Pages")
    assert number is not None
    return {number: reader.dictionary(number).with_value(key, value).text}


def xmp(reader: Reader, kind: bytes) -> dict[int, bytes]:
    text = b"<</Type /Metadata /Subtype %b /Length 5>>\nstream\n<x/>\n\nendstream" % kind
    return {**root(reader, b"/Metadata", b"%d 0 R" % reader.size), reader.size: text}


def store(reader: Reader, text: bytes) -> dict[int, bytes]:
    """Validation data whose certificate is the object behind the last."""
    return {**root(reader, b"/DSS", text % {b"n": b"%d 0 R" % reader.size}), reader.size: STREAM}


def in_form(reader: Reader, key: bytes, value: bytes) -> dict[int, bytes]:
    number, old = form(reader)
    return {number: old.with_value(key, value).text}


VRI = b"/VRI <</Type /VRI /%b <</Cert [%%(n)b]>> >>" % (b"AB" * 20)

HARMLESS: dict[str, Update] = {
    "an object set free": lambda reader: {},
    "validation data": lambda reader: store(reader, b"<</Type /DSS /Certs [%(n)b] " + VRI + b">>"),
    "extensions": lambda reader: root(reader, b"/Extensions", b"<</ESIC <</BaseVersion /1.7 /ExtensionLevel 5>> >>"),
    "the tool": lambda reader: info(reader, b"/Producer", b"(another tool)"),
    "the hour": lambda reader: info(reader, b"/ModDate", b"(D:20261121120000Z)"),
    "metadata": lambda reader: xmp(reader, b"/XML"),
    "the order of annotations": lambda reader: page(reader, Tabs=b"/S"),
    "iText's mark": lambda reader: page_tree(reader, b"/ITXT", b"(5.0.0)"),
    "a default appearance": lambda reader: in_form(reader, b"/DA", b"(/Helv 0 Tf 0 g)"),
    "resources of the form": lambda reader: in_form(reader, b"/DR", b"<</Font <</Helv <</Type /Font>> >> >>"),
}

FORGED: dict[str, Update] = {
    "another size of the page": lambda reader: page(reader, MediaBox=b"[0 0 10 10]"),
    "other content of the page": lambda reader: {
        reader.dictionary(reader.first_page()).reference(b"/Contents") or 0: STREAM,
    },
    "a page's content hidden among validation data": lambda reader: {
        **root(reader, b"/DSS", b"<</Certs [%b]>>" % reader.dictionary(reader.first_page()).values[b"/Contents"]),
        reader.dictionary(reader.first_page()).reference(b"/Contents") or 0: STREAM,
    },
    "validation data of another shape": lambda reader: store(reader, b"<</Certs %(n)b>>"),
    "validation data that are none": lambda reader: store(reader, b"<</Certs [(text)]>>"),
    "something else in validation data": lambda reader: store(reader, b"<</Certs [%(n)b] /Evil %(n)b>>"),
    "a note in the related data": lambda reader: store(reader, b"<</VRI <</Note <</Cert [%(n)b]>> >> >>"),
    "an extension of another shape": lambda reader: root(reader, b"/Extensions", b"<</ESIC <</JS (app.alert(1))>> >>"),
    "an action at opening": lambda reader: root(reader, b"/OpenAction", b"<</S /JavaScript /JS (app.alert(1))>>"),
    "another title": lambda reader: info(reader, b"/Title", b"(Diploma with honours)"),
    "a tool that is no string": lambda reader: info(reader, b"/Producer", b"<</Evil true>>"),
    "metadata that are no XMP": lambda reader: xmp(reader, b"/Form"),
    "a rotation beside the order": lambda reader: page(reader, Tabs=b"/S", Rotate=b"180"),
    "the order of rows": lambda reader: page(reader, Tabs=b"/R"),
    "another mark in the page tree": lambda reader: page_tree(reader, b"/Rotate", b"90"),
    "a page less": lambda reader: page_tree(reader, b"/Kids", b"[%d 0 R]" % reader.first_page()),
    "a note on the page": lambda reader: page(
        reader, Annots=reader.dictionary(reader.first_page()).values[b"/Annots"][:-1] + b"<</Subtype /FreeText>>]"
    ),
    "the signature's widget taken away": lambda reader: page(reader, Annots=b"[]"),
    "values that the reader draws": lambda reader: in_form(reader, b"/NeedAppearances", b"true"),
    "flags of unknown meaning": lambda reader: in_form(reader, b"/SigFlags", b"7"),
    "flags taken back": lambda reader: in_form(reader, b"/SigFlags", b"0"),
    "an empty form": lambda reader: in_form(reader, b"/Fields", b"[]"),
    "a text field": lambda reader: new_field(
        reader, b"<</FT /Tx /Subtype /Widget /T (sum) /V (1000) /Rect [0 0 9 9]>>"
    ),
    "a visible field that nobody signs": lambda reader: new_field(
        reader, b"<</FT /Sig /Subtype /Widget /T (more) /Rect [0 0 99 99]>>"
    ),
    "a field with an action": lambda reader: new_field(
        reader, b"<</FT /Sig /Subtype /Widget /T (more) /AA <</E <</S /JavaScript>> >> " + INVISIBLE + b">>"
    ),
    "a field of the same name": lambda reader: new_field(
        reader, b"<</FT /Sig /Subtype /Widget /T (head) " + INVISIBLE + b">>"
    ),
    "a field with a borrowed signature": lambda reader: new_field(
        reader, b"<</FT /Sig /Subtype /Widget /T (more) /Rect [0 0 99 99] /V %b>>" % signature_of(reader)
    ),
}


def signature_of(reader: Reader) -> bytes:
    number = int(form(reader)[1].values[b"/Fields"].strip(b"[ ]").split()[0])
    return reader.dictionary(number).values[b"/V"]


@pytest.mark.parametrize("name", HARMLESS)
def test_what_no_reader_shows_is_validation_data(name: str, verdict: Callable[[Update], Report]) -> None:
    report = verdict(HARMLESS[name])
    assert [each.changes for each in report.signatures] == [Changes.LTA]
    assert report.integrity is Integrity.INTACT


@pytest.mark.parametrize("name", FORGED)
def test_what_a_reader_could_show_stays_flagged(name: str, verdict: Callable[[Update], Report]) -> None:
    report = verdict(FORGED[name])
    assert {each.changes for each in report.signatures} <= {Changes.OTHER, Changes.UNDETERMINED}
    assert report.integrity is (Integrity.UNDETERMINED if report.signatures else Integrity.UNSIGNED)


def test_an_invisible_empty_field_may_wait_for_a_signature(verdict: Callable[[Update], Report]) -> None:
    text = b"<</FT /Sig /Subtype /Widget /T (more) " + INVISIBLE + b">>"
    (only,) = verdict(lambda reader: new_field(reader, text)).signatures
    assert only.changes is Changes.FORM_FILLING


def test_a_freed_object_that_a_page_uses_is_a_change(pki: Pki, signed: bytes) -> None:
    reader = Reader(signed)
    content = reader.dictionary(reader.first_page()).reference(b"/Contents")
    assert content is not None
    report = validate(update(signed, {}, freed=(content,)), trust=pki.trust, now=NOW)
    assert report.signatures[0].changes is Changes.OTHER


def test_an_object_that_was_missing_may_not_appear_on_a_page(pki: Pki, ground: tuple[bytes, int]) -> None:
    """A page that names an object which is not there yet: signed empty, filled afterwards."""
    reader = Reader(ground[0])
    content = reader.dictionary(reader.first_page()).values[b"/Contents"]
    missing = reader.size + 50
    first = sign(pki, update(ground[0], page(reader, Contents=b"[%b %d 0 R]" % (content, missing))))
    changed = update(first, {missing: STREAM}, freed=(ground[1],))
    (only,) = validate(changed, trust=pki.trust, now=NOW).signatures
    assert only.changes in (Changes.OTHER, Changes.UNDETERMINED)


# -- further signatures


def test_a_second_signature_after_a_freed_object_fills_the_form(
    pki: Pki, signed: bytes, ground: tuple[bytes, int]
) -> None:
    second = sign(pki, update(signed, {}, freed=(ground[1],)), signer=TRAINER, field="trainer")
    report = validate(second, trust=pki.trust, now=NOW)
    assert [each.changes for each in report.signatures] == [Changes.FORM_FILLING, Changes.NONE]
    assert report.integrity is Integrity.INTACT


def test_a_changed_page_below_a_second_signature_stays_flagged(
    pki: Pki, signed: bytes, ground: tuple[bytes, int]
) -> None:
    changed = update(signed, page(Reader(signed), MediaBox=b"[0 0 10 10]"), freed=(ground[1],))
    report = validate(sign(pki, changed, signer=TRAINER, field="trainer"), trust=pki.trust, now=NOW)
    assert [each.changes for each in report.signatures] == [Changes.OTHER, Changes.NONE]
    assert report.integrity is Integrity.UNDETERMINED


def test_a_signature_that_is_not_permitted_is_not_explained(pki: Pki, signed: bytes, ground: tuple[bytes, int]) -> None:
    second = sign(pki, update(signed, {}, freed=(ground[1],)), signer=TRAINER, field="trainer")
    reader = PdfFileReader(io.BytesIO(second), strict=False)
    for permissions in (Permissions(True, lambda name: False), Permissions(False, lambda name: name == "trainer")):
        with pytest.raises(Unexplained):
            compare(reader, revision=2, permissions=permissions)
    assert compare(reader, revision=2, permissions=Permissions(False, lambda name: False)) is Changes.FORM_FILLING


def test_a_new_appearance_of_a_signed_field_stays_flagged(verdict: Callable[[Update], Report]) -> None:
    def repainted(reader: Reader) -> dict[int, bytes]:
        number = int(form(reader)[1].values[b"/Fields"].strip(b"[ ]").split()[0])
        return {
            number: reader.dictionary(number).with_value(b"/AP", b"<</N %d 0 R>>" % reader.size).text,
            reader.size: STREAM,
        }

    assert verdict(repainted).signatures[0].changes is Changes.OTHER


# -- the structure of a tagged file


def tagged(reader: Reader, element: bytes) -> dict[int, bytes]:
    """Name the last field in the structure, as PDF/UA demands."""
    structure = reader.dictionary(reader.root).reference(b"/StructTreeRoot")
    assert structure is not None
    old = reader.dictionary(structure)
    tree = Dictionary.parse(old.values[b"/ParentTree"]).with_item(b"/Nums", b"%d %d 0 R" % (99, reader.size))
    top = int(old.values[b"/K"].strip(b"[ ]").split()[0])
    widget = int(form(reader)[1].values[b"/Fields"].strip(b"[ ]").split()[-3])
    return {
        structure: old.with_value(b"/ParentTree", tree.text).with_value(b"/ParentTreeNextKey", b"100").text,
        top: reader.dictionary(top).with_item(b"/K", b"%d 0 R" % reader.size).text,
        reader.size: element % {b"parent": b"%d 0 R" % top, b"widget": b"%d 0 R" % widget},
    }


ELEMENT = b"<</Type /StructElem /S /Form /P %(parent)b /K [<</Type /OBJR /Obj %(widget)b>>] "


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        (ELEMENT + b">>", [Changes.FORM_FILLING, Changes.LTA]),
        (ELEMENT + b"/Alt (Approved by the Ministry)>>", [Changes.OTHER, Changes.OTHER]),
        (ELEMENT.replace(b"/Form", b"/H1") + b">>", [Changes.OTHER, Changes.OTHER]),
        (ELEMENT.replace(b"%(widget)b", b"%(parent)b") + b">>", [Changes.OTHER, Changes.OTHER]),
    ],
)
def test_the_structure_may_name_the_widget_of_a_new_field(
    pki: Pki, signed: bytes, ground: tuple[bytes, int], element: bytes, expected: list[Changes]
) -> None:
    before = sign(pki, update(signed, {}, freed=(ground[1],)), signer=TRAINER, field="trainer")
    report = validate(update(before, tagged(Reader(before), element)), trust=pki.trust, now=NOW)
    # The second signature was made before its widget got a name in the structure: for it, that is a change.
    assert report.signatures[0].changes is expected[0]


# -- what tools leave in the trailer


@pytest.mark.parametrize(
    ("content", "expected"), [(b"<</Type /Whatever>>", {Changes.LTA}), (STREAM, {Changes.OTHER, Changes.UNDETERMINED})]
)
def test_a_missing_additional_stream_may_be_anything_but_a_stream(
    pki: Pki, ground: tuple[bytes, int], content: bytes, expected: set[Changes]
) -> None:
    reader = Reader(ground[0])
    missing = reader.size + 50
    entries = {b"/AdditionalStreams": b"[/application#2Fvnd.oasis.opendocument.text %d 0 R]" % missing}
    first = sign(pki, update(ground[0], page(reader), entries=entries))
    (only,) = validate(update(first, {missing: content}, freed=(ground[1],)), trust=pki.trust, now=NOW).signatures
    assert only.changes in expected


def test_resources_that_a_page_uses_may_not_grow(pki: Pki, ground: tuple[bytes, int]) -> None:
    """The form and a page share an object: a name that the page's content uses appears after the signature."""
    pdf, unused = ground
    resources = Reader(pdf).dictionary(Reader(pdf).first_page()).values[b"/Resources"]
    first = sign(pki, pdf)
    shared = sign(pki, update(first, in_form(Reader(first), b"/DR", resources)), signer=TRAINER, field="trainer")
    reader = Reader(shared)
    number = int(resources.split()[0])
    grown = reader.dictionary(number).with_value(b"/XObject", b"<</Stamp %d 0 R>>" % reader.size).text
    changed = update(shared, {number: grown, reader.size: STREAM}, freed=(unused,))
    report = validate(changed, trust=pki.trust, now=NOW)
    assert [each.changes for each in report.signatures] == [Changes.OTHER, Changes.OTHER]


def test_an_update_with_two_tables_is_not_explained(pki: Pki, signed: bytes, ground: tuple[bytes, int]) -> None:
    """A hybrid update shows one thing to readers that take its stream, and another to those that do not."""
    at = len(signed)
    table = b"\x01" + at.to_bytes(4, "big") + b"\x00"
    number = Reader(signed).size
    stream = (
        b"%d 0 obj\n<</Type /XRef /Size %d /W [1 4 1] /Index [%d 1] /Length %d /Root %d 0 R>>\n"
        b"stream\n%b\nendstream\nendobj\n"
        % (
            number,
            number + 1,
            number,
            len(table),
            Reader(signed).root,
            table,
        )
    )
    start = at + len(stream)
    trailer = {**Reader(signed).trailer.values, b"/Prev": b"%d" % Reader(signed).start, b"/XRefStm": b"%d" % at}
    text = Dictionary({**trailer, b"/Size": b"%d" % (number + 1)}).text
    entry = b"xref\n%d 1\n0000000000 00001 f \n" % ground[1]
    changed = signed + stream + entry + b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (text, start)
    (only,) = validate(changed, trust=pki.trust, now=NOW).signatures
    assert only.changes is Changes.OTHER


def test_an_update_with_too_many_objects_is_given_up(
    pki: Pki, signed: bytes, ground: tuple[bytes, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "_MOST_PAIRS", 3)
    (only,) = validate(update(signed, {}, freed=(ground[1],)), trust=pki.trust, now=NOW).signatures
    assert only.changes is Changes.OTHER


# -- one key twice: pyHanko takes the first value, most viewers the last


def doubled(text: bytes, key: bytes, value: bytes) -> bytes:
    return text[:-2] + key + b" " + value + b">>"


def with_other_pages(reader: Reader) -> dict[int, bytes]:
    other = b"<</Type /Pages /Count 1 /Kids [%d 0 R]>>" % (reader.size + 1)
    blank = b"<</Type /Page /MediaBox [0 0 9 9] /Parent %d 0 R>>" % reader.size
    return {reader.size: other, reader.size + 1: blank}


@pytest.mark.parametrize("freeing", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_a_catalog_that_names_two_page_trees_is_not_explained(
    pki: Pki, signed: bytes, ground: tuple[bytes, int], freeing: bool, second: bool
) -> None:
    reader = Reader(signed)
    catalog, freed = reader.dictionary(reader.root).text, (ground[1],) if freeing else ()
    text = doubled(catalog, b"/Pages", b"%d 0 R" % reader.size) if second else catalog
    changed = update(signed, {reader.root: text, **with_other_pages(reader)}, freed=freed)
    (only,) = validate(changed, trust=pki.trust, now=NOW).signatures
    assert (only.changes is Changes.OTHER) is second


@pytest.mark.parametrize("second", [False, True])
def test_a_trailer_that_names_two_catalogs_is_not_explained(pki: Pki, signed: bytes, second: bool) -> None:
    reader = Reader(signed)
    other = {reader.size + 2: reader.dictionary(reader.root).with_value(b"/Pages", b"%d 0 R" % reader.size).text}
    changed = update(signed, {**with_other_pages(reader), **other})
    if second:
        at = changed.rindex(b">>\nstartxref")
        changed = changed[:at] + b"/Root %d 0 R\n" % (reader.size + 2) + changed[at:]
    (only,) = validate(changed, trust=pki.trust, now=NOW).signatures
    assert (only.changes is Changes.OTHER) is second


def test_objects_in_a_stream_are_read_as_strictly(pki: Pki, signed: bytes) -> None:
    """The catalog comes in an object stream, named by a cross-reference stream, and names two page trees."""
    reader = Reader(signed)
    for text, expected in (
        (reader.dictionary(reader.root).text, {Changes.NONE, Changes.LTA}),
        (doubled(reader.dictionary(reader.root).text, b"/Pages", b"%d 0 R" % reader.first_page()), {Changes.OTHER}),
    ):
        (only,) = validate(in_streams(signed, {reader.root: text}), trust=pki.trust, now=NOW).signatures
        assert only.changes in expected


@pytest.mark.parametrize(
    ("entry", "expected"), [(b"/M (D:2026)", Changes.FORM_FILLING), (b"/Pages 1 0 R", Changes.OTHER)]
)
def test_a_signature_that_says_something_twice_is_judged_by_itself(
    pki: Pki, signed: bytes, entry: bytes, expected: Changes
) -> None:
    reader = Reader(signed)
    field = b"<</FT /Sig /Subtype /Widget /T (more) %b /V %d 0 R>>" % (INVISIBLE, reader.size + 1)
    signature = b"<</Type /Sig /SubFilter /ETSI.CAdES.detached %b %b>>" % (entry, entry)
    changed = update(signed, {**new_field(reader, field), reader.size + 1: signature})
    first, second = validate(changed, trust=pki.trust, now=NOW).signatures
    assert (first.changes, second.intact) == (expected, None)


def in_streams(pdf: bytes, objects: Mapping[int, bytes]) -> bytes:
    reader, start = Reader(pdf), len(pdf)
    holder, table = reader.size, reader.size + 1
    (number, text), *_ = objects.items()
    head = b"%d 0 " % number
    packed = b"%d 0 obj\n<</Type /ObjStm /N 1 /First %d /Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        holder,
        len(head),
        len(head) + len(text),
        head + text,
    )
    at = start + len(packed)
    rows = (
        b"\x02" + holder.to_bytes(4, "big") + b"\x00",
        b"\x01" + start.to_bytes(4, "big") + b"\x00",
        b"\x01" + at.to_bytes(4, "big") + b"\x00",
    )
    values = {
        **reader.trailer.values,
        b"/Type": b"/XRef",
        b"/Prev": b"%d" % reader.start,
        b"/Size": b"%d" % (table + 1),
        b"/W": b"[1 4 1]",
        b"/Index": b"[%d 1 %d 2]" % (number, holder),
        b"/Length": b"%d" % len(b"".join(rows)),
    }
    stream = b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (table, Dictionary(values).text, b"".join(rows))
    return pdf + packed + stream + b"startxref\n%d\n%%%%EOF\n" % at
