"""Remote signing: what the service says no to, and what we do not believe it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from docflow.core.errors import ProviderError
from docflow.signing import pades
from docflow.signing.base import Challenge, Signer
from docflow.signing.csc import RemoteSigning, open_provider
from tests.signing.csc_server import CLIENT, CLIENT_SECRET, PIN_THERE, TrustService
from tests.signing.pki import LISTENER, NOW, RECTOR, TRAINER, Pki, request
from tests.signing.ways import person_key


@pytest.fixture
def service() -> Iterator[TrustService]:
    made = TrustService()
    yield made
    made.close()


def provider(service: TrustService, *, secret: str = CLIENT_SECRET) -> RemoteSigning:
    return open_provider({"url": service.url, "client": CLIENT, "secret": secret})


def asked(service: TrustService, pdf: bytes, signer: Signer = RECTOR, *, count: int = 1) -> Challenge:
    papers = [pades.prepare(pdf, field=f"f{n}", when=NOW, reserve=16384) for n in range(count)]
    requests = [request(each, str(n)) for n, each in enumerate(papers)]
    challenge = provider(service).challenge(requests, signer=signer, now=NOW)
    return Challenge.from_json(json.loads(json.dumps(challenge.as_json())))


def typed(service: TrustService, **changed: Any) -> dict[str, Any]:
    return {"pin": PIN_THERE, "otp": service.code, **changed}


def accepted(service: TrustService, pdf: bytes, challenge: Challenge, reply: dict[str, Any]) -> None:
    (answer,) = provider(service).answer(challenge, reply, now=NOW)
    assert answer.cms is not None
    paper = pades.prepare(pdf, field="f0", when=NOW, reserve=16384)
    pades.check_embedded(pades.embed(paper, answer.cms), previous=pdf, field="f0")


@pytest.mark.parametrize("signer", [RECTOR, TRAINER, LISTENER], ids=["P-256", "RSA-2048", "private person"])
def test_it_signs_with_every_kind_of_key(pki: Pki, service: TrustService, pdf: bytes, signer: Signer) -> None:
    service.add(signer.iin, person_key(pki, signer))
    challenge = asked(service, pdf, signer)
    assert challenge.asks == "pin otp"
    accepted(service, pdf, challenge, typed(service))
    assert service.calls == [
        "info", "oauth2/token", "credentials/list", "credentials/info", "credentials/getChallenge",
        "info", "oauth2/token", "credentials/authorize", "signatures/signHash",
    ]  # fmt: skip


def test_a_service_that_gives_r_and_s_side_by_side_is_understood(pki: Pki, service: TrustService, pdf: bytes) -> None:
    service.add(RECTOR.iin, person_key(pki, RECTOR), plain_ecdsa=True)
    accepted(service, pdf, asked(service, pdf), typed(service))


def test_what_is_asked_depends_on_the_key(pki: Pki, service: TrustService, pdf: bytes) -> None:
    kept = service.add(RECTOR.iin, person_key(pki, RECTOR), objects=[{"type": "Password", "id": "PIN"}])
    challenge = asked(service, pdf)
    assert challenge.asks == "pin"
    accepted(service, pdf, challenge, {"pin": PIN_THERE})
    kept.mode = "implicit"  # the service asks him on his telephone
    challenge = asked(service, pdf)
    assert challenge.asks == ""
    accepted(service, pdf, challenge, {})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"pin": "000000"}, "PIN or the code is wrong"),
        ({"otp": "000"}, "PIN or the code is wrong"),
        ({"otp": ""}, "Enter what the remote signing service asks for"),
        ({"pin": None}, "Enter what the remote signing service asks for"),
    ],
)
def test_a_wrong_pin_or_code_signs_nothing_and_may_be_repeated(
    pki: Pki, service: TrustService, pdf: bytes, changed: dict[str, Any], says: str
) -> None:
    service.add(RECTOR.iin, person_key(pki, RECTOR))
    challenge = asked(service, pdf)
    with pytest.raises(ProviderError, match=says):
        provider(service).answer(challenge, typed(service, **changed), now=NOW)
    assert "signatures/signHash" not in service.calls
    accepted(service, pdf, challenge, typed(service))


def test_the_key_that_fits_is_chosen_and_the_others_left_alone(pki: Pki, service: TrustService, pdf: bytes) -> None:
    service.add(RECTOR.iin, person_key(pki, LISTENER))
    service.add(RECTOR.iin, person_key(pki, RECTOR), status="disabled")
    with pytest.raises(ProviderError, match="another person"):
        asked(service, pdf)
    service.add(RECTOR.iin, person_key(pki, RECTOR))
    challenge = asked(service, pdf)
    assert challenge.extra["credential"]["id"] == "cred-2"
    accepted(service, pdf, challenge, typed(service))


def test_who_has_no_usable_key_there_is_told_before_anything_is_asked(
    pki: Pki, service: TrustService, pdf: bytes
) -> None:
    with pytest.raises(ProviderError, match="has no key at the remote signing service"):
        asked(service, pdf)
    service.add(RECTOR.iin, person_key(pki, RECTOR), mode="oauth2code")
    with pytest.raises(ProviderError, match="has no key at the remote signing service"):
        asked(service, pdf)


def test_a_batch_is_as_large_as_the_key_allows(pki: Pki, service: TrustService, pdf: bytes) -> None:
    service.add(RECTOR.iin, person_key(pki, RECTOR), most=3)
    assert len(asked(service, pdf, count=3).items) == 3
    with pytest.raises(ProviderError, match="signs at most 3 at once"):
        asked(service, pdf, count=4)


def test_a_key_that_has_expired_meanwhile_signs_nothing(pki: Pki, service: TrustService, pdf: bytes) -> None:
    key = person_key(pki, RECTOR)
    service.add(RECTOR.iin, key)
    challenge = asked(service, pdf)
    late = key.certificate.not_valid_after_utc + timedelta(seconds=1)
    kept = Challenge.from_json(challenge.as_json() | {"expires_at": (late + timedelta(hours=1)).isoformat()})
    with pytest.raises(ProviderError, match="certificate expired"):
        provider(service).answer(kept, typed(service), now=late)


@pytest.mark.parametrize(
    ("method", "answer", "says"),
    [
        ("oauth2/token", (200, b"{}"), "not understood"),
        ("info", (200, b'{"oauth2": "https://elsewhere.example"}'), "not understood"),
        ("info", (404, b"<html>"), "not understood"),
        ("info", (502, b"<html>"), "does not answer"),
        ("credentials/authorize", (500, b'{"error": "server_error"}'), "does not answer"),
        ("credentials/authorize", (400, b'{"error": "something_new"}'), "not understood"),
        ("signatures/signHash", (200, b"{}"), "not understood"),
        ("signatures/signHash", (200, b'{"signatures": ["AAAA", "AAAA"]}'), "not understood"),
        ("signatures/signHash", (200, b'{"signatures": ["no base64"]}'), "not understood"),
        ("signatures/signHash", (200, b'{"signatures": ["AAAA"]}'), "does not fit the certificate"),
        ("signatures/signHash", (200, b"[]"), "not understood"),
    ],
)
def test_a_service_out_of_order_has_its_sentence(
    pki: Pki, service: TrustService, pdf: bytes, method: str, answer: tuple[int, bytes], says: str
) -> None:
    service.add(RECTOR.iin, person_key(pki, RECTOR))
    challenge = asked(service, pdf)
    service.broken[method] = answer
    with pytest.raises(ProviderError, match=says):
        provider(service).answer(challenge, typed(service), now=NOW)
    del service.broken[method]
    accepted(service, pdf, challenge, typed(service))


def test_a_broken_description_of_a_key_has_its_sentence(pki: Pki, service: TrustService, pdf: bytes) -> None:
    service.add(RECTOR.iin, person_key(pki, RECTOR))
    for certificates in (["AAAA"], None, [7]):
        told = {
            "key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.11"]},
            "cert": {"status": "valid", "certificates": certificates},
            "auth": {"mode": "implicit"},
        }
        service.broken["credentials/info"] = (200, json.dumps(told).encode())
        with pytest.raises(ProviderError, match="not understood"):
            asked(service, pdf)


def test_a_stranger_to_the_service_and_a_service_that_is_gone(pki: Pki, service: TrustService, pdf: bytes) -> None:
    service.add(RECTOR.iin, person_key(pki, RECTOR))
    with pytest.raises(ProviderError, match="does not know this installation"):
        provider(service, secret="guessed").challenge([], signer=RECTOR, now=NOW)
    challenge = asked(service, pdf)
    away = open_provider({"url": "http://127.0.0.1:9/csc/v2", "client": CLIENT, "secret": CLIENT_SECRET})
    with pytest.raises(ProviderError, match="does not answer"):
        away.answer(challenge, typed(service), now=NOW)
