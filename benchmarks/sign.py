"""Milliseconds a PAdES signature: the bare key, docflow's two ways, and pyHanko's SimpleSigner, in one run.

    python -m benchmarks.sign [--seconds 2]

Every way signs the same paper (PDF/A-3a and PDF/UA-1) with the same key; the last file of each is validated. The levels
above B-B are measured with trust services that answer on loopback in another process, as wall time too, and compared
with pyHanko's own way to B-LTA.
"""

from __future__ import annotations

import argparse
import io
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import typst
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from docflow.signing import demo, levels, pades
from docflow.signing.cms import CertifiedKey
from docflow.signing.demo import DemoAuthority
from docflow.signing.increment import Unsupported
from docflow.signing.levels import TrustServices
from docflow.signing.report import Integrity, Level
from docflow.signing.revocation import RevocationSource
from docflow.signing.timestamps import TimeStamper
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from docflow.signing.wire import Client, Unavailable

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


@contextmanager
def answering(place: DemoAuthority) -> Iterator[None]:
    """The demo's trust services in a process of their own: what they burn is not the signer's."""
    command = [sys.executable, "-c", SERVE, str(place.directory), str(urlsplit(place.address).port)]
    with subprocess.Popen(command) as process:
        try:
            _until_it_answers(f"{place.address}/root.cer")
            yield
        finally:
            process.terminate()


SERVE = """
import sys
from pathlib import Path
from docflow.signing.demo import DemoAuthority
from docflow.signing.responders import serve
serve(DemoAuthority(Path(sys.argv[1])), port=int(sys.argv[2]))
"""


def _until_it_answers(url: str) -> None:
    for _ in range(200):
        try:
            Client(pause=0).get(url)
            return
        except Unavailable:
            time.sleep(0.05)
    raise TimeoutError(url)


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port: int = chosen.getsockname()[1]
        return port


def asking(place: DemoAuthority, trust: TrustStore) -> TrustServices:
    client = Client()
    stamper = TimeStamper(f"{place.address}/tsa", client=client, trust=lambda: trust)
    return TrustServices(client, RevocationSource(client=client), lambda: trust, stamper)


def raised(pdf: bytes, key: CertifiedKey, level: Level, services: TrustServices) -> bytes:
    assert services.stamper is not None
    prepared = pades.prepare(pdf, field="head", when=NOW, reserve=4096 + services.stamper.room)
    cms, _ = levels.stamped(key.sign(prepared.digest), services.stamper)
    signed = pades.embed(prepared, cms)
    pades.check_embedded(signed, previous=pdf, field="head")
    return levels.raised(signed, level, services, now=datetime.now(UTC))


def usual_archive(pdf: bytes, signer: SimpleSigner, place: DemoAuthority, trust: TrustStore) -> bytes:
    """B-LTA as pyHanko's documentation has it."""
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root) for root in trust.roots], allow_fetching=True
    )
    details = PdfSignatureMetadata(
        field_name="head",
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        validation_context=context,
        embed_validation_info=True,
        use_pades_lta=True,
        signer_key_usage={"non_repudiation"},
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    stamper = HTTPTimeStamper(f"{place.address}/tsa")
    output = PdfSigner(details, signer=signer, timestamper=stamper, new_field_spec=SigFieldSpec("head")).sign_pdf(
        writer
    )
    return bytes(output.getbuffer())


def compare_levels(algorithm: str, pdf: bytes, folder: Path, seconds: float) -> None:
    key, trust, place = mint_answering(folder, algorithm)
    services, signer = asking(place, trust), simple_signer(key)
    with answering(place):
        ways: dict[str, Way] = {
            "docflow B-T": lambda: raised(pdf, key, Level.T, services),
            "docflow B-LT": lambda: raised(pdf, key, Level.LT, services),
            "docflow B-LTA": lambda: raised(pdf, key, Level.LTA, services),
            "docflow B-LTA, asking anew": lambda: raised(pdf, key, Level.LTA, asking(place, trust)),
            "pyHanko B-LTA": lambda: usual_archive(pdf, signer, place, trust),
        }
        print()
        for name, way in ways.items():
            made = way()
            cpu, wall = median_ms(way, seconds), median_ms(way, seconds, clock=time.perf_counter)
            report = validate(made, trust=trust, now=datetime.now(UTC) + timedelta(seconds=2))
            print(
                f"{algorithm:9} {name:34} {cpu:9.3f} ms cpu {wall:9.3f} ms wall {len(made) - len(pdf):7} bytes"
                f"   {report.signatures[0].level}"
            )


def mint_answering(folder: Path, algorithm: str) -> tuple[CertifiedKey, TrustStore, DemoAuthority]:
    address = f"http://127.0.0.1:{free_port()}"
    place = demo.create(folder / f"answering-{algorithm}", now=NOW, algorithm=algorithm, address=address)
    path = demo.issue_key(
        place.directory, person="Өлшем Ұлжан", iin="900101300017", pin="1234", now=NOW, algorithm=algorithm
    )
    return demo.load_key(path, pin="1234"), TrustStore.load(place.trust), place


def median_ms(way: Way, seconds: float, *, clock: Callable[[], float] = time.process_time) -> float:
    """Process time as a rule, so that a busy neighbour does not count."""
    way()
    times, until = [], time.monotonic() + seconds
    while time.monotonic() < until or len(times) < 5:
        began = clock()
        way()
        times.append((clock() - began) * 1000)
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
        for algorithm in ("P-256", "RSA-2048"):
            compare_levels(algorithm, pdf, Path(folder), options.seconds)


if __name__ == "__main__":
    main()
