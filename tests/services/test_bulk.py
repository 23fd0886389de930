"""One step for many documents: each answers for itself."""

from __future__ import annotations

import pytest

from docflow.config import Settings
from docflow.core.errors import NotFound
from docflow.db import db
from docflow.models import Document
from docflow.services import bulk, groups
from tests.services import world


def _group(ids: list[int]) -> int:
    group_id = db.session.get_one(Document, ids[0]).group_id
    assert group_id is not None
    return group_id


def test_a_bad_document_stops_nobody_else(drafted: tuple[Settings, list[int]]) -> None:
    settings, ids = drafted
    clerk = world.WKU.actor("clerk")
    group_id = _group(ids)
    table = world.people_table(world.WKU, 3, world.NOW.date())  # the first two are there; a third, without attachments
    groups.import_applications(group_id, "wku_application", "more.xlsx", table, actor=clerk, now=world.NOW)

    _, results = bulk.perform_all(group_id, "wku_application", "draft", "submit", actor=clerk, now=world.NOW)

    good = [each for each in results if not each.refusals]
    bad = [each for each in results if each.refusals]
    assert {each.document.id for each in good} == set(ids)
    assert all(each.document.state == "to_sign" and each.document.number for each in good)
    assert [each.document.state for each in bad] == ["draft"]
    assert {refusal.clause.key for refusal in bad[0].refusals if refusal.clause} == {"WKU 6.2.2", "WKU 6.2.3"}


def test_only_steps_without_a_comment_are_offered_and_taken(drafted: tuple[Settings, list[int]]) -> None:
    _, ids = drafted
    clerk = world.WKU.actor("clerk")
    group = groups.get(_group(ids), actor=clerk)

    offered = bulk.offers(groups.glance(group, actor=clerk), actor=clerk)

    assert [(each.kind.name, each.transition.name, each.count) for each in offered] == [
        ("wku_application", "submit", 2)
    ]
    with pytest.raises(NotFound):
        bulk.perform_all(group.id, "wku_application", "draft", "withdraw", actor=clerk, now=world.NOW)


def test_somebody_of_another_organisation_is_offered_nothing(drafted: tuple[Settings, list[int]]) -> None:
    _, ids = drafted
    clerk, stranger = world.WKU.actor("clerk"), world.KNK.actor("clerk")
    glance = groups.glance(groups.get(_group(ids), actor=clerk), actor=clerk)

    assert bulk.offers(glance, actor=stranger) == []
    with pytest.raises(NotFound):
        bulk.perform_all(_group(ids), "wku_application", "draft", "submit", actor=stranger, now=world.NOW)
