"""A group of teachers, any number of them, always the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from docflow.core.identifiers import check_digit
from docflow.samples.names import (
    CATEGORIES,
    EDUCATION,
    FATHERS,
    MEN,
    NAMES,
    POSITIONS,
    REGIONS,
    SURNAMES,
    WOMEN,
    WORKPLACES,
    Name,
)

LISTENERS = 25
# In Russian and in Kazakh, like everything in names.py that is written in pairs.
LANGUAGES = ("ru", "kk")
PROGRAMME = (
    "Развитие цифровых компетенций педагога в условиях обновлённого содержания образования",
    "Жаңартылған білім беру мазмұны жағдайында педагогтің цифрлық құзыреттілігін дамыту",
)
FILED_ON = date(2026, 1, 20)

# Which of a group do not pass: by attendance, by score, by both (places in the list, from 0).
BY_ATTENDANCE, BY_SCORE, BY_BOTH, AT_THE_LIMIT = 4, 11, 17, 7
FAILING = frozenset({BY_ATTENDANCE, BY_SCORE, BY_BOTH})

_YOUNGEST, _DAYS = date(2001, 12, 28), 13_000


def listeners(
    count: int,
    *,
    language: str = "ru",
    programme: str = "",
    study_language: str = "",
    funding: str = "paid",
    filed_on: date = FILED_ON,
) -> list[dict[str, Any]]:
    """Give *count* teachers as flat rows: what the application and the questionnaire ask of each."""
    column = LANGUAGES.index(language)
    course = {
        "programme": programme or PROGRAMME[column],
        "study_language": study_language or language,
        "funding": funding,
        "filed_on": filed_on.isoformat(),
    }
    return [_listener(place, column, filed_on) | course for place in range(count)]


def _listener(place: int, column: int, filed_on: date) -> dict[str, Any]:
    name, born = _name(place), _birth_date(place)
    region = _turn(REGIONS, place)[column]
    worked = max(1, filed_on.year - born.year - 23)
    category = _turn(CATEGORIES, place)[column]
    return {
        "surname": name.surname,
        "given_name": name.given_name,
        "patronymic": name.patronymic,
        "iin": _iin(place, born, is_male=name.is_male),
        "birth_date": born.isoformat(),
        "position": _turn(POSITIONS, place)[column],
        "education": _turn(EDUCATION, place)[column],
        "category": category,
        "category_valid_until": date(filed_on.year + 1 + place % 4, 8, 31).isoformat() if category else "",
        "workplace": _turn(WORKPLACES, place)[column],
        "region": region,
        "total_experience": worked,
        "teaching_experience": max(1, worked - place % 3),
        "address": f"{region}, " + (f"улица Абая, дом {place + 1}", f"Абай көшесі, {place + 1}-үй")[column],
        # 000 is no subscriber's number in any Kazakhstani mobile network.
        "phone": f"+7 7{place % 8:02d} 000 {place // 100:02d} {place % 100:02d}",
        "email": f"listener{place + 1}@example.kz",
        "extra": "",
        "consent": True,
    }


def _turn(pairs: Sequence[tuple[str, str]], place: int) -> tuple[str, str]:
    return pairs[place % len(pairs)]


def _name(place: int) -> Name:
    if place < len(NAMES):
        return NAMES[place]
    turn = place - len(NAMES)
    is_male = turn % 2 == 1
    given = (MEN if is_male else WOMEN)[turn // 2 % 10]
    surname = SURNAMES[turn // 20 % len(SURNAMES)][0 if is_male else 1]
    father = FATHERS[turn // 240 % len(FATHERS)]
    patronymic = "" if turn % 9 == 0 else father + ("ұлы" if is_male else "қызы")
    return Name(surname, given, patronymic, is_male)


def _birth_date(place: int) -> date:
    # A stride that is coprime to the number of days: no two of 13,000 share a day.
    return _YOUNGEST - timedelta(days=(place * 1_777) % _DAYS)


def _iin(place: int, born: date, *, is_male: bool) -> str:
    """Make a number that passes both passes of the checksum; its serial part starts high, where few are issued."""
    century = (3 if is_male else 4) if born.year < 2000 else (5 if is_male else 6)
    serial = 9_000 + (place // _DAYS) * 10
    while True:
        first = f"{born:%y%m%d}{century}{serial:04d}"
        digit = check_digit(first)
        if digit is not None:
            return f"{first}{digit}"
        serial += 1
