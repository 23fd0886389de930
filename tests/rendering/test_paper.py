"""Papers: PDF/A-3a + PDF/UA-1 from plain data, the same bytes every time."""

from __future__ import annotations

import errno
import io
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
import typst
from pypdf import PdfReader

from docflow.rendering import paper
from docflow.rendering.paper import FONTS, TEMPLATES, MissingGlyph, PaperError, render
from tests.rendering.samples import CONTENTS, HOLDER, WHEN, attachment, enrolment_order, sample

PAPERS = [(kind, language) for kind in CONTENTS for language in ("kk", "ru")]
MM = 72 / 25.4
Result = TypeVar("Result")


def rendered(data: dict[str, Any]) -> bytes:
    return render(f"paper/{data['document']['type']}.typ", data, attachment=attachment(data), when=WHEN)


def read(data: dict[str, Any]) -> PdfReader:
    return PdfReader(io.BytesIO(rendered(data)))


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize(("kind", "language"), PAPERS)
def test_a_paper_is_tagged_titled_and_in_its_language(kind: str, language: str) -> None:
    reader = read(sample(kind, language))
    catalog = reader.root_object
    assert catalog["/Lang"] == f"{language}-KZ"
    assert catalog["/MarkInfo"]["/Marked"].value
    assert "/StructTreeRoot" in catalog
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"].value
    assert "ЦПК-00017/2026" in reader.metadata.title
    metadata = catalog["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


@pytest.mark.parametrize(("kind", "language"), PAPERS)
def test_a_paper_carries_its_source_once(kind: str, language: str) -> None:
    data = sample(kind, language)
    reader = read(data)
    (file,) = reader.root_object["/AF"]
    assert file.get_object()["/AFRelationship"] == "/Source"
    assert file.get_object()["/UF"] == "data.json"
    assert {name: bytes(items[0]) for name, items in reader.attachments.items()} == {"data.json": attachment(data)}


@pytest.mark.parametrize(("kind", "language"), PAPERS)
def test_a_paper_shows_number_code_address_and_signer(kind: str, language: str) -> None:
    text = text_of(read(sample(kind, language)))
    for expected in ("ЦПК-00017/2026", "7K2M-9QXW-4T1B", "https://docflow.example.kz/v/7K2M9QXW4T1B", "Шәкешов"):
        assert expected in text
    assert ("міндетін атқарушы" if language == "kk" else "исполняющий обязанности") in text


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_letter_of_both_alphabets_comes_back_out(language: str) -> None:
    letters = "ӘәҒғҚқҢңӨөҰұҮүҺһІі ЁёЪъЫыЭэЩщЇї ₸№«»–☑✓"
    assert letters in text_of(read(sample("course_certificate", language, topic=letters)))


def fonts(reader: PdfReader) -> set[str]:
    """The typefaces of the paper, without the tag of their subset."""
    found = [font for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    return {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in found}


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_kazakh_letter_of_a_name_is_of_one_typeface(language: str) -> None:
    holder = {"surname": "ӘҒҚҢӨҰҮҺІ-әғқңөұүһі", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"}
    found = fonts(read(sample("course_certificate", language, holder=holder)))
    assert {name.partition("-")[0] for name in found} == {"LibertinusSerif"}


def test_what_is_evaluated_once_reads_no_data() -> None:
    source = """#import "/paper/lib/plain.typ": *\n#import "/paper/lib/guilloche.typ": *\n#guilloche"""
    compiler = typst.Compiler(
        source.encode(), root=str(TEMPLATES), font_paths=FONTS, package_path="none", package_cache_path="none"
    )
    assert compiler.compile().startswith(b"%PDF")


def test_the_same_input_gives_the_same_bytes_in_every_thread() -> None:
    data = sample("enrolment_order", "kk")
    with ThreadPoolExecutor(4) as pool:
        papers = set(pool.map(lambda _: rendered(data), range(8)))
    assert papers == {rendered(data)}


def test_another_content_gives_other_bytes() -> None:
    assert rendered(sample("course_certificate", "kk")) != rendered(sample("course_certificate", "kk", hours=73))


@pytest.mark.parametrize("character", ["漢", "\U0001f600", "ऽ"])
def test_a_missing_glyph_is_named_with_its_field(character: str) -> None:
    data = sample("enrolment_order", "kk")
    data["content"]["listeners"][2]["workplace"] = f"мектеп {character} 7"
    with pytest.raises(MissingGlyph) as caught:
        rendered(data)
    assert caught.value.character == character
    assert caught.value.field == "listeners.3.workplace"
    assert character in str(caught.value)
    assert f"U+{ord(character):04X}" in str(caught.value)


@pytest.mark.parametrize("character", ["\ufeff", "\ue000", "\ud800", "\u202e", "\x00"])
def test_a_character_that_no_reader_should_meet_is_refused(character: str) -> None:
    data = sample("course_certificate", "kk", topic=f"аб{character}вг")
    with pytest.raises(MissingGlyph) as caught:
        render("paper/course_certificate.typ", data, attachment=b"{}", when=WHEN)
    assert (caught.value.character, caught.value.field) == (character, "topic")
    assert f"U+{ord(character):04X}" in str(caught.value)
    assert character not in str(caught.value)


def test_a_missing_glyph_outside_the_content_is_named_too() -> None:
    data = sample("enrolment_order", "ru")
    data["organisation"]["name_ru"] = "大学"
    with pytest.raises(MissingGlyph) as caught:
        rendered(data)
    assert caught.value.field == "organisation.name_ru"


def test_content_is_never_markup() -> None:
    hostile = '#panic("x") *b* $x$ #read("/etc/passwd") = H <a> [c] \\ "q'
    assert 'panic("x") *b* $x$' in text_of(read(sample("course_certificate", "ru", topic=hostile)))


def test_a_template_outside_the_folder_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "x.typ"
    foreign.write_text("x")
    for name in (str(foreign), "../pyproject.toml", "paper/none.typ"):
        with pytest.raises(PaperError):
            render(name, sample("course_certificate", "kk"), attachment=b"{}", when=WHEN)


def test_a_missing_field_is_a_paper_error_with_the_place() -> None:
    data = sample("course_certificate", "kk")
    del data["content"]["topic"]
    with pytest.raises(PaperError) as caught:
        rendered(data)
    assert "topic" in caught.value.detail
    assert "course_certificate.typ" in caught.value.detail


def test_no_package_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.typ").write_text('#import "@preview/cetz:0.3.0"')
    monkeypatch.setattr(paper, "TEMPLATES", tmp_path)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(paper._local, "desk", None, raising=False)
    with pytest.raises(PaperError):
        render("p.typ", {}, attachment=b"{}", when=WHEN)
    del paper._local.desk


def in_a_thread(work: Callable[[], Result]) -> Result:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_no_data_of_a_paper_lie_on_a_disk_and_no_folder_outlives_its_thread() -> None:
    def work() -> tuple[Path, list[str]]:
        rendered(sample("course_certificate", "kk"))
        links = paper._desk().links
        return links, [str(path.readlink()) for path in sorted(links.iterdir()) if path.suffix == ".json"]

    links, targets = in_a_thread(work)
    assert len(targets) == 2
    assert all(target.startswith("/proc/self/fd/") for target in targets)
    assert not links.parents[2].exists()


def test_a_thread_whose_folder_was_cleared_away_makes_another() -> None:
    def work() -> tuple[bytes, bytes]:
        before = rendered(sample("course_certificate", "kk"))
        shutil.rmtree(paper._desk().links.parents[2])
        return before, rendered(sample("course_certificate", "kk"))

    before, after = in_a_thread(work)
    assert before == after


def test_a_full_disk_is_said_to_be_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: str) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(PaperError, match="No space left on device"):
        in_a_thread(lambda: rendered(sample("course_certificate", "kk")))


def test_a_shorter_paper_keeps_nothing_of_a_longer_one() -> None:
    short = rendered(sample("course_certificate", "kk"))
    rendered(sample("enrolment_order", "kk"))
    assert rendered(sample("course_certificate", "kk")) == short


@pytest.mark.parametrize(("kind", "language"), PAPERS)
def test_the_place_of_a_signature_holds_the_name_of_the_signer(kind: str, language: str) -> None:
    data = sample(kind, language)
    place = paper.signature_places(f"paper/{kind}.typ", data, attachment=attachment(data))["head"]
    page = read(data).pages[place.page - 1]
    found = []

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if "Шәкешов" in text:
            found.append((tm[4] * cm[0] + cm[4], float(page.mediabox.height) - (tm[5] * cm[3] + cm[5])))

    page.extract_text(visitor_text=visit)
    (x, y) = found[0]
    assert place.left < x < place.right
    assert place.top < y < place.bottom


def test_the_last_day_of_force_stands_on_the_certificate() -> None:
    data = sample("course_certificate", "ru", valid_until="")
    assert "Действителен до" not in text_of(read(data))
    data["document"]["valid_until"] = "2029-02-14"
    assert "Действителен до: 14 февраля 2029 года" in text_of(read(data))


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_sixty_rows_repeat_the_header_and_lose_nobody(language: str) -> None:
    content = enrolment_order(language, listeners=60)
    reader = read(sample("enrolment_order", language, listeners=content["listeners"]))
    text = text_of(reader)
    header = "Жұмыс орны" if language == "kk" else "Место работы"
    table_pages = [page for page in reader.pages[1:] if page.extract_text().strip()]
    assert len(table_pages) >= 3
    assert all(header in page.extract_text() for page in table_pages)
    assert all(f"Ө-{number:03d}/2026" in text for number in range(1, 61))


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_long_names_stay_on_the_page(language: str) -> None:
    data = sample("course_certificate", language, topic="Білім берудің жаңартылған мазмұны " * 12)
    data["organisation"]["name_kk"] *= 2
    data["organisation"]["name_ru"] *= 2
    data["content"]["holder"] = {key: f"{value}-{value}" for key, value in HOLDER.items()}
    reader = read(data)
    assert len(reader.pages) == 1
    assert all(name in text_of(reader) for name in HOLDER.values())


@pytest.mark.parametrize(("kind", "language"), PAPERS)
def test_an_empty_patronymic_leaves_no_trace(kind: str, language: str) -> None:
    data = sample(kind, language)
    data["slots"][0]["person"] = {"surname": "Ким", "given_name": "Ян", "patronymic": ""}
    text = text_of(read(data))
    assert "Я. Ким" in text
    assert ". . " not in text.replace(". . .", "")


def test_the_conservatory_puts_the_surname_last() -> None:
    text = text_of(read(sample("course_certificate", "kk", profile="knk")))
    assert "Ғазиза Әбдіжәмілқызы Өмірғалиқызы-Сейітмұхамбетова" in text
    assert "М.О." not in text


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_certificate_speaks_the_words_of_the_act(language: str) -> None:
    text = text_of(read(sample("course_certificate", language)))
    if language == "kk":
        expected = (
            "Осымен",
            "біліктілікті арттыру курсын",
            "тақырыбы бойынша 72 академиялық сағат көлемінде өткендігін растайды.",
        )
    else:
        expected = (
            "Настоящим подтверждает, что",
            "прошел(ла) курс повышения квалификации на тему",
            "в объеме 72 академических часов.",
        )
    assert all(words in text for words in expected)


@pytest.mark.parametrize(("kind", "language"), PAPERS)
def test_a_draft_has_a_watermark_and_no_code(kind: str, language: str) -> None:
    data = sample(kind, language)
    data["qr"] = ""
    data["document"].update(draft=True, number="", date="", code="", verify_url="")
    text = text_of(read(data))
    assert ("ЖОБА" if language == "kk" else "ПРОЕКТ") in text
    assert "7K2M" not in text


@pytest.mark.parametrize(("kind", "language"), PAPERS)
def test_a_paper_under_an_expired_act_says_so(kind: str, language: str) -> None:
    data = sample(kind, language)
    words = "Мерзімі біткен" if language == "kk" else "Утратил силу"
    assert words not in text_of(read(data))
    data["regulation"]["expired"] = True
    assert words in text_of(read(data))


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_orders_have_the_margins_of_official_papers(language: str) -> None:
    reader = read(sample("enrolment_order", language))
    left, right = [], []

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            left.append(tm[4] * cm[0] + cm[4])

    for page in reader.pages:
        page.extract_text(visitor_text=visit)
        right.append(float(page.mediabox.width))
    assert min(left) >= 30 * MM - 0.5
    assert right == [pytest.approx(210 * MM, abs=0.5)] * len(right)


def test_an_annex_of_twenty_five_rows_fits_one_page() -> None:
    for language in ("kk", "ru"):
        assert len(read(sample("certificate_annex", language)).pages) == 1


def test_dates_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        render(
            "paper/course_certificate.typ",
            sample("course_certificate", "kk"),
            attachment=b"{}",
            when=WHEN.replace(tzinfo=None),
        )
