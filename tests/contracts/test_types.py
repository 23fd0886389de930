"""What every registered type of document promises, under every profile and in every language it has."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject
from wtforms import FieldList, FormField

from docflow.core.canonical import canonical_json
from docflow.core.derivation import Source
from docflow.core.messages import Message, _l
from docflow.core.registry import document_types
from docflow.core.regulations import Clause, Profile
from docflow.core.rules import Refusal, RelatedDocument, Rule
from docflow.core.types import DocumentType, slots_in, value_at
from docflow.regulations import REGULATIONS
from docflow.regulations.profiles import PROFILES
from docflow.rendering.paper import TEMPLATES, render, signature_places
from tests.rendering.samples import VERIFY_URL, WHEN, whole


def named(value: DocumentType | Profile) -> str:
    return value.name if isinstance(value, DocumentType) else value.code


TYPES = document_types()
EACH_TYPE = pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES.keys())
REGULATED = [
    (kind, profile)
    for kind in TYPES.values()
    for profile in PROFILES.values()
    if kind.clause_for(profile) is not None
]
EACH_REGULATED = pytest.mark.parametrize(("kind", "profile"), REGULATED, ids=named)
PAPERS = [(kind, profile, language) for kind, profile in REGULATED for language in kind.languages(profile)]
EACH_PAPER = pytest.mark.parametrize(
    ("kind", "profile", "language"), PAPERS, ids=[f"{k.name}-{p.code}-{language}" for k, p, language in PAPERS]
)
NUMBER, CODE = "ЦПК-00017/2026", "7K2M-9QXW-4T1B"
DAY = date(2026, 2, 14)
POSITIONS = {"head", "centre_head", "authorised"}
CYRILLIC = re.compile("[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]")

# What the services know of a group, and give to whatever is drafted in it.
GROUP: Mapping[str, Any] = {
    "code": "26-01", "topic": "Цифрлық құзыреттер", "topic_kk": "Цифрлық құзыреттер", "topic_ru": "Цифровые навыки",
    "hours": 72, "study_language": "kk", "format": "mixed", "funding": "paid", "programme_kind": "general",
    "individual": False, "starts_on": "2026-02-02", "ends_on": "2026-02-14", "max_score": 100, "price": 45000,
    "modules": [{"title": "Кіріспе", "title_kk": "Кіріспе", "title_ru": "Введение", "hours": 72}],
    "responsible": [{"person": {"surname": "Ким", "given_name": "Ян", "patronymic": ""}, "person_id": 9,
                     "position": "доцент"}],
    "trainer": {"person": {"surname": "Ким", "given_name": "Ян", "patronymic": ""}, "person_id": 9,
                "position": "доцент"},
    "issue_order": {"number": "ББ-18", "date": "2026-02-14"},
}  # fmt: skip


def rules_of(kind: DocumentType) -> list[Rule]:
    """Every rule that the type brings: its own, those of its route, and those of its derivations."""
    guards = [guard for step in kind.workflow.transitions.values() for guard in step.guards]
    return [*kind.rules, *guards, *(rule for derivation in kind.derived_from for rule in derivation.when)]


RULES = sorted({rule.name: rule for kind in TYPES.values() for rule in rules_of(kind)}.items())


def is_in_its_pack(clause: Clause) -> bool:
    act = REGULATIONS[clause.regulation]
    return clause in (*act.clauses.values(), *act.appendices.values())


# ---------------------------------------------------------------- declaration


@EACH_TYPE
def test_a_type_is_regulated_by_clauses_of_the_packs(kind: DocumentType) -> None:
    assert kind.regulated_by
    assert all(is_in_its_pack(clause) for clause in kind.regulated_by)
    assert any(regulated is kind for regulated, _ in REGULATED)


@EACH_TYPE
def test_titles_are_in_three_languages(kind: DocumentType) -> None:
    assert CYRILLIC.search(kind.title.kk)
    assert CYRILLIC.search(kind.title.ru)
    assert kind.title.en
    for title in [slot.title for slot in kind.slots] + [required.title for required in kind.attachments]:
        assert CYRILLIC.search(title.kk)
        assert CYRILLIC.search(title.ru)


@EACH_TYPE
def test_states_and_steps_are_named_and_every_state_can_be_reached(kind: DocumentType) -> None:
    assert kind.workflow.reachable() == set(kind.workflow.states)
    assert all(state.title.msgid for state in kind.workflow.states.values())
    assert all(step.title.msgid and step.roles for step in kind.workflow.transitions.values())
    assert {kind.workflow.when_signed, kind.workflow.refused_by_signer} <= {None, *kind.workflow.transitions}


@EACH_TYPE
def test_it_takes_its_number_from_one_place(kind: DocumentType) -> None:
    assert (kind.journal is None) != (kind.number_from is None)
    if kind.journal is not None:
        assert kind.journal.pattern.format(unit="ЦПК", seq=17, year=2026) != kind.journal.pattern
        sharing = [other.name for other in TYPES.values() if other.journal and other.journal.name == kind.journal.name]
        assert sharing == [kind.name]
    else:
        assert kind.number_from in {derivation.relation for derivation in kind.derived_from}


@EACH_TYPE
def test_its_rules_are_asked_at_steps_that_exist(kind: DocumentType) -> None:
    for rule in kind.rules:
        assert rule.transitions, f"{rule.name} would be asked at every step, even at annulling"
        assert set(rule.transitions) <= set(kind.workflow.transitions)
    assert len({rule.name for rule in kind.rules}) == len(kind.rules)


@EACH_TYPE
def test_every_visible_label_can_be_translated(kind: DocumentType) -> None:
    untranslatable = [name for name, label in labels(kind.form()) if not isinstance(label, Message)]
    assert untranslatable == []


def labels(form: Any) -> Iterator[tuple[str, Any]]:
    for field in form:
        if (field.render_kw or {}).get("type") != "hidden":
            yield field.name, field.label.text
        if isinstance(field, FormField):
            yield from labels(field.form)
        elif isinstance(field, FieldList):
            entry = field.append_entry()
            yield from labels(entry.form) if isinstance(entry, FormField) else ()


@EACH_TYPE
def test_public_fields_exist_and_tell_no_iin(kind: DocumentType) -> None:
    assert set(kind.public_fields) <= set(kind.sample)
    assert "iin" not in str({name: kind.sample[name] for name in kind.public_fields})


@EACH_TYPE
def test_required_attachments_cite_their_clause(kind: DocumentType) -> None:
    for requirement in kind.attachments:
        assert requirement.clauses
        assert all(is_in_its_pack(clause) for clause in requirement.clauses)
    assert len({requirement.kind for requirement in kind.attachments}) == len(kind.attachments)


@pytest.mark.parametrize("kind", [kind for kind in TYPES.values() if kind.spreadsheet], ids=named)
def test_a_spreadsheet_names_its_columns_in_the_official_languages(kind: DocumentType) -> None:
    assert kind.spreadsheet is not None
    assert kind.spreadsheet.key in kind.spreadsheet.columns
    assert not kind.spreadsheet.rows or isinstance(kind.sample[kind.spreadsheet.rows], list)
    for path, titles in kind.spreadsheet.columns.items():
        assert len(titles) == len(set(titles)) >= 2, path
        assert any(CYRILLIC.search(title) for title in titles), path


@EACH_TYPE
def test_what_is_drafted_for_somebody_else_names_no_iin(kind: DocumentType) -> None:
    if kind.derived_from or kind.gathered_from:
        assert '"iin"' not in json.dumps([kind.sample, *kind.samples.values()])


# ---------------------------------------------------------------- under each profile


@EACH_REGULATED
def test_the_sample_is_valid_and_survives_json(kind: DocumentType, profile: Profile) -> None:
    sample = json.loads(json.dumps(kind.sample_for(profile)))
    content, errors = kind.form.validate_content(sample)
    assert errors == {}
    assert content == sample
    assert json.loads(canonical_json(content)) == content
    assert kind.form.validate_content(content) == (content, {})


@EACH_REGULATED
def test_an_empty_form_is_refused_with_sentences(kind: DocumentType, profile: Profile) -> None:
    content, errors = kind.form.validate_content({})
    assert errors
    assert all(sentence for sentences in errors.values() for sentence in sentences)
    assert canonical_json(content)


@EACH_REGULATED
def test_somebody_signs_it(kind: DocumentType, profile: Profile) -> None:
    slots = kind.slots_for(profile)
    assert slots
    assert len({slot.name for slot in slots}) == len(slots)
    assert {code for slot in kind.slots for code in slot.profiles} <= set(PROFILES)
    for slot in slots:
        if slot.position is not None:
            assert slot.position in POSITIONS
        elif slot.people is not None:
            rows = value_at(kind.sample_for(profile), slot.people)
            assert rows
            assert all(isinstance(row["person_id"], int) for row in rows)
        else:
            signer = value_at(kind.sample_for(profile), slot.person or "")
            assert isinstance(signer, int) or (isinstance(signer, Mapping) and signer["surname"])


@EACH_REGULATED
def test_it_says_whom_it_is_about(kind: DocumentType, profile: Profile) -> None:
    sample = kind.sample_for(profile)
    for path in kind.subjects:
        found = value_at(sample, path)
        assert isinstance(found, int) or (isinstance(found, Mapping) and found["iin"])
    assert kind.heading is None or kind.heading(sample)


@EACH_REGULATED
def test_its_languages_are_official(kind: DocumentType, profile: Profile) -> None:
    languages = kind.languages(profile)
    assert languages
    assert set(languages) <= {"kk", "ru"}


@pytest.mark.parametrize(("kind", "profile"), [(k, p) for k, p in REGULATED if k.validity], ids=named)
def test_its_validity_is_a_term_of_the_acts(kind: DocumentType, profile: Profile) -> None:
    assert kind.validity is not None
    assert profile.term(kind.validity.term).amount > 0
    for path in (kind.validity.counted_from, kind.validity.until):
        assert not path or kind.sample_for(profile)[path]
    assert kind.validity.setting is None or profile.setting(kind.validity.setting)


# ---------------------------------------------------------------- derivations


DERIVATIONS = [
    (kind, derivation, profile)
    for kind, profile in REGULATED
    for derivation in kind.derived_from
    if not derivation.profiles or profile.code in derivation.profiles
]


@EACH_TYPE
def test_derivations_name_types_states_and_rows_that_exist(kind: DocumentType) -> None:
    for derivation in kind.derived_from:
        source = TYPES[derivation.source]
        assert derivation.state in source.workflow.states
        assert set(derivation.profiles) <= set(PROFILES)
        rows = source.sample[derivation.rows] if derivation.rows else [source.sample]
        assert rows
        assert not derivation.subject or all(isinstance(row[derivation.subject], int) for row in rows)
    for name in kind.gathered_from.sources if kind.gathered_from else ():
        assert kind.gathered_from is not None
        assert kind.gathered_from.state in TYPES[name].workflow.states


@pytest.mark.parametrize(
    ("kind", "derivation", "profile"), DERIVATIONS, ids=[f"{k.name}-{p.code}" for k, _, p in DERIVATIONS]
)
def test_what_is_derived_from_a_sample_is_valid_at_once(kind: DocumentType, derivation: Any, profile: Profile) -> None:
    source = TYPES[derivation.source]
    sample = source.sample_for(profile)
    refusals = (Refusal("failed", _l("Fill in this field."), kind.clause_for(profile)),) if derivation.otherwise else ()
    for language in kind.languages(profile):
        for number, row in enumerate(sample[derivation.rows] if derivation.rows else [sample], start=1):
            related = RelatedDocument(source.name, NUMBER, derivation.state, sample, DAY, number)
            filled = derivation.fill(Source(related, profile, GROUP, DAY, language, row, number, refusals))
            content, errors = kind.form.validate_content(filled)
            assert content == filled
            assert derivation.is_drafted or errors == {}
            assert canonical_json(filled)


@pytest.mark.parametrize(("kind", "profile"), [(k, p) for k, p in REGULATED if k.gathered_from], ids=named)
def test_what_is_gathered_from_samples_is_valid_at_once(kind: DocumentType, profile: Profile) -> None:
    assert kind.gathered_from is not None
    sources = [TYPES[name] for name in kind.gathered_from.sources if TYPES[name].clause_for(profile)]
    related = [
        RelatedDocument(each.name, NUMBER, kind.gathered_from.state, each.sample_for(profile), DAY, number)
        for number, each in enumerate(sources, start=1)
    ]
    assert related
    for language in kind.languages(profile):
        filled = kind.gathered_from.fill(related, GROUP, profile, DAY, language)
        assert kind.form.validate_content(filled) == (filled, {})
        assert canonical_json(filled)


# ---------------------------------------------------------------- rules


@cache
def sources_of_tests() -> str:
    folder = Path(__file__).parents[1] / "forms"
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("test_*.py")))


@pytest.mark.parametrize("rule", [rule for _, rule in RULES], ids=[name for name, _ in RULES])
def test_a_rule_cites_its_clause_says_it_in_words_and_is_provoked(rule: Rule) -> None:
    assert rule.clauses
    assert all(is_in_its_pack(clause) for clause in rule.clauses)
    assert rule.sentence.endswith(".")
    assert re.search(rf"\b{rule.name}\b", sources_of_tests()), f"no test in tests/forms names {rule.name}"


# ---------------------------------------------------------------- papers


def data_of(kind: DocumentType, profile: Profile, language: str, *, draft: bool = False) -> dict[str, Any]:
    """Compose what the template reads: a document with number and code, or a draft without."""
    data = whole(kind.name, language, kind.sample_for(profile), profile=profile.code)
    clause = kind.clause_for(profile)
    assert clause is not None
    data["regulation"] = {"code": clause.regulation, "clause": clause.key, "title": "", "expired": False}
    (signer,) = data["slots"]
    data["slots"] = [
        signer | {"name": slot.name, "label": slot.title.in_language(language)}
        for slot in slots_in(kind, kind.sample_for(profile), profile)
    ]
    data["printed"] = dict(kind.printed(kind.sample_for(profile), profile)) if kind.printed else {}
    if draft:
        data["document"] |= {"number": "", "date": "", "code": "", "verify_url": "", "draft": True}
        data["qr"] = ""
    return data


def read(kind: DocumentType, profile: Profile, language: str, *, draft: bool = False) -> PdfReader:
    content = canonical_json(kind.sample_for(profile))
    data = data_of(kind, profile, language, draft=draft)
    return PdfReader(io.BytesIO(render(kind.template, data, attachment=content, when=WHEN)))


def squeezed(text: str) -> str:
    """Leave out what a line break may put between letters."""
    return re.sub(r"[\s­-]+", "", text)


def text_of(reader: PdfReader) -> str:
    return squeezed(" ".join(page.extract_text() for page in reader.pages))


def typefaces(reader: PdfReader) -> set[str]:
    found = [font for page in reader.pages for font in page["/Resources"].get("/Font", {}).values()]
    return {re.split("[+-]", str(font.get_object()["/BaseFont"]))[1] for font in found}


def alternatives(element: Any) -> Iterator[str]:
    """The alternative text of every figure in the structure of the PDF."""
    element = element.get_object()
    if isinstance(element, ArrayObject):
        for inner in element:
            yield from alternatives(inner)
    elif isinstance(element, DictionaryObject):
        if element.get("/S") == "/Figure":
            yield str(element.get("/Alt", ""))
        if "/K" in element:
            yield from alternatives(element["/K"])


def surnames(kind: DocumentType, profile: Profile) -> set[str]:
    """The people whom the paper is about; where it is about nobody in particular, everybody on its list."""
    content = kind.sample_for(profile)
    subjects = [value_at(content, path.removesuffix("_id")) for path in kind.subjects]
    tables = [] if subjects else [table for table in content.values() if isinstance(table, list)]
    rows = [row["person"] for table in tables for row in table if "person" in row]
    return {person["surname"] for person in (*subjects, *rows)}


@EACH_PAPER
def test_the_paper_shows_number_code_and_people(kind: DocumentType, profile: Profile, language: str) -> None:
    reader = read(kind, profile, language)
    text = text_of(reader)
    assert str(reader.root_object["/Lang"]) == f"{language}-KZ"
    for expected in (NUMBER, CODE, VERIFY_URL, "Шәкешов", *surnames(kind, profile)):
        assert squeezed(expected) in text
    assert typefaces(reader) <= {"LibertinusSerif", "DejaVuSansMono"}, "no letter is borrowed from another typeface"
    labels_of_slots = [slot.title.in_language(language) for slot in kind.slots_for(profile)]
    assert [label for label in labels_of_slots if squeezed(label) not in text] == []


@EACH_PAPER
def test_the_paper_carries_a_qr_code_and_its_source(kind: DocumentType, profile: Profile, language: str) -> None:
    reader = read(kind, profile, language)
    codes = [text for text in alternatives(reader.root_object["/StructTreeRoot"]) if VERIFY_URL in text]
    assert len(codes) == 1
    (source,) = reader.attachments.values()
    assert json.loads(bytes(source[0])) == kind.sample_for(profile)


@EACH_PAPER
def test_the_place_of_every_signature_is_known(kind: DocumentType, profile: Profile, language: str) -> None:
    data = data_of(kind, profile, language)
    places = signature_places(kind.template, data, attachment=canonical_json(data["content"]))
    assert set(places) == {slot["name"] for slot in data["slots"]}
    assert all(place.width > 60 and 8 < place.height < 200 for place in places.values())
    apart = sorted((place.page, place.top, place.left) for place in places.values())
    assert len(set(apart)) == len(apart), "no two stand at one place"


@EACH_PAPER
def test_a_draft_has_a_paper_without_code(kind: DocumentType, profile: Profile, language: str) -> None:
    text = text_of(read(kind, profile, language, draft=True))
    assert squeezed(CODE) not in text
    assert NUMBER not in text
    assert {squeezed(surname) in text for surname in surnames(kind, profile)} == {True}


@EACH_TYPE
def test_the_template_is_a_file(kind: DocumentType) -> None:
    assert (TEMPLATES / kind.template).is_file()
