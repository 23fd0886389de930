"""The demo authority's trust services: who is revoked (OCSP, lists) and what the time is (RFC 3161), over HTTP."""

from __future__ import annotations

import hashlib
import secrets
import socket
import threading
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Protocol, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp

from docflow.signing import cms, der
from docflow.signing.cms import CertifiedKey, PrivateKey
from docflow.signing.demo import DemoAuthority
from docflow.signing.timestamps import TST_INFO
from docflow.signing.wire import utc_now

DER = serialization.Encoding.DER
POLICY = "1.2.398.3.3.2.6.2"  # the national policy of stamps by RSA and SHA-256, for the look of it
OCSP_TERM, LIST_TERM = timedelta(hours=1), timedelta(days=1)
LARGEST_QUESTION = 1 << 16
_GRANTED = der.sequence(der.integer(0))
_BAD_REQUEST = der.sequence(der.sequence(der.integer(2)))


class Answers(Protocol):
    """What trust services say, from bytes to bytes: ``name`` is ``issuer`` or ``root``."""

    def certificate(self, name: str) -> bytes: ...

    def revocations(self, name: str) -> bytes: ...

    def ocsp(self, question: bytes) -> bytes: ...

    def stamp(self, question: bytes) -> bytes: ...


class Responders:
    """Answers of one demo authority, from bytes to bytes; *clock* tells them the time."""

    def __init__(self, place: DemoAuthority, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._place, self._clock = place, clock

    @cached_property
    def _issuer(self) -> tuple[x509.Certificate, PrivateKey]:
        return self._place.open_issuer()

    @cached_property
    def _root(self) -> tuple[x509.Certificate, PrivateKey]:
        return self._place.open_root()

    @cached_property
    def _ocsp(self) -> tuple[x509.Certificate, PrivateKey]:
        return self._place.open_responder("ocsp")

    @cached_property
    def _tsa(self) -> CertifiedKey:
        certificate, key = self._place.open_responder("tsa")
        return CertifiedKey(key, certificate, (self._issuer[0],))

    def certificate(self, name: str) -> bytes:
        return (self._root if name == "root" else self._issuer)[0].public_bytes(DER)

    def revocations(self, name: str) -> bytes:
        """The list of ``issuer`` or ``root``."""
        certificate, key = self._root if name == "root" else self._issuer
        now = self._now()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(certificate.subject)
            .last_update(now)
            .next_update(now + LIST_TERM)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(certificate.public_key()), critical=False)  # type: ignore[arg-type]
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        )
        for serial, when in self._place.revoked().items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key, hashes.SHA256()).public_bytes(DER)

    def ocsp(self, question: bytes) -> bytes:
        """Answer about one certificate of the issuing centre."""
        try:
            request = ocsp.load_der_ocsp_request(question)
            serial, algorithm = request.serial_number, request.hash_algorithm
        except ValueError:
            return _refused(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        issuer = self._issuer[0]
        if not _is_about(request, issuer):
            return _refused(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        revoked_at = self._place.revoked().get(serial)
        now, responder = self._now(), self._ocsp
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                request.issuer_name_hash,
                request.issuer_key_hash,
                serial,
                algorithm,
                ocsp.OCSPCertStatus.GOOD if revoked_at is None else ocsp.OCSPCertStatus.REVOKED,
                now,
                now + OCSP_TERM,
                revoked_at,
                None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, responder[0])
            .certificates([responder[0]])
        )
        for extension in request.extensions:
            if isinstance(extension.value, x509.OCSPNonce):
                builder = builder.add_extension(extension.value, critical=False)
        return builder.sign(responder[1], hashes.SHA256()).public_bytes(DER)

    def stamp(self, question: bytes) -> bytes:
        """Answer a TimeStampReq with a token over its imprint."""
        try:
            imprint, nonce = _read_question(question)
        except (der.NotDer, StopIteration, IndexError, ValueError):
            return _BAD_REQUEST
        time = self._now().strftime("%Y%m%d%H%M%SZ").encode()
        info = der.sequence(
            der.integer(1),
            der.oid(POLICY),
            imprint,
            der.integer(secrets.randbits(63)),
            der.tlv(_GENERALIZED_TIME, time),
            nonce,
        )
        return der.sequence(_GRANTED, _token(info, self._tsa))

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)


_GENERALIZED_TIME = 0x18


