"""What a validation costs, beside pyHanko's own call with difference analysis over all signatures of a file.

    python -m benchmarks.validate [--rounds 15] [--corpus ../shared/corpus]

Both take turns on the same file, each in a process of its own; what counts is the median of the processor's time. Our
own papers are signed with RSA-2048 against trust services in another process; the corpus is that of published
signatures, where it is at hand: its valid files that pyHanko can read.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typst

from benchmarks.sign import NOW, PAPER, answering, asking, mint_answering
from docflow.signing import demo, levels, pades
from docflow.signing.levels import TrustServices
from docflow.signing.process import validate_in_process
from docflow.signing.report import Level, Report
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate

LATER = NOW + timedelta(minutes=30)
Ask = Callable[[Path, datetime], float | None]


@contextmanager
def pyhanko(roots: Path) -> Iterator[Ask]:
    """Ask the other process for the milliseconds of one call, or ``None`` where it raised."""
    command = [sys.executable, "-m", "benchmarks.usual_validation", str(roots)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(path: Path, moment: datetime) -> float | None:
            process.stdin.write(f"{moment.isoformat()} {path}\n")
            process.stdin.flush()
            told = process.stdout.readline().strip()
            return None if told == "-" else float(told)

        yield ask
        process.stdin.close()


@dataclass(frozen=True)
class Taken:
    """Milliseconds of the processor, medians."""

    theirs: float
    ours: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def taken(path: Path, ask: Ask, trust: TrustStore, *, rounds: int) -> Taken | None:
    pdf = path.read_bytes()
    if ask(path, LATER) is None:
        return None
    validate(pdf, trust=trust, now=LATER)
    theirs, ours = list[float](), list[float]()
    for _ in range(rounds):
        theirs.append(ask(path, LATER) or 0.0)
        began = time.process_time()
        validate(pdf, trust=trust, now=LATER)
        ours.append((time.process_time() - began) * 1000)
    return Taken(statistics.median(theirs), statistics.median(ours))


# Our own papers


def signed(pdf: bytes, path: Path, slot: str, services: TrustServices, level: Level) -> bytes:
    assert services.stamper is not None
    prepared = pades.prepare(pdf, field=slot, when=NOW, reserve=4096 + services.stamper.room)
    cms = demo.load_key(path, pin="1234").sign(prepared.digest)
    if level is not Level.B:
        cms, _ = levels.stamped(cms, services.stamper)
    return pades.embed(prepared, cms)


def samples(folder: Path) -> tuple[TrustStore, list[Path]]:
    """One, two, seven and nine signatures, at every level."""
    made = list[Path]()
    paper = typst.compile(PAPER.encode(), format="pdf", pdf_standards=["a-3a", "ua-1"])
    _, trust, place = mint_answering(folder, "RSA-2048")
    with answering(place):
        services = asking(place, trust)
        keys = [
            demo.issue_key(
                place.directory, person=f"Өлшем {at}", iin=f"80010130{at:02d}11", pin="1234", now=NOW,
                algorithm="RSA-2048",
            )
            for at in range(9)
        ]  # fmt: skip
        for count in (1, 2, 7, 9):
            slots = tuple(f"member-{at}" for at in range(count))
            for level in levels.ORDER[1:]:
                pdf = pades.with_fields(paper, slots)
                for slot, key in zip(slots, keys, strict=False):
                    pdf = signed(pdf, key, slot, services, level)
                made.append(folder / f"{count}-{level.value}.pdf")
                made[-1].write_bytes(levels.raised(pdf, level, services, now=datetime.now(UTC)))
    return trust, made


def of_our_own(folder: Path, rounds: int) -> None:
    trust, files = samples(folder)
    (folder / "roots").mkdir()
    for at, root in enumerate(trust.roots):
        (folder / "roots" / f"{at}.der").write_bytes(root)
    print("signatures and level     pyHanko, ms    docflow, ms    ratio")
    with pyhanko(folder / "roots") as ask:
        for path in files:
            found = taken(path, ask, trust, rounds=rounds)
            assert found is not None
            _demand_passed(validate(path.read_bytes(), trust=trust, now=LATER))
            print(f"{path.stem:20} {found.theirs:14.2f} {found.ours:14.2f} {found.ratio:10.2f}")
    again(files[-1], trust)


def _demand_passed(report: Report) -> None:
    assert all(each.trusted and each.intact for each in report.signatures), report


def again(path: Path, trust: TrustStore) -> None:
    """A file that was checked a moment ago, as a page asks for it."""
    pdf = path.read_bytes()
    validate_in_process(pdf, trust=trust, now=LATER)
    times = list[float]()
    for _ in range(50):
        began = time.perf_counter()
        validate_in_process(pdf, trust=trust, now=LATER)
        times.append((time.perf_counter() - began) * 1000)
    print(f"the last one again: {statistics.median(times):.3f} ms by the clock ({len(pdf) // 1024} kB)")


# The corpus


def of_the_corpus(corpus: Path, folder: Path, rounds: int) -> None:
    entries = json.loads((corpus / "expectations.json").read_text())
    names = [each["file"] for each in entries if each["class"] == "signed-valid" and not each.get("password")]
    found = dict[str, Taken]()
    with pyhanko(folder) as ask:
        for name in names:
            one = taken(corpus / "pdfs" / name, ask, TrustStore(), rounds=rounds)
            if one is not None:
                found[name] = one
    ratios = sorted(each.ratio for each in found.values())
    theirs, ours = sum(each.theirs for each in found.values()), sum(each.ours for each in found.values())
    print(f"\ncorpus: {len(found)} of {len(names)} valid files, which pyHanko reads")
    print(f"together {theirs:.0f} and {ours:.0f} ms: ratio {ours / theirs:.2f}")
    print(f"median of the ratios {statistics.median(ratios):.2f}, 90th of 100 {ratios[len(ratios) * 9 // 10]:.2f}")
    for name, each in sorted(found.items(), key=lambda item: -item[1].ratio)[:5]:
        print(f"  {each.ratio:5.2f} {each.theirs:9.2f} ms {each.ours:9.2f} ms  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--corpus", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "corpus")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        of_our_own(Path(folder), options.rounds)
        if (options.corpus / "expectations.json").exists():
            of_the_corpus(options.corpus, Path(folder), max(3, options.rounds // 3))


if __name__ == "__main__":
    main()
