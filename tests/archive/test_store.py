"""The object store keeps its promises: once, whole, verified, also when the disk is full or a process dies."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import resource
import stat
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from docflow.archive import store as archive_store
from docflow.archive.store import ABANDONED_SECONDS, Damaged, DirectoryStore, StorageFull, StorageUnfit, open_store
from docflow.core.errors import NotFound

ABSENT = "0" * 64


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "objects")


def place(store: DirectoryStore, name: str) -> Path:
    return store.path / name[:2] / name


def leftovers(store: DirectoryStore) -> list[Path]:
    return [path for path in store.path.rglob("*") if path.is_file()]


def decay(store: DirectoryStore, name: str) -> None:
    place(store, name).chmod(0o640)
    place(store, name).write_bytes(b"other bytes")


def test_an_object_is_named_by_its_sha256_and_comes_back_as_it_was(store: DirectoryStore) -> None:
    data = "Құжат".encode()
    name = store.put(data)
    assert name == hashlib.sha256(data).hexdigest()
    assert store.get(name) == data
    assert (store.has(name), store.size(name)) == (True, len(data))
    with store.open(name) as file:
        assert file.read() == data


def test_an_empty_object_is_an_object(store: DirectoryStore) -> None:
    assert store.get(store.put(b"")) == b""


def test_storing_twice_keeps_the_first_file(store: DirectoryStore) -> None:
    name = store.put(b"once")
    inode = place(store, name).stat().st_ino
    assert store.put(b"once") == name
    assert place(store, name).stat().st_ino == inode
    assert len(leftovers(store)) == 1


def test_an_object_is_read_only(store: DirectoryStore) -> None:
    assert place(store, store.put(b"fixed")).stat().st_mode & 0o777 == 0o440


@pytest.mark.parametrize("name", [ABSENT, "", "../../etc/passwd", ABSENT.upper() + "A", "ab"])
def test_an_unknown_or_malformed_name_is_not_found(store: DirectoryStore, name: str) -> None:
    assert not store.has(name)
    for read in (store.get, store.open, store.size):
        with pytest.raises(NotFound):
            read(name)


def test_decay_is_noticed_at_every_read_and_at_the_next_put(store: DirectoryStore) -> None:
    name = store.put(b"sound")
    decay(store, name)
    for read in (store.get, store.open):
        with pytest.raises(Damaged, match=name):
            read(name)
    with pytest.raises(Damaged):
        store.put(b"sound")
    with pytest.raises(Damaged):
        store.put_many([b"sound"])


@pytest.mark.parametrize("count", [1, 20])
def test_a_batch_gives_names_in_order_and_knows_repetitions(store: DirectoryStore, count: int) -> None:
    items = [f"page {number}".encode() for number in range(count)]
    stored_before = store.put(items[0])
    names = store.put_many([*items, items[-1]])
    assert names == [hashlib.sha256(item).hexdigest() for item in [*items, items[-1]]]
    assert names[0] == stored_before
    assert [store.get(name) for name in names] == [*items, items[-1]]
    assert len(leftovers(store)) == count


def test_an_empty_batch_is_no_error(store: DirectoryStore) -> None:
    assert store.put_many([]) == []


def test_sixteen_threads_store_the_same_bytes_once(store: DirectoryStore) -> None:
    data = os.urandom(50_000)
    with ThreadPoolExecutor(16) as pool:
        names = set(pool.map(lambda _: store.put(data), range(16)))
    assert len(names) == 1
    assert len(leftovers(store)) == 1


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_without_room_is_told_and_nothing_is_left(store: DirectoryStore) -> None:
    kept = store.put(b"small")
    with files_at_most(1000):
        with pytest.raises(StorageFull):
            store.put(b"x" * 5000)
        with pytest.raises(StorageFull):
            store.put_many([b"tiny", b"y" * 5000])
    assert [path.name for path in leftovers(store)] == [kept]


def test_a_really_full_disk_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    mount = tmp_path / "disk"
    mount.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        store = DirectoryStore(mount / "objects")
        kept = store.put(b"k" * 100_000)
        with pytest.raises(StorageFull):
            store.put(b"x" * 200_000)
        assert [path.name for path in leftovers(store)] == [kept]
        assert store.get(kept) == b"k" * 100_000
    finally:
        subprocess.run(["umount", mount], check=True)


def _store_for_ever(path: str) -> None:
    store = DirectoryStore(Path(path))
    while True:
        store.put(os.urandom(300_000))


def test_a_killed_process_leaves_no_half_object(store: DirectoryStore) -> None:
    context = multiprocessing.get_context("spawn")
    for _ in range(2):
        before = len(leftovers(store))
        writer = context.Process(target=_store_for_ever, args=(str(store.path),))
        writer.start()
        deadline = time.monotonic() + 120
        while len(leftovers(store)) < before + 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        writer.kill()
        writer.join()
        writer.close()
    objects = [path for path in leftovers(store) if path.parent.name != "unfinished"]
    assert len(objects) > 3
    assert all(store.size(path.name) == len(store.get(path.name)) == 300_000 for path in objects)


def test_half_written_files_are_swept_when_they_are_old(store: DirectoryStore) -> None:
    young, old = (store.path / "unfinished" / name for name in ("young", "old"))
    for path in (young, old):
        path.write_bytes(b"half")
    long_ago = time.time() - ABANDONED_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    DirectoryStore(store.path)
    assert (young.exists(), old.exists()) == (True, False)


@pytest.mark.parametrize("count", [1, 20])
def test_bytes_are_flushed_before_the_name_and_directories_after(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """The order of the system calls is the promise; a crash between any two of them must be harmless."""
    order: list[str] = []
    fsync, link, flush_all = os.fsync, os.link, archive_store._flush_file_system

    def noted_fsync(descriptor: int) -> None:
        order.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def noted_link(source: Path, target: Path) -> None:
        order.append("link")
        link(source, target)

    def noted_flush_all(path: Path) -> bool:
        order.append("all")
        return flush_all(path)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "link", noted_link)
    monkeypatch.setattr(archive_store, "_flush_file_system", noted_flush_all)
    store.put_many([str(number).encode() for number in range(count)])
    links = [index for index, call in enumerate(order) if call == "link"]
    assert len(links) == count
    assert {"file", "all"} & set(order[: links[0]])
    assert "file" not in order[links[0] :]
    assert order[-1] == ("directory" if count < archive_store.FLUSH_TOGETHER else "all")


def test_a_sound_place_passes_the_check_and_keeps_no_trace(store: DirectoryStore) -> None:
    store.check()
    assert leftovers(store) == []


def test_a_place_without_hard_links_fails_the_check(store: DirectoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(StorageUnfit, match="Operation not permitted"):
        store.check()


def test_a_place_whose_links_overwrite_fails_the_check(store: DirectoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", os.replace)
    with pytest.raises(StorageUnfit, match="local disk"):
        store.check()


def test_a_store_is_opened_by_path_or_file_address(tmp_path: Path) -> None:
    name = open_store(str(tmp_path / "a")).put(b"1")
    assert open_store(f"file://{tmp_path}/a").get(name) == b"1"
    with pytest.raises(ValueError, match="s3://"):
        open_store("s3://bucket")
