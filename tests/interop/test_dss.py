"""EU DSS, the validator of the European Commission, says of our signatures what we say."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from docflow.signing import demo, pades
from docflow.signing.increment import Unsupported, add_signature
from docflow.signing.validation import validate
from tests.interop.judge import PASSED, Sentence, ask, class_path
from tests.signing.pki import BIN, LISTENER, NOW, PIN, TRAINER, Pki, mint, paper, sign

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

LATER = NOW + timedelta(hours=1)
B_B = Sentence(PASSED, "null", "PAdES-BASELINE-B", "")


@pytest.fixture(scope="module")
def jars(tmp_path_factory: pytest.TempPathFactory) -> str:
    return class_path(tmp_path_factory.mktemp("dss"))


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return mint(tmp_path_factory.mktemp("pki"))


def with_other_tables(pdf: bytes) -> bytes:
    """The paper with a stream for a cross-reference table: only pyHanko's writer can append to it."""
    made = io.BytesIO()
    copy_into_new_writer(PdfFileReader(io.BytesIO(pdf)), writer_kwargs={"stream_xrefs": True}).write(made)
    with pytest.raises(Unsupported):
        add_signature(made.getvalue(), field="head", entries={}, reserve=100)
    return made.getvalue()


def signed_by_nine(pki: Pki, pdf: bytes) -> bytes:
    """A protocol: nine members of a commission, with keys of both kinds."""
    for number in range(9):
        iin = f"80010130{number:02d}11"
        algorithm = ("P-256", "RSA-2048")[number % 2]
        path = demo.issue_key(
            pki.authority.directory, person=f"Мүше Нөмір{number}", iin=iin, bin=BIN, organisation="Батыс университеті",
            pin=PIN, now=NOW, algorithm=algorithm,
        )  # fmt: skip
        prepared = pades.prepare(pdf, field=f"member-{number}", when=NOW)
        pdf = pades.embed(prepared, demo.load_key(path, pin=PIN).sign(prepared.digest))
    return pdf


@pytest.fixture(scope="module")
def files(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Signed papers, good and bad."""
    folder, pdf = tmp_path_factory.mktemp("signed"), paper()
    contract = sign(pki, sign(pki, pdf), signer=LISTENER, field="listener")
    broken = bytearray(contract)
    broken[pdf.index(b"/Lang") + 7] ^= 1
    made = {
        "fast-p256": sign(pki, pdf),
        "fast-rsa": sign(pki, pdf, signer=TRAINER, field="trainer"),
        "thorough": sign(pki, with_other_tables(pdf)),
        "contract": contract,
        "protocol": signed_by_nine(pki, pdf),
        "broken": bytes(broken),
    }
    for name, content in made.items():
        (folder / f"{name}.pdf").write_bytes(content)
    return folder


def test_every_baseline_signature_passes(jars: str, pki: Pki, files: Path) -> None:
    good = [path for path in sorted(files.glob("*.pdf")) if path.stem != "broken"]
    found = ask(good, jars, root=pki.authority.root, moment=LATER, policy="unasked")
    assert not found.problems
    expected = {"contract.pdf": 2, "protocol.pdf": 9}
    assert found.signatures == {path.name: [B_B] * expected.get(path.name, 1) for path in good}


def test_dss_and_we_agree_on_names(jars: str, pki: Pki, files: Path, tmp_path: Path) -> None:
    """A changed byte is HASH_FAILURE for both, and so is an unknown root NO_CERTIFICATE_CHAIN_FOUND."""
    other = mint(tmp_path)
    stranger = tmp_path / "stranger.pdf"
    stranger.write_bytes(sign(other, paper()))
    paths = [files / "broken.pdf", stranger]
    found = ask(paths, jars, root=pki.authority.root, moment=LATER, policy="unasked")
    assert not found.problems
    for path in paths:
        ours = [
            (each.conclusion.indication.replace("-", "_"), each.conclusion.sub)
            for each in validate(path.read_bytes(), trust=pki.trust, now=LATER).signatures
        ]
        assert ours == [(each.indication, each.sub) for each in found.signatures[path.name]]


def test_the_judge_is_not_asleep(jars: str, pki: Pki, files: Path) -> None:
    """By the policy of the Commission nothing passes of which nobody knows whether it was revoked."""
    found = ask([files / "fast-p256.pdf"], jars, root=pki.authority.root, moment=LATER)
    assert [each.indication for each in found.signatures["fast-p256.pdf"]] == ["INDETERMINATE"]
