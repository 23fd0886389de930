"""Portfolio sheets at work: the page's view of a sheet, what docflow already knows, and filling it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from docflow.core.errors import NotFound
from docflow.core.identifiers import grouped_code
from docflow.core.messages import Message, _l
from docflow.core.permissions import Actor, Permission, Role
from docflow.core.registry import document_type
from docflow.core.regulations import Profile, Text
from docflow.core.scoring import Figures, Indicator, Level, Measure, Number, ScoreSheet, Totals
from docflow.db import db
from docflow.models import Attachment, Document, Relation, Signature
from docflow.regulations.kazakhstan_calendar import TIME_ZONE
from docflow.regulations.krg import portfolio as rules
from docflow.regulations.krg.categories import LADDERS
from docflow.regulations.krg.observation import SHEETS as OBSERVED
from docflow.regulations.krg.observation import as_written
from docflow.services import cards, documents, papers
from docflow.services.environment import local_day

FILE = "evidence-"  # an attachment's kind is this and the number of the line
_EXTRACTS = ("teacher_extract", "head_extract")
_ORDERS = ("enrolment_order", "issue_order", "conferring_order", "commission_order")


# ---------------------------------------------------------------- what docflow knows


@dataclass(frozen=True)
class Known:
    """One thing that docflow holds about a person; ``kind``, ``level`` and ``won`` are for achievements."""

    title: str
    number: str = ""
    code: str = ""
    on: str = ""
    organisation: str = ""
    hours: int = 0
    kind: str = ""
    level: str = ""
    won: bool = False

    @property
    def named(self) -> str:
        """Kazakh, like the sheet: title, number, day, from whom, hours, and the code by which anyone can check it."""
        day = f"{self.on[8:10]}.{self.on[5:7]}.{self.on[:4]}" if len(self.on) == 10 else self.on
        parts = (
            self.title, f"№ {self.number}" if self.number else "", day, self.organisation,
            f"{self.hours} сағат" if self.hours else "", f"код {grouped_code(self.code)}" if self.code else "",
        )  # fmt: skip
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Collected:
    """What docflow holds about a person on a day; ``mean`` is ``None`` until there are enough observations."""

    certificates: tuple[Known, ...] = ()
    observations: tuple[Known, ...] = ()
    points: tuple[Number, ...] = ()
    mean: Number | None = None
    feedback: tuple[Known, ...] = ()  # observation sheets that he has filled in about others
    achievements: tuple[Known, ...] = ()
    languages: tuple[Known, ...] = ()
    orders: tuple[Known, ...] = ()
    extracts: tuple[Known, ...] = ()

    @property
    def hours(self) -> int:
        return sum(each.hours for each in self.certificates)

    @property
    def lists(self) -> list[tuple[Message, tuple[Known, ...]]]:
        """Everything by kind, for a page; empty kinds are left out."""
        found = [
            (_l("Certificates of courses"), self.certificates),
            (_l("Observation sheets"), self.observations),
            (_l("Observations of others"), self.feedback),
            (_l("Achievements"), self.achievements),
            (_l("Language certificates"), self.languages),
            (_l("Orders"), self.orders),
            (_l("Extracts of decisions"), self.extracts),
        ]
        return [(title, known) for title, known in found if known]


def collected(person_id: int, *, actor: Actor, on: date, profile: Profile) -> Collected:
    """Gather what docflow holds about a person; also from other organisations, if he has applied to this one.

    ``NotFound`` for whoever may neither read his card nor holds a score sheet about him.
    """
    reach = None if _has_applied(person_id, actor) else actor.organisation_id
    card = _card(person_id, actor, on=on, is_whole=reach is None)
    observations = _in_force(Document.subject_id == person_id, OBSERVED, reach)
    filled = [(each.type, documents.content(each)) for each in observations]
    points, mean = rules.observation_points(filled, profile, on=on)
    return Collected(
        certificates=tuple(_certificate(each) for each in card["certificates"]),
        observations=tuple(map(_document, observations)),
        points=tuple(points),
        mean=mean,
        feedback=tuple(map(_document, _in_force(Document.assignee_id == person_id, OBSERVED, reach))),
        achievements=tuple(_achievement(each) for each in card["achievements"]),
        languages=tuple(_language(each) for each in card["languages"]),
        orders=tuple(map(_document, _orders_about(person_id, reach))),
        extracts=tuple(map(_document, _in_force(Document.subject_id == person_id, _EXTRACTS, reach))),
    )


def _card(person_id: int, actor: Actor, *, on: date, is_whole: bool) -> Mapping[str, Any]:
    """The card as far as the actor may know it: whoever holds a sheet knows what the applicant lays open."""
    if not _holds_a_sheet(person_id, actor):
        cards.demand_reading(person_id, actor=actor)
    elif not is_whole:
        return {"certificates": (), "achievements": (), "languages": ()}
    if is_whole:
        return cards.card_of(person_id, on=on)
    noon = datetime.combine(on, time(12), TIME_ZONE)
    return cards.page(person_id, actor=actor, now=noon, language="kk").card


def _holds_a_sheet(person_id: int, actor: Actor) -> bool:
    held = select(Document.id).where(
        Document.subject_id == person_id, Document.assignee_id == actor.person_id, Document.type.in_(rules.TYPES)
    )
    return actor.person_id is not None and db.session.scalar(held.limit(1)) is not None


def _has_applied(person_id: int, actor: Actor) -> bool:
    """Whether he himself has signed a document here: a clerk can draft something about anybody."""
    if actor.has(Role.SYSTEM) or actor.person_id == person_id:
        return True
    signed = (
        select(Signature.id)
        .join(Document, Document.id == Signature.document_id)
        .where(
            Signature.person_id == person_id,
            Signature.state == "signed",
            Document.subject_id == person_id,
            Document.organisation_id == actor.organisation_id,
        )
    )
    return db.session.scalar(signed.limit(1)) is not None


def _in_force(about: ColumnElement[bool], types: Iterable[str], reach: int | None) -> list[Document]:
    """Those of one organisation, or of all."""
    found = select(Document).where(about, Document.type.in_(list(types)), Document.state == "in_force")
    if reach is not None:
        found = found.where(Document.organisation_id == reach)
    return list(db.session.scalars(found.order_by(Document.id)).unique())


def _orders_about(person_id: int, reach: int | None) -> list[Document]:
    """The orders on which his documents rest."""
    his = select(Document.id).where(Document.subject_id == person_id)
    rests_on = select(Relation.target_id).where(Relation.source_id.in_(his))
    named_in = select(Relation.source_id).where(Relation.target_id.in_(his))
    return _in_force(or_(Document.id.in_(rests_on), Document.id.in_(named_in)), _ORDERS, reach)


def _document(document: Document) -> Known:
    from_day = document.registered_on.isoformat() if document.registered_on else ""
    title = document_type(document.type).title.kk
    return Known(title, document.number or "", document.code, from_day)


def _certificate(said: Mapping[str, Any]) -> Known:
    return Known(
        str(said.get("title") or ""), str(said.get("number") or ""), str(said.get("code") or ""),
        str(said.get("date") or ""), str(said.get("organisation") or ""), int(said.get("hours") or 0),
    )  # fmt: skip


def _achievement(said: Mapping[str, Any]) -> Known:
    return Known(
        " – ".join(part for part in (str(said.get("title") or ""), str(said.get("document") or "")) if part),
        on=str(said.get("date") or ""), kind=str(said.get("kind") or ""), level=str(said.get("level") or ""),
        won=said.get("result") in ("winner", "prize"),
    )  # fmt: skip


def _language(said: Mapping[str, Any]) -> Known:
    grade = " ".join(str(said[name]) for name in ("examination", "score", "level") if said.get(name))
    return Known(grade, str(said.get("number") or ""), on=str(said.get("date") or ""))


# ---------------------------------------------------------------- suggestions


def suggest(
    sheet: ScoreSheet, known: Collected, group: str, *, profile: Profile, preschool: bool = False
) -> list[dict[str, Any]]:
    """Fill the lines that follow from what is *known*, with their evidence; lines left out are for the member."""
    return [
        *_mean_line(sheet, known),
        *_feedback_line(sheet, known, profile),
        *_hours_line(sheet, known, profile, preschool=rules.is_preschool({"sheet_group": group}) or preschool),
        *_achievement_lines(sheet, known),
    ]


def _line(number: str, level: int | None, points: int, evidence: str, **more: Any) -> dict[str, Any]:
    filled = {"won": False, "joint": False, "authors": None, "pieces": None, **more}
    return {"number": number, "level": level, "points": points, "evidence": evidence[:1000], **filled}


def _mean_line(sheet: ScoreSheet, known: Collected) -> Iterable[dict[str, Any]]:
    number = rules.MEAN_LINES.get(sheet.code)
    if number is None or known.mean is None:
        return
    codes = ", ".join(each.number or grouped_code(each.code) for each in known.observations)
    text = f"Бақылау парақтары: {len(known.points)} ({codes}), орташа арифметикалық мәні {as_written(known.mean)}"
    # Totals are compared with whole numbers, so that the whole part of a mean decides the same.
    yield _line(number, rules.column_of(sheet.indicators[number], known.mean), int(known.mean), text)


def _feedback_line(sheet: ScoreSheet, known: Collected, profile: Profile) -> Iterable[dict[str, Any]]:
    number = rules.FEEDBACK_LINES.get(sheet.code)
    column = rules.feedback_column(sheet, len(known.feedback), profile) if number else None
    if number is None or column is None:
        return
    codes = ", ".join(each.number or grouped_code(each.code) for each in known.feedback)
    points = sheet.indicators[number].levels[column].points or 0
    yield _line(number, column, points, f"Бақылау парақтары: {len(known.feedback)} ({codes})")


def _hours_line(sheet: ScoreSheet, known: Collected, profile: Profile, *, preschool: bool) -> Iterable[dict[str, Any]]:
    number = rules.HOURS_LINES[sheet.code]
    column = rules.hours_column(sheet, known.hours, profile, preschool=preschool)
    if column is None:
        return
    named = "; ".join(each.named for each in known.certificates if each.hours)
    points = sheet.indicators[number].levels[column].points or 0
    yield _line(number, column, points, f"Барлығы {known.hours} сағат: {named}")


def _achievement_lines(sheet: ScoreSheet, known: Collected) -> Iterable[dict[str, Any]]:
    """One line for each achievement where works add up, the highest one where they do not."""
    best: dict[str, list[dict[str, Any]]] = {}
    for each in known.achievements:
        number = rules.ACHIEVEMENT_LINES[sheet.code].get(each.kind)
        column = rules.achievement_column(sheet, number, each.level) if number else None
        if number is not None and column is not None:
            best.setdefault(number, []).append(_of_achievement(sheet.indicators[number], column, each))
    for number, lines in best.items():
        ordered = sorted(lines, key=lambda line: -line["points"])
        yield from ordered if sheet.indicators[number].measure is Measure.WORKS else ordered[:1]


def _of_achievement(indicator: Indicator, column: int, known: Known) -> dict[str, Any]:
    counts_pieces = indicator.levels[column].each is not None
    won = known.won and bool(indicator.bonus_at(column))
    line = _line(indicator.number, column, 0, known.named, won=won, pieces=1 if counts_pieces else None)
    return line | {"points": rules.most_for(indicator, line)}


def is_untouched(row: Mapping[str, Any]) -> bool:
    """Nobody has entered anything in this line yet."""
    return row.get("level") is None and not row.get("points") and not row.get("evidence")


def filled_in(content: Mapping[str, Any], suggested: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put suggestions into the lines that nobody has touched; whatever a member entered stays as it is."""
    free = {row["number"] for row in content["rows"] if is_untouched(row)}
    taken = {row["number"] for row in content["rows"] if not is_untouched(row)}
    usable = [dict(row) for row in suggested if row["number"] in free - taken]
    numbers = {row["number"] for row in usable}
    rows: list[dict[str, Any]] = []
    for row in content["rows"]:
        if row["number"] not in numbers:
            rows.append(dict(row))
        elif not any(each["number"] == row["number"] for each in rows):
            rows += [each for each in usable if each["number"] == row["number"]]
    return {**content, "rows": _one_bonus_a_level(rows)}


