"""The observation sheet's own page: what an observer sees, saves and sends, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from docflow import demo
from docflow.cli import migrate_database
from docflow.core.permissions import Role
from docflow.core.registry import document_type
from docflow.db import db, unit_of_work
from docflow.models import Organisation, Person
from docflow.rendering import preview
from docflow.services import documents, routing
from tests.conftest import Instances
from tests.web import instance
from tests.web.conftest import Visitor, visitor

NOW = instance.NOW
CLERK, OBSERVER, STRANGER = "clerk@krg.example", "deputy@krg.example", "teacher@krg.example"
STAFF = (
    demo.DemoAccount(CLERK, ("Ахметова", "Динара", "Болатқызы"), "", (Role.CLERK,), "kk",
                     ("clerk", "хатшы", "секретарь"), in_centre=True),
    demo.DemoAccount(OBSERVER, ("Қуанышбекова", "Әсел", "Нұрланқызы"), "", (Role.APPLICANT,), "kk",
                     ("other", "директордың орынбасары", "заместитель директора")),
    demo.DemoAccount(STRANGER, ("Ким", "Виктор", ""), "", (Role.APPLICANT,), "kk"),
)  # fmt: skip


@dataclass(frozen=True)
class School:
    """An organisation that attests under an order of its own, and the directory that holds it."""

    directory: Path


def settled(directory: Path) -> None:
    """Make the school: a clerk, a deputy who observes, a teacher who is observed."""
    settings = instance.settings_in(directory)
    with instance.opened(settings) as app, app.app_context():
        migrate_database()
        demo.install(settings, now=NOW - timedelta(days=40))
        data = {**demo.WKU_ORGANISATION, "code": "krg", "profile": "krg", "bin": "990440000385"}
        demo.install_organisation(settings, data, STAFF, "АК", first_iin=700, now=NOW - timedelta(days=40))
        with unit_of_work():
            db.session.query(Organisation).filter_by(code="krg").one().settings = {
                "continued_by_order": "№ 5, 06.01.2025"
            }
    preview.stop()


def person_of(email: str) -> Person:
    found = demo.actor_of(email).person_id
    assert found is not None
    return db.session.get_one(Person, found)


def draft(type_name: str = "observation_lesson", **changes: Any) -> int:
    """A sheet about the teacher in the hands of the deputy; levels as given, else none."""
    teacher, observer, clerk = person_of(STRANGER), person_of(OBSERVER), demo.actor_of(CLERK)
    sample = dict(document_type(type_name).sample)
    content = {
        **sample,
        "person": {"surname": teacher.surname, "given_name": teacher.given_name, "patronymic": teacher.patronymic},
        "person_id": teacher.id,
        "observer": {"surname": observer.surname, "given_name": observer.given_name, "patronymic": observer.patronymic},
        "observer_id": observer.id,
        "observed_on": NOW.date().isoformat(),
        "levels": [None] * len(sample["levels"]),
        "recommendations": "",
        **changes,
    }
    made = documents.create_draft(
        type_name,
        content,
        actor=clerk,
        unit_id=next(iter(clerk.unit_ids)),
        language="kk",
        now=NOW,
        allow_incomplete=True,
    )
    return made.id


@pytest.fixture(scope="module")
def school(instances: Instances, tmp_path_factory: pytest.TempPathFactory) -> School:
    return School(instances.copy("school", settled, tmp_path_factory.mktemp("school") / "copy"))


@pytest.fixture(scope="module")
def app(school: School) -> Iterator[Flask]:
    with instance.opened(instance.settings_in(school.directory)) as app:
        yield app


def logged_in(app: Flask, email: str, language: str = "kk") -> Visitor:
    one = visitor(app, language=language).log_in(email)
    with one.client.session_transaction() as session:
        session["language"] = language
    return one


@pytest.fixture(scope="module")
def observer(app: Flask) -> Visitor:
    return logged_in(app, OBSERVER)


def made(app: Flask, type_name: str = "observation_lesson", **changes: Any) -> int:
    with app.app_context():
        return draft(type_name, **changes)


def stored(app: Flask, document_id: int) -> dict[str, Any]:
    with app.app_context():
        return documents.content(documents.load(document_id))


def fields_of(page: str) -> dict[str, str]:
    """The fields that a browser would send back, as they stand."""
    form = page[page.index('id="sheet"') : page.index("</form>", page.index('id="sheet"'))]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") == "radio" and " checked" not in tag:
            continue
        found[attributes["name"]] = attributes.get("value", "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL):
        found[name] = text
    return found


def opened(one: Visitor, document_id: int) -> dict[str, str]:
    answer = one.get(f"/observations/{document_id}")
    assert answer.status_code == 200, answer.text
    return fields_of(answer.text)


def test_the_page_shows_every_descriptor_as_it_is_printed(app: Flask, observer: Visitor) -> None:
    page = observer.get(f"/observations/{made(app)}").text
    assert page.count('role="radiogroup"') == 34
    assert "оқу мақсаттарына (күтілетін нәтижелерге) сәйкес келеді" in page
    assert page.count('value="3"') == 34
    assert 'value="4"' not in page
    assert re.findall(r'data-least="(\d+)"', page) == ["61", "71", "81", "91"]


def test_sums_without_a_script_are_those_of_the_paper(app: Flask, observer: Visitor) -> None:
    page = observer.get(f"/observations/{made(app, 'observation_special', levels=[3] * 18 + [2] * 18)}").text
    assert '<b id="total">90</b> / 108' in page
    assert '<b id="points">85</b> / 102' in page


def test_a_partly_filled_sheet_is_kept(app: Flask, observer: Visitor) -> None:
    document_id = made(app)
    fields = opened(observer, document_id) | {"levels-0": "3", "levels-33": "1", "recommendations": "Саралау"}
    answer = observer.client.post(f"/observations/{document_id}", data=fields)
    assert answer.status_code == 302
    kept = stored(app, document_id)
    assert kept["levels"] == [3, *[None] * 32, 1]
    assert kept["recommendations"] == "Саралау"


def test_a_script_saves_and_learns_the_next_version(app: Flask, observer: Visitor) -> None:
    document_id = made(app)
    fields = opened(observer, document_id)
    for place, level in enumerate(("2", "0", "3")):
        answer = observer.client.post(
            f"/observations/{document_id}", data=fields | {f"levels-{place}": level},
            headers={"Accept": "application/json"},
        )  # fmt: skip
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["version"] > int(fields["_version"])
        fields |= {f"levels-{place}": level, "_version": str(answer.json["version"])}
    assert stored(app, document_id)["levels"][:4] == [2, 0, 3, None]


def test_a_conflict_tells_and_what_was_entered_stays_in_the_form(app: Flask, observer: Visitor) -> None:
    document_id = made(app)
    fields = opened(observer, document_id)
    assert observer.client.post(f"/observations/{document_id}", data=fields | {"levels-0": "1"}).status_code == 302
    late = fields | {"levels-0": "2", "levels-1": "3"}
    told = observer.client.post(f"/observations/{document_id}", data=late, headers={"Accept": "application/json"})
    assert told.status_code == 409
    assert told.json is not None
    assert told.json["message"]
    drawn = observer.client.post(f"/observations/{document_id}", data=late)
    assert drawn.status_code == 409
    again = fields_of(drawn.text)
    assert (again["levels-0"], again["levels-1"]) == ("2", "3")
    assert stored(app, document_id)["levels"][:2] == [1, None]


def test_nobody_changes_whom_the_sheet_is_about(app: Flask, observer: Visitor) -> None:
    document_id = made(app)
    before = stored(app, document_id)
    fields = opened(observer, document_id) | {"person_id": "1", "observer_id": "1", "levels-0": "1"}
    observer.client.post(f"/observations/{document_id}", data=fields)
    after = stored(app, document_id)
    assert (after["person_id"], after["observer_id"]) == (before["person_id"], before["observer_id"])
    assert after["levels"][0] == 1


def test_what_is_missing_is_said_and_nothing_is_sent(app: Flask, observer: Visitor) -> None:
    document_id = made(app, levels=[3] * 33 + [None])
    fields = opened(observer, document_id) | {"_then": "submit"}
    answer = observer.client.post(f"/observations/{document_id}", data=fields, follow_redirects=True)
    assert "34" in answer.text
    assert 'class="refusals"' in answer.text
    with app.app_context():
        assert documents.load(document_id).state == "draft"


def test_a_whole_sheet_is_sent_and_waits_for_the_observer_then_for_the_teacher(app: Flask, observer: Visitor) -> None:
    document_id = made(app, levels=[3] * 33 + [None])
    fields = opened(observer, document_id) | {"_then": "submit", "levels-33": "2"}
    answer = observer.client.post(f"/observations/{document_id}", data=fields)
    assert answer.status_code == 302
    assert answer.location == f"/sign/{document_id}"
    with app.app_context():
        assert documents.load(document_id).state == "to_sign"
        demo.sign(demo.actor_of(OBSERVER), [document_id], NOW + timedelta(minutes=1))
        assert documents.load(document_id).state == "to_sign"
        demo.sign(demo.actor_of(STRANGER), [document_id], NOW + timedelta(minutes=2))
        assert documents.load(document_id).state == "in_force"
    assert observer.get(f"/observations/{document_id}").location == f"/documents/{document_id}"


def test_others_do_not_find_the_draft(app: Flask) -> None:
    document_id = made(app)
    stranger = logged_in(app, STRANGER)
    assert stranger.get(f"/observations/{document_id}").status_code == 404
    assert stranger.post(f"/observations/{document_id}", {"levels-0": "3"}).status_code == 404
    assert stored(app, document_id)["levels"][0] is None


def test_a_clerk_may_fill_it_too_and_other_documents_have_no_such_page(app: Flask) -> None:
    clerk = logged_in(app, CLERK, "ru")
    document_id = made(app)
    assert clerk.get(f"/observations/{document_id}").status_code == 200
    assert clerk.get("/observations/99999").status_code == 404
    with app.app_context():
        other = documents.create_draft(
            "essay", {}, actor=demo.actor_of(CLERK), unit_id=next(iter(demo.actor_of(CLERK).unit_ids)), language="kk",
            now=NOW, allow_incomplete=True,
        ).id  # fmt: skip
    assert clerk.get(f"/observations/{other}").status_code == 404


def test_a_level_above_the_scale_is_refused_by_its_rule(app: Flask, observer: Visitor) -> None:
    document_id = made(app, levels=[3] * 34)
    fields = opened(observer, document_id) | {"levels-5": "5", "_then": "submit"}
    answer = observer.client.post(f"/observations/{document_id}", data=fields, follow_redirects=True)
    assert 'class="refusals"' in answer.text
    with app.app_context():
        refused = routing.available(documents.load(document_id), actor=demo.actor_of(OBSERVER), now=NOW)
        codes = [refusal.code for choice in refused for refusal in choice.refusals]
    assert codes == ["levels_are_on_the_scale"]


def test_the_documents_page_leaves_the_levels_to_the_paper_and_its_form_keeps_them(
    app: Flask, observer: Visitor
) -> None:
    document_id = made(app, levels=[3, *[None] * 32, 2])
    assert "(34)" not in observer.get(f"/documents/{document_id}").text
    form = observer.get(f"/documents/{document_id}/edit")
    assert form.status_code == 200
    assert re.search(r'<input[^>]* name="levels-33"[^>]* value="2"', form.text)
