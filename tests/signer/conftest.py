"""Keys of the demo authority."""

from __future__ import annotations

import pytest

from tests.signing.pki import Pki, mint


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return mint(tmp_path_factory.mktemp("pki"))
