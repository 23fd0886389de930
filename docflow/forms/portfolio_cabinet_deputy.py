"""Appendix 11, sheet 4 (P6): the score sheet of the deputy head of a methodical cabinet."""

from __future__ import annotations

from docflow.core.regulations import Text
from docflow.forms._portfolio import Print, portfolio_type, sample_of

SAMPLE = sample_of(
    "portfolio_cabinet_deputy",
    ladder="deputy",
    group="cabinet_deputy",
    claimed="first",
    position="Әдістемелік орталық директорының орынбасары",
    lines={
        "1.1": {"level": 2, "points": 2, "evidence": "Сайт бөлімінің сілтемесі"},
        "1.2": {"level": 2, "points": 4, "evidence": "Республикалық орталықпен келісім"},
        "2.1": {"level": 2, "points": 4, "evidence": "Республикалық оқу-әдістемелік кеңес хаттамасы"},
        "2.2": {"level": 2, "points": 5, "evidence": "Халықаралық конференция бағдарламасы", "won": True},
        "2.3": {"level": 2, "points": 6, "evidence": "Ұсынылған басылымдағы мақала, 2024"},
        "2.4": {"level": 2, "points": 4, "evidence": "Республикалық инновациялық алаң"},
        "2.5": {"level": 2, "points": 4, "evidence": "Республикалық сараптама кеңесі"},
        "3.1": {"level": 2, "points": 4, "evidence": "Менеджмент курсы, 108 сағат"},
    },
)

TYPE = portfolio_type(
    "portfolio_cabinet_deputy",
    ladder="deputy",
    title=Text(
        "Әдістемелік кабинет (орталық) басшысының орынбасары материалдарын бағалау парағы (портфолиосы)",
        "Лист оценивания материалов (портфолио) заместителя руководителя методического кабинета (центра)",
        "Score sheet of a methodical cabinet deputy's portfolio",
    ),
    brief=Text("Портфолио (кабинет орынбасары)", "Портфолио (зам. рук. кабинета)", "Portfolio (cabinet deputy)"),
    words=Print("Критерийлер", "Комиссия бағалауы", {}),
    sample=SAMPLE,
)
