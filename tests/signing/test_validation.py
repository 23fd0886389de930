"""What a validation says about files that somebody has touched."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from docflow.core.checks import Axis
from docflow.core.messages import translated_by
from docflow.signing import demo, pades, process
from docflow.signing.increment import Reader
from docflow.signing.report import Changes, Integrity, Report
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from tests.signing.pki import LISTENER, NOW, PIN, RECTOR, TRAINER, Pki, mint, sign


@pytest.fixture(scope="module")
def signed(pki: Pki, pdf: bytes) -> bytes:
    return sign(pki, sign(pki, pdf), signer=TRAINER, field="trainer")


def codes(report: Report, axis: Axis = Axis.INTEGRITY) -> set[str]:
    return {finding.code for finding in report.all_findings() if finding.axis is axis}


def test_a_changed_byte_breaks_every_signature_over_it(pki: Pki, pdf: bytes, signed: bytes) -> None:
    changed = bytearray(signed)
    changed[pdf.index(b"/Lang") + 7] ^= 1
    report = validate(bytes(changed), trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.BROKEN
    assert [each.intact for each in report.signatures] == [False, False]


def test_a_change_between_two_signatures_breaks_the_second_alone(pki: Pki, pdf: bytes) -> None:
    first = sign(pki, pdf)
    second = bytearray(sign(pki, first, signer=TRAINER, field="trainer"))
    second[len(first) + second[len(first) :].index(b"/M ") + 8] ^= 1
    report = validate(bytes(second), trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.BROKEN
    assert [each.intact for each in report.signatures] == [True, False]


@pytest.mark.parametrize("tail", [b"anything", b"\n9 0 obj\n<</Evil true>>\nendobj\nxref\n0 0\ntrailer\n<<>>\n"])
def test_bytes_behind_the_last_signature_are_told(pki: Pki, signed: bytes, tail: bytes) -> None:
    report = validate(signed + tail, trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.UNDETERMINED
    assert codes(report) & {"appended-bytes", "changes-undetermined"}


def test_a_new_page_content_after_signing_is_not_harmless(pki: Pki, signed: bytes) -> None:
    report = validate(_with_other_page(signed), trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.UNDETERMINED
    assert all(each.intact for each in report.signatures)
    assert {each.changes for each in report.signatures} == {Changes.OTHER}


def _with_other_page(pdf: bytes) -> bytes:
    reader = Reader(pdf)
    number = reader.first_page()
    page = reader.dictionary(number).with_value(b"/MediaBox", b"[0 0 10 10]")
    at = len(pdf)
    body = b"%d 0 obj\n%b\nendobj\n" % (number, page.text)
    trailer = reader.trailer.with_value(b"/Prev", b"%d" % reader.start).text
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (number, at, trailer, at + len(body))
    return pdf + body + table


def test_the_cms_of_another_paper_does_not_verify(pki: Pki, pdf: bytes) -> None:
    key = demo.load_key(pki.authority.key_file(iin=RECTOR.iin, bin=RECTOR.bin), pin=PIN)
    prepared = pades.prepare(pdf, field="head", when=NOW)
    other = pades.prepare(pdf, field="head", when=NOW + timedelta(hours=1))
    report = validate(pades.embed(prepared, key.sign(other.digest)), trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.BROKEN
    assert "not-intact" in codes(report)


def test_an_empty_hole_proves_nothing(pki: Pki, pdf: bytes) -> None:
    report = validate(pades.prepare(pdf, field="head", when=NOW).pdf, trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.UNDETERMINED
    assert "unreadable-signature" in codes(report)


def test_an_unsupported_kind_is_reported_and_not_left_out(pki: Pki, pdf: bytes) -> None:
    other = sign(pki, pdf).replace(b"/ETSI.CAdES.detached", b"/ETSI.CAdES.deTached")
    report = validate(other, trust=pki.trust, now=NOW)
    assert [each.intact for each in report.signatures] == [None]
    assert report.integrity is Integrity.UNDETERMINED


def test_an_unknown_root_is_about_identity_alone(signed: bytes) -> None:
    report = validate(signed, trust=TrustStore(), now=NOW)
    assert report.integrity is Integrity.INTACT
    assert [each.trusted for each in report.signatures] == [False, False]
    assert codes(report, Axis.IDENTITY) == {"untrusted"}


def test_an_issuer_with_the_same_name_is_not_the_same(pki: Pki, pdf: bytes, tmp_path: Path) -> None:
    report = validate(sign(mint(tmp_path), pdf), trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.INTACT
    assert report.signatures[0].trusted is False


def test_an_expired_certificate_without_proof_of_time_is_not_trusted(pki: Pki, signed: bytes) -> None:
    report = validate(signed, trust=pki.trust, now=NOW + timedelta(days=900))
    assert report.integrity is Integrity.INTACT
    assert codes(report, Axis.IDENTITY) == {"expired"}


def test_an_unsigned_paper_is_unsigned_and_rubbish_unreadable(pki: Pki, pdf: bytes) -> None:
    assert validate(pdf, trust=pki.trust, now=NOW).integrity is Integrity.UNSIGNED
    report = validate(b"rubbish", trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.UNREADABLE
    assert str(report.error) == "This file cannot be read as a PDF."


def test_a_report_tells_no_iin_and_survives_json(pki: Pki, signed: bytes) -> None:
    report = validate(signed, trust=pki.trust, now=NOW)
    text = json.dumps(report.as_json(), ensure_ascii=False)
    assert RECTOR.iin not in text
    assert RECTOR.person_name in text
    assert Report.from_json(json.loads(text)) == report


def test_a_kept_report_is_read_in_another_language() -> None:
    kept = validate(b"rubbish", trust=TrustStore(), now=NOW).as_json()
    with translated_by(lambda sentence: f"kk:{sentence}"):
        assert Report.from_json(kept).as_json()["error"] == "kk:This file cannot be read as a PDF."


# -- in a process of its own


def test_the_process_gives_the_same_answer(pki: Pki, signed: bytes) -> None:
    report = process.validate_in_process(signed, trust=pki.trust, now=NOW)
    assert report == validate(signed, trust=pki.trust, now=NOW)


def test_many_threads_ask_at_once(pki: Pki, signed: bytes, pdf: bytes) -> None:
    files = [signed, pdf, b"rubbish"] * 4
    with ThreadPoolExecutor(3) as threads:
        reports = list(threads.map(lambda each: process.validate_in_process(each, trust=pki.trust, now=NOW), files))
    assert reports == [validate(each, trust=pki.trust, now=NOW) for each in files]


def test_a_worker_that_was_ended_is_started_again(pki: Pki, signed: bytes) -> None:
    with process.Validator() as validator:
        before = validator.validate(signed, trust=pki.trust, now=NOW)
        assert validator._process is not None
        validator._process.kill()
        assert validator.validate(signed, trust=pki.trust, now=NOW) == before


def test_a_file_that_takes_too_long_becomes_a_sentence(pki: Pki, signed: bytes) -> None:
    with process.Validator(timeout=0.0) as hasty:
        report = hasty.validate(signed, trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.UNREADABLE
    assert "in time" in str(report.error)
    assert report.sha256


def test_a_worker_that_needs_too_much_memory_is_stopped(pki: Pki, signed: bytes) -> None:
    with process.Validator(memory=30 << 20, timeout=30) as narrow:
        report = narrow.validate(signed, trust=pki.trust, now=NOW)
    assert report.integrity is Integrity.UNREADABLE
    assert "do harm" in str(report.error)


def test_files_get_a_report_each_in_order(pki: Pki, signed: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(signed)
    (tmp_path / "b.pdf").write_bytes(b"")
    paths = [tmp_path / "a.pdf", tmp_path / "missing.pdf", tmp_path / "b.pdf"]
    found = [each.integrity for each in process.validate_files(paths, trust=pki.trust, now=NOW)]
    assert found == [Integrity.INTACT, Integrity.UNREADABLE, Integrity.UNREADABLE]


def test_the_command_prints_a_line_of_json_a_file(
    pki: Pki, signed: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.pdf").write_bytes(signed)
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    assert process.main(["--json", str(tmp_path / "a.pdf"), str(tmp_path / "b.pdf")]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["integrity"], second["integrity"]) == ("intact", "unreadable")
    assert [each["kind"] for each in first["signatures"]] == ["signature", "signature"]
    assert process.main(["--trust", str(pki.authority.trust), str(tmp_path / "a.pdf")]) == 0
    assert "a.pdf: intact" in capsys.readouterr().out


def test_listener_signs_without_an_organisation(pki: Pki, pdf: bytes) -> None:
    report = validate(sign(pki, pdf, signer=LISTENER, field="listener"), trust=pki.trust, now=NOW)
    assert (report.signatures[0].bin, report.signatures[0].organisation) == ("", "")


def test_a_caller_inside_an_event_loop_gets_its_answer(pki: Pki, signed: bytes) -> None:
    async def ask() -> Report:
        return validate(signed, trust=pki.trust, now=NOW)

    assert asyncio.run(ask()).integrity is Integrity.INTACT
