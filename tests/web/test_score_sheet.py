"""The page of a score sheet: what a member sees, keeps and sends, with scripts and without."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from docflow import demo
from docflow.cli import migrate_database
from docflow.core.registry import document_type
from docflow.db import unit_of_work
from docflow.models import Document
from docflow.regulations.krg.sheets import CONTRADICTIONS, PORTFOLIO
from docflow.services import documents
from tests.services import scored
from tests.services.scored import CLERK, MEMBER, OUTSIDER
from tests.web import instance
from tests.web.conftest import Visitor, visitor

SCAN = demo.picture(24, 16)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    settings = instance.settings_in(tmp_path_factory.mktemp("scores"))
    with instance.opened(settings) as app:
        with app.app_context():
            migrate_database()
            demo.install(settings, now=scored.INSTALLED)
            at = scored.settle(settings)
            scored.observe(at.group_id, 5)
            scored.write_on_card(
                "certificate", starts_on=date(2024, 3, 1), title="Бағалау", hours="80", organisation="«Өрлеу»",
                number="0017",
            )  # fmt: skip
            demo.give_key(settings, scored.person(MEMBER), now=scored.INSTALLED)
        yield app


def logged_in(app: Flask, email: str, language: str = "en") -> Visitor:
    one = visitor(app).log_in(email)
    with one.client.session_transaction() as session:
        session["language"] = language
    return one


@pytest.fixture(scope="module")
def member(app: Flask) -> Visitor:
    return logged_in(app, MEMBER)


@pytest.fixture
def sheet(app: Flask) -> int:
    with app.app_context():
        return scored.sheet(scored.found()).id


def of_type(app: Flask, name: str, **changes: Any) -> int:
    """A sheet of another kind in the same hands, with the sample's content."""
    with app.app_context():
        member, teacher, clerk = scored.person(MEMBER), scored.person(scored.TEACHER), scored.actor(CLERK)
        content = {**document_type(name).sample, "person": teacher.as_content, "person_id": teacher.id,
                   "member": member.as_content, "member_id": member.id, **changes}  # fmt: skip
        made = documents.create_draft(
            name, content, actor=clerk, unit_id=next(iter(clerk.unit_ids)), language="kk", now=scored.NOW,
            group_id=scored.found().group_id, allow_incomplete=True,
        )  # fmt: skip
        return made.id


def stored(app: Flask, document_id: int) -> dict[str, Any]:
    with app.app_context():
        return documents.content(documents.load(document_id))


def line(app: Flask, document_id: int, number: str) -> list[dict[str, Any]]:
    return [row for row in stored(app, document_id)["rows"] if row["number"] == number]


