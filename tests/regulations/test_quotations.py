"""Every quotation of a pack stands in the text of the act."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docflow.core.regulations import Clause
from docflow.regulations import REGULATIONS

SEEDS = Path(__file__).parents[3] / "shared" / "domain" / "seeds"
TEXTS = {
    ("O95", "kk"): "000_*.txt",
    ("O95", "ru"): "001_*.txt",
    ("WKU", "ru"): "003_*.txt",
    ("KNK", "kk"): "004_*.txt",
    ("KRG", "kk"): "002_*.txt",
}

# Where the extraction of the text has moved a linked word away (inventory, 1.5): the quotation holds
# the sentence as it was meant; here is what the text has in its place.
RESTORED = {
    ("O95 8 ¶2", "kk"): '"осы Қағидалардың сәйкес келеді", "осы 6-тармағына Қағидалардың сәйкес келмейді".6-тармағына',
    ("O95 8 ¶2", "ru"): '"соответствует настоящих Правил" или "не пункту 6 соответствует настоящих Правил".пункту 6',
    ("O95 10", "kk"): "осы Қағидалардың немесе сәйкес 1 2-қосымшаларына нысан бойынша өтінішті ұсынады.",
    ("O95 10", "ru"): "по форме согласно или к настоящим Правилам.приложениям 1 2",
    ("O95 24(3)", "kk"): "барлық сабақтардың кемінде 80% -на қатысуға",
    ("O95 29", "kk"): "осы Қағидалардың 3-қосымшасына сәйкес нысан … 4- сәйкес сертификатқа қосымша береді.қосымшасына",
    (
        "O95 29",
        "ru",
    ): "согласно к настоящим Правилам, а также приложению 3 … согласно к настоящим Правилам.приложению 4",
    ("O95 30 ¶4", "kk"): "осы Қағидалардың сәйкес нысан 6-қосымшасына бойынша тағылымдамадан өткені туралы сертификат",
    ("O95 30 ¶4", "ru"): "по форме согласно к настоящим Правилам.приложению 6",
    # The order misprints the word here and writes it right in clause 12.
    ("KRG app. 1", "kk"): "Біліктілік санатын беру (растау) туралы КУӘЛК",
}


def places() -> list[tuple[Clause, str]]:
    return [
        (clause, language)
        for code, language in TEXTS
        for clause in (*REGULATIONS[code].clauses.values(), *REGULATIONS[code].appendices.values())
    ]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.fixture(scope="module")
def texts() -> dict[tuple[str, str], str]:
    if not SEEDS.is_dir():
        pytest.skip(f"the texts of the acts are not at {SEEDS}")
    return {key: squeezed(next(SEEDS.glob(pattern)).read_text(encoding="utf-8")) for key, pattern in TEXTS.items()}


def stands_in(text: str, quotation: str) -> bool:
    """Find the pieces between ellipses one after the other."""
    position = 0
    for piece in quotation.split("…"):
        found = text.find(squeezed(piece).strip(" :"), position)
        if found < 0:
            return False
        position = found + len(piece)
    return True


@pytest.mark.parametrize(("clause", "language"), places(), ids=lambda value: getattr(value, "key", value))
def test_a_quotation_is_verbatim(texts: dict[tuple[str, str], str], clause: Clause, language: str) -> None:
    quotation = getattr(clause.quotation, language)
    printed = RESTORED.get((clause.key, language), quotation)
    assert stands_in(texts[clause.regulation, language], printed)


def test_only_broken_sentences_are_restored(texts: dict[tuple[str, str], str]) -> None:
    clauses = {clause.key: clause for clause, _ in places()}
    for (key, language), _ in RESTORED.items():
        clause = clauses[key]
        quotation = getattr(clause.quotation, language)
        assert not stands_in(texts[clause.regulation, language], quotation), f"{key} {language} needs no restoring"
