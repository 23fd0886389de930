"""Temporary folders that are cleared away even when the process that made them was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import weakref
from pathlib import Path


class Scratch:
    """A folder of this process; it goes with this object, or with the next one made after the process was killed."""

    def __init__(self, prefix: str) -> None:
        _sweep(prefix)
        self.path, lock = _made(prefix)
        self._clear = weakref.finalize(self, _remove, os.getpid(), self.path, lock)

    def clear(self) -> None:
        self._clear()


def _made(prefix: str) -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix))
        lock = _locked(path, wait=True)
        if lock is not None:
            return path, lock


def _locked(path: Path, *, wait: bool) -> int | None:
    """Hold the folder: the system lets go of it when the process ends. ``None`` if it is held, foreign or gone."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(lock)
        return None
    if path.exists():
        return lock
    os.close(lock)  # swept between its making and its locking
    return None


def _sweep(prefix: str) -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        lock = _locked(path, wait=False)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _remove(pid: int, path: Path, lock: int) -> None:
    if os.getpid() == pid:  # a forked process has the same folder, but it is not its own
        shutil.rmtree(path, ignore_errors=True)
    os.close(lock)
