"""What the clauses make of one attestee's results: a proposal with its reasons; the commission decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from docflow.core.messages import Message, _l
from docflow.core.regulations import Clause, Profile, Text
from docflow.core.scoring import Figures, Number, Rounding, ScoreSheet, category_reached, mean, required
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import (
    EARLY_RULES,
    GROUNDS,
    HEAD_CONCLUSIONS,
    LADDERS,
    TEACHER_CONCLUSIONS,
    Conclusion,
    Ladder,
    lowered_by_knowledge_test,
)
from docflow.regulations.krg.intake import LANGUAGE, category_of_ground, number_of, title
from docflow.regulations.krg.sheets import CONTRADICTIONS, GROUPS
from docflow.regulations.krg.terms import category_valid_until, retained_until

# Whose lessons are observed: the sheets that ask for the mean of the observations themselves.
OBSERVED_GROUPS = ("teacher", "special_group")
RE_ATTESTATION = "re_attestation"


@dataclass(frozen=True)
class Reason:
    """One sentence of the reasoning, or of what is missing, with its clause."""

    message: Message
    clause: Clause


@dataclass(frozen=True)
class Case:
    """One attestee's results, as far as they are known on the day of the session.

    ``current`` and ``claimed`` are keys of the ladder; ``recommended`` is what the members' sheets say
    (``claimed``, ``lower``, ``re_attestation``, ``not``; empty: nothing, or not the same).
    ``knowledge_category`` is what the test of one who did not pass is enough for. ``confirmed`` is what the
    members' conclusion numbered ``confirmed_by`` says of the materials; ``None`` with a number: they have changed
    since. ``appeal`` is the state of an appeal against the test: ``submitted``, ``accepted`` (its result is not
    entered yet), ``answered`` (it is), ``refused``.
    """

    ladder: str
    procedure: str
    claimed: str
    on: date
    current: str = ""
    current_until: date | None = None
    sheet_group: str = ""
    portfolio_points: Number | None = None
    knowledge_passed: bool | None = None
    knowledge_category: str = ""
    observation_mean: Number | None = None
    observation_sheets: int = 0
    essay_words: int | None = None
    interviewed: bool = False
    early_met: int = 0
    ground: str = ""
    recommended: str = ""
    recommended_category: str = ""
    confirmed: bool | None = None
    confirmed_category: str = ""
    confirmed_by: str = ""
    appeal: str = ""
    appealed_on: date | None = None
    pension_on: date | None = None

    @property
    def steps(self) -> Ladder:
        return LADDERS[self.ladder]

    @property
    def is_teacher(self) -> bool:
        return self.ladder == "teacher"

    @property
    def is_confirming(self) -> bool:
        return self.claimed == self.current

    @property
    def needs_evidence(self) -> bool:
        """Whether results are judged: not where the category is kept, or given on a ground of clauses 6, 7, 10, 11."""
        return self.procedure in ("regular", "early", "old_category") or self.is_by_language

    @property
    def is_by_language(self) -> bool:
        return self.procedure == "without_attestation" and self.ground == LANGUAGE

    @property
    def needs_knowledge(self) -> bool:
        """Whether the knowledge test is asked: clause 4, and 8 and 9 for the exception."""
        return self.needs_evidence and not self.is_by_language

    @property
    def is_observed(self) -> bool:
        return (
            self.needs_evidence
            and self.sheet_group in OBSERVED_GROUPS
            and self.claimed in GROUPS[self.sheet_group].categories
        )


@dataclass(frozen=True)
class Proposal:
    """What the clauses make of a case: a conclusion with the category that it means, and why.

    ``category`` is empty where none is conferred; ``kept`` is the one that goes on then. ``valid_until`` is set
    where the decision itself limits it. ``missing`` is what the case waits for; the conclusion is provisional then.
    """

    conclusion: Conclusion
    category: str
    valid_until: date | None = None
    reasons: tuple[Reason, ...] = ()
    missing: tuple[Reason, ...] = ()
    kept: str = ""

    @property
    def is_ready(self) -> bool:
        return not self.missing


# Several numbers made into one, by the organisation's settings


def portfolio_result(points: Sequence[Number], profile: Profile) -> Number | None:
    """Make one result of several members' sheets, by the setting portfolio_result; ``None``: there is no sheet."""
    if not points:
        return None
    if profile.setting("portfolio_result") == "lowest":
        return min(points)
    found = Fraction(sum(points, start=Fraction(0)), len(points))
    return int(found) if found.denominator == 1 else found


