"""EU DSS, the validator of the European Commission, says of our signatures what we say."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from docflow.signing import demo, etsi, pades
from docflow.signing.increment import Unsupported, add_signature
from docflow.signing.indications import PASSED as OURS
from docflow.signing.report import Level
from docflow.signing.validation import validate
from tests.interop.judge import PASSED, Sentence, ask, class_path
from tests.signing.ladder import Ladder, ladder
from tests.signing.pki import BIN, LISTENER, NOW, PIN, TRAINER, Pki, mint, paper, sign

pytestmark = pytest.mark.interop

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


@pytest.fixture(scope="module")
def rungs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ladder, Path]]:
    """One paper at every level, and one that was raised to the last without a stamp in its signature."""
    with ladder(tmp_path_factory.mktemp("ladder")) as made:
        folder = tmp_path_factory.mktemp("rungs")
        papers = {f"{level.value}.pdf": content for level, content in made.rungs(paper()).items()}
        papers["raised.pdf"] = made.raise_to(Level.LTA, papers["PAdES-B-B.pdf"])
        for name, content in papers.items():
            (folder / name).write_bytes(content)
        yield made, folder


ARCHIVED = {"PAdES-B-LTA.pdf", "raised.pdf"}


@pytest.mark.parametrize(
    ("moment", "theirs", "ours"),
    [
        (LATER, {"PAdES-B-LT.pdf", *ARCHIVED}, {"PAdES-B-LT.pdf", *ARCHIVED}),
        # The signer's certificate has run out. DSS still takes the answer about revocation, because the certificate
        # of who gave it has not; we ask for the time stamp of an archive over it.
        (NOW + timedelta(days=900), {"PAdES-B-LT.pdf", *ARCHIVED}, ARCHIVED),
    ],
)
def test_levels_hold_what_they_promise(
    jars: str, rungs: tuple[Ladder, Path], moment: datetime, theirs: set[str], ours: set[str]
) -> None:
    """By the policy of the Commission, without a network, and with the names of the levels; we say the same."""
    made, folder = rungs
    files = sorted(folder.glob("*.pdf"))
    found = ask(files, jars, root=made.place.root, moment=moment)
    assert not found.problems
    assert {name for name, (each,) in found.signatures.items() if each.indication == PASSED} == theirs
    levels = {name: each.level.replace("BASELINE", "B") for name, (each,) in found.signatures.items()}
    reports = {path.name: validate(path.read_bytes(), trust=made.trust, now=moment).signatures[0] for path in files}
    assert {name: each.level.value for name, each in reports.items()} == levels
    assert {name for name, each in reports.items() if each.conclusion == OURS} == ours


def test_our_reports_keep_the_schema_of_ts_119_102_2(
    jars: str, pki: Pki, files: Path, rungs: tuple[Ladder, Path], tmp_path: Path
) -> None:
    made, folder = rungs
    written = []
    for trust, path in [(pki.trust, each) for each in files.glob("*.pdf")] + [
        (made.trust, each) for each in folder.glob("*.pdf")
    ]:
        written.append(tmp_path / f"{path.stem}.xml")
        written[-1].write_bytes(etsi.xml(validate(path.read_bytes(), trust=trust, now=LATER), now=LATER))
    wrong = tmp_path / "wrong.xml"
    wrong.write_bytes(written[0].read_bytes().replace(b"MainIndication", b"FirstIndication"))
    found = ask([*written, wrong], jars, root=pki.authority.root, moment=LATER)
    assert found.schema_kept == {path.name for path in written}
    assert set(found.problems) == {"wrong.xml"}
