"""Categories of the attestation order: their sequence, who confers them, and on what grounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from docflow.core.regulations import Clause, Text
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.vocabulary import DEPUTY_CATEGORIES, HEAD_CATEGORIES, TEACHER_CATEGORIES


@dataclass(frozen=True)
class Ladder:
    """The sequence of categories of one kind of position, lowest first."""

    code: str
    titles: Mapping[str, Text]
    clause: Clause

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(self.titles)

    def rank(self, category: str) -> int:
        return self.categories.index(category)

    def moved(self, category: str, levels: int) -> str:
        """Give the category *levels* higher, or lower if negative; the ends of the ladder hold."""
        wanted = self.rank(category) + levels
        return self.categories[min(max(wanted, 0), len(self.categories) - 1)]

    def lower_of(self, one: str, other: str) -> str:
        return min(one, other, key=self.rank)


TEACHERS = Ladder("teacher", TEACHER_CATEGORIES, KRG.clause("31"))
HEADS = Ladder("head", HEAD_CATEGORIES, KRG.clause("44"))
DEPUTIES = Ladder("deputy", DEPUTY_CATEGORIES, KRG.clause("44"))
LADDERS: Mapping[str, Ladder] = {ladder.code: ladder for ladder in (TEACHERS, HEADS, DEPUTIES)}

# Old names, clauses 32 and 48. For teachers they say which category is sought, for heads which one it is.
OLD_TEACHER_CATEGORIES = {"екінші санат": "moderator", "бірінші санат": "expert", "жоғары санат": "researcher"}
OLD_HEAD_CATEGORIES = {"басшы-ұйымдастырушы": "third", "басшы-менеджер": "second", "басшы-көшбасшы": "first"}


class Authority(StrEnum):
    """Who attests, clause 13, from the school to the ministry."""

    ORGANISATION = "organisation"
    DISTRICT = "district"
    REGION = "region"
    MINISTRY = "ministry"


@dataclass(frozen=True)
class Competence:
    """Which categories of a ladder an authority's commission confers; *subordinate*: on its subordinate bodies only."""

    authority: Authority
    ladder: str
    categories: tuple[str, ...]
    clause: Clause
    subordinate: bool = False


_LOWER = ("third", "second")
_ALL = ("third", "second", "first")
COMPETENCES = (
    Competence(Authority.ORGANISATION, "teacher", ("moderator",), KRG.clause("13(1)")),
    Competence(Authority.DISTRICT, "teacher", ("expert",), KRG.clause("13(2)")),
    Competence(Authority.DISTRICT, "deputy", _LOWER, KRG.clause("13(2)")),
    Competence(Authority.DISTRICT, "head", _LOWER, KRG.clause("13(2)")),
    # «педагог-шебер» with a bracket that is not closed: the setting region_master_for.
    Competence(Authority.REGION, "teacher", ("researcher", "master"), KRG.clause("13(3)")),
    Competence(Authority.REGION, "deputy", ("first",), KRG.clause("13(3)")),
    Competence(Authority.REGION, "head", ("first",), KRG.clause("13(3)")),
    Competence(Authority.REGION, "teacher", ("expert",), KRG.clause("13(3)"), subordinate=True),
    Competence(Authority.REGION, "deputy", _LOWER, KRG.clause("13(3)"), subordinate=True),
    Competence(Authority.REGION, "head", _LOWER, KRG.clause("13(3)"), subordinate=True),
    Competence(Authority.MINISTRY, "teacher", ("master",), KRG.clause("13(4)")),
    Competence(Authority.MINISTRY, "teacher", ("expert", "researcher"), KRG.clause("13(4)"), subordinate=True),
    Competence(Authority.MINISTRY, "deputy", _ALL, KRG.clause("13(4)"), subordinate=True),
    Competence(Authority.MINISTRY, "head", _ALL, KRG.clause("13(4)"), subordinate=True),
)


