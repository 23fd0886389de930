"""The socket: whose pages it answers, one at a time, with a certificate of its own."""

from __future__ import annotations

import base64
import json
import ssl
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError
from cryptography import x509

from docflow.core.messages import _l
from docflow.signer import tls
from docflow.signer.keys import CannotSign, Key
from docflow.signer.protocol import HEARTBEAT, Sheet
from docflow.signer.server import Signing
from docflow.signing.cms import check_cms
from tests.signer.running import running, talk
from tests.signing.pki import NOW, RECTOR, Pki
from tests.signing.ways import ORIGIN, person_key


def message(data: str | list[str], **wanted: Any) -> str:
    signing = {"decode": True, "encapsulate": False, "digested": False}
    arguments = {"format": "cms", "data": data, "signingParams": signing, "signerParams": wanted}
    return json.dumps({"module": "kz.gov.pki.knca.basics", "method": "sign", "args": arguments})


def encoded(text: bytes) -> str:
    return base64.b64encode(text).decode()


def decoded(pem: str) -> bytes:
    return base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-----")))


class Person:
    """Somebody at the machine, who reads and agrees; ``refuses`` and ``pause`` make him less willing."""

    def __init__(self, key: Key, *, refuses: bool = False, pause: float = 0) -> None:
        self.key, self.refuses, self.pause = key, refuses, pause
        self.asked: list[tuple[str, list[Sheet]]] = []
        self.reading = 0
        self.most_at_once = 0

    @contextmanager
    def consent(self, sheets: Sequence[Sheet], origin: str) -> Iterator[Key]:
        self.asked.append((origin, list(sheets)))
        self.reading += 1
        self.most_at_once = max(self.reading, self.most_at_once)
        time.sleep(self.pause)
        self.reading -= 1
        if self.refuses:
            raise CannotSign("CANCELLED", _l("Cancelled: nothing was signed."))
        yield self.key

    def signing(self, *origins: str) -> Signing:
        return Signing(frozenset(origins or (ORIGIN,)), self.consent, lambda: NOW)


@pytest.fixture
def person(pki: Pki) -> Person:
    return Person(person_key(pki, RECTOR))


def test_a_page_of_a_configured_origin_gets_its_signature(person: Person, pki: Pki) -> None:
    with running(person.signing()) as port:
        greeting, (answer,) = talk(f"ws://127.0.0.1:{port}", message(encoded(b"paper"), iin=RECTOR.iin), origin=ORIGIN)
    assert greeting["result"]["version"]
    told = json.loads(answer)
    assert told["status"] is True
    info = check_cms(decoded(told["body"]["result"]), content=[b"paper"])
    assert info.tells_time, "like NCALayer's"
    ((origin, (sheet,)),) = person.asked
    assert (origin, sheet.size) == (ORIGIN, 5)


def test_an_array_is_answered_with_an_array_after_one_question(person: Person) -> None:
    papers = [f"paper {n}".encode() for n in range(25)]
    with running(person.signing()) as port:
        _, (answer,) = talk(f"ws://127.0.0.1:{port}", message([encoded(each) for each in papers]), origin=ORIGIN)
    for paper, signature in zip(papers, json.loads(answer)["body"]["result"], strict=True):
        check_cms(decoded(signature), content=[paper])
    assert [len(sheets) for _, sheets in person.asked] == [25]


def test_a_large_batch_fits_into_one_message(person: Person) -> None:
    paper = b"x" * 12_000_000
    with running(person.signing()) as port:
        _, (answer,) = talk(f"ws://127.0.0.1:{port}", message(encoded(paper)), origin=ORIGIN)
    check_cms(decoded(json.loads(answer)["body"]["result"]), content=[paper])


@pytest.mark.parametrize(
    "origin",
    [None, "", "null", "https://evil.example", "http://docs.example.kz", f"{ORIGIN}.evil.example", f"{ORIGIN}:8"],
)
def test_a_page_of_another_origin_is_not_even_greeted(person: Person, origin: str | None) -> None:
    with running(person.signing()) as port, pytest.raises(WSServerHandshakeError) as refused:
        talk(f"ws://127.0.0.1:{port}", message(encoded(b"paper")), origin=origin)
    assert refused.value.status == 403
    assert person.asked == []


def test_heartbeats_are_returned_and_two_pages_wait_for_each_other(pki: Pki) -> None:
    slow = Person(person_key(pki, RECTOR), pause=0.2)
    heard: list[str] = []
    with running(slow.signing()) as port:
        address = f"ws://127.0.0.1:{port}"
        assert talk(address, HEARTBEAT, origin=ORIGIN)[1] == [HEARTBEAT]
        pages = [
            threading.Thread(target=lambda: heard.extend(talk(address, message(encoded(b"p")), origin=ORIGIN)[1]))
            for _ in range(3)
        ]
        for page in pages:
            page.start()
        for page in pages:
            page.join(timeout=120)
    assert [json.loads(each)["status"] for each in heard] == [True] * 3
    assert slow.most_at_once == 1, "nobody reads two lists at a time"


