"""EU DSS on an archive whose time stamp was renewed: it outlives the certificates of authority and signer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.judge import PASSED, ask, class_path
from tests.signing.pki import paper
from tests.signing.short_lived import AFTERWARDS, MUCH_LATER, archived

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]


def test_dss_passes_a_renewed_archive_and_no_other(tmp_path: Path) -> None:
    jars = class_path(tmp_path)
    with archived(tmp_path / "town", paper()) as archive:
        files = {"renewed.pdf": archive.renewed(), "left.pdf": archive.paper}
        root = archive.place.authority.root
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    told = {
        moment: ask([tmp_path / name for name in files], jars, root=root, moment=moment)
        for moment in (AFTERWARDS, MUCH_LATER)
    }
    for found in told.values():
        (only,) = found.signatures["renewed.pdf"]
        assert (only.indication, only.level) == (PASSED, "PAdES-BASELINE-LTA")
    (left,) = told[MUCH_LATER].signatures["left.pdf"]
    assert left.indication == "INDETERMINATE"
