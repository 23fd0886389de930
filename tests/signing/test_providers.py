"""A provider of somebody else's package, found by its entry point and used only where the settings name it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docflow.signing.base import SignatureProvider, SigningRequest
from docflow.signing.demo_keys import DemoKeys
from docflow.signing.providers import enabled_providers
from tests.signing.pki import NOW, RECTOR

MODULE = "signature_provider_of_somebody_else"
SOURCE = """
from datetime import timedelta

from docflow.core.messages import _l
from docflow.signing.base import Answer, Challenge


class Stamp:
    name, title, demo, reserve, asks, subfilter = "stamp", _l("Stamp"), False, 1024, "", "/adbe.pkcs7.detached"

    def __init__(self, word):
        self.word = word

    def challenge(self, requests, *, signer, now):
        return Challenge(
            id="1", provider=self.name, signer=signer, items=tuple(requests), asks="pin",
            instructions=_l("Stamp it."), expires_at=now + timedelta(minutes=1),
        )

    def answer(self, challenge, reply, *, now):
        return tuple(Answer(item, self.word.encode()) for item in challenge.items)


def open_provider(settings):
    return Stamp(settings["word"])
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A distribution as pip would install it, on the path of modules."""
    (tmp_path / f"{MODULE}.py").write_text(SOURCE)
    information = tmp_path / "somebody_else-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: somebody-else\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        "[docflow.signature_providers]\n"
        f"stamp = {MODULE}:open_provider\n"
        f"demo = {MODULE}:open_provider\n"
        "broken = there_is_no_such_module:open_provider\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop(MODULE, None)


def test_an_installed_provider_is_not_used_and_not_even_loaded(package: Path, tmp_path: Path) -> None:
    providers = enabled_providers(["demo"], settings={"demo": {"directory": tmp_path}})
    assert list(providers) == ["demo"]
    assert MODULE not in sys.modules


def test_a_setting_enables_it_with_its_own_settings(package: Path) -> None:
    provider = enabled_providers(["stamp"], settings={"stamp": {"word": "approved"}})["stamp"]
    assert isinstance(provider, SignatureProvider)
    request = SigningRequest("1", "7K3M9QX2RT5V", "Certificate", "head", b"digest", "0" * 64)
    challenge = provider.challenge([request], signer=RECTOR, now=NOW)
    (answer,) = provider.answer(challenge, {}, now=NOW)
    assert (answer.request, answer.cms) == (request, b"approved")


def test_no_package_replaces_a_built_in_provider(package: Path, tmp_path: Path) -> None:
    provider = enabled_providers(["demo"], settings={"demo": {"directory": tmp_path}})["demo"]
    assert isinstance(provider, DemoKeys)


def test_a_broken_package_disturbs_only_who_enables_it(package: Path) -> None:
    assert list(enabled_providers(["stamp"], settings={"stamp": {"word": "x"}})) == ["stamp"]
    with pytest.raises(ModuleNotFoundError):
        enabled_providers(["broken"], settings={})


def test_without_the_package_its_name_is_unknown() -> None:
    with pytest.raises(ValueError, match="there is no signature provider 'stamp'"):
        enabled_providers(["stamp"], settings={"stamp": {"word": "x"}})
