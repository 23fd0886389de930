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

TIMEOUT = 20.0  # seconds for one preview; then the process is killed
MAX_BYTES = 50_000_000
MAX_PAGES = 60
MAX_DPI = 200
# A process that has drawn this often is replaced, whatever it may have piled up.
_DRAWINGS_PER_PROCESS = 200

_ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


class PreviewError(DocflowError):
    """The file is no PDF that can be shown, or drawing it took more than the limits allow."""

    status = 422


def preview(pdf: bytes, *, page: int | None = None, dpi: int = 80) -> list[bytes]:
    """Draw *pdf* as PNG images: all pages (at most 60), or the one *page*, counted from 1.

    Raises ``PreviewError`` for what is no PDF, has no such page, or exceeds the limits.
    """
    if len(pdf) > MAX_BYTES:
        raise PreviewError(_l("This file is too large to be shown."))
    return _ask({"kind": "pdf", "page": page, "dpi": _limited(dpi)}, pdf)


def preview_paper(
    template: str, data: Mapping[str, Any], *, attachment: bytes | None = None, page: int | None = None, dpi: int = 80
) -> list[bytes]:
    """Draw the paper that ``rendering.paper.render`` would make; raises also ``MissingGlyph`` and ``PaperError``.

    A draft (``data["document"]["draft"]``) carries its watermark.
    """
    request = {"kind": "paper", "template": template, "content": data.get("content", {}), "page": page}
    inputs = paper_inputs(data, attachment=attachment)
    return _ask(request | {"inputs": inputs, "dpi": _limited(dpi)}, b"")


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
    drawings: int = 0

    def is_usable(self) -> bool:
        return self.process.poll() is None and self.drawings < _DRAWINGS_PER_PROCESS

    def draw(self, request: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], list[bytes]]:
        self.drawings += 1
        watch = threading.Timer(TIMEOUT, self.process.kill)
        watch.start()
        try:
            write_frame(self.requests, request, body)
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


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # what was not yet written is not wanted any more


_lock = threading.Lock()
_draughtsman: _Draughtsman | None = None


def _ask(request: Mapping[str, Any], body: bytes) -> list[bytes]:
    with _lock:
        header, pages = _ready().draw(request, body)
    if "error" in header:
        raise _as_error(header["error"])
    return pages


def _ready() -> _Draughtsman:
    """Give the warm process, or start one: a fresh program, because a fork of typst's threads hangs."""
    global _draughtsman
    if _draughtsman is None or not _draughtsman.is_usable():
        if _draughtsman is not None:
            _draughtsman.stop()
        _draughtsman = _started()
    return _draughtsman


def _started() -> _Draughtsman:
    command = [sys.executable, "-m", "docflow.rendering.draughtsman"]
    # The settings in the environment hold secrets; a process that reads foreign files needs none of them.
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert process.stdin is not None
    assert process.stdout is not None
    return _Draughtsman(process, process.stdin, process.stdout)


def stop() -> None:
    """End the drawing process; the next preview starts another."""
    global _draughtsman
    with _lock:
        if _draughtsman is not None:
            _draughtsman.stop()
            _draughtsman = None


atexit.register(stop)


def _as_error(error: Mapping[str, Any]) -> DocflowError:
    if error["kind"] == "glyph":
        return MissingGlyph(error["character"], error["field"])
    if error["kind"] == "paper":
        return PaperError(error["template"], error["detail"])
    return PreviewError(Message(error["msgid"]))
