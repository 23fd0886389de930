"""Every way to sign that the contract test tries: a provider, and somebody who answers its challenges."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from docflow.signer.keys import Key
from docflow.signer.protocol import Sheet, respond
from docflow.signing import authority, csc, demo, pkcs11
from docflow.signing import pkcs12 as pkcs12_provider
from docflow.signing.base import Challenge, SignatureProvider, Signer
from docflow.signing.cms import CertifiedKey, PrivateKey
from docflow.signing.ncalayer import NcaLayer
from docflow.signing.seal import OwnSeal
from tests.signing import softhsm
from tests.signing.csc_server import CLIENT, CLIENT_SECRET, PIN_THERE, TrustService
from tests.signing.pki import BIN, LISTENER, NOW, PIN, RECTOR, Pki

Reply = Callable[[Challenge, Mapping[str, bytes]], dict[str, Any]]
ORIGIN = "https://docs.example.kz"
ORGANISATION = Signer("Батыс университеті", "", BIN, is_organisation=True)
SECRET = "Құпия-сөз-7Q"


@dataclass(frozen=True)
class Way:
    """``reply`` signs with the right key, ``wrong`` does so with one of somebody else (none: it cannot happen)."""

    provider: SignatureProvider
    signer: Signer
    reply: Reply
    wrong: Reply | None
    secrets: tuple[str, ...]
    close: Callable[[], object] = lambda: None


def person_key(pki: Pki, signer: Signer) -> CertifiedKey:
    return demo.load_key(pki.authority.key_file(iin=signer.iin, bin=signer.bin), pin=PIN)


@contextmanager
def agreed(key: Key) -> Iterator[Key]:
    yield key


def at_the_machine(provider: NcaLayer, key: Key, *, tells_time: bool = True, shown: list[Sheet] | None = None) -> Reply:
    """A page without a browser: it carries every request to the program, and brings the answers."""

    def consent(sheets: Sequence[Sheet], origin: str) -> Any:
        assert origin == ORIGIN
        (shown if shown is not None else []).extend(sheets)
        return agreed(key)

    def reply(challenge: Challenge, contents: Mapping[str, bytes]) -> dict[str, Any]:
        answers = []
        for step in provider.dialogue(challenge, contents, locale="kk"):
            text = json.dumps(step["request"])
            said = respond(text, origin=ORIGIN, consent=consent, now=lambda: NOW, tells_time=tells_time)
            answers.append({"ids": step["ids"], "answer": json.loads(said)})
        return {"answers": answers}

    return reply


def seal_certificate(pki: Pki, key: PrivateKey, *, bin: str = BIN, now: datetime = NOW) -> x509.Certificate:
    """What a legal person's certificate looks like: a BIN, and nobody's IIN."""
    issuer_key = serialization.load_pem_private_key((pki.authority.directory / "issuer.key").read_bytes(), None)
    assert isinstance(issuer_key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    usages = [ExtendedKeyUsageOID.EMAIL_PROTECTION, x509.ObjectIdentifier(authority.LEGAL_ENTITY)]
    subject = [(NameOID.COMMON_NAME, "Батыс университеті"), (NameOID.ORGANIZATIONAL_UNIT_NAME, f"BIN{bin}")]
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(kind, value) for kind, value in subject]))
        .issuer_name(issuer_of(pki).subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def issuer_of(pki: Pki) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pki.authority.issuer.read_bytes())


def seal_file(
    pki: Pki,
    path: Path,
    *,
    bin: str = BIN,
    password: str = SECRET,
    key: PrivateKey | None = None,
    now: datetime = NOW,
) -> Path:
    key = key or ec.generate_private_key(ec.SECP256R1())
    certificate = seal_certificate(pki, key, bin=bin, now=now)
    encryption = serialization.BestAvailableEncryption(password.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", key, certificate, [issuer_of(pki)], encryption))
    path.chmod(0o600)
    return path


def demo_way(pki: Pki, directory: Path) -> Way:
    def reply(challenge: Challenge, contents: Mapping[str, bytes]) -> dict[str, Any]:
        return {"pin": PIN}

    # A PIN opens the signer's own key and no other: a wrong key is a stolen file, in test_demo_keys.
    return Way(pki.provider, RECTOR, reply, None, (PIN,))


def ncalayer_way(pki: Pki, directory: Path) -> Way:
    provider = NcaLayer("wss://127.0.0.1:13579")
    right, wrong = person_key(pki, RECTOR), person_key(pki, LISTENER)

    def careless(challenge: Challenge, contents: Mapping[str, bytes]) -> dict[str, Any]:
        """A program that does not look at what the page asks for: the server has to."""
        anybody = Challenge.from_json(challenge.as_json() | {"signer": LISTENER.as_json()})
        return at_the_machine(provider, wrong)(anybody, contents)

    return Way(provider, RECTOR, at_the_machine(provider, right), careless, (PIN,))


def _no_reply(challenge: Challenge, contents: Mapping[str, bytes]) -> dict[str, Any]:
    return {}


def pkcs12_way(pki: Pki, directory: Path) -> Way:
    path = seal_file(pki, directory / "seal.p12")
    provider: OwnSeal = pkcs12_provider.open_provider({"key": path, "password": SECRET})

    def replaced(challenge: Challenge, contents: Mapping[str, bytes]) -> dict[str, Any]:
        """Somebody puts the seal of another organisation into its place meanwhile."""
        seal_file(pki, path, bin="110440001122")
        return {}

    return Way(provider, ORGANISATION, _no_reply, replaced, (SECRET,))


def pkcs11_way(pki: Pki, directory: Path) -> Way:
    if not softhsm.library():
        pytest.skip("no SoftHSM on this machine (Debian: apt-get install softhsm2)")
    hsm = softhsm.token()
    right, wrong = (f"{name}-{directory.name}" for name in ("right", "wrong"))
    for label, bin in ((right, BIN), (wrong, "110440001122")):
        key = softhsm.new_key("P-256")
        hsm.put(label, key, seal_certificate(pki, key, bin=bin), issuer_of(pki), directory=directory)
    settings = {"module": hsm.module, "token": softhsm.TOKEN, "label": right, "pin": softhsm.PIN}
    provider = pkcs11.open_provider(settings)

    def replaced(challenge: Challenge, contents: Mapping[str, bytes]) -> dict[str, Any]:
        """Somebody puts another organisation's key under the label meanwhile."""
        hsm.rename(right, f"{right}-old")
        hsm.rename(wrong, right)
        return {}

    return Way(provider, ORGANISATION, _no_reply, replaced, (softhsm.PIN,))


def csc_way(pki: Pki, directory: Path) -> Way:
    service = TrustService()
    service.add(RECTOR.iin, person_key(pki, RECTOR))
    provider = csc.open_provider({"url": service.url, "client": CLIENT, "secret": CLIENT_SECRET})

    def reply(challenge: Challenge, contents: Mapping[str, bytes]) -> dict[str, Any]:
        return {"pin": PIN_THERE, "otp": service.code}

    def replaced(challenge: Challenge, contents: Mapping[str, bytes]) -> dict[str, Any]:
        """The service signs with somebody else's key."""
        service.replace(RECTOR.iin, person_key(pki, LISTENER))
        return reply(challenge, contents)

    return Way(provider, RECTOR, reply, replaced, (PIN_THERE, CLIENT_SECRET, "access_token", "SAD"), service.close)


WAYS: dict[str, Callable[[Pki, Path], Way]] = {
    "demo": demo_way,
    "ncalayer": ncalayer_way,
    "pkcs12": pkcs12_way,
    "pkcs11": pkcs11_way,
    "csc": csc_way,
}
