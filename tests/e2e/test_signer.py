"""Signing with one's own key: the page in Chromium, and ``docflow signer`` in a terminal beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from docflow import demo
from docflow.rendering import preview
from docflow.services import archiving, documents, routing, signing
from docflow.signing.demo import DemoAuthority
from docflow.signing.findings import Severity
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
from tests.conftest import Instances
from tests.e2e.conftest import TIMEOUT, WIDE, Served, free_port, log_in, serving
from tests.signer.terminal import Terminal, terminal
from tests.web import instance

pytestmark = pytest.mark.e2e

Opened = Callable[..., Page]
STARTED = r"(?s)wss://127.*SHA-256"
RECTOR = instance.ACCOUNTS["signatory"]
PASSWORD = "Password of the key"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def desk(instances: Instances, tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Served]:
    """An instance where one signs with a demo key or with NCALayer; two papers wait for the listener."""
    directory = instances.copy("instance", instance.make_in, tmp_path_factory.mktemp("desk") / "copy")
    settings = instance.settings_in(directory)
    with instance.opened(settings) as app, app.app_context():
        clerk = demo.actor_of(instance.ACCOUNTS["clerk"])
        draft = next(
            each for each in instance.everything("questionnaire")
            if each.state == "draft" and each.subject_id == instance.listener(0).id
        )  # fmt: skip
        instance.attach_all(draft.id, clerk)
        routing.perform(draft.id, "submit", actor=clerk, now=datetime.now(UTC))
    preview.stop()
    toml = f'signature_providers = ["demo", "ncalayer"]\nncalayer_address = "wss://127.0.0.1:{port}"\n'
    (directory / "docflow.toml").write_text(toml)
    with serving(directory) as found:
        yield found


@pytest.fixture
def person(desk: Served, chromium: Browser) -> Iterator[Opened]:
    """A browser that has been told to trust the socket's own certificate, as the signer's is."""
    contexts: list[BrowserContext] = []

    def open_one(email: str) -> Page:
        context = chromium.new_context(
            base_url=desk.address,
            viewport=WIDE,
            locale="en",
            ignore_https_errors=True,  # type: ignore[arg-type]
        )
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        # Whatever the browser refuses for the sake of the policy is written to its console.
        page.on("console", lambda message: refused.append(message.text) if "Policy" in message.text else None)
        log_in(page, email, language="en")
        return page

    refused: list[str] = []
    yield open_one
    for context in contexts:
        context.close()
    assert refused == []


def authority_of(desk: Served) -> DemoAuthority:
    return DemoAuthority(desk.settings.demo_authority_dir)


def key_of(desk: Served, email: str) -> Path:
    with instance.opened(desk.settings) as app, app.app_context():
        signature = signing.queue(actor=demo.actor_of(email))[0]
        organisation = signature.document.organisation.bin if email == RECTOR else ""
        return authority_of(desk).key_file(iin=signature.person.iin or "", bin=organisation)


def program(desk: Served, port: int, key: Path, directory: Path) -> list[str]:
    return [
        "--key", str(key), "--origin", desk.address, "--port", str(port), "--directory", str(directory / "own"),
        "--language", "en",
    ]  # fmt: skip


def typed(beside: Terminal, word: str, *, time: int = 1) -> None:
    """Answer the *time*-th question for the password."""
    beside.until(rf"(?s)(?:{PASSWORD}.*?){{{time}}}")
    beside.type(word)


def test_a_wrong_key_no_program_and_a_second_thought(person: Opened, desk: Served, port: int, tmp_path: Path) -> None:
    """Whatever does not work out is told in one sentence, and nothing is signed; then it works."""
    page = person(RECTOR)
    page.goto("/sign/")
    with page.expect_navigation():
        page.get_by_role("link", name="Read and sign").click()
    document_id = int(page.url.rsplit("/", 1)[1])
    expect(page.locator("#pin")).to_be_visible()
    place = page.frame_locator("#paper").locator("#place")
    expect(page.locator("#to-place a")).to_be_visible()
    page.keyboard.press("g")
    expect(place).to_be_in_viewport()
    page.select_option("#provider", "ncalayer")
    expect(page.locator("#pin")).to_be_hidden()
    page.locator("button[name=then]").first.click()
    told, again = page.locator("#told"), page.locator("#again")
    expect(told).to_contain_text("NCALayer does not answer")
    with terminal(*program(desk, port, key_of(desk, demo.LISTENER), tmp_path)) as beside:
        beside.until(STARTED)
        again.click()
        expect(told).to_contain_text("Choose your key")
        typed(beside, demo.PIN)
        expect(told).to_contain_text("could not sign with this key")
        beside.until("asks for another key")  # the program refused before it signed
    with terminal(*program(desk, port, key_of(desk, RECTOR), tmp_path)) as beside:
        beside.until(STARTED)
        again.click()
        typed(beside, "")
        expect(told).to_contain_text("You have cancelled")
        again.click()
        typed(beside, demo.PIN, time=2)
        expect(page.locator("#messages .note.success")).to_be_visible()
        assert desk.address in beside.text
    _is_signed_for_what_it_is(desk, document_id)


def _is_signed_for_what_it_is(desk: Served, document_id: int) -> None:
    with instance.opened(desk.settings) as app, app.app_context():
        document = documents.load(document_id)
        paper = archiving.read(document.paper_sha256 or "")
        (slot,) = [each for each in signing.slots(document) if each.state == "signed"]
        assert slot.certificate["form"] == "adbe.pkcs7.detached"
    assert b"/SubFilter /adbe.pkcs7.detached" in paper
    report = validate(paper, trust=TrustStore.load(authority_of(desk).trust), now=datetime.now(UTC))
    assert [each.code for each in report.all_findings() if each.severity is Severity.ERROR] == []
    assert len(report.signatures) == 1


def test_one_password_signs_a_batch(person: Opened, desk: Served, port: int, tmp_path: Path) -> None:
    page = person(demo.LISTENER)
    page.goto("/sign/")
    page.locator("#all").check()
    count = page.locator("#batch input[name=document]").count()
    assert count == 2
    page.select_option("#provider", "ncalayer")
    with terminal(*program(desk, port, key_of(desk, demo.LISTENER), tmp_path)) as beside:
        beside.until(STARTED)
        page.locator("#batch .many button").click()
        typed(beside, demo.PIN)
        expect(page.locator("h1")).to_contain_text(f"{count} of {count}")
        expect(page.locator("main .badge-x.good")).to_have_count(count)
        beside.until(f"Signed, documents: {count}")
    assert beside.text.count(PASSWORD) == 1
