"""A person's card: what rules may know of him, who may read it, and what is written on it by hand or by documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy import update as update_rows
from sqlalchemy.orm import joinedload

from docflow.core import identifiers
from docflow.core.calendar import add_years
from docflow.core.errors import Forbidden, Invalid, NotFound
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor, Role
from docflow.core.regulations import Clause, Text
from docflow.core.types import CardEntry as Told
from docflow.db import db, unit_of_work
from docflow.models import Account, CardEntry, Document, Organisation, Person, Position, Signature
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import LADDERS, OLD_HEAD_CATEGORIES, OLD_TEACHER_CATEGORIES
from docflow.regulations.krg.terms import category_valid_until, head_applies_by
from docflow.services import documents, people, search
from docflow.services.environment import local_day

READERS = (Role.CLERK, Role.ADMINISTRATOR, Role.INSPECTOR)
WRITERS = (Role.CLERK, Role.ADMINISTRATOR)
ENDS_SOON = timedelta(days=183)  # half a year: by then a head has to apply (KRG 43)

# What a kind of entry says besides its two days.
KINDS: Mapping[str, tuple[str, ...]] = {
    "post": ("title", "organisation", "ladder"),
    "education": ("level", "kind", "speciality", "institution", "year", "document"),
    "experience": ("kind", "profile"),
    "category": ("ladder", "category", "position", "procedure", "ground", "old_name"),
    "old_category": ("name",),
    "certificate": ("title", "hours", "organisation", "number"),
    "achievement": ("kind", "level", "title", "result", "document"),
    "language": ("examination", "score", "level", "number"),
    "pension": (),
}
# What the card calls the first and the last day of an entry; nothing: it has no such day.
_DAYS: Mapping[str, tuple[str, str]] = {
    "post": ("since", "until"),
    "education": ("", ""),
    "experience": ("since", "until"),
    "category": ("since", "until"),
    "old_category": ("since", "until"),
    "certificate": ("date", ""),
    "achievement": ("date", ""),
    "language": ("date", "until"),
    "pension": ("on", ""),
}
_SECTIONS: Mapping[str, str] = {
    "post": "posts",
    "education": "education",
    "experience": "experience",
    "category": "categories",
    "old_category": "old_categories",
    "certificate": "certificates",
    "achievement": "achievements",
    "language": "languages",
}
_LADDER_OF_POST = {"head": "head", "deputy": "deputy", "teacher": "teacher", "trainer": "teacher"}
NOT_OPEN = _l("There is no such person, or the card is not open to you.")


@dataclass(frozen=True)
class Fact:
    """One line of a card and where it comes from: an entry, a post held here, or a document of docflow."""

    said: Mapping[str, Any]
    entry: CardEntry | None = None
    document: Document | None = None
    by: str = ""  # who has entered it
    removed_by: str = ""

    @property
    def is_removable(self) -> bool:
        """Entered by hand; what a document has written ends with the document."""
        return self.entry is not None and self.entry.document_id is None and self.entry.removed_at is None


@dataclass(frozen=True)
class Standing:
    """A category of a ladder as it stands on a day; with what follows it and what it is worth on a transfer."""

    ladder: str
    category: str
    title: Text
    until: date | None
    is_held: bool
    ends_soon: bool
    next_title: Text | None
    on_transfer: Text | None
    transfer_clause: Clause | None
    said: Mapping[str, Any]


@dataclass(frozen=True)
class CardPage:
    """Everything that the page of a card shows."""

    person: Person
    card: Mapping[str, Any]
    facts: Mapping[str, tuple[Fact, ...]]
    removed: tuple[Fact, ...]
    standings: tuple[Standing, ...]
    service: tuple[tuple[str, str, int], ...]  # kind of work, profile, completed years
    documents: tuple[tuple[str, tuple[Document, ...]], ...]
    may_write: bool
    is_whole: bool

    @property
    def is_empty(self) -> bool:
        return not any(self.facts.values())

    @property
    def hours(self) -> int:
        return sum(int(each.get("hours") or 0) for each in self.card["certificates"])


@dataclass(frozen=True)
class Ending:
    """A category that ends: whose, when, and for a first head by when he has to apply (KRG 43)."""

    person: Person
    ladder: str
    category: str
    until: date
    apply_by: date | None


# The card that rules and fillings read


def card_of(person_id: int, *, on: date, language: str = "kk") -> dict[str, Any]:
    """Gather the card as it stands *on* a day: dates in ISO, newest first, years of service completed on that day.

    ``NotFound`` when there is no such person.
    """
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound(NOT_OPEN)
    return _card(person, _facts(person, language=language, on=on), on=on)


class CardFacts(Mapping[str, Any]):
    """The same card, gathered when the first of it is asked for: most rules ask for nothing."""

    def __init__(self, person_id: int, *, on: date, language: str = "kk") -> None:
        self._person_id, self._on, self._language = person_id, on, language
        self._gathered: dict[str, Any] | None = None

    @property
    def _card(self) -> dict[str, Any]:
        if self._gathered is None:  # not cached_property: see GroupFacts
            self._gathered = card_of(self._person_id, on=self._on, language=self._language)
        return self._gathered

    def __getitem__(self, name: str) -> Any:
        return self._card[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._card)

    def __len__(self) -> int:
        return len(self._card)


def _card(person: Person, facts: Mapping[str, Sequence[Fact]], *, on: date) -> dict[str, Any]:
    sections = {section: [dict(fact.said) for fact in facts[kind]] for kind, section in _SECTIONS.items()}
    pension = next((fact.said["on"] for fact in facts["pension"]), "")
    return {
        "person_id": person.id,
        "person": person.as_content,
        **_born(person),
        **sections,
        "teaching_years": _years_of("teaching", sections["experience"], on),
        "production_years": _years_of("production", sections["experience"], on),
        "pension_on": pension,
    }


def _born(person: Person) -> dict[str, str]:
    if not person.iin or identifiers.iin_faults(person.iin):
        return {"born_on": "", "gender": ""}
    born, sex = identifiers.birth_date(person.iin), identifiers.sex(person.iin)
    return {"born_on": born.isoformat() if born else "", "gender": {"female": "f", "male": "m"}.get(sex or "", "")}


def _years_of(kind: str, experience: Iterable[Mapping[str, Any]], on: date) -> int:
    return completed_years([(each["since"], each["until"]) for each in experience if each["kind"] == kind], on)


def _service(experience: Iterable[Mapping[str, Any]], on: date) -> tuple[tuple[str, str, int], ...]:
    """Years by kind of work and profile; the same profile in two places is one."""
    periods: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for each in experience:
        periods.setdefault((each["kind"], each["profile"]), []).append((each["since"], each["until"]))
    return tuple((*what, completed_years(found, on)) for what, found in periods.items())


def completed_years(periods: Iterable[tuple[str, str]], on: date) -> int:
    """Count whole years in *periods* (ISO days, both included; no last day: it goes on) up to *on*.

    What overlaps counts once; several periods count as if they were one unbroken one from the first day on.
    """
    merged = _merged(periods, on)
    if not merged:
        return 0
    start = merged[0][0]
    end = start + sum((end - start for start, end in merged), timedelta())
    years = end.year - start.year
    return years if add_years(start, years) <= end else years - 1


def _merged(periods: Iterable[tuple[str, str]], on: date) -> list[tuple[date, date]]:
    """Each as the first day in it and the first day after it; *on* itself is not over yet."""
    found: list[tuple[date, date]] = []
    for since, until in sorted((since, until) for since, until in periods if since):
        start = date.fromisoformat(since)
        end = min(date.fromisoformat(until) + timedelta(days=1), on) if until else on
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


# Where its lines come from


def _facts(
    person: Person, *, language: str, on: date, organisation_id: int | None = None
) -> dict[str, tuple[Fact, ...]]:
    """Every kind with its lines, newest first; with *organisation_id* only what is known there."""
    found: dict[str, list[Fact]] = {kind: [] for kind in KINDS}
    for entry, author in _entries(person, organisation_id):
        if entry.removed_at is None and entry.kind in found:
            found[entry.kind].append(Fact(_said(entry), entry, entry.document, by=author))
    found["post"] += _posts(person, language, organisation_id)
    found["certificate"] += _certificates(person, on, organisation_id)
    return {kind: tuple(sorted(lines, key=_newest_first, reverse=True)) for kind, lines in found.items()}


def _newest_first(fact: Fact) -> tuple[str, str]:
    said = fact.said
    return str(said.get("since") or said.get("date") or said.get("year") or ""), str(said.get("until") or "")


def _entries(person: Person, organisation_id: int | None) -> list[tuple[CardEntry, str]]:
    found = (
        select(CardEntry, Account)
        .outerjoin(Account, Account.id == CardEntry.created_by_id)
        .options(joinedload(CardEntry.document))
        .where(CardEntry.person_id == person.id)
        .order_by(CardEntry.id)
    )
    if organisation_id is not None:
        found = found.where(CardEntry.organisation_id == organisation_id)
    return [(entry, _name_of(account)) for entry, account in db.session.execute(found).unique()]


def _name_of(account: Account | None) -> str:
    if account is None:
        return "docflow"
    return account.person.full_name if account.person else account.email


def _said(entry: CardEntry) -> dict[str, Any]:
    first, last = _DAYS[entry.kind]
    said = {name: entry.data.get(name, "") for name in KINDS[entry.kind]}
    if first:
        said[first] = entry.starts_on.isoformat() if entry.starts_on else ""
    if last:
        said[last] = entry.ends_on.isoformat() if entry.ends_on else ""
    if entry.kind == "certificate":
        said |= {"hours": int(said["hours"] or 0), "code": ""}
    if entry.kind in ("category", "old_category"):
        said["basis"] = entry.basis
    if entry.kind == "old_category":
        said["leads_to"] = OLD_TEACHER_CATEGORIES.get(said["name"], "")
    return said


def _posts(person: Person, language: str, organisation_id: int | None) -> list[Fact]:
    held = select(Position, Organisation).join(Organisation, Organisation.id == Position.organisation_id)
    held = held.where(Position.person_id == person.id)
    if organisation_id is not None:
        held = held.where(Position.organisation_id == organisation_id)
    return [
        Fact(
            {
                "title": post.title_kk if language == "kk" else post.title_ru,
                "organisation": organisation.name_kk if language == "kk" else organisation.name_ru,
                "ladder": _LADDER_OF_POST.get(post.kind, ""),
                "since": post.starts_on.isoformat(),
                "until": post.ends_on.isoformat() if post.ends_on else "",
            }
        )
        for post, organisation in db.session.execute(held).unique()
    ]


def _certificates(person: Person, on: date, organisation_id: int | None) -> list[Fact]:
    """Those that docflow has issued and that are valid on the day."""
    issued = select(Document).where(
        Document.subject_id == person.id,
        Document.type == "course_certificate",
        Document.state == "in_force",
        or_(Document.valid_until.is_(None), Document.valid_until >= on),
    )
    if organisation_id is not None:
        issued = issued.where(Document.organisation_id == organisation_id)
    return [_certificate(document) for document in db.session.scalars(issued).unique()]


def _certificate(document: Document) -> Fact:
    current = documents.content(document)
    organisation = document.organisation
    said = {
        "title": current.get("topic") or "",
        "hours": int(current.get("hours") or 0),
        "date": document.registered_on.isoformat() if document.registered_on else "",
        "organisation": organisation.name_kk if document.language == "kk" else organisation.name_ru,
        "number": document.number or "",
        "code": document.code,
    }
    return Fact(said, document=document)


# Who may read it


def demand_reading(person_id: int, *, actor: Actor) -> Person:
    """Give the person whose card is open to the actor: his own, or of one who is known in his organisation."""
    person = db.session.get(Person, person_id)
    if person is None or not _may_read(person_id, actor):
        raise NotFound(NOT_OPEN)
    return person


def _may_read(person_id: int, actor: Actor) -> bool:
    if actor.has(Role.SYSTEM) or actor.person_id == person_id:
        return True
    if not actor.has(*READERS) or actor.organisation_id is None:
        return False
    return _is_true(_is_known(person_id, actor.organisation_id))


def _is_known(person_id: Any, organisation_id: int) -> ColumnElement[bool]:
    """A document about him, a post, or an entry of the organisation."""
    return or_(
        exists().where(Document.subject_id == person_id, Document.organisation_id == organisation_id),
        exists().where(Position.person_id == person_id, Position.organisation_id == organisation_id),
        exists().where(CardEntry.person_id == person_id, CardEntry.organisation_id == organisation_id),
    )


def _has_joined(person_id: int, organisation_id: int) -> ColumnElement[bool]:
    """A post here, or a document that he himself has drafted or signed here.

    A clerk alone can draft something about anybody whose IIN he knows: this must not show what others know of him.
    """
    his_own = and_(Document.created_by_id == Account.id, Account.person_id == person_id)
    signed = and_(Signature.document_id == Document.id, Signature.person_id == person_id, Signature.state == "signed")
    return or_(
        exists().where(Position.person_id == person_id, Position.organisation_id == organisation_id),
        exists().where(his_own, Document.organisation_id == organisation_id),
        exists().where(signed, Document.organisation_id == organisation_id),
    )


def _is_true(condition: ColumnElement[bool]) -> bool:
    return bool(db.session.scalar(select(condition)))


def _reach(person_id: int, actor: Actor) -> int | None:
    """``None``: the whole card; else the only organisation whose lines the actor may read."""
    if actor.has(Role.SYSTEM) or actor.person_id == person_id or actor.organisation_id is None:
        return None
    return None if _is_true(_has_joined(person_id, actor.organisation_id)) else actor.organisation_id


def find(surname: str, *, actor: Actor, limit: int = 50) -> list[Person]:
    """People known in the actor's organisation whose surname begins so, however it is capitalised."""
    if not actor.has(*READERS) or actor.organisation_id is None:
        raise Forbidden(_l("The cards of people are open to clerks, administrators and inspectors."))
    typed = surname.strip().replace("%", "").replace("_", "")
    if not typed:
        return []
    # SQLite folds no Cyrillic letter: the ways in which people type a surname are asked for one by one.
    ways = {typed, typed.upper(), typed.lower(), typed[:1].upper() + typed[1:], typed.title()}
    named = or_(*(Person.surname.like(f"{way}%") for way in ways))
    known = _is_known(Person.id, actor.organisation_id)
    found = select(Person).where(named, known).order_by(Person.surname, Person.given_name, Person.id)
    return list(db.session.scalars(found.limit(limit)))


