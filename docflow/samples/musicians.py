"""Teachers of music as they apply to the conservatory: the sixteen fields of its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from docflow.samples.listeners import FILED_ON, listeners

# Post, speciality, subjects taught.
_MUSIC = (
    ("қобыз сыныбының оқытушысы", "Дәстүрлі музыка өнері: қобыз", "мамандық, ансамбль"),
    ("фортепиано сыныбының оқытушысы", "Аспаптық орындау: фортепиано", "мамандық, концертмейстерлік сынып"),
    ("домбыра сыныбының оқытушысы", "Дәстүрлі музыка өнері: домбыра", "мамандық, күй тарихы"),
    ("хор дирижері", "Дирижерлеу: хор", "хор сыныбы, хор әдебиеті"),
    ("сольфеджио оқытушысы", "Музыкатану", "сольфеджио, гармония"),
)
_SCHOOLS = (
    ("Абай атындағы балалар музыка мектебі", "Талдықорған қ., Абай к-сі, 1"),
    ("Е. Өмірзақов атындағы балалар музыка мектебі", "Алматы облысы, Талғар қ., Қонаев к-сі, 1"),
    ("П. И. Чайковский атындағы музыка колледжі", "Алматы қ., Қалдаяқов к-сі, 1"),
)
_DEGREES = ("", "өнертану магистрі")
# Heads come from further down the same list of people, so that nobody signs for himself.
_HEADS = 700


def musicians(
    count: int,
    *,
    programme_kind: str = "author",
    period: tuple[str, str] = ("2026-02-02", "2026-02-14"),
    filed_on: date = FILED_ON,
) -> list[dict[str, Any]]:
    """Give *count* teachers of music as flat rows, each with the head of his school."""
    people = listeners(count, language="kk", filed_on=filed_on)
    heads = listeners(_HEADS + len(_SCHOOLS), language="kk")[_HEADS:]
    asked = {"programme_kind": programme_kind, "period_from": period[0], "period_to": period[1]}
    return [_musician(place, person, heads) | asked for place, person in enumerate(people)]


def _musician(place: int, person: Mapping[str, Any], heads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    position, speciality, subjects = _MUSIC[place % len(_MUSIC)]
    school, address = _SCHOOLS[place % len(_SCHOOLS)]
    head = heads[place % len(heads)]
    kept = ("surname", "given_name", "patronymic", "iin", "email", "study_language", "filed_on")
    return {name: person[name] for name in kept} | {
        "workplace": school,
        "workplace_address": address,
        "work_phone": f"+7 727 000 00 {place % 100:02d}",
        "education": "жоғары, Құрманғазы атындағы Қазақ ұлттық консерваториясы",
        "position": position,
        "degree": _DEGREES[place % len(_DEGREES)],
        "speciality": speciality,
        "subjects_taught": subjects,
        "home_address": person["address"],
        "mobile": person["phone"],
        "course_speciality": speciality,
        "payment_guarantee": True,
        "employer_head-surname": head["surname"],
        "employer_head-given_name": head["given_name"],
        "employer_head-patronymic": head["patronymic"],
        "employer_head-iin": head["iin"],
        "employer_head_position": "мектеп директоры",
        "diploma_surname": "",
    }
