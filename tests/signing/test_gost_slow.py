"""Without OpenSSL's GOST engine: small files are judged all the same, of large ones it is said what is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from docflow.signing import pades
from docflow.signing.base import PKCS7
from docflow.signing.gost.streebog import SLOW_LIMIT
from docflow.signing.process import validate_in_process
from tests.signing.gost_authority import GostAuthority
from tests.signing.pki import NOW

# Where OpenSSL looks for what is not part of it; there is nothing in such a place.
NOWHERE = {"OPENSSL_MODULES": "/nonexistent", "OPENSSL_ENGINES": "/nonexistent"}
_VALIDATE = """
import json, sys
from datetime import datetime
from pathlib import Path
from docflow.core.errors import ProviderError
from docflow.signing.cms import check_cms
from docflow.signing.gost import engine
from docflow.signing.trust import TrustStore
from docflow.signing.validation import validate
trust = TrustStore((Path(sys.argv[1]).read_bytes(),))
now, files = datetime.fromisoformat(sys.argv[2]), [Path(each).read_bytes() for each in sys.argv[3:]]
reports = [validate(each, trust=trust, now=now) for each in files]
try:
    check_cms(Path(sys.argv[-1] + ".cms").read_bytes(), content=[files[-1], files[-1]])
except ProviderError as refused:
    print(json.dumps([engine.digest_of(64) is None, [each.as_json() for each in reports], str(refused)]))
"""


@pytest.fixture(scope="module")
def authority() -> GostAuthority:
    made = GostAuthority()
    made.open()
    return made


def signed(authority: GostAuthority, pdf: bytes, times: int) -> bytes:
    for number in range(times):
        prepared = pades.prepare(pdf, field=f"head-{number}", when=NOW, subfilter=PKCS7)
        pdf = pades.embed(prepared, authority.sign(prepared.signed_bytes()))
    return pdf


def padded(pdf: bytes, size: int) -> bytes:
    """The same paper with a comment of *size* bytes before its end; nothing refers to what follows it."""
    start = pdf.rindex(b"xref\n")
    offset = pdf.rindex(b"startxref")
    end = pdf[offset:].replace(str(start).encode(), str(start + size).encode())
    return pdf[:start] + b"%" + b"." * (size - 2) + b"\n" + pdf[start:offset] + end


def test_a_large_file_is_not_judged_and_the_remedy_is_named(
    authority: GostAuthority, pdf: bytes, tmp_path: Path
) -> None:
    """Two signatures over 1.1 MB each are more than may be read slowly; one of a small file is judged."""
    files = {"root": authority.root.certificate, "small": signed(authority, pdf, 1)}
    files["large"] = signed(authority, padded(pdf, SLOW_LIMIT * 11 // 20), 2)
    files["large.cms"] = authority.sign(b"x")
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    places = [str(tmp_path / name) for name in ("small", "large")]
    told = subprocess.run(
        [sys.executable, "-c", _VALIDATE, str(tmp_path / "root"), NOW.isoformat(), *places],
        env={**os.environ, **NOWHERE},
        capture_output=True,
        check=True,
    )
    is_absent, (small, large), refused = json.loads(told.stdout)
    assert is_absent
    assert [each["intact"] for each in small["signatures"]] == [True]
    assert (large["integrity"], [each["intact"] for each in large["signatures"]]) == ("undetermined", [True, None])
    first, second = large["signatures"]
    assert "gost-engine" in {each["code"] for each in second["findings"]}
    assert "gost-engine" not in {each["code"] for each in first["findings"]}
    assert second["conclusion"]["indication"] == "INDETERMINATE"
    (sentence,) = (each["message"] for each in second["findings"] if each["code"] == "gost-engine")
    assert "libengine-gost-openssl" in sentence
    assert refused == sentence, "whoever signs is told the same"


def test_the_process_with_limits_judges_by_gost_as_well(authority: GostAuthority, pdf: bytes) -> None:
    report = validate_in_process(signed(authority, pdf, 1), trust=authority.trust, now=NOW)
    assert [each.conclusion.name for each in report.signatures] == ["TOTAL-PASSED"]
