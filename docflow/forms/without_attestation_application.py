"""Application for a category without attestation, or without the knowledge test: clauses 6 to 11 of the order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from docflow.core.messages import _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Answer, Content, Refusal, Step, rule
from docflow.forms import _application
from docflow.forms import _attestation as shared
from docflow.forms import _attestation_intake as intake
from docflow.forms.base import SelectField, optional_text
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.categories import GROUNDS
from docflow.regulations.krg.intake import EXAMINATIONS, LANGUAGE
from docflow.regulations.krg.vocabulary import HEAD_CATEGORIES

# The clauses say «… болса», «… болған»: here the applicant says it of himself.
GROUND_TITLES: Mapping[str, Text] = {
    "production_moderator": Text(
        "жұмысқа орналасу кезінде бейін бойынша өндірісте соңғы 5 (бес) жылдан кем емес жұмыс өтілі бар",
        "при трудоустройстве стаж на производстве по профилю не менее последних 5 (пяти) лет",
        "at least the last 5 years of service in production in the profile, when hired",
    ),
    "production_expert": Text(
        "жұмысқа орналасу кезінде мамандығы бойынша соңғы 10 (он) жылдан астам жұмыс өтілі бар",
        "при трудоустройстве стаж по специальности более последних 10 (десяти) лет",
        "more than the last 10 years of service in the speciality, when hired",
    ),
    "presidential_reserve": Text(
        "Президенттің кадр резервіне кірген тұлға", "лицо, вошедшее в Президентский кадровый резерв",
        "in the Presidential reserve of personnel",
    ),
    "nazarbayev_or_bolashak_graduate": Text(
        "жоғары оқу орнын аяқтағаннан кейін бес жылдан кеш емес кезеңде Nazarbayev University, «Болашақ» бағдарламасы "
        "бойынша оқуға ұсынылған шетелдік жоғары және жоғары оқу орнынан кейінгі білім беру ұйымының түлегі",
        "выпускник Nazarbayev University или зарубежного вуза, рекомендованного по программе «Болашак», не позднее "
        "пяти лет после окончания",
        "graduate of Nazarbayev University, or of a university abroad recommended by “Bolashak”, within five years",
    ),
    "celta": Text(
        "қолданыстағы CELTA сертификаты (Pass and above) бар шет тілі мұғалімі",
        "учитель иностранного языка с действующим сертификатом CELTA (Pass and above)",
        "teacher of a foreign language with a valid CELTA certificate (Pass and above)",
    ),
    "delta": Text(
        "қолданыстағы DELTA сертификаты (Pass and above) бар шет тілі мұғалімі",
        "учитель иностранного языка с действующим сертификатом DELTA (Pass and above)",
        "teacher of a foreign language with a valid DELTA certificate (Pass and above)",
    ),
    LANGUAGE: Text(
        "тілді меңгеру деңгейі бойынша қолданыстағы сертификаты бар шет тілі педагогі",
        "педагог иностранного языка с действующим сертификатом о владении языком (без ОЗП)",
        "teacher of a foreign language with a valid language certificate (no knowledge test)",
    ),
    "special_programme_graduate": Text(
        "Арнайы бағдарламаға сәйкес жұмысқа қабылданған, жоғары және жоғары оқу орнынан кейінгі білім беру ұйымының "
        "түлегі",
        "выпускник вуза, принятый на работу по Специальной программе",
        "graduate hired under the Special programme",
    ),
    "special_programme": Text(
        "Арнайы бағдарламаға сәйкес жұмысқа қабылданған, «педагог-сарапшы», «педагог-зерттеуші» біліктілік санаты бар "
        "педагог",
        "педагог-эксперт или педагог-исследователь, принятый на работу по Специальной программе: на уровень выше",
        "teacher-expert or teacher-researcher hired under the Special programme: one level higher",
    ),
    "leaders_of_change": Text(
        "Білім беру саласындағы өзгерістердің көшбасшыларын іріктеу және даярлау бағдарламасы бойынша оқуды аяқтаған "
        "және кадр резервіне енгізілген педагог",
        "педагог, окончивший программу подготовки лидеров изменений и включённый в кадровый резерв",
        "graduate of the programme for leaders of change, in the reserve of personnel",
    ),
}  # fmt: skip
CLAIMED = {
    **shared.category_titles("teacher", ("moderator", "expert", "researcher", "master")),
    "first": HEAD_CATEGORIES["first"],
}
_OTHER = "other"  # clause 9: an examination of a country in which the language is the first one
_EXAMINATION_TITLES = {name: Text(name, name, name) for name in EXAMINATIONS} | {
    _OTHER: Text("Басқа шет тілінің сертификаты", "Сертификат по другому языку", "Certificate of another language")
}
_LEVELS = [(level, shared.words(Text(level, level, level))) for level in ("B2", "C1", "C2")]
_CERTIFIED = (LANGUAGE, "celta", "delta")


class WithoutAttestationApplicationForm(intake.ApplicationForm):
    """The ground, the category that it gives, and what the ground rests on."""

    ground = shared.one_of(_l("Ground"), GROUND_TITLES)
    claimed = shared.claimed(CLAIMED)
    graduated_on = _application.written_day(_l("Day of graduation (graduates)"), required=False)
    examination = SelectField(
        _l("Language examination"), choices=shared.choices_of(_EXAMINATION_TITLES, none=_l("None")), default=""
    )
    score = optional_text(_l("Score"), longest=20, hint=_l("As on the certificate: 6,5 or 94."))
    level = SelectField(_l("Level of the language"), choices=[("", _l("None")), *_LEVELS], default="")
    number = optional_text(_l("Number of the certificate"), longest=80)
    until = _application.written_day(_l("The certificate is valid until"), required=False)
    sheet_group = shared.sheet_group(shared.TEACHER_GROUPS, none=_l("No portfolio is needed"))
    current = shared.current(shared.ANY_CATEGORY)
    current_until = shared.current_until()
    procedure = shared.fixed("without_attestation")

    def content(self) -> dict[str, Any]:
        found = super().content()
        known = GROUNDS.get(found["ground"])
        return found | {"ladder": known.ladder if known else "teacher"}


@rule(KRG.clause("8"))
def names_its_certificate(step: Step) -> Answer:
    """A certificate on which a category rests is named by its number; it must be one in force."""
    content = step.content
    if content.get("ground") not in _CERTIFIED or content.get("number"):
        return None
    return Refusal("", _l("Enter the number of the certificate and the day until which it is valid."), field="number")


@rule(KRG.clause("8"))
def summary_needs_a_sheet(step: Step) -> Answer:
    """By a language certificate the category is given on the summary of results: a portfolio is scored."""
    if step.content.get("ground") != LANGUAGE or step.content.get("sheet_group"):
        return None
    return Refusal("", _l("Choose whose score sheet the portfolio is scored by."), field="sheet_group")


def from_card(card: Content, on: date) -> dict[str, Any]:
    """Begin with the newest language certificate beside what every application takes from the card."""
    newest: Mapping[str, Any] = next(iter(card.get("languages") or ()), {})
    known = {name: str(newest.get(name) or "") for name in ("score", "number", "until")}
    examination = str(newest.get("examination") or "")
    level = str(newest.get("level") or "")
    return (
        intake.from_card(card, on, ladder="teacher")
        | known
        | {
            "examination": examination if examination in EXAMINATIONS else _OTHER if examination else "",
            "level": level if level in dict(_LEVELS) else "",
        }
    )


def printed(content: Content, profile: Profile) -> Mapping[str, Any]:
    """Give the ground in the words of the order, and its clause."""
    ground = str(content.get("ground") or "")
    found = GROUNDS.get(ground)
    clause = found.clause.number if found else "9" if content.get("examination") == _OTHER else "8"
    examination = _EXAMINATION_TITLES.get(str(content.get("examination")))
    return {
        "ground": GROUND_TITLES[ground].kk if ground in GROUND_TITLES else "",
        "clause": clause,
        "examination": examination.kk if examination else "",
    }


TYPE = intake.application_type(
    "without_attestation_application",
    index="АСӨ",
    form=WithoutAttestationApplicationForm,
    title=Text(
        "Біліктілік санатын аттестаттау рәсімінен өтпей беру туралы өтініш",
        "Заявление о присвоении квалификационной категории без прохождения аттестации",
        "Application for a category without attestation",
    ),
    brief=Text("Аттестаттаусыз санат беру өтініші", "Заявление без аттестации", "Without attestation"),
    clause=KRG.clause("7"),
    rules=(
        *intake.AT_FILING, *intake.CATEGORY_HELD, names_its_certificate, summary_needs_a_sheet, intake.GROUND,
        intake.LANGUAGE, intake.CERTIFICATE_HOLDS, intake.GRADUATE, intake.PRODUCTION, intake.SHEET,
        intake.COMPETENCE, intake.SEQUENCE,
    ),
    attachments=(
        intake.IDENTITY, intake.CATEGORY_CERTIFICATE, intake.EDUCATION, intake.LABOUR, intake.LANGUAGE_CERTIFICATE,
        intake.GROUND_DOCUMENT, intake.ORGANISATION_REQUEST,
    ),
    deadlines=(intake.SESSION_IN_FIVE_DAYS,),
    starts_with=from_card,
    printed=printed,
    sample={
        "applicant": {
            "surname": "Қуанышбекова", "given_name": "Әсел", "patronymic": "Нұрланқызы", "iin": "850314400129",
            "iin_override": "",
        },
        "position": "ағылшын тілі мұғалімі",
        "speciality": "шет тілі: екі шет тілі",
        "workplace": "«Теміртау қаласының № 16 лицейі» коммуналдық мемлекеттік мекемесі",
        "is_subordinate": False,
        "email": "asel@example.kz",
        "phone": "+7 700 000 00 31",
        "ground": LANGUAGE,
        "claimed": "researcher",
        "graduated_on": "",
        "examination": "IELTS",
        "score": "7,0",
        "level": "",
        "number": "23KZ004512KUAA011A",
        "until": "2025-08-19",
        "sheet_group": "teacher",
        "year": 2025,
        "current": "expert",
        "current_until": "2026-06-12",
        "procedure": "without_attestation",
        "consent": True,
        "filed_on": "2024-10-07",
        "ladder": "teacher",
    },
)  # fmt: skip