def observation_result(points: Sequence[Number], profile: Profile) -> Number | None:
    """Give the mean of signed observation sheets, by the setting observation_mean_rounding; ``None``: no sheet."""
    if not points:
        return None
    return mean(points, at_least=1, rounding=Rounding(str(profile.setting("observation_mean_rounding"))))


def knowledge_outcome(*, score: object, max_score: object = "", outcome: str = "", profile: Profile) -> bool | None:
    """Say whether the knowledge test was passed: as entered, or by the setting knowledge_pass_mark.

    The mark is a share of the greatest score in per cent: ``50``, ``50 %``. ``None``: neither is known.
    """
    if outcome in ("passed", "failed"):
        return outcome == "passed"
    mark = number_of(str(profile.setting("knowledge_pass_mark")).replace("%", "").strip())
    reached, most = number_of(score), number_of(max_score)
    if mark is None or reached is None or not most:
        return None
    return reached * 100 >= mark * most


def needed_points(group: str, profile: Profile) -> Mapping[str, int]:
    """Give what each category needs on the sheet of *group*, lowest first, by the setting portfolio_figures."""
    return required(GROUPS[group], group, figures=Figures(str(profile.setting("portfolio_figures"))))


def known_at_decision(ladder: str, decided_on: date, profile: Profile) -> date | None:
    """Give the last day of a category where the setting counts it from the decision; from the order it is not known."""
    is_counted = profile.setting("category_valid_from") == "decision"
    return category_valid_until(ladder, decided_on) if is_counted else None


def shown(number: Number) -> Text:
    """Write an exact number for people, with at most two places."""
    if isinstance(number, int) or number.denominator == 1:
        return Text(str(number), str(number), str(number))
    text = f"{float(number):.2f}".rstrip("0").rstrip(".")
    return Text(text.replace(".", ","), text.replace(".", ","), text)


# The proposal


def propose(case: Case, profile: Profile) -> Proposal:
    """Propose what the clauses make of *case* under the organisation's settings."""
    judge: Mapping[str, Callable[[Case, Profile], Proposal]] = {"prepension": _before_pension, "retention": _retained}
    if case.procedure in judge:
        return judge[case.procedure](case, profile)
    if not case.needs_evidence:
        return _on_ground(case, profile)
    return _by_evidence(case, profile)


def _before_pension(case: Case, profile: Profile) -> Proposal:
    place = KRG.clause("35")
    if case.pension_on is None:
        missing = (Reason(_l("The day of the pension age is not known."), place),)
        return Proposal(Conclusion.CURRENT, case.current, missing=missing)
    reason = _l(
        "Less than four years are left to the pension age: %(current)s is kept until %(day)s without attestation.",
        current=title(case.ladder, case.current),
        day=f"{case.pension_on:%d.%m.%Y}",
    )
    return Proposal(Conclusion.CURRENT, case.current, case.pension_on, (Reason(reason, place),))


def _retained(case: Case, profile: Profile) -> Proposal:
    """Keep the category for two years from the decision, or from its end: the setting retention_from."""
    is_from_end = profile.setting("retention_from") == "expiry" and case.current_until is not None
    until = retained_until(case.current_until if is_from_end and case.current_until else case.on)
    place = KRG.clauses.get(case.ground, KRG.clause("34"))
    reason = _l(
        "%(current)s is kept for two years at most: until %(day)s.",
        current=title(case.ladder, case.current),
        day=f"{until:%d.%m.%Y}",
    )
    return Proposal(Conclusion.CURRENT, case.current, until, (Reason(reason, place),))


def _on_ground(case: Case, profile: Profile) -> Proposal:
    ground = GROUNDS.get(case.ground)
    if ground is None:
        missing = (Reason(_l("The ground on which the category is given is not named."), KRG.clause("7")),)
        return Proposal(Conclusion.CLAIMED, case.claimed, missing=missing)
    category = category_of_ground(ground, case.current, profile) or case.claimed
    reason = _l("%(category)s is given without attestation on this ground.", category=title(ground.ladder, category))
    until = known_at_decision(case.ladder, case.on, profile)
    return Proposal(Conclusion.CLAIMED, category, until, (Reason(reason, ground.clause),))


