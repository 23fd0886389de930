"""What the page of a session shows: who is there, the agenda, and everything about the person who is being decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor, Permission, Role
from docflow.core.regulations import Clause, Profile, Text
from docflow.core.rules import Content
from docflow.models import Document, Group
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import LADDERS, Conclusion
from docflow.regulations.krg.commission import session_quorum
from docflow.regulations.krg.decision import Case, Proposal, Reason, propose, shown
from docflow.regulations.krg.evidence import RESULTS, SUMMARY, points_needed, supporting, waits_for
from docflow.regulations.krg.session import (
    CONCLUSION_TITLES,
    FAMILIES,
    PROCEDURE_TITLES,
    Tally,
    categories_of,
    conclusions_of,
    is_decided,
    items_of,
    member_ids,
    must_be_interviewed,
    present_members,
    tally,
)
from docflow.services import agenda, documents, groups, papers, sittings

NOBODY = Text("", "")
QUORUM, TIE = KRG.clause("18"), KRG.clause("18 ¶2")


@dataclass(frozen=True)
class Seat:
    """A member of the commission: in the room or not, and every stay as (came, left)."""

    person_id: int
    person: Mapping[str, Any]
    is_chair: bool
    is_present: bool
    stays: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """One person of the agenda. ``standing`` is ``decided``, ``voting``, ``ready`` or ``waiting`` (for evidence)."""

    application_id: int
    place: int
    person: Mapping[str, Any]
    claimed: Text
    procedure: Text | None
    standing: str
    missing: int
    decision: Text | None


@dataclass(frozen=True)
class Option:
    """A conclusion that may be put to the vote, and the categories that go with it."""

    conclusion: str
    title: Text
    clause: Clause
    categories: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Figure:
    """One kind of evidence: what there is, what is needed, and the documents behind it."""

    title: Message
    value: str | Message
    needed: str
    is_enough: bool | None
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class Candidate:
    """The person who is being decided. ``proposal`` is worked out from the evidence of this moment."""

    item: Content
    application: Document
    current: Text
    claimed: Text
    procedure: Text
    proposal: Proposal
    proposed: Text
    reasons: tuple[Reason, ...]
    missing: tuple[Reason, ...]
    is_changed: bool
    figures: tuple[Figure, ...]
    ballots: tuple[tuple[Seat, str], ...]
    tally: Tally
    options: tuple[Option, ...]
    is_interviewed_here: bool
    is_decided: bool
    decision: Text | None
    until: date | None

    @property
    def clause(self) -> Clause:
        """How votes are counted, and what an even number of them means."""
        return TIE


@dataclass(frozen=True)
class Page:
    """A session as it stands at ``at``."""

    document: Document
    record: Content
    at: str
    seats: tuple[Seat, ...]
    needed: int
    lines: tuple[Line, ...]
    candidate: Candidate | None
    others: tuple[Document, ...]
    may_edit: bool

    @property
    def clause(self) -> Clause:
        """What a quorum is."""
        return QUORUM

    @property
    def present(self) -> int:
        return sum(seat.is_present for seat in self.seats)

    @property
    def is_quorate(self) -> bool:
        return self.present >= self.needed

    @property
    def decided(self) -> int:
        return sum(line.standing == "decided" for line in self.lines)

    @property
    def following(self) -> Line | None:
        """Whom the session turns to next: the first after this one who is not decided, else the first at all."""
        here = self.candidate.item["application_id"] if self.candidate else None
        open_lines = [line for line in self.lines if line.standing != "decided" and line.application_id != here]
        place = next((line.place for line in self.lines if line.application_id == here), 0)
        return next((line for line in open_lines if line.place > place), open_lines[0] if open_lines else None)


def view(
    document_id: int,
    *,
    actor: Actor,
    now: datetime,
    application_id: int | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Page:
    """Gather the page; *typed* is what somebody has sent and could not be saved, so that he sees it again."""
    document = sittings.get(document_id, actor=actor)
    record = documents.content(document)
    profile = papers.profile_of(document.organisation)
    at = sittings.moment(document, now=now)
    seats = _seats(record, at)
    item = _chosen(record, application_id)
    return Page(
        document=document,
        record=record,
        at=at,
        seats=seats,
        needed=session_quorum(len(member_ids(record))),
        lines=tuple(_line(place, each) for place, each in enumerate(items_of(record), start=1)),
        candidate=_candidate(document, record, item, seats, at, profile, typed or {}) if item else None,
        others=_others(document, record),
        may_edit=Permission.EDIT in documents.permissions(document, actor=actor),
    )


def _seats(record: Content, at: str) -> tuple[Seat, ...]:
    present = present_members(record, at)
    return tuple(
        Seat(
            row["person_id"],
            row["person"],
            row["person_id"] == record.get("chair_id"),
            row["person_id"] in present,
            tuple(
                (stay["arrived"], stay["left"])
                for stay in record.get("attendance") or ()
                if stay["person_id"] == row["person_id"]
            ),
        )
        for row in record.get("composition") or ()
    )


def _chosen(record: Content, application_id: int | None) -> Content | None:
    """The item that is asked for, else the first that is not decided yet."""
    items = items_of(record)
    named = [item for item in items if item["application_id"] == application_id]
    waiting = [item for item in items if not is_decided(item)]
    return next(iter((*named, *waiting, *items)), None)


def _others(document: Document, record: Content) -> tuple[Document, ...]:
    """Applications of the round that could be taken on the agenda."""
    group = documents.group_of(document)
    if group is None or document.state != "draft":
        return ()
    here = {item["application_id"] for item in items_of(record)}
    return tuple(each for each in agenda.undecided(group, document.type) if each.id not in here)


def category(ladder: str, key: str | None) -> Text:
    return LADDERS[ladder].titles.get(key or "", NOBODY)


def _line(place: int, item: Content) -> Line:
    standing = "waiting" if item.get("missing") else "ready"
    if is_decided(item):
        standing = "decided"
    elif item.get("votes"):
        standing = "voting"
    return Line(
        item["application_id"],
        place,
        item["person"],
        category(item["ladder"], item.get("claimed")),
        PROCEDURE_TITLES[item["procedure"]] if item["procedure"] != "regular" else None,
        standing,
        len(item.get("missing") or ()),
        _decision(item),
    )


def _decision(item: Content) -> Text | None:
    if not is_decided(item):
        return None
    given = category(item["ladder"], item.get("category"))
    return given if given.kk else CONCLUSION_TITLES[item["conclusion"]]


def _candidate(
    document: Document,
    record: Content,
    item: Content,
    seats: Sequence[Seat],
    at: str,
    profile: Profile,
    typed: Mapping[str, Any],
) -> Candidate:
    application = documents.load(item["application_id"])
    case = sittings.case_of(application, on=date.fromisoformat(record["held_on"]), interviewed=item["interviewed"])
    proposal = propose(case, profile)
    missing = waits_for(proposal)
    cast = {each["person_id"]: each["vote"] for each in item["votes"]} | dict(typed.get("ballots") or {})
    kept = {name: typed[name] for name in ("conclusion", "category", "reason", "interviewed") if name in typed}
    return Candidate(
        item={**item, **kept},
        application=application,
        current=category(case.ladder, case.current),
        claimed=category(case.ladder, case.claimed),
        procedure=PROCEDURE_TITLES[case.procedure],
        proposal=proposal,
        proposed=category(case.ladder, proposal.category),
        reasons=supporting(proposal) if missing else proposal.reasons,
        missing=missing,
        is_changed=_is_changed(item, proposal, missing) and not is_decided(item),
        figures=tuple(_figures(document, application, case, profile)),
        ballots=tuple((seat, cast.get(seat.person_id, "")) for seat in seats),
        tally=tally(record, item, at=item.get("voted_at") or at, profile=profile),
        options=_options(item, document.type),
        is_interviewed_here=must_be_interviewed(item),
        is_decided=is_decided(item),
        decision=CONCLUSION_TITLES[item["conclusion"]] if is_decided(item) else None,
        until=date.fromisoformat(item["valid_until"]) if item.get("valid_until") else None,
    )


def _is_changed(item: Content, proposal: Proposal, missing: Sequence[Reason]) -> bool:
    """Whether the evidence gives another proposal now than was put on the agenda."""
    now = ("", "") if missing else (proposal.conclusion.value, proposal.category)
    return now != (item.get("proposed_conclusion") or "", item.get("proposed_category") or "")


def _options(item: Content, family: str) -> tuple[Option, ...]:
    return tuple(
        Option(
            one.value,
            CONCLUSION_TITLES[one],
            clause,
            tuple((key, category(item["ladder"], key)) for key in _choices(item, one, family) if key),
        )
        for one, clause in conclusions_of(item, family).items()
    )


def _choices(item: Content, conclusion: Conclusion, family: str) -> tuple[str, ...]:
    return categories_of(item, conclusion, family) or ()


# ---------------------------------------------------------------- figures


def _figures(document: Document, application: Document, case: Case, profile: Profile) -> Iterable[Figure]:
    """Each kind of evidence that counts for this person, with its figures and the papers behind it."""
    if not case.needs_evidence:
        return
    group = documents.group_of(document)
    found = agenda.evidence_documents(group, person_id=application.subject_id) if group else []
    yield _portfolio(case, profile, _of(found, "portfolio_"))
    if case.is_observed:
        yield _observed(case, profile, _of(found, "observation_"))
    if case.needs_knowledge:
        yield _knowledge(case, _results(found, application.subject_id))
    if case.is_teacher:
        yield _essay(case, profile, _of(found, "essay"))
    if case.confirmed_by or profile.setting("analytical_summary") == "required":
        yield _summary(case, _of(found, SUMMARY))


def _of(found: Iterable[tuple[Document, Content]], prefix: str) -> tuple[Document, ...]:
    return tuple(document for document, _ in found if document.type.startswith(prefix))


def _results(found: Iterable[tuple[Document, Content]], person_id: int | None) -> tuple[Document, ...]:
    """The tables of the knowledge test that name the person: an appeal, or a later application, has one of its own."""
    return tuple(
        document
        for document, content in found
        if document.type == RESULTS and any(row.get("person_id") == person_id for row in content.get("rows") or ())
    )


def _portfolio(case: Case, profile: Profile, sheets: tuple[Document, ...]) -> Figure:
    points, needed = case.portfolio_points, points_needed(case, profile)
    is_enough = points >= needed if points is not None and needed is not None else None
    value = "" if points is None else shown(points).kk
    return Figure(_l("Portfolio, points"), value, str(needed or ""), is_enough, sheets)


def _observed(case: Case, profile: Profile, sheets: tuple[Document, ...]) -> Figure:
    name = f"observation_mean_{case.claimed}"
    needed = profile.threshold(name).value if name in KRG.thresholds else None
    mean = case.observation_mean
    is_enough = mean >= needed if mean is not None and needed is not None else None
    value = "" if mean is None else shown(mean).kk
    return Figure(_l("Observations, mean"), value, "" if needed is None else str(needed), is_enough, sheets)


def _knowledge(case: Case, results: tuple[Document, ...]) -> Figure:
    words: dict[bool | None, Message | str] = {True: _l("passed"), False: _l("not passed"), None: ""}
    return Figure(_l("Knowledge test"), words[case.knowledge_passed], "", case.knowledge_passed, results[-1:])


def _summary(case: Case, conclusions: tuple[Document, ...]) -> Figure:
    words: dict[bool | None, Message | str] = {True: _l("conform"), False: _l("do not conform"), None: ""}
    return Figure(_l("Conclusion of the summary"), words[case.confirmed], "", case.confirmed, conclusions[-1:])


def _essay(case: Case, profile: Profile, essays: tuple[Document, ...]) -> Figure:
    least, most = (int(profile.threshold(f"essay_words_{end}").value) for end in ("min", "max"))
    words = case.essay_words
    is_enough = None if words is None else least <= words <= most
    return Figure(_l("Essay, words"), "" if words is None else str(words), f"{least}–{most}", is_enough, essays[-1:])


# ---------------------------------------------------------------- the list


@dataclass(frozen=True)
class Round:
    """A round with its sessions, and what waits to be decided by each kind of session."""

    group: Group
    sessions: tuple[tuple[Document, str, int, int], ...]  # document, day, decided, all
    waiting: Mapping[str, int]
    may_open: bool


def rounds(*, actor: Actor, group_id: int | None = None) -> list[Round]:
    """The rounds of attestation that the actor sees, newest first."""
    listed = [group for group in groups.listing(actor=actor) if group.kind == "attestation"]
    return [_round(group, actor) for group in listed if group_id in (None, group.id)]


def _round(group: Group, actor: Actor) -> Round:
    seen = [each for each in agenda.sessions_of(group) if Permission.VIEW in documents.permissions(each, actor=actor)]
    return Round(
        group,
        tuple(_glance(each) for each in seen),
        {name: len(agenda.undecided(group, name)) for name in FAMILIES},
        actor.has(Role.CLERK) and group.unit_id in actor.unit_ids and not group.is_closed,
    )


def _glance(document: Document) -> tuple[Document, str, int, int]:
    record = documents.content(document)
    items = items_of(record)
    return document, str(record.get("held_on") or ""), sum(map(is_decided, items)), len(items)
