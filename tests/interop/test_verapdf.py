"""veraPDF, the judge that archives use, accepts every paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typst

from docflow.core.registry import document_types
from docflow.core.types import slots_in
from docflow.regulations import REGULATIONS
from docflow.regulations.profiles import PROFILES
from docflow.rendering.paper import FONTS, render
from docflow.signing import demo, pades
from tests.interop.verdict import STANDARDS, class_path, verdicts
from tests.rendering.samples import CONTENTS, WHEN, attachment, sample, whole

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def jars(tmp_path_factory: pytest.TempPathFactory) -> str:
    return class_path(tmp_path_factory.mktemp("verapdf"))


def papers(folder: Path) -> list[Path]:
    files = []
    for kind in CONTENTS:
        for language in ("kk", "ru"):
            for draft in (False, True):
                data = sample(kind, language)
                data["document"]["draft"] = draft
                data["regulation"]["expired"] = draft
                name = f"{kind}-{language}{'-draft' if draft else ''}.pdf"
                pdf = render(f"paper/{kind}.typ", data, attachment=attachment(data), when=WHEN)
                files.append(folder / name)
                files[-1].write_bytes(pdf)
    return files


def papers_of_types(folder: Path) -> Iterator[Path]:
    """One paper of every registered type, for every profile and language in which it exists, by all its signers."""
    for kind in document_types().values():
        for profile in PROFILES.values():
            clause = kind.clause_for(profile)
            for language in kind.languages(profile) if clause else ():
                data = whole(kind.name, language, kind.sample_for(profile), profile=profile.code)
                has_ended = REGULATIONS[clause.regulation].ends_on is not None
                data["regulation"] = {
                    "code": clause.regulation, "clause": clause.key, "title": "", "expired": has_ended,
                    "continued_by": "2025 жылғы 9 қаңтардағы № 12-НҚ бұйрық" if has_ended else "",
                }  # fmt: skip
                (signer,) = data["slots"]
                data["slots"] = [
                    signer | {"name": slot.name, "label": slot.title.in_language(language)}
                    for slot in slots_in(kind, kind.sample_for(profile), profile)
                ]
                data["printed"] = dict(kind.printed(kind.sample_for(profile), profile)) if kind.printed else {}
                file = folder / f"{kind.name}-{profile.code}-{language}.pdf"
                file.write_bytes(render(kind.template, data, attachment=attachment(data), when=WHEN))
                yield file


def test_a_paper_of_every_type_keeps_both_standards(jars: str, tmp_path: Path) -> None:
    files = list(papers_of_types(tmp_path))
    found = verdicts(files, jars)
    assert found == {(file.name, standard): None for file in files for standard in STANDARDS}


def test_signatures_keep_both_standards(jars: str, tmp_path: Path) -> None:
    place = demo.create(tmp_path / "authority", now=WHEN).directory
    key = demo.load_key(
        demo.issue_key(place, person="Шәкешов Бақтияр", iin="800101300019", pin="123456", now=WHEN), pin="123456"
    )
    files = []
    for kind in CONTENTS:
        data = sample(kind, "kk")
        pdf = render(f"paper/{kind}.typ", data, attachment=attachment(data), when=WHEN)
        pdf = pades.with_fields(pdf, ("head", "trainer", "secretary"))  # the last one stays empty
        for field in ("head", "trainer"):
            prepared = pades.prepare(pdf, field=field, when=WHEN, name="Шәкешов Б.", certifies=field == "head")
            pdf = pades.embed(prepared, key.sign(prepared.digest))
            files.append(tmp_path / f"{kind}-signed-{field}.pdf")
            files[-1].write_bytes(pdf)
    found = verdicts(files, jars)
    assert found == {(file.name, standard): None for file in files for standard in STANDARDS}


def test_drafts_and_papers_under_an_expired_act_keep_both_standards(jars: str, tmp_path: Path) -> None:
    files = papers(tmp_path)
    found = verdicts(files, jars)
    assert found == {(file.name, standard): None for file in files for standard in STANDARDS}


def test_the_judge_is_not_asleep(jars: str, tmp_path: Path) -> None:
    plain = tmp_path / "plain.pdf"
    plain.write_bytes(typst.Compiler(b"= Plain", font_paths=FONTS, ignore_system_fonts=True).compile())
    found = verdicts([plain], jars)
    assert all(found["plain.pdf", standard] for standard in STANDARDS)
