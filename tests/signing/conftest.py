"""One authority and one paper a module: minting and compiling are the slow part."""

from __future__ import annotations

import pytest

from tests.signing.pki import Pki, mint, paper


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return mint(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return paper()
