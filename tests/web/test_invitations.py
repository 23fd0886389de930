"""The pages behind a link: who may open them, what they tell, and that they lead nowhere else."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter

from docflow import demo
from docflow.core.permissions import Actor
from docflow.db import db
from docflow.models import Document
from docflow.services import documents, groups, invitations, issuing, people, routing
from docflow.web.acting import PUBLIC
from tests.services import internship
from tests.web import instance
from tests.web.conftest import Visitor, visitor
from tests.web.test_pages import Markup

NOW = instance.NOW


def clerk() -> Actor:
    return demo.actor_of(instance.ACCOUNTS["clerk"])


def sent_memorandum() -> tuple[int, int, str]:
    """A memorandum that waits for both parties: its id, the invitation's, and the token of its link."""
    order = instance.first("enrolment_order", "in_force")
    made = groups.gather(order.group_id or 0, "internship_memorandum", actor=clerk(), now=NOW, language="ru")
    content = internship.completed(documents.content(made))
    documents.update(made.id, content, actor=clerk(), version=made.version, now=NOW)
    invitation, token = invitations.invite(
        made.id, {"iin": internship.head_iin()}, address=internship.ADDRESS, actor=clerk(), now=NOW
    )
    routing.perform(made.id, "submit", actor=clerk(), now=NOW)
    return made.id, invitation.id, token


@pytest.fixture
def link(copied: Flask) -> tuple[int, int, str]:
    with copied.app_context():
        return sent_memorandum()


def guest(app: Flask, token: str, *, language: str = "ru") -> Visitor:
    """Somebody who has entered by the link."""
    one = visitor(app, language=language)
    answer = one.post(f"/i/{token}", {"iin": internship.head_iin()}, page=f"/i/{token}")
    assert (answer.status_code, answer.location) == (302, "/i/document"), answer.text
    return one


def same_page(text: str) -> str:
    """Without what differs from one answer to the next whatever was asked."""
    text = re.sub(r'name="csrf_token" value="[^"]+"', "", text)
    return re.sub(r'(nonce=|name="next" value=)"[^"]*"', "", text)


def test_the_link_tells_who_invites_to_what_and_no_more(copied: Flask, link: tuple[int, int, str]) -> None:
    page = visitor(copied).get(f"/i/{link[2]}")
    assert page.status_code == 200
    assert "Западно-Казахстанский инновационно-технологический университет" in page.text
    assert "Меморандум о сотрудничестве" in page.text
    with copied.app_context():
        document = documents.load(link[0])
        told = [document.number, document.code, "Завод", "Досмағамбетов", internship.ADDRESS]
        told += [row["person"]["surname"] for row in documents.content(document)["teachers"]]
    assert [word for word in told if word and word in page.text] == []


def test_every_wrong_answer_is_the_same_page(copied: Flask, link: tuple[int, int, str]) -> None:
    token = link[2]
    pages = []
    for address, iin in (
        (token, "900101300017"),
        (token, ""),
        (token[:-1] + "_", internship.head_iin()),
        ("x" * 43, "900101300017"),
    ):
        answer = visitor(copied).post(f"/i/{address}", {"iin": iin})
        pages.append((answer.status_code, same_page(answer.text)))
    assert len(set(pages)) == 1
    assert pages[0][0] == 403


def test_an_ended_link_looks_like_one_that_never_was(copied: Flask, link: tuple[int, int, str]) -> None:
    with copied.app_context():
        invitations.revoke(link[1], actor=clerk(), now=NOW)
    ended, unknown = visitor(copied).get(f"/i/{link[2]}"), visitor(copied).get(f"/i/{'x' * 43}")
    assert ended.status_code == unknown.status_code == 404
    assert same_page(ended.text) == same_page(unknown.text)


def test_the_secret_stays_out_of_referrers_caches_and_search_engines(copied: Flask, link: tuple[int, int, str]) -> None:
    one = guest(copied, link[2])
    for address in (f"/i/{link[2]}", "/i/document", "/i/document/preview", f"/i/{'x' * 43}"):
        headers = one.get(address).headers
        assert headers["Referrer-Policy"] == "strict-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert link[2] not in str(headers)


