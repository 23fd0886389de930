"""Keys on a token or in an HSM (PKCS #11), and the provider ``pkcs11``: the organisation's seal there.

Needs the package ``python-pkcs11`` (the extra ``hsm``); without it docflow runs, and this way says what is missing.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from docflow.core.errors import ProviderError
from docflow.core.messages import _l
from docflow.signing.cms import build_cms, signed_attributes
from docflow.signing.demo import WrongPin
from docflow.signing.seal import OwnSeal

try:
    import pkcs11
    from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
    from pkcs11.exceptions import PinIncorrect, PinInvalid, PinLenRange, PKCS11Error
except ImportError:
    pkcs11 = None  # type: ignore[assignment]

# A library keeps one state for the whole process, and some tokens serve one session at a time (SoftHSM among them).
_TURN = threading.Lock()


@dataclass(frozen=True)
class Place:
    """Where a key lies: the vendor's library, the token's label, and the label of key and certificate."""

    module: str
    token: str
    label: str


@dataclass(frozen=True)
class TokenKey:
    """A key that never leaves its token; usable while the session that found it is open."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    _private: Any = field(repr=False)

    def raw_signature(self, data: bytes) -> bytes:
        """PKCS#1 v1.5, or ECDSA as DER, over SHA-256 of *data*."""
        if isinstance(self.certificate.public_key(), rsa.RSAPublicKey):
            return bytes(self._private.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))
        # Plain ECDSA everywhere: SoftHSM and some tokens have no CKM_ECDSA_SHA256. They give r and s side by side.
        plain = bytes(self._private.sign(hashlib.sha256(data).digest(), mechanism=Mechanism.ECDSA))
        return ecdsa_as_der(plain)

    def sign(self, digest: bytes) -> bytes:
        """Return the CMS over a SHA-256 *digest*."""
        attributes = signed_attributes(digest, self.certificate)
        signature = self.raw_signature(attributes)
        return build_cms(attributes, signature, certificate=self.certificate, chain=self.chain)


def ecdsa_as_der(plain: bytes) -> bytes:
    """Turn r and s of equal length, as tokens give them, into the SEQUENCE that CMS wants (RFC 3279, 2.2.3)."""
    half = len(plain) // 2
    return encode_dss_signature(int.from_bytes(plain[:half], "big"), int.from_bytes(plain[half:], "big"))


@contextmanager
def open_key(place: Place, *, pin: str) -> Iterator[TokenKey]:
    """Log in to the token, find the key and its certificate, and log out in the end.

    ``WrongPin`` when the token refuses the PIN; :class:`ProviderError` with a sentence for anything else.
    """
    if pkcs11 is None:
        raise ProviderError(_l("Keys on tokens need the package python-pkcs11, which is not installed here."))
    with _TURN:
        try:
            token = pkcs11.lib(place.module).get_token(token_label=place.token)
            with token.open(user_pin=pin) as session:
                yield _found(session, place.label)
        except (PinIncorrect, PinInvalid, PinLenRange) as error:
            raise WrongPin from error
        except (PKCS11Error, RuntimeError, OSError) as error:
            raise ProviderError(
                _l("The token “%(token)s” cannot be used: %(reason)s", token=place.token, reason=type(error).__name__)
            ) from error


def _found(session: Any, label: str) -> TokenKey:
    certificates = [
        x509.load_der_x509_certificate(bytes(each[Attribute.VALUE]))
        for each in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
    ]
    own = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.LABEL: label}
    named = [x509.load_der_x509_certificate(bytes(each[Attribute.VALUE])) for each in session.get_objects(own)]
    keys = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: label}))
    if len(named) != 1 or len(keys) != 1 or keys[0].key_type not in (KeyType.RSA, KeyType.EC):
        raise ProviderError(
            _l("The token must hold one RSA or EC key and one certificate labelled “%(label)s”.", label=label)
        )
    return TokenKey(named[0], tuple(_chain(named[0], certificates)), keys[0])


def _chain(certificate: x509.Certificate, others: list[x509.Certificate]) -> Iterator[x509.Certificate]:
    """Issuers that lie on the token too, without the root."""
    issuer = next((each for each in others if _issued(certificate, each)), None)
    if issuer is not None and issuer.subject != issuer.issuer:
        yield issuer
        yield from _chain(issuer, [each for each in others if each != issuer])


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """By name and by signature: an authority that renews its key keeps its name."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def open_provider(settings: Mapping[str, Any]) -> OwnSeal:
    """*settings*: ``module``, ``token``, ``label`` and ``pin``, which the environment alone should give."""
    place = Place(settings["module"], settings["token"], settings["label"])
    pin = str(settings["pin"])

    @contextmanager
    def opened() -> Iterator[TokenKey]:
        if not pin:
            raise ProviderError(_l("The PIN of the seal is not set (DOCFLOW_SEAL_PASSWORD): ask the administrator."))
        try:
            with open_key(place, pin=pin) as key:
                yield key
        except WrongPin as error:
            raise ProviderError(_l("The token of the seal refuses its PIN: ask the administrator.")) from error

    return OwnSeal("pkcs11", _l("Seal of the organisation (HSM)"), opened)
