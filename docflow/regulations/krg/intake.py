"""What an application for attestation must satisfy: one pure check for each clause, with the clause beside the answer.

Every check reads the content of the application and the applicant's card, and gives nothing or a refusal. An empty
card is one that nobody has asked for; what only the card can tell is not refused then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from docflow.core.calendar import add_years
from docflow.core.messages import Message, _l
from docflow.core.regulations import Clause, Profile, Text
from docflow.core.rules import Refusal
from docflow.regulations.krg import card as cards
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.card import Card, day
from docflow.regulations.krg.categories import (
    COMPETENCES,
    EARLY_RULES,
    ENTRIES,
    GROUNDS,
    LADDERS,
    LANGUAGE_SCORES,
    OLD_HEAD_CATEGORIES,
    OLD_TEACHER_CATEGORIES,
    OTHER_LANGUAGES,
    RETENTION_GROUNDS,
    Authority,
    Ground,
    categories_by_score,
    competence,
    may_claim,
)
from docflow.regulations.krg.sheets import GROUPS
from docflow.regulations.krg.terms import (
    head_applies_by,
    is_before_pension,
    is_open_for_applications,
    is_recent_graduate,
    is_retained_on_transfer,
    is_short_break,
    may_be_early,
    retained_until,
    school_year,
)

Application = Mapping[str, Any]

# In these procedures somebody is attested; the others give or keep a category without it.
ATTESTING = ("regular", "early", "old_category")
AUTHORITIES: Mapping[str, Text] = KRG.settings["authority"].choice_titles
LANGUAGE = "language"  # the ground of clauses 8 and 9 beside those of GROUNDS
TKT = ("TKT Modules 1-3", "TKT CLIL", "TKT YL")
EXAMINATIONS = (*dict.fromkeys(row.examination for row in LANGUAGE_SCORES), *TKT)  # of clause 8; others: clause 9
TKT_CATEGORIES = ("researcher", "master")
TKT_BAND_MIN = 3  # «Band 3-4/4 (нәтиже 4 баллдан 3-4)»
# Who is judged by which sheet: the ladder of each group of krg.sheets.
LADDER_OF_GROUP: Mapping[str, str] = {
    key: "teacher" if sheet.code in ("P1", "P2") else "head" if sheet.code in ("P3", "P4") else "deputy"
    for key, sheet in GROUPS.items()
}
CABINET_METHODISTS = "cabinet_methodist"
# Clause 36: heads of departments, methodists and special teachers get a category by the post they hold.
BY_POST = ("methodist", CABINET_METHODISTS, "special_group")
# Clause 39: which diplomas count for subjects that bear another name.
_CRAFTS = ("технология", "бейнелеу өнері", "сызу")
SUBJECT_DIPLOMAS: Mapping[str, tuple[str, ...]] = {
    "көркем еңбек": _CRAFTS,
    "еңбекке баулу": _CRAFTS,
    "графика және жобалау": ("бейнелеу өнері", "сызу", "информатика"),
}


def title(ladder: str, category: str) -> Text:
    """Name a category as its ladder does; no category: a dash."""
    return LADDERS[ladder].titles.get(category, Text("–", "–", "–"))


def _no(message: Message, clause: Clause, field: str | None = None) -> Refusal:
    return Refusal("", message, clause, field)


def _shown(moment: date) -> str:
    return f"{moment:%d.%m.%Y}"


def _procedure(application: Application) -> str:
    return str(application.get("procedure") or "regular")


def _ladder(application: Application) -> str:
    return str(application.get("ladder") or "teacher")


def _claimed(application: Application) -> str:
    return str(application.get("claimed") or "")


def current_of(application: Application, card: Card, on: date) -> str:
    """Give the category that counts as the current one: what the card holds in force, else what the applicant names.

    Clause 48: an old head's category is the one that it is equated with.
    """
    found = cards.current_category(card, _ladder(application), on) if card else None
    if found is not None:
        return str(found.get("category") or "")
    old = OLD_HEAD_CATEGORIES.get(str(application.get("old_category") or ""), "")
    return old if old and _ladder(application) != "teacher" else str(application.get("current") or "")


def current_until_of(application: Application, card: Card, on: date) -> date | None:
    """Give the day on which the current category ends, by the card or by the application."""
    found = cards.current_category(card, _ladder(application), on) if card else None
    return day((found or {}).get("until")) or day(application.get("current_until"))


# Appendix 4, row 10: when, and how often


def window(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """Applications for attestation are taken from 1 September to 31 December."""
    last_day_counts = profile.setting("applications_close_counts") == "included"
    if _procedure(application) not in ATTESTING or is_open_for_applications(on, last_day_counts=last_day_counts):
        return None
    opens, closes = (profile.annual_date(f"applications_{name}").in_year(on.year) for name in ("open", "close"))
    again = opens if on < opens else profile.annual_date("applications_open").in_year(on.year + 1)
    return _no(
        _l(
            "Applications for attestation are taken from %(opens)s to %(closes)s; this one is of %(day)s. File it "
            "from %(again)s.",
            opens=f"{opens:%d.%m}",
            closes=f"{closes:%d.%m}",
            day=_shown(on),
            again=_shown(again),
        ),
        KRG.appendix(4),
        "filed_on",
    )


def once_a_school_year(
    application: Application, *, card: Card, profile: Profile, on: date, earlier: Iterable[date] = ()
) -> Refusal | None:
    """Attestation is once in a school year; *earlier* are the days of the person's other applications that stand."""
    if _procedure(application) not in ATTESTING:
        return None
    year = school_year(on)
    filed = sum(school_year(each) == year for each in earlier)
    held = cards.attested_in(card, _ladder(application), year)
    if filed + held < profile.threshold("attestations_per_school_year_max").value:
        return None
    return _no(
        _l(
            "Attestation is once in a school year; in the year %(year)s there is an application or an attestation "
            "already. The next one is filed from %(again)s.",
            year=f"{year}/{year + 1}",
            again=_shown(profile.annual_date("applications_open").in_year(year + 1)),
        ),
        KRG.appendix(4),
    )


