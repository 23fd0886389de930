"""The published corpus of valid, broken and forged signatures; only where it is beside the checkout."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

# Measured: 423/423, 100/100, 100/100, 140/141, 88/89, 116/120, 138/143 and 56/56; a little less is allowed where
# another version of a library may judge one file otherwise, but never for a forged file or a crash.
AT_LEAST = {
    "robust: a report, no crash, in time": 423,
    "must not get a clean bill of health": 100,
    "... and a reason is given": 100,
    "harmful later changes noticed": 56,
    "count of signatures": 140,
    "signatures verify over their bytes": 87,
    "valid files raise no alarm": 115,
    "harmless later changes not called harmful": 136,
}


def test_the_corpus_is_judged_as_well_as_before() -> None:
    if not (CORPUS / "score.py").exists():
        pytest.skip("the corpus of signatures is not beside this checkout (../shared/corpus)")
    command = f"{shlex.quote(sys.executable)} -m docflow.signing.process --json"
    done = subprocess.run(
        [sys.executable, CORPUS / "score.py", "--command", command, "--list"],
        capture_output=True,
        text=True,
        check=True,
    )
    figures = {name: int(right) for right, name in re.findall(r"^ *(\d+)/\d+ +(.+)$", done.stdout, re.MULTILINE)}
    worse = {name: figures.get(name, 0) for name, least in AT_LEAST.items() if figures.get(name, 0) < least}
    assert not worse, done.stdout