def _by_evidence(case: Case, profile: Profile) -> Proposal:
    shown_by, reasons = materials(case, profile)
    reasons += tuple(_appeal(case))
    missing = tuple(_missing(case, profile))
    found = _old_category if case.procedure == "old_category" and case.is_teacher else _judged
    conclusion, category, more = found(case, shown_by, profile)
    if conclusion is Conclusion.NOT_CONFORMING:
        kept, until, note = _what_is_kept(case)
        return Proposal(conclusion, "", until, (*reasons, *more, *note), missing, kept)
    return Proposal(conclusion, category, known_at_decision(case.ladder, case.on, profile), (*reasons, *more), missing)


def _what_is_kept(case: Case) -> tuple[str, date | None, tuple[Reason, ...]]:
    """Refused before the term, one keeps the category to its end (42 ¶2, 47 ¶2); refused in due time, no."""
    if case.procedure != "early" or not case.current:
        return "", None, ()
    place = KRG.clause("42 ¶2" if case.is_teacher else "47 ¶2")
    until = f"{case.current_until:%d.%m.%Y}" if case.current_until else "–"
    note = _l("%(current)s is kept to its end: %(until)s.", current=title(case.ladder, case.current), until=until)
    return case.current, case.current_until, (Reason(note, place),)


# What the materials show


def materials(case: Case, profile: Profile) -> tuple[str | None, tuple[Reason, ...]]:
    """Give the highest category, up to the claimed one, that the materials show, with the reasoning.

    What the members have confirmed (clause 29) goes over what the figures alone give.
    """
    reached, reasons = _by_figures(case, profile)
    if not case.confirmed_by:
        return reached, reasons
    if case.confirmed is None:
        text = _l("The members' conclusion № %(number)s was drawn up on other figures.", number=case.confirmed_by)
        return reached, (*reasons, Reason(text, KRG.clause("29")))
    text = _confirmation(case)
    confirmed = case.claimed if case.confirmed else case.confirmed_category or None
    return confirmed, (*reasons, Reason(text, KRG.clause("29")))


def _confirmation(case: Case) -> Message:
    named = {"number": case.confirmed_by, "claimed": title(case.ladder, case.claimed)}
    if case.confirmed:
        return _l("The members confirmed that the materials conform to %(claimed)s (№ %(number)s).", **named)
    return _l("The members did not confirm that the materials conform to %(claimed)s (№ %(number)s).", **named)


def _appeal(case: Case) -> Iterator[Reason]:
    """Say how an appeal against the knowledge test stands; while it is accepted without a result the case waits."""
    if case.appeal == "submitted":
        text = _l("An appeal of %(day)s against the knowledge test is being considered.", day=_appealed(case))
        yield Reason(text, KRG.clause("2(5)"))
    elif case.appeal == "answered":
        text = _l("The result of the knowledge test is the one after the appeal of %(day)s.", day=_appealed(case))
        yield Reason(text, KRG.clause("2(6)"))
    elif case.appeal == "refused":
        text = _l("The appeal of %(day)s against the knowledge test was refused.", day=_appealed(case))
        yield Reason(text, KRG.clause("2(6)"))


def _appealed(case: Case) -> str:
    return f"{case.appealed_on:%d.%m.%Y}" if case.appealed_on else "–"


def _by_figures(case: Case, profile: Profile) -> tuple[str | None, tuple[Reason, ...]]:
    reached = [
        (category, reason)
        for category, reason in (_portfolio(case, profile), _observations(case, profile), _early(case, profile))
        if reason
    ]
    reasons = tuple(each for _, several in reached for each in several)
    ranked = [case.steps.rank(category) if category else -1 for category, _ in reached]
    lowest = min([case.steps.rank(case.claimed), *ranked])
    return (case.steps.categories[lowest] if lowest >= 0 else None), reasons


