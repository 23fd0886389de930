"""A GOST authority of our own by the national profile: root, issuing centre, OCSP, lists, time stamps, people.

Everything is spelled in DER here, since no library writes these algorithms; what the national centre really answers
was not at hand.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.x509 import ocsp

from docflow.signing import authority, base, cms, der
from docflow.signing.gost import curve, names, signatures
from docflow.signing.gost.streebog import streebog
from docflow.signing.timestamps import TST_INFO
from docflow.signing.trust import TrustStore
from tests.signing.pki import NOW, RECTOR

STREEBOG = der.sequence(der.oid(names.STREEBOG_512), der.NULL)
SIGNED = der.sequence(der.oid(names.SIGNED_512), der.NULL)
TERM = timedelta(hours=1)
EMAIL_PROTECTION, OCSP_SIGNING, TIME_STAMPING = (f"1.3.6.1.5.5.7.3.{number}" for number in (4, 9, 8))
SIGNS, ISSUES = b"\x03\xc8", b"\x01\x06"  # digitalSignature, nonRepudiation, keyAgreement; keyCertSign, cRLSign


def text(value: str) -> bytes:
    return der.tlv(0x0C, value.encode())


def bits(value: bytes) -> bytes:
    return der.tlv(0x03, value)


def explicit(number: int, content: bytes) -> bytes:
    return der.tlv(der.CONTEXT + number, content)


def generalized(moment: datetime) -> bytes:
    return der.tlv(0x18, moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


def utc_time(moment: datetime) -> bytes:
    return der.tlv(0x17, moment.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode())


def name(*parts: tuple[str, str]) -> bytes:
    return der.sequence(*(der.set_of(der.sequence(der.oid(kind), text(value))) for kind, value in parts))


def common_name(value: str) -> bytes:
    return name(("2.5.4.3", value), ("2.5.4.6", "KZ"))


def person_name(signer: base.Signer) -> bytes:
    surname, first, *patronymic = signer.person_name.upper().split()
    parts = [("2.5.4.3", f"{surname} {first}"), ("2.5.4.4", surname), ("2.5.4.5", f"IIN{signer.iin}")]
    parts += [("2.5.4.11", f"BIN{signer.bin}")] if signer.bin else []
    return name(*parts, *(("2.5.4.42", each) for each in patronymic))


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(der.oid(oid), b"\x01\x01\xff" if critical else b"", der.tlv(der.OCTET_STRING, value))


class Key:
    """A key of the national profile; signs as a token does."""

    def __init__(self) -> None:
        self.secret = 1 + secrets.randbelow(curve.Q - 1)
        self.point = curve.public(self.secret)
        self.info = signatures.key_info(self.point)

    def sign(self, data: bytes) -> bytes:
        return curve.sign(streebog(data), self.secret)


@dataclass(frozen=True)
class Holder:
    """A name, its key and its certificate."""

    name: bytes
    key: Key
    certificate: bytes

    @property
    def serial(self) -> int:
        return x509.load_der_x509_certificate(self.certificate).serial_number


def certificate(
    subject: bytes, key: Key, issuer: bytes, issuer_key: Key, *extensions: bytes, ca: bool = False, usage: bytes = b"",
    days: int = 300, now: datetime = NOW,
) -> bytes:  # fmt: skip
    constraints = der.sequence(b"\x01\x01\xff" if ca else b"")
    body = der.sequence(
        explicit(0, der.integer(2)), der.integer(secrets.randbits(60) + 1), SIGNED, issuer,
        der.sequence(utc_time(now - timedelta(days=1)), utc_time(now + timedelta(days=days))), subject, key.info,
        explicit(3, der.sequence(
            extension("2.5.29.19", constraints, critical=True),
            extension("2.5.29.15", bits(usage or (ISSUES if ca else SIGNS)), critical=True),
            *extensions,
        )),
    )  # fmt: skip
    return der.sequence(body, SIGNED, bits(b"\0" + issuer_key.sign(body)))


def usages(*oids: str) -> bytes:
    return extension("2.5.29.37", der.sequence(*map(der.oid, oids)))


def signer_info(holder: Holder, attributes: bytes, *, version: int = 1) -> bytes:
    """*attributes* as SET OF."""
    body = list(next(der.read(holder.certificate).children()).children())
    serial, issuer = body[1].raw, body[3].raw
    return der.sequence(
        der.integer(version), der.sequence(issuer, serial), STREEBOG, bytes((der.CONTEXT,)) + attributes[1:],
        SIGNED, der.tlv(der.OCTET_STRING, holder.key.sign(attributes)),
    )  # fmt: skip


def attribute(kind: bytes, value: bytes) -> bytes:
    return der.sequence(kind, der.set_of(value))


def signed_data(
    content: bytes, holder: Holder, chain: Sequence[bytes], attributes: Sequence[bytes], *, version: int = 1
) -> bytes:
    certificates = explicit(0, b"".join([holder.certificate, *chain]))
    infos = der.set_of(signer_info(holder, der.set_of(*attributes), version=version))
    body = der.sequence(der.integer(version), der.set_of(STREEBOG), content, certificates, infos)
    return der.sequence(cms.SIGNED_DATA, explicit(0, body))


def detached(
    holder: Holder, chain: Sequence[bytes], covered: bytes, *, digest: bytes = b"", when: datetime | None = NOW
) -> bytes:
    """As NCALayer makes it, with the time of signing; without it when *when* is ``None``."""
    attributes = [
        attribute(cms.CONTENT_TYPE, cms.DATA),
        attribute(cms.MESSAGE_DIGEST, der.tlv(der.OCTET_STRING, digest or streebog(covered))),
        cms.signing_certificate_v2(holder.certificate),
    ]
    attributes += [attribute(cms.SIGNING_TIME, utc_time(when))] if when is not None else []
    return signed_data(der.sequence(cms.DATA), holder, chain, attributes)


@dataclass
class GostAuthority:
    """Answers like the national centre's services; ``address`` is where, and stands in what is issued afterwards."""

    clock: Callable[[], datetime] = lambda: NOW
    now: datetime = NOW  # when it is founded
    address: str = ""
    asked_algorithms: list[bytes] = field(default_factory=list)
    revoked: dict[int, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        key, subject = Key(), common_name("НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST)")
        self.root = Holder(subject, key, certificate(subject, key, subject, key, ca=True, now=self.now))

    def open(self, address: str = "") -> None:
        """Issue the centre and its responders, now that it is known where they answer."""
        self.address = address
        self.issuer = self._issue(
            common_name("ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST)"), self.root, self._root_list(), ca=True
        )
        no_check = extension("1.3.6.1.5.5.7.48.1.5", der.NULL)
        self.responder = self._issue(common_name("OCSP (GOST)"), self.issuer, usages(OCSP_SIGNING), no_check)
        stamping = extension("2.5.29.37", der.sequence(der.oid(TIME_STAMPING)), critical=True)
        self.tsa = self._issue(common_name("TSP (GOST)"), self.issuer, stamping, *self._services())
        self.person = self.issue(RECTOR)

    def issue(self, signer: base.Signer, *, usage: bytes = b"", days: int = 300) -> Holder:
        """A key for signing, for the organisation where the signer has one."""
        kind = authority.LEGAL_ENTITY if signer.bin else authority.INDIVIDUAL
        roles = usages(EMAIL_PROTECTION, *dict.fromkeys([kind, *signer.roles]))
        return self._issue(person_name(signer), self.issuer, roles, *self._services(), usage=usage, days=days)

    @property
    def trust(self) -> TrustStore:
        return TrustStore((self.root.certificate,))

    def sign(self, covered: bytes, *, holder: Holder | None = None, when: datetime | None = NOW) -> bytes:
        return detached(holder or self.person, [self.issuer.certificate], covered, when=when)

    def _issue(
        self, subject: bytes, issuer: Holder, *extensions: bytes, ca: bool = False, usage: bytes = b"", days: int = 300
    ) -> Holder:
        key = Key()
        made = certificate(
            subject, key, issuer.name, issuer.key, *extensions, ca=ca, usage=usage, days=days, now=self.now
        )
        return Holder(subject, key, made)

    def _services(self) -> list[bytes]:
        if not self.address:
            return []
        url = der.tlv(0x86, f"{self.address}/ocsp".encode())
        access = der.sequence(der.oid("1.3.6.1.5.5.7.48.1"), url)
        return [extension("1.3.6.1.5.5.7.1.1", der.sequence(access))]

    def _root_list(self) -> bytes:
        if not self.address:
            return b""
        url = der.tlv(0x86, f"{self.address}/root.crl".encode())
        return extension("2.5.29.31", der.sequence(der.sequence(explicit(0, explicit(0, url)))))

    # What the services answer

    def certificate(self, name: str) -> bytes:
        return (self.root if name == "root" else self.issuer).certificate

    def revocations(self, name: str) -> bytes:
        holder, now = (self.root if name == "root" else self.issuer), self.clock()
        entries = [der.sequence(der.integer(serial), utc_time(at)) for serial, at in self.revoked.items()]
        number = explicit(0, der.sequence(extension("2.5.29.20", der.integer(1))))
        body = der.sequence(
            der.integer(1), SIGNED, holder.name, utc_time(now), utc_time(now + timedelta(days=1)),
            der.sequence(*entries) if entries else b"", number,
        )  # fmt: skip
        return der.sequence(body, SIGNED, bits(b"\0" + holder.key.sign(body)))

    def ocsp(self, question: bytes) -> bytes:
        request, now = ocsp.load_der_ocsp_request(question), self.clock()
        request_list = next(next(der.read(question).children()).children())
        identifier = next(next(request_list.children()).children()).raw
        at = self.revoked.get(request.serial_number)
        status = b"\x80\x00" if at is None else der.tlv(0xA1, generalized(at))
        single = der.sequence(identifier, status, generalized(now), explicit(0, generalized(now + TERM)))
        echoed = [
            extension("1.3.6.1.5.5.7.48.1.2", each.value.public_bytes())
            for each in request.extensions
            if isinstance(each.value, x509.OCSPNonce)
        ]
        body = der.sequence(
            explicit(1, self.responder.name), generalized(now), der.sequence(single),
            explicit(1, der.sequence(*echoed)) if echoed else b"",
        )  # fmt: skip
        signed = der.sequence(
            body,
            SIGNED,
            bits(b"\0" + self.responder.key.sign(body)),
            explicit(0, der.sequence(self.responder.certificate)),
        )
        basic = der.sequence(der.oid("1.3.6.1.5.5.7.48.1.1"), der.tlv(der.OCTET_STRING, signed))
        return der.sequence(der.tlv(0x0A, b"\0"), explicit(0, basic))

    def stamp(self, question: bytes) -> bytes:
        fields = list(der.read(question).children())
        self.asked_algorithms.append(next(next(fields[1].children()).children()).raw)
        policy = next((each.raw for each in fields[2:] if each.tag == der.OBJECT_IDENTIFIER), der.oid(names.STAMPED))
        nonce = next((each.raw for each in fields[2:] if each.tag == der.INTEGER), b"")
        info = der.sequence(
            der.integer(1), policy, fields[1].raw, der.integer(secrets.randbits(63)), generalized(self.clock()), nonce
        )
        attributes = [
            attribute(cms.CONTENT_TYPE, TST_INFO),
            attribute(cms.MESSAGE_DIGEST, der.tlv(der.OCTET_STRING, streebog(info))),
            cms.signing_certificate_v2(self.tsa.certificate),
        ]
        content = der.sequence(TST_INFO, explicit(0, der.tlv(der.OCTET_STRING, info)))
        token = signed_data(content, self.tsa, [self.issuer.certificate], attributes, version=3)
        return der.sequence(der.sequence(der.integer(0)), token)


# Key files


def private_key_info(key: Key) -> bytes:
    """PKCS#8 (RFC 5958)."""
    algorithm = next(der.read(key.info).children()).raw
    secret = der.tlv(der.OCTET_STRING, key.secret.to_bytes(curve.SIZE, "little"))
    return der.sequence(der.integer(0), algorithm, der.tlv(der.OCTET_STRING, secret))


def sealed(plain: bytes, password: str) -> tuple[bytes, bytes]:
    """PBES2 with PBKDF2, HMAC-SHA-256 and AES-256 (RFC 8018): the algorithm and what it has made of *plain*."""
    salt, vector, rounds = secrets.token_bytes(16), secrets.token_bytes(16), 2048
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, rounds).derive(password.encode())
    padding, encryptor = PKCS7(128).padder(), Cipher(AES(key), modes.CBC(vector)).encryptor()
    made = encryptor.update(padding.update(plain) + padding.finalize()) + encryptor.finalize()
    hmac_sha256 = der.sequence(der.oid("1.2.840.113549.2.9"), der.NULL)
    derivation = der.sequence(der.tlv(der.OCTET_STRING, salt), der.integer(rounds), hmac_sha256)
    scheme = der.sequence(der.oid("2.16.840.1.101.3.4.1.42"), der.tlv(der.OCTET_STRING, vector))
    parameters = der.sequence(der.sequence(der.oid("1.2.840.113549.1.5.12"), derivation), scheme)
    return der.sequence(der.oid("1.2.840.113549.1.5.13"), parameters), made