def competence(
    authority: Authority,
    ladder: str,
    category: str,
    *,
    subordinate: bool,
    competences: Iterable[Competence] = COMPETENCES,
) -> Competence | None:
    """Find what lets *authority* confer *category*; ``None``: clause 13 does not."""
    for row in competences:
        # What is listed without a word about subordinate bodies is conferred on their people as well.
        if (
            (row.authority, row.ladder) == (authority, ladder)
            and category in row.categories
            and (subordinate or not row.subordinate)
        ):
            return row
    return None


class Conclusion(StrEnum):
    """What a commission may conclude."""

    CLAIMED = "claimed"
    CURRENT = "current"
    LOWER_THAN_CURRENT = "lower_than_current"
    LOWER_THAN_CLAIMED = "lower_than_claimed"
    NOT_CONFORMING = "not_conforming"


# Clause 19 for teachers, clause 46 for heads and deputies: the third conclusions are not the same.
TEACHER_CONCLUSIONS: Mapping[Conclusion, Clause] = {
    Conclusion.CLAIMED: KRG.clause("19(1)"),
    Conclusion.CURRENT: KRG.clause("19(2)"),
    Conclusion.LOWER_THAN_CURRENT: KRG.clause("19(3)"),
    # Only before the term; the protocol (Appendix 2) has a table for it.
    Conclusion.NOT_CONFORMING: KRG.clause("42 ¶2"),
}
HEAD_CONCLUSIONS: Mapping[Conclusion, Clause] = {
    Conclusion.CLAIMED: KRG.clause("46 ¶2"),
    Conclusion.CURRENT: KRG.clause("46 ¶3"),
    Conclusion.LOWER_THAN_CLAIMED: KRG.clause("46 ¶4"),
    Conclusion.NOT_CONFORMING: KRG.clause("46 ¶5"),
}


def may_claim(ladder: Ladder, claimed: str, *, current: str, is_first_attestation: bool = False) -> bool:
    """Say whether *claimed* keeps the sequence: the same category, or the next one (clauses 31, 44).

    Heads and deputies may claim any category at their first attestation.
    """
    if is_first_attestation and ladder.code != "teacher":
        return True
    return ladder.rank(claimed) - ladder.rank(current) in (0, 1)


def lowered_by_knowledge_test(ladder: Ladder, claimed: str, *, current: str, knowledge: str) -> str:
    """Give the category of one whose materials conform to *claimed* and whose knowledge test does not.

    Clause 30: confirming, one level lower; assigning, not higher than *knowledge*, what the test shows.
    """
    if claimed == current:
        return ladder.moved(claimed, -int(KRG.thresholds["confirmation_levels_down"].value))
    return ladder.lower_of(claimed, knowledge)


@dataclass(frozen=True)
class EarlyRule:
    """At least so many of these criteria are met before the term, clause 42; the words are the order's."""

    category: str
    at_least: int
    criteria: tuple[str, ...]
    clause: Clause

    def is_met(self, met: int) -> bool:
        return met >= self.at_least


def _early(category: str, clause: str, *criteria: str) -> EarlyRule:
    needed = KRG.thresholds[f"early_criteria_{category}"].value
    return EarlyRule(category, int(needed), criteria, KRG.clause(clause))


