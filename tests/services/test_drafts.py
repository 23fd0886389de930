"""Drafting and changing: what may be unfinished, who may see it, and nobody's work is lost."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from docflow import demo
from docflow.core.errors import Conflict, Forbidden, Invalid, NotFound
from docflow.core.permissions import Actor, Role
from docflow.core.registry import document_type
from docflow.db import db
from docflow.models import Document, Person
from docflow.services import documents, groups, history, people, routing
from tests.services import world
from tests.services.world import KNK, NOW, WKU

Drafted = tuple[object, list[int]]


def sample(**applicant: str) -> dict[str, Any]:
    content = deepcopy(dict(document_type("wku_application").sample))
    content["applicant"] = {**content["applicant"], **applicant}
    return content


def draft(clerk: Actor, data: dict[str, Any] | None = None, **other: Any) -> Document:
    wanted = {"language": "ru", **other}
    if "unit_id" not in wanted:
        wanted["unit_id"] = world.unit_of(clerk).id
    return documents.create_draft("wku_application", data or sample(), actor=clerk, now=NOW, **wanted)


def test_a_draft_keeps_its_content_and_says_who_made_it(clerk: Actor) -> None:
    made = draft(clerk)
    assert (made.state, made.number) == ("draft", None)
    assert documents.content(made)["applicant"]["surname"] == sample()["applicant"]["surname"]
    assert made.subject_name.startswith(sample()["applicant"]["surname"])
    assert [entry.actor_name for entry in history.entries(made)] == [clerk.name]


def test_an_invalid_draft_names_every_field_at_once(clerk: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        draft(clerk, sample(iin="850314400120", surname=""))
    assert {"applicant-surname", "applicant-iin"} <= set(refused.value.errors)
    assert world.ids_of("wku_application") == []


def test_an_unfinished_draft_is_kept_and_asked_again_when_sent(clerk: Actor) -> None:
    made = draft(clerk, sample(surname="", iin=""), allow_incomplete=True)
    choice = next(each for each in routing.available(made, actor=clerk, now=NOW) if each.transition.name == "submit")
    assert "applicant-surname" in {refusal.field for refusal in choice.refusals}
    assert not choice.is_allowed


def test_a_number_of_one_who_has_no_name_yet_makes_nobody(clerk: Actor) -> None:
    made = draft(clerk, sample(surname="", given_name=""), allow_incomplete=True)
    assert people.by_iin(sample()["applicant"]["iin"]) is None
    documents.update(made.id, sample(), actor=clerk, version=made.version, now=NOW)
    assert documents.load(made.id).subject_name.startswith(sample()["applicant"]["surname"])


def test_a_wrong_number_makes_nobody(clerk: Actor) -> None:
    draft(clerk, sample(iin="850314400120"), allow_incomplete=True)
    assert people.by_iin("850314400120") is None


def test_a_misspelt_name_can_be_mended_until_somebody_has_signed(clerk: Actor) -> None:
    made = draft(clerk, sample(surname="Омиргалиева"))
    documents.update(made.id, sample(surname="Өмірғалиева"), actor=clerk, version=made.version, now=NOW)
    assert documents.load(made.id).subject_name.startswith("Өмірғалиева")


def test_the_name_of_one_who_has_signed_is_not_changed_by_a_draft(drafted: Drafted) -> None:
    settings, (first, _) = drafted
    clerk, document = WKU.actor("clerk"), documents.load(first)
    world.submit(first, clerk)
    world.sign_all(settings, first, NOW)  # type: ignore[arg-type]
    known = document.subject
    assert known is not None
    full_name = known.full_name
    draft(clerk, sample(iin=known.iin or "", surname="Басқа"))
    assert db.session.get_one(Person, known.id).full_name == full_name


def test_the_second_editor_is_told_and_nothing_is_lost(drafted: Drafted) -> None:
    _, (first, _) = drafted
    clerk = WKU.actor("clerk")
    seen = documents.load(first).version
    before = documents.content(documents.load(first))
    documents.update(first, {**before, "workplace": "Абай мектебі"}, actor=clerk, version=seen, now=NOW)
    with pytest.raises(Conflict) as told:
        documents.update(first, {**before, "workplace": "Лицей"}, actor=clerk, version=seen, now=NOW)
    assert clerk.name in str(told.value)
    assert documents.content(documents.load(first))["workplace"] == "Абай мектебі"


def test_saving_the_same_again_makes_no_revision(drafted: Drafted) -> None:
    _, (first, _) = drafted
    document = documents.load(first)
    length = document.history_length
    documents.update(first, documents.content(document), actor=WKU.actor("clerk"), version=document.version, now=NOW)
    assert documents.current_revision(document).sequence == 1
    assert document.history_length == length


def test_others_learn_nothing_of_a_draft(drafted: Drafted) -> None:
    _, (first, _) = drafted
    document = documents.load(first)
    strangers = [
        KNK.actor("clerk"), KNK.actor("rector"), WKU.actor("rector"), Actor(None, None, "nobody"),
        Actor(None, document.subject_id, "the applicant himself", frozenset({Role.APPLICANT})),
    ]  # fmt: skip
    for stranger in strangers:
        with pytest.raises(NotFound):
            documents.get(first, actor=stranger)
        with pytest.raises(NotFound):
            documents.update(first, {}, actor=stranger, version=document.version, now=NOW)
        with pytest.raises(NotFound):
            routing.perform(first, "submit", actor=stranger, now=NOW)
        with pytest.raises(NotFound):
            routing.perform(first, "accept", actor=stranger, now=NOW, version=document.version + 7)
        with pytest.raises(NotFound):
            documents.attach(first, "diploma", "scan.png", world.SCAN, actor=stranger, now=NOW)


def test_an_inspector_sees_and_changes_nothing(drafted: Drafted) -> None:
    _, (first, _) = drafted
    inspector = WKU.actor("inspector")
    document = documents.get(first, actor=inspector)
    with pytest.raises(Forbidden):
        documents.update(first, {}, actor=inspector, version=document.version, now=NOW)
    with pytest.raises(Forbidden):
        routing.perform(first, "submit", actor=inspector, now=NOW)
    assert routing.available(document, actor=inspector, now=NOW) == []


def test_only_a_clerk_of_the_unit_drafts(app: Flask, clerk: Actor) -> None:
    unit = world.unit_of(clerk).id
    for stranger in (KNK.actor("clerk"), WKU.actor("inspector"), replace(clerk, unit_ids=frozenset())):
        with pytest.raises(Forbidden):
            draft(stranger, unit_id=unit)


def test_a_draft_joins_no_group_of_another_unit(app: Flask, clerk: Actor) -> None:
    foreign = world.new_group(KNK)
    with pytest.raises(NotFound):
        draft(clerk, group_id=foreign.id)


def test_an_act_that_does_not_bind_or_a_language_it_lacks(app: Flask) -> None:
    conservatory = KNK.actor("clerk")
    with pytest.raises(Invalid) as told:
        draft(conservatory)
    assert "type" in told.value.errors
    content = document_type("knk_application").sample
    with pytest.raises(Invalid) as told:
        documents.create_draft(
            "knk_application", content, actor=conservatory, unit_id=world.unit_of(conservatory).id, language="ru",
            now=NOW,
        )  # fmt: skip
    assert "language" in told.value.errors


def test_a_zero_character_is_refused_or_dropped_but_breaks_nothing(clerk: Actor) -> None:
    made = draft(clerk, sample(surname="Қуа\x00нышева"), allow_incomplete=True)
    assert "\x00" not in made.subject_name


def test_only_the_clerk_of_the_unit_opens_a_group(app: Flask, clerk: Actor) -> None:
    group = world.new_group(WKU)
    assert [each.id for each in groups.listing(actor=clerk)] == [group.id]
    with pytest.raises(NotFound):
        groups.get(group.id, actor=KNK.actor("clerk"))
    with pytest.raises(Invalid):
        world.new_group(WKU)
    with pytest.raises(Invalid):
        world.new_group(WKU, code="26-02", ends_on=NOW.date().replace(year=2020))
    with pytest.raises(Forbidden):
        groups.gather(group.id, "enrolment_order", actor=WKU.actor("inspector"), now=NOW, language="ru")
    assert demo.actor_of("clerk@wku.example").unit_ids == {group.unit_id}
