"""Whole documents through each way to sign, as the settings enable them: own keys, seal, another's package."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import Conflict, NotFound, ProviderError
from docflow.core.messages import Message, translated_by
from docflow.services import archiving, documents, environment, levels, signing
from docflow.signing.base import Signer
from docflow.signing.demo import DemoAuthority, issue_key, load_key
from docflow.signing.gost import keyfile, names
from docflow.signing.ncalayer import NcaLayer
from docflow.signing.report import Level
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from tests.services import world
from tests.services.world import NOW, WKU
from tests.signing.gost_authority import GostAuthority, key_file
from tests.signing.pki import Pki
from tests.signing.ways import at_the_machine, seal_file

Awaiting = tuple[Settings, list[int]]
SECRET = "мөр-құпиясы"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translated_by(str):
        yield


def key_of(settings: Settings, signer: Signer) -> Any:
    path = DemoAuthority(settings.demo_authority_dir).key_file(iin=signer.iin, bin=signer.bin)
    return load_key(path, pin=demo.PIN)


def reply_of(settings: Settings, session_id: str) -> dict[str, Any]:
    """What the page would bring: it asks the program on the signer's machine."""
    challenge, contents = signing.contents(session_id, actor=WKU.actor("rector"))
    return at_the_machine(_ncalayer(), key_of(settings, challenge.signer))(challenge, contents)


def _ncalayer() -> NcaLayer:
    provider = environment.current().providers["ncalayer"]
    assert isinstance(provider, NcaLayer)
    return provider


@pytest.fixture
def with_ncalayer(awaiting: Awaiting) -> Iterator[Awaiting]:
    settings, certificates = awaiting
    with world.running(replace(settings, signature_providers=("demo", "ncalayer"))):
        yield settings, certificates


def test_certificates_and_annexes_are_signed_with_the_persons_own_key(with_ncalayer: Awaiting) -> None:
    settings, certificates = with_ncalayer
    rector = WKU.actor("rector")
    waiting = [each.document_id for each in signing.queue(actor=rector)]
    session = signing.begin(waiting, "ncalayer", actor=rector, now=NOW)
    reply = reply_of(settings, session.id)
    results = signing.complete(session.id, reply, actor=rector, now=NOW + timedelta(minutes=2))
    assert [each.outcome for each in results] == ["signed"] * len(waiting)
    assert signing.queue(actor=rector) == []
    again = signing.complete(session.id, reply, actor=rector, now=NOW + timedelta(minutes=3))
    assert [each.as_json() for each in again] == [each.as_json() for each in results], "nothing is signed twice"
    document = documents.load(certificates[0])
    assert document.state == "in_force"
    pdf = archiving.read(document.paper_sha256 or "")
    trust = TrustStore.load(DemoAuthority(settings.demo_authority_dir).trust)
    report = validate(pdf, trust=trust, now=NOW + timedelta(minutes=3))
    assert [each.code for each in report.all_findings() if each.severity == "error"] == []
    (slot,) = signing.slots(document)
    assert slot.certificate["form"] == "adbe.pkcs7.detached"
    words = "CMS signature in a PDF (adbe.pkcs7.detached), not a PAdES baseline level"
    assert [(each.level, each.form) for each in report.signatures] == [(Level.NONE, Message(words))]
    shown = levels.shown(document)
    assert shown is not None
    assert (shown.name, shown.form) == ("", Message(words))


def test_a_batch_that_broke_off_keeps_what_was_signed_and_goes_on(with_ncalayer: Awaiting) -> None:
    settings, _ = with_ncalayer
    rector = WKU.actor("rector")
    waiting = [each.document_id for each in signing.queue(actor=rector)]
    session = signing.begin(waiting, "ncalayer", actor=rector, now=NOW)
    reply = reply_of(settings, session.id)
    (answer,) = reply["answers"]
    signed = [
        {"ids": [name], "answer": {"status": True, "body": {"result": [signature]}}}
        for name, signature in zip(answer["ids"][:2], answer["answer"]["body"]["result"], strict=False)
    ]
    results = signing.complete(session.id, {"answers": signed}, actor=rector, now=NOW)
    assert sorted(each.outcome for each in results) == ["signed"] * 2 + ["waits"] * (len(waiting) - 2)
    assert len(signing.queue(actor=rector)) == len(waiting) - 2
    done = signing.complete(session.id, reply_of(settings, session.id), actor=rector, now=NOW)
    assert [each.outcome for each in done] == ["signed"] * len(waiting)
    assert signing.queue(actor=rector) == []


