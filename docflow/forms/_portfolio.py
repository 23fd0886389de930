"""The six portfolio sheets: one form, one set of rules and one paper; each type brings its printed sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms.validators import InputRequired

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, Rule, Step, rule
from docflow.core.scoring import Figures, Indicator, Level, Measure, ScoreSheet
from docflow.core.types import Capacity, DocumentType, Journal, SignatureSlot
from docflow.forms import _attestation as shared
from docflow.forms.base import (
    BooleanField,
    FieldList,
    FormField,
    IntegerField,
    Length,
    NumberRange,
    Optional,
    PersonForm,
    RecordForm,
    SelectField,
    StringField,
    TextAreaField,
    day,
    hidden_id,
    optional_text,
    whole_number,
)
from docflow.forms.workflows import issued
from docflow.regulations.krg import portfolio
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.observation import SHEETS as OBSERVED
from docflow.regulations.krg.observation import as_written
from docflow.regulations.krg.portfolio import clause_of, lines_of, recommendations_of
from docflow.regulations.krg.sheets import GROUPS, PORTFOLIO

APPENDICES = (KRG.appendix(8), KRG.appendix(11))
# Clause 24: portfolios of teachers; clause 45: of heads and their deputies.
PORTFOLIO_CLAUSES = (KRG.clause("24"), KRG.clause("45 ¶2"))

# The applications whose materials are judged: all that pass the analytical summary (clauses 5, 8, 32, 42, 45).
_TEACHERS = (
    "teacher_application", "early_application", "old_category_application", "without_attestation_application",
)  # fmt: skip
SOURCES: Mapping[str, tuple[str, ...]] = {
    "teacher": _TEACHERS, "head": ("head_application",), "deputy": ("head_application",),
}  # fmt: skip

MEMBER = SignatureSlot(
    "member", Capacity.MEMBER, Text("Комиссия мүшесі", "Член комиссии", "Member of the commission"), person="member_id"
)

RECOMMENDATIONS: Mapping[str, Text] = {
    "claimed": Text(
        "Мәлімделген біліктілік санатына сәйкес келеді",
        "Соответствует заявленной квалификационной категории",
        "Conforms to the claimed category",
    ),
    "not": Text(
        "Мәлімделген біліктілік санатына сәйкес келмейді",
        "Не соответствует заявленной квалификационной категории",
        "Does not conform to the claimed category",
    ),
    "lower": Text(
        "Мәлімделген біліктілік санатынан төмен біліктілік санатына сәйкес келеді",
        "Соответствует квалификационной категории ниже заявленной",
        "Conforms to a category lower than the claimed one",
    ),
    "re_attestation": Text(
        "Қайта аттестаттауға жіберіледі", "Направляется на повторную аттестацию", "Is sent to attestation again"
    ),
}


# ---------------------------------------------------------------- form


class LineForm(RecordForm):
    """One work under an indicator; where works add up, an indicator has as many lines as there are works."""

    number = StringField(
        _l("Line"), [InputRequired(_l("Fill in this field.")), Length(max=8)], render_kw={"readonly": True}
    )
    # The column, counted from 0: the sheet's own page chooses it, the paper marks it.
    level = IntegerField("", [Optional(), NumberRange(min=0, max=3)], render_kw={"type": "hidden"})
    points = whole_number(_l("Points"), most=200, required=False)
    won = BooleanField(_l("Winner or prize"))
    joint = BooleanField(_l("Joint authors"))
    authors = whole_number(_l("How many authors"), least=2, most=99, required=False)
    pieces = whole_number(_l("How many"), least=1, most=99, required=False)
    evidence = TextAreaField(_l("Evidence"), [Optional(), Length(max=1000)])


class PortfolioForm(RecordForm):
    """What all six sheets hold; each sheet narrows the choices."""

    person = FormField(PersonForm, _l("Attestee"))
    person_id = hidden_id()
    position = optional_text(_l("Position"))
    member = FormField(PersonForm, _l("Member of the commission"))
    member_id = hidden_id()
    is_preschool = BooleanField(_l("Works in a preschool organisation"))
    rows = FieldList(FormField(LineForm), _l("Lines of the sheet"))
    unscored = IntegerField("", [Optional(), NumberRange(min=0, max=3)], render_kw={"type": "hidden"})
    reason = TextAreaField(_l("Why the recommendation differs from the total"), [Optional(), Length(max=1000)])
    filled_on = day(_l("Filled in on"), required=False)


def _claimable(sheet: ScoreSheet) -> tuple[str, ...]:
    """The categories of its people: «педагог» is claimed too, and has no column of its own."""
    return sheet.categories if sheet.appendix == 11 else ("teacher", *sheet.categories)


def _form(sheet: ScoreSheet, ladder: str) -> type[PortfolioForm]:
    """Make the form of one sheet: its groups, its categories, its recommendations."""
    categories = shared.category_titles(ladder, among=_claimable(sheet))
    groups = {row.key: shared.GROUP_TITLES[row.key] for row in portfolio.groups_of(sheet)}
    found = {key: RECOMMENDATIONS[key] for key in recommendations_of(sheet)}
    fields = {
        "ladder": shared.fixed(ladder),
        "claimed": SelectField(_l("Claimed category"), choices=shared.choices_of(categories)),
        "sheet_group": SelectField(_l("Whose score sheet"), choices=shared.choices_of(groups)),
        "recommendation": SelectField(
            _l("Recommendation"), choices=shared.choices_of(found, none=_l("Not decided yet")), default=""
        ),
        "recommended_category": SelectField(
            _l("Recommended category"), choices=shared.choices_of(categories, none=_l("None")), default=""
        ),
    }
    return type(f"{sheet.code}Form", (PortfolioForm,), fields)


# ---------------------------------------------------------------- rules


def _sheet(step: Step) -> ScoreSheet | None:
    """The sheet of the step's type; a group of another sheet is what a rule refuses, not what it reads."""
    return portfolio.TYPES.get(step.type) or GROUPS.get(str(step.content.get("sheet_group") or ""))


