"""Our verdict beside that of EU DSS on the corpus's valid files: how many signatures, the indication, the level."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from docflow.signing.report import Kind
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from tests.interop.judge import ask, class_path
from tests.signing.pki import mint
from tests.signing.test_corpus import CORPUS

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

MOMENT = datetime(2026, 11, 21, tzinfo=UTC)
UNREADABLE = "DSS 6.4 cannot read it"

# All that the two say differently, and why. Nobody's root is pinned, so that no verdict can be better than
# NO_CERTIFICATE_CHAIN_FOUND; a line that is no longer true fails as much as one that is missing.
DIFFERENCES: dict[tuple[str, str], str] = {
    ("pyhanko__dyn_test_mldsa44_signer1__603492.pdf", UNREADABLE): "it knows no ML-DSA yet; we do",
    ("pyhanko__dyn_test_mldsa44_signer1_87__adf4ad.pdf", UNREADABLE): "it knows no ML-DSA yet; we do",
    ("dss__hello_signed_INCSAVE_signed.pdf", "indication"): (
        "RSA of 1024 bits and an unknown root are both true; we name the weak key (5.2.7), DSS the chain (5.2.6)"
    ),
    ("itext__sv_docWithDss.pdf", "indication"): (
        "the signed bytes were changed: HASH_FAILURE; DSS stops before, at a /ByteRange that does not end with the file"
    ),
    ("itext__sv_docWithDss.pdf", "level"): "we give a signature that is broken no level",
    ("itext__rev_eolNotIncludedIntoByteRange.pdf", "level"): "we give a signature that is broken no level",
    ("dss__Signature-P-DE_SCI-4.pdf", "level"): (
        "every certificate is spoken of, so B-LTA; DSS asks also for a word about the responder's own certificate, and "
        "for one about the time stamp's that is younger than the stamp"
    ),
    ("itext__lvl_B-LT_covered_with_timestamp_attribute.pdf", "level"): (
        "signer and time stamp have the same number from the same root, and its answers are of the year 2000: they "
        "speak of the certificate, so B-LT, but DSS does not take them for good"
    ),
}

Said = list[tuple[str, str, str]]  # of each signature: indication, sub-indication, level


def ours(pdf: bytes) -> Said:
    return [
        (
            each.conclusion.indication.value.replace("-", "_"),
            each.conclusion.sub.value if each.conclusion.sub else "null",
            each.level.value.replace("-B-", "-BASELINE-"),
        )
        for each in validate(pdf, trust=TrustStore(), now=MOMENT).signatures
        if each.kind is Kind.SIGNATURE
    ]


def differences(here: Said, there: Said) -> set[str]:
    if len(here) != len(there):
        return {"count"}
    pairs = list(zip(here, there, strict=True))
    indication = {"indication"} if any(one[:2] != other[:2] for one, other in pairs) else set()
    return indication | ({"level"} if any(one[2] != other[2] for one, other in pairs) else set())


def test_dss_and_we_agree_on_the_valid_files(tmp_path: Path) -> None:
    listed = CORPUS / "expectations.json"
    if not listed.exists():
        pytest.skip("the corpus of signatures is not beside this checkout (../shared/corpus)")
    entries = [each for each in json.loads(listed.read_text()) if each["class"] == "signed-valid"]
    files = [CORPUS / "pdfs" / each["file"] for each in entries if not each.get("password")]
    stranger = mint(tmp_path).authority.root
    told = ask(files, class_path(tmp_path), root=stranger, moment=MOMENT, policy="unasked")
    found = {(name, UNREADABLE) for name in told.problems}
    for path in files:
        if path.name not in told.problems:
            # Other kinds than PAdES baseline have names of their own there, and none here.
            there = [
                (each.indication, each.sub, each.level if "BASELINE" in each.level else "")
                for each in told.signatures[path.name]
            ]
            found |= {(path.name, what) for what in differences(ours(path.read_bytes()), there)}
    assert len(files) > 100
    assert found == set(DIFFERENCES)
