"""B-B, B-T, B-LT and B-LTA against trust services that answer on loopback, judged by pyHanko and others."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate, AdESPassed, AdESSubIndic
from pyhanko.sign.validation.ades import ades_lta_validation, simulate_future_ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy, RevocationCheckingRule
from pyhanko_certvalidator.registry import SimpleTrustManager

from docflow.core.errors import ProviderError
from docflow.signing import cms, demo, levels, pades
from docflow.signing.chains import chain_of
from docflow.signing.increment import Unsupported
from docflow.signing.indications import Indication
from docflow.signing.levels import Revoked
from docflow.signing.report import Changes, Integrity, Level
from docflow.signing.revocation import read_ocsp
from docflow.signing.timestamps import TimeStamper, parse_time, read_stamp
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from docflow.signing.wire import Client, Unavailable
from tests.signing.pki import NOW, paper
from tests.signing.stamped import Town, town

LATER = NOW + timedelta(minutes=1)


@pytest.fixture(scope="module", params=["P-256", "RSA-2048"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town"), algorithm=request.param) as made:
        yield made


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One kind of key, for what has nothing to do with keys."""
    with town(tmp_path_factory.mktemp("small")) as made:
        yield made


@pytest.fixture(autouse=True)
def _time_begins_anew(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    for name in ("place", "small"):
        if name in request.fixturenames:
            made = request.getfixturevalue(name)
            made.clock.now = NOW
            (made.authority.directory / "revoked.json").unlink(missing_ok=True)
            made.services = made.asking()


def ades(pdf: bytes, trust: TrustStore, at: datetime, *, future: datetime | None = None) -> AdESSubIndic:
    """pyHanko's own verdict by EN 319 102-1 with archival data, offline, with revocation demanded of everybody."""
    rule = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
    manager = SimpleTrustManager.build(trust_roots=[asn1_x509.Certificate.load(each) for each in trust.roots])
    revocation = CertRevTrustPolicy(RevocationCheckingPolicy(ee_certificate_rule=rule, intermediate_ca_cert_rule=rule))
    rules = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(trust_manager=manager, revinfo_policy=revocation),
            key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation"}),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY
            ),
        )
    )
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
    if future is not None:
        told = asyncio.run(simulate_future_ades_lta_validation(signature, rules, future))
    else:
        moment = ValidationTimingInfo(at, at, point_in_time_validation=False)
        told = asyncio.run(ades_lta_validation(signature, rules, timing_info=moment))
    return told.ades_subindic


def judge(program: str, *arguments: str | Path) -> str:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not asked: it is not installed")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("level", levels.ORDER[1:])
def test_every_level_is_what_it_says(place: Town, pdf: bytes, level: Level) -> None:
    signed = place.sign(pdf, level)
    assert signed.startswith(pdf)
    assert levels.level_of(signed) is level
    report = validate(signed, trust=place.trust, now=LATER)
    first = report.signatures[0]
    assert report.integrity is Integrity.INTACT
    assert (first.level, first.intact, first.trusted) == (level, True, True)
    assert first.time_is_proven is (level is not Level.B)
    assert first.changes in (Changes.NONE, Changes.LTA)


def test_archived_passes_with_pyhanko_when_nobody_answers_any_more(place: Town, pdf: bytes) -> None:
    archived = place.sign(pdf, Level.LTA)
    assert ades(archived, place.trust, LATER) is AdESPassed.OK
    for year in (2027, 2029, 2033):  # the demo's certificates end in 2028, its time stamps in 2036
        future = datetime(year, 12, 1, tzinfo=UTC)
        assert ades(archived, place.trust, LATER, future=future) is AdESPassed.OK


def test_below_the_archive_pyhanko_says_that_something_is_missing(small: Town, pdf: bytes) -> None:
    assert ades(small.sign(pdf, Level.T), small.trust, LATER) is not AdESPassed.OK
    proven = small.sign(pdf, Level.LT)
    assert ades(proven, small.trust, LATER) in (AdESPassed.OK, AdESIndeterminate.NO_POE)


def test_raising_step_by_step_ends_where_raising_at_once_does(small: Town, pdf: bytes) -> None:
    step = small.sign(pdf, Level.B)
    for level in levels.ORDER[2:]:
        before, step = step, levels.raised(step, level, small.services, now=NOW)
        assert step.startswith(before)
        assert levels.level_of(step) is level
    assert levels.raised(step, Level.LTA, small.services, now=NOW) == step
    at_once = levels.raised(small.sign(pdf, Level.B), Level.LTA, small.services, now=NOW)
    assert levels.level_of(at_once) is Level.LTA
    report = validate(at_once, trust=small.trust, now=LATER)
    assert report.integrity is Integrity.INTACT
    assert report.signatures[0].level is Level.LTA
    assert report.signatures[0].time_is_proven


