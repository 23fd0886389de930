"""What the papers of an attestation share: their language, applicants, categories, procedures and slots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from wtforms import RadioField, SelectChoice, SelectMultipleField, ValidationError
from wtforms.utils import unset_value
from wtforms.validators import AnyOf, Email, InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from docflow.core.derivation import Source
from docflow.core.messages import Message, _l
from docflow.core.regulations import Profile, Text
from docflow.core.rules import Content
from docflow.core.types import Capacity, SignatureSlot, value_at
from docflow.forms import _application as application
from docflow.forms.base import (
    BooleanField,
    DateField,
    FormField,
    IntegerField,
    Length,
    PersonForm,
    SelectField,
    StringField,
    required_text,
    whole_number,
)
from docflow.regulations.krg.categories import LADDERS
from docflow.regulations.krg.vocabulary import ORDINALS

# The order knows these applications; its commission decides on each of them.
APPLICATIONS = (
    "teacher_application", "head_application", "without_attestation_application", "early_application",
    "retention_application", "prepension_application", "old_category_application",
)  # fmt: skip
# Of them, those whose applicants pass the knowledge test (clauses 4, 8, 32, 33, 35).
TESTED = ("teacher_application", "head_application", "early_application", "old_category_application")

APPLICANT = SignatureSlot(
    "applicant", Capacity.APPLICANT, Text("Өтініш беруші", "Заявитель", "Applicant"), person="applicant"
)
# Clause 23: «көрсетілетін қызметті берушінің уәкілетті тұлғасы».
AUTHORISED = SignatureSlot(
    "authorised",
    Capacity.AUTHORISED,
    Text(
        "Көрсетілетін қызметті берушінің уәкілетті тұлғасы",
        "Уполномоченное лицо услугодателя",
        "Authorised person of the provider",
    ),
    position="authorised",
)

LADDER_TITLES: Mapping[str, Text] = {
    "teacher": Text("Педагог, әдіскер, бөлім басшысы", "Педагог, методист, заведующий", "Teacher or methodist"),
    "head": Text("Бірінші басшы", "Первый руководитель", "First head"),
    "deputy": Text("Басшының орынбасары", "Заместитель руководителя", "Deputy head"),
}

# Of any ladder; heads and deputies count alike.
ANY_CATEGORY: Mapping[str, Text] = {**LADDERS["teacher"].titles, **ORDINALS}

# Whose row of totals on which sheet: the keys of krg.sheets.GROUPS.
TEACHER_GROUPS: Mapping[str, Text] = {
    "teacher": Text("Педагог", "Педагог", "Teacher"),
    "special_group": Text(
        "Тәлімгер, АӘТД ұйымдастырушысы, психолог, әлеуметтік, арнайы педагог",
        "Воспитатель, организатор НВТП, психолог, социальный, специальный педагог",
        "Tutor, military training organiser, psychologist, social or special teacher",
    ),
    "methodist": Text(
        "Бөлім меңгерушісі, білім беру ұйымының әдіскері",
        "Заведующий отделением, методист организации образования",
        "Head of a department, methodist of an organisation of education",
    ),
    "cabinet_methodist": Text(
        "Әдістемелік кабинеттің (орталықтың) әдіскері",
        "Методист методического кабинета (центра)",
        "Methodist of a methodical cabinet (centre)",
    ),
}
HEAD_GROUPS: Mapping[str, Text] = {
    "head": Text("Білім беру ұйымының басшысы", "Руководитель организации образования", "Head of an organisation"),
    "tve_head": Text(
        "Техникалық және кәсіптік білім беру ұйымының басшысы",
        "Руководитель организации ТиПО",
        "Head of an organisation of technical and vocational education",
    ),
    "preschool_head": Text(
        "Мектепке дейінгі ұйымның басшысы", "Руководитель дошкольной организации", "Head of a preschool organisation"
    ),
    "cabinet_head": Text(
        "Әдістемелік кабинеттің (орталықтың) басшысы",
        "Руководитель методического кабинета (центра)",
        "Head of a methodical cabinet (centre)",
    ),
}
DEPUTY_GROUPS: Mapping[str, Text] = {
    "deputy": Text(
        "Білім беру ұйымы басшысының орынбасары",
        "Заместитель руководителя организации образования",
        "Deputy head of an organisation",
    ),
    "preschool_deputy": Text(
        "Мектепке дейінгі ұйым басшысының орынбасары",
        "Заместитель руководителя дошкольной организации",
        "Deputy head of a preschool organisation",
    ),
    "cabinet_deputy": Text(
        "Әдістемелік кабинет (орталық) басшысының орынбасары",
        "Заместитель руководителя методического кабинета (центра)",
        "Deputy head of a methodical cabinet (centre)",
    ),
}
GROUP_TITLES: Mapping[str, Text] = {**TEACHER_GROUPS, **HEAD_GROUPS, **DEPUTY_GROUPS}

name_of = application.name_of
day_of = application.day_of


def KAZAKH_ONLY(profile: Profile) -> tuple[str, ...]:  # reads as the constant that it is
    """The order exists in Kazakh only, and so do its papers."""
    return ("kk",)


def words(text: Text) -> Message:
    """Make the words of an act a label of a page, in whichever language the page is."""
    return Message("%(words)s", {"words": text})


def choices_of(titles: Mapping[str, Text], *, none: Message | None = None) -> list[tuple[str, Message]]:
    """Give a select's pairs of key and label; *none* is what the empty choice says."""
    first = [] if none is None else [("", none)]
    return first + [(key, words(title)) for key, title in titles.items()]


