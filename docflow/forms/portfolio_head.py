"""Appendix 11, sheet 1 (P3): the score sheet of the head of an organisation of education."""

from __future__ import annotations

from docflow.core.regulations import Text
from docflow.forms._portfolio import Print, portfolio_type, sample_of

SAMPLE = sample_of(
    "portfolio_head",
    ladder="head",
    group="head",
    claimed="second",
    position="Мектеп директоры",
    lines={
        "1.1": {"level": 1, "points": 2, "evidence": "Мектеп сайты, айына 2–4 жаңарту: жаңалықтар бөлімі"},
        "1.2": {"level": 1, "points": 3, "evidence": "Кедергісіз орта паспорты, 2023"},
        "1.3": {"level": 1, "points": 4, "evidence": "Терроризмге қарсы қауіпсіздік паспорты, бейнебақылау шарты"},
        "1.4": {"level": 1, "points": 3, "evidence": "Турникет пен дабыл түймесі, күзет шарты № 7"},
        "1.5": {
            "level": 1,
            "points": 3,
            "evidence": "Физика кабинетін бюджеттен тыс қаражатпен жабдықтау актісі",
            "won": True,
        },
        "1.6": {"level": 1, "points": 3, "evidence": "Қосымша біліммен қамту анықтамасы: 3,4 %-ға өсу"},
        "2.1": {"level": 1, "points": 2, "evidence": "Білім сапасының үш жылдық мониторингі"},
        "2.2": {"level": 1, "points": 3, "evidence": "ҰБТ қорытындылары, 2022–2024"},
        "2.3": {"level": 1, "points": 3, "evidence": "Түлектердің түсуі туралы анықтама"},
        "2.4": {"level": 1, "points": 3, "evidence": "Облыстық олимпиада хаттамалары"},
        "3.1": {"level": 1, "points": 3, "evidence": "Санаты бар педагогтер туралы есеп"},
        "3.2": {
            "level": 1,
            "points": 4,
            "evidence": "Облыстық «Үздік педагог» байқауының жеңімпазы, 2024",
            "won": True,
        },
        "3.3": {"level": 1, "points": 3, "evidence": "Инклюзивті курстардан өткендердің тізімі: 61 %"},
        "4.1": {"level": 1, "points": 3, "evidence": "Оқу-әдістемелік кеңес хаттамасынан үзінді"},
        "4.2": {"level": 1, "points": 3, "evidence": "Облыстық әлеуметтік жоба бұйрығы"},
        "4.3": {"level": 1, "points": 3, "evidence": "Облыстық конкурстық комиссия құрамы"},
        "5.1": {"level": 1, "points": 3, "evidence": "Менеджмент курсы, 80 сағат, сертификат № 00102"},
    },
)

TYPE = portfolio_type(
    "portfolio_head",
    ladder="head",
    title=Text(
        "Білім беру ұйымы басшысының материалдары (портфолио) бойынша бағалау парағы",
        "Лист оценивания по материалам (портфолио) руководителя организации образования",
        "Score sheet of a head's portfolio",
    ),
    brief=Text("Портфолио (басшы)", "Портфолио (руководитель)", "Portfolio (head)"),
    words=Print("Өлшемшарттар", "Комиссия бағасы", {}),
    sample=SAMPLE,
)
