"""How a clause is cited to people, in their language."""

from __future__ import annotations

import re

from docflow.core.regulations import Clause
from docflow.regulations import REGULATIONS

_NUMBER = re.compile(r"(?P<clause>\d+(?:\.\d+)*)(?: ¶(?P<part>\d+))?(?:\((?P<item>\d+)\))?")


def cite(clause: Clause, language: str) -> str:
    """Name the place and the act: «пп. 3) п. 24, Приказ № 95», ``Order No. 95, clause 24(3)``.

    An act that is not registered is named by its code, a number of another shape as it stands.
    """
    act = REGULATIONS.get(clause.regulation)
    name = act.short_title.in_language(language) if act else clause.regulation
    place = _appendix(clause.number, language) if clause.is_appendix else _place(clause.number, language)
    return f"{name}, {place}" if language == "en" else f"{place}, {name}"


def _appendix(number: str, language: str) -> str:
    return {"kk": f"{number}-қосымша", "en": f"Appendix {number}"}.get(language, f"приложение {number}")


def _place(number: str, language: str) -> str:
    match = _NUMBER.fullmatch(number)
    if match is None:
        return _page(number, language)
    parts = match["clause"], match["part"], match["item"]
    if language == "kk":
        return _in_kazakh(*parts)
    return _in_english(*parts) if language == "en" else _in_russian(*parts)


def _page(number: str, language: str) -> str:
    # WKU has a block on its second page that bears no number.
    page = number.removeprefix("p. ")
    if page == number:
        return number
    return {"kk": f"{page}-бет", "en": f"page {page}"}.get(language, f"с. {page}")


def _in_russian(clause: str, part: str | None, item: str | None) -> str:
    return "".join((f"пп. {item}) " if item else "", f"ч. {part} " if part else "", f"п. {clause}"))


def _in_kazakh(clause: str, part: str | None, item: str | None) -> str:
    if part is None and item is None:
        return f"{clause}-тармақ"
    owner = f"{clause}-тармақтың"
    if item is None:
        return f"{owner} {part}-бөлігі"
    return f"{owner} {part}-бөлігінің {item}) тармақшасы" if part else f"{owner} {item}) тармақшасы"


def _in_english(clause: str, part: str | None, item: str | None) -> str:
    return "".join((f"clause {clause}", f", part {part}" if part else "", f"({item})" if item else ""))
