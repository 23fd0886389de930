"""GOST R 34.10-2012 with 512 bits, on the curve id-tc26-gost-3410-12-512-paramSetA (RFC 7091; RFC 7836, A.1).

Constant time is not tried: a server verifies with it, and signs with it never; ``docflow signer`` signs on its
holder's own machine.
"""

from __future__ import annotations

import secrets
from functools import lru_cache

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
SIZE = 64  # bytes of a coordinate, and of each number of a signature
Point = tuple[int, int]
BASE: Point = (
    3,
    int(
        "7503CFE87A836AE3A61B8816E25450E6CE5E1C93ACF1ABC1778064FDCBEFA921"
        "DF1626BE4FD036E93D75E6A50E3A41E98028FE5FC235F5B889A589CB5215F2A4",
        16,
    ),
)
# Jacobian coordinates: (X, Y, Z) stands for (X / Z², Y / Z³), and Z = 0 for the point at infinity.
_Jacobian = tuple[int, int, int]
_NOWHERE: _Jacobian = (1, 1, 0)


def is_on_curve(point: Point) -> bool:
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - x * x * x - A * x - B) % P == 0


def _doubled(point: _Jacobian) -> _Jacobian:
    """The formulas for a curve with A = -3, which this one is."""
    x, y, z = point
    delta, gamma = z * z % P, y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    x3 = (alpha * alpha - 8 * beta) % P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % P, 2 * y * z % P


def _sum(one: _Jacobian, other: _Jacobian) -> _Jacobian:
    (x1, y1, z1), (x2, y2, z2) = one, other
    if not z1 or not z2:
        return other if not z1 else one
    square1, square2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * square2 % P, x2 * square1 % P
    s1, s2 = y1 * square2 * z2 % P, y2 * square1 * z1 % P
    if u1 == u2:
        return _doubled(one) if s1 == s2 else _NOWHERE
    h, r = u2 - u1, s2 - s1
    cube = h * h * h % P
    shared = u1 * h * h % P
    x3 = (r * r - cube - 2 * shared) % P
    return x3, (r * (shared - x3) - s1 * cube) % P, h * z1 * z2 % P


def combined(first: int, one: Point, second: int, other: Point) -> Point | None:
    """*first* times *one* plus *second* times *other*, by two bits of both at a time; ``None`` at infinity."""
    table = [[_NOWHERE] * 4 for _ in range(4)]
    for i in range(4):
        for j in range(4):
            if i:
                table[i][j] = _sum(table[i - 1][j], (*one, 1))
            elif j:
                table[i][j] = _sum(table[i][j - 1], (*other, 1))
    found = _NOWHERE
    for at in range((max(first.bit_length(), second.bit_length()) + 1) // 2 * 2, -1, -2):
        found = _sum(_doubled(_doubled(found)), table[first >> at & 3][second >> at & 3])
    return _plain(found)


def _plain(point: _Jacobian) -> Point | None:
    x, y, z = point
    if not z:
        return None
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return x * square % P, y * square * inverse % P


def times(number: int, point: Point) -> Point | None:
    return combined(number, point, 0, point)


def number_of(digest: bytes) -> int:
    return int.from_bytes(digest, "little") % Q or 1


@lru_cache(maxsize=4096)
def is_signed(digest: bytes, signature: bytes, key: Point) -> bool:
    """Whether *signature* is that of *key* over *digest*; the answer never changes, and chains are asked again."""
    if len(signature) != 2 * SIZE or not is_on_curve(key):
        return False
    r, s = int.from_bytes(signature[:SIZE], "little"), int.from_bytes(signature[SIZE:], "little")
    if not (0 < r < Q and 0 < s < Q):
        return False
    inverse = pow(number_of(digest), -1, Q)
    point = combined(s * inverse % Q, BASE, -r * inverse % Q, key)
    return point is not None and point[0] % Q == r


def sign(digest: bytes, secret: int) -> bytes:
    """Sign *digest* with a number that nobody can guess and that is never used again."""
    number = number_of(digest)
    while True:
        once = 1 + secrets.randbelow(Q - 1)
        point = times(once, BASE)
        assert point is not None
        r = point[0] % Q
        s = (r * secret + once * number) % Q
        if r and s:
            return r.to_bytes(SIZE, "little") + s.to_bytes(SIZE, "little")


def public(secret: int) -> Point:
    """The point of a secret number between 0 and Q."""
    point = times(secret, BASE)
    assert point is not None
    return point
