"""Appendix 8, sheet 1 (P1): the score sheet of a teacher's materials."""

from __future__ import annotations

from docflow.core.regulations import Text
from docflow.forms._portfolio import Print, portfolio_type, sample_of

SAMPLE = sample_of(
    "portfolio_teacher",
    ladder="teacher",
    group="teacher",
    claimed="researcher",
    position="Қазақ тілі мен әдебиеті пәнінің мұғалімі",
    lines={
        "1.1": {
            "level": 2,
            "points": 3,
            "evidence": "2021–2024 жылдардағы білім сапасының мониторингі, оқу бөлімінің анықтамасы № 14",
        },
        "1.2": {"level": 2, "points": 88, "evidence": "Бақылау парақтары: 5, орташа мәні 88"},
        "2.1": {
            "level": 2,
            "points": 4,
            "evidence": "Облыстық «Зерде» байқауы, І орын, 2024 жылғы № 118 диплом",
            "won": True,
        },
        "2.2": {
            "level": 2,
            "points": 3,
            "evidence": "«Үздік авторлық бағдарлама» облыстық кезеңі, 2023 жылғы сертификат",
        },
        "3.1": {
            "level": 2,
            "points": 6,
            "evidence": "Облыстық оқу-әдістемелік кеңестің 2023 жылғы № 5 хаттамасынан үзінді, үш аудан",
            "pieces": 3,
        },
        "3.2": {"level": 2, "points": 3, "evidence": "«Қазіргі сабақ» облыстық семинарының бағдарламасы, 12.03.2024"},
        "3.3": {
            "level": 2,
            "points": 2,
            "evidence": "«Білім-Образование» журналы, 2024, № 2, бірлескен мақала",
            "joint": True,
            "authors": 2,
        },
        "3.4": {"level": 2, "points": 3, "evidence": "Облыстық сараптама тобының құрамы туралы бұйрықтан үзінді"},
        "3.5": {"level": 2, "points": 3, "evidence": "Оқу-әдістемелік кеңес хаттамасынан үзінді, 2024"},
        "4.1": {"level": 2, "points": 3, "evidence": "80 сағаттық курс сертификаты № 00017"},
    },
    more=(
        {
            "number": "3.4",
            "level": 1,
            "points": 2,
            "evidence": "Аудандық шығармашылық топтың жетекшісі, 2023 жылғы бұйрық",
        },
    ),
    unscored=1,
)

TYPE = portfolio_type(
    "portfolio_teacher",
    ladder="teacher",
    title=Text(
        "Педагог материалдарын бағалау парағы (портфолио)",
        "Лист оценивания материалов педагога (портфолио)",
        "Score sheet of a teacher's portfolio",
    ),
    brief=Text("Портфолио (педагог)", "Портфолио (педагог)", "Portfolio (teacher)"),
    words=Print(
        "Критерийлер",
        "Комиссия балдары",
        {"special_group": "4.2"},
        unscored_number="4.4",
        unscored_evidence=(
            "дәлелдемелердің болуы: нәтижелерді талдау бойынша қорытындылармен тәрбие жұмысының мониторингі, "
            "салыстырмалы кестелер / диагностикалық құралдарға сәйкес"
        ),
    ),
    sample=SAMPLE,
)