EARLY_RULES: Mapping[str, EarlyRule] = {
    "expert": _early(
        "expert",
        "42(1)",
        "облыстық, республикалық деңгейлердегі кәсіптік шеберлік конкурстарының жүлдегері немесе жеңімпазы болып "
        "табылады",
        "облыстық, республикалық деңгейдегі олимпиадалардың, конкурстардың, жарыстардың, чемпионаттардың жеңімпазын "
        "немесе жүлдегерін дайындаған педагогтер",
        'аудандық/қалалық деңгейдегі "Үздік педагог" атағына ие болған',
        "облыс, республикалық маңызы бар қалалар, республика деңгейінде тәжірибені жинақтайды",
        "педагогтер үшін іс-шаралар өткізуге қатысады",
        "C1 (CEFR) деңгейінде ағылшын тілін меңгерген және пәндерді ағылшын тілінде оқытатын адамдар",
        "бейіндік пән бойынша халықаралық дәрежедегі кандидат немесе спорт шебері болып табылатын адамдар",
        "бейіні бойынша жоғары біліктілік разряды бар өндірістік оқыту шеберлері",
    ),
    "researcher": _early(
        "researcher",
        "42(2)",
        "республикалық, халықаралық деңгейде кәсіби шеберлік конкурстарының жүлдегері немесе жеңімпазы болып табылады",
        "республикалық, халықаралық деңгейдегі олимпиадалардың, конкурстардың, жарыстардың, чемпионаттардың "
        "жеңімпазын немесе жүлдегерін дайындаған адамдар",
        "тізбесіне енгізілген жарияланған оқулықтардың, оқу-әдістемелік құралдардың авторы (тең авторы) болып табылады",
        "Республикалық оқу-әдістемелік кеңес ұсынған оқу-әдістемелік кешеннің немесе бағдарламаның немесе "
        "әдістемелік материалдардың авторы болып табылады",
        "білім басқармасы жанындағы оқу-әдістемелік кеңесте облыс, республикалық маңызы бар қалалар, республика "
        "деңгейінде тәжірибені жинақтайды",
        'облыстық деңгейдегі "Үздік педагог" атағына ие болған',
        "ғылым кандидаты/докторы немесе PhD ғылыми докторы дәрежесі және кемінде үш жыл педагогикалық жұмыс өтілі бар",
    ),
    "master": _early(
        "master",
        "42(3)",
        "халықаралық деңгейдегі олимпиадалардың, конкурстардың, жарыстардың, чемпионаттардың жеңімпазын немесе "
        "жүлдегерін дайындаған",
        "халықаралық кәсіби шеберлік конкурстарының жеңімпазы немесе жүлдегері болып табылады",
        "Республикалық оқу-әдістемелік кеңес ұсынған оқу-әдістемелік кешеннің немесе бағдарламаның немесе "
        "әдістемелік материалдардың авторы болып табылады",
        "тізбесіне енгізілген жарияланған оқулықтардың, оқу-әдістемелік құралдардың авторы (тең авторы) болып табылады",
        "білім беру саласындағы уәкілетті органның жанындағы оқу-әдістемелік кеңесте республикалық деңгейде "
        "тәжірибені таратады",
        "ғылым кандидаты/докторы немесе PhD докторы дәрежесі және кемінде бес жыл педагогикалық жұмыс өтілі бар",
        'Қазақстан Республикасының "Үздік педагогі" атағына ие болған адамдар',
    ),
}


@dataclass(frozen=True)
class LanguageScore:
    """A range printed in clause 8; *highest* is ``None`` where one number stands alone."""

    category: str
    examination: str
    lowest: Fraction | int | str
    clause: Clause
    highest: int | None = None


def _languages(
    category: str, clause: str, ielts: Fraction | int, toefl: tuple[int, int], level: str
) -> tuple[LanguageScore, ...]:
    place = KRG.clause(clause)
    return (
        LanguageScore(category, "IELTS", ielts, place),
        LanguageScore(category, "TOEFL iBT", toefl[0], place, toefl[1]),
        LanguageScore(category, "DELF", level, place),
        LanguageScore(category, "Goethe-Zertifikat", level, place),
    )


# For researchers and masters of English the clause adds TKT certificates: the setting language_tkt.
LANGUAGE_SCORES = (
    *_languages("moderator", "8(1)", Fraction(13, 2), (79, 84), "B2"),
    *_languages("expert", "8(2)", Fraction(13, 2), (85, 93), "B2"),
    *_languages("researcher", "8(3)", 7, (94, 101), "C1"),
    *_languages("master", "8(4)", Fraction(15, 2), (102, 109), "C1"),
)
# Clause 9: other languages, by a certificate of a country where the language is the first one.
OTHER_LANGUAGES: Mapping[str, str] = {"B2": "moderator", "C1": "expert", "C2": "expert"}


