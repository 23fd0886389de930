"""The demo authority's keys, and the provider that uses them."""

from __future__ import annotations

import json
import logging
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from docflow.core.errors import ProviderError
from docflow.signing import authority, base, demo, pades, providers
from docflow.signing.demo_keys import DemoKeys
from tests.signing.pki import BIN, LISTENER, NOW, PIN, RECTOR, Pki, request


def test_creating_twice_changes_nothing(pki: Pki) -> None:
    before = pki.authority.root.read_bytes(), pki.authority.issuer.read_bytes()
    demo.create(pki.authority.directory, now=NOW + timedelta(days=1))
    assert before == (pki.authority.root.read_bytes(), pki.authority.issuer.read_bytes())


def test_a_key_is_issued_once_and_again_when_something_changes(pki: Pki) -> None:
    def issue(pin: str, *roles: str, day: int = 0) -> bytes:
        person = {"person": "Асан Үсен", "iin": "700101300048", "bin": BIN, "organisation": "Университет"}
        path = demo.issue_key(pki.authority.directory, **person, roles=roles, pin=pin, now=NOW + timedelta(days=day))
        return path.read_bytes()

    first = issue("1111")
    assert issue("1111") == first
    second = issue("2222")
    assert second != first
    third = issue("2222", authority.FIRST_HEAD)
    assert third != second
    assert issue("2222", authority.FIRST_HEAD, day=800) != third


def test_only_the_owner_can_read_keys_and_no_name_tells_an_iin(pki: Pki) -> None:
    private = [*pki.authority.keys.iterdir(), *pki.authority.directory.glob("*.key")]
    assert private
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    assert not any(RECTOR.iin in path.name for path in private)


def test_the_demo_says_that_it_is_one(pki: Pki) -> None:
    key = demo.load_key(pki.authority.key_file(iin=RECTOR.iin, bin=RECTOR.bin), pin=PIN)
    assert "ДЕМО" in authority.issuer_name(key.certificate)
    assert pki.provider.demo is True
    assert isinstance(pki.provider, base.SignatureProvider)


def test_the_certificate_has_the_national_profile(pki: Pki) -> None:
    key = demo.load_key(pki.authority.key_file(iin=RECTOR.iin, bin=RECTOR.bin), pin=PIN)
    assert authority.certificate_iin(key.certificate) == RECTOR.iin
    assert authority.certificate_bin(key.certificate) == BIN
    assert authority.certificate_name(key.certificate) == RECTOR.person_name
    assert authority.FIRST_HEAD in authority.certificate_roles(key.certificate)
    private = demo.load_key(pki.authority.key_file(iin=LISTENER.iin), pin=PIN)
    assert authority.certificate_bin(private.certificate) == ""
    assert authority.INDIVIDUAL in authority.certificate_roles(private.certificate)


def test_one_pin_signs_a_batch(pki: Pki, pdf: bytes) -> None:
    prepared = {str(n): pades.prepare(pdf, field=f"head-{n}", when=NOW, reserve=4096) for n in range(20)}
    requests = [request(each, name) for name, each in prepared.items()]
    challenge = pki.provider.challenge(requests, signer=RECTOR, now=NOW)
    kept = base.Challenge.from_json(json.loads(json.dumps(challenge.as_json())))
    answers = pki.provider.answer(kept, {"pin": PIN}, now=NOW)
    assert [answer.request.id for answer in answers] == list(prepared)
    for answer in answers:
        assert answer.cms is not None
        each = prepared[answer.request.id]
        pades.check_embedded(pades.embed(each, answer.cms), previous=pdf, field=each.field)


def test_the_page_gets_no_iin(pki: Pki, pdf: bytes) -> None:
    challenge = pki.provider.challenge([request(pades.prepare(pdf, field="h", when=NOW))], signer=RECTOR, now=NOW)
    assert RECTOR.iin not in json.dumps(challenge.for_page())
    assert RECTOR.iin in json.dumps(challenge.as_json())


