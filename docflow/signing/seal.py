"""The organisation's own seal: a key that this server uses, for what the organisation signs as a legal person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from cryptography import x509

from docflow.core.errors import ProviderError
from docflow.core.messages import Message, _l
from docflow.signing import authority
from docflow.signing.base import (
    CADES,
    LIFETIME,
    Answer,
    Challenge,
    Signer,
    SigningRequest,
    challenge_id,
    refuse_expired,
)
from docflow.signing.findings import errors


class Key(Protocol):
    """A key that is open; where the private half lies is its own affair."""

    @property
    def certificate(self) -> x509.Certificate: ...

    def sign(self, digest: bytes) -> bytes:
        """Return the CMS over a SHA-256 *digest*."""
        ...


class OwnSeal:
    """Signs for the organisation and for nobody else; nothing is asked, the actor's order is enough.

    *opened* opens the key for one challenge and closes it afterwards; :class:`ProviderError` when it cannot.
    """

    demo = False
    reserve = 8192
    asks = ""
    subfilter = CADES

    def __init__(self, name: str, title: Message, opened: Callable[[], AbstractContextManager[Key]]) -> None:
        self.name = name
        self.title = title
        self._opened = opened

    def challenge(self, requests: Sequence[SigningRequest], *, signer: Signer, now: datetime) -> Challenge:
        if not signer.is_organisation:
            raise ProviderError(
                _l("The organisation's seal does not sign for a person: choose your own key for this document.")
            )
        with self._opened() as key:
            _demand_fitting(key, signer, now)
        return Challenge(
            id=challenge_id(self.name, requests, signer=signer, now=now),
            provider=self.name,
            signer=signer,
            items=tuple(requests),
            asks=self.asks,
            instructions=_l(
                "The seal of %(name)s will be set on everything that is listed here.", name=signer.person_name
            ),
            expires_at=now + LIFETIME,
        )

    def answer(self, challenge: Challenge, reply: Mapping[str, Any], *, now: datetime) -> tuple[Answer, ...]:
        refuse_expired(challenge, now=now)
        with self._opened() as key:
            _demand_fitting(key, challenge.signer, now)
            return tuple(Answer(item, key.sign(item.digest)) for item in challenge.items)


def _demand_fitting(key: Key, signer: Signer, now: datetime) -> None:
    for finding in errors(authority.check(key.certificate, signer=signer, at=now)):
        raise ProviderError(finding.message)
