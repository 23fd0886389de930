"""A real demo authority, people with keys, and a paper to sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typst

from docflow.signing import authority, base, demo, pades
from docflow.signing.demo import DemoAuthority
from docflow.signing.demo_keys import DemoKeys
from docflow.signing.trust import TrustStore

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PIN = "2468"
BIN = "990140000012"
RECTOR = base.Signer("Құрманғазы Әлия Өмірқызы", "900101300017", BIN, (authority.FIRST_HEAD,))
TRAINER = base.Signer("Иванова Ұлжан Петровна", "880203400025", BIN)
LISTENER = base.Signer("Ғабиден Іңкәр", "950505500036")
ALGORITHMS = {RECTOR.iin: "P-256", TRAINER.iin: "RSA-2048", LISTENER.iin: "P-256"}

_PAPER = """
#set document(title: "Сертификат", author: "Университет", date: datetime(year: 2026, month: 11, day: 20))
#set text(lang: "kk", font: "Libertinus Serif")
= Сертификат
Әлия Құрманғазы, Ғабиден Іңкәр, Өмір Ұлжан
#pagebreak()
#link("https://example.kz/v/ABC")[тексеру]
"""


@dataclass(frozen=True)
class Pki:
    """What the tests of one module share."""

    authority: DemoAuthority
    provider: DemoKeys
    trust: TrustStore


def paper() -> bytes:
    made = typst.compile(_PAPER.encode(), format="pdf", pdf_standards=["a-3a", "ua-1"])
    assert isinstance(made, bytes)
    return made


def mint(directory: Path) -> Pki:
    place = demo.create(directory / "authority", now=NOW)
    for signer in (RECTOR, TRAINER, LISTENER):
        demo.issue_key(
            place.directory,
            person=signer.person_name,
            iin=signer.iin,
            bin=signer.bin,
            organisation="Батыс университеті" if signer.bin else "",
            roles=signer.roles,
            pin=PIN,
            now=NOW,
            algorithm=ALGORITHMS[signer.iin],
        )
    return Pki(place, DemoKeys(place.directory), TrustStore.load(place.trust))


def request(prepared: pades.Prepared, name: str = "1") -> base.SigningRequest:
    return base.SigningRequest(name, "7K3M9QX2RT5V", "Сертификат", prepared.field, prepared.digest, prepared.sha256)


def sign(pki: Pki, pdf: bytes, *, signer: base.Signer = RECTOR, field: str = "head") -> bytes:
    """The whole way of one signature: prepare, challenge, answer, embed, check."""
    prepared = pades.prepare(pdf, field=field, when=NOW, reserve=pki.provider.reserve)
    challenge = pki.provider.challenge([request(prepared)], signer=signer, now=NOW)
    (answer,) = pki.provider.answer(challenge, {"pin": PIN}, now=NOW)
    assert answer.cms is not None
    signed = pades.embed(prepared, answer.cms)
    pades.check_embedded(signed, previous=pdf, field=field)
    return signed
