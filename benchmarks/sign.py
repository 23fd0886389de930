"""Milliseconds a PAdES signature: the bare key, docflow's two ways, and pyHanko's SimpleSigner, in one run.

    python -m benchmarks.sign [--seconds 2]

Every way signs the same paper (PDF/A-3a and PDF/UA-1) with the same key; the last file of each is validated.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import typst
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from docflow.signing import demo, pades
from docflow.signing.cms import CertifiedKey
from docflow.signing.increment import Unsupported
from docflow.signing.report import Integrity
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate

NOW = datetime.now(UTC)
PAPER = """
#set document(title: "Сертификат", date: datetime(year: 2026, month: 11, day: 20))
#set text(lang: "kk", font: "Libertinus Serif")
= Сертификат
#lorem(250)
"""
Way = Callable[[], bytes]


def mint(folder: Path, algorithm: str) -> tuple[CertifiedKey, TrustStore]:
    place = demo.create(folder / algorithm, now=NOW)
    path = demo.issue_key(
        place.directory, person="Өлшем Ұлжан", iin="900101300017", pin="1234", now=NOW, algorithm=algorithm
    )
    return demo.load_key(path, pin="1234"), TrustStore.load(place.trust)


def fast(pdf: bytes, key: CertifiedKey) -> bytes:
    prepared = pades.prepare(pdf, field="head", when=NOW, reserve=4096)
    signed = pades.embed(prepared, key.sign(prepared.digest))
    pades.check_embedded(signed, previous=pdf, field="head")
    return signed


def thorough(pdf: bytes, key: CertifiedKey) -> bytes:
    with patch.object(pades, "add_signature", side_effect=Unsupported):
        return fast(pdf, key)


def simple_signer(key: CertifiedKey) -> SimpleSigner:
    private = key.private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    der = serialization.Encoding.DER
    store = SimpleCertificateStore()
    store.register_multiple(asn1_x509.Certificate.load(each.public_bytes(der)) for each in key.chain)
    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(key.certificate.public_bytes(der)),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=store,
    )


def usual(pdf: bytes, signer: SimpleSigner) -> bytes:
    details = PdfSignatureMetadata(field_name="head", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    output = PdfSigner(details, signer=signer, new_field_spec=SigFieldSpec("head")).sign_pdf(writer)
    return bytes(output.getbuffer())


def median_ms(way: Way, seconds: float) -> float:
    """Process time, so that a busy neighbour does not count."""
    way()
    times, until = [], time.monotonic() + seconds
    while time.monotonic() < until or len(times) < 5:
        began = time.process_time()
        way()
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


def compare(algorithm: str, pdf: bytes, folder: Path, seconds: float) -> None:
    key, trust = mint(folder, algorithm)
    signer = simple_signer(key)
    attributes = pades.signed_attributes(b"\0" * 32, key.certificate)
    ways: dict[str, Way] = {
        "the key alone": lambda: key.raw_signature(attributes),
        "docflow, fast way, checked": lambda: fast(pdf, key),
        "docflow through pyHanko, checked": lambda: thorough(pdf, key),
        "pyHanko SimpleSigner": lambda: usual(pdf, signer),
    }
    found = {name: median_ms(way, seconds) for name, way in ways.items()}
    for name in list(ways)[1:]:
        report = validate(ways[name](), trust=trust, now=NOW)
        assert report.integrity is Integrity.INTACT, (name, report)
        assert report.signatures[0].trusted, (name, report)
    usually = found["pyHanko SimpleSigner"]
    for name, ms in found.items():
        print(f"{algorithm:9} {name:34} {ms:9.3f} ms   {usually / ms:8.1f} x faster than the usual way")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each way and key")
    options = parser.parse_args()
    pdf = typst.compile(PAPER.encode(), format="pdf", pdf_standards=["a-3a", "ua-1"])
    with tempfile.TemporaryDirectory() as folder:
        for algorithm in ("P-256", "RSA-2048"):
            compare(algorithm, pdf, Path(folder), options.seconds)


if __name__ == "__main__":
    main()
