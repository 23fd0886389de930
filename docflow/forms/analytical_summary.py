"""Conclusion of the comprehensive analytical summary: KRG, clauses 5, 24, 27-29; the order prints no form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from wtforms.validators import InputRequired

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import DAYS_TO_SIGN, Capacity, DocumentType, Journal, SignatureSlot
from docflow.forms import _attestation as shared
from docflow.forms._portfolio import RECOMMENDATIONS
from docflow.forms._protocol import ReasoningForm, SignerForm
from docflow.forms.base import (
    FieldList,
    FormField,
    Length,
    Optional,
    RecordForm,
    SelectField,
    TextAreaField,
    day,
    hidden_id,
    optional_text,
)
from docflow.forms.knowledge_results import OUTCOMES, outcome_of
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.decision import Case, Reason
from docflow.regulations.krg.decision import shown as written
from docflow.regulations.krg.essay import word_count
from docflow.regulations.krg.evidence import Evidence, case_of, figures_of, gathered
from docflow.regulations.krg.observation import SHEETS as OBSERVED
from docflow.regulations.krg.observation import figures as observed_figures
from docflow.regulations.krg.portfolio import TYPES as PORTFOLIOS
from docflow.regulations.krg.portfolio import total_of
from docflow.regulations.krg.summary import Summary, summarise

NAME = "analytical_summary"
# All that pass the summary: clause 5, and 8 and 9 for those with a language certificate.
SOURCES = (
    "teacher_application", "head_application", "early_application", "old_category_application",
    "without_attestation_application",
)  # fmt: skip
CONCLUSIONS: Mapping[str, Text] = {
    "conforms": Text("сәйкес келеді", "соответствуют", "conform"),
    "not": Text("сәйкес келмейді", "не соответствуют", "do not conform"),
}
_OPEN = ("draft", "to_sign", "in_force")


# ---------------------------------------------------------------- form


class MaterialForm(RecordForm):
    """One paper on which the conclusion rests, with what it shows."""

    title = optional_text(_l("Document"))
    number = optional_text(_l("Number"), longest=80)
    dated = day(_l("Date"), required=False)
    by = optional_text(_l("Filled in by"))
    shows = optional_text(_l("Result"))


class AnalyticalSummaryForm(RecordForm):
    person = shared.person()
    person_id = hidden_id()
    position = optional_text(_l("Position"))
    workplace = optional_text(_l("Organisation of education"))
    ladder = shared.carried()
    current = shared.category(_l("Category held now"), shared.ANY_CATEGORY, none=_l("None"))
    claimed = shared.category(_l("Claimed category"), shared.ANY_CATEGORY)
    application_number = optional_text(_l("Number of the application"), longest=80)
    application_date = day(_l("Date of the application"))
    materials = FieldList(FormField(MaterialForm), _l("Materials"))
    portfolio_points = optional_text(_l("Portfolio, points"), longest=40)
    portfolio_needed = optional_text(_l("Points needed"), longest=40)
    observation_mean = optional_text(_l("Mean of observations"), longest=40)
    reasoning = FieldList(FormField(ReasoningForm), _l("Reasoning"))
    conclusion = SelectField(
        _l("Conformity to the claimed category"),
        choices=shared.choices_of(CONCLUSIONS),
        validators=[InputRequired()],
    )
    category = shared.category(_l("Category that the materials show"), shared.ANY_CATEGORY, none=_l("None"))
    reason = TextAreaField(_l("Why the conclusion differs from the figures"), [Optional(), Length(max=1000)])
    drawn_up_on = day(_l("Drawn up on"))
    signers = FieldList(FormField(SignerForm), _l("Members who confirm"))


# ---------------------------------------------------------------- what it is composed from


def _evidence(related: Any, person_id: int | None) -> Evidence:
    """Everything in force in the round about one person, as the agenda of a session reads it."""
    names = (*PORTFOLIOS, *OBSERVED, "essay", "knowledge_results")
    return gathered((each for name in names for each in related(f"group:{name}")), person_id)


def _case(application: Content, evidence: Evidence, profile: Profile, on: date) -> Case:
    return case_of(application, evidence, interviewed=False, profile=profile, on=on)


def _composed(application: RelatedDocument, evidence: Evidence, profile: Profile, on: date) -> dict[str, Any]:
    """What follows from the evidence alone: the list of papers, the figures."""
    case = _case(application.content, evidence, profile, on)
    figures = figures_of(case, profile)
    return {
        "materials": [_line(each, evidence, profile) for each in _papers(evidence)],
        **{name: figures[name] for name in ("portfolio_points", "portfolio_needed", "observation_mean")},
    }


def _papers(evidence: Evidence) -> Iterator[RelatedDocument]:
    yield from evidence.sheets
    yield from evidence.observations
    yield from (each for each in (evidence.essay, evidence.table) if each is not None)


TITLES: Mapping[str, str] = {
    **dict.fromkeys(PORTFOLIOS, "Портфолионы бағалау парағы"),
    **dict.fromkeys(OBSERVED, "Сабақты (іс-шараны) бақылау парағы"),
    "essay": "Эссе",
    "knowledge_results": "ПББ нәтижелері",
}


def _line(paper: RelatedDocument, evidence: Evidence, profile: Profile) -> dict[str, Any]:
    content = paper.content
    filler = content.get("member") or content.get("observer") or {}
    return {
        "title": TITLES[paper.type],
        "number": paper.number,
        "dated": paper.registered_on.isoformat() if paper.registered_on else "",
        "by": shared.name_of(filler) if filler else "",
        "shows": _shows(paper, evidence.result or {}, profile),
    }


def _shows(paper: RelatedDocument, result: Content, profile: Profile) -> str:
    """What one paper says, in the few words that a line has."""
    if paper.type in PORTFOLIOS:
        said = RECOMMENDATIONS.get(str(paper.content.get("recommendation") or ""))
        return f"{written(total_of(paper.content)).kk} балл" + (f"; {said.kk[0].lower()}{said.kk[1:]}" if said else "")
    if paper.type in OBSERVED:
        points = observed_figures(OBSERVED[paper.type], paper.content.get("levels") or (), profile).points
        return "" if points is None else f"{written(points).kk} балл"
    if paper.type == "essay":
        return f"{word_count(str(paper.content.get('text') or ''))} сөз"
    passed = outcome_of(result, profile)
    return "" if passed is None else OUTCOMES["passed" if passed else "failed"].kk


# ---------------------------------------------------------------- rules


@rule(KRG.clause("5"), on=("issue",))
def materials_are_judged(step: Step) -> Message | None:
    """The summary is about results: whoever is given or keeps a category without attestation shows none."""
    if _case(step.content, Evidence(), step.profile, step.on).needs_evidence:
        return None
    return _l("On this ground no materials are judged.")


@rule(KRG.clause("28"), on=("issue",))
def one_conclusion_at_a_time(step: Step) -> Message | None:
    """The commission carries out one summary for one application."""
    if not any(each.state in _OPEN for each in step.related(f"group:{NAME}")):
        return None
    return _l("There is a conclusion already: go on with that one, or annul it.")


@rule(KRG.clause("27"))
def materials_are_complete(step: Step) -> Iterator[Refusal]:
    """The summary judges the whole of the materials: score sheets, observations, the essay."""
    if found := _found_now(step):
        for reason in found[2].missing:
            yield Refusal("", reason.message, reason.clause, field="materials")


@rule(KRG.clause("27"))
def rests_on_its_application(step: Step) -> Message | None:
    """A conclusion is drawn up from an accepted application."""
    if _application(step) is not None:
        return None
    return _l("The conclusion belongs to no accepted application: draft it from one.")


@rule(KRG.clause("28"))
def figures_are_those_of_the_materials(step: Step) -> Refusal | None:
    """What the conclusion lists is what is in force when it is sent for signature."""
    found = _found_now(step)
    if found is None or all(step.content.get(name) == value for name, value in found[1].items()):
        return None
    text = _l("The materials have changed since this was drafted: withdraw it and draft it again.")
    return Refusal("", text, field="materials")


@rule(KRG.clause("29"))
def conclusion_follows_or_says_why(step: Step) -> Iterator[Refusal]:
    """The members conclude what the figures show, or say why not; not conforming, they name a lower category."""
    found = _found_now(step)
    if found is None:
        return
    worked_out = ("conforms" if found[2].conforms else "not", found[2].category)
    chosen = (step.content.get("conclusion"), _named(step.content))
    if chosen != worked_out and not (step.content.get("reason") or "").strip():
        text = _l("By the figures the materials %(outcome)s: change the conclusion, or say why it differs.",
                  outcome=CONCLUSIONS[worked_out[0]])  # fmt: skip
        yield Refusal("", text, field="reason")
    if chosen[0] == "not" and chosen[1] == step.content.get("claimed"):
        text = _l("The category that the materials show is the claimed one: name a lower one, or none.")
        yield Refusal("", text, field="category")


def _named(content: Content) -> str:
    """The category of a conclusion: the claimed one where the materials conform to it."""
    return str(content.get("claimed" if content.get("conclusion") == "conforms" else "category") or "")


@rule(KRG.clause("29"))
def compilers_confirm(step: Step) -> Iterator[Refusal]:
    """It is confirmed by members of the commission, among them everyone whose score sheet it rests on."""
    found, signers = _found_now(step), [row.get("person_id") for row in step.content.get("signers") or ()]
    if found is not None and (absent := [each for each in _compilers(found[0]) if each["person_id"] not in signers]):
        names = ", ".join(shared.name_of(each["person"]) for each in absent)
        text = _l("%(names)s filled in a score sheet and has to confirm: add the name.", names=names)
        yield Refusal("", text, field="signers")
    if len(set(signers)) < len(signers):
        yield Refusal("", _l("Name the members who confirm, each once."), field="signers")
    seated = {row.get("person_id") for row in step.group.get("responsible") or ()}
    for number, row in enumerate(step.content.get("signers") or (), start=1):
        if row.get("person_id") not in seated - {None}:
            text = _l("%(name)s is not a member of the commission: take the row out.",
                      name=shared.name_of(row.get("person")))  # fmt: skip
            yield Refusal("", text, field="signers", row=number)


@rule(KRG.clause("15"))
def nobody_confirms_his_own(step: Step) -> Refusal | None:
    """Whoever is attested does not judge himself."""
    if step.content.get("person_id") not in [row.get("person_id") for row in step.content.get("signers") or ()]:
        return None
    return Refusal("", _l("Nobody confirms the conclusion about himself: take the row out."), field="signers")


def _application(step: Step) -> RelatedDocument | None:
    return next((each for each in step.related("basis") if each.type in SOURCES and each.state == "accepted"), None)


def _found_now(step: Step) -> tuple[Evidence, dict[str, Any], Summary] | None:
    """The evidence of this moment, what follows from it, and the summary; ``None`` without an application."""
    application = _application(step)
    if application is None:
        return None
    evidence = _evidence(step.related, application.subject_id)
    summary = summarise(_case(application.content, evidence, step.profile, step.on), step.profile)
    return evidence, _composed(application, evidence, step.profile, step.on), summary


# ---------------------------------------------------------------- drafting


def from_application(source: Source) -> dict[str, Any]:
    """Compose the conclusion from everything in force about the applicant."""
    application = source.document
    evidence = _evidence(source.related, application.subject_id)
    summary = summarise(_case(application.content, evidence, source.profile, source.on), source.profile)
    return {
        **shared.about(source),
        **shared.of_application(source, "position", "workplace", "ladder", "current", "claimed"),
        "application_number": application.number,
        "application_date": application.registered_on.isoformat() if application.registered_on else "",
        **_composed(application, evidence, source.profile, source.on),
        "reasoning": [_told(reason) for reason in summary.reasons],
        "conclusion": "conforms" if summary.conforms else "not",
        "category": summary.category,
        "reason": "",
        "drawn_up_on": source.on.isoformat(),
        "signers": _compilers(evidence),
    }


def _told(reason: Reason) -> dict[str, str]:
    return {"text": str(reason.message), "clause": reason.clause.key}


def _compilers(evidence: Evidence) -> list[dict[str, Any]]:
    """The members whose signed score sheets make the summary, each once."""
    found = {each.content.get("member_id"): each.content.get("member") for each in evidence.sheets}
    return [{"person": shared.names_only(person), "person_id": member} for member, person in found.items() if member]


def _printed(content: Content, profile: Profile) -> dict[str, str]:
    ladder = str(content.get("ladder") or "")
    return {
        **{name: shared.category_title(ladder, str(content.get(name) or "")).kk for name in ("current", "claimed")},
        "category": shared.category_title(ladder, _named(content)).kk,
    }


# ---------------------------------------------------------------- sample


def _sample_line(title: str, number: str, dated: str, shows: str, by: str = "") -> dict[str, str]:
    return {"title": TITLES[title], "number": number, "dated": dated, "by": by, "shows": shows}


_MEMBER = {"surname": "Қуанышбекова", "given_name": "Әсел", "patronymic": "Нұрланқызы"}
_SHEET = "88 балл; мәлімделген біліктілік санатына сәйкес келеді"

TYPE = DocumentType(
    name=NAME,
    title=Text(
        "Қызмет нәтижелерін кешенді талдамалық жинақтау қорытындысы",
        "Заключение комплексного аналитического обобщения результатов деятельности",
        "Conclusion of the comprehensive analytical summary of results",
    ),
    brief=Text("Жинақтау қорытындысы", "Заключение обобщения", "Conclusion of the summary"),
    regulated_by=(KRG.clause("29"),),
    form=AnalyticalSummaryForm,
    workflow=issued,
    template="paper/analytical_summary.typ",
    slots=(
        SignatureSlot(
            "member", Capacity.MEMBER, Text("Комиссия мүшесі", "Член комиссии", "Member of the commission"),
            people="signers", days=DAYS_TO_SIGN,
        ),
    ),
    journal=Journal(NAME, "{unit}-ЖҚ-{seq:05d}/{year}"),
    derived_from=tuple(
        Derivation(
            name, from_application, when=(materials_are_judged, one_conclusion_at_a_time), state="accepted",
            is_drafted=True, repeats=True, subject="",
        )
        for name in SOURCES
    ),
    rules=(
        rests_on_its_application,
        materials_are_complete,
        figures_are_those_of_the_materials,
        conclusion_follows_or_says_why,
        compilers_confirm,
        nobody_confirms_his_own,
    ),
    subjects=("person_id",),
    heading=shared.heading,
    languages=shared.KAZAKH_ONLY,
    stage="evidence",
    # Clause 24: the teacher is told what the summary came to.
    is_sent_to_subject=True,
    printed=_printed,
    sample={
        "person": {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"},
        "person_id": 1,
        "position": "бастауыш сынып мұғалімі",
        "workplace": "«№ 7 жалпы білім беретін мектебі» КММ, Қарағанды қаласы",
        "ladder": "teacher",
        "current": "moderator",
        "claimed": "expert",
        "application_number": "АТТ-АӨ-00004/2024",
        "application_date": "2024-10-07",
        "materials": [
            _sample_line("portfolio_teacher", "АТТ-П1-00004/2024", "2024-10-28", _SHEET, "Қуанышбекова Әсел"),
            *(
                _sample_line("observation_lesson", f"АТТ-О1-0000{n}/2024", f"2024-10-{6 + 2 * n:02}", "74 балл",
                             "Ғаббасов Ерлан Маратұлы")
                for n in range(1, 6)
            ),
            _sample_line("essay", "АТТ-ЭС-00004/2024", "2024-10-14", "287 сөз"),
            _sample_line("knowledge_results", "АТТ-ПББ-00001/2024", "2024-10-22", OUTCOMES["passed"].kk),
        ],
        "portfolio_points": "88",
        "portfolio_needed": "84",
        "observation_mean": "74",
        "reasoning": [
            {"text": "Портфолиода 88 балл бар, «педагог-сарапшы» санатына 84 балл қажет.", "clause": "KRG app. 8"},
            {"text": "Бақыланған сабақтардың орташа балы 74; санатқа 71 қажет.", "clause": "KRG app. 8"},
        ],
        "conclusion": "conforms",
        "category": "expert",
        "reason": "",
        "drawn_up_on": "2024-10-29",
        "signers": [{"person": _MEMBER, "person_id": 101}],
    },
)  # fmt: skip
