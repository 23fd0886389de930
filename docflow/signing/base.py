"""The contract between a signing service and the ways to obtain a signature."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from typing import Any, Protocol, runtime_checkable

from docflow.core.errors import ProviderError
from docflow.core.messages import Message, _l

ENTRY_POINT_GROUP = "docflow.signature_providers"
LIFETIME = timedelta(minutes=30)
# ISO 32000-2, 12.8.3.3 and 12.8.3.4: what kind of CMS stands in the hole. The second forbids signing-time.
PKCS7, CADES = "/adbe.pkcs7.detached", "/ETSI.CAdES.detached"


@dataclass(frozen=True)
class Signer:
    """Whose signature is wanted; the certificate must say the same.

    ``bin`` is set when the person signs for an organisation; ``roles`` are the OIDs of the national
    certificate profile of which the certificate must carry at least one (none: any). With
    ``is_organisation`` the legal person itself signs, with its seal: then its BIN counts, and nobody's IIN.
    """

    person_name: str
    iin: str
    bin: str = ""
    roles: tuple[str, ...] = ()
    is_organisation: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "person_name": self.person_name,
            "iin": self.iin,
            "bin": self.bin,
            "roles": list(self.roles),
            "is_organisation": self.is_organisation,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Signer:
        return cls(
            data["person_name"],
            data["iin"],
            data.get("bin", ""),
            tuple(data.get("roles", ())),
            is_organisation=data.get("is_organisation", False),
        )


@dataclass(frozen=True)
class SigningRequest:
    """One document that waits for one signature: what a provider may show, and what it must sign."""

    id: str  # the caller's own name for it; comes back with the answer
    document_code: str
    title: str
    field: str
    digest: bytes  # SHA-256 over the ByteRange
    pdf_sha256: str  # of the prepared PDF with the hole

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "document": self.document_code,
            "title": self.title,
            "field": self.field,
            "digest": self.digest.hex(),
            "pdf_sha256": self.pdf_sha256,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SigningRequest:
        return cls(
            data["id"],
            data["document"],
            data["title"],
            data["field"],
            bytes.fromhex(data["digest"]),
            data["pdf_sha256"],
        )


@dataclass(frozen=True)
class Challenge:
    """What one authorisation signs, and what the signer is asked for; kept as data between two requests."""

    id: str
    provider: str
    signer: Signer
    items: tuple[SigningRequest, ...]
    asks: str  # what the reply must hold: "pin", "otp", "cms"; empty: nothing
    instructions: Message
    expires_at: datetime
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "provider": self.provider,
            "signer": self.signer.as_json(),
            "items": [item.as_json() for item in self.items],
            "asks": self.asks,
            "instructions": self.instructions.as_json(),
            "expires_at": self.expires_at.isoformat(),
            "extra": dict(self.extra),
        }

    def for_page(self) -> dict[str, Any]:
        """The same without the signer's IIN, which no page and no log shows."""
        return {key: value for key, value in self.as_json().items() if key != "signer"}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Challenge:
        return cls(
            id=data["id"],
            provider=data["provider"],
            signer=Signer.from_json(data["signer"]),
            items=tuple(SigningRequest.from_json(item) for item in data["items"]),
            asks=data["asks"],
            instructions=Message.from_json(data["instructions"]),
            expires_at=datetime.fromisoformat(data["expires_at"]),
            extra=data.get("extra", {}),
        )


@dataclass(frozen=True)
class Answer:
    """The CMS for one item of a challenge, or the sentence that says why there is none."""

    request: SigningRequest
    cms: bytes | None
    problem: Message | None = None


@runtime_checkable
class SignatureProvider(Protocol):
    """A way to obtain signatures. ``demo`` providers are refused in production.

    ``reserve`` is how many bytes of CMS the provider may return, ``subfilter`` what kind of CMS; ``asks`` what a
    page asks for as a rule, as in :class:`Challenge`, which may ask for less or more.
    """

    name: str
    title: Message
    demo: bool
    reserve: int
    asks: str
    subfilter: str

    def challenge(self, requests: Sequence[SigningRequest], *, signer: Signer, now: datetime) -> Challenge:
        """Say what will be signed; :class:`ProviderError` when this signer cannot sign this way."""
        ...

    def answer(self, challenge: Challenge, reply: Mapping[str, Any], *, now: datetime) -> tuple[Answer, ...]:
        """Turn one authorisation into an answer an item, in the order of the items.

        :class:`ProviderError` when the authorisation itself fails: then nothing was signed.
        """
        ...


@runtime_checkable
class AtOwnMachine(SignatureProvider, Protocol):
    """A provider whose page talks to a program on the signer's machine, at ``address``.

    ``problems`` are sentences for what the page alone can notice; it tells them by name.
    """

    address: str
    problems: Mapping[str, Message]

    def dialogue(self, challenge: Challenge, contents: Mapping[str, bytes], *, locale: str) -> list[dict[str, Any]]:
        """Requests to send, in order, each with the names of its items; *contents* are the bytes to sign."""
        ...


ProviderOpener = Callable[[Mapping[str, Any]], SignatureProvider]


def challenge_id(provider: str, requests: Iterable[SigningRequest], *, signer: Signer, now: datetime) -> str:
    """A name that changes with anything that is to be signed, by whom, how and when; it tells none of it."""
    digest = hashlib.sha256(f"{provider}\0{signer.iin}\0{signer.bin}\0{now.isoformat()}".encode())
    for request in requests:
        digest.update(f"\0{request.id}\0{request.pdf_sha256}".encode() + request.digest)
    return digest.hexdigest()[:32]


def refuse_expired(challenge: Challenge, *, now: datetime) -> None:
    if now > challenge.expires_at:
        raise ProviderError(_l("The time for signing has passed; nothing was signed. Please begin again."))


def find_openers() -> dict[str, Callable[[], ProviderOpener]]:
    """Providers of other packages by name, not loaded: a package that is merely installed must not run here."""
    return {point.name: point.load for point in entry_points(group=ENTRY_POINT_GROUP)}
