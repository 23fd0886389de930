"""The identifiers of the national arc (1.2.398.3.10.1), of the generation that the centre issues since 2024."""

from __future__ import annotations

KEY = "1.2.398.3.10.1.1.2.2"
CURVE = "1.2.398.3.10.1.1.2.2.1"  # id-tc26-gost-3410-12-512-paramSetA by its national name
STREEBOG_256, STREEBOG_512 = "1.2.398.3.10.1.3.2", "1.2.398.3.10.1.3.3"
SIGNED_512 = "1.2.398.3.10.1.1.2.3.2"
STAMPED = "1.2.398.3.3.2.6.4"  # the policy of the centre's time stamps by these algorithms
SIZES = {STREEBOG_256: 32, STREEBOG_512: 64}
LABEL = "GOST R 34.10-2012"


def is_key(algorithm: str) -> bool:
    """Whether a public key with this *algorithm* may be one of ours; its curve is asked when it is read."""
    return algorithm == KEY


def is_signature(algorithm: str) -> bool:
    """The identifier of the signature, or of the key in its place, as some programs write it into a CMS."""
    return algorithm in (SIGNED_512, KEY)