def page(person_id: int, *, actor: Actor, now: datetime, language: str) -> CardPage:
    """The card as *actor* may read it; ``NotFound`` where it is closed to him."""
    person, on = demand_reading(person_id, actor=actor), local_day(now)
    reach = _reach(person_id, actor)
    facts = _facts(person, language=language, on=on, organisation_id=reach)
    card = _card(person, facts, on=on)
    return CardPage(
        person=person,
        card=card,
        facts=facts,
        removed=_removed(person, reach),
        standings=standings(card, on=on),
        service=_service(card["experience"], on),
        documents=_documents_about(person_id, actor),
        may_write=actor.has(*WRITERS) and actor.organisation_id is not None,
        is_whole=reach is None,
    )


def _removed(person: Person, organisation_id: int | None) -> tuple[Fact, ...]:
    """What was taken off the card, by whom it was entered and by whom removed."""
    return tuple(
        Fact(_said(entry), entry, by=author, removed_by=_name_of(db.session.get(Account, entry.removed_by_id or 0)))
        for entry, author in _entries(person, organisation_id)
        if entry.removed_at is not None
    )


def _documents_about(person_id: int, actor: Actor) -> tuple[tuple[str, tuple[Document, ...]], ...]:
    """The documents about him that the actor may see, by type; the types in the order of their latest document."""
    found = select(Document).where(Document.subject_id == person_id, search.visible_to(actor))
    by_type: dict[str, list[Document]] = {}
    for document in db.session.scalars(found.order_by(Document.id.desc()).limit(300)).unique():
        by_type.setdefault(document.type, []).append(document)
    return tuple((name, tuple(held)) for name, held in by_type.items())


