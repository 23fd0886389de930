"""What a validation of a PDF answers: a file, its signatures, and every finding with its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from docflow.core.checks import Axis
from docflow.core.messages import Message, _l
from docflow.core.places import Place
from docflow.signing.findings import Finding, Severity
from docflow.signing.indications import UNJUDGED, Conclusion


class Integrity(StrEnum):
    INTACT = "intact"
    BROKEN = "broken"
    UNDETERMINED = "undetermined"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


class Kind(StrEnum):
    SIGNATURE = "signature"
    TIMESTAMP = "timestamp"


class Level(StrEnum):
    """The levels of PAdES baseline (EN 319 142-1, 6); ``NONE`` for any other kind of signature."""

    NONE = ""
    B = "PAdES-B-B"
    T = "PAdES-B-T"
    LT = "PAdES-B-LT"
    LTA = "PAdES-B-LTA"


_FORMS = {
    "/adbe.pkcs7.detached": _l("CMS signature in a PDF (adbe.pkcs7.detached), not a PAdES baseline level"),
    "/adbe.pkcs7.sha1": _l("CMS signature in a PDF over SHA-1 (adbe.pkcs7.sha1), not a PAdES baseline level"),
    "/adbe.x509.rsa_sha1": _l("bare RSA signature in a PDF (adbe.x509.rsa_sha1), not a PAdES baseline level"),
    "/ETSI.CAdES.detached": _l("PAdES signature (ETSI.CAdES.detached) that does not keep a baseline level"),
}


def form_in_words(subfilter: str) -> Message | None:
    """What a signature without a level of PAdES baseline is, by its /SubFilter; ``None`` for a form unknown here."""
    return _FORMS.get(f"/{subfilter.removeprefix('/')}")


class Changes(StrEnum):
    """The worst change after a signature."""

    NONE = "none"
    LTA = "lta"  # validation data and timestamps
    FORM_FILLING = "form_filling"  # with further signatures
    ANNOTATIONS = "annotations"
    OTHER = "other"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class Certificate:
    """What a specialist wants to know of a signer's certificate and of the chain above it; no IIN.

    ``chain`` names the issuers up to the trusted root, nearest first; empty when there is no such chain.
    """

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    serial: str = ""
    chain: tuple[str, ...] = ()
    algorithm: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "serial": self.serial,
            "chain": list(self.chain),
            "algorithm": self.algorithm,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Certificate:
        return cls(
            valid_from=_moment(data.get("valid_from")),
            valid_until=_moment(data.get("valid_until")),
            serial=data.get("serial", ""),
            chain=tuple(data.get("chain", ())),
            algorithm=data.get("algorithm", ""),
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True)
class SignatureReport:
    """One signature value. ``intact`` is ``None`` when it could not be found out, and so is ``trusted``.

    ``signed_at`` is what a time stamp proves where ``time_is_proven``, otherwise what the signer's clock said.
    ``conclusion`` is the word of EN 319 102-1; ``page`` and ``place`` are where it can be seen,
    ``revision`` the state of the file that it signs, from 1, and ``signed_bytes`` how far that reaches.
    ``signed_digest`` and ``value`` (hexadecimal) tell one signature from another.
    No IIN: a certificate is told apart by its SHA-256.
    """

    field: str
    kind: Kind
    intact: bool | None
    changes: Changes
    covers_file: bool = False
    trusted: bool | None = None
    signer: str = ""
    organisation: str = ""
    bin: str = ""
    issuer: str = ""
    certificate_sha256: str = ""
    signed_at: datetime | None = None
    time_is_proven: bool = False
    subfilter: str = ""
    findings: tuple[Finding, ...] = ()
    conclusion: Conclusion = UNJUDGED
    level: Level = Level.NONE
    place: Place | None = None
    revision: int = 0
    signed_bytes: int = 0
    certificate: Certificate = Certificate()
    digest_algorithm: str = ""
    signed_digest: str = ""
    value: str = ""

    @property
    def page(self) -> int | None:
        return self.place.page if self.place else None

    @property
    def form(self) -> Message | None:
        """What is there where there is no level; ``None`` beside a level, for a time stamp and for what is broken."""
        has_level = self.level is not Level.NONE or self.kind is Kind.TIMESTAMP
        return None if has_level or not self.intact else form_in_words(self.subfilter)

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "kind": self.kind.value,
            "intact": self.intact,
            "changes": self.changes.value,
            "covers_file": self.covers_file,
            "trusted": self.trusted,
            "signer": self.signer,
            "organisation": self.organisation,
            "bin": self.bin,
            "issuer": self.issuer,
            "certificate_sha256": self.certificate_sha256,
            "signed_at": self.signed_at.isoformat() if self.signed_at else None,
            "time_is_proven": self.time_is_proven,
            "subfilter": self.subfilter,
            "findings": [finding.as_json() for finding in self.findings],
            "conclusion": self.conclusion.as_json(),
            "level": self.level.value,
            "page": self.page,
            "place": self.place.as_json() if self.place else None,
            "revision": self.revision,
            "signed_bytes": self.signed_bytes,
            "certificate": self.certificate.as_json(),
            "digest_algorithm": self.digest_algorithm,
            "signed_digest": self.signed_digest,
            "value": self.value,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SignatureReport:
        known = {key: data[key] for key in cls.__dataclass_fields__ if key in data}
        return cls(
            **{
                **known,
                "kind": Kind(data["kind"]),
                "changes": Changes(data["changes"]),
                "signed_at": _moment(data.get("signed_at")),
                "findings": _findings(data),
                "conclusion": Conclusion.from_json(data["conclusion"]),
                "level": Level(data["level"]),
                "place": Place.from_json(data["place"]) if data.get("place") else None,
                "certificate": Certificate.from_json(data["certificate"]),
            }
        )


@dataclass(frozen=True)
class Report:
    """A whole file; ``error`` is a sentence for a person when it is unreadable, ``detail`` the library's own words."""

    integrity: Integrity
    signatures: tuple[SignatureReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    error: Message | None = None
    detail: str = ""
    sha256: str = ""
    revisions: int = 0

    def all_findings(self) -> tuple[Finding, ...]:
        return self.findings + tuple(finding for each in self.signatures for finding in each.findings)

    def as_json(self) -> dict[str, Any]:
        """Sentences come in the current language and, under ``sentence``, as data."""
        return {
            "integrity": self.integrity.value,
            "signatures": [each.as_json() for each in self.signatures],
            "findings": [finding.as_json() for finding in self.findings],
            "error": str(self.error) if self.error else None,
            "sentence": self.error.as_json() if self.error else None,
            "detail": self.detail,
            "sha256": self.sha256,
            "revisions": self.revisions,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Report:
        return cls(
            integrity=Integrity(data["integrity"]),
            signatures=tuple(SignatureReport.from_json(each) for each in data["signatures"]),
            findings=_findings(data),
            error=Message.from_json(data["sentence"]) if data.get("sentence") else None,
            detail=data.get("detail", ""),
            sha256=data.get("sha256", ""),
            revisions=data.get("revisions", 0),
        )


def _findings(data: Mapping[str, Any]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            each["code"],
            Severity(each["severity"]),
            Axis(each["axis"]),
            Message.from_json(each["sentence"]),
            tuple(each.get("pages", ())),
            tuple(map(Place.from_json, each.get("places", ()))),
        )
        for each in data["findings"]
    )
