"""The levels of PAdES baseline: what a file has, and raising it to B-T, B-LT and B-LTA by appending.

What is there stays as it is, byte for byte. Our own papers are written by :mod:`docflow.signing.increment`; any other
PDF goes through pyHanko.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore

from docflow.core.errors import DocflowError, ProviderError
from docflow.core.messages import _l
from docflow.signing import cms, der, pades
from docflow.signing.chains import chain_of, is_self_issued
from docflow.signing.gost.streebog import digest_of
from docflow.signing.increment import Dictionary, Reader, Unsupported, add_signature, append, references
from docflow.signing.report import Level
from docflow.signing.revocation import Evidence, RevocationSource, has_no_check
from docflow.signing.timestamps import TIME_STAMP_TOKEN, TST_INFO, Stamp, TimeStamper, read_stamp
from docflow.signing.trust import TrustStore
from docflow.signing.wire import Client, Unavailable, utc_now

DER = serialization.Encoding.DER
TIMESTAMP = "/ETSI.RFC3161"
ORDER = (Level.NONE, Level.B, Level.T, Level.LT, Level.LTA)


class Revoked(DocflowError):
    """A signer's certificate was revoked when he signed: no level above tells otherwise."""


def is_below(level: Level, other: Level) -> bool:
    return ORDER.index(level) < ORDER.index(other)


@dataclass(frozen=True)
class TrustServices:
    """Whom this installation asks; without a stamper every signature stays at B-B."""

    client: Client
    revocation: RevocationSource
    trust: Callable[[], TrustStore]
    stamper: TimeStamper | None = None
    issuers: tuple[x509.Certificate, ...] = ()
    clock: Callable[[], datetime] = utc_now  # the services' own time, whatever day somebody acts on

    def chain(self, certificate: x509.Certificate, pool: Iterable[x509.Certificate]) -> tuple[x509.Certificate, ...]:
        found = chain_of(certificate, pool=(*pool, *self.issuers), trust=self.trust())
        if not found:
            raise Unavailable(_l("A certificate does not lead to a root that is trusted here."))
        return found


# B-T while signing


def stamped(signature: bytes, stamper: TimeStamper) -> tuple[bytes, Stamp]:
    """The CMS with a time stamp over its signature value; one that carries a stamp stays as it is."""
    own = stamp_in(signature)
    if own is not None:
        return signature, own
    value = cms.read_cms(signature).signature
    stamp = stamper.stamp(digest_of(stamper.algorithm, value))
    return cms.with_unsigned_attribute(signature, TIME_STAMP_TOKEN, stamp.token), stamp


def stamp_in(signature: bytes) -> Stamp | None:
    """The time stamp that a CMS carries, if it is sound and belongs to it; whom it comes from is another question."""
    token = cms.unsigned_attribute(signature, TIME_STAMP_TOKEN)
    if token is None:
        return None
    try:
        stamp = read_stamp(token)
        value = cms.read_cms(signature).signature
    except ProviderError:
        return None
    return stamp if stamp.is_over(value) else None


# What is in a file


@dataclass(frozen=True)
class Value:
    """A signature or a document time stamp as it stands in a file, the earliest first."""

    field: str
    cms: bytes
    end: int  # of the bytes that it covers
    is_timestamp: bool
    subfilter: str = ""

    def stamp(self) -> Stamp | None:
        if not self.is_timestamp:
            return stamp_in(self.cms)
        try:
            return read_stamp(self.cms)
        except ProviderError:
            return None


