"""What the memorandum, the reference and the certificate of an internship share: O95 23(3) and 30."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wtforms import StringField

from docflow.core.messages import Message, _l
from docflow.core.regulations import Text
from docflow.core.rules import Content, Refusal, RelatedDocument, Step, rule
from docflow.core.types import Capacity, SignatureSlot
from docflow.forms._application import OptionalPersonForm
from docflow.forms.base import DateField, FormField, Optional, optional_text
from docflow.regulations.o95 import O95
from docflow.regulations.wku import WKU

ENTERPRISE_HEAD = SignatureSlot(
    "enterprise_head",
    Capacity.ENTERPRISE_HEAD,
    Text("Кәсіпорын (ұйым) басшысы", "Руководитель предприятия (организации)", "Head of the enterprise"),
    person="enterprise_head_id",
)


def enterprise_head() -> FormField:
    return FormField(OptionalPersonForm, label=_l("Head of the enterprise"))


def repeated(label: Message, *, longest: int = 300) -> StringField:
    """A line that repeats the document on which this one rests: shown, not typed."""
    return optional_text(label, longest=longest, render_kw={"readonly": True})


def repeated_day(label: Message) -> DateField:
    return DateField(label, [Optional()], render_kw={"readonly": True})


def names(person: Mapping[str, Any] | None) -> dict[str, str]:
    """The three parts of a name and nothing else."""
    return {part: str((person or {}).get(part) or "") for part in ("surname", "given_name", "patronymic")}


def named(person: Mapping[str, Any] | None) -> bool:
    """Whether there is a name to print and to invite by."""
    parts = names(person)
    return bool(parts["surname"] and parts["given_name"])


def rows_of(content: Content) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(content.get("teachers") or (), start=1)


def in_force_of(documents: Iterable[RelatedDocument], type_name: str) -> RelatedDocument | None:
    """The one of this type that is in force, the newest last."""
    found = [each for each in documents if (each.type, each.state) == (type_name, "in_force")]
    return found[-1] if found else None


def refuse_empty(content: Content, wanted: Mapping[str, Any]) -> list[Refusal]:
    """Refuse every field of *wanted* that says nothing, with its sentence."""
    return [Refusal("", message, field=field) for field, message in wanted.items() if not content.get(field)]


@rule(WKU.clause("4.9.3"), O95.clause("23(3)"))
def internship_is_long_enough(step: Step) -> Refusal | None:
    """An internship of teachers of technical and vocational education has no fewer hours than the act sets."""
    hours, least = step.content.get("hours") or 0, step.profile.threshold("internship_hours_min")
    if hours >= least.value:
        return None
    message = _l(
        "%(hours)s academic hours are no internship: it takes at least %(least)s.", hours=hours, least=least.value
    )
    return Refusal("", message, field="hours")


@rule(O95.clause("30"))
def dates_are_in_order(step: Step) -> Refusal | None:
    """An internship ends on the day on which it begins, or later."""
    starts_on, ends_on = step.content.get("starts_on") or "", step.content.get("ends_on") or ""
    if ends_on >= starts_on:
        return None
    return Refusal("", _l("The last day of the internship is before the first: correct the dates."), field="ends_on")
