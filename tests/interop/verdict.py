"""Ask veraPDF, through Maven and a JDK, whether files keep PDF/A-3a and PDF/UA-1."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parent / "verapdf"
STANDARDS = ("3a", "ua1")

Verdicts = dict[tuple[str, str], list[str] | None]


_found: list[str] = []  # Maven takes some seconds, and finds the same for every file of tests


def class_path(folder: Path) -> str:
    """Let Maven fetch veraPDF; skip the calling test, saying why, where that cannot be."""
    if not _found:
        _found.append(_fetched(folder))
    return _found[0]


def _fetched(folder: Path) -> str:
    for program in ("mvn", "java", "javac"):
        if shutil.which(program) is None:
            pytest.skip(f"veraPDF is not asked: there is no {program} on this machine")
    target = folder / "classpath"
    command = ["mvn", "-B", "-q", "dependency:build-classpath", f"-Dmdep.outputFile={target}"]
    done = subprocess.run(command, cwd=_PROJECT, capture_output=True, text=True, timeout=500, check=False)
    if done.returncode != 0:
        pytest.skip(f"veraPDF is not asked: Maven could not fetch it ({done.stdout.strip()[:200]})")
    return target.read_text().strip()


def verdicts(files: Sequence[Path], jars: str) -> Verdicts:
    """Give, by file name and standard, ``None`` for a file that complies or the list of the broken rules."""
    command = ["java", "-cp", jars, str(_PROJECT / "Verdict.java"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=True)
    found: Verdicts = {}
    broken: dict[tuple[str, str], list[str]] = defaultdict(list)
    key = ("", "")
    for kind, *fields in (line.split("\t") for line in done.stdout.splitlines()):
        if kind == "VERDICT":
            key = (Path(fields[0]).name, fields[1])
            found[key] = None if fields[2] == "yes" else broken[key]
        elif kind == "BROKEN":
            broken[key].append(" | ".join(fields))
    return found