@dataclass(frozen=True)
class Store:
    """The document security store (DSS) of a file: DER by DER, and where its newest revision begins."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    def knows_about(self, certificate: x509.Certificate) -> bool:
        """Whether an OCSP answer or a list in here speaks of this certificate."""
        return any(_answers_for(each, certificate) for each in self.ocsps) or any(
            x509.load_der_x509_crl(each).issuer == certificate.issuer for each in self.crls
        )


def _answers_for(answer: bytes, certificate: x509.Certificate) -> bool:
    found = ocsp.load_der_ocsp_response(answer)
    return any(each.serial_number == certificate.serial_number for each in found.responses)


@dataclass(frozen=True)
class Contents:
    values: tuple[Value, ...]
    store: Store
    store_at: int  # how many bytes of the file were there before the newest store; 0 without one


def contents_of(pdf: bytes) -> Contents:
    """Signatures, time stamps and the store of *pdf*; :class:`ProviderError` when it cannot be read."""
    try:
        return _plain_contents(pdf)
    except Unsupported:
        return _thorough_contents(pdf)
    except (KeyError, IndexError, ValueError):
        return _thorough_contents(pdf)


_FOUR = re.compile(rb"\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


def _plain_contents(pdf: bytes) -> Contents:
    reader = Reader(pdf)
    catalog = reader.dictionary(reader.root)
    form = catalog.reference(b"/AcroForm")
    fields = references(reader.dictionary(form).get(b"/Fields") or b"[]") if form is not None else []
    found = [value for number in fields if (value := _plain_value(reader, number)) is not None]
    number = catalog.reference(b"/DSS")
    if number is None:
        return Contents(_sorted(found), Store(), 0)
    place = reader.dictionary(number)
    kinds = (tuple(reader.stream(n) for n in references(place.get(key) or b"[]")) for key in _KEYS)
    return Contents(_sorted(found), Store(*kinds), reader.offset(number))


_KEYS = (b"/Certs", b"/OCSPs", b"/CRLs")


def _plain_value(reader: Reader, field_number: int) -> Value | None:
    holder = reader.dictionary(field_number)
    number = holder.reference(b"/V")
    if number is None:
        return None
    signature = reader.dictionary(number)
    kind = (signature.get(b"/SubFilter") or b"").decode("ascii", "replace")
    byte_range = _FOUR.fullmatch(signature.values[b"/ByteRange"])
    name = holder.values[b"/T"]
    if byte_range is None or not name.startswith(b"("):
        raise Unsupported("spelt unusually")
    hole = bytes.fromhex(signature.values[b"/Contents"][1:-1].decode("ascii"))
    end = int(byte_range.group(3)) + int(byte_range.group(4))
    return Value(name[1:-1].decode("ascii", "replace"), der.read(hole).raw, end, kind == TIMESTAMP, kind)


def _sorted(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(sorted(values, key=lambda each: each.end))


def _thorough_contents(pdf: bytes) -> Contents:
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        values = [
            Value(
                each.field_name,
                der.read(bytes(each.pkcs7_content)).raw,
                int(each.byte_range[2]) + int(each.byte_range[3]),
                each.sig_object.get("/SubFilter") == TIMESTAMP,
                str(each.sig_object.get("/SubFilter", "")),
            )
            for each in reader.embedded_signatures
        ]
        store, at = _thorough_store(reader, pdf)
    except (PdfError, KeyError, IndexError, ValueError, TypeError) as error:
        raise ProviderError(_l("The signed file cannot be read, so that its level stays as it is.")) from error
    return Contents(_sorted(values), store, at)


def _thorough_store(reader: PdfFileReader, pdf: bytes) -> tuple[Store, int]:
    if "/DSS" not in reader.root:
        return Store(), 0
    place = reader.root["/DSS"]
    kinds = (tuple(each.get_object().data for each in place.get(key, ())) for key in ("/Certs", "/OCSPs", "/CRLs"))
    revision = reader.xrefs.get_last_change(reader.root.raw_get("/DSS").reference)
    return Store(*kinds), len(pdf) if revision == reader.xrefs.total_revisions - 1 else 1


def level_of(pdf: bytes) -> Level:
    """The level that every signature of *pdf* has at least, judged by what is in the file; ``NONE`` without any."""
    return _level(contents_of(pdf))


def _level(found: Contents) -> Level:
    signatures = [each for each in found.values if not each.is_timestamp]
    if not signatures:
        return Level.NONE
    document_stamps = [each.end for each in found.values if each.is_timestamp]
    last_stamp = max(document_stamps, default=0)
    if not all(each.end < last_stamp or stamp_in(each.cms) is not None for each in signatures):
        return Level.B
    if not all(_is_backed(each, found.store) for each in signatures):
        return Level.T
    return Level.LTA if last_stamp > max(found.store_at, max(each.end for each in signatures)) else Level.LT


def _is_backed(value: Value, store: Store) -> bool:
    certificate = cms.read_cms(value.cms).certificate
    stamp = value.stamp()
    return store.knows_about(certificate) and (stamp is None or store.knows_about(stamp.certificate))


# B-LT: everything that somebody needs who judges the file when nobody answers any more


@dataclass
class Gathering:
    """Certificates and answers about them, each once."""

    services: TrustServices
    now: datetime
    certificates: dict[bytes, None] = field(default_factory=dict)
    ocsps: dict[bytes, None] = field(default_factory=dict)
    crls: dict[bytes, None] = field(default_factory=dict)

    def about(
        self, certificate: x509.Certificate, pool: Sequence[x509.Certificate], *, since: datetime | None
    ) -> Evidence:
        """Gather the whole chain, and give what was said of its first certificate."""
        chain = self.services.chain(certificate, pool)
        self.certificates.update((each.public_bytes(DER), None) for each in chain)
        answers = [self._ask(each, issuer, since=since) for each, issuer in pairwise(chain) if not has_no_check(each)]
        return answers[0] if answers else Evidence(self.now)

    def _ask(self, certificate: x509.Certificate, issuer: x509.Certificate, *, since: datetime | None) -> Evidence:
        evidence = self.services.revocation.ask(certificate, issuer, now=self.now, since=since)
        self.certificates.update((each.public_bytes(DER), None) for each in evidence.responder)
        if evidence.ocsp:
            self.ocsps[evidence.ocsp] = None
        if evidence.crl:
            self.crls[evidence.crl] = None
        for responder in evidence.responder:
            if not has_no_check(responder) and not is_self_issued(responder):
                self._ask(responder, issuer, since=since)
        return evidence

    @property
    def store(self) -> Store:
        return Store(tuple(self.certificates), tuple(self.ocsps), tuple(self.crls))


def gather(found: Contents, services: TrustServices, *, now: datetime) -> Store:
    """What proves every signature and time stamp of a file; :class:`Revoked` when one was made too late."""
    gathering = Gathering(services, now)
    for value in found.values:
        info = cms.read_cms(value.cms, content_type=TST_INFO if value.is_timestamp else cms.DATA)
        proven = _proven_at(value, found)
        evidence = gathering.about(info.certificate, info.certificates, since=proven)
        if evidence.is_revoked(proven or now):
            raise Revoked(_l("The certificate of a signer was revoked before the document was signed."))
        stamp = None if value.is_timestamp else stamp_in(value.cms)
        if stamp is not None:
            gathering.about(stamp.certificate, stamp.certificates, since=stamp.at)
    return gathering.store


def _proven_at(value: Value, found: Contents) -> datetime | None:
    """The earliest time at which a stamp proves this value."""
    later = (each for each in found.values if each.is_timestamp and each.end > value.end)
    stamps = (each.stamp() for each in (value, *later))
    return min((each.at for each in stamps if each is not None), default=None)


def add_store(pdf: bytes, store: Store) -> bytes:
    """Append a revision with the document security store; what an earlier one holds is kept."""
    try:
        return _add_plainly(pdf, store)
    except (Unsupported, KeyError, IndexError, ValueError):
        return _add_thoroughly(pdf, store)


def _add_plainly(pdf: bytes, store: Store) -> bytes:
    reader = Reader(pdf)
    catalog = reader.dictionary(reader.root)
    number = catalog.reference(b"/DSS")
    place = reader.dictionary(number) if number is not None else Dictionary({b"/Type": b"/DSS"})
    changed: dict[int, bytes] = {}
    free = reader.size
    for key, wanted in zip(_KEYS, (store.certificates, store.ocsps, store.crls), strict=True):
        known = {reader.stream(each) for each in references(place.get(key) or b"[]")}
        for data in wanted:
            if data not in known:
                changed[free] = b"<</Length %d>>stream\n%b\nendstream" % (len(data), data)
                place = place.with_item(key, b"%d 0 R" % free)
                free += 1
    changed[number or free] = place.text
    if number is None:
        changed[reader.root] = catalog.with_value(b"/DSS", b"%d 0 R" % free).text
    return append(reader, changed)


def _add_thoroughly(pdf: bytes, store: Store) -> bytes:
    output = io.BytesIO(pdf)
    try:
        DocumentSecurityStore.add_dss(
            output,
            sig_contents=None,
            certs=[asn1_x509.Certificate.load(each) for each in store.certificates],
            ocsps=[asn1_ocsp.OCSPResponse.load(each) for each in store.ocsps],
            crls=[asn1_crl.CertificateList.load(each) for each in store.crls],
            strict=False,
        )
    except PdfError as error:
        raise ProviderError(_l("This PDF cannot take validation data: %(reason)s", reason=str(error))) from error
    return output.getvalue()


# B-LTA: a time stamp over all of it


def add_time_stamp(pdf: bytes, stamper: TimeStamper) -> bytes:
    """Append a document time stamp that covers everything before it."""
    prepared = _prepare_time_stamp(pdf, stamper.room)
    is_ready = isinstance(stamper.algorithm, hashes.SHA256)
    digest = prepared.digest if is_ready else digest_of(stamper.algorithm, prepared.signed_bytes())
    stamp = stamper.stamp(digest)
    return pades.embed(prepared, stamp.token)


def _prepare_time_stamp(pdf: bytes, room: int) -> pades.Prepared:
    name = f"timestamp-{hashlib.sha256(pdf).hexdigest()[:12]}"  # a name of its own, and the same for the same file
    entries = {"/Type": b"/DocTimeStamp", "/Filter": b"/Adobe.PPKLite", "/SubFilter": TIMESTAMP.encode()}
    try:
        hole = add_signature(pdf, field=name, entries=entries, reserve=room)
    except Unsupported:
        stamp = DocumentTimestamp(bytes_reserved=2 * room)  # type: ignore[no-untyped-call]
        return pades.prepare_thoroughly(pdf, stamp, field=name)
    return pades.Prepared(hole.pdf, name, hole.byte_range, hole.digest)


def raised(pdf: bytes, target: Level, services: TrustServices, *, now: datetime) -> bytes:
    """Append what is missing up to *target*; the file itself when nothing is.

    :class:`Unavailable` when a trust service does not answer, :class:`Revoked` when a signer's certificate was
    revoked; neither leaves anything half done.
    """
    found = contents_of(pdf)
    level = _level(found)
    if level is Level.NONE or not is_below(level, target):
        return pdf
    if services.stamper is None:
        raise Unavailable(_l("No time-stamping authority is configured."))
    if level is Level.B:
        pdf = add_time_stamp(pdf, services.stamper)
        found = contents_of(pdf)
    if is_below(level, Level.LT) and not is_below(target, Level.LT):
        pdf = add_store(pdf, gather(found, services, now=now))
    return add_time_stamp(pdf, services.stamper) if target is Level.LTA else pdf
