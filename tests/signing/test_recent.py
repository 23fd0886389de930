"""Keeping reports for a while."""

from __future__ import annotations

import time
from datetime import timedelta

from docflow.core.messages import _l
from docflow.signing import process
from docflow.signing.recent import RecentReports
from docflow.signing.report import Integrity, Report
from docflow.signing.trust import TrustStore
from docflow.signing.validation import unreadable
from tests.signing.pki import NOW, Pki, sign

TRUST = TrustStore((b"root",))
REPORT = Report(Integrity.UNSIGNED, sha256="a" * 64)


def test_a_report_is_found_again_under_the_same_roots() -> None:
    recent = RecentReports()
    recent.keep(REPORT, trust=TRUST, now=NOW)
    assert recent.find(REPORT.sha256, trust=TRUST, now=NOW + timedelta(minutes=9)) is REPORT
    assert recent.find(REPORT.sha256, trust=TrustStore(), now=NOW) is None
    assert recent.find("b" * 64, trust=TRUST, now=NOW) is None


def test_a_report_grows_old_and_says_nothing_about_the_past() -> None:
    recent = RecentReports(lifetime=timedelta(minutes=10))
    recent.keep(REPORT, trust=TRUST, now=NOW)
    assert recent.find(REPORT.sha256, trust=TRUST, now=NOW + timedelta(minutes=10)) is None
    assert recent.find(REPORT.sha256, trust=TRUST, now=NOW - timedelta(seconds=1)) is None


def test_the_one_that_nobody_asked_for_goes_first() -> None:
    recent = RecentReports(most=2)
    for letter in "abc":
        recent.keep(Report(Integrity.UNSIGNED, sha256=letter), trust=TRUST, now=NOW)
        assert recent.find("a", trust=TRUST, now=NOW) is not None
    assert recent.find("b", trust=TRUST, now=NOW) is None
    assert recent.find("c", trust=TRUST, now=NOW) is not None


def test_a_failure_is_tried_again() -> None:
    recent = RecentReports()
    recent.keep(unreadable(_l("This file cannot be read as a PDF.")), trust=TRUST, now=NOW)
    assert recent.find("", trust=TRUST, now=NOW) is None


def test_a_repeated_question_takes_at_most_a_millisecond(pki: Pki, pdf: bytes) -> None:
    signed = sign(pki, pdf)
    first = process.validate_in_process(signed, trust=pki.trust, now=NOW)
    took = []
    for _ in range(20):
        began = time.thread_time()  # of the processor: other work on the machine is not what is measured
        again = process.validate_in_process(signed, trust=pki.trust, now=NOW)
        took.append(time.thread_time() - began)
        assert again is first
    assert min(took) <= 0.001
