"""Appendix 11, sheet 2 (P4): the score sheet of the head of a methodical cabinet."""

from __future__ import annotations

from docflow.core.regulations import Text
from docflow.forms._portfolio import Print, portfolio_type, sample_of

SAMPLE = sample_of(
    "portfolio_cabinet_head",
    ladder="head",
    group="cabinet_head",
    claimed="third",
    position="Әдістемелік кабинет меңгерушісі",
    lines={
        "1.1": {"level": 0, "points": 2, "evidence": "Сайттың жаңалықтар бөлімі, айына 2 жаңарту"},
        "1.2": {"level": 0, "points": 2, "evidence": "Жабдық сатып алу шарты"},
        "1.3": {"level": 0, "points": 2, "evidence": "Аудандық серіктестермен келісімдер, 2024"},
        "2.1": {"level": 0, "points": 2, "evidence": "Санаты бар педагогтер туралы есеп"},
        "3.1": {"level": 0, "points": 2, "evidence": "Аудандық оқу-әдістемелік кеңес хаттамасы"},
        "3.2": {"level": 0, "points": 2, "evidence": "Аудандық жоба бұйрығы"},
        "3.3": {"level": 0, "points": 2, "evidence": "Жұмыс тобының құрамы туралы бұйрық"},
        "3.4": {"level": 0, "points": 2, "evidence": "Әдістемелік нұсқаулық, 2023"},
        "4.1": {"level": 0, "points": 2, "evidence": "Менеджмент курсы, 36 сағат"},
    },
)

TYPE = portfolio_type(
    "portfolio_cabinet_head",
    ladder="head",
    title=Text(
        "Әдістемелік кабинет (орталық) басшысының материалдарын (портфолиосын) бағалау парағы",
        "Лист оценивания материалов (портфолио) руководителя методического кабинета (центра)",
        "Score sheet of a methodical cabinet head's portfolio",
    ),
    brief=Text("Портфолио (кабинет басшысы)", "Портфолио (рук. кабинета)", "Portfolio (cabinet head)"),
    words=Print("Критерийлер", "Комиссия бағалауы", {}),
    sample=SAMPLE,
)
