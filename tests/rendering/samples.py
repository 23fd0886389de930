"""Data for papers: two languages, two profiles, long names, an empty patronymic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from docflow.rendering.qr import qr_svg

WHEN = datetime(2026, 2, 2, 9, 30, tzinfo=UTC)
VERIFY_URL = "https://docflow.example.kz/v/7K2M9QXW4T1B"
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" r="30" fill="#1b4965"/>'
    '<path d="M14 40c12-4 24-4 36 0V22c-12-4-24-4-36 0z" fill="#fff"/><path d="M32 19v22" stroke="#1b4965"'
    ' stroke-width="2"/></svg>'
)
ORGANISATIONS: dict[str, dict[str, Any]] = {
    "wku": {
        "name_kk": "Батыс Қазақстан инновациялық-технологиялық университеті",
        "name_ru": "Западно-Казахстанский инновационно-технологический университет",
        "short_kk": "БҚИТУ", "short_ru": "ЗКИТУ", "city_kk": "Орал", "city_ru": "Уральск",
        "address_kk": "090000, Орал қ., Ихсанов к-сі, 44/1", "address_ru": "090000, г. Уральск, ул. Ихсанова, 44/1",
        "bin": "000340000537", "phone": "+7 7112 50-00-00", "email": "info@wku.example.kz",
        "logo": LOGO, "profile": "wku",
    },
    "knk": {
        "name_kk": "Құрманғазы атындағы Қазақ ұлттық консерваториясы",
        "name_ru": "Казахская национальная консерватория имени Курмангазы",
        "short_kk": "Құрманғазы атындағы ҚҰК", "short_ru": "КНК им. Курмангазы", "city_kk": "Алматы",
        "city_ru": "Алматы", "address_kk": "", "address_ru": "", "bin": "", "phone": "", "email": "",
        "logo": "", "profile": "knk",
    },
    "o95": {
        "name_kk": "«Өрлеу» педагогтердің біліктілігін арттыру институты",
        "name_ru": "Институт повышения квалификации педагогов «Өрлеу»",
        "short_kk": "«Өрлеу»", "short_ru": "«Өрлеу»", "city_kk": "Астана", "city_ru": "Астана",
        "address_kk": "Астана қ., Абай к-сі, 1", "address_ru": "г. Астана, ул. Абая, 1", "bin": "", "phone": "",
        "email": "", "logo": LOGO, "profile": "o95",
    },
    "krg": {
        "name_kk": "Қарағанды облысының білім басқармасы",
        "name_ru": "Управление образования Карагандинской области",
        "short_kk": "Қарағанды облысының ББ", "short_ru": "УО Карагандинской области", "city_kk": "Қарағанды",
        "city_ru": "Караганда", "address_kk": "Қарағанды қ., Әлиханов к-сі, 11",
        "address_ru": "г. Караганда, ул. Алиханова, 11", "bin": "", "phone": "", "email": "", "logo": LOGO,
        "profile": "krg",
    },
}  # fmt: skip
HOLDER = {"surname": "Өмірғалиқызы-Сейітмұхамбетова", "given_name": "Ғазиза", "patronymic": "Әбдіжәмілқызы"}
PEOPLE = (
    {"surname": "Қуанышбекова", "given_name": "Әсел", "patronymic": "Нұрланқызы"},
    {"surname": "Ким", "given_name": "Виктор", "patronymic": ""},
    HOLDER,
    {"surname": "Һашимов", "given_name": "Ұлан", "patronymic": "Іңкәрұлы"},
)
REGULATIONS = {
    "wku": {"code": "WKU", "clause": "WKU 4.3", "title": "ДСК. 08. ПД. 81", "expired": False},
    "knk": {"code": "KNK", "clause": "KNK 4.1(7)", "title": "КНК", "expired": False},
    "o95": {"code": "O95", "clause": "O95 18", "title": "№ 95", "expired": False},
    "krg": {"code": "KRG", "clause": "KRG 20", "title": "№ 153", "expired": False},
}
TOPIC = {
    "kk": "Жаңартылған білім беру мазмұны жағдайында педагогтің цифрлық құзыреттілігін дамыту",
    "ru": "Развитие цифровых компетенций педагога в условиях обновлённого содержания образования",
}


def _listener(index: int, language: str) -> dict[str, Any]:
    kk = language == "kk"
    return {
        "person": PEOPLE[index % len(PEOPLE)],
        "workplace": "«№ 7 жалпы орта білім беретін мектебі» КММ, Орал қаласы"
        if kk
        else "КГУ «СОШ № 7», город Уральск",
        "position": "бастауыш сынып мұғалімі" if kk else "учитель начальных классов",
        "application_number": f"Ө-{index + 1:03d}/2026",
        "application_date": "2026-01-20",
    }


def enrolment_order(language: str, listeners: int = 25) -> dict[str, Any]:
    kk = language == "kk"
    return {
        "heading": "«Цифрлық құзыреттер» курсының тыңдаушыларын қабылдау туралы"
        if kk
        else "О зачислении слушателей курса",
        "basis": "2026 жылғы 20 қаңтардағы қабылданған өтініштер"
        if kk
        else "принятые заявления от 20 января 2026 года",
        "programme": TOPIC[language],
        "hours": 72,
        "duration_kind": "short",
        "starts_on": "2026-02-02",
        "ends_on": "2026-02-14",
        "study_language": language,
        "format": "күндізгі, қашықтан оқытумен" if kk else "очная, с применением дистанционного обучения",
        "responsible": [
            {"person": HOLDER, "position": "қауымдастырылған профессор" if kk else "ассоциированный профессор"}
        ],
        "listeners": [_listener(index, language) for index in range(listeners)],
        "budget": False,
    }


def course_certificate(language: str) -> dict[str, Any]:
    return {
        "holder": HOLDER, "topic": TOPIC[language], "hours": 72, "starts_on": "2026-02-02",
        "completed_on": "2026-02-14", "valid_until": "2029-02-14", "blank_series": "АА 0012345",
        "order_number": "18-ПК", "order_date": "2026-02-14",
    }  # fmt: skip


def certificate_annex(language: str, modules: int = 25) -> dict[str, Any]:
    titles = {"kk": "Білім беру процесіндегі цифрлық құралдар", "ru": "Цифровые инструменты в образовательном процессе"}
    return {
        "holder": HOLDER, "topic": TOPIC[language], "hours": 72, "certificate_number": "ЦПК-00017/2026",
        "modules": [{"title": f"{titles[language]} – {n + 1}", "hours": 4, "mark": "95"} for n in range(modules)],
    }  # fmt: skip


CONTENTS = {
    "enrolment_order": enrolment_order,
    "course_certificate": course_certificate,
    "certificate_annex": certificate_annex,
}


def sample(kind: str, language: str, *, profile: str = "wku", **changes: Any) -> dict[str, Any]:
    """Give the whole data of a paper of this module; *changes* replace keys of its content."""
    return whole(kind, language, CONTENTS[kind](language) | changes, profile=profile)


def whole(kind: str, language: str, content: Mapping[str, Any], *, profile: str = "wku") -> dict[str, Any]:
    """Put *content* into everything else that a template reads: a registered, final document of one signer."""
    kk = language == "kk"
    data = {
        "language": language,
        "document": {
            "type": kind, "title": kind, "number": "ЦПК-00017/2026", "date": "2026-02-14", "code": "7K2M9QXW4T1B",
            "verify_url": VERIFY_URL, "draft": False,
        },
        "organisation": ORGANISATIONS[profile],
        "regulation": REGULATIONS[profile],
        "qr": qr_svg(VERIFY_URL),
        "slots": [{
            "name": "head", "label": "Ректор", "position": "Бірінші проректор" if kk else "Первый проректор",
            "person": {"surname": "Шәкешов", "given_name": "Бақтияр", "patronymic": "Тұрғанұлы"},
            "capacity": "acting",
            "basis": "2026 жылғы 1 ақпандағы № 4-Ж бұйрық" if kk else "приказ № 4-Л от 01.02.2026",
        }],
        "content": dict(content),
    }  # fmt: skip
    return deepcopy(data)


def attachment(data: dict[str, Any]) -> bytes:
    return json.dumps(data["content"], ensure_ascii=False, sort_keys=True).encode()
