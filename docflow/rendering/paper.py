"""Compile a paper template and its data to PDF/A-3a + PDF/UA-1."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from docflow.core.errors import DocflowError
from docflow.core.messages import _l

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


def paper_inputs(data: Mapping[str, Any], *, attachment: bytes | None) -> dict[str, str]:
    """Give what a template reads from ``sys.inputs``: strings only, so that data can never become template source."""
    inputs = {"data": json.dumps(data, ensure_ascii=False, sort_keys=True)}
    forbidden = _FORBIDDEN.search(inputs["data"])
    if forbidden is not None:
        raise _missing(forbidden[0], data)
    if attachment is not None:
        inputs["attachment"] = attachment.decode("utf-8")
        inputs["sha256"] = hashlib.sha256(attachment).hexdigest()
    return inputs


def compile_paper(template: str, data: Mapping[str, Any], *, inputs: dict[str, str], **options: Any) -> Any:
    """Run this thread's compiler on *template*; *options* are typst's own."""
    path = _template_path(template)
    try:
        return _compiler().compile(str(path), sys_inputs=inputs, **options)
    except typst.TypstError as error:
        raise _translated(error, template, data) from error


def _template_path(template: str) -> Path:
    path = (TEMPLATES / template).resolve()
    if not path.is_relative_to(TEMPLATES) or not path.is_file():
        raise PaperError(template, "There is no such template.")
    return path


def _compiler() -> typst.Compiler:
    # A compiler that two threads share raises "Already borrowed"; the fonts may be shared.
    compiler = getattr(_local, "compiler", None)
    if compiler is None:
        # Packages come from a folder that does not exist, never from the network.
        nowhere = str(TEMPLATES / "paper" / "packages")
        compiler = typst.Compiler(
            root=str(TEMPLATES),
            font_paths=FONTS,
            ignore_system_fonts=True,
            package_path=nowhere,
            package_cache_path=nowhere,
        )
        _local.compiler = compiler
    return compiler


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
