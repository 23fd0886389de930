"""``docflow signer`` as people start it: a terminal, a key file, a password."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from docflow.signing.cms import check_cms
from docflow.signing.gost import signatures
from tests.signer.terminal import READY, Terminal, terminal
from tests.signer.test_socket import decoded, encoded, message
from tests.signing import softhsm
from tests.signing.gost_authority import GostAuthority, key_file
from tests.signing.pki import BIN, PIN, RECTOR, TRAINER, Pki
from tests.signing.ways import ORIGIN, SECRET, seal_certificate, seal_file

PLAIN = ("--port", "0", "--plain", "--language", "en")


def _asked(address: str, typed: list[str], program: Terminal, *papers: bytes) -> dict[str, object]:
    """Let a page ask in the background, and type when the program wants a password."""
    code = "import sys; from tests.signer.running import talk; print(talk(*sys.argv[1:3], origin=sys.argv[3])[1][0])"
    text = message([encoded(each) for each in papers])
    page = subprocess.Popen(
        [sys.executable, "-c", code, address, text, ORIGIN], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    for number, word in enumerate(typed, 1):
        program.until(rf"(?s)(?:Password of the key.*?){{{number}}}")
        program.type(word)
    answer: dict[str, object] = json.loads(page.communicate(timeout=180)[0])
    return answer


def test_it_shows_what_it_signs_and_asks_for_the_password_once(pki: Pki) -> None:
    path = pki.authority.key_file(iin=RECTOR.iin, bin=RECTOR.bin)
    with terminal(*PLAIN, "--key", str(path), "--origin", ORIGIN) as program:
        address = program.until(READY.pattern)[0]
        answer = _asked(address, [PIN], program, b"one", b"two", b"three")
        program.until("Signed, documents: 3")
        # A word of its own: the number of the port may have the same digits.
        assert not re.search(rf"\b{PIN}\b", program.text), "a password is not echoed"
    assert program.text.count("Password of the key") == 1
    assert ORIGIN in program.text
    for paper, signature in zip((b"one", b"two", b"three"), answer["body"]["result"], strict=True):  # type: ignore[index]
        info = check_cms(decoded(signature), content=[paper])
        assert info.message_digest.hex() in program.text


@pytest.mark.parametrize("kind", ["RSA-2048", "P-384"])
def test_it_signs_with_rsa_and_with_a_larger_curve(pki: Pki, tmp_path: Path, kind: str) -> None:
    path, password = pki.authority.key_file(iin=TRAINER.iin, bin=BIN), PIN
    if kind == "P-384":
        path, password = seal_file(pki, tmp_path / "p384.p12", key=ec.generate_private_key(ec.SECP384R1())), SECRET
    with terminal(*PLAIN, "--key", str(path), "--origin", ORIGIN, "--no-signing-time") as program:
        address = program.until(READY.pattern)[0]
        answer = _asked(address, [password], program, b"paper")
    info = check_cms(decoded(answer["body"]["result"][0]), content=[b"paper"])  # type: ignore[index]
    assert not info.tells_time


def test_it_signs_with_a_national_gost_key(tmp_path: Path) -> None:
    centre, path = GostAuthority(), tmp_path / "GOST512.p12"
    centre.open()
    path.write_bytes(key_file(centre.person, [centre.issuer.certificate], password=SECRET))
    with terminal(*PLAIN, "--key", str(path), "--origin", ORIGIN) as program:
        address = program.until(READY.pattern)[0]
        answer = _asked(address, ["not-it", SECRET], program, b"paper")
        assert "The password is wrong." in program.text
    info = check_cms(decoded(answer["body"]["result"][0]), content=[b"paper"])  # type: ignore[index]
    assert signatures.is_key_of(info.certificate)
    assert info.tells_time


@pytest.mark.parametrize("kind", ["RSA-2048", "P-256"])
def test_it_signs_with_a_token(pki: Pki, tmp_path: Path, kind: str) -> None:
    if not softhsm.library():
        pytest.skip("no SoftHSM on this machine (Debian: apt-get install softhsm2)")
    key = softhsm.new_key(kind)
    place = softhsm.token().put(f"own-{kind}", key, seal_certificate(pki, key), directory=tmp_path)
    arguments = ("--module", place.module, "--token", place.token, "--label", place.label, "--origin", ORIGIN)
    with terminal(*PLAIN, *arguments) as program:
        address = program.until(READY.pattern)[0]
        answer = _asked(address, ["000000", softhsm.PIN], program, b"paper")
        assert "The password is wrong." in program.text
    info = check_cms(decoded(answer["body"]["result"][0]), content=[b"paper"])  # type: ignore[index]
    assert info.tells_time
    arguments = ("--module", place.module, "--token", "absent", "--label", place.label, "--origin", ORIGIN)
    with terminal(*PLAIN, *arguments) as program:
        address = program.until(READY.pattern)[0]
        answer = _asked(address, [softhsm.PIN], program, b"paper")
        program.until("absent.* cannot be used: NoSuchToken")
    assert (answer["status"], answer["code"]) == (False, "GENERAL_ERROR")


def test_a_wrong_password_may_be_repeated_and_an_empty_one_cancels(pki: Pki) -> None:
    path = pki.authority.key_file(iin=RECTOR.iin, bin=RECTOR.bin)
    with terminal(*PLAIN, "--key", str(path), "--origin", ORIGIN) as program:
        address = program.until(READY.pattern)[0]
        assert _asked(address, ["0000", ""], program, b"paper") == {"body": {}, "status": True}
        assert "The password is wrong." in program.text
        program.until("Cancelled: nothing was signed.")


def test_it_starts_without_the_server_and_its_forms() -> None:
    """On a signer's machine there is no database; what is not needed is not even loaded."""
    code = (
        "import sys, docflow.signer.command; "
        "print(*(name for name in ('typst', 'docflow.models', 'docflow.forms', 'docflow.web') if name in sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
    told = subprocess.run(
        [sys.executable, "-m", "docflow.signer", "--help"], capture_output=True, text=True, check=True
    )
    assert "in the place of NCALayer" in told.stdout


def test_it_does_not_start_without_origin_or_key(pki: Pki) -> None:
    path = str(pki.authority.key_file(iin=RECTOR.iin, bin=RECTOR.bin))
    for arguments in (
        ["--key", path],
        ["--origin", ORIGIN],
        ["--key", path, "--module", "x", "--origin", ORIGIN],
        ["--key", path, "--origin", "docs.example.kz"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "docflow.cli", "signer", *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2, done.stderr
        assert "rror" in done.stderr


def test_a_taken_port_is_told(pki: Pki) -> None:
    path = str(pki.authority.key_file(iin=RECTOR.iin, bin=RECTOR.bin))
    with terminal(*PLAIN, "--key", path, "--origin", ORIGIN) as program:
        port = program.until(READY.pattern)[1]
        done = subprocess.run(
            [
                sys.executable, "-m", "docflow.cli", "signer", "--plain", "--language", "en", "--key", path, "--origin",
                ORIGIN, "--port", port,
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "is taken: does NCALayer run?" in done.stderr
