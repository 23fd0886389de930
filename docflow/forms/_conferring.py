"""What the results of an attestation share: who signs, whose category becomes what, which terms run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docflow.core.collation import name_key
from docflow.core.derivation import Derivation, Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content, Step, rule
from docflow.core.types import Capacity, Deadline, SignatureSlot
from docflow.forms import _attestation as attestation
from docflow.forms._attestation import LADDER_TITLES, category_title, choices_of, names_only
from docflow.forms._protocol import CONCLUSIONS
from docflow.forms.base import (
    FormField,
    PersonForm,
    RecordForm,
    SelectField,
    day,
    hidden_id,
    optional_text,
    required_text,
)
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import Conclusion
from docflow.regulations.krg.vocabulary import ORDINALS, TEACHER_CATEGORIES

PROTOCOLS = ("teacher_protocol", "head_protocol")

ATTESTING_HEAD = (
    SignatureSlot(
        "head",
        Capacity.HEAD_OR_ACTING,
        Text("Аттестаттаушы органның басшысы", "Руководитель аттестующего органа", "Head of the attesting body"),
        position="head",
    ),
)
SECRETARY = SignatureSlot(
    "secretary",
    Capacity.SECRETARY,
    Text("Комиссия хатшысы", "Секретарь комиссии", "Secretary of the commission"),
    person="secretary_id",
)

# ---------------------------------------------------------------- terms that run from a session

_SITTING = ("to_sign", "in_force")  # the decision is taken when it is voted, not when all have signed


def _extracts(term: str, extract: str) -> Deadline:
    title = Text("Хаттамадан үзінді көшірмелер", "Выписки из протокола", "Extracts from the protocol")
    return Deadline(
        "extracts", KRG.terms[term], title, counted_from="held_on", states=_SITTING, met_by=(extract,), each="items"
    )


_LIST = Deadline(
    "list_publication",
    KRG.terms["list_publication"],
    Text("Аттестаттаудан өткендер тізімін жариялау", "Публикация списка аттестованных", "List of those attested"),
    counted_from="held_on",
    states=_SITTING,
    met_by=("attested_list",),
    when=lambda content: next(decided(content), None) is not None,
)
TEACHER_DEADLINES = (_extracts("protocol_extract", "teacher_extract"), _LIST)
HEAD_DEADLINES = (_extracts("head_extract", "head_extract"), _LIST)

# ---------------------------------------------------------------- words and choices

HOW: Mapping[str, Text] = {
    "conferred": Text("берілді", "присвоена", "conferred"),
    "confirmed": Text("расталды", "подтверждена", "confirmed"),
    "kept": Text("сақталды", "сохранена", "kept"),
}
# Heads and deputies share their keys: third, second, first.
CATEGORIES: Mapping[str, Text] = {**TEACHER_CATEGORIES, **ORDINALS}


def ladder() -> SelectField:
    return SelectField(_l("Kind of position"), choices=choices_of(LADDER_TITLES), default="teacher")


def category(label: Message, *, none: Message | None = None) -> SelectField:
    """A category of any ladder; which ladder it is stands beside it."""
    return SelectField(label, choices=choices_of(CATEGORIES, none=none), default="" if none else "teacher")


# ---------------------------------------------------------------- from the commission's decision

_KEPT = ("retention", "prepension")


@dataclass(frozen=True)
class Outcome:
    """What the commission's decision gives one person: a category, and how he comes to it."""

    category: str
    how: str  # conferred | confirmed | kept


def outcome_of(item: Content) -> Outcome | None:
    """Read the decision on one person of a protocol; ``None``: none yet, or nothing is given (clauses 19, 42, 46)."""
    conclusion, current = item.get("conclusion") or "", item.get("current") or ""
    if conclusion in ("", Conclusion.NOT_CONFORMING):
        return None
    if item.get("procedure") in _KEPT:
        return Outcome(current, "kept") if current else None
    named = {Conclusion.CLAIMED.value: item.get("claimed"), Conclusion.CURRENT.value: current}
    category = item.get("category") or named.get(conclusion) or ""
    if not category:
        return None
    return Outcome(category, "confirmed" if category == current else "conferred")


