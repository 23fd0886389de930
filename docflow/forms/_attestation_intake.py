"""Taking in applications for attestation: what is attached, the days that bind, what is asked of the applicant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from docflow.core.messages import Message, _l
from docflow.core.permissions import Role
from docflow.core.regulations import Clause, Profile, Text
from docflow.core.rules import Answer, Content, Refusal, Rule, Step, rule
from docflow.core.types import Deadline, DocumentType, Import, Journal, Requirement
from docflow.forms import _application as application
from docflow.forms import _attestation as shared
from docflow.forms._attestation import TESTED, category_title, day_of, names_only
from docflow.forms.base import RecordForm
from docflow.forms.workflows import application as filed
from docflow.regulations.krg import intake
from docflow.regulations.krg.act import KRG
from docflow.regulations.krg.card import current_category, last_category
from docflow.regulations.krg.categories import LADDERS

Check = Callable[..., Refusal | None]  # of krg.intake

LIST = KRG.appendix(4)  # rows 8 to 10: documents, grounds for refusal, days

# What counts as an application of the school year: refused and withdrawn ones do not.
_FILED = ("to_sign", "submitted", "accepted")


# ---------------------------------------------------------------- attachments


def _if_any(content: Content, profile: Profile) -> bool:
    """Offer a document and do not demand it: «болған жағдайда», or the system holds it itself."""
    return False


def _is_a_teacher(content: Content, profile: Profile) -> bool:
    # Appendix 8, note 1 of row 2.1: of everybody else «болған жағдайда».
    return content.get("sheet_group") == "teacher"


IDENTITY = Requirement(
    "identity_document",
    Text("Жеке басын куәландыратын құжат (болған жағдайда)", "Документ, удостоверяющий личность (при наличии)"),
    (LIST,),
    _if_any,
    _l("if there is one"),
)
# 3) and 4) «Платформада жинақталады»: asked for where the card does not hold them, by the rules below.
COURSE_CERTIFICATE = Requirement(
    "course_certificate",
    Text(
        "Біліктілікті арттыру курстарынан өткені туралы сертификат",
        "Сертификат о прохождении курсов повышения квалификации",
    ),
    (LIST,),
    _if_any,
    _l("if the card does not hold it"),
)
CATEGORY_CERTIFICATE = Requirement(
    "category_certificate",
    Text(
        "Берілген біліктілік санаты туралы куәлік және бұйрық",
        "Удостоверение и приказ о присвоенной квалификационной категории",
    ),
    (LIST,),
    _if_any,
    _l("if the card does not hold it"),
)
ACHIEVEMENTS = Requirement(
    "achievements",
    Text(
        "Кәсіби жетістіктерді және тәжірибені жинақтауды (таратуды) растайтын құжаттар (болған жағдайда)",
        "Документы о профессиональных достижениях и обобщении (распространении) опыта (при наличии)",
    ),
    (LIST,),
    _if_any,
    _l("if there is one"),
)
STUDENTS_ACHIEVEMENTS = Requirement(
    "students_achievements",
    Text("Білім алушылардың жетістіктерін растайтын құжаттар", "Документы о достижениях обучающихся"),
    (LIST,),
    _is_a_teacher,
    _l("if there is one"),
)
EDUCATION = Requirement("education_document", Text("Білімі туралы құжат", "Документ об образовании"), (LIST,))
LABOUR = Requirement("labour_document", Text("Еңбек қызметі туралы құжат", "Документ о трудовой деятельности"), (LIST,))

LANGUAGE_CERTIFICATE = Requirement(
    "language_certificate",
    Text("Тілді меңгеру деңгейі бойынша қолданыстағы сертификат", "Действующий сертификат о владении языком"),
    (KRG.clause("8"),),
    lambda content, profile: content.get("ground") in (intake.LANGUAGE, "celta", "delta"),
)
GROUND_DOCUMENT = Requirement(
    "ground_document",
    Text("Негізді растайтын құжат", "Документ, подтверждающий основание", "Document that proves the ground"),
    (KRG.clause("7"),),
    lambda content, profile: content.get("ground") not in (intake.LANGUAGE, "celta", "delta"),
)
ORGANISATION_REQUEST = Requirement(
    "organisation_request",
    Text("Білім беру ұйымының өтініші", "Заявление организации образования", "Request of the organisation"),
    (KRG.clause("6"),),
    lambda content, profile: str(content.get("ground") or "").startswith("production_"),
)
RETENTION_DOCUMENT = Requirement(
    "ground_document",
    Text(
        "Санатты сақтау негізін растайтын құжат",
        "Документ, подтверждающий основание сохранения категории",
        "Document that proves why the category is kept",
    ),
    (KRG.clause("34"),),
)
PENSION_DOCUMENT = Requirement(
    "pension_document",
    Text(
        "Зейнеткерлік жасқа толатын күнді растайтын құжат",
        "Документ, подтверждающий день достижения пенсионного возраста",
        "Document that proves the day of the pension age",
    ),
    (KRG.clause("35"),),
)

RESULTS_OF_TWO_YEARS = Requirement(
    "results_of_two_years",
    Text(
        "Екі жыл ішінде нәтижелерге үздіксіз қол жеткізгенін растайтын құжаттар",
        "Документы о непрерывном достижении результатов в течение двух лет",
        "Documents on two years of unbroken results",
    ),
    (KRG.clause("47"),),
    lambda content, profile: content.get("procedure") == "early",
)

DOCUMENTS = (
    IDENTITY, COURSE_CERTIFICATE, CATEGORY_CERTIFICATE, ACHIEVEMENTS, STUDENTS_ACHIEVEMENTS, EDUCATION, LABOUR,
)  # fmt: skip


# ---------------------------------------------------------------- the answer in a working day

NOTICES = ("acceptance_notice", "refusal_notice")
ANSWERED = Deadline(
    "application_notice",
    KRG.terms["application_notice"],
    Text(
        "Өтінішті қабылдау не бас тарту туралы хабарлама",
        "Уведомление о приеме заявления или об отказе",
        "Notice of acceptance or refusal",
    ),
    states=("submitted", "accepted", "refused"),
    met_by=NOTICES,
)

# Clause 6 alone sets it: only grounds of service in production start it.
SESSION_IN_FIVE_DAYS = Deadline(
    "session_without_attestation",
    KRG.terms["session_without_attestation"],
    Text(
        "Аттестаттаусыз санат беру жөніндегі Комиссия отырысы",
        "Заседание комиссии о присвоении категории без аттестации",
        "Session on a category without attestation",
    ),
    states=("submitted", "accepted"),
    met_by=("teacher_protocol",),
    when=lambda content: str(content.get("ground") or "").startswith("production_"),
)


# ---------------------------------------------------------------- when it is filed


@rule(LIST, KRG.clause("21 ¶2"))
def personal_data_agreed(step: Step) -> Answer:
    """Without consent to the personal data that the service needs, it is refused (row 9, 3)."""
    if step.content.get("consent"):
        return None
    message = _l("Consent to the processing of personal data is missing: tick it, or the application is refused.")
    return Refusal("", message, field="consent")


@rule(LIST)
def not_filed_before_its_day(step: Step) -> Answer:
    """An application is not filed before the day that it bears."""
    return application.filed_by_then(step)


@rule(LIST)
def says_until_when_its_category_holds(step: Step) -> Answer:
    """The form has a line for the last day of the category held now."""
    held, until = step.content.get("current"), day_of(step.content.get("current_until"))
    if not held or held in ("trainee", "teacher"):
        return None
    if until is None:
        message = _l("Enter the day until which the category is valid: it stands on the certificate of the category.")
        return Refusal("", message, field="current_until")
    return None


@rule(LIST)
def category_has_not_ended(step: Step) -> Answer:
    """A category that ended before the application is not held any more."""
    until = day_of(step.content.get("current_until"))
    if not step.content.get("current") or until is None or until >= filing_day(step):
        return None
    message = _l("This category ended on %(until)s: choose “None” as the category held now.", until=shown(until))
    return Refusal("", message, field="current")


@rule(LIST)
def shows_its_category(step: Step) -> Answer:
    """Who holds a category shows its certificate and order, unless the card holds them (row 8, 4)."""
    held, ladder = step.content.get("current"), step.content.get("ladder")
    if not held or held in ("trainee", "teacher") or CATEGORY_CERTIFICATE.kind in step.attachments:
        return None
    if any((row.get("ladder"), row.get("category")) == (ladder, held) for row in step.card.get("categories") or ()):
        return None
    return _l(
        "The card has no category “%(category)s”: attach its certificate and order.",
        category=category_title(str(ladder), str(held)),
    )


@rule(LIST)
def shows_its_courses(step: Step) -> Answer:
    """A certificate of courses of professional development is shown, unless the card holds one (row 8, 3)."""
    if COURSE_CERTIFICATE.kind in step.attachments or step.card.get("certificates"):
        return None
    return _l("The card has no certificate of courses of professional development: attach one.")


@rule(KRG.clause("23 ¶2"))
def answers_its_application(step: Step) -> Answer:
    """A notice answers an application: accepted ones by appendix 6, refused ones by appendix 7."""
    state = "accepted" if step.type == NOTICES[0] else "refused"
    if any(each.state == state for each in step.related("notice")):
        return None
    return _l("A notice is made from the application that it answers: accept or refuse the application first.")


# ---------------------------------------------------------------- the form, and the type


class ApplicationForm(RecordForm):
    """What all applications for attestation begin with: who applies, where he works, how he is told."""

    applicant = shared.applicant()
    position = shared.position()
    speciality = shared.speciality()
    workplace = shared.workplace()
    is_subordinate = shared.is_subordinate()
    email = shared.email()
    phone = shared.phone()
    year = shared.year()

    def __init_subclass__(cls, **named: Any) -> None:
        # Fields stand in the order in which they are made: consent and day close every application.
        super().__init_subclass__(**named)
        cls.consent = shared.consent()
        cls.filed_on = shared.filed_on()


def application_type(
    name: str,
    *,
    index: str,
    title: Text,
    brief: Text,
    clause: Clause,
    form: type[ApplicationForm],
    rules: tuple[Rule, ...],
    starts_with: Callable[[Content, date], dict[str, Any]],
    sample: Mapping[str, Any],
    attachments: tuple[Requirement, ...] = DOCUMENTS,
    deadlines: tuple[Deadline, ...] = (),
    spreadsheet: Import | None = None,
    printed: Callable[[Content, Profile], Mapping[str, Any]] | None = None,
) -> DocumentType:
    """Declare an application for attestation. *index* tells its journal; *deadlines* run beside that of the notice."""
    return DocumentType(
        name=name,
        title=title,
        brief=brief,
        regulated_by=(clause,),
        form=form,
        workflow=filed,
        template=f"paper/{name}.typ",
        slots=(shared.APPLICANT,),
        journal=Journal(name, "{unit}-" + index + "-{seq:05d}/{year}"),
        rules=rules,
        subjects=("applicant",),
        heading=shared.heading,
        feeds=shared.contact,
        attachments=attachments,
        languages=shared.KAZAKH_ONLY,
        spreadsheet=spreadsheet,
        stage="intake",
        joins="attestation",
        is_registered_in_working_hours=True,
        deadlines=(ANSWERED, *deadlines),
        starts_with=starts_with,
        printed=printed,
        sample=sample,
    )


# ---------------------------------------------------------------- what the pack asks


def asked(check: Check, *clauses: Clause, on: tuple[str, ...] = ("submit", "accept")) -> Rule:
    """Make a check of the pack a rule of the types: its name and its sentence are the rule's.

    At ``submit`` the applicant learns of it, at ``accept`` the clerk, with the card completed by then.
    """

    def answer(step: Step) -> Refusal | None:
        return check(step.content, card=step.card, profile=step.profile, on=filing_day(step))

    return Rule(check.__name__, clauses, on, answer, (check.__doc__ or "").strip())


@rule(LIST)
def once_a_school_year(step: Step) -> Answer:
    """Attestation is held once in a school year: no second application beside one that was not refused."""
    filed = [each for name in TESTED for each in step.related(f"person:{name}") if each.state in _FILED]
    days = [day_of(each.content.get("filed_on")) or each.registered_on for each in filed]
    return intake.once_a_school_year(
        step.content, card=step.card, profile=step.profile, on=filing_day(step), earlier=[day for day in days if day]
    )


@rule(LIST, on=("accept",))
def current_is_the_cards(step: Step) -> Answer:
    """The category held now is the one that the card shows: documents and data must be reliable (row 9, 1)."""
    if not step.card:
        return None
    ladder, on = str(step.content.get("ladder") or "teacher"), filing_day(step)
    # A category may be kept by clause 34 after its end; in all else only one in force counts.
    keeps_ended = step.content.get("procedure") == "retention"
    found = current_category(step.card, ladder, on) or (last_category(step.card, ladder) if keeps_ended else None) or {}
    written, held = str(step.content.get("current") or ""), str(found.get("category") or "")
    until, by_card = day_of(step.content.get("current_until")), day_of(found.get("until"))
    if written == held and (until == by_card or by_card is None):
        return None
    return Refusal("", _not_the_cards(ladder, written, held, by_card), field="current")


def _not_the_cards(ladder: str, written: str, held: str, until: date | None) -> Message:
    if not held:
        return _l(
            "The card shows no category in force, the application %(written)s: enter it on the card with its order, "
            "or return the application for correction.",
            written=category_title(ladder, written),
        )
    return _l(
        "The card shows %(held)s until %(until)s, the application something else: complete the card, or return the "
        "application for correction.",
        held=category_title(ladder, held),
        until=shown(until) if until else "–",
    )


COMPETENCE = asked(intake.competent_authority, KRG.clause("13"))
CABINET = asked(intake.cabinet_without_legal_entity, KRG.clause("5 ¶3"))
SHEET = asked(intake.right_sheet, KRG.appendix(8), KRG.appendix(11))
WINDOW = asked(intake.window, LIST, on=("submit",))
AFTER_A_MOVE = asked(intake.confirms_after_a_move, KRG.clause("10 ¶4"))
SEQUENCE = asked(intake.sequence, KRG.clause("31"), on=("accept",))
EXPERIENCE = asked(intake.experience, KRG.clause("31"), on=("accept",))
EDUCATION_ENOUGH = asked(intake.education, KRG.clause("31"), on=("accept",))
SPECIALITY = asked(intake.speciality, KRG.clause("36"), on=("accept",))
SIX_MONTHS = asked(intake.heads_six_months, KRG.clause("43 ¶2"), on=("submit",))
EARLY_AFTER = asked(intake.early_after_two_years, KRG.clause("42"), on=("accept",))

KEEPS = asked(intake.keeps_what_is_held, KRG.clause("34"), KRG.clause("35"))
RETENTION = asked(intake.retention_ground, KRG.clause("34"))
PENSION = asked(intake.before_pension, KRG.clause("35"))
OLD = asked(intake.old_category, KRG.clause("32"))
EARLY_RESULTS = asked(intake.early_heads_results, KRG.clause("47"))
CRITERIA = asked(intake.early_criteria, KRG.clause("42"))
DEGREE = asked(intake.degree_needs_service, KRG.clause("42"), on=("accept",))
GROUND = asked(intake.ground, KRG.clause("7"))
LANGUAGE = asked(intake.language_category, KRG.clause("8"))
CERTIFICATE_HOLDS = asked(intake.certificate_in_force, KRG.clause("8"))
GRADUATE = asked(intake.recent_graduate, KRG.clause("7 ¶2"))
PRODUCTION = asked(intake.production_service, KRG.clause("6"), on=("accept",))

AT_FILING = (personal_data_agreed, not_filed_before_its_day)
CATEGORY_KEPT = (says_until_when_its_category_holds, shows_its_category, current_is_the_cards)
CATEGORY_HELD = (*CATEGORY_KEPT, category_has_not_ended)
TO_THE_PORTFOLIO = (*AT_FILING, WINDOW, once_a_school_year, shows_its_courses, SHEET, COMPETENCE)
FOR_ATTESTATION = (*TO_THE_PORTFOLIO, *CATEGORY_HELD, SEQUENCE, AFTER_A_MOVE)
OF_TEACHERS = (EXPERIENCE, EDUCATION_ENOUGH, SPECIALITY)


def shown(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def filing_day(step: Step) -> date:
    """Say on which day it is filed: a clerk may enter a paper of an earlier day, an applicant files today."""
    written = day_of(step.content.get("filed_on"))
    if written is None or not step.actor.has(Role.CLERK, Role.SYSTEM):
        return step.on
    return written


# ---------------------------------------------------------------- a new form


def from_card(card: Mapping[str, Any], on: date, *, ladder: str) -> dict[str, Any]:
    """Begin an application with what the card knows of the person: names, post, category and the day it ends."""
    post: Mapping[str, Any] = next((each for each in _posts(card, on) if each.get("ladder") in (ladder, "")), {})
    held = current_category(card, ladder, on) or {}
    learnt: Mapping[str, Any] = next(iter(card.get("education") or ()), {})
    return {
        "applicant": names_only(card.get("person")),
        "email": "",
        "phone": "",
        "position": str(post.get("title") or ""),
        "workplace": str(post.get("organisation") or ""),
        "speciality": str(learnt.get("speciality") or ""),
        "current": str(held.get("category") or ""),
        "current_until": str(held.get("until") or ""),
        "year": on.year + (on.month >= 9),
        "filed_on": on.isoformat(),
    }


def claiming(begun: dict[str, Any], ladder: str, *, levels: int) -> dict[str, Any]:
    """Begin with a claim that fits what is held: the same category, or one so many levels higher."""
    held = begun["current"]
    return begun | ({"claimed": LADDERS[ladder].moved(held, levels)} if held in LADDERS[ladder].categories else {})


def _posts(card: Mapping[str, Any], on: date) -> list[Mapping[str, Any]]:
    return [each for each in card.get("posts") or () if not each.get("until") or str(each["until"]) >= on.isoformat()]
