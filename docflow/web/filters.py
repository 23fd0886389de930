"""How values look on a page: the acts' wordings, dates in words, names, a masked IIN."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from flask import Flask, url_for
from flask_babel import format_date, format_datetime
from flask_babel import gettext as _
from wtforms import Field

from docflow.core.errors import NotFound
from docflow.core.identifiers import grouped_code, mask_iin
from docflow.core.messages import Message, _l
from docflow.core.registry import document_type, document_types
from docflow.core.regulations import Clause, Text
from docflow.core.rules import Refusal
from docflow.core.types import Capacity
from docflow.core.workflow import Status
from docflow.models import Document
from docflow.regulations import REGULATIONS
from docflow.regulations.citation import cite
from docflow.services.environment import local_day
from docflow.services.worklists import TITLES
from docflow.web.acting import now
from docflow.web.language import LANGUAGES, language_code

MONTHS_KK = (
    "қаңтар",
    "ақпан",
    "наурыз",
    "сәуір",
    "мамыр",
    "маусым",
    "шілде",
    "тамыз",
    "қыркүйек",
    "қазан",
    "қараша",
    "желтоқсан",
)
TONES = {
    Status.IN_FORCE: "good",
    Status.NOT_YET: "plain",
    Status.EXPIRED: "old",
    Status.SUSPENDED: "warn",
    Status.ANNULLED: "bad",
    Status.SUPERSEDED: "old",
    Status.REFUSED: "bad",
}
CAPACITIES = {
    Capacity.HEAD_OR_ACTING: _l("head of the organisation"),
    Capacity.CENTRE_HEAD: _l("head of the centre"),
    Capacity.TRAINER: _l("trainer"),
    Capacity.APPLICANT: _l("applicant"),
    Capacity.LISTENER: _l("listener"),
    Capacity.EMPLOYER_HEAD: _l("head of the employer"),
    Capacity.ENTERPRISE_HEAD: _l("head of the enterprise"),
    Capacity.AUTHORISED: _l("authorised person"),
    Capacity.CHAIR: _l("chair of the commission"),
    Capacity.MEMBER: _l("member of the commission"),
    Capacity.SECRETARY: _l("secretary of the commission"),
    Capacity.OBSERVER: _l("observer"),
    Capacity.ACQUAINTED: _l("acquainted"),
}
SIGNATURE_STATES = {
    "awaited": _l("awaited"),
    "signed": _l("signed"),
    "refused": _l("refused to sign"),
    "cancelled": _l("cancelled"),
}
ROLES = {
    "clerk": _l("Clerk"),
    "signatory": _l("Signatory"),
    "applicant": _l("Applicant"),
    "inspector": _l("Inspector"),
    "archivist": _l("Archivist"),
    "administrator": _l("Administrator"),
}
RELATIONS = {
    "notice": (_l("Notice on"), _l("Notices")),
    "basis": (_l("Basis"), _l("Led to")),
    "annex": (_l("Annex to"), _l("Annexes")),
    "extract": (_l("Extract of"), _l("Extracts")),
    "supersedes": (_l("Supersedes"), _l("Superseded by")),
    "corrects": (_l("Corrects"), _l("Corrected by")),
    "annuls": (_l("Annuls"), _l("Annulled by")),
    "answers": (_l("Answers"), _l("Answered by")),
}
ACTIONS = {
    "created": _l("Drafted"),
    "create": _l("Drafted"),
    "edited": _l("Edited"),
    "update": _l("Edited"),
    "attached": _l("File attached"),
    "detached": _l("File removed"),
    "signed": _l("Signed"),
    "raised": _l("Time stamps and proofs added for the archive"),
    "renewed": _l("Archive time stamp renewed"),
    "opened": _l("Opened for signing"),
    "rendered": _l("Paper made"),
    "numbered": _l("Number reserved"),
    "invited": _l("Invited by a link"), "invitation_revoked": _l("Invitation ended"),
    "invitation_opened": _l("Link opened"), "signed_by_hand": _l("Signature by hand registered"),
    "issued": _l("Issued"),
    "met_late": _l("Done after its term"),
    "derived": _l("Drafted from another document"),
    "gathered": _l("Gathered"),
}


# What the drafting person chooses.
CHOICE_LABELS = {
    "member_id": _l("Member of the commission"),
    "observer_id": _l("Observer"),
    "observed_on": _l("Day of the lesson"),
}

# Pages of their own that fill a draft, by the name that a type gives.
EDITORS = {"session": "sittings.show", "score_sheet": "scores.sheet", "observation_sheet": "observations.sheet"}

# What a public page calls the fields that types show to everybody; others stay unseen.
PUBLIC_LABELS = {
    "topic": _l("Topic of the course"),
    "hours": _l("Hours"),
    "starts_on": _l("Course began"),
    "completed_on": _l("Course ended"),
    "ends_on": _l("Course ends"),
    "programme": _l("Programme"),
    "certificate_number": _l("Number of the certificate"),
    "attended_hours": _l("Hours attended"),
    "blank_series": _l("Series and number of the blank"),
    "order_number": _l("Number of the order"),
    "order_date": _l("Date of the order"),
    "position": _l("Position"),
    "category": _l("Category"),
    "decided_on": _l("Decided on"),
    "enterprise": _l("Enterprise"),
    "commission_name": _l("Commission"),
}


def install(app: Flask) -> None:
    filters = (
        t,
        day,
        moment,
        short_day,
        masked_iin,
        type_title,
        type_brief,
        state_title,
        state_tone,
        shown,
        is_hidden,
        row_columns,
        size,
        journal_title,
        number,
        capacity,
        action_title,
        form_rows,
        person_name,
        clause_title,
        signature_state,
        role_title,
        worklist,
        relation_title,
        refusal_from,
        grouped_code,
        language_name,
        public_label,
        failures,
        by_relation,
        has_ended,
        edit_address,
        choice_label,
    )
    for each in filters:
        app.jinja_env.filters[each.__name__] = each
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def t(value: Any) -> str:
    """An act's wording or a message, in the language of the page."""
    if isinstance(value, Text):
        return value.in_language(language_code())
    if isinstance(value, Mapping) and "msgid" in value:
        return str(Message.from_json(value))
    return "" if value is None else str(value)


