"""Application to be attested with the category kept, for at most two years: clause 34 of the order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from docflow.core.messages import _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content
from docflow.forms import _application
from docflow.forms import _attestation as shared
from docflow.forms import _attestation_intake as intake
from docflow.forms.base import SelectField
from docflow.regulations.krg.act import KRG

# The five grounds as the clause words them.
GROUND_TITLES: Mapping[str, Text] = {
    "34(1)": Text(
        "денсаулық сақтау саласындағы уәкілетті орган бекіткен әлеуметтік мәні бар аурулар мен айналасындағыларға "
        "қауіп төндіретін аурулар тізбесіне енгізілген аурулар бар болған жағдайда еңбекке уақытша жарамсыздық",
        "временная нетрудоспособность при заболевании из перечня социально значимых и опасных для окружающих",
        "temporary disability with a disease of the approved list",
    ),
    "34(2)": Text(
        "жүктілігі және босануы, бала күтімі жөніндегі демалыстан шығу, оның ішінде жаңа туған баланы (балаларды) "
        "асырап алған қызметкерлер үшін, ол үш жасқа толғанға дейін",
        "выход из отпуска по беременности и родам, по уходу за ребёнком, в том числе при усыновлении, до трёх лет",
        "return from maternity or child-care leave, also after adoption, until the child is three",
    ),
    "34(3)": Text(
        "білім беру саласындағы уәкілетті органнан, білім беруді басқару органдарынан, әдістемелік кабинеттерден "
        "(орталықтардан), педагогтердің біліктілігін арттыру ұйымдарынан, біліктілікті арттыру институттарынан білім "
        "беру ұйымдарына ауысу",
        "переход в организацию образования из уполномоченного органа, органов управления, методкабинетов, организаций "
        "и институтов повышения квалификации",
        "transfer to an organisation of education from a body of education, a cabinet or an institute",
    ),
    "34(4)": Text(
        "педагогикалық қызметті жүзеге асырып, Қазақстан Республикасына жақын және алыс шет елдерден келу",
        "прибытие в Республику Казахстан из ближнего или дальнего зарубежья, где велась педагогическая деятельность",
        "arrival from abroad, having taught there",
    ),
    "34(5)": Text(
        "біліктілік санатының қолданылу мерзімі аяқталғанға дейін бір жыл қалғанда Қазақстан Республикасының ішінде "
        "басқа білім беру ұйымына ауысу",
        "переход в другую организацию образования внутри Республики Казахстан, когда до окончания срока категории "
        "остался один год",
        "transfer inside Kazakhstan with a year of the category left",
    ),
}


class RetentionApplicationForm(intake.ApplicationForm):
    """The category that is held, and why it is kept."""

    ladder = shared.ladder()
    current = shared.current(shared.ANY_CATEGORY)
    current_until = shared.current_until()
    ground = shared.one_of(_l("Ground"), GROUND_TITLES)
    since = _application.written_day(_l("Since when the ground holds"))
    sheet_group = shared.carried()
    procedure = shared.fixed("retention")

    def validate_current(self, field: SelectField) -> None:
        shared.demand_ladder(field, self.ladder.data)

    def content(self) -> dict[str, Any]:
        found = super().content()
        return found | {"claimed": found["current"]}


def from_card(card: Content, on: date) -> dict[str, Any]:
    return intake.from_card(card, on, ladder="teacher")


def printed(content: Content, profile: Profile) -> Mapping[str, Any]:
    """Give the ground in the words of the order."""
    ground = str(content.get("ground") or "")
    return {"ground": GROUND_TITLES[ground].kk if ground in GROUND_TITLES else "", "clause": ground or "34"}


TYPE = intake.application_type(
    "retention_application",
    index="СӨ",
    form=RetentionApplicationForm,
    title=Text(
        "Біліктілік санатын сақтай отырып аттестаттау туралы өтініш",
        "Заявление об аттестации с сохранением квалификационной категории",
        "Application to keep the category for a time",
    ),
    brief=Text("Санатты сақтау өтініші", "Заявление о сохранении категории", "Keeping the category"),
    clause=KRG.clause("34"),
    rules=(*intake.AT_FILING, *intake.CATEGORY_KEPT, intake.KEEPS, intake.RETENTION),
    attachments=(intake.IDENTITY, intake.CATEGORY_CERTIFICATE, intake.RETENTION_DOCUMENT),
    starts_with=from_card,
    printed=printed,
    sample={
        "applicant": {
            "surname": "Тәңірбергенова", "given_name": "Жұлдызай", "patronymic": "Өмірзаққызы", "iin": "850314400129",
            "iin_override": "",
        },
        "ladder": "teacher",
        "position": "мектепке дейінгі ұйымның тәрбиешісі",
        "speciality": "мектепке дейінгі оқыту және тәрбиелеу",
        "workplace": "«Балдәурен» бөбекжайы» коммуналдық мемлекеттік қазыналық кәсіпорны, Саран қаласы",
        "email": "zhuldyzai@example.kz",
        "phone": "+7 700 000 00 51",
        "current": "moderator",
        "current_until": "2024-11-15",
        "ground": "34(2)",
        "since": "2024-09-02",
        "year": 2025,
        "is_subordinate": False,
        "sheet_group": "",
        "procedure": "retention",
        "consent": True,
        "filed_on": "2024-10-07",
        "claimed": "moderator",
    },
)  # fmt: skip
