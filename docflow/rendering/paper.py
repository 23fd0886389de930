"""Compile a paper template and its data to PDF/A-3a + PDF/UA-1."""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
import weakref
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Any

import typst

from docflow.core.errors import DocflowError
from docflow.core.messages import _l
from docflow.core.places import Place
from docflow.rendering.scratch import Scratch

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# Level A and universal accessibility together: tagged, with language, title and alternative texts.
STANDARDS = ("a-3a", "ua-1")

# What typst says of a character without a glyph, and of one that PDF/A or PDF/UA forbids.
_MISSING = re.compile(
    r"""(?:the\ text\ `"(?P<text>.*)"`\ could\ not\ be\ displayed | codepoint\ `"(?P<codepoint>.*)"`)""",
    re.DOTALL | re.VERBOSE,
)
# Half characters, and marks that turn the direction of writing: what is signed must be what is read (UTR 36, 2.1).
_FORBIDDEN = re.compile("[\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

# Only the fonts inside typst itself: a paper must be the same on every machine.
FONTS = typst.Fonts(include_system_fonts=False)
_local = threading.local()
# Templates import the data of the paper from a package of this name. Given in sys.inputs, they would be a part of
# typst's own library: with every paper, all that typst remembers of the last one would be void (measured: 2.3 ms of 8).
_PACKAGE = Path("docflow/data/1.0.0")
# Asked of the finished layout: a template that asked for places itself would have to be laid out twice.
_PLACES = """query(<signature-place>).map(mark => {
  let at = mark.location().position()
  (slot: mark.value, page: at.page, x: at.x.pt(), y: at.y.pt())
})"""
# Other packages would be in a folder that does not exist, and are never fetched from the network.
_NO_PACKAGES = str(TEMPLATES / "paper" / "packages")


class PaperError(DocflowError):
    """The template and the data make no paper; *detail* is for the log, not for the reader."""

    def __init__(self, template: str, detail: str) -> None:
        self.template = template
        self.detail = detail
        super().__init__(_l("The paper %(template)s cannot be made from this content.", template=template))

    def __str__(self) -> str:
        return f"{super().__str__()} {self.detail}"


class MissingGlyph(DocflowError):
    """A character of the content has no glyph in any of the paper's fonts; *field* is its path, or empty."""

    status = 422

    def __init__(self, character: str, field: str) -> None:
        self.character = character
        self.field = field
        codes = " ".join(f"U+{ord(c):04X}" for c in character)
        shown = f"{character} ({codes})" if character.isprintable() else codes
        if field:
            message = _l(
                "The character %(character)s in the field %(field)s cannot be printed: replace it.",
                character=shown,
                field=field,
            )
        else:
            message = _l("The character %(character)s cannot be printed: replace it.", character=shown)
        super().__init__(message)


def render(template: str, data: Mapping[str, Any], *, attachment: bytes, when: datetime) -> bytes:
    """Give the PDF of *template* (``paper/enrolment_order.typ``) filled with *data*.

    *attachment* is canonical JSON in UTF-8; it is embedded as ``data.json``, the source of the paper (ISO 32000-2,
    14.13). *when* (aware) becomes the creation date: the same arguments give the same bytes.
    Raises ``MissingGlyph`` or ``PaperError``.
    """
    if when.tzinfo is None:
        raise ValueError("when must be aware")
    inputs = paper_inputs(data, attachment=attachment)
    moment = when.replace(microsecond=0)  # the engine takes whole seconds
    pdf = compile_paper(template, data, inputs=inputs, format="pdf", pdf_standards=list(STANDARDS), timestamp=moment)
    return bytes(pdf)


def signature_places(template: str, data: Mapping[str, Any], *, attachment: bytes) -> dict[str, Place]:
    """Where the blocks of the slots stand on the paper that ``render`` makes of the same arguments, by slot.

    A slot for which the template prints no block is left out. Raises as ``render`` does.
    """
    inputs = paper_inputs(data, attachment=attachment)
    # A compiler is told its template by compiling it; the question then finds the same layout.
    compile_paper(template, data, inputs=inputs, format="svg")
    found = json.loads(_desk().compiler.eval(_PLACES))
    corners = defaultdict[str, list[Mapping[str, Any]]](list)
    for each in found:
        corners[each["slot"]].append(each)
    return {slot: _between(marks) for slot, marks in corners.items()}


def _between(corners: Sequence[Mapping[str, Any]]) -> Place:
    """The rectangle of a block, which never breaks over pages."""
    xs, ys = ([each[axis] for each in corners] for axis in "xy")
    return Place(corners[0]["page"], min(xs), min(ys), max(xs), max(ys))


def paper_inputs(data: Mapping[str, Any], *, attachment: bytes | None) -> dict[str, str]:
    """Give the texts of the two files that a template reads, so that data can never become template source."""
    sha256 = hashlib.sha256(attachment).hexdigest() if attachment is not None else ""
    text = json.dumps({"data": data, "sha256": sha256}, ensure_ascii=False, sort_keys=True)
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        raise _missing(forbidden[0], data)
    return {"data": text, "attachment": (attachment or b"").decode("utf-8")}


def compile_paper(template: str, data: Mapping[str, Any], *, inputs: Mapping[str, str], **options: Any) -> Any:
    """Run this thread's compiler on *template*; *options* are typst's own."""
    path = _template_path(template)
    try:
        return _desk().compile(path, inputs, **options)
    except typst.TypstError as error:
        raise _translated(error, template, data) from error
    except OSError as error:  # no room for the folder of links, or for the data in memory
        raise PaperError(template, str(error)) from error


def _template_path(template: str) -> Path:
    path = (TEMPLATES / template).resolve()
    if not path.is_relative_to(TEMPLATES) or not path.is_file():
        raise PaperError(template, "There is no such template.")
    return path


class _Desk:
    """One thread's compiler and the package through which it reads data: links to two files that exist in memory only.

    So no data of a paper ever lie on a disk; the folder of links goes with the thread.
    """

    def __init__(self) -> None:
        self.scratch = Scratch("docflow-paper-")
        self.files: dict[str, FileIO] = {}
        weakref.finalize(self, _close, self.files)
        self.links = self.scratch.path / _PACKAGE
        self.links.mkdir(parents=True)
        for name in ("typst.toml", "lib.typ"):
            (self.links / name).symlink_to(TEMPLATES / "paper" / "data" / name)
        for name in ("data", "attachment"):
            self.files[name] = FileIO(os.memfd_create(name), "w+")
            (self.links / f"{name}.json").symlink_to(f"/proc/self/fd/{self.files[name].fileno()}")
        self.compiler = typst.Compiler(
            root=str(TEMPLATES),
            font_paths=FONTS,
            ignore_system_fonts=True,
            package_path=str(self.scratch.path),
            package_cache_path=_NO_PACKAGES,
        )

    def is_usable(self) -> bool:
        """False once something that clears old temporary files has taken the links away."""
        return all((self.links / f"{name}.json").exists() for name in self.files)

    def compile(self, path: Path, inputs: Mapping[str, str], **options: Any) -> Any:
        for name, file in self.files.items():
            file.seek(0)
            file.truncate()
            file.write(inputs[name].encode("utf-8"))
        return self.compiler.compile(str(path), **options)


def _close(files: Mapping[str, FileIO]) -> None:
    for file in files.values():
        file.close()


def _desk() -> _Desk:
    # A compiler that two threads share raises "Already borrowed"; the fonts may be shared.
    desk: _Desk | None = getattr(_local, "desk", None)
    if desk is None or not desk.is_usable():
        desk = _local.desk = _Desk()
    return desk


def _translated(error: typst.TypstError, template: str, data: Mapping[str, Any]) -> DocflowError:
    missing = _MISSING.search(error.message)
    if missing is None:
        return PaperError(template, getattr(error, "diagnostic", "") or error.message)
    return _missing(_unescaped(missing["text"] or missing["codepoint"]), data)


def _missing(character: str, data: Mapping[str, Any]) -> MissingGlyph:
    return MissingGlyph(character, next(_fields_with(character, data), ""))


def _unescaped(text: str) -> str:
    """Undo the escapes with which typst quotes the text: ``\\u{301}`` and the like."""
    return re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: chr(int(match[1], 16)), text)


def _fields_with(character: str, data: Mapping[str, Any]) -> Iterator[str]:
    """Name the fields that hold *character*: those of the content first, without their prefix."""
    yield from _paths_with(character, data.get("content", {}), "")
    yield from _paths_with(character, {key: value for key, value in data.items() if key != "content"}, "")


def _paths_with(character: str, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str):
        if character in value:
            yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _paths_with(character, item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _paths_with(character, item, f"{path}.{index + 1}")
