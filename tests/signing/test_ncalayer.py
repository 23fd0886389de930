"""NCALayer's answers as they come: each way in which one can be wrong has its own sentence."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from docflow.core.errors import ProviderError
from docflow.core.identifiers import bin_faults, iin_faults
from docflow.signer.protocol import Sheet
from docflow.signing import authority, demo, der, pades
from docflow.signing.base import CADES, Challenge, Signer
from docflow.signing.ncalayer import PROBLEMS, NcaLayer, open_provider
from tests.signing.pki import LISTENER, NOW, PIN, RECTOR, TRAINER, Pki, request
from tests.signing.ways import at_the_machine, person_key

PROVIDER = NcaLayer("wss://127.0.0.1:13579")
OF_TRAINER = Signer(TRAINER.person_name, TRAINER.iin, TRAINER.bin)


def prepared(pdf: bytes, *, count: int = 1, provider: NcaLayer = PROVIDER) -> list[pades.Prepared]:
    return [
        pades.prepare(pdf, field=f"f{n}", when=NOW, reserve=provider.reserve, subfilter=provider.subfilter)
        for n in range(count)
    ]


def asked(papers: list[pades.Prepared], *, signer: Signer = RECTOR, provider: NcaLayer = PROVIDER) -> Challenge:
    return provider.challenge([request(each, str(n)) for n, each in enumerate(papers)], signer=signer, now=NOW)


def contents(papers: list[pades.Prepared]) -> dict[str, bytes]:
    return {str(n): each.signed_bytes() for n, each in enumerate(papers)}


def signed(pki: Pki, papers: list[pades.Prepared], *, signer: Signer = RECTOR, **more: Any) -> list[dict[str, Any]]:
    """True answers of the program at the signer's machine."""
    reply = at_the_machine(PROVIDER, person_key(pki, signer), **more)(asked(papers, signer=signer), contents(papers))
    answers: list[dict[str, Any]] = reply["answers"]
    return answers


def told(answer: Any, pdf: bytes) -> str:
    """The sentence that one raw answer is refused with."""
    challenge = asked(prepared(pdf))
    with pytest.raises(ProviderError) as refused:
        PROVIDER.answer(challenge, {"answers": [{"ids": ["0"], "answer": answer}]}, now=NOW)
    return str(refused.value)


def test_the_whole_byte_range_goes_over_and_a_detached_cms_is_wanted(pdf: bytes) -> None:
    papers = prepared(pdf)
    (step,) = PROVIDER.dialogue(asked(papers), contents(papers), locale="en")
    arguments = step["request"]["args"]
    assert (step["request"]["module"], step["request"]["method"]) == ("kz.gov.pki.knca.basics", "sign")
    assert base64.b64decode(arguments["data"]) == papers[0].signed_bytes()
    assert arguments["format"] == "cms"
    assert arguments["signingParams"] == {"decode": True, "encapsulate": False, "digested": False, "tsaProfile": None}
    assert arguments["signerParams"]["bin"] == RECTOR.bin
    assert arguments["signerParams"]["iin"] == RECTOR.iin, "so a wrong key is not even offered"
    assert arguments["signerParams"]["extKeyUsageOids"] == ["1.3.6.1.5.5.7.3.4", *RECTOR.roles]
    assert "chain" not in arguments["signerParams"], "only live national certificates, outside a demo"
    assert arguments["locale"] == "ru", "NCALayer speaks kk and ru"


def test_a_demo_offers_keys_of_its_own_authority(pdf: bytes) -> None:
    provider = open_provider({"address": "wss://127.0.0.1:13579", "any_authority": True, "form": "cades"})
    papers = prepared(pdf)
    (step,) = provider.dialogue(asked(papers, provider=provider), contents(papers), locale="kk")
    assert step["request"]["args"]["signerParams"]["chain"] == []
    assert provider.subfilter == CADES


def test_many_documents_go_in_few_questions_and_keep_their_order(pdf: bytes) -> None:
    papers = prepared(pdf, count=3)
    requests = [request(papers[n % 3], str(n)) for n in range(230)]
    challenge = PROVIDER.challenge(requests, signer=RECTOR, now=NOW)
    steps = PROVIDER.dialogue(challenge, {each.id: b"x" for each in requests}, locale="kk")
    assert [len(step["ids"]) for step in steps] == [100, 100, 30]
    assert [name for step in steps for name in step["ids"]] == [each.id for each in requests]
    large = PROVIDER.dialogue(asked(papers), dict.fromkeys("012", b"x" * 15_000_000), locale="kk")
    assert [step["ids"] for step in large] == [["0"], ["1"], ["2"]]
    assert all(isinstance(step["request"]["args"]["data"], str) for step in large)


