"""The provider ``demo``: keys of the demo authority on the server's disk, each opened by its holder's PIN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

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
from docflow.signing.cms import CertifiedKey
from docflow.signing.demo import DemoAuthority, WrongPin, load_key
from docflow.signing.findings import errors


class DemoKeys:
    """One PIN signs one challenge, however many documents it holds; the open key is forgotten afterwards."""

    name = "demo"
    title: Message = _l("Demo key (PIN)")
    demo = True
    reserve = 4096
    asks = "pin"
    subfilter = CADES

    def __init__(self, directory: Path) -> None:
        self._authority = DemoAuthority(directory)

    def challenge(self, requests: Sequence[SigningRequest], *, signer: Signer, now: datetime) -> Challenge:
        if not self._authority.key_file(iin=signer.iin, bin=signer.bin).exists():
            raise ProviderError(_l("The demo authority has issued no key to %(name)s.", name=signer.person_name))
        return Challenge(
            id=challenge_id(self.name, requests, signer=signer, now=now),
            provider=self.name,
            signer=signer,
            items=tuple(requests),
            asks=self.asks,
            instructions=_l("Enter the PIN of your demo key. It signs everything that is listed here."),
            expires_at=now + LIFETIME,
        )

    def answer(self, challenge: Challenge, reply: Mapping[str, Any], *, now: datetime) -> tuple[Answer, ...]:
        refuse_expired(challenge, now=now)
        key = self._open(challenge.signer, pin=str(reply.get("pin", "")))
        for finding in errors(authority.check(key.certificate, signer=challenge.signer, at=now)):
            raise ProviderError(finding.message)
        return tuple(Answer(item, key.sign(item.digest)) for item in challenge.items)

    def _open(self, signer: Signer, *, pin: str) -> CertifiedKey:
        if not pin:
            raise ProviderError(_l("Enter the PIN: nothing was signed."))
        try:
            return load_key(self._authority.key_file(iin=signer.iin, bin=signer.bin), pin=pin)
        except WrongPin as error:
            raise ProviderError(_l("The PIN is wrong: nothing was signed. Please try again.")) from error
        except (OSError, ValueError) as error:
            raise ProviderError(_l("The key file cannot be read: ask the administrator.")) from error


def open_provider(settings: Mapping[str, Any]) -> DemoKeys:
    """*settings*: ``directory``, where ``demo.create`` made the authority."""
    return DemoKeys(Path(settings["directory"]))
