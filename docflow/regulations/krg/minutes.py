"""What may happen at a session of an attestation commission, as changes of its record.

Each function gives a new record, or raises ``Refused`` with every reason and changes nothing. The clock of
a record never runs backwards, so that who was in the room at a vote cannot change afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from enum import StrEnum
from typing import Any

from docflow.core.errors import NotFound, Refused
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile
from docflow.core.rules import Content, Refusal
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import Conclusion
from docflow.regulations.krg.session import (
    Ballot,
    decision_refusals,
    is_decided,
    items_of,
    keeps,
    last_vote,
    latest_moment,
    member_ids,
    name_of,
    present_members,
    quorum_refusal,
    tally,
    vote_refusals,
)

Record = dict[str, Any]
NOT_RECORDED = _l("This is not recorded.")
LAST_MINUTE = "23:59"
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def clock(record: Content, wall: str) -> str:
    """The moment at which something happens now: the wall's, but never before what is recorded already."""
    return max(wall, latest_moment(record))


def next_minute(at: str) -> str:
    minutes = int(at[:2]) * 60 + int(at[3:]) + 1
    return f"{minutes // 60:02}:{minutes % 60:02}" if minutes < 24 * 60 else LAST_MINUTE


def is_time(text: str) -> bool:
    return _TIME.fullmatch(text) is not None


# ---------------------------------------------------------------- who is there


def arrive(record: Content, person_ids: Iterable[int], *, at: str) -> Record:
    """Members come in; who is in the room already stays as he is."""
    changed, at = _copy(record), _after_votes(record, at)
    inside = present_members(record, at)
    for person_id in person_ids:
        if person_id not in inside:
            changed["attendance"].append(_stay(changed, person_id, at))
    return _settled(changed)


def leave(record: Content, person_id: int, *, at: str) -> Record:
    """A member goes; his votes on what is not decided yet go with him."""
    changed, at = _copy(record), _after_votes(record, at)
    open_stays = [row for row in changed["attendance"] if row["person_id"] == person_id and not row["left"]]
    if not open_stays:
        text = _l("%(name)s is not in the room.", name=name_of(record, person_id))
        raise Refused(NOT_RECORDED, [Refusal("not_present", text, KRG.clause("17"))])
    for row in open_stays:
        if at <= row["arrived"]:
            changed["attendance"].remove(row)  # he has not been there for a minute
        else:
            row["left"] = at
    for item in changed["items"]:
        if not is_decided(item):
            item["votes"] = [vote for vote in item["votes"] if vote["person_id"] != person_id]
    return _settled(changed)


def _after_votes(record: Content, at: str) -> str:
    """Refuse a moment before the last recorded vote; at its very minute people come and go just after it."""
    voted = last_vote(record)
    later = next_minute(at) if at == voted else at
    if later <= voted:
        text = _l("A vote is recorded at %(voted)s: enter a later time, or take the vote back first.", voted=voted)
        raise Refused(NOT_RECORDED, [Refusal("before_a_vote", text, KRG.clause("18"), field="at")])
    return later


def _stay(record: Record, person_id: int, at: str) -> dict[str, Any]:
    for row in record["composition"]:
        if row["person_id"] == person_id:
            return {"person": dict(row["person"]), "person_id": person_id, "arrived": at, "left": ""}
    text = _l("Only members of the commission stand in the attendance: nobody stands in for a member.")
    raise Refused(NOT_RECORDED, [Refusal("not_a_member", text, KRG.clause("17"))])


# ---------------------------------------------------------------- votes


def put(record: Content, application_id: int, *, conclusion: str, category: str, reason: str) -> Record:
    """Put a decision to the vote; votes on another decision about the same person are void."""
    _refuse_unknown([conclusion], Conclusion)
    changed = _copy(record)
    item = _open_item(changed, application_id)
    if (item["conclusion"], item["category"]) != (conclusion, category):
        item["votes"] = []
    item.update(conclusion=conclusion, category=category, reason=reason)
    return changed


def vote(record: Content, application_id: int, ballots: Mapping[int, str], *, at: str) -> Record:
    """Write down how members vote; an empty ballot takes a vote back. Without a quorum nobody votes."""
    _refuse_unknown(ballots.values(), Ballot)
    changed = _copy(record)
    item, present = _open_item(changed, application_id), present_members(record, at)
    quorum = quorum_refusal(len(present), len(member_ids(record)))
    if quorum is not None and any(ballots.values()):
        raise Refused(NOT_RECORDED, [quorum])
    refusals = [_not_there(record, who) for who, ballot in ballots.items() if ballot and who not in present]
    if refusals:
        raise Refused(NOT_RECORDED, refusals)
    cast = {each["person_id"]: each["vote"] for each in item["votes"]} | dict(ballots)
    item["votes"] = [{"person_id": who, "vote": Ballot(cast[who]).value} for who in member_ids(record) if cast.get(who)]
    return changed