def decided(protocol: Content) -> Iterator[tuple[Mapping[str, Any], Outcome]]:
    """Give everybody to whom a protocol gives a category, in the order of the alphabet."""
    for item in sorted(protocol.get("items") or (), key=lambda item: name_key(item["person"])):
        outcome = outcome_of(item)
        if outcome is not None:
            yield item, outcome



# ---------------------------------------------------------------- extracts, Appendices 3 and 13


class ExtractForm(RecordForm):
    """The decision on one person, copied from the protocol; nothing of anybody else's."""

    person = attestation.person()
    person_id = hidden_id()
    position = optional_text(_l("Position"))
    ladder = ladder()
    commission_name = required_text(_l("Full name of the commission"), longest=400)
    protocol_number = required_text(_l("Number of the protocol"), longest=80)
    protocol_date = day(_l("Day of the session"))
    claimed = category(_l("Claimed category"), none=_l("None"))
    conclusion = SelectField(_l("Conclusion of the commission"), choices=choices_of(CONCLUSIONS), default="claimed")
    category = category(_l("Category that the person conforms to"), none=_l("None"))
    reason = optional_text(_l("Reason"), longest=1000)
    secretary = FormField(PersonForm, _l("Secretary of the commission"))
    secretary_id = hidden_id()


@rule(KRG.clause("20"), KRG.clause("47 ¶2"), on=())
def commission_has_decided(step: Step) -> Message | None:
    """An extract is for a person on whom the commission has decided."""
    if (step.row or {}).get("conclusion"):
        return None
    return _l("The commission has not decided on this person yet.")


@rule(KRG.clause("20"), KRG.clause("47 ¶2"))
def agrees_with_the_protocol(step: Step) -> Message | None:
    """An extract says what the protocol in force says of this person, and nothing else."""
    written = extracted(step.content)
    for protocol in step.related("extract"):
        if protocol.state == "in_force" and written in [_extracted_from(item) for item in protocol.content["items"]]:
            return None
    return _l("No protocol in force says this of the person: make the extract from the protocol.")


_DECISION = ("person_id", "claimed", "conclusion", "category", "reason")


def extracted(content: Content) -> dict[str, Any]:
    return {name: content.get(name) or "" for name in _DECISION}


def _extracted_from(item: Content) -> dict[str, Any]:
    outcome = outcome_of(item)
    return extracted({**item, "category": outcome.category if outcome else ""})


def from_item(source: Source) -> dict[str, Any]:
    """Copy one person's decision from the protocol."""
    protocol, item = source.document.content, source.row
    return {
        **_extracted_from(item),
        "person": names_only(item["person"]),
        "position": item.get("position") or "",
        "ladder": item["ladder"],
        "commission_name": protocol["commission_name"],
        "protocol_number": source.document.number,
        "protocol_date": protocol["held_on"],
        "secretary": names_only(protocol["secretary"]),
        "secretary_id": protocol.get("secretary_id"),
    }


def from_protocol_row(source: str) -> tuple[Derivation, ...]:
    """One extract for each person on whom the protocol has a decision."""
    return (Derivation(source, from_item, rows="items", when=(commission_has_decided,), relation="extract"),)


def printed_extract(content: Content, profile: Profile) -> dict[str, str]:
    """Give the words in which the order names the categories and the conclusion."""
    return {
        "claimed": category_title(content["ladder"], content["claimed"]).kk,
        "category": category_title(content["ladder"], content["category"]).kk,
        "conclusion": CONCLUSIONS[content["conclusion"]].kk,
    }


EXTRACT_SAMPLE: dict[str, Any] = {
    "person": {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"},
    "person_id": 5,
    "position": "бастауыш сынып мұғалімі",
    "ladder": "teacher",
    "commission_name": "Қарағанды облысы білім басқармасының педагогтерді аттестаттау жөніндегі комиссиясы",
    "protocol_number": "4-Х/2024",
    "protocol_date": "2024-11-12",
    "claimed": "researcher",
    "conclusion": "claimed",
    "category": "researcher",
    "reason": "",
    "secretary": {"surname": "Тоқтарова", "given_name": "Мөлдір", "patronymic": "Асқарқызы"},
    "secretary_id": 28,
}