def ladder_of(sheet_group: str) -> str:
    """Name the ladder of a group of sheets: heads, their deputies, and all others."""
    if sheet_group in HEAD_GROUPS:
        return "head"
    return "deputy" if sheet_group in DEPUTY_GROUPS else "teacher"


def category_title(ladder: str, category: str) -> Text:
    """Name a category by its keys; empty words where the person has none."""
    found = LADDERS.get(ladder)
    return found.titles.get(category, Text("", "")) if found else Text("", "")


def category_titles(ladder: str, among: Iterable[str] | None = None) -> Mapping[str, Text]:
    """Give the titles of a ladder, lowest first; of heads and deputies alike by their number alone."""
    titles = LADDERS["teacher"].titles if ladder == "teacher" else ORDINALS
    return {key: title for key, title in titles.items() if among is None or key in among}


def heading(content: Content) -> str:
    """Everything in a round is told apart by whom it is about."""
    return name_of(content.get("applicant") or content.get("person"))


def contact(content: Content) -> dict[str, str]:
    """Give where the applicant wants to be told of what is decided about him."""
    return {name: str(content.get(name) or "") for name in ("email", "phone")}


def names_only(person: Mapping[str, Any] | None) -> dict[str, str]:
    """Give the three parts of a name and nothing else of what an application says of its applicant."""
    return {part: str((person or {}).get(part) or "") for part in ("surname", "given_name", "patronymic")}


def about(source: Source) -> dict[str, Any]:
    """Begin a document about the applicant of *source*: by name and id, never by IIN."""
    return {"person": names_only(source.document.content.get("applicant")), "person_id": source.document.subject_id}


def of_application(source: Source, *fields: str) -> dict[str, Any]:
    """Take the named fields of an application as they are; what is absent is empty."""
    return {name: value_at(source.document.content, name) or "" for name in fields}


# ---------------------------------------------------------------- fields


class Ticks(SelectMultipleField):  # type: ignore[misc]  # WTForms is untyped
    """Several numbers as boxes to tick; in JSON a list."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take ``name`` several times, as a page sends it, or ``name-0`` and on, as JSON is flattened."""
        if formdata is not None:
            numbered = [value for key, value in formdata.items() if _is_numbered(key, self.name)]
            formdata = type(formdata)([(self.name, value) for value in numbered or formdata.getlist(self.name)])
        super().process(formdata, data, extra_filters)


def _is_numbered(key: str, name: str) -> bool:
    return key.startswith(f"{name}-") and key[len(name) + 1 :].isdigit()


def fixed(value: str) -> StringField:
    """What the type itself decides: carried in the content, never shown."""
    return StringField("", [AnyOf([value])], default=value, render_kw={"type": "hidden"})


def carried(longest: int = 300) -> StringField:
    """What comes from another document and is not shown on the form."""
    return StringField("", [Length(max=longest)], render_kw={"type": "hidden"})


def one_of(label: Message, titles: Mapping[str, Text]) -> RadioField:
    """A choice between sentences, which are too long for a list that unfolds; none of them is chosen at first."""
    choices = [SelectChoice(key, words(title)) for key, title in titles.items()]
    return RadioField(
        label, [InputRequired(_l("Fill in this field."))], choices=choices, filters=[lambda key: key or ""]
    )


def applicant() -> FormField:
    return application.applicant()


def person() -> FormField:
    return FormField(PersonForm, label=_l("Person"))


def position() -> StringField:
    return required_text(_l("Position"))


def workplace() -> StringField:
    return required_text(_l("Organisation of education"), hint=_l("Its full name, as in its charter."))


def email() -> StringField:
    return StringField(
        _l("E-mail"),
        [InputRequired(_l("Fill in this field.")), Email(_l("This is no e-mail address.")), Length(max=200)],
        description=_l("The extract of the commission's decision is sent here."),
    )


