"""Judges that we did not write, on B-T, B-LT and B-LTA: EU DSS by name, veraPDF that the paper stays an archive's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from docflow.rendering.paper import render
from docflow.signing import levels
from docflow.signing.increment import Unsupported
from docflow.signing.report import Level
from tests.interop import judge, verdict
from tests.interop.judge import PASSED
from tests.rendering.samples import CONTENTS, WHEN, attachment, sample
from tests.signing.pki import NOW, paper
from tests.signing.stamped import Town, town

pytestmark = pytest.mark.interop

LATER = NOW + timedelta(hours=1)
NAMES = {
    Level.B: "PAdES-BASELINE-B",
    Level.T: "PAdES-BASELINE-T",
    Level.LT: "PAdES-BASELINE-LT",
    Level.LTA: "PAdES-BASELINE-LTA",
}


@pytest.fixture(scope="module", params=["P-256", "RSA-2048"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town"), algorithm=request.param) as made:
        yield made


@pytest.fixture(scope="module")
def dss(tmp_path_factory: pytest.TempPathFactory) -> str:
    return judge.class_path(tmp_path_factory.mktemp("dss"))


@pytest.fixture(scope="module")
def verapdf(tmp_path_factory: pytest.TempPathFactory) -> str:
    return verdict.class_path(tmp_path_factory.mktemp("verapdf"))


def thoroughly(place: Town, pdf: bytes, level: Level) -> bytes:
    """Raised by pyHanko's writer, as for a file that is not ours."""
    signed = place.sign(pdf, Level.T)
    with (
        patch.object(levels, "Reader", side_effect=Unsupported),
        patch.object(levels, "add_signature", side_effect=Unsupported),
    ):
        return levels.raised(signed, level, place.services, now=NOW)


def by_two(place: Town, pdf: bytes) -> bytes:
    """A contract: the second signature got no time stamp when it was made."""
    both = place.sign(place.sign(pdf, Level.T), Level.B, key=place.trainer, slot="trainer")
    return levels.raised(both, Level.LTA, place.services, now=NOW)


def test_dss_names_the_levels_as_we_do(place: Town, dss: str, tmp_path: Path) -> None:
    pdf = paper()
    made = {
        **{f"{level.name}.pdf": (place.sign(pdf, level), [NAMES[level]]) for level in NAMES},
        "late.pdf": (
            levels.raised(place.sign(pdf, Level.B), Level.LTA, place.services, now=NOW), [NAMES[Level.LTA]],
        ),
        "thorough.pdf": (thoroughly(place, pdf, Level.LTA), [NAMES[Level.LTA]]),
        "contract.pdf": (by_two(place, pdf), [NAMES[Level.LTA]] * 2),
    }  # fmt: skip
    for name, (content, _) in made.items():
        (tmp_path / name).write_bytes(content)
    found = judge.ask(sorted(tmp_path.glob("*.pdf")), dss, root=place.authority.root, moment=LATER, policy="unasked")
    assert not found.problems
    told = {name: [each.level for each in signatures] for name, signatures in found.signatures.items()}
    assert told == {name: expected for name, (_, expected) in made.items()}
    indications = {each.indication for signatures in found.signatures.values() for each in signatures}
    assert indications == {PASSED}


def test_dss_passes_the_archive_by_the_policy_of_the_commission(place: Town, dss: str, tmp_path: Path) -> None:
    """Revocation is demanded there, and nobody answers: what is inside must do, years later too."""
    for level in (Level.LT, Level.LTA):
        (tmp_path / f"{level.name}.pdf").write_bytes(place.sign(paper(), level))
    found = judge.ask(sorted(tmp_path.glob("*.pdf")), dss, root=place.authority.root, moment=LATER)
    assert {name: [each.indication for each in told] for name, told in found.signatures.items()} == {
        "LT.pdf": [PASSED], "LTA.pdf": [PASSED],
    }  # fmt: skip
    after_the_certificate = NOW + timedelta(days=3 * 365)
    archived = judge.ask([tmp_path / "LTA.pdf"], dss, root=place.authority.root, moment=after_the_certificate)
    assert [each.indication for each in archived.signatures["LTA.pdf"]] == [PASSED]


def test_raising_keeps_both_standards_of_the_paper(place: Town, verapdf: str, tmp_path: Path) -> None:
    for kind in CONTENTS:
        data = sample(kind, "kk")
        pdf = render(f"paper/{kind}.typ", data, attachment=attachment(data), when=WHEN)
        for level in (Level.T, Level.LT, Level.LTA):
            (tmp_path / f"{kind}-{level.name}.pdf").write_bytes(place.sign(pdf, level))
        late = levels.raised(place.sign(pdf, Level.B), Level.LTA, place.services, now=NOW)
        (tmp_path / f"{kind}-late.pdf").write_bytes(late)
    files = sorted(tmp_path.glob("*.pdf"))
    found = verdict.verdicts(files, verapdf)
    assert found == {(file.name, standard): None for file in files for standard in verdict.STANDARDS}