def _lines(step: Step) -> Iterator[tuple[int, Indicator, Mapping[str, Any]]]:
    """Every line with its place, from 1, and its indicator; lines of no indicator are refused by one rule only."""
    sheet = _sheet(step)
    for place, row in enumerate(step.content.get("rows") or (), start=1):
        indicator = sheet.indicators.get(str(row.get("number"))) if sheet else None
        if indicator is not None:
            yield place, indicator, row


def _points(row: Mapping[str, Any]) -> int:
    return row.get("points") or 0


def _at(place: int, field: str, message: Message) -> Refusal:
    return Refusal("", message, field=f"rows-{place - 1}-{field}", row=place)


@rule(*APPENDICES)
def the_group_is_known(step: Step) -> Refusal | None:
    """A person is judged by the totals of his own group, and only by totals that the order labels."""
    totals = portfolio.totals_of(step.content)
    if totals is not None and GROUPS[totals.key] is _sheet(step):
        return None
    message = _l("Choose whose totals the person is judged by: the rows without a label are for nobody.")
    return Refusal("", message, field="sheet_group")


@rule(*APPENDICES)
def every_line_is_on_the_sheet(step: Step) -> Iterator[Refusal]:
    """The sheet has the lines that are printed on it and no others."""
    sheet = _sheet(step)
    for place, row in enumerate(step.content.get("rows") or (), start=1):
        if sheet is not None and row.get("number") not in sheet.indicators:
            text = _l("The sheet has no line %(number)s: take it out.", number=str(row.get("number") or "–"))
            yield _at(place, "number", text)


@rule(*PORTFOLIO_CLAUSES)
def something_is_judged(step: Step) -> Refusal | None:
    """A sheet judges materials: at least one line has been filled in."""
    if any(_points(row) or row.get("level") is not None for _, _, row in _lines(step)):
        return None
    return Refusal("", _l("No line is filled in yet: give points, or 0 points with the column."), field="rows")


@rule(*APPENDICES)
def every_point_has_its_evidence(step: Step) -> Iterator[Refusal]:
    """Points rest on evidence: certificates, extracts, sheets, links; each line names or holds its own."""
    for place, indicator, row in _lines(step):
        is_shown = row.get("evidence") or f"evidence-{indicator.number}" in step.attachments
        if _points(row) and not is_shown:
            text = _l("%(number)s: name the evidence of the points, or attach it.", number=indicator.number)
            yield _at(place, "evidence", text)


@rule(*APPENDICES)
def points_fit_the_level(step: Step) -> Iterator[Refusal]:
    """A line has the points printed in its column, or fewer: more are nowhere printed."""
    for place, indicator, row in _lines(step):
        most = portfolio.most_for(indicator, row)
        if _points(row) > most:
            yield _at(place, "points", _too_many(indicator, row, most))


