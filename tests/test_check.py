"""``docflow check``: what it says of levels that nobody can give, and of test numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from docflow.cli import main
from docflow.signing.gost import engine

PRODUCTION = {
    "DOCFLOW_MODE": "production",
    "DOCFLOW_PUBLIC_URL": "https://docs.university.kz",
    "DOCFLOW_SIGNATURE_PROVIDERS": "ncalayer",
    "DOCFLOW_SECRET_KEY": "k3Jx9-" * 8 + "abcdefg",
    "DOCFLOW_PASSWORD_SALT": "p7Qz2_" * 8 + "hijklmn",
}
STAMPS = "timestamp_url names no authority"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command in an empty directory; its lines by what they are about."""
    monkeypatch.chdir(tmp_path)

    def run(**environment: str) -> dict[str, str]:
        result = CliRunner().invoke(main, ["check"], env=environment)
        lines = [(*line[5:].partition(": "), line[:4]) for line in result.output.splitlines()]
        return {name: f"{sign.strip()} {rest}".strip() for name, _, rest, sign in lines}

    return run


def test_a_level_that_nobody_can_give_is_told(told: Any) -> None:
    demo = told()
    assert demo["time stamps"].startswith("note signature_level is B-T and archive_level is B-LTA")
    assert STAMPS in demo["time stamps"]
    assert "stays at B-B" in demo["time stamps"]
    real = told(**PRODUCTION)
    assert real["time stamps"].startswith("FAIL")
    assert STAMPS in real["time stamps"]
    strict = told(DOCFLOW_WITHOUT_SERVICES="refuse")
    assert strict["time stamps"].startswith("FAIL")
    assert "nothing can be signed" in strict["time stamps"]


def test_nothing_is_told_where_the_levels_can_be_had(told: Any) -> None:
    assert told(**PRODUCTION, DOCFLOW_TIMESTAMP_URL="http://tsp.pki.gov.kz")["time stamps"] == "ok"
    assert "time stamps" not in told(DOCFLOW_SIGNATURE_LEVEL="B-B", DOCFLOW_ARCHIVE_LEVEL="B-B")
    only = told(DOCFLOW_SIGNATURE_LEVEL="B-B", DOCFLOW_ARCHIVE_LEVEL="B-LTA")["time stamps"]
    assert only.startswith("note archive_level is B-LTA, but")


def test_test_numbers_are_told_and_refused_in_production(told: Any) -> None:
    assert told(DOCFLOW_NATIONAL_TEST_NUMBERS="accepted")["test numbers"].startswith("note ")
    assert "test numbers" not in told()
    assert "national_test_numbers" in told(**PRODUCTION, DOCFLOW_NATIONAL_TEST_NUMBERS="accepted")["settings"]


def test_a_missing_gost_engine_is_told_where_national_keys_sign(told: Any) -> None:
    is_missing = engine.digest_of(64) is None
    assert ("GOST" in told(DOCFLOW_SIGNATURE_PROVIDERS="demo,ncalayer")) is is_missing
    assert "GOST" not in told()
