"""The process in which files from outside are read: no secrets, little memory, nothing on disk; see process.py."""

from __future__ import annotations

import json
import resource
import sys
from datetime import datetime
from typing import BinaryIO

from docflow.core.messages import _l
from docflow.signing.report import Report
from docflow.signing.trust import TrustStore
from docflow.signing.validation import unreadable, validate


def main() -> int:
    """Answer one JSON line a request, until the input ends."""
    memory, source, sink = int(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while header := source.readline():
        report = _answer(json.loads(header), source)
        sink.write(json.dumps(report.as_json()).encode() + b"\n")
        sink.flush()
    return 0


def _answer(request: dict[str, object], source: BinaryIO) -> Report:
    """A header line with the size, the roots and the time, and then the file."""
    pdf = source.read(int(str(request["size"])))
    roots = request["roots"]
    assert isinstance(roots, list)
    trust = TrustStore(tuple(bytes.fromhex(root) for root in roots))
    try:
        now = datetime.fromisoformat(str(request["now"]))
        return validate(pdf, trust=trust, now=now, online=bool(request.get("online")))
    except MemoryError:
        return unreadable(_l("This file needs too much memory to be read; it may be made to do harm."))


if __name__ == "__main__":
    raise SystemExit(main())
