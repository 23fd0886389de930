"""From what is in force about an applicant to the case that the clauses judge, and to the line of an agenda."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from docflow.core.regulations import Profile
from docflow.core.rules import Content, RelatedDocument
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
SUMMARY, APPEAL, RESULTS = "analytical_summary", "appeal_application", "knowledge_results"
_CONCLUDING = (
    *TEACHER_CONCLUSIONS.values(), *HEAD_CONCLUSIONS.values(), KRG.clause("47 ¶2"), KRG.appendix(2),
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """What is in force about one applicant: portfolio and observation sheets, essay, table of the knowledge test.

    ``result`` is his row of the table; ``summary`` is the members' conclusion, ``appeal`` his last one against the
    test, in whatever state.
    """

    sheets: Sequence[RelatedDocument] = ()
    observations: Sequence[RelatedDocument] = ()
    essay: RelatedDocument | None = None
    table: RelatedDocument | None = None
    result: Content | None = None
    summary: RelatedDocument | None = None
    appeal: RelatedDocument | None = None

    @property
    def appeal_state(self) -> str:
        """``submitted``, ``refused``, ``accepted``, or ``answered`` once a table after it names the applicant."""
        if self.appeal is None:
            return ""
        is_newer = self.table is not None and (self.table.id or 0) > (self.appeal.id or 0)
        return "answered" if self.appeal.state == "accepted" and is_newer else self.appeal.state


def gathered(found: Iterable[RelatedDocument], person_id: int | None) -> Evidence:
    """Put together what is about one person; of several of a kind the newest counts, of sheets all."""
    known = sorted(found, key=lambda each: each.id or 0)
    mine = [each for each in known if each.subject_id == person_id and person_id is not None]
    in_force = [each for each in mine if each.state == "in_force"]
    rows = [(each, row) for each in known if each.type == RESULTS for row in each.content.get("rows") or ()]
    about = [(each, row) for each, row in rows if each.state == "in_force" and row.get("person_id") == person_id]
    table, result = about[-1] if about and person_id is not None else (None, None)
    appeals = [each for each in mine if each.type == APPEAL and each.state in ("submitted", "accepted", "refused")]
    return Evidence(
        sheets=tuple(each for each in in_force if each.type.startswith("portfolio_")),
        observations=tuple(each for each in in_force if each.type.startswith("observation_")),
        essay=_last(each for each in in_force if each.type == "essay"),
        table=table,
        result=result,
        summary=_last(each for each in in_force if each.type == SUMMARY),
        appeal=_last(appeals),
    )


def _last(found: Iterable[RelatedDocument]) -> RelatedDocument | None:
    return next(reversed(list(found)), None)


def is_decided_by_commission(application: Content) -> bool:
    """Whether an application asks for what a commission decides, an appeal for instance does not."""
    return application.get("procedure") in PROCEDURE_TITLES and application.get("ladder") in LADDERS


def case_of(application: Content, evidence: Evidence, *, interviewed: bool, profile: Profile, on: date) -> Case:
    """Put the case together by the organisation's settings; what is not there yet is ``None``."""
    points = [total_of(sheet.content) for sheet in evidence.sheets]
    observed, _ = observation_points([(each.type, each.content) for each in evidence.observations], profile, on=on)
    recommended, category = _common_recommendation(sheet.content for sheet in evidence.sheets)
    result = evidence.result or {}
    case = Case(
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
        essay_words=word_count(evidence.essay.content.get("text") or "") if evidence.essay else None,
        interviewed=interviewed,
        early_met=len(application.get("criteria") or ()),
        ground=application.get("ground") or "",
        recommended=recommended,
        recommended_category=category,
        pension_on=day(application.get("pension_on")),
        appeal=evidence.appeal_state,
        appealed_on=evidence.appeal.registered_on if evidence.appeal else None,
    )
    return _confirmed(case, evidence.summary, profile)


def _confirmed(case: Case, summary: RelatedDocument | None, profile: Profile) -> Case:
    """Take in what the members confirmed, unless the figures have become others since."""
    if summary is None:
        return case
    said = summary.content
    is_same = all(said.get(name, "") == value for name, value in figures_of(case, profile).items() if name in SUMMED)
    return replace(
        case,
        confirmed=said.get("conclusion") == "conforms" if is_same else None,
        confirmed_category=said.get("category") or "",
        confirmed_by=summary.number or "–",
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
        "ground": case.ground,
        "ladder": case.ladder,
        "current": case.current,
        "current_until": application.get("current_until") or "",
        "claimed": case.claimed,
        **figures_of(case, profile),
        "knowledge_number": evidence.table.number if evidence.table else "",
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


# The figures of the materials alone; the knowledge test is no part of the summary (clause 30).
SUMMED = ("portfolio_points", "portfolio_needed", "observation_mean")


def figures_of(case: Case, profile: Profile) -> dict[str, str]:
    """Give the figures of a case as they are written on papers."""
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