# Categories


def category_title(ladder: str, category: str) -> Text:
    """How the act names a category; what is on no ladder is shown as it is."""
    known = LADDERS.get(ladder)
    return known.titles[category] if known and category in known.titles else Text(category, category, category)


def standings(card: Mapping[str, Any], *, on: date) -> tuple[Standing, ...]:
    """The latest category of each ladder that the card knows."""
    latest: dict[str, Mapping[str, Any]] = {}
    for each in card["categories"]:  # newest first
        if each["ladder"] in LADDERS and each["since"] <= on.isoformat():
            latest.setdefault(each["ladder"], each)
    return tuple(_standing(each, on) for each in latest.values())


def _standing(said: Mapping[str, Any], on: date) -> Standing:
    ladder, category = LADDERS[said["ladder"]], said["category"]
    until = date.fromisoformat(said["until"]) if said["until"] else None
    following = ladder.moved(category, 1) if category in ladder.titles else category
    other = _TRANSFER.get(ladder.code)
    return Standing(
        ladder=ladder.code,
        category=category,
        title=category_title(ladder.code, category),
        until=until,
        is_held=until is None or until >= on,
        ends_soon=until is not None and on <= until <= on + ENDS_SOON,
        next_title=ladder.titles[following] if following != category else None,
        on_transfer=category_title(other, category) if other else None,
        transfer_clause=KRG.clause("49 ¶2") if other else None,
        said=said,
    )