def fields_of(page: str) -> dict[str, Any]:
    """The fields that a browser without scripts would send back, as they stand."""
    form = page[page.index('id="score-sheet"') : page.index("</form>", page.index('id="score-sheet"'))]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form, re.DOTALL):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_choice, is_off = attributes.get("type") in ("radio", "checkbox"), re.search(r"\bdisabled\b", tag)
        if attributes.get("type") == "file" or is_off or (is_choice and not re.search(r"\schecked\b", tag)):
            continue
        found[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = unescape(text).strip()
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def opened(one: Visitor, document_id: int) -> dict[str, Any]:
    answer = one.get(f"/scores/{document_id}")
    assert answer.status_code == 200, answer.text
    return fields_of(answer.text)


def send(one: Visitor, document_id: int, fields: dict[str, Any], **headers: str) -> TestResponse:
    return one.client.post(f"/scores/{document_id}", data=fields, headers=headers)


def place(fields: dict[str, Any], number: str) -> str:
    return next(name.removesuffix("-number") for name, value in fields.items() if value == number)


# ---------------------------------------------------------------- what it shows


def test_every_indicator_stands_there_as_it_is_printed(member: Visitor, sheet: int) -> None:
    page = unescape(member.get(f"/scores/{sheet}").text)
    for indicator in PORTFOLIO["P1"].indicators.values():
        assert indicator.text in page
        assert all(level.asks in page for level in indicator.levels)
    assert page.count('class="line') == len(PORTFOLIO["P1"].indicators)
    assert "9 (1 үшін 3 ұпай)" in page


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_it_speaks_the_language_of_its_reader_and_the_sheet_kazakh(app: Flask, sheet: int, language: str) -> None:
    page = logged_in(app, MEMBER, language).get(f"/scores/{sheet}").text
    assert f'<html lang="{language}">' in page
    assert '<th scope="col" lang="kk" id="col-3">Педагог-шебер' in page


def test_what_is_sent_back_unchanged_changes_nothing(app: Flask, member: Visitor, sheet: int) -> None:
    before = stored(app, sheet)
    assert send(member, sheet, opened(member, sheet)).status_code == 302
    assert stored(app, sheet) == before


@pytest.mark.parametrize("name", ["portfolio_methodist", "portfolio_head", "portfolio_cabinet_head",
                                  "portfolio_deputy", "portfolio_cabinet_deputy"])  # fmt: skip
def test_every_kind_of_sheet_is_kept_as_it_was(app: Flask, member: Visitor, name: str) -> None:
    document_id = of_type(app, name)
    before = stored(app, document_id)
    assert send(member, document_id, opened(member, document_id)).status_code == 302
    assert stored(app, document_id) == before


def test_both_figures_stand_where_the_order_contradicts_itself(app: Flask, member: Visitor) -> None:
    page = member.get(f"/scores/{of_type(app, 'portfolio_deputy')}").text
    for found in CONTRADICTIONS["P5"]:
        if found.totals == "deputy" and found.category:
            assert f"printed {found.printed}, sum of the lines {found.summed}" in page
    assert "takes the printed ones" in page
    assert "sum of the lines" not in member.get(f"/scores/{of_type(app, 'portfolio_cabinet_deputy')}").text


def test_lines_that_do_not_count_for_the_group_say_so(app: Flask, member: Visitor) -> None:
    page = member.get(f"/scores/{of_type(app, 'portfolio_head', sheet_group='preschool_head')}").text
    assert page.count("does not count for this group") == 2
    assert 'data-needed="43"' in page


def test_what_docflow_holds_is_shown_beside(member: Visitor, sheet: int) -> None:
    page = member.get(f"/scores/{sheet}").text
    assert "Courses: 80 hours in all" in page
    assert page.count("БП-") == 5


# ---------------------------------------------------------------- who may


def test_it_is_open_to_its_member_and_to_the_secretary(app: Flask, sheet: int) -> None:
    assert logged_in(app, CLERK).get(f"/scores/{sheet}").status_code == 200
    assert logged_in(app, OUTSIDER).get(f"/scores/{sheet}").status_code == 404
    assert visitor(app).get(f"/scores/{sheet}").status_code == 302


def test_nobody_else_saves(app: Flask, member: Visitor, sheet: int) -> None:
    before, fields = stored(app, sheet), opened(member, sheet)
    outsider = logged_in(app, OUTSIDER)
    fields["csrf_token"] = outsider.token()
    assert send(outsider, sheet, fields | {"reason": "мен"}).status_code == 404
    assert send(member, sheet, fields | {"csrf_token": "none", "reason": "мен"}).status_code == 400
    assert stored(app, sheet) == before


def test_another_document_has_no_such_page(app: Flask) -> None:
    with app.app_context():
        application = scored.found().application_id
    assert logged_in(app, CLERK).get(f"/scores/{application}").status_code == 404


def test_what_is_signed_is_read_on_the_document_page(app: Flask, member: Visitor, sheet: int) -> None:
    with app.app_context(), unit_of_work():
        scored.in_state(documents.load(sheet), "in_force", f"П1-{sheet}")
    answer = member.get(f"/scores/{sheet}")
    assert (answer.status_code, answer.location) == (302, f"/documents/{sheet}")


def test_whom_the_sheet_is_about_is_not_changed_here(app: Flask, member: Visitor, sheet: int) -> None:
    before = stored(app, sheet)
    foreign = {"person-surname": "Басқа", "person_id": "1", "member_id": "1", "claimed": "master", "ladder": "head"}
    send(member, sheet, opened(member, sheet) | foreign)
    assert stored(app, sheet) == before


# ---------------------------------------------------------------- keeping


def test_without_a_script_the_points_follow_the_column(app: Flask, member: Visitor, sheet: int) -> None:
    fields = opened(member, sheet)
    at = place(fields, "2.1")
    send(member, sheet, fields | {f"{at}-level": "2", f"{at}-won": "y"})
    assert [(row["level"], row["points"]) for row in line(app, sheet, "2.1")] == [(2, 4)]
    assert "<output data-total>4</output>" in member.get(f"/scores/{sheet}").text


def test_with_a_script_the_points_are_as_it_has_set_them(app: Flask, member: Visitor, sheet: int) -> None:
    fields = opened(member, sheet)
    at = place(fields, "2.1")
    send(member, sheet, fields | {f"{at}-level": "2", "_counted": "y"})
    assert [(row["level"], row["points"]) for row in line(app, sheet, "2.1")] == [(2, 0)]


def test_a_mean_finds_its_column(app: Flask, member: Visitor, sheet: int) -> None:
    fields = opened(member, sheet)
    at = place(fields, "1.2")
    assert f"{at}-level" not in fields
    send(member, sheet, fields | {f"{at}-points": "85"})
    assert line(app, sheet, "1.2")[0]["level"] == 2


def test_it_is_kept_meanwhile_and_tells_what_it_comes_to(app: Flask, member: Visitor, sheet: int) -> None:
    fields = opened(member, sheet)
    at = place(fields, "1.2")
    answer = send(member, sheet, fields | {f"{at}-points": "85", "_counted": "y"}, Accept="application/json")
    assert answer.status_code == 200
    said = answer.get_json()
    assert (said["total"], said["version"]) == (85, int(fields["_version"]) + 1)
    assert said["outcome"] == "Conforms to a category lower than the claimed one"
    assert line(app, sheet, "1.2")[0]["points"] == 85


def test_a_second_tab_is_told_and_loses_nothing(app: Flask, member: Visitor, sheet: int) -> None:
    fields = opened(member, sheet)
    send(member, sheet, fields | {"reason": "бірінші"})
    kept = send(member, sheet, fields | {"reason": "екінші"}, Accept="application/json")
    assert kept.status_code == 409
    assert "has changed this document meanwhile" in kept.get_json()["message"]
    drawn = send(member, sheet, fields | {"reason": "екінші"})
    assert drawn.status_code == 409
    assert "екінші</textarea>" in drawn.text
    assert stored(app, sheet)["reason"] == "бірінші"
    assert send(member, sheet, fields_of(drawn.text)).status_code == 302
    assert stored(app, sheet)["reason"] == "екінші"


def test_works_are_added_and_taken_out_without_a_script(app: Flask, member: Visitor, sheet: int) -> None:
    answer = send(member, sheet, opened(member, sheet) | {"_row": "add:3.2"})
    assert answer.location == f"/scores/{sheet}?line=3.2"
    assert len(line(app, sheet, "3.2")) == 2
    page = member.get(f"/scores/{sheet}").text
    button = re.search(r'name="_row" value="(remove:\d+)"', page)
    assert button
    send(member, sheet, fields_of(page) | {"_row": button[1]})
    assert len(line(app, sheet, "3.2")) == 1


def test_a_file_is_attached_to_its_line_and_taken_off_again(app: Flask, member: Visitor, sheet: int) -> None:
    send(member, sheet, opened(member, sheet) | {"file-1.1": (io.BytesIO(SCAN), "мониторинг.png")})
    with app.app_context():
        assert documents.attached_kinds(documents.load(sheet)) == {"evidence-1.1"}
    page = member.get(f"/scores/{sheet}").text
    assert "мониторинг.png" in page
    button = re.search(r'name="_then" value="(detach:\d+)"', page)
    assert button
    send(member, sheet, fields_of(page) | {"_then": button[1]})
    with app.app_context():
        assert documents.attached_kinds(documents.load(sheet)) == frozenset()


def test_a_file_of_another_kind_is_refused_in_words_and_nothing_is_lost(
    app: Flask, member: Visitor, sheet: int
) -> None:
    fields = opened(member, sheet) | {"reason": "сақталды", "file-1.1": (io.BytesIO(b"MZ"), "a.exe")}
    answer = member.client.post(f"/scores/{sheet}", data=fields, follow_redirects=True)
    assert "a.exe is neither a PDF" in answer.text
    assert stored(app, sheet)["reason"] == "сақталды"


# ---------------------------------------------------------------- collecting and sending


def test_collecting_keeps_what_was_typed_and_fills_the_rest(app: Flask, member: Visitor, sheet: int) -> None:
    fields = opened(member, sheet)
    at = place(fields, "1.1")
    typed = {f"{at}-level": "1", f"{at}-evidence": "мониторинг", "_then": "collect"}
    answer = member.client.post(f"/scores/{sheet}", data=fields | typed, follow_redirects=True)
    assert "Lines filled from what docflow holds: 2." in answer.text
    assert [line(app, sheet, number)[0]["points"] for number in ("1.1", "1.2", "4.1")] == [2, 68, 3]


def test_what_stands_against_sending_leads_to_its_line(member: Visitor, sheet: int) -> None:
    fields = opened(member, sheet)
    at = place(fields, "2.1")
    typed = {f"{at}-level": "2", "_then": "submit"}
    answer = member.client.post(f"/scores/{sheet}", data=fields | typed, follow_redirects=True)
    assert re.search(r'<a href="#row-3">Row 3:</a> 2.1: name the evidence', answer.text)
    assert 'id="row-3"' in answer.text
    assert "Choose a recommendation." in answer.text


def test_a_whole_sheet_is_sent_and_leads_to_signing(app: Flask, member: Visitor, sheet: int) -> None:
    member.client.post(f"/scores/{sheet}", data=opened(member, sheet) | {"_then": "collect"})
    decided = {"recommendation": "lower", "recommended_category": "moderator", "_then": "submit"}
    answer = send(member, sheet, opened(member, sheet) | decided)
    assert answer.location == f"/sign/{sheet}"
    assert member.get(answer.location).status_code == 200
    with app.app_context():
        document: Document = documents.load(sheet)
        assert (document.state, documents.content(document)["recommendation"]) == ("to_sign", "lower")


def test_its_style_and_script_are_files_of_ours(member: Visitor, sheet: int) -> None:
    page = member.get(f"/scores/{sheet}").text
    for name in ("score_sheet.css", "js/score_sheet.js"):
        assert f"/static/{name}" in page
        with member.get(f"/static/{name}") as file:
            assert file.status_code == 200
    assert not re.search(r"<style|style=|<script>|onclick=", page)