def phone() -> StringField:
    return required_text(_l("Contact phone"), longest=60)


def speciality() -> StringField:
    return required_text(
        _l("Speciality"), hint=_l("By the diploma or the document of retraining (clause 36 of the order).")
    )


def year() -> IntegerField:
    return whole_number(_l("Year of the attestation"), least=2024, most=2100)


def category(
    label: Message,
    titles: Mapping[str, Text],
    *,
    none: Message | None = None,
    hint: Message | None = None,
    also: Mapping[str, str] = MappingProxyType({}),
) -> SelectField:
    """A choice of a category that also takes the words of a spreadsheet; *also* are other words for a key."""
    return SelectField(
        label,
        choices=choices_of(titles, none=none),
        filters=[key_in(titles, also)],
        default="" if none else next(iter(titles)),
        description=hint or "",
    )


def claimed(titles: Mapping[str, Text]) -> SelectField:
    return category(_l("Claimed category"), titles)


def current(
    titles: Mapping[str, Text], *, hint: Message | None = None, also: Mapping[str, str] = MappingProxyType({})
) -> SelectField:
    return category(_l("Category held now"), titles, none=_l("None"), hint=hint, also=also)


def current_until(*, required: bool = False) -> DateField:
    return application.written_day(_l("It is valid until"), required=required)


def sheet_group(titles: Mapping[str, Text], *, none: Message | None = None) -> SelectField:
    return category(_l("Whose score sheet"), titles, none=none)


def is_subordinate() -> BooleanField:
    return BooleanField(
        _l("Subordinate organisation"),
        description=_l("The attesting body is above it, and confers other categories (clause 13 of the order)."),
        false_values=application.NO,
    )


def is_structural_unit() -> BooleanField:
    return BooleanField(
        _l("Cabinet without legal entity"),
        description=_l(
            "The methodical cabinet (centre) is a structural unit: its head and deputy are attested as its methodists "
            "(clause 5 of the order)."
        ),
        false_values=application.NO,
    )


def consent() -> BooleanField:
    return BooleanField(
        _l("Consent to personal data"),
        description=_l(
            "I agree to the collection and processing of my name, IIN, e-mail and phone, and of what the law protects "
            "as a secret, also by third persons. Nothing is sent abroad or published. Without consent the application "
            "is refused."
        ),
        false_values=application.NO,
    )


def ladder() -> SelectField:
    return category(_l("Kind of the position"), LADDER_TITLES)


def demand_ladder(field: SelectField, ladder: str) -> None:
    """Refuse a category that is none of the ladder: a head's where a teacher applies."""
    if field.data and field.data not in LADDERS[ladder].categories:
        raise ValidationError(_l("This is no category of the position chosen above: choose one of its own."))


def filed_on() -> DateField:
    return application.filing_day()


def key_in(titles: Mapping[str, Text], also: Mapping[str, str]) -> Any:
    """Make a filter that takes the title of a choice, in any language, or one of the other words for its key."""
    known = dict(also) | {
        spelled.casefold(): key for key, text in titles.items() for spelled in (text.kk, text.ru, text.en)
    }

    def key_of(value: Any) -> Any:
        return known.get(value.strip().casefold(), value.strip()) if isinstance(value, str) else value

    return key_of


# ---------------------------------------------------------------- spreadsheets

# Russian, Kazakh, English, then other spellings that people use.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    **application.PERSON_COLUMNS,
    "position": application.POSITION_COLUMN,
    "workplace": ("Место работы", "Жұмыс орны", "Place of work", "Білім беру ұйымы", "Организация образования"),
    "email": ("Электронная почта", "Электрондық пошта", "E-mail"),
    "phone": ("Контактный телефон", "Байланыс телефоны", "Contact phone", "Телефон", "Телефоны"),
    "speciality": ("Специальность", "Мамандығы", "Speciality"),
    "year": ("Год аттестации", "Аттестаттау жылы", "Year of the attestation"),
    "sheet_group": ("Чей оценочный лист", "Бағалау парағы", "Whose score sheet"),
    "current": ("Имеющаяся категория", "Қолданыстағы санаты", "Category held now", "Бар біліктілік санаты"),
    "current_until": ("Действительна до", "Жарамдылық мерзімі", "It is valid until"),
    "claimed": ("Заявляемая категория", "Мәлімделетін санаты", "Claimed category", "Мәлімделген біліктілік санаты"),
    "is_subordinate": ("Подведомственная", "Ведомстволық бағынысты", "Subordinate"),
    "consent": ("Согласие", "Келісім", "Consent"),
    "filed_on": application.FILED_ON_COLUMN,
}
