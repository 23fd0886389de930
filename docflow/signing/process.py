"""Validating files from outside in a process of their own, with limits on time and memory.

``python -m docflow.signing.process [--json] [--trust DIRECTORY] FILE...`` prints a report a file.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from docflow.core.messages import _l
from docflow.signing.recent import RecentReports
from docflow.signing.report import Report
from docflow.signing.trust import TrustStore
from docflow.signing.validation import unreadable

TIMEOUT = 15.0  # seconds a file
MEMORY = 1 << 30
LARGEST = 64 << 20
_FILES_PER_WORKER = 200  # then a new one, so that nothing gathers
_KEPT_ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "VIRTUAL_ENV")


class _Stopped(Exception):
    """The worker died or did not answer in time."""


class Validator:
    """A warm worker process, started when it is needed and again after a file that killed it; safe between threads."""

    def __init__(self, *, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
        self._timeout, self._memory = timeout, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._answered = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Validator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._stop()

    def validate(self, pdf: bytes, *, trust: TrustStore, now: datetime, online: bool = False) -> Report:
        """The same answer as ``validation.validate``, or one that says why there is none; never raises for a file."""
        digest = sha256(pdf).hexdigest()
        if len(pdf) > LARGEST:
            report = unreadable(_l("This file is too large to be checked (more than 64 MiB)."))
            return replace(report, sha256=digest)
        with self._lock:
            try:
                return self._ask_again_if_warm(pdf, trust, now, online)
            except TimeoutError:
                report = unreadable(_l("This file could not be read in time; it may be made to do harm."))
            except _Stopped:
                report = unreadable(_l("This file made the reader stop; it may be made to do harm."))
            self._stop()
        return replace(report, sha256=digest)

    def _ask_again_if_warm(self, pdf: bytes, trust: TrustStore, now: datetime, online: bool) -> Report:
        """A worker that has been answering may have been ended from outside; the file is not to blame yet."""
        was_warm = self._answered > 0
        try:
            return self._ask(pdf, trust, now, online)
        except _Stopped:
            self._stop()
            if not was_warm:
                raise
            return self._ask(pdf, trust, now, online)

    def _ask(self, pdf: bytes, trust: TrustStore, now: datetime, online: bool) -> Report:
        process = self._running()
        roots = [root.hex() for root in trust.roots]
        header = {"size": len(pdf), "roots": roots, "now": now.isoformat(), "online": online}
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(header).encode() + b"\n" + pdf)
            process.stdin.flush()
        except OSError as error:
            raise _Stopped from error
        report = Report.from_json(json.loads(self._line(process)))
        self._answered += 1
        return report

    def _line(self, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None
        line, until = bytearray(), time.monotonic() + self._timeout
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(process.stdout.fileno(), 1 << 16)
            if not part:
                raise _Stopped
            line += part
        return bytes(line)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._answered >= _FILES_PER_WORKER or (self._process is not None and self._process.poll() is not None):
            self._stop()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "docflow.signing.worker", str(self._memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ},
            )
        return self._process

    def _stop(self) -> None:
        process, self._process, self._answered = self._process, None, 0
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:  # what it had not read yet cannot be flushed any more
                continue


class _Pool:
    """Warm workers for a server's threads; as many at a time as their memory allows."""

    def __init__(self, *, at_once: int, kept: int) -> None:
        self._idle: list[Validator] = []
        self._owner = os.getpid()
        self._kept, self._lock = kept, threading.Lock()
        self._free = threading.BoundedSemaphore(at_once)

    def validate(self, pdf: bytes, *, trust: TrustStore, now: datetime, online: bool = False) -> Report:
        with self._free:
            validator = self._take()
            try:
                return validator.validate(pdf, trust=trust, now=now, online=online)
            finally:
                self._give_back(validator)

    def _take(self) -> Validator:
        with self._lock:
            if self._owner != os.getpid():  # a fork shares the pipes with its parent: leave them to it
                self._idle, self._owner = [], os.getpid()
            return self._idle.pop() if self._idle else Validator()

    def _give_back(self, validator: Validator) -> None:
        with self._lock:
            if len(self._idle) < self._kept:
                self._idle.append(validator)
                return
        validator.close()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for validator in idle:
            validator.close()


_pool = _Pool(at_once=4, kept=2)
_recent = RecentReports()
atexit.register(_pool.close)


def validate_in_process(pdf: bytes, *, trust: TrustStore, now: datetime, online: bool = False) -> Report:
    """Validate one file in another process, which stays warm for the next; the answer is kept for a while."""
    known = _recent.find(sha256(pdf).hexdigest(), trust=trust, now=now, online=online)
    if known is not None:
        return known
    report = _pool.validate(pdf, trust=trust, now=now, online=online)
    _recent.keep(report, trust=trust, now=now, online=online)
    return report


def validate_files(
    paths: Iterable[Path],
    *,
    trust: TrustStore,
    now: datetime,
    online: bool = False,
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
) -> Iterator[Report]:
    """One report a file, in order, whatever the files are."""
    with Validator(timeout=timeout, memory=memory) as validator:
        for path in paths:
            try:
                pdf = path.read_bytes()
            except OSError as error:
                yield unreadable(_l("This file cannot be opened."), detail=str(error))
            else:
                yield validator.validate(pdf, trust=trust, now=now, online=online)


def report_lines(path: Path, report: Report) -> Iterator[str]:
    """The report for a person at a terminal."""
    yield f"{path}: {report.integrity.value}"
    for finding in report.findings:
        yield f"  {finding.severity.value}: {finding.message}"
    for each in report.signatures:
        verdict = {True: "intact", False: "broken", None: "undetermined"}[each.intact]
        yield f"  {each.field} ({each.kind.value}): {verdict}, {each.signer or '–'}, {each.signed_at or '–'}"
        level = each.level.value or (f"[{each.form}]" if each.form else "")
        yield f"    {' '.join(filter(None, (each.conclusion.name, level)))}: {each.conclusion.message}"
        yield from (f"    {finding.severity.value}: {finding.message}" for finding in each.findings)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m docflow.signing.process", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--trust", type=Path, action="append", default=[])
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    reports = validate_files(options.files, trust=TrustStore.load(*options.trust), now=datetime.now(UTC))
    for path, report in zip(options.files, reports, strict=True):
        lines = [json.dumps(report.as_json(), ensure_ascii=False)] if options.json else report_lines(path, report)
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