def _portfolio(case: Case, profile: Profile) -> tuple[str | None, tuple[Reason, ...]]:
    sheet = GROUPS.get(case.sheet_group)
    if sheet is None or case.claimed not in sheet.categories:
        return case.claimed, ()
    by = _points if profile.setting("portfolio_totals_decide") == "yes" else _recommended
    reached, reasons = by(case, profile, sheet)
    if case.recommended != RE_ATTESTATION or case.is_teacher:
        return reached, reasons
    counts_as = str(profile.setting("re_attestation"))
    text = _l(
        "The members recommend re-attestation, which is none of the decisions; here it is %(choice)s.",
        choice=KRG.settings["re_attestation"].choice_titles[counts_as],
    )
    reached = None if counts_as == "not_conforming" else reached
    return reached, (*reasons, Reason(text, KRG.appendix(sheet.appendix)))


def _points(case: Case, profile: Profile, sheet: ScoreSheet) -> tuple[str | None, tuple[Reason, ...]]:
    if case.portfolio_points is None:
        return case.claimed, ()
    needed = needed_points(case.sheet_group, profile)
    text = _l(
        "The portfolio has %(points)s of the %(needed)s points that %(claimed)s needs.",
        points=shown(case.portfolio_points),
        needed=needed[case.claimed],
        claimed=title(case.ladder, case.claimed),
    )
    reasons = (Reason(text, KRG.appendix(sheet.appendix)), *_figures(case, profile, sheet))
    return category_reached(case.portfolio_points, needed), reasons


def _figures(case: Case, profile: Profile, sheet: ScoreSheet) -> Iterator[Reason]:
    """Show both numbers where the printed total is not the sum of the rows."""
    for each in CONTRADICTIONS.get(sheet.code, ()):
        if (each.totals, each.category) == (case.sheet_group, case.claimed):
            text = _l(
                "The sheet prints %(printed)s and its rows make %(summed)s; what counts is %(choice)s.",
                printed=each.printed,
                summed=each.summed,
                choice=KRG.settings["portfolio_figures"].choice_titles[str(profile.setting("portfolio_figures"))],
            )
            yield Reason(text, KRG.appendix(sheet.appendix))


def _recommended(case: Case, profile: Profile, sheet: ScoreSheet) -> tuple[str | None, tuple[Reason, ...]]:
    """Without thresholds the members' recommendation speaks."""
    place = KRG.appendix(sheet.appendix)
    if case.recommended == "claimed":
        text = _l("The members recommend the claimed category: %(claimed)s.", claimed=title(case.ladder, case.claimed))
        return case.claimed, (Reason(text, place),)
    if case.recommended == "lower":
        lower = case.recommended_category or case.steps.moved(case.claimed, -1)
        text = _l("The members recommend a lower category: %(category)s.", category=title(case.ladder, lower))
        return lower, (Reason(text, place),)
    if case.recommended == "not":
        return None, (Reason(_l("The members recommend not to confer the claimed category."), place),)
    return case.claimed, ()


def _observations(case: Case, profile: Profile) -> tuple[str | None, tuple[Reason, ...]]:
    name = f"observation_mean_{case.claimed}"
    if not case.is_observed or case.observation_mean is None or name not in KRG.thresholds:
        return case.claimed, ()
    threshold = profile.threshold(name)
    text = _l(
        "The observed lessons have a mean of %(mean)s; %(claimed)s needs %(needed)s.",
        mean=shown(case.observation_mean),
        claimed=title(case.ladder, case.claimed),
        needed=shown(threshold.value),
    )
    needed = {
        category: int(profile.threshold(f"observation_mean_{category}").value)
        for category in GROUPS[case.sheet_group].categories
    }
    return category_reached(case.observation_mean, needed), (Reason(text, threshold.clause),)


def _early(case: Case, profile: Profile) -> tuple[str | None, tuple[Reason, ...]]:
    rule = EARLY_RULES.get(case.claimed) if case.procedure == "early" and case.is_teacher else None
    if rule is None:
        return case.claimed, ()
    needed = int(profile.threshold(f"early_criteria_{case.claimed}").value)
    text = _l(
        "Of the %(listed)s requirements for an early %(claimed)s %(met)s are met; %(needed)s are needed.",
        listed=len(rule.criteria),
        claimed=title(case.ladder, case.claimed),
        met=case.early_met,
        needed=needed,
    )
    reached = case.claimed if case.early_met >= needed else case.current or None
    return reached, (Reason(text, rule.clause),)


# From what is shown to a conclusion

Outcome = tuple[Conclusion, str, tuple[Reason, ...]]


