"""Appendix 11, sheet 3 (P5): the score sheet of the deputy head of an organisation."""

from __future__ import annotations

from docflow.core.regulations import Text
from docflow.forms._portfolio import Print, portfolio_type, sample_of

SAMPLE = sample_of(
    "portfolio_deputy",
    ladder="deputy",
    group="deputy",
    claimed="second",
    position="Директордың оқу ісі жөніндегі орынбасары",
    lines={
        "1.1": {"level": 1, "points": 2, "evidence": "Сайт бөлімінің сілтемесі, айына 3 жаңарту"},
        "1.2": {"level": 1, "points": 3, "evidence": "Облыстық университетпен келісімшарт"},
        "2.1": {"level": 1, "points": 2, "evidence": "Білім сапасының мониторингі, 2022–2024"},
        "2.2": {"level": 1, "points": 3, "evidence": "Түлектердің түсуі туралы анықтама"},
        "2.3": {"level": 1, "points": 4, "evidence": "Облыстық олимпиада жүлдегері, 2024 жылғы диплом", "won": True},
        "3.1": {"level": 1, "points": 3, "evidence": "Санаты бар педагогтер туралы есеп"},
        "3.2": {"level": 1, "points": 3, "evidence": "Цифрлық ресурстар тізбесі, кеңес хаттамасы"},
        "3.3": {"level": 1, "points": 3, "evidence": "Облыстық байқау қатысушылары"},
        "3.4": {"level": 1, "points": 3, "evidence": "Инклюзивті курстар: 64 %"},
        "3.5": {"level": 1, "points": 3, "evidence": "«Үздік орынбасар» облыстық кезеңі"},
        "4.1": {"level": 1, "points": 3, "evidence": "Авторлық бағдарлама, кеңес хаттамасы"},
        "4.2": {"level": 1, "points": 3, "evidence": "Облыстық семинар бағдарламасы"},
        "4.3": {"level": 1, "points": 5, "evidence": "Ы. Алтынсарин академиясының жинағы, 2024"},
        "4.4": {"level": 1, "points": 3, "evidence": "Облыстық пилоттық жоба бұйрығы"},
        "4.5": {"level": 1, "points": 3, "evidence": "Облыстық сараптама кеңесі"},
        "5.1": {"level": 1, "points": 3, "evidence": "Менеджмент курсы, 80 сағат"},
    },
)

TYPE = portfolio_type(
    "portfolio_deputy",
    ladder="deputy",
    title=Text(
        "Білім беру ұйымы басшысы орынбасарының материалдары (портфолио) бойынша бағалау парағы",
        "Лист оценивания по материалам (портфолио) заместителя руководителя организации образования",
        "Score sheet of a deputy head's portfolio",
    ),
    brief=Text("Портфолио (орынбасар)", "Портфолио (заместитель)", "Portfolio (deputy)"),
    words=Print("Критерийлер", "Комиссия бағасы", {}),
    sample=SAMPLE,
)
