"""GOST keys in files: PKCS#12 as the centre gives them out, or PEM (PKCS#8) with its certificates behind it.

No real key file of the centre was at hand: how it spells the secret number inside PKCS#8 is tried in every spelling
that is in use elsewhere, and the certificate tells which one is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import new as new_hash

from asn1crypto import algos, cms, core, keys, pem, pkcs12
from cryptography import x509
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7

from docflow.signing import der
from docflow.signing.gost import curve, signatures
from docflow.signing.gost.streebog import streebog

_KEY_MATERIAL, _VECTOR = 1, 2  # RFC 7292, B.3


class NoGostKey(ValueError):
    """There is no key of the national profile in the file, or none that can be read."""


class WrongPassword(ValueError):
    """The file does not open with it."""


@dataclass(frozen=True)
class GostKey:
    """An open key with its certificate and the certificates that came with it."""

    secret: int
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def raw_signature(self, data: bytes) -> bytes:
        """r and s over Streebog-512 of *data*."""
        return curve.sign(streebog(data), self.secret)


def read(data: bytes, *, password: str) -> GostKey:
    """Open a key file; :class:`NoGostKey` for any that holds another kind, before the password is looked at."""
    try:
        sealed, certificates = _parts(data, password)
        own = [each for each in certificates if signatures.is_key_of(each)]
        if not own:
            raise NoGostKey("no certificate of the national profile")
        octets = _octets(sealed, password)
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
        if isinstance(error, NoGostKey | WrongPassword):
            raise
        raise NoGostKey("not a key file that can be read") from error
    return _fitting(octets, own, certificates)


def _fitting(octets: bytes, own: list[x509.Certificate], certificates: list[x509.Certificate]) -> GostKey:
    points = {signatures.public_key(signatures.info_of(each)): each for each in own}
    for secret in _readings(octets):
        certificate = points.get(curve.public(secret)) if 0 < secret < curve.Q else None
        if certificate is not None:
            return GostKey(secret, certificate, tuple(each for each in certificates if each != certificate))
    raise NoGostKey("the key does not belong to the certificate")


def _readings(octets: bytes) -> Iterator[int]:
    """Bare, as an OCTET STRING or INTEGER, or in an ECPrivateKey (RFC 5915); the lowest byte first or last."""
    found = [octets]
    try:
        element = der.read(octets)
        parts = list(element.children()) if element.tag == der.SEQUENCE else [element]
        found += [each.content for each in parts if each.tag in (der.OCTET_STRING, der.INTEGER)]
    except der.NotDer:
        pass
    for each in found:
        if len(each) <= curve.SIZE + 1:
            yield from (int.from_bytes(each, "little"), int.from_bytes(each, "big"))


# The container


def _parts(data: bytes, password: str) -> tuple[core.Asn1Value, list[x509.Certificate]]:
    return _of_pem(data) if pem.detect(data) else _of_pkcs12(data, password)


def _of_pem(data: bytes) -> tuple[core.Asn1Value, list[x509.Certificate]]:
    blocks = [(kind, content) for kind, _, content in pem.unarmor(data, multiple=True)]
    kinds = {"PRIVATE KEY": keys.PrivateKeyInfo, "ENCRYPTED PRIVATE KEY": keys.EncryptedPrivateKeyInfo}
    sealed = next(kinds[kind].load(content) for kind, content in blocks if kind in kinds)
    return sealed, [x509.load_der_x509_certificate(content) for kind, content in blocks if kind == "CERTIFICATE"]


def _of_pkcs12(data: bytes, password: str) -> tuple[core.Asn1Value, list[x509.Certificate]]:
    bags = [bag for part in pkcs12.Pfx.load(data).authenticated_safe for bag in _bags(part, password)]
    sealed = next(bag["bag_value"] for bag in bags if bag["bag_id"].native in ("key_bag", "pkcs8_shrouded_key_bag"))
    found = (bag["bag_value"]["cert_value"].parsed for bag in bags if bag["bag_id"].native == "cert_bag")
    return sealed, [x509.load_der_x509_certificate(each.dump()) for each in found]


def _bags(part: cms.ContentInfo, password: str) -> pkcs12.SafeContents:
    if part["content_type"].native == "data":
        return pkcs12.SafeContents.load(part["content"].native)
    sealed = part["content"]["encrypted_content_info"]
    how = sealed["content_encryption_algorithm"]
    return pkcs12.SafeContents.load(_decrypted(how, sealed["encrypted_content"].native, password))


def _octets(sealed: core.Asn1Value, password: str) -> bytes:
    """The private key in a PrivateKeyInfo, which the library takes apart for algorithms that it knows alone."""
    if isinstance(sealed, keys.PrivateKeyInfo):
        info = sealed.dump()
    else:
        info = _decrypted(sealed["encryption_algorithm"], sealed["encrypted_data"].native, password)
    _version, _algorithm, octets, *_ = der.read(info).children()
    return octets.content


def _decrypted(how: algos.EncryptionAlgorithm, data: bytes, password: str) -> bytes:
    """By PBES2 (RFC 8018) or the older way of PKCS#12, with AES or 3DES."""
    material, vector = _material(how, password)
    ciphers: dict[str, type[CipherAlgorithm]] = {"aes": AES, "tripledes": TripleDES}
    cipher = ciphers.get(how.encryption_cipher)
    if cipher is None:
        raise NoGostKey("encrypted in a way that is not known here")
    decryptor = Cipher(cipher(material), modes.CBC(vector)).decryptor()  # type: ignore[call-arg]
    padding = PKCS7(8 * len(vector)).unpadder()
    try:
        plain = padding.update(decryptor.update(data) + decryptor.finalize()) + padding.finalize()
        der.read(plain)
    except ValueError as error:
        raise WrongPassword from error
    return plain


