"""Valid at the time that is proven: every level, now and when certificates have run out or were revoked."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version

import pytest
from pyhanko.sign.validation import ades

from docflow.signing import judgement
from docflow.signing.indications import PASSED, Conclusion, SubIndication, because
from docflow.signing.report import Level, SignatureReport
from docflow.signing.validation import validate
from tests.signing.ladder import Ladder, ladder
from tests.signing.pki import NOW

SOON, DAYS_LATER, YEARS_LATER = NOW + timedelta(minutes=5), NOW + timedelta(days=3), NOW + timedelta(days=900)
UNASKED = because(SubIndication.TRY_LATER)
RUN_OUT = because(SubIndication.OUT_OF_BOUNDS_NO_POE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ladder]:
    with ladder(tmp_path_factory.mktemp("ladder")) as found:
        yield found


@pytest.fixture(scope="module")
def rungs(made: Ladder, pdf: bytes) -> dict[Level, bytes]:
    return made.rungs(pdf)


def judged(made: Ladder, pdf: bytes, *, now: datetime, online: bool = False) -> SignatureReport:
    made.clock[0] = now
    report = validate(pdf, trust=made.trust, now=now, online=online)
    made.clock[0] = NOW
    return report.signatures[0]


@pytest.mark.parametrize(
    ("level", "soon", "days_later", "years_later"),
    [
        (Level.B, UNASKED, UNASKED, RUN_OUT),
        (Level.T, UNASKED, UNASKED, RUN_OUT),
        (Level.LT, PASSED, PASSED, RUN_OUT),
        (Level.LTA, PASSED, PASSED, PASSED),
    ],
)
def test_what_each_level_proves_without_a_network(
    made: Ladder,
    rungs: dict[Level, bytes],
    level: Level,
    soon: Conclusion,
    days_later: Conclusion,
    years_later: Conclusion,
) -> None:
    found = [judged(made, rungs[level], now=now) for now in (SOON, DAYS_LATER, YEARS_LATER)]
    assert [each.conclusion for each in found] == [soon, days_later, years_later]
    assert {each.level for each in found} == {level}
    assert all(each.intact for each in found)


def test_responders_are_asked_only_where_it_is_set(made: Ladder, rungs: dict[Level, bytes]) -> None:
    before = made.running.asked()
    for level in (Level.B, Level.T, Level.LT, Level.LTA):
        judged(made, rungs[level], now=SOON)
    assert made.running.asked() == before
    assert judged(made, rungs[Level.B], now=SOON, online=True).conclusion == PASSED
    assert judged(made, rungs[Level.T], now=SOON, online=True).conclusion == PASSED
    assert made.running.asked() != before


def test_time_is_proven_by_a_stamp_alone(made: Ladder, rungs: dict[Level, bytes]) -> None:
    times = {level: judged(made, pdf, now=SOON) for level, pdf in rungs.items()}
    assert {level: each.time_is_proven for level, each in times.items()} == {
        Level.B: False, Level.T: True, Level.LT: True, Level.LTA: True,
    }  # fmt: skip
    assert times[Level.T].signed_at == NOW


def test_a_document_time_stamp_proves_the_time_of_a_plain_signature(made: Ladder, rungs: dict[Level, bytes]) -> None:
    archived = made.raise_to(Level.LTA, rungs[Level.B])
    found = judged(made, archived, now=YEARS_LATER)
    assert (found.conclusion, found.level, found.trusted) == (PASSED, Level.LTA, True)


def test_a_revocation_counts_from_its_day_on(made: Ladder, rungs: dict[Level, bytes], pdf: bytes) -> None:
    """What was proven before stays good; what is not proven to be older does not, and a late signature fails."""
    revoked_at = NOW + timedelta(days=1)
    made.revoke(at=revoked_at)
    made.clock[0] = DAYS_LATER
    late = made.sign(pdf, with_stamp=True)
    made.clock[0] = NOW
    by_level = {level: judged(made, each, now=DAYS_LATER, online=True).conclusion for level, each in rungs.items()}
    assert by_level == {
        Level.B: because(SubIndication.REVOKED_NO_POE), Level.T: PASSED, Level.LT: PASSED, Level.LTA: PASSED,
    }  # fmt: skip
    found = judged(made, late, now=DAYS_LATER, online=True)
    assert found.conclusion == because(SubIndication.REVOKED_NO_POE)
    assert found.trusted is False


def test_pyhanko_still_has_the_private_functions_that_are_called() -> None:
    """Two blocks of EN 319 102-1, 5.6.3, for which 0.38 has no public name; whatever else is private is not used."""
    used = set(re.findall(r"\bades\.(_\w+)", inspect.getsource(judgement)))
    assert used == {"_build_prima_facie_poe_index_from_pdf_timestamps", "_validate_prima_facie_poe"}
    assert list(inspect.signature(ades._build_prima_facie_poe_index_from_pdf_timestamps).parameters) == [
        "r", "include_content_ts", "diff_policy",
    ]  # fmt: skip
    assert list(inspect.signature(ades._validate_prima_facie_poe).parameters) == [
        "prima_facie_poe_sets", "validation_spec", "cur_timing_info",
    ]  # fmt: skip
    assert version("pyhanko").startswith("0.38.")
