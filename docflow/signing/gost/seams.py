"""Teaching pyHanko and asn1crypto the national algorithms, so that a GOST signature is judged like any other.

The names go into the libraries' own tables, as pyHanko does for ML-DSA; signatures are verified through pyHanko's
public :class:`SignatureValidator`, and by default, since for a responder that need not be asked about itself
(RFC 6960, 4.2.2.2.1) it makes a context of its own and forgets the one it was given (pyhanko-certvalidator 0.33).
Digests have no such seam (pyHanko 0.38): two modules of it are given a ``hashes`` that knows Streebog as well.
Everything that they know without us goes on to them unchanged.
"""

from __future__ import annotations

from typing import Any

from asn1crypto import algos, keys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from pyhanko.sign import general
from pyhanko.sign.validation import generic_cms
from pyhanko_certvalidator import context as validator_context
from pyhanko_certvalidator.errors import AlgorithmNotSupported
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    DefaultSignatureValidator,
    SignatureValidationContext,
)
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from docflow.signing.gost import names, signatures
from docflow.signing.gost.streebog import Hash, Streebog

DIGESTS = {"streebog256": 32, "streebog512": 64}
KEY_NAME, SIGNATURE_NAME = "gost3410_2012_512", "streebog512_gost3410_2012_512"


class NationalSignatures(DefaultSignatureValidator):
    """The national algorithm beside those of pyHanko: in a CMS, a certificate, an OCSP answer, a list, a stamp."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Raise ``InvalidSignature`` unless the signature is that of the key."""
        if not names.is_signature(signature_algorithm["algorithm"].dotted):
            super().validate_signature(signature, signed_data, public_key_info, signature_algorithm, context)
            return
        if context.prehashed or context.contextual_md_algorithm not in (None, "streebog512"):
            raise InvalidSignature  # the digest of the attributes and that of the signature are one (RFC 5652, 5.4)
        try:
            signatures.verify(public_key_info.dump(), signature, signed_data)
        except signatures.Unreadable as error:
            raise AlgorithmNotSupported(str(error)) from error


NATIONAL = NationalSignatures()


class _Hashes:
    """``cryptography.hazmat.primitives.hashes`` with one more algorithm."""

    def __getattr__(self, name: str) -> Any:
        return getattr(hashes, name)

    @staticmethod
    def Hash(algorithm: hashes.HashAlgorithm) -> Hash | hashes.Hash:
        return Hash(algorithm) if isinstance(algorithm, Streebog) else hashes.Hash(algorithm)


def algorithm_of(name: str) -> hashes.HashAlgorithm:
    """By asn1crypto's name of a digest."""
    size = DIGESTS.get(name.lower())
    return Streebog(size) if size is not None else get_pyca_cryptography_hash(name)


def _register(kind: Any, identifier: str, name: str) -> None:
    kind._map[identifier] = name
    if kind._reverse_map is not None:  # made from the other on first use
        kind._reverse_map[name] = identifier


def _install() -> None:
    for identifier, size in names.SIZES.items():
        _register(algos.DigestAlgorithmId, identifier, f"streebog{size * 8}")
    _register(algos.SignedDigestAlgorithmId, names.SIGNED_512, SIGNATURE_NAME)
    _register(algos.SignedDigestAlgorithmId, names.KEY, KEY_NAME)
    _register(keys.PublicKeyAlgorithmId, names.KEY, KEY_NAME)
    validator_context.DefaultSignatureValidator = NationalSignatures  # type: ignore[attr-defined]
    for module in (general, generic_cms):
        module.hashes, module.get_pyca_cryptography_hash = _Hashes(), algorithm_of  # type: ignore[attr-defined]


_install()