@pytest.mark.parametrize("signer", [RECTOR, OF_TRAINER, LISTENER], ids=["P-256", "RSA-2048", "private person"])
def test_a_true_answer_is_accepted(pki: Pki, pdf: bytes, signer: Signer) -> None:
    papers = prepared(pdf)
    answers = signed(pki, papers, signer=signer)
    (answer,) = PROVIDER.answer(asked(papers, signer=signer), {"answers": answers}, now=NOW)
    assert answer.cms is not None
    pades.check_embedded(pades.embed(papers[0], answer.cms), previous=pdf, field="f0")


def _bare(text: str) -> str:
    return "".join(line for line in text.splitlines() if not line.startswith("-----"))


@pytest.mark.parametrize(
    "spelling",
    [
        lambda text: {"status": True, "body": {"result": text}},
        lambda text: {"status": True, "body": {"result": [text]}},
        lambda text: {"status": True, "body": {"result": _bare(text)}},
        lambda text: {"status": True, "body": {"result": [text.replace("\n", "\r\n")]}},
        lambda text: {"status": True, "body": {"result": text.replace("CMS", "PKCS7")}},
        lambda text: {"code": "200", "responseObject": _bare(text)},
    ],
    ids=["text", "array", "bare base64", "array with other line ends", "another label", "the older module"],
)
def test_every_spelling_of_an_answer_is_read(pki: Pki, pdf: bytes, spelling: Any) -> None:
    papers = prepared(pdf)
    (true,) = signed(pki, papers)
    answer = spelling(true["answer"]["body"]["result"])
    (found,) = PROVIDER.answer(asked(papers), {"answers": [{"ids": ["0"], "answer": answer}]}, now=NOW)
    assert found.cms is not None


CANCEL = "cancelled signing"
ODD = "not understood"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"body": {}, "status": True}, CANCEL),
        ({"body": {"result": []}, "status": True}, CANCEL),
        ({"code": "500", "message": "action.canceled"}, CANCEL),
        ({"success": False, "errorCode": "MODULE_NOT_FOUND"}, "update NCALayer"),
        ({"status": False, "code": "SIGNING_FAILURE", "message": "…"}, "could not sign with this key"),
        ({"status": False, "code": "INVOCATION_ERROR", "details": "org.json.JSONException: …"}, "INVOCATION_ERROR"),
        ({"status": False, "code": "<script>alert(1)</script>"}, "scriptalert1script"),
        ({"status": True, "body": {"result": ["a", "b"]}}, "no signature for this document"),
        ({"status": True, "body": {"result": "no base64!"}}, ODD),
        ({"status": True, "body": {"result": 7}}, "no signature for this document"),
        ({"status": True, "body": {"result": "aGVsbG8="}}, "not a signature in the expected form"),
        ({}, ODD),
        ([], ODD),
        (None, ODD),
        ("yes", ODD),
    ],
)
def test_each_failure_has_its_own_sentence(pdf: bytes, answer: Any, says: str) -> None:
    assert says in told(answer, pdf)


def test_a_gost_key_has_its_own_sentence(pki: Pki, pdf: bytes) -> None:
    """Another digest than SHA-256, of the national arc: what most keys of the country make today."""
    papers = prepared(pdf)
    (true,) = signed(pki, papers)
    pem = true["answer"]["body"]["result"]
    cms = base64.b64decode(_bare(pem))
    sha256, national = der.oid("2.16.840.1.101.3.4.2.1"), der.oid("1.2.398.3.10.1.3.3.1")
    assert len(sha256) == len(national), "so that no length around it changes; Streebog's own is one byte shorter"
    answer = {
        "status": True,
        "body": {"result": base64.b64encode(cms.replace(sha256, national)).decode()},
    }
    assert "GOST" in told(answer, pdf)


