"""Other ways to sign a PDF, to be measured beside ours: libraries in this process, programs in processes of their own.

None of them is a dependency of docflow: a way that is not installed here says so, and what it would need.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from docflow.signing import pades
from docflow.signing.base import CADES, PKCS7
from docflow.signing.cms import CertifiedKey
from docflow.signing.increment import Reader, references

Way = Callable[[], bytes]
PASSWORD = "1234"
NOW = datetime.now(UTC)
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


class Absent(Exception):
    """This way cannot be measured here; the text says why."""


@dataclass(frozen=True)
class Material:
    """What every way signs, and with what: the key as files, too, for programs."""

    pdf: bytes
    key: CertifiedKey
    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "key.p12"

    def write(self) -> None:
        self.folder.mkdir(parents=True)
        plain = serialization.NoEncryption()
        private = self.key.private_key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, plain)
        (self.folder / "key.pem").write_bytes(private)
        (self.folder / "certificate.pem").write_bytes(self.key.certificate.public_bytes(PEM))
        (self.folder / "chain.pem").write_bytes(b"".join(each.public_bytes(PEM) for each in self.key.chain))
        encryption = serialization.BestAvailableEncryption(PASSWORD.encode())
        bundle = pkcs12.serialize_key_and_certificates(
            b"signer", self.key.private_key, self.key.certificate, self.key.chain, encryption
        )
        self.store.write_bytes(bundle)
        (self.folder / "paper.pdf").write_bytes(self.pdf)
        (self.folder / "field.pdf").write_bytes(pades.with_fields(self.pdf, ["head"]))

    def run(self, *command: str | Path, given: bytes | None = None) -> bytes:
        done = subprocess.run([str(each) for each in command], input=given, capture_output=True, cwd=self.folder)
        if done.returncode:
            raise Absent(f"it ended with {done.returncode}: {_reason(done.stderr)}")
        return done.stdout

    def in_hole(self, subfilter: str, sign: Callable[[bytes], bytes]) -> bytes:
        """Our increment around a CMS that somebody else makes of the bytes to be signed."""
        prepared = pades.prepare(self.pdf, field="head", when=NOW, reserve=4096, subfilter=subfilter)
        return pades.embed(prepared, sign(prepared.signed_bytes()))


def _reason(text: bytes) -> str:
    lines = text.decode(errors="replace").strip().splitlines() or ["no reason given"]
    return next((line for line in reversed(lines) if "rror" in line), lines[-1]).strip()[:160]


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Absent(f"{name} is not installed (Debian: apt-get install {package})")
    return found


def pyca(given: Material) -> Way:
    """The PKCS#7 builder of pyca/cryptography, in our increment."""
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]

    def sign(content: bytes) -> bytes:
        builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
        builder = builder.add_signer(given.key.certificate, given.key.private_key, hashes.SHA256())
        for each in given.key.chain:
            builder = builder.add_certificate(each)
        return builder.sign(DER, options)

    return lambda: given.in_hole(PKCS7, sign)


def openssl(given: Material) -> Way:
    """``openssl cms -sign -cades``, in our increment: a process for each signature."""
    program = _program("openssl", "openssl")
    command = [program, "cms", "-sign", "-cades", "-binary", "-md", "sha256", "-outform", "DER"]
    files = ["-signer", "certificate.pem", "-inkey", "key.pem", "-certfile", "chain.pem"]
    return lambda: given.in_hole(CADES, lambda content: given.run(*command, *files, given=content))


def mutool(given: Material) -> Way:
    """``mutool sign`` of a field that is there; it knows no CAdES."""
    program = _program("mutool", "mupdf-tools")
    reader = Reader((given.folder / "field.pdf").read_bytes())
    form = reader.dictionary(reader.dictionary(reader.root).reference(b"/AcroForm") or 0)
    (field,) = references(form.values[b"/Fields"])

    def sign() -> bytes:
        made = given.folder / "mutool.pdf"
        given.run(program, "sign", "-s", given.store, "-P", PASSWORD, "-o", made, "field.pdf", str(field))
        return made.read_bytes()

    return sign