def _one_bonus_a_level(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Winners of one level bring their point once: a second one keeps its points without it."""
    seen: set[tuple[str, int]] = set()
    for row in rows:
        key = (row["number"], row["level"])
        if row["won"] and key in seen:
            row.update(won=False, points=max(row["points"] - 1, 0))
        if row["won"]:
            seen.add(key)
    return rows


def collect(document_id: int, *, actor: Actor, version: int, now: datetime) -> tuple[Document, int]:
    """Fill a draft with what is known about its person; give it back with the number of lines that were filled."""
    document = documents.get(document_id, actor=actor)
    documents.demand(document, Permission.EDIT, actor=actor)
    content, profile = documents.content(document), papers.profile_of(document.organisation)
    known = known_for(document, actor=actor, now=now)
    preschool = bool(content.get("is_preschool"))
    found = suggest(sheet_of(document), known, content["sheet_group"], profile=profile, preschool=preschool)
    filled = filled_in(content, found)
    before = sum(not is_untouched(row) for row in content["rows"])
    count = sum(not is_untouched(row) for row in filled["rows"]) - before
    return documents.update(document_id, filled, actor=actor, version=version, now=now), count


# ---------------------------------------------------------------- the page


@dataclass(frozen=True)
class Line:
    """One line of the page: a work of an indicator, with its place in the content's rows."""

    place: int
    row: Mapping[str, Any]
    is_first: bool


@dataclass(frozen=True)
class Shown:
    """An indicator with its lines and files; ``counts``: it is asked of the person's group."""

    indicator: Indicator
    lines: tuple[Line, ...]
    files: tuple[Attachment, ...]
    counts: bool

    @property
    def may_grow(self) -> bool:
        return self.indicator.measure is Measure.WORKS

    @property
    def is_mean(self) -> bool:
        return self.indicator.measure is Measure.MEAN

    @property
    def has_bonus(self) -> bool:
        levels = () if self.is_mean else self._levels
        return any(level.points is not None and self.indicator.bonus_at(place) for place, level in levels)

    @property
    def may_be_joint(self) -> bool:
        return any(level.joint is not None for level in self.indicator.levels)

    @property
    def has_pieces(self) -> bool:
        return any(level.each is not None for level in self.indicator.levels)

    @property
    def _levels(self) -> tuple[tuple[int, Level], ...]:
        return tuple(enumerate(self.indicator.levels))

    @property
    def arithmetic(self) -> list[dict[str, int | None]]:
        """What a script needs to count a column as the service does."""
        return [
            {
                "points": level.points,
                "each": level.each,
                "joint": level.joint,
                "bonus": self.indicator.bonus_at(place) if level.points is not None else 0,
            }
            for place, level in self._levels
        ]


@dataclass(frozen=True)
class Needed:
    """What a category needs; both figures where the printed one is not the sum of its lines."""

    category: str
    title: Text
    needed: int
    both: tuple[int, int] | None
    is_claimed: bool
    is_reached: bool


@dataclass(frozen=True)
class SheetPage:
    """Everything that the page of a sheet shows."""

    document: Document
    sheet: ScoreSheet
    content: Mapping[str, Any]
    sections: tuple[tuple[Any, tuple[Shown, ...], int], ...]
    total: int
    needed: tuple[Needed, ...]
    group: Totals | None
    outcome: rules.Outcome | None
    is_printed: bool
    clause: Any

    @property
    def claimed(self) -> Needed | None:
        return next((each for each in self.needed if each.is_claimed), None)


def sheet_of(document: Document) -> ScoreSheet:
    """``NotFound``: this document is no score sheet."""
    found = rules.TYPES.get(document.type)
    if found is None:
        raise NotFound(_l("There is no such score sheet."))
    return found


def page(document: Document, content: Mapping[str, Any] | None = None) -> SheetPage:
    """Compose the page of a sheet; *content* instead of what is saved, where saving has failed."""
    sheet, profile = sheet_of(document), papers.profile_of(document.organisation)
    content = documents.content(document) if content is None else content
    files = documents.attachments(document)
    sums = rules.section_totals(sheet, content)
    return SheetPage(
        document=document,
        sheet=sheet,
        content=content,
        sections=tuple(
            (section, tuple(_shown(each, content, files) for each in section.indicators), sums[section.number])
            for section in sheet.sections
        ),
        total=rules.total_of(content),
        needed=_needed(content, profile),
        group=rules.totals_of(content),
        outcome=rules.outcome_of(content, profile) if any(rules.given(sheet, content).values()) else None,
        is_printed=rules.figures_of(profile) is Figures.PRINTED,
        clause=rules.clause_of(sheet),
    )


def _shown(indicator: Indicator, content: Mapping[str, Any], files: Sequence[Attachment]) -> Shown:
    totals = rules.totals_of(content)
    found = rules.lines_of(content, indicator.number)
    return Shown(
        indicator,
        tuple(Line(place - 1, row, each == 0) for each, (place, row) in enumerate(found)),
        tuple(each for each in files if each.kind == FILE + indicator.number),
        totals is None or indicator.number not in (totals.left_out or ()),
    )


def _needed(content: Mapping[str, Any], profile: Profile) -> tuple[Needed, ...]:
    needed = rules.needed_by(content, rules.figures_of(profile))
    both = {category: (printed, summed) for category, printed, summed in rules.contradicting(content)}
    titles, total = LADDERS[str(content.get("ladder") or "teacher")].titles, rules.total_of(content)
    claimed = content.get("claimed")
    return tuple(
        Needed(category, titles[category], points, both.get(category), category == claimed, total >= points)
        for category, points in needed.items()
    )


# ---------------------------------------------------------------- filling it in


def completed(
    document: Document, content: Mapping[str, Any], *, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give every line without points those of its column; a mean finds its own column.

    With *before*, as it was saved, points that were left standing under a changed column follow it: a page without
    scripts sends them as they were.
    """
    sheet = sheet_of(document)
    earlier = list((before or {}).get("rows") or ())
    rows = [
        _completed(sheet, row, earlier[place] if place < len(earlier) else None)
        for place, row in enumerate(content["rows"])
    ]
    return {**content, "rows": rows}


_DECIDE = ("level", "won", "joint", "pieces")


def _completed(sheet: ScoreSheet, row: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    indicator = sheet.indicators.get(str(row.get("number")))
    if indicator is None:
        return dict(row)
    if indicator.measure is Measure.MEAN:
        points = row.get("points") or 0
        return {**row, "points": points, "level": rules.column_of(indicator, points) if points else None}
    is_left = earlier is not None and earlier.get("points") == row.get("points")
    is_changed = earlier is not None and any(earlier.get(name) != row.get(name) for name in _DECIDE)
    if row.get("points") is None or (is_left and is_changed):
        return {**row, "points": rules.most_for(indicator, row)}
    return dict(row)


def with_line(content: Mapping[str, Any], number: str) -> dict[str, Any]:
    """One more work under an indicator, after its last line."""
    rows = [dict(row) for row in content["rows"]]
    last = max((place for place, row in enumerate(rows) if row["number"] == number), default=len(rows) - 1)
    return {**content, "rows": [*rows[: last + 1], _line(number, None, 0, ""), *rows[last + 1 :]]}


def without_line(content: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Without the line at *place*; the only line of an indicator is emptied instead."""
    rows = [dict(row) for row in content["rows"]]
    if not 0 <= place < len(rows):
        return {**content, "rows": rows}
    number = rows[place]["number"]
    if sum(row["number"] == number for row in rows) > 1:
        return {**content, "rows": rows[:place] + rows[place + 1 :]}
    return {**content, "rows": [*rows[:place], _line(number, None, 0, ""), *rows[place + 1 :]]}


def known_for(document: Document, *, actor: Actor, now: datetime) -> Collected:
    """What docflow holds about the person of a sheet, for whoever fills it in."""
    profile = papers.profile_of(document.organisation)
    return collected(document.subject_id or 0, actor=actor, on=local_day(now), profile=profile)
