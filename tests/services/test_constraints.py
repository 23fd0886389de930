"""What must never be, whoever writes: the database itself refuses."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from docflow.config import Settings
from docflow.db import db
from docflow.services import documents
from tests.services import world
from tests.services.world import WKU


@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE df_document SET registered_on = NULL WHERE id = :id",
        "UPDATE df_document SET number = NULL WHERE id = :id",
        "UPDATE df_document SET valid_until = '2029-01-01', valid_from = NULL WHERE id = :id",
        "UPDATE df_document SET number = (SELECT number FROM df_document WHERE id = :id) WHERE id = :other",
        "UPDATE df_document SET code = (SELECT code FROM df_document WHERE id = :id) WHERE id = :other",
        "UPDATE df_number SET state = 'void' WHERE document_id = :id",
        "UPDATE df_number SET void_reason = 'қате' WHERE document_id = :id",
        "UPDATE df_number SET state = 'lost' WHERE document_id = :id",
        "UPDATE df_number SET sequence = 2 WHERE document_id = :id",
        "UPDATE df_number SET document_id = :id WHERE document_id = :other",
        "UPDATE df_signature SET state = 'signed' WHERE document_id = :id",
        "UPDATE df_signature SET state = 'forged' WHERE document_id = :id",
        "UPDATE df_revision SET document_id = :id WHERE document_id = :other",
        "UPDATE df_history SET sequence = 1 WHERE document_id = :id",
        "UPDATE df_history SET document_id = 999999 WHERE document_id = :id",
        "UPDATE df_attachment SET size = 0 WHERE document_id = :id",
        "UPDATE df_group SET ends_on = '2001-01-01'",
        "UPDATE df_group SET hours = 0",
        "UPDATE df_position SET ends_on = '2001-01-01'",
        "UPDATE df_person SET iin = (SELECT min(iin) FROM df_person)",
        "DELETE FROM df_document WHERE id = :id",
        "DELETE FROM df_person",
        "INSERT INTO df_substitution (position_id, person_id, starts_on, ends_on, basis) "
        "VALUES (1, 1, '2026-01-01', '2026-01-02', '')",
        "INSERT INTO df_substitution (position_id, person_id, starts_on, ends_on, basis) "
        "VALUES (1, 1, '2026-01-02', '2026-01-01', '№ 1')",
        "INSERT INTO df_relation (source_id, target_id, kind) VALUES (:id, 999999, 'basis')",
    ],
)
def test_the_database_refuses(drafted: tuple[Settings, list[int]], forbidden: str) -> None:
    _, (first, second) = drafted
    for document_id in (first, second):
        world.submit(document_id, WKU.actor("clerk"))
    with pytest.raises(IntegrityError):
        db.session.execute(text(forbidden), {"id": first, "other": second})
    db.session.rollback()
    assert documents.load(first).number == "ЦПК-З-00001/2026"


def test_a_document_is_derived_once_from_a_row(awaiting: tuple[Settings, list[int]]) -> None:
    _, (first, second, _) = awaiting
    with pytest.raises(IntegrityError):
        db.session.execute(
            text("UPDATE df_relation SET key = (SELECT key FROM df_relation WHERE source_id = :a AND key IS NOT NULL) "
                 "WHERE source_id = :b AND key IS NOT NULL"),
            {"a": first, "b": second},
        )  # fmt: skip
    db.session.rollback()
