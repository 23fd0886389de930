"""A commission's session from the agenda to the protocol: evidence, attendance, votes, two secretaries, signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from docflow.config import Settings
from docflow.core.errors import Conflict, Forbidden, NotFound, Refused
from docflow.db import db, unit_of_work
from docflow.models import Document, Group
from docflow.services import agenda, documents, papers, routing, sitting_page, sittings
from tests.services import seated, world

Filled = Callable[[Settings], object]
NOW, TODAY = seated.NOW, seated.NOW.date()
TEACHERS, HEADS = "teacher_protocol", "head_protocol"


@pytest.fixture
def at(installation: Callable[[str, Filled], Settings]) -> Iterator[tuple[Settings, int]]:
    """Settings and the round of an attesting body."""
    settings = installation("seated", lambda settings: seated.settle(settings))
    with world.running(settings):
        yield settings, db.session.query(Group).filter_by(code="А-1").one().id


@pytest.fixture
def group_id(at: tuple[Settings, int]) -> int:
    return at[1]


def opened(group_id: int, type_name: str = TEACHERS) -> Document:
    return sittings.open_sitting(group_id, type_name, TODAY, actor=seated.actor(), now=NOW)


def common(document: Document, minutes: int = 0) -> dict[str, Any]:
    return {"actor": seated.actor(), "version": document.version, "now": NOW + timedelta(minutes=minutes)}


def record(document: Document) -> dict[str, Any]:
    return documents.content(document)


def item_of(document: Document, name: str) -> dict[str, Any]:
    wanted = seated.application_of(name).id
    return next(item for item in record(document)["items"] if item["application_id"] == wanted)


def come(document: Document, count: int = 8) -> Document:
    return sittings.arrive(document.id, seated.member_ids()[:count], **common(document))


def ballots(document: Document, letters: str) -> dict[int, str]:
    words = {"f": "for", "a": "against", "n": "abstained", "r": "recused"}
    return {who: words[letter] for who, letter in zip(seated.member_ids(), letters, strict=False)}


def carried(document: Document, name: str, letters: str = "f" * 8, **motion: Any) -> Document:
    """Enter votes and the decision as the page does, and record it."""
    item = item_of(document, name)
    sent = {key: item[key] for key in ("conclusion", "category", "reason", "interviewed")} | motion
    sent |= {"ballots": ballots(document, letters), "decide": True}
    return sittings.fill(document.id, item["application_id"], sent, **common(document))


def codes(raised: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(each.code, each.clause.key if each.clause else "") for each in raised.value.refusals]


# ---------------------------------------------------------------- opening


def test_a_session_is_opened_from_the_order_in_force_and_what_is_accepted(group_id: int) -> None:
    document = opened(group_id)
    content = record(document)
    assert [row["person_id"] for row in content["composition"]] == seated.member_ids()
    assert (content["chair_id"], content["secretary_id"]) == (seated.member_ids()[0], document.assignee_id)
    assert (content["order_number"], content["held_on"]) == ("41-АК", TODAY.isoformat())
    surnames = [item["person"]["surname"] for item in content["items"]]
    assert surnames == ["Абаева", "Болатов", "Вагнер", "Ғалиева", "Досов", "Ералиева"]  # who is not ready comes last
    assert [bool(item["missing"]) for item in content["items"]] == [False] * 5 + [True]
    assert {other.id for kind, direction, other in documents.relations(document) if direction == "to"} >= {
        item["application_id"] for item in content["items"]
    }
    heads = record(opened(group_id, HEADS))
    assert [item["ladder"] for item in heads["items"]] == ["head"]


def test_no_iin_stands_in_the_record(group_id: int) -> None:
    about = seated.person(seated.email("raised")).iin
    assert about
    assert about not in str(record(opened(group_id)))


@pytest.mark.parametrize(
    ("days", "is_in_office"), [(-81, False), (-80, True), (365 - 80, True), (365 - 79, False)]
)  # fmt: skip
def test_a_commission_sits_within_its_year(group_id: int, days: int, is_in_office: bool) -> None:
    day = TODAY + timedelta(days=days)
    if is_in_office:
        assert sittings.open_sitting(group_id, TEACHERS, day, actor=seated.actor(), now=NOW).state == "draft"
        return
    with pytest.raises(Refused) as raised:
        sittings.open_sitting(group_id, TEACHERS, day, actor=seated.actor(), now=NOW)
    assert codes(raised) == [("commission", "KRG 16")]


def test_without_any_order_there_is_no_session(group_id: int) -> None:
    order = db.session.query(Document).filter_by(type="commission_order").one()
    with unit_of_work():
        order.state = "annulled"
    with pytest.raises(Refused) as raised:
        opened(group_id)
    assert "no order on the commission in force" in raised.value.refusals[0].message.msgid


def test_a_session_of_a_day_is_opened_once(group_id: int) -> None:
    opened(group_id)
    with pytest.raises(Conflict):
        opened(group_id)
    assert opened(group_id, HEADS).type == HEADS
    tomorrow = sittings.open_sitting(group_id, TEACHERS, TODAY + timedelta(days=1), actor=seated.actor(), now=NOW)
    assert tomorrow.state == "draft"


def test_only_clerks_of_the_unit_open_sessions(group_id: int) -> None:
    stranger = replace(seated.actor(), unit_ids=frozenset())
    with pytest.raises(NotFound):
        sittings.open_sitting(group_id, TEACHERS, TODAY, actor=stranger, now=NOW)
    with pytest.raises((Forbidden, NotFound)):
        sittings.open_sitting(group_id, TEACHERS, TODAY, actor=seated.actor(seated.MEMBERS[0]), now=NOW)
    with pytest.raises(NotFound):
        sittings.open_sitting(group_id, "conferring_order", TODAY, actor=seated.actor(), now=NOW)


# ---------------------------------------------------------------- evidence


@pytest.mark.parametrize(
    ("name", "conclusion", "category"),
    [
        ("raised", "claimed", "expert"), ("early", "claimed", "researcher"), ("kept", "current", "expert"),
        ("lowered", "lower_than_current", "expert"), ("refused", "not_conforming", ""), ("unready", "", ""),
    ],
)  # fmt: skip
def test_what_the_evidence_gives_is_put_on_the_agenda(group_id: int, name: str, conclusion: str, category: str) -> None:
    item = item_of(opened(group_id), name)
    assert (item["proposed_conclusion"], item["proposed_category"]) == (conclusion, category)
    assert (item["conclusion"], item["category"]) == (conclusion, category)
    assert all(each["text"] and each["clause"].startswith("KRG ") for each in item["reasoning"] + item["missing"])
    # The column for the reason of a refusal begins with the figures, which the commission may rewrite.
    assert ("83" in item["reason"]) is (name == "refused")


def test_a_case_is_gathered_from_sheets_test_observations_and_essay(group_id: int) -> None:
    case = sittings.case_of(seated.application_of("raised"), on=TODAY)
    assert (case.portfolio_points, case.observation_mean, case.observation_sheets) == (84, 75, 5)
    assert (case.essay_words, case.knowledge_passed, case.recommended) == (260, True, "claimed")
    early = sittings.case_of(seated.application_of("early"), on=TODAY)
    assert (early.early_met, early.procedure) == (5, "early")
    nothing = sittings.case_of(seated.application_of("unready"), on=TODAY)
    assert (nothing.portfolio_points, nothing.knowledge_passed, nothing.essay_words) == (None, None, None)


def test_of_several_members_sheets_the_setting_makes_one_result(group_id: int) -> None:
    wanted = {"claimed": "expert", "points": (70,)}
    seated.bring(group_id, seated.email("raised"), wanted, now=NOW)
    application = seated.application_of("raised")
    points = sittings.case_of(application, on=TODAY).portfolio_points
    assert points is not None
    assert points * 3 == 84 + 84 + 70
    organisation = seated.organisation_here()
    with unit_of_work():
        organisation.settings = {**organisation.settings, "portfolio_result": "lowest"}
    assert sittings.case_of(application, on=TODAY).portfolio_points == 70


def test_a_draft_sheet_is_no_evidence_and_new_evidence_is_read_on_demand(group_id: int) -> None:
    document = opened(group_id)
    sheet = next(
        each for each, _ in agenda.evidence_documents(db.session.get_one(Group, group_id))
        if each.type == "portfolio_teacher" and each.subject_id == seated.person(seated.email("early")).id
    )  # fmt: skip
    with unit_of_work():
        sheet.state = "annulled"
    page = sitting_page.view(
        document.id, actor=seated.actor(), now=NOW, application_id=seated.application_of("early").id
    )
    assert page.candidate is not None
    assert page.candidate.is_changed
    saved = sittings.renew(document.id, **common(document))
    item = item_of(saved, "early")
    assert (item["portfolio_points"], item["proposed_conclusion"]) == ("", "")
    assert item["missing"][0]["clause"] == "KRG app. 8"


# ---------------------------------------------------------------- attendance and votes


def test_a_quorum_lost_in_mid_session_stops_the_vote_until_somebody_is_back(group_id: int) -> None:
    document = come(opened(group_id), 6)
    document = carried(document, "raised", "ffffff")
    document = sittings.leave(document.id, seated.member_ids()[5], **common(document, 5))
    with pytest.raises(Refused) as raised:
        carried(document, "early", "fffff")
    assert codes(raised) == [("quorum", "KRG 18")]
    assert raised.value.refusals[0].message.params == {"present": 5, "members": 9, "needed": 6}
    document = sittings.arrive(document.id, seated.member_ids()[8:], **common(document, 20))
    item = item_of(document, "early")["application_id"]
    members = [*seated.member_ids()[:5], seated.member_ids()[8]]
    document = sittings.vote(document.id, item, dict.fromkeys(members, "for"), **common(document, 21))
    document = sittings.decide(document.id, item, **common(document, 22))
    assert item_of(document, "early")["voted_at"] == "10:22"
    assert item_of(document, "raised")["voted_at"] == "10:00"


def test_a_decision_is_recorded_with_votes_and_time(group_id: int) -> None:
    document = carried(come(opened(group_id)), "raised", "ffffaaaa")
    item = item_of(document, "raised")
    assert (item["conclusion"], item["chair_casts"], item["voted_at"]) == ("claimed", True, "10:00")
    assert len(item["votes"]) == 8
    assert [row["person_id"] for row in record(document)["signers"]] == seated.member_ids()[1:8]


def test_the_commission_may_differ_with_a_reason(group_id: int) -> None:
    document = come(opened(group_id))
    with pytest.raises(Refused) as raised:
        carried(document, "raised", conclusion="current", category="moderator")
    assert codes(raised) == [("reason", "KRG 19")]
    saved = carried(document, "raised", conclusion="current", category="moderator", reason="сабақтары төмен")
    assert item_of(saved, "raised")["reason"] == "сабақтары төмен"


def test_without_evidence_a_decision_needs_its_reason_too(group_id: int) -> None:
    document = come(opened(group_id))
    with pytest.raises(Refused) as raised:
        carried(document, "unready", conclusion="claimed", category="expert")
    assert codes(raised) == [("reason", "KRG 5")]


def test_votes_on_another_decision_are_not_carried_over(group_id: int) -> None:
    document = come(opened(group_id))
    item = item_of(document, "raised")
    sent: dict[str, Any] = {name: item[name] for name in ("conclusion", "category", "reason", "interviewed")}
    votes = ballots(document, "ffffffff")
    document = sittings.fill(document.id, item["application_id"], sent | {"ballots": votes}, **common(document))
    assert len(item_of(document, "raised")["votes"]) == 8
    # The page still shows the old votes when somebody chooses another conclusion.
    other = sent | {"conclusion": "current", "category": "moderator", "ballots": votes}
    document = sittings.fill(document.id, item["application_id"], other, **common(document))
    assert item_of(document, "raised")["votes"] == []
    fresh = other | {"reason": "х", "ballots": ballots(document, "ffffffaa")}
    document = sittings.fill(document.id, item["application_id"], fresh, **common(document))
    assert len(item_of(document, "raised")["votes"]) == 8


def test_granular_steps_do_the_same_as_the_page(group_id: int) -> None:
    document = come(opened(group_id))
    item = item_of(document, "kept")["application_id"]
    document = sittings.put(
        document.id, item, conclusion="lower_than_current", category="moderator", reason="себебі", **common(document)
    )
    document = sittings.vote(document.id, item, ballots(document, "fffffrna"), **common(document))
    document = sittings.decide(document.id, item, **common(document))
    assert item_of(document, "kept")["category"] == "moderator"
    document = sittings.take_back(document.id, item, **common(document))
    assert item_of(document, "kept")["voted_at"] == ""


def test_heads_are_decided_after_their_interview(group_id: int) -> None:
    document = come(opened(group_id, HEADS))
    with pytest.raises(Refused) as raised:
        carried(document, "head")
    assert codes(raised) == [("interview", "KRG 5 ¶2")]
    item = item_of(document, "head")["application_id"]
    document = sittings.hold_interview(document.id, item, held=True, **common(document))
    assert item_of(carried(document, "head", interviewed=True), "head")["category"] == "second"


def test_nothing_is_decided_before_the_day_of_the_session(group_id: int) -> None:
    day = TODAY + timedelta(days=1)
    document = come(sittings.open_sitting(group_id, TEACHERS, day, actor=seated.actor(), now=NOW))
    assert record(document)["attendance"][0]["arrived"] == "09:00"
    with pytest.raises(Refused) as raised:
        carried(document, "raised")
    assert codes(raised) == [("before_the_day", "KRG 18")]


def test_a_time_can_be_entered_and_must_be_one(group_id: int) -> None:
    document = opened(group_id)
    with pytest.raises(Refused) as raised:
        sittings.arrive(document.id, seated.member_ids(), at="25:00", **common(document))
    assert codes(raised) == [("time", "KRG 18")]
    document = sittings.arrive(document.id, seated.member_ids(), at="09:40", **common(document))
    assert record(document)["attendance"][0]["arrived"] == "09:40"


# ---------------------------------------------------------------- two secretaries


def test_the_second_of_two_secretaries_is_told_and_nothing_is_lost_or_doubled(group_id: int) -> None:
    document = opened(group_id)
    seen = document.version
    sittings.arrive(document.id, seated.member_ids()[:6], actor=seated.actor(), version=seen, now=NOW)
    with pytest.raises(Conflict) as raised:
        sittings.arrive(document.id, seated.member_ids()[:7], actor=seated.actor(), version=seen, now=NOW)
    assert "Цой" in str(raised.value)
    assert len(record(documents.load(document.id))["attendance"]) == 6


def test_an_application_is_decided_in_one_session_only(group_id: int) -> None:
    first = carried(come(opened(group_id)), "raised")
    tomorrow = sittings.open_sitting(group_id, TEACHERS, TODAY + timedelta(days=1), actor=seated.actor(), now=NOW)
    ids = {item["application_id"] for item in record(tomorrow)["items"]}
    assert seated.application_of("raised").id not in ids
    assert seated.application_of("early").id in ids
    assert len(record(first)["items"]) == 6


# ---------------------------------------------------------------- agenda


def test_who_is_taken_off_waits_for_another_session_and_can_be_taken_again(group_id: int) -> None:
    document = opened(group_id)
    application = seated.application_of("unready")
    document = sittings.take_off(document.id, application.id, **common(document))
    assert application.id not in {item["application_id"] for item in record(document)["items"]}
    assert application.id not in {other.id for _, direction, other in documents.relations(document)}
    page = sitting_page.view(document.id, actor=seated.actor(), now=NOW)
    assert [each.id for each in page.others] == [application.id]
    document = sittings.add_items(document.id, [application.id], **common(document))
    assert [each.id for _, direction, each in documents.relations(document) if each.id == application.id] == [
        application.id
    ]
    with pytest.raises(NotFound):
        sittings.take_off(document.id, 10**6, **common(document))


def test_the_page_says_who_is_there_and_who_is_next(group_id: int) -> None:
    document = carried(come(opened(group_id), 7), "raised", "fffffff")
    page = sitting_page.view(
        document.id, actor=seated.actor(), now=NOW, application_id=seated.application_of("raised").id
    )
    assert (page.present, page.needed, page.is_quorate, page.decided) == (7, 6, True, 1)
    assert page.following is not None
    assert page.following.application_id == seated.application_of("early").id
    assert [line.standing for line in page.lines] == ["decided", "ready", "ready", "ready", "ready", "waiting"]
    here = sitting_page.view(document.id, actor=seated.actor(), now=NOW).candidate
    assert here is not None
    assert here.application.id == seated.application_of("early").id
    assert [figure.value for figure in here.figures[:2]] == ["113", "85"]
    assert {figure.is_enough for figure in here.figures} == {True}


def test_the_list_of_sessions_counts_what_waits(group_id: int) -> None:
    opened(group_id)
    (found,) = sitting_page.rounds(actor=seated.actor())
    assert dict(found.waiting) == {TEACHERS: 6, HEADS: 1}
    assert [(day, decided, all_) for _, day, decided, all_ in found.sessions] == [(TODAY.isoformat(), 0, 6)]
    assert found.may_open
    assert sitting_page.rounds(actor=seated.actor(), group_id=10**6) == []


# ---------------------------------------------------------------- the protocol


def decide_everybody(document: Document) -> Document:
    document = sittings.take_off(document.id, seated.application_of("unready").id, **common(document))
    for item in record(document)["items"]:
        if item["conclusion"] == "not_conforming":
            document = carried(document, "refused", reason="портфолио 83 балл, 84 балл қажет")
        else:
            name = next(name for name in seated.APPLICANTS if seated.application_of(name).id == item["application_id"])
            document = carried(document, name)
    return document


def test_a_protocol_with_somebody_undecided_is_refused_with_every_reason(group_id: int) -> None:
    document = carried(come(opened(group_id)), "raised")
    with pytest.raises(Refused) as raised:
        sittings.compose(document.id, **common(document))
    assert {each.code for each in raised.value.refusals} == {"every_item_is_decided"}
    assert sorted(each.row or 0 for each in raised.value.refusals) == [2, 3, 4, 5, 6]
    assert sittings.refusals(document, actor=seated.actor(), now=NOW) == raised.value.refusals


def test_the_protocol_is_composed_and_signed_by_everybody_who_was_there(at: tuple[Settings, int]) -> None:
    settings, group_id = at
    document = decide_everybody(come(opened(group_id)))
    composed = sittings.compose(document.id, **common(document))
    assert (composed.state, composed.registered_on) == ("to_sign", TODAY)
    slots = [(each.slot, each.person_id) for each in papers.signatures_of(composed)]
    ids = seated.member_ids()
    assert slots == [
        *((f"member-{place}", who) for place, who in enumerate(ids[1:8], start=1)),
        ("secretary", seated.person(seated.SECRETARY).id), ("chair", ids[0]),
    ]  # fmt: skip
    world.sign_all(settings, composed.id, NOW + timedelta(hours=1))
    assert documents.load(composed.id).state == "in_force"
    assert agenda.undecided(db.session.get_one(Group, group_id), TEACHERS) == [seated.application_of("unready")]


def test_a_returned_protocol_is_a_session_again(at: tuple[Settings, int]) -> None:
    _, group_id = at
    document = decide_everybody(come(opened(group_id)))
    composed = sittings.compose(document.id, **common(document))
    routing.perform(composed.id, "return", actor=seated.actor(), now=NOW, comment="Қате бар.")
    draft = documents.load(composed.id)
    again = sittings.take_back(draft.id, seated.application_of("raised").id, **common(draft))
    assert item_of(again, "raised")["voted_at"] == ""


def test_the_secretary_who_holds_the_draft_keeps_the_session(group_id: int) -> None:
    """The session is in the hands of the order's secretary, whoever has opened it."""
    document = opened(group_id)
    secretary = seated.actor()
    other = replace(secretary, account_id=None, roles=frozenset(), unit_ids=frozenset())
    assert (
        sittings.arrive(document.id, seated.member_ids()[:1], actor=other, version=document.version, now=NOW).version
        > 1
    )
    with pytest.raises(NotFound):
        sittings.get(document.id, actor=seated.actor(seated.MEMBERS[1]))
    with pytest.raises(NotFound):
        sittings.get(seated.application_of("raised").id, actor=secretary)
