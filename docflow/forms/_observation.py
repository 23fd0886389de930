"""What the three observation sheets of KRG, appendix 9, share: their fields, rules, figures and printed order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Refusal, Step, rule
from docflow.core.scoring import Excess, ObservationSheet
from docflow.core.types import Capacity, DocumentType, Journal, SignatureSlot
from docflow.forms import _attestation as attestation
from docflow.forms._assessment import in_figures
from docflow.forms.base import (
    FieldList,
    FormField,
    IntegerField,
    Length,
    NumberRange,
    Optional,
    PersonForm,
    RecordForm,
    TextAreaField,
    day,
    hidden_id,
    optional_text,
    required_text,
)
from docflow.forms.workflows import issued
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.observation import (
    HIGHEST_LEVEL,
    as_written,
    excess,
    figures,
    first_counted_day,
    parts,
    scale,
)

# Whose work is judged by observed lessons: those who show a portfolio of a teacher (appendix 8, row 1.2).
APPLICATIONS = (
    "teacher_application", "early_application", "without_attestation_application", "old_category_application",
)  # fmt: skip

# ---------------------------------------------------------------- form


class LevelList(FieldList):  # type: ignore[misc]  # WTForms is untyped
    """One entry for each descriptor, filled or not: a gap keeps its place."""

    def __init__(self, sheet: ObservationSheet, **options: Any) -> None:
        level = IntegerField(_l("Level"), [Optional(), NumberRange(min=0, max=HIGHEST_LEVEL)])
        self.count = len(sheet.descriptors)
        # Not drawn as a table of bare numbers: the paper and the sheet's own page show each beside its descriptor.
        super().__init__(level, _l("Levels"), render_kw={"type": "hidden"}, **options)

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        yield from range(self.count)


def long_text(label: Message) -> TextAreaField:
    """Some lines that may stay empty."""
    return TextAreaField(label, [Optional(), Length(max=4000)], render_kw={"rows": 3})


class ObservedForm(RecordForm):
    """Who is observed by whom, where and when."""

    person = FormField(PersonForm, _l("Teacher who is observed"))
    person_id = hidden_id()
    position = required_text(_l("Position of the teacher"))
    category = optional_text(_l("Qualification category of the teacher"), longest=120)
    observer = FormField(PersonForm, _l("Observer"))
    observer_id = hidden_id()
    observer_position = required_text(_l("Position of the observer"))
    organisation = required_text(_l("Organisation of education"), longest=400)
    observed_on = day(_l("Day of the observation"))


# ---------------------------------------------------------------- rules


@rule(KRG.appendix(9))
def every_descriptor_has_a_level(step: Step) -> Refusal | None:
    """A sheet is signed when every descriptor has its level; until then it is kept as it is."""
    missing = [number for number, level in enumerate(step.content["levels"], start=1) if level is None]
    if not missing:
        return None
    message = _l(
        "Lines without a level: %(count)s (%(numbers)s). Give each of them one.",
        count=len(missing), numbers=", ".join(str(number) for number in missing),
    )  # fmt: skip
    return Refusal("", message, field=f"levels-{missing[0] - 1}")


@rule(KRG.appendix(9))
def levels_are_on_the_scale(step: Step) -> list[Refusal]:
    """No level is above the highest one of the scale."""
    most = scale(step.profile)
    return [
        Refusal(
            "", _l("Line %(number)s: the level %(level)s where %(most)s is the highest; correct it.",
                   number=number, level=level, most=most),
            field=f"levels-{number - 1}",
        )
        for number, level in enumerate(step.content["levels"], start=1)
        if level is not None and level > most
    ]  # fmt: skip


@rule(KRG.appendix(8))
def nobody_observes_himself(step: Step) -> Refusal | None:
    """The observer is a head, a deputy, a methodist, another teacher or a member of the commission."""
    observer, teacher = step.content.get("observer_id"), step.content.get("person_id")
    if observer is None or observer != teacher:
        return None
    return Refusal("", _l("The observer is the teacher himself: have somebody else observe."), field="observer")


@rule(KRG.appendix(8))
def observed_in_the_last_school_year(step: Step) -> Refusal | None:
    """The sheets of the last school year count; what is still to come has not been observed."""
    observed_on = str(step.content.get("observed_on") or "")
    if first_counted_day(step.on).isoformat() <= observed_on <= step.on.isoformat():
        return None
    message = _l(
        "Observed on %(day)s: sheets from %(first)s to %(last)s count.",
        day=in_figures(observed_on), first=in_figures(first_counted_day(step.on).isoformat()),
        last=in_figures(step.on.isoformat()),
    )  # fmt: skip
    return Refusal("", message, field="observed_on")


RULES = (
    every_descriptor_has_a_level,
    levels_are_on_the_scale,
    nobody_observes_himself,
    observed_in_the_last_school_year,
)

SLOTS = (
    SignatureSlot("observer", Capacity.OBSERVER, Text("Бақылаушы", "Наблюдатель", "Observer"), person="observer_id"),
    SignatureSlot(
        "acquainted", Capacity.ACQUAINTED, Text('"Танысты"', "Ознакомлен", "Acquainted"), person="person_id", order=2
    ),
)

# ---------------------------------------------------------------- paper


@dataclass(frozen=True)
class Layout:
    """How the order prints a sheet: the fields of its header row by row, and the two words that differ."""

    sheet: ObservationSheet
    header: tuple[tuple[str, ...], ...]
    criteria: str
    total: str

    def labels(self) -> Iterator[list[tuple[str, str]]]:
        """Give each row of the header as field names with their printed labels."""
        printed = iter(self.sheet.header)
        for row in self.header:
            yield [(name, next(printed)) for name in row]


def printed_by(layout: Layout) -> Callable[[Content, Profile], Mapping[str, Any]]:
    """Make the function that gives a template the printed words and the figures of a sheet."""

    def printed(content: Content, profile: Profile) -> dict[str, Any]:
        found = figures(layout.sheet, content.get("levels") or (), profile)
        return {
            "title": layout.sheet.title,
            "header": [[{"field": name, "label": label} for name, label in row] for row in layout.labels()],
            "criteria": layout.criteria,
            "parts": parts(layout.sheet),
            "total_label": layout.total,
            "total": str(found.total) if found.given else "",
            "points": as_written(found.points),
            "maximum": layout.sheet.maximum,
            "level_max": scale(profile),
            "lines": found.lines,
            "most": found.most,
            "is_normalised": excess(profile) is Excess.NORMALISE,
        }

    return printed


# ---------------------------------------------------------------- drafting


def drafted_from(*, more: Mapping[str, str], lines: int) -> tuple[Derivation, ...]:
    """Draft a sheet about the applicant, for whoever was chosen as its observer; *more* are the empty fields."""

    def fill(source: Source) -> dict[str, Any]:
        held = attestation.of_application(source, "ladder", "current")
        return {
            **attestation.about(source),
            **attestation.of_application(source, "position"),
            "category": attestation.category_title(held["ladder"], held["current"]).kk,
            **_observer(source),
            "organisation": source.document.content.get("workplace") or "",
            "observed_on": source.choices.get("observed_on") or "",
            **more,
            "levels": [None] * lines,
            "recommendations": "",
        }

    return tuple(
        Derivation(
            each, fill, state="accepted", is_drafted=True, repeats=True, subject="",
            asks=(("observer_id", "staff"), ("observed_on", "date")),
        )
        for each in APPLICATIONS
    )  # fmt: skip


def _observer(source: Source) -> dict[str, Any]:
    chosen = source.choices
    return {
        "observer": attestation.names_only(chosen.get("observer")),
        "observer_id": chosen.get("observer_id"),
        "observer_position": chosen.get("observer_position") or "",
    }


# ---------------------------------------------------------------- samples

TEACHER = {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"}
OBSERVER = {"surname": "Қуанышбекова", "given_name": "Әсел", "patronymic": "Нұрланқызы"}


def sample_of(sheet: ObservationSheet, *, more: Mapping[str, str], **header: str) -> dict[str, Any]:
    """A whole sheet on a scale of 0 to 3: mostly twos and threes."""
    return {
        "person": dict(TEACHER),
        "person_id": 1,
        "position": "бастауыш сынып мұғалімі",
        "category": "педагог-модератор",
        "observer": dict(OBSERVER),
        "observer_id": 100,
        "observer_position": "директордың оқу ісі жөніндегі орынбасары",
        "organisation": "«№ 7 жалпы білім беретін мектебі» КММ, Қарағанды қаласы",
        "observed_on": "2024-10-07",
        **more,
        "levels": [(3, 2, 3, 3, 2, 3, 1)[place % 7] for place in range(len(sheet.descriptors))],
        "recommendations": "Саралау тапсырмаларын оқу нәтижелері төмен білім алушылар үшін де жоспарлау; кері "
        "байланысқа сабақ соңында кемінде бес минут қалдыру.",
        **header,
    }


# ---------------------------------------------------------------- types


def observation_type(
    name: str,
    *,
    index: str,
    title: Text,
    brief: Text,
    form: type[ObservedForm],
    layout: Layout,
    more: Mapping[str, str],
    sample: Mapping[str, str],
) -> DocumentType:
    """Declare the type of a printed sheet. *more* are the fields that only it has; *sample* fills its header."""
    return DocumentType(
        name=name,
        title=title,
        brief=brief,
        regulated_by=(KRG.appendix(layout.sheet.appendix),),
        form=form,
        workflow=issued,
        template=f"paper/{name}.typ",
        slots=SLOTS,
        journal=Journal(name, "{unit}-" + index + "-{seq:05d}/{year}"),
        derived_from=drafted_from(more=more, lines=len(layout.sheet.descriptors)),
        rules=RULES,
        subjects=("person_id",),
        heading=attestation.heading,
        languages=attestation.KAZAKH_ONLY,
        stage="evidence",
        editor="observation_sheet",
        assigned_to="observer_id",
        printed=printed_by(layout),
        sample=sample_of(layout.sheet, more=more, **sample),
    )
