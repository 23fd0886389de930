"""Every decision rule of the attestation order, R01 to R40: what just satisfies it, and what just does not.

The numbers are read from the pack, so that the table says which number of the pack decides; what the numbers are is in
the tests of the pack itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from docflow.core.calendar import add_months, add_years
from docflow.core.permissions import SYSTEM
from docflow.core.regulations import Profile
from docflow.core.rules import Step
from docflow.core.voting import MajorityOf, Result, Vote, decide
from docflow.forms import category_certificate, conferring_order, essay
from docflow.regulations import KRG
from docflow.regulations.kazakhstan_calendar import kazakhstan_calendar
from docflow.regulations.krg import card as cards
from docflow.regulations.krg import intake
from docflow.regulations.krg.categories import HEAD_CONCLUSIONS, TEACHER_CONCLUSIONS, Conclusion
from docflow.regulations.krg.commission import Fault, Seat, composition_faults, session_quorum
from docflow.regulations.krg.decision import Case, Proposal, known_at_decision, propose
from docflow.regulations.krg.terms import category_valid_until, commission_ends
from docflow.regulations.profiles import PROFILES

PROFILE = PROFILES["krg"]
ON = date(2024, 10, 15)
DAY = timedelta(days=1)
CALENDAR = kazakhstan_calendar()

SCHOOLED = [{"level": "higher", "kind": "pedagogical", "speciality": "Математика"}]
CARD: Mapping[str, Any] = {"person_id": 1, "teaching_years": 20, "education": SCHOOLED, "categories": []}
APPLICATION: Mapping[str, Any] = {
    "ladder": "teacher", "procedure": "regular", "claimed": "researcher", "current": "expert",
    "sheet_group": "teacher", "is_subordinate": True, "speciality": "Математика",
}  # fmt: skip


def number(name: str) -> int:
    return int(KRG.thresholds[name].value)


def amount(name: str) -> int:
    return KRG.terms[name].amount


def application(**changes: Any) -> dict[str, Any]:
    return {**APPLICATION, **changes}


def card(**changes: Any) -> dict[str, Any]:
    return {**CARD, **changes}


def passes(
    check: Callable[..., Any],
    filed: Mapping[str, Any] = APPLICATION,
    *,
    of: Mapping[str, Any] = CARD,
    on: date = ON,
    **settings: str,
) -> bool:
    profile = replace(PROFILE, overrides={**PROFILE.overrides, **settings})
    return check(filed, card=of, profile=profile, on=on) is None


def held(ladder: str, category: str, since: date, until: date | None, procedure: str = "regular") -> dict[str, Any]:
    return {
        "ladder": ladder, "category": category, "since": since.isoformat(),
        "until": until.isoformat() if until else "", "procedure": procedure,
    }  # fmt: skip


def span(kind: str, since: date, until: date) -> dict[str, Any]:
    return {"kind": kind, "since": since.isoformat(), "until": until.isoformat()}


TEACHER = Case(
    "teacher", "regular", "researcher", ON, current="expert", sheet_group="teacher", portfolio_points=113,
    knowledge_passed=True, observation_mean=81, observation_sheets=5, essay_words=250,
)  # fmt: skip
HEAD = Case(
    "head", "regular", "second", ON, current="third", sheet_group="head", portfolio_points=49, knowledge_passed=True,
    interviewed=True,
)  # fmt: skip


def proposed(case: Case, **changes: Any) -> Proposal:
    return propose(replace(case, **changes), PROFILE)


def waits_for(case: Case, clause: str, **changes: Any) -> bool:
    return clause in [reason.clause.number for reason in proposed(case, **changes).missing]


def faults(members: int = 7, *, chair: str = "member 0", secretary: str = "secretary", **seat: Any) -> set[Fault]:
    sound = Seat("", years_of_service=number("member_experience_years_min"), category="expert")
    seats = [replace(sound, person=f"member {place}") for place in range(members)]
    seats[-1] = replace(seats[-1], **seat)
    return {fault for fault, _ in composition_faults(seats, chair=chair, secretary=secretary, formed=date(2024, 8, 30))}


def in_time(term: str, days_later: int) -> bool:
    """Say whether what is done so many working days after the event is within *term*."""
    done = CALENDAR.add_working_days(ON, days_later)
    return done <= CALENDAR.end_of_term(ON, KRG.terms[term])


def registered(moment: datetime) -> date:
    return CALENDAR.next_working_moment(moment, UTC).date()


def certificate(**changes: Any) -> dict[str, Any]:
    return application(
        procedure="without_attestation", ground="language", current="teacher",
        **{"claimed": "researcher", "examination": "IELTS", "score": "7", **changes},
    )  # fmt: skip


def on_ground(ground: str, **changes: Any) -> dict[str, Any]:
    return application(procedure="without_attestation", ground=ground, **changes)


def early(category: str, current: str, met: int) -> dict[str, Any]:
    return application(procedure="early", claimed=category, current=current, criteria=list(range(1, met + 1)))


def essay_by(**changes: Any) -> Step:
    content = {**essay.TYPE.sample, **changes}
    return Step("essay", "submit", content, PROFILE, SYSTEM, ON)


RETURNING = application(claimed="teacher", current="")


def away_until(returned: date) -> dict[str, Any]:
    """Somebody who has left so that the break is as long as may be if he returns a year ago."""
    left = add_years(ON, -1 - amount("reentry_break_max"))
    return card(experience=[span("teaching", add_years(left, -3), left), span("teaching", returned, ON)])


@dataclass(frozen=True)
class Row:
    """One side and the other of a rule: ``holds`` is true at the limit, ``fails`` is false one beside it."""

    rule: str
    what: str
    holds: Callable[[], object]
    fails: Callable[[], object]

    def __str__(self) -> str:
        return f"{self.rule} {self.what}"


GRADUATED = add_years(ON, -amount("graduate_within"))
OVER_TEN = add_years(ON, -number("production_years_expert_over"))
AT_LEAST_FIVE = add_years(ON, -number("production_years_moderator_min"))
EARLY_FROM = add_years(ON, -amount("early_attestation_after"))
PENSION = add_years(ON, amount("prepension_under"))
TRANSFER = add_years(ON, amount("transfer_retention_left"))
SIX_MONTHS = add_months(ON, amount("head_application_before"))
MOVED = {"posts": [{"title": "Әдіскер", "since": "2024-09-01"}, {"title": "Мұғалім", "until": "2024-08-31"}]}
LASTING = card(categories=[held("teacher", "expert", date(2020, 1, 1), ON)], **MOVED)

ROWS = [
    Row(
        "R01", "a teacher's category holds for five years",
        lambda: cards.current_category(
            card(categories=[held("teacher", "expert", ON, category_valid_until("teacher", ON))]),
            "teacher", add_years(ON, amount("teacher_category_validity")),
        ),
        lambda: cards.current_category(
            card(categories=[held("teacher", "expert", ON, category_valid_until("teacher", ON))]),
            "teacher", add_years(ON, amount("teacher_category_validity")) + DAY,
        ),
    ),
    Row(
        "R01", "a first head's for three",
        lambda: category_valid_until("head", ON) == add_years(ON, amount("head_category_validity")),
        lambda: category_valid_until("head", ON) >= category_valid_until("deputy", ON),
    ),
    Row("R02", "teachers pass the knowledge test", lambda: waits_for(TEACHER, "4", knowledge_passed=None),
        lambda: waits_for(TEACHER, "4")),
    Row("R02", "and heads", lambda: waits_for(HEAD, "4", knowledge_passed=None), lambda: waits_for(HEAD, "4")),
    Row("R03", "heads are interviewed", lambda: waits_for(HEAD, "5 ¶2", interviewed=False),
        lambda: waits_for(HEAD, "5 ¶2", interviewed=True) or waits_for(TEACHER, "5 ¶2")),
    Row(
        "R03", "a cabinet without legal entity: as methodists",
        lambda: passes(
            intake.cabinet_without_legal_entity,
            application(is_legal_entity=False, sheet_group="cabinet_methodist"),
        ),
        lambda: passes(
            intake.cabinet_without_legal_entity, application(is_legal_entity=False, sheet_group="cabinet_head")
        ),
    ),
    Row(
        "R04", "five last years in production: moderator",
        lambda: passes(
            intake.production_service, on_ground("production_moderator"),
            of=card(experience=[span("production", AT_LEAST_FIVE, ON)]),
        ),
        lambda: passes(
            intake.production_service, on_ground("production_moderator"),
            of=card(experience=[span("production", AT_LEAST_FIVE + DAY, ON)]),
        ),
    ),
    Row(
        "R04", "more than ten in the speciality: expert",
        lambda: passes(
            intake.production_service, on_ground("production_expert"),
            of=card(experience=[span("production", OVER_TEN - DAY, ON)]),
        ),
        lambda: passes(
            intake.production_service, on_ground("production_expert"),
            of=card(experience=[span("production", OVER_TEN, ON)]),
        ),
    ),
    Row("R04", "the session is within five working days",
        lambda: in_time("session_without_attestation", amount("session_without_attestation")),
        lambda: in_time("session_without_attestation", amount("session_without_attestation") + 1)),
    Row(
        "R05", "graduates within five years",
        lambda: passes(
            intake.recent_graduate,
            on_ground("nazarbayev_or_bolashak_graduate", graduated_on=GRADUATED.isoformat()),
        ),
        lambda: passes(
            intake.recent_graduate,
            on_ground("nazarbayev_or_bolashak_graduate", graduated_on=(GRADUATED - DAY).isoformat()),
        ),
    ),
    Row("R05", "the presidential reserve makes a moderator",
        lambda: passes(intake.ground, on_ground("presidential_reserve", claimed="moderator")),
        lambda: passes(intake.ground, on_ground("presidential_reserve", claimed="expert"))),
    Row("R05", "CELTA that is valid on the day",
        lambda: passes(intake.certificate_in_force, on_ground("celta", until=ON.isoformat())),
        lambda: passes(intake.certificate_in_force, on_ground("celta", until=(ON - DAY).isoformat()))),
    Row("R05", "DELTA makes an expert",
        lambda: passes(intake.ground, on_ground("delta", claimed="expert")),
        lambda: passes(intake.ground, on_ground("delta", claimed="researcher"))),
    Row("R06", "IELTS 6.5: moderator or expert",
        lambda: passes(intake.language_category, certificate(claimed="expert", score="6,5")),
        lambda: passes(intake.language_category, certificate(claimed="expert", score="6,0"))),
    Row("R06", "IELTS 7: researcher",
        lambda: passes(intake.language_category, certificate(score="7")),
        lambda: passes(intake.language_category, certificate(score="6.5"))),
    Row("R06", "IELTS 7.5: master",
        lambda: passes(intake.language_category, certificate(claimed="master", score="7.5")),
        lambda: passes(intake.language_category, certificate(claimed="master", score="7"))),
    *(
        Row(
            "R06", f"TOEFL {lowest}: {category}",
            lambda category=category, lowest=lowest: passes(
                intake.language_category,
                certificate(claimed=category, examination="TOEFL iBT", score=str(lowest)),
            ),
            lambda category=category, lowest=lowest: passes(
                intake.language_category,
                certificate(claimed=category, examination="TOEFL iBT", score=str(lowest - 1)),
            ),
        )
        for category, lowest in (("moderator", 79), ("expert", 85), ("researcher", 94), ("master", 102))
    ),
    Row("R06", "TOEFL above the printed range, read as a minimum",
        lambda: passes(
            intake.language_category, certificate(claimed="master", examination="TOEFL iBT", score="110")
        ),
        lambda: passes(
            intake.language_category, certificate(claimed="master", examination="TOEFL iBT", score="110"),
            language_scores="range",
        )),
    *(
        Row(
            "R06", f"{examination} B2: expert",
            lambda examination=examination: passes(
                intake.language_category,
                certificate(claimed="expert", examination=examination, score="", level="B2"),
            ),
            lambda examination=examination: passes(
                intake.language_category,
                certificate(claimed="researcher", examination=examination, score="", level="B2"),
            ),
        )
        for examination in ("DELF", "Goethe-Zertifikat")
    ),
    Row("R06", "DELF C1: master",
        lambda: passes(
            intake.language_category, certificate(claimed="master", examination="DELF", score="", level="C1")
        ),
        lambda: passes(
            intake.language_category, certificate(claimed="master", examination="DELF", score="", level="B2")
        )),
    Row("R06", "TKT band 3",
        lambda: passes(intake.language_category, certificate(examination="TKT Modules 1-3", score="3")),
        lambda: passes(intake.language_category, certificate(examination="TKT Modules 1-3", score="2"))),
    Row("R06", "TKT: one of those named, or all of them",
        lambda: passes(intake.language_category, certificate(examination="TKT YL", score=""), language_tkt="any"),
        lambda: passes(intake.language_category, certificate(examination="TKT YL", score=""), language_tkt="all")),
    Row("R06", "no knowledge test with a certificate",
        lambda: not waits_for(TEACHER, "4", procedure="without_attestation", ground="language", knowledge_passed=None),
        lambda: not waits_for(TEACHER, "4", knowledge_passed=None)),
    Row("R07", "another language B2: moderator",
        lambda: passes(
            intake.language_category, certificate(claimed="moderator", examination="HSK", score="", level="B2")
        ),
        lambda: passes(
            intake.language_category, certificate(claimed="moderator", examination="HSK", score="", level="B1")
        )),
    Row("R07", "C1 or C2: expert",
        lambda: all(
            passes(
                intake.language_category, certificate(claimed="expert", examination="HSK", score="", level=level)
            )
            for level in ("C1", "C2")
        ),
        lambda: passes(
            intake.language_category, certificate(claimed="expert", examination="HSK", score="", level="B2")
        )),
    Row("R08", "the special programme raises an expert by one level",
        lambda: passes(intake.ground, on_ground("special_programme", current="expert", claimed="researcher")),
        lambda: passes(intake.ground, on_ground("special_programme", current="expert", claimed="master"))),
    Row("R08", "and not a moderator",
        lambda: passes(intake.ground, on_ground("special_programme", current="researcher", claimed="master")),
        lambda: passes(intake.ground, on_ground("special_programme", current="moderator", claimed="expert"))),
    Row("R09", "leaders of change: a head of the first category",
        lambda: passes(intake.ground, on_ground("leaders_of_change", ladder="head", claimed="first")),
        lambda: passes(intake.ground, on_ground("leaders_of_change", ladder="head", claimed="second"))),
    Row("R10", "the order follows from a protocol, the certificate from the order",
        lambda: {each.source for each in conferring_order.TYPE.derived_from} == {"teacher_protocol", "head_protocol"}
        and [each.source for each in category_certificate.TYPE.derived_from] == ["conferring_order"],
        lambda: {each.source for each in category_certificate.TYPE.derived_from} & {"teacher_protocol"}),
    *(
        Row(
            "R11", f"{authority}: {ladder} {within}, not {beyond}",
            lambda authority=authority, ladder=ladder, within=within: passes(
                intake.competent_authority, application(ladder=ladder, claimed=within, is_subordinate=False),
                authority=authority,
            ),
            lambda authority=authority, ladder=ladder, beyond=beyond: passes(
                intake.competent_authority, application(ladder=ladder, claimed=beyond, is_subordinate=False),
                authority=authority,
            ),
        )
        for authority, ladder, within, beyond in (
            ("organisation", "teacher", "moderator", "expert"),
            ("district", "teacher", "expert", "researcher"),
            ("district", "head", "second", "first"),
            ("district", "deputy", "second", "first"),
            ("region", "teacher", "researcher", "expert"),
            ("region", "head", "first", "second"),
            ("ministry", "teacher", "master", "researcher"),
        )
    ),
    Row("R11", "the region attests experts of subordinate organisations",
        lambda: passes(intake.competent_authority, application(claimed="expert", is_subordinate=True)),
        lambda: passes(intake.competent_authority, application(claimed="expert", is_subordinate=False))),
    Row("R11", "and makes master teachers of cabinets' methodists",
        lambda: passes(
            intake.competent_authority, application(claimed="master", sheet_group="cabinet_methodist")
        ),
        lambda: passes(intake.competent_authority, application(claimed="master"))),
    Row("R11", "or of all, as the setting says",
        lambda: passes(intake.competent_authority, application(claimed="master"), region_master_for="all"),
        lambda: passes(
            intake.competent_authority, application(claimed="master"), region_master_for="methodists"
        )),
    Row("R12", "a member has ten years",
        lambda: not faults(years_of_service=number("member_experience_years_min")),
        lambda: not faults(years_of_service=number("member_experience_years_min") - 1)),
    Row("R12", "and is an expert at least", lambda: not faults(category="expert"),
        lambda: not faults(category="moderator")),
    Row("R13", "nobody is a member who is himself due in the year",
        lambda: not faults(due_on=commission_ends(date(2024, 8, 30)) + DAY),
        lambda: not faults(due_on=commission_ends(date(2024, 8, 30)))),
    Row("R14", "a commission sits for a year",
        lambda: add_years(date(2024, 8, 30), amount("commission_mandate")) <= commission_ends(date(2024, 8, 30)),
        lambda: add_years(date(2024, 8, 30), amount("commission_mandate")) + DAY <= commission_ends(date(2024, 8, 30))),
    Row("R15", "seven members", lambda: not faults(number("commission_members_min")),
        lambda: not faults(number("commission_members_min") - 2)),
    Row("R15", "an odd number", lambda: not faults(number("commission_members_min") + 2),
        lambda: not faults(number("commission_members_min") + 1)),
    Row("R15", "the chair is a member", lambda: not faults(chair="member 1"), lambda: not faults(chair="guest")),
    Row("R15", "the secretary is not", lambda: not faults(), lambda: not faults(secretary="member 1")),
    Row("R16", "two thirds are present",
        lambda: session_quorum(9) >= KRG.thresholds["commission_quorum"].value * 9,
        lambda: session_quorum(9) - 1 >= KRG.thresholds["commission_quorum"].value * 9),
    Row("R16", "more than half carry",
        lambda: decide(Vote(4, 3), present=7, members=9) is Result.CARRIED,
        lambda: decide(Vote(3, 4), present=7, members=9) is Result.CARRIED),
    Row("R16", "on equal votes the chair's decides",
        lambda: decide(Vote(3, 3, chair_for=True), present=6, members=9) is Result.CARRIED,
        lambda: decide(Vote(3, 3, chair_for=False), present=6, members=9) is Result.CARRIED),
    Row("R16", "the majority is of those present, unless decided otherwise",
        lambda: decide(Vote(4, 2), present=6, members=9) is Result.CARRIED,
        lambda: decide(Vote(4, 2), present=6, members=9, majority_of=MajorityOf.COMPOSITION) is Result.CARRIED),
    Row("R17", "teachers: the claimed category",
        lambda: proposed(TEACHER).conclusion is Conclusion.CLAIMED,
        lambda: proposed(TEACHER, portfolio_points=112).conclusion is Conclusion.CLAIMED),
    Row("R17", "the current one",
        lambda: proposed(TEACHER, portfolio_points=84).conclusion is Conclusion.CURRENT,
        lambda: proposed(TEACHER, portfolio_points=83).conclusion is Conclusion.CURRENT),
    Row("R17", "or one lower than the current",
        lambda: (proposed(TEACHER, portfolio_points=83).conclusion, proposed(TEACHER, portfolio_points=83).category)
        == (Conclusion.LOWER_THAN_CURRENT, "moderator"),
        lambda: Conclusion.LOWER_THAN_CLAIMED in TEACHER_CONCLUSIONS),
    Row("R18", "the extract is sent within three working days",
        lambda: in_time("protocol_extract", amount("protocol_extract")),
        lambda: in_time("protocol_extract", amount("protocol_extract") + 1)),
    Row("R18", "the list is published within fifteen",
        lambda: in_time("list_publication", amount("list_publication")),
        lambda: in_time("list_publication", amount("list_publication") + 1)),
    Row("R19", "the answer comes within one working day",
        lambda: in_time("application_notice", amount("application_notice")),
        lambda: in_time("application_notice", amount("application_notice") + 1)),
    Row("R19", "what comes in working hours is of that day",
        lambda: registered(datetime.combine(ON, time(17, 59), UTC)) == ON,
        lambda: registered(datetime.combine(ON, CALENDAR.closes, UTC)) == ON),
    Row("R19", "what comes on a Saturday is of Monday",
        lambda: registered(datetime(2024, 10, 19, 10, tzinfo=UTC)) == date(2024, 10, 21),
        lambda: registered(datetime(2024, 10, 19, 10, tzinfo=UTC)) == date(2024, 10, 19)),
    *(
        Row("R20", f"a complaint: {term}", lambda term=term: in_time(term, amount(term)),
            lambda term=term: in_time(term, amount(term) + 1))
        for term in ("complaint_forwarding", "complaint_provider", "complaint_quality_body")
    ),
    Row("R21", "an essay of 250 words", lambda: not waits_for(TEACHER, "27 ¶2", essay_words=number("essay_words_min")),
        lambda: not waits_for(TEACHER, "27 ¶2", essay_words=number("essay_words_min") - 1)),
    Row("R21", "to 300", lambda: not waits_for(TEACHER, "27 ¶2", essay_words=number("essay_words_max")),
        lambda: not waits_for(TEACHER, "27 ¶2", essay_words=number("essay_words_max") + 1)),
    Row("R21", "by the author himself",
        lambda: not essay.essay_is_ones_own.refusals(essay_by(is_own_work=True)),
        lambda: not essay.essay_is_ones_own.refusals(essay_by(is_own_work=False))),
    Row("R22", "no session without the summary of results",
        lambda: proposed(TEACHER).is_ready and proposed(HEAD).is_ready,
        lambda: proposed(TEACHER, portfolio_points=None).is_ready or proposed(HEAD, portfolio_points=None).is_ready),
    Row("R23", "confirming without the test: one level lower",
        lambda: proposed(TEACHER, current="researcher", knowledge_passed=False).category == "expert",
        lambda: proposed(TEACHER, current="researcher", knowledge_passed=True).category == "expert"),
    Row("R23", "assigning: not higher than the test shows",
        lambda: proposed(TEACHER, knowledge_passed=False, knowledge_category="moderator").category == "moderator",
        lambda: proposed(TEACHER, knowledge_passed=False, knowledge_category="expert").category == "moderator"),
    *(
        Row(
            "R24", f"{category}: years of teaching",
            lambda category=category: passes(
                intake.experience, application(claimed=category),
                of=card(teaching_years=number(f"experience_years_{category}")),
            ),
            lambda category=category: passes(
                intake.experience, application(claimed=category),
                of=card(teaching_years=number(f"experience_years_{category}") - 1),
            ),
        )
        for category in ("teacher", "moderator", "expert", "researcher", "master")
    ),
    Row("R24", "one step at a time", lambda: passes(intake.sequence, application(current="expert")),
        lambda: passes(intake.sequence, application(current="moderator"))),
    Row("R24", "not downwards", lambda: passes(intake.sequence, application(current="researcher")),
        lambda: passes(intake.sequence, application(current="master"))),
    Row("R24", "a researcher has higher education",
        lambda: passes(intake.education, of=card(education=[{"level": "higher", "kind": "professional"}])),
        lambda: passes(intake.education, of=card(education=[{"level": "vocational", "kind": "pedagogical"}]))),
    Row("R24", "a master higher pedagogical",
        lambda: passes(intake.education, application(claimed="master"), of=card(education=SCHOOLED)),
        lambda: passes(
            intake.education, application(claimed="master"),
            of=card(education=[{"level": "postgraduate", "kind": "professional"}]),
        )),
    Row("R24", "after a break of five years at most",
        lambda: passes(intake.experience, RETURNING, of=away_until(add_years(ON, -1))),
        lambda: passes(intake.experience, RETURNING, of=away_until(add_years(ON, -1) + DAY))),
    Row("R24", "a trainee needs no year",
        lambda: passes(
            intake.experience, application(claimed="teacher", current="trainee"), of=card(teaching_years=0)
        ),
        lambda: passes(intake.experience, application(claimed="teacher", current=""), of=card(teaching_years=0))),
    Row("R25", "an old category names the one that is sought",
        lambda: passes(
            intake.old_category,
            application(procedure="old_category", old_category="бірінші санат", claimed="expert"),
        ),
        lambda: passes(
            intake.old_category,
            application(procedure="old_category", old_category="бірінші санат", claimed="researcher"),
        )),
    Row("R25", "who does not pass gets what the test shows, at least «педагог»",
        lambda: proposed(TEACHER, procedure="old_category", current="", knowledge_passed=False).category == "teacher",
        lambda: proposed(TEACHER, procedure="old_category", current="").category == "teacher"),
    Row("R26", "one of five grounds",
        lambda: passes(intake.retention_ground, application(procedure="retention", ground="34(4)")),
        lambda: passes(intake.retention_ground, application(procedure="retention", ground="34(6)"))),
    Row("R26", "on a transfer with a year left",
        lambda: passes(
            intake.retention_ground,
            application(procedure="retention", ground="34(5)", current_until=TRANSFER.isoformat()),
        ),
        lambda: passes(
            intake.retention_ground,
            application(procedure="retention", ground="34(5)", current_until=(TRANSFER + DAY).isoformat()),
        )),
    Row("R26", "for two years",
        lambda: proposed(TEACHER, procedure="retention", ground="34(1)").valid_until
        == add_years(ON, amount("category_retention_max")),
        lambda: proposed(TEACHER, procedure="retention", ground="34(1)").valid_until
        == add_years(ON, amount("category_retention_max")) + DAY),
    Row("R26", "the category that is held",
        lambda: passes(intake.keeps_what_is_held, application(procedure="retention", claimed="expert")),
        lambda: passes(intake.keeps_what_is_held, application(procedure="retention", claimed="researcher"))),
    Row("R27", "less than four years to the pension age",
        lambda: passes(
            intake.before_pension, application(procedure="prepension", pension_on=(PENSION - DAY).isoformat())
        ),
        lambda: passes(
            intake.before_pension, application(procedure="prepension", pension_on=PENSION.isoformat())
        )),
    Row("R27", "working pensioners are attested",
        lambda: passes(
            intake.before_pension, application(procedure="prepension", pension_on=(ON + DAY).isoformat())
        ),
        lambda: passes(intake.before_pension, application(procedure="prepension", pension_on=ON.isoformat()))),
    Row("R27", "kept to the pension age",
        lambda: proposed(TEACHER, procedure="prepension", pension_on=PENSION - DAY).valid_until == PENSION - DAY,
        lambda: proposed(TEACHER, procedure="prepension", pension_on=PENSION - DAY).missing),
    Row("R28", "by the speciality of the diploma",
        lambda: passes(intake.speciality, application(speciality="математика")),
        lambda: passes(intake.speciality, application(speciality="Биология"))),
    Row("R28", "or by the post",
        lambda: passes(intake.speciality, application(speciality="Биология", sheet_group="methodist")),
        lambda: passes(intake.speciality, application(speciality="Биология", sheet_group="teacher"))),
    Row("R29", "a category of one post holds on another until its end",
        lambda: cards.current_category(LASTING, "teacher", ON),
        lambda: cards.current_category(LASTING, "teacher", ON + DAY)),
    Row("R30", "crafts: a diploma in technology, arts or drawing",
        lambda: passes(
            intake.speciality, application(speciality="Көркем еңбек"),
            of=card(education=[{"level": "higher", "speciality": "Сызу"}]),
        ),
        lambda: passes(
            intake.speciality, application(speciality="Көркем еңбек"),
            of=card(education=[{"level": "higher", "speciality": "Информатика"}]),
        )),
    Row("R30", "graphics and design: or informatics",
        lambda: passes(
            intake.speciality, application(speciality="Графика және жобалау"),
            of=card(education=[{"level": "higher", "speciality": "Информатика"}]),
        ),
        lambda: passes(
            intake.speciality, application(speciality="Графика және жобалау"),
            of=card(education=[{"level": "higher", "speciality": "Технология"}]),
        )),
    Row("R31", "a subject that nobody is trained for: an earlier category and courses",
        lambda: passes(
            intake.speciality, application(speciality="Өзін-өзі тану"),
            of=card(certificates=[{"title": "Курс", "hours": 80, "date": "2024-05-01"}]),
        ),
        lambda: passes(intake.speciality, application(speciality="Өзін-өзі тану"))),
    Row("R32", "kept to its end on a transfer",
        lambda: intake.current_of(application(current=""), LASTING, ON) == "expert",
        lambda: intake.current_of(application(current=""), LASTING, ON + DAY) == "expert"),
    Row(
        "R33", "two years after the regular attestation",
        lambda: passes(
            intake.early_after_two_years, early("researcher", "expert", 5),
            of=card(categories=[held("teacher", "expert", EARLY_FROM, None)]),
        ),
        lambda: passes(
            intake.early_after_two_years, early("researcher", "expert", 5),
            of=card(categories=[held("teacher", "expert", EARLY_FROM + DAY, None)]),
        ),
    ),
    Row("R33", "the next category only",
        lambda: passes(intake.sequence, early("researcher", "expert", 5)),
        lambda: passes(intake.sequence, early("researcher", "researcher", 5))),
    *(
        Row(
            "R33", f"{category}: requirements met",
            lambda category=category: passes(
                intake.early_criteria, early(category, "", number(f"early_criteria_{category}"))
            ),
            lambda category=category: passes(
                intake.early_criteria, early(category, "", number(f"early_criteria_{category}") - 1)
            ),
        )
        for category in ("expert", "researcher", "master")
    ),
    *(
        Row(
            "R33", f"{category}: a degree with years of teaching",
            lambda category=category: passes(
                intake.degree_needs_service, early(category, "", 7),
                of=card(teaching_years=number(f"doctor_years_{category}_min")),
            ),
            lambda category=category: passes(
                intake.degree_needs_service, early(category, "", 7),
                of=card(teaching_years=number(f"doctor_years_{category}_min") - 1),
            ),
        )
        for category in ("researcher", "master")
    ),
    Row("R33", "refused before the term, the current one is kept",
        lambda: (proposed(TEACHER, procedure="early", early_met=4, current_until=ON).kept,
                 proposed(TEACHER, procedure="early", early_met=4, current_until=ON).valid_until) == ("expert", ON),
        lambda: proposed(TEACHER, procedure="early", early_met=5, current_until=ON).kept),
    Row("R34", "heads apply six months before",
        lambda: passes(
            intake.heads_six_months,
            application(ladder="head", claimed="second", current="third", current_until=SIX_MONTHS.isoformat()),
        ),
        lambda: passes(
            intake.heads_six_months,
            application(ladder="head", claimed="second", current="third", current_until=(SIX_MONTHS - DAY).isoformat()),
        )),
    Row("R34", "a deputy's category holds longer than a head's",
        lambda: category_valid_until("deputy", ON) == add_years(ON, amount("deputy_category_validity")),
        lambda: category_valid_until("deputy", ON) == category_valid_until("head", ON)),
    Row("R35", "at the first attestation heads claim any category",
        lambda: passes(intake.sequence, application(ladder="head", claimed="first", current="")),
        lambda: passes(intake.sequence, application(ladder="head", claimed="first", current="third"))),
    Row("R35", "and teachers do not",
        lambda: passes(intake.sequence, application(claimed="teacher", current="")),
        lambda: passes(intake.sequence, application(claimed="moderator", current=""))),
    Row("R36", "heads: claimed",
        lambda: proposed(HEAD).conclusion is Conclusion.CLAIMED,
        lambda: proposed(HEAD, portfolio_points=48).conclusion is Conclusion.CLAIMED),
    Row("R36", "current",
        lambda: proposed(HEAD, portfolio_points=38).conclusion is Conclusion.CURRENT,
        lambda: proposed(HEAD, portfolio_points=37).conclusion is Conclusion.CURRENT),
    Row("R36", "lower than claimed",
        lambda: proposed(HEAD, current="", portfolio_points=38).conclusion is Conclusion.LOWER_THAN_CLAIMED,
        lambda: Conclusion.LOWER_THAN_CURRENT in HEAD_CONCLUSIONS),
    Row("R36", "does not conform",
        lambda: proposed(HEAD, portfolio_points=37).conclusion is Conclusion.NOT_CONFORMING,
        lambda: proposed(HEAD, portfolio_points=37).category),
    Row("R37", "before the term after two years of results",
        lambda: passes(
            intake.early_after_two_years, application(ladder="head", procedure="early", claimed="second"),
            of=card(categories=[held("head", "third", add_years(ON, -amount("head_early_achievement")), None)]),
        ),
        lambda: passes(
            intake.early_after_two_years, application(ladder="head", procedure="early", claimed="second"),
            of=card(categories=[held("head", "third", add_years(ON, -amount("head_early_achievement")) + DAY, None)]),
        )),
    Row("R37", "a head's extract within three working days", lambda: in_time("head_extract", amount("head_extract")),
        lambda: in_time("head_extract", amount("head_extract") + 1)),
    Row("R37", "refused before the term, the current one is kept",
        lambda: proposed(HEAD, procedure="early", portfolio_points=48, current_until=ON).kept == "third",
        lambda: proposed(HEAD, portfolio_points=37, current_until=ON).kept),
    Row("R38", "an old head's category is equated",
        lambda: intake.current_of(
            application(ladder="head", current="", old_category="басшы-менеджер"), {}, ON
        ) == "second",
        lambda: passes(
            intake.old_category,
            application(ladder="head", procedure="old_category", old_category="екінші санат"),
        )),
    Row("R38", "between head and deputy the ordinal goes along",
        lambda: intake.current_of(
            application(ladder="deputy", current=""), card(categories=[held("head", "second", ON, ON)]), ON
        ) == "second",
        lambda: intake.current_of(
            application(ladder="teacher", current=""), card(categories=[held("head", "second", ON, ON)]), ON
        ) == "second"),
    Row("R39", "from 1 September", lambda: passes(intake.window, on=date(2025, 9, 1)),
        lambda: passes(intake.window, on=date(2025, 8, 31))),
    Row("R39", "to 31 December", lambda: passes(intake.window, on=date(2024, 12, 31)),
        lambda: passes(intake.window, on=date(2025, 1, 1))),
    Row("R39", "the last day itself, as the setting says",
        lambda: passes(intake.window, on=date(2024, 12, 31), applications_close_counts="included"),
        lambda: passes(intake.window, on=date(2024, 12, 31), applications_close_counts="excluded")),
    Row("R39", "in the summer of 2024 from 1 June", lambda: passes(intake.window, on=date(2024, 6, 1)),
        lambda: passes(intake.window, on=date(2024, 5, 31))),
    Row("R39", "once in a school year",
        lambda: passes(
            intake.once_a_school_year, of=card(categories=[held("teacher", "expert", date(2024, 8, 31), None)])
        ),
        lambda: passes(
            intake.once_a_school_year, of=card(categories=[held("teacher", "expert", date(2024, 9, 1), None)])
        )),
    Row("R40", "five years from the order, three of a first head",
        lambda: known_at_decision("teacher", ON, PROFILE) is None
        and category_valid_until("teacher", ON) == add_years(ON, amount("teacher_category_validity")),
        lambda: category_valid_until("head", ON) == add_years(ON, amount("teacher_category_validity"))),
    Row("R40", "or from the decision, as the setting says",
        lambda: known_at_decision("teacher", ON, deciding(category_valid_from="decision"))
        == add_years(ON, amount("teacher_category_validity")),
        lambda: known_at_decision("teacher", ON, PROFILE) == add_years(ON, amount("teacher_category_validity"))),
]  # fmt: skip


def deciding(**settings: str) -> Profile:
    return replace(PROFILE, overrides={**PROFILE.overrides, **settings})


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_limit_is_enough_and_one_beside_it_is_not(row: Row) -> None:
    assert row.holds()
    assert not row.fails()


def test_every_rule_of_the_inventory_is_in_the_table() -> None:
    assert {row.rule for row in ROWS} == {f"R{place:02}" for place in range(1, 41)}


def test_an_attestation_before_the_term_does_not_count_as_regular() -> None:
    attested = card(categories=[held("teacher", "expert", date(2024, 1, 1), None, "early"),
                                held("teacher", "moderator", date(2021, 1, 1), date(2024, 1, 1))])  # fmt: skip
    assert cards.last_regular_attestation(attested, "teacher") == date(2021, 1, 1)


def test_an_application_that_stands_makes_a_second_one_too_much() -> None:
    def second(*earlier: date) -> bool:
        return intake.once_a_school_year(APPLICATION, card=CARD, profile=PROFILE, on=ON, earlier=earlier) is None

    assert second(date(2024, 8, 31))
    assert not second(date(2024, 9, 1))


@pytest.mark.parametrize(
    ("check", "name", "filed"),
    [
        (intake.experience, "experience_years_researcher", APPLICATION),
        (intake.early_criteria, "early_criteria_expert", early("expert", "moderator", 4)),
        (intake.degree_needs_service, "doctor_years_researcher_min", early("researcher", "expert", 7)),
    ],
)
def test_another_number_of_the_pack_makes_another_limit(
    check: Callable[..., Any], name: str, filed: Mapping[str, Any]
) -> None:
    threshold = KRG.thresholds[name]
    stricter = replace(KRG, thresholds={**KRG.thresholds, name: replace(threshold, value=threshold.value + 1)})
    shown = card(teaching_years=int(threshold.value))
    assert check(filed, card=shown, profile=PROFILE, on=ON) is None
    assert check(filed, card=shown, profile=replace(PROFILE, regulations=(stricter,)), on=ON) is not None