def test_two_signers_are_raised_together(small: Town, pdf: bytes) -> None:
    first = small.sign(pdf, Level.T)
    both = small.sign(first, Level.B, key=small.trainer, slot="trainer")
    assert levels.level_of(both) is Level.B, "the weakest of them counts"
    raised = levels.raised(both, Level.LTA, small.services, now=NOW)
    report = validate(raised, trust=small.trust, now=LATER)
    of_people = [each for each in report.signatures if each.field in ("head", "trainer")]
    assert [each.level for each in of_people] == [Level.LTA, Level.LTA]
    assert all(each.intact and each.trusted for each in report.signatures)


def test_who_signs_after_the_archive_takes_the_level_down(small: Town, pdf: bytes) -> None:
    archived = small.sign(pdf, Level.LTA)
    after = small.sign(archived, Level.T, key=small.trainer, slot="trainer")
    assert levels.level_of(after) is Level.T
    again = levels.raised(after, Level.LTA, small.services, now=NOW)
    assert levels.level_of(again) is Level.LTA
    assert validate(again, trust=small.trust, now=LATER).integrity is Integrity.INTACT


def test_a_file_of_another_shape_goes_through_pyhanko(small: Town, pdf: bytes) -> None:
    signed = small.sign(pdf, Level.T)
    with (
        patch.object(levels, "Reader", side_effect=Unsupported),
        patch.object(levels, "add_signature", side_effect=Unsupported),
    ):
        assert levels.level_of(signed) is Level.T
        raised = levels.raised(signed, Level.LTA, small.services, now=NOW)
        assert levels.level_of(raised) is Level.LTA
    assert levels.level_of(raised) is Level.LTA, "both ways of reading agree"
    assert ades(raised, small.trust, LATER) is AdESPassed.OK


def test_other_judges_accept_the_archive(place: Town, pdf: bytes, tmp_path: Path) -> None:
    file = tmp_path / "archived.pdf"
    file.write_bytes(place.sign(pdf, Level.LTA))
    assert "Signature is Valid" in judge("pdfsig", "-nocert", file)
    assert "No syntax or stream encoding errors found" in judge("qpdf", "--check", file)


# Revocation


def test_a_certificate_that_was_revoked_before_is_not_raised(small: Town, pdf: bytes) -> None:
    signed = small.sign(pdf, Level.T)
    small.authority.revoke(small.rector.certificate.serial_number, at=NOW - timedelta(days=1))
    small.services = small.asking()
    with pytest.raises(Revoked):
        levels.raised(signed, Level.LTA, small.services, now=NOW)


def test_a_certificate_that_was_revoked_later_has_signed_well(small: Town, pdf: bytes) -> None:
    """The proven time of signing counts, not the time of looking."""
    signed = small.sign(pdf, Level.T)
    small.authority.revoke(small.rector.certificate.serial_number, at=NOW + timedelta(hours=1))
    small.clock.now = NOW + timedelta(hours=2)
    small.services = small.asking()
    raised = levels.raised(signed, Level.LTA, small.services, now=small.clock.now)
    assert levels.level_of(raised) is Level.LTA
    report = validate(raised, trust=small.trust, now=small.clock.now + timedelta(minutes=1))
    assert report.signatures[0].trusted


def test_validation_sees_a_revoked_certificate(small: Town, pdf: bytes) -> None:
    """Nobody stopped it: raised by somebody who does not look, with the authority's own word inside."""
    signed = small.sign(pdf, Level.T)
    small.authority.revoke(small.rector.certificate.serial_number, at=NOW - timedelta(days=1))
    small.services = small.asking()
    with patch.object(levels.Evidence, "is_revoked", return_value=False):
        raised = levels.raised(signed, Level.LTA, small.services, now=NOW)
    (first, *_) = validate(raised, trust=small.trust, now=LATER).signatures
    assert first.intact
    assert not first.trusted
    assert first.conclusion.indication is not Indication.PASSED
    assert {finding.code for finding in first.findings} == {"revoked"}
    assert ades(raised, small.trust, LATER) is not AdESPassed.OK


