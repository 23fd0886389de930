"""What EN 319 102-1 calls the outcome of a validation, and what it means in a sentence for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from docflow.core.messages import Message, _l


class Indication(StrEnum):
    """The three answers (EN 319 102-1 V1.4.1, 5.1.3)."""

    PASSED = "TOTAL-PASSED"
    FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"


class SubIndication(StrEnum):
    """Why an answer is not TOTAL-PASSED, by the names of the standard (tables 5 and 6)."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    SIGNATURE_POLICY_NOT_AVAILABLE = "SIGNATURE_POLICY_NOT_AVAILABLE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    REVOCATION_OUT_OF_BOUNDS_NO_POE = "REVOCATION_OUT_OF_BOUNDS_NO_POE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"
    GENERIC = "GENERIC"


_FAILURES = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.REVOKED,
        SubIndication.EXPIRED,
        SubIndication.NOT_YET_VALID,
    }
)
_ISSUER_UNUSABLE = _l("The chain of certificates above the signer is not in order, so who signed is not proven.")
_WEAK = _l("The algorithms of this signature are not strong enough today, and nothing proves that it is older.")
_POLICY = _l("The signature names rules of its own that are not known here.")
_PASSED = _l("The signature is genuine, and its certificate was good at the time that is proven.")
_SENTENCES: dict[SubIndication, Message] = {
    SubIndication.FORMAT_FAILURE: _l("The signature is not built as its standard demands; it proves nothing."),
    SubIndication.HASH_FAILURE: _l("The document was changed after it was signed."),
    SubIndication.SIG_CRYPTO_FAILURE: _l("The signature was not made with the key of this certificate: it is forged."),
    SubIndication.REVOKED: _l("It was signed after the certificate had been revoked."),
    SubIndication.EXPIRED: _l("It was signed after the certificate had run out."),
    SubIndication.NOT_YET_VALID: _l("It was signed before the certificate became valid."),
    SubIndication.SIG_CONSTRAINTS_FAILURE: _l(
        "The signature itself is genuine, but the file does not keep the rules for it; see what was found."
    ),
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: _l("The certificate is not one for signing documents."),
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE: _ISSUER_UNUSABLE,
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE: _l("The algorithms of this signature are too weak to prove anything."),
    SubIndication.POLICY_PROCESSING_ERROR: _POLICY,
    SubIndication.SIGNATURE_POLICY_NOT_AVAILABLE: _POLICY,
    SubIndication.TIMESTAMP_ORDER_FAILURE: _l("The time stamps contradict each other."),
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: _l("The signature does not say whose certificate it belongs to."),
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: _l(
        "The bytes are unchanged, but who signed is not proven: the certificate leads to no root that is trusted here."
    ),
    SubIndication.REVOKED_NO_POE: _l("The certificate was revoked, and nothing proves that it was signed before that."),
    SubIndication.REVOKED_CA_NO_POE: _l(
        "The certificate of the issuing centre was revoked, and nothing proves that it was signed before that."
    ),
    SubIndication.OUT_OF_BOUNDS_NOT_REVOKED: _l(
        "The certificate has run out; it was not revoked, but nothing proves that it was signed in its time."
    ),
    SubIndication.OUT_OF_BOUNDS_NO_POE: _l(
        "The certificate has run out or is not valid yet, and nothing proves that it was signed in its time."
    ),
    SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE: _l(
        "What the file says about revocation is too old to prove that the certificate was good."
    ),
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: _WEAK,
    SubIndication.NO_POE: _l("Nothing proves when it was signed."),
    SubIndication.TRY_LATER: _l(
        "The signature is genuine, but whether the certificate had been revoked could not be found out here."
    ),
    SubIndication.SIGNED_DATA_NOT_FOUND: _l("What was signed is not in this file."),
    SubIndication.GENERIC: _l("The signature could not be judged; see what was found."),
}


@dataclass(frozen=True)
class Conclusion:
    """An indication and, unless it is TOTAL-PASSED, the sub-indication that says why."""

    indication: Indication
    sub: SubIndication | None = None

    @property
    def message(self) -> Message:
        return _PASSED if self.sub is None else _SENTENCES[self.sub]

    @property
    def name(self) -> str:
        """As specialists write it."""
        return self.indication.value if self.sub is None else f"{self.indication.value} ({self.sub.value})"

    def as_json(self) -> dict[str, Any]:
        return {
            "indication": self.indication.value,
            "sub_indication": self.sub.value if self.sub else None,
            "message": str(self.message),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Conclusion:
        sub = data.get("sub_indication")
        return cls(Indication(data["indication"]), SubIndication(sub) if sub else None)


PASSED = Conclusion(Indication.PASSED)
UNJUDGED = Conclusion(Indication.INDETERMINATE, SubIndication.GENERIC)


def because(sub: SubIndication) -> Conclusion:
    """The standard's main indication for *sub*: a failure is proven, everything else is open."""
    return Conclusion(Indication.FAILED if sub in _FAILURES else Indication.INDETERMINATE, sub)


def named(name: str) -> Conclusion:
    """The conclusion for a library's name of a sub-indication; ``OK`` is TOTAL-PASSED, an unknown one GENERIC."""
    if name == "OK":
        return PASSED
    return because(SubIndication(name) if name in SubIndication.__members__ else SubIndication.GENERIC)