def _judged(case: Case, shown_by: str | None, profile: Profile) -> Outcome:
    conforms = shown_by == case.claimed
    if not conforms:
        return _concluded(case, shown_by, _also_failed(case))
    if case.needs_knowledge and case.knowledge_passed is False:
        return _lowered(case, profile)
    return _concluded(case, shown_by, _passed(case))


def _passed(case: Case) -> tuple[Reason, ...]:
    if case.is_by_language:
        return (Reason(_l("By the language certificate there is no knowledge test."), KRG.clause("8")),)
    if case.knowledge_passed:
        return (Reason(_l("The knowledge test was passed."), KRG.clause("4")),)
    return ()


def _also_failed(case: Case) -> tuple[Reason, ...]:
    if not case.needs_knowledge or case.knowledge_passed is not False:
        return _passed(case)
    text = _l(
        "The knowledge test was not passed either. Clause 30 is about people whose materials conform: what follows "
        "from the test here is for the commission."
    )
    return (Reason(text, KRG.clause("30")),)


def _lowered(case: Case, profile: Profile) -> Outcome:
    """Clause 30: the materials conform, the test was not passed."""
    if case.is_confirming:
        text, place = _l("The knowledge test was not passed; when confirming: one level lower."), KRG.clause("30 ¶2")
        given = lowered_by_knowledge_test(case.steps, case.claimed, current=case.current, knowledge="")
        reached = given if given != case.claimed else None
    else:
        text = _l("The knowledge test was not passed; when assigning: not higher than what the test shows.")
        place = KRG.clause("30 ¶3")
        reached = (
            lowered_by_knowledge_test(case.steps, case.claimed, current=case.current, knowledge=case.knowledge_category)
            if case.knowledge_category
            else case.current or None
        )
    return _concluded(case, reached, (Reason(text, place),))


def _concluded(case: Case, reached: str | None, reasons: tuple[Reason, ...]) -> Outcome:
    """Choose among the conclusions of clause 19 for teachers, 46 for heads; before the term it is yes or no."""
    if reached == case.claimed:
        return _outcome(case, Conclusion.CLAIMED, case.claimed, reasons)
    if case.procedure == "early":
        return _outcome(case, Conclusion.NOT_CONFORMING, "", reasons)
    return _teachers(case, reached, reasons) if case.is_teacher else _heads(case, reached, reasons)


def _outcome(case: Case, conclusion: Conclusion, category: str, reasons: tuple[Reason, ...]) -> Outcome:
    places = TEACHER_CONCLUSIONS if case.is_teacher else HEAD_CONCLUSIONS
    return conclusion, category, (*reasons, Reason(_sentence(case, conclusion, category), places[conclusion]))


def _sentence(case: Case, conclusion: Conclusion, category: str) -> Message:
    named = title(case.ladder, category)
    match conclusion:
        case Conclusion.CLAIMED:
            return _l("Conforms to the claimed category: %(category)s.", category=named)
        case Conclusion.CURRENT:
            return _l("Conforms to the current category: %(category)s.", category=named)
        case Conclusion.LOWER_THAN_CURRENT:
            return _l("Conforms to a category lower than the current one: %(category)s.", category=named)
        case Conclusion.LOWER_THAN_CLAIMED:
            return _l("Conforms to a category lower than the claimed one: %(category)s.", category=named)
        case Conclusion.NOT_CONFORMING:
            return _l(
                "Does not conform to the claimed category: %(category)s.", category=title(case.ladder, case.claimed)
            )


def _teachers(case: Case, reached: str | None, reasons: tuple[Reason, ...]) -> Outcome:
    """Clause 19 knows the current category and what is lower than it; the sheets begin with the moderator."""
    ladder = case.steps
    if case.current not in ladder.categories:
        # Nothing is current: only the table «сәйкес келмейді» of the protocol is left.
        reason = Reason(_sentence(case, Conclusion.NOT_CONFORMING, ""), KRG.appendix(2))
        return Conclusion.NOT_CONFORMING, "", (*reasons, reason)
    shown_by = reached or ladder.lower_of(case.current, "teacher")
    if not case.is_confirming and ladder.rank(shown_by) >= ladder.rank(case.current):
        return _outcome(case, Conclusion.CURRENT, case.current, reasons)
    return _outcome(case, Conclusion.LOWER_THAN_CURRENT, shown_by, reasons)


