"""Tokens of SoftHSM, made once in a process and forgotten with it."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pkcs11 import Attribute, ObjectClass

from docflow.signing.cms import PrivateKey
from docflow.signing.pkcs11 import Place

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
             "/usr/lib64/pkcs11/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")  # fmt: skip
TOKEN, PIN = "docflow-test", "648219"


def library() -> str:
    """The library, or an empty string where SoftHSM is not installed."""
    return next((each for each in LIBRARIES if Path(each).exists()), "") if shutil.which("softhsm2-util") else ""


@dataclass(frozen=True)
class SoftHsm:
    """One initialised token."""

    module: str

    def place(self, label: str) -> Place:
        return Place(self.module, TOKEN, label)

    def put(self, label: str, key: PrivateKey, *certificates: x509.Certificate, directory: Path) -> Place:
        """Import a key with its certificate under *label*, and further certificates beside it."""
        file = directory / f"{label}.pem"
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        file.write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
        identity = os.urandom(4).hex()
        run("--import", str(file), "--token", TOKEN, "--label", label, "--id", identity, "--pin", PIN)
        with pkcs11.lib(self.module).get_token(token_label=TOKEN).open(user_pin=PIN, rw=True) as session:
            for number, each in enumerate(certificates):
                session.create_object({
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.LABEL: label if number == 0 else f"{label}-issuer",
                    Attribute.ID: bytes.fromhex(identity),
                    Attribute.SUBJECT: each.subject.public_bytes(),
                    Attribute.VALUE: each.public_bytes(serialization.Encoding.DER),
                })  # fmt: skip
        return self.place(label)

    def rename(self, label: str, new: str) -> None:
        """Give key and certificate another label."""
        with pkcs11.lib(self.module).get_token(token_label=TOKEN).open(user_pin=PIN, rw=True) as session:
            for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.CERTIFICATE):
                for each in session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: label}):
                    each[Attribute.LABEL] = new


def run(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


@cache
def token() -> SoftHsm:
    """Make the token; the library reads where it is from SOFTHSM2_CONF, once in a process."""
    directory = Path(tempfile.mkdtemp(prefix="docflow-softhsm-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    tokens = directory / "tokens"
    tokens.mkdir()
    configuration = directory / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    run("--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "87654321")
    return SoftHsm(library())


def new_key(kind: str) -> PrivateKey:
    if kind == "RSA-2048":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key({"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}[kind])