def _material(how: algos.EncryptionAlgorithm, password: str) -> tuple[bytes, bytes]:
    """The key and the vector."""
    salt, iterations = how.kdf_salt, how.kdf_iterations
    if how.kdf == "pbkdf2":
        algorithm = getattr(hashes, how.kdf_hmac.upper())()
        derived = PBKDF2HMAC(algorithm, how.key_length, salt, iterations).derive(password.encode())
        return derived, how.encryption_iv
    if how.kdf != "pkcs12_kdf":
        raise NoGostKey("encrypted in a way that is not known here")
    text = password.encode("utf-16-be") + b"\0\0"
    return (
        pkcs12_kdf(text, salt, iterations, purpose=_KEY_MATERIAL, length=how.key_length),
        pkcs12_kdf(text, salt, iterations, purpose=_VECTOR, length=how.encryption_block_size),
    )


def pkcs12_kdf(password: bytes, salt: bytes, iterations: int, *, purpose: int, length: int) -> bytes:
    """RFC 7292, B.2, with SHA-1, as the older way has it."""
    block = 64
    diversifier = bytes((purpose,)) * block
    pieces = bytearray(_filled(salt, block) + _filled(password, block))
    made = b""
    while len(made) < length:
        digest = diversifier + pieces
        for _ in range(iterations):
            digest = new_hash("sha1", digest, usedforsecurity=False).digest()
        made += digest
        step = int.from_bytes(_filled(digest, block), "big") + 1
        for at in range(0, len(pieces), block):
            number = (int.from_bytes(pieces[at : at + block], "big") + step) % (1 << 8 * block)
            pieces[at : at + block] = number.to_bytes(block, "big")
    return made[:length]


def _filled(data: bytes, block: int) -> bytes:
    """Repeated until it fills whole blocks, the last one cut; the digest fills just one."""
    length = -(-len(data) // block) * block
    return (data * (length // len(data) + 1))[:length] if data else b""
