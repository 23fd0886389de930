"""Temporary folders go, whatever becomes of the process that made them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from docflow.rendering.scratch import Scratch

KILLED = """
import os, signal
from docflow.rendering.scratch import Scratch
print(Scratch("docflow-test-").path, flush=True)
kept = Scratch("docflow-test-")
(kept.path / "left").touch()
print(kept.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_a_folder_goes_with_its_object_and_can_be_cleared_before() -> None:
    first, second = Scratch("docflow-test-"), Scratch("docflow-test-")
    gone = first.path
    del first
    second.clear()
    second.clear()
    assert not gone.exists()
    assert not second.path.exists()


def test_what_a_killed_process_left_is_swept_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    mine = Scratch("docflow-test-")
    done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, check=False)
    dropped, left = (Path(line) for line in done.stdout.split())
    assert not dropped.exists()
    assert (left / "left").exists()
    foreign = tmp_path / "docflow-other-1"
    foreign.mkdir()
    next_one = Scratch("docflow-test-")
    assert not left.exists()
    assert {path.name for path in tmp_path.iterdir()} == {mine.path.name, next_one.path.name, foreign.name}