def test_the_national_test_numbers_fail_the_checksum_and_sign_all_the_same(pki: Pki, pdf: bytes) -> None:
    """They are compared, never judged; whoever registers such a person overrules the fault."""
    signer = Signer("ТЕСТОВ ТЕСТ", "123456789011", "123456789021", (authority.FIRST_HEAD,))
    assert all(fault.may_be_overruled for fault in (*iin_faults(signer.iin), *bin_faults(signer.bin)))
    assert iin_faults(signer.iin)
    demo.issue_key(
        pki.authority.directory, person=signer.person_name, iin=signer.iin, bin=signer.bin, organisation="ТЕСТ",
        roles=signer.roles, pin=PIN, now=NOW,
    )  # fmt: skip
    papers = prepared(pdf)
    (answer,) = PROVIDER.answer(asked(papers, signer=signer), {"answers": signed(pki, papers, signer=signer)}, now=NOW)
    assert answer.cms is not None


def test_what_only_the_page_can_notice_has_its_sentence_too(pdf: bytes) -> None:
    challenge = asked(prepared(pdf))
    for name, sentence in PROBLEMS.items():
        with pytest.raises(ProviderError, match=str(sentence)[:20]):
            PROVIDER.answer(challenge, {"problem": name}, now=NOW)
    assert str(PROBLEMS["not-running"]).startswith("NCALayer does not answer")


def test_a_signature_of_another_document_is_refused(pki: Pki, pdf: bytes) -> None:
    papers = prepared(pdf, count=2)
    (answer,) = signed(pki, papers[1:])
    assert "belongs to another document" in told(answer["answer"], pdf)


def test_swapped_answers_are_noticed_and_the_right_ones_kept(pki: Pki, pdf: bytes) -> None:
    papers = prepared(pdf, count=3)
    (answer,) = signed(pki, papers)
    first, second, third = answer["answer"]["body"]["result"]
    answer["answer"]["body"]["result"] = [second, first, third]
    found = PROVIDER.answer(asked(papers), {"answers": [answer]}, now=NOW)
    assert [each.cms is not None for each in found] == [False, False, True]
    assert "another document" in str(found[0].problem)


def test_what_was_signed_before_a_cancellation_is_kept(pki: Pki, pdf: bytes) -> None:
    papers = prepared(pdf, count=2)
    (first,) = signed(pki, papers[:1])
    cancelled = {"ids": ["1"], "answer": {"body": {}, "status": True}}
    one, two = PROVIDER.answer(asked(papers), {"answers": [first, cancelled]}, now=NOW)
    assert one.cms is not None
    assert two.cms is None
    assert CANCEL in str(two.problem)
    one, two = PROVIDER.answer(asked(papers), {"answers": [first]}, now=NOW)
    assert "no signature for this document" in str(two.problem)


def test_time_in_a_signature_is_refused_where_cades_is_declared(pki: Pki, pdf: bytes) -> None:
    strict = NcaLayer("wss://127.0.0.1:13579", subfilter=CADES)
    papers = prepared(pdf, provider=strict)
    with_time, without = signed(pki, papers), signed(pki, papers, tells_time=False)
    challenge = asked(papers, provider=strict)
    with pytest.raises(ProviderError, match=r"forbids: the administrator must choose pkcs7"):
        strict.answer(challenge, {"answers": with_time}, now=NOW)
    (found,) = strict.answer(challenge, {"answers": without}, now=NOW)
    assert found.cms is not None
    assert not pades.check_embedded(pades.embed(papers[0], found.cms), previous=pdf, field="f0").tells_time


def test_the_person_at_the_machine_sees_title_and_digest(pki: Pki, pdf: bytes) -> None:
    papers = prepared(pdf)
    shown: list[Sheet] = []
    signed(pki, papers, shown=shown)
    (sheet,) = shown
    assert sheet.title == "Сертификат", "from the document's own metadata"
    assert sheet.sha256 == papers[0].digest.hex()


def test_names_of_requests_that_were_not_asked_for_are_ignored(pki: Pki, pdf: bytes) -> None:
    papers = prepared(pdf)
    (answer,) = signed(pki, papers)
    stranger = {**answer, "ids": ["99"]}
    (found,) = PROVIDER.answer(asked(papers), {"answers": [stranger, answer]}, now=NOW)
    assert found.cms is not None
    assert json.dumps(asked(papers).as_json()).count("data") == 0, "the papers are not kept in the challenge"