def test_signatures_of_another_session_sign_nothing(with_ncalayer: Awaiting) -> None:
    settings, (one, two, *_) = with_ncalayer
    rector = WKU.actor("rector")
    first = signing.begin([one], "ncalayer", actor=rector, now=NOW)
    second = signing.begin([two], "ncalayer", actor=rector, now=NOW)
    (foreign,) = reply_of(settings, first.id)["answers"]
    mine = {"answers": [{**foreign, "ids": [str(second.items[0]["signature_id"])]}]}
    with pytest.raises(ProviderError, match="belongs to another document"):
        signing.complete(second.id, mine, actor=rector, now=NOW)
    assert documents.load(two).state == "to_sign"


def test_the_bytes_to_sign_are_for_the_signer_alone_and_for_open_sessions(with_ncalayer: Awaiting) -> None:
    settings, (first, *_) = with_ncalayer
    rector, clerk = WKU.actor("rector"), WKU.actor("clerk")
    session = signing.begin([first], "ncalayer", actor=rector, now=NOW)
    with pytest.raises(NotFound):
        signing.dialogue(session.id, actor=clerk, locale="kk")
    told = signing.dialogue(session.id, actor=rector, locale="kk")
    assert told["address"] == "wss://127.0.0.1:13579"
    assert set(told["problems"]) == {"not-running", "closed"}
    signing.complete(session.id, reply_of(settings, session.id), actor=rector, now=NOW)
    with pytest.raises(Conflict):
        signing.dialogue(session.id, actor=rector, locale="kk")
    other = signing.begin([with_ncalayer[1][1]], "demo", actor=rector, now=NOW)
    with pytest.raises(NotFound, match="not enabled"):
        signing.dialogue(other.id, actor=rector, locale="kk")


def _sealing(settings: Settings, path: Path, *, capacities: tuple[str, ...] = ("head_or_acting",)) -> Settings:
    return replace(
        settings,
        signature_providers=("demo", "pkcs12"),
        seal_capacities=capacities,
        seal_key=path,
        seal_password=SECRET,
    )


def test_the_organisation_seals_what_it_signs_as_a_legal_person(awaiting: Awaiting, tmp_path: Path) -> None:
    settings, (first, second, *_) = awaiting
    rector = WKU.actor("rector")
    bin = documents.load(first).organisation.bin
    authority = Pki(DemoAuthority(settings.demo_authority_dir), None, None)  # type: ignore[arg-type]
    path = seal_file(authority, tmp_path / "seal.p12", bin=bin, password=SECRET, now=NOW)
    with world.running(_sealing(settings, path)):
        session = signing.begin([first], "pkcs12", actor=rector, now=NOW)
        (result,) = signing.complete(session.id, {}, actor=rector, now=NOW)
        assert result.outcome == "signed"
        (slot,) = signing.slots(documents.load(first))
        assert slot.certificate["subject"] == "Батыс университеті"
        assert slot.signer_name == rector.name, "the paper names who had it sealed"
    with world.running(_sealing(settings, path, capacities=())), pytest.raises(ProviderError, match="for a person"):
        signing.begin([second], "pkcs12", actor=rector, now=NOW)