def pdfsig(given: Material) -> Way:
    """Poppler's ``pdfsig -sign`` with a key in an NSS database."""
    program, certutil = _program("pdfsig", "poppler-utils"), _program("certutil", "libnss3-tools")
    (given.folder / "nss").mkdir()
    given.run(certutil, "-N", "-d", "sql:nss", "--empty-password")
    given.run(_program("pk12util", "libnss3-tools"), "-i", given.store, "-d", "sql:nss", "-W", PASSWORD, "-K", "")

    def sign() -> bytes:
        made = given.folder / "pdfsig.pdf"
        made.unlink(missing_ok=True)
        given.run(program, "-nssdir", "sql:nss", "-sign", "head", "-nick", "signer", "field.pdf", made)
        return made.read_bytes()

    return sign


def endesive(given: Material) -> Way:
    """endesive's ``pdf.cms.sign``; the first import in a process of its own, because it may fail in many ways."""
    tried = subprocess.run([sys.executable, "-c", "import endesive.pdf.cms"], capture_output=True)
    if tried.returncode:
        raise Absent(f"endesive cannot be imported: {_reason(tried.stderr)}")
    module = importlib.import_module("endesive.pdf.cms")
    details = {
        "aligned": 8192, "sigflags": 3, "sigpage": 0, "sigfield": "head", "signaturebox": (0, 0, 0, 0),
        "signingdate": NOW.strftime("D:%Y%m%d%H%M%S+00'00'"), "contact": "", "location": "", "reason": "",
    }  # fmt: skip
    key = given.key

    def sign() -> bytes:
        added: bytes = module.sign(given.pdf, details, key.private_key, key.certificate, list(key.chain), "sha256")
        return given.pdf + added

    return sign


SIGNPDF = """
const fs = require('fs');
const { SignPdf } = require('@signpdf/signpdf');
const { P12Signer } = require('@signpdf/signer-p12');
const { plainAddPlaceholder } = require('@signpdf/placeholder-plain');
const [, paper, store, made, seconds] = process.argv;
const pdfBuffer = fs.readFileSync(paper), p12 = fs.readFileSync(store);
const told = { pdfBuffer, reason: '', contactInfo: '', name: '', location: '', signatureLength: 4096 };
const sign = () => new SignPdf().sign(plainAddPlaceholder(told), new P12Signer(p12, { passphrase: '1234' }));
(async () => {
  fs.writeFileSync(made, await sign());
  const times = [], until = Date.now() + 1000 * seconds;
  while (Date.now() < until || times.length < 5) {
    const began = process.cpuUsage();
    await sign();
    const used = process.cpuUsage(began);
    times.push((used.user + used.system) / 1000);
  }
  console.log(JSON.stringify(times));
})();
"""


def signpdf(given: Material, *, seconds: float) -> tuple[bytes, list[float]]:
    """@signpdf/signpdf under node, which opens the key file each time: what it made, and its milliseconds.

    ``NODE_PATH`` says where its packages are: ``npm install @signpdf/signpdf @signpdf/signer-p12
    @signpdf/placeholder-plain``.
    """
    program = _program("node", "nodejs")
    made = given.folder / "signpdf.pdf"
    if not os.environ.get("NODE_PATH"):
        raise Absent("@signpdf/signpdf is not installed (npm; NODE_PATH says where)")
    told = given.run(program, "-e", SIGNPDF, "--", "paper.pdf", given.store, made, str(seconds))
    times: list[float] = json.loads(told)
    return made.read_bytes(), times


# In this process, and in processes of their own.
LIBRARIES: dict[str, Callable[[Material], Way]] = {"pyca PKCS7SignatureBuilder": pyca, "endesive": endesive}
PROGRAMS: dict[str, Callable[[Material], Way]] = {
    "openssl cms -sign -cades": openssl,
    "mutool sign": mutool,
    "poppler pdfsig -sign": pdfsig,
}
