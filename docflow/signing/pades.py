"""PAdES: making the hole in a PDF for a signature, and filling it."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, SignatureObject

from docflow.core.errors import ProviderError
from docflow.core.messages import _l
from docflow.signing.base import CADES
from docflow.signing.cms import SignerInfo, build_cms, check_cms, signed_attributes
from docflow.signing.increment import Unsupported, add_fields, add_signature, text_string

__all__ = ["RESERVE", "Prepared", "build_cms", "check_embedded", "embed", "prepare", "signed_attributes"]

RESERVE = 8192
FIELD_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
_FIELD = re.compile(rb"/T\s*\(([^()]*)\)")
_OCTAL = re.compile(rb"\\([0-7]{3})")

# Filling in forms and signing may follow, nothing else (ISO 32000-1, table 254). No digest: PDF/A forbids one here
# (ISO 19005-3, 6.1.12).
CERTIFIES = b"[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 2/V/1.2>>>>]"

# A widget of no size far outside the page: PDF/A forbids the hidden flag (ISO 19005-3, 6.3.2) and PDF/UA wants every
# widget inside the page to be tagged (ISO 14289-1, 7.18.4); this one is neither hidden nor inside.
INVISIBLE = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True)


@dataclass(frozen=True)
class Prepared:
    """A PDF with a hole of zeros for the CMS; ``digest`` is the SHA-256 over everything but the hole."""

    pdf: bytes
    field: str
    byte_range: tuple[int, int, int, int]
    digest: bytes

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.pdf).hexdigest()

    def signed_bytes(self) -> bytes:
        """What a provider that hashes by itself must sign."""
        return b"".join(_covered(self.pdf, self.byte_range))

    def as_json(self) -> dict[str, Any]:
        """Everything but the bytes, which belong into a store."""
        return {
            "field": self.field,
            "byte_range": list(self.byte_range),
            "digest": self.digest.hex(),
            "sha256": self.sha256,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, pdf: bytes) -> Prepared:
        """Put the two halves together again; ``ValueError`` when the bytes are not the ones that were kept."""
        first, hole, second, rest = data["byte_range"]
        prepared = cls(pdf, data["field"], (first, hole, second, rest), bytes.fromhex(data["digest"]))
        if prepared.sha256 != data["sha256"]:
            raise ValueError("the prepared PDF has changed since it was kept")
        return prepared


def prepare(
    pdf: bytes,
    *,
    field: str,
    when: datetime,
    reserve: int = RESERVE,
    name: str = "",
    reason: str = "",
    subfilter: str = CADES,
    certifies: bool = False,
) -> Prepared:
    """Append an invisible signature field with a hole of *reserve* bytes; *when* (aware) becomes /M.

    The same arguments give the same bytes. A field of this name that is there and empty is used; *subfilter* says
    what kind of CMS will fill the hole. With *certifies* nothing but signatures may follow (DocMDP 2); it must be the
    first signature of the document. :class:`ProviderError` when the PDF cannot take it.
    """
    if not FIELD_NAME.fullmatch(field):
        raise ValueError(f"a signature field is called by letters, digits, '.', '_' and '-', not {field!r}")
    entries = _dictionary(when, subfilter, name=name, reason=reason)
    if certifies:
        entries["/Reference"] = CERTIFIES
    try:
        hole = add_signature(pdf, field=field, entries=entries, reserve=reserve, certifies=certifies)
    except Unsupported as error:
        if certifies:  # only our own papers are certified, and they are of that shape
            raise ProviderError(_l("This PDF cannot take a signature: %(reason)s", reason=str(error))) from error
        signature = _signature_object(when, subfilter, reserve=reserve, name=name, reason=reason)
        return prepare_thoroughly(pdf, signature, field=field)
    return Prepared(hole.pdf, field, hole.byte_range, hole.digest)


def with_fields(pdf: bytes, fields: Sequence[str]) -> bytes:
    """Append empty signature fields, so that those who sign only fill; a PDF of another shape stays as it is."""
    try:
        return add_fields(pdf, fields)
    except Unsupported:
        return pdf


def is_signed(pdf: bytes) -> bool:
    """Whether one of our own papers carries a signature already."""
    return BYTE_RANGE.search(pdf) is not None


def _dictionary(when: datetime, subfilter: str, *, name: str, reason: str) -> dict[str, bytes]:
    entries = {
        "/Type": b"/Sig",
        "/Filter": b"/Adobe.PPKLite",
        "/SubFilter": subfilter.encode(),
        "/M": when.astimezone(UTC).strftime("(D:%Y%m%d%H%M%SZ)").encode(),
    }
    texts = {"/Name": name, "/Reason": reason}
    return entries | {key: text_string(text) for key, text in texts.items() if text}


class _UntouchedMetadata(IncrementalPdfFileWriter):
    """Leaves Info and XMP as they are: pyHanko rewrites both, and with them what makes the file PDF/A."""

    def _update_meta(self) -> None:
        pass


def _signature_object(when: datetime, subfilter: str, *, reserve: int, name: str, reason: str) -> SignatureObject:
    return SignatureObject(
        timestamp=when.astimezone(UTC),
        subfilter=SigSeedSubFilter(subfilter),
        name=name or None,
        reason=reason or None,
        bytes_reserved=reserve * 2,
    )


def prepare_thoroughly(pdf: bytes, signature: SignatureObject | DocumentTimestamp, *, field: str) -> Prepared:
    """The same with pyHanko: any PDF it can read, about twenty times slower."""
    try:
        writer = _UntouchedMetadata(io.BytesIO(pdf), strict=False)
        embedder = PdfCMSEmbedder(SigFieldSpec(field, invis_sig_settings=INVISIBLE))
        steps = embedder.write_cms(field, writer)
        next(steps)
        steps.send(SigObjSetup(signature))
        prepared, output = steps.send(SigIOSetup("sha256"))
    except (PdfError, SigningError) as error:
        raise ProviderError(_l("This PDF cannot take a signature: %(reason)s", reason=str(error))) from error
    start, end = prepared.reserved_region_start, prepared.reserved_region_end
    made = output.getvalue()
    return Prepared(made, field, (0, start, end, len(made) - end), prepared.document_digest)


def embed(prepared: Prepared, cms: bytes) -> bytes:
    """Write *cms* into the hole; no other byte changes."""
    _, start, end, _ = prepared.byte_range
    room = end - start - 2
    text = cms.hex().encode()
    if len(text) > room:
        raise ProviderError(
            _l(
                "The signature is too large for its place: %(size)s bytes, %(room)s are free.",
                size=len(cms),
                room=room // 2,
            )
        )
    return b"".join((prepared.pdf[: start + 1], text, b"0" * (room - len(text)), prepared.pdf[end - 1 :]))


def _covered(pdf: bytes, byte_range: tuple[int, int, int, int]) -> tuple[bytes, bytes]:
    _, first, second, rest = byte_range
    return pdf[:first], pdf[second : second + rest]


def check_embedded(pdf: bytes, *, previous: bytes, field: str) -> SignerInfo:
    """Make sure, right after embedding, that *pdf* is *previous* plus one signature over every byte of it.

    Cheap and strict, for files that we have just made: the bytes of *previous* (with every signature before) are
    unchanged, the appended part holds exactly one signature and it stands in *field*, its ByteRange leaves out the
    hole alone, its digest fits and it verifies with the certificate inside. Raises :class:`ProviderError`.
    """
    tail = pdf[len(previous) :]
    found = list(BYTE_RANGE.finditer(tail))
    if not pdf.startswith(previous) or len(found) != 1 or not _names_field(tail, field):
        raise _damaged()
    first, start, end, rest = (int(number) for number in found[0].groups())
    hole = pdf[start:end]
    if first != 0 or end + rest != len(pdf) or start < len(previous):
        raise _damaged()
    return check_cms(_cms_in(hole), content=_covered(pdf, (first, start, end, rest)))


def _names_field(tail: bytes, field: str) -> bool:
    """Whether the appended part holds this field; pyHanko spells punctuation in octal."""
    names = (_OCTAL.sub(lambda code: bytes((int(code.group(1), 8),)), name) for name in _FIELD.findall(tail))
    return field.encode() in names


def _cms_in(hole: bytes) -> bytes:
    """What a hole holds before its zeros: ``<``, hexadecimal digits and nothing else, ``>``."""
    try:
        padded = bytes.fromhex(hole[1:-1].decode())
    except ValueError:
        raise _damaged() from None
    if hole != b"<%b>" % hole[1:-1] or len(hole) != 2 * len(padded) + 2 or len(padded) < 2:
        raise _damaged()
    size = padded[1] & 0x7F if padded[1] >= 0x80 else 0
    length = int.from_bytes(padded[2 : 2 + size], "big") if size else padded[1]
    cms, rest = padded[: 2 + size + length], padded[2 + size + length :]
    if rest.strip(b"\0"):
        raise _damaged()
    return cms


def _damaged() -> ProviderError:
    return ProviderError(_l("The signed file is not what was prepared for signing; it was not accepted."))