MODULE = "signatures_of_a_neighbour"
SOURCE = '''
"""Signs with key files that lie in a directory of its own; knows docflow by its public contract only."""
from pathlib import Path
from docflow.core.messages import _l
from docflow.signing.base import CADES, LIFETIME, Answer, Challenge, challenge_id, refuse_expired
from docflow.signing.demo import load_key


class Neighbour:
    name, title, demo, reserve, asks, subfilter = "neighbour", _l("Neighbour"), False, 4096, "pin", CADES

    def __init__(self, directory):
        self.directory = Path(directory)

    def challenge(self, requests, *, signer, now):
        return Challenge(
            id=challenge_id(self.name, requests, signer=signer, now=now), provider=self.name, signer=signer,
            items=tuple(requests), asks=self.asks, instructions=_l("Enter the PIN."), expires_at=now + LIFETIME,
        )

    def answer(self, challenge, reply, *, now):
        refuse_expired(challenge, now=now)
        key = load_key(self.directory / "only.p12", pin=reply["pin"])
        return tuple(Answer(item, key.sign(item.digest)) for item in challenge.items)


def open_provider(settings):
    return Neighbour(settings["directory"])
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A distribution as an installer would leave it, on the path of modules."""
    place = tmp_path / "site"
    information = place / "neighbour-1.0.dist-info"
    information.mkdir(parents=True)
    (place / f"{MODULE}.py").write_text(SOURCE, encoding="utf-8")
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: neighbour\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        f"[docflow.signature_providers]\nneighbour = {MODULE}:open_provider\n"
    )
    monkeypatch.syspath_prepend(place)
    yield tmp_path
    sys.modules.pop(MODULE, None)


def test_a_package_of_somebody_else_signs_when_a_setting_enables_it(awaiting: Awaiting, package: Path) -> None:
    settings, (first, *_) = awaiting
    rector = WKU.actor("rector")
    signature = signing.queue(actor=rector)[0]
    kept = DemoAuthority(settings.demo_authority_dir)
    bin = signature.document.organisation.bin
    shutil.copyfile(kept.key_file(iin=signature.person.iin or "", bin=bin), package / "only.p12")
    enabled = replace(
        settings,
        signature_providers=("demo", "neighbour"),
        provider_settings=(f"neighbour.directory={package}", "another.word=x"),
    )
    with world.running(enabled):
        assert [each.name for each in signing.providers(actor=rector)] == ["demo", "neighbour"]
        session = signing.begin([first], "neighbour", actor=rector, now=NOW)
        (result,) = signing.complete(session.id, {"pin": demo.PIN}, actor=rector, now=NOW)
        assert result.outcome == "signed"
    with pytest.raises(NotFound, match="not enabled"):
        signing.begin([first], "neighbour", actor=rector, now=NOW)


def test_a_key_that_does_not_fit_is_refused_whatever_a_package_returns(awaiting: Awaiting, package: Path) -> None:
    """The provider is not believed: the certificate in the file is judged again after embedding."""
    settings, (first, *_) = awaiting
    place = settings.demo_authority_dir
    other = issue_key(place, person="Бөтен Адам", iin="600606300059", pin=demo.PIN, now=world.INSTALLED)
    shutil.copyfile(other, package / "only.p12")
    rector = WKU.actor("rector")
    enabled = replace(
        settings, signature_providers=("demo", "neighbour"), provider_settings=(f"neighbour.directory={package}",)
    )
    with world.running(enabled):
        session = signing.begin([first], "neighbour", actor=rector, now=NOW)
        (result,) = signing.complete(session.id, {"pin": demo.PIN}, actor=rector, now=NOW)
        assert result.outcome == "failed"
        assert "another person" in str(result.message)
        assert documents.load(first).state == "to_sign"


def gost_key(centre: GostAuthority, signer: Signer) -> keyfile.GostKey:
    """As ``docflow signer`` opens it from a file."""
    made = key_file(centre.issue(signer), [centre.issuer.certificate], password=SECRET)
    return keyfile.read(made, password=SECRET)


def pin(settings: Settings, centre: GostAuthority) -> None:
    settings.trust_dir.mkdir(exist_ok=True)
    (settings.trust_dir / "gost-root.pem").write_bytes(pem.armor("CERTIFICATE", centre.root.certificate))


def test_a_certificate_is_signed_with_a_national_gost_key(with_ncalayer: Awaiting) -> None:
    """From the sign page to the verdict: the socket's answer is checked, embedded, and judged by a pinned GOST root."""
    settings, (first, second, *_) = with_ncalayer
    rector, centre = WKU.actor("rector"), GostAuthority(now=NOW)
    centre.open()
    session = signing.begin([first, second], "ncalayer", actor=rector, now=NOW)
    challenge, contents = signing.contents(session.id, actor=rector)
    reply = at_the_machine(_ncalayer(), gost_key(centre, challenge.signer))(challenge, contents)
    with pytest.raises(ProviderError, match="leads to no root that is trusted here"):
        signing.complete(session.id, reply, actor=rector, now=NOW)
    pin(settings, centre)
    results = signing.complete(session.id, reply, actor=rector, now=NOW)
    assert [each.outcome for each in results] == ["signed", "signed"]
    document = documents.load(first)
    (slot,) = signing.slots(document)
    assert slot.certificate["form"] == "adbe.pkcs7.detached"
    report = validate(archiving.read(document.paper_sha256 or ""), trust=centre.trust, now=NOW)
    assert [each.conclusion.name for each in report.signatures] == ["TOTAL-PASSED"]
    assert report.signatures[0].bin == challenge.signer.bin
    assert report.signatures[0].certificate.algorithm == names.LABEL


def test_a_gost_signature_over_another_document_signs_nothing(with_ncalayer: Awaiting) -> None:
    """Its digest is no SHA-256: what was covered is found out when it is embedded."""
    settings, (first, second, *_) = with_ncalayer
    rector, centre = WKU.actor("rector"), GostAuthority(now=NOW)
    centre.open()
    pin(settings, centre)
    session = signing.begin([first, second], "ncalayer", actor=rector, now=NOW)
    challenge, contents = signing.contents(session.id, actor=rector)
    key, (one, two) = gost_key(centre, challenge.signer), contents.items()
    crossed = at_the_machine(_ncalayer(), key)(challenge, {one[0]: two[1], two[0]: two[1]})
    results = signing.complete(session.id, crossed, actor=rector, now=NOW)
    assert sorted(each.outcome for each in results) != ["signed", "signed"]
    states = {documents.load(first).state, documents.load(second).state}
    assert "to_sign" in states
