"""The program of the drawing process: reads requests from standard input, writes images to standard output."""

from __future__ import annotations

import os
import resource
import select
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst

from docflow.core.messages import _l
from docflow.rendering.difference import differences, read_png
from docflow.rendering.paper import FONTS, STANDARDS, MissingGlyph, PaperError, compile_paper
from docflow.rendering.preview import MAX_PAGES, read_frame, write_frame

_MEMORY = 2 * 1024**3  # of address space; typst reserves far more than it uses
_CPU_SECONDS = 15  # for one request
_IDLE_SECONDS = 300
_COARSE = 40  # dots per inch; two points are exact enough to lead the eye

# Any page of any PDF, in its own size: typst reads PDF as an image.
_PAGE = b"""#set page(width: auto, height: auto, margin: 0pt, fill: white)
#image("file.pdf", page: int(sys.inputs.page))"""


class _NoSuchPage(Exception):
    """The paper has fewer pages."""


def main() -> None:
    # The answers go to the real standard output; whatever else prints must not mix with them.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests = os.fdopen(0, "rb", closefd=False)
    while select.select([0], [], [], _IDLE_SECONDS)[0]:
        try:
            request, bodies = read_frame(requests)
        except EOFError:
            return
        _limit_cpu()
        header, pages = _drawn(request, bodies)
        write_frame(answers, header, *pages)


def _limit_cpu() -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + _CPU_SECONDS, hard))


def _drawn(request: Mapping[str, Any], bodies: Sequence[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    try:
        if request["kind"] == "change":
            return _change(request, *bodies)
        return {}, _paper(request) if request["kind"] == "paper" else _pdf(request, bodies[0])
    except MissingGlyph as error:
        return {"error": {"kind": "glyph", "character": error.character, "field": error.field}}, []
    except PaperError as error:
        return {"error": {"kind": "paper", "template": error.template, "detail": error.detail}}, []
    except (_NoSuchPage, typst.TypstError) as error:
        sys.stderr.write(f"preview: {error!r}\n")
        return {"error": {"kind": "preview", "msgid": _l("This file cannot be shown as pages.").msgid}}, []


def _paper(request: Mapping[str, Any]) -> list[bytes]:
    template, inputs, data = request["template"], request["inputs"], {"content": request["content"]}
    # Only the PDF standards make typst report a missing glyph; the second compilation reuses the layout of this one.
    compile_paper(template, data, inputs=inputs, format="pdf", pdf_standards=list(STANDARDS))
    images = compile_paper(template, data, inputs=inputs, format="png", ppi=request["dpi"])
    return _chosen(images if isinstance(images, list) else [images], request)


def _chosen(images: list[bytes], request: Mapping[str, Any]) -> list[bytes]:
    page = request["page"]
    if page is None:
        return images[:MAX_PAGES]
    if not 1 <= page <= len(images):
        raise _NoSuchPage(page)
    return [images[page - 1]]


def _pdf(request: Mapping[str, Any], body: bytes) -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "file.pdf").write_bytes(body)
        compiler = typst.Compiler(root=folder, font_paths=FONTS, ignore_system_fonts=True)
        if request["page"] is not None:
            return [_pdf_page(compiler, request["page"], request["dpi"])]
        return _all_pages(compiler, request["dpi"])


def _change(request: Mapping[str, Any], before: bytes, after: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The page in both states, and the boxes round what looks different, found on small pictures."""
    old, new = (_pdf(dict(request, dpi=_COARSE), body)[0] for body in (before, after))
    found = differences(read_png(old), read_png(new))
    boxes = [[side * 72 / _COARSE for side in (box.left, box.top, box.right, box.bottom)] for box in found]
    return {"boxes": boxes}, [_pdf(request, body)[0] for body in (before, after)]


def _all_pages(compiler: typst.Compiler, dpi: int) -> list[bytes]:
    images = [_pdf_page(compiler, 1, dpi)]
    while len(images) < MAX_PAGES:
        try:
            images.append(_pdf_page(compiler, len(images) + 1, dpi))
        except typst.TypstError as error:
            if "does not exist" not in error.message:
                raise
            break
    return images


def _pdf_page(compiler: typst.Compiler, page: int, dpi: int) -> bytes:
    image = compiler.compile(_PAGE, format="png", ppi=dpi, sys_inputs={"page": str(page)})
    if not isinstance(image, bytes):
        raise _NoSuchPage(page)
    return image


if __name__ == "__main__":
    main()
