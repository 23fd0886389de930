"""What the attestation order asks of a person's card: pure readers of the card as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from docflow.core.calendar import add_years
from docflow.regulations.krg.terms import school_year

Card = Mapping[str, Any]
Row = Mapping[str, Any]

HIGHER = ("higher", "postgraduate")
# A category of these procedures comes from an attestation that was held; the others keep or give one without it.
ATTESTED = ("", "regular", "early", "old_category")
REGULAR = ("", "regular", "old_category")
# Clause 49: between head and deputy a category of the same ordinal goes along.
_SAME_ORDINAL: Mapping[str, tuple[str, ...]] = {"head": ("head", "deputy"), "deputy": ("deputy", "head")}


def day(value: object) -> date | None:
    """Read a date of the card or of an application; ``None`` where there is none."""
    if isinstance(value, date):
        return value
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def rows(card: Card, name: str) -> Sequence[Row]:
    return card.get(name) or ()


def categories(card: Card, ladder: str) -> list[Row]:
    """Give the categories of one ladder, newest first."""
    own = [row for row in rows(card, "categories") if row.get("ladder") == ladder]
    return sorted(own, key=lambda row: str(row.get("since") or ""), reverse=True)


def current_category(card: Card, ladder: str, on: date) -> Row | None:
    """Find the category in force *on* a day, also the one that came along from head to deputy or back (clause 49)."""
    for each in _SAME_ORDINAL.get(ladder, (ladder,)):
        for row in categories(card, each):
            if is_in_force(row, on):
                return row
    return None


def is_in_force(row: Row, on: date) -> bool:
    """Say whether a row of the card holds *on* a day, both ends included; an empty end is open."""
    since, until = day(row.get("since")), day(row.get("until"))
    return (since is None or since <= on) and (until is None or on <= until)


SPECIAL_PROGRAMME = ("special_programme_graduate", "special_programme")  # the grounds of clause 10


def waits_for_confirmation(card: Card, on: date) -> Row | None:
    """Find the category of the special programme whose holder has moved to another organisation since (clause 10 ¶4).

    A move shows in the posts: none of the organisations of the day on which it was given is one of *on*.
    """
    held = current_category(card, "teacher", on)
    since = day(held.get("since")) if held else None
    if held is None or since is None or held.get("ground") not in SPECIAL_PROGRAMME:
        return None
    then, now = _organisations(card, since), _organisations(card, on)
    return held if then and now and not then & now else None


def _organisations(card: Card, on: date) -> set[str]:
    posts = [row for row in rows(card, "posts") if is_in_force(row, on)]
    return {" ".join(str(row.get("organisation") or "").split()).casefold() for row in posts} - {""}


def last_category(card: Card, ladder: str) -> Row | None:
    """Find the newest category of *ladder*, whether it still holds or not."""
    return next(iter(categories(card, ladder)), None)


def is_first_attestation(card: Card, ladder: str) -> bool:
    """Say whether nobody has yet attested this person on *ladder* (clause 44), nor on the one beside it."""
    return not any(categories(card, each) for each in _SAME_ORDINAL.get(ladder, (ladder,)))


def attestations(card: Card, ladder: str) -> Iterator[date]:
    """Give the days from which the categories of attestations hold, newest first."""
    yield from _days(card, ladder, ATTESTED)


def last_regular_attestation(card: Card, ladder: str) -> date | None:
    """Find the day from which the category of the last regular attestation holds: clause 42 counts from it."""
    return next(_days(card, ladder, REGULAR), None)


def _days(card: Card, ladder: str, procedures: tuple[str, ...]) -> Iterator[date]:
    for row in categories(card, ladder):
        since = day(row.get("since"))
        if since is not None and str(row.get("procedure") or "") in procedures:
            yield since


def attested_in(card: Card, ladder: str, year: int) -> bool:
    """Say whether the person was attested in the school year that began in *year*."""
    return any(school_year(since) == year for since in attestations(card, ladder))


def teaching_years(card: Card) -> int:
    """Give the completed years of teaching, as the card counts them."""
    return int(card.get("teaching_years") or 0)


def production_years(card: Card) -> int:
    return int(card.get("production_years") or 0)


def last_production(card: Card, on: date) -> tuple[date, date] | None:
    """Find the latest unbroken service in production: «соңғы 5 (бес) жыл» (clause 6); ``None``: no dates are known."""
    spans = sorted(_spans(card, "production", on), reverse=True)
    if not spans:
        return None
    since, until = spans[0]
    for earlier, ended in spans[1:]:
        if (since - ended).days > 1:
            break
        since = min(since, earlier)
    return since, until


def last_production_years(card: Card, on: date) -> int:
    """Give the completed years of the latest unbroken service in production."""
    span = last_production(card, on)
    return completed_years(*span) if span else production_years(card)


def is_production_over(card: Card, years: int, on: date) -> bool:
    """Say whether the latest service in production is longer than *years*: to the day is not longer."""
    span = last_production(card, on)
    return add_years(span[0], years) < span[1] if span else production_years(card) > years


def last_teaching_break(card: Card, on: date) -> tuple[date, date] | None:
    """Find the latest break between two services as a teacher: when it was left, and when it was taken up again."""
    spans = sorted(_spans(card, "teaching", on))
    left: date | None = None
    found = None
    for since, until in spans:
        if left is not None and since > left:
            found = (left, since)
        left = max(left or until, until)
    return found


def _spans(card: Card, kind: str, on: date) -> Iterator[tuple[date, date]]:
    for row in rows(card, "experience"):
        since = day(row.get("since"))
        if row.get("kind") == kind and since is not None and since <= on:
            yield since, min(day(row.get("until")) or on, on)


def completed_years(since: date, until: date) -> int:
    """Count the whole years from *since* to *until*: a year is complete on the day of the same number."""
    years = max(until.year - since.year, 0)
    return years - 1 if years and add_years(since, years) > until else years


def has_education(card: Card) -> bool:
    """Say whether any education or retraining is on the card (clause 31, 1)-3))."""
    return bool(rows(card, "education"))


def has_higher_education(card: Card) -> bool:
    """Say whether there is higher or postgraduate education, pedagogical or another one (clause 31, 4))."""
    return any(row.get("level") in HIGHER for row in rows(card, "education"))


def has_higher_pedagogical_education(card: Card) -> bool:
    """Say whether there is higher or postgraduate pedagogical education (clause 31, 5))."""
    return any(row.get("level") in HIGHER and row.get("kind") == "pedagogical" for row in rows(card, "education"))


def languages_on(card: Card, on: date) -> list[Row]:
    """Give the language certificates that are valid *on* a day; one without an end stays valid."""
    return [
        row
        for row in rows(card, "languages")
        if (day(row.get("date")) or on) <= on and (day(row.get("until")) or on) >= on
    ]


def pension_day(card: Card) -> date | None:
    """Give the day of the pension age, which somebody entered by hand; ``None``: nobody did."""
    return day(card.get("pension_on"))