def test_who_does_not_want_to_sign_cancels_as_in_ncalayer(pki: Pki) -> None:
    unwilling = Person(person_key(pki, RECTOR), refuses=True)
    with running(unwilling.signing()) as port:
        _, (answer,) = talk(f"ws://127.0.0.1:{port}", message(encoded(b"paper")), origin=ORIGIN)
    assert json.loads(answer) == {"body": {}, "status": True}


@pytest.mark.parametrize(
    "wanted", [{"iin": "600606300059"}, {"bin": "110440001122"}, {"extKeyUsageOids": ["1.3.6.1.5.5.7.3.2"]}]
)
def test_another_key_than_the_page_asks_for_signs_nothing(person: Person, wanted: dict[str, Any]) -> None:
    with running(person.signing()) as port:
        _, (answer,) = talk(f"ws://127.0.0.1:{port}", message(encoded(b"paper"), **wanted), origin=ORIGIN)
    told = json.loads(answer)
    assert (told["status"], told["code"]) == (False, "SIGNING_FAILURE")
    assert "result" not in answer


def _changed(change: Callable[[dict[str, Any]], object]) -> str:
    request = json.loads(message(encoded(b"paper")))
    change(request)
    return json.dumps(request)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no JSON", "INVOCATION_ERROR"),
        ("[]", "INVOCATION_ERROR"),
        (_changed(lambda r: r.update(module="kz.gov.pki.knca.commonUtils")), "MODULE_NOT_FOUND"),
        (_changed(lambda r: r.update(method="showSettings")), "METHOD_NOT_FOUND"),
        (_changed(lambda r: r["args"].update(format="xml")), "INVALID_SIGNING_PARAMS"),
        (_changed(lambda r: r["args"].update(data="")), "INVALID_SIGNING_PARAMS"),
        (_changed(lambda r: r["args"].update(data=[])), "INVALID_SIGNING_PARAMS"),
        (_changed(lambda r: r["args"].update(data=["aGk=", 3])), "INVALID_SIGNING_PARAMS"),
        (_changed(lambda r: r["args"]["signingParams"].pop("encapsulate")), "INVALID_SIGNING_PARAMS"),
        (_changed(lambda r: r["args"]["signingParams"].update(digested=True)), "INVALID_SIGNING_PARAMS"),
        (_changed(lambda r: r["args"].update(signingParams=[])), "INVALID_SIGNING_PARAMS"),
    ],
)
def test_what_it_does_not_serve_is_answered_by_code_and_nobody_is_asked(person: Person, text: str, code: str) -> None:
    with running(person.signing()) as port:
        _, (answer,) = talk(f"ws://127.0.0.1:{port}", text, origin=ORIGIN)
    told = json.loads(answer)
    assert code in (told.get("code"), told.get("errorCode"))
    assert person.asked == []


def test_a_title_of_the_page_cannot_write_over_the_terminal(person: Person) -> None:
    request = json.loads(message(encoded(b"paper"))) | {"titles": ["Order\x1b[2J\r\n1. Nothing"]}
    with running(person.signing()) as port:
        talk(f"ws://127.0.0.1:{port}", json.dumps(request), origin=ORIGIN)
    ((_, (sheet,)),) = person.asked
    assert sheet.title == ""
    assert sheet.told == "Order [2J  1. Nothing"


def test_the_socket_has_a_certificate_of_its_own_for_loopback_alone(person: Person, tmp_path: Path) -> None:
    with running(person.signing(), directory=tmp_path / "own") as port:
        trusting = ssl.create_default_context(cafile=tmp_path / "own" / tls.CERTIFICATE)
        # Made for the time of the test's clock; what counts here is the name and who signed it.
        trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        _, (answer,) = talk(f"wss://127.0.0.1:{port}", HEARTBEAT, origin=ORIGIN, ssl=trusting)
    assert answer == HEARTBEAT
    assert stat.S_IMODE((tmp_path / "own" / tls.KEY).stat().st_mode) == 0o600


def test_the_certificate_is_kept_and_made_anew_before_it_expires(tmp_path: Path) -> None:
    tls.context(tmp_path, now=NOW)
    first = (tmp_path / tls.CERTIFICATE).read_bytes()
    tls.context(tmp_path, now=NOW + tls.LIFETIME - timedelta(days=2))
    assert (tmp_path / tls.CERTIFICATE).read_bytes() == first
    tls.context(tmp_path, now=NOW + tls.LIFETIME)
    second = x509.load_pem_x509_certificate((tmp_path / tls.CERTIFICATE).read_bytes())
    assert second.not_valid_after_utc == NOW + 2 * tls.LIFETIME
    names = second.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(each.value) for each in names} == {"127.0.0.1", "localhost"}
    assert tls.fingerprint(tmp_path).count(":") == 31
