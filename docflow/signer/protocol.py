"""The module ``kz.gov.pki.knca.basics`` of NCALayer, as far as docflow uses it: text in, text out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docflow.core.messages import _l
from docflow.signer.keys import CannotSign, Key, fits, make_cms

MODULE = "kz.gov.pki.knca.basics"
HEARTBEAT = "--heartbeat--"
OTHER_KEY = _l("The page asks for another key: nothing was signed.")
GREETING = {"result": {"version": "1.4"}, "program": "docflow signer"}
_XMP_TITLE = re.compile(rb"<dc:title>.{0,400}?<rdf:li[^>]*>([^<]{1,2000})</rdf:li>", re.DOTALL)


@dataclass(frozen=True)
class Sheet:
    """One document as it is shown before signing. ``title`` stands in the document, ``told`` is what the page says."""

    title: str
    told: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Wanted:
    """What a page asks to be signed, and with whose key."""

    sheets: tuple[Sheet, ...]
    contents: tuple[bytes, ...]
    is_array: bool
    iin: str
    bin: str
    usages: tuple[str, ...]


# Shows the sheets, asks the person, and opens his key; :class:`CannotSign` when he does not want to.
Consent = Callable[[Sequence[Sheet], str], AbstractContextManager[Key]]


class Unfit(Exception):
    """A request that this program does not serve."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def respond(text: str, *, origin: str, consent: Consent, now: Callable[[], datetime], tells_time: bool = True) -> str:
    """Answer one message of a page. Nothing is signed before *consent* has shown everything."""
    if text == HEARTBEAT:
        return HEARTBEAT
    try:
        wanted = read_request(text)
        with consent(wanted.sheets, origin) as key:
            if not fits(key, iin=wanted.iin, bin=wanted.bin, usages=wanted.usages):
                raise CannotSign("SIGNING_FAILURE", OTHER_KEY)
            when = now() if tells_time else None
            signed = [_pem(make_cms(key, content, when=when)) for content in wanted.contents]
    except Unfit as problem:
        return _failure(problem.code, str(problem))
    except CannotSign as problem:
        return _success({}) if problem.code == "CANCELLED" else _failure(problem.code, problem.message.msgid)
    return _success({"result": signed if wanted.is_array else signed[0]})


def _success(body: Mapping[str, Any]) -> str:
    return json.dumps({"body": body, "status": True})


def _failure(code: str, message: str) -> str:
    if code == "MODULE_NOT_FOUND":
        return json.dumps({"success": False, "errorCode": code})
    return json.dumps({"status": False, "code": code, "message": message})


def read_request(text: str) -> Wanted:
    """Take a message apart; :class:`Unfit` when it is not a request for detached CMS signatures."""
    request = _object(text)
    if request.get("module") != MODULE:
        raise Unfit("MODULE_NOT_FOUND", "this program has the module basics only")
    arguments = request.get("args")
    if request.get("method") != "sign" or not isinstance(arguments, dict):
        raise Unfit("METHOD_NOT_FOUND", "this program has the method sign only")
    _demand_detached(arguments)
    data = arguments.get("data")
    contents = [_decoded(part) for part in (data if isinstance(data, list) else [data])]
    if not contents:
        raise Unfit("INVALID_SIGNING_PARAMS", "data: an array of at least one text")
    titles = request.get("titles")
    told = titles if isinstance(titles, list) and len(titles) == len(contents) else [""] * len(contents)
    who = arguments.get("signerParams")
    who = who if isinstance(who, dict) else {}
    return Wanted(
        sheets=tuple(_sheet(content, str(title)) for content, title in zip(contents, told, strict=True)),
        contents=tuple(contents),
        is_array=isinstance(data, list),
        iin=str(who.get("iin") or ""),
        bin=str(who.get("bin") or ""),
        usages=tuple(str(each) for each in who.get("extKeyUsageOids") or ()),
    )


def _object(text: str) -> dict[str, Any]:
    try:
        request = json.loads(text)
    except ValueError:
        request = None
    if not isinstance(request, dict):
        raise Unfit("INVOCATION_ERROR", "a JSON object is expected")
    return request


def _demand_detached(arguments: Mapping[str, Any]) -> None:
    """The defaults are NCALayer's: text, encapsulated. We sign what is decoded and stays outside, hashed by us."""
    given = arguments.get("signingParams")
    signing = given if isinstance(given, dict) else {}
    if arguments.get("format") != "cms" or not signing.get("decode"):
        raise Unfit("INVALID_SIGNING_PARAMS", "format cms with decode is what this program signs")
    if signing.get("encapsulate", True) or signing.get("digested"):
        raise Unfit("INVALID_SIGNING_PARAMS", "only detached signatures over whole documents, no digests")


def _decoded(data: Any) -> bytes:
    try:
        content = base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        raise Unfit("INVALID_SIGNING_PARAMS", "data: base64 of at least one byte")
    return content


def _sheet(content: bytes, told: str) -> Sheet:
    found = _XMP_TITLE.search(content)
    title = html.unescape(found[1].decode(errors="replace")).strip() if found else ""
    return Sheet(title=_plain(title), told=_plain(told), sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def _plain(text: str) -> str:
    """What a page may write to a terminal: one line, no control characters."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:200]


def _pem(cms: bytes) -> str:
    text = base64.b64encode(cms).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CMS-----", *lines, "-----END CMS-----", ""])
