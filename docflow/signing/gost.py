"""GOST R 34.11-2012 and 34.10-2012 as Kazakhstan names and spells them: "GOST 2015" of the national centre.

Digest, signature and certificates in plain Python; constant time is not tried, since nothing here holds a secret of
anybody's: signatures are verified, and made by tests alone. The identifiers and the order of bytes are those of the
national profile, which differ from RFC 4491: both coordinates and both numbers of a signature are little-endian, r
stands before s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, reduce
from operator import getitem, xor

from asn1crypto import cms as asn1_cms
from asn1crypto import x509 as asn1_x509

from docflow.signing import der

KEY = "1.2.398.3.10.1.1.2.2"
CURVE = "1.2.398.3.10.1.1.2.2.1"
STREEBOG_256, STREEBOG_512 = "1.2.398.3.10.1.3.2", "1.2.398.3.10.1.3.3"
SIGNED_256, SIGNED_512 = "1.2.398.3.10.1.1.2.3.1", "1.2.398.3.10.1.1.2.3.2"
_DIGESTS = {STREEBOG_256: 32, STREEBOG_512: 64, SIGNED_256: 32, SIGNED_512: 64}
_ENGINE = {32: "md_gost12_256", 64: "md_gost12_512"}

# RFC 6986, 6.2: the substitution
_PI = """
fceedd11cf6e3116fbc4fada23c5044de977f0db932e99ba1736f1bb14cd5fc1
f918655ae25cef21811c3c428b018e4f058402aee36a8fa0060bed987fd4d31f
eb342c51eac848abf22a68a2fd3aceccb5700e56080c7612bf7213479cb75d87
15a19629107b9ac7f391786f9d9eb2b13275193dff358a7e6d54c680c3bd0d57
dff524a93ea843c9d779d6f67c22b903e00fecde7a94b0bcdce828504e330a4a
a79760731e0062441ab83882649f2641ad454692275e552f8ca3a57d69d5953b
0758b34086ac1df730376be488d9e789e11b83494c3ff8fe8d53aa90cad88561
207167a42d2b095bcb9b25d0bee56c5259a674d2e6f4b4c0d166afc2394b63b6
"""
# RFC 6986, 6.4: the rows of the matrix of the linear transformation
_A = """
8e20faa72ba0b470 47107ddd9b505a38 ad08b0e0c3282d1c d8045870ef14980e 6c022c38f90a4c07 3601161cf205268d
1b8e0b0e798c13c8 83478b07b2468764 a011d380818e8f40 5086e740ce47c920 2843fd2067adea10 14aff010bdd87508
0ad97808d06cb404 05e23c0468365a02 8c711e02341b2d01 46b60f011a83988e 90dab52a387ae76f 486dd4151c3dfdb9
24b86a840e90f0d2 125c354207487869 092e94218d243cba 8a174a9ec8121e5d 4585254f64090fa0 accc9ca9328a8950
9d4df05d5f661451 c0a878a0a1330aa6 60543c50de970553 302a1e286fc58ca7 18150f14b9ec46dd 0c84890ad27623e0
0642ca05693b9f70 0321658cba93c138 86275df09ce8aaa8 439da0784e745554 afc0503c273aa42a d960281e9d1d5215
e230140fc0802984 71180a8960409a42 b60c05ca30204d21 5b068c651810a89e 456c34887a3805b9 ac361a443d1c8cd2
561b0d22900e4669 2b838811480723ba 9bcf4486248d9f5d c3e9224312c8c1a0 effa11af0964ee50 f97d86d98a327728
e4fa2054a80b329c 727d102a548b194e 39b008152acb8227 9258048415eb419d 492c024284fbaec0 aa16012142f35760
550b8e9e21f7a530 a48b474f9ef5dc18 70a6a56e2440598e 3853dc371220a247 1ca76e95091051ad 0edd37c48a08a6d8
07e095624504536c 8d70c431ac02a736 c83862965601dd1b 641c314b2b8ee083
"""
# RFC 6986, 6.5: the constants of the rounds
_C = """
b1085bda1ecadae9ebcb2f81c0657c1f2f6a76432e45d016714eb88d7585c4fc
4b7ce09192676901a2422a08a460d31505767436cc744d23dd806559f2a64507
6fa3b58aa99d2f1a4fe39d460f70b5d7f3feea720a232b9861d55e0f16b50131
9ab5176b12d699585cb561c2db0aa7ca55dda21bd7cbcd56e679047021b19bb7
f574dcac2bce2fc70a39fc286a3d843506f15e5f529c1f8bf2ea7514b1297b7b
d3e20fe490359eb1c1c93a376062db09c2b6f443867adb31991e96f50aba0ab2
ef1fdfb3e81566d2f948e1a05d71e4dd488e857e335c3c7d9d721cad685e353f
a9d72c82ed03d675d8b71333935203be3453eaa193e837f1220cbebc84e3d12e
4bea6bacad4747999a3f410c6ca923637f151c1f1686104a359e35d7800fffbd
bfcd1747253af5a3dfff00b723271a167a56a27ea9ea63f5601758fd7c6cfe57
ae4faeae1d3ad3d96fa4c33b7a3039c02d66c4f95142a46c187f9ab49af08ec6
cffaa6b71c9ab7b40af21f66c2bec6b6bf71c57236904f35fa68407a46647d6e
f4c70e16eeaac5ec51ac86febf240954399ec6c7e6bf87c9d3473e33197a93c9
0992abc52d822c3706476983284a05043517454ca23c4af38886564d3a14d493
9b1f5b424d93c9a703e7aa020c6e41414eb7f8719c36de1e89b4443b4ddbc49a
f4892bcb929b069069d18d2bd1a5c42f36acc2355951a8d9a47f0dd4bf02e71e
378f5a541631229b944c9ad8ec165fde3a7d3a1b258942243cd955b7e00d0984
800a440bdbb2ceb17b2b8a9aa6079c540e38dc92cb1f2a607261445183235adb
abbedea680056f52382ae548b2e4f3f38941e71cff8a78db1fffe18a1b336103
9fe76702af69334b7a1e6c303b7652f43698fad1153bb6c374b4c7fb98459ced
7bcd9ed0efc889fb3002c6cd635afe94d8fa6bbbebab07612001802114846679
8a1d71efea48b9caefbacd1d7d476e98dea2594ac06fd85d6bcaa4cd81f32d1b
378ee767f11631bad21380b00449b17acda43c32bcdf1d77f82012d430219f9b
5d80ef9d1891cc86e71da4aa88e12852faf417d5d9b21b9948bc924af11bd720
"""


# -- GOST R 34.11-2012 (RFC 6986)


@lru_cache(maxsize=1)
def _tables() -> tuple[tuple[int, ...], ...]:
    """For each byte of a block what it becomes by S, P and L together, at its new place."""
    pi, rows = bytes.fromhex(_PI), [int(row, 16) for row in _A.split()]

    def turned(byte: int, column: int) -> int:
        """The rows of the matrix that the bits of *byte* choose; the first row belongs to the highest bit of all."""
        first = 8 * (7 - column)
        return reduce(xor, (rows[first + 7 - bit] for bit in range(8) if byte >> bit & 1), 0)

    return tuple(tuple(turned(pi[byte], at // 8) << 64 * (at % 8) for byte in range(256)) for at in range(64))


@lru_cache(maxsize=1)
def _rounds() -> tuple[int, ...]:
    halves = iter(_C.split())
    return tuple(int(upper + lower, 16) for upper, lower in zip(halves, halves, strict=True))


def _lps(state: int) -> int:
    return reduce(xor, map(getitem, _tables(), state.to_bytes(64, "little")))


def _compressed(state: int, block: int, count: int) -> int:
    key, text = _lps(state ^ count), block
    for constant in _rounds():
        text, key = _lps(text ^ key), _lps(key ^ constant)
    return text ^ key ^ state ^ block


def streebog(data: bytes, *, size: int = 64) -> bytes:
    """The digest of 64 or 32 bytes; by OpenSSL where its GOST engine is loaded, otherwise about 3 s a megabyte."""
    if _ENGINE[size] in hashlib.algorithms_available:
        return hashlib.new(_ENGINE[size], data).digest()
    mask = (1 << 512) - 1
    state = 0 if size == 64 else int.from_bytes(b"\1" * 64, "little")
    count = total = 0
    whole = len(data) - len(data) % 64
    for at in range(0, whole, 64):
        block = int.from_bytes(data[at : at + 64], "little")
        state = _compressed(state, block, count)
        count, total = count + 512, (total + block) & mask
    last = int.from_bytes(data[whole:] + b"\1", "little")
    state = _compressed(state, last, count)
    state = _compressed(state, count + 8 * (len(data) - whole), 0)
    state = _compressed(state, (total + last) & mask, 0)
    return state.to_bytes(64, "little")[64 - size :]


# -- GOST R 34.10-2012, 512 bits, on the curve id-tc26-gost-3410-12-512-paramSetA (RFC 7836, A.1)

P = (1 << 512) - 569
A = P - 3
B = int(
    "E8C2505DEDFC86DDC1BD0B2B6667F1DA34B82574761CB0E879BD081CFD0B6265"
    "EE3CB090F30D27614CB4574010DA90DD862EF9D4EBEE4761503190785A71C760",
    16,
)
Q = int(
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
    "27E69532F48D89116FF22B8D4E0560609B4B38ABFAD2B85DCACDB1411F10B275",
    16,
)
Point = tuple[int, int]
BASE: Point = (
    3,
    int(
        "7503CFE87A836AE3A61B8816E25450E6CE5E1C93ACF1ABC1778064FDCBEFA921"
        "DF1626BE4FD036E93D75E6A50E3A41E98028FE5FC235F5B889A589CB5215F2A4",
        16,
    ),
)


def is_on_curve(point: Point) -> bool:
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - x * x * x - A * x - B) % P == 0


def _sum(one: Point | None, other: Point | None) -> Point | None:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(number: int, point: Point) -> Point | None:
    found: Point | None = None
    added: Point | None = point
    while number:
        if number & 1:
            found = _sum(found, added)
        added, number = _sum(added, added), number >> 1
    return found


def is_signed(digest: bytes, signature: bytes, key: Point) -> bool:
    """Whether *signature* is that of *key* over *digest*."""
    if len(signature) != 128 or not is_on_curve(key):
        return False
    r, s = int.from_bytes(signature[:64], "little"), int.from_bytes(signature[64:], "little")
    if not (0 < r < Q and 0 < s < Q):
        return False
    inverse = pow(number_of(digest), -1, Q)
    point = _sum(times(s * inverse % Q, BASE), times(-r * inverse % Q, key))
    return point is not None and point[0] % Q == r


def number_of(digest: bytes) -> int:
    return int.from_bytes(digest, "little") % Q or 1


# -- Certificates and CMS


class Unreadable(ValueError):
    """No GOST key, certificate or signature of the national profile."""


def public_key(info: bytes) -> Point:
    """The point in a SubjectPublicKeyInfo: an OCTET STRING of x and y in its BIT STRING."""
    algorithm, bits = der.read(info).children()
    name, *parameters = algorithm.children()
    chosen = [each.raw for part in parameters for each in part.children()]
    if name.raw != der.oid(KEY) or chosen[:1] != [der.oid(CURVE)]:
        raise Unreadable("not a key on the curve that is known here")
    value = der.read(bits.content[1:]).content
    if len(value) != 128:
        raise Unreadable("a public key of another length")
    return int.from_bytes(value[:64], "little"), int.from_bytes(value[64:], "little")


def is_gost(algorithm: str) -> bool:
    return algorithm in _DIGESTS


def is_issued_by(certificate: asn1_x509.Certificate, issuer: asn1_x509.Certificate) -> bool:
    """By name and by signature; whether the issuer may issue is asked elsewhere."""
    algorithm = certificate["signature_algorithm"]["algorithm"].dotted
    if certificate.issuer.dump() != issuer.subject.dump() or algorithm not in (SIGNED_256, SIGNED_512):
        return False
    try:
        key = public_key(issuer["tbs_certificate"]["subject_public_key_info"].dump())
    except ValueError:  # somebody of that name with a key of another kind
        return False
    digest = streebog(certificate["tbs_certificate"].dump(), size=_DIGESTS[algorithm])
    return is_signed(digest, certificate["signature_value"].native, key)


def chain_of(
    certificate: asn1_x509.Certificate,
    *,
    pool: Iterable[asn1_x509.Certificate],
    roots: Sequence[bytes],
    now: datetime,
) -> tuple[asn1_x509.Certificate, ...]:
    """The certificates from *certificate* to a pinned root, all valid at *now*; empty when there is no such chain."""
    found, candidates = [certificate], [*pool, *(asn1_x509.Certificate.load(root) for root in roots)]
    while all(_is_valid(each, now) for each in found[-1:]) and len(found) < 8:
        if found[-1].dump() in roots:
            return tuple(found)
        issuers = (each for each in candidates if each.ca and is_issued_by(found[-1], each))
        issuer = next(issuers, None)
        if issuer is None:
            return ()
        found.append(issuer)
    return ()


def _is_valid(certificate: asn1_x509.Certificate, now: datetime) -> bool:
    return bool(certificate.not_valid_before <= now <= certificate.not_valid_after)


@dataclass(frozen=True)
class Verified:
    """``kept``: the digest of the covered bytes is the signed one. ``signed``: the certificate's key has signed it."""

    kept: bool
    signed: bool


def verify_cms(signed_data: asn1_cms.SignedData, certificate: asn1_x509.Certificate, covered: bytes) -> Verified:
    """A detached CMS with signed attributes; ``ValueError`` for one that is not of the national profile."""
    (info,) = signed_data["signer_infos"]
    size = _DIGESTS.get(info["digest_algorithm"]["algorithm"].dotted)
    if size is None or info["signature_algorithm"]["algorithm"].dotted not in (KEY, SIGNED_256, SIGNED_512):
        raise Unreadable("another algorithm")
    attributes = {each["type"].dotted: each["values"] for each in info["signed_attrs"]}
    expected = attributes["1.2.840.113549.1.9.4"][0].native
    text = der.tlv(0x31, der.read(info["signed_attrs"].dump()).content)
    key = public_key(certificate["tbs_certificate"]["subject_public_key_info"].dump())
    signed = is_signed(streebog(text, size=size), info["signature"].native, key)
    return Verified(streebog(covered, size=size) == expected, signed)