def _too_many(indicator: Indicator, row: Mapping[str, Any], most: int) -> Message:
    if row.get("level") is None and indicator.measure is not Measure.MEAN:
        return _l("%(number)s: choose the column to which the points belong.", number=indicator.number)
    work = portfolio.work_in(indicator, row)
    if work is None or (indicator.levels[work.level].points is None and indicator.measure is not Measure.MEAN):
        return _l("%(number)s: this column has a dash, no points are given in it.", number=indicator.number)
    return _l(
        "%(number)s: %(given)s points where the column has %(most)s at most.",
        number=indicator.number, given=_points(row), most=most,
    )  # fmt: skip


@rule(*APPENDICES)
def pieces_are_counted(step: Step) -> Iterator[Refusal]:
    """Where points are printed for one piece («1 үшін 2 ұпай»), the number of pieces is given."""
    for place, indicator, row in _lines(step):
        work = portfolio.work_in(indicator, row)
        if work and _points(row) and indicator.levels[work.level].each is not None and not work.pieces:
            text = _l("%(number)s: points are counted for each piece; enter how many there are.",
                      number=indicator.number)  # fmt: skip
            yield _at(place, "pieces", text)


@rule(*APPENDICES)
def joint_authors_are_few(step: Step) -> Iterator[Refusal]:
    """A joint work counts with three authors at most («3 автордан артық емес»)."""
    most = int(step.profile.threshold("joint_authors_max").value)
    for place, indicator, row in _lines(step):
        if not (row.get("joint") and _points(row)) or 2 <= (row.get("authors") or 0) <= most:
            continue
        if not row.get("authors"):
            text = _l("%(number)s: enter how many authors the joint work has.", number=indicator.number)
        else:
            text = _l(
                "%(number)s: a joint work counts with %(most)s authors at most; give this one 0 points.",
                number=indicator.number, most=most,
            )  # fmt: skip
        yield _at(place, "authors", text)


@rule(*APPENDICES)
def one_work_counts_once(step: Step) -> Iterator[Refusal]:
    """One work counts once, by its highest level; only works of different names add up, where works are shown."""
    seen: dict[tuple[str, str], int] = {}
    for place, indicator, row in _lines(step):
        if not _points(row):
            continue
        work = portfolio.work_in(indicator, row)
        adds_up = indicator.measure is Measure.WORKS and work is not None
        key = (indicator.number, work.name if work and adds_up else "")
        if key in seen:
            yield _at(place, "points", _twice(indicator, seen[key], adds_up=adds_up))
        seen.setdefault(key, place)


def _twice(indicator: Indicator, first: int, *, adds_up: bool) -> Message:
    if adds_up:
        return _l(
            "%(number)s: the same work as in row %(first)s; only its highest level counts, give the other 0 points.",
            number=indicator.number, first=first,
        )  # fmt: skip
    return _l("%(number)s: this line is judged once, and already is in row %(first)s.",
              number=indicator.number, first=first)  # fmt: skip


@rule(*APPENDICES)
def the_bonus_is_given_once_a_level(step: Step) -> Iterator[Refusal]:
    """The point for winners is added once a level, whatever their number («санына қарамастан 1 ұпай»)."""
    for number, indicator in (_sheet(step) or PORTFOLIO["P1"]).indicators.items():
        rows = [row for _, row in lines_of(step.content, number) if _points(row)]
        winners = [row for row in rows if row.get("won")]
        if len(winners) < 2 or any(_points(row) > portfolio.most_for(indicator, row) for row in rows):
            continue
        most, given = portfolio.most_for_all(indicator, rows), sum(map(_points, rows))
        if given > most:
            place = lines_of(step.content, number)[-1][0]
            text = _l(
                "%(number)s: %(given)s points where %(most)s are possible: winners of one level add their point once.",
                number=number, given=given, most=most,
            )  # fmt: skip
            yield _at(place, "points", text)


@rule(KRG.appendix(8))
def the_mean_is_of_five_observations(step: Step) -> Iterator[Refusal]:
    """The quality of teaching is the arithmetic mean of at least five observation sheets."""
    number = portfolio.MEAN_LINES.get((_sheet(step) or PORTFOLIO["P2"]).code)
    filled = [
        (each.type, each.content)
        for kind in OBSERVED
        for each in step.related(f"person:{kind}")
        if each.state == "in_force"
    ]
    points, mean = portfolio.observation_points(filled, step.profile, on=step.on)
    for place, indicator, row in _lines(step):
        if indicator.number == number and _points(row):
            yield from _unlike_the_mean(step, place, row, len(points), mean)


