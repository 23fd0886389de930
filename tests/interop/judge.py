"""Ask EU DSS, through Maven and a JDK, what it says of signed files and of our validation reports."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parent / "dss"
PASSED = "TOTAL_PASSED"


@dataclass(frozen=True)
class Sentence:
    """What DSS says of one signature."""

    indication: str
    sub: str
    level: str
    why: str


@dataclass
class Sentences:
    """What DSS says of each file, by name; ``problems`` are files that it could not read."""

    signatures: dict[str, list[Sentence]] = field(default_factory=dict)
    schema_kept: set[str] = field(default_factory=set)
    problems: dict[str, str] = field(default_factory=dict)


_found: list[str] = []  # Maven takes some seconds, and finds the same for every file of tests


def class_path(folder: Path) -> str:
    """Let Maven fetch EU DSS and compile the judge; skip the calling test, saying why, where that cannot be."""
    if not _found:
        _found.append(_fetched(folder))
    return _found[0]


def _fetched(folder: Path) -> str:
    for program in ("mvn", "java", "javac"):
        if shutil.which(program) is None:
            pytest.skip(f"EU DSS is not asked: there is no {program} on this machine")
    target = folder / "classpath"
    command = ["mvn", "-B", "-q", "dependency:build-classpath", f"-Dmdep.outputFile={target}"]
    done = subprocess.run(command, cwd=_PROJECT, capture_output=True, text=True, timeout=500, check=False)
    if done.returncode != 0:
        pytest.skip(f"EU DSS is not asked: Maven could not fetch it ({done.stdout.strip()[:200]})")
    jars = target.read_text().strip()
    subprocess.run(["javac", "-d", str(folder), "-cp", jars, str(_PROJECT / "Judge.java")], check=True, timeout=120)
    return f"{folder}:{jars}"


def ask(files: Sequence[Path], jars: str, *, root: Path, moment: datetime, policy: str = "etsi") -> Sentences:
    """Ask with one trust anchor, as of *moment*; see Judge.java for the policies."""
    when = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    command = ["java", "-cp", jars, "Judge", when, policy, str(root), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    found = Sentences()
    for kind, path, *fields in (line.split("\t") for line in done.stdout.splitlines()):
        name = Path(path).name
        if kind == "SIGNATURE":
            found.signatures.setdefault(name, []).append(Sentence(*fields))
        elif kind == "DONE":
            found.signatures.setdefault(name, [])
        elif kind == "SCHEMA":
            found.schema_kept.add(name)
        elif kind == "PROBLEM":
            found.problems[name] = fields[0]
    return found
