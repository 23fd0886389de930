"""Results of the knowledge assessment (ПББ) of a round: KRG, clauses 4 and 30; the order prints no form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from docflow.core.collation import name_key
from docflow.core.derivation import Derivation, Gathering, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import DocumentType, Import, Journal
from docflow.forms import _attestation as shared
from docflow.forms._assessment import in_figures
from docflow.forms.base import FieldList, FormField, PersonForm, RecordForm, day, hidden_id, optional_text, whole_number
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.decision import knowledge_outcome
from docflow.regulations.krg.vocabulary import ORDINALS, TEACHER_CATEGORIES

OUTCOMES: Mapping[str, Text] = {
    "passed": Text("шекті деңгейге жетті", "пороговый уровень достигнут", "reached the threshold"),
    "failed": Text("шекті деңгейге жетпеді", "пороговый уровень не достигнут", "below the threshold"),
}
CATEGORIES: Mapping[str, Text] = {**TEACHER_CATEGORIES, **ORDINALS}

# ---------------------------------------------------------------- form


class TestedForm(RecordForm):
    """One person's row. Everything but who he is and what he claims is empty until the results are in."""

    person = FormField(PersonForm, _l("Name"))
    person_id = hidden_id()
    position = optional_text(_l("Position"))
    ladder = shared.carried()
    claimed = shared.carried()
    score = whole_number(_l("Score"), most=10_000, required=False)
    max_score = whole_number(_l("Maximum score"), most=10_000, required=False)
    outcome = shared.category(_l("Threshold"), OUTCOMES, none=_l("Not entered"))
    category = shared.category(_l("Category by the results"), CATEGORIES, none=_l("Not stated"))


class KnowledgeResultsForm(RecordForm):
    held_on = day(_l("Day of the knowledge test"))
    appeal_number = shared.carried(80)
    rows = FieldList(FormField(TestedForm), _l("Results"))


# ---------------------------------------------------------------- rules


@rule(KRG.clause("4"))
def somebody_was_tested(step: Step) -> Refusal | None:
    """Teachers, methodists, first heads and deputies pass the test: the table has at least one row."""
    if step.content.get("rows"):
        return None
    return Refusal("", _l("The table is empty: gather it from the accepted applications."), field="rows")


@rule(KRG.clause("4"))
def everybody_was_tested_once(step: Step) -> list[Refusal]:
    """Each person has one result in the table."""
    times = Counter(row.get("person_id") for _, row in _rows(step) if row.get("person_id"))
    return [
        _at(number, "person", _l("%(name)s stands in the table twice: take one row out.", name=_name(row)))
        for number, row in _rows(step)
        if times[row.get("person_id")] > 1
    ]


@rule(KRG.clause("4"))
def the_test_was_held(step: Step) -> Refusal | None:
    """Results are signed on the day of the test or later."""
    if str(step.content.get("held_on") or "") <= step.on.isoformat():
        return None
    return Refusal("", _l("The day of the test is still to come: correct it."), field="held_on")


@rule(KRG.clause("4"))
def score_is_within_the_maximum(step: Step) -> list[Refusal]:
    """A score is no more than the maximum, and a score without a maximum says nothing."""
    return [
        _at(number, "score", message)
        for number, row in _rows(step)
        if row.get("score") is not None and (message := _beyond(row)) is not None
    ]


def _beyond(row: Content) -> Message | None:
    score, best = row["score"], row.get("max_score")
    if not best:
        return _l("%(name)s: enter the maximum score beside the score.", name=_name(row))
    if score > best:
        return _l(
            "%(name)s: a score of %(score)s where %(best)s is the maximum; correct the number.",
            name=_name(row), score=score, best=best,
        )  # fmt: skip
    return None


@rule(KRG.clause("30"))
def outcome_is_known(step: Step) -> list[Refusal]:
    """Whether the threshold was reached follows from the organisation's pass mark, or is entered."""
    return [
        _at(number, "outcome", _unknown(row, step.profile))
        for number, row in _rows(step)
        if outcome_of(row, step.profile) is None
    ]


def _unknown(row: Content, profile: Profile) -> Message:
    if profile.setting("knowledge_pass_mark"):
        return _l("%(name)s: enter the score and the maximum score.", name=_name(row))
    return _l(
        "%(name)s: say whether the threshold was reached; the order states no pass mark, and none is set.",
        name=_name(row),
    )


@rule(KRG.clause("30"))
def outcome_agrees_with_the_pass_mark(step: Step) -> list[Refusal]:
    """Where the organisation has set a pass mark, what is entered does not contradict it."""
    return [
        _at(
            number, "outcome",
            _l("%(name)s: by the pass mark of %(mark)s %% the outcome is “%(outcome)s”; correct one of them.",
               name=_name(row), mark=str(step.profile.setting("knowledge_pass_mark")).rstrip(" %"),
               outcome=OUTCOMES["passed" if by_mark else "failed"]),
        )
        for number, row in _rows(step)
        if row.get("outcome")
        and (by_mark := outcome_of({**row, "outcome": ""}, step.profile)) is not None
        and by_mark != (row["outcome"] == "passed")
    ]  # fmt: skip


def outcome_of(row: Content, profile: Profile) -> bool | None:
    """Say whether a row reached the threshold; ``None``: neither entered nor to be counted."""
    return knowledge_outcome(
        score=row.get("score"), max_score=row.get("max_score"), outcome=str(row.get("outcome") or ""), profile=profile
    )


def _rows(step: Step) -> Iterator[tuple[int, Content]]:
    yield from enumerate(step.content.get("rows") or (), start=1)


def _at(number: int, field: str, message: Message) -> Refusal:
    return Refusal("", message, field=f"rows-{number - 1}-{field}", row=number)


