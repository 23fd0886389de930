"""A session of an attestation commission as its record shows it: who is there, how a vote stands, what is against it.

The record is the content of a protocol; times of day are texts, ``09:05``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from docflow.core.messages import Message, _l
from docflow.core.regulations import Clause, Profile, Text
from docflow.core.rules import Content, Refusal
from docflow.core.voting import MajorityOf, Presence, Result, Vote, decide, majority, present_at
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import HEAD_CONCLUSIONS, LADDERS, TEACHER_CONCLUSIONS, Conclusion
from docflow.regulations.krg.commission import session_quorum

# Teachers have a protocol of their own, Appendix 2; heads and deputies share Appendix 12.
FAMILIES: Mapping[str, tuple[str, ...]] = {"teacher_protocol": ("teacher",), "head_protocol": ("head", "deputy")}
# Who asks for less than an attestation is answered yes or no; so is who asks for it before the term (42 ¶2).
ANSWERED = ("early", "without_attestation", "retention", "prepension")


# What the commission may conclude, in the words of clauses 19 and 46 and of Appendix 2.
CONCLUSION_TITLES: Mapping[str, Text] = {
    Conclusion.CLAIMED: Text(
        "мәлімделген біліктілік санатына сәйкес келеді",
        "соответствует заявленной категории",
        "conforms to the claimed category",
    ),
    Conclusion.CURRENT: Text(
        "қолданыстағы біліктілік санатына сәйкес келеді",
        "соответствует имеющейся категории",
        "conforms to the current category",
    ),
    Conclusion.LOWER_THAN_CURRENT: Text(
        "қолданыстағы біліктілік санатынан төмен біліктілік санатына сәйкес келеді",
        "соответствует категории ниже имеющейся",
        "conforms to a category lower than the current one",
    ),
    Conclusion.LOWER_THAN_CLAIMED: Text(
        "мәлімделген біліктілік санатынан төмен біліктілік санатына сәйкес келеді",
        "соответствует категории ниже заявленной",
        "conforms to a category lower than the claimed one",
    ),
    Conclusion.NOT_CONFORMING: Text(
        "мәлімделген біліктілік санатына сәйкес келмейді",
        "не соответствует заявленной категории",
        "does not conform to the claimed category",
    ),
}
PROCEDURE_TITLES: Mapping[str, Text] = {
    "regular": Text("кезекті", "очередная", "regular"),
    "early": Text("мерзімінен бұрын", "досрочная", "before the term"),
    "without_attestation": Text("аттестаттау рәсімінен өтпей", "без аттестации", "without attestation"),
    "retention": Text("санатты сақтай отырып", "с сохранением категории", "keeping the category"),
    "prepension": Text(
        "зейнеткерлік жасқа дейін санатты сақтау", "сохранение до пенсионного возраста", "kept until pension age"
    ),
    "old_category": Text("бұрынғы санаты бойынша", "по прежней категории", "on an old category"),
}


class Ballot(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAINED = "abstained"
    RECUSED = "recused"  # in the room, but no voter of this item


@dataclass(frozen=True)
class Tally:
    """How the vote on one item stands at a moment.

    ``missing`` are present and have not voted; ``strangers`` have voted and are not present. ``result``
    is ``None`` until everybody present has voted and the session is quorate.
    """

    at: str
    members: int
    present: frozenset[int]
    needed: int
    counts: Mapping[Ballot, int]
    voters: int
    majority: int
    missing: frozenset[int]
    strangers: frozenset[int]
    result: Result | None
    chair_casts: bool

    @property
    def is_quorate(self) -> bool:
        return len(self.present) >= self.needed


def member_ids(record: Content) -> tuple[int, ...]:
    return tuple(row["person_id"] for row in record.get("composition") or () if row.get("person_id"))


def items_of(record: Content) -> list[Mapping[str, Any]]:
    return list(record.get("items") or ())


def stays(record: Content) -> Iterator[Presence]:
    """Every stay of a member at the session; a row without a time of arrival is none."""
    for row in record.get("attendance") or ():
        if row.get("arrived") and row.get("person_id"):
            left = _moment(record, row["left"]) if row.get("left") else None
            yield Presence(str(row["person_id"]), _moment(record, row["arrived"]), left)


def _moment(record: Content, at: str) -> datetime:
    # One zone for a whole session: only the order of its moments matters.
    day = date.fromisoformat(record["held_on"]) if record.get("held_on") else date.min
    return datetime.combine(day, time.fromisoformat(at), tzinfo=UTC)


def present_members(record: Content, at: str) -> frozenset[int]:
    """Who of the commission is in the room at *at*; the secretary and guests do not count (clause 17)."""
    inside = {int(member) for member in present_at(stays(record), _moment(record, at))} if at else set()
    return frozenset(inside & set(member_ids(record)))


def latest_moment(record: Content) -> str:
    """The last moment that the record knows; empty before anything has happened."""
    rows = record.get("attendance") or ()
    times = [row.get(end) or "" for row in rows for end in ("arrived", "left")]
    return max([*times, last_vote(record)], default="")


def last_vote(record: Content) -> str:
    return max((item.get("voted_at") or "" for item in items_of(record)), default="")


def is_decided(item: Content) -> bool:
    """Whether the commission has voted and the vote is recorded."""
    return bool(item.get("voted_at") and item.get("conclusion"))


def is_on_the_same_test(item: Content, other: Content) -> bool:
    """Whether two decisions rest on one table of the knowledge test: after an accepted appeal there is another."""
    return str(item.get("knowledge_number") or "") == str(other.get("knowledge_number") or "")


def tally(record: Content, item: Content, *, at: str, profile: Profile) -> Tally:
    """Count the votes on *item* as they stand at *at*; nobody counts by hand (clause 18)."""
    present, members = present_members(record, at), member_ids(record)
    cast = {vote["person_id"]: Ballot(vote["vote"]) for vote in item.get("votes") or ()}
    counts = {ballot: sum(1 for who in present if cast.get(who) is ballot) for ballot in Ballot}
    voters = len(present) - counts[Ballot.RECUSED]
    majority_of, needed = MajorityOf(profile.setting("majority_of")), session_quorum(len(members))
    missing, strangers = present - cast.keys(), frozenset(cast.keys() - present)
    chair = cast.get(record.get("chair_id") or 0) if record.get("chair_id") in present else None
    result, casts = None, False
    if len(present) >= needed and not missing and not strangers:
        result, casts = _result(counts, chair, voters=voters, members=len(members), majority_of=majority_of)
    half = majority(voters if majority_of is MajorityOf.PRESENT else len(members))
    return Tally(at, len(members), present, needed, counts, voters, half, missing, strangers, result, casts)


def _result(
    counts: Mapping[Ballot, int], chair: Ballot | None, *, voters: int, members: int, majority_of: MajorityOf
) -> tuple[Result, bool]:
    votes_for, votes_against = counts[Ballot.FOR], counts[Ballot.AGAINST]
    chair_for = chair is Ballot.FOR if chair in (Ballot.FOR, Ballot.AGAINST) else None
    result = decide(Vote(votes_for, votes_against, chair_for), present=voters, members=members, majority_of=majority_of)
    return result, result is not Result.UNDECIDED and votes_for == votes_against


# ---------------------------------------------------------------- what stands against a vote or a decision


def quorum_refusal(present: int, members: int) -> Refusal | None:
    """Clause 18: a session is lawful with at least two thirds of the composition."""
    needed = session_quorum(members)
    if present >= needed:
        return None
    text = _l(
        "%(present)s of %(members)s members are present and %(needed)s are needed: no vote is taken until more come "
        "back.",
        present=present, members=members, needed=needed,
    )  # fmt: skip
    return Refusal("quorum", text, KRG.clause("18"))


def vote_refusals(record: Content, item: Content, *, at: str, profile: Profile) -> list[Refusal]:
    """Say what stands against recording the vote on *item* as it is: quorum, who voted, the majority."""
    found = tally(record, item, at=at, profile=profile)
    quorum = quorum_refusal(len(found.present), found.members)
    if quorum is not None:
        return [quorum]
    refusals = [
        *(_refusal("vote_missing", "18 ¶2", _l("%(name)s is present and has not voted.", name=name_of(record, who)))
          for who in sorted(found.missing)),
        *(_refusal("vote_of_absent", "17",
                   _l("%(name)s has a vote here and was not in the room.", name=name_of(record, who)))
          for who in sorted(found.strangers)),
        *_on_himself(record, item),
    ]  # fmt: skip
    if not refusals and found.result is not Result.CARRIED:
        refusals.append(_refusal("majority", "18 ¶2", _not_carried(found)))
    return refusals


def _on_himself(record: Content, item: Content) -> list[Refusal]:
    """Whoever is to be attested does not belong on the commission; he is at least no judge of his own case."""
    own = [each["vote"] for each in item.get("votes") or () if each["person_id"] == item.get("person_id")]
    if not set(own) - {Ballot.RECUSED.value}:
        return []
    text = _l("%(name)s does not vote on himself: mark him as recused.", name=name_of(record, item["person_id"]))
    return [_refusal("vote_on_himself", "15", text)]


def _not_carried(found: Tally) -> Message:
    counts = {"yes": found.counts[Ballot.FOR], "no": found.counts[Ballot.AGAINST], "needed": found.majority}
    if found.result is Result.REJECTED:
        return _l("%(no)s of the members are against and %(yes)s for it: put another decision to the vote.", **counts)
    return _l(
        "%(yes)s for, %(no)s against, and a majority is %(needed)s: nothing is decided. Talk it over and vote again.",
        **counts,
    )


def decision_refusals(item: Content, family: str) -> list[Refusal]:
    """Say what is wrong with the decision itself: its conclusion, its category, its reason, the interview."""
    return [found for check in (_conclusion, _category, _reason, _interview) if (found := check(item, family))]


def conclusions_of(item: Content, family: str) -> Mapping[Conclusion, Clause]:
    """The conclusions that are open for *item*, with their clauses: 19 for teachers, 46 for heads and deputies."""
    known = TEACHER_CONCLUSIONS if family == "teacher_protocol" else HEAD_CONCLUSIONS
    return {one: clause for one, clause in known.items() if categories_of(item, one, family) is not None}


def categories_of(item: Content, conclusion: Conclusion, family: str) -> tuple[str, ...] | None:
    """The categories that go with a conclusion, highest first; ``None`` where it cannot be drawn for this person."""
    found = _categories(item, conclusion, family)
    if item.get("proposed_conclusion") != conclusion:
        return found
    proposed = item.get("proposed_category") or ""
    return tuple(dict.fromkeys((proposed, *(found or ()))))


def _categories(item: Content, conclusion: Conclusion, family: str) -> tuple[str, ...] | None:
    current, claimed = item.get("current") or "", item.get("claimed") or ""
    if conclusion is Conclusion.CLAIMED:
        return (claimed,) if claimed else None
    if conclusion is Conclusion.CURRENT:
        return (current,) if current and (current != claimed or keeps(item)) else None
    if conclusion is Conclusion.NOT_CONFORMING:
        return ("",) if family == "head_protocol" or item.get("procedure") in ANSWERED or not current else None
    if conclusion is Conclusion.LOWER_THAN_CLAIMED:
        return _lower(item, claimed)
    # An old category leads to the claimed one and is none of the ladder: clause 32.
    return _lower(item, current or (claimed if item.get("procedure") == "old_category" else ""))


def _lower(item: Content, than: str) -> tuple[str, ...] | None:
    categories = LADDERS[item["ladder"]].categories
    return (tuple(reversed(categories[: categories.index(than)])) or None) if than in categories else None


def keeps(item: Content) -> bool:
    """Whether the person asks for no more than to keep the category: clauses 34 and 35."""
    return bool(item.get("current")) and item.get("procedure") in ("retention", "prepension")


def _conclusion(item: Content, family: str) -> Refusal | None:
    clause = "19" if family == "teacher_protocol" else "46"
    if not item.get("conclusion"):
        return _refusal("undecided", clause, _l("%(name)s: choose the conclusion.", name=names(item)))
    if Conclusion(item["conclusion"]) in conclusions_of(item, family):
        return None
    text = _l("%(name)s: the commission cannot draw this conclusion here; choose another.", name=names(item))
    return _refusal("conclusion", clause, text)


def _category(item: Content, family: str) -> Refusal | None:
    if not item.get("conclusion"):
        return None
    allowed = categories_of(item, Conclusion(item["conclusion"]), family)
    if allowed is None or (item.get("category") or "") in allowed:
        return None
    text = _l("%(name)s: the category does not go with the conclusion; choose it again.", name=names(item))
    return _refusal("category", "19" if family == "teacher_protocol" else "46", text)


def differs(item: Content) -> bool:
    """Whether the decision is another one than was worked out from the evidence."""
    proposed = item.get("proposed_conclusion") or "", item.get("proposed_category") or ""
    return (item.get("conclusion") or "", item.get("category") or "") != proposed


def needs_reason(item: Content) -> bool:
    """A decision that differs from the proposal says why; so does a refusal, whose table has a column for it."""
    return differs(item) or item.get("conclusion") == Conclusion.NOT_CONFORMING


def _reason(item: Content, family: str) -> Refusal | None:
    if not item.get("conclusion") or not needs_reason(item) or (item.get("reason") or "").strip():
        return None
    if differs(item) and not item.get("proposed_conclusion"):
        text = _l("%(name)s: evidence is missing; enter the reason for deciding without it.", name=names(item))
        return _refusal("reason", "5", text)
    if differs(item):
        text = _l("%(name)s: the decision differs from what was worked out; enter the reason.", name=names(item))
        return _refusal("reason", "19" if family == "teacher_protocol" else "46", text)
    text = _l("%(name)s: the protocol has a column for the reason of a refusal; enter it.", name=names(item))
    clause = KRG.appendix(2 if family == "teacher_protocol" else 12)
    return Refusal("reason", text, clause)


def must_be_interviewed(item: Content) -> bool:
    """Clause 5: heads and deputies present their results and are interviewed; who only keeps a category is not."""
    return item.get("ladder") in ("head", "deputy") and item.get("procedure") not in ("retention", "prepension")


def _interview(item: Content, family: str) -> Refusal | None:
    if not must_be_interviewed(item) or item.get("interviewed"):
        return None
    text = _l("%(name)s: a head is interviewed at the session; mark the interview when it is held.", name=names(item))
    return _refusal("interview", "5 ¶2", text)


def _refusal(code: str, clause: str, message: Message) -> Refusal:
    return Refusal(code, message, KRG.clause(clause))


# ---------------------------------------------------------------- the commission


@dataclass(frozen=True)
class Commission:
    """Who sits by an order: its members with their names, the chair among them, the secretary beside them."""

    name: str
    members: tuple[Mapping[str, Any], ...]
    chair_id: int | None
    secretary_id: int | None
    secretary: Mapping[str, Any]

    @property
    def member_ids(self) -> tuple[int, ...]:
        return tuple(row["person_id"] for row in self.members if row.get("person_id"))


def commission_of(order: Content) -> Commission:
    """Read the content of an order on a commission; its chair is named, or marked among the members."""
    members = tuple(order.get("members") or ())
    marked = next((row.get("person_id") for row in members if row.get("is_chair")), None)
    secretary = order.get("secretary") or {}
    return Commission(
        name=str(order.get("commission_name") or ""),
        members=members,
        chair_id=order.get("chair_id") or marked,
        secretary_id=order.get("secretary_id") or secretary.get("person_id"),
        secretary=secretary.get("person") or secretary,
    )


# ---------------------------------------------------------------- names


def names(row: Content) -> str:
    person = row.get("person") or {}
    return " ".join(part for part in (person.get("surname"), person.get("given_name")) if part)


def name_of(record: Content, person_id: int) -> str:
    """The member's name as the composition has it."""
    rows = (*(record.get("composition") or ()), *(record.get("attendance") or ()))
    return next((names(row) for row in rows if row.get("person_id") == person_id), str(person_id))
