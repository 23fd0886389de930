"""Milliseconds a PAdES signature: the bare key, docflow's two ways, pyHanko, and what else signs, in one run.

    python -m benchmarks.sign [--seconds 2]

Every way signs the same paper (PDF/A-3a and PDF/UA-1) with the same key; the last file of each is validated. Ways that
are not installed are named (peers.py says what they need). The levels above B-B are measured with trust services that
answer on loopback in another process, as wall time too, and compared with pyHanko's own way to B-LTA. Last come seven
people on one paper, and whole batches with everything recorded (recorded.py).
"""

from __future__ import annotations

import argparse
import io
import resource
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

from benchmarks import peers, recorded
from benchmarks.peers import Absent, Material, Way
from docflow.signing import demo, levels, pades
from docflow.signing.cms import CertifiedKey
from docflow.signing.demo import DemoAuthority
from docflow.signing.findings import Severity
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
SEVEN = 7
LEAST_MS = 0.2  # what a signature may take beside two operations of the bare key


def mint(folder: Path, algorithm: str) -> tuple[CertifiedKey, TrustStore]:
    place = demo.create(folder / algorithm, now=NOW, algorithm=algorithm)
    path = demo.issue_key(
        place.directory, person="Өлшем Ұлжан", iin="900101300017", pin="1234", now=NOW, algorithm=algorithm
    )
    return demo.load_key(path, pin="1234"), TrustStore.load(place.trust)


def unchecked(pdf: bytes, key: CertifiedKey, *, field: str = "head") -> bytes:
    prepared = pades.prepare(pdf, field=field, when=NOW, reserve=4096)
    return pades.embed(prepared, key.sign(prepared.digest))


def fast(pdf: bytes, key: CertifiedKey, *, field: str = "head") -> bytes:
    signed = unchecked(pdf, key, field=field)
    pades.check_embedded(signed, previous=pdf, field=field)
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
    times: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(times) < 5:
        began = clock()
        way()
        times.append((clock() - began) * 1000)
    return statistics.median(times)


def with_children() -> float:
    """Seconds of the processor in this process and in those that it has waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def compare(algorithm: str, pdf: bytes, folder: Path, seconds: float) -> None:
    key, trust = mint(folder, algorithm)
    signer = simple_signer(key)
    attributes = pades.signed_attributes(b"\0" * 32, key.certificate)
    ways: dict[str, Way] = {
        "the key alone": lambda: key.raw_signature(attributes),
        "docflow, fast way, checked": lambda: fast(pdf, key),
        "docflow, fast way, not checked": lambda: unchecked(pdf, key),
        "docflow through pyHanko, checked": lambda: thorough(pdf, key),
        "pyHanko SimpleSigner": lambda: usual(pdf, signer),
    }
    found = {name: median_ms(way, seconds) for name, way in ways.items()}
    for name in list(ways)[1:]:
        report = validate(ways[name](), trust=trust, now=NOW)
        assert report.integrity is Integrity.INTACT, (name, report)
        assert report.signatures[0].trusted, (name, report)
    for name, ms in found.items():
        tell_one(algorithm, name, ms, found["pyHanko SimpleSigner"])
    compare_peers(algorithm, Material(pdf, key, folder / f"peers-{algorithm}"), trust, seconds, found)
    ours, allowed = found["docflow, fast way, checked"], 2 * found["the key alone"] + LEAST_MS
    verdict = "met" if ours <= allowed else "not met"
    print(f"{algorithm:9} twice the key and {LEAST_MS} ms are {allowed:.3f} ms: {verdict} with {ours:.3f} ms")
    tell_seven(algorithm, pdf, folder, found["the key alone"])


def tell_one(algorithm: str, name: str, ms: float, usually: float, note: str = "") -> None:
    print(f"{algorithm:9} {name:34} {ms:9.3f} ms   {usually / ms:8.1f} x faster than the usual way   {note}")


def compare_peers(algorithm: str, given: Material, trust: TrustStore, seconds: float, found: dict[str, float]) -> None:
    usually = found["pyHanko SimpleSigner"]
    given.write()
    for name, prepare in (peers.LIBRARIES | peers.PROGRAMS).items():
        try:
            way = prepare(given)
            made, clock = way(), with_children if name in peers.PROGRAMS else time.process_time
            tell_one(algorithm, name, median_ms(way, seconds, clock=clock), usually, said_of(made, trust))
        except Absent as reason:
            print(f"{algorithm:9} {name:34} not measured: {reason}")
    try:
        made, times = peers.signpdf(given, seconds=seconds)
        tell_one(algorithm, "@signpdf/signpdf (node)", statistics.median(times), usually, said_of(made, trust))
    except Absent as reason:
        print(f"{algorithm:9} {'@signpdf/signpdf (node)':34} not measured: {reason}")


def said_of(pdf: bytes, trust: TrustStore) -> str:
    """What our validation says of the file of another way."""
    report = validate(pdf, trust=trust, now=datetime.now(UTC) + timedelta(seconds=2))
    told = {finding.code for finding in report.all_findings() if finding.severity is not Severity.INFO}
    return " ".join([report.integrity.value, *(each.level.value for each in report.signatures[:1]), *sorted(told)])


def tell_seven(algorithm: str, pdf: bytes, folder: Path, key_ms: float) -> None:
    """Seven keys sign one paper whose fields were prepared, one after the other, each checked."""
    place = DemoAuthority(folder / algorithm)
    keys = []
    for number in range(SEVEN):
        iin = f"90010130{number:04d}"
        path = demo.issue_key(
            place.directory, person=f"Мүше {number}", iin=iin, pin="1234", now=NOW, algorithm=algorithm
        )
        keys.append(demo.load_key(path, pin="1234"))
    prepared = pades.with_fields(pdf, [f"member-{number}" for number in range(SEVEN)])
    rounds = [_seven(prepared, keys) for _ in range(30)]
    each = [statistics.median(times) for times in zip(*rounds, strict=True)]
    print(
        f"{algorithm:9} {SEVEN} signers on one paper: {min(each):.3f} to {max(each):.3f} ms each, "
        f"{statistics.fmean(each) - key_ms:.3f} beside the key"
    )


def _seven(pdf: bytes, keys: list[CertifiedKey]) -> list[float]:
    times = []
    for number, key in enumerate(keys):
        began = time.process_time()
        pdf = fast(pdf, key, field=f"member-{number}")
        times.append((time.process_time() - began) * 1000)
    return times


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
    print()
    recorded.tell()


if __name__ == "__main__":
    main()