def _as_date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return local_day(value)
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None


def day(value: Any) -> str:
    """A date in words: 20 қараша 2026 ж., 20 ноября 2026 г."""
    found = _as_date(value)
    if found is None:
        return str(value or "")
    if language_code() == "kk":
        return f"{found.year} ж. {found.day} {MONTHS_KK[found.month - 1]}"
    return str(format_date(found, "long"))


def short_day(value: Any) -> str:
    found = _as_date(value)
    return found.strftime("%d.%m.%Y") if found else str(value or "")


def moment(value: datetime | None) -> str:
    """A time in Kazakhstan, with its offset: zones are changed by law."""
    return str(format_datetime(value, "dd.MM.yyyy HH:mm (ZZZZ)")) if value else ""


def masked_iin(value: str | None) -> str:
    return mask_iin(value) if value else ""


def type_title(name: str) -> str:
    try:
        return t(document_type(name).title)
    except NotFound:
        return name


def type_brief(name: str) -> str:
    """The title as lists show it."""
    try:
        return t(document_type(name).short_title)
    except NotFound:
        return name


def journal_title(name: str) -> str:
    """A journal is known to people by what is registered in it."""
    kinds = (kind for kind in document_types().values() if kind.journal and kind.journal.name == name)
    return next((t(kind.title) for kind in kinds), name)


def _state(document: Document) -> Any:
    return document_type(document.type).workflow.states.get(document.state)


def state_title(document: Document) -> str:
    found = _state(document)
    return str(found.title) if found else document.state


def state_tone(document: Document) -> str:
    found = _state(document)
    if found is None:
        return "plain"
    return "wait" if document.state in ("to_sign", "submitted") else TONES.get(found.status, "plain")


def size(octets: int) -> str:
    return str(_("%(size)s KB", size=max(1, round(octets / 1024))))


def number(value: Any) -> str:
    """An exact number as people write it: 4/5 is 80 %, two thirds stay 2/3."""
    if isinstance(value, Fraction) and value.denominator != 1:
        share = value * 100
        return f"{share} %" if share.denominator == 1 else str(value)
    return str(value)


def capacity(name: str) -> str:
    return str(CAPACITIES.get(name, name))  # type: ignore[call-overload]


def signature_state(name: str) -> str:
    return str(SIGNATURE_STATES.get(name, name))


def role_title(name: str) -> str:
    return str(ROLES.get(name, name))


