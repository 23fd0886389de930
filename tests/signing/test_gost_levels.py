"""GOST at every level: OCSP, lists and time stamps that are signed by GOST as well, from services of our own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from cryptography import x509

from docflow.signing import der, etsi, levels, pades
from docflow.signing.base import CADES, PKCS7
from docflow.signing.gost import names
from docflow.signing.levels import Revoked, TrustServices, raised, stamped
from docflow.signing.report import Integrity, Level, Report
from docflow.signing.responders import RunningServices
from docflow.signing.revocation import RevocationSource
from docflow.signing.timestamps import TimeStamper
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from docflow.signing.wire import Client, Unavailable
from tests.signing.gost_authority import GostAuthority, Holder
from tests.signing.pki import NOW, RECTOR, Pki, sign

RESERVE = 24_000


@dataclass
class Place:
    authority: GostAuthority
    running: RunningServices
    clock: list[datetime]

    def services(self, policy: str = names.STAMPED) -> TrustServices:
        client, trust = Client(), self.authority.trust
        stamper = TimeStamper(f"{self.running.address}/tsa", client=client, trust=lambda: trust, policy=policy)
        issuer = x509.load_der_x509_certificate(self.authority.issuer.certificate)
        return TrustServices(client, RevocationSource(client=client), lambda: trust, stamper, (issuer,))

    def sign(
        self,
        pdf: bytes,
        *,
        services: TrustServices | None = None,
        subfilter: str = CADES,
        holder: Holder | None = None,
    ) -> bytes:
        prepared = pades.prepare(pdf, field="head", when=NOW, reserve=RESERVE, subfilter=subfilter)
        when = NOW if subfilter == PKCS7 else None
        made = self.authority.sign(prepared.signed_bytes(), holder=holder, when=when)
        if services is not None:
            assert services.stamper is not None
            made, _stamp = stamped(made, services.stamper)
        return pades.embed(prepared, made)

    def judge(self, pdf: bytes, *, at: datetime | None = None, online: bool = False) -> Report:
        return validate(pdf, trust=self.authority.trust, now=at or self.clock[0], online=online)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    clock = [NOW]
    authority = GostAuthority(clock=lambda: clock[0])
    with RunningServices(authority) as running:
        authority.open(running.address)
        yield Place(authority, running, clock)


@pytest.fixture(scope="module")
def rungs(place: Place, pdf: bytes) -> dict[Level, bytes]:
    services = place.services()
    made = {Level.B: place.sign(pdf), Level.T: place.sign(pdf, services=services)}
    place.clock[0] = NOW + timedelta(minutes=1)
    made |= {level: raised(made[Level.T], level, services, now=place.clock[0]) for level in (Level.LT, Level.LTA)}
    place.clock[0] = NOW
    return made


@pytest.mark.parametrize(
    ("level", "conclusion"),
    [
        (Level.B, "INDETERMINATE (TRY_LATER)"),
        (Level.T, "INDETERMINATE (TRY_LATER)"),
        (Level.LT, "TOTAL-PASSED"),
        (Level.LTA, "TOTAL-PASSED"),
    ],
)
def test_each_level_is_told_by_its_name(place: Place, rungs: dict[Level, bytes], level: Level, conclusion: str) -> None:
    report = place.judge(rungs[level], at=NOW + timedelta(minutes=2))
    first = report.signatures[0]
    assert (report.integrity, first.level, first.conclusion.name) == (Integrity.INTACT, level, conclusion)
    assert levels.level_of(rungs[level]) is level
    assert first.time_is_proven is (level is not Level.B)


def test_the_archive_outlives_its_signer(place: Place, pdf: bytes) -> None:
    """His certificate and the answers about it have run out; the time stamp of the archive still proves what was."""
    holder = place.authority.issue(RECTOR, days=30)
    signed = place.sign(pdf, services=place.services(), holder=holder)
    archived = raised(signed, Level.LTA, place.services(), now=NOW)
    late = NOW + timedelta(days=200)
    assert place.judge(archived, at=late).signatures[0].conclusion.name == "TOTAL-PASSED"
    bare = place.judge(place.sign(pdf, holder=holder), at=late).signatures[0].conclusion.name
    assert bare == "INDETERMINATE (OUT_OF_BOUNDS_NO_POE)"
    assert place.judge(signed, at=late).signatures[0].conclusion.sub is not None


def test_one_paper_holds_signatures_of_both_worlds(place: Place, pki: Pki, pdf: bytes) -> None:
    """By ECDSA first, by GOST over it; each by its own root, the first told as followed by another signature."""
    both = place.sign(sign(pki, pdf, field="clerk"))
    trust = TrustStore((*place.authority.trust.roots, *pki.trust.roots))
    report = validate(both, trust=trust, now=NOW, online=True)
    assert [each.conclusion.name for each in report.signatures] == ["TOTAL-PASSED"] * 2
    assert [each.certificate.algorithm for each in report.signatures] == ["EC 256", names.LABEL]
    alone = validate(both, trust=pki.trust, now=NOW)
    assert [each.trusted for each in alone.signatures] == [True, False]


def test_the_report_of_the_standard_holds_the_national_digest(place: Place, rungs: dict[Level, bytes]) -> None:
    told = etsi.xml(place.judge(rungs[Level.LT]), now=NOW).decode()
    assert "gostr34112015-512" in told


def test_the_responder_is_asked_where_that_is_allowed(place: Place, rungs: dict[Level, bytes]) -> None:
    assert place.judge(rungs[Level.B], online=True).signatures[0].conclusion.name == "TOTAL-PASSED"


def test_a_revoked_key_is_found_out(place: Place, pdf: bytes) -> None:
    signed, services = place.sign(pdf, services=place.services()), place.services()
    place.authority.revoked[place.authority.person.serial] = NOW - timedelta(hours=1)
    try:
        with pytest.raises(Revoked):
            raised(signed, Level.LT, services, now=NOW)
        found = place.judge(signed, online=True).signatures[0].conclusion.name
        assert found == "INDETERMINATE (REVOKED_NO_POE)"
    finally:
        place.authority.revoked.clear()


def test_the_stamp_is_over_streebog_where_the_policy_wants_it(place: Place, pdf: bytes) -> None:
    for policy, algorithm in ((names.STAMPED, names.STREEBOG_512), ("1.2.398.3.3.2.6.2", "2.16.840.1.101.3.4.2.1")):
        place.authority.asked_algorithms.clear()
        lta = raised(place.sign(pdf), Level.LTA, place.services(policy), now=NOW)
        assert set(place.authority.asked_algorithms) == {der.oid(algorithm)}
        assert levels.level_of(lta) is Level.LTA
        assert [each.intact for each in place.judge(lta).signatures] == [True, True, True]


def test_a_forged_stamp_a_forged_answer_and_a_forged_list_are_not_taken(place: Place, pdf: bytes) -> None:
    """The centre's names, other keys."""
    other = GostAuthority(clock=lambda: place.clock[0])
    with RunningServices(other) as running:
        other.open(running.address)
        client, trust = Client(), place.authority.trust
        stamper = TimeStamper(f"{running.address}/tsa", client=client, trust=lambda: trust, policy=names.STAMPED)
        with pytest.raises(Unavailable):
            stamped(place.authority.sign(b"x"), stamper)
        source = RevocationSource(client=client, ocsp_url=f"{running.address}/ocsp")
        own, issuer, root = (
            x509.load_der_x509_certificate(each.certificate)
            for each in (place.authority.person, place.authority.issuer, place.authority.root)
        )
        with pytest.raises(Unavailable):
            source.ask(own, issuer, now=NOW)
    theirs = x509.load_der_x509_certificate(other.issuer.certificate)  # names the list of the other root
    with RunningServices(place.authority) as running, pytest.raises(Unavailable):
        source.ask(theirs, root, now=NOW)


def test_a_paper_of_ncalayer_is_stamped_and_no_baseline(place: Place, pdf: bytes) -> None:
    """The time of signing stands in it, which EN 319 142-1 forbids: genuine, with a stamp, without a level's name."""
    signed = place.sign(pdf, services=place.services(), subfilter=PKCS7)
    report = place.judge(signed, online=True).signatures[0]
    assert (report.intact, report.level, report.conclusion.name) == (True, Level.NONE, "TOTAL-PASSED")