def _name(row: Content) -> str:
    return shared.name_of(row.get("person"))


# ---------------------------------------------------------------- gathering


def from_applications(
    applications: Sequence[RelatedDocument], group: Mapping[str, Any], profile: Profile, on: date, language: str
) -> dict[str, Any]:
    """List everybody of a round who passes the test; whoever is exempt (clauses 6 to 10, 34, 35) needs none."""
    rows = [_untested(each) for each in applications if each.content.get("procedure") not in EXEMPT]
    return {
        "held_on": on.isoformat(),
        "appeal_number": "",
        "rows": sorted(rows, key=lambda row: name_key(row["person"])),
    }


def after_appeal(source: Source) -> dict[str, Any]:
    """Begin a table of one row: the result of somebody whose appeal was accepted, to be entered anew."""
    appeal = source.document
    tables = [each for each in source.related("group:knowledge_results") if each.state == "in_force"]
    rows = [row for table in tables for row in table.content.get("rows") or ()]
    row: Content = next((row for row in rows if row.get("person_id") == appeal.subject_id), {})
    return {
        "held_on": source.on.isoformat(),
        "appeal_number": appeal.number,
        "rows": [{**row, "score": None, "outcome": "", "category": ""}] if row else [],
    }


EXEMPT = frozenset({"without_attestation", "retention", "prepension"})


def _untested(application: RelatedDocument) -> dict[str, Any]:
    content = application.content
    return {
        "person": shared.names_only(content.get("applicant")),
        "person_id": application.subject_id,
        "position": content.get("position") or "",
        "ladder": content.get("ladder") or "",
        "claimed": content.get("claimed") or "",
        "score": None,
        "max_score": None,
        "outcome": "",
        "category": "",
    }


# ---------------------------------------------------------------- paper


def _printed(content: Content, profile: Profile) -> dict[str, Any]:
    mark = str(profile.setting("knowledge_pass_mark") or "").rstrip(" %")
    return {
        "pass_mark": mark,
        "appeal": str(content.get("appeal_number") or ""),
        "rows": [_printed_row(row, profile) for row in content.get("rows") or ()],
    }


def _printed_row(row: Content, profile: Profile) -> dict[str, str]:
    passed = outcome_of(row, profile)
    return {
        "claimed": shared.category_title(str(row.get("ladder") or ""), str(row.get("claimed") or "")).kk,
        "category": shared.category_title(str(row.get("ladder") or ""), str(row.get("category") or "")).kk,
        "outcome": "" if passed is None else OUTCOMES["passed" if passed else "failed"].kk,
    }


# ---------------------------------------------------------------- sample

_PEOPLE = (
    ("Әбдірахманова", "Гүлнар", "Серікқызы", "expert", 41, "passed", ""),
    ("Ғаббасов", "Ерлан", "Маратұлы", "researcher", 33, "failed", "moderator"),
    ("Ким", "Виктор", "", "moderator", 50, "passed", ""),
    ("Қуанышбекова", "Әсел", "Нұрланқызы", "master", 48, "passed", ""),
    ("Өмірғалиқызы-Сейітмұхамбетова", "Ғазиза", "Әбдіжәмілқызы", "moderator", 37, "passed", ""),
)


def _sample_row(place: int) -> dict[str, Any]:
    surname, given_name, patronymic, claimed, score, outcome, category = _PEOPLE[place % len(_PEOPLE)]
    return {
        "person": {"surname": surname, "given_name": given_name, "patronymic": patronymic},
        "person_id": place + 1,
        "position": "бастауыш сынып мұғалімі",
        "ladder": "teacher",
        "claimed": claimed,
        "score": score,
        "max_score": 50,
        "outcome": outcome,
        "category": category,
    }


TYPE = DocumentType(
    name="knowledge_results",
    title=Text(
        "Педагогтердің білімін бағалау (ПББ) нәтижелері",
        "Результаты оценки знаний педагогов (ОЗП)",
        "Results of the assessment of teachers' knowledge",
    ),
    brief=Text("ПББ нәтижелері", "Результаты ОЗП", "Knowledge results"),
    regulated_by=(KRG.clause("4"),),
    form=KnowledgeResultsForm,
    workflow=issued,
    template="paper/knowledge_results.typ",
    slots=(shared.AUTHORISED,),
    journal=Journal("knowledge_results", "{unit}-ПББ-{seq:05d}/{year}"),
    derived_from=(
        # Clause 2, 6): the appeal commission's decision on the result; the clerk enters what it came to.
        Derivation("appeal_application", after_appeal, state="accepted", is_drafted=True, subject=""),
    ),
    gathered_from=Gathering(sources=shared.TESTED, state="accepted", fill=from_applications, repeats=True),
    rules=(
        somebody_was_tested,
        everybody_was_tested_once,
        the_test_was_held,
        score_is_within_the_maximum,
        outcome_is_known,
        outcome_agrees_with_the_pass_mark,
    ),
    heading=lambda content: in_figures(str(content.get("held_on") or "")),
    languages=shared.KAZAKH_ONLY,
    spreadsheet=Import(
        rows="rows",
        key="iin",
        columns={
            "iin": ("ИИН", "ЖСН", "IIN"),
            "score": ("Балл", "Балы", "Score"),
            "max_score": ("Максимальный балл", "Ең жоғары балл", "Maximum score"),
            "outcome": ("Пороговый уровень", "Шекті деңгей", "Threshold"),
            "category": ("Категория по результатам", "Нәтиже бойынша санат", "Category by the results"),
        },
    ),
    stage="evidence",
    printed=_printed,
    sample={
        "held_on": "2024-10-21",
        "appeal_number": "",
        "rows": sorted(map(_sample_row, range(5)), key=lambda row: name_key(row["person"])),
    },
)