def _refuse_unknown(sent: Iterable[str], known: type[StrEnum]) -> None:
    """A page offers only what there is; anything else is somebody's own request."""
    if set(sent) - {"", *(each.value for each in known)}:
        raise NotFound(_l("There is no such vote and no such conclusion."))


def _not_there(record: Content, person_id: int) -> Refusal:
    text = _l("%(name)s is not in the room and has no vote.", name=name_of(record, person_id))
    return Refusal("vote_of_absent", text, KRG.clause("17"))


def decide(record: Content, application_id: int, *, at: str, family: str, profile: Profile) -> Record:
    """Record the decision that was put, if the commission is quorate and its majority is for it."""
    changed = _copy(record)
    item = _open_item(changed, application_id)
    refusals = [*decision_refusals(item, family), *vote_refusals(changed, item, at=at, profile=profile)]
    if refusals:
        raise Refused(NOT_RECORDED, refusals)
    item.update(voted_at=at, chair_casts=tally(changed, item, at=at, profile=profile).chair_casts)
    # A category that is only kept ends by the decision itself, any other by the order that follows.
    item["valid_until"] = item["proposed_until"] if keeps(item) and item["conclusion"] == Conclusion.CURRENT else ""
    return _settled(changed)


def take_back(record: Content, application_id: int) -> Record:
    """Open a decision again: its votes are void, as if it had not been voted on."""
    changed = _copy(record)
    item = _item(changed, application_id)
    item.update(voted_at="", chair_casts=False, valid_until="", votes=[])
    return _settled(changed)


def hold_interview(record: Content, application_id: int, *, held: bool) -> Record:
    changed = _copy(record)
    _open_item(changed, application_id)["interviewed"] = held
    return changed


# ---------------------------------------------------------------- the agenda


def add_items(record: Content, items: Sequence[Content]) -> Record:
    """Take applications on the agenda; one that stands there already is not doubled."""
    changed = _copy(record)
    known = {item["application_id"] for item in changed["items"]}
    changed["items"] += [dict(item) for item in items if item["application_id"] not in known]
    return changed


def take_off(record: Content, application_id: int) -> Record:
    """Take an application off the agenda; a decision is taken back first."""
    changed = _copy(record)
    changed["items"].remove(_open_item(changed, application_id))
    return changed


def renew(record: Content, item: Content) -> Record:
    """Put newly gathered evidence in the place of the old; votes on another proposal are void."""
    changed = _copy(record)
    known = _open_item(changed, item["application_id"])
    kept = {"interviewed": known["interviewed"]}
    if all(known[name] == item[name] for name in ("proposed_conclusion", "proposed_category")):
        kept |= {name: known[name] for name in ("votes", "conclusion", "category", "reason")}
    known.update({**item, **kept})
    return changed


def _item(record: Record, application_id: int) -> Record:
    for item in record["items"]:
        if item["application_id"] == application_id:
            found: Record = item
            return found
    raise NotFound(_l("This application is not on the agenda of the session."))


def _open_item(record: Record, application_id: int) -> Record:
    item = _item(record, application_id)
    if is_decided(item):
        raise Refused(NOT_RECORDED, [Refusal("decided", _decided(item), KRG.clause("19"))])
    return item


def _decided(item: Content) -> Message:
    return _l("This is decided, at %(at)s: take the decision back first.", at=item["voted_at"])


def _copy(record: Content) -> Record:
    changed = deepcopy(dict(record))
    for name in ("composition", "attendance", "items", "signers"):
        changed[name] = list(changed.get(name) or ())
    return changed


def _settled(record: Record) -> Record:
    """Name as signers the members who were there at a vote, but the chair, who signs after them."""
    there = {who for item in items_of(record) if is_decided(item) for who in present_members(record, item["voted_at"])}
    record["signers"] = [
        {"person": dict(row["person"]), "person_id": row["person_id"]}
        for row in record["composition"]
        if row["person_id"] in there and row["person_id"] != record.get("chair_id")
    ]
    return record
