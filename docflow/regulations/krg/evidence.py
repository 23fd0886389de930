"""From what is in force about an applicant to the case that the clauses judge, and to the line of an agenda."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from docflow.core.regulations import Profile
from docflow.core.rules import Content
from docflow.core.scoring import Number
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.card import day
from docflow.regulations.krg.categories import HEAD_CONCLUSIONS, LADDERS, TEACHER_CONCLUSIONS, Conclusion
from docflow.regulations.krg.decision import (
    Case,
    Proposal,
    Reason,
    knowledge_outcome,
    needed_points,
    observation_result,
    portfolio_result,
    propose,
    shown,
)
from docflow.regulations.krg.essay import word_count
from docflow.regulations.krg.portfolio import observation_points, total_of
from docflow.regulations.krg.session import PROCEDURE_TITLES
from docflow.regulations.krg.sheets import GROUPS

INTERVIEW = "KRG 5 ¶2"
_CONCLUDING = (
    *TEACHER_CONCLUSIONS.values(), *HEAD_CONCLUSIONS.values(), KRG.clause("47 ¶2"), KRG.appendix(2),
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """Contents in force about one applicant: portfolio and observation sheets, essay, row of the knowledge test.

    Observation sheets come with the name of their type, which says by which form they were filled.
    """

    sheets: Sequence[Content] = ()
    observations: Sequence[tuple[str, Content]] = ()
    essay: Content | None = None
    result: Content | None = None


def is_decided_by_commission(application: Content) -> bool:
    """Whether an application asks for what a commission decides, an appeal for instance does not."""
    return application.get("procedure") in PROCEDURE_TITLES and application.get("ladder") in LADDERS


def case_of(application: Content, evidence: Evidence, *, interviewed: bool, profile: Profile, on: date) -> Case:
    """Put the case together by the organisation's settings; what is not there yet is ``None``."""
    points = [total_of(sheet) for sheet in evidence.sheets]
    observed, _ = observation_points(evidence.observations, profile, on=on)
    recommended, category = _common_recommendation(evidence.sheets)
    result = evidence.result or {}
    return Case(
        ladder=application["ladder"],
        procedure=application["procedure"],
        claimed=application.get("claimed") or application.get("current") or "",
        on=on,
        current=application.get("current") or "",
        current_until=day(application.get("current_until")),
        sheet_group=application.get("sheet_group") or "",
        portfolio_points=portfolio_result(points, profile),
        knowledge_passed=_passed(result, profile),
        knowledge_category=result.get("category") or "",
        observation_mean=observation_result(observed, profile),
        observation_sheets=len(observed),
        essay_words=word_count(evidence.essay.get("text") or "") if evidence.essay else None,
        interviewed=interviewed,
        early_met=len(application.get("criteria") or ()),
        ground=application.get("ground") or "",
        recommended=recommended,
        recommended_category=category,
        pension_on=day(application.get("pension_on")),
    )


def _passed(result: Content, profile: Profile) -> bool | None:
    return knowledge_outcome(
        score=result.get("score"),
        max_score=result.get("max_score"),
        outcome=result.get("outcome") or "",
        profile=profile,
    )


def _common_recommendation(sheets: Iterable[Content]) -> tuple[str, str]:
    """What all members' sheets recommend alike; they may agree on the recommendation and not on the category."""
    said = [(sheet.get("recommendation") or "", sheet.get("recommended_category") or "") for sheet in sheets]
    recommendations, pairs = {one for one, _ in said}, set(said)
    if len(recommendations) != 1:
        return "", ""
    return said[0][0], said[0][1] if len(pairs) == 1 else ""


def waits_for(proposal: Proposal) -> tuple[Reason, ...]:
    """What has to be there before the session; the interview is held at the session itself."""
    return tuple(reason for reason in proposal.missing if reason.clause.key != INTERVIEW)


def item_of(
    application: Content,
    evidence: Evidence,
    *,
    application_id: int,
    number: str,
    person_id: int | None,
    profile: Profile,
    on: date,
) -> dict[str, Any]:
    """The line of an agenda, with the proposal put to the vote; while evidence is missing there is none.

    Its sentences are in the language that is spoken when this is called.
    """
    case = case_of(application, evidence, interviewed=False, profile=profile, on=on)
    proposal = propose(case, profile)
    missing = waits_for(proposal)
    conclusion, category = ("", "") if missing else (proposal.conclusion.value, proposal.category)
    applicant = application.get("applicant") or {}
    return {
        "application_id": application_id,
        "application_number": number,
        # The names alone: an IIN never enters what travels inside a paper.
        "person": {part: applicant.get(part) or "" for part in ("surname", "given_name", "patronymic")},
        "person_id": person_id,
        "position": application.get("position") or "",
        "workplace": application.get("workplace") or "",
        "procedure": case.procedure,
        "ladder": case.ladder,
        "current": case.current,
        "current_until": application.get("current_until") or "",
        "claimed": case.claimed,
        **_figures(case, profile),
        "interviewed": False,
        "proposed_conclusion": conclusion,
        "proposed_category": category,
        "proposed_until": proposal.valid_until.isoformat() if proposal.valid_until else "",
        "reasoning": [_told(reason) for reason in (supporting(proposal) if missing else proposal.reasons)],
        "missing": [_told(reason) for reason in missing],
        "votes": [],
        "chair_casts": False,
        "voted_at": "",
        "conclusion": conclusion,
        "category": category,
        "reason": _refused_because(proposal) if conclusion == Conclusion.NOT_CONFORMING else "",
        "valid_until": "",
    }


def supporting(proposal: Proposal) -> tuple[Reason, ...]:
    """The reasoning without the conclusion itself: all that can be said while evidence is missing."""
    return tuple(reason for reason in proposal.reasons if reason.clause not in _CONCLUDING)


def _refused_because(proposal: Proposal) -> str:
    """What the column «Себебі» may say: the figures that led to the refusal."""
    return " ".join(str(reason.message) for reason in supporting(proposal))


def _figures(case: Case, profile: Profile) -> dict[str, str]:
    outcomes = {True: "passed", False: "failed", None: ""}
    return {
        "portfolio_points": _written(case.portfolio_points),
        "portfolio_needed": _written(points_needed(case, profile)),
        "knowledge": outcomes[case.knowledge_passed] if case.needs_knowledge else "",
        "observation_mean": _written(case.observation_mean),
    }


def points_needed(case: Case, profile: Profile) -> int | None:
    """What the claimed category needs; ``None`` where no portfolio is judged."""
    if not case.needs_evidence or case.sheet_group not in GROUPS:
        return None
    return needed_points(case.sheet_group, profile).get(case.claimed)


def _written(number: Number | None) -> str:
    return "" if number is None else shown(number).kk


def _told(reason: Reason) -> dict[str, str]:
    return {"text": str(reason.message), "clause": reason.clause.key}