def categories_by_score(examination: str, score: Fraction | int, *, is_minimum: bool = True) -> tuple[str, ...]:
    """Name the categories that a score opens; one score may open two, and the commission chooses.

    *is_minimum* reads the printed ranges as lower bounds: the setting language_scores.
    """
    found = []
    for row in LANGUAGE_SCORES:
        if row.examination != examination or isinstance(row.lowest, str) or score < row.lowest:
            continue
        if is_minimum or row.highest is None or score <= row.highest:
            found.append(row.category)
    return tuple(found)


@dataclass(frozen=True)
class Entry:
    """Who may seek a category of a teacher, clause 31: completed years of teaching, and education."""

    category: str
    years_min: int
    education: str
    clause: Clause

    def has_experience(self, completed_years: int) -> bool:
        return completed_years >= self.years_min


def _entry(category: str, clause: str, education: str) -> Entry:
    return Entry(category, int(KRG.thresholds[f"experience_years_{category}"].value), education, KRG.clause(clause))


ENTRIES: Mapping[str, Entry] = {
    entry.category: entry
    for entry in (
        _entry("teacher", "31(1)", "тиісті бейіні бойынша педагогикалық немесе өзге де кәсіптік білімі"),
        _entry("moderator", "31(2)", "тиісті бейіні бойынша педагогикалық немесе өзге де кәсіптік білімі"),
        _entry("expert", "31(3)", "тиісті бейіні бойынша педагогикалық немесе өзге де кәсіптік білімі"),
        _entry(
            "researcher",
            "31(4)",
            "тиісті бейініне сәйкес жоғары немесе жоғары оқу орнынан кейінгі педагогикалық немесе өзге де кәсіптік "
            "білімі",
        ),
        _entry(
            "master", "31(5)", "тиісті бейіні бойынша жоғары немесе жоғары оқу орнынан кейінгі педагогикалық білімі"
        ),
    )
}


@dataclass(frozen=True)
class Ground:
    """A ground on which a category is given without attestation; no category: one level higher."""

    key: str
    ladder: str
    category: str
    clause: Clause


GROUNDS: Mapping[str, Ground] = {
    ground.key: ground
    for ground in (
        Ground("production_moderator", "teacher", "moderator", KRG.clause("6 ¶2")),
        Ground("production_expert", "teacher", "expert", KRG.clause("6 ¶3")),
        Ground("presidential_reserve", "teacher", "moderator", KRG.clause("7 ¶2")),
        Ground("nazarbayev_or_bolashak_graduate", "teacher", "moderator", KRG.clause("7 ¶2")),
        Ground("celta", "teacher", "moderator", KRG.clause("7 ¶2")),
        Ground("delta", "teacher", "expert", KRG.clause("7 ¶3")),
        Ground("special_programme_graduate", "teacher", "moderator", KRG.clause("10 ¶2")),
        Ground("special_programme", "teacher", "", KRG.clause("10 ¶3")),
        Ground("leaders_of_change", "head", "first", KRG.clause("11")),
    )
}

# Clause 34: a category is kept for at most two years on one of these grounds.
RETENTION_GROUNDS = tuple(KRG.clause(f"34({number})") for number in range(1, 6))

# Appendix 4, rows 8 and 9. Row 8 calls the application «9 қосымша»; it is Appendix 5, for heads 10.
REFUSAL_GROUNDS = (
    "мемлекеттік қызметті алу үшін қызмет алушы ұсынған құжаттардың және (немесе) олардағы деректердің (мәліметтердің) "
    "дәйексіздігі анықталған",
    "мемлекеттік қызметті көрсету үшін қажетті ұсынылған материалдардың, деректер мен мәліметтердің талаптарға сәйкес "
    "келмеуі",
    "көрсетілетін қызметті алушының мемлекеттік қызмет көрсету үшін талап етілетін қолжетімділігі шектеулі дербес "
    "деректерге қол жеткізуге ұсынылатын келісімінің болмауы",
)