def _heads(case: Case, reached: str | None, reasons: tuple[Reason, ...]) -> Outcome:
    if reached is None:
        return _outcome(case, Conclusion.NOT_CONFORMING, "", reasons)
    if reached == case.current:
        return _outcome(case, Conclusion.CURRENT, reached, reasons)
    return _outcome(case, Conclusion.LOWER_THAN_CLAIMED, reached, reasons)


def _old_category(case: Case, shown_by: str | None, profile: Profile) -> Outcome:
    """Clause 32: who does not pass with an old category is given one by the test, at least «педагог»."""
    if shown_by == case.claimed and case.knowledge_passed is not False:
        return _concluded(case, shown_by, _passed(case))
    by_test = case.knowledge_category or (case.claimed if case.knowledge_passed else "teacher")
    given = case.steps.lower_of(case.claimed, by_test)
    text = _l(
        "With an old category, who does not pass is given the category that the knowledge test shows: %(category)s.",
        category=title(case.ladder, given),
    )
    reasons = (Reason(text, KRG.clause("32 ¶2")),)
    conclusion = Conclusion.CLAIMED if given == case.claimed else Conclusion.LOWER_THAN_CURRENT
    return _outcome(case, conclusion, given, reasons)


# What the case waits for


def _missing(case: Case, profile: Profile) -> Iterator[Reason]:
    yield from missing_materials(case, profile)
    if profile.setting("analytical_summary") == "required" and case.confirmed is None:
        yield Reason(_l("The members have not signed the conclusion of the analytical summary."), KRG.clause("29"))
    if not case.is_teacher and not case.interviewed:
        yield Reason(_l("The interview at the session has not been held."), KRG.clause("5 ¶2"))
    if case.needs_knowledge:
        yield from _missing_knowledge(case)


def missing_materials(case: Case, profile: Profile) -> Iterator[Reason]:
    """Say what of the materials is not there yet: sheets of the members, observations, the essay."""
    yield from _missing_sheets(case, profile)
    if case.is_teacher:
        yield from _missing_essay(case, profile)


def _missing_sheets(case: Case, profile: Profile) -> Iterator[Reason]:
    sheet = GROUPS.get(case.sheet_group)
    if sheet is None:
        yield Reason(_l("It is not said which portfolio sheet is used."), KRG.appendix(8 if case.is_teacher else 11))
    elif case.portfolio_points is None:
        yield Reason(_l("No member has signed a portfolio sheet yet."), KRG.appendix(sheet.appendix))
    elif profile.setting("portfolio_totals_decide") != "yes" and not case.recommended:
        yield Reason(_l("The members' sheets hold no common recommendation."), KRG.appendix(sheet.appendix))
    if case.is_observed:
        yield from _missing_observations(case, profile)


def _missing_observations(case: Case, profile: Profile) -> Iterator[Reason]:
    threshold = profile.threshold("observation_sheets_min")
    if case.observation_sheets < threshold.value or case.observation_mean is None:
        text = _l(
            "Of at least %(needed)s observation sheets %(found)s are signed.",
            needed=int(threshold.value),
            found=case.observation_sheets,
        )
        yield Reason(text, threshold.clause)


def _missing_essay(case: Case, profile: Profile) -> Iterator[Reason]:
    least, most = (profile.threshold(f"essay_words_{end}") for end in ("min", "max"))
    if case.essay_words is None:
        yield Reason(_l("There is no essay."), least.clause)
    elif not least.value <= case.essay_words <= most.value:
        text = _l(
            "The essay has %(words)s words; %(least)s to %(most)s are asked.",
            words=case.essay_words,
            least=int(least.value),
            most=int(most.value),
        )
        yield Reason(text, least.clause)


def _missing_knowledge(case: Case) -> Iterator[Reason]:
    if case.appeal == "accepted":
        text = _l("The appeal was accepted on %(day)s; the result after it has not been entered.", day=_appealed(case))
        yield Reason(text, KRG.clause("2(6)"))
    elif case.knowledge_passed is None:
        yield Reason(_l("There is no result of the knowledge test."), KRG.clause("4"))
    elif not case.knowledge_passed and not case.is_confirming and not case.knowledge_category:
        text = _l("It is not said which category the failed knowledge test is enough for.")
        yield Reason(text, KRG.clause("30 ¶3"))
