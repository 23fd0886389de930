"""Authority at the moment of signing: the post that has ended, the substitution, the role in the certificate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from docflow import demo
from docflow.config import Settings
from docflow.core.errors import Conflict, ProviderError
from docflow.core.messages import translated_by
from docflow.db import db, unit_of_work
from docflow.models import Position, Signature
from docflow.services import documents, people, signing
from docflow.services.environment import local_day
from docflow.services.standing import ROLES, signer_of
from docflow.signing.authority import EMPLOYEE, FIRST_HEAD, RIGHT_TO_SIGN
from docflow.signing.demo import DemoAuthority, issue_key
from tests.services import world
from tests.services.world import NOW, PIN, WKU

Awaiting = tuple[Settings, list[int]]
DAY = local_day(NOW)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translated_by(str):
        yield


def awaited(document_id: int) -> Signature:
    return signing.queue_of(documents.load(document_id), actor=WKU.actor("rector"))[0]


def post_of(signature: Signature) -> Position:
    found = select(Position).where(Position.person_id == signature.person_id, Position.kind == "head")
    return db.session.scalars(found).one()


def end_post(signature: Signature, *, days: int) -> None:
    with unit_of_work():
        post_of(signature).ends_on = DAY + timedelta(days=days)


def test_who_has_left_his_post_signs_no_more(awaiting: Awaiting) -> None:
    _, (first, *_) = awaiting
    rector = WKU.actor("rector")
    end_post(awaited(first), days=0)
    assert signing.begin([first], "demo", actor=rector, now=NOW), "the last day counts"
    end_post(awaited(first), days=-1)
    with pytest.raises(Conflict, match="The clerk must return the document"):
        signing.begin([first], "demo", actor=rector, now=NOW)


def test_a_post_that_ends_between_beginning_and_signing_is_noticed(awaiting: Awaiting) -> None:
    _, (first, second, *_) = awaiting
    rector = WKU.actor("rector")
    session = signing.begin([first, second], "demo", actor=rector, now=NOW)
    end_post(awaited(first), days=-1)
    results = signing.complete(session.id, PIN, actor=rector, now=NOW)
    assert [each.outcome for each in results] == ["failed", "failed"]
    assert "the post or the substitution has ended" in str(results[0].message)
    assert documents.load(first).state == "to_sign"


def _substituted(document_id: int, *, basis: str) -> None:
    signature = awaited(document_id)
    deputy = people.signatory_on(documents.load(document_id).organisation_id, "vice_rector", DAY)
    assert deputy is not None
    people.add_substitution(
        post_of(signature).id, deputy.person.id, starts_on=DAY, ends_on=DAY, basis=basis, actor=demo.ROOT
    )


def test_the_holder_does_not_sign_on_a_day_on_which_another_acts_for_him(awaiting: Awaiting) -> None:
    """The paper names him, but on this day an order has given his post to somebody else."""
    _, (first, *_) = awaiting
    _substituted(first, basis="Приказ № 7")
    with pytest.raises(Conflict, match="does not sign as"):
        signing.begin([first], "demo", actor=WKU.actor("rector"), now=NOW)
    assert signing.begin([first], "demo", actor=WKU.actor("rector"), now=NOW + timedelta(days=1))


def test_who_acts_signs_only_on_the_basis_that_is_printed(awaiting: Awaiting) -> None:
    _, (first, *_) = awaiting
    _substituted(first, basis="Приказ № 7")
    signature = awaited(first)
    deputy = people.signatory_on(documents.load(first).organisation_id, "head", DAY)
    assert deputy is not None
    with unit_of_work():
        signature.person, signature.signer_name = deputy.person, deputy.person.full_name
        signature.is_acting, signature.basis = True, "Приказ № 6"
    acting = demo.actor_for_person(deputy.person)
    with pytest.raises(Conflict, match="substitution has ended"):
        signing.begin([first], "demo", actor=acting, now=NOW)
    with unit_of_work():
        signature.basis = "Приказ № 7"
    session = signing.begin([first], "demo", actor=acting, now=NOW)
    assert session.challenge["signer"]["bin"], "he signs for the organisation, with its certificate"


@pytest.mark.parametrize(("role", "signs"), [(FIRST_HEAD, True), (RIGHT_TO_SIGN, True), (EMPLOYEE, False), ("", False)])
def test_a_head_signs_with_the_right_to_sign_only(awaiting: Awaiting, role: str, signs: bool) -> None:
    settings, (first, *_) = awaiting
    rector, signature = WKU.actor("rector"), awaited(first)
    signer = signer_of(signature, with_seal=False)
    kept = DemoAuthority(settings.demo_authority_dir).key_file(iin=signer.iin, bin=signer.bin)
    before = kept.read_bytes()
    try:
        kept.unlink()
        issue_key(
            settings.demo_authority_dir, person=signer.person_name, iin=signer.iin, bin=signer.bin,
            organisation="Университет", roles=(role,) if role else (), pin=demo.PIN, now=world.INSTALLED,
        )  # fmt: skip
        session = signing.begin([first], "demo", actor=rector, now=NOW)
        if signs:
            (result,) = signing.complete(session.id, PIN, actor=rector, now=NOW)
            assert result.outcome == "signed"
        else:
            with pytest.raises(ProviderError, match="does not give the role"):
                signing.complete(session.id, PIN, actor=rector, now=NOW)
    finally:
        kept.write_bytes(before)  # the directory of keys is shared with other tests


def test_whoever_signs_for_the_organisation_needs_its_certificate() -> None:
    assert set(ROLES) == {"head_or_acting", "authorised", "centre_head"}
    assert all(roles for roles in ROLES.values())
