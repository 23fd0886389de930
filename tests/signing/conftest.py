"""One authority and one paper a module: minting and compiling are the slow part."""

from __future__ import annotations

import pytest

from tests.signing import softhsm
from tests.signing.pki import Pki, mint, paper


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return mint(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def hsm() -> softhsm.SoftHsm:
    if not softhsm.library():
        pytest.skip("no SoftHSM on this machine (Debian: apt-get install softhsm2)")
    return softhsm.token()


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return paper()
