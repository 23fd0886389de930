"""What every way to sign owes, whoever answers and wherever the key lies."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from docflow.core.errors import ProviderError
from docflow.core.messages import Message
from docflow.signing import authority, pades
from docflow.signing.base import CADES, LIFETIME, PKCS7, Challenge, SignatureProvider, Signer
from tests.signing.pki import LISTENER, NOW, RECTOR, Pki, request
from tests.signing.ways import ORGANISATION, WAYS, Way

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


ASKING = ("demo", "ncalayer", "csc")  # the others ask for nothing, so nothing can be wrong with a reply


@pytest.fixture(params=list(WAYS))
def way(request: pytest.FixtureRequest, pki: Pki, tmp_path: Path) -> Iterator[Way]:
    made = WAYS[request.param](pki, tmp_path)
    yield made
    made.close()


class Batch:
    """Papers that wait for one signer, and the challenge that asks him."""

    def __init__(self, way: Way, pdf: bytes, *, count: int = 1) -> None:
        provider = way.provider
        self.papers = {
            str(number): pades.prepare(
                pdf, field=f"slot-{number}", when=NOW, reserve=provider.reserve, subfilter=provider.subfilter
            )
            for number in range(count)
        }
        self.requests = [request(paper, name) for name, paper in self.papers.items()]
        challenge = provider.challenge(self.requests, signer=way.signer, now=NOW)
        # Between challenge and answer lies a database: what does not survive it is not there.
        self.challenge = Challenge.from_json(json.loads(json.dumps(challenge.as_json())))

    @property
    def contents(self) -> Mapping[str, bytes]:
        return {name: paper.signed_bytes() for name, paper in self.papers.items()}


def test_it_is_a_provider_that_says_what_it_is(way: Way) -> None:
    assert isinstance(way.provider, SignatureProvider)
    assert isinstance(way.provider.title, Message)
    assert way.provider.subfilter in (CADES, PKCS7)
    assert 1024 <= way.provider.reserve <= 65536


def test_a_challenge_becomes_a_signature_that_fits_the_paper_and_the_signer(way: Way, pdf: bytes) -> None:
    batch = Batch(way, pdf)
    (answer,) = way.provider.answer(batch.challenge, way.reply(batch.challenge, batch.contents), now=NOW)
    assert answer.cms is not None, answer.problem
    assert answer.request == batch.requests[0]
    assert len(answer.cms) < way.provider.reserve * 3 // 4, "room must be left for a longer chain or name"
    signed = pades.embed(batch.papers["0"], answer.cms)
    info = pades.check_embedded(signed, previous=pdf, field="slot-0")
    assert authority.check(info.certificate, signer=way.signer, at=NOW) == ()
    (embedded,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert embedded.sig_object["/SubFilter"] == way.provider.subfilter
    assert info.tells_time is (way.provider.subfilter == PKCS7), "PAdES forbids signing-time, and we say what it is"


def test_one_authorisation_signs_a_batch_of_twenty_five(way: Way, pdf: bytes) -> None:
    batch = Batch(way, pdf, count=25)
    answers = way.provider.answer(batch.challenge, way.reply(batch.challenge, batch.contents), now=NOW)
    assert [answer.request.id for answer in answers] == list(batch.papers)
    for answer in answers:
        assert answer.cms is not None, answer.problem
        paper = batch.papers[answer.request.id]
        pades.check_embedded(pades.embed(paper, answer.cms), previous=pdf, field=paper.field)


def test_the_same_reply_twice_is_answered_twice_alike(way: Way, pdf: bytes) -> None:
    """The service signs nothing twice; a provider must not mind a page that was sent again."""
    batch = Batch(way, pdf)
    reply = way.reply(batch.challenge, batch.contents)
    for _ in range(2):
        (answer,) = way.provider.answer(batch.challenge, reply, now=NOW)
        assert answer.cms is not None
        pades.check_embedded(pades.embed(batch.papers["0"], answer.cms), previous=pdf, field="slot-0")


def test_an_expired_challenge_signs_nothing(way: Way, pdf: bytes) -> None:
    batch = Batch(way, pdf)
    reply = way.reply(batch.challenge, batch.contents)
    assert way.provider.answer(batch.challenge, reply, now=NOW + LIFETIME)[0].cms
    with pytest.raises(ProviderError, match="time for signing has passed"):
        way.provider.answer(batch.challenge, reply, now=NOW + LIFETIME + timedelta(seconds=1))


@pytest.mark.parametrize("way", [name for name in WAYS if name != "demo"], indirect=True)  # it has a test of its own
def test_a_wrong_key_is_refused_with_its_sentence(way: Way, pdf: bytes) -> None:
    assert way.wrong is not None
    batch = Batch(way, pdf, count=2)
    reply = way.wrong(batch.challenge, batch.contents)
    with pytest.raises(
        ProviderError, match=r"another person|not issued for the organisation|does not fit the certificate"
    ):
        way.provider.answer(batch.challenge, reply, now=NOW)


def test_nobody_gets_a_challenge_that_he_cannot_answer(way: Way, pdf: bytes) -> None:
    stranger = RECTOR if way.signer == ORGANISATION else Signer("Бейтаныс Жан", "", is_organisation=False)
    paper = pades.prepare(pdf, field="head", when=NOW, reserve=way.provider.reserve)
    with pytest.raises(ProviderError):
        way.provider.challenge([request(paper)], signer=stranger, now=NOW)


@pytest.mark.parametrize("way", [name for name in WAYS if name in ASKING], indirect=True)
def test_an_empty_or_senseless_reply_is_a_sentence_and_no_crash(way: Way, pdf: bytes) -> None:
    batch = Batch(way, pdf)
    senseless: list[dict[str, object]] = [
        {}, {"answers": None}, {"answers": 7}, {"answers": [None, {"ids": 3}, {"ids": ["0"]}]},
        {"pin": ["x"]}, {"pin": 0},
    ]  # fmt: skip
    for reply in senseless:
        with pytest.raises(ProviderError):
            way.provider.answer(batch.challenge, reply, now=NOW)


def test_nothing_secret_is_kept_or_logged(way: Way, pdf: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    batch = Batch(way, pdf)
    way.provider.answer(batch.challenge, way.reply(batch.challenge, batch.contents), now=NOW)
    kept = json.dumps(batch.challenge.as_json(), ensure_ascii=False)
    for secret in (*way.secrets, "PRIVATE KEY"):
        assert secret not in kept + caplog.text
    assert LISTENER.iin not in kept
    assert not way.signer.iin or way.signer.iin not in json.dumps(batch.challenge.for_page()) + caplog.text


def test_another_document_changes_the_name_of_the_challenge(way: Way, pdf: bytes) -> None:
    assert Batch(way, pdf).challenge.id == Batch(way, pdf).challenge.id
    assert Batch(way, pdf).challenge.id != Batch(way, pdf, count=2).challenge.id
