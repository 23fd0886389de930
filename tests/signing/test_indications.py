"""The names of EN 319 102-1, and a sentence for each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docflow.core.messages import translated_by
from docflow.signing.indications import PASSED, Conclusion, Indication, SubIndication, because, named
from docflow.signing.report import Level
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from tests.signing.pki import NOW, TRAINER, Pki, mint, sign

FAILURES = {"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "REVOKED", "EXPIRED", "NOT_YET_VALID"}


@pytest.mark.parametrize("sub", SubIndication)
def test_every_sub_indication_has_its_main_one_and_a_sentence(sub: SubIndication) -> None:
    found = because(sub)
    assert found.indication is (Indication.FAILED if sub in FAILURES else Indication.INDETERMINATE)
    assert str(found.message).endswith(".")
    assert Conclusion.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_sentences_are_translated_when_they_are_shown() -> None:
    with translated_by(lambda sentence: f"kk:{sentence}"):
        assert because(SubIndication.REVOKED).as_json()["message"].startswith("kk:")


def test_names_of_a_library_are_taken_or_generic() -> None:
    assert named("OK") == PASSED
    assert named("EXPIRED") == Conclusion(Indication.FAILED, SubIndication.EXPIRED)
    assert named("SOMETHING_NEW") == Conclusion(Indication.INDETERMINATE, SubIndication.GENERIC)


def names(pdf: bytes, trust: TrustStore) -> list[str]:
    return [each.conclusion.name for each in validate(pdf, trust=trust, now=NOW).signatures]


def test_each_signature_has_its_own_conclusion(pki: Pki, pdf: bytes) -> None:
    first = sign(pki, pdf)
    second = bytearray(sign(pki, first, signer=TRAINER, field="trainer"))
    assert names(bytes(second), pki.trust) == ["TOTAL-PASSED", "TOTAL-PASSED"]
    second[len(first) + second[len(first) :].index(b"/M ") + 8] ^= 1
    assert names(bytes(second), pki.trust) == ["TOTAL-PASSED", "TOTAL-FAILED (HASH_FAILURE)"]


def test_a_forged_value_is_not_a_changed_document(pki: Pki, pdf: bytes) -> None:
    signed = bytearray(sign(pki, pdf, signer=TRAINER, field="trainer"))
    hole = signed.index(b"/Contents<") + 10 if b"/Contents<" in signed else signed.index(b"/Contents <") + 11
    length = 4 + int(bytes(signed[hole + 4 : hole + 8]), 16)
    last = hole + 2 * length - 1  # the signature value stands at the end of the CMS
    signed[last] = ord("0") if signed[last] != ord("0") else ord("1")
    assert names(bytes(signed), pki.trust) == ["TOTAL-FAILED (SIG_CRYPTO_FAILURE)"]


def test_a_stranger_is_not_a_forger(pki: Pki, pdf: bytes, tmp_path: Path) -> None:
    stranger = sign(mint(tmp_path), pdf)
    assert names(stranger, pki.trust) == ["INDETERMINATE (NO_CERTIFICATE_CHAIN_FOUND)"]
    assert names(stranger, TrustStore()) == ["INDETERMINATE (NO_CERTIFICATE_CHAIN_FOUND)"]


def test_what_nobody_can_explain_behind_a_signature_is_no_pass(pki: Pki, pdf: bytes) -> None:
    """Appended so that a table names it: the signature still verifies, and still it is not passed."""
    signed = sign(pki, pdf)
    longer = signed + b"\n9 0 obj\n<</Evil true>>\nendobj\nxref\n0 0\ntrailer\n<<>>\n"
    report = validate(longer, trust=pki.trust, now=NOW)
    assert report.signatures[0].intact
    assert report.signatures[0].conclusion.sub is not None or report.findings


def test_a_specialist_sees_chain_level_and_place(pki: Pki, pdf: bytes) -> None:
    report = validate(sign(pki, pdf), trust=pki.trust, now=NOW)
    (found,) = report.signatures
    assert found.level is Level.B
    assert found.certificate.chain == ("ДЕМО ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ", "ДЕМО НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ")
    assert (found.certificate.algorithm, found.digest_algorithm) == ("EC 256", "sha256")
    assert (found.revision, report.revisions, found.page) == (2, 2, None)  # our own signatures are invisible
