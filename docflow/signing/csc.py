"""The provider ``csc``: remote signing through the API of the Cloud Signature Consortium, version 2.

The service keeps the person's key; we send hashes of signed attributes and what he types (a PIN, a one-time code),
and put the signatures that come back into CMS ourselves.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from docflow.core.errors import ProviderError
from docflow.core.messages import Message, _l
from docflow.signing import authority, der
from docflow.signing.base import (
    CADES,
    LIFETIME,
    Answer,
    Challenge,
    Signer,
    SigningRequest,
    challenge_id,
    refuse_expired,
)
from docflow.signing.cms import build_cms, check_signed, read_cms, signed_attributes
from docflow.signing.findings import errors
from docflow.signing.pkcs11 import ecdsa_as_der

TIMEOUT = 30  # seconds; a person waits
LARGEST = 4 * 1024 * 1024
FORM = "application/x-www-form-urlencoded"
SHA256 = "2.16.840.1.101.3.4.2.1"
RSA_KEY, RSA_SHA256, ECDSA_SHA256 = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"

UNREACHABLE = _l("The remote signing service does not answer. Nothing was signed; please try again later.")
MISUNDERSTOOD = _l("The remote signing service has given an answer that is not understood here. Nothing was signed.")
NOT_AUTHORISED = _l("The remote signing service has refused: the PIN or the code is wrong or has expired. Try again.")


@dataclass(frozen=True)
class Service:
    """One service and our account there; a token is asked for anew for every exchange and kept nowhere."""

    url: str
    client: str
    secret: str

    def log_in(self) -> str:
        """OAuth 2.0 with client credentials, at the address that the service's ``info`` names."""
        base = str(self.call("info", {}).get("oauth2") or self.url)
        if urlsplit(base).scheme != urlsplit(self.url).scheme:
            raise ProviderError(MISUNDERSTOOD)
        form = {"grant_type": "client_credentials", "client_id": self.client, "client_secret": self.secret}
        body = urlencode(form).encode()
        told = _understood(*_post(f"{base.rstrip('/')}/oauth2/token", body, {"Content-Type": FORM}))
        token = told.get("access_token")
        if not isinstance(token, str) or not token:
            raise ProviderError(MISUNDERSTOOD)
        return token

    def call(self, method: str, arguments: Mapping[str, Any], *, token: str = "") -> dict[str, Any]:
        """Post to one method; :class:`ProviderError` with a sentence for whatever is no success."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return _understood(*_post(f"{self.url.rstrip('/')}/{method}", json.dumps(arguments).encode(), headers))


def _post(address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(address)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    try:
        connection.request("POST", parts.path, body, {"Accept": "application/json", **headers})
        response = connection.getresponse()
        return response.status, response.read(LARGEST)
    except (OSError, http.client.HTTPException) as error:
        raise ProviderError(UNREACHABLE) from error
    finally:
        connection.close()


def _understood(status: int, body: bytes) -> dict[str, Any]:
    if status == http.client.NO_CONTENT:
        return {}
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ProviderError(UNREACHABLE if status >= http.client.INTERNAL_SERVER_ERROR else MISUNDERSTOOD)
    if status != http.client.OK:
        raise ProviderError(_sentence(status, str(told.get("error", ""))))
    return told


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":  # the settings allow it for this machine alone
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=ssl.create_default_context())


def _sentence(status: int, error: str) -> Message:
    if error in ("invalid_client", "unauthorized_client", "invalid_token") or status == http.client.UNAUTHORIZED:
        return _l("The remote signing service does not know this installation: ask the administrator.")
    if error in ("invalid_pin", "invalid_otp", "invalid_request", "access_denied", "expired_token", "invalid_sad"):
        return NOT_AUTHORISED
    if status >= http.client.INTERNAL_SERVER_ERROR:
        return UNREACHABLE
    return MISUNDERSTOOD


@dataclass(frozen=True)
class Credential:
    """A key at the service: what it may sign, how it is authorised, and with which algorithm."""

    id: str
    chain: tuple[x509.Certificate, ...]  # the signer's own first
    asks: tuple[tuple[str, str], ...]  # "pin" or "otp", and the name of the object at the service
    most: int

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]

    @classmethod
    def read(cls, name: str, told: Mapping[str, Any]) -> Credential | None:
        """Understand ``credentials/info``; ``None`` for a key that is disabled or that we cannot use."""
        key, cert, auth = (_part(told, part) for part in ("key", "cert", "auth"))
        if key.get("status") != "enabled" or cert.get("status", "valid") != "valid":
            return None
        if not {RSA_KEY, RSA_SHA256, ECDSA_SHA256} & set(key.get("algo") or ()):
            return None
        chain = tuple(x509.load_der_x509_certificate(base64.b64decode(each)) for each in cert["certificates"])
        asks = _asked(auth)
        return None if asks is None or not chain else cls(name, chain, asks, int(told.get("multisign") or 1))

    def as_json(self) -> dict[str, Any]:
        chain = [base64.b64encode(each.public_bytes(serialization.Encoding.DER)).decode() for each in self.chain]
        return {"id": self.id, "chain": chain, "asks": [list(each) for each in self.asks], "most": self.most}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Credential:
        chain = tuple(x509.load_der_x509_certificate(base64.b64decode(each)) for each in data["chain"])
        return cls(data["id"], chain, tuple((kind, name) for kind, name in data["asks"]), data["most"])


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = told.get(name)
    return part if isinstance(part, dict) else {}


def _asked(auth: Mapping[str, Any]) -> tuple[tuple[str, str], ...] | None:
    """What a person must type; ``None`` for a way (a browser's redirect) that this provider does not go."""
    if auth.get("mode") == "implicit":  # the service asks him itself, on his telephone
        return ()
    if auth.get("mode") != "explicit":
        return None
    kinds = {"Password": "pin", "OTP": "otp"}
    objects = [each for each in auth.get("objects") or () if isinstance(each, dict)]
    if any(each.get("type") not in kinds for each in objects):
        return None
    return tuple((kinds[str(each["type"])], str(each.get("id", ""))) for each in objects)


class RemoteSigning:
    """Keys at a trust service, one account for each IIN; hashes go out, signatures come back."""

    name = "csc"
    title: Message = _l("Remote signing service (PIN and code)")
    demo = False
    reserve = 16384
    asks = "pin"
    subfilter = CADES

    def __init__(self, service: Service) -> None:
        self._service = service

    def challenge(self, requests: Sequence[SigningRequest], *, signer: Signer, now: datetime) -> Challenge:
        token = self._service.log_in()
        credential = self._credential_of(signer, token, now)
        if len(requests) > credential.most:
            raise ProviderError(
                _l("Your key at the service signs at most %(most)s at once: choose fewer.", most=credential.most)
            )
        if any(kind == "otp" for kind, _ in credential.asks):
            self._service.call("credentials/getChallenge", {"credentialID": credential.id}, token=token)
        return Challenge(
            id=challenge_id(self.name, requests, signer=signer, now=now),
            provider=self.name,
            signer=signer,
            items=tuple(requests),
            asks=" ".join(kind for kind, _ in credential.asks),
            instructions=_l("Your key lies at the remote signing service; it signs everything that is listed here."),
            expires_at=now + LIFETIME,
            extra={"credential": credential.as_json()},
        )

    def _credential_of(self, signer: Signer, token: str, now: datetime) -> Credential:
        told = self._service.call("credentials/list", {"userID": signer.iin, "onlyValid": True}, token=token)
        found = [self._credential(str(each), token) for each in told.get("credentialIDs") or ()]
        usable = [each for each in found if each is not None]
        reasons = [errors(authority.check(each.certificate, signer=signer, at=now)) for each in usable]
        for credential, reason in zip(usable, reasons, strict=True):
            if not reason:
                return credential
        if reasons:
            raise ProviderError(reasons[0][0].message)
        raise ProviderError(_l("%(name)s has no key at the remote signing service.", name=signer.person_name))

    def _credential(self, name: str, token: str) -> Credential | None:
        wanted = {"credentialID": name, "certificates": "chain", "certInfo": True, "authInfo": True}
        told = self._service.call("credentials/info", wanted, token=token)
        try:
            return Credential.read(name, told)
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderError(MISUNDERSTOOD) from error

    def answer(self, challenge: Challenge, reply: Mapping[str, Any], *, now: datetime) -> tuple[Answer, ...]:
        refuse_expired(challenge, now=now)
        credential = Credential.from_json(challenge.extra["credential"])
        for finding in errors(authority.check(credential.certificate, signer=challenge.signer, at=now)):
            raise ProviderError(finding.message)
        attributes = [signed_attributes(item.digest, credential.certificate) for item in challenge.items]
        signatures = self._signatures(credential, attributes, _typed(credential, reply))
        pairs = zip(challenge.items, attributes, signatures, strict=True)
        return tuple(_answer(item, each, signature, credential) for item, each, signature in pairs)

    def _signatures(
        self, credential: Credential, attributes: Sequence[bytes], typed: list[dict[str, str]]
    ) -> list[bytes]:
        hashes = [base64.b64encode(hashlib.sha256(each).digest()).decode() for each in attributes]
        common = {"credentialID": credential.id, "hashes": hashes, "hashAlgorithmOID": SHA256}
        token = self._service.log_in()
        order = common | {"numSignatures": len(hashes), "authData": typed}
        granted = self._service.call("credentials/authorize", order, token=token).get("SAD")
        key = credential.certificate.public_key()
        signing = common | {"SAD": granted, "signAlgo": ECDSA_SHA256 if _is_ec(key) else RSA_SHA256}
        told = self._service.call("signatures/signHash", signing, token=token).get("signatures")
        try:
            signatures = [base64.b64decode(each, validate=True) for each in told or ()]
        except (TypeError, ValueError) as error:
            raise ProviderError(MISUNDERSTOOD) from error
        if len(signatures) != len(attributes):
            raise ProviderError(MISUNDERSTOOD)
        return [_as_der(each) if _is_ec(key) else each for each in signatures]


def _is_ec(key: CertificatePublicKeyTypes) -> bool:
    return isinstance(key, ec.EllipticCurvePublicKey)


def _as_der(signature: bytes) -> bytes:
    """Some services give ECDSA as r and s side by side."""
    try:
        whole = der.read(signature)
        if whole.tag == der.SEQUENCE and whole.end == len(signature):
            return signature
    except der.NotDer:
        pass
    return ecdsa_as_der(signature)


def _typed(credential: Credential, reply: Mapping[str, Any]) -> list[dict[str, str]]:
    typed = []
    for kind, name in credential.asks:
        value = reply.get(kind)
        if not isinstance(value, str) or not value:
            raise ProviderError(_l("Enter what the remote signing service asks for: nothing was signed."))
        typed.append({"id": name, "value": value})
    return typed


def _answer(item: SigningRequest, attributes: bytes, signature: bytes, credential: Credential) -> Answer:
    """The service is not believed: what does not verify is no signature."""
    own, *issuers = credential.chain
    chain = [each for each in issuers if each.subject != each.issuer]
    cms = build_cms(attributes, signature, certificate=own, chain=chain)
    check_signed(read_cms(cms), digest=item.digest)
    return Answer(item, cms)


def open_provider(settings: Mapping[str, Any]) -> RemoteSigning:
    """*settings*: ``url`` up to ``/csc/v2``, ``client`` and ``secret``."""
    return RemoteSigning(Service(str(settings["url"]), str(settings["client"]), str(settings["secret"])))
