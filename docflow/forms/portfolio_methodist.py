"""Appendix 8, sheet 2 (P2): the score sheet of methodists and heads of departments."""

from __future__ import annotations

from docflow.core.regulations import Text
from docflow.forms._portfolio import Print, portfolio_type, sample_of

SAMPLE = sample_of(
    "portfolio_methodist",
    ladder="teacher",
    group="methodist",
    claimed="expert",
    position="Техникалық колледждің әдіскері",
    lines={
        "1.1": {"level": 1, "points": 3, "evidence": "Бақылау парақтары, кері байланыс: 5"},
        "2.1": {"level": 1, "points": 2, "evidence": "Аудандық инновациялық алаң, 2023 жылғы бұйрық"},
        "2.2": {"level": 1, "points": 3, "evidence": "Аудандық «Үздік әдіскер» байқауы, ІІ орын", "won": True},
        "3.2": {"level": 1, "points": 2, "evidence": "Аудандық әдістемелік күн бағдарламасы, 14.02.2024"},
        "3.4": {"level": 1, "points": 2, "evidence": "Аудандық сараптама кеңесінің бұйрығынан үзінді"},
        "3.5": {"level": 1, "points": 2, "evidence": "Оқу-әдістемелік кеңес хаттамасынан үзінді"},
        "4.1": {"level": 1, "points": 2, "evidence": "72 сағаттық курс сертификаты № 00021"},
    },
)

TYPE = portfolio_type(
    "portfolio_methodist",
    ladder="teacher",
    title=Text(
        "Бөлім меңгерушісінің, әдіскердің материалдарын (портфолиосын) бағалау парағы",
        "Лист оценивания материалов (портфолио) заведующего отделением, методиста",
        "Score sheet of a methodist's portfolio",
    ),
    brief=Text("Портфолио (әдіскер)", "Портфолио (методист)", "Portfolio (methodist)"),
    words=Print("Критерийлер", "Комиссия балдары", {}),
    sample=SAMPLE,
)