def test_the_pages_of_a_guest_carry_no_script_and_lead_nowhere_outside(
    copied: Flask, link: tuple[int, int, str]
) -> None:
    one = guest(copied, link[2])
    for address in (f"/i/{link[2]}", "/i/document", "/i/document/preview", f"/i/{'x' * 43}"):
        found = Markup.of(one.get(address))
        assert found.refused == [], address
        assert [each for each in found.addresses if re.match(r"(?!data:)[a-z]+:|//", each)] == []
        assert one.get(address).text.count("<h1") == 1


def test_neither_token_nor_iin_is_logged(
    copied: Flask, link: tuple[int, int, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    one = guest(copied, link[2])
    one.get("/i/document")
    one.post(f"/i/{link[2]}", {"iin": "900101300017"})
    assert "invited.enter" in caplog.text
    for secret in (link[2], internship.head_iin(), "900101300017"):
        assert secret not in caplog.text


def test_the_guest_reaches_no_other_page(copied: Flask, link: tuple[int, int, str]) -> None:
    one = guest(copied, link[2])
    one.get("/i/document")
    for rule in copied.url_map.iter_rules():
        if rule.endpoint.startswith(PUBLIC) or "GET" not in (rule.methods or ()):
            continue
        values = {name: _any_value(rule._converters[name], document_id=link[0]) for name in rule.arguments}
        with copied.test_request_context():
            address = rule.rule if not values else copied.url_map.bind("localhost").build(rule.endpoint, values)
        answer = one.get(address)
        assert answer.status_code == 302, (address, answer.status_code)
        assert answer.location.startswith("/login"), (address, answer.location)


def _any_value(converter: BaseConverter, *, document_id: int) -> int | str:
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return document_id if isinstance(converter, IntegerConverter) else "x"


def test_the_guest_takes_no_step_on_the_pages_of_the_staff(copied: Flask, link: tuple[int, int, str]) -> None:
    one = guest(copied, link[2])
    for address in (
        f"/documents/{link[0]}/steps/withdraw", f"/documents/{link[0]}/edit", "/sign/", f"/sign/{link[0]}/refuse",
        f"/invitations/{link[1]}/renew", f"/invitations/of/{link[0]}",
    ):  # fmt: skip
        answer = one.post(address, {"comment": "x", "document": link[0], "reason": "x"}, page=f"/i/{link[2]}")
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login"), address
    assert state_of(copied, link[0]) == "to_sign"


def state_of(app: Flask, document_id: int) -> str:
    with app.app_context():
        return documents.load(document_id).state


@pytest.mark.parametrize("address", ["", "/preview", "/paper.pdf", "/form"])
def test_without_a_link_its_pages_do_not_open(copied: Flask, link: tuple[int, int, str], address: str) -> None:
    assert visitor(copied).get(f"/i/document{address}").status_code == 403
    assert visitor(copied, "clerk").get(f"/i/document{address}").status_code == 403


def test_who_is_logged_in_as_another_does_not_enter(copied: Flask, link: tuple[int, int, str]) -> None:
    stranger = visitor(copied, "applicant")
    answer = stranger.post(f"/i/{link[2]}", {"iin": internship.head_iin()}, page=f"/i/{link[2]}")
    assert answer.status_code == 403
    assert stranger.get("/i/document").status_code == 403


def test_a_session_that_this_installation_did_not_sign_opens_nothing(copied: Flask, link: tuple[int, int, str]) -> None:
    one = visitor(copied)
    one.client.set_cookie("docflow", "eyJpbnZpdGF0aW9uIjoxfQ.aSAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAA")
    assert one.get("/i/document").status_code == 403


def test_a_revoked_link_throws_out_who_is_in(copied: Flask, link: tuple[int, int, str]) -> None:
    one = guest(copied, link[2])
    assert one.get("/i/document").status_code == 200
    with copied.app_context():
        invitations.revoke(link[1], actor=clerk(), now=NOW)
    for address in ("/i/document", "/i/document/preview", "/i/document/paper.pdf"):
        assert one.get(address).status_code == 403
    assert one.post("/i/document/sign", {"provider": demo.PROVIDER, "pin": demo.PIN}).status_code == 403


def test_he_signs_with_his_own_key_and_then_only_reads(copied: Flask, link: tuple[int, int, str]) -> None:
    one = guest(copied, link[2])
    page = one.get("/i/document")
    assert "Руководитель предприятия" in page.text
    assert internship.head_iin() not in page.text
    signature = {"provider": demo.PROVIDER, "pin": demo.PIN}
    one.post("/i/document/sign", signature)  # he has no key yet
    assert signed(copied, link[0]) == []
    with copied.app_context():
        demo.give_key(copied.config["DOCFLOW"], internship.head(), now=NOW - timedelta(days=1))
    one.post("/i/document/sign", {**signature, "pin": "0000"})
    assert signed(copied, link[0]) == []
    one.post("/i/document/sign", signature)
    assert signed(copied, link[0]) == ["enterprise_head"]
    assert "уже подписали" in one.get(one.post("/i/document/sign", signature).location).text
    read = one.get("/i/document")
    assert read.status_code == 200
    assert "/i/document/sign" not in read.text
    assert one.get("/i/document/paper.pdf").data.startswith(b"%PDF")
    assert one.post("/i/document/refuse", {"reason": "Передумал"}).status_code == 409
    assert one.get("/i/document/form").status_code == 403


def signed(app: Flask, document_id: int) -> list[str]:
    with app.app_context():
        document: Document = documents.load(document_id)
        return [each.slot for each in invitations.signing.slots(document) if each.state == "signed"]


def test_he_refuses_with_a_reason(copied: Flask, link: tuple[int, int, str]) -> None:
    one = guest(copied, link[2])
    one.post("/i/document/refuse", {"reason": "Мы такого не подписываем."})
    assert state_of(copied, link[0]) == "refused"
    assert one.get("/i/document").status_code == 200


def test_the_signing_session_of_another_document_is_not_confirmed_here(
    copied: Flask, link: tuple[int, int, str]
) -> None:
    """He may have begun to sign something else elsewhere; this door leads to one document."""
    with copied.app_context():
        demo.give_key(copied.config["DOCFLOW"], internship.head(), now=NOW - timedelta(days=1))
        person = internship.head()
        other = _another_waits_for(person.id)
        begun = invitations.signing.begin([other], demo.PROVIDER, actor=demo.actor_for_person(person), now=NOW)
        session_id = begun.id
    one = guest(copied, link[2])
    assert one.get(f"/i/document/signing/{session_id}").status_code == 404
    assert one.post(f"/i/document/signing/{session_id}", {"pin": demo.PIN}).status_code == 404
    assert signed(copied, other) == []


def _another_waits_for(person_id: int) -> int:
    """A training contract that waits, put into this person's name."""
    found = instance.first("wku_application", "to_sign")
    (signature,) = invitations.signing.slots(found)
    signature.person_id = person_id
    db.session.commit()
    return found.id


@pytest.fixture
def reference(copied: Flask) -> tuple[int, str]:
    """A reference in the hands of the enterprise's head: its id and the token of his link to it."""
    with copied.app_context():
        memorandum_id, _, _ = sent_memorandum()
        settings = copied.config["DOCFLOW"]
        for signature in invitations.signing.slots(documents.load(memorandum_id)):
            if signature.person_id == internship.head().id:
                demo.give_key(settings, signature.person, now=NOW - timedelta(days=1))
            demo.sign(demo.actor_for_person(signature.person), [memorandum_id], NOW)
        run = issuing.start(memorandum_id, ["internship_reference"], actor=clerk(), language="ru", now=NOW)
        issuing.perform_run({"run_id": run.id})
        found = instance.first("internship_reference", "draft")
        _, token = invitations.invite(found.id, {}, address=internship.ADDRESS, actor=clerk(), now=NOW)
        return found.id, token


def test_he_fills_in_what_is_his_to_say_and_signs_it(copied: Flask, reference: tuple[int, str]) -> None:
    document_id, token = reference
    one = guest(copied, token)
    form = one.get("/i/document/form").text
    assert 'name="skills"' in form
    assert not re.search(r'name="(person|enterprise|memorandum)', form)
    with copied.app_context():
        document = documents.load(document_id)
        content, version = documents.content(document), document.version
    typed = {
        "starts_on": content["starts_on"], "ends_on": content["ends_on"], "speciality": content["speciality"],
        "hours": "36", "function": "токарь", "skills": "работы на станках", "_version": version, "_then": "submit",
    }  # fmt: skip
    forged = typed | {"person_id": "1", "person-surname": "Басқа", "enterprise_head_id": "1", "memorandum_number": "1"}
    assert one.post("/i/document/form", forged, page="/i/document/form").location == "/i/document"
    with copied.app_context():
        document = documents.load(document_id)
        assert documents.content(document) == content | {"function": "токарь", "skills": "работы на станках"}
        assert document.state == "to_sign"
    assert one.post("/i/document/form", typed).status_code == 403  # it is sent: nothing more to fill in
    one.post("/i/document/sign", {"provider": demo.PROVIDER, "pin": demo.PIN})
    assert state_of(copied, document_id) == "in_force"


def test_in_two_tabs_the_second_one_is_told(copied: Flask, reference: tuple[int, str]) -> None:
    document_id, token = reference
    one = guest(copied, token)
    with copied.app_context():
        version = documents.load(document_id).version
    first = {"hours": "36", "function": "токарь", "_version": version}
    assert one.post("/i/document/form", first, page="/i/document/form").status_code == 302
    late = one.post("/i/document/form", first | {"function": "слесарь"}, page="/i/document/form")
    assert late.status_code == 409
    assert "слесарь" in late.text  # nothing that was typed is lost
    with copied.app_context():
        assert documents.content(documents.load(document_id))["function"] == "токарь"


def test_what_is_missing_is_told_before_it_is_sent(copied: Flask, reference: tuple[int, str]) -> None:
    document_id, token = reference
    one = guest(copied, token)
    with copied.app_context():
        version = documents.load(document_id).version
    sent = {"hours": "35", "function": "", "skills": "", "_version": version, "_then": "submit"}
    one.post("/i/document/form", sent, page="/i/document/form")
    page = one.get("/i/document").text
    assert "/i/document/form" in page
    assert state_of(copied, document_id) == "draft"


def test_he_may_refuse_to_fill_it_in(copied: Flask, reference: tuple[int, str]) -> None:
    document_id, token = reference
    one = guest(copied, token)
    one.post("/i/document/refuse", {"reason": "Педагог не приходил."})
    assert state_of(copied, document_id) == "withdrawn"


def test_closing_the_document_ends_the_visit(copied: Flask, link: tuple[int, int, str]) -> None:
    one = guest(copied, link[2])
    assert one.post("/i/leave").status_code == 200
    assert one.get("/i/document").status_code == 403


# The clerk


def test_a_clerk_invites_renews_and_ends_on_the_documents_page(copied: Flask) -> None:
    with copied.app_context():
        order = instance.first("enrolment_order", "in_force")
        made = groups.gather(order.group_id or 0, "internship_memorandum", actor=clerk(), now=NOW, language="ru")
        content = internship.completed(documents.content(made))
        document_id = documents.update(made.id, content, actor=clerk(), version=made.version, now=NOW).id
    one = visitor(copied, "clerk")
    address = f"/documents/{document_id}"
    assert f'action="/invitations/of/{document_id}"' in one.get(address).text
    one.post(f"/invitations/of/{document_id}", {"iin": "123", "address": "a@b.kz"}, page=address)
    assert "12 цифр" in one.get(address).text
    one.post(f"/invitations/of/{document_id}", {"iin": internship.head_iin(), "address": "a@b.kz"}, page=address)
    page = one.get(address).text
    assert "a@b.kz" in page
    assert internship.head_iin() not in page
    (number,) = set(re.findall(r"/invitations/(\d+)/revoke", page))
    shown = one.get(f"/invitations/{number}/link")
    token = re.search(r"/i/([\w-]{43})", shown.text)
    assert token
    assert visitor(copied).get(f"/i/{token[1]}").status_code == 200
    one.post(f"/invitations/{number}/renew", page=address)
    assert visitor(copied).get(f"/i/{token[1]}").status_code == 404
    (newer,) = set(re.findall(r"/invitations/(\d+)/revoke", one.get(address).text))
    one.post(f"/invitations/{newer}/revoke", page=address)
    with copied.app_context():
        assert people.by_iin(internship.head_iin()) is not None
        assert not any(invitations.is_live(i, now=NOW) for i in invitations.of_document(documents.load(document_id)))


@pytest.mark.parametrize("role", ["applicant", "inspector", "archivist", "stranger"])
def test_nobody_but_a_clerk_of_the_unit_invites(copied: Flask, link: tuple[int, int, str], role: str) -> None:
    one = visitor(copied, role)
    for address in (f"/invitations/of/{link[0]}", f"/invitations/{link[1]}/renew", f"/invitations/{link[1]}/revoke"):
        assert one.post(address, {"address": "a@b.kz", "iin": internship.head_iin()}).status_code in (403, 404)
    assert one.get(f"/invitations/{link[1]}/link").status_code in (403, 404)
    assert visitor(copied).get(f"/i/{link[2]}").status_code == 200
