"""A small trust service that conforms to the API of the Cloud Signature Consortium, version 2, strictly."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from docflow.signing.cms import CertifiedKey

CLIENT, CLIENT_SECRET, PIN_THERE = "docflow", "client-secret-8842", "739415"
SHA256 = "2.16.840.1.101.3.4.2.1"
RSA_SHA256, ECDSA_SHA256 = "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"


class Refused(Exception):
    """An error of the API, by its name."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status


@dataclass
class Kept:
    """One person's key at the service, and how it is authorised."""

    user: str
    key: CertifiedKey
    mode: str = "explicit"
    most: int = 100
    status: str = "enabled"
    plain_ecdsa: bool = False
    objects: list[dict[str, str]] = field(
        default_factory=lambda: [{"type": "Password", "id": "PIN", "format": "N"}, {"type": "OTP", "id": "OTP"}]
    )


class TrustService:
    """Listens on loopback until closed. ``calls`` tells what was asked; ``broken`` answers instead of a method."""

    def __init__(self) -> None:
        self.credentials: dict[str, Kept] = {}
        self.calls: list[str] = []
        self.broken: dict[str, tuple[int, bytes]] = {}
        self.code = ""
        self._tokens: set[str] = set()
        self._granted: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._requests())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.send_code()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/csc/v2"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=10)
        self._server.server_close()

    def add(self, user: str, key: CertifiedKey, **more: Any) -> Kept:
        kept = Kept(user, key, **more)
        self.credentials[f"cred-{len(self.credentials)}"] = kept
        return kept

    def replace(self, user: str, key: CertifiedKey) -> None:
        for kept in self.credentials.values():
            if kept.user == user:
                kept.key = key

    def send_code(self) -> None:
        """As if to the person's telephone."""
        self.code = f"{secrets.randbelow(10**6):06}"

    def _requests(service) -> type[BaseHTTPRequestHandler]:
        class Requests(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = service.respond(self.path, dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                """A test reads ``calls``."""

        return Requests

    def respond(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        method = path.removeprefix("/csc/v2/").removeprefix("/auth/")
        self.calls.append(method)
        if method in self.broken:
            return self.broken[method]
        try:
            return 200, json.dumps(self._answer(method, headers, body)).encode()
        except Refused as problem:
            told = {"error": problem.error, "error_description": "as the specification names it"}
            return problem.status, json.dumps(told).encode()

    def _answer(self, method: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        if method == "oauth2/token":
            return self._token(headers, body)
        if headers.get("Content-Type") != "application/json":
            raise Refused("invalid_request")
        asked = json.loads(body)
        if method == "info":
            return {"specs": "2.0.0.2", "authType": ["oauth2client"], "oauth2": self.url.replace("/csc/v2", "/auth")}
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self._tokens:
            raise Refused("invalid_token", 401)
        methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "credentials/list": self._list,
            "credentials/info": self._info,
            "credentials/getChallenge": self._challenge,
            "credentials/authorize": self._authorize,
            "signatures/signHash": self._sign,
        }
        if method not in methods:
            raise Refused("invalid_request", 404)
        return methods[method](asked)

    def _token(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        form = parse_qs(body.decode())
        if headers.get("Content-Type") != "application/x-www-form-urlencoded":
            raise Refused("invalid_request")
        if (form["client_id"], form["client_secret"]) != ([CLIENT], [CLIENT_SECRET]):
            raise Refused("invalid_client", 401)
        token = secrets.token_urlsafe()
        self._tokens.add(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": 300}

    def _list(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"credentialIDs": [name for name, kept in self.credentials.items() if kept.user == asked["userID"]]}

    def _kept(self, asked: dict[str, Any]) -> Kept:
        kept = self.credentials.get(asked.get("credentialID", ""))
        if kept is None:
            raise Refused("invalid_request")
        return kept

    def _info(self, asked: dict[str, Any]) -> dict[str, Any]:
        kept = self._kept(asked)
        chain = (kept.key.certificate, *kept.key.chain) if asked.get("certificates") == "chain" else ()
        auth: dict[str, Any] = {"mode": kept.mode}
        if kept.mode == "explicit":
            auth |= {"expression": " AND ".join(each["id"] for each in kept.objects), "objects": kept.objects}
        return {
            "key": {"status": kept.status, "algo": [_algorithm(kept.key)], "len": 256},
            "cert": {"status": "valid", "certificates": [_encoded(each) for each in chain]},
            "auth": auth,
            "multisign": kept.most,
            "SCAL": "2",
        }

    def _challenge(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._kept(asked)
        self.send_code()
        return {}

    def _authorize(self, asked: dict[str, Any]) -> dict[str, Any]:
        kept = self._kept(asked)
        given = {each["id"]: each["value"] for each in asked.get("authData", [])}
        for each in kept.objects if kept.mode == "explicit" else []:
            right, error = (PIN_THERE, "invalid_pin") if each["type"] == "Password" else (self.code, "invalid_otp")
            if given.get(each["id"]) != right:
                raise Refused(error)
        if asked["numSignatures"] != len(asked["hashes"]) or asked["numSignatures"] > kept.most:
            raise Refused("invalid_request")
        if asked["hashAlgorithmOID"] != SHA256:
            raise Refused("invalid_request")
        sad = secrets.token_urlsafe()
        self._granted[sad] = (asked["credentialID"], tuple(asked["hashes"]))
        return {"SAD": sad, "expiresIn": 300}

    def _sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        kept = self._kept(asked)
        # Sole control (SCAL2): an authorisation is for these hashes and for one time.
        if self._granted.pop(asked["SAD"], None) != (asked["credentialID"], tuple(asked["hashes"])):
            raise Refused("invalid_request")
        if (asked["hashAlgorithmOID"], asked["signAlgo"]) != (SHA256, _algorithm(kept.key)):
            raise Refused("invalid_request")
        return {"signatures": [_signed(kept, base64.b64decode(each)) for each in asked["hashes"]]}


def _algorithm(key: CertifiedKey) -> str:
    return RSA_SHA256 if isinstance(key.private_key, rsa.RSAPrivateKey) else ECDSA_SHA256


def _encoded(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()


def _signed(kept: Kept, digest: bytes) -> str:
    assert len(digest) == hashlib.sha256().digest_size
    key = kept.key.private_key
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
    else:
        signature = key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        if kept.plain_ecdsa:
            signature = b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(signature))
    return base64.b64encode(signature).decode()
