"""The demo authority: a root, an issuing centre and people's keys, for trying things out; never for production."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from docflow.signing import authority
from docflow.signing.cms import CertifiedKey, PrivateKey

ROOT_NAME = "ДЕМО НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ"
ISSUER_NAME = "ДЕМО ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ"
RESPONDER_NAMES = {"ocsp": "ДЕМО OCSP", "tsa": "ДЕМО УАҚЫТ БЕЛГІСІ"}
POLICY_INDIVIDUAL = "1.2.398.3.3.2.3"
POLICY_LEGAL_ENTITY = "1.2.398.3.3.2.1"
YEAR = timedelta(days=365)


class WrongPin(Exception):
    """The key file does not open with this PIN."""


@dataclass(frozen=True)
class DemoAuthority:
    """Where the authority keeps its things; ``trust`` holds the root alone, for :class:`TrustStore`."""

    directory: Path

    @property
    def trust(self) -> Path:
        return self.directory / "trust"

    @property
    def root(self) -> Path:
        return self.trust / "demo-root.pem"

    @property
    def issuer(self) -> Path:
        return self.directory / "issuer.pem"

    @property
    def address(self) -> str:
        """Where the trust services of this authority answer; empty: it has none, and its certificates name none."""
        path = self.directory / "address"
        return path.read_text().strip() if path.exists() else ""

    @property
    def keys(self) -> Path:
        return self.directory / "keys"

    def key_file(self, *, iin: str, bin: str = "") -> Path:
        """The name tells nobody's IIN."""
        name = hashlib.sha256(f"docflow demo key {iin} {bin}".encode()).hexdigest()[:20]
        return self.keys / f"{name}.p12"

    def open_issuer(self) -> tuple[x509.Certificate, PrivateKey]:
        return self._open(self.issuer, "issuer")

    def open_root(self) -> tuple[x509.Certificate, PrivateKey]:
        return self._open(self.root, "root")

    def open_responder(self, name: str) -> tuple[x509.Certificate, PrivateKey]:
        """The key ``ocsp`` or ``tsa``; ``OSError`` for an authority that was made without."""
        return self._open(self.directory / f"{name}.pem", name)

    def _open(self, certificate: Path, name: str) -> tuple[x509.Certificate, PrivateKey]:
        key = serialization.load_pem_private_key((self.directory / f"{name}.key").read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        return x509.load_pem_x509_certificate(certificate.read_bytes()), key

    def revoke(self, serial: int, *, at: datetime) -> None:
        """Revoke a certificate; the trust services say so from then on."""
        revoked = {**self.revoked(), serial: at}
        text = json.dumps({f"{number:x}": when.isoformat() for number, when in revoked.items()})
        _write_private(self.directory / "revoked.json", text.encode())

    def revoked(self) -> dict[int, datetime]:
        """Serial numbers of what was revoked, and when."""
        path = self.directory / "revoked.json"
        found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return {int(number, 16): datetime.fromisoformat(when) for number, when in found.items()}


def create(directory: Path, *, now: datetime, algorithm: str = "P-256", address: str = "") -> DemoAuthority:
    """Mint the authority in *directory* once; a second call, or another process, finds it there.

    *algorithm* is ``P-256`` or ``RSA-2048``, for the authority's own keys; *address*, like ``http://127.0.0.1:8001``,
    is where its trust services will answer: every certificate that it issues names it.
    """
    made = DemoAuthority(directory)
    if made.issuer.exists():
        return made
    directory.parent.mkdir(parents=True, exist_ok=True)
    draft = DemoAuthority(Path(tempfile.mkdtemp(prefix=".demo-authority-", dir=directory.parent)))
    (draft.directory / "address").write_text(address)
    _mint(draft, now=now, algorithm=algorithm)
    try:
        draft.directory.rename(directory)
    except OSError:  # it is there already and not empty: another process was faster
        if not made.issuer.exists():
            raise
        _remove(draft.directory)
    return made


def _mint(draft: DemoAuthority, *, now: datetime, algorithm: str) -> None:
    draft.trust.mkdir()
    draft.keys.mkdir(mode=0o700)
    root_key, issuer_key = _new_key(algorithm), _new_key(algorithm)
    root_name, issuer_name = _authority_name(ROOT_NAME), _authority_name(ISSUER_NAME)
    root = _authority_certificate(root_name, root_key, root_name, root_key, now=now, years=20, path_length=1)
    issuer = _authority_certificate(
        issuer_name, issuer_key, root_name, root_key, now=now, years=10, path_length=0, address=draft.address
    )
    _write_private(draft.directory / "root.key", _key_pem(root_key))
    _write_private(draft.directory / "issuer.key", _key_pem(issuer_key))
    draft.root.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    draft.issuer.write_bytes(issuer.public_bytes(serialization.Encoding.PEM))
    _mint_responder(draft, "ocsp", ExtendedKeyUsageOID.OCSP_SIGNING, now=now, algorithm=algorithm)
    _mint_responder(draft, "tsa", ExtendedKeyUsageOID.TIME_STAMPING, now=now, algorithm=algorithm)


def _mint_responder(
    draft: DemoAuthority, name: str, purpose: x509.ObjectIdentifier, *, now: datetime, algorithm: str
) -> None:
    """A key that answers for the authority: who is revoked, or what the time is."""
    issuer, issuer_key = draft.open_issuer()
    key = _new_key(algorithm)
    builder = (
        _certificate(_authority_name(RESPONDER_NAMES[name]), key, issuer.subject, issuer_key, now=now, years=10)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    )
    if purpose == ExtendedKeyUsageOID.OCSP_SIGNING:
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    else:
        builder = _naming_services(builder, draft.address, "issuer")
    certificate = builder.sign(issuer_key, hashes.SHA256())
    _write_private(draft.directory / f"{name}.key", _key_pem(key))
    (draft.directory / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _naming_services(builder: x509.CertificateBuilder, address: str, issuer: str) -> x509.CertificateBuilder:
    """Say where the issuer tells who is revoked; the root does it by a list alone."""
    if not address:
        return builder
    url = x509.UniformResourceIdentifier
    access = [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, url(f"{address}/{issuer}.cer"))]
    if issuer != "root":
        access.append(x509.AccessDescription(AuthorityInformationAccessOID.OCSP, url(f"{address}/ocsp")))
    point = x509.DistributionPoint([url(f"{address}/{issuer}.crl")], None, None, None)
    return builder.add_extension(x509.AuthorityInformationAccess(access), critical=False).add_extension(
        x509.CRLDistributionPoints([point]), critical=False
    )


def _remove(directory: Path) -> None:
    for path in sorted(directory.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    directory.rmdir()


def _new_key(algorithm: str) -> PrivateKey:
    if algorithm == "P-256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "RSA-2048":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    raise ValueError(f"the demo authority makes P-256 and RSA-2048 keys, not {algorithm!r}")


def _key_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(path: Path, data: bytes) -> None:
    """Write whole or not at all, readable by the owner alone."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mkstemp makes 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.replace(draft, path)


def _authority_name(common_name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, common_name), x509.NameAttribute(NameOID.COUNTRY_NAME, "KZ")]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(
    subject: x509.Name, key: PrivateKey, issuer: x509.Name, issuer_key: PrivateKey, *, now: datetime, years: int
) -> x509.CertificateBuilder:
    # A day of grace: clocks differ, and samples are signed on the day the authority is made.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + YEAR * years)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )


def _authority_certificate(
    subject: x509.Name,
    key: PrivateKey,
    issuer: x509.Name,
    issuer_key: PrivateKey,
    *,
    now: datetime,
    years: int,
    path_length: int,
    address: str = "",
) -> x509.Certificate:
    builder = (
        _certificate(subject, key, issuer, issuer_key, now=now, years=years)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return _naming_services(builder, address, "root").sign(issuer_key, hashes.SHA256())


def issue_key(
    directory: Path,
    *,
    person: str,
    iin: str,
    bin: str = "",
    organisation: str = "",
    roles: Sequence[str] = (),
    pin: str,
    now: datetime,
    algorithm: str = "P-256",
) -> Path:
    """Issue *person* ("Surname First-name Patronymic") an encrypted PKCS#12 and return its path.

    A key that is there, opens with *pin*, has the same holder and is still valid stays as it is.
    """
    place = DemoAuthority(directory)
    path = place.key_file(iin=iin, bin=bin)
    subject = _person_name(person, iin=iin, bin=bin, organisation=organisation)
    if _is_current(path, pin=pin, subject=subject, roles=roles, now=now):
        return path
    issuer, issuer_key = place.open_issuer()
    key = _new_key(algorithm)
    builder = (
        _certificate(subject, key, issuer.subject, issuer_key, now=now, years=2)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(_extended_usage(roles, bin=bin), critical=False)
        .add_extension(_policies(bin=bin), critical=False)
    )
    certificate = _naming_services(builder, place.address, "issuer").sign(issuer_key, hashes.SHA256())
    encryption = _encryption(pin)
    _write_private(path, pkcs12.serialize_key_and_certificates(b"docflow demo", key, certificate, [issuer], encryption))
    return path


def _encryption(pin: str) -> serialization.KeySerializationEncryption:
    """As many rounds as OpenSSL's pkcs12 takes; more would not hide a demo's PIN, which everybody is told."""
    builder = serialization.PrivateFormat.PKCS12.encryption_builder()
    chosen = builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA256())
    return chosen.kdf_rounds(2048).build(pin.encode())


def _person_name(person: str, *, iin: str, bin: str, organisation: str) -> x509.Name:
    surname, *names = person.split()
    parts = [
        (NameOID.COMMON_NAME, " ".join([surname, *names[:1]])),
        (NameOID.SURNAME, surname),
        (NameOID.SERIAL_NUMBER, f"IIN{iin}"),
        (NameOID.COUNTRY_NAME, "KZ"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, f"BIN{bin}" if bin else ""),
        (NameOID.GIVEN_NAME, " ".join(names[1:])),
    ]
    return x509.Name([x509.NameAttribute(kind, _fitting(value)) for kind, value in parts if value])


def _fitting(value: str) -> str:
    """Cut a name that is too long for X.520: 64, which the library counts in bytes; the IIN tells who it is."""
    return value.encode()[:64].decode(errors="ignore").rstrip()


def _extended_usage(roles: Sequence[str], *, bin: str) -> x509.ExtendedKeyUsage:
    base = authority.LEGAL_ENTITY if bin else authority.INDIVIDUAL
    oids = dict.fromkeys([base, *roles])
    return x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, *map(x509.ObjectIdentifier, oids)])


def _policies(*, bin: str) -> x509.CertificatePolicies:
    policy = x509.ObjectIdentifier(POLICY_LEGAL_ENTITY if bin else POLICY_INDIVIDUAL)
    return x509.CertificatePolicies([x509.PolicyInformation(policy, None)])


def _is_current(path: Path, *, pin: str, subject: x509.Name, roles: Sequence[str], now: datetime) -> bool:
    if not path.exists():
        return False
    try:
        certificate = load_key(path, pin=pin).certificate
    except (WrongPin, ValueError):
        return False
    carried = authority.certificate_roles(certificate)
    return certificate.subject == subject and set(roles) <= carried and now < certificate.not_valid_after_utc


def load_key(path: Path, *, pin: str) -> CertifiedKey:
    """Open a key file; :class:`WrongPin` when it does not open with *pin*."""
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), pin.encode())
    except ValueError as error:
        raise WrongPin from error
    if certificate is None or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path.name} holds no key that can sign")
    return CertifiedKey(key, certificate, tuple(chain))
