"""The validation report of ETSI TS 119 102-2 as XML, for other programs and for a case file."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from xml.etree import ElementTree

from docflow.signing.report import Kind, Report, SignatureReport

VR, DS, XADES = (
    "http://uri.etsi.org/19102/v1.4.1#",
    "http://www.w3.org/2000/09/xmldsig#",
    "http://uri.etsi.org/01903/v1.3.2#",
)
MIME = "application/xml"
_INDICATION = "urn:etsi:019102:mainindication:"
_SUB = "urn:etsi:019102:subindication:"
_PROCESSES = {
    "": "urn:etsi:019102:validationprocess:Basic",
    "PAdES-B-B": "urn:etsi:019102:validationprocess:Basic",
    "PAdES-B-T": "urn:etsi:019102:validationprocess:LTVM",
}
_ARCHIVAL = "urn:etsi:019102:validationprocess:LTA"
_DIGESTS = {
    "sha1": "http://www.w3.org/2000/09/xmldsig#sha1",
    "sha224": "http://www.w3.org/2001/04/xmldsig-more#sha224",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
    "streebog512": "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34112015-512",  # as the centre's XML has it
}

for _prefix, _space in (("vr", VR), ("ds", DS), ("xades", XADES)):
    ElementTree.register_namespace(_prefix, _space)


def xml(report: Report, *, now: datetime) -> bytes:
    """Every signature and document time stamp of *report*, judged at *now*.

    Certificates are told apart by their SHA-256, because a national certificate carries its owner's IIN.
    ``ValueError`` for a file without signatures: the standard knows no report on nothing.
    """
    if not report.signatures:
        raise ValueError("a validation report needs a signature")
    root = ElementTree.Element(f"{{{VR}}}ValidationReport")
    for number, each in enumerate(report.signatures):
        _signature(root, each, number=number, now=now)
    certificates = {each.certificate_sha256: each for each in report.signatures if each.certificate_sha256}
    stamps = [(number, each) for number, each in enumerate(report.signatures) if each.kind is Kind.TIMESTAMP]
    if certificates:
        objects = _add(root, "SignatureValidationObjects")
        for digest in certificates:
            _certificate(objects, digest)
        for number, each in stamps:
            _time_stamp(objects, each, number=number)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _add(parent: ElementTree.Element, name: str, text: str = "", *, space: str = VR) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{space}}}{name}")
    made.text = text or None
    return made


def _signature(root: ElementTree.Element, each: SignatureReport, *, number: int, now: datetime) -> None:
    part = _add(root, "SignatureValidationReport")
    _identifier(part, each, number=number)
    times = _add(part, "ValidationTimeInfo")
    _add(times, "ValidationTime", _time(now))
    _proof(_add(times, "BestSignatureTime"), each, now=now)
    if each.signed_digest and each.digest_algorithm in _DIGESTS:
        document = _add(part, "SignersDocument")
        _digest(document, each.digest_algorithm, bytes.fromhex(each.signed_digest))
    _attributes(part, each)
    if each.certificate_sha256:
        signer = _add(part, "SignerInformation")
        _add(signer, "SignerCertificate").set("VOReference", _certificate_id(each.certificate_sha256))
        if each.signer:
            _add(signer, "Signer", each.signer)
    process = _add(part, "SignatureValidationProcess")
    _add(process, "SignatureValidationProcessID", _PROCESSES.get(each.level.value, _ARCHIVAL))
    status = _add(part, "SignatureValidationStatus")
    _add(status, "MainIndication", _INDICATION + each.conclusion.indication.value.lower())
    if each.conclusion.sub is not None:
        _add(status, "SubIndication", _SUB + each.conclusion.sub.value)


def _identifier(part: ElementTree.Element, each: SignatureReport, *, number: int) -> None:
    identifier = _add(part, "SignatureIdentifier")
    identifier.set("id", f"signature-{number + 1}")
    if each.value:
        _add(identifier, "SignatureValue", _base64(bytes.fromhex(each.value)), space=DS)
    _add(identifier, "HashOnly", "false")
    _add(identifier, "DocHashOnly", "false")
    if each.field:
        _add(identifier, "DAIdentifier", _printable(each.field))


def _proof(part: ElementTree.Element, each: SignatureReport, *, now: datetime) -> None:
    """The earliest time that is proven; what a signer's clock says proves nothing."""
    proven = each.time_is_proven and each.signed_at is not None
    _add(part, "POETime", _time(each.signed_at if proven and each.signed_at else now))
    _add(part, "TypeOfProof", "urn:etsi:019102:poetype:validation")


def _attributes(part: ElementTree.Element, each: SignatureReport) -> None:
    attributes = ElementTree.Element(f"{{{VR}}}SignatureAttributes")
    if each.signed_at is not None and not each.time_is_proven:
        claimed = _add(attributes, "SigningTime")
        claimed.set("Signed", "true")
        _add(claimed, "Time", _time(each.signed_at))
    if each.subfilter:
        _add(_add(attributes, "SubFilter"), "SubFilterElement", _printable(each.subfilter.removeprefix("/")))
    if len(attributes):
        part.append(attributes)


def _certificate(objects: ElementTree.Element, sha256: str) -> None:
    made = _add(objects, "ValidationObject")
    made.set("id", _certificate_id(sha256))
    _add(made, "ObjectType", "urn:etsi:019102:validationObject:certificate")
    _digest(_add(made, "ValidationObjectRepresentation"), "sha256", bytes.fromhex(sha256))


def _time_stamp(objects: ElementTree.Element, each: SignatureReport, *, number: int) -> None:
    """A document time stamp, and what it proves."""
    made = _add(objects, "ValidationObject")
    made.set("id", f"timestamp-{number + 1}")
    _add(made, "ObjectType", "urn:etsi:019102:validationObject:timestamp")
    _add(_add(made, "ValidationObjectRepresentation"), "URI", f"#signature-{number + 1}")
    if each.time_is_proven and each.signed_at is not None:
        proof = _add(made, "POEProvisioning")
        _add(proof, "POETime", _time(each.signed_at))


def _digest(parent: ElementTree.Element, algorithm: str, value: bytes) -> None:
    part = _add(parent, "DigestAlgAndValue")
    _add(part, "DigestMethod", space=DS).set("Algorithm", _DIGESTS[algorithm])
    _add(part, "DigestValue", _base64(value), space=DS)


def _certificate_id(sha256: str) -> str:
    return f"certificate-{sha256[:32]}"


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _printable(text: str) -> str:
    """XML 1.0 has no place for control characters, which the name of a field from outside may hold."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