def _unlike_the_mean(step: Step, place: int, row: Mapping[str, Any], sheets: int, mean: Any) -> Iterator[Refusal]:
    number = str(row["number"])
    if mean is not None and _points(row) > mean:
        text = _l("%(number)s: %(given)s points where the observation sheets have a mean of %(mean)s.",
                  number=number, given=_points(row), mean=as_written(mean))  # fmt: skip
        yield _at(place, "points", text)
    # Sheets on paper, of another organisation or an earlier time, are attached.
    if mean is None and f"evidence-{number}" not in step.attachments:
        least = step.profile.threshold("observation_sheets_min").value
        text = _l(
            "%(number)s: docflow has %(sheets)s observation sheets of %(least)s; attach the others, or wait for them.",
            number=number, sheets=sheets, least=least,
        )  # fmt: skip
        yield _at(place, "evidence", text)


@rule(*APPENDICES)
def the_recommendation_is_given(step: Step) -> Refusal | None:
    """A member recommends one of the outcomes printed below the sheet; a lower one with its category."""
    chosen, category = step.content.get("recommendation"), step.content.get("recommended_category")
    if not chosen:
        return Refusal("", _l("Choose a recommendation."), field="recommendation")
    if chosen == "lower" and not category:
        return Refusal("", _l("Name the category that you recommend."), field="recommended_category")
    return None


@rule(*APPENDICES)
def the_recommendation_agrees_with_the_total(step: Step) -> Refusal | None:
    """The recommendation follows from the total and what the category needs, or a reason says why not."""
    outcome = portfolio.outcome_of(step.content, step.profile)
    chosen = step.content.get("recommendation")
    if outcome is None or not chosen or step.content.get("reason"):
        return None
    if outcome.recommendation == chosen and (chosen != "lower" or outcome.category == _recommended(step)):
        return None
    message = _l(
        "By the total of %(total)s, where the claimed category needs %(needed)s, it would be: “%(outcome)s”. "
        "Change the recommendation, or say why it differs.",
        total=portfolio.total_of(step.content), needed=portfolio.needed_for(step.content, step.profile),
        outcome=RECOMMENDATIONS[outcome.recommendation],
    )  # fmt: skip
    return Refusal("", message, field="recommendation")


def _recommended(step: Step) -> str:
    return str(step.content.get("recommended_category") or "")


@rule(KRG.clause("2(3)"))
def the_member_sits_on_the_commission(step: Step) -> Refusal | None:
    """Materials are judged by the attestation commission: whoever fills the sheet is one of its members."""
    members = {row.get("person_id") for row in step.group.get("responsible") or ()}
    orders = [each for each in step.related("organisation:commission_order") if each.state == "in_force"]
    members |= {row.get("person_id") for order in orders[:1] for row in order.content.get("members") or ()}
    if step.content.get("member_id") in members - {None}:
        return None
    message = _l("Only a member of the round's commission fills in a sheet: add him to the commission first.")
    return Refusal("", message, field="member-surname")


@rule(KRG.clause("15"))
def nobody_scores_himself(step: Step) -> Refusal | None:
    """Whoever is attested does not sit on the commission, and so does not judge himself."""
    if step.content.get("member_id") != step.content.get("person_id") or not step.content.get("person_id"):
        return None
    return Refusal("", _l("Nobody fills in the sheet of his own materials."), field="member-surname")


RULES: tuple[Rule, ...] = (
    the_group_is_known,
    every_line_is_on_the_sheet,
    something_is_judged,
    every_point_has_its_evidence,
    points_fit_the_level,
    pieces_are_counted,
    joint_authors_are_few,
    one_work_counts_once,
    the_bonus_is_given_once_a_level,
    the_mean_is_of_five_observations,
    the_recommendation_is_given,
    the_recommendation_agrees_with_the_total,
    the_member_sits_on_the_commission,
    nobody_scores_himself,
)


# ---------------------------------------------------------------- drafting


def _asks_for(sheet: ScoreSheet) -> Rule:
    @rule(*PORTFOLIO_CLAUSES, on=("issue",))
    def the_application_asks_for_this_sheet(step: Step) -> Message | None:
        """Each applicant is judged by the sheet of his own group."""
        group = str((step.row or step.content).get("sheet_group") or "")
        if GROUPS.get(group) is sheet:
            return None
        return _l("This application belongs to another score sheet.")

    return the_application_asks_for_this_sheet


def empty_line(number: str) -> dict[str, Any]:
    return {
        "number": number, "level": None, "points": 0, "won": False, "joint": False, "authors": None, "pieces": None,
        "evidence": "",
    }  # fmt: skip


