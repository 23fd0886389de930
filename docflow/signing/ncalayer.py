"""The provider ``ncalayer``: the person's key stays on his machine; NCALayer, or ``docflow signer``, answers there.

The page carries requests of the module ``kz.gov.pki.knca.basics`` to a socket of the signer's own machine and brings
the answers back as they are: everything in them is read and judged here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes

from docflow.core.errors import ProviderError
from docflow.core.messages import Message, _l
from docflow.signing import authority, der
from docflow.signing.base import (
    CADES,
    LIFETIME,
    PKCS7,
    Answer,
    Challenge,
    Signer,
    SigningRequest,
    challenge_id,
    refuse_expired,
)
from docflow.signing.cms import SignerInfo, check_signed, read_cms
from docflow.signing.findings import errors

MODULE = "kz.gov.pki.knca.basics"
FOR_SIGNING = "1.3.6.1.5.5.7.3.4"  # emailProtection, which the national profile uses for signing
# One dialog of NCALayer signs a whole array; more than this and a browser's socket becomes slow.
DOCUMENTS, CHARACTERS = 100, 32_000_000
# The national arc of algorithms, as DER writes it: 34.310, 34.311, Streebog, 34.10-2015.
GOST_OIDS = der.oid("1.2.398.3.10.1")[2:]
_PEM = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]+-----")

# What can happen before there is an answer at all: the page tells these by name.
PROBLEMS: dict[str, Message] = {
    "not-running": _l(
        "NCALayer does not answer. Start it, and if this is its first time, trust its certificate; then try again."
    ),
    "closed": _l("The connection to NCALayer was broken. What was signed before is kept; try again for the rest."),
}
CANCELLED = _l("You have cancelled signing in NCALayer: this was not signed.")
OUTDATED = _l("This NCALayer is too old or lacks the module “basics”: update NCALayer, then try again.")
MISSING = _l("NCALayer has given no signature for this document. Try again.")
GOST_KEY = _l(
    "This is a GOST key of an older kind, whose signatures cannot be checked here: choose a key of GOST 2015, which "
    "the centre issues now, or an RSA key."
)
WITH_TIME = _l(
    "NCALayer puts the time into its signatures, which the chosen form (CAdES) forbids: the administrator must choose "
    "pkcs7, or you sign with docflow signer."
)


class NcaLayer:
    """One dialog on the signer's machine signs a batch; the answers are checked before anything is embedded."""

    name = "ncalayer"
    title: Message = _l("NCALayer (your own key)")
    demo = False
    reserve = 16384  # the chain comes along, and with some programs a time stamp
    asks = "cms"
    problems: Mapping[str, Message] = PROBLEMS

    def __init__(self, address: str, *, subfilter: str = PKCS7, any_authority: bool = False) -> None:
        self.address = address
        self.subfilter = subfilter
        self._any_authority = any_authority

    def challenge(self, requests: Sequence[SigningRequest], *, signer: Signer, now: datetime) -> Challenge:
        if not signer.iin:
            raise ProviderError(
                _l(
                    "The IIN of %(name)s is not known here, so no key can be recognised as his.",
                    name=signer.person_name,
                )
            )
        return Challenge(
            id=challenge_id(self.name, requests, signer=signer, now=now),
            provider=self.name,
            signer=signer,
            items=tuple(requests),
            asks=self.asks,
            instructions=_l("Choose your key in the window of NCALayer. It signs everything that is listed here."),
            expires_at=now + LIFETIME,
            extra={"address": self.address},
        )

    def dialogue(self, challenge: Challenge, contents: Mapping[str, bytes], *, locale: str) -> list[dict[str, Any]]:
        """What the page sends, in order: each ``request`` as it is, with the names of the documents in it.

        *contents* holds the bytes of each ByteRange: NCALayer hashes by itself, with the digest that fits the key.
        """
        return [
            {
                "ids": [item.id for item in batch],
                "request": self._request(challenge.signer, batch, contents, locale=locale),
                "titles": [item.title for item in batch],
            }
            for batch in _batches(challenge.items, contents)
        ]

    def _request(
        self, signer: Signer, batch: Sequence[SigningRequest], contents: Mapping[str, bytes], *, locale: str
    ) -> dict[str, Any]:
        data = [base64.b64encode(contents[item.id]).decode() for item in batch]
        wanted: dict[str, Any] = {"extKeyUsageOids": [FOR_SIGNING, *_demanded(signer)], "iin": signer.iin}
        if signer.bin:
            wanted["bin"] = signer.bin
        if self._any_authority:
            wanted["chain"] = []  # no path is built: keys of a test or demo authority are offered too
        signing = {"decode": True, "encapsulate": False, "digested": False, "tsaProfile": None}
        return {
            "module": MODULE,
            "method": "sign",
            "args": {
                "format": "cms",
                "data": data if len(data) > 1 else data[0],
                "signingParams": signing,
                "signerParams": wanted,
                "locale": "kk" if locale == "kk" else "ru",  # it speaks no other
            },
        }

    def answer(self, challenge: Challenge, reply: Mapping[str, Any], *, now: datetime) -> tuple[Answer, ...]:
        refuse_expired(challenge, now=now)
        _refuse_told(reply.get("problem"))
        found: dict[str, bytes | Message] = {}
        for each in _exchanges(reply.get("answers")):
            found.update(_read(each, challenge.signer))
        answers = tuple(self._judged(item, found.get(item.id, MISSING), challenge, now) for item in challenge.items)
        if all(answer.cms is None for answer in answers):
            raise ProviderError(answers[0].problem or MISSING)
        return answers

    def _judged(self, item: SigningRequest, found: bytes | Message, challenge: Challenge, now: datetime) -> Answer:
        if isinstance(found, Message):
            return Answer(item, None, found)
        try:
            self._check(item, found, challenge.signer, now)
        except ProviderError as error:
            return Answer(item, None, error.message)
        return Answer(item, found)

    def _check(self, item: SigningRequest, cms: bytes, signer: Signer, now: datetime) -> None:
        info = _information(cms)
        for finding in errors(authority.check(info.certificate, signer=signer, at=now)):
            raise ProviderError(finding.message)
        if info.tells_time and self.subfilter == CADES:
            raise ProviderError(WITH_TIME)
        # By another digest the content is hashed when the signature is embedded, which is always checked.
        same = isinstance(info.digest_algorithm, hashes.SHA256)
        check_signed(info, digest=item.digest if same else info.message_digest)


