"""The object store: create-only, named by SHA-256, on the disk before the name is given out."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from io import BufferedReader
from pathlib import Path
from typing import Protocol

from docflow.core.errors import DocflowError, NotFound
from docflow.core.messages import _l

SHA256 = re.compile(r"[0-9a-f]{64}")
OBJECT_MODE = 0o440
DIRECTORY_MODE = 0o750
UNFINISHED = "unfinished"
ABANDONED_SECONDS = 24 * 3600
# From so many on, one flush of the file system is faster than a flush of each file or directory.
FLUSH_TOGETHER = 8
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Damaged(DocflowError):
    """The bytes under this name are not the bytes that were stored."""


class StorageFull(DocflowError):
    """There was no room; nothing was stored."""

    status = 507


class StorageUnfit(DocflowError):
    """The place does not keep the promises of a store, for example hard links that refuse to overwrite."""


class Store(Protocol):
    """Immutable objects under the lower-case hexadecimal SHA-256 of their bytes.

    Every method raises ``NotFound`` for an unknown or malformed name.
    """

    def put(self, data: bytes) -> str:
        """Store *data* and give its name, when a power failure can no longer take it back. Storing twice is no error.

        Raises ``StorageFull``; ``Damaged`` if the object is there already and has decayed.
        """
        ...

    def put_many(self, items: Iterable[bytes]) -> list[str]:
        """Store a batch; durable as a whole when it returns, and faster than one by one."""
        ...

    def get(self, name: str) -> bytes:
        """Give the bytes, verified; raises ``Damaged``."""
        ...

    def open(self, name: str) -> BufferedReader:
        """Open for reading after the bytes were verified in pieces, for objects that do not fit into memory."""
        ...

    def has(self, name: str) -> bool: ...

    def size(self, name: str) -> int: ...

    def check(self) -> None:
        """Raise ``StorageUnfit`` or ``StorageFull`` if this place cannot keep the promises; for ``docflow check``."""
        ...


class DirectoryStore:
    """A directory on a local disk; several processes may use it at once.

    A file is written under a passing name, flushed, made read-only and only then linked under its own name; a link
    never overwrites. The directory is flushed last.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unfinished = path / UNFINISHED
        for directory in (path, self._unfinished):
            directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        self._sweep()

    def put(self, data: bytes) -> str:
        name = sha256(data).hexdigest()
        with _told_when_full(), self._written(data, name) as passing:
            if passing is not None:
                _flush_file(passing)
                self._link(passing, name)
            _flush_directory(self._place(name).parent)
        return name

    def put_many(self, items: Iterable[bytes]) -> list[str]:
        names: list[str] = []
        written: dict[str, Path] = {}
        try:
            with _told_when_full():
                for data in items:
                    name = sha256(data).hexdigest()
                    names.append(name)
                    if name not in written and not self._is_there(name):
                        written[name] = self._write(data)
                self._flush(written.values())
                for name, passing in written.items():
                    self._link(passing, name)
                self._flush({self._place(name).parent for name in names})
        finally:
            for passing in written.values():
                passing.unlink(missing_ok=True)
        return names

    def get(self, name: str) -> bytes:
        with self._opened(name) as file:
            data = file.read()
        if sha256(data).hexdigest() != name:
            raise _damaged(name)
        return data

    def open(self, name: str) -> BufferedReader:
        file = self._opened(name)
        if file_digest(file, "sha256").hexdigest() != name:
            file.close()
            raise _damaged(name)
        file.seek(0)
        return file

    def has(self, name: str) -> bool:
        return SHA256.fullmatch(name) is not None and self._place(name).is_file()

    def size(self, name: str) -> int:
        with self._opened(name) as file:
            return os.fstat(file.fileno()).st_size

    def check(self) -> None:
        first, second = (self._unfinished / f"check-{secrets.token_hex(8)}" for _ in range(2))
        try:
            with _told_when_full():
                first.write_bytes(b"1")
                second.write_bytes(b"2")
                _flush_file(first)
                os.link(first, second)
        except FileExistsError:
            return
        except OSError as error:
            raise StorageUnfit(
                _l("The store %(path)s cannot be used: %(reason)s.", path=str(self.path), reason=str(error.strerror))
            ) from error
        finally:
            first.unlink(missing_ok=True)
            second.unlink(missing_ok=True)
        raise StorageUnfit(
            _l("The store %(path)s lets a link overwrite a file. Put it on a local disk.", path=str(self.path))
        )

    def _place(self, name: str) -> Path:
        return self.path / name[:2] / name

    def _opened(self, name: str) -> BufferedReader:
        if not SHA256.fullmatch(name):
            raise _unknown(name)
        try:
            return self._place(name).open("rb")
        except FileNotFoundError:
            raise _unknown(name) from None

    def _is_there(self, name: str) -> bool:
        """Tell whether the object is there and sound; a decayed one must not be mistaken for stored."""
        if not self.has(name):
            return False
        self.open(name).close()
        return True

    @contextmanager
    def _written(self, data: bytes, name: str) -> Iterator[Path | None]:
        passing = None if self._is_there(name) else self._write(data)
        try:
            yield passing
        finally:
            if passing is not None:
                passing.unlink(missing_ok=True)

    def _write(self, data: bytes) -> Path:
        passing = self._unfinished / secrets.token_hex(16)
        try:
            descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OBJECT_MODE)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                rest = memoryview(data)
                while rest:
                    rest = rest[file.write(rest) :]
        except OSError:
            passing.unlink(missing_ok=True)
            raise
        return passing

    def _link(self, passing: Path, name: str) -> None:
        place = self._place(name)
        if not place.parent.is_dir():
            place.parent.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
            _flush_directory(self.path)
        try:
            os.link(passing, place)
        except FileExistsError:
            # Another process stored the same bytes between our look and our link.
            self.open(name).close()

    def _flush(self, paths: Collection[Path]) -> None:
        """Flush these files, or these directories."""
        if len(paths) < FLUSH_TOGETHER or not _flush_file_system(self._unfinished):
            for path in paths:
                _flush_file(path)

    def _sweep(self) -> None:
        """Remove what a killed process left half written; nobody has been given its name."""
        for left in self._unfinished.iterdir():
            try:
                if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                    left.unlink()
            except FileNotFoundError:
                continue


def open_store(url: str) -> Store:
    """Open the store at *url*: a path or ``file:///path``; the directory is made if need be."""
    if url.startswith("file://"):
        return DirectoryStore(Path(url.removeprefix("file://")))
    if "://" in url:
        raise ValueError(f"no store for {url.split('://')[0]}:// addresses; give a directory")
    return DirectoryStore(Path(url))


def _flush_file(path: Path) -> None:
    # Linux flushes the file, not the descriptor's writes: a read-only descriptor will do.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_flush_directory = _flush_file


def _flush_file_system(path: Path) -> bool:
    """Flush the whole file system with syncfs(2), which reports write errors since Linux 5.8; tell if it can."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if libc.syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    finally:
        os.close(descriptor)
    return True


@contextmanager
def _told_when_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise StorageFull(_l("The disk of the archive is full. Nothing was stored; make room and repeat.")) from error


def _unknown(name: str) -> NotFound:
    return NotFound(_l("The archive has no object %(name)s.", name=name[:64]))


def _damaged(name: str) -> Damaged:
    return Damaged(_l("The archived object %(name)s is damaged. Restore it from a copy.", name=name))