def test_a_list_answers_where_the_responder_does_not(small: Town, pdf: bytes) -> None:
    source = small.services.revocation
    chain = small.services.chain(small.rector.certificate, small.rector.chain)
    with patch("docflow.signing.revocation.ocsp_address", return_value="http://127.0.0.1:9/ocsp"):
        found = source.ask(chain[0], chain[1], now=NOW)
    assert found.crl
    assert not found.ocsp
    assert found.revoked_at is None
    small.authority.revoke(small.rector.certificate.serial_number, at=NOW)
    with patch("docflow.signing.revocation.ocsp_address", return_value="http://127.0.0.1:9/ocsp"):
        assert small.asking().revocation.ask(chain[0], chain[1], now=NOW).revoked_at == NOW


def test_an_answer_of_the_responder_is_checked(small: Town, tmp_path: Path) -> None:
    chain = small.services.chain(small.rector.certificate, small.rector.chain)
    answer = small.services.revocation.ask(chain[0], chain[1], now=NOW).ocsp
    assert read_ocsp(answer, chain[0], chain[1], now=NOW).revoked_at is None
    damaged = answer[:-40] + bytes((answer[-40] ^ 1,)) + answer[-39:]
    trainer = small.trainer.certificate
    other = demo.create(tmp_path / "other", now=NOW).open_issuer()[0]
    for case in (
        lambda: read_ocsp(damaged, chain[0], chain[1], now=NOW),
        lambda: read_ocsp(answer, trainer, chain[1], now=NOW),
        lambda: read_ocsp(answer, chain[0], other, now=NOW),
        lambda: read_ocsp(answer, chain[0], chain[1], now=NOW + timedelta(days=2)),
        lambda: read_ocsp(answer, chain[0], chain[1], now=NOW - timedelta(days=2)),
        lambda: read_ocsp(answer, chain[0], chain[1], now=NOW, nonce=b"another nonce"),
        lambda: read_ocsp(b"\x30\x03\x0a\x01\x03", chain[0], chain[1], now=NOW),
        lambda: read_ocsp(b"nonsense", chain[0], chain[1], now=NOW),
    ):
        with pytest.raises(Unavailable):
            case()


def test_a_certificate_that_names_nobody_is_told(small: Town, pdf: bytes, tmp_path: Path) -> None:
    place = demo.create(tmp_path / "silent", now=NOW)
    path = demo.issue_key(place.directory, person="Үміт Ән", iin="900101300017", pin="1", now=NOW)
    key = demo.load_key(path, pin="1")
    trusting = TrustStore((*small.trust.roots, *TrustStore.load(place.trust).roots))
    small.trust, known = trusting, small.trust
    try:
        signed = small.sign(pdf, Level.T, key=key)
        with pytest.raises(Unavailable, match="names no service"):
            levels.raised(signed, Level.LTA, small.services, now=NOW)
    finally:
        small.trust = known


# Time stamps


def test_a_stamp_tells_the_time_of_its_authority(small: Town) -> None:
    digest = hashlib.sha256(b"paper").digest()
    assert small.services.stamper is not None
    small.clock.now = datetime(2026, 11, 20, 23, 59, 59, 600_000, tzinfo=UTC)
    stamp = small.services.stamper.stamp(digest)
    assert stamp.at == datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)
    assert stamp.imprint == digest
    assert parse_time(b"20261120235959.25Z").microsecond == 250_000


def test_a_stamp_of_somebody_else_is_refused(small: Town, tmp_path: Path) -> None:
    """Another authority answers at our address: its tokens lead to a root that is not pinned."""
    digest = hashlib.sha256(b"paper").digest()
    with town(tmp_path / "other") as other:
        stranger = TimeStamper(f"{other.running.address}/tsa", client=Client(), trust=lambda: small.trust)
        with pytest.raises(Unavailable, match="root"):
            stranger.stamp(digest)
        assert other.services.stamper is not None
        stamp = other.services.stamper.stamp(digest)
    assert not chain_of(stamp.certificate, pool=stamp.certificates, trust=small.trust)


def test_a_damaged_or_foreign_token_is_none(small: Town, pdf: bytes) -> None:
    assert small.services.stamper is not None
    token = small.services.stamper.stamp(hashlib.sha256(b"paper").digest()).token
    assert read_stamp(token).token == token
    at = token.index(hashlib.sha256(b"paper").digest())
    for broken in (
        token[:at] + b"\0" + token[at + 1 :],
        token[:-8] + bytes((token[-8] ^ 1,)) + token[-7:],
        small.rector.sign(b"\0" * 32),
        b"nonsense",
    ):
        with pytest.raises(ProviderError):
            read_stamp(broken)
    own = small.rector.sign(b"\0" * 32)
    wrong = cms.with_unsigned_attribute(own, levels.TIME_STAMP_TOKEN, token)
    assert levels.stamp_in(wrong) is None, "a stamp over something else proves nothing"
    assert cms.without_unsigned_attributes(wrong) == own