# Clause 49: a first head who becomes a deputy, or the other way round, keeps the category of the same ordinal.
_TRANSFER = {"head": "deputy", "deputy": "head"}


def old_categories() -> dict[str, tuple[str, str]]:
    """Old names with the ladder and the category that they stand for or, for teachers, lead to (KRG 32, 48)."""
    teachers = {name: ("teacher", category) for name, category in OLD_TEACHER_CATEGORIES.items()}
    return teachers | {name: ("head", category) for name, category in OLD_HEAD_CATEGORIES.items()}


# Entries by hand


def add_entry(
    person_id: int,
    kind: str,
    data: Mapping[str, Any],
    *,
    basis: str,
    actor: Actor,
    now: datetime,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> CardEntry:
    """Write a line on the card, on a basis that others can check; ``Invalid`` names the field.

    A category without a last day holds as long as the act says. An old name of a head's category is taken as the
    category that it equals (KRG 48).
    """
    _demand_writing(person_id, actor)
    told = _completed(Told(person_id, kind, dict(data), starts_on, ends_on))
    _check(told, basis)
    with unit_of_work():
        entry = _row(told, basis.strip(), actor.organisation_id, actor=actor, now=now)
        # Writing the row makes a double click wait for its first half, in both databases.
        db.session.execute(update_rows(Person).where(Person.id == person_id).values(surname=Person.surname))
        if known := _written_already(entry):
            return known
        db.session.add(entry)
        db.session.flush()
        return entry


def _written_already(entry: CardEntry) -> CardEntry | None:
    """The line that says the same: years and hours are not counted twice because a button was pressed twice."""
    found = select(CardEntry).where(
        CardEntry.person_id == entry.person_id,
        CardEntry.kind == entry.kind,
        CardEntry.organisation_id == entry.organisation_id,
        CardEntry.document_id.is_(None),
        CardEntry.removed_at.is_(None),
    )
    said = (entry.data, entry.starts_on, entry.ends_on, entry.basis)
    lines = db.session.scalars(found).unique()
    return next((each for each in lines if (each.data, each.starts_on, each.ends_on, each.basis) == said), None)


def begin(
    names: Mapping[str, Any],
    iin: str,
    post: Mapping[str, Any],
    *,
    basis: str,
    starts_on: date | None,
    actor: Actor,
    now: datetime,
    override: str = "",
) -> CardEntry:
    """Begin the card of somebody new to the organisation with the post that he holds; *iin* has passed the form.

    A person whom docflow knows by his IIN keeps his name and what others have entered, which stays closed.
    """
    if not actor.has(*WRITERS):
        raise Forbidden(_l("Cards are kept by the clerks and administrators of the organisation."))
    told = Told(0, "post", dict(post), starts_on)
    _check(told, basis)
    with unit_of_work():
        person = people.find_or_create(names, iin, override=override)
        entry = _row(replace(told, person_id=person.id), basis.strip(), actor.organisation_id, actor=actor, now=now)
        db.session.add(entry)
        db.session.flush()
        return entry


def by_iin(iin: str, *, actor: Actor) -> Person | None:
    """The person with this whole IIN, if he is known in the actor's organisation; ``None`` tells nothing more."""
    if not actor.has(*READERS) or actor.organisation_id is None:
        raise Forbidden(_l("The cards of people are open to clerks, administrators and inspectors."))
    person = people.by_iin("".join(iin.split()))
    return person if person is not None and _may_read(person.id, actor) else None


def _demand_writing(person_id: int, actor: Actor) -> None:
    if not actor.has(*WRITERS, Role.SYSTEM):
        raise Forbidden(_l("Cards are kept by the clerks and administrators of the organisation."))
    # An administrator begins the card of one who is new here.
    if db.session.get(Person, person_id) is None or not (_may_read(person_id, actor) or actor.has(Role.ADMINISTRATOR)):
        raise NotFound(NOT_OPEN)


def _completed(told: Told) -> Told:
    data, ends_on = {name: told.data.get(name, "") for name in KINDS.get(told.kind, ())}, told.ends_on
    if told.kind == "category":
        old = OLD_HEAD_CATEGORIES.get(str(data["old_name"]))
        if old is not None and not data["category"]:
            data |= {"ladder": data["ladder"] or "head", "category": old}
        if ends_on is None and told.starts_on and data["ladder"] in LADDERS and data["category"] != "trainee":
            ends_on = category_valid_until(data["ladder"], told.starts_on)
    return Told(told.person_id, told.kind, data, told.starts_on, ends_on)


_NEEDED: Mapping[str, tuple[str, ...]] = {
    "post": ("title", "organisation"),
    "education": ("level", "kind", "speciality"),
    "experience": ("kind",),
    "category": ("ladder", "category"),
    "old_category": ("name",),
    "certificate": ("title", "hours"),
    "achievement": ("kind", "level", "title"),
    "language": ("examination",),
    "pension": (),
}
FILL_IN = _l("Fill in this field.")


def _check(told: Told, basis: str) -> None:
    if told.kind not in KINDS:
        raise _invalid({"kind": [_l("The card has no entries of this kind.")]})
    errors: dict[str, list[Message]] = {name: [FILL_IN] for name in _NEEDED[told.kind] if not told.data.get(name)}
    if _DAYS[told.kind][0] and told.starts_on is None:
        errors["starts_on"] = [FILL_IN]
    if told.starts_on and told.ends_on and told.ends_on < told.starts_on:
        errors["ends_on"] = [_l("The last day cannot be before the first one.")]
    if not basis.strip():
        errors["basis"] = [_l("Name the document on which this entry rests.")]
    if told.kind == "category" and not errors and told.data["category"] not in _ladder(told).titles:
        errors["category"] = [_l("This category belongs to another ladder.")]
    if errors:
        raise _invalid(errors)


def _ladder(told: Told) -> Any:
    if told.data["ladder"] not in LADDERS:
        raise _invalid({"ladder": [_l("There is no such ladder of categories.")]})
    return LADDERS[told.data["ladder"]]


def _invalid(errors: Mapping[str, list[Message]]) -> Invalid:
    return Invalid(
        _l("Please correct the marked fields."), {field: [str(m) for m in found] for field, found in errors.items()}
    )


def _row(
    told: Told,
    basis: str,
    organisation_id: int | None,
    *,
    actor: Actor,
    now: datetime,
    document: Document | None = None,
) -> CardEntry:
    return CardEntry(
        person_id=told.person_id,
        organisation_id=organisation_id,
        kind=told.kind,
        data=dict(told.data),
        starts_on=told.starts_on,
        ends_on=told.ends_on,
        document_id=document.id if document else None,
        basis=basis,
        created_by_id=actor.account_id,
        created_at=now,
        removed_because="",
    )


def remove_entry(entry_id: int, *, reason: str, actor: Actor, now: datetime) -> CardEntry:
    """Take an entry off the card, with the reason; it stays, marked. What a document wrote ends with the document."""
    with unit_of_work():
        entry = db.session.get(CardEntry, entry_id)
        if entry is None or entry.removed_at is not None:
            raise NotFound(_l("There is no such entry on a card."))
        _demand_writing(entry.person_id, actor)
        if not actor.has(Role.SYSTEM) and entry.organisation_id != actor.organisation_id:
            raise Forbidden(_l("Another organisation has made this entry: ask it to correct it."))
        if entry.document_id is not None:
            raise Forbidden(_l("A document has made this entry: annul the document."))
        if not reason.strip():
            raise _invalid({"reason": [_l("Say why: others will read it.")]})
        _mark_removed(entry, reason.strip(), actor=actor, now=now)
        return entry


def _mark_removed(entry: CardEntry, reason: str, *, actor: Actor, now: datetime) -> None:
    entry.removed_at, entry.removed_by_id, entry.removed_because = now, actor.account_id, reason


# Entries by documents


def write_entries(document: Document, entries: Sequence[Told], *, actor: Actor, now: datetime) -> None:
    """Write what a document that comes into force says about people; saying it again writes nothing twice.

    Call it in the unit of work of the step.
    """
    known = {_mark(entry) for entry in _written_by(document)}
    for told in entries:
        if told.kind in KINDS and _mark(told) not in known:
            known.add(_mark(told))
            basis = _basis(document)
            db.session.add(_row(told, basis, document.organisation_id, actor=actor, now=now, document=document))


def _mark(entry: CardEntry | Told) -> tuple[Any, ...]:
    return entry.person_id, entry.kind, entry.starts_on, tuple(sorted((k, str(v)) for k, v in entry.data.items()))


def _basis(document: Document) -> str:
    day = document.registered_on.strftime("%d.%m.%Y") if document.registered_on else ""
    return " ".join(part for part in (f"№ {document.number}" if document.number else "", day) if part)


def _written_by(document: Document) -> list[CardEntry]:
    found = select(CardEntry).where(CardEntry.document_id == document.id, CardEntry.removed_at.is_(None))
    return list(db.session.scalars(found))


def end_entries(document: Document, *, actor: Actor, now: datetime, reason: str) -> None:
    """Take off the cards what an annulled document has written there."""
    for entry in _written_by(document):
        _mark_removed(entry, reason, actor=actor, now=now)


# Across people


def ending_categories(organisation_id: int, *, before: date, since: date | None = None) -> list[Ending]:
    """Categories that end up to *before* (and not earlier than *since*) with no later one of the same ladder.

    Of people who hold a post in the organisation on that day, or whose category it has given or entered.
    """
    latest = _latest_categories(organisation_id, before).subquery()
    found = (
        select(CardEntry, Person)
        .join(Person, Person.id == CardEntry.person_id)
        .join(latest, CardEntry.id == latest.c.id)
        .where(CardEntry.ends_on <= before)
    )
    if since is not None:
        found = found.where(CardEntry.ends_on >= since)
    return [_ending(entry, person) for entry, person in db.session.execute(found.order_by(CardEntry.ends_on)).unique()]


def _latest_categories(organisation_id: int, day: date) -> Select[tuple[int]]:
    held = and_(
        Position.person_id == CardEntry.person_id,
        Position.organisation_id == organisation_id,
        or_(Position.ends_on.is_(None), Position.ends_on >= day),
    )
    ladder = CardEntry.data["ladder"].as_string()
    rank = func.row_number().over(
        partition_by=(CardEntry.person_id, ladder), order_by=(CardEntry.starts_on.desc(), CardEntry.id.desc())
    )
    ranked = (
        select(CardEntry.id.label("id"), rank.label("place"))
        .where(
            CardEntry.kind == "category",
            CardEntry.removed_at.is_(None),
            CardEntry.ends_on.is_not(None),
            or_(CardEntry.organisation_id == organisation_id, exists().where(held)),
        )
        .subquery()
    )
    return select(ranked.c.id).where(ranked.c.place == 1)


def _ending(entry: CardEntry, person: Person) -> Ending:
    ladder = str(entry.data.get("ladder", ""))
    assert entry.ends_on is not None  # the query asks for it
    apply_by = head_applies_by(entry.ends_on) if ladder in _TRANSFER else None
    return Ending(person, ladder, str(entry.data.get("category", "")), entry.ends_on, apply_by)
