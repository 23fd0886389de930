"""Draw papers and PDF files as PNG images, in a separate process with limits."""

from __future__ import annotations

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from docflow.core.errors import DocflowError
from docflow.core.messages import Message, _l
from docflow.rendering.paper import MissingGlyph, PaperError, paper_inputs
from docflow.rendering.scratch import Scratch

TIMEOUT = 20.0  # seconds for one preview; then the process is killed
PATIENCE = 6.0  # the same for files that anybody brings, who wait for nothing else meanwhile
MAX_BYTES = 50_000_000
MAX_PAGES = 60
MAX_DPI = 200
DPI = 80  # an A4 page fills a column of a wide screen
# A process that has drawn this often is replaced, whatever it may have piled up.
_DRAWINGS_PER_PROCESS = 200

_ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


class PreviewError(DocflowError):
    """The file is no PDF that can be shown, or drawing it took more than the limits allow."""

    status = 422


def preview(pdf: bytes, *, page: int | None = None, dpi: int = DPI) -> list[bytes]:
    """Draw *pdf* as PNG images: all pages (at most 60), or the one *page*, counted from 1.

    Raises ``PreviewError`` for what is no PDF, has no such page, or exceeds the limits.
    """
    return _own.ask({"kind": "pdf", "page": page, "dpi": _limited(dpi)}, pdf)[1]


@dataclass(frozen=True)
class Change:
    """One page of a file before and after an update; ``boxes`` are left, top, right and bottom in points."""

    before: bytes
    after: bytes
    boxes: tuple[tuple[float, float, float, float], ...]


def change(before: bytes, after: bytes, *, page: int, dpi: int = DPI) -> Change:
    """Draw *page* of two states of a file from outside, and find where they look different.

    Notes and form fields are not drawn. Raises ``PreviewError``, also where one state has no such page.
    """
    request = {"kind": "change", "page": page, "dpi": _limited(dpi)}
    header, (old, new) = _outside.ask(request, before, after)
    return Change(old, new, tuple(tuple(box) for box in header["boxes"]))


def page_from_outside(pdf: bytes, *, page: int, dpi: int = DPI) -> bytes:
    """Draw one page of a file that anybody has brought; raises as ``preview``."""
    _, (image,) = _outside.ask({"kind": "pdf", "page": page, "dpi": _limited(dpi)}, pdf)
    return image


def preview_paper(
    template: str, data: Mapping[str, Any], *, attachment: bytes | None = None, page: int | None = None, dpi: int = DPI
) -> list[bytes]:
    """Draw the paper that ``rendering.paper.render`` would make; raises also ``MissingGlyph`` and ``PaperError``.

    A draft (``data["document"]["draft"]``) carries its watermark.
    """
    request = {"kind": "paper", "template": template, "content": data.get("content", {}), "page": page}
    inputs = paper_inputs(data, attachment=attachment)
    return _own.ask(request | {"inputs": inputs, "dpi": _limited(dpi)}, b"")[1]


def _limited(dpi: int) -> int:
    return min(max(dpi, 20), MAX_DPI)


def write_frame(stream: IO[bytes], header: Mapping[str, Any], *bodies: bytes) -> None:
    """Write a JSON header and the bodies whose lengths it gets, as both ends of the pipe read them."""
    head = json.dumps({**header, "lengths": [len(body) for body in bodies]}, ensure_ascii=False).encode()
    stream.write(struct.pack(">I", len(head)) + head + b"".join(bodies))
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Read what ``write_frame`` wrote; raises ``EOFError`` when the other end is gone."""
    (length,) = struct.unpack(">I", _exactly(stream, 4))
    header = json.loads(_exactly(stream, length))
    return header, [_exactly(stream, size) for size in header["lengths"]]


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError("the other process ended")
    return data


@dataclass
class _Draughtsman:
    """One process that draws; used by one thread at a time."""

    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    answers: IO[bytes]
    scratch: Scratch  # for its temporary files: a killed process cannot take them along
    drawings: int = 0

    def is_usable(self) -> bool:
        """False also once something that clears old temporary files has taken the folder away."""
        return self.process.poll() is None and self.drawings < _DRAWINGS_PER_PROCESS and self.scratch.path.is_dir()

    def draw(self, request: Mapping[str, Any], *bodies: bytes, timeout: float) -> tuple[dict[str, Any], list[bytes]]:
        self.drawings += 1
        watch = threading.Timer(timeout, self.process.kill)
        watch.start()
        try:
            write_frame(self.requests, request, *bodies)
            return read_frame(self.answers)
        except (BrokenPipeError, EOFError) as error:
            self.stop()
            raise PreviewError(_l("Drawing this document took too long or too much memory.")) from error
        finally:
            watch.cancel()

    def stop(self) -> None:
        self.process.kill()
        _close(self.requests)
        _close(self.answers)
        self.process.wait()
        self.scratch.clear()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # what was not yet written is not wanted any more


class _Desk:
    """Where one drawing process works, started when it is needed; the other desk does not wait for it."""

    def __init__(self, *, timeout: float) -> None:
        self.draughtsman: _Draughtsman | None = None
        self.timeout, self._lock = timeout, threading.Lock()

    def ask(self, request: Mapping[str, Any], *bodies: bytes) -> tuple[dict[str, Any], list[bytes]]:
        if sum(map(len, bodies)) > MAX_BYTES:
            raise PreviewError(_l("This file is too large to be shown."))
        with self._lock:
            header, images = self._ready().draw(request, *bodies, timeout=self.timeout)
        if "error" in header:
            raise _as_error(header["error"])
        return header, images

    def _ready(self) -> _Draughtsman:
        """Give the warm process, or start one: a fresh program, because a fork of typst's threads hangs."""
        if self.draughtsman is None or not self.draughtsman.is_usable():
            if self.draughtsman is not None:
                self.draughtsman.stop()
            self.draughtsman = _started()
        return self.draughtsman

    def stop(self) -> None:
        with self._lock:
            if self.draughtsman is not None:
                self.draughtsman.stop()
                self.draughtsman = None


# A file that anybody brings must not hold up those who read their own papers.
_own, _outside = _Desk(timeout=TIMEOUT), _Desk(timeout=PATIENCE)


def _started() -> _Draughtsman:
    command = [sys.executable, "-m", "docflow.rendering.draughtsman"]
    # The settings in the environment hold secrets; a process that reads foreign files needs none of them.
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    scratch = Scratch("docflow-preview-")
    environment["TMPDIR"] = str(scratch.path)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert process.stdin is not None
    assert process.stdout is not None
    return _Draughtsman(process, process.stdin, process.stdout, scratch)


def stop() -> None:
    """End the drawing processes; the next preview starts another."""
    _own.stop()
    _outside.stop()


atexit.register(stop)


def _as_error(error: Mapping[str, Any]) -> DocflowError:
    if error["kind"] == "glyph":
        return MissingGlyph(error["character"], error["field"])
    if error["kind"] == "paper":
        return PaperError(error["template"], error["detail"])
    return PreviewError(Message(error["msgid"]))