def heads_six_months(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """Heads and deputies apply six months before their category ends."""
    until = current_until_of(application, card, on)
    if _ladder(application) == "teacher" or _procedure(application) != "regular" or until is None or until < on:
        return None
    by = head_applies_by(until)
    if on <= by:
        return None
    return _no(
        _l(
            "Heads and deputies apply six months before their category ends: for one that ends on %(until)s, "
            "by %(by)s. After it has ended, apply without a current category.",
            until=_shown(until),
            by=_shown(by),
        ),
        KRG.clause("43 ¶2"),
        "current_until",
    )


# Clauses 31 and 44: which category


def sequence(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """Categories follow each other; heads and deputies claim any of them at their first attestation."""
    if not _keeps_sequence(application, profile):
        return None
    ladder, claimed = LADDERS[_ladder(application)], _claimed(application)
    current = current_of(application, card, on)
    is_first = not current and cards.is_first_attestation(card, ladder.code)
    if claimed not in ladder.categories or _is_in_sequence(application, claimed, current, is_first):
        return None
    place = KRG.clause("31" if ladder.code == "teacher" else "44")
    if not current:
        text = _l(
            "%(claimed)s cannot be the first category; the first one is %(first)s.",
            claimed=title(ladder.code, claimed),
            first=title(ladder.code, ladder.categories[1 if ladder.code == "teacher" else 0]),
        )
    else:
        text = _l(
            "After %(current)s one may claim the same category or the next one, not %(claimed)s.",
            current=title(ladder.code, current),
            claimed=title(ladder.code, claimed),
        )
    return _no(text, place, "claimed")


def _keeps_sequence(application: Application, profile: Profile) -> bool:
    """Clauses 6, 7, 10 and 11 name the category themselves; for 8 and 9 the organisation decides."""
    if _procedure(application) == "without_attestation":
        return application.get("ground") == LANGUAGE and profile.setting("language_keeps_sequence") == "yes"
    return _procedure(application) in ("regular", "early") or (
        _procedure(application) == "old_category" and _ladder(application) != "teacher"
    )


def _is_in_sequence(application: Application, claimed: str, current: str, is_first: bool) -> bool:
    ladder = LADDERS[_ladder(application)]
    if current not in ladder.categories:
        lowest = ladder.categories[:2] if ladder.code == "teacher" else ladder.categories[:1]
        return claimed in lowest or (is_first and ladder.code != "teacher")
    if _procedure(application) == "early":
        return ladder.rank(claimed) - ladder.rank(current) == 1
    return may_claim(ladder, claimed, current=current, is_first_attestation=is_first)


def confirms_after_a_move(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """A category of the special programme is confirmed first by whoever has moved to another organisation."""
    held = cards.waits_for_confirmation(card, on) if card and _ladder(application) == "teacher" else None
    if held is None or _procedure(application) not in ("regular", "early"):
        return None
    if _procedure(application) == "regular" and _claimed(application) == held.get("category"):
        return None
    text = _l(
        "%(held)s was given within the special programme, in another organisation: after the move it is confirmed "
        "before anything else. Claim %(held)s at a regular attestation.",
        held=title("teacher", str(held.get("category") or "")),
    )
    return _no(text, KRG.clause("10 ¶4"), "claimed")


def keeps_what_is_held(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """Retention (34) and the years before the pension (35) keep the category that the person has."""
    places = {"retention": "34", "prepension": "35"}
    place = places.get(_procedure(application))
    if place is None:
        return None
    current = current_of(application, card, on)
    if current and _claimed(application) in ("", current):
        return None
    if current:
        held = title(_ladder(application), current)
        text = _l("Only the category that is held can be kept: %(current)s.", current=held)
    else:
        text = _l("There is no category that could be kept.")
    return _no(text, KRG.clause(place), "claimed")


def experience(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """A category of a teacher needs so many completed years of teaching."""
    claimed = _claimed(application)
    entry = ENTRIES.get(claimed)
    if not card or entry is None or _ladder(application) != "teacher" or _procedure(application) not in ATTESTING:
        return None
    current = current_of(application, card, on)
    if claimed == "teacher" and current == "trainee":
        return None  # clause 31, 1): a trainee who has passed the test needs no year of teaching
    away = cards.last_teaching_break(card, on) if claimed == "teacher" and not current else None
    if away is not None and not is_short_break(*away):
        return _no(_away_for_long(away, profile), entry.clause, "claimed")
    needed = int(profile.threshold(f"experience_years_{claimed}").value)
    years = cards.teaching_years(card)
    if years >= needed:
        return None
    return _no(
        _l(
            "%(claimed)s needs %(needed)s years of teaching; the card shows %(years)s. Complete the card, or claim a "
            "lower category.",
            claimed=title("teacher", claimed),
            needed=needed,
            years=years,
        ),
        entry.clause,
        "claimed",
    )


def _away_for_long(away: tuple[date, date], profile: Profile) -> Message:
    return _l(
        "Teaching was taken up again on %(returned)s after a break since %(left)s; it may be %(years)s years long. "
        "Begin as a trainee teacher.",
        left=_shown(away[0]),
        returned=_shown(away[1]),
        years=profile.term("reentry_break_max").amount,
    )


def education(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """Vocational education is not enough for a researcher, nor a non-pedagogical one for a master."""
    claimed = _claimed(application)
    if not card or _ladder(application) != "teacher" or _procedure(application) not in ATTESTING:
        return None
    clause = ENTRIES[claimed].clause if claimed in ENTRIES else KRG.clause("31")
    if claimed == "researcher" and not cards.has_higher_education(card):
        needed = _l(
            "%(claimed)s needs higher or postgraduate education. Complete the card, or claim a lower category.",
            claimed=title("teacher", claimed),
        )
    elif claimed == "master" and not cards.has_higher_pedagogical_education(card):
        needed = _l(
            "%(claimed)s needs higher or postgraduate pedagogical education. Complete the card, or claim a lower "
            "category.",
            claimed=title("teacher", claimed),
        )
    elif claimed in ENTRIES and not cards.has_education(card):
        needed = _l("There is no education and no retraining on the card: enter the diploma.")
    else:
        return None
    return _no(needed, clause, "claimed")


def speciality(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """A category is given for the speciality of the diploma or of retraining; by the post to whom clause 36 names."""
    wanted = _plain(application.get("speciality"))
    learnt = [_plain(row.get("speciality")) for row in cards.rows(card, "education") if row.get("speciality")]
    by_post = _ladder(application) != "teacher" or application.get("sheet_group") in BY_POST
    if not wanted or not learnt or by_post or _procedure(application) not in ATTESTING:
        return None
    accepted = {wanted, *SUBJECT_DIPLOMAS.get(wanted, ())}
    if any(each in known or known in each for each in accepted for known in learnt):
        return None
    # Clause 40: for a subject that nobody is trained for, an earlier category and courses are enough.
    if current_of(application, card, on) and cards.rows(card, "certificates"):
        return None
    text = _l(
        "The card has no diploma and no retraining in “%(speciality)s”. Complete the card, or name the speciality of "
        "the diploma.",
        speciality=str(application.get("speciality")),
    )
    return _no(text, KRG.clause("39" if wanted in SUBJECT_DIPLOMAS else "36"), "speciality")


def _plain(name: object) -> str:
    return " ".join(str(name or "").casefold().replace("«", "").replace("»", "").replace('"', "").split())


# Clauses 5 and 13: before whom, and as whom


def competent_authority(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """A commission attests the categories of its level."""
    ladder, claimed = _ladder(application), _claimed(application)
    # What is kept is not conferred; and for «педагог» clause 13 names no commission.
    is_conferred = any(row.ladder == ladder and claimed in row.categories for row in COMPETENCES)
    if _procedure(application) in ("retention", "prepension") or not is_conferred:
        return None
    authority = Authority(str(profile.setting("authority")))
    subordinate = bool(application.get("is_subordinate"))
    found = competence(authority, ladder, claimed, subordinate=subordinate)
    if found is None:
        text = _l(
            "%(claimed)s is not conferred by this commission (%(authority)s). Apply to: %(others)s.",
            claimed=title(ladder, claimed),
            authority=AUTHORITIES[authority.value],
            others=_authorities_for(ladder, claimed, subordinate=subordinate),
        )
        return _no(text, KRG.clause("13"), "claimed")
    if _is_not_for_region(application, authority, profile):
        text = _l(
            "The region makes master teachers of methodists of methodical cabinets only. Apply to: %(others)s.",
            others=AUTHORITIES[Authority.MINISTRY.value],
        )
        return _no(text, found.clause, "claimed")
    return None


def _authorities_for(ladder: str, claimed: str, *, subordinate: bool) -> Text:
    """Name who confers a category, in the languages of the pages."""
    found = [
        AUTHORITIES[each.value] for each in Authority if competence(each, ladder, claimed, subordinate=subordinate)
    ]
    return Text(*("; ".join(each.in_language(language) for each in found) or "–" for language in ("kk", "ru", "en")))


def _is_not_for_region(application: Application, authority: Authority, profile: Profile) -> bool:
    return (
        authority is Authority.REGION
        and (_ladder(application), _claimed(application)) == ("teacher", "master")
        and profile.setting("region_master_for") == "methodists"
        and application.get("sheet_group") != CABINET_METHODISTS
    )


def right_sheet(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """The portfolio sheet is one of those of the position."""
    group = str(application.get("sheet_group") or "")
    if not group or LADDER_OF_GROUP.get(group) == _ladder(application):
        return None
    place = KRG.appendix(8 if _ladder(application) == "teacher" else 11)
    return _no(_l("This portfolio sheet is not one for such a position."), place, "sheet_group")


def cabinet_without_legal_entity(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """Head and deputy of a cabinet that is no legal entity are attested as its methodists."""
    if application.get("is_legal_entity", True) or application.get("sheet_group") == CABINET_METHODISTS:
        return None
    return _no(
        _l(
            "Where a methodical cabinet is not a legal entity, its head and deputy are attested as methodists of the "
            "cabinet."
        ),
        KRG.clause("5 ¶3"),
        "sheet_group",
    )


# Clauses 42 and 47: before the term


def early_after_two_years(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """An attestation before the term is possible two years after the regular one."""
    if _procedure(application) != "early" or not card:
        return None
    ladder = _ladder(application)
    place = KRG.clause("42" if ladder == "teacher" else "47")
    last = cards.last_regular_attestation(card, ladder)
    if last is None:
        text = _l("The card shows no attestation from which the two years before an early one are counted: enter it.")
        return _no(text, place, "current")
    if may_be_early(last, on):
        return None
    text = _l(
        "Two years after the attestation of %(last)s have not passed yet; ask for an early one from %(since)s.",
        last=_shown(last),
        since=_shown(add_years(last, profile.term("early_attestation_after").amount)),
    )
    return _no(text, place, "current")


def early_heads_results(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """A head asks for an early attestation on results of the claimed category, unbroken over two years."""
    if _procedure(application) != "early" or _ladder(application) == "teacher":
        return None
    since, term = day(application.get("achieved_since")), profile.term("head_early_achievement")
    if since is not None and add_years(since, term.amount) <= on:
        return None
    if since is None:
        text = _l("Enter since when the results have been those of the claimed category without a break.")
    else:
        text = _l(
            "Results of the claimed category over %(years)s years are needed: with those since %(since)s, ask from "
            "%(from)s.",
            **{"years": term.amount, "since": _shown(since), "from": _shown(add_years(since, term.amount))},
        )
    return _no(text, term.clause, "achieved_since")


def early_criteria(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """So many of the listed requirements are met: 4 of 8, 5 of 7, 6 of 7."""
    if _procedure(application) != "early" or _ladder(application) != "teacher":
        return None
    claimed = _claimed(application)
    rule = EARLY_RULES.get(claimed)
    if rule is None:
        text = _l("Before the term one may become teacher-expert, teacher-researcher or master teacher.")
        return _no(text, KRG.clause("42"), "claimed")
    needed = int(profile.threshold(f"early_criteria_{claimed}").value)
    met = early_met(application)
    if met >= needed:
        return None
    text = _l(
        "%(claimed)s before the term needs %(needed)s of %(listed)s requirements; %(met)s are marked.",
        claimed=title("teacher", claimed),
        needed=needed,
        listed=int(profile.threshold(f"early_criteria_listed_{claimed}").value),
        met=met,
    )
    return _no(text, rule.clause, "criteria")


def early_met(application: Application) -> int:
    """Count the marked requirements of clause 42; one named twice or not listed is not counted."""
    rule = EARLY_RULES.get(_claimed(application))
    listed = range(1, len(rule.criteria) + 1) if rule else range(0)
    return len({int(number) for number in application.get("criteria") or () if int(number) in listed})


def degree_needs_service(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """A scientific degree counts before the term with three years of teaching, for a master with five."""
    claimed = _claimed(application)
    # The place of the degree in the lists of clause 42, 2) and 3).
    numbers = {"researcher": 7, "master": 6}
    if not card or _procedure(application) != "early" or numbers.get(claimed) not in _marked(application):
        return None
    threshold = profile.threshold(f"doctor_years_{claimed}_min")
    years = cards.teaching_years(card)
    if years >= threshold.value:
        return None
    text = _l(
        "A degree counts with %(needed)s years of teaching; the card shows %(years)s.",
        needed=int(threshold.value),
        years=years,
    )
    return _no(text, threshold.clause, "criteria")


def _marked(application: Application) -> set[int]:
    return {int(number) for number in application.get("criteria") or ()}


# Clauses 6 to 11: without attestation


def number_of(score: object) -> Fraction | None:
    """Read a score: ``6,5`` and ``6.5`` are the same; ``None``: not a number."""
    try:
        return Fraction(Decimal(str(score).strip().replace(",", ".")))
    except (InvalidOperation, ValueError):
        return None


def categories_by_language(
    examination: str, *, score: object = "", level: str = "", profile: Profile
) -> tuple[str, ...]:
    """Name the categories that a certificate opens: clause 8 by examination and score, 9 by the level of the language.

    TKT opens researcher and master; how many of the three are needed the setting language_tkt says.
    """
    if examination in TKT:
        band = number_of(score)
        return TKT_CATEGORIES if examination != TKT[0] or (band or 0) >= TKT_BAND_MIN else ()
    if examination in {row.examination for row in LANGUAGE_SCORES}:
        number = number_of(score)
        is_minimum = profile.setting("language_scores") == "minimum"
        by_level = tuple(
            row.category
            for row in LANGUAGE_SCORES
            if row.examination == examination and _reaches(level, row.lowest, is_minimum=is_minimum)
        )
        by_score = categories_by_score(examination, number, is_minimum=is_minimum) if number is not None else ()
        return by_level or by_score
    return (OTHER_LANGUAGES[level],) if level in OTHER_LANGUAGES else ()


def _reaches(level: str, lowest: object, *, is_minimum: bool) -> bool:
    """Compare levels of the CEFR, whose names sort as the levels do."""
    if not isinstance(lowest, str) or len(level) != len(lowest):
        return False
    return level >= lowest if is_minimum else level == lowest


def language_category(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """The certificate opens the category that is claimed."""
    if application.get("ground") != LANGUAGE:
        return None
    examination, claimed = str(application.get("examination") or ""), _claimed(application)
    opened = categories_by_language(
        examination, score=application.get("score"), level=str(application.get("level") or ""), profile=profile
    )
    place = _language_clause(examination)
    if claimed not in opened:
        text = _l("This certificate does not open %(claimed)s.", claimed=title("teacher", claimed))
        return _no(text, place, "score")
    if examination in TKT and profile.setting("language_tkt") == "all":
        held = {str(row.get("examination")) for row in cards.languages_on(card, on)} | {examination}
        if missing := [name for name in TKT if name not in held]:
            text = _l("All TKT certificates that the clause names are needed: %(missing)s.", missing=", ".join(missing))
            return _no(text, KRG.clause("8(3)"), "examination")
    return None


def _language_clause(examination: str) -> Clause:
    listed = {row.examination for row in LANGUAGE_SCORES}
    return KRG.clause("8" if examination in listed or examination in TKT else "9")


def certificate_in_force(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """A language certificate is valid on the day of the application: «қолданыстағы»."""
    places = {
        LANGUAGE: _language_clause(str(application.get("examination") or "")),
        "celta": KRG.clause("7 ¶2"),
        "delta": KRG.clause("7 ¶3"),
    }
    place = places.get(str(application.get("ground") or ""))
    until = day(application.get("until"))
    if place is None or until is None or on <= until:
        return None
    return _no(_l("The certificate was valid until %(until)s.", until=_shown(until)), place, "until")


def ground(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """A category without attestation is the one that its ground gives."""
    key = str(application.get("ground") or "")
    if _procedure(application) != "without_attestation" or key == LANGUAGE:
        return None
    found = GROUNDS.get(key)
    if found is None:
        return _no(_l("Name the ground on which a category is given without attestation."), KRG.clause("7"), "ground")
    given = category_of_ground(found, current_of(application, card, on), profile)
    if not given:
        text = _l(
            "The special programme raises a teacher-expert or a teacher-researcher by one level: enter the current "
            "category."
        )
        return _no(text, found.clause, "current")
    if (_ladder(application), _claimed(application)) == (found.ladder, given):
        return None
    text = _l("On this ground %(given)s is given.", given=title(found.ladder, given))
    return _no(text, found.clause, "claimed")


def category_of_ground(found: Ground, current: str, profile: Profile) -> str:
    """Give the category of a ground; the special programme raises what clause 10 names by a level, else nothing."""
    if found.category:
        return found.category
    if current not in ("expert", "researcher"):
        return ""
    return LADDERS[found.ladder].moved(current, int(profile.threshold("special_programme_levels_up").value))


def production_service(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """At least five last years in production make a moderator, more than ten in the speciality an expert."""
    key = str(application.get("ground") or "")
    if not card or key not in ("production_moderator", "production_expert"):
        return None
    years = cards.last_production_years(card, on)
    if key == "production_moderator":
        threshold = profile.threshold("production_years_moderator_min")
        is_enough = years >= threshold.value
        text = _l("At least %(needed)s last years in production are needed; the card shows %(years)s.")
    else:
        threshold = profile.threshold("production_years_expert_over")
        is_enough = cards.is_production_over(card, int(threshold.value), on)
        text = _l("More than %(needed)s last years in the speciality are needed; the card shows %(years)s.")
    if is_enough:
        return None
    return _no(Message(text.msgid, {"needed": int(threshold.value), "years": years}), threshold.clause, "ground")


def recent_graduate(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """Graduates of the named universities apply within five years: from ``graduated_on`` of the application."""
    if application.get("ground") != "nazarbayev_or_bolashak_graduate":
        return None
    graduated = day(application.get("graduated_on"))
    if graduated is None:
        return _no(_l("Name the day of graduation."), KRG.clause("7 ¶2"), "graduated_on")
    if graduated <= on and is_recent_graduate(graduated, on):
        return None
    text = _l(
        "Without attestation a graduate is taken for %(years)s years after graduation; this one graduated on %(day)s.",
        years=profile.term("graduate_within").amount,
        day=_shown(graduated),
    )
    return _no(text, KRG.clause("7 ¶2"), "graduated_on")


# Clauses 32, 34, 35, 48, 49: what is kept, and old names


def retention_ground(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """A category is kept for at most two years on one of five grounds, and not when they are over."""
    if _procedure(application) != "retention":
        return None
    place = next((clause for clause in RETENTION_GROUNDS if clause.number == application.get("ground")), None)
    if place is None:
        return _no(_l("Name the ground on which the category is kept."), KRG.clause("34"), "ground")
    until = current_until_of(application, card, on)
    if place.number == "34(5)" and (until is None or not is_retained_on_transfer(until, on)):
        text = _l("On a transfer the category is kept if not more than a year of it is left.")
        return _no(text, place, "current_until")
    if until is not None and retained_until(until) < on:
        years = profile.term("category_retention_max").amount
        text = _l(
            "The category ended on %(until)s; it is kept for %(years)s years at most.", until=_shown(until), years=years
        )
        return _no(text, KRG.clause("34"), "current_until")
    return None


def before_pension(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """Who has less than four years to the pension age keeps the category; who has reached it is attested."""
    if _procedure(application) != "prepension":
        return None
    pension_on = cards.pension_day(card) or day(application.get("pension_on"))
    if pension_on is None:
        return _no(_l("Name the day of the pension age."), KRG.clause("35"), "pension_on")
    if is_before_pension(pension_on, on):
        return None
    if pension_on <= on:
        text = _l("The pension age was reached on %(day)s: who goes on working is attested.", day=_shown(pension_on))
        return _no(text, KRG.clause("35 ¶2"), "pension_on")
    text = _l(
        "%(years)s years or more are left to the pension age on %(day)s.",
        years=profile.term("prepension_under").amount,
        day=_shown(pension_on),
    )
    return _no(text, KRG.clause("35"), "pension_on")


def old_category(application: Application, *, card: Card, profile: Profile, on: date) -> Refusal | None:
    """An old category of a teacher says which new one is sought."""
    if _procedure(application) != "old_category":
        return None
    name = str(application.get("old_category") or "")
    if _ladder(application) != "teacher":
        text = _l("Name the old category of a head: %(names)s.", names=", ".join(OLD_HEAD_CATEGORIES))
        return None if name in OLD_HEAD_CATEGORIES else _no(text, KRG.clause("48"), "old_category")
    sought = OLD_TEACHER_CATEGORIES.get(name)
    if sought is None:
        text = _l("Name the old category of a teacher: %(names)s.", names=", ".join(OLD_TEACHER_CATEGORIES))
        return _no(text, KRG.clause("32"), "old_category")
    if _claimed(application) == sought:
        return None
    text = _l("With the old category “%(old)s” %(sought)s is sought.", old=name, sought=title("teacher", sought))
    return _no(text, KRG.clause("32"), "claimed")