def worklist(name: str) -> str:
    return str(TITLES.get(name, name))


def relation_title(kind: str, is_source: bool) -> str:
    titles = RELATIONS.get(kind)
    return str(titles[0] if is_source else titles[1]) if titles else kind


def by_relation(relations: list[tuple[str, str, Document]]) -> list[tuple[str, str, list[Document]]]:
    """The chain by kind and direction: what a document rests on first, then what rests on it."""
    found: dict[tuple[str, str], list[Document]] = {}
    for kind, direction, other in relations:
        found.setdefault((direction, kind), []).append(other)
    return [(kind, direction, others) for (direction, kind), others in sorted(found.items(), reverse=True)]


def action_title(entry: Any, document: Document) -> str:
    """What a history entry was: a step of the workflow by its title, else an act of the services."""
    step = document_type(document.type).workflow.transitions.get(entry.action)
    return str(step.title) if step else str(ACTIONS.get(entry.action, entry.action))


def clause_title(clause: Clause) -> str:
    """How people cite it in the language of the page."""
    return cite(clause, language_code())


def has_ended(clause: Clause | None) -> bool:
    """Whether the act of a clause is no longer in force today: every page that rests on it says so."""
    act = REGULATIONS.get(clause.regulation) if clause else None
    return act is not None and act.has_ended(local_day(now()))


def edit_address(document: Document) -> str:
    """The page that fills a draft: its type's own, or the form."""
    endpoint = EDITORS.get(document_type(document.type).editor, "documents.edit")
    return url_for(endpoint, document_id=document.id)


def choice_label(name: str) -> str:
    return str(CHOICE_LABELS.get(name, name))


def language_name(code: str) -> str:
    return LANGUAGES.get(code, code)


def refusal_from(stored: Mapping[str, Any]) -> Refusal:
    """A refusal as a run has kept it; its clause is only a key there."""
    return Refusal(stored["code"], Message.from_json(stored["message"]), None, stored.get("field"), stored.get("row"))


def person_name(value: Any) -> str:
    """A name in three parts on one line."""
    if isinstance(value, Mapping):
        parts = (value.get("surname"), value.get("given_name"), value.get("patronymic"))
        return " ".join(part for part in parts if part)
    return getattr(value, "full_name", None) or str(value or "")


def public_label(path: str) -> str:
    return str(PUBLIC_LABELS.get(path, ""))


# Forms


def is_hidden(field: Field) -> bool:
    return field.type == "HiddenField" or (field.render_kw or {}).get("type") == "hidden"


def row_columns(entry: Field) -> list[Field]:
    """The visible columns of one row of a table; a row of a single field is its own column."""
    return [field for field in entry.form if not is_hidden(field)] if entry.type == "FormField" else [entry]


def form_rows(form: Any) -> list[Field]:
    return [field for field in form if field.type != "CSRFTokenField"]


def failures(form: Any, prefix: str = "") -> list[tuple[str, str, list[Any]]]:
    """What is wrong, for the summary above a form: id of the field, its label with the row, the sentences."""
    found: list[tuple[str, str, list[Any]]] = []
    for field in form:
        if field.type == "FormField":
            found += failures(field.form, prefix)
            continue
        sentences = [each for each in field.errors if not isinstance(each, dict | list | tuple)]
        if sentences:
            found.append((field.id, f"{prefix}{field.label.text}", sentences))
        if field.type == "FieldList":
            found += _row_failures(field)
    return found


def _row_failures(field: Any) -> list[tuple[str, str, list[Any]]]:
    found = []
    for number, entry in enumerate(field.entries, start=1):
        prefix = f"{field.label.text}, {number}: "
        found += failures(entry.form if entry.type == "FormField" else [entry], prefix)
    return found


def shown(field: Field) -> str:
    """The value of a field as a reader sees it."""
    value = field.data
    if isinstance(value, list):
        chosen = [str(choice.label) for choice in field.iter_choices() if choice.value in value]
        return "; ".join(chosen) or ", ".join(str(each) for each in value)
    if field.type in ("SelectField", "RadioField"):
        return next((str(choice.label) for choice in field.iter_choices() if choice.value == value), str(value or ""))
    if field.type == "BooleanField":
        return str(_("yes") if value else _("no"))
    if field.type == "DateField":
        return day(value) if value else ""
    return "" if value is None else str(value)
