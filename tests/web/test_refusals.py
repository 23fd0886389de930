"""What a visitor meets when something is wrong: sentences, not traces; and nothing that was typed is lost."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from docflow.db import db
from docflow.models import Account, Document
from docflow.services import archiving
from docflow.services.environment import current as environment
from tests.web import instance
from tests.web.conftest import Visitor, visitor

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(scope="session")
def certificate(app: Flask) -> tuple[str, bytes]:
    """The code of a certificate and its file."""
    with app.app_context():
        found = instance.first("course_certificate", "in_force")
        return found.code, archiving.read(found.paper_sha256)


def sentence(answer: TestResponse, status: int, words: str) -> None:
    """The page says *words* under a heading, in Russian, and shows nothing of the machine."""
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert '<html lang="ru"' in answer.text
    assert "<h1" in answer.text
    assert "Traceback" not in answer.text


# Verification


def test_an_unknown_code_is_explained(visitors: dict[str, Visitor]) -> None:
    sentence(visitors["anonymous"].get("/v/7K2M9QXR04TD?lang=ru"), 404, "Документа с таким кодом нет")


@pytest.mark.parametrize("code", ["короткий", "%20", "x" * 500, "..%2f..%2fetc", "<script>alert(1)</script>"])
def test_a_code_that_is_none_is_explained_and_never_echoed_as_markup(visitors: dict[str, Visitor], code: str) -> None:
    answer = visitors["anonymous"].get(f"/v/{code}?lang=ru")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_cyrillic_look_alikes_hyphens_and_small_letters_do_not_matter(
    visitors: dict[str, Visitor], certificate: tuple[str, bytes]
) -> None:
    code = certificate[0]
    typed = code.translate(str.maketrans("ABCEHKMPTXO0", "АВСЕНКМРТХОО")).lower()
    shown = visitors["anonymous"].get(f"/v/{typed[:4]}-{typed[4:8]}-{typed[8:]}?lang=ru")
    sentence(shown, 200, "Действует ли он сегодня?")
    assert visitors["anonymous"].get(f"/v/?code={typed}").location == f"/v/{code}"


def test_the_pdf_itself_is_recognised_and_a_changed_one_is_not(
    visitors: dict[str, Visitor], certificate: tuple[str, bytes]
) -> None:
    code, pdf = certificate
    same, changed = _compare(visitors, f"/v/{code}", pdf), _compare(visitors, f"/v/{code}", pdf + b"\n% more")
    sentence(same, 200, "байт в байт")
    sentence(changed, 200, "этот файл не тот")
    sentence(_compare(visitors, "/v/", pdf), 200, "байт в байт")


def test_a_pdf_from_elsewhere_was_not_issued_here(visitors: dict[str, Visitor]) -> None:
    sentence(_compare(visitors, "/v/", PDF), 200, "Этот файл выдан не здесь")


@pytest.mark.parametrize("data", [b"", b"not a pdf", b"\x00" * 4096, b"%PDF-1.7\n" + b"<<" * 50_000])
def test_nonsense_instead_of_a_pdf_is_answered(
    visitors: dict[str, Visitor], certificate: tuple[str, bytes], data: bytes
) -> None:
    answer = _compare(visitors, f"/v/{certificate[0]}", data)
    assert answer.status_code in (200, 400, 415, 422)
    assert "байт в байт" not in answer.text
    assert "<h1" in answer.text


def test_no_file_at_all_is_said(visitors: dict[str, Visitor]) -> None:
    answer = visitors["anonymous"].post("/v/?lang=ru", {})
    sentence(answer, 422, "Сначала выберите файл")


def _compare(visitors: dict[str, Visitor], address: str, pdf: bytes) -> TestResponse:
    return visitors["anonymous"].post(f"{address}?lang=ru", {"pdf": (io.BytesIO(pdf), "свидетельство.pdf")})


def test_a_file_that_is_too_large_is_refused_with_the_limit(copied: Flask) -> None:
    one = visitor(copied)
    largest = copied.config["MAX_CONTENT_LENGTH"]
    announced = {"CONTENT_LENGTH": str(largest + 1), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = one.client.post("/v/", data=b"--x", environ_overrides=announced)
    sentence(answer, 413, f"{largest // 1024 // 1024} МБ")


def test_who_asks_too_often_is_told_to_wait(copied: Flask, certificate: tuple[str, bytes]) -> None:
    one = visitor(copied)
    with copied.app_context():
        limit = environment().settings.verify_per_minute
    answers = [one.get(f"/v/{certificate[0]}") for _ in range(2 * limit + 1)]
    assert answers[0].status_code == 200
    sentence(answers[-1], 429, "Подождите")


def test_passwords_cannot_be_guessed_for_long(copied: Flask) -> None:
    one = visitor(copied)
    one.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"  # from where nobody has logged in yet
    with copied.app_context():
        environment().settings.__dict__["login_attempts"] = 3
    wrong = {"email": instance.ACCOUNTS["clerk"], "password": "not the password"}
    answers = [one.post("/login", wrong, page="/login") for _ in range(7)]
    assert answers[0].status_code == 200
    sentence(answers[-1], 429, "Слишком много попыток")


def test_a_wrong_password_and_a_wrong_address_read_the_same(copied: Flask) -> None:
    one = visitor(copied)
    known = one.post("/login", {"email": instance.ACCOUNTS["clerk"], "password": "wrong password"}, page="/login").text
    unknown = one.post("/login", {"email": "nobody@wku.example", "password": "wrong password"}, page="/login").text
    assert _said(known) == _said(unknown)
    assert 'role="alert"' in known


def _said(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf_token" not in line and 'name="email"' not in line]


# Errors of the protocol


def test_errors_of_the_protocol_are_pages(visitors: dict[str, Visitor]) -> None:
    one = visitors["clerk"]
    sentence(one.get("/no/such/page"), 404, "Такой страницы нет")
    sentence(one.get("/language"), 405, "так не открывается")
    sentence(visitors["anonymous"].get("/no/such/page?lang=ru"), 404, "Такой страницы нет")


def test_an_error_of_ours_shows_a_number_and_nothing_of_itself(
    copied: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visitor(copied, "clerk")

    def fail() -> str:
        raise ZeroDivisionError("secret of the machine")

    copied.view_functions["search.find"] = fail
    answer = one.get("/documents")
    sentence(answer, 500, answer.headers["X-Request-Id"])
    assert "secret" not in answer.text


# What was typed


def test_a_login_that_expired_in_the_middle_of_a_form_loses_nothing(copied: Flask) -> None:
    one = visitor(copied, "clerk")
    typed = {"surname": "Әбілқасымова", "_then": "draft", "csrf_token": one.token("/documents/new/wku_application")}
    _forget_login(one)
    answer = one.client.post("/documents/new/wku_application", data=typed, headers={"Origin": "http://localhost"})
    sentence(answer, 400, "Время входа истекло")
    assert 'name="surname" value="Әбілқасымова"' in answer.text


def test_a_foreign_page_gets_nothing_confirmed_under_our_name(copied: Flask) -> None:
    one = visitor(copied, "clerk")
    answer = one.client.post("/groups/new", data={"code": "X"}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 400
    assert 'value="X"' not in answer.text


def _forget_login(one: Visitor) -> None:
    with one.client.session_transaction() as session:
        language = session["language"]
        session.clear()
        session["language"] = language


def test_two_clerks_at_one_draft_are_told_and_keep_their_text(copied: Flask) -> None:
    with copied.app_context():
        draft = instance.first("wku_application", "draft")
        address, version = f"/documents/{draft.id}/edit", draft.version
    first, second = visitor(copied, "clerk"), visitor(copied, "clerk")
    saved = first.post(address, {"_version": version, "workplace": "Первая школа"}, page=address)
    assert saved.status_code == 302
    answer = second.post(address, {"_version": version, "workplace": "Вторая школа"}, page=address)
    assert answer.status_code == 409
    assert "Вторая школа" in answer.text


def test_a_form_with_empty_optional_numbers_and_dates_is_saved(copied: Flask) -> None:
    one = visitor(copied, "clerk")
    page = "/documents/new/enrolment_order"
    with copied.app_context():
        unit = next(iter(instance.demo.actor_of(instance.ACCOUNTS["clerk"]).unit_ids))
    empty = dict.fromkeys(("hours", "starts_on", "listeners-0-person_id", "listeners-0-application_date"), "")
    answer = one.post(page, {"_language": "ru", "_unit": unit, "listeners-0-person-surname": "Ким", **empty}, page=page)
    assert answer.status_code == 302, "an empty field is no reason to show the form again"


def test_an_unfinished_form_is_not_sent_and_says_what_is_missing(copied: Flask) -> None:
    one = visitor(copied, "clerk")
    with copied.app_context():
        unit = next(iter(instance.demo.actor_of(instance.ACCOUNTS["clerk"]).unit_ids))
        before = _documents()
    page = "/documents/new/wku_application"
    answer = one.post(page, {"_language": "ru", "_unit": unit, "_then": "submit", "surname": "Ким"}, page=page)
    assert answer.status_code == 302
    shown = one.get(answer.location)
    assert "Заполните" in shown.text
    assert 'aria-invalid="true"' in shown.text
    with copied.app_context():
        assert _documents() == before + 1, "what was typed is kept as a draft"


def _documents() -> int:
    return db.session.scalar(select(func.count()).select_from(Document)) or 0


# Language and login


def test_the_chosen_language_stays_with_the_account(copied: Flask) -> None:
    one = visitor(copied, "clerk")
    answer = one.post("/language", {"language": "kk", "next": "/documents?type=wku_application"})
    assert answer.location == "/documents?type=wku_application"
    assert '<html lang="kk"' in one.get("/").text
    again = Visitor(copied.test_client()).log_in(instance.ACCOUNTS["clerk"])
    assert '<html lang="kk"' in again.get("/").text


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"])
def test_the_language_switch_leads_nowhere_else(copied: Flask, address: str) -> None:
    assert visitor(copied).post("/language", {"language": "kk", "next": address}).location == "/"


def test_the_language_in_the_address_wins_for_that_page(visitors: dict[str, Visitor]) -> None:
    assert '<html lang="kk"' in visitors["clerk"].get("/?lang=kk").text
    assert '<html lang="ru"' in visitors["clerk"].get("/").text


def test_logging_out_ends_the_login_and_needs_the_button(copied: Flask) -> None:
    one = visitor(copied, "clerk")
    assert one.get("/logout").status_code == 405
    assert one.post("/logout").status_code == 302
    assert one.get("/groups/").status_code == 302


def test_an_account_that_is_closed_is_out_at_once(copied: Flask) -> None:
    one = visitor(copied, "clerk")
    assert one.get("/groups/").status_code == 200
    with copied.app_context():
        account = db.session.scalars(select(Account).where(Account.email == instance.ACCOUNTS["clerk"])).unique().one()
        account.active = False
        db.session.commit()
    assert one.get("/groups/").status_code == 302


def test_a_login_is_kept_from_scripts_and_ends_by_itself(copied: Flask) -> None:
    answer = visitor(copied, "clerk").get("/")
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("docflow="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=" in cookie
