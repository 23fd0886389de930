"""What a clerk writes on a person's card by hand: one small form for each kind of entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import ValidationError

from docflow.core.messages import Message, _l
from docflow.core.regulations import Text
from docflow.forms._attestation import LADDER_TITLES, choices_of, words
from docflow.forms.base import (
    IdentifiedPersonForm,
    Length,
    RecordForm,
    SelectField,
    StringField,
    day,
    optional_text,
    required_text,
    whole_number,
)
from docflow.regulations.krg.card import SPECIAL_PROGRAMME
from docflow.regulations.krg.categories import LADDERS, OLD_HEAD_CATEGORIES, OLD_TEACHER_CATEGORIES
from docflow.regulations.krg.intake import EXAMINATIONS
from docflow.regulations.krg.session import PROCEDURE_TITLES

OLD_TEACHER = "old-teacher"
OLD_HEAD = "old-head"
OTHER = "other"

EDUCATION_LEVELS: Mapping[str, Message] = {
    "higher": _l("Higher education"),
    "postgraduate": _l("Postgraduate education"),
    "vocational": _l("Technical and vocational education"),
}
EDUCATION_KINDS: Mapping[str, Message] = {
    "pedagogical": _l("Pedagogical"),
    "professional": _l("Professional in the field taught"),
    "retraining": _l("Pedagogical retraining"),
}
EXPERIENCE_KINDS: Mapping[str, Message] = {
    "teaching": _l("Teaching"),
    "production": _l("In production, in the field taught"),
    "other": _l("Other work"),
}
ACHIEVEMENT_KINDS: Mapping[str, Message] = {
    "pupils_contest": _l("Contest or olympiad of the pupils"),
    "own_contest": _l("Professional contest of one's own"),
    "spreading": _l("Author's materials, recommended by a council"),
    "materials": _l("Teaching materials, recommended by a council"),
    "talk": _l("Talk, seminar, master class"),
    "publication": _l("Publication"),
    "research": _l("Research or innovation project"),
    "group": _l("Work in a creative or expert group"),
    "title": _l("Title “Best teacher” or another award"),
    "textbook": _l("Approved textbook or manual"),
    "degree": _l("Academic degree"),
    "other": _l("Something else"),
}
ACHIEVEMENT_LEVELS: Mapping[str, Message] = {
    "organisation": _l("Organisation"),
    "district": _l("District, city"),
    "region": _l("Region"),
    "republic": _l("Republic"),
    "international": _l("International"),
}
RESULTS: Mapping[str, Message] = {
    "": _l("Participation"),
    "prize": _l("Prize"),
    "winner": _l("First place"),
}
PROCEDURES: Mapping[str, Message] = {key: words(title) for key, title in PROCEDURE_TITLES.items()}
_POST_LADDERS = choices_of(LADDER_TITLES, none=_l("Another post"))


def _pairs(titles: Mapping[str, Message]) -> list[tuple[str, Message]]:
    return list(titles.items())


def category_choices() -> list[tuple[str, Message]]:
    """Every category by ladder, then the old names: of heads they equal one (KRG 48), of teachers they lead to one."""
    now = [(f"{code}:{key}", words(title)) for code, each in LADDERS.items() for key, title in each.titles.items()]
    heads = [
        (f"{OLD_HEAD}:{name}", _old(name, LADDERS["head"].titles[key])) for name, key in OLD_HEAD_CATEGORIES.items()
    ]
    teachers = [
        (f"{OLD_TEACHER}:{name}", _leads_to(name, LADDERS["teacher"].titles[key]))
        for name, key in OLD_TEACHER_CATEGORIES.items()
    ]
    return [("", _l("not chosen yet")), *now, *heads, *teachers]


def _old(name: str, title: Text) -> Message:
    return _l("%(old)s (old name, equals %(title)s)", old=name, title=title)


def _leads_to(name: str, title: Text) -> Message:
    return _l("%(old)s (old category, next: %(title)s)", old=name, title=title)


# Clause 10: only a category that was given on one of its grounds is confirmed after a move.
SPECIAL_PROGRAMME_TITLES: Mapping[str, Text] = dict(
    zip(
        SPECIAL_PROGRAMME,
        (
            Text("жоғары оқу орнының түлегі", "выпускник вуза", "a graduate"),
            Text("бір деңгейге жоғары санат", "категория на уровень выше", "a category one level higher"),
        ),
        strict=True,
    )
)


class PostEntry(RecordForm):
    title = required_text(_l("Position"))
    organisation = required_text(_l("Organisation"))
    ladder = SelectField(_l("Counts as"), choices=_POST_LADDERS)
    starts_on = day(_l("From"))
    ends_on = day(_l("Until (empty: open)"), required=False)
    basis = required_text(_l("Basis: number and date of the order"))


class NewCard(IdentifiedPersonForm):
    """Somebody new to the organisation, with the post that he holds; the rest of his card follows entry by entry."""

    title = required_text(_l("Position"))
    organisation = required_text(_l("Organisation"))
    ladder = SelectField(_l("Counts as"), choices=_POST_LADDERS)
    starts_on = day(_l("From"))
    basis = required_text(_l("Basis: number and date of the order"))


class EducationEntry(RecordForm):
    level = SelectField(_l("Level of education"), choices=_pairs(EDUCATION_LEVELS))
    kind = SelectField(_l("Kind of education"), choices=_pairs(EDUCATION_KINDS))
    speciality = required_text(_l("Speciality"), hint=_l("As in the diploma: the category is given by it (KRG 36)."))
    institution = required_text(_l("Institution"))
    year = whole_number(_l("Year of graduation"), least=1940, most=2100)
    document = required_text(_l("Diploma or certificate: series, number, date"))


class ExperienceEntry(RecordForm):
    kind = SelectField(_l("Kind of work"), choices=_pairs(EXPERIENCE_KINDS))
    profile = optional_text(_l("Field, subject"))
    starts_on = day(_l("From"))
    ends_on = day(_l("Until (empty: open)"), required=False)
    basis = required_text(_l("Basis: labour book, reference, contract"))


class CategoryEntry(RecordForm):
    category = SelectField(_l("Category"), choices=category_choices())
    position = optional_text(_l("Position for which it was given"))
    procedure = SelectField(_l("Procedure"), choices=choices_of(PROCEDURE_TITLES))
    ground = SelectField(
        _l("Special programme"),
        choices=choices_of(SPECIAL_PROGRAMME_TITLES, none=_l("no")),
        default="",
        description=_l("After a move to another organisation such a category is confirmed (KRG 10)."),
    )
    starts_on = day(_l("From"))
    ends_on = day(_l("Until (empty: as long as the act says)"), required=False)
    basis = required_text(_l("Basis: number and date of the order"))

    def validate_category(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_l("Fill in this field."))


class CertificateEntry(RecordForm):
    title = required_text(_l("Topic of the course"), longest=400)
    hours = whole_number(_l("Hours"), least=1, most=2000)
    starts_on = day(_l("Date of the certificate"))
    organisation = required_text(_l("Who issued it"))
    number = required_text(_l("Number of the certificate"), longest=80)


class AchievementEntry(RecordForm):
    kind = SelectField(_l("What it is"), choices=_pairs(ACHIEVEMENT_KINDS))
    level = SelectField(_l("Level"), choices=_pairs(ACHIEVEMENT_LEVELS))
    title = required_text(_l("Name of the event or the work"), longest=400)
    result = SelectField(_l("Result"), choices=_pairs(RESULTS))
    starts_on = day(_l("Date"))
    document = required_text(_l("Evidence: number and date of the document, or a link"))


class LanguageEntry(RecordForm):
    examination = SelectField(
        _l("Examination"),
        choices=[*((name, Message(name)) for name in (*EXAMINATIONS, "CELTA", "DELTA")), (OTHER, _l("Another one"))],
    )
    # Without Optional(): it would end the checks of an empty field, and what is needed depends on the others.
    other = StringField(_l("Another examination: its name"), [Length(max=80)])
    score = optional_text(_l("Score"), longest=20)
    level = StringField(_l("Level (B2, C1, Pass)"), [Length(max=20)])
    starts_on = day(_l("Date of the certificate"))
    ends_on = day(_l("Valid until (empty: without a term)"), required=False)
    number = required_text(_l("Number of the certificate"), longest=80)

    def validate_other(self, field: Any) -> None:
        if self.examination.data == OTHER and not (field.data or "").strip():
            raise ValidationError(_l("Fill in this field."))

    def validate_level(self, field: Any) -> None:
        if not (field.data or "").strip() and not (self.score.data or "").strip():
            raise ValidationError(_l("Enter the score or the level."))


class PensionEntry(RecordForm):
    starts_on = day(_l("Day on which the person reaches the pension age"))
    basis = required_text(_l("Basis: the document, or how it was counted"))


FORMS: Mapping[str, type[RecordForm]] = {
    "category": CategoryEntry,
    "education": EducationEntry,
    "experience": ExperienceEntry,
    "post": PostEntry,
    "certificate": CertificateEntry,
    "achievement": AchievementEntry,
    "language": LanguageEntry,
    "pension": PensionEntry,
}
# Where the entry is itself about a paper, the paper is its basis.
_BASIS = {"education": "document", "achievement": "document", "certificate": "number", "language": "number"}
_DAYS = ("starts_on", "ends_on", "basis")


def entry_of(kind: str, content: Mapping[str, Any]) -> tuple[str, dict[str, Any], str]:
    """Turn what was typed into kind, data and basis of an entry; its days stay in *content*."""
    data = {name: value for name, value in content.items() if name not in _DAYS}
    basis = str(content.get("basis") or content.get(_BASIS.get(kind, "")) or "")
    if kind == "language" and data.pop("other") and data["examination"] == OTHER:
        data["examination"] = content["other"]
    if kind != "category":
        return kind, data, basis
    ladder, _, name = str(data.pop("category")).partition(":")
    if ladder == OLD_TEACHER:
        return "old_category", {"name": name}, basis
    return kind, data | ({"old_name": name} if ladder == OLD_HEAD else {"ladder": ladder, "category": name}), basis