def key_file(holder: Holder, chain: Sequence[bytes], *, password: str) -> bytes:
    """PKCS#12 (RFC 7292) without a MAC; key and certificates are encrypted."""

    def bag(kind: int, value: bytes) -> bytes:
        return der.sequence(der.oid(f"1.2.840.113549.1.12.10.1.{kind}"), explicit(0, value))

    def certificate_bag(content: bytes) -> bytes:
        x509_certificate = der.oid("1.2.840.113549.1.9.22.1")
        return bag(3, der.sequence(x509_certificate, explicit(0, der.tlv(der.OCTET_STRING, content))))

    certificates = der.sequence(*map(certificate_bag, [holder.certificate, *chain]))
    how, made = sealed(certificates, password)
    encrypted = der.sequence(der.integer(0), der.sequence(cms.DATA, how, der.tlv(0x80, made)))
    how, made = sealed(private_key_info(holder.key), password)
    shrouded = der.sequence(bag(2, der.sequence(how, der.tlv(der.OCTET_STRING, made))))
    safe = der.sequence(
        der.sequence(der.oid("1.2.840.113549.1.7.6"), explicit(0, encrypted)),
        der.sequence(cms.DATA, explicit(0, der.tlv(der.OCTET_STRING, shrouded))),
    )
    return der.sequence(der.integer(3), der.sequence(cms.DATA, explicit(0, der.tlv(der.OCTET_STRING, safe))))
