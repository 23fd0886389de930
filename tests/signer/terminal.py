"""A terminal in which ``docflow signer`` runs, and somebody who reads and types."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

READY = re.compile(r"ws://127\.0\.0\.1:(\d+)")


class Terminal:
    """A person's terminal: what the program writes, and what is typed into it."""

    def __init__(self, *arguments: str) -> None:
        outside, inside = pty.openpty()
        command = [sys.executable, "-m", "docflow.signer", *arguments]
        self.process = subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, close_fds=True)
        os.close(inside)
        os.set_blocking(outside, False)
        self.side = outside
        self.text = ""

    def read(self) -> str:
        try:
            self.text += os.read(self.side, 65536).decode(errors="replace")
        except (BlockingIOError, OSError):
            time.sleep(0.02)
        return self.text

    def until(self, pattern: str, *, seconds: float = 120) -> re.Match[str]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.search(pattern, self.read())
            if found:
                return found
        raise AssertionError(f"{pattern!r} was never written:\n{self.text}")

    def type(self, text: str) -> None:
        os.write(self.side, f"{text}\n".encode())


@contextmanager
def terminal(*arguments: str) -> Iterator[Terminal]:
    made = Terminal(*arguments)
    try:
        yield made
    finally:
        made.process.terminate()
        made.process.wait(timeout=60)
        os.close(made.side)
