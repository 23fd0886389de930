"""From the commission's protocol to extracts, the order, certificates and the published list: KRG 12, 20, 23, 47."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from docflow.core.canonical import canonical_json
from docflow.core.derivation import Source
from docflow.core.permissions import SYSTEM
from docflow.core.regulations import Profile
from docflow.core.rules import RelatedDocument, Step, collect
from docflow.core.types import DocumentType
from docflow.forms import (
    _conferring,
    attested_list,
    category_certificate,
    conferring_order,
    head_extract,
    teacher_extract,
)
from docflow.regulations.profiles import PROFILES
from docflow.rendering.paper import render
from tests.rendering.samples import VERIFY_URL, WHEN
from tests.rendering.samples import whole as whole_data

KRG = PROFILES["krg"]
HELD_ON, ORDERED_ON = date(2024, 11, 12), date(2024, 11, 20)
SURNAMES = ("Яковлева", "Әбдіров", "Ким", "Қуат", "Һашимов", "Ғалымова", "Іңкәр", "Ұлан", "Цой")


def item(number: int, conclusion: str = "claimed", **changes: Any) -> dict[str, Any]:
    return {
        "application_id": number, "application_number": f"Ө-{number}", "person_id": number,
        "person": {"surname": SURNAMES[number % len(SURNAMES)], "given_name": f"Әсел{number}", "patronymic": ""},
        "position": "мұғалім", "workplace": "№ 7 мектеп", "procedure": "regular", "ladder": "teacher",
        "current": "expert", "claimed": "researcher", "conclusion": conclusion, "category": "", "reason": "",
        "valid_until": "", "votes": [{"person_id": 21, "vote": "for"}],
    } | changes  # fmt: skip


# One of each: raised, confirmed, kept at the current, lowered, refused, retained, before the pension, undecided.
RAISED = item(1)
CONFIRMED = item(2, claimed="expert")
CURRENT = item(3, "current")
LOWERED = item(4, "lower_than_current", category="moderator", reason="ПББ шекті деңгейіне жетпеді")
REFUSED = item(5, "not_conforming", procedure="early", reason="4 талаптың 3-еуі орындалды")
RETAINED = item(6, procedure="retention", claimed="expert", valid_until="2026-11-12")
PREPENSION = item(7, "current", procedure="prepension", claimed="expert", valid_until="2027-03-14")
UNDECIDED = item(8, "")
ITEMS = (RAISED, CONFIRMED, CURRENT, LOWERED, REFUSED, RETAINED, PREPENSION, UNDECIDED)


def protocol(
    items: Sequence[Mapping[str, Any]] = ITEMS, *, state: str = "in_force", kind: str = "teacher_protocol"
) -> RelatedDocument:
    content = {
        "held_on": HELD_ON.isoformat(), "commission_name": "Аттестаттау комиссиясы", "items": list(items),
        "secretary": {"surname": "Тоқтарова", "given_name": "Мөлдір", "patronymic": ""}, "secretary_id": 28,
    }  # fmt: skip
    return RelatedDocument(kind, "4-ПХ/2024", state, content, date(2024, 11, 13))


def drafted(
    fill: Any, document: RelatedDocument, *, row: Mapping[str, Any] | None = None, profile: Profile = KRG
) -> dict[str, Any]:
    found: dict[str, Any] = fill(Source(document, profile, {}, ORDERED_ON, "kk", row or document.content, 1))
    return found


def refused(
    kind: DocumentType, content: Mapping[str, Any], *, profile: Profile = KRG, **related: list[RelatedDocument]
) -> list[tuple[str, str, int | None]]:
    step = Step(
        type=kind.name, transition="submit", content=content, profile=profile, actor=SYSTEM, on=ORDERED_ON,
        related=lambda wanted: tuple(related.get(wanted, ())),
    )  # fmt: skip
    found = collect(kind.rules, step)
    assert all(str(each.message) for each in found)
    return [(each.code, each.clause.key if each.clause else "", each.row) for each in found]


def decided_from(setting: str) -> Profile:
    return replace(KRG, overrides={**KRG.overrides, "category_valid_from": setting})


# ---------------------------------------------------------------- what a decision gives


@pytest.mark.parametrize(("decision", "expected"), [
    (RAISED, ("researcher", "conferred")),
    (CONFIRMED, ("expert", "confirmed")),
    (CURRENT, ("expert", "confirmed")),
    (LOWERED, ("moderator", "conferred")),
    (RETAINED, ("expert", "kept")),
    (PREPENSION, ("expert", "kept")),
    (item(9, "lower_than_claimed", ladder="head", current="", claimed="first", category="second"),
     ("second", "conferred")),
    (item(9, procedure="without_attestation", current=""), ("researcher", "conferred")),
])  # fmt: skip
def test_a_decision_gives_a_category(decision: Mapping[str, Any], expected: tuple[str, str]) -> None:
    outcome = _conferring.outcome_of(decision)
    assert outcome is not None
    assert (outcome.category, outcome.how) == expected


@pytest.mark.parametrize("decision", [
    REFUSED, UNDECIDED, item(9, "lower_than_current"), item(9, "current", current=""),
    item(9, procedure="retention", current=""), item(9, "not_conforming", category="expert"),
])  # fmt: skip
def test_other_decisions_give_nothing(decision: Mapping[str, Any]) -> None:
    assert _conferring.outcome_of(decision) is None


# ---------------------------------------------------------------- extracts


@pytest.mark.parametrize("decision", [each for each in ITEMS if each is not UNDECIDED])
def test_an_extract_is_valid_at_once_and_agrees_with_the_protocol(decision: dict[str, Any]) -> None:
    source = protocol()
    content = drafted(_conferring.from_item, source, row=decision)
    assert _conferring.ExtractForm.validate_content(content) == (content, {})
    assert refused(teacher_extract.TYPE, content, extract=[source]) == []


def test_an_extract_names_one_person_and_nobody_else() -> None:
    content = drafted(_conferring.from_item, protocol(), row=LOWERED)
    said = str(content)
    assert [name for name in SURNAMES if name in said] == [LOWERED["person"]["surname"]]
    assert "votes" not in said
    assert (content["category"], content["reason"]) == ("moderator", "ПББ шекті деңгейіне жетпеді")


def test_who_does_not_conform_has_an_extract_without_a_category() -> None:
    content = drafted(_conferring.from_item, protocol(), row=REFUSED)
    assert (content["conclusion"], content["category"]) == ("not_conforming", "")


@pytest.mark.parametrize(("decision", "is_due"), [(RAISED, True), (REFUSED, True), (UNDECIDED, False)])
@pytest.mark.parametrize("kind", [teacher_extract.TYPE, head_extract.TYPE])
def test_an_extract_is_due_once_the_commission_has_decided(
    kind: DocumentType, decision: dict[str, Any], is_due: bool
) -> None:
    (derivation,) = kind.derived_from
    assert derivation.when == (_conferring.commission_has_decided,)
    step = Step("teacher_protocol", "issue", protocol().content, KRG, SYSTEM, ORDERED_ON)
    assert bool(_conferring.commission_has_decided.refusals(step.for_row(1, decision))) is not is_due


@pytest.mark.parametrize("change", [
    {"category": "master"}, {"conclusion": "current"}, {"claimed": "master"}, {"reason": "басқа"}, {"person_id": 2},
])  # fmt: skip
def test_an_extract_that_says_anything_else_is_refused(change: dict[str, Any]) -> None:
    source = protocol()
    content = drafted(_conferring.from_item, source, row=RAISED) | change
    assert refused(teacher_extract.TYPE, content, extract=[source]) == [("agrees_with_the_protocol", "KRG 20", None)]


def test_a_protocol_that_is_not_in_force_has_no_extracts() -> None:
    source = protocol(state="to_sign")
    content = drafted(_conferring.from_item, source, row=RAISED)
    assert refused(teacher_extract.TYPE, content, extract=[source]) == [("agrees_with_the_protocol", "KRG 20", None)]


def test_extracts_go_to_the_person_and_run_for_three_working_days() -> None:
    for deadlines, kind in (
        (_conferring.TEACHER_DEADLINES, teacher_extract.TYPE), (_conferring.HEAD_DEADLINES, head_extract.TYPE)
    ):  # fmt: skip
        assert kind.is_sent_to_subject
        extracts, published = deadlines
        assert (extracts.term.amount, extracts.term.unit, extracts.each) == (3, "working_days", "items")
        assert extracts.met_by == (kind.name,)
        assert (published.term.amount, published.met_by) == (15, ("attested_list",))


# ---------------------------------------------------------------- order


def test_the_order_has_everybody_whom_the_commission_gave_a_category() -> None:
    content = drafted(conferring_order.from_protocol, protocol())
    assert conferring_order.ConferringOrderForm.validate_content(content) == (content, {})
    # Әбдіров, Ким, Қуат, Ұлан, Һашимов, Іңкәр: the Kazakh alphabet.
    assert [(row["person_id"], row["category"], row["how"]) for row in content["people"]] == [
        (1, "researcher", "conferred"),
        (2, "expert", "confirmed"),
        (3, "expert", "confirmed"),
        (7, "expert", "kept"),
        (4, "moderator", "conferred"),
        (6, "expert", "kept"),
    ]
    assert refused(conferring_order.TYPE, content, basis=[protocol()]) == []


def test_the_order_cites_the_protocol() -> None:
    content = drafted(conferring_order.from_protocol, protocol())
    assert (content["protocol_number"], content["protocol_date"]) == ("4-ПХ/2024", "2024-11-12")
    assert {row["decided_on"] for row in content["people"]} == {"2024-11-12"}
    assert {row["organisation"] for row in content["people"]} == {"№ 7 мектеп"}


@pytest.mark.parametrize(("setting", "ladder", "until"), [
    ("order", "teacher", ""),
    ("order", "head", ""),
    ("decision", "teacher", "2029-11-12"),
    ("decision", "deputy", "2029-11-12"),
    ("decision", "head", "2027-11-12"),
])  # fmt: skip
def test_a_term_is_in_the_order_where_the_decision_begins_it(setting: str, ladder: str, until: str) -> None:
    claimed = "researcher" if ladder == "teacher" else "first"
    source = protocol([item(1, ladder=ladder, current="", claimed=claimed)])
    (row,) = drafted(conferring_order.from_protocol, source, profile=decided_from(setting))["people"]
    assert row["valid_until"] == until


@pytest.mark.parametrize(("ladder", "until"), [
    ("teacher", date(2029, 11, 20)), ("deputy", date(2029, 11, 20)), ("head", date(2027, 11, 20)),
])  # fmt: skip
def test_five_years_and_three_for_a_first_head_count_from_the_order(ladder: str, until: date) -> None:
    assert conferring_order.end_of({"ladder": ladder, "valid_until": ""}, ORDERED_ON) == until


def test_what_the_decision_bounds_is_not_counted() -> None:
    assert conferring_order.end_of({"ladder": "teacher", "valid_until": "2027-03-14"}, ORDERED_ON) == date(2027, 3, 14)


def ordered(*items: Mapping[str, Any]) -> dict[str, Any]:
    return drafted(conferring_order.from_protocol, protocol(items or ITEMS))


def test_an_empty_order_is_refused() -> None:
    source = protocol([REFUSED])
    content = drafted(conferring_order.from_protocol, source)
    assert refused(conferring_order.TYPE, content, basis=[source]) == [("names_somebody", "KRG 12", None)]


@pytest.mark.parametrize("basis", [[], [protocol(state="to_sign")], [protocol(state="annulled")]])
def test_an_order_without_a_protocol_in_force_is_refused(basis: list[RelatedDocument]) -> None:
    codes = {code for code, _, _ in refused(conferring_order.TYPE, ordered(RAISED), basis=basis)}
    assert codes == {"rests_on_a_protocol", "decisions_are_the_commissions"}


@pytest.mark.parametrize("change", [
    {"category": "master"}, {"how": "conferred"}, {"ladder": "head"}, {"decided_on": "2024-11-13"},
    {"valid_until": "2035-01-01"}, {"procedure": "early"},
])  # fmt: skip
def test_a_row_that_differs_from_the_protocol_is_refused(change: dict[str, str]) -> None:
    content = ordered(RAISED, CONFIRMED)
    content["people"][1] |= change
    found = refused(conferring_order.TYPE, content, basis=[protocol([RAISED, CONFIRMED])])
    assert found == [("decisions_are_the_commissions", "KRG 12", 2)]


def test_nobody_is_left_out_of_the_order() -> None:
    source = protocol([RAISED, CONFIRMED])
    content = ordered(RAISED, CONFIRMED)
    content["people"].pop()
    assert refused(conferring_order.TYPE, content, basis=[source]) == [("nobody_is_left_out", "KRG 12", None)]


def test_nobody_is_conferred_twice() -> None:
    content = ordered(RAISED)
    content["people"] *= 2
    found = refused(conferring_order.TYPE, content, basis=[protocol([RAISED])])
    assert found == [("nobody_is_conferred_twice", "KRG 12", 1), ("nobody_is_conferred_twice", "KRG 12", 2)]


@pytest.mark.parametrize("procedure", ["retention", "prepension"])
def test_what_is_kept_has_an_end(procedure: str) -> None:
    endless = item(6, procedure=procedure, claimed="expert")
    found = refused(conferring_order.TYPE, ordered(endless), basis=[protocol([endless])])
    assert found == [("what_is_kept_has_an_end", "KRG 34", 1)]


@pytest.mark.parametrize(("items", "is_ordered", "is_listed"), [
    ([RAISED], True, True),
    ([REFUSED, CONFIRMED], True, True),
    ([RETAINED, PREPENSION], True, False),
    ([REFUSED, UNDECIDED], False, False),
])  # fmt: skip
def test_an_order_and_a_list_are_due_where_they_would_name_somebody(
    items: list[dict[str, Any]], is_ordered: bool, is_listed: bool
) -> None:
    step = Step("teacher_protocol", "issue", protocol(items).content, KRG, SYSTEM, ORDERED_ON)
    assert bool(conferring_order.somebody_is_given_a_category.refusals(step)) is not is_ordered
    assert bool(attested_list.somebody_was_attested.refusals(step)) is not is_listed
    assert {each.when for each in conferring_order.TYPE.derived_from} == {
        (conferring_order.somebody_is_given_a_category,)
    }
    assert {each.when for each in attested_list.TYPE.derived_from} == {(attested_list.somebody_was_attested,)}


@pytest.mark.parametrize("kind", _conferring.PROTOCOLS)
def test_both_protocols_lead_to_an_order_and_a_list(kind: str) -> None:
    for result in (conferring_order.TYPE, attested_list.TYPE):
        assert [each.source for each in result.derived_from if each.source == kind] == [kind]
    source = protocol([RAISED], kind=kind)
    content = drafted(conferring_order.from_protocol, source)
    assert refused(conferring_order.TYPE, content, basis=[source]) == []


# ---------------------------------------------------------------- certificate


def order(content: Mapping[str, Any] | None = None, *, state: str = "in_force") -> RelatedDocument:
    return RelatedDocument("conferring_order", "12-БС/2024", state, content or ordered(), ORDERED_ON)


def certified(row: int, **changes: Any) -> dict[str, Any]:
    source = order()
    return drafted(category_certificate.from_row, source, row=source.content["people"][row]) | changes


@pytest.mark.parametrize("row", range(6))
def test_every_row_of_the_order_is_a_certificate(row: int) -> None:
    content = certified(row)
    assert category_certificate.CategoryCertificateForm.validate_content(content) == (content, {})
    assert refused(category_certificate.TYPE, content, basis=[order()]) == []


def test_a_certificate_says_until_when_it_is_valid() -> None:
    assert certified(0)["valid_until"] == "2029-11-20"
    assert certified(3)["valid_until"] == "2027-03-14"
    assert category_certificate.TYPE.validity is not None
    assert category_certificate.TYPE.validity.until == "valid_until"


@pytest.mark.parametrize("change", [
    {"category": "master"}, {"holder_id": 99}, {"ladder": "head"}, {"valid_until": "2029-11-21"},
])  # fmt: skip
def test_a_certificate_says_what_the_order_says(change: dict[str, Any]) -> None:
    found = refused(category_certificate.TYPE, certified(0, **change), basis=[order()])
    assert found == [("says_what_the_order_says", "KRG 12", None)]


@pytest.mark.parametrize("state", ["to_sign", "annulled"])
def test_an_order_that_is_not_in_force_gives_no_certificate(state: str) -> None:
    found = refused(category_certificate.TYPE, certified(0), basis=[order(state=state)])
    assert found == [("says_what_the_order_says", "KRG 12", None)]


@pytest.mark.parametrize(("setting", "since"), [("order", date(2024, 11, 20)), ("decision", date(2024, 11, 12))])
def test_a_certificate_writes_the_category_on_the_card(setting: str, since: date) -> None:
    document = RelatedDocument("category_certificate", "Б-1", "in_force", certified(0), ORDERED_ON, 1)
    (entry,) = category_certificate.category_on_card(document, decided_from(setting))
    assert (entry.person_id, entry.kind) == (1, "category")
    assert (entry.starts_on, entry.ends_on) == (since, date(2029, 11, 20))
    assert entry.data == {
        "ladder": "teacher", "category": "researcher", "position": "мұғалім", "procedure": "regular", "ground": "",
    }  # fmt: skip


@pytest.mark.parametrize(("setting", "slots"), [("no", ["head"]), ("yes", ["head", "holder"])])
def test_whether_the_holder_signs_is_a_setting(setting: str, slots: list[str]) -> None:
    profile = replace(KRG, overrides={**KRG.overrides, "holder_signs_certificate": setting})
    assert [slot.name for slot in category_certificate.TYPE.slots_for(profile)] == slots
    assert [slot.name for slot in category_certificate.TYPE.slots_for(KRG)] == ["head"]


# ---------------------------------------------------------------- list


def test_the_list_has_those_attested_and_nothing_else_of_them() -> None:
    content = drafted(attested_list.from_protocol, protocol())
    assert attested_list.AttestedListForm.validate_content(content) == (content, {})
    assert [row["person_id"] for row in content["people"]] == [1, 2, 3, 4]
    assert {key for row in content["people"] for key in row} == {
        "person", "person_id", "position", "ladder", "category",
    }  # fmt: skip
    assert refused(attested_list.TYPE, content, basis=[protocol()]) == []


def test_an_empty_list_is_refused() -> None:
    content = drafted(attested_list.from_protocol, protocol([RETAINED]))
    assert refused(attested_list.TYPE, content, basis=[protocol([RETAINED])]) == [("lists_somebody", "KRG 20", None)]


def test_the_list_is_what_was_decided() -> None:
    content = drafted(attested_list.from_protocol, protocol())
    content["people"][1] = content["people"][1] | {"category": "master"}
    content["people"].append(content["people"][0])
    expected = [("lists_what_was_decided", "KRG 20", 2), ("lists_what_was_decided", "KRG 20", 5)]
    assert refused(attested_list.TYPE, content, basis=[protocol()]) == expected
    assert len(refused(attested_list.TYPE, content, basis=[protocol(state="to_sign")])) == 5


# ---------------------------------------------------------------- papers


def paper(kind: DocumentType, content: Mapping[str, Any], **changes: Any) -> str:
    """Give the text of a paper, without what a line break may put between letters."""
    data = whole_data(kind.name, "kk", content, profile="wku")
    assert kind.printed is not None
    data |= {"printed": dict(kind.printed(content, KRG)), "regulation": {
        "code": "KRG", "clause": "KRG 12", "title": "", "expired": False}}
    data["document"] |= {"date": "2024-11-20", **changes}
    reader = PdfReader(io.BytesIO(render(kind.template, data, attachment=canonical_json(content), when=WHEN)))
    return re.sub(r"[\s\u00ad-]+", "", " ".join(page.extract_text() for page in reader.pages))


def squeezed(text: str) -> str:
    return re.sub(r"[\s-]+", "", text)


@pytest.mark.parametrize(("kind", "decision", "sentences"), [
    (teacher_extract.TYPE, RAISED, ("Аттестаттау комиссиясы отырысының № 4-ПХ/2024 Хаттамасынан үзінді",
                                    "қорытындысы бойынша Комиссия ШЕШІМІ", "сәйкес келеді (сәйкес келмейді)",
                                    "педагог-зерттеуші (біліктілік санаты)", "Біліктілік санатына сәйкес келеді")),
    (head_extract.TYPE, item(9, "lower_than_claimed", ladder="head", current="", claimed="first", category="second"),
     ("отырысының 2024 жылғы «12» қараша № 4-ПХ/2024 хаттамасынан үзінді", "бірінші санаттағы басшы",
      "екінші санаттағы басшы", "мәлімделген біліктілік санатынан төмен")),
])  # fmt: skip
def test_an_extract_prints_the_words_of_its_appendix(
    kind: DocumentType, decision: dict[str, Any], sentences: tuple[str, ...]
) -> None:
    text = paper(kind, drafted(_conferring.from_item, protocol([decision]), row=decision))
    assert [each for each in sentences if squeezed(each) not in text] == []


def test_the_certificate_prints_the_words_of_appendix_1() -> None:
    text = paper(category_certificate.TYPE, certified(0))
    for expected in (
        "Біліктілік санатын беру (растау) туралы КУӘЛІК", "Осы куәлік", "аттестаттау комиссиясының шешіміне сәйкес",
        "2024 жылғы 20 қарашадағы № 12-БС/2024 бұйрығымен", "«педагог-зерттеуші» біліктілік санаты",
        "лауазымы бойынша берілді", "2029 жылғы 20 қарашаға дейін жарамды", "Мөр орны", "Тіркеу нөмірі",
        "Берілген күні",
    ):  # fmt: skip
        assert squeezed(expected) in text
    assert "КУӘЛК" not in text
    assert "Басыпшығару" not in text


@pytest.mark.parametrize(("row", "word"), [(0, "берілді"), (1, "расталды"), (3, "сақталды")])
def test_the_certificate_says_what_was_done(row: int, word: str) -> None:
    said = paper(category_certificate.TYPE, certified(row))
    assert f"лауазымыбойынша{word}." in said


@pytest.mark.parametrize(("day", "until"), [("2024-11-20", "20.11.2029"), ("2024-02-29", "28.02.2029")])
def test_the_order_counts_terms_from_its_own_day(day: str, until: str) -> None:
    assert f"{until}дейін" in paper(conferring_order.TYPE, ordered(RAISED), date=day)


def test_a_draft_of_the_order_names_the_years() -> None:
    draft = paper(conferring_order.TYPE, ordered(RAISED), date="", number="", code="", verify_url="", draft=True)
    assert "бұйрықшыққанкүнненбастап5жыл" in draft
    assert VERIFY_URL not in draft


@pytest.mark.parametrize("kind", [conferring_order.TYPE, attested_list.TYPE])
def test_sixty_rows_take_their_header_along(kind: DocumentType) -> None:
    fill = conferring_order.from_protocol if kind is conferring_order.TYPE else attested_list.from_protocol
    text = paper(kind, drafted(fill, protocol([item(number) for number in range(1, 61)])))
    assert text.count("Біліктіліксанаты") >= 2
    assert "Әсел60" in text