@pytest.mark.parametrize(("pin", "says"), [("0000", "PIN is wrong"), ("", "Enter the PIN"), ("é", "PIN is wrong")])
def test_a_wrong_pin_signs_nothing_and_is_not_logged(
    pki: Pki, pdf: bytes, pin: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    challenge = pki.provider.challenge([request(pades.prepare(pdf, field="h", when=NOW))], signer=RECTOR, now=NOW)
    with pytest.raises(ProviderError, match=says) as refused:
        pki.provider.answer(challenge, {"pin": pin}, now=NOW)
    assert not pin or pin not in str(refused.value) + caplog.text


def test_who_has_no_key_is_told_before_anything_is_asked(pki: Pki, pdf: bytes) -> None:
    nobody = base.Signer("Бейтаныс", "010101500017")
    with pytest.raises(ProviderError, match="no key"):
        pki.provider.challenge([request(pades.prepare(pdf, field="h", when=NOW))], signer=nobody, now=NOW)


def test_a_challenge_expires(pki: Pki, pdf: bytes) -> None:
    challenge = pki.provider.challenge([request(pades.prepare(pdf, field="h", when=NOW))], signer=RECTOR, now=NOW)
    pki.provider.answer(challenge, {"pin": PIN}, now=NOW + base.LIFETIME)
    with pytest.raises(ProviderError, match="time for signing"):
        pki.provider.answer(challenge, {"pin": PIN}, now=NOW + base.LIFETIME + timedelta(seconds=1))


def test_the_key_of_another_person_does_not_sign(pki: Pki, pdf: bytes) -> None:
    """Somebody puts his own key into the place of another's."""
    own = pki.authority.key_file(iin=LISTENER.iin)
    stolen = pki.authority.key_file(iin="600606300059")
    stolen.write_bytes(own.read_bytes())
    victim = base.Signer("Жертва", "600606300059")
    challenge = pki.provider.challenge([request(pades.prepare(pdf, field="h", when=NOW))], signer=victim, now=NOW)
    with pytest.raises(ProviderError, match="another person"):
        pki.provider.answer(challenge, {"pin": PIN}, now=NOW)


def test_a_damaged_key_file_has_its_sentence(pki: Pki, pdf: bytes) -> None:
    broken = base.Signer("Бүлінген", "600606300060")
    pki.authority.key_file(iin=broken.iin).write_bytes(b"rubbish")
    challenge = pki.provider.challenge([request(pades.prepare(pdf, field="h", when=NOW))], signer=broken, now=NOW)
    with pytest.raises(ProviderError):
        pki.provider.answer(challenge, {"pin": PIN}, now=NOW)


# -- authority


def test_authority_names_every_reason(pki: Pki) -> None:
    key = demo.load_key(pki.authority.key_file(iin=LISTENER.iin), pin=PIN)
    wanted = base.Signer("Ректор", RECTOR.iin, BIN, (authority.RIGHT_TO_SIGN,))
    codes = {each.code for each in authority.check(key.certificate, signer=wanted, at=NOW + timedelta(days=900))}
    assert codes == {"another-person", "another-organisation", "role-missing", "expired"}
    early = authority.check(key.certificate, signer=LISTENER, at=NOW - timedelta(days=2))
    assert [each.code for each in early] == ["not-yet-valid"]
    assert authority.check(key.certificate, signer=LISTENER, at=NOW) == ()


def test_nobody_is_the_owner_of_a_key_without_an_iin(pki: Pki) -> None:
    key = demo.load_key(pki.authority.key_file(iin=LISTENER.iin), pin=PIN)
    found = authority.check(key.certificate, signer=base.Signer(LISTENER.person_name, ""), at=NOW)
    assert [each.code for each in found] == ["another-person"]


def test_a_certificate_serves_up_to_its_last_second(pki: Pki) -> None:
    key = demo.load_key(pki.authority.key_file(iin=LISTENER.iin), pin=PIN)
    last = key.certificate.not_valid_after_utc
    assert authority.check(key.certificate, signer=LISTENER, at=last) == ()
    assert authority.check(key.certificate, signer=LISTENER, at=last + timedelta(seconds=1)) != ()


# -- the registry


def test_only_named_providers_are_opened(tmp_path: Path) -> None:
    settings = {"demo": {"directory": tmp_path}}
    assert providers.enabled_providers([], settings=settings) == {}
    assert isinstance(providers.enabled_providers(["demo"], settings=settings)["demo"], DemoKeys)
    with pytest.raises(ValueError, match="no signature provider 'nonsense'"):
        providers.enabled_providers(["nonsense"], settings=settings)
