"""The whole attestation through the services: every type, every outcome, every signature in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from docflow import create_app, demo, jobs
from docflow import demo_attestation as attestation
from docflow.cli import migrate_database
from docflow.config import Settings
from docflow.core.errors import Refused
from docflow.core.permissions import Permission
from docflow.core.registry import document_types
from docflow.db import db
from docflow.models import CardEntry, Document
from docflow.rendering.preview import stop as stop_previews
from docflow.services import archiving, documents, environment, papers, routing, search, stages, verification
from docflow.signing.process import validate_in_process

NOW = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("attestation")
    found = create_app(Settings.of({"mode": "demo", "data_dir": folder}, directory=folder))
    with found.app_context():
        migrate_database()
        since = attestation.keys_from(NOW)
        demo.install(found.config["DOCFLOW"], now=since)
        attestation.install(found.config["DOCFLOW"], now=since)
        yield found
    stop_previews()


@pytest.fixture(scope="module")
def played(app: Flask) -> attestation.Round:
    return attestation.run(app.config["DOCFLOW"], now=NOW, run_jobs=lambda: jobs.run_until_idle(app, timeout=300))


@pytest.fixture(scope="module")
def items(played: attestation.Round) -> dict[str, dict[str, Any]]:
    """Every decided item of both protocols by the surname of whom it is about."""
    found = [each for each in played.made if each.type in ("teacher_protocol", "head_protocol")]
    return {item["person"]["surname"]: item for each in found for item in documents.content(each)["items"]}


def test_there_is_a_paper_of_every_type_of_the_order(played: attestation.Round) -> None:
    of_the_order = {
        kind.name
        for kind in document_types().values()
        if any(clause.regulation == "KRG" for clause in kind.regulated_by)
    }
    assert {each.type for each in played.made} == of_the_order


def test_everything_is_signed_by_all_and_found_by_its_code(played: attestation.Round) -> None:
    assert demo.check(played.made, now=NOW) == []
    for document in played.made:
        states = {each.state for each in papers.signatures_of(document)}
        assert states == {"signed"}, f"{document.type} {document.number}"


def test_nine_sit_eight_sign_and_one_is_absent(played: attestation.Round) -> None:
    protocol = next(each for each in played.made if each.type == "teacher_protocol")
    content = documents.content(protocol)
    assert (len(content["composition"]), len(content["attendance"])) == (9, 8)
    slots = Counter(each.capacity for each in papers.signatures_of(protocol))
    assert slots == {"member": 7, "secretary": 1, "chair": 1}


@pytest.mark.parametrize("who", attestation.ATTESTEES, ids=lambda who: who.name[0])
def test_each_comes_out_as_the_clauses_say(who: attestation.Attestee, items: dict[str, dict[str, Any]]) -> None:
    item = items[who.name[0]]
    assert (item["conclusion"], item["procedure"]) == (who.outcome, item["procedure"])
    expected = {"claimed": who.claimed, "current": who.current, "lower_than_current": "moderator"}[who.outcome]
    assert item["category"] == expected
    assert item["proposed_category"] == expected


def test_the_outcomes_that_were_asked_for_are_among_them(items: dict[str, dict[str, Any]]) -> None:
    seen = {(each["procedure"], each["ladder"], each["conclusion"]) for each in items.values()}
    assert seen >= {
        ("regular", "teacher", "claimed"),
        ("early", "teacher", "claimed"),
        ("regular", "teacher", "lower_than_current"),
        ("regular", "teacher", "current"),
        ("without_attestation", "teacher", "claimed"),
        ("regular", "head", "claimed"),
        ("regular", "deputy", "claimed"),
        ("prepension", "teacher", "current"),
    }


def test_a_tie_is_decided_by_the_chair(items: dict[str, dict[str, Any]]) -> None:
    tied = items[attestation.ATTESTEES[attestation.TIED].name[0]]
    assert Counter(each["vote"] for each in tied["votes"]) == {"for": 4, "against": 4}
    assert tied["chair_casts"]
    assert [name for name, each in items.items() if each["chair_casts"]] == [tied["person"]["surname"]]


def test_a_late_application_is_refused_with_its_clause_and_nothing_else(played: attestation.Round) -> None:
    assert [(kind, refusal.clause.key) for kind, refusal in played.refusals if refusal.clause] == [
        ("teacher_application", "KRG app. 4")
    ]
    assert "31.12" in str(played.refusals[0][1].message)


def test_the_refusal_names_the_missing_papers(played: attestation.Round) -> None:
    (notice,) = [each for each in played.made if each.type == "refusal_notice"]
    assert [row["title"] for row in documents.content(notice)["documents"]] == [
        "Біліктілікті арттыру курсының сертификаты", "Еңбек қызметін растайтын құжат",
    ]  # fmt: skip


def test_certificates_hold_for_five_years_and_of_first_heads_for_three(played: attestation.Round) -> None:
    held = {
        each.subject_name.split()[0]: (each.valid_from, each.valid_until)
        for each in played.made
        if each.type == "category_certificate"
    }
    for who in attestation.ATTESTEES:
        if who.application in ("prepension_application", "retention_application"):
            continue
        first, last = held[who.name[0]]
        assert last.year - first.year == (3 if who.ladder == "head" else 5), who.name


def test_the_cards_know_the_new_categories(played: attestation.Round) -> None:
    written = db.session.scalars(select(CardEntry).where(CardEntry.document_id.is_not(None))).all()
    certificates = {each.id for each in played.made if each.type == "category_certificate"}
    assert {each.document_id for each in written} == certificates
    assert len(written) == len(certificates) == len(attestation.ATTESTEES)


def test_an_extract_names_nobody_else(played: attestation.Round) -> None:
    everybody = {who.name[0] for who in attestation.ATTESTEES}
    for extract in (each for each in played.made if each.type in ("teacher_extract", "head_extract")):
        said = str(documents.content(extract))
        assert {name for name in everybody if name in said} == {extract.subject_name.split()[0]}


def test_the_files_are_valid_by_themselves(played: attestation.Round, app: Flask) -> None:
    chosen = {each.type: each for each in played.made if each.type in ("teacher_protocol", "category_certificate")}
    for document in chosen.values():
        pdf = archiving.read(document.paper_sha256 or "")
        report = validate_in_process(pdf, trust=environment.current().trust, now=NOW)
        assert len(report.signatures) == len(papers.signatures_of(document))
        assert verification.compare(None, pdf, now=NOW).file_matches


def test_every_paper_says_that_the_order_has_ended(played: attestation.Round) -> None:
    for document in played.made:
        data = papers.paper_data(document, documents.content(document), [], draft=False)
        assert data["regulation"]["expired"]
        assert "№ 12-НҚ" in data["regulation"]["continued_by"]


def test_without_an_own_order_nothing_goes_on(app: Flask, played: attestation.Round) -> None:
    drafts = select(Document).where(Document.type == "teacher_application", Document.state == "draft")
    document = db.session.scalars(drafts).unique().one()
    organisation, kept = document.organisation, document.organisation.settings
    organisation.settings = {}
    with pytest.raises(Refused) as refused:
        routing.perform(document.id, "submit", actor=played.secretary, now=NOW)
    organisation.settings = kept
    assert "KRG № 153 (9)" in {refusal.clause.key for refusal in refused.value.refusals if refusal.clause}


@pytest.fixture(scope="module")
def progress(played: attestation.Round) -> list[stages.Progress]:
    assert played.group is not None
    return stages.of_round(played.group.id, actor=played.secretary)[1]


def test_every_application_shows_the_stages_that_it_has_reached(progress: list[stages.Progress]) -> None:
    by_name = {each.application.subject_name.split()[0]: [one.name for one in each.stages] for each in progress}
    assert len(by_name) == len(attestation.ATTESTEES) + 1  # the late one was never filed
    whole = ["filed", "accepted", "notified", "summarised", "decided", "extract", "certificate"]
    assert by_name[attestation.ATTESTEES[0].name[0]] == whole
    assert by_name[attestation.REFUSED.name[0]] == ["filed", "refused", "notified"]
    prepension = next(who for who in attestation.ATTESTEES if who.application == "prepension_application")
    assert "summarised" not in by_name[prepension.name[0]]


def test_the_stages_leave_the_system_as_a_table_and_as_data(
    progress: list[stages.Progress], played: attestation.Round
) -> None:
    assert played.group is not None
    lines = stages.as_csv(progress, language="ru").decode("utf-8-sig").split("\r\n")
    assert lines[0].split(";")[:2] == ["Заявление №", "Вид заявления"]
    assert len(lines) == 2 + sum(len(each.stages) for each in progress)
    data = stages.as_json(played.group, progress, language="kk")
    assert (data["round"], data["clause"]) == (played.group.code, "KRG 25")
    first = data["applications"][0]["stages"][0]
    assert (first["name"], first["stage"], first["clause"]) == ("filed", "өтініш берілді", "KRG 21 ¶2")
    assert (first["at"][:11], first["at"][16:]) == ("2026-10-05T", "+05:00")
    assert not [each for each in progress if each.application.subject and each.application.subject.iin in str(data)]


def test_no_cell_of_the_table_begins_a_formula(progress: list[stages.Progress]) -> None:
    (one, *_) = progress
    application = Document(type=one.application.type, number="=1+1", subject_name="@x", registered_on=None)
    table = stages.as_csv([replace(one, application=application)], language="kk").decode("utf-8-sig")
    assert table.split("\r\n")[1].split(";")[0] == "'=1+1"


def test_a_member_finds_the_papers_of_his_round_that_he_may_open(played: attestation.Round) -> None:
    absent = played.members[8]  # he came to no session and signed no protocol
    page = search.find(search.SearchQuery(type="teacher_protocol"), actor=absent)
    assert [each.state for each in page.items] == ["in_force"]
    found = search.find(search.SearchQuery(), actor=absent, size=500).items
    assert {each.type for each in found} >= {"teacher_application", "essay", "category_certificate"}
    assert all(Permission.VIEW in documents.permissions(each, actor=absent) for each in found)
    assert "draft" not in {each.state for each in found if each.created_by_id != absent.account_id}
    assert not search.find(search.SearchQuery(), actor=replace(absent, person_id=None, account_id=None)).items