def _information(cms: bytes) -> SignerInfo:
    try:
        return read_cms(cms)
    except ProviderError as error:
        raise (ProviderError(GOST_KEY) if GOST_OIDS in cms else error) from error


def _demanded(signer: Signer) -> tuple[str, ...]:
    """NCALayer wants every usage that is named; of several that would do, none can be named."""
    return signer.roles if len(signer.roles) == 1 else ()


def _batches(items: Sequence[SigningRequest], contents: Mapping[str, bytes]) -> Iterator[tuple[SigningRequest, ...]]:
    batch: list[SigningRequest] = []
    size = 0
    for item in items:
        length = len(contents[item.id]) * 4 // 3
        if batch and (len(batch) == DOCUMENTS or size + length > CHARACTERS):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield tuple(batch)


def _refuse_told(problem: Any) -> None:
    if isinstance(problem, str) and problem in PROBLEMS:
        raise ProviderError(PROBLEMS[problem])


def _exchanges(answers: Any) -> Iterator[tuple[list[str], Any]]:
    """The answers as the page brings them: ``[{"ids": [...], "answer": ...}, ...]``; the page is not believed."""
    for each in answers if isinstance(answers, list) else []:
        ids = each.get("ids") if isinstance(each, dict) else None
        if isinstance(ids, list) and all(isinstance(name, str) for name in ids):
            yield ids, each.get("answer")


def _read(exchange: tuple[list[str], Any], signer: Signer) -> dict[str, bytes | Message]:
    """A signature, or the sentence that says why there is none, for each document of one request."""
    ids, answer = exchange
    signatures, problem = _signatures(answer, signer)
    if problem is not None:
        return dict.fromkeys(ids, problem)
    if len(signatures) != len(ids):
        return dict.fromkeys(ids, MISSING)
    return {name: _decoded(signature) for name, signature in zip(ids, signatures, strict=True)}


def _signatures(answer: Any, signer: Signer) -> tuple[list[Any], Message | None]:
    if not isinstance(answer, dict):
        return [], _not_understood("no JSON object")
    body = answer.get("body")
    result = body.get("result") if isinstance(body, dict) else answer.get("responseObject")
    if answer.get("status") is True or str(answer.get("code")) == "200":
        if not result:
            return [], CANCELLED  # so it says that the window was closed
        return (result if isinstance(result, list) else [result]), None
    return [], _failure(answer, signer)


def _failure(answer: Mapping[str, Any], signer: Signer) -> Message:
    code = str(answer.get("errorCode") or answer.get("code") or "")
    told = f"{answer.get('message', '')} {answer.get('details', '')}".lower()
    if "cancel" in told:
        return CANCELLED
    if code in ("MODULE_NOT_FOUND", "METHOD_NOT_FOUND"):
        return OUTDATED
    if code in ("SIGNING_FAILURE", "INVALID_SIGNING_PARAMS", "GENERAL_ERROR"):
        return _l(
            "NCALayer could not sign with this key. Choose the key of %(name)s that is for signing, then try again.",
            name=signer.person_name,
        )
    return _not_understood(code or "?")


def _not_understood(code: str) -> Message:
    told = re.sub(r"[^\w .-]", "", code)[:60]
    return _l("NCALayer has given an answer that is not understood here: %(code)s.", code=told)


def _decoded(signature: Any) -> bytes | Message:
    """PEM or bare base64, with whatever line ends."""
    text = "".join(_PEM.sub("", signature).split()) if isinstance(signature, str) else ""
    try:
        return base64.b64decode(text, validate=True) if text else MISSING
    except (binascii.Error, ValueError):
        return _not_understood("base64")


def open_provider(settings: Mapping[str, Any]) -> NcaLayer:
    """*settings*: ``address``, ``form`` (pkcs7 or cades), ``any_authority`` (keys of a demo authority are offered)."""
    return NcaLayer(
        settings["address"],
        subfilter=CADES if settings.get("form") == "cades" else PKCS7,
        any_authority=bool(settings.get("any_authority")),
    )