def _from_application(sheet: ScoreSheet, ladder: str, source: Source) -> dict[str, Any]:
    """Draft a sheet for the applicant, in the hands of the member who was chosen, with every line still empty."""
    application = source.document.content
    groups, group = [row.key for row in portfolio.groups_of(sheet)], str(application.get("sheet_group") or "")
    claimed = str(application.get("claimed") or "")
    return {
        **shared.about(source),
        "position": str(application.get("position") or ""),
        "ladder": ladder,
        "claimed": claimed if claimed in _claimable(sheet) else sheet.categories[0],
        "sheet_group": group if group in groups else groups[0],
        **_member(source),
        "is_preschool": group.startswith("preschool"),
        "rows": [empty_line(number) for number in sheet.indicators],
        "unscored": None,
        "recommendation": "",
        "recommended_category": "",
        "reason": "",
        "filled_on": source.on.isoformat(),
    }


def _member(source: Source) -> dict[str, Any]:
    """The chosen member by name and id; where nobody was chosen, the first of the round's commission."""
    chosen = source.choices.get("member_id")
    commission = list(source.group.get("responsible") or ())
    found = [row for row in commission if row.get("person_id") == chosen] or (commission[:1] if chosen is None else [])
    named = source.choices.get("member") or (found[0]["person"] if found else {})
    member_id = chosen if chosen is not None else (found[0].get("person_id") if found else None)
    return {"member": shared.names_only(named), "member_id": member_id}


# ---------------------------------------------------------------- paper


@dataclass(frozen=True)
class Print:
    """What a sheet prints beside its table: heads of columns, numbers of totals, a line that bears no points."""

    criteria: str
    points: str
    total_numbers: Mapping[str, str]
    unscored_number: str = ""
    unscored_evidence: str = ""


def _words(sheet: ScoreSheet, words: Print, content: Content, profile: Profile) -> dict[str, Any]:
    """The printed sheet with the member's points in it, as the paper draws it."""
    return {
        "title": sheet.title,
        "appendix": sheet.appendix,
        "criteria": words.criteria,
        "points": words.points,
        "columns": list(sheet.column_titles),
        "claimed": sheet.categories.index(content["claimed"]) if content.get("claimed") in sheet.categories else None,
        "claimed_title": shared.category_title(str(content.get("ladder") or ""), str(content.get("claimed") or "")).kk,
        "sections": [_section(section, sheet, content) for section in sheet.sections],
        "totals": [_totals(row, words, content) for row in sheet.totals],
        "unscored": [_unscored(line, words, content) for line in sheet.unscored],
        "total": portfolio.total_of(content),
        "needed": portfolio.needed_for(content, profile),
        "both": _both(content, profile),
        "recommendations": _recommendations(sheet, content),
    }


def _section(section: Any, sheet: ScoreSheet, content: Content) -> dict[str, Any]:
    return {
        "number": section.number,
        "title": section.title,
        "evidence": section.evidence,
        "sum": portfolio.section_totals(sheet, content)[section.number],
        "indicators": [_indicator(each, content) for each in section.indicators],
    }


def _indicator(indicator: Indicator, content: Content) -> dict[str, Any]:
    rows = [row for _, row in lines_of(content, indicator.number)]
    totals = portfolio.totals_of(content)
    filled = [row for row in rows if row.get("level") is not None or _points(row)]
    return {
        "number": indicator.number,
        "text": indicator.text,
        "evidence": indicator.evidence,
        "asks": [level.asks for level in indicator.levels],
        "levels": [printed_points(level) for level in indicator.levels],
        "lines": [{"text": line.text, "asks": list(line.asks)} for line in indicator.lines],
        "chosen": sorted({row["level"] for row in rows if row.get("level") is not None}),
        "points": sum(map(_points, rows)) if filled else None,
        "counts": totals is None or indicator.number not in (totals.left_out or ()),
        "shown": [_shown(row) for row in filled],
    }


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in ("level", "points", "won", "joint", "authors", "pieces", "evidence")}


def printed_points(level: Level) -> str:
    """The points of a column as the sheet prints them: «4 (5)», «6 (1 үшін 2 ұпай)», a dash."""
    if level.points is None:
        return "–"
    if level.each is not None:
        return f"{level.points} (1 үшін {level.each} ұпай)"
    return f"{level.points} ({level.maximum})" if level.maximum is not None else str(level.points)