def test_stamping_changes_nothing_that_was_signed(small: Town, pdf: bytes) -> None:
    prepared = pades.prepare(pdf, field="head", when=NOW)
    bare = small.rector.sign(prepared.digest)
    assert small.services.stamper is not None
    stamped, stamp = levels.stamped(bare, small.services.stamper)
    assert cms.read_cms(stamped) == cms.read_cms(bare)
    assert stamp.at == NOW
    assert levels.stamped(stamped, small.services.stamper)[0] == stamped, "one stamp is enough"
    with pytest.raises(ProviderError, match="too large"):
        pades.embed(pades.prepare(pdf, field="head", when=NOW, reserve=1000), stamped)


# The line to the services


def test_connections_are_kept(small: Town) -> None:
    client, before = Client(), set(small.running.connections())  # a neighbour's connection may still be closing
    seen: set[tuple[str, int]] = set()
    for _ in range(3):
        assert x509.load_der_x509_certificate(client.get(f"{small.running.address}/root.cer"))
        seen.update(small.running.connections())
    assert len(seen - before) == 1


def test_a_service_that_is_gone_is_not_asked_again_and_again(small: Town) -> None:
    client = Client(timeout=60, pause=600)
    assert client.get(f"{small.running.address}/root.crl")
    small.running.pause()
    try:
        for _ in range(3):
            with pytest.raises(Unavailable, match="does not answer"):
                client.get(f"{small.running.address}/root.crl")
    finally:
        small.running.resume()
    with pytest.raises(Unavailable, match="does not answer"):
        client.get(f"{small.running.address}/root.crl")
    client.forget_outages()
    assert client.get(f"{small.running.address}/root.crl")


def test_what_a_service_does_not_know_is_no_outage(small: Town) -> None:
    client = Client()
    with pytest.raises(Unavailable, match="HTTP 404"):
        client.get(f"{small.running.address}/other.crl")
    assert client.get(f"{small.running.address}/issuer.crl")
    for address in ("ftp://127.0.0.1/x", "nonsense", "http://"):
        with pytest.raises(Unavailable, match="address"):
            client.get(address)


def test_the_responders_refuse_nonsense(small: Town) -> None:
    client = Client()
    refused = client.post(f"{small.running.address}/ocsp", b"nonsense", content_type="application/ocsp-request")
    assert refused == b"\x30\x03\x0a\x01\x01"
    told = client.post(f"{small.running.address}/tsa", b"nonsense", content_type="application/timestamp-query")
    assert told == b"\x30\x05\x30\x03\x02\x01\x02"
    with pytest.raises(Unavailable, match="HTTP 413"):
        client.post(f"{small.running.address}/tsa", bytes(70_000), content_type="application/timestamp-query")


def test_openssl_reads_what_the_services_say(place: Town, tmp_path: Path) -> None:
    authority, digest = place.authority, hashlib.sha256(paper()).digest()
    assert place.services.stamper is not None
    token = tmp_path / "token"
    token.write_bytes(place.services.stamper.stamp(digest).token)
    checked = judge(
        "openssl", "ts", "-verify", "-token_in", "-in", token, "-digest", digest.hex(), "-CAfile", authority.root,
        "-untrusted", authority.issuer,
    )  # fmt: skip
    assert "Verification: OK" in checked
    (tmp_path / "paper").write_bytes(paper())
    # OpenSSL and others write the digest's algorithm with a NULL behind it.
    judge("openssl", "ts", "-query", "-data", tmp_path / "paper", "-sha256", "-cert", "-out", tmp_path / "query")
    question = (tmp_path / "query").read_bytes()
    answer = Client().post(f"{place.running.address}/tsa", question, content_type="application/timestamp-query")
    (tmp_path / "answer").write_bytes(answer)
    checked = judge(
        "openssl", "ts", "-verify", "-in", tmp_path / "answer", "-queryfile", tmp_path / "query",
        "-CAfile", authority.root, "-untrusted", authority.issuer,
    )  # fmt: skip
    assert "Verification: OK" in checked
    certificate = tmp_path / "rector.pem"
    certificate.write_bytes(place.rector.certificate.public_bytes(levels.serialization.Encoding.PEM))
    asked = judge(
        "openssl", "ocsp", "-issuer", authority.issuer, "-sha256", "-cert", certificate,
        "-url", f"{place.running.address}/ocsp", "-CAfile", authority.root,
        "-verify_other", authority.issuer, "-no_nonce",
    )  # fmt: skip
    assert "Response verify OK" in asked