def _refused(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(DER)


def _is_about(request: ocsp.OCSPRequest, issuer: x509.Certificate) -> bool:
    digest = hashes.Hash(request.hash_algorithm)
    digest.update(issuer.subject.public_bytes())
    return digest.finalize() == request.issuer_name_hash


def _read_question(question: bytes) -> tuple[bytes, bytes]:
    """The imprint and the nonce, each as its DER; only SHA-256 is stamped."""
    fields = list(der.read(question).children())
    algorithm, digest = fields[1].children()
    if next(algorithm.children()).raw != cms.SHA256[2:] or len(digest.content) != hashlib.sha256().digest_size:
        raise ValueError("not SHA-256")
    nonce = next((each.raw for each in fields[2:] if each.tag == der.INTEGER), b"")
    return fields[1].raw, nonce


def _token(info: bytes, key: CertifiedKey) -> bytes:
    """A SignedData (RFC 5652) that carries *info*, as RFC 3161 and RFC 5816 want it."""
    certificate = key.certificate.public_bytes(DER)
    attributes = der.set_of(
        der.sequence(cms.CONTENT_TYPE, der.set_of(TST_INFO)),
        der.sequence(cms.MESSAGE_DIGEST, der.set_of(der.tlv(der.OCTET_STRING, hashlib.sha256(info).digest()))),
        cms.signing_certificate_v2(certificate),
    )
    is_rsa = isinstance(key.private_key, rsa.RSAPrivateKey)
    signer = der.sequence(
        der.integer(1),
        der.sequence(key.certificate.issuer.public_bytes(), der.integer(key.certificate.serial_number)),
        cms.SHA256,
        bytes((der.CONTEXT,)) + attributes[1:],
        cms.RSA_SHA256 if is_rsa else cms.ECDSA_SHA256,
        der.tlv(der.OCTET_STRING, key.raw_signature(attributes)),
    )
    chain = b"".join(each.public_bytes(DER) for each in key.chain)
    signed_data = der.sequence(
        der.integer(3),
        der.set_of(cms.SHA256),
        der.sequence(TST_INFO, der.tlv(der.CONTEXT, der.tlv(der.OCTET_STRING, info))),
        der.tlv(der.CONTEXT, certificate + chain),
        der.set_of(signer),
    )
    return der.sequence(cms.SIGNED_DATA, der.tlv(der.CONTEXT, signed_data))


class _Handler(BaseHTTPRequestHandler):
    """One connection, kept for as many questions as come."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one piece; else each answer waits for an acknowledgement
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        name, _, kind = self.path.lstrip("/").partition(".")
        answers = {"crl": self.server.responders.revocations, "cer": self.server.responders.certificate}
        if name not in ("root", "issuer") or kind not in answers:
            self._say(b"", "text/plain", HTTPStatus.NOT_FOUND)
            return
        content = {"crl": "application/pkix-crl", "cer": "application/pkix-cert"}[kind]
        self._say(answers[kind](name), content)

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal() or int(size) > LARGEST_QUESTION:
            self.close_connection = True
            self._say(b"", "text/plain", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        question = self.rfile.read(int(size))
        if self.path == "/tsa":
            self._say(self.server.responders.stamp(question), "application/timestamp-reply")
        elif self.path == "/ocsp":
            self._say(self.server.responders.ocsp(question), "application/ocsp-response")
        else:
            self._say(b"", "text/plain", HTTPStatus.NOT_FOUND)

    def _say(self, body: bytes, content_type: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.server.asked.append(self.path)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the services of the demo are asked for every signature."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, responders: Answers) -> None:
        self.responders = responders
        self.asked: deque[str] = deque(maxlen=10_000)
        self.open_sockets = set[socket.socket]()
        self.is_paused = False
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        assert isinstance(request, socket.socket)
        if self.is_paused:
            self.shutdown_request(request)
            return
        self.open_sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        assert isinstance(request, socket.socket)
        self.open_sockets.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that are kept, as a machine does that goes down."""
        for each in list(self.open_sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class RunningServices:
    """Trust services that answer on loopback, in a thread of their own, until they are stopped."""

    def __init__(
        self, place: DemoAuthority | Answers, *, port: int = 0, clock: Callable[[], datetime] = utc_now
    ) -> None:
        answers = Responders(place, clock=clock) if isinstance(place, DemoAuthority) else place
        self._server = _Server(port, answers)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self) -> Counter[str]:
        """How often each path was asked for."""
        return Counter(self._server.asked)

    def connections(self) -> list[tuple[str, int]]:
        """Who is connected now."""
        found = []
        for each in list(self._server.open_sockets):
            with suppress(OSError):  # closed since the list was made
                found.append(each.getpeername())
        return found

    def pause(self) -> None:
        """Hang up on whoever asks, until :meth:`resume`: a machine that has gone down, on a port that stays ours."""
        self._server.is_paused = True
        self._server.hang_up()

    def resume(self) -> None:
        self._server.is_paused = False

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(place: DemoAuthority, *, port: int) -> None:
    """Answer on loopback until the process is ended; ``OSError`` when the port is taken."""
    with _Server(port, Responders(place)) as server:
        server.serve_forever()