def _totals(row: Any, words: Print, content: Content) -> dict[str, Any]:
    points = [str(each) for each in row.points]
    points[-1] += f" ({row.maximum})"
    return {
        "number": words.total_numbers.get(row.key, ""),
        "label": row.label,
        "points": points,
        "is_own": row.key == content.get("sheet_group"),
    }


def _unscored(line: Any, words: Print, content: Content) -> dict[str, Any]:
    return {
        "number": words.unscored_number,
        "text": line.text,
        "evidence": words.unscored_evidence,
        "asks": list(line.asks),
        "chosen": content.get("unscored"),
    }


def _both(content: Content, profile: Profile) -> dict[str, Any] | None:
    """Both figures where the printed total of the claimed category is not the sum of its lines."""
    for category, printed, summed in portfolio.contradicting(content):
        if category and category == content.get("claimed"):
            return {"printed": printed, "summed": summed, "is_printed": _is_printed(profile)}
    return None


def _is_printed(profile: Profile) -> bool:
    return portfolio.figures_of(profile) is Figures.PRINTED


def _recommendations(sheet: ScoreSheet, content: Content) -> list[dict[str, Any]]:
    """The printed sentences, each with its box; the teachers' second one ends with a category."""
    chosen, ladder = content.get("recommendation"), str(content.get("ladder") or "")
    category = shared.category_title(ladder, str(content.get("recommended_category") or "")).kk
    if sheet.appendix == 8:
        conforms, other = sheet.recommendations
        first, second = conforms.removesuffix(" (сәйкес келмейді)"), conforms.rsplit(" сәйкес келеді", 1)[0]
        sentences = [("claimed", first, None), ("not", f"{second} сәйкес келмейді", None), ("lower", other, category)]
    else:
        keys = recommendations_of(sheet)
        named = [category if key == "lower" else None for key in keys]
        sentences = list(zip(keys, sheet.recommendations, named, strict=True))
    return [
        {"text": text, "is_chosen": key == chosen, "category": named if named is None or key == chosen else ""}
        for key, text, named in sentences
    ]


# ---------------------------------------------------------------- type


def portfolio_type(
    name: str, *, ladder: str, title: Text, brief: Text, words: Print, sample: Mapping[str, Any]
) -> DocumentType:
    """Declare the type of a printed sheet."""
    sheet = portfolio.TYPES[name]
    return DocumentType(
        name=name,
        title=title,
        brief=brief,
        regulated_by=(clause_of(sheet),),
        form=_form(sheet, ladder),
        workflow=issued,
        template=f"paper/{name}.typ",
        slots=(MEMBER,),
        journal=Journal(name, "{unit}-" + f"П{sheet.code[1:]}" + "-{seq:05d}/{year}"),
        derived_from=tuple(_derivation(sheet, ladder, source) for source in SOURCES[ladder]),
        rules=RULES,
        subjects=("person_id",),
        heading=shared.heading,
        languages=shared.KAZAKH_ONLY,
        stage="evidence",
        editor="score_sheet",
        assigned_to="member_id",
        printed=lambda content, profile: _words(sheet, words, content, profile),
        sample=sample,
    )


def _derivation(sheet: ScoreSheet, ladder: str, source: str) -> Derivation:
    return Derivation(
        source,
        lambda found: _from_application(sheet, ladder, found),
        when=(_asks_for(sheet),),
        state="accepted",
        is_drafted=True,
        repeats=True,
        asks=(("member_id", "commission"),),
        subject="",
    )


# ---------------------------------------------------------------- samples


def sample_of(
    name: str,
    *,
    ladder: str,
    position: str,
    group: str,
    claimed: str,
    lines: Mapping[str, Mapping[str, Any]],
    more: Sequence[Mapping[str, Any]] = (),
    unscored: int | None = None,
) -> dict[str, Any]:
    """A filled sheet: *lines* by number, *more* further works; what is not named stays empty."""
    rows = [empty_line(number) | dict(lines.get(number, {})) for number in portfolio.TYPES[name].indicators]
    return {
        "person": {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"},
        "person_id": 17,
        "position": position,
        "ladder": ladder,
        "claimed": claimed,
        "sheet_group": group,
        "member": {"surname": "Қуанышбекова", "given_name": "Әсел", "patronymic": "Нұрланқызы"},
        "member_id": 5,
        "is_preschool": False,
        "rows": rows + [empty_line(str(row["number"])) | dict(row) for row in more],
        "unscored": unscored,
        "recommendation": "claimed",
        "recommended_category": "",
        "reason": "",
        "filled_on": "2024-10-07",
    }
